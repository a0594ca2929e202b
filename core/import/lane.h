/* One column of values beside the addresses of a file, row by row, compared
 * with what stood beside the same addresses before. */
#ifndef CORE_IMPORT_LANE_H
#define CORE_IMPORT_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LANE_REACH = 4, /* rows by which a column is looked for at most */
	LANE_OFFSETS = 2 * LANE_REACH,
	LANE_RUNS = 16, /* kept, the longest */
	LANE_SKETCH = 128,
	LANE_RING = 16 /* rows remembered: a power of two above 2 * REACH */
};

/* A row as a lane sees it.  Values are hashes; 0 is none, or empty. */
struct lane_row {
	int64_t line;
	int skipped; /* rows directly before without address */
	int64_t skipped_line[LANE_REACH]; /* of the last of them, in order */
	bool known;                       /* the store knows the address */
};

/* A stretch of rows that have what belongs to a neighbour. */
struct lane_run {
	int64_t rows;   /* that show it */
	int64_t broken; /* rows in between that show the contrary */
	int64_t line;   /* first bad row */
	int offset;     /* of the column against the addresses: -1 up, 1 down */
};

/* The least of many hashes, each once: two such sets are as alike as what
 * they are taken from. */
struct lane_sketch {
	uint64_t least[LANE_SKETCH]; /* ascending */
	size_t count;
};

/* Plain data, zeroed at the beginning. */
struct lane {
	uint64_t now[LANE_RING], before[LANE_RING];
	int64_t known;   /* rows with a value before */
	int64_t changed; /* of them with another one now */
	int64_t pairs;   /* neighbours that both had a value before */
	int64_t alike;   /* of them with the same */
	int64_t shown[LANE_OFFSETS]; /* rows that show a shift, anywhere */
	struct lane_run open[LANE_OFFSETS];
	int streak[LANE_OFFSETS]; /* suspicious rows before the next one */
	struct lane_run run[LANE_RUNS];
	size_t runs;
	int busy; /* rows for which neighbours must still be compared */
	struct lane_sketch was, is; /* values that changed */
};

/* Takes row number at (from 0; row[i & (LANE_RING - 1)] holds the rows before
 * it, too) with its value in the file and the one before. */
void lane_row(struct lane *lane, const struct lane_row *row, int64_t at,
    uint64_t now, uint64_t before);

/* Takes row number at without looking at it: nothing is known of it nor of any
 * of the LANE_RING rows before it. */
void lane_skip(struct lane *lane, int64_t at);

/* Closes what is open; no row may follow. */
void lane_end(struct lane *lane);

/* What a lane proves. */
struct lane_verdict {
	int64_t rows; /* in runs that are long enough; 0: no shift */
	int64_t runs;
	int64_t line; /* of the first bad row */
	int offset;   /* there */
};

/* Which runs cannot be chance, of rows known ones in the file. */
void lane_judge(
    const struct lane *lane, int64_t known, struct lane_verdict *out);

/* True when this lane would prove what another one does, had it moved too. */
bool lane_could_tell(
    const struct lane *lane, int64_t known, const struct lane_verdict *other);

/* How alike the old and the new values of changed rows are as sets, in percent:
 * 100 when the same values stand beside other addresses. */
int lane_permuted(const struct lane *lane);

/* About how many different old values the changed rows had. */
int64_t lane_distinct(const struct lane *lane);

#endif
