/* Characters by what goes wrong with them: fonts that lack them, charsets that
 * lack them, marks that cannot be seen.  Ranges of Unicode blocks, coarse on
 * purpose: a sample too many costs a look, one too few a mail. */
#include "core/review/traits.h"

#include "core/base/jis.h"
#include "core/base/utf8.h"

struct range {
	uint32_t first, last;
	enum trait trait;
};

/* Ascending. */
static const struct range ranges[] = {
    {0x7f, 0x9f, TRAIT_CONTROL},
    {0xad, 0xad, TRAIT_CONTROL},
    {0x34f, 0x34f, TRAIT_CONTROL},
    {0x370, 0x58f, TRAIT_SCRIPT},
    {0x590, 0x8ff, TRAIT_RTL},
    {0x900, 0x1dff, TRAIT_SCRIPT},
    {0x1f00, 0x1fff, TRAIT_SCRIPT},
    {0x200b, 0x200f, TRAIT_CONTROL},
    {0x2028, 0x202e, TRAIT_CONTROL},
    {0x2060, 0x206f, TRAIT_CONTROL},
    {0x231a, 0x231b, TRAIT_EMOJI},
    {0x23e9, 0x23f3, TRAIT_EMOJI},
    {0x2600, 0x26ff, TRAIT_EMOJI},
    {0x2700, 0x27bf, TRAIT_EMOJI},
    {0x2b50, 0x2b55, TRAIT_EMOJI},
    {0x2c00, 0x2dff, TRAIT_SCRIPT},
    {0x3164, 0x3164, TRAIT_CONTROL},
    {0xa000, 0xabff, TRAIT_SCRIPT},
    {0xac00, 0xd7ff, TRAIT_SCRIPT},
    {0xe000, 0xf8ff, TRAIT_PRIVATE},
    {0xfb00, 0xfb1c, TRAIT_SCRIPT},
    {0xfb1d, 0xfdff, TRAIT_RTL},
    {0xfe00, 0xfe0f, TRAIT_CONTROL},
    {0xfe70, 0xfefe, TRAIT_RTL},
    {0xfeff, 0xfeff, TRAIT_CONTROL},
    {0xfff0, 0xfffb, TRAIT_CONTROL},
    {0x10000, 0x107ff, TRAIT_SCRIPT},
    {0x10800, 0x10fff, TRAIT_RTL},
    {0x11000, 0x1afff, TRAIT_SCRIPT},
    {0x1e800, 0x1efff, TRAIT_RTL},
    {0x1f000, 0x1faff, TRAIT_EMOJI},
    {0xe0000, 0xe0fff, TRAIT_CONTROL},
    {0xf0000, 0x10ffff, TRAIT_PRIVATE},
};

static bool
is_kanji(uint32_t cp)
{
	return (cp >= 0x3400 && cp <= 0x9fff) ||
	       (cp >= 0xf900 && cp <= 0xfaff) ||
	       (cp >= 0x20000 && cp <= 0x3ffff);
}

static unsigned
bit_of(uint32_t cp, struct span character)
{
	if (is_kanji(cp))
		return jis_take(&character) ? 0 : 1u << TRAIT_KANJI;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		if (cp < ranges[i].first)
			return 0;
		if (cp <= ranges[i].last)
			return 1u << ranges[i].trait;
	}
	return 0;
}

/* What joins and colours an emoji is not hidden. */
static bool
is_emoji_part(uint32_t cp)
{
	return cp == 0x200d || cp == 0xfe0f;
}

unsigned
traits_of(struct span text)
{
	unsigned found = 0, last = 0;

	while (text.len > 0) {
		unsigned char c = (unsigned char)*text.ptr;
		struct span at = text;
		uint32_t cp;

		if (c >= 0x20 && c < 0x7f) {
			text = span_slice(text, 1, text.len);
			last = 0;
			continue;
		}
		if (utf8_next(&text, &cp) == UTF8_BAD)
			last = 1u << TRAIT_PRIVATE;
		else if (cp < 0x20)
			last = cp == '\n' ? 0 : 1u << TRAIT_CONTROL;
		else if (last != 1u << TRAIT_EMOJI || !is_emoji_part(cp))
			last = bit_of(cp, at);
		found |= last;
	}
	return found;
}
