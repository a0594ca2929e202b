/* The guards, on sheets that are damaged as people damage them, and on honest
 * ones: nothing is read from files here, a row goes straight to the guard with
 * what the store would say of its address. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/import/guard.h"

enum { NAME, MEMBER, PREFECTURE, LANES, NOBODY = -1, NOTHING = -1 };
enum { FIRST_LINE = 2 /* behind the headers */ };

/* A spreadsheet of numbers: who[i] is the person whose address stands in row i,
 * value[lane][i] what stands beside it. */
struct sheet {
	int rows;
	int *who;
	int *value[LANES];
};

/* What the store holds of each person. */
struct book {
	int people;
	int *value[LANES];
};

static unsigned
dice(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 8;
}

static int
value_of(int lane, unsigned *seed)
{
	/* names meet now and then, numbers never, prefectures all the time */
	return lane == NAME     ? (int)(dice(seed) % 4000)
	       : lane == MEMBER ? (int)dice(seed)
				: (int)(dice(seed) % 47);
}

static void
book_open(struct book *book, int people, unsigned seed)
{
	book->people = people;
	for (int lane = 0; lane < LANES; lane++) {
		book->value[lane] = mem_array((size_t)people, sizeof(int));
		for (int i = 0; i < people; i++)
			book->value[lane][i] = value_of(lane, &seed);
	}
}

static void
book_close(struct book *book)
{
	for (int lane = 0; lane < LANES; lane++)
		free(book->value[lane]);
}

static void
sheet_done(struct sheet *sheet)
{
	free(sheet->who);
	for (int lane = 0; lane < LANES; lane++)
		free(sheet->value[lane]);
}

/* What an office would export of a book, with room for some rows more. */
static void
sheet_of(struct sheet *sheet, const struct book *book)
{
	size_t room = (size_t)book->people + 16;

	sheet->rows = book->people;
	sheet->who = mem_array(room, sizeof(int));
	for (int i = 0; i < book->people; i++)
		sheet->who[i] = i;
	for (int lane = 0; lane < LANES; lane++) {
		sheet->value[lane] = mem_array(room, sizeof(int));
		memcpy(sheet->value[lane], book->value[lane],
		    (size_t)book->people * sizeof(int));
	}
}

/* ---- What is done to a sheet ------------------------------------------- */

static int *
column_of(struct sheet *sheet, int column)
{
	return column < 0 ? sheet->who : sheet->value[column];
}

enum { WHO = -1 }; /* the column of addresses */

/* Excel's "delete cells, shift up": count cells of one column. */
static void
delete_cells(struct sheet *sheet, int column, int at, int count)
{
	int *cell = column_of(sheet, column);

	for (int i = at; i < sheet->rows; i++)
		cell[i] = i + count < sheet->rows ? cell[i + count] : NOTHING;
}

/* "Insert cells, shift down". */
static void
insert_cells(struct sheet *sheet, int column, int at, int count, int with)
{
	int *cell = column_of(sheet, column);

	for (int n = 0; n < count; n++) {
		int i = sheet->rows++;

		sheet->who[i] = NOBODY;
		for (int lane = 0; lane < LANES; lane++)
			sheet->value[lane][i] = NOTHING;
	}
	for (int i = sheet->rows - 1; i >= at + count; i--)
		cell[i] = cell[i - count];
	for (int i = at; i < at + count; i++)
		cell[i] = with;
}

static void
change_cells(struct sheet *sheet, int lane, int percent, unsigned seed)
{
	for (int i = 0; i < sheet->rows; i++) {
		if ((int)(dice(&seed) % 100) < percent)
			sheet->value[lane][i] = value_of(lane, &seed);
	}
}

