/* The sitting seen from elsewhere.  Two threads come here besides the screen's:
 * the door's, which answers watchers, and the clerk's, which writes the log and
 * may wait for the store; the crier's tells people elsewhere and may wait for
 * them.  An order is carried out at once and written down a
 * moment later, because a stop must never wait for a disk. */
#include "tui/away.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/notify.h"
#include "tui/session.h"

enum { NOTES_MAX = 64, CLERK_MS = 1000, VISITS_MAX = 4 };

/* An entry for the log. */
struct note {
	const char *what; /* static */
	char facts[AUDIT_FACTS_MAX + 1];
};

enum { CRIER_MS = 1000, STATUS_ROOM = 200, SEAL_AGAIN_MS = 60 * 60 * 1000 };

struct away {
	struct door_host base;
	struct notify *notify; /* borrowed; may be NULL */
	struct store *store;   /* borrowed */
	struct world *world;   /* borrowed */
	char *user;
	int64_t since_ms;
	struct door *door; /* NULL: could not be opened */
	pthread_t clerk, crier;
	bool has_clerk, has_crier;
	int cancel_fd;       /* readable: the crier must stop */
	int64_t seal_due_ms; /* wall clock; the crier's */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* guarded by lock */
	struct run *run; /* borrowed: the session's */
	struct campaign_id campaign;
	struct buf name; /* of the campaign */
	char place[128];
	struct note *note[NOTES_MAX]; /* a queue */
	int notes;
	bool busy, ending;
	bool end_seen; /* the crier knows that the run is over */
	struct err log_fault;
	/* guarded by box_lock: a thread of the run comes here, and may hold
	 * the run's lock */
	pthread_mutex_t box_lock;
	struct alert box[ALERT_WAITING_MAX];
	int boxed;
	bool telling;
	/* the door's thread's, then of who has closed the door */
	struct visit *visit[VISITS_MAX];
};

static struct away *
away_of(struct door_host *host)
{
	return (struct away *)host;
}

/* ---- The clerk ----------------------------------------------------------------- */

/* Dropped when the queue is full: an order was carried out all the same. */
static void
add_note(struct away *self, const char *what, struct span facts)
{
	struct note *note = mem_new(sizeof *note);

	note->what = what;
	span_text(note->facts, sizeof note->facts, facts);
	if (self->notes < NOTES_MAX)
		self->note[self->notes++] = note;
	else
		free(note);
	pthread_cond_broadcast(&self->changed);
}

static struct note *
take_note(struct away *self)
{
	struct note *note = self->note[0];

	self->notes--;
	memmove(self->note, self->note + 1,
	    (size_t)self->notes * sizeof *self->note);
	return note;
}

static void
write_note(struct away *self, struct note *note)
{
	audit_add(self->store,
	    &(struct audit_event){.what = note->what,
		.object = span_of(self->user),
		.facts = span_of(note->facts)},
	    NULL);
	free(note);
}

static void
sleep_clerk(struct away *self)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += CLERK_MS / 1000;
	pthread_cond_timedwait(&self->changed, &self->lock, &until);
}

static void *
clerk(void *payload)
{
	struct away *self = payload;

	pthread_mutex_lock(&self->lock);
	while (!self->ending || self->notes) {
		if (self->notes) {
			struct note *note = take_note(self);

			self->busy = true;
			pthread_mutex_unlock(&self->lock);
			write_note(self, note);
			pthread_mutex_lock(&self->lock);
			self->busy = false;
		} else {
			sleep_clerk(self);
		}
	}
	pthread_mutex_unlock(&self->lock);
	return NULL;
}

static const char *
state_word(const struct run_progress *now)
{
	static const char *const words[RUN_STATES] = {
	    [RUN_RUNNING] = "running",
	    [RUN_PAUSED] = "paused",
	    [RUN_WAITING] = "waiting",
	    [RUN_DONE] = "done",
	    [RUN_STOPPED] = "stopped",
	};

	return words[now->state];
}

/* The present figures on the heap, or NULL; locked. */
static struct run_progress *
figures_of(struct away *self)
{
	struct run_progress *now;

	if (!self->run)
		return NULL;
	now = mem_new(sizeof *now);
	run_progress(self->run, now);
	return now;
}

