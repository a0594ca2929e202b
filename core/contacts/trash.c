/* Deleting: rows are moved to tables of the same shape, where nothing that
 * mails looks.  They are copied by position, so a column that one of the two
 * tables does not have is an error here and not a loss. */
#include "core/contacts/trash.h"

#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/contacts/contacts.h"
#include "core/contacts/rows.h"
#include "core/contacts/timeline.h"
#include "core/contacts/trash_rows.h"

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

static const char *const kinds[TRASH_KINDS] = {
    [TRASH_LIST] = "list",
    [TRASH_PEOPLE] = "people",
    [TRASH_MEMBERS] = "members",
    [TRASH_MERGE] = "merge",
};

const char *
trash_kind_name(enum trash_kind kind)
{
	return kind < TRASH_KINDS ? kinds[kind] : "";
}

/* ---- Items ---------------------------------------------------------------- */

/* Ids are times, so that none is used twice. */
int
trash_item_add(struct store *store, struct db *db, const struct trash_new *item,
    struct trash_id *out, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO trash(id, kind, at_ms, by, list, name, part_of,"
	    " contact, stamp_ms) VALUES(max(?2, 1 + coalesce((SELECT max(id)"
	    " FROM trash), 0)), ?1, ?2, ?3, ?4, coalesce((SELECT name FROM"
	    " list WHERE id = ?4), ''), ?5, ?6, ?7)";
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, item->kind);
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 3, span_of(store_user(store)));
	stmt_int(stmt, 4, item->list.v);
	stmt_int(stmt, 5, item->part_of.v);
	stmt_int(stmt, 6, item->contact.v);
	stmt_int(stmt, 7, item->stamp_ms);
	if (stmt_run(stmt, err) < 0)
		return -1;
	out->v = db_last_id(db);
	return 0;
}

int
trash_log(struct store *store, struct db *db, const char *what,
    struct span object, struct buf *facts, struct err *err)
{
	return audit_add_in(store, db,
	    &(struct audit_event){what, object, buf_span(facts)}, err);
}

