/* Local time is what the operator and the recipients live in, so days have 23
 * to 25 hours here, and everything is asked of the calendar. */
#include "core/deliver/window.h"

#include <time.h>

enum {
	MINUTE_MS = 60 * 1000,
	WEEK_MINUTES = 7 * 24 * 60,
	WARM_DAYS = 3650,
	WARM_ENOUGH = 10 * 1000 * 1000
};

static int
read_hours(struct db *db, const char *name, struct hours *out, bool *has,
    struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = setting_read(db, name, &text, err);

	*has = rc == 0 && hours_parse(buf_span(&text), out);
	buf_done(&text);
	return rc;
}

int
window_read(struct db *db, enum campaign_class class, struct window *out,
    struct err *err)
{
	struct buf days = BUF_INIT;
	int rc = 0;

	*out = (struct window){0};
	if (class == CLASS_TX || class == CLASS_TEST)
		return 0;
	if (read_hours(db, "pace.hours", &out->hours, &out->has_hours, err) <
		0 ||
	    read_hours(db, "pace.quiet", &out->quiet, &out->has_quiet, err) <
		0 ||
	    setting_read(db, "pace.days", &days, err) < 0)
		rc = -1;
	out->weekdays = span_equal(buf_span(&days), SPAN("weekdays"));
	buf_done(&days);
	return rc;
}

static struct tm
local(int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm = {0};

	localtime_r(&at, &tm);
	return tm;
}

static bool
is_open(const struct window *window, int64_t at_ms)
{
	struct tm now = local(at_ms);
	int minute = now.tm_hour * 60 + now.tm_min;

	if (window->weekdays && (now.tm_wday == 0 || now.tm_wday == 6))
		return false;
	if (window->has_hours && !hours_has(window->hours, minute))
		return false;
	return !window->has_quiet || !hours_has(window->quiet, minute);
}

int64_t
window_opens_ms(const struct window *window, int64_t at_ms)
{
	int64_t minute_ms = at_ms - at_ms % MINUTE_MS;

	if (is_open(window, at_ms))
		return 0;
	for (int i = 0; i <= WEEK_MINUTES; i++) {
		minute_ms += MINUTE_MS;
		if (is_open(window, minute_ms))
			break;
	}
	return minute_ms;
}

static void
add_hours(struct hours hours, struct buf *out)
{
	buf_printf(out, "%02d:%02d-%02d:%02d", hours.from / 60, hours.from % 60,
	    hours.to / 60, hours.to % 60);
}

void
window_text(const struct window *window, struct buf *out)
{
	if (window->weekdays)
		buf_text(out, "mon-fri");
	if (window->has_hours) {
		buf_text(out, window->weekdays ? " " : "");
		add_hours(window->hours, out);
	}
	if (window->has_quiet) {
		buf_text(out, out->len ? " -" : "-");
		add_hours(window->quiet, out);
	}
}

/* ---- Days ---------------------------------------------------------------------- */

static int64_t
midnight_ms(int64_t at_ms, int days)
{
	struct tm day = local(at_ms);

	day.tm_mday += days;
	day.tm_hour = day.tm_min = day.tm_sec = 0;
	day.tm_isdst = -1;
	return (int64_t)mktime(&day) * 1000;
}

int64_t
day_start_ms(int64_t at_ms)
{
	return midnight_ms(at_ms, 0);
}

int64_t
day_end_ms(int64_t at_ms)
{
	return midnight_ms(at_ms, 1);
}

int64_t
warm_allows(const struct warm *warm, int64_t at_ms)
{
	int64_t day = day_start_ms(warm->from_ms), today = day_start_ms(at_ms);
	double allowed = warm->first;

	if (!warm->from_ms)
		return -1;
	if (today < day)
		return 0;
	for (int i = 0; i < WARM_DAYS && day < today; i++) {
		allowed += allowed * warm->percent / 100;
		if (allowed >= WARM_ENOUGH)
			return -1;
		day = day_end_ms(day);
	}
	return (int64_t)allowed;
}