static int64_t
finished(const struct run_progress *now)
{
	return now->total - now->count[LEDGER_PLANNED] -
	       now->count[LEDGER_CLAIMED] - now->count[LEDGER_HANDED] -
	       now->count[LEDGER_DEFERRED];
}

/* ---- The crier ------------------------------------------------------------------ */

static void
put_in_box(struct away *self, const struct alert *alert)
{
	pthread_mutex_lock(&self->box_lock);
	if (self->boxed < ALERT_WAITING_MAX)
		self->box[self->boxed++] = *alert;
	pthread_mutex_unlock(&self->box_lock);
}

/* From a thread of the run. */
static void
hear_alert(void *arg, const struct run_alert *what)
{
	struct away *self = arg;
	struct alert alert = {.kind = ALERT_GUARD,
	    .at_ms = clock_now_ms(self->world->clock),
	    .campaign = what->campaign,
	    .why = what->why.code};

	if (what->kind == RUN_EVENT_STALL)
		alert.kind = ALERT_STALL;
	else if (what->kind == RUN_EVENT_STOPPED)
		alert.kind = ALERT_RELAY;
	else if (what->kind == RUN_EVENT_CHANGED)
		alert.kind = ALERT_CHANGED;
	else if (what->kind == RUN_EVENT_SUSPENDED)
		alert.kind = ALERT_GROUP;
	span_text(alert.name, sizeof alert.name, span_of(what->name));
	span_text(alert.class, sizeof alert.class,
	    span_of(err_find(&what->why, "class")));
	put_in_box(self, &alert);
}

void
away_alert(struct away *away, const struct alert *alert)
{
	if (away)
		put_in_box(away, alert);
}

static bool
is_over(const struct run_progress *now)
{
	return now->state == RUN_DONE || now->state == RUN_STOPPED;
}

/* Looks at the run once: tells the manager, notices its end. */
static void
look(struct away *self)
{
	struct run_progress *now;
	struct alert alert = {.kind = ALERT_END};
	char status[STATUS_ROOM];
	bool ended;

	pthread_mutex_lock(&self->lock);
	now = figures_of(self);
	ended = now && is_over(now) && !self->end_seen;
	alert.campaign = self->campaign;
	if (ended) {
		alert.at_ms = clock_now_ms(self->world->clock);
		alert_take_figures(&alert, now);
		put_in_box(self, &alert);
		self->end_seen = true;
	}
	pthread_mutex_unlock(&self->lock);
	if (now) {
		snprintf(status, sizeof status, "%s: %lld / %lld",
		    state_word(now), (long long)finished(now),
		    (long long)now->total);
		notify_status(self->notify, status);
	}
	notify_beat(self->notify);
	free(now);
}

/* Empties the box into alerts; how many. */
static int
empty_box(struct away *self, struct alert alerts[ALERT_WAITING_MAX])
{
	int count;

	pthread_mutex_lock(&self->box_lock);
	count = self->boxed;
	memcpy(alerts, self->box, (size_t)count * sizeof *alerts);
	self->boxed = 0;
	self->telling = count > 0;
	pthread_mutex_unlock(&self->box_lock);
	return count;
}

static bool
has_way(struct away *self)
{
	struct alert_ways ways;
	struct db *db = NULL;
	bool has = false;

	if (store_reader_open(self->store, &db, NULL) < 0)
		return false;
	if (alert_ways_read(db, &ways, NULL) == 0) {
		has = alert_has_way(&ways);
		alert_ways_done(&ways);
	}
	store_reader_close(&db);
	return has;
}

/* What the log says about a telling. */
static void
note_telling(
    struct away *self, const struct alert *last, int count, const char *result)
{
	struct buf facts = BUF_INIT;

	buf_printf(&facts, "kind=%s count=%d result=%s", alert_name(last->kind),
	    count, result);
	away_log(self, "alert.told", buf_span(&facts));
	buf_done(&facts);
}

static void
fill_in(struct away *self, struct alert *alerts, int count)
{
	struct run_progress *now;

	pthread_mutex_lock(&self->lock);
	now = figures_of(self);
	pthread_mutex_unlock(&self->lock);
	for (int i = 0; now && i < count; i++) {
		if (!alerts[i].has_figures)
			alert_take_figures(&alerts[i], now);
	}
	free(now);
}

