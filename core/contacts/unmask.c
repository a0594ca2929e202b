/* Showing one person's data to somebody who sees them masked: for a reason, and
 * in the log first, so that nothing is seen that is not written down. */
#include "core/access/access.h"
#include "core/contacts/contacts.h"

static int
note(struct store *store, struct contact_id contact, struct span reason,
    struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	buf_printf(&object, "contact %lld", (long long)contact.v);
	audit_fact(&facts, "reason", reason);
	if (store_begin(store, STORE_WAIT_SHORT, "unmask", &db, err) == 0 &&
	    person_require(store, db, MAY_PERSONAL_UNMASK, err) == 0 &&
	    stepup_require(store, db, STEPUP_UNMASK, err) == 0 &&
	    audit_add_in(store, db,
		&(struct audit_event){
		    .what = "personal.unmask",
		    .object = buf_span(&object),
		    .facts = buf_span(&facts),
		},
		err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

int
contact_unmask(struct store *store, struct contact_id contact,
    struct span reason, struct arena *arena, struct contact_row *out,
    struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt;
	int got = -1;

	reason = span_trim(reason);
	if (reason.len < UNMASK_REASON_MIN || reason.len > UNMASK_REASON_MAX) {
		err_set(err, E_PERSON_FIELD);
		err_fact(err, "field", SPAN("reason"));
		return err_fact(err, "why", SPAN("length"));
	}
	if (note(store, contact, reason, err) < 0 ||
	    store_reader_open(store, &db, err) < 0)
		return -1;
	stmt = db_stmt(
	    db, "SELECT address, name, fields FROM contact WHERE id = ?1", err);
	if (stmt) {
		stmt_int(stmt, 1, contact.v);
		got = stmt_step(stmt, err);
	}
	if (got == 1) {
		out->address = arena_copy(arena, stmt_col_text(stmt, 0));
		out->name = arena_copy(arena, stmt_col_text(stmt, 1));
		out->fields = arena_copy(arena, stmt_col_text(stmt, 2));
	} else if (got == 0) {
		err_set(err, E_BUG);
	}
	stmt_reset(stmt);
	store_reader_close(&db);
	return got == 1 ? 0 : -1;
}
