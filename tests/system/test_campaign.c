/* The first campaign, by keys only, from an empty folder to a report: sign-in,
 * a new store, settings, a CP932 list, writing, preview, checklist, launch,
 * live delivery, report; in both languages, through a real Postfix with
 * STARTTLS and AUTH.  What arrived is then compared with the ledger. */
#include "tests/unit/unit.h"

#include <iconv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/report/report.h"
#include "tests/fake/arrived.h"
#include "tests/fake/desk.h"
#include "tests/fake/mailhost.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"
#include "tui/text/i18n.h"

enum { PEOPLE = 40 };

static struct mailhost host;
static int sent; /* by all campaigns so far */

/* ---- A list as spreadsheets in Japan write it --------------------------------- */

static void
add_rows(struct buf *out, const char *language)
{
	buf_text(out, "メールアドレス,氏名,会員番号\r\n");
	for (int i = 1; i <= PEOPLE; i++)
		buf_printf(out, "%s%02d@example.jp,\"山田, %02d郎\",%04d\r\n",
		    language, i, i, 1000 + i);
	buf_printf(out, "%s01@example.jp,twice,1\r\n", language);
	buf_text(out, "no address here,誰か,2\r\n");
}

static void
write_list(struct desk *desk)
{
	struct buf text = BUF_INIT, bytes = BUF_INIT;
	iconv_t to = iconv_open("CP932", "UTF-8");
	char *in, *out;
	size_t left, room;
	struct err err = {0};

	assert_true(to != (iconv_t)-1);
	add_rows(&text, desk->language);
	buf_reserve(&bytes, text.len);
	in = text.ptr;
	left = text.len;
	out = bytes.ptr;
	room = text.len;
	assert_int_not_equal(iconv(to, &in, &left, &out, &room), (size_t)-1);
	bytes.len = (size_t)(out - bytes.ptr);
	iconv_close(to);
	assert_ok(file_replace(desk_path(desk, "home/会員.csv"),
		      buf_span(&bytes), 0600, &err),
	    &err);
	buf_done(&bytes);
	buf_done(&text);
}

/* ---- The way -------------------------------------------------------------------- */

static void
new_store(struct desk *desk)
{
	desk_start(desk, NULL);
	desk_sign_in(desk);
	desk_wait(desk, "A new store");
	desk_field(desk, "Passphrase", DESK_PASSPHRASE);
	desk_field(desk, "Once more", DESK_PASSPHRASE);
	pty_keys(desk->pty, "Down Enter");
	desk_wait(desk, "Needs you");
}

static void
fill_sender(struct desk *desk)
{
	pty_keys(desk->pty, "8");
	desk_go_to(desk, desk_word(desk, "Sender and legal"));
	pty_keys(desk->pty, "Enter");
	desk_field(desk, "Sender's name", "株式会社サンプル");
	desk_field(desk, "Sender's address", MAILHOST_USER);
	desk_field(desk, "Legal name", "株式会社サンプル");
	desk_field(desk, "Postal address", "東京都千代田区千代田1-1");
	desk_field(desk, "Contact", "info@example.co.jp");
	desk_field(desk, "Page (https)", "https://www.example.co.jp/stop");
	desk_field(desk, "Or by mail to", "stop@example.co.jp");
	pty_keys(desk->pty, "^S");
	pty_keys(desk->pty, "Esc");
}

static void
fill_relay(struct desk *desk)
{
	char port[8];

	snprintf(port, sizeof port, "%u", host.port);
	desk_go_to(desk, desk_word(desk, "Relays"));
	pty_keys(desk->pty, "Enter n");
	desk_field(desk, "Name", "postfix");
	desk_field(desk, "Host", "localhost");
	desk_field(desk, "Port", port);
	desk_field(desk, "CA file", host.ca_file.ptr);
	desk_field(desk, "User", MAILHOST_USER);
	desk_field(desk, "Password", MAILHOST_PASSWORD);
	pty_keys(desk->pty, "^S");
	desk_wait(desk, "Saved. ^T tests the relay.");
	pty_keys(desk->pty, "^T");
	desk_wait(desk, "The relay is ready.");
	pty_keys(desk->pty, "Esc q");
}

