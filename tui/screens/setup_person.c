/* One person's rights as a form.  Saving asks who sits here to sign in again,
 * then a job writes the row; core refuses what would leave nobody in charge or
 * keep the user out. */
#include "tui/screens/setup_person.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/setup.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/i18n.h"

enum {
	F_LOGIN,
	F_HEAD_ROLES,
	F_ROLE, /* the first of PERSON_ROLES */
	F_HEAD_MORE = F_ROLE + PERSON_ROLES,
	F_MASKED,
	F_NETWORKS,
	F_DISABLED,
	F_COUNT
};

enum { NO, YES };

struct person_page {
	struct screen base;
	struct form *form;
	struct person person;
};

static const char *const answers[] = {N_("no"), N_("yes"), NULL};

static void
check_networks(struct span text, struct buf *why)
{
	struct buf lines = BUF_INIT;

	for (size_t i = 0; i < text.len; i++)
		buf_char(&lines, text.ptr[i] == ' ' ? '\n' : text.ptr[i]);
	setup_check("access.networks", buf_span(&lines), why);
	buf_done(&lines);
}

#define ASK(name, words, tip)                                                  \
	[name] = {.label = (words),                                            \
	    .kind = FIELD_CHOICE,                                              \
	    .choices = answers,                                                \
	    .hint = (tip)}

static const struct field_spec fields[F_COUNT] = {
    [F_LOGIN] = {.label = N_("Login"), .kind = FIELD_SHOWN},
    [F_HEAD_ROLES] = {.label = N_("Roles"), .kind = FIELD_GAP},
    ASK(F_ROLE, N_("Administrator"),
	N_("Settings, policy, people, relays, keys; no personal data.")),
    ASK(F_ROLE + 1, N_("Operator"),
	N_("Lists, campaigns, checks, seal, launch.")),
    ASK(F_ROLE + 2, N_("Approver"),
	N_("Approves what somebody else has sealed.")),
    ASK(F_ROLE + 3, N_("Viewer"),
	N_("Sees lists, campaigns and reports, personal data masked.")),
    ASK(F_ROLE + 4, N_("Auditor"),
	N_("Reads and reviews the log, makes evidence packs.")),
    [F_HEAD_MORE] = {.label = N_("More"), .kind = FIELD_GAP},
    ASK(F_MASKED, N_("Data masked"),
	N_("Sees personal data masked, whatever the roles say.")),
    [F_NETWORKS] = {.label = N_("From networks"),
	.kind = FIELD_TEXT,
	.max = PERSON_NETWORKS_MAX,
	.hint = N_("With blanks between them; empty: as the policy says."),
	.check = check_networks},
    ASK(F_DISABLED, N_("Disabled"),
	N_("Cannot sign in any more; what was done stays in the log.")),
};

const char *
setup_role_word(enum person_role role)
{
	for (int i = 0; i < PERSON_ROLES; i++) {
		if (role == (enum person_role)(1 << i))
			return _(fields[F_ROLE + i].label);
	}
	return "";
}

static void
swap_marks(struct buf *out, struct span text, char from, char to)
{
	for (size_t i = 0; i < text.len; i++)
		buf_char(out, text.ptr[i] == from ? to : text.ptr[i]);
}

static void
fill(struct person_page *self)
{
	struct buf networks = BUF_INIT;

	swap_marks(&networks, span_of(self->person.networks), '\n', ' ');
	form_set(self->form, F_LOGIN, span_of(self->person.login));
	for (int i = 0; i < PERSON_ROLES; i++)
		form_set_choice(self->form, F_ROLE + i,
		    self->person.roles >> i & 1 ? YES : NO);
	form_set_choice(self->form, F_MASKED, self->person.masked ? YES : NO);
	form_set_choice(
	    self->form, F_DISABLED, self->person.disabled ? YES : NO);
	form_set(self->form, F_NETWORKS, buf_span(&networks));
	form_set_saved(self->form);
	if (!self->person.added_ms)
		form_set_changed(self->form);
	buf_done(&networks);
}

