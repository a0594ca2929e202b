/* The SQL of single rows: read ahead, and written once per attempt.  The two
 * texts that every message runs are here, with the plans they must have: the
 * reading steps through an index that never changes, the writing touches none
 * unless the row needs attention afterwards. */
#include <assert.h>

#include "core/base/mem.h"
#include "core/deliver/ledger.h"

/* LEFT JOIN: a row whose outbox row was deleted must come up too, so that it is
 * withheld instead of staying planned for ever. */
#define CLAIM_COLUMNS                                                          \
	"SELECT l.seq, l.attempt, l.again, o.address, o.canon, o.name,"        \
	" o.fields, o.leaf, l.next_ms, o.contact FROM ledger l LEFT JOIN "     \
	"outbox o"                                                             \
	" ON o.campaign = l.campaign AND o.seq = l.seq"

static const char sql_planned[] = CLAIM_COLUMNS
    " WHERE l.campaign = ?1 AND l.grp = ?2 AND l.seq > ?3 AND l.state = 0"
    " ORDER BY l.seq LIMIT ?4";
static const char sql_due[] =
    CLAIM_COLUMNS " WHERE l.campaign = ?1 AND l.grp = ?2 AND l.state = 4"
		  " ORDER BY l.next_ms";
/* Nearly every row ends so; what it does not name keeps its first value, for
 * a row that was never tried. */
static const char sql_accepted[] =
    "UPDATE ledger SET state = 3, attempt = ?3, at_ms = ?4, connection = ?5,"
    " code = ?6, stage = ?7, octets = ?8, took_ms = ?9, enhanced = ?10,"
    " reply = ?11 WHERE campaign = ?1 AND seq = ?2 AND state = 0";
static const char sql_end[] =
    "UPDATE ledger SET state = ?4, attempt = ?5, again = ?6, next_ms = ?7,"
    " at_ms = ?8, connection = nullif(?9, 0), code = ?10, stage = ?11,"
    " octets = ?12, took_ms = ?13, enhanced = ?14, class = ?15, reply = ?16"
    " WHERE campaign = ?1 AND seq = ?2 AND state = ?3";

