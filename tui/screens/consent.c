/* What is known of one person's consent (S06): the evidence of each list now,
 * and everything it was before.  From here it is set by hand, and the person is
 * erased who asks for it. */
#include "tui/screens/consent.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/app.h"
#include "tui/screens/record.h"
#include "tui/screens/record_tabs.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"
#include "tui/screens/stops_work.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/pager.h"

struct consent {
	struct screen base;
	struct screen *owner; /* below us */
	void (*erased)(struct screen *owner);
	struct contact_id contact;
	struct pager *pager;
	struct arena *arena; /* of event */
	struct consent_event *event;
	size_t count;
	struct wording *wording;
	size_t wording_count;
	bool loaded;
	/* what is being set */
	struct list_id list;
	struct consent_evidence fresh;
	struct buf paper, address;
};

/* ---- Jobs ------------------------------------------------------------------- */

enum task_kind { READ, SET, ERASE };

struct task {
	enum task_kind kind;
	struct store *store; /* borrowed */
	struct contact_id contact;
	struct list_id list;
	struct consent_evidence fresh;
	struct buf paper, address, reason;
	struct arena *arena;
	struct consent_event *event;
	size_t count;
	struct wording *wording;
	size_t wording_count;
	struct erased erased;
};

static int
read_all(struct task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->store, &db, err) == 0 &&
	    consent_history(db, (struct list_id){0}, task->contact, task->arena,
		&task->event, &task->count, err) == 0)
		rc = wording_all(db, &task->wording, &task->wording_count, err);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;

	(void)job;
	if (task->kind == ERASE)
		return contact_erase(task->store, task->contact,
		    buf_span(&task->address), buf_span(&task->reason),
		    &task->erased, err);
	task->fresh.paper = buf_span(&task->paper);
	if (task->kind == SET &&
	    consent_set(task->store, task->list, task->contact, &task->fresh,
		buf_span(&task->reason), err) < 0)
		return -1;
	return read_all(task, err);
}

static void
task_free(void *data)
{
	struct task *task = data;

	buf_done(&task->paper);
	buf_done(&task->address);
	buf_done(&task->reason);
	arena_free(&task->arena);
	free(task->wording);
	free(task);
}

static void
start(struct consent *self, enum task_kind kind, struct span reason)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	task->kind = kind;
	task->store = app_store(self->base.app);
	task->contact = self->contact;
	task->list = self->list;
	task->fresh = self->fresh;
	task->arena = arena_new();
	buf_add(&task->paper, buf_span(&self->paper));
	buf_add(&task->address, buf_span(&self->address));
	buf_add(&task->reason, reason);
	if (app_job(self->base.app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
shown(struct screen *screen)
{
	start((struct consent *)screen, READ, SPAN(""));
}

/* ---- The page ---------------------------------------------------------------- */

static const char *const changes[CONSENT_CHANGES] = {
    [CONSENT_GIVEN] = N_("as it stands"),
    [CONSENT_CONFIRMED] = N_("confirmed"),
    [CONSENT_REPLACED] = N_("replaced; before it was"),
    [CONSENT_WITHDRAWN] = N_("withdrawn"),
    [CONSENT_LEFT] = N_("left the list"),
    [CONSENT_ERASED] = N_("erased"),
};

static void
add_line(struct pager *pager, const char *label, struct span value)
{
	if (value.len == 0)
		return;
	pager_add_str(pager, ROLE_TEXT, "    ");
	pager_add_str(pager, ROLE_HEAD, label);
	pager_add_str(pager, ROLE_TEXT, "  ");
	pager_add(pager, ROLE_TEXT, value);
	pager_add_str(pager, ROLE_TEXT, "\n");
}

static bool
is_kept(const struct consent *self, int64_t wording)
{
	for (size_t i = 0; wording && i < self->wording_count; i++) {
		if (self->wording[i].id == wording)
			return true;
	}
	return false;
}

static void
add_wording(struct consent *self, int64_t id)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; id && i < self->wording_count; i++) {
		if (self->wording[i].id == id)
			buf_printf(&text, _("%s, version %lld"),
			    self->wording[i].name,
			    (long long)self->wording[i].version);
	}
	if (id && !is_kept(self, id))
		buf_text(&text, _("one that is not kept"));
	add_line(self->pager, _("Wording"), buf_span(&text));
	buf_done(&text);
}

