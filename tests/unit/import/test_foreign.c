/* Files that are made up with a known truth: who stands in which row, and what
 * is wrong with it.  Whatever a file looks like, nobody gets another's name, no
 * row is lost, each reject has its line, undo leaves nothing behind, and the
 * rejects that were corrected come in. */
#include "tests/unit/import/import_kit.h"

#include <stdio.h>

#include "core/base/json.h"

enum { FILES = 60, PEOPLE_MAX = 40, SAMPLES = IMPORT_SAMPLES };

/* What is done to the row of a person. */
enum fault {
	FINE,
	NO_AT,
	FULL_WIDTH,
	TWO,
	NAMED,
	SHORT,
	LONG,
	CONTROL,
	LOST,
	EMPTY,
	AGAIN, /* the address of the person before */
	BLANK, /* a row of delimiters before it */
	FAULTS
};

struct truth {
	char address[64], name[64], city[64];
	enum fault fault;
	int64_t line;
};

struct sheet {
	struct truth row[PEOPLE_MAX];
	int rows;
	int64_t wrong, again; /* rows to be rejected, and duplicates */
	struct buf text;
};

static unsigned
dice(unsigned *seed, unsigned sides)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 12) % sides;
}

static bool
is_wrong(enum fault fault)
{
	return fault != FINE && fault != AGAIN && fault != BLANK;
}

static void
make_up(struct truth *row, int i, const struct truth *before, unsigned *seed)
{
	static const char *const family[] = {"山田", "髙橋", "O'Brien",
	    "Müller", "表", "佐々木", "\"Bob\"", "李"};
	static const char *const city[] = {"東京", "ポートタウン", "a, b",
	    "x;y", "能登", "two\nlines", "", "C:\\new"};

	snprintf(row->address, sizeof row->address, "p%d.%x@example%u.jp", i,
	    dice(seed, 0xffff), dice(seed, 3));
	snprintf(
	    row->name, sizeof row->name, "%s %d", family[dice(seed, 8)], i);
	snprintf(row->city, sizeof row->city, "%s", city[dice(seed, 8)]);
	row->fault = dice(seed, 3) ? FINE : (enum fault)dice(seed, FAULTS);
	/* whoever is first shows what the columns are */
	if (i < SAMPLES)
		row->fault = FINE;
	if (row->fault == AGAIN && before && before->fault == FINE)
		memcpy(row->address, before->address, sizeof row->address);
	else if (row->fault == AGAIN)
		row->fault = FINE;
}

static void
add_cell(struct sheet *sheet, const char *cell)
{
	buf_char(&sheet->text, '"');
	for (; *cell; cell++) {
		if (*cell == '"')
			buf_char(&sheet->text, '"');
		buf_char(&sheet->text, *cell);
	}
	buf_char(&sheet->text, '"');
}

static void
add_address(struct sheet *sheet, const struct truth *row)
{
	char cell[160];

	snprintf(cell, sizeof cell, "%s", row->address);
	if (row->fault == NO_AT)
		*strchr(cell, '@') = '.';
	else if (row->fault == FULL_WIDTH)
		snprintf(cell, sizeof cell, "ｘ%s", row->address);
	else if (row->fault == TWO)
		snprintf(
		    cell, sizeof cell, "%s; other@example.org", row->address);
	else if (row->fault == NAMED)
		snprintf(cell, sizeof cell, "X <%s>", row->address);
	else if (row->fault == EMPTY)
		*cell = '\0';
	add_cell(sheet, cell);
}

static void
add_row(struct sheet *sheet, struct truth *row, char delimiter, int64_t *line)
{
	char name[80];

	if (row->fault == BLANK) {
		buf_printf(&sheet->text, "%c%c\n", delimiter, delimiter);
		++*line;
	}
	row->line = (*line)++;
	snprintf(name, sizeof name, "%s%s", row->name,
	    row->fault == CONTROL ? "\x1b[2J"
	    : row->fault == LOST  ? "\xef\xbf\xbd x"
				  : "");
	add_cell(sheet, name);
	buf_char(&sheet->text, delimiter);
	add_address(sheet, row);
	if (row->fault != SHORT) {
		buf_char(&sheet->text, delimiter);
		add_cell(sheet, row->city);
		*line += strchr(row->city, '\n') != NULL;
	}
	if (row->fault == LONG)
		buf_printf(&sheet->text, "%c\"more\"", delimiter);
	buf_char(&sheet->text, '\n');
}

static void
sheet_make(struct sheet *sheet, unsigned seed)
{
	char delimiter = ",;\t"[dice(&seed, 3)];
	int64_t line = 1;

	sheet->rows = 12 + (int)dice(&seed, PEOPLE_MAX - 12);
	if (dice(&seed, 4) == 0) {
		buf_text(&sheet->text, "会員一覧\n問合せ: info@example.jp\n\n");
		line += 3;
	}
	buf_printf(&sheet->text, "\"氏名\"%c\"メール\"%c\"city\"\n", delimiter,
	    delimiter);
	line++;
	for (int i = 0; i < sheet->rows; i++) {
		struct truth *row = &sheet->row[i];

		make_up(row, i, i ? row - 1 : NULL, &seed);
		add_row(sheet, row, delimiter, &line);
		sheet->wrong += is_wrong(row->fault);
		sheet->again += row->fault == AGAIN;
	}
}

