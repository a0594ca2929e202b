/* An object in a cell: flat fields, or the reason why not. */
#include "tests/unit/unit.h"

#include "core/base/buf.h"
#include "core/import/explode.h"

/* Writes "path/field=value;" for each member, or "code column why". */
static void
show(struct span cell, struct buf *text)
{
	struct arena *arena = arena_new();
	struct explosion got;
	struct err err = {0};

	buf_clear(text);
	if (explode(cell, arena, &got, &err) < 0) {
		buf_printf(text, "%s %s %s", err_name(err.code),
		    err_find(&err, "column"), err_find(&err, "why"));
		arena_free(&arena);
		return;
	}
	buf_text(text, "");
	for (size_t i = 0; i < got.count; i++) {
		buf_printf(text, "%s/%s=%s;", got.member[i].path.ptr,
		    got.member[i].field.ptr, got.member[i].value.ptr);
	}
	arena_free(&arena);
}

static void
takes_objects_apart(void **state)
{
	static const struct {
		const char *cell, *wanted;
	} cases[] = {
	    {"", ""},
	    {" \xe3\x80\x80", ""},
	    {"{}", ""},
	    {"{\"city\":\"東京\",\"age\":42}", "city/city=東京;age/age=42;"},
	    {" {\"a\":null,\"b\":true,\"c\":1.50} ", "a/a=;b/b=true;c/c=1.50;"},
	    {"{\"s\":{\"city\":\"x\",\"t\":{\"u\":1}},\"v\":2}",
		"s.city/s_city=x;s.t.u/s_t_u=1;v/v=2;"},
	    {"{\"s\":{}}", ""},
	    {"{\"l\":[1, {\"a\":\"b\"}]}", "l/l=[1, {\"a\":\"b\"}];"},
	    {"{\"a\":\"x\\n\\\"y\\\"\\u3042\"}", "a/a=x\n\"y\"あ;"},
	    {"{\"plan name\":1,\"会員 番号\":2}",
		"plan name/plan name=1;会員 番号/会員 番号=2;"},
	    {"{\"name\":\"x\",\"address\":\"y\"}",
		"name/name_2=x;address/address_2=y;"},
	    {"{\"a#b{}\":1}", "a#b{}/a_b__=1;"},
	    /* refused */
	    {"{\"a\":1,\"a\":2}", "contacts.row_json a twice"},
	    {"{\"a\":{\"b\":1},\"a_b\":2}", "contacts.row_json a_b twice"},
	    {"{\"\":1}", "contacts.row_json  name"},
	    {"{\" a\":1}", "contacts.row_json  a name"},
	    {"[1]", "contacts.row_json  syntax"},
	    {"Tokyo", "contacts.row_json  syntax"},
	    {"{\"a\":1", "contacts.row_json  syntax"},
	    {"{\"a\":1} x", "contacts.row_json  syntax"},
	    {"{'a':1}", "contacts.row_json  syntax"},
	    {"{\"a\":\"x\\u001b[0m\"}", "contacts.row_control a "},
	    {"{\"a\":{\"b\":\"\\u202e\"}}", "contacts.row_character a.b "},
	};
	struct buf text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		show(span_of(cases[i].cell), &text);
		if (strcmp(text.ptr, cases[i].wanted) != 0)
			fail_msg("case %zu: %s", i, text.ptr);
	}
	buf_done(&text);
}

static void
members_and_names_have_limits(void **state)
{
	struct buf cell = BUF_INIT, text = BUF_INIT;

	(void)state;
	buf_char(&cell, '{');
	for (int i = 0; i < EXPLODE_MAX; i++)
		buf_printf(&cell, "%s\"k%d\":%d", i ? "," : "", i, i);
	buf_char(&cell, '}');
	show(buf_span(&cell), &text);
	assert_true(span_ends(buf_span(&text), SPAN("k255/k255=255;")));
	cell.ptr[cell.len - 1] = ',';
	buf_text(&cell, "\"more\":1}");
	show(buf_span(&cell), &text);
	assert_string_equal(text.ptr, "contacts.row_json more members");

	buf_clear(&cell);
	buf_text(&cell, "{\"");
	for (int i = 0; i < EXPLODE_NAME_MAX; i++)
		buf_char(&cell, 'n');
	buf_text(&cell, "\":1}");
	show(buf_span(&cell), &text);
	assert_true(span_ends(buf_span(&text), SPAN("n=1;")));
	buf_clear(&cell);
	buf_text(&cell, "{\"a\":{\"");
	for (int i = 0; i < EXPLODE_NAME_MAX; i++)
		buf_char(&cell, 'n');
	buf_text(&cell, "\":1}}");
	show(buf_span(&cell), &text);
	assert_true(
	    span_starts(buf_span(&text), SPAN("contacts.row_json a.n")));
	assert_true(span_ends(buf_span(&text), SPAN(" name")));

	buf_clear(&cell);
	for (int i = 0; i < 100; i++)
		buf_text(&cell, "{\"\":");
	show(buf_span(&cell), &text);
	assert_string_equal(text.ptr, "contacts.row_json  syntax");
	buf_done(&cell);
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_objects_apart),
	    cmocka_unit_test(members_and_names_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
