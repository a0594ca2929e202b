/* One way of writing hours, so that what is read back is what was typed. */
#include "core/base/hours.h"

/* "HH:MM", at the start of *text, which is moved on. */
static bool
parse_time(struct span *text, int *minute)
{
	static const char shape[] = "00:00";
	const char *at = text->ptr;

	if (text->len < 5)
		return false;
	for (int i = 0; i < 5; i++) {
		bool digit = at[i] >= '0' && at[i] <= '9';

		if (shape[i] == ':' ? at[i] != ':' : !digit)
			return false;
	}
	*minute = ((at[0] - '0') * 10 + at[1] - '0') * 60 + (at[3] - '0') * 10 +
		  at[4] - '0';
	*text = span_slice(*text, 5, text->len);
	return at[3] < '6' && *minute < 24 * 60;
}

bool
hours_parse(struct span text, struct hours *out)
{
	struct hours hours;

	if (!parse_time(&text, &hours.from) || !span_starts(text, SPAN("-")))
		return false;
	text = span_slice(text, 1, text.len);
	if (!parse_time(&text, &hours.to) || text.len || hours.from == hours.to)
		return false;
	*out = hours;
	return true;
}

bool
hours_has(struct hours hours, int minute)
{
	if (hours.from <= hours.to)
		return minute >= hours.from && minute < hours.to;
	return minute >= hours.from || minute < hours.to;
}
