/* Base64, which is most of what a Japanese newsletter is made of.  Where the
 * processor has AVX2 a line of 57 octets is three steps; everywhere else, and
 * at the end of a text, a table does it.  Both give the same characters. */
#include "core/mail/encode.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
	LINE_RAW = 57, /* octets that give ENCODE_LINE_MAX columns */
	STRIDE = ENCODE_LINE_MAX + 2,
	LINES_AT_ONCE = 64,
	SLACK = 64 /* octets a step may read or write too much */
};

/* ---- By table ---------------------------------------------------------- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

static char *
put_table(char *to, const char *from, size_t len)
{
	const unsigned char *at = (const unsigned char *)from;

	for (; len >= 3; len -= 3, at += 3) {
		*to++ = alphabet[at[0] >> 2];
		*to++ = alphabet[(at[0] & 3) << 4 | at[1] >> 4];
		*to++ = alphabet[(at[1] & 15) << 2 | at[2] >> 6];
		*to++ = alphabet[at[2] & 63];
	}
	if (len == 0)
		return to;
	*to++ = alphabet[at[0] >> 2];
	*to++ = alphabet[(at[0] & 3) << 4 | (len > 1 ? at[1] >> 4 : 0)];
	*to++ = len > 1 ? alphabet[(at[1] & 15) << 2] : '=';
	*to++ = '=';
	return to;
}

/* ---- By AVX2 ----------------------------------------------------------- */

#if defined(__x86_64__)

static bool
has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

/* 24 octets at from, of which 28 are read, to 32 characters. */
__attribute__((target("avx2"))) static inline void
put_24(char *to, const char *from)
{
	const __m256i spread =
	    _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,
		1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
	/* by group of digits: a-z, ten times 0-9, '+', '/', A-Z */
	const __m256i shift =
	    _mm256_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
		'0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
		'+' - 62, '/' - 63, 'A', 0, 0, 'a' - 26, '0' - 52, '0' - 52,
		'0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
		'0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
	__m128i low = _mm_loadu_si128((const __m128i *)from);
	__m128i high = _mm_loadu_si128((const __m128i *)(from + 12));
	__m256i in = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), spread);
	/* each 24 bits are now four fields, moved into octets by
	 * multiplication: the outer two down, the inner two up */
	__m256i down = _mm256_mulhi_epu16(
	    _mm256_and_si256(in, _mm256_set1_epi32(0x0fc0fc00)),
	    _mm256_set1_epi32(0x04000040));
	__m256i up = _mm256_mullo_epi16(
	    _mm256_and_si256(in, _mm256_set1_epi32(0x003f03f0)),
	    _mm256_set1_epi32(0x01000010));
	__m256i digit = _mm256_or_si256(down, up);
	__m256i group = _mm256_subs_epu8(digit, _mm256_set1_epi8(51));
	__m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), digit);

	group = _mm256_or_si256(
	    group, _mm256_and_si256(upper, _mm256_set1_epi8(13)));
	digit = _mm256_add_epi8(digit, _mm256_shuffle_epi8(shift, group));
	_mm256_storeu_si256((__m256i *)to, digit);
}

/* count whole lines; four octets behind the last are read too. */
__attribute__((target("avx2"))) static void
put_lines_avx2(char *to, const char *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		put_24(to, from);
		put_24(to + 32, from + 24);
		put_24(to + ENCODE_LINE_MAX - 32, from + LINE_RAW - 24);
		to[ENCODE_LINE_MAX] = '\r';
		to[ENCODE_LINE_MAX + 1] = '\n';
		to += STRIDE;
		from += LINE_RAW;
	}
}

/* Octets before the next line feed, in blocks of 32 that are copied on the
 * way; stops where less than a block is left on either side. */
