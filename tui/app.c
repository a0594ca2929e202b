/* The app: screens on a stack, what a key means, what was said.  A screen
 * that is popped goes to a list of the dead and is closed when the event is
 * over, so that hooks may pop the screen they run in. */
#include "tui/app_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "tui/permit.h"
#include "tui/screens/foundation.h"
#include "tui/text/errors.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"

enum { MESSAGE_MIN_MS = 2000 };

static const struct app_hooks no_hooks = {.section = NULL};

struct app *
app_new(const struct app_params *params)
{
	struct app *app = mem_new(sizeof *app);

	app->params = *params;
	if (!app->params.hooks)
		app->params.hooks = &no_hooks;
	app->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	theme_default(&app->theme);
	app->wants = APP_REPAINT;
	app->last_key_ms = app_steady_ms(app);
	return app;
}

static void
kill_top(struct app *app)
{
	struct screen *screen = app->top;

	app->top = screen->below;
	if (screen->ops->lives_on && screen->ops->lives_on(screen)) {
		screen->below = app->kept;
		app->kept = screen;
		return;
	}
	app_jobs_forget(app, screen);
	screen->below = app->dead;
	app->dead = screen;
}

/* Nothing lives on behind the end. */
static void
kill_kept(struct app *app)
{
	struct screen *screen;

	while ((screen = app->kept)) {
		app->kept = screen->below;
		app_jobs_forget(app, screen);
		screen->below = app->dead;
		app->dead = screen;
	}
}

void
app_free(struct app **app)
{
	if (!*app)
		return;
	app_unlock(*app);
	/* jobs may use what their screens own, and these hold jobs; nothing is
	 * shown any more */
	app_jobs_join(*app);
	while ((*app)->top)
		kill_top(*app);
	kill_kept(*app);
	app_bury(*app);
	app_jobs_end(*app);
	for (size_t i = 0; i < APP_MESSAGES_MAX; i++)
		free((*app)->message[i].text);
	if ((*app)->event_fd >= 0)
		close((*app)->event_fd);
	free(*app);
	*app = NULL;
}

struct world *
app_world(struct app *app)
{
	return app->params.world;
}

struct session *
app_session(struct app *app)
{
	return app->params.session;
}

struct app_port *
app_port(struct app *app)
{
	return app->params.port;
}

struct store *
app_store(struct app *app)
{
	return app->store;
}

int64_t
app_now_ms(struct app *app)
{
	return clock_now_ms(app->params.world->clock);
}

int64_t
app_steady_ms(struct app *app)
{
	return clock_steady_ms(app->params.world->clock);
}

/* ---- Stack ---------------------------------------------------------------- */

static void
shown(struct app *app)
{
	app->wants |= APP_PAINT;
	app->screen_due = 0;
	if (app->top && app->top->ops->shown)
		app->top->ops->shown(app->top);
	app_schedule(app);
}

void
app_push(struct app *app, struct screen *screen)
{
	screen->app = app;
	screen->below = app->top;
	app->top = screen;
	shown(app);
}

static bool
is_on_stack(const struct app *app, const struct screen *screen)
{
	const struct screen *s = app->top;

	while (s && s != screen)
		s = s->below;
	return s != NULL;
}

void
app_pop(struct app *app, struct screen *screen)
{
	struct screen *below = screen->below;

	if (!is_on_stack(app, screen))
		return;
	while (app->top != below)
		kill_top(app);
	shown(app);
}

void
app_replace(struct app *app, struct screen *screen)
{
	while (app->top)
		kill_top(app);
	app_push(app, screen);
}

void
app_lock(struct app *app, struct screen *screen)
{
	if (app->locked) {
		screen->app = app;
		screen->below = app->dead;
		app->dead = screen;
		return;
	}
	app->locked = true;
	app->under = app->top;
	app->top = NULL;
	app_hush(app);
	app_push(app, screen);
}

void
app_unlock(struct app *app)
{
	if (!app->locked)
		return;
	while (app->top)
		kill_top(app);
	app->top = app->under;
	app->under = NULL;
	app->locked = false;
	app_redraw(app);
	shown(app);
}

bool
app_is_locked(const struct app *app)
{
	return app->locked;
}

void
app_swap(struct app *app)
{
	struct screen *top = app->top;

	app->top = app->under;
	app->under = top;
}

bool
app_enter_stack(struct app *app, const struct screen *screen)
{
	if (!app->locked || !screen || is_on_stack(app, screen))
		return false;
	app_swap(app);
	return true;
}

