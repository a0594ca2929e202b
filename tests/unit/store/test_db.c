/* Connections: settings, refused SQL, the statement cache, binding. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/store/state.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

struct fixture {
	struct fake_clock clock;
	struct store *store;
	struct db *reader;
};

static int
set_up(void **state)
{
	struct fixture *f = mem_new(sizeof *f);
	struct err err = {0};

	fake_clock_init(&f->clock);
	f->store = tempstore_open(&f->clock.base);
	if (store_reader_open(f->store, &f->reader, &err) < 0)
		return -1;
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_reader_close(&f->reader);
	tempstore_close(&f->store);
	free(f);
	return 0;
}

/* Prepares and runs; the code it ends with, E_NONE when it went well. */
static enum err_code
run(struct db *db, const char *sql)
{
	struct err err = {0};
	struct stmt *stmt = db_stmt(db, sql, &err);

	if (stmt)
		stmt_run(stmt, &err);
	return err.code;
}

static struct db *
begin(struct fixture *f)
{
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(
	    store_begin(f->store, STORE_WAIT_SHORT, "test", &db, &err), &err);
	return db;
}

static void
commit(struct fixture *f, struct db **db)
{
	struct err err = {0};

	assert_ok(store_commit(f->store, db, &err), &err);
}

static int64_t
number(struct db *db, const char *sql)
{
	struct err err = {0};
	int64_t value = -1;

	assert_ok(db_number(db, sql, &value, &err), &err);
	return value;
}

static int
count_files(const char *dir)
{
	DIR *open = opendir(dir);
	int count = 0;

	while (readdir(open))
		count++;
	closedir(open);
	return count;
}

/* ---- What is refused --------------------------------------------------- */

static const char *const denied[] = {
    "ATTACH 'other.db' AS other",
    "ATTACH 'file:other.db?vfs=unix' AS other",
    "ATTACH '' AS other",
    "ATTACH ':memory:' AS other",
    "DETACH main",
    "VACUUM",
    "VACUUM INTO 'copy.db'",
    "VACUUM INTO 'file:copy.db?vfs=unix'",
    "SELECT load_extension('libm.so.6')",
    "SELECT fts3_tokenizer('simple')",
    "PRAGMA journal_mode=OFF",
    "PRAGMA journal_mode=MEMORY",
    "PRAGMA journal_mode",
    "PRAGMA temp_store=FILE",
    "PRAGMA page_size=8192",
    "PRAGMA mmap_size=1000000",
    "PRAGMA key='x'",
    "PRAGMA writable_schema=ON",
    "PRAGMA query_only=OFF",
    "PRAGMA foreign_keys=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA user_version=99",
    "PRAGMA wal_checkpoint",
    "SELECT * FROM pragma_table_info('contact')",
    "CREATE TABLE mine(a)",
    "CREATE INDEX mine ON contact(name)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE TEMP VIEW mine AS SELECT 1",
    "CREATE TRIGGER mine AFTER INSERT ON contact BEGIN SELECT 1; END",
    "CREATE TEMP TRIGGER mine AFTER INSERT ON contact"
    " BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE mine USING fts5(a)",
    "ALTER TABLE contact ADD COLUMN mine",
    "ALTER TABLE contact RENAME TO mine",
    "DROP TABLE contact",
    "DROP INDEX contact_canon",
    "REINDEX",
    "ANALYZE",
    "INSERT INTO audit VALUES(99, 0, '', '', '', '', '', x'', x'')",
    "INSERT OR REPLACE INTO audit VALUES"
    "(1, 0, '', '', '', '', '', x'', x'')",
    "UPDATE audit SET facts = ''",
    "DELETE FROM audit",
    "WITH x AS (SELECT 1) DELETE FROM audit WHERE seq IN x",
};

/* These fail in SQLite before it asks. */
static const char *const refused[] = {
    "INSERT INTO sqlite_schema VALUES('table', 'm', 'm', 0, '')",
    "UPDATE sqlite_schema SET sql = ''",
    "DELETE FROM sqlite_schema",
    "DROP TABLE sqlite_schema",
    "SELECT 1; DELETE FROM audit",
};

static void
refused_everywhere(void **state)
{
	struct fixture *f = *state;
	struct db *db = begin(f);

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		assert_int_not_equal(run(f->reader, refused[i]), E_NONE);
		assert_int_not_equal(run(db, refused[i]), E_NONE);
	}
	store_rollback(f->store, &db);
}

