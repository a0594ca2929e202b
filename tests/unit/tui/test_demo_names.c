/* The demo's part of DNS: the sender is in order for the doctor, and what the
 * demo does not know does not exist for it, on the Internet or not. */
#include <stdio.h>
#include <stdlib.h>

#include "core/compose/compose.h"
#include "core/health/doctor.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"
#include "tui/demo/demo.h"

static struct store *store;
static struct resolver *resolver;
static char *dir;

static const char *const settings[][2] = {
    {"sender.address", "news@example.co.jp"},
    {"sender.reply_to", "desk@example.co.jp"},
    {"ehlo.name", "mail.example.co.jp"},
    {"egress.addresses", "192.0.2.10"},
};

static int
begin(void **state)
{
	struct buf path = BUF_INIT;
	struct err err = {0};

	(void)state;
	store = tempstore_open_demo(clock_real());
	dir = tempdir_new();
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		assert_ok(setting_write(store, settings[i][0],
			      span_of(settings[i][1]), &err),
		    &err);
	assert_ok(
	    dkim_create(store, SPAN("example.co.jp"), SPAN("s2026"), &err),
	    &err);
	buf_printf(&path, "%s/names.conf", dir);
	assert_ok(demo_names_write(store, path.ptr, &err), &err);
	resolver = demo_names_open(path.ptr);
	buf_done(&path);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	resolver_free(&resolver);
	tempstore_close(&store);
	tempdir_remove(&dir);
	return 0;
}

static const struct {
	const char *name;
	enum dns_type type;
	enum dns_status status;
} rows[] = {
    {"example.co.jp", DNS_MX, DNS_FOUND},
    {"example.co.jp", DNS_TXT, DNS_FOUND},
    {"example.co.jp", DNS_AAAA, DNS_NODATA},
    {"s2026._domainkey.example.co.jp", DNS_TXT, DNS_FOUND},
    {"10.2.0.192.in-addr.arpa", DNS_PTR, DNS_FOUND},
    {"11.2.0.192.in-addr.arpa", DNS_PTR, DNS_NXDOMAIN},
    {"example.org", DNS_MX, DNS_FOUND},
    /* these exist elsewhere; whoever asked there would know, or be told that
     * there is no answer */
    {"example.edu", DNS_A, DNS_NXDOMAIN},
    {"iana.org", DNS_A, DNS_NXDOMAIN},
    {"jp", DNS_AAAA, DNS_NODATA},
    {"example.jp", DNS_MX, DNS_FOUND},
    {"edu", DNS_AAAA, DNS_NXDOMAIN},
};

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dns_question what = {rows[i].name, rows[i].type, NULL};
		struct dns_answer got;
		struct err err = {0};

		assert_ok(resolver->ask(resolver, &what, &got, &err), &err);
		if (got.status != rows[i].status)
			fail_msg("%s %d: %s", rows[i].name, rows[i].type,
			    dns_status_name(got.status));
		dns_answer_done(&got);
	}
}

/* What the doctor finds, but for what it only notes. */
static void
test_sender_is_in_order(void **state)
{
	struct world world = {.clock = clock_real(), .resolver = resolver};
	struct doctor_how how = {.world = &world,
	    .parts = DOCTOR_PART_AUTH | DOCTOR_PART_MAIL | DOCTOR_PART_HOSTS};
	struct house_sender sender = {{0}, {0}};
	struct doctor_report report;
	struct house house;
	struct err err = {0};
	struct db *db = NULL;
	int wrong = 0;

	(void)state;
	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_ok(house_read(db, &sender, &house, &err), &err);
	assert_ok(doctor_examine(&how, &house, &report, &err), &err);
	for (size_t i = 0; i < report.count; i++) {
		const struct doctor_finding *one = &report.finding[i];

		if (one->sign < DOCTOR_UNKNOWN || one->topic == DOCTOR_RECEIVER)
			continue;
		printf("%s %s %.*s\n%.*s\n", doctor_topic_name(one->topic),
		    doctor_code_name(one->code), SPAN_ARG(one->subject),
		    SPAN_ARG(one->facts));
		wrong++;
	}
	assert_true(report.count > 5);
	assert_int_equal(wrong, 0);
	doctor_report_done(&report);
	house_done(&house);
	store_reader_close(&db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_sender_is_in_order),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
