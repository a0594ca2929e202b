/* The members of a list, however many.  A job brings the ids of those that
 * match the filter, first the first hundred; a row is read when it is shown.
 * While a filter is at work the old rows stay. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/export/export.h"
#include "tui/screens/contacts_impl.h"
#include "tui/screens/record.h"
#include "tui/screens/screens.h"
#include "tui/screens/tags.h"
#include "tui/screens/trash_text.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { PANE_FROM_COLS = 110, PANE_COLS = 38 };

const struct contact_row *
contacts_selected(struct contacts *self)
{
	return rows_at(&self->rows, list_cursor_index(self->list));
}

/* ---- Jobs ----------------------------------------------------------------- */

static struct contacts_task *
task_new(struct contacts *self, enum contacts_task_kind kind, struct span text,
    struct span reason)
{
	struct contacts_task *task = mem_new(sizeof *task);

	task->kind = kind;
	task->store = app_store(self->base.app);
	task->list = self->rows.list;
	task->text = mem_text(text);
	task->reason = mem_text(reason);
	task->generation = self->generation;
	task->who = self->about;
	task->view.order = self->view.order;
	task->view.way = self->view.way;
	if (kind == TASK_VIEW)
		buf_add(&task->view.columns, buf_span(&self->view.columns));
	if (kind == TASK_SEARCH && self->roster)
		task->roster = roster_hold(self->roster);
	return task;
}

struct job *
contacts_start(struct contacts *self, enum contacts_task_kind kind,
    struct span text, struct span reason)
{
	static const struct job_ops ops = {
	    .run = contacts_task_run, .free = contacts_task_free};
	struct err err = {.code = E_NONE};
	struct job *job = NULL;

	if (app_job(self->base.app, &self->base, &ops,
		task_new(self, kind, text, reason), &job, &err) < 0)
		app_say_err(self->base.app, &err);
	return job;
}

/* Drops a roster that is of before; reads one for a long list without. */
static void
roster_check(struct contacts *self)
{
	struct store *store = app_store(self->base.app);

	if (self->roster && !roster_is_current(store, self->roster))
		roster_drop(&self->roster);
	if (self->roster || self->reading || !self->all_there ||
	    self->rows.all.count < ROSTER_FROM)
		return;
	self->reading =
	    contacts_start(self, TASK_ROSTER, SPAN(""), SPAN("")) != NULL;
}

static void
search_start(struct contacts *self, struct span filter)
{
	roster_check(self);
	if (self->search)
		job_cancel(self->search);
	self->generation++;
	self->searching = true;
	self->sorting = false;
	self->so_far = 0;
	self->search = contacts_start(self, TASK_SEARCH, filter, SPAN(""));
}

/* Takes ids over as what is shown now. */
static void
take_ids(struct contacts *self, struct contacts_task *task, struct ids *taken)
{
	struct rows *rows = &self->rows;
	int64_t key = 0;
	bool had = list_cursor(self->list, &key);

	rows->filtered = *task->text != '\0';
	ids_take(rows->filtered ? &rows->match : &rows->all, taken);
	if (!rows->filtered)
		self->all_there = false;
	self->loaded = true;
	rows_forget(rows);
	list_refresh(self->list);
	if (!had || rows->source.find(&rows->source, key) < 0)
		list_cursor_index_set(self->list, 0);
}

static void
job_news(struct screen *screen, struct job *job, void *data)
{
	struct contacts *self = (struct contacts *)screen;
	struct contacts_task *task = data;

	if (job == self->many.job || task->generation != self->generation)
		return;
	self->so_far = atomic_load(&task->so_far);
	self->sorting = atomic_load(&task->sorting);
	if (task->first.id)
		take_ids(self, task, &task->first);
}

static void
search_done(struct contacts *self, struct contacts_task *task, int rc,
    const struct err *err)
{
	if (task->generation != self->generation)
		return;
	self->search = NULL;
	self->searching = false;
	buf_clear(&self->fault);
	if (rc == 0) {
		take_ids(self, task, &task->found);
		self->all_there |= !self->rows.filtered;
		roster_check(self);
	} else if (err->code >= E_FILTER_LONG && err->code <= E_FILTER_MASKED) {
		err_text(err, &self->fault);
	} else if (err->code != E_CANCELLED) {
		app_say_err(self->base.app, err);
	}
}

