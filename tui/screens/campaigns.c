/* All campaigns, or all templates, of which campaigns are made.  The numbers
 * of recipients are counted, so reading is a job; filter and order are made
 * here, on what was read: there are hundreds, not millions. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { FILTER_MAX = 200 };

enum shelf_kind { CAMPAIGNS, TEMPLATES, SHELVES };

enum order { BY_CHANGE, BY_NAME, BY_STATE, ORDERS };

struct shelf {
	struct campaign_row *row; /* owned */
	size_t count;
};

struct campaigns {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct shelf shelf[SHELVES];
	enum shelf_kind shown;
	enum order order;
	const struct campaign_row **match; /* owned; what the list shows */
	size_t match_count;
	struct line *filter;     /* NULL: none */
	bool typing;             /* the filter has the focus */
	bool loaded, new_wanted; /* as soon as it is loaded */
	struct campaign_id from; /* to be copied */
	enum campaign_state as;  /* what the copy becomes */
	struct campaign_id made; /* gets the cursor */
	struct buf state, recipients, changed;
	unsigned long started, taken; /* numbers of tasks */
};

static const struct list_column columns[] = {
    {N_("State"), 12, 0, 0, FIT_END},
    {N_("Name"), 0, 16, 0, FIT_END},
    {N_("To"), 16, 0, 2, FIT_END},
    {N_("Count"), 9, 0, 0, FIT_RIGHT},
    {N_("Changed"), 10, 0, 3, FIT_END},
    {N_("By"), 8, 0, 4, FIT_END},
};

static struct campaigns *
of_source(struct list_source *source)
{
	return (struct campaigns *)((char *)source -
				    offsetof(struct campaigns, source));
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)of_source(source)->match_count;
}

static void
add_state(struct buf *out, const struct campaign_row *row)
{
	buf_text(out, campaign_state_text(row->state));
	if (row->state == CAMPAIGN_RUNNING && row->recipients > 0)
		buf_printf(
		    out, " %d%%", (int)(row->final * 100 / row->recipients));
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct campaigns *self = of_source(source);
	const struct campaign_row *row = self->match[index];

	buf_clear(&self->state);
	buf_clear(&self->recipients);
	buf_clear(&self->changed);
	add_state(&self->state, row);
	if (row->recipients >= 0)
		format_count(&self->recipients, row->recipients);
	format_date(&self->changed, row->changed_ms);
	out->key = row->id.v;
	out->cell[0] = buf_span(&self->state);
	out->cell_role[0] = campaign_state_role(row->state);
	out->cell[1] = span_of(row->name);
	out->cell[2] = span_of(row->list_name[0] ? row->list_name : "-");
	out->cell[3] = buf_span(&self->recipients);
	out->cell[4] = buf_span(&self->changed);
	out->cell[5] = span_of(row->changed_by);
	return true;
}

static int64_t
find(struct list_source *source, int64_t key)
{
	struct campaigns *self = of_source(source);

	for (size_t i = 0; i < self->match_count; i++) {
		if (self->match[i]->id.v == key)
			return (int64_t)i;
	}
	return -1;
}

static const struct campaign_row *
selected(const struct campaigns *self)
{
	int64_t index = list_cursor_index(self->list);

	return index >= 0 && index < (int64_t)self->match_count
		   ? self->match[index]
		   : NULL;
}

/* ---- Filter and order ----------------------------------------------------- */

static void
lower(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++) {
		if (text->ptr[i] >= 'A' && text->ptr[i] <= 'Z')
			text->ptr[i] = (char)(text->ptr[i] | 0x20);
	}
}

/* Every word must stand in one of the columns. */
static bool
matches(const struct campaign_row *row, struct span words)
{
	struct buf all = BUF_INIT;
	bool found = true;

	buf_printf(&all, "%s\n%s\n%s\n%s", campaign_state_text(row->state),
	    row->name, row->list_name, row->changed_by);
	lower(&all);
	while (words.len > 0 && found) {
		struct span word = span_cut(&words, ' ');

		found = span_search(buf_span(&all), word) < all.len ||
			word.len == 0;
	}
	buf_done(&all);
	return found;
}

