/* The MIME writer against the independent reader. */
#include "core/mail/mime.h"
#include "core/mail/parse.h"
#include "tests/unit/unit.h"

#define TOKEN "AbCdEfGhIjKlMnOpQrStUv-_"
#define HIRA  "\xe3\x81\x82"

/* Builds, reads back, and compares both texts, which use CRLF. */
static void
round_trip(const char *plain, const char *html)
{
	struct mime_alternative mime = {
	    SPAN(TOKEN), span_of(plain), span_of(html), MIME_ANY};
	const char *const want[] = {plain, html};
	const char *const types[] = {"text/plain", "text/html"};
	struct buf out = BUF_INIT, text = BUF_INIT;
	struct arena *arena = arena_new();
	struct parse_message message;
	struct parse_scan scan;
	struct err err = {0};

	buf_text(&out, "From: a@x.jp\r\nMIME-Version: 1.0\r\n");
	assert_ok(mime_alternative(&out, &mime, &err), &err);
	parse_scan(buf_span(&out), &scan);
	assert_true(scan.longest_line <= 76);
	assert_int_equal(scan.bare_lf + scan.bare_cr + scan.nul, 0);
	assert_int_equal(scan.high_in_header + scan.high_in_body, 0);
	assert_ok(parse_message(buf_span(&out), arena, &message, &err), &err);
	assert_int_equal(message.part_count, 3);
	assert_span_equal(message.part[0].type, "multipart/alternative");
	for (int i = 0; i < 2; i++) {
		const struct parse_part *part = &message.part[i + 1];

		assert_span_equal(part->type, types[i]);
		assert_span_equal(part->charset, "UTF-8");
		assert_int_equal(part->parent, 0);
		buf_clear(&text);
		assert_ok(parse_body(part, &text, &err), &err);
		assert_span_equal(buf_span(&text), want[i]);
	}
	arena_free(&arena);
	buf_done(&text);
	buf_done(&out);
}

static void
texts_come_back(void **state)
{
	(void)state;
	round_trip("Hello\r\n", "<p>Hello</p>\r\n");
	round_trip("Hello", "<p>Hello</p>");
	round_trip("", "");
	round_trip("\r\n\r\n", "\r\n");
	round_trip(HIRA HIRA "\r\n" HIRA "\r\n", "<p>" HIRA "</p>\r\n");
	round_trip(HIRA, HIRA HIRA);
	/* A text that looks like the boundary, in both encodings. */
	round_trip("--=_" TOKEN "\r\n--=_" TOKEN "--\r\n",
	    HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA
	    "\r\n--=_" TOKEN "--\r\n");
	round_trip(".\r\n..\r\nFrom x\r\n", "tab\there \r\n");
}

static void
exact_bytes(void **state)
{
	struct mime_alternative mime = {
	    SPAN(TOKEN), SPAN("Hi\n"), SPAN(HIRA "\n"), MIME_ANY};
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(mime_alternative(&out, &mime, &err), &err);
	assert_span_equal(buf_span(&out),
	    "Content-Type: multipart/alternative;\r\n"
	    " boundary=\"=_" TOKEN "\"\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n"
	    "\r\n"
	    "--=_" TOKEN "\r\n"
	    "Content-Type: text/plain; charset=UTF-8; format=fixed\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n"
	    "Hi\r\n"
	    "\r\n"
	    "--=_" TOKEN "\r\n"
	    "Content-Type: text/html; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "\r\n"
	    "44GCDQo=\r\n"
	    "--=_" TOKEN "--\r\n");
	buf_done(&out);
}

static void
chooses_by_share_of_ascii(void **state)
{
	(void)state;
	assert_int_equal(mime_choose(SPAN("")), MIME_QP);
	assert_int_equal(mime_choose(SPAN("ascii")), MIME_QP);
	assert_int_equal(mime_choose(SPAN(HIRA)), MIME_BASE64);
	/* 17 of 20 octets are ASCII: 85 %. */
	assert_int_equal(mime_choose(SPAN("12345678901234567" HIRA)), MIME_QP);
	assert_int_equal(
	    mime_choose(SPAN("1234567890123456" HIRA)), MIME_BASE64);
}

static void
refuses_bad_texts_and_tokens(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
	    {"a\0b", 3},
	    {"a\rb", 3},
	    {"ab\r", 3},
	    {"\x1b[2J", 4},
	    {"a\x7f", 2},
	    {"a\xff", 2},
	};
	static const char *const tokens[] = {"", "short", TOKEN " ",
	    TOKEN "\r\n", TOKEN "\"", TOKEN TOKEN TOKEN};
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct span evil = span_make(bad[i].bytes, bad[i].len);
		struct mime_alternative plain = {
		    SPAN(TOKEN), evil, SPAN(""), MIME_ANY};
		struct mime_alternative html = {
		    SPAN(TOKEN), SPAN(""), evil, MIME_ANY};

		assert_int_equal(mime_alternative(&out, &plain, &err), -1);
		assert_int_equal(err.code, E_MIME_TEXT);
		assert_string_equal(err_find(&err, "part"), "plain");
		assert_int_equal(mime_alternative(&out, &html, &err), -1);
		assert_string_equal(err_find(&err, "part"), "html");
		assert_int_equal(out.len, 0);
	}
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		struct mime_alternative mime = {
		    span_of(tokens[i]), SPAN("a"), SPAN("b"), MIME_ANY};

		assert_int_equal(mime_alternative(&out, &mime, &err), -1);
		assert_int_equal(err.code, E_BUG);
		assert_int_equal(out.len, 0);
	}
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_come_back),
	    cmocka_unit_test(exact_bytes),
	    cmocka_unit_test(chooses_by_share_of_ascii),
	    cmocka_unit_test(refuses_bad_texts_and_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
