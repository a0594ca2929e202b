/* The page on which an export is described: of whom, which columns, in which
 * form, encrypted how, into which file, and why.  It counts live what would be
 * written; ^N counts once more, says what CP932 would lose, and then writes or
 * asks for a second person. */
#include "tui/screens/export.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/crumb.h"
#include "tui/screens/import_path.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/form.h"

enum {
	F_COLUMNS, /* not of one person */
	F_CHARSET,
	F_PATH,
	F_REASON,
	F_SEAL,
	F_CERTIFICATE, /* shown with that encryption */
	F_COUNT
};

enum { COLUMNS_ALL, COLUMNS_NAME, COLUMNS_CHOSEN, COLUMNS_WAYS };
enum { TICK_MS = 250, FORM_ROW = 5, FORM_ROWS = 10, LABEL_CELLS = 16 };

struct export_screen {
	struct screen base;
	struct export_plan plan;
	struct export_policy policy;
	struct form *form;
	struct buf proposed; /* the path, until the user types another */
	struct export_facts facts;
	bool is_counted;
	struct buf fault;  /* why it cannot be counted; empty: it can */
	struct buf holder; /* of the certificate */
	int64_t asked;     /* number of the newest count */
	struct job *look, *job;
	/* Data of these jobs: only while the job is there. */
	struct export_work *looking, *work;
};

static struct export_screen *
export_of(struct screen *screen)
{
	return (struct export_screen *)screen;
}

/* ---- The form --------------------------------------------------------------- */

static void
check_path(struct span text, struct buf *why)
{
	struct buf path = BUF_INIT;

	path_expand(text, &path);
	if (!path.len || path.ptr[0] != '/')
		buf_text(why, _("The path begins with a slash."));
	else if (path.ptr[path.len - 1] == '/')
		buf_text(why, _("A name is missing behind the last slash."));
	buf_done(&path);
}

static void
check_reason(struct span text, struct buf *why)
{
	struct err err = {.code = E_NONE};

	if (export_reason_check(span_trim(text), &err) < 0)
		err_text(&err, why);
}

static void
check_certificate(struct span text, struct buf *why)
{
	if (!span_trim(text).len)
		buf_text(why, _("Name the file of the certificate."));
}

static const char *const charsets[] = {
    N_("UTF-8 with a mark, for any spreadsheet"), N_("CP932 (Shift_JIS)"),
    NULL};
static const char *const ways[] = {N_("everything that is known"),
    N_("address, status and name"), N_("chosen ones"), NULL};

static const struct field_spec fields[F_COUNT] = {
    [F_COLUMNS] = {.label = N_("Columns"),
	.kind = FIELD_CHOICE,
	.choices = ways,
	.cols = 46,
	.hint = N_("Take no more than is needed. Enter chooses one by one.")},
    [F_CHARSET] = {.label = N_("Format"),
	.kind = FIELD_CHOICE,
	.choices = charsets,
	.cols = 46,
	.hint = N_("CSV. CP932 loses characters; before that you are told "
		   "which.")},
    [F_PATH] = {.label = N_("File"),
	.kind = FIELD_TEXT,
	.max = 1000,
	.hint = N_("Readable by you alone. A file that is there is never "
		   "replaced."),
	.check = check_path},
    [F_REASON] = {.label = N_("Reason"),
	.kind = FIELD_TEXT,
	.max = EXPORT_REASON_MAX,
	.hint = N_("For whom and what for; it goes into the log, so no "
		   "addresses."),
	.check = check_reason},
    [F_SEAL] = {.label = N_("Encryption"),
	.kind = FIELD_CHOICE,
	.cols = 46,
	.hint = N_("A passphrase is shown once, at the end; a "
		   "certificate needs none.")},
    [F_CERTIFICATE] = {.label = N_("Certificate"),
	.kind = FIELD_TEXT,
	.max = 1000,
	.hint = N_("A file, PEM or DER; its owner alone can open the export."),
	.check = check_certificate},
};

/* The first field that this export has: of one person no column is chosen. */
static int
first_field(const struct export_screen *self)
{
	return self->plan.order.scope == EXPORT_PERSON ? F_CHARSET : F_COLUMNS;
}

static int
at(const struct export_screen *self, int field)
{
	return field - first_field(self);
}

static bool
has_certificate(const struct export_screen *self)
{
	return self->plan.order.seal == EXPORT_BY_CERTIFICATE;
}

