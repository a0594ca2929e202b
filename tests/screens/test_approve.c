/* The second person's screens, out of a dossier made here, and the operator's
 * two pages: the one that waits for them and the one with their keys. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/fake/approving.h"
#include "tests/fake/show.h"
#include "tests/fake/tempstore.h"
#include "tui/screens/approve.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"

#define PASSPHRASE "maple staple battery"

enum { JIRO = 1002, WAIT_MS = 100 };

/* ---- A holder of the store, made of plaster ------------------------------------------ */

static struct golden golden;
static struct socket_line holder; /* its end */
static struct buf octets;         /* of the dossier */
static atomic_bool over;
static pthread_t thread;
static struct span waiting; /* what the list says */
static struct span exports; /* the same of exports */

static void
number(const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)value);
	dossier_entry(&octets, name, span_of(text));
}

static const char manifest[] =
    "sekisho manifest 1\n"
    "campaign 7 revision 3 class ad\n"
    "recipients 12400 expected 12400 meant-for customers\n"
    "confidential no\n"
    "send-at -\n"
    "compared-with 3 same-list 2026-10-20T03:00:00.000Z recipients 12350"
    " both 12100 October news\n"
    "differs from\n"
    "  before info@example.jp\n"
    "  now news@example.jp\n"
    "differs host\n"
    "  before \n"
    "  now shop.example.jp\n"
    "differs joined 300\n"
    "differs left 250\n"
    "check CM-01 pass 0 2026-11-22T03:00:00.000Z -\n"
    "check LC-06 fail 4 2026-11-22T03:00:00.000Z roles=4\n";

static void
add_head(void)
{
	struct buf hex = BUF_INIT;
	struct digest digest;

	crypt_sha256(span_of(manifest), &digest);
	crypt_hex(&hex, span_make(digest.bytes, SHA256_LEN));
	buf_clear(&octets);
	buf_text(&octets, "sekisho-dossier 1\n");
	dossier_entry(&octets, "store", SPAN("5f0c6a1e22d94b17"));
	number("campaign", 7);
	dossier_entry(&octets, "name", SPAN("November news 秋の号"));
	dossier_entry(&octets, "class", SPAN("ad"));
	dossier_entry(&octets, "subject", SPAN("{{name|お客}}様へのお知らせ"));
	dossier_entry(&octets, "from", SPAN("Example <news@example.jp>"));
	number("recipients", 12400);
	dossier_entry(&octets, "root", buf_span(&hex));
	dossier_entry(&octets, "digest", buf_span(&hex));
	number("first-ms", 0);
	number("hours", 24);
	number("seconds", 3);
	number("stepup", 0);
	dossier_entry(&octets, "sealed-by", SPAN("hanako"));
	dossier_entry(&octets, "manifest", span_of(manifest));
	dossier_entry(&octets, "override",
	    SPAN("LC-06\nThe addresses of the fair, checked by phone."));
	buf_done(&hex);
}

static void
add_check(const char *id, enum check_state state, int64_t count,
    const char *facts, const char *answer)
{
	struct buf body = BUF_INIT;

	fact_add(&body, "id", span_of(id));
	fact_add_int(&body, "severity", 0);
	fact_add_int(&body, "state", state);
	fact_add_int(&body, "count", count);
	fact_add(&body, "facts", span_of(facts));
	fact_add(&body, "answer", span_of(answer));
	fact_add(&body, "by", span_of(*answer ? "hanako" : ""));
	dossier_entry(&octets, "check", buf_span(&body));
	buf_done(&body);
}

static void
add_fact(enum extract_kind kind, const char *text, int64_t messages)
{
	struct buf body = BUF_INIT;

	fact_add_int(&body, "kind", kind);
	fact_add(&body, "text", span_of(text));
	fact_add_int(&body, "messages", messages);
	dossier_entry(&octets, "fact", buf_span(&body));
	buf_done(&body);
}

static void
add_mail(const char *address, const char *name)
{
	struct buf body = BUF_INIT, facts = BUF_INIT, text = BUF_INIT;

	fact_add_int(&facts, "reason", 3);
	fact_add(&facts, "what", SPAN(""));
	fact_add(&facts, "address", span_of(address));
	fact_add(&facts, "name", span_of(name));
	buf_printf(&text, "%s様へのお知らせ", name);
	fact_add(&facts, "subject", buf_span(&text));
	dossier_entry(&body, "facts", buf_span(&facts));
	buf_clear(&text);
	buf_printf(&text,
	    "%s様\n\n秋の号ができました。価格は 1,980 円、11月23日(月)"
	    "までです。\nhttps://shop.example.jp/autumn\n",
	    name);
	dossier_entry(&body, "text", buf_span(&text));
	dossier_entry(&body, "html", buf_span(&text));
	dossier_entry(&octets, "sample", buf_span(&body));
	buf_done(&body);
	buf_done(&facts);
	buf_done(&text);
}

