/* The front door of the store: what happens, in which order, when it is made,
 * opened and closed.  Everything that could lose data stops the opening; only
 * an operator who says that a backup was restored gets past a store that is
 * older than the keyring remembers. */
#include "core/store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/store/schema.h"
#include "core/store/state.h"

enum { WAIT_SHORT_MS = 2000, LOCK_NOTE_MAX = 256 };

/* What HKDF is given for each sub-key; docs/store.md lists them.  A label that
 * was used is never changed. */
static const char *const labels[] = {
    [STORE_KEY_SUPPRESS] = "sekisho 1 suppress",
    [STORE_KEY_MESSAGE] = "sekisho 1 message",
    [STORE_KEY_TOKEN] = "sekisho 1 token",
    [STORE_KEY_SEAL] = "sekisho 1 seal",
    [STORE_KEY_AUDIT] = "sekisho 1 audit",
};
static_assert(
    sizeof labels / sizeof *labels == STORE_KEY_COUNT, "label every sub-key");
static const char page_label[] = "sekisho 1 page";

static int
fail_path(struct err *err, enum err_code code, const char *path, int sys)
{
	err_sys(err, code, sys);
	return err_fact(err, "path", span_of(path));
}

/* ---- The folder -------------------------------------------------------- */

static char *
path_in(const char *dir, const char *name)
{
	struct buf path = BUF_INIT;
	char *text;

	buf_printf(&path, "%s/%s", dir, name);
	text = mem_text(buf_span(&path));
	buf_done(&path);
	return text;
}

static bool
has_file(const char *dir, const char *name)
{
	char *path = path_in(dir, name);
	struct stat st;
	bool has = lstat(path, &st) == 0;

	free(path);
	return has;
}

bool
store_exists(const char *dir)
{
	return has_file(dir, "keyring") || has_file(dir, "store.db");
}

/* Readable by nobody else; by the group only where the folder says with its
 * set-group-id bit that it is shared. */
static int
check_folder(const char *dir, struct err *err)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return fail_path(err, E_STORE_DIR, dir, errno);
	if (!S_ISDIR(st.st_mode))
		return fail_path(err, E_STORE_DIR, dir, ENOTDIR);
	if (st.st_mode & 07 || (st.st_mode & 070 && !(st.st_mode & S_ISGID)))
		return fail_path(err, E_STORE_MODE, dir, 0);
	return 0;
}

/* ---- One process ------------------------------------------------------- */

/* Adds who holds the store, from the note in the lock file. */
static int
fail_in_use(struct store *store, struct err *err)
{
	char note[LOCK_NOTE_MAX];
	ssize_t got = pread(store->lock, note, sizeof note, 0);
	struct span rest = span_make(note, got > 0 ? (size_t)got : 0);
	struct span line = span_cut(&rest, '\n');

	fail_path(err, E_STORE_IN_USE, store->dir, 0);
	err_fact(err, "pid", span_cut(&line, ' '));
	return err_fact(err, "user", line);
}

/* The database is locked by the VFS as well; this lock comes first, guards the
 * keyring too and says who holds it. */
static int
take_lock(struct store *store, struct err *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = path_in(store->dir, "lock");
	struct buf note = BUF_INIT;
	int rc = -1;

	store->lock =
	    open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (store->lock < 0) {
		fail_path(err, E_STORE_DIR, path, errno);
		goto out;
	}
	if (fcntl(store->lock, F_OFD_SETLK, &whole) < 0) {
		fail_in_use(store, err);
		goto out;
	}
	buf_printf(&note, "%ld %s\n", (long)getpid(), store->user);
	/* The note is a courtesy: a full disk must not keep the store shut. */
	if (ftruncate(store->lock, 0) == 0)
		file_write_all(store->lock, buf_span(&note));
	rc = 0;
out:
	free(path);
	buf_done(&note);
	return rc;
}

/* ---- Making and ending the object -------------------------------------- */

