/* Line breaking: blanks, Japanese, kinsoku, things too long. */
#include "tests/unit/unit.h"

#include "core/base/buf.h"
#include "tui/text/wrap.h"

static const struct {
	const char *text;
	int cols;
	const char *rows; /* joined by | */
} cases[] = {
    {"", 5, ""},
    {"one two three", 8, "one two |three"},
    {"one two", 7, "one two"},
    {"one  two", 4, "one  |two"},
    {"abcdefgh", 3, "abc|def|gh"},
    {"aa abcdefgh", 4, "aa |abcd|efgh"},
    {"あいうえお", 4, "あい|うえ|お"},
    {"あいうえお", 5, "あい|うえ|お"},
    {"あいう。え", 6, "あい|う。え"}, /* no row begins with 。 */
    {"あい（うえ", 6, "あい|（うえ"}, /* none ends with （ */
    {"あいっか", 4, "あ|いっ|か"},    /* small kana */
    {"あいか\xe3\x82\x99う", 6, "あいか\xe3\x82\x99|う"},
    {"日本語text", 8, "日本語|text"},
    {"。。。", 2, "。|。|。"}, /* it ends in any case */
    {"あ", 1, "あ"},
    {"a👨\xe2\x80\x8d👩b", 6,
	"a👨\xe2\x80\x8d👩|b"}, /* one cluster; joiners show */
    {"🇯🇵🇫🇷", 3, "🇯🇵|🇫🇷"},
    {"see (that)", 5, "see |(that|)"},
};

static void
breaks_as_readers_expect(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct span rest = span_of(cases[i].text);

		buf_clear(&out);
		do {
			if (out.len > 0)
				buf_char(&out, '|');
			buf_add(&out, wrap_next(&rest, cases[i].cols));
		} while (rest.len > 0);
		if (!span_equal(buf_span(&out), span_of(cases[i].rows)))
			fail_msg("case %zu: got \"%.*s\"", i,
			    SPAN_ARG(buf_span(&out)));
	}
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(breaks_as_readers_expect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
