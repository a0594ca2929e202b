/* Tags by hand.  Giving and taking are one walk over the people meant: who is
 * as wanted already is passed over, everybody else counts as changed, and so do
 * the lists of whoever was. */
#include "core/contacts/tags.h"

#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/contacts/contacts.h"
#include "core/contacts/edit_rows.h"
#include "core/contacts/rows.h"

/* ---- Looking ---------------------------------------------------------------- */

int
tag_all(struct db *db, struct tag_use **out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT g.id, g.name, (SELECT count(*) FROM contact_tag t"
	    " WHERE t.tag = g.id) FROM tag g ORDER BY g.name, g.id",
	    err);
	struct tag_use *all = NULL;
	size_t n = 0;
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		all = mem_more(all, n, sizeof *all);
		all[n] = (struct tag_use){.id = stmt_col_int(stmt, 0),
		    .people = stmt_col_int(stmt, 2)};
		text_cut(
		    all[n].name, sizeof all[n].name, stmt_col_text(stmt, 1));
		n++;
	}
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all ? all : mem_new(1);
	*count = n;
	return 0;
}

int
tag_names(
    struct db *db, struct contact_id contact, struct buf *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT g.name FROM contact_tag t JOIN tag g ON g.id = t.tag"
	    " WHERE t.contact = ?1 ORDER BY g.name",
	    err);
	const char *comma = "";
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	for (; (got = stmt_step(stmt, err)) == 1; comma = ", ") {
		buf_text(out, comma);
		buf_add(out, stmt_col_text(stmt, 0));
	}
	return got;
}

const char *
tag_fault(struct span name)
{
	if (text_is_blank(name))
		return "empty";
	if (!utf8_is_valid(name))
		return "utf8";
	if (text_check_line(name) != TEXT_FINE)
		return "control";
	if (span_index(name, ',') < name.len)
		return "comma";
	return utf8_count(text_trim(name)) > CONTACT_TAG_MAX ? "length" : NULL;
}

/* ---- Which ------------------------------------------------------------------ */

static int
bad_name(const char *why, struct err *err)
{
	err_set(err, E_TAG_NAME);
	return err_fact(err, "why", span_of(why));
}

static int
missing(int64_t id, struct err *err)
{
	err_set(err, E_TAG_MISSING);
	return err_fact_int(err, "id", id);
}

/* 1 with the number of the tag with this name, 0, -1. */
static int
find_name(struct db *db, struct span name, int64_t *id, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT id FROM tag WHERE name = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, name);
	got = stmt_step(stmt, err);
	if (got == 1)
		*id = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got;
}

static int
need_id(struct db *db, int64_t id, struct err *err)
{
	int64_t there;

	if (rows_number(
		db, "SELECT 1 FROM tag WHERE id = ?1", id, 0, &there, err) < 0)
		return -1;
	return there ? 0 : missing(id, err);
}

static int
make_tag(struct db *db, struct span name, int64_t *id, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "INSERT INTO tag(name) VALUES(?1)", err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, name);
	if (stmt_run(stmt, err) < 0)
		return -1;
	*id = db_last_id(db);
	return 0;
}

enum unknown_tag { UNKNOWN_MAKE, UNKNOWN_FAIL };

static int
resolve(struct db *db, const struct tag_ref *tag, enum unknown_tag unknown,
    int64_t *id, struct err *err)
{
	struct span name = text_trim(tag->name);
	int got;

	*id = tag->id;
	if (tag->id)
		return need_id(db, tag->id, err);
	got = find_name(db, name, id, err);
	if (got != 0)
		return got < 0 ? -1 : 0;
	return unknown == UNKNOWN_FAIL ? missing(0, err)
				       : make_tag(db, name, id, err);
}

/* ---- Giving and taking ------------------------------------------------------ */

/* A walk under way. */
struct tagging {
	struct store *store;
	struct db *db;
	int64_t tag, now_ms;
	struct tag_done *done;
	size_t room;
	int64_t *list; /* owned; those with somebody who was changed */
	size_t lists;
};

static void
note_list(struct tagging *work, int64_t list)
{
	for (size_t i = 0; i < work->lists; i++) {
		if (work->list[i] == list)
			return;
	}
	work->list = mem_more(work->list, work->lists, sizeof *work->list);
	work->list[work->lists++] = list;
}

static int
note_lists(struct tagging *work, struct contact_id id, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    work->db, "SELECT list FROM member WHERE contact = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	while ((got = stmt_step(stmt, err)) == 1)
		note_list(work, stmt_col_int(stmt, 0));
	return got;
}

