/* The text of a campaign.  What is typed is kept in the store a second later,
 * before anybody saves it, so that a crash loses nothing; kept text is offered
 * when the text is opened again.  Compiling runs behind the typing and says
 * what is wrong. */
#include "tui/screens/text.h"

#include <limits.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum {
	KEEP_AFTER_MS = 1000,
	COMPILE_AFTER_MS = 400,
	MENU_ROWS = 7,
	COMPILE_REST = 4,
	KEEP_AGAIN_MS = 30000
};

static int64_t
now(const struct text *self)
{
	return app_steady_ms(self->base.app);
}

/* True when text is kept that says nothing the campaign does not say: undo
 * has gone back to what is saved. */
static bool
is_kept_in_vain(const struct text *self)
{
	return self->loaded && !text_is_changed(self) &&
	       self->kept != self->saved;
}

void
text_changed(struct text *self)
{
	uint64_t revision = editor_revision(self->editor);

	if (revision != self->compiled)
		self->compile_due =
		    now(self) + COMPILE_AFTER_MS + self->compile_wait;
	if (((revision != self->kept && revision != self->saved) ||
		is_kept_in_vain(self)) &&
	    !self->keep_due)
		self->keep_due = now(self) + KEEP_AFTER_MS;
}

void
text_keep(struct text *self)
{
	self->keep_due = 0;
	if (self->keeping || self->saving || !self->loaded)
		return;
	if (is_kept_in_vain(self)) {
		self->kept = self->saved;
		text_task_start(self, TEXT_DROP);
	} else if (text_is_changed(self) &&
		   editor_revision(self->editor) != self->kept) {
		text_task_start(self, TEXT_KEEP);
	}
}

static void
compile(struct text *self)
{
	self->compile_due = 0;
	if (self->compiling)
		return;
	self->compile_began = now(self);
	text_task_start(self, TEXT_COMPILE);
}

static void
save(struct text *self, enum text_then then)
{
	self->then = then;
	self->save_wanted = self->keeping;
	if (!self->saving && !self->keeping)
		text_task_start(self, TEXT_SAVE);
}

/* ---- Kept text ------------------------------------------------------------ */

static void
take_kept(struct text *self, struct span body)
{
	editor_set(self->editor, body);
	self->kept = editor_revision(self->editor);
	app_say(self->base.app, SAY_OK,
	    _("The kept text is back; ^S saves it, ^_ undoes it."));
	text_changed(self);
}

static void
kept_answered(struct screen *owner, int answer, struct span text)
{
	struct text *self = (struct text *)owner;

	(void)text;
	if (answer == 1) {
		take_kept(self, buf_span(&self->kept_text));
		buf_clear(&self->kept_text);
	} else if (answer == 2) {
		buf_clear(&self->kept_text);
		text_task_start(self, TEXT_DROP);
	} else {
		app_pop(owner->app, owner);
	}
}

static void
ask_kept(struct text *self, const struct text_task *task)
{
	const struct dialog_choice choices[] = {
	    {'r', _("Restore it")},
	    {'d', _("Throw it away")},
	};
	struct buf text = BUF_INIT, at = BUF_INIT;

	buf_clear(&self->kept_text);
	buf_add(&self->kept_text, buf_span(&task->kept_body));
	format_minute(&at, task->kept_ms);
	buf_printf(&text,
	    _("Text that nobody saved was kept at %s: the program ended while "
	      "it was being written. Restored, it can still be undone."),
	    at.ptr);
	dialog_choose(&self->base,
	    &(struct dialog){.title = _("Unsaved text was kept"),
		.text = text.ptr,
		.done = kept_answered},
	    choices, 2);
	buf_done(&text);
	buf_done(&at);
}

/* ---- Conflict ------------------------------------------------------------- */

