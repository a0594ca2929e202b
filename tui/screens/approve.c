/* The second person's look at a sealed campaign: everything that came over the
 * socket on five pages, then the questions, then the key.  What was looked at is
 * counted (core/review/vetting.h); nothing is signed before all of it is done. */
#include "tui/screens/approve.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/approve_pages.h"
#include "tui/screens/approve_work.h"
#include "tui/screens/stepup.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"
#include "tui/widgets/pager.h"

enum page { PAGE_SUMMARY, PAGE_CHECKS, PAGE_MAILS, PAGE_FACTS, PAGES };
enum { TICK_MS = 250 };

/* The questions in their order. */
enum question {
	ASK_COUNT,
	ASK_TIME,
	ASK_CODE,
	ASK_OVERRIDE,
	ASK_NOTE,
	ASK_PASSPHRASE,
	ASK_NOTHING
};

struct approve {
	struct screen base;
	struct socket_line line;
	const struct pam_who *who;
	const char *key;
	bool busy, is_japanese;
	struct campaign_id campaign;
	struct approve_item found[APPROVE_LISTED_MAX];
	struct dossier *dossier; /* NULL: not here yet */
	struct vetting vetting;
	enum page page;
	size_t sample;
	int64_t since_ms; /* steady; the sample has been on the screen */
	struct pager *pager[PAGES];
	struct list_source facts;
	struct list *list;
	struct buf row[3];
	size_t reason;             /* override asked about */
	struct approve_work *work; /* being filled in */
	struct buf ended;          /* what came of it */
};

static struct approve *
approve_of(struct screen *screen)
{
	return (struct approve *)screen;
}

/* ---- Looking ---------------------------------------------------------------------- */

static void
show_mail(struct approve *self)
{
	approve_mail(self->dossier, self->sample, self->pager[PAGE_MAILS]);
	self->since_ms = app_steady_ms(self->base.app);
}

/* The sample that is shown has been looked at until now. */
static void
look(struct approve *self)
{
	int64_t now_ms = app_steady_ms(self->base.app);

	if (!self->dossier)
		return;
	if (self->page == PAGE_MAILS)
		vetting_saw(&self->vetting, self->sample,
		    now_ms - self->since_ms,
		    pager_was_read(self->pager[PAGE_MAILS]));
	self->since_ms = now_ms;
	if (self->page == PAGE_SUMMARY)
		self->vetting.summary_read |=
		    pager_was_read(self->pager[PAGE_SUMMARY]);
	if (self->page == PAGE_CHECKS)
		self->vetting.checks_read |=
		    pager_was_read(self->pager[PAGE_CHECKS]);
	self->vetting.ticked = list_mark_count(self->list);
}

static void
turn_to(struct approve *self, enum page page)
{
	look(self);
	self->page = page;
	self->since_ms = app_steady_ms(self->base.app);
}

static void
show_sample(struct approve *self, size_t sample)
{
	turn_to(self, PAGE_MAILS);
	self->sample = sample;
	show_mail(self);
}

/* ---- Dates, prices, telephone numbers ---------------------------------------------- */

static struct approve *
of_source(struct list_source *source)
{
	return (
	    struct approve *)((char *)source - offsetof(struct approve, facts));
}

static int64_t
fact_count(struct list_source *source)
{
	struct approve *self = of_source(source);

	return self->dossier ? (int64_t)self->dossier->facts : 0;
}

static const char *
kind_word(int64_t kind)
{
	switch (kind) {
	case EXTRACT_DATE:
		return _("Date");
	case EXTRACT_PRICE:
		return _("Price");
	case EXTRACT_PHONE:
		return _("Telephone");
	default:
		return _("Host");
	}
}

static bool
fact_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct approve *self = of_source(source);
	const struct dossier_fact *fact = &self->dossier->fact[index];
	bool ticked = list_is_marked(self->list, index + 1);

	buf_clear(&self->row[0]);
	format_count(&self->row[0], fact->messages);
	out->key = index + 1;
	out->cell[0] = ticked ? SPAN("\xe2\x9c\x93") : SPAN("");
	out->cell[1] = span_of(kind_word(fact->kind));
	out->cell[2] = fact->text;
	out->cell[3] = buf_span(&self->row[0]);
	return true;
}

