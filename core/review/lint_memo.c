/* What is the same in every message is judged once.  A table of fixed size
 * keyed by the octets themselves, not by their hash alone: what somebody writes
 * into a list cannot pass for something else.  A new text takes the place of
 * an old one. */
#include <stdlib.h>

#include "core/review/lint.h"

enum { MEMO_SLOTS = 1024, MEMO_KEY_MAX = 4096, MEMO_VALUE_MAX = 4096 };

struct slot {
	uint64_t hash;
	struct buf key, value;
};

struct lint_memo {
	struct slot slot[MEMO_SLOTS];
};

uint64_t
lint_hash(struct span text)
{
	uint64_t hash = UINT64_C(14695981039346656037), word;

	for (; text.len >= sizeof word;
	    text = span_slice(text, sizeof word, text.len)) {
		memcpy(&word, text.ptr, sizeof word);
		hash = (hash ^ word) * UINT64_C(1099511628211);
		hash ^= hash >> 29;
	}
	for (size_t i = 0; i < text.len; i++) {
		hash ^= (unsigned char)text.ptr[i];
		hash *= UINT64_C(1099511628211);
	}
	hash ^= hash >> 32;
	return hash ? hash : 1;
}

struct lint_memo *
lint_memo_new(void)
{
	return mem_new(sizeof(struct lint_memo));
}

void
lint_memo_free(struct lint_memo **memo)
{
	if (!*memo)
		return;
	for (size_t i = 0; i < MEMO_SLOTS; i++) {
		buf_done(&(*memo)->slot[i].key);
		buf_done(&(*memo)->slot[i].value);
	}
	free(*memo);
	*memo = NULL;
}

bool
lint_memo_find(
    const struct lint_memo *memo, struct span key, struct span *value)
{
	uint64_t hash = lint_hash(key);
	const struct slot *slot = &memo->slot[hash % MEMO_SLOTS];

	if (slot->hash != hash || !span_equal(buf_span(&slot->key), key))
		return false;
	*value = buf_span(&slot->value);
	return true;
}

void
lint_memo_keep(struct lint_memo *memo, struct span key, struct span value)
{
	uint64_t hash = lint_hash(key);
	struct slot *slot = &memo->slot[hash % MEMO_SLOTS];

	if (key.len > MEMO_KEY_MAX || value.len > MEMO_VALUE_MAX)
		return;
	slot->hash = hash;
	buf_clear(&slot->key);
	buf_clear(&slot->value);
	buf_add(&slot->key, key);
	buf_add(&slot->value, value);
}
