/* Any bytes as a header value, read; and as text, written and read back. */
#include <stdlib.h>

#include "core/base/utf8.h"
#include "core/mail/encode.h"
#include "core/mail/header.h"
#include "core/mail/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* What header_text() writes is short lines of ASCII that mean the text. */
static void
check_written(struct span field, struct span text)
{
	struct buf back = BUF_INIT;
	struct span rest = field;

	while (rest.len)
		expect(span_cut(&rest, '\n').len <= ENCODE_LINE_MAX + 1);
	expect(encode_is_ascii(field));
	parse_words(
	    span_trim(span_slice(field, sizeof "Subject:" - 1, field.len)),
	    &back);
	expect(span_equal(buf_span(&back), text));
	buf_done(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make(data, size);
	struct buf out = BUF_INIT;

	parse_words(text, &out);
	if (utf8_is_valid(text))
		expect(utf8_is_valid(buf_span(&out)));
	buf_clear(&out);
	if (header_text(&out, "Subject", text, NULL) == 0)
		check_written(buf_span(&out), text);
	else
		expect(out.len == 0);
	buf_clear(&out);
	if (header_check("name", text, NULL) == 0) {
		struct buf back = BUF_INIT;

		buf_text(&out, "attachment");
		encode_parameter(&out, "name", text);
		expect(parse_parameter(buf_span(&out), "name", &back));
		/* Beyond PIECES_MAX the reader stops. */
		expect(text.len > 1000 || span_equal(buf_span(&back), text));
		buf_done(&back);
	}
	buf_done(&out);
	return 0;
}