static void
make_dossier(void)
{
	add_head();
	add_check("CM-01", CHECK_PASS, 0, "", "");
	add_check("LC-06", CHECK_FAIL, 4, "roles=4",
	    "The addresses of the fair, checked by phone.");
	add_check("PP-01", CHECK_PASS, 0, "approval=follows", "");
	add_check("TW-06", CHECK_FAIL, 2, "joined=300 left=250 news=2",
	    "The shop has a host of its own since November.");
	add_fact(EXTRACT_DATE, "11月23日(月)", 12400);
	add_fact(EXTRACT_PRICE, "1,980 円", 12400);
	add_mail("taro@example.jp", "山田 太郎");
	add_mail("hanako@example.com", "佐藤 花子");
}

static void
reply(enum socket_kind kind, struct span body)
{
	socket_say(&holder, kind, body, NULL);
}

static const char export_page[] =
    "minutes=60\nwants=pam\n\n"
    "sekisho-export 1\n"
    "I have looked at this request and approve that these people leave the "
    "store in one file.\n"
    "store: 5f0c6a1e22d94b17\n"
    "export: 12\n"
    "scope: filter\n"
    "list: 3 会員 (関東)\n"
    "filter: domain:example.jp\n"
    "people: 12400\n"
    "column: address\n"
    "column: status\n"
    "column: name\n"
    "column: 会員番号\n"
    "charset: CP932\n"
    "cells-with-losses: 14\n"
    "encryption: passphrase\n"
    "reason: labels for the autumn fair, printed by Example Inc.\n"
    "requester: hanako\n"
    "requester-uid: 1001\n"
    "asked: 2026-11-22 05:00 UTC\n"
    "asked-ms: 1795323600000\n";

static void
answer_ask(struct span facts)
{
	struct span what = fact_find(facts, "what");
	int64_t from = fact_int(facts, "from", DOSSIER_MAX, 0);
	struct buf body = BUF_INIT;

	if (span_equal(what, SPAN("list"))) {
		reply(SOCKET_PIECE, waiting);
	} else if (span_equal(what, SPAN("exports"))) {
		reply(SOCKET_PIECE, exports);
	} else if (span_equal(what, SPAN("export"))) {
		reply(SOCKET_PIECE, span_of(export_page));
	} else if (span_equal(what, SPAN("piece"))) {
		reply(SOCKET_PIECE,
		    span_slice(buf_span(&octets), (size_t)from, octets.len));
	} else {
		fact_add_int(&body, "total", (int64_t)octets.len);
		reply(SOCKET_PIECE, buf_span(&body));
	}
	buf_done(&body);
}

/* Takes whatever comes; the first code is wrong. */
static void *
hold(void *payload)
{
	struct socket_frame frame;
	struct err why = {.code = E_NONE};
	struct buf body = BUF_INIT;
	int tries = 0, rc = 0;

	(void)payload;
	err_set(&why, E_APPROVAL_CODE);
	err_fact_int(&why, "left", 4);
	socket_put_err(&body, &why);
	while (rc >= 0 && !atomic_load(&over)) {
		rc = socket_wait(&holder, WAIT_MS, &frame, NULL);
		if (rc != 1)
			continue;
		if (frame.kind == SOCKET_ASK)
			answer_ask(frame.body);
		else if (frame.kind == SOCKET_APPROVE && tries++ == 0)
			reply(SOCKET_REFUSED, buf_span(&body));
		else
			reply(SOCKET_DONE, SPAN("state=taken\n"));
	}
	buf_done(&body);
	return NULL;
}

static const struct app_hooks hooks = {.quit = NULL};
static char *dir;
static struct buf key;
static struct pam_who who = {.user = "jiro"};

static int
start(void **state)
{
	struct socket_line line;
	struct secret *passphrase = secret_of(PASSPHRASE, strlen(PASSPHRASE));
	struct ed25519_public public;
	struct err err = {0};

	(void)state;
	golden = (struct golden){.params = {.hooks = &hooks}};
	golden_start(&golden);
	dir = tempdir_new();
	buf_clear(&key);
	buf_printf(&key, "%s/approver.key", dir);
	assert_ok(signer_make(key.ptr, passphrase, &public, &err), &err);
	secret_free(&passphrase);
	make_dossier();
	waiting = SPAN("7=November news 秋の号\n");
	exports = SPAN("");
	assert_ok(socket_pair(&line, &holder, &err), &err);
	atomic_store(&over, false);
	assert_int_equal(pthread_create(&thread, NULL, hold, NULL), 0);
	approve_open(
	    golden.app, &(struct approve_start){
			    .line = &line, .who = &who, .key = key.ptr});
	return 0;
}

