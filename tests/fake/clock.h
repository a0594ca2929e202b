/* A clock moved by hand. */
#ifndef TESTS_FAKE_CLOCK_H
#define TESTS_FAKE_CLOCK_H

#include "core/base/clock.h"

/* Hand out &fake.base; read and set the two times freely. */
struct fake_clock {
	struct clock base;
	_Atomic int64_t now;    /* ms since the epoch */
	_Atomic int64_t steady; /* ms */
};

/* Starts at 2026-11-21 00:00:00 UTC, steady 1,000. */
void fake_clock_init(struct fake_clock *fake);

/* Moves both times by ms; a negative ms moves the wall clock only. */
void fake_clock_move(struct fake_clock *fake, int64_t ms);

#endif
