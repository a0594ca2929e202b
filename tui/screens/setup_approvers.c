/* Whose keys may sign approvals.  A request is confirmed by typing the last
 * digits of a fingerprint that its owner reads out: they are not shown here, so
 * that nobody confirms a key without having talked to its owner. */
#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "tui/screens/setup.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { SHOWN_DIGITS = 70 }; /* of FINGERPRINT_TEXT: all but the last eight */

struct approvers {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct approver_key *key;
	size_t count;
	struct buf when;
	int64_t chosen; /* id */
};

static const struct list_column columns[] = {
    {N_("Login"), 12, 0, 0, FIT_END},
    {N_("State"), 14, 0, 0, FIT_END},
    {N_("State since"), 11, 0, 1, FIT_END},
    {N_("By"), 0, 10, 2, FIT_END},
};

static struct approvers *
of_source(struct list_source *source)
{
	return (struct approvers *)((char *)source -
				    offsetof(struct approvers, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static const char *
state_word(const struct approver_key *key)
{
	if (key->altered)
		return _("altered");
	switch (key->state) {
	case APPROVER_ASKED:
		return _("asked for");
	case APPROVER_CONFIRMED:
		return _("confirmed");
	case APPROVER_REFUSED:
		return _("refused");
	default:
		return _("revoked");
	}
}

static enum role
state_role(const struct approver_key *key)
{
	if (key->altered)
		return ROLE_ERR;
	if (key->state == APPROVER_ASKED)
		return ROLE_WARN;
	return key->state == APPROVER_CONFIRMED ? ROLE_OK : ROLE_DIM;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct approvers *self = of_source(source);
	const struct approver_key *key = &self->key[index];

	buf_clear(&self->when);
	format_date(
	    &self->when, key->decided_ms ? key->decided_ms : key->asked_ms);
	out->key = key->id;
	out->cell[0] = span_of(key->login);
	out->cell[1] = span_of(state_word(key));
	out->cell_role[1] = state_role(key);
	out->cell[2] = buf_span(&self->when);
	out->cell[3] = span_of(key->decided_by);
	return true;
}

static void
shown(struct screen *screen)
{
	struct approvers *self = (struct approvers *)screen;
	struct store *store = app_store(screen->app);
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	free(self->key);
	self->key = NULL;
	self->count = 0;
	if (store_view_open(store, &db, &err) < 0 ||
	    approver_all(store, db, &self->key, &self->count, &err) < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	list_refresh(self->list);
}

static const struct approver_key *
chosen(struct approvers *self)
{
	int64_t id;

	if (!list_cursor(self->list, &id))
		return NULL;
	for (size_t i = 0; i < self->count; i++) {
		if (self->key[i].id == id)
			return &self->key[i];
	}
	return NULL;
}

/* ---- Changes ------------------------------------------------------------------ */

struct change {
	struct store *store; /* borrowed */
	int64_t id;
	bool confirms;
	struct buf digits;
};

/* Who may sign is who may be an approver: a matter of people. */
static int
change_run(struct job *job, void *data, struct err *err)
{
	struct change *self = data;

	(void)job;
	if (person_require(self->store, NULL, MAY_PEOPLE_WRITE, err) < 0)
		return -1;
	if (self->confirms)
		return approver_confirm(
		    self->store, self->id, buf_span(&self->digits), err);
	return approver_revoke(self->store, self->id, err);
}

static void
change_free(void *data)
{
	struct change *self = data;

	buf_done(&self->digits);
	free(self);
}

static const struct job_ops change_ops = {
    .run = change_run, .free = change_free};

static struct change *
new_change(struct approvers *self)
{
	struct change *change = mem_new(sizeof *change);

	change->store = app_store(self->base.app);
	change->id = self->chosen;
	return change;
}

static void
start(struct approvers *self, struct change *change)
{
	struct err err = {.code = E_NONE};

	if (stepup_job(
		&self->base, STEPUP_SETUP, &change_ops, change, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	const struct change *change = data;

	(void)job;
	if (rc < 0)
		app_say_err(screen->app, err);
	else if (change->confirms)
		app_say(screen->app, SAY_OK,
		    _("The key is confirmed: its owner can sign approvals."));
	else
		app_say(screen->app, SAY_OK,
		    _("The key counts for nothing any more."));
	shown(screen);
}

static void
digits_given(struct screen *owner, int answer, struct span text)
{
	struct approvers *self = (struct approvers *)owner;
	struct change *change;

	if (answer != 1)
		return;
	change = new_change(self);
	change->confirms = true;
	buf_add(&change->digits, text);
	start(self, change);
}

static void
revoke_answered(struct screen *owner, int answer, struct span text)
{
	struct approvers *self = (struct approvers *)owner;

	(void)text;
	if (answer == 1)
		start(self, new_change(self));
}

static void
ask_digits(struct approvers *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("Confirm a key"),
		.text = _("Talk to its owner, who reads the last eight digits "
			  "of the fingerprint out. Type them."),
		.done = digits_given,
	    },
	    LINE_TEXT, SPAN(""), NULL);
}

static void
ask_revoke(struct approvers *self)
{
	dialog_confirm(&self->base,
	    &(struct dialog){
		.title = _("Revoke a key"),
		.text = _("Approvals that it has signed open no launch any "
			  "more; they stay in the record."),
		.done = revoke_answered,
	    },
	    _("Revoke"));
}

/* ---- The screen --------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Approvers' keys"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct approvers *self = (struct approvers *)screen;
	const struct approver_key *key = chosen(self);
	char print[FINGERPRINT_TEXT + 1];

	list_draw(self->list, area_rows(body, 0, -4), FOCUS_ON);
	if (!key)
		return;
	signer_fingerprint(&key->key, print);
	if (key->state == APPROVER_ASKED)
		snprintf(print + SHOWN_DIGITS, sizeof print - SHOWN_DIGITS,
		    ".... ....");
	draw_str(body, body.rows - 3, 1, ROLE_DIM, _("Fingerprint of the key"));
	draw_text(body, body.rows - 2, 1, ROLE_TEXT,
	    span_slice(span_of(print), 0, FINGERPRINT_TEXT));
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out,
	    _("An approver makes a key with \"sekisho approve --make-key\"."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct approvers *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct approvers *self = (struct approvers *)screen;

	if (action != ACT_SETUP_OPEN && action != ACT_SETUP_REMOVE)
		return UNUSED;
	list_cursor(self->list, &self->chosen);
	if (action == ACT_SETUP_OPEN)
		ask_digits(self);
	else
		ask_revoke(self);
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct approvers *self = (struct approvers *)screen;
	const struct approver_key *one = chosen(self);

	if (action != ACT_SETUP_OPEN && action != ACT_SETUP_REMOVE)
		return NULL;
	if (!one)
		return _("There is no key yet.");
	if (app_has_job(screen->app, screen))
		return _("One moment: this is being read or written.");
	if (action == ACT_SETUP_OPEN && one->state != APPROVER_ASKED)
		return _("Only a key that is asked for can be confirmed.");
	if (action == ACT_SETUP_REMOVE &&
	    (one->state == APPROVER_REFUSED || one->state == APPROVER_REVOKED))
		return _("This key counts for nothing already.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_OPEN, ACT_SETUP_REMOVE, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_approvers(struct screen *screen)
{
	struct approvers *self = (struct approvers *)screen;

	list_free(&self->list);
	free(self->key);
	buf_done(&self->when);
	free(self);
}

static const struct screen_ops approvers_ops = {
    .name = "setup-approvers",
    .section = 8,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_approvers,
};

void
setup_approvers_open(struct app *app)
{
	struct approvers *self = mem_new(sizeof *self);

	self->base.ops = &approvers_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("No approver has asked for a key to be registered. They do it "
	       "with: sekisho approve --make-key"));
	app_push(app, &self->base);
}
