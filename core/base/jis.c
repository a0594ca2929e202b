/* ISO-2022-JP from and to UTF-8.  What is folded is decided here, and it is
 * little: signs that came into being as a second code or width of the same
 * sign.  A name with a character that the charset lacks is not written in
 * another way: the message leaves as UTF-8. */
#include "core/base/jis.h"

#include "core/base/jis_table.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

enum { ESCAPE = 0x1b, SHIFT_OUT = 0x0e, SHIFT_IN = 0x0f };

struct fold {
	uint16_t from, to;
};

/* What Windows writes for signs that JIS X 0208 has under another code; the
 * yen sign of Latin keyboards; the blank that is not to be broken at. */
static const struct fold folds[] = {{0x00a0, 0x0020}, {0x00a5, 0xffe5},
    {0x2014, 0x2015}, {0x2225, 0x2016}, {0xff0d, 0x2212}, {0xff5e, 0x301c},
    {0xffe0, 0x00a2}, {0xffe1, 0x00a3}, {0xffe2, 0x00ac}};

static uint32_t
fold(uint32_t cp)
{
	for (size_t i = 0; i < sizeof folds / sizeof *folds; i++) {
		if (folds[i].from == cp)
			return folds[i].to;
	}
	return kana_wide(cp);
}

static unsigned
look_up(uint32_t cp)
{
	if (cp > 0xffff)
		return 0;
	return jis_code[jis_page[cp / JIS_PAGE] * JIS_PAGE + cp % JIS_PAGE];
}

/* Takes a sound mark off *rest when it changes kana into one that the charset
 * has; returns what stands. */
static uint32_t
with_mark(uint32_t kana, struct span *rest)
{
	struct span ahead = *rest;
	uint32_t mark, both;

	if (rest->len < 3 || utf8_next(&ahead, &mark) != UTF8_GOOD)
		return kana;
	if (mark == 0xff9e || mark == 0xff9f) /* in half width */
		mark = 0x3099 + (mark - 0xff9e);
	both = kana_compose(kana, mark);
	if (!both || !look_up(both))
		return kana;
	*rest = ahead;
	return both;
}

unsigned
jis_take(struct span *rest)
{
	unsigned code;
	uint32_t cp;

	switch (utf8_next(rest, &cp)) {
	case UTF8_END:
	case UTF8_BAD:
		return 0;
	case UTF8_GOOD:
		break;
	}
	if (cp < 0x80) {
		bool shifts = cp == ESCAPE || cp == SHIFT_OUT || cp == SHIFT_IN;

		return shifts ? 0 : cp;
	}
	code = look_up(cp);
	if (!code) {
		cp = fold(cp);
		code = cp < 0x80 ? cp : look_up(cp);
	}
	if (code >= 0x2421 && code <= 0x2576)
		code = look_up(with_mark(cp, rest));
	return code;
}

bool
jis_can(struct span text)
{
	while (text.len) {
		if (!jis_take(&text))
			return false;
	}
	return true;
}

/* Octets of ASCII at the start of text that stand for themselves. */
static size_t
ascii_run(struct span text)
{
	size_t len = 0;

	while (len < text.len && (unsigned char)text.ptr[len] < 0x80 &&
	       text.ptr[len] != ESCAPE && text.ptr[len] != SHIFT_OUT &&
	       text.ptr[len] != SHIFT_IN)
		len++;
	return len;
}

static void
shift(struct buf *out, bool *in_kanji, bool wanted)
{
	if (*in_kanji != wanted)
		buf_add(out, wanted ? SPAN("\x1b$B") : SPAN("\x1b(B"));
	*in_kanji = wanted;
}

static bool
add_reference(struct span before, struct buf *out)
{
	uint32_t cp;

	if (utf8_next(&before, &cp) != UTF8_GOOD || cp < 0x80)
		return false;
	buf_printf(out, "&#x%X;", (unsigned)cp);
	return true;
}

bool
jis_encode(struct span text, enum jis_lack lack, struct buf *out)
{
	const size_t start = out->len;
	bool in_kanji = false;

	buf_reserve(out, text.len + text.len / 8);
	while (text.len) {
		size_t run = ascii_run(text);
		struct span before;
		unsigned code;

		if (run) {
			shift(out, &in_kanji, false);
			buf_add(out, span_slice(text, 0, run));
			text = span_slice(text, run, text.len);
			continue;
		}
		before = text;
		code = jis_take(&text);
		shift(out, &in_kanji, code >= 0x80);
		if (code >= 0x80)
			buf_char(out, (char)(code >> 8));
		if (code) {
			buf_char(out, (char)(code & 0xff));
		} else if (lack == JIS_STOP || !add_reference(before, out)) {
			out->len = start;
			return false;
		}
	}
	shift(out, &in_kanji, false);
	return true;
}

/* ---- Reading ------------------------------------------------------------- */

enum set { SET_ASCII, SET_ROMAN, SET_KATAKANA, SET_KANJI };

static const struct {
	const char *escape;
	enum set set;
} sets[] = {
    {"\x1b(B", SET_ASCII},
    {"\x1b(J", SET_ROMAN},
    {"\x1b(I", SET_KATAKANA},
    {"\x1b$B", SET_KANJI},
    {"\x1b$@", SET_KANJI},
};

