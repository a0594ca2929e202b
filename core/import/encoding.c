/* Which charset a file is in.  Order: byte order mark; NULs in every second
 * place (UTF-16 without one); the escape sequences of ISO-2022-JP in a file of
 * seven bits; strict UTF-8, which plain ASCII is too; strict CP932 and strict
 * EUC-JP, and when both fit, or a reading never puts two Japanese signs
 * together (as when a name from Latin-1 falls on a kanji), or shows kanji that
 * nobody is called by (as when the file is Korean), nothing is guessed: the
 * operator is asked. */
#include "core/import/encoding.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/import/likely.h"

enum {
	/* Detection reads on to the end unless it has seen this much and some
	 * of it was not ASCII: a long file must not keep its caller waiting. */
	DETECT_ENOUGH = 8 * 1024 * 1024,
	/* Octets in which the NULs of UTF-16 are looked for. */
	WIDE_HEAD = 4096,
	/* On one side of pairs are so many times the NULs of the other. */
	WIDE_OTHER = 4
};

static const struct {
	struct span octets;
	enum charset charset;
} marks[] = {
    {{"\xef\xbb\xbf", 3}, CHARSET_UTF8},
    {{"\xff\xfe", 2}, CHARSET_UTF16LE},
    {{"\xfe\xff", 2}, CHARSET_UTF16BE},
};

/* The shape of EUC-JP: a machine without a table, for systems without one. */
struct euc {
	bool broken;
	int left;  /* octets the character still wants */
	bool kana; /* the next octet is half-width kana */
};

/* One charset that may be the right one. */
struct reading {
	struct decoder *decoder;
	bool broken;
	bool missing; /* the system cannot read it */
	int run; /* octets beyond ASCII in a row; stays when it has been 4 */
	struct likely likely;
	int64_t base; /* octets of ASCII before the decoder's first one */
	int64_t offset, line; /* where it broke */
};

struct detector {
	struct encoding found;
	bool decided; /* by its beginning */
	int64_t octets;
	int64_t line; /* at octets */
	char last;    /* octet */
	bool ascii;   /* so far */
	bool escapes; /* those of ISO-2022-JP were seen */
	char tail[2]; /* the last octets of the piece before */
	struct reading reading[CHARSET_COUNT];
	struct euc euc;
	struct buf text;
};

struct detector *
detector_new(void)
{
	struct detector *detector = mem_new(sizeof *detector);

	detector->ascii = true;
	detector->line = 1;
	return detector;
}

void
detector_free(struct detector **detector)
{
	if (!*detector)
		return;
	for (int i = 0; i < CHARSET_COUNT; i++)
		decoder_free(&(*detector)->reading[i].decoder);
	buf_done(&(*detector)->text);
	free(*detector);
	*detector = NULL;
}

/* ---- Pieces ------------------------------------------------------------- */

static void
euc_feed(struct euc *euc, struct span s)
{
	for (size_t i = 0; i < s.len && !euc->broken; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (euc->left) {
			euc->broken =
			    c < 0xa1 || c == 0xff || (euc->kana && c > 0xdf);
			euc->left--;
			euc->kana = false;
		} else if (c == 0x8e) {
			euc->left = 1;
			euc->kana = true;
		} else if (c == 0x8f) {
			euc->left = 2;
		} else if (c >= 0x80) {
			euc->broken = c < 0xa1 || c == 0xff;
			euc->left = 1;
		}
	}
}

static bool
is_ascii(struct span s)
{
	unsigned char any = 0;

	for (size_t i = 0; i < s.len; i++)
		any |= (unsigned char)s.ptr[i];
	return any < 0x80;
}

/* Two signs of Japanese take four octets or more of UTF-8 in a row. */
static void
look_for_two(struct reading *reading, struct span text)
{
	for (size_t i = 0; i < text.len && reading->run < 4; i++) {
		bool more = (unsigned char)text.ptr[i] >= 0x80;

		reading->run = more ? reading->run + 1 : 0;
	}
}

static size_t
count_octet(struct span s, char c)
{
	size_t count = 0, at;

	while ((at = span_index(s, c)) < s.len) {
		count++;
		s = span_slice(s, at + 1, s.len);
	}
	return count;
}

/* Line ends in s (LF, CR or both as one), *last being the octet before it. */
static int64_t
count_lines(struct span s, char *last)
{
	int64_t lines = (int64_t)count_octet(s, '\n');
	struct span rest = s;
	size_t at;

	if (*last == '\r' && span_starts(s, SPAN("\n")))
		lines--; /* it was counted with its CR */
	while ((at = span_index(rest, '\r')) < rest.len) {
		rest = span_slice(rest, at + 1, rest.len);
		lines += !span_starts(rest, SPAN("\n"));
	}
	if (s.len)
		*last = s.ptr[s.len - 1];
	return lines;
}

