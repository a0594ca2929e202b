/* Restoring.  Contacts come first, then what needs them.  What another item of
 * the trash holds the other half of waits there: a membership is back when its
 * list and its contact are. */
#include "core/contacts/trash.h"

#include "core/access/access.h"
#include "core/base/json.h"
#include "core/contacts/contacts.h"
#include "core/contacts/rows.h"
#include "core/contacts/timeline.h"
#include "core/contacts/trash_rows.h"

struct item {
	struct trash_id id;
	enum trash_kind kind;
	struct list_id list;
};

static int
item_read(struct db *db, struct trash_id id, struct item *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT kind, list FROM trash WHERE id = ?1 AND part_of = 0", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = (struct item){.id = id,
		    .kind = (enum trash_kind)stmt_col_int(stmt, 0),
		    .list.v = stmt_col_int(stmt, 1)};
	stmt_reset(stmt);
	if (got == 0)
		return err_set(err, E_TRASH_MISSING);
	return got < 0 ? -1 : 0;
}

/* ---- Contacts whose address is there anew ---------------------------------- */

/* One of them: what the trash has, and what is there. */
struct twin {
	int64_t was, now;
	struct buf canon, name, fields;
};

static void
twin_done(struct twin *twin)
{
	buf_done(&twin->canon);
	buf_done(&twin->name);
	buf_done(&twin->fields);
}

static bool
has_key(struct span fields, struct span key)
{
	struct json_walk walk;
	struct span other, value;

	json_begin(&walk, fields);
	while (json_next(&walk, &other, &value) == 1) {
		if (span_equal(other, key))
			return true;
	}
	return false;
}

/* Adds the members of an object that are not in base; to is empty. */
static void
fields_fill(struct span base, struct span more, struct buf *to)
{
	const struct span from[] = {base, more};
	struct json_walk walk;
	struct span key, value;
	const char *comma = "";

	buf_char(to, '{');
	for (int i = 0; i < 2; i++) {
		json_begin(&walk, from[i]);
		while (json_next(&walk, &key, &value) == 1) {
			if (i == 1 && has_key(base, key))
				continue;
			buf_printf(to, "%s\"", comma);
			buf_add(to, key);
			buf_text(to, "\":");
			json_copy(walk.type, value, to);
			comma = ",";
		}
	}
	buf_char(to, '}');
}

/* The first contact of an item whose address somebody else has: 1, 0, -1. */
static int
twin_next(
    struct db *db, struct trash_id trash, struct twin *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT t.id, c.id, c.canon, CASE c.name WHEN '' THEN t.name"
	    " ELSE c.name END, c.fields, t.fields FROM trash_contact t"
	    " JOIN contact c ON c.canon = t.canon WHERE t.trash = ?1 LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, trash.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->was = stmt_col_int(stmt, 0);
		out->now = stmt_col_int(stmt, 1);
		buf_clear(&out->canon);
		buf_clear(&out->name);
		buf_clear(&out->fields);
		buf_add(&out->canon, stmt_col_text(stmt, 2));
		buf_add(&out->name, stmt_col_text(stmt, 3));
		fields_fill(stmt_col_text(stmt, 4), stmt_col_text(stmt, 5),
		    &out->fields);
	}
	stmt_reset(stmt);
	return got;
}

static int
twin_values(struct store *store, struct db *db, const struct twin *twin,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE contact SET name = ?2, fields = ?3, changed_ms = ?4"
	    " WHERE id = ?1 AND (name <> ?2 OR fields <> ?3)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, twin->now);
	stmt_text(stmt, 2, buf_span(&twin->name));
	stmt_text(stmt, 3, buf_span(&twin->fields));
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)));
	return stmt_run(stmt, err);
}

/* Everything the trash has under the old id is the other one's. */
static int
twin_rows(struct db *db, struct trash_id trash, const struct twin *twin,
    struct err *err)
{
	static const char *const sql[] = {
	    "UPDATE OR IGNORE trash_member SET contact = ?3"
	    " WHERE trash = ?1 AND contact = ?2",
	    "UPDATE OR IGNORE trash_tag SET contact = ?3"
	    " WHERE trash = ?1 AND contact = ?2",
	    "UPDATE OR IGNORE trash_certificate SET contact = ?3"
	    " WHERE trash = ?1 AND contact = ?2",
	    "DELETE FROM trash_contact WHERE trash = ?1 AND id = ?2"
	    " AND ?3 = ?3",
	};

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		struct stmt *stmt = db_stmt(db, sql[i], err);

