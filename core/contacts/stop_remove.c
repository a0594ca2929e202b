/* Taking somebody off the stop list.  The more it was the person's own will to
 * be on it, the more it takes: an entry that we made ourselves wants a reason,
 * one that a mailbox or its owner made wants the whole address typed as well,
 * which nobody does by mistake, and what its owner said policy may keep for
 * good. */
#include "core/access/access.h"
#include "core/base/text.h"
#include "core/contacts/contacts.h"
#include "core/contacts/stop_key.h"

bool
suppress_is_typed(enum suppress_cause cause)
{
	return cause != SUPPRESS_HAND && cause != SUPPRESS_SOFT &&
	       cause != SUPPRESS_IMPORT;
}

bool
suppress_is_policy(enum suppress_cause cause)
{
	return cause == SUPPRESS_UNSUBSCRIBED || cause == SUPPRESS_COMPLAINT ||
	       cause == SUPPRESS_ERASED;
}

static int
refuse(enum err_code code, enum suppress_cause cause, struct err *err)
{
	err_set(err, code);
	return err_fact(err, "cause", span_of(suppress_cause_name(cause)));
}

static int
check_policy(struct db *db, enum suppress_cause cause, struct err *err)
{
	struct buf value = BUF_INIT;
	int rc = 0;

	if (!suppress_is_policy(cause))
		return 0;
	rc = setting_read(db, "stops.take_off", &value, err);
	if (rc == 0 && !span_equal(buf_span(&value), SPAN("on")))
		rc = refuse(E_SUPPRESS_POLICY, cause, err);
	buf_done(&value);
	return rc;
}

/* 1 with the entry's cause, 0 when it is not there. */
static int
read_cause(struct db *db, const struct suppress_id *id,
    enum suppress_cause *cause, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT cause FROM suppression WHERE key = ?1 AND list = ?2", err);
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, span_make(id->key.bytes, SHA256_LEN));
	stmt_int(stmt, 2, id->list.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		*cause = (enum suppress_cause)stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got;
}

static int
drop(struct db *db, const struct suppress_id *id, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "DELETE FROM suppression WHERE key = ?1 AND list = ?2", err);

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, span_make(id->key.bytes, SHA256_LEN));
	stmt_int(stmt, 2, id->list.v);
	return stmt_run(stmt, err);
}

static int
log_removal(struct store *store, struct db *db, const struct suppress_id *id,
    const char *cause, struct span reason, struct err *err)
{
	struct buf facts = BUF_INIT, said = BUF_INIT;
	int rc;

	buf_printf(&facts, "found=%d cause=%s", *cause != '\0', cause);
	text_one_line(&said, reason, SUPPRESS_SOURCE_MAX);
	audit_fact(&facts, "reason", buf_span(&said));
	rc =
	    stop_audit(store, db, "suppress.remove", id, buf_span(&facts), err);
	buf_done(&facts);
	buf_done(&said);
	return rc;
}

static int
off(struct store *store, struct db *db, const struct suppress_id *id,
    enum suppress_cause cause, struct span reason, struct err *err)
{
	if (check_policy(db, cause, err) < 0 || drop(db, id, err) < 0)
		return -1;
	return log_removal(
	    store, db, id, suppress_cause_name(cause), reason, err);
}

/* Whether what was typed names the entry. */
static int
check_typed(struct store *store, const struct suppress_id *id,
    enum suppress_cause cause, struct span typed, struct err *err)
{
	struct arena *arena = arena_new();
	struct span canon;
	struct digest key;
	enum stop_what what;
	bool same = false;

	if (stop_read(typed, arena, &canon, &what, NULL) == 0) {
		suppress_key(store, canon, &key);
		same = digest_equal(&key, &id->key);
		if (!same) {
			crypt_hmac(
			    store_key(store, STORE_KEY_SUPPRESS), canon, &key);
			same = digest_equal(&key, &id->key);
		}
	}
	arena_free(&arena);
	return same ? 0 : refuse(E_SUPPRESS_TYPED, cause, err);
}

int
suppress_take_off(struct store *store, const struct suppress_id *id,
    struct span typed, struct span reason, struct err *err)
{
	enum suppress_cause cause = SUPPRESS_HAND;
	struct db *db = NULL;
	int rc = -1, got;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		return -1;
	reason = span_trim(reason);
	if (reason.len < SUPPRESS_REASON_MIN) {
		err_set(err, E_SUPPRESS_FIELD);
		err_fact(err, "field", SPAN("reason"));
		return err_fact(err, "why", SPAN("length"));
	}
	if (store_begin(store, STORE_WAIT_LONG, "suppress", &db, err) < 0)
		return -1;
	got = read_cause(db, id, &cause, err);
	if (got == 0)
		err_set(err, E_SUPPRESS_MISSING);
	if (got == 1 &&
	    (!suppress_is_typed(cause) ||
		check_typed(store, id, cause, typed, err) == 0) &&
	    off(store, db, id, cause, reason, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

int
suppress_remove(struct store *store, struct span address, struct list_id list,
    struct span reason, struct err *err)
{
	enum suppress_cause cause = SUPPRESS_HAND;
	struct suppress_id id = {.list = list};
	struct arena *arena = arena_new();
	struct db *db = NULL;
	struct span canon;
	enum stop_what what;
	int rc = -1, got;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    stop_read(address, arena, &canon, &what, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "suppress", &db, err) < 0)
		goto out;
	suppress_key(store, canon, &id.key);
	got = read_cause(db, &id, &cause, err);
	if (got == 1 && suppress_is_typed(cause))
		refuse(E_SUPPRESS_TYPED, cause, err);
	else if (got == 1)
		rc = off(store, db, &id, cause, reason, err);
	else if (got == 0)
		rc = log_removal(store, db, &id, "", reason, err);
	if (rc == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	arena_free(&arena);
	return rc;
}
