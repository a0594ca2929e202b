/* One version of a text, whole. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/text/i18n.h"
#include "tui/widgets/pager.h"

struct version {
	struct screen base;
	char *name;
	struct pager *pager;
};

static void
title(struct screen *screen, struct buf *out)
{
	buf_text(out, ((struct version *)screen)->name);
}

static void
draw(struct screen *screen, struct area body)
{
	pager_draw(((struct version *)screen)->pager, area_cols(body, 1, -2),
	    FOCUS_ON);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct version *)screen)->pager, key);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_version(struct screen *screen)
{
	struct version *self = (struct version *)screen;

	pager_free(&self->pager);
	free(self->name);
	free(self);
}

static const struct screen_ops version_ops = {
    .name = "version",
    .section = 3,
    .title = title,
    .draw = draw,
    .key = key,
    .footer = footer,
    .close = close_version,
};

void
version_open(struct screen *owner, const char *name, struct span subject,
    struct span body)
{
	struct version *self = mem_new(sizeof *self);

	self->base.ops = &version_ops;
	self->name = mem_text(span_of(name));
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	pager_add_str(self->pager, ROLE_HEAD, _("Subject"));
	pager_add_str(self->pager, ROLE_TEXT, " ");
	pager_add(self->pager, ROLE_TEXT, subject);
	pager_add_str(self->pager, ROLE_TEXT, "\n\n");
	pager_add(self->pager, ROLE_TEXT, body);
	app_push(owner->app, &self->base);
}
