/* What a row of the ledger may become, and the SQL that makes it so.  A row
 * moves only from the state the writer believes it to be in: a step that finds
 * another one is an error of ours and never overwrites what is there. */
#include "core/deliver/ledger.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"

static const char *const state_names[] = {
    [LEDGER_PLANNED] = "planned",
    [LEDGER_CLAIMED] = "claimed",
    [LEDGER_HANDED] = "handed",
    [LEDGER_ACCEPTED] = "accepted",
    [LEDGER_DEFERRED] = "deferred",
    [LEDGER_FAILED] = "failed",
    [LEDGER_IN_DOUBT] = "in_doubt",
    [LEDGER_WITHHELD] = "withheld",
    [LEDGER_CANCELLED] = "cancelled",
};
static_assert(sizeof state_names / sizeof *state_names == LEDGER_STATES,
    "name every state");

#define TO(state) (1u << LEDGER_##state)
/* CLAIMED and HANDED go back to PLANNED when nothing of the message left. */
static const unsigned may_become[LEDGER_STATES] = {
    [LEDGER_PLANNED] = TO(CLAIMED) | TO(CANCELLED),
    [LEDGER_CLAIMED] = TO(PLANNED) | TO(HANDED) | TO(DEFERRED) | TO(FAILED) |
		       TO(WITHHELD) | TO(CANCELLED),
    [LEDGER_HANDED] =
	TO(PLANNED) | TO(ACCEPTED) | TO(DEFERRED) | TO(FAILED) | TO(IN_DOUBT),
    [LEDGER_DEFERRED] = TO(CLAIMED) | TO(CANCELLED),
};
#undef TO

const char *
ledger_state_name(enum ledger_state state)
{
	return state_names[state];
}

bool
ledger_may_step(enum ledger_state from, enum ledger_state to)
{
	return may_become[from] & (1u << to);
}

bool
ledger_is_final(enum ledger_state state)
{
	return !may_become[state];
}

void
claim_free(struct claim **list)
{
	while (*list) {
		struct claim *next = (*list)->next;

		free(*list);
		*list = next;
	}
}

void
ledger_facts_free(struct ledger_facts **facts)
{
	if (!*facts)
		return;
	buf_done(&(*facts)->reply);
	buf_done(&(*facts)->message_id);
	free(*facts);
	*facts = NULL;
}

void
ledger_reply_text(struct span raw, struct buf *out)
{
	size_t end = out->len + LEDGER_REPLY_MAX;

	while (raw.len) {
		const char *at = raw.ptr;
		uint32_t cp;
		bool good = utf8_next(&raw, &cp) == UTF8_GOOD && cp;
		size_t taken = (size_t)(raw.ptr - at);

		if (out->len + (good ? taken : 4 * taken) > end)
			return;
		if (good) {
			buf_add(out, span_make(at, taken));
			continue;
		}
		for (; at < raw.ptr; at++)
			buf_printf(out, "\\x%02x", (unsigned char)*at);
	}
}

/* db_stmt() with the campaign bound as the first parameter. */
static struct stmt *
statement(struct db *db, const char *sql, struct campaign_id campaign,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (stmt)
		stmt_int(stmt, 1, campaign.v);
	return stmt;
}

int
ledger_create(
    struct db *db, struct campaign_id campaign, int64_t *rows, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO ledger(campaign, seq, state)"
	    " SELECT campaign, seq, 0 FROM outbox WHERE campaign = ?1"
	    " ORDER BY seq";
	struct stmt *stmt = statement(db, sql, campaign, err);

	static_assert(LEDGER_PLANNED == 0, "the 0 above");
	if (!stmt || stmt_run(stmt, err) < 0)
		return -1;
	*rows = db_changes(db);
	return 0;
}

/* Moves all rows that are in from. */
static int
move_all(struct db *db, struct campaign_id campaign, enum ledger_state from,
    enum ledger_state to, int64_t now_ms, struct err *err)
{
	static const char sql[] = "UPDATE ledger SET state = ?3, at_ms = ?4,"
				  " next_ms = 0 WHERE campaign = ?1"
				  " AND state = ?2";
	struct stmt *stmt = statement(db, sql, campaign, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, from);
	stmt_int(stmt, 3, to);
	stmt_int(stmt, 4, now_ms);
	return stmt_run(stmt, err);
}