static void
tell(struct away *self, struct alert_limit *limit)
{
	struct alert alerts[ALERT_WAITING_MAX];
	int64_t now_ms = clock_steady_ms(self->world->clock);
	int64_t wait_ms = alert_wait_ms(limit, now_ms);
	struct err err = {.code = E_NONE};
	int count;

	if (wait_ms > 0 && wait_ms <= ALERT_GAP_MS)
		return;
	count = empty_box(self, alerts);
	if (count > 0 && has_way(self)) {
		if (wait_ms > 0) {
			note_telling(
			    self, &alerts[count - 1], count, "too-many");
		} else {
			fill_in(self, alerts, count);
			alert_told(limit, now_ms);
			note_telling(self, &alerts[count - 1], count,
			    alert_tell(self->store, self->world, alerts,
				(size_t)count, self->cancel_fd, &err) == 0
				? "ok"
				: err_name(err.code));
		}
	}
	pthread_mutex_lock(&self->box_lock);
	self->telling = false;
	pthread_mutex_unlock(&self->box_lock);
}

/* Once a day; a seal that did not come about is tried again in an hour, one
 * that was not mailed is not. */
static void
seal_log(struct away *self)
{
	int64_t now_ms = clock_now_ms(self->world->clock);
	struct err err = {.code = E_NONE};
	struct buf facts = BUF_INIT;
	bool sealed = false;

	if (now_ms < self->seal_due_ms)
		return;
	if (log_seal_daily(
		self->store, self->world, self->cancel_fd, &sealed, &err) < 0) {
		audit_fact(&facts, "why", span_of(err_name(err.code)));
		away_log(self, sealed ? "audit.unmailed" : "audit.unsealed",
		    buf_span(&facts));
		buf_done(&facts);
	}
	self->seal_due_ms = now_ms + (sealed ? LOG_SEAL_DAY_MS : SEAL_AGAIN_MS);
	pthread_mutex_lock(&self->lock);
	self->log_fault = sealed ? (struct err){.code = E_NONE} : err;
	pthread_mutex_unlock(&self->lock);
}

static bool
crier_rests(struct away *self)
{
	struct pollfd in = {.fd = self->cancel_fd, .events = POLLIN};

	return poll(&in, 1, CRIER_MS) == 0;
}

static void *
crier(void *payload)
{
	struct away *self = payload;
	struct alert_limit limit = {.count = 0};

	do {
		look(self);
		tell(self, &limit);
		seal_log(self);
	} while (crier_rests(self));
	notify_rest(self->notify);
	return NULL;
}

/* ---- What the door asks --------------------------------------------------------- */

static void
welcome(struct door_host *host, struct buf *out)
{
	struct away *self = away_of(host);
	struct run_progress *now;

	pthread_mutex_lock(&self->lock);
	now = figures_of(self);
	fact_add(out, "user", span_of(self->user));
	fact_add_int(out, "since_ms", self->since_ms);
	fact_add(out, "place", span_of(self->place));
	fact_add(out, "state", span_of(now ? state_word(now) : "none"));
	if (now) {
		fact_add_int(out, "total", now->total);
		fact_add_int(out, "finished", finished(now));
	}
	pthread_mutex_unlock(&self->lock);
	free(now);
}

static void
figures(struct door_host *host, struct buf *out)
{
	struct away *self = away_of(host);
	struct run_progress *now;

	pthread_mutex_lock(&self->lock);
	now = figures_of(self);
	watch_write(now, buf_span(&self->name), out);
	pthread_mutex_unlock(&self->lock);
	free(now);
}

/* Locked. */
static bool
runs(struct away *self)
{
	struct run_progress *now = figures_of(self);
	bool does = now && !is_over(now);

	free(now);
	return does;
}

static int
order(struct door_host *host, enum door_order what,
    const struct socket_peer *peer, struct span reason, struct err *err)
{
	struct away *self = away_of(host);
	struct buf facts = BUF_INIT;
	int rc;

	pthread_mutex_lock(&self->lock);
	if (!runs(self))
		rc = err_set(err, E_SOCKET_IDLE);
	else if (what == DOOR_STOP)
		rc = run_stop(self->run, err);
	else
		rc = run_pause(self->run, err);
	if (rc == 0) {
		buf_printf(&facts, "user=%s uid=%lu campaign=%lld", peer->name,
		    (unsigned long)peer->uid, (long long)self->campaign.v);
		if (reason.len)
			audit_fact(&facts, "reason", reason);
		add_note(self, what == DOOR_STOP ? "watch.stop" : "watch.pause",
		    buf_span(&facts));
	}
	pthread_mutex_unlock(&self->lock);
	buf_done(&facts);
	return rc;
}

