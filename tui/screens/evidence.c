/* The evidence pack of a campaign: which data it holds, what for, and where it
 * goes. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/report/report.h"
#include "tui/app.h"
#include "tui/screens/crumb.h"
#include "tui/screens/screens.h"
#include "tui/screens/stepup.h"
#include "tui/text/i18n.h"
#include "tui/widgets/form.h"

enum { F_DATA, F_PURPOSE, F_PATH, F_COUNT };

struct evidence_screen {
	struct screen base;
	struct campaign_id campaign;
	struct form *form;
	struct job *job; /* NULL: none runs */
	struct digest fingerprint;
	bool made;
};

struct work {
	struct store *store; /* borrowed */
	struct campaign_id campaign;
	enum pack_data data;
	struct buf purpose, path;
	struct pack_facts facts; /* out */
};

static void
check_path(struct span path, struct buf *why)
{
	if (!path.len || path.ptr[0] != '/')
		buf_text(why, _("The path begins with a slash."));
}

static const char *const choices[] = {
    N_("as keyed hashes"), N_("in the clear, with samples"), NULL};

static const struct field_spec fields[F_COUNT] = {
    [F_DATA] = {.label = N_("Recipients"),
	.kind = FIELD_CHOICE,
	.choices = choices,
	.cols = 34,
	.hint = N_("Hashes show that two packs name the same people.")},
    [F_PURPOSE] = {.label = N_("Purpose"),
	.kind = FIELD_TEXT,
	.max = PACK_PURPOSE_MAX,
	.hint = N_("Needed for data in the clear; it goes into the log.")},
    [F_PATH] = {.label = N_("File"),
	.kind = FIELD_TEXT,
	.hint = N_("A tar archive; one that is there is never replaced."),
	.check = check_path},
};

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;
	const struct pack_params params = {.campaign = work->campaign,
	    .path = work->path.ptr,
	    .data = work->data,
	    .purpose = buf_span(&work->purpose),
	    .cancel = job_cancel_flag(job)};

	return pack_make(work->store, &params, &work->facts, err);
}

static void
work_free(void *data)
{
	struct work *work = data;

	buf_done(&work->purpose);
	buf_done(&work->path);
	free(work);
}

static const struct job_ops work_ops = {.run = work_run, .free = work_free};

static void
start(struct evidence_screen *self)
{
	struct err err = {.code = E_NONE};
	struct work *work;

	if (form_check(self->form) >= 0)
		return;
	work = mem_new(sizeof *work);
	work->store = app_store(self->base.app);
	work->campaign = self->campaign;
	work->data =
	    form_choice(self->form, F_DATA) == 0 ? PACK_HASHED : PACK_FULL;
	buf_add(&work->purpose, form_text(self->form, F_PURPOSE));
	buf_add(&work->path, form_text(self->form, F_PATH));
	self->made = false;
	if ((work->data == PACK_HASHED
		    ? app_job(self->base.app, &self->base, &work_ops, work,
			  &self->job, &err)
		    : stepup_job(&self->base, STEPUP_EXPORT, &work_ops, work,
			  &self->job, &err)) < 0) {
		self->job = NULL;
		app_say_err(self->base.app, &err);
	}
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct evidence_screen *self = (struct evidence_screen *)screen;
	struct work *work = data;

	(void)job;
	self->job = NULL;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	self->fingerprint = work->facts.fingerprint;
	self->made = true;
	form_set_saved(self->form);
	app_sayf(screen->app, SAY_OK, _("Written to %s."), work->path.ptr);
}

/* ---- Screen ---------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	crumb_add(screen, SPAN(""), _("Evidence"), out);
}

static void
draw(struct screen *screen, struct area body)
{
	struct evidence_screen *self = (struct evidence_screen *)screen;
	struct area below = area_rows(body, 11, -1);
	struct buf key = BUF_INIT;
	int row;

	form_draw(self->form, area_rows(body, 1, 9), FOCUS_ON);
	row = draw_wrapped(area_cols(below, 0, -2), 0, 2, ROLE_DIM,
	    span_of(_("The pack holds checks, answers, approvals, texts, the "
		      "outcome for each recipient and this campaign's entries "
		      "in the log. It is signed and can be checked anywhere "
		      "with tar, sha256sum and openssl; its README says how. "
		      "Answers and findings are quoted as they were "
		      "approved.")));
	if (!self->made)
		return;
	crypt_hex(&key,
	    span_make(self->fingerprint.bytes, sizeof self->fingerprint.bytes));
	draw_str(below, row + 1, 2, ROLE_OK,
	    _("Made. Tell the receiver this key by another way:"));
	draw_text(below, row + 2, 4, ROLE_TEXT,
	    span_slice(buf_span(&key), 0, SHA256_LEN));
	draw_text(below, row + 3, 4, ROLE_TEXT,
	    span_slice(buf_span(&key), SHA256_LEN, key.len));
	buf_done(&key);
}

static void
hint(struct screen *screen, struct buf *out)
{
	if (((struct evidence_screen *)screen)->job)
		buf_text(out, _("Making the pack .. ^C stops."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct evidence_screen *self = (struct evidence_screen *)screen;

	if (self->job)
		return UNUSED;
	return form_key(self->form, key) == FORM_UNUSED ? UNUSED : USED;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct evidence_screen *self = (struct evidence_screen *)screen;

	if (action == ACT_EVIDENCE_MAKE)
		start(self);
	else if (action == ACT_CANCEL && self->job)
		job_cancel(self->job);
	else if (action == ACT_EVIDENCE_BACK)
		app_pop(screen->app, screen);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if (action != ACT_EVIDENCE_MAKE)
		return NULL;
	if (((struct evidence_screen *)screen)->job)
		return _("One moment, please.");
	return app_may_why_not(screen->app, MAY_EVIDENCE_MAKE);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_EVIDENCE_MAKE, ACT_EVIDENCE_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_evidence(struct screen *screen)
{
	struct evidence_screen *self = (struct evidence_screen *)screen;

	form_free(&self->form);
	free(self);
}

static const struct screen_ops evidence_ops = {
    .name = "evidence",
    .section = 5,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .job_done = job_done,
    .close = close_evidence,
};

void
evidence_open(struct app *app, struct campaign_id campaign)
{
	struct evidence_screen *self = mem_new(sizeof *self);
	const char *home = getenv("HOME");
	struct buf path = BUF_INIT;

	self->base.ops = &evidence_ops;
	self->campaign = campaign;
	self->form = form_new(fields, F_COUNT);
	buf_printf(&path, "%s/sekisho-evidence-%lld.tar", home ? home : "/tmp",
	    (long long)campaign.v);
	form_set(self->form, F_PATH, buf_span(&path));
	form_set_saved(self->form);
	buf_done(&path);
	app_push(app, &self->base);
}
