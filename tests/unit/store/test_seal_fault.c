/* Full disks, failing writes and syncs at every operation in turn, and power
 * cuts that lose or tear what was not synced: what was acknowledged stays, the
 * rest is there whole or not at all. */
#include "tests/unit/store/seal_shim.h"

enum { COMMITS = 6 };

/* Opens with few pages of cache, so that transactions spill. */
static sqlite3 *
open_small(struct kit *kit, const char *mode)
{
	char sql[200];
	sqlite3 *db = kit_db(kit);

	snprintf(sql, sizeof sql,
	    "PRAGMA cache_size = 8; PRAGMA synchronous = FULL; PRAGMA "
	    "wal_autocheckpoint = 20; PRAGMA journal_mode = %s",
	    mode);
	kit_rc(db, sql);
	return db;
}

static void
make_base(struct kit *kit, const char *mode)
{
	sqlite3 *db;

	kit_start(kit);
	kit_seal(kit);
	db = open_small(kit, mode);
	kit_sql(db, "CREATE TABLE t(n INTEGER PRIMARY KEY, b BLOB);"
		    "CREATE TABLE log(n, size)");
	sqlite3_close(db);
	seal_close(&kit->seal);
}

/* Commits n = 1, 2, ... until something fails; how many were acknowledged. */
static long
commit_some(sqlite3 *db, long commits)
{
	char sql[512];

	for (long n = 1; n <= commits; n++) {
		snprintf(sql, sizeof sql,
		    "BEGIN; INSERT INTO t SELECT %ld * 100 + value, "
		    "randomblob(900) FROM (WITH RECURSIVE c(value) AS (SELECT "
		    "1 UNION ALL SELECT value + 1 FROM c WHERE value < 30) "
		    "SELECT value FROM c);"
		    "SAVEPOINT s; UPDATE t SET b = zeroblob(500) WHERE n %% 3;"
		    "ROLLBACK TO s; UPDATE t SET b = b || x'00' WHERE n %% 5 "
		    "= 0; INSERT INTO log SELECT %ld, sum(length(b)) FROM t;"
		    "COMMIT",
		    n, n);
		if (kit_rc(db, sql) != SQLITE_OK)
			return n - 1;
	}
	return commits;
}

/* Opens the file again: at least `acked` commits, all of them whole. */
static void
look(struct kit *kit, long acked, const char *what, long at)
{
	struct buf rows = BUF_INIT;
	long newest;
	sqlite3 *db;

	kit_seal(kit);
	db = kit_db(kit);
	kit_rows(db, "SELECT coalesce(max(n), 0) FROM log", &rows);
	newest = strtol(rows.ptr, NULL, 10);
	if (newest < acked || newest > acked + 1)
		fail_msg("%s %ld: acknowledged %ld, found %ld", what, at, acked,
		    newest);
	kit_expect(db,
	    "SELECT (SELECT count(*) FROM t) = 30 * count(*) FROM log", "1\n");
	kit_expect(db,
	    "SELECT count(*) FROM (SELECT size FROM log ORDER BY n DESC LIMIT "
	    "1) WHERE size <> (SELECT sum(length(b)) FROM t)",
	    "0\n");
	kit_expect(db, "PRAGMA integrity_check", "ok\n");
	sqlite3_close(db);
	seal_close(&kit->seal);
	buf_done(&rows);
}

/* ---- Failing operations ------------------------------------------------ */

static const struct {
	const char *name, *mode;
	int fail_write, fail_sync;
	long step;
} faults[] = {
    {"full, log", "WAL", SQLITE_FULL, 0, 5},
    {"write error, log", "WAL", SQLITE_IOERR_WRITE, 0, 11},
    {"sync error, log", "WAL", SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, 13},
    {"full, journal", "TRUNCATE", SQLITE_FULL, 0, 29},
    {"sync error, journal", "TRUNCATE", SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC,
	19},
};

/* One run with the fail_at-th operation and all later ones failing; 0 when
 * there were fewer. */
