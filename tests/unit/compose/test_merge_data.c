/* Values: which one a name means, lists, what is refused, and which way a
 * recipient takes.  Templates of lines, values escaped for HTML. */
#include "core/compose/merge.h"

#include "tests/unit/unit.h"

struct filled {
	struct buf text;
	unsigned char took[32];
	int fallbacks;
	struct err err;
};

static int
merge(const char *template, enum merge_syntax syntax,
    const struct merge_person *person, struct filled *out)
{
	struct merge_source source = {
	    .part = "text",
	    .text = span_of(template),
	    .syntax = syntax,
	};
	struct arena *arena = arena_new();
	struct merge_text text = MERGE_TEXT_INIT;
	struct merge_data *data = NULL;
	struct buf tokens = BUF_INIT;
	struct merge_set set;
	int rc = -1;

	*out = (struct filled){.text = BUF_INIT};
	merge_set_init(&set, arena, &source.text, 1);
	set.language = MERGE_LANGUAGE_JA;
	if (merge_scan(&set, &source, &tokens, &out->err) < 0)
		goto out;
	assert_true(set.mark_count <= sizeof out->took);
	merge_text_add(&text, &set, buf_span(&tokens), MERGE_PLAIN, MERGE_HTML);
	data = merge_data_new(&set);
	if (merge_data_read(data, person, &out->err) < 0 ||
	    merge_check(data, out->took, &out->fallbacks, &out->err) < 0)
		goto out;
	merge_fill(&text, data, SPAN(""), &out->text);
	rc = 0;
out:
	merge_data_free(&data);
	merge_text_done(&text);
	merge_set_done(&set);
	buf_done(&tokens);
	arena_free(&arena);
	return rc;
}