static void
conflict_answered(struct screen *owner, int answer, struct span text)
{
	struct text *self = (struct text *)owner;

	(void)text;
	if (answer == 0)
		return;
	if (answer == 2)
		editor_set(self->editor, buf_span(&self->theirs.body));
	campaign_done(&self->campaign);
	self->campaign = self->theirs;
	self->theirs = CAMPAIGN_INIT;
	text_changed(self);
	if (answer == 1)
		save(self, THEN_STAY);
	else
		self->saved = editor_revision(self->editor);
}

static void
ask_conflict(struct text *self, struct campaign *theirs)
{
	const struct dialog_choice choices[] = {
	    {'m', _("Save mine over it")},
	    {'t', _("Take theirs; mine stays in the undo")},
	};
	struct buf text = BUF_INIT;
	char *by = mem_text(buf_span(&theirs->changed_by));

	campaign_done(&self->theirs);
	self->theirs = *theirs;
	*theirs = CAMPAIGN_INIT;
	buf_printf(&text,
	    _("%s saved this campaign while you were writing. Your text is "
	      "still here and kept; nothing was overwritten."),
	    by);
	dialog_choose(&self->base,
	    &(struct dialog){.title = _("Somebody else saved it"),
		.text = text.ptr,
		.done = conflict_answered},
	    choices, 2);
	buf_done(&text);
	free(by);
}

static const char *why_not(struct screen *screen, enum action action);

/* ---- Ends of jobs --------------------------------------------------------- */

static void
loaded(struct text *self, struct text_task *task)
{
	campaign_done(&self->campaign);
	self->campaign = task->campaign;
	task->campaign = CAMPAIGN_INIT;
	editor_load(self->editor, buf_span(&self->campaign.body));
	self->saved = self->kept = editor_revision(self->editor);
	self->loaded = true;
	self->external_off = task->external_off;
	text_task_start(self, TEXT_FIELDS);
	if (task->has_kept && self->start == EDITOR_START_KEPT)
		take_kept(self, buf_span(&task->kept_body));
	else if (task->has_kept)
		ask_kept(self, task);
	else if (self->start == EDITOR_START_EXTERNAL && !self->external_off)
		external_go(self);
	else if (self->start == EDITOR_START_EXTERNAL)
		app_say(self->base.app, SAY_WARN,
		    why_not(&self->base, ACT_TEXT_EXTERNAL));
	self->compile_due = now(self) + COMPILE_AFTER_MS;
}

static void
saved(struct text *self, struct text_task *task)
{
	struct app *app = self->base.app;
	enum text_then then = self->then;

	campaign_done(&self->campaign);
	self->campaign = task->campaign;
	task->campaign = CAMPAIGN_INIT;
	self->saved = task->revision;
	self->then = THEN_STAY;
	text_changed(self);
	if (then == THEN_LEAVE && !text_is_changed(self))
		app_pop(app, &self->base);
	else if (then == THEN_PREVIEW)
		preview_open(app, self->id);
	else
		app_say(app, SAY_OK, _("Saved."));
}

/* Only now: the screen below looks for kept text when it is shown. */
static void
thrown_away(struct text *self)
{
	self->saved = editor_revision(self->editor);
	app_say(self->base.app, SAY_INFO, _("The changes were thrown away."));
	app_pop(self->base.app, &self->base);
}

static void
failed(struct text *self, struct text_task *task, const struct err *err)
{
	self->then = THEN_STAY;
	if (task->kind == TEXT_KEEP)
		self->keep_due = now(self) + KEEP_AGAIN_MS;
	if (task->kind == TEXT_DROP)
		self->thrown_away = false;
	if (task->kind == TEXT_SAVE && err->code == E_CAMPAIGN_CONFLICT)
		text_task_start(self, TEXT_THEIRS);
	else
		app_say_err(self->base.app, err);
}

