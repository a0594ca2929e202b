/* Changing a contact by hand.  The draft is the whole contact: what is not in it
 * goes.  It is compared with the store as it is now, and refused when that is
 * not what the draft was made from. */
#include "core/contacts/edit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/json.h"
#include "core/contacts/contacts.h"
#include "core/contacts/edit_rows.h"
#include "core/contacts/rows.h"
#include "core/contacts/timeline.h"
#include "core/mail/address.h"

/* ---- Reading --------------------------------------------------------------- */

static void
read_fields(struct span fields, struct arena *arena, struct contact_draft *out)
{
	struct buf name = BUF_INIT, value = BUF_INIT;
	size_t count = 0;

	while (field_at(fields, count, &name, &value, NULL) == 1)
		count++;
	out->field = arena_take(arena, (count + 1) * sizeof *out->field);
	for (out->fields = 0; out->fields < count; out->fields++) {
		if (field_at(fields, out->fields, &name, &value, NULL) != 1)
			break;
		out->field[out->fields] =
		    (struct contact_value){arena_copy(arena, buf_span(&name)),
			arena_copy(arena, buf_span(&value))};
	}
	buf_done(&name);
	buf_done(&value);
}

static int
read_tags(struct db *db, struct arena *arena, struct contact_draft *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT g.name FROM contact_tag t JOIN tag g ON g.id = t.tag"
	    " WHERE t.contact = ?1 ORDER BY g.name",
	    err);
	struct span *tag = NULL;
	size_t count = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, out->id.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		tag = mem_more(tag, count, sizeof *tag);
		tag[count++] = arena_copy(arena, stmt_col_text(stmt, 0));
	}
	out->tag = arena_take(arena, (count + 1) * sizeof *tag);
	if (count)
		memcpy(out->tag, tag, count * sizeof *tag);
	out->tags = count;
	free(tag);
	return got;
}

int
contact_read(struct db *db, struct contact_id id, struct arena *arena,
    struct contact_draft *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT address, name, fields, changed_ms FROM contact"
	    " WHERE id = ?1 AND canon <> ''",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		*out = (struct contact_draft){.id = id,
		    .address = arena_copy(arena, stmt_col_text(stmt, 0)),
		    .name = arena_copy(arena, stmt_col_text(stmt, 1)),
		    .changed_ms = stmt_col_int(stmt, 3)};
		read_fields(stmt_col_text(stmt, 2), arena, out);
	}
	stmt_reset(stmt);
	if (got == 0)
		return err_set(err, E_CONTACT_MISSING);
	return got < 0 ? -1 : read_tags(db, arena, out, err);
}

/* ---- Comparing ------------------------------------------------------------- */

/* A change under way. */
struct edit {
	struct store *store;
	struct db *db;
	const struct contact_draft *draft;
	struct address address; /* of the draft */
	struct arena *arena;
	struct buf canon, was, name, fields; /* as they are in the store */
	struct buf now;                      /* fields to store */
	struct buf changed;                  /* names of what changed */
};

static void
note_change(struct edit *edit, struct span name)
{
	if (edit->changed.len)
		buf_text(&edit->changed, ", ");
	buf_add(&edit->changed, name);
}

/* Adds one field to what will be stored: as it was when it reads the same. */
static void
put_field(struct edit *edit, const struct contact_value *field)
{
	struct buf shown = BUF_INIT;
	enum json_type type;
	struct span old;
	bool known =
	    json_find(buf_span(&edit->fields), field->name, &type, &old) == 1;

	if (known)
		json_show(type, old, &shown);
	if (edit->now.len > 1)
		buf_char(&edit->now, ',');
	json_quote(&edit->now, field->name);
	buf_char(&edit->now, ':');
	if (known && span_equal(buf_span(&shown), field->value)) {
		json_copy(type, old, &edit->now);
	} else {
		json_quote(&edit->now, field->value);
		note_change(edit, field->name);
	}
	buf_done(&shown);
}

static bool
draft_has(const struct contact_draft *draft, struct span key)
{
	for (size_t i = 0; i < draft->fields; i++) {
		if (json_is(key, draft->field[i].name))
			return true;
	}
	return false;
}

static void
put_fields(struct edit *edit)
{
	struct json_walk walk;
	struct span key, value;
	struct buf plain = BUF_INIT;

	buf_char(&edit->now, '{');
	for (size_t i = 0; i < edit->draft->fields; i++)
		put_field(edit, &edit->draft->field[i]);
	buf_char(&edit->now, '}');
	json_begin(&walk, buf_span(&edit->fields));
	while (json_next(&walk, &key, &value) == 1) {
		if (draft_has(edit->draft, key))
			continue;
		buf_clear(&plain);
		json_unescape(key, &plain);
		note_change(edit, buf_span(&plain));
	}
	buf_done(&plain);
}