void
app_bury(struct app *app)
{
	struct screen *screen;

	while ((screen = app->dead)) {
		app->dead = screen->below;
		screen->ops->close(screen);
	}
}

static struct screen *
find_in(struct screen *screen, const char *name)
{
	while (screen && strcmp(screen->ops->name, name) != 0)
		screen = screen->below;
	return screen;
}

struct screen *
app_find(struct app *app, const char *name)
{
	struct screen *found = find_in(app->top, name);

	if (!found)
		found = find_in(app->under, name);
	return found ? found : find_in(app->kept, name);
}

bool
app_is_kept(const struct app *app, const struct screen *screen)
{
	const struct screen *s = app->kept;

	while (s && s != screen)
		s = s->below;
	return s != NULL;
}

void
app_resume(struct app *app, struct screen *screen)
{
	struct screen **at = &app->kept;

	while (*at && *at != screen)
		at = &(*at)->below;
	if (!*at)
		return;
	*at = screen->below;
	app_push(app, screen);
}

struct screen *
app_top(struct app *app)
{
	return app->top;
}

struct screen *
app_base(struct app *app)
{
	struct screen *screen = app->top;

	while (screen && screen->ops->shape == SCREEN_OVERLAY)
		screen = screen->below;
	return screen;
}

bool
app_may_leave(struct app *app)
{
	for (struct screen *s = app->top; s; s = s->below) {
		if (s->ops->may_leave && !s->ops->may_leave(s))
			return false;
	}
	return true;
}

void
app_end(struct app *app, int status)
{
	app->has_ended = true;
	app->status = status;
}

bool
app_has_ended(const struct app *app, int *status)
{
	*status = app->status;
	return app->has_ended;
}

void
app_redraw(struct app *app)
{
	app->wants = APP_REPAINT;
}

enum app_wants
app_wants(struct app *app)
{
	enum app_wants wants = app->wants;

	app->wants = APP_NOTHING;
	return wants;
}

/* ---- Messages ------------------------------------------------------------- */

void
app_say(struct app *app, enum say say, const char *text)
{
	struct app_message *message =
	    &app->message[app->message_count++ % APP_MESSAGES_MAX];
	struct buf safe = BUF_INIT;

	ui_text(&safe, span_of(text));
	free(message->text);
	message->text = mem_text(buf_span(&safe));
	message->say = say;
	message->at_ms = app_now_ms(app);
	app->message_shown = true;
	app->message_due = 0;
	app->message_until = app_steady_ms(app) + MESSAGE_MIN_MS;
	app->wants |= APP_PAINT;
	buf_done(&safe);
}

void
app_sayf(struct app *app, enum say say, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		app_say(app, say, text);
	free(text);
}

void
app_say_err(struct app *app, const struct err *err)
{
	struct buf text = BUF_INIT;

	err_text(err, &text);
	app_say(app, SAY_ERROR, text.ptr ? text.ptr : "");
	buf_done(&text);
}

void
app_hush(struct app *app)
{
	if (app->message_shown)
		app->wants |= APP_PAINT;
	app->message_shown = false;
	app->message_due = 0;
}

const struct app_message *
app_message(struct app *app, size_t index)
{
	size_t kept = app->message_count < APP_MESSAGES_MAX ? app->message_count
							    : APP_MESSAGES_MAX;

	if (index >= kept)
		return NULL;
	return &app->message[(app->message_count - 1 - index) %
			     APP_MESSAGES_MAX];
}

/* ---- Actions -------------------------------------------------------------- */

static int
section_of(enum action action)
{
	if (action < ACT_SECTION_1 || action > ACT_SECTION_8)
		return 0;
	return (int)(action - ACT_SECTION_1) + 1;
}

static const char *
suspend_why_not(struct app *app)
{
	if (!app->params.port || !app->params.port->suspend)
		return _("There is no shell to go back to.");
	if (app->params.hooks->suspend_why_not)
		return app->params.hooks->suspend_why_not(app);
	return NULL;
}

static const char *
detach_why_not(struct app *app)
{
	if (!app->params.port || !app->params.port->detach ||
	    !app->params.hooks->detach_why_not)
		return _("This program ends with its terminal.");
	return app->params.hooks->detach_why_not(app);
}

bool
app_has_action(struct app *app, enum action action)
{
	const struct app_hooks *hooks = app->params.hooks;

	return !action_is_of_drill(action) ||
	       (hooks->has_drill && hooks->has_drill(app));
}

