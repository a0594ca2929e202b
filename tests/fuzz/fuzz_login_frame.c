/* Any octets as what a PAM agent says. */
#include <stdlib.h>

#include "core/access/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make(data, size);
	struct login_event event;
	struct err err = {0};
	int used;

	while ((used = frame_take(rest, &event, &err)) > 0) {
		if ((size_t)used > rest.len ||
		    strlen(event.text) > LOGIN_TEXT_MAX || event.delay_ms < 0)
			abort();
		rest = span_slice(rest, (size_t)used, rest.len);
	}
	return 0;
}
