/* The review of the people: who may do what, when they were here last, which
 * keys they have; an administrator confirms that it is right. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/report/report.h"
#include "tui/app.h"
#include "tui/screens/screens.h"
#include "tui/screens/stepup.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct peoplereview {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct access_row *row;
	size_t count;
	struct oversight_due due;
	struct job *job;
	struct buf remark;
	struct buf cell[3];
};

struct work {
	struct store *store;    /* borrowed */
	struct access_row *row; /* a copy */
	size_t count;
	struct buf remark;
};

static const struct list_column columns[] = {
    {N_("Login"), 14, 0, 0, FIT_END},
    {N_("Last sign-in"), 16, 0, 1, FIT_END},
    {N_("Keys"), 5, 0, 2, FIT_RIGHT},
    {N_("Roles"), 0, 20, 0, FIT_END},
};

static const struct {
	enum person_role role;
	const char *word;
} roles[] = {
    {PERSON_ADMINISTRATOR, N_("administrator")},
    {PERSON_OPERATOR, N_("operator")},
    {PERSON_APPROVER, N_("approver")},
    {PERSON_VIEWER, N_("viewer")},
    {PERSON_AUDITOR, N_("auditor")},
};

/* ---- Rows ------------------------------------------------------------------------ */

static struct peoplereview *
of_source(struct list_source *source)
{
	return (struct peoplereview *)((char *)source -
				       offsetof(struct peoplereview, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static void
add_roles(const struct person *person, struct buf *out)
{
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		if (!(person->roles & (unsigned)roles[i].role))
			continue;
		buf_text(out, out->len ? ", " : "");
		buf_text(out, _(roles[i].word));
	}
	if (person->disabled) {
		buf_text(out, out->len ? ", " : "");
		buf_text(out, _("locked out"));
	}
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct peoplereview *self = of_source(source);
	const struct access_row *row;

	if (index < 0 || index >= count(source))
		return false;
	row = &self->row[index];
	for (int i = 0; i < 3; i++)
		buf_clear(&self->cell[i]);
	if (row->last_ms)
		format_minute(&self->cell[0], row->last_ms);
	else
		buf_text(&self->cell[0], _("not yet"));
	buf_int(&self->cell[1], row->keys);
	add_roles(&row->person, &self->cell[2]);
	out->key = index;
	out->role = row->person.disabled ? ROLE_DIM : ROLE_TEXT;
	out->cell[0] = span_of(row->person.login);
	out->cell[1] = buf_span(&self->cell[0]);
	out->cell[2] = buf_span(&self->cell[1]);
	out->cell[3] = buf_span(&self->cell[2]);
	return true;
}

static void
shown(struct screen *screen)
{
	struct peoplereview *self = (struct peoplereview *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	if (self->job)
		return;
	free(self->row);
	self->row = NULL;
	self->count = 0;
	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    oversight_due(db, OVERSIGHT_ACCESS, app_now_ms(screen->app),
		&self->due, &err) < 0 ||
	    oversight_people(db, &self->row, &self->count, &err) < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	list_refresh(self->list);
}

/* ---- Signing --------------------------------------------------------------------- */

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;

	(void)job;
	return oversight_sign_access(work->store, work->row, work->count,
	    work->remark.len ? work->remark.ptr : "", "pam", err);
}

static void
work_free(void *data)
{
	struct work *work = data;

	free(work->row);
	buf_done(&work->remark);
	free(work);
}

static const struct job_ops work_ops = {.run = work_run, .free = work_free};

static void
signed_in(struct screen *owner, enum stepup_end end)
{
	struct peoplereview *self = (struct peoplereview *)owner;
	struct err err = {.code = E_NONE};
	struct work *work;

	if (end != STEPUP_GRANTED)
		return;
	work = mem_new(sizeof *work);
	work->store = app_store(owner->app);
	work->count = self->count;
	work->row = mem_array(self->count + 1, sizeof *work->row);
	for (size_t i = 0; i < self->count; i++)
		work->row[i] = self->row[i];
	buf_add(&work->remark, buf_span(&self->remark));
	if (app_job(owner->app, owner, &work_ops, work, &self->job, &err) < 0) {
		self->job = NULL;
		app_say_err(owner->app, &err);
	}
}

static void
remarked(struct screen *owner, int answer, struct span text)
{
	struct peoplereview *self = (struct peoplereview *)owner;

	if (answer != 1)
		return;
	buf_clear(&self->remark);
	buf_add(&self->remark, span_slice(span_trim(text), 0, REMARK_MAX));
	stepup_open(owner, STEPUP_REVIEW, signed_in);
}

static void
ask(struct peoplereview *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Confirm the people"),
		.text = _("You confirm that these people and roles are right. "
			  "A remark, or nothing:"),
		.done = remarked},
	    LINE_TEXT, buf_span(&self->remark), NULL);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct peoplereview *self = (struct peoplereview *)screen;

	(void)job;
	(void)data;
	self->job = NULL;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	app_say(screen->app, SAY_OK,
	    _("Signed and kept; the log holds its digest."));
	app_pop(screen->app, screen);
}

/* ---- Screen ------------------------------------------------------------------------ */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Review of the people"));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	struct peoplereview *self = (struct peoplereview *)screen;
	struct buf at = BUF_INIT;

	if (self->due.last_ms) {
		format_minute(&at, self->due.last_ms);
		buf_printf(out, _("last %s by %s"), at.ptr, self->due.by);
	} else {
		buf_text(out, _("never reviewed"));
	}
	buf_done(&at);
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct peoplereview *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct peoplereview *self = (struct peoplereview *)screen;
	struct buf at = BUF_INIT;

	if (self->due.due_ms) {
		format_date(&at, self->due.due_ms);
		buf_printf(out,
		    self->due.overdue ? _("It was due on %s.")
				      : _("It is due on %s."),
		    at.ptr);
	}
	buf_done(&at);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct peoplereview *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action != ACT_REVIEW_SIGN)
		return UNUSED;
	ask((struct peoplereview *)screen);
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct peoplereview *self = (struct peoplereview *)screen;

	if (action != ACT_REVIEW_SIGN)
		return NULL;
	if (self->job)
		return _("One moment, please.");
	if (self->count == 0)
		return _("Nobody is registered yet.");
	return app_may_why_not(screen->app, MAY_PEOPLE_WRITE);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_REVIEW_SIGN, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_peoplereview(struct screen *screen)
{
	struct peoplereview *self = (struct peoplereview *)screen;

	free(self->row);
	list_free(&self->list);
	buf_done(&self->remark);
	for (int i = 0; i < 3; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static const struct screen_ops peoplereview_ops = {
    .name = "peoplereview",
    .section = 7,
    .title = title,
    .subtitle = subtitle,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_peoplereview,
};

void
peoplereview_open(struct app *app)
{
	struct peoplereview *self = mem_new(sizeof *self);

	self->base.ops = &peoplereview_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list, N_("Nobody is registered yet."));
	app_push(app, &self->base);
}
