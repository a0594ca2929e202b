/* Decides which dates and numbers are read, and how they are written.  Only
 * forms that mean one thing are taken: 1.200 and 3/4/2026 are refused, because
 * two readers would read two values.  Nothing is asked of the system's locale,
 * so that a message is the same on every machine. */
#include "core/compose/merge_format.h"

#include "core/base/utf8.h"
#include "core/compose/merge_tag.h"

enum { FORMAT_WORDS_MAX = 64, VALUE_MAX = 64, DIGITS_MAX = 30 };

/* ---- Names of formats -------------------------------------------------- */

struct format_name {
	const char *name;
	enum format_kind kind;
	enum merge_language language; /* MERGE_LANGUAGE_TEXT: of the text */
};

static const struct format_name names[] = {
    {"date", FORMAT_DATE, MERGE_LANGUAGE_TEXT},
    {"date full", FORMAT_DATE_FULL, MERGE_LANGUAGE_TEXT},
    {"date short", FORMAT_DATE_SHORT, MERGE_LANGUAGE_TEXT},
    {"date iso", FORMAT_DATE_ISO, MERGE_LANGUAGE_TEXT},
    {"day", FORMAT_DAY, MERGE_LANGUAGE_TEXT},
    {"day full", FORMAT_DAY_FULL, MERGE_LANGUAGE_TEXT},
    {"weekday", FORMAT_WEEKDAY, MERGE_LANGUAGE_TEXT},
    {"time", FORMAT_TIME, MERGE_LANGUAGE_TEXT},
    {"era", FORMAT_ERA, MERGE_LANGUAGE_JA},
    {"era full", FORMAT_ERA_FULL, MERGE_LANGUAGE_JA},
    {"era year", FORMAT_ERA_YEAR, MERGE_LANGUAGE_JA},
    {"number", FORMAT_NUMBER, MERGE_LANGUAGE_TEXT},
    {"yen", FORMAT_YEN, MERGE_LANGUAGE_TEXT},
    {"addressee", FORMAT_ADDRESSEE, MERGE_LANGUAGE_TEXT},
    {"日付", FORMAT_DATE, MERGE_LANGUAGE_JA},
    {"日付 曜日", FORMAT_DATE_FULL, MERGE_LANGUAGE_JA},
    {"日付 短", FORMAT_DATE_SHORT, MERGE_LANGUAGE_JA},
    {"月日", FORMAT_DAY, MERGE_LANGUAGE_JA},
    {"月日 曜日", FORMAT_DAY_FULL, MERGE_LANGUAGE_JA},
    {"曜日", FORMAT_WEEKDAY, MERGE_LANGUAGE_JA},
    {"時刻", FORMAT_TIME, MERGE_LANGUAGE_JA},
    {"和暦", FORMAT_ERA, MERGE_LANGUAGE_JA},
    {"和暦 曜日", FORMAT_ERA_FULL, MERGE_LANGUAGE_JA},
    {"和暦 年", FORMAT_ERA_YEAR, MERGE_LANGUAGE_JA},
    {"数", FORMAT_NUMBER, MERGE_LANGUAGE_JA},
    {"円", FORMAT_YEN, MERGE_LANGUAGE_JA},
    {"¥", FORMAT_YEN, MERGE_LANGUAGE_EN},
    {"様", FORMAT_SAMA, MERGE_LANGUAGE_JA},
    {"宛名", FORMAT_ADDRESSEE, MERGE_LANGUAGE_JA},
};

enum { NAMES = sizeof names / sizeof *names };

const char *
merge_format_name(size_t index)
{
	return index < NAMES ? names[index].name : NULL;
}

/* Copies words with one space between them; false when there are too many. */
static bool
join_words(struct span written, char *out, size_t *len)
{
	uint32_t cp;
	bool gap = false;

	*len = 0;
	while (utf8_next(&written, &cp) != UTF8_END) {
		if (cp == ' ' || cp == '\t' || cp == 0xa0 || cp == 0x3000) {
			gap = true;
			continue;
		}
		if (*len + UTF8_MAX + 1 > FORMAT_WORDS_MAX)
			return false;
		if (gap && *len > 0)
			out[(*len)++] = ' ';
		gap = false;
		*len += utf8_encode(cp, out + *len);
	}
	return true;
}

/* Cuts the last word off when it is the one. */
static bool
cut_word(struct span *words, struct span word)
{
	size_t stem;

	if (!span_ends(*words, word) || words->len <= word.len + 1)
		return false;
	stem = words->len - word.len - 1;
	if (words->ptr[stem] != ' ')
		return false;
	words->len = stem;
	return true;
}

/* "number 2": cuts the digit off. */
static int
cut_decimals(struct span *words)
{
	char c = words->len > 0 ? words->ptr[words->len - 1] : '\0';

	if (c < '0' || c > '6' || !cut_word(words, span_make(&c, 1)))
		return -1;
	return c - '0';
}

