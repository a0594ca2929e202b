/* The encodings: exact bytes where an RFC gives them, the line rule always, and
 * back again through the independent reader. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/utf8.h"
#include "core/mail/encode.h"
#include "core/mail/parse.h"
#include "tests/unit/unit.h"

#define HIRA  "\xe3\x81\x82" /* one character of three octets */
#define EMOJI "\xf0\x9f\x98\x80"

/* Fails unless every line of text ends with CRLF and is within limit. */
static void
assert_lines(struct span text, size_t limit)
{
	while (text.len) {
		size_t lf = span_index(text, '\n');
		struct span line = span_slice(text, 0, lf);

		if (lf < text.len) {
			assert_true(span_ends(line, SPAN("\r")));
			line.len--;
		}
		assert_true(line.len <= limit);
		assert_int_equal(span_index(line, '\r'), line.len);
		text = span_slice(text, lf + 1, text.len);
	}
}

static void
base64_of_rfc4648(void **state)
{
	static const struct {
		const char *in, *out;
	} known[] = {
	    {"", ""},
	    {"f", "Zg=="},
	    {"fo", "Zm8="},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="},
	    {"fooba", "Zm9vYmE="},
	    {"foobar", "Zm9vYmFy"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct buf out = BUF_INIT;

		encode_base64(&out, span_of(known[i].in));
		assert_span_equal(buf_span(&out), known[i].out);
		buf_done(&out);
	}
}

static void
counts_high_octets(void **state)
{
	char text[64];

	(void)state;
	for (size_t len = 0; len <= sizeof text; len++) {
		for (size_t high = 0; high <= len; high++) {
			memset(text, 0x7f, sizeof text);
			memset(text + len - high, 0x80, high);
			assert_int_equal(
			    encode_count_high(span_make(text, len)), high);
		}
	}
}

/* Decodes with the reader, as a body of the given encoding. */
static void
assert_decodes(struct span body, enum parse_encoding how, struct span want)
{
	struct parse_part part = {.body = body, .encoding = how};
	struct buf got = BUF_INIT;
	struct err err = {0};

	assert_ok(parse_body(&part, &got, &err), &err);
	assert_int_equal(got.len, want.len);
	assert_true(span_equal(buf_span(&got), want));
	buf_done(&got);
}

static void
base64_lines_of_every_length(void **state)
{
	char raw[400];

	(void)state;
	for (size_t i = 0; i < sizeof raw; i++)
		raw[i] = (char)(i * 37);
	for (size_t len = 0; len <= sizeof raw; len++) {
		struct buf out = BUF_INIT;

		encode_base64_lines(&out, span_make(raw, len));
		assert_lines(buf_span(&out), ENCODE_LINE_MAX);
		assert_true(
		    len == 0 || span_ends(buf_span(&out), SPAN("\r\n")));
		assert_decodes(
		    buf_span(&out), PARSE_BASE64, span_make(raw, len));
		buf_done(&out);
	}
}

/* The text with every lone LF as CRLF. */
static void
canonical(struct span text, struct buf *out)
{
	char before = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\n' && before != '\r')
			buf_char(out, '\r');
		before = text.ptr[i];
		buf_char(out, before);
	}
}

static const char *const texts[] = {
    "",
    "\n",
    "\r\n",
    "a",
    "a\n",
    "a\r\nb\n\nc",
    " \n\t\n trailing \t\nblanks ",
    "From here\nFrom there\n>From\n. dot\n..\n",
    "a=b =3D = \n=",
    "caf\xc3\xa9 \xe2\x82\xac\n",
    HIRA HIRA HIRA "\n" HIRA "\n",
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "01234567890123456789From 0123456789.0123456789\n",
    "                                                                       "
    "                                                                       "
    "    \nx",
};

static void
text_bodies_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct buf out = BUF_INIT, want = BUF_INIT;

		canonical(span_of(texts[i]), &want);
		encode_qp(&out, span_of(texts[i]));
		assert_lines(buf_span(&out), ENCODE_LINE_MAX);
		assert_true(encode_is_ascii(buf_span(&out)));
		assert_decodes(buf_span(&out), PARSE_QP, buf_span(&want));
		buf_clear(&out);
		encode_base64_text(&out, span_of(texts[i]));
		assert_lines(buf_span(&out), ENCODE_LINE_MAX);
		assert_decodes(buf_span(&out), PARSE_BASE64, buf_span(&want));
		buf_done(&out);
		buf_done(&want);
	}
}

static void
line_ends_at_every_chunk_edge(void **state)
{
	(void)state;
	for (size_t pad = 50; pad < 64; pad++) {
		struct buf text = BUF_INIT, want = BUF_INIT, out = BUF_INIT;

		for (size_t i = 0; i < pad; i++)
			buf_char(&text, 'x');
		buf_text(&text, "\n\n\r\ny\n");
		canonical(buf_span(&text), &want);
		encode_base64_text(&out, buf_span(&text));
		assert_decodes(buf_span(&out), PARSE_BASE64, buf_span(&want));
		buf_done(&text);
		buf_done(&want);
		buf_done(&out);
	}
}

