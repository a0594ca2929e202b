/* The decoders: what comes out is UTF-8, however the input was cut. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/charset.h"
#include "core/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
decode(enum charset charset, struct span in, size_t step, struct buf *out)
{
	struct decoder *decoder = NULL;
	struct err err = {0};
	int rc = 0;

	if (decoder_new(charset, &decoder, &err) < 0)
		abort();
	while (rc == 0 && in.len) {
		rc = decoder_feed(decoder, span_slice(in, 0, step), out, &err);
		in = span_slice(in, step, in.len);
	}
	if (rc == 0)
		rc = decoder_finish(decoder, &err);
	if (!utf8_is_valid(buf_span(out)))
		abort();
	buf_text(out, err_name(err.code));
	buf_text(out, err_find(&err, "offset"));
	decoder_free(&decoder);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);

	for (int i = 0; i < CHARSET_COUNT; i++) {
		struct buf whole = BUF_INIT, pieces = BUF_INIT;

		decode((enum charset)i, in, size + 1, &whole);
		decode((enum charset)i, in, 1 + size % 5, &pieces);
		if (!span_equal(buf_span(&whole), buf_span(&pieces)))
			abort();
		buf_done(&whole);
		buf_done(&pieces);
	}
	return 0;
}
