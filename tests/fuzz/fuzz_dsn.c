/* Any bytes as a delivery report: what is told lies in the message. */
#include <stdint.h>
#include <stdlib.h>

#include "core/report/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(struct span part, struct span whole)
{
	if (part.len && (part.ptr < whole.ptr ||
			    part.ptr + part.len > whole.ptr + whole.len))
		abort();
}

static bool
wants(void *arg, struct span id)
{
	inside(id, *(struct span *)arg);
	return true;
}

static void
found(void *arg, const struct evidence *evidence)
{
	struct span whole = *(struct span *)arg;

	inside(evidence->id, whole);
	inside(evidence->address, whole);
	inside(evidence->line, whole);
	if (!evidence->id.len)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = span_make(data, size);
	struct evidence_sink sink = {&message, wants, found};

	dsn_read(message, &sink);
	return 0;
}
