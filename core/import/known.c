/* What is there of somebody and what replaces it.  Values in the file replace
 * older ones, fields that are not in the file stay.  What is replaced is kept
 * once for each person, whole, so that the import can be undone; of people whom
 * it made there is nothing to keep. */
#include "core/import/known.h"

#include "core/base/text.h"
#include "core/import/bulk.h"
#include "core/import/guard.h"

static bool
is_made(const struct commit *commit, int64_t contact)
{
	return contact >= commit->made_from;
}

int
known_find(struct commit *commit, const struct csv_person *person,
    struct guard *guard, struct known *out, struct err *err)
{
	static const char sql[] =
	    "SELECT c.id, c.name, c.fields, m.basis FROM contact c"
	    " LEFT JOIN member m ON m.list = ?2 AND m.contact = c.id"
	    " WHERE c.canon = ?1";
	struct stmt *stmt;
	int got;

	*out = (struct known){0};
	/* who comes first in the file is as before this import */
	if (commit->bulk && !commit->any_contacts)
		return 0;
	stmt = db_stmt(
	    commit->bulk ? bulk_before(commit->bulk) : commit->db, sql, err);
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, person->address.canon);
	stmt_int(stmt, 2, commit->list.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		struct span name = stmt_col_text(stmt, 1);
		struct span fields = stmt_col_text(stmt, 2);

		out->id = stmt_col_int(stmt, 0);
		out->member = !stmt_col_is_null(stmt, 3);
		out->basis = (enum consent_basis)stmt_col_int(stmt, 3);
		if (person_fields(commit->mapping, person, fields,
			&commit->fields, err) < 0)
			got = -1;
		out->values_differ =
		    !span_equal(fields, buf_span(&commit->fields)) ||
		    (commit->mapping->names && !span_equal(name, person->name));
		if (guard)
			guard_known(guard,
			    out->values_differ ? GUARD_DIFFERENT : GUARD_SAME,
			    name, fields);
	}
	stmt_reset(stmt);
	return got;
}

int
known_add(
    struct commit *commit, const struct csv_person *person, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "INSERT INTO contact(address, canon, name, fields, quirk,"
	    " created_ms, changed_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6)"
	    " ON CONFLICT(canon) DO NOTHING",
	    err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, person->address.address);
	stmt_text(stmt, 2, person->address.canon);
	stmt_text(stmt, 3, person->name);
	stmt_text(stmt, 4, person->fields);
	stmt_int(stmt, 5, person->address.quirk);
	stmt_int(stmt, 6, commit->now_ms);
	if (stmt_run(stmt, err) < 0)
		return -1;
	return db_changes(commit->db) > 0;
}

int
known_keep(struct commit *commit, int64_t contact, enum before_what what,
    struct err *err)
{
	static const char sql[] =
	    "INSERT INTO import_before(import, contact, what, name, fields,"
	    " changed_ms, basis, basis_at_ms, basis_note, member_import, how,"
	    " wording, ip, paper, confirmed_ms) SELECT ?1, c.id, ?3, c.name,"
	    " c.fields, c.changed_ms, m.basis, m.basis_at_ms, m.basis_note,"
	    " m.import, m.how, m.wording, m.ip, m.paper, m.confirmed_ms"
	    " FROM contact c LEFT JOIN member m ON m.list = ?4"
	    " AND m.contact = c.id WHERE c.id = ?2"
	    " ON CONFLICT(import, contact) DO UPDATE SET what = what | ?3";
	struct stmt *stmt;

	if (is_made(commit, contact))
		return 0;
	stmt = db_stmt(commit->db, sql, err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, commit->import);
	stmt_int(stmt, 2, contact);
	stmt_int(stmt, 3, what);
	stmt_int(stmt, 4, commit->list.v);
	return stmt_run(stmt, err);
}

static int
update_both(struct commit *commit, const struct csv_person *person,
    int64_t contact, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "UPDATE contact SET name = ?2, fields = ?3, changed_ms = ?4"
	    " WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact);
	stmt_text(stmt, 2, person->name);
	stmt_text(stmt, 3, buf_span(&commit->fields));
	stmt_int(stmt, 4, commit->now_ms);
	return stmt_run(stmt, err);
}

static int
update_fields(struct commit *commit, int64_t contact, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "UPDATE contact SET fields = ?2, changed_ms = ?3 WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact);
	stmt_text(stmt, 2, buf_span(&commit->fields));
	stmt_int(stmt, 3, commit->now_ms);
	return stmt_run(stmt, err);
}

int
known_update(struct commit *commit, const struct csv_person *person,
    int64_t contact, struct err *err)
{
	if (known_keep(commit, contact, BEFORE_VALUES, err) < 0)
		return -1;
	return commit->mapping->names
		   ? update_both(commit, person, contact, err)
		   : update_fields(commit, contact, err);
}

