/* Japanese, and what only looks like it. */
#include "tests/unit/unit.h"

#include "core/import/likely.h"

static void
tells_japanese(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} cases[] = {
	    {"", true},
	    {"taro@example.jp", true},
	    {"René Müller", true},
	    {"山田 太郎", true},
	    {"メール", true},
	    {"ひらがな", true},
	    {"佐々木", true},
	    {"会員番号,氏名,電子メール", true},
	    /* a rare name, and the same with an address */
	    {"鷲見 曜", false},
	    {"鷲見 曜,東京都", true},
	    /* Korean and Chinese in EUC-JP, French in CP932 */
	    {"廃 秩切,遂昔獣", false},
	    {"耳 啀,件声偏", false},
	    {"Fr馘駻ic", false},
	    /* half-width kana prove nothing */
	    {"ﾔﾏﾀﾞ ﾀﾛｳ", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct likely likely = {0};

		likely_feed(&likely, span_of(cases[i].text));
		if (likely_is(&likely) != cases[i].is)
			fail_msg("%s: %lld of %lld", cases[i].text,
			    (long long)likely.common, (long long)likely.signs);
	}
}

static void
pieces_add_up(void **state)
{
	struct likely likely = {0};

	(void)state;
	likely_feed(&likely, SPAN("廃 秩切,遂昔獣"));
	likely_feed(&likely, SPAN("氏名"));
	assert_true(likely_is(&likely));
	assert_int_equal(likely.signs, 8);
	assert_int_equal(likely.common, 2);
	for (int i = 0; i < 20000; i++)
		likely_feed(&likely, SPAN("廃"));
	assert_int_equal(likely.signs, 10000);
	assert_false(likely_is(&likely));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_japanese),
	    cmocka_unit_test(pieces_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
