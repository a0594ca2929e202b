/* Open addressing over SipHash-2-4 values (Aumasson and Bernstein, 2012).  A
 * hash for a table, not a promise to anybody: OpenSSL's costs a context for
 * every call, which is ten times the hashing. */
#include "core/import/seen.h"

#include <stdlib.h>

#include "core/base/crypt.h"
#include "core/base/mem.h"

enum { SLOTS_FIRST = 1024 };

struct seen {
	uint64_t key[2];
	uint64_t *slot; /* 0 = free; the note in the lowest bits */
	uint64_t *last; /* of the last seen_add() */
	size_t slots;   /* a power of two */
	size_t used;
};

struct seen *
seen_new(void)
{
	struct seen *seen = mem_new(sizeof *seen);

	crypt_random(seen->key, sizeof seen->key);
	seen->slots = SLOTS_FIRST;
	seen->slot = mem_array(seen->slots, sizeof *seen->slot);
	return seen;
}

void
seen_free(struct seen **seen)
{
	if (!*seen)
		return;
	free((*seen)->slot);
	free(*seen);
	*seen = NULL;
}

static uint64_t
rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void
sip_rounds(uint64_t v[4], int count)
{
	while (count-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32) + v[3];
		v[2] += v[1];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void
sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
}

static uint64_t
sip_hash(const uint64_t key[2], struct span s)
{
	uint64_t v[4] = {
	    key[0] ^ 0x736f6d6570736575u,
	    key[1] ^ 0x646f72616e646f6du,
	    key[0] ^ 0x6c7967656e657261u,
	    key[1] ^ 0x7465646279746573u,
	};
	uint64_t word, last = (uint64_t)s.len << 56;

	while (s.len >= sizeof word) {
		memcpy(&word, s.ptr, sizeof word);
		sip_word(v, word);
		s = span_slice(s, sizeof word, s.len);
	}
	for (size_t i = 0; i < s.len; i++)
		last |= (uint64_t)(unsigned char)s.ptr[i] << (8 * i);
	sip_word(v, last);
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot that holds hash with any note, or the free one where it belongs. */
static uint64_t *
place(const struct seen *seen, uint64_t hash)
{
	size_t at = (size_t)(hash / SEEN_NOTES) & (seen->slots - 1);

	while (seen->slot[at] && (seen->slot[at] ^ hash) / SEEN_NOTES != 0)
		at = (at + 1) & (seen->slots - 1);
	return &seen->slot[at];
}

static void
grow(struct seen *seen)
{
	uint64_t *old = seen->slot;
	size_t slots = seen->slots;

	seen->slots *= 2;
	seen->slot = mem_array(seen->slots, sizeof *seen->slot);
	for (size_t i = 0; i < slots; i++) {
		if (old[i])
			*place(seen, old[i]) = old[i];
	}
	free(old);
}

static uint64_t
hash_of(const struct seen *seen, struct span s)
{
	uint64_t hash = sip_hash(seen->key, s);

	hash -= hash % SEEN_NOTES;
	return hash ? hash : SEEN_NOTES; /* 0 marks a free slot */
}

size_t
seen_count(const struct seen *seen)
{
	return seen->used;
}

bool
seen_has(const struct seen *seen, struct span s)
{
	return *place(seen, hash_of(seen, s)) != 0;
}

bool
seen_add(struct seen *seen, struct span s)
{
	uint64_t hash = hash_of(seen, s);

	seen->last = place(seen, hash);
	if (*seen->last)
		return false;
	*seen->last = hash;
	if (++seen->used * 4 > seen->slots * 3) {
		grow(seen);
		seen->last = place(seen, hash);
	}
	return true;
}

unsigned
seen_note(const struct seen *seen)
{
	return (unsigned)(*seen->last % SEEN_NOTES);
}

void
seen_note_set(struct seen *seen, unsigned note)
{
	*seen->last += note - *seen->last % SEEN_NOTES;
}
