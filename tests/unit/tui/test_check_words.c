/* What is said of a line's facts. */
#include "tests/unit/unit.h"
#include "tui/text/check_words.h"

/* A message without a key of ours has no signer to be named. */
static void
test_signature(void **state)
{
	static const struct {
		const char *facts, *wanted;
	} rows[] = {
	    {"d=example.jp s=k1", "Signed for example.jp with the key k1."},
	    {"d=none", "Not signed here; a relay may do it."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct check_result result = {0};
		struct buf out = BUF_INIT;

		span_text(
		    result.facts, sizeof result.facts, span_of(rows[i].facts));
		check_words_of("HD-06", NULL)->say(&result, &out);
		assert_string_equal(out.ptr, rows[i].wanted);
		buf_done(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_signature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
