/* Every wrong thing a relay can do, played to the real engine: whatever it was,
 * nobody is mailed twice, nobody is forgotten, and the ledger says of each
 * recipient what the relay would say. */
#include "tests/unit/unit.h"

#include <stdio.h>
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
	PEOPLE = 12,
	STEP_MS = 10,
	STEPS_MAX = 3000,
	STILL_MIN = 30,
	SCRIPTS_MAX = 4,
	STEPS_EACH = 10,
	PAUSES_MAX = 3
};

#define GREET {FAKE_SAY, "220 relay", 0}
#define CHUNKS                                                                 \
	GREET, {FAKE_OFFER,                                                    \
		   "PIPELINING,CHUNKING,ENHANCEDSTATUSCODES,8BITMIME", 0}
#define AT(verb, count)   {FAKE_UNTIL, verb, count}
#define SAY(text)         {FAKE_SAY, text, 0}
#define GO_ON             {FAKE_SERVE, NULL, 0}
#define END               {FAKE_END, NULL, 0}
#define DROP              {FAKE_DROP, NULL, 0}
#define CHUNK             {FAKE_CHUNK, NULL, 0}
#define BODY              {FAKE_BODY, NULL, 0}
#define FLOOD(text, many) {FAKE_FLOOD, text, many}

enum clock_use { CLOCK_CALM, CLOCK_HURRIES };

struct fault {
	const char *name;
	/* of the first connections of the run; the last one is followed by
	 * connections that serve, and take BDAT when this one did */
	struct fake_step script[SCRIPTS_MAX][STEPS_EACH];
	int scripts;
	int accepted[2], in_doubt[2], failed; /* least and most */
	int pauses;
	enum clock_use clock;
};

