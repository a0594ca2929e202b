/* The loop of one lane, and the last check before a message leaves: what is
 * sent is what was sealed, to nobody who has left since.  Ticks come from the
 * real clock, so that a clock moved by hand is noticed. */
#include "core/deliver/lane.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"

enum {
	TICK_MS = 20,
	EVENTS_MAX = 64,
	LEAVE_MS = 5000,
	QUIT_MS = 200,
	NICE = 5
};

/* ---- The last check ------------------------------------------------------ */

static int
withhold(enum err_code code, const struct claim *claim, struct err *why)
{
	err_set(why, code);
	err_fact_int(why, "seq", claim->seq);
	return 1;
}

/* 0 when the recipient is still the one that was taken into the audience and on
 * its list; else as lane_prepare().  A deleted list is somebody's decision about
 * everybody: it pauses, so that it can be taken back. */
static int
check_standing(struct lane *lane, const struct claim *claim, struct err *why)
{
	struct list_id list = lane->run->list;
	enum standing standing;

	if (standing_read(lane->reader, list, claim->contact, claim->canon,
		&standing, why) < 0)
		return -1;
	switch (standing) {
	case STANDING_MEMBER:
		return 0;
	case STANDING_LEFT:
		return withhold(E_WITHHELD_LEFT, claim, why);
	case STANDING_NO_LIST:
		err_set(why, E_RUN_LIST);
		return err_fact_int(why, "list", list.v);
	case STANDING_GONE:
		break;
	}
	/* without an address it is the outbox that was changed */
	return withhold(
	    claim->address.len ? E_WITHHELD_GONE : E_WITHHELD_CHANGED, claim,
	    why);
}

int
lane_prepare(struct lane *lane, const struct claim *claim,
    struct message *message, struct err *why)
{
	struct run *run = lane->run;
	struct recipient recipient = {
	    .seq = claim->seq,
	    .address = claim->address,
	    .name = claim->name,
	    .fields = claim->fields,
	};
	int found =
	    suppress_set_check(lane->stops, lane->reader, claim->canon, why);

	if (found < 0)
		return -1;
	if (found > 0)
		return withhold(E_WITHHELD_SUPPRESSED, claim, why);
	found = check_standing(lane, claim, why);
	if (found != 0)
		return found;
	if (assemble_message(lane->assembler, &recipient,
		clock_now_ms(run->world->clock), message, why) < 0 ||
	    !digest_equal(&message->leaf, &claim->leaf))
		return withhold(E_WITHHELD_CHANGED, claim, why);
	return 0;
}

/* ---- The loop ------------------------------------------------------------ */

static void
drain_wakes(struct lane *lane)
{
	uint64_t count;

	while (read(lane->wake_fd, &count, sizeof count) > 0)
		continue;
}

void
lane_wake(struct lane *lane)
{
	static const uint64_t one = 1;

	/* a full counter wakes as well */
	if (atomic_exchange(&lane->asleep, false) &&
	    write(lane->wake_fd, &one, sizeof one) < 0)
		return;
}

/* Sleeps until something happens or the next tick; not at all when the scribe
 * has got on meanwhile. */
static void
wait_for_events(struct lane *lane, int sleep_ms)
{
	struct epoll_event event[EVENTS_MAX];
	int64_t now_ms;
	int n;

	atomic_store(&lane->asleep, true);
	if (atomic_load(&lane->run->wakes) != lane->seen)
		sleep_ms = 0;
	n = epoll_wait(lane->epoll_fd, event, EVENTS_MAX, sleep_ms);
	atomic_store(&lane->asleep, false);
	now_ms = clock_steady_ms(lane->run->world->clock);
	for (int i = 0; i < n; i++) {
		struct session *session = event[i].data.ptr;

		if (!session)
			drain_wakes(lane);
		else if (session->exchange)
			session_turn(session, event[i].events, now_ms);
	}
}

/* The scribe got on: turns the sessions that waited for that. */
static void
turn_waiting(struct lane *lane)
{
	unsigned wakes = atomic_load(&lane->run->wakes);
	int64_t now_ms = clock_steady_ms(lane->run->world->clock);

	if (wakes == lane->seen)
		return;
	lane->seen = wakes;
	for (int i = 0; i < lane->sessions; i++) {
		struct session *session = &lane->session[i];

		if (session_has_news(session))
			session_turn(session, 0, now_ms);
	}
}

static int64_t
real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* True when run_free() has waited long enough: for open transactions some
 * seconds, for the answers to QUIT a moment. */
static bool
is_late(struct lane *lane)
{
	struct run *run = lane->run;
	bool late;

	pthread_mutex_lock(&run->lock);
	late = run->order == ORDER_LEAVE &&
	       real_ms() - run->left_ms >= (run->open ? LEAVE_MS : QUIT_MS);
	pthread_mutex_unlock(&run->lock);
	return late;
}