static void
test_values(void **state)
{
	static const struct {
		const char *template, *fields, *wanted;
	} row[] = {
	    /* what a value shows */
	    {"{{a}}", "{\"a\":\"x\\u3042\\n<\"}", "xあ<br>\n&lt;"},
	    {"{{a}} {{b}} {{c}}", "{\"a\":1.50,\"b\":true,\"c\":-2e3}",
		"1.50 true -2e3"},
	    {"{{a|-}}{{b|-}}{{c|-}}{{d|-}}",
		"{\"a\":null,\"b\":false,\"c\":\" 　\"}", "----"},
	    {"{{a}}", "{\"a\":\"1\\r\\n2\"}", "1<br>\n2"},
	    {"{{a}}", "{\"a\":\"first\",\"a\":\"second\"}", "first"},
	    /* truth */
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":\"0\"}", "y"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":\"false\"}", "y"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":0}", "y"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":true}", "y"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":{}}", "y"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":[0]}", "y"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":\"\"}", "n"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":\" 　\"}", "n"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":false}", "n"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":null}", "n"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":[]}", "n"},
	    {"{{#a}}y{{/a}}{{^a}}n{{/a}}", "{}", "n"},
	    /* lists and what stands in them */
	    {"{{#a}}({{.}}){{/a}}", "{\"a\":[1,\"b\",true]}", "(1)(b)(true)"},
	    {"{{#a}}{{.}} is {{a}}{{/a}}", "{\"a\":\"bar\"}", "bar is bar"},
	    {"{{#a}}({{#.}}{{.}}{{/.}}){{/a}}", "{\"a\":[[1,2],[\"x\"]]}",
		"(12)(x)"},
	    {"{{#.}}{{b}}{{/.}}", "[{\"b\":1},{\"b\":2}]", "12"},
	    {"{{.}}", "\"world\"", "world"},
	    {"{{#a}}{{b}}{{c}}{{/a}}",
		"{\"c\":\"!\",\"a\":[{\"b\":1},{\"b\":2,\"c\":\"?\"}]}",
		"1!2?"},
	    {"{{#a}}{{#b}}{{c}}{{d}}{{/b}}{{/a}}{{d}}",
		"{\"d\":0,\"a\":{\"d\":9,\"b\":[{\"c\":1},{\"c\":2,\"d\":3}]}}",
		"19230"},
	    {"{{^a}}{{b}}{{/a}}", "{\"b\":1}", "1"},
	    {"{{#a}}{{^b}}{{c}}{{/b}}{{/a}}",
		"{\"a\":[{\"b\":1,\"c\":2},{\"c\":3}]}", "3"},
	    /* dotted names */
	    {"{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"x\"}}}", "x"},
	    {"{{#a}}{{b.c|-}}{{/a}}", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"x\"}}",
		"-"},
	    {"{{a.b|-}}", "{\"a.b\":\"x\"}", "-"},
	    {"{{a.b}}", "{\"a.b\":\"x\",\"a\":{\"b\":\"y\"}}", "y"},
	    {"{{#a.b}}{{.}}{{/a.b}}", "{\"a\":{\"b\":[1,2]}}", "12"},
	    {"{{a.b|-}}", "{\"a\":[{\"b\":1}]}", "-"},
	    /* a text that is JSON, where it is meant to be */
	    {"{{#a}}{{b}};{{/a}}", "{\"a\":\"[{\\\"b\\\":1},{\\\"b\\\":2}]\"}",
		"1;2;"},
	    {"{{a.b}}", "{\"a\":\"{\\\"b\\\":\\\"\\\\u3042\\\"}\"}", "あ"},
	    {"{{#a}}y{{/a}}", "{\"a\":\"[]\"}", ""},
	    {"{{#a}}{{.}}{{/a}}", "{\"a\":\"[重要]\"}", "[重要]"},
	    {"{{a}}", "{\"a\":\"[1]\"}", "[1]"},
	    {"{{a}}{{#a}}{{.}}{{/a}}", "{\"a\":\"[1]\"}", "[1]1"},
	    /* formats, in a list too */
	    {"{{a:date}} {{a:era full}}", "{\"a\":\"2026-11-25\"}",
		"2026年11月25日 令和8年11月25日(水)"},
	    {"{{#a}}{{n}}:{{p:円}} {{/a}}",
		"{\"a\":[{\"n\":\"A\",\"p\":1200},{\"n\":\"B\",\"p\":\"3,000\"}"
		"]}",
		"A:1,200円 B:3,000円 "},
	    {"{{a:date|未定}}", "{\"a\":\"\"}", "未定"},
	    {"{{a:様}}/{{b:様}}/{{b:様|担当者様}}", "{\"a\":\"山田\"}",
		"山田 様/お客様/担当者様"},
	    {"{{#p}}{{n:宛名}}、{{/p}}",
		"{\"会社名\":\"例示\",\"p\":[{\"n\":\"山田\"},{\"会社名\":\"<B>"
		"\"}]}",
		"例示 山田 様、&lt;B&gt; 御中、"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct merge_person person = {.fields = span_of(row[i].fields)};
		struct filled out;

		if (merge(row[i].template, MERGE_MARKDOWN, &person, &out) < 0 ||
		    !span_equal(buf_span(&out.text), span_of(row[i].wanted)))
			fail_msg("%s %s: %s, %.*s", row[i].template,
			    row[i].fields, err_name(out.err.code),
			    SPAN_ARG(buf_span(&out.text)));
		buf_done(&out.text);
	}
}

