/* What these people had lately: the mail of other campaigns may have come in
 * between the checks and the launch, so this is asked again then. */
#include "core/review/crowd.h"
#include "core/review/jobs.h"

#define DAY_MS INT64_C(86400000)

enum {
	COLD_PERCENT = 20,
	RESEND_PERCENT = 95,
	OTHERS_PERCENT = 5,
	FEW = 20, /* below so many people shares say nothing */
};

static int
percent(int64_t part, int64_t all)
{
	return all > 0 ? (int)(part * 100 / all) : 0;
}

/* Where this program has sent nothing yet, nobody can tell. */
static int
judge_past(struct check_run *run, struct crowd *crowd, struct err *err)
{
	struct review *review = run->review;
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT EXISTS(SELECT 1 FROM run WHERE campaign <> ?1)", err);
	struct crowd_past past;
	int64_t any = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, run->inputs->campaign.id.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		any = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	if (got != 1 || crowd_past(run->db, crowd, run->inputs->campaign.id,
			    run->at_ms, &review->cancel, &past, err) < 0)
		return -1;
	result_judge(review, PC_04, past.over_cap, "often", SPAN(""));
	if (!any) {
		result_set(review, LC_08, CHECK_NOT_EVALUATED, 0);
		result_why(review, LC_08, "no_history", SPAN(""));
		return 0;
	}
	result_fact(review, LC_08, "cold=%lld percent=%d", (long long)past.cold,
	    percent(past.cold, crowd->recipients));
	result_judge(review, LC_08,
	    past.cold * 100 > crowd->recipients * COLD_PERCENT ? past.cold : 0,
	    "cold", SPAN(""));
	return 0;
}

/* The same people again within a day, or quite other ones. */
static int
judge_overlap(struct check_run *run, struct crowd *crowd, struct err *err)
{
	struct review *review = run->review;
	struct crowd_before before;
	const char *what = NULL;
	int share;

	if (crowd_before(run->db, crowd, &run->inputs->campaign,
		&review->cancel, &before, err) < 0)
		return -1;
	if (!before.campaign.v) {
		result_fact(review, TW_03, "first=1");
		result_set(review, TW_03, CHECK_PASS, 0);
		return 0;
	}
	share = percent(before.common, crowd->recipients);
	result_fact(review, TW_03,
	    "common=%lld percent=%d same_list=%d same_segment=%d",
	    (long long)before.common, share, before.like != LIKE_CLASS,
	    before.like == LIKE_SEGMENT);
	if (share >= RESEND_PERCENT && run->at_ms - before.started_ms < DAY_MS)
		what = "again";
	else if (before.same_audience && share < OTHERS_PERCENT &&
		 crowd->recipients >= FEW)
		what = "others";
	result_judge(review, TW_03,
	    !what               ? 0
	    : before.common > 0 ? before.common
				: crowd->recipients,
	    what, SPAN(""));
	return 0;
}

int
check_repetition(struct check_run *run, struct err *err)
{
	struct crowd *crowd = NULL;
	int rc = -1;

	if (crowd_read(run->db, &run->inputs->campaign, &run->review->cancel,
		&crowd, err) < 0)
		return -1;
	if (judge_past(run, crowd, err) == 0)
		rc = judge_overlap(run, crowd, err);
	crowd_free(&crowd);
	return rc;
}