/* Texts longer than what is widened at once, with line ends everywhere, and in
 * memory that ends where they end. */
static void
long_texts_come_back(void **state)
{
	static const size_t lengths[] = {1, 7, 31, 32, 33, 57, 100, 4000};

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct buf want = BUF_INIT, out = BUF_INIT;
		const size_t len = 9001;
		char *text = malloc(len);

		assert_non_null(text);
		for (size_t at = 0; at < len; at++) {
			text[at] = (char)(' ' + at * 7 % 90);
			if (at % lengths[i] == lengths[i] - 1)
				text[at] = '\n';
			if (at % 1000 == 998)
				memcpy(text + at - 1, "\r\n", 2);
		}
		canonical(span_make(text, len), &want);
		encode_base64_text(&out, span_make(text, len));
		assert_lines(buf_span(&out), ENCODE_LINE_MAX);
		assert_decodes(buf_span(&out), PARSE_BASE64, buf_span(&want));
		free(text);
		buf_done(&want);
		buf_done(&out);
	}
}

static void
qp_exact(void **state)
{
	static const struct {
		const char *in, *out;
	} known[] = {
	    {"a=b\n", "a=3Db\r\n"},
	    {"x \ny\t", "x=20\r\ny=09"},
	    {".\nFrom me\nFromage", "=2E\r\n=46rom me\r\nFromage"},
	    {"\xc3\xa9", "=C3=A9"},
	    {"\x01\r!", "=01=0D!"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct buf out = BUF_INIT;

		encode_qp(&out, span_of(known[i].in));
		assert_span_equal(buf_span(&out), known[i].out);
		buf_done(&out);
	}
}

/* Every word is valid by itself: at most 75 octets, whole characters. */
static void
assert_words(struct span header)
{
	while (header.len) {
		struct span word = span_trim(span_cut(&header, '\n'));
		struct buf alone = BUF_INIT;

		assert_true(word.len <= ENCODE_WORD_MAX);
		assert_int_equal(parse_words(word, &alone), 0);
		assert_true(utf8_is_valid(buf_span(&alone)));
		buf_done(&alone);
	}
}

static void
words_of_every_length_and_column(void **state)
{
	static const char *const units[] = {"a", "\xc3\xa9", HIRA, EMOJI};

	(void)state;
	for (size_t unit = 0; unit < 4; unit++) {
		struct buf text = BUF_INIT, out = BUF_INIT, back = BUF_INIT;

		for (int count = 1; count < 60; count++) {
			size_t column = (size_t)(count * 7 % 76), end;

			buf_text(&text, units[unit]);
			buf_clear(&out);
			buf_clear(&back);
			for (size_t i = 0; i < column; i++)
				buf_char(&out, ':');
			end = encode_words(&out, buf_span(&text), column);
			assert_lines(buf_span(&out), ENCODE_LINE_MAX);
			assert_true(end <= ENCODE_LINE_MAX);
			buf_drop(&out, column);
			assert_words(span_trim(buf_span(&out)));
			assert_int_equal(
			    parse_words(span_trim(buf_span(&out)), &back), 0);
			assert_true(
			    span_equal(buf_span(&back), buf_span(&text)));
		}
		buf_done(&text);
		buf_done(&out);
		buf_done(&back);
	}
}

static void
words_at_the_75_octet_edge(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	/* 45 octets are 60 columns of base64: one word of 72. */
	for (int i = 0; i < 15; i++)
		buf_text(&out, HIRA);
	struct buf words = BUF_INIT;

	encode_words(&words, buf_span(&out), 1);
	assert_int_equal(words.len, 72);
	/* One octet more needs a second word, cut between characters. */
	buf_text(&out, HIRA);
	buf_clear(&words);
	encode_words(&words, buf_span(&out), 1);
	assert_int_equal(span_search(buf_span(&words), SPAN("?=\r\n =?")), 70);
	buf_done(&words);
	buf_done(&out);
}

static void
parameters_come_back(void **state)
{
	static const char *const values[] = {"", "a.txt", "a b.txt",
	    "quo\"te\\.txt", HIRA ".pdf",
	    "a long name that does not fit into one line because it has "
	    "far too many words.txt",
	    HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA HIRA
		HIRA HIRA HIRA ".pdf",
	    "100%'*;=.txt", "caf\xc3\xa9;x=\"y\".txt"};

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct buf out = BUF_INIT, back = BUF_INIT;

		print_message("%s\n", values[i]);
		buf_text(&out, "attachment");
		encode_parameter(&out, "filename", span_of(values[i]));
		assert_lines(buf_span(&out), ENCODE_LINE_MAX);
		assert_true(encode_is_ascii(buf_span(&out)));
		assert_true(parse_parameter(buf_span(&out), "filename", &back));
		assert_span_equal(buf_span(&back), values[i]);
		buf_done(&out);
		buf_done(&back);
	}
}

