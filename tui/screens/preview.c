/* A campaign as one recipient will get it, made by the function that delivery
 * calls (S11).  Everything slow is a job: making a mail, looking for the worst
 * cases, writing a file; the screen shows the last results. */
#include <stdlib.h>

#include "tui/screens/crumb.h"
#include "tui/screens/preview.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum {
	WIDE_COLS = 110, /* from here on there are panes at the side */
	SIDE_COLS = 42,
	HUNT_AT_ONCE = 2000, /* recipients that take no time to speak of */
	HUNT_TICK_MS = 500
};

enum pane { PANE_MAIL, PANE_FACTS, PANE_CASES, PANES };

struct preview {
	struct screen base;
	struct campaign_id campaign;
	struct mail *mail;  /* NULL: none yet */
	struct job *making; /* NULL: none runs */
	struct err why;     /* why there is none; E_NONE: nobody */
	bool asked;         /* the first answer has come */
	int language;       /* in which the pages were filled */
	enum mail_view view;
	enum pane pane;
	int cols; /* drawn last */
	struct styled *styled;
	struct pager *page;  /* the other views, and what is not a mail */
	struct pager *facts; /* at the side */
	struct hunt hunt;
	bool hunting; /* who asked for the worst cases wants to see one */
	struct save save;
};

static bool
shows_styled(const struct preview *self)
{
	return self->view == VIEW_STYLED && mail_is_made(self->mail);
}

static bool
is_wide(const struct preview *self)
{
	return self->cols >= WIDE_COLS;
}

/* ---- Asking for a mail ------------------------------------------------------- */

static void
ask(struct preview *self, struct mail *mail)
{
	struct err err = {0};

	mail->at_ms = app_now_ms(self->base.app);
	if (!self->mail && self->hunt.samples)
		mail->stamp = samples_stamp(self->hunt.samples);
	if (app_job(self->base.app, &self->base, &mail_job, mail, &self->making,
		&err) < 0) {
		self->making = NULL;
		app_say_err(self->base.app, &err);
	}
}

static void
ask_step(struct preview *self, enum audience_step step, int64_t from)
{
	struct mail *mail;

	if (self->making)
		return;
	mail = mail_new(app_store(self->base.app), self->campaign);
	mail->step = step;
	mail->from = from;
	ask(self, mail);
}

static void
step(struct preview *self, enum audience_step step)
{
	ask_step(self, step, self->mail ? self->mail->copy.key : 0);
}

/* Digits alone are a number, unless somebody's address begins with them. */
static void
ask_words(struct preview *self, struct span words)
{
	struct mail *mail;
	int64_t number;

	words = span_trim(words);
	if (self->making || words.len == 0)
		return;
	if (span_int(words, &number) && number > 0) {
		ask_step(self, AUDIENCE_AT, number);
		return;
	}
	mail = mail_new(app_store(self->base.app), self->campaign);
	mail->how = MAIL_SEARCH;
	mail->from = self->mail ? self->mail->copy.key : 0;
	buf_add(&mail->words, words);
	ask(self, mail);
}

static void
words_typed(struct screen *owner, int answer, struct span text)
{
	if (answer)
		ask_words((struct preview *)owner, text);
}

static void
ask_recipient(struct preview *self)
{
	struct dialog dialog = {.title = _("Show a recipient"),
	    .text = _("Whose mail? A number, an address, or words of an "
		      "address or a name; the next one that has them is "
		      "shown."),
	    .done = words_typed};

	dialog_ask(&self->base, &dialog, LINE_TEXT, SPAN(""), NULL);
}

/* ---- Worst cases --------------------------------------------------------------- */

static void
show_case(struct preview *self, int64_t index)
{
	const struct sample *sample = hunt_sample(&self->hunt, index);

	if (!sample || self->making)
		return;
	self->hunt.at = index;
	list_cursor_index_set(self->hunt.list, index);
	ask_step(self, AUDIENCE_AT, sample->position);
}

