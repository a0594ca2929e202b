/* Sections across blocks, items and rows, and those that tear. */
#include "tests/unit/compose/markdown_case.h"

/* A source, and what it must look like without marks: the section with a true
 * value gives what the text with says, with a false one what without says. */
static void
test_like(void **state)
{
	static const struct {
		const char *source, *with, *without;
	} row[] = {
	    /* around blocks */
	    {"{{#v}}\n# a\n\nb\n{{/v}}\n\nc", "# a\n\nb\n\nc", "c"},
	    {"c\n\n{{#v}}\n\nb\n\n{{/v}}\n", "c\n\nb", "c"},
	    {"{{^v}}\nb\n{{/v}}\n\nc", "c", "b\n\nc"},
	    {"a\n\n{{#v}}\n> b\n\n---\n{{/v}}\n\nc", "a\n\n> b\n\n---\n\nc",
		"a\n\nc"},
	    {"{{#v}}\n{{^w}}\na\n{{/w}}\n\nb\n{{/v}}\n\nc", "b\n\nc", "c"},
	    {"{{#v}}\n{{/v}}\na", "a", "a"},
	    {"a\n\n{{#v}}\n{{/v}}\n\nb", "a\n\nb", "a\n\nb"},
	    /* no blank lines around them */
	    {"a\n{{#v}}\nb\n{{/v}}\nc", "a\nb\nc", "a\nc"},
	    {"前\n{{#v}}\n中\n{{/v}}\n後", "前\n中\n後", "前\n後"},
	    {"{{#v}}\n前\n{{/v}}\n後", "前\n後", "後"},
	    {"前\n{{#v}}\n後\n{{/v}}", "前\n後", "前"},
	    {"a\n{{#v}}\n- b\n{{/v}}", "a\n- b", "a"},
	    /* within a line */
	    {"a {{#v}}**b** {{/v}}c", "a **b** c", "a c"},
	    {"**{{#v}}b{{/v}}c**", "**bc**", "**c**"},
	    {"# {{#v}}a{{/v}}b", "# ab", "# b"},
	    {"`{{#v}}a{{/v}}b`", "`ab`", "`b`"},
	    {"![{{#v}}a{{/v}}b](https://e.jp/{{#v}}1{{/v}})",
		"![ab](https://e.jp/1)", "![b](https://e.jp/)"},
	    {"{{#v}}\na {{/v}}b", "a b", "b"},
	    {"a{{#v}} b\n{{/v}}\n\nc", "a b\n\nc", "a\n\nc"},
	    /* items */
	    {"- a\n{{#v}}\n- b\n{{/v}}\n- c", "- a\n- b\n- c", "- a\n- c"},
	    {"- a\n{{#v}}\n- b\n{{/v}}", "- a\n- b", "- a"},
	    {"{{#v}}\n- a\n{{/v}}\n- b", "- a\n- b", "- b"},
	    {"- a\n\n{{#v}}\n\n- b\n\n{{/v}}\n\n- c", "- a\n\n- b\n\n- c",
		"- a\n\n- c"},
	    {"- a\n  {{#v}}\n  - b\n  {{/v}}\n  - c", "- a\n  - b\n  - c",
		"- a\n  - c"},
	    {"- a\n\n  {{#v}}\n  b\n  {{/v}}\n- c", "- a\n\n  b\n- c",
		"- a\n\n- c"},
	    {"> {{#v}}\n> a\n> {{/v}}\n>\n> b", "> a\n>\n> b", "> b"},
	    {"> a\n> {{#v}}\n> b\n> {{/v}}\n> c", "> a\n> b\n> c", "> a\n> c"},
	    /* rows */
	    {"|a|b|\n|-|-|\n{{#v}}\n|c|d|\n{{/v}}\n|e|f|",
		"|a|b|\n|-|-|\n|c|d|\n|e|f|", "|a|b|\n|-|-|\n|e|f|"},
	    {"|a|b|\n|-|-|\n|e|f|\n{{#v}}\n|c|d|\n{{/v}}",
		"|a|b|\n|-|-|\n|e|f|\n|c|d|", "|a|b|\n|-|-|\n|e|f|"},
	    {"|a|b|\n|-|-|\n|{{#v}}c{{/v}}x|d|", "|a|b|\n|-|-|\n|cx|d|",
		"|a|b|\n|-|-|\n|x|d|"},
	    {"x\n\n{{#v}}\n|a|\n|-|\n|c|\n{{/v}}\n\ny",
		"x\n\n|a|\n|-|\n|c|\n\ny", "x\n\ny"},
	    {"x\n{{#v}}\n|a|\n|-|\n|c|\n{{/v}}", "x\n|a|\n|-|\n|c|", "x"},
	    /* lines of code */
	    {"```\na\n{{#v}}\n b\n{{/v}}\nc\n```", "```\na\n b\nc\n```",
		"```\na\nc\n```"},
	    {"```\n{{#v}}\nb\n{{/v}}\n```\nx", "```\nb\n```\nx", "```\n```\nx"},
	    {"    a\n    {{#v}}\n    b\n    {{/v}}\n    c",
		"    a\n    b\n    c", "    a\n    c"},
	    {"    a\n{{#v}}\n    b\n{{/v}}\n\nc", "    a\n    b\n\nc",
		"    a\n\nc"},
	    {"> ```\n> a\n> {{#v}}\n> b\n> {{/v}}\n> ```",
		"> ```\n> a\n> b\n> ```", "> ```\n> a\n> ```"},
	    {"```\n{{#v}}\n{{#w}}\na\n{{/w}}\nb\n{{/v}}\nc\n```",
		"```\na\nb\nc\n```", "```\nc\n```"},
	    {"{{#v}}\n    a\n{{/v}}\n\nb", "    a\n\nb", "b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		for (int on = 0; on < 2; on++) {
			struct both got, wanted;
			const char *value = on ? "X" : "";
			const char *like = on ? row[i].with : row[i].without;

			if (render(row[i].source, value, &got) < 0)
				fail_msg("%s: refused", row[i].source);
			assert_ok(render(like, value, &wanted), &wanted.err);
			strip_styles(&got.html);
			strip_styles(&wanted.html);
			if (!span_equal(
				buf_span(&got.html), buf_span(&wanted.html)) ||
			    !span_equal(
				buf_span(&got.plain), buf_span(&wanted.plain)))
				fail_msg("%s [%s]\n%s\n%s\n%s\n%s",
				    row[i].source, value, got.html.ptr,
				    wanted.html.ptr, got.plain.ptr,
				    wanted.plain.ptr);
			both_done(&got);
			both_done(&wanted);
		}
	}
}

