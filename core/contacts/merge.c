/* Merging.  Before anything is changed the one who stays is copied to the trash
 * as well, as a part of the item of the one who goes: undoing takes away what
 * was gained and puts back what was replaced, whatever the rules here say by
 * then. */
#include "core/contacts/merge.h"

#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/json.h"
#include "core/contacts/consent_rows.h"
#include "core/contacts/contacts.h"
#include "core/contacts/edit_rows.h"
#include "core/contacts/evidence_rank.h"
#include "core/contacts/rows.h"
#include "core/contacts/timeline.h"
#include "core/contacts/trash_rows.h"

/* ---- Reading --------------------------------------------------------------- */

struct side {
	struct span name, fields;
};

static int
read_side(struct db *db, struct merge *merge, enum merge_side which,
    struct side *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT address, name, fields, changed_ms FROM contact"
	    " WHERE id = ?1 AND canon <> ''",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, merge->id[which].v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		merge->address[which] =
		    arena_copy(merge->arena, stmt_col_text(stmt, 0));
		out->name = arena_copy(merge->arena, stmt_col_text(stmt, 1));
		out->fields = arena_copy(merge->arena, stmt_col_text(stmt, 2));
		merge->changed_ms[which] = stmt_col_int(stmt, 3);
	}
	stmt_reset(stmt);
	if (got == 0)
		return err_set(err, E_CONTACT_MISSING);
	return got < 0 ? -1 : 0;
}

static struct merge_value *
value_of(struct merge *merge, struct span field)
{
	for (size_t i = 0; i < merge->count; i++) {
		if (span_equal(merge->value[i].field, field))
			return &merge->value[i];
	}
	merge->value =
	    mem_more(merge->value, merge->count, sizeof *merge->value);
	merge->value[merge->count] =
	    (struct merge_value){.field = arena_copy(merge->arena, field)};
	return &merge->value[merge->count++];
}

static void
take_fields(struct merge *merge, enum merge_side which, struct span fields)
{
	struct buf name = BUF_INIT, value = BUF_INIT;

	for (size_t i = 0; field_at(fields, i, &name, &value, NULL) == 1; i++)
		value_of(merge, buf_span(&name))->value[which] =
		    arena_copy(merge->arena, buf_span(&value));
	buf_done(&name);
	buf_done(&value);
}

static void
choose(struct merge *merge)
{
	enum merge_side newer =
	    merge->changed_ms[MERGE_GOES] > merge->changed_ms[MERGE_STAYS]
		? MERGE_GOES
		: MERGE_STAYS;

	for (size_t i = 0; i < merge->count; i++) {
		struct merge_value *value = &merge->value[i];

		value->chosen = newer;
		if (value->value[newer].len == 0)
			value->chosen =
			    newer == MERGE_GOES ? MERGE_STAYS : MERGE_GOES;
	}
}

int
merge_open(struct db *db, struct contact_id stays, struct contact_id goes,
    struct merge *out, struct err *err)
{
	struct side side[2] = {0};

	merge_done(out);
	if (stays.v == goes.v)
		return err_set(err, E_CONTACT_SAME);
	out->arena = arena_new();
	out->id[MERGE_STAYS] = stays;
	out->id[MERGE_GOES] = goes;
	for (int i = 0; i < 2; i++) {
		if (read_side(db, out, (enum merge_side)i, &side[i], err) < 0)
			return -1;
	}
	for (int i = 0; i < 2; i++) {
		if (side[i].name.len)
			value_of(out, SPAN(""))->value[i] = side[i].name;
	}
	for (int i = 0; i < 2; i++)
		take_fields(out, (enum merge_side)i, side[i].fields);
	choose(out);
	return 0;
}

void
merge_done(struct merge *merge)
{
	arena_free(&merge->arena);
	free(merge->value);
	*merge = (struct merge){.arena = NULL};
}

/* ---- Values ---------------------------------------------------------------- */

static void
make_values(const struct merge *merge, const struct side *side,
    struct span *name, struct buf *fields)
{
	enum json_type type;
	struct span value;
	const char *comma = "";

