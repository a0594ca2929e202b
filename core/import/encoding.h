/* How the octets of a file are to be read: a machine, octets in, a charset
 * out; it reads nothing itself. */
#ifndef CORE_IMPORT_ENCODING_H
#define CORE_IMPORT_ENCODING_H

#include "core/base/charset.h"

/* Finds out the charset of one stream; used by one thread. */
struct detector;

struct encoding {
	enum charset charset;
	size_t mark; /* octets of a byte order mark */
};

/* The caller ends it with detector_free(). */
struct detector *detector_new(void);

/* Takes the next piece of the stream, the first one with at least 4 octets if
 * there are as many: true while more of it would tell more. */
bool detector_feed(struct detector *detector, struct span piece);

enum detector_end { DETECTOR_WHOLE, DETECTOR_PART };

/* Decides, after the whole stream or the part of it that was wanted.
 * E_IMPORT_ENCODING with line and charset when no charset fits,
 * E_IMPORT_ENCODING_UNSURE when more than one does, or one alone that shows no
 * two Japanese signs together or hardly any that are common; E_CHARSET_MISSING when the system lacks the
 * one that may be it.  The caller adds the path. */
int detector_finish(struct detector *detector, enum detector_end end,
    struct encoding *out, struct err *err);

/* After E_IMPORT_ENCODING_UNSURE: whether this charset is one that fits. */
bool detector_fits(const struct detector *detector, enum charset charset);

/* Frees it; accepts NULL, sets *detector to NULL. */
void detector_free(struct detector **detector);

/* Octets of the byte order mark that begins head, when a file in this charset
 * may have it. */
size_t encoding_mark(struct span head, enum charset charset);

/* Whether head looks like UTF-16 without a mark; *charset is then which. */
bool encoding_wide(struct span head, enum charset *charset);

/* Takes U+FEFF away where it begins a line of text, a piece of a stream as
 * UTF-8 in whole characters: the byte order marks of files that were joined.
 * *before is the octet in front of text, '\n' at the beginning of the stream;
 * it is moved on. */
void encoding_drop_marks(struct buf *text, char *before);

#endif
