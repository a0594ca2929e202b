/* The app: a stack of screens, the frame around them, messages, jobs.  It
 * knows no terminal; tui/loop.h joins the two, tests drive it directly. */
#ifndef TUI_APP_H
#define TUI_APP_H

#include <stdatomic.h>

#include "core/access/access.h"
#include "core/base/world.h"
#include "tui/screen.h"
#include "tui/theme.h"

struct store;
struct session; /* whatever the program keeps while it runs; not the app's */

/* What the app asks of the terminal; embedded as first member. */
struct app_port {
	/* Gives the terminal to a program and takes it back after it ended;
	 * *status as waitpid() gives it.  E_TERM_PROGRAM (path, sys). */
	int (*run)(struct app_port *port, char *const argv[], int *status,
	    struct err *err);
	/* Gives the terminal to the shell, stops the process, and takes the
	 * terminal back when it is continued; NULL: cannot be done. */
	void (*suspend)(struct app_port *port);
	/* Gives the terminal back and goes on without one, soon; NULL: cannot
	 * be done. */
	void (*detach)(struct app_port *port);
};

/* What the app asks of the program around it; any may be NULL. */
struct app_hooks {
	/* Opens section 1..8. */
	void (*section)(struct app *app, int section);
	/* Why a section cannot be opened now (translated), or NULL. */
	const char *(*section_why_not)(struct app *app, int section);
	/* Adds the right side of the title bar ("hanako  sending 41%"). */
	void (*status)(struct app *app, struct buf *out);
	/* Milliseconds until status() may have changed; 0: it does not. */
	int (*status_ms)(struct app *app);
	/* Called when status_ms has passed, on whatever screen. */
	void (*status_tick)(struct app *app);
	/* Locks: pushes the sign-in over everything. */
	void (*lock)(struct app *app);
	/* Why the process must not stand still now (translated), or NULL. */
	const char *(*suspend_why_not)(struct app *app);
	/* Why there is no reason to go on without a terminal (translated), or
	 * NULL. */
	const char *(*detach_why_not)(struct app *app);
	/* The user wants to leave; the hook asks and calls app_end(). */
	void (*quit)(struct app *app);
	/* A translated word behind the program's name in every title, before
	 * sign-in too ("DRILL"); NULL: none. */
	const char *(*flag)(struct app *app);
	/* True while the actions of a drill (keys.def) exist here; without the
	 * hook they do not. */
	bool (*has_drill)(struct app *app);
	/* Does an action of a drill. */
	void (*drill)(struct app *app, enum action action);
};

struct app_params {
	struct world *world;           /* borrowed */
	const struct app_hooks *hooks; /* borrowed; may be NULL */
	struct session *session;       /* borrowed; may be NULL */
	struct app_port *port;         /* borrowed; may be NULL */
	struct theme_places places;    /* for app_theme_use() */
	int idle_lock_ms;              /* 0: never */
};

/* An app without screens.  The caller frees it. */
struct app *app_new(const struct app_params *params);

/* Closes all screens from the top, cancels and joins all jobs, frees.  Accepts
 * NULL, sets *app to NULL. */
void app_free(struct app **app);

/* ---- What screens ask ---------------------------------------------------- */

/* What app_new() was given; borrowed. */
struct world *app_world(struct app *app);
/* The program's own state, as given to app_new(); borrowed. */
struct session *app_session(struct app *app);
/* The terminal's port, or NULL in tests; borrowed. */
struct app_port *app_port(struct app *app);

/* The open store, or NULL before sign-in.  Borrowed. */
struct store *app_store(struct app *app);
void app_set_store(struct app *app, struct store *store);

/* Who has opened the store, with the roles of this sitting; NULL before
 * sign-in.  Read when the store was set, and by app_person_read() again after
 * people have changed. */
const struct person *app_person(struct app *app);
void app_person_read(struct app *app);

/* True when personal data are masked for that person (store_masks()). */
bool app_is_masked(struct app *app);

/* True when that person holds a permission: for why_not() and greying out; core
 * asks again.  Before sign-in nobody does. */
bool app_may(struct app *app, enum permission permission);

/* NULL when app_may(), else a translated sentence that says so. */
const char *app_may_why_not(struct app *app, enum permission permission);

/* Time for drawing: clock_now_ms() and clock_steady_ms() of the world. */
int64_t app_now_ms(struct app *app);
int64_t app_steady_ms(struct app *app);

/* ---- Stack --------------------------------------------------------------- */

/* Puts a screen on top; the app owns it from now on. */
void app_push(struct app *app, struct screen *screen);

/* Takes a screen, and all above it, off the stack; they are closed when the
 * current event is over. */
void app_pop(struct app *app, struct screen *screen);

/* Takes everything off, then pushes: how a section is opened. */
void app_replace(struct app *app, struct screen *screen);

/* The screen of that name (struct screen_ops) wherever it is: on the stack,
 * under a lock, or kept because it lives on (screen.h); NULL: nowhere. */
struct screen *app_find(struct app *app, const char *name);

/* True while a screen is kept. */
bool app_is_kept(const struct app *app, const struct screen *screen);

/* Puts a screen that is kept on top again. */
void app_resume(struct app *app, struct screen *screen);

/* The top screen, or NULL. */
struct screen *app_top(struct app *app);

/* Puts a screen over everything until app_unlock(): what the screens under it
 * push, pop or replace meanwhile stays under it, and nothing of them is shown.
 * A second lock over the first is closed at once. */
void app_lock(struct app *app, struct screen *screen);

