/* Somebody with the key and SQL changes rows of a sealed campaign.  Either the
 * seal does not fit any more and nothing is sent, or exactly the changed
 * messages are withheld; whoever unsubscribes meanwhile is left out. */
#include "tests/unit/unit.h"

#include "core/report/report.h"
#include "tests/fake/stage.h"

static const struct stage_params params = {
    .recipients = 20, .class = CLASS_AD, .manners = PRACTICE_PLAIN};

static void
deliver_all(struct stage *stage, struct report *report)
{
	struct clearance *clearance = stage_clearance(stage);
	struct run_plan plan = {0};
	struct run *run = NULL;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(run_start(&clearance, &stage->world, stage->store, &plan,
		      &run, &err),
	    &err);
	assert_int_equal(run_wait(run, 60000), 1);
	run_free(&run);
	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(report_build(db, stage->campaign, report, &err), &err);
	store_reader_close(&db);
}

struct edit {
	const char *sql;
	int withheld;
};

static const struct edit edits[] = {
    {"UPDATE outbox SET name = 'Somebody Else' WHERE seq = 5", 1},
    {"UPDATE outbox SET address = 'thief@example.com',"
     " canon = 'thief@example.com' WHERE seq = 7",
	1},
    {"UPDATE outbox SET fields = '{\"会員番号\":\"99999\"}'"
     " WHERE seq IN (2, 3, 4)",
	3},
};

static void
changed_rows_are_withheld(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		struct stage stage;
		struct report report;

		stage_open(&stage, &params);
		stage_seal(&stage);
		stage_sql(&stage, edits[i].sql);
		deliver_all(&stage, &report);
		assert_int_equal(
		    report.count[LEDGER_WITHHELD], edits[i].withheld);
		assert_int_equal(report.count[LEDGER_ACCEPTED],
		    params.recipients - edits[i].withheld);
		assert_int_equal(practice_count(stage.practice).accepted,
		    (uint64_t)(params.recipients - edits[i].withheld));
		stage_close(&stage);
	}
}

static void
a_changed_leaf_breaks_the_seal(void **state)
{
	struct stage stage;
	struct clearance *clearance = NULL;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &params);
	stage_seal(&stage);
	stage_sql(&stage,
	    "UPDATE outbox SET name = 'X', leaf = (SELECT leaf FROM outbox"
	    " WHERE seq = 6) WHERE seq = 5");
	assert_int_equal(clearance_grant(stage.store, &stage.world,
			     stage.campaign, &clearance, &err),
	    -1);
	assert_int_equal(err.code, E_REVIEW_SEAL);
	assert_int_equal(practice_count(stage.practice).accepted, 0);
	stage_close(&stage);
}

static void
unsubscribed_after_the_seal(void **state)
{
	struct stage stage;
	struct report report;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &params);
	stage_seal(&stage);
	assert_ok(
	    suppress_add(stage.store, SPAN("USER00009@EXAMPLE.JP"),
		(struct list_id){0}, SUPPRESS_UNSUBSCRIBED, SPAN("mail"), &err),
	    &err);
	assert_ok(suppress_add(stage.store, SPAN("user00009@EXAMPLE.JP"),
		      stage.list, SUPPRESS_UNSUBSCRIBED, SPAN("mail"), &err),
	    &err);
	deliver_all(&stage, &report);
	assert_int_equal(report.count[LEDGER_WITHHELD], 1);
	assert_int_equal(report.count[LEDGER_ACCEPTED], 19);
	stage_close(&stage);
}

/* A clearance is used up; a second run of the same campaign is refused. */
static void
no_second_run(void **state)
{
	struct stage stage;
	struct report report;
	struct clearance *clearance = NULL;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &params);
	stage_seal(&stage);
	deliver_all(&stage, &report);
	assert_int_equal(report.count[LEDGER_ACCEPTED], 20);
	assert_int_equal(clearance_grant(stage.store, &stage.world,
			     stage.campaign, &clearance, &err),
	    -1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
	assert_int_equal(practice_count(stage.practice).accepted, 20);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(changed_rows_are_withheld),
	    cmocka_unit_test(a_changed_leaf_breaks_the_seal),
	    cmocka_unit_test(unsubscribed_after_the_seal),
	    cmocka_unit_test(no_second_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
