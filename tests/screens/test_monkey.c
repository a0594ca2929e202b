/* Thousands of random keys, pastes and sizes on a store with everything in it:
 * no screen falls over, and nothing that wants a typed word happens. */
#include <stdlib.h>

#include "core/net/dial.h"
#include "tests/fake/scene.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

enum { KEYS = 1500, LISTS = 3 };

static const char *const keys[] = {"Enter", "Enter", "Esc", "Tab", "BTab", "Up",
    "Down", "Left", "Right", "Home", "End", "PgUp", "PgDn", "Space",
    "Backspace", "Del", "^A", "^E", "^F", "^G", "^K", "^L", "^N", "^P", "^S",
    "^T", "^U", "^W", "^Y", "^_", "M-e", "/", "?", ":", "a", "c", "d", "e", "i",
    "j", "k", "n", "q", "r", "s", "t", "v", "x", "y", "A", "D", "G", "S", "{",
    "{", "}", "|", "2", "3", "^C"};

static const char *const pastes[] = {"user00001", "\x1b]0;x\x07",
    "tui/demo/contacts.csv", "{{name|お客}}\r\n\r\n# x", "2026-04-01",
    "\xff\xfe\xe2\x80\xae"};

/* The same sequence on every machine. */
static unsigned
next(uint64_t *seed, unsigned below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33) % below;
}

static void
section(struct app *app, int number)
{
	if (number == 3)
		campaigns_open(app);
	else
		lists_open(app);
}

static void
quit(struct app *app)
{
	lists_open(app);
}

static const struct app_hooks hooks = {.section = section, .quit = quit};

static void
one(struct scene *scene, uint64_t *seed)
{
	struct golden *golden = &scene->golden;
	unsigned kind = next(seed, 40);

	if (kind == 0)
		golden_paste(
		    golden, pastes[next(seed, sizeof pastes / sizeof *pastes)]);
	else if (kind == 1)
		scene_wait(scene, (int)next(seed, 3000));
	else
		golden_keys(
		    golden, keys[next(seed, sizeof keys / sizeof *keys)]);
	if (kind < 8)
		free(golden_text(
		    golden, (int)next(seed, 60) + 1, (int)next(seed, 200) + 1));
	else
		free(golden_text(golden, 24, 80));
	assert_non_null(app_top(golden->app));
}

static void
random_keys_do_no_harm(void **state)
{
	static struct scene scene;
	uint64_t seed = 20261121;
	struct list_id list;

	(void)state;
	scene_start(&scene);
	setenv("EDITOR", "true", 1);
	scene.golden.params.hooks = &hooks;
	scene.golden.world.dialler = dialler_loopback_only();
	scene_restart(&scene);
	scene_list(&scene, "A", 0);
	scene_list(&scene, "会員 (関東)", 0);
	list = scene_list(&scene, "Newsletter", 250);
	scene_campaign(
	    &scene, "November", list, "{{name|お客}}様", "# x\n\ny\n");
	scene_campaign(&scene, "Empty", (struct list_id){0}, "", "");
	for (int i = 0; i < KEYS; i++) {
		if (i % 250 == 0)
			i % 500 ? lists_open(scene.golden.app)
				: campaigns_open(scene.golden.app);
		one(&scene, &seed);
	}
	assert_true(scene_number(&scene,
			"SELECT count(*) FROM list WHERE id <= 3") == LISTS);
	assert_true(scene_number(&scene, "SELECT count(*) FROM member WHERE"
					 " list = 3") >= 250);
	assert_int_equal(scene_number(&scene, "SELECT count(*) FROM run"), 0);
	scene_end(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_keys_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