/* Closes the lock and what stands on it; the screens under it are back. */
void app_unlock(struct app *app);

/* True between app_lock() and app_unlock(). */
bool app_is_locked(const struct app *app);

/* The top screen that is no overlay, or NULL: whose actions the palette and
 * the help show. */
struct screen *app_base(struct app *app);

/* Asks every screen down to the lowest whether it may be left; false when one
 * has opened a question. */
bool app_may_leave(struct app *app);

/* Ends the program's loop with an exit status. */
void app_end(struct app *app, int status);
bool app_has_ended(const struct app *app, int *status);

/* Asks for a repaint of every cell (a foreign program has painted). */
void app_redraw(struct app *app);

/* ---- Messages ------------------------------------------------------------ */

enum say { SAY_INFO, SAY_OK, SAY_WARN, SAY_ERROR };

/* Shows text (translated, or foreign: it passes the gate) in the message line
 * for at least 2 s, and then until the next key; one that was pressed before
 * takes it away then.  Kept in the list of messages. */
void app_say(struct app *app, enum say say, const char *text);

/* app_say() with printf; the format is a translated one of ours. */
__attribute__((format(printf, 3, 4))) void app_sayf(
    struct app *app, enum say say, const char *format, ...);

/* Shows the sentences of err. */
void app_say_err(struct app *app, const struct err *err);

/* Nothing to say any more. */
void app_hush(struct app *app);

enum { APP_MESSAGES_MAX = 200 };

struct app_message {
	int64_t at_ms;
	enum say say;
	char *text; /* safe text */
};

/* Message number index, the newest is 0; NULL when there is none. */
const struct app_message *app_message(struct app *app, size_t index);

/* ---- Actions ------------------------------------------------------------- */

/* False for an action that this program does not have now at all: it is not
 * listed, and its keys mean nothing. */
bool app_has_action(struct app *app, enum action action);

/* NULL when the action can be done on the screen, else the reason. */
const char *app_why_not(
    struct app *app, struct screen *screen, enum action action);

/* Does an action on the base screen as if its key had been pressed; says why
 * when it is not possible. */
void app_act(struct app *app, enum action action);

/* ---- Jobs ---------------------------------------------------------------- */

/* Work on a thread of its own; the screen thread learns of its end. */
struct job_ops {
	/* Runs on the worker thread and owns data meanwhile. */
	int (*run)(struct job *job, void *data, struct err *err);
	/* Frees data, on the screen thread, after job_done(). */
	void (*free)(void *data);
	/* Asks run() to stop where it does not ask job_is_cancelled(); from any
	 * thread, while data lives; NULL: it does. */
	void (*stop)(void *data);
};

/* Starts a job for a screen.  data is consumed (also on failure); *out, which
 * may be NULL, is the app's and lives until job_done() has returned.
 * E_THREAD. */
int app_job(struct app *app, struct screen *owner, const struct job_ops *ops,
    void *data, struct job **out, struct err *err);

/* The job listens to somebody for as long as its screen lives: nobody waits
 * for its end.  Right after app_job(). */
void job_listens(struct job *job);

/* Asks a job to stop; run() decides when.  From any thread. */
void job_cancel(struct job *job);

/* True once somebody wants the job to stop: run() asks in its loops. */
bool job_is_cancelled(const struct job *job);

/* The same as a flag to hand to core; lives as long as the job. */
atomic_bool *job_cancel_flag(struct job *job);

/* How far the job is: run() tells, the screen asks.  total 0: not known. */
void job_progress(struct job *job, int64_t done, int64_t total);
void job_progress_read(const struct job *job, int64_t *done, int64_t *total);

/* Has job_news() called soon, on the screen thread; calls between are one. */
void job_wake(struct job *job);

/* True while the screen has a job that has not ended. */
bool app_has_job(struct app *app, const struct screen *owner);

/* ---- External programs, look --------------------------------------------- */

/* Runs a program on our terminal (an editor) and comes back.  E_TERM_PROGRAM
 * when it cannot be started or ends with another status than 0. */
int app_run(struct app *app, char *const argv[], struct err *err);

/* The words of $VISUAL or $EDITOR (else "vi") and path as an argv for
 * app_run(); one allocation the caller frees with free(). */
char **app_editor_argv(const char *path);

/* The theme in use; lives until app_theme_use(). */
const struct theme *app_theme(struct app *app);

/* Where themes are looked for; lives as long as the app. */
const struct theme_places *app_theme_places(struct app *app);

/* Loads and takes a theme; on failure the old one stays.  Errors as
 * theme_load(). */
int app_theme_use(struct app *app, const char *id, struct err *err);

/* Overwrites the idle time before locking; 0 never. */
void app_set_idle_lock(struct app *app, int ms);

/* ---- Driving: loop and tests --------------------------------------------- */

/* One key, paste or resize. */
void app_key(struct app *app, const struct key *key);

/* Readable when a job has news. */
int app_event_fd(const struct app *app);

/* Takes news of jobs. */
void app_events(struct app *app);

/* Milliseconds until app_timers() has something to do; -1 never. */
int app_next_ms(struct app *app);
void app_timers(struct app *app);

/* Draws frame and screens. */
void app_draw(struct app *app, struct canvas *canvas);

/* What has changed since it was last asked. */
enum app_wants { APP_NOTHING, APP_PAINT, APP_REPAINT };
enum app_wants app_wants(struct app *app);

/* True while a job runs whose end a screen waits for. */
bool app_is_busy(const struct app *app);

/* The terminal has gone: locks. */
void app_terminal_lost(struct app *app);

#endif