const char *
ledger_sql(size_t which)
{
	static const char *const all[] = {
	    sql_planned, sql_due, sql_accepted, sql_end, NULL};

	return all[which];
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

/* ---- Reading --------------------------------------------------------------- */

static void
fill_claim(
    struct stmt *row, int group, enum ledger_state from, struct claim *claim)
{
	struct span *const into[] = {
	    &claim->address, &claim->canon, &claim->name, &claim->fields};
	enum { TEXTS = sizeof into / sizeof *into, FIRST = 3 };
	struct span text[TEXTS], leaf = stmt_col_blob(row, FIRST + TEXTS);
	size_t size = 0, at = 0;

	claim->seq = stmt_col_int(row, 0);
	claim->attempt = (int)stmt_col_int(row, 1);
	claim->again = stmt_col_int(row, 2);
	claim->contact.v = stmt_col_int(row, 9);
	claim->group = group;
	claim->from = claim->state = claim->counted = from;
	for (int i = 0; i < TEXTS; i++) {
		text[i] = stmt_col_text(row, FIRST + i);
		size += text[i].len;
	}
	buf_clear(&claim->text);
	buf_reserve(&claim->text, size);
	for (int i = 0; i < TEXTS; i++) {
		buf_add(&claim->text, text[i]);
		*into[i] = span_make(claim->text.ptr + at, text[i].len);
		at += text[i].len;
	}
	memset(&claim->leaf, 0, sizeof claim->leaf);
	if (leaf.len == sizeof claim->leaf.bytes)
		memcpy(claim->leaf.bytes, leaf.ptr, leaf.len);
}

static int
length_of(const struct claim *list)
{
	int n = 0;

	for (; list; list = list->next)
		n++;
	return n;
}

int
ledger_read_planned(struct db *db, struct campaign_id campaign, int group,
    int64_t *after, struct claim *list, struct err *err)
{
	struct stmt *stmt = statement(db, sql_planned, campaign, err);
	int got = -1, found = 0;

	static_assert(LEDGER_PLANNED == 0, "the 0 above");
	if (!stmt)
		return -1;
	stmt_int(stmt, 2, group);
	stmt_int(stmt, 3, *after);
	stmt_int(stmt, 4, length_of(list));
	while ((got = stmt_step(stmt, err)) > 0) {
		fill_claim(stmt, group, LEDGER_PLANNED, list);
		*after = list->seq;
		list = list->next;
		found++;
	}
	return got < 0 ? -1 : found;
}

static bool
is_due(int64_t next_ms, int64_t now_ms)
{
	return next_ms <= now_ms || next_ms > now_ms + LEDGER_WAIT_MAX_MS;
}

int
ledger_read_due(struct db *db, struct campaign_id campaign, int group,
    int64_t now_ms, const struct seqset *held, struct claim *list,
    int64_t *next_ms, struct err *err)
{
	struct stmt *stmt = statement(db, sql_due, campaign, err);
	int got = -1, found = 0;

	static_assert(LEDGER_DEFERRED == 4, "the 4 above");
	if (!stmt)
		return -1;
	stmt_int(stmt, 2, group);
	*next_ms = INT64_MAX;
	while ((got = stmt_step(stmt, err)) > 0) {
		if (seqset_has(held, stmt_col_int(stmt, 0)))
			continue;
		*next_ms = stmt_col_int(stmt, 8);
		if (is_due(*next_ms, now_ms))
			*next_ms = 0;
		if (*next_ms || !list)
			break;
		fill_claim(stmt, group, LEDGER_DEFERRED, list);
		*next_ms = INT64_MAX;
		list = list->next;
		found++;
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : found;
}

/* ---- Writing --------------------------------------------------------------- */

static int
refuse(const struct claim *claim, struct err *err)
{
	err_set(err, E_LEDGER);
	err_fact_int(err, "seq", claim->seq);
	err_fact(err, "from", span_of(ledger_state_name(claim->state)));
	return err_fact(err, "to", span_of(ledger_state_name(claim->end.to)));
}

/* True for the short statement. */
static bool
is_plain(const struct claim *claim)
{
	return claim->end.to == LEDGER_ACCEPTED &&
	       claim->from == LEDGER_PLANNED && !claim->attempt &&
	       !claim->again && claim->end.connection &&
	       !span_of(claim->end.class).len;
}

static int
write_accepted(struct db *db, struct campaign_id campaign,
    const struct claim *claim, struct err *err)
{
	struct stmt *stmt = statement(db, sql_accepted, campaign, err);
	const struct ledger_end *end = &claim->end;

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, claim->seq);
	stmt_int(stmt, 3, end->attempt);
	stmt_int(stmt, 4, end->at_ms);
	stmt_int(stmt, 5, end->connection);
	stmt_int(stmt, 6, end->code);
	stmt_int(stmt, 7, end->stage);
	stmt_int(stmt, 8, end->octets);
	stmt_int(stmt, 9, end->took_ms);
	stmt_text_kept(stmt, 10, span_of(end->enhanced));
	stmt_text_kept(stmt, 11, end->reply);
	return stmt_run(stmt, err);
}

static int
write_other(struct db *db, struct campaign_id campaign,
    const struct claim *claim, struct err *err)
{
	const struct ledger_end *end = &claim->end;
	struct stmt *stmt = statement(db, sql_end, campaign, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, claim->seq);
	stmt_int(stmt, 3, claim->from);
	stmt_int(stmt, 4, end->to);
	stmt_int(stmt, 5, end->attempt);
	stmt_int(stmt, 6, claim->again);
	stmt_int(stmt, 7, end->next_ms);
	stmt_int(stmt, 8, end->at_ms);
	stmt_int(stmt, 9, end->connection);
	stmt_int(stmt, 10, end->code);
	stmt_int(stmt, 11, end->stage);
	stmt_int(stmt, 12, end->octets);
	stmt_int(stmt, 13, end->took_ms);
	stmt_text_kept(stmt, 14, span_of(end->enhanced));
	stmt_text_kept(stmt, 15, span_of(end->class));
	stmt_text_kept(stmt, 16, end->reply);
	return stmt_run(stmt, err);
}

int
ledger_write_end(struct db *db, struct campaign_id campaign,
    const struct claim *claim, struct err *err)
{
	int rc;

	if (!ledger_may_step(claim->state, claim->end.to))
		return refuse(claim, err);
	if (is_plain(claim))
		rc = write_accepted(db, campaign, claim, err);
	else
		rc = write_other(db, campaign, claim, err);
	if (rc < 0)
		return -1;
	return db_changes(db) == 1 ? 0 : refuse(claim, err);
}

/* ---- Connections ----------------------------------------------------------- */

int
ledger_write_connection(struct db *db, struct campaign_id campaign,
    int64_t number, const struct ledger_connection *facts, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO connection(campaign, id, relay, at_ms, peer, local,"
	    " host, policy, tls_state, tls_version, tls_cipher, tls_why, cert,"
	    " resumed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
	    " ?12, ?13, ?14)";
	const struct tls_record *tls = &facts->tls;
	struct stmt *stmt = statement(db, sql, campaign, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, number);
	stmt_int(stmt, 3, facts->relay);
	stmt_int(stmt, 4, facts->at_ms);
	stmt_text(stmt, 5, span_of(facts->peer));
	stmt_text(stmt, 6, span_of(facts->local));
	stmt_text(stmt, 7, span_of(facts->host));
	stmt_text(stmt, 8, span_of(facts->policy));
	stmt_int(stmt, 9, tls->state);
	stmt_text(stmt, 10, span_of(tls->version));
	stmt_text(stmt, 11, span_of(tls->cipher));
	stmt_text(stmt, 12, span_of(tls->why));
	stmt_blob(stmt, 13,
	    tls->state == TLS_STATE_CLEAR
		? SPAN("")
		: span_make(tls->peer.bytes, sizeof tls->peer.bytes));
	stmt_int(stmt, 14, facts->resumed);
	return stmt_run(stmt, err);
}

int
ledger_last_connection(
    struct db *db, struct campaign_id campaign, int64_t *out, struct err *err)
{
	static const char sql[] =
	    "SELECT coalesce(max(id), 0) FROM connection WHERE campaign = ?1";
	struct stmt *stmt = statement(db, sql, campaign, err);

	if (!stmt || stmt_step(stmt, err) < 0)
		return -1;
	*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return 0;
}

/* ---- Where reading begins -------------------------------------------------- */

int
ledger_read_from(struct db *db, struct campaign_id campaign,
    int64_t after[LEDGER_GROUPS], struct err *err)
{
	static const char sql[] =
	    "SELECT grp, seq FROM ledger_from WHERE campaign = ?1";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got = -1;

	for (int i = 0; i < LEDGER_GROUPS; i++)
		after[i] = INT64_MIN;
	while (stmt && (got = stmt_step(stmt, err)) > 0) {
		int64_t group = stmt_col_int(stmt, 0);

		if (group >= 0 && group < LEDGER_GROUPS)
			after[group] = stmt_col_int(stmt, 1);
	}
	return got;
}

int
ledger_write_from(struct db *db, struct campaign_id campaign,
    const int64_t after[LEDGER_GROUPS], struct err *err)
{
	static const char sql[] =
	    "INSERT INTO ledger_from(campaign, grp, seq) VALUES(?1, ?2, ?3)"
	    " ON CONFLICT(campaign, grp) DO UPDATE SET seq = excluded.seq";

	for (int i = 0; i < LEDGER_GROUPS; i++) {
		struct stmt *stmt;

		if (after[i] == INT64_MIN)
			continue;
		stmt = statement(db, sql, campaign, err);
		if (!stmt)
			return -1;
		stmt_int(stmt, 2, i);
		stmt_int(stmt, 3, after[i]);
		if (stmt_run(stmt, err) < 0)
			return -1;
	}
	return 0;
}
