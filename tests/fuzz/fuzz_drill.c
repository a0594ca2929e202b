/* Any octets as the result of a drill: what is taken is exactly what would be
 * written, and nothing that is over the limits. */
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/review/drill.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drill_result result;
	struct buf text = BUF_INIT;

	if (drill_result_parse(span_make(data, size), &result, NULL) == 0) {
		drill_result_write(&result, &text);
		if (!span_equal(buf_span(&text), span_make(data, size)) ||
		    text.len > DRILL_TEXT_MAX || result.found < 0 ||
		    result.found > DRILL_PLANTED ||
		    result.alarm.count > DRILL_KINDS)
			abort();
	}
	buf_done(&text);
	return 0;
}
