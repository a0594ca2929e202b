/* What the import wizard shows in each step. */
#include "tui/screens/import_wizard.h"

#include "tui/text/i18n.h"

enum { PANE_FROM_COLS = 110, PANE_COLS = 40, BELOW_ROWS = 4 };

/* ---- Columns -------------------------------------------------------------- */

static const struct list_column column_columns[] = {
    {N_("Column in the file"), 20, 0, 0, FIT_END},
    {N_("goes to"), 22, 0, 0, FIT_END},
    {N_("first values, as read"), 0, 20, 0, FIT_END},
};

static struct wizard *
of_columns(struct list_source *source)
{
	return (struct wizard *)((char *)source -
				 offsetof(struct wizard, column_source));
}

static int64_t
column_count(struct list_source *source)
{
	struct wizard *self = of_columns(source);
	size_t count = 0;

	if (self->held && self->held->import)
		import_columns(self->held->import, &count);
	return (int64_t)count;
}

static void
add_target(const struct import_column *column, struct buf *out)
{
	static const char *const names[IMPORT_TARGETS] = {
	    [IMPORT_SKIP] = N_("(left out)"),
	    [IMPORT_ADDRESS] = N_("address"),
	    [IMPORT_NAME] = N_("name"),
	    [IMPORT_FIELD] = N_("field"),
	    [IMPORT_STATE] = N_("state"),
	    [IMPORT_AGREED] = N_("agreed?"),
	    [IMPORT_AGREED_AT] = N_("agreed when"),
	    [IMPORT_CONFIRMED_AT] = N_("confirmed when"),
	    [IMPORT_AGREED_IP] = N_("agreed from (IP)"),
	    [IMPORT_AGREED_HOW] = N_("agreed how"),
	    [IMPORT_PAPER] = N_("paper reference"),
	    [IMPORT_STOPPED_AT] = N_("stopped when"),
	    [IMPORT_TAGS] = N_("tags"),
	    [IMPORT_JSON] = N_("fields (JSON)"),
	};

	buf_text(out, _(names[column->target]));
	if (column->target == IMPORT_FIELD)
		buf_printf(out, " {{%s}}", column->field);
}

static void
add_samples(const struct import_column *column, struct buf *out)
{
	for (size_t i = 0; i < IMPORT_SAMPLES; i++) {
		if (i > 0)
			buf_text(out, " | ");
		buf_text(out, column->sample[i]);
	}
}

static bool
column_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct wizard *self = of_columns(source);
	const struct import_column *column;
	size_t count;

	column = &import_columns(self->held->import, &count)[index];
	for (size_t i = 0; i < 3; i++)
		buf_clear(&self->cell[i]);
	buf_printf(&self->cell[0], "%d ", (int)index + 1);
	buf_text(&self->cell[0],
	    column->header[0] ? column->header : _("(no header)"));
	add_target(column, &self->cell[1]);
	add_samples(column, &self->cell[2]);
	out->key = index;
	for (size_t i = 0; i < 3; i++)
		out->cell[i] = buf_span(&self->cell[i]);
	out->cell_role[1] =
	    column->target == IMPORT_SKIP ? ROLE_DIM : ROLE_MERGE;
	return true;
}

void
wizard_lists_new(struct wizard *self)
{
	self->column_source.count = column_count;
	self->column_source.row = column_row;
	self->columns = list_new(&self->column_source, column_columns,
	    sizeof column_columns / sizeof *column_columns);
	wizard_kinds_new(self);
}

/* ---- Steps ---------------------------------------------------------------- */

void
wizard_draw_fault(const struct wizard *self, struct area a)
{
	if (self->fault.len == 0)
		return;
	draw_str(a, 0, 1, ROLE_ERR, "X");
	draw_wrapped(
	    area_cols(a, 3, -3), 0, 0, ROLE_ERR, buf_span(&self->fault));
}

static void
draw_file(struct wizard *self, struct area body)
{
	draw_str(body, 0, 1, ROLE_TEXT,
	    _("Which file, and to which list? Nothing is stored before step "
	      "4."));
	form_draw(self->file, area_rows(body, 2, 8), FOCUS_ON);
	if (self->busy == WORK_OPEN)
		draw_str(body, 11, 3, ROLE_DIM, _("Reading the file.."));
	else
		wizard_draw_fault(self, area_rows(body, 11, -1));
}

/* Below the list: what the first rows make of it, and what went wrong or is
 * worth a look. */
static void
draw_below(const struct wizard *self, struct area a)
{
	struct buf text = BUF_INIT;
	bool bad = self->tried && self->tried->tried.bad > 0;

	wizard_tried_text(self, &text);
	draw_fit(a, 0, 1, a.cols - 2, bad ? ROLE_WARN : ROLE_INFO, FIT_END,
	    buf_span(&text));
	buf_clear(&text);
	if (self->fault.len > 0)
		wizard_draw_fault(self, area_rows(a, 1, -1));
	else if (wizard_column_warning(self, &text))
		draw_wrapped(area_cols(area_rows(a, 1, -1), 1, -2), 0, 0,
		    ROLE_WARN, buf_span(&text));
	buf_done(&text);
}

static void
draw_columns(struct wizard *self, struct area body)
{
	struct area left = body;
	struct buf text = BUF_INIT;

	if (self->busy == WORK_OPEN || !self->held || !self->held->import) {
		draw_str(body, 1, 3, ROLE_DIM, _("Reading the file.."));
		return;
	}
	if (body.cols >= PANE_FROM_COLS) {
		left = area_cols(body, 0, body.cols - PANE_COLS);
		wizard_draw_row(
		    self, area_cols(body, body.cols - PANE_COLS + 1, -2));
	}
	wizard_form_text(self, &text);
	draw_fit(
	    left, 0, 1, left.cols - 2, ROLE_TEXT, FIT_END, buf_span(&text));
	buf_done(&text);
	list_draw(self->columns, area_rows(left, 2, left.rows - 3 - BELOW_ROWS),
	    FOCUS_ON);
	draw_below(self, area_rows(left, left.rows - BELOW_ROWS, -1));
}

void
wizard_draw(struct wizard *self, struct area body)
{
	switch (self->step) {
	case STEP_FILE:
		draw_file(self, body);
		break;
	case STEP_COLUMNS:
		draw_columns(self, body);
		break;
	case STEP_RULES:
		wizard_rules_draw(self, body);
		break;
	case STEP_CHECK:
	case STEP_RESULT:
	case STEP_COUNT:
		wizard_draw_outcome(self, body);
		break;
	}
}
