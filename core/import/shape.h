/* The shape of a file of rows: how its cells are cut and quoted, where in it
 * the table stands, and which member of an archive it is. */
#ifndef CORE_IMPORT_SHAPE_H
#define CORE_IMPORT_SHAPE_H

#include <stdint.h>

/* The ideographic comma (U+3001) between cells, as one octet. */
enum { IMPORT_TOUTEN = '\x1f' };

/* How a delimiter or a quotation mark stands inside a cell. */
enum import_quote {
	IMPORT_QUOTE_FIND,
	IMPORT_QUOTE_DOUBLE,    /* "a ""b""" (RFC 4180) */
	IMPORT_QUOTE_BACKSLASH, /* "a \"b\"" (dumps of MySQL, Mautic); doubled
				 * marks are read as well */
	IMPORT_QUOTE_NONE,      /* a mark is a letter; no delimiter in a cell */
};

/* Whether the table has headers. */
enum import_header { IMPORT_HEADER_FIND, IMPORT_HEADER_YES, IMPORT_HEADER_NO };

#endif