/* The next one that shows somebody else. */
static void
next_case(struct preview *self)
{
	struct hunt *hunt = &self->hunt;
	const struct sample *now = hunt_sample(hunt, hunt->at), *next;
	int64_t index = hunt->at + 1;

	if (!hunt->samples) {
		self->hunting = true;
		hunt_start(hunt, &self->base);
		return;
	}
	while (
	    (next = hunt_sample(hunt, index)) && now && next->key == now->key)
		index++;
	if (!next) {
		app_say(self->base.app, SAY_INFO,
		    _("Those were all worst cases; it begins anew."));
		index = 0;
	}
	show_case(self, index);
}

static void
show_cases(struct preview *self)
{
	if (!self->hunt.samples)
		hunt_start(&self->hunt, &self->base);
	self->pane = PANE_CASES;
}

/* ---- Writing ---------------------------------------------------------------------- */

static void
purpose_typed(struct screen *owner, int answer, struct span text)
{
	struct preview *self = (struct preview *)owner;

	if (!answer || self->save.job || !mail_is_made(self->mail))
		return;
	buf_clear(&self->save.purpose);
	buf_add(&self->save.purpose, span_trim(text));
	save_start(&self->save, owner, self->mail);
}

static void
check_purpose(struct span text, struct buf *why)
{
	text = span_trim(text);
	if (text.len < 3)
		buf_text(why, _("A few words, for the log."));
	else if (text.len > SAMPLE_PURPOSE_MAX)
		buf_text(why, _("That is too long."));
}

static void
path_typed(struct screen *owner, int answer, struct span text)
{
	struct preview *self = (struct preview *)owner;
	struct dialog dialog = {.title = _("Write this mail to a file"),
	    .text = _("What is the file for? It holds a recipient's data in "
		      "the clear; the log keeps your answer."),
	    .done = purpose_typed};

	if (!answer)
		return;
	buf_clear(&self->save.path);
	buf_add(&self->save.path, span_trim(text));
	dialog_ask(owner, &dialog, LINE_TEXT, buf_span(&self->save.purpose),
	    check_purpose);
}

static void
ask_path(struct preview *self)
{
	struct buf start = BUF_INIT;
	struct dialog dialog = {.title = _("Write this mail to a file"),
	    .text = _("The whole mail as .eml, or its HTML part as .html; "
		      "nothing is overwritten. The path:"),
	    .done = path_typed};

	save_name(self->mail, &start);
	dialog_ask(
	    &self->base, &dialog, LINE_TEXT, buf_span(&start), save_check);
	buf_done(&start);
}

/* ---- Filling the pages --------------------------------------------------------------- */

/* In place of everything: there is no recipient to show. */
static void
add_nobody(struct preview *self)
{
	struct buf text = BUF_INIT;

	if (self->why.code != E_NONE)
		err_text(&self->why, &text);
	else
		buf_text(&text,
		    _("The campaign has no list, or the list has no "
		      "contacts. Choose a list on the campaign's page, or "
		      "import contacts first."));
	pager_add(self->page, ROLE_WARN, buf_span(&text));
	buf_done(&text);
}

/* In place of a message that cannot be made. */
static void
add_fault(struct preview *self)
{
	struct buf text = BUF_INIT;

	pager_add_str(self->page, ROLE_HEAD, _("To:"));
	pager_add_str(self->page, ROLE_TEXT, " ");
	pager_add(self->page, ROLE_TEXT, self->mail->copy.address);
	buf_text(&text, "\n\n✗ ");
	err_text(&self->mail->copy.fault, &text);
	buf_char(&text, '\n');
	pager_add(self->page, ROLE_ERR, buf_span(&text));
	pager_add_str(self->page, ROLE_DIM, "\n");
	pager_add_str(self->page, ROLE_DIM,
	    _("This recipient has no mail as long as that is so: it blocks "
	      "the review. n and p show the others."));
	buf_done(&text);
}

