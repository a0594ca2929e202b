/* A viewer at the real program, over 10,000 contacts: whatever keys are
 * pressed, no full address, name or value of a field ever reaches the terminal.
 * Every byte that was written is looked at, and the screen after each key. */
#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "tests/fake/desk.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { CONTACTS = 10000, MONKEY = 400, RNG_SEED = 20261122 };

/* Parts that no mask leaves: of every address, name, value, note, raw line. */
static const char *const personal[] = {"strel", "uetzal", "urasa", "FIELDVAL",
    "NOTEVAL", "RAWVAL", "FILEVAL", "瑠璃", "STAFFVAL"};

/* ---- The store -------------------------------------------------------------------- */

static void
run(struct store *store, const char *const *sql)
{
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_begin(store, STORE_WAIT_LONG, "test", &db, &err), &err);
	for (; *sql; sql++) {
		struct stmt *stmt = db_stmt(db, *sql, &err);

		if (!stmt)
			fail_msg("%s: %s", *sql, err_find(&err, "what"));
		assert_ok(stmt_run(stmt, &err), &err);
	}
	assert_ok(store_commit(store, &db, &err), &err);
}

#define NUMBERS                                                                \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"       \
	" WHERE i < 10000) "

static const char *const contents[] = {
    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
    " VALUES(1, 'Members', 1, 1, 'x')",
    NUMBERS "INSERT INTO contact(id, address, canon, name, fields, created_ms,"
	    " changed_ms) SELECT i, printf('kestrel%05d@birds.example', i),"
	    " printf('kestrel%05d@birds.example', i), CASE i % 2 WHEN 0 THEN"
	    " printf('Quetzal %05d', i) ELSE '鳥瑠璃子' END,"
	    " printf('{\"city\":\"FIELDVAL%05d\"}', i), 1, 1 FROM n",
    NUMBERS "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 1, i, 1, 1, 'NOTEVAL' FROM n",
    "INSERT INTO suppression(key, list, cause, at_ms, source, address)"
    " VALUES(x'00', 0, 1, 1, 'from kestrel00003@birds.example',"
    " 'kestrel00003@birds.example')",
    "INSERT INTO staff_address(address, canon, name, added_ms, added_by)"
    " VALUES('murasaki@staff.example', 'murasaki@staff.example',"
    " 'XSTAFFVAL', 1, 'x')",
    "INSERT INTO canary(list, address, canon, added_ms, added_by)"
    " VALUES(1, 'kestrel00001@birds.example', 'kestrel00001@birds.example',"
    " 1, 'x')",
    "INSERT INTO import_reject VALUES(1, 1, 'x', 'RAWVAL', 'RAWVAL')",
    /* a draft with results, and a campaign that was sent */
    "INSERT INTO campaign(id, name, class, state, list, from_name,"
    " from_address, reply_to, subject, body, revision, created_ms,"
    " created_by, changed_ms, changed_by) VALUES"
    "(1, 'Draft', 0, 0, 1, 'Us', 'us@house.example', '', 'Hello {{name}}',"
    " '# Hello {{name}} of {{city}}', 1, 1, 'x', 1, 'x'),"
    "(2, 'Sent', 0, 3, 1, 'Us', 'us@house.example', '', 'Hello', '# Hello',"
    " 1, 1, 'x', 1, 'x')",
    "INSERT INTO review_result(campaign, item, state, count, facts, at_ms,"
    " answer, answered_by) VALUES"
    "(1, 'LC-01', 3, 1, 'address=kestrel00009@birds.example', 1,"
    " 'see kestrel00009@birds.example', 'x')",
    NUMBERS "INSERT INTO outbox SELECT 2, i,"
	    " i, printf('kestrel%05d@birds.example', i),"
	    " printf('kestrel%05d@birds.example', i), 'Quetzal',"
	    " '{\"city\":\"FIELDVAL\"}', x'00' FROM n WHERE i <= 50",
    "INSERT INTO run(campaign, state, why, total, started_ms, ended_ms, by,"
    " digest) VALUES(2, 3, '', 50, 1, 2, 'x', x'00')",
    NUMBERS
    "INSERT INTO ledger(campaign, seq, state, attempt, at_ms, code, class,"
    " reply) SELECT 2, i, CASE WHEN i % 2 THEN 5 ELSE 6 END, 1, 2, 550,"
    " 'H1', printf('550 <kestrel%05d@birds.example>: unknown', i) FROM n"
    " WHERE i <= 50",
    "INSERT INTO ledger_total VALUES(2, 0, 5, 0, 25, 25),"
    "(2, 0, 6, 0, 25, 25)",
    "INSERT INTO attachment(campaign, kind, rule, ready, name, type, look,"
    " verdict, why, files, octets, total, digest, added_ms, added_by)"
    " VALUES(1, 0, 0, 1, 'kestrel00001@birds.example.pdf',"
    " 'application/pdf', '', 0, '', 1, 3, 3, x'00', 1, 'x')",
    NULL};

