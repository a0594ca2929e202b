/* The life of a store: made, opened, killed, put back, refused. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/state.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { FILE_LIMIT = 64 * 1024 * 1024 };

struct fixture {
	struct fake_clock clock;
	char *dir; /* exists, 0700, empty */
	struct secret *secret;
	struct store_params params;
	struct store *store;
	struct err err;
};

static int
set_up(void **state)
{
	struct fixture *f = mem_new(sizeof *f);

	fake_clock_init(&f->clock);
	f->dir = tempdir_new();
	f->secret =
	    secret_of(TEMPSTORE_PASSPHRASE, sizeof TEMPSTORE_PASSPHRASE - 1);
	f->params = (struct store_params){
	    .dir = f->dir,
	    .user = "hanako",
	    .origin = "pts/3 192.0.2.14",
	    .clock = &f->clock.base,
	    .kdf_log2_n = 10,
	};
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(&f->store);
	secret_free(&f->secret);
	tempdir_remove(&f->dir);
	free(f);
	return 0;
}

static void
create(struct fixture *f)
{
	assert_ok(
	    store_create(&f->params, f->secret, &f->store, &f->err), &f->err);
}

static void
reopen(struct fixture *f)
{
	store_close(&f->store);
	assert_ok(
	    store_open(&f->params, f->secret, &f->store, &f->err), &f->err);
}

/* The code with which opening fails; E_NONE (and open) when it does not. */
static enum err_code
try_open(struct fixture *f)
{
	f->err = (struct err){0};
	store_open(&f->params, f->secret, &f->store, &f->err);
	return f->err.code;
}

static void
path_in(const struct fixture *f, const char *name, char *out, size_t room)
{
	snprintf(out, room, "%s/%s", f->dir, name);
}

static void
copy_in(const struct fixture *f, const char *from, const char *to)
{
	struct buf bytes = BUF_INIT;
	struct err err = {0};
	char path[200];

	path_in(f, from, path, sizeof path);
	assert_ok(file_read(path, FILE_LIMIT, &bytes, &err), &err);
	path_in(f, to, path, sizeof path);
	assert_ok(file_replace(path, buf_span(&bytes), 0600, &err), &err);
	buf_done(&bytes);
}

static int64_t
size_of(const struct fixture *f, const char *name)
{
	char path[200];
	struct stat st;

	path_in(f, name, path, sizeof path);
	return stat(path, &st) < 0 ? -1 : st.st_size;
}

static int
count_files(const char *dir)
{
	DIR *open = opendir(dir);
	int count = 0;

	while (readdir(open))
		count++;
	closedir(open);
	return count;
}

/* Commits one list of this name. */
static int
add_list(struct store *store, const char *name, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt;

	if (store_begin(store, STORE_WAIT_LONG, "test", &db, err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "INSERT INTO list(name, created_ms, changed_ms, changed_by)"
	    " VALUES(?1, 0, 0, '')",
	    err);
	if (stmt)
		stmt_text(stmt, 1, span_of(name));
	if (!stmt || stmt_run(stmt, err) < 0) {
		store_rollback(store, &db);
		return -1;
	}
	return store_commit(store, &db, err);
}

static int64_t
number(struct store *store, const char *sql)
{
	struct db *db = NULL;
	struct err err = {0};
	int64_t value = -1;

	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_ok(db_number(db, sql, &value, &err), &err);
	store_reader_close(&db);
	return value;
}

/* Runs act in a child that opens the store and is then killed: no close, no
 * checkpoint.  Returns what act returned, or 99 when it could not open. */
static int
in_killed_child(struct fixture *f, int (*act)(struct store *store))
{
	int pipe_to[2], status = 99;
	pid_t pid;

	assert_int_equal(pipe(pipe_to), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct store *store = NULL;
		int rc = 99;

		if (store_open(&f->params, f->secret, &store, NULL) == 0)
			rc = act(store);
		if (write(pipe_to[1], &rc, sizeof rc) == sizeof rc)
			raise(SIGKILL);
		_exit(1);
	}
	close(pipe_to[1]);
	if (read(pipe_to[0], &status, sizeof status) != sizeof status)
		status = 98;
	close(pipe_to[0]);
	waitpid(pid, NULL, 0);
	return status;
}

/* ---- Making and opening ------------------------------------------------ */

static void
made_and_opened(void **state)
{
	struct fixture *f = *state;

	assert_false(store_exists(f->dir));
	create(f);
	assert_true(store_exists(f->dir));
	assert_string_equal(store_user(f->store), "hanako");
	assert_string_equal(store_dir(f->store), f->dir);
	assert_ptr_equal(store_clock(f->store), &f->clock.base);
	assert_false(store_is_demo(f->store));
	assert_ok(add_list(f->store, "a", &f->err), &f->err);
	reopen(f);
	assert_int_equal(number(f->store, "SELECT count(*) FROM list"), 1);
	assert_ok(store_verify(f->store, &f->err), &f->err);
}

static void
private_files(void **state)
{
	static const char *const names[] = {"keyring", "store.db", "lock"};
	struct fixture *f = *state;
	struct stat st;
	char path[200];

	f->params.dir = path;
	path_in(f, "deeper/still", path, sizeof path);
	create(f);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char name[250];

		snprintf(name, sizeof name, "%s/%s", path, names[i]);
		assert_int_equal(stat(name, &st), 0);
		assert_int_equal(st.st_mode & 0177, 0);
	}
	store_close(&f->store);
	assert_int_equal(size_of(f, "deeper/still/store.db-wal"), -1);
	assert_int_equal(size_of(f, "deeper/still/store.db-shm"), -1);
}