void
contacts_read_again(struct contacts *self)
{
	self->all_there = false;
	self->summary_of.v = 0;
	contacts_start(self, TASK_NAME, SPAN(""), SPAN(""));
	search_start(self, filter_field_span(&self->filter));
}

static void
undone(struct contacts *self, const struct trash_job *work, int rc,
    const struct err *err)
{
	if (rc < 0) {
		app_say_err(self->base.app, err);
		return;
	}
	trash_say_back(self->base.app, &work->back);
	contacts_read_again(self);
}

/* Without a roster filters are slow, not wrong: its errors are not told. */
static void
roster_done(struct contacts *self, struct contacts_task *task)
{
	self->reading = false;
	roster_drop(&self->roster);
	self->roster = task->roster;
	task->roster = NULL;
}

static void columns_chosen(struct screen *owner, const struct columns *columns);

/* What was done with one person. */
static void
say_one(struct contacts *self, const struct contacts_task *task)
{
	struct app *app = self->base.app;

	if (task->kind == TASK_SAVE)
		app_sayf(
		    app, SAY_OK, _("The segment %s is saved."), task->reason);
	else if (task->kind == TASK_DELETE || task->kind == TASK_LEAVE)
		app_sayf(app, SAY_OK,
		    task->kind == TASK_DELETE
			? _("%s is in the trash; u brings the contact back.")
			: _("%s is off this list; u takes that back."),
		    task->text);
	else
		app_sayf(app, SAY_OK,
		    task->kind == TASK_STOP ? _("%s is never mailed again.")
					    : _("%s may be mailed again."),
		    task->text);
}

static void
task_done(struct contacts *self, struct contacts_task *task)
{
	switch (task->kind) {
	case TASK_NAME:
		self->info = task->info;
		break;
	case TASK_FIELDS:
		columns_choose(&self->base, &self->rows.columns, task->name,
		    task->names, columns_chosen);
		break;
	case TASK_VIEW:
		break;
	case TASK_DELETE:
	case TASK_LEAVE:
		tag_done_free(&self->many.done);
		say_one(self, task);
		contacts_read_again(self);
		break;
	default:
		say_one(self, task);
		self->summary_of.v = 0;
		rows_forget(&self->rows);
		break;
	}
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct contacts *self = (struct contacts *)screen;
	struct contacts_task *task = data;

	if (many_done(self, job, data, rc, err))
		return;
	if (job == self->undoing) {
		self->undoing = NULL;
		undone(self, data, rc, err);
	} else if (task->kind == TASK_SEARCH) {
		search_done(self, task, rc, err);
	} else if (task->kind == TASK_ROSTER) {
		roster_done(self, task);
	} else if (rc < 0) {
		app_say_err(screen->app, err);
	} else {
		task_done(self, task);
	}
}

/* ---- Filter --------------------------------------------------------------- */

static void
filter_ended(struct contacts *self)
{
	buf_clear(&self->fault);
	if (self->search)
		job_cancel(self->search);
	self->generation++;
	self->searching = false;
	self->search = NULL;
	self->rows.filtered = false;
	if (!self->all_there)
		search_start(self, SPAN(""));
	rows_forget(&self->rows);
	list_refresh(self->list);
}

static void
filter_clear(struct contacts *self)
{
	filter_field_close(&self->filter);
	filter_ended(self);
}

static int
tick_ms(struct screen *screen)
{
	return filter_field_wait(
	    &((struct contacts *)screen)->filter, app_steady_ms(screen->app));
}

static void
tick(struct screen *screen)
{
	struct contacts *self = (struct contacts *)screen;

	if (filter_field_due(&self->filter, app_steady_ms(screen->app)))
		search_start(self, filter_field_span(&self->filter));
}

/* ---- Order and columns ---------------------------------------------------- */

static const struct {
	const char *label;
	enum contact_order order;
	enum contact_way way;
} orders[] = {
    {N_("As they came in"), CONTACT_BY_ID, CONTACT_UP},
    {N_("Address"), CONTACT_BY_ADDRESS, CONTACT_UP},
    {N_("Address, backwards"), CONTACT_BY_ADDRESS, CONTACT_DOWN},
    {N_("Name"), CONTACT_BY_NAME, CONTACT_UP},
    {N_("Name, backwards"), CONTACT_BY_NAME, CONTACT_DOWN},
    {N_("Status: who can be mailed first"), CONTACT_BY_STATUS, CONTACT_UP},
    {N_("Status: who is stopped first"), CONTACT_BY_STATUS, CONTACT_DOWN},
    {N_("Consent, oldest first"), CONTACT_BY_CONSENT, CONTACT_UP},
    {N_("Consent, newest first"), CONTACT_BY_CONSENT, CONTACT_DOWN},
    {N_("Last sent, longest ago first"), CONTACT_BY_SENT, CONTACT_UP},
    {N_("Last sent, latest first"), CONTACT_BY_SENT, CONTACT_DOWN},
};

