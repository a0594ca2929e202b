/* Numbers of a run as its ledger keeps them: totals move in the transactions
 * that move rows and were compared with them when the run ended.  A sum that
 * does not fit is an error rather than a figure on a screen. */
#include "core/report/report.h"

#include <assert.h>
#include <stdio.h>

#include "core/compose/compose.h"

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

/* From the totals that move with the rows; the handed ones apart. */
static int
read_states(struct db *db, struct campaign_id campaign, struct report *out,
    struct err *err)
{
	int64_t sum = 0;

	if (ledger_count(db, campaign, out->count, err) < 0)
		return -1;
	for (int i = 0; i < LEDGER_STATES; i++)
		sum += out->count[i];
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
	    "SELECT state, tls, rows, attempts FROM ledger_total"
	    " WHERE campaign = ?1";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int64_t *const by_tls[] = {
	    &out->tls_none, &out->tls12, &out->tls12, &out->tls13, &out->tls13};
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) > 0) {
		int64_t tls = stmt_col_int(stmt, 1);
		int64_t rows = stmt_col_int(stmt, 2);

		out->attempts += stmt_col_int(stmt, 3);
		if (stmt_col_int(stmt, 0) != LEDGER_ACCEPTED || tls < 0 ||
		    tls >= (int64_t)(sizeof by_tls / sizeof *by_tls))
			continue;
		*by_tls[tls] += rows;
		if (tls == 2 || tls == 4)
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

static bool
is_hex(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
			(c >= 'A' && c <= 'F')))
			return false;
	}
	return text.len >= REPORT_DIGEST_MIN;
}

int
report_find_digest(
    struct db *db, struct span hex, struct campaign_id *out, struct err *err)
{
	static const char sql[] =
	    "SELECT count(*), max(campaign) FROM run"
	    " WHERE substr(hex(digest), 1, length(?1)) = upper(?1)";
	struct stmt *stmt;
	int got;

	hex = span_trim(hex);
	if (!is_hex(hex))
		return 0;
	stmt = db_stmt(db, sql, err);
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, hex);
	got = stmt_step(stmt, err);
	if (got > 0) {
		got = stmt_col_int(stmt, 0) == 1;
		out->v = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	return got;
}

/* ---- Pages ------------------------------------------------------------- */

#define PAGE_COLUMNS                                                           \
	"SELECT l.seq, l.state, l.attempt, coalesce(l.code, 0),"               \
	" coalesce(c.tls_state, 0) = 2, l.at_ms, l.again, o.address, o.name,"  \
	" l.enhanced, l.reply, c.tls_version, c.tls_cipher, l.class"           \
	" FROM ledger l LEFT JOIN outbox o"                                    \
	" ON o.campaign = l.campaign AND o.seq = l.seq"                        \
	" LEFT JOIN connection c"                                              \
	" ON c.campaign = l.campaign AND c.id = l.connection"                  \
	" WHERE l.campaign = ?1 AND l.seq > ?2"

static void
fill_row(struct stmt *stmt, struct arena *arena, struct report_row *row)
{
	struct span *text[] = {&row->address, &row->name, &row->enhanced,
	    &row->reply, &row->tls_version, &row->tls_cipher, &row->class};

	row->seq = stmt_col_int(stmt, 0);
	row->state = (enum ledger_state)stmt_col_int(stmt, 1);
	row->attempt = (int)stmt_col_int(stmt, 2);
	row->code = (int)stmt_col_int(stmt, 3);
	row->tls_verified = stmt_col_int(stmt, 4);
	row->at_ms = stmt_col_int(stmt, 5);
	row->again = stmt_col_int(stmt, 6);
	for (int i = 0; i < (int)(sizeof text / sizeof *text); i++)
		*text[i] = arena_copy(arena, stmt_col_text(stmt, 7 + i));
}

int
report_page(struct db *db, struct campaign_id campaign, enum report_which which,
    int64_t after, int count, struct report_page *out, struct err *err)
{
	static const char all[] = PAGE_COLUMNS " ORDER BY l.seq LIMIT ?3";
	/* the words of the index ledger_rest, so that it is used */
	static const char rest[] =
	    PAGE_COLUMNS " AND l.state >= 4 ORDER BY l.seq LIMIT ?3";
	struct stmt *stmt = statement(
	    db, which == REPORT_NOT_ACCEPTED ? rest : all, campaign, err);
	int got = -1;

	static_assert(LEDGER_ACCEPTED == 3, "the 4 above is behind it");
	if (!out->arena)
		out->arena = arena_new();
	arena_reset(out->arena);
	out->count = 0;
	out->row = arena_take(
	    out->arena, (count > 0 ? (size_t)count : 1) * sizeof *out->row);
	if (stmt) {
		stmt_int(stmt, 2, after);
		stmt_int(stmt, 3, count > 0 ? count : 0);
	}
	while (stmt && (got = stmt_step(stmt, err)) > 0)
		fill_row(stmt, out->arena, &out->row[out->count++]);
	return got;
}

/* ---- Message-IDs ------------------------------------------------------- */

static int
read_domain(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err)
{
	static const char sql[] =
	    "SELECT message_domain FROM run WHERE campaign = ?1";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got = stmt ? stmt_step(stmt, err) : -1;

	if (got == 1)
		buf_add(out, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

/* Of a run made before Message-IDs could be derived. */
static int
add_old_id(struct db *db, struct campaign_id campaign, int64_t seq,
    struct buf *out, struct err *err)
{
	static const char sql[] = "SELECT message_id FROM ledger_old_id"
				  " WHERE campaign = ?1 AND seq = ?2";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, seq);
	got = stmt_step(stmt, err);
	if (got == 1)
		buf_add(out, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
report_page_ids(struct store *store, struct db *db, struct campaign_id campaign,
    struct report_page *page, struct err *err)
{
	struct buf domain = BUF_INIT, id = BUF_INIT;
	int rc = read_domain(db, campaign, &domain, err);

	for (size_t i = 0; i < page->count && rc == 0; i++) {
		struct report_row *row = &page->row[i];

		if (!row->attempt)
			continue;
		buf_clear(&id);
		if (domain.len)
			message_id_of(store, campaign.v, buf_span(&domain),
			    row->seq, &id);
		else
			rc = add_old_id(db, campaign, row->seq, &id, err);
		row->message_id = arena_copy(page->arena, buf_span(&id));
	}
	buf_done(&domain);
	buf_done(&id);
	return rc;
}

void
report_page_done(struct report_page *page)
{
	arena_free(&page->arena);
	*page = (struct report_page){0};
}
