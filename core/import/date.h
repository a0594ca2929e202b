/* Dates, times and IP addresses as foreign files write them. */
#ifndef CORE_IMPORT_DATE_H
#define CORE_IMPORT_DATE_H

#include <stdint.h>

#include "core/base/mem.h"
#include "core/base/span.h"
#include "core/import/column.h"

enum date_got {
	DATE_EMPTY, /* nothing, or zeros all over (0000-00-00) */
	DATE_GOOD,
	DATE_ORDER,  /* day or month first: cannot be told */
	DATE_SERIAL, /* five digits: a date that Excel made a number of */
	DATE_BAD
};

/* Which part of 3/4/2025 must be the month, as far as the numbers tell. */
enum date_hint {
	DATE_HINT_NONE,  /* begins with the year, or is no date */
	DATE_HINT_EQUAL, /* both parts are 12 or less */
	DATE_HINT_MDY,
	DATE_HINT_DMY
};

/* Reads a date with or without time: 2025-04-02, 2025/4/2 10:11, 20250402,
 * 2025-04-02T10:11:09Z, 2025-04-02 01:11:09.6 +0000 UTC, 2025年4月2日,
 * 令和7年4月2日, R7.4.2, and 4/2/2025 in the order given; digits of any width.
 * Without a zone it is local time.  *at_ms is set with DATE_GOOD alone. */
enum date_got date_read(
    struct span cell, enum import_order order, int64_t *at_ms);

/* What the numbers of a date that ends with the year say of its order. */
enum date_hint date_hint(struct span cell);

/* True when the cell is one IPv4 or IPv6 address; *out is its usual form, in
 * the arena. */
bool ip_read(struct span cell, struct arena *arena, struct span *out);

#endif