enum { ORDERS = sizeof orders / sizeof *orders };

/* The table of columns, with the order marked in its titles. */
static void
lay_out(struct contacts *self)
{
	struct rows *rows = &self->rows;

	columns_lay_out(&rows->columns, &self->view, rows->table, rows->title);
	list_set_columns(self->list, rows->table, rows->columns.count);
}

/* Who may not write the store looks at it as before. */
static void
keep_view(struct contacts *self)
{
	buf_clear(&self->view.columns);
	columns_write(&self->rows.columns, &self->view.columns);
	contacts_start(self, TASK_VIEW, SPAN(""), SPAN(""));
}

static void
read_view(struct contacts *self)
{
	struct err err = {.code = E_NONE};

	if (self->has_view || !self->rows.db)
		return;
	self->has_view = true;
	if (list_view_read(app_store(self->base.app), self->rows.db,
		self->rows.list, &self->view, &err) < 0)
		app_say_err(self->base.app, &err);
	columns_read(&self->rows.columns, buf_span(&self->view.columns));
}

static void
order_picked(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	(void)text;
	if (answer < 1 || answer > ORDERS)
		return;
	self->view.order = orders[answer - 1].order;
	self->view.way = orders[answer - 1].way;
	lay_out(self);
	keep_view(self);
	self->all_there = false;
	search_start(self, filter_field_span(&self->filter));
}

static void
ask_order(struct contacts *self)
{
	const char *items[ORDERS];
	size_t now = 0;

	for (size_t i = 0; i < ORDERS; i++) {
		items[i] = _(orders[i].label);
		if (orders[i].order == self->view.order &&
		    orders[i].way == self->view.way)
			now = i;
	}
	dialog_pick(&self->base,
	    &(struct dialog){.title = _("Sort"),
		.text = _("In which order are people shown?"),
		.done = order_picked},
	    items, ORDERS, now);
}

static void
columns_chosen(struct screen *owner, const struct columns *columns)
{
	struct contacts *self = (struct contacts *)owner;

	self->rows.columns = *columns;
	rows_forget(&self->rows);
	lay_out(self);
	keep_view(self);
}

/* ---- Marks ---------------------------------------------------------------- */

static bool
all_are_marked(const struct contacts *self, const int64_t *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!list_is_marked(self->list, keys[i]))
			return false;
	}
	return true;
}

static void
mark_shown(struct contacts *self, enum action action)
{
	const struct ids *ids = rows_ids(&self->rows);
	int64_t *keys = rows_keys(ids);
	enum list_mark mark = LIST_MARK_OTHERWISE;

	if (action == ACT_CONTACTS_MARK_ALL)
		mark = all_are_marked(self, keys, ids->count) ? LIST_UNMARK
							      : LIST_MARK;
	list_marks_change(self->list, mark, keys, ids->count);
	free(keys);
}

