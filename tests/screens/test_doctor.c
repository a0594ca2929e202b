/* Domain health on a real store whose DNS is a table. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/compose/compose.h"
#include "core/health/health.h"
#include "tests/fake/golden.h"
#include "tests/fake/resolver.h"
#include "tests/fake/tempstore.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"
#include "tui/session.h"
#include "tui/verbs.h"

static struct golden golden;
static struct session session;
static struct options options;
static struct fake_resolver *fake;

/* The DKIM record is random, so what is compared has none. */
static const struct fake_record faulty[] = {
    {.name = "example.jp",
	.type = DNS_TXT,
	.data = "v=spf1 include:r.test ~all"},
    {.name = "r.test", .type = DNS_TXT, .data = "v=spf1 ip4:203.0.113.1 -all"},
    {.name = "example.jp", .type = DNS_MX, .data = "10 mail.example.jp"},
    {.name = "mail.example.jp", .type = DNS_A, .data = "192.0.2.25"},
    {.name = "_dmarc.example.jp", .type = DNS_TXT, .data = "v=DMARC1; p=none"},
    {.name = "2.0.0.127.bl.test", .type = DNS_A, .data = "127.0.0.2"},
    {.name = "1.0.0.127.bl.test", .type = DNS_A, .data = "127.0.0.2"},
    {NULL},
};

static const struct fake_record right[] = {
    {.name = "example.jp",
	.type = DNS_TXT,
	.data = "v=spf1 ip4:192.0.2.25 -all"},
    {.name = "example.jp", .type = DNS_MX, .data = "10 mail.example.jp"},
    {.name = "mail.example.jp", .type = DNS_A, .data = "192.0.2.25"},
    {.name = "25.2.0.192.in-addr.arpa",
	.type = DNS_PTR,
	.data = "mail.example.jp"},
    {.name = "_dmarc.example.jp",
	.type = DNS_TXT,
	.data = "v=DMARC1; p=reject; rua=mailto:d@example.jp"},
    {.name = "2.0.0.127.bl.test", .type = DNS_A, .data = "127.0.0.2"},
    {NULL},
};

static void
set(const char *name, const char *value)
{
	struct err err = {0};

	assert_ok(
	    setting_write(session.store, name, span_of(value), &err), &err);
}

static int
start(void **state)
{
	(void)state;
	golden = (struct golden){.params = {
				     .hooks = &session_hooks,
				     .session = &session,
				 }};
	fake = fake_resolver_new(faulty);
	golden.world.resolver = fake_resolver_port(fake);
	golden_start(&golden);
	session = (struct session){
	    .world = &golden.world,
	    .options = &options,
	    .user = strdup("tester"),
	    .store = tempstore_open(&golden.clock.base),
	};
	app_set_store(golden.app, session.store);
	set("sender.address", "news@example.jp");
	set("ehlo.name", "mail.example.jp");
	set("egress.addresses", "192.0.2.25");
	set("blocklist.addresses", "bl.test");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	golden_end(&golden);
	tempstore_close(&session.store);
	free(session.user);
	fake_resolver_free(&fake);
	return 0;
}

static bool
shows(const char *text)
{
	return golden_shows(&golden, text);
}

static void
says_what_is_wrong(void **state)
{
	(void)state;
	doctor_open(golden.app);
	golden_check(&golden, "doctor-empty");
	golden_keys(&golden, "r");
	golden_check(&golden, "doctor");
	golden_keys(&golden, "Enter");
	golden_check(&golden, "doctor-finding");
	golden_keys(&golden, "q o");
	golden_check(&golden, "doctor-record");
	golden_keys(&golden, "q Tab");
	golden_check(&golden, "doctor-history");
	golden_keys(&golden, "Tab s");
	golden_check(&golden, "setup-doctor");
}

static void
refuses_what_makes_no_sense(void **state)
{
	(void)state;
	doctor_open(golden.app);
	golden_keys(&golden, "o");
	assert_true(shows("Nothing is to be published for this line."));
	golden_keys(&golden, "w");
	assert_true(shows("Nothing is to be published."));
	golden_keys(&golden, "Enter");
	assert_true(shows("There is nothing selected."));
}

