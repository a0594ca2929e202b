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
parse(struct span in, char delimiter, size_t step, struct buf *text,
    struct err *err)
{
	struct csv *csv = csv_new(delimiter, 1);
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

static void
reads_every_shape_in_any_pieces(void **state)
{
	static const struct {
		char delimiter;
		const char *in, *wanted;
	} cases[] = {
	    {',', "", ""},
	    {',', "\n\r\n\r", ""},
	    {',', "a", "1:[a] "},
	    {',', "a,b\n", "1:[a][b] "},
	    {',', "a,b\r\nc,d\r\n", "1:[a][b] 2:[c][d] "},
	    {',', "a\rb\rc", "1:[a] 2:[b] 3:[c] "},
	    {',', "a\r\nb\nc\rd\r\n", "1:[a] 2:[b] 3:[c] 4:[d] "},
	    {',', "a\n\n\nb", "1:[a] 4:[b] "},
	    {',', ",,\n,", "1:[][][] 2:[][] "},
	    {',', "a,\n", "1:[a][] "},
	    {',', "\"a,b\",c", "1:[a,b][c] "},
	    {',', "\"a\"\"b\",\"\"", "1:[a\"b][] "},
	    {',', "\"\"\"\"", "1:[\"] "},
	    {',', "\"a\nb\r\nc\rd\",e\nf", "1:[a\nb\r\nc\rd][e] 5:[f] "},
	    {',', "\"a\r\",b\nc", "1:[a\r][b] 3:[c] "},
	    {',', "a\"b\",c\"\n", "1:[a\"b\"][c\"] "},
	    {',', " \"a\",b", "1:[ \"a\"][b] "},
	    {',', "\"a\" ,b", "1:[a][b] "},
	    {',', "\"a\"x,b\n\"c\"", "1:!ax][b] 2:[c] "},
	    {',', "b,\"a\" x\"y\n", "1:[b]!ax\"y] "},
	    {',', "\"a\\\"b\",c", "1:!a\\b\"][c] "},
	    {';', "a,b;c\n", "1:[a,b][c] "},
	    {'\t', "a b\tc;d,e", "1:[a b][c;d,e] "},
	    {',', "\"a\n", NULL},
	};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t step = 1; step < 8; step++) {
			struct buf text = BUF_INIT;
			int rc = parse(span_of(cases[i].in), cases[i].delimiter,
			    step, &text, &err);

			if (!cases[i].wanted)
				assert_int_equal(rc, -1);
			else if (!span_equal(
				     buf_span(&text), span_of(cases[i].wanted)))
				fail_msg("case %zu by %zu: %s", i, step,
				    text.ptr ? text.ptr : "");
			buf_done(&text);
		}
	}
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
	struct csv *csv = csv_new(',', 1);
	struct csv_row row;

	(void)state;
	assert_int_equal(csv_next(csv, &in, &row, NULL), CSV_ROW);
	assert_span_equal(row.raw, "\"a \"\"b\"\"\" ,\"c\r\nd\"");
	csv_free(&csv);
}

static void
finds_the_delimiter(void **state)
{
	static const struct {
		const char *head;
		char wanted;
		size_t taken;
	} cases[] = {
	    {"", ',', 0},
	    {"email\na@example.com\n", ',', 0},
	    {"a,b\n1,2\n", ',', 0},
	    {"a;b;c\n1,5;2;3\n", ';', 0},
	    {"a\tb\n\"1,2;3\"\t2\n", '\t', 0},
	    {"a,b\n\"x;y;z\",2\n\"x;y\",2\n", ',', 0},
	    {"sep=;\na,b;c\n", ';', 5},
	    {"SEP=\t\r\na,b\n", '\t', 5},
	    {"sep=|\na,b\n", ',', 0},
	    {"a;b", ';', 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct span head = span_of(cases[i].head);
		size_t before = head.len;
		char got = csv_delimiter(&head);

		if (got != cases[i].wanted ||
		    before - head.len != cases[i].taken)
			fail_msg("case %zu: '%c'", i, got);
	}
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
	    cmocka_unit_test(finds_the_delimiter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
