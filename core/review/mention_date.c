/* The grammar of dates.  What can be read in two ways (3/4/2026) is wrong only
 * when it is wrong in both; what names no year is the nearest one, as a reader
 * takes it. */
#include "core/review/mention_scan.h"

enum {
	NEAR = 60,  /* places within which the date before lends its year */
	CLOSE = 4,  /* "23日〜25日": it lends its month, too */
	INSIDE = 10 /* places in the brackets of a weekday */
};

/* What is written, read in up to four ways. */
struct said {
	struct mention_day way[4];
	size_t ways;
	size_t end;
	int weekday; /* 0 Sunday; -1: none said */
	bool vague;  /* no date without a weekday */
	bool strict; /* a day that is in no calendar is a mistake, not a number
		      * of something else */
	bool short_year;
};

/* ---- Weekdays ------------------------------------------------------------------- */

/* Number of a weekday's character (日月火水木金土), or -1. */
static int
weekday_kanji(uint32_t cp)
{
	static const uint32_t days[] = {
	    0x65e5, 0x6708, 0x706b, 0x6c34, 0x6728, 0x91d1, 0x571f};

	for (int i = 0; i < 7; i++) {
		if (days[i] == cp)
			return i;
	}
	return -1;
}

/* The end of a word that begins with a name's first three letters and is that
 * name as far as it goes; at when it is another word. */
static size_t
take_name(const struct scan *scan, size_t at, const char *name)
{
	size_t len = 0;

	while (scan_letter(scan->cp[at + len])) {
		uint32_t cp = scan->cp[at + len] | 0x20;

		if (name[len] == '\0' || cp != (uint32_t)name[len])
			return at;
		len++;
	}
	if (len < 3)
		return at;
	return at + len + (scan->cp[at + len] == '.');
}

static size_t
take_weekday_word(const struct scan *scan, size_t at, int *weekday)
{
	static const char *const names[] = {"sunday", "monday", "tuesday",
	    "wednesday", "thursday", "friday", "saturday"};

	for (int i = 0; i < 7; i++) {
		size_t end = take_name(scan, at, names[i]);

		if (end > at) {
			*weekday = i;
			return end;
		}
	}
	return at;
}

/* What stands in brackets: one weekday, perhaps with a holiday beside it. */
static size_t
take_brackets(const struct scan *scan, size_t at, int *weekday)
{
	size_t end = at + 1, found = 0;

	end = scan_blanks(scan, end);
	for (size_t i = 0; i < INSIDE && scan->cp[end] != ')'; i++) {
		uint32_t cp = scan->cp[end];
		size_t next = take_weekday_word(scan, end, weekday);
		bool is_part = scan->cp[end - 1] == 0x66dc || /* 曜日 */
			       scan->cp[end - 1] == 0x795d || /* 祝日 */
			       scan->cp[end - 1] == 0x4f11;   /* 休日 */

		if (!cp)
			return at;
		if (next > end) {
			found++;
			end = next;
			continue;
		}
		if (weekday_kanji(cp) >= 0 && !(cp == 0x65e5 && is_part)) {
			*weekday = weekday_kanji(cp);
			found++;
		}
		end++;
	}
	if (found != 1)
		*weekday = -1;
	return scan->cp[end] == ')' && found ? end + 1 : at;
}

/* A weekday behind a date. */
static size_t
take_weekday(const struct scan *scan, size_t at, int *weekday)
{
	size_t here = scan_blanks(scan, at), end;

	if (scan->cp[here] == '(')
		end = take_brackets(scan, here, weekday);
	else if (weekday_kanji(scan->cp[here]) >= 0 &&
		 scan->cp[here + 1] == 0x66dc) {
		*weekday = weekday_kanji(scan->cp[here]);
		end = here + 2 + (scan->cp[here + 2] == 0x65e5);
	} else {
		size_t comma = here + (scan->cp[here] == ',');

		comma = comma > here ? scan_blanks(scan, comma) : here;
		end = take_weekday_word(scan, comma, weekday);
		return end > comma ? end : at;
	}
	return end > here ? end : at;
}

