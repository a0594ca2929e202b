/* Reading filters.  There are no precedences to learn: terms side by side must
 * all hold, "or" begins another row of them, "-" turns one term round.  What
 * could be meant in two ways is an error, since a filter decides who gets mail.
 */
#include "core/contacts/filter.h"

#include <stdlib.h>
#include <time.h>

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/contacts/filter_words.h"
#include "core/mail/address.h"

#define DAY_MS 86400000LL

struct reader {
	struct span rest;
	size_t column; /* of the next character, from 1 */
	int64_t now_ms;
	struct filter *filter;
};

static int
fail(struct err *err, enum err_code code, size_t column)
{
	err_set(err, code);
	return err_fact_int(err, "column", (int64_t)column);
}

static int
fail_why(struct err *err, enum err_code code, size_t column, const char *name,
    const char *value)
{
	fail(err, code, column);
	return err_fact(err, name, span_of(value));
}

/* ---- Characters ---------------------------------------------------------- */

/* Full-width punctuation means what it looks like. */
static uint32_t
narrow(uint32_t cp)
{
	if (cp == 0x3000 || cp == '\t')
		return ' ';
	return cp >= 0xff01 && cp <= 0xff5e ? cp - 0xfee0 : cp;
}

/* The next character, 0 at the end. */
static uint32_t
peek(const struct reader *in)
{
	struct span rest = in->rest;
	uint32_t cp;

	return utf8_next(&rest, &cp) ? narrow(cp) : 0;
}

static void
skip(struct reader *in)
{
	uint32_t cp;

	if (utf8_next(&in->rest, &cp))
		in->column++;
}

static bool
take(struct reader *in, char c)
{
	if (peek(in) != (uint32_t)c)
		return false;
	skip(in);
	return true;
}

/* What stands up to the next blank, or mark; 0: no mark. */
static struct span
run(struct reader *in, char mark)
{
	struct span from = in->rest;
	uint32_t cp;

	while ((cp = peek(in)) != 0 && cp != ' ' &&
	       (mark == 0 || cp != (uint32_t)mark))
		skip(in);
	return span_slice(from, 0, from.len - in->rest.len);
}

/* What stands in quotes, the first of which was taken at column. */
static int
quoted(struct reader *in, size_t column, struct span *out, struct err *err)
{
	struct span from = in->rest;
	uint32_t cp;

	while ((cp = peek(in)) != 0 && cp != '"')
		skip(in);
	*out = span_slice(from, 0, from.len - in->rest.len);
	return take(in, '"') ? 0 : fail(err, E_FILTER_QUOTE, column);
}

static struct span
folded(struct reader *in, struct span text)
{
	struct buf out = BUF_INIT;
	struct span kept;

	match_fold(text, &out);
	kept = arena_copy(in->filter->arena, buf_span(&out));
	buf_done(&out);
	return kept;
}

/* ---- Times ---------------------------------------------------------------- */

/* Local midnight at the beginning of a day; months and days run over. */
static int64_t
midnight(int year, int month, int day)
{
	struct tm tm = {.tm_year = year - 1900,
	    .tm_mon = month - 1,
	    .tm_mday = day,
	    .tm_isdst = -1};

	return (int64_t)mktime(&tm) * 1000;
}

/* A number of days, weeks, months or years, in days. */
static bool
read_age(struct span text, int64_t *days)
{
	static const struct {
		struct span unit;
		int days;
	} units[] = {{SPAN("d"), 1}, {SPAN("w"), 7}, {SPAN("m"), 30},
	    {SPAN("y"), 365}, {SPAN("日"), 1}, {SPAN("週"), 7},
	    {SPAN("か月"), 30}, {SPAN("年"), 365}};
	int64_t count;

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (!span_ends(text, units[i].unit) ||
		    !span_int(span_slice(text, 0, text.len - units[i].unit.len),
			&count) ||
		    count > 36500)
			continue;
		*days = count * units[i].days;
		return true;
	}
	return false;
}

