/* How the cells of a file are cut, found from its beginning. */
#include "tests/unit/unit.h"

#include "core/base/buf.h"
#include "core/import/dialect.h"

#define D IMPORT_QUOTE_DOUBLE
#define B IMPORT_QUOTE_BACKSLASH
#define N IMPORT_QUOTE_NONE
#define T IMPORT_TOUTEN

static void
finds_delimiter_and_quotes(void **state)
{
	static const struct {
		const char *head;
		char delimiter;
		enum import_quote quote;
		size_t sep_len;
	} cases[] = {
	    {"", ',', D, 0},
	    {"email\na@example.com\n", ',', D, 0},
	    {"a,b\n1,2\n", ',', D, 0},
	    {"a;b;c\n1,5;2;3\n", ';', D, 0},
	    {"a;b", ';', D, 0},
	    {"a\tb\n\"1,2;3\"\t2\n", '\t', D, 0},
	    {"a,b\n\"x;y;z\",2\n\"x;y\",2\n", ',', D, 0},
	    {"a|b|c\n1|2,5|3\n4|5|6\n", '|', D, 0},
	    {"氏名|ポスト|メール\n山田|表示|a@example.jp\n", '|', D, 0},
	    /* the line that Excel reads */
	    {"sep=;\na,b;c\n", ';', D, 5},
	    {"SEP=\t\r\na,b\n", '\t', D, 5},
	    {"sep=|\na,b\n", '|', D, 5},
	    {"sep=,", ',', D, 5},
	    {"sep=x\na;b\n", ';', D, 0},
	    {"sep=;;\na,b\nc,d\n", ',', D, 0},
	    /* titles above, totals below */
	    {"会員一覧\n2026年4月\n\nメール;氏名;住所\na@example.jp;x;y, z\n"
	     "b@example.jp;x;y, z\n合計 2 件\n",
		';', D, 0},
	    /* every row has one of each: the address decides */
	    {"a@example.jp\tTokyo, JP\nb@example.jp\tKobe, JP\n", '\t', D, 0},
	    /* two addresses in a cell do not make a delimiter */
	    {"name,mail\nx,a@example.jp;b@example.jp\n"
	     "y,c@example.jp;d@example.jp\n",
		',', D, 0},
	    /* the ideographic comma, where nothing else cuts */
	    {"山田太郎、a@example.jp\n佐藤花子、b@example.jp\n", T, D, 0},
	    {"氏名,備考\n山田,赤、青\n佐藤,白、黒\n", ',', D, 0},
	    {"山田、東京、晴れ\n佐藤、大阪、雨\n", ',', D, 0},
	    /* quotes */
	    {"a,b\n\"x \"\"y\"\"\",2\n", ',', D, 0},
	    {"a,b\n\"x \\\"y\\\"\",2\n\"z\",3\n", ',', B, 0},
	    {"a,b\n\"\\\"x\\\", y\",2\n\"z\",3\n", ',', B, 0},
	    {"a,b\n\"C:\\\",2\n\"D:\\\",3\n", ',', D, 0},
	    {"1\ta@example.jp\t\\N\n2\tb@example.jp\tx\n", '\t', B, 0},
	    {"a,b\n\"特別会員,2\n\"山田,3\n", ',', N, 0},
	    {"a,b\n\"A\" 会員,2\n\"B\" 会員,3\n", ',', N, 0},
	    /* one mark that is not closed is a mistake */
	    {"a,b\n\"特別会員,2\n山田,3\n", ',', D, 0},
	    {"a,b\n\"A\" 会員,2\n山田,3\n", ',', D, 0},
	    {"a,b\n\"x, y\",2\n\"A\" 会員,2\n", ',', D, 0},
	    {"a,b\n5\" disk,2\nx,3\n", ',', D, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dialect got = {0};

		dialect_find(span_of(cases[i].head), DIALECT_WHOLE, &got);
		if (got.delimiter != cases[i].delimiter ||
		    got.quote != cases[i].quote ||
		    got.sep_len != cases[i].sep_len)
			fail_msg("case %zu: '%c' %d %zu", i, got.delimiter,
			    (int)got.quote, got.sep_len);
	}
}

static void
blanks_before_quotes(void **state)
{
	static const struct {
		const char *head;
		bool blanks;
	} cases[] = {
	    {"\"a\", \"b\"\n\"1\", \"2\"\n", true},
	    {"a, b\n1, \"x, y\"\n2, \"z\"\n", true},
	    {"a,b\n1,\"x\"\n2,\"y\"\n", false},
	    {"a, b\n1, 2\n", false},
	    /* letters behind the mark: it is one itself */
	    {"a,b\n1, \"Sushi\" Bar\n2, \"Noodle\" Bar\n", false},
	    {"a,b\n1, \"x\n2, \"y\n", false},
	    /* a single one is rather a slip */
	    {"a,b\n1, \"x\"\n2,y\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dialect got = {0}, again;

		dialect_find(span_of(cases[i].head), DIALECT_WHOLE, &got);
		if (got.blanks != cases[i].blanks || got.delimiter != ',')
			fail_msg("case %zu", i);
		again = (struct dialect){
		    .delimiter = got.delimiter, .quote = got.quote};
		dialect_find(span_of(cases[i].head), DIALECT_WHOLE, &again);
		assert_true(again.blanks == got.blanks);
	}
}

static void
what_is_given_stays(void **state)
{
	struct dialect got = {.delimiter = ',', .quote = B};

	(void)state;
	dialect_find(SPAN("sep=;\na;b\n1;2\n"), DIALECT_WHOLE, &got);
	assert_int_equal(got.delimiter, ',');
	assert_int_equal(got.quote, B);
	assert_int_equal(got.sep_len, 5);
	got = (struct dialect){.delimiter = T};
	dialect_find(SPAN("a,b\n1,2\n"), DIALECT_WHOLE, &got);
	assert_int_equal(got.delimiter, T);
	assert_int_equal(got.quote, D);
	got = (struct dialect){.quote = N};
	dialect_find(SPAN("a;b\n\"1;2\"\n"), DIALECT_WHOLE, &got);
	assert_int_equal(got.delimiter, ';');
	assert_int_equal(got.quote, N);
}

/* The last row of a part may be cut anywhere, even in its quotes. */
static void
a_cut_row_is_no_fault(void **state)
{
	struct dialect got = {0};

	(void)state;
	dialect_find(
	    SPAN("a;b\n\"x, y\";2\n\"z, y\";3\n\"w"), DIALECT_PART, &got);
	assert_int_equal(got.delimiter, ';');
	assert_int_equal(got.quote, D);
}

static void
ideographic_commas_become_one_octet(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	buf_text(&text, "、あ、い\x1f、\xe3\x80");
	dialect_fold(&text);
	assert_span_equal(buf_span(&text), "\x1fあ\x1fい\x1e\x1f\xe3\x80");
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_delimiter_and_quotes),
	    cmocka_unit_test(blanks_before_quotes),
	    cmocka_unit_test(what_is_given_stays),
	    cmocka_unit_test(a_cut_row_is_no_fault),
	    cmocka_unit_test(ideographic_commas_become_one_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
