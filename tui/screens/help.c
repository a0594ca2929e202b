/* Help: what works on the screen below, with keys and sentences; '/' filters,
 * Enter runs the line. */
#include "core/base/mem.h"
#include "tui/screens/choices.h"
#include "tui/screens/foundation.h"
#include "tui/text/i18n.h"
#include "tui/widgets/line.h"

#include <stdlib.h>

struct help {
	struct screen base;
	struct choices *choices;
	struct line *filter; /* NULL: not filtering */
};

static void
draw(struct screen *screen, struct area body)
{
	struct help *self = (struct help *)screen;
	struct area list = area_rows(body, 2, -4);
	struct buf name = BUF_INIT;
	struct screen *base = app_base(screen->app);
	int col;

	draw_fill(body, ROLE_OVERLAY);
	if (base && base->ops->title)
		base->ops->title(base, &name);
	col = draw_printf(
	    body, 0, 1, ROLE_TITLE, _("Help: %s"), name.ptr ? name.ptr : "");
	choices_draw(self->choices, list);
	if (self->filter) {
		col = draw_str(body, 0, col + 2, ROLE_OVERLAY_KEY, "/ ");
		line_draw(
		    self->filter, body, 0, col, body.cols - col - 1, FOCUS_ON);
	}
	draw_str(body, body.rows - 2, 1, ROLE_DIM,
	    _("Moving: arrows j k, PgUp PgDn, Home End g G, Tab next field"));
	draw_swap(body, ROLE_TEXT, ROLE_OVERLAY);
	buf_done(&name);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Enter on a line runs it; / looks for a word."));
}

static void
run(struct screen *screen)
{
	struct app *app = screen->app;
	enum action action = choices_chosen(((struct help *)screen)->choices);

	app_pop(app, screen);
	if (action != ACT_NONE)
		app_act(app, action);
}

static enum used
filter_key(struct help *self, const struct key *key)
{
	if (key->code == K_ESC || key_is(key, K_CTRL('G'))) {
		line_free(&self->filter);
		choices_filter(self->choices, SPAN(""));
		return USED;
	}
	if (line_key(self->filter, key) == UNUSED)
		return UNUSED;
	choices_filter(self->choices, line_span(self->filter));
	return USED;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct help *self = (struct help *)screen;

	if (key->code == K_ENTER) {
		run(screen);
		return USED;
	}
	if (self->filter && key->code != K_UP && key->code != K_DOWN &&
	    filter_key(self, key) == USED)
		return USED;
	return choices_key(self->choices, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct help *self = (struct help *)screen;

	if (action == ACT_FILTER) {
		if (!self->filter)
			self->filter = line_new(LINE_TEXT, 100);
		return USED;
	}
	if (action == ACT_HELP) {
		app_pop(screen->app, screen);
		return USED;
	}
	return UNUSED;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_RUN, ACT_FILTER, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_help(struct screen *screen)
{
	struct help *self = (struct help *)screen;

	choices_free(&self->choices);
	line_free(&self->filter);
	free(self);
}

static const struct screen_ops help_ops = {
    .name = "help",
    .shape = SCREEN_OVERLAY,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .footer = footer,
    .close = close_help,
};

void
help_open(struct app *app)
{
	struct help *self = mem_new(sizeof *self);

	self->base.ops = &help_ops;
	self->choices = choices_new(app, CHOICES_COMMON, CHOICES_TABLE);
	app_push(app, &self->base);
}
