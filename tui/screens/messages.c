/* What was said in this session, newest first: an error that was only glanced
 * at can be read again.  Also the smallest screen, to copy from. */
#include "core/base/mem.h"
#include "tui/screens/foundation.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/pager.h"

#include <stdlib.h>

struct messages {
	struct screen base;
	struct pager *pager;
};

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Messages"));
}

static void
fill(struct messages *self)
{
	static const enum role roles[] = {
	    [SAY_INFO] = ROLE_TEXT,
	    [SAY_OK] = ROLE_OK,
	    [SAY_WARN] = ROLE_WARN,
	    [SAY_ERROR] = ROLE_ERR,
	};
	const struct app_message *message;
	struct buf at = BUF_INIT;

	pager_clear(self->pager);
	for (size_t i = 0; (message = app_message(self->base.app, i)); i++) {
		buf_clear(&at);
		format_clock(&at, message->at_ms);
		buf_text(&at, "  ");
		pager_add(self->pager, ROLE_DIM, buf_span(&at));
		pager_add_str(self->pager, roles[message->say], message->text);
		pager_add_str(self->pager, ROLE_TEXT, "\n");
	}
	if (!app_message(self->base.app, 0))
		pager_add_str(self->pager, ROLE_DIM,
		    _("Nothing was said in this session so far."));
	buf_done(&at);
}

static void
shown(struct screen *screen)
{
	fill((struct messages *)screen);
}

static void
draw(struct screen *screen, struct area body)
{
	struct messages *self = (struct messages *)screen;

	pager_draw(self->pager, area_cols(body, 1, -2), FOCUS_ON);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct messages *)screen)->pager, key);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_messages(struct screen *screen)
{
	struct messages *self = (struct messages *)screen;

	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops messages_ops = {
    .name = "messages",
    .title = title,
    .draw = draw,
    .key = key,
    .footer = footer,
    .shown = shown,
    .close = close_messages,
};

void
messages_open(struct app *app)
{
	struct messages *self = mem_new(sizeof *self);

	self->base.ops = &messages_ops;
	self->pager = pager_new(PAGER_WRAP, GATE_LIST);
	app_push(app, &self->base);
}
