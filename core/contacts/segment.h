/* Segments: filters of a list that have a name.  They are live: who belongs to
 * one is found whenever somebody asks. */
#ifndef CORE_CONTACTS_SEGMENT_H
#define CORE_CONTACTS_SEGMENT_H

#include <stdatomic.h>

#include "core/contacts/filter.h"

enum { SEGMENT_NAME_MAX = 64 }; /* characters */

struct segment {
	int64_t id;
	struct list_id list;
	char name[4 * SEGMENT_NAME_MAX + 1];
	char filter[FILTER_OCTETS + 1]; /* "***" where filters are masked */
	int64_t changed_ms;
	int64_t revision; /* grows with every change of name or filter */
};

/* Saves a filter of a list under a name that no other segment has; *id is the
 * new one's.  Logged without the filter.  E_ROLE (MAY_LIST_WRITE),
 * E_LIST_MISSING, E_SEGMENT_NAME, E_SEGMENT_EMPTY, E_FILTER_*: also for a field
 * that nobody in the list has, and for what is masked for who saves. */
int segment_create(struct store *store, struct list_id list, struct span name,
    struct span filter, int64_t *id, struct err *err);

/* Gives a segment another name and filter.  What was reviewed of campaigns for
 * it is void when the filter differs; while one is being delivered it cannot.
 * Logged.  Errors as segment_create(), E_SEGMENT_MISSING, E_SEGMENT_USED. */
int segment_change(struct store *store, int64_t id, struct span name,
    struct span filter, struct err *err);

/* Deletes one that no campaign names but those that are over.  Logged.  E_ROLE
 * (MAY_LIST_DELETE), E_SEGMENT_MISSING, E_SEGMENT_USED. */
int segment_delete(struct store *store, int64_t id, struct err *err);

/* All segments, by list and name, or those of one list; *out has *count, the
 * caller frees it.  list 0: all. */
int segment_all(struct db *db, struct list_id list, struct segment **out,
    size_t *count, struct err *err);

/* Reads one.  E_SEGMENT_MISSING. */
int segment_find(
    struct db *db, int64_t id, struct segment *out, struct err *err);

/* The filter of a segment of this list, ready for db; the caller frees it (out
 * may be NULL: only the text is looked at).  SHA-256 of its text in *digest (may
 * be NULL).  E_SEGMENT_MISSING also when it
 * is of another list; E_FILTER_*: what it names is gone, or masked on db. */
int segment_filter(struct db *db, int64_t id, struct list_id list,
    int64_t now_ms, struct filter **out, struct digest *digest,
    struct err *err);

/* How many belong to a segment now, and how many of them can be mailed: with a
 * basis and not stopped.  -1: not known; also when the filter leaves no room for
 * asking who can be mailed. */
struct segment_counts {
	int64_t members, sendable;
};

/* Counts a segment of this list; E_CANCELLED soon after *stop becomes true (stop
 * may be NULL), errors as segment_filter(). */
int segment_count(struct store *store, struct db *db, int64_t id,
    struct list_id list, const atomic_bool *stop, struct segment_counts *out,
    struct err *err);

#endif
