/* Reading rows ahead of who stores them, on a thread of its own: decoding,
 * cutting and checking a file takes about as long as storing it. */
#ifndef CORE_IMPORT_AHEAD_H
#define CORE_IMPORT_AHEAD_H

#include <stdatomic.h>

#include "core/import/findings.h"
#include "core/import/source.h"

/* What was asked for in the middle of a pass. */
enum ahead_stop { AHEAD_GO, AHEAD_ENOUGH, AHEAD_CANCEL };

/* A row as row_person() has read it; empty ones are left out. */
struct ahead_row {
	struct csv_row row;
	struct csv_person person;
	const struct err *why; /* it was rejected; NULL: it was not */
};

enum { AHEAD_ROWS = 512 };

/* Rows in the order of the file, and all that they point to. */
struct ahead_lot {
	struct ahead_row row[AHEAD_ROWS];
	size_t count;
	int64_t octets; /* of the file, with the last of them */
	struct arena *arena;
};

/* What to read; borrowed until ahead_free(). */
struct ahead_plan {
	struct rows *rows;
	const struct mapping *mapping;
	struct findings *findings; /* told of each row */
	const _Atomic(enum ahead_stop)
	    *stop;   /* ends reading, unless AHEAD_GO */
	bool fields; /* person.fields is wanted */
};

struct ahead;

/* Begins to read; E_THREAD.  The caller ends *out with ahead_free(), and until
 * then nobody else uses what the plan names. */
int ahead_new(
    const struct ahead_plan *plan, struct ahead **out, struct err *err);

/* The next rows: 1, 0 behind the last ones, -1 at a fault that stops the file,
 * behind all rows before it: as rows_next().  *out lives until the next
 * call. */
int ahead_next(
    struct ahead *ahead, const struct ahead_lot **out, struct err *err);

/* Whether it was told to stop before the end of the file; behind the last
 * rows. */
bool ahead_is_cut(const struct ahead *ahead);

/* Waits for the thread and frees everything; accepts NULL, sets *ahead to
 * NULL. */
void ahead_free(struct ahead **ahead);

#endif
