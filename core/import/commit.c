/* What an import does to contacts, members and the stop list.  Values in the
 * file replace older ones, fields that are not in the file stay.  A basis once
 * recorded is evidence and is never overwritten; only its absence is. */
#include "core/import/commit.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/import/guard.h"
#include "core/import/import.h"

static int
begin_import(struct commit *commit, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "INSERT INTO import(list, at_ms, by, file, charset, basis, rows,"
	    " fresh, changed, same, duplicate, rejected, suppressed)"
	    " VALUES(?1, ?2, ?3, '', '', ?4, 0, 0, 0, 0, 0, 0, 0)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, commit->list.v);
	stmt_int(stmt, 2, commit->now_ms);
	stmt_text(stmt, 3, span_of(store_user(commit->store)));
	stmt_int(stmt, 4, commit->plan->basis);
	if (stmt_run(stmt, err) < 0)
		return -1;
	commit->import = db_last_id(commit->db);
	return 0;
}

static int
any_contacts(struct db *db, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT EXISTS(SELECT 1 FROM contact)", err);
	int got = -1;

	if (stmt && stmt_step(stmt, err) == 1)
		got = stmt_col_int(stmt, 0) != 0;
	stmt_reset(stmt);
	return got;
}

/* The list that the plan names; a new one is made when storing. */
static int
take_list(struct commit *commit, struct err *err)
{
	const struct import_plan *plan = commit->plan;

	commit->list = plan->list;
	if (plan->list.v || !plan->new_list.len)
		return list_need(commit->db, plan->list, err);
	if (commit->mode == COMMIT_STORE)
		return list_create_in(commit->store, commit->db, plan->new_list,
		    &commit->list, err);
	return list_name_check(commit->db, plan->new_list, err);
}

int
commit_init(struct commit *commit, struct err *err)
{
	int contacts, stopped;

	if (take_list(commit, err) < 0)
		return -1;
	contacts = any_contacts(commit->db, err);
	stopped = suppress_any(commit->db, commit->list, err);
	if (contacts < 0 || stopped < 0)
		return -1;
	commit->any_contacts = contacts;
	commit->any_stopped = stopped;
	commit->now_ms = clock_now_ms(store_clock(commit->store));
	return commit->mode == COMMIT_STORE ? begin_import(commit, err) : 0;
}

void
commit_done(struct commit *commit)
{
	buf_done(&commit->fields);
}

/* ---- One person -------------------------------------------------------- */

/* Adds a contact unless its address is there: 1 added, 0 not, -1. */
static int
add_contact(
    struct commit *commit, const struct csv_person *person, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "INSERT INTO contact(address, canon, name, fields, quirk,"
	    " created_ms, changed_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6)"
	    " ON CONFLICT(canon) DO NOTHING",
	    err);

	if (!stmt || person_fields(commit->mapping, person, SPAN(""),
			 &commit->fields, err) < 0)
		return -1;
	stmt_text(stmt, 1, person->address.address);
	stmt_text(stmt, 2, person->address.canon);
	stmt_text(stmt, 3, person->name);
	stmt_text(stmt, 4, buf_span(&commit->fields));
	stmt_int(stmt, 5, person->address.quirk);
	stmt_int(stmt, 6, commit->now_ms);
	if (stmt_run(stmt, err) < 0)
		return -1;
	return db_changes(commit->db) > 0;
}

static int
add_member(struct commit *commit, int64_t contact, struct err *err)
{
	const struct import_plan *plan = commit->plan;
	struct stmt *stmt = db_stmt(commit->db,
	    "INSERT INTO member(list, contact, basis, basis_at_ms,"
	    " basis_note, import, wording) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
	    " ON CONFLICT(list, contact) DO UPDATE SET basis = ?3,"
	    " basis_at_ms = ?4, basis_note = ?5, import = ?6, wording = ?7"
	    " WHERE basis = 0",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, commit->list.v);
	stmt_int(stmt, 2, contact);
	stmt_int(stmt, 3, plan->basis);
	stmt_int(stmt, 4, plan->basis_at_ms);
	stmt_text(stmt, 5, plan->basis_note);
	stmt_int(stmt, 6, commit->import);
	stmt_int(stmt, 7, plan->basis == BASIS_CONSENT ? plan->wording : 0);
	return stmt_run(stmt, err);
}

static int
update_contact(struct commit *commit, int64_t id, struct span name,
    struct span fields, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "UPDATE contact SET name = ?2, fields = ?3, changed_ms = ?4"
	    " WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_text(stmt, 2, name);
	stmt_text(stmt, 3, fields);
	stmt_int(stmt, 4, commit->now_ms);
	return stmt_run(stmt, err);
}

/* What the store knows of an address, compared with the file. */
struct known {
	int64_t id;
	bool member;
	bool basis_gained; /* had none, now has one */
	bool values_differ;
};

/* 1 known, 0 not, -1; leaves the fields to store in commit->fields. */
static int
look_up(struct commit *commit, const struct csv_person *person,
    struct known *known, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "SELECT c.id, c.name, c.fields, m.basis FROM contact c"
	    " LEFT JOIN member m ON m.list = ?2 AND m.contact = c.id"
	    " WHERE c.canon = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, person->address.canon);
	stmt_int(stmt, 2, commit->list.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		struct span name = stmt_col_text(stmt, 1);
		struct span fields = stmt_col_text(stmt, 2);

		known->id = stmt_col_int(stmt, 0);
		known->member = !stmt_col_is_null(stmt, 3);
		known->basis_gained = stmt_col_int(stmt, 3) == BASIS_NONE &&
				      commit->plan->basis != BASIS_NONE;
		if (person_fields(commit->mapping, person, fields,
			&commit->fields, err) < 0)
			got = -1;
		known->values_differ =
		    !span_equal(fields, buf_span(&commit->fields)) ||
		    (commit->mapping->names && !span_equal(name, person->name));
		if (commit->guard)
			guard_known(commit->guard,
			    known->values_differ ? GUARD_DIFFERENT : GUARD_SAME,
			    name, fields);
	}
	stmt_reset(stmt);
	return got;
}

