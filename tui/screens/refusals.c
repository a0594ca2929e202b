/* What servers answered (S17): the replies of one provider group, or of all,
 * counted by code and class, with what the program makes of them. */
#include <stddef.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "core/report/report.h"
#include "tui/app.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/outcome_text.h"
#include "tui/text/state_text.h"
#include "tui/text/words.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { TICK_MS = 2000, VIEWS = 5, CELLS = 6 };

/* The pages, in the order of enum refusals_which. */
static const char *const pages[VIEWS] = {
    [REFUSALS_ALL] = N_("All"),
    [REFUSALS_DEFERRED] = N_("Deferred"),
    [REFUSALS_FAILED] = N_("Failed"),
    [REFUSALS_REST] = N_("In doubt, withheld"),
    [REFUSALS_CLEAR] = N_("Without TLS"),
};

/* What a job reads. */
struct work {
	struct store *store; /* borrowed */
	struct campaign_id id;
	enum refusals_which which;
	int group;
	struct refusals rows;
};

struct refusals_screen {
	struct screen base;
	struct campaign_id campaign;
	int group;
	char name[64]; /* of the group; "": all */
	enum refusals_which which;
	struct work *work; /* the last that was read; NULL before */
	struct list_source source;
	struct list *list;
	struct buf cell[CELLS];
	bool busy;
};

/* ---- Jobs --------------------------------------------------------------------- */

static void
work_free(void *data)
{
	struct work *work = data;

	refusals_done(&work->rows);
	free(work);
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;
	struct db *db = NULL;
	int rc;

	(void)job;
	if (store_view_open(work->store, &db, err) < 0)
		return -1;
	rc = refusals_read(
	    db, work->id, work->which, work->group, &work->rows, err);
	store_reader_close(&db);
	return rc;
}

static const struct job_ops work_job = {.run = work_run, .free = work_free};

static void
start(struct refusals_screen *self)
{
	struct work *work;
	struct err err = {0};

	if (self->busy)
		return;
	work = mem_new(sizeof *work);
	work->store = app_store(self->base.app);
	work->id = self->campaign;
	work->which = self->which;
	work->group = self->group;
	if (app_job(self->base.app, &self->base, &work_job, work, NULL, &err) <
	    0)
		app_say_err(self->base.app, &err);
	else
		self->busy = true;
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct refusals_screen *self = (struct refusals_screen *)screen;
	struct work *work = data;

	(void)job;
	self->busy = false;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (work->which != self->which) {
		start(self);
		return;
	}
	if (self->work)
		work_free(self->work);
	self->work = mem_new(sizeof *work);
	*self->work = *work;
	*work = (struct work){0};
	list_refresh(self->list);
}

/* ---- Rows ---------------------------------------------------------------------- */

static struct refusals_screen *
of_source(struct list_source *source)
{
	return (
	    struct refusals_screen *)((char *)source -
				      offsetof(struct refusals_screen, source));
}

static int64_t
source_count(struct list_source *source)
{
	struct refusals_screen *self = of_source(source);

	if (!self->work || self->work->which != self->which)
		return 0;
	return (int64_t)self->work->rows.count;
}

/* The reply's text without its code, which has a column. */
static struct span
own_words(const struct refusal *row)
{
	struct span rest = row->sample;
	struct span line = span_trim(span_cut(&rest, '\n'));

	if (row->code && line.len > 4)
		line = span_slice(line, 4, line.len);
	return line.len ? line : row->class;
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct refusals_screen *self = of_source(source);
	const struct refusal *row;

	if (index < 0 || index >= source_count(source))
		return false;
	row = &self->work->rows.row[index];
	for (int i = 0; i < CELLS; i++)
		buf_clear(&self->cell[i]);
	format_count(&self->cell[0], row->count);
	format_clock(&self->cell[1], row->first_ms);
	format_clock(&self->cell[2], row->last_ms);
	if (row->code)
		buf_int(&self->cell[3], row->code);
	out->key = index;
	for (size_t i = 0; i < 4; i++)
		out->cell[i] = buf_span(&self->cell[i]);
	out->cell[4] = span_of(state_text(row->state));
	out->cell_role[4] = state_role(row->state);
	out->cell[5] = own_words(row);
	return true;
}

static const struct list_column columns[] = {
    {N_("Count"), 9, 0, 0, FIT_RIGHT},
    {N_("First"), 8, 0, 1, FIT_END},
    {N_("Last"), 8, 0, 0, FIT_END},
    {N_("Code"), 4, 0, 0, FIT_RIGHT},
    {N_("State"), 10, 0, 2, FIT_END},
    {N_("As the server said it, once"), 0, 20, 0, FIT_END},
};

