/* Open addressing over SipHash-2-4 values (Aumasson and Bernstein, 2012).  A
 * hash for a table, not a promise to anybody: OpenSSL's costs a context for
 * every call, which is ten times the hashing. */
#include "core/import/seen.h"

#include <stdlib.h>

#include "core/base/crypt.h"
#include "core/base/mem.h"
#include "core/import/shelf.h"

enum { SLOTS_FIRST = 1024 };

struct seen {
	uint64_t key[2];
	uint64_t *slot; /* 0 = free; the note in the lowest bits */
	uint64_t *last; /* of the last seen_add() */
	size_t slots;   /* a power of two */
	size_t used;
	struct store *store; /* borrowed; NULL: it never spills */
	size_t above;
	struct shelf *shelf; /* what is no longer in the slots; NULL: nothing */
	uint64_t shelved;    /* where last points to when it is there */
	size_t count;
	struct err why;
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
	shelf_free(&(*seen)->shelf);
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

void
seen_may_spill(struct seen *seen, struct store *store, size_t above)
{
	seen->store = store;
	seen->above = above;
}

int
seen_check(const struct seen *seen, struct err *err)
{
	if (seen->why.code == E_NONE)
		return 0;
	if (err)
		*err = seen->why;
	return -1;
}

/* Moves everything to the shelf, in order. */
static void
spill(struct seen *seen)
{
	size_t count = 0;

	if (!seen->shelf &&
	    shelf_new(seen->store, &seen->shelf, &seen->why) < 0)
		return;
	for (size_t i = 0; i < seen->slots; i++) {
		if (seen->slot[i])
			seen->slot[count++] = seen->slot[i];
	}
	shelf_add(seen->shelf, seen->slot, count, &seen->why);
	memset(seen->slot, 0, seen->slots * sizeof *seen->slot);
	seen->used = 0;
}

/* True when the shelf has hash, and then with its note in *found. */
static bool
is_shelved(
    const struct seen *seen, uint64_t hash, uint64_t *found, struct err *why)
{
	return seen->shelf && why->code == E_NONE &&
	       shelf_find(seen->shelf, hash, found, why) == 1;
}

size_t
seen_count(const struct seen *seen)
{
	return seen->count;
}

bool
seen_has(struct seen *seen, struct span s)
{
	uint64_t hash = hash_of(seen, s), found;

	return *place(seen, hash) != 0 ||
	       is_shelved(seen, hash, &found, &seen->why);
}

bool
seen_add(struct seen *seen, struct span s)
{
	uint64_t hash = hash_of(seen, s);

	seen->last = place(seen, hash);
	if (*seen->last)
		return false;
	if (is_shelved(seen, hash, &seen->shelved, &seen->why)) {
		seen->last = &seen->shelved;
		return false;
	}
	if (seen->store && seen->used >= seen->above &&
	    seen->why.code == E_NONE) {
		spill(seen);
		seen->last = place(seen, hash);
	}
	*seen->last = hash;
	seen->count++;
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
	if (seen->last == &seen->shelved && seen->why.code == E_NONE)
		shelf_note(seen->shelf, seen->shelved, &seen->why);
}