static const struct fault faults[] = {
    /* ---- BDAT ---- */
    {"no fault", {{CHUNKS, GO_ON, END}}, 1, {12, 12}, {0, 0}, 0, 0, 0},
    {"dropped at the greeting", {{DROP}}, 1, {12, 12}, {0, 0}, 0, 0, 0},
    {"dropped at EHLO", {{GREET, AT("EHLO", 1), DROP}}, 1, {12, 12}, {0, 0}, 0,
	0, 0},
    {"dropped at the first MAIL", {{CHUNKS, AT("MAIL", 1), DROP}}, 1, {4, 11},
	{1, 8}, 0, 0, 0},
    {"dropped at the third MAIL", {{CHUNKS, AT("MAIL", 3), DROP}}, 1, {4, 11},
	{1, 8}, 0, 0, 0},
    {"dropped at RCPT", {{CHUNKS, AT("RCPT", 2), DROP}}, 1, {4, 11}, {1, 8}, 0,
	0, 0},
    {"dropped at BDAT", {{CHUNKS, AT("BDAT", 4), DROP}}, 1, {4, 11}, {1, 8}, 0,
	0, 0},
    {"dropped after three BDATs", {{CHUNKS, AT("BDAT", 4), CHUNK, DROP}}, 1,
	{4, 11}, {1, 8}, 0, 0, 0},
    {"closed after three BDATs", {{CHUNKS, AT("BDAT", 4), CHUNK, END}}, 1,
	{4, 11}, {1, 8}, 0, 0, 0},
    {"dropped at RSET", {{CHUNKS, AT("RSET", 2), DROP}}, 1, {4, 11}, {1, 8}, 0,
	0, 0},
    {"silent after a BDAT",
	{{CHUNKS, AT("BDAT", 3), CHUNK, {FAKE_HANG, NULL, 0}}}, 1, {4, 11},
	{1, 8}, 0, 0, CLOCK_HURRIES},
    {"a recipient refused",
	{{CHUNKS, AT("RCPT", 3), SAY("550 5.1.1 User unknown"), GO_ON, END}}, 1,
	{11, 11}, {0, 0}, 1, 0, 0},
    {"a sender put off",
	{{CHUNKS, AT("MAIL", 3), SAY("451 4.3.0 later"), GO_ON, END}}, 1,
	{12, 12}, {0, 0}, 0, 0, 0},
    {"data put off",
	{{CHUNKS, AT("BDAT", 3), CHUNK, SAY("452 4.3.1 full"), GO_ON, END}}, 1,
	{12, 12}, {0, 0}, 0, 0, 0},
    {"a lying SIZE",
	{{GREET, {FAKE_OFFER, "SIZE 99999999,PIPELINING,CHUNKING", 0},
	    AT("BDAT", 3), CHUNK, SAY("552 5.3.4 too big"), GO_ON, END}},
	1, {11, 11}, {0, 0}, 1, 0, 0},
    {"an early 5xx",
	{{CHUNKS, AT("BDAT", 3), SAY("552 5.3.4 too big"), CHUNK, GO_ON, END}},
	1, {11, 11}, {0, 0}, 1, 0, 0},
    {"421 to MAIL", {{CHUNKS, AT("MAIL", 3), SAY("421 4.7.28 slow down"), END}},
	1, {12, 12}, {0, 0}, 0, 0, 0},
    {"421 to BDAT",
	{{CHUNKS, AT("BDAT", 3), CHUNK, SAY("421 4.3.2 going down"), END}}, 1,
	{12, 12}, {0, 0}, 0, 0, 0},
    {"a storm of 421",
	{{SAY("421 4.7.0 busy"), END}, {SAY("421 4.7.0 busy"), END},
	    {CHUNKS, AT("MAIL", 1), SAY("421 4.7.0 busy"), END}},
	3, {12, 12}, {0, 0}, 0, 0, 0},
    {"dripped replies",
	{{CHUNKS, AT("MAIL", 2), {FAKE_DRIP, "250 ok\r\n", 3}, AT("BDAT", 2),
	    CHUNK, {FAKE_DRIP, "250 ok\r\n", 3}, GO_ON, END}},
	1, {12, 12}, {0, 0}, 0, 0, 0},
    {"an endless reply",
	{{CHUNKS, AT("BDAT", 2), CHUNK, FLOOD("250-more\r\n", 20000), DROP}}, 1,
	{4, 11}, {1, 8}, 0, 0, 0},
    {"an endless line",
	{{CHUNKS, AT("BDAT", 2), CHUNK, FLOOD("250 more", 20000), DROP}}, 1,
	{4, 11}, {1, 8}, 0, 0, 0},
    {"escapes in a reply",
	{{CHUNKS, AT("RCPT", 1), SAY("550 5.1.1 \033[2J\033]0;x\007 \x9b no"),
	    GO_ON, END}},
	1, {11, 11}, {0, 0}, 1, 0, 0},
    {"CHUNKING offered and not known",
	{{CHUNKS, AT("BDAT", 1), SAY("502 5.5.2 what"), END},
	    {CHUNKS, AT("BDAT", 1), SAY("500 5.5.2 what"), END},
	    {CHUNKS, GO_ON, END}},
	3, {12, 12}, {0, 0}, 0, 0, 0},
    {"503 to every BDAT",
	{{CHUNKS, AT("BDAT", 1), CHUNK, SAY("503 5.5.1 no"), AT("BDAT", 0),
	     CHUNK, SAY("503 5.5.1 no"), GO_ON},
	    {CHUNKS, AT("BDAT", 1), CHUNK, SAY("503 5.5.1 no"), GO_ON},
	    {CHUNKS, GO_ON, END}},
	3, {12, 12}, {0, 0}, 0, 0, 0},
    {"503 to one BDAT is our fault",
	{{CHUNKS, AT("BDAT", 4), CHUNK, SAY("503 5.5.1 no"), GO_ON, END}}, 1,
	{12, 12}, {0, 0}, 0, 1, 0},
    {"RSET refused", {{CHUNKS, AT("RSET", 1), SAY("500 5.5.1 what"), DROP}}, 1,
	{4, 11}, {0, 8}, 0, 0, 0},
    /* ---- DATA ---- */
    {"354 after a bad recipient",
	{{GREET, AT("RCPT", 3), SAY("550 5.1.1 User unknown"),
	    {FAKE_HEAR, "DATA", 0}, SAY("354 go on"), BODY,
	    SAY("554 5.5.1 no recipients"), GO_ON, END}},
	1, {11, 11}, {0, 0}, 1, 0, 0},
    {"dropped at DATA", {{GREET, AT("DATA", 3), DROP}}, 1, {12, 12}, {0, 0}, 0,
	0, 0},
    {"dropped after 354", {{GREET, AT("DATA", 3), SAY("354 go on"), DROP}}, 1,
	{11, 12}, {0, 1}, 0, 0, 0},
    {"dropped after the dot",
	{{GREET, AT("DATA", 3), SAY("354 go on"), BODY, DROP}}, 1, {11, 11},
	{1, 1}, 0, 0, 0},
    {"421 to the dot",
	{{GREET, AT("DATA", 3), SAY("354 go on"), BODY, SAY("421 4.3.2 bye"),
	    END}},
	1, {12, 12}, {0, 0}, 0, 0, 0},
    {"an answer before the message",
	{{GREET, AT("DATA", 3), SAY("354 go on"), SAY("552 5.3.4 too big"),
	    BODY, GO_ON, END}},
	1, {11, 11}, {0, 0}, 1, 0, 0},
    {"groups not understood",
	{{GREET, AT("RCPT", 1), SAY("503 5.5.1 not so fast"), GO_ON},
	    {GREET, AT("RCPT", 1), SAY("503 5.5.1 not so fast"), GO_ON},
	    {GREET, GO_ON, END}},
	3, {12, 12}, {0, 0}, 0, 0, 0},
};