static void
parameters_of_every_length(void **state)
{
	static const char *const units[] = {"x", "\"", HIRA, "a "};

	(void)state;
	for (size_t unit = 0; unit < 4; unit++) {
		struct buf text = BUF_INIT, out = BUF_INIT, back = BUF_INIT;

		for (int count = 0; count < 100; count++) {
			buf_text(&text, units[unit]);
			buf_clear(&out);
			buf_clear(&back);
			encode_parameter(&out, "name", buf_span(&text));
			buf_char(&out, ';');
			assert_lines(buf_span(&out), ENCODE_LINE_MAX);
			assert_true(
			    parse_parameter(buf_span(&out), "name", &back));
			assert_true(
			    span_equal(buf_span(&back), buf_span(&text)));
		}
		buf_done(&text);
		buf_done(&out);
		buf_done(&back);
	}
}

static void
parameter_exact(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	encode_parameter(&out, "filename", SPAN(HIRA ".pdf"));
	assert_span_equal(buf_span(&out),
	    ";\r\n filename*=UTF-8''%E3%81%82.pdf;\r\n filename=\"_.pdf\"");
	buf_done(&out);
}

/* ISO-2022-JP words at every length and column: each is short enough, stands in
 * ASCII at both ends by itself, and together they give the text. */
static void
jis_words_of_every_length_and_column(void **state)
{
	static const char *const alphabet[] = {"亜", "a", "い", "b c", "熙"};

	(void)state;
	for (size_t length = 1; length < 60; length++) {
		struct buf text = BUF_INIT, out = BUF_INIT, back = BUF_INIT;

		for (size_t i = 0; i < length; i++)
			buf_text(&text, alphabet[(i * i + length) % 5]);
		for (size_t column = 2; column < 80; column += 7) {
			struct span words, word;

			buf_clear(&out);
			buf_clear(&back);
			encode_words_in(
			    &out, buf_span(&text), column, ENCODE_ISO_2022_JP);
			assert_lines(buf_span(&out), ENCODE_LINE_MAX);
			assert_int_equal(parse_words(buf_span(&out), &back), 0);
			assert_span_equal(span_trim(buf_span(&back)), text.ptr);
			for (words = buf_span(&out); words.len;) {
				word = span_trim(span_cut(&words, '\n'));
				assert_true(word.len <= ENCODE_WORD_MAX);
				buf_clear(&back);
				assert_int_equal(parse_words(word, &back), 0);
			}
		}
		buf_done(&text);
		buf_done(&out);
		buf_done(&back);
	}
}

static void
jis_words_exact(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	encode_words_in(&out, SPAN("山田"), 4, ENCODE_ISO_2022_JP);
	assert_span_equal(buf_span(&out), "=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?=");
	buf_done(&out);
}

static void
seven_bit_only_where_nothing_changes(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {{"", true}, {"a\nb\r\n", true}, {".a", false},
	    {"a\n.\n", false}, {"From a", false}, {"From\nFrom: a", true},
	    {"a \nb", false}, {"a \r\nb", false}, {"a\t", false}, {" a", true}};
	struct buf text = BUF_INIT, out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(
		    encode_is_7bit(span_of(rows[i].text)), rows[i].good);
	for (int i = 0; i < ENCODE_HARD_MAX; i++)
		buf_char(&text, 'x');
	buf_text(&text, "\r\n");
	assert_true(encode_is_7bit(buf_span(&text)));
	buf_drop(&text, ENCODE_HARD_MAX);
	for (int i = 0; i <= ENCODE_HARD_MAX; i++)
		buf_char(&text, 'x');
	assert_false(encode_is_7bit(buf_span(&text)));
	encode_7bit(&out, SPAN("a\n\r\nb"));
	assert_span_equal(buf_span(&out), "a\r\n\r\nb\r\n");
	buf_done(&text);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_high_octets),
	    cmocka_unit_test(base64_of_rfc4648),
	    cmocka_unit_test(base64_lines_of_every_length),
	    cmocka_unit_test(text_bodies_come_back),
	    cmocka_unit_test(line_ends_at_every_chunk_edge),
	    cmocka_unit_test(long_texts_come_back),
	    cmocka_unit_test(qp_exact),
	    cmocka_unit_test(words_of_every_length_and_column),
	    cmocka_unit_test(words_at_the_75_octet_edge),
	    cmocka_unit_test(jis_words_of_every_length_and_column),
	    cmocka_unit_test(jis_words_exact),
	    cmocka_unit_test(seven_bit_only_where_nothing_changes),
	    cmocka_unit_test(parameters_come_back),
	    cmocka_unit_test(parameters_of_every_length),
	    cmocka_unit_test(parameter_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