static void
denied_everywhere(void **state)
{
	struct fixture *f = *state;
	int before = count_files(store_dir(f->store));
	struct db *db = begin(f);

	for (size_t i = 0; i < sizeof denied / sizeof *denied; i++) {
		enum err_code reader = run(f->reader, denied[i]);
		enum err_code writer = run(db, denied[i]);

		if (reader != E_STORE_DENIED)
			fail_msg("reader: %s: %s", denied[i], err_name(reader));
		/* VACUUM in a transaction fails before it asks. */
		if (writer != E_STORE_DENIED &&
		    !(span_starts(span_of(denied[i]), SPAN("VACUUM")) &&
			writer == E_STORE_SQL))
			fail_msg("writer: %s: %s", denied[i], err_name(writer));
	}
	store_rollback(f->store, &db);
	assert_int_equal(count_files(store_dir(f->store)), before);
	assert_int_equal(number(f->reader, "SELECT count(*) FROM audit"), 1);
}

/* Even the store's own statements cannot write a second file. */
static void
denied_to_the_store(void **state)
{
	static const char *const sql[] = {
	    "ATTACH 'file:other.db?vfs=unix' AS other",
	    "VACUUM INTO 'file:copy.db?vfs=unix'",
	    "VACUUM INTO 'copy.db'",
	    "SELECT load_extension('libm.so.6')",
	};
	struct fixture *f = *state;
	struct err err = {0};

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		assert_int_equal(db_exec(f->store->writer, sql[i], &err), -1);
		if (err.code != E_STORE_DENIED)
			fail_msg("%s: %s", sql[i], err_name(err.code));
	}
	assert_ok(db_exec(f->store->writer, "VACUUM", &err), &err);
	assert_ok(store_verify(f->store, &err), &err);
}

static void
denied_to_readers(void **state)
{
	static const char *const sql[] = {
	    "INSERT INTO list(name, created_ms, changed_ms, changed_by)"
	    " VALUES('a', 0, 0, '')",
	    "UPDATE list SET name = 'b'",
	    "DELETE FROM list",
	    "INSERT INTO setting VALUES('a', 'b', 0, '')",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		assert_int_equal(run(f->reader, sql[i]), E_STORE_DENIED);
}

static void
denied_transactions(void **state)
{
	struct fixture *f = *state;
	struct db *db = begin(f);

	assert_int_equal(run(db, "COMMIT"), E_STORE_DENIED);
	assert_int_equal(run(db, "ROLLBACK"), E_STORE_DENIED);
	store_rollback(f->store, &db);
	assert_int_equal(run(f->reader, "BEGIN"), E_NONE);
	assert_int_equal(run(f->reader, "SELECT * FROM list"), E_NONE);
	assert_int_equal(run(f->reader, "COMMIT"), E_NONE);
}

static void
allowed(void **state)
{
	static const char *const sql[] = {
	    "SAVEPOINT one",
	    "INSERT INTO list(name, created_ms, changed_ms, changed_by)"
	    " VALUES('a', 0, 0, '') ON CONFLICT(name) DO NOTHING",
	    "RELEASE one",
	    "CREATE TEMP TABLE seen(canon TEXT PRIMARY KEY)",
	    "CREATE INDEX temp.seen_x ON seen(canon)",
	    "INSERT INTO temp.seen VALUES('x')",
	    "UPDATE temp.seen SET canon = 'y'",
	    "DELETE FROM temp.seen",
	    "DROP TABLE temp.seen",
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 5) SELECT sum(i) FROM n",
	    "SELECT json_extract('{\"a\":1}', '$.a'), lower('A')",
	};
	struct fixture *f = *state;
	struct db *db = begin(f);

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		enum err_code code = run(db, sql[i]);

		if (code != E_NONE)
			fail_msg("%s: %s", sql[i], err_name(code));
	}
	commit(f, &db);
}

/* A temporary table expires all statements: the audit log's own must still be
 * allowed when SQLite compiles it again. */
static void
audit_after_a_changed_schema(void **state)
{
	struct fixture *f = *state;
	struct audit_event event = {.what = "test"};
	struct db *db = begin(f);
	struct err err = {0};

	assert_ok(audit_add_in(f->store, db, &event, &err), &err);
	assert_int_equal(run(db, "CREATE TEMP TABLE seen(a)"), E_NONE);
	assert_ok(audit_add_in(f->store, db, &event, &err), &err);
	assert_int_equal(run(db, "DROP TABLE temp.seen"), E_NONE);
	commit(f, &db);
	assert_int_equal(number(f->reader, "SELECT count(*) FROM audit"), 3);
}

