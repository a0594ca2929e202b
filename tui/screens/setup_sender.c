/* Who sends, and what the law wants in every mail.  The postal address is
 * three fields here and one setting of several lines in the store. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/setup.h"
#include "tui/session.h"
#include "tui/text/i18n.h"
#include "tui/widgets/form.h"

struct sender {
	struct screen base;
	struct form *form;
};

static void
check_text(struct span text, struct buf *why)
{
	setup_check("sender.name", text, why);
}

static void
check_address(struct span text, struct buf *why)
{
	setup_check("sender.address", text, why);
}

static void
check_url(struct span text, struct buf *why)
{
	setup_check("unsubscribe.base_url", text, why);
}

static void
check_domain(struct span text, struct buf *why)
{
	setup_check("ehlo.name", text, why);
}

enum {
	F_HEAD_SENDER,
	F_NAME,
	F_ADDRESS,
	F_REPLY_TO,
	F_HEAD_LEGAL,
	F_LEGAL_NAME,
	F_POSTAL_1,
	F_POSTAL_2,
	F_POSTAL_3,
	F_CONTACT,
	F_NOTICE,
	F_HEAD_STOP,
	F_URL,
	F_MAILTO,
	F_HEAD_WIRE,
	F_BOUNCE,
	F_EHLO,
	F_MESSAGE,
	F_COUNT
};

#define TEXT(name, words, tip)                                                 \
	[name] = {.label = (words),                                            \
	    .kind = FIELD_TEXT,                                                \
	    .max = 500,                                                        \
	    .hint = (tip),                                                     \
	    .check = check_text}

static const struct field_spec fields[F_COUNT] = {
    [F_HEAD_SENDER] = {.label = N_("Who sends"), .kind = FIELD_GAP},
    TEXT(F_NAME, N_("Sender's name"),
	N_("What readers see, for example Example Ltd. News")),
    [F_ADDRESS] = {.label = N_("Sender's address"),
	.kind = FIELD_TEXT,
	.hint = N_("Its domain gets the DKIM key."),
	.check = check_address},
    [F_REPLY_TO] = {.label = N_("Answers go to"),
	.kind = FIELD_TEXT,
	.hint = N_("Empty: to the sender's address."),
	.check = check_address},
    [F_HEAD_LEGAL] = {.label = N_("In the footer of every mail"),
	.kind = FIELD_GAP},
    TEXT(F_LEGAL_NAME, N_("Legal name"), N_("Of the person or company.")),
    TEXT(F_POSTAL_1, N_("Postal address"), NULL),
    TEXT(F_POSTAL_2, "", NULL),
    TEXT(F_POSTAL_3, "", NULL),
    TEXT(F_CONTACT, N_("Contact"),
	N_("Telephone, address or page for questions and complaints.")),
    TEXT(F_NOTICE, N_("One more line"), N_("May stay empty.")),
    [F_HEAD_STOP] = {.label = N_("Unsubscribing"), .kind = FIELD_GAP},
    [F_URL] = {.label = N_("Page (https)"),
	.kind = FIELD_TEXT,
	.max = 500,
	.hint = N_("The reader's mark is added to it."),
	.check = check_url},
    [F_MAILTO] = {.label = N_("Or by mail to"),
	.kind = FIELD_TEXT,
	.check = check_address},
    [F_HEAD_WIRE] = {.label = N_("On the wire"), .kind = FIELD_GAP},
    [F_BOUNCE] = {.label = N_("Bounces go to domain"),
	.kind = FIELD_TEXT,
	.hint = N_("Empty: the domain of the sender's address."),
	.check = check_domain},
    [F_EHLO] = {.label = N_("Name in EHLO"),
	.kind = FIELD_TEXT,
	.hint = N_("Empty: the domain that bounces go to."),
	.check = check_domain},
    [F_MESSAGE] = {.label = N_("Domain in Message-ID"),
	.kind = FIELD_TEXT,
	.hint = N_("Empty: the domain of the sender's address."),
	.check = check_domain},
};

const struct setup_field setup_sender_fields[] = {
    {F_NAME, "sender.name"},
    {F_ADDRESS, "sender.address"},
    {F_REPLY_TO, "sender.reply_to"},
    {F_LEGAL_NAME, "legal.name"},
    {F_CONTACT, "legal.contact"},
    {F_NOTICE, "legal.notice"},
    {F_URL, "unsubscribe.base_url"},
    {F_MAILTO, "unsubscribe.mailto"},
    {F_BOUNCE, "message.bounce_domain"},
    {F_EHLO, "ehlo.name"},
    {F_MESSAGE, "message.domain"},
    {0, NULL},
};

/* ---- Store to form and back --------------------------------------------------------- */

