/* The second person's look at an export: all that will be signed on one page,
 * then the number of people, a note, and the key.  Nothing is signed before the
 * page was read to its end. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/approve.h"
#include "tui/screens/approve_work.h"
#include "tui/screens/stepup.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/pager.h"

enum { TICK_MS = 250 };

struct approve_page {
	struct screen base;
	struct socket_line line;
	const struct pam_who *who;
	const char *key;
	int64_t id;
	bool busy;
	struct approve_export export;
	bool is_there;
	bool was_read;
	int misses;
	int64_t pause_until_ms; /* steady */
	struct pager *pager;
	struct approve_work *work; /* being filled in */
	struct buf ended;          /* what came of it */
};

static struct approve_page *
page_of(struct screen *screen)
{
	return (struct approve_page *)screen;
}

/* ---- What is read ----------------------------------------------------------- */

/* Names of lines that are told in the reader's language; all stand below as
 * they are signed. */
static const char *
label(struct span name)
{
	static const char *const words[][2] = {
	    {"list", N_("List")},
	    {"segment", N_("Segment")},
	    {"filter", N_("Filter")},
	    {"contact", N_("Person")},
	    {"people", N_("Persons")},
	    {"charset", N_("Format")},
	    {"cells-with-losses", N_("Cells that lose characters")},
	    {"encryption", N_("Encryption")},
	    {"reason", N_("Reason")},
	    {"requester", N_("Asked by")},
	    {"asked", N_("Asked")},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (span_equal(name, span_of(words[i][0])))
			return _(words[i][1]);
	}
	return NULL;
}

/* Whether somebody else can read the file is in the reader's words. */
static struct span
value_of(struct span name, struct span value)
{
	if (!span_equal(name, SPAN("encryption")))
		return value;
	if (span_equal(value, SPAN("none")))
		return span_of(_("! none: plain text"));
	if (span_equal(value, SPAN("passphrase")))
		return span_of(_("passphrase"));
	return value;
}

static void
add_fact(
    struct pager *pager, const char *word, enum role role, struct span value)
{
	pager_add_str(pager, ROLE_DIM, word);
	pager_add_str(pager, ROLE_DIM, ": ");
	pager_add(pager, role, value);
	pager_add_str(pager, ROLE_TEXT, "\n");
}

/* The columns stand on a line each, one behind the other. */
static void
add_columns(struct pager *pager, struct buf *columns)
{
	if (columns->len)
		add_fact(pager, _("Columns"), ROLE_TEXT, buf_span(columns));
	buf_clear(columns);
}

static void
add_line(struct pager *pager, struct buf *columns, struct span line)
{
	struct span value = line;
	struct span name = span_cut(&value, ':');
	const char *word = label(name);

	value = span_trim(value);
	if (span_equal(name, SPAN("column"))) {
		if (columns->len)
			buf_text(columns, _(", "));
		buf_add(columns, value);
		return;
	}
	add_columns(pager, columns);
	if (word && !(span_equal(name, SPAN("cells-with-losses")) &&
			span_equal(value, SPAN("0"))))
		add_fact(pager, word,
		    span_equal(name, SPAN("people")) ? ROLE_TITLE : ROLE_TEXT,
		    value_of(name, value));
}

static void
fill(struct approve_page *self)
{
	struct span subject = buf_span(&self->export.subject);
	struct buf columns = BUF_INIT;
	struct span rest = subject;

	pager_clear(self->pager);
	pager_add_str(self->pager, ROLE_HEAD,
	    _("These people's data would leave the store in a file:"));
	pager_add_str(self->pager, ROLE_TEXT, "\n\n");
	while (rest.len)
		add_line(self->pager, &columns, span_cut(&rest, '\n'));
	pager_add_str(self->pager, ROLE_HEAD, "\n");
	pager_add_str(self->pager, ROLE_HEAD, _("What you would sign"));
	pager_add_str(self->pager, ROLE_TEXT, "\n");
	pager_add(self->pager, ROLE_DIM, subject);
	buf_done(&columns);
}

/* ---- The questions ---------------------------------------------------------- */

static void ask_number(struct approve_page *self);

static void
forget_work(struct approve_page *self)
{
	if (!self->work)
		return;
	buf_done(&self->work->note);
	secret_free(&self->work->passphrase);
	free(self->work);
	self->work = NULL;
}