static int
by_name(const void *a, const void *b)
{
	const struct campaign_row *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	return order ? order
		     : ((*x)->id.v > (*y)->id.v) - ((*x)->id.v < (*y)->id.v);
}

static int
by_change(const void *a, const void *b)
{
	const struct campaign_row *const *x = a, *const *y = b;
	int64_t later = (*y)->changed_ms - (*x)->changed_ms;

	return later ? (later > 0) - (later < 0)
		     : ((*y)->id.v > (*x)->id.v) - ((*y)->id.v < (*x)->id.v);
}

static int
by_state(const void *a, const void *b)
{
	const struct campaign_row *const *x = a, *const *y = b;

	if ((*x)->state != (*y)->state)
		return (*x)->state < (*y)->state ? -1 : 1;
	return by_change(a, b);
}

static void
arrange(struct campaigns *self)
{
	static int (*const compare[ORDERS])(const void *, const void *) = {
	    [BY_CHANGE] = by_change,
	    [BY_NAME] = by_name,
	    [BY_STATE] = by_state,
	};
	const struct shelf *shelf = &self->shelf[self->shown];
	struct buf words = BUF_INIT;

	if (self->filter)
		buf_add(&words, span_trim(line_span(self->filter)));
	lower(&words);
	free(self->match);
	self->match = mem_array(shelf->count + 1, sizeof *self->match);
	self->match_count = 0;
	for (size_t i = 0; i < shelf->count; i++) {
		if (matches(&shelf->row[i], buf_span(&words)))
			self->match[self->match_count++] = &shelf->row[i];
	}
	if (self->match_count > 1)
		qsort(self->match, self->match_count, sizeof *self->match,
		    compare[self->order]);
	list_refresh(self->list);
	buf_done(&words);
}

static void
filter_clear(struct campaigns *self)
{
	line_free(&self->filter);
	self->typing = false;
	arrange(self);
}

static enum used
filter_key(struct campaigns *self, const struct key *key)
{
	if (key->code == K_ESC || key_is(key, K_CTRL('G'))) {
		filter_clear(self);
	} else if (key->code == K_ENTER || key->code == K_TAB) {
		self->typing = false;
		if (line_span(self->filter).len == 0)
			filter_clear(self);
	} else if (key->code == K_UP || key->code == K_DOWN ||
		   line_key(self->filter, key) == UNUSED) {
		return UNUSED;
	} else {
		arrange(self);
	}
	return USED;
}

static void
filter_open(struct campaigns *self)
{
	if (!self->filter)
		self->filter = line_new(LINE_TEXT, FILTER_MAX);
	self->typing = true;
}

/* ---- Jobs ----------------------------------------------------------------- */

enum task_kind { LOAD, CREATE, COPY, DELETE };

struct task {
	unsigned long number; /* in the order of their starts */
	enum task_kind kind;
	struct store *store;
	struct campaign_id id;
	enum campaign_state as;
	char *name; /* owned */
	struct shelf shelf[SHELVES];
};

static int
load(struct task *task, struct err *err)
{
	struct db *db = NULL;
	struct shelf *campaigns = &task->shelf[CAMPAIGNS];
	struct shelf *templates = &task->shelf[TEMPLATES];
	int rc = -1;

	if (store_view_open(task->store, &db, err) == 0 &&
	    campaign_all(db, &campaigns->row, &campaigns->count, err) == 0)
		rc = campaign_templates(
		    db, &templates->row, &templates->count, err);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct span name = span_of(task->name);

	(void)job;
	switch (task->kind) {
	case CREATE:
		return campaign_create(
		    task->store, name, CLASS_AD, &task->id, err);
	case COPY:
		return campaign_copy(
		    task->store, task->id, name, task->as, &task->id, err);
	case DELETE:
		return campaign_delete(task->store, task->id, err);
	case LOAD:
		break;
	}
	return load(task, err);
}

