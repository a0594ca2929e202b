/* Sending a test mail: what is kept of a good one, and of each way in which it
 * can fail. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/deliver/deliver.h"
#include "tests/fake/arrived.h"
#include "tests/fake/relay.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"

static const struct stage_params few = {
    .recipients = 3, .class = CLASS_AD, .manners = PRACTICE_LIFELIKE};

static const char *const staff[] = {"first@example.jp", "unknown-2@example.jp",
    "third@example.jp", "full-4@example.jp", "fifth@example.jp"};

/* ---- Helpers ---------------------------------------------------------------- */

static struct test_clearance *
grant(struct stage *stage, size_t count)
{
	struct test_order order = {
	    .campaign = stage->campaign, .count = count, .number = 2};
	struct test_clearance *clearance = NULL;
	struct staff *all = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t have;

	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(staff_all(db, &all, &have, &err), &err);
	store_reader_close(&db);
	for (size_t i = have; i < count; i++)
		assert_ok(staff_add(stage->store, span_of(staff[i]),
			      SPAN("Staff"), &err),
		    &err);
	for (size_t i = 0; i < count; i++)
		order.staff[i] = have ? all[i].id : (int64_t)i + 1;
	free(all);
	assert_ok(
	    test_grant(stage->store, &stage->world, &order, &clearance, &err),
	    &err);
	return clearance;
}

static enum err_code
send_test(struct stage *stage, size_t count, int cancel_fd)
{
	struct test_clearance *clearance = grant(stage, count);
	struct err err = {0};
	int rc =
	    test_send(&clearance, &stage->world, stage->store, cancel_fd, &err);

	assert_null(clearance);
	assert_int_equal(rc, err.code == E_NONE ? 0 : -1);
	return err.code;
}

/* The copies of the newest test; the caller frees. */
static struct test_record *
records(struct stage *stage, size_t wanted)
{
	struct test_record *all = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count = 0;

	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(
	    test_records(db, stage->campaign, NULL, wanted, &all, &count, &err),
	    &err);
	store_reader_close(&db);
	assert_int_equal(count, wanted);
	return all;
}

/* ---- A good relay ------------------------------------------------------------ */

static void
every_copy_is_written_down(void **state)
{
	static const enum test_state wanted[] = {TEST_ACCEPTED, TEST_REFUSED,
	    TEST_ACCEPTED, TEST_REFUSED, TEST_ACCEPTED};
	struct stage stage;
	struct test_record *record;

	(void)state;
	stage_open(&stage, &few);
	assert_int_equal(send_test(&stage, 5, -1), E_NONE);
	record = records(&stage, 5);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(record[i].state, wanted[i]);
		assert_string_equal(record[i].address, staff[i]);
		assert_int_equal(record[i].tls, TLS_STATE_VERIFIED);
		assert_string_equal(record[i].tls_version, "TLSv1.3");
		assert_string_equal(record[i].policy, "verify");
		assert_string_equal(record[i].relay, "practice");
		assert_non_null(strstr(record[i].peer, "127.0.0.1:"));
		assert_int_equal(record[i].number, 2);
	}
	assert_int_equal(record[0].code, 250);
	assert_int_equal(record[1].code, 550);
	assert_string_equal(record[1].enhanced, "5.1.1");
	assert_string_equal(record[1].class, "net.smtp_reply");
	assert_int_equal(record[3].code, 452);
	free(record);
	assert_int_equal(stage_number(&stage, "SELECT count(*) FROM audit"
					      " WHERE what = 'test.sent'"),
	    5);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM ledger"), 0);
	stage_close(&stage);
}

