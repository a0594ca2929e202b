/* Between checklist and launch (S14): whether a second person must approve what
 * is sealed, what they have decided, and the two ways in which they do it.  When
 * none is needed, or one has approved, this page is not seen. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/review/review.h"
#include "tui/screens/crumb.h"
#include "tui/screens/here.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { LOOK_MS = 1000, LEFT = 2 };

struct approval_page {
	struct screen base;
	struct campaign_id campaign;
	struct approval_state now;
	bool is_known;
	struct buf name;      /* of the campaign */
	struct buf approvers; /* their logins */
};

static int
read_state(struct app *app, struct campaign_id id, struct approval_state *out,
    struct buf *name, struct buf *approvers, struct err *err)
{
	struct store *store = app_store(app);
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	int rc = store_reader_open(store, &db, err);

	if (rc == 0)
		rc = approval_state(store, db, id, app_now_ms(app), out, err);
	if (rc == 0 && name) {
		buf_clear(name);
		buf_clear(approvers);
		rc = campaign_read(db, id, &campaign, err);
		buf_add(name, buf_span(&campaign.name));
	}
	if (rc == 0 && approvers && here_approvers(db, approvers, err) < 0)
		rc = -1;
	campaign_done(&campaign);
	store_reader_close(&db);
	return rc;
}

static void
shown(struct screen *screen)
{
	struct approval_page *self = (struct approval_page *)screen;
	struct err err = {.code = E_NONE};

	self->is_known = read_state(screen->app, self->campaign, &self->now,
			     &self->name, &self->approvers, &err) == 0;
	if (!self->is_known)
		app_say_err(screen->app, &err);
}

static void
login_typed(struct screen *owner, int answer, struct span text)
{
	struct approval_page *self = (struct approval_page *)owner;
	char words[40];

	if (answer != 1)
		return;
	snprintf(
	    words, sizeof words, "approve %lld", (long long)self->campaign.v);
	here_run(owner, text, words);
	shown(owner);
}

/* ---- The screen ------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct approval_page *self = (struct approval_page *)screen;

	crumb_add(screen, buf_span(&self->name), _("Approval"), out);
}

static int
paragraph(struct area body, int at, enum role role, const char *text)
{
	return draw_wrapped(
		   area_cols(body, 0, -2), at, LEFT, role, span_of(text)) +
	       1;
}

/* By whom, when and with which words. */
static int
draw_decision(struct approval_page *self, struct area body, int at)
{
	struct buf text = BUF_INIT;

	buf_text(&text, self->now.login);
	buf_text(&text, ", ");
	format_minute(&text, self->now.at_ms);
	if (self->now.expires_ms) {
		buf_text(&text, "  ");
		buf_text(&text, _("good until"));
		buf_char(&text, ' ');
		format_minute(&text, self->now.expires_ms);
	}
	draw_text(body, at, LEFT, ROLE_TEXT, buf_span(&text));
	at++;
	if (*self->now.words)
		at = draw_wrapped(area_cols(body, 0, -2), at, LEFT, ROLE_WARN,
		    span_of(self->now.words));
	buf_done(&text);
	return at + 1;
}

/* What does not fit its seal cannot be approved: it must be sealed again. */
static bool
may_be_approved(const struct approval_page *self)
{
	return self->now.step != APPROVAL_VOID ||
	       self->now.why.code != E_REVIEW_SEAL;
}

static int
draw_ways(struct approval_page *self, struct area body, int at)
{
	struct buf text = BUF_INIT;

	at = paragraph(body, at, ROLE_HEAD, _("Two ways:"));
	at = paragraph(body, at, ROLE_TEXT,
	    _("Here, now (a): the approver signs in on this terminal. Whoever "
	      "sits beside can watch the keys."));
	at = paragraph(body, at, ROLE_TEXT,
	    _("From their own login, which is safer. They run:"));
	buf_printf(&text, "  sekisho --store %s approve",
	    store_dir(app_store(self->base.app)));
	at = draw_wrapped(body, at, LEFT, ROLE_MD_CODE, buf_span(&text)) + 1;
	buf_clear(&text);
	buf_text(&text, _("Approvers:"));
	buf_char(&text, ' ');
	if (self->approvers.len)
		buf_add(&text, buf_span(&self->approvers));
	else
		buf_text(&text, _("none; an administrator makes one in Setup"));
	draw_text(body, at, LEFT, self->approvers.len ? ROLE_DIM : ROLE_WARN,
	    buf_span(&text));
	buf_done(&text);
	return at + 1;
}