const char *
app_why_not(struct app *app, struct screen *screen, enum action action)
{
	const struct app_hooks *hooks = app->params.hooks;
	int section = section_of(action);

	if ((screen && !action_is_on(action, screen->ops->name)) ||
	    !app_has_action(app, action))
		return _("This screen cannot do that.");
	if (app->store) {
		enum permission need =
		    permit_of(action, screen ? screen->ops->name : "");

		if (need != MAY_VIEW && !app_may(app, need))
			return app_may_why_not(app, need);
	}
	if (section && !hooks->section)
		return _("There are no sections here.");
	if (section && hooks->section_why_not)
		return hooks->section_why_not(app, section);
	if (action == ACT_LOCK && !hooks->lock)
		return _("There is nothing to lock yet.");
	if (action == ACT_SUSPEND)
		return suspend_why_not(app);
	if (action == ACT_DETACH || action == ACT_DELIVERY_DETACH)
		return detach_why_not(app);
	if (screen && screen->ops->why_not)
		return screen->ops->why_not(screen, action);
	return NULL;
}

static void
go_back(struct app *app, struct screen *screen)
{
	if (screen->ops->may_leave && !screen->ops->may_leave(screen))
		return;
	if (screen->below)
		app_pop(app, screen);
	else if (app->params.hooks->section && screen->ops->section > 1)
		app->params.hooks->section(app, 1);
	else if (app->params.hooks->quit)
		app->params.hooks->quit(app);
	else
		app_end(app, 0);
}

static void
leave(struct app *app)
{
	if (app->params.hooks->quit)
		app->params.hooks->quit(app);
	else if (app_may_leave(app))
		app_end(app, 0);
}

/* What the app itself knows how to do. */
static void
act_common(struct app *app, struct screen *screen, enum action action)
{
	int section = section_of(action);

	if (section) {
		if (app_may_leave(app))
			app->params.hooks->section(app, section);
	} else if (action == ACT_HELP) {
		help_open(app);
	} else if (action == ACT_PALETTE) {
		palette_open(app, PALETTE_ALL);
	} else if (action == ACT_MENU) {
		palette_open(app, PALETTE_SCREEN);
	} else if (action == ACT_MESSAGES) {
		messages_open(app);
	} else if (action == ACT_BACK) {
		go_back(app, screen);
	} else if (action == ACT_REDRAW) {
		app_redraw(app);
	} else if (action == ACT_LOCK) {
		app->params.hooks->lock(app);
	} else if (action == ACT_SUSPEND) {
		if (app->params.hooks->lock)
			app->params.hooks->lock(app);
		app->params.port->suspend(app->params.port);
	} else if (action == ACT_DETACH || action == ACT_DELIVERY_DETACH) {
		app->params.port->detach(app->params.port);
	} else if (action == ACT_QUIT) {
		leave(app);
	} else if (action == ACT_CANCEL) {
		app_say(app, SAY_INFO, _("Nothing is running here."));
	} else if (action_is_of_drill(action)) {
		app->params.hooks->drill(app, action);
	}
}

static void
act(struct app *app, struct screen *screen, enum action action)
{
	const char *why = app_why_not(app, screen, action);

	if (why)
		app_say(app, SAY_WARN, why);
	else if (!screen->ops->act ||
		 screen->ops->act(screen, action) == UNUSED)
		act_common(app, screen, action);
}

void
app_act(struct app *app, enum action action)
{
	struct screen *screen = app_base(app);

	if (screen)
		act(app, screen, action);
}

static void
say_paste_ignored(struct app *app, const struct key *key)
{
	char count[24];

	snprintf(count, sizeof count, "%zu", key->paste.len);
	app_sayf(app, SAY_INFO, _("Pasted text was ignored here (%s octets)."),
	    count);
}

static void
key_to_action(struct app *app, struct screen *screen, const struct key *key)
{
	struct key folded = key_folded(key);
	enum action action = action_for_key(&folded, screen->ops->name);

	if (action != ACT_NONE && app_has_action(app, action))
		act(app, screen, action);
	else if (key->code == K_PASTE)
		say_paste_ignored(app, key);
	else if (key->code == K_CHAR && key->cp >= 0x3041 && key->cp <= 0x30ff)
		app_say(app, SAY_INFO,
		    _("The input method is on; commands want letters."));
}

void
app_key(struct app *app, const struct key *key)
{
	struct screen *screen = app->top;
	int64_t now = app_steady_ms(app);

	app->last_key_ms = now;
	/* what was said meanwhile is for who unlocks */
	if (now >= app->message_until && !app->locked)
		app_hush(app);
	else if (app->message_shown && key->code != K_RESIZE)
		app->message_due = app->message_until;
	app->wants |= APP_PAINT;
	if (!screen || key->code == K_RESIZE)
		return;
	if (!screen->ops->key || screen->ops->key(screen, key) == UNUSED)
		key_to_action(app, screen, key);
	app_bury(app);
	app_schedule(app);
}

