/* Mail straight to its receivers, with DNS from a table and exchangers that
 * play a script: every kind of domain in one run. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "tests/fake/relay.h"
#include "tests/fake/resolver.h"
#include "tests/fake/sending.h"
#include "tests/fake/wires.h"

enum { DAY = 86400, STEP_MS = 50, STEPS_MAX = 1200 };

static const struct practice_cert_how cert = {
    .names = "DNS:mx.good.signed,DNS:mx.enforce.test",
    .from_s = -DAY,
    .to_s = DAY,
};

static const struct fake_step serves[] = {
    {FAKE_SAY, "220 mx", 0},
    {FAKE_SERVE, NULL, 0},
    {FAKE_END, NULL, 0},
};
/* offers STARTTLS and cannot do it */
static const struct fake_step breaks_tls[] = {
    {FAKE_SAY, "220 mx", 0},
    {FAKE_HEAR, "EHLO host.example.jp", 0},
    {FAKE_SAY, "250-mx\r\n250 STARTTLS", 0},
    {FAKE_HEAR, "STARTTLS", 0},
    {FAKE_SAY, "220 go", 0},
    {FAKE_OCTETS, NULL, 0},
    {FAKE_SAY, "this is not TLS", 0},
    {FAKE_END, NULL, 0},
};
static const struct fake_step turns_away[] = {
    {FAKE_SAY, "554 5.7.1 blocked using zen.spamhaus.org", 0},
    {FAKE_END, NULL, 0},
};

static const struct fake_step *const good_scripts[] = {serves};
static const struct fake_step *const broken_scripts[] = {breaks_tls, serves};
static const struct fake_step *const away_scripts[] = {turns_away};

static const struct fake_plan good_plan = {good_scripts, 1, &cert};
static const struct fake_plan clear_plan = {good_scripts, 1, NULL};
static const struct fake_plan broken_plan = {broken_scripts, 2, &cert};
static const struct fake_plan away_plan = {away_scripts, 1, NULL};

/* The text of a TLSA record; filled in with the key of the good server. */
static char tlsa_good[80] = "3 1 1 ";
#define TLSA_BAD                                                               \
	"3 1 1 "                                                               \
	"0000000000000000000000000000000000000000000000000000000000000000"

