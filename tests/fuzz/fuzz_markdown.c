/* Markdown: any text is rendered or refused.  What is rendered holds only our
 * own elements and allowed schemes, and its plain part keeps the line limit.
 * The first line of the input is the value of every field, or an object of
 * values. */
#include <stdlib.h>

#include "core/base/utf8.h"
#include "core/compose/compose.h"
#include "core/compose/markdown.h"
#include "tests/fake/merge_case.h"
#include "tests/fuzz/strict_html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_html(struct span html)
{
	struct buf text = BUF_INIT, urls = BUF_INIT;

	if (strict_html(html))
		abort();
	if (html_to_text(html, &text, NULL) < 0)
		abort();
	part_urls(html, &urls);
	buf_done(&text);
	buf_done(&urls);
}

static void
check_plain(struct span plain)
{
	struct buf urls = BUF_INIT;

	part_urls(plain, &urls);
	buf_done(&urls);
	while (plain.len > 0) {
		struct span line = span_cut(&plain, '\n');
		/* verbatim lines keep the length they were written with */
		if (line.len > 998 && !span_starts(line, SPAN("    ")))
			abort();
		for (size_t i = 0; i < line.len; i++) {
			if ((unsigned char)line.ptr[i] < 9)
				abort();
		}
	}
}

static void
render(struct merge_set *set, struct span tokens, struct span value)
{
	struct merge_data *data = NULL;
	struct merge_text html = MERGE_TEXT_INIT;
	struct buf out = BUF_INIT, wrapped = BUF_INIT, json = BUF_INIT;
	struct err err = {0};
	struct markdown source = {
	    .tokens = tokens,
	    .set = set,
	    .theme = mailtheme_builtin(set->arena),
	};
	struct merge_person person = {0};
	struct plain plain;
	int fallbacks;

	plain_init(&plain, set);
	if (markdown_render(&source, &html, &plain, &err) < 0)
		goto out;
	/* a section that tears is refused with its line */
	if (merge_text_torn(&html) != MERGE_NO_MARK ||
	    merge_text_torn(&plain.text) != MERGE_NO_MARK)
		abort();
	data = merge_data_new(set);
	person.fields = value;
	if ((span_starts(value, SPAN("{"))
		    ? merge_data_read(data, &person, &err)
		    : merge_read_same(data, set, value, &json, &err)) == 0 &&
	    merge_check(data, NULL, &fallbacks, &err) == 0) {
		merge_fill(&html, data, SPAN(""), &out);
		check_html(buf_span(&out));
		buf_clear(&out);
		plain_settle(&plain);
		merge_fill(&plain.text, data, SPAN(""), &out);
		plain_wrap(buf_span(&out), &wrapped);
		check_plain(buf_span(&wrapped));
	}
out:
	merge_data_free(&data);
	merge_text_done(&html);
	plain_done(&plain);
	buf_done(&out);
	buf_done(&wrapped);
	buf_done(&json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make(data, size);
	struct span value = span_cut(&text, '\n');
	struct merge_source source = {
	    .part = "text",
	    .text = text,
	    .syntax = MERGE_MARKDOWN,
	};
	struct arena *arena = NULL;
	struct buf tokens = BUF_INIT;
	struct err err = {0};
	struct merge_set set;

	/* the record of a campaign holds valid UTF-8 only */
	if (!utf8_is_valid(text))
		return 0;
	arena = arena_new();
	merge_set_init(&set, arena, &text, 1);
	if (merge_scan(&set, &source, &tokens, &err) == 0)
		render(&set, buf_span(&tokens), value);
	merge_set_done(&set);
	buf_done(&tokens);
	arena_free(&arena);
	return 0;
}