static void
the_mail_is_a_marked_one(void **state)
{
	struct stage stage;
	struct buf folder = BUF_INIT, kept = BUF_INIT;
	const struct arrived_mail *mail;
	struct arrived arrived;
	char codes[ARRIVED_CODES_ROOM];

	(void)state;
	stage_open(&stage, &few);
	assert_false(practice_test_mail(stage.practice, 0, &kept));
	assert_int_equal(send_test(&stage, 1, -1), E_NONE);
	buf_printf(&folder, "%s/new", practice_maildir(stage.practice));
	arrived_read(&arrived, folder.ptr);
	assert_int_equal(arrived.count, 1);
	mail = arrived_test(&arrived, staff[0]);
	assert_non_null(mail);
	assert_span_equal(mail->subject, "【テスト】山田 太郎2様 秋のご案内");
	assert_true(arrived_codes(mail, codes));
	assert_memory_not_equal(codes, codes + 7, 6);
	assert_true(
	    span_search(mail->plain, span_of(codes + 7)) == mail->plain.len);
	assert_true(span_search(mail->plain, SPAN("会員番号は00002")) <
		    mail->plain.len);
	/* the practice relay keeps it for who has no mailbox */
	assert_true(practice_test_mail(stage.practice, 0, &kept));
	assert_true(
	    span_search(buf_span(&kept), SPAN("X-Sekisho-Test")) < kept.len);
	assert_false(practice_test_mail(stage.practice, 1, &kept));
	arrived_done(&arrived);
	buf_done(&kept);
	buf_done(&folder);
	stage_close(&stage);
}

static void
nothing_goes_without_a_clearance(void **state)
{
	struct stage stage;
	struct test_clearance *none = NULL;
	const struct test_letter *letter;
	struct err err = {0};
	size_t count;

	(void)state;
	stage_open(&stage, &few);
	assert_int_equal(
	    test_send(&none, &stage.world, stage.store, -1, &err), -1);
	assert_int_equal(err.code, E_TEST_CLEARANCE);
	none = grant(&stage, 1);
	assert_ok(test_clearance_use(none, &letter, &count, &err), &err);
	assert_int_equal(
	    test_send(&none, &stage.world, stage.store, -1, &err), -1);
	assert_int_equal(err.code, E_TEST_CLEARANCE);
	assert_null(none);
	assert_int_equal(practice_count(stage.practice).accepted, 0);
	stage_close(&stage);
}

/* ---- Bad ones ---------------------------------------------------------------- */

struct bad {
	const char *name;
	const struct fake_step *script;
	enum relay_tls tls;
	enum { CA_OWN, CA_OTHER } ca;
	enum test_state state;
	enum err_code code;
};

#define STEPS(name) static const struct fake_step name[] =

STEPS(no_starttls){{FAKE_SAY, "220 hi", 0}, {FAKE_HEAR, "EHLO", 0},
    {FAKE_SAY, "250 relay.example", 0}, {FAKE_HANG, NULL, 0},
    {FAKE_END, NULL, 0}};
STEPS(good){
    {FAKE_SAY, "220 relay", 0}, {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
STEPS(lost){{FAKE_SAY, "220 relay", 0}, {FAKE_SERVE_DOT, NULL, 0},
    {FAKE_DROP, NULL, 0}, {FAKE_END, NULL, 0}};
STEPS(busy){{FAKE_SAY, "421 4.3.2 later", 0}, {FAKE_END, NULL, 0}};
STEPS(refuses){{FAKE_SAY, "220 hi", 0}, {FAKE_HEAR, "EHLO", 0},
    {FAKE_SAY, "250 relay.example", 0}, {FAKE_HEAR, "MAIL", 0},
    {FAKE_SAY, "553 5.7.1 not your address", 0}, {FAKE_HEAR, "", 0},
    {FAKE_SAY, "221 bye", 0}, {FAKE_END, NULL, 0}};

static const struct bad bads[] = {
    {"no starttls", no_starttls, RELAY_TLS_VERIFY, CA_OWN, TEST_UNSENT,
	E_TLS_MISSING},
    {"not verified", good, RELAY_TLS_VERIFY, CA_OTHER, TEST_UNSENT,
	E_TLS_VERIFY},
    {"lost after the dot", lost, RELAY_TLS_NONE, CA_OWN, TEST_IN_DOUBT,
	E_NET_CLOSED},
    {"busy", busy, RELAY_TLS_NONE, CA_OWN, TEST_UNSENT, E_SMTP_REPLY},
    {"refuses the sender", refuses, RELAY_TLS_NONE, CA_OWN, TEST_REFUSED,
	E_NONE},
};

static void
bad_relays_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
		const struct bad *bad = &bads[i];
		const struct fake_step *const scripts[] = {bad->script};
		struct fake_plan plan = {scripts, 1, &fake_good_cert};
		struct fake_relay *relay = fake_relay_start(&plan);
		struct test_record *record;
		struct stage stage;
		enum err_code code;

		stage_open(&stage, &few);
		stage_relay_port(&stage, fake_relay_port(relay), bad->tls,
		    bad->tls == RELAY_TLS_NONE ? NULL
		    : bad->ca == CA_OWN        ? fake_relay_ca_file(relay)
					: practice_ca_file(stage.practice));
		code = send_test(&stage, 1, -1);
		if (code != bad->code && bad->state != TEST_IN_DOUBT)
			fail_msg("%s: %s", bad->name, err_name(code));
		record = records(&stage, 1);
		if (record->state != bad->state)
			fail_msg("%s: state %d", bad->name, record->state);
		if (code != E_NONE)
			assert_string_equal(record->class, err_name(code));
		free(record);
		stage_close(&stage);
		fake_relay_stop(&relay);
	}
}