static void
task_free(void *data)
{
	struct task *task = data;

	free(task->name);
	for (int i = 0; i < SHELVES; i++)
		free(task->shelf[i].row);
	free(task);
}

static void
start(struct campaigns *self, enum task_kind kind, struct span name)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	task->kind = kind;
	task->number = ++self->started;
	task->store = app_store(self->base.app);
	task->id = self->from;
	task->as = self->as;
	task->name = mem_text(name);
	if (app_job(self->base.app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
shown(struct screen *screen)
{
	start((struct campaigns *)screen, LOAD, SPAN(""));
}

/* On the campaign just made, once it has been read. */
static void
place_cursor(struct campaigns *self)
{
	int64_t key;

	if (!self->made.v)
		return;
	list_cursor_set(self->list, self->made.v);
	if (list_cursor(self->list, &key) && key == self->made.v)
		self->made.v = 0;
}

static void act_new(struct campaigns *self);

static void
take(struct campaigns *self, struct task *task)
{
	/* A reading that began earlier may end later. */
	if (task->number < self->taken)
		return;
	self->taken = task->number;
	for (int i = 0; i < SHELVES; i++) {
		struct shelf old = self->shelf[i];

		self->shelf[i] = task->shelf[i];
		task->shelf[i] = old;
	}
	self->loaded = true;
	arrange(self);
	place_cursor(self);
	if (self->new_wanted)
		act_new(self);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct campaigns *self = (struct campaigns *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
	} else if (task->kind == LOAD) {
		take(self, task);
	} else if (task->kind == DELETE) {
		app_say(screen->app, SAY_OK, _("Deleted."));
		shown(screen);
	} else if (task->kind == COPY && task->as == CAMPAIGN_TEMPLATE) {
		self->made = task->id;
		self->shown = TEMPLATES;
		app_say(screen->app, SAY_OK,
		    _("Saved as a template; here are all of them."));
		shown(screen);
	} else {
		self->made = task->id;
		self->shown = CAMPAIGNS;
		campaign_open(screen->app, task->id);
	}
}

/* ---- Questions ------------------------------------------------------------ */

static void
check_name(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("It needs a name."));
}

static void
named(struct screen *owner, int answer, struct span text)
{
	struct campaigns *self = (struct campaigns *)owner;

	if (answer)
		start(self, self->from.v ? COPY : CREATE, text);
}

static void
ask_name(struct campaigns *self, const char *title, const char *text,
    struct span start)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = title, .text = text, .done = named},
	    LINE_TEXT, start, check_name);
}

/* A draft that is a copy of a row, or an empty one (NULL). */
static void
ask_new(struct campaigns *self, const struct campaign_row *template)
{
	self->from = template ? template->id : (struct campaign_id){0};
	self->as = CAMPAIGN_DRAFT;
	ask_name(self, _("New campaign"),
	    _("How is it called? Only you see the name."),
	    span_of(template ? template->name : ""));
}

static void
template_picked(struct screen *owner, int answer, struct span text)
{
	struct campaigns *self = (struct campaigns *)owner;
	const struct shelf *templates = &self->shelf[TEMPLATES];

	(void)text;
	if (answer == 1)
		ask_new(self, NULL);
	else if (answer > 1 && (size_t)answer - 2 < templates->count)
		ask_new(self, &templates->row[answer - 2]);
}

static void
ask_template(struct campaigns *self)
{
	const struct shelf *templates = &self->shelf[TEMPLATES];
	const char **items = mem_array(templates->count + 1, sizeof *items);

	items[0] = _("(an empty text)");
	for (size_t i = 0; i < templates->count; i++)
		items[i + 1] = templates->row[i].name;
	dialog_pick(&self->base,
	    &(struct dialog){.title = _("New campaign"),
		.text = _("What does it begin with? Templates are kept: the "
			  "campaign is a copy."),
		.done = template_picked},
	    items, templates->count + 1, 0);
	free(items);
}