static void
make_key(struct desk *desk)
{
	desk_go_to(desk, desk_word(desk, "DKIM keys"));
	pty_keys(desk->pty, "Enter n");
	desk_reply(desk, "A new DKIM key: domain", "example.co.jp");
	desk_reply(desk, "A new DKIM key: selector", "s1");
	desk_wait(desk, "The key is made. Enter shows the record to put into "
			"the DNS.");
	pty_keys(desk->pty, "Enter");
	pty_wait_text(desk->pty, "s1._domainkey.example.co.jp");
	pty_keys(desk->pty, "q q");
}

/* What the people of the list were shown; the page is Setup. */
static void
keep_wording(struct desk *desk)
{
	pty_keys(desk->pty, "8");
	desk_go_to(desk, desk_word(desk, "Wordings"));
	pty_keys(desk->pty, "Enter n");
	desk_reply(desk, "A wording: its name", "会員登録フォーム");
	desk_pick(desk, "Where is its text?", desk_word(desk, "Type it"));
	desk_reply(desk, "A wording: its text", "案内メールを希望します");
	desk_wait(desk, "The wording is kept.");
	pty_keys(desk->pty, "q q");
}

static void
import(struct desk *desk)
{
	pty_keys(desk->pty, "2 i");
	desk_field(desk, "File", "~/会員.csv");
	desk_field(desk, "New list's name", "会員");
	pty_keys(desk->pty, "^N");
	pty_wait_text(desk->pty, "CP932");
	pty_wait_text(desk->pty, "山田, 01郎");
	pty_keys(desk->pty, "^N");
	desk_choose(desk, "Basis", "consent: they agreed beforehand");
	desk_field(desk, "Since", "2026-04-01");
	desk_field(desk, "How given", "会員登録フォーム");
	pty_keys(desk->pty, "^N");
	desk_wait(
	    desk, "This is what storing would do; nothing is stored yet:");
	pty_keys(desk->pty, "^N");
	desk_wait(desk, "The import is done.");
	pty_keys(desk->pty, "l");
	pty_wait_text(desk->pty, "01@example.jp");
}

/* A field of the campaign's head: Enter opens and takes it. */
static void
head_field(struct desk *desk, const char *label, const char *text)
{
	desk_focus(desk, label);
	pty_keys(desk->pty, "Enter End ^U");
	pty_type(desk->pty, text);
	pty_keys(desk->pty, "Enter");
}

static void
write_campaign(struct desk *desk)
{
	pty_keys(desk->pty, "3 n");
	desk_reply(desk, "New campaign", "秋のお知らせ");
	head_field(desk, "From, name", "サンプル通信");
	head_field(desk, "From, address", MAILHOST_USER);
	desk_focus(desk, "To");
	pty_keys(desk->pty, "Enter");
	desk_pick(desk, "To which list?", "会員");
	head_field(desk, "Subject", "{{name|お客様}}様へ秋のお知らせ");
	pty_keys(desk->pty, "e");
	desk_enter(desk, "# 秋のご案内");
	desk_enter(desk, "");
	desk_enter(
	    desk, "{{name|お客様}}様、会員番号は{{会員番号|なし}}です。");
	desk_enter(desk, "");
	pty_type(desk->pty, "[くわしく](https://www.example.co.jp/autumn)");
	pty_keys(desk->pty, "^S");
	desk_wait(desk, "Saved.");
	pty_keys(desk->pty, "Esc");
	desk_wait(desk, "+ can be put together");
}

static void
look(struct desk *desk)
{
	pty_keys(desk->pty, "v");
	pty_wait_text(desk->pty, "山田, 01郎様へ秋のお知らせ");
	pty_keys(desk->pty, "n");
	pty_wait_text(desk->pty, "山田, 02郎様、会員番号は1002です。");
	pty_keys(desk->pty, "2 3 4 5");
	pty_wait_text(desk->pty, "DKIM-Signature");
	pty_keys(desk->pty, "q");
}

