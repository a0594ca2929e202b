/* Numbers of a run, counted from its rows each time: nothing is remembered
 * that the ledger does not say, and a sum that does not fit is an error rather
 * than a figure on a screen. */
#include "core/report/report.h"

#include <stdio.h>

static struct stmt *
statement(struct db *db, const char *sql, struct campaign_id campaign,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (stmt)
		stmt_int(stmt, 1, campaign.v);
	return stmt;
}

static int
read_run(struct db *db, struct campaign_id campaign, struct report *out,
    struct err *err)
{
	static const char sql[] =
	    "SELECT total, started_ms, coalesce(ended_ms, 0), state, by"
	    " FROM run WHERE campaign = ?1";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got = stmt ? stmt_step(stmt, err) : -1;

	if (got == 0) {
		err_set(err, E_CAMPAIGN_MISSING);
		err_fact_int(err, "id", campaign.v);
	}
	if (got <= 0)
		return -1;
	out->total = stmt_col_int(stmt, 0);
	out->started_ms = stmt_col_int(stmt, 1);
	out->ended_ms = stmt_col_int(stmt, 2);
	out->run = (enum run_state)stmt_col_int(stmt, 3);
	snprintf(
	    out->by, sizeof out->by, "%.*s", SPAN_ARG(stmt_col_text(stmt, 4)));
	stmt_reset(stmt);
	return 0;
}

static int
read_states(struct db *db, struct campaign_id campaign, struct report *out,
    struct err *err)
{
	static const char sql[] =
	    "SELECT state, count(*), sum(attempt) FROM ledger"
	    " WHERE campaign = ?1 GROUP BY state";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int64_t sum = 0;
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) > 0) {
		int64_t state = stmt_col_int(stmt, 0);
		int64_t rows = stmt_col_int(stmt, 1);

		if (state >= 0 && state < LEDGER_STATES) {
			out->count[state] = rows;
			sum += rows;
		}
		out->attempts += stmt_col_int(stmt, 2);
	}
	if (got < 0)
		return -1;
	if (sum == out->total)
		return 0;
	err_set(err, E_REPORT_SUM);
	err_fact_int(err, "total", out->total);
	return err_fact_int(err, "found", sum);
}

static int
read_tls(struct db *db, struct campaign_id campaign, struct report *out,
    struct err *err)
{
	static const char sql[] =
	    "SELECT coalesce(tls_version, ''), coalesce(tls_verified, 0),"
	    " count(*) FROM ledger WHERE campaign = ?1 AND state = ?2"
	    " GROUP BY 1, 2";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got = -1;

	if (stmt)
		stmt_int(stmt, 2, LEDGER_ACCEPTED);
	while (stmt && (got = stmt_step(stmt, err)) > 0) {
		struct span version = stmt_col_text(stmt, 0);
		int64_t rows = stmt_col_int(stmt, 2);

		if (span_equal(version, SPAN("TLSv1.3")))
			out->tls13 += rows;
		else if (version.len)
			out->tls12 += rows;
		else
			out->tls_none += rows;
		if (stmt_col_int(stmt, 1))
			out->tls_verified += rows;
	}
	return got;
}

int
report_build(struct db *db, struct campaign_id campaign, struct report *out,
    struct err *err)
{
	memset(out, 0, sizeof *out);
	if (read_run(db, campaign, out, err) < 0 ||
	    read_states(db, campaign, out, err) < 0)
		return -1;
	return read_tls(db, campaign, out, err);
}

/* ---- Pages ------------------------------------------------------------- */

static void
fill_row(struct stmt *stmt, struct arena *arena, struct report_row *row)
{
	struct span *text[] = {&row->address, &row->name, &row->enhanced,
	    &row->reply, &row->tls_version, &row->tls_cipher, &row->message_id,
	    &row->class};

	row->seq = stmt_col_int(stmt, 0);
	row->state = (enum ledger_state)stmt_col_int(stmt, 1);
	row->attempt = (int)stmt_col_int(stmt, 2);
	row->code = (int)stmt_col_int(stmt, 3);
	row->tls_verified = stmt_col_int(stmt, 4);
	row->at_ms = stmt_col_int(stmt, 5);
	for (int i = 0; i < (int)(sizeof text / sizeof *text); i++)
		*text[i] = arena_copy(arena, stmt_col_text(stmt, 6 + i));
}

int
report_page(struct db *db, struct campaign_id campaign, enum report_which which,
    int64_t after, int count, struct report_page *out, struct err *err)
{
	static const char sql[] =
	    "SELECT l.seq, l.state, l.attempt, l.code, l.tls_verified,"
	    " l.at_ms, o.address, o.name, l.enhanced, l.reply, l.tls_version,"
	    " l.tls_cipher, l.message_id, l.class"
	    " FROM ledger l LEFT JOIN outbox o"
	    " ON o.campaign = l.campaign AND o.seq = l.seq"
	    " WHERE l.campaign = ?1 AND l.seq > ?2 AND l.state <> ?3"
	    " ORDER BY l.seq LIMIT ?4";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got = -1;

	if (!out->arena)
		out->arena = arena_new();
	arena_reset(out->arena);
	out->count = 0;
	out->row = arena_take(
	    out->arena, (count > 0 ? (size_t)count : 1) * sizeof *out->row);
	if (stmt) {
		stmt_int(stmt, 2, after);
		stmt_int(stmt, 3,
		    which == REPORT_NOT_ACCEPTED ? LEDGER_ACCEPTED : -1);
		stmt_int(stmt, 4, count > 0 ? count : 0);
	}
	while (stmt && (got = stmt_step(stmt, err)) > 0)
		fill_row(stmt, out->arena, &out->row[out->count++]);
	return got;
}

void
report_page_done(struct report_page *page)
{
	arena_free(&page->arena);
	*page = (struct report_page){0};
}
