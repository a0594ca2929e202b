/* The disk fills up in the middle of a delivery, and later has room again.
 * Wanted: the run pauses and says why, no message leaves whose mark is not on
 * the disk, and after going on everybody has got exactly one. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "tests/fake/relay.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"

enum { MESSAGES = 3000, SOME = 200, WAIT_MS = 60 * 1000 };

/* Limits how large files may grow, as a full disk does. */
static void
limit_files(rlim_t octets)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets < limit.rlim_max ? octets : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
await_messages(struct fake_relay *relay, struct run *run, size_t count)
{
	while (fake_relay_messages(relay, NULL) < count)
		assert_false(run_wait(run, 1));
}

/* True when everybody got one. */
static void
check_arrivals(struct fake_relay *relay)
{
	static int arrived[MESSAGES + 1];
	struct buf text = BUF_INIT;

	assert_int_equal(fake_relay_messages(relay, NULL), MESSAGES);
	for (size_t i = 0; i < MESSAGES; i++) {
		struct span rest, number;
		int64_t seq;

		buf_clear(&text);
		fake_relay_message(relay, i, &text);
		rest = buf_span(&text);
		number = span_cut(&rest, '@');
		assert_true(span_int(span_slice(number, 1, 9), &seq));
		assert_in_range(seq, 1, MESSAGES);
		assert_int_equal(arrived[seq]++, 0);
	}
	buf_done(&text);
}

static void
nothing_is_lost_or_doubled(void **state)
{
	static const struct fake_step all[] = {{FAKE_SAY, "220 sink", 0},
	    {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {all};
	static const struct fake_plan sink_plan = {scripts, 1, NULL};
	struct fake_relay *relay = fake_relay_start(&sink_plan);
	struct world world = {
	    .clock = clock_real(), .dialler = dialler_loopback_only()};
	struct store *store = tempstore_open(clock_real());
	struct sealed_plan plan = {
	    .recipients = MESSAGES,
	    .class = CLASS_TEST,
	    .dkim = SEALED_NO_DKIM,
	    .port = fake_relay_port(relay),
	    .tls = RELAY_TLS_NONE,
	    .sessions = 4,
	};
	struct campaign_id id = sealed_campaign(store, &world, &plan);
	struct clearance *clearance = sealed_clearance(store, &world, id);
	struct run_progress *now = mem_new(sizeof *now);
	struct run *run = NULL;
	struct err err = {0};

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_ok(run_start(&clearance, &world, store, NULL, &run, &err), &err);
	await_messages(relay, run, SOME);
	limit_files(1);
	do {
		run_wait(run, 10);
		run_progress(run, now);
	} while (now->state != RUN_PAUSED);
	assert_true(
	    now->why.code == E_STORE_FULL || now->why.code == E_STORE_SQL);
	assert_true(fake_relay_messages(relay, NULL) < MESSAGES);
	limit_files(RLIM_INFINITY);
	/* what waited is written before the pause is over */
	assert_true(run_wait(run, WAIT_MS));
	assert_ok(run_resume(run, &err), &err);
	assert_true(run_wait(run, WAIT_MS));
	run_progress(run, now);
	assert_int_equal(now->state, RUN_DONE);
	assert_int_equal(now->count[LEDGER_ACCEPTED], MESSAGES);
	check_arrivals(relay);
	run_free(&run);
	free(now);
	tempstore_close(&store);
	fake_relay_stop(&relay);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_lost_or_doubled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
