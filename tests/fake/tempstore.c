/* Stores for tests: real ones, encrypted as in the program, but with the
 * smallest accepted cost of the passphrase. */
#include "tests/fake/tempstore.h"

#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"

enum { CHEAP_LOG2_N = 10, OPEN_FOLDERS = 8, LETTING_GO_S = 10 };

char *
tempdir_new(void)
{
	const char *parent = getenv("TMPDIR");
	struct buf name = BUF_INIT;
	char *dir;

	buf_printf(&name, "%s/sekisho-test-XXXXXX", parent ? parent : "/tmp");
	dir = mkdtemp(name.ptr) ? mem_text(buf_span(&name)) : NULL;
	buf_done(&name);
	if (!dir) {
		perror("mkdtemp");
		abort();
	}
	return dir;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void
tempdir_remove(char **dir)
{
	nftw(*dir, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
	free(*dir);
	*dir = NULL;
}

static struct store_params
params_of(const char *dir, struct clock *clock, enum store_kind kind)
{
	return (struct store_params){
	    .dir = dir,
	    .user = "tester",
	    .origin = "test",
	    .clock = clock,
	    .kind = kind,
	    .kdf_log2_n = CHEAP_LOG2_N,
	};
}

static void
die(const char *what, const struct err *err)
{
	fprintf(stderr, "%s: %s %s %s\n", what, err_name(err->code),
	    err->fact[0].value, err->fact[1].value);
	abort();
}

static struct secret *
passphrase(void)
{
	struct span text = SPAN(TEMPSTORE_PASSPHRASE);

	return secret_of(text.ptr, text.len);
}

static struct store *
make(struct clock *clock, enum store_kind kind)
{
	char *dir = tempdir_new();
	struct store_params params = params_of(dir, clock, kind);
	struct secret *secret = passphrase();
	struct store *store = NULL;
	struct err err = {0};

	if (store_create(&params, secret, &store, &err) < 0)
		die("store_create", &err);
	secret_free(&secret);
	free(dir);
	return store;
}

struct store *
tempstore_open(struct clock *clock)
{
	return make(clock, STORE_REAL);
}

struct store *
tempstore_open_demo(struct clock *clock)
{
	return make(clock, STORE_DEMO);
}

struct store *
tempstore_open_again(const char *dir, struct clock *clock)
{
	struct store_params params = params_of(dir, clock, STORE_REAL);
	struct secret *secret = passphrase();
	time_t until = time(NULL) + LETTING_GO_S;
	struct store *store = NULL;
	struct err err = {0};

	while (store_open(&params, secret, &store, &err) < 0) {
		if (err.code != E_STORE_IN_USE || time(NULL) > until)
			die("store_open", &err);
		poll(NULL, 0, 10);
	}
	secret_free(&secret);
	return store;
}

void
tempstore_reopen(struct store **store)
{
	char *dir = mem_text(span_of(store_dir(*store)));
	struct clock *clock = store_clock(*store);

	store_close(store);
	*store = tempstore_open_again(dir, clock);
	free(dir);
}

void
tempstore_close(struct store **store)
{
	char *dir = mem_text(span_of(store_dir(*store)));

	store_close(store);
	tempdir_remove(&dir);
}

int64_t
tempstore_number(struct store *store, const char *sql)
{
	struct err err = {0};
	struct db *db = NULL;
	struct stmt *stmt = NULL;
	int64_t value;

	if (store_reader_open(store, &db, &err) == 0)
		stmt = db_stmt(db, sql, &err);
	if (!stmt || stmt_step(stmt, &err) != 1)
		die("tempstore_number", &err);
	value = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	store_reader_close(&db);
	return value;
}

void
tempstore_roles(struct store *store, unsigned roles)
{
	struct err err = {0};
	struct db *db = NULL;
	struct stmt *stmt;

	if (store_begin(store, STORE_WAIT_LONG, "test", &db, &err) < 0)
		die("tempstore_roles", &err);
	stmt = db_stmt(db,
	    "INSERT INTO person(login, roles, added_ms, changed_ms,"
	    " changed_by) VALUES(?1, ?2, 0, 0, '') ON CONFLICT(login)"
	    " DO UPDATE SET roles = ?2",
	    &err);
	if (!stmt)
		die("tempstore_roles", &err);
	stmt_text(stmt, 1, span_of(store_user(store)));
	stmt_int(stmt, 2, roles);
	if (stmt_run(stmt, &err) < 0 || store_commit(store, &db, &err) < 0)
		die("tempstore_roles", &err);
}

void
tempstore_forget_user(struct store *store)
{
	struct err err = {0};
	struct db *db = NULL;
	struct stmt *stmt;

	if (store_begin(store, STORE_WAIT_LONG, "test", &db, &err) < 0)
		die("tempstore_forget_user", &err);
	stmt = db_stmt(db, "DELETE FROM person WHERE login = ?1", &err);
	if (!stmt)
		die("tempstore_forget_user", &err);
	stmt_text(stmt, 1, span_of(store_user(store)));
	if (stmt_run(stmt, &err) < 0 || store_commit(store, &db, &err) < 0)
		die("tempstore_forget_user", &err);
}