static int
ascending(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
sort_column(struct sheet *sheet, int column)
{
	qsort(column_of(sheet, column), (size_t)sheet->rows, sizeof(int),
	    ascending);
}

/* Whole rows in another order: nothing wrong. */
static void
shuffle_rows(struct sheet *sheet, unsigned seed)
{
	for (int i = sheet->rows - 1; i > 0; i--) {
		int k = (int)(dice(&seed) % (unsigned)(i + 1));

		for (int column = WHO; column < LANES; column++) {
			int *cell = column_of(sheet, column), kept = cell[i];

			cell[i] = cell[k];
			cell[k] = kept;
		}
	}
}

/* Drops one row in so many, and puts somebody new in its place. */
static void
replace_rows(struct sheet *sheet, int one_in, int people, unsigned seed)
{
	for (int i = one_in / 2; i < sheet->rows; i += one_in) {
		sheet->who[i] = people + i;
		for (int lane = 0; lane < LANES; lane++)
			sheet->value[lane][i] = value_of(lane, &seed);
	}
}

/* ---- Before the guard -------------------------------------------------- */

static struct import_column columns[] = {
    {.header = "email", .target = IMPORT_ADDRESS},
    {.header = "name", .target = IMPORT_NAME},
    {.header = "member", .target = IMPORT_FIELD, .field = "member"},
    {.header = "prefecture", .target = IMPORT_FIELD, .field = "prefecture"},
};

static void
show_value(char *out, size_t room, int lane, int value)
{
	*out = '\0';
	if (value != NOTHING)
		snprintf(out, room, "%c%d", "npm"[lane], value);
}

static void
show_row(struct guard *guard, const struct sheet *sheet, int i,
    const struct book *book, size_t used)
{
	char text[LANES][32], fields[128];
	struct span cell[LANES + 1];
	struct csv_row row = {.line = i + FIRST_LINE, .count = used};
	struct csv_person person = {.row = &row};
	int who = sheet->who[i];
	bool same = true;

	for (int lane = 0; lane < LANES; lane++) {
		show_value(
		    text[lane], sizeof text[lane], lane, sheet->value[lane][i]);
		cell[lane + 1] = span_of(text[lane]);
	}
	row.cell = cell;
	guard_count(guard, &row);
	person.name = cell[NAME + 1];
	if (who == NOBODY) {
		guard_rejected(guard, &row, E_ROW_NO_ADDRESS);
		return;
	}
	if (who < book->people) {
		for (int lane = 0; lane < LANES; lane++) {
			same &= (size_t)lane + 1 >= used ||
				sheet->value[lane][i] == book->value[lane][who];
			show_value(text[lane], sizeof text[lane], lane,
			    book->value[lane][who]);
		}
		snprintf(fields, sizeof fields,
		    "{\"other\":\"x\",\"member\":\"%s\",\"prefecture\":\"%s\"}",
		    text[MEMBER], text[PREFECTURE]);
		guard_known(guard, same ? GUARD_SAME : GUARD_DIFFERENT,
		    span_of(text[NAME]), span_of(fields));
		for (int lane = 0; lane < LANES; lane++)
			show_value(text[lane], sizeof text[lane], lane,
			    sheet->value[lane][i]);
	}
	guard_row(guard, &person);
}

/* Shows the first used columns of a sheet to a new guard. */
static void
show(const struct sheet *sheet, const struct book *book, size_t used,
    struct import_shift *out)
{
	struct mapping mapping;
	struct guard *guard;
	struct err err = {0};

	assert_ok(mapping_init(&mapping, columns, used, &err), &err);
	guard = guard_new(&mapping);
	for (int i = 0; i < sheet->rows; i++) {
		bool blank = sheet->who[i] == NOBODY;

		for (size_t lane = 0; lane + 1 < used; lane++)
			blank &= sheet->value[lane][i] == NOTHING;
		if (!blank)
			show_row(guard, sheet, i, book, used);
	}
	guard_tell(guard, out);
	guard_free(&guard);
}

/* ---- Accidents --------------------------------------------------------- */

enum accident { DELETE, INSERT_BLANK, INSERT_NEW };

/* One accident in a sheet of so many rows.  The first flagged row is the one
 * behind the deleted cell's own: that one has a value of nobody in the file. */
static const struct accident_case {
	int rows;
	enum accident what;
	int column, at, count;
	size_t used;  /* columns of the file, with the address */
	int flagged;  /* at least */
	int line;     /* of the first bad row */
	size_t named; /* the column that is said to have moved */
	int churn;    /* percent of names changed honestly besides */
} accidents[] = {
    /* the simulation that the guard was designed by */
    {10000, DELETE, WHO, 5000, 1, 4, 4998, 5002, 0, 0},
    {10000, DELETE, WHO, 5000, 1, 2, 4990, 5002, 0, 0},
    {10000, DELETE, WHO, 9980, 1, 4, 18, 9982, 0, 0},
    {10000, DELETE, WHO, 9980, 1, 2, 18, 9982, 0, 0},
    {10000, DELETE, WHO, 0, 1, 4, 9998, 2, 0, 0},
    {10000, DELETE, WHO, 5000, 1, 4, 4400, 5002, 0, 10},
    {10000, INSERT_BLANK, WHO, 5000, 1, 4, 4998, 5002, 0, 0},
    {10000, INSERT_NEW, WHO, 5000, 1, 4, 4998, 5002, 0, 0},
    {10000, INSERT_BLANK, WHO, 9980, 1, 4, 18, 9982, 0, 0},
    /* several cells at once */
    {10000, DELETE, WHO, 5000, 3, 4, 4990, 5002, 0, 0},
    {10000, INSERT_BLANK, WHO, 5000, 4, 4, 4990, 5002, 0, 0},
    {10000, INSERT_NEW, WHO, 5000, 2, 4, 4990, 5002, 0, 0},
    /* another column than that of the addresses */
    {10000, DELETE, NAME, 5000, 1, 4, 4990, 5002, 1, 0},
    {10000, INSERT_BLANK, NAME, 5000, 1, 4, 4990, 5002, 1, 0},
    {10000, DELETE, MEMBER, 5000, 1, 4, 4990, 5002, 2, 0},
    {10000, DELETE, PREFECTURE, 5000, 1, 4, 4500, 5002, 3, 0},
    {10000, DELETE, MEMBER, 5000, 1, 4, 4990, 5002, 2, 10},
    /* short lists */
    {200, DELETE, WHO, 150, 1, 4, 48, 152, 0, 0},
    {40, DELETE, WHO, 25, 1, 4, 13, 27, 0, 0},
    {12, DELETE, WHO, 2, 1, 4, 8, 4, 0, 0},
    {8, DELETE, WHO, 2, 1, 4, 4, 4, 0, 0},
    {12, DELETE, WHO, 0, 3, 4, 6, 2, 0, 0},
    {5, INSERT_BLANK, WHO, 1, 1, 4, 3, 3, 0, 0},
};

static void
names_the_first_row_beside_the_wrong_address(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof accidents / sizeof *accidents; n++) {
		const struct accident_case *c = &accidents[n];
		struct import_shift seen;
		struct sheet sheet;
		struct book book;

		book_open(&book, c->rows, 7 + (unsigned)n);
		sheet_of(&sheet, &book);
		change_cells(&sheet, NAME, c->churn, 99);
		if (c->what == DELETE)
			delete_cells(&sheet, c->column, c->at, c->count);
		else
			insert_cells(&sheet, c->column, c->at, c->count,
			    c->what == INSERT_NEW ? c->rows + 5 : NOTHING);
		show(&sheet, &book, c->used, &seen);
		if (seen.raised != IMPORT_GUARD_SHIFTED ||
		    seen.line != c->line || seen.flagged < c->flagged ||
		    seen.flagged >= c->rows || seen.column != c->named)
			fail_msg("case %zu: raised %u, line %lld, flagged %lld "
				 "of %lld, column %zu",
			    n, seen.raised, (long long)seen.line,
			    (long long)seen.flagged, (long long)seen.known,
			    seen.column);
		assert_int_equal(
		    seen.offset, c->what == DELETE ? -c->count : c->count);
		sheet_done(&sheet);
		book_close(&book);
	}
}