/* Remembers where a reading broke: piece begins at detector->octets. */
static void
breaks(struct detector *detector, struct reading *reading, struct span piece,
    const struct err *why)
{
	int64_t into = 0;
	char last = detector->last;

	reading->broken = true;
	span_int(span_of(err_find(why, "offset")), &reading->offset);
	reading->offset += reading->base;
	if (reading->offset > detector->octets)
		into = reading->offset - detector->octets;
	reading->line = detector->line +
			count_lines(span_slice(piece, 0, (size_t)into), &last);
}

static void
reading_begin(struct detector *detector, enum charset charset)
{
	struct reading *reading = &detector->reading[charset];

	reading->base = detector->octets;
	if (decoder_new(charset, &reading->decoder, NULL) < 0)
		reading->missing = true;
	else if (charset == CHARSET_UTF8)
		decoder_allow_cuts(reading->decoder);
}

static void
reading_feed(struct detector *detector, enum charset charset, struct span piece)
{
	struct reading *reading = &detector->reading[charset];
	struct err why = {0};

	if (!reading->decoder && !reading->missing)
		reading_begin(detector, charset);
	if (reading->broken || reading->missing)
		return;
	buf_clear(&detector->text);
	if (decoder_feed(reading->decoder, piece, &detector->text, &why) < 0)
		breaks(detector, reading, piece, &why);
	look_for_two(reading, buf_span(&detector->text));
	if (charset == CHARSET_CP932 || charset == CHARSET_EUC)
		likely_feed(&reading->likely, buf_span(&detector->text));
}

/* The sequences that make an ISO-2022-JP of ASCII. */
static bool
holds_escapes(struct span piece)
{
	return span_search(piece, SPAN("\x1b$B")) < piece.len ||
	       span_search(piece, SPAN("\x1b$@")) < piece.len ||
	       span_search(piece, SPAN("\x1b(I")) < piece.len;
}

/* The same where one piece ends and the next begins. */
static bool
holds_escape_across(struct detector *detector, struct span piece)
{
	char both[4] = {detector->tail[0], detector->tail[1]};
	size_t count = piece.len < 2 ? piece.len : 2;

	memcpy(both + 2, piece.ptr, count);
	memcpy(detector->tail, count < 2 ? both + 1 : piece.ptr + piece.len - 2,
	    2);
	return holds_escapes(span_make(both, 2 + count));
}

/* While all is ASCII only escapes and shifts matter, and where there are none
 * nothing needs to be decoded at all. */
static void
feed_seven_bits(struct detector *detector, struct span piece)
{
	bool plain = span_index(piece, '\x1b') == piece.len &&
		     span_index(piece, '\x0e') == piece.len;

	detector->escapes |=
	    holds_escape_across(detector, piece) || holds_escapes(piece);
	if (!plain || detector->reading[CHARSET_JIS].decoder)
		reading_feed(detector, CHARSET_JIS, piece);
}

static void
feed_eight_bits(struct detector *detector, struct span piece)
{
	reading_feed(detector, CHARSET_UTF8, piece);
	reading_feed(detector, CHARSET_CP932, piece);
	reading_feed(detector, CHARSET_EUC, piece);
	if (detector->reading[CHARSET_EUC].missing)
		euc_feed(&detector->euc, piece);
}

/* ---- The beginning ------------------------------------------------------- */

size_t
encoding_mark(struct span head, enum charset charset)
{
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (span_starts(head, marks[i].octets) &&
		    (marks[i].charset == charset ||
			marks[i].charset == CHARSET_UTF8))
			return marks[i].octets.len;
	}
	return 0;
}

/* Text of a list is ASCII for a good part, whose other octet is NUL, always on
 * the same side.  On the other one stand the few of signs such as U+3000, the
 * blank between names, and U+4E00, a number in them. */
bool
encoding_wide(struct span head, enum charset *charset)
{
	size_t zeros[2] = {0, 0};
	size_t most, least;

	head = span_slice(head, 0, WIDE_HEAD);
	for (size_t i = 0; i < head.len; i++)
		zeros[i % 2] += head.ptr[i] == '\0';
	*charset = zeros[1] > zeros[0] ? CHARSET_UTF16LE : CHARSET_UTF16BE;
	most = zeros[zeros[1] > zeros[0]];
	least = zeros[zeros[1] <= zeros[0]];
	return most > head.len / 8 && least <= most / WIDE_OTHER;
}

static void
look_at_beginning(struct detector *detector, struct span piece)
{
	struct encoding *found = &detector->found;

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (!span_starts(piece, marks[i].octets))
			continue;
		*found =
		    (struct encoding){marks[i].charset, marks[i].octets.len};
		detector->decided = true;
		return;
	}
	detector->decided = encoding_wide(piece, &found->charset);
}

static bool
is_out(const struct detector *detector, enum charset charset)
{
	return detector->reading[charset].broken ||
	       detector->reading[charset].missing;
}

