/* A store of the first release is opened by this one: nothing of what it holds
 * is lost, and what is new has the meaning that the old had. */
#include "tests/unit/store/life.h"

#include "core/store/schema.h"

static void
run(struct fixture *f, const char *sql)
{
	assert_ok(db_exec(f->store->writer, sql, &f->err), &f->err);
}

/* Takes the store back to what the first migration makes; the log stays, since
 * the keyring knows its end. */
static void
go_back(struct fixture *f)
{
	struct buf drops = BUF_INIT;
	struct stmt *stmt;
	int known;

	stmt = db_stmt(f->store->writer,
	    "SELECT 'DROP TABLE ' || name || ';' FROM sqlite_schema"
	    " WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
	    " AND name <> 'audit_kept'",
	    &f->err);
	run(f, "CREATE TABLE audit_kept AS SELECT * FROM audit");
	assert_non_null(stmt);
	while (stmt_step(stmt, &f->err) == 1)
		buf_add(&drops, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	/* a table goes before those that it refers to */
	run(f, "PRAGMA foreign_keys=OFF");
	run(f, drops.ptr);
	run(f, "PRAGMA foreign_keys=ON");
	run(f, schema_migrations(&known)[0]);
	run(f, "INSERT INTO audit SELECT * FROM audit_kept;"
	       "DROP TABLE audit_kept; PRAGMA user_version=1");
	buf_done(&drops);
}

static void
fill(struct fixture *f)
{
	run(f,
	    "INSERT INTO relay(name, host, port, tls, ca_file, user, secret,"
	    " sessions, per_session, rate_per_s, enabled, changed_ms) VALUES"
	    "('off', 'a.example', 25, 3, '', '', x'', 1, 1, 0, 0, 1),"
	    "('first', 'b.example', 587, 3, '', 'u', x'7077', 4, 100, 5, 1,"
	    " 1),"
	    "('second', 'c.example', 465, 4, '/ca', '', x'', 2, 10, 0, 1, 1)");
	run(f, "INSERT INTO review(campaign, revision, at_ms, by, recipients,"
	       " root, inputs) VALUES(1, 2, 3, 'me', 5, x'0102', x'0304')");
	run(f, "INSERT INTO run VALUES(1, 1, '', 5, 100, NULL, 'me', x'00')");
	run(f, "INSERT INTO ledger(campaign, seq, state, attempt, relay, code,"
	       " reply, tls_version, tls_cipher, tls_verified, message_id)"
	       " VALUES"
	       "(1, 1, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL),"
	       "(1, 2, 1, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL),"
	       "(1, 3, 2, 0, 2, NULL, NULL, 'TLSv1.3', 'X', 1, '<3@x>'),"
	       "(1, 4, 3, 1, 2, 250, 'ok', 'TLSv1.3', 'X', 1, '<4@x>'),"
	       "(1, 5, 4, 1, 2, 450, 'later', '', '', 0, '<5@x>')");
}

static void
the_first_release_is_opened(void **state)
{
	struct fixture *f = *state;
	int known;

	create(f);
	go_back(f);
	fill(f);
	reopen(f);
	schema_migrations(&known);
	assert_int_equal(number(f->store, "PRAGMA user_version"), known);
	/* a column that nobody reads is gone, its row is not */
	assert_int_equal(
	    number(f->store, "SELECT recipients FROM review"
			     " WHERE root = x'0102' AND inputs_text = ''"),
	    5);
	assert_int_equal(number(f->store, "SELECT count(*) FROM sqlite_schema"
					  " WHERE sql LIKE '%inputs BLOB%'"),
	    0);
	/* the one relay that was used is the pool, the other stands by */
	/* who opens it is the first person */
	assert_int_equal(number(f->store, "SELECT roles FROM person"), 3);
	assert_int_equal(number(f->store, "SELECT count(*) FROM relay"), 3);
	assert_int_equal(
	    number(f->store, "SELECT share FROM relay WHERE name = 'first'"),
	    1);
	assert_int_equal(
	    number(f->store, "SELECT share FROM relay WHERE name = 'second'"),
	    0);
	assert_int_equal(
	    number(f->store, "SELECT count(*) FROM relay WHERE name = 'first'"
			     " AND secret = x'7077' AND kind = 0 AND auth = 0"
			     " AND pins = '' AND warm_from_ms = 0"),
	    1);
	/* a row that was under way is in doubt, all others as they were */
	assert_int_equal(
	    number(f->store, "SELECT sum(state * 10 * seq) FROM ledger"),
	    10 * (0 * 1 + 0 * 2 + 6 * 3 + 3 * 4 + 4 * 5));
	assert_int_equal(
	    number(f->store, "SELECT count(*) FROM ledger l JOIN connection c"
			     " ON c.campaign = l.campaign AND c.id = "
			     "l.connection WHERE l.seq = 4 AND c.relay = 2"
			     " AND c.tls_version = 'TLSv1.3' AND c.tls_state"
			     " = 2"),
	    1);
	assert_int_equal(
	    number(f->store, "SELECT sum(rows) FROM ledger_total"), 5);
	assert_int_equal(
	    number(f->store, "SELECT count(*) FROM ledger_old_id"), 3);
	assert_ok(store_verify(f->store, &f->err), &f->err);
	/* once is enough */
	reopen(f);
	assert_int_equal(number(f->store, "SELECT count(*) FROM ledger"), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		the_first_release_is_opened, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