static const struct list_column fact_columns[] = {
    {"", 2, 0, 0, FIT_END},
    {N_("Kind"), 12, 0, 0, FIT_END},
    {N_("As it stands in the mail"), 0, 20, 0, FIT_END},
    {N_("Mails"), 11, 0, 1, FIT_RIGHT},
};

/* ---- The questions ------------------------------------------------------------------ */

static void ask(struct approve *self, enum question question);

static void
forget_work(struct approve *self)
{
	if (!self->work)
		return;
	for (size_t i = 0; i < STATEMENT_OVERRIDES_MAX; i++)
		buf_done(&self->work->reason[i]);
	buf_done(&self->work->note);
	buf_done(&self->work->code);
	secret_free(&self->work->passphrase);
	free(self->work);
	self->work = NULL;
}

/* True when the answer was right; else it is asked again, or there is a
 * pause. */
static bool
judged(struct approve *self, enum vetting_typed verdict, enum question again)
{
	if (verdict == VETTING_RIGHT)
		return true;
	if (verdict == VETTING_WRONG) {
		app_say(self->base.app, SAY_ERROR,
		    _("This is not what the summary says. One more try, then "
		      "there is a pause of a minute."));
		ask(self, again);
		return false;
	}
	app_say(self->base.app, SAY_ERROR,
	    _("Wrong twice: nothing can be typed for a minute. Read the "
	      "summary again."));
	forget_work(self);
	return false;
}

static void
count_typed(struct screen *owner, int answer, struct span text)
{
	struct approve *self = approve_of(owner);

	if (answer != 1)
		forget_work(self);
	else if (judged(self,
		     vetting_count(&self->vetting, self->dossier, text,
			 app_steady_ms(owner->app)),
		     ASK_COUNT))
		ask(self, ASK_TIME);
}

static void
time_typed(struct screen *owner, int answer, struct span text)
{
	struct approve *self = approve_of(owner);

	if (answer != 1)
		forget_work(self);
	else if (judged(self,
		     vetting_time(&self->vetting, self->dossier, text,
			 app_steady_ms(owner->app)),
		     ASK_TIME))
		ask(self, ASK_CODE);
}

static void
code_typed(struct screen *owner, int answer, struct span text)
{
	struct approve *self = approve_of(owner);

	if (answer != 1) {
		forget_work(self);
		return;
	}
	buf_add(&self->work->code, span_trim(text));
	self->reason = 0;
	ask(self, ASK_OVERRIDE);
}

static void
reason_typed(struct screen *owner, int answer, struct span text)
{
	struct approve *self = approve_of(owner);

	if (answer != 1) {
		forget_work(self);
		return;
	}
	buf_add(&self->work->reason[self->reason++], span_trim(text));
	ask(self, ASK_OVERRIDE);
}

static void
signed_in_again(struct screen *owner, enum stepup_end end)
{
	struct approve *self = approve_of(owner);

	if (end == STEPUP_GRANTED) {
		self->work->shown = self->dossier->wants;
		ask(self, ASK_PASSPHRASE);
		return;
	}
	forget_work(self);
	app_say(owner->app, SAY_INFO, _("Nothing was signed."));
}

static void
note_typed(struct screen *owner, int answer, struct span text)
{
	struct approve *self = approve_of(owner);

	if (answer != 1) {
		forget_work(self);
		return;
	}
	buf_add(&self->work->note, span_trim(text));
	if (self->dossier->wants < STATEMENT_PAM_AGAIN)
		ask(self, ASK_PASSPHRASE);
	else
		stepup_ask(owner, STEPUP_APPROVE, self->who,
		    self->dossier->wants == STATEMENT_PAM_SECOND ? STEPUP_TWO
								 : STEPUP_ONE,
		    signed_in_again);
}

