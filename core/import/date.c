/* A date is three numbers with something between them, perhaps an era before,
 * a time and a zone behind.  What cannot be told is never guessed: a date in
 * an evidence column is the date somebody agreed on. */
#include "core/import/date.h"

#include <arpa/inet.h>
#include <time.h>

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

enum {
	DATE_OCTETS = 100, /* of a cell; a longer one is no date */
	DATE_TEXT = 128,
	YEAR_FIRST = 1900,
	YEAR_LAST = 2199
};

/* The cell with letters lower-case and narrow, and signs of one kind. */
struct plain {
	char text[DATE_TEXT];
	size_t len, at;
};

/* A number and how many digits it had. */
struct number {
	int value, digits;
};

struct parts {
	struct number n[3];
	int era; /* year before its first; 0: none */
	int hour, minute, second;
	bool zoned;
	int zone_s; /* seconds east of UTC */
};

/* ---- Making it plain ---------------------------------------------------- */

/* One sign or letter for what stands in dates; 0 for what never does. */
static char
plain_sign(uint32_t cp)
{
	static const struct {
		uint32_t cp;
		char sign;
	} signs[] = {
	    {0x5e74, 'Y'}, /* 年 */
	    {0x6708, 'M'}, /* 月 */
	    {0x65e5, 'D'}, /* 日 */
	    {0x6642, 'H'}, /* 時 */
	    {0x5206, 'N'}, /* 分 */
	    {0x79d2, 'S'}, /* 秒 */
	    {0x5143, '1'}, /* 元 */
	    {0x32ff, 'r'}, /* ㋿ */
	    {0x337b, 'h'}, /* ㍻ */
	    {0x337c, 's'}, /* ㍼ */
	    {0x337d, 't'}, /* ㍽ */
	    {0x337e, 'm'}, /* ㍾ */
	    {0x3000, ' '},
	    {0xa0, ' '},
	    {'\t', ' '},
	    {0x2212, '-'},
	    {0x2010, '-'},
	    {0x3001, ','},
	};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (signs[i].cp == cp)
			return signs[i].sign;
	}
	return cp >= ' ' && cp < 0x7f ? (char)cp : 0;
}

/* Words that are written as one sign. */
static size_t
plain_word(struct span rest, char *sign)
{
	static const struct {
		const char *word;
		char sign;
	} words[] = {{"令和", 'r'}, {"平成", 'h'}, {"昭和", 's'}, {"大正", 't'},
	    {"明治", 'm'}, {"午前", 'A'}, {"午後", 'P'}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		*sign = words[i].sign;
		if (span_starts(rest, span_of(words[i].word)))
			return strlen(words[i].word);
	}
	return 0;
}

/* A weekday in brackets, (水), says nothing more; 0 when there is none. */
static size_t
bracket_len(struct span rest)
{
	size_t end = span_index(rest, ')');

	if (span_starts(rest, SPAN("\xef\xbc\x88"))) {
		end = span_search(rest, SPAN("\xef\xbc\x89"));
		return end < rest.len ? end + 3 : 0;
	}
	return span_starts(rest, SPAN("(")) && end < rest.len ? end + 1 : 0;
}

static bool
make_plain(struct span cell, struct plain *out)
{
	struct span rest = text_trim(cell);
	uint32_t cp;
	size_t len;
	char sign;

	*out = (struct plain){0};
	if (rest.len > DATE_OCTETS)
		return false;
	while (rest.len) {
		if ((len = bracket_len(rest)) > 0) {
			rest = span_slice(rest, len, rest.len);
			continue;
		}
		if ((len = plain_word(rest, &sign)) > 0) {
			rest = span_slice(rest, len, rest.len);
		} else {
			fold_next(&rest, &cp);
			sign = plain_sign(cp);
		}
		if (!sign)
			return false;
		out->text[out->len++] = sign;
	}
	return true;
}

/* ---- Reading ------------------------------------------------------------ */