/* ---- One run --------------------------------------------------------------- */

struct scene {
	const struct fault *fault;
	struct fake_clock clock;
	struct world world;
	struct store *store;
	struct db *db;
	struct fake_relay *relay;
	struct campaign_id id;
	struct run *run;
	struct run_progress now;
	int pauses;
	int still; /* steps without any change */
	int64_t pace_ms;
};

static void
open_scene(
    struct scene *it, const struct fault *fault, const struct fake_plan *plan)
{
	struct sealed_plan sealed = {
	    .class = CLASS_AD, .recipients = PEOPLE, .sessions = 1};
	struct clearance *clearance;
	struct err err = {0};

	*it = (struct scene){.fault = fault, .pace_ms = 1000};
	fake_clock_init(&it->clock);
	it->world = (struct world){
	    .clock = &it->clock.base, .dialler = dialler_loopback_only()};
	it->store = tempstore_open(&it->clock.base);
	assert_ok(store_reader_open(it->store, &it->db, &err), &err);
	it->relay = fake_relay_start(plan);
	sealed.port = fake_relay_port(it->relay);
	it->id = sealed_campaign(it->store, &it->world, &sealed);
	clearance = sealed_clearance(it->store, &it->world, it->id);
	assert_ok(
	    run_start(&clearance, &it->world, it->store, NULL, &it->run, &err),
	    &err);
}

static void
close_scene(struct scene *it)
{
	run_free(&it->run);
	fake_relay_stop(&it->relay);
	store_reader_close(&it->db);
	tempstore_close(&it->store);
}

/* Lets time pass where nothing else happens, faster and faster: a relay rests
 * for a second, a provider group for hours. */
static void
pass_time(struct scene *it, const struct run_progress *before)
{
	bool still =
	    memcmp(before->count, it->now.count, sizeof it->now.count) == 0;

	it->still = still ? it->still + 1 : 0;
	if (!still)
		it->pace_ms = 1000;
	if (it->now.state != RUN_WAITING && it->now.sessions_open &&
	    it->fault->clock == CLOCK_CALM && it->still < STILL_MIN)
		return;
	fake_clock_move(&it->clock, it->pace_ms);
	if (it->pace_ms < 64 * 1000)
		it->pace_ms *= 2;
}

static void
go_on(struct scene *it)
{
	struct err err = {0};

	if (++it->pauses > PAUSES_MAX)
		fail_msg("%s: paused again and again, %s %s", it->fault->name,
		    err_name(it->now.why.code), it->now.why.fact[0].value);
	assert_ok(run_resume(it->run, &err), &err);
}

static void
play(struct scene *it)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		int rests = run_wait(it->run, STEP_MS);
		struct run_progress before = it->now;

		run_progress(it->run, &it->now);
		if (rests && it->now.state == RUN_DONE)
			return;
		if (rests && it->now.state == RUN_PAUSED)
			go_on(it);
		else if (!rests)
			pass_time(it, &before);
	}
	fail_msg(
	    "%s: state %d after all this time", it->fault->name, it->now.state);
}

/* ---- What became of everybody ---------------------------------------------- */

/* What the relay has of a recipient: messages that it took, and that it read
 * without saying anything. */
static void
ask_relay(struct scene *it, struct span address, int *took, int *unsaid)
{
	size_t count = fake_relay_messages(it->relay, NULL);

	*took = *unsaid = 0;
	for (size_t i = 0; i < count; i++) {
		struct buf text = BUF_INIT;
		struct span rest, rcpt;

		fake_relay_message(it->relay, i, &text);
		rest = buf_span(&text);
		rcpt = span_cut(&rest, ' ');
		if (span_equal(rcpt, address)) {
			*took += rest.ptr[0] == '1';
			*unsaid += rest.ptr[0] == '0';
		}
		buf_done(&text);
	}
}

