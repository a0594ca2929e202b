/* Markdown to both parts: elements, link targets, wrapping, hostile text. */
#include "tests/unit/compose/markdown_case.h"

static void
test_elements(void **state)
{
	static const struct markdown_row row[] = {
	    {"Hello", "<p>Hello</p>\n", "Hello\n"},
	    {"# 見出し", "<h1>見出し</h1>\n", "見出し\n======\n"},
	    {"## Two\n\ntext", "<h2>Two</h2>\n<p>text</p>\n",
		"Two\n---\n\ntext\n"},
	    {"# {{name}}様", "<h1>X様</h1>\n", "X様\n===\n"},
	    {"*a* **b** `c`",
		"<p><em>a</em> <strong>b</strong> <code>c</code></p>\n",
		"a b c\n"},
	    {"**{{name}}**様", "<p><strong>X</strong>様</p>\n", "X様\n"},
	    {"- a\n- b", "<ul>\n<li>a\n</li>\n<li>b\n</li>\n</ul>\n",
		" - a\n - b\n"},
	    {"3. a\n4. b",
		"<ol start=\"3\">\n<li>a\n</li>\n<li>b\n</li>\n</ol>\n",
		" 3. a\n 4. b\n"},
	    {"- a\n\n  b\n- c",
		"<ul>\n<li><p>a</p>\n<p>b</p>\n</li>\n<li><p>c</p>\n"
		"</li>\n</ul>\n",
		" - a\n\n   b\n\n - c\n"},
	    {"- a\n  - b\n- c",
		"<ul>\n<li>a\n<ul>\n<li>b\n</li>\n</ul>\n</li>\n<li>c\n"
		"</li>\n</ul>\n",
		" - a\n    - b\n - c\n"},
	    {"> a\n>\n> b", "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>\n",
		"> a\n>\n> b\n"},
	    {"> - a\n>   b",
		"<blockquote>\n<ul>\n<li>a\nb\n</li>\n</ul>\n"
		"</blockquote>\n",
		">  - a b\n"},
	    {"    x  <y>\n\n    z",
		"<pre><code>x  &lt;y&gt;\n\nz\n</code></pre>\n",
		"    x  <y>\n\n    z\n"},
	    {"a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>\n",
		"a\n\n----------------------------------------\n\nb\n"},
	    {"a  \nb", "<p>a<br>\nb</p>\n", "a\nb\n"},
	    {"a\nb", "<p>a\nb</p>\n", "a b\n"},
	    {"日本\n語", "<p>日本語</p>\n", "日本語\n"},
	    {"日本\nabc", "<p>日本\nabc</p>\n", "日本 abc\n"},
	    {"한국\n어", "<p>한국\n어</p>\n", "한국 어\n"},
	    {"日\n*本*", "<p>日<em>本</em></p>\n", "日本\n"},
	    {"-\n\na", "<ul>\n<li></li>\n</ul>\n<p>a</p>\n", " -\n\na\n"},
	    {"![図 \"1\"](https://e.jp/a.png)",
		"<p><img src=\"https://e.jp/a.png\" "
		"alt=\"図 &quot;1&quot;\"></p>\n",
		"[図 \"1\"]\n"},
	    {"![図](image:logo.png)",
		"<p><img src=\"cid:1.2@x.jp\" alt=\"図\"></p>\n", "[図]\n"},
	    {"![](<image:ロゴ 1.png>)",
		"<p><img src=\"cid:1.3@x.jp\" alt=\"\"></p>\n", "\n"},
	    {"\\{{name}}", "<p>{{name}}</p>\n", "{{name}}\n"},
	    {"> > a\n>\n> b\n>\n> - c\n>   > d",
		"<blockquote>\n<blockquote>\n<p>a</p>\n</blockquote>\n"
		"<p>b</p>\n<ul>\n<li>c\n<blockquote>\n<p>d</p>\n"
		"</blockquote>\n</li>\n</ul>\n</blockquote>\n",
		"> > a\n>\n> b\n>\n>  - c\n>\n>    > d\n"},
	    {"9. a\n10. b\n    1. c\n    2. d\n\n       ```\n       e\n"
	     "       ```\n11. f",
		"<ol start=\"9\">\n<li>a\n</li>\n<li>b\n<ol>\n"
		"<li><p>c</p>\n</li>\n<li><p>d</p>\n<pre><code>e\n"
		"</code></pre>\n</li>\n</ol>\n</li>\n<li>f\n</li>\n</ol>\n",
		"  9. a\n 10. b\n      1. c\n\n      2. d\n\n"
		"             e\n 11. f\n"},
	    {"[![図](https://e.jp/a.png)](https://e.jp/)",
		"<p><a href=\"https://e.jp/\"><img "
		"src=\"https://e.jp/a.png\" alt=\"図\"></a></p>\n",
		"[図] [1]\n\n[1] https://e.jp/\n"},
	    {"# [a](https://e.jp/)\n\nb\n- c",
		"<h1><a href=\"https://e.jp/\">a</a></h1>\n<p>b</p>\n<ul>\n"
		"<li>c\n</li>\n</ul>\n",
		"a [1]\n=====\n\nb\n\n - c\n\n[1] https://e.jp/\n"},
	    {"&lt;b&gt; &amp;", "<p>&lt;b&gt; &amp;</p>\n", "<b> &\n"},
	};

	(void)state;
	check_rows(row, sizeof row / sizeof *row, "X");
}

