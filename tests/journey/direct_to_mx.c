/* Mail without a relay, with everything real but the ports: an authoritative
 * DNS server with signed and unsigned zones, the validating resolver, Postfix as
 * the exchangers, a web server for the policy.  Addresses of the documentation
 * range lead to ports of the loopback. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "tests/fake/mailhost.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"
#include "tests/fake/wires.h"
#include "tests/fake/zones.h"

enum { STEP_MS = 50, STEPS_MAX = 1200, WAIT_S = 60 };

static const struct {
	const char *address;
	enum ledger_state state;
	const char *class, *policy, *peer;
	int tls;
} rows[] = {
    {"first@two.plain.example", LEDGER_ACCEPTED, "", "opportunistic", "clear",
	0},
    {"only@clear.plain.example", LEDGER_ACCEPTED, "", "opportunistic", "clear",
	0},
    {"host@implicit.plain.example", LEDGER_ACCEPTED, "", "opportunistic",
	"clear", 0},
    {"offers@tls.plain.example", LEDGER_ACCEPTED, "", "opportunistic", "tls",
	1},
    {"nobody@null.plain.example", LEDGER_FAILED, "H2", "", "", 0},
    {"nobody@none.plain.example", LEDGER_FAILED, "H2", "", "", 0},
    {"good@good.signed.example", LEDGER_ACCEPTED, "", "dane", "tls", 1},
    {"bad@bad.signed.example", LEDGER_DEFERRED, "T", "", "", 0},
    {"clear@bare.signed.example", LEDGER_DEFERRED, "T", "", "", 0},
    {"forged@expired.example", LEDGER_DEFERRED, "S4", "", "", 0},
    {"kept@policy.example", LEDGER_ACCEPTED, "", "mta-sts", "tls", 1},
    {"other@denied.policy.example", LEDGER_DEFERRED, "T", "", "", 0},
};

enum { ROWS = sizeof rows / sizeof *rows, TO_TLS = 3, TO_CLEAR = 3 };

static const char plain_zone[] =
    "two.plain.example. MX 10 dead.plain.example.\n"
    "two.plain.example. MX 20 mx.plain.example.\n"
    "clear.plain.example. MX 10 mx.plain.example.\n"
    "implicit.plain.example. A 192.0.2.2\n"
    "tls.plain.example. MX 10 mxtls.plain.example.\n"
    "null.plain.example. MX 0 .\n"
    "dead.plain.example. A 192.0.2.9\n"
    "mx.plain.example. A 192.0.2.2\n"
    "mxtls.plain.example. A 192.0.2.1\n";

/* %s: the digest of the exchanger's key */
static const char signed_zone[] =
    "good.signed.example. MX 10 mx.signed.example.\n"
    "mx.signed.example. A 192.0.2.1\n"
    "_25._tcp.mx.signed.example. TLSA 3 1 1 %s\n"
    "bad.signed.example. MX 10 mxbad.signed.example.\n"
    "mxbad.signed.example. A 192.0.2.1\n"
    "_25._tcp.mxbad.signed.example. TLSA 3 1 1 "
    "00000000000000000000000000000000"
    "00000000000000000000000000000000\n"
    "bare.signed.example. MX 10 mxbare.signed.example.\n"
    "mxbare.signed.example. A 192.0.2.2\n"
    "_25._tcp.mxbare.signed.example. TLSA 3 1 1 %s\n";

static const char policy_zone[] =
    "policy.example. MX 10 mx.policy.example.\n"
    "mx.policy.example. A 192.0.2.1\n"
    "_mta-sts.policy.example. TXT \"v=STSv1; id=20261121;\"\n"
    "mta-sts.policy.example. A 192.0.2.1\n"
    "denied.policy.example. MX 10 other.policy.example.\n"
    "other.policy.example. A 192.0.2.1\n"
    "_mta-sts.denied.policy.example. TXT \"v=STSv1; id=1;\"\n"
    "mta-sts.denied.policy.example. A 192.0.2.1\n";

static const char expired_zone[] = "expired.example. MX 10 mx.plain.example.\n";

