/* The independent reader: structure, limits, decoding, mailboxes. */
#include <stdio.h>

#include "core/mail/parse.h"
#include "tests/unit/unit.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void
reads_escapes_of_urls(void **state)
{
	static const struct {
		struct span url;
		const char *plain;
	} cases[] = {
	    {SPAN("/a%2Fb%3d%E5%B1%B1"), "/a/b=山"},
	    {SPAN("100%"), "100%"},
	    {SPAN("%4"), "%4"},
	    {SPAN("%%41%4g"), "%A%4g"},
	    {SPAN(""), ""},
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&out);
		parse_percent(cases[i].url, &out);
		assert_span_equal(buf_span(&out), cases[i].plain);
	}
	buf_done(&out);
}

static void
reads_fields_in_order(void **state)
{
	static const char text[] = "From: a@x.jp\r\nSubject: one\r\n two\r\n"
				   "X:\r\nsubject : again\r\n\r\nbody\r\n";
	struct parse_header header;
	struct span body;
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(
	    parse_header(span_of(text), arena, &header, &body, &err), &err);
	assert_int_equal(header.count, 4);
	assert_span_equal(body, "body\r\n");
	assert_span_equal(header.field[0].name, "From");
	assert_span_equal(header.field[1].value, "one\r\n two");
	assert_span_equal(header.field[1].whole, "Subject: one\r\n two\r\n");
	assert_span_equal(header.field[2].value, "");
	assert_span_equal(header.field[3].name, "subject");
	assert_int_equal(parse_count(&header, "SUBJECT"), 2);
	assert_int_equal(parse_count(&header, "Sub"), 0);
	assert_ptr_equal(parse_find(&header, "Subject"), &header.field[1]);
	assert_null(parse_find(&header, "To"));
	parse_unfold(header.field[1].value, &out);
	assert_span_equal(buf_span(&out), "one two");
	buf_done(&out);
}

static void
scans_octets(void **state)
{
	static const char text[] = "A: 1\r\nB: \xc3\xa9\r\n\r\n"
				   "12345\nab\rcd\r\n\0\xff";
	struct parse_scan scan;

	(void)state;
	parse_scan(span_make(text, sizeof text - 1), &scan);
	assert_int_equal(scan.header_lines, 2);
	assert_int_equal(scan.header_octets, 13);
	assert_int_equal(scan.high_in_header, 2);
	assert_int_equal(scan.high_in_body, 1);
	assert_int_equal(scan.bare_lf, 1);
	assert_int_equal(scan.bare_cr, 1);
	assert_int_equal(scan.nul, 1);
	assert_int_equal(scan.longest_line, 5);
	assert_int_equal(scan.total_octets, sizeof text - 1);
	parse_scan(SPAN(""), &scan);
	assert_int_equal(scan.total_octets, 0);
}

/* Reads text and gives the reason for refusing it, "" when it is fine. */
static const char *
why_refused(struct span text, struct err *err)
{
	struct parse_message message;

	*err = (struct err){0};
	if (parse_message(text, arena, &message, err) == 0)
		return "";
	assert_int_equal(err->code, E_MIME_PARSE);
	return err_find(err, "why");
}

static void
refuses_ambiguous_structure(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
	    {"", ""},
	    {"\r\n", ""},
	    {"\r\nbody", ""},
	    {"A: 1", ""},
	    {"A: 1\r\n\r\n", ""},
	    {"no colon\r\n\r\n", "name"},
	    {": empty\r\n\r\n", "name"},
	    {"A b: 1\r\n\r\n", "name"},
	    {" A: 1\r\n\r\n", "name"},
	    {"\xc3\xa9: 1\r\n\r\n", "name"},
	    {"From x Mon\r\nA: 1\r\n\r\n", "name"},
	    {"Content-Type: multipart/mixed\r\n\r\n", "boundary"},
	    {"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n",
		"boundary"},
	    {"Content-Type: multipart/mixed; boundary=x\r\n\r\n", "unclosed"},
	    {"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
		"unclosed"},
	    {"Content-Type: multipart/mixed; boundary=x\r\n\r\n--xy--",
		"unclosed"},
	    {"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x--", ""},
	    {"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
	     "pre\r\n--x \t\r\n\r\nbody\r\n--x--\r\npost",
		""},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("%zu\n", i);
		assert_string_equal(
		    why_refused(span_of(cases[i].text), &err), cases[i].why);
	}
}

