/* The checks on one message, given messages that no writer of ours makes; and
 * the Merkle tree against hashes computed by hand. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "core/review/lint.h"
#include "core/review/merkle.h"
#include "tests/fake/tempstore.h"

#define TOKEN "abcdefghijklmnopqrst234567"
#define UNSUBSCRIBE                                                            \
	"List-Unsubscribe: <https://u.example.jp/u/" TOKEN ">,"                \
	" <mailto:u@example.jp>\r\n"                                           \
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
#define MANNERS                                                                \
	"List-Id: <list-1.example.jp>\r\n"                                     \
	"Feedback-ID: c7:l1:ad:exampleco\r\nPrecedence: bulk\r\n"
#define PLAIN                                                                  \
	"From: Example <news@example.jp>\r\nTo: <taro@example.jp>\r\n"         \
	"Subject: News\r\nDate: Sat, 21 Nov 2026 14:34:51 +0900\r\n"           \
	"Message-ID: <1@example.jp>\r\n" UNSUBSCRIBE MANNERS
#define BODY "\r\nHello, this is a letter.\r\n"
#define FOOTER                                                                 \
	"株式会社例示\n〒100-0001 東京都\n03-0000-0000\n"                      \
	"配信停止はこちら\nhttps://u.example.jp/u/" TOKEN "\n"
#define FOOTER_HTML                                                            \
	"<p>株式会社例示<br>〒100-0001 東京都<br>03-0000-0000<br>"             \
	"配信停止はこちら<br><a href=\"https://u.example.jp/u/" TOKEN          \
	"\">https://u.example.jp/u/" TOKEN "</a></p>"

struct lint_case {
	const char *name;
	const char *bytes; /* NULL: PLAIN BODY */
	const char *text;  /* NULL: a good one; the footer is put behind */
	const char *html;
	enum check_id check;
	const char *what; /* NULL: no fault at all */
};

#define GOOD        LC_01, NULL
#define TEXT(text)  NULL, text, NULL
#define HTML(html)  NULL, NULL, html
#define HEAD(bytes) bytes, NULL, NULL

