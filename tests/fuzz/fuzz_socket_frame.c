/* Any octets as what a peer at the socket says, and any body as facts. */
#include <stdlib.h>

#include "core/access/socket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(struct span body)
{
	struct err why = {.code = E_NONE};
	struct span value = fact_find(body, "reason");
	int64_t number = fact_int(body, "status", 255, -1);

	if (number < -1 || number > 255 || value.len > body.len)
		abort();
	socket_take_err(body, &why);
	if (why.code >= ERR_CODE_COUNT || why.fact_count > ERR_FACTS_MAX)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make(data, size);
	struct socket_frame frame;
	struct err err = {.code = E_NONE};
	int used;

	while ((used = socket_frame_take(rest, &frame, &err)) > 0) {
		if ((size_t)used > rest.len || frame.kind >= SOCKET_KINDS ||
		    frame.body.len > SOCKET_BODY_MAX ||
		    frame.body.len + SOCKET_HEAD != (size_t)used)
			abort();
		look(frame.body);
		rest = span_slice(rest, (size_t)used, rest.len);
	}
	if (used < 0 && err.code != E_SOCKET_FRAME &&
	    err.code != E_SOCKET_VERSION)
		abort();
	return 0;
}