static void
refused_to_make(void **state)
{
	struct fixture *f = *state;
	struct secret *weak = secret_of("elevenchars", 11);
	/* Eleven characters of three octets each are still eleven. */
	struct secret *kana = secret_of("あいうえおかきくけこさ", 33);
	char path[200];

	assert_int_equal(
	    store_create(&f->params, weak, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_PASSPHRASE_WEAK);
	assert_int_equal(
	    store_create(&f->params, kana, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_PASSPHRASE_WEAK);
	assert_string_equal(err_find(&f->err, "limit"), "12");
	assert_false(store_exists(f->dir));

	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(
	    store_create(&f->params, f->secret, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_STORE_MODE);
	assert_int_equal(chmod(f->dir, 0700), 0);

	create(f);
	store_close(&f->store);
	assert_int_equal(
	    store_create(&f->params, f->secret, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_STORE_EXISTS);

	path_in(f, "keyring", path, sizeof path);
	f->params.dir = path;
	assert_int_equal(
	    store_create(&f->params, f->secret, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_STORE_DIR);
	secret_free(&weak);
	secret_free(&kana);
}

static void
refused_to_open(void **state)
{
	struct fixture *f = *state;
	char path[200];

	assert_int_equal(try_open(f), E_STORE_MISSING);
	assert_string_equal(err_find(&f->err, "path"), f->dir);
	create(f);
	store_close(&f->store);
	assert_int_equal(chmod(f->dir, 0705), 0);
	assert_int_equal(try_open(f), E_STORE_MODE);
	assert_int_equal(chmod(f->dir, 0700), 0);
	path_in(f, "keyring", path, sizeof path);
	assert_int_equal(rename(path, "/dev/null/no"), -1);
	copy_in(f, "keyring", "kept");
	unlink(path);
	assert_int_equal(try_open(f), E_KEYRING_READ);
	assert_string_equal(err_find(&f->err, "path"), path);
	assert_int_equal(truncate(path, 0), -1);
	copy_in(f, "kept", "keyring");
	assert_int_equal(truncate(path, 3391), 0);
	assert_int_equal(try_open(f), E_KEYRING_DAMAGED);
	copy_in(f, "kept", "keyring");
	assert_int_equal(try_open(f), E_NONE);
}

/* Whatever was given wrongly, nothing on disk has changed. */
static void
wrong_passphrase(void **state)
{
	struct fixture *f = *state;
	struct secret *right = f->secret;
	struct buf before = BUF_INIT, after = BUF_INIT;
	char path[200];

	create(f);
	assert_ok(add_list(f->store, "a", &f->err), &f->err);
	store_close(&f->store);
	path_in(f, "store.db", path, sizeof path);
	assert_ok(file_read(path, FILE_LIMIT, &before, &f->err), &f->err);
	f->secret = secret_of("wrong horse battery", 19);
	assert_int_equal(try_open(f), E_KEYRING_PASSPHRASE);
	assert_int_equal(
	    store_passphrase_check(f->dir, f->secret, &f->err), -1);
	assert_int_equal(f->err.code, E_KEYRING_PASSPHRASE);
	secret_free(&f->secret);
	f->secret = right;
	assert_ok(store_passphrase_check(f->dir, f->secret, &f->err), &f->err);
	assert_ok(file_read(path, FILE_LIMIT, &after, &f->err), &f->err);
	assert_true(span_equal(buf_span(&before), buf_span(&after)));
	assert_int_equal(try_open(f), E_NONE);
	buf_done(&before);
	buf_done(&after);
}

static void
demo_for_ever(void **state)
{
	struct fixture *f = *state;

	f->params.kind = STORE_DEMO;
	create(f);
	assert_true(store_is_demo(f->store));
	f->params.kind = STORE_REAL;
	reopen(f);
	assert_true(store_is_demo(f->store));
}

/* ---- One process ------------------------------------------------------- */

static void
opened_twice(void **state)
{
	struct fixture *f = *state;
	struct store *second = NULL;
	struct err err = {0};
	char pid[24];

	create(f);
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	assert_int_equal(store_open(&f->params, f->secret, &second, &err), -1);
	assert_int_equal(err.code, E_STORE_IN_USE);
	assert_string_equal(err_find(&err, "path"), f->dir);
	assert_string_equal(err_find(&err, "pid"), pid);
	assert_string_equal(err_find(&err, "user"), "hanako");
	assert_ok(add_list(f->store, "still works", &f->err), &f->err);
}

static void
opened_by_another_process(void **state)
{
	struct fixture *f = *state;
	int status = 0;
	pid_t pid;

	create(f);
	pid = fork();
	if (pid == 0) {
		struct store *second = NULL;
		struct err err = {0};

		store_open(&f->params, f->secret, &second, &err);
		_exit(err.code == E_STORE_IN_USE ? 42 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 42);
	reopen(f);
}

/* ---- Kills and losses -------------------------------------------------- */

static int
commit_three(struct store *store)
{
	static const char *const names[] = {"a", "b", "c"};

	for (int i = 0; i < 3; i++) {
		if (add_list(store, names[i], NULL) < 0)
			return 1;
	}
	return 0;
}

static void
killed(void **state)
{
	struct fixture *f = *state;

	create(f);
	store_close(&f->store);
	assert_int_equal(in_killed_child(f, commit_three), 0);
	assert_true(size_of(f, "store.db-wal") > 0);
	assert_int_equal(try_open(f), E_NONE);
	assert_int_equal(number(f->store, "SELECT count(*) FROM list"), 3);
	assert_ok(store_verify(f->store, &f->err), &f->err);
	store_close(&f->store);
	assert_int_equal(size_of(f, "store.db-wal"), -1);
}

/* Killed after the keyring was written and before the database was complete:
 * opening finishes the work. */
static void
killed_while_making(void **state)
{
	struct fixture *f = *state;
	struct secret *master;
	struct keyring keyring;
	char path[200];
	int slot;

	create(f);
	store_close(&f->store);
	assert_ok(keyring_read(f->dir, &keyring, &f->err), &f->err);
	assert_ok(keyring_unlock(&keyring, f->secret, &master, &slot, &f->err),
	    &f->err);
	keyring.flags |= KEYRING_NEW;
	keyring.generation = keyring.audit_seq = 0;
	keyring.audit_hash = (struct digest){{0}};
	assert_ok(keyring_write(f->dir, &keyring, master, &f->err), &f->err);
	secret_free(&master);
	assert_int_equal(try_open(f), E_NONE); /* all of the database there */
	store_close(&f->store);
	path_in(f, "store.db", path, sizeof path);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(try_open(f), E_STORE_EMPTY); /* no longer new */
}

static void
empty_and_missing_database(void **state)
{
	struct fixture *f = *state;
	char path[200];

	create(f);
	store_close(&f->store);
	path_in(f, "store.db", path, sizeof path);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(try_open(f), E_STORE_EMPTY);
	assert_int_equal(size_of(f, "store.db"), 0);
	unlink(path);
	assert_int_equal(try_open(f), E_STORE_MISSING);
	assert_int_equal(size_of(f, "store.db"), -1);
}

static void
flip(const struct fixture *f, const char *name, off_t at)
{
	char path[200], c;
	int fd;

	path_in(f, name, path, sizeof path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, at), 1);
	c = (char)(c ^ 0x40);
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static void
damaged_database(void **state)
{
	struct fixture *f = *state;
	int64_t pages;

	create(f);
	store_close(&f->store);
	copy_in(f, "store.db", "kept");
	flip(f, "store.db", 3); /* the salt */
	assert_int_equal(try_open(f), E_STORE_NOT_DB);
	copy_in(f, "kept", "store.db");
	flip(f, "store.db", 100); /* page 1 */
	assert_int_equal(try_open(f), E_STORE_NOT_DB);
	copy_in(f, "kept", "store.db");
	pages = size_of(f, "store.db") / 4096;
	flip(f, "store.db", 4096 * (pages - 1) + 77);
	if (try_open(f) == E_NONE)
		assert_int_equal(store_verify(f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_STORE_PAGE);
	assert_int_equal(atoll(err_find(&f->err, "page")), pages);
}

/* The keyring holds a copy of the 16 octets without which nothing of the
 * database could be read. */
static void
salt_put_back(void **state)
{
	struct fixture *f = *state;
	struct keyring keyring;
	char path[200];
	int fd;

	create(f);
	store_close(&f->store);
	path_in(f, "store.db", path, sizeof path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "0123456789abcdef", 16, 0), 16);
	assert_int_equal(try_open(f), E_STORE_NOT_DB);
	assert_ok(keyring_read(f->dir, &keyring, &f->err), &f->err);
	assert_int_equal(pwrite(fd, keyring.salt, 16, 0), 16);
	close(fd);
	assert_int_equal(try_open(f), E_NONE);
}

static void
cut_database(void **state)
{
	struct fixture *f = *state;
	char path[200];
	enum err_code code;

	create(f);
	store_close(&f->store);
	path_in(f, "store.db", path, sizeof path);
	assert_int_equal(truncate(path, size_of(f, "store.db") - 100), 0);
	code = try_open(f);
	if (code == E_NONE)
		assert_int_equal(store_verify(f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_STORE_TRUNCATED);
}

/* ---- Nothing in clear -------------------------------------------------- */

static const char canary[] = "canary.yellow@example.jp";

/* A contact, and sorting enough of them to make SQLite spill. */
static int
commit_canaries(struct store *store)
{
	static const char sql[] =
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 3000) INSERT INTO contact(address, canon, name,"
	    " created_ms, changed_ms) SELECT ?1, ?1 || i, ?1 || ?1 || ?1, 0, 0"
	    " FROM n";
	static const char sort[] =
	    "SELECT count(*) FROM (SELECT DISTINCT name || canon FROM contact"
	    " ORDER BY 1 LIMIT 5000)";
	struct db *db = NULL;
	struct stmt *stmt;

	if (store_begin(store, STORE_WAIT_LONG, "test", &db, NULL) < 0)
		return 1;
	stmt = db_stmt(db, sql, NULL);
	stmt_text(stmt, 1, span_of(canary));
	if (stmt_run(stmt, NULL) < 0 ||
	    stmt_run(db_stmt(db, sort, NULL), NULL) < 0)
		return 2;
	return store_commit(store, &db, NULL) < 0 ? 3 : 0;
}

/* Files of the folder that hold the canary or the head of a plain database. */
static int
count_leaks(const struct fixture *f)
{
	DIR *dir = opendir(f->dir);
	struct dirent *entry;
	int leaks = 0, files = 0;

	while ((entry = readdir(dir)) != NULL) {
		struct buf bytes = BUF_INIT;
		char path[400];

		snprintf(path, sizeof path, "%s/%s", f->dir, entry->d_name);
		if (file_read(path, FILE_LIMIT, &bytes, NULL) == 0) {
			struct span all = buf_span(&bytes);

			files++;
			leaks += span_search(all, span_of(canary)) < all.len;
			leaks +=
			    span_search(all, SPAN("SQLite format")) < all.len;
		}
		buf_done(&bytes);
	}
	closedir(dir);
	assert_true(files >= 3);
	return leaks;
}

static void
nothing_in_clear(void **state)
{
	struct fixture *f = *state;
	struct buf planted = BUF_INIT;
	char path[200];

	create(f);
	assert_int_equal(commit_canaries(f->store), 0);
	assert_int_equal(count_leaks(f), 0);
	assert_ok(db_exec(f->store->writer, "VACUUM", &f->err), &f->err);
	assert_int_equal(count_leaks(f), 0);
	assert_ok(
	    db_exec(f->store->writer, "DELETE FROM contact", &f->err), &f->err);
	store_close(&f->store);
	assert_int_equal(count_leaks(f), 0);
	assert_int_equal(in_killed_child(f, commit_canaries), 0);
	assert_true(size_of(f, "store.db-wal") > 0);
	assert_int_equal(count_leaks(f), 0);
	/* The search itself finds what is there. */
	path_in(f, "planted", path, sizeof path);
	buf_printf(&planted, "xx%sxx", canary);
	assert_ok(
	    file_replace(path, buf_span(&planted), 0600, &f->err), &f->err);
	assert_int_equal(count_leaks(f), 1);
	buf_done(&planted);
}

/* ---- Older copies ------------------------------------------------------ */

static void
older_copy_put_back(void **state)
{
	struct fixture *f = *state;
	int64_t audit;

	create(f);
	store_close(&f->store);
	copy_in(f, "store.db", "backup");
	assert_int_equal(try_open(f), E_NONE);
	assert_ok(add_list(f->store, "later", &f->err), &f->err);
	store_close(&f->store);
	copy_in(f, "backup", "store.db");
	assert_int_equal(try_open(f), E_STORE_ROLLED_BACK);
	assert_string_equal(err_find(&f->err, "seen"), "4");
	assert_string_equal(err_find(&f->err, "found"), "2");
	/* Still refused the next time: looking does not accept it. */
	assert_int_equal(try_open(f), E_STORE_ROLLED_BACK);
	assert_ok(
	    store_open_restored(&f->params, f->secret, &f->store, &f->err),
	    &f->err);
	assert_int_equal(number(f->store, "SELECT count(*) FROM list"), 0);
	audit = number(f->store,
	    "SELECT count(*) FROM audit WHERE what = 'store.restored'"
	    " AND facts = 'seen=4 found=2'");
	assert_int_equal(audit, 1);
	reopen(f);
}

/* A copy from the middle of a session is older than its end. */
static void
copy_of_the_same_session(void **state)
{
	struct fixture *f = *state;

	create(f);
	assert_ok(add_list(f->store, "a", &f->err), &f->err);
	assert_ok(db_checkpoint(f->store->writer, &f->err), &f->err);
	copy_in(f, "store.db", "backup");
	store_close(&f->store);
	copy_in(f, "backup", "store.db");
	assert_int_equal(try_open(f), E_STORE_ROLLED_BACK);
}

/* After a kill the keyring remembers the opening, so a copy from before it is
 * noticed as well. */
static void
older_copy_after_a_kill(void **state)
{
	struct fixture *f = *state;
	char path[200];

	create(f);
	store_close(&f->store);
	copy_in(f, "store.db", "backup");
	assert_int_equal(in_killed_child(f, commit_three), 0);
	path_in(f, "store.db-wal", path, sizeof path);
	assert_int_equal(unlink(path), 0);
	copy_in(f, "backup", "store.db");
	assert_int_equal(try_open(f), E_STORE_ROLLED_BACK);
}

/* The keyring of before, put back by hand after an accident, is accepted: the
 * database is newer than it says. */
static void
older_keyring_put_back(void **state)
{
	struct fixture *f = *state;

	create(f);
	store_close(&f->store);
	assert_true(size_of(f, "keyring.old") > 0);
	copy_in(f, "keyring.old", "keyring");
	assert_int_equal(try_open(f), E_NONE);
}

/* ---- Versions ---------------------------------------------------------- */

static void
newer_schema(void **state)
{
	struct fixture *f = *state;

	create(f);
	assert_ok(db_exec(f->store->writer, "PRAGMA user_version=99", &f->err),
	    &f->err);
	store_close(&f->store);
	assert_int_equal(try_open(f), E_STORE_VERSION);
	assert_string_equal(err_find(&f->err, "found"), "99");
}

/* Changes the keyring of a closed store as its owner could. */
static void
edit_keyring(struct fixture *f, void (*edit)(struct keyring *keyring))
{
	struct keyring keyring;
	struct secret *master = NULL;
	int slot;

	assert_ok(keyring_read(f->dir, &keyring, &f->err), &f->err);
	assert_ok(keyring_unlock(&keyring, f->secret, &master, &slot, &f->err),
	    &f->err);
	edit(&keyring);
	assert_ok(keyring_write(f->dir, &keyring, master, &f->err), &f->err);
	secret_free(&master);
}

static void
other_sqlite(struct keyring *keyring)
{
	memset(keyring->source, 0, sizeof keyring->source);
	memcpy(keyring->source, "2020 other", 10);
}

/* A new SQLite passes the self-test, is noted, and leaves no file behind. */
static void
updated_sqlite(void **state)
{
	struct fixture *f = *state;
	char seen[KEYRING_SOURCE + 1];
	int files;

	create(f);
	memcpy(seen, f->store->keyring.source, sizeof seen);
	assert_true(strlen(seen) > 20);
	store_close(&f->store);
	files = count_files(f->dir);
	edit_keyring(f, other_sqlite);
	assert_int_equal(try_open(f), E_NONE);
	assert_string_equal(f->store->keyring.source, seen);
	store_close(&f->store);
	assert_int_equal(count_files(f->dir), files);
}

static void
other_generation(struct keyring *keyring)
{
	keyring->generation += 1;
}

/* The keyring alone is moved on: the database is older than it says. */
static void
keyring_ahead(void **state)
{
	struct fixture *f = *state;

	create(f);
	store_close(&f->store);
	edit_keyring(f, other_generation);
	assert_int_equal(try_open(f), E_STORE_ROLLED_BACK);
}

/* Damage that only the MAC shows names its file. */
static void
forged_keyring(void **state)
{
	struct fixture *f = *state;
	struct buf octets = BUF_INIT;
	struct digest sum;
	char path[200];

	create(f);
	store_close(&f->store);
	path_in(f, "keyring", path, sizeof path);
	assert_ok(file_read(path, FILE_LIMIT, &octets, &f->err), &f->err);
	octets.ptr[39] ^= 1; /* the generation */
	crypt_sha256(span_make(octets.ptr, KEYRING_OCTETS - SHA256_LEN), &sum);
	memcpy(octets.ptr + KEYRING_OCTETS - SHA256_LEN, sum.bytes, SHA256_LEN);
	assert_ok(
	    file_replace(path, buf_span(&octets), 0600, &f->err), &f->err);
	assert_int_equal(try_open(f), E_KEYRING_DAMAGED);
	assert_string_equal(err_find(&f->err, "path"), path);
	assert_string_equal(err_find(&f->err, "why"), "mac");
	buf_done(&octets);
}

/* ---- Keys -------------------------------------------------------------- */

static void
sub_keys(void **state)
{
	struct fixture *f = *state;
	struct secret *kept[STORE_KEY_COUNT];

	create(f);
	for (int i = 0; i < STORE_KEY_COUNT; i++) {
		const struct secret *key =
		    store_key(f->store, (enum store_key)i);

		kept[i] = secret_of(key->bytes, key->len);
		assert_int_equal(key->len, KEY_LEN);
		assert_false(secret_equal(key, f->store->page_key));
		for (int j = 0; j < i; j++)
			assert_false(secret_equal(kept[i], kept[j]));
	}
	reopen(f);
	for (int i = 0; i < STORE_KEY_COUNT; i++) {
		assert_true(secret_equal(
		    kept[i], store_key(f->store, (enum store_key)i)));
		secret_free(&kept[i]);
	}
}

static void
raw_key(void **state)
{
	struct fixture *f = *state;
	struct buf key = BUF_INIT, salt = BUF_INIT, head = BUF_INIT;
	char path[200];

	create(f);
	assert_ok(store_raw_key(f->store, &key, &f->err), &f->err);
	assert_int_equal(key.len, 3 + 64 + 32);
	assert_true(span_starts(buf_span(&key), SPAN("x'")));
	assert_int_equal(key.ptr[key.len - 1], '\'');
	assert_int_equal(
	    number(f->store,
		"SELECT count(*) FROM audit WHERE what = 'store.key'"),
	    1);
	/* The last 32 digits are the salt that stands at the file's start. */
	path_in(f, "store.db", path, sizeof path);
	assert_ok(db_checkpoint(f->store->writer, &f->err), &f->err);
	assert_ok(file_read(path, FILE_LIMIT, &head, &f->err), &f->err);
	crypt_hex(&salt, span_slice(buf_span(&head), 0, 16));
	assert_true(
	    span_equal(span_slice(buf_span(&key), 66, 98), buf_span(&salt)));
	buf_wipe(&key);
	buf_done(&salt);
	buf_done(&head);
}

static void
passphrase_changed(void **state)
{
	struct fixture *f = *state;
	struct secret *fresh = secret_of("another long phrase", 19);
	struct secret *weak = secret_of("short", 5);

	create(f);
	reopen(f);
	assert_int_equal(
	    store_passphrase_change(f->store, fresh, fresh, &f->err), -1);
	assert_int_equal(f->err.code, E_KEYRING_PASSPHRASE);
	assert_int_equal(
	    store_passphrase_change(f->store, f->secret, weak, &f->err), -1);
	assert_int_equal(f->err.code, E_PASSPHRASE_WEAK);
	assert_ok(store_passphrase_change(f->store, f->secret, fresh, &f->err),
	    &f->err);
	/* The file that the old passphrase opens is gone. */
	assert_int_equal(size_of(f, "keyring.old"), -1);
	assert_int_equal(
	    number(f->store,
		"SELECT count(*) FROM audit WHERE what = 'keyring.passphrase'"),
	    1);
	store_close(&f->store);
	assert_int_equal(try_open(f), E_KEYRING_PASSPHRASE);
	secret_free(&f->secret);
	f->secret = fresh;
	assert_int_equal(try_open(f), E_NONE);
	secret_free(&weak);
}

/* ---- Writers ----------------------------------------------------------- */

static void
busy_writer(void **state)
{
	struct fixture *f = *state;
	struct db *db = NULL, *second = NULL;

	create(f);
	assert_ok(
	    store_begin(f->store, STORE_WAIT_LONG, "import", &db, &f->err),
	    &f->err);
	assert_int_equal(
	    store_begin(f->store, STORE_WAIT_SHORT, "screen", &second, &f->err),
	    -1);
	assert_int_equal(f->err.code, E_STORE_BUSY);
	assert_string_equal(err_find(&f->err, "what"), "import");
	store_rollback(f->store, &db);
	assert_null(db);
	assert_ok(add_list(f->store, "free again", &f->err), &f->err);
}

enum { WORKERS = 4, COMMITS = 40 };

static void *
commit_many(void *arg)
{
	struct store *store = arg;
	struct audit_event event = {.what = "test.commit"};
	struct err err = {0};

	for (int i = 0; i < COMMITS; i++) {
		struct db *db = NULL;
		struct stmt *stmt;

		if (store_begin(store, STORE_WAIT_LONG, "worker", &db, &err) <
		    0)
			return store;
		stmt = db_stmt(db,
		    "INSERT INTO list(name, created_ms, changed_ms,"
		    " changed_by) VALUES(hex(randomblob(8)), 0, 0, '')",
		    &err);
		if (!stmt || stmt_run(stmt, &err) < 0 ||
		    audit_add_in(store, db, &event, &err) < 0) {
			store_rollback(store, &db);
			return store;
		}
		if (i % 10 == 9)
			store_rollback(store, &db);
		else if (store_commit(store, &db, &err) < 0)
			return store;
	}
	return NULL;
}

static void
many_writers(void **state)
{
	enum { WANT = WORKERS * COMMITS * 9 / 10 };
	struct fixture *f = *state;
	pthread_t thread[WORKERS];
	struct db *db = NULL;
	int64_t count = 0;
	void *failed;

	create(f);
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, commit_many, f->store), 0);
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(thread[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(number(f->store, "SELECT count(*) FROM list"), WANT);
	assert_ok(store_reader_open(f->store, &db, &f->err), &f->err);
	assert_ok(audit_verify(f->store, db, &count, &f->err), &f->err);
	assert_int_equal(count, WANT + 1);
	store_reader_close(&db);
}

struct queue {
	struct turn turn;
	int order[WORKERS];
	int served;
};

struct queuer {
	struct queue *queue;
	int number;
};

static void *
queue_up(void *arg)
{
	struct queuer *self = arg;
	struct queue *queue = self->queue;

	if (turn_take(&queue->turn, -1, "queuer", NULL) < 0)
		return self;
	queue->order[queue->served++] = self->number;
	turn_give(&queue->turn);
	return NULL;
}

static bool
has_waiters(struct turn *turn, struct waiter *last)
{
	bool has;

	pthread_mutex_lock(&turn->mutex);
	has = turn->last != last;
	pthread_mutex_unlock(&turn->mutex);
	return has;
}

static void
first_come_first_served(void **state)
{
	struct queue queue = {0};
	struct queuer queuer[WORKERS];
	pthread_t thread[WORKERS];

	(void)state;
	turn_init(&queue.turn);
	assert_int_equal(turn_take(&queue.turn, 0, "first", NULL), 0);
	for (int i = 0; i < WORKERS; i++) {
		struct waiter *last = queue.turn.last;

		queuer[i] = (struct queuer){&queue, i};
		assert_int_equal(
		    pthread_create(&thread[i], NULL, queue_up, &queuer[i]), 0);
		while (!has_waiters(&queue.turn, last))
			sched_yield();
	}
	turn_give(&queue.turn);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(queue.order[i], i);
	turn_done(&queue.turn);
}

/* ---- Full disks -------------------------------------------------------- */

/* Lets files of this process grow to size only; -1 ends the limit. */
static void
limit_files(int64_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size < 0 ? limit.rlim_max : (rlim_t)size;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static int
fill(struct store *store, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt;

	if (store_begin(store, STORE_WAIT_LONG, "fill", &db, err) < 0)
		return -1;
	for (int i = 0; i < 100; i++) {
		stmt = db_stmt(db,
		    "INSERT INTO list(name, created_ms, changed_ms,"
		    " changed_by) VALUES(hex(randomblob(20000)), 0, 0, '')",
		    err);
		if (!stmt || stmt_run(stmt, err) < 0) {
			store_rollback(store, &db);
			return -1;
		}
	}
	return store_commit(store, &db, err);
}

static void
full_disk(void **state)
{
	struct fixture *f = *state;

	signal(SIGXFSZ, SIG_IGN);
	create(f);
	assert_ok(add_list(f->store, "before", &f->err), &f->err);
	limit_files(1024 * 1024);
	assert_int_equal(fill(f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_STORE_FULL);
	assert_int_equal(number(f->store, "SELECT count(*) FROM list"), 1);
	limit_files(-1);
	assert_ok(add_list(f->store, "after", &f->err), &f->err);
	assert_ok(store_verify(f->store, &f->err), &f->err);
	reopen(f);
	assert_int_equal(number(f->store, "SELECT count(*) FROM list"), 2);
}

/* A store that could not be made leaves nothing in the way. */
static void
full_disk_while_making(void **state)
{
	static const int64_t sizes[] = {
	    0, 100, 3391, 4096, 10000, 50000, 100000};
	struct fixture *f = *state;

	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		limit_files(sizes[i]);
		f->err = (struct err){0};
		assert_int_equal(
		    store_create(&f->params, f->secret, &f->store, &f->err),
		    -1);
		limit_files(-1);
		assert_false(store_exists(f->dir));
	}
	create(f);
}

/* The keyring is not written when the disk is full; the store still opens. */
static void
full_disk_while_closing(void **state)
{
	struct fixture *f = *state;

	signal(SIGXFSZ, SIG_IGN);
	create(f);
	limit_files(100);
	store_close(&f->store);
	limit_files(-1);
	assert_int_equal(try_open(f), E_NONE);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
	    CASE(made_and_opened),
	    CASE(private_files),
	    CASE(refused_to_make),
	    CASE(refused_to_open),
	    CASE(wrong_passphrase),
	    CASE(demo_for_ever),
	    CASE(opened_twice),
	    CASE(opened_by_another_process),
	    CASE(killed),
	    CASE(killed_while_making),
	    CASE(empty_and_missing_database),
	    CASE(damaged_database),
	    CASE(salt_put_back),
	    CASE(cut_database),
	    CASE(nothing_in_clear),
	    CASE(older_copy_put_back),
	    CASE(copy_of_the_same_session),
	    CASE(older_copy_after_a_kill),
	    CASE(older_keyring_put_back),
	    CASE(newer_schema),
	    CASE(updated_sqlite),
	    CASE(keyring_ahead),
	    CASE(forged_keyring),
	    CASE(sub_keys),
	    CASE(raw_key),
	    CASE(passphrase_changed),
	    CASE(busy_writer),
	    CASE(many_writers),
	    CASE(first_come_first_served),
	    CASE(full_disk),
	    CASE(full_disk_while_making),
	    CASE(full_disk_while_closing),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
