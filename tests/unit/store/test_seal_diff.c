/* The same random statements on plain SQLite and through the VFS: the same
 * results, the same content, in every journal mode. */
#include "tests/unit/store/seal_kit.h"

enum { STATEMENTS = 1000, COMPARE_EVERY = 250, SQL_MAX = 512 };

/* One random statement; some fail on purpose, on both sides alike. */
static void
make_statement(uint64_t *seed, char sql[SQL_MAX])
{
	const unsigned a = kit_random(seed, 400), b = kit_random(seed, 9000);
	const unsigned t = kit_random(seed, 3), k = kit_random(seed, 16);
	static const char *const forms[] = {
	    "INSERT INTO t%u(a, b, c) VALUES (%u, 'text %u 日本', "
	    "zeroblob(%u))",
	    "INSERT OR REPLACE INTO t%u(a, b) VALUES (%u, hex(zeroblob(%u)))",
	    "UPDATE t%u SET c = zeroblob(a %% 50 + %u), b = b || '%u'",
	    "UPDATE OR IGNORE t%u SET a = a + %u WHERE a > %u %% 300",
	    "DELETE FROM t%u WHERE a %% 17 = %u %% 17 AND %u > 1",
	    "INSERT INTO t%u(b, c) SELECT substr(b, 1, 40) || %u, c FROM t1 "
	    "ORDER BY b LIMIT %u %% 30",
	    "SAVEPOINT s%u /* %u %u */",
	    "ROLLBACK TO s%u /* %u %u */",
	    "RELEASE s%u /* %u %u */",
	    "BEGIN /* %u %u %u */",
	    "COMMIT /* %u %u %u */",
	    "ROLLBACK /* %u %u %u */",
	    "CREATE TABLE IF NOT EXISTS u%u AS SELECT a, b FROM t0 WHERE a < "
	    "%u "
	    "OR a > %u",
	    "DROP TABLE IF EXISTS u%u /* %u %u */",
	    "CREATE INDEX IF NOT EXISTS i%u ON t2(b, c) /* %u %u */",
	    "UPDATE t%u SET b = CASE WHEN a = %u THEN NULL ELSE b || %u END",
	};

	sqlite3_snprintf(SQL_MAX, sql, forms[k], t, a, b, b);
}

static void
dump(sqlite3 *db, struct buf *out)
{
	struct buf tables = BUF_INIT;
	char *save = NULL, sql[SQL_MAX];

	kit_rows(
	    db, "SELECT type, name, sql FROM sqlite_schema ORDER BY name", out);
	kit_rows(db,
	    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
	    &tables);
	for (char *name = strtok_r(tables.ptr, "\n", &save); name;
	    name = strtok_r(NULL, "\n", &save)) {
		snprintf(sql, sizeof sql,
		    "SELECT quote(a), quote(b), quote(c) FROM (SELECT *, "
		    "NULL AS c FROM %s) ORDER BY 1, 2, 3",
		    name);
		if (name[0] == 't')
			snprintf(sql, sizeof sql,
			    "SELECT rowid, quote(a), quote(b), quote(c) "
			    "FROM %s ORDER BY 1, 2, 3",
			    name);
		kit_rows(db, sql, out);
	}
	buf_done(&tables);
}

static void
compare(sqlite3 *plain, sqlite3 *sealed, const char *mode, int n)
{
	struct buf left = BUF_INIT, right = BUF_INIT;

	dump(plain, &left);
	dump(sealed, &right);
	if (!span_equal(buf_span(&left), buf_span(&right)))
		fail_msg("%s: contents differ after statement %d", mode, n);
	kit_expect(sealed, "PRAGMA integrity_check", "ok\n");
	buf_done(&left);
	buf_done(&right);
}

/* Every so often the sealed file is closed and opened again. */
static sqlite3 *
open_again(struct kit *kit, sqlite3 *db, const char *mode, const char *temp)
{
	char sql[160];

	sqlite3_close(db);
	db = kit_db(kit);
	snprintf(sql, sizeof sql,
	    "PRAGMA journal_mode = %s; PRAGMA temp_store = %s;"
	    "PRAGMA cache_size = 15; PRAGMA wal_autocheckpoint = 50",
	    mode, temp);
	kit_sql(db, sql);
	return db;
}