bool
merge_format_read(
    struct span written, enum merge_language text, struct merge_format *out)
{
	enum merge_language asked = MERGE_LANGUAGE_TEXT;
	char joined[FORMAT_WORDS_MAX];
	struct span words;
	size_t len;

	if (!join_words(written, joined, &len))
		return false;
	words = span_make(joined, len);
	if (cut_word(&words, SPAN("ja")))
		asked = MERGE_LANGUAGE_JA;
	else if (cut_word(&words, SPAN("en")))
		asked = MERGE_LANGUAGE_EN;
	out->decimals = cut_decimals(&words);
	for (size_t i = 0; i < NAMES; i++) {
		const struct format_name *name = &names[i];

		if (!span_equal(words, span_of(name->name)))
			continue;
		if (name->language != MERGE_LANGUAGE_TEXT &&
		    asked != MERGE_LANGUAGE_TEXT)
			return false;
		if (out->decimals >= 0 && name->kind != FORMAT_NUMBER)
			return false;
		out->kind = name->kind;
		out->language = name->language;
		if (out->language == MERGE_LANGUAGE_TEXT)
			out->language = asked;
		if (out->language == MERGE_LANGUAGE_TEXT)
			out->language = text;
		return true;
	}
	return false;
}

struct span
merge_format_fallback(const struct merge_format *format)
{
	if (format->kind != FORMAT_SAMA && format->kind != FORMAT_ADDRESSEE)
		return SPAN("");
	return format->language == MERGE_LANGUAGE_JA ? SPAN("お客様")
						     : SPAN("customer");
}

const char *
merge_format_wants(enum format_kind kind)
{
	if (kind == FORMAT_NUMBER || kind == FORMAT_YEN)
		return "number";
	return kind == FORMAT_SAMA || kind == FORMAT_ADDRESSEE ? "name"
							       : "date";
}

/* ---- Reading ----------------------------------------------------------- */

/* The value without blanks around, and its full-width signs as ASCII: what was
 * typed with a Japanese keyboard means the same.  False for other signs. */
static bool
fold(struct span value, char out[VALUE_MAX], struct span *folded)
{
	size_t len = 0;
	uint32_t cp;

	value = merge_trim(value);
	while (utf8_next(&value, &cp) != UTF8_END) {
		if (cp >= 0xff01 && cp <= 0xff5e)
			cp -= 0xfee0;
		if (cp == 0x2212)
			cp = '-';
		if (cp == 0x5e74 || cp == 0x6708) /* 年 月 */
			cp = '/';
		if (cp == 0x65e5 && value.len == 0) /* 日 */
			break;
		if (cp < ' ' || cp > '~' || len == VALUE_MAX)
			return false;
		out[len++] = (char)cp;
	}
	*folded = span_make(out, len);
	return true;
}

struct date {
	int year, month, day;
	int hour, minute; /* -1: no time */
};

/* Takes a number of least to most digits off *rest. */
static bool
take_number(struct span *rest, size_t least, size_t most, int *out)
{
	size_t len = 0;

	*out = 0;
	while (len < rest->len && len < most && rest->ptr[len] >= '0' &&
	       rest->ptr[len] <= '9')
		*out = *out * 10 + (rest->ptr[len++] - '0');
	*rest = span_slice(*rest, len, rest->len);
	return len >= least;
}

static bool
take_char(struct span *rest, char c)
{
	if (rest->len == 0 || *rest->ptr != c)
		return false;
	*rest = span_slice(*rest, 1, rest->len);
	return true;
}