static void
collect(struct person_page *self)
{
	struct buf networks = BUF_INIT;

	self->person.roles = 0;
	for (int i = 0; i < PERSON_ROLES; i++) {
		if (form_choice(self->form, F_ROLE + i) == YES)
			self->person.roles |= 1u << i;
	}
	self->person.masked = form_choice(self->form, F_MASKED) == YES;
	self->person.disabled = form_choice(self->form, F_DISABLED) == YES;
	swap_marks(
	    &networks, span_trim(form_text(self->form, F_NETWORKS)), ' ', '\n');
	span_text(self->person.networks, sizeof self->person.networks,
	    buf_span(&networks));
	buf_done(&networks);
}

/* ---- Saving ------------------------------------------------------------------------ */

struct saving {
	struct store *store; /* borrowed */
	struct person person;
	struct origin place;
};

static int
saving_run(struct job *job, void *data, struct err *err)
{
	struct saving *self = data;

	(void)job;
	return person_save(self->store, &self->person, &self->place, err);
}

static const struct job_ops saving_ops = {.run = saving_run, .free = free};

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct person_page *self = (struct person_page *)screen;

	(void)job;
	(void)data;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	form_set_saved(self->form);
	app_person_read(screen->app);
	app_say(screen->app, SAY_OK, _("Saved."));
}

static void
signed_in(struct screen *owner, enum stepup_end end)
{
	struct person_page *self = (struct person_page *)owner;
	struct saving *saving;
	struct err err = {.code = E_NONE};

	if (end != STEPUP_GRANTED) {
		app_say(owner->app, SAY_INFO, _("Nothing was changed."));
		return;
	}
	saving = mem_new(sizeof *saving);
	saving->store = app_store(owner->app);
	saving->person = self->person;
	saving->place = app_session(owner->app)->place;
	if (app_job(owner->app, owner, &saving_ops, saving, NULL, &err) < 0)
		app_say_err(owner->app, &err);
}

static void
save(struct person_page *self)
{
	const char *why = app_may_why_not(self->base.app, MAY_PEOPLE_WRITE);

	if (why) {
		app_say(self->base.app, SAY_WARN, why);
		return;
	}
	if (form_check(self->form) >= 0)
		return;
	collect(self);
	stepup_open(&self->base, STEPUP_POLICY, signed_in);
}

/* ---- The screen --------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	buf_text(out, ((struct person_page *)screen)->person.login);
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	if (form_is_changed(((struct person_page *)screen)->form))
		buf_text(out, _("not saved"));
}

static void
draw(struct screen *screen, struct area body)
{
	form_draw(((struct person_page *)screen)->form, area_cols(body, 1, 78),
	    FOCUS_ON);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct person_page *self = (struct person_page *)screen;

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
		save((struct person_page *)screen);
	else if (action == ACT_SETUP_BACK)
		app_act(screen->app, ACT_BACK);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if (action == ACT_SETUP_SAVE && app_has_job(screen->app, screen))
		return _("One moment: this is being read or written.");
	return NULL;
}

static bool
may_leave(struct screen *screen)
{
	return setup_may_leave(screen, ((struct person_page *)screen)->form);
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
close_person(struct screen *screen)
{
	struct person_page *self = (struct person_page *)screen;

	form_free(&self->form);
	free(self);
}

static const struct screen_ops person_ops = {
    .name = "setup-person",
    .section = 8,
    .title = title,
    .subtitle = subtitle,
    .draw = draw,
    .key = key,
    .act = act,
    .why_not = why_not,
    .may_leave = may_leave,
    .footer = footer,
    .job_done = job_done,
    .close = close_person,
};

void
setup_person_open(struct app *app, const struct person *person)
{
	struct person_page *self = mem_new(sizeof *self);

	self->base.ops = &person_ops;
	self->person = *person;
	self->form = form_new(fields, F_COUNT);
	app_push(app, &self->base);
	fill(self);
}