static void
test_targets(void **state)
{
	static const struct markdown_row row[] = {
	    /* no numbers that would depend on what is shown */
	    {"{{#v}}\n[a](https://e.jp/1)\n{{/v}}\n\n[b](https://e.jp/2)",
		"<p><a href=\"https://e.jp/1\">a</a></p>\n"
		"<p><a href=\"https://e.jp/2\">b</a></p>\n",
		"a <https://e.jp/1>\n\nb [1]\n\n[1] https://e.jp/2\n"},
	    {"x {{#v}}[a](https://e.jp/?q=.){{/v}} y",
		"<p>x <a href=\"https://e.jp/?q=.\">a</a> y</p>\n",
		"x a <https://e.jp/?q=.> y\n"},
	    {"[a](https://e.jp/{{#v}}x{{/v}})",
		"<p><a href=\"https://e.jp/x\">a</a></p>\n",
		"a [1]\n\n[1] https://e.jp/x\n"},
	    /* numbers that depend on it */
	    {"9. a\n{{#v}}\n1. b\n{{/v}}\n1. c",
		"<ol start=\"9\">\n<li>a\n</li>\n<li>b\n</li>\n<li>c\n</li>\n"
		"</ol>\n",
		"  9. a\n 10. b\n 11. c\n"},
	    {"1. a\n{{^v}}\n1. b\n{{/v}}\n1. c\n   1. d\n   {{#v}}\n"
	     "   1. e\n   {{/v}}\n1. f",
		"<ol>\n<li>a\n</li>\n<li>c\n<ol>\n<li>d\n</li>\n<li>e\n"
		"</li>\n</ol>\n</li>\n<li>f\n</li>\n</ol>\n",
		"  1. a\n  2. c\n       1. d\n       2. e\n  3. f\n"},
	};

	(void)state;
	check_rows(row, sizeof row / sizeof *row, "X");
}