__attribute__((target("avx2"))) static size_t
copy_run_avx2(char *to, size_t room, struct span text)
{
	const __m256i feed = _mm256_set1_epi8('\n');
	size_t at = 0;

	while (at + 32 <= text.len && at + 32 <= room) {
		__m256i block =
		    _mm256_loadu_si256((const __m256i *)(text.ptr + at));
		unsigned hits = (unsigned)_mm256_movemask_epi8(
		    _mm256_cmpeq_epi8(block, feed));

		_mm256_storeu_si256((__m256i *)(to + at), block);
		if (hits)
			return at + (size_t)__builtin_ctz(hits);
		at += 32;
	}
	return at;
}

#else

static bool
has_avx2(void)
{
	return false;
}

static void
put_lines_avx2(char *to, const char *from, size_t count)
{
	(void)to, (void)from, (void)count;
}

static size_t
copy_run_avx2(char *to, size_t room, struct span text)
{
	(void)to, (void)room, (void)text;
	return 0;
}

#endif

/* ---- Lines ------------------------------------------------------------- */

/* Appends len octets as lines, of which the last may be short; readable: how
 * many octets at from may be looked at. */
static void
add_lines(struct buf *out, const char *from, size_t len, size_t readable)
{
	size_t quick = 0;
	char *to;

	buf_reserve(out, (len / LINE_RAW + 1) * STRIDE);
	to = out->ptr + out->len;
	if (has_avx2() && readable >= 4) {
		quick = (len < readable - 4 ? len : readable - 4) / LINE_RAW;
		put_lines_avx2(to, from, quick);
		to += quick * STRIDE;
	}
	for (size_t at = quick * LINE_RAW; at < len; at += LINE_RAW) {
		to = put_table(
		    to, from + at, len - at < LINE_RAW ? len - at : LINE_RAW);
		*to++ = '\r';
		*to++ = '\n';
	}
	out->len = (size_t)(to - out->ptr);
	*to = '\0';
}

void
encode_base64(struct buf *out, struct span bytes)
{
	buf_reserve(out, (bytes.len + 2) / 3 * 4);
	out->len =
	    (size_t)(put_table(out->ptr + out->len, bytes.ptr, bytes.len) -
		     out->ptr);
	out->ptr[out->len] = '\0';
}

void
encode_base64_lines(struct buf *out, struct span bytes)
{
	add_lines(out, bytes.ptr, bytes.len, bytes.len);
}

/* ---- Text -------------------------------------------------------------- */

/* Copies what stands before the next line feed, as far as there is room. */
static size_t
copy_run(char *to, size_t room, struct span text)
{
	size_t done = has_avx2() ? copy_run_avx2(to, room, text) : 0, run;

	if (done < text.len && text.ptr[done] == '\n')
		return done;
	text = span_slice(text, done, text.len);
	text = span_slice(text, 0, room - done);
	run = span_index(text, '\n');
	if (run)
		memcpy(to + done, text.ptr, run);
	return done + run;
}

/* Moves text from *rest into raw until less than two octets of room are left,
 * with CRLF for a lone LF.  *before is the last octet moved. */
static size_t
widen(struct span *rest, char *raw, size_t room, char *before)
{
	size_t len = 0;

	while (rest->len && room - len >= 2) {
		size_t run = copy_run(raw + len, room - len - 1, *rest);

		if (run) {
			len += run;
			*before = raw[len - 1];
			*rest = span_slice(*rest, run, rest->len);
			if (!rest->len || *rest->ptr != '\n' || room - len < 2)
				continue;
		}
		if (*before != '\r')
			raw[len++] = '\r';
		raw[len++] = *before = '\n';
		*rest = span_slice(*rest, 1, rest->len);
	}
	return len;
}

void
encode_base64_text(struct buf *out, struct span text)
{
	char raw[LINES_AT_ONCE * LINE_RAW + SLACK], before = '\n';
	size_t have = 0, whole;

	while (text.len || have) {
		have += widen(
		    &text, raw + have, sizeof raw - SLACK - have, &before);
		whole = text.len ? have / LINE_RAW * LINE_RAW : have;
		add_lines(out, raw, whole, have + SLACK);
		have -= whole;
		memmove(raw, raw + whole, have);
	}
}