static void
counts_accidents_one_by_one(void **state)
{
	struct import_shift seen;
	struct sheet sheet;
	struct book book;

	(void)state;
	book_open(&book, 3000, 3);
	sheet_of(&sheet, &book);
	/* down from row 1000 on, right again from row 2000 on */
	insert_cells(&sheet, WHO, 1000, 1, NOTHING);
	delete_cells(&sheet, WHO, 2000, 1);
	show(&sheet, &book, 4, &seen);
	assert_int_equal(seen.raised, IMPORT_GUARD_SHIFTED);
	assert_int_equal(seen.line, 1002);
	assert_int_equal(seen.runs, 1);
	assert_in_range(seen.flagged, 995, 999);
	/* and up further below */
	delete_cells(&sheet, WHO, 2500, 1);
	show(&sheet, &book, 4, &seen);
	assert_int_equal(seen.line, 1002);
	assert_int_equal(seen.runs, 2);
	sheet_done(&sheet);
	book_close(&book);
}

/* ---- Honest files ------------------------------------------------------ */

static void
churn_2(struct sheet *sheet, struct book *book)
{
	(void)book;
	for (int lane = 0; lane < LANES; lane++)
		change_cells(sheet, lane, 2, 5u + (unsigned)lane);
}

static void
churn_10(struct sheet *sheet, struct book *book)
{
	(void)book;
	for (int lane = 0; lane < LANES; lane++)
		change_cells(sheet, lane, 10, 5u + (unsigned)lane);
}

