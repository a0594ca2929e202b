/* HTML mail as styled text: what each construct looks like, at which width, and
 * that nothing hostile gets through. */
#include "tests/unit/unit.h"
#include "tui/text/i18n.h"
#include "tui/widgets/styled.h"

struct shown {
	struct canvas *canvas;
	struct buf text, roles;
};

static void
show(struct shown *shown, struct styled *styled, int rows, int cols)
{
	canvas_free(&shown->canvas);
	buf_clear(&shown->text);
	buf_clear(&shown->roles);
	shown->canvas = canvas_new(rows, cols);
	styled_draw(styled, canvas_area(shown->canvas), FOCUS_OFF);
	canvas_dump(shown->canvas, &shown->text);
	canvas_dump_roles(shown->canvas, &shown->roles);
	while (
	    shown->text.len > 1 && shown->text.ptr[shown->text.len - 2] == '\n')
		shown->text.len--;
	if (span_equal(buf_span(&shown->text), SPAN("\n")))
		shown->text.len = 0;
}

static void
done(struct shown *shown)
{
	canvas_free(&shown->canvas);
	buf_done(&shown->text);
	buf_done(&shown->roles);
}

static void
want(const char *name, const struct buf *got, const char *wanted)
{
	if (!span_equal(buf_span(got), span_of(wanted)))
		fail_msg("%s:\n%.*s\ninstead of\n%s", name,
		    SPAN_ARG(buf_span(got)), wanted);
}

struct row {
	const char *name, *html, *wanted;
};

static void
check(const struct row *row, size_t count, int cols)
{
	struct styled *styled = styled_new();
	struct shown shown = {0};

	for (size_t i = 0; i < count; i++) {
		styled_set(styled, span_of(row[i].html));
		show(&shown, styled, 40, cols);
		want(row[i].name, &shown.text, row[i].wanted);
	}
	done(&shown);
	styled_free(&styled);
}

#define CHECK(row, cols) check(row, sizeof(row) / sizeof *(row), cols)

static void
shows_constructs(void **state)
{
	static const struct row row[] = {
	    {"paragraphs", "<p>One\n two</p>\n<p>Three</p>",
		"One two\n\nThree\n"},
	    {"headings", "<h1>Big</h1><h2>Less</h2><h3>Small</h3><p>x</p>",
		"Big\n===\n\nLess\n----\n\nSmall\n\nx\n"},
	    {"line break", "<p>a<br>b<br><br>c</p>", "a\nb\n\nc\n"},
	    {"list", "<p>x</p><ul><li>a</li><li>b</li></ul><p>y</p>",
		"x\n\n- a\n- b\n\ny\n"},
	    {"numbers", "<ol start=\"9\"><li>a</li><li>b</li></ol>",
		"9. a\n10. b\n"},
	    {"nested list",
		"<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>",
		"- a\n  1. b\n  2. c\n- d\n"},
	    {"item of paragraphs",
		"<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>",
		"- a\n\n  b\n\n- c\n"},
	    {"empty item", "<ul><li></li><li>b</li></ul>", "-\n- b\n"},
	    {"quote",
		"<blockquote><p>a</p><blockquote><p>b</p></blockquote>"
		"</blockquote><p>c</p>",
		"> a\n\n> > b\n\nc\n"},
	    {"list in a quote", "<blockquote><ul><li>a</li></ul></blockquote>",
		"> - a\n"},
	    {"code", "<pre><code>if (x)\n    y;\n\nz\n</code></pre><p>e</p>",
		"if (x)\n    y;\n\nz\n\ne\n"},
	    {"rule", "<p>a</p><hr><p>b</p>",
		"a\n\n----------------------------------------\n\nb\n"},
	    {"link",
		"<p><a href=\"https://a.example/?x=1&amp;y\">here</a>.</p>",
		"here [1].\n\n[1] https://a.example/?x=1&y\n"},
	    {"one target twice",
		"<a href=\"https://a.example\">x</a> "
		"<a href=\"https://a.example\">y</a>",
		"x [1] y [1]\n\n[1] https://a.example\n"},
	    {"target as words",
		"<a href=\"mailto:a@b.example\">a@b.example</a>",
		"a@b.example\n\n[1] mailto:a@b.example\n"},
	    {"button",
		"<table role=\"presentation\"><tr><td><a "
		"href=\"https://b.example\""
		" style=\"display: "
		"inline-block;padding:12px\">Buy</a></td></tr>"
		"</table>",
		"[ Buy ] [1]\n\n[1] https://b.example\n"},
	    {"image", "<p><img src=\"x\" alt=\"A &amp;amp; B\"> <img></p>",
		"[A &amp; B] [image without words]\n"},
	    {"preheader",
		"<div style=\"DISPLAY: "
		"none\">New!&nbsp;&zwnj;&#847;</div><p>a</p>",
		"(hidden; shown in lists of mails) New!\n\na\n"},
	    {"filler only", "<div style=\"display:none\">&#847;&zwnj;</div>a",
		"a\n"},
	    {"unseen", "<head><title>t</title></head><style>x</style>a", "a\n"},
	    {"conditional", "<!--[if mso]><p>no</p><![endif]-->a", "a\n"},
	};

	(void)state;
	CHECK(row, 40);
}

