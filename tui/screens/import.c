/* The import wizard: file, columns, basis, dry run, result.  Nothing is stored
 * before the fourth step is left with ^N, and then all of it or nothing. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/screens/import_path.h"
#include "tui/screens/import_wizard.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum {
	FRAME_MS = 500,
	PATH_OCTETS = 4000,
	SAMPLE_COLS = 12,
	EXPORTERS_MAX = 64
};

static void
check_path(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("Type the name of a CSV file."));
}

static const struct field_spec file_fields[FILE_FIELDS] = {
    [FILE_PATH] = {.label = N_("File"),
	.kind = FIELD_TEXT,
	.max = PATH_OCTETS,
	.hint = N_("Tab completes the name; ~ is your home folder."),
	.check = check_path},
    [FILE_CHARSET] = {.label = N_("Encoding"),
	.kind = FIELD_CHOICE,
	.cols = 20,
	.choices = wizard_charsets,
	.hint = N_("Space changes it; found out from the file in most cases.")},
    [FILE_LIST] = {.label = N_("To the list"),
	.kind = FIELD_CHOICE,
	.cols = 44,
	.hint = N_("Space and the arrows choose.")},
    [FILE_NEW_LIST] = {.label = N_("New list's name"),
	.kind = FIELD_TEXT,
	.max = 256,
	.cols = 44,
	.hint = N_("Only for a new list; made together with the contacts.")},
};

/* ---- Step by step --------------------------------------------------------- */

static void
go(struct wizard *self, enum wizard_step step)
{
	self->step = step;
	buf_clear(&self->fault);
	list_refresh(self->columns);
	list_refresh(self->kinds);
}

static void
leave_file(struct wizard *self)
{
	if (form_check(self->file) >= 0)
		return;
	if (wizard_list_name(self).len == 0) {
		form_set_focus(self->file, FILE_NEW_LIST);
		form_set_error(
		    self->file, FILE_NEW_LIST, _("The new list needs a name."));
		return;
	}
	if (wizard_list(self).v &&
	    span_trim(form_text(self->file, FILE_NEW_LIST)).len > 0) {
		form_set_focus(self->file, FILE_NEW_LIST);
		form_set_error(self->file, FILE_NEW_LIST,
		    _("A list that exists is chosen above: choose \"a new "
		      "list\" there, or empty this."));
		return;
	}
	self->form =
	    (struct import_form){.charset = (enum import_charset)form_choice(
				     self->file, FILE_CHARSET)};
	wizard_work(self, WORK_OPEN);
}

static void
leave_columns(struct wizard *self)
{
	size_t count, addresses = 0;
	struct import_column *columns;

	if (!self->held || !self->held->import)
		return;
	columns = import_columns(self->held->import, &count);
	for (size_t i = 0; i < count; i++)
		addresses += columns[i].target == IMPORT_ADDRESS;
	if (addresses == 1) {
		wizard_rules_offer(self);
		go(self, STEP_RULES);
		form_set_focus(self->rules, RULES_BASIS);
		return;
	}
	buf_clear(&self->fault);
	buf_text(&self->fault,
	    _("One column must be the address: go to it and press Enter."));
	app_say(self->base.app, SAY_WARN, self->fault.ptr);
}

static void
leave_rules(struct wizard *self)
{
	if (!wizard_rules_check(self))
		return;
	go(self, STEP_CHECK);
	self->checked = false;
	wizard_work(self, WORK_CHECK);
}

static void
next(struct wizard *self)
{
	switch (self->step) {
	case STEP_FILE:
		leave_file(self);
		break;
	case STEP_COLUMNS:
		leave_columns(self);
		break;
	case STEP_RULES:
		leave_rules(self);
		break;
	case STEP_CHECK:
		wizard_work(self, self->checked ? WORK_COMMIT : WORK_CHECK);
		break;
	case STEP_RESULT:
	case STEP_COUNT:
		break;
	}
}

/* ---- Ends of jobs --------------------------------------------------------- */

