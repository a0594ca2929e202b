/* ISO-2022-JP: what has a place in it, what is folded, and what is refused. */
#include "tests/unit/unit.h"

#include "core/base/buf.h"
#include "core/base/jis.h"
#include "core/base/jis_table.h"
#include "core/base/utf8.h"

#define K "\x1b$B" /* into JIS X 0208 */
#define A "\x1b(B" /* back into ASCII */

/* jis: NULL when the charset lacks a character.  back: what a reader sees;
 * NULL: what was written. */
static const struct {
	const char *text, *jis, *back;
} cases[] = {
    {"", "", NULL},
    {"plain ~ \\ ASCII\n", "plain ~ \\ ASCII\n", NULL},
    {"亜", K "0!" A, NULL},
    {"山田 太郎", K ";3ED" A " " K "B@O:" A, NULL},
    {"a亜b", "a" K "0!" A "b", NULL},
    {"亜\n亜", K "0!" A "\n" K "0!" A, NULL},
    {"熙", K "t&" A, NULL}, /* the last of the set */
    /* folded: width and second codes of the same sign */
    {"ｱｲｳ", K "%\"%$%&" A, "アイウ"},
    {"ｶﾞｷﾞﾊﾟﾋﾞｳﾞ", K "%,%.%Q%S%t" A, "ガギパビヴ"},
    {"ﾂﾞｯﾞﾅﾞ", K "%E%C!+%J!+" A, "ヅッ゛ナ゛"},
    {"か\xe3\x82\x99ふ\xe3\x82\x9a", K "$,$W" A,
	"がぷ"}, /* か U+3099, ふ U+309A */
    {"10～20", "10" K "!A" A "20", "10〜20"},
    {"－—∥￠￡￢", K "!]!=!B!q!r\"L" A, "−―‖¢£¬"},
    {"\xc2\xa5 1,200", K "!o" A " 1,200", "￥ 1,200"},
    {"a\xc2\xa0"
     "b",
	"a b", "a b"},
    /* never replaced */
    {"髙橋", NULL, NULL},
    {"﨑", NULL, NULL},
    {"①Ⅰ㈱", NULL, NULL},
    {"𠮷野家", NULL, NULL},
    {"😀", NULL, NULL},
    {"é", NULL, NULL},
    {"か\xf3\xa0\x84\x80", NULL, NULL}, /* a variation selector */
    {"a\x1b$B", NULL, NULL},
    {"\xff", NULL, NULL},
    {"\xef\xbf\xbd", NULL, NULL},
};

static void
encodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct span text = span_of(cases[i].text);
		struct buf out = BUF_INIT, back = BUF_INIT;
		const char *seen =
		    cases[i].back ? cases[i].back : cases[i].text;

		buf_text(&out, "x");
		assert_int_equal(
		    jis_encode(text, JIS_STOP, &out), cases[i].jis != NULL);
		assert_int_equal(jis_can(text), cases[i].jis != NULL);
		buf_drop(&out, 1);
		assert_span_equal(
		    buf_span(&out), cases[i].jis ? cases[i].jis : "");
		assert_true(jis_decode(buf_span(&out), &back));
		assert_span_equal(buf_span(&back), cases[i].jis ? seen : "");
		buf_done(&out);
		buf_done(&back);
	}
}

static void
folds_marks(void **state)
{
	struct buf out = BUF_INIT, back = BUF_INIT;

	(void)state;
	assert_true(jis_encode(SPAN("｢ｱ･ｲ｣｡ｰﾞﾟ"), JIS_STOP, &out));
	assert_true(jis_decode(buf_span(&out), &back));
	assert_span_equal(buf_span(&back), "「ア・イ」。ー゛゜");
	buf_done(&out);
	buf_done(&back);
}

/* Every character of the set comes back as itself, and no other gets in but by
 * folding. */
static void
holds_the_whole_set(void **state)
{
	int count = 0, folded = 0;

	(void)state;
	for (uint32_t cp = 0x80; cp < 0x20000; cp++) {
		struct buf text = BUF_INIT, jis = BUF_INIT, back = BUF_INIT;

		if (cp >= 0xd800 && cp < 0xe000)
			continue;
		buf_utf8(&text, cp);
		if (jis_encode(buf_span(&text), JIS_STOP, &jis)) {
			assert_true(jis_decode(buf_span(&jis), &back));
			if (span_equal(buf_span(&text), buf_span(&back)))
				count++;
			else
				folded++;
		}
		buf_done(&text);
		buf_done(&jis);
		buf_done(&back);
	}
	assert_int_equal(count, JIS_COUNT);
	assert_int_equal(folded, 9 + 63);
}

static void
refers_in_html(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	assert_true(jis_encode(SPAN("<p>亜髙😀"), JIS_REFERENCE, &out));
	assert_span_equal(buf_span(&out), "<p>" K "0!" A "&#x9AD9;&#x1F600;");
	assert_false(jis_encode(SPAN("a\xff"), JIS_REFERENCE, &out));
	assert_false(jis_encode(SPAN("a\x1b"), JIS_REFERENCE, &out));
	buf_done(&out);
}

/* What other programs write. */
static const struct {
	const char *jis, *text;
} foreign[] = {
    {"\x1b$@0!\x1b(J\\~\x1b(B", "亜\xc2\xa5\xe2\x80\xbe"},
    {"\x1b(I1^\x1b(B", "ｱﾞ"},
    {K "0!\nabc", "亜\nabc"},
    {K "0! 0!", "亜 亜"},
    {K "0", NULL},
    {K "~~" A, NULL},
    {"\x1b$A0!", NULL},
    {"\x1b", NULL},
    {"\x80", NULL},
    {"\x0e", NULL},
    {"\x1b(I~", NULL},
};

static void
decodes_foreign(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		struct buf out = BUF_INIT;
		bool good = jis_decode(span_of(foreign[i].jis), &out);

		assert_int_equal(good, foreign[i].text != NULL);
		assert_span_equal(
		    buf_span(&out), foreign[i].text ? foreign[i].text : "");
		buf_done(&out);
	}
}

static void
advises(void **state)
{
	(void)state;
	assert_string_equal(jis_advice(0x2460), "(1)");
	assert_string_equal(jis_advice(0x2473), "(20)");
	assert_string_equal(jis_advice(0x2160), "I");
	assert_string_equal(jis_advice(0x3231), "(株)");
	assert_string_equal(jis_advice(0x9ad9), "高");
	assert_string_equal(jis_advice(0xfa12), "");
	assert_null(jis_advice(0x4e9c));
	assert_null(jis_advice('a'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encodes),
	    cmocka_unit_test(folds_marks),
	    cmocka_unit_test(holds_the_whole_set),
	    cmocka_unit_test(refers_in_html),
	    cmocka_unit_test(decodes_foreign),
	    cmocka_unit_test(advises),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
