/* Reports have titles above the table and sums below it.  Nothing that could
 * be a person is taken for one of these: whatever has an @ is data, but for a
 * line of words above the headers that says whom to ask, and a sum
 * is a row that begins with a word for it and holds nothing but numbers
 * besides.  What is left out is listed. */
#include "core/import/table.h"

#include <stdlib.h>

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/import/exporter.h"
#include "core/import/guess.h"
#include "core/import/header.h"

enum { SEARCHED = 60 };

/* One of the first rows that have something in them. */
struct look {
	int64_t line;
	size_t count, filled;
	size_t words; /* cells that are words for columns */
	bool person;  /* there is an @ */
	bool note;    /* in its only cell, with words around it */
	bool address; /* one of the words is one for an address */
	struct span *cell;
};

struct table_search {
	struct import_form form;
	struct arena *arena;
	struct look look[SEARCHED];
	size_t rows;
};

static bool
is_person(const struct csv_row *row)
{
	/* nearly every row has it near its beginning */
	return memchr(row->raw.ptr, '@', row->raw.len) ||
	       guess_is_data(row->cell, row->count);
}

static bool
is_blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		if (!text_is_blank(row->cell[i]))
			return false;
	}
	return true;
}

/* ---- Finding it --------------------------------------------------------- */

struct table_search *
table_search_new(const struct import_form *form)
{
	struct table_search *search = mem_new(sizeof *search);

	search->arena = arena_new();
	if (form)
		search->form = *form;
	return search;
}

void
table_search_free(struct table_search **search)
{
	if (!*search)
		return;
	arena_free(&(*search)->arena);
	free(*search);
	*search = NULL;
}

/* "お問い合わせ: soumu@example.jp": an address, and words that say whose. */
static bool
is_note(struct span cell)
{
	bool words = false;

	for (size_t i = 0; i < cell.len; i++) {
		unsigned char c = (unsigned char)cell.ptr[i];

		words |= c <= ' ' || c == ':' || c >= 0x80;
	}
	return words && span_index(cell, '@') < cell.len;
}

/* Headers in the first line whatever else stands in it: some programs know
 * theirs by this word alone (exporter.h). */
static bool
has_first_word(const struct csv_row *row)
{
	for (size_t i = 0; row->line == 1 && i < row->count; i++) {
		if (span_equal(
			text_trim(row->cell[i]), span_of(EXPORTER_FIRST_WORD)))
			return true;
	}
	return false;
}

static void
take_look(struct look *look, const struct csv_row *row, struct arena *arena)
{
	*look = (struct look){.line = row->line,
	    .count = row->count,
	    .person = is_person(row) && !has_first_word(row)};
	look->cell = arena_take(arena, row->count * sizeof *look->cell);
	for (size_t i = 0; i < row->count; i++) {
		struct header_word word;
		struct span cell = text_trim(row->cell[i]);

		look->cell[i] = arena_copy(arena, cell);
		look->filled += cell.len > 0;
		if (cell.len == 0 || !header_word(cell, &word))
			continue;
		look->words++;
		look->address |= word.target == IMPORT_ADDRESS;
	}
	for (size_t i = 0; i < row->count && look->filled == 1; i++)
		look->note |= is_note(look->cell[i]);
}

bool
table_search_row(struct table_search *search, const struct csv_row *row)
{
	struct look *look = &search->look[search->rows];

	if (is_blank(row))
		return true;
	if (search->form.first_line && row->line < search->form.first_line)
		return true;
	take_look(look, row, search->arena);
	search->rows++;
	return (!look->person || look->note) && search->rows < SEARCHED;
}

/* Index of the first row with an address, or of none.  Whom to ask stands above
 * many tables: that is a title when headers follow, and a person when none do. */
static size_t
first_person(const struct table_search *search)
{
	const struct look *look = search->look;
	bool headers = false;
	size_t i = 0;

	for (; i < search->rows && (!look[i].person || look[i].note); i++)
		headers |= look[i].address && look[i].words > 1;
	if (headers)
		return i;
	for (i = 0; i < search->rows && !look[i].person; i++)
		;
	return i;
}

