/* Canaries: addresses of our own that stand in the data a list is made from.
 * Registering one does not put it on the list: it must come with the data, or
 * it would prove nothing about them. */
#include "core/contacts/contacts.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/mail/address.h"

static int
has_room(struct db *db, struct list_id list, const struct address *address,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT count(*), coalesce(sum(canon = ?2), 0) FROM canary"
	    " WHERE list = ?1",
	    err);
	int64_t all = 0, same = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	stmt_text(stmt, 2, address->canon);
	got = stmt_step(stmt, err);
	if (got == 1) {
		all = stmt_col_int(stmt, 0);
		same = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	if (got != 1)
		return -1;
	if (same) {
		err_set(err, E_CANARY_TWICE);
		return err_fact(err, "address", address->address);
	}
	if (all >= CANARY_MAX) {
		err_set(err, E_CANARY_FULL);
		return err_fact_int(err, "limit", CANARY_MAX);
	}
	return 0;
}

static int
insert(struct store *store, struct db *db, struct list_id list,
    const struct address *address, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO canary(list, address, canon, added_ms, added_by)"
	    " VALUES(?1, ?2, ?3, ?4, ?5)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	stmt_text(stmt, 2, address->address);
	stmt_text(stmt, 3, address->canon);
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 5, span_of(store_user(store)));
	return stmt_run(stmt, err);
}

static int
log_change(struct store *store, struct db *db, const char *what, int64_t list,
    int64_t id, struct err *err)
{
	char object[40], facts[40];

	snprintf(object, sizeof object, "list %lld", (long long)list);
	snprintf(facts, sizeof facts, "canary=%lld", (long long)id);
	return audit_add_in(store, db,
	    &(struct audit_event){what, span_of(object), span_of(facts)}, err);
}

int
canary_add(struct store *store, struct list_id list, struct span address,
    struct err *err)
{
	struct arena *arena = arena_new();
	struct address parsed;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		goto out;
	if (address_parse(span_trim(address), arena, &parsed, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "canary", &db, err) < 0)
		goto out;
	if (list_need(db, list, err) == 0 &&
	    has_room(db, list, &parsed, err) == 0 &&
	    insert(store, db, list, &parsed, err) == 0 &&
	    log_change(
		store, db, "list.canary_add", list.v, db_last_id(db), err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
out:
	arena_free(&arena);
	return rc;
}

/* The list a canary is of; E_CANARY_MISSING. */
static int
list_of(struct db *db, int64_t id, int64_t *list, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT list FROM canary WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1)
		*list = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	if (got == 0) {
		err_set(err, E_CANARY_MISSING);
		return err_fact_int(err, "id", id);
	}
	return got < 0 ? -1 : 0;
}

int
canary_remove(struct store *store, int64_t id, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt;
	int64_t list;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_SHORT, "canary", &db, err) < 0)
		return -1;
	if (list_of(db, id, &list, err) < 0)
		goto out;
	stmt = db_stmt(db, "DELETE FROM canary WHERE id = ?1", err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, id);
	if (stmt_run(stmt, err) == 0 &&
	    log_change(store, db, "list.canary_remove", list, id, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	return rc;
}

static void
take(struct stmt *stmt, struct canary *out)
{
	*out = (struct canary){.id = stmt_col_int(stmt, 0),
	    .is_member = stmt_col_int(stmt, 3) != 0,
	    .added_ms = stmt_col_int(stmt, 4)};
	span_text(out->address, sizeof out->address, stmt_col_text(stmt, 1));
	span_text(out->added_by, sizeof out->added_by, stmt_col_text(stmt, 5));
}

int
canary_all(struct store *store, struct db *db, struct list_id list,
    struct canary **out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT y.id, y.address, y.canon, EXISTS(SELECT 1 FROM contact c"
	    " JOIN member m ON m.list = ?1 AND m.contact = c.id"
	    " WHERE c.canon = y.canon), y.added_ms, y.added_by"
	    " FROM canary y WHERE y.list = ?1 ORDER BY y.id",
	    err);
	struct canary *all = NULL;
	size_t n = 0;
	int got = -1, stopped;

	if (stmt)
		stmt_int(stmt, 1, list.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		all = mem_grow(all, (n + 1) * sizeof *all);
		take(stmt, &all[n]);
		stopped = suppress_check(
		    store, db, stmt_col_text(stmt, 2), list, err);
		if (stopped < 0) {
			got = -1;
			break;
		}
		all[n++].is_stopped = stopped > 0;
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
