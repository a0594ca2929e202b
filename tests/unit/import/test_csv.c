/* The CSV machine: shapes of rows, line numbers, limits. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/import/csv.h"
#include "core/import/import.h"

/* Adds a row as "line:[a][b]" to text; '!' marks the torn cell. */
static void
show(const struct csv_row *row, struct buf *text)
{
	buf_int(text, row->line);
	buf_char(text, ':');
	for (size_t i = 0; i < row->count; i++) {
		buf_char(text, row->torn == (int)i ? '!' : '[');
		buf_add(text, row->cell[i]);
		buf_char(text, ']');
	}
	buf_char(text, ' ');
}

/* Parses in pieces of step bytes into text; 0 or the error. */
static int
parse_as(struct span in, char delimiter, enum import_quote quote, size_t step,
    struct buf *text, struct err *err)
{
	struct csv *csv = csv_new(delimiter, quote, 1);
	enum csv_got got = CSV_MORE;
	struct csv_row row;

	while (in.len && got != CSV_FAILED) {
		struct span piece = span_slice(in, 0, step);

		in = span_slice(in, step, in.len);
		while ((got = csv_next(csv, &piece, &row, err)) == CSV_ROW)
			show(&row, text);
	}
	if (got != CSV_FAILED) {
		got = csv_finish(csv, &row, err);
		if (got == CSV_ROW)
			show(&row, text);
	}
	csv_free(&csv);
	return got == CSV_FAILED ? -1 : 0;
}

static int
parse(struct span in, char delimiter, size_t step, struct buf *text,
    struct err *err)
{
	return parse_as(in, delimiter, IMPORT_QUOTE_DOUBLE, step, text, err);
}

struct shape {
	enum import_quote quote;
	char delimiter;
	const char *in, *wanted; /* NULL: refused */
};

/* In pieces of every small size. */
static void
check_shapes(const struct shape *shape, size_t count)
{
	struct err err = {0};

	for (size_t i = 0; i < count; i++) {
		for (size_t step = 1; step < 8; step++) {
			struct buf text = BUF_INIT;
			int rc =
			    parse_as(span_of(shape[i].in), shape[i].delimiter,
				shape[i].quote, step, &text, &err);

			if (!shape[i].wanted)
				assert_int_equal(rc, -1);
			else if (!span_equal(
				     buf_span(&text), span_of(shape[i].wanted)))
				fail_msg("shape %zu by %zu: %s", i, step,
				    text.ptr ? text.ptr : "");
			buf_done(&text);
		}
	}
}

#define D IMPORT_QUOTE_DOUBLE
#define B IMPORT_QUOTE_BACKSLASH
#define N IMPORT_QUOTE_NONE

static void
reads_every_shape_in_any_pieces(void **state)
{
	static const struct shape shapes[] = {
	    {D, ',', "", ""},
	    {D, ',', "\n\r\n\r", ""},
	    {D, ',', "a", "1:[a] "},
	    {D, ',', "a,b\n", "1:[a][b] "},
	    {D, ',', "a,b\r\nc,d\r\n", "1:[a][b] 2:[c][d] "},
	    {D, ',', "a\rb\rc", "1:[a] 2:[b] 3:[c] "},
	    {D, ',', "a\r\nb\nc\rd\r\n", "1:[a] 2:[b] 3:[c] 4:[d] "},
	    {D, ',', "a\n\n\nb", "1:[a] 4:[b] "},
	    {D, ',', ",,\n,", "1:[][][] 2:[][] "},
	    {D, ',', "a,\n", "1:[a][] "},
	    {D, ',', "\"a,b\",c", "1:[a,b][c] "},
	    {D, ',', "\"a\"\"b\",\"\"", "1:[a\"b][] "},
	    {D, ',', "\"\"\"\"", "1:[\"] "},
	    {D, ',', "\"a\nb\r\nc\rd\",e\nf", "1:[a\nb\r\nc\rd][e] 5:[f] "},
	    {D, ',', "\"a\r\",b\nc", "1:[a\r][b] 3:[c] "},
	    {D, ',', "a\"b\",c\"\n", "1:[a\"b\"][c\"] "},
	    {D, ',', " \"a\",b", "1:[ \"a\"][b] "},
	    {D, ',', "\"a\" ,b", "1:[a][b] "},
	    {D, ',', "\"a\"x,b\n\"c\"", "1:!ax][b] 2:[c] "},
	    {D, ',', "b,\"a\" x\"y\n", "1:[b]!ax\"y] "},
	    {D, ',', "\"a\\\"b\",c", "1:!a\\b\"][c] "},
	    {D, ';', "a,b;c\n", "1:[a,b][c] "},
	    {D, '\t', "a b\tc;d,e", "1:[a b][c;d,e] "},
	    {D, ',', "\"a\n", NULL},
	};

	(void)state;
	check_shapes(shapes, sizeof shapes / sizeof *shapes);
}