static const struct lint_case cases[] = {
    {"good", HEAD(NULL), GOOD},
    {"Cc", HEAD("Cc: <x@example.jp>\r\n" PLAIN BODY), CM_04, "field"},
    {"Bcc", HEAD("Bcc: <x@example.jp>\r\n" PLAIN BODY), CM_04, "field"},
    {"two recipients",
	HEAD("From: <news@example.jp>\r\nTo: <taro@example.jp>,"
	     " <jiro@example.jp>\r\nSubject: x\r\nDate: x\r\n"
	     "Message-ID: <1@x.jp>\r\n" UNSUBSCRIBE MANNERS BODY),
	CM_04, "recipients"},
    {"another recipient",
	HEAD("From: <news@example.jp>\r\nTo: <jiro@example.jp>\r\n"
	     "Subject: x\r\nDate: x\r\nMessage-ID: <1@x.jp>\r\n" UNSUBSCRIBE
		 MANNERS BODY),
	CM_04, "other_address"},
    /* HD-01 */
    {"two mailboxes",
	HEAD("From: <news@example.jp>, <b@example.jp>\r\n"
	     "To: <taro@example.jp>\r\nSubject: x\r\nDate: x\r\n"
	     "Message-ID: <1@x.jp>\r\n" UNSUBSCRIBE MANNERS BODY),
	HD_01, "mailboxes"},
    {"an address in the name",
	HEAD("From: \"a@bank.jp\" <news@example.jp>\r\n"
	     "To: <taro@example.jp>\r\nSubject: x\r\nDate: x\r\n"
	     "Message-ID: <1@x.jp>\r\n" UNSUBSCRIBE MANNERS BODY),
	HD_01, "name"},
    {"a broken encoded word",
	HEAD("From: =?UTF-9?B?44GC?= <news@example.jp>\r\n"
	     "To: <taro@example.jp>\r\nSubject: x\r\nDate: x\r\n"
	     "Message-ID: <1@x.jp>\r\n" UNSUBSCRIBE MANNERS BODY),
	HD_01, "encoded"},
    {"another sender",
	HEAD("From: <other@example.jp>\r\n"
	     "To: <taro@example.jp>\r\nSubject: x\r\nDate: x\r\n"
	     "Message-ID: <1@x.jp>\r\n" UNSUBSCRIBE MANNERS BODY),
	HD_01, "address"},
    /* HD-02, HD-03 */
    {"two From", HEAD("From: <a@example.jp>\r\n" PLAIN BODY), HD_02, "twice"},
    {"two Subject", HEAD("Subject: a\r\n" PLAIN BODY), HD_02, "twice"},
    {"two Content-Language",
	HEAD("Content-Language: ja\r\nContent-language: en\r\n" PLAIN BODY),
	HD_02, "twice"},
    {"no Date",
	HEAD("From: <news@example.jp>\r\nTo: <taro@example.jp>\r\n"
	     "Subject: x\r\nMessage-ID: <1@x.jp>\r\n" UNSUBSCRIBE MANNERS BODY),
	HD_02, "missing"},
    {"an id without a domain",
	HEAD("From: <news@example.jp>\r\nTo: <taro@example.jp>\r\n"
	     "Subject: x\r\nDate: x\r\nMessage-ID: <1@host>\r\n" UNSUBSCRIBE
		 MANNERS BODY),
	HD_03, "id_form"},
    /* HD-05, HD-06, HD-07 */
    {"bare LF", HEAD(PLAIN "\r\nHello\nthis is a letter.\r\n"), HD_05,
	"line_end"},
    {"bare CR", HEAD(PLAIN "\r\nHello\rthis is a letter.\r\n"), HD_05,
	"line_end"},
    {"eight bit", HEAD(PLAIN "\r\nこんにちは\r\n"), HD_05, "eight_bit"},
    {"no List-Unsubscribe",
	HEAD("From: <news@example.jp>\r\nTo: <taro@example.jp>\r\n"
	     "Subject: x\r\nDate: x\r\nMessage-ID: <1@x.jp>\r\n" MANNERS BODY),
	HD_06, "https"},
    {"two https addresses",
	HEAD("From: <news@example.jp>\r\nTo: <taro@example.jp>\r\n"
	     "Subject: x\r\nDate: x\r\nMessage-ID: <1@x.jp>\r\n"
	     "List-Unsubscribe: <https://a.jp/1>, <https://b.jp/1>,"
	     " <mailto:u@a.jp>\r\nList-Unsubscribe-Post:"
	     " List-Unsubscribe=One-Click\r\n" MANNERS BODY),
	HD_06, "two_https"},
    {"a Feedback-ID of three parts",
	HEAD("From: <news@example.jp>\r\nTo: <taro@example.jp>\r\n"
	     "Subject: x\r\nDate: x\r\nMessage-ID: <1@x.jp>\r\n"
	     "List-Id: <l.example.jp>\r\nPrecedence: bulk\r\n"
	     "Feedback-ID: c7:ad:exampleco\r\n" UNSUBSCRIBE BODY),
	HD_07, "feedback_form"},
    {"a Feedback-ID that names somebody",
	HEAD("From: <news@example.jp>\r\nTo: <taro@example.jp>\r\n"
	     "Subject: x\r\nDate: x\r\nMessage-ID: <1@x.jp>\r\n"
	     "List-Id: <l.example.jp>\r\nPrecedence: bulk\r\n"
	     "Feedback-ID: taro@a.jp:1:ad:exampleco\r\n" UNSUBSCRIBE BODY),
	HD_07, "feedback_personal"},
    {"answers of machines",
	HEAD("From: <news@example.jp>\r\nTo: <taro@example.jp>\r\n"
	     "Subject: x\r\nDate: x\r\nMessage-ID: <1@x.jp>\r\n"
	     "List-Id: <l.example.jp>\r\n"
	     "Feedback-ID: c7:l1:ad:exampleco\r\n" UNSUBSCRIBE BODY),
	HD_07, "auto_reply"},
    /* CM-01 */
    {"braces in text", TEXT("Dear {{name}}, this is a letter."), CM_01, "mark"},
    {"percents in HTML", HTML("<p>Dear %%name%%, a letter</p>"), CM_01, "mark"},
    {"brackets", TEXT("Dear [[name]], this is a letter."), CM_01, "mark"},
    {"hashes", TEXT("Dear #name#, this is a letter."), CM_01, "mark"},
    {"hashes of kanji", TEXT("#姓#様、いつもありがとうございます。本当に。"),
	CM_01, "mark"},
    {"dollar", TEXT("Dear ${name}, this is a letter."), CM_01, "mark"},
    {"in what is hidden",
	HTML("<div style=\"display:none\">{{name}}</div><p>x</p>"), CM_01,
	"mark"},
    {"not marks", TEXT("100%% sure, 50%% off, {really}, #1 of #2, [[ no end"),
	GOOD},
    /* CM-02 */
    {"no name", TEXT("　様\nいつもありがとうございます。とても。"), CM_02,
	"no_name"},
    {"no name in the HTML", HTML("<p>拝啓</p><p> 様</p>"), CM_02, "no_name"},
    {"no name behind a bracket", TEXT("「 様」いつもありがとうございます。と"),
	CM_02, "no_name"},
    {"a word", TEXT("様々なサービスをご用意しています。どうぞ。"), GOOD},
    {"with a name", TEXT("山田 太郎 様\n山田　様、お客様、皆様へ。とても。"),
	GOOD},
    {"doubled", TEXT("お客様様いつもありがとうございます。とても。"), CM_02,
	"doubled"},
    {"twice with a blank", TEXT("山田様 様\nいつもありがとうございます。"),
	CM_02, "doubled"},
    {"a company", TEXT("株式会社御中様 いつもありがとうございます。"), CM_02,
	"doubled"},
    {"nobody is dear", TEXT("Dear ,\nthis is a letter to you."), CM_02,
	"no_name"},
    {"nobody at all", TEXT("Dear,\nthis is a letter to you."), CM_02,
	"no_name"},
    {"a title alone", TEXT("Dear Mr. ,\nthis is a letter."), CM_02, "no_name"},
    {"somebody", TEXT("Dear Mr. Smith, hello, my dear, this is one."), GOOD},
    /* CM-05, CM-06 */
    /* CM-08 */
    {"URL only in HTML",
	HTML("<p><a href=\"https://www.example.jp/a\">x</a></p>"), CM_08,
	"plain_lacks_url"},
    {"URL only in text", TEXT("This is a letter: https://www.example.jp/a"),
	CM_08, "html_lacks_url"},
    {"URL written out in HTML", NULL,
	"This is a letter: https://www.example.jp/a",
	"<p>This is a letter: https://www.example.jp/a</p>", GOOD},
    /* CM-10 */
    {"a script", HTML("<p>x</p><script>alert(1)</script>"), CM_10,
	"active_script"},
    {"a form", HTML("<form action=\"https://www.example.jp\">x</form>"), CM_10,
	"active_form"},
    {"a frame", HTML("<iframe src=\"https://www.example.jp\"></iframe>"), CM_10,
	"active_frame"},
    {"an object", HTML("<object data=\"x\">x</object>"), CM_10,
	"active_object"},
    {"a style sheet",
	HTML("<link rel=\"stylesheet\" href=\"https://a.jp/a.css\">"), CM_10,
	"active_css"},
    {"an imported one", HTML("<style>@import 'a.css';</style>"), CM_10,
	"active_css"},
    {"a handler", HTML("<p onclick=\"x()\">x</p>"), CM_10, "active_handler"},
    {"an image without words", HTML("<p><img src=\"cid:a\"></p>"), CM_10W,
	"alt"},
    {"an image with words", HTML("<img src=\"cid:a\" alt=\"x\">"), GOOD},
    /* CM-11; the letter leaves on 22 November 2026 */
    {"the right day", TEXT("11月23日(月)に開催します。お待ちしています。"),
	GOOD},
    {"the wrong day", TEXT("11月23日(金)に開催します。お待ちしています。"),
	CM_11, "weekday_mon"},
    {"the wrong day in HTML", HTML("<p>Friday, November 23, 2026</p>"), CM_11,
	"weekday_mon"},
    {"no such day", TEXT("11月31日に開催します。お待ちしています。"), CM_11,
	"no_day"},
    {"a day that is over", TEXT("11月20日に開催しました。大成功でした。"),
	CM_11W, "past"},
    /* LK-01 */
    {"a lying link", NULL, "This is a letter: https://www.exarnple.jp/",
	"<a href=\"https://www.exarnple.jp/\">www.example.jp</a>", LK_01,
	"link_text"},
    {"an honest link", NULL, "This is a letter: https://www.example.jp/",
	"<a href=\"https://www.example.jp/\">example.jp</a>", GOOD},
    {"a lying link among words", NULL,
	"This is a letter: https://www.exarnple.jp/",
	"<a href=\"https://www.exarnple.jp/\">Go to  (www.example.jp).</a>",
	LK_01, "link_text"},
    {"a lying URL among words", NULL,
	"This is a letter: https://www.exarnple.jp/ https://example.jp/a",
	"<a href=\"https://www.exarnple.jp/\">See https://example.jp/a now</a>",
	LK_01, "link_text"},
    {"names with dots among words", NULL,
	"This is a letter: https://www.example.jp/",
	"<a href=\"https://www.example.jp/\">Node.js at www.example.jp, e.g."
	" 3.5</a>",
	GOOD},
    {"another address", NULL, "This is a letter to mailto:b@example.jp",
	"<a href=\"mailto:b@example.jp\">a@example.jp</a>", LK_01, "link_text"},
    {"without TLS", NULL, "This is a letter: http://www.example.jp/",
	"<a href=\"http://www.example.jp/\">x</a>", LK_01, "link_scheme"},
    {"a number", NULL, "This is a letter: https://203.0.113.9/",
	"<a href=\"https://203.0.113.9/\">x</a>", LK_01, "link_ip"},
    /* LK-02 */
    {"staging", NULL, "This is a letter: https://stg.example.jp/",
	"<a href=\"https://stg.example.jp/\">x</a>", LK_02, "link_staging"},
    {"a token in a link", NULL,
	"This is a letter: https://www.example.jp/%%id%%",
	"<a href=\"https://www.example.jp/%%id%%\">x</a>", LK_02, "link_token"},
    {"nowhere", HTML("<a href=\"\">x</a>"), LK_02, "link_empty"},
    {"somebody else's host", NULL, "This is a letter: https://www.other.jp/",
	"<a href=\"https://www.other.jp/\">x</a>", LK_02W, "foreign_host"},
    {"a listed host", NULL, "This is a letter: https://www.listed.jp/",
	"<a href=\"https://www.listed.jp/\">x</a>", GOOD},
    /* LK-06 */
    {"a pixel",
	HTML("<img src=\"https://www.example.jp/p\" width=\"1\" alt=\"\">"),
	LK_06, "pixel_size"},
    {"a hidden image",
	HTML("<img src=\"https://www.example.jp/p\" alt=\"\""
	     " style=\"display: none\">"),
	LK_06, "pixel_hidden"},
    {"an image",
	HTML("<img src=\"https://www.example.jp/p\" width=\"100\""
	     " alt=\"x\">"),
	GOOD},
};