static char
peek(const struct plain *plain)
{
	return plain->at < plain->len ? plain->text[plain->at] : '\0';
}

static bool
take(struct plain *plain, char sign)
{
	if (peek(plain) != sign || !sign)
		return false;
	plain->at++;
	return true;
}

static void
skip_spaces(struct plain *plain)
{
	while (take(plain, ' '))
		continue;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
take_number(struct plain *plain, int digits_max, struct number *out)
{
	*out = (struct number){0};
	while (is_digit(peek(plain)) && out->digits < digits_max) {
		out->value = out->value * 10 + (peek(plain) - '0');
		out->digits++;
		plain->at++;
	}
	return out->digits > 0;
}

static int
take_era(struct plain *plain)
{
	static const struct {
		char sign;
		int before;
	} eras[] = {
	    {'r', 2018}, {'h', 1988}, {'s', 1925}, {'t', 1911}, {'m', 1867}};

	for (size_t i = 0; i < sizeof eras / sizeof *eras; i++) {
		if (take(plain, eras[i].sign)) {
			take(plain, '.');
			skip_spaces(plain);
			return eras[i].before;
		}
	}
	return 0;
}

static bool
take_between(struct plain *plain, char japanese)
{
	static const char signs[] = "/-.";
	bool found = take(plain, japanese);

	for (size_t i = 0; !found && signs[i]; i++)
		found = take(plain, signs[i]);
	skip_spaces(plain);
	return found;
}

/* 20250402, with or without 101109 behind. */
static bool
take_compact(struct plain *plain, struct parts *out)
{
	size_t digits = 0;
	struct number time;

	while (is_digit(plain->text[plain->at + digits]))
		digits++;
	if (digits != 8 && digits != 14)
		return false;
	take_number(plain, 4, &out->n[0]);
	take_number(plain, 2, &out->n[1]);
	take_number(plain, 2, &out->n[2]);
	if (digits == 8)
		return true;
	take_number(plain, 2, &time);
	out->hour = time.value;
	take_number(plain, 2, &time);
	out->minute = time.value;
	take_number(plain, 2, &time);
	out->second = time.value;
	return true;
}

static bool
take_date(struct plain *plain, struct parts *out)
{
	out->era = take_era(plain);
	if (!out->era && take_compact(plain, out))
		return true;
	if (!take_number(plain, 4, &out->n[0]) || !take_between(plain, 'Y') ||
	    !take_number(plain, 2, &out->n[1]) || !take_between(plain, 'M') ||
	    !take_number(plain, 4, &out->n[2]))
		return false;
	take(plain, 'D');
	return true;
}

/* Half of the day, before the hour or behind the time: 0 none, 'a', 'p'. */
static char
take_half(struct plain *plain)
{
	skip_spaces(plain);
	if (take(plain, 'A'))
		return 'a';
	if (take(plain, 'P'))
		return 'p';
	if ((peek(plain) == 'a' || peek(plain) == 'p') &&
	    plain->text[plain->at + 1] == 'm') {
		plain->at += 2;
		return plain->text[plain->at - 2];
	}
	return 0;
}

static void
take_fraction(struct plain *plain)
{
	if (!take(plain, '.') && !take(plain, ','))
		return;
	while (is_digit(peek(plain)))
		plain->at++;
}

static bool
apply_half(char half, struct parts *out)
{
	if (!half)
		return true;
	if (out->hour > 12)
		return half == 'p'; /* 午後15時 is met, too */
	out->hour = out->hour % 12 + (half == 'p' ? 12 : 0);
	return true;
}

/* True also when there is no time. */
static bool
take_time(struct plain *plain, struct parts *out)
{
	struct number n;
	char half;

	if (!take(plain, 't'))
		take(plain, ',');
	half = take_half(plain);
	skip_spaces(plain);
	if (!is_digit(peek(plain)))
		return half == 0;
	take_number(plain, 2, &n);
	out->hour = n.value;
	if (take(plain, 'H') && !is_digit(peek(plain)))
		return apply_half(half, out);
	if (plain->text[plain->at - 1] != 'H' && !take(plain, ':'))
		return false;
	if (!take_number(plain, 2, &n))
		return false;
	out->minute = n.value;
	take(plain, 'N');
	if (take(plain, ':') || is_digit(peek(plain))) {
		if (!take_number(plain, 2, &n))
			return false;
		out->second = n.value;
		take(plain, 'S');
		take_fraction(plain);
	}
	return apply_half(half ? half : take_half(plain), out);
}

/* Letters behind: z, utc, gmt say zero, jst nine hours. */
static bool
take_zone_word(struct plain *plain, struct parts *out)
{
	static const struct {
		const char *word;
		int zone_s;
	} words[] = {{"utc", 0}, {"gmt", 0}, {"jst", 9 * 3600}, {"z", 0}};
	struct span rest =
	    span_make(plain->text + plain->at, plain->len - plain->at);

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!span_starts(rest, span_of(words[i].word)))
			continue;
		plain->at += strlen(words[i].word);
		if (!out->zoned)
			out->zone_s = words[i].zone_s;
		out->zoned = true;
		return true;
	}
	return rest.len == 0;
}