static void
unclosed_quote_names_its_line(void **state)
{
	struct buf text = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    parse(SPAN("a,b\nc,d\ne,\"f\ng,h\ni,j\n"), ',', 5, &text, &err),
	    -1);
	assert_int_equal(err.code, E_CSV_QUOTE_OPEN);
	assert_string_equal(err_find(&err, "line"), "3");
	assert_span_equal(buf_span(&text), "1:[a][b] 2:[c][d] ");
	buf_done(&text);
}

/* A quote that swallows the file is found after IMPORT_CELL_MAX octets, not
 * at the end of it, and a long cell is not mistaken for one. */
static void
cells_have_a_limit(void **state)
{
	struct buf in = BUF_INIT, text = BUF_INIT;
	struct err err = {0};

	(void)state;
	buf_text(&in, "a,b\nc,");
	for (int i = 0; i < IMPORT_CELL_MAX; i++)
		buf_char(&in, 'x');
	assert_ok(parse(buf_span(&in), ',', 4096, &text, &err), &err);
	for (int i = 0; i < 10 * 1024 * 1024; i++)
		buf_char(&in, 'x');
	assert_int_equal(parse(buf_span(&in), ',', 65536, &text, &err), -1);
	assert_int_equal(err.code, E_CSV_CELL_LONG);
	assert_string_equal(err_find(&err, "line"), "2");
	assert_string_equal(err_find(&err, "column"), "2");
	assert_string_equal(err_find(&err, "limit"), "65536");

	in.ptr[6] = '"';
	assert_int_equal(parse(buf_span(&in), ',', 65536, &text, &err), -1);
	assert_int_equal(err.code, E_CSV_CELL_LONG);

	in.ptr[7] = '\n';
	assert_int_equal(parse(buf_span(&in), ',', 65536, &text, &err), -1);
	assert_int_equal(err.code, E_CSV_QUOTE_OPEN);
	assert_string_equal(err_find(&err, "line"), "2");
	buf_done(&in);
	buf_done(&text);
}

static void
columns_have_a_limit(void **state)
{
	struct buf in = BUF_INIT, text = BUF_INIT;
	struct err err = {0};

	(void)state;
	buf_text(&in, "a\n");
	for (int i = 1; i < IMPORT_COLUMNS_MAX; i++)
		buf_char(&in, ',');
	assert_ok(parse(buf_span(&in), ',', 999, &text, &err), &err);
	for (int i = IMPORT_COLUMNS_MAX; i < 300; i++)
		buf_char(&in, ',');
	assert_int_equal(parse(buf_span(&in), ',', 999, &text, &err), -1);
	assert_int_equal(err.code, E_CSV_COLUMNS);
	assert_string_equal(err_find(&err, "found"), "300");
	assert_string_equal(err_find(&err, "line"), "2");
	assert_string_equal(err_find(&err, "limit"), "256");
	buf_done(&in);
	buf_done(&text);
}

static void
keeps_the_beginning_of_the_raw_row(void **state)
{
	struct span in = SPAN("\"a \"\"b\"\"\" ,\"c\r\nd\"\r\nnext");
	struct csv *csv = csv_new(',', IMPORT_QUOTE_DOUBLE, 1);
	struct csv_row row;

	(void)state;
	assert_int_equal(csv_next(csv, &in, &row, NULL), CSV_ROW);
	assert_span_equal(row.raw, "\"a \"\"b\"\"\" ,\"c\r\nd\"");
	csv_free(&csv);
}

static void
blanks_may_go_with_the_mark(void **state)
{
	static const struct {
		const char *in, *wanted;
	} cases[] = {
	    {"1,  \"a, b\" , c\n", "1:[1][a, b][ c] "},
	    {" \"a\"\n", "1:[a] "},
	    {"  , \n", "1:[  ][ ] "},
	    {"a,  ", "1:[a][  ] "},
	    {"a, \"\"\"b\"", "1:[a][\"b] "},
	    {"a, b \"c\"\n", "1:[a][ b \"c\"] "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t step = 1; step < 9; step += 7) {
			struct csv *csv = csv_new(',', D, 1);
			struct span in = span_of(cases[i].in);
			struct buf text = BUF_INIT;
			struct csv_row row;

			csv_skip_blanks(csv);
			while (in.len) {
				struct span piece = span_slice(in, 0, step);

				in = span_slice(in, step, in.len);
				if (csv_next(csv, &piece, &row, NULL) ==
				    CSV_ROW)
					show(&row, &text);
				in.ptr -= piece.len;
				in.len += piece.len;
			}
			if (csv_finish(csv, &row, NULL) == CSV_ROW)
				show(&row, &text);
			assert_string_equal(text.ptr, cases[i].wanted);
			buf_done(&text);
			csv_free(&csv);
		}
	}
}

