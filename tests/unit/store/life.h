/* What the tests of a store's life share: a folder, a passphrase, a clock, and
 * a store that is made and opened with them. */
#ifndef TESTS_UNIT_STORE_LIFE_H
#define TESTS_UNIT_STORE_LIFE_H

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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

static inline int
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

static inline int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(&f->store);
	secret_free(&f->secret);
	tempdir_remove(&f->dir);
	free(f);
	return 0;
}

static inline void
create(struct fixture *f)
{
	assert_ok(
	    store_create(&f->params, f->secret, &f->store, &f->err), &f->err);
}

static inline void
reopen(struct fixture *f)
{
	store_close(&f->store);
	assert_ok(
	    store_open(&f->params, f->secret, &f->store, &f->err), &f->err);
}

/* The code with which opening fails; E_NONE (and open) when it does not. */
static inline enum err_code
try_open(struct fixture *f)
{
	f->err = (struct err){0};
	store_open(&f->params, f->secret, &f->store, &f->err);
	return f->err.code;
}

static inline void
path_in(const struct fixture *f, const char *name, char *out, size_t room)
{
	snprintf(out, room, "%s/%s", f->dir, name);
}

static inline void
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

static inline int64_t
size_of(const struct fixture *f, const char *name)
{
	char path[200];
	struct stat st;

	path_in(f, name, path, sizeof path);
	return stat(path, &st) < 0 ? -1 : st.st_size;
}

static inline int
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
static inline int
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

static inline int64_t
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
static inline int
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

/* Changes the keyring of a closed store as its owner could. */
static inline void
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

static inline int
commit_three(struct store *store)
{
	static const char *const names[] = {"a", "b", "c"};

	for (int i = 0; i < 3; i++) {
		if (add_list(store, names[i], NULL) < 0)
			return 1;
	}
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