static void
fill_page(struct preview *self)
{
	pager_clear(self->page);
	if (!self->mail)
		add_nobody(self);
	else if (!mail_is_made(self->mail))
		add_fault(self);
	else
		mail_show(self->mail, self->view, self->page);
}

static void
fill(struct preview *self)
{
	self->language = i18n_is_japanese();
	fill_page(self);
	pager_clear(self->facts);
	styled_set(self->styled,
	    mail_is_made(self->mail) ? self->mail->copy.html : SPAN(""));
	if (self->mail)
		mail_show_facts(self->mail, self->facts);
}

/* ---- What jobs bring ------------------------------------------------------------------- */

static void
take_mail(struct preview *self, struct mail *mail)
{
	struct samples *none = NULL;

	mail_free(self->mail);
	/* Taken out of the job's hands by moving what it holds. */
	self->mail = mem_new(sizeof *mail);
	*self->mail = *mail;
	*mail = (struct mail){.how = MAIL_STEP};
	if (self->mail->is_stale)
		hunt_set(&self->hunt, &none);
	self->hunt.hides_numbers = self->mail->hides_total;
	if (!self->hunt.samples && self->mail->total <= HUNT_AT_ONCE)
		hunt_start(&self->hunt, &self->base);
	hunt_note(&self->hunt, self->mail->copy.key);
}

static void
mail_done(
    struct preview *self, struct mail *mail, int rc, const struct err *err)
{
	self->making = NULL;
	self->asked = true;
	if (rc < 0) {
		app_say_err(self->base.app, err);
		if (self->mail)
			return;
		self->why = *err;
	} else if (!mail->found) {
		if (self->mail) {
			app_say(self->base.app, SAY_INFO,
			    mail->how == MAIL_SEARCH
				? _("Nobody's address or name has these "
				    "words.")
				: _("There is no other recipient that way."));
			return;
		}
		self->why.code = E_NONE;
	} else {
		take_mail(self, mail);
	}
	fill(self);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct preview *self = (struct preview *)screen;

	if (hunt_take(&self->hunt, screen, job, data, rc, err)) {
		if (self->mail)
			hunt_note(&self->hunt, self->mail->copy.key);
		if (self->hunting && self->hunt.samples)
			next_case(self);
		self->hunting = false;
	} else if (!save_take(&self->save, screen, job, data, rc, err)) {
		mail_done(self, data, rc, err);
	}
}

/* ---- Drawing ------------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct mail *mail = ((struct preview *)screen)->mail;

	crumb_add(
	    screen, mail ? mail->campaign_name : SPAN(""), _("Preview"), out);
}

/* Which of how many; who has not said how many it will be must not read it
 * here, nor guess it from a number that was drawn by lot. */
static void
add_position(const struct mail *mail, struct buf *out)
{
	struct buf position = BUF_INIT, total = BUF_INIT;

	if (mail->hides_total) {
		buf_text(out, _("Counted once you said how many you expect"));
		return;
	}
	format_count(&position, mail->copy.position);
	format_count(&total, mail->total);
	buf_printf(out,
	    mail->is_frozen ? _("%s of %s recipients")
			    : _("%s of %s on the list"),
	    position.ptr, total.ptr);
	buf_done(&position);
	buf_done(&total);
}

/* The position, why it is worth a look, and that this is somebody's mail. */
static void
draw_position(struct preview *self, struct area row)
{
	const struct mail *mail = self->mail;
	struct buf text = BUF_INIT, reasons = BUF_INIT;
	const char *real = _("REAL DATA");
	int col;

	add_position(mail, &text);
	hunt_reasons(&self->hunt, mail->copy.key, &reasons);
	draw_blank(row, 0, 0, row.cols, ROLE_BAR);
	draw_end(row, 0, 1, ROLE_BAR_ALERT, span_of(real));
	row.cols -= ui_width(span_of(real)) + 2;
	col = draw_text(row, 0, 1, ROLE_BAR_KEY, buf_span(&text)) + 3;
	if (reasons.len > 0)
		draw_fit(row, 0, col, row.cols - col, ROLE_BAR, FIT_END,
		    buf_span(&reasons));
	buf_done(&text);
	buf_done(&reasons);
}