/* Gives every session its turn, for time limits and orders; how many are
 * connected after it. */
static int
turn_all(struct lane *lane)
{
	int64_t now_ms = clock_steady_ms(lane->run->world->clock);
	bool late = is_late(lane), dial = true;
	int connected = 0;

	for (int i = 0; i < lane->sessions; i++) {
		struct session *session = &lane->session[i];

		if (!session->exchange && dial)
			dial = session_open(session, now_ms);
		if (session->exchange && late)
			session_cut(session, now_ms);
		else if (session->exchange)
			session_turn(session, 0, now_ms);
		connected += session->exchange != NULL;
	}
	return connected;
}

/* The screen comes first: whoever types must not wait for those who send. */
static void
be_nice(void)
{
	setpriority(PRIO_PROCESS, 0, NICE);
}

static void *
lane_main(void *arg)
{
	struct lane *lane = arg;
	int connected = 0;

	be_nice();
	lane->ticked_ms = real_ms() - TICK_MS;
	while (connected || run_order(lane->run) < ORDER_CLOSE) {
		int64_t left_ms = lane->ticked_ms + TICK_MS - real_ms();

		wait_for_events(lane, left_ms > 0 ? (int)left_ms : 0);
		turn_waiting(lane);
		if (real_ms() - lane->ticked_ms < TICK_MS)
			continue;
		lane->ticked_ms = real_ms();
		connected = turn_all(lane);
		if (lane->number == 0)
			run_keep(lane->run);
	}
	return NULL;
}

/* ---- Start and end ------------------------------------------------------- */

static int
watch_wakes(struct lane *lane, struct err *err)
{
	struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = NULL}};

	lane->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	lane->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (lane->epoll_fd < 0 || lane->wake_fd < 0 ||
	    epoll_ctl(lane->epoll_fd, EPOLL_CTL_ADD, lane->wake_fd, &event) < 0)
		return err_sys(err, E_THREAD, errno);
	return 0;
}

/* A domain without a key sends unsigned; the seal covers which it is, because
 * domain and selector are part of the template's digest. */
static int
open_assembler(struct lane *lane, struct err *err)
{
	struct run *run = lane->run;
	struct err why = {0};

	if (assembler_new(run->store, lane->reader, run->template,
		ASSEMBLE_SIGNED, &lane->assembler, &why) == 0)
		return 0;
	if (why.code == E_DKIM_MISSING)
		return assembler_new(run->store, lane->reader, run->template,
		    ASSEMBLE_UNSIGNED, &lane->assembler, err);
	if (err)
		*err = why;
	return -1;
}

static void
share_sessions(struct lane *lane)
{
	struct run *run = lane->run;
	int lanes = run->lanes;

	lane->sessions =
	    run->sessions / lanes + (lane->number < run->sessions % lanes);
	lane->session =
	    mem_array((size_t)lane->sessions, sizeof *lane->session);
	for (int i = 0; i < lane->sessions; i++)
		lane->session[i].lane = lane;
}

int
lane_new(struct run *run, int number, struct lane **out, struct err *err)
{
	struct lane *lane = mem_new(sizeof *lane);

	lane->run = run;
	lane->stops = suppress_set_new(run->store, run->list);
	lane->number = number;
	lane->epoll_fd = lane->wake_fd = -1;
	share_sessions(lane);
	if (watch_wakes(lane, err) < 0 ||
	    store_reader_open(run->store, &lane->reader, err) < 0 ||
	    open_assembler(lane, err) < 0) {
		lane_free(&lane);
		return -1;
	}
	*out = lane;
	return 0;
}

int
lane_start(struct lane *lane, struct err *err)
{
	int failed = pthread_create(&lane->thread, NULL, lane_main, lane);

	if (failed)
		return err_sys(err, E_THREAD, failed);
	pthread_setname_np(lane->thread, "lane");
	lane->started = true;
	return 0;
}

void
lane_join(struct lane *lane)
{
	if (lane && lane->started)
		pthread_join(lane->thread, NULL);
	if (lane)
		lane->started = false;
}

void
lane_free(struct lane **lane)
{
	struct lane *it = *lane;

	if (!it)
		return;
	for (int i = 0; i < it->sessions; i++)
		session_done(&it->session[i]);
	free(it->session);
	assembler_free(&it->assembler);
	suppress_set_free(&it->stops);
	store_reader_close(&it->reader);
	if (it->epoll_fd >= 0)
		close(it->epoll_fd);
	if (it->wake_fd >= 0)
		close(it->wake_fd);
	free(it);
	*lane = NULL;
}
