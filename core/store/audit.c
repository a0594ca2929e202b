/* The audit log: a table whose every row carries a keyed hash over the row
 * before it and over all its own columns.  Rows are only ever added here.
 * Where the chain ends is also kept in the keyring, so that a cut end is found;
 * a chain that goes on behind the keyring's mark is what a kill leaves. */
#include "core/store/audit.h"

#include "core/base/mem.h"
#include "core/store/db.h"
#include "core/store/state.h"

enum { WHAT_MAX = 64, OBJECT_MAX = 255 };

static const char last_sql[] =
    "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";
static const char one_sql[] = "SELECT hash FROM audit WHERE seq = ?1";
static const char add_sql[] =
    "INSERT INTO audit(seq, at_ms, who, origin, what, object, facts, prev,"
    " hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
static const char walk_sql[] =
    "SELECT seq, at_ms, who, origin, what, object, facts, prev, hash"
    " FROM audit WHERE seq > ?1 ORDER BY seq";
static const char read_sql[] =
    "SELECT seq, at_ms, who, origin, what, object, facts, prev, hash"
    " FROM audit WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2";

static struct span
digest_span(const struct digest *digest)
{
	return span_make(digest->bytes, sizeof digest->bytes);
}

/* False when the column does not hold a digest. */
static bool
col_digest(struct stmt *stmt, int column, struct digest *out)
{
	struct span bytes = stmt_col_blob(stmt, column);

	if (bytes.len != sizeof out->bytes)
		return false;
	memcpy(out->bytes, bytes.ptr, bytes.len);
	return true;
}

/* ---- The hash ---------------------------------------------------------- */

static void
add_number(struct buf *out, uint64_t value)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_char(out, (char)(value >> shift & 0xff));
}

/* Every text goes in behind its length, so that no two entries can give the
 * same octets. */
static void
add_text(struct buf *out, struct span text)
{
	add_number(out, text.len);
	buf_add(out, text);
}

/* entry->prev and all columns, hashed with the audit key. */
static void
entry_hash(const struct store *store, const struct audit_entry *entry,
    struct digest *out)
{
	struct buf octets = BUF_INIT;

	buf_add(&octets, digest_span(&entry->prev));
	add_number(&octets, (uint64_t)entry->seq);
	add_number(&octets, (uint64_t)entry->at_ms);
	add_text(&octets, entry->who);
	add_text(&octets, entry->origin);
	add_text(&octets, entry->what);
	add_text(&octets, entry->object);
	add_text(&octets, entry->facts);
	crypt_hmac(store_key(store, STORE_KEY_AUDIT), buf_span(&octets), out);
	buf_done(&octets);
}

/* ---- Adding ------------------------------------------------------------ */

int
audit_head_read(struct db *db, struct audit_head *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db, last_sql, err);
	int got = stmt ? stmt_step(stmt, err) : -1;

	*out = (struct audit_head){0};
	if (got == 1) {
		out->seq = stmt_col_int(stmt, 0);
		col_digest(stmt, 1, &out->hash);
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static int
insert(struct db *db, const struct audit_entry *entry, struct err *err)
{
	struct stmt *stmt = db_stmt_open(db, add_sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, entry->seq);
	stmt_int(stmt, 2, entry->at_ms);
	stmt_text(stmt, 3, entry->who);
	stmt_text(stmt, 4, entry->origin);
	stmt_text(stmt, 5, entry->what);
	stmt_text(stmt, 6, entry->object);
	stmt_text(stmt, 7, entry->facts);
	stmt_blob(stmt, 8, digest_span(&entry->prev));
	stmt_blob(stmt, 9, digest_span(&entry->hash));
	return stmt_run(stmt, err);
}

int
audit_add_in(struct store *store, struct db *db,
    const struct audit_event *event, struct err *err)
{
	struct audit_entry entry = {
	    .at_ms = clock_now_ms(store->clock),
	    .who = span_of(store->user),
	    .origin = span_of(store->origin),
	    .what = span_of(event->what),
	    .object = event->object,
	    .facts = event->facts,
	};
	struct audit_head head;

	if (entry.what.len == 0 || entry.what.len > WHAT_MAX ||
	    entry.object.len > OBJECT_MAX ||
	    entry.facts.len > AUDIT_FACTS_MAX) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("audit_add: length"));
	}
	if (audit_head_read(db, &head, err) < 0)
		return -1;
	entry.seq = head.seq + 1;
	entry.prev = head.hash;
	entry_hash(store, &entry, &entry.hash);
	return insert(db, &entry, err);
}

int
audit_add(struct store *store, const struct audit_event *event, struct err *err)
{
	struct db *db = NULL;

	if (store_begin(store, STORE_WAIT_LONG, event->what, &db, err) < 0)
		return -1;
	if (audit_add_in(store, db, event, err) < 0) {
		store_rollback(store, &db);
		return -1;
	}
	return store_commit(store, &db, err);
}