	*name = SPAN("");
	buf_char(fields, '{');
	for (size_t i = 0; i < merge->count; i++) {
		const struct merge_value *it = &merge->value[i];

		if (it->field.len == 0) {
			*name = side[it->chosen].name;
			continue;
		}
		if (json_find(
			side[it->chosen].fields, it->field, &type, &value) != 1)
			continue;
		buf_text(fields, comma);
		json_quote(fields, it->field);
		buf_char(fields, ':');
		json_copy(type, value, fields);
		comma = ",";
	}
	buf_char(fields, '}');
}

static int
store_values(struct store *store, struct db *db, const struct merge *merge,
    const struct side *side, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE contact SET name = ?2, fields = ?3, changed_ms = ?4"
	    " WHERE id = ?1",
	    err);
	struct buf fields = BUF_INIT;
	struct span name;
	int rc = -1;

	if (!stmt)
		return -1;
	make_values(merge, side, &name, &fields);
	stmt_int(stmt, 1, merge->id[MERGE_STAYS].v);
	stmt_text(stmt, 2, name);
	stmt_text(stmt, 3, buf_span(&fields));
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)));
	rc = stmt_run(stmt, err);
	buf_done(&fields);
	return rc;
}

/* ---- Stops ------------------------------------------------------------------ */

