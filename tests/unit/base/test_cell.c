/* Cells: what is quoted, what no spreadsheet calculates with, and that both are
 * taken back. */
#include "tests/unit/unit.h"

#include "core/base/cell.h"

static const struct {
	const char *text, *cell;
} cases[] = {
    {"", ""},
    {"plain", "plain"},
    {"a,b", "\"a,b\""},
    {"say \"hi\"", "\"say \"\"hi\"\"\""},
    {"two\nlines", "\"two\nlines\""},
    {"two\r\nlines", "\"two\r\nlines\""},
    {" edge", "\" edge\""},
    {"edge ", "\"edge \""},
    {"=1+1", "'=1+1"},
    {"+81-3-1234-5678", "'+81-3-1234-5678"},
    {"-5", "'-5"},
    {"@SUM(A1)", "'@SUM(A1)"},
    {"\tx", "'\tx"},
    {"\rx", "\"'\rx\""},
    {"\nx", "\"'\nx\""},
    {"＝cmd", "'＝cmd"},
    {"＋81", "'＋81"},
    {"－5", "'－5"},
    {"＠x", "'＠x"},
    {"=HYPERLINK(\"http://x\",\"y\")",
	"\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
    {"'=1", "''=1"},
    {"''-1", "'''-1"},
    {"'quoted'", "'quoted'"},
    {"'", "'"},
    {"a=b", "a=b"},
    {"ー長音", "ー長音"},
};

static void
cells_are_written(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&out);
		cell_put(&out, ',', span_of(cases[i].text));
		if (!span_equal(buf_span(&out), span_of(cases[i].cell)))
			fail_msg("%s: %s", cases[i].text, out.ptr);
	}
	buf_done(&out);
}

/* Without its quotes, and quotes inside single again. */
static void
unquote(struct span cell, struct buf *out)
{
	bool quoted = cell.len && cell.ptr[0] == '"';

	for (size_t i = quoted; i + quoted < cell.len; i++) {
		buf_char(out, cell.ptr[i]);
		if (quoted && cell.ptr[i] == '"')
			i++;
	}
}

static void
every_text_comes_back(void **state)
{
	struct buf out = BUF_INIT, inner = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&out);
		buf_clear(&inner);
		cell_put(&out, ',', span_of(cases[i].text));
		unquote(buf_span(&out), &inner);
		assert_span_equal(cell_plain(buf_span(&inner)), cases[i].text);
	}
	buf_done(&out);
	buf_done(&inner);
}

static void
the_delimiter_alone_is_quoted(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	cell_put(&out, ';', SPAN("a,b"));
	cell_put(&out, ';', SPAN("a;b"));
	assert_string_equal(out.ptr, "a,b\"a;b\"");
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cells_are_written),
	    cmocka_unit_test(every_text_comes_back),
	    cmocka_unit_test(the_delimiter_alone_is_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
