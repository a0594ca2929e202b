/* Memory: running out ends the process.  Delivery survives that by design,
 * because every promise is in the store before it is acted upon. */
#include "core/base/mem.h"

#include <stdlib.h>

enum { ARENA_BLOCK = 16 * 1024 };

struct block {
	struct block *next;
	size_t size;
	size_t used;
	max_align_t bytes[];
};

struct arena {
	struct block *first;
	struct block *now;
};

void *
mem_new(size_t size)
{
	return mem_array(1, size);
}

void *
mem_array(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		abort();
	return p;
}

void *
mem_grow(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		abort();
	return p;
}

void *
mem_more(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return mem_grow(array, (count ? 2 * count : 1) * size);
}

char *
mem_text(struct span s)
{
	char *text = mem_new(s.len + 1);

	if (s.len)
		memcpy(text, s.ptr, s.len);
	return text;
}

static struct block *
block_new(size_t size)
{
	struct block *block = mem_new(sizeof *block + size);

	block->size = size;
	return block;
}

struct arena *
arena_new(void)
{
	struct arena *arena = mem_new(sizeof *arena);

	arena->first = arena->now = block_new(ARENA_BLOCK);
	return arena;
}

void *
arena_take(struct arena *arena, size_t size)
{
	const size_t align = sizeof(max_align_t);
	size_t want = (size + align - 1) / align * align;
	struct block *block = arena->now;
	char *p;

	while (block->size - block->used < want) {
		if (!block->next) {
			block->next =
			    block_new(want > ARENA_BLOCK ? want : ARENA_BLOCK);
		}
		block = block->next;
		block->used = 0;
	}
	arena->now = block;
	p = (char *)block->bytes + block->used;
	block->used += want;
	memset(p, 0, want);
	return p;
}

struct span
arena_copy(struct arena *arena, struct span s)
{
	char *p = arena_take(arena, s.len + 1);

	if (s.len)
		memcpy(p, s.ptr, s.len);
	return span_make(p, s.len);
}

void
arena_reset(struct arena *arena)
{
	arena->now = arena->first;
	arena->first->used = 0;
}

void
arena_free(struct arena **arena)
{
	if (!*arena)
		return;
	for (struct block *block = (*arena)->first, *next; block;
	    block = next) {
		next = block->next;
		free(block);
	}
	free(*arena);
	*arena = NULL;
}
