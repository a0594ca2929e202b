/* When mail may leave, how often a person gets advertisements, and how long we
 * wait for a relay.  Speeds stand with each relay. */
#include "tui/screens/setup_page.h"
#include "tui/text/i18n.h"

static void
check_hours(struct span text, struct buf *why)
{
	setup_check("pace.hours", text, why);
}

static void
check_frequency(struct span text, struct buf *why)
{
	setup_check("pace.frequency", text, why);
}

static void
check_frequency_days(struct span text, struct buf *why)
{
	setup_check("pace.frequency_days", text, why);
}

static void
check_connect(struct span text, struct buf *why)
{
	setup_check("timeout.connect", text, why);
}

static void
check_greeting(struct span text, struct buf *why)
{
	setup_check("timeout.greeting", text, why);
}

static void
check_envelope(struct span text, struct buf *why)
{
	setup_check("timeout.envelope", text, why);
}

static void
check_end(struct span text, struct buf *why)
{
	setup_check("timeout.end", text, why);
}

enum {
	F_HEAD_HOURS,
	F_HOURS,
	F_QUIET,
	F_DAYS,
	F_HEAD_PEOPLE,
	F_FREQUENCY,
	F_FREQUENCY_DAYS,
	F_HEAD_PROVIDERS,
	F_PROVIDERS,
	F_HEAD_TIMES,
	F_CONNECT,
	F_TLS,
	F_GREETING,
	F_ENVELOPE,
	F_END,
	F_COUNT
};

#define HOURS(name, words, tip)                                                \
	[name] = {.label = (words),                                            \
	    .kind = FIELD_TEXT,                                                \
	    .cols = 14,                                                        \
	    .max = 11,                                                         \
	    .hint = (tip),                                                     \
	    .check = check_hours}

#define NUMBER(name, words, tip, checker)                                      \
	[name] = {.label = (words),                                            \
	    .kind = FIELD_NUMBER,                                              \
	    .cols = 8,                                                         \
	    .max = 4,                                                          \
	    .hint = (tip),                                                     \
	    .check = (checker)}

/* In the order of the settings' words. */
static const char *const days[] = {
    N_("every day"), N_("Monday to Friday"), NULL};
static const char *const day_words[] = {"all", "weekdays"};
static const char *const providers[] = {
    N_("are left to the relays"), N_("are kept by the table"), NULL};
static const char *const provider_words[] = {"off", "on"};

static const struct field_spec fields[F_COUNT] = {
    [F_HEAD_HOURS] = {.label = N_("Advertisements and notices"),
	.kind = FIELD_GAP},
    HOURS(F_HOURS, N_("Leave between"),
	N_("Local time, as 09:00-18:00. Empty: any time.")),
    HOURS(F_QUIET, N_("But not between"),
	N_("Also over midnight: 21:00-08:00. Empty: no quiet hours.")),
    [F_DAYS] = {.label = N_("Days"),
	.kind = FIELD_CHOICE,
	.choices = days,
	.hint = N_("Outside these times a delivery waits.")},
    [F_HEAD_PEOPLE] = {.label = N_("Advertisements per person"),
	.kind = FIELD_GAP},
    NUMBER(F_FREQUENCY, N_("At most"),
	N_("0: any number. Who had as many gets no more."), check_frequency),
    NUMBER(F_FREQUENCY_DAYS, N_("Within days"),
	N_("Counted back from the start of a delivery."), check_frequency_days),
    [F_HEAD_PROVIDERS] = {.label = N_("Behind a relay"), .kind = FIELD_GAP},
    [F_PROVIDERS] = {.label = N_("Providers' limits"),
	.kind = FIELD_CHOICE,
	.choices = providers,
	.hint = N_("A relay paces by itself; without one the table holds.")},
    [F_HEAD_TIMES] = {.label = N_("Seconds to wait for"), .kind = FIELD_GAP},
    NUMBER(F_CONNECT, N_("A connection"), N_("Then the next relay is tried."),
	check_connect),
    NUMBER(F_TLS, N_("The TLS handshake"), N_("Then the next relay is tried."),
	check_connect),
    NUMBER(F_GREETING, N_("Greeting, EHLO, sign-in"),
	N_("Busy relays greet late."), check_greeting),
    NUMBER(F_ENVELOPE, N_("Sender and recipient"), N_("RFC 5321 wants 300."),
	check_envelope),
    NUMBER(F_END, N_("The end of a message"),
	N_("Never below 600: who waits less sends twice."), check_end),
};

const struct setup_field setup_pace_fields[] = {
    {F_HOURS, "pace.hours"},
    {F_QUIET, "pace.quiet"},
    {F_FREQUENCY, "pace.frequency"},
    {F_FREQUENCY_DAYS, "pace.frequency_days"},
    {F_CONNECT, "timeout.connect"},
    {F_TLS, "timeout.tls"},
    {F_GREETING, "timeout.greeting"},
    {F_ENVELOPE, "timeout.envelope"},
    {F_END, "timeout.end"},
    {0, NULL},
};

/* After the other fields, which setup_load() has read. */
static void
load_choices(struct setup_page *self)
{
	struct err err = {.code = E_NONE};
	struct buf on_days = BUF_INIT, by = BUF_INIT;
	struct db *db = NULL;

	if (store_view_open(app_store(self->base.app), &db, &err) < 0 ||
	    setting_read(db, "pace.days", &on_days, &err) < 0 ||
	    setting_read(db, "pace.providers", &by, &err) < 0)
		app_say_err(self->base.app, &err);
	form_set_choice(self->form, F_DAYS,
	    span_equal(buf_span(&on_days), SPAN("weekdays")));
	form_set_choice(
	    self->form, F_PROVIDERS, span_equal(buf_span(&by), SPAN("on")));
	form_set_saved(self->form);
	buf_done(&on_days);
	buf_done(&by);
	store_reader_close(&db);
}

static void
change_choices(const struct form *form, struct setup_changes *changes)
{
	setup_change(changes, "pace.days",
	    span_of(day_words[form_choice(form, F_DAYS)]));
	setup_change(changes, "pace.providers",
	    span_of(provider_words[form_choice(form, F_PROVIDERS)]));
}

static const struct setup_page_kind pace_kind = {
    .title = N_("Pace"),
    .spec = fields,
    .count = F_COUNT,
    .fields = setup_pace_fields,
    .load = load_choices,
    .change = change_choices,
};
static const struct screen_ops pace_ops = SETUP_PAGE_OPS("setup-pace");

void
setup_pace_open(struct app *app)
{
	setup_page_open(app, &pace_ops, &pace_kind);
}
