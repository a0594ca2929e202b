/* The fourth and fifth step of the import wizard: what storing would do, does,
 * or has done.  Counts add up to the rows read; what was left out is summed up
 * by kind, and the rows of a kind are shown on a page of their own. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/chart.h"

enum {
	RATE_AFTER_MS = 3000,
	LABEL_COLS = 30,
	NUMBER_COLS = 12,
	EXAMPLE_COLS = 26,
	NOTES = 3,
	REASONS_MAX = 64
};

/* ---- Kinds ------------------------------------------------------------------ */

static const struct list_column kind_columns[] = {
    {N_("Left out"), LABEL_COLS - 2, 0, 0, FIT_END},
    {"", NUMBER_COLS, 0, 0, FIT_RIGHT},
    {"", 0, 20, 0, FIT_END},
};

static struct wizard *
of_kinds(struct list_source *source)
{
	return (struct wizard *)((char *)source -
				 offsetof(struct wizard, kind_source));
}

static int64_t
kind_count(struct list_source *source)
{
	return (int64_t)of_kinds(source)->sum.count;
}

/* The address of a reject, or else its row. */
static void
add_example(const struct import_reject *reject, struct buf *out)
{
	const char *address = err_find(&reject->why, "address");

	ui_cut_end(out, span_of(address && *address ? address : reject->raw),
	    EXAMPLE_COLS);
}

/* "12 reasons, e.g. a@b..jp" */
static void
add_reasons(const struct wizard *self, enum import_kind kind, int reasons,
    struct buf *out)
{
	const struct import_reject *reject =
	    self->busy || self->example[kind] < 0
		? NULL
		: import_reject_at(
		      self->held->import, (size_t)self->example[kind]);

	if (reasons > 1)
		buf_printf(out, P_("%d reason", "%d reasons", (int64_t)reasons),
		    reasons);
	if (!reject)
		return;
	if (out->len > 0)
		buf_text(out, _(", "));
	buf_text(out, _("e.g. "));
	add_example(reject, out);
}

static void
add_words(const struct wizard *self, enum import_kind kind, int reasons,
    struct buf *out)
{
	if (kind == KIND_STOPPED)
		buf_text(out, _("stay stopped, whatever the file says"));
	else if (kind == KIND_NOT_AGREED)
		buf_text(out, _("rule: leave out"));
	else if (kind == KIND_UNKNOWN)
		buf_text(out, _("rule: only who is on the list"));
	else if (kind == KIND_TWICE)
		buf_text(
		    out, form_choice(self->rules, RULES_WINS) == IMPORT_FIRST
			     ? _("rule: the first row counts")
			     : _("rule: the last row counts"));
	else
		add_reasons(self, kind, reasons, out);
}

static bool
kind_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct wizard *self = of_kinds(source);
	enum import_kind kind = self->sum.at[index].kind;

	for (size_t i = 0; i < 2; i++)
		buf_clear(&self->cell[i]);
	format_count(&self->cell[0], self->sum.at[index].rows);
	add_words(self, kind, self->sum.at[index].reasons, &self->cell[1]);
	out->key = kind;
	out->cell[0] = span_of(import_kind_name(kind));
	out->cell[1] = buf_span(&self->cell[0]);
	out->cell[2] = buf_span(&self->cell[1]);
	out->cell_role[0] = kind == KIND_TWICE ? ROLE_TEXT : ROLE_WARN;
	out->cell_role[2] = ROLE_DIM;
	return true;
}

void
wizard_kinds_new(struct wizard *self)
{
	self->kind_source.count = kind_count;
	self->kind_source.row = kind_row;
	self->kinds = list_new(&self->kind_source, kind_columns,
	    sizeof kind_columns / sizeof *kind_columns);
	list_set_empty(self->kinds, N_("Every row is good."));
}

static void
find_examples(struct wizard *self)
{
	const struct import_reject *reject;

	for (int kind = 0; kind < KINDS; kind++)
		self->example[kind] = -1;
	for (size_t i = 0;
	    !self->busy && (reject = import_reject_at(self->held->import, i));
	    i++) {
		enum import_kind kind = import_kind_of(reject->why.code);

		if (self->example[kind] < 0)
			self->example[kind] = (int64_t)i;
	}
}