static int
days_in(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* hh:mm[:ss[.digits]] and an offset.  A time in UTC (Z) is refused: its day
 * may be another one where the reader is. */
static bool
take_time(struct span *rest, struct date *out)
{
	int second = 0, ignored;

	if (!take_number(rest, 2, 2, &out->hour) || !take_char(rest, ':') ||
	    !take_number(rest, 2, 2, &out->minute))
		return false;
	if (take_char(rest, ':') && !take_number(rest, 2, 2, &second))
		return false;
	if (take_char(rest, '.') && !take_number(rest, 1, 9, &ignored))
		return false;
	if (take_char(rest, '+') || take_char(rest, '-')) {
		if (!take_number(rest, 2, 2, &ignored))
			return false;
		take_char(rest, ':');
		if (rest->len > 0 && !take_number(rest, 2, 2, &ignored))
			return false;
	}
	return out->hour < 24 && out->minute < 60 && second < 61;
}

/* 2026-11-25, 20261125, 2026/11/25, 2026/1/5, 2026年1月5日, and a time behind
 * T or a space. */
static bool
read_date(struct span value, struct date *out)
{
	char room[VALUE_MAX];
	struct span rest;
	size_t least = 2;

	out->hour = out->minute = -1;
	if (!fold(value, room, &rest) || !take_number(&rest, 4, 4, &out->year))
		return false;
	if (take_char(&rest, '/')) {
		if (!take_number(&rest, 1, 2, &out->month) ||
		    !take_char(&rest, '/'))
			return false;
		least = 1;
	} else {
		bool dash = take_char(&rest, '-');
		if (!take_number(&rest, 2, 2, &out->month) ||
		    take_char(&rest, '-') != dash)
			return false;
	}
	if (!take_number(&rest, least, 2, &out->day) || out->year < 1 ||
	    out->month < 1 || out->month > 12 || out->day < 1 ||
	    out->day > days_in(out->year, out->month))
		return false;
	if (rest.len == 0)
		return true;
	return (take_char(&rest, 'T') || take_char(&rest, ' ')) &&
	       take_time(&rest, out) && rest.len == 0;
}

/* 0 = Sunday. */
static int
weekday(const struct date *date)
{
	static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
	int year = date->year - (date->month < 3);

	return (year + year / 4 - year / 100 + year / 400 +
		   shift[date->month - 1] + date->day) %
	       7;
}

/* ---- Dates ------------------------------------------------------------- */

static const char *const days_ja[] = {"日", "月", "火", "水", "木", "金", "土"};
static const char *const days_en[] = {"Sunday", "Monday", "Tuesday",
    "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January", "February", "March", "April",
    "May", "June", "July", "August", "September", "October", "November",
    "December"};

/* First days of the eras; before 1873 the calendar was another one. */
static const struct era {
	const char *name;
	int from; /* yyyymmdd */
	int zero; /* the year before its first one */
} eras[] = {
    {"令和", 20190501, 2018},
    {"平成", 19890108, 1988},
    {"昭和", 19261225, 1925},
    {"大正", 19120730, 1911},
    {"明治", 18730101, 1867},
};

static int
write_era(const struct date *date, struct buf *out)
{
	int day = date->year * 10000 + date->month * 100 + date->day;

	for (size_t i = 0; i < sizeof eras / sizeof *eras; i++) {
		if (day < eras[i].from)
			continue;
		buf_text(out, eras[i].name);
		if (date->year == eras[i].zero + 1)
			buf_text(out, "元");
		else
			buf_int(out, date->year - eras[i].zero);
		buf_text(out, "年");
		return 0;
	}
	return -1;
}

static void
write_day(
    const struct merge_format *format, const struct date *date, struct buf *out)
{
	if (format->language == MERGE_LANGUAGE_JA)
		buf_printf(out, "%d月%d日", date->month, date->day);
	else
		buf_printf(out, "%d %s", date->day, months[date->month - 1]);
}

static void
write_weekday(
    const struct merge_format *format, const struct date *date, struct buf *out)
{
	if (format->language == MERGE_LANGUAGE_JA)
		buf_printf(out, "(%s)", days_ja[weekday(date)]);
	else
		buf_printf(out, "%s, ", days_en[weekday(date)]);
}

/* Year, month and day, and with full the day of the week. */
static void
write_long(
    const struct merge_format *format, const struct date *date, struct buf *out)
{
	bool japanese = format->language == MERGE_LANGUAGE_JA;
	bool year =
	    format->kind == FORMAT_DATE || format->kind == FORMAT_DATE_FULL;
	bool full =
	    format->kind == FORMAT_DATE_FULL || format->kind == FORMAT_DAY_FULL;

	if (full && !japanese)
		write_weekday(format, date, out);
	if (year && japanese)
		buf_printf(out, "%d年", date->year);
	write_day(format, date, out);
	if (year && !japanese)
		buf_printf(out, " %d", date->year);
	if (full && japanese)
		write_weekday(format, date, out);
}

static int
write_date(
    const struct merge_format *format, const struct date *date, struct buf *out)
{
	bool japanese = format->language == MERGE_LANGUAGE_JA;

	switch (format->kind) {
	case FORMAT_DATE_SHORT:
		if (japanese)
			buf_printf(out, "%d/%02d/%02d", date->year, date->month,
			    date->day);
		else
			buf_printf(out, "%d %.3s %d", date->day,
			    months[date->month - 1], date->year);
		return 0;
	case FORMAT_DATE_ISO:
		buf_printf(
		    out, "%04d-%02d-%02d", date->year, date->month, date->day);
		return 0;
	case FORMAT_WEEKDAY:
		buf_text(out, (japanese ? days_ja : days_en)[weekday(date)]);
		if (japanese)
			buf_text(out, "曜日");
		return 0;
	case FORMAT_ERA:
	case FORMAT_ERA_FULL:
	case FORMAT_ERA_YEAR:
		if (write_era(date, out) < 0)
			return -1;
		if (format->kind != FORMAT_ERA_YEAR)
			write_day(format, date, out);
		if (format->kind == FORMAT_ERA_FULL)
			write_weekday(format, date, out);
		return 0;
	case FORMAT_TIME:
		if (date->hour < 0)
			return -1;
		buf_printf(out, "%d:%02d", date->hour, date->minute);
		return 0;
	default:
		write_long(format, date, out);
		return 0;
	}
}

/* ---- Numbers ----------------------------------------------------------- */

/* A number as it is written: its digits, and where the point is. */
struct number {
	bool negative;
	char digit[DIGITS_MAX + 1]; /* '0' to '9' */
	int whole, count;           /* before the point, all */
};

/* Reads the digits before the point: with commas between all groups of three,
 * or without any. */
static bool
take_whole(struct span *rest, struct number *out)
{
	int group = 0;
	bool commas = false;

	while (rest->len > 0 && *rest->ptr != '.') {
		char c = *rest->ptr;

		if (c == ',') {
			if (group == 0 || group > 3 || (commas && group != 3))
				return false;
			commas = true;
			group = 0;
		} else if (c < '0' || c > '9' || out->count == DIGITS_MAX) {
			return false;
		} else {
			out->digit[out->count++] = c;
			group++;
		}
		*rest = span_slice(*rest, 1, rest->len);
	}
	out->whole = out->count;
	return out->count > 0 && (!commas || group == 3);
}

static bool
read_number(struct span value, struct number *out)
{
	char room[VALUE_MAX];
	struct span rest;

	*out = (struct number){.count = 0};
	if (!fold(value, room, &rest))
		return false;
	out->negative = take_char(&rest, '-');
	if (!out->negative)
		take_char(&rest, '+');
	if (!take_whole(&rest, out))
		return false;
	if (take_char(&rest, '.') && rest.len == 0)
		return false;
	while (rest.len > 0) {
		if (*rest.ptr < '0' || *rest.ptr > '9' ||
		    out->count == DIGITS_MAX)
			return false;
		out->digit[out->count++] = *rest.ptr;
		rest = span_slice(rest, 1, rest.len);
	}
	return true;
}

/* Makes the number have so many decimals: adds zeros, or rounds, the half away
 * from zero. */
static void
round_to(struct number *number, int decimals)
{
	int wanted = number->whole + decimals, at = wanted;
	bool up = wanted < number->count && number->digit[wanted] >= '5';

	while (number->count < wanted && number->count < DIGITS_MAX)
		number->digit[number->count++] = '0';
	if (wanted < number->count)
		number->count = wanted;
	while (up && at > 0) {
		up = number->digit[--at] == '9';
		number->digit[at] = up ? '0' : (char)(number->digit[at] + 1);
	}
	if (!up)
		return;
	memmove(number->digit + 1, number->digit, (size_t)number->count);
	number->digit[0] = '1';
	number->whole++;
	number->count++;
}

static void
write_number(const struct number *number, struct buf *out)
{
	int from = 0;

	while (from + 1 < number->whole && number->digit[from] == '0')
		from++;
	for (int i = from; i < number->count; i++) {
		if (i == number->whole)
			buf_char(out, '.');
		else if (i > from && i < number->whole &&
			 (number->whole - i) % 3 == 0)
			buf_char(out, ',');
		buf_char(out, number->digit[i]);
	}
}

static bool
is_zero(const struct number *number, int from)
{
	for (int i = from; i < number->count; i++) {
		if (number->digit[i] != '0')
			return false;
	}
	return true;
}

/* There is no part of a yen: an amount that has one is a mistake, and rounding
 * would hide it. */
static int
write_yen(
    const struct merge_format *format, struct number *number, struct buf *out)
{
	if (!is_zero(number, number->whole))
		return -1;
	number->count = number->whole;
	if (number->negative && !is_zero(number, 0))
		buf_char(out, '-');
	if (format->language == MERGE_LANGUAGE_EN)
		buf_text(out, "¥");
	write_number(number, out);
	if (format->language == MERGE_LANGUAGE_JA)
		buf_text(out, "円");
	return 0;
}

int
merge_format_write(
    const struct merge_format *format, struct span value, struct buf *out)
{
	struct number number;
	struct date date;

	if (format->kind != FORMAT_NUMBER && format->kind != FORMAT_YEN)
		return read_date(value, &date) ? write_date(format, &date, out)
					       : -1;
	if (!read_number(value, &number))
		return -1;
	if (format->kind == FORMAT_YEN)
		return write_yen(format, &number, out);
	if (format->decimals >= 0)
		round_to(&number, format->decimals);
	if (number.negative && !is_zero(&number, 0))
		buf_char(out, '-');
	write_number(&number, out);
	return 0;
}
