/* Strict decoding, encoding and the width table. */
#include "tests/unit/unit.h"

#include "core/base/utf8.h"
#include "core/base/utf8_table.h"

/* One entry per byte class of the well-formedness table and its neighbours;
 * a wanted U+FFFD marks a bad piece. */
static const struct {
	const char *bytes;
	uint32_t wanted[8];
} decode_cases[] = {
    {"", {0}},
    {"a\xc2\xa2\xe2\x82\xac\xf0\x9f\x98\x80", {'a', 0xa2, 0x20ac, 0x1f600}},
    {"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80", {0x7f, 0x80, 0x7ff, 0x800}},
    {"\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd", {0xd7ff, 0xe000, 0xfffd}},
    {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", {0x10000, 0x10ffff}},
    {"\x80", {0xfffd}},
    {"\xbf"
     "a",
	{0xfffd, 'a'}},
    {"\xc0\xaf", {0xfffd, 0xfffd}},             /* overlong '/' */
    {"\xe0\x80\xaf", {0xfffd, 0xfffd, 0xfffd}}, /* overlong */
    {"\xed\xa0\x80", {0xfffd, 0xfffd, 0xfffd}}, /* surrogate */
    {"\xf4\x90\x80\x80", {0xfffd, 0xfffd, 0xfffd, 0xfffd}},
    {"\xf5z\xff", {0xfffd, 'z', 0xfffd}},
    {"\xe3\x81", {0xfffd}}, /* cut short */
    {"\xe3\x81z", {0xfffd, 'z'}},
    {"\xf0\x9f\x98"
     "\xe3\x81\x82",
	{0xfffd, 0x3042}},
};

static void
decodes_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof decode_cases / sizeof *decode_cases;
	    i++) {
		struct span rest = span_of(decode_cases[i].bytes);
		uint32_t cp;
		int n = 0;

		while (utf8_next(&rest, &cp)) {
			if (cp != decode_cases[i].wanted[n])
				fail_msg("case %zu, character %d: U+%04X", i, n,
				    (unsigned)cp);
			n++;
		}
		assert_int_equal(decode_cases[i].wanted[n], 0);
	}
}

static void
walks_backwards_to_the_same_characters(void **state)
{
	struct span s = SPAN("a\xc2\xa2\xe3\x81\x82\x80\xf0\x9f\x98\x80");
	static const uint32_t wanted[] = {0x1f600, 0xfffd, 0x3042, 0xa2, 'a'};
	uint32_t cp;
	size_t n = 0;

	(void)state;
	while (utf8_last(&s, &cp))
		assert_int_equal(cp, wanted[n++]);
	assert_int_equal(n, sizeof wanted / sizeof *wanted);
}

static void
a_replacement_in_the_text_is_good(void **state)
{
	struct span s = SPAN("\xef\xbf\xbd");
	uint32_t cp;

	(void)state;
	assert_true(utf8_is_valid(s));
	assert_int_equal(utf8_next(&s, &cp), UTF8_GOOD);
	assert_int_equal(cp, UTF8_REPLACEMENT);
	assert_false(utf8_is_valid(SPAN("ab\xc0\x80")));
	assert_true(utf8_is_valid(SPAN("")));
	assert_false(utf8_is_valid(SPAN("ab\xe3\x81")));
}

static void
every_code_point_comes_back(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp < 0x110000; cp++) {
		char bytes[UTF8_MAX];
		struct span s;
		uint32_t back;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		s = span_make(bytes, utf8_encode(cp, bytes));
		if (utf8_next(&s, &back) != UTF8_GOOD || back != cp || s.len)
			fail_msg("U+%04X came back as U+%04X", (unsigned)cp,
			    (unsigned)back);
	}
}

static void
encodes_no_surrogates(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	buf_utf8(&buf, 0xd800);
	buf_utf8(&buf, 0x110000);
	assert_span_equal(buf_span(&buf), "\xef\xbf\xbd\xef\xbf\xbd");
	buf_done(&buf);
}