void
wizard_sum(struct wizard *self)
{
	struct import_reason reason[REASONS_MAX];
	size_t reasons =
	    import_reasons(self->held->import, reason, REASONS_MAX);

	import_kinds_sum(&self->counts, reason, reasons, &self->sum);
	find_examples(self);
	list_refresh(self->kinds);
}

/* ---- Rows of a kind --------------------------------------------------------- */

const char *
wizard_rows_why_not(const struct wizard *self)
{
	int64_t index = list_cursor_index(self->kinds);

	if (self->busy || self->step < STEP_CHECK || !self->checked)
		return _("Wait until it has ended, or stop it with ^C.");
	if (index < 0 || (size_t)index >= self->sum.count)
		return _("No row was left out.");
	if (!import_kind_is_reject(self->sum.at[index].kind))
		return _("Of these rows only the number is kept.");
	return NULL;
}

void
wizard_open_rows(struct wizard *self)
{
	enum import_kind kind =
	    self->sum.at[list_cursor_index(self->kinds)].kind;
	const struct import_reject *one;
	struct import_reject *some;
	size_t count = 0, at = 0;

	for (size_t i = 0; (one = import_reject_at(self->held->import, i)); i++)
		count += import_kind_of(one->why.code) == kind;
	some = mem_array(count + 1, sizeof *some);
	for (size_t i = 0; (one = import_reject_at(self->held->import, i));
	    i++) {
		if (import_kind_of(one->why.code) == kind)
			some[at++] = *one;
	}
	import_rows_open(self->base.app, kind, &some, count);
}

/* ---- Counts ----------------------------------------------------------------- */

static int
draw_count(
    struct area a, int row, enum role role, const char *label, int64_t value)
{
	struct buf text = BUF_INIT;

	format_count(&text, value);
	draw_fit(a, row, 3, LABEL_COLS, role, FIT_END, span_of(label));
	draw_fit(a, row, 4 + LABEL_COLS, NUMBER_COLS, role, FIT_RIGHT,
	    buf_span(&text));
	buf_done(&text);
	return row + 1;
}

