/* Prices and telephone numbers.  A price has a sign or a word of money beside
 * its number; a telephone number is told by its groups, by its plus, or by the
 * word before it. */
#include "core/review/mention_scan.h"

static size_t
skip_word(const struct scan *scan, size_t at, const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		if (scan_is(scan, at, words[i]))
			return at + strlen(words[i]);
	}
	return at;
}

/* Letters of one code point each. */
static size_t
skip_sign(const struct scan *scan, size_t at, const uint32_t *signs)
{
	for (size_t i = 0; signs[i]; i++) {
		if (scan->cp[at] == signs[i])
			return at + 1;
	}
	return at;
}

/* "1,980", "19.99", "2000" */
static size_t
skip_digits(const struct scan *scan, size_t at)
{
	if (!scan_digit(scan->cp[at]))
		return at;
	while (scan_digit(scan->cp[at]) ||
	       ((scan->cp[at] == ',' || scan->cp[at] == '.') &&
		   scan_digit(scan->cp[at + 1])))
		at++;
	return at;
}

/* A number with its Japanese units: "1億2,000万", "3千". */
static size_t
skip_amount(const struct scan *scan, size_t at)
{
	static const uint32_t units[] = {
	    0x5104 /* 億 */, 0x4e07 /* 万 */, 0x5343 /* 千 */, 0};
	size_t end = skip_digits(scan, at), next;

	while (end > at && (next = skip_sign(scan, end, units)) > end) {
		end = next;
		end = skip_digits(scan, end);
	}
	return end;
}

/* "(税込)" behind a price belongs to it. */
static size_t
skip_tax(const struct scan *scan, size_t at)
{
	static const char *const tax[] = {
	    "(税込)", "(税抜)", "(税別)", "(税込み)", "(税抜き)"};

	for (size_t i = 0; i < sizeof tax / sizeof *tax; i++) {
		if (scan_is(scan, at, tax[i]))
			return at + (strlen(tax[i]) - 2) / 3 + 2;
	}
	return at;
}

static bool
ends_word(const struct scan *scan, size_t at)
{
	return !scan_letter(scan->cp[at]) && !scan_digit(scan->cp[at]);
}

size_t
scan_price(const struct scan *scan, size_t at)
{
	static const char *const codes[] = {
	    "us$", "jpy", "usd", "eur", "gbp", NULL};
	static const char *const words[] = {"yen", "jpy", "usd", "eur", "gbp",
	    "dollars", "dollar", "euros", "euro", NULL};
	static const uint32_t before[] = {0xa5, '$', 0x20ac, 0xa3, 0};
	static const uint32_t behind[] = {0x5186 /* 円 */, 0x20ac, 0};
	size_t sign = skip_word(scan, at, codes), end;

	if (sign == at)
		sign = skip_sign(scan, at, before);
	if (sign > at) {
		size_t from = scan_blanks(scan, sign);

		end = skip_amount(scan, from);
		return end > from ? skip_tax(scan, end) : at;
	}
	end = skip_amount(scan, at);
	if (end == at)
		return at;
	sign = skip_sign(scan, end, behind);
	if (sign == end && scan_is(scan, end, "ドル"))
		sign = end + 2;
	if (sign == end && scan_is(scan, end, "ユーロ"))
		sign = end + 3;
	if (sign == end) {
		size_t from = scan_blanks(scan, end);

		sign = skip_word(scan, from, words);
		if (sign == from || !ends_word(scan, sign))
			return at;
	}
	return skip_tax(scan, sign);
}

/* ---- Telephone numbers ------------------------------------------------------------ */

enum {
	PHONE_GROUPS = 6,
	PHONE_DIGITS_MIN = 8, /* behind a plus, E.164 has up to 15 */
	PHONE_DIGITS_MAX = 15,
};

struct groups {
	size_t count, digits;
	size_t len[PHONE_GROUPS];
	size_t end; /* behind the last */
	bool plus, bracket;
};

/* Between two groups: one of these, or one and a blank. */
static size_t
skip_separator(const struct scan *scan, size_t at)
{
	size_t end = at;

	if (scan->cp[end] == ' ')
		end++;
	if (scan->cp[end] == '-' || scan->cp[end] == '.' ||
	    scan->cp[end] == '(' || scan->cp[end] == ')')
		end++;
	if (end > at && scan->cp[end] == ' ' && scan->cp[end - 1] == ')')
		end++;
	if (end > at && scan->cp[end] == '(')
		end++;
	return end > at && scan_digit(scan->cp[end]) ? end : at;
}

/* True when the groups so far are a telephone number. */
static bool
is_phone(const struct groups *g, uint32_t first)
{
	if (g->plus)
		return g->digits >= PHONE_DIGITS_MIN &&
		       g->digits <= PHONE_DIGITS_MAX && g->count > 0;
	if (first == '0')
		return (g->digits == 10 || g->digits == 11) && g->count >= 3 &&
		       g->len[0] >= 2 && g->len[0] <= 5 &&
		       g->len[g->count - 1] >= 3;
	return g->count == 3 && g->len[0] == 3 && g->len[1] == 3 &&
	       g->len[2] == 4;
}

static bool
is_called_phone(const struct scan *scan, size_t at)
{
	static const char *const words[] = {"tel", "fax", "phone"};

	while (at > 0 && (scan->cp[at - 1] == ' ' || scan->cp[at - 1] == ':' ||
			     scan->cp[at - 1] == '.'))
		at--;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t len = strlen(words[i]);

		if (at >= len && scan_is(scan, at - len, words[i]))
			return true;
	}
	return (at >= 2 && (scan_is(scan, at - 2, "電話"))) ||
	       (at >= 2 && scan_is(scan, at - 2, "番号")) ||
	       (at >= 1 &&
		   (scan->cp[at - 1] == 0x260e || scan->cp[at - 1] == 0x1f4de));
}

/* Ten digits in one piece are a number of anything, unless they say what. */
static bool
is_whole(const struct scan *scan, size_t at, const struct groups *g)
{
	if (g->count != 1 || scan->cp[at] != '0')
		return false;
	if (g->digits == 11 && scan->cp[at + 2] == '0' &&
	    strchr("5789", (int)scan->cp[at + 1]))
		return true;
	return (g->digits == 10 || g->digits == 11) &&
	       is_called_phone(scan, at);
}

size_t
scan_phone(const struct scan *scan, size_t at)
{
	struct groups g = {
	    .plus = scan->cp[at] == '+', .bracket = scan->cp[at] == '('};
	size_t from = at + g.plus + g.bracket, here = from, best = at;

	if (!scan_digit(scan->cp[from]) ||
	    (at > 0 && (scan_digit(scan->cp[at - 1]) ||
			   scan_letter(scan->cp[at - 1]) ||
			   (scan->cp[at - 1] == '-' && at > 1 &&
			       scan_digit(scan->cp[at - 2])))))
		return at;
	while (g.count < PHONE_GROUPS) {
		size_t len = 0, next;

		while (
		    scan_digit(scan->cp[here + len]) && len <= PHONE_DIGITS_MAX)
			len++;
		g.len[g.count++] = len;
		g.digits += len;
		here += len;
		if (is_phone(&g, scan->cp[from]) || is_whole(scan, from, &g))
			best = here;
		next = skip_separator(scan, here);
		if (next == here || g.digits > PHONE_DIGITS_MAX)
			break;
		here = next;
	}
	return best > at && scan->cp[best] == '-' ? at : best;
}