static void
test_links(void **state)
{
	static const struct markdown_row row[] = {
	    {"[a](https://e.jp/?x=1&y=2)",
		"<p><a href=\"https://e.jp/?x=1&amp;y=2\">a</a></p>\n",
		"a [1]\n\n[1] https://e.jp/?x=1&y=2\n"},
	    {"[a](https://e.jp/1) [b](https://e.jp/2) [c](https://e.jp/1)",
		"<p><a href=\"https://e.jp/1\">a</a> "
		"<a href=\"https://e.jp/2\">b</a> "
		"<a href=\"https://e.jp/1\">c</a></p>\n",
		"a [1] b [2] c [1]\n\n[1] https://e.jp/1\n"
		"[2] https://e.jp/2\n"},
	    {"<https://e.jp/>",
		"<p><a href=\"https://e.jp/\">https://e.jp/</a></p>\n",
		"https://e.jp/\n"},
	    {"<a@e.jp>", "<p><a href=\"mailto:a@e.jp\">a@e.jp</a></p>\n",
		"a@e.jp [1]\n\n[1] mailto:a@e.jp\n"},
	    {"[t](tel:+81-3-0000-0000)",
		"<p><a href=\"tel:+81-3-0000-0000\">t</a></p>\n",
		"t [1]\n\n[1] tel:+81-3-0000-0000\n"},
	    {"[a](https://e.jp/?id={{id}})",
		"<p><a href=\"https://e.jp/?id=a%22%3E%26%20b\">a</a></p>\n",
		"a [1]\n\n[1] https://e.jp/?id=a%22%3E%26%20b\n"},
	    {"[a](https://e.jp/{{id|x y}}/z \"{{name}}\")",
		"<p><a href=\"https://e.jp/a%22%3E%26%20b/z\" "
		"title=\"a&quot;&gt;&amp; b\">a</a></p>\n",
		"a [1]\n\n[1] https://e.jp/a%22%3E%26%20b/z\n"},
	    {"[a](<https://e.jp/日 本>)",
		"<p><a href=\"https://e.jp/%E6%97%A5%20%E6%9C%AC\">a</a>"
		"</p>\n",
		"a [1]\n\n[1] https://e.jp/%E6%97%A5%20%E6%9C%AC\n"},
	    {"[a](HTTPS://日本語.jp:8443/)",
		"<p><a href=\"https://xn--wgv71a119e.jp:8443/\">a</a></p>\n",
		"a [1]\n\n[1] https://xn--wgv71a119e.jp:8443/\n"},
	    {"[a](https://[2001:db8::1]:8443/[x])",
		"<p><a href=\"https://[2001:db8::1]:8443/%5Bx%5D\">a</a>"
		"</p>\n",
		"a [1]\n\n[1] https://[2001:db8::1]:8443/%5Bx%5D\n"},
	    {"![a [b](https://e.jp/) c](https://e.jp/1)",
		"<p><img src=\"https://e.jp/1\" alt=\"a b c\"></p>\n",
		"[a b c]\n"},
	    {"[{{name}}](https://e.jp/)",
		"<p><a href=\"https://e.jp/\">a&quot;&gt;&amp; b</a></p>\n",
		"a\">& b [1]\n\n[1] https://e.jp/\n"},
	};

	(void)state;
	check_rows(row, sizeof row / sizeof *row, "a\">& b");
}