static void
draw_field(struct area a, int row, const char *label, struct span value)
{
	int col = draw_str(a, row, 1, ROLE_HEAD, label) + 1;

	draw_fit(a, row, col, a.cols - col - 1, ROLE_TEXT, FIT_END, value);
}

/* The fields that a mail program shows above the text; returns their rows. */
static int
draw_head(const struct mail *mail, struct area a)
{
	struct buf to = BUF_INIT, cells = BUF_INIT;
	int width = ui_width(mail->copy.subject);
	struct area subject = a;

	if (mail->copy.name.len > 0)
		buf_printf(&to, "%.*s <%.*s>", SPAN_ARG(mail->copy.name),
		    SPAN_ARG(mail->copy.address));
	else
		buf_add(&to, mail->copy.address);
	buf_printf(&cells, P_("%d cell", "%d cells", width), width);
	draw_field(a, 0, _("From:"), mail->from_line);
	draw_field(a, 1, _("To:"), buf_span(&to));
	subject.cols -= ui_width(buf_span(&cells)) + 2;
	draw_field(subject, 2, _("Subject:"), mail->copy.subject);
	draw_end(area_rows(a, 2, 1), 0, 1, ROLE_DIM, buf_span(&cells));
	for (int i = 0; i < a.cols; i++)
		draw_str(a, 3, i, ROLE_RULE, "-");
	buf_done(&to);
	buf_done(&cells);
	return 4;
}

static void
draw_mail(struct preview *self, struct area a, enum focus focus)
{
	bool headed = self->view == VIEW_STYLED || self->view == VIEW_PLAIN;

	if (mail_is_made(self->mail) && headed && a.rows > 8)
		a = area_rows(a, draw_head(self->mail, a), -1);
	a = area_cols(a, 1, -2);
	if (shows_styled(self))
		styled_draw(self->styled, a, focus);
	else
		pager_draw(self->page, a, focus);
}

static void
draw_side(struct preview *self, struct area a)
{
	int rows = a.rows * 3 / 5;

	pager_draw(self->facts, area_rows(a, 0, rows - 1),
	    self->pane == PANE_FACTS ? FOCUS_ON : FOCUS_OFF);
	list_draw(self->hunt.list, area_rows(a, rows, -1),
	    self->pane == PANE_CASES ? FOCUS_ON : FOCUS_OFF);
}

static void
draw_narrow(struct preview *self, struct area a)
{
	switch (self->pane) {
	case PANE_FACTS:
		pager_draw(self->facts, area_cols(a, 1, -2), FOCUS_ON);
		break;
	case PANE_CASES:
		list_draw(self->hunt.list, a, FOCUS_ON);
		break;
	case PANE_MAIL:
	case PANES:
		draw_mail(self, a, FOCUS_ON);
		break;
	}
}

static void
draw(struct screen *screen, struct area body)
{
	struct preview *self = (struct preview *)screen;

	self->cols = body.cols;
	if (!self->asked) {
		draw_str(body, 1, 2, ROLE_DIM, _("Assembling .."));
		return;
	}
	if (!self->mail) {
		pager_draw(self->page, area_cols(body, 1, -2), FOCUS_ON);
		return;
	}
	draw_position(self, area_rows(body, 0, 1));
	body = area_rows(body, 1, -1);
	if (!is_wide(self)) {
		draw_narrow(self, body);
		return;
	}
	draw_mail(self, area_cols(body, 0, body.cols - SIDE_COLS - 2),
	    self->pane == PANE_MAIL ? FOCUS_ON : FOCUS_OFF);
	draw_side(self, area_cols(body, body.cols - SIDE_COLS - 1, SIDE_COLS));
}

static void
tabs(struct screen *screen, struct tabs *out)
{
	*out = (struct tabs){.count = VIEWS,
	    .current = (int)((struct preview *)screen)->view,
	    .label = {_("Styled"), _("Plain text"), _("HTML source"),
		_("Headers"), _("Raw MIME"), _("Differences")}};
}

