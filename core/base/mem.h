/* Memory: allocation that never fails softly, and arenas for units of work. */
#ifndef CORE_BASE_MEM_H
#define CORE_BASE_MEM_H

#include <stddef.h>

#include "core/base/span.h"

/* Zeroed memory of size bytes; ends the process when there is none (the store
 * is durable, so dying is safe).  The caller frees it with free(). */
void *mem_new(size_t size);

/* Zeroed memory for count objects of size bytes; overflow ends the process. */
void *mem_array(size_t count, size_t size);

/* realloc() that never returns NULL; size 0 is taken as 1. */
void *mem_grow(void *old, size_t size);

/* Room behind count objects of size bytes for one more: the array grows at
 * powers of two only, so that adding one by one costs in proportion.  For arrays
 * that grow through this alone. */
void *mem_more(void *array, size_t count, size_t size);

/* A NUL-terminated heap copy of s; the caller frees it. */
char *mem_text(struct span s);

/* An arena: many small objects that end together.  Not for secrets. */
struct arena;

/* A new, empty arena; the caller ends it with arena_free(). */
struct arena *arena_new(void);

/* size bytes, zeroed and aligned for any object; live until the arena is
 * reset or freed. */
void *arena_take(struct arena *arena, size_t size);

/* A NUL-terminated copy of s in the arena; the span does not count the NUL. */
struct span arena_copy(struct arena *arena, struct span s);

/* Forgets all objects but keeps the memory for the next unit of work. */
void arena_reset(struct arena *arena);

/* Frees the arena and everything in it; accepts NULL, sets *arena to NULL. */
void arena_free(struct arena **arena);

#endif