static const struct {
	const char *name, *subject;
	enum check_id check;
	const char *what;
} subjects[] = {
    {"in the subject", "{{name}}", CM_01, "mark"},
    {"two lines of subject", "a\nb", CM_05, "subject_lines"},
    {"an empty subject", " ", CM_05, "subject_empty"},
    {"60 columns",
	"秋のご案内秋のご案内秋のご案内秋のご案内秋のご案内秋のご案内", GOOD},
    {"61 columns",
	"秋のご案内秋のご案内秋のご案内秋のご案内秋のご案内秋のご案内a", CM_06,
	"wide"},
    {"only a label on a phone", "【株式会社例示からのとても大切な】ご案内",
	CM_06, "label"},
    {"a date that a phone cuts", "秋のご案内秋のご案内秋のご案内、11月23日まで",
	CM_06, "late"},
};

/* True for checks that a case brings along with the one it is about: a text in
 * one part only is missing in the other. */
static bool
is_beside(const struct lint_case *c, int check)
{
	return (check == CM_08 && (c->check == LK_02 || c->check == CM_01)) ||
	       (check == LK_02 && c->check == CM_01) ||
	       (check == HD_01 && c->check == HD_02) ||
	       (check == LK_02W && c->check == LK_01) ||
	       (check == CM_01 && c->check == LK_02) ||
	       (check == CM_10 && c->check == LK_02);
}

