/* The lines that no job fills: from what the proof has counted, and those that
 * people clear. */
#include "core/review/gate.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/review/jobs.h"

void
result_fact(struct review *review, enum check_id check, const char *format, ...)
{
	char *facts = review->result[check].facts;
	size_t used = strlen(facts);
	va_list args;

	if (used && used < CHECK_FACTS_MAX)
		facts[used++] = ' ';
	va_start(args, format);
	vsnprintf(facts + used, CHECK_FACTS_MAX + 1 - used, format, args);
	va_end(args);
}

void
result_why(struct review *review, enum check_id check, const char *what,
    struct span value)
{
	struct err *why = &review->result[check].why;

	err_set(why, E_REVIEW_FINDING);
	err_fact(why, "what", span_of(what));
	err_fact(why, "value", span_slice(value, 0, 120));
}

void
result_judge(struct review *review, enum check_id check, int64_t count,
    const char *what, struct span value)
{
	result_set(review, check, count ? CHECK_FAIL : CHECK_PASS, count);
	if (count)
		result_why(review, check, what, value);
}

void
result_reset(struct review *review, enum check_id check, int64_t at_ms)
{
	struct check_result *result = &review->result[check];

	result->facts[0] = '\0';
	memset(&result->why, 0, sizeof result->why);
	result->at_ms = at_ms;
	result_set(review, check, CHECK_NOT_EVALUATED, 0);
	if (!check_is_built(result->check))
		result_fact(review, check, "source=%s", result->check->source);
}

/* Where not everybody fits into the index, nobody knows of the others. */
static void
evaluate_personal(struct review *review, const struct personal_figures *figures)
{
	result_fact(review, CM_03, "values=%lld shared=%lld columns=%d",
	    (long long)figures->values, (long long)figures->shared,
	    figures->columns);
	if (!figures->is_full || review->result[CM_03].state == CHECK_FAIL)
		return;
	result_set(review, CM_03, CHECK_NOT_EVALUATED, 0);
	result_why(review, CM_03, "too_many_values", SPAN(""));
}

/* A line that a job fills as well fails here when messages have counted
 * faults. */
void
evaluate_tally(struct review *review, const struct tally *tally)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		bool ours =
		    !strcmp(review->result[i].check->source, SOURCE_PROOF);

		if (!ours && !tally->count[i])
			continue;
		result_set(review, (enum check_id)i,
		    tally->count[i] ? CHECK_FAIL : CHECK_PASS, tally->count[i]);
		review->result[i].why = tally->first[i];
	}
	evaluate_personal(review, &tally->personal);
	result_fact(
	    review, CM_02, "fallbacks=%lld", (long long)tally->fallbacks);
	result_fact(
	    review, CM_07W, "utf8=%lld", (long long)tally->charset_fallbacks);
	result_fact(
	    review, HD_05, "octets_max=%lld", (long long)tally->octets_max);
}

/* A second person decides after the seal; where the policy wants none, the line
 * is attested, and says what the policy is. */
static int
evaluate_second(
    struct review *review, const struct inputs *inputs, struct err *err)
{
	struct buf when = BUF_INIT;
	enum approval_need need;
	int64_t over = setting_int(review->db, "approval.over", err);
	int rc = setting_read(review->db, "approval.when", &when, err);

	if (over < 0 || rc < 0 ||
	    approval_policy(review->db, inputs->campaign.class,
		review->recipients, &need, err) < 0)
		rc = -1;
	if (rc == 0 && need == APPROVAL_BY_POLICY) {
		result_set(review, PP_01, CHECK_PASS, 0);
		result_fact(review, PP_01, "approval=follows");
	} else if (rc == 0) {
		result_fact(review, PP_01, "approval=none when=%.*s over=%lld",
		    SPAN_ARG(buf_span(&when)), (long long)over);
	}
	buf_done(&when);
	return rc;
}

int
evaluate_people(
    struct review *review, const struct inputs *inputs, struct err *err)
{
	char digits[9];

	if (evaluate_second(review, inputs, err) < 0)
		return -1;
	review_short_digest(review, digits);
	result_set(review, PP_02, CHECK_PASS, 0);
	result_fact(review, PP_02, "digest=%s", digits);
	template_digest(inputs->template, &review->content);
	return testcheck_evaluate(review, err);
}