/* ---- Japanese ---------------------------------------------------------------------- */

enum { YEAR_SIGN = 0x5e74, MONTH_SIGN = 0x6708, DAY_SIGN = 0x65e5 };

/* "令和8", "R8", "平成元": the year, or 0. */
static int
take_era(const struct scan *scan, size_t *at)
{
	static const struct {
		const char *name;
		uint32_t letter;
		int before; /* year 0 */
	} eras[] = {
	    {"令和", 'R', 2018}, {"平成", 'H', 1988}, {"昭和", 'S', 1925}};
	int year;

	for (size_t i = 0; i < sizeof eras / sizeof *eras; i++) {
		size_t here = *at;

		if (scan_is(scan, here, eras[i].name))
			here += 2;
		else if (scan->cp[here] == eras[i].letter)
			here += 1;
		else
			continue;
		here = scan_blanks(scan, here);
		if (scan->cp[here] == 0x5143) { /* 元 */
			*at = here + 1;
			return eras[i].before + 1;
		}
		if (!scan_number(scan, &here, 2, &year) || year == 0)
			return 0;
		*at = here;
		return eras[i].before + year;
	}
	return 0;
}

/* "M月D日" at *at. */
static bool
take_month_day(const struct scan *scan, size_t *at, struct mention_day *day)
{
	size_t here = *at;

	if (!scan_number(scan, &here, 2, &day->month))
		return false;
	here = scan_blanks(scan, here);
	if (scan->cp[here] != MONTH_SIGN)
		return false;
	here = scan_blanks(scan, here + 1);
	if (!scan_number(scan, &here, 2, &day->day))
		return false;
	here = scan_blanks(scan, here);
	if (scan->cp[here] != DAY_SIGN)
		return false;
	*at = here + 1;
	return true;
}

static bool
read_kanji(const struct scan *scan, size_t at, struct said *out)
{
	struct mention_day day = {0};
	size_t here = at, digits;

	day.year = take_era(scan, &here);
	if (!day.year) {
		here = at;
		if (!scan_number(scan, &here, 4, &day.year))
			return false;
		digits = here - at;
		here = scan_blanks(scan, here);
		if (scan->cp[here] != YEAR_SIGN) {
			here = at;
			day.year = 0;
		} else if (digits == 2) {
			day.year += 2000;
		}
	}
	if (day.year) {
		here = scan_blanks(scan, here);
		if (scan->cp[here] != YEAR_SIGN)
			return false;
		here = scan_blanks(scan, here + 1);
	}
	if (!take_month_day(scan, &here, &day))
		return false;
	*out = (struct said){.way = {day},
	    .ways = 1,
	    .end = here,
	    .weekday = -1,
	    .strict = true};
	return true;
}

/* "25日(水)" behind a date whose month it has. */
static bool
read_day_only(const struct scan *scan, size_t at, struct said *out)
{
	struct mention_day day = scan->last;
	size_t here = at;

	if (!scan->last.year || at > scan->last_end + NEAR ||
	    !scan_number(scan, &here, 2, &day.day) ||
	    scan->cp[here] != DAY_SIGN || scan->cp[here + 1] == 0x9593)
		return false;
	*out = (struct said){.way = {day},
	    .ways = 1,
	    .end = here + 1,
	    .weekday = -1,
	    .vague = at > scan->last_end + CLOSE};
	return true;
}

/* ---- Numbers with marks between -------------------------------------------------------- */

static void
add_way(struct said *said, int year, int month, int day)
{
	struct mention_day way = {year, month, day};
	struct mention_day leap = {year ? year : 2024, month, day};

	if (mention_is_day(leap))
		said->way[said->ways++] = way;
}

static bool
is_mark(uint32_t cp)
{
	return cp == '/' || cp == '-' || cp == '.';
}

/* What makes a pair of numbers a date: "11/23まで", "11/23〜". */
static bool
is_dated(const struct scan *scan, size_t at)
{
	static const char *const behind[] = {"まで", "から", "より", "〜", "~",
	    "以降", "必着", "締切", "開催", "発送"};

	at = scan_blanks(scan, at);
	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
		if (scan_is(scan, at, behind[i]))
			return true;
	}
	return false;
}