/* The desk's store with all of that; its user then has these roles. */
static void
furnish(struct desk *desk, unsigned roles)
{
	struct store *store = desk_make_store(desk);
	struct err err = {0};

	run(store, contents);
	assert_ok(audit_add(store,
		      &(struct audit_event){.what = "test.event",
			  .object = SPAN("kestrel00004@birds.example"),
			  .facts = SPAN("to=kestrel00004@birds.example")},
		      &err),
	    &err);
	tempstore_roles(store, roles);
	store_close(&store);
}

/* ---- Looking ----------------------------------------------------------------------- */

static const char *
leak_in(struct span text)
{
	for (size_t i = 0; i < sizeof personal / sizeof *personal; i++) {
		if (span_search(text, span_of(personal[i])) < text.len)
			return personal[i];
	}
	return NULL;
}

static void
look(struct desk *desk, const char *after)
{
	char *screen = pty_screen(desk->pty);
	const char *leak = leak_in(span_of(screen));

	if (leak)
		fail_msg(
		    "after %s the screen holds %s:\n%s", after, leak, screen);
	free(screen);
}

static void
press(struct desk *desk, const char *keys)
{
	pty_keys(desk->pty, keys);
	look(desk, keys);
}

/* Out of whatever is open, without keeping what was typed. */
static void
back_out(struct desk *desk)
{
	for (int i = 0; i < 4; i++) {
		if (pty_shows(desk->pty, "Leave without saving"))
			pty_answer(desk->pty, "y", "Leave without saving");
		press(desk, "Esc");
	}
	if (pty_shows(desk->pty, "Leave Sekisho"))
		pty_answer(desk->pty, "Esc", "Leave Sekisho");
	/* a question that has just come up does not hear at once */
	if (pty_shows(desk->pty, "( Cancel )"))
		pty_answer(desk->pty, "Esc", "( Cancel )");
	press(desk, "1");
	pty_wait_text(desk->pty, "Needs you");
}

/* From a section: into the row'th line, over its pages, and back. */
static void
visit_row(struct desk *desk, const char *section, int row)
{
	static const char *const keys[] = {
	    "Enter", "PgDn", "End", "Tab", "Enter", "PgDn"};

	press(desk, section);
	press(desk, "Home");
	for (int i = 0; i < row; i++)
		press(desk, "j");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		press(desk, keys[i]);
	back_out(desk);
}

/* Every action's key on the main screens; what a viewer may not, says so. */
static void
visit_actions(struct desk *desk)
{
	static const char *const keys[] = {"v", "e", "E", "a", "T", "^N", "w",
	    "c", "d", "u", "o", "i", "D", "r", "R", "s", "b", "t", "h", "m",
	    "S", "A", "n", "y", "/"};
	static const char *const places[] = {"1", "2", "2 Enter",
	    "2 Enter Enter", "3", "3 Enter", "3 j Enter", "4", "5", "5 Enter",
	    "5 Enter e", "5 Enter x", "6", "6 Enter", "8"};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
			press(desk, places[i]);
			press(desk, keys[k]);
			press(desk, "PgDn");
			back_out(desk);
		}
	}
}

/* Keys that nobody meant, but not those that end the sitting. */
static void
monkey(struct desk *desk)
{
	static const char *const keys[] = {"1", "2", "3", "4", "5", "6", "8",
	    "Enter", "Enter", "Enter", "j", "j", "k", "PgDn", "PgUp", "End",
	    "Home", "Tab", "Esc", "q", "v", "e", "a", "w", "c", "d", "u", "n",
	    "s", "h", "m", "r", "x", "/", "?", "Left", "Right", "Space", "^N",
	    "^P", "^T", "^S", "^F"};
	uint32_t random = RNG_SEED;

	for (int i = 0; i < MONKEY; i++) {
		random = random * 1664525 + 1013904223;
		press(desk, keys[(random >> 8) % (sizeof keys / sizeof *keys)]);
	}
}

