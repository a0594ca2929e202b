/* HD-08: the message is taken apart by the reader that shares nothing with the
 * writer, and what comes out must be what went in.  Done for the first messages
 * and one of a hundred. */
#include "core/base/charset.h"
#include "core/base/jis.h"
#include "core/review/lint.h"

/* Appends the text of a part as UTF-8 with LF; a stable word when that cannot
 * be done without loss. */
static const char *
read_text(const struct parse_part *part, struct buf *bytes, struct buf *out)
{
	struct buf *from = bytes;
	struct buf text = BUF_INIT;
	const char *fault = NULL;

	buf_clear(bytes);
	buf_clear(out);
	if (parse_body(part, bytes, NULL) < 0)
		return "encoding";
	if (span_equal_nocase(part->charset, SPAN("iso-2022-jp"))) {
		if (!jis_decode(buf_span(bytes), &text))
			fault = "charset";
		from = &text;
	} else if (!span_equal_nocase(part->charset, SPAN("utf-8")) &&
		   !span_equal_nocase(part->charset, SPAN("us-ascii"))) {
		fault = "charset";
	}
	for (size_t i = 0; i < from->len; i++) {
		if (from->ptr[i] != '\r')
			buf_char(out, from->ptr[i]);
	}
	buf_done(&text);
	return fault;
}

static struct span
without_end(struct span text)
{
	while (text.len && text.ptr[text.len - 1] == '\n')
		text.len--;
	return text;
}

/* ISO-2022-JP folds forms of the same sign and writes references into HTML:
 * there what is seen is compared, folded in the same way. */
static bool
is_same(struct lint *lint, struct span read, struct span written)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	bool same;

	if (span_equal(without_end(read), without_end(written)))
		return true;
	if (lint->message->charset != CHARSET_ISO_2022_JP)
		return false;
	same = jis_encode(without_end(read), JIS_REFERENCE, &a) &&
	       jis_encode(without_end(written), JIS_REFERENCE, &b) &&
	       span_equal(buf_span(&a), buf_span(&b));
	buf_done(&a);
	buf_done(&b);
	return same;
}

static bool
is_same_page(struct lint *lint, struct span read)
{
	struct page page = {.links = 0};
	bool same;

	if (lint->message->charset != CHARSET_ISO_2022_JP)
		return is_same(lint, read, lint->message->html);
	page_read(read, &page);
	same = is_same(
	    lint, buf_span(&page.text), buf_span(&lint->tools->page.text));
	page_done(&page);
	return same;
}

/* True when a line of body is the boundary of a multipart. */
static bool
holds_boundary(const struct parse_message *message, struct span body)
{
	struct buf boundary = BUF_INIT;
	bool holds = false;

	for (size_t i = 0; i < message->part_count && !holds; i++) {
		const struct parse_field *field =
		    parse_find(&message->part[i].header, "Content-Type");

		buf_clear(&boundary);
		buf_text(&boundary, "--");
		if (!field ||
		    !parse_parameter(field->value, "boundary", &boundary) ||
		    boundary.len < 4)
			continue;
		holds = span_search(body, buf_span(&boundary)) < body.len;
	}
	buf_done(&boundary);
	return holds;
}

static const struct parse_part *
find_part(const struct parse_message *message, struct span type)
{
	for (size_t i = 0; i < message->part_count; i++) {
		const struct parse_part *part = &message->part[i];

		if (span_equal_nocase(part->type, type) &&
		    !parse_find(&part->header, "Content-Disposition"))
			return part;
	}
	return NULL;
}

static const char *
trip_fault(struct lint *lint, const struct parse_message *message)
{
	const struct parse_part *plain = find_part(message, SPAN("text/plain"));
	const struct parse_part *html = find_part(message, SPAN("text/html"));
	struct buf *bytes = &lint->tools->first, *text = &lint->tools->second;
	const char *fault;

	if (!plain || !html)
		return "parts";
	if (plain > html || plain->parent != html->parent ||
	    plain->parent < 0 ||
	    !span_equal_nocase(message->part[plain->parent].type,
		SPAN("multipart/alternative")))
		return "order";
	fault = read_text(plain, bytes, text);
	if (fault)
		return fault;
	if (!is_same(lint, buf_span(text), lint->message->text))
		return "trip_plain";
	if (holds_boundary(message, buf_span(text)))
		return "boundary";
	fault = read_text(html, bytes, text);
	if (fault)
		return fault;
	if (!is_same_page(lint, buf_span(text)))
		return "trip_html";
	return holds_boundary(message, buf_span(text)) ? "boundary" : NULL;
}

void
lint_round_trip(struct lint *lint)
{
	struct parse_message message;
	struct err err = {0};
	const char *fault;

	if (lint->seq % 100 != 1)
		return;
	if (parse_message(
		lint->message->bytes, lint->tools->arena, &message, &err) < 0) {
		tally_err(lint->tally, HD_08, lint->seq, &err);
		return;
	}
	fault = trip_fault(lint, &message);
	if (fault)
		lint_add(lint, HD_08, fault, SPAN(""));
}
