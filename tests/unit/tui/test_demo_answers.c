/* What the played demo types on which screen. */
#include "tui/demo/answers.h"

#include "tests/unit/unit.h"

#define LIST   " Enter Look, answer  R Run checks  ^N Seal  q Back  ? Help\n"
#define SAMPLE " Enter It is right  f Something is wrong  q Back  ? Help\n"
#define STATE  " Enter Tick, say  q Back  ? Help\n"
#define DIALOG " ? Help\n"

static const struct {
	const char *screen;
	enum play_answer next;
	const char *keys;
} steps[] = {
    {"   ✓  a line   ok\n > ?  the stops are armed   answer needed\n" LIST,
	PLAY_TYPE, "\r"},
    {"   Find out yourself\n" DIALOG, PLAY_TYPE,
	"A practice run of the demo, no real recipient.\r"},
    {" > ?  you know how many people get this   answer needed\n" LIST,
	PLAY_TYPE, "\r"},
    {"   a number\n" DIALOG, PLAY_TYPE, "293\r"},
    {" > ?  a test mail was read, both parts of it   answer needed\n" LIST,
	PLAY_TYPE, "\r"},
    {"   both codes\n" DIALOG, PLAY_TYPE, "ABCDEF GHJKLM\r"},
    {" > ✓  a test mail was read, both parts of it   ok\n" LIST, PLAY_TYPE,
	"j"},
    /* at the end of the list it begins anew */
    {" > ✓  a test mail was read, both parts of it   ok\n" LIST, PLAY_TYPE,
	"g"},
    {" > ✓  everybody may be mailed   ok\n" LIST, PLAY_TYPE, "j"},
    {" Sample 1 of 2\n" SAMPLE, PLAY_TYPE, "G"},
    {" Sample 1 of 2\n" SAMPLE, PLAY_TYPE, "\r"},
    {" + All samples were read to their end.\n" SAMPLE, PLAY_TYPE, "q"},
    {"\n > ?  the kind is right   answer needed\n" STATE, PLAY_TYPE, "\r"},
    {"\n > ✓  one\n   ?  two   answer needed\n" STATE, PLAY_TYPE, "j"},
    {"\n > ✓  one\n   ✓  two\n" STATE, PLAY_TYPE, "q"},
    {" Checking every message   40.0%\n ^C Stop  q Back  ? Help\n", PLAY_WAIT,
	""},
    {" > ✓  a line   ok\n + Everything is done. ^N seals the campaign.\n" LIST,
	PLAY_ANSWERED, ""},
};

static void
test_steps(void **state)
{
	struct play_answers answers = {.code = {"ABCDEF", "GHJKLM"}};
	struct buf keys = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		enum play_answer next = play_answers_next(
		    &answers, span_of(steps[i].screen), &keys);

		if (next != steps[i].next ||
		    !span_equal(buf_span(&keys), span_of(steps[i].keys)))
			fail_msg("step %zu: %d \"%.*s\"", i, next,
			    SPAN_ARG(buf_span(&keys)));
	}
	buf_done(&keys);
	buf_done(&answers.line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
