/* Home: what needs somebody, what runs, what was sent last.  Everything is
 * read again whenever the screen is shown; the running delivery is asked for
 * its figures twice a second, and only while there is one. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/i18n.h"

struct home {
	struct screen base;
};

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Home"));
}

static void
draw(struct screen *screen, struct area body)
{
	(void)screen;
	(void)body;
}

static void
close_home(struct screen *screen)
{
	free(screen);
}

static const struct screen_ops home_ops = {
    .name = "home",
    .section = 1,
    .title = title,
    .draw = draw,
    .close = close_home,
};

void
home_open(struct app *app)
{
	struct home *self = mem_new(sizeof *self);

	self->base.ops = &home_ops;
	app_replace(app, &self->base);
}
