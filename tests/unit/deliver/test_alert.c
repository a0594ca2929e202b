/* Alerts: what they say, how often, by which way; and that the mail's sender
 * can carry nothing else. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/deliver/alert_mail.h"
#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "core/store/state.h"
#include "tests/fake/arrived.h"
#include "tests/fake/relay.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"

static const struct alert guard = {.kind = ALERT_GUARD,
    .at_ms = 1795000000000,
    .campaign = {7},
    .why = E_RUN_GUARD,
    .class = "H1",
    .has_figures = true,
    .state = "paused",
    .total = 1000,
    .accepted = 700,
    .open = 300};

static bool
has(struct span text, const char *needle)
{
	return span_search(text, span_of(needle)) < text.len;
}

static void
it_says_facts(void **state)
{
	struct alert relay = {.kind = ALERT_RELAY, .name = "our relay\xc3\xa9"};
	struct buf out = BUF_INIT;

	(void)state;
	alert_facts(&guard, &out);
	assert_true(span_starts(buf_span(&out), SPAN("alert=guard\nat=2026-")));
	assert_true(has(buf_span(&out), "\ncampaign=7\n"));
	assert_true(has(buf_span(&out), "\nwhy=deliver.run_guard\nclass=H1\n"));
	assert_true(has(buf_span(&out),
	    "\nstate=paused\ntotal=1000\naccepted=700\ndeferred=0\n"));
	assert_true(span_ends(buf_span(&out), SPAN("open=300\n\n")));
	buf_clear(&out);
	alert_facts(&relay, &out);
	assert_true(has(buf_span(&out), "\nrelay=our relay??\n"));
	assert_false(has(buf_span(&out), "total="));
	buf_done(&out);
}

static void
figures_are_taken(void **state)
{
	struct run_progress *now = mem_new(sizeof *now);
	struct alert alert = {.kind = ALERT_END};

	(void)state;
	now->state = RUN_STOPPED;
	now->total = 10;
	now->count[LEDGER_ACCEPTED] = 4;
	now->count[LEDGER_PLANNED] = 1;
	now->count[LEDGER_HANDED] = 2;
	now->count[LEDGER_IN_DOUBT] = 3;
	alert_take_figures(&alert, now);
	assert_string_equal(alert.state, "stopped");
	assert_int_equal(alert.total, 10);
	assert_int_equal(alert.accepted, 4);
	assert_int_equal(alert.open, 3);
	assert_int_equal(alert.in_doubt, 3);
	free(now);
}

static void
once_a_minute_and_twenty_a_day(void **state)
{
	struct alert_limit limit = {.count = 0};
	int64_t now = 0;

	(void)state;
	assert_int_equal(alert_wait_ms(&limit, now), 0);
	for (int i = 0; i < ALERT_DAY_MAX; i++) {
		assert_int_equal(alert_wait_ms(&limit, now), 0);
		alert_told(&limit, now);
		assert_int_equal(alert_wait_ms(&limit, now + 59999) > 0, 1);
		now += ALERT_GAP_MS;
	}
	/* the day began with the first one */
	assert_int_equal(alert_wait_ms(&limit, now), 24 * 3600 * 1000 - now);
	now = 24 * 3600 * 1000;
	assert_int_equal(alert_wait_ms(&limit, now), 0);
	alert_told(&limit, now);
	assert_int_equal(alert_wait_ms(&limit, now), ALERT_GAP_MS);
}

/* ---- Ways ---------------------------------------------------------------------- */

static struct stage stage;

static void
set(const char *name, const char *value)
{
	struct err err = {0};

	assert_ok(setting_write(stage.store, name, span_of(value), &err), &err);
}

static int
tell(const struct alert *alerts, size_t count, struct err *err)
{
	*err = (struct err){0};
	return alert_tell(stage.store, &stage.world, alerts, count, -1, err);
}

static void
open_stage(const char *relay)
{
	const struct stage_params params = {.recipients = 1};

	stage_open(&stage, &params);
	set("sender.address", "news@example.co.jp");
	set("alert.relay", relay);
}