/* ---- Timers --------------------------------------------------------------- */

static int64_t
due_in(int64_t now, int64_t old, int wait_ms)
{
	if (wait_ms <= 0)
		return 0;
	if (old > now && old <= now + wait_ms)
		return old;
	return now + wait_ms;
}

void
app_schedule(struct app *app)
{
	int64_t now = app_steady_ms(app);
	int screen_ms = 0, status_ms = 0;

	if (app->top && app->top->ops->tick_ms)
		screen_ms = app->top->ops->tick_ms(app->top);
	if (app->params.hooks->status_ms)
		status_ms = app->params.hooks->status_ms(app);
	app->screen_due = due_in(now, app->screen_due, screen_ms);
	app->status_due = due_in(now, app->status_due, status_ms);
}

static int64_t
idle_due(const struct app *app)
{
	if (!app->params.idle_lock_ms || !app->params.hooks->lock)
		return 0;
	return app->last_key_ms + app->params.idle_lock_ms;
}

int
app_next_ms(struct app *app)
{
	int64_t now = app_steady_ms(app), first = 0, wait;
	int64_t due[4] = {app->screen_due, app->status_due, idle_due(app),
	    app->locked ? 0 : app->message_due};

	for (size_t i = 0; i < 4; i++) {
		if (due[i] && (!first || due[i] < first))
			first = due[i];
	}
	if (!first)
		return -1;
	wait = first > now ? first - now : 0;
	return wait > INT32_MAX ? INT32_MAX : (int)wait;
}

void
app_timers(struct app *app)
{
	int64_t now = app_steady_ms(app);

	if (app->screen_due && now >= app->screen_due) {
		app->screen_due = 0;
		if (app->top && app->top->ops->tick)
			app->top->ops->tick(app->top);
		app->wants |= APP_PAINT;
	}
	if (app->status_due && now >= app->status_due) {
		app->status_due = 0;
		if (app->params.hooks->status_tick)
			app->params.hooks->status_tick(app);
		app->wants |= APP_PAINT;
	}
	if (app->message_due && now >= app->message_due && !app->locked)
		app_hush(app);
	if (idle_due(app) && now >= idle_due(app)) {
		app->last_key_ms = now;
		app->params.hooks->lock(app);
	}
	app_bury(app);
	app_schedule(app);
}

void
app_terminal_lost(struct app *app)
{
	if (app->params.hooks->lock)
		app->params.hooks->lock(app);
	app_bury(app);
}

/* ---- Programs, look ------------------------------------------------------- */

int
app_run(struct app *app, char *const argv[], struct err *err)
{
	int status = 0;

	if (!app->params.port)
		return err_set(err, E_TERM_NONE);
	if (app->params.port->run(app->params.port, argv, &status, err) < 0)
		return -1;
	app_redraw(app);
	if (status == 0)
		return 0;
	err_set(err, E_TERM_PROGRAM);
	err_fact(err, "path", span_of(argv[0]));
	return err_fact_int(err, "status",
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

char **
app_editor_argv(const char *path)
{
	enum { WORDS_MAX = 16 };
	const char *editor = getenv("VISUAL");
	struct span rest, word;
	size_t count = 0, room;
	char **argv, *text;

	if (!editor || !*editor)
		editor = getenv("EDITOR");
	if (!editor || !*editor)
		editor = "vi";
	room = (WORDS_MAX + 2) * sizeof *argv + strlen(editor) + 1 +
	       strlen(path) + 1;
	argv = mem_new(room);
	text = (char *)(argv + WORDS_MAX + 2);
	rest = span_of(editor);
	while (rest.len > 0 && count < WORDS_MAX) {
		word = span_cut(&rest, ' ');
		if (word.len == 0)
			continue;
		argv[count++] = memcpy(text, word.ptr, word.len);
		text += word.len + 1;
	}
	argv[count] = memcpy(text, path, strlen(path));
	return argv;
}

const struct theme *
app_theme(struct app *app)
{
	return &app->theme;
}

const struct theme_places *
app_theme_places(struct app *app)
{
	return &app->params.places;
}

int
app_theme_use(struct app *app, const char *id, struct err *err)
{
	struct theme theme;

	if (theme_load(&app->params.places, id, &theme, err) < 0)
		return -1;
	app->theme = theme;
	app_redraw(app);
	return 0;
}

void
app_set_idle_lock(struct app *app, int ms)
{
	app->params.idle_lock_ms = ms;
}
