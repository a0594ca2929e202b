/* A page of the settings that is one form: what the pages have in common. */
#ifndef TUI_SCREENS_SETUP_PAGE_H
#define TUI_SCREENS_SETUP_PAGE_H

#include "tui/screens/setup.h"
#include "tui/widgets/form.h"

struct setup_page;

/* What makes one page; static. */
struct setup_page_kind {
	const char *title; /* untranslated */
	const struct field_spec *spec;
	size_t count;
	const struct setup_field *fields;
	/* Values that are no plain field, after the others: into the form and
	 * among the changes; may be NULL. */
	void (*load)(struct setup_page *page);
	void (*change)(const struct form *form, struct setup_changes *changes);
	/* They are in the store; may be NULL. */
	void (*saved)(struct app *app, const struct setup_changes *changes);
};

struct setup_page {
	struct screen base;
	const struct setup_page_kind *kind;
	struct form *form;
	struct job *other; /* a job of the page that is no saving; or NULL */
};

/* Opens a page; its ops are SETUP_PAGE_OPS("setup-name"). */
void setup_page_open(struct app *app, const struct screen_ops *ops,
    const struct setup_page_kind *kind);

/* The hooks of a page. */
void setup_page_title(struct screen *screen, struct buf *out);
void setup_page_subtitle(struct screen *screen, struct buf *out);
void setup_page_draw(struct screen *screen, struct area body);
enum used setup_page_key(struct screen *screen, const struct key *key);
enum used setup_page_act(struct screen *screen, enum action action);
bool setup_page_may_leave(struct screen *screen);
const enum action *setup_page_footer(struct screen *screen);
void setup_page_job_done(struct screen *screen, struct job *job, void *data,
    int rc, const struct err *err);
void setup_page_close(struct screen *screen);

#define SETUP_PAGE_OPS(id)                                                     \
	{.name = (id),                                                         \
	    .section = 8,                                                      \
	    .title = setup_page_title,                                         \
	    .subtitle = setup_page_subtitle,                                   \
	    .draw = setup_page_draw,                                           \
	    .key = setup_page_key,                                             \
	    .act = setup_page_act,                                             \
	    .may_leave = setup_page_may_leave,                                 \
	    .footer = setup_page_footer,                                       \
	    .job_done = setup_page_job_done,                                   \
	    .close = setup_page_close}

#endif
