/* When does a column stand beside the wrong addresses?  A row shows a shift by
 * d when it has what stood beside the address d rows away and not what stood
 * beside its own; it shows the contrary when it has its own and not the
 * other's.  Honest changes hit single rows, an accident all rows from some line
 * on: what counts is a run of rows that show it with hardly one against it.
 *
 * How long a run must be depends on the column.  A changed name is the old name
 * of the neighbour once in thousands of rows, a changed prefecture often.  So
 * each row is worth as many bits as the coincidence is rare, which is told by
 * how often neighbours are alike and how often rows show the opposite shift,
 * and BITS_NEEDED of them are no coincidence in a million rows. */
#include "core/import/lane.h"

#include <string.h>

enum {
	BITS_NEEDED = 36,
	BITS_MAX = 12,    /* of one row: a single one proves nothing */
	BITS_CHANGED = 2, /* rows that change at all are at most a quarter */
	FEW = 10,         /* known rows, below which chances mean nothing */
	FEW_ROWS = 2,     /* that then must show it, and half of all; for more
			 * than one row as many rows more */
	SHOWN_MIN = 3,    /* kept runs have */
	CONTRARY_IN = 8   /* one row in so many may show the contrary */
};

/* The offset with this index: 1, -1, 2, -2 ... */
static int
offset_of(int index)
{
	return index % 2 ? -(index / 2 + 1) : index / 2 + 1;
}

static size_t
slot(int64_t at)
{
	return (size_t)at & (LANE_RING - 1);
}

/* ---- Runs -------------------------------------------------------------- */

static void
keep_run(struct lane *lane, const struct lane_run *run)
{
	size_t least = 0;

	if (run->rows < FEW_ROWS)
		return;
	if (lane->runs < LANE_RUNS) {
		lane->run[lane->runs++] = *run;
		return;
	}
	for (size_t i = 1; i < LANE_RUNS; i++) {
		if (lane->run[i].rows < lane->run[least].rows)
			least = i;
	}
	if (run->rows > lane->run[least].rows)
		lane->run[least] = *run;
}

static void
close_run(struct lane *lane, int index)
{
	keep_run(lane, &lane->open[index]);
	lane->open[index] = (struct lane_run){0};
	lane->streak[index] = 0;
}

/* The first bad row when row number at is the first that shows it.  When the
 * column moved down against the addresses, as many rows before it have lost
 * their own values; when it moved up because addresses were pushed down, the
 * rows before have no address, or one that nobody knows. */
static int64_t
first_line(
    const struct lane *lane, const struct lane_row *row, int64_t at, int index)
{
	int offset = offset_of(index);
	int reach = offset < 0 ? -offset : offset;
	int streak = lane->streak[index];
	const struct lane_row *first;

	if (streak > reach)
		streak = reach;
	first = &row[slot(at - streak)];
	if (offset < 0 && streak < reach && first->skipped) {
		int back = reach - streak;

		if (back > first->skipped)
			back = first->skipped;
		return first->skipped_line[first->skipped - back];
	}
	return first->line;
}

/* Compares row number at with what stood beside the address offset rows
 * away. */
static void
compare(struct lane *lane, const struct lane_row *row, int64_t at, int index,
    uint64_t beside)
{
	struct lane_run *run = &lane->open[index];
	uint64_t now = lane->now[slot(at)], before = lane->before[slot(at)];
	bool match = now && now == beside;
	bool fits = now == before;

	if (match && before && !fits) {
		if (run->rows++ == 0) {
			run->line = first_line(lane, row, at, index);
			run->offset = offset_of(index);
		}
		lane->shown[index]++;
	} else if (fits && before && beside && !match) {
		if (run->rows && ++run->broken * CONTRARY_IN > run->rows)
			close_run(lane, index);
		lane->streak[index] = 0;
	} else if (offset_of(index) > 0 ? before && !fits
					: match && !row[slot(at)].known) {
		lane->streak[index]++;
	} else {
		lane->streak[index] = 0;
	}
}

/* ---- Sketches ---------------------------------------------------------- */