void
known_evidence(const struct import_plan *plan, const struct csv_person *person,
    enum consent_basis basis, struct known_evidence *out)
{
	const struct csv_evidence *row = &person->evidence;

	*out = (struct known_evidence){.how = CONSENT_HOW_UNSAID};
	if (basis == BASIS_NONE)
		return;
	out->at_ms = row->at_ms ? row->at_ms : plan->basis_at_ms;
	out->note = row->how.len ? row->how : plan->basis_note;
	out->how = plan->how;
	if (row->paper.len && plan->how == CONSENT_HOW_UNSAID)
		out->how = CONSENT_HOW_PAPER;
	out->wording = plan->basis == BASIS_CONSENT ? plan->wording : 0;
	out->ip = row->ip;
	out->paper = row->paper;
	out->confirmed_ms = row->confirmed_ms;
}

int
known_join(struct commit *commit, const struct csv_person *person,
    int64_t contact, enum consent_basis basis, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO member(list, contact, basis, basis_at_ms,"
	    " basis_note, import, how, wording, ip, paper, confirmed_ms)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
	    " ON CONFLICT(list, contact) DO UPDATE SET basis = ?3,"
	    " basis_at_ms = ?4, basis_note = ?5, import = ?6, how = ?7,"
	    " wording = ?8, ip = ?9, paper = ?10, confirmed_ms = ?11"
	    " WHERE basis = 0 OR import = ?6";
	struct stmt *stmt = db_stmt(commit->db, sql, err);
	struct known_evidence evidence;

	if (!stmt)
		return -1;
	known_evidence(commit->plan, person, basis, &evidence);
	stmt_int(stmt, 1, commit->list.v);
	stmt_int(stmt, 2, contact);
	stmt_int(stmt, 3, basis);
	stmt_int(stmt, 4, evidence.at_ms);
	stmt_text(stmt, 5, evidence.note);
	stmt_int(stmt, 6, commit->import);
	stmt_int(stmt, 7, evidence.how);
	stmt_int(stmt, 8, evidence.wording);
	stmt_text(stmt, 9, evidence.ip);
	stmt_text(stmt, 10, evidence.paper);
	stmt_int(stmt, 11, evidence.confirmed_ms);
	return stmt_run(stmt, err);
}

int
known_leave(struct commit *commit, int64_t contact, struct err *err)
{
	struct stmt *stmt;

	if (known_keep(commit, contact, BEFORE_REMOVED, err) < 0)
		return -1;
	stmt = db_stmt(commit->db,
	    "DELETE FROM member WHERE list = ?1 AND contact = ?2", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, commit->list.v);
	stmt_int(stmt, 2, contact);
	return stmt_run(stmt, err);
}

/* ---- Tags -------------------------------------------------------------- */

static int
has_tag(
    struct commit *commit, int64_t contact, struct span tag, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "SELECT 1 FROM tag t JOIN contact_tag c ON c.tag = t.id"
	    " WHERE t.name = ?1 AND c.contact = ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, tag);
	stmt_int(stmt, 2, contact);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

/* Runs a statement with ?1 = contact, ?2 = tag and ?3 = the import. */
static int
run_tag(struct commit *commit, const char *sql, int64_t contact,
    struct span tag, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact);
	stmt_text(stmt, 2, tag);
	if (strstr(sql, "?3"))
		stmt_int(stmt, 3, commit->import);
	return stmt_run(stmt, err);
}

static int
give_tag(
    struct commit *commit, int64_t contact, struct span tag, struct err *err)
{
	static const char add[] = "INSERT INTO tag(name) SELECT ?2 WHERE ?1 > 0"
				  " ON CONFLICT(name) DO NOTHING";
	static const char give[] =
	    "INSERT INTO contact_tag(contact, tag) SELECT ?1, id FROM tag"
	    " WHERE name = ?2";
	static const char note[] =
	    "INSERT INTO import_tag(import, contact, tag) SELECT ?3, ?1, id"
	    " FROM tag WHERE name = ?2";

	if (run_tag(commit, add, contact, tag, err) < 0 ||
	    run_tag(commit, give, contact, tag, err) < 0)
		return -1;
	return run_tag(commit, note, contact, tag, err);
}

int
known_tag(struct commit *commit, const struct csv_person *person,
    int64_t contact, struct err *err)
{
	int gained = 0;

	for (size_t i = 0; i < person->tags; i++) {
		int has = has_tag(commit, contact, person->tag[i], err);

		if (has < 0)
			return -1;
		if (has)
			continue;
		gained = 1;
		if (commit->mode == COMMIT_STORE &&
		    give_tag(commit, contact, person->tag[i], err) < 0)
			return -1;
	}
	return gained;
}
