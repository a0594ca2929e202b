/* The first page of a drill: what it is, what is to be done, which keys it
 * has. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/app.h"
#include "tui/demo/drill_screens.h"
#include "tui/text/i18n.h"
#include "tui/widgets/pager.h"

struct briefing {
	struct screen base;
	struct pager *pager;
};

static const char *const paragraphs[] = {
    N_("This is a drill. Nothing here is real: the store is thrown away "
       "afterwards, the contacts are made up, and mail goes to a practice "
       "relay on this machine and nowhere else."),
    N_("A colleague has written the campaign under Campaigns and says that it "
       "is ready. Eight faults are in it, in its list, its head, its text, "
       "its links or its files. The machine finds some of them; others only "
       "a person who looks."),
    N_("Check it as you would check a real one: the checklist, the preview, "
       "the links, the files, the list. Mark every fault that you find: what "
       "it is, and where. You may repair faults, too: a repaired one counts "
       "as found."),
    N_("A mark of something that is right is a false alarm and is counted. "
       "You may send the campaign when you think that it is right; the result "
       "then says to how many people it would have gone."),
};

static const struct {
	enum action action;
	const char *text;
} keys[] = {
    {ACT_DRILL_MARK, N_("marks a fault, from every page")},
    {ACT_DRILL_MARKS, N_("your marks: change them, take them back")},
    {ACT_DRILL_END, N_("ends the drill and shows what you found and missed")},
};

static void
add_keys(struct pager *pager)
{
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		buf_clear(&line);
		action_key(keys[i].action, &line);
		pager_add(pager, ROLE_HEAD, buf_span(&line));
		pager_add_str(pager, ROLE_TEXT, "  ");
		pager_add_str(pager, ROLE_TEXT, _(keys[i].text));
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
	buf_done(&line);
}

static void
shown(struct screen *screen)
{
	struct briefing *self = (struct briefing *)screen;

	pager_clear(self->pager);
	for (size_t i = 0; i < sizeof paragraphs / sizeof *paragraphs; i++) {
		pager_add_str(
		    self->pager, i ? ROLE_TEXT : ROLE_WARN, _(paragraphs[i]));
		pager_add_str(self->pager, ROLE_TEXT, "\n\n");
	}
	add_keys(self->pager);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Briefing"));
}

static void
draw(struct screen *screen, struct area body)
{
	pager_draw(((struct briefing *)screen)->pager, area_cols(body, 2, -3),
	    FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("The time counts from here on. : and \"briefing\" "
			"brings this page back."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct briefing *)screen)->pager, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action != ACT_BRIEFING_GO)
		return UNUSED;
	app_pop(screen->app, screen);
	return USED;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BRIEFING_GO, ACT_DRILL_MARK,
	    ACT_DRILL_MARKS, ACT_DRILL_END, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_briefing(struct screen *screen)
{
	struct briefing *self = (struct briefing *)screen;

	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops briefing_ops = {
    .name = "drill-briefing",
    .section = 0,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .footer = footer,
    .shown = shown,
    .close = close_briefing,
};

void
drill_briefing_open(struct app *app)
{
	struct briefing *self = mem_new(sizeof *self);

	self->base.ops = &briefing_ops;
	self->pager = pager_new(PAGER_WRAP, GATE_LIST);
	app_push(app, &self->base);
}
