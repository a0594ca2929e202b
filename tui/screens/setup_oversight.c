/* Where the end of the log is sealed to, what a review of the log looks for,
 * and how often the log and the people are to be reviewed. */
#include "tui/screens/setup_page.h"
#include "tui/text/i18n.h"

static void
check_seals(struct span text, struct buf *why)
{
	if (text.len && text.ptr[0] != '/')
		buf_text(why, _("An absolute path, please."));
	else
		setup_check("audit.seals", text, why);
}

static void
check_seal_to(struct span text, struct buf *why)
{
	setup_check("audit.seal_to", text, why);
}

static void
check_hours(struct span text, struct buf *why)
{
	setup_check("audit.hours", text, why);
}

static void
check_big_send(struct span text, struct buf *why)
{
	setup_check("audit.big_send", text, why);
}

static void
check_due(struct span text, struct buf *why)
{
	setup_check("audit.review_days", text, why);
}

enum {
	F_HEAD_SEALS,
	F_SEALS,
	F_SEAL_TO,
	F_HEAD_REVIEW,
	F_HOURS,
	F_DAYS,
	F_BIG_SEND,
	F_HEAD_DUE,
	F_REVIEW_DAYS,
	F_ACCESS_DAYS,
	F_COUNT
};

/* In the order of the settings' words. */
static const char *const days[] = {
    N_("every day"), N_("Monday to Friday"), NULL};
static const char *const day_words[] = {"all", "weekdays"};

#define NUMBER(words, tip, checker, digits)                                    \
	{.label = (words),                                                     \
	    .kind = FIELD_NUMBER,                                              \
	    .cols = 10,                                                        \
	    .max = (digits),                                                   \
	    .hint = (tip),                                                     \
	    .check = (checker)}

static const struct field_spec fields[F_COUNT] = {
    [F_HEAD_SEALS] = {.label = N_("The end of the log is sealed every day"),
	.kind = FIELD_GAP},
    [F_SEALS] = {.label = N_("Into the file"),
	.kind = FIELD_TEXT,
	.hint = N_("Empty: beside the store. Another disk is better."),
	.check = check_seals},
    [F_SEAL_TO] = {.label = N_("And by mail to"),
	.kind = FIELD_TEXT,
	.hint = N_("One of the staff; goes through the relay for alerts."),
	.check = check_seal_to},
    [F_HEAD_REVIEW] = {.label = N_("A review of the log looks for"),
	.kind = FIELD_GAP},
    [F_HOURS] = {.label = N_("Work outside of"),
	.kind = FIELD_TEXT,
	.cols = 14,
	.max = 11,
	.hint = N_("Local time, as 09:00-18:00. Empty: any time is usual."),
	.check = check_hours},
    [F_DAYS] = {.label = N_("Usual days"),
	.kind = FIELD_CHOICE,
	.choices = days,
	.hint = N_("What is done on other days is listed.")},
    [F_BIG_SEND] = NUMBER(N_("Sends of at least"),
	N_("Recipients. Such deliveries are listed."), check_big_send, 9),
    [F_HEAD_DUE] = {.label = N_("Due again after days"), .kind = FIELD_GAP},
    [F_REVIEW_DAYS] = NUMBER(N_("Review of the log"),
	N_("Home says when it is overdue. 0: never."), check_due, 3),
    [F_ACCESS_DAYS] = NUMBER(N_("Review of the people"),
	N_("Home says when it is overdue. 0: never."), check_due, 3),
};

const struct setup_field setup_oversight_fields[] = {
    {F_SEALS, "audit.seals"},
    {F_SEAL_TO, "audit.seal_to"},
    {F_HOURS, "audit.hours"},
    {F_BIG_SEND, "audit.big_send"},
    {F_REVIEW_DAYS, "audit.review_days"},
    {F_ACCESS_DAYS, "audit.access_days"},
    {0, NULL},
};

/* After the other fields, which setup_load() has read. */
static void
load_days(struct setup_page *self)
{
	struct err err = {.code = E_NONE};
	struct buf word = BUF_INIT;
	struct db *db = NULL;

	if (store_view_open(app_store(self->base.app), &db, &err) < 0 ||
	    setting_read(db, "audit.days", &word, &err) < 0)
		app_say_err(self->base.app, &err);
	form_set_choice(
	    self->form, F_DAYS, span_equal(buf_span(&word), SPAN("weekdays")));
	form_set_saved(self->form);
	buf_done(&word);
	store_reader_close(&db);
}

static void
change_days(const struct form *form, struct setup_changes *changes)
{
	setup_change(changes, "audit.days",
	    span_of(day_words[form_choice(form, F_DAYS)]));
}

static const struct setup_page_kind oversight_kind = {
    .title = N_("Log and reviews"),
    .spec = fields,
    .count = F_COUNT,
    .fields = setup_oversight_fields,
    .load = load_days,
    .change = change_days,
};
static const struct screen_ops oversight_ops =
    SETUP_PAGE_OPS("setup-oversight");

void
setup_oversight_open(struct app *app)
{
	setup_page_open(app, &oversight_ops, &oversight_kind);
}