static void
set_postal(struct form *form, struct span text)
{
	form_set(form, F_POSTAL_1, span_cut(&text, '\n'));
	form_set(form, F_POSTAL_2, span_cut(&text, '\n'));
	form_set(form, F_POSTAL_3, span_cut(&text, '\n'));
}

static void
add_postal(const struct form *form, struct buf *out)
{
	for (int field = F_POSTAL_1; field <= F_POSTAL_3; field++) {
		struct span line = span_trim(form_text(form, field));

		if (!line.len)
			continue;
		if (out->len)
			buf_char(out, '\n');
		buf_add(out, line);
	}
}

/* After the other fields, which setup_load() has read. */
static void
load_postal(struct sender *self)
{
	struct err err = {.code = E_NONE};
	struct buf value = BUF_INIT;
	struct db *db = NULL;

	if (store_reader_open(app_store(self->base.app), &db, &err) < 0 ||
	    setting_read(db, "legal.postal", &value, &err) < 0)
		app_say_err(self->base.app, &err);
	set_postal(self->form, buf_span(&value));
	form_set_saved(self->form);
	buf_done(&value);
	store_reader_close(&db);
}

static void
save(struct sender *self)
{
	struct setup_changes *changes;
	struct buf postal = BUF_INIT;
	struct err err = {.code = E_NONE};

	if (form_check(self->form) >= 0)
		return;
	changes = setup_changes_new(self->base.app);
	setup_change_fields(changes, self->form, setup_sender_fields);
	add_postal(self->form, &postal);
	setup_change(changes, "legal.postal", buf_span(&postal));
	buf_done(&postal);
	if (setup_save(&self->base, &changes, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct sender *self = (struct sender *)screen;

	(void)job;
	(void)data;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	form_set_saved(self->form);
	app_say(screen->app, SAY_OK, _("Saved."));
}

/* ---- The screen ------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Sender and legal"));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	if (form_is_changed(((struct sender *)screen)->form))
		buf_text(out, _("not saved"));
}

static void
draw(struct screen *screen, struct area body)
{
	form_draw(
	    ((struct sender *)screen)->form, area_cols(body, 1, 78), FOCUS_ON);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct sender *self = (struct sender *)screen;

	switch (form_key(self->form, key)) {
	case FORM_PRESSED:
		save(self);
		return USED;
	case FORM_USED:
	case FORM_CHANGED:
		return USED;
	case FORM_UNUSED:
		break;
	}
	return UNUSED;
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action == ACT_SETUP_SAVE)
		save((struct sender *)screen);
	else if (action == ACT_SETUP_BACK)
		app_act(screen->app, ACT_BACK);
	else
		return UNUSED;
	return USED;
}

static bool
may_leave(struct screen *screen)
{
	return setup_may_leave(screen, ((struct sender *)screen)->form);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_SAVE, ACT_SETUP_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_sender(struct screen *screen)
{
	struct sender *self = (struct sender *)screen;

	form_free(&self->form);
	free(self);
}

static const struct screen_ops sender_ops = {
    .name = "setup-sender",
    .section = 8,
    .title = title,
    .subtitle = subtitle,
    .draw = draw,
    .key = key,
    .act = act,
    .may_leave = may_leave,
    .footer = footer,
    .job_done = job_done,
    .close = close_sender,
};

void
setup_sender_open(struct app *app)
{
	struct sender *self = mem_new(sizeof *self);

	self->base.ops = &sender_ops;
	self->form = form_new(fields, F_COUNT);
	app_push(app, &self->base);
	setup_load(&self->base, self->form, setup_sender_fields);
	load_postal(self);
}
