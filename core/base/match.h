/* Comparing text as people search in it: without the difference of case and
 * width, numbers as numbers, dates as dates. */
#ifndef CORE_BASE_MATCH_H
#define CORE_BASE_MATCH_H

#include "core/base/buf.h"
#include "core/base/span.h"

/* Appends text as searches see it: what fold_next() makes of it, every blank a
 * space, none at its ends. */
void match_fold(struct span text, struct buf *out);

/* True when folded, which match_fold() has made, stands in text; the empty one
 * stands in every text. */
bool match_holds(struct span text, struct span folded);

/* True when text is folded, but for blanks at its ends. */
bool match_same(struct span text, struct span folded);

/* Reads a decimal number in units of 1/10000, as people write it: "1,200",
 * "-3.5", full-width digits; at most 14 digits before the point.  False when it
 * is none. */
bool match_number(struct span text, int64_t *out);

/* Days, as numbers that only compare: all days of a month are those of 31. */
struct match_days {
	int year, month, day; /* month, day 0: all of them */
	int first, last;      /* of what was said */
};

/* Reads "2025-01-31", "2025/1/31" (and a time behind it, which is left out) or
 * "2025-01".  False when it is none. */
bool match_date(struct span text, struct match_days *out);

/* What a value is held against.  Stored nowhere. */
enum match_op {
	MATCH_HAS,   /* there is a value */
	MATCH_SAME,  /* match_same() */
	MATCH_HOLDS, /* match_holds() */
	MATCH_LESS,  /* dates when the operand is one, else numbers */
	MATCH_AT_MOST,
	MATCH_MORE,
	MATCH_AT_LEAST,
	MATCH_BETWEEN, /* both ends included */
	MATCH_OPS
};

/* What match_value() wants, read once for many values; borrows the operands. */
struct match_want {
	enum match_op op;
	struct span a;
	bool is_date, never; /* never: an operand is no number */
	int64_t from[2], to[2];
};
struct match_want match_wanted(enum match_op op, struct span a, struct span b);

/* match_value() with operands that were read. */
bool match_meets(const struct match_want *want, struct span value);

/* True when value is what op and its operands want; operands of the first two
 * comparisons are folded.  A value that is no number (or date) is neither less
 * nor more than any. */
bool match_value(
    enum match_op op, struct span value, struct span a, struct span b);

#endif
