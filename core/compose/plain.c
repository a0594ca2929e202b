/* Builds the plain part: prefixes of containers, empty lines between blocks, and
 * what a table or a numbered list needs to be laid out when the values are
 * in. */
#include "core/compose/plain_wrap.h"

#include <stdio.h>

/* ---- Building ---------------------------------------------------------- */

void
plain_init(struct plain *plain, struct merge_set *set)
{
	*plain = (struct plain){.set = set};
}

void
plain_done(struct plain *plain)
{
	merge_text_done(&plain->text);
	buf_done(&plain->first);
	buf_done(&plain->rest);
}

static void
raw(struct plain *plain, struct span bytes)
{
	merge_text_raw(&plain->text, bytes);
}

static void
raw_char(struct plain *plain, char c)
{
	raw(plain, span_make(&c, 1));
}

void
plain_gap(struct plain *plain)
{
	if (!plain->need_blank)
		return;
	raw_char(plain, PLAIN_GAP);
	raw(plain, buf_span(&plain->rest));
	raw_char(plain, '\n');
	plain->need_blank = false;
}

int
plain_push(struct plain *plain, const char *first, const char *rest)
{
	if (plain->depth == PLAIN_DEPTH_MAX)
		return -1;
	plain_gap(plain);
	if (!plain->pending) {
		buf_clear(&plain->first);
		buf_add(&plain->first, buf_span(&plain->rest));
		plain->pending = true;
	}
	buf_text(&plain->first, first);
	plain->saved[plain->depth++] = plain->rest.len;
	buf_text(&plain->rest, rest);
	return 0;
}

/* The prefix of the line that begins now. */
static struct span
take_prefix(struct plain *plain)
{
	struct span prefix =
	    buf_span(plain->pending ? &plain->first : &plain->rest);

	plain->pending = false;
	return prefix;
}

void
plain_pop(struct plain *plain)
{
	if (plain->pending) {
		plain_begin(plain);
		plain_end(plain);
	}
	plain->rest.len = plain->saved[--plain->depth];
}

static void
begin(struct plain *plain, char sign)
{
	plain_gap(plain);
	raw_char(plain, sign);
	raw(plain, buf_span(&plain->rest));
	raw_char(plain, PLAIN_PREFIX_2);
	raw(plain, take_prefix(plain));
	raw_char(plain, PLAIN_TEXT);
}

void
plain_begin(struct plain *plain)
{
	begin(plain, PLAIN_PREFIX);
}

void
plain_add(struct plain *plain, struct span tokens)
{
	merge_text_add(
	    &plain->text, plain->set, tokens, MERGE_PLAIN, MERGE_PLAIN);
}

void
plain_end(struct plain *plain)
{
	raw_char(plain, '\n');
	plain->need_blank = true;
}

void
plain_underline(struct plain *plain, char c)
{
	raw_char(plain, PLAIN_UNDERLINE);
	raw_char(plain, c);
	raw_char(plain, '\n');
	plain->need_blank = true;
}

void
plain_verbatim_line(struct plain *plain, struct span line, const char *indent)
{
	raw_char(plain, PLAIN_VERBATIM);
	raw(plain, take_prefix(plain));
	raw(plain, span_of(indent));
	plain_add(plain, line);
	raw_char(plain, '\n');
}

void
plain_settle_prefix(struct plain *plain)
{
	bool need_blank = plain->need_blank;

	if (!plain->pending)
		return;
	if (span_equal(buf_span(&plain->first), buf_span(&plain->rest))) {
		plain->pending = false;
		return;
	}
	plain->need_blank = false;
	plain_begin(plain);
	plain_end(plain);
	plain->need_blank = need_blank;
}

void
plain_table_begin(struct plain *plain, const char *align)
{
	begin(plain, PLAIN_TABLE);
	raw(plain, span_of(align));
	raw_char(plain, PLAIN_ROW_END);
}

void
plain_cell_end(struct plain *plain)
{
	raw_char(plain, PLAIN_CELL_END);
}

void
plain_row_end(struct plain *plain)
{
	raw_char(plain, PLAIN_ROW_END);
}

void
plain_table_end(struct plain *plain)
{
	raw_char(plain, PLAIN_TABLE_END);
	plain_end(plain);
}

void
plain_counter(struct plain *plain, char list, int start)
{
	char line[32];

	snprintf(line, sizeof line, "%c%c%d\n", PLAIN_COUNTER, list, start);
	raw(plain, span_of(line));
}

/* ---- Settling ---------------------------------------------------------- */

static bool
is_sign(char c)
{
	return c == PLAIN_VERBATIM || c == PLAIN_PREFIX ||
	       c == PLAIN_UNDERLINE || c == PLAIN_GAP || c == PLAIN_TABLE ||
	       c == PLAIN_COUNTER;
}

/* Octets of the paragraph (or verbatim line) that begins text: up to the next
 * line with a sign of its own, but for the underline. */
static size_t
unit_len(struct span text)
{
	size_t at = 0;

	if (*text.ptr == PLAIN_TABLE)
		at = span_index(text, PLAIN_TABLE_END);
	do {
		struct span rest = span_slice(text, at, text.len);
		at += span_index(rest, '\n') + 1;
	} while (at < text.len && *text.ptr == PLAIN_PREFIX &&
		 (!is_sign(text.ptr[at]) || text.ptr[at] == PLAIN_UNDERLINE));
	return at < text.len ? at : text.len;
}

/* What depends on values, or on what stands before it. */
static bool
must_wait(
    const struct merge_text *text, struct span unit, size_t at, size_t len)
{
	unit = span_slice(unit, 0, len);
	return (*unit.ptr != PLAIN_PREFIX && *unit.ptr != PLAIN_TABLE) ||
	       span_index(unit, PLAIN_NUMBER) < unit.len ||
	       merge_text_has_mark(text, at, at + len);
}

void
plain_settle(struct plain *plain)
{
	struct merge_text settled = MERGE_TEXT_INIT;
	struct span rest = buf_span(&plain->text.literal);
	struct buf lines = BUF_INIT;
	size_t at = 0;
	bool moved = false;

	while (rest.len > 0) {
		size_t len = unit_len(rest);
		moved = must_wait(&plain->text, rest, at, len);
		if (moved) {
			merge_text_move(&settled, &plain->text, at, at + len);
		} else {
			buf_clear(&lines);
			plain_wrap(span_slice(rest, 0, len), &lines);
			struct span left = buf_span(&lines);
			while (left.len > 0) {
				struct span line = span_cut(&left, '\n');
				merge_text_raw(&settled, SPAN("\001"));
				merge_text_raw(&settled, line);
				merge_text_raw(&settled, SPAN("\n"));
			}
		}
		at += len;
		rest = span_slice(rest, len, rest.len);
	}
	/* a section may end with the text */
	if (!moved)
		merge_text_move(&settled, &plain->text, at, at);
	merge_text_done(&plain->text);
	plain->text = settled;
	buf_done(&lines);
}
