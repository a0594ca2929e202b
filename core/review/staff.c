/* Those who may get test mail: a short list that somebody keeps by hand, so
 * that a test can go to nobody else. */
#include "core/review/testmail.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/mail/address.h"

static int
bad_name(struct err *err, const char *why)
{
	err_set(err, E_STAFF_NAME);
	return err_fact(err, "why", span_of(why));
}

static int
check_name(struct span name, struct err *err)
{
	struct span rest = name;
	uint32_t cp;

	if (name.len > STAFF_NAME_MAX)
		return bad_name(err, "length");
	while (rest.len) {
		if (utf8_next(&rest, &cp) != UTF8_GOOD)
			return bad_name(err, "utf8");
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return bad_name(err, "control");
	}
	return 0;
}

/* One number of the table; canon is ?1. */
static int
number(struct db *db, const char *sql, struct span canon, int64_t *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, canon);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

static int
has_room(struct db *db, const struct address *address, struct err *err)
{
	int64_t all = 0, same = 0;

	if (number(db, "SELECT count(*) FROM staff_address WHERE ?1 = ?1",
		address->canon, &all, err) < 0 ||
	    number(db, "SELECT count(*) FROM staff_address WHERE canon = ?1",
		address->canon, &same, err) < 0)
		return -1;
	if (same) {
		err_set(err, E_STAFF_TWICE);
		return err_fact(err, "address", address->address);
	}
	if (all >= STAFF_MAX) {
		err_set(err, E_STAFF_FULL);
		return err_fact_int(err, "limit", STAFF_MAX);
	}
	return 0;
}

static int
insert(struct store *store, struct db *db, const struct address *address,
    struct span name, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO staff_address(address, canon, name, added_ms,"
	    " added_by) VALUES(?1, ?2, ?3, ?4, ?5)",
	    err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, address->address);
	stmt_text(stmt, 2, address->canon);
	stmt_text(stmt, 3, name);
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 5, span_of(store_user(store)));
	return stmt_run(stmt, err);
}

/* The log names the row: it holds no addresses. */
static int
log_change(struct store *store, struct db *db, const char *what, int64_t id,
    struct err *err)
{
	char object[40];

	snprintf(object, sizeof object, "staff %lld", (long long)id);
	return audit_add_in(store, db,
	    &(struct audit_event){what, span_of(object), SPAN("")}, err);
}

int
staff_add(
    struct store *store, struct span address, struct span name, struct err *err)
{
	struct arena *arena = arena_new();
	struct address parsed;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_STAFF_WRITE, err) < 0)
		goto out;
	name = span_trim(name);
	if (address_parse(address, arena, &parsed, err) < 0 ||
	    check_name(name, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "staff", &db, err) < 0)
		goto out;
	if (has_room(db, &parsed, err) == 0 &&
	    insert(store, db, &parsed, name, err) == 0 &&
	    log_change(store, db, "staff.add", db_last_id(db), err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
out:
	arena_free(&arena);
	return rc;
}

int
staff_remove(struct store *store, int64_t id, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt;
	int rc = -1;

	if (person_require(store, NULL, MAY_STAFF_WRITE, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_SHORT, "staff", &db, err) < 0)
		return -1;
	stmt = db_stmt(db, "DELETE FROM staff_address WHERE id = ?1", err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, id);
	if (stmt_run(stmt, err) < 0)
		goto out;
	if (db_changes(db) == 0) {
		err_set(err, E_STAFF_MISSING);
		err_fact_int(err, "id", id);
		goto out;
	}
	if (log_change(store, db, "staff.remove", id, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	return rc;
}

int
staff_all(struct db *db, struct staff **out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, address, name, added_ms, added_by FROM staff_address"
	    " ORDER BY id",
	    err);
	struct staff *all = NULL;
	size_t n = 0;
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct staff *one;

		all = mem_grow(all, (n + 1) * sizeof *all);
		one = &all[n++];
		*one = (struct staff){.id = stmt_col_int(stmt, 0),
		    .added_ms = stmt_col_int(stmt, 3)};
		span_text(
		    one->address, sizeof one->address, stmt_col_text(stmt, 1));
		span_text(one->name, sizeof one->name, stmt_col_text(stmt, 2));
		span_text(one->added_by, sizeof one->added_by,
		    stmt_col_text(stmt, 4));
	}
	stmt_reset(stmt);
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all;
	*count = n;
	return 0;
}