static bool
settled(struct door_host *host)
{
	struct away *self = away_of(host);
	bool rest;

	pthread_mutex_lock(&self->lock);
	rest = !self->run || run_wait(self->run, 0) == 1;
	pthread_mutex_unlock(&self->lock);
	return rest;
}

/* The screen thread may hang in a write to a terminal whose line is dead:
 * what is queued there is thrown away, which lets the write go on. */
static void
hurry(struct door_host *host)
{
	(void)host;
	tcflush(STDOUT_FILENO, TCOFLUSH);
}

/* A thread each: what an approver reads takes its time. */
static int
take_visit(struct away *self, struct socket_line *line,
    const struct socket_peer *peer, struct span welcome, struct err *err)
{
	int at = 0;

	for (int i = 0; i < VISITS_MAX; i++) {
		if (self->visit[i] && visit_is_over(self->visit[i]))
			visit_end(&self->visit[i]);
	}
	while (at < VISITS_MAX && self->visit[at])
		at++;
	if (at == VISITS_MAX) {
		err_set(err, E_SOCKET_FULL);
		return err_fact_int(err, "limit", VISITS_MAX);
	}
	return visit_start(self->store, self->world->clock, line, peer, welcome,
	    &self->visit[at], err);
}

static int
approver(struct door_host *host, struct socket_line *line,
    const struct socket_peer *peer, struct span welcome, struct err *err)
{
	struct away *self = away_of(host);
	int rc;

	pthread_mutex_lock(&self->lock);
	rc = take_visit(self, line, peer, welcome, err);
	pthread_mutex_unlock(&self->lock);
	return rc;
}

bool
away_has_approver(struct away *away)
{
	bool found = false;

	if (!away)
		return false;
	pthread_mutex_lock(&away->lock);
	for (int i = 0; i < VISITS_MAX; i++)
		found |= away->visit[i] && !visit_is_over(away->visit[i]);
	pthread_mutex_unlock(&away->lock);
	return found;
}

/* ---- Opening, closing ------------------------------------------------------------- */

static void
init_lock(struct away *self)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&self->lock, NULL);
	pthread_mutex_init(&self->box_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&self->changed, &attr);
	pthread_condattr_destroy(&attr);
}

struct away *
away_open(struct session *session, struct err *fault)
{
	struct away *self = mem_new(sizeof *self);

	self->base = (struct door_host){.welcome = welcome,
	    .figures = figures,
	    .order = order,
	    .settled = settled,
	    .approver = approver,
	    .hurry = hurry};
	self->store = session->store;
	self->world = session->world;
	self->user = mem_text(span_of(session->user));
	self->since_ms = clock_now_ms(session->world->clock);
	self->seal_due_ms =
	    LOG_SEAL_DAY_MS +
	    (session->log.sealed_ms ? session->log.sealed_ms : self->since_ms);
	self->notify = session->notify;
	init_lock(self);
	self->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	self->has_clerk = pthread_create(&self->clerk, NULL, clerk, self) == 0;
	self->has_crier = pthread_create(&self->crier, NULL, crier, self) == 0;
	if (!store_is_demo(session->store))
		door_open(session->dir, clock_real(), &self->base, &self->door,
		    fault);
	return self;
}

void
away_shut(struct away *away)
{
	if (!away)
		return;
	door_close(&away->door);
	for (int i = 0; i < VISITS_MAX; i++)
		visit_end(&away->visit[i]);
	away_set_run(away, NULL, away->campaign);
}

void
away_close(struct away **away)
{
	struct away *self = *away;
	uint64_t one = 1;

	if (!self)
		return;
	away_shut(self);
	if (write(self->cancel_fd, &one, sizeof one) < 0)
		self->has_crier = false;
	if (self->has_crier)
		pthread_join(self->crier, NULL);
	pthread_mutex_lock(&self->lock);
	self->ending = true;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
	if (self->has_clerk)
		pthread_join(self->clerk, NULL);
	pthread_cond_destroy(&self->changed);
	pthread_mutex_destroy(&self->lock);
	pthread_mutex_destroy(&self->box_lock);
	close(self->cancel_fd);
	buf_done(&self->name);
	free(self->user);
	free(self);
	*away = NULL;
}

