/* The history of evidence: how an event is written, what becomes of the events
 * of somebody who leaves, when they are swept, and how they are read. */
#include "core/access/access.h"
#include "core/base/text.h"
#include "core/contacts/consent_rows.h"
#include "core/contacts/contacts.h"

/* Of a year: a leap year's, so that nothing goes too early. */
#define YEAR_MS (366 * INT64_C(86400000))

/* ---- Writing ---------------------------------------------------------------- */

/* The key of a contact's address: 1, 0 when there is no such contact, -1. */
static int
key_of(struct store *store, struct db *db, struct contact_id contact,
    struct digest *out, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT canon FROM contact WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		suppress_key(store, stmt_col_text(stmt, 0), out);
	stmt_reset(stmt);
	return got;
}

/* Copies the members' rows of one contact. */
static int
copy_members(struct store *store, struct db *db,
    const struct consent_keeping *keeping, const struct digest *key,
    struct err *err)
{
	static const char sql[] =
	    "INSERT INTO consent_event(key, list, contact, at_ms, by, what,"
	    " reason, basis, basis_at_ms, basis_note, how, wording, ip, paper,"
	    " confirmed_ms, left_ms) SELECT ?1, list, contact, ?2, ?3, ?4, ?5,"
	    " basis, basis_at_ms, basis_note, how, wording, ip, paper,"
	    " confirmed_ms, 0 FROM member"
	    " WHERE contact = ?6 AND (?7 = 0 OR list = ?7) AND basis <> 0";
	static const char one[] =
	    "INSERT INTO consent_event(key, list, contact, at_ms, by, what,"
	    " reason, basis, basis_at_ms, basis_note, how, wording, ip, paper,"
	    " confirmed_ms, left_ms) SELECT ?1, list, contact, ?2, ?3, ?4, ?5,"
	    " basis, basis_at_ms, basis_note, how, wording, ip, paper,"
	    " confirmed_ms, 0 FROM member"
	    " WHERE list = ?7 AND contact = ?6 AND basis <> 0";
	struct stmt *stmt = db_stmt(db, keeping->list.v ? one : sql, err);
	struct buf reason = BUF_INIT;
	int rc;

	if (!stmt)
		return -1;
	text_one_line(&reason, keeping->reason, CONSENT_REASON_MAX);
	stmt_blob(stmt, 1, span_make(key->bytes, SHA256_LEN));
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 3, span_of(store_user(store)));
	stmt_int(stmt, 4, keeping->what);
	stmt_text(stmt, 5, buf_span(&reason));
	stmt_int(stmt, 6, keeping->contact.v);
	stmt_int(stmt, 7, keeping->list.v);
	rc = stmt_run(stmt, err);
	buf_done(&reason);
	return rc;
}

int
consent_keep_in(struct store *store, struct db *db,
    const struct consent_keeping *keeping, struct err *err)
{
	struct digest key;
	int got = key_of(store, db, keeping->contact, &key, err);

	return got == 1 ? copy_members(store, db, keeping, &key, err) : got;
}

int
consent_withdrawn_in(struct store *store, struct db *db, struct span canon,
    struct list_id list, struct span source, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT id FROM contact WHERE canon = ?1", err);
	struct consent_keeping keeping = {
	    .list = list, .what = CONSENT_WITHDRAWN, .reason = source};
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, canon);
	got = stmt_step(stmt, err);
	if (got == 1)
		keeping.contact.v = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? consent_keep_in(store, db, &keeping, err) : got;
}

/* ---- Leaving ---------------------------------------------------------------- */

/* The events of a contact go under its key, where their time begins to run. */
static int
let_go(struct store *store, struct db *db, struct list_id list,
    struct contact_id contact, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE consent_event SET left_ms = ?3, contact = 0"
	    " WHERE contact = ?1 AND contact <> 0 AND (?2 = 0 OR list = ?2)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	stmt_int(stmt, 2, list.v);
	stmt_int(stmt, 3, clock_now_ms(store_clock(store)));
	return stmt_run(stmt, err);
}