struct town {
	struct mailhost tls, clear;
	uint16_t web;
	struct zones zones;
	struct fake_wires wires;
	struct world world;
	struct store *store;
	struct db *db;
	struct campaign_id id;
	struct run *run;
};

/* ---- The town ----------------------------------------------------------------- */

static void
write_policy(struct town *town)
{
	struct buf path = BUF_INIT;
	FILE *file;

	buf_printf(&path, "%s/web/.well-known/mta-sts.txt", town->tls.dir);
	file = fopen(path.ptr, "w");
	assert_non_null(file);
	fputs("version: STSv1\r\nmode: enforce\r\nmx: mx.policy.example\r\n"
	      "max_age: 604800\r\n",
	    file);
	fclose(file);
	buf_done(&path);
}

static void
start_hosts(struct town *town)
{
	struct mxhost_plan with_tls = {
	    .tls = "may",
	    .names = "DNS:mx.policy.example,DNS:other.policy.example,"
		     "DNS:mta-sts.policy.example,"
		     "DNS:mta-sts.denied.policy.example",
	    .web = free_port(),
	};
	struct mxhost_plan without = {.tls = "none", .names = "DNS:mx"};

	mxhost_start(&town->tls, &with_tls);
	mxhost_start(&town->clear, &without);
	write_policy(town);
	fake_wires_init(&town->wires);
	fake_wires_add(&town->wires, "192.0.2.1", 25, town->tls.port);
	fake_wires_add(&town->wires, "192.0.2.1", 443, with_tls.web);
	fake_wires_add(&town->wires, "192.0.2.2", 25, town->clear.port);
}

static void
start_zones(struct town *town)
{
	struct buf filled = BUF_INIT;
	struct zone zone[] = {
	    {"plain.example", ZONE_PLAIN, plain_zone},
	    {"signed.example", ZONE_SIGNED, NULL},
	    {"policy.example", ZONE_PLAIN, policy_zone},
	    {"expired.example", ZONE_EXPIRED, expired_zone},
	};
	char key[2 * SHA256_LEN + 1];
	struct dns_options options;

	fake_wires_key(&town->wires, "mx.signed.example", "192.0.2.1", key);
	buf_printf(&filled, signed_zone, key, key);
	zone[1].records = filled.ptr;
	zones_start(&town->zones, zone, sizeof zone / sizeof *zone);
	options = zones_options(&town->zones);
	town->world.resolver = resolver_unbound(&options);
	buf_done(&filled);
}

static int
set_up(void **state)
{
	struct town *town = mem_new(sizeof *town);
	struct err err = {0};

	start_hosts(town);
	town->world.clock = clock_real();
	town->world.dialler = &town->wires.base;
	start_zones(town);
	town->store = tempstore_open(town->world.clock);
	assert_ok(store_reader_open(town->store, &town->db, &err), &err);
	*state = town;
	return 0;
}

static int
tear_down(void **state)
{
	struct town *town = *state;

	run_free(&town->run);
	resolver_free(&town->world.resolver);
	store_reader_close(&town->db);
	tempstore_close(&town->store);
	zones_stop(&town->zones);
	mailhost_stop(&town->tls);
	mailhost_stop(&town->clear);
	free(town);
	return 0;
}

/* ---- The journey -------------------------------------------------------------- */

static void
launch(struct town *town)
{
	const char *addresses[ROWS];
	struct sealed_plan plan = {
	    .recipients = ROWS,
	    .addresses = addresses,
	    .class = CLASS_AD,
	    .dkim = SEALED_DKIM,
	    .kind = RELAY_KIND_DIRECT,
	    .tls = RELAY_TLS_OPPORTUNISTIC,
	    .ca_file = town->tls.ca_file.ptr,
	};
	struct resolver *resolver = town->world.resolver;
	struct clearance *clearance;
	struct err err = {0};

	for (int i = 0; i < ROWS; i++)
		addresses[i] = rows[i].address;
	/* The review would stop a list with so many bad domains; it is told
	 * nothing of them. */
	town->world.resolver = NULL;
	town->id = sealed_campaign(town->store, &town->world, &plan);
	clearance = sealed_clearance(town->store, &town->world, town->id);
	town->world.resolver = resolver;
	assert_ok(run_start(&clearance, &town->world, town->store, NULL,
		      &town->run, &err),
	    &err);
}