static void
add_event(struct consent *self, const struct consent_event *event)
{
	const struct consent_evidence *known = &event->evidence;
	struct buf text = BUF_INIT;

	if (event->at_ms)
		format_date(&text, event->at_ms);
	else
		buf_text(&text, _("not known when"));
	pager_add(self->pager, ROLE_HEAD, buf_span(&text));
	pager_add_str(self->pager, ROLE_TEXT, "  ");
	pager_add(self->pager, ROLE_TITLE,
	    event->list_name.len ? event->list_name
				 : span_of(_("a list that is gone")));
	buf_clear(&text);
	buf_printf(&text, "  %s: %s\n", _(changes[event->what]),
	    basis_word(known->basis));
	pager_add(self->pager, ROLE_TEXT, buf_span(&text));
	if (event->what == CONSENT_CONFIRMED)
		goto out;
	if (known->how)
		add_line(self->pager, _("How"),
		    span_of(consent_how_text(known->how)));
	add_line(self->pager, _("Note"), known->note);
	add_wording(self, known->wording);
	add_line(self->pager, _("Paper"), known->paper);
	add_line(self->pager, _("From IP"), known->ip);
	if (event->what == CONSENT_GIVEN && known->basis == BASIS_CONSENT &&
	    !consent_is_complete(known, is_kept(self, known->wording)))
		pager_add_str(self->pager, ROLE_WARN,
		    _("    ! when, how or to what is missing: no "
		      "advertisements\n"));
	add_line(self->pager, _("By"), event->by);
	add_line(self->pager, _("Why"), event->reason);
out:
	buf_done(&text);
}

static void
fill(struct consent *self)
{
	pager_clear(self->pager);
	for (size_t i = 0; i < self->count; i++)
		add_event(self, &self->event[i]);
	if (self->count == 0)
		pager_add_str(
		    self->pager, ROLE_DIM, _("This person is on no list."));
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct consent *self = (struct consent *)screen;
	struct task *task = data;
	struct app *app = screen->app;

	(void)job;
	if (rc < 0) {
		app_say_err(app, err);
		return;
	}
	if (task->kind == ERASE) {
		self->erased(self->owner);
		app_say(app, SAY_OK,
		    _("The person is erased and stays on the stop list."));
		return;
	}
	arena_free(&self->arena);
	free(self->wording);
	self->arena = task->arena;
	self->event = task->event;
	self->count = task->count;
	self->wording = task->wording;
	self->wording_count = task->wording_count;
	self->loaded = true;
	task->arena = NULL;
	task->wording = NULL;
	fill(self);
	if (task->kind == SET)
		app_say(app, SAY_OK, _("The evidence is kept."));
}

/* ---- Setting ----------------------------------------------------------------- */

static void
set_reason_given(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct consent *)owner, SET, text);
}

static void
paper_given(struct screen *owner, int answer, struct span text)
{
	struct consent *self = (struct consent *)owner;

	if (!answer)
		return;
	buf_clear(&self->paper);
	buf_add(&self->paper, text);
	dialog_ask(owner,
	    &(struct dialog){.title = _("Evidence: why it is set"),
		.text = _("What was there before stays in the history. The "
			  "log keeps the reason."),
		.done = set_reason_given},
	    LINE_TEXT, SPAN(""), stops_check_reason);
}

