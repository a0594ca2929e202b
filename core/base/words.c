/* Clusters, words and folding.  Word classes follow scripts, because Japanese
 * writes no spaces: a change from kanji to kana is the nearest thing to a word
 * boundary that can be told without a dictionary. */
#include "core/base/words.h"

#include "core/base/utf8.h"

enum {
	ZWJ = 0x200d,
	DAKUTEN = 0x3099,
	HANDAKUTEN = 0x309a,
	HALF_DAKUTEN = 0xff9e,
	HALF_HANDAKUTEN = 0xff9f
};

struct class_range {
	uint32_t first, last;
	enum word_class class;
};

/* Rising; what is not named is a letter of some alphabet. */
static const struct class_range classes[] = {
    {0x00, 0x09, WORD_BLANK},
    {0x0a, 0x0a, WORD_LINE},
    {0x0b, 0x20, WORD_BLANK},
    {0x21, 0x2f, WORD_MARK},
    {0x3a, 0x40, WORD_MARK},
    {0x5b, 0x5e, WORD_MARK},
    {0x60, 0x60, WORD_MARK},
    {0x7b, 0x7e, WORD_MARK},
    {0x7f, 0xa0, WORD_BLANK},
    {0xa1, 0xa9, WORD_MARK},
    {0xab, 0xb4, WORD_MARK},
    {0xb6, 0xb9, WORD_MARK},
    {0xbb, 0xbf, WORD_MARK},
    {0xd7, 0xd7, WORD_MARK},
    {0xf7, 0xf7, WORD_MARK},
    {0x2000, 0x200b, WORD_BLANK},
    {0x200c, 0x206f, WORD_MARK},
    {0x20a0, 0x20cf, WORD_MARK},
    {0x2190, 0x2bff, WORD_MARK},
    {0x2e80, 0x2fdf, WORD_KANJI},
    {0x3000, 0x3000, WORD_BLANK},
    {0x3001, 0x3004, WORD_MARK},
    {0x3005, 0x3007, WORD_KANJI},
    {0x3008, 0x3020, WORD_MARK},
    {0x3021, 0x3029, WORD_KANJI},
    {0x3030, 0x3040, WORD_MARK},
    {0x3041, 0x309f, WORD_HIRAGANA},
    {0x30a0, 0x30a0, WORD_MARK},
    {0x30a1, 0x30fa, WORD_KATAKANA},
    {0x30fb, 0x30fb, WORD_MARK},
    {0x30fc, 0x30ff, WORD_KATAKANA},
    {0x31f0, 0x31ff, WORD_KATAKANA},
    {0x3200, 0x33ff, WORD_MARK},
    {0x3400, 0x4dbf, WORD_KANJI},
    {0x4e00, 0x9fff, WORD_KANJI},
    {0xe000, 0xf8ff, WORD_MARK},
    {0xf900, 0xfaff, WORD_KANJI},
    {0xff01, 0xff0f, WORD_MARK},
    {0xff1a, 0xff20, WORD_MARK},
    {0xff3b, 0xff3e, WORD_MARK},
    {0xff40, 0xff40, WORD_MARK},
    {0xff5b, 0xff65, WORD_MARK},
    {0xff66, 0xff9f, WORD_KATAKANA},
    {0xffe0, 0xfffd, WORD_MARK},
    {0x1f000, 0x1faff, WORD_MARK},
    {0x20000, 0x3ffff, WORD_KANJI},
};

enum word_class
word_class_of(uint32_t cp)
{
	size_t low = 0, high = sizeof classes / sizeof *classes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cp < classes[middle].first)
			high = middle;
		else if (cp > classes[middle].last)
			low = middle + 1;
		else
			return classes[middle].class;
	}
	return WORD_LATIN;
}

/* ---- Clusters ------------------------------------------------------------- */

static bool
is_modifier(uint32_t cp)
{
	return cp >= 0x1f3fb && cp <= 0x1f3ff;
}

static bool
is_flag_half(uint32_t cp)
{
	return cp >= 0x1f1e6 && cp <= 0x1f1ff;
}

/* What may stand behind a ZWJ as part of one picture. */
static bool
is_picture(uint32_t cp)
{
	return (cp >= 0x1f000 && cp <= 0x1faff) ||
	       (cp >= 0x2190 && cp <= 0x2bff) || cp == 0x3030 || cp == 0x303d ||
	       cp == 0xa9 || cp == 0xae;
}