static bool
take_zone(struct plain *plain, struct parts *out)
{
	struct number hours, minutes = {0};
	int sign;

	skip_spaces(plain);
	sign = peek(plain) == '-' ? -1 : 1;
	if (take(plain, '+') || take(plain, '-')) {
		if (!take_number(plain, 2, &hours))
			return false;
		take(plain, ':');
		take_number(plain, 2, &minutes);
		if (hours.value > 14 || minutes.value > 59)
			return false;
		out->zoned = true;
		out->zone_s = sign * (hours.value * 3600 + minutes.value * 60);
		skip_spaces(plain);
	}
	return take_zone_word(plain, out);
}

/* ---- What the numbers mean ---------------------------------------------- */

static enum date_hint
hint_of(const struct parts *parts)
{
	int first = parts->n[0].value, second = parts->n[1].value;

	if (parts->era || parts->n[0].digits > 2 || parts->n[2].digits != 4)
		return DATE_HINT_NONE;
	if (first <= 12 && second <= 12)
		return DATE_HINT_EQUAL;
	if (first <= 12)
		return DATE_HINT_MDY;
	return second <= 12 ? DATE_HINT_DMY : DATE_HINT_NONE;
}

static enum date_got
order_parts(const struct parts *parts, enum import_order order, struct tm *out)
{
	int first = parts->n[0].value, second = parts->n[1].value;

	out->tm_mon = second - 1;
	out->tm_mday = parts->n[2].value;
	if (parts->era) {
		out->tm_year = parts->era + first - 1900;
		return first > 0 && parts->n[0].digits <= 2 ? DATE_GOOD
							    : DATE_BAD;
	}
	out->tm_year = first - 1900;
	if (parts->n[0].digits == 4)
		return parts->n[2].digits <= 2 ? DATE_GOOD : DATE_BAD;
	if (parts->n[0].digits > 2 || parts->n[2].digits != 4)
		return DATE_BAD;
	out->tm_year = parts->n[2].value - 1900;
	if (order == IMPORT_ORDER_UNKNOWN) {
		enum date_hint hint = hint_of(parts);

		if (hint == DATE_HINT_EQUAL && first != second)
			return DATE_ORDER;
		order =
		    hint == DATE_HINT_DMY ? IMPORT_ORDER_DMY : IMPORT_ORDER_MDY;
	}
	out->tm_mon = (order == IMPORT_ORDER_MDY ? first : second) - 1;
	out->tm_mday = order == IMPORT_ORDER_MDY ? second : first;
	return DATE_GOOD;
}

