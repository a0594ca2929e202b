/* Text that another program has destroyed before it came here. */
#ifndef CORE_IMPORT_DESTROYED_H
#define CORE_IMPORT_DESTROYED_H

#include "core/import/import.h"
#include "core/import/source.h"

enum destroyed {
	DESTROYED_NOT,
	DESTROYED_REPLACEMENT, /* U+FFFD: a converter gave up */
	DESTROYED_CUT,         /* the last character is cut in half */
	DESTROYED_UTF8_LATIN,  /* UTF-8 that was read as Latin-1 */
	DESTROYED_UTF8_CP932,  /* UTF-8 that was read as CP932 */
	DESTROYED_LATIN,       /* CP932 or EUC-JP that was read as Latin-1 */
	DESTROYED_QUESTION,    /* letters that became question marks */
	DESTROYED_GETA,        /* letters that became U+3013 */
	DESTROYED_COUNT
};

/* The word for it in the fact "kind": "replacement", "cut", "utf8_as_latin",
 * "utf8_as_cp932", "japanese_as_latin", "question", "geta"; static. */
const char *destroyed_name(enum destroyed kind);

/* What a cell is for: in a name a question mark says more than elsewhere. */
enum cell_role { CELL_TEXT, CELL_NAME };

/* What is wrong with a cell (UTF-8), judged by itself. */
enum destroyed destroyed_cell(struct span cell, enum cell_role role);

/* Sets E_IMPORT_DESTROYED with kind, line and the cell as sample. */
int destroyed_fail(
    enum destroyed kind, int64_t line, struct span cell, struct err *err);

enum {
	DESTROYED_LOOK = 2000, /* rows that the judgement of a file rests on */
	DESTROYED_FEW = 3,     /* fewer rows are rejected one by one */
	DESTROYED_PART = 4     /* one row in so many, and the file is refused */
};

/* Judges the file by its headers and its first rows.  E_IMPORT_DESTROYED with a header that
 * was garbled, or with the first cell when at least DESTROYED_FEW rows are destroyed, and one in DESTROYED_PART of
 * those that could show it: for question marks and U+3013 every row, for the
 * others rows with more than ASCII in them.  What keeps the file from being
 * read is not said here. */
int destroyed_look(const struct source *source,
    const struct import_column *column, size_t columns, struct err *err);

#endif
