/* Lines that a good program never sees fail: what was frozen is changed behind
 * its back, or is as large or as old as no stage is. */
#include "tests/unit/unit.h"

#include "core/review/jobs.h"
#include "tests/fake/stage.h"

/* A stage whose proof has run, for one job at a time. */
struct rows {
	struct stage stage;
	struct review *review;
	struct inputs inputs;
	struct tally tally;
	struct check_run run;
};

static void
begin(struct rows *rows, const struct certs *certs)
{
	struct err err = {0};

	memset(rows, 0, sizeof *rows);
	stage_open(&rows->stage,
	    &(struct stage_params){.recipients = 5, .class = CLASS_AD});
	if (certs)
		stage_smime(&rows->stage, certs, "news.p12");
	assert_ok(review_open(rows->stage.store, &rows->stage.world,
		      rows->stage.campaign, &rows->review, &err),
	    &err);
	assert_ok(checklist_run(rows->review, &err), &err);
	assert_ok(inputs_read(rows->stage.store, rows->review->db,
		      rows->stage.campaign, &rows->inputs, &err),
	    &err);
	rows->run = (struct check_run){.review = rows->review,
	    .inputs = &rows->inputs,
	    .tally = &rows->tally,
	    .db = rows->review->db,
	    .at_ms = clock_now_ms(clock_real())};
}

static void
end(struct rows *rows)
{
	inputs_done(&rows->inputs);
	review_free(&rows->review);
	stage_close(&rows->stage);
}

static void
assert_line(struct rows *rows, int (*job)(struct check_run *, struct err *),
    enum check_id line, enum check_state state)
{
	struct err err = {0};

	assert_ok(job(&rows->run, &err), &err);
	assert_int_equal(rows->review->result[line].state, state);
}

static void
stopped_meanwhile(void **state)
{
	struct rows rows;
	struct err err = {0};

	(void)state;
	begin(&rows, NULL);
	assert_line(&rows, check_stops, LC_03, CHECK_PASS);
	assert_ok(
	    suppress_add(rows.stage.store, SPAN("user00004@example.jp"),
		(struct list_id){0}, SUPPRESS_UNSUBSCRIBED, SPAN("test"), &err),
	    &err);
	assert_line(&rows, check_stops, LC_03, CHECK_FAIL);
	assert_int_equal(rows.review->result[LC_03].count, 1);
	end(&rows);
}

static void
frozen_twice(void **state)
{
	struct rows rows;

	(void)state;
	begin(&rows, NULL);
	assert_line(&rows, check_duplicates, LC_05, CHECK_PASS);
	stage_sql(&rows.stage, "UPDATE outbox SET canon = (SELECT canon FROM"
			       " outbox WHERE seq = 1) WHERE seq = 2");
	assert_line(&rows, check_duplicates, LC_05, CHECK_FAIL);
	end(&rows);
}

static void
larger_than_the_relay_takes(void **state)
{
	struct rows rows;

	(void)state;
	begin(&rows, NULL);
	rows.tally.octets_max = 5000;
	atomic_store(&rows.review->size_limit, 5000);
	assert_line(&rows, check_size, CM_09, CHECK_PASS);
	rows.tally.octets_max = 5001;
	assert_line(&rows, check_size, CM_09, CHECK_FAIL);
	/* and where no relay names a limit, that of Setup */
	atomic_store(&rows.review->size_limit, 0);
	assert_line(&rows, check_size, CM_09, CHECK_PASS);
	rows.tally.octets_max = INT64_C(1) << 40;
	assert_line(&rows, check_size, CM_09, CHECK_FAIL);
	end(&rows);
}

/* The certificates of the tests last ten years and one. */
static void
a_certificate_ends(void **state)
{
	static const int64_t day_ms = INT64_C(86400000);
	struct arena *arena = arena_new();
	struct smime_info info;
	struct certs certs;
	struct rows rows;
	struct err err = {0};

	(void)state;
	certs_begin(&certs);
	begin(&rows, &certs);
	assert_line(&rows, check_certificates, TS_05W, CHECK_PASS);
	assert_int_equal(smime_one(rows.run.db, rows.inputs.campaign.smime,
			     arena, &info, &err),
	    1);
	rows.run.at_ms = info.certificate.to_ms - 29 * day_ms;
	assert_line(&rows, check_certificates, TS_05W, CHECK_FAIL);
	rows.run.at_ms = info.certificate.to_ms + day_ms;
	assert_line(&rows, check_certificates, TS_05, CHECK_FAIL);
	end(&rows);
	certs_end(&certs);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stopped_meanwhile),
	    cmocka_unit_test(frozen_twice),
	    cmocka_unit_test(larger_than_the_relay_takes),
	    cmocka_unit_test(a_certificate_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
