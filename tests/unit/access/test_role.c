/* The matrix, the table of people, the first person, the last administrator. */
#include "core/access/access.h"
#include "core/base/file.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

struct kit {
	struct fake_clock clock;
	struct store *store;
	struct err err;
};

static int
setup(void **state)
{
	static struct kit kit;

	kit = (struct kit){.store = NULL};
	fake_clock_init(&kit.clock);
	kit.store = tempstore_open(&kit.clock.base);
	*state = &kit;
	return 0;
}

static int
teardown(void **state)
{
	struct kit *kit = *state;

	tempstore_close(&kit->store);
	return 0;
}

/* Written down a second time, by role, so that a slip in the table shows:
 * a permission, and a letter for each role that holds it. */
static const struct {
	enum permission permission;
	const char *name, *roles;
} wanted[] = {
    {MAY_CAMPAIGN_WRITE, "campaign.write", "o"},
    {MAY_CAMPAIGN_DELETE, "campaign.delete", "o"},
    {MAY_LIST_WRITE, "list.write", "o"},
    {MAY_LIST_IMPORT, "list.import", "o"},
    {MAY_LIST_EXPORT, "list.export", "o"},
    {MAY_LIST_DELETE, "list.delete", "o"},
    {MAY_TEST_SEND, "test.send", "o"},
    {MAY_STAFF_WRITE, "staff.write", "ao"},
    {MAY_CHECK, "check", "o"},
    {MAY_SEAL, "seal", "o"},
    {MAY_APPROVE, "approve", "p"},
    {MAY_LAUNCH, "launch", "o"},
    {MAY_STOP, "stop", "aopvu"},
    {MAY_SETTINGS_WRITE, "settings.write", "a"},
    {MAY_POLICY_WRITE, "policy.write", "a"},
    {MAY_PEOPLE_WRITE, "people.write", "a"},
    {MAY_RELAY_WRITE, "relay.write", "a"},
    {MAY_KEY_WRITE, "key.write", "a"},
    {MAY_STORE_KEY, "store.key", "a"},
    {MAY_LOG_READ, "log.read", "aou"},
    {MAY_LOG_REVIEW, "log.review", "u"},
    {MAY_EVIDENCE_MAKE, "evidence.make", "aou"},
    {MAY_VIEW, "view", "aopvu"},
    {MAY_MAIL_VIEW, "mail.view", "op"},
    {MAY_PERSONAL_VIEW, "personal.view", "op"},
    {MAY_PERSONAL_UNMASK, "personal.unmask", "opu"},
};

static const char letters[] = "aopvu";

/* Every cell: in person_may(), and in what core asks of the store. */
static void
test_matrix(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(sizeof wanted / sizeof *wanted, MAY_COUNT);
	for (int role = 0; role < PERSON_ROLES; role++) {
		struct person person = {.roles = 1u << role};
		struct db *db = NULL;

		tempstore_roles(kit->store, person.roles);
		assert_ok(
		    store_reader_open(kit->store, &db, &kit->err), &kit->err);
		for (size_t i = 0; i < MAY_COUNT; i++) {
			bool may = strchr(wanted[i].roles, letters[role]);
			struct err err = {.code = E_NONE};
			int rc = person_require(
			    kit->store, db, wanted[i].permission, &err);

			assert_int_equal(
			    person_may(&person, wanted[i].permission), may);
			assert_int_equal(rc, may ? 0 : -1);
			if (may)
				continue;
			assert_int_equal(err.code, E_ROLE);
			assert_string_equal(
			    err_find(&err, "permission"), wanted[i].name);
			assert_string_equal(err_find(&err, "login"), "tester");
		}
		store_reader_close(&db);
	}
}

/* docs/roles.md has the same table. */
static void
test_document(void **state)
{
	struct buf text = BUF_INIT;
	struct err err = {.code = E_NONE};

	(void)state;
	assert_ok(file_read("docs/roles.md", 64 * 1024, &text, &err), &err);
	for (int i = 0; i < MAY_COUNT; i++) {
		unsigned roles = permission_roles((enum permission)i);
		struct buf line = BUF_INIT;

		buf_printf(
		    &line, "\n| %s |", permission_name((enum permission)i));
		for (int role = 0; role < PERSON_ROLES; role++)
			buf_text(&line, roles >> role & 1 ? " yes |" : " |");
		buf_char(&line, '\n');
		if (span_search(buf_span(&text), buf_span(&line)) == text.len)
			fail_msg("docs/roles.md lacks: %s", line.ptr);
		buf_done(&line);
	}
	buf_done(&text);
}

static void
test_default_deny(void **state)
{
	struct person disabled = {.roles = 31, .disabled = true};
	struct person nobody = {.roles = 0};
	struct person masked = {.roles = 31, .masked = true};

	(void)state;
	for (int i = 0; i < MAY_COUNT; i++) {
		enum permission may = (enum permission)i;

		assert_string_equal(permission_name(may), wanted[i].name);
		assert_false(person_may(NULL, may));
		assert_false(person_may(&nobody, may));
		assert_false(person_may(&disabled, may));
		assert_int_equal(
		    person_may(&masked, may), may != MAY_PERSONAL_VIEW);
	}
	masked.masked = false;
	assert_false(person_may(&masked, MAY_COUNT));
}

