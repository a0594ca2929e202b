/* Which charset a file is found to be in, however it arrives in pieces. */
#include "core/import/encoding.h"

#include "tests/unit/unit.h"

#include <iconv.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"

#define DATA "tests/data/import/encoding/"

/* Detects in pieces of step octets: E_NONE and *out, or the error. */
static enum err_code
detect(struct span in, size_t step, struct encoding *out, struct err *err)
{
	struct detector *detector = detector_new();
	bool more = true;

	while (more && in.len) {
		more = detector_feed(detector, span_slice(in, 0, step));
		in = span_slice(in, step, in.len);
	}
	*err = (struct err){.code = E_NONE};
	detector_finish(
	    detector, in.len ? DETECTOR_PART : DETECTOR_WHOLE, out, err);
	detector_free(&detector);
	return err->code;
}

/* ---- Octets ------------------------------------------------------------ */

struct row {
	struct span in;
	enum err_code code;
	enum charset
	    charset; /* found, or named as the one that came farthest */
	size_t mark;
	const char *line; /* of the fault */
};

#define TEXT(literal) {(literal), sizeof(literal) - 1}

static const struct row rows[] = {
    {TEXT(""), E_NONE, CHARSET_UTF8, 0, ""},
    {TEXT("email,name\r\na@example.jp,Taro\r\n"), E_NONE, CHARSET_UTF8, 0, ""},
    {TEXT("a,\xe5\xb1\xb1\xe7\x94\xb0\n"), E_NONE, CHARSET_UTF8, 0, ""},
    {TEXT("a,Zo\xc3\xab\n"), E_NONE, CHARSET_UTF8, 0, ""},
    /* byte order marks; what follows is not looked at */
    {TEXT("\xef\xbb\xbf"), E_NONE, CHARSET_UTF8, 3, ""},
    {TEXT("\xef\xbb\xbf\x83\x83"), E_NONE, CHARSET_UTF8, 3, ""},
    {TEXT("\xff\xfe"
	  "a\0"),
	E_NONE, CHARSET_UTF16LE, 2, ""},
    {TEXT("\xfe\xff\0a"), E_NONE, CHARSET_UTF16BE, 2, ""},
    /* UTF-16 without one: NULs on one side only */
    {TEXT("a\0,\0q\\\n\0"), E_NONE, CHARSET_UTF16LE, 0, ""},
    {TEXT("\0a\0,\\q\0\n"), E_NONE, CHARSET_UTF16BE, 0, ""},
    /* but for a U+4E00 or U+3000: a name such as 一 */
    {TEXT("a\0,\0b\0,\0\0\x4e\n\0"), E_NONE, CHARSET_UTF16LE, 0, ""},
    {TEXT("\0a\0,\0b\0,\x30\0\0\n"), E_NONE, CHARSET_UTF16BE, 0, ""},
    {TEXT("\0\0c\na,b\n"), E_NONE, CHARSET_UTF8, 0, ""},
    /* ISO-2022-JP, also with an escape cut at the end of a piece */
    {TEXT("a,\x1b$B;3ED\x1b(B\n"), E_NONE, CHARSET_JIS, 0, ""},
    {TEXT("a,\x1b$@;3ED\x1b(J\n"), E_NONE, CHARSET_JIS, 0, ""},
    {TEXT("a,\x1b(I1234\x1b(B\n"), E_NONE, CHARSET_JIS, 0, ""},
    {TEXT("a,b\n\n\x1b$B;3;\n"), E_IMPORT_ENCODING, CHARSET_JIS, 0, "3"},
    {TEXT("a,\x1b$B;3ED\x1b(B\r\n\x1b$(D0!\n"), E_IMPORT_ENCODING, CHARSET_JIS,
	0, "2"},
    /* escapes of terminals do not make one, nor what has eight bits */
    {TEXT("a,\x1b[31mred\n"), E_NONE, CHARSET_UTF8, 0, ""},
    {TEXT("\x1b$B;3\x1b(B,\xe5\xb1\xb1\n"), E_NONE, CHARSET_UTF8, 0, ""},
    /* 山田太郎 */
    {TEXT("a,\x8e\x52\x93\x63\x91\xbe\x98\x59\n"), E_NONE, CHARSET_CP932, 0,
	""},
    {TEXT("a,\xbb\xb3\xb9\xe2,\x8e\xb1\n"), E_NONE, CHARSET_EUC, 0, ""},
    {TEXT("a,\x8f\xf4\xfb\xb9\xe2,b\n"), E_NONE, CHARSET_EUC, 0, ""},
    /* both: half-width kana in pairs, and 山 in EUC-JP */
    {TEXT("a,\xb1\xb2\xb3\xb4\n"), E_IMPORT_ENCODING_UNSURE, 0, 0, ""},
    {TEXT("a,\xbb\xb3\n"), E_IMPORT_ENCODING_UNSURE, 0, 0, ""},
    /* kana in odd numbers are not EUC-JP */
    {TEXT("a,\xb1\xb2\xb3\n"), E_NONE, CHARSET_CP932, 0, ""},
    /* Latin-1: e with an accent and the letter behind it fall on a kanji */
    {TEXT("a,Ren\xe9\x65\n"), E_IMPORT_ENCODING_UNSURE, 0, 0, ""},
    /* Korean (EUC-KR) is kanji in EUC-JP, but nobody's name */
    {TEXT("email,name\na@example.kr,\xb1\xe8 "
	  "\xb9\xce\xc1\xd8\nb@example.kr,\xc0\xcc \xbc\xad\xbf\xac\n"),
	E_IMPORT_ENCODING_UNSURE, 0, 0, ""},
    {TEXT("a,Ren\xe9\n"), E_IMPORT_ENCODING, CHARSET_CP932, 0, "1"},
    {TEXT("a,M\xfcller\n"), E_IMPORT_ENCODING, CHARSET_UTF8, 0, "1"},
    {TEXT("a\r\nb\rc\n\n\xff\n"), E_IMPORT_ENCODING, CHARSET_UTF8, 0, "5"},
    /* characters cut in half at the end of a cell, and nothing else wrong */
    {TEXT("a,\xe5\xb1\xb1\xe7\x94\xb0\xe5\xb1\xb1\xe7\x94\xb0\xe5\xb1,b\n"),
	E_NONE, CHARSET_UTF8, 0, ""},
    {TEXT("a,\xe5\xb1\xb1\xe7\x94\xb0\xe5\xb1,b\n"), E_NONE, CHARSET_UTF8, 0,
	""},
    /* .. but not when hardly anything is right */
    {TEXT("a,\xe5\xb1\xb1\xe7,\xe7,b\n"), E_IMPORT_ENCODING, CHARSET_EUC, 0,
	"1"},
};

