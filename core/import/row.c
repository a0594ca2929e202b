/* The rules for one row.  Nothing is ever shifted, and nothing repaired but an
 * address in a way that was accepted: a row that does not fit is rejected with
 * its reason, and only columns that are taken count.
 * Line breaks may stand in a field, where a body can hold them; never in an
 * address or a name. */
#include "core/import/row.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/import/destroyed.h"
#include "core/import/guess.h"
#include "core/import/header.h"
#include "core/import/says.h"
#include "core/import/value.h"

/* Names a column by its header, or by number from 1 when it has none. */
static int
column_fact(const struct import_column *column, size_t at, struct err *err)
{
	struct span header = text_trim(span_of(column[at].header));

	if (header.len == 0)
		return err_fact_int(err, "column", (int64_t)at + 1);
	return err_fact(err, "column", header);
}

static int
bad_column(const struct import_column *column, size_t at, const char *why,
    struct err *err)
{
	err_set(err, E_IMPORT_MAPPING);
	column_fact(column, at, err);
	return err_fact(err, "why", span_of(why));
}

static int
check_field(const struct import_column *column, size_t at, struct err *err)
{
	static const struct {
		const char *fault, *why;
	} whys[] = {{"empty", "field_empty"}, {"character", "field_character"},
	    {"reserved", "field_reserved"}};
	const char *fault = contact_field_fault(span_of(column[at].field));

	for (size_t i = 0; fault && i < sizeof whys / sizeof *whys; i++) {
		if (!strcmp(fault, whys[i].fault))
			return bad_column(column, at, whys[i].why, err);
	}
	for (size_t i = 0; i < at; i++) {
		if (column[i].target == IMPORT_FIELD &&
		    !strcmp(column[i].field, column[at].field))
			return bad_column(column, at, "field_twice", err);
	}
	return 0;
}

/* Empty columns at the end are left by spreadsheets and mean nothing. */
static bool
is_used(const struct import_column *column)
{
	bool used = column->header[0] || column->target != IMPORT_SKIP;

	for (int i = 0; i < IMPORT_SAMPLES; i++)
		used |= column->sample[i][0] != '\0';
	return used;
}

static void
swap_names(uint16_t *name, size_t a, size_t b)
{
	uint16_t held = name[a];

	name[a] = name[b];
	name[b] = held;
}

/* Names are joined in the order of their columns; but 名 before 姓 is the order
 * of a program that was translated, and nobody writes a name so.  Where the
 * headers are in Latin letters each row tells: see name_column(). */
static void
order_names(struct mapping *mapping)
{
	size_t given = mapping->wanted, family = mapping->wanted;
	bool latin = true;
	struct header_word word;

	for (size_t i = 0; i < mapping->wanted; i++) {
		struct span header = span_of(mapping->column[i].header);

		if (mapping->column[i].target != IMPORT_NAME)
			continue;
		if (header.len && header_word(header, &word)) {
			if (word.part == HEADER_GIVEN)
				given = mapping->name_count;
			if (word.part == HEADER_FAMILY)
				family = mapping->name_count;
			if (word.part != HEADER_WHOLE)
				latin &= (unsigned char)header.ptr[0] < 0x80;
		}
		mapping->name[mapping->name_count++] = (uint16_t)i;
	}
	if (given >= family || family >= mapping->name_count)
		return;
	if (latin) {
		mapping->first = given;
		mapping->last = family;
	} else {
		swap_names(mapping->name, given, family);
	}
}