/* The pages keep texts in the language they were made in. */
static void
shown(struct screen *screen)
{
	struct preview *self = (struct preview *)screen;

	if (self->asked && self->language != i18n_is_japanese())
		fill(self);
}

static void
add_state(const struct mail *mail, struct buf *out)
{
	struct buf size = BUF_INIT;
	int links = (int)mail->personal_links;

	if (mail->is_stopped)
		buf_text(out, _("- stopped: gets no mail.  "));
	if (mail->copy.fault.code != E_NONE) {
		buf_text(out, _("! no message can be made for this recipient"));
		return;
	}
	if (mail->leak.len > 0)
		buf_text(out, _("✗ another recipient's data (6).  "));
	format_size(&size, (int64_t)mail->copy.bytes.len);
	if (mail->fallbacks > 0)
		buf_printf(out,
		    P_("! %d fallback used", "! %d fallbacks used",
			mail->fallbacks),
		    mail->fallbacks);
	else
		buf_text(out, _("+ all fields filled"));
	if (links > 0)
		buf_printf(out,
		    P_("  ! %d link with own data",
			"  ! %d links with own data", links),
		    links);
	buf_printf(out, "  %s", size.ptr);
	if (mail->charset == CHARSET_ISO_2022_JP)
		buf_text(out, "  ISO-2022-JP");
	else if (mail->charset != mail->wanted_charset)
		buf_printf(out, "  ! UTF-8: %.*s", SPAN_ARG(mail->lacks));
	if (mail->is_signed || mail->is_encrypted)
		buf_text(out, "  S/MIME");
	buf_done(&size);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct preview *self = (struct preview *)screen;
	size_t count = 0;

	hunt_hint(&self->hunt, out);
	if (out->len > 0 || !self->mail)
		return;
	add_state(self->mail, out);
	if (!self->hunt.samples)
		return;
	samples_all(self->hunt.samples, &count);
	buf_text(out, "  ");
	buf_printf(
	    out, _("seen %zu of %zu cases"), self->hunt.seen_count, count);
}

/* ---- Keys ---------------------------------------------------------------------------- */

static enum used
key_in_pane(struct preview *self, const struct key *key)
{
	switch (self->pane) {
	case PANE_FACTS:
		return pager_key(self->facts, key);
	case PANE_CASES:
		if (key->code == K_ENTER) {
			show_case(self, list_cursor_index(self->hunt.list));
			if (!is_wide(self))
				self->pane = PANE_MAIL;
			return USED;
		}
		return list_key(self->hunt.list, key);
	case PANE_MAIL:
	case PANES:
		break;
	}
	return shows_styled(self) ? styled_key(self->styled, key)
				  : pager_key(self->page, key);
}

