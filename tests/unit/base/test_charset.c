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
    {CHARSET_CP932, "~\x7f", -1, "~\x7f"},
    {CHARSET_CP932, "abc\x80", 3, "abc"},
    {CHARSET_CP932, "abc\xa0", 3, "abc"},
    {CHARSET_CP932, "abc\xfd", 3, "abc"},
    {CHARSET_CP932, "\x88\x9f\xff", 2, "\xe4\xba\x9c"},
    {CHARSET_CP932, "ab\x88", 2, "ab"},
    {CHARSET_CP932, "ab\x88\x0a", 2, "ab"},
    {CHARSET_CP932, "ab\x85\x40", 2, "ab"}, /* an empty place of the table */
    /* 髙﨑①㈱ once more, half-width kana, 髙 as a sign of JIS X 0212 */
    {CHARSET_EUC, "\x8f\xf4\xfb\x8f\xf4\xbd\xad\xa1\xad\xea", -1,
	"\xe9\xab\x99\xef\xa8\x91\xe2\x91\xa0\xe3\x88\xb1"},
    {CHARSET_EUC, "\x8e\xb1\x8e\xdf\\~\xa1\xc1", -1,
	"\xef\xbd\xb1\xef\xbe\x9f\\~\xef\xbd\x9e"},
    {CHARSET_EUC, "a\x80", 1, "a"},
    {CHARSET_EUC, "a\xa0\xa1", 1, "a"},
    {CHARSET_EUC, "a\x8e\xe0", 1, "a"},
    {CHARSET_EUC, "a\xbb\x2c", 1, "a"},
    {CHARSET_EUC, "a\x8f\xb0", 1, "a"},
    {CHARSET_EUC, "a\xff", 1, "a"},
    {CHARSET_EUC, "\xbb\xb3\xa9\xa1", 2, "\xe5\xb1\xb1"},
    /* 山 in all sets, with what plain ISO-2022-JP lacks: 髙①㈱ */
    {CHARSET_JIS, "a\x1b$B;3\x1b(B,b", -1, "a\xe5\xb1\xb1,b"},
    {CHARSET_JIS, "\x1b$@;3\x1b(J\\", -1, "\xe5\xb1\xb1\\"},
    {CHARSET_JIS, "\x1b&@\x1b$B|b-!-j\x1b(B", -1,
	"\xe9\xab\x99\xe2\x91\xa0\xe3\x88\xb1"},
    {CHARSET_JIS,
	"\x1b(I1_\x1b(B1\x0e"
	"1\x0f"
	"1",
	-1, "\xef\xbd\xb1\xef\xbe\x9f\x31\xef\xbd\xb1\x31"},
    {CHARSET_JIS, "\x1b$B;3\n;3\r\n", -1, "\xe5\xb1\xb1\n;3\r\n"},
    {CHARSET_JIS, "\x1b$B;3 ;3\t", -1, "\xe5\xb1\xb1 \xe5\xb1\xb1\t"},
    {CHARSET_JIS, "\x1b$B;3;", 5, "\xe5\xb1\xb1"},
    {CHARSET_JIS, "\x1b$B;3)!", 5, "\xe5\xb1\xb1"}, /* an empty place */
    {CHARSET_JIS, "\x1b$B;3;\n", 5, "\xe5\xb1\xb1"},
    {CHARSET_JIS, "ab\x1b[31m", 2, "ab"},
    {CHARSET_JIS, "ab\x1b$", 2, "ab"},
    {CHARSET_JIS, "ab\x1b$(D0!", 2, "ab"}, /* JIS X 0212: no table */
    {CHARSET_JIS, "ab\xb1", 2, "ab"},
    {CHARSET_JIS, "\x1b(I`", 3, ""},
};

