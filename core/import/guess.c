/* What each column is, from its header and what stands in its first rows.  A
 * header alone decides where a mistake would only be seen; where it would stop
 * people or forge a date, the cells must bear it out.  A guess is only ever
 * shown: the operator decides. */
#include "core/import/guess.h"

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/import/header.h"
#include "core/import/value.h"

static bool
has_at(struct span s)
{
	return span_index(s, '@') < s.len ||
	       span_search(s, SPAN("\xef\xbc\xa0")) < s.len;
}

bool
guess_is_data(const struct span *cell, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (has_at(cell[i]))
			return true;
	}
	return false;
}

/* True when every sample that is not empty has an @, and one does. */
static bool
samples_are_addresses(const struct import_column *column)
{
	bool any = false;

	for (int i = 0; i < IMPORT_SAMPLES; i++) {
		struct span sample = span_of(column->sample[i]);

		if (sample.len && !has_at(sample))
			return false;
		any |= sample.len > 0;
	}
	return any;
}

/* True when most cells of the column look like addresses. */
static bool
holds_addresses(const struct import_column *column)
{
	const struct import_signs *signs = &column->signs;

	if (signs->filled == 0)
		return samples_are_addresses(column);
	return signs->at_signs * 2 > signs->filled;
}

static bool
field_is_taken(
    const struct import_column *column, size_t upto, const char *name)
{
	for (size_t i = 0; i < upto; i++) {
		if (column[i].target == IMPORT_FIELD &&
		    !strcmp(column[i].field, name))
			return true;
	}
	return false;
}

/* A merge field name from a header: what a mark cannot hold becomes '_', and
 * a number is added until the name is free. */
void
guess_field(struct import_column *column, size_t at)
{
	struct buf name = BUF_INIT;
	struct span rest = text_trim(span_of(column[at].header));
	size_t stem;
	uint32_t cp;

	while (utf8_next(&rest, &cp)) {
		char bytes[UTF8_MAX];
		struct span one = {bytes, utf8_encode(cp, bytes)};

		if (text_check_line(one) != TEXT_FINE ||
		    (cp < 0x80 && contact_is_mark_sign((char)cp)))
			one = SPAN("_");
		if (name.len + one.len > sizeof column->field - 6)
			break;
		buf_add(&name, one);
	}
	stem = text_trim(buf_span(&name)).len;
	if (stem < name.len)
		name.ptr[name.len = stem] = '\0';
	for (int n = 2; contact_field_fault(buf_span(&name)) ||
			field_is_taken(column, at, name.ptr);
	    n++) {
		name.len = stem;
		buf_printf(&name, "_%d", n);
	}
	text_cut(column[at].field, sizeof column[at].field, buf_span(&name));
	buf_done(&name);
}

/* ---- What a column holds ------------------------------------------------- */

/* Of the columns whose header says address, the one with the best word in
 * which an address was seen; nothing seen at all counts for as much. */
static size_t
best_address(const struct import_column *column, size_t count)
{
	size_t best = count, empty = count;
	int rank = 0, empty_rank = 0;
	struct header_word word;

	for (size_t i = 0; i < count; i++) {
		if (!header_word(span_of(column[i].header), &word) ||
		    word.target != IMPORT_ADDRESS)
			continue;
		if (holds_addresses(&column[i])) {
			if (best == count || word.rank < rank) {
				best = i;
				rank = word.rank;
			}
		} else if (!word.doubtful &&
			   (empty == count || word.rank < empty_rank)) {
			empty = i;
			empty_rank = word.rank;
		}
	}
	return best < count ? best : empty;
}

static size_t
address_by_cells(const struct import_column *column, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (holds_addresses(&column[i]))
			return i;
	}
	return count;
}

/* The column with the best word for a whole name, or count. */
static size_t
best_name(const struct import_column *column, size_t count)
{
	size_t best = count;
	int rank = 0;
	struct header_word word;

	for (size_t i = 0; i < count; i++) {
		if (!header_word(span_of(column[i].header), &word) ||
		    word.target != IMPORT_NAME || word.part != HEADER_WHOLE)
			continue;
		if (best == count || word.rank < rank) {
			best = i;
			rank = word.rank;
		}
	}
	return best;
}

