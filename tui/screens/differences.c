/* What a campaign does that the one before it did not, on one page: structural
 * changes first, people last. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/review/review.h"
#include "tui/screens/differences.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/pager.h"

struct differences {
	struct screen base;
	struct campaign_id campaign;
	struct pager *pager;
	struct consequences *found; /* NULL: not read yet */
};

static const char *const titles[CONSEQUENCE_KINDS] = {
    [CONSEQUENCE_FROM] = N_("Sender"),
    [CONSEQUENCE_REPLY_TO] = N_("Reply-To"),
    [CONSEQUENCE_CLASS] = N_("Kind of mail"),
    [CONSEQUENCE_HOST] = N_("Links lead to a new host"),
    [CONSEQUENCE_RELAY] = N_("A new relay"),
    [CONSEQUENCE_LIST] = N_("List"),
    [CONSEQUENCE_FROM_NAME] = N_("Name of the sender"),
    [CONSEQUENCE_LINK] = N_("New links"),
    [CONSEQUENCE_LINK_GONE] = N_("Links that are gone"),
    [CONSEQUENCE_JOINED] = N_("People who are new"),
    [CONSEQUENCE_LEFT] = N_("People who are gone"),
};

const char *
difference_title(enum consequence_kind kind)
{
	return _(titles[kind]);
}

/* ---- The page --------------------------------------------------------------- */

static void
add_value(
    struct pager *pager, enum role role, const char *sign, struct span value)
{
	pager_add_str(pager, role, sign);
	pager_add(pager, role, value.len ? value : span_of(_("(nothing)")));
	pager_add_str(pager, role, "\n");
}

static void
add_people(struct pager *pager, const struct consequence *one)
{
	struct buf count = BUF_INIT, text = BUF_INIT;

	format_count(&count, one->count);
	buf_printf(&text, P_("%s person", "%s people", one->count), count.ptr);
	pager_add(pager, ROLE_TEXT, buf_span(&text));
	pager_add_str(pager, ROLE_TEXT, "\n");
	for (int i = 0; i < one->samples; i++)
		add_value(pager, ROLE_DIM, "  ", one->sample[i]);
	if (one->count > one->samples)
		pager_add_str(pager, ROLE_DIM, "  ..\n");
	buf_done(&count);
	buf_done(&text);
}

static void
add_one(struct pager *pager, const struct consequence *one,
    const struct consequence *before)
{
	if (!before || before->kind != one->kind) {
		pager_add_str(pager, ROLE_TEXT, "\n");
		pager_add_str(pager, one->is_structural ? ROLE_WARN : ROLE_HEAD,
		    difference_title(one->kind));
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
	if (one->kind == CONSEQUENCE_JOINED || one->kind == CONSEQUENCE_LEFT) {
		add_people(pager, one);
		return;
	}
	if (one->kind != CONSEQUENCE_HOST && one->kind != CONSEQUENCE_RELAY &&
	    one->kind != CONSEQUENCE_LINK)
		add_value(pager, ROLE_ERR, "- ", one->before);
	if (one->kind != CONSEQUENCE_LINK_GONE)
		add_value(pager, ROLE_OK, "+ ", one->now);
}

void
difference_base(
    enum likeness like, struct span name, const char *day, struct buf *out)
{
	buf_printf(out,
	    like == LIKE_SEGMENT
		? _("Against \"%.*s\" of %s, the last one to this segment.")
	    : like == LIKE_LIST
		? _("Against \"%.*s\" of %s, the last one to this list.")
		: _("Against \"%.*s\" of %s, the last one of this kind."),
	    SPAN_ARG(name), day);
}

static void
add_base(struct pager *pager, const struct consequences_base *base)
{
	struct buf text = BUF_INIT, at = BUF_INIT;

	if (!base->campaign.v) {
		pager_add_str(pager, ROLE_TEXT,
		    _("Nothing was launched to this list or of this kind "
		      "before: there is nothing to compare with."));
		return;
	}
	format_date(&at, base->started_ms);
	difference_base(base->like, base->name, at.ptr, &text);
	pager_add(pager, ROLE_TEXT, buf_span(&text));
	pager_add_str(pager, ROLE_TEXT, "\n");
	if (!base->has_people)
		pager_add_str(pager, ROLE_DIM,
		    _("Who is new and who is gone is known once the checks "
		      "ran.\n"));
	buf_done(&text);
	buf_done(&at);
}

static void
fill(struct differences *self)
{
	const struct consequences *found = self->found;
	const struct consequence *all;
	size_t count;

	pager_clear(self->pager);
	all = consequences_all(found, &count);
	add_base(self->pager, consequences_base(found));
	for (size_t i = 0; i < count; i++)
		add_one(self->pager, &all[i], i ? &all[i - 1] : NULL);
	if (!count && consequences_base(found)->campaign.v)
		pager_add_str(self->pager, ROLE_OK,
		    _("Nothing is new: sender, links, ways and people are the "
		      "same."));
}

/* ---- Reading ---------------------------------------------------------------- */

struct task {
	struct store *store; /* borrowed */
	struct campaign_id campaign;
	struct consequences *found;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (store_view_open(task->store, &db, err) == 0)
		rc = consequences_find(
		    db, task->campaign, NULL, &task->found, err);
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	struct task *task = data;

	consequences_free(&task->found);
	free(task);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct differences *self = (struct differences *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	consequences_free(&self->found);
	self->found = task->found;
	task->found = NULL;
	fill(self);
}

static void
shown(struct screen *screen)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct differences *self = (struct differences *)screen;
	struct task *task;
	struct err err = {.code = E_NONE};

	/* perhaps in another language than before */
	if (self->found) {
		fill(self);
		return;
	}
	task = mem_new(sizeof *task);
	task->store = app_store(screen->app);
	task->campaign = self->campaign;
	if (app_job(screen->app, screen, &ops, task, NULL, &err) < 0)
		app_say_err(screen->app, &err);
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Differences"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct differences *self = (struct differences *)screen;

	if (self->found)
		pager_draw(self->pager, area_cols(body, 1, -2), FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct differences *)screen)->pager, key);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_differences(struct screen *screen)
{
	struct differences *self = (struct differences *)screen;

	consequences_free(&self->found);
	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops differences_ops = {
    .name = "differences",
    .section = 3,
    .title = title,
    .draw = draw,
    .key = key,
    .footer = footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_differences,
};

void
differences_open(struct app *app, struct campaign_id campaign)
{
	struct differences *self = mem_new(sizeof *self);

	self->base.ops = &differences_ops;
	self->campaign = campaign;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	app_push(app, &self->base);
}
