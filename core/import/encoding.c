/* Which charset a file is in.  Order: byte order mark, strict UTF-8 (plain
 * ASCII is that too), strict CP932.  A file that would also pass for EUC-JP is
 * not guessed: the operator is asked. */
#include "core/import/encoding.h"

#include <stdlib.h>

#include "core/base/mem.h"

/* Detection reads on to the end unless it has seen this much and some of it
 * was not ASCII: a long file must not keep its caller waiting. */
enum { DETECT_ENOUGH = 8 * 1024 * 1024 };

/* The shape of EUC-JP: a machine without a table. */
struct euc {
	bool broken;
	int left;  /* bytes the character still wants */
	bool kana; /* the next byte is half-width kana */
};

/* One charset that may be the right one. */
struct reading {
	struct decoder *decoder;
	bool broken;
	int64_t offset; /* where it broke */
	int64_t line;
};

struct detector {
	struct encoding found;
	bool decided; /* by its mark */
	int64_t octets;
	int64_t line; /* at octets */
	char last;    /* octet */
	bool ascii;
	struct reading reading[CHARSET_COUNT];
	struct euc euc;
	struct buf text;
};

int
detector_new(struct detector **out, struct err *err)
{
	struct detector *detector = mem_new(sizeof *detector);

	detector->ascii = true;
	detector->line = 1;
	for (int i = 0; i < CHARSET_COUNT; i++) {
		if (decoder_new((enum charset)i, &detector->reading[i].decoder,
			err) < 0) {
			detector_free(&detector);
			return -1;
		}
	}
	*out = detector;
	return 0;
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

/* Line ends in s (LF, CR or both as one), *last being the octet before it. */
static int64_t
count_lines(struct span s, char *last)
{
	int64_t lines = 0;

	for (size_t i = 0; i < s.len; i++) {
		lines +=
		    s.ptr[i] == '\r' || (s.ptr[i] == '\n' && *last != '\r');
		*last = s.ptr[i];
	}
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
	if (reading->offset > detector->octets)
		into = reading->offset - detector->octets;
	reading->line = detector->line +
			count_lines(span_slice(piece, 0, (size_t)into), &last);
}

bool
detector_feed(struct detector *detector, struct span piece)
{
	const struct span mark = SPAN("\xef\xbb\xbf");

	if (detector->octets == 0 && span_starts(piece, mark)) {
		detector->decided = true;
		detector->found = (struct encoding){CHARSET_UTF8, mark.len};
	}
	if (detector->decided)
		return false;
	for (int i = 0; i < CHARSET_COUNT; i++) {
		struct reading *reading = &detector->reading[i];
		struct err why = {0};

		buf_clear(&detector->text);
		if (!reading->broken && decoder_feed(reading->decoder, piece,
					    &detector->text, &why) < 0)
			breaks(detector, reading, piece, &why);
	}
	detector->ascii = detector->ascii && is_ascii(piece);
	euc_feed(&detector->euc, piece);
	detector->line += count_lines(piece, &detector->last);
	detector->octets += (int64_t)piece.len;
	if (detector->reading[CHARSET_UTF8].broken &&
	    detector->reading[CHARSET_CP932].broken)
		return false;
	return detector->ascii || detector->octets <= DETECT_ENOUGH;
}

/* No charset fits: tells where the one that came farthest broke. */
static int
fail_encoding(const struct detector *detector, struct err *err)
{
	int which = 0;

	for (int i = 1; i < CHARSET_COUNT; i++) {
		if (detector->reading[i].offset >
		    detector->reading[which].offset)
			which = i;
	}
	err_set(err, E_IMPORT_ENCODING);
	err_fact_int(err, "line", detector->reading[which].line);
	return err_fact(
	    err, "charset", span_of(charset_name((enum charset)which)));
}

int
detector_finish(struct detector *detector, enum detector_end end,
    struct encoding *out, struct err *err)
{
	for (int i = 0; end == DETECTOR_WHOLE && i < CHARSET_COUNT; i++) {
		struct reading *reading = &detector->reading[i];
		struct err why = {0};

		if (!detector->decided && !reading->broken &&
		    decoder_finish(reading->decoder, &why) < 0)
			breaks(detector, reading, (struct span){0}, &why);
	}
	*out = detector->found;
	if (detector->decided)
		return 0;
	out->charset = CHARSET_UTF8;
	if (!detector->reading[CHARSET_UTF8].broken)
		return 0;
	out->charset = CHARSET_CP932;
	if (detector->reading[CHARSET_CP932].broken)
		return fail_encoding(detector, err);
	if (!detector->euc.broken && !detector->euc.left)
		return err_set(err, E_IMPORT_ENCODING_UNSURE);
	return 0;
}