static int
columns_way(const struct export_order *order)
{
	if (order->parts == EXPORT_ALL_PARTS && !order->fields.len)
		return COLUMNS_ALL;
	return order->parts == EXPORT_NAME ? COLUMNS_NAME : COLUMNS_CHOSEN;
}

/* What is chosen is told in its own words. */
static void
set_ways(struct export_screen *self)
{
	struct export_order *order = &self->plan.order;
	struct buf chosen = BUF_INIT;
	const char *words[COLUMNS_WAYS] = {
	    _("everything that is known"), _("address, status and name")};
	int way = columns_way(order);

	if (first_field(self) != F_COLUMNS)
		return;
	if (way == COLUMNS_CHOSEN)
		export_say_columns(order, &chosen);
	else
		buf_text(&chosen, _("chosen ones"));
	words[COLUMNS_CHOSEN] = chosen.ptr;
	form_set_choices(self->form, F_COLUMNS, words, COLUMNS_WAYS);
	form_set_choice(self->form, F_COLUMNS, way);
	buf_done(&chosen);
}

static void
set_seals(struct export_screen *self)
{
	const char *words[EXPORT_SEALS];
	size_t count = 0;

	for (int i = 0; i < EXPORT_SEALS; i++) {
		if (i != EXPORT_PLAIN || self->policy.plain)
			words[count++] = export_seal_word((enum export_seal)i);
	}
	form_set_choices(self->form, at(self, F_SEAL), words, count);
	form_set_choice(
	    self->form, at(self, F_SEAL), (int)self->plan.order.seal);
}

/* The name follows the encryption until somebody types another. */
static void
propose_path(struct export_screen *self)
{
	struct span typed = form_text(self->form, at(self, F_PATH));

	if (!span_equal(typed, buf_span(&self->proposed)))
		return;
	buf_clear(&self->proposed);
	export_plan_path(
	    &self->plan, app_now_ms(self->base.app), &self->proposed);
	form_set(self->form, at(self, F_PATH), buf_span(&self->proposed));
}

/* A form with or without the certificate, with what stands in the plan. */
static void
make_form(struct export_screen *self, int focus)
{
	int count = has_certificate(self) ? F_COUNT : F_CERTIFICATE;
	struct export_plan *plan = &self->plan;

	form_free(&self->form);
	self->form = form_new(
	    &fields[first_field(self)], (size_t)(count - first_field(self)));
	form_set_choice(
	    self->form, at(self, F_CHARSET), (int)plan->order.charset);
	form_set(self->form, at(self, F_PATH), buf_span(&plan->path));
	form_set(self->form, at(self, F_REASON), buf_span(&plan->order.reason));
	if (has_certificate(self))
		form_set(self->form, at(self, F_CERTIFICATE),
		    buf_span(&plan->certificate));
	set_ways(self);
	set_seals(self);
	propose_path(self);
	form_set_focus(self->form, at(self, focus));
}

static void
take(struct buf *to, struct span text)
{
	buf_clear(to);
	buf_add(to, text);
}

static void
take_form(struct export_screen *self)
{
	struct export_plan *plan = &self->plan;
	struct form *form = self->form;

	plan->order.charset =
	    (enum export_charset)form_choice(form, at(self, F_CHARSET));
	take(&plan->path, form_text(form, at(self, F_PATH)));
	take(&plan->order.reason,
	    span_trim(form_text(form, at(self, F_REASON))));
	if (has_certificate(self))
		take(&plan->certificate,
		    form_text(form, at(self, F_CERTIFICATE)));
}

/* ---- Counting --------------------------------------------------------------- */