static void
done(struct text *self, struct text_task *task)
{
	switch (task->kind) {
	case TEXT_LOAD:
		loaded(self, task);
		break;
	case TEXT_FIELDS:
		marks_take(
		    &self->marks, &task->name, task->count, &task->percent);
		break;
	case TEXT_COMPILE:
		self->fault = task->fault;
		self->pane.asked = true;
		pane_take(self, task);
		break;
	case TEXT_KEEP:
		self->kept = task->revision;
		text_changed(self);
		break;
	case TEXT_SAVE:
		saved(self, task);
		break;
	case TEXT_THEIRS:
		ask_conflict(self, &task->campaign);
		break;
	case TEXT_DROP:
		if (self->thrown_away)
			thrown_away(self);
		break;
	}
}

/* What had to wait, so that kept text never outlives what was decided. */
static void
after_keeping(struct text *self)
{
	if (self->thrown_away) {
		text_task_start(self, TEXT_DROP);
	} else if (self->save_wanted) {
		self->save_wanted = false;
		text_task_start(self, TEXT_SAVE);
	}
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct text *self = (struct text *)screen;
	struct text_task *task = data;

	(void)job;
	self->saving &= task->kind != TEXT_SAVE;
	self->keeping &= task->kind != TEXT_KEEP;
	self->compiling &= task->kind != TEXT_COMPILE;
	if (task->kind == TEXT_COMPILE) {
		self->compiled = task->revision;
		/* the same recipient again */
		self->pane.step =
		    self->pane.total > 0 ? AUDIENCE_AT : AUDIENCE_FIRST;
		/* With a million contacts it takes long: then less often. */
		self->compile_wait =
		    (now(self) - self->compile_began) * COMPILE_REST;
	}
	if (rc < 0)
		failed(self, task, err);
	else
		done(self, task);
	if (task->kind == TEXT_KEEP)
		after_keeping(self);
	/* What was typed meanwhile. */
	if (self->loaded)
		text_changed(self);
}

/* ---- Timers --------------------------------------------------------------- */

static int
until(const struct text *self, int64_t due)
{
	int64_t left = due - now(self);

	return left > 0 ? (int)left : 1;
}

static int
tick_ms(struct screen *screen)
{
	struct text *self = (struct text *)screen;
	int64_t due = self->keep_due;

	if (!due || (self->compile_due && self->compile_due < due))
		due = self->compile_due;
	return due ? until(self, due) : 0;
}

static void
tick(struct screen *screen)
{
	struct text *self = (struct text *)screen;

	if (self->keep_due && now(self) >= self->keep_due)
		text_keep(self);
	if (self->compile_due && now(self) >= self->compile_due)
		compile(self);
}

/* ---- Keys ----------------------------------------------------------------- */

static void
look(struct text *self)
{
	marks_look(
	    &self->marks, editor_span(self->editor), editor_at(self->editor));
	text_changed(self);
}

static void
complete(struct text *self)
{
	struct buf rest = BUF_INIT;

	marks_completion(&self->marks, &rest);
	editor_insert(self->editor, buf_span(&rest));
	look(self);
	buf_done(&rest);
}

static enum used
menu_key(struct text *self, const struct key *key)
{
	if (key->code == K_ENTER || key->code == K_TAB) {
		complete(self);
	} else if (key->code == K_ESC) {
		self->marks.refused = true;
		list_free(&self->marks.list);
	} else if (key->code == K_UP || key->code == K_DOWN) {
		list_key(self->marks.list, key);
	} else {
		return UNUSED;
	}
	return USED;
}

/* While finding: its lines, its own keys, and of the others only those that
 * do not touch the text. */