bool
detector_feed(struct detector *detector, struct span piece)
{
	if (piece.len == 0)
		return true;
	if (detector->octets == 0)
		look_at_beginning(detector, piece);
	if (detector->decided)
		return false;
	detector->ascii = detector->ascii && is_ascii(piece);
	if (detector->ascii)
		feed_seven_bits(detector, piece);
	else
		feed_eight_bits(detector, piece);
	detector->line += count_lines(piece, &detector->last);
	detector->octets += (int64_t)piece.len;
	if (!detector->ascii && is_out(detector, CHARSET_UTF8) &&
	    is_out(detector, CHARSET_CP932) && is_out(detector, CHARSET_EUC))
		return false;
	return (detector->ascii && !detector->escapes) ||
	       detector->octets <= DETECT_ENOUGH;
}

/* ---- The end ------------------------------------------------------------- */

static int
fail_at(const struct detector *detector, enum charset charset, struct err *err)
{
	err_set(err, E_IMPORT_ENCODING);
	err_fact_int(err, "line", detector->reading[charset].line);
	return err_fact(err, "charset", span_of(charset_name(charset)));
}

/* No charset fits: tells where the one that came farthest broke. */
static int
fail_encoding(const struct detector *detector, struct err *err)
{
	static const enum charset tried[] = {
	    CHARSET_UTF8, CHARSET_CP932, CHARSET_EUC};
	enum charset best = CHARSET_UTF8;

	for (size_t i = 1; i < sizeof tried / sizeof *tried; i++) {
		if (detector->reading[tried[i]].offset >
		    detector->reading[best].offset)
			best = tried[i];
	}
	return fail_at(detector, best, err);
}

static void
end_readings(struct detector *detector)
{
	for (int i = 0; i < CHARSET_COUNT; i++) {
		struct reading *reading = &detector->reading[i];
		struct err why = {0};

		if (reading->decoder && !reading->broken &&
		    decoder_finish(reading->decoder, &why) < 0)
			breaks(detector, reading, (struct span){0}, &why);
	}
	detector->euc.broken |= detector->euc.left > 0;
}

/* UTF-8 with characters cut in half has at least as many whole ones; anything
 * else that looks alike has hardly any. */
static bool
is_utf8(const struct detector *detector)
{
	const struct reading *reading = &detector->reading[CHARSET_UTF8];
	struct decoder_seen seen;

	if (reading->broken)
		return false;
	seen = decoder_seen(reading->decoder);
	return seen.whole >= seen.cut;
}

bool
detector_fits(const struct detector *detector, enum charset charset)
{
	if (charset != CHARSET_CP932 && charset != CHARSET_EUC)
		return false;
	return !is_out(detector, charset) ||
	       (charset == CHARSET_EUC && detector->reading[charset].missing &&
		   !detector->euc.broken);
}

static int
finish_japanese(
    struct detector *detector, struct encoding *out, struct err *err)
{
	bool cp932 = detector_fits(detector, CHARSET_CP932);
	bool euc = detector_fits(detector, CHARSET_EUC);

	if (detector->reading[CHARSET_CP932].missing)
		return charset_probe(CHARSET_CP932, err);
	if (cp932 && euc)
		return err_set(err, E_IMPORT_ENCODING_UNSURE);
	if (!cp932 && !euc)
		return fail_encoding(detector, err);
	out->charset = cp932 ? CHARSET_CP932 : CHARSET_EUC;
	if (detector->reading[out->charset].missing)
		return charset_probe(out->charset, err);
	if (detector->reading[out->charset].run < 4 ||
	    !likely_is(&detector->reading[out->charset].likely))
		return err_set(err, E_IMPORT_ENCODING_UNSURE);
	return 0;
}

int
detector_finish(struct detector *detector, enum detector_end end,
    struct encoding *out, struct err *err)
{
	*out = detector->found;
	if (detector->decided)
		return 0;
	if (end == DETECTOR_WHOLE)
		end_readings(detector);
	out->charset = CHARSET_UTF8;
	if (detector->ascii && !detector->escapes)
		return 0;
	if (detector->ascii) {
		out->charset = CHARSET_JIS;
		if (detector->reading[CHARSET_JIS].missing)
			return charset_probe(CHARSET_JIS, err);
		return detector->reading[CHARSET_JIS].broken
			   ? fail_at(detector, CHARSET_JIS, err)
			   : 0;
	}
	if (is_utf8(detector))
		return 0;
	return finish_japanese(detector, out, err);
}

/* ---- Marks in the middle ------------------------------------------------- */

void
encoding_drop_marks(struct buf *text, char *before)
{
	const struct span mark = marks[0].octets;
	size_t from = 0, to = 0;

	while (from < text->len) {
		struct span rest = span_slice(buf_span(text), from, text->len);
		size_t at = span_search(rest, mark);

		if (to < from)
			memmove(text->ptr + to, rest.ptr, at);
		to += at;
		from += at;
		if (to)
			*before = text->ptr[to - 1];
		if (at == rest.len)
			break;
		if (*before != '\n' && *before != '\r') {
			memcpy(text->ptr + to, mark.ptr, mark.len);
			to += mark.len;
		}
		from += mark.len;
	}
	if (to)
		*before = text->ptr[to - 1];
	text->len = to;
	if (text->ptr)
		text->ptr[to] = '\0';
}