static void
nobody_is_set_up(void **state)
{
	struct alert_ways ways;
	struct db *db = NULL;
	struct err err = {0};

	(void)state;
	open_stage("");
	set("alert.to", "ops@example.co.jp");
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	assert_ok(alert_ways_read(db, &ways, &err), &err);
	assert_false(alert_has_way(&ways));
	alert_ways_done(&ways);
	store_reader_close(&db);
	assert_ok(tell(&guard, 1, &err), &err);
	assert_int_equal(practice_count(stage.practice).accepted, 0);
	stage_close(&stage);
}

static void
the_command_gets_the_facts(void **state)
{
	struct buf script = BUF_INIT, path = BUF_INIT, said = BUF_INIT;
	const struct alert two[] = {guard, {.kind = ALERT_END}};
	struct err err = {0};

	(void)state;
	open_stage("");
	buf_printf(&path, "%s/told", stage.dir);
	buf_printf(&script, "#!/bin/sh\ncat >%s/said\necho noise\n", stage.dir);
	assert_ok(file_replace(path.ptr, buf_span(&script), 0700, &err), &err);
	set("alert.command", path.ptr);
	assert_ok(tell(two, 2, &err), &err);
	buf_clear(&path);
	buf_printf(&path, "%s/said", stage.dir);
	assert_ok(file_read(path.ptr, 4096, &said, &err), &err);
	assert_true(span_starts(buf_span(&said), SPAN("alert=guard\n")));
	assert_true(has(buf_span(&said), "\n\nalert=end\n"));
	set("alert.command", "/nowhere/to be found");
	assert_int_equal(tell(&guard, 1, &err), -1);
	assert_int_equal(err.code, E_COMMAND_PATH);
	buf_done(&script);
	buf_done(&path);
	buf_done(&said);
	stage_close(&stage);
}

static void
the_mail_has_one_form(void **state)
{
	struct buf folder = BUF_INIT;
	struct arrived arrived;
	struct err err = {0};

	(void)state;
	open_stage("practice");
	set("alert.to", "ops@example.co.jp");
	set("alert.to_third", "boss@example.co.jp");
	assert_ok(tell(&guard, 1, &err), &err);
	assert_int_equal(practice_count(stage.practice).accepted, 2);
	buf_printf(&folder, "%s/new", practice_maildir(stage.practice));
	arrived_read(&arrived, folder.ptr);
	assert_int_equal(arrived.count, 2);
	assert_true(has(arrived.mail[0].subject, "[Sekisho] alert: guard"));
	assert_true(has(arrived.mail[0].plain, "accepted=700"));
	arrived_done(&arrived);
	buf_done(&folder);
	set("alert.relay", "another");
	assert_int_equal(tell(&guard, 1, &err), -1);
	assert_int_equal(err.code, E_RELAY_MISSING);
	stage_close(&stage);
}

static int64_t
entries(const char *what)
{
	struct err err = {0};
	struct db *db = NULL;
	struct stmt *stmt;
	int64_t count;

	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	stmt = db_stmt(db, "SELECT count(*) FROM audit WHERE what = ?1", &err);
	assert_non_null(stmt);
	stmt_text(stmt, 1, span_of(what));
	assert_int_equal(stmt_step(stmt, &err), 1);
	count = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	store_reader_close(&db);
	return count;
}

static int
seal_daily(bool *sealed, struct err *err)
{
	*err = (struct err){0};
	return log_seal_daily(stage.store, &stage.world, -1, sealed, err);
}

/* The line goes to one registered address, and to nobody else; what cannot be
 * mailed is sealed all the same. */
static void
a_head_seal_is_mailed_to_staff(void **state)
{
	struct buf folder = BUF_INIT;
	struct arrived arrived;
	struct err err = {0};
	bool sealed = false;

	(void)state;
	open_stage("practice");
	set("alert.to", "ops@example.co.jp");
	assert_ok(seal_daily(&sealed, &err), &err);
	assert_true(sealed);
	assert_int_equal(practice_count(stage.practice).accepted, 0);
	set("audit.seal_to", "auditor@example.co.jp");
	assert_int_equal(seal_daily(&sealed, &err), -1);
	assert_int_equal(err.code, E_ALERT_NOWHERE);
	assert_true(sealed);
	assert_ok(staff_add(stage.store, SPAN("auditor@example.co.jp"),
		      SPAN("Auditor"), &err),
	    &err);
	assert_ok(seal_daily(&sealed, &err), &err);
	buf_printf(&folder, "%s/new", practice_maildir(stage.practice));
	arrived_read(&arrived, folder.ptr);
	assert_int_equal(arrived.count, 1);
	assert_true(has(arrived.mail[0].subject, "[Sekisho] alert: log"));
	assert_true(has(arrived.mail[0].plain, "seal=sekisho-head store="));
	assert_true(has(arrived.mail[0].plain, " sig="));
	arrived_done(&arrived);
	buf_done(&folder);
	assert_int_equal(entries("audit.seal"), 3);
	stage_close(&stage);
}

