/* The checks by number, and what a proof counts for each of them. */
#ifndef CORE_REVIEW_CHECKLIST_H
#define CORE_REVIEW_CHECKLIST_H

#include <assert.h>

#include "core/review/personal.h"
#include "core/review/review.h"

enum check_id {
#define X(number, id, severity, answer, life, source) number,
#include "core/review/checks.def"
#undef X
	CHECK_COUNT
};
static_assert(
    (int)CHECK_COUNT <= (int)CHECK_LINES_MAX, "more lines than progress has");

/* What one worker found: faults per check and the first of each by seq. */
struct tally {
	int64_t count[CHECK_COUNT];
	int64_t first_seq[CHECK_COUNT];
	struct err first[CHECK_COUNT];
	int64_t octets_max;
	int64_t fallbacks;
	int64_t charset_fallbacks; /* UTF-8 though not wanted */
	int64_t encrypted;
	int64_t closed_files; /* of one recipient, no text: see lint_files() */
	struct personal_figures personal; /* of the index, not counted up */
};

/* Counts a fault in message seq: what is wrong (a stable word) and the value
 * that shows it (foreign; cut). */
void tally_add(struct tally *tally, enum check_id check, int64_t seq,
    const char *what, struct span value);

/* Counts a fault that an error describes. */
void tally_err(struct tally *tally, enum check_id check, int64_t seq,
    const struct err *err);

/* Adds what other has counted. */
void tally_merge(struct tally *tally, const struct tally *other);

/* Row of the table of checks with this id, or CHECK_COUNT. */
enum check_id check_of(const char *id);

#endif
