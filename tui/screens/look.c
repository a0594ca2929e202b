/* Reading the samples of a review (PP-04).  Each is one recipient's mail as
 * delivery makes it; a verdict is taken when its last row has been on the screen
 * and it stood there long enough.  Which of them is planted nobody is told
 * before. */
#include <stdlib.h>

#include "tui/screens/check_text.h"
#include "tui/screens/crumb.h"
#include "tui/screens/look_work.h"
#include "tui/screens/preview.h"
#include "tui/screens/screens.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/sample_text.h"
#include "tui/widgets/dialog.h"

enum { HEAD_ROWS = 5, TICK_MS = 500 };

struct look_screen {
	struct screen base;
	struct campaign_id campaign;
	struct buf name; /* of the campaign */
	struct review_look *look;
	size_t count;
	size_t at; /* shown now */
	int64_t least_ms;
	struct job *work;            /* plan or verdict; NULL: none runs */
	struct job *making;          /* a mail; NULL: none runs */
	struct samples_watch *watch; /* of the plan under way */
	struct mail *mail;           /* NULL: none yet */
	struct styled *styled;
	int64_t since_ms; /* when the mail came onto the screen */
	bool was_read;
};

static size_t
unseen(const struct look_screen *self)
{
	size_t left = 0;

	for (size_t i = 0; i < self->count; i++)
		left += !self->look[i].seen_ms;
	return left;
}

/* ---- Jobs ------------------------------------------------------------------ */

static void
start(struct look_screen *self, struct look_work *work)
{
	struct err err = {0};

	work->store = app_store(self->base.app);
	work->world = app_world(self->base.app);
	work->campaign = self->campaign;
	work->at_ms = app_now_ms(self->base.app);
	if (app_job(self->base.app, &self->base, &look_work_ops, work,
		&self->work, &err) < 0) {
		self->work = NULL;
		app_say_err(self->base.app, &err);
	}
}

static void
show(struct look_screen *self, size_t at)
{
	struct mail *mail;
	struct err err = {0};

	if (at >= self->count || self->making)
		return;
	self->at = at;
	mail = mail_new(app_store(self->base.app), self->campaign);
	mail->step = AUDIENCE_AT;
	mail->from = self->look[at].position;
	mail->plant = self->look[at].plant;
	mail->at_ms = app_now_ms(self->base.app);
	if (app_job(self->base.app, &self->base, &mail_job, mail, &self->making,
		&err) < 0) {
		self->making = NULL;
		app_say_err(self->base.app, &err);
	}
}

/* The next one behind at that is not seen yet, from the first on again. */
static void
show_next(struct look_screen *self)
{
	for (size_t i = 1; i <= self->count; i++) {
		size_t next = (self->at + i) % self->count;

		if (!self->look[next].seen_ms) {
			show(self, next);
			return;
		}
	}
}

static void
take_mail(struct look_screen *self, struct mail *mail)
{
	mail_free(self->mail);
	self->mail = mem_new(sizeof *mail);
	*self->mail = *mail;
	*mail = (struct mail){.how = MAIL_STEP};
	styled_set(self->styled,
	    mail_is_made(self->mail) ? self->mail->copy.html : SPAN(""));
	self->since_ms = app_now_ms(self->base.app);
	self->was_read = false;
}

static void
tell(struct look_screen *self, const char *title, const char *text)
{
	const struct dialog dialog = {.title = title, .text = text};

	dialog_tell(&self->base, &dialog);
}

static void
say_came(struct look_screen *self, enum look_came came)
{
	switch (came) {
	case LOOK_NOTED:
		if (!unseen(self))
			app_say(self->base.app, SAY_OK,
			    _("All samples were read to their end."));
		break;
	case LOOK_DOUBT:
		tell(self, _("Something is wrong"),
		    _("Your words are in the log. This sample stays open: "
		      "change the campaign or the list and run the checks "
		      "again, or look once more if you were mistaken."));
		break;
	case LOOK_FOUND:
		tell(self, _("Well seen"),
		    _("This one was planted, to see whether anybody reads. It "
		      "is never sent."));
		break;
	case LOOK_MISSED:
		tell(self, _("This one was wrong"),
		    _("It was planted, to see whether anybody reads, and is "
		      "never sent. You took it for right: all samples are to "
		      "be read again. The log keeps it."));
		break;
	}
}

