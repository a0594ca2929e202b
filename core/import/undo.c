/* Taking an import back.  Everything is done by a statement over all people at
 * once, each part for those whom nobody has changed in that part since: values
 * by the contact's time of change and by what later imports keep, a basis by
 * its history.  Members whom the import brought go whatever later files said of
 * them, since a file that changes nothing leaves no trace: mailing too few can
 * be mended by importing that file again.  The stop list is another matter and
 * stays unless the operator says otherwise. */
#include "core/import/history.h"

#include <stdio.h>

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/import/import.h"
#include "core/import/known.h"

/* ?1: the import, ?2: its list, ?3: its time, ?4 and ?5: from the first to the
 * last contact it made.  Of b, what it keeps of somebody, c and m, what that
 * one is now: */
#define BEFORE                                                                 \
	" FROM import_before b JOIN contact c ON c.id = b.contact"             \
	" LEFT JOIN member m ON m.list = ?2 AND m.contact = b.contact"         \
	" WHERE b.import = ?1 AND "
#define VALUES_DONE "b.what & 1"
#define VALUES_ALONE                                                           \
	"(c.changed_ms = ?3 AND NOT EXISTS (SELECT 1 FROM import_before x"     \
	" WHERE x.contact = b.contact AND x.import > ?1 AND x.what & 1))"
#define BASIS_DONE "b.what & 2"
#define BASIS_ALONE                                                            \
	"(m.import = ?1 AND NOT EXISTS (SELECT 1 FROM consent_event e"         \
	" WHERE e.contact = b.contact AND e.list = ?2 AND e.at_ms > ?3))"
#define REMOVED_DONE  "b.what & 4"
#define REMOVED_ALONE "m.contact IS NULL"
/* Of m: it was made by the import. */
#define MADE_MEMBER                                                            \
	"m.list = ?2 AND m.import = ?1 AND NOT EXISTS (SELECT 1"               \
	" FROM import_before b WHERE b.import = ?1 AND b.contact = m.contact"  \
	" AND b.basis IS NOT NULL)"
#define MAILED                                                                 \
	" AND EXISTS (SELECT 1 FROM outbox o JOIN ledger l"                    \
	" ON l.campaign = o.campaign AND l.seq = o.seq"                        \
	" JOIN campaign k ON k.id = o.campaign WHERE o.contact = m.contact"    \
	" AND k.list = ?2 AND l.state = 3)"
/* Of c: it was made by the import, and nothing else holds it. */
#define MADE_CONTACT                                                           \
	"c.id BETWEEN ?4 AND ?5 AND c.created_ms = ?3 AND c.changed_ms = ?3"   \
	" AND c.canon <> ''"                                                   \
	" AND NOT EXISTS (SELECT 1 FROM member m WHERE m.contact = c.id"       \
	" AND NOT (m.list = ?2 AND m.import = ?1))"                            \
	" AND NOT EXISTS (SELECT 1 FROM contact_tag t WHERE t.contact = c.id"  \
	" AND NOT EXISTS (SELECT 1 FROM import_tag i WHERE i.import = ?1"      \
	" AND i.contact = t.contact AND i.tag = t.tag))"                       \
	" AND NOT EXISTS (SELECT 1 FROM trash_member d WHERE d.contact = "     \
	"c.id)"                                                                \
	" AND NOT EXISTS (SELECT 1 FROM import_before b"                       \
	" WHERE b.contact = c.id)"                                             \
	" AND NOT EXISTS (SELECT 1 FROM contact_certificate s"                 \
	" WHERE s.contact = c.id)"                                             \
	" AND NOT EXISTS (SELECT 1 FROM contact_event v"                       \
	" WHERE v.contact = c.id)"                                             \
	" AND NOT EXISTS (SELECT 1 FROM contact_alias a"                       \
	" WHERE a.contact = c.id)"

struct undoing {
	struct store *store;
	struct db *db;
	int64_t id, list, at_ms, made_from, made_to;
	char source[40]; /* of the entries in the stop list */
};

