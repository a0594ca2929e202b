/* The checks by number, and what a proof counts for each of them. */
#ifndef CORE_REVIEW_CHECKLIST_H
#define CORE_REVIEW_CHECKLIST_H

#include "core/review/review.h"

enum check_id {
	LC_01,
	LC_03,
	LC_04,
	LC_05,
	CM_01,
	CM_02,
	CM_04,
	CM_05,
	CM_07,
	CM_07W,
	CM_08,
	CM_09,
	CM_10,
	CM_10W,
	LG_01,
	LG_02,
	LG_03,
	LG_04,
	HD_01,
	HD_02,
	HD_03,
	HD_05,
	HD_06,
	TS_01,
	TS_02,
	TS_03,
	TS_05,
	TS_05W,
	PP_01,
	PP_02,
	PP_03,
	PP_05,
	CHECK_COUNT
};

/* What one worker found: faults per check and the first of each by seq. */
struct tally {
	int64_t count[CHECK_COUNT];
	int64_t first_seq[CHECK_COUNT];
	struct err first[CHECK_COUNT];
	int64_t octets_max;
	int64_t fallbacks;
	int64_t charset_fallbacks; /* UTF-8 though not wanted */
	int64_t encrypted;
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
