/* Searching in text.  What is ASCII throughout, as nearly all addresses are, is
 * compared octet by octet; only the rest is decoded. */
#include "core/base/match.h"

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

enum { NUMBER_UNIT = 10000, NUMBER_DIGITS = 14, MONTH = 31, YEAR = 12 * 31 };

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
next(struct span *rest, uint32_t *cp)
{
	if (rest->len > 0 && (unsigned char)*rest->ptr < 0x80) {
		*cp = *rest->ptr == '\t' ? ' ' : (uint32_t)lower(*rest->ptr);
		*rest = span_slice(*rest, 1, rest->len);
		return true;
	}
	if (!fold_next(rest, cp))
		return false;
	if (*cp == 0x3000 || *cp == 0xa0)
		*cp = ' ';
	return true;
}

/* Off both ends everything that next() makes a blank of. */
static struct span
trim(struct span s)
{
	static const struct span nbsp = {"\xc2\xa0", 2};

	for (;;) {
		s = text_trim(s);
		if (span_starts(s, nbsp))
			s = span_slice(s, nbsp.len, s.len);
		else if (span_ends(s, nbsp))
			s.len -= nbsp.len;
		else
			return s;
	}
}

void
match_fold(struct span text, struct buf *out)
{
	uint32_t cp;

	text = trim(text);
	while (next(&text, &cp))
		buf_utf8(out, cp);
}

/* Whether every octet means itself, case aside: no sequence that could fold to
 * ASCII (full-width forms, wide blanks) is in it. */
static bool
is_octets(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

static bool
octets_start(const char *text, struct span folded)
{
	for (size_t i = 0; i < folded.len; i++) {
		char c = text[i] == '\t' ? ' ' : lower(text[i]);

		if (c != folded.ptr[i])
			return false;
	}
	return true;
}

static bool
octets_hold(struct span text, struct span folded)
{
	for (size_t i = 0; i + folded.len <= text.len; i++) {
		if (octets_start(text.ptr + i, folded))
			return true;
	}
	return false;
}

/* Takes folded off the beginning of *text. */
static bool
take(struct span *text, struct span folded)
{
	uint32_t cp, wanted;

	while (utf8_next(&folded, &wanted)) {
		if (!next(text, &cp) || cp != wanted)
			return false;
	}
	return true;
}

bool
match_holds(struct span text, struct span folded)
{
	struct span at;
	uint32_t cp;

	if (is_octets(text))
		return octets_hold(text, folded);
	do {
		at = text;
		if (take(&at, folded))
			return true;
	} while (next(&text, &cp));
	return false;
}

bool
match_same(struct span text, struct span folded)
{
	text = trim(text);
	if (is_octets(text))
		return text.len == folded.len && octets_start(text.ptr, folded);
	return take(&text, folded) && text.len == 0;
}

/* ---- Numbers and dates ---------------------------------------------------- */

static bool
is_digit(uint32_t cp)
{
	return cp >= '0' && cp <= '9';
}

/* Up to max digits into *out; how many there were. */
static int
digits(struct span *rest, int max, int64_t *out)
{
	struct span peek = *rest;
	uint32_t cp;
	int count = 0;

	*out = 0;
	while (count < max && next(&peek, &cp) && (is_digit(cp) || cp == ',')) {
		if (cp != ',') {
			*out = *out * 10 + (cp - '0');
			count++;
		} else if (count == 0) {
			return 0;
		}
		*rest = peek;
	}
	return count;
}

/* What most numbers are: a few digits and nothing else. */
static bool
is_plain(struct span text, int64_t *out)
{
	int64_t whole = 0;

	if (text.len == 0 || text.len > NUMBER_DIGITS)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		whole = whole * 10 + (text.ptr[i] - '0');
	}
	*out = whole * NUMBER_UNIT;
	return true;
}

