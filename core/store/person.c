/* What the store itself knows of people: the row of its user, who the first one
 * is, and that settings are an administrator's.  What roles mean is decided in
 * core/access. */
#include "core/store/person.h"

#include "core/store/state.h"

/* Roles that a row for a Unix group may not give. */
enum { NEVER_FROM_GROUP = STORE_SETTING_ROLES };

void
store_admit(struct store *store, unsigned roles)
{
	atomic_store(&store->group_roles, roles & ~(unsigned)NEVER_FROM_GROUP);
}

int
store_roles(
    struct store *store, struct db *db, unsigned *roles, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT CASE WHEN disabled THEN 0 ELSE roles END FROM person"
	    " WHERE login = ?1",
	    err);
	int got;

	*roles = 0;
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(store->user));
	got = stmt_step(stmt, err);
	if (got == 1)
		*roles = (unsigned)stmt_col_int(stmt, 0);
	else if (got == 0)
		*roles = atomic_load(&store->group_roles);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static int
row_masks(struct store *store, struct db *db, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT masked FROM person WHERE login = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(store->user));
	got = stmt_step(stmt, err);
	if (got == 1)
		got = stmt_col_int(stmt, 0) != 0;
	stmt_reset(stmt);
	return got;
}

int
store_masks(struct store *store, struct db *db, struct err *err)
{
	struct buf value = BUF_INIT;
	unsigned roles;
	int rc;

	if (store_roles(store, db, &roles, err) < 0)
		return -1;
	if (!(roles & STORE_PERSONAL_ROLES))
		return 1;
	rc = row_masks(store, db, err);
	if (rc == 0)
		rc = setting_read(db, "mask.operators", &value, err);
	if (rc == 0)
		rc = span_equal(buf_span(&value), SPAN("on"));
	buf_done(&value);
	return rc;
}

int
store_view_open(struct store *store, struct db **out, struct err *err)
{
	struct db *db = NULL;
	int masks;

	if (db_open(&store->place, DB_READER, &db, err) < 0)
		return -1;
	masks = store_masks(store, db, err);
	if (masks == 0) {
		*out = db;
		return 0;
	}
	db_close(&db);
	return masks < 0 ? -1 : db_open(&store->place, DB_VIEW, out, err);
}

int
person_require_settings(
    struct store *store, struct db *db, const char *permission, struct err *err)
{
	unsigned roles;

	if (store_roles(store, db, &roles, err) < 0)
		return -1;
	if (roles & STORE_SETTING_ROLES)
		return 0;
	err_set(err, E_ROLE);
	err_fact(err, "permission", span_of(permission));
	return err_fact(err, "login", span_of(store->user));
}

int
person_first(
    struct store *store, struct db *db, struct buf *facts, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO person(login, roles, added_ms, changed_ms, changed_by)"
	    " SELECT ?1, ?2, ?3, ?3, ?1"
	    " WHERE NOT EXISTS(SELECT 1 FROM person)",
	    err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(store->user));
	stmt_int(stmt, 2, STORE_FIRST_ROLES);
	stmt_int(stmt, 3, clock_now_ms(store->clock));
	if (stmt_run(stmt, err) < 0)
		return -1;
	if (db_changes(db))
		buf_printf(facts, " first_person=%s", store->user);
	return 0;
}
