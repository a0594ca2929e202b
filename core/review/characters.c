/* Characters.  In what people and companies are called nothing is warned of:
 * names are as they are.  A warning is for the author's own text, and says what
 * to write instead. */
#include "core/review/characters.h"

#include "core/base/jis.h"
#include "core/base/utf8.h"

/* First octets behind which something forbidden can stand; nearly all text goes
 * by with one look per octet. */
static const bool doubtful[256] = {
    [0x00 ... 0x08] = true,
    [0x0b ... 0x0c] = true,
    [0x0e ... 0x1f] = true,
    [0x7f] = true,
    [0xc2] = true, /* U+0080 to U+00BF */
    [0xe2] = true, /* U+2000 to U+2FFF */
    [0xee ... 0xef] = true,
    [0xf3 ... 0xf4] = true,
};

static bool
is_forbidden(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xfffd ||
	       (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069) ||
	       (cp >= 0xe000 && cp <= 0xf8ff) || cp >= 0xf0000;
}

/* The first forbidden character that begins at from..to, or 0 and true when
 * there is none. */
static bool
is_clean(struct span text, size_t from, size_t to, uint32_t *found)
{
	while (from < to) {
		struct span rest;

		while (from < to && !doubtful[(unsigned char)text.ptr[from]])
			from++;
		if (from == to)
			break;
		rest = span_slice(text, from, text.len);
		if (utf8_next(&rest, found) == UTF8_BAD || is_forbidden(*found))
			return false;
		from = text.len - rest.len;
	}
	return true;
}

bool
characters_check_part(struct span part, const struct fresh *fresh, int64_t seq,
    struct tally *tally)
{
	struct fresh_walk walk = {
	    .fresh = fresh, .text = part, .ahead = UTF8_MAX};
	struct buf value = BUF_INIT;
	uint32_t found = 0;
	bool clean = true;

	while (clean && fresh_next(&walk))
		clean = is_clean(part, walk.from, walk.to, &found);
	if (clean)
		return true;
	buf_printf(&value, "U+%04X", (unsigned)found);
	tally_add(tally, CM_07, seq, "forbidden", buf_span(&value));
	buf_done(&value);
	return false;
}

/* "㈱: (株)", or the character alone when there is nothing like it. */
static void
say_character(struct span character, struct buf *out)
{
	struct span rest = character;
	const char *advice;
	uint32_t cp = 0;

	(void)utf8_next(&rest, &cp);
	advice = jis_advice(cp);
	if (cp < 0x3000 && !advice)
		buf_printf(out, "U+%04X", (unsigned)cp);
	else
		buf_add(out, character);
	if (advice && *advice)
		buf_printf(out, " → %s", advice);
}

/* The first character of text that ISO-2022-JP lacks, or an empty span. */
static struct span
first_lack(struct span text)
{
	while (text.len) {
		struct span before = text;

		if (!jis_take(&text))
			return span_slice(before, 0, before.len - text.len);
	}
	return text;
}

static void
check_charset(const struct recipient *recipient, const struct message *message,
    struct tally *tally)
{
	const struct span all[] = {
	    recipient->name, message->subject, message->text};
	struct span lack = {NULL, 0};
	struct buf value = BUF_INIT;

	for (size_t i = 0; i < sizeof all / sizeof *all && !lack.len; i++)
		lack = first_lack(all[i]);
	if (lack.len)
		say_character(lack, &value);
	tally_add(tally, CM_07W, recipient->seq, "charset", buf_span(&value));
	tally->charset_fallbacks++;
	buf_done(&value);
}

/* Half-width kana, and what takes no place or looks like a blank: mistakes of
 * who typed the list.  A joiner between emoji is none. */
static bool
is_unseen(uint32_t cp)
{
	return (cp >= 0xff61 && cp <= 0xff9f) || cp == 0xa0 || cp == 0xad ||
	       (cp >= 0x200b && cp <= 0x200f && cp != 0x200d) || cp == 0x2060 ||
	       cp == 0xfeff;
}

static void
check_value(struct span value, int64_t seq, struct tally *tally)
{
	struct span rest = value;
	uint32_t cp;

	for (size_t i = 0; i < rest.len; i++) {
		if (!(rest.ptr[i] & 0x80))
			continue;
		rest = span_slice(rest, i, rest.len);
		break;
	}
	while (utf8_next(&rest, &cp) != UTF8_END) {
		if (!is_unseen(cp))
			continue;
		tally_add(tally, CM_07W, seq, "value", value);
		return;
	}
}

void
characters_check(enum campaign_charset wanted,
    const struct recipient *recipient, const struct message *message,
    struct tally *tally)
{
	characters_check_part(recipient->name, NULL, recipient->seq, tally);
	characters_check_part(message->subject, NULL, recipient->seq, tally);
	check_value(recipient->name, recipient->seq, tally);
	if (message->charset != wanted)
		check_charset(recipient, message, tally);
}

/* What is written for nobody in particular and looks different elsewhere. */
static bool
is_risky(uint32_t cp)
{
	return is_unseen(cp) || jis_advice(cp) != NULL;
}

static void
check_source(struct span text, const char *where, struct tally *tally)
{
	struct buf value = BUF_INIT;

	while (text.len) {
		struct span before = text;
		uint32_t cp;

		if (utf8_next(&text, &cp) != UTF8_GOOD || !is_risky(cp))
			continue;
		buf_clear(&value);
		say_character(
		    span_slice(before, 0, before.len - text.len), &value);
		tally_add(tally, CM_07W, 0, where, buf_span(&value));
	}
	buf_done(&value);
}

void
characters_check_source(const struct campaign *campaign, struct tally *tally)
{
	check_source(buf_span(&campaign->subject), "subject", tally);
	check_source(buf_span(&campaign->preheader), "preheader", tally);
	check_source(buf_span(&campaign->body), "body", tally);
}