static struct stmt *
prepare(struct undoing *undoing, const char *sql, struct err *err)
{
	const int64_t values[] = {undoing->id, undoing->list, undoing->at_ms,
	    undoing->made_from, undoing->made_to};
	struct stmt *stmt = db_stmt(undoing->db, sql, err);
	char name[3] = "?1";

	for (int i = 0; stmt && i < 5; i++) {
		name[1] = (char)('1' + i);
		if (strstr(sql, name))
			stmt_int(stmt, i + 1, values[i]);
	}
	if (stmt && strstr(sql, "?6"))
		stmt_text(stmt, 6, span_of(undoing->source));
	return stmt;
}

/* Runs a statement; *rows, unless NULL, tells how many rows it changed. */
static int
run(struct undoing *undoing, const char *sql, int64_t *rows, struct err *err)
{
	struct stmt *stmt = prepare(undoing, sql, err);

	if (!stmt || stmt_run(stmt, err) < 0)
		return -1;
	if (rows)
		*rows = db_changes(undoing->db);
	return 0;
}

static int
count(struct undoing *undoing, const char *sql, int64_t *out, struct err *err)
{
	struct stmt *stmt = prepare(undoing, sql, err);
	int got = -1;

	if (stmt)
		got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

/* ---- Whether ------------------------------------------------------------ */

static int
fail(int64_t id, enum err_code code, struct err *err)
{
	err_set(err, code);
	return err_fact_int(err, "id", id);
}

static int
check_record(const struct import_record *record, int64_t now_ms, int64_t until,
    struct err *err)
{
	if (record->undone_ms) {
		fail(record->id, E_IMPORT_UNDO_TWICE, err);
		return err_fact(err, "by", span_of(record->undone_by));
	}
	if (record->list_name[0] == '\0')
		return fail(record->id, E_IMPORT_UNDO_LIST, err);
	if (until < now_ms) {
		fail(record->id, E_IMPORT_UNDO_LATE, err);
		return err_fact_int(err, "days", IMPORT_UNDO_DAYS);
	}
	return 0;
}

static int
begin(struct undoing *out, struct store *store, struct db *db, int64_t id,
    struct err *err)
{
	struct import_record record;
	struct stmt *stmt;
	int64_t until = 0;

	*out = (struct undoing){.store = store, .db = db, .id = id};
	if (import_find(store, db, id, &record, err) < 0)
		return -1;
	out->list = record.list.v;
	out->at_ms = record.at_ms;
	snprintf(out->source, sizeof out->source, "import %lld", (long long)id);
	stmt = db_stmt(db,
	    "SELECT made_from, made_to, undo_ms FROM import WHERE id = ?1",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	if (stmt_step(stmt, err) == 1) {
		out->made_from = stmt_col_int(stmt, 0);
		out->made_to = stmt_col_int(stmt, 1);
		until = stmt_col_int(stmt, 2);
	}
	stmt_reset(stmt);
	return check_record(
	    &record, clock_now_ms(store_clock(store)), until, err);
}

static int
count_all(struct undoing *undoing, struct import_undo *out, struct err *err)
{
	const struct {
		const char *sql;
		int64_t *out;
	} counts[] = {
	    {"SELECT count(*) FROM member m WHERE " MADE_MEMBER, &out->left},
	    {"SELECT count(*) FROM member m WHERE " MADE_MEMBER MAILED,
		&out->mailed},
	    {"SELECT count(*) FROM contact c WHERE " MADE_CONTACT,
		&out->deleted},
	    {"SELECT count(*)" BEFORE "((" VALUES_DONE " AND " VALUES_ALONE
	     ") OR (" BASIS_DONE " AND " BASIS_ALONE "))",
		&out->restored},
	    {"SELECT count(*)" BEFORE REMOVED_DONE " AND " REMOVED_ALONE,
		&out->rejoined},
	    {"SELECT count(*)" BEFORE "((" VALUES_DONE " AND NOT " VALUES_ALONE
	     ") OR (" BASIS_DONE " AND m.contact IS NOT NULL AND"
	     " NOT " BASIS_ALONE ") OR (" REMOVED_DONE " AND NOT"
	     " " REMOVED_ALONE "))",
		&out->kept},
	    {"SELECT count(*) FROM suppression WHERE source = ?6", &out->stops},
	    {"SELECT count(*) FROM import WHERE list = ?2 AND id > ?1"
	     " AND undone_ms = 0",
		&out->later},
	};

	*out = (struct import_undo){0};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		if (count(undoing, counts[i].sql, counts[i].out, err) < 0)
			return -1;
	}
	return 0;
}

int
import_undo_check(
    struct store *store, int64_t id, struct import_undo *out, struct err *err)
{
	struct undoing undoing;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_IMPORT, err) < 0 ||
	    store_reader_open(store, &db, err) < 0)
		return -1;
	if (begin(&undoing, store, db, id, err) == 0)
		rc = count_all(&undoing, out, err);
	store_reader_close(&db);
	return rc;
}