static void
rules_fill(struct lint_rules *rules)
{
	*rules = (struct lint_rules){.class = CLASS_AD,
	    .campaign = 7,
	    .list = 1,
	    .today = {2026, 11, 22}};
	buf_text(&rules->from_address, "news@example.jp");
	buf_text(&rules->from_domain, "example.jp");
	buf_text(&rules->legal_name, "株式会社例示");
	buf_text(&rules->legal_postal, "〒100-0001 東京都");
	buf_text(&rules->legal_contact, "03-0000-0000");
	buf_text(&rules->base_url, "https://u.example.jp/u");
	buf_text(&rules->hosts, "listed.jp");
}

struct lint_how {
	struct store *store; /* whose tokens are right; NULL: nobody's */
	int64_t seq;
	const char *subject;
	struct span text, html; /* as they are, without a footer behind */
};

static void
lint_with(
    const struct lint_case *c, const struct lint_how *how, struct tally *tally)
{
	struct lint_rules rules;
	struct lint_tools tools;
	struct recipient recipient = {
	    .seq = how->seq, .address = SPAN("taro@example.jp")};
	struct message message = {
	    .bytes = span_of(c->bytes ? c->bytes : PLAIN BODY),
	    .text = how->text,
	    .html = how->html,
	    .subject = span_of(how->subject),
	    .rcpt_to = SPAN("taro@example.jp"),
	};

	rules_fill(&rules);
	lint_tools_init(&tools, how->store);
	lint_message(&rules, &recipient, &message, &tools, tally);
	lint_tools_done(&tools);
	lint_rules_done(&rules);
}

static void
lint_as(const struct lint_case *c, int64_t seq, const char *subject,
    struct span text, struct span html, struct tally *tally)
{
	lint_with(c, &(struct lint_how){NULL, seq, subject, text, html}, tally);
}

static void
lint_raw(const struct lint_case *c, const char *subject, struct span text,
    struct span html, struct tally *tally)
{
	lint_as(c, 7, subject, text, html, tally);
}

static void
lint(const struct lint_case *c, struct tally *tally)
{
	struct buf text = BUF_INIT, html = BUF_INIT;

	buf_text(&text, c->text ? c->text : "Hello, this is a good letter.");
	buf_text(&text, "\n\n" FOOTER);
	buf_text(&html, c->html ? c->html : "<p>Hello, this is a letter.</p>");
	buf_text(&html, FOOTER_HTML);
	lint_raw(c, "News", buf_span(&text), buf_span(&html), tally);
	buf_done(&text);
	buf_done(&html);
}

static void
faults_are_named(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct lint_case *c = &cases[i];
		struct tally tally = {0};
		size_t all;

		lint(c, &tally);
		for (int k = 0; k < CHECK_COUNT; k++) {
			if (!tally.count[k] || is_beside(c, k) ||
			    (c->what && (int)c->check == k))
				continue;
			wrong++;
			print_message("%s: also %s (%s %s)\n", c->name,
			    check_all(&all)[k].id,
			    err_find(&tally.first[k], "what"),
			    err_find(&tally.first[k], "value"));
		}
		if (!c->what)
			continue;
		if (strcmp(err_find(&tally.first[c->check], "what"), c->what) ||
		    strcmp(err_find(&tally.first[c->check], "seq"), "7")) {
			wrong++;
			print_message("%s: found %s\n", c->name,
			    err_find(&tally.first[c->check], "what"));
		}
	}
	assert_int_equal(wrong, 0);
}