/* Appends text with one blank for several. */
static void
add_squeezed(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != ' ' || i == 0 || text.ptr[i - 1] != ' ')
			buf_char(out, text.ptr[i]);
	}
}

/* A list repeats what is in its section. */
static void
test_repeated(void **state)
{
	static const char json[] =
	    "{\"i\":[{\"n\":\"桃\",\"p\":\"80\"},"
	    "{\"n\":\"西瓜\",\"p\":\"1,200\"}],\"o\":[]}";
	static const struct {
		const char *source, *like;
	} row[] = {
	    {"{{#i}}\n- {{n}}\n{{/i}}", "- 桃\n- 西瓜"},
	    {"{{#i}}\n1. {{n}}\n{{/i}}", "1. 桃\n2. 西瓜"},
	    {"- x\n{{#i}}\n- {{n}}\n{{/i}}\n- y", "- x\n- 桃\n- 西瓜\n- y"},
	    {"{{#i}}\n\n- {{n}}\n\n  z\n\n{{/i}}",
		"- 桃\n\n  z\n\n- 西瓜\n\n  z"},
	    {"|品|価|\n|-|-:|\n{{#i}}\n|{{n}}|{{p}}|\n{{/i}}",
		"|品|価|\n|-|-:|\n|桃|80|\n|西瓜|1,200|"},
	    {"|品|価|\n|-|-:|\n{{#o}}\n|{{n}}|{{p}}|\n{{/o}}",
		"|品|価|\n|-|-:|"},
	    /* of a list of which nothing is shown no tag is left */
	    {"x\n\n{{#o}}\n- {{n}}\n{{/o}}\n\ny", "x\n\ny"},
	    {"{{#o}}\n1. {{n}}\n{{/o}}", ""},
	    {"{{#o}}\n- {{n}}\n{{/o}}\n{{#i}}\n- {{p}}\n{{/i}}",
		"- 80\n- 1,200"},
	    {"{{#o}}\n- {{n}}\n{{/o}}\n{{^i}}\n- b\n{{/i}}\n\nz", "z"},
	    {"- x\n  {{#o}}\n  1. {{n}}\n  {{/o}}\n- y", "- x\n- y"},
	    {"{{#i}}\n## {{n}}\n\n{{#o}}\n- {{n}}\n{{/o}}\n{{/i}}\n\nz",
		"## 桃\n\n## 西瓜\n\nz"},
	    {"{{#i}}\n{{n}}\n\n{{/i}}\nz", "桃\n\n西瓜\n\nz"},
	    {"a\n\n{{#i}}\n## {{n}}\n\n{{p}}円\n{{/i}}",
		"a\n\n## 桃\n\n80円\n\n## 西瓜\n\n1,200円"},
	    {"> {{#i}}\n> {{n}}\n> {{/i}}\n>\n> y", "> 桃\n>\n> 西瓜\n>\n> y"},
	    {"a\n{{#i}}\n{{p}}\n{{/i}}\nb", "a\n80\n1,200\nb"},
	    {"```\n{{#i}}\n{{n}} {{p}}\n{{/i}}\n```",
		"```\n桃 80\n西瓜 1,200\n```"},
	    {"x: {{#i}}{{n}}、{{/i}}", "x: 桃、西瓜、"},
	    {"- x\n  {{#i}}\n  1. {{n}}\n  {{/i}}\n- y",
		"- x\n  1. 桃\n  2. 西瓜\n- y"},
	    {"{{#o}}\n\na\n\n{{/o}}\n{{^o}}\nb\n{{/o}}", "b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct both got, wanted;
		struct buf lines[2] = {BUF_INIT, BUF_INIT};

		if (render_as(row[i].source, json, NULL, &got) < 0)
			fail_msg(
			    "%s: %s", row[i].source, err_name(got.err.code));
		assert_ok(render(row[i].like, "", &wanted), &wanted.err);
		strip_styles(&got.html);
		strip_styles(&wanted.html);
		/* a list that repeats leaves room for numbers of two digits */
		add_squeezed(buf_span(&got.plain), &lines[0]);
		add_squeezed(buf_span(&wanted.plain), &lines[1]);
		if (!span_equal(buf_span(&got.html), buf_span(&wanted.html)) ||
		    !span_equal(buf_span(&lines[0]), buf_span(&lines[1])))
			fail_msg("%s\n%s\n%s\n%s\n%s", row[i].source,
			    got.html.ptr, wanted.html.ptr, got.plain.ptr,
			    wanted.plain.ptr);
		for (int k = 0; k < 2; k++)
			buf_done(&lines[k]);
		both_done(&got);
		both_done(&wanted);
	}
}

static void
test_torn(void **state)
{
	static const struct {
		const char *source, *line;
	} row[] = {
	    {"**a{{#v}}b**c{{/v}}", "1"},
	    {"{{#v}}\na\n\nb\n{{/v}}\nc", "5"},
	    {"- a\n  {{#v}}\n  b\n- c\n  {{/v}}\n  d", "5"},
	    {"a {{#v}}b\n\nc{{/v}}", "3"},
	    {"|a|\n|-|\n|b{{#v}}|\n|c{{/v}}|", "4"},
	    {"|a|\n{{#v}}\n|-|\n|b|\n{{/v}}\n|c|", "5"},
	    {"{{#v}}\n|a|\n|-|\n|b|\n{{/v}}\n|c|", "1"},
	    {"[a{{#v}}](https://e.jp/){{/v}}", "1"},
	    {"[a](https://e.jp/{{#v}}){{/v}}", "1"},
	    {"![a{{#v}}](https://e.jp/) b{{/v}}", "1"},
	    {"{{#v}}\n# a {{/v}}b", "1"},
	    {"```\n{{#v}}\na\n```\n{{/v}}\nb", "5"},
	    {"a\n{{#v}}\n===\n{{/v}}", "2"},
	    {"{{#v}}\nx\n\n[a]: https://e.jp/{{n}}\n{{/v}}\n\n[a]", "4"},
	    {"{{#v}}\nx\n\n[a]: https://e.jp/{{n}}\n{{/v}}\n\n"
	     "{{#v}}\n- [a] {{n}}\n{{/v}}",
		"4"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct both both;
		if (render(row[i].source, "X", &both) == 0)
			fail_msg(
			    "%s: accepted\n%s", row[i].source, both.html.ptr);
		if (both.err.code != E_MARKDOWN ||
		    strcmp(err_find(&both.err, "why"), "section") != 0 ||
		    strcmp(err_find(&both.err, "line"), row[i].line) != 0)
			fail_msg("%s: %s %s %s", row[i].source,
			    err_name(both.err.code), err_find(&both.err, "why"),
			    err_find(&both.err, "line"));
		both_done(&both);
	}
}

/* Lines are those of the text as it was written. */
static void
test_lines(void **state)
{
	static const struct {
		const char *source, *line;
	} row[] = {
	    {"{{#v}}\na\n\n{{/v}}\n\n<b>", "6"},
	    {"{{! x }}\n{{#v}}\na\n{{/v}}\nb\n<i>c", "6"},
	    {"|a|\n|-|\n{{#v}}\n|<b>|\n{{/v}}", "4"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct both both;
		assert_int_equal(render(row[i].source, "X", &both), -1);
		assert_int_equal(both.err.code, E_MARKDOWN_HTML);
		assert_string_equal(err_find(&both.err, "line"), row[i].line);
		both_done(&both);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_like),
	    cmocka_unit_test(test_targets),
	    cmocka_unit_test(test_repeated),
	    cmocka_unit_test(test_torn),
	    cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
