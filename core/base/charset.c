/* Streaming decoders.  UTF-8, UTF-16 and the shifts of ISO-2022-JP are read
 * here; the tables of CP932 and EUC-JP are iconv's, behind checks of our own
 * against the octets that no program writes but glibc lets through: strictness
 * is what tells charsets apart. */
#include "core/base/charset.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include "core/base/jis_shift.h"
#include "core/base/mem.h"
#include "core/base/utf16.h"
#include "core/base/utf8.h"

/* Octets of a character, or of an escape sequence, that may have to wait. */
enum { WAITS_MAX = 4 };

typedef int feed_fn(
    struct decoder *decoder, struct span in, struct buf *out, struct err *err);

struct decoder {
	enum charset charset;
	iconv_t iconv;           /* NULL for charsets that need none */
	int64_t offset;          /* of the first octet not yet decoded */
	char waiting[WAITS_MAX]; /* an incomplete character */
	size_t waits;
	bool allow_cuts;
	struct decoder_seen seen;
	struct jis_shift shift;
	struct buf octets; /* of CP932, out of ISO-2022-JP */
};

static feed_fn feed_utf8, feed_table, feed_jis, feed_utf16;

static const struct {
	const char *name;
	feed_fn *feed;
	const char *iconv; /* name of the converter, NULL: none */
	/* What a converter must make of which octets: the two everyday names
	 * and the two signs that its namesakes lose, and a backslash that
	 * must stay one. */
	const char *probe;
} kinds[] = {
    [CHARSET_UTF8] = {"UTF-8", feed_utf8, NULL, NULL},
    [CHARSET_CP932] = {"CP932", feed_table, "CP932",
	"\xfb\xfc\xed\x95\x87\x40\x87\x8a\x5c"},
    [CHARSET_EUC] = {"EUC-JP", feed_table, "EUC-JP-MS",
	"\x8f\xf4\xfb\x8f\xf4\xbd\xad\xa1\xad\xea\x5c"},
    [CHARSET_JIS] = {"ISO-2022-JP", feed_jis, "CP932",
	"\x1b$B\x7c\x62\x79\x75\x2d\x21\x2d\x6a\x1b(B\x5c"},
    [CHARSET_UTF16LE] = {"UTF-16LE", feed_utf16, NULL, NULL},
    [CHARSET_UTF16BE] = {"UTF-16BE", feed_utf16, NULL, NULL},
};
static_assert(
    sizeof kinds / sizeof *kinds == CHARSET_COUNT, "describe every charset");

const char *
charset_name(enum charset charset)
{
	return kinds[charset].name;
}

bool
charset_of_name(struct span name, enum charset *out)
{
	for (int i = 0; i < CHARSET_COUNT; i++) {
		if (span_equal(name, span_of(kinds[i].name))) {
			*out = (enum charset)i;
			return true;
		}
	}
	return false;
}

static int
fail_missing(enum charset charset, int sys, struct err *err)
{
	err_sys(err, E_CHARSET_MISSING, sys);
	return err_fact(err, "charset", span_of(kinds[charset].name));
}

static bool
keeps_names(struct decoder *decoder)
{
	static const char wanted[] =
	    "\xe9\xab\x99\xef\xa8\x91\xe2\x91\xa0\xe3\x88\xb1\x5c";
	struct buf out = BUF_INIT;
	bool does;

	does = decoder_feed(decoder, span_of(kinds[decoder->charset].probe),
		   &out, NULL) == 0 &&
	       span_equal(buf_span(&out), span_of(wanted));
	buf_done(&out);
	decoder->offset = 0;
	return does;
}

int
decoder_new(enum charset charset, struct decoder **out, struct err *err)
{
	struct decoder *decoder;
	iconv_t iconv = NULL;

	if (kinds[charset].iconv) {
		iconv = iconv_open("UTF-8", kinds[charset].iconv);
		/* iconv_open() fails with (iconv_t)-1. */
		if ((intptr_t)iconv == -1)
			return fail_missing(charset, errno, err);
	}
	decoder = mem_new(sizeof *decoder);
	decoder->charset = charset;
	decoder->iconv = iconv;
	if (iconv && !keeps_names(decoder)) {
		decoder_free(&decoder);
		return fail_missing(charset, 0, err);
	}
	*out = decoder;
	return 0;
}

void
decoder_free(struct decoder **decoder)
{
	if (!*decoder)
		return;
	if ((*decoder)->iconv)
		iconv_close((*decoder)->iconv);
	buf_done(&(*decoder)->octets);
	free(*decoder);
	*decoder = NULL;
}

void
decoder_allow_cuts(struct decoder *decoder)
{
	decoder->allow_cuts = true;
}

