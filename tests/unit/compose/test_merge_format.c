/* Formats: which are known, what is read as a date or number, how it is
 * written in both languages; and honorifics. */
#include "core/compose/merge_format.h"

#include <stdlib.h>

#include "core/base/mem.h"

#include "tests/unit/unit.h"

static void
test_written(void **state)
{
	static const struct {
		const char *format, *value, *ja, *en; /* NULL: not read */
	} row[] = {
	    {"date", "2026-11-25", "2026年11月25日", "25 November 2026"},
	    {"date", "2026-01-05", "2026年1月5日", "5 January 2026"},
	    {"date", "2026/11/25", "2026年11月25日", "25 November 2026"},
	    {"date", "2026/1/5", "2026年1月5日", "5 January 2026"},
	    {"date", "20260105", "2026年1月5日", "5 January 2026"},
	    {"date", "2026年1月5日", "2026年1月5日", "5 January 2026"},
	    {"date", " ２０２６／１／５　", "2026年1月5日", "5 January 2026"},
	    {"date", "2026-11-25T23:59", "2026年11月25日", "25 November 2026"},
	    {"date", "2026-11-25 09:00:59.123", "2026年11月25日",
		"25 November 2026"},
	    {"date", "2026-11-25T23:59:59+09:00", "2026年11月25日",
		"25 November 2026"},
	    {"date", "2026-11-25T23:59:59-0530", "2026年11月25日",
		"25 November 2026"},
	    {"date", "2024-02-29", "2024年2月29日", "29 February 2024"},
	    {"date", "2000-02-29", "2000年2月29日", "29 February 2000"},
	    {"date", "1900-02-29", NULL, NULL},
	    {"date", "2026-02-29", NULL, NULL},
	    {"date", "2026-11-31", NULL, NULL},
	    {"date", "2026-13-01", NULL, NULL},
	    {"date", "2026-00-01", NULL, NULL},
	    {"date", "2026-01-00", NULL, NULL},
	    {"date", "0000-01-01", NULL, NULL},
	    {"date", "2026-1-5", NULL, NULL},
	    {"date", "2026-1105", NULL, NULL},
	    {"date", "26/11/25", NULL, NULL},
	    {"date", "11/25/2026", NULL, NULL},
	    {"date", "25.11.2026", NULL, NULL},
	    {"date", "2026-11-25T23:59Z", NULL, NULL},
	    {"date", "2026-11-25T24:00", NULL, NULL},
	    {"date", "2026-11-25T9:00", NULL, NULL},
	    {"date", "2026-11-25T", NULL, NULL},
	    {"date", "2026-11-25x", NULL, NULL},
	    {"date", "2026年11月", NULL, NULL},
	    {"date", "令和8年1月5日", NULL, NULL},
	    {"date", "soon", NULL, NULL},
	    {"date full", "2026-11-25", "2026年11月25日(水)",
		"Wednesday, 25 November 2026"},
	    {"date short", "2026-01-05", "2026/01/05", "5 Jan 2026"},
	    {"date iso", "2026/1/5", "2026-01-05", "2026-01-05"},
	    {"day", "2026-11-25", "11月25日", "25 November"},
	    {"day full", "2026-11-25", "11月25日(水)",
		"Wednesday, 25 November"},
	    {"weekday", "2026-11-22", "日曜日", "Sunday"},
	    {"weekday", "2000-01-01", "土曜日", "Saturday"},
	    {"weekday", "2024-02-29", "木曜日", "Thursday"},
	    {"time", "2026-11-25T09:05", "9:05", "9:05"},
	    {"time", "2026-11-25", NULL, NULL},
	    {"era", "2026-11-25", "令和8年11月25日", "令和8年11月25日"},
	    {"era", "2019-05-01", "令和元年5月1日", "令和元年5月1日"},
	    {"era", "2019-04-30", "平成31年4月30日", "平成31年4月30日"},
	    {"era", "1989-01-08", "平成元年1月8日", "平成元年1月8日"},
	    {"era", "1989-01-07", "昭和64年1月7日", "昭和64年1月7日"},
	    {"era", "1926-12-25", "昭和元年12月25日", "昭和元年12月25日"},
	    {"era", "1926-12-24", "大正15年12月24日", "大正15年12月24日"},
	    {"era", "1912-07-30", "大正元年7月30日", "大正元年7月30日"},
	    {"era", "1912-07-29", "明治45年7月29日", "明治45年7月29日"},
	    {"era", "1873-01-01", "明治6年1月1日", "明治6年1月1日"},
	    {"era", "1872-12-31", NULL, NULL},
	    {"era full", "2026-11-25", "令和8年11月25日(水)",
		"令和8年11月25日(水)"},
	    {"era year", "2026-11-25", "令和8年", "令和8年"},
	    {"日付", "2026-11-25", "2026年11月25日", "2026年11月25日"},
	    {"和暦　曜日", "2026-11-25", "令和8年11月25日(水)",
		"令和8年11月25日(水)"},
	    {"date en", "2026-11-25", "25 November 2026", "25 November 2026"},
	    {"date full ja", "2026-11-25", "2026年11月25日(水)",
		"2026年11月25日(水)"},
	    {"number", "1200", "1,200", "1,200"},
	    {"number", "1,234,567.50", "1,234,567.50", "1,234,567.50"},
	    {"number", "-1200", "-1,200", "-1,200"},
	    {"number", "+12", "12", "12"},
	    {"number", "０１２", "12", "12"},
	    {"number", "−5", "-5", "-5"},
	    {"number", "0", "0", "0"},
	    {"number", "000", "0", "0"},
	    {"number", "-0.0", "0.0", "0.0"},
	    {"number", "123456789012345678901234567890",
		"123,456,789,012,345,678,901,234,567,890",
		"123,456,789,012,345,678,901,234,567,890"},
	    {"number", "1234567890123456789012345678901", NULL, NULL},
	    {"number", "1.200.000", NULL, NULL},
	    {"number", "1,20", NULL, NULL},
	    {"number", "1200,000", NULL, NULL},
	    {"number", "1,2000", NULL, NULL},
	    {"number", ",200", NULL, NULL},
	    {"number", "1,", NULL, NULL},
	    {"number", "1.", NULL, NULL},
	    {"number", ".5", NULL, NULL},
	    {"number", "1e3", NULL, NULL},
	    {"number", "1 200", NULL, NULL},
	    {"number", "12a", NULL, NULL},
	    {"number", "-", NULL, NULL},
	    {"number", "¥1200", NULL, NULL},
	    {"number 0", "1200.5", "1,201", "1,201"},
	    {"number 0", "1200.4999", "1,200", "1,200"},
	    {"number 0", "-0.4", "0", "0"},
	    {"number 2", "1200", "1,200.00", "1,200.00"},
	    {"number 2", "999.995", "1,000.00", "1,000.00"},
	    {"number 1", "-0.05", "-0.1", "-0.1"},
	    {"number 6", "0.1", "0.100000", "0.100000"},
	    {"数", "1200", "1,200", "1,200"},
	    {"yen", "1200", "1,200円", "¥1,200"},
	    {"yen en", "1200", "¥1,200", "¥1,200"},
	    {"円", "-1200.00", "-1,200円", "-1,200円"},
	    {"¥", "-1200", "-¥1,200", "-¥1,200"},
	    {"¥", "0", "¥0", "¥0"},
	    {"yen", "1200.5", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row * 2; i++) {
		bool ja = i % 2 == 0;
		const char *wanted = ja ? row[i / 2].ja : row[i / 2].en;
		struct merge_format format;
		struct buf out = BUF_INIT;
		int rc;

		assert_true(merge_format_read(span_of(row[i / 2].format),
		    ja ? MERGE_LANGUAGE_JA : MERGE_LANGUAGE_EN, &format));
		rc = merge_format_write(
		    &format, span_of(row[i / 2].value), &out);
		if (rc != (wanted ? 0 : -1) ||
		    !span_equal(buf_span(&out), span_of(wanted)))
			fail_msg("%s of %s: %d %.*s", row[i / 2].format,
			    row[i / 2].value, rc, SPAN_ARG(buf_span(&out)));
		buf_done(&out);
	}
}

static void
test_names_of_formats(void **state)
{
	static const char *const unknown[] = {"", " ", "Date", "dates", "en",
	    "date date", "date 2", "number 7", "number 10", "era ja", "円 en",
	    "様 ja", "number2",
	    "long long long long long long long long long "
	    "long long long long long long long"};
	struct merge_format format;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		if (merge_format_read(
			span_of(unknown[i]), MERGE_LANGUAGE_EN, &format))
			fail_msg("%s", unknown[i]);
	}
	for (; merge_format_name(count); count++)
		assert_true(merge_format_read(span_of(merge_format_name(count)),
		    MERGE_LANGUAGE_EN, &format));
	assert_true(count >= FORMAT_KINDS - 1);
	assert_true(merge_format_read(
	    SPAN(" number　2  en"), MERGE_LANGUAGE_JA, &format));
	assert_int_equal(format.decimals, 2);
	assert_int_equal(format.language, MERGE_LANGUAGE_EN);
}

