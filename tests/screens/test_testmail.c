/* Test mail: registering staff, marking, sending, and what is shown of it. */
#include <stdio.h>

#include "tests/fake/show.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"

static const struct stage_params some = {
    .recipients = 12, .class = CLASS_AD, .manners = PRACTICE_LIFELIKE};

static void
add_staff(struct show *show, const char *address, const char *name)
{
	struct err err = {0};

	assert_ok(
	    staff_add(show->stage.store, span_of(address), span_of(name), &err),
	    &err);
}

static void
open_testmail(struct show *show)
{
	testmail_open(show->golden.app, show->stage.campaign, 3);
	golden_settle(&show->golden);
}

static void
nobody_is_registered_at_first(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &some);
	open_testmail(&show);
	golden_check(&show.golden, "testmail-nobody");
	golden_keys(&show.golden, "^N");
	assert_true(show_sees(&show, "Nobody is registered to get test mail"));
	golden_keys(&show.golden, "s");
	assert_string_equal(show_top(&show), "setup-staff");
	golden_keys(&show.golden, "n");
	golden_type(&show.golden, "desk");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "it needs exactly one @"));
	golden_type(&show.golden, "@example.jp");
	golden_keys(&show.golden, "Enter");
	golden_type(&show.golden, "受付");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "The address is registered"));
	golden_keys(&show.golden, "Esc");
	assert_string_equal(show_top(&show), "testmail");
	assert_true(show_sees(&show, "desk@example.jp"));
	golden_keys(&show.golden, "^N");
	assert_true(show_sees(&show, "Mark with Space who gets it."));
	show_end(&show);
}

static void
at_most_five_are_marked(void **state)
{
	char address[40];
	struct show show;

	(void)state;
	show_start(&show, &some);
	for (int i = 1; i <= 6; i++) {
		snprintf(address, sizeof address, "desk%d@example.jp", i);
		add_staff(&show, address, "");
	}
	open_testmail(&show);
	for (int i = 1; i <= 6; i++)
		golden_keys(&show.golden, "Space"); /* and goes on */
	golden_keys(&show.golden, "^N");
	assert_true(show_sees(&show, "At most five can get a test"));
	assert_int_equal(
	    stage_number(&show.stage, "SELECT count(*) FROM test_mail"), 0);
	show_end(&show);
}

static void
the_record_is_shown(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &some);
	add_staff(&show, "desk@example.jp", "受付");
	add_staff(&show, "unknown-two@example.jp", "Two");
	open_testmail(&show);
	golden_keys(&show.golden, "Space Space ^N");
	assert_true(show_sees(&show, "1 of 2 were taken"));
	assert_true(show_sees(&show, "550 5.1.1 No such user here"));
	assert_true(show_sees(&show, "as recipient 3, by tester"));
	assert_true(show_sees(&show, "TLSv1.3"));
	assert_true(show_sees(&show, "(as it is now)"));
	/* no code anywhere */
	assert_int_equal(
	    stage_number(&show.stage,
		"SELECT count(*) FROM test_send WHERE state IN (1, 2)"),
	    2);
	golden_keys(&show.golden, "/");
	golden_type(&show.golden, "13");
	golden_keys(&show.golden, "Enter ^N");
	assert_true(show_sees(&show, "no recipient number 13"));
	show_end(&show);
}

static bool
japanese_mail(struct practice *relay, size_t back, struct buf *out)
{
	(void)relay;
	(void)back;
	buf_text(out, "From: news@example.jp\r\n"
		      "MIME-Version: 1.0\r\n"
		      "Content-Type: multipart/alternative; boundary=b\r\n"
		      "\r\n"
		      "--b\r\n"
		      "Content-Type: text/plain; charset=ISO-2022-JP\r\n"
		      "\r\n"
		      "\033$B%F%9%H\033(B PLA1N2\r\n"
		      "--b\r\n"
		      "Content-Type: text/html; charset=ISO-2022-JP\r\n"
		      "\r\n"
		      "<p>\033$B%3!<%I!'\033(BHTM3L4</p>\r\n"
		      "--b--\r\n");
	return true;
}

/* Octets of the charset hold < and &: read as HTML they would eat the code. */
static void
a_mail_in_iso_2022_jp_can_be_read(void **state)
{
	static const struct demo_hints demo = {.test_mail = japanese_mail};
	struct show show;

	(void)state;
	show_start(&show, &some);
	app_session(show.golden.app)->demo = &demo;
	open_testmail(&show);
	golden_keys(&show.golden, "v");
	assert_string_equal(show_top(&show), "testmail-show");
	assert_true(show_sees(&show, "テスト PLA1N2"));
	assert_true(show_sees(&show, "コード：HTM3L4"));
	app_session(show.golden.app)->demo = NULL;
	show_end(&show);
}

/* Every state that a copy can have, with what is known of it. */
static void
every_state_has_its_words(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &some);
	add_staff(&show, "desk@example.jp", "受付");
	stage_sql(&show.stage,
	    "INSERT INTO test_mail(id, campaign, at_ms, by, recipient, content,"
	    " nonce) VALUES(1, 1, 1763651000000, 'hanako', 3, zeroblob(32),"
	    " zeroblob(16))");
	stage_sql(&show.stage,
	    "INSERT INTO test_send(test, item, address, name, message_id, "
	    "state,"
	    " at_ms, code, class, reply, relay, host, peer, tls, tls_version,"
	    " tls_cipher) VALUES"
	    "(1, 1, 'a@example.jp', '', '', 0, 0, 0, '', '', '', '', '', 0,"
	    " '', ''),"
	    "(1, 2, 'b@example.jp', '', '', 1, 9, 250, '', '250 2.0.0 Ok', 'r',"
	    " 'h', '192.0.2.1:587', 2, 'TLSv1.3', 'TLS_AES_256_GCM_SHA384'),"
	    "(1, 3, 'c@example.jp', '', '', 2, 9, 550, 'net.smtp_reply',"
	    " '550 5.1.1 unknown', 'r', 'h', '192.0.2.1:587', 1, 'TLSv1.2',"
	    " 'ECDHE-RSA-AES128-GCM-SHA256'),"
	    "(1, 4, 'd@example.jp', '', '', 3, 9, 0, 'net.tls_verify', '', 'r',"
	    " 'h', '192.0.2.1:587', 0, '', ''),"
	    "(1, 5, 'e@example.jp', '', '', 4, 9, 0, 'net.closed', '', 'r', "
	    "'h',"
	    " '127.0.0.1:25', 0, '', '')");
	open_testmail(&show);
	golden_check(&show.golden, "testmail-states");
	show_end(&show);
}

static void
staff_is_kept_in_setup(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &some);
	add_staff(&show, "desk@example.jp", "受付");
	setup_staff_open(show.golden.app);
	golden_settle(&show.golden);
	golden_check(&show.golden, "setup-staff");
	golden_keys(&show.golden, "D");
	show_pass(&show, 500);
	golden_keys(&show.golden, "y");
	assert_true(show_sees(&show, "No address yet."));
	golden_keys(&show.golden, "D");
	assert_true(show_sees(&show, "There is no address yet"));
	show_end(&show);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nobody_is_registered_at_first),
	    cmocka_unit_test(at_most_five_are_marked),
	    cmocka_unit_test(the_record_is_shown),
	    cmocka_unit_test(a_mail_in_iso_2022_jp_can_be_read),
	    cmocka_unit_test(every_state_has_its_words),
	    cmocka_unit_test(staff_is_kept_in_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
