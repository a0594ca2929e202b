/* Whole runs against the practice relay and relays that play a script. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "core/deliver/practice.h"
#include "core/net/dial.h"
#include "tests/fake/clock.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"

enum { WAIT_MS = 20 * 1000 };

struct scene {
	struct fake_clock clock;
	struct world world;
	struct store *store;
	char *folder;
};

static int
set_up(void **state)
{
	struct scene *it = mem_new(sizeof *it);

	fake_clock_init(&it->clock);
	it->world = (struct world){&it->clock.base, dialler_loopback_only()};
	it->store = tempstore_open(&it->clock.base);
	it->folder = tempdir_new();
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *it = *state;

	tempstore_close(&it->store);
	tempdir_remove(&it->folder);
	free(it);
	return 0;
}

static void
delivers_to_the_practice_relay(void **state)
{
	struct scene *it = *state;
	struct practice_config config = {
	    .folder = it->folder, .manners = PRACTICE_PLAIN, .discard = 1};
	struct practice *practice;
	struct sealed_plan plan = {
	    .recipients = 50, .class = CLASS_AD, .tls = RELAY_TLS_VERIFY};
	struct campaign_id id;
	struct clearance *clearance;
	struct run *run;
	struct run_progress *now = mem_new(sizeof *now);
	struct err err = {0};

	assert_ok(practice_start(&config, &practice, &err), &err);
	plan.port = practice_port(practice);
	plan.ca_file = practice_ca_file(practice);
	id = sealed_campaign(it->store, &it->world, &plan);
	clearance = sealed_clearance(it->store, &it->world, id);
	assert_ok(
	    run_start(&clearance, &it->world, it->store, NULL, &run, &err),
	    &err);
	assert_null(clearance);
	assert_int_equal(run_wait(run, WAIT_MS), 1);
	run_progress(run, now);
	assert_int_equal(now->why.code, E_NONE);
	assert_int_equal(now->state, RUN_DONE);
	assert_int_equal(now->count[LEDGER_ACCEPTED], 50);
	assert_int_equal(now->tls_messages, 50);
	run_free(&run);
	assert_int_equal(practice_count(practice).accepted, 50);
	practice_stop(&practice);
	free(now);
}

#define scene(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scene(delivers_to_the_practice_relay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