static void
set_lists(struct wizard *self, struct work *work)
{
	const char **names;
	size_t chosen = work->list_count;
	struct list_id before = wizard_list(self);
	bool first = !self->lists;

	free(self->lists);
	self->lists = work->lists;
	self->list_count = work->list_count;
	work->lists = NULL;
	names = mem_array(self->list_count + 1, sizeof *names);
	for (size_t i = 0; i < self->list_count; i++) {
		names[i] = self->lists[i].name;
		if (self->lists[i].id.v == (first ? self->wanted.v : before.v))
			chosen = i;
	}
	names[self->list_count] = _("(a new list)");
	if (first && !self->wanted.v && self->list_count > 0)
		chosen = 0;
	form_set_choices(self->file, FILE_LIST, names, self->list_count + 1);
	form_set_choice(self->file, FILE_LIST, (int)chosen);
	free(names);
}

static void
completed(struct wizard *self, struct work *work)
{
	struct span now = form_text(self->file, FILE_PATH);
	struct span got = buf_span(&work->completed);

	if (!span_equal(now, span_of(work->path)))
		return;
	if (work->matches == 0)
		app_say(
		    self->base.app, SAY_INFO, _("No file begins like that."));
	else if (span_equal(now, got) && work->matches == 1)
		form_set_focus(self->file, FILE_CHARSET);
	else if (span_equal(now, got))
		app_sayf(self->base.app, SAY_INFO,
		    P_("%zu name begins like that.",
			"%zu names begin like that.", work->matches),
		    work->matches);
	else
		form_set(self->file, FILE_PATH, got);
}

static void
opened(struct wizard *self, struct work *work)
{
	const struct import_recognised *found;

	held_drop(&self->held);
	self->held = work->held;
	self->held->holders++;
	free(self->path);
	self->path = mem_text(span_of(work->path));
	self->form = work->form;
	self->choosing = false;
	self->preset = work->preset;
	self->has_preset = work->has_preset;
	import_table(self->held->import, &self->form, &self->table);
	self->repairs = self->guards = 0;
	self->pair_count = 0;
	buf_clear(&self->reason);
	list_free(&self->columns);
	list_free(&self->kinds);
	wizard_lists_new(self);
	found = import_recognised(self->held->import);
	form_set_choice(self->rules, RULES_STATE,
	    (int)(found ? found->state : IMPORT_STATE_UNSAID));
	self->basis_touched = false;
	go(self, STEP_COLUMNS);
	self->try_index = 0;
	if (self->pending)
		wizard_take_exporter(self, self->pending);
	else
		wizard_try(self);
	self->pending = NULL;
}

static void
written(struct wizard *self, const struct work *work)
{
	struct buf count = BUF_INIT;

	format_count(&count, work->written.rows);
	app_sayf(self->base.app, SAY_OK,
	    P_("%s row was written (%s).", "%s rows were written (%s).",
		work->written.rows),
	    count.ptr, work->written.charset);
	buf_done(&count);
}