static int
fail_one(struct kit *kit, const struct buf *base, size_t which, long fail_at)
{
	struct shim *shim = shim_start();
	struct err err = {0};
	char tail[128];
	sqlite3 *db;
	long acked;
	int rc;

	kit_save(kit->path, base);
	kit_tail(tail, kit, "-wal");
	unlink(tail);
	kit_tail(tail, kit, "-journal");
	unlink(tail);
	kit_seal(kit);
	shim->count = shim->failed = 0;
	shim->fail_at = fail_at;
	shim->fail_write = faults[which].fail_write;
	shim->fail_sync = faults[which].fail_sync;
	db = open_small(kit, faults[which].mode);
	acked = commit_some(db, COMMITS);
	rc = sqlite3_extended_errcode(db);
	if (acked < COMMITS && (rc & 0xff) == SQLITE_FULL) {
		assert_int_equal(seal_explain(kit->seal, rc, &err), -1);
		assert_int_equal(err.code, E_STORE_FULL);
		assert_string_equal(err_find(&err, "path"), kit->path);
	}
	sqlite3_close(db);
	seal_close(&kit->seal);
	shim->fail_at = 0;
	look(kit, acked, faults[which].name, fail_at);
	return shim->failed;
}

static void
every_operation_fails(void **state)
{
	struct kit kit;
	struct buf base = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		long at = 1, runs = 0;

		make_base(&kit, faults[i].mode);
		kit_load(kit.path, &base);
		while (fail_one(&kit, &base, i, at)) {
			at += faults[i].step;
			runs++;
		}
		assert_true(runs > 20);
		kit_done(&kit);
	}
	buf_done(&base);
}

/* After the disk has room again the same connection goes on. */
static void
room_again(void **state)
{
	struct shim *shim = shim_start();
	struct kit kit;
	sqlite3 *db;

	(void)state;
	make_base(&kit, "WAL");
	kit_seal(&kit);
	db = open_small(&kit, "WAL");
	shim->count = 0;
	shim->fail_at = 40;
	shim->fail_write = SQLITE_FULL;
	shim->fail_sync = 0;
	assert_true(commit_some(db, COMMITS) < COMMITS);
	shim->fail_at = 0;
	kit_rc(db, "ROLLBACK");
	kit_sql(db, "DELETE FROM t; DELETE FROM log");
	assert_int_equal(commit_some(db, COMMITS), COMMITS);
	sqlite3_close(db);
	seal_close(&kit.seal);
	look(&kit, COMMITS, "room again", 0);
	kit_done(&kit);
}

/* ---- Power cuts -------------------------------------------------------- */

enum { CUTS = 100, TEAR = 512 };

/* A commit is acknowledged when so many operations have been recorded. */
struct history {
	size_t acked_at[COMMITS + 1];
	struct buf file[2]; /* at the start: database, log or journal */
};

static void
apply(struct buf *file, const struct shim_op *op, size_t from, size_t len)
{
	const size_t end = (size_t)op->at + from + len;

	if (op->kind == SHIM_TRUNCATE) {
		if ((size_t)op->at < file->len)
			file->len = (size_t)op->at;
		return;
	}
	while (file->len < end)
		buf_char(file, '\0');
	memcpy(file->ptr + op->at + from, op->data + from, len);
}

/* An operation that was not synced: done, not done, or done sector by
 * sector. */
static void
apply_perhaps(struct buf *file, const struct shim_op *op, uint64_t *seed)
{
	const unsigned luck = kit_random(seed, 3);

	if (luck == 0 || op->kind == SHIM_SYNC)
		return;
	if (luck == 1 || op->kind == SHIM_TRUNCATE) {
		apply(file, op, 0, op->len);
		return;
	}
	for (size_t at = 0; at < op->len; at += TEAR) {
		size_t len = op->len - at < TEAR ? op->len - at : TEAR;

		if (kit_random(seed, 2))
			apply(file, op, at, len);
	}
}

