/* The whole way by keys: checklist, answers, seal, launch, delivery, report,
 * over a real store and a real SMTP session with the practice relay. */
#include "tests/fake/show.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

static const struct stage_params six = {
    .recipients = 6, .class = CLASS_AD, .manners = PRACTICE_PLAIN};

static void
from_checklist_to_report(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &six);
	checklist_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "R runs the checks"));
	show_answer_all(&show, "6");
	assert_true(show_is_open(&show, 0));
	golden_keys(&show.golden, "^N");
	assert_string_equal(show_top(&show), "launch");
	show_launch(&show, "6");
	assert_string_equal(show_top(&show), "delivery");
	show_wait_run(&show);
	assert_true(show_sees(&show, "6 of 6"));
	assert_true(show_sees(&show, "DONE"));
	golden_keys(&show.golden, "o");
	assert_string_equal(show_top(&show), "report");
	assert_true(show_sees(&show, "100.0%"));
	assert_int_equal(stage_number(&show.stage,
			     "SELECT count(*) FROM ledger WHERE state = 3"),
	    6);
	show_end(&show);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(from_checklist_to_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
