/* The form of a mark: what is wrong, from the whole catalogue, so that nothing
 * is given away; where; a note.  Both must be chosen. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/app.h"
#include "tui/demo/drill_screens.h"
#include "tui/drill.h"
#include "tui/text/drill_text.h"
#include "tui/text/errors.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/form.h"

enum { F_KIND, F_WHERE, F_NOTE, F_DO, F_COUNT };

struct mark_page {
	struct screen base;
	struct form *form;
	enum drill_kind was; /* of the mark that is changed; DRILL_KINDS */
};

static const char *const nothing[] = {"", NULL};

static const struct field_spec fields[F_COUNT] = {
    [F_KIND] = {.label = N_("What is wrong"),
	.kind = FIELD_CHOICE,
	.choices = nothing,
	.hint = N_("Enter shows the whole list.")},
    [F_WHERE] = {.label = N_("Where"),
	.kind = FIELD_CHOICE,
	.choices = nothing,
	.hint = N_("Enter shows the whole list.")},
    [F_NOTE] = {.label = N_("Note"),
	.kind = FIELD_TEXT,
	.max = DRILL_NOTE_MAX,
	.hint = N_("For yourself; may be left empty.")},
    [F_DO] = {.label = N_("Mark it"), .kind = FIELD_BUTTON},
};

/* ---- The two lists; the first choice is none ------------------------------------- */

static const char *
kind_text(int number)
{
	return drill_kind_text((enum drill_kind)number);
}

static const char *
where_text(int number)
{
	return drill_where_text((enum drill_where)number);
}

static const struct {
	int count;
	const char *(*text)(int number);
} choices[] = {
    [F_KIND] = {DRILL_KINDS, kind_text},
    [F_WHERE] = {DRILL_WHERES, where_text},
};

enum { CHOICES_MOST = DRILL_KINDS + DRILL_WHERES };

/* In the language of now; what was chosen stays. */
static void
set_choices(struct form *form, int field)
{
	const char *text[CHOICES_MOST + 1];
	int chosen = form_choice(form, field);

	text[0] = _("not chosen");
	for (int i = 0; i < choices[field].count; i++)
		text[i + 1] = choices[field].text(i);
	form_set_choices(form, field, text, (size_t)choices[field].count + 1);
	form_set_choice(form, field, chosen);
}

static void
picked(struct screen *owner, int field, int answer)
{
	struct form *form = ((struct mark_page *)owner)->form;

	if (answer < 1)
		return;
	form_set_choice(form, field, answer);
	form_set_error(form, field, NULL);
	form_set_focus(form, field + 1);
}

static void
kind_picked(struct screen *owner, int answer, struct span text)
{
	(void)text;
	picked(owner, F_KIND, answer);
}

static void
where_picked(struct screen *owner, int answer, struct span text)
{
	(void)text;
	picked(owner, F_WHERE, answer);
}

static void
pick(struct mark_page *self, int field)
{
	const char *items[CHOICES_MOST];
	int chosen = form_choice(self->form, field);

	for (int i = 0; i < choices[field].count; i++)
		items[i] = choices[field].text(i);
	dialog_pick(&self->base,
	    &(struct dialog){.title = field == F_KIND ? _("Which fault is it?")
						      : _("Where is it?"),
		.text = "",
		.done = field == F_KIND ? kind_picked : where_picked},
	    items, (size_t)choices[field].count,
	    chosen > 0 ? (size_t)chosen - 1 : 0);
}

/* ---- Keeping it -------------------------------------------------------------------- */

static bool
is_chosen(struct mark_page *self, int field)
{
	if (form_choice(self->form, field) > 0)
		return true;
	form_set_error(self->form, field, _("Choose one, please."));
	form_set_focus(self->form, field);
	return false;
}

static void
save(struct mark_page *self)
{
	struct app *app = self->base.app;
	struct drill_marks *marks = &drill_of(app_session(app))->marks;
	struct err err = {.code = E_NONE};
	struct buf why = BUF_INIT;
	enum drill_kind kind;

	if (!is_chosen(self, F_KIND) || !is_chosen(self, F_WHERE))
		return;
	kind = (enum drill_kind)(form_choice(self->form, F_KIND) - 1);
	if (drill_mark(marks, kind,
		(enum drill_where)(form_choice(self->form, F_WHERE) - 1),
		span_trim(form_text(self->form, F_NOTE)), &err) < 0) {
		err_text(&err, &why);
		form_set_error(self->form, F_NOTE, why.ptr);
		form_set_focus(self->form, F_NOTE);
		buf_done(&why);
		return;
	}
	if (self->was != DRILL_KINDS && self->was != kind)
		drill_unmark(marks, self->was);
	app_sayf(app, SAY_OK, _("Marked: %s."), drill_kind_text(kind));
	app_pop(app, &self->base);
}

/* ---- The screen ---------------------------------------------------------------------- */

static void
shown(struct screen *screen)
{
	struct mark_page *self = (struct mark_page *)screen;

	set_choices(self->form, F_KIND);
	set_choices(self->form, F_WHERE);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Mark a fault"));
}

static void
draw(struct screen *screen, struct area body)
{
	form_draw(((struct mark_page *)screen)->form,
	    area_rows(area_cols(body, 2, -3), 1, -1), FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("A second mark of the same kind takes the place of the "
			"first."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct mark_page *self = (struct mark_page *)screen;
	int field = form_focus(self->form);

	if (key->code == K_ENTER && (field == F_KIND || field == F_WHERE)) {
		pick(self, field);
		return USED;
	}
	switch (form_key(self->form, key)) {
	case FORM_PRESSED:
		save(self);
		return USED;
	case FORM_USED:
	case FORM_CHANGED:
		return USED;
	case FORM_UNUSED:
		return UNUSED;
	}
	return UNUSED;
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action == ACT_MARK_SAVE)
		save((struct mark_page *)screen);
	else if (action == ACT_MARK_BACK)
		app_pop(screen->app, screen);
	else
		return UNUSED;
	return USED;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_MARK_SAVE, ACT_MARK_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_mark(struct screen *screen)
{
	struct mark_page *self = (struct mark_page *)screen;

	form_free(&self->form);
	free(self);
}

static const struct screen_ops mark_ops = {
    .name = "drill-mark",
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .footer = footer,
    .shown = shown,
    .close = close_mark,
};

void
drill_mark_open(struct app *app, const struct drill_mark *mark)
{
	struct mark_page *self = mem_new(sizeof *self);

	self->base.ops = &mark_ops;
	self->form = form_new(fields, F_COUNT);
	self->was = mark ? mark->kind : DRILL_KINDS;
	shown(&self->base);
	if (mark) {
		form_set_choice(self->form, F_KIND, (int)mark->kind + 1);
		form_set_choice(self->form, F_WHERE, (int)mark->where + 1);
		form_set(self->form, F_NOTE, span_of(mark->note));
	}
	app_push(app, &self->base);
	if (!mark)
		pick(self, F_KIND);
}
