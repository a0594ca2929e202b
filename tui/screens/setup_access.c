/* When the screen locks, and what failed sign-ins lead to.  The pause works
 * before a store is open, from a file beside it: saving brings it up to date
 * (setup_save()). */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/setup.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

struct access_page {
	struct screen base;
	struct form *form;
};

static void
check_lock(struct span text, struct buf *why)
{
	setup_check("lock.minutes", text, why);
}

static void
check_failures(struct span text, struct buf *why)
{
	setup_check("login.max_failures", text, why);
}

static void
check_window(struct span text, struct buf *why)
{
	setup_check("login.window_minutes", text, why);
}

static void
check_pause(struct span text, struct buf *why)
{
	setup_check("login.pause_minutes", text, why);
}

enum {
	F_HEAD_LOCK,
	F_LOCK,
	F_HEAD_LOGIN,
	F_FAILURES,
	F_WINDOW,
	F_PAUSE,
	F_COUNT
};

#define NUMBER(name, words, tip, checker)                                      \
	[name] = {.label = (words),                                            \
	    .kind = FIELD_NUMBER,                                              \
	    .cols = 8,                                                         \
	    .max = 4,                                                          \
	    .hint = (tip),                                                     \
	    .check = (checker)}

static const struct field_spec fields[F_COUNT] = {
    [F_HEAD_LOCK] = {.label = N_("Lock"), .kind = FIELD_GAP},
    NUMBER(F_LOCK, N_("Minutes without a key"),
	N_("After them the screen locks. Valid at once."), check_lock),
    [F_HEAD_LOGIN] = {.label = N_("Failed sign-ins"), .kind = FIELD_GAP},
    NUMBER(F_FAILURES, N_("Tries before a pause"),
	N_("Wrong passwords and wrong passphrases count."), check_failures),
    NUMBER(F_WINDOW, N_("Counted within minutes"),
	N_("Older failed tries are forgotten."), check_window),
    NUMBER(F_PAUSE, N_("Minutes of pause"),
	N_("Nobody can sign in as this user meanwhile."), check_pause),
};

const struct setup_field setup_access_fields[] = {
    {F_LOCK, "lock.minutes"},
    {F_FAILURES, "login.max_failures"},
    {F_WINDOW, "login.window_minutes"},
    {F_PAUSE, "login.pause_minutes"},
    {0, NULL},
};

static void
save(struct access_page *self)
{
	struct setup_changes *changes;
	struct err err = {.code = E_NONE};

	if (form_check(self->form) >= 0)
		return;
	changes = setup_changes_new(self->base.app);
	setup_change_fields(changes, self->form, setup_access_fields);
	if (setup_save(&self->base, &changes, &err) < 0)
		app_say_err(self->base.app, &err);
}

/* The job's own value: the field may have been typed in since. */
static void
use_lock(struct app *app, const struct setup_changes *changes)
{
	int64_t minutes;

	for (int i = 0; i < changes->count; i++) {
		if (!strcmp(changes->name[i], "lock.minutes") &&
		    span_int(buf_span(&changes->value[i]), &minutes))
			app_set_idle_lock(app, (int)minutes * 60000);
	}
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	use_lock(screen->app, data);
	form_set_saved(((struct access_page *)screen)->form);
	app_say(screen->app, SAY_OK, _("Saved."));
}

/* ---- The screen ------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Sign-in and lock"));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	if (form_is_changed(((struct access_page *)screen)->form))
		buf_text(out, _("not saved"));
}

static void
draw(struct screen *screen, struct area body)
{
	form_draw(((struct access_page *)screen)->form, area_cols(body, 1, 78),
	    FOCUS_ON);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct access_page *self = (struct access_page *)screen;

	switch (form_key(self->form, key)) {
	case FORM_PRESSED:
		save(self);
		return USED;
	case FORM_USED:
	case FORM_CHANGED:
		return USED;
	case FORM_UNUSED:
		break;
	}
	return UNUSED;
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action == ACT_SETUP_SAVE)
		save((struct access_page *)screen);
	else if (action == ACT_SETUP_BACK)
		app_act(screen->app, ACT_BACK);
	else
		return UNUSED;
	return USED;
}

static bool
may_leave(struct screen *screen)
{
	return setup_may_leave(screen, ((struct access_page *)screen)->form);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_SAVE, ACT_SETUP_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_access(struct screen *screen)
{
	struct access_page *self = (struct access_page *)screen;

	form_free(&self->form);
	free(self);
}

static const struct screen_ops access_ops = {
    .name = "setup-access",
    .section = 8,
    .title = title,
    .subtitle = subtitle,
    .draw = draw,
    .key = key,
    .act = act,
    .may_leave = may_leave,
    .footer = footer,
    .job_done = job_done,
    .close = close_access,
};

void
setup_access_open(struct app *app)
{
	struct access_page *self = mem_new(sizeof *self);

	self->base.ops = &access_ops;
	self->form = form_new(fields, F_COUNT);
	app_push(app, &self->base);
	setup_load(&self->base, self->form, setup_access_fields);
}
