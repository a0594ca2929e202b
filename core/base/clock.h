/* The clock as a port: real in the program, moved by hand in tests. */
#ifndef CORE_BASE_CLOCK_H
#define CORE_BASE_CLOCK_H

#include <stdint.h>

#include "core/base/buf.h"

/* A clock.  Implementations embed this as their first member. */
struct clock {
	/* Milliseconds since 1970-01-01 00:00 UTC. */
	int64_t (*now_ms)(struct clock *clock);
	/* Milliseconds that never go backwards, from an arbitrary start. */
	int64_t (*steady_ms)(struct clock *clock);
};

/* The system's clock; static, never freed. */
struct clock *clock_real(void);

/* Wall time of a clock, ms since the epoch. */
int64_t clock_now_ms(struct clock *clock);

/* Monotonic time of a clock, ms. */
int64_t clock_steady_ms(struct clock *clock);

/* Appends local time as "2026-11-21 14:34:51". */
void clock_stamp(struct buf *out, int64_t at_ms);

/* Appends UTC as RFC 3339 has it: "2026-11-21T05:34:51.250Z". */
void clock_rfc3339(struct buf *out, int64_t at_ms);

/* Appends an RFC 5322 section 3.3 date-time with numeric local zone. */
void clock_rfc5322(struct buf *out, int64_t at_ms);

#endif