static void
draw(struct screen *screen, struct area body)
{
	struct approval_page *self = (struct approval_page *)screen;
	struct buf why = BUF_INIT;
	int at = 1;

	if (!self->is_known)
		return;
	switch (self->now.step) {
	case APPROVAL_NONE:
		paragraph(
		    body, at, ROLE_TEXT, _("No second person is needed."));
		break;
	case APPROVAL_GIVEN:
		at = paragraph(body, at, ROLE_OK,
		    _("✓ Approved. ^N goes on to the launch."));
		draw_decision(self, body, at);
		break;
	case APPROVAL_REJECTED:
		at = paragraph(body, at, ROLE_ERR,
		    _("✗ Rejected; the campaign is a draft again."));
		draw_decision(self, body, at);
		break;
	case APPROVAL_VOID:
		buf_text(&why, "! ");
		err_text(&self->now.why, &why);
		at = paragraph(body, at, ROLE_WARN, why.ptr);
		if (may_be_approved(self))
			draw_ways(self, body, at);
		break;
	case APPROVAL_WAITING:
		at = paragraph(body, at, ROLE_WARN,
		    self->now.need == APPROVAL_BY_OVERRIDE
			? _("A line of the checklist is to be overridden: a "
			    "second person must approve.")
			: _("Policy: a second person must approve this "
			    "campaign."));
		draw_ways(self, body, at);
	}
	buf_done(&why);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct approval_page *self = (struct approval_page *)screen;

	if (self->is_known && (self->now.step == APPROVAL_WAITING ||
				  self->now.step == APPROVAL_VOID))
		buf_text(out, _("This page looks for the approval every "
				"second."));
}

static enum used
act(struct screen *screen, enum action action)
{
	struct approval_page *self = (struct approval_page *)screen;

	if (action == ACT_APPROVAL_HERE)
		here_ask(screen, buf_span(&self->approvers), login_typed);
	else if (action == ACT_APPROVAL_GO)
		launch_open(screen->app, self->campaign);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct approval_page *self = (struct approval_page *)screen;
	bool waits = self->is_known && (self->now.step == APPROVAL_WAITING ||
					   self->now.step == APPROVAL_VOID);

	if (action == ACT_APPROVAL_HERE && waits && !may_be_approved(self))
		return _("Run the checks and seal it again first.");
	if (action == ACT_APPROVAL_HERE && !waits)
		return _("Nothing waits for an approval here.");
	if (action == ACT_APPROVAL_GO && self->now.step != APPROVAL_GIVEN &&
	    self->now.step != APPROVAL_NONE)
		return _("The launch opens when a second person has "
			 "approved.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_APPROVAL_HERE, ACT_APPROVAL_GO, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static int
tick_ms(struct screen *screen)
{
	struct approval_page *self = (struct approval_page *)screen;

	return self->now.step == APPROVAL_WAITING ||
		       self->now.step == APPROVAL_VOID
		   ? LOOK_MS
		   : 0;
}

static void
close_page(struct screen *screen)
{
	struct approval_page *self = (struct approval_page *)screen;

	buf_done(&self->name);
	buf_done(&self->approvers);
	free(self);
}

static const struct screen_ops approval_ops = {
    .name = "approval",
    .section = 3,
    .title = title,
    .draw = draw,
    .hint = hint,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = shown,
    .close = close_page,
};

void
approval_open(struct app *app, struct campaign_id campaign)
{
	struct approval_page *self;
	struct approval_state now;
	struct err err = {.code = E_NONE};

	if (read_state(app, campaign, &now, NULL, NULL, &err) == 0 &&
	    (now.step == APPROVAL_NONE || now.step == APPROVAL_GIVEN)) {
		launch_open(app, campaign);
		return;
	}
	self = mem_new(sizeof *self);
	self->base.ops = &approval_ops;
	self->campaign = campaign;
	app_push(app, &self->base);
}