static void
writes_records(void **state)
{
	char *dir = tempdir_new();
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct err err = {0};

	(void)state;
	buf_printf(&path, "%s/records.zone", dir);
	doctor_open(golden.app);
	golden_keys(&golden, "r w");
	golden_type(&golden, "here");
	golden_keys(&golden, "Enter");
	assert_true(shows("it begins with /"));
	golden_keys(&golden, "^U");
	golden_type(&golden, path.ptr);
	golden_keys(&golden, "Enter");
	assert_ok(file_read(path.ptr, 100000, &text, &err), &err);
	assert_true(span_search(buf_span(&text),
			SPAN("25.2.0.192.in-addr.arpa. IN PTR "
			     "mail.example.jp.\n")) < text.len);
	assert_true(
	    span_search(buf_span(&text),
		SPAN("example.jp. IN TXT (\n    \"v=spf1 ip4:192.0.2.25 "
		     "include:r.test ~all\" )\n")) < text.len);
	buf_done(&path);
	buf_done(&text);
	tempdir_remove(&dir);
}

/* What is put right turns once, home says so, and looking ends it. */
static void
tells_when_it_turns(void **state)
{
	struct err err = {0};

	(void)state;
	doctor_open(golden.app);
	golden_keys(&golden, "r q");
	home_open(golden.app);
	assert_true(shows("Domain health: "));
	assert_false(shows("in order again"));
	fake_resolver_use(fake, right);
	doctor_open(golden.app);
	fake_clock_move(&golden.clock, 3600000);
	golden_keys(&golden, "r Tab");
	assert_true(shows("SPF passes"));
	/* the page was open: the news are seen */
	home_open(golden.app);
	assert_false(shows("in order again"));
	fake_resolver_use(fake, faulty);
	assert_ok(doctor_watch_start(
		      session.store, &golden.world, &session.doctor, &err),
	    &err);
	/* six hours have not passed */
	fake_clock_move(&golden.clock, 3600000);
	doctor_watch_poke(session.doctor);
	assert_int_equal(doctor_watch_count(session.doctor), 0);
	fake_clock_move(&golden.clock, 6 * 3600000);
	doctor_watch_poke(session.doctor);
	for (int i = 0; i < 1000 && !doctor_watch_count(session.doctor); i++)
		usleep(10000);
	assert_int_equal(doctor_watch_count(session.doctor), 1);
	doctor_watch_stop(&session.doctor);
	home_open(golden.app);
	assert_true(shows("turned for the worse"));
	golden_check(&golden, "home-doctor");
	fake_resolver_use(fake, right);
	golden_keys(&golden, ":");
	golden_type(&golden, "domain health");
	golden_keys(&golden, "Enter");
	assert_string_equal(app_top(golden.app)->ops->name, "doctor");
	home_open(golden.app);
	assert_false(shows("turned for the worse"));
}

static void
nobody_to_examine(void **state)
{
	(void)state;
	set("sender.address", "");
	doctor_open(golden.app);
	golden_keys(&golden, "r");
	assert_true(shows("There is no sender yet"));
}

static void
keeps_settings(void **state)
{
	struct buf value = BUF_INIT;
	struct err err = {0};
	struct db *db = NULL;

	(void)state;
	setup_doctor_open(golden.app);
	golden_keys(&golden, "^U");
	golden_type(&golden, "192.0.2.1  2001:db8::1");
	golden_keys(&golden, "^S");
	assert_true(shows("Saved."));
	assert_ok(store_reader_open(session.store, &db, &err), &err);
	assert_ok(setting_read(db, "egress.addresses", &value, &err), &err);
	assert_span_equal(buf_span(&value), "192.0.2.1\n2001:db8::1");
	store_reader_close(&db);
	buf_done(&value);
	golden_type(&golden, " 192.0.2.300");
	golden_keys(&golden, "^S");
	assert_true(shows("IP addresses are wanted here."));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, start, end)
	const struct CMUnitTest tests[] = {
	    T(says_what_is_wrong),
	    T(refuses_what_makes_no_sense),
	    T(writes_records),
	    T(tells_when_it_turns),
	    T(nobody_to_examine),
	    T(keeps_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
