/* Renders Markdown to both parts of a mail, for the tests of it. */
#ifndef TESTS_UNIT_COMPOSE_MARKDOWN_CASE_H
#define TESTS_UNIT_COMPOSE_MARKDOWN_CASE_H

#include "core/compose/markdown.h"
#include "tests/fake/merge_case.h"
#include "tests/unit/unit.h"

struct both {
	struct buf html, plain;
	struct err err;
};

/* Renders source with the members of a JSON object, or with every field filled
 * by value when json is NULL. */
static inline int
render_as(const char *text, const char *json_text, const char *value,
    struct both *out)
{
	struct merge_person person = {.fields = span_of(json_text)};
	struct arena *arena = arena_new();
	struct merge_source source = {
	    .part = "text",
	    .text = span_of(text),
	    .syntax = MERGE_MARKDOWN,
	};
	struct merge_data *data = NULL;
	static const struct markdown_image image[] = {
	    {SPAN("logo.png"), SPAN("cid:1.2@x.jp")},
	    {SPAN("ロゴ 1.png"), SPAN("cid:1.3@x.jp")},
	};
	const struct markdown_images images = {image, 2};
	struct merge_text html = MERGE_TEXT_INIT;
	struct buf tokens = BUF_INIT, filled = BUF_INIT, json = BUF_INIT;
	struct merge_set set;
	struct markdown markdown = {
	    .set = &set,
	    .theme = mailtheme_builtin(arena),
	    .images = &images,
	};
	struct plain plain;
	int rc = -1, fallbacks;

	*out = (struct both){.html = BUF_INIT};
	merge_set_init(&set, arena, &source.text, 1);
	plain_init(&plain, &set);
	if (merge_scan(&set, &source, &tokens, &out->err) < 0)
		goto out;
	markdown.tokens = buf_span(&tokens);
	if (markdown_render(&markdown, &html, &plain, &out->err) < 0)
		goto out;
	data = merge_data_new(&set);
	if ((json_text ? merge_data_read(data, &person, &out->err)
		       : merge_read_same(data, &set, span_of(value), &json,
			     &out->err)) < 0 ||
	    merge_check(data, NULL, &fallbacks, &out->err) < 0)
		goto out;
	plain_settle(&plain);
	merge_fill(&html, data, SPAN(""), &out->html);
	merge_fill(&plain.text, data, SPAN(""), &filled);
	plain_wrap(buf_span(&filled), &out->plain);
	rc = 0;
out:
	merge_data_free(&data);
	merge_text_done(&html);
	plain_done(&plain);
	merge_set_done(&set);
	buf_done(&tokens);
	buf_done(&filled);
	buf_done(&json);
	arena_free(&arena);
	return rc;
}

/* Renders source with every field filled by value. */
static inline int
render(const char *text, const char *value, struct both *out)
{
	return render_as(text, NULL, value, out);
}

static inline void
both_done(struct both *both)
{
	buf_done(&both->html);
	buf_done(&both->plain);
}

/* Removes an attribute wherever it stands. */
static inline void
strip_attribute(struct buf *html, const char *start)
{
	struct buf out = BUF_INIT;
	struct span rest = buf_span(html);

	while (rest.len > 0) {
		size_t at = span_search(rest, span_of(start));
		buf_add(&out, span_slice(rest, 0, at));
		rest = span_slice(rest, at, rest.len);
		if (rest.len == 0)
			break;
		rest = span_slice(rest, strlen(start), rest.len);
		span_cut(&rest, '"');
	}
	buf_done(html);
	*html = out;
}

/* Removes a text wherever it stands. */
static inline void
strip_text(struct buf *html, const char *text)
{
	struct buf out = BUF_INIT;
	struct span rest = buf_span(html);

	while (rest.len > 0) {
		size_t at = span_search(rest, span_of(text));
		buf_add(&out, span_slice(rest, 0, at));
		rest = span_slice(rest, at + strlen(text), rest.len);
	}
	buf_add(&out, SPAN(""));
	buf_done(html);
	*html = out;
}

/* Removes what a theme may add, so that tests do not repeat it. */
static inline void
strip_styles(struct buf *html)
{
	static const char *const start[] = {" style=\"", " class=\"",
	    " align=\"", " valign=\"", " width=\"", " cellpadding=\"",
	    " cellspacing=\"", " border=\"", " bgcolor=\""};

	for (size_t i = 0; i < sizeof start / sizeof *start; i++)
		strip_attribute(html, start[i]);
	strip_text(html, "<span>");
	strip_text(html, "</span>");
}

struct markdown_row {
	const char *source, *html, *plain; /* HTML without styles */
};

/* Fails at the first row that is rendered in another way; every field has this
 * value. */
static inline void
check_rows(const struct markdown_row *row, size_t count, const char *value)
{
	for (size_t i = 0; i < count; i++) {
		struct both both;
		assert_ok(render(row[i].source, value, &both), &both.err);
		strip_styles(&both.html);
		if (!span_equal(buf_span(&both.html), span_of(row[i].html)) ||
		    !span_equal(buf_span(&both.plain), span_of(row[i].plain)))
			fail_msg("%s\n%s\n%s", row[i].source, both.html.ptr,
			    both.plain.ptr);
		both_done(&both);
	}
}

#endif