static void
failed(struct wizard *self, const struct work *work, const struct err *err)
{
	self->pending = NULL;
	if (err->code == E_CANCELLED) {
		app_say(self->base.app, SAY_INFO,
		    _("Stopped. Nothing was stored."));
		if (work->kind == WORK_CHECK)
			go(self, STEP_RULES);
		return;
	}
	if (err->code == E_IMPORT_ENCODING_UNSURE) {
		wizard_work(self, WORK_CANDIDATES);
		return;
	}
	if (err->code == E_IMPORT_MEMBERS) {
		wizard_work(self, WORK_MEMBERS);
		return;
	}
	if (err->code == E_IMPORT_SHIFTED || err->code == E_IMPORT_SORTED)
		self->raised = import_shift_seen(self->held->import)->raised;
	buf_clear(&self->fault);
	err_text(err, &self->fault);
	if (!wizard_is_seen(self))
		wizard_say_failed(self);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct wizard *self = (struct wizard *)screen;
	struct work *work = data;

	(void)job;
	if (work->kind >= WORK_OPEN) {
		self->busy = WORK_NONE;
		self->job = NULL;
	}
	if (work->kind == WORK_TRY) {
		wizard_try_take(self, work, rc);
	} else if (rc < 0) {
		failed(self, work, err);
	} else if (work->kind == WORK_LISTS) {
		set_lists(self, work);
		wizard_rules_set_wordings(self, work);
	} else if (work->kind == WORK_COMPLETE) {
		completed(self, work);
	} else if (work->kind == WORK_OPEN) {
		opened(self, work);
	} else if (work->kind == WORK_CANDIDATES) {
		wizard_ask_charset(self, work);
	} else if (work->kind == WORK_WRITE) {
		written(self, work);
	} else if (work->kind == WORK_MEMBERS) {
		wizard_ask_member(self, &work->members);
	} else {
		self->counts = work->counts;
		self->checked = true;
		wizard_sum(self);
		go(self, work->kind == WORK_COMMIT ? STEP_RESULT : STEP_CHECK);
		if (work->kind == WORK_COMMIT)
			wizard_say_done(self);
	}
}

/* ---- Leaving -------------------------------------------------------------- */

static void
open_list(struct wizard *self)
{
	struct app *app = self->base.app;
	struct list_id list = import_list(self->held->import);
	bool there = self->base.below && self->wanted.v == list.v &&
		     strcmp(self->base.below->ops->name, "contacts") == 0;

	app_pop(app, &self->base);
	if (!there)
		contacts_open(app, list);
}