static int
rising(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Marks the rows from one to another, both included. */
static void
mark_rows(struct contacts *self, int64_t from, int64_t to)
{
	const struct ids *ids = rows_ids(&self->rows);
	size_t count = (size_t)(to - from + 1);
	int64_t *keys = mem_array(count, sizeof *keys);

	for (size_t i = 0; i < count; i++)
		keys[i] = ids->id[(size_t)from + i].v;
	if (ids->rising)
		qsort(keys, count, sizeof *keys, rising);
	list_marks_change(self->list, LIST_MARK, keys, count);
	free(keys);
}

static void
mark_range(struct contacts *self)
{
	struct list_source *source = &self->rows.source;
	int64_t here = list_cursor_index(self->list);
	int64_t there =
	    self->anchor.v ? source->find(source, self->anchor.v) : -1;
	int64_t key;

	if (there >= 0 && here >= 0) {
		mark_rows(self, here < there ? here : there,
		    here < there ? there : here);
		self->anchor.v = 0;
	} else if (list_cursor(self->list, &key)) {
		self->anchor.v = key;
	}
}

static void
mark_one(struct contacts *self)
{
	list_key(self->list, &(struct key){.code = K_CHAR, .cp = ' '});
}

/* ---- Drawing -------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct contacts *self = (struct contacts *)screen;

	buf_text(out, self->info.id.v ? self->info.name : "..");
}

/* "12,402 of 1,250,000", or how many were found so far. */
static void
add_count(const struct contacts *self, struct buf *out)
{
	struct buf found = BUF_INIT, all = BUF_INIT;

	if (self->searching && self->so_far == 0) {
		buf_text(out, _("counting.."));
	} else if (self->searching) {
		format_count(&found, self->so_far);
		buf_printf(out,
		    self->sorting ? _("sorting.. %s") : _("counting.. %s"),
		    found.ptr);
	} else if (self->fault.len == 0) {
		format_count(&found, (int64_t)rows_ids(&self->rows)->count);
		format_count(&all, self->info.contacts);
		buf_printf(out, _("%s of %s"), found.ptr, all.ptr);
	}
	buf_done(&found);
	buf_done(&all);
}

/* The selected record beside the list, where there is room; read once for each
 * that is selected. */
static void
draw_pane(struct contacts *self, struct area a)
{
	const struct contact_row *contact = contacts_selected(self);

	if (!contact)
		return;
	if (self->summary_of.v != contact->id.v) {
		self->summary_of = contact->id;
		contact_summary_read(
		    self->rows.db, contact->id, &self->summary, NULL);
	}
	record_draw(area_rows(a, 1, -1), contact, &self->summary);
}

static void
draw_rows(struct contacts *self, struct area rows)
{
	if (!self->loaded)
		draw_str(rows, 1, 3, ROLE_DIM, _("Reading.."));
	else if (self->rows.filtered && self->rows.match.count == 0)
		draw_str(rows, 2, 3, ROLE_DIM,
		    _("Nobody matches. Esc shows all again."));
	else
		list_draw(self->list, rows,
		    self->filter.typing ? FOCUS_OFF : FOCUS_ON);
}

static void
draw(struct screen *screen, struct area body)
{
	struct contacts *self = (struct contacts *)screen;
	struct buf count = BUF_INIT;
	struct area rows;

	add_count(self, &count);
	rows = area_rows(body,
	    filter_field_draw(
		&self->filter, body, buf_span(&count), buf_span(&self->fault)),
	    -1);
	buf_done(&count);
	if (rows.cols >= PANE_FROM_COLS && self->loaded) {
		draw_pane(self, area_cols(rows, rows.cols - PANE_COLS, -1));
		rows = area_cols(rows, 0, rows.cols - PANE_COLS - 2);
	}
	draw_rows(self, rows);
}

static void
add_marks(const struct contacts *self, struct buf *out)
{
	size_t marked = list_mark_count(self->list);
	struct buf number = BUF_INIT;

	if (marked) {
		format_count(&number, (int64_t)marked);
		buf_text(out, "  ");
		buf_printf(out, _("%s marked (*)"), number.ptr);
	}
	if (self->anchor.v) {
		buf_text(out, "  ");
		buf_text(out, _("V at the other end marks the range"));
	}
	buf_done(&number);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct contacts *self = (struct contacts *)screen;
	struct buf all = BUF_INIT;

	if (!self->loaded || many_hint(self, out))
		return;
	list_position(self->list, out);
	if (self->rows.filtered) {
		format_count(&all, self->info.contacts);
		buf_text(out, "  ");
		buf_printf(out, _("(of %s in the list)"), all.ptr);
	} else if (self->searching && self->sorting) {
		buf_text(out, "  ");
		add_count(self, out);
	}
	add_marks(self, out);
	buf_done(&all);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action usual[] = {ACT_OPEN, ACT_CONTACTS_MARK,
	    ACT_FILTER, ACT_CONTACTS_SORT, ACT_CONTACTS_COLUMNS, ACT_MENU,
	    ACT_NONE};
	static const enum action found[] = {ACT_OPEN, ACT_CONTACTS_MARK,
	    ACT_FILTER, ACT_SEGMENT_SAVE, ACT_CONTACTS_TAG, ACT_MENU, ACT_NONE};
	static const enum action marked[] = {ACT_CONTACTS_MARK,
	    ACT_CONTACTS_MARK_ALL, ACT_CONTACTS_TAG, ACT_CONTACT_LEAVE,
	    ACT_MENU, ACT_NONE};
	static const enum action nobody[] = {
	    ACT_FILTER, ACT_SEGMENTS, ACT_BACK, ACT_NONE};
	static const enum action empty[] = {ACT_IMPORT, ACT_BACK, ACT_NONE};
	struct contacts *self = (struct contacts *)screen;

	if (!contacts_selected(self))
		return self->rows.filtered ? nobody : empty;
	if (list_mark_count(self->list))
		return marked;
	return self->rows.filtered ? found : usual;
}

/* ---- Keys and actions ----------------------------------------------------- */

static enum used
key(struct screen *screen, const struct key *key)
{
	struct contacts *self = (struct contacts *)screen;

	if (self->anchor.v && !self->filter.typing && key->code == K_ESC) {
		self->anchor.v = 0;
		return USED;
	}
	switch (
	    filter_field_key(&self->filter, key, app_steady_ms(screen->app))) {
	case FILTER_ENDED:
		filter_ended(self);
		return USED;
	case FILTER_USED:
		return USED;
	case FILTER_UNUSED:
		break;
	}
	return list_key(self->list, key);
}

static const char *
why_no_segment(const struct contacts *self)
{
	if (filter_field_span(&self->filter).len == 0)
		return _("A segment is a filter: / types one.");
	if (self->fault.len > 0)
		return _("The filter is not understood yet.");
	return NULL;
}

/* Whether an action may be for more than the person under the cursor. */
static bool
may_be_many(enum action action)
{
	return action == ACT_CONTACTS_TAG || action == ACT_CONTACTS_UNTAG ||
	       action == ACT_CONTACT_STOP || action == ACT_CONTACT_LEAVE ||
	       action == ACT_CONTACT_DELETE;
}

static const char *
why_not_many(struct contacts *self, enum action action)
{
	struct app *app = self->base.app;
	const char *why = app_may_why_not(app,
	    action == ACT_CONTACT_DELETE ? MAY_LIST_DELETE : MAY_LIST_WRITE);

	if (!why)
		why = many_why_not(self);
	if (why || self->rows.filtered || list_mark_count(self->list))
		return why;
	return one_why_not(self, action);
}

static const char *
why_no_export(const struct contacts *self)
{
	if (app_is_masked(self->base.app))
		return _("This needs whole addresses, and they are masked for "
			 "you.");
	if (self->fault.len > 0)
		return _("The filter is not understood yet.");
	return NULL;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct contacts *self = (struct contacts *)screen;

	if (action == ACT_SEGMENT_SAVE)
		return why_no_segment(self);
	if (action == ACT_EXPORT)
		return why_no_export(self);
	if (may_be_many(action))
		return why_not_many(self, action);
	if (action == ACT_OPEN || action == ACT_CONTACT_ALLOW ||
	    action == ACT_CONTACTS_MARK || action == ACT_CONTACTS_RANGE)
		return one_why_not(self, action);
	if ((action == ACT_CONTACTS_MARK_ALL ||
		action == ACT_CONTACTS_INVERT) &&
	    self->searching)
		return many_why_not(self);
	return NULL;
}

static enum used
act_on_marks(struct contacts *self, enum action action)
{
	switch (action) {
	case ACT_CONTACTS_MARK:
		mark_one(self);
		return USED;
	case ACT_CONTACTS_MARK_ALL:
	case ACT_CONTACTS_INVERT:
		mark_shown(self, action);
		return USED;
	case ACT_CONTACTS_RANGE:
		mark_range(self);
		return USED;
	default:
		return UNUSED;
	}
}

/* What the filter shows, or all. */
static void
export_shown(struct contacts *self)
{
	struct span filter = filter_field_span(&self->filter);
	struct export_order order = EXPORT_ORDER_INIT;

	order.scope = filter.len ? EXPORT_FILTER : EXPORT_LIST;
	order.list = self->rows.list;
	buf_add(&order.filter, filter);
	export_open(self->base.app, &order, span_of(self->info.name));
	export_order_done(&order);
}

/* Opens another screen, behind which the list may have changed. */
static enum used
act_open(struct contacts *self, enum action action)
{
	struct app *app = self->base.app;

	switch (action) {
	case ACT_SEGMENTS:
		segments_open(app, self->rows.list, self->info.name);
		return USED;
	case ACT_EXPORT:
		export_shown(self);
		return USED;
	case ACT_EXPORTS:
		exports_open(app);
		return USED;
	case ACT_IMPORTS:
		imports_open(app, self->rows.list);
		return USED;
	case ACT_IMPORT:
		filter_clear(self);
		self->stale = true;
		import_screen_open(app, self->rows.list);
		return USED;
	case ACT_CONTACT_NEW:
		filter_clear(self);
		self->stale = true;
		contact_new_open(app, self->rows.list);
		return USED;
	case ACT_TRASH:
		self->stale = true;
		trash_open(app);
		return USED;
	case ACT_TAGS:
		self->stale = true;
		tags_open(app);
		return USED;
	default:
		return UNUSED;
	}
}

static void
record_act(struct screen *owner, enum action action)
{
	one_ask((struct contacts *)owner, action);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct contacts *self = (struct contacts *)screen;

	if (act_on_marks(self, action) == USED ||
	    act_open(self, action) == USED)
		return USED;
	if (action == ACT_OPEN) {
		record_open(screen, self->rows.list, contacts_selected(self),
		    record_act);
	} else if (action == ACT_FILTER) {
		filter_field_open(&self->filter, FILTER_OCTETS);
	} else if (action == ACT_SEGMENT_SAVE) {
		one_ask_segment(self);
	} else if (may_be_many(action)) {
		many_ask(self, action, one_ask);
	} else if (action == ACT_CONTACT_ALLOW) {
		one_ask(self, action);
	} else if (action == ACT_CONTACTS_SORT) {
		ask_order(self);
	} else if (action == ACT_CONTACTS_COLUMNS) {
		contacts_start(self, TASK_FIELDS, SPAN(""), SPAN(""));
	} else if (action == ACT_TRASH_UNDO) {
		if (!many_undo(self))
			self->undoing = trash_job_start(
			    screen, (struct trash_id){0}, SPAN(""));
	} else if (action == ACT_CANCEL) {
		return many_cancel(self) ? USED : UNUSED;
	} else {
		return UNUSED;
	}
	return USED;
}

/* ---- The screen ----------------------------------------------------------- */

static void
leave_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		app_pop(owner->app, owner);
}