/* ---- Asked by the screen thread ---------------------------------------------------- */

static void
read_name(struct away *self, struct campaign_id id, struct buf *out)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;

	if (store_reader_open(self->store, &db, NULL) == 0 &&
	    campaign_read(db, id, &campaign, NULL) == 0)
		buf_add(out, buf_span(&campaign.name));
	campaign_done(&campaign);
	store_reader_close(&db);
}

bool
away_log_fault(struct away *away, struct err *fault)
{
	bool has;

	if (!away)
		return false;
	pthread_mutex_lock(&away->lock);
	has = away->log_fault.code != E_NONE;
	if (has)
		*fault = away->log_fault;
	pthread_mutex_unlock(&away->lock);
	return has;
}

void
away_set_run(struct away *away, struct run *run, struct campaign_id campaign)
{
	struct buf name = BUF_INIT, old;
	struct run *before;

	if (!away)
		return;
	if (run)
		read_name(away, campaign, &name);
	pthread_mutex_lock(&away->lock);
	old = away->name;
	before = away->run;
	away->name = name;
	away->run = run;
	away->campaign = campaign;
	away->end_seen = false;
	pthread_cond_broadcast(&away->changed);
	pthread_mutex_unlock(&away->lock);
	if (before)
		run_on_alert(before, NULL, NULL);
	if (run)
		run_on_alert(run, hear_alert, away);
	buf_done(&old);
}

void
away_set_place(struct away *away, const char *place)
{
	if (!away)
		return;
	pthread_mutex_lock(&away->lock);
	span_text(away->place, sizeof away->place, span_of(place));
	pthread_mutex_unlock(&away->lock);
}

bool
away_has_run(struct away *away)
{
	bool has;

	if (!away)
		return false;
	pthread_mutex_lock(&away->lock);
	has = runs(away);
	pthread_mutex_unlock(&away->lock);
	return has;
}

bool
away_is_done(struct away *away)
{
	bool done;

	pthread_mutex_lock(&away->lock);
	done = !runs(away) && !away->notes && !away->busy &&
	       (!away->run || away->end_seen);
	pthread_mutex_unlock(&away->lock);
	/* in this order: an end that was seen is in the box already */
	pthread_mutex_lock(&away->box_lock);
	done = done && !away->boxed && !away->telling;
	pthread_mutex_unlock(&away->box_lock);
	return done;
}

void
away_log(struct away *away, const char *what, struct span facts)
{
	if (!away)
		return;
	pthread_mutex_lock(&away->lock);
	add_note(away, what, facts);
	pthread_mutex_unlock(&away->lock);
}

int
away_event_fd(const struct away *away)
{
	return away && away->door ? door_event_fd(away->door) : -1;
}

bool
away_visitor(struct away *away, struct door_visitor *out)
{
	return away && away->door && door_visitor(away->door, out);
}

enum away_policy
away_policy(struct store *store, int *minutes)
{
	enum away_policy policy = AWAY_GO_ON;
	struct buf word = BUF_INIT;
	struct db *db = NULL;

	*minutes = 0;
	if (store_reader_open(store, &db, NULL) == 0 &&
	    setting_read(db, "away.policy", &word, NULL) == 0) {
		if (span_equal(buf_span(&word), SPAN("pause")))
			policy = AWAY_PAUSE;
		else if (span_equal(buf_span(&word), SPAN("stop")))
			policy = AWAY_STOP;
		*minutes = (int)setting_int(db, "away.minutes", NULL);
	}
	buf_done(&word);
	store_reader_close(&db);
	return policy;
}

void
away_order(struct away *away, enum away_policy policy)
{
	pthread_mutex_lock(&away->lock);
	if (policy == AWAY_PAUSE && runs(away) &&
	    run_pause(away->run, NULL) == 0)
		add_note(away, "away.pause", SPAN(""));
	if (policy == AWAY_STOP && runs(away) && run_stop(away->run, NULL) == 0)
		add_note(away, "away.stop", SPAN(""));
	pthread_mutex_unlock(&away->lock);
}
