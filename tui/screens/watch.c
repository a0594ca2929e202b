/* A delivery seen from a second login: its figures as they come over the
 * socket, and two orders, pause and STOP.  A stop takes a reason and the Enter
 * behind it; it is at the other end as soon as Enter is pressed, and this
 * screen says when nothing is open there any more. */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/delivery.h"
#include "tui/screens/watch.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { LOOK_MS = 100, NOTICES_MAX = 8 };

/* What the holder has said about an order. */
struct notice {
	bool stop;
	enum { NOTICE_TAKEN, NOTICE_SETTLED, NOTICE_REFUSED } state;
	struct err why;
};

/* The reading thread's, and what it leaves for the screen. */
struct feed {
	struct socket_line line;
	pthread_mutex_t lock;
	/* guarded by lock */
	struct run_progress *now;
	bool runs, fresh;
	struct buf name;
	struct notice notice[NOTICES_MAX];
	int notices;
};

struct watch {
	struct delivery view; /* what delivery_draw() draws */
	struct feed *feed;    /* the job's; NULL once it has ended */
	bool told;            /* something has come */
	int64_t ordered_ms;   /* steady; when the last order left */
	struct buf holder;
};

/* ---- The reading thread --------------------------------------------------------- */

static void
take_figures(struct feed *feed, struct span text)
{
	struct run_progress *now = mem_new(sizeof *now);
	struct span name;
	bool runs = watch_read(text, now, &name) == 1;

	pthread_mutex_lock(&feed->lock);
	free(feed->now);
	feed->now = now;
	feed->runs = runs;
	feed->fresh = true;
	buf_clear(&feed->name);
	buf_add(&feed->name, name);
	pthread_mutex_unlock(&feed->lock);
}

static void
take_done(struct feed *feed, struct span facts)
{
	struct span state = fact_find(facts, "state");
	struct notice notice = {
	    .stop = span_equal(fact_find(facts, "order"), SPAN("stop"))};

	if (span_equal(state, SPAN("settled"))) {
		notice.state = NOTICE_SETTLED;
	} else if (span_equal(state, SPAN("refused"))) {
		notice.state = NOTICE_REFUSED;
		socket_take_err(facts, &notice.why);
	}
	pthread_mutex_lock(&feed->lock);
	if (feed->notices < NOTICES_MAX)
		feed->notice[feed->notices++] = notice;
	pthread_mutex_unlock(&feed->lock);
}

static int
feed_run(struct job *job, void *data, struct err *err)
{
	struct feed *feed = data;
	struct socket_frame frame;
	int rc = 0;

	while (rc >= 0 && !job_is_cancelled(job)) {
		rc = socket_wait(&feed->line, LOOK_MS, &frame, err);
		if (rc != 1)
			continue;
		if (frame.kind == SOCKET_FIGURES) {
			take_figures(feed, frame.body);
		} else if (frame.kind == SOCKET_DONE) {
			take_done(feed, frame.body);
		} else if (frame.kind == SOCKET_REFUSED) {
			socket_take_err(frame.body, err);
			return -1;
		}
		job_wake(job);
	}
	return rc;
}

static void
feed_free(void *data)
{
	struct feed *feed = data;

	socket_line_done(&feed->line);
	pthread_mutex_destroy(&feed->lock);
	free(feed->now);
	buf_done(&feed->name);
	free(feed);
}

static const struct job_ops feed_ops = {.run = feed_run, .free = feed_free};

/* ---- News -------------------------------------------------------------------------- */

static void
say_notice(struct watch *self, const struct notice *notice)
{
	struct app *app = self->view.base.app;
	int64_t took = app_steady_ms(app) - self->ordered_ms;

	if (notice->state == NOTICE_REFUSED)
		app_say_err(app, &notice->why);
	else if (notice->state == NOTICE_TAKEN)
		app_say(app, SAY_INFO,
		    notice->stop ? _("STOP is in force: nothing new leaves.")
				 : _("Pause is in force: nothing new leaves."));
	else if (notice->stop)
		app_sayf(app, SAY_OK,
		    _("Stopped; nothing is open any more, %lld ms after the "
		      "key."),
		    (long long)took);
	else
		app_sayf(app, SAY_OK,
		    _("Paused; nothing is open any more, %lld ms after the "
		      "key."),
		    (long long)took);
}

static void
job_news(struct screen *screen, struct job *job, void *data)
{
	struct watch *self = (struct watch *)screen;
	struct notice notice[NOTICES_MAX];
	struct feed *feed = data;
	int notices;

	(void)job;
	pthread_mutex_lock(&feed->lock);
	notices = feed->notices;
	memcpy(notice, feed->notice, sizeof notice);
	feed->notices = 0;
	if (feed->fresh) {
		self->told = true;
		/* the last figures stay when the run has gone */
		if (feed->runs) {
			self->view.now = *feed->now;
			self->view.known = true;
			buf_clear(&self->view.name);
			buf_add(&self->view.name, buf_span(&feed->name));
		}
		feed->fresh = false;
	}
	pthread_mutex_unlock(&feed->lock);
	panes_refresh(&self->view.panes);
	for (int i = 0; i < notices; i++)
		say_notice(self, &notice[i]);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct watch *self = (struct watch *)screen;

	(void)job;
	(void)data;
	self->feed = NULL;
	if (rc < 0)
		app_say_err(screen->app, err);
}