/* The first and last millisecond that a date, month or year means. */
static bool
read_period(struct span text, int64_t *from, int64_t *to)
{
	struct match_days date;
	int64_t year;

	if (text.len == 4 && span_int(text, &year) && year > 0)
		date = (struct match_days){.year = (int)year};
	else if (!match_date(text, &date))
		return false;
	*from = midnight(
	    date.year, date.month ? date.month : 1, date.day ? date.day : 1);
	if (date.day)
		*to = midnight(date.year, date.month, date.day + 1) - 1;
	else if (date.month)
		*to = midnight(date.year, date.month + 1, 1) - 1;
	else
		*to = midnight(date.year + 1, 1, 1) - 1;
	return true;
}

/* An operand of a comparison of times: a date, or an age counted back from now,
 * of which more is earlier. */
static bool
read_time(const struct reader *in, struct span text, bool *is_age,
    int64_t *from, int64_t *to)
{
	int64_t days;

	*is_age = read_age(text, &days);
	if (!*is_age)
		return read_period(text, from, to);
	*from = *to = in->now_ms - days * DAY_MS;
	return true;
}

static enum match_op
turned(enum match_op op)
{
	switch (op) {
	case MATCH_LESS:
		return MATCH_MORE;
	case MATCH_AT_MOST:
		return MATCH_AT_LEAST;
	case MATCH_MORE:
		return MATCH_LESS;
	case MATCH_AT_LEAST:
		return MATCH_AT_MOST;
	default:
		return op;
	}
}

static void
set_times(
    struct filter_term *term, enum match_op op, const int64_t a[2], int64_t end)
{
	term->from_ms = INT64_MIN;
	term->to_ms = INT64_MAX;
	if (op == MATCH_LESS)
		term->to_ms = a[0] - 1;
	else if (op == MATCH_AT_MOST)
		term->to_ms = a[1];
	else if (op == MATCH_MORE)
		term->from_ms = a[1] + 1;
	else
		term->from_ms = a[0];
	if (op == MATCH_SAME || op == MATCH_BETWEEN)
		term->to_ms = end;
}

static int
time_term(struct reader *in, struct filter_term *term, struct err *err)
{
	bool age = false, other_age = false;
	int64_t a[2] = {0, 0}, b[2] = {0, 0};

	if (!read_time(in, term->a, &age, &a[0], &a[1]) ||
	    (term->op == MATCH_BETWEEN &&
		(!read_time(in, term->b, &other_age, &b[0], &b[1]) ||
		    age != other_age)) ||
	    (term->subject == FILTER_AGE && !age))
		return fail_why(
		    err, E_FILTER_VALUE, term->column, "why", "time");
	/* "30d" alone may be longer ago or not as long. */
	if (age && term->op == MATCH_SAME)
		return fail(err, E_FILTER_COMPARE, term->column);
	if (age && term->op == MATCH_BETWEEN)
		set_times(term, MATCH_BETWEEN, b, a[1]);
	else
		set_times(term, age ? turned(term->op) : term->op, a,
		    term->op == MATCH_BETWEEN ? b[1] : a[1]);
	term->is_time = true;
	return 0;
}

/* ---- Values --------------------------------------------------------------- */

static int
choice_term(struct filter_term *term, const char *of, struct err *err)
{
	int choice = filter_choice(of, term->a);

	if (term->op != MATCH_SAME)
		return fail(err, E_FILTER_COMPARE, term->column);
	if (choice < 0)
		return fail_why(err, E_FILTER_VALUE, term->column, "why", of);
	term->choice = choice;
	return 0;
}

/* The domain itself, and what is below it unless "=" was said. */
static int
domain_term(
    struct reader *in, struct filter_term *term, bool exact, struct err *err)
{
	struct err why = {.code = E_NONE};

	if (term->op != MATCH_SAME)
		return fail(err, E_FILTER_COMPARE, term->column);
	if (span_starts(term->a, SPAN("@")))
		term->a = span_slice(term->a, 1, term->a.len);
	if (address_domain(term->a, in->filter->arena, &term->a, &why) < 0)
		return fail_why(
		    err, E_FILTER_VALUE, term->column, "why", "domain");
	term->op = exact ? MATCH_SAME : MATCH_HOLDS;
	return 0;
}

static bool
is_comparison(enum match_op op)
{
	return op >= MATCH_LESS && op <= MATCH_BETWEEN;
}