static int
keep_name(struct commit *commit, int64_t id, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "UPDATE contact SET fields = ?2, changed_ms = ?3 WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_text(stmt, 2, buf_span(&commit->fields));
	stmt_int(stmt, 3, commit->now_ms);
	return stmt_run(stmt, err);
}

static int
store_known(struct commit *commit, const struct csv_person *person,
    const struct known *known, struct err *err)
{
	if (known->values_differ) {
		int rc = commit->mapping->names
			     ? update_contact(commit, known->id, person->name,
				   buf_span(&commit->fields), err)
			     : keep_name(commit, known->id, err);

		if (rc < 0)
			return -1;
	}
	if (known->member && !known->basis_gained)
		return 0;
	return add_member(commit, known->id, err);
}

int
commit_person(struct commit *commit, const struct csv_person *person,
    enum effect *effect, struct err *err)
{
	bool storing = commit->mode == COMMIT_STORE;
	struct known known = {0};
	int added = 0, got = 0;

	if (commit->any_stopped)
		got = suppress_check(commit->store, commit->db,
		    person->address.canon, commit->list, err);
	*effect = got ? EFFECT_SUPPRESSED : EFFECT_FRESH;
	if (got)
		return got < 0 ? -1 : 0;
	if (storing)
		added = add_contact(commit, person, err);
	if (added < 0)
		return -1;
	if (added)
		return add_member(commit, db_last_id(commit->db), err);
	if (commit->any_contacts || storing)
		got = look_up(commit, person, &known, err);
	if (got <= 0)
		return got;
	if (known.member && (known.values_differ || known.basis_gained))
		*effect = EFFECT_CHANGED;
	else if (known.member)
		*effect = EFFECT_SAME;
	return storing ? store_known(commit, person, &known, err) : 0;
}

/* ---- Around the rows --------------------------------------------------- */

int
commit_reject(
    struct commit *commit, const struct import_reject *reject, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "INSERT INTO import_reject(import, line, reason, detail, raw)"
	    " VALUES(?1, ?2, ?3, ?4, ?5)",
	    err);
	const struct err *why = &reject->why;
	struct buf detail = BUF_INIT;

	if (!stmt)
		return -1;
	buf_char(&detail, '{');
	for (unsigned i = 0; i < why->fact_count; i++) {
		if (i)
			buf_char(&detail, ',');
		json_quote(&detail, span_of(why->fact[i].name));
		buf_char(&detail, ':');
		json_quote(&detail, span_of(why->fact[i].value));
	}
	buf_char(&detail, '}');
	stmt_int(stmt, 1, commit->import);
	stmt_int(stmt, 2, reject->line);
	stmt_text(stmt, 3, span_of(err_name(why->code)));
	stmt_text(stmt, 4, buf_span(&detail));
	stmt_text(stmt, 5, span_of(reject->raw));
	buf_done(&detail);
	return stmt_run(stmt, err);
}

static int
finish_import(struct commit *commit, const struct import_counts *counts,
    struct span file, const char *charset, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "UPDATE import SET file = ?2, charset = ?3, rows = ?4, fresh = ?5,"
	    " changed = ?6, same = ?7, duplicate = ?8, rejected = ?9,"
	    " suppressed = ?10 WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, commit->import);
	stmt_text(stmt, 2, file);
	stmt_text(stmt, 3, span_of(charset));
	stmt_int(stmt, 4, counts->read);
	stmt_int(stmt, 5, counts->fresh);
	stmt_int(stmt, 6, counts->changed);
	stmt_int(stmt, 7, counts->same);
	stmt_int(stmt, 8, counts->duplicate);
	stmt_int(stmt, 9, counts->rejected);
	stmt_int(stmt, 10, counts->suppressed);
	return stmt_run(stmt, err);
}

static int
audit(struct commit *commit, const struct import_counts *counts,
    struct span file, const char *charset, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = "import.commit"};
	int rc;

	buf_printf(&object, "list %lld", (long long)commit->list.v);
	buf_printf(&facts,
	    "import=%lld basis=%d charset=%s octets=%lld read=%lld fresh=%lld"
	    " changed=%lld same=%lld duplicate=%lld rejected=%lld"
	    " suppressed=%lld file=",
	    (long long)commit->import, (int)commit->plan->basis, charset,
	    (long long)counts->octets, (long long)counts->read,
	    (long long)counts->fresh, (long long)counts->changed,
	    (long long)counts->same, (long long)counts->duplicate,
	    (long long)counts->rejected, (long long)counts->suppressed);
	text_one_line(&facts, file, 255);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(commit->store, commit->db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

int
commit_finish(struct commit *commit, const struct import_counts *counts,
    struct span file, const char *charset, struct err *err)
{
	if (finish_import(commit, counts, file, charset, err) < 0)
		return -1;
	if (counts->fresh + counts->changed > 0 &&
	    list_touch(commit->store, commit->db, commit->list, err) < 0)
		return -1;
	return audit(commit, counts, file, charset, err);
}
