/* Marks: what is one, what is refused, and how values are escaped. */
#include "core/compose/merge.h"

#include "tests/fake/merge_case.h"
#include "tests/unit/unit.h"

/* Scans source and puts what it holds into html/attr/... of one context. */
static int
scan(struct merge_set *set, struct arena *arena, const char *text,
    enum merge_syntax syntax, struct buf *out, struct err *err)
{
	struct merge_source source = {
	    .part = syntax == MERGE_LINE ? "subject" : "text",
	    .text = span_of(text),
	    .syntax = syntax,
	};

	merge_set_init(set, arena, &source.text, 1);
	return merge_scan(set, &source, out, err);
}

/* The text with every field given the same value, escaped for context. */
static int
fill(const char *text, enum merge_syntax syntax, enum merge_context context,
    const char *value, struct buf *out, int *fallbacks, struct err *err)
{
	struct arena *arena = arena_new();
	struct merge_text compiled = MERGE_TEXT_INIT;
	struct buf tokens = BUF_INIT, json = BUF_INIT;
	struct merge_data *data = NULL;
	struct merge_set set;
	int rc = -1;

	if (scan(&set, arena, text, syntax, &tokens, err) < 0)
		goto out;
	merge_text_add(
	    &compiled, &set, buf_span(&tokens), MERGE_PLAIN, context);
	data = merge_data_new(&set);
	if (merge_read_same(data, &set, span_of(value), &json, err) < 0 ||
	    merge_check(data, NULL, fallbacks, err) < 0)
		goto out;
	merge_fill(&compiled, data, SPAN(""), out);
	rc = 0;
out:
	merge_data_free(&data);
	merge_text_done(&compiled);
	merge_set_done(&set);
	buf_done(&tokens);
	buf_done(&json);
	arena_free(&arena);
	return rc;
}