/* ---- Doing it ----------------------------------------------------------- */

/* Evidence for mail that was sent stays as long as of others who left. */
static int
keep_evidence(struct undoing *undoing, struct err *err)
{
	struct stmt *stmt = prepare(undoing,
	    "SELECT m.contact FROM member m WHERE " MADE_MEMBER MAILED, err);
	int got = -1, rc = 0;

	while (rc == 0 && stmt && (got = stmt_step(stmt, err)) == 1)
		rc = consent_leave_in(undoing->store, undoing->db,
		    (struct list_id){undoing->list},
		    (struct contact_id){stmt_col_int(stmt, 0)}, CONSENT_LEFT,
		    err);
	stmt_reset(stmt);
	return got < 0 || rc < 0 ? -1 : 0;
}

/* Each part for whom only the import has changed in it. */
static int
restore(struct undoing *undoing, struct err *err)
{
	static const char *const steps[] = {
	    "UPDATE import_before SET what = what | 8 WHERE import = ?1"
	    " AND contact IN (SELECT b.contact" BEFORE "((" VALUES_DONE
	    " AND NOT " VALUES_ALONE ") OR (" BASIS_DONE
	    " AND m.contact IS NOT NULL AND NOT " BASIS_ALONE
	    ") OR (" REMOVED_DONE " AND NOT " REMOVED_ALONE ")))",
	    "UPDATE contact AS c SET name = b.name, fields = b.fields,"
	    " changed_ms = b.changed_ms FROM import_before b"
	    " WHERE b.import = ?1 AND c.id = b.contact AND " VALUES_DONE
	    " AND " VALUES_ALONE,
	    "UPDATE member AS m SET basis = b.basis,"
	    " basis_at_ms = b.basis_at_ms, basis_note = b.basis_note,"
	    " import = b.member_import, how = b.how, wording = b.wording,"
	    " ip = b.ip, paper = b.paper, confirmed_ms = b.confirmed_ms"
	    " FROM import_before b WHERE b.import = ?1 AND m.list = ?2"
	    " AND m.contact = b.contact AND " BASIS_DONE " AND " BASIS_ALONE,
	    "INSERT OR IGNORE INTO member(list, contact, basis, basis_at_ms,"
	    " basis_note, import, how, wording, ip, paper, confirmed_ms)"
	    " SELECT ?2, b.contact, b.basis, b.basis_at_ms, b.basis_note,"
	    " b.member_import, b.how, b.wording, b.ip, b.paper,"
	    " b.confirmed_ms" BEFORE REMOVED_DONE " AND " REMOVED_ALONE,
	};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (run(undoing, steps[i], NULL, err) < 0)
			return -1;
	}
	return 0;
}

