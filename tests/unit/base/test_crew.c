/* A crew does every item once, stops at the first failure, and can be told to
 * stop. */
#include "core/base/crew.h"

#include <poll.h>

#include "tests/unit/unit.h"

enum { ITEMS = 500 };

struct work {
	atomic_int done[ITEMS];
	atomic_int running, most;
	size_t fails; /* this item; ITEMS: none */
	atomic_bool cancel;
	size_t cancels; /* at this item */
};

static int
do_item(void *payload, size_t item, struct err *err)
{
	struct work *work = payload;
	int now = atomic_fetch_add(&work->running, 1) + 1;
	int most = atomic_load(&work->most);

	while (now > most &&
	       !atomic_compare_exchange_weak(&work->most, &most, now))
		continue;
	/* so that others have to wait for each other */
	poll(NULL, 0, item < 20 ? 5 : 0);
	atomic_fetch_add(&work->done[item], 1);
	atomic_fetch_sub(&work->running, 1);
	if (item == work->cancels)
		atomic_store(&work->cancel, true);
	if (item != work->fails)
		return 0;
	err_set(err, E_NET_RESOLVE);
	return err_fact_int(err, "item", (int64_t)item);
}

static void
test_all(void **state)
{
	struct work work = {.fails = ITEMS, .cancels = ITEMS};
	struct err err = {0};

	(void)state;
	assert_ok(crew_each(8, ITEMS, do_item, &work, NULL, &err), &err);
	for (int i = 0; i < ITEMS; i++)
		assert_int_equal(atomic_load(&work.done[i]), 1);
	assert_in_range(atomic_load(&work.most), 2, 8);
	assert_ok(crew_each(8, 0, do_item, &work, NULL, &err), &err);
	/* more threads than there may be */
	assert_ok(crew_each(5000, ITEMS, do_item, &work, NULL, &err), &err);
	assert_in_range(atomic_load(&work.most), 2, CREW_MAX);
}

static void
test_failure(void **state)
{
	struct work work = {.fails = 30, .cancels = ITEMS};
	struct err err = {0};
	int done = 0;

	(void)state;
	assert_int_equal(crew_each(2, ITEMS, do_item, &work, NULL, &err), -1);
	assert_int_equal(err.code, E_NET_RESOLVE);
	assert_string_equal(err_find(&err, "item"), "30");
	for (int i = 0; i < ITEMS; i++)
		done += atomic_load(&work.done[i]);
	assert_in_range(done, 30, ITEMS - 1);
}

static void
test_cancel(void **state)
{
	struct work work = {.fails = ITEMS, .cancels = 3};
	struct err err = {0};
	int done = 0;

	(void)state;
	assert_int_equal(
	    crew_each(2, ITEMS, do_item, &work, &work.cancel, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
	for (int i = 0; i < ITEMS; i++)
		done += atomic_load(&work.done[i]);
	assert_in_range(done, 1, ITEMS - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all),
	    cmocka_unit_test(test_failure),
	    cmocka_unit_test(test_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
