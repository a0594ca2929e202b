/* What the first rows tell: which values a column has, whether its dates begin
 * with the month, and what a spreadsheet has done to it. */
#include "core/import/survey.h"

#include <stdlib.h>

#include "core/base/text.h"
#include "core/import/date.h"
#include "core/import/header.h"

/* A value is told only if it is short: those of a column of states are. */
static void
count_value(struct import_column *column, struct span value)
{
	int i = 0;

	if (column->values > IMPORT_VALUES)
		return;
	while (i < column->values &&
	       !span_equal(value, span_of(column->value[i].text)))
		i++;
	if (i == IMPORT_VALUES || value.len >= sizeof column->value->text) {
		column->values = IMPORT_VALUES + 1;
		return;
	}
	if (i == column->values) {
		column->value[i] = (struct import_value){0};
		text_cut(
		    column->value[i].text, sizeof column->value[i].text, value);
		column->values++;
	}
	column->value[i].rows++;
}

static bool
all_digits(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	}
	return s.len > 0;
}

/* 1.23E+11, as a spreadsheet shows a number of many digits. */
static bool
is_exponent(struct span s)
{
	size_t e = span_search(s, SPAN("E+"));

	return e > 2 && s.ptr[1] == '.' && all_digits(span_slice(s, 0, 1)) &&
	       all_digits(span_slice(s, 2, e)) &&
	       all_digits(span_slice(s, e + 2, s.len));
}

static bool
is_fault(struct span s)
{
	static const char *const faults[] = {"#N/A", "#REF!", "#VALUE!",
	    "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		if (span_equal(s, span_of(faults[i])))
			return true;
	}
	return s.len > 3 && span_equal(span_slice(s, 0, 3), SPAN("###"));
}

/* Seven digits, with or without a hyphen behind the third, and not fewer. */
static bool
is_short_postal(struct span s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '-')
			continue;
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		digits++;
	}
	return digits > 0 && digits < 7;
}

static void
count_date(struct import_signs *signs, struct span cell)
{
	int64_t at_ms;
	enum date_got got = date_read(cell, IMPORT_ORDER_UNKNOWN, &at_ms);

	signs->serials += got == DATE_SERIAL;
	signs->dates += got == DATE_GOOD || got == DATE_ORDER;
	switch (date_hint(cell)) {
	case DATE_HINT_EQUAL:
		signs->either++;
		break;
	case DATE_HINT_MDY:
		signs->month_first++;
		break;
	case DATE_HINT_DMY:
		signs->day_first++;
		break;
	case DATE_HINT_NONE:
		break;
	}
}

static void
count_signs(struct import_column *column, struct span cell)
{
	struct import_signs *signs = &column->signs;
	struct header_word word;

	signs->filled++;
	signs->at_signs += span_index(cell, '@') < cell.len ||
			   span_search(cell, SPAN("\xef\xbc\xa0")) < cell.len;
	signs->exponents += is_exponent(cell);
	signs->faults += is_fault(cell);
	signs->formulas += cell.ptr[0] == '=';
	signs->controls += text_check_lines(cell) == TEXT_CONTROL;
	if (is_short_postal(cell))
		signs->short_postal +=
		    header_word(span_of(column->header), &word) && word.postal;
	count_date(signs, cell);
}

void
survey_row(struct import_column *column, size_t count, const struct span *cell,
    size_t cells)
{
	for (size_t i = 0; i < count; i++) {
		struct span value =
		    text_trim(i < cells ? cell[i] : (struct span){0});

		column[i].signs.rows++;
		count_value(&column[i], value);
		if (!text_is_blank(value))
			count_signs(&column[i], value);
	}
}

static int
by_rows(const void *a, const void *b)
{
	const struct import_value *x = a, *y = b;

	if (x->rows == y->rows)
		return strcmp(x->text, y->text);
	return x->rows > y->rows ? -1 : 1;
}

void
survey_end(struct import_column *column, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int values = column[i].values;

		if (values > IMPORT_VALUES) {
			memset(column[i].value, 0, sizeof column[i].value);
			continue;
		}
		qsort(column[i].value, (size_t)values, sizeof *column[i].value,
		    by_rows);
	}
}
