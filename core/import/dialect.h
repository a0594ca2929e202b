/* How the cells of a file are cut, found from its beginning. */
#ifndef CORE_IMPORT_DIALECT_H
#define CORE_IMPORT_DIALECT_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/import/shape.h"

struct dialect {
	char delimiter; /* ',', ';', TAB, '|' or IMPORT_TOUTEN */
	enum import_quote quote;
	bool blanks;    /* may stand before a quotation mark: a, "b" */
	size_t sep_len; /* octets of a first line "sep=;" without its end */
};

enum dialect_head { DIALECT_WHOLE, DIALECT_PART };

/* Finds out what *dialect does not say: delimiter 0, IMPORT_QUOTE_FIND.  head
 * is the text or its beginning, already UTF-8: in CP932 a second octet may be
 * '|' or a backslash.  A line "sep=" is never a row and decides when no
 * delimiter is given.  The delimiter is the one that cuts the most rows into
 * equally many cells, ',' when none does; the ideographic comma counts only
 * where all others fail.  Quotes are DOUBLE unless another way leaves fewer
 * broken rows. */
void dialect_find(
    struct span head, enum dialect_head how, struct dialect *dialect);

/* Turns the ideographic commas of text into IMPORT_TOUTEN, and an octet that
 * is it already into another control, which no row may hold. */
void dialect_fold(struct buf *text);

#endif