static int
draw_counts(const struct wizard *self, struct area a, int row)
{
	const struct import_counts *counts = &self->counts;
	bool leave = form_choice(self->rules, RULES_MODE) == IMPORT_REMOVE;
	int64_t out = import_left_out(counts);

	row = draw_count(a, row, ROLE_TEXT, _("rows read"), counts->read);
	if (!leave)
		row = draw_count(
		    a, row, ROLE_OK, _("new on the list"), counts->fresh);
	row = draw_count(a, row, leave ? ROLE_OK : ROLE_TEXT,
	    leave ? _("leave the list") : _("on it, changed"), counts->changed);
	if (!leave)
		row = draw_count(
		    a, row, ROLE_TEXT, _("on it, same"), counts->same);
	return draw_count(
	    a, row, out ? ROLE_WARN : ROLE_TEXT, _("left out"), out);
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

/* "Repaired: full-width to ASCII 12, blanks taken off 3". */
static int
draw_repaired(const struct import_findings *found, struct area a, int row)
{
	struct buf text = BUF_INIT;
	int kinds = 0;

	if (found->repaired + found->corrected == 0)
		return row;
	buf_text(&text, _("Repaired:"));
	for (int i = 0; i <= IMPORT_REPAIR_KINDS; i++) {
		bool domain = i == IMPORT_REPAIR_KINDS;
		int64_t rows =
		    domain ? found->corrected : found->repair[i].taken;

		if (rows == 0)
			continue;
		buf_printf(&text, "%s %s ", kinds++ ? "," : "",
		    import_repair_words(domain ? 0 : 1u << i));
		format_count(&text, rows);
	}
	draw_fit(a, row, 1, a.cols - 2, ROLE_INFO, FIT_END, buf_span(&text));
	buf_done(&text);
	return row + 1;
}

/* What is worth a look beside the rejects; the gravest first. */
static int
draw_notes(const struct wizard *self, struct area a, int row, int last)
{
	const struct import_findings *found =
	    import_findings(self->held->import);
	const struct import_shift *shift =
	    import_shift_seen(self->held->import);
	bool stored = self->step == STEP_RESULT;
	const struct {
		int64_t number;
		const char *words;
	} note[] = {
	    {self->counts.bare,
		_("join without a basis, and can never be mailed")},
	    {shift->tail_rows, _("rows at the end with data and no address "
				 "(has a column moved?)")},
	    {shift->nameless, _("addresses without a name, where nearly all "
				"others have one")},
	    {stored ? 0 : found->repairable - found->repaired,
		_("rows that a correction would save (r)")},
	    {stored ? 0 : found->slip_rows - found->corrected,
		_("addresses at domains that look misspelt (r)")},
	    {self->counts.stopped, _("put on the stop list by this file")},
	    {found->twins, _("addresses that differ from another one only by "
			     "case or dots")},
	    {found->role.rows, _("addresses of roles, such as postmaster")},
	    {found->disposable.rows, _("throw-away addresses")},
	};

	row = draw_repaired(found, a, row);
	for (size_t i = 0; i < sizeof note / sizeof *note && row < last; i++) {
		if (note[i].number > 0)
			row = draw_note(a, row, note[i].number, note[i].words);
	}
	return row;
}

static int
draw_progress_of(const struct wizard *self, struct area a, int row)
{
	int64_t size = self->held && self->held->import
			   ? import_size(self->held->import)
			   : 0;
	int64_t spent = app_steady_ms(self->base.app) - self->began_ms;
	struct buf text = BUF_INIT;

	format_percent(&text, self->counts.octets, size);
	draw_text(a, row, 3, ROLE_HEAD, buf_span(&text));
	draw_progress(a, row + 1, 3, a.cols - 6, self->counts.octets, size);
	if (spent >= RATE_AFTER_MS && self->counts.octets > 0) {
		buf_clear(&text);
		format_count(&text, self->counts.read * 1000 / spent);
		draw_printf(a, row, 12, ROLE_TEXT, _("%s rows/s"), text.ptr);
		buf_clear(&text);
		format_span(&text,
		    (size - self->counts.octets) * spent / self->counts.octets);
		draw_printf(a, row, 34, ROLE_TEXT, _("%s left"), text.ptr);
	}
	buf_done(&text);
	return row + 3;
}

static const char *
words_of(const struct wizard *self)
{
	if (self->busy == WORK_COMMIT)
		return _("Storing, in one step. ^C asks: keep what was read so "
			 "far, or nothing.");
	if (self->busy == WORK_WRITE)
		return _("Writing the rejects..");
	if (self->busy)
		return _("Trying it out; nothing is stored. ^C stops it.");
	if (self->step == STEP_RESULT)
		return _("Stored:");
	return _("This is what storing would do; nothing is stored yet:");
}

void
wizard_draw_outcome(struct wizard *self, struct area body)
{
	bool runs = self->busy == WORK_CHECK || self->busy == WORK_COMMIT;
	int row = 1, last = body.rows - 1;

	if (!self->busy && (!self->checked || self->fault.len > 0)) {
		wizard_draw_fault(self, area_rows(body, 1, -1));
		return;
	}
	draw_str(body, 0, 1, ROLE_TEXT, words_of(self));
	if (runs)
		row = draw_progress_of(self, body, row);
	row = draw_counts(self, body, row);
	if (!runs)
		row = draw_notes(self, body, row, row + NOTES);
	if (row < last)
		list_draw(self->kinds, area_rows(body, row + 1, -1),
		    runs ? FOCUS_OFF : FOCUS_ON);
}

/* ---- Pages beside the steps ------------------------------------------------- */

static struct screen *
wizard_below(struct screen *screen)
{
	struct screen *s = screen->below;

	while (s && strcmp(s->ops->name, "import") != 0)
		s = s->below;
	return s;
}

void
wizard_page_tabs(struct screen *screen, struct tabs *out)
{
	struct screen *wizard = wizard_below(screen);

	if (wizard)
		wizard->ops->tabs(wizard, out);
}

enum used
wizard_page_act(struct screen *screen, enum action action)
{
	struct screen *wizard = wizard_below(screen), *page = screen;

	if (!wizard || action < ACT_SECTION_1 || action > ACT_SECTION_8)
		return UNUSED;
	while (page->below != wizard)
		page = page->below;
	app_pop(screen->app, page);
	return wizard->ops->act(wizard, action);
}
