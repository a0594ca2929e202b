/* What a row says of its person beyond address, name and fields. */
#ifndef CORE_IMPORT_SAYS_H
#define CORE_IMPORT_SAYS_H

#include "core/import/row.h"

enum {
	SAYS_HOW_MAX = 500,   /* octets */
	SAYS_PAPER_MAX = 200, /* octets */
	SAYS_TAG_MAX = 100,   /* octets of one tag */
	SAYS_TAGS_MAX = 100   /* of one row */
};

/* Sets state, stopped_ms, evidence, tags and members of a person from the
 * columns that hold them.  Evidence that cannot be read rejects the row, as
 * nobody would miss it later; a time of a stop that cannot be read is not
 * known, and stops all the same.  E_ROW_DATE, E_ROW_IP, E_ROW_TEXT, E_ROW_TAGS,
 * E_ROW_JSON, E_ROW_CONTROL, E_ROW_CHARACTER. */
int says_read(const struct mapping *mapping, const struct csv_row *row,
    struct arena *arena, struct csv_person *out, struct err *err);

#endif
