/* Screens over a stage. */
#include "tests/fake/show.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/fake/answers.h"
#include "tests/fake/testcodes.h"
#include "tests/unit/unit.h"

enum { STEP_MS = 500, RUN_MS = 120000 };

void
show_start(struct show *show, const struct stage_params *params)
{
	struct stage_params on_fake_clock = *params;

	memset(show, 0, sizeof *show);
	on_fake_clock.clock = STAGE_CLOCK_FAKE;
	setenv("HOME", "/home/hanako", 1);
	stage_open(&show->stage, &on_fake_clock);
	memcpy(show->user, "hanako", 7);
	show->session.user = show->user;
	show->session.store = show->stage.store;
	show->golden.params.session = &show->session;
	show->golden.world.dialler = show->stage.world.dialler;
	golden_start(&show->golden);
	show->session.world = &show->golden.world;
	app_set_store(show->golden.app, show->stage.store);
}

void
show_end(struct show *show)
{
	golden_end(&show->golden);
	run_free(&show->session.run);
	samples_free(&show->session.samples);
	stage_close(&show->stage);
}

void
show_pass(struct show *show, int ms)
{
	for (int passed = 0; passed < ms; passed += STEP_MS) {
		fake_clock_move(&show->golden.clock, STEP_MS);
		app_timers(show->golden.app);
		golden_settle(&show->golden);
	}
}

void
show_wait_run(struct show *show)
{
	if (!show->session.run || !run_wait(show->session.run, RUN_MS))
		fail_msg("the delivery does not end");
	show_pass(show, STEP_MS);
}

void
show_attest(struct show *show)
{
	answers_attest(
	    show->stage.store, &show->golden.world, show->stage.campaign);
	golden_keys(&show->golden, "v q");
}

void
show_answer_all(struct show *show, const char *count)
{
	char codes[TESTCODES_ROOM];

	testcodes_make(show->stage.store, &show->golden.world,
	    show->stage.campaign, codes);
	golden_keys(&show->golden, "R");
	show_attest(show);
	golden_keys(&show->golden, "Enter");
	golden_type(&show->golden, "Nobody else is on duty.");
	golden_keys(&show->golden, "Enter Enter");
	golden_type(&show->golden, count);
	golden_keys(&show->golden, "Enter Enter");
	golden_type(&show->golden, codes);
	golden_keys(&show->golden, "Enter");
}

void
show_launch(struct show *show, const char *count)
{
	golden_type(&show->golden, count);
	golden_keys(&show->golden, "^N");
	show_pass(show, 10000);
}

const char *
show_top(struct show *show)
{
	return app_top(show->golden.app)->ops->name;
}

bool
show_sees(struct show *show, const char *text)
{
	char *screen = golden_text(&show->golden, 24, 80);
	bool found = strstr(screen, text) != NULL;

	if (!found)
		print_error("no \"%s\" in\n%s\n", text, screen);
	free(screen);
	return found;
}

bool
show_is_open(struct show *show, int lines)
{
	char text[40];
	size_t all;

	check_all(&all);
	snprintf(
	    text, sizeof text, "%d of %d done", (int)all - lines, (int)all);
	return show_sees(show, text);
}
