/* What could be done about addresses that are none, or hardly the ones that
 * were meant: every kind with its rows and an example.  Nothing is accepted
 * unless somebody says so here, and only for this file. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

enum { FULL_ROWS = 7 };

struct offers {
	struct screen base;
	struct wizard *wizard; /* the screen below */
	struct list_source source;
	struct list *list;
	size_t
	    kind[IMPORT_REPAIR_KINDS]; /* that occur, by their bit's number */
	size_t kinds;
	bool changed;
	struct buf cell[4];
};

static const struct list_column columns[] = {
    {"", 3, 0, 0, FIT_END},
    {N_("What would be done"), 28, 0, 0, FIT_END},
    {N_("Rows"), 8, 0, 0, FIT_RIGHT},
    {N_("For example"), 0, 20, 0, FIT_END},
};

static struct offers *
of_source(struct list_source *source)
{
	return (
	    struct offers *)((char *)source - offsetof(struct offers, source));
}

static const struct import_findings *
findings(const struct offers *self)
{
	return import_findings(self->wizard->held->import);
}

static bool
is_accepted(const struct wizard *wizard, const struct import_slip *slip)
{
	for (size_t i = 0; i < wizard->pair_count; i++) {
		if (!strcmp(wizard->pair[i].slip, slip->domain))
			return true;
	}
	return false;
}

static int64_t
count(struct list_source *source)
{
	const struct offers *self = of_source(source);

	return (int64_t)(self->kinds + findings(self)->slips);
}

static void
add_sample(struct buf *out, const char *was, const char *address)
{
	buf_text(out, was);
	buf_text(out, " -> ");
	buf_text(out, address);
}

static void
kind_cells(struct offers *self, size_t kind)
{
	const struct import_repair_count *one = &findings(self)->repair[kind];
	bool on = self->wizard->repairs & 1u << kind;

	buf_text(&self->cell[0], on ? "[x]" : "[ ]");
	buf_text(&self->cell[1], import_repair_words(1u << kind));
	format_count(&self->cell[2], one->rows);
	if (one->samples > 0)
		add_sample(
		    &self->cell[3], one->sample[0].was, one->sample[0].address);
}

static void
slip_cells(struct offers *self, const struct import_slip *slip)
{
	buf_text(
	    &self->cell[0], is_accepted(self->wizard, slip) ? "[x]" : "[ ]");
	buf_text(&self->cell[1], import_repair_words(0));
	format_count(&self->cell[2], slip->rows);
	add_sample(&self->cell[3], slip->domain, slip->meant);
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct offers *self = of_source(source);
	size_t at = (size_t)index;

	for (size_t i = 0; i < 4; i++)
		buf_clear(&self->cell[i]);
	if (at < self->kinds)
		kind_cells(self, self->kind[at]);
	else
		slip_cells(self, &findings(self)->slip[at - self->kinds]);
	out->key = index;
	for (size_t i = 0; i < 4; i++)
		out->cell[i] = buf_span(&self->cell[i]);
	out->cell_role[0] = ROLE_OK;
	return true;
}

/* ---- Accepting -------------------------------------------------------------- */

static void
switch_slip(struct wizard *wizard, const struct import_slip *slip)
{
	struct wizard_pair *pair;

	for (size_t i = 0; i < wizard->pair_count; i++) {
		if (strcmp(wizard->pair[i].slip, slip->domain) != 0)
			continue;
		wizard->pair[i] = wizard->pair[--wizard->pair_count];
		return;
	}
	if (wizard->pair_count == IMPORT_SLIPS_KEPT)
		return;
	pair = &wizard->pair[wizard->pair_count++];
	span_text(pair->slip, sizeof pair->slip, span_of(slip->domain));
	span_text(pair->meant, sizeof pair->meant, span_of(slip->meant));
}