static void
work_done(struct look_screen *self, struct look_work *work, int rc,
    const struct err *err)
{
	self->work = NULL;
	self->watch = NULL;
	if (rc < 0) {
		app_say_err(self->base.app, err);
		return;
	}
	free(self->look);
	self->look = work->look;
	self->count = work->count;
	work->look = NULL;
	self->least_ms = work->least_ms;
	if (self->at >= self->count)
		self->at = 0;
	if (work->name.len) {
		buf_clear(&self->name);
		buf_add(&self->name, buf_span(&work->name));
	}
	if (work->number)
		say_came(self, work->came);
	if (!work->number || work->came != LOOK_DOUBT) {
		if (!work->number && self->count)
			self->at =
			    self->count - 1; /* so that the first is next */
		show_next(self);
	}
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct look_screen *self = (struct look_screen *)screen;

	if (job == self->work) {
		work_done(self, data, rc, err);
		return;
	}
	self->making = NULL;
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		take_mail(self, data);
}

/* ---- Verdicts ---------------------------------------------------------------- */

static int64_t
shown_ms(const struct look_screen *self)
{
	return app_now_ms(self->base.app) - self->since_ms;
}

static void
judge(struct look_screen *self, enum look_verdict verdict, struct span words)
{
	struct look_work *work = mem_new(sizeof *work);

	work->number = self->look[self->at].number;
	work->shown_ms = shown_ms(self);
	work->verdict = verdict;
	buf_add(&work->words, words);
	start(self, work);
}

static void
words_typed(struct screen *owner, int answer, struct span text)
{
	if (answer)
		judge((struct look_screen *)owner, LOOK_WRONG, text);
}

static void
ask_fault(struct look_screen *self)
{
	const struct dialog dialog = {.title = _("Something is wrong"),
	    .text = _("What is wrong with this mail? The log keeps your "
		      "words."),
	    .done = words_typed};

	dialog_ask(&self->base, &dialog, LINE_TEXT, SPAN(""), check_sentence);
}

