/* Numbers and times.  Local time is the machine's zone (TZ): operators read
 * the screen beside other logs of the same machine. */
#include "tui/text/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "tui/text/i18n.h"

void
format_count(struct buf *out, int64_t value)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRId64, value);
	int first = digits[0] == '-';

	for (int i = 0; i < len; i++) {
		if (i > first && (len - i) % 3 == 0)
			buf_char(out, ',');
		buf_char(out, digits[i]);
	}
}

void
format_percent(struct buf *out, int64_t part, int64_t whole)
{
	/* Cut, not rounded: 99.96% must not read as 100.0%. */
	int64_t tenths;

	if (whole <= 0) {
		buf_char(out, '-');
		return;
	}
	tenths = (int64_t)((double)part * 1000.0 / (double)whole);
	if (part < INT64_MAX / 1000)
		tenths = part * 1000 / whole;
	buf_printf(out, "%" PRId64 ".%" PRId64 "%%", tenths / 10, tenths % 10);
}

void
format_size(struct buf *out, int64_t octets)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	int64_t tenths = octets / 100;
	size_t unit = 0;

	if (octets < 1000) {
		buf_printf(out, "%" PRId64 " B", octets);
		return;
	}
	while (tenths >= 10000 && unit + 1 < sizeof units / sizeof *units) {
		tenths /= 1000;
		unit++;
	}
	if (tenths >= 1000)
		buf_printf(out, "%" PRId64 " %s", tenths / 10, units[unit]);
	else
		buf_printf(out, "%" PRId64 ".%" PRId64 " %s", tenths / 10,
		    tenths % 10, units[unit]);
}

enum part { PART_DATE, PART_MINUTE, PART_CLOCK };

static void
stamp(struct buf *out, int64_t at_ms, enum part part)
{
	time_t seconds = (time_t)(at_ms / 1000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return;
	if (part != PART_CLOCK)
		buf_printf(out, "%04d-%02d-%02d", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday);
	if (part == PART_MINUTE)
		buf_printf(out, " %02d:%02d", tm.tm_hour, tm.tm_min);
	if (part == PART_CLOCK)
		buf_printf(
		    out, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void
format_date(struct buf *out, int64_t at_ms)
{
	stamp(out, at_ms, PART_DATE);
}

void
format_minute(struct buf *out, int64_t at_ms)
{
	stamp(out, at_ms, PART_MINUTE);
}

void
format_clock(struct buf *out, int64_t at_ms)
{
	stamp(out, at_ms, PART_CLOCK);
}

void
format_span(struct buf *out, int64_t ms)
{
	int64_t seconds = ms > 0 ? (ms + 999) / 1000 : 0;

	if (seconds < 60)
		buf_printf(out, _("%lld s"), (long long)seconds);
	else if (seconds < 3600)
		buf_printf(
		    out, "%" PRId64 ":%02d", seconds / 60, (int)(seconds % 60));
	else if (seconds < 72 * 3600)
		buf_printf(out, _("%lld:%02d h"), (long long)(seconds / 3600),
		    (int)(seconds / 60 % 60));
	else
		buf_printf(out, _("%lld d"), (long long)(seconds / 86400));
}
