/* Checks of the frozen recipients as the store knows them. */
#include "core/review/jobs.h"

/* One number from the store; the statement has ?1 campaign and ?2 list. */
static int
query(const struct inputs *inputs, struct stmt *stmt, int64_t *out,
    struct err *err)
{
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, inputs->campaign.id.v);
	stmt_int(stmt, 2, inputs->campaign.list);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

/* LC-01: every recipient has a basis, whatever the mail is: a row without one
 * may be stored, and is never mailed. */
int
check_basis(struct check_run *run, struct err *err)
{
	struct review *review = run->review;
	int64_t without = 0;

	if (query(run->inputs,
		db_stmt(run->db,
		    "SELECT count(*) FROM outbox o LEFT JOIN member m"
		    " ON m.list = ?2 AND m.contact = o.contact"
		    " WHERE o.campaign = ?1 AND coalesce(m.basis, 0) = 0",
		    err),
		&without, err) < 0)
		return -1;
	result_fact(review, LC_01, "without=%lld of=%lld", (long long)without,
	    (long long)review->recipients);
	result_set(review, LC_01, without ? CHECK_FAIL : CHECK_PASS, without);
	return 0;
}

/* LC-05: no canonical address twice. */
int
check_duplicates(struct check_run *run, struct err *err)
{
	int64_t twice = 0;

	if (query(run->inputs,
		db_stmt(run->db,
		    "SELECT count(*) FROM (SELECT canon FROM outbox"
		    " WHERE campaign = ?1 AND ?2 = ?2 GROUP BY canon"
		    " HAVING count(*) > 1)",
		    err),
		&twice, err) < 0)
		return -1;
	result_set(run->review, LC_05, twice ? CHECK_FAIL : CHECK_PASS, twice);
	return 0;
}

/* LC-03: nobody frozen is on the stop list now; and how many will be withheld
 * because they had enough advertisements. */
int
check_stops(struct check_run *run, struct err *err)
{
	const struct inputs *inputs = run->inputs;
	struct review *review = run->review;
	struct stmt *stmt = db_stmt(
	    run->db, "SELECT canon FROM outbox WHERE campaign = ?1", err);
	struct suppress_set *stops = suppress_set_new(
	    review->store, (struct list_id){inputs->campaign.list});
	int64_t inside = 0, frequent = 0;
	int got = -1, stopped = 0;

	if (stmt)
		stmt_int(stmt, 1, inputs->campaign.id.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		if (atomic_load(&review->cancel)) {
			stopped = err_set(err, E_CANCELLED);
			break;
		}
		stopped = suppress_set_check(
		    stops, run->db, stmt_col_text(stmt, 0), err);
		if (stopped < 0)
			break;
		inside += stopped;
	}
	stmt_reset(stmt);
	suppress_set_free(&stops);
	if (got != 0 || stopped < 0)
		return -1;
	if (campaign_frequent(
		run->db, &inputs->campaign, run->at_ms, &frequent, err) < 0)
		return -1;
	result_fact(review, LC_03, "left_out=%lld frequent=%lld",
	    (long long)review->left_out, (long long)frequent);
	result_set(review, LC_03, inside ? CHECK_FAIL : CHECK_PASS, inside);
	return 0;
}
