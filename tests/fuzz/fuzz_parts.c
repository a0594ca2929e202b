/* Any bytes as a part: what is shown of HTML is valid text, URLs come out one
 * on a line and never longer than what went in. */
#include <stdlib.h>

#include "core/base/utf8.h"
#include "core/compose/compose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span part = span_make(data, size);
	struct buf text = BUF_INIT, urls = BUF_INIT;
	struct err err = {0};

	if (html_to_text(part, &text, &err) == 0) {
		if (!utf8_is_valid(buf_span(&text)))
			abort();
		if (text.len > 0 && text.ptr[text.len - 1] != '\n')
			abort();
	}
	part_urls(part, &urls);
	if (urls.len > 2 * size + 2)
		abort();
	buf_done(&text);
	buf_done(&urls);
	return 0;
}