static void
passphrase_typed(struct screen *owner, int answer, struct span text)
{
	struct approve *self = approve_of(owner);

	if (answer != 1) {
		forget_work(self);
		return;
	}
	self->work->passphrase = secret_of(text.ptr, text.len);
	self->busy = true;
	approve_work_start(owner, self->work);
	self->work = NULL;
}

static void
check_reason(struct span text, struct buf *why)
{
	struct err err = {.code = E_NONE};

	if (statement_words(span_trim(text), STATEMENT_REASON_MIN, &err) < 0)
		err_text(&err, why);
}

static void
check_words(struct span text, struct buf *why)
{
	struct err err = {.code = E_NONE};

	if (statement_words(span_trim(text), 0, &err) < 0)
		err_text(&err, why);
}

static void
ask_override(struct approve *self)
{
	const struct statement_override *what =
	    &self->dossier->subject.override[self->reason];
	struct buf text = BUF_INIT;

	buf_printf(&text, "%.*s\n", SPAN_ARG(what->check));
	buf_add(&text, what->asked);
	buf_text(&text, "\n");
	buf_text(&text,
	    _("Why may this line be overridden? Your words are signed."));
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Override a line"),
		.text = text.ptr,
		.done = reason_typed},
	    LINE_TEXT, SPAN(""), check_reason);
	buf_done(&text);
}

static void
ask(struct approve *self, enum question question)
{
	static const struct {
		const char *title, *text;
		void (*done)(
		    struct screen *owner, int answer, struct span text);
		enum line_kind kind;
		void (*check)(struct span text, struct buf *why);
	} questions[] = {
	    [ASK_COUNT] = {N_("How many recipients?"),
		N_("Type the number of recipients that stands in the "
		   "summary."),
		count_typed, LINE_NUMBER, NULL},
	    [ASK_TIME] = {N_("When does sending begin?"),
		N_("Type the first sending time that stands in the summary; "
		   "\"now\" when it is the launch."),
		time_typed, LINE_TEXT, NULL},
	    [ASK_CODE] = {N_("Code of the test mail"),
		N_("Type the six characters that stand in the HTML part of "
		   "the test mail you were sent."),
		code_typed, LINE_TEXT, NULL},
	    [ASK_NOTE] = {N_("Note"),
		N_("A note for the log, if you like. It is signed."),
		note_typed, LINE_TEXT, check_words},
	    [ASK_PASSPHRASE] = {N_("Sign"),
		N_("Type the passphrase of your key. With Enter you approve "
		   "that this campaign is sent."),
		passphrase_typed, LINE_SECRET, NULL},
	};

	if (question == ASK_OVERRIDE) {
		if (self->reason < self->dossier->subject.overrides) {
			ask_override(self);
			return;
		}
		question = ASK_NOTE;
	}
	dialog_ask(&self->base,
	    &(struct dialog){.title = _(questions[question].title),
		.text = _(questions[question].text),
		.done = questions[question].done},
	    questions[question].kind, SPAN(""), questions[question].check);
}

static struct approve_work *
decision(struct approve *self, enum approve_deed deed)
{
	struct approve_work *work = approve_work_new(deed, &self->line);

	work->about = self->dossier;
	work->key = self->key;
	work->login = self->who->user;
	work->shown = STATEMENT_PAM;
	return work;
}

static void
rejected(struct screen *owner, int answer, struct span text)
{
	struct approve *self = approve_of(owner);
	struct approve_work *work;

	if (answer != 1)
		return;
	work = decision(self, APPROVE_REJECT);
	buf_add(&work->note, span_trim(text));
	self->busy = true;
	approve_work_start(owner, work);
}

/* ---- News --------------------------------------------------------------------------- */

static void
start(struct approve *self, enum approve_deed deed)
{
	struct approve_work *work = approve_work_new(deed, &self->line);

	work->item.campaign = self->campaign;
	self->busy = true;
	approve_work_start(&self->base, work);
}