static void
a_log_with_a_fault_is_not_sealed(void **state)
{
	struct buf folder = BUF_INIT;
	struct arrived arrived;
	struct err err = {0};
	bool sealed = true;

	(void)state;
	open_stage("practice");
	set("alert.to", "ops@example.co.jp");
	assert_ok(db_exec(stage.store->writer,
		      "UPDATE audit SET who = 'x' WHERE seq = 3", &err),
	    &err);
	assert_int_equal(seal_daily(&sealed, &err), -1);
	assert_int_equal(err.code, E_AUDIT_CHAIN);
	assert_false(sealed);
	assert_int_equal(entries("audit.seal"), 0);
	buf_printf(&folder, "%s/new", practice_maildir(stage.practice));
	arrived_read(&arrived, folder.ptr);
	assert_int_equal(arrived.count, 1);
	assert_true(has(arrived.mail[0].plain, "why=store.audit_chain"));
	arrived_done(&arrived);
	buf_done(&folder);
	stage_close(&stage);
}

/* A relay that refuses is heard, and the command is told all the same. */
static void
a_refusal_is_an_error(void **state)
{
	static const struct fake_step refuses[] = {{FAKE_SAY, "220 hello", 0},
	    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250 fake", 0},
	    {FAKE_HEAR, "MAIL", 0}, {FAKE_SAY, "250 ok", 0},
	    {FAKE_HEAR, "RCPT", 0}, {FAKE_SAY, "550 5.7.1 no", 0},
	    {FAKE_HEAR, "", 0}, {FAKE_SAY, "250 ok", 0}, {FAKE_HEAR, "", 0},
	    {FAKE_SAY, "221 bye", 0}, {FAKE_END, NULL, 0}};
	const struct fake_step *const scripts[] = {refuses};
	const struct fake_plan plan = {.scripts = scripts, .count = 1};
	struct fake_relay *relay = fake_relay_start(&plan);
	struct err err = {0};

	(void)state;
	open_stage("practice");
	stage_relay_port(&stage, fake_relay_port(relay), RELAY_TLS_NONE, NULL);
	set("alert.to", "ops@example.co.jp");
	assert_int_equal(tell(&guard, 1, &err), -1);
	assert_int_equal(err.code, E_SMTP_REPLY);
	assert_true(has(span_of(err_find(&err, "reply")), "550"));
	fake_relay_stop(&relay);
	stage_close(&stage);
}

static void
it_carries_nothing_else(void **state)
{
	static const char *const texts[] = {"", "Dear customer,\n",
	    "a=b\nBuy now\n", "a=\xe3\x81\x82\n", "a=b\r\n\r\nx=y\n",
	    "a=\033[31m\n"};
	struct alert_ways ways = {.to = {BUF_INIT}};
	struct relay_config relay = {.host = "127.0.0.1"};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(alert_mail(&ways, &relay, NULL, ALERT_END,
				     span_of(texts[i]), -1, &err),
		    -1);
		assert_int_equal(err.code, E_ALERT_FACTS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_says_facts),
	    cmocka_unit_test(figures_are_taken),
	    cmocka_unit_test(once_a_minute_and_twenty_a_day),
	    cmocka_unit_test(nobody_is_set_up),
	    cmocka_unit_test(the_command_gets_the_facts),
	    cmocka_unit_test(the_mail_has_one_form),
	    cmocka_unit_test(a_head_seal_is_mailed_to_staff),
	    cmocka_unit_test(a_log_with_a_fault_is_not_sealed),
	    cmocka_unit_test(a_refusal_is_an_error),
	    cmocka_unit_test(it_carries_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
