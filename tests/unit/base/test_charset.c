/* Strict decoders: what they give, what they refuse, and where. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/charset.h"

/* Decodes in pieces of step bytes: the offset of the fault, or -1. */
static int64_t
decode(enum charset charset, struct span in, size_t step, struct buf *out)
{
	struct decoder *decoder = NULL;
	struct err err = {0};
	int rc = 0;

	assert_ok(decoder_new(charset, &decoder, &err), &err);
	while (rc == 0 && in.len) {
		rc = decoder_feed(decoder, span_slice(in, 0, step), out, &err);
		in = span_slice(in, step, in.len);
	}
	if (rc == 0)
		rc = decoder_finish(decoder, &err);
	decoder_free(&decoder);
	if (rc == 0)
		return -1;
	assert_int_equal(err.code, E_CHARSET_BYTES);
	assert_string_equal(err_find(&err, "charset"), charset_name(charset));
	return atoll(err_find(&err, "offset"));
}

/* bad: offset of the first fault, -1 for none; before a fault, out is what
 * came before it. */
static const struct {
	enum charset charset;
	const char *in;
	int64_t bad;
	const char *out;
} cases[] = {
    {CHARSET_UTF8, "", -1, ""},
    {CHARSET_UTF8, "plain ASCII of some length", -1,
	"plain ASCII of some length"},
    {CHARSET_UTF8, "\xe9\xab\x98\xf0\xa0\xae\xb7\xc3\xa9", -1,
	"\xe9\xab\x98\xf0\xa0\xae\xb7\xc3\xa9"},
    {CHARSET_UTF8, "12345678\xff", 8, "12345678"},
    {CHARSET_UTF8, "ab\xe3\x81", 2, "ab"},
    {CHARSET_UTF8, "ab\xf0\xa0\xae", 2, "ab"},
    {CHARSET_UTF8, "ab\xe3\x81z", 2, "ab"},
    {CHARSET_UTF8, "a\xc0\xaf", 1, "a"},         /* overlong */
    {CHARSET_UTF8, "a\xed\xa0\x80", 1, "a"},     /* surrogate */
    {CHARSET_UTF8, "a\xf4\x90\x80\x80", 1, "a"}, /* beyond the last plane */
    {CHARSET_UTF8, "\x94\xe7", 0, ""},
    /* names that plain Shift_JIS loses: 髙﨑①㈱ */
    {CHARSET_CP932, "\xfb\xfc\xed\x95\x87\x40\x87\x8a", -1,
	"\xe9\xab\x99\xef\xa8\x91\xe2\x91\xa0\xe3\x88\xb1"},
    /* second bytes 0x5C and 0x7C (表 ソ ポ), and both as themselves */
    {CHARSET_CP932, "\x95\x5c\x83\x5c\x83\x7c\\|", -1,
	"\xe8\xa1\xa8\xe3\x82\xbd\xe3\x83\x9d\\|"},
    /* half-width kana, full-width tilde, Microsoft's minus */
    {CHARSET_CP932, "\xb1\xb2\xdf\x81\x60\x81\x7c", -1,
	"\xef\xbd\xb1\xef\xbd\xb2\xef\xbe\x9f\xef\xbd\x9e\xef\xbc\x8d"},
    {CHARSET_CP932, "~\x7f", -1, "~\x7f"}, {CHARSET_CP932, "abc\x80", 3, "abc"},
    {CHARSET_CP932, "abc\xa0", 3, "abc"}, {CHARSET_CP932, "abc\xfd", 3, "abc"},
    {CHARSET_CP932, "\x88\x9f\xff", 2, "\xe4\xba\x9c"},
    {CHARSET_CP932, "ab\x88", 2, "ab"}, {CHARSET_CP932, "ab\x88\x0a", 2, "ab"},
    {CHARSET_CP932, "ab\x85\x40", 2, "ab"}, /* an empty place of the table */
};

static void
decodes_in_any_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t step = 1; step < 10; step++) {
			struct buf out = BUF_INIT;
			int64_t bad = decode(
			    cases[i].charset, span_of(cases[i].in), step, &out);

			if (bad != cases[i].bad)
				fail_msg("case %zu by %zu: %lld", i, step,
				    (long long)bad);
			assert_span_equal(buf_span(&out), cases[i].out);
			buf_done(&out);
		}
	}
}

/* Every pair of bytes: either refused, or UTF-8 of one or two characters. */
static void
covers_every_pair_of_cp932(void **state)
{
	int good = 0;

	(void)state;
	for (int pair = 0; pair < 0x10000; pair++) {
		char in[2] = {(char)(pair >> 8), (char)pair};
		struct buf out = BUF_INIT;

		if (decode(CHARSET_CP932, span_make(in, 2), 2, &out) < 0)
			good++;
		buf_done(&out);
	}
	/* 191 single bytes squared, 9,443 pairs of the table with NEC's and
	 * IBM's rows and 1,880 places for users. */
	assert_in_range(good, 36481 + 9000, 36481 + 12000);
}

static void
says_where_in_a_long_stream(void **state)
{
	struct buf in = BUF_INIT, out = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_text(&in, "\x94\xe7");
	buf_text(&in, "\xff");
	assert_int_equal(
	    decode(CHARSET_CP932, buf_span(&in), 4095, &out), 200000);
	assert_int_equal(out.len, 300000);
	buf_done(&in);
	buf_done(&out);
}

static void
probe_finds_the_converters(void **state)
{
	struct err err = {0};

	(void)state;
	assert_ok(charset_probe(&err), &err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decodes_in_any_pieces),
	    cmocka_unit_test(covers_every_pair_of_cp932),
	    cmocka_unit_test(says_where_in_a_long_stream),
	    cmocka_unit_test(probe_finds_the_converters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