/* An export has a screen of its own, which takes the line over. */
static void
turn_to_item(struct approve *self, const struct approve_item *item)
{
	struct app *app = self->base.app;
	struct approve_start start_with = {.line = &self->line,
	    .who = self->who,
	    .key = self->key,
	    .export = item->export};

	if (!item->export) {
		self->campaign = item->campaign;
		start(self, APPROVE_FETCH);
		return;
	}
	app_pop(app, &self->base);
	approve_export_open(app, &start_with);
}

static void
picked(struct screen *owner, int answer, struct span text)
{
	struct approve *self = approve_of(owner);

	(void)text;
	if (answer > 0)
		turn_to_item(self, &self->found[answer - 1]);
	else
		app_end(owner->app, 0);
}

static void
choose(struct approve *self, const struct approve_work *work)
{
	const char *items[APPROVE_LISTED_MAX];
	struct buf text[APPROVE_LISTED_MAX];

	for (size_t i = 0; i < work->count; i++) {
		const struct approve_item *item = &work->found[i];
		struct span name = buf_span(&work->name[i]);

		text[i] = BUF_INIT;
		if (item->export)
			buf_printf(&text[i], _("Export %lld: %.*s"),
			    (long long)item->export, SPAN_ARG(name));
		else
			buf_printf(&text[i], _("Campaign %lld: %.*s"),
			    (long long)item->campaign.v, SPAN_ARG(name));
		items[i] = text[i].ptr;
		self->found[i] = *item;
	}
	dialog_pick(&self->base,
	    &(struct dialog){
		.title = _("What waits for you"), .text = "", .done = picked},
	    items, work->count, 0);
	for (size_t i = 0; i < work->count; i++)
		buf_done(&text[i]);
}

static void
fill(struct approve *self)
{
	self->is_japanese = i18n_is_japanese() != 0;
	approve_summary(self->dossier, self->pager[PAGE_SUMMARY]);
	approve_checks(self->dossier, self->pager[PAGE_CHECKS]);
	show_mail(self);
}

static void
take_dossier(struct approve *self, struct approve_work *work)
{
	dossier_free(&self->dossier);
	self->dossier = work->dossier;
	work->dossier = NULL;
	self->vetting = (struct vetting){.ticked = 0};
	self->sample = 0;
	fill(self);
	list_refresh(self->list);
}

static void
end_with(struct approve *self, enum say say, const char *text)
{
	buf_clear(&self->ended);
	buf_text(&self->ended, text);
	app_say(self->base.app, say, text);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct approve *self = approve_of(screen);
	struct approve_work *work = data;

	(void)job;
	self->busy = false;
	if (rc < 0) {
		struct buf text = BUF_INIT;

		app_say_err(screen->app, err);
		err_text(err, &text);
		if (!self->dossier)
			end_with(self, SAY_ERROR, text.ptr);
		buf_done(&text);
		return;
	}
	switch (work->deed) {
	case APPROVE_LIST:
		if (work->count == 0) {
			end_with(self, SAY_INFO,
			    _("Nothing waits for an approval."));
		} else if (work->count == 1) {
			turn_to_item(self, &work->found[0]);
		} else {
			choose(self, work);
		}
		break;
	case APPROVE_FETCH:
		take_dossier(self, work);
		break;
	case APPROVE_SIGN:
		end_with(self, SAY_OK,
		    _("Approved and signed. The operator can launch now; you "
		      "can leave."));
		break;
	case APPROVE_REJECT:
		end_with(self, SAY_OK,
		    _("Rejected: the campaign is a draft again, with your "
		      "reason; you can leave."));
		break;
	}
}

/* ---- Actions ------------------------------------------------------------------------ */

