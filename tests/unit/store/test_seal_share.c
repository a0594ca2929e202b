/* Several connections of one process, on threads of their own: readers see
 * whole transactions while one writes and checkpoints.  And SQLCipher itself,
 * where one of version 4 is installed, reads what was written. */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/unit/store/seal_kit.h"

enum { ROUNDS = 600, GROUP = 60, READERS = 2 };

struct job {
	struct kit *kit;
	atomic_int done;
	atomic_int failed; /* code of the first failure */
	atomic_long reads;
};

static void
note(struct job *job, int rc)
{
	int none = SQLITE_OK;

	atomic_compare_exchange_strong(&job->failed, &none, rc);
}

/* Every transaction adds as much to one half as it takes from the other. */
static void *
write_rounds(void *arg)
{
	struct job *job = arg;
	sqlite3 *db = NULL;
	char sql[256];
	int rc = kit_try(job->kit, &db);

	sqlite3_busy_timeout(db, 5000);
	if (rc == SQLITE_OK)
		rc = kit_rc(db, "PRAGMA wal_autocheckpoint = 40;"
				"PRAGMA cache_size = 20");
	for (int i = 0; rc == SQLITE_OK && i < ROUNDS; i++) {
		snprintf(sql, sizeof sql,
		    "BEGIN IMMEDIATE; UPDATE t SET v = v + %d, pad = "
		    "zeroblob(%d) WHERE a %% 2 = 0; UPDATE t SET v = v - %d "
		    "WHERE a %% 2 = 1; INSERT INTO log VALUES (%d); COMMIT",
		    i, 100 + i % 300, i, i);
		rc = kit_rc(db, sql);
	}
	sqlite3_close(db);
	note(job, rc);
	atomic_store(&job->done, 1);
	return NULL;
}

static int
read_sum(sqlite3 *db, int64_t *sum, int64_t *newest)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db,
	    "SELECT sum(v), (SELECT count(*) FROM log) FROM t", -1, &stmt,
	    NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		*sum = sqlite3_column_int64(stmt, 0);
		*newest = sqlite3_column_int64(stmt, 1);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc;
}

static void *
read_rounds(void *arg)
{
	struct job *job = arg;
	int64_t sum = 0, newest = 0, before = 0;
	sqlite3 *db = NULL;
	int rc = kit_try(job->kit, &db), last = 0;

	sqlite3_busy_timeout(db, 5000);
	while (rc == SQLITE_OK && !last) {
		last = atomic_load(&job->done);
		rc = read_sum(db, &sum, &newest);
		if (rc == SQLITE_OK && (sum != 0 || newest < before))
			rc = SQLITE_MISMATCH;
		before = newest;
		atomic_fetch_add(&job->reads, 1);
	}
	if (rc == SQLITE_OK && newest != ROUNDS)
		rc = SQLITE_EMPTY;
	sqlite3_close(db);
	note(job, rc);
	return NULL;
}

static void
readers_beside_writer(void **state)
{
	struct kit kit;
	struct job job = {.kit = &kit};
	pthread_t writer, reader[READERS];
	char sql[256];
	sqlite3 *db;

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	db = kit_db(&kit);
	snprintf(sql, sizeof sql,
	    "PRAGMA journal_mode = WAL; CREATE TABLE log(n); CREATE TABLE t(a "
	    "INTEGER PRIMARY KEY, v INT, pad); WITH RECURSIVE c(x) AS (SELECT "
	    "1 UNION ALL SELECT x+1 FROM c WHERE x < %d) INSERT INTO t SELECT "
	    "x, 0, zeroblob(300) FROM c",
	    GROUP);
	kit_sql(db, sql);
	assert_int_equal(pthread_create(&writer, NULL, write_rounds, &job), 0);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(
		    pthread_create(&reader[i], NULL, read_rounds, &job), 0);
	pthread_join(writer, NULL);
	for (int i = 0; i < READERS; i++)
		pthread_join(reader[i], NULL);
	assert_int_equal(atomic_load(&job.failed), SQLITE_OK);
	assert_true(atomic_load(&job.reads) >= READERS);
	kit_expect(db, "PRAGMA integrity_check", "ok\n");
	assert_false(kit_exists(&kit, "-shm"));
	sqlite3_close(db);
	kit_done(&kit);
}

/* A reader keeps its snapshot while the writer commits and cannot finish a
 * checkpoint past it. */
