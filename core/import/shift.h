/* The guard against columns that have moved against each other: somebody
 * deleted a cell and the ones below moved up, or sorted one column only.  Every
 * address is then right and stands beside somebody else's name. */
#ifndef CORE_IMPORT_SHIFT_H
#define CORE_IMPORT_SHIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/span.h"

/* What can stop an import, as bits. */
enum import_guard {
	IMPORT_GUARD_SHIFTED = 1 << 0, /* E_IMPORT_SHIFTED */
	IMPORT_GUARD_SORTED = 1 << 1,  /* E_IMPORT_SORTED */
};

/* Characters of a reason. */
enum { IMPORT_REASON_MIN = 10, IMPORT_REASON_MAX = 150 };

/* What a plan says to a guard: nothing, as long as it is zero. */
struct import_overrule {
	unsigned guards;    /* bits of enum import_guard: go on all the same */
	struct span reason; /* typed by the operator, logged */
};

/* What the guards have seen in one reading of a file.  Columns are indices
 * into import_columns(); the address column when it is the one that moved, or
 * when that cannot be told. */
struct import_shift {
	unsigned raised; /* bits of enum import_guard, overruled or not */
	int64_t known;   /* rows whose address the store knows */
	/* Shifted. */
	int64_t flagged; /* rows with what stood beside a neighbour before */
	int64_t runs;    /* stretches of such rows */
	int64_t line;    /* of the first bad row, 0 when there is none */
	size_t column;   /* that moved */
	int offset;      /* by how many rows: -1 moved up, 1 down */
	/* Sorted. */
	int64_t changed;    /* known rows with another value in sorted_column */
	int64_t changed_of; /* known rows that had one */
	size_t sorted_column; /* with the greatest share */
	/* Weaker signs, which stop nothing. */
	int64_t tail_rows; /* last rows with data and no address */
	int64_t tail_line; /* of the first of them */
	int64_t nameless;  /* rows with an address and no name, in a file
			       * where nearly all others have one */
	int64_t nameless_line;
};

#endif
