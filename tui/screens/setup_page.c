/* A page of the settings that is one form: loads it, saves what has changed in
 * a job, asks before something typed is lost. */
#include "tui/screens/setup_page.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/text/i18n.h"

static struct setup_page *
page_of(struct screen *screen)
{
	return (struct setup_page *)screen;
}

static void
save(struct setup_page *page)
{
	struct setup_changes *changes;
	struct err err = {.code = E_NONE};

	if (form_check(page->form) >= 0)
		return;
	changes = setup_changes_new(page->base.app);
	setup_change_fields(changes, page->form, page->kind->fields);
	if (page->kind->change)
		page->kind->change(page->form, changes);
	if (setup_save(&page->base, &changes, &err) < 0)
		app_say_err(page->base.app, &err);
}

void
setup_page_job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct setup_page *page = page_of(screen);

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (page->kind->saved)
		page->kind->saved(screen->app, data);
	form_set_saved(page->form);
	app_say(screen->app, SAY_OK, _("Saved."));
}

void
setup_page_title(struct screen *screen, struct buf *out)
{
	buf_text(out, _(page_of(screen)->kind->title));
}

void
setup_page_subtitle(struct screen *screen, struct buf *out)
{
	if (form_is_changed(page_of(screen)->form))
		buf_text(out, _("not saved"));
}

void
setup_page_draw(struct screen *screen, struct area body)
{
	form_draw(page_of(screen)->form, area_cols(body, 1, 78), FOCUS_ON);
}

enum used
setup_page_key(struct screen *screen, const struct key *key)
{
	struct setup_page *page = page_of(screen);

	switch (form_key(page->form, key)) {
	case FORM_PRESSED:
		save(page);
		return USED;
	case FORM_USED:
	case FORM_CHANGED:
		return USED;
	case FORM_UNUSED:
		break;
	}
	return UNUSED;
}

enum used
setup_page_act(struct screen *screen, enum action action)
{
	if (action == ACT_SETUP_SAVE)
		save(page_of(screen));
	else if (action == ACT_SETUP_BACK)
		app_act(screen->app, ACT_BACK);
	else
		return UNUSED;
	return USED;
}

bool
setup_page_may_leave(struct screen *screen)
{
	return setup_may_leave(screen, page_of(screen)->form);
}

const enum action *
setup_page_footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_SAVE, ACT_SETUP_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

void
setup_page_close(struct screen *screen)
{
	struct setup_page *page = page_of(screen);

	form_free(&page->form);
	free(page);
}

void
setup_page_open(struct app *app, const struct screen_ops *ops,
    const struct setup_page_kind *kind)
{
	struct setup_page *page = mem_new(sizeof *page);

	page->base.ops = ops;
	page->kind = kind;
	page->form = form_new(kind->spec, kind->count);
	app_push(app, &page->base);
	setup_load(&page->base, page->form, kind->fields);
	if (kind->load)
		kind->load(page);
}
