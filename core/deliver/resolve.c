/* Somebody decides about a row in doubt: the row says from now on what the
 * evidence says, or it is sent once more, and beside it stands for ever who
 * decided it and by what. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/deliver/run.h"
#include "core/deliver/totals.h"

/* 1 with what the figures need when the row is in doubt, 0 when it is not. */
static int
read_row(struct db *db, struct campaign_id campaign, int64_t seq,
    struct totals_step *step, struct err *err)
{
	static const char sql[] =
	    "SELECT l.state, l.grp, l.attempt, coalesce(c.tls_state, 0),"
	    " coalesce(c.tls_version, '') FROM ledger l LEFT JOIN connection c"
	    " ON c.campaign = l.campaign AND c.id = l.connection"
	    " WHERE l.campaign = ?1 AND l.seq = ?2";
	struct stmt *stmt = db_stmt(db, sql, err);
	struct tls_record tls = {0};
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, seq);
	got = stmt_step(stmt, err);
	if (got > 0) {
		got = stmt_col_int(stmt, 0) == LEDGER_IN_DOUBT;
		step->group = (int)stmt_col_int(stmt, 1);
		step->attempts_before = step->attempts_after =
		    (int)stmt_col_int(stmt, 2);
		tls.state = (enum tls_state)stmt_col_int(stmt, 3);
		span_text(
		    tls.version, sizeof tls.version, stmt_col_text(stmt, 4));
		step->tls = totals_tls_of(&tls);
	}
	stmt_reset(stmt);
	return got;
}

static int
write_row(struct db *db, struct campaign_id campaign,
    const struct ledger_resolution *resolution, struct err *err)
{
	static const char sql[] =
	    "UPDATE ledger SET state = ?3 WHERE campaign = ?1 AND seq = ?2";
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, resolution->seq);
	stmt_int(stmt, 3, resolution->to);
	return stmt_run(stmt, err);
}

static int
write_resolution(struct store *store, struct db *db,
    struct campaign_id campaign, const struct ledger_resolution *resolution,
    struct err *err)
{
	static const char sql[] =
	    "INSERT INTO resolution(campaign, seq, at_ms, what, who, evidence)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)";
	struct stmt *stmt = db_stmt(db, sql, err);
	struct buf evidence = BUF_INIT;
	int rc;

	if (!stmt)
		return -1;
	ledger_reply_text(resolution->evidence, &evidence);
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, resolution->seq);
	stmt_int(stmt, 3, clock_now_ms(store_clock(store)));
	stmt_int(stmt, 4, resolution->to);
	stmt_text(stmt, 5, span_of(store_user(store)));
	stmt_text(stmt, 6, buf_span(&evidence));
	rc = stmt_run(stmt, err);
	buf_done(&evidence);
	return rc;
}

int
ledger_resolve(struct store *store, struct db *db, struct campaign_id campaign,
    const struct ledger_resolution *resolution, struct err *err)
{
	struct totals_step step = {
	    .from = LEDGER_IN_DOUBT,
	    .to = resolution->to,
	};
	struct totals *change;
	int got = read_row(db, campaign, resolution->seq, &step, err);

	if (got <= 0)
		return got;
	if (!ledger_may_step(LEDGER_IN_DOUBT, resolution->to)) {
		err_set(err, E_LEDGER);
		return err_fact_int(err, "seq", resolution->seq);
	}
	change = mem_new(sizeof *change);
	totals_move(change, &step);
	if (write_row(db, campaign, resolution, err) < 0 ||
	    totals_write(db, campaign, change, err) < 0 ||
	    write_resolution(store, db, campaign, resolution, err) < 0)
		got = -1;
	free(change);
	return got;
}

/* ---- Once more ------------------------------------------------------------- */

/* Rows that may go once more. */
struct doubts {
	int64_t *seq;
	int *group;
	size_t count, room;
};

static void
doubts_done(struct doubts *doubts)
{
	free(doubts->seq);
	free(doubts->group);
}

static void
doubts_add(struct doubts *doubts, int64_t seq, int group)
{
	if (doubts->count == doubts->room) {
		doubts->room = doubts->room ? doubts->room * 2 : 64;
		doubts->seq =
		    mem_grow(doubts->seq, doubts->room * sizeof *doubts->seq);
		doubts->group = mem_grow(
		    doubts->group, doubts->room * sizeof *doubts->group);
	}
	doubts->seq[doubts->count] = seq;
	doubts->group[doubts->count++] = group;
}

static bool
is_named(int64_t seq, const int64_t *named, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (named[i] == seq)
			return true;
	}
	return !named;
}

/* Reads those of the named rows that may go; latest_ms: doubts from then on are
 * too young. */
static int
find_doubts(struct db *db, struct campaign_id campaign, const int64_t *named,
    size_t count, int64_t latest_ms, struct doubts *out, struct err *err)
{
	/* the words of the index ledger_rest, so that it is used */
	static const char sql[] =
	    "SELECT seq, grp FROM ledger WHERE campaign = ?1"
	    " AND state >= 4 AND state = ?2 AND again = 0 AND at_ms <= ?3";
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, LEDGER_IN_DOUBT);
	stmt_int(stmt, 3, latest_ms);
	while ((got = stmt_step(stmt, err)) > 0) {
		int64_t seq = stmt_col_int(stmt, 0);

		if (is_named(seq, named, count))
			doubts_add(out, seq, (int)stmt_col_int(stmt, 1));
	}
	return got;
}

