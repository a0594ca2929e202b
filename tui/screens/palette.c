/* The palette: type words, choose an action, Enter runs it.  With the screen's
 * scope it is the actions menu. */
#include "core/base/mem.h"
#include "tui/screens/choices.h"
#include "tui/screens/foundation.h"
#include "tui/text/i18n.h"
#include "tui/widgets/line.h"

#include <stdlib.h>

struct palette {
	struct screen base;
	enum palette_scope scope;
	struct choices *choices;
	struct line *line;
};

static void
draw(struct screen *screen, struct area body)
{
	struct palette *self = (struct palette *)screen;
	int col;

	draw_fill(body, ROLE_OVERLAY);
	col = draw_str(body, 0, 1, ROLE_OVERLAY_KEY,
	    self->scope == PALETTE_ALL ? ": " : _("Actions: "));
	choices_draw(self->choices, area_rows(body, 2, -2));
	line_draw(self->line, body, 0, col, body.cols - col - 1, FOCUS_ON);
	draw_swap(body, ROLE_TEXT, ROLE_OVERLAY);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct palette *self = (struct palette *)screen;
	size_t count = choices_count(self->choices);

	buf_printf(
	    out, P_("%zu action matches.", "%zu actions match.", count), count);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct palette *self = (struct palette *)screen;
	struct app *app = screen->app;
	enum action action = choices_chosen(self->choices);

	if (key->code == K_ENTER) {
		app_pop(app, screen);
		if (action != ACT_NONE)
			app_act(app, action);
		return USED;
	}
	if (line_key(self->line, key) == USED) {
		choices_filter(self->choices, line_span(self->line));
		return USED;
	}
	return choices_key(self->choices, key);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_RUN, ACT_CLOSE, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action == ACT_CLOSE || action == ACT_PALETTE) {
		app_pop(screen->app, screen);
		return USED;
	}
	return UNUSED;
}

static void
close_palette(struct screen *screen)
{
	struct palette *self = (struct palette *)screen;

	choices_free(&self->choices);
	line_free(&self->line);
	free(self);
}

static const struct screen_ops palette_ops = {
    .name = "palette",
    .shape = SCREEN_OVERLAY,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .footer = footer,
    .close = close_palette,
};

void
palette_open(struct app *app, enum palette_scope scope)
{
	struct palette *self = mem_new(sizeof *self);

	self->base.ops = &palette_ops;
	self->scope = scope;
	self->choices = choices_new(app,
	    scope == PALETTE_ALL ? CHOICES_COMMON : CHOICES_OWN, CHOICES_BEST);
	self->line = line_new(LINE_TEXT, 100);
	app_push(app, &self->base);
}