static void
since_given(struct screen *owner, int answer, struct span text)
{
	struct consent *self = (struct consent *)owner;

	if (!answer)
		return;
	self->fresh.at_ms = 0;
	stops_date(text, &self->fresh.at_ms);
	dialog_ask(owner,
	    &(struct dialog){.title = _("Evidence: paper"),
		.text = _("Where the paper is kept; empty: there is none."),
		.done = paper_given},
	    LINE_TEXT, SPAN(""), NULL);
}

static void
ask_since(struct screen *owner)
{
	dialog_ask(owner,
	    &(struct dialog){.title = _("Evidence: since when"),
		.text = _("The day it was given, as 2026-04-01; empty: not "
			  "known."),
		.done = since_given},
	    LINE_TEXT, SPAN(""), stops_check_date);
}

static void
wording_given(struct screen *owner, int answer, struct span text)
{
	struct consent *self = (struct consent *)owner;

	(void)text;
	if (!answer)
		return;
	if (answer >= 2 && (size_t)answer - 2 < self->wording_count)
		self->fresh.wording = self->wording[answer - 2].id;
	ask_since(owner);
}

static void
how_given(struct screen *owner, int answer, struct span text)
{
	struct consent *self = (struct consent *)owner;
	const char **items;
	struct buf *name;

	(void)text;
	if (!answer)
		return;
	self->fresh.how = (enum consent_how)(answer - 1);
	items = mem_array(self->wording_count + 1, sizeof *items);
	name = mem_array(self->wording_count + 1, sizeof *name);
	items[0] = _("not known");
	for (size_t i = 0; i < self->wording_count; i++) {
		buf_printf(&name[i], _("%s, version %lld"),
		    self->wording[i].name, (long long)self->wording[i].version);
		items[i + 1] = name[i].ptr;
	}
	dialog_pick(owner,
	    &(struct dialog){.title = _("Evidence: the wording"),
		.text = _("What the person was shown."),
		.done = wording_given},
	    items, self->wording_count + 1, 0);
	for (size_t i = 0; i < self->wording_count; i++)
		buf_done(&name[i]);
	free(name);
	free(items);
}

static void
basis_given(struct screen *owner, int answer, struct span text)
{
	struct consent *self = (struct consent *)owner;
	const char *items[CONSENT_HOW_COUNT];

	(void)text;
	if (!answer)
		return;
	self->fresh = (struct consent_evidence){
	    .basis = (enum consent_basis)(answer - 1)};
	if (self->fresh.basis != BASIS_CONSENT) {
		ask_since(owner);
		return;
	}
	for (int i = 0; i < CONSENT_HOW_COUNT; i++)
		items[i] = consent_how_text((enum consent_how)i);
	dialog_pick(owner,
	    &(struct dialog){.title = _("Evidence: how"),
		.text = _("How the person agreed."),
		.done = how_given},
	    items, CONSENT_HOW_COUNT, CONSENT_HOW_WEB);
}

/* The list of the first event on the page, or one of several. */
static void
ask_basis(struct screen *owner)
{
	const char *items[BASIS_COUNT];

	for (int i = 0; i < BASIS_COUNT; i++)
		items[i] = basis_word((enum consent_basis)i);
	dialog_pick(owner,
	    &(struct dialog){.title = _("Evidence: the basis"),
		.text = _("On what ground this person may be mailed."),
		.done = basis_given},
	    items, BASIS_COUNT, BASIS_CONSENT);
}

/* Events of what stands now, one for each list. */
static size_t
current_lists(
    const struct consent *self, const struct consent_event **out, size_t room)
{
	size_t used = 0;

	for (size_t i = 0; i < self->count && used < room; i++) {
		if (self->event[i].what == CONSENT_GIVEN)
			out[used++] = &self->event[i];
	}
	return used;
}

enum { LISTS_MAX = 50 };

static void
list_given(struct screen *owner, int answer, struct span text)
{
	struct consent *self = (struct consent *)owner;
	const struct consent_event *event[LISTS_MAX];
	size_t count = current_lists(self, event, LISTS_MAX);

	(void)text;
	if (answer < 1 || (size_t)answer > count)
		return;
	self->list = event[answer - 1]->list;
	ask_basis(owner);
}

