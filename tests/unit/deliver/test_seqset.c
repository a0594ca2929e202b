/* The set of row numbers against an array of flags. */
#include "tests/unit/unit.h"

#include "core/deliver/seqset.h"

enum { NUMBERS = 500, STEPS = 20000 };

/* xorshift: the same numbers everywhere. */
static unsigned
dice(unsigned *state, unsigned sides)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % sides;
}

static void
holds_what_was_added_and_not_removed(void **state)
{
	bool wanted[NUMBERS + 1] = {false};
	struct seqset set = {0};
	unsigned seed = 7;
	size_t count = 0;

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		unsigned n = dice(&seed, NUMBERS) + 1;

		if (wanted[n])
			seqset_remove(&set, n);
		else
			seqset_add(&set, n);
		count += wanted[n] ? -1 : 1;
		wanted[n] = !wanted[n];
		assert_int_equal(set.count, count);
	}
	for (unsigned n = 1; n <= NUMBERS; n++)
		assert_int_equal(seqset_has(&set, n), wanted[n]);
	seqset_done(&set);
}

static void
an_empty_set_holds_nothing(void **state)
{
	struct seqset set = {0};

	(void)state;
	assert_false(seqset_has(&set, 1));
	seqset_remove(&set, 1);
	seqset_add(&set, 1);
	seqset_remove(&set, 1);
	seqset_remove(&set, 1);
	assert_false(seqset_has(&set, 1));
	assert_int_equal(set.count, 0);
	seqset_done(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(holds_what_was_added_and_not_removed),
	    cmocka_unit_test(an_empty_set_holds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