static void
answer(struct desk *desk, const char *check, const char *text)
{
	pty_keys(desk->pty, "G");
	desk_go_to(desk, desk_word(desk, check));
	pty_keys(desk->pty, "Enter");
	desk_fill(desk, text);
	pty_keys(desk->pty, "Enter");
}

/* Registers an address, sends the test there, reads both codes in the mail that
 * has come into the mailbox. */
static void
test_mail(
    struct desk *desk, const char *maildir, char codes[ARRIVED_CODES_ROOM])
{
	char address[40];
	struct arrived arrived;
	const struct arrived_mail *mail;

	snprintf(
	    address, sizeof address, "%s-staff@example.jp", desk->language);
	pty_keys(desk->pty, "T");
	desk_wait(desk, "No test of this campaign was sent yet.");
	pty_keys(desk->pty, "s n");
	desk_reply(desk, "A new staff address", address);
	desk_reply(desk, "A staff address: name", "確認担当");
	desk_wait(desk, "The address is registered: it may get test mail.");
	pty_keys(desk->pty, "Esc");
	desk_wait(desk, "No test of this campaign was sent yet.");
	pty_keys(desk->pty, "Space ^N");
	desk_wait(desk, "Sent. Open the mail; the checklist asks for the code "
			"of each part.");
	pty_wait_text(desk->pty, "queued as");
	pty_wait_text(desk->pty, "TLSv1.3");
	if (maildir == host.maildir.ptr)
		assert_true(mailhost_wait(&host, ++sent, 60));
	arrived_read(&arrived, maildir);
	mail = arrived_test(&arrived, address);
	assert_non_null(mail);
	assert_true(span_starts(mail->subject, SPAN("【テスト】山田")));
	assert_true(arrived_codes(mail, codes));
	arrived_done(&arrived);
	pty_keys(desk->pty, "Esc");
	desk_wait(desk, "+ can be put together");
}

static void
check_and_seal(struct desk *desk, const char *maildir, const char *count)
{
	char codes[ARRIVED_CODES_ROOM];

	test_mail(desk, maildir, codes);
	pty_keys(desk->pty, "^N R");
	desk_wait(desk, "The checks have run.");
	pty_keys(desk->pty, "^N");
	desk_wait(desk, "Not every line is done yet.");
	answer(desk, "you know how many people get this", count);
	answer(desk, "a test mail was read, both parts of it", "ABCDEF GHJKLM");
	desk_wait(desk,
	    "Those are not the codes of the newest test mail. Tries left: "
	    "%{left}.");
	answer(desk, "a test mail was read, both parts of it", codes);
	desk_answer_open(desk);
	pty_keys(desk->pty, "^N");
	desk_wait(desk, "Sealed: any change from now on voids it.");
}

static void
launch(struct desk *desk)
{
	desk_wait(desk, "Type the number of mails to send:");
	pty_type(desk->pty, "41");
	pty_keys(desk->pty, "^N");
	desk_wait(desk, "Type the right number of mails first.");
	pty_keys(desk->pty, "Backspace 0 ^N");
	desk_wait_many(desk,
	    "Starts in %d second. Any key stops it; nothing is sent then.",
	    "Starts in %d seconds. Any key stops it; nothing is sent then.");
	pty_keys(desk->pty, "j");
	desk_wait(desk, "Stopped before the start: nothing was sent.");
	pty_type(desk->pty, "40");
	pty_keys(desk->pty, "^N");
	desk_wait(desk, "+ Every recipient has its final state. o opens the "
			"report.");
	pty_keys(desk->pty, "Tab Tab Tab");
	pty_wait_text(desk->pty, "queued as");
}