static enum used
finding_key(struct text *self, const struct key *key)
{
	enum action action;

	if (find_key(self, key) == USED)
		return USED;
	action = find_action(self, key);
	if (action != ACT_NONE) {
		find_act(self, action);
		text_changed(self);
		return USED;
	}
	return key->alt || key->code != K_CHAR || key_is_text(key) ? USED
								   : UNUSED;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct text *self = (struct text *)screen;

	if (!self->loaded)
		return UNUSED;
	if (self->find.stage != FIND_OFF)
		return finding_key(self, key);
	if (self->marks.list && menu_key(self, key) == USED)
		return USED;
	/* ^E is the external editor here; End goes to the end of a line. */
	if (key_is(key, K_CTRL('E')) || editor_key(self->editor, key) == UNUSED)
		return UNUSED;
	look(self);
	return USED;
}

static void
line_answered(struct screen *owner, int answer, struct span text)
{
	struct text *self = (struct text *)owner;
	int64_t line;

	if (answer && span_int(text, &line))
		editor_place_set(
		    self->editor, line < INT_MAX ? (int)line : INT_MAX, 1);
}

static void
ask_line(struct text *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Go to line"),
		.text = _("The line of which number?"),
		.done = line_answered},
	    LINE_NUMBER, SPAN(""), NULL);
}

static void
leave_answered(struct screen *owner, int answer, struct span text)
{
	struct text *self = (struct text *)owner;

	(void)text;
	if (answer == 1)
		save(self, THEN_LEAVE);
	if (answer != 2)
		return;
	self->thrown_away = true;
	if (!self->keeping)
		text_task_start(self, TEXT_DROP);
}

static bool
may_leave(struct screen *screen)
{
	struct text *self = (struct text *)screen;
	const struct dialog_choice choices[] = {
	    {'s', _("Save and leave")},
	    {'d', _("Throw the changes away")},
	};

	if (!text_is_changed(self))
		return true;
	text_keep(self);
	dialog_choose(screen,
	    &(struct dialog){.title = _("The text is not saved"),
		.text = _("The changes since it was last saved are kept in "
			  "case of a crash, but are not in the campaign."),
		.done = leave_answered},
	    choices, 2);
	return false;
}

static void
leave(struct text *self)
{
	if (may_leave(&self->base))
		app_pop(self->base.app, &self->base);
}

/* Beside the text where there is room, else on a screen of its own. */
static void
preview(struct text *self)
{
	if (pane_fits(self) && self->campaign.list)
		self->pane.off = !self->pane.off;
	else if (text_is_changed(self))
		save(self, THEN_PREVIEW);
	else
		preview_open(self->base.app, self->id);
}

static void
next_recipient(struct text *self)
{
	self->pane.off = false;
	self->pane.step = AUDIENCE_NEXT;
	compile(self);
}

static void
restored(struct screen *owner, struct span body)
{
	struct text *self = (struct text *)owner;

	if (editor_set(self->editor, body))
		app_say(owner->app, SAY_OK,
		    _("The version is in the editor; ^S saves it, ^_ undoes "
		      "it."));
	look(self);
}

static void
versions(struct text *self)
{
	struct versions_editor editor = {
	    .owner = &self->base,
	    .subject = buf_span(&self->campaign.subject),
	    .body = editor_span(self->editor),
	    .restore = restored,
	};

	versions_open(self->base.app, self->id, &editor);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct text *self = (struct text *)screen;

	if (action >= ACT_TEXT_SAVE && action <= ACT_FIND_CLOSE &&
	    action != ACT_TEXT_DONE && !self->loaded)
		return _("The text is being read.");
	if ((action == ACT_TEXT_PREVIEW || action == ACT_TEXT_RECIPIENT) &&
	    !self->campaign.list)
		return _("Choose a list first: a preview is for its members.");
	if (action == ACT_TEXT_RECIPIENT && !pane_fits(self))
		return _("There is no room for a mail beside the text; "
			 "^P shows it.");
	if (action == ACT_TEXT_KEEP && editor_marked(self->editor).len == 0)
		return _("Mark the text first: ^B begins, arrows go on.");
	if (action == ACT_TEXT_EXTERNAL && self->external_off)
		return _("Setup forbids other editors.");
	if (action >= ACT_FIND_NEXT && action <= ACT_FIND_ALL &&
	    self->find.stage == FIND_OFF)
		return _("^F begins to find.");
	return NULL;
}

