/* A set of texts remembered as 64-bit keyed hashes: eight octets for each. */
#ifndef CORE_IMPORT_SEEN_H
#define CORE_IMPORT_SEEN_H

#include "core/base/err.h"
#include "core/base/span.h"

struct seen;
struct store;

/* An empty set with a random key, so that nobody can prepare a file whose
 * addresses collide; the caller ends it with seen_free(). */
struct seen *seen_new(void);

enum { SEEN_IN_MEMORY = 2000000 };

/* Above so many texts the set goes to a sealed temporary file beside the store
 * (borrowed), that many at a time; 16 MiB of memory then tell nearly all that is
 * new from what may be there. */
void seen_may_spill(struct seen *seen, struct store *store, size_t above);

/* 0, or why texts could not be moved or looked up there: what was said since is
 * not to be relied on. */
int seen_check(const struct seen *seen, struct err *err);

/* Adds s with a note of 0: true when it was not there.  Among a million texts
 * the chance that any two are taken for one is about 2 in 10 million. */
bool seen_add(struct seen *seen, struct span s);

enum { SEEN_NOTES = 8 };

/* A number below SEEN_NOTES that is kept with a text: that of the last
 * seen_add(), new or not. */
unsigned seen_note(const struct seen *seen);
void seen_note_set(struct seen *seen, unsigned note);

/* How many were added. */
size_t seen_count(const struct seen *seen);

/* True when s was added. */
bool seen_has(struct seen *seen, struct span s);

/* Frees it; accepts NULL, sets *seen to NULL. */
void seen_free(struct seen **seen);

#endif