static void
switch_row(struct offers *self)
{
	int64_t index = list_cursor_index(self->list);
	size_t at = (size_t)index;

	if (index < 0)
		return;
	self->changed = true;
	if (at < self->kinds)
		self->wizard->repairs ^= 1u << self->kind[at];
	else
		switch_slip(
		    self->wizard, &findings(self)->slip[at - self->kinds]);
	list_refresh(self->list);
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Repairs"));
}

/* One example: the cell as it is, and below it what it would be. */
static int
draw_sample(struct area a, int row, int64_t line, const char *was,
    const char *address, const char *rest)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, _("line %lld: %s"), (long long)line, was);
	row = draw_wrapped(a, row, 0, ROLE_TEXT, buf_span(&text));
	buf_clear(&text);
	buf_printf(&text, "-> %s", address);
	if (rest[0])
		buf_printf(&text, _("  (not taken: %s)"), rest);
	row = draw_wrapped(a, row, 2, ROLE_OK, buf_span(&text));
	buf_done(&text);
	return row;
}

/* The examples of the chosen kind in full, which its row cuts. */
static void
draw_chosen(const struct offers *self, struct area a)
{
	int64_t index = list_cursor_index(self->list);
	const struct import_findings *found = findings(self);
	const struct import_repair_count *one;
	const struct import_slip *slip;
	struct buf line = BUF_INIT;
	int row = 0;

	if (index < 0)
		return;
	if ((size_t)index >= self->kinds) {
		slip = &found->slip[(size_t)index - self->kinds];
		buf_printf(&line, "%s -> %s", slip->domain, slip->meant);
		draw_sample(a, row, slip->line, slip->sample, line.ptr, "");
		buf_done(&line);
		return;
	}
	one = &found->repair[self->kind[index]];
	for (size_t i = 0; i < one->samples; i++)
		row =
		    draw_sample(a, row, one->sample[i].line, one->sample[i].was,
			one->sample[i].address, one->sample[i].rest);
}

static void
draw(struct screen *screen, struct area body)
{
	struct offers *self = (struct offers *)screen;

	draw_wrapped(area_cols(body, 1, -2), 0, 0, ROLE_TEXT,
	    span_of(_("Nothing is corrected unless you accept it. What is not "
		      "accepted stays rejected; a misspelt domain stays as it "
		      "is.")));
	list_draw(self->list, area_rows(body, 3, body.rows - 3 - FULL_ROWS),
	    FOCUS_ON);
	draw_chosen(
	    self, area_cols(area_rows(body, body.rows - FULL_ROWS, -1), 1, -2));
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Leaving tries the file out again with what you "
			"accepted."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_IMPORT_ACCEPT, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct offers *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct offers *self = (struct offers *)screen;

	if (action == ACT_IMPORT_ACCEPT) {
		switch_row(self);
		return USED;
	}
	if (action == ACT_BACK && self->changed)
		wizard_work(self->wizard, WORK_CHECK);
	return wizard_page_act(screen, action);
}

static void
close_offers(struct screen *screen)
{
	struct offers *self = (struct offers *)screen;

	list_free(&self->list);
	for (size_t i = 0; i < 4; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static const struct screen_ops offers_ops = {
    .name = "import-offers",
    .section = 2,
    .title = title,
    .tabs = wizard_page_tabs,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .close = close_offers,
};

bool
wizard_has_offers(const struct wizard *self)
{
	const struct import_findings *found;

	if (!self->held || !self->held->import || self->busy)
		return false;
	found = import_findings(self->held->import);
	return found->repairable > 0 || found->slips > 0;
}

void
import_offers_open(struct wizard *wizard)
{
	struct offers *self = mem_new(sizeof *self);

	self->base.ops = &offers_ops;
	self->wizard = wizard;
	for (size_t i = 0; i < IMPORT_REPAIR_KINDS; i++) {
		if (findings(self)->repair[i].rows > 0)
			self->kind[self->kinds++] = i;
	}
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_push(wizard->base.app, &self->base);
}