static struct store *
store_new(const struct store_params *params, const char *dir)
{
	struct store *store = mem_new(sizeof *store);

	store->dir = mem_text(span_of(dir));
	store->path = path_in(dir, "store.db");
	store->place.path = store->path;
	atomic_init(&store->place.open, 0);
	store->user = mem_text(span_of(params->user));
	store->origin = mem_text(span_of(params->origin));
	store->clock = params->clock;
	store->lock = -1;
	turn_init(&store->turn);
	pthread_mutex_init(&store->mutex, NULL);
	return store;
}

/* Closes and wipes without writing anything: for failures, and at the end of a
 * regular close. */
static void
dismantle(struct store **store)
{
	struct store *s = *store;

	if (!s)
		return;
	db_close(&s->writer);
	seal_close(&s->place.seal);
	secret_free(&s->master);
	secret_free(&s->page_key);
	for (int i = 0; i < STORE_KEY_COUNT; i++)
		secret_free(&s->key[i]);
	if (s->lock >= 0)
		close(s->lock);
	turn_done(&s->turn);
	pthread_mutex_destroy(&s->mutex);
	free(s->dir);
	free(s->path);
	free(s->user);
	free(s->origin);
	free(s);
	*store = NULL;
}

/* The object, its folder checked and locked. */
static int
occupy(const struct store_params *params, struct store **out, struct err *err)
{
	char *dir = realpath(params->dir, NULL);
	struct store *store = NULL;
	int rc = -1;

	if (!dir) {
		fail_path(err, E_STORE_DIR, params->dir, errno);
		goto out;
	}
	if (check_folder(dir, err) < 0)
		goto out;
	store = store_new(params, dir);
	if (take_lock(store, err) < 0)
		goto out;
	*out = store;
	store = NULL;
	rc = 0;
out:
	dismantle(&store);
	free(dir);
	return rc;
}

static void
derive(struct store *store)
{
	store->page_key = crypt_subkey(store->master, page_label);
	for (int i = 0; i < STORE_KEY_COUNT; i++)
		store->key[i] = crypt_subkey(store->master, labels[i]);
}

/* ---- The database ------------------------------------------------------ */

static bool
is_new(const struct store *store)
{
	return store->keyring.flags & KEYRING_NEW;
}

/* Only a keyring that says so may come with an absent or empty database. */
static enum seal_start
start_of(const struct store *store)
{
	struct stat st;

	if (is_new(store) &&
	    (stat(store->place.path, &st) < 0 || st.st_size == 0))
		return SEAL_NEW;
	return SEAL_EXISTING;
}

static int
self_test(struct store *store, struct err *err)
{
	if (!strcmp(store->keyring.source, sqlite3_sourceid()))
		return 0;
	return seal_self_test(store->dir, err);
}

static int
open_database(struct store *store, struct err *err)
{
	if (seal_register(NULL, err) < 0 || self_test(store, err) < 0)
		return -1;
	if (seal_open(store->place.path, start_of(store), &store->place.seal,
		err) < 0)
		return -1;
	if (seal_key(store->place.seal, store->page_key, store->keyring.salt,
		err) < 0)
		return -1;
	return db_open(&store->place, DB_WRITER, &store->writer, err);
}

/* One migration and its number in one transaction. */
static int
migrate_to(struct store *store, const char *sql, int version, struct err *err)
{
	struct db *db = store->writer;
	char mark[48];

	snprintf(mark, sizeof mark, "PRAGMA user_version=%d", version);
	if (db_begin(db, err) < 0)
		return -1;
	if (db_exec(db, sql, err) < 0 || db_exec(db, mark, err) < 0) {
		db_rollback(db);
		return -1;
	}
	return db_commit(db, err);
}

