/* Who may come in: by the register, by groups, by the login record of the
 * terminal, which is a file of the test's own (utmpxname). */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <utmpx.h>

#include "core/access/access.h"
#include "core/net/network.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

/* ---- Networks --------------------------------------------------------------------- */

static void
test_network_lines(void **state)
{
	static const struct {
		const char *lines, *why;
	} cases[] = {
	    {"", NULL},
	    {"192.0.2.0/24", NULL},
	    {"192.0.2.7", NULL},
	    {" 192.0.2.0/24 \n\n2001:db8::/32\n", NULL},
	    {"0.0.0.0/0\n::/0", NULL},
	    {"192.0.2.7/24", "bits"},
	    {"2001:db8::1/64", "bits"},
	    {"192.0.2.0/33", "prefix"},
	    {"2001:db8::/129", "prefix"},
	    {"192.0.2.0/", "prefix"},
	    {"192.0.2.0/+8", "prefix"},
	    {"192.0.2.0/0008", "prefix"},
	    {"192.0.2", "address"},
	    {"example.jp", "address"},
	    {"192.0.2.0/24 198.51.100.0/24", "prefix"},
	    {"fe80::1%eth0", "address"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = {.code = E_NONE};
		int rc = networks_check(span_of(cases[i].lines), &err);

		if (rc != (cases[i].why ? -1 : 0))
			fail_msg("%s: %d", cases[i].lines, rc);
		if (!cases[i].why)
			continue;
		assert_int_equal(err.code, E_NETWORK);
		assert_string_equal(err_find(&err, "why"), cases[i].why);
	}
}

static void
test_network_many(void **state)
{
	struct buf lines = BUF_INIT;
	struct err err = {.code = E_NONE};

	(void)state;
	for (int i = 0; i < NETWORKS_MAX; i++)
		buf_text(&lines, "192.0.2.1\n");
	assert_int_equal(networks_check(buf_span(&lines), &err), 0);
	buf_text(&lines, "192.0.2.1\n");
	assert_int_equal(networks_check(buf_span(&lines), &err), -1);
	assert_string_equal(err_find(&err, "why"), "length");
	buf_done(&lines);
}

static void
test_network_holds(void **state)
{
	static const struct {
		const char *lines, *address;
		bool holds;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.0", true},
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.7", "192.0.2.7", true},
	    {"192.0.2.7", "192.0.2.6", false},
	    {"0.0.0.0/0", "203.0.113.9", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"2001:db8::/32", "2001:db8:ffff::1", true},
	    {"2001:db8::/32", "2001:db9::1", false},
	    {"192.0.2.0/24", "::ffff:192.0.2.9", true},
	    {"::ffff:192.0.2.0/120", "192.0.2.9", true},
	    {"fe80::/10", "fe80::1%eth0", true},
	    {"10.0.0.0/8\n2001:db8::/32", "2001:db8::5", true},
	    {"nonsense\n192.0.2.0/24", "192.0.2.1", true},
	    {"", "192.0.2.1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct net_address address;

		assert_true(
		    net_address_read(span_of(cases[i].address), &address));
		if (networks_hold(span_of(cases[i].lines), &address) !=
		    cases[i].holds)
			fail_msg("%s in %s", cases[i].address, cases[i].lines);
	}
}

/* ---- Login records ------------------------------------------------------------------ */

static char *dir;

static void
write_record(const char *line, const char *host, const char *address)
{
	struct utmpx record = {.ut_type = USER_PROCESS};

	snprintf(record.ut_line, sizeof record.ut_line, "%s", line);
	snprintf(record.ut_id, sizeof record.ut_id, "%.3s",
	    line + (strlen(line) > 3 ? strlen(line) - 3 : 0));
	snprintf(record.ut_host, sizeof record.ut_host, "%s", host);
	if (strchr(address, ':'))
		inet_pton(AF_INET6, address, record.ut_addr_v6);
	else
		inet_pton(AF_INET, address, record.ut_addr_v6);
	setutxent();
	assert_non_null(pututxline(&record));
	endutxent();
}

static int
records(void **state)
{
	char path[256];
	FILE *file;

	(void)state;
	dir = tempdir_new();
	snprintf(path, sizeof path, "%s/utmp", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(utmpxname(path), 0);
	write_record("pts/3", "host.example", "192.0.2.14");
	write_record("pts/4", "2001:db8::9", "");
	write_record("pts/5", "2001:db8::9", "2001:db8::7");
	write_record("pts/6", "tmux(123).%0", "");
	write_record("pts/7", "name.example", "");
	write_record("tty1", "", "");
	write_record("pts/8", "", "");
	return 0;
}

static int
records_end(void **state)
{
	(void)state;
	tempdir_remove(&dir);
	return 0;
}

/* What ssh puts into the environment says something else all the time, and is
 * not asked. */
static void
test_records(void **state)
{
	static const struct {
		const char *tty;
		enum origin_kind kind;
		const char *address;
	} cases[] = {
	    {"/dev/pts/3", ORIGIN_ADDRESS, "192.0.2.14"},
	    {"pts/3", ORIGIN_ADDRESS, "192.0.2.14"},
	    {"/dev/pts/4", ORIGIN_ADDRESS, "2001:db8::9"},
	    {"/dev/pts/5", ORIGIN_ADDRESS, "2001:db8::7"},
	    {"/dev/pts/6", ORIGIN_UNKNOWN, ""},
	    {"/dev/pts/7", ORIGIN_UNKNOWN, ""},
	    {"/dev/pts/8", ORIGIN_UNKNOWN, ""},
	    {"/dev/pts/99", ORIGIN_UNKNOWN, ""},
	    {"/dev/tty1", ORIGIN_CONSOLE, ""},
	    {"", ORIGIN_UNKNOWN, ""},
	};

	(void)state;
	setenv("SSH_CONNECTION", "203.0.113.66 1 203.0.113.1 22", 1);
	setenv("SSH_CLIENT", "203.0.113.66 1 22", 1);
	setenv("SSH_TTY", "/dev/pts/3", 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct origin origin;

		origin_of_tty(span_of(cases[i].tty), &origin);
		if (origin.kind != cases[i].kind)
			fail_msg("%s: %d", cases[i].tty, origin.kind);
		assert_string_equal(origin.address, cases[i].address);
	}
	unsetenv("SSH_CONNECTION");
	unsetenv("SSH_CLIENT");
	unsetenv("SSH_TTY");
}

static void
test_session_records(void **state)
{
	static const struct {
		const char *record;
		enum origin_kind kind;
	} cases[] = {
	    {"UID=1000\nREMOTE_HOST=192.0.2.14\nTTY=pts/3\n", ORIGIN_ADDRESS},
	    {"REMOTE_HOST=2001:db8::1\n", ORIGIN_ADDRESS},
	    {"REMOTE_HOST=192.0.2.14\nTTY=pts/9\n", ORIGIN_UNKNOWN},
	    {"REMOTE_HOST=host.example\n", ORIGIN_UNKNOWN},
	    {"SEAT=seat0\nTTY=pts/3\n", ORIGIN_CONSOLE},
	    {"TTY=pts/3\n", ORIGIN_UNKNOWN},
	    {"", ORIGIN_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct origin origin = {.tty = "pts/3"};

		origin_of_session(&origin, span_of(cases[i].record));
		if (origin.kind != cases[i].kind)
			fail_msg("%s: %d", cases[i].record, origin.kind);
	}
}

/* ---- Coming in --------------------------------------------------------------------- */

struct kit {
	struct fake_clock clock;
	struct store *store;
	struct err err;
};

static int
setup(void **state)
{
	static struct kit kit;

	kit = (struct kit){.store = NULL};
	fake_clock_init(&kit.clock);
	kit.store = tempstore_open(&kit.clock.base);
	*state = &kit;
	return 0;
}

static int
teardown(void **state)
{
	struct kit *kit = *state;

	tempstore_close(&kit->store);
	return 0;
}

static const struct origin inside = {ORIGIN_ADDRESS, "192.0.2.14", "pts/3"};
static const struct origin outside = {ORIGIN_ADDRESS, "203.0.113.5", "pts/3"};
static const struct origin console = {ORIGIN_CONSOLE, "", "tty1"};
static const struct origin nowhere = {ORIGIN_UNKNOWN, "", "pts/9"};

static enum err_code
admitted(struct kit *kit, const struct origin *origin)
{
	struct err err = {.code = E_NONE};

	return access_admit(kit->store, origin, &err) == 0 ? E_NONE : err.code;
}

static void
set(struct kit *kit, const char *name, const char *text)
{
	assert_ok(setting_write(kit->store, name, span_of(text), &kit->err),
	    &kit->err);
}

static void
test_networks_of_policy(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(admitted(kit, &outside), E_NONE);
	assert_int_equal(admitted(kit, &nowhere), E_NONE);
	set(kit, "access.networks", "192.0.2.0/24");
	assert_int_equal(admitted(kit, &inside), E_NONE);
	assert_int_equal(admitted(kit, &console), E_NONE);
	assert_int_equal(admitted(kit, &outside), E_ORIGIN_REFUSED);
	assert_int_equal(admitted(kit, &nowhere), E_ORIGIN_NONE);
	set(kit, "access.console", "off");
	assert_int_equal(admitted(kit, &console), E_ORIGIN_REFUSED);
}

/* Both lists count: a person's is no way around the policy's. */
static void
test_networks_of_a_person(void **state)
{
	struct kit *kit = *state;
	struct person tester = {
	    .login = "tester", .roles = 3, .networks = "192.0.2.14"};

	assert_ok(
	    person_save(kit->store, &tester, &inside, &kit->err), &kit->err);
	assert_int_equal(admitted(kit, &inside), E_NONE);
	assert_int_equal(admitted(kit, &outside), E_ORIGIN_REFUSED);
	set(kit, "access.networks", "203.0.113.0/24");
	assert_int_equal(admitted(kit, &inside), E_ORIGIN_REFUSED);
	assert_int_equal(admitted(kit, &outside), E_ORIGIN_REFUSED);
}

static void
test_not_oneself(void **state)
{
	struct kit *kit = *state;
	struct person tester = {
	    .login = "tester", .roles = 3, .networks = "203.0.113.0/24"};
	struct person got;
	struct db *db = NULL;

	assert_int_equal(
	    person_save(kit->store, &tester, &inside, &kit->err), -1);
	assert_int_equal(kit->err.code, E_ORIGIN_SELF);
	assert_string_equal(err_find(&kit->err, "origin"), "192.0.2.14");
	assert_int_equal(
	    person_save(kit->store, &tester, &nowhere, &kit->err), -1);
	assert_int_equal(kit->err.code, E_ORIGIN_SELF_NONE);
	assert_ok(store_reader_open(kit->store, &db, &kit->err), &kit->err);
	assert_int_equal(person_read(db, SPAN("tester"), &got, &kit->err), 1);
	assert_string_equal(got.networks, "");
	store_reader_close(&db);
	assert_ok(
	    person_save(kit->store, &tester, &outside, &kit->err), &kit->err);
	snprintf(tester.networks, sizeof tester.networks, "192.0.2.7/24");
	assert_int_equal(
	    person_save(kit->store, &tester, &inside, &kit->err), -1);
	assert_int_equal(kit->err.code, E_NETWORK);
}

static void
find_refusal(void *arg, const struct audit_entry *entry)
{
	bool *found = arg;

	*found |= span_equal(entry->what, SPAN("login.refused")) &&
		  span_equal(entry->object, SPAN("tester"));
}

/* No row and no group: unknown; disabled whatever roles; both are logged. */
static void
test_register(void **state)
{
	struct kit *kit = *state;
	struct person jiro = {.login = "jiro", .roles = PERSON_ADMINISTRATOR};
	struct person tester = {
	    .login = "tester", .roles = 31, .disabled = true};
	struct db *db = NULL;
	bool found = false;

	assert_ok(person_save(kit->store, &jiro, NULL, &kit->err), &kit->err);
	assert_ok(person_save(kit->store, &tester, NULL, &kit->err), &kit->err);
	assert_int_equal(admitted(kit, &inside), E_PERSON_DISABLED);
	tempstore_forget_user(kit->store);
	assert_int_equal(admitted(kit, &inside), E_PERSON_UNKNOWN);
	assert_ok(store_reader_open(kit->store, &db, &kit->err), &kit->err);
	assert_true(audit_read(db, 0, 20, find_refusal, &found, &kit->err) > 0);
	assert_true(found);
	store_reader_close(&db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_network_lines),
	    cmocka_unit_test(test_network_many),
	    cmocka_unit_test(test_network_holds),
	    cmocka_unit_test_setup_teardown(test_records, records, records_end),
	    cmocka_unit_test(test_session_records),
	    cmocka_unit_test_setup_teardown(
		test_networks_of_policy, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_networks_of_a_person, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_not_oneself, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_register, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
