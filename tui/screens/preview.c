/* A campaign as one recipient will get it, made by the function that delivery
 * calls (S11).  Assembling happens in a job; the screen shows its last
 * result. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "core/review/review.h"
#include "tui/app.h"
#include "tui/screens/crumb.h"
#include "tui/screens/screens.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/pager.h"

enum view { VIEW_STYLED, VIEW_PLAIN, VIEW_HTML, VIEW_HEADER, VIEW_RAW, VIEWS };

/* What one job makes; also what the screen shows afterwards. */
struct shown_mail {
	struct store *store; /* borrowed */
	struct campaign_id campaign;
	enum audience_step step;
	int64_t from;
	int64_t at_ms;
	bool found; /* a recipient; fault tells when there is no message */
	bool is_frozen;
	struct err fault;
	int64_t key, position, total;
	int fallbacks;
	size_t octets;
	struct buf name, address, from_line, subject, text, html, header, bytes;
};

struct preview {
	struct screen base;
	struct campaign_id campaign;
	struct shown_mail *sample; /* NULL: none yet */
	struct err why;            /* why there is none; E_NONE: nobody */
	bool asked;                /* the first answer has come */
	int language;              /* in which the pager was filled */
	enum view view;
	struct pager *pager;
};

static void
sample_free(void *data)
{
	struct shown_mail *sample = data;

	buf_done(&sample->name);
	buf_done(&sample->address);
	buf_done(&sample->from_line);
	buf_done(&sample->subject);
	buf_done(&sample->text);
	buf_done(&sample->html);
	buf_done(&sample->header);
	buf_done(&sample->bytes);
	free(sample);
}

/* ---- The job ---------------------------------------------------------------- */

static void
keep_member(struct shown_mail *sample, const struct campaign *campaign,
    const struct audience_member *member)
{
	sample->found = true;
	sample->is_frozen = member->is_frozen;
	sample->key = member->key;
	sample->position = member->position;
	sample->total = member->total;
	buf_add(&sample->name, buf_span(&campaign->name));
	buf_printf(&sample->from_line, "%.*s <%.*s>",
	    SPAN_ARG(buf_span(&campaign->from_name)),
	    SPAN_ARG(buf_span(&campaign->from_address)));
	buf_add(&sample->address, member->address);
}

static void
keep_message(struct shown_mail *sample, const struct message *message)
{
	sample->fallbacks = message->fallbacks;
	sample->octets = message->bytes.len;
	buf_add(&sample->subject, message->subject);
	buf_add(&sample->text, message->text);
	buf_add(&sample->html, message->html);
	buf_add(&sample->header, message->header);
	buf_add(&sample->bytes, message->bytes);
}

/* Signed when there is a key; a draft can be looked at before. */
static int
assemble(struct shown_mail *sample, struct db *db,
    const struct campaign *campaign, const struct audience_member *member,
    struct err *err)
{
	struct template *template = NULL;
	struct assembler *assembler = NULL;
	struct message message;
	struct recipient recipient = {
	    member->seq, member->address, member->name, member->fields};
	int rc = -1;

	if (template_compile(sample->store, db, campaign, &template, err) < 0)
		goto out;
	if (assembler_new(sample->store, db, template, ASSEMBLE_SIGNED,
		&assembler, err) < 0 &&
	    (err->code != E_DKIM_MISSING ||
		assembler_new(sample->store, db, template, ASSEMBLE_UNSIGNED,
		    &assembler, err) < 0))
		goto out;
	if (assemble_message(
		assembler, &recipient, sample->at_ms, &message, err) < 0)
		goto out;
	keep_message(sample, &message);
	rc = 0;
out:
	assembler_free(&assembler);
	template_free(&template);
	return rc;
}

static int
sample_run(struct job *job, void *data, struct err *err)
{
	struct shown_mail *sample = data;
	struct campaign campaign = CAMPAIGN_INIT;
	struct audience_member member;
	struct arena *arena = arena_new();
	struct db *db = NULL;
	int rc = -1, got = 0;

	(void)job;
	if (store_reader_open(sample->store, &db, err) < 0 ||
	    campaign_read(db, sample->campaign, &campaign, err) < 0)
		goto out;
	if (campaign.list)
		got = audience_step(db, &campaign, sample->step, sample->from,
		    arena, &member, err);
	if (got < 0)
		goto out;
	rc = 0;
	if (got == 0)
		goto out;
	keep_member(sample, &campaign, &member);
	/* One recipient who cannot be merged must not hide the next. */
	if (assemble(sample, db, &campaign, &member, &sample->fault) == 0)
		sample->fault.code = E_NONE;
out:
	campaign_done(&campaign);
	store_reader_close(&db);
	arena_free(&arena);
	return rc;
}

static const struct job_ops sample_job = {
    .run = sample_run, .free = sample_free};