static void
shows_tables(void **state)
{
	static const struct row row[] = {
	    {"columns",
		"<table><thead><tr><th>日付</th><th "
		"align=\"right\">数</th></tr>"
		"</thead><tbody><tr><td>11月25日</td><td align=\"right\">3</td>"
		"</tr><tr><td>x</td><td style=\"text-align: "
		"right\">12</td></tr>"
		"</tbody></table><p>e</p>",
		"日付      数\n--------  --\n11月25日   3\nx         "
		"12\n\ne\n"},
	    {"a cell that is too long",
		"<table><tr><td>abc</td><td>one two three four five six</td>"
		"</tr></table>",
		"abc  one two three\n     four five six\n"},
	    {"inline",
		"<table><tr><td><b>a</b><br>b</td><td><a "
		"href=\"x:y\">c</a></td>"
		"</tr></table>",
		"a  c [1]\nb\n\n[1] x:y\n"},
	    {"no room at all",
		"<table><tr><td>1234567</td><td>1234567</td><td>1234567</td>"
		"</tr><tr><td>a</td><td>b</td><td>c</td></tr></table>",
		"1234567\n1234567\n1234567\n\na\nb\nc\n"},
	    {"places only",
		"<table role=\"presentation\"><tr><td><p>a</p></td><td>b</td>"
		"</tr></table>",
		"a\n\nb\n"},
	    {"data within places",
		"<table role=\"presentation\"><tr><td><table><tr><td>a<td>b"
		"</table>c</td></tr></table>",
		"a  b\n\nc\n"},
	    {"in a list", "<ul><li>a<table><tr><td>b</td></tr></table></ul>",
		"- a\n\n  b\n"},
	    {"no rows", "<table></table>a", "a\n"},
	};

	(void)state;
	CHECK(row, 20);
}

static void
breaks_lines(void **state)
{
	static const struct row row[] = {
	    {"words", "<p>one two three</p>", "one two\nthree\n"},
	    {"kinsoku", "<p>いろはにほ、へと</p>", "いろはに\nほ、へと\n"},
	    {"in an item", "<ul><li>one two three</li></ul>",
		"- one two\n  three\n"},
	    {"in a quote", "<blockquote>one two three</blockquote>",
		"> one two\n> three\n"},
	};

	(void)state;
	CHECK(row, 10);
}

static void
bears_bad_html(void **state)
{
	static const struct row row[] = {
	    {"nothing", "", ""},
	    {"text only", "a < b & c", "a < b & c\n"},
	    {"ends without beginnings", "</p></td></table>a</b>", "a\n"},
	    {"no ends", "<p>a<p>b<ul><li>c<li>d", "a\n\nb\n\n- c\n- d\n"},
	    {"crossed", "<p><b>a<i>b</b>c</i></p>", "abc\n"},
	    {"cell outside", "<td>a</td><tr>b</tr>", "a\nb\n"},
	    {"escape", "<p>a\x1b[31mb</p>", "a^[[31mb\n"},
	    {"hidden direction", "<p>a&#x202e;b</p>", "a<202E>b\n"},
	    {"bad octet", "<p>a\xff</p>", "a\xef\xbf\xbd\n"},
	    {"control by number", "<p>a&#27;b&#0;</p>", "a^[b&#0;\n"},
	};

	(void)state;
	CHECK(row, 40);
}

/* Letters for roles are those of canvas_dump_roles(). */
static char
letter(enum role role)
{
	return (char)(role < 26 ? 'A' + role : 'a' + role - 26);
}

