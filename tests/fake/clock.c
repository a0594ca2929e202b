/* A clock moved by hand: time passes only when a test says so. */
#include "tests/fake/clock.h"

static const int64_t start_ms = 1795219200000;

static int64_t
fake_now(struct clock *clock)
{
	return ((struct fake_clock *)clock)->now;
}

static int64_t
fake_steady(struct clock *clock)
{
	return ((struct fake_clock *)clock)->steady;
}

void
fake_clock_init(struct fake_clock *fake)
{
	*fake = (struct fake_clock){
	    .base = {fake_now, fake_steady},
	    .now = start_ms,
	    .steady = 1000,
	};
}

void
fake_clock_move(struct fake_clock *fake, int64_t ms)
{
	fake->now += ms;
	if (ms > 0)
		fake->steady += ms;
}