static enum used
act(struct screen *screen, enum action action)
{
	struct approve *self = approve_of(screen);

	switch ((int)action) {
	case ACT_APPROVE_PAGE:
		turn_to(self, (self->page + 1) % PAGES);
		return USED;
	case ACT_APPROVE_NEXT:
		show_sample(
		    self, self->page != PAGE_MAILS
			      ? self->sample
			      : (self->sample + 1) % self->dossier->samples);
		return USED;
	case ACT_APPROVE_PREVIOUS:
		show_sample(self, (self->sample + self->dossier->samples - 1) %
				      self->dossier->samples);
		return USED;
	case ACT_APPROVE_SIGN:
		forget_work(self);
		self->work = decision(self, APPROVE_SIGN);
		ask(self, ASK_COUNT);
		return USED;
	case ACT_APPROVE_REJECT:
		dialog_ask(&self->base,
		    &(struct dialog){.title = _("Reject the campaign"),
			.text = _("It becomes a draft again, and the operator "
				  "reads your reason. Esc goes back."),
			.done = rejected},
		    LINE_TEXT, SPAN(""), check_reason);
		return USED;
	default:
		return UNUSED;
	}
}

/* What is still to be read or ticked, as a sentence; what is typed is asked
 * for afterwards. */
static const char *
open_reading(const struct approve *self)
{
	const char *missing = vetting_missing(&self->vetting, self->dossier);

	if (!missing)
		return NULL;
	if (!strcmp(missing, "summary"))
		return _("Read the summary to its end first.");
	if (!strcmp(missing, "checklist"))
		return _("Read the checklist to its end first.");
	if (!strcmp(missing, "samples"))
		return _("Read every mail to its end first, each for a few "
			 "seconds.");
	if (!strcmp(missing, "facts"))
		return _("Tick every date, price and telephone number first, "
			 "with Space.");
	return NULL;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct approve *self = approve_of(screen);

	if (action != ACT_APPROVE_PAGE && action != ACT_APPROVE_NEXT &&
	    action != ACT_APPROVE_PREVIOUS && action != ACT_APPROVE_SIGN &&
	    action != ACT_APPROVE_REJECT)
		return NULL;
	if (self->ended.len && action != ACT_APPROVE_PAGE)
		return _("This is over; you can leave.");
	if (self->busy || !self->dossier)
		return _("Wait a moment.");
	if (action != ACT_APPROVE_SIGN)
		return NULL;
	look(self);
	if (app_steady_ms(screen->app) < self->vetting.pause_until_ms)
		return _("Wrong twice: nothing can be typed for a minute.");
	return open_reading(self);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct approve *self = approve_of(screen);
	enum used used;

	if (!self->dossier)
		return UNUSED;
	if (self->page == PAGE_FACTS)
		used = list_key(self->list, key);
	else
		used = pager_key(self->pager[self->page], key);
	look(self);
	return used;
}

/* ---- Drawing -------------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct approve *self = approve_of(screen);

	buf_text(out, _("Approval"));
	if (self->dossier)
		buf_printf(
		    out, " > %.*s", SPAN_ARG(self->dossier->subject.name));
}

/* Which pages there are, and of which all was looked at. */
static void
draw_pages(struct approve *self, struct area body)
{
	const struct vetting *vetting = &self->vetting;
	const struct dossier *dossier = self->dossier;
	const char *labels[PAGES] = {
	    _("Summary"), _("Checklist"), _("Mails"), _("Dates and prices")};
	bool done[PAGES] = {vetting->summary_read, vetting->checks_read,
	    vetting_samples_done(vetting, dossier) == dossier->samples,
	    vetting->ticked >= dossier->facts};
	int col = 0;

	draw_blank(body, 0, 0, body.cols, ROLE_BAR);
	for (int i = 0; i < PAGES; i++) {
		bool current = i == (int)self->page;
		enum role role = current ? ROLE_SELECT : ROLE_BAR;

		col = draw_str(body, 0, col, role, current ? ">" : " ");
		col = draw_str(
		    body, 0, col, role, done[i] ? "\xe2\x9c\x93 " : "- ");
		col = draw_str(body, 0, col, role, labels[i]);
		col = draw_str(body, 0, col, ROLE_BAR, "  ");
	}
}

/* "Mail 3 of 14, 2 read". */
static void
draw_mail(struct approve *self, struct area body)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, _("Mail %d of %d; looked at: %d"),
	    (int)self->sample + 1, (int)self->dossier->samples,
	    (int)vetting_samples_done(&self->vetting, self->dossier));
	draw_str(body, 0, 1,
	    vetting_sample_done(&self->vetting, self->dossier, self->sample)
		? ROLE_OK
		: ROLE_WARN,
	    text.ptr);
	pager_draw(self->pager[PAGE_MAILS],
	    area_cols(area_rows(body, 2, -1), 1, -2), FOCUS_ON);
	buf_done(&text);
}

