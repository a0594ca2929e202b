/* Any octets as the figures that a watcher is sent. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run_progress *now = mem_new(sizeof *now);
	struct buf again = BUF_INIT;
	struct span name;

	if (watch_read(span_make(data, size), now, &name) == 1) {
		if (now->state >= RUN_STATES || now->relays > RUN_RELAYS_MAX ||
		    now->groups > RUN_GROUPS_MAX || now->events > RUN_EVENTS ||
		    now->replies > RUN_REPLIES ||
		    now->samples > RUN_RATE_SAMPLES)
			abort();
		watch_write(now, name, &again);
		if (again.len == 0)
			abort();
	}
	buf_done(&again);
	free(now);
	return 0;
}
