/* Errors carry codes and facts, cut at characters, and names are stable. */
#include "tests/unit/unit.h"

static void
facts_are_kept_and_cut(void **state)
{
	struct err err = {0};
	char wide[3 * 100 + 1];

	(void)state;
	for (int i = 0; i < 100; i++)
		memcpy(wide + 3 * i, "\xe8\xa1\xa8", 3);
	wide[300] = '\0';
	assert_int_equal(err_set(&err, E_CSV_COLUMNS), -1);
	err_fact(&err, "path", span_of(wide));
	err_fact_int(&err, "line", -42);
	assert_string_equal(err_find(&err, "line"), "-42");
	assert_int_equal(strlen(err_find(&err, "path")), 255);
	assert_string_equal(err_find(&err, "none"), "");
	for (int i = 0; i < 10; i++)
		err_fact(&err, "more", SPAN("x"));
	assert_int_equal(err.fact_count, ERR_FACTS_MAX);
	err_set(&err, E_BUG);
	assert_int_equal(err.fact_count, 0);
	assert_int_equal(err_set(NULL, E_BUG), -1);
	assert_int_equal(err_fact(NULL, "a", SPAN("b")), -1);
}

static void
names_are_unique_and_found(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_CODE_COUNT; i++) {
		const char *name = err_name((enum err_code)i);

		assert_non_null(name);
		assert_int_equal(err_code_of(span_of(name)), i);
	}
	assert_int_equal(err_code_of(SPAN("no.such.code")), E_BUG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(facts_are_kept_and_cut),
	    cmocka_unit_test(names_are_unique_and_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