static bool
may_leave(struct screen *screen)
{
	struct contacts *self = (struct contacts *)screen;

	if (!self->many.job || self->many.action == ACT_NONE)
		return true;
	dialog_confirm(screen,
	    &(struct dialog){.title = _("Something is being done"),
		.text = _("Leaving stops what is being done with people; "
			  "nothing of it is kept then."),
		.done = leave_answered},
	    _("Leave it"));
	return false;
}

/* Reads again when somebody else was at work, not after every dialog. */
static void
shown(struct screen *screen)
{
	struct contacts *self = (struct contacts *)screen;
	struct err err = {.code = E_NONE};

	if (!self->rows.db &&
	    store_view_open(app_store(screen->app), &self->rows.db, &err) < 0)
		app_say_err(screen->app, &err);
	self->rows.app = screen->app;
	read_view(self);
	lay_out(self); /* in what may be another language now */
	if (!self->stale)
		return;
	self->stale = false;
	contacts_read_again(self);
}

static void
close_contacts(struct screen *screen)
{
	struct contacts *self = (struct contacts *)screen;

	roster_drop(&self->roster);
	list_free(&self->list);
	rows_end(&self->rows);
	filter_field_close(&self->filter);
	many_end(&self->many);
	contact_summary_done(&self->summary);
	buf_done(&self->view.columns);
	buf_done(&self->fault);
	free(self->chosen);
	free(self);
}

static const struct screen_ops contacts_ops = {
    .name = "contacts",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .job_news = job_news,
    .may_leave = may_leave,
    .close = close_contacts,
};

static struct contacts *
contacts_new(struct app *app, struct list_id list)
{
	struct contacts *self = mem_new(sizeof *self);

	self->base.ops = &contacts_ops;
	self->stale = true;
	rows_begin(&self->rows, app, list);
	columns_read(&self->rows.columns, SPAN(""));
	self->list = list_new(
	    &self->rows.source, self->rows.table, self->rows.columns.count);
	lay_out(self);
	list_set_marking(self->list, LIST_MARKS_ON);
	list_set_empty(self->list,
	    N_("Nobody is on this list yet. i imports contacts from a CSV "
	       "file."));
	return self;
}

void
contacts_open(struct app *app, struct list_id list)
{
	app_push(app, &contacts_new(app, list)->base);
}

void
contacts_open_filtered(struct app *app, struct list_id list, struct span filter)
{
	struct contacts *self = contacts_new(app, list);

	filter_field_set(&self->filter, FILTER_OCTETS, filter);
	app_push(app, &self->base);
}
