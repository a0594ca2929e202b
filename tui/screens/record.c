/* The record of a contact: address, name, on what basis it may be mailed,
 * whether it is on the stop list, and every field. */
#include "tui/screens/record.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/app.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/pager.h"

enum { LABEL_CELLS = 14 };

struct record {
	struct screen base;
	struct screen *owner; /* below us */
	void (*chosen)(struct screen *owner, enum action action);
	struct pager *pager;
	struct arena *arena; /* of row */
	struct contact_row row;
};

const char *
basis_word(enum consent_basis basis)
{
	static const char *const words[BASIS_COUNT] = {
	    [BASIS_NONE] = N_("none"),
	    [BASIS_CONSENT] = N_("consent"),
	    [BASIS_CARD] = N_("card"),
	    [BASIS_BUSINESS] = N_("business"),
	    [BASIS_PUBLISHED] = N_("published"),
	};

	return _(words[basis]);
}

static void
add(struct pager *pager, struct span label, enum role role, struct span value)
{
	struct buf text = BUF_INIT;
	int cells;

	ui_cut_end(&text, label, LABEL_CELLS);
	for (cells = ui_width(buf_span(&text)); cells < LABEL_CELLS + 2;
	    cells++)
		buf_char(&text, ' ');
	pager_add(pager, ROLE_HEAD, buf_span(&text));
	pager_add(pager, role, value.len ? value : SPAN("-"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	buf_done(&text);
}

static void
add_consent(struct pager *pager, const struct contact_row *row)
{
	struct buf text = BUF_INIT;

	buf_text(&text, basis_word(row->basis));
	if (row->basis_at_ms) {
		buf_text(&text, "  ");
		format_date(&text, row->basis_at_ms);
	}
	add(pager, span_of(_("Consent")),
	    row->basis == BASIS_NONE ? ROLE_WARN : ROLE_TEXT, buf_span(&text));
	if (row->basis_note.len > 0)
		add(pager, span_of(_("How given")), ROLE_TEXT, row->basis_note);
	buf_done(&text);
}

static void
fill(struct pager *pager, const struct contact_row *row)
{
	struct buf name = BUF_INIT, value = BUF_INIT;

	pager_clear(pager);
	add(pager, span_of(_("Address")), ROLE_TITLE, row->address);
	add(pager, span_of(_("Name")), ROLE_TEXT, row->name);
	if (row->suppressed)
		add(pager, span_of(_("Status")), ROLE_WARN,
		    span_of(_("! on the stop list: is never mailed")));
	else
		add(pager, span_of(_("Status")), ROLE_OK,
		    span_of(_("+ may be mailed")));
	add_consent(pager, row);
	pager_add_str(pager, ROLE_TEXT, "\n");
	for (size_t i = 0; field_at(row->fields, i, &name, &value, NULL) == 1;
	    i++)
		add(pager, buf_span(&name), ROLE_TEXT, buf_span(&value));
	buf_done(&name);
	buf_done(&value);
}

void
record_draw(struct area a, const struct contact_row *row)
{
	struct pager *pager = pager_new(PAGER_WRAP, GATE_RAW);

	fill(pager, row);
	pager_draw(pager, a, FOCUS_OFF);
	pager_free(&pager);
}

static void
shown(struct screen *screen)
{
	struct record *self = (struct record *)screen;

	fill(self->pager, &self->row);
}

static void
draw(struct screen *screen, struct area body)
{
	struct record *self = (struct record *)screen;

	draw_fill(body, ROLE_TEXT);
	pager_draw(
	    self->pager, area_rows(area_cols(body, 2, -3), 1, -2), FOCUS_ON);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct record *)screen)->pager, key);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action active[] = {
	    ACT_CONTACT_STOP, ACT_BACK, ACT_NONE};
	static const enum action stopped[] = {
	    ACT_CONTACT_ALLOW, ACT_BACK, ACT_NONE};

	return ((struct record *)screen)->row.suppressed ? stopped : active;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	bool stopped = ((struct record *)screen)->row.suppressed;

	if (action == ACT_CONTACT_STOP && stopped)
		return _("This address is on the stop list already.");
	if (action == ACT_CONTACT_ALLOW && !stopped)
		return _("This address is not on the stop list.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct record *self = (struct record *)screen;
	struct screen *owner = self->owner;

	if (action != ACT_CONTACT_STOP && action != ACT_CONTACT_ALLOW)
		return UNUSED;
	app_pop(screen->app, screen);
	self->chosen(owner, action);
	return USED;
}

static void
close_record(struct screen *screen)
{
	struct record *self = (struct record *)screen;

	pager_free(&self->pager);
	arena_free(&self->arena);
	free(self);
}

static const struct screen_ops record_ops = {
    .name = "contact",
    .shape = SCREEN_OVERLAY,
    .draw = draw,
    .key = key,
    .footer = footer,
    .why_not = why_not,
    .act = act,
    .shown = shown,
    .close = close_record,
};

void
record_open(struct screen *owner, const struct contact_row *row,
    void (*chosen)(struct screen *owner, enum action action))
{
	struct record *self = mem_new(sizeof *self);

	self->base.ops = &record_ops;
	self->owner = owner;
	self->chosen = chosen;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	self->arena = arena_new();
	self->row = *row;
	self->row.address = arena_copy(self->arena, row->address);
	self->row.name = arena_copy(self->arena, row->name);
	self->row.fields = arena_copy(self->arena, row->fields);
	self->row.basis_note = arena_copy(self->arena, row->basis_note);
	app_push(owner->app, &self->base);
}