static void
has_roles(void **state)
{
	static const struct {
		const char *html;
		size_t at;
		enum role role;
	} row[] = {
	    {"<h1>x</h1>", 0, ROLE_MD_HEADING},
	    {"<b>x</b>", 0, ROLE_MD_STRONG},
	    {"<em>x</em>", 0, ROLE_MD_EMPH},
	    {"<u>x</u>", 0, ROLE_MD_UNDERLINE},
	    {"<em><strong>x</strong></em>", 0, ROLE_MD_STRONG},
	    {"<h2><b>x</b></h2>", 0, ROLE_MD_HEADING},
	    {"<code>x</code>", 0, ROLE_MD_CODE},
	    {"<a href=\"x:\">x</a>", 0, ROLE_MD_LINK},
	    {"<blockquote>x</blockquote>", 2, ROLE_MD_QUOTE},
	    {"<blockquote><b>x</b></blockquote>", 2, ROLE_MD_STRONG},
	    {"<table><tr><th>x</table>", 0, ROLE_MD_STRONG},
	    {"<p>a&#x202e;</p>", 1, ROLE_WARN},
	    {"<b>a</b>b", 1, ROLE_TEXT},
	    {"<img alt=\"x\">", 1, ROLE_INFO},
	};
	struct styled *styled = styled_new();
	struct shown shown = {0};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		styled_set(styled, span_of(row[i].html));
		show(&shown, styled, 3, 20);
		if (shown.roles.ptr[row[i].at] != letter(row[i].role))
			fail_msg("%s: %c instead of %c", row[i].html,
			    shown.roles.ptr[row[i].at], letter(row[i].role));
	}
	done(&shown);
	styled_free(&styled);
}

static void
scrolls(void **state)
{
	struct styled *styled = styled_new();
	struct shown shown = {0};
	struct buf html = BUF_INIT, at = BUF_INIT;
	const struct key end = {.code = K_END};

	(void)state;
	for (int i = 0; i < 50; i++)
		buf_printf(&html, "<p>line number %d</p>", i);
	styled_set(styled, buf_span(&html));
	show(&shown, styled, 5, 40);
	assert_false(styled_was_read(styled));
	assert_true(styled_show(styled, SPAN("number 30")));
	show(&shown, styled, 5, 40);
	assert_true(span_search(buf_span(&shown.text), SPAN("line number 30")) <
		    shown.text.len);
	assert_false(styled_show(styled, SPAN("number 51")));
	assert_false(styled_show(styled, SPAN("")));
	/* another text, the same place */
	styled_replace(styled, buf_span(&html));
	show(&shown, styled, 5, 40);
	assert_true(span_search(buf_span(&shown.text), SPAN("line number 30")) <
		    shown.text.len);
	assert_int_equal(styled_key(styled, &end), USED);
	show(&shown, styled, 5, 40);
	assert_true(styled_was_read(styled));
	styled_position(styled, &at);
	want("position", &at, "95-99/99");
	styled_set(styled, SPAN("x"));
	show(&shown, styled, 5, 40);
	want("from the top", &shown.text, "x\n");
	buf_done(&at);
	buf_done(&html);
	done(&shown);
	styled_free(&styled);
}

/* The limits say that they were reached. */
static void
is_bounded(void **state)
{
	struct styled *styled = styled_new();
	struct shown shown = {0};
	struct buf html = BUF_INIT;
	const struct key end = {.code = K_END};

	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_text(&html, "<div><table><tr><td>");
	buf_text(&html, "x");
	styled_set(styled, buf_span(&html));
	show(&shown, styled, 5, 40);
	styled_key(styled, &end);
	show(&shown, styled, 5, 40);
	assert_true(span_search(buf_span(&shown.text),
			SPAN("the rest is left out")) < shown.text.len);
	buf_clear(&html);
	for (int i = 0; i < 600; i++)
		buf_printf(&html, "<a href=\"x:%d\">a</a> ", i);
	styled_set(styled, buf_span(&html));
	show(&shown, styled, 5, 40);
	styled_key(styled, &end);
	show(&shown, styled, 5, 40);
	assert_true(span_search(buf_span(&shown.text), SPAN("[500] x:499")) <
		    shown.text.len);
	buf_done(&html);
	done(&shown);
	styled_free(&styled);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_constructs),
	    cmocka_unit_test(shows_tables),
	    cmocka_unit_test(breaks_lines),
	    cmocka_unit_test(bears_bad_html),
	    cmocka_unit_test(has_roles),
	    cmocka_unit_test(scrolls),
	    cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
