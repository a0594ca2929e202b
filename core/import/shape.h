/* The shape of a file of rows: how its cells are cut and quoted, where in it
 * the table stands, and which member of an archive it is. */
#ifndef CORE_IMPORT_SHAPE_H
#define CORE_IMPORT_SHAPE_H

#include <stddef.h>
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

enum { IMPORT_LEFT_KEPT = 200, IMPORT_HEADER_ROWS = 2 };

/* Where the table stands in the file; lines as an editor counts, of the
 * beginning of a row. */
struct import_table {
	int header_rows; /* 0 to IMPORT_HEADER_ROWS */
	int64_t header_line[IMPORT_HEADER_ROWS];
	int64_t first_line; /* rows from here on are data */
	int64_t last_line;  /* as given; 0: to the end */
	size_t columns;
};

/* Why a row with something in it was not read. */
enum import_left_why {
	IMPORT_LEFT_ABOVE,    /* above the table: titles */
	IMPORT_LEFT_BELOW,    /* behind the last line that was given */
	IMPORT_LEFT_REPEATED, /* the headers once more */
	IMPORT_LEFT_TOTAL,    /* 合計 1,234 件 */
	IMPORT_LEFT_MARK,     /* of an export of ours: who has made it */
};

struct import_left {
	int64_t line;
	enum import_left_why why;
	char text[161]; /* as read; foreign bytes; cut at a character */
};

#endif