static int
end(void **state)
{
	(void)state;
	atomic_store(&over, true);
	golden_end(&golden);
	pthread_join(thread, NULL);
	socket_line_done(&holder);
	buf_done(&octets);
	buf_done(&key);
	tempdir_remove(&dir);
	return 0;
}

/* ---- The approver's screens ------------------------------------------------------------ */

/* Pages until the last line was there; drawn after each key, as on a
 * terminal. */
static void
read_on(void)
{
	for (int i = 0; i < 8; i++) {
		golden_shows(&golden, "");
		golden_keys(&golden, "PgDn");
	}
	golden_shows(&golden, "");
	golden_keys(&golden, "End");
	golden_shows(&golden, "");
	golden_keys(&golden, "^L");
}

static void
look_at_all(void)
{
	golden_settle(&golden);
	read_on();
	golden_keys(&golden, "Tab");
	read_on();
	golden_keys(&golden, "n");
	read_on();
	golden_keys(&golden, "n");
	read_on();
	golden_keys(&golden, "Tab");
	golden_shows(&golden, "");
	golden_keys(&golden, "Space Space");
	golden_shows(&golden, "");
}

static void
every_page_is_shown(void **state)
{
	(void)state;
	golden_settle(&golden);
	golden_check(&golden, "approve-summary");
	golden_keys(&golden, "Tab");
	golden_check(&golden, "approve-checklist");
	golden_keys(&golden, "n");
	golden_check(&golden, "approve-mail");
	golden_keys(&golden, "Tab");
	golden_check(&golden, "approve-facts");
	golden_keys(&golden, "^N");
	assert_false(golden_shows(&golden, "How many recipients?"));
	golden_keys(&golden, "R");
	golden_check(&golden, "approve-reject");
}

static void
answer_until_signed(void)
{
	golden_keys(&golden, "^N");
	golden_type(&golden, "12400");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "now");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "ABCDEF");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "I have seen the protocol of the calls.");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "read on paper");
	golden_keys(&golden, "Enter");
	golden_type(&golden, PASSPHRASE);
	golden_keys(&golden, "Enter");
	golden_settle(&golden);
}

static void
every_question_is_asked(void **state)
{
	static const char *const names[][2] = {{"approve-count", "12400"},
	    {"approve-time", "now"}, {"approve-code", "ABCDEF"},
	    {"approve-override", "I have seen the protocol of the calls."},
	    {"approve-note", "read on paper"}, {"approve-sign", ""}};

	(void)state;
	look_at_all();
	assert_true(
	    golden_shows(&golden, "All was looked at: approve or reject."));
	golden_keys(&golden, "^N");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		golden_check(&golden, names[i][0]);
		golden_type(&golden, names[i][1]);
		if (*names[i][1])
			golden_keys(&golden, "Enter");
	}
	golden_type(&golden, PASSPHRASE);
	golden_keys(&golden, "Enter");
	golden_settle(&golden);
	assert_true(golden_shows(&golden, "Tries left for this seal: 4"));
	answer_until_signed();
	golden_check(&golden, "approve-signed");
}

static void
a_rejection_is_told(void **state)
{
	(void)state;
	golden_settle(&golden);
	golden_keys(&golden, "R");
	golden_type(&golden, "The price is last year's.");
	golden_keys(&golden, "Enter");
	golden_settle(&golden);
	golden_check(&golden, "approve-rejected");
}

/* Comes again, to another list. */
static void
come_again(struct span campaigns, struct span of_exports)
{
	struct socket_line line;
	struct err err = {0};

	golden_settle(&golden);
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	socket_line_done(&holder);
	waiting = campaigns;
	exports = of_exports;
	assert_ok(socket_pair(&line, &holder, &err), &err);
	atomic_store(&over, false);
	assert_int_equal(pthread_create(&thread, NULL, hold, NULL), 0);
	app_pop(golden.app, app_top(golden.app));
	approve_open(
	    golden.app, &(struct approve_start){
			    .line = &line, .who = &who, .key = key.ptr});
	golden_settle(&golden);
}

/* More than one: which. */
static void
one_of_several_is_chosen(void **state)
{
	(void)state;
	come_again(SPAN("7=November news 秋の号\n9=Spring sale\n"),
	    SPAN("12=会員 (関東), 12,400\n"));
	golden_check(&golden, "approve-list");
	golden_keys(&golden, "j Enter");
	golden_settle(&golden);
	assert_true(golden_shows(&golden, "Sealed by: hanako"));
}

/* ---- An export ------------------------------------------------------------------------ */