/* "11/23" */
static bool
read_pair(const struct scan *scan, size_t at, const int n[2], size_t end,
    struct said *out)
{
	if (at > 0 && (is_mark(scan->cp[at - 1]) || scan->cp[at - 1] == ','))
		return false;
	*out = (struct said){
	    .end = end, .weekday = -1, .vague = !is_dated(scan, end)};
	add_way(out, 0, n[0], n[1]);
	return out->ways > 0;
}

/* Three numbers; digits are those of the last. */
static void
add_ways(struct said *out, const int n[3], size_t digits, uint32_t mark)
{
	if (n[0] >= 1900 && n[0] < 2200) {
		add_way(out, n[0], n[1], n[2]);
	} else if (digits == 4 && n[2] >= 1900 && n[2] < 2200) {
		add_way(out, n[2], n[0], n[1]);
		add_way(out, n[2], n[1], n[0]);
	} else if (digits == 2 && mark == '/') {
		out->short_year = true;
		add_way(out, 2000 + n[0], n[1], n[2]);
		add_way(out, 2000 + n[2], n[0], n[1]);
		add_way(out, 2000 + n[2], n[1], n[0]);
	}
}

static bool
read_marks(const struct scan *scan, size_t at, struct said *out)
{
	struct mention_day era = {0};
	size_t here = at, from, digits;
	int n[3];
	uint32_t mark;

	era.year = take_era(scan, &here);
	if (era.year)
		n[0] = era.year;
	else if (!scan_number(scan, &here, 4, &n[0]))
		return false;
	digits = here - at;
	mark = scan->cp[here];
	if (!is_mark(mark) || (!era.year && digits == 3))
		return false;
	here++;
	if (!scan_number(scan, &here, 2, &n[1]))
		return false;
	if (scan->cp[here] != mark || !scan_digit(scan->cp[here + 1]))
		return mark == '/' && !era.year && digits <= 2 &&
		       scan->cp[here] != '/' &&
		       read_pair(scan, at, n, here, out);
	from = ++here;
	if (!scan_number(scan, &here, 4, &n[2]) ||
	    (is_mark(scan->cp[here]) && scan_digit(scan->cp[here + 1])))
		return false;
	digits = here - from;
	*out = (struct said){.end = here, .weekday = -1};
	add_ways(out, n, digits, mark);
	return out->ways > 0;
}

/* ---- English ------------------------------------------------------------------------------ */

/* A month begins with a capital: "may" and "march" are words. */
static size_t
take_month(const struct scan *scan, size_t at, int *month)
{
	static const char *const names[] = {"january", "february", "march",
	    "april", "may", "june", "july", "august", "september", "october",
	    "november", "december"};
	size_t end;

	if (scan->cp[at] < 'A' || scan->cp[at] > 'Z')
		return at;
	for (int i = 0; i < 12; i++) {
		end = take_name(scan, at, names[i]);
		if (end > at) {
			*month = i + 1;
			return end;
		}
	}
	return at;
}

/* "23", "23rd" */
static bool
take_ordinal(const struct scan *scan, size_t *at, int *day)
{
	static const char *const ends[] = {"st", "nd", "rd", "th"};

	if (!scan_number(scan, at, 2, day) || *day < 1 || *day > 31)
		return false;
	for (size_t i = 0; i < 4; i++) {
		if (scan_is(scan, *at, ends[i]) &&
		    !scan_letter(scan->cp[*at + 2])) {
			*at += 2;
			break;
		}
	}
	return !scan_letter(scan->cp[*at]);
}

/* A year behind day and month, after a comma or a blank. */
static int
take_year(const struct scan *scan, size_t *at)
{
	size_t here = scan_blanks(scan, *at);
	int year;

	if (scan->cp[here] == ',')
		here = scan_blanks(scan, here + 1);
	if (here == *at || !scan_number(scan, &here, 4, &year) || year < 1900 ||
	    year >= 2200)
		return 0;
	*at = here;
	return year;
}

