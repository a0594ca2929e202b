/* The MIME writer against the independent reader. */
#include "core/mail/mime.h"
#include "core/mail/parse.h"
#include "tests/unit/unit.h"

#define TOKEN "AbCdEfGhIjKlMnOpQrStUv-_"
#define HIRA  "\xe3\x81\x82"

static struct mime_tree
tree_of(struct span plain, struct span html)
{
	return (struct mime_tree){
	    .token = SPAN(TOKEN),
	    .plain = {plain, MIME_UTF_8},
	    .html = {html, MIME_UTF_8},
	};
}

/* Builds, reads back, and compares both texts, which use CRLF. */
static void
round_trip(const char *plain, const char *html)
{
	struct mime_tree mime = tree_of(span_of(plain), span_of(html));
	const char *const want[] = {plain, html};
	const char *const types[] = {"text/plain", "text/html"};
	struct buf out = BUF_INIT, text = BUF_INIT;
	struct arena *arena = arena_new();
	struct parse_message message;
	struct parse_scan scan;
	struct err err = {0};

	buf_text(&out, "From: a@x.jp\r\nMIME-Version: 1.0\r\n");
	assert_ok(mime_entity(&out, &mime, NULL, &err), &err);
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
	struct mime_tree mime = tree_of(SPAN("Hi\n"), SPAN(HIRA "\n"));
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(mime_entity(&out, &mime, NULL, &err), &err);
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

/* Appends a file as a part. */
static void
add_file(struct buf *out, const char *type, const char *name, const char *id,
    const char *bytes)
{
	const struct mime_file file = {
	    span_of(type), span_of(name), span_of(id), span_of(bytes)};
	struct err err = {0};

	assert_ok(mime_file(out, &file, &err), &err);
}

static void
exact_bytes_of_files(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	add_file(&out, "application/pdf", "a b.pdf", "", "%PDF");
	assert_span_equal(buf_span(&out),
	    "Content-Type: application/pdf\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment;\r\n"
	    " filename=\"a b.pdf\"\r\n"
	    "\r\n"
	    "JVBERg==\r\n");
	buf_clear(&out);
	add_file(&out, "image/png", HIRA ".png", "i1.5@x.jp", "PNG");
	assert_span_equal(buf_span(&out),
	    "Content-Type: image/png\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: inline;\r\n"
	    " filename*=UTF-8''%E3%81%82.png;\r\n"
	    " filename=\"_.png\"\r\n"
	    "Content-ID: <i1.5@x.jp>\r\n"
	    "\r\n"
	    "UE5H\r\n");
	buf_done(&out);
}

/* Everything at once: mixed { alternative { plain, related { html, image } },
 * file, file }. */
static void
exact_bytes_of_the_tree(void **state)
{
	struct mime_tree mime = tree_of(SPAN("Hi\n"), SPAN("<p>\n"));
	const struct span image[] = {SPAN("I: 1\r\n\r\nQQ==\r\n")};
	const struct span file[] = {
	    SPAN("F: 1\r\n\r\nUQ==\r\n"), SPAN("F: 2\r\n\r\n")};
	struct buf out = BUF_INIT;
	struct err err = {0};
	size_t place[3];

	(void)state;
	mime.image = image;
	mime.image_count = 1;
	mime.file = file;
	mime.file_count = 2;
	assert_ok(mime_entity(&out, &mime, place, &err), &err);
	assert_span_equal(buf_span(&out),
	    "Content-Type: multipart/mixed;\r\n"
	    " boundary=\"=_m." TOKEN "\"\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n"
	    "\r\n"
	    "--=_m." TOKEN "\r\n"
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
	    "Content-Type: multipart/related; type=\"text/html\";\r\n"
	    " boundary=\"=_r." TOKEN "\"\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n"
	    "\r\n"
	    "--=_r." TOKEN "\r\n"
	    "Content-Type: text/html; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n"
	    "<p>\r\n"
	    "\r\n"
	    "--=_r." TOKEN "\r\n"
	    "I: 1\r\n\r\nQQ==\r\n"
	    "--=_r." TOKEN "--\r\n"
	    "--=_" TOKEN "--\r\n"
	    "--=_m." TOKEN "\r\n"
	    "F: 1\r\n\r\nUQ==\r\n"
	    "--=_m." TOKEN "\r\n"
	    "F: 2\r\n\r\n"
	    "--=_m." TOKEN "--\r\n");
	assert_true(!strncmp(out.ptr + place[0], "I: 1", 4));
	assert_true(!strncmp(out.ptr + place[1], "F: 1", 4));
	assert_true(!strncmp(out.ptr + place[2], "F: 2", 4));
	buf_done(&out);
}

/* Office files have types that do not fit behind the field's name. */
static void
no_line_is_longer_than_76(void **state)
{
	static const char type[] = "application/vnd.openxmlformats-"
				   "officedocument.presentationml.presentation";
	char name[301] = {0};
	struct buf out = BUF_INIT;
	struct parse_scan scan;

	(void)state;
	memset(name, 'n', 300);
	add_file(&out, type, name, "", "0123456789");
	add_file(&out, "text/csv; charset=UTF-8", "a.csv", "", "a,b");
	add_file(&out, type, HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA, "",
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789");
	parse_scan(buf_span(&out), &scan);
	assert_true(scan.longest_line <= 76);
	assert_int_equal(scan.bare_lf + scan.bare_cr + scan.nul, 0);
	buf_done(&out);
}

static void
files_come_back(void **state)
{
	struct mime_tree mime = tree_of(SPAN("Hi"), SPAN("<p>"));
	struct buf image = BUF_INIT, file = BUF_INIT, name = BUF_INIT;
	struct buf out = BUF_INIT, body = BUF_INIT;
	struct arena *arena = arena_new();
	struct parse_message message;
	struct span part[2];
	struct err err = {0};

	(void)state;
	buf_text(&out, "MIME-Version: 1.0\r\n");
	add_file(&image, "image/png", "logo.png", "logo@x.jp", "\x89PNG");
	add_file(&file, "application/pdf", "\xe8\xab\x8b\xe6\xb1\x82.pdf", "",
	    "--=_" TOKEN "\r\n");
	mime.image = &part[0];
	mime.file = &part[1];
	part[0] = buf_span(&image);
	part[1] = buf_span(&file);
	mime.image_count = mime.file_count = 1;
	assert_ok(mime_entity(&out, &mime, NULL, &err), &err);
	assert_ok(parse_message(buf_span(&out), arena, &message, &err), &err);
	assert_int_equal(message.part_count, 7);
	assert_span_equal(message.part[5].type, "image/png");
	assert_int_equal(message.part[5].depth, 3);
	assert_span_equal(message.part[6].type, "application/pdf");
	assert_int_equal(message.part[6].depth, 1);
	assert_ok(parse_body(&message.part[5], &body, &err), &err);
	assert_span_equal(buf_span(&body), "\x89PNG");
	buf_clear(&body);
	assert_ok(parse_body(&message.part[6], &body, &err), &err);
	assert_span_equal(buf_span(&body), "--=_" TOKEN "\r\n");
	assert_true(parse_parameter(
	    parse_find(&message.part[6].header, "Content-Disposition")->value,
	    "filename", &name));
	assert_span_equal(buf_span(&name), "\xe8\xab\x8b\xe6\xb1\x82.pdf");
	arena_free(&arena);
	buf_done(&image);
	buf_done(&file);
	buf_done(&name);
	buf_done(&out);
	buf_done(&body);
}

static void
refuses_bad_files(void **state)
{
	static const struct {
		const char *type, *name, *id;
		enum err_code code;
	} bad[] = {
	    {"application", "a", "", E_BUG},
	    {"/pdf", "a", "", E_BUG},
	    {"application/", "a", "", E_BUG},
	    {"a/b/c", "a", "", E_BUG},
	    {"a/b\r\nX: y", "a", "", E_BUG},
	    {"a/b; charset=", "a", "", E_BUG},
	    {"a/b; charset=x\r\nX: y", "a", "", E_BUG},
	    {"a/b; name=x", "a", "", E_BUG},
	    {"a/b", "", "", E_BUG},
	    {"a/b", "a\r\nX: y", "", E_HEADER_BYTES},
	    {"a/b", "a\x1b", "", E_HEADER_BYTES},
	    {"a/b", "a\xff", "", E_HEADER_BYTES},
	    {"a/b", "a", "no at", E_BUG},
	    {"a/b", "a", "a@b>\r\nX: y", E_BUG},
	};
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const struct mime_file file = {span_of(bad[i].type),
		    span_of(bad[i].name), span_of(bad[i].id), SPAN("x")};

		assert_int_equal(mime_file(&out, &file, &err), -1);
		assert_int_equal(err.code, bad[i].code);
		assert_int_equal(out.len, 0);
	}
	buf_done(&out);
}

static void
names_the_charset(void **state)
{
	struct mime_tree mime =
	    tree_of(SPAN("\x1b$B$\"\x1b(B\n"), SPAN(HIRA "\n"));
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	mime.plain.charset = MIME_ISO_2022_JP;
	assert_ok(mime_entity(&out, &mime, NULL, &err), &err);
	assert_true(span_search(buf_span(&out),
			SPAN("Content-Type: text/plain; charset=ISO-2022-JP; "
			     "format=fixed\r\n")) < out.len);
	buf_clear(&out);
	/* octets of another charset are not passed on under its name */
	mime.html.charset = MIME_ISO_2022_JP;
	assert_int_equal(mime_entity(&out, &mime, NULL, &err), -1);
	assert_int_equal(err.code, E_MIME_TEXT);
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
		struct mime_tree plain = tree_of(evil, SPAN(""));
		struct mime_tree html = tree_of(SPAN(""), evil);

		assert_int_equal(mime_entity(&out, &plain, NULL, &err), -1);
		assert_int_equal(err.code, E_MIME_TEXT);
		assert_string_equal(err_find(&err, "part"), "plain");
		assert_int_equal(mime_entity(&out, &html, NULL, &err), -1);
		assert_string_equal(err_find(&err, "part"), "html");
		assert_int_equal(out.len, 0);
	}
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		struct mime_tree mime = tree_of(SPAN("a"), SPAN("b"));

		mime.token = span_of(tokens[i]);

		assert_int_equal(mime_entity(&out, &mime, NULL, &err), -1);
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
	    cmocka_unit_test(exact_bytes_of_files),
	    cmocka_unit_test(exact_bytes_of_the_tree),
	    cmocka_unit_test(no_line_is_longer_than_76),
	    cmocka_unit_test(files_come_back),
	    cmocka_unit_test(refuses_bad_files),
	    cmocka_unit_test(names_the_charset),
	    cmocka_unit_test(chooses_by_share_of_ascii),
	    cmocka_unit_test(refuses_bad_texts_and_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
