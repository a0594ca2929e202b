/* A set of texts remembered as 64-bit keyed hashes: eight octets for each. */
#ifndef CORE_IMPORT_SEEN_H
#define CORE_IMPORT_SEEN_H

#include "core/base/span.h"

struct seen;

/* An empty set with a random key, so that nobody can prepare a file whose
 * addresses collide; the caller ends it with seen_free(). */
struct seen *seen_new(void);

/* Adds s: true when it was not there.  Among a million texts the chance that
 * any two are taken for one is about 3 in 100 million. */
bool seen_add(struct seen *seen, struct span s);

/* True when s was added. */
bool seen_has(const struct seen *seen, struct span s);

/* Frees it; accepts NULL, sets *seen to NULL. */
void seen_free(struct seen **seen);

#endif