/* The row of headers among those above data; data when there is none. */
static size_t
find_header(const struct table_search *search, size_t data)
{
	const struct look *look = search->look;
	size_t width = data < search->rows ? look[data].count : 0;

	for (size_t i = 0; i < data; i++) {
		if (look[i].address && (look[i].filled > 1 || width < 2))
			return i;
	}
	for (size_t i = 0; i < data; i++) {
		if (look[i].filled > 1 && (look[i].count == width || !width))
			return i;
	}
	for (size_t i = 0; i < data; i++) {
		if (look[i].filled > 1)
			return i;
	}
	return width < 2 && data > 0 ? 0 : data;
}

/* Where the headers begin, and in *rows how many there are. */
static size_t
choose_header(const struct table_search *search, size_t data, int *rows)
{
	const struct look *look = search->look;
	size_t at;

	*rows = 0;
	if (search->form.header == IMPORT_HEADER_NO)
		return data;
	at = search->form.first_line ? 0 : find_header(search, data);
	if (at >= data) {
		if (search->form.header != IMPORT_HEADER_YES)
			return data;
		at = 0;
	}
	*rows = 1;
	/* the same in another language, or parts of a name below it */
	if (at + 1 < data && look[at + 1].words > 0 &&
	    (look[at + 1].words > 1 ||
		look[at + 1].words == look[at + 1].filled)) {
		*rows = 2;
	} else if (at > 0 && look[at - 1].filled > 1 &&
		   look[at - 1].count == look[at].count) {
		*rows = 2;
		at--;
	}
	return at;
}

/* Copies the headers; a column has the name of the lower row, or of the upper
 * where cells are joined. */
static void
keep_headers(struct table *table, const struct look *look)
{
	for (int i = 0; i < table->at.header_rows; i++) {
		table->at.header_line[i] = look[i].line;
		table->count[i] = look[i].count;
		if (look[i].count > table->at.columns)
			table->at.columns = look[i].count;
		table->header[i] = arena_take(
		    table->arena, look[i].count * sizeof(struct span));
		for (size_t c = 0; c < look[i].count; c++)
			table->header[i][c] =
			    arena_copy(table->arena, look[i].cell[c]);
	}
	table->name =
	    arena_take(table->arena, table->at.columns * sizeof(struct span));
	for (int i = 0; i < table->at.header_rows; i++) {
		for (size_t c = 0; c < table->count[i]; c++) {
			if (table->header[i][c].len)
				table->name[c] = table->header[i][c];
		}
	}
}

/* The first row of a table without headers: titles alone in a row that has
 * room for more stand above it. */
static size_t
first_data(const struct table_search *search, size_t data)
{
	size_t at = 0;

	if (data == search->rows || search->look[data].count < 2)
		return 0;
	while (at < data && search->look[at].filled < 2)
		at++;
	return at;
}

bool
table_search_end(struct table_search *search, struct table *out)
{
	size_t data = first_person(search), at;

	if (search->rows == 0)
		return false;
	out->on = true;
	out->arena = arena_new();
	out->at.last_line = search->form.last_line;
	at = choose_header(search, data, &out->at.header_rows);
	if (out->at.header_rows == 0) {
		at = search->form.first_line ? 0 : first_data(search, data);
		out->at.first_line = search->look[at].line;
		out->at.columns = search->look[at].count;
		out->name =
		    arena_take(out->arena, out->at.columns * sizeof *out->name);
		return true;
	}
	keep_headers(out, &search->look[at]);
	out->own = own_file_of(out->name, out->at.columns);
	out->mark = own_mark(out->name, out->at.columns);
	out->at.first_line = out->at.header_line[out->at.header_rows - 1] + 1;
	return true;
}

void
table_done(struct table *table)
{
	arena_free(&table->arena);
	*table = (struct table){0};
}

/* ---- Rows that are no data ---------------------------------------------- */

static bool
is_header_line(const struct table *table, int64_t line)
{
	for (int i = 0; i < table->at.header_rows; i++) {
		if (table->at.header_line[i] == line)
			return true;
	}
	return false;
}

