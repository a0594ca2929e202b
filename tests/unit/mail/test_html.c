/* The tolerant reader of HTML: what is a tag, what an attribute says, what text
 * becomes. */
#include "core/mail/html.h"
#include "tests/unit/unit.h"

static void
want(struct buf *got, const char *name, const char *wanted)
{
	if (!span_equal(buf_span(got), span_of(wanted)))
		fail_msg("%s: \"%.*s\" instead of \"%s\"", name,
		    SPAN_ARG(buf_span(got)), wanted);
	buf_clear(got);
}

/* Every tag as "name", "/name" or "!" for a comment; the rest as "(text)". */
static void
finds_tags(void **state)
{
	static const struct {
		const char *html, *wanted;
	} row[] = {
	    {"<p>a</p>", "p(a)/p"},
	    {"<P CLASS=x>", "P"},
	    {"a < b", "(a )<( b)"},
	    {"1<2", "(1)<(2)"},
	    {"<img alt=\"a>b\"/>c", "img(c)"},
	    {"<!-- <p> -->x", "!(x)"},
	    {"<!-- never closed", "!"},
	    {"<!--[if mso]><td><![endif]-->x", "!(x)"},
	    {"<br/>", "br"},
	    {"<a href='x", "a"},
	    {"<!DOCTYPE html>", "!DOCTYPE"},
	    {"</>", "<(/>)"},
	    {"<", "<"},
	};
	struct buf got = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct span rest = span_of(row[i].html);

		while (rest.len > 0) {
			size_t at = span_index(rest, '<');
			struct html_tag tag;

			if (at > 0)
				buf_printf(&got, "(%.*s)",
				    SPAN_ARG(span_slice(rest, 0, at)));
			if (at == rest.len)
				break;
			rest = span_slice(rest, at + 1, rest.len);
			if (!html_tag_take(&rest, &tag))
				buf_char(&got, '<');
			else
				buf_printf(&got, "%s%.*s",
				    tag.closes ? "/" : "",
				    SPAN_ARG(
					tag.name.len ? tag.name : SPAN("!")));
		}
		want(&got, row[i].html, row[i].wanted);
	}
	buf_done(&got);
}

static void
reads_attributes(void **state)
{
	static const struct {
		const char *attributes, *wanted; /* NULL: has none */
	} row[] = {
	    {" href=\"a&amp;b\"", "a&b"},
	    {" class=x href='q'", "q"},
	    {" HREF = plain class=y", "plain"},
	    {" href", ""},
	    {" data-href=1", NULL},
	    {" title=\"href=no\"", NULL},
	    {" / href=ok/", "ok/"},
	    {"", NULL},
	};
	struct buf got = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct html_tag tag = {
		    SPAN("a"), span_of(row[i].attributes), false};
		bool has = html_attribute(&tag, "href", &got);

		assert_int_equal(has, row[i].wanted != NULL);
		want(&got, row[i].attributes,
		    row[i].wanted ? row[i].wanted : "");
	}
	buf_done(&got);
}

static void
skips_what_a_style_hides(void **state)
{
	static const struct {
		const char *tag, *rest, *left;
	} row[] = {
	    {"div style=\"display:none;x:y\"", "a</div>b", "b"},
	    {"div style=\"COLOR:red; Display : None\"", "a</DIV>b", "b"},
	    {"div style=\"display:none\"", "<div>a</div>c</div>b", "b"},
	    {"div style=\"display:none\"", "<b>a</i></div>b", "b"},
	    {"div style=\"display:none\"", "no end", ""},
	    {"div style=\"display:block\"", "a</div>b", "a</div>b"},
	    {"div style=\"x-display:none\"", "a</div>b", "a</div>b"},
	    {"div title=\"display:none\"", "a</div>b", "a</div>b"},
	    {"img style=\"display:none\"", "a</div>b", "a</div>b"},
	    {"/div style=\"display:none\"", "a</div>b", "a</div>b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct span rest = span_of(row[i].rest), text;
		struct buf whole = BUF_INIT;
		struct html_tag tag;

		buf_printf(&whole, "%s>", row[i].tag);
		text = buf_span(&whole);
		assert_true(html_tag_take(&text, &tag));
		html_skip_hidden(&tag, &rest);
		assert_int_equal(rest.len, strlen(row[i].left));
		assert_memory_equal(rest.ptr, row[i].left, rest.len);
		buf_done(&whole);
	}
}

static void
decodes_and_collapses(void **state)
{
	static const struct {
		const char *html, *decoded, *collapsed;
	} row[] = {
	    {"a &lt; b", "a < b", "a < b"},
	    {"&#65;&#x42;&#X43;", "ABC", "ABC"},
	    {"&#x110000;", "\xef\xbf\xbd", "\xef\xbf\xbd"},
	    {"&nothing; &amp", "&nothing; &amp", "&nothing; &amp"},
	    {" a \n\t b ", " a \n\t b ", "a b "},
	    {"&nbsp;&nbsp;", "\xc2\xa0\xc2\xa0", "\xc2\xa0\xc2\xa0"},
	    {"&&&;", "&&&;", "&&&;"},
	};
	struct buf got = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		html_decode(span_of(row[i].html), &got);
		want(&got, row[i].html, row[i].decoded);
		html_collapse(span_of(row[i].html), &got);
		want(&got, row[i].html, row[i].collapsed);
	}
	/* a blank at the join of two texts is one blank */
	html_collapse(SPAN("a "), &got);
	html_collapse(SPAN(" b"), &got);
	want(&got, "join", "a b");
	buf_done(&got);
}

static void
skips_the_unseen(void **state)
{
	struct span rest = SPAN("<style>p{}</style>x");
	struct html_tag tag;

	(void)state;
	rest = span_slice(rest, 1, rest.len);
	assert_true(html_tag_take(&rest, &tag));
	html_skip_unseen(&tag, &rest);
	assert_true(span_equal(rest, SPAN("x")));
	rest = SPAN("p>x</p>");
	assert_true(html_tag_take(&rest, &tag));
	html_skip_unseen(&tag, &rest);
	assert_true(span_equal(rest, SPAN("x</p>")));
	rest = SPAN("script>x <b> y");
	assert_true(html_tag_take(&rest, &tag));
	html_skip_unseen(&tag, &rest);
	assert_int_equal(rest.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_tags),
	    cmocka_unit_test(reads_attributes),
	    cmocka_unit_test(skips_what_a_style_hides),
	    cmocka_unit_test(decodes_and_collapses),
	    cmocka_unit_test(skips_the_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
