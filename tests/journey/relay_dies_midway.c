/* The relay dies in the middle of a delivery and comes back.  What was
 * accepted stays accepted, what was being handed over is in doubt and is never
 * sent again, the run pauses with a reason that names the relay, and goes on
 * when the operator says so. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "core/net/smtp.h"
#include "core/report/report.h"
#include "tests/fake/clock.h"
#include "tests/fake/relay.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"

enum { MESSAGES = 600, SESSIONS = 5, DIES_AT = 200, STEPS_MAX = 2000 };

/* Leads to whichever relay is up, or to a port where nobody listens. */
struct detour {
	struct dialler base;
	_Atomic unsigned short port;
};

static int
dial_detour(struct dialler *dialler, const char *host, uint16_t port,
    int *fd_out, struct err *err)
{
	struct detour *detour = (struct detour *)dialler;
	struct dialler *real = dialler_loopback_only();

	(void)port;
	return real->dial(real, host, detour->port, fd_out, err);
}

static const struct fake_step serve[] = {
    {FAKE_SAY, "220 relay", 0}, {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
static const struct fake_step *const scripts[] = {serve};
static const struct fake_plan relay_plan = {scripts, 1, NULL};

/* Adds what a relay read to the counts; returns how many messages. */
static size_t
count_arrivals(struct fake_relay *relay, int arrived[MESSAGES + 1])
{
	size_t messages = fake_relay_messages(relay, NULL);
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < messages; i++) {
		struct span rest, who;
		int64_t number;

		buf_clear(&text);
		fake_relay_message(relay, i, &text);
		rest = buf_span(&text);
		who = span_cut(&rest, '@');
		assert_true(span_int(span_slice(who, 1, who.len), &number));
		assert_in_range(number, 1, MESSAGES);
		arrived[number]++;
	}
	buf_done(&text);
	return messages;
}

static void
wait_for_messages(struct run *run, struct fake_relay *relay, size_t count)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		if (fake_relay_messages(relay, NULL) >= count)
			return;
		run_wait(run, 5);
	}
	fail_msg("the relay gets no mail");
}

/* Moves the clock through the back-off until the run rests. */
static void
wait_moving(struct run *run, struct fake_clock *clock)
{
	for (int i = 0; !run_wait(run, 20); i++) {
		assert_true(i < STEPS_MAX);
		fake_clock_move(clock, 1000);
	}
}

static void
check_rows(
    struct db *db, struct campaign_id id, const int arrived[MESSAGES + 1])
{
	struct report_page page = {0};
	struct err err = {0};

	assert_ok(
	    report_page(db, id, REPORT_ALL, 0, MESSAGES, &page, &err), &err);
	assert_int_equal(page.count, MESSAGES);
	for (size_t i = 0; i < page.count; i++) {
		const struct report_row *row = &page.row[i];
		struct span rest = row->address, who = span_cut(&rest, '@');
		int64_t number;

		assert_true(span_int(span_slice(who, 1, who.len), &number));
		if (row->state == LEDGER_ACCEPTED)
			assert_int_equal(arrived[number], 1);
		else
			assert_int_equal(row->state, LEDGER_IN_DOUBT);
		assert_in_range(arrived[number], 0, 1);
	}
	report_page_done(&page);
}

static void
a_dead_relay_loses_nothing_and_repeats_nothing(void **state)
{
	struct fake_clock clock;
	struct detour detour = {.base = {dial_detour}};
	struct world world = {.clock = &clock.base, .dialler = &detour.base};
	struct fake_relay *first = fake_relay_start(&relay_plan), *second;
	struct sealed_plan plan = {
	    .recipients = MESSAGES,
	    .class = CLASS_AD,
	    .port = fake_relay_port(first),
	    .sessions = SESSIONS,
	};
	int *arrived = mem_array(MESSAGES + 1, sizeof *arrived);
	struct run_progress *now = mem_new(sizeof *now);
	struct store *store;
	struct campaign_id id;
	struct clearance *clearance;
	struct run *run;
	struct db *db;
	struct err err = {0};

	(void)state;
	fake_clock_init(&clock);
	detour.port = fake_relay_port(first);
	store = tempstore_open(&clock.base);
	id = sealed_campaign(store, &world, &plan);
	clearance = sealed_clearance(store, &world, id);
	assert_ok(run_start(&clearance, &world, store, NULL, &run, &err), &err);

	/* It dies.  Nobody listens on port 1 of the loopback address. */
	wait_for_messages(run, first, DIES_AT);
	detour.port = 1;
	fake_relay_die(first);
	wait_moving(run, &clock);
	run_progress(run, now);
	assert_int_equal(now->state, RUN_PAUSED);
	assert_int_equal(now->why.code, E_NET_CONNECT);
	assert_string_equal(err_find(&now->why, "host"), "127.0.0.1");
	assert_true(now->count[LEDGER_ACCEPTED] >= DIES_AT - SESSIONS);
	assert_in_range(now->count[LEDGER_IN_DOUBT], 0, SESSIONS * SMTP_WINDOW);

	/* It comes back. */
	second = fake_relay_start(&relay_plan);
	detour.port = fake_relay_port(second);
	assert_ok(run_resume(run, &err), &err);
	wait_moving(run, &clock);
	run_progress(run, now);
	assert_int_equal(now->state, RUN_DONE);
	assert_int_equal(
	    now->count[LEDGER_ACCEPTED] + now->count[LEDGER_IN_DOUBT],
	    MESSAGES);

	assert_ok(store_reader_open(store, &db, &err), &err);
	count_arrivals(first, arrived);
	count_arrivals(second, arrived);
	check_rows(db, id, arrived);
	store_reader_close(&db);
	run_free(&run);
	fake_relay_stop(&first);
	fake_relay_stop(&second);
	tempstore_close(&store);
	free(now);
	free(arrived);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_dead_relay_loses_nothing_and_repeats_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
