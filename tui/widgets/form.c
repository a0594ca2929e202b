/* Forms.  Values are lines of input, choices or nothing; the label column is
 * as wide as the widest label in the reader's language. */
#include "tui/widgets/form.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/text/wrap.h"

enum { DEFAULT_MAX = 255, LABEL_MAX_CELLS = 30, SIGN_CELLS = 2 };

struct field {
	struct line *line; /* owned; text, number, secret, shown */
	char **choices;    /* owned; replaced by form_set_choices() */
	size_t choice_count;
	int choice;
	char *error; /* owned */
	bool hidden;
};

struct form {
	const struct field_spec *specs;
	size_t count;
	struct field *fields;
	int focus;
	int top;       /* first field drawn */
	int said_cols; /* for what is said about a field */
	bool changed;
	bool more; /* fields below the last one drawn */
};

static enum line_kind
line_kind_of(enum field_kind kind)
{
	if (kind == FIELD_NUMBER)
		return LINE_NUMBER;
	return kind == FIELD_SECRET ? LINE_SECRET : LINE_TEXT;
}

static bool
has_line(enum field_kind kind)
{
	return kind == FIELD_TEXT || kind == FIELD_NUMBER ||
	       kind == FIELD_SECRET || kind == FIELD_SHOWN;
}

static bool
can_focus(const struct form *form, int field)
{
	enum field_kind kind = form->specs[field].kind;

	return kind != FIELD_SHOWN && kind != FIELD_GAP &&
	       !form->fields[field].hidden;
}

struct form *
form_new(const struct field_spec *fields, size_t count)
{
	struct form *form = mem_new(sizeof *form);

	form->specs = fields;
	form->count = count;
	form->fields = mem_array(count, sizeof *form->fields);
	for (size_t i = 0; i < count; i++) {
		const struct field_spec *spec = &fields[i];

		if (!has_line(spec->kind))
			continue;
		form->fields[i].line = line_new(line_kind_of(spec->kind),
		    spec->max ? spec->max : DEFAULT_MAX);
		line_set_paste(form->fields[i].line, spec->paste);
	}
	form->focus = -1;
	form_set_focus(form, 0);
	return form;
}

static void
free_choices(struct field *field)
{
	for (size_t i = 0; i < field->choice_count; i++)
		free(field->choices[i]);
	free(field->choices);
	field->choices = NULL;
	field->choice_count = 0;
}

void
form_free(struct form **form)
{
	if (!*form)
		return;
	for (size_t i = 0; i < (*form)->count; i++) {
		line_free(&(*form)->fields[i].line);
		free_choices(&(*form)->fields[i]);
		free((*form)->fields[i].error);
	}
	free((*form)->fields);
	free(*form);
	*form = NULL;
}

/* ---- Values --------------------------------------------------------------- */

struct span
form_text(const struct form *form, int field)
{
	return line_span(form->fields[field].line);
}

void
form_set(struct form *form, int field, struct span text)
{
	line_set(form->fields[field].line, text);
	form_set_error(form, field, NULL);
}

struct secret *
form_secret(const struct form *form, int field)
{
	return line_secret(form->fields[field].line);
}

static size_t
choice_count(const struct form *form, int field)
{
	const char *const *choices = form->specs[field].choices;
	size_t count = 0;

	if (form->fields[field].choices)
		return form->fields[field].choice_count;
	while (choices && choices[count])
		count++;
	return count;
}

static const char *
choice_text(const struct form *form, int field)
{
	const struct field *f = &form->fields[field];

	if ((size_t)f->choice >= choice_count(form, field))
		return "";
	if (f->choices)
		return f->choices[f->choice];
	return _(form->specs[field].choices[f->choice]);
}

int
form_choice(const struct form *form, int field)
{
	return form->fields[field].choice;
}

void
form_set_choice(struct form *form, int field, int choice)
{
	form->fields[field].choice = choice;
	form_set_error(form, field, NULL);
}

void
form_set_choices(
    struct form *form, int field, const char *const *choices, size_t count)
{
	struct field *f = &form->fields[field];

	free_choices(f);
	f->choices = mem_array(count ? count : 1, sizeof *f->choices);
	for (size_t i = 0; i < count; i++)
		f->choices[i] = mem_text(span_of(choices[i]));
	f->choice_count = count;
	if ((size_t)f->choice >= count)
		f->choice = 0;
}

void
form_set_seen(struct form *form, int field, enum field_seen seen)
{
	form->fields[field].hidden = seen == FIELD_HIDDEN;
	form_set_error(form, field, NULL);
}

void
form_set_error(struct form *form, int field, const char *text)
{
	free(form->fields[field].error);
	form->fields[field].error = text ? mem_text(span_of(text)) : NULL;
}

