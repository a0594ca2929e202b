/* What the import wizard shows in each step. */
#include "tui/screens/import_wizard.h"

#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/chart.h"

enum {
	RATE_AFTER_MS = 3000,
	LABEL_COLS = 28,
	NUMBER_COLS = 14,
	REASON_ROWS = 4,
	NOTES = 3
};

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

/* ---- Rejects -------------------------------------------------------------- */

static const struct list_column reject_columns[] = {
    {N_("Line"), 7, 0, 0, FIT_RIGHT},
    {N_("Why it was left out"), 0, 30, 0, FIT_END},
    {N_("The row as read"), 28, 0, 1, FIT_END},
};

static struct wizard *
of_rejects(struct list_source *source)
{
	return (struct wizard *)((char *)source -
				 offsetof(struct wizard, reject_source));
}

static int64_t
reject_count(struct list_source *source)
{
	struct wizard *self = of_rejects(source);
	int64_t count = self->counts.rejected;

	if (self->busy || !self->held || !self->held->import)
		return 0;
	return count < IMPORT_REJECTS_KEPT ? count : IMPORT_REJECTS_KEPT;
}

static bool
reject_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct wizard *self = of_rejects(source);
	const struct import_reject *reject =
	    import_reject_at(self->held->import, (size_t)index);

	if (!reject)
		return false;
	for (size_t i = 0; i < 2; i++)
		buf_clear(&self->cell[i]);
	format_count(&self->cell[0], reject->line);
	err_text(&reject->why, &self->cell[1]);
	out->key = index;
	out->cell[0] = buf_span(&self->cell[0]);
	out->cell[1] = buf_span(&self->cell[1]);
	out->cell[2] = span_of(reject->raw);
	out->cell_role[1] = ROLE_WARN;
	return true;
}

void
wizard_lists_new(struct wizard *self)
{
	self->column_source.count = column_count;
	self->column_source.row = column_row;
	self->columns = list_new(&self->column_source, column_columns,
	    sizeof column_columns / sizeof *column_columns);
	self->reject_source.count = reject_count;
	self->reject_source.row = reject_row;
	self->rejects = list_new(&self->reject_source, reject_columns,
	    sizeof reject_columns / sizeof *reject_columns);
	list_set_empty(self->rejects, N_("Every row is good."));
}

/* ---- Counts --------------------------------------------------------------- */

static int
draw_count(
    struct area a, int row, enum role role, const char *label, int64_t value)
{
	struct buf text = BUF_INIT;

	format_count(&text, value);
	draw_fit(a, row, 3, LABEL_COLS, role, FIT_END, span_of(label));
	draw_fit(a, row, 3 + LABEL_COLS, NUMBER_COLS, role, FIT_RIGHT,
	    buf_span(&text));
	buf_done(&text);
	return row + 1;
}

static int
draw_counts(const struct wizard *self, struct area a, int row)
{
	const struct import_counts *counts = &self->counts;

	row = draw_count(a, row, ROLE_TEXT, _("rows read"), counts->read);
	row = draw_count(a, row, ROLE_OK, _("new on the list"), counts->fresh);
	row =
	    draw_count(a, row, ROLE_TEXT, _("on it, changed"), counts->changed);
	row = draw_count(a, row, ROLE_TEXT, _("on it, same"), counts->same);
	row = draw_count(
	    a, row, ROLE_TEXT, _("twice in the file"), counts->duplicate);
	row = draw_count(a, row, counts->rejected ? ROLE_WARN : ROLE_TEXT,
	    _("left out"), counts->rejected);
	row = draw_count(a, row, counts->suppressed ? ROLE_WARN : ROLE_TEXT,
	    _("on the stop list"), counts->suppressed);
	return row;
}

static int
draw_note(struct area a, int row, int64_t number, const char *words)
{
	struct buf count = BUF_INIT, text = BUF_INIT;

	format_count(&count, number);
	buf_text(&text, "! ");
	buf_printf(&text, "%s: ", words);
	buf_add(&text, buf_span(&count));
	draw_fit(a, row, 1, a.cols - 2, ROLE_WARN, FIT_END, buf_span(&text));
	buf_done(&text);
	buf_done(&count);
	return row + 1;
}