static void
ask_from(struct preview *self, enum audience_step step, int64_t from)
{
	struct shown_mail *sample = mem_new(sizeof *sample);
	struct err err = {0};

	if (app_has_job(self->base.app, &self->base)) {
		sample_free(sample);
		return;
	}
	sample->store = app_store(self->base.app);
	sample->campaign = self->campaign;
	sample->step = step;
	sample->from = from;
	sample->at_ms = app_now_ms(self->base.app);
	if (app_job(self->base.app, &self->base, &sample_job, sample, NULL,
		&err) < 0)
		app_say_err(self->base.app, &err);
}

static void
ask(struct preview *self, enum audience_step step)
{
	ask_from(self, step, self->sample ? self->sample->key : 0);
}

static void
number_typed(struct screen *owner, int answer, struct span text)
{
	int64_t number;

	if (answer && span_int(text, &number) && number > 0)
		ask_from((struct preview *)owner, AUDIENCE_AT, number);
}

static void
ask_number(struct preview *self)
{
	struct dialog dialog = {.title = _("Show a recipient"),
	    .text = _("The mail of which number?"),
	    .done = number_typed};

	dialog_ask(&self->base, &dialog, LINE_NUMBER, SPAN(""), NULL);
}

/* ---- Filling the pager --------------------------------------------------------- */

static void
add_field(struct preview *self, const char *label, const struct buf *value)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s ", label);
	pager_add(self->pager, ROLE_HEAD, buf_span(&line));
	pager_add(self->pager, ROLE_TEXT, buf_span(value));
	pager_add_str(self->pager, ROLE_TEXT, "\n");
	buf_done(&line);
}

static bool
is_underline(struct span line)
{
	if (line.len < 2 || (line.ptr[0] != '=' && line.ptr[0] != '-'))
		return false;
	for (size_t i = 1; i < line.len; i++) {
		if (line.ptr[i] != line.ptr[0])
			return false;
	}
	return true;
}

static enum role
line_role(struct span line, struct span next)
{
	if (is_underline(line))
		return ROLE_RULE;
	if (line.len && is_underline(next))
		return ROLE_MD_HEADING;
	if (span_starts(line, SPAN("> ")))
		return ROLE_MD_QUOTE;
	if (span_starts(line, SPAN("[")) &&
	    span_search(line, SPAN("] http")) < line.len)
		return ROLE_MD_LINK;
	return ROLE_TEXT;
}

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
	pager_add(self->pager, ROLE_WARN, buf_span(&text));
	buf_done(&text);
}

/* In place of a message that cannot be made. */
static void
add_fault(struct preview *self)
{
	struct buf text = BUF_INIT;

	add_field(self, _("To:"), &self->sample->address);
	buf_text(&text, "\n✗ ");
	err_text(&self->sample->fault, &text);
	buf_char(&text, '\n');
	pager_add(self->pager, ROLE_ERR, buf_span(&text));
	pager_add_str(self->pager, ROLE_DIM, "\n");
	pager_add_str(self->pager, ROLE_DIM,
	    _("This recipient has no mail as long as that is so. n and p show "
	      "the others."));
	buf_done(&text);
}

static void
add_styled(struct preview *self)
{
	struct span rest = buf_span(&self->sample->text);

	add_field(self, _("From:"), &self->sample->from_line);
	add_field(self, _("To:"), &self->sample->address);
	add_field(self, _("Subject:"), &self->sample->subject);
	pager_add_str(self->pager, ROLE_TEXT, "\n");
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');
		struct span peek = rest;

		pager_add(
		    self->pager, line_role(line, span_cut(&peek, '\n')), line);
		pager_add_str(self->pager, ROLE_TEXT, "\n");
	}
}

/* Headers and raw bytes have CR LF; the pager shows a CR as a control. */
static void
add_without_cr(struct preview *self, struct span bytes)
{
	while (bytes.len) {
		struct span line = span_cut(&bytes, '\n');

		if (span_ends(line, SPAN("\r")))
			line.len--;
		pager_add(self->pager, ROLE_TEXT, line);
		pager_add_str(self->pager, ROLE_TEXT, "\n");
	}
}

static void
fill(struct preview *self)
{
	struct shown_mail *sample = self->sample;

	pager_clear(self->pager);
	self->language = i18n_is_japanese();
	if (!sample) {
		add_nobody(self);
		return;
	}
	if (sample->fault.code != E_NONE) {
		add_fault(self);
		return;
	}
	switch (self->view) {
	case VIEW_STYLED:
		add_styled(self);
		break;
	case VIEW_PLAIN:
		pager_add(self->pager, ROLE_TEXT, buf_span(&sample->text));
		break;
	case VIEW_HTML:
		pager_add(self->pager, ROLE_TEXT, buf_span(&sample->html));
		break;
	case VIEW_HEADER:
		add_without_cr(self, buf_span(&sample->header));
		break;
	case VIEW_RAW:
		add_without_cr(self, buf_span(&sample->bytes));
		break;
	case VIEWS:
		break;
	}
}