struct decoder_seen
decoder_seen(const struct decoder *decoder)
{
	return decoder->seen;
}

static int
bad_bytes(const struct decoder *decoder, struct err *err)
{
	err_set(err, E_CHARSET_BYTES);
	err_fact(err, "charset", span_of(kinds[decoder->charset].name));
	return err_fact_int(err, "offset", decoder->offset);
}

/* Keeps what is left of a piece until the next one comes. */
static int
let_wait(struct decoder *decoder, struct span rest)
{
	assert(rest.len <= WAITS_MAX);
	if (rest.len)
		memcpy(decoder->waiting, rest.ptr, rest.len);
	decoder->waits = rest.len;
	return 0;
}

/* ---- UTF-8 -------------------------------------------------------------- */

/* How much of in is whole, well-formed UTF-8; adds its characters beyond ASCII
 * to *whole.  Eight octets of ASCII at a time: most octets of most files
 * are. */
static size_t
good_utf8(struct span in, int64_t *whole)
{
	struct span rest = in;
	uint32_t cp;

	while (rest.len) {
		uint64_t eight;

		while (rest.len >= sizeof eight) {
			memcpy(&eight, rest.ptr, sizeof eight);
			if (eight & 0x8080808080808080u)
				break;
			rest = span_make(
			    rest.ptr + sizeof eight, rest.len - sizeof eight);
		}
		struct span before = rest;

		if (utf8_next(&rest, &cp) == UTF8_BAD)
			return in.len - before.len;
		*whole += cp >= 0x80;
	}
	return in.len;
}

/* True when bytes, fewer than four, can be the beginning of a character: no
 * continuation at all can complete what is already wrong. */
static bool
may_become_utf8(struct span s)
{
	static const char tails[][3] = {"\x80", "\xa0", "\x90", "\x80\x80",
	    "\xa0\x80", "\x90\x80", "\x80\x80\x80", "\x90\x80\x80"};

	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		char whole[8];
		size_t len = strnlen(tails[i], sizeof tails[i]);

		memcpy(whole, s.ptr, s.len);
		memcpy(whole + s.len, tails[i], len);
		if (utf8_is_valid(span_make(whole, s.len + len)))
			return true;
	}
	return false;
}

/* Octets of a character at the beginning of s that an octet which ends a cell
 * cuts off, or 0. */
static size_t
cut_character(struct span s)
{
	size_t len = 1;

	while (len < s.len && ((unsigned char)s.ptr[len] & 0xc0) == 0x80)
		len++;
	if (len == s.len || len > 3 || !memchr("\",;\t|\r\n", s.ptr[len], 7))
		return 0;
	return may_become_utf8(span_slice(s, 0, len)) ? len : 0;
}

static int
feed_utf8(
    struct decoder *decoder, struct span in, struct buf *out, struct err *err)
{
	for (;;) {
		size_t good = good_utf8(in, &decoder->seen.whole), cut;

		buf_add(out, span_slice(in, 0, good));
		decoder->offset += (int64_t)good;
		in = span_slice(in, good, in.len);
		if (in.len <= 3 && (in.len == 0 || may_become_utf8(in)))
			return let_wait(decoder, in);
		cut = decoder->allow_cuts ? cut_character(in) : 0;
		if (cut == 0)
			return bad_bytes(decoder, err);
		if (decoder->seen.cut++ == 0)
			decoder->seen.first_cut = decoder->offset;
		buf_utf8(out, UTF8_REPLACEMENT);
		decoder->offset += (int64_t)cut;
		in = span_slice(in, cut, in.len);
	}
}

/* ---- Tables of iconv ---------------------------------------------------- */

/* How much of in can be CP932: up to the first of the single octets that
 * Windows leaves undefined. */
static size_t
maybe_cp932(struct span in)
{
	for (size_t i = 0; i < in.len; i++) {
		unsigned char c = (unsigned char)in.ptr[i];

		if (c == 0x80 || c == 0xa0 || c > 0xfc)
			return i;
		if ((c > 0x80 && c < 0xa0) || c >= 0xe0)
			i++;
	}
	return in.len;
}

static bool
is_euc_tail(unsigned char c, unsigned char lead)
{
	return c >= 0xa1 && c <= (lead == 0x8e ? 0xdf : 0xfe);
}

/* The same for EUC-JP: up to the first octet where none of its characters can
 * begin, or that cannot go on with one. */
static size_t
maybe_euc(struct span in)
{
	for (size_t i = 0; i < in.len;) {
		unsigned char c = (unsigned char)in.ptr[i];
		size_t len = c < 0x80 ? 1 : c == 0x8f ? 3 : 2;

		if (c >= 0x80 && c < 0xa1 && c != 0x8e && c != 0x8f)
			return i;
		if (c == 0xff)
			return i;
		for (size_t j = 1; j < len && i + j < in.len; j++) {
			if (!is_euc_tail((unsigned char)in.ptr[i + j], c))
				return i;
		}
		i += len;
	}
	return in.len;
}

