/* Open addressing with linear probing; removing closes the gap, so that there
 * are no tombstones and a set of a hundred stays one of a hundred. */
#include "core/deliver/seqset.h"

#include <stdlib.h>

#include "core/base/mem.h"

enum { SLOTS_FIRST = 64 };

static size_t
home_of(const struct seqset *set, int64_t seq)
{
	uint64_t hash = (uint64_t)seq * 0x9e3779b97f4a7c15u;

	return (size_t)(hash >> 32) & (set->slots - 1);
}

/* Where seq is, or the free slot where it would be. */
static size_t
find(const struct seqset *set, int64_t seq)
{
	size_t at = home_of(set, seq);

	while (set->slot[at] && set->slot[at] != seq)
		at = (at + 1) & (set->slots - 1);
	return at;
}

static void
grow(struct seqset *set)
{
	struct seqset old = *set;

	set->slots = old.slots ? old.slots * 2 : SLOTS_FIRST;
	set->slot = mem_array(set->slots, sizeof *set->slot);
	for (size_t i = 0; i < old.slots; i++) {
		if (old.slot[i])
			set->slot[find(set, old.slot[i])] = old.slot[i];
	}
	free(old.slot);
}

void
seqset_add(struct seqset *set, int64_t seq)
{
	if ((set->count + 1) * 2 > set->slots)
		grow(set);
	set->slot[find(set, seq)] = seq;
	set->count++;
}

/* True when the entry at from may move to the free slot to: its home is not
 * behind to. */
static bool
may_move(const struct seqset *set, size_t from, size_t to)
{
	size_t mask = set->slots - 1;
	size_t home = home_of(set, set->slot[from]);

	return ((from - home) & mask) >= ((from - to) & mask);
}

void
seqset_remove(struct seqset *set, int64_t seq)
{
	size_t mask = set->slots - 1, hole, at;

	if (!seqset_has(set, seq))
		return;
	hole = at = find(set, seq);
	for (;;) {
		at = (at + 1) & mask;
		if (!set->slot[at])
			break;
		if (may_move(set, at, hole)) {
			set->slot[hole] = set->slot[at];
			hole = at;
		}
	}
	set->slot[hole] = 0;
	set->count--;
}

bool
seqset_has(const struct seqset *set, int64_t seq)
{
	return set->count && set->slot[find(set, seq)] == seq;
}

void
seqset_done(struct seqset *set)
{
	free(set->slot);
	*set = (struct seqset){0};
}