/* What only changes text, cursor or mark. */
static enum used
edit_act(struct text *self, enum action action)
{
	struct editor *editor = self->editor;

	switch ((int)action) {
	case ACT_TEXT_UNDO:
		editor_undo(editor);
		return USED;
	case ACT_TEXT_REDO:
		editor_redo(editor);
		return USED;
	case ACT_TEXT_MARK:
		editor_mark(editor);
		return USED;
	case ACT_TEXT_MARK_ALL:
		editor_mark_all(editor);
		return USED;
	case ACT_TEXT_CUT:
		editor_cut(editor);
		return USED;
	case ACT_TEXT_COPY:
		editor_copy(editor);
		return USED;
	case ACT_TEXT_PASTE:
		editor_paste(editor);
		return USED;
	case ACT_TEXT_DUPLICATE:
		editor_duplicate(editor);
		return USED;
	case ACT_TEXT_UP:
	case ACT_TEXT_DOWN:
		editor_move_lines(editor, action == ACT_TEXT_UP ? -1 : 1);
		return USED;
	case ACT_TEXT_WORD_LEFT:
	case ACT_TEXT_WORD_RIGHT:
		editor_word(editor, action == ACT_TEXT_WORD_LEFT ? -1 : 1);
		return USED;
	case ACT_TEXT_FIELD:
		editor_insert(editor, SPAN("{{"));
		return USED;
	default:
		return UNUSED;
	}
}

static enum used
act(struct screen *screen, enum action action)
{
	struct text *self = (struct text *)screen;

	if (edit_act(self, action) == USED) {
		look(self);
		return USED;
	}
	switch ((int)action) {
	case ACT_TEXT_SAVE:
		save(self, THEN_STAY);
		return USED;
	case ACT_TEXT_PREVIEW:
		preview(self);
		return USED;
	case ACT_TEXT_RECIPIENT:
		next_recipient(self);
		return USED;
	case ACT_TEXT_FIND:
		find_open(self, FIND_WHAT);
		return USED;
	case ACT_TEXT_REPLACE:
		find_open(self, FIND_WITH);
		return USED;
	case ACT_TEXT_LINE:
		ask_line(self);
		return USED;
	case ACT_TEXT_VERSIONS:
		versions(self);
		return USED;
	case ACT_TEXT_SNIPPET:
		snippet_insert(self);
		return USED;
	case ACT_TEXT_KEEP:
		snippet_keep(self);
		return USED;
	case ACT_TEXT_EXTERNAL:
		external_go(self);
		return USED;
	case ACT_FIND_CLOSE:
	case ACT_TEXT_DONE:
	case ACT_BACK:
		leave(self);
		return USED;
	default:
		return UNUSED;
	}
}