/* The disk when the power goes after `cut` operations. */
static void
build_disk(struct kit *kit, const struct history *history,
    const struct shim *shim, size_t cut, uint64_t *seed, const char *tail)
{
	size_t synced[2] = {0, 0};
	char path[128];

	for (size_t i = 0; i < cut; i++) {
		if (shim->op[i].kind == SHIM_SYNC)
			synced[shim->op[i].file] = i;
	}
	for (int which = 0; which < 2; which++) {
		struct buf file = BUF_INIT;

		buf_add(&file, buf_span(&history->file[which]));
		buf_reserve(&file, 1);
		for (size_t i = 0; i < cut; i++) {
			if (shim->op[i].file != which)
				continue;
			if (i >= synced[which])
				apply_perhaps(&file, &shim->op[i], seed);
			else if (shim->op[i].kind != SHIM_SYNC)
				apply(&file, &shim->op[i], 0, shim->op[i].len);
		}
		kit_tail(path, kit, which ? tail : "");
		kit_save(path, &file);
		buf_done(&file);
	}
}

/* Keeps what the files are now. */
static void
remember(struct kit *kit, const char *tail, struct history *history)
{
	char path[128];

	memset(history, 0, sizeof *history);
	kit_load(kit->path, &history->file[0]);
	kit_tail(path, kit, tail);
	if (kit_exists(kit, tail))
		kit_load(path, &history->file[1]);
}

static void
record(struct kit *kit, const char *mode, const char *tail,
    struct history *history, struct shim *shim)
{
	sqlite3 *db;

	kit_seal(kit);
	db = open_small(kit, mode);
	kit_sql(db, "INSERT INTO log SELECT n, size FROM log WHERE 0");
	remember(kit, tail, history);
	shim->record = 1;
	for (long n = 1; n <= COMMITS; n++) {
		char sql[512];

		snprintf(sql, sizeof sql,
		    "BEGIN; INSERT INTO t SELECT %ld * 100 + value, "
		    "randomblob(900) FROM (WITH RECURSIVE c(value) AS (SELECT "
		    "1 UNION ALL SELECT value + 1 FROM c WHERE value < 30) "
		    "SELECT value FROM c); UPDATE t SET b = b || x'00' WHERE "
		    "n %% 5 = 0; INSERT INTO log SELECT %ld, sum(length(b)) "
		    "FROM t; COMMIT",
		    n, n);
		kit_sql(db, sql);
		history->acked_at[n] = shim->ops;
	}
	shim->record = 0;
	sqlite3_close(db);
	seal_close(&kit->seal);
}

static void
cut_power(const char *mode, const char *tail)
{
	struct shim *shim = shim_start();
	struct history history;
	struct kit kit;
	uint64_t seed = 99;

	make_base(&kit, mode);
	shim->ops = 0;
	record(&kit, mode, tail, &history, shim);
	assert_true(shim->ops > 100);
	for (long i = 0; i < CUTS; i++) {
		size_t cut = kit_random(&seed, (unsigned)shim->ops + 1);
		long acked = 0;

		while (acked < COMMITS && history.acked_at[acked + 1] <= cut)
			acked++;
		build_disk(&kit, &history, shim, cut, &seed, tail);
		look(&kit, acked, mode, (long)cut);
	}
	for (size_t i = 0; i < shim->ops; i++)
		free(shim->op[i].data);
	shim->ops = 0;
	buf_done(&history.file[0]);
	buf_done(&history.file[1]);
	kit_done(&kit);
}

static void
power_cut_with_log(void **state)
{
	(void)state;
	cut_power("WAL", "-wal");
}

static void
power_cut_with_journal(void **state)
{
	(void)state;
	cut_power("PERSIST", "-journal");
	cut_power("TRUNCATE", "-journal");
}

static int
setup(void **state)
{
	(void)state;
	shim_start();
	return seal_register("shim", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_operation_fails),
	    cmocka_unit_test(room_again),
	    cmocka_unit_test(power_cut_with_log),
	    cmocka_unit_test(power_cut_with_journal),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