/* UTF-16 in big-endian order: the other one is made of it. */
static const struct {
	struct span in;
	int64_t bad;
	const char *out;
} wide[] = {
    {{"\0a\0,\x5c\x71", 6}, -1, "a,\xe5\xb1\xb1"},
    {{"\xd8\x42\xdf\xb7\0a", 6}, -1, "\xf0\xa0\xae\xb7\x61"}, /* 𠮷 */
    {{"\xfe\xff\0a", 4}, -1, "\xef\xbb\xbf\x61"},
    {{"\0a\xd8\x42\0a", 6}, 2, "a"}, /* half a pair */
    {{"\0a\xdf\xb7\0a", 6}, 2, "a"},
    {{"\0a\xd8\x42\xd8\x42", 6}, 2, "a"},
    {{"\0a\xff\xfe\0a", 6}, 2, "a"}, /* a mark of the other order */
    {{"\0a\xd8\x42", 4}, 2, "a"},
    {{"\0a\x5c", 3}, 2, "a"},
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

static void
decodes_utf16_in_both_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
		char little[16];
		struct span in[2] = {wide[i].in, {little, wide[i].in.len}};

		memcpy(little, wide[i].in.ptr, wide[i].in.len);
		for (size_t j = 0; j + 1 < wide[i].in.len; j += 2) {
			little[j] = wide[i].in.ptr[j + 1];
			little[j + 1] = wide[i].in.ptr[j];
		}
		for (size_t step = 1; step < 14; step++) {
			struct buf out = BUF_INIT;
			bool big = step % 2;

			assert_int_equal(
			    decode(big ? CHARSET_UTF16BE : CHARSET_UTF16LE,
				in[!big], 1 + step / 2, &out),
			    wide[i].bad);
			assert_span_equal(buf_span(&out), wide[i].out);
			buf_done(&out);
		}
	}
}

/* A character cut off at the end of a cell: allowed or not. */
static void
marks_cut_characters(void **state)
{
	static const struct {
		const char *in;
		int64_t bad;
		const char *out;
		int whole, cut;
	} rows[] = {
	    {"\xe5\xb1\xb1\xe7\x94,b", -1, "\xe5\xb1\xb1\xef\xbf\xbd,b", 1, 1},
	    {"\"\xe7\"\r\n\"\xf0\xa0\xae\"", -1,
		"\"\xef\xbf\xbd\"\r\n\"\xef\xbf\xbd\"", 0, 2},
	    {"\xc3\t\xc3\n", -1, "\xef\xbf\xbd\t\xef\xbf\xbd\n", 0, 2},
	    {"a\xe7\x94z", 1, "a", 0, 0}, /* in the middle of a word */
	    {"a\xe7\x94", 1, "a", 0, 0},  /* the file itself is cut */
	    {"a\x94,", 1, "a", 0, 0},     /* an end without a beginning */
	    {"a\xed\xa0,", 1, "a", 0, 0}, /* never the beginning of one */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (size_t step = 1; step < 8; step++) {
			struct decoder *decoder = NULL;
			struct span in = span_of(rows[i].in);
			struct buf out = BUF_INIT;
			struct err err = {0};
			int rc = 0;

			assert_ok(
			    decoder_new(CHARSET_UTF8, &decoder, &err), &err);
			decoder_allow_cuts(decoder);
			for (; rc == 0 && in.len;
			    in = span_slice(in, step, in.len))
				rc = decoder_feed(decoder,
				    span_slice(in, 0, step), &out, &err);
			if (rc == 0)
				rc = decoder_finish(decoder, &err);
			assert_int_equal(rc, rows[i].bad < 0 ? 0 : -1);
			assert_span_equal(buf_span(&out), rows[i].out);
			assert_int_equal(
			    decoder_seen(decoder).cut, rows[i].cut);
			assert_int_equal(
			    decoder_seen(decoder).whole, rows[i].whole);
			decoder_free(&decoder);
			buf_done(&out);
		}
	}
}

static void
names_lead_back_to_charsets(void **state)
{
	enum charset found;

	(void)state;
	for (int i = 0; i < CHARSET_COUNT; i++) {
		found = CHARSET_COUNT;
		assert_true(charset_of_name(
		    span_of(charset_name((enum charset)i)), &found));
		assert_int_equal(found, i);
	}
	assert_false(charset_of_name(SPAN("Shift_JIS"), &found));
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
	for (int i = 0; i < CHARSET_COUNT; i++)
		assert_ok(charset_probe((enum charset)i, &err), &err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decodes_in_any_pieces),
	    cmocka_unit_test(decodes_utf16_in_both_orders),
	    cmocka_unit_test(marks_cut_characters),
	    cmocka_unit_test(names_lead_back_to_charsets),
	    cmocka_unit_test(covers_every_pair_of_cp932),
	    cmocka_unit_test(says_where_in_a_long_stream),
	    cmocka_unit_test(probe_finds_the_converters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