/* ---- Settings ---------------------------------------------------------- */

static void
settings_of_connections(void **state)
{
	static const struct {
		const char *sql;
		int writer, reader;
	} want[] = {
	    {"PRAGMA foreign_keys", 1, 1},
	    {"PRAGMA trusted_schema", 0, 0},
	    {"PRAGMA cell_size_check", 1, 1},
	    {"PRAGMA temp_store", 1, 2},
	    {"PRAGMA cache_size", -8192, -8192},
	    {"PRAGMA synchronous", 2, 1},
	    {"PRAGMA secure_delete", 2, -1},
	    {"PRAGMA wal_autocheckpoint", 1000, 0},
	    {"PRAGMA query_only", 0, 1},
	    {"PRAGMA mmap_size", 0, 0},
	    {"PRAGMA page_size", 4096, 4096},
	    {"SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1, 1},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		int64_t writer = number(f->store->writer, want[i].sql);
		int64_t reader = number(f->reader, want[i].sql);

		if (writer != want[i].writer ||
		    (want[i].reader >= 0 && reader != want[i].reader &&
			want[i].reader != -1))
			fail_msg("%s: %lld, %lld", want[i].sql,
			    (long long)writer, (long long)reader);
	}
}

static void
cache_of_the_writer(void **state)
{
	struct fixture *f = *state;
	struct db *db = begin(f);

	db_cache(db, STORE_CACHE_BULK);
	assert_int_equal(number(db, "PRAGMA cache_size"), -65536);
	db_cache(db, STORE_CACHE_NORMAL);
	assert_int_equal(number(db, "PRAGMA cache_size"), -8192);
	store_rollback(f->store, &db);
}

static void
foreign_keys_hold(void **state)
{
	struct fixture *f = *state;
	struct db *db = begin(f);

	assert_int_equal(
	    run(db, "INSERT INTO member(list, contact, basis, basis_at_ms,"
		    " basis_note) VALUES(7, 7, 0, 0, '')"),
	    E_STORE_SQL);
	store_rollback(f->store, &db);
}

/* ---- Statements -------------------------------------------------------- */

static void
statements_are_kept(void **state)
{
	static const char sql[] = "SELECT ?1";
	struct fixture *f = *state;
	struct err err = {0};
	struct stmt *one = db_stmt(f->reader, sql, &err);

	stmt_int(one, 1, 5);
	assert_int_equal(stmt_step(one, &err), 1);
	/* In use: a second user would take the rows of the first. */
	assert_null(db_stmt(f->reader, sql, &err));
	assert_int_equal(err.code, E_BUG);
	stmt_reset(one);
	assert_ptr_equal(db_stmt(f->reader, sql, &err), one);
	assert_int_equal(stmt_step(one, &err), 1);
	assert_true(stmt_col_is_null(one, 0)); /* unbound again */
	assert_int_equal(stmt_step(one, &err), 0);
}

/* Two texts at one address are no literal; taking the kept statement would run
 * the wrong one. */
static void
not_a_literal(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	char sql[] = "SELECT 1";

	assert_non_null(db_stmt(f->reader, sql, &err));
	sql[7] = '2';
	assert_null(db_stmt(f->reader, sql, &err));
	assert_int_equal(err.code, E_BUG);
}

static void
many_statements(void **state)
{
	enum { COUNT = 500, LEN = 32 };
	struct fixture *f = *state;
	struct err err = {0};
	char(*sql)[LEN] = mem_array(COUNT, LEN);

	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < COUNT; i++) {
			struct stmt *stmt;

			snprintf(sql[i], LEN, "SELECT %d", i);
			stmt = db_stmt(f->reader, sql[i], &err);
			assert_non_null(stmt);
			assert_int_equal(stmt_step(stmt, &err), 1);
			assert_int_equal(stmt_col_int(stmt, 0), i);
			stmt_reset(stmt);
		}
	}
	free(sql);
}

static void
refused_text(void **state)
{
	static const char *const sql[] = {"", "SELECT 1; SELECT 2", "SELEC",
	    "SELECT nothing FROM nowhere", "SELECT \"text\""};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		enum err_code code = run(f->reader, sql[i]);

		if (code != E_STORE_SQL && code != E_BUG)
			fail_msg("%s: %s", sql[i], err_name(code));
	}
}