int
mapping_init(struct mapping *out, const struct import_column *column,
    size_t count, struct err *err)
{
	bool found = false, headers = false;

	*out = (struct mapping){.column = column, .count = count};
	for (size_t i = 0; i < count; i++) {
		headers |= column[i].header[0] != '\0';
		if (is_used(&column[i]))
			out->wanted = i + 1;
		switch (column[i].target) {
		case IMPORT_SKIP:
			break;
		case IMPORT_ADDRESS:
			if (found)
				return bad_column(
				    column, i, "address_twice", err);
			found = true;
			out->address = i;
			break;
		case IMPORT_NAME:
			out->names = true;
			break;
		case IMPORT_FIELD:
			if (check_field(column, i, err) < 0)
				return -1;
			out->fields = true;
			break;
		case IMPORT_JSON:
			out->fields = true;
			out->says = true;
			break;
		case IMPORT_STATE:
		case IMPORT_AGREED:
		case IMPORT_AGREED_AT:
		case IMPORT_CONFIRMED_AT:
		case IMPORT_AGREED_IP:
		case IMPORT_AGREED_HOW:
		case IMPORT_PAPER:
		case IMPORT_STOPPED_AT:
		case IMPORT_TAGS:
			out->says = true;
			break;
		case IMPORT_TARGETS:
			break;
		}
	}
	if (!headers)
		out->wanted = count;
	order_names(out);
	return found ? 0 : err_set(err, E_IMPORT_NO_ADDRESS);
}

int
mapping_column_fact(const struct mapping *mapping, size_t at, struct err *err)
{
	return column_fact(mapping->column, at, err);
}

static int
reject(const struct csv_row *row, enum err_code code, struct err *err)
{
	err_set(err, code);
	return err_fact_int(err, "line", row->line);
}

static bool
row_is_blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		if (!text_is_blank(row->cell[i]))
			return false;
	}
	return true;
}

/* More cells than columns are fine as long as nothing stands in them. */
static int
check_length(
    const struct mapping *mapping, const struct csv_row *row, struct err *err)
{
	enum err_code code = E_NONE;

	if (row->count < mapping->wanted)
		code = E_ROW_SHORT;
	for (size_t i = mapping->wanted; i < row->count; i++) {
		if (!text_is_blank(row->cell[i]))
			code = E_ROW_LONG;
	}
	if (code == E_NONE)
		return 0;
	reject(row, code, err);
	err_fact_int(err, "found", (int64_t)row->count);
	return err_fact_int(err, "wanted", (int64_t)mapping->wanted);
}

int
row_fault(const struct mapping *mapping, const struct csv_row *row, size_t at,
    enum err_code code, struct err *err)
{
	reject(row, code, err);
	return column_fact(mapping->column, at, err);
}

/* A lost character in the middle is left to the check of characters. */
static int
check_whole(const struct mapping *mapping, const struct csv_row *row, size_t at,
    struct err *err)
{
	enum cell_role role =
	    mapping->column[at].target == IMPORT_NAME ? CELL_NAME : CELL_TEXT;
	enum destroyed kind = destroyed_cell(row->cell[at], role);

	if (kind == DESTROYED_NOT || kind == DESTROYED_REPLACEMENT)
		return 0;
	destroyed_fail(kind, row->line, row->cell[at], err);
	return column_fact(mapping->column, at, err);
}

int
row_check_text(const struct mapping *mapping, const struct csv_row *row,
    size_t at, struct err *err)
{
	enum text_fault fault = mapping->column[at].target == IMPORT_FIELD
				    ? text_check_lines(row->cell[at])
				    : text_check_line(row->cell[at]);

	if (check_whole(mapping, row, at, err) < 0)
		return -1;
	if (fault == TEXT_FINE)
		return 0;
	return row_fault(mapping, row, at,
	    fault == TEXT_CONTROL ? E_ROW_CONTROL : E_ROW_CHARACTER, err);
}

static size_t
count_at(struct span cell)
{
	size_t count = 0;

	for (size_t i = 0; i < cell.len; i++)
		count += cell.ptr[i] == '@' ||
			 span_starts(span_slice(cell, i, cell.len),
			     SPAN("\xef\xbc\xa0"));
	return count;
}

static bool
holds_separator(struct span cell)
{
	static const struct span signs[] = {{";", 1}, {",", 1}, {"/", 1},
	    {" ", 1}, {"\n", 1}, {"\r", 1}, {"\t", 1}, {"|", 1},
	    {"\xe3\x80\x80", 3}, {"\xe3\x80\x81", 3}, {"\xef\xbc\x8c", 3},
	    {"\xef\xbc\x9b", 3}, {"\xef\xbc\x8f", 3}};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (span_search(cell, signs[i]) < cell.len)
			return true;
	}
	return false;
}

