/* Streaming decoders.  UTF-8 is checked here; CP932 goes through iconv, behind
 * a check of our own against the single bytes that no Windows program writes
 * but glibc lets through: strictness is what tells charsets apart. */
#include "core/base/charset.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"

struct decoder {
	enum charset charset;
	iconv_t iconv;   /* CP932 only */
	int64_t offset;  /* of the first byte not yet decoded */
	char waiting[4]; /* an incomplete character */
	size_t waits;
};

static const char *const names[] = {"UTF-8", "CP932"};
static_assert(
    sizeof names / sizeof *names == CHARSET_COUNT, "name every charset");

const char *
charset_name(enum charset charset)
{
	return names[charset];
}

int
decoder_new(enum charset charset, struct decoder **out, struct err *err)
{
	iconv_t iconv = NULL;

	if (charset == CHARSET_CP932) {
		iconv = iconv_open("UTF-8", "CP932");
		/* iconv_open() fails with (iconv_t)-1. */
		if ((intptr_t)iconv == -1) {
			err_sys(err, E_CHARSET_MISSING, errno);
			return err_fact(err, "charset", SPAN("CP932"));
		}
	}
	*out = mem_new(sizeof **out);
	(*out)->charset = charset;
	(*out)->iconv = iconv;
	return 0;
}

void
decoder_free(struct decoder **decoder)
{
	if (!*decoder)
		return;
	if ((*decoder)->iconv)
		iconv_close((*decoder)->iconv);
	free(*decoder);
	*decoder = NULL;
}

static int
bad_bytes(const struct decoder *decoder, struct err *err)
{
	err_set(err, E_CHARSET_BYTES);
	err_fact(err, "charset", span_of(names[decoder->charset]));
	return err_fact_int(err, "offset", decoder->offset);
}

/* How much of in is whole, well-formed UTF-8.  Eight bytes of ASCII at a time:
 * most bytes of most files are. */
static size_t
good_utf8(struct span in)
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

static int
feed_utf8(
    struct decoder *decoder, struct span in, struct buf *out, struct err *err)
{
	size_t good = good_utf8(in);
	struct span rest = span_slice(in, good, in.len);

	buf_add(out, span_slice(in, 0, good));
	decoder->offset += (int64_t)good;
	if (rest.len > 3 || (rest.len && !may_become_utf8(rest)))
		return bad_bytes(decoder, err);
	if (rest.len)
		memcpy(decoder->waiting, rest.ptr, rest.len);
	decoder->waits = rest.len;
	return 0;
}

/* How much of in can be CP932: up to the first of the single bytes that
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

static int
feed_cp932(
    struct decoder *decoder, struct span in, struct buf *out, struct err *err)
{
	size_t good = maybe_cp932(in), left = good;
	/* iconv() takes char ** for historical reasons, but only reads. */
	char *from = (char *)(uintptr_t)in.ptr, *to;
	/* A byte of half-width kana becomes three. */
	size_t room = in.len * 3 + 16;
	size_t got;

	buf_reserve(out, room);
	to = out->ptr + out->len;
	got = iconv(decoder->iconv, &from, &left, &to, &room);
	out->len = (size_t)(to - out->ptr);
	out->ptr[out->len] = '\0';
	decoder->offset += from - in.ptr;
	if (got == (size_t)-1 && errno != EINVAL)
		return bad_bytes(decoder, err);
	left = in.len - (size_t)(from - in.ptr);
	if (good < in.len || left > 1)
		return bad_bytes(decoder, err);
	if (left)
		decoder->waiting[0] = *from;
	decoder->waits = left;
	return 0;
}

static int
feed(struct decoder *decoder, struct span in, struct buf *out, struct err *err)
{
	return decoder->charset == CHARSET_UTF8
		   ? feed_utf8(decoder, in, out, err)
		   : feed_cp932(decoder, in, out, err);
}

int
decoder_feed(
    struct decoder *decoder, struct span in, struct buf *out, struct err *err)
{
	/* Bring the waiting character to its end byte by byte: at most three
	 * rounds, and the rest of in is decoded where it lies. */
	while (decoder->waits && in.len) {
		char bytes[sizeof decoder->waiting + 1];
		size_t len = decoder->waits;

		memcpy(bytes, decoder->waiting, len);
		bytes[len++] = *in.ptr;
		in = span_slice(in, 1, in.len);
		decoder->waits = 0;
		if (feed(decoder, span_make(bytes, len), out, err) < 0)
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
charset_probe(struct err *err)
{
	/* The two everyday names and the two signs that plain Shift_JIS
	 * loses, and a backslash that must stay one. */
	static const char bytes[] = "\xfb\xfc\xed\x95\x87\x40\x87\x8a\x5c";
	static const char wanted[] =
	    "\xe9\xab\x99\xef\xa8\x91\xe2\x91\xa0\xe3\x88\xb1\x5c";
	struct decoder *decoder = NULL;
	struct buf out = BUF_INIT;
	int rc = -1;

	if (decoder_new(CHARSET_CP932, &decoder, err) < 0)
		goto out;
	if (decoder_feed(decoder, span_of(bytes), &out, NULL) < 0 ||
	    !span_equal(buf_span(&out), span_of(wanted))) {
		err_set(err, E_CHARSET_MISSING);
		err_fact(err, "charset", SPAN("CP932"));
		goto out;
	}
	rc = 0;
out:
	decoder_free(&decoder);
	buf_done(&out);
	return rc;
}