static void
draw(struct screen *screen, struct area body)
{
	struct approve *self = approve_of(screen);

	if (!self->dossier) {
		draw_str(body, 1, 2, ROLE_DIM,
		    self->ended.len ? self->ended.ptr
				    : _("Everything there is to look at is "
					"being put together .."));
		return;
	}
	draw_pages(self, body);
	body = area_rows(body, 1, -1);
	if (self->page == PAGE_MAILS)
		draw_mail(self, body);
	else if (self->page == PAGE_FACTS)
		list_draw(self->list, body, FOCUS_ON);
	else
		pager_draw(
		    self->pager[self->page], area_cols(body, 1, -2), FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct approve *self = approve_of(screen);
	const char *open;

	if (self->ended.len) {
		buf_add(out, buf_span(&self->ended));
		return;
	}
	if (!self->dossier)
		return;
	open = open_reading(self);
	buf_text(out, open ? open : _("All was looked at: approve or reject."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action all[] = {ACT_APPROVE_PAGE, ACT_APPROVE_NEXT,
	    ACT_APPROVE_PREVIOUS, ACT_APPROVE_SIGN, ACT_APPROVE_REJECT,
	    ACT_BACK, ACT_NONE};

	(void)screen;
	return all;
}

/* The pages in the language that is read now. */
static void
shown(struct screen *screen)
{
	struct approve *self = approve_of(screen);

	if (self->dossier && self->is_japanese != (i18n_is_japanese() != 0))
		fill(self);
}

static int
tick_ms(struct screen *screen)
{
	struct approve *self = approve_of(screen);

	if (!self->dossier || self->ended.len)
		return 0;
	switch (self->page) {
	case PAGE_SUMMARY:
		return self->vetting.summary_read ? 0 : TICK_MS;
	case PAGE_CHECKS:
		return self->vetting.checks_read ? 0 : TICK_MS;
	case PAGE_MAILS:
		return vetting_sample_done(
			   &self->vetting, self->dossier, self->sample)
			   ? 0
			   : TICK_MS;
	default:
		return 0;
	}
}

static void
tick(struct screen *screen)
{
	look(approve_of(screen));
}

static void
close_approve(struct screen *screen)
{
	struct approve *self = approve_of(screen);

	forget_work(self);
	for (int i = 0; i < PAGES; i++)
		pager_free(&self->pager[i]);
	list_free(&self->list);
	buf_done(&self->row[0]);
	buf_done(&self->ended);
	dossier_free(&self->dossier);
	socket_line_done(&self->line);
	free(self);
}

static const struct screen_ops approve_ops = {
    .name = "approve",
    .shape = SCREEN_ALONE,
    .title = title,
    .shown = shown,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_approve,
};

void
approve_open(struct app *app, const struct approve_start *start_with)
{
	struct approve *self;

	if (start_with->export) {
		approve_export_open(app, start_with);
		return;
	}
	self = mem_new(sizeof *self);
	self->base.ops = &approve_ops;
	self->line = *start_with->line;
	*start_with->line = SOCKET_LINE_INIT;
	self->who = start_with->who;
	self->key = start_with->key;
	self->campaign = start_with->campaign;
	self->facts =
	    (struct list_source){.count = fact_count, .row = fact_row};
	for (int i = 0; i < PAGES; i++)
		self->pager[i] = pager_new(PAGER_WRAP, GATE_RAW);
	self->list = list_new(&self->facts, fact_columns,
	    sizeof fact_columns / sizeof *fact_columns);
	list_set_empty(self->list,
	    N_("There is no date, price or telephone number in it."));
	list_set_marking(self->list, LIST_MARKS_ON);
	app_push(app, &self->base);
	start(self, self->campaign.v ? APPROVE_FETCH : APPROVE_LIST);
}
