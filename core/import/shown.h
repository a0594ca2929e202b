/* One row of a file as it would be stored. */
#ifndef CORE_IMPORT_SHOWN_H
#define CORE_IMPORT_SHOWN_H

#include "core/base/mem.h"
#include "core/import/column.h"
#include "core/import/repair.h"

struct import;

enum { IMPORT_SHOWN_MAX = 1000 }; /* rows from the first that can be shown */

/* Spans live in the arena; foreign bytes. */
struct import_shown {
	int64_t line;
	struct err why;  /* E_NONE, or why the row would be rejected */
	struct span raw; /* the row as read */
	struct span address, name;
	struct span fields; /* JSON object */
	struct span tags;   /* separated by ", " */
	enum import_state state;
	bool repaired; /* address is not what the cell says */
	/* What it was repaired by, or of a row that would be rejected what it
	 * could be: bits of enum import_repair, 0: nothing. */
	unsigned repairs;
	int64_t agreed_ms, confirmed_ms, stopped_ms; /* 0: the row says none */
	struct span ip, how, paper;
};

/* Reads row number index from 0 (below IMPORT_SHOWN_MAX) with the columns as
 * they are mapped now and the repairs that accept (may be NULL) allows.  What
 * the store knows is not asked: 1 with *out, 0 when the file has fewer rows,
 * -1.  E_IMPORT_NO_ADDRESS, E_IMPORT_MAPPING, errors of reading. */
int import_show(struct import *import, const struct import_accept *accept,
    size_t index, struct arena *arena, struct import_shown *out,
    struct err *err);

#endif