/* What follows from a tag given or taken: the contact is another one. */
static int
note_changed(struct tagging *work, struct contact_id id, struct err *err)
{
	struct tag_done *done = work->done;

	if (done->count == work->room) {
		work->room = work->room ? work->room * 2 : 64;
		done->id = mem_grow(done->id, work->room * sizeof *done->id);
	}
	done->id[done->count++] = id;
	if (rows_run(work->db,
		"UPDATE contact SET changed_ms = max(?2, changed_ms + 1)"
		" WHERE id = ?1",
		id.v, work->now_ms, err) < 0 ||
	    contact_note_in(
		work->store, work->db, id, EVENT_EDITED, SPAN("tags"), err) < 0)
		return -1;
	return note_lists(work, id, err);
}

static int
check_room(struct tagging *work, struct contact_id id, struct err *err)
{
	int64_t count;

	if (rows_number(work->db,
		"SELECT count(*) FROM contact_tag WHERE contact = ?1", id.v, 0,
		&count, err) < 0)
		return -1;
	return count > CONTACT_TAGS_MAX ? edit_bad(SPAN("tags"), "count", err)
					: 0;
}

static int
give_one(struct tagging *work, struct contact_id id, struct err *err)
{
	if (rows_run(work->db,
		"INSERT OR IGNORE INTO contact_tag(contact, tag)"
		" SELECT id, ?2 FROM contact WHERE id = ?1 AND canon <> ''",
		id.v, work->tag, err) < 0)
		return -1;
	if (db_changes(work->db) == 0)
		return 0;
	return check_room(work, id, err) < 0 ? -1 : note_changed(work, id, err);
}

static int
take_one(struct tagging *work, struct contact_id id, struct err *err)
{
	if (rows_run(work->db,
		"DELETE FROM contact_tag WHERE contact = ?1 AND tag = ?2", id.v,
		work->tag, err) < 0)
		return -1;
	return db_changes(work->db) == 0 ? 0 : note_changed(work, id, err);
}

static int
touch_lists(struct tagging *work, struct err *err)
{
	for (size_t i = 0; i < work->lists; i++) {
		if (list_touch(work->store, work->db,
			(struct list_id){work->list[i]}, err) < 0)
			return -1;
	}
	return 0;
}