/* ---- Screen ---------------------------------------------------------------------- */

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct preview *self = (struct preview *)screen;
	struct shown_mail *sample = data;

	(void)job;
	self->asked = true;
	if (rc < 0) {
		app_say_err(screen->app, err);
		if (self->sample)
			return;
		self->why = *err;
	} else if (!sample->found) {
		if (self->sample) {
			app_say(screen->app, SAY_INFO,
			    _("There is no other recipient that way."));
			return;
		}
		self->why.code = E_NONE;
	} else {
		if (self->sample)
			sample_free(self->sample);
		/* Taken out of the job's hands by moving what it holds. */
		self->sample = mem_new(sizeof *sample);
		*self->sample = *sample;
		*sample = (struct shown_mail){0};
	}
	fill(self);
}

static void
title(struct screen *screen, struct buf *out)
{
	struct shown_mail *sample = ((struct preview *)screen)->sample;

	crumb_add(screen, sample ? buf_span(&sample->name) : SPAN(""),
	    _("Preview"), out);
}

/* Which of how many, and that this is somebody's mail. */
static void
draw_position(const struct shown_mail *sample, struct area row)
{
	struct buf position = BUF_INIT, total = BUF_INIT, text = BUF_INIT;

	format_count(&position, sample->position);
	format_count(&total, sample->total);
	buf_printf(&text,
	    sample->is_frozen ? _("%s of %s recipients")
			      : _("%s of %s on the list"),
	    position.ptr, total.ptr);
	draw_blank(row, 0, 0, row.cols, ROLE_BAR);
	draw_text(row, 0, 1, ROLE_BAR_KEY, buf_span(&text));
	draw_end(row, 0, 1, ROLE_BAR_ALERT, span_of(_("REAL DATA")));
	buf_done(&text);
	buf_done(&position);
	buf_done(&total);
}

static void
tabs(struct screen *screen, struct tabs *out)
{
	*out = (struct tabs){.count = VIEWS,
	    .current = (int)((struct preview *)screen)->view,
	    .label = {_("Styled"), _("Plain text"), _("HTML source"),
		_("Headers"), _("Raw MIME")}};
}

/* The pager keeps texts in the language they were made in. */
static void
shown(struct screen *screen)
{
	struct preview *self = (struct preview *)screen;

	if (self->asked && self->language != i18n_is_japanese())
		fill(self);
}

static void
draw(struct screen *screen, struct area body)
{
	struct preview *self = (struct preview *)screen;

	if (!self->asked) {
		draw_str(body, 1, 2, ROLE_DIM, _("Assembling .."));
		return;
	}
	if (self->sample) {
		draw_position(self->sample, area_rows(body, 0, 1));
		body = area_rows(body, 1, -1);
	}
	pager_draw(self->pager, area_cols(body, 1, -2), FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct shown_mail *sample = ((struct preview *)screen)->sample;
	struct buf size = BUF_INIT;

	if (!sample)
		return;
	format_size(&size, (int64_t)sample->octets);
	if (sample->fault.code != E_NONE)
		buf_text(out, _("! no message can be made for this recipient"));
	else if (sample->fallbacks)
		buf_printf(out,
		    P_("! %d field filled by its fallback; the mail has %s",
			"! %d fields filled by their fallback; the mail has %s",
			sample->fallbacks),
		    sample->fallbacks, size.ptr);
	else
		buf_printf(
		    out, _("+ all fields filled; the mail has %s"), size.ptr);
	buf_done(&size);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct preview *self = (struct preview *)screen;

	if (key->code == K_CHAR && key->cp >= '1' && key->cp < '1' + VIEWS) {
		self->view = (enum view)(key->cp - '1');
		fill(self);
		return USED;
	}
	return pager_key(self->pager, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct preview *self = (struct preview *)screen;

	switch ((int)action) {
	case ACT_PREVIEW_NEXT:
		ask(self, AUDIENCE_NEXT);
		return USED;
	case ACT_PREVIEW_PREVIOUS:
		ask(self, AUDIENCE_PREVIOUS);
		return USED;
	case ACT_PREVIEW_NUMBER:
		ask_number(self);
		return USED;
	case ACT_PREVIEW_RANDOM:
		ask(self, AUDIENCE_RANDOM);
		return USED;
	default:
		return UNUSED;
	}
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_PREVIEW_NEXT,
	    ACT_PREVIEW_PREVIOUS, ACT_PREVIEW_RANDOM, ACT_PREVIEW_NUMBER,
	    ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_preview(struct screen *screen)
{
	struct preview *self = (struct preview *)screen;

	if (self->sample)
		sample_free(self->sample);
	pager_free(&self->pager);
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
    .act = act,
    .footer = footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_preview,
};

void
preview_open(struct app *app, struct campaign_id campaign)
{
	struct preview *self = mem_new(sizeof *self);

	self->base.ops = &preview_ops;
	self->campaign = campaign;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	app_push(app, &self->base);
	ask(self, AUDIENCE_FIRST);
}
