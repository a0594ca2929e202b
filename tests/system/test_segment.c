/* A part of a list is found, marked, tagged, named and mailed, by keys at the
 * real program.  What counts is whom the relay has heard of. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>

#include "tests/fake/desk_stage.h"
#include "tests/fake/tempstore.h"

enum { PEOPLE = 120, FOUND = 10, MARKED = 9 };

static const struct stage_params params = {
    .recipients = PEOPLE, .class = CLASS_AD, .manners = PRACTICE_PLAIN};

/* Types a filter and waits until it has found so many. */
static void
filter(struct desk *desk, const char *text, int found)
{
	char count[40];

	snprintf(count, sizeof count,
	    *desk->language == 'j' ? "%d / %d" : "%d of %d", found, PEOPLE);
	pty_keys(desk->pty, "/ ^U");
	pty_type(desk->pty, text);
	pty_wait_text(desk->pty, count);
	pty_keys(desk->pty, "Enter");
}

/* All that a filter finds are marked; one mark is taken again. */
static void
tag_some(struct desk *desk)
{
	pty_keys(desk->pty, "2 Enter");
	pty_wait_text(desk->pty, "user00001@");
	filter(desk, "user0001", FOUND);
	pty_keys(desk->pty, "* Space t");
	pty_answer(desk->pty, "m", desk_word(desk, "Whom is this for?"));
	desk_wait(desk, "How is the new tag called? A word or two.");
	desk_fill(desk, "秋の会");
	pty_keys(desk->pty, "Enter");
	pty_answer(desk->pty, "y", desk_word(desk, "Put a tag on people"));
	desk_wait(desk, "The tag is put on: %s. u takes it back.");
}

static void
name_them(struct desk *desk)
{
	filter(desk, "tag:秋の会", MARKED);
	pty_keys(desk->pty, "w");
	desk_reply(desk, "Save the filter as a segment", "出席者");
	desk_wait(desk, "The segment %s is saved.");
}

static void
choose_them(struct desk *desk)
{
	pty_keys(desk->pty, "3 Enter");
	desk_focus(desk, "To");
	pty_keys(desk->pty, "Enter");
	desk_pick(desk, "To which list?", "出席者");
	pty_wait_text(desk->pty, "出席者");
}

static void
launch(struct desk *desk)
{
	char number[8];

	snprintf(number, sizeof number, "%d", MARKED);
	pty_keys(desk->pty, "3 Enter ^N ^N");
	desk_wait(desk, "Type the number of mails to send:");
	pty_type(desk->pty, number);
	desk_wait(desk, "+ That is the number. ^N launches.");
	pty_keys(desk->pty, "^N");
	pty_wait_text(desk->pty, desk_word(desk, "DONE"));
}

static void
a_segment_is_mailed(const char *language)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;
	struct err err = {0};

	desk_stage_open(&it, &params, language);
	assert_ok(
	    setting_write(it.stage.store, "launch.countdown", SPAN("3"), &err),
	    &err);
	desk_stage_give(&it);
	desk_stage_come_in(desk);
	tag_some(desk);
	name_them(desk);
	choose_them(desk);
	desk_leave(desk);
	desk_stage_take(&it);
	assert_int_equal(stage_number(&it.stage, "SELECT segment FROM campaign"
						 " WHERE segment <> 0"),
	    1);
	/* the store forgets who was at it: who seals is another one */
	stage_sql(&it.stage, "DELETE FROM person");
	desk_stage_give(&it);
	desk_stage_take(&it);
	desk_stage_seal(&it);
	desk_stage_come_in(desk);
	launch(desk);
	desk_leave(desk);
	assert_int_equal(
	    (int)practice_count(it.stage.practice).accepted, MARKED);
	desk_stage_take(&it);
	assert_int_equal(
	    stage_number(&it.stage, "SELECT count(*) FROM outbox"
				    " WHERE contact BETWEEN 11 AND 19"),
	    MARKED);
	desk_stage_close(&it);
}

static void
in_english(void **state)
{
	(void)state;
	a_segment_is_mailed("en");
}

static void
in_japanese(void **state)
{
	(void)state;
	a_segment_is_mailed("ja");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_english),
	    cmocka_unit_test(in_japanese),
	};
	const char *missing = desk_missing();

	if (missing) {
		printf("SKIP a segment: %s\n", missing);
		return 0;
	}
	/* The relay of the stage is in this process, and its client dies. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