static bool
extends(uint32_t cp)
{
	return utf8_is_mark(cp) || is_modifier(cp);
}

struct span
grapheme_next(struct span *rest)
{
	const char *start = rest->ptr;
	uint32_t cp = 0, last, base;
	struct span peek;
	int flags;

	if (!utf8_next(rest, &cp))
		return span_make(start, 0);
	base = last = cp;
	flags = is_flag_half(cp);
	for (peek = *rest; base >= 0x20 && utf8_next(&peek, &cp);) {
		bool joined = last == ZWJ && is_picture(cp) && is_picture(base);

		if (flags == 1 && is_flag_half(cp))
			flags = 2;
		else if (!extends(cp) && !joined)
			break;
		last = cp;
		*rest = peek;
	}
	return span_make(start, (size_t)(rest->ptr - start));
}

struct span
grapheme_last(struct span *rest)
{
	struct span before = *rest, tail, cluster;
	uint32_t cp = 0, ahead;

	/* back to something that surely begins a cluster */
	while (utf8_last(&before, &cp)) {
		struct span peek = before;

		if (extends(cp) || is_flag_half(cp))
			continue;
		if (!is_picture(cp) || !utf8_last(&peek, &ahead) ||
		    (!extends(ahead) && !is_flag_half(ahead)))
			break;
	}
	tail = span_slice(*rest, before.len, rest->len);
	cluster = tail;
	while (tail.len > 0)
		cluster = grapheme_next(&tail);
	rest->len -= cluster.len;
	return cluster;
}

/* ---- Words ---------------------------------------------------------------- */

/* The class of a cluster; a bad octet is a mark. */
static enum word_class
cluster_class(struct span cluster)
{
	uint32_t cp = 0;

	if (utf8_next(&cluster, &cp) == UTF8_BAD)
		return WORD_MARK;
	return word_class_of(cp);
}

static bool stands_alone(enum word_class class)
{
	return class == WORD_LINE || class == WORD_MARK;
}

/* The prolonged sound mark goes with the kana before it, whichever. */
static bool
is_prolonged(struct span cluster)
{
	return span_starts(cluster, SPAN("ー"));
}

static bool
goes_on(enum word_class class, struct span cluster)
{
	return !stands_alone(class) &&
	       (cluster_class(cluster) == class ||
		   (class == WORD_HIRAGANA && is_prolonged(cluster)));
}

struct span
word_next(struct span *rest, enum word_class *class)
{
	const char *start = rest->ptr;
	struct span cluster = grapheme_next(rest), peek;
	enum word_class own = cluster_class(cluster);

	for (peek = *rest; peek.len > 0; *rest = peek) {
		cluster = grapheme_next(&peek);
		if (!goes_on(own, cluster))
			break;
	}
	if (class)
		*class = own;
	return span_make(start, (size_t)(rest->ptr - start));
}

struct span
word_last(struct span *rest, enum word_class *class)
{
	struct span all = *rest, before = *rest, cluster, word;
	enum word_class own;

	/* back over all that might belong to it, then forward */
	cluster = grapheme_last(&before);
	own = cluster_class(cluster);
	while (before.len > 0 && !stands_alone(own)) {
		struct span peek = before;
		enum word_class other;

		other = cluster_class(grapheme_last(&peek));
		if (other != own &&
		    !(own == WORD_KATAKANA && other == WORD_HIRAGANA) &&
		    !(own == WORD_HIRAGANA && other == WORD_KATAKANA))
			break;
		before = peek;
	}
	word = span_slice(all, before.len, all.len);
	for (struct span tail = word; tail.len > 0;)
		word = word_next(&tail, &own);
	if (class)
		*class = own;
	rest->len -= word.len;
	return word;
}

/* ---- Kana ----------------------------------------------------------------- */

/* Hiragana that take a dakuten and whose voiced form is the next character. */
static bool
is_voiced_next(uint32_t base)
{
	return (base >= 0x304b && base <= 0x3061 && base % 2 == 1) ||
	       base == 0x3064 || base == 0x3066 || base == 0x3068 ||
	       base == 0x309d;
}

static bool
is_ha_row(uint32_t base)
{
	return base >= 0x306f && base <= 0x307b && base % 3 == 0;
}

