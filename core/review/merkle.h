/* A Merkle tree over leaves that arrive in order, in the form of RFC 9162
 * section 2.1: domain-separated hashes, constant memory. */
#ifndef CORE_REVIEW_MERKLE_H
#define CORE_REVIEW_MERKLE_H

#include <stdint.h>

#include "core/base/crypt.h"

enum { MERKLE_DEPTH = 63 };

/* Caller's storage, zero-initialised: the tree without leaves. */
struct merkle {
	uint64_t leaves;
	struct digest pending[MERKLE_DEPTH]; /* roots of full subtrees */
};

/* Adds the next leaf. */
void merkle_add(struct merkle *tree, const struct digest *leaf);

/* The root of what was added so far; SHA-256 of nothing when empty. */
void merkle_root(const struct merkle *tree, struct digest *out);

#endif
