/* Tag lists: what a tag is, what is found, what begins with a version. */
#include "core/mail/taglist.h"

#include "tests/unit/unit.h"

static void
test_next(void **state)
{
	struct span rest = SPAN(" v=X1; ;a_1 =\t b=c ;;z=;");
	struct tag tag;

	(void)state;
	assert_int_equal(taglist_next(&rest, &tag), 1);
	assert_span_equal(tag.name, "v");
	assert_span_equal(tag.value, "X1");
	assert_int_equal(taglist_next(&rest, &tag), 1);
	assert_span_equal(tag.name, "a_1");
	assert_span_equal(tag.value, "b=c");
	assert_int_equal(taglist_next(&rest, &tag), 1);
	assert_span_equal(tag.name, "z");
	assert_int_equal(tag.value.len, 0);
	assert_int_equal(taglist_next(&rest, &tag), 0);
	assert_int_equal(taglist_next(&rest, &tag), 0);
}

static void
test_no_tags(void **state)
{
	static const char *const bad[] = {
	    "word", "=x", "1a=x", "a b=x", "a-b=x", "\xc3\xa4=x"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct span rest = span_of(bad[i]);
		struct tag tag;

		if (taglist_next(&rest, &tag) != -1)
			fail_msg("\"%s\" was taken for a tag", bad[i]);
		assert_int_equal(taglist_next(&rest, &tag), 0);
	}
}

static void
test_find(void **state)
{
	struct span list = SPAN("p=1;bad;q=2;p=3"), value = SPAN("before");

	(void)state;
	assert_int_equal(taglist_find(list, "x", &value), 0);
	assert_span_equal(value, "before");
	assert_int_equal(taglist_find(list, "P", &value), 0);
	assert_int_equal(taglist_find(list, "p", &value), 2);
	assert_span_equal(value, "1");
	assert_int_equal(taglist_find(list, "q", &value), 1);
	assert_span_equal(value, "2");
}

static void
test_version(void **state)
{
	(void)state;
	assert_true(taglist_is(SPAN("v=STSv1; id=1"), SPAN("STSv1")));
	assert_true(taglist_is(SPAN(" v = STSv1"), SPAN("STSv1")));
	assert_false(taglist_is(SPAN("v=STSv10; id=1"), SPAN("STSv1")));
	assert_false(taglist_is(SPAN("v=stsv1; id=1"), SPAN("STSv1")));
	assert_false(taglist_is(SPAN("id=1; v=STSv1"), SPAN("STSv1")));
	assert_false(taglist_is(SPAN("v"), SPAN("STSv1")));
	assert_false(taglist_is(SPAN(""), SPAN("STSv1")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_no_tags),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