static int
migrate(struct store *store, struct err *err)
{
	int known;
	const char *const *migration = schema_migrations(&known);
	int64_t version;

	if (db_number(store->writer, "PRAGMA user_version", &version, err) < 0)
		return -1;
	if (version < 0 || version > known) {
		err_set(err, E_STORE_VERSION);
		err_fact_int(err, "found", version);
		return err_fact_int(err, "known", known);
	}
	if (version == 0 && !is_new(store))
		return fail_path(err, E_STORE_EMPTY, store->place.path, 0);
	for (int next = (int)version; next < known; next++) {
		if (migrate_to(store, migration[next], next + 1, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- Generations ------------------------------------------------------- */

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

/* Begins the next generation: in the database with its audit entry, then in
 * the keyring.  A kill between the two leaves a database that is newer than
 * the keyring says, which is harmless. */
static int
advance(
    struct store *store, const char *what, int64_t generation, struct err *err)
{
	struct keyring next = store->keyring;
	struct audit_event event = {.what = what};
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	buf_printf(&facts, "generation=%lld", (long long)generation);
	event.facts = buf_span(&facts);
	if (store_begin(store, STORE_WAIT_LONG, what, &db, err) < 0)
		goto out;
	if (write_generation(store, db, generation, err) < 0 ||
	    audit_add_in(store, db, &event, err) < 0 ||
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

enum trust_in_age {
	AGE_CHECKED, /* a store older than last seen is refused */
	AGE_EXCUSED  /* the operator says that a backup was restored */
};

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
		fail_path(err, E_STORE_ROLLED_BACK, store->place.path, 0);
		err_fact_int(err, "seen", store->keyring.generation);
		return err_fact_int(err, "found", found);
	}
	return audit_check_tail(
	    store, store->writer, &sealed, &store->head, err);
}

static int
accept_age(struct store *store, enum trust_in_age trust, int64_t *found,
    struct err *err)
{
	struct err why = {0};

	if (read_generation(store, found, err) < 0)
		return -1;
	if (check_age(store, *found, &why) == 0)
		return 0;
	if (trust != AGE_EXCUSED ||
	    (why.code != E_STORE_ROLLED_BACK && why.code != E_AUDIT_HEAD)) {
		if (err)
			*err = why;
		return -1;
	}
	if (audit_head_read(store->writer, &store->head, err) < 0)
		return -1;
	return log_restored(store, store->keyring.generation, *found, err);
}

/* From a keyring whose master secret is known to a store at work. */
static int
start(struct store *store, enum trust_in_age trust, struct err *err)
{
	const char *what = is_new(store) ? "store.create" : "store.open";
	int64_t found = 0;

	derive(store);
	if (open_database(store, err) < 0 || migrate(store, err) < 0 ||
	    accept_age(store, trust, &found, err) < 0)
		return -1;
	if (found < store->keyring.generation)
		found = store->keyring.generation;
	return advance(store, what, found + 1, err);
}

/* ---- Making, opening, closing ------------------------------------------ */

static int
check_passphrase(const struct secret *passphrase, struct err *err)
{
	if (utf8_count(secret_span(passphrase)) >= PASSPHRASE_MIN)
		return 0;
	err_set(err, E_PASSPHRASE_WEAK);
	return err_fact_int(err, "limit", PASSPHRASE_MIN);
}

static int
fill_new(struct store *store, const struct store_params *params,
    const struct secret *passphrase, struct err *err)
{
	struct slot_plan plan = {
	    .kind = SLOT_PASSPHRASE,
	    .user = params->user,
	    .log2_n = params->kdf_log2_n,
	    .now_ms = clock_now_ms(params->clock),
	};

	store->master = secret_new(KEY_LEN);
	crypt_random(store->master->bytes, store->master->len);
	keyring_init(&store->keyring, params->kind);
	if (keyring_wrap(
		&store->keyring, 0, &plan, passphrase, store->master, err) < 0)
		return -1;
	return keyring_write(store->dir, &store->keyring, store->master, err);
}

/* What a creation that failed has left, so that it can be tried again. */
static void
remove_new(const char *dir)
{
	static const char *const names[] = {"keyring", "keyring.old",
	    "keyring.new", "store.db", "store.db-wal", "store.db-journal",
	    "lock"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = path_in(dir, names[i]);

		unlink(path);
		free(path);
	}
}

int
store_create(const struct store_params *params, const struct secret *passphrase,
    struct store **out, struct err *err)
{
	struct store *store = NULL;
	struct err local = {0};

	if (!err)
		err = &local;
	if (check_passphrase(passphrase, err) < 0)
		return -1;
	if (store_exists(params->dir))
		return fail_path(err, E_STORE_EXISTS, params->dir, 0);
	if (file_mkdirs(params->dir, 0700, err) < 0)
		return fail_path(err, E_STORE_DIR, params->dir, err->sys);
	if (occupy(params, &store, err) < 0)
		return -1;
	if (store_exists(store->dir)) { /* made while we took the lock */
		dismantle(&store);
		return fail_path(err, E_STORE_EXISTS, params->dir, 0);
	}
	if (fill_new(store, params, passphrase, err) < 0 ||
	    start(store, AGE_CHECKED, err) < 0) {
		remove_new(store->dir);
		dismantle(&store);
		if (err->code == E_STORE_FULL)
			fail_path(err, E_DISK_FULL, params->dir, 0);
		return -1;
	}
	*out = store;
	return 0;
}

static int
open_as(const struct store_params *params, const struct secret *passphrase,
    enum trust_in_age trust, struct store **out, struct err *err)
{
	struct store *store = NULL;
	int slot;

	if (!store_exists(params->dir))
		return fail_path(err, E_STORE_MISSING, params->dir, 0);
	if (occupy(params, &store, err) < 0)
		return -1;
	if (keyring_read(store->dir, &store->keyring, err) < 0 ||
	    keyring_unlock(
		&store->keyring, passphrase, &store->master, &slot, err) < 0 ||
	    start(store, trust, err) < 0) {
		dismantle(&store);
		return -1;
	}
	*out = store;
	return 0;
}

int
store_open(const struct store_params *params, const struct secret *passphrase,
    struct store **out, struct err *err)
{
	return open_as(params, passphrase, AGE_CHECKED, out, err);
}

int
store_open_restored(const struct store_params *params,
    const struct secret *passphrase, struct store **out, struct err *err)
{
	return open_as(params, passphrase, AGE_EXCUSED, out, err);
}

void
store_close(struct store **store)
{
	struct store *s = *store;

	if (!s)
		return;
	assert(atomic_load(&s->place.open) == 1 && !s->turn.taken);
	/* Should this fail (full disk), the keyring keeps the generation of
	 * the opening, which the database still satisfies. */
	advance(s, "store.close", s->keyring.generation + 1, NULL);
	db_checkpoint(s->writer, NULL);
	dismantle(store);
}

/* ---- Questions --------------------------------------------------------- */

bool
store_is_demo(const struct store *store)
{
	return store->keyring.flags & KEYRING_DEMO;
}

const char *
store_user(const struct store *store)
{
	return store->user;
}

const char *
store_dir(const struct store *store)
{
	return store->dir;
}

struct clock *
store_clock(const struct store *store)
{
	return store->clock;
}

const struct secret *
store_key(const struct store *store, enum store_key which)
{
	return store->key[which];
}

int
store_raw_key(struct store *store, struct buf *out, struct err *err)
{
	struct audit_event event = {.what = "store.key"};

	if (audit_add(store, &event, err) < 0)
		return -1;
	buf_reserve(out, 3 + 2 * (KEY_LEN + KEYRING_SALT));
	buf_text(out, "x'");
	crypt_hex(out, secret_span(store->page_key));
	crypt_hex(
	    out, span_make(store->keyring.salt, sizeof store->keyring.salt));
	buf_char(out, '\'');
	return 0;
}

int
store_passphrase_check(
    const char *dir, const struct secret *passphrase, struct err *err)
{
	struct keyring keyring;
	struct secret *master = NULL;
	int slot, rc;

	if (keyring_read(dir, &keyring, err) < 0)
		return -1;
	rc = keyring_unlock(&keyring, passphrase, &master, &slot, err);
	secret_free(&master);
	return rc;
}

/* Writes the keyring with its new slot and the log entry about it; the old
 * keyring comes back when the entry cannot be committed. */
static int
replace_keyring(struct store *store, struct keyring *fresh, struct err *err)
{
	struct audit_event event = {.what = "keyring.passphrase"};
	struct db *db = NULL;

	if (store_begin(store, STORE_WAIT_LONG, event.what, &db, err) < 0)
		return -1;
	if (audit_add_in(store, db, &event, err) < 0 ||
	    keyring_write(store->dir, fresh, store->master, err) < 0) {
		store_rollback(store, &db);
		return -1;
	}
	if (store_commit(store, &db, err) < 0) {
		keyring_write(store->dir, &store->keyring, store->master, NULL);
		return -1;
	}
	store->keyring = *fresh;
	return 0;
}

int
store_passphrase_change(struct store *store, const struct secret *old,
    const struct secret *fresh, struct err *err)
{
	struct keyring next = store->keyring;
	struct secret *master = NULL;
	struct slot_plan plan = {0};
	int slot = 0, rc = -1;

	if (check_passphrase(fresh, err) < 0 ||
	    keyring_unlock(&next, old, &master, &slot, err) < 0)
		goto out;
	plan.kind = next.slot[slot].kind;
	plan.user = store->keyring.slot[slot].user;
	plan.log2_n = next.slot[slot].log2_n;
	plan.now_ms = clock_now_ms(store->clock);
	if (keyring_wrap(&next, slot, &plan, fresh, master, err) < 0 ||
	    replace_keyring(store, &next, err) < 0)
		goto out;
	/* Only now that the new one is known to open: the old file still
	 * opens with the old passphrase. */
	rc = store_passphrase_check(store->dir, fresh, err);
	if (rc == 0)
		keyring_forget_old(store->dir);
out:
	secret_free(&master);
	return rc;
}

/* What the integrity check has met: a page or frame that the seal refused, or
 * else, in SQLite's words, tables that do not fit together. */
static int
explain_fault(struct store *store, struct span words, struct err *err)
{
	struct seal_fault fault;

	seal_fault(store->place.seal, &fault);
	if (fault.kind != SEAL_SOUND &&
	    seal_explain(store->place.seal, fault.rc, err) < 0)
		return -1;
	err_set(err, E_STORE_SQL);
	err_fact_int(err, "code", SQLITE_CORRUPT);
	return err_fact(err, "what", words);
}

int
store_verify(struct store *store, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	stmt = db_stmt_open(db, "PRAGMA integrity_check(1)", err);
	if (!stmt || stmt_step(stmt, err) < 0)
		goto out;
	rc = span_equal(stmt_col_text(stmt, 0), SPAN("ok"))
		 ? 0
		 : explain_fault(store, stmt_col_text(stmt, 0), err);
out:
	stmt_reset(stmt);
	store_reader_close(&db);
	return rc;
}

/* ---- Connections ------------------------------------------------------- */

int
store_reader_open(struct store *store, struct db **out, struct err *err)
{
	return db_open(&store->place, DB_READER, out, err);
}

void
store_reader_close(struct db **db)
{
	db_close(db);
}

int
store_begin(struct store *store, enum store_wait wait, const char *what,
    struct db **out, struct err *err)
{
	int limit_ms = wait == STORE_WAIT_SHORT ? WAIT_SHORT_MS : -1;

	if (turn_take(&store->turn, limit_ms, what, err) < 0)
		return -1;
	if (db_begin(store->writer, err) < 0) {
		turn_give(&store->turn);
		return -1;
	}
	*out = store->writer;
	return 0;
}

int
store_commit(struct store *store, struct db **db, struct err *err)
{
	struct audit_head head;
	int rc;

	assert(*db == store->writer);
	*db = NULL;
	rc = audit_head_read(store->writer, &head, err);
	if (rc == 0)
		rc = db_commit(store->writer, err);
	else
		db_rollback(store->writer);
	if (rc == 0) {
		pthread_mutex_lock(&store->mutex);
		store->head = head;
		pthread_mutex_unlock(&store->mutex);
	}
	turn_give(&store->turn);
	return rc;
}

void
store_rollback(struct store *store, struct db **db)
{
	if (!*db)
		return;
	assert(*db == store->writer);
	*db = NULL;
	db_rollback(store->writer);
	turn_give(&store->turn);
}
