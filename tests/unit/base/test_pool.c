/* The pool runs every item once, on all its threads, round after round. */
#include "tests/unit/unit.h"

#include <stdatomic.h>

#include "core/base/pool.h"

enum { ITEMS = 5000 };

struct count {
	atomic_int seen[ITEMS];
	atomic_int wrong_worker;
	int workers;
};

static void
mark(void *payload, size_t item, int worker)
{
	struct count *count = payload;

	atomic_fetch_add(&count->seen[item], 1);
	if (worker < 0 || worker >= count->workers)
		atomic_fetch_add(&count->wrong_worker, 1);
}

static void
every_item_once(void **state)
{
	static struct count count;
	struct err err = {0};
	struct pool *pool = NULL;

	(void)state;
	assert_ok(pool_new(4, &pool, &err), &err);
	count.workers = pool_size(pool);
	assert_in_range(count.workers, 1, 4);
	for (int round = 1; round <= 20; round++) {
		pool_each(pool, ITEMS, mark, &count);
		for (int i = 0; i < ITEMS; i++)
			assert_int_equal(atomic_load(&count.seen[i]), round);
	}
	pool_each(pool, 0, mark, &count);
	assert_int_equal(atomic_load(&count.wrong_worker), 0);
	pool_free(&pool);
	assert_null(pool);
	pool_free(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_item_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