static bool
is_measure(struct span text)
{
	struct match_days date;
	int64_t number;

	return match_date(text, &date) || match_number(text, &number);
}

static int
field_term(struct filter_term *term, struct err *err)
{
	if (is_comparison(term->op) &&
	    (!is_measure(term->a) ||
		(term->op == MATCH_BETWEEN && !is_measure(term->b))))
		return fail_why(
		    err, E_FILTER_VALUE, term->column, "why", "number");
	return 0;
}

/* Address and name hold the value unless "=" was said. */
static int
text_term(struct filter_term *term, bool exact, struct err *err)
{
	if (is_comparison(term->op))
		return fail(err, E_FILTER_COMPARE, term->column);
	if (term->op == MATCH_SAME && !exact)
		term->op = MATCH_HOLDS;
	return 0;
}

static int
empty_term(struct filter_term *term, struct err *err)
{
	switch (term->subject) {
	case FILTER_NAME:
	case FILTER_TAG:
	case FILTER_BASIS:
	case FILTER_SINCE:
	case FILTER_SENT:
	case FILTER_RECEIVED:
	case FILTER_BOUNCED:
	case FILTER_FIELD:
		return 0;
	default:
		return fail_why(
		    err, E_FILTER_EMPTY, term->column, "what", "value");
	}
}

static int
finish(struct reader *in, struct filter_term *term, bool exact, struct err *err)
{
	if (term->op == MATCH_HAS)
		return empty_term(term, err);
	switch (term->subject) {
	case FILTER_WORD:
		return 0;
	case FILTER_ADDRESS:
	case FILTER_NAME:
		return text_term(term, exact, err);
	case FILTER_DOMAIN:
		return domain_term(in, term, exact, err);
	case FILTER_STATUS:
		return choice_term(term, "status", err);
	case FILTER_BASIS:
		return choice_term(term, "basis", err);
	case FILTER_TAG:
	case FILTER_LIST:
	case FILTER_RECEIVED:
	case FILTER_BOUNCED:
		return term->op == MATCH_SAME
			   ? 0
			   : fail(err, E_FILTER_COMPARE, term->column);
	case FILTER_SENT:
		if (term->op == MATCH_SAME &&
		    filter_choice("sent", term->a) >= 0) {
			term->op = MATCH_HAS;
			term->negated = !term->negated;
			return 0;
		}
		return time_term(in, term, err);
	case FILTER_FIELD:
		return field_term(term, err);
	default:
		return time_term(in, term, err);
	}
}

/* ---- Terms ---------------------------------------------------------------- */

static enum match_op
read_op(struct reader *in, bool *exact)
{
	*exact = false;
	if (take(in, '>'))
		return take(in, '=') ? MATCH_AT_LEAST : MATCH_MORE;
	if (take(in, '<'))
		return take(in, '=') ? MATCH_AT_MOST : MATCH_LESS;
	if (take(in, '~'))
		return MATCH_HOLDS;
	*exact = take(in, '=');
	return MATCH_SAME;
}

static bool
has_ranges(const struct filter_term *term, struct span a, struct span b)
{
	if (term->subject == FILTER_FIELD)
		return is_measure(a) && is_measure(b);
	return term->subject >= FILTER_SINCE && term->subject <= FILTER_SENT;
}

/* "a..b", where both ends can be ends. */
static void
split_range(struct filter_term *term)
{
	size_t at = span_search(term->a, SPAN(".."));
	struct span a = span_slice(term->a, 0, at);
	struct span b = span_slice(term->a, at + 2, term->a.len);

	if (at == term->a.len || !has_ranges(term, a, b))
		return;
	term->a = a;
	term->b = b;
	term->op = MATCH_BETWEEN;
}

static int
read_value(struct reader *in, struct filter_term *term, struct err *err)
{
	size_t column = in->column;
	struct span text;
	bool exact, said;

	term->op = read_op(in, &exact);
	said = exact || term->op != MATCH_SAME;
	if (take(in, '"')) {
		if (quoted(in, in->column - 1, &text, err) < 0)
			return -1;
		term->a = folded(in, text);
	} else {
		term->a = folded(in, run(in, 0));
		if (!said)
			split_range(term);
	}
	if (term->a.len == 0 && said)
		return fail_why(err, E_FILTER_EMPTY, column, "what", "value");
	if (term->a.len == 0)
		term->op = MATCH_HAS;
	return finish(in, term, exact, err);
}