static bool
check_field(struct form *form, int field)
{
	const struct field_spec *spec = &form->specs[field];
	struct buf why = BUF_INIT;
	bool good;

	if (form->fields[field].hidden)
		return true;
	if (!spec->check || !has_line(spec->kind))
		return form->fields[field].error == NULL;
	spec->check(form_text(form, field), &why);
	good = why.len == 0;
	form_set_error(form, field, good ? NULL : why.ptr);
	buf_done(&why);
	return good;
}

int
form_check(struct form *form)
{
	int first = -1;

	for (int i = 0; i < (int)form->count; i++) {
		if (!check_field(form, i) && first < 0)
			first = i;
	}
	if (first >= 0)
		form_set_focus(form, first);
	return first;
}

bool
form_is_changed(const struct form *form)
{
	return form->changed;
}

void
form_set_saved(struct form *form)
{
	form->changed = false;
}

void
form_set_changed(struct form *form)
{
	form->changed = true;
}

bool
form_has_more(const struct form *form)
{
	return form->more;
}

/* ---- Focus and keys ------------------------------------------------------- */

int
form_focus(const struct form *form)
{
	return form->focus;
}

void
form_set_focus(struct form *form, int field)
{
	for (int i = field; i < (int)form->count; i++) {
		if (can_focus(form, i)) {
			form->focus = i;
			return;
		}
	}
}

/* Moves to the next field in a direction; false at the end. */
static bool
move(struct form *form, int direction)
{
	int i = form->focus + direction;

	while (i >= 0 && i < (int)form->count && !can_focus(form, i))
		i += direction;
	if (i < 0 || i >= (int)form->count)
		return false;
	if (form->focus >= 0)
		check_field(form, form->focus);
	form->focus = i;
	return true;
}

static void
wrap_to(struct form *form, int from, int direction)
{
	form->focus = from;
	if (form->focus < 0 || form->focus >= (int)form->count ||
	    !can_focus(form, form->focus))
		move(form, direction);
}

static enum form_did
choice_key(struct form *form, const struct key *key)
{
	struct field *field = &form->fields[form->focus];
	int count = (int)choice_count(form, form->focus);
	int step = 0;

	if (key->code == K_RIGHT || key_is(key, ' '))
		step = 1;
	if (key->code == K_LEFT)
		step = -1;
	if (!step || count == 0)
		return FORM_UNUSED;
	field->choice = (field->choice + step + count) % count;
	form_set_error(form, form->focus, NULL);
	form->changed = true;
	return FORM_CHANGED;
}

static enum form_did
line_edit(struct form *form, const struct key *key)
{
	struct line *line = form->fields[form->focus].line;
	struct buf before = BUF_INIT;
	enum form_did did = FORM_USED;

	buf_reserve(&before, LINE_MAX + 1);
	buf_add(&before, line_span(line));
	if (line_key(line, key) == UNUSED) {
		did = FORM_UNUSED;
	} else if (!span_equal(buf_span(&before), line_span(line))) {
		did = FORM_CHANGED;
		form->changed = true;
		form_set_error(form, form->focus, NULL);
	}
	buf_wipe(&before);
	return did;
}

static enum form_did
move_key(struct form *form, const struct key *key)
{
	int last = (int)form->count - 1;

	switch ((int)key->code) {
	case K_DOWN:
		move(form, 1);
		return FORM_USED;
	case K_UP:
		move(form, -1);
		return FORM_USED;
	case K_TAB:
		if (!move(form, 1))
			wrap_to(form, 0, 1);
		return FORM_USED;
	case K_BACKTAB:
		if (!move(form, -1))
			wrap_to(form, last, -1);
		return FORM_USED;
	case K_ENTER:
		if (form->specs[form->focus].kind == FIELD_BUTTON)
			return FORM_PRESSED;
		return move(form, 1) ? FORM_USED : FORM_PRESSED;
	default:
		return FORM_UNUSED;
	}
}

enum form_did
form_key(struct form *form, const struct key *key)
{
	enum form_did did = FORM_UNUSED;

	if (form->focus < 0 || key->alt)
		return FORM_UNUSED;
	if (form->specs[form->focus].kind == FIELD_CHOICE)
		did = choice_key(form, key);
	else if (form->fields[form->focus].line)
		did = line_edit(form, key);
	if (did == FORM_UNUSED)
		did = move_key(form, key);
	return did;
}

/* ---- Drawing -------------------------------------------------------------- */

static int
label_cells(const struct form *form)
{
	int cells = 0;

	for (size_t i = 0; i < form->count; i++) {
		const struct field_spec *spec = &form->specs[i];
		int width = spec->label && *spec->label &&
				    spec->kind != FIELD_GAP &&
				    spec->kind != FIELD_BUTTON
				? ui_width(span_of(_(spec->label)))
				: 0;

		cells = width > cells ? width : cells;
	}
	return cells < LABEL_MAX_CELLS ? cells : LABEL_MAX_CELLS;
}