/* ---- Drawing -------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Text"));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	struct text *self = (struct text *)screen;
	int line, col;

	if (!self->loaded)
		return;
	editor_place(self->editor, &line, &col);
	if (self->saving)
		buf_text(out, _("saving.."));
	else
		buf_text(
		    out, text_is_changed(self) ? _("not saved") : _("saved"));
	buf_text(out, "  ");
	buf_printf(out, _("line %d, column %d"), line, col);
}

static void
draw_menu(struct text *self, struct area menu)
{
	static const char *const titles[] = {
	    [MENU_NONE] = N_("Merge fields"),
	    [MENU_FIELD] = N_("Merge fields"),
	    [MENU_SECTION] = N_("Sections: shown when the field is filled "
				"(#) or empty (^)"),
	    [MENU_CLOSE] = N_("The section that is open"),
	    [MENU_FORMAT] = N_("Formats"),
	};

	draw_fill(menu, ROLE_OVERLAY);
	draw_blank(menu, 0, 0, menu.cols, ROLE_BAR);
	draw_str(menu, 0, 1, ROLE_BAR_KEY, _(titles[self->marks.menu]));
	list_draw(self->marks.list, area_rows(menu, 1, -1), FOCUS_OFF);
}

static void
draw_text_area(struct text *self, struct area a)
{
	if (pane_is_shown(self)) {
		int half = a.cols / 2;

		pane_draw(self, area_cols(a, half + 1, -1));
		a = area_cols(a, 0, half);
	} else {
		a = area_cols(a, 1, -2);
	}
	marks_see(&self->marks, editor_span(self->editor),
	    editor_revision(self->editor));
	editor_draw(self->editor, a,
	    self->find.stage == FIND_OFF || self->find.stage == FIND_ASKING
		? FOCUS_ON
		: FOCUS_OFF,
	    marks_paint, &self->marks);
}

static void
draw(struct screen *screen, struct area body)
{
	struct text *self = (struct text *)screen;
	int below = 0;

	self->cols = body.cols;
	if (!self->loaded) {
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
		return;
	}
	if (self->find.stage != FIND_OFF)
		below = FIND_ROWS;
	else if (self->marks.list)
		below = MENU_ROWS;
	draw_text_area(self, area_rows(body, 0, body.rows - below));
	if (below == 0)
		return;
	if (self->find.stage != FIND_OFF)
		find_draw(self, area_rows(body, body.rows - below, below));
	else
		draw_menu(self, area_rows(body, body.rows - below, below));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct text *self = (struct text *)screen;

	if (self->find.stage == FIND_ASKING) {
		buf_text(out, editor_marked(self->editor).len > 0
				  ? _("Replace this one? a replaces all in "
				      "the marked text.")
				  : _("Replace this one? a replaces all of "
				      "them as one step."));
	} else if (self->find.stage != FIND_OFF) {
		buf_text(out, _("Case and width make no difference."));
	} else if (self->marks.list) {
		buf_text(out,
		    _("Enter takes the field; type | and a default behind its "
		      "name."));
	} else if (self->fault.code != E_NONE) {
		buf_text(out, "X ");
		err_text(&self->fault, out);
	} else if (self->loaded) {
		buf_text(
		    out, _("Type {{ for a merge field; {{name|default}} has a "
			   "default."));
	}
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_TEXT_SAVE, ACT_TEXT_PREVIEW,
	    ACT_TEXT_FIELD, ACT_TEXT_FIND, ACT_TEXT_EXTERNAL, ACT_TEXT_DONE,
	    ACT_NONE};
	struct text *self = (struct text *)screen;

	if (self->find.stage != FIND_OFF)
		return find_footer(self);
	return actions;
}

static void
shown(struct screen *screen)
{
	struct text *self = (struct text *)screen;

	if (!self->loaded)
		text_task_start(self, TEXT_LOAD);
}

static void
close_text(struct screen *screen)
{
	struct text *self = (struct text *)screen;

	text_keep_now(self);
	campaign_done(&self->campaign);
	campaign_done(&self->theirs);
	editor_free(&self->editor);
	marks_done(&self->marks);
	buf_wipe(&self->kept_text);
	buf_wipe(&self->out_before);
	external_end(&self->out);
	find_free(&self->find);
	pane_free(&self->pane);
	free(self);
}

static const struct screen_ops text_ops = {
    .name = "text",
    .section = 3,
    .title = title,
    .subtitle = subtitle,
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
    .may_leave = may_leave,
    .close = close_text,
};

void
text_open(struct app *app, struct campaign_id campaign, enum editor_start start)
{
	struct text *self = mem_new(sizeof *self);

	self->base.ops = &text_ops;
	self->id = campaign;
	self->start = start;
	self->campaign = CAMPAIGN_INIT;
	self->theirs = CAMPAIGN_INIT;
	self->editor = editor_new();
	app_push(app, &self->base);
}