static void
test_refused(void **state)
{
	static const struct {
		const char *source;
		enum err_code code;
		const char *why, *line;
	} row[] = {
	    {"a\n\n<script>alert(1)</script>", E_MARKDOWN_HTML, "", "3"},
	    {"a <b>c</b>", E_MARKDOWN_HTML, "", "1"},
	    {"a <!-- b -->", E_MARKDOWN_HTML, "", "1"},
	    {"x\n\n[a](javascript:alert(1))", E_URL_SCHEME, "", "3"},
	    {"[a](JaVaScRiPt:alert(1))", E_URL_SCHEME, "", "1"},
	    {"[a](&#106;avascript:alert(1))", E_URL_SCHEME, "", "1"},
	    {"[a](java\\script:x)", E_URL_SCHEME, "", "1"},
	    {"[a](data:text/html,x)", E_URL_SCHEME, "", "1"},
	    {"[a](vbscript:x)", E_URL_SCHEME, "", "1"},
	    {"[a](file:///etc/passwd)", E_URL_SCHEME, "", "1"},
	    {"[a](//e.jp/)", E_URL_SCHEME, "", "1"},
	    {"[a](page.html)", E_URL_SCHEME, "", "1"},
	    {"[a]()", E_URL_SCHEME, "", "1"},
	    {"[a](#top)", E_URL_SCHEME, "", "1"},
	    {"[a](https:///x)", E_URL_HOST, "", "1"},
	    {"[a](https://)", E_URL_HOST, "", "1"},
	    {"[a](mailto:)", E_URL_SCHEME, "", "1"},
	    {"[a]({{id}})", E_URL_SCHEME, "", "1"},
	    {"[a]({{id}}://e.jp/)", E_URL_SCHEME, "", "1"},
	    {"[a](https://{{id}})", E_URL_MARK, "", "1"},
	    {"[a](https://{{id}}.e.jp/)", E_URL_MARK, "", "1"},
	    {"[a](https://e.jp{{id}}/)", E_URL_MARK, "", "1"},
	    {"![a](data:image/png;base64,x)", E_URL_SCHEME, "", "1"},
	    {"![a](image:other.png)", E_IMAGE_MISSING, "", "1"},
	    {"![a](image:)", E_IMAGE_MISSING, "", "1"},
	    {"![a](image:{{id}})", E_IMAGE_MISSING, "", "1"},
	    {"[a](image:logo.png)", E_URL_SCHEME, "", "1"},
	    {"![a](cid:1.2@x.jp)", E_URL_SCHEME, "", "1"},
	    {"![a](mailto:a@b.jp)", E_URL_SCHEME, "", "1"},
	    {"a&#1;b", E_MARKDOWN, "control", "1"},
	    {"[a](https://e.jp \"&#10;&#13;\")", E_MARKDOWN, "control", "1"},
	    {"> > > > > > > > > > > > > > > > > a", E_MARKDOWN, "depth", "1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct both both;
		if (render(row[i].source, "X", &both) == 0)
			fail_msg("%s: accepted", row[i].source);
		if (both.err.code != row[i].code ||
		    strcmp(err_find(&both.err, "why"), row[i].why) != 0 ||
		    strcmp(err_find(&both.err, "line"), row[i].line) != 0)
			fail_msg("%s: %s %s %s", row[i].source,
			    err_name(both.err.code), err_find(&both.err, "why"),
			    err_find(&both.err, "line"));
		both_done(&both);
	}
}

/* A value never becomes an element or an attribute, wherever its mark is. */
static void
test_hostile_values(void **state)
{
	static const char *const hostile[] = {
	    "<img src=x onerror=alert(1)>",
	    "\"><script>alert(1)</script>",
	    "' onclick='alert(1)",
	    "--></title><script>",
	    "javascript:alert(1)",
	    "&lt;script&gt;",
	    "]]><b>",
	    "**x** [y](javascript:z)",
	};
	static const char source[] =
	    "# {{name}}\n\n[{{name}}](https://e.jp/{{id}} \"{{name}}\") "
	    "`{{name}}`\n\n    {{name}}\n\n"
	    "![{{name}}](https://e.jp/{{id}}.png)\n";

	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		struct both clean, dirty;
		size_t tags[2] = {0, 0}, quotes[2] = {0, 0};
		assert_ok(render(source, "X", &clean), &clean.err);
		assert_ok(render(source, hostile[i], &dirty), &dirty.err);
		for (size_t n = 0; n < clean.html.len; n++) {
			tags[0] += clean.html.ptr[n] == '<';
			quotes[0] += clean.html.ptr[n] == '"';
		}
		for (size_t n = 0; n < dirty.html.len; n++) {
			tags[1] += dirty.html.ptr[n] == '<';
			quotes[1] += dirty.html.ptr[n] == '"';
		}
		assert_int_equal(tags[0], tags[1]);
		assert_int_equal(quotes[0], quotes[1]);
		assert_int_equal(
		    span_search(buf_span(&dirty.html), SPAN("href=\"java")),
		    dirty.html.len);
		both_done(&clean);
		both_done(&dirty);
	}
}