static void
long_lines_and_headers(void **state)
{
	struct buf bytes = BUF_INIT;
	struct lint_case c = {"long line", NULL, NULL, NULL, HD_05, "line"};
	struct tally tally = {0};

	(void)state;
	buf_text(&bytes, PLAIN "\r\n");
	for (int i = 0; i < 999; i++)
		buf_char(&bytes, 'x');
	buf_text(&bytes, "\r\n");
	c.bytes = bytes.ptr;
	lint(&c, &tally);
	assert_int_equal(tally.count[HD_05], 1);
	assert_true(tally.octets_max == (int64_t)bytes.len);
	buf_clear(&bytes);
	for (int i = 0; i < 101; i++)
		buf_text(&bytes, "X-A: b\r\n");
	buf_text(&bytes, PLAIN BODY);
	c.bytes = bytes.ptr;
	memset(&tally, 0, sizeof tally);
	lint(&c, &tally);
	assert_string_equal(
	    err_find(&tally.first[HD_05], "what"), "header_size");
	buf_done(&bytes);
}

static void
subjects_are_shown_whole(void **state)
{
	static const struct lint_case message = {.name = "subject"};

	(void)state;
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
		struct tally tally = {0};

		lint_raw(&message, subjects[i].subject, SPAN(FOOTER),
		    SPAN(FOOTER_HTML), &tally);
		if (!subjects[i].what) {
			assert_int_equal(tally.count[CM_06], 0);
			continue;
		}
		if (strcmp(err_find(&tally.first[subjects[i].check], "what"),
			subjects[i].what))
			fail_msg("%s: %s", subjects[i].name,
			    err_find(&tally.first[subjects[i].check], "what"));
	}
}

/* ---- The footer --------------------------------------------------------------- */

struct footer_case {
	const char *name, *text, *html;
	enum check_id check;
	const char *what;
};

#define WAY_OUT "https://u.example.jp/u/" TOKEN
#define LINK    "<a href=\"" WAY_OUT "\">" WAY_OUT "</a>"
#define FAR                                                                    \
	"あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめ" \
	"もやゆよ"

static const struct footer_case footers[] = {
    {"no name", "〒100-0001 東京都\n03-0000-0000\n配信停止\n" WAY_OUT,
	FOOTER_HTML, LG_01, "plain"},
    {"no name in HTML", FOOTER,
	"〒100-0001 東京都<br>03-0000-0000<br>配信停止<br>" LINK, LG_01,
	"html"},
    {"no postal address", "株式会社例示\n03-0000-0000\n配信停止\n" WAY_OUT,
	FOOTER_HTML, LG_03, "plain"},
    {"no contact", "株式会社例示\n〒100-0001 東京都\n配信停止\n" WAY_OUT,
	FOOTER_HTML, LG_04, "plain"},
    {"a folded one",
	"株式\n会社例示\n〒100-0001\n東京都\n03-0000-0000\n配信停止\n" WAY_OUT,
	FOOTER_HTML, LC_01, NULL},
    {"only in one part", "株式会社例示\n〒100-0001 東京都\n配信停止\n" WAY_OUT,
	FOOTER_HTML, CM_08, "plain_lacks_footer"},
    {"no way out", "株式会社例示\n〒100-0001 東京都\n03-0000-0000\n配信停止",
	"株式会社例示<br>〒100-0001 東京都<br>03-0000-0000<br>配信停止", LG_02,
	"plain"},
    {"no way out to follow",
	"株式会社例示\n〒100-0001 東京都\n03-0000-0000\n配信停止",
	"株式会社例示<br>〒100-0001 東京都<br>03-0000-0000<br>配信停止", LK_05,
	"way_none"},
    {"nobody says what it is",
	"株式会社例示\n〒100-0001 東京都\n03-0000-0000\n" WAY_OUT, FOOTER_HTML,
	LG_02, "notice_plain"},
    {"far from its notice",
	"配信停止はこちら\n" FAR FAR FAR FAR FAR FAR
	"株式会社例示\n〒100-0001 東京都\n03-0000-0000\n" WAY_OUT,
	FOOTER_HTML, LG_02, "notice_plain"},
    {"a token that is an address",
	"株式会社例示\n〒100-0001 東京都\n03-0000-0000\n配信停止\n"
	"https://u.example.jp/u/taro@example.jp",
	"株式会社例示<br>〒100-0001 東京都<br>03-0000-0000<br>配信停止"
	"<a href=\"https://u.example.jp/u/taro@example.jp\">x</a>",
	LK_05, "way_address"},
    {"a short token",
	"株式会社例示\n〒100-0001 東京都\n03-0000-0000\n配信停止\n"
	"https://u.example.jp/u/abc",
	"株式会社例示<br>〒100-0001 東京都<br>03-0000-0000<br>配信停止"
	"<a href=\"https://u.example.jp/u/abc\">x</a>",
	LK_05, "way_form"},
};

