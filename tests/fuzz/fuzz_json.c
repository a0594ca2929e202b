/* Objects of strings: what is accepted can be written and read again. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/utf8.h"
#include "core/contacts/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads text into its plain form and its one written form. */
static int
rewrite(struct span text, struct buf *plain, struct buf *written)
{
	struct json_walk walk;
	struct span key, value;
	int got;

	buf_char(written, '{');
	json_begin(&walk, text);
	while ((got = json_next(&walk, &key, &value)) == 1) {
		struct span part[2] = {key, value};

		for (int i = 0; i < 2; i++) {
			size_t from = plain->len;
			struct span now;

			json_unescape(part[i], plain);
			now = span_slice(buf_span(plain), from, plain->len);
			if (!utf8_is_valid(now) || !json_is(part[i], now))
				abort();
			if (written->len > 1)
				buf_char(written, i ? ':' : ',');
			json_quote(written, now);
		}
	}
	buf_char(written, '}');
	return got;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf plain = BUF_INIT, written = BUF_INIT;
	struct buf plain2 = BUF_INIT, written2 = BUF_INIT;

	if (rewrite(span_make(data, size), &plain, &written) == 0) {
		if (rewrite(buf_span(&written), &plain2, &written2) != 0 ||
		    !span_equal(buf_span(&plain), buf_span(&plain2)) ||
		    !span_equal(buf_span(&written), buf_span(&written2)))
			abort();
	}
	buf_done(&plain);
	buf_done(&written);
	buf_done(&plain2);
	buf_done(&written2);
	return 0;
}
