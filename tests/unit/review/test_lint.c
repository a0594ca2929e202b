/* The checks on one message, given messages that no writer of ours makes; and
 * the Merkle tree against hashes computed by hand. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "core/review/lint.h"
#include "core/review/merkle.h"

#define PLAIN                                                                  \
	"From: Example <news@example.jp>\r\nTo: <taro@example.jp>\r\n"         \
	"Subject: News\r\nDate: Sat, 21 Nov 2026 14:34:51 +0900\r\n"           \
	"Message-ID: <1@example.jp>\r\n"                                       \
	"List-Unsubscribe: <https://u.example.jp/u/1>,"                        \
	" <mailto:u@example.jp>\r\n"                                           \
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
#define BODY "\r\nHello, this is a letter.\r\n"

struct lint_case {
	const char *name;
	const char *bytes; /* NULL: PLAIN BODY */
	const char *text;  /* NULL: a good one */
	const char *html;
	enum check_id check;
	const char *what; /* NULL: no fault at all */
};

static const struct lint_case cases[] = {
    {"good", NULL, NULL, NULL, LC_01, NULL},
    {"Cc", "Cc: <x@example.jp>\r\n" PLAIN BODY, NULL, NULL, CM_04, "field"},
    {"Bcc", "Bcc: <x@example.jp>\r\n" PLAIN BODY, NULL, NULL, CM_04, "field"},
    {"two recipients",
	"From: <news@example.jp>\r\nTo: <taro@example.jp>,"
	" <jiro@example.jp>\r\nSubject: x\r\nDate: x\r\nMessage-ID: <1@x>\r\n"
	"List-Unsubscribe: <https://u.example.jp/u/1>, <mailto:u@e.jp>\r\n"
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" BODY,
	NULL, NULL, CM_04, "recipients"},
    {"another recipient",
	"From: <news@example.jp>\r\nTo: <jiro@example.jp>\r\n"
	"Subject: x\r\nDate: x\r\nMessage-ID: <1@x>\r\n"
	"List-Unsubscribe: <https://u.example.jp/u/1>, <mailto:u@e.jp>\r\n"
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" BODY,
	NULL, NULL, CM_04, "other_address"},
    {"two From", "From: <a@example.jp>\r\n" PLAIN BODY, NULL, NULL, HD_02,
	"twice"},
    {"two Subject", "Subject: a\r\n" PLAIN BODY, NULL, NULL, HD_02, "twice"},
    {"no Date",
	"From: <news@example.jp>\r\nTo: <taro@example.jp>\r\n"
	"Subject: x\r\nMessage-ID: <1@x>\r\n"
	"List-Unsubscribe: <https://u.example.jp/u/1>, <mailto:u@e.jp>\r\n"
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" BODY,
	NULL, NULL, HD_02, "missing"},
    {"bare LF", PLAIN "\r\nHello\nthis is a letter.\r\n", NULL, NULL, HD_05,
	"line_end"},
    {"bare CR", PLAIN "\r\nHello\rthis is a letter.\r\n", NULL, NULL, HD_05,
	"line_end"},
    {"eight bit", PLAIN "\r\nこんにちは\r\n", NULL, NULL, HD_05, "eight_bit"},
    {"no List-Unsubscribe",
	"From: <news@example.jp>\r\nTo: <taro@example.jp>\r\n"
	"Subject: x\r\nDate: x\r\nMessage-ID: <1@x>\r\n" BODY,
	NULL, NULL, HD_06, "https"},
    {"mark in text", NULL, "Dear {{name}}, this is a letter.", NULL, CM_01,
	"mark"},
    {"mark in HTML", NULL, NULL, "<p>Dear %%name%%, a letter</p>", CM_01,
	"mark"},
    {"shell mark", NULL, "Dear ${name}, this is a letter.", NULL, CM_01,
	"mark"},
    {"not a mark", NULL, "100%% sure, {really}, [[ and no end of it", NULL,
	LC_01, NULL},
    {"no name", NULL, "　様\nいつもありがとうございます。とても。", NULL, CM_02,
	"no_name"},
    {"a word", NULL, "様々なサービスをご用意しています。どうぞ。", NULL, LC_01,
	NULL},
    {"doubled", NULL, "お客様様いつもありがとうございます。とても。", NULL,
	CM_02, "doubled"},
    {"short", NULL, "Hi.", NULL, CM_08, "plain_short"},
    {"URL only in HTML", NULL, "This is a letter without links.",
	"<p><a href=\"https://www.example.jp/a\">x</a></p>", CM_08,
	"plain_lacks_url"},
    {"URL only in text", NULL, "This is a letter: https://www.example.jp/a",
	"<p>x</p>", CM_08, "html_lacks_url"},
    {"URL written out in HTML", NULL,
	"This is a letter: https://www.example.jp/a",
	"<p>This is a letter: https://www.example.jp/a</p>", LC_01, NULL},
};

static void
lint(const struct lint_case *c, struct tally *tally)
{
	struct lint_rules rules = {.class = CLASS_AD};
	struct lint_tools tools = {.arena = arena_new()};
	struct recipient recipient = {
	    .seq = 7, .address = SPAN("taro@example.jp")};
	struct message message = {
	    .bytes = span_of(c->bytes ? c->bytes : PLAIN BODY),
	    .text =
		span_of(c->text ? c->text : "Hello, this is a good letter."),
	    .html =
		span_of(c->html ? c->html : "<p>Hello, this is a letter.</p>"),
	    .subject = SPAN("News"),
	    .rcpt_to = SPAN("taro@example.jp"),
	};

	buf_text(&rules.from_address, "news@example.jp");
	lint_message(&rules, &recipient, &message, &tools, tally);
	lint_tools_done(&tools);
	lint_rules_done(&rules);
}

static void
faults_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct lint_case *c = &cases[i];
		struct tally tally = {0};
		size_t all;

		lint(c, &tally);
		for (int k = 0; k < CHECK_COUNT; k++) {
			/* The rules here have no footer to find. */
			if (k >= LG_01 && k <= LG_04)
				continue;
			if (tally.count[k] && (!c->what || (int)c->check != k))
				print_message("%s: also %s (%s)\n", c->name,
				    check_all(&all)[k].id,
				    err_find(&tally.first[k], "what"));
			if (!c->what)
				assert_int_equal(tally.count[k], 0);
		}
		if (!c->what)
			continue;
		if (!tally.count[c->check])
			fail_msg("%s: not found", c->name);
		assert_string_equal(
		    err_find(&tally.first[c->check], "what"), c->what);
		assert_string_equal(
		    err_find(&tally.first[c->check], "seq"), "7");
	}
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_are_named),
	    cmocka_unit_test(long_lines_and_headers),
	    cmocka_unit_test(tallies_keep_the_first),
	    cmocka_unit_test(the_tree_is_that_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