static int
log_tag(struct store *store, struct db *db, const char *what, int64_t tag,
    int64_t people, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	buf_printf(&object, "tag %lld", (long long)tag);
	audit_fact_int(&facts, "people", people);
	rc = audit_add_in(store, db,
	    &(struct audit_event){what, buf_span(&object), buf_span(&facts)},
	    err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

typedef int tag_step(
    struct tagging *work, struct contact_id id, struct err *err);

static int
walk(struct tagging *work, const struct several *people, tag_step *step,
    struct err *err)
{
	for (size_t i = 0; i < people->count; i++) {
		if (step(work, people->id[i], err) < 0 ||
		    people_step(people, i + 1, err) < 0)
			return -1;
	}
	return touch_lists(work, err);
}

/* What giving and taking have in common. */
struct tag_way {
	const char *what; /* in the log */
	enum unknown_tag unknown;
	tag_step *step;
};

static int
change(struct store *store, const struct tag_ref *tag,
    const struct several *people, const struct tag_way *way,
    struct tag_done *done, struct err *err)
{
	struct tagging work = {.store = store, .done = done};
	const char *why = tag->id ? NULL : tag_fault(tag->name);
	int rc = -1;

	tag_done_free(done);
	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		return -1;
	if (why)
		return bad_name(why, err);
	if (store_begin(store, STORE_WAIT_LONG, "tag", &work.db, err) < 0)
		return -1;
	work.now_ms = clock_now_ms(store_clock(store));
	if (resolve(work.db, tag, way->unknown, &work.tag, err) == 0 &&
	    walk(&work, people, way->step, err) == 0 &&
	    log_tag(store, work.db, way->what, work.tag, (int64_t)done->count,
		err) == 0)
		rc = store_commit(store, &work.db, err);
	store_rollback(store, &work.db);
	free(work.list);
	done->tag = work.tag;
	if (rc < 0)
		tag_done_free(done);
	return rc;
}

int
tag_give(struct store *store, const struct tag_ref *tag,
    const struct several *people, struct tag_done *done, struct err *err)
{
	static const struct tag_way way = {"tag.give", UNKNOWN_MAKE, give_one};

	return change(store, tag, people, &way, done, err);
}

int
tag_take(struct store *store, const struct tag_ref *tag,
    const struct several *people, struct tag_done *done, struct err *err)
{
	static const struct tag_way way = {"tag.take", UNKNOWN_FAIL, take_one};

	return change(store, tag, people, &way, done, err);
}

void
tag_done_free(struct tag_done *done)
{
	free(done->id);
	*done = (struct tag_done){.tag = 0};
}

/* ---- Tags themselves -------------------------------------------------------- */

/* True when a filter asks for the tag, by its name or number. */
static bool
asks_for(struct span text, int64_t id, struct span name)
{
	struct filter *filter = NULL;
	int64_t number;
	bool asks = false;

	if (filter_parse(text, 0, &filter, NULL) < 0)
		return false;
	for (size_t i = 0; i < filter->count && !asks; i++) {
		const struct filter_term *term = &filter->term[i];

		if (term->subject != FILTER_TAG || term->op == MATCH_HAS)
			continue;
		asks = match_same(name, term->a) ||
		       (span_int(term->a, &number) && number == id);
	}
	filter_free(&filter);
	return asks;
}

static int
used(struct span segment, struct err *err)
{
	err_set(err, E_TAG_USED);
	return err_fact(err, "segment", segment);
}

/* 0 when no segment asks for the tag; E_TAG_USED. */
static int
check_segments(struct db *db, int64_t id, struct span name, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT name, filter FROM segment ORDER BY name", err);
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		if (!asks_for(stmt_col_text(stmt, 1), id, name))
			continue;
		got = used(stmt_col_text(stmt, 0), err);
		stmt_reset(stmt);
		break;
	}
	return got;
}

/* Whether a tag that is there may go or be called otherwise. */
static int
check_free(struct db *db, int64_t id, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT name FROM tag WHERE id = ?1", err);
	struct buf name = BUF_INIT;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1)
		buf_add(&name, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	if (got == 1)
		got = check_segments(db, id, buf_span(&name), err);
	else if (got == 0)
		got = missing(id, err);
	buf_done(&name);
	return got;
}

static int
rename_in(struct db *db, int64_t id, struct span name, struct err *err)
{
	struct stmt *stmt;
	int64_t other;
	int got;

	if (check_free(db, id, err) < 0)
		return -1;
	got = find_name(db, name, &other, err);
	if (got < 0 || (got == 1 && other != id))
		return got < 0 ? -1 : bad_name("taken", err);
	stmt = db_stmt(db, "UPDATE tag SET name = ?2 WHERE id = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_text(stmt, 2, name);
	return stmt_run(stmt, err);
}

static int
count_people(struct db *db, int64_t id, int64_t *out, struct err *err)
{
	return rows_number(db,
	    "SELECT count(*) FROM contact_tag WHERE tag = ?1", id, 0, out, err);
}

int
tag_rename(struct store *store, int64_t id, struct span name, struct err *err)
{
	const char *why = tag_fault(name);
	struct db *db = NULL;
	int64_t people;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		return -1;
	if (why)
		return bad_name(why, err);
	if (store_begin(store, STORE_WAIT_SHORT, "tag", &db, err) < 0)
		return -1;
	if (rename_in(db, id, text_trim(name), err) == 0 &&
	    count_people(db, id, &people, err) == 0 &&
	    log_tag(store, db, "tag.rename", id, people, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

static int
delete_in(struct store *store, struct db *db, int64_t id, struct err *err)
{
	static const char touch[] =
	    "UPDATE list SET revision = revision + 1, changed_ms = ?2,"
	    " changed_by = ?3 WHERE EXISTS (SELECT 1 FROM contact_tag t"
	    " JOIN member m ON m.contact = t.contact WHERE t.tag = ?1"
	    " AND m.list = list.id)";
	static const char *const drop[] = {
	    "DELETE FROM contact_tag WHERE tag = ?1",
	    "DELETE FROM import_tag WHERE tag = ?1",
	    "DELETE FROM trash_tag WHERE tag = ?1",
	    "DELETE FROM tag WHERE id = ?1",
	    NULL,
	};
	struct stmt *stmt = db_stmt(db, touch, err);
	int64_t people;

	if (!stmt || check_free(db, id, err) < 0 ||
	    count_people(db, id, &people, err) < 0)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 3, span_of(store_user(store)));
	if (stmt_run(stmt, err) < 0 || rows_run_all(db, drop, id, 0, err) < 0)
		return -1;
	return log_tag(store, db, "tag.delete", id, people, err);
}

int
tag_delete(struct store *store, int64_t id, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_DELETE, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "tag", &db, err) < 0)
		return -1;
	if (delete_in(store, db, id, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}