static void
footers_are_whole(void **state)
{
	static const struct lint_case message = {.name = "footer"};

	(void)state;
	for (size_t i = 0; i < sizeof footers / sizeof *footers; i++) {
		const struct footer_case *c = &footers[i];
		struct tally tally = {0};

		lint_raw(&message, "News", span_of(c->text), span_of(c->html),
		    &tally);
		if (!c->what) {
			for (int k = LG_01; k <= LG_04; k++)
				assert_int_equal(tally.count[k], 0);
			continue;
		}
		if (!tally.count[c->check])
			fail_msg("%s: not found", c->name);
		if (strcmp(err_find(&tally.first[c->check], "what"), c->what))
			fail_msg("%s: %s", c->name,
			    err_find(&tally.first[c->check], "what"));
	}
}

/* LG-06 is looked at in one message of a hundred. */
static const char *
look(const char *style, const char *to, const char *page)
{
	static struct tally tally;
	struct lint_rules rules;
	struct lint_tools tools;
	struct recipient recipient = {.seq = 101, .address = span_of(to)};
	struct message message = {.bytes = SPAN(PLAIN BODY),
	    .text = SPAN(FOOTER),
	    .subject = SPAN("News"),
	    .rcpt_to = span_of(to)};
	struct buf html = BUF_INIT;

	memset(&tally, 0, sizeof tally);
	buf_printf(
	    &html, "<body style=\"background:#fff\"><div style=\"%s\">", style);
	buf_text(&html, FOOTER_HTML "</div>");
	buf_text(&html, page);
	message.html = buf_span(&html);
	rules_fill(&rules);
	lint_tools_init(&tools, NULL);
	lint_message(&rules, &recipient, &message, &tools, &tally);
	lint_tools_done(&tools);
	lint_rules_done(&rules);
	buf_done(&html);
	return tally.count[LG_06] ? err_find(&tally.first[LG_06], "what") : "";
}

static void
footers_can_be_read(void **state)
{
	const char *to = "taro@example.jp";

	(void)state;
	assert_string_equal(look("font-size:12px;color:#333", to, ""), "");
	assert_string_equal(look("font-size:10px;color:#333", to, ""), "");
	assert_string_equal(
	    look("font-size:6px;color:#333", to, ""), "footer_small");
	assert_string_equal(
	    look("font-size:7pt;color:#333", to, ""), "footer_small");
	assert_string_equal(look("color:#eee", to, ""), "footer_pale");
	assert_string_equal(
	    look("color:#ffffff;background-color:#000000", to, ""), "");
	assert_string_equal(look("display: none", to, ""), "footer_hidden");
	assert_string_equal(look("visibility:hidden", to, ""), "footer_hidden");
	assert_string_equal(look("", "hans@example.de", ""), "privacy");
	assert_string_equal(look("", "hans@example.de",
				"<a href=\"https://www.example.jp/privacy\">"
				"x</a>"),
	    "");
}

/* ---- The source ----------------------------------------------------------------- */

static const struct {
	enum campaign_class class;
	const char *subject, *body;
	enum check_id check;
	bool found;
} sources[] = {
    {CLASS_AD, "秋のご案内", "いつもありがとうございます。", CM_05, false},
    {CLASS_AD, "【テスト】秋のご案内", "x", CM_05, true},
    {CLASS_TEST, "【テスト】秋のご案内", "下書き TODO", CM_05, false},
    {CLASS_AD, "秋のご案内", "これは テスト です", CM_05, true},
    {CLASS_AD, "学力テストのご案内", "ストレステスト結果", CM_05, false},
    {CLASS_AD, "秋のご案内", "下書き", CM_05, true},
    {CLASS_AD, "秋のご案内", "TODO: price", CM_05, true},
    {CLASS_AD, "秋のご案内", "METODOS", CM_05, false},
    {CLASS_AD, "秋のご案内", "○○様", CM_05, true},
    {CLASS_AD, "秋のご案内", "●●まで", CM_05, true},
    {CLASS_AD, "秋のご案内", "Lorem Ipsum dolor", CM_05, true},
    {CLASS_AD, "秋のご案内", "TEL XXXX", CM_05, true},
    {CLASS_AD, "コピー 〜秋のご案内", "x", CM_05, true},
    {CLASS_AD, "Copy of News", "x", CM_05, true},
    {CLASS_TX, "秋のセールのご案内", "x", LG_06, true},
    {CLASS_AD, "秋のセールのご案内", "x", LG_06, false},
    {CLASS_NOTICE, "規約変更のお知らせ", "20%OFF", LG_06, true},
    {CLASS_NOTICE, "規約変更のお知らせ", "https://shop.example.jp/", LG_06,
	true},
    {CLASS_NOTICE, "規約変更のお知らせ", "詳しくは下記へ。", LG_06, false},
};

static void
sources_are_finished(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct campaign campaign = CAMPAIGN_INIT;
		struct tally tally = {0};

		campaign.class = sources[i].class;
		buf_text(&campaign.subject, sources[i].subject);
		buf_text(&campaign.body, sources[i].body);
		lint_source(&campaign, &tally);
		if ((tally.count[sources[i].check] > 0) != sources[i].found)
			fail_msg(
			    "%s / %s", sources[i].subject, sources[i].body);
		campaign_done(&campaign);
	}
}

