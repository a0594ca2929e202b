/* kill -9 in the middle of writing: every commit that was acknowledged is
 * there, none is there in part, and a reader that shares no code with us agrees
 * about the files as the kill left them. */
#include <poll.h>
#include <signal.h>

#include "tests/unit/store/seal_kit.h"

enum { KILLS = 30, READ_EVERY = 6, ACKS_MAX = 12 };

/* ---- The child: writes until it is killed ------------------------------ */

/* One transaction: rows with blobs of up to 20 kB, a savepoint rolled back in
 * half of them, and a row of log that says what must be there. */
static void
transact(sqlite3 *db, uint64_t *seed, long n)
{
	char sql[512];
	const unsigned rows = 1 + kit_random(seed, 25);

	kit_sql(db, "BEGIN IMMEDIATE");
	for (unsigned i = 0; i < rows; i++) {
		snprintf(sql, sizeof sql,
		    "INSERT INTO item(tx, body) VALUES (%ld, randomblob(%u))",
		    n, kit_random(seed, i % 8 ? 900 : 20000));
		kit_sql(db, sql);
		if (i % 5 == 2)
			kit_sql(db, "SAVEPOINT s");
		if (i % 5 == 2 && kit_random(seed, 2)) {
			kit_sql(db,
			    "UPDATE item SET body = body || zeroblob(700) "
			    "WHERE id % 3 = 0; DELETE FROM item "
			    "WHERE id % 4 = 1; ROLLBACK TO s");
		}
		if (i % 5 == 2)
			kit_sql(db, "RELEASE s");
	}
	snprintf(sql, sizeof sql,
	    "UPDATE item SET body = zeroblob(length(body)) WHERE id %% 7 = %u "
	    "AND tx = %ld; DELETE FROM item WHERE tx < %ld - 30;"
	    "DELETE FROM log WHERE n < %ld - 30; INSERT INTO log SELECT %ld, "
	    "count(*), sum(length(body)) FROM item WHERE tx = %ld; COMMIT",
	    kit_random(seed, 7), n, n, n, n, n);
	kit_sql(db, sql);
}

static void
write_on(const struct kit *from, const char *mode, unsigned round, int ack)
{
	struct kit kit = *from;
	struct buf head = BUF_INIT;
	uint64_t seed = round * 77 + 5;
	char sql[160];
	long n;
	sqlite3 *db;

	kit_seal(&kit);
	db = kit_db(&kit);
	snprintf(sql, sizeof sql,
	    "PRAGMA journal_mode = %s; PRAGMA synchronous = FULL;"
	    "PRAGMA cache_size = 20; PRAGMA wal_autocheckpoint = 200",
	    mode);
	kit_sql(db, sql);
	kit_sql(db,
	    "CREATE TABLE IF NOT EXISTS item(id INTEGER PRIMARY KEY, "
	    "tx INT, body BLOB); CREATE INDEX IF NOT EXISTS item_tx ON "
	    "item(tx); CREATE TABLE IF NOT EXISTS log(n INTEGER PRIMARY "
	    "KEY, rows INT, size INT)");
	kit_rows(db, "SELECT coalesce(max(n), 0) FROM log", &head);
	for (n = strtol(head.ptr, NULL, 10) + 1;; n++) {
		transact(db, &seed, n);
		if (write(ack, &n, sizeof n) != sizeof n)
			_exit(1);
	}
}

/* ---- The parent: kills and looks --------------------------------------- */

/* Starts a writer, lets it acknowledge a few commits, kills it; the number of
 * the last commit that it acknowledged. */
static long
kill_one(
    const struct kit *kit, const char *mode, unsigned round, uint64_t *seed)
{
	const unsigned enough = 1 + kit_random(seed, ACKS_MAX);
	struct timespec more = {0, kit_random(seed, 3000000)};
	int ends[2], status;
	long n, last = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		write_on(kit, mode, round, ends[1]);
	}
	close(ends[1]);
	for (unsigned i = 0; i < enough; i++) {
		if (read(ends[0], &n, sizeof n) != sizeof n)
			fail_msg("the writer ended in round %u", round);
		last = n;
	}
	nanosleep(&more, NULL); /* any point of a later transaction will do */
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while (read(ends[0], &n, sizeof n) == sizeof n)
		last = n;
	close(ends[0]);
	return last;
}