/* ---- The screen ----------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Import"));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	struct wizard *self = (struct wizard *)screen;
	const char *slash;

	if (!self->path || self->step == STEP_FILE)
		return;
	slash = strrchr(self->path, '/');
	buf_text(out, slash ? slash + 1 : self->path);
	buf_text(out, "  ");
	format_size(out, import_size(self->held->import));
}

static void
tabs(struct screen *screen, struct tabs *out)
{
	out->count = STEP_COUNT;
	out->current = (int)((struct wizard *)screen)->step;
	out->label[STEP_FILE] = _("File");
	out->label[STEP_COLUMNS] = _("Columns");
	out->label[STEP_RULES] = _("Rules");
	out->label[STEP_CHECK] = _("Check");
	out->label[STEP_RESULT] = _("Result");
}

static void
draw(struct screen *screen, struct area body)
{
	wizard_draw((struct wizard *)screen, body);
}

static void
hint_columns(const struct wizard *self, struct buf *out)
{
	const struct import_recognised *found =
	    self->held && self->held->import
		? import_recognised(self->held->import)
		: NULL;

	if (self->tried && self->tried->tried.bad > self->tried->tried.good)
		buf_text(
		    out, _("! Most rows are bad: is this the address column?"));
	else if (self->has_preset)
		buf_printf(out, _("The preset \"%s\" fits this file: P."),
		    self->preset.name);
	else if (found)
		buf_printf(out,
		    _("This looks like an export of %s: e takes its columns "
		      "so."),
		    found->exporter->label);
	else
		buf_text(
		    out, _("Merge fields can be used in texts: {{field}}."));
}

/* What ^N would do. */
static void
hint_store(const struct wizard *self, const char *list, struct buf *out)
{
	bool leave = form_choice(self->rules, RULES_MODE) == IMPORT_REMOVE;
	int64_t changed = self->counts.changed;
	int64_t first = leave ? changed : self->counts.fresh;
	struct buf count = BUF_INIT;

	format_count(&count, first);
	buf_printf(out,
	    leave ? P_("^N stores it: %s contact leaves %s.",
			"^N stores it: %s contacts leave %s.", first)
		  : P_("^N stores it: %s contact joins %s.",
			"^N stores it: %s contacts join %s.", first),
	    count.ptr, list);
	if (!leave && changed > 0) {
		buf_clear(&count);
		format_count(&count, changed);
		buf_printf(out,
		    P_(" %s is changed.", " %s are changed.", changed),
		    count.ptr);
	}
	if (!leave && first > 0 && self->counts.bare == first)
		buf_text(out, _(" None of them can be mailed."));
	buf_done(&count);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct wizard *self = (struct wizard *)screen;
	char *list = mem_text(wizard_list_name(self));

	if (self->busy == WORK_COMMIT) {
		buf_text(
		    out, _("You may leave this screen; the import goes on."));
	} else if (self->step == STEP_CHECK && self->checked && !self->busy) {
		hint_store(self, list, out);
	} else if (self->step == STEP_RESULT) {
		buf_printf(out, _("l shows the list %s."), list);
	} else if (self->step == STEP_COLUMNS) {
		hint_columns(self, out);
	}
	free(list);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action forms[] = {
	    ACT_IMPORT_NEXT, ACT_BACK, ACT_NONE};
	static const enum action columns[] = {ACT_IMPORT_TARGET,
	    ACT_IMPORT_SHOWN, ACT_IMPORT_PRESETS, ACT_IMPORT_CHARSET,
	    ACT_IMPORT_NEXT, ACT_BACK, ACT_NONE};
	static const enum action exported[] = {ACT_IMPORT_TARGET,
	    ACT_IMPORT_SHOWN, ACT_IMPORT_EXPORTER, ACT_IMPORT_CHARSET,
	    ACT_IMPORT_NEXT, ACT_BACK, ACT_NONE};
	static const enum action check[] = {
	    ACT_OPEN, ACT_IMPORT_WRITE, ACT_IMPORT_NEXT, ACT_BACK, ACT_NONE};
	static const enum action offered[] = {ACT_OPEN, ACT_IMPORT_OFFERS,
	    ACT_IMPORT_WRITE, ACT_IMPORT_NEXT, ACT_BACK, ACT_NONE};
	static const enum action stopped[] = {
	    ACT_IMPORT_OVERRULE, ACT_BACK, ACT_NONE};
	static const enum action busy[] = {ACT_CANCEL, ACT_NONE};
	static const enum action storing[] = {ACT_CANCEL, ACT_BACK, ACT_NONE};
	static const enum action result[] = {ACT_OPEN, ACT_IMPORT_LIST,
	    ACT_IMPORT_WRITE, ACT_IMPORTS, ACT_BACK, ACT_NONE};
	struct wizard *self = (struct wizard *)screen;

	if (self->busy)
		return self->busy == WORK_COMMIT ? storing : busy;
	if (self->step == STEP_RESULT)
		return result;
	if (self->step == STEP_CHECK)
		return self->raised              ? stopped
		       : wizard_has_offers(self) ? offered
						 : check;
	if (self->step == STEP_COLUMNS)
		return self->held && import_recognised(self->held->import)
			   ? exported
			   : columns;
	return forms;
}

static enum used
file_key(struct wizard *self, const struct key *key)
{
	enum form_did did;

	if (key->code == K_TAB && form_focus(self->file) == FILE_PATH &&
	    form_text(self->file, FILE_PATH).len > 0) {
		wizard_work(self, WORK_COMPLETE);
		return USED;
	}
	did = form_key(self->file, key);
	if (did == FORM_CHANGED)
		buf_clear(&self->fault);
	if (did == FORM_PRESSED)
		next(self);
	return did == FORM_UNUSED ? UNUSED : USED;
}

static enum used
rules_key(struct wizard *self, const struct key *key)
{
	enum form_did did = form_key(self->rules, key);

	if (did == FORM_CHANGED) {
		self->checked = false;
		self->basis_touched |= form_focus(self->rules) >= RULES_BASIS;
		wizard_rules_show(self);
	}
	if (did == FORM_PRESSED)
		next(self);
	return did == FORM_UNUSED ? UNUSED : USED;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct wizard *self = (struct wizard *)screen;

	if (self->busy)
		return UNUSED;
	switch (self->step) {
	case STEP_FILE:
		return file_key(self, key);
	case STEP_COLUMNS:
		return list_key(self->columns, key);
	case STEP_RULES:
		return rules_key(self, key);
	case STEP_CHECK:
	case STEP_RESULT:
	case STEP_COUNT:
		break;
	}
	return list_key(self->kinds, key);
}

