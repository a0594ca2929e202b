/* The headers of the last mail to somebody, with what became of it: a page of
 * the record. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/report/report.h"
#include "tui/app.h"
#include "tui/screens/record_tabs.h"
#include "tui/screens/screens.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/pager.h"

struct headers {
	struct screen base;
	struct screen *record; /* below us */
	struct contact_id contact;
	struct pager *pager;
	bool loaded;
	bool has_header;
};

/* ---- The page -------------------------------------------------------------- */

static void
add_line(
    struct pager *pager, const char *label, enum role role, struct span value)
{
	if (value.len == 0)
		return;
	pager_add_str(pager, ROLE_HEAD, label);
	pager_add_str(pager, ROLE_TEXT, "  ");
	pager_add(pager, role, value);
	pager_add_str(pager, ROLE_TEXT, "\n");
}

static void
add_reply(struct pager *pager, const struct report_row *row)
{
	struct buf text = BUF_INIT;

	if (row->code)
		buf_printf(&text, "%d ", row->code);
	if (row->enhanced.len) {
		buf_add(&text, row->enhanced);
		buf_char(&text, ' ');
	}
	buf_add(&text, row->reply);
	add_line(pager, _("Reply"), ROLE_TEXT, buf_span(&text));
	buf_done(&text);
}

static void
add_relay(struct pager *pager, const struct last_mail *mail)
{
	struct buf text = BUF_INIT;

	buf_add(&text, mail->relay);
	if (mail->host.len)
		buf_printf(&text, "  %.*s", SPAN_ARG(mail->host));
	add_line(pager, _("Relay"), ROLE_TEXT, buf_span(&text));
	buf_done(&text);
}

static void
add_row(struct pager *pager, const struct report_row *row)
{
	struct buf at = BUF_INIT;

	if (row->at_ms)
		format_minute(&at, row->at_ms);
	add_line(pager, _("Time"), ROLE_TEXT, buf_span(&at));
	add_line(pager, _("State"), state_role(row->state),
	    span_of(state_text(row->state)));
	add_reply(pager, row);
	add_line(pager, "TLS", ROLE_TEXT, row->tls_version);
	buf_done(&at);
}

/* Names of headers stand out; a folded line belongs to the one before. */
static void
add_header(struct pager *pager, struct span header)
{
	while (header.len) {
		struct span line = span_cut(&header, '\n');
		size_t colon = span_index(line, ':');

		if (line.len && line.ptr[line.len - 1] == '\r')
			line.len--;
		if (line.len && line.ptr[0] != ' ' && line.ptr[0] != '\t' &&
		    colon < line.len) {
			pager_add(pager, ROLE_HEAD, span_slice(line, 0, colon));
			line = span_slice(line, colon, line.len);
		}
		pager_add(pager, ROLE_TEXT, line);
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
}

/* Why there are no headers. */
static void
add_why(struct pager *pager, const struct last_mail *mail)
{
	struct buf text = BUF_INIT;

	pager_add_str(pager, ROLE_WARN,
	    mail->is_masked
		? _("The headers hold the address and are masked for you.")
		: _("The message cannot be put together again as it was "
		    "sealed: something it was made of has changed since."));
	pager_add_str(pager, ROLE_TEXT, "\n");
	if (mail->why.code != E_NONE) {
		err_text(&mail->why, &text);
		pager_add(pager, ROLE_TEXT, buf_span(&text));
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
	if (mail->page.count)
		add_line(pager, "Message-ID", ROLE_TEXT,
		    mail->page.row[0].message_id);
	buf_done(&text);
}

static void
fill(struct headers *self, const struct last_mail *mail)
{
	struct pager *pager = self->pager;

	pager_clear(pager);
	self->has_header = mail->header.len > 0;
	if (!mail->campaign.v) {
		pager_add_str(
		    pager, ROLE_DIM, _("No mail was sent to this person yet."));
		return;
	}
	add_line(pager, _("Campaign"), ROLE_TITLE, mail->name);
	if (mail->page.count)
		add_row(pager, &mail->page.row[0]);
	add_relay(pager, mail);
	pager_add_str(pager, ROLE_TEXT, "\n");
	if (mail->header.len)
		add_header(pager, mail->header);
	else
		add_why(pager, mail);
}

/* ---- Job ------------------------------------------------------------------- */

struct task {
	struct store *store; /* borrowed */
	struct contact_id contact;
	struct last_mail mail;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (store_view_open(task->store, &db, err) == 0)
		rc = last_mail_read(
		    task->store, db, task->contact, &task->mail, err);
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	last_mail_done(&((struct task *)data)->mail);
	free(data);
}

static void
shown(struct screen *screen)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct headers *self = (struct headers *)screen;
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	task->store = app_store(screen->app);
	task->contact = self->contact;
	if (app_job(screen->app, screen, &ops, task, NULL, &err) < 0)
		app_say_err(screen->app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct headers *self = (struct headers *)screen;

	(void)job;
	self->loaded = true;
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		fill(self, &((struct task *)data)->mail);
}

/* ---- The screen ------------------------------------------------------------ */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Headers of the last mail"));
}

static void
tabs(struct screen *screen, struct tabs *out)
{
	(void)screen;
	record_tabs(RECORD_HEADERS, out);
}

static void
draw(struct screen *screen, struct area body)
{
	struct headers *self = (struct headers *)screen;

	if (self->loaded)
		pager_draw(self->pager,
		    area_rows(area_cols(body, 2, -3), 1, -2), FOCUS_ON);
	else
		draw_str(body, 1, 2, ROLE_DIM, _("Reading.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	if (((struct headers *)screen)->has_header)
		buf_text(out, _("Put together again, without its signature "
				"(DKIM); dated when the relay answered."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct headers *self = (struct headers *)screen;

	if (record_tab_key(screen, self->record, key) == USED)
		return USED;
	return pager_key(self->pager, key);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_headers(struct screen *screen)
{
	pager_free(&((struct headers *)screen)->pager);
	free(screen);
}

static const struct screen_ops headers_ops = {
    .name = "headers",
    .section = 2,
    .title = title,
    .tabs = tabs,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .shown = shown,
    .job_done = job_done,
    .close = close_headers,
};

void
headers_open(struct screen *record, struct contact_id contact)
{
	struct headers *self = mem_new(sizeof *self);

	self->base.ops = &headers_ops;
	self->record = record;
	self->contact = contact;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	app_push(record->app, &self->base);
}
