/* What a store survives, and what it notices: kills, damage, older copies,
 * full disks. */
#include <fcntl.h>
#include <sys/resource.h>

#include "tests/unit/store/life.h"

/* ---- Kills and losses -------------------------------------------------- */

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
	static const struct CMUnitTest tests[] = {
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
	    CASE(full_disk),
	    CASE(full_disk_while_making),
	    CASE(full_disk_while_closing),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
