/* The table inside a file: headers, data, and what is neither. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/import/table.h"

/* Appends "names | first line: data lines; left: line+why ...". */
static void
tell(const char *text, const struct import_form *form, struct buf *out)
{
	static const char why[] = {'a', 'b', 'r', 't'};
	struct table_search *search = table_search_new(form);
	struct span in = span_of(text);
	struct table table = {0};
	struct table_left left = {0};
	struct csv *csv = csv_new(',', IMPORT_QUOTE_DOUBLE, 1);
	struct csv_row row;

	buf_clear(out);
	buf_text(out, "");
	while (csv_next(csv, &in, &row, NULL) == CSV_ROW &&
	       table_search_row(search, &row))
		;
	csv_free(&csv);
	if (!table_search_end(search, &table)) {
		buf_text(out, "nothing");
		table_search_free(&search);
		return;
	}
	for (size_t i = 0; i < table.at.columns; i++)
		buf_printf(
		    out, "%s%.*s", i ? "," : "", SPAN_ARG(table.name[i]));
	for (int i = 0; i < table.at.header_rows; i++)
		buf_printf(out, " h%d", (int)table.at.header_line[i]);
	buf_text(out, " :");
	csv = csv_new(',', IMPORT_QUOTE_DOUBLE, 1);
	in = span_of(text);
	while (csv_next(csv, &in, &row, NULL) == CSV_ROW) {
		if (table_takes(&table, &row, &left))
			buf_printf(out, " %d", (int)row.line);
	}
	for (size_t i = 0; i < left.count; i++)
		buf_printf(out, " %c%d", why[left.kept[i].why],
		    (int)left.kept[i].line);
	csv_free(&csv);
	free(left.kept);
	table_done(&table);
	table_search_free(&search);
}

