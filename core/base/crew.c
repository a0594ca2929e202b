/* A crew takes items one by one until there are none, or one has failed. */
#include "core/base/crew.h"

#include <pthread.h>

struct crew {
	crew_work *work;
	void *payload;
	const _Atomic bool *cancel;
	pthread_mutex_t lock; /* next, count, failed, err */
	size_t next, count;
	bool failed;
	struct err err;
};

static bool
is_cancelled(const struct crew *crew)
{
	return crew->cancel && atomic_load(crew->cancel);
}

/* The next item; false when nothing is left to begin. */
static bool
take(struct crew *crew, size_t *item)
{
	bool got;

	pthread_mutex_lock(&crew->lock);
	got = !crew->failed && crew->next < crew->count && !is_cancelled(crew);
	if (got)
		*item = crew->next++;
	pthread_mutex_unlock(&crew->lock);
	return got;
}

static void *
work(void *arg)
{
	struct crew *crew = arg;
	struct err err = {.code = E_NONE};
	size_t item;

	while (take(crew, &item)) {
		if (crew->work(crew->payload, item, &err) == 0)
			continue;
		pthread_mutex_lock(&crew->lock);
		if (!crew->failed)
			crew->err = err;
		crew->failed = true;
		pthread_mutex_unlock(&crew->lock);
	}
	return NULL;
}

int
crew_each(int threads, size_t count, crew_work *job, void *payload,
    const _Atomic bool *cancel, struct err *err)
{
	struct crew crew = {
	    .work = job, .payload = payload, .cancel = cancel, .count = count};
	pthread_t thread[CREW_MAX];
	int started = 0, failed = 0;

	if (threads > CREW_MAX)
		threads = CREW_MAX;
	pthread_mutex_init(&crew.lock, NULL);
	while (started < threads && (size_t)started < count) {
		failed = pthread_create(&thread[started], NULL, work, &crew);
		if (failed)
			break;
		pthread_setname_np(thread[started++], "crew");
	}
	for (int i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	pthread_mutex_destroy(&crew.lock);
	if (crew.failed) {
		if (err)
			*err = crew.err;
		return -1;
	}
	if (is_cancelled(&crew))
		return err_set(err, E_CANCELLED);
	/* some threads are enough, none are not */
	return started || !count ? 0 : err_sys(err, E_THREAD, failed);
}
