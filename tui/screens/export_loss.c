/* What CP932 has no character for, by column, with examples: nothing is written
 * before the user has seen it. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/export.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/pager.h"

struct loss {
	struct screen base;
	struct screen *owner; /* below us */
	void (*chosen)(struct screen *owner, enum export_lossy answer);
	struct export_facts facts;
	struct pager *pager;
};

static void
add_column(struct pager *pager, const struct export_loss *loss)
{
	struct buf text = BUF_INIT, count = BUF_INIT;

	format_count(&count, loss->cells);
	pager_add_str(pager, ROLE_HEAD, loss->column);
	buf_printf(
	    &text, P_("   %s cell", "   %s cells", loss->cells), count.ptr);
	buf_char(&text, '\n');
	pager_add(pager, ROLE_WARN, buf_span(&text));
	for (int i = 0; i < loss->rows; i++) {
		buf_clear(&text);
		buf_text(&text, "    ");
		buf_printf(&text, _("row %lld: "), (long long)loss->row[i]);
		pager_add(pager, ROLE_DIM, buf_span(&text));
		pager_add_str(pager, ROLE_TEXT, loss->what[i]);
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
	if (loss->cells > loss->rows)
		pager_add_str(pager, ROLE_DIM, "    ..\n");
	buf_done(&text);
	buf_done(&count);
}

static void
fill(struct loss *self)
{
	struct buf text = BUF_INIT, count = BUF_INIT;

	format_count(&count, self->facts.lost);
	buf_printf(&text,
	    P_("CP932 does not have every character of %s cell. What it lacks "
	       "would stand in the file as 〓 and could not be read back.",
		"CP932 does not have every character of %s cells. What it "
		"lacks would stand in the file as 〓 and could not be read "
		"back.",
		self->facts.lost),
	    count.ptr);
	buf_text(&text, "\n\n");
	pager_clear(self->pager);
	pager_add(self->pager, ROLE_TEXT, buf_span(&text));
	for (size_t i = 0; i < self->facts.losses; i++)
		add_column(self->pager, &self->facts.loss[i]);
	buf_done(&text);
	buf_done(&count);
}

static void
shown(struct screen *screen)
{
	fill((struct loss *)screen);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("What would be lost"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct loss *self = (struct loss *)screen;

	pager_draw(
	    self->pager, area_cols(area_rows(body, 1, -1), 2, -3), FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Nothing is written yet."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct loss *)screen)->pager, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct loss *self = (struct loss *)screen;

	if (action != ACT_EXPORT_LOSE && action != ACT_EXPORT_UTF8)
		return UNUSED;
	app_pop(screen->app, screen);
	self->chosen(self->owner,
	    action == ACT_EXPORT_LOSE ? EXPORT_LOSSY_GO_ON : EXPORT_LOSSY_UTF8);
	return USED;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_EXPORT_UTF8, ACT_EXPORT_LOSE, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_loss(struct screen *screen)
{
	struct loss *self = (struct loss *)screen;

	export_facts_done(&self->facts);
	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops loss_ops = {
    .name = "export-loss",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .footer = footer,
    .shown = shown,
    .close = close_loss,
};

void
export_loss_open(struct screen *owner, struct export_facts *facts,
    void (*chosen)(struct screen *owner, enum export_lossy answer))
{
	struct loss *self = mem_new(sizeof *self);

	self->base.ops = &loss_ops;
	self->owner = owner;
	self->chosen = chosen;
	self->facts = *facts;
	facts->loss = NULL;
	facts->losses = 0;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	app_push(owner->app, &self->base);
}
