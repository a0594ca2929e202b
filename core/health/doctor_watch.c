/* The doctor by itself.  A thread of its own: neither a locked screen nor a
 * terminal that has gone keeps it from looking.  It sleeps until its time has
 * come by the wall clock, and looks at that again every now and then, because
 * a machine that was asleep has not counted the hours. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "core/health/health.h"

enum { NAP_S = 60, FIRST_MS = 60000, HOUR_MS = 3600000 };

struct doctor_watch {
	struct store *store; /* borrowed */
	struct world *world; /* borrowed */
	int64_t from_ms;     /* not before */
	pthread_t thread;
	atomic_bool stop;
	_Atomic int64_t count;
	pthread_mutex_t lock; /* poked */
	pthread_cond_t poke;
	bool poked;
};

/* Nobody is told of what goes wrong here: the next look tells, and the page
 * says when the last one was. */
static void
look(struct doctor_watch *watch, struct db *db)
{
	struct doctor_how how = {
	    .world = watch->world,
	    .parts = DOCTOR_PART_ALL,
	    .cancel = &watch->stop,
	};
	struct house_sender sender = {.from = SPAN("")};
	struct doctor_report report = {.count = 0};
	struct house house;

	if (house_read(db, &sender, &house, NULL) == 0 && house.domains &&
	    doctor_examine(&how, &house, &report, NULL) == 0)
		doctor_keep(watch->store, &report, NULL, NULL);
	doctor_report_done(&report);
	house_done(&house);
}

static bool
is_due(struct doctor_watch *watch, struct db *db)
{
	int64_t now_ms = clock_now_ms(watch->world->clock);
	int64_t hours = setting_int(db, "doctor.hours", NULL);
	struct doctor_news news;

	if (hours <= 0 || now_ms < watch->from_ms ||
	    doctor_news(db, &news, NULL) < 0)
		return false;
	/* a clock that was set back must not silence it for years */
	return !news.checked_ms || now_ms >= news.next_ms ||
	       news.checked_ms > now_ms + hours * HOUR_MS;
}

static void
nap(struct doctor_watch *watch)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += NAP_S;
	pthread_mutex_lock(&watch->lock);
	if (!watch->poked && !atomic_load(&watch->stop))
		pthread_cond_timedwait(&watch->poke, &watch->lock, &until);
	watch->poked = false;
	pthread_mutex_unlock(&watch->lock);
}

static void *
work(void *arg)
{
	struct doctor_watch *watch = arg;

	while (!atomic_load(&watch->stop)) {
		struct db *db = NULL;

		if (store_reader_open(watch->store, &db, NULL) == 0 &&
		    is_due(watch, db)) {
			look(watch, db);
			/* one that failed waits like one that did not */
			watch->from_ms =
			    clock_now_ms(watch->world->clock) + FIRST_MS;
			atomic_fetch_add(&watch->count, 1);
		}
		store_reader_close(&db);
		nap(watch);
	}
	return NULL;
}

int
doctor_watch_start(struct store *store, struct world *world,
    struct doctor_watch **out, struct err *err)
{
	struct doctor_watch *watch;
	pthread_condattr_t attr;
	int failed;

	*out = NULL;
	if (!world->resolver)
		return 0;
	watch = mem_new(sizeof *watch);
	watch->store = store;
	watch->world = world;
	watch->from_ms = clock_now_ms(world->clock) + FIRST_MS;
	pthread_mutex_init(&watch->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&watch->poke, &attr);
	pthread_condattr_destroy(&attr);
	failed = pthread_create(&watch->thread, NULL, work, watch);
	if (failed) {
		pthread_cond_destroy(&watch->poke);
		pthread_mutex_destroy(&watch->lock);
		free(watch);
		return err_sys(err, E_THREAD, failed);
	}
	pthread_setname_np(watch->thread, "doctor");
	*out = watch;
	return 0;
}

void
doctor_watch_poke(struct doctor_watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->poked = true;
	pthread_cond_signal(&watch->poke);
	pthread_mutex_unlock(&watch->lock);
}

int64_t
doctor_watch_count(struct doctor_watch *watch)
{
	return atomic_load(&watch->count);
}

void
doctor_watch_stop(struct doctor_watch **watch)
{
	struct doctor_watch *it = *watch;

	if (!it)
		return;
	atomic_store(&it->stop, true);
	doctor_watch_poke(it);
	pthread_join(it->thread, NULL);
	pthread_cond_destroy(&it->poke);
	pthread_mutex_destroy(&it->lock);
	free(it);
	*watch = NULL;
}
