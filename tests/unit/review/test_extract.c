/* What is kept to be looked at, and that it is the same however the messages
 * were shared out among workers. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "core/review/extract.h"
#include "tests/fake/tempstore.h"

struct list {
	struct buf lines;
};

static int
note(void *payload, const struct extract_item *item)
{
	struct list *list = payload;

	buf_printf(&list->lines, "%d %.*s %lld %lld\n", (int)item->kind,
	    SPAN_ARG(item->text), (long long)item->messages,
	    (long long)item->first_seq);
	return 0;
}

static void
once_for_a_message(void **state)
{
	struct extracts *it = extracts_new();
	struct list list = {BUF_INIT};

	(void)state;
	extracts_add(it, EXTRACT_PRICE, SPAN("1,980円"), 7);
	extracts_add(it, EXTRACT_PRICE, SPAN("1,980円"), 7);
	extracts_add(it, EXTRACT_PRICE, SPAN("1,980円"), 9);
	extracts_add(it, EXTRACT_DATE, SPAN("11月23日"), 9);
	extracts_add(it, EXTRACT_DATE, SPAN("1,980円"), 9);
	assert_int_equal(extracts_each(it, note, &list), 0);
	assert_string_equal(
	    list.lines.ptr, "0 1,980円 1 9\n0 11月23日 1 9\n1 1,980円 2 7\n");
	extracts_clear(it);
	buf_clear(&list.lines);
	assert_int_equal(extracts_each(it, note, &list), 0);
	assert_int_equal(list.lines.len, 0);
	buf_done(&list.lines);
	extracts_free(&it);
}

/* 700 messages with a date each and one that all have, dealt out to two workers
 * in the given way and taken in two chunks. */
static void
play(unsigned deal, struct buf *out)
{
	struct extracts *all = extracts_new();
	struct extracts *chunk[2] = {extracts_new(), extracts_new()};
	struct list list = {BUF_INIT};

	for (int seq = 1; seq <= 700; seq++) {
		char text[20];
		size_t who = ((unsigned)seq * deal >> 3) & 1;

		snprintf(text, sizeof text, "day %d", seq);
		extracts_add(chunk[who], EXTRACT_DATE, span_of(text), seq);
		extracts_add(chunk[who], EXTRACT_DATE, SPAN("same"), seq);
		if (seq != 350 && seq != 700)
			continue;
		extracts_take(all, chunk, 2);
		extracts_clear(chunk[0]);
		extracts_clear(chunk[1]);
	}
	assert_int_equal(extracts_each(all, note, &list), 0);
	buf_add(out, buf_span(&list.lines));
	buf_done(&list.lines);
	for (int i = 0; i < 2; i++)
		extracts_free(&chunk[i]);
	extracts_free(&all);
}

static void
the_first_are_kept(void **state)
{
	struct buf one = BUF_INIT, other = BUF_INIT;

	(void)state;
	play(0, &one);
	play(5, &other);
	assert_string_equal(one.ptr, other.ptr);
	/* 499 days and the one of all; 201 days are counted only */
	assert_true(span_starts(buf_span(&one), SPAN("0  201 500\n")));
	assert_non_null(strstr(one.ptr, "0 same 700 1\n"));
	assert_non_null(strstr(one.ptr, "0 day 499 1 499\n"));
	assert_null(strstr(one.ptr, "day 500"));
	buf_done(&one);
	buf_done(&other);
}

static void
long_ones_are_cut(void **state)
{
	struct extracts *it = extracts_new();
	struct buf text = BUF_INIT;
	struct list list = {BUF_INIT};

	(void)state;
	buf_char(&text, 'x');
	for (int i = 0; i < 200; i++)
		buf_text(&text, "円");
	extracts_add(it, EXTRACT_PRICE, buf_span(&text), 1);
	assert_int_equal(extracts_each(it, note, &list), 0);
	assert_int_equal(list.lines.len, 2 + 1 + 99 * 3 + 5);
	buf_done(&text);
	buf_done(&list.lines);
	extracts_free(&it);
}

static void
the_store_keeps_them(void **state)
{
	struct store *store = tempstore_open(clock_real());
	struct extracts *it = extracts_new();
	struct campaign_id id = {3};
	struct list list = {BUF_INIT};
	struct db *db = NULL;
	struct err err = {0};

	(void)state;
	extracts_add(it, EXTRACT_PHONE, SPAN("03-1234-5678"), 2);
	extracts_add(it, EXTRACT_DATE, SPAN("11月23日"), 1);
	assert_ok(store_begin(store, STORE_WAIT_LONG, "test", &db, &err), &err);
	assert_ok(extracts_write(db, id, it, &err), &err);
	assert_ok(extracts_write(db, id, it, &err), &err);
	assert_ok(extract_each(db, id, note, &list, &err), &err);
	assert_string_equal(
	    list.lines.ptr, "0 11月23日 1 1\n2 03-1234-5678 1 2\n");
	assert_ok(extracts_delete(db, id, &err), &err);
	buf_clear(&list.lines);
	assert_ok(extract_each(db, id, note, &list, &err), &err);
	assert_int_equal(list.lines.len, 0);
	assert_ok(store_commit(store, &db, &err), &err);
	buf_done(&list.lines);
	extracts_free(&it);
	tempstore_close(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(once_for_a_message),
	    cmocka_unit_test(the_first_are_kept),
	    cmocka_unit_test(long_ones_are_cut),
	    cmocka_unit_test(the_store_keeps_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
