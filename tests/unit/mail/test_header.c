/* Header fields: exact shapes, folding, the gate against injection, and the way
 * back through the independent reader. */
#include "core/mail/encode.h"
#include "core/mail/header.h"
#include "core/mail/parse.h"
#include "tests/unit/unit.h"

/* Autumn notice, in Japanese: nine characters, 27 octets. */
#define AUTUMN                                                                 \
	"\xe7\xa7\x8b\xe3\x81\xae\xe3\x81\x94\xe6\xa1\x88\xe5\x86\x85"         \
	"\xe3\x81\xa7\xe3\x81\x99\xe3\x80\x82\xef\xbc\x81"
#define YAMADA "\xe5\xb1\xb1\xe7\x94\xb0 \xe5\xa4\xaa\xe9\x83\x8e"

static void
assert_lines(struct span text, size_t limit)
{
	assert_true(span_ends(text, SPAN("\r\n")));
	while (text.len) {
		struct span line = span_cut(&text, '\n');

		assert_true(span_ends(line, SPAN("\r")));
		assert_true(line.len - 1 <= limit);
		assert_int_equal(span_index(line, '\r'), line.len - 1);
		assert_true(span_trim(line).len > 0);
	}
}

/* The value of the only field in text, as a reader sees it. */
static void
read_back(struct span text, struct buf *out)
{
	struct arena *arena = arena_new();
	struct parse_header header;
	struct span body;
	struct err err = {0};

	assert_ok(parse_header(text, arena, &header, &body, &err), &err);
	assert_int_equal(header.count, 1);
	assert_int_equal(parse_words(header.field[0].value, out), 0);
	arena_free(&arena);
}

static void
text_comes_back(void **state)
{
	static const char *const values[] = {"Hello", "Hello there, world",
	    AUTUMN, "50% off: " AUTUMN,
	    "=?not really?=", "a =?UTF-8?B?x?=", " leading", "trailing ",
	    "two  blanks  inside  stay  here",
	    "a subject of many words that goes on and on until it does not "
	    "fit into one line of seventy six columns any more, and more",
	    AUTUMN AUTUMN AUTUMN AUTUMN AUTUMN AUTUMN AUTUMN AUTUMN,
	    "0123456789012345678901234567890123456789012345678901234567890"
	    "1234567890123456789",
	    "\xf0\x9f\x98\x80 emoji"};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct buf out = BUF_INIT, back = BUF_INIT;
		struct err err = {0};

		assert_ok(
		    header_text(&out, "Subject", span_of(values[i]), &err),
		    &err);
		assert_lines(buf_span(&out), ENCODE_LINE_MAX);
		assert_true(encode_is_ascii(buf_span(&out)));
		read_back(buf_span(&out), &back);
		assert_span_equal(buf_span(&back), values[i]);
		buf_done(&out);
		buf_done(&back);
	}
	(void)state;
}

static void
text_exact(void **state)
{
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(
	    header_text(&out, "Subject", SPAN("Hello there"), &err), &err);
	assert_span_equal(buf_span(&out), "Subject: Hello there\r\n");
	buf_clear(&out);
	assert_ok(header_text(&out, "Subject", SPAN(AUTUMN), &err), &err);
	assert_span_equal(buf_span(&out),
	    "Subject: =?UTF-8?B?56eL44Gu44GU5qGI5YaF44Gn44GZ44CC77yB?=\r\n");
	buf_clear(&out);
	assert_ok(header_text(&out, "Subject", SPAN(""), &err), &err);
	assert_span_equal(buf_span(&out), "Subject:\r\n");
	buf_done(&out);
}

static const struct evil {
	const char *bytes;
	size_t len;
} evils[] = {
    {"a\r\nBcc: x@y.jp", 15}, {"a\nb", 3}, {"a\rb", 3}, {"a\0b", 3},
    {"a\tb", 3}, {"a\x1b[2J", 5}, {"a\x7f", 2}, {"a\xc2\x85", 3}, /* C1 NEL */
    {"a\xff", 2}, {"a\xed\xa0\x80", 4}, /* a surrogate */
};