static void
ask_set(struct consent *self)
{
	const struct consent_event *event[LISTS_MAX];
	size_t count = current_lists(self, event, LISTS_MAX);
	const char *items[LISTS_MAX];
	char *name[LISTS_MAX];

	if (count == 1) {
		self->list = event[0]->list;
		ask_basis(&self->base);
		return;
	}
	for (size_t i = 0; i < count; i++)
		items[i] = name[i] = mem_text(event[i]->list_name);
	dialog_pick(&self->base,
	    &(struct dialog){.title = _("Evidence: of which list"),
		.text = _("Each list has evidence of its own."),
		.done = list_given},
	    items, count, 0);
	for (size_t i = 0; i < count; i++)
		free(name[i]);
}

/* ---- Erasing ----------------------------------------------------------------- */

static void
erase_reason_given(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct consent *)owner, ERASE, text);
}

static void
address_given(struct screen *owner, int answer, struct span text)
{
	struct consent *self = (struct consent *)owner;

	if (!answer)
		return;
	buf_clear(&self->address);
	buf_add(&self->address, text);
	dialog_ask(owner,
	    &(struct dialog){.title = _("Erase the person: why"),
		.text = _("Who asked for it, and when, without an address: "
			  "the log keeps it."),
		.done = erase_reason_given},
	    LINE_TEXT, SPAN(""), stops_check_reason);
}

static void
ask_erase(struct consent *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Erase the person"),
		.text = _("The record, its lists and copies go for good; "
			  "campaigns that were not sent lose the person. What "
			  "was sent is kept under a number. The person is "
			  "never mailed again. Type the whole address."),
		.done = address_given},
	    LINE_TEXT, SPAN(""), NULL);
}

/* ---- The screen --------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Consent"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct consent *self = (struct consent *)screen;

	draw_fill(body, ROLE_TEXT);
	if (self->loaded)
		pager_draw(self->pager,
		    area_rows(area_cols(body, 2, -3), 1, -2), FOCUS_ON);
	else
		draw_str(body, 1, 2, ROLE_DIM, _("Reading.."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct consent *self = (struct consent *)screen;

	if (record_tab_key(screen, self->owner, key) == USED)
		return USED;
	return pager_key(self->pager, key);
}

static void
tabs(struct screen *screen, struct tabs *out)
{
	(void)screen;
	record_tabs(RECORD_CONSENT, out);
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action == ACT_CONSENT_SET)
		ask_set((struct consent *)screen);
	else if (action == ACT_CONTACT_ERASE)
		ask_erase((struct consent *)screen);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct consent *self = (struct consent *)screen;
	const struct consent_event *event[1];

	if (action != ACT_CONSENT_SET && action != ACT_CONTACT_ERASE)
		return NULL;
	if (!self->loaded || app_has_job(screen->app, screen))
		return _("One moment: this is being read or written.");
	if (action == ACT_CONSENT_SET && !current_lists(self, event, 1))
		return _("This person is on no list.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action all[] = {
	    ACT_CONSENT_SET, ACT_CONTACT_ERASE, ACT_BACK, ACT_NONE};

	(void)screen;
	return all;
}

static void
close_consent(struct screen *screen)
{
	struct consent *self = (struct consent *)screen;

	pager_free(&self->pager);
	arena_free(&self->arena);
	free(self->wording);
	buf_done(&self->paper);
	buf_done(&self->address);
	free(self);
}

static const struct screen_ops consent_ops = {
    .name = "consent",
    .section = 2,
    .title = title,
    .tabs = tabs,
    .draw = draw,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_consent,
};

void
consent_open(struct screen *owner, struct contact_id contact,
    void (*erased)(struct screen *owner))
{
	struct consent *self = mem_new(sizeof *self);

	self->base.ops = &consent_ops;
	self->owner = owner;
	self->erased = erased;
	self->contact = contact;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	app_push(owner->app, &self->base);
}
