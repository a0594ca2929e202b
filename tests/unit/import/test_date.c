/* Dates as offices and programs write them, and IP addresses. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <time.h>

#include "core/import/date.h"

static const int64_t day_ms = INT64_C(86400000);

/* 2025-04-02 00:00 in Tokyo. */
static const int64_t april_ms = INT64_C(1743519600000);

static int
in_tokyo(void **state)
{
	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	return 0;
}

static void
reads_the_day_in_any_form(void **state)
{
	static const char *const cells[] = {"2025-04-02", "2025/4/2",
	    "2025/04/02", "2025.4.2", " 2025/4/2　", "20250402", "2025年4月2日",
	    "２０２５年４月２日", "2025年4月2日(水)", "2025年4月2日（水）",
	    "令和7年4月2日", "R7.4.2", "r7/4/2", "R07.04.02",
	    "令和７年４月２日", "㋿7年4月2日", "平成37年4月2日", "H37.4.2",
	    "2025-04-02T00:00", "2025-04-02 00:00:00", "2025/4/2 0:00",
	    "2025年4月2日 0時0分", "2025年4月2日 午前0時",
	    "2025-04-01T15:00:00Z", "2025-04-01 15:00:00.123456 +0000 UTC",
	    "2025-04-02T00:00:00+09:00", "2025-04-02 00:00:00 +0900 JST",
	    "2025-04-02 00:00 JST", "20250402000000", "2025-04-02 12:00:00 AM"};

	(void)state;
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		int64_t at_ms = -1;
		enum date_got got =
		    date_read(span_of(cells[i]), IMPORT_ORDER_UNKNOWN, &at_ms);
		if (got != DATE_GOOD || at_ms != april_ms)
			fail_msg("%s: got %d, %lld", cells[i], (int)got,
			    (long long)at_ms);
	}
}