/* What lists of mail show behind the subject is looked at as well. */
static void
preheaders_are_no_drafts(void **state)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct tally tally = {0};

	(void)state;
	campaign.class = CLASS_AD;
	buf_text(&campaign.subject, "秋のご案内");
	buf_text(&campaign.preheader, "ここに ○○ を入れる");
	lint_source(&campaign, &tally);
	assert_int_equal(tally.count[CM_05], 1);
	assert_string_equal(err_find(&tally.first[CM_05], "what"), "preheader");
	campaign_done(&campaign);
}

/* ---- Links that differ ------------------------------------------------------------ */

static void
nobody_is_followed(void **state)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct extracts *found = extracts_new();
	struct tally tally = {0};

	(void)state;
	buf_text(&campaign.body,
	    "[a](https://www.example.jp/all)"
	    " {{#vip}}[b](https://www.example.jp/特典){{/vip}}");
	for (int seq = 1; seq <= 3; seq++)
		extracts_add(found, EXTRACT_LINK,
		    SPAN("https://www.example.jp/all"), seq);
	extracts_add(found, EXTRACT_LINK,
	    SPAN("https://www.example.jp/%E7%89%B9%E5%85%B8"), 2);
	lint_tracking(&campaign, found, 3, &tally);
	assert_int_equal(tally.count[LK_06], 0);
	extracts_add(found, EXTRACT_LINK, SPAN("https://t.example.jp/c/1"), 3);
	lint_tracking(&campaign, found, 3, &tally);
	assert_int_equal(tally.count[LK_06], 1);
	assert_string_equal(
	    err_find(&tally.first[LK_06], "what"), "link_differs");
	extracts_free(&found);
	campaign_done(&campaign);
}

static void
tallies_keep_the_first(void **state)
{
	struct tally a = {0}, b = {0};

	(void)state;
	tally_add(&a, CM_01, 9, "mark", SPAN("late"));
	tally_add(&b, CM_01, 3, "mark", SPAN("early"));
	tally_add(&b, CM_01, 5, "mark", SPAN("middle"));
	tally_merge(&a, &b);
	assert_int_equal(a.count[CM_01], 3);
	assert_string_equal(err_find(&a.first[CM_01], "value"), "early");
	assert_string_equal(err_find(&a.first[CM_01], "seq"), "3");
}

static void
leaf_hash(const struct digest *leaf, struct digest *out)
{
	char bytes[33] = {0};

	memcpy(bytes + 1, leaf->bytes, 32);
	crypt_sha256(span_make(bytes, 33), out);
}

static void
node_hash(const struct digest *a, const struct digest *b, struct digest *out)
{
	char bytes[65] = {1};

	memcpy(bytes + 1, a->bytes, 32);
	memcpy(bytes + 33, b->bytes, 32);
	crypt_sha256(span_make(bytes, 65), out);
}

/* Five leaves: ((1 2)(3 4)) 5. */
static void
the_tree_is_that_of_the_rfc(void **state)
{
	struct digest leaf[5], hash[5], left, right, four, want, got;
	struct merkle tree = {0};

	(void)state;
	for (int i = 0; i < 5; i++) {
		memset(&leaf[i], i, sizeof leaf[i]);
		leaf_hash(&leaf[i], &hash[i]);
		merkle_add(&tree, &leaf[i]);
	}
	node_hash(&hash[0], &hash[1], &left);
	node_hash(&hash[2], &hash[3], &right);
	node_hash(&left, &right, &four);
	node_hash(&four, &hash[4], &want);
	merkle_root(&tree, &got);
	assert_memory_equal(&got, &want, sizeof got);
	memset(&tree, 0, sizeof tree);
	merkle_root(&tree, &got);
	crypt_sha256(SPAN(""), &want);
	assert_memory_equal(&got, &want, sizeof got);
}

/* ---- The round trip ------------------------------------------------------------- */

#define ALTERNATIVE                                                            \
	PLAIN "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;"      \
	      " boundary=\"b1\"\r\n\r\n"
#define TEXT_PART(head, body)                                                  \
	"--b1\r\nContent-Type: text/plain; charset=" head "\r\n\r\n" body "\r" \
	"\n"
#define HTML_PART                                                              \
	"--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"               \
	"<p>Hello.</p>\r\n"