static void
read_report(struct desk *desk)
{
	pty_keys(desk->pty, "o");
	pty_wait_text(desk->pty, "TLS 1.3 100");
	pty_keys(desk->pty, "3");
	pty_wait_text(desk->pty, "02@example.jp");
	pty_keys(desk->pty, "w");
	desk_reply(
	    desk, "Write the report as CSV", desk_path(desk, "report.csv"));
	pty_answer(desk->pty, "y", desk_word(desk, "Write the report as CSV"));
	desk_wait(desk,
	    "Written to %s, readable by you alone; the log holds it "
	    "as an export.");
	assert_int_equal(access(desk_path(desk, "report.csv"), R_OK), 0);
}

/* ---- Afterwards ----------------------------------------------------------------- */

static void
compare_row(const struct arrived *arrived, const struct report_row *row)
{
	const struct arrived_mail *mail;
	struct buf wanted = BUF_INIT;
	size_t times;

	assert_int_equal(row->state, LEDGER_ACCEPTED);
	assert_int_equal(row->code, 250);
	assert_true(row->tls_verified);
	mail = arrived_find(arrived, row->message_id, &times);
	assert_int_equal(times, 1);
	assert_true(span_search(mail->to, row->address) < mail->to.len);
	buf_printf(&wanted, "%.*s様へ秋のお知らせ", SPAN_ARG(row->name));
	assert_span_equal(mail->subject, wanted.ptr);
	buf_clear(&wanted);
	buf_printf(&wanted, "%.*s様、会員番号は%04d", SPAN_ARG(row->name),
	    1000 + (int)row->seq);
	assert_true(
	    span_search(mail->plain, buf_span(&wanted)) < mail->plain.len);
	assert_true(
	    span_search(mail->html, buf_span(&wanted)) < mail->html.len);
	assert_true(span_search(mail->unsubscribe,
			SPAN("<https://www.example.co.jp/stop")) <
		    mail->unsubscribe.len);
	buf_done(&wanted);
}

static void
compare(struct desk *desk)
{
	struct store *store = desk_open_store(desk);
	struct report_page page = {0};
	struct arrived arrived;
	struct db *db = NULL;
	struct err err = {0};

	assert_true(mailhost_wait(&host, sent += PEOPLE, 60));
	arrived_read(&arrived, host.maildir.ptr);
	assert_int_equal(arrived.count, sent);
	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_ok(report_page(db, (struct campaign_id){1}, REPORT_ALL, 0,
		      PEOPLE + 1, &page, &err),
	    &err);
	assert_int_equal(page.count, PEOPLE);
	assert_ok(
	    report_page_ids(store, db, (struct campaign_id){1}, &page, &err),
	    &err);
	for (size_t i = 0; i < page.count; i++)
		compare_row(&arrived, &page.row[i]);
	report_page_done(&page);
	store_reader_close(&db);
	arrived_done(&arrived);
	store_close(&store);
}

static void
all_the_way(const char *language)
{
	struct desk desk;

	desk_open(&desk, language);
	write_list(&desk);
	new_store(&desk);
	fill_sender(&desk);
	fill_relay(&desk);
	make_key(&desk);
	keep_wording(&desk);
	import(&desk);
	write_campaign(&desk);
	look(&desk);
	check_and_seal(&desk, host.maildir.ptr, "40");
	launch(&desk);
	read_report(&desk);
	desk_leave(&desk);
	compare(&desk);
	desk_close(&desk);
}

static void
in_english(void **state)
{
	(void)state;
	all_the_way("en");
}

static void
in_japanese(void **state)
{
	(void)state;
	all_the_way("ja");
}

/* ---- Killed on the way ------------------------------------------------------------ */

enum { KILLED_PEOPLE = 200, KILLED_AFTER = 40, IN_FLIGHT_MAX = 64 };

static void
come_to_stage(struct desk *desk)
{
	desk_start(desk, NULL);
	desk_sign_in(desk);
	desk_wait(desk, "Passphrase of the store");
	desk_enter(desk, TEMPSTORE_PASSPHRASE);
	desk_wait(desk, "Home");
}

/* Every recipient has one state; what was accepted came once, what is in doubt
 * once or not at all. */