static bool
is_possible(const struct parts *parts, const struct tm *tm)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = tm->tm_year + 1900;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (year < YEAR_FIRST || year > YEAR_LAST || tm->tm_mon < 0 ||
	    tm->tm_mon > 11 || tm->tm_mday < 1)
		return false;
	if (tm->tm_mday > days[tm->tm_mon] + (tm->tm_mon == 1 && leap))
		return false;
	return parts->hour < 24 && parts->minute < 60 && parts->second <= 60;
}

static enum date_got
date_value(const struct parts *parts, enum import_order order, int64_t *at_ms)
{
	struct tm tm = {.tm_isdst = -1};
	enum date_got got = order_parts(parts, order, &tm);

	if (got == DATE_GOOD && !is_possible(parts, &tm))
		got = DATE_BAD;
	if (got != DATE_GOOD)
		return got;
	tm.tm_hour = parts->hour;
	tm.tm_min = parts->minute;
	tm.tm_sec = parts->second;
	if (parts->zoned)
		*at_ms = ((int64_t)timegm(&tm) - parts->zone_s) * 1000;
	else
		*at_ms = (int64_t)mktime(&tm) * 1000;
	return DATE_GOOD;
}

/* Nothing but zeros and what stands between them, or the year 9999, as
 * databases write a date that is not there. */
static bool
is_never(const struct plain *plain)
{
	bool zero = false;

	if (span_starts(span_make(plain->text, plain->len), SPAN("9999")) &&
	    plain->text[4] && strchr("-/.Y", plain->text[4]))
		return true;
	for (size_t i = 0; i < plain->len; i++) {
		if (plain->text[i] != '0' && !strchr("-/: .", plain->text[i]))
			return false;
		zero |= plain->text[i] == '0';
	}
	return zero;
}

/* 36526 to 73050 are the days of 2000 to 2099 in Excel. */
static bool
is_serial(const struct plain *plain)
{
	struct plain rest = *plain;
	struct number n;

	if (!take_number(&rest, 5, &n) || n.digits != 5)
		return false;
	if (take(&rest, '.')) {
		while (is_digit(peek(&rest)))
			rest.at++;
	}
	return rest.at == rest.len && n.value >= 20000 && n.value <= 73050;
}

enum date_got
date_read(struct span cell, enum import_order order, int64_t *at_ms)
{
	struct parts parts = {0};
	struct plain plain;

	if (text_is_blank(cell))
		return DATE_EMPTY;
	if (!make_plain(cell, &plain))
		return DATE_BAD;
	if (is_never(&plain))
		return DATE_EMPTY;
	if (is_serial(&plain))
		return DATE_SERIAL;
	if (!take_date(&plain, &parts) || !take_time(&plain, &parts) ||
	    !take_zone(&plain, &parts))
		return DATE_BAD;
	skip_spaces(&plain);
	if (plain.at < plain.len)
		return DATE_BAD;
	return date_value(&parts, order, at_ms);
}

enum date_hint
date_hint(struct span cell)
{
	struct parts parts = {0};
	struct plain plain;

	if (!make_plain(cell, &plain) || !take_date(&plain, &parts))
		return DATE_HINT_NONE;
	return hint_of(&parts);
}

/* ---- IP addresses ------------------------------------------------------- */

bool
ip_read(struct span cell, struct arena *arena, struct span *out)
{
	char text[INET6_ADDRSTRLEN], usual[INET6_ADDRSTRLEN];
	struct span trimmed = text_trim(cell);
	unsigned char bytes[sizeof(struct in6_addr)];
	int family;

	if (trimmed.len == 0 || trimmed.len >= sizeof text ||
	    memchr(trimmed.ptr, '\0', trimmed.len))
		return false;
	span_text(text, sizeof text, trimmed);
	family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, bytes) != 1 ||
	    !inet_ntop(family, bytes, usual, sizeof usual))
		return false;
	*out = arena_copy(arena, span_of(usual));
	return true;
}