static void
control_characters_are_refused_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof evils / sizeof *evils; i++) {
		struct span evil = span_make(evils[i].bytes, evils[i].len);
		struct header_mailbox named = {evil, SPAN("a@x.jp")};
		struct header_mailbox plain = {SPAN("A"), evil};
		struct buf out = BUF_INIT;
		struct err err = {0};

		assert_int_equal(header_text(&out, "Subject", evil, &err), -1);
		assert_int_equal(err.code, E_HEADER_BYTES);
		assert_string_equal(err_find(&err, "field"), "Subject");
		assert_int_equal(
		    header_structured(&out, "List-Id", evil, &err), -1);
		assert_int_equal(header_mailbox(&out, "To", &named, &err), -1);
		assert_int_equal(header_mailbox(&out, "To", &plain, &err), -1);
		assert_int_equal(
		    header_list_unsubscribe(&out, evil, SPAN(""), &err), -1);
		assert_int_equal(out.len, 0);
		buf_done(&out);
	}
}

static void
mailboxes_exact(void **state)
{
	static const struct {
		const char *name, *address, *want;
	} known[] = {
	    {"", "a@x.jp", "To: a@x.jp\r\n"},
	    {"Taro Yamada", "a@x.jp", "To: Taro Yamada <a@x.jp>\r\n"},
	    {"Yamada, Taro", "a@x.jp", "To: \"Yamada, Taro\" <a@x.jp>\r\n"},
	    {"a \"b\" \\c", "a@x.jp", "To: \"a \\\"b\\\" \\\\c\" <a@x.jp>\r\n"},
	    {"a  b", "a@x.jp", "To: \"a  b\" <a@x.jp>\r\n"},
	    {"J. Doe", "a@x.jp", "To: \"J. Doe\" <a@x.jp>\r\n"},
	    {"x@y.jp", "a@x.jp", "To: \"x@y.jp\" <a@x.jp>\r\n"},
	    {YAMADA, "\"a..b\"@docomo.ne.jp",
		"To: =?UTF-8?B?5bGx55SwIOWkqumDjg==?="
		" <\"a..b\"@docomo.ne.jp>\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct header_mailbox box = {
		    span_of(known[i].name), span_of(known[i].address)};
		struct buf out = BUF_INIT;
		struct err err = {0};

		assert_ok(header_mailbox(&out, "To", &box, &err), &err);
		assert_span_equal(buf_span(&out), known[i].want);
		buf_done(&out);
	}
}

static void
mailboxes_come_back_as_one(void **state)
{
	static const char *const names[] = {"Taro", "Yamada, Taro <x@y.jp>",
	    "a@b, c@d", YAMADA, YAMADA YAMADA YAMADA YAMADA YAMADA YAMADA,
	    "(comment) \"quoted\"", "=?UTF-8?B?eA==?=",
	    "a very long name of a department with a very long name, too"};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct header_mailbox box = {span_of(names[i]),
		    SPAN("a-long-local-part@a-long-domain.example.jp")};
		struct parse_mailbox *list;
		struct buf out = BUF_INIT;
		struct span value;
		size_t count;
		struct err err = {0};

		assert_ok(header_mailbox(&out, "From", &box, &err), &err);
		assert_lines(buf_span(&out), ENCODE_LINE_MAX);
		value = span_slice(buf_span(&out), 5, out.len);
		assert_ok(
		    parse_mailboxes(value, arena, &list, &count, &err), &err);
		assert_int_equal(count, 1);
		assert_span_equal(list[0].name, names[i]);
		assert_true(span_equal(list[0].address, box.address));
		buf_done(&out);
	}
	arena_free(&arena);
}