static void
snapshot_stays(void **state)
{
	struct kit kit;
	sqlite3 *writer, *reader;

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	writer = kit_db(&kit);
	kit_sql(writer, "PRAGMA journal_mode = WAL; CREATE TABLE t(a);"
			"INSERT INTO t VALUES (1)");
	reader = kit_db(&kit);
	kit_sql(reader, "BEGIN");
	kit_expect(reader, "SELECT a FROM t", "1\n");
	kit_sql(writer, "UPDATE t SET a = 2");
	kit_expect(reader, "SELECT a FROM t", "1\n");
	kit_expect(writer, "SELECT a FROM t", "2\n");
	assert_int_equal(
	    kit_rc(reader, "UPDATE t SET a = 3"), SQLITE_BUSY_SNAPSHOT);
	/* 1: it was kept from truncating the log */
	assert_non_null(writer);
	{
		struct buf rows = BUF_INIT;

		kit_rows(writer, "PRAGMA wal_checkpoint(TRUNCATE)", &rows);
		assert_int_equal(rows.ptr[0], '1');
		buf_done(&rows);
	}
	kit_sql(reader, "COMMIT");
	kit_expect(reader, "SELECT a FROM t", "2\n");
	kit_expect(writer, "PRAGMA wal_checkpoint(TRUNCATE)", "0|0|0\n");
	/* Two writers: the second waits its turn or is told. */
	kit_sql(writer, "BEGIN IMMEDIATE");
	assert_int_equal(kit_rc(reader, "BEGIN IMMEDIATE"), SQLITE_BUSY);
	kit_sql(writer, "COMMIT");
	kit_sql(reader, "BEGIN IMMEDIATE; UPDATE t SET a = 4; COMMIT");
	kit_expect(writer, "SELECT a FROM t", "4\n");
	sqlite3_close(reader);
	sqlite3_close(writer);
	kit_done(&kit);
}

/* The same locks without a log: SHARED keeps EXCLUSIVE out. */
static void
locks_without_log(void **state)
{
	struct kit kit;
	sqlite3 *writer, *reader;

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	writer = kit_db(&kit);
	kit_sql(writer, "CREATE TABLE t(a); INSERT INTO t VALUES (1)");
	reader = kit_db(&kit);
	kit_sql(reader, "BEGIN");
	kit_expect(reader, "SELECT a FROM t", "1\n");
	kit_sql(writer, "BEGIN; UPDATE t SET a = 2");
	assert_int_equal(kit_rc(writer, "COMMIT"), SQLITE_BUSY);
	/* PENDING lets nobody new in. */
	{
		sqlite3 *late = kit_db(&kit);

		assert_int_equal(kit_rc(late, "SELECT a FROM t"), SQLITE_BUSY);
		sqlite3_close(late);
	}
	kit_sql(reader, "COMMIT");
	kit_sql(writer, "COMMIT");
	kit_expect(reader, "SELECT a FROM t", "2\n");
	sqlite3_close(reader);
	sqlite3_close(writer);
	kit_done(&kit);
}

/* ---- The real SQLCipher ------------------------------------------------ */

/* What sqlcipher prints for a script; NULL-terminated, in out. */
static void
sqlcipher(
    const char *path, const char *key, const char *script, struct buf *out)
{
	struct buf command = BUF_INIT;
	char line[512];
	FILE *pipe;

	buf_clear(out);
	buf_printf(&command, "printf '%%s' \"%s%s\" | sqlcipher '%s' 2>&1", key,
	    script, path);
	pipe = popen(command.ptr, "r");
	assert_non_null(pipe);
	while (fgets(line, sizeof line, pipe))
		buf_text(out, line);
	pclose(pipe);
	buf_done(&command);
}

static int
has_sqlcipher(void)
{
	struct buf out = BUF_INIT;
	int major;

	sqlcipher(":memory:", "", "PRAGMA cipher_version;", &out);
	major = out.ptr ? (int)strtol(out.ptr, NULL, 10) : 0;
	if (major < 4)
		print_message(
		    "SKIP sqlcipher 4: the one installed says '%.*s'\n",
		    (int)strcspn(out.ptr ? out.ptr : "", "\n"),
		    out.ptr ? out.ptr : "");
	buf_done(&out);
	return major >= 4;
}

static void
sqlcipher_reads(void **state)
{
	struct kit kit;
	struct buf key = BUF_INIT, out = BUF_INIT;
	char from[128], to[128];
	sqlite3 *db;

	(void)state;
	if (!has_sqlcipher())
		return;
	kit_start(&kit);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "PRAGMA journal_mode = WAL; CREATE TABLE t(a, b);"
		    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 "
		    "FROM c WHERE x < 500) INSERT INTO t SELECT x, "
		    "hex(zeroblob(200)) FROM c");
	kit_tail(from, &kit, "-wal");
	kit_tail(to, &kit, "-copy-wal");
	kit_copy(from, to);
	kit_tail(to, &kit, "-copy");
	kit_copy(kit.path, to);
	kit_sql(db, "UPDATE t SET b = b || 'x'");
	sqlite3_close(db);
	seal_close(&kit.seal);
	buf_text(&key, "PRAGMA key = \\\"x'");
	crypt_hex(&key, secret_span(kit.key));
	buf_text(&key, "'\\\"; ");
	sqlcipher(kit.path, key.ptr,
	    "PRAGMA cipher_integrity_check; PRAGMA integrity_check; "
	    "SELECT count(*), sum(length(b)) FROM t;",
	    &out);
	assert_string_equal(out.ptr, "ok\nok\n500|200500\n");
	/* The hot log of a killed program, recovered by SQLCipher. */
	sqlcipher(to, key.ptr,
	    "PRAGMA integrity_check; SELECT count(*), sum(length(b)) FROM t;",
	    &out);
	assert_string_equal(out.ptr, "ok\nok\n500|200000\n");
	buf_wipe(&key);
	buf_done(&out);
	kit_done(&kit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(readers_beside_writer),
	    cmocka_unit_test(snapshot_stays),
	    cmocka_unit_test(locks_without_log),
	    cmocka_unit_test(sqlcipher_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
