/* Any value into every field that we write: what comes out is one field that
 * the reader reads back, in ASCII, on lines within the limits; or nothing. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/jis.h"
#include "core/mail/header.h"
#include "core/mail/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* One field of this name (and, with two, List-Unsubscribe-Post behind it). */
static void
check_field(struct span written, const char *name, size_t fields)
{
	struct arena *arena = arena_new();
	struct parse_header header;
	struct span body, rest = written;
	struct buf whole = BUF_INIT;

	while (rest.len) {
		size_t lf = span_index(rest, '\n');

		expect(lf > 0 && lf < rest.len && rest.ptr[lf - 1] == '\r');
		expect(lf - 1 <= ENCODE_HARD_MAX);
		for (size_t i = 0; i + 1 < lf; i++)
			expect(rest.ptr[i] >= ' ' && rest.ptr[i] <= '~');
		rest = span_slice(rest, lf + 1, rest.len);
	}
	buf_add(&whole, written);
	buf_text(&whole, "\r\nbody");
	expect(
	    parse_header(buf_span(&whole), arena, &header, &body, NULL) == 0);
	expect(header.count == fields);
	expect(span_equal(header.field[0].name, span_of(name)));
	expect(span_equal(body, SPAN("body")));
	buf_done(&whole);
	arena_free(&arena);
}

static void
check_text(struct span value, enum encode_charset charset)
{
	struct buf out = BUF_INIT;

	if (charset == ENCODE_ISO_2022_JP && !jis_can(value))
		return;
	if (header_text_in(&out, "Subject", value, charset, NULL) == 0)
		check_field(buf_span(&out), "Subject", 1);
	else
		expect(out.len == 0);
	buf_done(&out);
}

static void
check_mailbox(
    struct span name, struct span address, enum encode_charset charset)
{
	const struct header_mailbox mailbox = {name, address};
	struct buf out = BUF_INIT;

	if (charset == ENCODE_ISO_2022_JP && !jis_can(name))
		return;
	if (header_mailbox_in(&out, "To", &mailbox, charset, NULL) == 0)
		check_field(buf_span(&out), "To", 1);
	else
		expect(out.len == 0);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span first = span_make(data, size), second;
	struct buf out = BUF_INIT;

	second = first;
	first = span_cut(&second, '\n');
	for (int i = ENCODE_UTF8; i <= ENCODE_ISO_2022_JP; i++) {
		check_text(span_make(data, size), (enum encode_charset)i);
		check_text(first, (enum encode_charset)i);
		check_mailbox(
		    first, SPAN("a@example.jp"), (enum encode_charset)i);
	}
	check_mailbox(SPAN("x"), first, ENCODE_UTF8);
	if (header_structured(&out, "Message-ID", first, NULL) == 0)
		check_field(buf_span(&out), "Message-ID", 1);
	buf_clear(&out);
	if (header_list_unsubscribe(&out, first, second, NULL) == 0)
		check_field(buf_span(&out), "List-Unsubscribe", 2);
	buf_done(&out);
	return 0;
}