/* Appends what iconv makes of in; returns the octets it has taken, *bad when
 * the next one is wrong rather than missing. */
static size_t
convert(struct decoder *decoder, struct span in, struct buf *out, bool *bad)
{
	/* iconv() takes char ** for historical reasons, but only reads. */
	char *from = (char *)(uintptr_t)in.ptr, *to;
	/* An octet of half-width kana becomes three. */
	size_t room = in.len * 3 + 16, left = in.len, got;

	buf_reserve(out, room);
	to = out->ptr + out->len;
	got = iconv(decoder->iconv, &from, &left, &to, &room);
	out->len = (size_t)(to - out->ptr);
	out->ptr[out->len] = '\0';
	*bad = got == (size_t)-1 && errno != EINVAL;
	return in.len - left;
}

static int
feed_table(
    struct decoder *decoder, struct span in, struct buf *out, struct err *err)
{
	bool euc = decoder->charset == CHARSET_EUC, bad;
	size_t good = euc ? maybe_euc(in) : maybe_cp932(in), used;

	used = convert(decoder, span_slice(in, 0, good), out, &bad);
	decoder->offset += (int64_t)used;
	if (bad || good < in.len || in.len - used > (euc ? 2 : 1))
		return bad_bytes(decoder, err);
	return let_wait(decoder, span_slice(in, used, in.len));
}

/* ---- ISO-2022-JP --------------------------------------------------------- */

/* Octets of in that have made the first count octets of CP932. */
static size_t
jis_offset(struct jis_shift shift, struct span in, size_t count)
{
	size_t at = 0, sum = 0, made;
	char to[2];

	for (;;) {
		int used = jis_shift_next(
		    &shift, span_slice(in, at, in.len), to, &made);

		sum += made;
		if (used <= 0 || sum > count)
			return at;
		at += (size_t)used;
	}
}

static int
feed_jis(
    struct decoder *decoder, struct span in, struct buf *out, struct err *err)
{
	const struct jis_shift before = decoder->shift;
	struct buf *octets = &decoder->octets;
	size_t at = 0, taken, made;
	int used = 1;
	char to[2];
	bool bad;

	buf_clear(octets);
	buf_reserve(octets, in.len);
	while (at < in.len) {
		used = jis_shift_next(
		    &decoder->shift, span_slice(in, at, in.len), to, &made);
		if (used <= 0)
			break;
		buf_add(octets, span_make(to, made));
		at += (size_t)used;
	}
	taken = convert(decoder, buf_span(octets), out, &bad);
	if (taken < octets->len)
		at = jis_offset(before, in, taken);
	decoder->offset += (int64_t)at;
	if (taken < octets->len || used < 0)
		return bad_bytes(decoder, err);
	return let_wait(decoder, span_slice(in, at, in.len));
}

/* ---- UTF-16 -------------------------------------------------------------- */

static int
feed_utf16(
    struct decoder *decoder, struct span in, struct buf *out, struct err *err)
{
	bool bad;
	size_t used = utf16_decode(in,
	    decoder->charset == CHARSET_UTF16BE ? UTF16_BIG : UTF16_LITTLE, out,
	    &bad);

	decoder->offset += (int64_t)used;
	if (bad)
		return bad_bytes(decoder, err);
	return let_wait(decoder, span_slice(in, used, in.len));
}

/* ---- All ----------------------------------------------------------------- */

int
decoder_feed(
    struct decoder *decoder, struct span in, struct buf *out, struct err *err)
{
	feed_fn *feed = kinds[decoder->charset].feed;

	/* Bring the waiting character to its end octet by octet: at most four
	 * rounds, and the rest of in is decoded where it lies. */
	while (decoder->waits && in.len) {
		char octets[sizeof decoder->waiting + 1];
		size_t len = decoder->waits;

		memcpy(octets, decoder->waiting, len);
		octets[len++] = *in.ptr;
		in = span_slice(in, 1, in.len);
		decoder->waits = 0;
		if (feed(decoder, span_make(octets, len), out, err) < 0)
			return -1;
	}
	return in.len ? feed(decoder, in, out, err) : 0;
}

int
decoder_finish(struct decoder *decoder, struct err *err)
{
	return decoder->waits ? bad_bytes(decoder, err) : 0;
}

int
charset_probe(enum charset charset, struct err *err)
{
	struct decoder *decoder = NULL;
	int rc = decoder_new(charset, &decoder, err);

	decoder_free(&decoder);
	return rc;
}
