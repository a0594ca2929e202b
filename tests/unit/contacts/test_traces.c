/* Addresses inside text that nobody has cut: every spelling is found, and what
 * is no address is passed over. */
#include "core/contacts/traces.h"

#include "core/contacts/contacts.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

static int
told_add(void *payload, struct span canon, struct err *err)
{
	struct buf *all = payload;

	(void)err;
	buf_add(all, canon);
	buf_char(all, ' ');
	return 0;
}

static void
every_spelling_is_found(void **state)
{
	static const struct {
		const char *text, *found;
	} cases[] = {
	    {"", ""},
	    {"no address", ""},
	    {"@", ""},
	    {"taro@", ""},
	    {"taro@example.jp", "taro@example.jp "},
	    {"x;Taro@EXAMPLE.jp;y", "Taro@example.jp "},
	    {"\"Taro <taro@example.jp>\",1", "taro@example.jp "},
	    {"mailto:taro@example.jp?subject=x", "taro@example.jp "},
	    {"ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro@example.jp "},
	    {"　taro@example.jp　", "taro@example.jp "},
	    {"ta\xe2\x80\x8bro@example.jp", "taro@example.jp "},
	    {"'taro@example.jp", "'taro@example.jp taro@example.jp "},
	    {"taro@example.jp/jiro@example.jp、saburo@example.jp",
		"taro@example.jp jiro@example.jp saburo@example.jp "},
	    {"山田@例え.jp|o'brien@example.jp",
		"o'brien@example.jp brien@example.jp "},
	    {"\xff\xfe@\x80,taro@example.jp", "taro@example.jp "},
	};
	struct buf found = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&found);
		assert_int_equal(
		    traces_walk(span_of(cases[i].text), told_add, &found, NULL),
		    0);
		assert_string_equal(found.ptr ? found.ptr : "", cases[i].found);
	}
	buf_done(&found);
}

static int
told_stop(void *payload, struct span canon, struct err *err)
{
	(void)canon;
	(void)err;
	return ++*(int *)payload == 2;
}

static void
telling_ends_when_it_is_enough(void **state)
{
	int times = 0;

	(void)state;
	assert_int_equal(
	    traces_walk(SPAN("a@b.jp c@d.jp e@f.jp"), told_stop, &times, NULL),
	    1);
	assert_int_equal(times, 2);
}

static void
who_was_erased_is_known_in_any_spelling(void **state)
{
	struct fake_clock clock;
	struct store *store;
	const struct suppress_entry entry = {
	    .cause = SUPPRESS_ERASED, .source = SPAN("by letter")};
	struct db *db = NULL;
	struct err err = {0};

	(void)state;
	fake_clock_init(&clock);
	store = tempstore_open(&clock.base);
	assert_ok(
	    suppress_enter(store, SPAN("Taro@example.jp"), &entry, &err), &err);
	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_int_equal(
	    traces_of_erased(store, db, SPAN("x,ＴＡＲＯ＠example.jp"), &err),
	    1);
	assert_int_equal(
	    traces_of_erased(store, db, SPAN("x,jiro@example.jp"), &err), 0);
	store_reader_close(&db);
	tempstore_close(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_spelling_is_found),
	    cmocka_unit_test(telling_ends_when_it_is_enough),
	    cmocka_unit_test(who_was_erased_is_known_in_any_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
