/* The audit log: a table whose every row carries a keyed hash over the row
 * before it and over all its own columns.  Rows are only ever added here.
 * Where the chain ends is also kept in the keyring, so that a cut end is found;
 * a chain that goes on behind the keyring's mark is what a kill leaves. */
#include "core/store/audit.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/store/db.h"
#include "core/store/state.h"

enum { WHAT_MAX = 64, CANCEL_EVERY = 256 };

static const char last_sql[] =
    "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";
static const char one_sql[] = "SELECT hash FROM audit WHERE seq = ?1";
static const char add_sql[] =
    "INSERT INTO audit(seq, at_ms, who, origin, what, object, facts, prev,"
    " hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
static const char walk_sql[] =
    "SELECT seq, at_ms, who, origin, what, object, facts, prev, hash"
    " FROM main.audit WHERE seq > ?1 ORDER BY seq";
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
	    entry.object.len > AUDIT_OBJECT_MAX ||
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
fail_chain(struct err *err, int64_t entry, const char *why)
{
	err_set(err, E_AUDIT_CHAIN);
	err_fact_int(err, "entry", entry);
	return err_fact(err, "why", span_of(why));
}

static int
fail_head(struct err *err, int64_t seen, int64_t found)
{
	err_set(err, E_AUDIT_HEAD);
	err_fact_int(err, "seen", seen);
	return err_fact_int(err, "found", found);
}

/* The chain does not have the head that a mark tells of; it ends, or has
 * another entry, at found. */
static int
fail_mark(struct err *err, const struct audit_mark *mark, int64_t found)
{
	if (mark->line == 0)
		return fail_head(err, mark->head.seq, found);
	err_set(err, E_AUDIT_SEALED);
	err_fact_int(err, "entry", mark->head.seq);
	err_fact_int(err, "line", mark->line);
	return err_fact(err, "at", span_of(mark->at));
}

/* Why the row does not continue the chain that ends in at; NULL: it does. */
static const char *
misfit(const struct store *store, const struct audit_head *at,
    struct stmt *stmt, struct audit_entry *entry)
{
	bool whole = col_entry(stmt, entry);
	struct digest hash;

	if (entry->seq != at->seq + 1)
		return "missing";
	if (!whole)
		return "changed";
	entry_hash(store, entry, &hash);
	if (!digest_equal(&hash, &entry->hash))
		return "changed";
	return digest_equal(&entry->prev, &at->hash) ? NULL : "order";
}

/* A walk along the chain: where it is, and what it must meet. */
struct walk {
	struct store *store;
	struct audit_head at;
	struct audit_marks marks;
	size_t next; /* of marks */
	struct audit_watch *watch;
	int64_t sealed_seq, sealed_ms; /* the last "audit.seal" */
	struct buf sealed_in;
};

/* Marks up to where the walk is. */
static int
meet_marks(struct walk *walk, struct err *err)
{
	while (walk->next < walk->marks.count) {
		const struct audit_mark *mark = &walk->marks.mark[walk->next];

		if (mark->head.seq > walk->at.seq)
			break;
		if (mark->head.seq < walk->at.seq ||
		    !digest_equal(&mark->head.hash, &walk->at.hash))
			return fail_mark(err, mark, walk->at.seq);
		walk->next++;
	}
	return 0;
}

static bool
is_cancelled(const struct walk *walk)
{
	return walk->watch && walk->watch->cancel &&
	       atomic_load(walk->watch->cancel);
}

/* What an entry says about head seals. */
static void
note_seal(struct walk *walk, const struct audit_entry *entry)
{
	struct buf number = BUF_INIT;

	if (!span_equal(entry->what, SPAN("audit.seal")))
		return;
	walk->sealed_ms = entry->at_ms;
	walk->sealed_seq = 0;
	if (audit_fact_find(entry->facts, "entry", &number))
		span_int(buf_span(&number), &walk->sealed_seq);
	buf_clear(&walk->sealed_in);
	buf_add(&walk->sealed_in, entry->object);
	buf_done(&number);
}