static void
nobody_listens(void **state)
{
	static const struct fake_step *const scripts[] = {good};
	struct fake_plan plan = {scripts, 1, NULL};
	struct fake_relay *relay = fake_relay_start(&plan);
	unsigned short port = fake_relay_port(relay);
	struct test_record *record;
	struct stage stage;

	(void)state;
	fake_relay_stop(&relay);
	stage_open(&stage, &few);
	stage_relay_port(&stage, port, RELAY_TLS_NONE, NULL);
	assert_int_equal(send_test(&stage, 2, -1), E_NET_CONNECT);
	record = records(&stage, 2);
	assert_int_equal(record[0].state, TEST_UNSENT);
	assert_int_equal(record[1].state, TEST_UNSENT);
	assert_string_equal(record[1].class, "net.connect");
	free(record);
	stage_close(&stage);
}

static void
there_is_no_relay(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, &few);
	stage_sql(&stage, "DELETE FROM relay");
	assert_int_equal(send_test(&stage, 1, -1), E_RELAY_MISSING);
	stage_close(&stage);
}

/* The first that is down is passed over; one that stands by comes last. */
static void
the_next_relay_is_tried(void **state)
{
	struct relay_config broken = {.name = "broken",
	    .host = "127.0.0.1",
	    .port = 1,
	    .tls = RELAY_TLS_NONE,
	    .share = 1,
	    .sessions = 1,
	    .per_session = 10,
	    .enabled = true};
	struct test_record *record;
	struct stage stage;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	/* the good one only stands by */
	stage_sql(&stage, "UPDATE relay SET share = 0");
	assert_ok(relay_save(stage.store, &broken, &err), &err);
	assert_int_equal(send_test(&stage, 1, -1), E_NONE);
	record = records(&stage, 1);
	assert_string_equal(record->relay, "practice");
	assert_int_equal(record->state, TEST_ACCEPTED);
	free(record);
	stage_close(&stage);
}

static void
it_can_be_stopped(void **state)
{
	static const struct fake_step hang[] = {
	    {FAKE_HANG, NULL, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {hang};
	struct fake_plan plan = {scripts, 1, NULL};
	struct fake_relay *relay = fake_relay_start(&plan);
	int fd = eventfd(1, EFD_CLOEXEC);
	struct test_record *record;
	struct stage stage;

	(void)state;
	stage_open(&stage, &few);
	stage_relay_port(&stage, fake_relay_port(relay), RELAY_TLS_NONE, NULL);
	assert_int_equal(send_test(&stage, 1, fd), E_CANCELLED);
	record = records(&stage, 1);
	assert_int_equal(record->state, TEST_UNSENT);
	free(record);
	close(fd);
	stage_close(&stage);
	fake_relay_stop(&relay);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_copy_is_written_down),
	    cmocka_unit_test(the_mail_is_a_marked_one),
	    cmocka_unit_test(nothing_goes_without_a_clearance),
	    cmocka_unit_test(bad_relays_are_told),
	    cmocka_unit_test(nobody_listens),
	    cmocka_unit_test(there_is_no_relay),
	    cmocka_unit_test(the_next_relay_is_tried),
	    cmocka_unit_test(it_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