/* What may tell who somebody was: free text, an address of the network. */
static int
blank(struct db *db, struct contact_id contact, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE consent_event SET basis_note = '', ip = '', reason = ''"
	    " WHERE contact = ?1 AND contact <> 0",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	return stmt_run(stmt, err);
}

int
consent_leave_in(struct store *store, struct db *db, struct list_id list,
    struct contact_id contact, enum consent_change why, struct err *err)
{
	struct consent_keeping keeping = {
	    .list = list, .contact = contact, .what = why};

	if (consent_keep_in(store, db, &keeping, err) < 0)
		return -1;
	if (why == CONSENT_ERASED && blank(db, contact, err) < 0)
		return -1;
	return let_go(store, db, list, contact, err);
}

int
consent_gone_in(struct store *store, struct db *db,
    const struct consent_gone *gone, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO consent_event(key, list, contact, at_ms, by, what,"
	    " reason, basis, basis_at_ms, basis_note, how, wording, ip, paper,"
	    " confirmed_ms, left_ms) VALUES(?1, ?2, 0, ?3, ?4, ?5, '', ?6, ?7,"
	    " ?8, ?9, ?10, ?11, ?12, ?13, ?3)";
	const struct consent_evidence *evidence = &gone->evidence;
	struct stmt *stmt = db_stmt(db, sql, err);
	struct digest key;

	if (!stmt)
		return -1;
	suppress_key(store, gone->canon, &key);
	stmt_blob(stmt, 1, span_make(key.bytes, SHA256_LEN));
	stmt_int(stmt, 2, gone->list.v);
	stmt_int(stmt, 3, gone->at_ms);
	stmt_text(stmt, 4, gone->by);
	stmt_int(stmt, 5, CONSENT_LEFT);
	stmt_int(stmt, 6, evidence->basis);
	stmt_int(stmt, 7, evidence->at_ms);
	stmt_text(stmt, 8, evidence->note);
	stmt_int(stmt, 9, evidence->how);
	stmt_int(stmt, 10, evidence->wording);
	stmt_text(stmt, 11, evidence->ip);
	stmt_text(stmt, 12, evidence->paper);
	stmt_int(stmt, 13, evidence->confirmed_ms);
	if (stmt_run(stmt, err) < 0)
		return -1;
	return let_go(store, db, gone->list, gone->contact, err);
}

int
consent_purge_in(
    struct store *store, struct db *db, int64_t before_ms, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO consent_event(key, list, contact, at_ms, by, what,"
	    " reason, basis, basis_at_ms, basis_note, how, wording, ip, paper,"
	    " confirmed_ms, left_ms) VALUES(?1, ?2, 0, ?3, ?4, ?5, '', ?6, ?7,"
	    " ?8, ?9, ?10, ?11, ?12, ?13, ?3)";
	static const char old[] =
	    "SELECT coalesce(k.canon, c.canon, ''), m.list, t.at_ms, t.by,"
	    " m.basis, m.basis_at_ms, m.basis_note, m.how, m.wording, m.ip,"
	    " m.paper, m.confirmed_ms FROM trash t JOIN trash_member m"
	    " ON m.trash = t.id LEFT JOIN trash_contact k"
	    " ON k.trash = t.id AND k.id = m.contact"
	    " LEFT JOIN contact c ON c.id = m.contact"
	    " WHERE t.at_ms < ?1 AND t.part_of = 0 AND m.basis <> 0";
	static const char gone[] =
	    "UPDATE consent_event SET contact = 0, left_ms = at_ms"
	    " WHERE contact IN (SELECT k.id FROM trash_contact k JOIN trash t"
	    " ON t.id = k.trash WHERE t.at_ms < ?1 AND NOT EXISTS"
	    " (SELECT 1 FROM contact c WHERE c.id = k.id))";
	static const int texts[] = {6, 9, 10};
	struct stmt *from = db_stmt(db, old, err), *to = NULL;
	int got = -1;

	if (from)
		stmt_int(from, 1, before_ms);
	while (from && (got = stmt_step(from, err)) == 1) {
		struct digest key;

		to = db_stmt(db, sql, err);
		if (!to)
			break;
		suppress_key(store, stmt_col_text(from, 0), &key);
		stmt_blob(to, 1, span_make(key.bytes, SHA256_LEN));
		for (int i = 1; i < 3; i++)
			stmt_int(to, i + 1, stmt_col_int(from, i));
		stmt_text(to, 4, stmt_col_text(from, 3));
		stmt_int(to, 5, CONSENT_LEFT);
		for (int i = 4; i < 12; i++)
			stmt_int(to, i + 2, stmt_col_int(from, i));
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
			stmt_text(
			    to, texts[i] + 2, stmt_col_text(from, texts[i]));
		if (stmt_run(to, err) < 0)
			break;
	}
	stmt_reset(from);
	if (got != 0)
		return -1;
	to = db_stmt(db, gone, err);
	if (!to)
		return -1;
	stmt_int(to, 1, before_ms);
	return stmt_run(to, err);
}

/* ---- Keeping ---------------------------------------------------------------- */

static int
read_span(struct db *db, int64_t *out, struct err *err)
{
	int64_t years = setting_int(db, "consent.retention_years", err);

	*out = years * YEAR_MS;
	return years < 0 ? -1 : 0;
}

/* An event is due when it has been kept long enough since the person left, and
 * since the last mail that may have gone to them: that of a campaign to the
 * list whose recipients had been read before.  ?1 when the keeping of what is
 * due began, at the latest, ?2 now. */
#define IS_DUE                                                                 \
	" left_ms <> 0 AND left_ms <= ?1 AND NOT EXISTS(SELECT 1"              \
	" FROM campaign c JOIN run r ON r.campaign = c.id"                     \
	" JOIN review v ON v.campaign = c.id"                                  \
	" WHERE c.list = consent_event.list"                                   \
	" AND v.at_ms <= consent_event.left_ms"                                \
	" AND coalesce(r.ended_ms, ?2) > ?1)"

static int
count(struct db *db, const char *sql, int64_t before_ms, int64_t now_ms,
    int64_t *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, before_ms);
	stmt_int(stmt, 2, now_ms);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

int
consent_kept(
    struct db *db, int64_t now_ms, struct consent_kept *out, struct err *err)
{
	static const char all[] = "SELECT count(*) FROM consent_event"
				  " WHERE left_ms <> 0 AND ?1 = ?1 AND ?2 = ?2";
	static const char due[] =
	    "SELECT count(*) FROM consent_event WHERE" IS_DUE;
	static const char next[] =
	    "SELECT coalesce(min(left_ms), 0) FROM consent_event"
	    " WHERE left_ms > ?1 AND ?2 = ?2";
	int64_t span_ms;

	*out = (struct consent_kept){.count = 0};
	if (read_span(db, &span_ms, err) < 0 ||
	    count(db, all, now_ms - span_ms, now_ms, &out->count, err) < 0 ||
	    count(db, due, now_ms - span_ms, now_ms, &out->due, err) < 0 ||
	    count(db, next, now_ms - span_ms, now_ms, &out->next_ms, err) < 0)
		return -1;
	if (out->next_ms)
		out->next_ms += span_ms;
	return 0;
}

static int
delete_due(struct store *store, struct db *db, int64_t *swept, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "DELETE FROM consent_event WHERE" IS_DUE, err);
	int64_t now_ms = clock_now_ms(store_clock(store)), span_ms;

	if (!stmt || read_span(db, &span_ms, err) < 0)
		return -1;
	stmt_int(stmt, 1, now_ms - span_ms);
	stmt_int(stmt, 2, now_ms);
	if (stmt_run(stmt, err) < 0)
		return -1;
	*swept = db_changes(db);
	return 0;
}

int
consent_sweep(struct store *store, int64_t *swept, struct err *err)
{
	struct audit_event event = {.what = "consent.sweep"};
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	*swept = 0;
	if (store_begin(store, STORE_WAIT_LONG, "consent", &db, err) < 0)
		return -1;
	if (delete_due(store, db, swept, err) < 0)
		goto out;
	if (*swept == 0) {
		rc = 0;
		goto out;
	}
	buf_printf(&facts, "events=%lld", (long long)*swept);
	event.facts = buf_span(&facts);
	if (audit_add_in(store, db, &event, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	buf_done(&facts);
	return rc;
}

/* ---- Reading ---------------------------------------------------------------- */

/* Columns 0 to 7 from first on. */
static struct consent_evidence
read_evidence(struct stmt *stmt, int first, struct arena *arena)
{
	return (struct consent_evidence){
	    .basis = (enum consent_basis)stmt_col_int(stmt, first),
	    .at_ms = stmt_col_int(stmt, first + 1),
	    .note = arena_copy(arena, stmt_col_text(stmt, first + 2)),
	    .how = (enum consent_how)stmt_col_int(stmt, first + 3),
	    .wording = stmt_col_int(stmt, first + 4),
	    .ip = arena_copy(arena, stmt_col_text(stmt, first + 5)),
	    .paper = arena_copy(arena, stmt_col_text(stmt, first + 6)),
	    .confirmed_ms = stmt_col_int(stmt, first + 7),
	};
}

int
consent_history(struct db *db, struct list_id list, struct contact_id contact,
    struct arena *arena, struct consent_event **out, size_t *count,
    struct err *err)
{
	static const char sql[] =
	    "SELECT e.what, e.at, e.list, coalesce(l.name, ''), e.by, e.reason,"
	    " e.basis, e.basis_at_ms, e.basis_note, e.how, e.wording, e.ip,"
	    " e.paper, e.confirmed_ms FROM ("
	    "SELECT ?3 AS what, basis_at_ms AS at, list, '' AS by,"
	    " '' AS reason, basis, basis_at_ms, basis_note, how, wording, ip,"
	    " paper, confirmed_ms, 0 AS id FROM member"
	    " WHERE contact = ?1 AND (?2 = 0 OR list = ?2)"
	    " UNION ALL SELECT ?4, confirmed_ms, list, '', '', basis,"
	    " basis_at_ms, basis_note, how, wording, ip, paper, confirmed_ms, 0"
	    " FROM member WHERE contact = ?1 AND (?2 = 0 OR list = ?2)"
	    " AND confirmed_ms <> 0"
	    " UNION ALL SELECT what, at_ms, list, by, reason, basis,"
	    " basis_at_ms, basis_note, how, wording, ip, paper, confirmed_ms,"
	    " id FROM consent_event WHERE contact = ?1 AND contact <> 0"
	    " AND (?2 = 0 OR list = ?2)) e LEFT JOIN list l ON l.id = e.list"
	    " ORDER BY e.at DESC, e.id DESC";
	struct stmt *stmt = db_stmt(db, sql, err);
	size_t room = 0;
	int got;

	*out = NULL;
	*count = 0;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	stmt_int(stmt, 2, list.v);
	stmt_int(stmt, 3, CONSENT_GIVEN);
	stmt_int(stmt, 4, CONSENT_CONFIRMED);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (*count == room) {
			struct consent_event *more;

			room = room ? room * 2 : 8;
			more = arena_take(arena, room * sizeof *more);
			if (*count)
				memcpy(more, *out, *count * sizeof *more);
			*out = more;
		}
		(*out)[(*count)++] = (struct consent_event){
		    .what = (enum consent_change)stmt_col_int(stmt, 0),
		    .at_ms = stmt_col_int(stmt, 1),
		    .list.v = stmt_col_int(stmt, 2),
		    .list_name = arena_copy(arena, stmt_col_text(stmt, 3)),
		    .by = arena_copy(arena, stmt_col_text(stmt, 4)),
		    .reason = arena_copy(arena, stmt_col_text(stmt, 5)),
		    .evidence = read_evidence(stmt, 6, arena),
		};
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}