/* ---- Reading and checking ---------------------------------------------- */

/* False when a hash column is not one. */
static bool
col_entry(struct stmt *stmt, struct audit_entry *out)
{
	*out = (struct audit_entry){
	    .seq = stmt_col_int(stmt, 0),
	    .at_ms = stmt_col_int(stmt, 1),
	    .who = stmt_col_text(stmt, 2),
	    .origin = stmt_col_text(stmt, 3),
	    .what = stmt_col_text(stmt, 4),
	    .object = stmt_col_text(stmt, 5),
	    .facts = stmt_col_text(stmt, 6),
	};
	return col_digest(stmt, 7, &out->prev) &&
	       col_digest(stmt, 8, &out->hash);
}

int
audit_read(struct db *db, int64_t before, int count,
    void (*each)(void *arg, const struct audit_entry *entry), void *arg,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, read_sql, err);
	int got = -1, done = 0;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, before > 0 ? before : INT64_MAX);
	stmt_int(stmt, 2, count);
	while ((got = stmt_step(stmt, err)) == 1) {
		struct audit_entry entry;

		/* A damaged hash is shown as zeros; finding it is the job of
		 * audit_verify(). */
		col_entry(stmt, &entry);
		each(arg, &entry);
		done++;
	}
	return got < 0 ? -1 : done;
}

static int
fail_chain(struct err *err, int64_t entry)
{
	err_set(err, E_AUDIT_CHAIN);
	return err_fact_int(err, "entry", entry);
}

static int
fail_head(struct err *err, int64_t seen, int64_t found)
{
	err_set(err, E_AUDIT_HEAD);
	err_fact_int(err, "seen", seen);
	return err_fact_int(err, "found", found);
}

/* True when the row continues the chain that ends in at. */
static bool
fits(const struct store *store, const struct audit_head *at, struct stmt *stmt)
{
	struct audit_entry entry;
	struct digest hash;

	if (!col_entry(stmt, &entry) || entry.seq != at->seq + 1 ||
	    !digest_equal(&entry.prev, &at->hash))
		return false;
	entry_hash(store, &entry, &hash);
	return digest_equal(&hash, &entry.hash);
}

/* Follows the chain from *at to its end and leaves *at there.  Of the heads
 * in seen (NULL ends them) each must be met on the way. */
static int
follow(struct store *store, struct db *db, struct audit_head *at,
    const struct audit_head *const *seen, struct err *err)
{
	struct stmt *stmt = db_stmt(db, walk_sql, err);
	int got = -1;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, at->seq);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (!fits(store, at, stmt)) {
			stmt_reset(stmt);
			return fail_chain(err, at->seq + 1);
		}
		at->seq = stmt_col_int(stmt, 0);
		col_digest(stmt, 8, &at->hash);
		for (int i = 0; seen[i]; i++) {
			if (seen[i]->seq != at->seq ||
			    digest_equal(&seen[i]->hash, &at->hash))
				continue;
			stmt_reset(stmt);
			return fail_head(err, seen[i]->seq, at->seq);
		}
	}
	for (int i = 0; got == 0 && seen[i]; i++) {
		if (seen[i]->seq > at->seq)
			return fail_head(err, seen[i]->seq, at->seq);
	}
	return got;
}

/* 0 when entry known->seq is there with its hash. */
static int
check_known(struct db *db, const struct audit_head *known, struct err *err)
{
	struct stmt *stmt = db_stmt(db, one_sql, err);
	struct digest hash = {{0}};
	struct audit_head end;
	bool same = false;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, known->seq);
	got = stmt_step(stmt, err);
	if (got == 1)
		same = col_digest(stmt, 0, &hash) &&
		       digest_equal(&hash, &known->hash);
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	if (same)
		return 0;
	if (audit_head_read(db, &end, err) < 0)
		return -1;
	return fail_head(err, known->seq, end.seq);
}

int
audit_check_tail(struct store *store, struct db *db,
    const struct audit_head *known, struct audit_head *out, struct err *err)
{
	static const struct audit_head *const none[] = {NULL};

	*out = *known;
	if (known->seq > 0 && check_known(db, known, err) < 0)
		return -1;
	return follow(store, db, out, none, err);
}

int
audit_verify(
    struct store *store, struct db *db, int64_t *count, struct err *err)
{
	struct audit_head at = {0}, now;
	struct audit_head sealed = {
	    store->keyring.audit_seq, store->keyring.audit_hash};
	const struct audit_head *const seen[] = {&sealed, &now, NULL};

	/* Before the first read: entries added later are then only more. */
	pthread_mutex_lock(&store->mutex);
	now = store->head;
	pthread_mutex_unlock(&store->mutex);
	if (follow(store, db, &at, seen, err) < 0)
		return -1;
	*count = at.seq;
	return 0;
}
