/* Local minutes, both ways.  What was read is written again and compared: the
 * C library mends what is not on the calendar, and a start must not happen on
 * another day than the one that was typed. */
#include "tui/text/moment.h"

#include <string.h>
#include <time.h>

/* Exactly digits digits. */
static bool
number(struct span text, size_t digits, int *out)
{
	int64_t value = 0;

	if (text.len != digits || !span_int(text, &value) || value < 0)
		return false;
	*out = (int)value;
	return true;
}

static bool
read_parts(struct span text, struct tm *out)
{
	struct span date = span_slice(text, 0, 10);
	struct span rest = span_slice(text, 10, text.len);
	struct span hour;

	if (text.len < 16 || (rest.ptr[0] != ' ' && rest.ptr[0] != 'T'))
		return false;
	rest = span_trim(span_slice(rest, 1, rest.len));
	if (!number(span_cut(&date, '-'), 4, &out->tm_year) ||
	    !number(span_cut(&date, '-'), 2, &out->tm_mon) ||
	    !number(date, 2, &out->tm_mday))
		return false;
	hour = span_cut(&rest, ':');
	if (!number(hour, 2, &out->tm_hour) || !number(rest, 2, &out->tm_min))
		return false;
	out->tm_year -= 1900;
	out->tm_mon -= 1;
	out->tm_isdst = -1;
	return true;
}

bool
moment_parse(struct span text, int64_t *at_ms)
{
	struct tm asked = {0}, tm;
	time_t at;

	if (!read_parts(span_trim(text), &asked))
		return false;
	tm = asked;
	at = mktime(&tm);
	if (at < 0 || tm.tm_year != asked.tm_year ||
	    tm.tm_mon != asked.tm_mon || tm.tm_mday != asked.tm_mday ||
	    tm.tm_hour != asked.tm_hour || tm.tm_min != asked.tm_min)
		return false;
	*at_ms = (int64_t)at * 1000;
	return true;
}

static void
local(int64_t at_ms, struct tm *out)
{
	time_t at = (time_t)(at_ms / 1000);

	localtime_r(&at, out);
}

void
moment_text(struct buf *out, int64_t at_ms)
{
	struct tm tm;

	local(at_ms, &tm);
	buf_printf(out, "%04d-%02d-%02d %02d:%02d", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min);
}

static size_t
find_dash(struct span text)
{
	for (size_t i = 0; i + 3 <= text.len; i++) {
		if (memcmp(text.ptr + i, " - ", 3) == 0)
			return i;
	}
	return text.len;
}

/* The hour may stand without its day, which is that of the first minute. */
static bool
parse_end(struct span text, struct span first, int64_t *until_ms)
{
	struct buf whole = BUF_INIT;
	bool good;

	if (text.len == 5)
		buf_printf(&whole, "%.*s %.*s",
		    SPAN_ARG(span_slice(first, 0, 10)), SPAN_ARG(text));
	else
		buf_add(&whole, text);
	good = moment_parse(buf_span(&whole), until_ms);
	buf_done(&whole);
	return good;
}

bool
moment_span_parse(struct span text, int64_t *at_ms, int64_t *until_ms)
{
	struct span first;
	size_t dash;

	text = span_trim(text);
	*at_ms = *until_ms = 0;
	if (!text.len)
		return true;
	dash = find_dash(text);
	first = span_trim(span_slice(text, 0, dash));
	if (!moment_parse(first, at_ms))
		return false;
	if (dash == text.len) {
		*until_ms = *at_ms + MOMENT_SPAN_MS;
		return true;
	}
	return parse_end(span_trim(span_slice(text, dash + 3, text.len)), first,
		   until_ms) &&
	       *until_ms > *at_ms;
}

void
moment_span_text(struct buf *out, int64_t at_ms, int64_t until_ms)
{
	if (!at_ms)
		return;
	moment_text(out, at_ms);
	if (!until_ms)
		return;
	buf_text(out, " - ");
	moment_text(out, until_ms);
}

void
moment_zone(struct buf *out, int64_t at_ms)
{
	struct tm tm;

	local(at_ms, &tm);
	buf_text(out, tm.tm_zone);
}