/* ---- Orders ------------------------------------------------------------------------- */

static void
give(struct watch *self, const char *order, struct span reason)
{
	struct app *app = self->view.base.app;
	struct buf facts = BUF_INIT;
	struct err err = {.code = E_NONE};

	if (!self->feed)
		return;
	fact_add(&facts, "order", span_of(order));
	if (reason.len)
		fact_add(&facts, "reason", reason);
	self->ordered_ms = app_steady_ms(app);
	if (socket_say(
		&self->feed->line, SOCKET_ORDER, buf_span(&facts), &err) < 0)
		app_say_err(app, &err);
	buf_done(&facts);
}

static void
check_reason(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("A few words, please: the log keeps them."));
	else if (text.len > SOCKET_REASON_MAX)
		buf_text(why, _("This is too long."));
}

static void
stop_answered(struct screen *owner, int answer, struct span text)
{
	if (answer == 1)
		give((struct watch *)owner, "stop", span_trim(text));
}

static void
ask_stop(struct watch *self)
{
	dialog_ask(&self->view.base,
	    &(struct dialog){
		.title = _("STOP the delivery"),
		.text = _("What has not left yet is never sent. This cannot "
			  "be undone. Type the reason for the log, then "
			  "Enter; Esc leaves it running."),
		.done = stop_answered,
	    },
	    LINE_TEXT, SPAN(""), check_reason);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct watch *self = (struct watch *)screen;

	switch ((int)action) {
	case ACT_WATCH_STOP:
		ask_stop(self);
		return USED;
	case ACT_WATCH_PAUSE:
		give(self, "pause", SPAN(""));
		return USED;
	case ACT_WATCH_PANE:
		panes_next(&self->view.panes);
		return USED;
	default:
		return UNUSED;
	}
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct watch *self = (struct watch *)screen;

	if (action == ACT_WATCH_PANE && !self->view.known)
		return _("Nothing is being sent.");
	if (action != ACT_WATCH_STOP && action != ACT_WATCH_PAUSE)
		return NULL;
	if (!self->feed)
		return _("The connection has ended.");
	if (!self->view.known)
		return _("Nothing is being sent.");
	if (delivery_is_over(&self->view.now))
		return _("The delivery is over.");
	if (action == ACT_WATCH_PAUSE && self->view.now.state == RUN_PAUSED)
		return _("It is paused already.");
	return NULL;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct watch *self = (struct watch *)screen;

	if (!self->view.known)
		return UNUSED;
	return list_key(self->view.panes.list[self->view.panes.kind], key);
}

/* ---- Drawing ------------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct watch *self = (struct watch *)screen;

	buf_text(out, _("Watch"));
	if (self->view.name.len)
		buf_printf(
		    out, " > %.*s", SPAN_ARG(buf_span(&self->view.name)));
}

static void
draw(struct screen *screen, struct area body)
{
	struct watch *self = (struct watch *)screen;

	if (self->view.known)
		delivery_draw(&self->view, body);
	else if (self->told)
		draw_str(body, 1, 2, ROLE_DIM, _("Nothing is being sent."));
	else
		draw_str(body, 1, 2, ROLE_DIM, _("Waiting for figures .."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct watch *self = (struct watch *)screen;

	buf_add(out, buf_span(&self->holder));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action all[] = {ACT_WATCH_STOP, ACT_WATCH_PAUSE,
	    ACT_WATCH_PANE, ACT_BACK, ACT_NONE};
	static const enum action none[] = {ACT_BACK, ACT_NONE};
	struct watch *self = (struct watch *)screen;

	return self->view.known ? all : none;
}

static void
close_watch(struct screen *screen)
{
	struct watch *self = (struct watch *)screen;

	panes_done(&self->view.panes);
	buf_done(&self->view.name);
	buf_done(&self->holder);
	free(self);
}

static const struct screen_ops watch_ops = {
    .name = "watch",
    .shape = SCREEN_ALONE,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .job_done = job_done,
    .job_news = job_news,
    .close = close_watch,
};

void
watch_open(struct app *app, struct socket_line *line, struct span holder)
{
	struct watch *self = mem_new(sizeof *self);
	struct feed *feed = mem_new(sizeof *feed);
	struct err err = {.code = E_NONE};
	struct job *job;

	self->view.base.ops = &watch_ops;
	panes_init(&self->view.panes, &self->view.now);
	buf_add(&self->holder, holder);
	feed->line = *line;
	*line = SOCKET_LINE_INIT;
	pthread_mutex_init(&feed->lock, NULL);
	app_push(app, &self->view.base);
	self->feed = feed;
	if (app_job(app, &self->view.base, &feed_ops, feed, &job, &err) < 0) {
		self->feed = NULL;
		app_say_err(app, &err);
		return;
	}
	job_listens(job);
}