static int
conflict(const struct edit *edit, struct err *err)
{
	err_set(err, E_CONTACT_CONFLICT);
	return err_fact_int(err, "id", edit->draft->id.v);
}

static int
read_stored(struct edit *edit, struct err *err)
{
	struct stmt *stmt = db_stmt(edit->db,
	    "SELECT canon, address, name, fields, changed_ms FROM contact"
	    " WHERE id = ?1 AND canon <> ''",
	    err);
	int64_t changed_ms = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, edit->draft->id.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		buf_add(&edit->canon, stmt_col_text(stmt, 0));
		buf_add(&edit->was, stmt_col_text(stmt, 1));
		buf_add(&edit->name, stmt_col_text(stmt, 2));
		buf_add(&edit->fields, stmt_col_text(stmt, 3));
		changed_ms = stmt_col_int(stmt, 4);
	}
	stmt_reset(stmt);
	if (got == 0)
		return err_set(err, E_CONTACT_MISSING);
	if (got == 1 && changed_ms != edit->draft->changed_ms)
		return conflict(edit, err);
	return got < 0 ? -1 : 0;
}

/* ---- Tags ------------------------------------------------------------------- */

static int
add_tag(struct db *db, struct contact_id id, struct span tag, struct err *err)
{
	struct stmt *make =
	    db_stmt(db, "INSERT OR IGNORE INTO tag(name) VALUES(?1)", err);
	struct stmt *mark = db_stmt(db,
	    "INSERT OR IGNORE INTO contact_tag(contact, tag)"
	    " SELECT ?1, id FROM tag WHERE name = ?2",
	    err);

	if (!make || !mark)
		return -1;
	stmt_text(make, 1, tag);
	if (stmt_run(make, err) < 0)
		return -1;
	stmt_int(mark, 1, id.v);
	stmt_text(mark, 2, tag);
	return stmt_run(mark, err);
}

static bool
has_tag(const struct contact_draft *draft, struct span tag)
{
	for (size_t i = 0; i < draft->tags; i++) {
		if (span_equal(span_trim(draft->tag[i]), tag))
			return true;
	}
	return false;
}