/* The row of a name, which is nobody else's. */
static const struct truth *
find_name(const struct sheet *sheet, struct span name)
{
	for (int i = 0; i < sheet->rows; i++) {
		if (span_equal(name, span_of(sheet->row[i].name)))
			return &sheet->row[i];
	}
	return NULL;
}

/* Everybody who is on the list stands beside what stood beside them. */
static void
assert_pairs(struct room *room, const struct sheet *sheet, int64_t members)
{
	struct contact_page page = {0};
	struct buf city = BUF_INIT;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(contact_page(room->store, db, room->list,
		      (struct contact_id){0}, 100, &page, &err),
	    &err);
	assert_int_equal(page.count, members);
	for (size_t i = 0; i < page.count; i++) {
		const struct truth *row = find_name(sheet, page.row[i].name);

		assert_non_null(row);
		assert_span_equal(page.row[i].address, row->address);
		buf_clear(&city);
		buf_text(&city, "{\"city\":");
		json_quote(&city, span_of(row->city));
		buf_char(&city, '}');
		assert_span_equal(page.row[i].fields, city.ptr);
	}
	contact_page_done(&page);
	store_reader_close(&db);
	buf_done(&city);
}

static void
assert_rejects(struct import *import, const struct sheet *sheet)
{
	size_t n = 0;

	for (int i = 0; i < sheet->rows; i++) {
		const struct import_reject *reject;

		if (!is_wrong(sheet->row[i].fault))
			continue;
		reject = import_reject_at(import, n++);
		assert_non_null(reject);
		assert_int_equal(reject->line, sheet->row[i].line);
	}
	assert_null(import_reject_at(import, n));
}

static void
add_reason(const struct err *why, struct buf *out)
{
	buf_text(out, err_name(why->code));
}

/* Every kind of repair is accepted: those who need no more come in. */
static int64_t
import_rejects_of(struct room *room, struct import *import, int number)
{
	struct import_plan plan = plan_of(room);
	struct import_counts counts = {0};
	struct import_written written;
	struct import *again = NULL;
	struct buf path = BUF_INIT;
	struct err err = {0};

	plan.accept.repairs = (1u << IMPORT_REPAIR_KINDS) - 1;
	buf_printf(&path, "%s/rejects%d.csv", room->dir, number);
	assert_ok(
	    import_write_rejects(import, path.ptr, add_reason, &written, &err),
	    &err);
	assert_ok(import_open(path.ptr, NULL, &again, &err), &err);
	assert_ok(
	    import_commit(again, room->store, &plan, &counts, &err), &err);
	assert_sums(&counts);
	assert_int_equal(counts.read, written.rows);
	import_close(&again);
	buf_done(&path);
	return counts.fresh;
}

static int64_t
count_of(const struct sheet *sheet, enum fault fault)
{
	int64_t count = 0;

	for (int i = 0; i < sheet->rows; i++)
		count += sheet->row[i].fault == fault;
	return count;
}

static void
nobody_gets_what_is_anothers(void **state)
{
	static const struct import_undo_plan plan = {
	    .reason = SPAN("wrong file")};
	struct room *room = *state;

	for (unsigned file = 0; file < FILES; file++) {
		struct sheet sheet = {.text = BUF_INIT};
		struct import_counts counts = {0};
		struct import_undo undo;
		struct import *import;
		struct err err = {0};
		int64_t fine;

		sheet_make(&sheet, 7919 * file + 1);
		fine = sheet.rows - sheet.wrong - sheet.again;
		import = open_text(room, buf_span(&sheet.text));
		import_all(room, import, &counts);
		assert_int_equal(counts.read, sheet.rows);
		assert_int_equal(counts.fresh, fine);
		assert_int_equal(counts.rejected, sheet.wrong);
		assert_int_equal(counts.duplicate, sheet.again);
		assert_pairs(room, &sheet, fine);
		assert_rejects(import, &sheet);
		if (file % 8 == 0 && sheet.wrong)
			assert_int_equal(
			    import_rejects_of(room, import, (int)file),
			    count_of(&sheet, TWO) + count_of(&sheet, NAMED) +
				count_of(&sheet, FULL_WIDTH));
		assert_ok(import_undo(room->store, import_id(import), &plan,
			      &undo, &err),
		    &err);
		assert_int_equal(undo.left, fine);
		if (file % 8 != 0 || !sheet.wrong) {
			assert_int_equal(members(room), 0);
			assert_int_equal(undo.deleted, fine);
		} else {
			teardown(state);
			setup(state);
			room = *state;
		}
		import_close(&import);
		buf_done(&sheet.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		nobody_gets_what_is_anothers, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
