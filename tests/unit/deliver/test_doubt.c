/* What becomes of a message whose end left and whose reply never came: by class
 * of campaign, and by somebody's decision. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "core/report/report.h"
#include "tests/fake/clock.h"
#include "tests/fake/relay.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"

enum {
	PEOPLE = 6,
	STEP_MS = 20,
	STEPS_MAX = 3000,
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS
};

struct scene {
	struct fake_clock clock;
	struct world world;
	struct store *store;
	struct fake_relay *relay;
	struct campaign_id id;
	struct run_progress now;
};

static int
set_up(void **state)
{
	static const struct fake_step serve[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
	/* takes the third message and says nothing about it */
	static const struct fake_step mute[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_SERVE_DOT, NULL, 3}, {FAKE_DROP, NULL, 0}};
	/* the first connection is the check of the relay */
	static const struct fake_step *const scripts[] = {serve, mute, serve};
	static const struct fake_plan script = {scripts, 3, NULL};
	struct scene *it = mem_new(sizeof *it);

	fake_clock_init(&it->clock);
	it->world = (struct world){
	    .clock = &it->clock.base, .dialler = dialler_loopback_only()};
	it->store = tempstore_open(&it->clock.base);
	it->relay = fake_relay_start(&script);
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *it = *state;

	fake_relay_stop(&it->relay);
	tempstore_close(&it->store);
	free(it);
	return 0;
}

static void
seal(struct scene *it, enum campaign_class class)
{
	struct sealed_plan plan = {
	    .recipients = PEOPLE,
	    .class = class,
	    .dkim = class == CLASS_AD ? SEALED_DKIM : SEALED_NO_DKIM,
	    .port = fake_relay_port(it->relay),
	    .tls = RELAY_TLS_NONE,
	    .sessions = 1,
	};

	it->id = sealed_campaign(it->store, &it->world, &plan);
}

/* A run to its end; *minutes counts the clock's steps while it waited. */
static void
run(struct scene *it, int *minutes)
{
	struct clearance *clearance =
	    sealed_clearance(it->store, &it->world, it->id);
	struct run *run = NULL;
	struct err err = {0};
	int steps = 0;

	*minutes = 0;
	assert_ok(
	    run_start(&clearance, &it->world, it->store, NULL, &run, &err),
	    &err);
	while (!run_wait(run, STEP_MS)) {
		assert_true(steps++ < STEPS_MAX);
		run_progress(run, &it->now);
		if (it->now.state == RUN_WAITING) {
			fake_clock_move(&it->clock, MINUTE_MS);
			++*minutes;
		} else { /* a relay that hung up rests for a while */
			fake_clock_move(&it->clock, 500);
		}
	}
	run_progress(run, &it->now);
	run_free(&run);
}

static int64_t
again(struct scene *it, const int64_t *seq, size_t count)
{
	struct err err = {0};
	int64_t changed = -1;

	assert_ok(
	    ledger_send_again(it->store, it->id, seq, count, &changed, &err),
	    &err);
	return changed;
}

static enum campaign_state
campaign_state(struct scene *it)
{
	struct campaign campaign = CAMPAIGN_INIT;
	enum campaign_state state;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(it->store, &db, &err), &err);
	assert_ok(campaign_read(db, it->id, &campaign, &err), &err);
	state = campaign.state;
	campaign_done(&campaign);
	store_reader_close(&db);
	return state;
}

static void
assert_sums(struct scene *it, int64_t accepted, int64_t in_doubt)
{
	struct report report;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(it->store, &db, &err), &err);
	assert_ok(report_build(db, it->id, &report, &err), &err);
	assert_int_equal(report.count[LEDGER_ACCEPTED], accepted);
	assert_int_equal(report.count[LEDGER_IN_DOUBT], in_doubt);
	assert_int_equal(accepted + in_doubt, PEOPLE);
	store_reader_close(&db);
}

/* What somebody waits for: once more after half an hour. */
static void
a_notice_is_sent_once_more(void **state)
{
	struct scene *it = *state;
	struct report_page page = {0};
	struct db *db = NULL;
	struct err err = {0};
	int minutes, twice = 0;

	seal(it, CLASS_NOTICE);
	run(it, &minutes);
	assert_in_range(minutes, 29, 40);
	assert_sums(it, PEOPLE, 0);
	assert_int_equal(fake_relay_messages(it->relay, NULL), PEOPLE + 1);
	assert_ok(store_reader_open(it->store, &db, &err), &err);
	assert_ok(
	    report_page(db, it->id, REPORT_ALL, 0, PEOPLE, &page, &err), &err);
	for (size_t i = 0; i < page.count; i++)
		twice += page.row[i].again && page.row[i].attempt == 2;
	assert_int_equal(twice, 1);
	report_page_done(&page);
	store_reader_close(&db);
}

static void
advertising_waits_for_a_decision(void **state)
{
	struct scene *it = *state;
	static const int64_t others[] = {0, PEOPLE + 1};
	int minutes;

	seal(it, CLASS_AD);
	run(it, &minutes);
	assert_int_equal(minutes, 0);
	assert_sums(it, PEOPLE - 1, 1);
	/* not before a day has passed, and only what is named */
	fake_clock_move(&it->clock, INT64_C(23) * HOUR_MS);
	assert_int_equal(again(it, NULL, 0), 0);
	assert_int_equal(campaign_state(it), CAMPAIGN_DONE);
	fake_clock_move(&it->clock, INT64_C(2) * HOUR_MS);
	assert_int_equal(again(it, others, 2), 0);
	assert_int_equal(campaign_state(it), CAMPAIGN_DONE);
	assert_int_equal(again(it, NULL, 0), 1);
	assert_int_equal(campaign_state(it), CAMPAIGN_RUNNING);
	assert_int_equal(again(it, NULL, 0), 0);
	assert_int_equal(fake_relay_messages(it->relay, NULL), PEOPLE);
	run(it, &minutes);
	assert_sums(it, PEOPLE, 0);
	assert_int_equal(campaign_state(it), CAMPAIGN_DONE);
	assert_int_equal(fake_relay_messages(it->relay, NULL), PEOPLE + 1);
}

static void
nobody_decides_while_a_run_lives(void **state)
{
	struct scene *it = *state;
	struct clearance *clearance;
	struct run *run = NULL;
	struct err err = {0};
	int64_t changed;

	seal(it, CLASS_AD);
	clearance = sealed_clearance(it->store, &it->world, it->id);
	assert_ok(
	    run_start(&clearance, &it->world, it->store, NULL, &run, &err),
	    &err);
	assert_int_equal(
	    ledger_send_again(it->store, it->id, NULL, 0, &changed, &err), -1);
	assert_int_equal(err.code, E_RUN_ACTIVE);
	run_free(&run);
}

#define scene(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scene(a_notice_is_sent_once_more),
	    scene(advertising_waits_for_a_decision),
	    scene(nobody_decides_while_a_run_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