static bool
is_header_again(const struct table *table, const struct csv_row *row)
{
	for (int i = 0; i < table->at.header_rows; i++) {
		size_t c = 0;

		if (row->count != table->count[i])
			continue;
		while (c < row->count &&
		       span_equal(text_trim(row->cell[c]), table->header[i][c]))
			c++;
		if (c == row->count)
			return true;
	}
	return false;
}

/* Of either width. */
static bool
is_digit(uint32_t cp)
{
	return (cp >= '0' && cp <= '9') || (cp >= 0xff10 && cp <= 0xff19);
}

static bool
has_digit(struct span s)
{
	uint32_t cp;

	while (utf8_next(&s, &cp)) {
		if (is_digit(cp))
			return true;
	}
	return false;
}

/* True when a word for a sum stands at the beginning, by itself. */
static bool
begins_with_sum(struct span cell)
{
	static const char *const words[] = {"合計", "総合計", "総計", "小計",
	    "計", "総数", "総件数", "件数", "合計件数", "登録件数", "合計人数",
	    "total", "totals", "grand total", "subtotal", "sub total", "sum",
	    "count", "row count", "records", "rows"};
	static const char ends[] = " \t:=(,";

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct span word = span_of(words[i]);
		struct span rest = span_slice(cell, word.len, cell.len);
		uint32_t cp = 0;

		if (!span_equal_nocase(span_slice(cell, 0, word.len), word))
			continue;
		if (!utf8_next(&rest, &cp) || is_digit(cp) || cp == 0x3000 ||
		    cp == 0xff1a || cp == 0xff08 || cp == 0xff1d ||
		    (cp < 0x80 && memchr(ends, (int)cp, sizeof ends - 1)))
			return true;
	}
	return false;
}

/* "1,234 件", "全 12 名", "12 rows". */
static bool
is_number_of(struct span cell)
{
	static const char *const units[] = {
	    "件", "名", "人", "行", "row", "rows", "record", "records"};
	uint32_t cp;

	if (span_starts(cell, SPAN("全")))
		cell = text_trim(span_slice(cell, 3, cell.len));
	if (!utf8_next(&(struct span){cell.ptr, cell.len}, &cp) ||
	    !is_digit(cp))
		return false;
	for (struct span rest = cell; utf8_next(&rest, &cp); cell = rest) {
		if (!is_digit(cp) && cp != ',' && cp != 0xff0c)
			break;
	}
	cell = text_trim(cell);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (span_equal_nocase(cell, span_of(units[i])))
			return true;
	}
	return false;
}

static bool
is_total(const struct csv_row *row)
{
	bool found = false;

	for (size_t i = 0; i < row->count; i++) {
		struct span cell = text_trim(row->cell[i]);

		if (cell.len == 0)
			continue;
		if (!found && !begins_with_sum(cell) && !is_number_of(cell))
			return false;
		if (found && !has_digit(cell))
			return false;
		found = true;
	}
	return found;
}

static bool
leave(struct table_left *left, const struct csv_row *row,
    enum import_left_why why)
{
	struct import_left *one;

	if (is_blank(row))
		return false;
	if (!left->kept)
		left->kept = mem_array(IMPORT_LEFT_KEPT, sizeof *left->kept);
	if (left->count++ >= IMPORT_LEFT_KEPT)
		return false;
	one = &left->kept[left->count - 1];
	one->line = row->line;
	one->why = why;
	text_cut(one->text, sizeof one->text, row->raw);
	return false;
}

bool
table_takes(const struct table *table, const struct csv_row *row,
    struct table_left *left)
{
	if (row->line < table->at.first_line)
		return is_header_line(table, row->line)
			   ? false
			   : leave(left, row, IMPORT_LEFT_ABOVE);
	if (table->at.last_line && row->line > table->at.last_line)
		return leave(left, row, IMPORT_LEFT_BELOW);
	if (table->own == OWN_EXPORT && own_is_watermark(row, table->mark))
		return leave(left, row, IMPORT_LEFT_MARK);
	if (is_person(row))
		return true;
	if (is_header_again(table, row))
		return leave(left, row, IMPORT_LEFT_REPEATED);
	return is_total(row) ? leave(left, row, IMPORT_LEFT_TOTAL) : true;
}
