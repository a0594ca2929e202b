/* PP-05: somebody has read a test mail of this very content, both parts of it,
 * within a day.  What was typed is compared and forgotten; the answer that is
 * sealed says which test it was and when it was made. */
#include "core/review/gate.h"

#include "core/review/testcode.h"

enum { CODE_TRIES = 5 };

/* What a test must be made of to count now. */
static struct test_seed
wanted(const struct review *review)
{
	return (struct test_seed){.campaign = review->campaign.v,
	    .at_ms = clock_now_ms(review->world->clock),
	    .content = review->content};
}

static void
drop_answer(struct review *review)
{
	struct check_result *result = &review->result[PP_05];

	result->answer[0] = '\0';
	result->answered_by[0] = '\0';
	result_set(review, PP_05, CHECK_NOT_EVALUATED, 0);
}

int
testcheck_evaluate(struct review *review, struct err *err)
{
	const struct test_seed like = wanted(review);
	int64_t sent = 0;

	if (test_count(review->db, &like, &sent, err) < 0)
		return -1;
	result_fact(review, PP_05, "sent=%lld", (long long)sent);
	if (test_answer_is_fresh(review->result[PP_05].answer, like.at_ms))
		result_set(review, PP_05, CHECK_PASS, 0);
	else
		drop_answer(review);
	return 0;
}

void
testcheck_expire(struct review *review)
{
	const struct check_result *result = &review->result[PP_05];

	if (*result->answer && !test_answer_is_fresh(result->answer,
				   clock_now_ms(review->world->clock)))
		drop_answer(review);
}

static int
not_codes(struct err *err)
{
	err_set(err, E_REVIEW_ANSWER);
	err_fact(err, "check", SPAN("PP-05"));
	return err_fact(err, "why", SPAN("codes"));
}

int
testcheck_answer(struct review *review, struct span typed, char *answer,
    size_t room, struct err *err)
{
	static const struct tries tries = {
	    "review.code_wrong", CODE_TRIES, E_REVIEW_CODE};
	const struct test_seed like = wanted(review);
	struct test_seed found;
	enum test_typed came;
	int misses;

	if (tries_allow(review, &tries, &misses, err) < 0 ||
	    test_code_check(review->store, review->db, &like, typed, &came,
		&found, err) < 0)
		return -1;
	switch (came) {
	case TEST_TYPED_RIGHT:
		test_answer_write(&found, answer, room);
		return 0;
	case TEST_TYPED_NO_TEST:
		return err_set(err, E_REVIEW_NO_TEST);
	case TEST_TYPED_NOT_CODES:
		return not_codes(err);
	case TEST_TYPED_WRONG:
		break;
	}
	return tries_miss(review, &tries, misses, err);
}

int
testcheck_html(struct store *store, struct db *db, struct campaign_id campaign,
    struct span typed, int64_t now_ms, struct err *err)
{
	struct test_seed like = {.campaign = campaign.v, .at_ms = now_ms};
	struct inputs inputs;
	enum test_typed came;
	int rc = inputs_read(store, db, campaign, &inputs, err);

	if (rc == 0) {
		template_digest(inputs.template, &like.content);
		rc = test_code_check_html(store, db, &like, typed, &came, err);
	}
	inputs_done(&inputs);
	if (rc < 0)
		return -1;
	if (came == TEST_TYPED_RIGHT)
		return 0;
	return err_set(err,
	    came == TEST_TYPED_NO_TEST ? E_REVIEW_NO_TEST : E_APPROVAL_CODE);
}

int
testcheck_is_fresh(struct db *db, struct world *world,
    struct campaign_id campaign, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT answer FROM review_result"
	    " WHERE campaign = ?1 AND item = 'PP-05'",
	    err);
	char answer[ANSWER_MAX + 1] = "";
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		span_text(answer, sizeof answer, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	if (test_answer_is_fresh(answer, clock_now_ms(world->clock)))
		return 0;
	err_set(err, E_REVIEW_STALE);
	return err_fact(err, "what", SPAN("PP-05"));
}