bool
match_number(struct span text, int64_t *out)
{
	struct span rest = text_trim(text), peek = rest;
	bool negative = false;
	int64_t whole, unit = NUMBER_UNIT;
	uint32_t cp;

	if (is_plain(text, out))
		return true;
	if (next(&peek, &cp) && (cp == '-' || cp == '+')) {
		negative = cp == '-';
		rest = peek;
	}
	if (digits(&rest, NUMBER_DIGITS, &whole) == 0)
		return false;
	whole *= NUMBER_UNIT;
	if (rest.len > 0) {
		if (!next(&rest, &cp) || cp != '.' || rest.len == 0)
			return false;
		while (next(&rest, &cp)) {
			if (!is_digit(cp))
				return false;
			unit /= 10;
			whole += (cp - '0') * unit;
		}
	}
	*out = negative ? -whole : whole;
	return true;
}

static bool
mark(struct span *rest)
{
	uint32_t cp;

	return next(rest, &cp) && (cp == '-' || cp == '/');
}

/* What may stand behind a date: nothing, or a time. */
static bool
ends(struct span rest)
{
	uint32_t cp;

	return !next(&rest, &cp) || cp == ' ' || cp == 't';
}

static int
days_of(int month, int year)
{
	static const int days[] = {
	    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && !leap ? 28 : days[month - 1];
}

bool
match_date(struct span text, struct match_days *out)
{
	struct span rest = text_trim(text);
	int64_t year, month, day = 0;

	if (digits(&rest, 4, &year) != 4 || !mark(&rest) ||
	    digits(&rest, 2, &month) == 0 || month < 1 || month > 12)
		return false;
	if (rest.len > 0 &&
	    (!mark(&rest) || digits(&rest, 2, &day) == 0 || day < 1 ||
		day > days_of((int)month, (int)year) || !ends(rest)))
		return false;
	out->year = (int)year;
	out->month = (int)month;
	out->day = (int)day;
	out->first = (int)(year * YEAR + (month - 1) * MONTH + (day ? day : 1));
	out->last = day ? out->first : out->first + MONTH - 1;
	return true;
}

/* ---- Values --------------------------------------------------------------- */

static bool
compare(enum match_op op, const int64_t value[2], const int64_t a[2])
{
	switch (op) {
	case MATCH_LESS:
		return value[1] < a[0];
	case MATCH_AT_MOST:
		return value[1] <= a[1];
	case MATCH_MORE:
		return value[0] > a[1];
	default:
		return value[0] >= a[0];
	}
}

/* Reads text as what the other operands are: from and to of a date, or the same
 * number twice. */
static bool
read(struct span text, bool is_date, int64_t out[2])
{
	struct match_days days;

	if (!is_date) {
		if (!match_number(text, &out[0]))
			return false;
		out[1] = out[0];
		return true;
	}
	if (!match_date(text, &days))
		return false;
	out[0] = days.first;
	out[1] = days.last;
	return true;
}

struct match_want
match_wanted(enum match_op op, struct span a, struct span b)
{
	struct match_want want = {.op = op, .a = a};
	struct match_days days;

	if (op < MATCH_LESS)
		return want;
	want.is_date = match_date(a, &days);
	want.never = !read(a, want.is_date, want.from) ||
		     (op == MATCH_BETWEEN && !read(b, want.is_date, want.to));
	return want;
}

bool
match_meets(const struct match_want *want, struct span value)
{
	int64_t found[2];

	if (want->op == MATCH_HAS)
		return text_trim(value).len > 0;
	if (want->op == MATCH_SAME)
		return match_same(value, want->a);
	if (want->op == MATCH_HOLDS)
		return match_holds(value, want->a);
	if (want->never || !read(value, want->is_date, found))
		return false;
	if (want->op != MATCH_BETWEEN)
		return compare(want->op, found, want->from);
	return compare(MATCH_AT_LEAST, found, want->from) &&
	       compare(MATCH_AT_MOST, found, want->to);
}

bool
match_value(enum match_op op, struct span value, struct span a, struct span b)
{
	struct match_want want = match_wanted(op, a, b);

	return match_meets(&want, value);
}