/* A multipart inside a multipart, levels deep, with one leaf. */
static void
nest(struct buf *out, int levels)
{
	for (int i = 0; i < levels; i++) {
		buf_printf(out,
		    "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n"
		    "--b%d\r\n",
		    i, i);
	}
	buf_text(out, "\r\nleaf");
	for (int i = levels - 1; i >= 0; i--)
		buf_printf(out, "\r\n--b%d--", i);
}

static void
keeps_its_limits(void **state)
{
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	nest(&text, PARSE_DEPTH_MAX);
	assert_string_equal(why_refused(buf_span(&text), &err), "");
	buf_clear(&text);
	nest(&text, PARSE_DEPTH_MAX + 1);
	assert_string_equal(why_refused(buf_span(&text), &err), "depth");
	for (int parts = PARSE_PARTS_MAX - 1; parts <= PARSE_PARTS_MAX;
	    parts++) {
		buf_clear(&text);
		buf_text(
		    &text, "Content-Type: multipart/mixed; boundary=x\r\n\r\n");
		for (int i = 0; i < parts; i++)
			buf_text(&text, "--x\r\n\r\n\r\n");
		buf_text(&text, "--x--");
		assert_string_equal(why_refused(buf_span(&text), &err),
		    parts < PARSE_PARTS_MAX ? "" : "parts");
	}
	buf_clear(&text);
	for (int i = 0; i < PARSE_FIELDS_MAX; i++)
		buf_text(&text, "A: 1\r\n");
	assert_string_equal(why_refused(buf_span(&text), &err), "");
	buf_text(&text, "A: 1\r\n");
	assert_string_equal(why_refused(buf_span(&text), &err), "fields");
	buf_clear(&text);
	buf_text(&text, "A:");
	while (text.len < PARSE_HEADER_MAX)
		buf_char(&text, 'x');
	assert_string_equal(why_refused(buf_span(&text), &err), "");
	buf_char(&text, 'x');
	assert_string_equal(why_refused(buf_span(&text), &err), "header");
	buf_clear(&text);
	buf_text(&text, "\r\n");
	while (text.len < PARSE_MESSAGE_MAX)
		buf_add(&text, SPAN("0123456789abcdef"));
	buf_text(&text, "more");
	assert_string_equal(why_refused(buf_span(&text), &err), "size");
	buf_done(&text);
}

static void
walks_the_tree(void **state)
{
	static const char text[] =
	    "Content-Type: Multipart/Mixed; boundary=\"a "
	    "b\"\r\n\r\npreamble\r\n"
	    "--a b\r\n"
	    "Content-Type: multipart/alternative; boundary=in\r\n\r\n"
	    "--in\r\n\r\nplain\r\n--in\r\n"
	    "Content-Type: text/html;charset=\"utf-8\"\r\n"
	    "Content-Transfer-Encoding: BASE64\r\n\r\naHRtbA==\r\n--in--\r\n"
	    "--a b\r\nContent-Type: application/x-y\r\n"
	    "Content-Transfer-Encoding: odd\r\n\r\n\r\n\r\n--a b--\r\n";
	struct parse_message m;
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(parse_message(span_of(text), arena, &m, &err), &err);
	assert_int_equal(m.part_count, 5);
	assert_span_equal(m.part[0].type, "Multipart/Mixed");
	assert_int_equal(m.part[0].parent, -1);
	assert_int_equal(m.part[1].parent, 0);
	assert_int_equal(m.part[2].parent, 1);
	assert_int_equal(m.part[2].depth, 2);
	assert_span_equal(m.part[2].type, "text/plain");
	assert_span_equal(m.part[2].charset, "us-ascii");
	assert_span_equal(m.part[2].body, "plain");
	assert_int_equal(m.part[3].parent, 1);
	assert_span_equal(m.part[3].charset, "utf-8");
	assert_ok(parse_body(&m.part[3], &out, &err), &err);
	assert_span_equal(buf_span(&out), "html");
	assert_int_equal(m.part[4].parent, 0);
	assert_span_equal(m.part[4].body, "\r\n");
	assert_int_equal(parse_body(&m.part[4], &out, &err), -1);
	assert_string_equal(err_find(&err, "why"), "encoding");
	buf_done(&out);
}

