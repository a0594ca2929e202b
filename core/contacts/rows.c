/* Moving rows.  That an id is given to one contact only is kept by a row of its
 * own, which has no address: SQLite gives the number behind the greatest one
 * that is there. */
#include "core/contacts/rows.h"

#include "core/access/access.h"
#include "core/contacts/trash.h"

int
rows_run(struct db *db, const char *sql, int64_t a, int64_t b, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, a);
	if (strstr(sql, "?2"))
		stmt_int(stmt, 2, b);
	return stmt_run(stmt, err);
}

int
rows_run_all(struct db *db, const char *const *sql, int64_t a, int64_t b,
    struct err *err)
{
	for (; *sql; sql++) {
		if (rows_run(db, *sql, a, b, err) < 0)
			return -1;
	}
	return 0;
}

int
rows_number(struct db *db, const char *sql, int64_t a, int64_t b, int64_t *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	*out = 0;
	if (!stmt)
		return -1;
	if (strstr(sql, "?1"))
		stmt_int(stmt, 1, a);
	if (strstr(sql, "?2"))
		stmt_int(stmt, 2, b);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
rows_unmasked(struct store *store, struct db *db, struct err *err)
{
	int masks = store_masks(store, db, err);

	if (masks < 0)
		return -1;
	if (masks == 0)
		return person_require(store, db, MAY_PERSONAL_VIEW, err);
	err_set(err, E_ROLE);
	err_fact(
	    err, "permission", span_of(permission_name(MAY_PERSONAL_VIEW)));
	return err_fact(err, "login", span_of(store_user(store)));
}

int
contact_last_id(struct db *db, int64_t *out, struct err *err)
{
	return rows_number(
	    db, "SELECT coalesce(max(id), 0) FROM contact", 0, 0, out, err);
}

int
contact_last_keep(struct db *db, int64_t last, struct err *err)
{
	static const char keep[] =
	    "INSERT INTO contact(id, address, canon, created_ms, changed_ms)"
	    " VALUES(?1, '', '', 0, 0) ON CONFLICT(canon) DO UPDATE"
	    " SET id = ?1";
	int64_t now;

	if (contact_last_id(db, &now, err) < 0)
		return -1;
	return now < last ? rows_run(db, keep, last, 0, err) : 0;
}

int
contact_last_free(struct db *db, struct err *err)
{
	return rows_run(
	    db, "DELETE FROM contact WHERE canon = '' AND ?1 = 0", 0, 0, err);
}