static int
write_again(struct db *db, struct campaign_id campaign, int64_t seq,
    int64_t now_ms, struct err *err)
{
	static const char sql[] =
	    "UPDATE ledger SET state = ?3, again = 1, next_ms = ?4"
	    " WHERE campaign = ?1 AND seq = ?2";
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, seq);
	stmt_int(stmt, 3, LEDGER_DEFERRED);
	stmt_int(stmt, 4, now_ms);
	return stmt_run(stmt, err);
}

/* Moves the rows and what is counted of them. */
static int
write_doubts(struct store *store, struct db *db, struct campaign_id campaign,
    const struct doubts *doubts, struct err *err)
{
	struct totals *change = mem_new(sizeof *change);
	int64_t now_ms = clock_now_ms(store_clock(store));
	int rc = 0;

	for (size_t i = 0; i < doubts->count && rc == 0; i++) {
		struct ledger_resolution resolution = {
		    .seq = doubts->seq[i], .to = LEDGER_DEFERRED};
		struct totals_step step = {
		    .group = doubts->group[i] % LEDGER_GROUPS,
		    .from = LEDGER_IN_DOUBT,
		    .to = LEDGER_DEFERRED,
		};
		int got = read_row(db, campaign, resolution.seq, &step, err);

		totals_move(change, &step);
		rc = got < 0 ||
			     write_again(db, campaign, resolution.seq, now_ms,
				 err) < 0 ||
			     write_resolution(
				 store, db, campaign, &resolution, err) < 0
			 ? -1
			 : 0;
	}
	if (rc == 0)
		rc = totals_write(db, campaign, change, err);
	free(change);
	return rc;
}

/* The campaign as it must be for a run to go on with it. */
static int
open_again(struct db *db, struct campaign_id id, enum campaign_class *class,
    struct err *err)
{
	static const char sql[] = "UPDATE run SET state = ?2, why = '',"
				  " ended_ms = NULL WHERE campaign = ?1";
	struct campaign campaign = CAMPAIGN_INIT;
	struct stmt *stmt;
	int rc = campaign_read(db, id, &campaign, err);

	*class = campaign.class;
	if (rc == 0 && campaign.state != CAMPAIGN_RUNNING)
		rc =
		    campaign_step(db, id, CAMPAIGN_DONE, CAMPAIGN_RUNNING, err);
	campaign_done(&campaign);
	stmt = rc == 0 ? db_stmt(db, sql, err) : NULL;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	stmt_int(stmt, 2, RUN_RUNNING);
	return stmt_run(stmt, err);
}

static int
log_again(struct store *store, struct db *db, struct campaign_id campaign,
    size_t rows, struct err *err)
{
	struct audit_event event = {.what = "ledger.again"};
	struct buf facts = BUF_INIT;
	char object[32];
	int rc;

	snprintf(object, sizeof object, "campaign %lld", (long long)campaign.v);
	buf_printf(&facts, "rows=%zu", rows);
	event.object = span_of(object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&facts);
	return rc;
}

static int
send_again(struct run *run, const int64_t *seq, size_t count, int64_t *changed,
    struct err *err)
{
	int64_t latest_ms = clock_now_ms(store_clock(run->store));
	struct doubts doubts = {0};
	enum campaign_class class;
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(run->store, STORE_WAIT_LONG, "doubts", &db, err) < 0)
		return -1;
	if (open_again(db, run->campaign, &class, err) < 0)
		goto out;
	if (ledger_doubt_of(class) == LEDGER_DOUBT_STAYS)
		latest_ms -= INT64_C(3600) * 1000 * LEDGER_AD_WAIT_HOURS;
	if (find_doubts(
		db, run->campaign, seq, count, latest_ms, &doubts, err) < 0)
		goto out;
	*changed = (int64_t)doubts.count;
	rc = 0;
	/* nothing to send: the campaign stays as it is */
	if (doubts.count &&
	    (write_doubts(run->store, db, run->campaign, &doubts, err) < 0 ||
		log_again(run->store, db, run->campaign, doubts.count, err) <
		    0 ||
		store_commit(run->store, &db, err) < 0))
		rc = -1;
out:
	store_rollback(run->store, &db);
	doubts_done(&doubts);
	return rc;
}

int
ledger_send_again(struct store *store, struct campaign_id campaign,
    const int64_t *seq, size_t count, int64_t *changed, struct err *err)
{
	struct run *run;
	int rc;

	*changed = 0;
	if (person_require(store, NULL, MAY_LAUNCH, err) < 0)
		return -1;
	run = mem_new(sizeof *run);
	run->store = store;
	run->campaign = campaign;
	rc = run_lock(run, err);
	if (rc == 0)
		rc = send_again(run, seq, count, changed, err);
	if (run->lock_fd >= 0)
		close(run->lock_fd);
	free(run);
	return rc;
}