static void
an_export_is_read_and_signed(void **state)
{
	(void)state;
	come_again(SPAN(""), SPAN("12=会員 (関東)\n"));
	golden_check(&golden, "approve-export");
	golden_keys(&golden, "PgDn PgDn End ^N");
	golden_check(&golden, "approve-export-number");
	golden_type(&golden, "12");
	golden_keys(&golden, "Enter");
	assert_true(
	    golden_shows(&golden, "This is not what stands on the page."));
	golden_type(&golden, "12400");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "asked the department");
	golden_keys(&golden, "Enter");
	golden_check(&golden, "approve-export-sign");
	golden_type(&golden, PASSPHRASE);
	golden_keys(&golden, "Enter");
	golden_settle(&golden);
	/* The holder says no to the first one. */
	golden_keys(&golden, "^N");
	golden_type(&golden, "12400");
	golden_keys(&golden, "Enter Enter");
	golden_type(&golden, PASSPHRASE);
	golden_keys(&golden, "Enter");
	golden_settle(&golden);
	golden_check(&golden, "approve-export-signed");
}

static void
wrong_numbers_close_the_questions(void **state)
{
	(void)state;
	come_again(SPAN(""), SPAN("12=会員 (関東)\n"));
	read_on();
	golden_keys(&golden, "^N");
	golden_type(&golden, "1");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "2");
	golden_keys(&golden, "Enter ^N");
	assert_true(golden_shows(&golden, "nothing can be typed for a minute"));
}

static void
an_export_is_rejected(void **state)
{
	(void)state;
	come_again(SPAN(""), SPAN("12=会員 (関東)\n"));
	golden_keys(&golden, "R");
	golden_check(&golden, "approve-export-reject");
	golden_type(&golden, "Ask the people first.");
	golden_keys(&golden, "Enter");
	golden_settle(&golden);
	golden_check(&golden, "approve-export-rejected");
}

/* ---- The operator's pages ---------------------------------------------------------------- */

static const struct stage_params few = {.recipients = 12,
    .class = CLASS_AD,
    .manners = PRACTICE_PLAIN,
    .clock = STAGE_CLOCK_FAKE};

static void
the_approval_page_tells_how_it_stands(void **state)
{
	struct show show;
	struct approving jiro;
	struct err err = {0};

	(void)state;
	show_start(&show, &few);
	assert_ok(setting_write(
		      show.stage.store, "approval.when", SPAN("always"), &err),
	    &err);
	stage_seal(&show.stage);
	approving_open(&jiro, show.stage.store, "jiro", JIRO);
	approval_open(show.golden.app, show.stage.campaign);
	golden_check(&show.golden, "approval-waiting");
	golden_keys(&show.golden, "a");
	golden_check(&show.golden, "approval-here");
	golden_keys(&show.golden, "Esc");
	approving_approve(&jiro, &show.stage);
	golden_keys(&show.golden, "^L");
	golden_check(&show.golden, "approval-given");
	stage_sql(&show.stage,
	    "UPDATE setting SET value = 'Other' WHERE name = 'legal.name'");
	golden_keys(&show.golden, "^L");
	golden_check(&show.golden, "approval-void");
	approving_close(&jiro);
	show_end(&show);
}

static void
the_keys_page_shows_requests(void **state)
{
	struct show show;
	struct person person = {.login = "jiro", .roles = PERSON_APPROVER};
	struct ed25519_public public;
	struct secret *seed = secret_new(ED25519_KEY_LEN);
	struct err err = {0};

	(void)state;
	show_start(&show, &few);
	setup_approvers_open(show.golden.app);
	golden_check(&show.golden, "approver-keys-empty");
	memset(seed->bytes, 7, seed->len);
	ed25519_public(seed, &public);
	assert_ok(person_save(show.stage.store, &person, NULL, &err), &err);
	assert_ok(
	    approver_ask(show.stage.store, "jiro", JIRO, &public, &err), &err);
	golden_keys(&show.golden, "^L");
	golden_check(&show.golden, "approver-keys-asked");
	golden_keys(&show.golden, "Enter");
	golden_check(&show.golden, "approver-keys-confirm");
	secret_free(&seed);
	show_end(&show);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_page_is_shown, start, end),
	    cmocka_unit_test_setup_teardown(
		every_question_is_asked, start, end),
	    cmocka_unit_test_setup_teardown(a_rejection_is_told, start, end),
	    cmocka_unit_test_setup_teardown(
		one_of_several_is_chosen, start, end),
	    cmocka_unit_test_setup_teardown(
		an_export_is_read_and_signed, start, end),
	    cmocka_unit_test_setup_teardown(
		wrong_numbers_close_the_questions, start, end),
	    cmocka_unit_test_setup_teardown(an_export_is_rejected, start, end),
	    cmocka_unit_test(the_approval_page_tells_how_it_stands),
	    cmocka_unit_test(the_keys_page_shows_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