/* True when all values that were seen are words for a state.  One that says
 * "not to be mailed" is enough: as a mere field it would let its people in. */
static bool
values_are_states(const struct import_column *column)
{
	bool known = column->values > 0 && column->values <= IMPORT_VALUES;

	for (int i = 0; i < column->values && i < IMPORT_VALUES; i++) {
		struct span value = span_of(column->value[i].text);

		if (value_is_stop(value))
			return true;
		known &= value_is_known(value);
	}
	return known;
}

static bool
samples_are_objects(const struct import_column *column)
{
	bool any = false;

	for (int i = 0; i < IMPORT_SAMPLES; i++) {
		struct span sample = text_trim(span_of(column->sample[i]));

		if (sample.len && sample.ptr[0] != '{')
			return false;
		any |= sample.len > 0;
	}
	return any;
}

/* True unless most of what was seen is no date. */
static bool
holds_dates(const struct import_column *column)
{
	return column->signs.dates * 2 >= column->signs.filled;
}

static enum import_order
order_of(const struct import_signs *signs)
{
	if (signs->month_first && !signs->day_first)
		return IMPORT_ORDER_MDY;
	if (signs->day_first && !signs->month_first)
		return IMPORT_ORDER_DMY;
	return IMPORT_ORDER_UNKNOWN;
}

/* Whether the cells of a column bear out what its header says. */
static bool
is_borne_out(const struct import_column *column, const struct header_word *word)
{
	switch (word->target) {
	case IMPORT_STATE:
		return !word->doubtful || values_are_states(column);
	case IMPORT_JSON:
		return samples_are_objects(column);
	case IMPORT_AGREED_AT:
	case IMPORT_CONFIRMED_AT:
	case IMPORT_STOPPED_AT:
		return holds_dates(column);
	case IMPORT_AGREED:
	case IMPORT_AGREED_IP:
	case IMPORT_AGREED_HOW:
	case IMPORT_PAPER:
	case IMPORT_TAGS:
		return true;
	case IMPORT_SKIP:
	case IMPORT_ADDRESS:
	case IMPORT_NAME:
	case IMPORT_FIELD:
	case IMPORT_TARGETS:
		break;
	}
	return false;
}

static void
guess_one(struct import_column *column, size_t at, size_t name, size_t count)
{
	struct import_column *one = &column[at];
	struct header_word word = {0};
	bool known = header_word(span_of(one->header), &word);

	one->order = order_of(&one->signs);
	if (known && word.target == IMPORT_NAME &&
	    (at == name || (name == count && word.part != HEADER_WHOLE))) {
		one->target = IMPORT_NAME;
	} else if (known && is_borne_out(one, &word)) {
		one->target = word.target;
		one->sense = word.sense;
	} else if (!text_is_blank(span_of(one->header))) {
		one->target = IMPORT_FIELD;
		guess_field(column, at);
	}
}

/* The column of addresses.  A header says less than what stands below it: "メール"
 * is also a column of those who want some, with a circle for a yes. */
static size_t
find_address(const struct import_column *column, size_t count)
{
	size_t named = best_address(column, count), seen;

	if (named < count && (holds_addresses(&column[named]) ||
				 column[named].signs.filled == 0))
		return named;
	seen = address_by_cells(column, count);
	return seen < count ? seen : named;
}

void
guess_columns(struct import_column *column, size_t count)
{
	size_t address = find_address(column, count);
	size_t name = best_name(column, count);

	for (size_t i = 0; i < count; i++) {
		column[i].target = IMPORT_SKIP;
		column[i].sense = IMPORT_SENSE_MAY;
		column[i].codes = IMPORT_CODES_NONE;
		if (i == address)
			column[i].target = IMPORT_ADDRESS;
		else
			guess_one(column, i, name, count);
		import_values_guess(&column[i]);
	}
}

size_t
import_address_columns(const struct import_column *column, size_t count,
    size_t *index, size_t room)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		if (!holds_addresses(&column[i]))
			continue;
		if (found < room)
			index[found] = i;
		found++;
	}
	return found;
}
