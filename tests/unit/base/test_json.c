/* JSON: strict reading, one way of writing strings. */
#include "tests/unit/unit.h"

#include "core/base/buf.h"
#include "core/base/json.h"

/* Members found before the end, or -1 for a text that is refused. */
static int
members(const char *text)
{
	struct json_walk walk;
	struct span key, value;
	int count = 0, got;

	json_begin(&walk, span_of(text));
	while ((got = json_next(&walk, &key, &value)) == 1)
		count++;
	return got < 0 ? -1 : count;
}

static void
counts_members_and_refuses_the_rest(void **state)
{
	static const struct {
		const char *text;
		int wanted;
	} cases[] = {
	    {"{}", 0},
	    {" {\t} \r\n", 0},
	    {"{\"a\":\"b\"}", 1},
	    {"{ \"a\" : \"b\" , \"\" : \"\" }", 2},
	    {"{\"\\u0041\":\"\\ud842\\udfb7\\n\\/\"}", 1},
	    {"", -1},
	    {"[]", -1},
	    {"null", -1},
	    {"{", -1},
	    {"{\"a\"}", -1},
	    {"{\"a\":1}", 1},
	    {"{\"a\":null,\"b\":true, \"c\" : false }", 3},
	    {"{\"a\":nul}", -1},
	    {"{\"a\":truefalse}", -1},
	    {"{\"a\":-0.5e+10,\"b\":0,\"c\":10.25E3}", 3},
	    {"{\"a\":01}", -1},
	    {"{\"a\":+1}", -1},
	    {"{\"a\":.5}", -1},
	    {"{\"a\":1.}", -1},
	    {"{\"a\":1e}", -1},
	    {"{\"a\":-}", -1},
	    {"{\"a\":NaN}", -1},
	    {"{\"a\":[1, \"x\", {\"b\": [] , \"c\":{}}]}", 1},
	    {"{\"a\":[1,]}", -1},
	    {"{\"a\":[1 2]}", -1},
	    {"{\"a\":[1}", -1},
	    {"{\"a\":[}", -1},
	    {"{\"a\":{\"b\"}}", -1},
	    {"{\"a\":{\"b\":1,}}", -1},
	    {"{\"a\":{1:2}}", -1},
	    {"{\"a\":[\"\xff\"]}", -1},
	    {"{\"a\":\"b\",}", -1},
	    {"{,\"a\":\"b\"}", -1},
	    {"{\"a\":\"b\"\"c\":\"d\"}", -1},
	    {"{\"a\":\"b}", -1},
	    {"{\"a\":\"b\"} x", -1},
	    {"{\"a\":\"b\"}{}", -1},
	    {"{\"a\":\"\n\"}", -1},
	    {"{\"a\":\"\xff\"}", -1},
	    {"{\"a\":\"\xe3\x81\"}", -1},
	    {"{\"a\":\"\\x\"}", -1},
	    {"{\"a\":\"\\u12g4\"}", -1},
	    {"{\"a\":\"\\u123\"}", -1},
	    {"{\"a\":\"\\ud842\"}", -1},
	    {"{\"a\":\"\\ud842\\u0041\"}", -1},
	    {"{\"a\":\"\\udfb7\"}", -1},
	    {"{\"a\":\"\\", -1},
	    {"{'a':'b'}", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (members(cases[i].text) != cases[i].wanted)
			fail_msg(
			    "%s: %d", cases[i].text, members(cases[i].text));
	}
}

static void
stays_refused_after_a_fault(void **state)
{
	struct json_walk walk;
	struct span key, value;

	(void)state;
	json_begin(&walk, SPAN("{\"a\":\"b\",!"));
	assert_int_equal(json_next(&walk, &key, &value), 1);
	assert_int_equal(json_next(&walk, &key, &value), -1);
	assert_int_equal(json_next(&walk, &key, &value), -1);
}

static void
reads_lists_and_single_values(void **state)
{
	struct json_walk walk;
	struct span key, value;
	enum json_type type;
	struct buf out = BUF_INIT, deep = BUF_INIT;

	(void)state;
	json_begin_array(&walk, SPAN("[ \"a\\n\" ,2, [3 ] ,null]"));
	while (json_next(&walk, &key, &value) == 1) {
		assert_int_equal(key.len, 0);
		json_show(walk.type, value, &out);
		buf_char(&out, '|');
		json_copy(walk.type, value, &out);
		buf_char(&out, '|');
	}
	assert_int_equal(walk.state, JSON_END);
	assert_span_equal(buf_span(&out), "a\n|\"a\\n\"|2|2|[3 ]|[3 ]||null|");
	json_begin_array(&walk, SPAN("{}"));
	assert_int_equal(json_next(&walk, &key, &value), -1);
	assert_true(json_value(SPAN(" {\"a\":1} "), &type, &value));
	assert_int_equal(type, JSON_OBJECT);
	assert_span_equal(value, "{\"a\":1}");
	assert_true(json_value(SPAN("\"x\""), &type, &value));
	assert_int_equal(type, JSON_STRING);
	assert_span_equal(value, "x");
	assert_false(json_value(SPAN("1 2"), &type, &value));
	assert_false(json_value(SPAN(""), &type, &value));
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_char(&deep, '[');
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_char(&deep, ']');
	assert_true(json_value(buf_span(&deep), &type, &value));
	buf_clear(&out);
	buf_char(&out, '[');
	buf_add(&out, buf_span(&deep));
	buf_char(&out, ']');
	assert_false(json_value(buf_span(&out), &type, &value));
	buf_done(&out);
	buf_done(&deep);
}

static void
compares_and_unescapes(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	assert_true(json_is(SPAN("abc"), SPAN("abc")));
	assert_true(json_is(SPAN("a\\u0062\\n"), SPAN("ab\n")));
	assert_true(json_is(SPAN("\\ud842\\udfb7"), SPAN("\xf0\xa0\xae\xb7")));
	assert_false(json_is(SPAN("a\\u0062"), SPAN("abc")));
	assert_false(json_is(SPAN("a\\u0062c"), SPAN("ab")));
	assert_false(json_is(SPAN("\\u0062"), SPAN("")));
	json_unescape(
	    SPAN("\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud842\\udfb7"), &out);
	assert_span_equal(
	    buf_span(&out), "\"\\/\b\f\n\r\t\xc3\xa9\xf0\xa0\xae\xb7");
	buf_done(&out);
}

static void
finds_a_member(void **state)
{
	static const struct {
		const char *object, *value;
		int got;
	} cases[] = {
	    {"{\"a\":1,\"\\u0062\":\"x\",\"b\":\"y\"}", "x", 1},
	    {"{\"a\":{\"b\":\"x\"}}", "", 0},
	    {"{}", "", 0},
	    {"{\"b\":\"x\"", "x", 1},
	    {"{\"a\":1", "", -1},
	    {"[\"b\"]", "", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum json_type type;
		struct span value;

		assert_int_equal(json_find(span_of(cases[i].object), SPAN("b"),
				     &type, &value),
		    cases[i].got);
		if (cases[i].got != 1)
			continue;
		assert_int_equal(type, JSON_STRING);
		assert_span_equal(value, cases[i].value);
	}
}

static void
writes_what_it_reads(void **state)
{
	struct buf text = BUF_INIT, back = BUF_INIT;
	struct json_walk walk;
	struct span key, value;
	char odd[130];

	(void)state;
	for (int i = 0; i < 128; i++)
		odd[i] = (char)i;
	buf_char(&text, '{');
	json_quote(&text, SPAN("\xe4\xbc\x9a\xe7\xa4\xbe"));
	buf_char(&text, ':');
	json_quote(&text, span_make(odd, 128));
	buf_char(&text, '}');
	json_begin(&walk, buf_span(&text));
	assert_int_equal(json_next(&walk, &key, &value), 1);
	assert_span_equal(key, "\xe4\xbc\x9a\xe7\xa4\xbe");
	json_unescape(value, &back);
	assert_int_equal(back.len, 128);
	assert_memory_equal(back.ptr, odd, 128);
	assert_int_equal(json_next(&walk, &key, &value), 0);
	buf_done(&text);
	buf_done(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_members_and_refuses_the_rest),
	    cmocka_unit_test(stays_refused_after_a_fault),
	    cmocka_unit_test(reads_lists_and_single_values),
	    cmocka_unit_test(compares_and_unescapes),
	    cmocka_unit_test(finds_a_member),
	    cmocka_unit_test(writes_what_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