static void
sketch_add(struct lane_sketch *sketch, uint64_t hash)
{
	size_t low = 0, high = sketch->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (sketch->least[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == LANE_SKETCH ||
	    (low < sketch->count && sketch->least[low] == hash))
		return;
	if (sketch->count < LANE_SKETCH)
		sketch->count++;
	memmove(&sketch->least[low + 1], &sketch->least[low],
	    (sketch->count - 1 - low) * sizeof *sketch->least);
	sketch->least[low] = hash;
}

int
lane_permuted(const struct lane *lane)
{
	size_t i = 0, k = 0, both = 0, all = 0;

	while (
	    all < LANE_SKETCH && (i < lane->was.count || k < lane->is.count)) {
		bool left = k == lane->is.count ||
			    (i < lane->was.count &&
				lane->was.least[i] <= lane->is.least[k]);
		bool right = i == lane->was.count ||
			     (k < lane->is.count &&
				 lane->is.least[k] <= lane->was.least[i]);

		both += left && right;
		all++;
		i += left;
		k += right;
	}
	return all ? (int)(100 * both / all) : 0;
}

int64_t
lane_distinct(const struct lane *lane)
{
	const struct lane_sketch *was = &lane->was;
	uint64_t step; /* from one hash to the next */

	if (was->count < LANE_SKETCH)
		return (int64_t)was->count;
	step = was->least[LANE_SKETCH - 1] / LANE_SKETCH;
	return step > 1 ? (int64_t)(UINT64_MAX / step) : INT64_MAX;
}

/* ---- Rows -------------------------------------------------------------- */

static void
count_change(struct lane *lane, uint64_t now, uint64_t before)
{
	lane->known++;
	if (now == before)
		return;
	lane->changed++;
	sketch_add(&lane->was, before);
	if (now)
		sketch_add(&lane->is, now);
}

static bool
any_open(const struct lane *lane)
{
	for (int i = 0; i < LANE_OFFSETS; i++) {
		if (lane->open[i].rows)
			return true;
	}
	return false;
}

void
lane_row(struct lane *lane, const struct lane_row *row, int64_t at,
    uint64_t now, uint64_t before)
{
	uint64_t last = at ? lane->before[slot(at - 1)] : 0;

	lane->now[slot(at)] = now;
	lane->before[slot(at)] = before;
	if (before)
		count_change(lane, now, before);
	if (before && last) {
		lane->pairs++;
		lane->alike += before == last;
	}
	/* Where all rows fit there is nothing to find. */
	if (!before || now != before)
		lane->busy = LANE_RING;
	else if (lane->busy && --lane->busy == 0 && any_open(lane))
		lane->busy = 1;
	if (!lane->busy)
		return;
	for (int i = 0; i < LANE_OFFSETS; i++) {
		int offset = offset_of(i);

		/* A column that moved up has at this row what stood beside a
		 * later address, one that moved down an earlier one's. */
		if (offset < 0 && at + offset >= 0)
			compare(lane, row, at + offset, i, before);
		else if (offset > 0)
			compare(lane, row, at, i,
			    at < offset ? 0 : lane->before[slot(at - offset)]);
	}
}

void
lane_skip(struct lane *lane, int64_t at)
{
	lane->now[slot(at)] = 0;
	lane->before[slot(at)] = 0;
}

void
lane_end(struct lane *lane)
{
	for (int i = 0; i < LANE_OFFSETS; i++)
		close_run(lane, i);
}

/* ---- Judging ----------------------------------------------------------- */

/* Bits of a chance of part in whole. */
static int
bits_of(int64_t part, int64_t whole)
{
	int bits = 0;

	while (bits < BITS_MAX && part <= whole / 2) {
		part *= 2;
		bits++;
	}
	return bits;
}

static int
row_bits(const struct lane *lane, int index)
{
	/* quarters of a pair more than were seen: nothing is impossible */
	int bits =
	    bits_of(4 * lane->alike + 1, 4 * (lane->pairs + 1)) + BITS_CHANGED;
	int64_t fitting = lane->known - lane->changed;
	int64_t opposite = lane->shown[index ^ 1];
	int other;

	if (opposite) {
		other = bits_of(opposite, opposite + fitting + 4);
		bits = bits < other ? bits : other;
	}
	bits = bits > 1 ? bits : 1;
	return bits < BITS_MAX ? bits : BITS_MAX;
}

static bool
is_proof(const struct lane *lane, const struct lane_run *run, int64_t known)
{
	int offset = run->offset;
	int index = offset < 0 ? 2 * -offset - 1 : 2 * offset - 2;
	int reach = offset < 0 ? -offset : offset;

	if (known < FEW)
		return run->rows >= (reach > 1 ? FEW_ROWS + reach : FEW_ROWS) &&
		       2 * run->rows >= known && 2 * lane->alike < lane->pairs;
	return run->rows >= SHOWN_MIN &&
	       run->rows * row_bits(lane, index) >= BITS_NEEDED;
}

void
lane_judge(const struct lane *lane, int64_t known, struct lane_verdict *out)
{
	*out = (struct lane_verdict){0};
	for (size_t i = 0; i < lane->runs; i++) {
		const struct lane_run *run = &lane->run[i];

		if (!is_proof(lane, run, known))
			continue;
		out->rows += run->rows;
		out->runs++;
		if (out->line == 0 || run->line < out->line) {
			out->line = run->line;
			out->offset = run->offset;
		}
	}
}

bool
lane_could_tell(
    const struct lane *lane, int64_t known, const struct lane_verdict *other)
{
	struct lane_run run = {.offset = other->offset};

	if (lane->pairs == 0)
		return false;
	/* half of what is to be expected */
	run.rows = other->rows * (lane->pairs - lane->alike) / lane->pairs / 2;
	return is_proof(lane, &run, known);
}