static const struct {
	const char *name, *bytes, *text, *html, *what;
} trips[] = {
    {"good", ALTERNATIVE TEXT_PART("utf-8", "Hello.") HTML_PART "--b1--\r\n",
	"Hello.\n", "<p>Hello.</p>\n", ""},
    {"HTML first",
	ALTERNATIVE HTML_PART TEXT_PART("utf-8", "Hello.") "--b1--\r\n",
	"Hello.\n", "<p>Hello.</p>\n", "order"},
    {"no HTML", ALTERNATIVE TEXT_PART("utf-8", "Hello.") "--b1--\r\n",
	"Hello.\n", "<p>Hello.</p>\n", "parts"},
    {"another text",
	ALTERNATIVE TEXT_PART("utf-8", "Hallo.") HTML_PART "--b1--\r\n",
	"Hello.\n", "<p>Hello.</p>\n", "trip_plain"},
    {"another page",
	ALTERNATIVE TEXT_PART("utf-8", "Hello.") HTML_PART "--b1--\r\n",
	"Hello.\n", "<p>Hallo.</p>\n", "trip_html"},
    {"an unknown charset",
	ALTERNATIVE TEXT_PART("utf-9", "Hello.") HTML_PART "--b1--\r\n",
	"Hello.\n", "<p>Hello.</p>\n", "charset"},
    {"a boundary in the text",
	ALTERNATIVE TEXT_PART("utf-8\r\nContent-Transfer-Encoding: base64",
	    "LS1iMSBpbiB0ZXh0") HTML_PART "--b1--\r\n",
	"--b1 in text\n", "<p>Hello.</p>\n", "boundary"},
};

/* HD-08: the first message is read back, and one of a hundred. */
static void
round_trips_are_held(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof trips / sizeof *trips; i++) {
		for (int64_t seq = 1; seq <= 2; seq++) {
			struct lint_case c = {.bytes = trips[i].bytes};
			struct tally tally = {0};
			const char *what = seq == 1 ? trips[i].what : "";

			lint_as(&c, seq, "News", span_of(trips[i].text),
			    span_of(trips[i].html), &tally);
			if (strcmp(err_find(&tally.first[HD_08], "what"), what))
				fail_msg("%s: %s", trips[i].name,
				    err_find(&tally.first[HD_08], "what"));
		}
	}
}

/* CM-09W: just as large as is good, and an octet more. */
static void
large_messages_warn(void **state)
{
	static const struct lint_case message = {.name = "large"};
	struct buf html = BUF_INIT;

	(void)state;
	while (html.len < 100 * 1024)
		buf_char(&html, 'x');
	for (int more = 0; more < 2; more++) {
		struct tally tally = {0};

		lint_raw(
		    &message, "News", SPAN(FOOTER), buf_span(&html), &tally);
		assert_int_equal(tally.count[CM_09W], more);
		if (more)
			assert_string_equal(
			    err_find(&tally.first[CM_09W], "what"),
			    "large_html");
		buf_char(&html, 'x');
	}
	buf_clear(&html);
	buf_text(&html, PLAIN "\r\n");
	while (html.len < 1024 * 1024)
		buf_text(&html, "xx\r\n");
	for (int more = 0; more < 2; more++) {
		struct lint_case c = {.name = "large"};
		struct tally tally = {0};

		if (more)
			buf_text(&html, "x\r\n");
		else
			html.len = 1024 * 1024 - 2, html.ptr[html.len] = '\0';
		c.bytes = html.ptr;
		lint_raw(&c, "News", SPAN(FOOTER), SPAN(FOOTER_HTML), &tally);
		assert_int_equal(tally.count[CM_09W], more);
		if (more)
			assert_string_equal(
			    err_find(&tally.first[CM_09W], "what"), "large");
	}
	buf_done(&html);
}

/* LK-05: a token of the right form that is somebody else's. */
static void
ways_out_are_ones_own(void **state)
{
	struct store *store = tempstore_open(clock_real());
	struct token_maker *maker = token_maker_new(store);

	(void)state;
	for (int64_t whose = 7; whose <= 8; whose++) {
		struct token_stop stop = {7, 1, whose, SPAN("taro@example.jp")};
		struct buf text = BUF_INIT, html = BUF_INIT, token = BUF_INIT;
		struct lint_case c = {.name = "way out"};
		struct tally tally = {0};

		token_unsubscribe(maker, &stop, &token);
		buf_printf(
		    &text, "Hello. https://u.example.jp/u/%s\n", token.ptr);
		buf_printf(&html, "<a href=\"https://u.example.jp/u/%s\">x</a>",
		    token.ptr);
		lint_with(&c,
		    &(struct lint_how){
			store, 7, "News", buf_span(&text), buf_span(&html)},
		    &tally);
		assert_string_equal(err_find(&tally.first[LK_05], "what"),
		    whose == 7 ? "" : "way_recipient");
		buf_done(&text);
		buf_done(&html);
		buf_done(&token);
	}
	token_maker_free(&maker);
	tempstore_close(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_are_named),
	    cmocka_unit_test(subjects_are_shown_whole),
	    cmocka_unit_test(footers_are_whole),
	    cmocka_unit_test(footers_can_be_read),
	    cmocka_unit_test(sources_are_finished),
	    cmocka_unit_test(preheaders_are_no_drafts),
	    cmocka_unit_test(nobody_is_followed),
	    cmocka_unit_test(long_lines_and_headers),
	    cmocka_unit_test(round_trips_are_held),
	    cmocka_unit_test(large_messages_warn),
	    cmocka_unit_test(ways_out_are_ones_own),
	    cmocka_unit_test(tallies_keep_the_first),
	    cmocka_unit_test(the_tree_is_that_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