static int
store_tags(struct edit *edit, struct err *err)
{
	const struct contact_draft *draft = edit->draft;
	struct contact_draft now = {.id = draft->id};
	bool changed = false;

	if (read_tags(edit->db, edit->arena, &now, err) < 0)
		return -1;
	for (size_t i = 0; i < draft->tags; i++) {
		struct span tag = span_trim(draft->tag[i]);

		if (has_tag(&now, tag))
			continue;
		changed = true;
		if (add_tag(edit->db, draft->id, tag, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < now.tags; i++) {
		struct stmt *stmt;

		if (has_tag(draft, now.tag[i]))
			continue;
		changed = true;
		stmt = db_stmt(edit->db,
		    "DELETE FROM contact_tag WHERE contact = ?1 AND tag ="
		    " (SELECT id FROM tag WHERE name = ?2)",
		    err);
		if (!stmt)
			return -1;
		stmt_int(stmt, 1, draft->id.v);
		stmt_text(stmt, 2, now.tag[i]);
		if (stmt_run(stmt, err) < 0)
			return -1;
	}
	if (changed)
		note_change(edit, SPAN("tags"));
	return 0;
}

/* ---- Storing ---------------------------------------------------------------- */

/* 1 when somebody has the address, with the id in *id; 0, -1. */
static int
find_canon(struct db *db, struct span canon, int64_t *id, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT id FROM contact WHERE canon = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, canon);
	got = stmt_step(stmt, err);
	if (got == 1)
		*id = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got;
}

static int
taken(int64_t id, struct err *err)
{
	err_set(err, E_CONTACT_TAKEN);
	return err_fact_int(err, "id", id);
}

/* The old address stays known: in the timeline, and for mail sent to it. */
static int
move_address(struct edit *edit, struct err *err)
{
	struct contact_id id = edit->draft->id;
	int64_t other = 0;
	int got = find_canon(edit->db, edit->address.canon, &other, err);

	if (got < 0)
		return -1;
	if (got == 1)
		return taken(other, err);
	if (stops_follow_in(edit->store, edit->db, (struct trash_id){0},
		buf_span(&edit->canon), edit->address.canon, err) < 0 ||
	    contact_alias_in(edit->db, id, id, buf_span(&edit->canon), err) <
		0 ||
	    contact_note_in(edit->store, edit->db, id, EVENT_ADDRESS,
		buf_span(&edit->was), err) < 0 ||
	    rows_run(edit->db,
		"DELETE FROM contact_certificate WHERE contact = ?1", id.v, 0,
		err) < 0)
		return -1;
	return 0;
}

static int
check_address(struct edit *edit, struct err *err)
{
	if (!span_equal(edit->address.canon, buf_span(&edit->canon)) &&
	    move_address(edit, err) < 0)
		return -1;
	if (!span_equal(edit->address.address, buf_span(&edit->was)))
		note_change(edit, SPAN("address"));
	return 0;
}

static int
update(struct edit *edit, struct err *err)
{
	struct stmt *stmt = db_stmt(edit->db,
	    "UPDATE contact SET address = ?2, canon = ?3, name = ?4,"
	    " fields = ?5, quirk = ?6, changed_ms = max(?7, changed_ms + 1)"
	    " WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, edit->draft->id.v);
	stmt_text(stmt, 2, edit->address.address);
	stmt_text(stmt, 3, edit->address.canon);
	stmt_text(stmt, 4, edit->draft->name);
	stmt_text(stmt, 5, buf_span(&edit->now));
	stmt_int(stmt, 6, edit->address.quirk);
	stmt_int(stmt, 7, clock_now_ms(store_clock(edit->store)));
	return stmt_run(stmt, err);
}

static int
touch_lists(struct edit *edit, struct err *err)
{
	struct stmt *stmt = db_stmt(edit->db,
	    "UPDATE list SET revision = revision + 1, changed_ms = ?2,"
	    " changed_by = ?3 WHERE id IN (SELECT m.list FROM member m"
	    " WHERE m.contact = ?1)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, edit->draft->id.v);
	stmt_int(stmt, 2, clock_now_ms(store_clock(edit->store)));
	stmt_text(stmt, 3, span_of(store_user(edit->store)));
	return stmt_run(stmt, err);
}

static int
log_edit(struct store *store, struct db *db, const char *what,
    struct contact_id id, const char *fact, struct span value, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	buf_printf(&object, "contact %lld", (long long)id.v);
	if (fact)
		audit_fact(&facts, fact, value);
	rc = audit_add_in(store, db,
	    &(struct audit_event){what, buf_span(&object), buf_span(&facts)},
	    err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

/* 1 stored, 0 all is as it was, -1. */
static int
save_in(struct edit *edit, struct err *err)
{
	const struct contact_draft *draft = edit->draft;

	if (read_stored(edit, err) < 0 || check_address(edit, err) < 0)
		return -1;
	if (!span_equal(draft->name, buf_span(&edit->name)))
		note_change(edit, SPAN("name"));
	put_fields(edit);
	if (store_tags(edit, err) < 0)
		return -1;
	if (edit->changed.len == 0)
		return 0;
	if (update(edit, err) < 0 || touch_lists(edit, err) < 0 ||
	    contact_note_in(edit->store, edit->db, draft->id, EVENT_EDITED,
		buf_span(&edit->changed), err) < 0 ||
	    log_edit(edit->store, edit->db, "contact.edit", draft->id,
		"changed", buf_span(&edit->changed), err) < 0)
		return -1;
	return 1;
}

static void
edit_done(struct edit *edit)
{
	arena_free(&edit->arena);
	buf_done(&edit->canon);
	buf_done(&edit->was);
	buf_done(&edit->name);
	buf_done(&edit->fields);
	buf_done(&edit->now);
	buf_done(&edit->changed);
}

int
contact_save(
    struct store *store, const struct contact_draft *draft, struct err *err)
{
	struct edit edit = {.store = store, .draft = draft};
	int rc = -1, got;

	edit.arena = arena_new();
	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    address_parse(draft->address, edit.arena, &edit.address, err) < 0 ||
	    edit_check(draft, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "contact", &edit.db, err) < 0)
		goto out;
	got = rows_unmasked(store, edit.db, err);
	if (got == 0)
		got = save_in(&edit, err);
	if (got == 1)
		rc = store_commit(store, &edit.db, err);
	else
		rc = got;
out:
	store_rollback(store, &edit.db);
	edit_done(&edit);
	return rc;
}

/* ---- By hand ----------------------------------------------------------------- */

static int
insert_contact(struct edit *edit, struct contact_id *id, struct err *err)
{
	struct stmt *stmt = db_stmt(edit->db,
	    "INSERT INTO contact(address, canon, name, fields, quirk,"
	    " created_ms, changed_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6)",
	    err);

	if (!stmt)
		return -1;
	put_fields(edit);
	stmt_text(stmt, 1, edit->address.address);
	stmt_text(stmt, 2, edit->address.canon);
	stmt_text(stmt, 3, edit->draft->name);
	stmt_text(stmt, 4, buf_span(&edit->now));
	stmt_int(stmt, 5, edit->address.quirk);
	stmt_int(stmt, 6, clock_now_ms(store_clock(edit->store)));
	if (stmt_run(stmt, err) < 0)
		return -1;
	id->v = db_last_id(edit->db);
	for (size_t i = 0; i < edit->draft->tags; i++) {
		if (add_tag(
			edit->db, *id, span_trim(edit->draft->tag[i]), err) < 0)
			return -1;
	}
	return contact_note_in(
	    edit->store, edit->db, *id, EVENT_MADE, SPAN(""), err);
}

/* E_CONTACT_TAKEN when it is on the list. */
static int
insert_member(struct edit *edit, struct list_id list, struct contact_id id,
    const struct contact_ground *ground, struct err *err)
{
	struct stmt *stmt = db_stmt(edit->db,
	    "INSERT OR IGNORE INTO member(list, contact, basis, basis_at_ms,"
	    " basis_note) VALUES(?1, ?2, ?3, ?4, ?5)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	stmt_int(stmt, 2, id.v);
	stmt_int(stmt, 3, ground->basis);
	stmt_int(stmt, 4, ground->at_ms);
	stmt_text(stmt, 5, ground->note);
	if (stmt_run(stmt, err) < 0)
		return -1;
	return db_changes(edit->db) ? 0 : taken(id.v, err);
}

static int
create_in(struct edit *edit, struct list_id list,
    const struct contact_ground *ground, struct contact_id *id, struct err *err)
{
	char facts[64];
	int got;

	if (list_need(edit->db, list, err) < 0)
		return -1;
	got = find_canon(edit->db, edit->address.canon, &id->v, err);
	if (got < 0 || (got == 0 && insert_contact(edit, id, err) < 0) ||
	    insert_member(edit, list, *id, ground, err) < 0 ||
	    suppress_adopt(edit->store, edit->db, edit->address.canon, err) <
		0 ||
	    list_touch(edit->store, edit->db, list, err) < 0)
		return -1;
	snprintf(facts, sizeof facts, "%lld", (long long)list.v);
	return log_edit(edit->store, edit->db,
	    got ? "contact.join" : "contact.create", *id, "list",
	    span_of(facts), err);
}

int
contact_create(struct store *store, struct list_id list,
    const struct contact_draft *draft, const struct contact_ground *ground,
    struct contact_id *out, struct err *err)
{
	struct edit edit = {.store = store, .draft = draft};
	struct contact_id id = {0};
	int rc = -1;

	edit.arena = arena_new();
	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    address_parse(draft->address, edit.arena, &edit.address, err) < 0 ||
	    edit_check(draft, err) < 0 || edit_check_ground(ground, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "contact", &edit.db, err) < 0)
		goto out;
	if (rows_unmasked(store, edit.db, err) == 0 &&
	    create_in(&edit, list, ground, &id, err) == 0)
		rc = store_commit(store, &edit.db, err);
	if (rc == 0 && out)
		*out = id;
out:
	store_rollback(store, &edit.db);
	edit_done(&edit);
	return rc;
}

int
contact_remark(struct store *store, struct contact_id id, struct span remark,
    struct err *err)
{
	struct db *db = NULL;
	int64_t there = 0;
	int rc = -1;

	remark = span_trim(remark);
	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    edit_check_remark(remark, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "contact", &db, err) < 0)
		return -1;
	if (rows_unmasked(store, db, err) < 0 ||
	    rows_number(db,
		"SELECT 1 FROM contact WHERE id = ?1 AND canon <> ''", id.v, 0,
		&there, err) < 0)
		goto out;
	if (!there) {
		err_set(err, E_CONTACT_MISSING);
		goto out;
	}
	if (contact_note_in(store, db, id, EVENT_REMARK, remark, err) == 0 &&
	    log_edit(store, db, "contact.remark", id, NULL, SPAN(""), err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	return rc;
}
