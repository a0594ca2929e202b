/* Totals without counting.  They are trusted because only this folder moves
 * rows and does so together with them; when a run ends they are compared with
 * the rows once. */
#include "core/deliver/totals.h"

#include <assert.h>

enum totals_tls
totals_tls_of(const struct tls_record *tls)
{
	bool verified = tls->state == TLS_STATE_VERIFIED;

	if (!*tls->version)
		return TOTALS_CLEAR;
	if (!strcmp(tls->version, "TLSv1.3"))
		return verified ? TOTALS_TLS13_VERIFIED : TOTALS_TLS13;
	return verified ? TOTALS_TLS12_VERIFIED : TOTALS_TLS12;
}

void
totals_move(struct totals *change, const struct totals_step *step)
{
	struct totals_cell(*of)[TOTALS_TLS_KINDS] = change->cell[step->group];
	enum totals_tls tls =
	    step->to == LEDGER_ACCEPTED ? step->tls : TOTALS_CLEAR;

	of[step->from][TOTALS_CLEAR].rows--;
	of[step->from][TOTALS_CLEAR].attempts -= step->attempts_before;
	of[step->to][tls].rows++;
	of[step->to][tls].attempts += step->attempts_after;
}

static struct stmt *
statement(struct db *db, const char *sql, struct campaign_id campaign,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (stmt)
		stmt_int(stmt, 1, campaign.v);
	return stmt;
}

static bool
is_within(int64_t value, int limit)
{
	return value >= 0 && value < limit;
}

int
totals_read(struct db *db, struct campaign_id campaign, struct totals *out,
    struct err *err)
{
	static const char sql[] = "SELECT grp, state, tls, rows, attempts"
				  " FROM ledger_total WHERE campaign = ?1";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got = -1;

	memset(out, 0, sizeof *out);
	while (stmt && (got = stmt_step(stmt, err)) > 0) {
		int64_t group = stmt_col_int(stmt, 0);
		int64_t state = stmt_col_int(stmt, 1);
		int64_t tls = stmt_col_int(stmt, 2);

		if (!is_within(group, LEDGER_GROUPS) ||
		    !is_within(state, LEDGER_STATES) ||
		    !is_within(tls, TOTALS_TLS_KINDS)) {
			stmt_reset(stmt);
			err_set(err, E_LEDGER);
			return err_fact_int(err, "state", state);
		}
		out->cell[group][state][tls] = (struct totals_cell){
		    stmt_col_int(stmt, 3), stmt_col_int(stmt, 4)};
	}
	return got;
}

static int
write_cell(struct db *db, struct campaign_id campaign, const int key[3],
    const struct totals_cell *cell, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO ledger_total(campaign, grp, state, tls, rows, "
	    "attempts)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
	    " ON CONFLICT(campaign, grp, state, tls) DO UPDATE"
	    " SET rows = rows + excluded.rows,"
	    " attempts = attempts + excluded.attempts";
	struct stmt *stmt = statement(db, sql, campaign, err);

	if (!stmt)
		return -1;
	for (int i = 0; i < 3; i++)
		stmt_int(stmt, 2 + i, key[i]);
	stmt_int(stmt, 5, cell->rows);
	stmt_int(stmt, 6, cell->attempts);
	return stmt_run(stmt, err);
}

static int
write_state(struct db *db, struct campaign_id campaign, int group, int state,
    const struct totals_cell *cell, struct err *err)
{
	for (int tls = 0; tls < TOTALS_TLS_KINDS; tls++) {
		const int key[3] = {group, state, tls};

		if ((cell[tls].rows || cell[tls].attempts) &&
		    write_cell(db, campaign, key, &cell[tls], err) < 0)
			return -1;
	}
	return 0;
}

int
totals_write(struct db *db, struct campaign_id campaign,
    const struct totals *change, struct err *err)
{
	for (int group = 0; group < LEDGER_GROUPS; group++) {
		for (int state = 0; state < LEDGER_STATES; state++) {
			if (write_state(db, campaign, group, state,
				change->cell[group][state], err) < 0)
				return -1;
		}
	}
	return 0;
}

void
totals_count(const struct totals *totals, int64_t count[LEDGER_STATES])
{
	memset(count, 0, LEDGER_STATES * sizeof *count);
	for (int group = 0; group < LEDGER_GROUPS; group++) {
		for (int state = 0; state < LEDGER_STATES; state++) {
			for (int tls = 0; tls < TOTALS_TLS_KINDS; tls++)
				count[state] +=
				    totals->cell[group][state][tls].rows;
		}
	}
}

/* ---- Counting anew --------------------------------------------------------- */

int
totals_rebuild(struct db *db, struct campaign_id campaign, struct err *err)
{
	static const char gone[] =
	    "DELETE FROM ledger_total WHERE campaign = ?1";
	static const char fresh[] =
	    "INSERT INTO ledger_total SELECT l.campaign, l.grp, l.state, CASE"
	    " WHEN l.state <> 3 OR coalesce(c.tls_version, '') = '' THEN 0"
	    " WHEN c.tls_version = 'TLSv1.3' THEN 3 + (c.tls_state = 2)"
	    " ELSE 1 + (c.tls_state = 2) END, count(*), sum(l.attempt)"
	    " FROM ledger l LEFT JOIN connection c"
	    " ON c.campaign = l.campaign AND c.id = l.connection"
	    " WHERE l.campaign = ?1 GROUP BY 1, 2, 3, 4";
	struct stmt *stmt = statement(db, gone, campaign, err);

	static_assert(LEDGER_ACCEPTED == 3 && TLS_STATE_VERIFIED == 2 &&
			  TOTALS_TLS13_VERIFIED == 4,
	    "the numbers above");
	if (!stmt || stmt_run(stmt, err) < 0)
		return -1;
	stmt = statement(db, fresh, campaign, err);
	return stmt ? stmt_run(stmt, err) : -1;
}

static int
differs(int state, int64_t total, int64_t found, struct err *err)
{
	err_set(err, E_LEDGER);
	err_fact(
	    err, "state", span_of(ledger_state_name((enum ledger_state)state)));
	err_fact_int(err, "total", total);
	return err_fact_int(err, "found", found);
}

int
totals_check(struct db *db, struct campaign_id campaign, struct err *err)
{
	static const char sql[] =
	    "SELECT total(state = 0), total(state = 1), total(state = 2),"
	    " total(state = 3), total(state = 4), total(state = 5),"
	    " total(state = 6), total(state = 7), total(state = 8)"
	    " FROM ledger WHERE campaign = ?1";
	struct stmt *stmt;
	struct totals totals;
	int64_t count[LEDGER_STATES];
	int rc = 0;

	static_assert(LEDGER_STATES == 9, "one column each");
	if (totals_read(db, campaign, &totals, err) < 0)
		return -1;
	totals_count(&totals, count);
	stmt = statement(db, sql, campaign, err);
	if (!stmt || stmt_step(stmt, err) < 0)
		return -1;
	for (int i = 0; i < LEDGER_STATES && rc == 0; i++) {
		int64_t found = stmt_col_int(stmt, i);

		if (found != count[i])
			rc = differs(i, count[i], found, err);
	}
	stmt_reset(stmt);
	return rc;
}