static void
finds_the_charset_in_any_pieces(void **state)
{
	static const size_t steps[] = {4, 5, 7, 64};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];

		for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
			struct encoding found = {0};
			struct err err;

			if (detect(row->in, steps[j], &found, &err) !=
			    row->code)
				fail_msg("row %zu by %zu: %s", i, steps[j],
				    err_name(err.code));
			if (row->code == E_NONE &&
			    (found.charset != row->charset ||
				found.mark != row->mark))
				fail_msg("row %zu by %zu: %s, mark %zu", i,
				    steps[j], charset_name(found.charset),
				    found.mark);
			if (strcmp(err_find(&err, "line"), row->line) != 0)
				fail_msg("row %zu by %zu: line %s", i, steps[j],
				    err_find(&err, "line"));
			if (row->code == E_IMPORT_ENCODING &&
			    strcmp(err_find(&err, "charset"),
				charset_name(row->charset)) != 0)
				fail_msg("row %zu by %zu: %s", i, steps[j],
				    err_find(&err, "charset"));
		}
	}
}

static void
finds_the_charset_of_files(void **state)
{
	static const struct {
		const char *file;
		enum err_code code;
		enum charset charset;
	} files[] = {
	    {"ascii.csv", E_NONE, CHARSET_UTF8},
	    {"utf8.csv", E_NONE, CHARSET_UTF8},
	    {"utf8_mark.csv", E_NONE, CHARSET_UTF8},
	    {"utf8_joined.csv", E_NONE, CHARSET_UTF8},
	    {"latin_utf8.csv", E_NONE, CHARSET_UTF8},
	    {"cut.csv", E_NONE, CHARSET_UTF8},
	    {"utf16le.csv", E_NONE, CHARSET_UTF16LE},
	    {"utf16le_mark.csv", E_NONE, CHARSET_UTF16LE},
	    {"utf16be_mark.csv", E_NONE, CHARSET_UTF16BE},
	    {"cp932.csv", E_NONE, CHARSET_CP932},
	    {"euc.csv", E_NONE, CHARSET_EUC},
	    {"jis.csv", E_NONE, CHARSET_JIS},
	    {"kana.csv", E_IMPORT_ENCODING_UNSURE, 0},
	    {"latin1.csv", E_IMPORT_ENCODING_UNSURE, 0},
	    {"truncated.csv", E_IMPORT_ENCODING, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct buf path = BUF_INIT, data = BUF_INIT;
		struct encoding found = {0};
		struct err err = {0};

		buf_printf(&path, DATA "%s", files[i].file);
		assert_ok(file_read(path.ptr, 1 << 16, &data, &err), &err);
		if (detect(buf_span(&data), 100, &found, &err) !=
			files[i].code ||
		    (files[i].code == E_NONE &&
			found.charset != files[i].charset))
			fail_msg("%s: %s %s", files[i].file, err_name(err.code),
			    charset_name(found.charset));
		buf_done(&path);
		buf_done(&data);
	}
}

/* ---- How often two readings fit ------------------------------------------- */

static uint32_t
dice(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % sides;
}

/* A row "a@example.jp,family given" in one of the ways names are written. */
static void
add_name(struct buf *out, uint32_t *seed, bool kana)
{
	static const char *const family[] = {"佐藤", "鈴木", "高橋", "田中",
	    "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田",
	    "佐々木", "山口", "松本", "井上", "木村", "林", "斎藤", "清水",
	    "阿部", "森", "池田", "橋本", "石川", "藤田", "岡田", "後藤",
	    "長谷川", "村上"};
	static const char *const given[] = {"太郎", "花子", "健一", "美咲",
	    "翔", "陽子", "大輔", "直樹", "恵", "誠", "由美", "拓也", "愛",
	    "裕子", "さくら", "ひろし", "マリ", "浩", "智子", "久美子"};
	static const char *const half[] = {"ｻﾄｳ", "ｽｽﾞｷ", "ﾀｶﾊｼ", "ﾀﾅｶ", "ｲﾄｳ",
	    "ﾜﾀﾅﾍﾞ", "ﾔﾏﾓﾄ", "ﾅｶﾑﾗ", "ｺﾊﾞﾔｼ", "ｶﾄｳ", "ﾊﾅｺ", "ﾀﾛｳ", "ﾖｳｺ", "ﾏﾅ"};

	buf_text(out, "a@example.jp,");
	if (kana) {
		buf_text(out, half[dice(seed, 14)]);
		buf_char(out, ' ');
		buf_text(out, half[dice(seed, 14)]);
	} else {
		buf_text(out, family[dice(seed, 30)]);
		buf_char(out, ' ');
		buf_text(out, given[dice(seed, 20)]);
	}
	buf_char(out, '\n');
}

static void
encode(const char *charset, struct span text, struct buf *out)
{
	iconv_t cd = iconv_open(charset, "UTF-8");
	char *from = (char *)(uintptr_t)text.ptr, *to;
	size_t left = text.len, room = 2 * text.len + 16;

	assert_true(cd != (iconv_t)-1);
	buf_clear(out);
	buf_reserve(out, room);
	to = out->ptr;
	assert_true(iconv(cd, &from, &left, &to, &room) != (size_t)-1);
	out->len = (size_t)(to - out->ptr);
	iconv_close(cd);
}

static void
is_seldom_unsure(void **state)
{
	enum { FILES = 1000 };

	/* In thousandths; the figures for kanji are those measured with real
	 * names, for kana alone EUC-JP always fits whatever CP932 does. */
	static const struct {
		const char *name;
		enum charset charset;
		bool kana;
		int rows, least, most;
	} runs[] = {
	    {"EUC-JP-MS", CHARSET_EUC, false, 1, 100, 500},
	    {"EUC-JP-MS", CHARSET_EUC, false, 3, 10, 100},
	    {"EUC-JP-MS", CHARSET_EUC, false, 10, 0, 0},
	    {"CP932", CHARSET_CP932, false, 1, 0, 50},
	    {"CP932", CHARSET_CP932, false, 3, 0, 0},
	    {"CP932", CHARSET_CP932, false, 10, 0, 0},
	    {"EUC-JP-MS", CHARSET_EUC, true, 1, 1000, 1000},
	    {"EUC-JP-MS", CHARSET_EUC, true, 10, 1000, 1000},
	    {"CP932", CHARSET_CP932, true, 1, 100, 500},
	    {"CP932", CHARSET_CP932, true, 10, 0, 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		struct buf text = BUF_INIT, octets = BUF_INIT;
		uint32_t seed = 2024;
		int unsure = 0;

		for (int n = 0; n < FILES; n++) {
			struct encoding found;
			struct err err;
			enum err_code code;

			buf_clear(&text);
			for (int j = 0; j < runs[i].rows; j++)
				add_name(&text, &seed, runs[i].kana);
			encode(runs[i].name, buf_span(&text), &octets);
			code = detect(buf_span(&octets), 4096, &found, &err);
			unsure += code == E_IMPORT_ENCODING_UNSURE;
			/* asked or right, never wrong */
			if (code == E_NONE && found.charset != runs[i].charset)
				fail_msg("%s as %s: %s", runs[i].name,
				    charset_name(found.charset), text.ptr);
			if (code != E_NONE && code != E_IMPORT_ENCODING_UNSURE)
				fail_msg("%s: %s", err_name(code), text.ptr);
		}
		if (unsure < runs[i].least || unsure > runs[i].most)
			fail_msg("run %zu: unsure %d of %d", i, unsure, FILES);
		buf_done(&text);
		buf_done(&octets);
	}
}

/* ---- Marks in the middle ----------------------------------------------------- */

#define MARK "\xef\xbb\xbf"

static void
drops_marks_where_lines_begin(void **state)
{
	static const struct {
		char before;
		const char *in, *out;
		char after;
	} pieces[] = {
	    {'\n', "", "", '\n'},
	    {'\n', "a,b\nc", "a,b\nc", 'c'},
	    {'\n', MARK "a\n" MARK "b\n", "a\nb\n", '\n'},
	    {'\n', MARK, "", '\n'},
	    {'\r', MARK MARK "a", "a", 'a'},
	    {'a', MARK "b", MARK "b", 'b'},
	    {'a', "\r\n" MARK "b" MARK "c", "\r\nb" MARK "c", 'c'},
	    {',', MARK, MARK, '\xbf'},
	    {'a', "\r" MARK "\"x\"", "\r\"x\"", '"'},
	    {'\n', "\xef\xbd\xb1\n\xef\xbc\xa1", "\xef\xbd\xb1\n\xef\xbc\xa1",
		'\xa1'},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct buf text = BUF_INIT;
		char before = pieces[i].before;

		buf_text(&text, pieces[i].in);
		encoding_drop_marks(&text, &before);
		assert_span_equal(buf_span(&text), pieces[i].out);
		assert_int_equal(before, pieces[i].after);
		buf_done(&text);
	}
}

static void
knows_the_marks(void **state)
{
	(void)state;
	assert_int_equal(encoding_mark(SPAN("\xef\xbb\xbfz"), CHARSET_UTF8), 3);
	assert_int_equal(
	    encoding_mark(SPAN("\xef\xbb\xbfz"), CHARSET_CP932), 3);
	assert_int_equal(encoding_mark(SPAN("\xff\xfez"), CHARSET_UTF16LE), 2);
	assert_int_equal(encoding_mark(SPAN("\xff\xfez"), CHARSET_UTF16BE), 0);
	assert_int_equal(encoding_mark(SPAN("\xff\xfez"), CHARSET_CP932), 0);
	assert_int_equal(encoding_mark(SPAN("z"), CHARSET_UTF8), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_charset_in_any_pieces),
	    cmocka_unit_test(finds_the_charset_of_files),
	    cmocka_unit_test(is_seldom_unsure),
	    cmocka_unit_test(drops_marks_where_lines_begin),
	    cmocka_unit_test(knows_the_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