		if (!stmt)
			return -1;
		stmt_int(stmt, 1, trash.v);
		stmt_int(stmt, 2, twin->was);
		stmt_int(stmt, 3, twin->now);
		if (stmt_run(stmt, err) < 0)
			return -1;
	}
	return 0;
}

static int
join_twins(struct store *store, struct db *db, struct trash_id trash,
    int64_t *joined, struct err *err)
{
	struct twin twin = {0};
	int got;

	while ((got = twin_next(db, trash, &twin, err)) == 1) {
		struct contact_id now = {twin.now};

		if (twin_values(store, db, &twin, err) < 0 ||
		    contact_alias_in(db, now, (struct contact_id){twin.was},
			buf_span(&twin.canon), err) < 0 ||
		    contact_note_in(
			store, db, now, EVENT_RESTORED, SPAN(""), err) < 0 ||
		    twin_rows(db, trash, &twin, err) < 0) {
			got = -1;
			break;
		}
		++*joined;
	}
	twin_done(&twin);
	return got;
}

/* ---- What comes back -------------------------------------------------------- */

static int
note_restored(
    struct store *store, struct db *db, struct trash_id trash, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO contact_event(contact, at_ms, by, kind, fact)"
	    " SELECT id, ?2, ?3, ?4, '' FROM trash_contact WHERE trash = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, trash.v);
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 3, span_of(store_user(store)));
	stmt_int(stmt, 4, EVENT_RESTORED);
	return stmt_run(stmt, err);
}

static int
restore_people(struct store *store, struct db *db, struct trash_id trash,
    struct trash_back *out, struct err *err)
{
	static const char back[] =
	    "INSERT INTO contact SELECT id, address, canon, name, fields,"
	    " quirk, created_ms, changed_ms FROM trash_contact"
	    " WHERE trash = ?1";

	int64_t last;

	if (join_twins(store, db, trash, &out->joined, err) < 0 ||
	    contact_last_id(db, &last, err) < 0 ||
	    contact_last_free(db, err) < 0 ||
	    rows_run(db, back, trash.v, 0, err) < 0)
		return -1;
	out->people = db_changes(db) + out->joined;
	if (contact_last_keep(db, last, err) < 0)
		return -1;
	return note_restored(store, db, trash, err);
}

static int
restore_list(
    struct db *db, const struct item *item, struct span name, struct err *err)
{
	static const char list[] =
	    "INSERT INTO list SELECT id, CASE ?2 WHEN '' THEN name ELSE ?2"
	    " END, created_ms, changed_ms, changed_by, revision, color"
	    " FROM trash_list WHERE trash = ?1";
	static const char *const rest[] = {
	    "INSERT INTO canary SELECT nullif(id, (SELECT y.id FROM canary y"
	    " WHERE y.id = trash_canary.id)), list, address, canon, added_ms,"
	    " added_by FROM trash_canary WHERE trash = ?1",
	    "INSERT INTO segment SELECT nullif(id, (SELECT s.id FROM segment s"
	    " WHERE s.id = trash_segment.id)), list, CASE WHEN EXISTS"
	    " (SELECT 1 FROM segment s WHERE s.name = trash_segment.name)"
	    " THEN name || ' (' || id || ')' ELSE name END, filter, created_ms,"
	    " changed_ms, changed_by, revision FROM trash_segment"
	    " WHERE trash = ?1",
	    NULL,
	};
	struct stmt *stmt = db_stmt(db, list, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, item->id.v);
	stmt_text(stmt, 2, name);
	if (stmt_run(stmt, err) < 0)
		return -1;
	return rows_run_all(db, rest, item->id.v, 0, err);
}

/* Memberships whose contact has become part of another one are that one's. */
static const char follow[] =
    "UPDATE OR IGNORE trash_member SET contact = (SELECT a.contact"
    " FROM contact_alias a WHERE a.was = trash_member.contact LIMIT 1)"
    " WHERE trash = ?1 AND NOT EXISTS (SELECT 1 FROM contact c"
    " WHERE c.id = trash_member.contact) AND EXISTS (SELECT 1"
    " FROM contact_alias a JOIN contact c ON c.id = a.contact"
    " WHERE a.was = trash_member.contact)";

