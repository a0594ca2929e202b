/* Walks through a paragraph and asks the readers of dates and numbers at every
 * place where one can begin.  Whoever finds something takes it; nothing is read
 * twice. */
#include "core/review/mention_scan.h"

#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"

/* ---- The calendar ----------------------------------------------------------- */

/* Counted in eras of 400 years that begin in March, so that the day that leap
 * years add is the last of a year. */
int64_t
mention_days(struct mention_day day)
{
	int64_t year = day.year - (day.month <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year =
	    (153 * (day.month + (day.month > 2 ? -3 : 9)) + 2) / 5 + day.day -
	    1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

bool
mention_is_day(struct mention_day day)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap =
	    day.year % 4 == 0 && (day.year % 100 != 0 || day.year % 400 == 0);

	if (day.month < 1 || day.month > 12 || day.day < 1)
		return false;
	return day.day <= days[day.month - 1] + (day.month == 2 && leap);
}

struct mention_day
mention_today(int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	localtime_r(&at, &tm);
	return (struct mention_day){
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
}

/* ---- Folding ------------------------------------------------------------------ */

/* The sign of ASCII that a character is another form of. */
static uint32_t
fold(uint32_t cp)
{
	if (cp >= 0xff01 && cp <= 0xff5e)
		return cp - 0xff01 + '!';
	switch (cp) {
	case '\n':
	case '\r':
	case '\t':
	case 0xa0:
	case 0x3000:
		return ' ';
	case 0xffe5:
		return 0xa5;
	case 0xffe1:
		return 0xa3;
	case 0x2010: /* hyphens, dashes, minus */
	case 0x2011:
	case 0x2012:
	case 0x2013:
	case 0x2212:
		return '-';
	case 0x3014:
	case 0x3008:
	case 0xff3b:
		return '(';
	case 0x3015:
	case 0x3009:
	case 0xff3d:
		return ')';
	default:
		return cp;
	}
}

/* The long vowel mark is often typed for the hyphen between digits. */
static void
fold_marks(uint32_t *cp, size_t count)
{
	for (size_t i = 1; i + 1 < count; i++) {
		if (cp[i] == 0x30fc && scan_digit(cp[i - 1]) &&
		    scan_digit(cp[i + 1]))
			cp[i] = '-';
	}
}

/* ---- What the readers share ----------------------------------------------------- */

size_t
scan_blanks(const struct scan *scan, size_t at)
{
	while (scan->cp[at] == ' ')
		at++;
	return at;
}

bool
scan_number(const struct scan *scan, size_t *at, size_t limit, int *out)
{
	size_t count = 0;

	*out = 0;
	while (scan_digit(scan->cp[*at + count])) {
		if (count == limit)
			return false;
		*out = *out * 10 + (int)(scan->cp[*at + count++] - '0');
	}
	*at += count;
	return count > 0;
}

bool
scan_is(const struct scan *scan, size_t at, const char *text)
{
	struct span rest = span_of(text);
	uint32_t cp;

	while (utf8_next(&rest, &cp) != UTF8_END) {
		uint32_t here = scan->cp[at];

		if (here >= 'A' && here <= 'Z')
			here += 'a' - 'A';
		if (here != cp)
			return false;
		at++;
	}
	return true;
}

/* ---- Walking ------------------------------------------------------------------------ */

static bool
is_address_char(uint32_t cp)
{
	return cp > ' ' && cp < 0x7f && !strchr("<>\"", (int)cp);
}

/* Behind an address of web or mail that begins at at, or at itself. */
static size_t
skip_address(const struct scan *scan, size_t at)
{
	size_t end = at;
	bool is_mail = false;

	if (!scan_letter(scan->cp[at]) && !scan_digit(scan->cp[at]))
		return at;
	for (; is_address_char(scan->cp[end]); end++)
		is_mail |= scan->cp[end] == '@';
	if (is_mail || scan_is(scan, at, "http://") ||
	    scan_is(scan, at, "https://") || scan_is(scan, at, "mailto:") ||
	    scan_is(scan, at, "www."))
		return end;
	return at;
}

/* What stands at from..to, on one line: a line end between two characters of
 * Japanese is nothing, else a blank. */
static void
write_text(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool wide;

		if (c != '\n' && c != '\r') {
			buf_char(out, c);
			continue;
		}
		while (i + 1 < text.len && strchr("\r\n \t", text.ptr[i + 1]))
			i++;
		wide = i + 1 < text.len && (text.ptr[i + 1] & 0x80);
		wide |= out->len && (out->ptr[out->len - 1] & 0x80);
		if (!wide)
			buf_char(out, ' ');
	}
}

struct walk {
	struct scan scan;
	struct span text;
	const uint32_t *offset; /* of each code point in text */
	mention_seen *seen;
	void *payload;
	struct buf line;
};

static void
tell(struct walk *walk, enum extract_kind kind, size_t from,
    const struct scan_date *date)
{
	struct mention mention = {.kind = kind, .weekday = -1};

	buf_clear(&walk->line);
	write_text(
	    span_slice(walk->text, walk->offset[from], walk->offset[date->end]),
	    &walk->line);
	mention.text = buf_span(&walk->line);
	if (kind == EXTRACT_DATE) {
		mention.faults = date->faults;
		mention.weekday = date->weekday;
	}
	walk->seen(walk->payload, &mention);
}

/* Who can begin with a character. */
enum { FIRST_ADDRESS = 1, FIRST_PHONE = 2, FIRST_DATE = 4, FIRST_PRICE = 8 };

static unsigned
first_of(uint32_t cp)
{
	if (scan_digit(cp))
		return FIRST_ADDRESS | FIRST_PHONE | FIRST_DATE | FIRST_PRICE;
	if (cp >= 'A' && cp <= 'Z')
		return FIRST_ADDRESS | FIRST_DATE | FIRST_PRICE;
	if (cp >= 'a' && cp <= 'z')
		return FIRST_ADDRESS |
		       (strchr("smtwf", (int)cp) ? FIRST_DATE : 0) |
		       (strchr("ujeg", (int)cp) ? FIRST_PRICE : 0);
	switch (cp) {
	case '+':
	case '(':
		return FIRST_PHONE;
	case '$':
	case 0xa3:
	case 0xa5:
	case 0x20ac:
		return FIRST_PRICE;
	case 0x4ee4: /* 令和 */
	case 0x5e73: /* 平成 */
	case 0x662d: /* 昭和 */
		return FIRST_DATE;
	default:
		return 0;
	}
}

/* The end of what begins at at; at itself when nothing does. */
static size_t
look(struct walk *walk, size_t at, unsigned first)
{
	struct scan *scan = &walk->scan;
	struct scan_date found = {.end = at};

	if (first & FIRST_ADDRESS)
		found.end = skip_address(scan, at);
	if (found.end > at)
		return found.end;
	if (first & FIRST_PHONE)
		found.end = scan_phone(scan, at);
	if (found.end > at) {
		tell(walk, EXTRACT_PHONE, at, &found);
		return found.end;
	}
	if ((first & FIRST_DATE) && scan_date(scan, at, &found)) {
		tell(walk, EXTRACT_DATE, at, &found);
		return found.end;
	}
	found.end = first & FIRST_PRICE ? scan_price(scan, at) : at;
	if (found.end > at)
		tell(walk, EXTRACT_PRICE, at, &found);
	return found.end;
}

static void
walk_all(struct walk *walk)
{
	const uint32_t *cp = walk->scan.cp;
	size_t at = 0;

	while (at < walk->scan.count) {
		unsigned first = first_of(cp[at]);
		size_t end = first ? look(walk, at, first) : at;

		if (end > at) {
			at = end;
			continue;
		}
		/* nothing begins within a number or a word */
		if (scan_digit(cp[at])) {
			while (scan_digit(cp[at]))
				at++;
		} else if (scan_letter(cp[at])) {
			while (scan_letter(cp[at]))
				at++;
		} else {
			at++;
		}
	}
}

/* All of them have a digit, or the first year of an era. */
static bool
may_hold_any(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if ((c >= '0' && c <= '9') || c == 0xef)
			return true;
	}
	return span_search(text, SPAN("元年")) < text.len;
}

void
mentions_find(struct span text, struct mention_day today, mention_seen *seen,
    void *payload)
{
	struct walk walk = {.seen = seen, .payload = payload};
	uint32_t *cp, *offset;
	struct span rest;
	size_t count = 0;

	text = span_slice(text, 0, MENTION_TEXT_MAX);
	if (!may_hold_any(text))
		return;
	cp = mem_array(text.len + 1, sizeof *cp);
	offset = mem_array(text.len + 1, sizeof *offset);
	rest = text;
	while (rest.len) {
		offset[count] = (uint32_t)(text.len - rest.len);
		utf8_next(&rest, &cp[count]);
		cp[count] = cp[count] ? fold(cp[count]) : ' ';
		count++;
	}
	offset[count] = (uint32_t)text.len;
	fold_marks(cp, count);
	walk.text = text;
	walk.offset = offset;
	walk.scan = (struct scan){.cp = cp, .count = count, .today = today};
	walk_all(&walk);
	buf_done(&walk.line);
	free(cp);
	free(offset);
}
