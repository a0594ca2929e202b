/* Jobs: one thread each, few at a time.  The worker owns the job's data until
 * it has set "ended" (release) and rung the event fd; then the screen thread
 * does.  A screen that is closed orphans its jobs: they are cancelled and
 * their results dropped, so that closing never waits. */
#include "tui/app_impl.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/mem.h"

static void
ring(struct app *app)
{
	uint64_t one = 1;

	/* A full counter is readable too: nothing is lost by failing. */
	if (write(app->event_fd, &one, sizeof one) < 0)
		return;
}

static void *
work(void *payload)
{
	struct job *job = payload;
	struct app *app = job->app;

	job->rc = job->ops->run(job, job->data, &job->err);
	atomic_store(&job->ended, true);
	ring(app);
	return NULL;
}

int
app_job(struct app *app, struct screen *owner, const struct job_ops *ops,
    void *data, struct job **out, struct err *err)
{
	struct job *job = mem_new(sizeof *job);
	int sys;

	job->ops = ops;
	job->data = data;
	job->owner = owner;
	job->app = app;
	job->next = app->jobs;
	app->jobs = job;
	sys = pthread_create(&job->thread, NULL, work, job);
	if (sys) {
		app->jobs = job->next;
		ops->free(data);
		free(job);
		err_sys(err, E_THREAD, sys);
		return -1;
	}
	if (out)
		*out = job;
	return 0;
}

void
job_listens(struct job *job)
{
	job->listens = true;
}

void
job_cancel(struct job *job)
{
	atomic_store(&job->cancelled, true);
	if (job->ops->stop)
		job->ops->stop(job->data);
}

bool
job_is_cancelled(const struct job *job)
{
	return atomic_load(&job->cancelled);
}

atomic_bool *
job_cancel_flag(struct job *job)
{
	return &job->cancelled;
}

void
job_progress(struct job *job, int64_t done, int64_t total)
{
	atomic_store(&job->done, done);
	atomic_store(&job->total, total);
}

void
job_progress_read(const struct job *job, int64_t *done, int64_t *total)
{
	/* In the other order than it is written: a known total comes with a
	 * done that is at least as new. */
	*total = atomic_load(&job->total);
	*done = atomic_load(&job->done);
}

void
job_wake(struct job *job)
{
	if (!atomic_exchange(&job->news, true))
		ring(job->app);
}

bool
app_has_job(struct app *app, const struct screen *owner)
{
	for (struct job *job = app->jobs; job; job = job->next) {
		if (job->owner == owner)
			return true;
	}
	return false;
}

bool
app_is_busy(const struct app *app)
{
	for (struct job *job = app->jobs; job; job = job->next) {
		if (!job->listens)
			return true;
	}
	return false;
}

static void
join(struct job *job)
{
	if (!job->joined)
		pthread_join(job->thread, NULL);
	job->joined = true;
}

static void
finish(struct job *job)
{
	bool swapped = app_enter_stack(job->app, job->owner);

	join(job);
	if (job->owner && job->owner->ops->job_done)
		job->owner->ops->job_done(
		    job->owner, job, job->data, job->rc, &job->err);
	if (swapped)
		app_swap(job->app);
	job->ops->free(job->data);
	free(job);
}

/* Takes the job that began first of those that have ended out of the list, NULL
 * when none has: what was read before a change must not be shown behind it. */
static struct job *
take_ended(struct app *app)
{
	struct job **oldest = NULL, *job = NULL;

	for (struct job **at = &app->jobs; *at; at = &(*at)->next) {
		if (atomic_load(&(*at)->ended))
			oldest = at;
	}
	if (oldest) {
		job = *oldest;
		*oldest = job->next;
	}
	return job;
}

static void
tell_news(struct app *app)
{
	struct job *next;
	bool swapped;

	for (struct job *job = app->jobs; job; job = next) {
		next = job->next;
		if (!atomic_exchange(&job->news, false) || !job->owner ||
		    !job->owner->ops->job_news)
			continue;
		swapped = app_enter_stack(app, job->owner);
		job->owner->ops->job_news(job->owner, job, job->data);
		if (swapped)
			app_swap(app);
	}
}

int
app_event_fd(const struct app *app)
{
	return app->event_fd;
}

void
app_events(struct app *app)
{
	struct job *job;
	uint64_t count;

	if (read(app->event_fd, &count, sizeof count) < 0)
		count = 0;
	tell_news(app);
	while ((job = take_ended(app))) {
		finish(job);
		app_bury(app);
		app->wants |= APP_PAINT;
	}
	if (count)
		app->wants |= APP_PAINT;
	app_schedule(app);
}

void
app_jobs_forget(struct app *app, struct screen *owner)
{
	for (struct job *job = app->jobs; job; job = job->next) {
		if (job->owner == owner) {
			job->owner = NULL;
			job_cancel(job);
		}
	}
}

void
app_jobs_join(struct app *app)
{
	struct job *job;

	for (job = app->jobs; job; job = job->next)
		job_cancel(job);
	for (job = app->jobs; job; job = job->next)
		join(job);
}

void
app_jobs_end(struct app *app)
{
	struct job *job;

	app_jobs_join(app);
	while ((job = app->jobs)) {
		app->jobs = job->next;
		job->owner = NULL;
		finish(job);
	}
}
