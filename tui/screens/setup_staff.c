/* Who may get test mail: a list kept by hand, so that a test can go to nobody
 * else. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/mail/address.h"
#include "core/review/review.h"
#include "tui/screens/setup.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct staff_page {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct staff *staff;
	size_t count;
	struct buf added;   /* of the row last read */
	struct buf address; /* being added */
	int64_t removing;   /* id */
};

static const struct list_column columns[] = {
    {N_("Address"), 0, 28, 0, FIT_MIDDLE},
    {N_("Name"), 22, 0, 0, FIT_END},
    {N_("Added"), 11, 0, 0, FIT_END},
    {N_("By"), 12, 0, 1, FIT_END},
};

static struct staff_page *
of_source(struct list_source *source)
{
	return (struct staff_page *)((char *)source -
				     offsetof(struct staff_page, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct staff_page *self = of_source(source);
	const struct staff *one = &self->staff[index];

	buf_clear(&self->added);
	format_date(&self->added, one->added_ms);
	out->key = one->id;
	out->cell[0] = span_of(one->address);
	out->cell[1] = span_of(one->name);
	out->cell[2] = buf_span(&self->added);
	out->cell[3] = span_of(one->added_by);
	return true;
}

static void
shown(struct screen *screen)
{
	struct staff_page *self = (struct staff_page *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	free(self->staff);
	self->staff = NULL;
	self->count = 0;
	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    staff_all(db, &self->staff, &self->count, &err) < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	list_refresh(self->list);
}

/* ---- Changes ------------------------------------------------------------------ */

struct change {
	struct store *store; /* borrowed */
	int64_t remove;      /* id; 0: add */
	struct buf address, name;
};

static int
change_run(struct job *job, void *data, struct err *err)
{
	struct change *self = data;

	(void)job;
	if (self->remove)
		return staff_remove(self->store, self->remove, err);
	return staff_add(
	    self->store, buf_span(&self->address), buf_span(&self->name), err);
}

static void
change_free(void *data)
{
	struct change *self = data;

	buf_done(&self->address);
	buf_done(&self->name);
	free(self);
}

static const struct job_ops change_ops = {
    .run = change_run, .free = change_free};

static void
start(struct staff_page *self, int64_t remove, struct span name)
{
	struct change *change = mem_new(sizeof *change);
	struct err err = {.code = E_NONE};

	change->store = app_store(self->base.app);
	change->remove = remove;
	buf_add(&change->address, buf_span(&self->address));
	buf_add(&change->name, name);
	if (app_job(self->base.app, &self->base, &change_ops, change, NULL,
		&err) < 0)
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
	else if (change->remove)
		app_say(screen->app, SAY_OK, _("The address is removed."));
	else
		app_say(screen->app, SAY_OK,
		    _("The address is registered: it may get test mail."));
	shown(screen);
}

static void
name_given(struct screen *owner, int answer, struct span text)
{
	if (answer == 1)
		start((struct staff_page *)owner, 0, text);
}

static void
address_given(struct screen *owner, int answer, struct span text)
{
	struct staff_page *self = (struct staff_page *)owner;

	if (answer != 1)
		return;
	buf_clear(&self->address);
	buf_add(&self->address, text);
	dialog_ask(owner,
	    &(struct dialog){
		.title = _("A staff address: name"),
		.text = _("Whose address it is; may be left empty."),
		.done = name_given,
	    },
	    LINE_TEXT, SPAN(""), NULL);
}

static void
check_address(struct span text, struct buf *why)
{
	struct arena *arena = arena_new();
	struct err err = {.code = E_NONE};
	struct address address;

	if (address_parse(text, arena, &address, &err) < 0)
		err_text(&err, why);
	arena_free(&arena);
}

static void
ask_address(struct staff_page *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("A new staff address"),
		.text = _("Somebody of your own house who may read mails "
			  "before they are sent."),
		.done = address_given,
	    },
	    LINE_TEXT, SPAN(""), check_address);
}

static void
removal_given(struct screen *owner, int answer, struct span text)
{
	struct staff_page *self = (struct staff_page *)owner;

	(void)text;
	if (answer == 1)
		start(self, self->removing, SPAN(""));
}

static void
ask_removal(struct staff_page *self)
{
	if (list_cursor(self->list, &self->removing))
		dialog_confirm(&self->base,
		    &(struct dialog){
			.title = _("Remove a staff address"),
			.text = _("It gets no test mail any more. Tests that "
				  "were sent stay in the record."),
			.done = removal_given,
		    },
		    _("Remove"));
}

/* ---- The screen --------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Staff for test mail"));
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct staff_page *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Test mail goes to these addresses and nowhere else."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct staff_page *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct staff_page *self = (struct staff_page *)screen;

	if (action == ACT_SETUP_NEW)
		ask_address(self);
	else if (action == ACT_SETUP_REMOVE)
		ask_removal(self);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct staff_page *self = (struct staff_page *)screen;

	if (action == ACT_SETUP_REMOVE && !self->count)
		return _("There is no address yet; n registers one.");
	if ((action == ACT_SETUP_NEW || action == ACT_SETUP_REMOVE) &&
	    app_has_job(screen->app, screen))
		return _("One moment: this is being read or written.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_NEW, ACT_SETUP_REMOVE, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_staff(struct screen *screen)
{
	struct staff_page *self = (struct staff_page *)screen;

	list_free(&self->list);
	free(self->staff);
	buf_done(&self->added);
	buf_done(&self->address);
	free(self);
}

static const struct screen_ops staff_ops = {
    .name = "setup-staff",
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
    .close = close_staff,
};

void
setup_staff_open(struct app *app)
{
	struct staff_page *self = mem_new(sizeof *self);

	self->base.ops = &staff_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("No address yet. Press n and register your own first: the "
	       "checklist asks for codes out of a test mail."));
	app_push(app, &self->base);
}