static const char members[] =
    "INSERT INTO member SELECT t.list, t.contact, t.basis, t.basis_at_ms,"
    " t.basis_note, t.import, t.how, t.wording, t.ip, t.paper,"
    " t.confirmed_ms FROM trash_member t WHERE t.trash = ?1"
    " AND EXISTS (SELECT 1 FROM contact c WHERE c.id = t.contact)"
    " AND EXISTS (SELECT 1 FROM list l WHERE l.id = t.list)"
    " ON CONFLICT(list, contact) DO UPDATE SET basis = excluded.basis,"
    " basis_at_ms = excluded.basis_at_ms, basis_note = excluded.basis_note,"
    " how = excluded.how, wording = excluded.wording, ip = excluded.ip,"
    " paper = excluded.paper, confirmed_ms = excluded.confirmed_ms"
    " WHERE member.basis = 0 AND excluded.basis <> 0";

/* What is back, or was there. */
static const char done[] =
    "DELETE FROM trash_member WHERE trash = ?1 AND EXISTS (SELECT 1"
    " FROM member m WHERE m.list = trash_member.list"
    " AND m.contact = trash_member.contact)";

/* What is left waits where its contact is, or else its list. */
static const char wait_contact[] =
    "UPDATE OR IGNORE trash_member SET trash = (SELECT c.trash"
    " FROM trash_contact c JOIN trash t ON t.id = c.trash"
    " WHERE c.id = trash_member.contact AND t.part_of = 0)"
    " WHERE trash = ?1 AND EXISTS (SELECT 1 FROM trash_contact c"
    " JOIN trash t ON t.id = c.trash WHERE c.id = trash_member.contact"
    " AND c.trash <> ?1 AND t.part_of = 0)";
static const char wait_list[] =
    "UPDATE OR IGNORE trash_member SET trash = (SELECT l.trash"
    " FROM trash_list l WHERE l.id = trash_member.list)"
    " WHERE trash = ?1 AND EXISTS (SELECT 1 FROM trash_list l"
    " WHERE l.id = trash_member.list AND l.trash <> ?1)"
    " AND EXISTS (SELECT 1 FROM contact c"
    " WHERE c.id = trash_member.contact)";

static int
restore_members(struct db *db, struct trash_id trash, struct trash_back *out,
    struct err *err)
{
	if (rows_run(db, follow, trash.v, 0, err) < 0 ||
	    rows_run(db, members, trash.v, 0, err) < 0)
		return -1;
	out->members = db_changes(db);
	if (rows_run(db, done, trash.v, 0, err) < 0 ||
	    rows_run(db, wait_contact, trash.v, 0, err) < 0)
		return -1;
	out->waiting = db_changes(db);
	if (rows_run(db, wait_list, trash.v, 0, err) < 0)
		return -1;
	out->waiting += db_changes(db);
	return 0;
}

static int
restore_marks(struct db *db, struct trash_id trash, struct err *err)
{
	static const char *const sql[] = {
	    "INSERT OR IGNORE INTO contact_tag SELECT t.contact, t.tag"
	    " FROM trash_tag t WHERE t.trash = ?1 AND EXISTS (SELECT 1"
	    " FROM tag g WHERE g.id = t.tag)",
	    "INSERT OR IGNORE INTO contact_certificate SELECT k.contact,"
	    " k.fingerprint, k.certificate, k.from_ms, k.to_ms, k.added_ms"
	    " FROM trash_certificate k WHERE k.trash = ?1",
	    NULL,
	};

	return rows_run_all(db, sql, trash.v, 0, err);
}

int
trash_item_drop(struct db *db, struct trash_id trash, struct err *err)
{
#define OF_ITEM                                                                \
	" WHERE trash IN (SELECT id FROM trash WHERE id = ?1 OR part_of = ?1)"
	static const char *const sql[] = {
	    "DELETE FROM trash_list" OF_ITEM,
	    "DELETE FROM trash_member" OF_ITEM,
	    "DELETE FROM trash_canary" OF_ITEM,
	    "DELETE FROM trash_segment" OF_ITEM,
	    "DELETE FROM trash_contact" OF_ITEM,
	    "DELETE FROM trash_tag" OF_ITEM,
	    "DELETE FROM trash_certificate" OF_ITEM,
	    "DELETE FROM trash_stop" OF_ITEM,
	    "DELETE FROM trash WHERE id = ?1 OR part_of = ?1",
	    NULL,
	};
#undef OF_ITEM

	return rows_run_all(db, sql, trash.v, 0, err);
}