static bool
read_words(const struct scan *scan, size_t at, struct said *out)
{
	struct mention_day day = {0};
	int weekday = -1;
	size_t here = take_weekday_word(scan, at, &weekday), next;

	if (here > at) {
		here = scan_blanks(scan, here + (scan->cp[here] == ','));
		if (scan_is(scan, here, "the "))
			here += 4;
	}
	next = take_month(scan, here, &day.month);
	if (next > here) {
		next = scan_blanks(scan, next);
		if (!take_ordinal(scan, &next, &day.day) ||
		    scan->cp[next] == ':')
			return false;
	} else {
		if (!take_ordinal(scan, &here, &day.day))
			return false;
		here = scan_blanks(scan, here);
		if (scan_is(scan, here, "of "))
			here += 3;
		next = take_month(scan, here, &day.month);
		if (next == here)
			return false;
	}
	day.year = take_year(scan, &next);
	*out = (struct said){.way = {day},
	    .ways = 1,
	    .end = next,
	    .weekday = weekday,
	    .strict = true};
	return true;
}

/* ---- Judging --------------------------------------------------------------------------------- */

static int64_t
apart(struct mention_day a, struct mention_day b)
{
	int64_t days = mention_days(a) - mention_days(b);

	return days < 0 ? -days : days;
}

/* Gives a day without a year that of the nearest such day; false when there is
 * none. */
static bool
resolve(struct mention_day *day, struct mention_day near)
{
	struct mention_day best = {0};

	if (day->year)
		return mention_is_day(*day);
	for (int year = near.year - 4; year <= near.year + 4; year++) {
		struct mention_day way = {year, day->month, day->day};

		if (mention_is_day(way) &&
		    (!best.year || apart(way, near) < apart(best, near)))
			best = way;
	}
	*day = best.year ? best : *day;
	return best.year != 0;
}

static int
weekday_of(struct mention_day day)
{
	return (int)(((mention_days(day) + 4) % 7 + 7) % 7);
}

static void
judge(struct scan *scan, const struct said *said, struct scan_date *out)
{
	bool near = scan->last.year && scan->last_has_year &&
		    said->end <= scan->last_end + NEAR;
	struct mention_day chosen = {0};

	*out = (struct scan_date){.end = said->end, .weekday = -1};
	for (size_t i = 0; i < said->ways; i++) {
		struct mention_day day = said->way[i];

		if (!resolve(&day, near ? scan->last : scan->today))
			continue;
		if (!chosen.year)
			chosen = day;
		if (said->weekday < 0 || weekday_of(day) == said->weekday) {
			chosen = day;
			break;
		}
	}
	if (!chosen.year) {
		out->faults = MENTION_NO_DAY;
		return;
	}
	out->weekday = weekday_of(chosen);
	if (said->weekday >= 0 && said->weekday != out->weekday)
		out->faults |= MENTION_WEEKDAY;
	if (!said->short_year &&
	    mention_days(chosen) < mention_days(scan->today))
		out->faults |= MENTION_PAST;
	scan->last_has_year = said->way[0].year != 0 || near;
	scan->last = chosen;
	scan->last_end = said->end;
}

bool
scan_date(struct scan *scan, size_t at, struct scan_date *out)
{
	struct said said;
	size_t end;
	int weekday = -1;

	if (at > 0 &&
	    (scan_letter(scan->cp[at - 1]) || scan_digit(scan->cp[at - 1])) &&
	    scan->cp[at] < 0x80)
		return false;
	if (!read_kanji(scan, at, &said) && !read_words(scan, at, &said) &&
	    !read_marks(scan, at, &said) && !read_day_only(scan, at, &said))
		return false;
	end = take_weekday(scan, said.end, &weekday);
	if (end > said.end) {
		said.end = end;
		if (said.weekday < 0)
			said.weekday = weekday;
	} else if (said.vague || scan_digit(scan->cp[said.end])) {
		return false;
	}
	judge(scan, &said, out);
	return !(out->faults & MENTION_NO_DAY) || said.strict;
}
