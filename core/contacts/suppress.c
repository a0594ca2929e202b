/* The stop list.  An entry's key is an HMAC of the canonical address, so that
 * somebody whose data was erased stays on it; the address itself is there only
 * while the store may know it.  Invariant: an entry for a contact of the store
 * has its address. */
#include "core/contacts/contacts.h"

#include "core/access/access.h"

#include "core/base/text.h"
#include "core/mail/address.h"

static const char *const causes[] = {
    "unsubscribed", "bounced", "complaint", "hand"};
_Static_assert(
    sizeof causes / sizeof *causes == SUPPRESS_COUNT, "name every cause");

void
suppress_key(const struct store *store, struct span canon, struct digest *out)
{
	crypt_hmac(store_key(store, STORE_KEY_SUPPRESS), canon, out);
}

static struct digest
key_of(struct store *store, struct span canon)
{
	struct digest key;

	suppress_key(store, canon, &key);
	return key;
}

static struct span
key_span(const struct digest *key)
{
	return span_make(key->bytes, sizeof key->bytes);
}

static int
audit(struct store *store, struct db *db, const char *what, struct list_id list,
    struct span facts, struct err *err)
{
	struct buf object = BUF_INIT;
	struct audit_event event = {.what = what, .facts = facts};
	int rc;

	if (list.v)
		buf_printf(&object, "list %lld", (long long)list.v);
	else
		buf_text(&object, "all lists");
	event.object = buf_span(&object);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	return rc;
}

static int
entry_insert(struct store *store, struct db *db, struct span canon,
    struct list_id list, enum suppress_cause cause, struct span source,
    struct err *err)
{
	static const char sql[] =
	    "INSERT INTO suppression(key, list, cause, at_ms, source, address)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(key, list)"
	    " DO UPDATE SET address = ?6 WHERE address <> ?6";
	struct stmt *stmt = db_stmt(db, sql, err);
	struct digest key = key_of(store, canon);

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, key_span(&key));
	stmt_int(stmt, 2, list.v);
	stmt_int(stmt, 3, cause);
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 5, source);
	stmt_text(stmt, 6, canon);
	return stmt_run(stmt, err);
}

int
suppress_add_in(struct store *store, struct db *db, struct span canon,
    struct list_id list, enum suppress_cause cause, struct span source,
    struct err *err)
{
	struct buf line = BUF_INIT;
	int known = suppress_check(store, db, canon, list, err);
	int rc;

	if (known != 0)
		return known < 0 ? -1 : 0;
	text_one_line(&line, source, 500);
	rc = entry_insert(store, db, canon, list, cause, buf_span(&line), err);
	buf_done(&line);
	return rc < 0 ? -1 : 1;
}

int
suppress_add(struct store *store, struct span address, struct list_id list,
    enum suppress_cause cause, struct span source, struct err *err)
{
	struct arena *arena = arena_new();
	struct db *db = NULL;
	struct address parsed;
	struct buf line = BUF_INIT, facts = BUF_INIT;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		goto out;
	if (address_parse(address, arena, &parsed, err) < 0)
		goto out;
	if (store_begin(store, STORE_WAIT_LONG, "suppress", &db, err) < 0)
		goto out;
	text_one_line(&line, source, 500);
	if (entry_insert(
		store, db, parsed.canon, list, cause, buf_span(&line), err) < 0)
		goto out;
	buf_printf(&facts, "cause=%s", causes[cause]);
	if (audit(store, db, "suppress.add", list, buf_span(&facts), err) < 0)
		goto out;
	rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	arena_free(&arena);
	buf_done(&line);
	buf_done(&facts);
	return rc;
}

static int
entry_delete(struct store *store, struct db *db, struct span canon,
    struct list_id list, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "DELETE FROM suppression WHERE key = ?1 AND list = ?2", err);
	struct digest key = key_of(store, canon);

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, key_span(&key));
	stmt_int(stmt, 2, list.v);
	return stmt_run(stmt, err);
}

int
suppress_remove(struct store *store, struct span address, struct list_id list,
    struct span reason, struct err *err)
{
	struct arena *arena = arena_new();
	struct db *db = NULL;
	struct address parsed;
	struct buf facts = BUF_INIT, said = BUF_INIT;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		goto out;
	if (address_parse(address, arena, &parsed, err) < 0)
		goto out;
	if (store_begin(store, STORE_WAIT_LONG, "suppress", &db, err) < 0)
		goto out;
	if (entry_delete(store, db, parsed.canon, list, err) < 0)
		goto out;
	text_one_line(&said, reason, 500);
	audit_fact_int(&facts, "found", db_changes(db));
	audit_fact(&facts, "reason", buf_span(&said));
	if (audit(store, db, "suppress.remove", list, buf_span(&facts), err) <
	    0)
		goto out;
	rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	arena_free(&arena);
	buf_done(&said);
	buf_done(&facts);
	return rc;
}

int
suppress_find(struct db *db, const struct digest *key, struct list_id list,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT 1 FROM suppression WHERE key = ?1 AND list IN (0, ?2)",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, key_span(key));
	stmt_int(stmt, 2, list.v);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

int
suppress_check(struct store *store, struct db *db, struct span canon,
    struct list_id list, struct err *err)
{
	struct digest key = key_of(store, canon);

	return suppress_find(db, &key, list, err);
}

int
suppress_any(struct db *db, struct list_id list, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT EXISTS(SELECT 1 FROM suppression WHERE list IN (0, ?1))",
	    err);
	int got = -1;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	if (stmt_step(stmt, err) == 1)
		got = stmt_col_int(stmt, 0) != 0;
	stmt_reset(stmt);
	return got;
}

int
suppress_adopt(
    struct store *store, struct db *db, struct span canon, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE suppression SET address = ?2"
	    " WHERE key = ?1 AND address = ''",
	    err);
	struct digest key = key_of(store, canon);

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, key_span(&key));
	stmt_text(stmt, 2, canon);
	return stmt_run(stmt, err);
}