static void
compare_killed(struct stage *stage, struct store *store)
{
	struct buf folder = BUF_INIT;
	struct report_page page = {0};
	struct arrived arrived;
	struct db *db = NULL;
	struct err err = {0};
	size_t times, came = 0, doubts = 0;

	buf_printf(&folder, "%s/new", practice_maildir(stage->practice));
	arrived_read(&arrived, folder.ptr);
	buf_done(&folder);
	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_ok(report_page(db, stage->campaign, REPORT_ALL, 0,
		      KILLED_PEOPLE + 1, &page, &err),
	    &err);
	assert_int_equal(page.count, KILLED_PEOPLE);
	assert_ok(
	    report_page_ids(store, db, stage->campaign, &page, &err), &err);
	for (size_t i = 0; i < page.count; i++) {
		arrived_find(&arrived, page.row[i].message_id, &times);
		came += times;
		assert_true(times <= 1);
		if (page.row[i].state == LEDGER_IN_DOUBT) {
			doubts++;
		} else {
			assert_int_equal(page.row[i].state, LEDGER_ACCEPTED);
			assert_int_equal(times, 1);
		}
	}
	assert_int_equal(came + 1, arrived.count); /* and the test */
	assert_true(doubts <= IN_FLIGHT_MAX);
	report_page_done(&page);
	store_reader_close(&db);
	arrived_done(&arrived);
}

static void
killed_and_gone_on(void **state)
{
	static const struct stage_params params = {.recipients = KILLED_PEOPLE,
	    .class = CLASS_AD,
	    .sessions = 2,
	    .latency_ms = 10};
	struct buf folder = BUF_INIT;
	struct err err = {0};
	struct stage stage;
	struct desk desk;

	(void)state;
	stage_open(&stage, &params);
	/* one person, who then is whoever opens the store */
	assert_ok(
	    setting_write(stage.store, "approval.when", SPAN("never"), &err),
	    &err);
	tempstore_forget_user(stage.store);
	desk_open(&desk, "en");
	desk.store =
	    arena_copy(desk.texts, span_of(store_dir(stage.store))).ptr;
	store_close(&stage.store);
	come_to_stage(&desk);
	pty_keys(desk.pty, "3 Enter");
	buf_printf(&folder, "%s/new", practice_maildir(stage.practice));
	check_and_seal(&desk, folder.ptr, "200");
	buf_done(&folder);
	desk_wait(&desk, "Type the number of mails to send:");
	pty_type(desk.pty, "200");
	pty_keys(desk.pty, "^N");
	while (practice_count(stage.practice).accepted < KILLED_AFTER) {
		pty_wait_idle(desk.pty);
		usleep(5000);
	}
	desk_kill(&desk);
	assert_true(practice_count(stage.practice).accepted < KILLED_PEOPLE);

	come_to_stage(&desk);
	pty_wait_text(desk.pty, "The delivery of \"Autumn\" was interrupted");
	pty_keys(desk.pty, "Enter");
	desk_wait(&desk, "Go on with the delivery");
	pty_answer(desk.pty, "g", desk_word(&desk, "Go on with the delivery"));
	pty_wait_text(desk.pty, "DONE");
	desk_leave(&desk);
	stage.store = tempstore_open_again(desk.store, stage.world.clock);
	compare_killed(&stage, stage.store);
	desk_close(&desk);
	stage_close(&stage);
}

static int
start_host(void **state)
{
	(void)state;
	mailhost_start(&host);
	return 0;
}

static int
stop_host(void **state)
{
	(void)state;
	mailhost_stop(&host);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_english),
	    cmocka_unit_test(in_japanese),
	    cmocka_unit_test(killed_and_gone_on),
	};
	const char *missing = mailhost_missing();

	if (!missing)
		missing = desk_missing();
	if (missing) {
		printf("SKIP the first campaign: %s\n", missing);
		return 0;
	}
	/* The relay of the stage is in this process, and its client dies. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, start_host, stop_host);
}
