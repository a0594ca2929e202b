/* Tripwires that compare what somebody has said with what is: how many, for
 * whom, and what is new since the last time. */
#include "core/review/compared.h"
#include "core/review/jobs.h"

/* ---- TW-01 and TW-05 ------------------------------------------------------- */

/* The number is said before it is seen; one or two more are no accident. */
static int
judge_expected(struct check_run *run, struct err *err)
{
	struct review *review = run->review;
	int64_t expected = run->inputs->campaign.expected;
	int64_t off = review->recipients - expected;
	int64_t percent = setting_int(run->db, "expected.percent", err);

	if (percent < 0)
		return -1;
	if (expected == 0) {
		result_set(review, TW_01, CHECK_NOT_EVALUATED, 0);
		result_why(review, TW_01, "unexpected", SPAN(""));
		return 0;
	}
	if (off < 0)
		off = -off;
	result_fact(review, TW_01, "off=%lld", (long long)off);
	if (off * 100 <= expected * percent) {
		result_set(review, TW_01, CHECK_PASS, 0);
		return 0;
	}
	result_set(review, TW_01, CHECK_FAIL, off);
	result_why(review, TW_01,
	    review->recipients > expected ? "more" : "fewer", SPAN(""));
	return 0;
}

static int
judge_color(struct check_run *run, struct err *err)
{
	const struct campaign *campaign = &run->inputs->campaign;
	struct review *review = run->review;
	struct stmt *stmt =
	    db_stmt(run->db, "SELECT color FROM list WHERE id = ?1", err);
	enum circle color = CIRCLE_UNSAID, meant = campaign->meant_for;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->list);
	got = stmt_step(stmt, err);
	if (got == 1)
		color = (enum circle)stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	result_fact(review, TW_05, "list=%s meant=%s", circle_name(color),
	    circle_name(meant));
	if (meant == CIRCLE_UNSAID || color == CIRCLE_UNSAID) {
		result_set(review, TW_05, CHECK_NOT_EVALUATED, 0);
		result_why(review, TW_05,
		    meant == CIRCLE_UNSAID ? "meant_unsaid" : "color_unsaid",
		    SPAN(""));
	} else if (meant != color) {
		result_set(review, TW_05, CHECK_FAIL, review->recipients);
		result_why(review, TW_05, "color", SPAN(""));
	} else {
		result_set(review, TW_05, CHECK_PASS, 0);
	}
	return 0;
}

int
check_meant_for(struct check_run *run, struct err *err)
{
	return judge_expected(run, err) < 0 ? -1 : judge_color(run, err);
}

/* ---- TW-06 ----------------------------------------------------------------- */

int
check_consequences(struct check_run *run, struct err *err)
{
	struct review *review = run->review;
	struct consequences *found = NULL;
	const struct consequence *all;
	int64_t structural = 0, joined = 0, left = 0;
	size_t count;

	if (consequences_find(run->db, run->inputs->campaign.id,
		&review->cancel, &found, err) < 0)
		return -1;
	all = consequences_all(found, &count);
	for (size_t i = 0; i < count; i++) {
		structural += all[i].is_structural;
		if (all[i].kind == CONSEQUENCE_JOINED)
			joined = all[i].count;
		else if (all[i].kind == CONSEQUENCE_LEFT)
			left = all[i].count;
	}
	if (consequences_base(found)->campaign.v)
		result_fact(review, TW_06, "joined=%lld left=%lld news=%lld",
		    (long long)joined, (long long)left, (long long)structural);
	else
		result_fact(review, TW_06, "first=1");
	result_set(
	    review, TW_06, structural ? CHECK_FAIL : CHECK_PASS, structural);
	buf_clear(&review->differences);
	compared_write(found, &review->differences);
	if (structural)
		result_why(
		    review, TW_06, consequence_name(all[0].kind), all[0].now);
	consequences_free(&found);
	return 0;
}