static void
ask_copy(
    struct campaigns *self, const struct campaign_row *row, const char *title)
{
	struct buf name = BUF_INIT;

	self->from = row->id;
	buf_printf(&name, _("%s (copy)"), row->name);
	ask_name(self, title,
	    self->as == CAMPAIGN_TEMPLATE
		? _("How is the template called?")
		: _("The copy is a draft. How is it called?"),
	    self->as == row->state || self->as == CAMPAIGN_DRAFT
		? buf_span(&name)
		: span_of(row->name));
	buf_done(&name);
}

static void
delete_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		start((struct campaigns *)owner, DELETE, SPAN(""));
}

static void
ask_delete(struct campaigns *self, const struct campaign_row *row)
{
	struct buf text = BUF_INIT;

	self->from = row->id;
	buf_printf(&text,
	    row->state == CAMPAIGN_TEMPLATE
		? _("The template %s and all its versions are deleted. "
		    "Campaigns that were made of it stay. Type its name:")
		: _("The draft %s and all its versions are deleted; nothing "
		    "of it was sent. Type its name:"),
	    row->name);
	dialog_type(&self->base,
	    &(struct dialog){.title = _("Delete"),
		.text = text.ptr,
		.done = delete_answered},
	    row->name);
	buf_done(&text);
}