static void
test_first_person(void **state)
{
	struct kit *kit = *state;
	struct person person;
	struct db *db = NULL;

	assert_ok(store_reader_open(kit->store, &db, &kit->err), &kit->err);
	assert_int_equal(
	    person_read(db, SPAN("tester"), &person, &kit->err), 1);
	assert_int_equal(person.roles, PERSON_ADMINISTRATOR | PERSON_OPERATOR);
	assert_false(person.disabled);
	assert_int_equal(person_read(db, SPAN("jiro"), &person, &kit->err), 0);
	store_reader_close(&db);
}

static void
note_login(void *arg, const struct person *person)
{
	struct buf *out = arg;

	buf_printf(out, "%s=%u ", person->login, person->roles);
}

static void
test_save_and_remove(void **state)
{
	struct kit *kit = *state;
	struct person jiro = {.login = "jiro",
	    .roles = PERSON_APPROVER,
	    .masked = true,
	    .networks = "192.0.2.0/24\n2001:db8::/32"};
	struct person got;
	struct buf text = BUF_INIT;
	struct db *db = NULL;

	assert_ok(person_save(kit->store, &jiro, NULL, &kit->err), &kit->err);
	assert_ok(store_reader_open(kit->store, &db, &kit->err), &kit->err);
	assert_int_equal(person_read(db, SPAN("jiro"), &got, &kit->err), 1);
	assert_int_equal(got.roles, PERSON_APPROVER);
	assert_true(got.masked);
	assert_string_equal(got.networks, jiro.networks);
	assert_string_equal(got.changed_by, "tester");
	assert_int_equal(person_each(db, note_login, &text, &kit->err), 2);
	assert_string_equal(text.ptr, "jiro=4 tester=3 ");
	assert_ok(
	    person_remove(kit->store, SPAN("jiro"), &kit->err), &kit->err);
	assert_int_equal(person_read(db, SPAN("jiro"), &got, &kit->err), 0);
	assert_int_equal(
	    person_remove(kit->store, SPAN("jiro"), &kit->err), -1);
	assert_int_equal(kit->err.code, E_PERSON_UNKNOWN);
	store_reader_close(&db);
	buf_done(&text);
}

static void
test_bad_rows(void **state)
{
	static const struct {
		struct person person;
		const char *field, *why;
	} cases[] = {
	    {{.login = ""}, "login", "name"},
	    {{.login = "@"}, "login", "name"},
	    {{.login = "-x"}, "login", "name"},
	    {{.login = "a b"}, "login", "name"},
	    {{.login = "a:b"}, "login", "name"},
	    {{.login = "a/b"}, "login", "name"},
	    {{.login = "a", .roles = 32}, "roles", "unknown"},
	    {{.login = "@mail", .roles = PERSON_ADMINISTRATOR}, "roles",
		"group"},
	};
	struct kit *kit = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(
		    person_save(kit->store, &cases[i].person, NULL, &kit->err),
		    -1);
		assert_int_equal(kit->err.code, E_PERSON_FIELD);
		assert_string_equal(
		    err_find(&kit->err, "field"), cases[i].field);
		assert_string_equal(err_find(&kit->err, "why"), cases[i].why);
	}
}

/* Demoting, disabling and removing the last administrator are all refused, and
 * nothing is changed. */
static void
test_last_administrator(void **state)
{
	static const struct person ways[] = {
	    {.login = "tester", .roles = PERSON_OPERATOR},
	    {.login = "tester", .roles = 0},
	    {.login = "tester", .roles = 3, .disabled = true},
	};
	struct kit *kit = *state;
	struct person jiro = {.login = "jiro", .roles = PERSON_ADMINISTRATOR};

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		assert_int_equal(
		    person_save(kit->store, &ways[i], NULL, &kit->err), -1);
		assert_int_equal(kit->err.code, E_PERSON_LAST);
	}
	assert_int_equal(
	    person_remove(kit->store, SPAN("tester"), &kit->err), -1);
	assert_int_equal(kit->err.code, E_PERSON_SELF);
	assert_ok(person_require(kit->store, NULL, MAY_PEOPLE_WRITE, &kit->err),
	    &kit->err);
	/* With a second one the first may go; then it may nothing more. */
	assert_ok(person_save(kit->store, &jiro, NULL, &kit->err), &kit->err);
	assert_ok(
	    person_save(kit->store, &ways[2], NULL, &kit->err), &kit->err);
	assert_int_equal(person_save(kit->store, &jiro, NULL, &kit->err), -1);
	assert_int_equal(kit->err.code, E_ROLE);
}

/* Groups give roles to who has no row, and never the administrator's. */
static void
test_groups(void **state)
{
	struct kit *kit = *state;
	struct person jiro = {.login = "jiro", .roles = PERSON_ADMINISTRATOR};
	struct person now;
	struct db *db = NULL;

	store_admit(kit->store, 31);
	assert_ok(store_reader_open(kit->store, &db, &kit->err), &kit->err);
	assert_ok(person_current(kit->store, db, &now, &kit->err), &kit->err);
	assert_int_equal(now.roles, 3); /* the row wins */
	assert_ok(person_save(kit->store, &jiro, NULL, &kit->err), &kit->err);
	tempstore_forget_user(kit->store);
	assert_ok(person_current(kit->store, db, &now, &kit->err), &kit->err);
	assert_int_equal(now.roles, 30);
	assert_string_equal(now.login, "tester");
	store_reader_close(&db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_matrix, setup, teardown),
	    cmocka_unit_test(test_default_deny),
	    cmocka_unit_test(test_document),
	    cmocka_unit_test_setup_teardown(test_first_person, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_save_and_remove, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_bad_rows, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_last_administrator, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_groups, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
