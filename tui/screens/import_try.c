/* Beside the columns: what the present mapping makes of the first rows, and of
 * one of them in full.  The file is opened for it once more, so that nothing
 * here waits for what else reads it. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

enum { LABEL_COLS = 11 };

/* ---- Trying ----------------------------------------------------------------- */

void
wizard_try_free(struct wizard_try **out)
{
	if (!*out)
		return;
	arena_free(&(*out)->arena);
	free((*out)->column);
	free(*out);
	*out = NULL;
}

/* With a copy of the columns: the screen goes on changing its own. */
struct wizard_try *
wizard_try_new(struct wizard *self)
{
	struct wizard_try *one = mem_new(sizeof *one);
	const struct import_column *column =
	    import_columns(self->held->import, &one->columns);

	one->number = ++self->try_asked;
	one->index = self->try_index;
	one->arena = arena_new();
	one->column = mem_array(one->columns, sizeof *one->column);
	memcpy(one->column, column, one->columns * sizeof *column);
	return one;
}

static int
try_rows(struct work *work, struct import *import, struct err *err)
{
	struct wizard_try *one = work->tried;
	int got;

	if (import_try(import, work->store, work->plan.list, &work->plan.accept,
		&one->tried, err) < 0)
		return -1;
	got = import_show(
	    import, &work->plan.accept, one->index, one->arena, &one->row, err);
	one->has_row = got == 1;
	return got < 0 ? -1 : 0;
}

int
wizard_try_run(struct work *work, struct err *err)
{
	struct import_column *column;
	struct import *import = NULL;
	size_t count;
	int rc = 0;

	if (import_open(work->path, &work->form, &import, err) < 0)
		return -1;
	column = import_columns(import, &count);
	if (count == work->tried->columns) {
		memcpy(column, work->tried->column, count * sizeof *column);
		rc = try_rows(work, import, err);
	}
	import_close(&import);
	return rc;
}

void
wizard_try_take(struct wizard *self, struct work *work, int rc)
{
	if (work->tried->number != self->try_asked)
		return;
	wizard_try_free(&self->tried);
	if (rc < 0)
		return;
	self->tried = work->tried;
	work->tried = NULL;
	if (!self->tried->has_row && self->try_index > 0) {
		self->try_index--;
		wizard_try(self);
	}
}

void
wizard_try(struct wizard *self)
{
	if (self->held && self->held->import && !self->busy)
		wizard_work(self, WORK_TRY);
}

/* ---- Showing ---------------------------------------------------------------- */

static int
add(struct area a, int row, const char *label, enum role role,
    struct span value)
{
	draw_fit(a, row, 0, LABEL_COLS - 1, ROLE_HEAD, FIT_END, span_of(label));
	return draw_wrapped(area_cols(a, LABEL_COLS, -1), row, 0, role, value);
}

static int
add_some(struct area a, int row, const char *label, struct span value)
{
	return value.len ? add(a, row, label, ROLE_TEXT, value) : row;
}

static int
add_time(struct area a, int row, const char *label, int64_t at_ms)
{
	struct buf text = BUF_INIT;

	if (at_ms) {
		format_minute(&text, at_ms);
		row = add(a, row, label, ROLE_TEXT, buf_span(&text));
	}
	buf_done(&text);
	return row;
}

/* "changed: full-width to ASCII", or what could be changed. */
static int
add_repairs(struct area a, int row, const struct import_shown *shown)
{
	bool taken = shown->why.code == E_NONE;
	struct buf text = BUF_INIT;
	int kinds = 0;

	for (unsigned i = 0; i < IMPORT_REPAIR_KINDS; i++) {
		if (!(shown->repairs & 1u << i))
			continue;
		buf_text(&text, kinds++ ? ", " : "");
		buf_text(&text, import_repair_words(1u << i));
	}
	if (kinds > 0)
		row = add(a, row, taken ? _("changed") : _("step 4, r"),
		    taken ? ROLE_WARN : ROLE_INFO, buf_span(&text));
	buf_done(&text);
	return row;
}

