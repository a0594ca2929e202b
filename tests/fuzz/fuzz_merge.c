/* Merge marks: any text is scanned or refused; what is scanned fills with any
 * value without leaving its context.  The first line of the input is the
 * value, the rest the text. */
#include <stdlib.h>

#include "core/compose/merge.h"
#include "tests/fake/merge_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes that end the context must not come out of a value. */
static void
check_escaped(enum merge_context context, struct span value)
{
	struct buf out = BUF_INIT;

	merge_escape(context, value, &out);
	for (size_t i = 0; i < out.len; i++) {
		char c = out.ptr[i];
		if (context == MERGE_ATTR && (c == '"' || c == '<' || c == '>'))
			abort();
		if (context == MERGE_URL &&
		    (c <= ' ' || c > '~' || strchr("\"'<>&:/?#", c)))
			abort();
	}
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make(data, size);
	struct span value = span_cut(&text, '\n');
	struct arena *arena = arena_new();

	check_escaped(MERGE_ATTR, value);
	check_escaped(MERGE_URL, value);
	for (int syntax = MERGE_LINE; syntax <= MERGE_MARKDOWN; syntax++) {
		struct merge_source source = {
		    .part = "text",
		    .text = text,
		    .syntax = (enum merge_syntax)syntax,
		};
		struct merge_text compiled = MERGE_TEXT_INIT;
		struct buf tokens = BUF_INIT, out = BUF_INIT, json = BUF_INIT;
		struct err err = {0};
		struct merge_data *values = NULL;
		struct merge_set set;
		int fallbacks;

		merge_set_init(&set, arena, &text, 1);
		if (merge_scan(&set, &source, &tokens, &err) == 0) {
			merge_text_add(&compiled, &set, buf_span(&tokens),
			    MERGE_HTML, MERGE_HTML);
			values = merge_data_new(&set);
			if (merge_read_same(values, &set, value, &json, &err) ==
				0 &&
			    merge_check(values, NULL, &fallbacks, &err) == 0)
				merge_fill(&compiled, values, SPAN(""), &out);
			if (span_index(buf_span(&out), '>') < out.len &&
			    span_search(buf_span(&out), SPAN("<br>")) ==
				out.len)
				abort();
		}
		merge_data_free(&values);
		merge_text_done(&compiled);
		merge_set_done(&set);
		buf_done(&tokens);
		buf_done(&out);
		buf_done(&json);
	}
	arena_free(&arena);
	return 0;
}
