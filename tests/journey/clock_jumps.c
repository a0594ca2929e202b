/* The wall clock is set forward and back by hours and days while a delivery
 * runs, at a relay that asks half of the messages to come later.  Wanted:
 * everybody gets one, nobody two, and no row waits for days. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "tests/fake/clock.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"

enum { MESSAGES = 60, STEP_MS = 20, STEPS_MAX = 2000, HOUR_MS = 3600 * 1000 };

static void
nobody_waits_for_days(void **state)
{
	static const int64_t jump_ms[] = {INT64_C(3) * 24 * HOUR_MS,
	    INT64_C(-72) * HOUR_MS, HOUR_MS, INT64_C(-240) * HOUR_MS,
	    INT64_C(168) * HOUR_MS};
	enum { JUMPS = sizeof jump_ms / sizeof *jump_ms };
	char *folder = tempdir_new();
	struct practice_config config = {
	    .folder = folder, .manners = PRACTICE_LIFELIKE, .discard = 1};
	struct practice *practice = NULL;
	struct fake_clock clock;
	struct world world = {
	    .clock = &clock.base, .dialler = dialler_loopback_only()};
	struct store *store;
	struct sealed_plan plan = {
	    .recipients = MESSAGES,
	    .prefix = "later-",
	    .class = CLASS_NOTICE,
	    .dkim = SEALED_NO_DKIM,
	    .tls = RELAY_TLS_VERIFY,
	    .sessions = 2,
	};
	struct run_progress *now = mem_new(sizeof *now);
	struct clearance *clearance;
	struct run *run = NULL;
	struct err err = {0};
	int64_t began;

	(void)state;
	fake_clock_init(&clock);
	store = tempstore_open(&clock.base);
	assert_ok(practice_start(&config, &practice, &err), &err);
	plan.port = practice_port(practice);
	plan.ca_file = practice_ca_file(practice);
	clearance = sealed_clearance(
	    store, &world, sealed_campaign(store, &world, &plan));
	began = clock.steady;
	assert_ok(run_start(&clearance, &world, store, NULL, &run, &err), &err);
	for (int i = 0; !run_wait(run, STEP_MS); i++) {
		assert_true(i < STEPS_MAX);
		if (i < JUMPS)
			clock.now += jump_ms[i];
		run_progress(run, now);
		if (now->state == RUN_WAITING)
			fake_clock_move(&clock, 60 * 1000);
	}
	run_progress(run, now);
	assert_int_equal(now->state, RUN_DONE);
	assert_int_equal(now->count[LEDGER_ACCEPTED], MESSAGES);
	assert_int_equal(practice_count(practice).accepted, MESSAGES);
	/* by a clock that nobody sets, the wait was what the relay asked for */
	assert_true(clock.steady - began < 12 * HOUR_MS);
	run_free(&run);
	free(now);
	practice_stop(&practice);
	tempstore_close(&store);
	tempdir_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nobody_waits_for_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