static int
read_address(const struct mapping *mapping, const struct csv_row *row,
    struct arena *arena, struct csv_person *out, struct err *err)
{
	struct span cell = row->cell[mapping->address];

	if (text_is_blank(cell))
		return reject(row, E_ROW_NO_ADDRESS, err);
	if (memchr(cell.ptr, '"', cell.len) == NULL && count_at(cell) > 1 &&
	    holds_separator(cell))
		return reject(row, E_ROW_TWO_ADDRESSES, err);
	/* Invisible characters are for address_parse() to name, with what the
	 * address would be without them. */
	if (text_check_line(cell) == TEXT_CONTROL)
		return row_check_text(mapping, row, mapping->address, err);
	return address_parse(cell, arena, &out->address, err);
}

/* The address as it stands, or else repaired in an accepted way. */
static int
read_or_repair(const struct mapping *mapping, const struct csv_row *row,
    struct arena *arena, struct csv_person *out, struct err *err)
{
	out->cell = row->cell[mapping->address];
	out->row = row;
	if (read_address(mapping, row, arena, out, err) == 0)
		return 0;
	if (!mapping->accept || !import_repair(out->cell, arena, &out->offer) ||
	    (out->offer.kinds & ~mapping->accept->repairs))
		return -1;
	return address_parse(out->offer.address, arena, &out->address, err);
}

/* Kanji or kana of any width: what is written with the family first. */
static bool
is_japanese(struct span text)
{
	uint32_t cp;

	while (utf8_next(&text, &cp)) {
		if ((cp >= 0x3005 && cp <= 0x3007) ||
		    (cp >= 0x3040 && cp <= 0x30ff) ||
		    (cp >= 0x3400 && cp <= 0x9fff) ||
		    (cp >= 0xf900 && cp <= 0xfaff) ||
		    (cp >= 0xff66 && cp <= 0xff9f) ||
		    (cp >= 0x20000 && cp <= 0x3ffff))
			return true;
	}
	return false;
}

/* Which column comes at place i of a row's name: programs of the West have
 * First Name before Last Name, and 太郎 山田 is nobody's name. */
static size_t
name_column(const struct mapping *mapping, const struct csv_row *row, size_t i)
{
	size_t first = mapping->first, last = mapping->last;

	if (first == last || (i != first && i != last))
		return mapping->name[i];
	if (!is_japanese(row->cell[mapping->name[first]]) &&
	    !is_japanese(row->cell[mapping->name[last]]))
		return mapping->name[i];
	return mapping->name[i == first ? last : first];
}

/* The names of a row, a space between. */
static struct span
read_name(const struct mapping *mapping, const struct csv_row *row,
    struct arena *arena)
{
	struct span all = {0};

	for (size_t i = 0; i < mapping->name_count; i++) {
		struct span part =
		    text_trim(row->cell[name_column(mapping, row, i)]);
		char *both;

		if (all.len == 0 || part.len == 0) {
			all = part.len ? part : all;
			continue;
		}
		both = arena_take(arena, all.len + 1 + part.len);
		memcpy(both, all.ptr, all.len);
		both[all.len] = ' ';
		memcpy(both + all.len + 1, part.ptr, part.len);
		all = span_make(both, all.len + 1 + part.len);
	}
	return all;
}

