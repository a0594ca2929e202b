/* A few threads that wait for others' name servers.  Questions and findings
 * pass through two lists under one lock; order does not matter, and how many
 * there may be is the asker's business. */
#include "core/deliver/finder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/crypt.h"
#include "core/base/mem.h"

enum { THREADS_MAX = 32 };

struct finder {
	struct finder_params params;
	pthread_mutex_t lock; /* all below */
	pthread_cond_t asked, found;
	struct finding *asks, **asks_tail; /* to be looked up */
	struct finding *finds, **finds_tail;
	atomic_bool cancel;
	pthread_t thread[THREADS_MAX];
	int threads;
};

static void
append(struct finding *finding, struct finding ***tail)
{
	finding->next = NULL;
	**tail = finding;
	*tail = &finding->next;
}

/* The next question; NULL when it is over.  Locked. */
static struct finding *
next_ask(struct finder *finder)
{
	struct finding *ask;

	while (!finder->asks && !atomic_load(&finder->cancel))
		pthread_cond_wait(&finder->asked, &finder->lock);
	if (atomic_load(&finder->cancel))
		return NULL;
	ask = finder->asks;
	finder->asks = ask->next;
	if (!finder->asks)
		finder->asks_tail = &finder->asks;
	return ask;
}

static void
find(struct finder *finder, struct finding *finding)
{
	struct lookup_how how = {
	    .resolver = finder->params.resolver,
	    .dialler = finder->params.dialler,
	    .tls = finder->params.tls,
	    .shelf = finder->params.shelf,
	    .self = finder->params.self,
	    .now_ms = clock_now_ms(finder->params.clock),
	    .cancel = &finder->cancel,
	};

	crypt_random(&how.dice, sizeof how.dice);
	finding->failed = lookup_domain(
	    &how, finding->domain, &finding->lookup, &finding->err);
}

static void *
work(void *arg)
{
	struct finder *finder = arg;
	struct finding *finding;

	pthread_mutex_lock(&finder->lock);
	while ((finding = next_ask(finder)) != NULL) {
		pthread_mutex_unlock(&finder->lock);
		find(finder, finding);
		pthread_mutex_lock(&finder->lock);
		append(finding, &finder->finds_tail);
		pthread_cond_signal(&finder->found);
	}
	pthread_mutex_unlock(&finder->lock);
	return NULL;
}

int
finder_new(
    const struct finder_params *params, struct finder **out, struct err *err)
{
	struct finder *finder = mem_new(sizeof *finder);
	pthread_condattr_t attr;
	int failed = 0;

	finder->params = *params;
	finder->asks_tail = &finder->asks;
	finder->finds_tail = &finder->finds;
	pthread_mutex_init(&finder->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&finder->asked, &attr);
	pthread_cond_init(&finder->found, &attr);
	pthread_condattr_destroy(&attr);
	for (int i = 0; i < params->threads && i < THREADS_MAX; i++) {
		failed = pthread_create(&finder->thread[i], NULL, work, finder);
		if (failed)
			break;
		pthread_setname_np(finder->thread[i], "finder");
		finder->threads++;
	}
	if (failed) {
		finder_free(&finder);
		return err_sys(err, E_THREAD, failed);
	}
	*out = finder;
	return 0;
}

void
finder_ask(struct finder *finder, struct span domain)
{
	struct finding *ask = mem_new(sizeof *ask + domain.len + 1);

	span_text(ask->domain, domain.len + 1, domain);
	pthread_mutex_lock(&finder->lock);
	append(ask, &finder->asks_tail);
	pthread_cond_signal(&finder->asked);
	pthread_mutex_unlock(&finder->lock);
}

struct finding *
finder_take(struct finder *finder)
{
	struct finding *found;

	pthread_mutex_lock(&finder->lock);
	found = finder->finds;
	finder->finds = NULL;
	finder->finds_tail = &finder->finds;
	pthread_mutex_unlock(&finder->lock);
	return found;
}

void
finder_wait(struct finder *finder, int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)ms * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&finder->lock);
	if (!finder->finds)
		pthread_cond_timedwait(&finder->found, &finder->lock, &until);
	pthread_mutex_unlock(&finder->lock);
}

void
finding_free(struct finding **finding)
{
	while (*finding) {
		struct finding *next = (*finding)->next;

		lookup_done(&(*finding)->lookup);
		free(*finding);
		*finding = next;
	}
}

void
finder_free(struct finder **finder)
{
	struct finder *it = *finder;

	if (!it)
		return;
	pthread_mutex_lock(&it->lock);
	atomic_store(&it->cancel, true);
	pthread_cond_broadcast(&it->asked);
	pthread_mutex_unlock(&it->lock);
	for (int i = 0; i < it->threads; i++)
		pthread_join(it->thread[i], NULL);
	finding_free(&it->asks);
	finding_free(&it->finds);
	pthread_cond_destroy(&it->found);
	pthread_cond_destroy(&it->asked);
	pthread_mutex_destroy(&it->lock);
	free(it);
	*finder = NULL;
}
