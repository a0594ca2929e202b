/* A drill from home to the training record, with the real programs on a
 * terminal, in both languages: one fault marked right, one marked that is not
 * there. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "tests/fake/desk.h"
#include "tests/unit/unit.h"
#include "tui/drill.h"
#include "tui/screens/drill_result.h"
#include "tui/text/drill_text.h"
#include "tui/text/i18n.h"

enum { SEED = 1 };

/* Runs the demo with the seed that the test knows the faults of. */
static const char *
put_demo(struct desk *desk)
{
	char program[PATH_MAX];
	const char *env;
	struct buf text = BUF_INIT;
	struct err err = {0};

	assert_non_null(realpath(BUILD_DIR "/demo/sekisho", program));
	buf_printf(
	    &text, "#!/bin/sh\nexec '%s' \"$@\" --seed %d\n", program, SEED);
	assert_ok(file_replace(
		      desk_path(desk, "demo.sh"), buf_span(&text), 0700, &err),
	    &err);
	buf_clear(&text);
	buf_printf(&text, "SEKISHO_DEMO=%s", desk_path(desk, "demo.sh"));
	env = arena_copy(desk->texts, buf_span(&text)).ptr;
	buf_done(&text);
	return env;
}

static enum drill_kind
not_planted(const struct drill_plan *plan)
{
	for (int kind = 0; kind < DRILL_KINDS; kind++) {
		bool is_planted = false;

		for (int i = 0; i < DRILL_PLANTED; i++)
			is_planted |= (int)plan->fault[i] == kind;
		if (!is_planted)
			return (enum drill_kind)kind;
	}
	fail_msg("everything is planted");
	return DRILL_KINDS;
}

static enum drill_where
place_of(enum drill_kind kind)
{
	int at = 0;

	while (!(drill_fault(kind)->where >> at & 1))
		at++;
	return (enum drill_where)at;
}

/* From any page. */
static void
mark(struct desk *desk, enum drill_kind kind)
{
	pty_keys(desk->pty, "F8");
	desk_pick(desk, "Which fault is it?", drill_kind_text(kind));
	pty_keys(desk->pty, "Enter");
	desk_pick(desk, "Where is it?", drill_where_text(place_of(kind)));
	pty_keys(desk->pty, "^S");
	desk_wait(desk, "Marked: %s.");
}

static void
come_into_the_sandbox(struct desk *desk)
{
	/* PAM has asked */
	pty_wait_text(desk->pty, "[   ");
	desk_enter(desk, "sekisho");
	desk_wait(desk, "Demo: the passphrase is");
	desk_enter(desk, "correct horse battery");
	desk_wait(desk, "ends the drill and shows what you found and missed");
	pty_keys(desk->pty, "Enter");
	desk_wait(desk, "Needs you");
}

static void
drill(struct desk *desk)
{
	struct drill_plan plan;
	struct buf score = BUF_INIT;

	drill_draw(SEED, &plan);
	come_into_the_sandbox(desk);
	mark(desk, plan.fault[0]);
	pty_keys(desk->pty, "3 Enter");
	mark(desk, not_planted(&plan));
	pty_keys(desk->pty, "F7");
	desk_wait(desk, "Take back");
	assert_true(pty_shows(desk->pty, drill_kind_text(plan.fault[0])));
	pty_keys(desk->pty, "F9");
	desk_wait(desk, "End it and see the result");
	pty_answer(
	    desk->pty, "y", desk_word(desk, "End it and see the result"));
	drill_score_text(&score, 1, DRILL_PLANTED, 1);
	pty_wait_text(desk->pty, score.ptr);
	buf_done(&score);
}

static void
look_at_the_record(struct desk *desk)
{
	pty_keys(desk->pty, "q t");
	pty_wait_text(desk->pty, "1 / 8");
	pty_keys(desk->pty, "Enter");
	desk_wait(desk, "Result of the drill");
	pty_keys(desk->pty, "q q");
}

static void
play(const char *language)
{
	const char *env[] = {NULL, NULL};
	unsigned long keys;
	struct store *store;
	struct desk desk;

	desk_open(&desk, language);
	env[0] = put_demo(&desk);
	desk.env = env;
	store = desk_make_store(&desk);
	store_close(&store);
	desk_come_in(&desk);
	pty_keys(desk.pty, "8");
	desk_go_to(&desk, desk_word(&desk, "People and roles"));
	pty_keys(desk.pty, "Enter d");
	desk_wait(&desk,
	    "The demo takes this terminal: a throw-away store with a campaign "
	    "in which eight faults are planted. Nothing leaves this machine. "
	    "Your result is kept here as a training record, whatever it is.");
	pty_press_until(
	    desk.pty, "y", desk_word(&desk, "Demo: the password is"));
	keys = pty_recount(desk.pty, 0);
	drill(&desk);
	pty_send(desk.pty, "q", 1);
	desk_wait(&desk, "Kept as your training record; the log names it.");
	pty_recount(desk.pty, keys);
	look_at_the_record(&desk);
	desk_leave(&desk);
	store = desk_open_store(&desk);
	assert_int_equal(
	    desk_number(store, "SELECT count(*) FROM training"), 1);
	store_close(&store);
	desk_close(&desk);
}

static void
a_drill_in_english(void **state)
{
	(void)state;
	play("en");
}

static void
a_drill_in_japanese(void **state)
{
	(void)state;
	play("ja");
}

int
main(void)
{
	const char *missing = desk_missing();
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_drill_in_english),
	    cmocka_unit_test(a_drill_in_japanese),
	};

	if (missing) {
		printf("SKIP drill: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