static void
reads_the_time(void **state)
{
	static const struct {
		const char *cell;
		int64_t after_ms;
	} cases[] = {
	    {"2025-04-02 10:11:09", 36669000},
	    {"2025/4/2 10:11", 36660000},
	    {"2025年4月2日 10時11分9秒", 36669000},
	    {"2025年4月2日10時", 36000000},
	    {"2025年4月2日 午後1時5分", 47100000},
	    {"2025年4月2日 午後0時30分", 45000000},
	    {"2025/4/2 1:05:00 PM", 47100000},
	    {"2025/4/2 1:05 am", 3900000},
	    {"2025-04-02T01:11:09Z", 36669000},
	    {"2025-04-02T01:11:09.000Z", 36669000},
	    {"2025-04-01 20:11:09-0500", 36669000},
	    {"2025-04-02, 10:11:09", 36669000},
	    {"20250402101109", 36669000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t at_ms = -1;

		assert_int_equal(date_read(span_of(cases[i].cell),
				     IMPORT_ORDER_UNKNOWN, &at_ms),
		    DATE_GOOD);
		if (at_ms != april_ms + cases[i].after_ms)
			fail_msg("%s: %lld", cases[i].cell,
			    (long long)(at_ms - april_ms));
	}
}

static void
knows_the_eras(void **state)
{
	static const struct {
		const char *cell, *same;
	} cases[] = {
	    {"令和元年5月1日", "2019-05-01"},
	    {"平成31年4月30日", "2019-04-30"},
	    {"平成元年1月8日", "1989-01-08"},
	    {"H31.4.30", "2019-04-30"},
	    {"昭和64年1月7日", "1989-01-07"},
	    {"S64.1.7", "1989-01-07"},
	    {"㍼64年1月7日", "1989-01-07"},
	    {"大正15年12月25日", "1926-12-25"},
	    {"明治45年7月30日", "1912-07-30"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t era = 0, west = 1;

		assert_int_equal(date_read(span_of(cases[i].cell),
				     IMPORT_ORDER_UNKNOWN, &era),
		    DATE_GOOD);
		assert_int_equal(date_read(span_of(cases[i].same),
				     IMPORT_ORDER_UNKNOWN, &west),
		    DATE_GOOD);
		if (era != west)
			fail_msg("%s", cases[i].cell);
	}
}

static void
never_guesses_an_order(void **state)
{
	static const struct {
		const char *cell;
		enum import_order order;
		enum date_got got;
		int days; /* after 2025-04-02 */
		enum date_hint hint;
	} cases[] = {
	    {"04/02/2025", IMPORT_ORDER_MDY, DATE_GOOD, 0, DATE_HINT_EQUAL},
	    {"4/2/2025", IMPORT_ORDER_MDY, DATE_GOOD, 0, DATE_HINT_EQUAL},
	    {"02/04/2025", IMPORT_ORDER_DMY, DATE_GOOD, 0, DATE_HINT_EQUAL},
	    {"2.4.2025 00:00", IMPORT_ORDER_DMY, DATE_GOOD, 0, DATE_HINT_EQUAL},
	    {"04/02/2025", IMPORT_ORDER_UNKNOWN, DATE_ORDER, 0,
		DATE_HINT_EQUAL},
	    {"05/05/2025", IMPORT_ORDER_UNKNOWN, DATE_GOOD, 33,
		DATE_HINT_EQUAL},
	    {"04/22/2025", IMPORT_ORDER_UNKNOWN, DATE_GOOD, 20, DATE_HINT_MDY},
	    {"22/04/2025", IMPORT_ORDER_UNKNOWN, DATE_GOOD, 20, DATE_HINT_DMY},
	    {"22/04/2025", IMPORT_ORDER_MDY, DATE_BAD, 0, DATE_HINT_DMY},
	    {"04/22/2025", IMPORT_ORDER_DMY, DATE_BAD, 0, DATE_HINT_MDY},
	    {"13/13/2025", IMPORT_ORDER_UNKNOWN, DATE_BAD, 0, DATE_HINT_NONE},
	    {"4/2/25", IMPORT_ORDER_MDY, DATE_BAD, 0, DATE_HINT_NONE},
	    {"2025/4/2", IMPORT_ORDER_DMY, DATE_GOOD, 0, DATE_HINT_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t at_ms = -1;
		enum date_got got =
		    date_read(span_of(cases[i].cell), cases[i].order, &at_ms);

		if (got != cases[i].got ||
		    date_hint(span_of(cases[i].cell)) != cases[i].hint)
			fail_msg("%s: %d", cases[i].cell, (int)got);
		if (got == DATE_GOOD)
			assert_int_equal(
			    at_ms, april_ms + cases[i].days * day_ms);
		else
			assert_int_equal(at_ms, -1);
	}
}

static void
says_what_is_no_date(void **state)
{
	static const struct {
		const char *cell;
		enum date_got got;
	} cases[] = {
	    {"", DATE_EMPTY},
	    {"　", DATE_EMPTY},
	    {"0000-00-00", DATE_EMPTY},
	    {"0000-00-00 00:00:00", DATE_EMPTY},
	    {"9999-12-31", DATE_EMPTY},
	    {"45123", DATE_SERIAL},
	    {"45749.5", DATE_SERIAL},
	    {"12345", DATE_BAD},
	    {"99999", DATE_BAD},
	    {"2025-02-29", DATE_BAD},
	    {"2025-13-01", DATE_BAD},
	    {"2025-00-10", DATE_BAD},
	    {"2025-04-31", DATE_BAD},
	    {"2025-04-02 25:00", DATE_BAD},
	    {"2025-04-02 10:61", DATE_BAD},
	    {"2025-04-02 10:11:09 +25:00", DATE_BAD},
	    {"2025-04-02 10:11 CET", DATE_BAD},
	    {"2025-04-02 2025-04-03", DATE_BAD},
	    {"2025-04", DATE_BAD},
	    {"2025年4月", DATE_BAD},
	    {"1.23E+11", DATE_BAD},
	    {"#N/A", DATE_BAD},
	    {"未定", DATE_BAD},
	    {"令和0年4月2日", DATE_BAD},
	    {"昭和100年4月2日", DATE_BAD},
	    {"1825-04-02", DATE_BAD},
	    {"2025-04-02\x1b[0m", DATE_BAD},
	    {"\xff\xfe", DATE_BAD},
	};
	char longer[300];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t at_ms = -1;
		enum date_got got = date_read(
		    span_of(cases[i].cell), IMPORT_ORDER_UNKNOWN, &at_ms);

		if (got != cases[i].got || at_ms != -1)
			fail_msg("%s: %d", cases[i].cell, (int)got);
	}
	memset(longer, '1', sizeof longer);
	assert_int_equal(date_read(span_make(longer, sizeof longer),
			     IMPORT_ORDER_MDY, &(int64_t){0}),
	    DATE_BAD);
	assert_int_equal(
	    date_read(SPAN("2024-02-29"), IMPORT_ORDER_UNKNOWN, &(int64_t){0}),
	    DATE_GOOD);
}

static void
reads_ip_addresses(void **state)
{
	static const struct {
		const char *cell, *usual;
	} cases[] = {
	    {"198.51.100.7", "198.51.100.7"},
	    {" 198.51.100.7 ", "198.51.100.7"},
	    {"2001:DB8::1", "2001:db8::1"},
	    {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
	    {"::ffff:198.51.100.7", "::ffff:198.51.100.7"},
	    {"198.51.100", NULL},
	    {"198.51.100.256", NULL},
	    {"198.51.100.7:443", NULL},
	    {"198.51.100.7, 203.0.113.1", NULL},
	    {"fe80::1%eth0", NULL},
	    {"not known", NULL},
	    {"", NULL},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct span ip = {0};
		bool got = ip_read(span_of(cases[i].cell), arena, &ip);

		assert_int_equal(got, cases[i].usual != NULL);
		if (got)
			assert_string_equal(ip.ptr, cases[i].usual);
	}
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_the_day_in_any_form),
	    cmocka_unit_test(reads_the_time),
	    cmocka_unit_test(knows_the_eras),
	    cmocka_unit_test(never_guesses_an_order),
	    cmocka_unit_test(says_what_is_no_date),
	    cmocka_unit_test(reads_ip_addresses),
	};

	return cmocka_run_group_tests(tests, in_tokyo, NULL);
}
