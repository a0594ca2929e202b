/* Grants: one step each, for three minutes, of one kind; and what asks. */
#include "core/store/store.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

struct kit {
	struct fake_clock clock;
	struct store *store;
	struct err err;
};

static void
set(struct kit *kit, const char *name, const char *value)
{
	assert_ok(setting_write(kit->store, name, span_of(value), &kit->err),
	    &kit->err);
}

/* A store that was made some other day, where every step wants a password. */
static int
setup(void **state)
{
	static const char *const names[] = {"stepup.launch", "stepup.approve",
	    "stepup.setup", "stepup.export", "stepup.unmask", "stepup.policy"};
	static struct kit kit;

	kit = (struct kit){.store = NULL};
	fake_clock_init(&kit.clock);
	kit.store = tempstore_open(&kit.clock.base);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		set(&kit, names[i], "password");
	tempstore_reopen(&kit.store);
	*state = &kit;
	return 0;
}

static int
teardown(void **state)
{
	tempstore_close(&((struct kit *)*state)->store);
	return 0;
}

static enum err_code
asked(struct kit *kit, enum stepup step)
{
	struct err err = {.code = E_NONE};

	if (stepup_require(kit->store, NULL, step, &err) == 0)
		return E_NONE;
	if (err.code == E_STEPUP)
		assert_string_equal(err_find(&err, "step"), stepup_name(step));
	return err.code;
}

static void
one_grant_is_one_step(void **state)
{
	struct kit *kit = *state;

	for (int i = 0; i < STEPUP_COUNT; i++) {
		enum stepup step = (enum stepup)i;

		assert_int_equal(asked(kit, step), E_STEPUP);
		stepup_grant(kit->store, step);
		for (int other = 0; other < STEPUP_COUNT; other++) {
			if (other != i)
				assert_int_equal(
				    asked(kit, (enum stepup)other), E_STEPUP);
		}
		assert_int_equal(asked(kit, step), E_NONE);
		assert_int_equal(asked(kit, step), E_STEPUP);
	}
}

static void
a_grant_ends(void **state)
{
	struct kit *kit = *state;

	stepup_grant(kit->store, STEPUP_EXPORT);
	fake_clock_move(&kit->clock, STEPUP_GRANT_MS);
	assert_int_equal(asked(kit, STEPUP_EXPORT), E_NONE);
	stepup_grant(kit->store, STEPUP_EXPORT);
	fake_clock_move(&kit->clock, STEPUP_GRANT_MS + 1);
	assert_int_equal(asked(kit, STEPUP_EXPORT), E_STEPUP);
	stepup_grant(kit->store, STEPUP_EXPORT);
	stepup_withdraw(kit->store);
	assert_int_equal(asked(kit, STEPUP_EXPORT), E_STEPUP);
	stepup_grant(kit->store, STEPUP_EXPORT);
	tempstore_reopen(&kit->store);
	assert_int_equal(asked(kit, STEPUP_EXPORT), E_STEPUP);
}

/* "never" asks nothing; a word that is none of ours asks most. */
static void
policy_says(void **state)
{
	struct kit *kit = *state;
	enum stepup_level level;
	struct db *db = NULL;

	stepup_grant(kit->store, STEPUP_POLICY);
	set(kit, "stepup.launch", "never");
	stepup_grant(kit->store, STEPUP_POLICY);
	set(kit, "stepup.unmask", "second");
	assert_int_equal(asked(kit, STEPUP_LAUNCH), E_NONE);
	assert_int_equal(asked(kit, STEPUP_UNMASK), E_STEPUP);
	assert_ok(store_reader_open(kit->store, &db, &kit->err), &kit->err);
	assert_ok(stepup_read(db, STEPUP_LAUNCH, &level, &kit->err), &kit->err);
	assert_int_equal(level, STEPUP_NEVER);
	assert_ok(stepup_read(db, STEPUP_UNMASK, &level, &kit->err), &kit->err);
	assert_int_equal(level, STEPUP_SECOND);
	assert_ok(stepup_read(db, STEPUP_REVIEW, &level, &kit->err), &kit->err);
	assert_int_equal(level, STEPUP_PASSWORD);
	store_reader_close(&db);
}

