/* Rates, samples and the ring of replies. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/progress.h"

struct scene {
	struct progress progress;
	struct run_progress out;
};

static int
set_up(void **state)
{
	*state = mem_new(sizeof(struct scene));
	return 0;
}

static int
tear_down(void **state)
{
	free(*state);
	return 0;
}

static void
add(struct scene *it, int64_t now_ms, int count)
{
	struct run_reply reply = {.code = 250};

	for (int i = 0; i < count; i++) {
		reply.seq++;
		progress_add(&it->progress, now_ms, &reply, i % 2);
	}
}

static void
samples_are_per_second_oldest_first(void **state)
{
	struct scene *it = *state;

	progress_init(&it->progress, 10 * 1000);
	add(it, 10 * 1000 + 5, 3);
	add(it, 10 * 1000 + 999, 1);
	add(it, 12 * 1000, 7);
	progress_fill(&it->progress, 13 * 1000 + 1, &it->out);
	assert_int_equal(it->out.samples, 4);
	assert_int_equal(it->out.sample[0], 4);
	assert_int_equal(it->out.sample[1], 0);
	assert_int_equal(it->out.sample[2], 7);
	assert_int_equal(it->out.sample[3], 0);
	assert_true(it->out.rate_now > 3.6 && it->out.rate_now < 3.7);
	assert_true(it->out.rate_average > 3.6 && it->out.rate_average < 3.7);
	assert_int_equal(it->out.tls_messages, 1 + 3);
}

static void
samples_cover_the_whole_run(void **state)
{
	struct scene *it = *state;
	const int second = 1000;
	int64_t sum = 0;

	progress_init(&it->progress, 7 * second);
	for (int i = 0; i < 10000; i++)
		add(it, (7 + i) * second, 1 + (i >= 5000));
	progress_fill(&it->progress, (7 + 9999) * second, &it->out);
	assert_int_equal(it->out.sample_s, 64);
	assert_int_equal(it->out.samples, 10000 / 64 + 1);
	assert_int_equal(it->out.sample[0], 64);
	assert_int_equal(it->out.sample[10000 / 64 - 1], 128);
	for (int i = 0; i < it->out.samples; i++)
		sum += it->out.sample[i];
	assert_int_equal(sum, 15000);
	assert_true(it->out.rate_now == 2);
}

static void
a_long_rest_leaves_zeros(void **state)
{
	struct scene *it = *state;

	progress_init(&it->progress, 0);
	add(it, 0, 5);
	progress_fill(&it->progress, 100000000, &it->out);
	assert_int_equal(it->out.sample[0], 5);
	for (int i = 1; i < it->out.samples; i++)
		assert_int_equal(it->out.sample[i], 0);
	assert_true(it->out.rate_now == 0);
}

static void
the_last_replies_are_newest_first(void **state)
{
	struct scene *it = *state;

	progress_init(&it->progress, 0);
	add(it, 0, 3);
	progress_fill(&it->progress, 0, &it->out);
	assert_int_equal(it->out.replies, 3);
	assert_int_equal(it->out.reply[0].seq, 3);
	assert_int_equal(it->out.reply[2].seq, 1);
	add(it, 0, RUN_REPLIES + 10);
	progress_fill(&it->progress, 0, &it->out);
	assert_int_equal(it->out.replies, RUN_REPLIES);
	assert_int_equal(it->out.reply[0].seq, RUN_REPLIES + 10);
	assert_int_equal(it->out.reply[RUN_REPLIES - 1].seq, 11);
}

#define scene(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scene(samples_are_per_second_oldest_first),
	    scene(samples_cover_the_whole_run),
	    scene(a_long_rest_leaves_zeros),
	    scene(the_last_replies_are_newest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
