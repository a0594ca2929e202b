/* JSON: what is accepted can be written and read again. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/utf8.h"

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
		size_t from = plain->len;
		struct span now;

		json_unescape(key, plain);
		now = span_slice(buf_span(plain), from, plain->len);
		if (!utf8_is_valid(now) || !json_is(key, now))
			abort();
		if (written->len > 1)
			buf_char(written, ',');
		json_quote(written, now);
		buf_char(written, ':');
		from = plain->len;
		json_show(walk.type, value, plain);
		now = span_slice(buf_span(plain), from, plain->len);
		if (!utf8_is_valid(now))
			abort();
		if (walk.type == JSON_STRING)
			json_quote(written, now);
		else
			json_copy(walk.type, value, written);
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