static void
visit_everything(struct desk *desk)
{
	enum { SETUP_PAGES = 16 };
	static const char *const sections[] = {"1", "2", "3", "4", "5", "6"};

	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		for (int row = 0; row < 3; row++)
			visit_row(desk, sections[i], row);
	}
	for (int row = 0; row < SETUP_PAGES; row++)
		visit_row(desk, "8", row);
	visit_actions(desk);
	monkey(desk);
}

#define need_pam()                                                             \
	do {                                                                   \
		if (desk_missing()) {                                          \
			print_message("%s\n", desk_missing());                 \
			skip();                                                \
		}                                                              \
	} while (0)

static void
a_viewer_reads_no_address(void **state)
{
	struct desk desk;
	const char *leak;

	(void)state;
	need_pam();
	desk_open(&desk, "en");
	furnish(&desk, PERSON_VIEWER);
	desk_come_in(&desk);
	visit_everything(&desk);
	leak = leak_in(pty_output(desk.pty));
	if (leak)
		fail_msg("%s was written to the terminal", leak);
	/* the lists were there to be read */
	back_out(&desk);
	pty_keys(desk.pty, "2");
	pty_wait_text(desk.pty, "Members");
	pty_keys(desk.pty, "Enter");
	pty_wait_text(desk.pty, "ke***@birds.example");
	pty_wait_text(desk.pty, "Q*");
	desk_kill(&desk);
	desk_close(&desk);
}

/* An auditor may unmask a record, for a reason: the lock masks it again, and
 * shows nothing of it. */
static void
the_lock_masks_again(void **state)
{
	struct desk desk;
	struct store *store;

	(void)state;
	need_pam();
	desk_open(&desk, "en");
	furnish(&desk, PERSON_AUDITOR);
	desk_come_in(&desk);
	press(&desk, "2");
	press(&desk, "Enter");
	pty_wait_text(desk.pty, "ke***@birds.example");
	press(&desk, "Enter");
	press(&desk, "m");
	desk_reply(&desk, "Show this record", "a call about a wrong mail");
	pty_wait_text(desk.pty, "kestrel00001@birds.example");
	pty_keys(desk.pty, "L");
	desk_wait(&desk, "Press Enter to sign in again.");
	look(&desk, "L");
	pty_keys(desk.pty, "Enter");
	pty_wait_text(desk.pty, "Password:");
	look(&desk, "Enter");
	desk_enter(&desk, DESK_PASSWORD);
	pty_wait_text(desk.pty, "ke***@birds.example");
	look(&desk, "the password");
	desk_kill(&desk);
	store = desk_open_store(&desk);
	assert_int_equal(
	    desk_number(store, "SELECT count(*) FROM audit WHERE what ="
			       " 'personal.unmask' AND facts LIKE"
			       " '%wrong mail%'"),
	    1);
	store_close(&store);
	desk_close(&desk);
}

/* The same screens for an operator hold what is looked for: the test can
 * fail. */
static void
an_operator_does(void **state)
{
	struct desk desk;

	(void)state;
	need_pam();
	desk_open(&desk, "en");
	furnish(&desk, PERSON_OPERATOR);
	desk_come_in(&desk);
	pty_keys(desk.pty, "2 Enter");
	pty_wait_text(desk.pty, "kestrel00001@birds.example");
	assert_non_null(leak_in(pty_output(desk.pty)));
	desk_kill(&desk);
	desk_close(&desk);
}

/* Registered by nobody: the passphrase alone opens nothing. */
static void
nobody_comes_in(void **state)
{
	struct desk desk;
	struct store *store;

	(void)state;
	need_pam();
	desk_open(&desk, "en");
	store = desk_make_store(&desk);
	tempstore_roles(store, 0);
	store_close(&store);
	desk_start(&desk, NULL);
	desk_sign_in(&desk);
	desk_enter(&desk, DESK_PASSPHRASE);
	desk_wait(&desk,
	    "%{login} is registered but disabled. An administrator "
	    "can change that in Setup, People.");
	desk_kill(&desk);
	desk_close(&desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_operator_does),
	    cmocka_unit_test(nobody_comes_in),
	    cmocka_unit_test(the_lock_masks_again),
	    cmocka_unit_test(a_viewer_reads_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