static void
run_both(const char *mode, const char *temp, uint64_t seed)
{
	static const char schema[] =
	    "CREATE TABLE t0(a INTEGER PRIMARY KEY, b TEXT, c BLOB);"
	    "CREATE TABLE t1(a INT, b TEXT, c BLOB, UNIQUE(a));"
	    "CREATE TABLE t2(a INT, b TEXT COLLATE NOCASE, c BLOB);"
	    "CREATE INDEX t2a ON t2(a)";
	struct kit kit;
	char plain_path[128], sql[SQL_MAX];
	sqlite3 *plain = NULL, *sealed = NULL;
	int failed = 0;

	kit_start(&kit);
	kit_seal(&kit);
	kit_tail(plain_path, &kit, "-plain");
	assert_int_equal(sqlite3_open(plain_path, &plain), SQLITE_OK);
	sqlite3_extended_result_codes(plain, 1);
	sealed = open_again(&kit, NULL, mode, temp);
	kit_sql(plain, "PRAGMA synchronous = OFF");
	kit_sql(plain, schema);
	kit_sql(sealed, schema);
	for (int n = 1; n <= STATEMENTS; n++) {
		int left, right;

		make_statement(&seed, sql);
		left = kit_rc(plain, sql);
		right = kit_rc(sealed, sql);
		if (left != right)
			fail_msg("%s, %d: plain %d, sealed %d: %s", mode, n,
			    left, right, sql);
		failed += left != SQLITE_OK;
		if (n % COMPARE_EVERY == 0)
			compare(plain, sealed, mode, n);
		if (n % COMPARE_EVERY == 0 && sqlite3_get_autocommit(sealed)) {
			kit_sql(sealed, "VACUUM");
			kit_sql(plain, "VACUUM");
			sealed = open_again(&kit, sealed, mode, temp);
			compare(plain, sealed, mode, n);
		}
	}
	/* Errors belong to it, but must not be all of it. */
	assert_in_range(failed, 1, STATEMENTS / 2);
	sqlite3_close(plain);
	sqlite3_close(sealed);
	assert_false(kit_exists(&kit, "-shm"));
	kit_done(&kit);
}

static void
with_log(void **state)
{
	(void)state;
	run_both("WAL", "FILE", 1);
}

static void
with_journal(void **state)
{
	(void)state;
	run_both("DELETE", "FILE", 2);
	run_both("TRUNCATE", "MEMORY", 3);
	run_both("PERSIST", "FILE", 4);
}

/* Switching to and fro must not find an old wal-index. */
static void
modes_in_turn(void **state)
{
	static const char *const modes[] = {
	    "WAL", "DELETE", "WAL", "TRUNCATE", "WAL", "PERSIST", "WAL"};
	struct kit kit;
	sqlite3 *db;
	char sql[96], wanted[16];

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "CREATE TABLE t(a)");
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		snprintf(sql, sizeof sql,
		    "PRAGMA journal_mode = %s; INSERT INTO t VALUES (%zu)",
		    modes[i], i);
		kit_sql(db, sql);
		snprintf(wanted, sizeof wanted, "%zu\nok\n", i + 1);
		kit_expect(db, "SELECT count(*) FROM t; PRAGMA integrity_check",
		    wanted);
	}
	sqlite3_close(db);
	kit_done(&kit);
}

/* Copies by the backup interface and by VACUUM INTO are sealed as well, each
 * under the key of its own. */
static void
copies(void **state)
{
	static const enum seal_start starts[] = {SEAL_COPY, SEAL_NEW};
	struct kit kit, other;
	sqlite3 *db, *to;
	sqlite3_backup *backup;
	struct err err = {0};
	char sql[160];

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "PRAGMA journal_mode = WAL; CREATE TABLE t(a, b);"
		    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 "
		    "FROM c WHERE x < 500) INSERT INTO t SELECT x, "
		    "hex(zeroblob(200)) FROM c");
	for (int i = 0; i < 2; i++) {
		kit_start(&other);
		secret_free(&other.key);
		other.key = kit_secret(9);
		assert_ok(
		    seal_open(other.path, starts[i], &other.seal, &err), &err);
		assert_ok(seal_key(other.seal, other.key, NULL, &err), &err);
		if (i == 0) {
			snprintf(
			    sql, sizeof sql, "VACUUM INTO '%s'", other.path);
			kit_sql(db, sql);
		} else {
			to = kit_db(&other);
			backup = sqlite3_backup_init(to, "main", db, "main");
			assert_non_null(backup);
			assert_int_equal(
			    sqlite3_backup_step(backup, -1), SQLITE_DONE);
			sqlite3_backup_finish(backup);
			sqlite3_close(to);
		}
		seal_close(&other.seal);
		kit_seal(&other);
		to = kit_db(&other);
		kit_expect(to, "SELECT count(*), sum(length(b)) FROM t",
		    "500|200000\n");
		kit_expect(to, "PRAGMA integrity_check", "ok\n");
		sqlite3_close(to);
		kit_done(&other);
	}
	sqlite3_close(db);
	kit_done(&kit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(with_log),
	    cmocka_unit_test(with_journal),
	    cmocka_unit_test(modes_in_turn),
	    cmocka_unit_test(copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
