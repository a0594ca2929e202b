/* The self-test of the VFS: does this SQLite still read and write the way the
 * VFS knows?  It goes through spill, overwritten frames, a rolled-back
 * savepoint, a second connection, recovery of a copied log, the rollback
 * journal and a flipped bit, on a throw-away file. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/seal_file.h"

enum { FILE_LIMIT = 16 * 1024 * 1024, ROWS = 400 };

static const char canary[] = "canary-of-the-self-test";

struct check {
	char *path, *copy;
	struct secret *key;
	struct seal *seal, *other;
	sqlite3 *writer, *reader;
};

static char *
path_of(const char *dir, const char *name)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", dir, name);
	return path.ptr;
}

static void
remove_files(const char *path)
{
	static const char *const tails[] = {"", "-wal", "-journal", "-shm"};

	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		struct buf full = BUF_INIT;

		buf_printf(&full, "%s%s", path, tails[i]);
		unlink(full.ptr);
		buf_done(&full);
	}
}

static int
open_db(const char *path, sqlite3 **out)
{
	int rc = sqlite3_open_v2(
	    path, out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, SEAL_VFS);

	if (rc == SQLITE_OK)
		sqlite3_extended_result_codes(*out, 1);
	return rc;
}

static int
run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

/* The number that a query gives, -1 when it fails. */
static int64_t
number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int64(stmt, 0);
	return sqlite3_finalize(stmt) == SQLITE_OK ? value : -1;
}

/* Every row is there once, with the sums that fill() leaves. */
static bool
is_whole(sqlite3 *db)
{
	return number(db, "SELECT count(*) FROM t") == ROWS &&
	       number(db, "SELECT sum(b LIKE '%+') FROM t") == ROWS / 4 &&
	       number(db, "SELECT count(*) FROM pragma_integrity_check "
			  "WHERE integrity_check = 'ok'") == 1;
}

/* More than the cache holds, changed again in the same transaction, with a
 * savepoint rolled back in the middle. */
static int
fill(struct check *check)
{
	char sql[256];

	snprintf(sql, sizeof sql,
	    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c "
	    "WHERE x < %d) INSERT INTO t SELECT x, '%s' || hex(zeroblob(250)) "
	    "FROM c",
	    ROWS, canary);
	return run(check->writer, "BEGIN") < 0 || run(check->writer, sql) < 0 ||
		       run(check->writer, "SAVEPOINT s; UPDATE t SET b = b || "
					  "'!' WHERE a % 2; "
					  "DELETE FROM t WHERE a % 3 = 0; "
					  "ROLLBACK TO s; RELEASE s;"
					  "UPDATE t SET b = b || '+' WHERE a % "
					  "4 = 0; COMMIT") < 0
		   ? -1
		   : 0;
}

static int
step_create(struct check *check)
{
	struct err err = {0};

	if (seal_open(check->path, SEAL_NEW, &check->seal, &err) < 0 ||
	    seal_key(check->seal, check->key, NULL, &err) < 0 ||
	    open_db(check->path, &check->writer) != SQLITE_OK)
		return -1;
	return run(check->writer,
	    "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 10;"
	    "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)");
}

static int
step_journal(struct check *check)
{
	if (fill(check) < 0 || !is_whole(check->writer))
		return -1;
	if (run(check->writer,
		"BEGIN; UPDATE t SET b = b || b; DELETE FROM t WHERE a > 9; "
		"ROLLBACK") < 0 ||
	    !is_whole(check->writer))
		return -1;
	return run(check->writer, "DELETE FROM t");
}

static int
step_wal(struct check *check)
{
	if (run(check->writer, "PRAGMA journal_mode = WAL") < 0 ||
	    run(check->writer, "PRAGMA wal_autocheckpoint = 0") < 0 ||
	    fill(check) < 0 || !is_whole(check->writer))
		return -1;
	return 0;
}

static int
step_reader(struct check *check)
{
	if (open_db(check->path, &check->reader) != SQLITE_OK ||
	    !is_whole(check->reader))
		return -1;
	if (run(check->writer, "UPDATE t SET b = b || '-' WHERE a % 4 = 1") <
		0 ||
	    !is_whole(check->reader))
		return -1;
	return 0;
}