/* The column under the cursor says yes or no. */
static bool
has_meanings(struct wizard *self)
{
	const struct import_column *column =
	    self->step == STEP_COLUMNS && !self->busy ? wizard_column(self)
						      : NULL;

	return column && (column->target == IMPORT_STATE ||
			     column->target == IMPORT_AGREED);
}

/* Why Enter opens nothing outside the columns. */
static const char *
why_not_open(const struct wizard *self)
{
	if (!self->busy && self->step < STEP_CHECK)
		return _("Here Tab and the arrows go from line to line.");
	return wizard_rows_why_not(self);
}

/* Why an action of the fourth and fifth step cannot be done; NULL: it can. */
static const char *
why_not_after(const struct wizard *self, enum action action)
{
	bool check = self->step == STEP_CHECK && !self->busy;

	if ((action == ACT_IMPORTS || action == ACT_IMPORT_LIST) &&
	    self->step != STEP_RESULT)
		return _("Nothing is stored yet.");
	if (action == ACT_OPEN && self->step != STEP_COLUMNS)
		return why_not_open(self);
	if (action == ACT_IMPORT_WRITE &&
	    (self->busy || self->step < STEP_CHECK || !self->checked ||
		self->counts.rejected == 0))
		return _("No row was left out.");
	if (action == ACT_IMPORT_OFFERS && !(check && wizard_has_offers(self)))
		return _("There is nothing to repair.");
	if (action == ACT_IMPORT_OVERRULE && !(check && self->raised))
		return _("Nothing has stopped this import.");
	return NULL;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct wizard *self = (struct wizard *)screen;
	bool columns = self->step == STEP_COLUMNS && !self->busy;

	if (action == ACT_IMPORT_NEXT && self->busy)
		return _("Wait until it has ended, or stop it with ^C.");
	if (action == ACT_IMPORT_NEXT && self->step == STEP_RESULT)
		return _("The import is done.");
	if ((action == ACT_IMPORT_CHARSET || action == ACT_IMPORT_EXPORTER ||
		action == ACT_IMPORT_PRESETS || action == ACT_IMPORT_SHOWN) &&
	    !columns)
		return _("This belongs to the second step, the columns.");
	if (action == ACT_IMPORT_TARGET && !columns)
		return _("This belongs to the second step, the columns.");
	if (action == ACT_IMPORT_VALUES && !has_meanings(self))
		return _("This column has no values to be understood.");
	return why_not_after(self, action);
}

static enum used
back(struct wizard *self)
{
	if (self->busy && self->busy != WORK_COMMIT) {
		wizard_stop(self);
		return USED;
	}
	if (self->busy || self->step == STEP_FILE || self->step == STEP_RESULT)
		return UNUSED;
	go(self, self->step - 1);
	return USED;
}

/* The numbers over the body are steps here: back to one that was done. */
static void
go_to_step(struct wizard *self, int step)
{
	if (!self->busy && self->step != STEP_RESULT && step < (int)self->step)
		go(self, (enum wizard_step)step);
}

/* The row beside the columns. */
static enum used
show_row(struct wizard *self, int by)
{
	if (self->step != STEP_COLUMNS || !self->tried)
		return UNUSED;
	if (by > 0)
		self->try_index++;
	else if (self->try_index > 0)
		self->try_index--;
	wizard_try(self);
	return USED;
}