static struct approve_work *
work_new(struct approve_page *self, enum approve_deed deed)
{
	struct approve_work *work = approve_work_new(deed, &self->line);

	work->item.export = self->id;
	work->about_export = &self->export;
	work->key = self->key;
	work->login = self->who->user;
	work->shown = STATEMENT_PAM;
	return work;
}

static void
passphrase_typed(struct screen *owner, int answer, struct span text)
{
	struct approve_page *self = page_of(owner);

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
ask_passphrase(struct approve_page *self)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%s\n%s", _("Type the passphrase of your key."),
	    _("With Enter you approve that this export is written, once."));
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("Sign"), .text = text.ptr, .done = passphrase_typed},
	    LINE_SECRET, SPAN(""), NULL);
	buf_done(&text);
}

static void
signed_in_again(struct screen *owner, enum stepup_end end)
{
	struct approve_page *self = page_of(owner);

	if (end == STEPUP_GRANTED) {
		self->work->shown = self->export.wants;
		ask_passphrase(self);
		return;
	}
	forget_work(self);
	app_say(owner->app, SAY_INFO, _("Nothing was signed."));
}

static void
note_typed(struct screen *owner, int answer, struct span text)
{
	struct approve_page *self = page_of(owner);

	if (answer != 1) {
		forget_work(self);
		return;
	}
	buf_add(&self->work->note, span_trim(text));
	if (self->export.wants < STATEMENT_PAM_AGAIN)
		ask_passphrase(self);
	else
		stepup_ask(owner, STEPUP_APPROVE, self->who,
		    self->export.wants == STATEMENT_PAM_SECOND ? STEPUP_TWO
							       : STEPUP_ONE,
		    signed_in_again);
}

static void
check_words(struct span text, struct buf *why)
{
	struct err err = {.code = E_NONE};

	if (statement_words(span_trim(text), 0, &err) < 0)
		err_text(&err, why);
}

static void
check_reason(struct span text, struct buf *why)
{
	struct err err = {.code = E_NONE};

	if (statement_words(span_trim(text), STATEMENT_REASON_MIN, &err) < 0)
		err_text(&err, why);
}

static void
ask_note(struct approve_page *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Note"),
		.text = _("A note for the log, if you like. It is signed."),
		.done = note_typed},
	    LINE_TEXT, SPAN(""), check_words);
}

/* After the second miss nothing is right for a minute, as with campaigns. */
static void
missed(struct approve_page *self)
{
	if (++self->misses < VETTING_TRIES) {
		app_say(self->base.app, SAY_ERROR,
		    _("This is not what stands on the page. One more try, then "
		      "there is a pause of a minute."));
		ask_number(self);
		return;
	}
	self->misses = 0;
	self->pause_until_ms = app_steady_ms(self->base.app) + VETTING_PAUSE_MS;
	app_say(self->base.app, SAY_ERROR,
	    _("Wrong twice: nothing can be typed for a minute. Read the page "
	      "again."));
	forget_work(self);
}

static void
number_typed(struct screen *owner, int answer, struct span text)
{
	struct approve_page *self = page_of(owner);
	struct span people =
	    export_subject_line(buf_span(&self->export.subject), "people");

	if (answer != 1)
		forget_work(self);
	else if (!span_equal(span_trim(text), people))
		missed(self);
	else
		ask_note(self);
}

static void
ask_number(struct approve_page *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("How many people?"),
		.text = _("Type the number of people that stands on the "
			  "page."),
		.done = number_typed},
	    LINE_NUMBER, SPAN(""), NULL);
}

static void
rejected(struct screen *owner, int answer, struct span text)
{
	struct approve_page *self = page_of(owner);
	struct approve_work *work;

	if (answer != 1)
		return;
	work = work_new(self, APPROVE_REJECT);
	buf_add(&work->note, span_trim(text));
	self->busy = true;
	approve_work_start(owner, work);
}

/* ---- News ------------------------------------------------------------------- */

static void
end_with(struct approve_page *self, enum say say, const char *text)
{
	buf_clear(&self->ended);
	buf_text(&self->ended, text);
	app_say(self->base.app, say, text);
}