static void
count(struct export_screen *self)
{
	struct export_work *work =
	    export_work_new(self->base.app, EXPORT_JOB_LOOK, &self->plan);
	struct err err = {.code = E_NONE};

	if (self->look)
		job_cancel(self->look);
	work->number = ++self->asked;
	self->looking = work;
	self->is_counted = false;
	if (export_work_start(&self->base, work, &self->look, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
take_facts(struct export_screen *self, struct export_work *work)
{
	export_facts_done(&self->facts);
	self->facts = work->facts;
	work->facts = (struct export_facts){.people = 0};
	self->is_counted = true;
	buf_clear(&self->fault);
}

static void
counted(struct export_screen *self, struct export_work *work, int rc,
    const struct err *err)
{
	if (work->number != self->asked)
		return;
	self->look = NULL;
	if (rc == 0) {
		take_facts(self, work);
	} else if (err->code != E_CANCELLED) {
		buf_clear(&self->fault);
		err_text(err, &self->fault);
	}
}

/* ---- Going on --------------------------------------------------------------- */

static void
start(struct export_screen *self, enum export_deed deed)
{
	struct err err = {.code = E_NONE};

	self->work = export_work_new(self->base.app, deed, &self->plan);
	if (export_work_start(&self->base, self->work, &self->job, &err) < 0) {
		self->job = NULL;
		app_say_err(self->base.app, &err);
	}
}

static void
number_typed(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1)
		start(export_of(owner), EXPORT_JOB_WRITE);
}

static void
second_wanted(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1)
		start(export_of(owner), EXPORT_JOB_ASK);
}

static void
ask_second(struct export_screen *self)
{
	struct buf text = BUF_INIT, people = BUF_INIT, over = BUF_INIT;

	format_count(&people, self->facts.people);
	format_count(&over, self->policy.over);
	if (self->facts.need == EXPORT_BY_SUM)
		buf_printf(&text,
		    _("%s people, with those you have exported within a day "
		      "more than %s: a second person must approve it."),
		    people.ptr, over.ptr);
	else
		buf_printf(&text,
		    _("%s people, more than %s: a second person must approve "
		      "it."),
		    people.ptr, over.ptr);
	buf_text(&text, "\n");
	buf_text(
	    &text, _("They read of whom, which columns, in which form and why. "
		     "Nothing is written before."));
	dialog_confirm(&self->base,
	    &(struct dialog){.title = _("Ask for a second person"),
		.text = text.ptr,
		.done = second_wanted},
	    _("Ask"));
	buf_done(&text);
	buf_done(&people);
	buf_done(&over);
}

static void
decide(struct export_screen *self)
{
	if (self->facts.need == EXPORT_ALONE)
		export_confirm(
		    &self->base, &self->plan, self->facts.people, number_typed);
	else
		ask_second(self);
}

static void
lossy_chosen(struct screen *owner, enum export_lossy answer)
{
	struct export_screen *self = export_of(owner);

	if (answer == EXPORT_LOSSY_UTF8) {
		self->plan.order.charset = EXPORT_UTF8;
		self->plan.order.lost = 0;
		form_set_choice(
		    self->form, at(self, F_CHARSET), (int)EXPORT_UTF8);
	} else {
		self->plan.order.lost = self->facts.lost;
	}
	decide(self);
}

/* The report takes its columns over; the numbers stay. */
static void
prepared(struct export_screen *self, struct export_work *work)
{
	take_facts(self, work);
	take(&self->holder, buf_span(&work->holder));
	take(&self->plan.order.certificate,
	    buf_span(&work->plan.order.certificate));
	self->plan.order.lost = 0;
	if (self->plan.order.charset == EXPORT_CP932 && self->facts.lost > 0)
		export_loss_open(&self->base, &self->facts, lossy_chosen);
	else
		decide(self);
}

/* An error that belongs to a field stands under it. */
static void
blame(struct export_screen *self, const struct err *err)
{
	struct buf text = BUF_INIT;
	int field = -1;

	if (err->code == E_FILE_EXISTS)
		field = at(self, F_PATH);
	else if (err->code == E_EXPORT_FIELD &&
		 !strcmp(err_find(err, "field"), "certificate") &&
		 has_certificate(self))
		field = at(self, F_CERTIFICATE);
	if (field < 0) {
		app_say_err(self->base.app, err);
		return;
	}
	err_text(err, &text);
	form_set_error(self->form, field, text.ptr);
	form_set_focus(self->form, field);
	buf_done(&text);
}

static void
asked(struct export_screen *self, const struct export_work *work)
{
	self->plan.request = work->request;
	app_pop(self->base.app, &self->base);
	export_wait_open(self->base.app, &self->plan);
}

static void
written(struct export_screen *self, struct export_work *work)
{
	app_pop(self->base.app, &self->base);
	export_made_open(
	    self->base.app, &self->plan, &work->made, &work->passphrase);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct export_screen *self = export_of(screen);
	struct export_work *work = data;

	if (work->deed == EXPORT_JOB_LOOK) {
		counted(self, work, rc, err);
		return;
	}
	if (job == self->job)
		self->job = NULL;
	if (rc < 0)
		blame(self, err);
	else if (work->deed == EXPORT_JOB_PREPARE)
		prepared(self, work);
	else if (work->deed == EXPORT_JOB_ASK)
		asked(self, work);
	else
		written(self, work);
}

static void
go_on(struct export_screen *self)
{
	struct buf path = BUF_INIT;

	take_form(self);
	if (form_check(self->form) >= 0)
		return;
	path_expand(buf_span(&self->plan.path), &path);
	take(&self->plan.path, buf_span(&path));
	buf_done(&path);
	start(self, EXPORT_JOB_PREPARE);
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	crumb_add(screen, SPAN(""), _("Export"), out);
}

static void
line(struct area a, int row, const char *label, enum role role,
    struct span value)
{
	draw_fit(a, row, 2, LABEL_CELLS, ROLE_DIM, FIT_END, span_of(label));
	draw_fit(a, row, 2 + LABEL_CELLS, a.cols - LABEL_CELLS - 4, role,
	    FIT_END, value);
}

static void
draw_people(struct export_screen *self, struct area a, int row)
{
	struct buf text = BUF_INIT, count = BUF_INIT;

	if (self->fault.len) {
		line(a, row, _("Persons"), ROLE_ERR, buf_span(&self->fault));
	} else if (!self->is_counted) {
		int64_t done = self->look ? self->looking->watch.done : 0;

		format_count(&count, done);
		buf_printf(&text, _("counting.. %s"), count.ptr);
		line(a, row, _("Persons"), ROLE_DIM, buf_span(&text));
	} else {
		format_count(&text, self->facts.people);
		if (self->facts.stopped) {
			format_count(&count, self->facts.stopped);
			buf_printf(&text,
			    _("; on the stop list, and marked so: %s"),
			    count.ptr);
		}
		line(a, row, _("Persons"), ROLE_HEAD, buf_span(&text));
	}
	buf_done(&text);
	buf_done(&count);
}

static void
draw_need(struct export_screen *self, struct area a, int row)
{
	struct buf text = BUF_INIT, over = BUF_INIT;

	if (!self->is_counted)
		return;
	format_count(&over, self->policy.over);
	if (self->facts.need == EXPORT_ALONE)
		buf_printf(&text, _("not needed up to %s people"), over.ptr);
	else if (self->facts.need == EXPORT_BY_SUM)
		buf_printf(&text,
		    _("must approve: with what you exported today it is more "
		      "than %s"),
		    over.ptr);
	else
		buf_printf(
		    &text, _("must approve: it is more than %s"), over.ptr);
	line(a, row, _("Second person"),
	    self->facts.need == EXPORT_ALONE ? ROLE_TEXT : ROLE_WARN,
	    buf_span(&text));
	buf_done(&text);
	buf_done(&over);
}

/* What the format would cost, as far as it was counted. */
static void
draw_loss(struct export_screen *self, struct area a, int row)
{
	struct buf text = BUF_INIT, count = BUF_INIT;

	if (!self->is_counted || self->plan.order.charset != EXPORT_CP932)
		return;
	format_count(&count, self->facts.lost);
	buf_printf(
	    &text, _("! CP932 would lose characters in %s cells."), count.ptr);
	if (self->facts.lost)
		draw_text(a, row, 2, ROLE_WARN, buf_span(&text));
	else
		draw_str(a, row, 2, ROLE_OK,
		    _("+ CP932 has every character of it."));
	buf_done(&text);
	buf_done(&count);
}

static void
draw(struct screen *screen, struct area body)
{
	struct export_screen *self = export_of(screen);
	struct buf what = BUF_INIT;

	export_plan_what(&self->plan, &what);
	line(body, 1, _("Export of"), ROLE_TITLE, buf_span(&what));
	draw_people(self, body, 2);
	draw_need(self, body, 3);
	form_draw(self->form, area_rows(body, FORM_ROW, FORM_ROWS),
	    self->job ? FOCUS_OFF : FOCUS_ON);
	if (self->job) {
		export_work_draw(self->work, body, FORM_ROW + FORM_ROWS + 1);
	} else {
		draw_loss(self, body, FORM_ROW + FORM_ROWS);
		draw_wrapped(area_cols(body, 0, -2), FORM_ROW + FORM_ROWS + 2,
		    2, ROLE_DIM,
		    span_of(_("Every row carries a mark of who has exported it "
			      "and when. Cells that a spreadsheet would "
			      "calculate are made text.")));
	}
	buf_done(&what);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct export_screen *self = export_of(screen);

	if (self->job)
		buf_text(out, _("^C stops; then nothing is written."));
	else
		buf_text(out, _("Nothing has left the store yet."));
}

/* Takes over what a field that counts says now. */
static void
changed(struct export_screen *self)
{
	struct export_order *order = &self->plan.order;
	int focus = form_focus(self->form) + first_field(self);
	enum export_seal seal = order->seal;

	take_form(self);
	if (focus == F_SEAL) {
		order->seal =
		    (enum export_seal)form_choice(self->form, at(self, F_SEAL));
		if (order->seal != seal)
			make_form(self, F_SEAL);
	} else if (focus == F_CHARSET) {
		count(self);
	} else if (focus == F_COLUMNS && first_field(self) == F_COLUMNS) {
		int way = form_choice(self->form, F_COLUMNS);

		buf_clear(&order->fields);
		order->parts =
		    way == COLUMNS_NAME ? EXPORT_NAME : EXPORT_ALL_PARTS;
		count(self);
	}
}

static void
columns_chosen(struct screen *owner)
{
	struct export_screen *self = export_of(owner);

	set_ways(self);
	count(self);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct export_screen *self = export_of(screen);
	enum form_did did;

	if (self->job)
		return UNUSED;
	if (first_field(self) == F_COLUMNS &&
	    form_focus(self->form) == F_COLUMNS && key->code == K_ENTER) {
		export_columns_open(screen, &self->plan.order, columns_chosen);
		return USED;
	}
	did = form_key(self->form, key);
	if (did == FORM_CHANGED)
		changed(self);
	return did == FORM_UNUSED ? UNUSED : USED;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct export_screen *self = export_of(screen);

	if (action == ACT_EXPORT_GO)
		go_on(self);
	else if (action == ACT_CANCEL && self->job)
		job_cancel(self->job);
	else if (action == ACT_EXPORT_BACK)
		app_pop(screen->app, screen);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct export_screen *self = export_of(screen);

	if (action == ACT_EXPORT_BACK && self->job)
		return _("One moment: ^C stops the work first.");
	if (action != ACT_EXPORT_GO)
		return NULL;
	if (self->job)
		return _("One moment, please.");
	return app_may_why_not(screen->app, MAY_LIST_EXPORT);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action rest[] = {
	    ACT_EXPORT_GO, ACT_EXPORT_BACK, ACT_NONE};
	static const enum action busy[] = {ACT_CANCEL, ACT_NONE};

	return export_of(screen)->job ? busy : rest;
}

static int
tick_ms(struct screen *screen)
{
	struct export_screen *self = export_of(screen);

	return self->job || self->look ? TICK_MS : 0;
}

/* The numbers come from the jobs themselves when it is drawn. */
static void
tick(struct screen *screen)
{
	(void)screen;
}

/* The other language has other words for what is chosen. */
static void
shown(struct screen *screen)
{
	struct export_screen *self = export_of(screen);

	set_ways(self);
	set_seals(self);
}

static void
close_export(struct screen *screen)
{
	struct export_screen *self = export_of(screen);

	export_plan_done(&self->plan);
	export_facts_done(&self->facts);
	form_free(&self->form);
	buf_done(&self->proposed);
	buf_done(&self->fault);
	buf_done(&self->holder);
	free(self);
}

static const struct screen_ops export_ops = {
    .name = "export",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_export,
};

/* ---- Coming in -------------------------------------------------------------- */

/* False when policy lets nobody export, which was said then. */
static bool
is_allowed(struct app *app, struct export_policy *policy)
{
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	int rc = store_view_open(app_store(app), &db, &err);

	if (rc == 0)
		rc = export_policy_read(db, policy, &err);
	store_reader_close(&db);
	if (rc == 0 && !policy->allowed)
		rc = err_set(&err, E_EXPORT_FORBIDDEN);
	if (rc < 0)
		app_say_err(app, &err);
	return rc == 0;
}

void
export_again_open(struct app *app, struct export_plan *plan)
{
	struct export_policy policy;
	struct export_screen *self;

	if (!is_allowed(app, &policy))
		return;
	self = mem_new(sizeof *self);
	self->base.ops = &export_ops;
	self->policy = policy;
	self->plan = *plan;
	*plan = EXPORT_PLAN_INIT;
	self->plan.request = 0;
	self->plan.order.lost = 0;
	if (self->plan.order.seal == EXPORT_PLAIN && !policy.plain)
		self->plan.order.seal = EXPORT_BY_PASSPHRASE;
	/* what is proposed is the path that stands there */
	take(&self->proposed, buf_span(&self->plan.path));
	self->base.app = app;
	make_form(self, first_field(self));
	take_form(self);
	app_push(app, &self->base);
	count(self);
}

void
export_open(struct app *app, const struct export_order *order, struct span name)
{
	struct export_plan plan = EXPORT_PLAN_INIT;

	export_order_copy(&plan.order, order);
	buf_add(&plan.name, name);
	export_again_open(app, &plan);
	export_plan_done(&plan);
}