static void
check_row(struct scene *it, const struct report_row *row)
{
	int took, unsaid;
	bool fits = false;

	ask_relay(it, row->address, &took, &unsaid);
	if (row->state == LEDGER_ACCEPTED)
		fits = took == 1 && unsaid == 0;
	else if (row->state == LEDGER_IN_DOUBT)
		fits = took + unsaid <= 1;
	else if (row->state == LEDGER_FAILED)
		fits = took == 0 && unsaid == 0;
	if (!fits)
		fail_msg("%s: %.*s is %s, the relay took %d and left %d "
			 "unanswered",
		    it->fault->name, SPAN_ARG(row->address),
		    ledger_state_name(row->state), took, unsaid);
	for (size_t i = 0; i < row->reply.len; i++) {
		if (row->reply.ptr[i] == '\x9b')
			fail_msg("%s: not UTF-8", it->fault->name);
	}
}

static void
check_rows(struct scene *it)
{
	struct report_page page = {0};
	struct err err = {0};

	assert_ok(
	    report_page(it->db, it->id, REPORT_ALL, 0, PEOPLE + 1, &page, &err),
	    &err);
	assert_int_equal(page.count, PEOPLE);
	for (size_t i = 0; i < page.count; i++)
		check_row(it, &page.row[i]);
	report_page_done(&page);
}

static void
check_counts(struct scene *it)
{
	const struct fault *fault = it->fault;
	const int64_t *count = it->now.count;

	if (count[LEDGER_ACCEPTED] < fault->accepted[0] ||
	    count[LEDGER_ACCEPTED] > fault->accepted[1] ||
	    count[LEDGER_IN_DOUBT] < fault->in_doubt[0] ||
	    count[LEDGER_IN_DOUBT] > fault->in_doubt[1] ||
	    count[LEDGER_FAILED] != fault->failed ||
	    it->pauses != fault->pauses)
		fail_msg("%s: %d accepted, %d in doubt, %d failed, %d pauses",
		    fault->name, (int)count[LEDGER_ACCEPTED],
		    (int)count[LEDGER_IN_DOUBT], (int)count[LEDGER_FAILED],
		    it->pauses);
	assert_int_equal(count[LEDGER_ACCEPTED] + count[LEDGER_IN_DOUBT] +
			     count[LEDGER_FAILED],
	    PEOPLE);
}

static void
every_fault(void **state)
{
	static const struct fake_step serve[] = {GREET, GO_ON, END};

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		const struct fake_step *scripts[SCRIPTS_MAX + 2] = {serve};
		struct fake_plan plan = {scripts, 1, NULL};
		struct scene it;

		for (int k = 0; k < faults[i].scripts; k++)
			scripts[plan.count++] = faults[i].script[k];
		scripts[plan.count++] = serve;
		open_scene(&it, &faults[i], &plan);
		play(&it);
		check_counts(&it);
		check_rows(&it);
		close_scene(&it);
	}
}

/* A pause while messages are marked and under way: what has left is answered,
 * what has not is taken back, and nobody loses or gains by it. */
static void
a_pause_takes_back_what_was_marked(void **state)
{
	static const struct fault slow = {
	    .name = "pauses", .accepted = {PEOPLE, PEOPLE}, .pauses = 0};
	static const struct fake_step serve[] = {CHUNKS, GO_ON, END};
	static const struct fake_step once[] = {CHUNKS, AT("BDAT", 3),
	    {FAKE_CHUNK, NULL, 0}, {FAKE_DRIP, "250 ok\r\n", 20}, GO_ON, END};
	const struct fake_step *scripts[] = {serve, once, serve};
	struct fake_plan plan = {scripts, 3, NULL};
	struct err err = {0};
	struct scene it;

	(void)state;
	open_scene(&it, &slow, &plan);
	while (fake_relay_count(it.relay, "BDAT") < 3)
		run_wait(it.run, 1);
	assert_ok(run_pause(it.run, &err), &err);
	while (!run_wait(it.run, STEP_MS))
		continue;
	run_progress(it.run, &it.now);
	assert_int_equal(it.now.state, RUN_PAUSED);
	assert_int_equal(it.now.count[LEDGER_HANDED], 0);
	assert_int_equal(it.now.count[LEDGER_IN_DOUBT], 0);
	assert_int_equal(
	    it.now.count[LEDGER_ACCEPTED], fake_relay_messages(it.relay, NULL));
	assert_ok(run_resume(it.run, &err), &err);
	play(&it);
	check_counts(&it);
	check_rows(&it);
	close_scene(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_fault),
	    cmocka_unit_test(a_pause_takes_back_what_was_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