static void
decodes_words(void **state)
{
	static const struct {
		const char *in, *out;
		size_t broken;
	} cases[] = {
	    /* RFC 2047 section 8. */
	    {"=?ISO-8859-1?Q?a?=", "a", 0},
	    {"=?ISO-8859-1?Q?a?= b", "a b", 0},
	    {"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab", 0},
	    {"=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab", 0},
	    {"=?ISO-8859-1?Q?a?=\r\n =?ISO-8859-1?Q?b?=", "ab", 0},
	    {"=?ISO-8859-1?Q?a_b?=", "a b", 0},
	    {"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?_b?=", "a b", 0},
	    {"=?utf-8*en?q?=C3=A9?=", "\xc3\xa9", 0},
	    {"=?iso-8859-1?q?=E9?=", "\xc3\xa9", 0},
	    {"=?utf-8?b?w6k=?=", "\xc3\xa9", 0},
	    {"a  =?utf-8?b?w6k=?=  b", "a  \xc3\xa9  b", 0},
	    {"plain  text", "plain  text", 0},
	    {"x=?utf-8?b?w6k=?=", "x=?utf-8?b?w6k=?=", 0},
	    {"=?utf-8?b?w6k?=", "=?utf-8?b?w6k?=", 1},
	    {"=?utf-8?b?w6l=?=", "=?utf-8?b?w6l=?=", 1},
	    {"=?utf-8?b?/w==?=", "=?utf-8?b?/w==?=", 1},
	    {"=?utf-8?x?aa?=", "=?utf-8?x?aa?=", 1},
	    {"=?utf-8?q?=C?=", "=?utf-8?q?=C?=", 1},
	    {"=?us-ascii?q?=E9?=", "=?us-ascii?q?=E9?=", 1},
	    {"=?koi8-r?B?wQ==?= =?utf-8?q?a?=", "=?koi8-r?B?wQ==?= a", 1},
	    {"=?iso-2022-jp?B?GyRCMCEbKEI=?= x", "\xe4\xba\x9c x", 0},
	    {"=?iso-2022-jp?B?GyRCMA==?= x", "=?iso-2022-jp?B?GyRCMA==?= x", 1},
	    {"=?"
	     "?=",
		"=?"
		"?=",
		0},
	    {"=?\?\?\?\?=", "=?\?\?\?\?=", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;

		print_message("%s\n", cases[i].in);
		assert_int_equal(
		    parse_words(span_of(cases[i].in), &out), cases[i].broken);
		assert_span_equal(buf_span(&out), cases[i].out);
		buf_done(&out);
	}
}

static void
reads_parameters(void **state)
{
	static const struct {
		const char *value, *want; /* NULL: absent */
	} cases[] = {
	    {"text/plain; name=a", "a"},
	    {"text/plain; NAME = \"a;b \\\"c\\\"\" ; x=y", "a;b \"c\""},
	    {"text/plain; x=\"name=no\"; name=yes", "yes"},
	    {"text/plain; x=y", NULL},
	    {"name=a", NULL},
	    {"text/plain; (name=no;) name=yes (why)", "yes"},
	    {"t/p; name*=utf-8'ja'%E3%81%82", "\xe3\x81\x82"},
	    {"t/p; name=_; name*=utf-8''%E3%81%82", "\xe3\x81\x82"},
	    {"t/p; name*=iso-8859-1''%E9", "\xc3\xa9"},
	    {"t/p; name=fallback; name*=x-odd''%E9", "fallback"},
	    {"t/p; name=fallback; name*=utf-8''%E", "fallback"},
	    {"t/p; name*1*=%82; name*0*=utf-8''%E3%81; name*2=\" x\"",
		"\xe3\x81\x82 x"},
	    {"t/p; name*0=a; name*2=c", "a"},
	    {"t/p; na\r\n me=x;\r\n name=y", "y"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;

		print_message("%s\n", cases[i].value);
		assert_int_equal(
		    parse_parameter(span_of(cases[i].value), "name", &out),
		    cases[i].want != NULL);
		if (cases[i].want)
			assert_span_equal(buf_span(&out), cases[i].want);
		buf_done(&out);
	}
}

static void
decodes_bodies_strictly(void **state)
{
	static const struct {
		enum parse_encoding how;
		const char *in, *out; /* NULL: refused */
	} cases[] = {
	    {PARSE_IDENTITY, "a=\r\n", "a=\r\n"},
	    {PARSE_QP, "a=3D=\r\nb \t\r\nc=20", "a=b\r\nc "},
	    {PARSE_QP, "a=  \r\nb", "ab"},
	    {PARSE_QP, "=e3=81=82\n", "\xe3\x81\x82\r\n"},
	    {PARSE_QP, "a=3", NULL},
	    {PARSE_QP, "a=zz", NULL},
	    {PARSE_QP, "\xc3\xa9", NULL},
	    {PARSE_BASE64, "", ""},
	    {PARSE_BASE64, "Zm9v\r\nYg==\r\n", "foob"},
	    {PARSE_BASE64, "Zm9vYg==\r\n\r\n ", "foob"},
	    {PARSE_BASE64, "Zm9", NULL},
	    {PARSE_BASE64, "Zm9vYg==Zm9v", NULL},
	    {PARSE_BASE64, "Zm9vYh==", NULL},
	    {PARSE_BASE64, "Zm=v", NULL},
	    {PARSE_BASE64, "Z===", NULL},
	    {PARSE_BASE64, "Zm9v!", NULL},
	    {PARSE_UNKNOWN, "a", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parse_part part = {
		    .body = span_of(cases[i].in), .encoding = cases[i].how};
		struct buf out = BUF_INIT;
		struct err err = {0};

		print_message("%s\n", cases[i].in);
		assert_int_equal(
		    parse_body(&part, &out, &err), cases[i].out ? 0 : -1);
		if (cases[i].out)
			assert_span_equal(buf_span(&out), cases[i].out);
		buf_done(&out);
	}
}

static void
reads_mailboxes(void **state)
{
	static const struct {
		const char *value;
		int count;                  /* -1: refused */
		const char *name, *address; /* of the last */
	} cases[] = {
	    {"", 0, "", ""},
	    {"a@x.jp", 1, "", "a@x.jp"},
	    {"Taro <a@x.jp>", 1, "Taro", "a@x.jp"},
	    {"\"Y, T\" <a@x.jp>", 1, "Y, T", "a@x.jp"},
	    {"\"a \\\"b\\\"\" <a@x.jp>", 1, "a \"b\"", "a@x.jp"},
	    {"a@x.jp (Taro, (nested) \\) one)", 1, "", "a@x.jp"},
	    {"a@x.jp, B <b@x.jp>", 2, "B", "b@x.jp"},
	    {"a@x.jp,, b@x.jp,", 2, "", "b@x.jp"},
	    {"group: a@x.jp, b@x.jp;", 2, "", "b@x.jp"},
	    {"nobody:;", 0, "", ""},
	    {"\"a..b\"@docomo.ne.jp", 1, "", "\"a..b\"@docomo.ne.jp"},
	    {"=?utf-8?q?=C3=A9?= <a@x.jp>", 1, "\xc3\xa9", "a@x.jp"},
	    {"A\r\n <a@x.jp>", 1, "A", "a@x.jp"},
	    {"\"evil@y.jp\" <a@x.jp>", 1, "evil@y.jp", "a@x.jp"},
	    {"Taro", -1, "", ""},
	    {"<a@x.jp", -1, "", ""},
	    {"<a@x.jp> b@x.jp", -1, "", ""},
	    {"A <a@x.jp> <b@x.jp>", -1, "", ""},
	    {"a b@x.jp", -1, "", ""},
	    {"a@b@x.jp", -1, "", ""},
	    {"@x.jp", -1, "", ""},
	    {"a@", -1, "", ""},
	    {"\"a@x.jp", -1, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parse_mailbox *list;
		struct err err = {0};
		size_t count;
		int rc = parse_mailboxes(
		    span_of(cases[i].value), arena, &list, &count, &err);

		print_message("%s\n", cases[i].value);
		assert_int_equal(rc, cases[i].count < 0 ? -1 : 0);
		if (rc < 0)
			continue;
		assert_int_equal(count, cases[i].count);
		if (count == 0)
			continue;
		assert_span_equal(list[count - 1].name, cases[i].name);
		assert_span_equal(list[count - 1].address, cases[i].address);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_fields_in_order),
	    cmocka_unit_test(reads_escapes_of_urls),
	    cmocka_unit_test(scans_octets),
	    cmocka_unit_test(refuses_ambiguous_structure),
	    cmocka_unit_test(keeps_its_limits),
	    cmocka_unit_test(walks_the_tree),
	    cmocka_unit_test(decodes_words),
	    cmocka_unit_test(reads_parameters),
	    cmocka_unit_test(decodes_bodies_strictly),
	    cmocka_unit_test(reads_mailboxes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
