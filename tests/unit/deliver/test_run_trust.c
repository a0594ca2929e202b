/* Whole runs through relays that want a token, or lack what was asked for.  The
 * review's probe is the first connection and asks the helper first. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "tests/fake/relay.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"

enum { WAIT_MS = 20 * 1000 };

struct scene {
	struct world world;
	struct store *store;
	char *folder, *helper;
	struct fake_relay *relay;
	struct campaign_id id;
	struct run *run;
	struct run_progress now;
};

/* Tokens are numbered: token-1, token-2, ... */
static void
write_helper(struct scene *it)
{
	struct buf text = BUF_INIT, path = BUF_INIT;
	struct err err = {0};

	buf_printf(&path, "%s/helper", it->folder);
	buf_printf(&text,
	    "#!/bin/sh\ncd '%s'\necho \"$1 $2\" >>calls\n"
	    "echo token-$(wc -l <calls)\n",
	    it->folder);
	assert_ok(file_replace(path.ptr, buf_span(&text), 0700, &err), &err);
	it->helper = mem_text(buf_span(&path));
	buf_done(&path);
	buf_done(&text);
}

static size_t
calls(struct scene *it)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct err err = {0};
	size_t lines = 0;

	buf_printf(&path, "%s/calls", it->folder);
	assert_ok(file_read(path.ptr, 4096, &text, &err), &err);
	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	buf_done(&path);
	buf_done(&text);
	return lines;
}

static int
set_up(void **state)
{
	struct scene *it = mem_new(sizeof *it);

	it->world = (struct world){
	    .clock = clock_real(), .dialler = dialler_loopback_only()};
	it->store = tempstore_open(clock_real());
	it->folder = tempdir_new();
	write_helper(it);
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *it = *state;

	run_free(&it->run);
	fake_relay_stop(&it->relay);
	tempstore_close(&it->store);
	tempdir_remove(&it->folder);
	free(it->helper);
	free(it);
	return 0;
}

static void
deliver(struct scene *it, const struct fake_plan *script,
    const struct sealed_plan *how)
{
	struct sealed_plan plan = *how;
	struct clearance *clearance;
	struct err err = {0};

	it->relay = fake_relay_start(script);
	plan.class = CLASS_AD;
	plan.tls = RELAY_TLS_VERIFY;
	plan.port = fake_relay_port(it->relay);
	plan.ca_file = fake_relay_ca_file(it->relay);
	it->id = sealed_campaign(it->store, &it->world, &plan);
	clearance = sealed_clearance(it->store, &it->world, it->id);
	assert_ok(
	    run_start(&clearance, &it->world, it->store, NULL, &it->run, &err),
	    &err);
	assert_int_equal(run_wait(it->run, WAIT_MS), 1);
	run_progress(it->run, &it->now);
}

#define TO_AUTH                                                                \
	{FAKE_SAY, "220 relay", 0}, {FAKE_HEAR, "EHLO", 0},                    \
	    {FAKE_SAY, "250-relay", 0}, {FAKE_SAY, "250 STARTTLS", 0},         \
	    {FAKE_HEAR, "STARTTLS", 0}, {FAKE_SAY, "220 go", 0},               \
	    {FAKE_TLS, NULL, 0}, {FAKE_HEAR, "EHLO", 0},                       \
	    {FAKE_SAY, "250-relay", 0},                                        \
	    {FAKE_SAY, "250 AUTH XOAUTH2 PLAIN", 0}
#define TOKEN(base64)                                                          \
	{FAKE_HEAR,                                                            \
	    "AUTH XOAUTH2 dXNlcj1zZW5kZXIBYXV0aD1CZWFyZXIgdG9rZW4t" base64, 0}