/* What has a page or a question of its own. */
static enum used
act_aside(struct wizard *self, enum action action)
{
	struct app *app = self->base.app;

	if (action == ACT_IMPORT_CHARSET)
		import_form_open(self);
	else if (action == ACT_IMPORT_EXPORTER)
		wizard_map_exporter(self);
	else if (action == ACT_IMPORT_SHOWN)
		import_shown_open(self);
	else if (action == ACT_IMPORT_PRESETS)
		import_presets_open(self);
	else if (action == ACT_IMPORT_WRITE)
		wizard_ask_rejects(self);
	else if (action == ACT_IMPORTS)
		imports_open(app, import_list(self->held->import));
	else if (action == ACT_IMPORT_VALUES)
		import_values_open(app, wizard_column(self));
	else if (action == ACT_IMPORT_OFFERS)
		import_offers_open(self);
	else if (action == ACT_IMPORT_OVERRULE)
		wizard_ask_overrule(self);
	else if (action == ACT_IMPORT_ROW_NEXT || action == ACT_IMPORT_ROW_BACK)
		return show_row(self, action == ACT_IMPORT_ROW_NEXT ? 1 : -1);
	else
		return UNUSED;
	return USED;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct wizard *self = (struct wizard *)screen;

	if (action == ACT_BACK)
		return back(self);
	if (action >= ACT_SECTION_1 && action <= ACT_SECTION_8) {
		go_to_step(self, (int)(action - ACT_SECTION_1));
		return USED;
	}
	if (action == ACT_CANCEL && self->busy == WORK_COMMIT)
		wizard_ask_stop(self);
	else if (action == ACT_CANCEL && self->busy)
		wizard_stop(self);
	else if (action == ACT_IMPORT_NEXT)
		next(self);
	else if (action == ACT_IMPORT_LIST)
		open_list(self);
	else if (action == ACT_OPEN && self->step >= STEP_CHECK)
		wizard_open_rows(self);
	else if ((action == ACT_IMPORT_TARGET || action == ACT_OPEN) &&
		 wizard_column(self))
		wizard_ask_target(self, wizard_column(self));
	else
		return act_aside(self, action);
	return USED;
}

static int
tick_ms(struct screen *screen)
{
	enum work_kind busy = ((struct wizard *)screen)->busy;

	return busy == WORK_CHECK || busy == WORK_COMMIT ? FRAME_MS : 0;
}

static void
tick(struct screen *screen)
{
	struct wizard *self = (struct wizard *)screen;

	if (!self->held || !self->held->import || self->busy <= WORK_OPEN)
		return;
	import_progress(self->held->import, &self->counts);
	wizard_sum(self);
}

static void
shown(struct screen *screen)
{
	struct wizard *self = (struct wizard *)screen;

	if (self->step == STEP_FILE && !self->busy)
		wizard_work(self, WORK_LISTS);
	else if (self->step == STEP_COLUMNS)
		wizard_try(self);
}

static void
close_wizard(struct screen *screen)
{
	struct wizard *self = (struct wizard *)screen;

	form_free(&self->file);
	form_free(&self->rules);
	list_free(&self->columns);
	list_free(&self->kinds);
	held_drop(&self->held);
	wizard_try_free(&self->tried);
	free(self->lists);
	free(self->wordings);
	free(self->path);
	buf_done(&self->fault);
	buf_done(&self->because);
	buf_done(&self->reason);
	buf_done(&self->target);
	for (size_t i = 0; i < 3; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static const struct screen_ops import_ops = {
    .name = "import",
    .section = 2,
    .title = title,
    .subtitle = subtitle,
    .tabs = tabs,
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
    .lives_on = wizard_lives_on,
    .close = close_wizard,
};

void
import_screen_open(struct app *app, struct list_id list)
{
	const struct session *session = app_session(app);
	struct wizard *self;

	if (import_resume(app))
		return;
	self = mem_new(sizeof *self);
	self->base.ops = &import_ops;
	self->wanted = list;
	self->file = form_new(file_fields, FILE_FIELDS);
	self->rules = form_new(wizard_rules_fields, RULES_FIELDS);
	wizard_lists_new(self);
	if (session && session->demo)
		form_set(self->file, FILE_PATH, span_of(session->demo->csv));
	app_push(app, &self->base);
}