/* ---- Drawing ------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct look_screen *self = (struct look_screen *)screen;

	crumb_add(screen, buf_span(&self->name), _("Samples"), out);
}

static void
draw_pair(struct area a, int row, const char *label, struct span value)
{
	int col = draw_str(a, row, 1, ROLE_DIM, label);

	draw_text(a, row, col + 2, ROLE_TEXT, value);
}

static void
draw_head(struct look_screen *self, struct area a)
{
	const struct review_look *look = &self->look[self->at];
	struct buf text = BUF_INIT;

	buf_printf(&text, _("Sample %zu of %zu"), self->at + 1, self->count);
	if (look->reason >= 0) {
		const struct sample sample = {
		    .reason = (enum sample_reason)look->reason,
		    .what = span_of(look->what)};

		buf_text(&text, "   ");
		sample_text(&sample, &text);
	}
	draw_text(a, 0, 1, ROLE_TITLE, buf_span(&text));
	if (look->seen_ms)
		draw_end(a, 0, 1, ROLE_OK, span_of(_("✓ seen")));
	buf_clear(&text);
	buf_printf(&text, "%.*s <%.*s>", SPAN_ARG(self->mail->copy.name),
	    SPAN_ARG(self->mail->copy.address));
	draw_pair(a, 1, _("To:"), buf_span(&text));
	draw_pair(a, 2, _("Subject:"), self->mail->copy.subject);
	buf_done(&text);
}

static void
draw(struct screen *screen, struct area body)
{
	struct look_screen *self = (struct look_screen *)screen;
	struct buf text = BUF_INIT;

	if (!self->mail || !self->count) {
		if (self->watch) {
			format_percent(
			    &text, self->watch->done, self->watch->total);
			draw_str(body, 1, 1, ROLE_INFO,
			    _("Looking for the worst cases"));
			draw_end(body, 1, 1, ROLE_INFO, buf_span(&text));
		} else {
			draw_str(body, 1, 1, ROLE_DIM, _("Reading .."));
		}
		buf_done(&text);
		return;
	}
	draw_head(self, body);
	if (mail_is_made(self->mail)) {
		styled_draw(
		    self->styled, area_rows(body, HEAD_ROWS - 1, -1), FOCUS_ON);
		self->was_read |= styled_was_read(self->styled);
	} else {
		err_text(&self->mail->copy.fault, &text);
		draw_wrapped(area_rows(body, HEAD_ROWS, -1), 0, 1, ROLE_ERR,
		    buf_span(&text));
	}
	buf_done(&text);
}

/* NULL when a verdict may be given, else what is missing. */
static const char *
not_yet(const struct look_screen *self)
{
	if (self->work || self->making || !self->mail)
		return _("One moment: this is being read or written.");
	if (!mail_is_made(self->mail))
		return _("There is no mail for this recipient.");
	if (!self->was_read)
		return _("Read it to its end first. PgDn goes on.");
	if (shown_ms(self) < self->least_ms)
		return _("Not so fast: take a moment to read it.");
	return NULL;
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct look_screen *self = (struct look_screen *)screen;
	size_t left = unseen(self);

	if (!self->count)
		return;
	if (!left)
		buf_text(out,
		    _("+ All samples were read to their end. q goes back."));
	else if (not_yet(self))
		buf_printf(out, "i %s", not_yet(self));
	else
		buf_printf(out,
		    P_("? %zu sample is open: is this mail right?",
			"? %zu samples are open: is this mail right?", left),
		    left);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct look_screen *self = (struct look_screen *)screen;

	if (!self->mail || key->code == K_ENTER)
		return UNUSED;
	return styled_key(self->styled, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct look_screen *self = (struct look_screen *)screen;

	if (action == ACT_LOOK_RIGHT || action == ACT_LOOK_WRONG)
		return not_yet(self);
	if (action == ACT_LOOK_NEXT && !unseen(self))
		return _("All samples were read to their end.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct look_screen *self = (struct look_screen *)screen;

	switch ((int)action) {
	case ACT_LOOK_RIGHT:
		judge(self, LOOK_RIGHT, SPAN(""));
		return USED;
	case ACT_LOOK_WRONG:
		ask_fault(self);
		return USED;
	case ACT_LOOK_NEXT:
		show_next(self);
		return USED;
	default:
		return UNUSED;
	}
}

static int
tick_ms(struct screen *screen)
{
	struct look_screen *self = (struct look_screen *)screen;

	if (self->watch)
		return TICK_MS;
	return self->mail && shown_ms(self) < self->least_ms ? TICK_MS : 0;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action all[] = {
	    ACT_LOOK_RIGHT, ACT_LOOK_WRONG, ACT_LOOK_NEXT, ACT_BACK, ACT_NONE};

	(void)screen;
	return all;
}

static void
close_look(struct screen *screen)
{
	struct look_screen *self = (struct look_screen *)screen;

	mail_free(self->mail);
	styled_free(&self->styled);
	free(self->look);
	buf_done(&self->name);
	free(self);
}

static const struct screen_ops look_ops = {
    .name = "look",
    .section = 3,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .tick_ms = tick_ms,
    .job_done = job_done,
    .close = close_look,
};

void
look_open(struct app *app, struct campaign_id campaign)
{
	struct look_screen *self = mem_new(sizeof *self);
	struct look_work *work = mem_new(sizeof *work);

	self->base.ops = &look_ops;
	self->campaign = campaign;
	self->styled = styled_new();
	app_push(app, &self->base);
	self->watch = &work->watch;
	start(self, work);
	if (!self->work)
		self->watch = NULL;
}
