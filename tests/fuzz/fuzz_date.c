/* A cell read as a date, an IP address and a word: whatever it holds, what is
 * accepted is what it would be again. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/import/date.h"
#include "core/import/value.h"

/* 1900-01-02 and 2199-12-30 */
static const int64_t first_ms = -INT64_C(2208902400000);
static const int64_t last_ms = INT64_C(7258032000000);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_date(struct span cell, enum import_order order)
{
	struct buf text = BUF_INIT;
	int64_t at_ms = 1, again_ms = 0;

	/* A zone may move a day out of the years that are read. */
	if (date_read(cell, order, &at_ms) == DATE_GOOD) {
		if (at_ms < first_ms || at_ms > last_ms)
			return;
		clock_rfc3339(&text, at_ms);
		if (date_read(buf_span(&text), IMPORT_ORDER_UNKNOWN,
			&again_ms) != DATE_GOOD ||
		    again_ms != at_ms)
			abort();
	} else if (at_ms != 1) {
		abort();
	}
	buf_done(&text);
}

static void
check_ip(struct span cell)
{
	struct arena *arena = arena_new();
	struct span ip, again;

	if (ip_read(cell, arena, &ip) &&
	    (!ip_read(ip, arena, &again) || !span_equal(ip, again)))
		abort();
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span cell = span_make(data, size);

	check_date(cell, IMPORT_ORDER_UNKNOWN);
	check_date(cell, IMPORT_ORDER_MDY);
	check_date(cell, IMPORT_ORDER_DMY);
	check_ip(cell);
	/* a word nobody knows stops */
	if (!value_is_known(cell) &&
	    value_state(IMPORT_AGREED, IMPORT_SENSE_MAY, cell) <
		IMPORT_STATE_UNSUBSCRIBED)
		abort();
	return 0;
}
