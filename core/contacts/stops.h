/* Reading the stop list as a list. */
#ifndef CORE_CONTACTS_STOPS_H
#define CORE_CONTACTS_STOPS_H

#include "core/contacts/suppression.h"

/* How many entries one reading gives, the newest first. */
enum { STOPS_READ_MAX = 200000 };

/* One entry; the spans live in the arena given. */
struct stop_row {
	struct suppress_id id;
	enum suppress_cause cause;
	int64_t at_ms;
	int64_t until_ms;    /* 0: for ever */
	struct span address; /* masked on a masked connection; "@domain";
			      * empty of somebody erased */
	struct span source, evidence, by;
};

/* How many entries there are of each cause, and of them that have ended. */
struct stop_counts {
	int64_t all, ended;
	int64_t by_cause[SUPPRESS_COUNT];
};

/* Counts the entries as of now_ms. */
int stop_count(
    struct db *db, int64_t now_ms, struct stop_counts *out, struct err *err);

/* The entries in which all words of filter occur (in address, source, evidence,
 * by or cause), newest first, at most STOPS_READ_MAX; when filter is a whole
 * address in any spelling, what stops it as well, be it its domain.  *out has
 * *count, the caller frees it.  E_CANCELLED soon after *stop becomes true (stop
 * may be NULL). */
int stop_all(struct store *store, struct db *db, struct span filter,
    const atomic_bool *stop, struct suppress_id **out, size_t *count,
    struct err *err);

/* One entry: 1, 0 when it is gone, -1. */
int stop_row_read(struct db *db, const struct suppress_id *id,
    struct arena *arena, struct stop_row *out, struct err *err);

/* Removes entries that ended more than a year ago, and gives those from when
 * case counted the key that they would have now; in a transaction of its own,
 * logged when there were any: the number removed, or -1. */
int64_t stop_sweep(struct store *store, struct err *err);

#endif