static void
another_order(struct sheet *sheet, struct book *book)
{
	(void)book;
	shuffle_rows(sheet, 11);
	change_cells(sheet, NAME, 10, 6);
}

static void
other_people(struct sheet *sheet, struct book *book)
{
	replace_rows(sheet, 3, book->people, 8);
	change_cells(sheet, NAME, 5, 6);
}

/* A field that is new for everybody: numbers, and one of few values. */
static void
all_points_new(struct sheet *sheet, struct book *book)
{
	(void)book;
	change_cells(sheet, MEMBER, 100, 17);
	change_cells(sheet, PREFECTURE, 100, 18);
}

static void
half_of_prefectures(struct sheet *sheet, struct book *book)
{
	(void)book;
	change_cells(sheet, PREFECTURE, 50, 18);
}

/* Sorted by a field, so that neighbours are alike, and some move. */
static void
sorted_by_prefecture(struct sheet *sheet, struct book *book)
{
	for (int i = 0; i < book->people; i++) {
		book->value[PREFECTURE][i] = i * 47 / book->people;
		sheet->value[PREFECTURE][i] = book->value[PREFECTURE][i];
	}
	change_cells(sheet, PREFECTURE, 10, 18);
	change_cells(sheet, NAME, 10, 19);
}

/* Families: two addresses in a row have one name. */
static void
alike_in_pairs(struct sheet *sheet, struct book *book)
{
	for (int i = 1; i < book->people; i += 2) {
		book->value[NAME][i] = book->value[NAME][i - 1];
		sheet->value[NAME][i] = book->value[NAME][i];
	}
	change_cells(sheet, NAME, 10, 19);
}

static void
emptied_field(struct sheet *sheet, struct book *book)
{
	(void)book;
	for (int i = 0; i < sheet->rows; i++)
		sheet->value[MEMBER][i] = NOTHING;
}

