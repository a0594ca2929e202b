/* Any bytes as the answer of a web server: whole or not, the reader ends, and
 * keeps no more than its limit. */
#include <stdlib.h>

#include "core/net/fetch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fetch_answer answer = {.status = 0};

	for (int method = FETCH_HEAD; method <= FETCH_POST; method++) {
		enum fetch_got got = fetch_read(span_make(data, size),
		    (enum fetch_method)method, FETCH_CLOSED, &answer);

		if (got == FETCH_MORE || answer.body.len > FETCH_BODY_MAX)
			abort();
		if (got == FETCH_DONE &&
		    (answer.status < 200 || answer.status > 999))
			abort();
	}
	fetch_done(&answer);
	return 0;
}
