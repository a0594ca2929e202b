/* The texts of a drill must hold whenever it is done: their dates lie ahead, and
 * the season is the one of the event. */
#include <time.h>

#include "core/base/buf.h"
#include "tui/demo/sandbox.h"

enum { DAY_S = 86400, TO_EVENT = 21, TO_FIRST = 9, TO_LAST = 16, TO_EARLY = 6 };

static struct sandbox_day
day_of(int64_t days)
{
	time_t at = (time_t)days * DAY_S;
	struct tm tm;

	gmtime_r(&at, &tm);
	return (struct sandbox_day){
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_wday};
}

int64_t
sandbox_today(int64_t now_ms)
{
	time_t at = (time_t)(now_ms / 1000);
	struct tm tm;

	localtime_r(&at, &tm);
	return timegm(&tm) / DAY_S;
}

/* The same day of the year before, with the weekday it had; 29 February becomes
 * the 28th. */
static struct sandbox_day
year_before(const struct sandbox_day *at)
{
	struct tm tm = {.tm_year = at->year - 1901,
	    .tm_mon = at->month - 1,
	    .tm_mday = at->month == 2 && at->day == 29 ? 28 : at->day};

	return day_of(timegm(&tm) / DAY_S);
}

/* A month from this one on that has no 31st, or no 30th. */
static void
add_no_day(const struct sandbox_words *words, int month, struct buf *out)
{
	static const int then[] = {2, 2, 4, 4, 6, 6, 9, 9, 9, 11, 11, 2};
	int at = then[month - 1];

	words->day(at, at == 2 ? 30 : 31, out);
}

static void
add_short(const struct sandbox *sandbox, int ahead, struct buf *out)
{
	struct sandbox_day at = day_of(sandbox->today + ahead);

	sandbox->words->day(at.month, at.day, out);
}

static void
add_mark(const struct sandbox *sandbox, char mark, struct buf *out)
{
	const struct sandbox_words *words = sandbox->words;
	struct sandbox_day event = day_of(sandbox->today + TO_EVENT);
	struct sandbox_day last = year_before(&event);
	struct sandbox_day wrong = event;
	int season = event.month % 12 / 3;

	wrong.weekday = (event.weekday + 1) % 7;
	if (mark == 'S' || mark == 'O')
		buf_text(out,
		    words->season[mark == 'S' ? season : (season + 2) % 4]);
	else if (mark == 'Y' || mark == 'Z')
		buf_int(out, event.year - (mark == 'Z'));
	else if (mark == 'E')
		words->date(&event, out);
	else if (mark == 'W')
		words->date(&wrong, out);
	else if (mark == 'L')
		words->date(&last, out);
	else if (mark == 'B')
		add_short(sandbox, TO_FIRST, out);
	else if (mark == 'D')
		add_short(sandbox, TO_LAST, out);
	else if (mark == 'P')
		add_short(sandbox, TO_EARLY, out);
	else if (mark == 'N')
		add_no_day(words, day_of(sandbox->today + TO_LAST).month, out);
}

void
sandbox_expand(const struct sandbox *sandbox, const char *text, struct buf *out)
{
	for (; *text; text++) {
		if (*text == '@' && text[1] >= 'A' && text[1] <= 'Z')
			add_mark(sandbox, *++text, out);
		else
			buf_char(out, *text);
	}
}
