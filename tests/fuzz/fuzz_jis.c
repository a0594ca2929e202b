/* ISO-2022-JP both ways: what is read is UTF-8 and can be written again, and
 * what is written is read as what jis_take() made of it. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/jis.h"
#include "core/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool true_always)
{
	if (!true_always)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct buf out = BUF_INIT, back = BUF_INIT, again = BUF_INIT;

	if (jis_decode(in, &out))
		expect(utf8_is_valid(buf_span(&out)));
	else
		expect(out.len == 0);
	buf_clear(&out);
	if (jis_encode(in, JIS_STOP, &out)) {
		expect(jis_can(in));
		expect(jis_decode(buf_span(&out), &back));
		/* what was folded once stays as it is */
		expect(jis_encode(buf_span(&back), JIS_STOP, &again));
		expect(span_equal(buf_span(&out), buf_span(&again)));
	} else {
		expect(!jis_can(in) && out.len == 0);
	}
	buf_clear(&out);
	(void)jis_encode(in, JIS_REFERENCE, &out);
	for (size_t i = 0; i < out.len; i++)
		expect((unsigned char)out.ptr[i] < 0x80);
	buf_done(&out);
	buf_done(&back);
	buf_done(&again);
	return 0;
}