static int
take_away(struct undoing *undoing, struct err *err)
{
	static const char *const steps[] = {
	    "DELETE FROM contact AS c WHERE " MADE_CONTACT,
	    "DELETE FROM contact_tag AS t WHERE EXISTS (SELECT 1"
	    " FROM import_tag i WHERE i.import = ?1 AND i.contact = t.contact"
	    " AND i.tag = t.tag)",
	    "DELETE FROM import_tag WHERE import = ?1",
	    "DELETE FROM import_before WHERE import = ?1 AND NOT what & 8",
	};
	int64_t last;

	if (keep_evidence(undoing, err) < 0 ||
	    contact_last_id(undoing->db, &last, err) < 0 ||
	    run(undoing, "DELETE FROM member AS m WHERE " MADE_MEMBER, NULL,
		err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (run(undoing, steps[i], NULL, err) < 0)
			return -1;
	}
	return contact_last_keep(undoing->db, last, err);
}

/* What policy keeps from being taken off one by one stays here, too. */
static int
take_off_stops(struct undoing *undoing, int64_t *taken, struct err *err)
{
	static const char any[] = "DELETE FROM suppression WHERE source = ?6";
	static const char lesser[] =
	    "DELETE FROM suppression WHERE source = ?6 AND cause NOT IN (0, 2)";
	struct buf value = BUF_INIT;
	int rc = setting_read(undoing->db, "stops.take_off", &value, err);

	if (rc == 0)
		rc = run(undoing,
		    span_equal(buf_span(&value), SPAN("on")) ? any : lesser,
		    taken, err);
	buf_done(&value);
	return rc;
}
_Static_assert(SUPPRESS_UNSUBSCRIBED == 0 && SUPPRESS_COMPLAINT == 2,
    "those of suppress_is_policy() that an import can make");

static int
mark_undone(struct undoing *undoing, struct err *err)
{
	struct stmt *stmt = db_stmt(undoing->db,
	    "UPDATE import SET undone_ms = ?2, undone_by = ?3 WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, undoing->id);
	stmt_int(stmt, 2, clock_now_ms(store_clock(undoing->store)));
	stmt_text(stmt, 3, span_of(store_user(undoing->store)));
	return stmt_run(stmt, err);
}

static int
log_undo(struct undoing *undoing, const struct import_undo *done,
    int64_t stops_taken, struct span reason, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = "import.undo"};
	int rc;

	buf_printf(&object, "list %lld", (long long)undoing->list);
	audit_fact_int(&facts, "import", undoing->id);
	audit_fact_int(&facts, "left", done->left);
	audit_fact_int(&facts, "deleted", done->deleted);
	audit_fact_int(&facts, "restored", done->restored);
	audit_fact_int(&facts, "rejoined", done->rejoined);
	audit_fact_int(&facts, "kept", done->kept);
	audit_fact_int(&facts, "stops", done->stops);
	audit_fact_int(&facts, "stops_off", stops_taken);
	audit_fact(&facts, "reason", reason);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(undoing->store, undoing->db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

static int
undo(struct undoing *undoing, const struct import_undo_plan *plan,
    struct import_undo *out, struct err *err)
{
	int64_t stops_taken = 0;

	if (count_all(undoing, out, err) < 0 || restore(undoing, err) < 0 ||
	    take_away(undoing, err) < 0)
		return -1;
	if (plan->stops == IMPORT_STOPS_TAKE_OFF &&
	    take_off_stops(undoing, &stops_taken, err) < 0)
		return -1;
	out->stops -= stops_taken;
	if (mark_undone(undoing, err) < 0 ||
	    list_touch(undoing->store, undoing->db,
		(struct list_id){undoing->list}, err) < 0)
		return -1;
	return log_undo(undoing, out, stops_taken, plan->reason, err);
}

static int
check_reason(struct span reason, struct err *err)
{
	const char *why = NULL;

	if (!utf8_is_valid(reason))
		why = "utf8";
	else if (text_check_line(reason) != TEXT_FINE)
		why = "control";
	else if (text_trim(reason).len < IMPORT_UNDO_REASON_MIN ||
		 reason.len > IMPORT_UNDO_REASON_MAX)
		why = "length";
	if (!why)
		return 0;
	err_set(err, E_IMPORT_UNDO_REASON);
	err_fact(err, "why", span_of(why));
	return err_fact_int(err, "min", IMPORT_UNDO_REASON_MIN);
}

int
import_undo(struct store *store, int64_t id,
    const struct import_undo_plan *plan, struct import_undo *out,
    struct err *err)
{
	struct undoing undoing;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_IMPORT, err) < 0 ||
	    (plan->stops == IMPORT_STOPS_TAKE_OFF &&
		person_require(store, NULL, MAY_LIST_WRITE, err) < 0) ||
	    check_reason(plan->reason, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "import undo", &db, err) < 0)
		return -1;
	db_cache(db, STORE_CACHE_BULK);
	if (begin(&undoing, store, db, id, err) == 0)
		rc = undo(&undoing, plan, out, err);
	db_cache(db, STORE_CACHE_NORMAL);
	if (rc == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

int
import_undo_kept(struct db *db, int64_t id, struct contact_id after,
    size_t room, struct contact_id *out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT contact FROM import_before WHERE import = ?1"
	    " AND contact > ?2 AND what & 8 ORDER BY contact LIMIT ?3",
	    err);
	int got = 0;

	*count = 0;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_int(stmt, 2, after.v);
	stmt_int(stmt, 3, (int64_t)room);
	while (*count < room && (got = stmt_step(stmt, err)) == 1)
		out[(*count)++].v = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

/* ---- Forgetting --------------------------------------------------------- */

/* The evidence of members whom an import has removed for good. */
static int
leave_evidence(
    struct store *store, struct db *db, int64_t now_ms, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT c.canon, i.list, b.contact, i.at_ms, i.by, b.basis,"
	    " b.basis_at_ms, b.basis_note, b.how, b.wording, b.ip, b.paper,"
	    " b.confirmed_ms FROM import i JOIN import_before b"
	    " ON b.import = i.id JOIN contact c ON c.id = b.contact"
	    " LEFT JOIN member m ON m.list = i.list AND m.contact = b.contact"
	    " WHERE i.undo_ms < ?1 AND i.undone_ms = 0 AND b.what & 4"
	    " AND b.basis <> 0 AND m.contact IS NULL",
	    err);
	int got = -1, rc = 0;

	if (stmt)
		stmt_int(stmt, 1, now_ms);
	while (rc == 0 && stmt && (got = stmt_step(stmt, err)) == 1) {
		struct consent_gone gone = {.canon = stmt_col_text(stmt, 0),
		    .list.v = stmt_col_int(stmt, 1),
		    .contact.v = stmt_col_int(stmt, 2),
		    .at_ms = stmt_col_int(stmt, 3),
		    .by = stmt_col_text(stmt, 4),
		    .evidence = {
			.basis = (enum consent_basis)stmt_col_int(stmt, 5),
			.at_ms = stmt_col_int(stmt, 6),
			.note = stmt_col_text(stmt, 7),
			.how = (enum consent_how)stmt_col_int(stmt, 8),
			.wording = stmt_col_int(stmt, 9),
			.ip = stmt_col_text(stmt, 10),
			.paper = stmt_col_text(stmt, 11),
			.confirmed_ms = stmt_col_int(stmt, 12),
		    }};

		rc = consent_gone_in(store, db, &gone, err);
	}
	stmt_reset(stmt);
	return got < 0 || rc < 0 ? -1 : 0;
}

static int
run_before(struct db *db, const char *sql, int64_t now_ms, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, now_ms);
	return stmt_run(stmt, err);
}

/* 1 when something is past its time, 0 when nothing is, -1. */
static int
is_due(struct store *store, int64_t now_ms, struct err *err)
{
	static const char sql[] =
	    "SELECT 1 FROM import i WHERE i.undo_ms < ?1 AND (EXISTS"
	    " (SELECT 1 FROM import_before b WHERE b.import = i.id) OR EXISTS"
	    " (SELECT 1 FROM import_tag t WHERE t.import = i.id))";
	struct db *db = NULL;
	struct stmt *stmt;
	int got = -1;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	stmt = db_stmt(db, sql, err);
	if (stmt) {
		stmt_int(stmt, 1, now_ms);
		got = stmt_step(stmt, err);
		stmt_reset(stmt);
	}
	store_reader_close(&db);
	return got;
}

int
import_sweep(struct store *store, struct err *err)
{
	static const char before[] =
	    "DELETE FROM import_before WHERE import IN"
	    " (SELECT id FROM import WHERE undo_ms < ?1)";
	static const char tags[] =
	    "DELETE FROM import_tag WHERE import IN"
	    " (SELECT id FROM import WHERE undo_ms < ?1)";
	int64_t now_ms = clock_now_ms(store_clock(store));
	int due = is_due(store, now_ms, err);
	struct db *db = NULL;
	int rc = -1;

	if (due <= 0)
		return due;
	if (store_begin(store, STORE_WAIT_SHORT, "import sweep", &db, err) < 0)
		return -1;
	if (leave_evidence(store, db, now_ms, err) == 0 &&
	    run_before(db, before, now_ms, err) == 0 &&
	    run_before(db, tags, now_ms, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}
