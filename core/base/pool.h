/* A pool of worker threads for work that splits into independent items. */
#ifndef CORE_BASE_POOL_H
#define CORE_BASE_POOL_H

#include <stddef.h>

#include "core/base/err.h"

struct pool;

/* One item of work.  worker (0..pool_size()-1) tells which thread runs it, so
 * that each can have its own tools; an item never runs twice. */
typedef void pool_work(void *payload, size_t item, int worker);

/* Starts as many threads as the machine has processors, at most limit.  The
 * caller frees *out.  E_THREAD. */
int pool_new(int limit, struct pool **out, struct err *err);

/* Number of threads. */
int pool_size(const struct pool *pool);

/* Runs work for the items 0..count-1 and returns when all are done.  One call
 * at a time. */
void pool_each(struct pool *pool, size_t count, pool_work *work, void *payload);

/* Ends the threads; accepts NULL, sets *pool to NULL. */
void pool_free(struct pool **pool);

#endif
