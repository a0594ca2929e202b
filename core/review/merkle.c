/* One pending root per set bit of the leaf count, as a binary counter. */
#include "core/review/merkle.h"

#include <string.h>

static void
hash_pair(
    const struct digest *left, const struct digest *right, struct digest *out)
{
	char node[1 + 2 * SHA256_LEN] = {1};

	memcpy(node + 1, left->bytes, SHA256_LEN);
	memcpy(node + 1 + SHA256_LEN, right->bytes, SHA256_LEN);
	crypt_sha256(span_make(node, sizeof node), out);
}

void
merkle_add(struct merkle *tree, const struct digest *leaf)
{
	char bytes[1 + SHA256_LEN] = {0};
	struct digest now;
	int level = 0;

	memcpy(bytes + 1, leaf->bytes, SHA256_LEN);
	crypt_sha256(span_make(bytes, sizeof bytes), &now);
	for (uint64_t bits = tree->leaves; bits & 1; bits >>= 1)
		hash_pair(&tree->pending[level++], &now, &now);
	tree->pending[level] = now;
	tree->leaves++;
}

void
merkle_root(const struct merkle *tree, struct digest *out)
{
	int level = 0;
	bool some = false;

	for (uint64_t bits = tree->leaves; bits; bits >>= 1, level++) {
		if (!(bits & 1))
			continue;
		if (some)
			hash_pair(&tree->pending[level], out, out);
		else
			*out = tree->pending[level];
		some = true;
	}
	if (!some)
		crypt_sha256(SPAN(""), out);
}