int
row_person(const struct mapping *mapping, const struct csv_row *row,
    struct arena *arena, struct csv_person *out, struct err *err)
{
	if (row_is_blank(row))
		return 0;
	if (row->torn >= 0) {
		reject(row, E_ROW_QUOTE, err);
		return err_fact_int(err, "column", row->torn + 1);
	}
	if (check_length(mapping, row, err) < 0)
		return -1;
	for (size_t i = 0; i < mapping->wanted; i++) {
		enum import_target target = mapping->column[i].target;

		if ((target == IMPORT_NAME || target == IMPORT_FIELD) &&
		    row_check_text(mapping, row, i, err) < 0)
			return -1;
	}
	if (read_or_repair(mapping, row, arena, out, err) < 0)
		return -1;
	if (mapping->says && says_read(mapping, row, arena, out, err) < 0)
		return -1;
	out->name = read_name(mapping, row, arena);
	out->row = row;
	return 1;
}

/* ---- Fields ------------------------------------------------------------ */

static void
add_member(struct buf *out, struct span key, struct span value)
{
	if (out->len > 1)
		buf_char(out, ',');
	json_quote(out, key);
	buf_char(out, ':');
	json_quote(out, value);
}

/* The column that holds a field of this (escaped) name, or wanted. */
static size_t
column_of(const struct mapping *mapping, struct span escaped)
{
	size_t i = 0;

	while (i < mapping->wanted &&
	       (mapping->column[i].target != IMPORT_FIELD ||
		   !json_is(escaped, span_of(mapping->column[i].field))))
		i++;
	return i;
}

/* The member of an object with this (escaped) name, or members. */
static size_t
member_of(const struct csv_person *person, struct span escaped)
{
	size_t i = 0;

	while (
	    i < person->members && !json_is(escaped, person->member[i].field))
		i++;
	return i;
}

static void
add_column(const struct mapping *mapping, const struct csv_person *person,
    size_t at, struct buf *out)
{
	const struct import_column *column = &mapping->column[at];
	struct span value = person->row->cell[at];
	struct span word = {0};

	if (column->codes != IMPORT_CODES_NONE)
		word = code_word(column->codes, value);
	add_member(out, span_of(column->field), word.len ? word : value);
}

/* Copies the old members in their order, with new values where the file has
 * some; marks their columns as done. */
static int
lay_over(const struct mapping *mapping, const struct csv_person *person,
    struct span old, bool *done, struct buf *out, struct err *err)
{
	struct json_walk walk;
	struct span key, value;
	int got;

	json_begin(&walk, old);
	while ((got = json_next(&walk, &key, &value)) == 1) {
		size_t at = column_of(mapping, key);
		size_t member = member_of(person, key);

		if (at < mapping->wanted && !done[at]) {
			done[at] = true;
			add_column(mapping, person, at, out);
			continue;
		}
		if (at == mapping->wanted && member < person->members) {
			add_member(out, person->member[member].field,
			    person->member[member].value);
			continue;
		}
		if (out->len > 1)
			buf_char(out, ',');
		json_copy(JSON_STRING, key, out);
		buf_char(out, ':');
		json_copy(walk.type, value, out);
	}
	if (got < 0) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("contact.fields"));
	}
	return 0;
}

static bool
has_column(const struct mapping *mapping, struct span field)
{
	for (size_t i = 0; i < mapping->wanted; i++) {
		if (mapping->column[i].target == IMPORT_FIELD &&
		    span_equal(field, span_of(mapping->column[i].field)))
			return true;
	}
	return false;
}

int
person_fields(const struct mapping *mapping, const struct csv_person *person,
    struct span old, struct buf *out, struct err *err)
{
	bool done[IMPORT_COLUMNS_MAX] = {false};

	buf_clear(out);
	buf_char(out, '{');
	if (old.len && lay_over(mapping, person, old, done, out, err) < 0)
		return -1;
	for (size_t i = 0; mapping->fields && i < mapping->wanted; i++) {
		if (mapping->column[i].target == IMPORT_FIELD && !done[i])
			add_column(mapping, person, i, out);
	}
	for (size_t i = 0; i < person->members; i++) {
		const struct exploded *member = &person->member[i];
		enum json_type type;
		struct span value;

		if (!has_column(mapping, member->field) &&
		    (!old.len ||
			json_find(old, member->field, &type, &value) != 1))
			add_member(out, member->field, member->value);
	}
	buf_char(out, '}');
	return 0;
}