/* ---- The screen ----------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct refusals_screen *self = (struct refusals_screen *)screen;

	buf_text(out, *self->name ? self->name : _("Refusals"));
}

static void
tabs(struct screen *screen, struct tabs *out)
{
	*out = (struct tabs){.count = VIEWS,
	    .current = (int)((struct refusals_screen *)screen)->which};
	for (int i = 0; i < VIEWS; i++)
		out->label[i] = _(pages[i]);
}

static void
draw(struct screen *screen, struct area body)
{
	struct refusals_screen *self = (struct refusals_screen *)screen;

	if (!self->work || self->work->which != self->which)
		draw_str(body, 1, 2, ROLE_DIM, _("Reading the ledger .."));
	else
		list_draw(self->list, body, FOCUS_ON);
}

static const struct refusal *
selected(const struct refusals_screen *self)
{
	int64_t index = list_cursor_index(self->list);

	if (!self->work || self->work->which != self->which || index < 0 ||
	    index >= (int64_t)self->work->rows.count)
		return NULL;
	return &self->work->rows.row[index];
}

/* Adds what the program makes of a class; the class itself when it is a name
 * of the log. */
static void
add_meaning(struct span class, struct buf *out)
{
	char name[64];
	const char *word;

	span_text(name, sizeof name, class);
	word = err_word(E_RUN_GUARD, SPAN("class"), name);
	buf_text(out, word ? word : name);
}

static void
hint(struct screen *screen, struct buf *out)
{
	const struct refusal *row = selected((struct refusals_screen *)screen);
	enum outcome_class class;

	if (!row || !row->class.len)
		return;
	class = outcome_class_find(row->class);
	if (class == OUTCOME_NONE)
		add_meaning(row->class, out);
	else
		buf_printf(out, "%s  %s", outcome_class_name(class),
		    outcome_text(class));
}

static void
show(struct refusals_screen *self)
{
	const struct refusal *row = selected(self);
	struct dialog dialog = {.title = _("What was answered")};
	struct buf text = BUF_INIT;

	if (!row)
		return;
	add_meaning(row->class, &text);
	buf_text(&text, "\n\n");
	buf_add(&text, span_trim(row->sample));
	dialog.text = text.ptr;
	dialog_tell(&self->base, &dialog);
	buf_done(&text);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct refusals_screen *self = (struct refusals_screen *)screen;

	if (key->code == K_CHAR && key->cp >= '1' && key->cp < '1' + VIEWS) {
		self->which = (enum refusals_which)(key->cp - '1');
		start(self);
		return USED;
	}
	return list_key(self->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct refusals_screen *self = (struct refusals_screen *)screen;

	if (action == ACT_OPEN) {
		show(self);
		return USED;
	}
	if (action == ACT_REPLIES) {
		replies_open(screen->app);
		return USED;
	}
	if (action == ACT_DELIVERY_REPORT) {
		report_open(screen->app, self->campaign);
		return USED;
	}
	return UNUSED;
}

static int
tick_ms(struct screen *screen)
{
	struct refusals_screen *self = (struct refusals_screen *)screen;

	const struct session *session = app_session(screen->app);

	return session->run && session->running.v == self->campaign.v ? TICK_MS
								      : 0;
}

static void
tick(struct screen *screen)
{
	start((struct refusals_screen *)screen);
}

static void
shown(struct screen *screen)
{
	start((struct refusals_screen *)screen);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action all[] = {
	    ACT_OPEN, ACT_DELIVERY_REPORT, ACT_BACK, ACT_NONE};

	(void)screen;
	return all;
}

static void
close_refusals(struct screen *screen)
{
	struct refusals_screen *self = (struct refusals_screen *)screen;

	if (self->work)
		work_free(self->work);
	list_free(&self->list);
	for (int i = 0; i < CELLS; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static const struct screen_ops refusals_ops = {
    .name = "refusals",
    .section = 4,
    .title = title,
    .tabs = tabs,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .shown = shown,
    .job_done = job_done,
    .tick_ms = tick_ms,
    .tick = tick,
    .close = close_refusals,
};

void
refusals_open(
    struct app *app, struct campaign_id campaign, const struct run_part *group)
{
	struct refusals_screen *self = mem_new(sizeof *self);

	self->base.ops = &refusals_ops;
	self->campaign = campaign;
	self->group = group ? (int)group->id : REFUSALS_ALL_GROUPS;
	if (group)
		span_text(self->name, sizeof self->name, span_of(group->name));
	self->source = (struct list_source){source_count, source_row, NULL};
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list, N_("Nothing of this kind."));
	app_push(app, &self->base);
}