static void
reads_every_way_of_quoting(void **state)
{
	static const struct shape shapes[] = {
	    {B, ',', "\"a \\\"b\\\"\",c", "1:[a \"b\"][c] "},
	    {B, ',', "\"a\"\"b\",c", "1:[a\"b][c] "},
	    {B, ',', "\"C:\\\\x\",\"\\\\\"", "1:[C:\\x][\\] "},
	    {B, ',', "\"C:\\new\",\\t", "1:[C:\\new][\\t] "},
	    {B, ',', "a\\,b,c\\\"", "1:[a,b][c\"] "},
	    {B, '\t', "a\\\tb\t\\N\t\"\\N\"\t\\Nx", "1:[a\tb][][][\\Nx] "},
	    {B, ',', "a\\\nb,c\nd", "1:[a\nb][c] 3:[d] "},
	    {B, ',', "\"a\\\r\nb\",c\nd", "1:[a\r\nb][c] 3:[d] "},
	    {B, ',', "a\\", "1:[a\\] "},
	    {B, ',', "\"a\\\"\n", NULL},
	    {B, ',', "\"a\\", NULL},
	    {D, ',', "\"a\\\",b\\,c", "1:[a\\][b\\][c] "},
	    {D, ',',
		"\xe2\x80\x9c"
		"a,b\xe2\x80\x9d",
		"1:[\xe2\x80\x9c"
		"a][b\xe2\x80\x9d] "},
	    {N, ',', "\"a,b\",c\nd", "1:[\"a][b\"][c] 2:[d] "},
	    {N, ',', "\"\n\"\"", "1:[\"] 2:[\"\"] "},
	    {N, ',', "a\\,b", "1:[a\\][b] "},
	    {D, '|', "a|\"b|c\"\r\nd|e", "1:[a][b|c] 2:[d][e] "},
	    {D, IMPORT_TOUTEN, "a\x1f\"b\x1f\"", "1:[a][b\x1f] "},
	};

	(void)state;
	check_shapes(shapes, sizeof shapes / sizeof *shapes);
}

/* Rows that hold people must not vanish into one cell: the next quoted cell
 * shows that the quote before was never closed. */
static void
people_behind_an_open_quote_stop_the_file(void **state)
{
	struct buf text = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_int_equal(parse(SPAN("a,b\n\"c,a@example.jp\nd,b@example.jp\n"
				    "e,\"f\"\n"),
			     ',', 3, &text, &err),
	    -1);
	assert_int_equal(err.code, E_CSV_QUOTE_OPEN);
	assert_string_equal(err_find(&err, "line"), "2");
	/* two lines of a remark are one row's fault */
	buf_clear(&text);
	assert_ok(parse(SPAN("\"c\nd\" e,f\ng\n"), ',', 3, &text, &err), &err);
	assert_string_equal(text.ptr, "1:!c\nde][f] 3:[g] ");
	buf_done(&text);
}

static void
the_raw_row_keeps_what_the_file_has(void **state)
{
	struct span in = SPAN("a\\\"b\x1f"
			      "c\n");
	struct csv *csv = csv_new(IMPORT_TOUTEN, IMPORT_QUOTE_BACKSLASH, 1);
	struct csv_row row;

	(void)state;
	assert_int_equal(csv_next(csv, &in, &row, NULL), CSV_ROW);
	assert_span_equal(row.raw, "a\\\"b、c");
	csv_free(&csv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_every_shape_in_any_pieces),
	    cmocka_unit_test(unclosed_quote_names_its_line),
	    cmocka_unit_test(cells_have_a_limit),
	    cmocka_unit_test(columns_have_a_limit),
	    cmocka_unit_test(keeps_the_beginning_of_the_raw_row),
	    cmocka_unit_test(blanks_may_go_with_the_mark),
	    cmocka_unit_test(reads_every_way_of_quoting),
	    cmocka_unit_test(people_behind_an_open_quote_stop_the_file),
	    cmocka_unit_test(the_raw_row_keeps_what_the_file_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