int
ledger_recover(struct db *db, struct campaign_id campaign, int64_t now_ms,
    int64_t *in_doubt, struct err *err)
{
	static const char sql[] = "UPDATE ledger SET state = ?3, at_ms = ?4,"
				  " class = ?5, next_ms = 0"
				  " WHERE campaign = ?1 AND state = ?2";
	struct stmt *stmt;

	if (ledger_release(db, campaign, err) < 0)
		return -1;
	stmt = statement(db, sql, campaign, err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 2, LEDGER_HANDED);
	stmt_int(stmt, 3, LEDGER_IN_DOUBT);
	stmt_int(stmt, 4, now_ms);
	stmt_text(stmt, 5, span_of(err_name(E_RUN_KILLED)));
	if (stmt_run(stmt, err) < 0)
		return -1;
	*in_doubt = db_changes(db);
	return 0;
}

int
ledger_release(struct db *db, struct campaign_id campaign, struct err *err)
{
	return move_all(db, campaign, LEDGER_CLAIMED, LEDGER_PLANNED, 0, err);
}

int
ledger_cancel(
    struct db *db, struct campaign_id campaign, int64_t now_ms, struct err *err)
{
	static const enum ledger_state rest[] = {
	    LEDGER_PLANNED, LEDGER_CLAIMED, LEDGER_DEFERRED};

	for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
		if (move_all(db, campaign, rest[i], LEDGER_CANCELLED, now_ms,
			err) < 0)
			return -1;
	}
	return 0;
}

int
ledger_hurry(struct db *db, struct campaign_id campaign, struct err *err)
{
	static const char sql[] = "UPDATE ledger SET next_ms = 0"
				  " WHERE campaign = ?1 AND state = ?2";
	struct stmt *stmt = statement(db, sql, campaign, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, LEDGER_DEFERRED);
	return stmt_run(stmt, err);
}

int
ledger_count(struct db *db, struct campaign_id campaign,
    int64_t count[LEDGER_STATES], struct err *err)
{
	static const char sql[] = "SELECT state, count(*) FROM ledger"
				  " WHERE campaign = ?1 GROUP BY state";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got;

	if (!stmt)
		return -1;
	memset(count, 0, LEDGER_STATES * sizeof *count);
	while ((got = stmt_step(stmt, err)) > 0) {
		int64_t state = stmt_col_int(stmt, 0);

		if (state < 0 || state >= LEDGER_STATES) {
			stmt_reset(stmt);
			err_set(err, E_LEDGER);
			return err_fact_int(err, "state", state);
		}
		count[state] = stmt_col_int(stmt, 1);
	}
	return got;
}

int
ledger_next_due(struct db *db, struct campaign_id campaign, int64_t *out_ms,
    struct err *err)
{
	static const char sql[] = "SELECT next_ms FROM ledger"
				  " WHERE campaign = ?1 AND state = ?2"
				  " ORDER BY next_ms LIMIT 1";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, LEDGER_DEFERRED);
	got = stmt_step(stmt, err);
	if (got < 0)
		return -1;
	*out_ms = got ? stmt_col_int(stmt, 0) : INT64_MAX;
	stmt_reset(stmt);
	return 0;
}

/* ---- Claiming ---------------------------------------------------------- */

static struct span
place(char **at, struct span text)
{
	struct span out = span_make(*at, text.len);

	if (text.len)
		memcpy(*at, text.ptr, text.len);
	*at += text.len;
	return out;
}

static struct claim *
claim_of_row(struct stmt *row, enum ledger_state from)
{
	struct span text[4], leaf = stmt_col_blob(row, 6);
	size_t size = sizeof(struct claim);
	struct claim *claim;
	char *at;

	for (int i = 0; i < 4; i++) {
		text[i] = stmt_col_text(row, i + 2);
		size += text[i].len;
	}
	claim = mem_new(size);
	at = (char *)(claim + 1);
	claim->seq = stmt_col_int(row, 0);
	claim->attempt = (int)stmt_col_int(row, 1);
	claim->from = from;
	claim->address = place(&at, text[0]);
	claim->canon = place(&at, text[1]);
	claim->name = place(&at, text[2]);
	claim->fields = place(&at, text[3]);
	if (leaf.len == sizeof claim->leaf.bytes)
		memcpy(claim->leaf.bytes, leaf.ptr, leaf.len);
	return claim;
}

/* LEFT JOIN: a row whose outbox row was deleted must come up too, so that it
 * is withheld instead of staying planned for ever. */