/* Copies one file; nothing of the plain text may be in it. */
static int
copy_file(const char *from, const char *to, const char *tail)
{
	struct buf source = BUF_INIT, target = BUF_INIT, data = BUF_INIT;
	int rc = -1;

	buf_printf(&source, "%s%s", from, tail);
	buf_printf(&target, "%s%s", to, tail);
	if (file_read(source.ptr, FILE_LIMIT, &data, NULL) == 0 &&
	    span_search(buf_span(&data), SPAN(canary)) == data.len &&
	    file_replace(target.ptr, buf_span(&data), 0600, NULL) == 0)
		rc = 0;
	buf_done(&source);
	buf_done(&target);
	buf_done(&data);
	return rc;
}

/* What a kill would leave, opened as after a kill. */
static int
step_recover(struct check *check)
{
	sqlite3 *db = NULL;
	int rc = -1;

	if (copy_file(check->path, check->copy, "") < 0 ||
	    copy_file(check->path, check->copy, "-wal") < 0 ||
	    seal_open(check->copy, SEAL_EXISTING, &check->other, NULL) < 0 ||
	    seal_key(check->other, check->key, NULL, NULL) < 0)
		return -1;
	if (open_db(check->copy, &db) == SQLITE_OK && is_whole(db))
		rc = 0;
	sqlite3_close(db);
	return rc;
}

static int
step_checkpoint(struct check *check)
{
	if (run(check->writer, "PRAGMA wal_checkpoint(TRUNCATE)") < 0 ||
	    !is_whole(check->reader) ||
	    number(check->writer, "SELECT count(*) FROM t") != ROWS)
		return -1;
	sqlite3_close(check->reader);
	check->reader = NULL;
	return run(check->writer, "VACUUM") < 0 || !is_whole(check->writer) ? -1
									    : 0;
}

/* One bit in the middle of a page: the page is named. */
static int
step_tamper(struct check *check)
{
	enum { AT = SEAL_PAGE + 1000 };
	struct seal_fault fault;
	unsigned char byte;

	sqlite3_close(check->writer);
	check->writer = NULL;
	if (pread(check->seal->fd, &byte, 1, AT) != 1)
		return -1;
	byte ^= 1;
	if (pwrite(check->seal->fd, &byte, 1, AT) != 1 ||
	    open_db(check->path, &check->writer) != SQLITE_OK ||
	    number(check->writer, "SELECT sum(length(b)) FROM t") >= 0)
		return -1;
	seal_fault(check->seal, &fault);
	return fault.kind == SEAL_BAD_PAGE && fault.number == 2 ? 0 : -1;
}

static const struct {
	const char *name;
	int (*run)(struct check *check);
} steps[] = {
    {"create", step_create},
    {"journal", step_journal},
    {"wal", step_wal},
    {"reader", step_reader},
    {"recover", step_recover},
    {"checkpoint", step_checkpoint},
    {"tamper", step_tamper},
};

int
seal_self_test(const char *dir, struct err *err)
{
	struct check check = {.path = path_of(dir, "self-test.db"),
	    .copy = path_of(dir, "self-test-2.db"),
	    .key = secret_new(SEAL_KEY)};
	int rc = 0;

	crypt_random(check.key->bytes, SEAL_KEY);
	remove_files(check.path);
	remove_files(check.copy);
	for (size_t i = 0; rc == 0 && i < sizeof steps / sizeof *steps; i++) {
		if (steps[i].run(&check) == 0)
			continue;
		err_set(err, E_STORE_SELF_TEST);
		err_fact(err, "version", span_of(sqlite3_libversion()));
		rc = err_fact(err, "step", span_of(steps[i].name));
	}
	sqlite3_close(check.reader);
	sqlite3_close(check.writer);
	seal_close(&check.seal);
	seal_close(&check.other);
	secret_free(&check.key);
	remove_files(check.path);
	remove_files(check.copy);
	free(check.path);
	free(check.copy);
	return rc;
}
