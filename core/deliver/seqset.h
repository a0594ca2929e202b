/* A set of row numbers: which deferred rows are in memory already. */
#ifndef CORE_DELIVER_SEQSET_H
#define CORE_DELIVER_SEQSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Caller's storage: start from zeros, end with seqset_done(). */
struct seqset {
	int64_t *slot; /* 0: free; a power of two of them */
	size_t slots, count;
};

/* Adds seq (above 0), which is not in the set. */
void seqset_add(struct seqset *set, int64_t seq);

/* Takes seq out; nothing happens when it is not in. */
void seqset_remove(struct seqset *set, int64_t seq);

/* True when seq is in. */
bool seqset_has(const struct seqset *set, int64_t seq);

/* Frees the memory and leaves an empty set. */
void seqset_done(struct seqset *set);

#endif
