/* What a watcher gets: all figures, nobody's address, and no harm from lines
 * that are none of ours. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"

#define SOMEBODY "hanako@example.jp"

static struct run_progress *
figures(void)
{
	struct run_progress *now = mem_new(sizeof *now);

	now->state = RUN_PAUSED;
	err_set(&now->why, E_RUN_GUARD);
	err_fact(&now->why, "class", SPAN("H1"));
	err_fact_int(&now->why, "count", 26);
	err_fact(&now->why, "reply", SPAN("550 <" SOMEBODY "> unknown"));
	now->total = 1000;
	now->count[LEDGER_ACCEPTED] = 700;
	now->count[LEDGER_PLANNED] = 300;
	now->started_ms = 1795000000000;
	now->now_ms = 1795000060000;
	now->sessions_open = 4;
	now->attempts = 700;
	now->tls_messages = 699;
	now->rate_now = 12.5;
	now->rate_average = 11.25;
	now->samples = 3;
	now->sample_s = 1;
	now->sample[1] = 14;
	now->p50_ms = 31;
	now->p95_ms = -1;
	now->relays = 1;
	now->relay[0] = (struct run_part){.id = 3,
	    .name = "our Postfix",
	    .state = RUN_PART_RESTING,
	    .until_ms = 1795000070000,
	    .accepted = 700,
	    .rate_now = 12.5,
	    .day_left = -1,
	    .p95_ms = -1};
	err_set(&now->relay[0].why, E_NET_CONNECT);
	err_fact(&now->relay[0].why, "host", SPAN("mx.example.co.jp"));
	now->groups = 1;
	now->group[0] =
	    (struct run_part){.name = "google", .waiting = 300, .day_left = 7};
	now->events = 1;
	now->event[0] = (struct run_event){.at_ms = 1795000050000,
	    .kind = RUN_EVENT_RESTED,
	    .name = "our Postfix"};
	now->replies = 1;
	now->reply[0] = (struct run_reply){.at_ms = 1795000050001,
	    .seq = 17,
	    .state = LEDGER_FAILED,
	    .code = 550,
	    .text = "550 <" SOMEBODY "> unknown"};
	return now;
}

static void
figures_come_back(void **state)
{
	struct run_progress *now = figures(), *back = mem_new(sizeof *back);
	struct buf text = BUF_INIT;
	struct span name;

	(void)state;
	watch_write(now, SPAN("Autumn\nsale 5"), &text);
	assert_int_equal(watch_read(buf_span(&text), back, &name), 1);
	assert_span_equal(name, "Autumn sale 5");
	assert_int_equal(back->state, RUN_PAUSED);
	assert_int_equal(back->why.code, E_RUN_GUARD);
	assert_string_equal(err_find(&back->why, "class"), "H1");
	assert_string_equal(err_find(&back->why, "count"), "26");
	assert_memory_equal(back->count, now->count, sizeof now->count);
	assert_int_equal(back->total, 1000);
	assert_int_equal(back->started_ms, now->started_ms);
	assert_int_equal(back->sessions_open, 4);
	assert_int_equal(back->tls_messages, 699);
	assert_true(back->rate_now > 12.4 && back->rate_now < 12.6);
	assert_true(back->rate_average > 11.2 && back->rate_average < 11.3);
	assert_int_equal(back->samples, 3);
	assert_int_equal(back->sample[1], 14);
	assert_int_equal(back->p50_ms, 31);
	assert_int_equal(back->p95_ms, -1);
	assert_int_equal(back->relays, 1);
	assert_string_equal(back->relay[0].name, "our Postfix");
	assert_int_equal(back->relay[0].state, RUN_PART_RESTING);
	assert_int_equal(back->relay[0].day_left, -1);
	assert_int_equal(back->relay[0].why.code, E_NET_CONNECT);
	assert_string_equal(
	    err_find(&back->relay[0].why, "host"), "mx.example.co.jp");
	assert_int_equal(back->groups, 1);
	assert_int_equal(back->group[0].waiting, 300);
	assert_int_equal(back->group[0].day_left, 7);
	assert_int_equal(back->events, 1);
	assert_int_equal(back->event[0].kind, RUN_EVENT_RESTED);
	assert_int_equal(back->replies, 1);
	assert_int_equal(back->reply[0].state, LEDGER_FAILED);
	assert_int_equal(back->reply[0].code, 550);
	buf_done(&text);
	free(back);
	free(now);
}

static void
nobody_is_named(void **state)
{
	struct run_progress *now = figures();
	struct buf text = BUF_INIT;

	(void)state;
	watch_write(now, SPAN("Autumn"), &text);
	assert_int_equal(
	    span_search(buf_span(&text), SPAN("example.jp")), text.len);
	assert_int_equal(span_search(buf_span(&text), SPAN("@")), text.len);
	buf_done(&text);
	free(now);
}

static void
it_fits_into_a_frame(void **state)
{
	struct run_progress *now = figures();
	struct buf text = BUF_INIT;

	(void)state;
	for (int i = 0; i < RUN_RELAYS_MAX; i++)
		now->relay[i] = now->relay[0];
	for (int i = 0; i < RUN_GROUPS_MAX; i++)
		now->group[i] = now->group[0];
	for (int i = 0; i < RUN_EVENTS; i++)
		now->event[i] = now->event[0];
	for (int i = 0; i < RUN_REPLIES; i++)
		now->reply[i] = now->reply[0];
	for (int i = 0; i < RUN_RATE_SAMPLES; i++)
		now->sample[i] = UINT32_MAX;
	now->relays = RUN_RELAYS_MAX;
	now->groups = RUN_GROUPS_MAX;
	now->events = RUN_EVENTS;
	now->replies = RUN_REPLIES;
	now->samples = RUN_RATE_SAMPLES;
	watch_write(now, SPAN("Autumn"), &text);
	assert_true(text.len < WATCH_OCTETS_MAX);
	buf_done(&text);
	free(now);
}

static void
nothing_runs(void **state)
{
	struct run_progress *back = mem_new(sizeof *back);
	struct buf text = BUF_INIT;
	struct span name;

	(void)state;
	watch_write(NULL, SPAN(""), &text);
	assert_int_equal(watch_read(buf_span(&text), back, &name), 0);
	assert_int_equal(watch_read(SPAN(""), back, &name), 0);
	buf_done(&text);
	free(back);
}

static void
nonsense_counts_for_nothing(void **state)
{
	struct run_progress *back = mem_new(sizeof *back);
	struct span name;

	(void)state;
	assert_int_equal(
	    watch_read(SPAN("state=99\nwhy=99999\nrelay=1 2 3 x\n"
			    "relay=1 99 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 x\n"
			    "event=1 -1 0 0 x\nreply=1 77 2\nsample=1 x 3\n"
			    "total=x\ncount=1 -1\nfact=class H1\n"
			    "sessions_open=99999999999999\n=\n\n"),
		back, &name),
	    1);
	assert_int_equal(back->state, 0);
	assert_int_equal(back->why.code, E_NONE);
	assert_int_equal(back->why.fact_count, 0);
	assert_int_equal(back->relays, 0);
	assert_int_equal(back->events, 0);
	assert_int_equal(back->replies, 0);
	assert_int_equal(back->samples, 1);
	assert_int_equal(back->sessions_open, -1);
	free(back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(figures_come_back),
	    cmocka_unit_test(nobody_is_named),
	    cmocka_unit_test(it_fits_into_a_frame),
	    cmocka_unit_test(nothing_runs),
	    cmocka_unit_test(nonsense_counts_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