static void
structured_fields_fold_at_blanks(void **state)
{
	struct buf out = BUF_INIT, back = BUF_INIT;
	struct err err = {0};
	char piece[1100];

	(void)state;
	memset(piece, 'x', sizeof piece);
	assert_ok(
	    header_structured(&out, "List-Id", SPAN("<n.x.jp>"), &err), &err);
	assert_span_equal(buf_span(&out), "List-Id: <n.x.jp>\r\n");
	for (size_t len = 1; len < 200; len++) {
		struct buf value = BUF_INIT;

		buf_add(&value, span_make(piece, len));
		buf_char(&value, ' ');
		buf_add(&value, span_make(piece, 70));
		buf_clear(&out);
		assert_ok(
		    header_structured(&out, "X", buf_span(&value), &err), &err);
		assert_lines(buf_span(&out), len > 75 ? len + 1 : 76);
		buf_clear(&back);
		read_back(buf_span(&out), &back);
		assert_true(span_equal(buf_span(&back), buf_span(&value)));
		buf_done(&value);
	}
	buf_clear(&out);
	assert_ok(
	    header_structured(&out, "X", span_make(piece, 990), &err), &err);
	assert_lines(buf_span(&out), ENCODE_HARD_MAX);
	buf_clear(&out);
	assert_int_equal(
	    header_structured(&out, "X", span_make(piece, 1000), &err), -1);
	assert_int_equal(err.code, E_HEADER_LENGTH);
	assert_int_equal(out.len, 0);
	buf_done(&out);
	buf_done(&back);
}

static void
list_unsubscribe_exact(void **state)
{
	static const char *const bad[] = {"", "https://", "http://x.jp/u",
	    "https://x.jp/a b", "https://x.jp/<", "https://x.jp/,",
	    "mailto:u@x.jp"};
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(header_list_unsubscribe(&out, SPAN("https://u.x.jp/u/T"),
		      SPAN("mailto:u+T@b.x.jp?subject=unsubscribe"), &err),
	    &err);
	assert_span_equal(buf_span(&out),
	    "List-Unsubscribe: <https://u.x.jp/u/T>,\r\n"
	    " <mailto:u+T@b.x.jp?subject=unsubscribe>\r\n"
	    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
	buf_clear(&out);
	assert_ok(header_list_unsubscribe(
		      &out, SPAN("https://u.x.jp/"), SPAN(""), &err),
	    &err);
	assert_true(span_starts(buf_span(&out),
	    SPAN("List-Unsubscribe: <https://u.x.jp/>\r\nList")));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		buf_clear(&out);
		assert_int_equal(header_list_unsubscribe(
				     &out, span_of(bad[i]), SPAN(""), &err),
		    -1);
		assert_int_equal(out.len, 0);
	}
	assert_int_equal(header_list_unsubscribe(&out, SPAN("https://x.jp/"),
			     SPAN("https://x.jp/"), &err),
	    -1);
	buf_done(&out);
}

static void
message_ids(void **state)
{
	static const char *const good[] = {
	    "<a@b>", "<c.1.x2.y3@example.jp>", "<a+b=c@x.y>"};
	static const char *const bad[] = {"", "<>", "<@>", "a@b", "<a@b",
	    "<ab>", "<a@b@c>", "<a..b@c>", "<.a@c>", "<a b@c>", "<a@b> ",
	    "<a@b.>", "<a@\xc3\xa9>", "<a\r\n@b>"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(header_is_message_id(span_of(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(header_is_message_id(span_of(bad[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_comes_back),
	    cmocka_unit_test(text_exact),
	    cmocka_unit_test(control_characters_are_refused_everywhere),
	    cmocka_unit_test(mailboxes_exact),
	    cmocka_unit_test(mailboxes_come_back_as_one),
	    cmocka_unit_test(structured_fields_fold_at_blanks),
	    cmocka_unit_test(list_unsubscribe_exact),
	    cmocka_unit_test(message_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