static void
wait_until_tried(struct town *town)
{
	struct run_progress *now = mem_new(sizeof *now);
	int64_t open = 1;

	for (int i = 0; open && i < STEPS_MAX; i++) {
		run_wait(town->run, STEP_MS);
		run_progress(town->run, now);
		if (now->state == RUN_PAUSED)
			fail_msg("paused: %s", err_name(now->why.code));
		open = now->count[LEDGER_PLANNED] + now->count[LEDGER_CLAIMED] +
		       now->count[LEDGER_HANDED];
	}
	assert_int_equal(open, 0);
	free(now);
}

static int
check_row(struct town *town, int i)
{
	struct err err = {0};
	struct stmt *stmt = db_stmt(town->db,
	    "SELECT l.state, coalesce(l.class, ''), coalesce(c.policy, ''),"
	    " coalesce(c.tls_version, '') <> '', coalesce(l.reply, '')"
	    " FROM ledger l LEFT JOIN connection c"
	    " ON c.campaign = l.campaign AND c.id = l.connection"
	    " WHERE l.seq = ?1",
	    &err);
	struct span class, policy, reply;
	int wrong;

	assert_non_null(stmt);
	stmt_int(stmt, 1, i + 1);
	assert_int_equal(stmt_step(stmt, &err), 1);
	class = stmt_col_text(stmt, 1);
	policy = stmt_col_text(stmt, 2);
	reply = stmt_col_text(stmt, 4);
	wrong = stmt_col_int(stmt, 0) != (int64_t)rows[i].state ||
		!span_equal(class, span_of(rows[i].class)) ||
		!span_equal(policy, span_of(rows[i].policy)) ||
		stmt_col_int(stmt, 3) != rows[i].tls ||
		(rows[i].state == LEDGER_ACCEPTED &&
		    span_search(reply, SPAN("queued as")) == reply.len);
	if (wrong)
		fprintf(stderr, "%s: %s, class %.*s, policy %.*s, %.*s\n",
		    rows[i].address,
		    ledger_state_name((enum ledger_state)stmt_col_int(stmt, 0)),
		    SPAN_ARG(class), SPAN_ARG(policy), SPAN_ARG(reply));
	stmt_reset(stmt);
	return wrong;
}

/* The policy outlives the run: it is in the store. */
static void
check_policy(struct town *town)
{
	struct err err = {0};
	struct stmt *stmt = db_stmt(town->db,
	    "SELECT count(*) FROM sts_policy WHERE domain = 'policy.example'"
	    " AND id = '20261121' AND expires_ms - fetched_ms = 604800000",
	    &err);

	assert_non_null(stmt);
	assert_int_equal(stmt_step(stmt, &err), 1);
	assert_int_equal(stmt_col_int(stmt, 0), 1);
	stmt_reset(stmt);
}

static void
test_direct_to_mx(void **state)
{
	struct town *town = *state;
	int wrong = 0;

	launch(town);
	wait_until_tried(town);
	for (int i = 0; i < ROWS; i++)
		wrong += check_row(town, i);
	assert_int_equal(wrong, 0);
	assert_true(mailhost_wait(&town->tls, TO_TLS, WAIT_S));
	assert_true(mailhost_wait(&town->clear, TO_CLEAR, WAIT_S));
	/* nothing went to a host that could not prove itself */
	assert_int_equal(mailhost_count(&town->tls), TO_TLS);
	assert_int_equal(mailhost_count(&town->clear), TO_CLEAR);
	check_policy(town);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_direct_to_mx, set_up, tear_down),
	};
	const char *missing = zones_missing();

	if (!missing)
		missing = mxhost_missing();
	if (missing) {
		printf("SKIP direct_to_mx: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