static int
draw_person(struct area a, int row, const struct import_shown *shown)
{
	bool may = shown->state <= IMPORT_STATE_SUBSCRIBED;
	struct buf name = BUF_INIT, value = BUF_INIT;

	row = add(a, row, _("Address"), ROLE_TITLE, shown->address);
	row = add_repairs(a, row, shown);
	row = add_some(a, row, _("Name"), shown->name);
	if (shown->state != IMPORT_STATE_UNSAID)
		row = add(a, row, _("State"), may ? ROLE_OK : ROLE_WARN,
		    span_of(_(wizard_meanings[shown->state])));
	row = add_time(a, row, _("Agreed"), shown->agreed_ms);
	row = add_time(a, row, _("Confirmed"), shown->confirmed_ms);
	row = add_time(a, row, _("Stopped"), shown->stopped_ms);
	row = add_some(a, row, _("From (IP)"), shown->ip);
	row = add_some(a, row, _("How given"), shown->how);
	row = add_some(a, row, _("Paper"), shown->paper);
	row = add_some(a, row, _("Tags"), shown->tags);
	for (size_t i = 0; row < a.rows &&
			   field_at(shown->fields, i, &name, &value, NULL) == 1;
	    i++)
		row = add_some(a, row, name.ptr, buf_span(&value));
	buf_done(&name);
	buf_done(&value);
	return row;
}

void
wizard_draw_row(const struct wizard *self, struct area a)
{
	const struct import_shown *shown;
	struct buf text = BUF_INIT;

	if (!self->tried || !self->tried->has_row)
		return;
	shown = &self->tried->row;
	buf_printf(&text, _("As it will be stored (line %lld)"),
	    (long long)shown->line);
	draw_fit(a, 0, 0, a.cols, ROLE_TITLE, FIT_END, buf_span(&text));
	if (shown->why.code == E_NONE) {
		draw_person(a, 2, shown);
	} else {
		buf_clear(&text);
		err_text(&shown->why, &text);
		add_repairs(a,
		    add(a, 2, _("Left out"), ROLE_WARN, buf_span(&text)),
		    shown);
	}
	buf_done(&text);
}

void
wizard_tried_text(const struct wizard *self, struct buf *out)
{
	const struct import_tried *tried;
	struct buf count = BUF_INIT;

	if (!self->tried)
		return;
	tried = &self->tried->tried;
	format_count(&count, tried->rows);
	buf_printf(out, _("First %s rows: "), count.ptr);
	buf_clear(&count);
	format_count(&count, tried->good);
	buf_printf(out, _("%s good"), count.ptr);
	buf_clear(&count);
	format_count(&count, tried->bad);
	buf_printf(out, _(", %s bad"), count.ptr);
	if (tried->bad > 0)
		buf_printf(out, _(" (line %lld)"), (long long)tried->bad_line);
	buf_clear(&count);
	format_count(&count, tried->known);
	buf_printf(out, _("; %s known"), count.ptr);
	buf_clear(&count);
	format_count(&count, tried->good - tried->known);
	buf_printf(out, _(", %s new."), count.ptr);
	buf_done(&count);
}

/* The gravest of what the first rows show about a column; false: nothing. */
bool
wizard_column_warning(const struct wizard *self, struct buf *out)
{
	const struct import_column *column;
	size_t count;

	column = import_columns(self->held->import, &count);
	for (size_t i = 0; i < count; i++) {
		if (column[i].signs.controls == 0)
			continue;
		buf_printf(out,
		    P_("! Column %d holds control characters in %d of the "
		       "first rows: shown here as text. If you take the "
		       "column, that row is left out.",
			"! Column %d holds control characters in %d of the "
			"first rows: shown here as text. If you take the "
			"column, those rows are left out.",
			(int64_t)column[i].signs.controls),
		    (int)i + 1, column[i].signs.controls);
		return true;
	}
	return false;
}
