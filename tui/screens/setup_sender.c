/* Who sends, and what the law wants in every mail.  The postal address is
 * three fields here and one setting of several lines in the store. */
#include "tui/screens/setup_page.h"
#include "tui/text/i18n.h"

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

static void
check_file_max(struct span text, struct buf *why)
{
	setup_check("attach.file_max", text, why);
}

static void
check_message_max(struct span text, struct buf *why)
{
	setup_check("attach.message_max", text, why);
}

static void
check_feedback(struct span text, struct buf *why)
{
	bool good = text.len == 0 || (text.len >= 5 && text.len <= 15);

	for (size_t i = 0; good && i < text.len; i++)
		good = (text.ptr[i] >= 'a' && text.ptr[i] <= 'z') ||
		       (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z') ||
		       (text.ptr[i] >= '0' && text.ptr[i] <= '9') ||
		       text.ptr[i] == '-';
	if (!good)
		buf_text(why, _("5 to 15 letters, digits and hyphens."));
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
	F_REFUSED,
	F_HOSTS,
	F_HEAD_WIRE,
	F_BOUNCE,
	F_EHLO,
	F_MESSAGE,
	F_FEEDBACK,
	F_CFBL,
	F_DSN,
	F_HEAD_FILES,
	F_FILE_MAX,
	F_MESSAGE_MAX,
	F_COUNT
};

#define TEXT(name, words, tip)                                                 \
	[name] = {.label = (words),                                            \
	    .kind = FIELD_TEXT,                                                \
	    .max = 500,                                                        \
	    .hint = (tip),                                                     \
	    .check = check_text}

/* In the order of the setting's words. */
static const char *const refused[] = {
    N_("go on the stop list"), N_("stay as they are"), NULL};
static const char *const refused_words[] = {"on", "off"};

static const char *const reports[] = {
    N_("as the relay likes"), N_("are asked for"), NULL};
static const char *const report_words[] = {"off", "failure"};

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
    [F_REFUSED] = {.label = N_("Refused addresses"),
	.kind = FIELD_CHOICE,
	.choices = refused,
	.hint = N_("Unknown ones at once, closed or full ones after a while.")},
    TEXT(F_HOSTS, N_("Our links"),
	N_("Hosts that our links lead to, parted by blanks; all below each "
	   "count.")),
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
    [F_FEEDBACK] = {.label = N_("Name in Feedback-ID"),
	.kind = FIELD_TEXT,
	.max = 15,
	.hint = N_("5 to 15 letters, digits, hyphens; empty: no such field."),
	.check = check_feedback},
    [F_CFBL] = {.label = N_("Complaints go to"),
	.kind = FIELD_TEXT,
	.hint = N_("CFBL-Address; under the sender's domain, or not used."),
	.check = check_address},
    [F_DSN] = {.label = N_("Failure reports"),
	.kind = FIELD_CHOICE,
	.choices = reports,
	.hint = N_("Asked for: with headers only, and naming the message.")},
    [F_HEAD_FILES] = {.label = N_("Attached files"), .kind = FIELD_GAP},
    [F_FILE_MAX] = {.label = N_("One file, KiB"),
	.kind = FIELD_NUMBER,
	.cols = 8,
	.max = 5,
	.hint = N_("At most 25600; a larger file belongs behind a link."),
	.check = check_file_max},
    [F_MESSAGE_MAX] = {.label = N_("One message, KiB"),
	.kind = FIELD_NUMBER,
	.cols = 8,
	.max = 5,
	.hint = N_("64 to 35840, as it is sent: a third more than its files."),
	.check = check_message_max},
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
    {F_HOSTS, "links.hosts"},
    {F_BOUNCE, "message.bounce_domain"},
    {F_EHLO, "ehlo.name"},
    {F_MESSAGE, "message.domain"},
    {F_FEEDBACK, "message.feedback_id"},
    {F_CFBL, "message.cfbl_address"},
    {F_FILE_MAX, "attach.file_max"},
    {F_MESSAGE_MAX, "attach.message_max"},
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
load_others(struct setup_page *self)
{
	struct err err = {.code = E_NONE};
	struct buf postal = BUF_INIT, word = BUF_INIT, report = BUF_INIT;
	struct db *db = NULL;

	if (store_view_open(app_store(self->base.app), &db, &err) < 0 ||
	    setting_read(db, "legal.postal", &postal, &err) < 0 ||
	    setting_read(db, "bounce.suppress", &word, &err) < 0 ||
	    setting_read(db, "message.dsn", &report, &err) < 0)
		app_say_err(self->base.app, &err);
	set_postal(self->form, buf_span(&postal));
	form_set_choice(
	    self->form, F_REFUSED, span_equal(buf_span(&word), SPAN("off")));
	form_set_choice(
	    self->form, F_DSN, span_equal(buf_span(&report), SPAN("failure")));
	form_set_saved(self->form);
	buf_done(&postal);
	buf_done(&word);
	buf_done(&report);
	store_reader_close(&db);
}

static void
change_others(const struct form *form, struct setup_changes *changes)
{
	struct buf postal = BUF_INIT;

	add_postal(form, &postal);
	setup_change(changes, "legal.postal", buf_span(&postal));
	setup_change(changes, "bounce.suppress",
	    span_of(refused_words[form_choice(form, F_REFUSED)]));
	setup_change(changes, "message.dsn",
	    span_of(report_words[form_choice(form, F_DSN)]));
	buf_done(&postal);
}

static const struct setup_page_kind sender_kind = {
    .title = N_("Sender and legal"),
    .spec = fields,
    .count = F_COUNT,
    .fields = setup_sender_fields,
    .load = load_others,
    .change = change_others,
};
static const struct screen_ops sender_ops = SETUP_PAGE_OPS("setup-sender");

void
setup_sender_open(struct app *app)
{
	setup_page_open(app, &sender_ops, &sender_kind);
}