static int
select_claims(struct db *db, struct campaign_id campaign,
    enum ledger_state from, int64_t now_ms, int count, struct claim ***tail,
    struct err *err)
{
	static const char sql[] =
	    "SELECT l.seq, l.attempt, o.address, o.canon, o.name, o.fields,"
	    " o.leaf FROM ledger l LEFT JOIN outbox o"
	    " ON o.campaign = l.campaign AND o.seq = l.seq"
	    " WHERE l.campaign = ?1 AND l.state = ?2 AND l.next_ms <= ?3"
	    " ORDER BY l.next_ms, l.seq LIMIT ?4";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got, found = 0;

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, from);
	stmt_int(stmt, 3, now_ms);
	stmt_int(stmt, 4, count);
	while ((got = stmt_step(stmt, err)) > 0) {
		**tail = claim_of_row(stmt, from);
		*tail = &(**tail)->next;
		found++;
	}
	return got < 0 ? -1 : found;
}

static int
mark_claimed(struct db *db, struct campaign_id campaign, int64_t now_ms,
    const struct claim *list, struct err *err)
{
	for (; list; list = list->next) {
		struct ledger_note note = {
		    .seq = list->seq,
		    .from = list->from,
		    .to = LEDGER_CLAIMED,
		    .attempt = list->attempt,
		    .at_ms = now_ms,
		};

		if (ledger_apply(db, campaign, &note, err) < 0)
			return -1;
	}
	return 0;
}

int
ledger_claim(struct db *db, struct campaign_id campaign, int64_t now_ms,
    int count, struct claim **out, struct err *err)
{
	struct claim *list = NULL, **tail = &list;
	int due, rc = -1;

	due = select_claims(
	    db, campaign, LEDGER_DEFERRED, now_ms, count, &tail, err);
	if (due < 0)
		goto out;
	if (select_claims(db, campaign, LEDGER_PLANNED, now_ms, count - due,
		&tail, err) < 0)
		goto out;
	rc = mark_claimed(db, campaign, now_ms, list, err);
out:
	if (rc < 0)
		claim_free(&list);
	*out = list;
	return rc;
}

/* ---- Steps ------------------------------------------------------------- */

static void
bind_step(struct stmt *stmt, const struct ledger_note *note)
{
	stmt_int(stmt, 2, note->seq);
	stmt_int(stmt, 3, note->from);
	stmt_int(stmt, 4, note->to);
	stmt_int(stmt, 5, note->attempt);
	stmt_int(stmt, 6, note->next_ms);
	stmt_int(stmt, 7, note->at_ms);
}

static void
bind_facts(struct stmt *stmt, const struct ledger_facts *facts)
{
	stmt_int(stmt, 8, facts->relay);
	stmt_int(stmt, 9, facts->code);
	stmt_text(stmt, 10, span_of(facts->enhanced));
	stmt_text(stmt, 11, buf_span(&facts->reply));
	stmt_int(stmt, 12, facts->stage);
	stmt_text(stmt, 13, span_of(facts->class));
	stmt_text(stmt, 14, span_of(facts->tls_version));
	stmt_text(stmt, 15, span_of(facts->tls_cipher));
	stmt_int(stmt, 16, facts->tls_verified);
	stmt_int(stmt, 17, facts->octets);
	stmt_text(stmt, 18, buf_span(&facts->message_id));
}

static int
refuse(const struct ledger_note *note, struct err *err)
{
	err_set(err, E_LEDGER);
	err_fact_int(err, "seq", note->seq);
	err_fact(err, "from", span_of(state_names[note->from]));
	return err_fact(err, "to", span_of(state_names[note->to]));
}

int
ledger_apply(struct db *db, struct campaign_id campaign,
    const struct ledger_note *note, struct err *err)
{
	static const char step[] =
	    "UPDATE ledger SET state = ?4, attempt = ?5, next_ms = ?6,"
	    " at_ms = ?7 WHERE campaign = ?1 AND seq = ?2 AND state = ?3";
	static const char step_with_facts[] =
	    "UPDATE ledger SET state = ?4, attempt = ?5, next_ms = ?6,"
	    " at_ms = ?7, relay = ?8, code = ?9, enhanced = ?10, reply = ?11,"
	    " stage = ?12, class = ?13, tls_version = ?14, tls_cipher = ?15,"
	    " tls_verified = ?16, octets = ?17, message_id = ?18"
	    " WHERE campaign = ?1 AND seq = ?2 AND state = ?3";
	struct stmt *stmt;

	if (!ledger_may_step(note->from, note->to))
		return refuse(note, err);
	stmt =
	    statement(db, note->facts ? step_with_facts : step, campaign, err);
	if (!stmt)
		return -1;
	bind_step(stmt, note);
	if (note->facts)
		bind_facts(stmt, note->facts);
	if (stmt_run(stmt, err) < 0)
		return -1;
	if (db_changes(db) != 1)
		return refuse(note, err);
	return 0;
}