static void
finds_the_table(void **state)
{
	static const struct {
		const char *text, *wanted;
		struct import_form form;
	} cases[] = {
	    /* plain */
	    {"email,name\na@b.jp,A\n", "email,name h1 : 2", {0}},
	    {"\n\n,,\nemail,name\na@b.jp,A\n", "email,name h4 : 5", {0}},
	    {"email,name\n", "email,name h1 :", {0}},
	    {"\n,,\n", "nothing", {0}},
	    {"連絡先,氏名\na@b.jp,A\n", "連絡先,氏名 h1 : 2", {0}},
	    {"住所録\na@b.jp\nb@b.jp\n", "住所録 h1 : 2 3", {0}},
	    {"a@b.jp,A\nb@b.jp,B\n", ", : 1 2", {0}},
	    {"ａ＠b.jp,A\nb@b.jp,B\n", ", : 1 2", {0}},
	    /* a first person without an address is no header */
	    {"email,name\n,A\nx,B\na@b.jp,C\n", "email,name h1 : 2 3 4", {0}},
	    /* titles */
	    {"会員一覧\n2026年4月1日現在\n\nメール,氏名\na@b.jp,A\n",
		"メール,氏名 h4 : 5 a1 a2", {0}},
	    {"会員一覧,,\n,,\nメール,氏名,年齢\na@b.jp,A,3\n",
		"メール,氏名,年齢 h3 : 4 a1", {0}},
	    {"出力日,2026/4/1,\n連絡先,氏名,メール\nx,A,a@b.jp\n",
		"連絡先,氏名,メール h1 h2 : 3", {0}},
	    {"会員一覧\na@b.jp,A\nb@b.jp,B\n", ", : 2 3 a1", {0}},
	    {"会員一覧\n連絡先,氏名\na@b.jp,A\n", "連絡先,氏名 h2 : 3 a1", {0}},
	    /* whom to ask */
	    {"問合せ: a@b.jp,,\nメール,氏名,年齢\nb@b.jp,B,3\n",
		"メール,氏名,年齢 h2 : 3 a1", {0}},
	    {"会員一覧\nAsk a@b.jp\n\nemail,name\nb@b.jp,B\n",
		"email,name h4 : 5 a1 a2", {0}},
	    {"a@b.jp,\nemail,name\nb@b.jp,B\n", ", : 1 2 3", {0}},
	    {"総務,a@b.jp\nemail,name\nb@b.jp,B\n", ", : 1 2 3", {0}},
	    {"Ask a@b.jp,\nb@b.jp,B\n", ", : 1 2", {0}},
	    {"B b@b.jp\nC c@b.jp\nemail\nD d@b.jp\n", " : 1 2 3 4", {0}},
	    /* headers by their word, whatever else stands beside it */
	    {"メールアドレス,氏名,info@b.jp\na@b.jp,A,1\n",
		"メールアドレス,氏名,info@b.jp h1 : 2", {0}},
	    {"メール,info@b.jp\na@b.jp,A\n", ", : 1 2", {0}},
	    {"a@b.jp,A\nメールアドレス,info@b.jp\n", ", : 1 2", {0}},
	    /* two header rows */
	    {"email,name\nメールアドレス,氏名\na@b.jp,A\n",
		"メールアドレス,氏名 h1 h2 : 3", {0}},
	    {"氏名,,連絡先,\n姓,名,メール,電話\nA,B,a@b.jp,1\n",
		"姓,名,メール,電話 h1 h2 : 3", {0}},
	    {"メールアドレス,氏名,,会員番号\n,姓,名,\na@b.jp,A,B,1\n",
		"メールアドレス,姓,名,会員番号 h1 h2 : 3", {0}},
	    {"会員一覧,,,\n氏名,,連絡先,\n姓,名,メール,電話\nA,B,a@b.jp,1\n",
		"姓,名,メール,電話 h2 h3 : 4 a1", {0}},
	    /* headers once more */
	    {"email,name\na@b.jp,A\nemail,name\n email , name\nb@b.jp,B\n",
		"email,name h1 : 2 5 r3 r4", {0}},
	    /* sums */
	    {"email,name\na@b.jp,A\n合計 1 件\n", "email,name h1 : 2 t3", {0}},
	    {"email,name\na@b.jp,A\n合計,\"1,234 件\"\n",
		"email,name h1 : 2 t3", {0}},
	    {"email,name\na@b.jp,A\nTotal: 1\n", "email,name h1 : 2 t3", {0}},
	    {"email,name\na@b.jp,A\nTotal,,1\n", "email,name h1 : 2 t3", {0}},
	    {"email,name\na@b.jp,A\n全1,234件\n", "email,name h1 : 2 3", {0}},
	    {"email,name\na@b.jp,A\n\"全1,234件\"\n", "email,name h1 : 2 t3",
		{0}},
	    {"email,name\na@b.jp,A\n１２ 名\n", "email,name h1 : 2 t3", {0}},
	    {"email,name\na@b.jp,A\n小計　5\nb@b.jp,B\n",
		"email,name h1 : 2 4 t3", {0}},
	    /* people who look like sums are not left out */
	    {"name,email\n計,a@b.jp\nTotal,b@b.jp\n", "name,email h1 : 2 3",
		{0}},
	    {"name,city\n計,東京\nSumner,\n計良,\n", "name,city h1 : 2 3 4",
		{0}},
	    {"email,name\na@b.jp,A\n※社外秘\n", "email,name h1 : 2 3", {0}},
	    /* given */
	    {"a@b.jp,A\nb@b.jp,B\n", "a@b.jp,A h1 : 2",
		{.header = IMPORT_HEADER_YES}},
	    {"email,name\na@b.jp,A\n", ", : 1 2", {.header = IMPORT_HEADER_NO}},
	    {"x,y\nz,w\nq,r\na@b.jp,A\n", "z,w h2 : 3 4 a1",
		{.header = IMPORT_HEADER_YES, .first_line = 2}},
	    {"x,y\nz,w\nq,r\na@b.jp,A\n", ", : 3 4 a1 a2",
		{.header = IMPORT_HEADER_NO, .first_line = 3}},
	    {"email\na@b.jp\nb@b.jp\nc@b.jp\n", "email h1 : 2 3 b4",
		{.last_line = 3}},
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		tell(cases[i].text, &cases[i].form, &out);
		if (strcmp(out.ptr, cases[i].wanted) != 0)
			fail_msg("case %zu: %s", i, out.ptr);
	}
	buf_done(&out);
}

/* Only the first ones are kept, and all are counted. */
static void
counts_what_it_does_not_keep(void **state)
{
	struct table table = {.on = true, .at = {.first_line = 1}};
	struct table_left left = {0};
	struct csv *csv = csv_new(',', IMPORT_QUOTE_DOUBLE, 1);
	struct csv_row row;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct span in = SPAN("合計 3\n");

		assert_int_equal(csv_next(csv, &in, &row, NULL), CSV_ROW);
		assert_false(table_takes(&table, &row, &left));
	}
	assert_int_equal(left.count, 300);
	assert_int_equal(left.kept[IMPORT_LEFT_KEPT - 1].line, 200);
	assert_string_equal(left.kept[0].text, "合計 3");
	csv_free(&csv);
	free(left.kept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_table),
	    cmocka_unit_test(counts_what_it_does_not_keep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
