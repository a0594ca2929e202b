/* Fork and join: the caller hands out items and waits; workers take the next
 * item under a lock, a few at a time, and meet nothing else. */
#include "core/base/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"

enum { GRAB = 16 };

struct worker {
	struct pool *pool;
	pthread_t thread;
	int number;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t start, done;
	struct worker *worker;
	int size;
	int busy;
	int ending;
	unsigned long round; /* grows with every pool_each() */
	size_t next, count;
	pool_work *work;
	void *payload;
};

/* Takes the next items; 0 when none are left.  Called with the lock. */
static size_t
take(struct pool *pool, size_t *first)
{
	size_t left = pool->count - pool->next;
	size_t got = left < GRAB ? left : GRAB;

	*first = pool->next;
	pool->next += got;
	return got;
}

static void
drain(struct pool *pool, int number)
{
	size_t first, got;

	while ((got = take(pool, &first)) > 0) {
		pthread_mutex_unlock(&pool->lock);
		for (size_t i = 0; i < got; i++)
			pool->work(pool->payload, first + i, number);
		pthread_mutex_lock(&pool->lock);
	}
}

static void *
work(void *payload)
{
	struct worker *me = payload;
	struct pool *pool = me->pool;
	unsigned long seen = 0;

	pthread_mutex_lock(&pool->lock);
	while (!pool->ending) {
		if (pool->round == seen) {
			pthread_cond_wait(&pool->start, &pool->lock);
			continue;
		}
		seen = pool->round;
		drain(pool, me->number);
		if (--pool->busy == 0)
			pthread_cond_signal(&pool->done);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

int
pool_new(int limit, struct pool **out, struct err *err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct pool *pool = mem_new(sizeof *pool);
	int want = cores > 0 && cores < limit ? (int)cores : limit, rc;

	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->start, NULL);
	pthread_cond_init(&pool->done, NULL);
	pool->worker = mem_array((size_t)want, sizeof *pool->worker);
	for (pool->size = 0; pool->size < want; pool->size++) {
		struct worker *worker = &pool->worker[pool->size];

		*worker = (struct worker){.pool = pool, .number = pool->size};
		rc = pthread_create(&worker->thread, NULL, work, worker);
		if (rc != 0) {
			pool_free(&pool);
			return err_sys(err, E_THREAD, rc);
		}
	}
	*out = pool;
	return 0;
}

int
pool_size(const struct pool *pool)
{
	return pool->size;
}

void
pool_each(struct pool *pool, size_t count, pool_work *item, void *payload)
{
	pthread_mutex_lock(&pool->lock);
	pool->work = item;
	pool->payload = payload;
	pool->next = 0;
	pool->count = count;
	pool->busy = pool->size;
	pool->round++;
	pthread_cond_broadcast(&pool->start);
	while (pool->busy)
		pthread_cond_wait(&pool->done, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_free(struct pool **pool)
{
	if (!*pool)
		return;
	pthread_mutex_lock(&(*pool)->lock);
	(*pool)->ending = 1;
	pthread_cond_broadcast(&(*pool)->start);
	pthread_mutex_unlock(&(*pool)->lock);
	for (int i = 0; i < (*pool)->size; i++)
		pthread_join((*pool)->worker[i].thread, NULL);
	pthread_cond_destroy(&(*pool)->start);
	pthread_cond_destroy(&(*pool)->done);
	pthread_mutex_destroy(&(*pool)->lock);
	free((*pool)->worker);
	free(*pool);
	*pool = NULL;
}