static void
raises_nothing_for_honest_files(void **state)
{
	static const struct {
		const char *what;
		void (*change)(struct sheet *sheet, struct book *book);
	} cases[] = {
	    {"2 % churn", churn_2},
	    {"10 % churn", churn_10},
	    {"another order", another_order},
	    {"other people", other_people},
	    {"a field of all", all_points_new},
	    {"half of a field", half_of_prefectures},
	    {"sorted", sorted_by_prefecture},
	    {"families", alike_in_pairs},
	    {"an empty field", emptied_field},
	};
	static const int sizes[] = {10000, 300, 30, 12, 6, 2, 1};

	(void)state;
	for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
			struct import_shift seen;
			struct sheet sheet;
			struct book book;

			book_open(&book, sizes[s], 21 + (unsigned)n);
			sheet_of(&sheet, &book);
			cases[n].change(&sheet, &book);
			show(&sheet, &book, 4, &seen);
			if (seen.raised || seen.flagged || seen.line)
				fail_msg("%s, %d rows: raised %u, line %lld, "
					 "flagged %lld, changed %lld",
				    cases[n].what, sizes[s], seen.raised,
				    (long long)seen.line,
				    (long long)seen.flagged,
				    (long long)seen.changed);
			sheet_done(&sheet);
			book_close(&book);
		}
	}
}

/* ---- Sorting ----------------------------------------------------------- */

static void
tells_a_column_sorted_alone(void **state)
{
	static const struct {
		int rows, column;
		unsigned raised;
		size_t named;
	} cases[] = {
	    {10000, NAME, IMPORT_GUARD_SORTED, 1},
	    {10000, MEMBER, IMPORT_GUARD_SORTED, 2},
	    {10000, WHO, IMPORT_GUARD_SORTED, 0},
	    {40, NAME, IMPORT_GUARD_SORTED, 1},
	    {12, NAME, IMPORT_GUARD_SORTED, 1},
	    /* a field of few values may be new for everybody */
	    {10000, PREFECTURE, 0, 0},
	};

	(void)state;
	for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
		struct import_shift seen;
		struct sheet sheet;
		struct book book;

		book_open(&book, cases[n].rows, 31 + (unsigned)n);
		sheet_of(&sheet, &book);
		shuffle_rows(&sheet, 5);
		sort_column(&sheet, cases[n].column);
		show(&sheet, &book, 4, &seen);
		if (seen.raised != cases[n].raised ||
		    seen.sorted_column != cases[n].named)
			fail_msg("case %zu: raised %u, %lld of %lld in %zu", n,
			    seen.raised, (long long)seen.changed,
			    (long long)seen.changed_of, seen.sorted_column);
		if (seen.raised)
			assert_true(seen.changed * 2 > seen.changed_of);
		sheet_done(&sheet);
		book_close(&book);
	}
}

/* Fewer than ten known people: all of them, and the same names. */
static void
asks_for_more_in_short_lists(void **state)
{
	static const struct {
		const char *was, *is;
		unsigned raised;
	} cases[] = {
	    {"DBCA", "ABCD", 0}, /* two have kept theirs */
	    {"DCAB", "ABCD", IMPORT_GUARD_SORTED},
	    {"DCAB", "EFGH", 0}, /* four marriages */
	    {"BA", "AB", 0},
	    {"IEACFGBHD", "ABCDEFGHI", 0}, /* H and F and G stay */
	};

	(void)state;
	for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
		struct import_shift seen;
		struct sheet sheet;
		struct book book;

		book_open(&book, (int)strlen(cases[n].was), 1);
		sheet_of(&sheet, &book);
		for (int i = 0; i < book.people; i++) {
			book.value[NAME][i] = cases[n].was[i];
			sheet.value[NAME][i] = cases[n].is[i];
		}
		show(&sheet, &book, 2, &seen);
		if (seen.raised != cases[n].raised)
			fail_msg("case %zu: raised %u", n, seen.raised);
		sheet_done(&sheet);
		book_close(&book);
	}
}

/* ---- Signs ------------------------------------------------------------- */