/* What is worth a look beside the rejects; the gravest first. */
static int
draw_notes(const struct wizard *self, struct area a, int row)
{
	const struct import_findings *found =
	    import_findings(self->held->import);
	const struct import_shift *shift =
	    import_shift_seen(self->held->import);
	const struct {
		int64_t number;
		const char *words;
	} note[] = {
	    {shift->tail_rows, _("rows at the end with data and no address "
				 "(has a column moved?)")},
	    {shift->nameless, _("addresses without a name, where nearly all "
				"others have one")},
	    {found->repairable - found->repaired,
		_("rows that a correction would save (r)")},
	    {found->slip_rows - found->corrected,
		_("addresses at domains that look misspelt (r)")},
	    {self->counts.stopped, _("put on the stop list by this file")},
	    {found->twins, _("addresses that differ from another one only by "
			     "case or dots")},
	    {found->role.rows, _("addresses of roles, such as postmaster")},
	    {found->disposable.rows, _("throw-away addresses")},
	};
	int last = row + NOTES;

	for (size_t i = 0; i < sizeof note / sizeof *note && row < last; i++) {
		if (note[i].number > 0)
			row = draw_note(a, row, note[i].number, note[i].words);
	}
	return row;
}

static void
draw_running(const struct wizard *self, struct area a)
{
	int64_t size = self->held && self->held->import
			   ? import_size(self->held->import)
			   : 0;
	int64_t spent = app_steady_ms(self->base.app) - self->began_ms;
	struct buf text = BUF_INIT;

	format_percent(&text, self->counts.octets, size);
	draw_text(a, 0, 3, ROLE_HEAD, buf_span(&text));
	draw_progress(a, 1, 3, a.cols - 6, self->counts.octets, size);
	if (spent >= RATE_AFTER_MS && self->counts.octets > 0) {
		buf_clear(&text);
		format_count(&text, self->counts.read * 1000 / spent);
		draw_printf(a, 0, 12, ROLE_TEXT, _("%s rows/s"), text.ptr);
		buf_clear(&text);
		format_span(&text,
		    (size - self->counts.octets) * spent / self->counts.octets);
		draw_printf(a, 0, 34, ROLE_TEXT, _("%s left"), text.ptr);
	}
	buf_done(&text);
	draw_counts(self, a, 3);
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

static void
draw_columns(struct wizard *self, struct area body)
{
	struct buf text = BUF_INIT;

	if (self->busy == WORK_OPEN || !self->held || !self->held->import) {
		draw_str(body, 1, 3, ROLE_DIM, _("Reading the file.."));
		return;
	}
	wizard_form_text(self, &text);
	draw_fit(
	    body, 0, 1, body.cols - 2, ROLE_TEXT, FIT_END, buf_span(&text));
	buf_done(&text);
	list_draw(self->columns, area_rows(body, 2, body.rows - 6), FOCUS_ON);
	wizard_draw_fault(self, area_rows(body, body.rows - 4, -1));
}

/* The chosen reject in full, which its row may have cut. */
static void
draw_reason(const struct wizard *self, struct area a)
{
	int64_t index = list_cursor_index(self->rejects);
	const struct import_reject *reject;
	struct buf text = BUF_INIT;

	if (index < 0 || self->counts.rejected == 0)
		return;
	reject = import_reject_at(self->held->import, (size_t)index);
	if (reject)
		err_text(&reject->why, &text);
	draw_wrapped(area_cols(a, 3, -3), 1, 0, ROLE_WARN, buf_span(&text));
	buf_done(&text);
}

static void
draw_check(struct wizard *self, struct area body)
{
	int row;

	if (self->busy) {
		draw_str(body, 0, 1, ROLE_TEXT,
		    self->busy == WORK_COMMIT
			? _("Storing. ^C stops it and nothing is stored.")
			: _("Trying it out; nothing is stored. ^C stops it."));
		draw_running(self, area_rows(body, 2, -1));
		return;
	}
	if (!self->checked) {
		wizard_draw_fault(self, area_rows(body, 1, -1));
		return;
	}
	draw_str(body, 0, 1, ROLE_TEXT,
	    self->step == STEP_RESULT
		? _("Stored:")
		: _("This is what storing would do; nothing is stored yet:"));
	row = draw_counts(self, body, 1);
	row = draw_notes(self, body, row) + 1;
	if (self->fault.len > 0) {
		wizard_draw_fault(self, area_rows(body, row, -1));
		return;
	}
	list_draw(
	    self->rejects, area_rows(body, row, -1 - REASON_ROWS), FOCUS_ON);
	draw_reason(self, area_rows(body, body.rows - REASON_ROWS, -1));
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
		draw_check(self, body);
		break;
	}
}