static int
read_word(struct reader *in, struct filter_term *term, struct span text,
    struct err *err)
{
	term->subject = FILTER_WORD;
	term->op = MATCH_HOLDS;
	term->a = folded(in, text);
	if (term->a.len == 0)
		return fail_why(
		    err, E_FILTER_EMPTY, term->column, "what", "phrase");
	return 0;
}

static int
read_term(struct reader *in, struct filter_term *term, struct err *err)
{
	struct span text;
	bool in_quotes;

	term->column = in->column;
	term->negated = take(in, '-');
	if (peek(in) == 0 || peek(in) == ' ')
		return fail_why(
		    err, E_FILTER_EMPTY, term->column, "what", "minus");
	in_quotes = take(in, '"');
	if (!in_quotes)
		text = run(in, ':');
	else if (quoted(in, in->column - 1, &text, err) < 0)
		return -1;
	if (!take(in, ':'))
		return read_word(in, term, text, err);
	term->name = folded(in, text);
	if (term->name.len == 0)
		return fail_why(
		    err, E_FILTER_EMPTY, term->column, "what", "name");
	term->subject =
	    in_quotes ? FILTER_FIELD : filter_subject_of(term->name);
	return read_value(in, term, err);
}

/* Takes "or" with the blanks around it. */
static bool
read_or(struct reader *in)
{
	struct reader ahead = *in;
	struct span word = run(&ahead, 0);

	if (!span_equal_nocase(word, SPAN("or")) &&
	    !span_equal(word, SPAN("または")))
		return false;
	*in = ahead;
	while (take(in, ' '))
		;
	return true;
}

static int
read_terms(struct reader *in, struct err *err)
{
	struct filter *filter = in->filter;
	bool alternative = false;

	while (take(in, ' '))
		;
	while (in->rest.len > 0) {
		size_t column = in->column;

		if (read_or(in)) {
			if (filter->count == 0 || alternative ||
			    in->rest.len == 0)
				return fail_why(
				    err, E_FILTER_EMPTY, column, "what", "or");
			alternative = true;
			continue;
		}
		if (filter->count == FILTER_TERMS) {
			err_set(err, E_FILTER_TERMS);
			return err_fact_int(err, "limit", FILTER_TERMS);
		}
		filter->term[filter->count].alternative = alternative;
		if (read_term(in, &filter->term[filter->count], err) < 0)
			return -1;
		filter->count++;
		alternative = false;
		while (take(in, ' '))
			;
	}
	return 0;
}

static int
check_characters(struct span text, struct err *err)
{
	struct span rest = text, one;
	size_t column = 1;
	uint32_t cp;

	if (text.len > FILTER_OCTETS) {
		err_set(err, E_FILTER_LONG);
		return err_fact_int(err, "limit", FILTER_OCTETS);
	}
	for (; rest.len > 0; column++) {
		one = rest;
		if (utf8_next(&rest, &cp) == UTF8_BAD)
			return fail(err, E_FILTER_CHARACTER, column);
		one.len -= rest.len;
		if (cp != '\t' && text_check_line(one) != TEXT_FINE)
			return fail(err, E_FILTER_CHARACTER, column);
	}
	return 0;
}

int
filter_parse(
    struct span text, int64_t now_ms, struct filter **out, struct err *err)
{
	struct reader in = {.rest = text, .column = 1, .now_ms = now_ms};

	if (check_characters(text, err) < 0)
		return -1;
	in.filter = mem_new(sizeof *in.filter);
	in.filter->arena = arena_new();
	in.filter->now_ms = now_ms;
	if (read_terms(&in, err) < 0) {
		filter_free(&in.filter);
		return -1;
	}
	*out = in.filter;
	return 0;
}

void
filter_free(struct filter **filter)
{
	if (!*filter)
		return;
	arena_free(&(*filter)->arena);
	free(*filter);
	*filter = NULL;
}