/* Takes an escape sequence off *bytes. */
static bool
take_escape(struct span *bytes, enum set *set)
{
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
		if (span_starts(*bytes, span_of(sets[i].escape))) {
			*set = sets[i].set;
			*bytes = span_slice(*bytes, JIS_SHIFT, bytes->len);
			return true;
		}
	}
	return false;
}

/* The character of two octets; 0 when there is none. */
static uint32_t
kanji(struct span bytes)
{
	unsigned row, cell;

	if (bytes.len < 2)
		return 0;
	row = (unsigned char)bytes.ptr[0];
	cell = (unsigned char)bytes.ptr[1];
	if (row < 0x21 || row > 0x7e || cell < 0x21 || cell > 0x7e)
		return 0;
	return jis_unicode[(row - 0x21) * 94 + cell - 0x21];
}

/* The character of one octet; 0 when there is none. */
static uint32_t
single(unsigned char octet, enum set set)
{
	if (octet >= 0x80 || octet == SHIFT_OUT || octet == SHIFT_IN)
		return 0;
	if (set == SET_KATAKANA && octet > 0x20)
		return octet < 0x60 ? octet + 0xff40u : 0;
	if (set == SET_ROMAN && octet == '\\')
		return 0xa5;
	if (set == SET_ROMAN && octet == '~')
		return 0x203e;
	return octet;
}

bool
jis_decode(struct span bytes, struct buf *out)
{
	const size_t start = out->len;
	enum set set = SET_ASCII;

	while (bytes.len) {
		unsigned char octet = (unsigned char)bytes.ptr[0];
		bool two = set == SET_KANJI && octet > 0x20;
		uint32_t cp;

		if (octet == ESCAPE) {
			if (!take_escape(&bytes, &set))
				break;
			continue;
		}
		if (octet == '\n')
			set = SET_ASCII; /* RFC 1468: no line begins shifted */
		cp = two ? kanji(bytes) : single(octet, set);
		if (cp == 0 && octet != 0)
			break;
		buf_utf8(out, cp);
		bytes = span_slice(bytes, two ? 2 : 1, bytes.len);
	}
	if (bytes.len)
		out->len = start;
	return bytes.len == 0;
}

/* ---- Advice -------------------------------------------------------------- */

struct advice {
	uint16_t cp;
	const char *text;
};

/* The signs of NEC and IBM that are in no standard of before 2000, as far as
 * they are met in letters; single ones, sorted. */
static const struct advice single_advice[] = {{0x2116, "No."}, {0x2121, "TEL"},
    {0x3231, "(株)"}, {0x3232, "(有)"}, {0x3239, "(代)"}, {0x32a4, "(上)"},
    {0x32a5, "(中)"}, {0x32a6, "(下)"}, {0x32a7, "(左)"}, {0x32a8, "(右)"},
    {0x32ff, "令和"}, {0x3303, "アール"}, {0x330d, "カロリー"},
    {0x3314, "キロ"}, {0x3318, "グラム"}, {0x3322, "センチ"},
    {0x3323, "セント"}, {0x3326, "ドル"}, {0x3327, "トン"},
    {0x332b, "パーセント"}, {0x3336, "ヘクタール"}, {0x333b, "ページ"},
    {0x3349, "ミリ"}, {0x334a, "ミリバール"}, {0x334d, "メートル"},
    {0x3351, "リットル"}, {0x3357, "ワット"}, {0x337b, "平成"},
    {0x337c, "昭和"}, {0x337d, "大正"}, {0x337e, "明治"}, {0x338e, "mg"},
    {0x338f, "kg"}, {0x339c, "mm"}, {0x339d, "cm"}, {0x339e, "km"},
    {0x33a1, "m2"}, {0x33c4, "cc"}, {0x33cd, "K.K."}, {0x9ad9, "高"},
    {0xfa11, "崎"}};

static const char *const circled[] = {"(1)", "(2)", "(3)", "(4)", "(5)", "(6)",
    "(7)", "(8)", "(9)", "(10)", "(11)", "(12)", "(13)", "(14)", "(15)", "(16)",
    "(17)", "(18)", "(19)", "(20)"};
static const char *const roman[] = {
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};
static const char *const small_roman[] = {
    "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *
jis_advice(uint32_t cp)
{
	if (cp >= 0x2460 && cp < 0x2460 + COUNT(circled))
		return circled[cp - 0x2460];
	if (cp >= 0x2160 && cp < 0x2160 + COUNT(roman))
		return roman[cp - 0x2160];
	if (cp >= 0x2170 && cp < 0x2170 + COUNT(small_roman))
		return small_roman[cp - 0x2170];
	for (size_t i = 0; i < COUNT(single_advice); i++) {
		if (single_advice[i].cp == cp)
			return single_advice[i].text;
	}
	/* the rest of the extensions: IBM's kanji, circled and squared signs */
	if ((cp >= 0xfa0e && cp <= 0xfa2d) || (cp >= 0x3220 && cp <= 0x33ff))
		return "";
	return NULL;
}
