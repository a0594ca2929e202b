/* Comparing a value with what somebody asks for. */
#include "tests/unit/unit.h"

#include "core/base/match.h"

static void
same_but_for_blanks_at_the_ends(void **state)
{
	static const struct {
		const char *text, *asked;
		bool same;
	} cases[] = {
	    {"Taro", "taro", true},
	    {" Taro ", "taro", true},
	    {"Taro", " taro\t", true},
	    {"taro", "e\xc2\xa0", false},
	    {"e", "e\xc2\xa0", true},
	    {"e\xc2\xa0", "e\xc2\xa0", true},
	    {"山田 太郎", "山田　太郎", true},
	    {"山田", "山田　", true},
	    {"ﾔﾏﾀﾞ", "ヤマダ", true},
	    {"Taro", "tar", false},
	    {"", " ", true},
	};
	struct buf folded = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&folded);
		match_fold(span_of(cases[i].asked), &folded);
		if (match_same(span_of(cases[i].text), buf_span(&folded)) !=
		    cases[i].same)
			fail_msg(
			    "'%s' and '%s'", cases[i].text, cases[i].asked);
	}
	buf_done(&folded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(same_but_for_blanks_at_the_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
