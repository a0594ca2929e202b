/* What encryption costs: the same work on plain SQLite and through the VFS, as
 * seconds of processor time and their ratio (medians of several runs).
 *
 *	bench_store [rows]
 *
 * Wanted with a million rows, more than the page cache holds: bulk load at most
 * 1.6 times plain, random updates 2.5, scan 3.  A store that fits into the cache
 * gives plain SQLite less to do, and so a higher ratio of updates. */
#include <sqlite3.h>

#include "core/store/seal.h"
#include "tests/bench/bench.h"

enum { ROWS = 200000, GROUP = 500, DIR_MAX = 64, PATH_ROOM = 96 };
enum work { BULK, UPDATE, SCAN, WORKS };

static const char *const names[WORKS] = {"bulk load, one transaction",
    "random updates, groups of 500", "scan from a cold cache"};

static void
die(sqlite3 *db, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, db ? sqlite3_errmsg(db) : "");
	exit(1);
}

static void
run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(db, sql);
}

static sqlite3 *
open_db(const char *path, const char *vfs)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs) != SQLITE_OK)
		die(db, path);
	run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"PRAGMA cache_size = -65536");
	return db;
}

static uint64_t
next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		die(db, sql);
	return stmt;
}

static void
step(sqlite3 *db, sqlite3_stmt *stmt)
{
	if (sqlite3_step(stmt) != SQLITE_DONE)
		die(db, sqlite3_sql(stmt));
	sqlite3_reset(stmt);
}

static void
load(sqlite3 *db, long rows, uint64_t *seed)
{
	sqlite3_stmt *stmt;
	char address[64];

	run(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE, c TEXT)");
	stmt =
	    prepare(db, "INSERT INTO t(b, c) VALUES (?, printf('%0160d', ?))");
	run(db, "BEGIN");
	for (long i = 0; i < rows; i++) {
		snprintf(address, sizeof address, "%llx.%ld@example.jp",
		    (unsigned long long)next_random(seed), i);
		sqlite3_bind_text(stmt, 1, address, -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(stmt, 2, i);
		step(db, stmt);
	}
	sqlite3_finalize(stmt);
	run(db, "COMMIT");
}

static void
update(sqlite3 *db, long rows, uint64_t *seed)
{
	sqlite3_stmt *stmt =
	    prepare(db, "UPDATE t SET c = printf('%0160d', ?) WHERE a = ?");

	for (long i = 0; i < rows / 5; i++) {
		uint64_t row = next_random(seed) % (uint64_t)rows + 1;

		if (i % GROUP == 0)
			run(db, i ? "COMMIT; BEGIN" : "BEGIN");
		sqlite3_bind_int64(stmt, 1, i);
		sqlite3_bind_int64(stmt, 2, (sqlite3_int64)row);
		step(db, stmt);
	}
	sqlite3_finalize(stmt);
	run(db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}

/* One run over a new file; seconds per kind of work into out. */
static void
measure(const char *path, const char *vfs, long rows, double out[WORKS])
{
	uint64_t seed = 1;
	double from = bench_cpu_s();
	sqlite3 *db = open_db(path, vfs);

	load(db, rows, &seed);
	out[BULK] = bench_cpu_s() - from;
	from = bench_cpu_s();
	update(db, rows, &seed);
	out[UPDATE] = bench_cpu_s() - from;
	sqlite3_close(db);
	db = open_db(path, vfs);
	from = bench_cpu_s();
	run(db, "SELECT sum(length(c)) FROM t NOT INDEXED");
	out[SCAN] = bench_cpu_s() - from;
	sqlite3_close(db);
	unlink(path);
}

static void
measure_sealed(const char *path, long rows, double out[WORKS])
{
	struct secret *key = secret_new(SEAL_KEY);
	struct seal *seal = NULL;
	struct err err = {0};

	if (seal_register(NULL, &err) < 0 ||
	    seal_open(path, SEAL_NEW, &seal, &err) < 0 ||
	    seal_key(seal, key, NULL, &err) < 0)
		die(NULL, err_name(err.code));
	measure(path, SEAL_VFS, rows, out);
	seal_close(&seal);
	secret_free(&key);
}

int
main(int argc, char **argv)
{
	const long rows = argc > 1 ? strtol(argv[1], NULL, 10) : ROWS;
	double plain[WORKS][BENCH_RUNS], sealed[WORKS][BENCH_RUNS], one[WORKS];
	const char *tmp = getenv("TMPDIR");
	char dir[DIR_MAX], path[PATH_ROOM];

	snprintf(
	    dir, sizeof dir, "%.40s/bench-store-XXXXXX", tmp ? tmp : "/tmp");
	if (rows < 1 || !mkdtemp(dir))
		die(NULL, "usage: bench_store [rows]");
	snprintf(path, sizeof path, "%s/store.db", dir);
	for (int i = 0; i < BENCH_RUNS; i++) {
		measure(path, NULL, rows, one);
		for (int w = 0; w < WORKS; w++)
			plain[w][i] = one[w];
		measure_sealed(path, rows, one);
		for (int w = 0; w < WORKS; w++)
			sealed[w][i] = one[w];
	}
	rmdir(dir);
	bench_machine();
	printf("store, %ld rows, SQLite %s, seconds of processor time\n", rows,
	    sqlite3_libversion());
	for (int w = 0; w < WORKS; w++) {
		double left = bench_median(plain[w], BENCH_RUNS);
		double right = bench_median(sealed[w], BENCH_RUNS);

		printf("%-32s plain %.3f  sealed %.3f  ratio %.2f\n", names[w],
		    left, right, right / left);
	}
	return 0;
}