static void
test_refused(void **state)
{
	static const struct {
		const char *template, *fields;
		enum err_code code;
		const char *field, *why;
	} row[] = {
	    {"{{a}}", "{}", E_MERGE_EMPTY, "a", ""},
	    {"{{a}}", "{\"a\":null}", E_MERGE_EMPTY, "a", ""},
	    {"{{#a}}{{b}}{{/a}}", "{\"a\":[{\"b\":1},{}]}", E_MERGE_EMPTY, "b",
		""},
	    {"{{a}}", "{\"a\":[1]}", E_MERGE_VALUE, "a", "list"},
	    {"{{a}}", "{\"a\":{}}", E_MERGE_VALUE, "a", "list"},
	    {"{{#a}}{{.}}{{/a}}", "{\"a\":{}}", E_MERGE_VALUE, ".", "list"},
	    {"{{a:date}}", "{\"a\":\"soon\"}", E_MERGE_VALUE, "a", "date"},
	    {"{{a:date|x}}", "{\"a\":\"soon\"}", E_MERGE_VALUE, "a", "date"},
	    {"{{#a}}{{.:yen}}{{/a}}", "{\"a\":[1,1.5]}", E_MERGE_VALUE, ".",
		"number"},
	    {"{{a}}", "{\"a\":\"\\u0007\"}", E_MERGE_BYTES, "a", ""},
	    {"{{#a}}{{.}}{{/a}}", "{\"a\":[\"x\\ny\"]}", E_MERGE_BYTES, ".",
		""},
	    {"{{a}}", "{\"a\":", E_BUG, "", ""},
	    {"{{a}}", "", E_BUG, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct merge_person person = {.fields = span_of(row[i].fields)};
		struct filled out;

		if (merge(row[i].template, MERGE_LINE, &person, &out) == 0 ||
		    out.err.code != row[i].code ||
		    strcmp(err_find(&out.err, "field"), row[i].field) != 0 ||
		    strcmp(err_find(&out.err, "why"), row[i].why) != 0)
			fail_msg("%s %s: %s", row[i].template, row[i].fields,
			    err_name(out.err.code));
		buf_done(&out.text);
	}
}

/* name and address are the recipient's, whatever the data say. */
static void
test_person(void **state)
{
	const struct merge_person person = {SPAN("山田"), SPAN("a@example.jp"),
	    SPAN("{\"name\":\"x\",\"address\":\"x\",\"a\":{\"name\":\"y\"}}")};
	struct filled out;

	(void)state;
	assert_ok(merge("{{name}} {{address}} {{#a}}{{name}}{{/a}}", MERGE_LINE,
		      &person, &out),
	    &out.err);
	assert_span_equal(buf_span(&out.text), "山田 a@example.jp y");
	buf_done(&out.text);
}

static void
test_ways(void **state)
{
	static const struct {
		const char *template, *fields, *took; /* a digit a mark */
		int fallbacks;
	} row[] = {
	    {"{{a}}{{b|x}}{{a|x}}", "{\"a\":1}", "121", 1},
	    {"{{#a}}{{b|x}}{{/a}}{{^a}}{{b}}{{/a}}", "{\"a\":1}", "120200", 1},
	    {"{{#a}}{{b|x}}{{/a}}{{^a}}{{b}}{{/a}}", "{\"b\":1}", "200110", 0},
	    {"{{#a}}{{b|x}}{{#c}}{{/c}}{{/a}}",
		"{\"a\":[{\"b\":1,\"c\":1},{}]}", "13300", 1},
	    {"{{a:様}}", "{}", "2", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct merge_person person = {.fields = span_of(row[i].fields)};
		struct filled out;

		assert_ok(merge(row[i].template, MERGE_LINE, &person, &out),
		    &out.err);
		for (size_t k = 0; row[i].took[k]; k++)
			assert_int_equal(out.took[k], row[i].took[k] - '0');
		assert_int_equal(out.fallbacks, row[i].fallbacks);
		buf_done(&out.text);
	}
}

/* A list in itself, again and again, must not make a message without end. */
static void
test_size(void **state)
{
	struct merge_person person;
	struct buf template = BUF_INIT, fields = BUF_INIT;
	struct filled out;

	(void)state;
	buf_text(&fields, "{\"a\":[1");
	for (int i = 0; i < 99; i++)
		buf_text(&fields, ",1");
	buf_text(&fields, "]}");
	for (int i = 0; i < 8; i++)
		buf_text(&template, "{{#a}}");
	for (int i = 0; i < 8; i++)
		buf_text(&template, "{{/a}}");
	person = (struct merge_person){.fields = buf_span(&fields)};
	assert_int_equal(merge(template.ptr, MERGE_LINE, &person, &out), -1);
	assert_int_equal(out.err.code, E_MERGE_VALUE);
	assert_string_equal(err_find(&out.err, "why"), "size");
	/* nor must words that a list repeats */
	buf_clear(&template);
	buf_text(&template, "{{#a}}");
	for (int i = 0; i < MERGE_FILLED_MAX / 100; i++)
		buf_char(&template, 'x');
	buf_text(&template, "{{/a}}");
	assert_int_equal(merge(template.ptr, MERGE_LINE, &person, &out), -1);
	assert_int_equal(out.err.code, E_MERGE_VALUE);
	assert_string_equal(err_find(&out.err, "why"), "size");
	buf_clear(&fields);
	buf_text(&fields, "{\"a\":[1");
	for (int i = 0; i < MERGE_NODES_MAX; i++)
		buf_text(&fields, ",1");
	buf_text(&fields, "]}");
	person = (struct merge_person){.fields = buf_span(&fields)};
	assert_int_equal(merge("{{#a}}{{/a}}", MERGE_LINE, &person, &out), -1);
	assert_string_equal(err_find(&out.err, "why"), "size");
	/* what no mark names is not kept */
	assert_ok(merge("{{#b}}{{/b}}", MERGE_LINE, &person, &out), &out.err);
	buf_done(&out.text);
	buf_done(&template);
	buf_done(&fields);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_person),
	    cmocka_unit_test(test_ways),
	    cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
