/* Nothing that was stored can be read in any file: not while the program runs,
 * not after a kill, not in temporary files, not after VACUUM or in a copy.
 * Every octet written is looked at below the VFS, every file again on disk. */
#include <fcntl.h>
#include <signal.h>

#include "tests/unit/store/seal_shim.h"

static const char ascii[] = "canary-7f3a9c";
static const char japanese[] = "漏洩探知鳥";

/* What makes SQLite write everywhere it can. */
static const char *const workload[] = {
    "PRAGMA temp_store = FILE; PRAGMA cache_size = 10",
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c TEXT)",
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n WHERE "
    "x < 12000) INSERT INTO t SELECT x, x || ' canary-7f3a9c ' || x, "
    "'漏洩探知鳥' || hex(randomblob(30)) FROM n",
    "CREATE INDEX tc ON t(c, b)",
    "CREATE TEMP TABLE s AS SELECT * FROM t ORDER BY b DESC",
    "CREATE INDEX temp.sb ON s(b)",
    "SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY c) AS r, b "
    "FROM t)",
    "SELECT count(*) FROM (SELECT DISTINCT b || c FROM t)",
    /* a statement that fails in the middle: its statement journal */
    "UPDATE OR ABORT t SET b = b || '!', a = CASE WHEN a = 11000 THEN 1 "
    "ELSE a END",
    "BEGIN; SAVEPOINT one; UPDATE t SET b = b || ' canary-7f3a9c'; "
    "ROLLBACK TO one; DELETE FROM t WHERE a % 5 = 0; COMMIT",
    "UPDATE t SET b = b || 'x' WHERE a % 3 = 0",
    "BEGIN; UPDATE t SET c = b; ROLLBACK",
    "VACUUM",
    "ANALYZE",
};

static void
run_workload(sqlite3 *db)
{
	for (size_t i = 0; i < sizeof workload / sizeof *workload; i++) {
		int rc = kit_rc(db, workload[i]);

		if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_CONSTRAINT)
			fail_msg(
			    "%s: %d %s", workload[i], rc, sqlite3_errmsg(db));
	}
}

static long
hits_in(const char *path, const struct kit *kit)
{
	static const char magic[] = "SQLite format 3";
	const char *const words[] = {ascii, japanese, magic};
	struct buf data = BUF_INIT;
	long hits = 0;

	if (file_read(path, KIT_LIMIT, &data, NULL) < 0)
		return 0; /* a pipe, a socket */
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		hits +=
		    span_search(buf_span(&data), span_of(words[i])) < data.len;
	hits += data.len &&
		span_search(buf_span(&data), secret_span(kit->key)) < data.len;
	buf_done(&data);
	return hits;
}

/* All files of a folder; for /proc/self/fd also those without a name. */
static long
hits_below(const char *dir, const struct kit *kit, int *files)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;
	struct stat st;
	char path[512];
	long hits = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		hits += hits_in(path, kit);
		(*files)++;
	}
	closedir(folder);
	return hits;
}

/* Looks into the open files now and then while a statement runs. */
struct watch {
	const struct kit *kit;
	long hits;
	int files, looks, every;
};

static int
look(void *arg)
{
	struct watch *watch = arg;

	if (watch->looks++ % watch->every == 0)
		watch->hits +=
		    hits_below("/proc/self/fd", watch->kit, &watch->files);
	return 0;
}

static void
leaks_with(const char *mode)
{
	struct shim *shim = shim_start();
	struct kit kit;
	struct watch watch = {&kit, 0, 0, 0, 8};
	char sql[64];
	sqlite3 *db;
	int files = 0;

	assert_int_equal(seal_register("shim", NULL), 0);
	kit_start(&kit);
	setenv("SQLITE_TMPDIR", kit.dir, 1);
	kit_seal(&kit);
	db = kit_db(&kit);
	shim->hits = shim->opened_temp = 0;
	shim->canary[0] = ascii;
	shim->canary[1] = japanese;
	shim->canary[2] = "SQLite format 3";
	sqlite3_progress_handler(db, 200000, look, &watch);
	snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", mode);
	kit_sql(db, sql);
	run_workload(db);
	assert_int_equal(hits_below(kit.dir, &kit, &files), 0);
	assert_true(files > 0);
	assert_true(watch.files > 0);
	assert_int_equal(watch.hits, 0);
	assert_int_equal(shim->hits, 0);
	assert_true(shim->opened_temp >= 3);
	sqlite3_close(db);
	assert_int_equal(hits_below(kit.dir, &kit, &files), 0);
	kit_done(&kit);
}

static void
no_leak_with_log(void **state)
{
	(void)state;
	leaks_with("WAL");
}

static void
no_leak_with_journal(void **state)
{
	(void)state;
	leaks_with("PERSIST");
}

/* The search finds what is there: the same on plain SQLite. */
static void
search_finds(void **state)
{
	struct shim *shim = shim_start();
	struct kit kit;
	sqlite3 *db = NULL;
	int files = 0;

	(void)state;
	kit_start(&kit);
	shim->hits = 0;
	shim->canary[0] = ascii;
	assert_int_equal(
	    sqlite3_open_v2(kit.path, &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "shim"),
	    SQLITE_OK);
	run_workload(db);
	assert_true(shim->hits > 100);
	assert_true(hits_below(kit.dir, &kit, &files) >= 3);
	sqlite3_close(db);
	kit_done(&kit);
}

/* Killed in the middle of a transaction that fills log and sorter. */
static void
write_until_killed(const struct kit *from, int ready)
{
	struct kit kit = *from;
	sqlite3 *db;

	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "PRAGMA journal_mode = WAL");
	run_workload(db);
	kit_sql(db, "BEGIN; UPDATE t SET b = b || ' canary-7f3a9c'");
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		kit_sql(db, "UPDATE t SET c = c || '漏洩探知鳥'");
}

static void
no_leak_after_kill(void **state)
{
	struct kit kit;
	int ends[2], files = 0, status;
	pid_t pid;
	char byte;

	(void)state;
	kit_start(&kit);
	setenv("SQLITE_TMPDIR", kit.dir, 1);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		write_until_killed(&kit, ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(hits_below(kit.dir, &kit, &files), 0);
	assert_true(files >= 2); /* database and log */
	assert_false(kit_exists(&kit, "-shm"));
	kit_done(&kit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_leak_with_log),
	    cmocka_unit_test(no_leak_with_journal),
	    cmocka_unit_test(search_finds),
	    cmocka_unit_test(no_leak_after_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
