/* The real clock and the two ways the program writes a time. */
#include "core/base/clock.h"

#include <stdlib.h>
#include <time.h>

static int64_t
read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t
real_now(struct clock *clock)
{
	(void)clock;
	return read_ms(CLOCK_REALTIME);
}

static int64_t
real_steady(struct clock *clock)
{
	(void)clock;
	return read_ms(CLOCK_MONOTONIC);
}

struct clock *
clock_real(void)
{
	static struct clock real = {real_now, real_steady};

	return &real;
}

int64_t
clock_now_ms(struct clock *clock)
{
	return clock->now_ms(clock);
}

int64_t
clock_steady_ms(struct clock *clock)
{
	return clock->steady_ms(clock);
}

void
clock_stamp(struct buf *out, int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	localtime_r(&at, &tm);
	buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* strftime("%a %b") would follow the locale; RFC 5322 wants English. */
void
clock_rfc3339(struct buf *out, int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;
	char text[32];

	gmtime_r(&at, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	buf_printf(out, "%s.%03dZ", text, (int)(at_ms % 1000));
}

void
clock_rfc5322(struct buf *out, int64_t at_ms)
{
	static const char days[7][4] = {
	    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;
	long zone;

	localtime_r(&at, &tm);
	zone = labs(tm.tm_gmtoff) / 60;
	buf_printf(out, "%s, %02d %s %04d %02d:%02d:%02d %c%02ld%02ld",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_gmtoff < 0 ? '-' : '+',
	    zone / 60, zone % 60);
}