static void
test_wrapping(void **state)
{
	static const struct {
		const char *source, *value, *wanted;
	} row[] = {
	    /* by words */
	    {"aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff "
	     "ggggggggg hhhhhhhhh iii",
		"X",
		"aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee "
		"fffffffff ggggggggg\nhhhhhhhhh iii\n"},
	    /* 38 ideographs are 76 cells; the full stop hangs on */
	    {"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
	     "一二三四五六七八。次",
		"X",
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九"
		"十一二三四五六七\n八。次\n"},
	    /* no opening bracket at the end */
	    {"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
	     "一二三四五六七「八九",
		"X",
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九"
		"十一二三四五六七\n「八九\n"},
	    /* a mark stays with its base (か with U+3099), though it is the
	     * first that does not fit */
	    {"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
	     "一二三四五六七か\xe3\x82\x99か\xe3\x82\x99",
		"X",
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九"
		"十一二三四五六七か\xe3\x82\x99\nか\xe3\x82\x99\n"},
	    /* an honorific stays with its name, also behind a space */
	    {"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
	     "一二三四五六七八様",
		"X",
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九"
		"十一二三四五六七\n八様\n"},
	    {"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
	     "一二三四五 山田 様",
		"X",
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九"
		"十一二三四五 山\n田 様\n"},
	    /* the value moves the break */
	    {" - {{name}} bbbbbbbbb",
		"aaaaaaaaa aaaaaaaaa aaaaaaaaa "
		"aaaaaaaaa aaaaaaaaa aaaaaaaaa "
		"aaaaaaaaa",
		" - aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa "
		"aaaaaaaaa aaaaaaaaa\n   bbbbbbbbb\n"},
	    /* line ends of a value keep the indent */
	    {"> {{name}}", "a\nb", "> a\n> b\n"},
	    {"# {{name}}", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct both both;
		int rc = render(row[i].source, row[i].value, &both);
		if (!row[i].wanted) {
			assert_int_equal(rc, -1);
			assert_int_equal(both.err.code, E_MERGE_EMPTY);
		} else if (rc < 0 || !span_equal(buf_span(&both.plain),
					 span_of(row[i].wanted))) {
			fail_msg("%s\n%s", row[i].source, both.plain.ptr);
		}
		both_done(&both);
	}
}

/* Neither a URL nor a word without spaces is cut before the hard limit. */
static void
test_long_lines(void **state)
{
	struct buf source = BUF_INIT;
	struct both both;
	size_t line = 0, longest = 0;

	(void)state;
	buf_text(&source, "<https://e.jp/");
	for (int i = 0; i < 300; i++)
		buf_char(&source, 'u');
	buf_text(&source, ">\n\n");
	for (int i = 0; i < 3000; i++)
		buf_char(&source, 'w');
	assert_ok(render(source.ptr, "X", &both), &both.err);
	for (size_t i = 0; i < both.plain.len; i++) {
		line = both.plain.ptr[i] == '\n' ? 0 : line + 1;
		longest = line > longest ? line : longest;
	}
	assert_true(longest <= 998);
	assert_int_equal(span_index(buf_span(&both.plain), '\n'), 313);
	buf_done(&source);
	both_done(&both);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_elements),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_hostile_values),
	    cmocka_unit_test(test_wrapping),
	    cmocka_unit_test(test_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
