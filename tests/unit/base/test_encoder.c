/* The way out to CP932: what it has no place for is told and replaced. */
#include "tests/unit/unit.h"

#include "core/base/encoder.h"

static const struct {
	const char *text, *octets, *lost;
	size_t count;
} cases[] = {
    {"taro", "taro", "", 0},
    {"山田", "\x8e\x52\x93\x63", "", 0},
    {"髙﨑①㈱", "\xfb\xfc\xfa\xb1\x87\x40\x87\x8a", "", 0},
    {"𠮷田", "\x81\xac\x93\x63", "𠮷", 1},
    {"鷗外と𠮷", "\x81\xac\x8a\x4f\x82\xc6\x81\xac", "鷗𠮷", 2},
    {"〜", "\x81\x60", "", 0},
    {"1−2", "1\x81\x7c\x32", "", 0},
    {"é", "\x81\xac", "é", 1},
};

static void
losses_are_told(void **state)
{
	struct encoder *encoder = NULL;
	struct buf out = BUF_INIT, lost = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(encoder_new(CHARSET_CP932, &encoder, &err), &err);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&out);
		buf_clear(&lost);
		assert_int_equal(encoder_put_lossy(encoder,
				     span_of(cases[i].text), &out, &lost),
		    cases[i].count);
		assert_span_equal(buf_span(&out), cases[i].octets);
		assert_span_equal(buf_span(&lost), cases[i].lost);
	}
	encoder_free(&encoder);
	buf_done(&out);
	buf_done(&lost);
}

static void
without_loss_nothing_is_put(void **state)
{
	struct encoder *encoder = NULL;
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(encoder_new(CHARSET_CP932, &encoder, &err), &err);
	assert_true(encoder_put(encoder, SPAN("a"), &out));
	assert_false(encoder_put(encoder, SPAN("𠮷"), &out));
	assert_string_equal(out.ptr, "a");
	assert_int_equal(encoder_put_lossy(encoder, SPAN("𠮷"), &out, NULL), 1);
	encoder_free(&encoder);
	buf_done(&out);
}

static void
utf8_loses_nothing(void **state)
{
	struct encoder *encoder = NULL;
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(encoder_new(CHARSET_UTF8, &encoder, &err), &err);
	assert_int_equal(
	    encoder_put_lossy(encoder, SPAN("𠮷é"), &out, NULL), 0);
	assert_string_equal(out.ptr, "𠮷é");
	encoder_free(&encoder);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(losses_are_told),
	    cmocka_unit_test(without_loss_nothing_is_put),
	    cmocka_unit_test(utf8_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