static int
canon_of(struct db *db, struct contact_id id, struct buf *out, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT canon FROM contact WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		buf_add(out, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

/* The stricter of both wins. */
static int
join_stops(struct store *store, struct db *db, const struct merge *merge,
    struct trash_id trash, struct err *err)
{
	struct buf stays = BUF_INIT, goes = BUF_INIT;
	int rc = -1;

	if (canon_of(db, merge->id[MERGE_STAYS], &stays, err) == 0 &&
	    canon_of(db, merge->id[MERGE_GOES], &goes, err) == 0 &&
	    stops_follow_in(
		store, db, trash, buf_span(&goes), buf_span(&stays), err) == 0)
		rc = contact_alias_in(db, merge->id[MERGE_STAYS],
		    merge->id[MERGE_GOES], buf_span(&goes), err);
	buf_done(&stays);
	buf_done(&goes);
	return rc;
}

/* ---- Merging ----------------------------------------------------------------- */

/* Both as they were read. */
static int
check_unchanged(struct db *db, const struct merge *merge, struct side *side,
    struct merge *now, struct err *err)
{
	now->arena = arena_new();
	for (int i = 0; i < 2; i++) {
		now->id[i] = merge->id[i];
		if (read_side(db, now, (enum merge_side)i, &side[i], err) < 0)
			return -1;
		if (now->changed_ms[i] != merge->changed_ms[i]) {
			err_set(err, E_CONTACT_CONFLICT);
			return err_fact_int(err, "id", merge->id[i].v);
		}
	}
	return 0;
}

/* ?1: the item of the copy, ?2: who stays. */
static const char *const copies[] = {
    "INSERT INTO trash_contact SELECT ?1, c.* FROM contact c WHERE c.id = ?2",
    "INSERT INTO trash_member SELECT ?1, m.* FROM member m"
    " WHERE m.contact = ?2",
    "INSERT INTO trash_tag SELECT ?1, t.* FROM contact_tag t"
    " WHERE t.contact = ?2",
    NULL,
};

/* ?1: who stays, ?2: who goes. */
static const char *const joins[] = {
    "INSERT INTO member SELECT m.list, ?1, m.basis, m.basis_at_ms,"
    " m.basis_note, m.import, m.how, m.wording, m.ip, m.paper,"
    " m.confirmed_ms FROM member m WHERE m.contact = ?2" EVIDENCE_BETTER,
    "INSERT OR IGNORE INTO contact_tag SELECT ?1, t.tag FROM contact_tag t"
    " WHERE t.contact = ?2",
    "INSERT OR IGNORE INTO contact_alias SELECT ?1, a.was, a.canon"
    " FROM contact_alias a WHERE a.contact = ?2",
    NULL,
};

/* Lists of both where the evidence of who goes is the better one: what is
 * replaced goes into the history.  An array that the caller frees. */
static int
lists_to_replace(struct db *db, const struct merge *merge, int64_t **list,
    size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT m.list FROM member m JOIN member o ON o.list = m.list"
	    " AND o.contact = ?2 WHERE m.contact = ?1 AND m.basis <> 0"
	    " AND " EVIDENCE_RANK("o.") " > " EVIDENCE_RANK("m."),
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, merge->id[MERGE_STAYS].v);
	stmt_int(stmt, 2, merge->id[MERGE_GOES].v);
	while ((got = stmt_step(stmt, err)) == 1) {
		*list = mem_more(*list, *count, sizeof **list);
		(*list)[(*count)++] = stmt_col_int(stmt, 0);
	}
	return got;
}

static int
keep_evidence(struct store *store, struct db *db, const struct merge *merge,
    struct err *err)
{
	int64_t *list = NULL;
	size_t count = 0;
	int rc = lists_to_replace(db, merge, &list, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = consent_keep_in(store, db,
		    &(struct consent_keeping){.list.v = list[i],
			.contact = merge->id[MERGE_STAYS],
			.what = CONSENT_REPLACED},
		    err);
	free(list);
	return rc < 0 ? -1 : 0;
}

static int
add_items(struct store *store, struct db *db, const struct merge *merge,
    struct trash_id *goes, struct trash_id *before, struct err *err)
{
	struct trash_new item = {.kind = TRASH_MERGE,
	    .contact = merge->id[MERGE_STAYS],
	    .stamp_ms = clock_now_ms(store_clock(store))};

	if (trash_item_add(store, db, &item, goes, err) < 0)
		return -1;
	item.part_of = *goes;
	return trash_item_add(store, db, &item, before, err);
}

static int
log_merge(struct store *store, struct db *db, const struct merge *merge,
    struct trash_id trash, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	buf_printf(
	    &object, "contact %lld", (long long)merge->id[MERGE_STAYS].v);
	audit_fact_int(&facts, "goes", merge->id[MERGE_GOES].v);
	audit_fact_int(&facts, "trash", trash.v);
	rc = trash_log(
	    store, db, "contact.merge", buf_span(&object), &facts, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

static int
merge_in(struct store *store, struct db *db, const struct merge *merge,
    struct trash_id *out, struct err *err)
{
	struct contact_id stays = merge->id[MERGE_STAYS];
	struct contact_id goes = merge->id[MERGE_GOES];
	struct merge now = {0};
	struct side side[2] = {0};
	struct trash_id before;
	int64_t last;
	int rc = -1;

	if (check_unchanged(db, merge, side, &now, err) == 0 &&
	    contact_last_id(db, &last, err) == 0 &&
	    add_items(store, db, merge, out, &before, err) == 0 &&
	    rows_run_all(db, copies, before.v, stays.v, err) == 0 &&
	    join_stops(store, db, merge, *out, err) == 0 &&
	    keep_evidence(store, db, merge, err) == 0 &&
	    rows_run_all(db, joins, stays.v, goes.v, err) == 0 &&
	    store_values(store, db, merge, side, err) == 0 &&
	    contact_note_in(store, db, stays, EVENT_MERGED,
		now.address[MERGE_GOES], err) == 0 &&
	    trash_contact_in(db, *out, goes, err) == 1 &&
	    contact_last_keep(db, last, err) == 0 &&
	    trash_touch_lists(store, db, *out, err) == 0)
		rc = log_merge(store, db, merge, *out, err);
	merge_done(&now);
	return rc;
}

int
merge_commit(struct store *store, const struct merge *merge,
    struct trash_id *out, struct err *err)
{
	struct trash_id trash = {0};
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "merge", &db, err) < 0)
		return -1;
	if (rows_unmasked(store, db, err) == 0 &&
	    merge_in(store, db, merge, &trash, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	if (rc == 0 && out)
		*out = trash;
	return rc;
}

/* ---- Undoing ------------------------------------------------------------------ */

/* ?1: the item, ?2: who stays. */
static const char *const undo[] = {
    "DELETE FROM member WHERE contact = ?2 AND list IN (SELECT m.list"
    " FROM trash_member m WHERE m.trash = ?1) AND list NOT IN"
    " (SELECT b.list FROM trash_member b JOIN trash t ON t.id = b.trash"
    " WHERE t.part_of = ?1)",
    "INSERT INTO member SELECT b.list, b.contact, b.basis, b.basis_at_ms,"
    " b.basis_note, b.import, b.how, b.wording, b.ip, b.paper,"
    " b.confirmed_ms FROM trash_member b JOIN trash t ON t.id = b.trash"
    " WHERE t.part_of = ?1 AND b.list IN (SELECT m.list"
    " FROM trash_member m WHERE m.trash = ?1) AND EXISTS (SELECT 1"
    " FROM member n WHERE n.list = b.list AND n.contact = ?2)"
    " ON CONFLICT(list, contact) DO UPDATE SET basis = excluded.basis,"
    " basis_at_ms = excluded.basis_at_ms, basis_note = excluded.basis_note,"
    " how = excluded.how, wording = excluded.wording, ip = excluded.ip,"
    " paper = excluded.paper, confirmed_ms = excluded.confirmed_ms",
    "DELETE FROM contact_tag WHERE contact = ?2 AND tag IN (SELECT g.tag"
    " FROM trash_tag g WHERE g.trash = ?1) AND tag NOT IN (SELECT b.tag"
    " FROM trash_tag b JOIN trash t ON t.id = b.trash WHERE t.part_of = ?1)",
    "DELETE FROM suppression WHERE EXISTS (SELECT 1 FROM trash_stop s"
    " WHERE s.trash = ?1 AND s.key = suppression.key"
    " AND s.list = suppression.list AND s.at_ms = suppression.at_ms)",
    "DELETE FROM contact_alias WHERE contact = ?2 AND (was IN (SELECT c.id"
    " FROM trash_contact c WHERE c.trash = ?1) OR EXISTS (SELECT 1"
    " FROM trash_contact c JOIN contact_alias a ON a.contact = c.id"
    " WHERE c.trash = ?1 AND a.was = contact_alias.was"
    " AND a.canon = contact_alias.canon))",
    NULL,
};

/* Values go back to what they were unless somebody has changed them since. */
static const char values[] =
    "UPDATE contact SET name = (SELECT c.name FROM trash_contact c"
    " JOIN trash t ON t.id = c.trash WHERE t.part_of = ?1),"
    " fields = (SELECT c.fields FROM trash_contact c JOIN trash t"
    " ON t.id = c.trash WHERE t.part_of = ?1), changed_ms = (SELECT"
    " c.changed_ms FROM trash_contact c JOIN trash t ON t.id = c.trash"
    " WHERE t.part_of = ?1) WHERE id = ?2 AND changed_ms ="
    " (SELECT stamp_ms FROM trash WHERE id = ?1)";

static int
note_unmerged(struct store *store, struct db *db, struct trash_id trash,
    struct contact_id stays, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "SELECT address FROM trash_contact WHERE trash = ?1", err);
	struct buf address = BUF_INIT;
	int rc = -1;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, trash.v);
	if (stmt_step(stmt, err) == 1)
		buf_add(&address, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	rc = contact_note_in(
	    store, db, stays, EVENT_UNMERGED, buf_span(&address), err);
	buf_done(&address);
	return rc;
}

int
merge_undo_in(struct store *store, struct db *db, struct trash_id trash,
    int64_t *kept, struct err *err)
{
	struct contact_id stays;
	int64_t there;

	*kept = 1;
	if (rows_number(db, "SELECT contact FROM trash WHERE id = ?1", trash.v,
		0, &stays.v, err) < 0 ||
	    rows_number(db, "SELECT 1 FROM contact WHERE id = ?1", stays.v, 0,
		&there, err) < 0)
		return -1;
	if (!there)
		return 0;
	if (rows_run_all(db, undo, trash.v, stays.v, err) < 0 ||
	    rows_run(db, values, trash.v, stays.v, err) < 0)
		return -1;
	*kept = db_changes(db) == 0;
	return note_unmerged(store, db, trash, stays, err);
}
