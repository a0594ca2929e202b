/* CM-07: what stops a campaign, what is only warned of, and what is neither. */
#include "core/review/characters.h"
#include "tests/unit/unit.h"

/* One message whose parts are all this text, or whose name is. */
static void
check(const char *name, const char *text, enum campaign_charset wanted,
    enum campaign_charset is, struct tally *tally)
{
	const struct recipient recipient = {.seq = 3, .name = span_of(name)};
	const struct message message = {.text = span_of(text),
	    .html = SPAN("<p>x</p>"),
	    .subject = SPAN("x"),
	    .charset = is};

	memset(tally, 0, sizeof *tally);
	characters_check(wanted, &recipient, &message, tally);
	characters_check_part(message.text, NULL, recipient.seq, tally);
}

static const struct {
	const char *text, *value; /* NULL: clean */
} rows[] = {
    {"plain\ttext\nwith ①㈱ 髙﨑 𠮷 😀 é", NULL},
    {"\xe2\x80\x99 \xe2\x80\x8d \xef\xbc\x81", NULL},
    {"a\xef\xbf\xbd", "U+FFFD"},
    {"a\x01", "U+0001"},
    {"a\x1b[0m", "U+001B"},
    {"a\x7f", "U+007F"},
    {"a\xc2\x85", "U+0085"},
    {"a\xe2\x80\xae", "U+202E"},
    {"a\xe2\x81\xa6", "U+2066"},
    {"\xee\x80\x80", "U+E000"},
    {"\xef\xa3\xbf", "U+F8FF"},
    {"\xf3\xb0\x80\x80", "U+F0000"},
};

static void
what_must_not_be_in_mail(void **state)
{
	struct tally tally;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (int in_name = 0; in_name < 2; in_name++) {
			check(in_name ? rows[i].text : "x",
			    in_name ? "x" : rows[i].text, CHARSET_UTF_8,
			    CHARSET_UTF_8, &tally);
			assert_int_equal(
			    tally.count[CM_07], rows[i].value ? 1 : 0);
			assert_int_equal(tally.count[CM_07W], 0);
			if (rows[i].value)
				assert_string_equal(
				    err_find(&tally.first[CM_07], "value"),
				    rows[i].value);
		}
	}
}

/* In what a list brings; the text is looked at where it was written. */
static void
what_nobody_sees_in_a_name(void **state)
{
	static const char *const names[] = {
	    "ﾔﾏﾀﾞ", "山田\u00a0太郎", "山田\u200b", "\ufeff山田", "山\u00ad田"};
	static const char *const good[] = {
	    "髙﨑", "㈱例示", "山田　太郎", "👨\u200d👩"};
	struct tally tally;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		check(names[i], "x", CHARSET_UTF_8, CHARSET_UTF_8, &tally);
		assert_int_equal(tally.count[CM_07], 0);
		assert_int_equal(tally.count[CM_07W], 1);
		assert_string_equal(
		    err_find(&tally.first[CM_07W], "what"), "value");
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		check(good[i], "x", CHARSET_UTF_8, CHARSET_UTF_8, &tally);
		assert_int_equal(tally.count[CM_07W], 0);
	}
}

static void
fallbacks_name_the_character(void **state)
{
	static const struct {
		const char *name, *text, *value;
	} why[] = {{"髙橋", "x", "髙 → 高"}, {"田中", "a①", "① → (1)"},
	    {"😀", "x", "😀"}, {"é", "x", "U+00E9"},
	    {"x", "x", ""}}; /* something else, in the HTML or From */
	struct tally tally;

	(void)state;
	for (size_t i = 0; i < sizeof why / sizeof *why; i++) {
		check(why[i].name, why[i].text, CHARSET_ISO_2022_JP,
		    CHARSET_UTF_8, &tally);
		assert_int_equal(tally.count[CM_07W], 1);
		assert_int_equal(tally.charset_fallbacks, 1);
		assert_string_equal(
		    err_find(&tally.first[CM_07W], "value"), why[i].value);
	}
	check("山田", "x", CHARSET_ISO_2022_JP, CHARSET_ISO_2022_JP, &tally);
	assert_int_equal(tally.count[CM_07W], 0);
	assert_int_equal(tally.charset_fallbacks, 0);
}

static void
source_is_warned_of(void **state)
{
	static const struct {
		const char *text;
		int count;
		const char *value;
	} sources[] = {{"ご案内（株）—〜", 0, ""}, {"㈱", 1, "㈱ → (株)"},
	    {"ｶﾅ", 2, "ｶ"},
	    {"a\xc2\xa0"
	     "b",
		1, "U+00A0"},
	    {"a\xe2\x80\x8b", 1, "U+200B"}, {"👩\xe2\x80\x8d👩", 0, ""}};
	struct campaign campaign;
	struct tally tally;

	(void)state;
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		memset(&campaign, 0, sizeof campaign);
		memset(&tally, 0, sizeof tally);
		buf_text(&campaign.body, sources[i].text);
		characters_check_source(&campaign, &tally);
		assert_int_equal(tally.count[CM_07W], sources[i].count);
		assert_string_equal(
		    err_find(&tally.first[CM_07W], "value"), sources[i].value);
		campaign_done(&campaign);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_must_not_be_in_mail),
	    cmocka_unit_test(what_nobody_sees_in_a_name),
	    cmocka_unit_test(fallbacks_name_the_character),
	    cmocka_unit_test(source_is_warned_of),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
