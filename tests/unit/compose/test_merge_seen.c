/* Marks while a text is written: found where they are, faults told one by
 * one, and never another opinion than that of compiling. */
#include <stdlib.h>

#include "core/compose/merge.h"

#include "tests/unit/unit.h"

/* One line of text a mark: from-to, sign, name, format, fallback, fault. */
static void
describe(struct span text, struct buf *out)
{
	static const char sign[] = "?=#^/!";
	struct mark_seen *mark;
	size_t count;

	mark_find_all(text, &mark, &count);
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%zu-%zu %c%.*s", mark[i].from, mark[i].to,
		    sign[mark[i].kind], SPAN_ARG(mark[i].name));
		if (mark[i].format.ptr)
			buf_printf(out, ":%.*s", SPAN_ARG(mark[i].format));
		if (mark[i].has_fallback)
			buf_printf(out, "|%.*s", SPAN_ARG(mark[i].fallback));
		if (mark[i].parent != MERGE_NO_MARK)
			buf_printf(out, " in %u", mark[i].parent);
		if (mark[i].partner != MERGE_NO_MARK)
			buf_printf(out, " with %u", mark[i].partner);
		if (mark[i].fault)
			buf_printf(out, " %s", mark[i].fault);
		buf_char(out, '\n');
	}
	free(mark);
}

static void
test_found(void **state)
{
	static const struct {
		const char *text, *wanted;
	} row[] = {
	    {"", ""},
	    {"a {b} }} \\{{c}} \\\\", ""},
	    {"a{{ b }}", "1-8 =b\n"},
	    {"{{日付 : x y |z}}", "0-19 =日付:x y|z format\n"},
	    {"{{日付:和暦　曜日}}", "0-26 =日付:和暦　曜日\n"},
	    {"{{#a}}{{b}}{{/a}}",
		"0-6 #a with 2\n6-11 =b in 0\n11-17 /a with 0\n"},
	    {"{{^a.b}}{{/a.b}}{{! c\n}}d",
		"0-8 ^a.b with 1\n8-16 /a.b with 0\n16-24 !\n"},
	    {"{{a", "0-2 = open\n"},
	    {"{{a {{b}}", "0-2 = nested\n4-9 =b\n"},
	    {"{{a\n}} {{#b", "0-2 = open\n7-9 # open\n"},
	    {"{{a*}} {{{a}}} {{>p}}",
		"0-6 =a* name\n7-13 =a unescaped\n15-21 =p partial\n"},
	    {"{{#a}} {{b}}", "0-6 #a unclosed\n7-12 =b in 0\n"},
	    {"{{/a}} {{b}}", "0-6 /a unopened\n7-12 =b\n"},
	    {"{{#a}}{{#b}}{{/a}}{{/b}}",
		"0-6 #a with 2\n6-12 #b in 0 unclosed\n"
		"12-18 /a with 0 crossed\n18-24 /b unopened\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf out = BUF_INIT;

		describe(span_of(row[i].text), &out);
		if (!span_equal(buf_span(&out), span_of(row[i].wanted)))
			fail_msg(
			    "%s:\n%.*s", row[i].text, SPAN_ARG(buf_span(&out)));
		buf_done(&out);
	}
}

static void
test_depth(void **state)
{
	struct buf text = BUF_INIT;
	struct mark_seen *mark;
	size_t count;

	(void)state;
	for (int i = 0; i <= MERGE_DEPTH_MAX; i++)
		buf_text(&text, "{{#a}}");
	for (int i = 0; i < MERGE_DEPTH_MAX; i++)
		buf_text(&text, "{{/a}}");
	mark_find_all(buf_span(&text), &mark, &count);
	for (size_t i = 0; i < count; i++) {
		const char *wanted = i == MERGE_DEPTH_MAX ? "depth" : "";
		assert_string_equal(mark[i].fault ? mark[i].fault : "", wanted);
	}
	free(mark);
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_found),
	    cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