/* ---- One item -------------------------------------------------------------- */

/* The name a list comes back with must be free. */
static int
check_name(
    struct db *db, const struct item *item, struct span name, struct err *err)
{
	struct stmt *stmt;
	struct buf own = BUF_INIT;
	int rc = -1;

	if (item->kind == TRASH_MEMBERS) {
		int64_t waits;

		if (rows_number(db, "SELECT 1 FROM trash_list WHERE id = ?1",
			item->list.v, 0, &waits, err) < 0)
			return -1;
		return waits ? 0 : list_need(db, item->list, err);
	}
	if (item->kind != TRASH_LIST)
		return 0;
	stmt = db_stmt(db, "SELECT name FROM trash WHERE id = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, item->id.v);
	if (stmt_step(stmt, err) == 1) {
		buf_add(&own, name.len ? name : stmt_col_text(stmt, 0));
		rc = list_name_check(db, buf_span(&own), err);
	}
	stmt_reset(stmt);
	buf_done(&own);
	return rc;
}

static int
log_restore(struct store *store, struct db *db, const struct item *item,
    const struct trash_back *back, struct err *err)
{
	struct buf facts = BUF_INIT;
	int rc;

	audit_fact_int(&facts, "trash", item->id.v);
	audit_fact(&facts, "kind", span_of(trash_kind_name(item->kind)));
	audit_fact_int(&facts, "people", back->people);
	audit_fact_int(&facts, "members", back->members);
	audit_fact_int(&facts, "joined", back->joined);
	audit_fact_int(&facts, "waiting", back->waiting);
	rc = trash_log(store, db, "trash.restore", SPAN(""), &facts, err);
	buf_done(&facts);
	return rc;
}

static int
restore(struct store *store, struct db *db, const struct item *item,
    struct span name, struct trash_back *out, struct err *err)
{
	if (check_name(db, item, name, err) < 0)
		return -1;
	if (item->kind == TRASH_MERGE &&
	    merge_undo_in(store, db, item->id, &out->kept, err) < 0)
		return -1;
	if (restore_people(store, db, item->id, out, err) < 0)
		return -1;
	if (item->kind == TRASH_LIST && restore_list(db, item, name, err) < 0)
		return -1;
	if (trash_touch_lists(store, db, item->id, err) < 0 ||
	    restore_members(db, item->id, out, err) < 0 ||
	    restore_marks(db, item->id, err) < 0 ||
	    trash_item_drop(db, item->id, err) < 0)
		return -1;
	out->list = item->list;
	return log_restore(store, db, item, out, err);
}

int
trash_restore(struct store *store, struct trash_id id, struct span name,
    struct trash_back *out, struct err *err)
{
	struct trash_back back = {0};
	struct item item = {.kind = TRASH_KINDS};
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "trash", &db, err) < 0)
		return -1;
	if (item_read(db, id, &item, err) == 0 &&
	    restore(store, db, &item, span_trim(name), &back, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	if (rc == 0)
		*out = back;
	return rc;
}

/* The newest item of this user and of this opening of the store; 0: none. */
static int
last_item(
    struct store *store, struct db *db, struct trash_id *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT t.id FROM trash t WHERE t.part_of = 0 AND t.by = ?1"
	    " AND t.at_ms >= (SELECT a.at_ms FROM audit a WHERE a.what IN"
	    " ('store.open', 'store.create') ORDER BY a.seq DESC LIMIT 1)"
	    " ORDER BY t.id DESC LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(store_user(store)));
	got = stmt_step(stmt, err);
	if (got == 1)
		out->v = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
trash_undo(struct store *store, struct trash_back *out, struct err *err)
{
	struct trash_id id = {0};
	struct db *db = NULL;
	int rc;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    store_reader_open(store, &db, err) < 0)
		return -1;
	rc = last_item(store, db, &id, err);
	store_reader_close(&db);
	if (rc == 0 && id.v == 0)
		return err_set(err, E_TRASH_NOTHING);
	return rc < 0 ? -1 : trash_restore(store, id, SPAN(""), out, err);
}