static void
tells_weaker_signs_of_a_first_import(void **state)
{
	struct book book = {0};
	struct book later;
	struct import_shift seen;
	struct sheet sheet;

	(void)state;
	book_open(&later, 500, 1);
	sheet_of(&sheet, &later);
	show(&sheet, &book, 4, &seen);
	assert_int_equal(seen.tail_rows + seen.nameless + seen.known, 0);
	delete_cells(&sheet, WHO, 100, 2);
	sheet.value[NAME][42] = NOTHING;
	show(&sheet, &book, 4, &seen);
	assert_int_equal(seen.raised, 0);
	assert_int_equal(seen.tail_rows, 2);
	assert_int_equal(seen.tail_line, 498 + FIRST_LINE);
	assert_int_equal(seen.nameless, 1);
	assert_int_equal(seen.nameless_line, 42 + FIRST_LINE);
	/* where many have none it says nothing */
	for (int i = 0; i < 200; i++)
		sheet.value[NAME][i] = NOTHING;
	show(&sheet, &book, 4, &seen);
	assert_int_equal(seen.nameless, 0);
	assert_int_equal(seen.nameless_line, 0);
	sheet_done(&sheet);
	book_close(&later);
}

/* ---- Numbers of rows ---------------------------------------------------- */

/* A list of which the store knows everybody with a number, in the order of the
 * file: what its column of numbers says now. */
static const struct count_case {
	const char *what;
	int first;       /* number of the first person in the store */
	int gone;        /* the person who has left, or -1 */
	int deleted;     /* row of which the number was deleted, or -1 */
	bool renumbered; /* from 1 in the order of the rows */
	int line;        /* of the first bad row; 0: all is well */
} counts[] = {
    {"numbered anew", 1, 20, -1, true, 0},
    {"numbered anew after the first has left", 1, 0, -1, true, 0},
    {"nobody has left", 1, -1, -1, true, 0},
    {"with a gap", 1, 20, -1, false, 0},
    {"a number deleted", 1, -1, 30, false, 32},
    {"a number deleted among those of members", 1000, -1, 30, false, 32},
    {"another one's number", 1000, 20, -1, true, 0},
};

static void
show_counted(struct guard *guard, const struct count_case *c)
{
	enum { PEOPLE = 100 };

	for (int row = 0, who = 0; who < PEOPLE; who++) {
		char now[16], fields[32];
		int number = c->renumbered ? row + 1 : c->first + who;
		struct span cell[2] = {SPAN("x@example.jp")};
		struct csv_row seen = {
		    .line = row + FIRST_LINE, .count = 2, .cell = cell};
		struct csv_person person = {.row = &seen};

		if (who == c->gone)
			continue;
		number += c->deleted >= 0 && row >= c->deleted;
		snprintf(now, sizeof now, "%d", number);
		cell[1] = span_of(now);
		snprintf(
		    fields, sizeof fields, "{\"no\":\"%d\"}", c->first + who);
		guard_count(guard, &seen);
		guard_known(guard, GUARD_DIFFERENT, SPAN(""), span_of(fields));
		guard_row(guard, &person);
		row++;
	}
}

static void
numbers_of_rows_are_nobodys(void **state)
{
	static const struct import_column numbered[] = {
	    {.header = "email", .target = IMPORT_ADDRESS},
	    {.header = "No.", .target = IMPORT_FIELD, .field = "no"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		struct import_shift seen;
		struct mapping mapping;
		struct guard *guard;
		struct err err = {0};

		assert_ok(mapping_init(&mapping, numbered, 2, &err), &err);
		guard = guard_new(&mapping);
		show_counted(guard, &counts[i]);
		guard_tell(guard, &seen);
		guard_free(&guard);
		if (seen.line != counts[i].line ||
		    (seen.raised != 0) != (counts[i].line != 0))
			fail_msg("%s: %u, line %lld", counts[i].what,
			    seen.raised, (long long)seen.line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_of_rows_are_nobodys),
	    cmocka_unit_test(names_the_first_row_beside_the_wrong_address),
	    cmocka_unit_test(counts_accidents_one_by_one),
	    cmocka_unit_test(raises_nothing_for_honest_files),
	    cmocka_unit_test(tells_a_column_sorted_alone),
	    cmocka_unit_test(asks_for_more_in_short_lists),
	    cmocka_unit_test(tells_weaker_signs_of_a_first_import),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