static int
step(struct walk *walk, struct stmt *stmt, struct err *err)
{
	struct audit_entry entry;
	const char *why = misfit(walk->store, &walk->at, stmt, &entry);

	if (why)
		return fail_chain(err, walk->at.seq + 1, why);
	walk->at.seq = entry.seq;
	walk->at.hash = entry.hash;
	note_seal(walk, &entry);
	if (walk->watch)
		atomic_store(&walk->watch->done, entry.seq);
	if (entry.seq % CANCEL_EVERY == 0 && is_cancelled(walk))
		return err_set(err, E_CANCELLED);
	return meet_marks(walk, err);
}

/* Follows the chain from walk->at to its end; all marks must be met. */
static int
follow(struct walk *walk, struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt_inner(db, walk_sql, err);
	int got = -1;

	if (!stmt || meet_marks(walk, err) < 0)
		return -1;
	stmt_int(stmt, 1, walk->at.seq);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (step(walk, stmt, err) == 0)
			continue;
		stmt_reset(stmt);
		return -1;
	}
	if (got == 0 && walk->next < walk->marks.count)
		return fail_mark(
		    err, &walk->marks.mark[walk->next], walk->at.seq);
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
	struct walk walk = {.store = store, .at = *known};
	int rc;

	*out = *known;
	if (known->seq > 0 && check_known(db, known, err) < 0)
		return -1;
	rc = follow(&walk, db, err);
	*out = walk.at;
	buf_done(&walk.sealed_in);
	return rc;
}

/* Puts what the process itself knows among the marks. */
static void
add_known(struct audit_marks *marks, const struct audit_head *head)
{
	size_t at = marks->count;

	if (head->seq == 0)
		return;
	marks->mark = mem_more(marks->mark, marks->count, sizeof *marks->mark);
	marks->count++;
	for (; at > 0 && marks->mark[at - 1].head.seq > head->seq; at--)
		marks->mark[at] = marks->mark[at - 1];
	marks->mark[at] = (struct audit_mark){.head = *head};
}

/* What the log says was sealed last must stand in the file it names, when that
 * is the one that was read. */
static int
check_file(const struct walk *walk, const char *path, struct err *err)
{
	if (walk->sealed_seq == 0 ||
	    !span_equal(buf_span(&walk->sealed_in),
		span_slice(span_of(path), 0, AUDIT_OBJECT_MAX)))
		return 0;
	for (size_t i = 0; i < walk->marks.count; i++) {
		if (walk->marks.mark[i].line &&
		    walk->marks.mark[i].head.seq == walk->sealed_seq)
			return 0;
	}
	err_set(err, E_AUDIT_SEALS);
	err_fact(err, "path", span_of(path));
	return err_fact_int(err, "entry", walk->sealed_seq);
}

static void
tell_seen(const struct walk *walk, struct audit_seen *out)
{
	*out = (struct audit_seen){.entries = walk->at.seq,
	    .head = walk->at.hash,
	    .sealed_ms = walk->sealed_ms};
	for (size_t i = 0; i < walk->marks.count; i++) {
		if (walk->marks.mark[i].line == 0)
			continue;
		out->lines++;
		out->sealed_seq = walk->marks.mark[i].head.seq;
	}
}

int
audit_check(struct store *store, struct db *db, const char *path,
    struct audit_watch *watch, struct audit_seen *out, struct err *err)
{
	struct audit_head keyring = {
	    store->keyring.audit_seq, store->keyring.audit_hash};
	struct walk walk = {.store = store, .watch = watch};
	struct audit_head now;
	int rc = -1;

	/* Before the first read: entries added later are then only more. */
	pthread_mutex_lock(&store->mutex);
	now = store->head;
	pthread_mutex_unlock(&store->mutex);
	if (watch)
		atomic_store(&watch->total, now.seq);
	if (path && audit_marks_read(store, path, &walk.marks, err) < 0)
		goto out;
	add_known(&walk.marks, &keyring);
	add_known(&walk.marks, &now);
	if (follow(&walk, db, err) < 0 ||
	    (path && check_file(&walk, path, err) < 0))
		goto out;
	tell_seen(&walk, out);
	rc = 0;
out:
	free(walk.marks.mark);
	buf_done(&walk.sealed_in);
	return rc;
}

int
audit_verify(
    struct store *store, struct db *db, int64_t *count, struct err *err)
{
	struct audit_seen seen;

	if (audit_check(store, db, NULL, NULL, &seen, err) < 0)
		return -1;
	*count = seen.entries;
	return 0;
}
