/* Which domains of recipients take mail: what DNS says, what is kept of it, and
 * for how long. */
#include "core/health/health.h"

#include "tests/fake/clock.h"
#include "tests/fake/resolver.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

static const struct fake_record table[] = {
    {"mx.test", DNS_MX, DNS_FOUND, "10 mail.mx.test", 0},
    {"address.test", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {"six.test", DNS_AAAA, DNS_FOUND, "2001:db8::1", 0},
    {"text.test", DNS_TXT, DNS_FOUND, "nothing else", 0},
    {"null.test", DNS_MX, DNS_FOUND, "0 .", 0},
    {"null.test", DNS_A, DNS_FOUND, "192.0.2.2", 0},
    {"slow.test", DNS_MX, DNS_SERVFAIL, NULL, 0},
    {"forged.test", DNS_MX, DNS_BOGUS, NULL, 0},
    {"half.test", DNS_A, DNS_SERVFAIL, NULL, 0},
    {NULL},
};

static const struct {
	const char *name;
	int recipients;
	enum census_state state;
} rows[] = {
    {"mx.test", 500, CENSUS_TAKES},
    {"address.test", 40, CENSUS_TAKES},
    {"six.test", 30, CENSUS_TAKES},
    {"text.test", 5, CENSUS_NOTHING},
    {"null.test", 4, CENSUS_NULL},
    {"missing.test", 3, CENSUS_NXDOMAIN},
    {"slow.test", 2, CENSUS_UNKNOWN},
    {"forged.test", 2, CENSUS_UNKNOWN},
    {"half.test", 1, CENSUS_UNKNOWN},
    {"no..host", 1, CENSUS_NXDOMAIN},
};
enum { ROWS = sizeof rows / sizeof *rows };

struct town {
	struct fake_clock clock;
	struct world world;
	struct fake_resolver *fake;
	struct store *store;
	struct census_domain domain[ROWS];
	struct census census;
	struct census_how how;
};

static void
town_open(struct town *town)
{
	*town = (struct town){.fake = fake_resolver_new(table)};
	fake_clock_init(&town->clock);
	town->world.clock = &town->clock.base;
	town->world.resolver = fake_resolver_port(town->fake);
	town->store = tempstore_open(&town->clock.base);
	town->how.store = town->store;
	town->how.world = &town->world;
}

/* In another order than they come out. */
static int
town_take(struct town *town, struct err *err)
{
	town->census = (struct census){.count = ROWS, .domain = town->domain};
	for (int i = 0; i < ROWS; i++) {
		town->domain[i] = (struct census_domain){
		    .name = span_of(rows[ROWS - 1 - i].name),
		    .recipients = rows[ROWS - 1 - i].recipients,
		};
	}
	return census_take(&town->how, &town->census, err);
}

static void
town_close(struct town *town)
{
	tempstore_close(&town->store);
	fake_resolver_free(&town->fake);
}

static enum census_state
state_of(const struct town *town, const char *name)
{
	for (int i = 0; i < ROWS; i++) {
		if (span_equal(town->domain[i].name, span_of(name)))
			return town->domain[i].state;
	}
	return CENSUS_STATES;
}

static void
test_states(void **state)
{
	struct town town;
	struct err err = {0};
	_Atomic int64_t done = 0, total = 0;

	(void)state;
	town_open(&town);
	town.how.done = &done;
	town.how.total = &total;
	assert_ok(town_take(&town, &err), &err);
	for (int i = 0; i < ROWS; i++)
		assert_int_equal(state_of(&town, rows[i].name), rows[i].state);
	assert_int_equal(town.census.recipients[CENSUS_TAKES], 570);
	assert_int_equal(town.census.domains[CENSUS_TAKES], 3);
	assert_int_equal(town.census.recipients[CENSUS_NXDOMAIN], 4);
	assert_int_equal(town.census.domains[CENSUS_UNKNOWN], 3);
	assert_span_equal(town.domain[0].name, "mx.test");
	assert_span_equal(town.domain[1].name, "address.test");
	assert_int_equal(atomic_load(&done), ROWS);
	assert_int_equal(atomic_load(&total), ROWS);
	town_close(&town);
}

static void
test_kept(void **state)
{
	struct town town;
	struct err err = {0};
	int before;

	(void)state;
	town_open(&town);
	assert_ok(town_take(&town, &err), &err);
	before = fake_resolver_asked(town.fake, "mx.test");
	assert_int_equal(before, 1);
	/* no answer is asked for again at once, the others are known */
	assert_ok(town_take(&town, &err), &err);
	assert_int_equal(town.census.asked, 3);
	assert_int_equal(fake_resolver_asked(town.fake, "mx.test"), 1);
	assert_int_equal(fake_resolver_asked(town.fake, "missing.test"), 1);
	assert_int_equal(fake_resolver_asked(town.fake, "slow.test"), 2);
	assert_int_equal(state_of(&town, "missing.test"), CENSUS_NXDOMAIN);
	/* a bad answer is believed for an hour, a good one for a day */
	fake_clock_move(&town.clock, CENSUS_BAD_MS);
	assert_ok(town_take(&town, &err), &err);
	assert_int_equal(fake_resolver_asked(town.fake, "missing.test"), 2);
	assert_int_equal(fake_resolver_asked(town.fake, "mx.test"), 1);
	fake_clock_move(&town.clock, CENSUS_GOOD_MS);
	assert_ok(town_take(&town, &err), &err);
	assert_int_equal(fake_resolver_asked(town.fake, "mx.test"), 2);
	/* an answer out of the future is none */
	fake_clock_move(&town.clock, -CENSUS_GOOD_MS);
	assert_ok(town_take(&town, &err), &err);
	assert_int_equal(fake_resolver_asked(town.fake, "mx.test"), 3);
	town_close(&town);
}

/* Without a resolver only what is kept is known. */
static void
test_no_resolver(void **state)
{
	struct town town;
	struct err err = {0};

	(void)state;
	town_open(&town);
	town.world.resolver = NULL;
	assert_ok(town_take(&town, &err), &err);
	assert_int_equal(town.census.domains[CENSUS_UNKNOWN], ROWS);
	town.world.resolver = fake_resolver_port(town.fake);
	assert_ok(town_take(&town, &err), &err);
	town.world.resolver = NULL;
	assert_ok(town_take(&town, &err), &err);
	assert_int_equal(town.census.domains[CENSUS_UNKNOWN], 3);
	assert_int_equal(town.census.domains[CENSUS_TAKES], 3);
	town_close(&town);
}

static void
test_cancel(void **state)
{
	struct town town;
	struct err err = {0};
	atomic_bool cancel = true;

	(void)state;
	town_open(&town);
	town.how.cancel = &cancel;
	assert_int_equal(town_take(&town, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
	assert_int_equal(fake_resolver_asked(town.fake, NULL), 0);
	town_close(&town);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_states),
	    cmocka_unit_test(test_kept),
	    cmocka_unit_test(test_no_resolver),
	    cmocka_unit_test(test_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