/* No value is a date or number that reads beyond its octets. */
static void
test_octets(void **state)
{
	struct merge_format date, number;

	(void)state;
	assert_true(merge_format_read(SPAN("date"), MERGE_LANGUAGE_JA, &date));
	assert_true(
	    merge_format_read(SPAN("number 2"), MERGE_LANGUAGE_JA, &number));
	for (int i = 0; i < 256; i++) {
		char value[] = "2026-11-25T";
		struct buf out = BUF_INIT;

		value[10] = (char)i;
		for (size_t len = 0; len <= 11; len++) {
			char *tight = mem_text(span_make(value, len));
			merge_format_write(&date, span_make(tight, len), &out);
			merge_format_write(
			    &number, span_make(tight, len), &out);
			free(tight);
		}
		buf_done(&out);
	}
}

static void
test_sama(void **state)
{
	static const char *const row[][2] = {
	    {"山田 太郎", "山田 太郎 様"},
	    {"　山田　太郎 ", "山田　太郎 様"},
	    {"John Smith", "John Smith 様"},
	    {"山田 太郎 様", "山田 太郎 様"},
	    {"山田太郎様", "山田太郎様"},
	    {"やまださま", "やまださま"},
	    {"株式会社例示 御中", "株式会社例示 御中"},
	    {"鈴木先生", "鈴木先生"},
	    {"保護者各位", "保護者各位"},
	    {"知事 殿", "知事 殿"},
	    {" 　", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf out = BUF_INIT;

		merge_name_sama(span_of(row[i][0]), &out);
		assert_span_equal(buf_span(&out), row[i][1]);
		buf_done(&out);
	}
}

static void
test_addressee(void **state)
{
	static const struct {
		/* company, section, post, family, given, title */
		const char *part[NAME_PARTS], *name, *ja, *en;
	} row[] = {
	    {{"", "", "", "", "", ""}, "", "", ""},
	    {{"", "", "", "", "", ""}, "山田 太郎", "山田 太郎 様",
		"山田 太郎 様"},
	    {{"", "", "", "山田", "太郎", ""}, "", "山田 太郎 様",
		"山田 太郎 様"},
	    {{"", "", "", "山田", "太郎", ""}, "ヤマダ", "山田 太郎 様",
		"山田 太郎 様"},
	    {{"株式会社例示", "", "", "", "", ""}, "", "株式会社例示 御中",
		"株式会社例示 御中"},
	    {{"株式会社例示", "営業部", "", "", "", ""}, "",
		"株式会社例示 営業部 御中", "株式会社例示 営業部 御中"},
	    {{"株式会社例示", "営業部", "", "山田", "太郎", ""}, "",
		"株式会社例示 営業部 山田 様", "株式会社例示 営業部 山田 様"},
	    {{"株式会社例示", "営業部", "部長", "山田", "太郎", ""}, "",
		"株式会社例示 営業部 部長 山田 様",
		"株式会社例示 営業部 部長 山田 様"},
	    {{"株式会社例示", "", "", "", "", ""}, "山田 太郎",
		"株式会社例示 山田 太郎 様", "株式会社例示 山田 太郎 様"},
	    {{"株式会社例示 御中", "", "", "山田", "", ""}, "",
		"株式会社例示 山田 様", "株式会社例示 山田 様"},
	    {{"株式会社例示御中", "", "", "", "", ""}, "", "株式会社例示御中",
		"株式会社例示御中"},
	    {{"株式会社例示御中", "営業部", "", "", "", ""}, "",
		"株式会社例示 営業部 御中", "株式会社例示 営業部 御中"},
	    {{"例示会", "", "", "", "", "各位"}, "", "例示会 各位",
		"例示会 各位"},
	    {{"例示医院", "", "", "鈴木", "", "先生"}, "", "例示医院 鈴木 先生",
		"例示医院 鈴木 先生"},
	    {{"", "", "", "鈴木", "", "御中"}, "", "鈴木 様", "鈴木 様"},
	    {{"", "", "", "", "", "様"}, "山田様", "山田様", "山田様"},
	    {{"", "", "", "", "", ""}, "鈴木先生", "鈴木先生", "鈴木先生"},
	    {{" ", "　", "", " ", "", ""}, "　", "", ""},
	    {{"", "", "", "", "", "Mr."}, "John Smith", "John Smith Mr.",
		"Mr. John Smith"},
	    {{"", "", "", "Smith", "John", ""}, "", "Smith John 様",
		"John Smith"},
	    {{"Example Ltd.", "Sales", "", "", "", ""}, "",
		"Example Ltd. Sales 御中", "Example Ltd."},
	    {{"Example Ltd.", "", "", "Smith", "John", "Ms."}, "",
		"Example Ltd. Smith Ms.", "Ms. John Smith"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row * 2; i++) {
		bool ja = i % 2 == 0;
		struct span part[NAME_PARTS];
		struct buf out = BUF_INIT;

		for (size_t k = 0; k < NAME_PARTS; k++)
			part[k] = span_of(row[i / 2].part[k]);
		merge_name_addressee(part, span_of(row[i / 2].name),
		    ja ? MERGE_LANGUAGE_JA : MERGE_LANGUAGE_EN, &out);
		if (!span_equal(buf_span(&out),
			span_of(ja ? row[i / 2].ja : row[i / 2].en)))
			fail_msg("%zu: %.*s", i, SPAN_ARG(buf_span(&out)));
		buf_done(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_written),
	    cmocka_unit_test(test_names_of_formats),
	    cmocka_unit_test(test_octets),
	    cmocka_unit_test(test_sama),
	    cmocka_unit_test(test_addressee),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
