/* A sitting: what a wrong passphrase costs, what is logged, and that no second
 * delivery pushes the first aside. */
#include "tests/unit/unit.h"

#include "core/base/mem.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"
#include "tui/session.h"

enum { QUICK = 10 };

static int
sit(struct sitting *sitting, const char *passphrase, struct err *err)
{
	secret_free(&sitting->passphrase);
	sitting->passphrase = secret_of(passphrase, strlen(passphrase));
	return sitting_open(sitting, err);
}

static void
only_the_passphrase_ends_the_counting(void **state)
{
	char *dir = tempdir_new();
	struct fake_clock clock;
	struct sitting sitting = {.dir = dir,
	    .user = "jiro",
	    .origin = "pts/3",
	    .clock = &clock.base,
	    .kind = STORE_REAL,
	    .kdf_log2_n = QUICK,
	    .how = SITTING_CREATE};
	struct err err = {0};

	(void)state;
	fake_clock_init(&clock);
	assert_ok(sit(&sitting, "a good long passphrase", &err), &err);
	sitting_done(&sitting);
	sitting.how = SITTING_OPEN;
	for (int i = 4; i > 1; i--) {
		fake_clock_move(&clock, 1000);
		assert_int_equal(
		    sit(&sitting, "a bad long passphrase", &err), -1);
		assert_int_equal(err.code, E_KEYRING_PASSPHRASE);
		assert_int_equal(lockout_left(dir, "jiro", clock.now), i);
	}
	fake_clock_move(&clock, 1000);
	assert_ok(sit(&sitting, "a good long passphrase", &err), &err);
	assert_int_equal(lockout_left(dir, "jiro", clock.now), 5);
	assert_int_equal(sitting.history.failures_since, 3);
	assert_int_equal(sitting.history.last_ms, clock.now - 4000);
	assert_int_equal(sitting.chain, CHAIN_WHOLE);
	sitting_done(&sitting);
	tempdir_remove(&dir);
}

static void
one_delivery_at_a_time(void **state)
{
	struct stage stage;
	struct stage_params params = {
	    .recipients = 3, .class = CLASS_TX, .manners = PRACTICE_PLAIN};
	struct session session = {.run = NULL};
	struct clearance *clearance;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &params);
	stage_seal(&stage);
	assert_ok(session_may_deliver(&session, &err), &err);
	clearance = stage_clearance(&stage);
	assert_ok(run_start(&clearance, &stage.world, stage.store, NULL,
		      &session.run, &err),
	    &err);
	session.running = stage.campaign;
	if (run_pause(session.run, &err) == 0) {
		assert_int_equal(session_may_deliver(&session, &err), -1);
		assert_int_equal(err.code, E_RUN_ACTIVE);
		assert_ok(run_stop(session.run, &err), &err);
	}
	while (session_may_deliver(&session, &err) < 0)
		run_wait(session.run, 20);
	run_free(&session.run);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_the_passphrase_ends_the_counting),
	    cmocka_unit_test(one_delivery_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