static const struct {
	uint32_t cp;
	int width;
} width_cases[] = {
    {0, 0},
    {0x1b, 0},
    {' ', 1},
    {'~', 1},
    {0x7f, 0},
    {0x9b, 0},
    {0xa0, 1},
    {0xad, 1},
    {0x0301, 0},
    {0x3042, 2},
    {0x3099, 0}, /* joining voiced mark */
    {0x309b, 2}, /* the one that stands alone */
    {0xff71, 1},
    {0xff9e, 1}, /* half-width kana and its mark */
    {0xff21, 2}, /* full-width A */
    {0x203b, 1},
    {0x2500, 1},
    {0x2606, 1}, /* ambiguous */
    {0x28ff, 1},
    {0x2713, 1},
    {0x25b8, 1}, /* used by screens */
    {0x200b, 0},
    {0x200d, 0},
    {0x202e, 0},
    {0xfeff, 0},
    {0xfe0f, 0},
    {0x1f600, 2},
    {0x20000, 2},
    {0x2fffd, 2},
    {0xac00, 2},
    {0x1100, 2},
    {0x1161, 0},
    {0xe0041, 0},
    {0xe000, 1},
    {0x10ffff, 1},
    {0x0600, 1},
    {0x4e00, 2},
};

static void
knows_widths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof width_cases / sizeof *width_cases; i++) {
		if (utf8_cp_width(width_cases[i].cp) != width_cases[i].width)
			fail_msg("U+%04X takes %d", (unsigned)width_cases[i].cp,
			    utf8_cp_width(width_cases[i].cp));
	}
	assert_int_equal(utf8_width(SPAN("aあ\xff")), 4);
	assert_int_equal(utf8_count(SPAN("aあ\xff")), 3);
	assert_true(strlen(utf8_unicode_version()) >= 4);
}

static bool
is_within(const struct range *ranges, size_t count, uint32_t cp)
{
	for (size_t i = 0; i < count; i++) {
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	}
	return false;
}

/* The short ways give what the tables say. */
static void
japanese_widths_are_those_of_the_tables(void **state)
{
	(void)state;
	for (uint32_t cp = 0x300; cp < 0x10000; cp++) {
		int want = is_within(zero_cells,
			       sizeof zero_cells / sizeof *zero_cells, cp)
			       ? 0
			   : is_within(two_cells,
				 sizeof two_cells / sizeof *two_cells, cp)
			       ? 2
			       : 1;

		if (utf8_cp_width(cp) != want)
			fail_msg(
			    "U+%04X takes %d", (unsigned)cp, utf8_cp_width(cp));
	}
}

static void
cuts_at_clusters(void **state)
{
	struct span s = SPAN("か\xe3\x82\x99x"); /* ka and a joining mark */
	int width;
	struct span first = utf8_cluster(&s, &width);

	(void)state;
	assert_span_equal(first, "か\xe3\x82\x99");
	assert_int_equal(width, 2);
	assert_span_equal(s, "x");
	assert_span_equal(utf8_fit(SPAN("あいう"), 5), "あい");
	assert_span_equal(utf8_fit(SPAN("あいう"), 6), "あいう");
	assert_span_equal(utf8_fit(SPAN("あいう"), 1), "");
	assert_span_equal(
	    utf8_fit(SPAN("か\xe3\x82\x99x"), 2), "か\xe3\x82\x99");
	assert_span_equal(utf8_fit_end(SPAN("あいう"), 5), "いう");
	assert_span_equal(utf8_fit_end(SPAN("あいう"), 9), "あいう");
	assert_span_equal(utf8_fit_end(SPAN("か\xe3\x82\x99x"), 1), "x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decodes_strictly),
	    cmocka_unit_test(walks_backwards_to_the_same_characters),
	    cmocka_unit_test(a_replacement_in_the_text_is_good),
	    cmocka_unit_test(every_code_point_comes_back),
	    cmocka_unit_test(encodes_no_surrogates),
	    cmocka_unit_test(knows_widths),
	    cmocka_unit_test(japanese_widths_are_those_of_the_tables),
	    cmocka_unit_test(cuts_at_clusters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
