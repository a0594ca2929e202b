/* The front door of the store: what happens, in which order, when it is made,
 * opened and closed.  Everything that could lose data stops the opening; only
 * an operator who says that a backup was restored gets past a store that is
 * older than the keyring remembers. */
#include "core/store/store.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/age.h"
#include "core/store/keys.h"
#include "core/store/place.h"
#include "core/store/schema.h"
#include "core/store/state.h"

enum { WAIT_SHORT_MS = 2000 };

static int
fail_path(struct err *err, enum err_code code, const char *path, int sys)
{
	err_sys(err, code, sys);
	return err_fact(err, "path", span_of(path));
}

/* ---- Making and ending the object -------------------------------------- */

static struct store *
store_new(const struct store_params *params, const char *dir)
{
	struct store *store = mem_new(sizeof *store);

	store->dir = mem_text(span_of(dir));
	store->path = place_path(dir, "store.db");
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
	if (place_check(dir, err) < 0)
		goto out;
	store = store_new(params, dir);
	if (place_lock(dir, store->user, &store->lock, err) < 0)
		goto out;
	*out = store;
	store = NULL;
	rc = 0;
out:
	dismantle(&store);
	free(dir);
	return rc;
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
check_version(struct store *store, int64_t *version, struct err *err)
{
	int known;

	schema_migrations(&known);
	if (db_number(store->writer, "PRAGMA user_version", version, err) < 0)
		return -1;
	if (*version < 0 || *version > known) {
		err_set(err, E_STORE_VERSION);
		err_fact_int(err, "found", *version);
		return err_fact_int(err, "known", known);
	}
	if (*version == 0 && !is_new(store))
		return fail_path(err, E_STORE_EMPTY, store->place.path, 0);
	return 0;
}

static int
migrate(struct store *store, int64_t from, struct err *err)
{
	int known;
	const char *const *migration = schema_migrations(&known);

	for (int next = (int)from; next < known; next++) {
		if (migrate_to(store, migration[next], next + 1, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- Making, opening, closing ------------------------------------------ */

/* From a keyring whose master secret is known to a store at work.  A store that
 * is older than last seen is refused before anything in it is changed. */
static int
start(struct store *store, enum age_rule rule, struct err *err)
{
	const char *what = is_new(store) ? "store.create" : "store.open";
	int64_t version = 0, found = 0;

	keys_derive(store);
	if (open_database(store, err) < 0 ||
	    check_version(store, &version, err) < 0)
		return -1;
	if (version == 0 && migrate(store, version, err) < 0)
		return -1;
	if (age_accept(store, rule, &found, err) < 0)
		return -1;
	if (version > 0 && migrate(store, version, err) < 0)
		return -1;
	if (found < store->keyring.generation)
		found = store->keyring.generation;
	return age_advance(store, what, found + 1, err);
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

int
store_create(const struct store_params *params, const struct secret *passphrase,
    struct store **out, struct err *err)
{
	struct store *store = NULL;
	struct err local = {0};

	if (!err)
		err = &local;
	if (keys_check_passphrase(passphrase, err) < 0)
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
		place_clear(store->dir);
		dismantle(&store);
		if (err->code == E_STORE_FULL)
			fail_path(err, E_DISK_FULL, params->dir, 0);
		return -1;
	}
	store->is_fresh = true;
	*out = store;
	return 0;
}

static int
open_as(const struct store_params *params, const struct secret *passphrase,
    enum age_rule rule, struct store **out, struct err *err)
{
	struct store *store = NULL;
	int slot;

	if (!store_exists(params->dir))
		return fail_path(err, E_STORE_MISSING, params->dir, 0);
	if (occupy(params, &store, err) < 0)
		return -1;
	if (keyring_read(store->dir, &store->keyring, err) < 0 ||
	    keys_unlock(store->dir, &store->keyring, passphrase, &store->master,
		&slot, err) < 0 ||
	    start(store, rule, err) < 0) {
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
	age_advance(s, "store.close", s->keyring.generation + 1, NULL);
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

int
store_scratch_open(struct store *store, struct db **out, struct err *err)
{
	return db_open(&store->place, DB_SCRATCH, out, err);
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
	store->turns++;
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
		if (db_wrote(store->writer) & DB_WROTE_STOPS)
			atomic_fetch_add(&store->stop_version, 1);
		if (db_wrote(store->writer) & DB_WROTE_PEOPLE)
			atomic_fetch_add(&store->people_version, 1);
	}
	turn_give(&store->turn);
	return rc;
}

uint64_t
store_stop_version(struct store *store)
{
	return atomic_load(&store->stop_version);
}

uint64_t
store_people_version(struct store *store)
{
	return atomic_load(&store->people_version);
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
