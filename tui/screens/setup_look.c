/* Theme and language.  Moving in the list shows a theme at once; Enter keeps
 * it, leaving takes the old one back.  The themes are the built-in ones and
 * the files in the folders where themes are looked for. */
#include <dirent.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/setup.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { THEMES_MAX = 64 };

struct found {
	char id[THEME_NAME_MAX + 1];
	char name[THEME_NAME_MAX + 1];
	char name_ja[THEME_NAME_MAX + 1];
	enum theme_base base;
	bool good;
};

struct look_page {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct found found[THEMES_MAX];
	int count;
	char before[THEME_NAME_MAX + 1]; /* in use when the page was opened */
};

static const struct list_column columns[] = {
    {N_("Theme"), 18, 0, 0, FIT_END},
    {N_("Name"), 0, 16, 0, FIT_END},
    {N_("For"), 16, 0, 0, FIT_END},
};

static struct look_page *
of_source(struct list_source *source)
{
	return (struct look_page *)((char *)source -
				    offsetof(struct look_page, source));
}

static int64_t
count(struct list_source *source)
{
	return of_source(source)->count;
}

static const char *
base_text(enum theme_base base)
{
	switch (base) {
	case BASE_DARK:
		return _("dark screens");
	case BASE_LIGHT:
		return _("light screens");
	case BASE_ANY:
		break;
	}
	return _("any screen");
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	const struct found *found = &of_source(source)->found[index];
	bool japanese = i18n_is_japanese() && *found->name_ja;

	out->key = index;
	out->cell[0] = span_of(found->id);
	out->cell[1] = span_of(!found->good ? _("X cannot be read")
			       : japanese   ? found->name_ja
					    : found->name);
	out->cell[2] = span_of(found->good ? base_text(found->base) : "");
	return true;
}

/* ---- Finding themes ---------------------------------------------------------------- */

static void
add_theme(struct look_page *self, struct span id)
{
	struct found *found;
	struct theme theme;

	if (id.len == 0 || id.len > THEME_NAME_MAX || self->count == THEMES_MAX)
		return;
	for (int i = 0; i < self->count; i++) {
		if (span_equal(span_of(self->found[i].id), id))
			return;
	}
	found = &self->found[self->count++];
	memcpy(found->id, id.ptr, id.len);
	if (theme_load(
		app_theme_places(self->base.app), found->id, &theme, NULL) < 0)
		return;
	found->good = true;
	found->base = theme.base;
	memcpy(found->name, theme.name, sizeof found->name);
	memcpy(found->name_ja, theme.name_ja, sizeof found->name_ja);
}

static void
add_folder(struct look_page *self, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		struct span name = span_of(entry->d_name);

		if (span_ends(name, SPAN(".theme")) && name.ptr[0] != '.')
			add_theme(self, span_slice(name, 0, name.len - 6));
	}
	closedir(dir);
}

static int
by_name(const void *a, const void *b)
{
	const struct found *first = a, *second = b;

	return strcmp(first->id, second->id);
}

static void
find_themes(struct look_page *self)
{
	const struct theme_places *places = app_theme_places(self->base.app);

	add_theme(self, SPAN("terminal"));
	add_theme(self, SPAN("mono"));
	for (int i = 0; places->dir[i]; i++)
		add_folder(self, places->dir[i]);
	qsort(self->found, (size_t)self->count, sizeof *self->found, by_name);
	for (int i = 0; i < self->count; i++) {
		if (!strcmp(self->found[i].id, self->before))
			list_cursor_index_set(self->list, i);
	}
}

/* ---- Choosing ------------------------------------------------------------------------- */

static void
try_selected(struct look_page *self)
{
	int64_t index = list_cursor_index(self->list);
	struct err err = {.code = E_NONE};

	if (index < 0 ||
	    !strcmp(app_theme(self->base.app)->id, self->found[index].id))
		return;
	if (app_theme_use(self->base.app, self->found[index].id, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
save_one(struct look_page *self, const char *name, const char *value)
{
	struct setup_changes *changes = setup_changes_new(self->base.app);
	struct err err = {.code = E_NONE};

	setup_change(changes, name, span_of(value));
	if (setup_save(&self->base, &changes, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
keep(struct look_page *self)
{
	const char *id = app_theme(self->base.app)->id;

	memcpy(self->before, id, sizeof self->before);
	save_one(self, "theme", id);
}

static void
language_chosen(struct screen *owner, int answer, struct span text)
{
	static const char *const values[] = {"auto", "ja", "en"};

	(void)text;
	if (answer < 1 || answer > 3)
		return;
	i18n_use(i18n_language_of(values[answer - 1]));
	app_redraw(owner->app);
	save_one((struct look_page *)owner, "language", values[answer - 1]);
}

static void
ask_language(struct look_page *self)
{
	const char *names[] = {_("as the system says"), "日本語", "English"};

	dialog_pick(&self->base,
	    &(struct dialog){
		.title = _("Language"),
		.text = _("Of this program; mails are not changed."),
		.done = language_chosen,
	    },
	    names, 3, 0);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	(void)job;
	(void)data;
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		app_say(screen->app, SAY_OK, _("Saved."));
}

/* ---- The screen ------------------------------------------------------------------------ */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Look and language"));
}

/* A line for each role that carries meaning, as the theme shows it. */
static void
draw_sample(struct area a)
{
	static const struct {
		enum role role;
		const char *text;
	} lines[] = {
	    {ROLE_HEAD, N_("A heading")},
	    {ROLE_TEXT, N_("Text as it is read")},
	    {ROLE_DIM, N_("Text of less weight")},
	    {ROLE_OK, N_("+ in order")},
	    {ROLE_WARN, N_("! look at this")},
	    {ROLE_ERR, N_("X this failed")},
	    {ROLE_DANGER, N_(" cannot be undone ")},
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		draw_str(a, (int)i, 1, lines[i].role, _(lines[i].text));
}

static void
draw(struct screen *screen, struct area body)
{
	struct look_page *self = (struct look_page *)screen;

	list_draw(self->list, area_rows(body, 0, body.rows - 8), FOCUS_ON);
	draw_sample(area_rows(body, body.rows - 7, -1));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct look_page *self = (struct look_page *)screen;

	if (strcmp(app_theme(screen->app)->id, self->before) != 0)
		buf_text(out, _("Shown for trying; Enter keeps it."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct look_page *self = (struct look_page *)screen;
	enum used used = list_key(self->list, key);

	if (used == USED)
		try_selected(self);
	return used;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct look_page *self = (struct look_page *)screen;

	if (action == ACT_SETUP_KEEP) {
		try_selected(self);
		keep(self);
	} else if (action == ACT_SETUP_LANGUAGE) {
		ask_language(self);
	} else {
		return UNUSED;
	}
	return USED;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_KEEP, ACT_SETUP_LANGUAGE, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_look(struct screen *screen)
{
	struct look_page *self = (struct look_page *)screen;

	if (strcmp(app_theme(screen->app)->id, self->before) != 0)
		app_theme_use(screen->app, self->before, NULL);
	list_free(&self->list);
	free(self);
}

static const struct screen_ops look_ops = {
    .name = "setup-look",
    .section = 8,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .footer = footer,
    .job_done = job_done,
    .close = close_look,
};

void
setup_look_open(struct app *app)
{
	struct look_page *self = mem_new(sizeof *self);

	self->base.ops = &look_ops;
	memcpy(self->before, app_theme(app)->id, sizeof self->before);
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_push(app, &self->base);
	find_themes(self);
}