static void
test_marks(void **state)
{
	static const struct {
		const char *name, *source, *value, *wanted;
		enum merge_syntax syntax;
	} row[] = {
	    {"plain", "a {{name}} b", "X", "a X b", MERGE_LINE},
	    {"blanks", "{{ name }}", "X", "X", MERGE_LINE},
	    {"ideographic blank", "{{　会社名　}}", "X", "X", MERGE_LINE},
	    {"japanese", "{{会社名}}御中", "例示", "例示御中", MERGE_LINE},
	    {"inner space", "{{first name}}", "X", "X", MERGE_LINE},
	    {"two", "{{name}}{{id}}", "X", "XX", MERGE_LINE},
	    {"unused fallback", "{{name|客}}", "X", "X", MERGE_LINE},
	    {"used fallback", "{{name|お客}}様", "", "お客様", MERGE_LINE},
	    {"fallback trimmed", "{{name | friend }}", "", "friend",
		MERGE_LINE},
	    {"blank value", "{{name|客}}", " 　\t", "客", MERGE_LINE},
	    {"empty fallback", "[{{name|}}]", "", "[]", MERGE_LINE},
	    {"bar in fallback", "{{name|a|b}}", "", "a|b", MERGE_LINE},
	    {"one brace", "{name} } {", "X", "{name} } {", MERGE_LINE},
	    {"closing only", "a }} b", "X", "a }} b", MERGE_LINE},
	    {"escaped", "\\{{name}}", "X", "{{name}}", MERGE_LINE},
	    {"escaped, markdown", "\\{{name}}", "X", "\\{{name}}",
		MERGE_MARKDOWN},
	    {"both escaped", "\\{\\{name}}", "X", "\\{\\{name}}",
		MERGE_MARKDOWN},
	    {"backslash escaped", "\\\\{{name}}", "X", "\\\\X", MERGE_MARKDOWN},
	    {"token in source", "QZAA00000ZQ {{name}}", "X", "QZAA00000ZQ X",
		MERGE_LINE},
	    {"section", "a{{#name}}b{{name}}{{/name}}c", "X", "abXc",
		MERGE_LINE},
	    {"section left out", "a{{#name}}b{{name}}{{/name}}c", " ", "ac",
		MERGE_LINE},
	    {"inverted", "a{{^name}}b{{/name}}c", "", "abc", MERGE_LINE},
	    {"inverted left out", "a{{^name}}b{{/name}}c", "X", "ac",
		MERGE_LINE},
	    {"nested", "{{#a}}1{{^b}}2{{/b}}3{{#b}}4{{/b}}{{/a}}5", "X", "1345",
		MERGE_LINE},
	    {"no mark", "", "X", "", MERGE_LINE},
	    {"backslash at end", "a\\", "X", "a\\", MERGE_LINE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf out = BUF_INIT;
		struct err err = {0};
		int fallbacks, rc;
		/* a tab in a value is a control, but blank all the same */
		const char *value = row[i].value;
		if (strchr(value, '\t'))
			value = " 　";
		rc = fill(row[i].source, row[i].syntax, MERGE_PLAIN, value,
		    &out, &fallbacks, &err);
		if (rc < 0 ||
		    !span_equal(buf_span(&out), span_of(row[i].wanted)))
			fail_msg("%s: %s, got \"%.*s\"", row[i].name,
			    err_name(err.code), SPAN_ARG(buf_span(&out)));
		buf_done(&out);
	}
}

static void
test_syntax_errors(void **state)
{
	static const struct {
		const char *source;
		enum err_code code;
		const char *why, *line, *column;
	} row[] = {
	    {"{{name", E_MERGE_SYNTAX, "open", "1", "1"},
	    {"{{name}", E_MERGE_SYNTAX, "open", "1", "1"},
	    {"a\nあ {{na\nme}}", E_MERGE_SYNTAX, "open", "2", "3"},
	    {"{{}}", E_MERGE_SYNTAX, "name", "1", "1"},
	    {"{{ |x}}", E_MERGE_SYNTAX, "name", "1", "1"},
	    {"{{na..me}}", E_MERGE_SYNTAX, "name", "1", "1"},
	    {"{{.name}}", E_MERGE_SYNTAX, "name", "1", "1"},
	    {"{{name.}}", E_MERGE_SYNTAX, "name", "1", "1"},
	    {"{{a . b}}", E_MERGE_SYNTAX, "name", "1", "1"},
	    {"{{*b}}", E_MERGE_SYNTAX, "name", "1", "1"},
	    {"{{{name}}}", E_MERGE_SYNTAX, "unescaped", "1", "1"},
	    {"{{&name}}", E_MERGE_SYNTAX, "unescaped", "1", "1"},
	    {"{{>part}}", E_MERGE_SYNTAX, "partial", "1", "1"},
	    {"{{=<% %>=}}", E_MERGE_SYNTAX, "delimiter", "1", "1"},
	    {"{{<b}}", E_MERGE_SYNTAX, "block", "1", "1"},
	    {"{{$b}}", E_MERGE_SYNTAX, "block", "1", "1"},
	    {"{{! a", E_MERGE_SYNTAX, "open", "1", "1"},
	    {"{{#a|b}}{{/a}}", E_MERGE_SYNTAX, "fallback", "1", "1"},
	    {"{{#a:date}}{{/a}}", E_MERGE_SYNTAX, "format", "1", "1"},
	    {"\n{{#a}}", E_MERGE_SYNTAX, "unclosed", "2", "1"},
	    {"{{#a}}{{^b}}{{/b}}", E_MERGE_SYNTAX, "unclosed", "1", "1"},
	    {"あ {{/a}}", E_MERGE_SYNTAX, "unopened", "1", "3"},
	    {"{{#a}}\n {{/b}}", E_MERGE_SYNTAX, "unopened", "2", "2"},
	    {"{{#a}}{{#b}}{{/a}}{{/b}}", E_MERGE_SYNTAX, "crossed", "1", "13"},
	    {"{{name\xe2\x80\xae}}", E_MERGE_SYNTAX, "name", "1", "1"},
	    {"{{name|{{id}}}}", E_MERGE_SYNTAX, "nested", "1", "1"},
	    {"x\ny\n 姓{{na*em}}", E_MERGE_SYNTAX, "name", "3", "3"},
	    {"x\ny{{a}} {{!\n\n}} あ{{a}}{{b*}}", E_MERGE_SYNTAX, "name", "4",
		"10"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct arena *arena = arena_new();
		struct buf out = BUF_INIT;
		struct err err = {0};
		struct merge_set set;

		assert_int_equal(scan(&set, arena, row[i].source,
				     MERGE_MARKDOWN, &out, &err),
		    -1);
		assert_string_equal(err_name(err.code), err_name(row[i].code));
		assert_string_equal(err_find(&err, "why"), row[i].why);
		assert_string_equal(err_find(&err, "line"), row[i].line);
		assert_string_equal(err_find(&err, "column"), row[i].column);
		assert_string_equal(err_find(&err, "part"), "text");
		merge_set_done(&set);
		buf_done(&out);
		arena_free(&arena);
	}
}

/* What stands in scanned text, with its tokens written as marks again. */
static void
test_scanned(void **state)
{
	static const struct {
		const char *source, *line, *markdown;
	} row[] = {
	    {"{{#a}}x{{/a}}", "{{#a}}x{{/a}}", "{{#a}}x{{/a}}"},
	    {"{{^ a }}x{{/ a}}y", "{{^a}}x{{/a}}y", "{{^a}}x{{/a}}y"},
	    {"1\n{{#a}}\n2\n{{/a}}\n3", "1\n{{#a}}2\n{{/a}}3",
		"1\n{{#a}}\n2\n{{/a}}\n3"},
	    {"1\n  {{#a}} \n2\n\t{{/a}}", "1\n{{#a}}2\n{{/a}}",
		"1\n  {{#a}} \n2\n\t{{/a}}"},
	    {"{{#a}}\r\n2\r\n{{/a}}\r\n3", "{{#a}}2\r\n{{/a}}3",
		"{{#a}}\r\n2\r\n{{/a}}\r\n3"},
	    {"x {{#a}}\n{{/a}}", "x {{#a}}\n{{/a}}", "x {{#a}}\n{{/a}}"},
	    {"a{{! words }}b", "ab", "ab"},
	    {"a\n {{! words }} \nb", "a\nb", "a\nb"},
	    {"a\n{{! two\nlines }}\nb", "a\nb", "a\nb"},
	    {"{{!}}", "", ""},
	    {"\\{{#a}}", "{{#a}}", "\\{{#a}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row * 2; i++) {
		struct arena *arena = arena_new();
		struct buf out = BUF_INIT, shown = BUF_INIT;
		struct err err = {0};
		struct merge_set set;
		bool line = i % 2 == 0;

		assert_ok(scan(&set, arena, row[i / 2].source,
			      line ? MERGE_LINE : MERGE_MARKDOWN, &out, &err),
		    &err);
		merge_show(&set, buf_span(&out), &shown);
		assert_span_equal(buf_span(&shown),
		    line ? row[i / 2].line : row[i / 2].markdown);
		merge_set_done(&set);
		buf_done(&out);
		buf_done(&shown);
		arena_free(&arena);
	}
}

/* Comments take lines away: errors name the lines of the source. */
static void
test_source_lines(void **state)
{
	static const int wanted[] = {1, 2, 5, 7, 8};
	struct arena *arena = arena_new();
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct merge_set set;

	(void)state;
	assert_ok(
	    scan(&set, arena, "1\n2\n{{! 3 }}\n{{! 4}}\n5 {{! 5\n6}} 6\n7\n8\n",
		MERGE_MARKDOWN, &out, &err),
	    &err);
	assert_span_equal(buf_span(&out), "1\n2\n5  6\n7\n8\n");
	for (int i = 0; i < 5; i++)
		assert_int_equal(merge_source_line(&set, i + 1), wanted[i]);
	merge_set_done(&set);
	buf_done(&out);
	arena_free(&arena);
}

/* What a token is, and how sections are tied together. */
static void
test_tokens(void **state)
{
	static const enum merge_kind kind[] = {MERGE_SECTION, MERGE_VALUE,
	    MERGE_INVERTED, MERGE_CLOSE, MERGE_CLOSE};
	struct arena *arena = arena_new();
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct merge_set set;
	struct span rest;
	unsigned mark;

	(void)state;
	assert_ok(scan(&set, arena, "{{#a}}{{b}}{{^c}}{{/c}}{{/a}}", MERGE_LINE,
		      &out, &err),
	    &err);
	rest = buf_span(&out);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(merge_token_kind(&set, rest, &mark), kind[i]);
		assert_int_equal(mark, i);
		rest = span_slice(rest, MERGE_TOKEN_LEN, rest.len);
	}
	assert_int_equal(merge_token_kind(&set, rest, NULL), MERGE_NONE);
	assert_int_equal(set.mark[0].partner, 4);
	assert_int_equal(set.mark[4].partner, 0);
	assert_int_equal(set.mark[2].partner, 3);
	assert_int_equal(set.mark[0].parent, MERGE_NO_MARK);
	assert_int_equal(set.mark[1].parent, 0);
	assert_int_equal(set.mark[2].parent, 0);
	assert_int_equal(set.mark[3].parent, 0);
	assert_true(set.field[0].is_section);
	assert_false(set.field[0].is_value);
	assert_true(set.field[1].is_value);
	merge_set_done(&set);
	buf_done(&out);
	arena_free(&arena);
}

/* A writer that puts the end before the beginning is found out. */
static void
test_torn(void **state)
{
	struct arena *arena = arena_new();
	struct merge_text text = MERGE_TEXT_INIT, moved = MERGE_TEXT_INIT;
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct merge_set set;
	struct span open, close;

	(void)state;
	assert_ok(
	    scan(&set, arena, "{{#a}}{{/a}}", MERGE_LINE, &out, &err), &err);
	open = span_slice(buf_span(&out), 0, MERGE_TOKEN_LEN);
	close = span_slice(buf_span(&out), MERGE_TOKEN_LEN, out.len);
	merge_text_add(&text, &set, close, MERGE_PLAIN, MERGE_PLAIN);
	merge_text_add(&text, &set, open, MERGE_PLAIN, MERGE_PLAIN);
	assert_int_equal(merge_text_torn(&text), 1);
	merge_text_done(&text);
	merge_text_add(&text, &set, open, MERGE_PLAIN, MERGE_PLAIN);
	merge_text_raw(&text, SPAN("ab"));
	assert_int_equal(merge_text_torn(&text), 0);
	merge_text_add(&text, &set, close, MERGE_PLAIN, MERGE_PLAIN);
	assert_int_equal(merge_text_torn(&text), MERGE_NO_MARK);
	merge_text_move(&moved, &text, 0, 1);
	assert_int_equal(merge_text_torn(&moved), 0);
	merge_text_move(&moved, &text, 1, 2);
	assert_int_equal(merge_text_torn(&moved), MERGE_NO_MARK);
	merge_text_done(&text);
	merge_text_done(&moved);
	merge_set_done(&set);
	buf_done(&out);
	arena_free(&arena);
}

static void
test_too_long(void **state)
{
	struct arena *arena = arena_new();
	struct buf source = BUF_INIT, out = BUF_INIT;
	struct err err = {0};
	struct merge_set set;

	(void)state;
	buf_text(&source, "{{name|");
	for (int i = 0; i <= MERGE_FALLBACK_MAX; i++)
		buf_char(&source, 'x');
	buf_text(&source, "}}");
	assert_int_equal(
	    scan(&set, arena, source.ptr, MERGE_LINE, &out, &err), -1);
	assert_string_equal(err_find(&err, "why"), "length");
	merge_set_done(&set);
	buf_clear(&source);
	buf_clear(&out);
	for (int i = 0; i <= MERGE_MARKS_MAX; i++)
		buf_text(&source, "{{id}}");
	assert_int_equal(
	    scan(&set, arena, source.ptr, MERGE_LINE, &out, &err), -1);
	assert_string_equal(err_find(&err, "why"), "count");
	merge_set_done(&set);
	buf_done(&source);
	buf_done(&out);
	arena_free(&arena);
}

/* Every context against values that try to leave it. */
static void
test_escaping(void **state)
{
	static const struct {
		enum merge_context context;
		const char *value, *wanted;
	} row[] = {
	    {MERGE_HTML, "<script>alert(1)</script>",
		"&lt;script&gt;alert(1)&lt;/script&gt;"},
	    {MERGE_HTML, "a & \"b\" 'c'", "a &amp; &quot;b&quot; &#39;c&#39;"},
	    {MERGE_HTML, "&lt;", "&amp;lt;"},
	    {MERGE_HTML, "一\n二", "一<br>\n二"},
	    {MERGE_HTML, "山田 太郎", "山田 太郎"},
	    {MERGE_ATTR, "\" onmouseover=\"alert(1)",
		"&quot; onmouseover=&quot;alert(1)"},
	    {MERGE_ATTR, "' onerror='x", "&#39; onerror=&#39;x"},
	    {MERGE_ATTR, "></a><b>", "&gt;&lt;/a&gt;&lt;b&gt;"},
	    {MERGE_URL, "a b&c=d#e", "a%20b%26c%3Dd%23e"},
	    {MERGE_URL, "javascript:alert(1)", "javascript%3Aalert%281%29"},
	    {MERGE_URL, "../../evil", "..%2F..%2Fevil"},
	    {MERGE_URL, "\"><script>", "%22%3E%3Cscript%3E"},
	    {MERGE_URL, "山", "%E5%B1%B1"},
	    {MERGE_URL, "%41", "%2541"},
	    {MERGE_URL, "A-z_0.~", "A-z_0.~"},
	    {MERGE_PLAIN, "<b>&", "<b>&"},
	    {MERGE_HEADER, "山田 <x@y>", "山田 <x@y>"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf out = BUF_INIT;

		merge_escape(row[i].context, span_of(row[i].value), &out);
		assert_span_equal(buf_span(&out), row[i].wanted);
		buf_done(&out);
	}
}

static void
test_bytes(void **state)
{
	static const struct {
		const char *value;
		enum merge_syntax syntax;
		enum merge_context context;
		const char *part; /* NULL: accepted */
	} row[] = {
	    {"a\nBcc: x@y.z", MERGE_LINE, MERGE_HEADER, "subject"},
	    {"a\r\nBcc: x@y.z", MERGE_LINE, MERGE_HEADER, "subject"},
	    {"a\rb", MERGE_LINE, MERGE_HEADER, "subject"},
	    {"a\xc2\x85z", MERGE_LINE, MERGE_HEADER, "subject"},
	    {"a\xe2\x80\xa8z", MERGE_LINE, MERGE_HEADER, "subject"},
	    {"\x1b[31m", MERGE_MARKDOWN, MERGE_HTML, "text"},
	    {"a\xff", MERGE_MARKDOWN, MERGE_HTML, "text"},
	    {"a\x7f", MERGE_MARKDOWN, MERGE_PLAIN, "text"},
	    {"a\nb", MERGE_MARKDOWN, MERGE_URL, "text"},
	    {"a\nb", MERGE_MARKDOWN, MERGE_ATTR, "text"},
	    {"a\nb", MERGE_MARKDOWN, MERGE_HTML, NULL},
	    {"a\nb", MERGE_MARKDOWN, MERGE_PLAIN, NULL},
	    {"\001x\002", MERGE_MARKDOWN, MERGE_PLAIN, "text"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf out = BUF_INIT;
		struct err err = {0};
		int fallbacks, rc;

		rc = fill("{{name}}", row[i].syntax, row[i].context,
		    row[i].value, &out, &fallbacks, &err);
		assert_int_equal(rc, row[i].part ? -1 : 0);
		if (row[i].part) {
			assert_int_equal(err.code, E_MERGE_BYTES);
			assert_string_equal(err_find(&err, "field"), "name");
			assert_string_equal(
			    err_find(&err, "part"), row[i].part);
		}
		buf_done(&out);
	}
}

static void
test_empty(void **state)
{
	struct buf out = BUF_INIT;
	struct err err = {0};
	int fallbacks = -1;

	(void)state;
	assert_int_equal(fill("{{name|a}} {{id}}", MERGE_LINE, MERGE_PLAIN, "",
			     &out, &fallbacks, &err),
	    -1);
	assert_int_equal(err.code, E_MERGE_EMPTY);
	assert_string_equal(err_find(&err, "field"), "id");
	assert_ok(fill("{{name|a}} {{id|b}} {{name|c}}", MERGE_LINE,
		      MERGE_PLAIN, "", &out, &fallbacks, &err),
	    &err);
	assert_int_equal(fallbacks, 3);
	assert_span_equal(buf_span(&out), "a b c");
	buf_done(&out);
}

static void
test_fields(void **state)
{
	struct arena *arena = arena_new();
	struct buf out = BUF_INIT, shown = BUF_INIT;
	struct err err = {0};
	struct merge_set set;

	(void)state;
	assert_ok(scan(&set, arena, "{{id}} {{name|x}} {{id|y}}", MERGE_LINE,
		      &out, &err),
	    &err);
	assert_int_equal(set.field_count, 2);
	assert_int_equal(set.mark_count, 3);
	assert_span_equal(set.field[0].name, "id");
	assert_false(set.field[0].has_fallback);
	assert_true(set.field[1].has_fallback);
	assert_true(set.field[1].in_header);
	merge_show(&set, buf_span(&out), &shown);
	assert_span_equal(buf_span(&shown), "{{id}} {{name}} {{id}}");
	merge_set_done(&set);
	buf_done(&out);
	buf_done(&shown);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_syntax_errors),
	    cmocka_unit_test(test_scanned),
	    cmocka_unit_test(test_source_lines),
	    cmocka_unit_test(test_tokens),
	    cmocka_unit_test(test_torn),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_escaping),
	    cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