/* Settings: those of the policy and of sign-in ask, others do not; a page
 * changes several with one grant, in one transaction. */
static void
settings_ask(void **state)
{
	static const struct {
		const char *name, *value;
		enum stepup step;
	} cases[] = {
	    {"approval.when", "always", STEPUP_POLICY},
	    {"stepup.policy", "never", STEPUP_POLICY},
	    {"mask.operators", "on", STEPUP_POLICY},
	    {"access.networks", "192.0.2.0/24", STEPUP_POLICY},
	    {"launch.countdown", "5", STEPUP_POLICY},
	    {"lock.minutes", "5", STEPUP_SETUP},
	    {"login.max_failures", "9", STEPUP_SETUP},
	    {"editor.external", "off", STEPUP_SETUP},
	    {"alert.command", "/bin/true", STEPUP_SETUP},
	    {"audit.seals", "/tmp/seals", STEPUP_SETUP},
	    {"sender.name", "Us", STEPUP_COUNT},
	    {"language", "ja", STEPUP_COUNT},
	};
	struct kit *kit = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = {.code = E_NONE};
		int rc = setting_write(
		    kit->store, cases[i].name, span_of(cases[i].value), &err);

		if (cases[i].step == STEPUP_COUNT) {
			assert_ok(rc, &err);
			continue;
		}
		if (rc == 0 || err.code != E_STEPUP)
			fail_msg("%s: %s", cases[i].name, err_name(err.code));
		assert_string_equal(
		    err_find(&err, "step"), stepup_name(cases[i].step));
	}
}

static void
one_grant_is_one_transaction(void **state)
{
	struct kit *kit = *state;
	struct db *db = NULL;

	stepup_grant(kit->store, STEPUP_SETUP);
	assert_ok(
	    store_begin(kit->store, STORE_WAIT_LONG, "test", &db, &kit->err),
	    &kit->err);
	assert_ok(setting_write_in(
		      kit->store, db, "lock.minutes", SPAN("5"), &kit->err),
	    &kit->err);
	assert_ok(setting_write_in(kit->store, db, "login.max_failures",
		      SPAN("9"), &kit->err),
	    &kit->err);
	assert_ok(store_commit(kit->store, &db, &kit->err), &kit->err);
	assert_int_equal(
	    setting_write(kit->store, "lock.minutes", SPAN("6"), &kit->err),
	    -1);
	assert_int_equal(kit->err.code, E_STEPUP);
}

/* In the sitting in which it is made; the next one asks. */
static void
who_makes_a_store_sets_its_rules(void **state)
{
	struct kit *kit = *state;
	struct kit first = {.store = tempstore_open(&kit->clock.base)};

	set(&first, "approval.when", "never");
	set(&first, "stepup.setup", "password");
	set(&first, "stepup.launch", "password");
	assert_int_equal(asked(&first, STEPUP_SETUP), E_NONE);
	/* a launch is none of its rules */
	assert_int_equal(asked(&first, STEPUP_LAUNCH), E_STEPUP);
	assert_int_equal(asked(&first, STEPUP_REVIEW), E_STEPUP);
	tempstore_reopen(&first.store);
	assert_int_equal(asked(&first, STEPUP_SETUP), E_STEPUP);
	assert_int_equal(
	    setting_write(first.store, "approval.when", SPAN("ads"), &kit->err),
	    -1);
	assert_int_equal(kit->err.code, E_STEPUP);
	tempstore_close(&first.store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	    TEST(one_grant_is_one_step),
	    TEST(a_grant_ends),
	    TEST(policy_says),
	    TEST(settings_ask),
	    TEST(one_grant_is_one_transaction),
	    TEST(who_makes_a_store_sets_its_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