/* ---- The screen ----------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct campaigns *self = (struct campaigns *)screen;

	buf_text(
	    out, self->shown == TEMPLATES ? _("Templates") : _("Campaigns"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct campaigns *self = (struct campaigns *)screen;

	if (!self->loaded) {
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
		return;
	}
	if (self->filter) {
		struct area a = area_rows(body, 0, 1);
		int col = draw_str(a, 0, 1, ROLE_BAR_KEY, "/ ");

		line_draw(self->filter, a, 0, col, a.cols - col - 1,
		    self->typing ? FOCUS_ON : FOCUS_OFF);
		body = area_rows(body, 1, -1);
	}
	if (self->filter && self->match_count == 0)
		draw_str(body, 1, 3, ROLE_DIM,
		    _("Nothing matches; Esc shows everything again."));
	else
		list_draw(
		    self->list, body, self->typing ? FOCUS_OFF : FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	static const char *const orders[ORDERS] = {
	    [BY_CHANGE] = N_("last changed first"),
	    [BY_NAME] = N_("by name"),
	    [BY_STATE] = N_("by state"),
	};
	struct campaigns *self = (struct campaigns *)screen;
	size_t count = self->match_count;

	if (count == 0)
		return;
	buf_printf(out,
	    self->shown == TEMPLATES
		? P_("%zu template, %s.", "%zu templates, %s.", count)
		: P_("%zu campaign, %s.", "%zu campaigns, %s.", count),
	    count, _(orders[self->order]));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action campaigns[] = {ACT_OPEN, ACT_CAMPAIGN_NEW,
	    ACT_CAMPAIGN_COPY, ACT_CAMPAIGN_SHELF, ACT_FILTER, ACT_MENU,
	    ACT_NONE};
	static const enum action none[] = {
	    ACT_CAMPAIGN_NEW, ACT_CAMPAIGN_SHELF, ACT_BACK, ACT_NONE};
	struct campaigns *self = (struct campaigns *)screen;

	return self->match_count ? campaigns : none;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct campaigns *self = (struct campaigns *)screen;

	if (self->typing && filter_key(self, key) == USED)
		return USED;
	if (!self->typing && self->filter && key->code == K_ESC) {
		filter_clear(self);
		return USED;
	}
	return list_key(self->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct campaigns *self = (struct campaigns *)screen;
	const struct campaign_row *row = selected(self);
	bool wants_one = action == ACT_OPEN || action == ACT_CAMPAIGN_COPY ||
			 action == ACT_CAMPAIGN_TEMPLATE ||
			 action == ACT_CAMPAIGN_DELETE;

	if (wants_one && !row)
		return self->shown == TEMPLATES
			   ? _("There is no template yet; S saves a campaign "
			       "as one.")
			   : _("There is no campaign yet; n makes one.");
	if (action == ACT_CAMPAIGN_TEMPLATE && self->shown == TEMPLATES)
		return _("This is a template; y copies it.");
	if (action == ACT_CAMPAIGN_DELETE && row->state != CAMPAIGN_DRAFT &&
	    row->state != CAMPAIGN_TEMPLATE)
		return row->state == CAMPAIGN_SEALED
			   ? _("It is sealed; only drafts can be deleted. "
			       "Editing it opens the seal.")
			   : _("It was launched: its record is evidence and "
			       "is kept.");
	return NULL;
}

static void
act_new(struct campaigns *self)
{
	self->new_wanted = !self->loaded;
	if (self->new_wanted)
		return;
	if (self->shown == TEMPLATES && selected(self))
		ask_new(self, selected(self));
	else if (self->shelf[TEMPLATES].count > 0)
		ask_template(self);
	else
		ask_new(self, NULL);
}

static void
act_copy(struct campaigns *self, enum action action)
{
	bool template =
	    action == ACT_CAMPAIGN_TEMPLATE || self->shown == TEMPLATES;

	self->as = template ? CAMPAIGN_TEMPLATE : CAMPAIGN_DRAFT;
	ask_copy(self, selected(self),
	    action == ACT_CAMPAIGN_TEMPLATE ? _("Save as a template")
	    : template                      ? _("Copy the template")
					    : _("Copy the campaign"));
}

static void
act_shelf(struct campaigns *self)
{
	self->shown = self->shown == TEMPLATES ? CAMPAIGNS : TEMPLATES;
	list_set_empty(
	    self->list, self->shown == TEMPLATES
			    ? N_("No templates yet. S saves a campaign as one.")
			    : N_("No campaigns yet. n begins one."));
	filter_clear(self);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct campaigns *self = (struct campaigns *)screen;

	switch (action) {
	case ACT_OPEN:
		campaign_open(screen->app, selected(self)->id);
		return USED;
	case ACT_CAMPAIGN_NEW:
		act_new(self);
		return USED;
	case ACT_CAMPAIGN_COPY:
	case ACT_CAMPAIGN_TEMPLATE:
		act_copy(self, action);
		return USED;
	case ACT_CAMPAIGN_DELETE:
		ask_delete(self, selected(self));
		return USED;
	case ACT_CAMPAIGN_SHELF:
		act_shelf(self);
		return USED;
	case ACT_SNIPPETS:
		snippets_open(screen->app);
		return USED;
	case ACT_FILTER:
		filter_open(self);
		return USED;
	case ACT_SORT:
		self->order = (self->order + 1) % ORDERS;
		arrange(self);
		return USED;
	case ACT_BACK:
		if (self->shown == CAMPAIGNS)
			return UNUSED;
		act_shelf(self);
		return USED;
	default:
		return UNUSED;
	}
}

static void
close_campaigns(struct screen *screen)
{
	struct campaigns *self = (struct campaigns *)screen;

	list_free(&self->list);
	line_free(&self->filter);
	for (int i = 0; i < SHELVES; i++)
		free(self->shelf[i].row);
	free(self->match);
	buf_done(&self->state);
	buf_done(&self->recipients);
	buf_done(&self->changed);
	free(self);
}

static const struct screen_ops campaigns_ops = {
    .name = "campaigns",
    .section = 3,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_campaigns,
};

void
campaigns_open(struct app *app)
{
	struct campaigns *self = mem_new(sizeof *self);

	self->base.ops = &campaigns_ops;
	self->source.count = row_count;
	self->source.row = row;
	self->source.find = find;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list, N_("No campaigns yet. n begins one."));
	app_replace(app, &self->base);
}