static enum used
key(struct screen *screen, const struct key *raw)
{
	struct preview *self = (struct preview *)screen;
	struct key key = key_folded(raw);

	if (!self->mail)
		return pager_key(self->page, &key);
	if (key.code == K_CHAR && !key.alt && key.cp >= '1' &&
	    key.cp < '1' + VIEWS) {
		self->view = (enum mail_view)(key.cp - '1');
		self->pane = PANE_MAIL;
		fill_page(self);
		return USED;
	}
	if (key.code == K_TAB || key.code == K_BACKTAB) {
		int by = key.code == K_TAB ? 1 : PANES - 1;

		self->pane = (enum pane)(((int)self->pane + by) % PANES);
		return USED;
	}
	if (key.code == K_ESC && self->pane != PANE_MAIL) {
		self->pane = PANE_MAIL;
		return USED;
	}
	return key_in_pane(self, &key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct preview *self = (struct preview *)screen;

	switch ((int)action) {
	case ACT_PREVIEW_WRITE:
		if (!mail_is_made(self->mail))
			return _("There is no mail here to write.");
		return self->save.job ? _("A file is being written.") : NULL;
	case ACT_PREVIEW_CASE:
	case ACT_PREVIEW_CASES:
	case ACT_TESTMAIL:
		return self->mail ? NULL : _("There is no recipient.");
	case ACT_CANCEL:
		return self->hunt.job || self->making
			   ? NULL
			   : _("There is nothing to stop.");
	default:
		return NULL;
	}
}

static enum used
act(struct screen *screen, enum action action)
{
	struct preview *self = (struct preview *)screen;

	switch ((int)action) {
	case ACT_PREVIEW_NEXT:
		step(self, AUDIENCE_NEXT);
		return USED;
	case ACT_PREVIEW_PREVIOUS:
		step(self, AUDIENCE_PREVIOUS);
		return USED;
	case ACT_PREVIEW_NUMBER:
		ask_recipient(self);
		return USED;
	case ACT_PREVIEW_RANDOM:
		step(self, AUDIENCE_RANDOM);
		return USED;
	case ACT_PREVIEW_CASE:
		next_case(self);
		return USED;
	case ACT_PREVIEW_CASES:
		show_cases(self);
		return USED;
	case ACT_PREVIEW_WRITE:
		ask_path(self);
		return USED;
	case ACT_CANCEL:
		if (self->hunt.job)
			job_cancel(self->hunt.job);
		if (self->making)
			job_cancel(self->making);
		return USED;
	case ACT_TESTMAIL:
		testmail_open(screen->app, self->campaign,
		    self->mail ? self->mail->copy.position : 1);
		return USED;
	default:
		return UNUSED;
	}
}

static int
tick_ms(struct screen *screen)
{
	return ((struct preview *)screen)->hunt.job ? HUNT_TICK_MS : 0;
}

/* The figures in the message line are read while it is drawn. */
static void
tick(struct screen *screen)
{
	(void)screen;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_PREVIEW_NEXT,
	    ACT_PREVIEW_PREVIOUS, ACT_PREVIEW_CASE, ACT_PREVIEW_NUMBER,
	    ACT_PREVIEW_WRITE, ACT_TESTMAIL, ACT_NONE};

	(void)screen;
	return actions;
}

/* ---- Life ---------------------------------------------------------------------------- */

/* What was found is kept for who comes back. */
static void
give_samples(struct preview *self)
{
	struct session *session = app_session(self->base.app);

	if (!session || !self->hunt.samples)
		return;
	samples_free(&session->samples);
	session->samples = self->hunt.samples;
	self->hunt.samples = NULL;
}

static void
take_samples(struct preview *self, struct app *app)
{
	struct session *session = app_session(app);

	if (session && session->samples &&
	    samples_stamp(session->samples).campaign.v == self->campaign.v)
		hunt_set(&self->hunt, &session->samples);
}

static void
close_preview(struct screen *screen)
{
	struct preview *self = (struct preview *)screen;

	give_samples(self);
	mail_free(self->mail);
	hunt_done(&self->hunt);
	styled_free(&self->styled);
	pager_free(&self->page);
	pager_free(&self->facts);
	buf_done(&self->save.path);
	buf_done(&self->save.purpose);
	free(self);
}

static const struct screen_ops preview_ops = {
    .name = "preview",
    .section = 3,
    .title = title,
    .tabs = tabs,
    .draw = draw,
    .hint = hint,
    .key = key,
    .why_not = why_not,
    .act = act,
    .footer = footer,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_preview,
};

void
preview_open(struct app *app, struct campaign_id campaign)
{
	struct preview *self = mem_new(sizeof *self);

	self->base.ops = &preview_ops;
	self->campaign = campaign;
	self->styled = styled_new();
	self->page = pager_new(PAGER_WRAP, GATE_RAW);
	self->facts = pager_new(PAGER_WRAP, GATE_RAW);
	hunt_init(&self->hunt, campaign);
	take_samples(self, app);
	app_push(app, &self->base);
	ask_step(self, AUDIENCE_FIRST, 0);
}