static void
failed(struct approve_page *self, const struct err *err)
{
	struct buf text = BUF_INIT;

	app_say_err(self->base.app, err);
	err_text(err, &text);
	if (!self->is_there)
		end_with(self, SAY_ERROR, text.ptr);
	buf_done(&text);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct approve_page *self = page_of(screen);
	struct approve_work *work = data;

	(void)job;
	self->busy = false;
	if (rc < 0) {
		failed(self, err);
	} else if (work->deed == APPROVE_FETCH) {
		self->export = work->export;
		work->export.subject = BUF_INIT;
		self->is_there = true;
		fill(self);
	} else if (work->deed == APPROVE_SIGN) {
		end_with(self, SAY_OK,
		    _("Approved and signed, for one time. The operator can "
		      "write the file now; you can leave."));
	} else {
		end_with(self, SAY_OK,
		    _("Rejected: nothing is written, and the operator reads "
		      "your reason; you can leave."));
	}
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	buf_printf(
	    out, _("Approval > Export %lld"), (long long)page_of(screen)->id);
}

static void
draw(struct screen *screen, struct area body)
{
	struct approve_page *self = page_of(screen);

	if (!self->is_there) {
		draw_wrapped(area_cols(body, 0, -2), 1, 2, ROLE_DIM,
		    span_of(
			self->ended.len ? self->ended.ptr : _("Reading..")));
		return;
	}
	pager_draw(self->pager, area_cols(body, 1, -2), FOCUS_ON);
}

static void
look(struct approve_page *self)
{
	self->was_read |= self->is_there && pager_was_read(self->pager);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct approve_page *self = page_of(screen);

	if (self->ended.len)
		buf_add(out, buf_span(&self->ended));
	else if (self->is_there)
		buf_text(out, self->was_read
				  ? _("All was read: approve or reject.")
				  : _("Read the page to its end first."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct approve_page *self = page_of(screen);
	enum used used;

	if (!self->is_there)
		return UNUSED;
	used = pager_key(self->pager, key);
	look(self);
	return used;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct approve_page *self = page_of(screen);

	if (action == ACT_APPROVE_SIGN) {
		forget_work(self);
		self->work = work_new(self, APPROVE_SIGN);
		ask_number(self);
	} else if (action == ACT_APPROVE_REJECT) {
		dialog_ask(screen,
		    &(struct dialog){.title = _("Reject the export"),
			.text = _("Nothing is written then, and the operator "
				  "reads your reason. Esc goes back."),
			.done = rejected},
		    LINE_TEXT, SPAN(""), check_reason);
	} else {
		return UNUSED;
	}
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct approve_page *self = page_of(screen);

	if (action != ACT_APPROVE_SIGN && action != ACT_APPROVE_REJECT)
		return NULL;
	if (self->ended.len)
		return _("This is over; you can leave.");
	if (self->busy || !self->is_there)
		return _("Wait a moment.");
	if (action == ACT_APPROVE_REJECT)
		return NULL;
	look(self);
	if (app_steady_ms(screen->app) < self->pause_until_ms)
		return _("Wrong twice: nothing can be typed for a minute.");
	return self->was_read ? NULL : _("Read the page to its end first.");
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action all[] = {
	    ACT_APPROVE_SIGN, ACT_APPROVE_REJECT, ACT_BACK, ACT_NONE};

	(void)screen;
	return all;
}

static void
shown(struct screen *screen)
{
	struct approve_page *self = page_of(screen);
	size_t top;

	if (!self->is_there)
		return;
	look(self);
	top = pager_top(self->pager);
	fill(self);
	pager_set_top(self->pager, top);
}

/* What is on the screen whole is read without a key. */
static int
tick_ms(struct screen *screen)
{
	struct approve_page *self = page_of(screen);

	return self->is_there && !self->was_read ? TICK_MS : 0;
}

static void
tick(struct screen *screen)
{
	look(page_of(screen));
}

static void
close_page(struct screen *screen)
{
	struct approve_page *self = page_of(screen);

	forget_work(self);
	pager_free(&self->pager);
	buf_done(&self->export.subject);
	buf_done(&self->ended);
	socket_line_done(&self->line);
	free(self);
}

static const struct screen_ops page_ops = {
    .name = "approve-export",
    .shape = SCREEN_ALONE,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_page,
};

void
approve_export_open(struct app *app, const struct approve_start *start)
{
	struct approve_page *self = mem_new(sizeof *self);

	self->base.ops = &page_ops;
	self->line = *start->line;
	*start->line = SOCKET_LINE_INIT;
	self->who = start->who;
	self->key = start->key;
	self->id = start->export;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	app_push(app, &self->base);
	self->busy = true;
	approve_work_start(&self->base, work_new(self, APPROVE_FETCH));
}
