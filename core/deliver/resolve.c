/* Somebody decides about a row in doubt: the row says from now on what the
 * evidence says, and beside it stands for ever who decided it and by what. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/ledger.h"
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
