/* Merge marks: any text is scanned or refused, and the editor finds the same
 * faults; what is scanned fills with any value without leaving its context.
 * The first line of the input is the value of every field, and when it is JSON
 * also the recipient's data; the rest is the text. */
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

/* The editor must think of a text what compiling thinks of it. */
static void
check_seen(struct span text, const struct merge_set *set, bool right)
{
	struct mark_seen *mark;
	size_t count, tokens = 0;
	bool fault = false;

	mark_find_all(text, &mark, &count);
	for (size_t i = 0; i < count; i++) {
		if (mark[i].from >= mark[i].to || mark[i].to > text.len)
			abort();
		fault |= mark[i].fault != NULL;
		tokens += mark[i].kind != MERGE_COMMENT;
	}
	if (count <= MERGE_MARKS_MAX &&
	    (right == fault || (right && tokens != set->mark_count)))
		abort();
	free(mark);
}

/* Fills the text twice with values that were read: nothing but our line ends
 * may look like an element. */
static void
fill(const struct merge_text *text, const struct merge_set *set,
    struct merge_data *data)
{
	unsigned char *took = mem_array(set->mark_count + 1, sizeof *took);
	struct buf out = BUF_INIT, again = BUF_INIT;
	struct err err = {0};
	struct span rest;
	int fallbacks;

	if (merge_check(data, took, &fallbacks, &err) == 0) {
		merge_fill(text, data, SPAN(""), &out);
		merge_fill(text, data, SPAN(""), &again);
		if (!span_equal(buf_span(&out), buf_span(&again)))
			abort();
	}
	rest = buf_span(&out);
	while (rest.len > 0) {
		rest = span_slice(rest, span_index(rest, '<'), rest.len);
		if (rest.len > 0 && !span_starts(rest, SPAN("<br>\n")))
			abort();
		rest = span_slice(rest, 1, rest.len);
	}
	free(took);
	buf_done(&out);
	buf_done(&again);
}

static void
compile(struct span text, struct span value, enum merge_syntax syntax)
{
	struct merge_source source = {
	    .part = "text",
	    .text = text,
	    .syntax = syntax,
	};
	struct merge_person person = {.name = value, .fields = value};
	struct arena *arena = arena_new();
	struct merge_text compiled = MERGE_TEXT_INIT;
	struct buf tokens = BUF_INIT, json = BUF_INIT;
	struct merge_data *data = NULL;
	struct err err = {0};
	struct merge_set set;
	int rc;

	merge_set_init(&set, arena, &text, 1);
	set.language =
	    syntax == MERGE_LINE ? MERGE_LANGUAGE_JA : MERGE_LANGUAGE_EN;
	rc = merge_scan(&set, &source, &tokens, &err);
	check_seen(text, &set, rc == 0);
	if (rc < 0)
		goto out;
	merge_text_add(
	    &compiled, &set, buf_span(&tokens), MERGE_HTML, MERGE_HTML);
	if (merge_text_torn(&compiled) != MERGE_NO_MARK)
		abort();
	data = merge_data_new(&set);
	if (merge_read_same(data, &set, value, &json, &err) == 0)
		fill(&compiled, &set, data);
	if (merge_data_read(data, &person, &err) == 0)
		fill(&compiled, &set, data);
out:
	merge_data_free(&data);
	merge_text_done(&compiled);
	merge_set_done(&set);
	buf_done(&tokens);
	buf_done(&json);
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make(data, size);
	struct span value = span_cut(&text, '\n');

	check_escaped(MERGE_ATTR, value);
	check_escaped(MERGE_URL, value);
	compile(text, value, MERGE_LINE);
	compile(text, value, MERGE_MARKDOWN);
	return 0;
}