static const struct fake_record table[] = {
    {"good.signed", DNS_MX, DNS_FOUND, "10 mx.good.signed", 0},
    {"mx.good.signed", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {"_25._tcp.mx.good.signed", DNS_TLSA, DNS_FOUND, tlsa_good, 0},
    {"bad.signed", DNS_MX, DNS_FOUND, "10 mx.bad.signed", 0},
    {"mx.bad.signed", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {"_25._tcp.mx.bad.signed", DNS_TLSA, DNS_FOUND, TLSA_BAD, 0},
    {"bare.signed", DNS_MX, DNS_FOUND, "10 mx.bare.signed", 0},
    {"mx.bare.signed", DNS_A, DNS_FOUND, "192.0.2.2", 0},
    {"_25._tcp.mx.bare.signed", DNS_TLSA, DNS_FOUND, TLSA_BAD, 0},
    {"enforce.test", DNS_MX, DNS_FOUND, "10 mx.enforce.test", 0},
    {"mx.enforce.test", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {"forbids.test", DNS_MX, DNS_FOUND, "10 mx.enforce.test", 0},
    {"named.test", DNS_MX, DNS_FOUND, "10 mx.named.test", 0},
    {"mx.named.test", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {"clear.test", DNS_MX, DNS_FOUND, "10 mx.clear.test", 0},
    {"mx.clear.test", DNS_A, DNS_FOUND, "192.0.2.2", 0},
    {"broken.test", DNS_MX, DNS_FOUND, "10 mx.broken.test", 0},
    {"mx.broken.test", DNS_A, DNS_FOUND, "192.0.2.3", 0},
    {"two.test", DNS_MX, DNS_FOUND, "10 dead.two.test", 0},
    {"two.test", DNS_MX, DNS_FOUND, "20 mx.clear.test", 0},
    {"dead.two.test", DNS_A, DNS_FOUND, "192.0.2.9", 0},
    {"implicit.test", DNS_A, DNS_FOUND, "192.0.2.2", 0},
    {"dead.test", DNS_MX, DNS_FOUND, "10 dead.two.test", 0},
    {"away.test", DNS_MX, DNS_FOUND, "10 mx.away.test", 0},
    {"mx.away.test", DNS_A, DNS_FOUND, "192.0.2.4", 0},
    {"null.test", DNS_MX, DNS_FOUND, "0 .", 0},
    {"servfail.test", DNS_MX, DNS_SERVFAIL, NULL, 0},
    {"bogus.test", DNS_MX, DNS_BOGUS, NULL, 0},
    {NULL, DNS_A, DNS_FOUND, NULL, 0},
};

static const struct {
	const char *address;
	enum ledger_state state;
	const char *class;
	const char *policy; /* of its connection, and whether that had TLS */
	int tls;
} rows[] = {
    {"a@good.signed", LEDGER_ACCEPTED, "", "dane", 1},
    {"b@good.signed", LEDGER_ACCEPTED, "", "dane", 1},
    {"a@bad.signed", LEDGER_DEFERRED, "T", "", 0},
    {"a@bare.signed", LEDGER_DEFERRED, "T", "", 0},
    {"a@enforce.test", LEDGER_ACCEPTED, "", "mta-sts", 1},
    {"a@forbids.test", LEDGER_DEFERRED, "T", "", 0},
    {"a@named.test", LEDGER_DEFERRED, "T", "", 0},
    {"a@clear.test", LEDGER_ACCEPTED, "", "opportunistic", 0},
    {"a@broken.test", LEDGER_ACCEPTED, "", "opportunistic", 0},
    {"a@two.test", LEDGER_ACCEPTED, "", "opportunistic", 0},
    {"a@implicit.test", LEDGER_ACCEPTED, "", "opportunistic", 0},
    {"a@dead.test", LEDGER_DEFERRED, "net.connect", "", 0},
    {"a@away.test", LEDGER_DEFERRED, "P1", "", 0},
    {"a@null.test", LEDGER_FAILED, "H2", "", 0},
    {"a@nowhere.test", LEDGER_FAILED, "H2", "", 0},
    {"a@servfail.test", LEDGER_DEFERRED, "S4", "", 0},
    {"a@bogus.test", LEDGER_DEFERRED, "S4", "", 0},
};

enum { ROWS = sizeof rows / sizeof *rows };

struct scene {
	struct sending base;
	struct fake_wires wires;
	struct fake_resolver *resolver;
	struct fake_relay *good, *clear, *broken, *away;
};

static void
keep_policy(struct scene *it, const char *domain, const char *mx)
{
	struct db *db = NULL;
	struct err err = {0};
	struct stmt *stmt;
	char text[200];

	snprintf(text, sizeof text,
	    "version: STSv1\nmode: enforce\nmx: %s\nmax_age: 604800\n", mx);
	assert_ok(
	    store_begin(it->base.store, STORE_WAIT_LONG, "test", &db, &err),
	    &err);
	stmt = db_stmt(db,
	    "INSERT INTO sts_policy(domain, id, fetched_ms, expires_ms, policy)"
	    " VALUES(?1, '1', 1, ?2, ?3)",
	    &err);
	assert_non_null(stmt);
	stmt_text(stmt, 1, span_of(domain));
	stmt_int(stmt, 2, clock_now_ms(it->base.world.clock) + 1000000);
	stmt_blob(stmt, 3, span_of(text));
	assert_ok(stmt_run(stmt, &err), &err);
	assert_ok(store_commit(it->base.store, &db, &err), &err);
}

static int
set_up(void **state)
{
	struct scene *it = mem_new(sizeof *it);

	sending_open_alone(&it->base);
	it->good = fake_relay_start(&good_plan);
	it->clear = fake_relay_start(&clear_plan);
	it->broken = fake_relay_start(&broken_plan);
	it->away = fake_relay_start(&away_plan);
	fake_wires_init(&it->wires);
	fake_wires_add(&it->wires, "192.0.2.1", 25, fake_relay_port(it->good));
	fake_wires_add(&it->wires, "192.0.2.2", 25, fake_relay_port(it->clear));
	fake_wires_add(
	    &it->wires, "192.0.2.3", 25, fake_relay_port(it->broken));
	fake_wires_add(&it->wires, "192.0.2.4", 25, fake_relay_port(it->away));
	it->resolver = fake_resolver_new(table);
	it->base.world.dialler = &it->wires.base;
	it->base.world.resolver = fake_resolver_port(it->resolver);
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *it = *state;

	sending_close(&it->base);
	fake_resolver_free(&it->resolver);
	fake_relay_stop(&it->good);
	fake_relay_stop(&it->clear);
	fake_relay_stop(&it->broken);
	fake_relay_stop(&it->away);
	free(it);
	return 0;
}

static void
seal(struct scene *it, const char *const *addresses, int count)
{
	struct sealed_plan plan = {
	    .recipients = count,
	    .addresses = addresses,
	    .class = CLASS_AD,
	    .kind = RELAY_KIND_DIRECT,
	    .tls = RELAY_TLS_OPPORTUNISTIC,
	    .ca_file = fake_relay_ca_file(it->good),
	    .sessions = 40,
	};

	/* the review is told nothing of the domains, most of which are bad */
	it->base.world.resolver = NULL;
	sending_seal(&it->base, &plan);
	it->base.world.resolver = fake_resolver_port(it->resolver);
}

static int
start(struct scene *it, struct err *err)
{
	struct clearance *clearance =
	    sealed_clearance(it->base.store, &it->base.world, it->base.id);

	return run_start(&clearance, &it->base.world, it->base.store, NULL,
	    &it->base.run, err);
}

/* Waits until every row has been tried. */
static void
wait_all(struct scene *it)
{
	struct run_progress *now = mem_new(sizeof *now);
	int64_t open = 1;

	for (int i = 0; open && i < STEPS_MAX; i++) {
		run_wait(it->base.run, STEP_MS);
		fake_clock_move(&it->base.clock, STEP_MS);
		run_progress(it->base.run, now);
		assert_int_not_equal(now->state, RUN_PAUSED);
		open = now->count[LEDGER_PLANNED] + now->count[LEDGER_CLAIMED] +
		       now->count[LEDGER_HANDED];
	}
	assert_int_equal(open, 0);
	free(now);
}

static void
check_row(struct scene *it, int i)
{
	struct err err = {0};
	struct stmt *stmt = db_stmt(it->base.db,
	    "SELECT l.state, coalesce(l.class, ''), coalesce(c.policy, ''),"
	    " coalesce(c.tls_version, '') <> '', l.attempt, l.next_ms"
	    " FROM ledger l LEFT JOIN connection c"
	    " ON c.campaign = l.campaign AND c.id = l.connection"
	    " WHERE l.seq = ?1",
	    &err);
	struct span class, policy;

	if (!stmt)
		fail_msg("%s %s", err_name(err.code), err_find(&err, "why"));
	stmt_int(stmt, 1, i + 1);
	assert_int_equal(stmt_step(stmt, &err), 1);
	class = stmt_col_text(stmt, 1);
	policy = stmt_col_text(stmt, 2);
	if (stmt_col_int(stmt, 0) != (int64_t)rows[i].state ||
	    !span_equal(class, span_of(rows[i].class)) ||
	    !span_equal(policy, span_of(rows[i].policy)) ||
	    stmt_col_int(stmt, 3) != rows[i].tls ||
	    stmt_col_int(stmt, 4) != 1 ||
	    (stmt_col_int(stmt, 5) > 0) != (rows[i].state == LEDGER_DEFERRED))
		fail_msg("%s: %s, class %.*s, policy %.*s, tls %lld, "
			 "attempt %lld, next %lld",
		    rows[i].address,
		    ledger_state_name((enum ledger_state)stmt_col_int(stmt, 0)),
		    SPAN_ARG(class), SPAN_ARG(policy),
		    (long long)stmt_col_int(stmt, 3),
		    (long long)stmt_col_int(stmt, 4),
		    (long long)stmt_col_int(stmt, 5));
	stmt_reset(stmt);
}

static void
test_every_kind(void **state)
{
	struct scene *it = *state;
	const char *addresses[ROWS];
	struct err err = {0};
	size_t answered;

	for (int i = 0; i < ROWS; i++)
		addresses[i] = rows[i].address;
	fake_wires_key(&it->wires, "mx.good.signed", "192.0.2.1",
	    tlsa_good + strlen("3 1 1 "));
	keep_policy(it, "enforce.test", "mx.enforce.test");
	keep_policy(it, "forbids.test", "other.forbids.test");
	/* allowed, but its certificate has another name */
	keep_policy(it, "named.test", "mx.named.test");
	seal(it, addresses, ROWS);
	assert_ok(start(it, &err), &err);
	wait_all(it);
	for (int i = 0; i < ROWS; i++)
		check_row(it, i);
	/* two by DANE, one by MTA-STS, and nothing else */
	assert_int_equal(fake_relay_messages(it->good, &answered), 3);
	assert_int_equal(fake_relay_messages(it->clear, &answered), 3);
	assert_int_equal(fake_relay_messages(it->broken, &answered), 1);
	/* one question for the two rows of a domain */
	assert_int_equal(fake_resolver_asked(it->resolver, "good.signed"), 1);
}

/* Rows of one domain share its connection. */
static void
test_shared(void **state)
{
	enum { COUNT = 12 };
	struct scene *it = *state;
	const char *addresses[COUNT];
	char text[COUNT][32];
	struct err err = {0};
	size_t answered;

	for (int i = 0; i < COUNT; i++) {
		snprintf(text[i], sizeof text[i], "u%d@%s", i,
		    i % 2 ? "clear.test" : "implicit.test");
		addresses[i] = text[i];
	}
	seal(it, addresses, COUNT);
	assert_ok(start(it, &err), &err);
	wait_all(it);
	assert_int_equal(fake_relay_messages(it->clear, &answered), COUNT);
	assert_int_equal(answered, COUNT);
	assert_in_range(fake_relay_connections(it->clear), 2, COUNT - 1);
}

static void
test_stopped(void **state)
{
	struct scene *it = *state;
	static const char *const addresses[] = {"a@clear.test"};
	struct err err = {0};
	struct run_progress *now = mem_new(sizeof *now);

	seal(it, addresses, 1);
	assert_ok(start(it, &err), &err);
	assert_ok(run_stop(it->base.run, &err), &err);
	assert_int_equal(run_wait(it->base.run, STEP_MS * STEPS_MAX), 1);
	run_progress(it->base.run, now);
	assert_int_equal(now->state, RUN_STOPPED);
	free(now);
}

/* ---- Later -------------------------------------------------------------------- */

enum { LATER_MS = 40 * 60 * 1000 };

static int64_t
count_state(struct scene *it, enum ledger_state state)
{
	struct run_progress *now = mem_new(sizeof *now);
	int64_t count;

	run_progress(it->base.run, now);
	count = now->count[state];
	free(now);
	return count;
}

/* Waits until so many rows are in a state. */
static void
wait_count(struct scene *it, enum ledger_state state, int64_t count)
{
	for (int i = 0; i < STEPS_MAX && count_state(it, state) != count; i++) {
		run_wait(it->base.run, STEP_MS);
		fake_clock_move(&it->base.clock, STEP_MS);
	}
	assert_int_equal(count_state(it, state), count);
}

static const struct fake_record later_table[] = {
    {"servfail.test", DNS_MX, DNS_FOUND, "10 mx.clear.test", 0},
    {"mx.clear.test", DNS_A, DNS_FOUND, "192.0.2.2", 0},
    {"dead.test", DNS_MX, DNS_FOUND, "10 dead.two.test", 0},
    {"dead.two.test", DNS_A, DNS_FOUND, "192.0.2.9", 0},
    {"bad.signed", DNS_MX, DNS_FOUND, "10 mx.bad.signed", 0},
    {"mx.bad.signed", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {"_25._tcp.mx.bad.signed", DNS_TLSA, DNS_FOUND, tlsa_good, 0},
    {NULL, DNS_A, DNS_FOUND, NULL, 0},
};

/* What was out of order is tried again from the ledger, with what is known
 * then: DNS that answers, a host that is up, a record that was put right. */
static void
test_tried_again(void **state)
{
	static const char *const addresses[] = {
	    "a@servfail.test", "a@dead.test", "a@bad.signed"};
	struct scene *it = *state;
	struct err err = {0};

	fake_wires_key(&it->wires, "mx.good.signed", "192.0.2.1",
	    tlsa_good + strlen("3 1 1 "));
	seal(it, addresses, 3);
	assert_ok(start(it, &err), &err);
	wait_count(it, LEDGER_DEFERRED, 3);
	fake_resolver_use(it->resolver, later_table);
	fake_wires_add(&it->wires, "192.0.2.9", 25, fake_relay_port(it->clear));
	fake_clock_move(&it->base.clock, LATER_MS);
	wait_count(it, LEDGER_ACCEPTED, 3);
}

static const struct fake_step throttles[] = {
    {FAKE_SAY, "220 mx", 0},
    {FAKE_HEAR, "EHLO host.example.jp", 0},
    {FAKE_SAY, "250 mx", 0},
    {FAKE_HEAR, "MAIL FROM:", 0},
    {FAKE_SAY, "421 4.7.28 unusual rate of mail from your host", 0},
    {FAKE_END, NULL, 0},
};
static const struct fake_step *const throttle_scripts[] = {throttles, serves};
static const struct fake_plan throttle_plan = {throttle_scripts, 2, NULL};

/* A destination that asks for less is let alone, and no other one with it. */
static void
test_throttled(void **state)
{
	static const char *const addresses[] = {
	    "a@broken.test", "b@broken.test", "a@clear.test"};
	struct scene *it = *state;
	struct err err = {0};

	fake_relay_stop(&it->broken);
	it->broken = fake_relay_start(&throttle_plan);
	fake_wires_lead(
	    &it->wires, "192.0.2.3", 25, fake_relay_port(it->broken));
	seal(it, addresses, 3);
	assert_ok(start(it, &err), &err);
	wait_count(it, LEDGER_ACCEPTED, 1);
	wait_count(it, LEDGER_DEFERRED, 2);
	assert_int_equal(fake_relay_connections(it->broken), 1);
	fake_clock_move(&it->base.clock, 2 * LATER_MS);
	wait_count(it, LEDGER_ACCEPTED, 3);
}

static const struct fake_step hangs[] = {
    {FAKE_HANG, NULL, 0},
    {FAKE_END, NULL, 0},
};
static const struct fake_step *const hang_scripts[] = {hangs};
static const struct fake_plan hang_plan = {hang_scripts, 1, NULL};

/* A host that blocks us is let alone for longer than one that is down. */
static void
test_blocked(void **state)
{
	static const char *const addresses[] = {"a@away.test", "b@away.test"};
	enum { SOON_MS = 20 * 60 * 1000 };
	struct scene *it = *state;
	struct err err = {0};

	seal(it, addresses, 2);
	assert_ok(start(it, &err), &err);
	wait_count(it, LEDGER_DEFERRED, 2);
	assert_int_equal(fake_relay_connections(it->away), 1);
	fake_clock_move(&it->base.clock, SOON_MS);
	run_wait(it->base.run, 10 * STEP_MS);
	wait_count(it, LEDGER_DEFERRED, 2);
	assert_int_equal(fake_relay_connections(it->away), 1);
}

static void
no_pilot(struct scene *it)
{
	struct err err = {0};

	assert_ok(
	    setting_write(it->base.store, "pilot.percent", SPAN("0"), &err),
	    &err);
}

/* A destination that hangs holds so many rows and no more; what comes behind
 * it is sent. */
static void
test_one_hangs(void **state)
{
	enum { HELD = 256, COUNT = HELD + 60 };
	struct scene *it = *state;
	const char *addresses[COUNT];
	char(*text)[32] = mem_array(COUNT, sizeof *text);
	struct err err = {0};

	fake_relay_stop(&it->broken);
	it->broken = fake_relay_start(&hang_plan);
	fake_wires_lead(
	    &it->wires, "192.0.2.3", 25, fake_relay_port(it->broken));
	for (int i = 0; i < COUNT; i++) {
		snprintf(text[i], sizeof text[i], "u%d@%s", i,
		    i == COUNT - 1 ? "clear.test" : "broken.test");
		addresses[i] = text[i];
	}
	no_pilot(it);
	seal(it, addresses, COUNT);
	assert_ok(start(it, &err), &err);
	wait_count(it, LEDGER_ACCEPTED, 1);
	wait_count(it, LEDGER_DEFERRED, COUNT - 1 - HELD);
	free(text);
}

/* More destinations than are kept at a time: idle ones make room. */
static void
test_thousands(void **state)
{
	enum { COUNT = 2300 };
	struct scene *it = *state;
	const char **addresses = mem_array(COUNT, sizeof *addresses);
	struct fake_record *many = mem_array(2 * COUNT + 1, sizeof *many);
	char(*text)[2][32] = mem_array(COUNT, sizeof *text);
	struct err err = {0};
	int reviewed;

	for (int i = 0; i < COUNT; i++) {
		snprintf(text[i][0], sizeof text[i][0], "u@d%d.test", i);
		snprintf(text[i][1], sizeof text[i][1], "10 mx.d%d.test", i);
		addresses[i] = text[i][0];
		many[2 * i] = (struct fake_record){
		    text[i][0] + 2, DNS_MX, DNS_FOUND, text[i][1], 0};
		many[2 * i + 1] = (struct fake_record){
		    text[i][1] + 3, DNS_A, DNS_FOUND, "192.0.2.77", 0};
	}
	fake_resolver_use(it->resolver, many);
	no_pilot(it);
	seal(it, addresses, COUNT);
	reviewed = it->wires.dialled; /* for links */
	assert_ok(start(it, &err), &err);
	wait_count(it, LEDGER_DEFERRED, COUNT);
	assert_int_equal(it->wires.dialled - reviewed, COUNT);
	run_free(&it->base.run);
	fake_resolver_use(it->resolver, table);
	free(text);
	free(many);
	free(addresses);
}

/* ---- Refusals ----------------------------------------------------------------- */

/* The review asks the same, so nobody gets as far as a run. */
static void
test_names(void **state)
{
	static const struct {
		const char *name;
		enum err_code code;
	} names[] = {
	    {"", E_DIRECT_NAME},
	    {"mail.local", E_DIRECT_NAME},
	    {"host.localdomain", E_DIRECT_NAME},
	    {"mail.example.jp", E_NONE},
	};
	struct scene *it = *state;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct err err = {0};

		assert_ok(setting_write(it->base.store, "ehlo.name",
			      span_of(names[i].name), &err),
		    &err);
		relay_check_direct(it->base.db, &err);
		if (err.code != names[i].code)
			fail_msg("%s: %s", names[i].name, err_name(err.code));
	}
}

static void
test_needs_a_resolver(void **state)
{
	static const char *const addresses[] = {"a@clear.test"};
	struct scene *it = *state;
	struct err err = {0};

	seal(it, addresses, 1);
	it->base.world.resolver = NULL;
	assert_int_equal(start(it, &err), -1);
	assert_int_equal(err.code, E_DNS_SETUP);
	assert_null(it->base.run);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(test_every_kind),
	    T(test_shared),
	    T(test_stopped),
	    T(test_tried_again),
	    T(test_throttled),
	    T(test_blocked),
	    T(test_one_hangs),
	    T(test_thousands),
	    T(test_names),
	    T(test_needs_a_resolver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