/* All that was acknowledged is there, nothing in part. */
static void
look(struct kit *kit, long last, unsigned round)
{
	struct buf rows = BUF_INIT;
	sqlite3 *db;
	long newest;

	kit_seal(kit);
	db = kit_db(kit);
	kit_rows(db, "SELECT max(n) FROM log", &rows);
	newest = strtol(rows.ptr, NULL, 10);
	if (newest < last || newest > last + 1)
		fail_msg("round %u: acknowledged %ld, found %ld", round, last,
		    newest);
	kit_expect(db,
	    "SELECT count(*) FROM log WHERE rows <> (SELECT count(*) FROM "
	    "item WHERE tx = n) OR size <> (SELECT sum(length(body)) FROM "
	    "item WHERE tx = n)",
	    "0\n");
	kit_expect(db,
	    "SELECT count(*) FROM item WHERE tx NOT IN "
	    "(SELECT n FROM log)",
	    "0\n");
	kit_expect(db, "SELECT max(n) - min(n) + 1 = count(*) FROM log", "1\n");
	kit_expect(db, "PRAGMA integrity_check", "ok\n");
	sqlite3_close(db);
	seal_close(&kit->seal);
	buf_done(&rows);
}

/* The files as the kill left them, or after a recovery by us when a rollback
 * journal is the only whole truth. */
static void
read_elsewhere(struct kit *kit, long last, unsigned round)
{
	struct buf out = BUF_INIT;
	const char *newest;

	if (kit_read_elsewhere(
		kit, kit->path, "SELECT 'newest', max(n) FROM log", &out)) {
		newest = strstr(out.ptr, "newest|");
		assert_non_null(newest);
		if (strtol(newest + 7, NULL, 10) < last)
			fail_msg("round %u: acknowledged %ld, reader: %s",
			    round, last, out.ptr);
	}
	buf_done(&out);
}

static void
kill_often(const char *mode)
{
	const int is_log = !strcmp(mode, "WAL");
	struct kit kit;
	uint64_t seed = 2026;

	kit_start(&kit);
	for (unsigned round = 1; round <= KILLS; round++) {
		long last = kill_one(&kit, mode, round, &seed);

		if (is_log && round % READ_EVERY == 0)
			read_elsewhere(&kit, last, round);
		look(&kit, last, round);
		if (!is_log && round % (2 * READ_EVERY) == 0)
			read_elsewhere(&kit, last, round);
		assert_false(kit_exists(&kit, "-shm"));
	}
	kit_done(&kit);
}

static void
kills_with_log(void **state)
{
	(void)state;
	kill_often("WAL");
}

static void
kills_with_journal(void **state)
{
	(void)state;
	kill_often("DELETE");
}

/* Commits after a rolled-back savepoint: the frames' salts are in place and
 * every checksum is over ciphertext.  Stock SQLite up to 3.50.1 loses some. */
static void
savepoints_keep_commits(void **state)
{
	struct kit kit;
	struct buf out = BUF_INIT;
	char to[128], from[128];
	sqlite3 *db;

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
		    "PRAGMA cache_size = 10; CREATE TABLE t(a INTEGER PRIMARY "
		    "KEY, b); CREATE TABLE log(n); BEGIN; WITH RECURSIVE c(x) "
		    "AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 200) "
		    "INSERT INTO t SELECT x, zeroblob(800) FROM c; COMMIT");
	/* Spill, go back, overwrite at the end, go back again, commit. */
	kit_sql(db, "BEGIN; SAVEPOINT s; UPDATE t SET b = randomblob(800);"
		    "UPDATE t SET b = randomblob(800) WHERE a > 150;"
		    "ROLLBACK TO s; INSERT INTO log VALUES (1); COMMIT;"
		    "INSERT INTO log VALUES (2)");
	kit_tail(from, &kit, "-wal");
	kit_tail(to, &kit, "-copy-wal");
	kit_copy(from, to);
	kit_tail(to, &kit, "-copy");
	kit_copy(kit.path, to);
	if (kit_read_elsewhere(&kit, to, "SELECT max(n) FROM log", &out))
		assert_non_null(strstr(out.ptr, "\n2\n"));
	sqlite3_close(db);
	seal_close(&kit.seal);
	assert_int_equal(rename(to, kit.path), 0);
	kit_tail(to, &kit, "-copy-wal");
	assert_int_equal(rename(to, from), 0);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_expect(db, "SELECT n FROM log", "1\n2\n");
	kit_expect(db, "PRAGMA integrity_check", "ok\n");
	sqlite3_close(db);
	buf_done(&out);
	kit_done(&kit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kills_with_log),
	    cmocka_unit_test(kills_with_journal),
	    cmocka_unit_test(savepoints_keep_commits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