uint32_t
kana_compose(uint32_t kana, uint32_t mark)
{
	uint32_t shift = kana >= 0x30a1 && kana <= 0x30fe ? 0x60 : 0;
	uint32_t base = kana - shift;

	if (mark == HANDAKUTEN)
		return is_ha_row(base) ? kana + 2 : 0;
	if (mark != DAKUTEN)
		return 0;
	if (is_ha_row(base) || is_voiced_next(base))
		return kana + 1;
	if (base == 0x3046)
		return shift ? 0x30f4 : 0x3094;
	return kana >= 0x30ef && kana <= 0x30f2 ? kana + 8 : 0;
}

void
kana_compose_text(struct span text, struct buf *out)
{
	uint32_t cp, next, both;

	while (text.len > 0) {
		struct span one = text, peek;

		utf8_next(&text, &cp);
		one.len -= text.len;
		peek = text;
		both = 0;
		if (cp >= 0x3046 && cp <= 0x30fd && utf8_next(&peek, &next))
			both = kana_compose(cp, next);
		if (both) {
			buf_utf8(out, both);
			text = peek;
		} else {
			buf_add(out, one);
		}
	}
}

/* ---- Searches ------------------------------------------------------------- */

enum { HALF_FIRST = 0xff61, HALF_LAST = 0xff9f };

/* HALF_FIRST and on as wide characters. */
static const uint16_t wide_kana[HALF_LAST - HALF_FIRST + 1] = {0x3002, 0x300c,
    0x300d, 0x3001, 0x30fb, 0x30f2, 0x30a1, 0x30a3, 0x30a5, 0x30a7, 0x30a9,
    0x30e3, 0x30e5, 0x30e7, 0x30c3, 0x30fc, 0x30a2, 0x30a4, 0x30a6, 0x30a8,
    0x30aa, 0x30ab, 0x30ad, 0x30af, 0x30b1, 0x30b3, 0x30b5, 0x30b7, 0x30b9,
    0x30bb, 0x30bd, 0x30bf, 0x30c1, 0x30c4, 0x30c6, 0x30c8, 0x30ca, 0x30cb,
    0x30cc, 0x30cd, 0x30ce, 0x30cf, 0x30d2, 0x30d5, 0x30d8, 0x30db, 0x30de,
    0x30df, 0x30e0, 0x30e1, 0x30e2, 0x30e4, 0x30e6, 0x30e8, 0x30e9, 0x30ea,
    0x30eb, 0x30ec, 0x30ed, 0x30ef, 0x30f3, 0x309b, 0x309c};

uint32_t
kana_wide(uint32_t cp)
{
	return cp >= HALF_FIRST && cp <= HALF_LAST ? wide_kana[cp - HALF_FIRST]
						   : cp;
}

static uint32_t
widened(uint32_t cp)
{
	if (cp == 0x3000)
		return ' ';
	if (cp >= 0xff01 && cp <= 0xff5e)
		return cp - 0xff01 + '!';
	if (cp == HALF_DAKUTEN)
		return DAKUTEN;
	if (cp == HALF_HANDAKUTEN)
		return HANDAKUTEN;
	return kana_wide(cp);
}

static uint32_t
lowered(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	if ((cp >= 0xc0 && cp <= 0xde && cp != 0xd7) ||
	    (cp >= 0x391 && cp <= 0x3a9) || (cp >= 0x410 && cp <= 0x42f))
		return cp + 32;
	if (cp >= 0x400 && cp <= 0x40f)
		return cp + 80;
	if ((cp >= 0x100 && cp <= 0x137) || (cp >= 0x14a && cp <= 0x177))
		return cp | 1;
	return cp;
}

bool
fold_next(struct span *rest, uint32_t *cp)
{
	struct span peek;
	uint32_t next, both;

	if (!utf8_next(rest, cp))
		return false;
	*cp = lowered(widened(*cp));
	peek = *rest;
	if (*cp >= 0x3046 && *cp <= 0x30fd && utf8_next(&peek, &next)) {
		both = kana_compose(*cp, widened(next));
		if (both) {
			*cp = both;
			*rest = peek;
		}
	}
	return true;
}

bool
fold_starts(struct span text, struct span needle, size_t *len)
{
	size_t whole = text.len;
	uint32_t wanted, cp;

	if (needle.len == 0)
		return false;
	while (fold_next(&needle, &wanted)) {
		if (!fold_next(&text, &cp) || cp != wanted)
			return false;
	}
	*len = whole - text.len;
	return true;
}
