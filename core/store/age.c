/* Is this store the newest we have seen?  No page's MAC can tell an older copy
 * of the whole file.  So a generation is counted, in the database and in the
 * keyring, at every opening and closing, and the keyring also remembers where
 * the audit log ended.  A database that is newer than the keyring says is what
 * a kill leaves; one that is older was put back. */
#include "core/store/age.h"

#include <sqlite3.h>
#include <stdio.h>

#include "core/store/person.h"

/* The number in the database; the keyring holds the other one. */
static int
read_generation(struct store *store, int64_t *out, struct err *err)
{
	return db_number(store->writer,
	    "SELECT CAST(value AS INTEGER) FROM setting"
	    " WHERE name = 'store.generation'",
	    out, err);
}

static int
write_generation(
    struct store *store, struct db *db, int64_t generation, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO setting(name, value, changed_ms, changed_by)"
	    " VALUES('store.generation', CAST(?1 AS TEXT), ?2, ?3)"
	    " ON CONFLICT(name) DO UPDATE SET value = CAST(?1 AS TEXT),"
	    " changed_ms = ?2, changed_by = ?3",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, generation);
	stmt_int(stmt, 2, clock_now_ms(store->clock));
	stmt_text(stmt, 3, span_of(store->user));
	return stmt_run(stmt, err);
}

/* Whoever opens a store in which nobody is registered is the first. */
static int
register_first(struct store *store, struct db *db, const char *what,
    struct buf *facts, struct err *err)
{
	if (!strcmp(what, "store.close"))
		return 0;
	return person_first(store, db, facts, err);
}

/* Begins the next generation: in the database with its audit entry, then in
 * the keyring.  A kill between the two leaves a database that is newer than
 * the keyring says, which is harmless. */
int
age_advance(
    struct store *store, const char *what, int64_t generation, struct err *err)
{
	struct keyring next = store->keyring;
	struct audit_event event = {.what = what};
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	buf_printf(&facts, "generation=%lld", (long long)generation);
	if (store_begin(store, STORE_WAIT_LONG, what, &db, err) < 0)
		goto out;
	if (write_generation(store, db, generation, err) < 0 ||
	    register_first(store, db, what, &facts, err) < 0)
		goto out;
	event.facts = buf_span(&facts);
	if (audit_add_in(store, db, &event, err) < 0 ||
	    store_commit(store, &db, err) < 0)
		goto out;
	next.flags &= ~(uint32_t)KEYRING_NEW;
	next.generation = generation;
	next.audit_seq = store->head.seq;
	next.audit_hash = store->head.hash;
	memset(next.source, 0, sizeof next.source);
	snprintf(next.source, sizeof next.source, "%s", sqlite3_sourceid());
	if (keyring_write(store->dir, &next, store->master, err) < 0)
		goto out;
	store->keyring = next;
	rc = 0;
out:
	store_rollback(store, &db);
	buf_done(&facts);
	return rc;
}

static int
log_restored(struct store *store, int64_t seen, int64_t found, struct err *err)
{
	struct buf facts = BUF_INIT;
	struct audit_event event = {.what = "store.restored"};
	int rc;

	buf_printf(
	    &facts, "seen=%lld found=%lld", (long long)seen, (long long)found);
	event.facts = buf_span(&facts);
	rc = audit_add(store, &event, err);
	buf_done(&facts);
	return rc;
}

/* Older than the keyring says: by its generation, or by a log whose end is
 * missing. */
static int
check_age(struct store *store, int64_t found, struct err *err)
{
	struct audit_head sealed = {
	    store->keyring.audit_seq, store->keyring.audit_hash};

	if (found < store->keyring.generation) {
		err_set(err, E_STORE_ROLLED_BACK);
		err_fact(err, "path", span_of(store->place.path));
		err_fact_int(err, "seen", store->keyring.generation);
		return err_fact_int(err, "found", found);
	}
	return audit_check_tail(
	    store, store->writer, &sealed, &store->head, err);
}

int
age_accept(
    struct store *store, enum age_rule rule, int64_t *found, struct err *err)
{
	struct err why = {0};

	if (read_generation(store, found, err) < 0)
		return -1;
	if (check_age(store, *found, &why) == 0)
		return 0;
	if (rule != AGE_EXCUSED ||
	    (why.code != E_STORE_ROLLED_BACK && why.code != E_AUDIT_HEAD)) {
		if (err)
			*err = why;
		return -1;
	}
	if (audit_head_read(store->writer, &store->head, err) < 0)
		return -1;
	return log_restored(store, store->keyring.generation, *found, err);
}