static const struct fake_step probed[] = {TO_AUTH, TOKEN("MQEB"),
    {FAKE_SAY, "235 in", 0}, {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
static const struct fake_step expired[] = {TO_AUTH, TOKEN("MgEB"),
    {FAKE_SAY, "334 eyJzdGF0dXMiOiI0MDEifQ==", 0}, {FAKE_HEAR, "", 0},
    {FAKE_SAY, "535 5.7.8 token expired", 0}, {FAKE_END, NULL, 0}};

static void
a_token_is_asked_for_once_more(void **state)
{
	static const struct fake_step fresh[] = {TO_AUTH, TOKEN("MwEB"),
	    {FAKE_SAY, "235 in", 0}, {FAKE_SERVE, NULL, 0},
	    {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {
	    probed, expired, fresh};
	static const struct fake_plan script = {scripts, 3, &fake_good_cert};
	struct scene *it = *state;

	deliver(it, &script,
	    &(struct sealed_plan){.recipients = 5,
		.user = "sender",
		.token_command = it->helper,
		.sessions = 1});
	assert_int_equal(it->now.state, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 5);
	assert_int_equal(fake_relay_connections(it->relay), 3);
	assert_int_equal(calls(it), 3);
}

static void
but_not_in_a_loop(void **state)
{
	static const struct fake_step again[] = {TO_AUTH, TOKEN("MwEB"),
	    {FAKE_SAY, "535 5.7.8 no", 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {
	    probed, expired, again};
	static const struct fake_plan script = {scripts, 3, &fake_good_cert};
	struct scene *it = *state;

	deliver(it, &script,
	    &(struct sealed_plan){.recipients = 5,
		.user = "sender",
		.token_command = it->helper,
		.sessions = 1});
	assert_int_equal(it->now.state, RUN_PAUSED);
	assert_int_equal(it->now.why.code, E_SMTP_AUTH);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 0);
	assert_int_equal(fake_relay_connections(it->relay), 3);
	assert_int_equal(calls(it), 3);
}

/* It was offered to the probe and is not offered to the run. */
static void
nothing_leaves_without_requiretls(void **state)
{
	static const struct fake_step offers[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250-relay", 0},
	    {FAKE_SAY, "250 STARTTLS", 0}, {FAKE_HEAR, "STARTTLS", 0},
	    {FAKE_SAY, "220 go", 0}, {FAKE_TLS, NULL, 0},
	    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250-relay", 0},
	    {FAKE_SAY, "250 REQUIRETLS", 0}, {FAKE_SERVE, NULL, 0},
	    {FAKE_END, NULL, 0}};
	static const struct fake_step plain[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {offers, plain};
	static const struct fake_plan script = {scripts, 2, &fake_good_cert};
	struct scene *it = *state;

	deliver(it, &script,
	    &(struct sealed_plan){
		.recipients = 5, .require = SEALED_REQUIRETLS, .sessions = 1});
	assert_int_equal(it->now.state, RUN_PAUSED);
	assert_int_equal(it->now.why.code, E_SMTP_REQUIRETLS);
	assert_int_equal(it->now.count[LEDGER_PLANNED], 5);
	assert_int_equal(fake_relay_messages(it->relay, NULL), 0);
}

/* Every message asks for it: the relay must pass the wish on (RFC 8689). */
static void
every_message_asks_for_requiretls(void **state)
{
	static const struct fake_step serves[] = {
	    {FAKE_OFFER, "PIPELINING,REQUIRETLS", 0},
	    {FAKE_SAY, "220 relay", 0}, {FAKE_SERVE, NULL, 0},
	    {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {serves};
	static const struct fake_plan script = {scripts, 1, &fake_good_cert};
	struct scene *it = *state;
	struct buf heard = BUF_INIT;
	struct span rest;
	size_t asked = 0;

	deliver(it, &script,
	    &(struct sealed_plan){
		.recipients = 5, .require = SEALED_REQUIRETLS, .sessions = 1});
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 5);
	fake_relay_heard(it->relay, &heard);
	rest = buf_span(&heard);
	while (rest.len > 0) {
		struct span line = span_cut(&rest, '\n');

		if (span_search(line, SPAN("MAIL FROM")) < line.len)
			asked += span_ends(line, SPAN(" REQUIRETLS"));
	}
	/* the probe's MAIL, which sends nothing, may ask or not */
	assert_true(asked >= 5);
	buf_done(&heard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	    TEST(a_token_is_asked_for_once_more),
	    TEST(but_not_in_a_loop),
	    TEST(nothing_leaves_without_requiretls),
	    TEST(every_message_asks_for_requiretls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
