/* The inside of struct app, for the app_*.c files only. */
#ifndef TUI_APP_IMPL_H
#define TUI_APP_IMPL_H

#include <pthread.h>

#include "tui/app.h"

struct job {
	const struct job_ops *ops;
	void *data;           /* owned */
	struct screen *owner; /* borrowed; NULL once the screen is gone */
	struct app *app;      /* borrowed */
	struct job *next;
	pthread_t thread;
	bool joined;
	bool listens; /* nobody waits for its end */
	int rc;       /* written by the worker before ended */
	struct err err;
	atomic_bool cancelled;
	atomic_bool ended;
	atomic_bool news;
	atomic_llong done, total;
};

struct app {
	struct app_params params;
	struct store *store;  /* borrowed */
	struct person person; /* of the store's user; no roles without one */
	bool masked;          /* sees personal data masked */
	struct screen *top;   /* owned, linked by below */
	struct screen *under; /* owned: the stack under a lock */
	bool locked;
	struct screen *dead; /* popped, closed after the event */
	struct screen *kept; /* off the stack, and their work goes on */
	struct job *jobs;
	int event_fd;
	struct theme theme;
	enum app_wants wants;
	bool has_ended;
	int status;

	struct app_message message[APP_MESSAGES_MAX]; /* a ring */
	size_t message_count;                         /* ever said */
	bool message_shown;
	int64_t message_until; /* steady: a key before it does not hush */
	int64_t message_due;   /* steady: but then it is, this late; 0 none */

	int64_t last_key_ms; /* steady */
	int64_t screen_due;  /* steady ms of the next tick; 0 none */
	int64_t status_due;
};

/* Closes what was popped during the event. */
void app_bury(struct app *app);

/* Makes the stack that a screen is on the present one for a callback: work
 * under a lock goes on there.  Gives whether app_swap() must undo it. */
bool app_enter_stack(struct app *app, const struct screen *screen);
void app_swap(struct app *app);

/* Sets when the timers are due, after every event. */
void app_schedule(struct app *app);

/* Cancels the jobs of a screen that goes away. */
void app_jobs_forget(struct app *app, struct screen *owner);

/* Cancels all jobs and waits for their ends; nothing is freed, because their
 * screens may still name them. */
void app_jobs_join(struct app *app);

/* As app_jobs_join(), and frees them. */
void app_jobs_end(struct app *app);

#endif
