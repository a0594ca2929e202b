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

/* The caller ends it with detector_free().  E_CHARSET_MISSING. */
int detector_new(struct detector **out, struct err *err);

/* Takes the next piece of the stream, the first one with at least 4 octets if
 * there are as many: true while more of it would tell more. */
bool detector_feed(struct detector *detector, struct span piece);

enum detector_end { DETECTOR_WHOLE, DETECTOR_PART };

/* Decides, after the whole stream or the part of it that was wanted.
 * E_IMPORT_ENCODING with line and charset when no charset fits,
 * E_IMPORT_ENCODING_UNSURE when more than one does; the caller adds the
 * path. */
int detector_finish(struct detector *detector, enum detector_end end,
    struct encoding *out, struct err *err);

/* Frees it; accepts NULL, sets *detector to NULL. */
void detector_free(struct detector **detector);

#endif
