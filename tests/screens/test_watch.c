/* Another process's delivery: what a watcher sees in both languages, and that
 * only a typed reason stops it. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "tests/fake/golden.h"
#include "tui/screens/watch.h"
#include "tui/text/i18n.h"

enum { WAIT_MS = 10000 };

static struct golden golden;
static struct socket_line holder; /* the other end */

/* Waits until the screen shows the text. */
static void
wait_shows(const char *text)
{
	struct pollfd in = {.fd = app_event_fd(golden.app), .events = POLLIN};

	while (!golden_shows(&golden, text)) {
		if (poll(&in, 1, WAIT_MS) != 1)
			fail_msg("waited in vain for %s", text);
		app_events(golden.app);
	}
}

static void
say(enum socket_kind kind, struct span body)
{
	struct err err = {0};

	assert_ok(socket_say(&holder, kind, body, &err), &err);
}

static void
say_figures(enum run_state state)
{
	struct run_progress *now = mem_new(sizeof *now);
	struct buf text = BUF_INIT;

	now->state = state;
	now->total = 1000;
	now->count[LEDGER_ACCEPTED] = 690;
	now->count[LEDGER_FAILED] = 10;
	now->count[LEDGER_PLANNED] = 300;
	now->started_ms = 1795000000000;
	now->now_ms = 1795000060000;
	now->last_end_ms = now->now_ms;
	now->sessions_open = 4;
	now->attempts = 700;
	now->tls_messages = 700;
	now->rate_now = now->rate_average = 12;
	now->samples = 40;
	now->sample_s = 1;
	for (int i = 0; i < now->samples; i++)
		now->sample[i] = (uint32_t)(10 + i % 5);
	now->p50_ms = 31;
	now->p95_ms = 90;
	now->groups = 2;
	now->group[0] = (struct run_part){.name = "google",
	    .waiting = 200,
	    .accepted = 500,
	    .rate_now = 9,
	    .day_left = -1,
	    .p50_ms = 30,
	    .p95_ms = 80};
	now->group[1] = (struct run_part){.name = "other",
	    .waiting = 100,
	    .accepted = 190,
	    .failed = 10,
	    .rate_now = 3,
	    .day_left = -1,
	    .p50_ms = 40,
	    .p95_ms = 95};
	watch_write(now, SPAN("Autumn"), &text);
	say(SOCKET_FIGURES, buf_span(&text));
	buf_done(&text);
	free(now);
}

static int
start(void **state)
{
	struct socket_line line;
	struct err err = {0};

	(void)state;
	golden_start(&golden);
	assert_ok(socket_pair(&line, &holder, &err), &err);
	watch_open(golden.app, &line,
	    SPAN("Sekisho runs since 2026-11-21 10:00, started by hanako."));
	return 0;
}

static int
end(void **state)
{
	(void)state;
	golden_end(&golden);
	socket_line_done(&holder);
	return 0;
}

static struct span
wait_order(void)
{
	struct socket_frame frame;
	struct err err = {0};

	assert_int_equal(socket_wait(&holder, WAIT_MS, &frame, &err), 1);
	assert_int_equal(frame.kind, SOCKET_ORDER);
	return frame.body;
}

static void
figures_are_shown(void **state)
{
	(void)state;
	assert_true(golden_shows(&golden, "Waiting for figures .."));
	say(SOCKET_FIGURES, SPAN("state=none\n"));
	wait_shows("Nothing is being sent.");
	say_figures(RUN_RUNNING);
	wait_shows("RUNNING");
	golden_check(&golden, "watch");
	golden_keys(&golden, "Tab");
	/* the last figures stay when the run has gone */
	say_figures(RUN_DONE);
	wait_shows("DONE");
	golden_keys(&golden, "p");
	assert_true(golden_shows(&golden, "The delivery is over."));
}

static void
a_stop_takes_a_reason(void **state)
{
	struct span facts;

	(void)state;
	say_figures(RUN_RUNNING);
	wait_shows("RUNNING");
	golden_keys(&golden, "S Enter");
	assert_true(golden_shows(&golden, "A few words, please"));
	golden_keys(&golden, "Esc");
	golden_keys(&golden, "S");
	golden_type(&golden, "wrong list");
	golden_keys(&golden, "Enter");
	facts = wait_order();
	assert_span_equal(fact_find(facts, "order"), "stop");
	assert_span_equal(fact_find(facts, "reason"), "wrong list");
	say(SOCKET_DONE, SPAN("order=stop\nstate=taken\n"));
	wait_shows("STOP is in force: nothing new leaves.");
	say(SOCKET_DONE, SPAN("order=stop\nstate=settled\n"));
	wait_shows("Stopped; nothing is open any more");
}

static void
a_refusal_is_told(void **state)
{
	(void)state;
	say_figures(RUN_RUNNING);
	wait_shows("RUNNING");
	golden_keys(&golden, "p");
	assert_span_equal(fact_find(wait_order(), "order"), "pause");
	say(SOCKET_DONE,
	    SPAN("order=pause\nstate=refused\nerr=access.socket_idle\n"));
	wait_shows("No delivery is under way.");
	socket_line_done(&holder);
	wait_shows("The connection to the running Sekisho has ended.");
	golden_keys(&golden, "S");
	assert_true(golden_shows(&golden, "The connection has ended."));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(figures_are_shown, start, end),
	    cmocka_unit_test_setup_teardown(a_stop_takes_a_reason, start, end),
	    cmocka_unit_test_setup_teardown(a_refusal_is_told, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
