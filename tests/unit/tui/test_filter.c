/* The field behind "/", and marks of a list that are changed many at a time. */
#include "tests/unit/unit.h"

#include "tui/widgets/filter.h"
#include "tui/widgets/list.h"

static const struct key esc = {.code = K_ESC};
static const struct key enter = {.code = K_ENTER};
static const struct key up = {.code = K_UP};
static const struct key letter = {.code = K_CHAR, .cp = 'a'};

/* ---- The field -------------------------------------------------------------- */

static void
it_is_wanted_once_and_after_the_last_key(void **state)
{
	struct filter_field field = {NULL};

	(void)state;
	assert_int_equal(
	    filter_field_key(&field, &letter, 1000), FILTER_UNUSED);
	filter_field_open(&field, 20);
	assert_int_equal(filter_field_wait(&field, 1000), 0);
	assert_int_equal(filter_field_key(&field, &letter, 1000), FILTER_USED);
	assert_int_equal(filter_field_key(&field, &letter, 1100), FILTER_USED);
	assert_false(filter_field_due(&field, 1000 + FILTER_WAIT_MS));
	assert_int_equal(filter_field_wait(&field, 1100), FILTER_WAIT_MS);
	assert_true(filter_field_due(&field, 1100 + FILTER_WAIT_MS));
	assert_false(filter_field_due(&field, 1100 + FILTER_WAIT_MS));
	assert_span_equal(filter_field_span(&field), "aa");
	filter_field_close(&field);
	assert_span_equal(filter_field_span(&field), "");
}

static void
enter_gives_the_keys_back_and_esc_ends_it(void **state)
{
	struct filter_field field = {NULL};

	(void)state;
	filter_field_open(&field, 20);
	filter_field_key(&field, &letter, 1);
	/* the list moves while somebody types */
	assert_int_equal(filter_field_key(&field, &up, 1), FILTER_UNUSED);
	assert_int_equal(filter_field_key(&field, &enter, 1), FILTER_USED);
	assert_false(field.typing);
	assert_int_equal(filter_field_key(&field, &letter, 1), FILTER_UNUSED);
	assert_int_equal(filter_field_key(&field, &esc, 1), FILTER_ENDED);
	assert_null(field.line);
	/* Enter with nothing typed ends it as well */
	filter_field_open(&field, 20);
	assert_int_equal(filter_field_key(&field, &enter, 1), FILTER_ENDED);
	filter_field_set(&field, 20, SPAN("tag:vip"));
	assert_false(field.typing);
	assert_span_equal(filter_field_span(&field), "tag:vip");
	filter_field_close(&field);
}

/* ---- Marks ------------------------------------------------------------------ */

static int64_t
ten(struct list_source *source)
{
	(void)source;
	return 10;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	(void)source;
	out->key = index * 10;
	return true;
}

static const struct {
	enum list_mark mark;
	int64_t key[4];
	size_t count;
	const char *then;
} changes[] = {
    {LIST_UNMARK, {10}, 1, ""},
    {LIST_MARK, {20, 40, 60}, 3, "20 40 60"},
    {LIST_MARK, {10, 40, 70}, 3, "10 20 40 60 70"},
    {LIST_MARK, {0}, 0, "10 20 40 60 70"},
    {LIST_MARK_OTHERWISE, {10, 30, 80}, 3, "20 30 40 60 70 80"},
    {LIST_UNMARK, {30, 50, 80}, 3, "20 40 60 70"},
    {LIST_MARK_OTHERWISE, {20, 40, 60, 70}, 4, ""},
};

static void
marks_are_joined_taken_and_turned(void **state)
{
	static const struct list_column columns[] = {{"", 0, 5, 0, FIT_END}};
	struct list_source source = {.count = ten, .row = row};
	struct list *list = list_new(&source, columns, 1);
	struct buf text = BUF_INIT;

	(void)state;
	list_set_marking(list, LIST_MARKS_ON);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		const int64_t *marks;
		size_t count;

		list_marks_change(
		    list, changes[i].mark, changes[i].key, changes[i].count);
		marks = list_marks(list, &count);
		assert_int_equal(count, list_mark_count(list));
		buf_clear(&text);
		for (size_t k = 0; k < count; k++)
			buf_printf(
			    &text, "%s%lld", k ? " " : "", (long long)marks[k]);
		assert_span_equal(buf_span(&text), changes[i].then);
	}
	buf_done(&text);
	list_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_wanted_once_and_after_the_last_key),
	    cmocka_unit_test(enter_gives_the_keys_back_and_esc_ends_it),
	    cmocka_unit_test(marks_are_joined_taken_and_turned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