static int
log_number(struct store *store, struct db *db, const char *what,
    struct list_id list, struct trash_id trash, int64_t number, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	if (list.v)
		buf_printf(&object, "list %lld", (long long)list.v);
	audit_fact_int(&facts, "trash", trash.v);
	audit_fact_int(&facts, "number", number);
	rc = trash_log(store, db, what, buf_span(&object), &facts, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

static int
missing(struct err *err)
{
	return err_set(err, E_CONTACT_MISSING);
}

/* ---- People --------------------------------------------------------------- */

int
trash_contact_in(struct db *db, struct trash_id trash,
    struct contact_id contact, struct err *err)
{
	static const char take[] =
	    "INSERT INTO trash_contact SELECT ?1, c.* FROM contact c"
	    " WHERE c.id = ?2 AND c.canon <> ''";
	static const char *const move[] = {
	    "INSERT INTO trash_member SELECT ?1, m.* FROM member m"
	    " WHERE m.contact = ?2",
	    "INSERT INTO trash_tag SELECT ?1, t.* FROM contact_tag t"
	    " WHERE t.contact = ?2",
	    "INSERT INTO trash_certificate SELECT ?1, k.*"
	    " FROM contact_certificate k WHERE k.contact = ?2",
	    NULL,
	};
	static const char *const drop[] = {
	    "DELETE FROM member WHERE contact = ?1",
	    "DELETE FROM contact_tag WHERE contact = ?1",
	    "DELETE FROM contact_certificate WHERE contact = ?1",
	    "DELETE FROM contact WHERE id = ?1",
	    NULL,
	};

	if (rows_run(db, take, trash.v, contact.v, err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return 0;
	if (rows_run_all(db, move, trash.v, contact.v, err) < 0 ||
	    rows_run_all(db, drop, contact.v, 0, err) < 0)
		return -1;
	return 1;
}

int
trash_touch_lists(
    struct store *store, struct db *db, struct trash_id trash, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE list SET revision = revision + 1, changed_ms = ?2,"
	    " changed_by = ?3 WHERE EXISTS (SELECT 1 FROM trash_member t"
	    " WHERE t.trash = ?1 AND t.list = list.id)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, trash.v);
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 3, span_of(store_user(store)));
	return stmt_run(stmt, err);
}

static int
delete_all(struct store *store, struct db *db, struct trash_id trash,
    const struct several *people, struct err *err)
{
	int64_t last, moved = 0;

	if (contact_last_id(db, &last, err) < 0)
		return -1;
	for (size_t i = 0; i < people->count; i++) {
		int got = trash_contact_in(db, trash, people->id[i], err);

		if (got < 0 ||
		    (got == 1 && contact_note_in(store, db, people->id[i],
				     EVENT_TRASHED, SPAN(""), err) < 0) ||
		    people_step(people, i + 1, err) < 0)
			return -1;
		moved += got;
	}
	if (moved == 0)
		return missing(err);
	if (contact_last_keep(db, last, err) < 0 ||
	    trash_touch_lists(store, db, trash, err) < 0)
		return -1;
	return log_number(store, db, "contact.delete", (struct list_id){0},
	    trash, moved, err);
}

int
people_delete(struct store *store, const struct several *people,
    struct trash_id *out, struct err *err)
{
	struct trash_new item = {.kind = TRASH_PEOPLE};
	struct trash_id trash;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_DELETE, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "contact", &db, err) < 0)
		return -1;
	if (trash_item_add(store, db, &item, &trash, err) == 0 &&
	    delete_all(store, db, trash, people, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	if (rc == 0 && out)
		*out = trash;
	return rc;
}

int
contact_delete(struct store *store, const struct contact_id *id, size_t count,
    struct trash_id *out, struct err *err)
{
	return people_delete(
	    store, &(struct several){.id = id, .count = count}, out, err);
}

/* ---- Members -------------------------------------------------------------- */

static int
remove_one(struct db *db, struct trash_id trash, struct list_id list,
    struct contact_id contact, struct err *err)
{
	static const char take[] =
	    "INSERT INTO trash_member SELECT ?1, m.* FROM member m"
	    " WHERE m.list = ?2 AND m.contact = ?3";
	struct stmt *stmt = db_stmt(db, take, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, trash.v);
	stmt_int(stmt, 2, list.v);
	stmt_int(stmt, 3, contact.v);
	if (stmt_run(stmt, err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return 0;
	return rows_run(db,
		   "DELETE FROM member WHERE list = ?1 AND contact = ?2",
		   list.v, contact.v, err) < 0
		   ? -1
		   : 1;
}

static int
remove_all(struct store *store, struct db *db, struct trash_id trash,
    struct list_id list, const struct several *people, struct err *err)
{
	int64_t moved = 0;

	for (size_t i = 0; i < people->count; i++) {
		int got = remove_one(db, trash, list, people->id[i], err);

		if (got < 0 || people_step(people, i + 1, err) < 0)
			return -1;
		moved += got;
	}
	if (moved == 0)
		return missing(err);
	if (list_touch(store, db, list, err) < 0)
		return -1;
	return log_number(
	    store, db, "list.members_remove", list, trash, moved, err);
}

int
people_leave(struct store *store, struct list_id list,
    const struct several *people, struct trash_id *out, struct err *err)
{
	struct trash_new item = {.kind = TRASH_MEMBERS, .list = list};
	struct trash_id trash;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "list", &db, err) < 0)
		return -1;
	if (list_need(db, list, err) == 0 &&
	    trash_item_add(store, db, &item, &trash, err) == 0 &&
	    remove_all(store, db, trash, list, people, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	if (rc == 0 && out)
		*out = trash;
	return rc;
}

int
member_remove(struct store *store, struct list_id list,
    const struct contact_id *id, size_t count, struct trash_id *out,
    struct err *err)
{
	return people_leave(
	    store, list, &(struct several){.id = id, .count = count}, out, err);
}

/* ---- Lists ---------------------------------------------------------------- */

static int
move_list(
    struct db *db, struct trash_id trash, struct list_id list, struct err *err)
{
	static const char *const move[] = {
	    "INSERT INTO trash_list SELECT ?1, l.* FROM list l"
	    " WHERE l.id = ?2",
	    "INSERT INTO trash_member SELECT ?1, m.* FROM member m"
	    " WHERE m.list = ?2",
	    "INSERT INTO trash_canary SELECT ?1, y.* FROM canary y"
	    " WHERE y.list = ?2",
	    "INSERT INTO trash_segment SELECT ?1, s.* FROM segment s"
	    " WHERE s.list = ?2",
	    NULL,
	};
	static const char *const drop[] = {
	    "DELETE FROM member WHERE list = ?1",
	    "DELETE FROM canary WHERE list = ?1",
	    "DELETE FROM segment WHERE list = ?1",
	    "DELETE FROM list WHERE id = ?1",
	    NULL,
	};

	return rows_run_all(db, move, trash.v, list.v, err) < 0
		   ? -1
		   : rows_run_all(db, drop, list.v, 0, err);
}

static int
count_members(
    struct db *db, struct trash_id trash, int64_t *out, struct err *err)
{
	return rows_number(db,
	    "SELECT count(*) FROM trash_member WHERE trash = ?1", trash.v, 0,
	    out, err);
}

int
trash_list_in(struct store *store, struct db *db, struct list_id list,
    struct trash_id *out, struct err *err)
{
	struct trash_new item = {.kind = TRASH_LIST, .list = list};
	int64_t members;

	if (list_need(db, list, err) < 0 ||
	    trash_item_add(store, db, &item, out, err) < 0 ||
	    move_list(db, *out, list, err) < 0 ||
	    count_members(db, *out, &members, err) < 0)
		return -1;
	return log_number(store, db, "list.delete", list, *out, members, err);
}

int
list_delete(struct store *store, struct list_id id, struct trash_id *out,
    struct err *err)
{
	struct trash_id trash;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_DELETE, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "list", &db, err) < 0)
		return -1;
	if (trash_list_in(store, db, id, &trash, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	if (rc == 0 && out)
		*out = trash;
	return rc;
}

/* ---- Looking -------------------------------------------------------------- */

static void
take_item(struct stmt *stmt, int64_t days, struct trash_item *out)
{
	*out = (struct trash_item){.id.v = stmt_col_int(stmt, 0),
	    .kind = (enum trash_kind)stmt_col_int(stmt, 1),
	    .at_ms = stmt_col_int(stmt, 2)};
	out->until_ms = out->at_ms + days * day_ms;
	text_cut(out->by, sizeof out->by, stmt_col_text(stmt, 3));
	text_cut(out->name, sizeof out->name, stmt_col_text(stmt, 4));
	out->people = stmt_col_int(stmt, 5);
	text_cut(out->first, sizeof out->first, stmt_col_text(stmt, 6));
}

int
trash_all(struct store *store, struct db *db, struct trash_item **out,
    size_t *count, struct err *err)
{
	static const char sql[] =
	    "SELECT t.id, t.kind, t.at_ms, t.by, t.name, CASE WHEN t.kind IN"
	    " (0, 2) THEN (SELECT count(*) FROM trash_member m"
	    " WHERE m.trash = t.id) ELSE (SELECT count(*) FROM trash_contact c"
	    " WHERE c.trash = t.id) END, coalesce((SELECT c.address FROM"
	    " trash_contact c WHERE c.trash = t.id LIMIT 1), '') FROM trash t"
	    " WHERE t.part_of = 0 ORDER BY t.id DESC";
	struct trash_item *all = NULL;
	struct stmt *stmt;
	int64_t days;
	size_t n = 0;
	int got = -1;

	if (rows_unmasked(store, db, err) < 0)
		return -1;
	days = setting_int(db, "trash.days", err);
	stmt = days < 0 ? NULL : db_stmt(db, sql, err);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		all = mem_more(all, n, sizeof *all);
		take_item(stmt, days, &all[n++]);
	}
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all ? all : mem_new(1);
	*count = n;
	return 0;
}

/* ---- For good ------------------------------------------------------------- */

/* What is left of people besides: what was noted about them. */
static const char *const forget[] = {
    "DELETE FROM contact_event WHERE contact IN (SELECT a.was"
    " FROM trash_contact c JOIN trash t ON t.id = c.trash"
    " JOIN contact_alias a ON a.contact = c.id WHERE t.at_ms < ?1"
    " AND t.kind = 1 AND t.part_of = 0)",
    "DELETE FROM contact_event WHERE contact IN (SELECT c.id"
    " FROM trash_contact c JOIN trash t ON t.id = c.trash WHERE t.at_ms < ?1"
    " AND t.kind = 1 AND t.part_of = 0)",
    "DELETE FROM contact_alias WHERE contact IN (SELECT c.id"
    " FROM trash_contact c JOIN trash t ON t.id = c.trash WHERE t.at_ms < ?1"
    " AND t.kind = 1 AND t.part_of = 0)",
    NULL,
};

#define OF_OLD " WHERE trash IN (SELECT id FROM trash WHERE at_ms < ?1)"

static const char *const purge[] = {
    "DELETE FROM list_view WHERE list IN (SELECT id FROM trash_list" OF_OLD ")",
    "DELETE FROM trash_list" OF_OLD,
    "DELETE FROM trash_member" OF_OLD,
    "DELETE FROM trash_canary" OF_OLD,
    "DELETE FROM trash_segment" OF_OLD,
    "DELETE FROM trash_contact" OF_OLD,
    "DELETE FROM trash_tag" OF_OLD,
    "DELETE FROM trash_certificate" OF_OLD,
    "DELETE FROM trash_stop" OF_OLD,
    "DELETE FROM trash WHERE at_ms < ?1",
    NULL,
};

static int
count_before(struct db *db, int64_t before_ms, int64_t *out, struct err *err)
{
	return rows_number(db,
	    "SELECT count(*) FROM trash WHERE at_ms < ?1 AND part_of = 0",
	    before_ms, 0, out, err);
}

static int64_t
purge_before(struct store *store, struct db *db, const char *what,
    int64_t before_ms, struct err *err)
{
	struct buf facts = BUF_INIT;
	int64_t count;
	int rc = -1;

	if (count_before(db, before_ms, &count, err) < 0)
		return -1;
	audit_fact_int(&facts, "items", count);
	if (consent_purge_in(store, db, before_ms, err) == 0 &&
	    rows_run_all(db, forget, before_ms, 0, err) == 0 &&
	    rows_run_all(db, purge, before_ms, 0, err) == 0)
		rc = trash_log(store, db, what, SPAN(""), &facts, err);
	buf_done(&facts);
	return rc < 0 ? -1 : count;
}

/* Looks before it takes the writer: most of the time there is nothing. */
static int
anything_old(struct store *store, int64_t *before_ms, struct err *err)
{
	struct db *db = NULL;
	int64_t days, count = 0;
	int rc = -1;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	days = setting_int(db, "trash.days", err);
	*before_ms = clock_now_ms(store_clock(store)) - days * day_ms;
	if (days > 0)
		rc = count_before(db, *before_ms, &count, err);
	store_reader_close(&db);
	return rc < 0 ? -1 : count > 0;
}

int64_t
trash_sweep(struct store *store, struct err *err)
{
	struct db *db = NULL;
	int64_t before_ms, count;
	int got = anything_old(store, &before_ms, err);

	if (got <= 0)
		return got;
	if (store_begin(store, STORE_WAIT_LONG, "trash", &db, err) < 0)
		return -1;
	count = purge_before(store, db, "trash.sweep", before_ms, err);
	if (count >= 0 && store_commit(store, &db, err) < 0)
		count = -1;
	store_rollback(store, &db);
	return count;
}

int64_t
trash_empty(struct store *store, struct err *err)
{
	struct db *db = NULL;
	int64_t count;

	if (person_require(store, NULL, MAY_LIST_DELETE, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "trash", &db, err) < 0)
		return -1;
	count = purge_before(store, db, "trash.empty", INT64_MAX, err);
	if (count >= 0 && store_commit(store, &db, err) < 0)
		count = -1;
	store_rollback(store, &db);
	return count;
}