static void
values_come_back(void **state)
{
	static const char sql[] = "SELECT ?1, ?2, ?3, ?4, ?5, ?6";
	struct fixture *f = *state;
	struct err err = {0};
	struct stmt *stmt = db_stmt(f->reader, sql, &err);

	stmt_int(stmt, 1, INT64_MIN);
	stmt_text(stmt, 2, SPAN("\xe6\x9d\xb1\0x"));
	stmt_blob(stmt, 3, SPAN("\0\xff"));
	stmt_null(stmt, 4);
	stmt_text(stmt, 5, (struct span){NULL, 0});
	stmt_blob(stmt, 6, (struct span){NULL, 0});
	assert_int_equal(stmt_step(stmt, &err), 1);
	assert_true(stmt_col_int(stmt, 0) == INT64_MIN);
	assert_true(
	    span_equal(stmt_col_text(stmt, 1), SPAN("\xe6\x9d\xb1\0x")));
	assert_true(span_equal(stmt_col_blob(stmt, 2), SPAN("\0\xff")));
	assert_true(stmt_col_is_null(stmt, 3));
	assert_false(stmt_col_is_null(stmt, 4));
	assert_int_equal(stmt_col_text(stmt, 4).len, 0);
	assert_false(stmt_col_is_null(stmt, 5));
	stmt_reset(stmt);
}

/* Binding cannot fail on the spot, so the step must. */
static void
bad_binding(void **state)
{
	static const char sql[] = "SELECT ?1";
	struct fixture *f = *state;
	struct err err = {0};
	struct stmt *stmt = db_stmt(f->reader, sql, &err);

	stmt_int(stmt, 2, 1);
	stmt_int(stmt, 1, 1);
	assert_int_equal(stmt_step(stmt, &err), -1);
	assert_int_equal(err.code, E_STORE_SQL);
	stmt = db_stmt(f->reader, sql, &err);
	stmt_int(stmt, 1, 1);
	assert_int_equal(stmt_step(stmt, &err), 1);
	stmt_reset(stmt);
}

static void
limits(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    run(f->reader, "SELECT length(zeroblob(70000000))"), E_STORE_SQL);
	assert_int_equal(
	    run(f->reader, "SELECT length(zeroblob(1000000))"), E_NONE);
}

static void
changes_and_ids(void **state)
{
	static const char add[] =
	    "INSERT INTO list(name, created_ms, changed_ms, changed_by)"
	    " VALUES(?1, 0, 0, '')";
	struct fixture *f = *state;
	struct db *db = begin(f);
	struct err err = {0};

	for (int i = 1; i <= 3; i++) {
		char name[] = {(char)('a' + i), '\0'};
		struct stmt *stmt = db_stmt(db, add, &err);

		stmt_text(stmt, 1, span_of(name));
		assert_ok(stmt_run(stmt, &err), &err);
		assert_int_equal(db_last_id(db), i);
	}
	assert_int_equal(run(db, "UPDATE list SET changed_ms = 9"), E_NONE);
	assert_int_equal(db_changes(db), 3);
	/* Not seen by others before the commit. */
	assert_int_equal(number(f->reader, "SELECT count(*) FROM list"), 0);
	commit(f, &db);
	assert_int_equal(number(f->reader, "SELECT count(*) FROM list"), 3);
}

/* A query left in mid-row does not keep a transaction from ending. */
static void
unfinished_query(void **state)
{
	static const char sql[] = "SELECT 1 UNION ALL SELECT 2";
	struct fixture *f = *state;
	struct db *db = begin(f);
	struct err err = {0};

	assert_int_equal(stmt_step(db_stmt(db, sql, &err), &err), 1);
	commit(f, &db);
	db = begin(f);
	assert_int_equal(stmt_step(db_stmt(db, sql, &err), &err), 1);
	store_rollback(f->store, &db);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
	    CASE(denied_everywhere),
	    CASE(refused_everywhere),
	    CASE(denied_to_the_store),
	    CASE(denied_to_readers),
	    CASE(denied_transactions),
	    CASE(allowed),
	    CASE(audit_after_a_changed_schema),
	    CASE(settings_of_connections),
	    CASE(cache_of_the_writer),
	    CASE(foreign_keys_hold),
	    CASE(statements_are_kept),
	    CASE(not_a_literal),
	    CASE(many_statements),
	    CASE(refused_text),
	    CASE(values_come_back),
	    CASE(bad_binding),
	    CASE(limits),
	    CASE(changes_and_ids),
	    CASE(unfinished_query),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