/* What is said about a field below it; NULL: nothing. */
static const char *
said_of(const struct form *form, int field)
{
	if (form->fields[field].error)
		return form->fields[field].error;
	if (field == form->focus && form->specs[field].hint)
		return _(form->specs[field].hint);
	return NULL;
}

/* Rows of a field: its own, and those of what is said about it. */
static int
field_rows(const struct form *form, int field)
{
	const char *said = said_of(form, field);
	struct span rest = span_of(said ? said : "");
	int rows = 1;

	if (form->fields[field].hidden)
		return 0;
	for (; rest.len > 0; rows++)
		wrap_next(
		    &rest, form->said_cols -
			       (form->fields[field].error ? SIGN_CELLS : 0));
	return rows;
}

static void
draw_choice(
    const struct form *form, int field, struct area a, int col, enum focus on)
{
	enum role role = on == FOCUS_ON ? ROLE_FIELD_FOCUS : ROLE_FIELD;
	int cols = form->specs[field].cols;

	if (cols == 0 || cols > a.cols - col - 4)
		cols = a.cols - col - 4;
	draw_str(a, 0, col, ROLE_DIM, "<");
	draw_fit(a, 0, col + 2, cols, role, FIT_END,
	    span_of(choice_text(form, field)));
	draw_str(a, 0, col + 3 + cols, ROLE_DIM, ">");
	if (on == FOCUS_ON)
		draw_cursor(a, 0, col + 2);
}

static void
draw_value(struct form *form, int field, struct area a, int col, enum focus on)
{
	const struct field_spec *spec = &form->specs[field];
	int cols = spec->cols;

	if (cols == 0 || cols > a.cols - col - 2)
		cols = a.cols - col - 2;
	if (spec->kind == FIELD_CHOICE) {
		draw_choice(form, field, a, col, on);
	} else if (spec->kind == FIELD_SHOWN) {
		draw_fit(a, 0, col + 1, cols, ROLE_TEXT, FIT_END,
		    form_text(form, field));
	} else if (spec->kind == FIELD_BUTTON) {
		draw_printf(a, 0, col,
		    on == FOCUS_ON ? ROLE_BUTTON_FOCUS : ROLE_BUTTON, "( %s )",
		    _(spec->label));
		if (on == FOCUS_ON)
			draw_cursor(a, 0, col + 2);
	} else if (spec->kind != FIELD_GAP) {
		draw_str(a, 0, col, ROLE_DIM, "[");
		line_draw(form->fields[field].line, a, 0, col + 1, cols, on);
		draw_str(a, 0, col + 1 + cols, ROLE_DIM, "]");
	}
}

static void
draw_field(
    struct form *form, int field, struct area a, int labels, enum focus focus)
{
	const struct field_spec *spec = &form->specs[field];
	bool focused = field == form->focus;
	const char *said = said_of(form, field);
	int indent = form->fields[field].error ? SIGN_CELLS : 0;
	int col = 2 + labels + 2;

	if (spec->label && *spec->label && spec->kind != FIELD_BUTTON)
		draw_fit(a, 0, spec->kind == FIELD_GAP ? 0 : 2,
		    spec->kind == FIELD_GAP ? a.cols : labels,
		    spec->kind == FIELD_GAP ? ROLE_HEAD : ROLE_TEXT, FIT_END,
		    span_of(_(spec->label)));
	if (focused && focus == FOCUS_ON)
		draw_str(a, 0, 0, ROLE_HEAD, ">");
	if (indent)
		draw_str(a, 1, col, ROLE_ERR, "X ");
	if (said)
		draw_wrapped(a, 1, col + indent, indent ? ROLE_ERR : ROLE_DIM,
		    span_of(said));
	draw_value(form, field, a, col,
	    focused && focus == FOCUS_ON ? FOCUS_ON : FOCUS_OFF);
}

void
form_draw(struct form *form, struct area a, enum focus focus)
{
	int labels = label_cells(form), row = 0, need = 0, i;

	form->said_cols = a.cols - labels - 4;
	if (form->top > form->focus || form->focus < 0)
		form->top = form->focus > 0 ? form->focus : 0;
	for (i = form->top; i <= form->focus; i++)
		need += field_rows(form, i);
	while (need > a.rows && form->top < form->focus)
		need -= field_rows(form, form->top++);
	/* A heading over the first field is shown when there is room. */
	while (
	    form->top > 0 && need + field_rows(form, form->top - 1) <= a.rows)
		need += field_rows(form, --form->top);
	for (i = form->top; i < (int)form->count && row < a.rows; i++) {
		if (!form->fields[i].hidden)
			draw_field(
			    form, i, area_rows(a, row, -1), labels, focus);
		row += field_rows(form, i);
	}
	form->more = i < (int)form->count;
}
