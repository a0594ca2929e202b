/* The form of a relay: its fields, its presets, and the way to the store's
 * record and back. */
#include "tui/screens/setup_relay.h"

#include <stdio.h>
#include <time.h>

#include "core/base/mem.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const char *const switch_names[] = {N_("yes"), N_("no"), NULL};
static const char *const tls_names[] = {N_("none (this machine only)"),
    N_("TLS when offered"), N_("TLS, unverified"), N_("STARTTLS, verified"),
    N_("TLS at once, verified"), N_("STARTTLS, pinned key"), NULL};
static const char *const auth_names[] = {N_("the best that is offered"),
    "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "PLAIN",
    "LOGIN", NULL};
/* As relay_presets. */
static const char *const preset_names[RELAY_PRESETS + 1] = {
    N_("any other relay"), N_("Postfix on this machine"),
    N_("Gmail, Google Workspace"), N_("Microsoft 365"), N_("SendGrid"),
    N_("Amazon SES"), N_("none: straight to MX"), NULL};

const struct relay_preset relay_presets[RELAY_PRESETS] = {
    {.id = "",
	.note = N_("Its administrator knows host, port, user and limits."),
	.host = "",
	.port = 587,
	.tls = RELAY_TLS_VERIFY,
	.sessions = 4,
	.per_session = 100},
    {.id = "postfix",
	.note = N_("It takes mail from this machine without sign-in, keeps "
		   "it in its queue and tries again by itself."),
	.host = "127.0.0.1",
	.port = 25,
	.tls = RELAY_TLS_NONE,
	.sessions = 20,
	.per_session = 1000},
    {.id = "google",
	.note = N_("At most 2,000 mails a day (500 without Workspace). Sign "
		   "in with an app password, or by OAuth with a token "
		   "command."),
	.host = "smtp.gmail.com",
	.port = 587,
	.tls = RELAY_TLS_VERIFY,
	.sessions = 2,
	.per_session = 100,
	.rate_per_s = 1},
    {.id = "microsoft",
	.note = N_("At most 30 mails a minute and 3 sessions: for few mails "
		   "only. Passwords are being switched off there; use OAuth "
		   "with a token command."),
	.host = "smtp.office365.com",
	.port = 587,
	.tls = RELAY_TLS_VERIFY,
	.sessions = 2,
	.per_session = 30,
	.rate_per_s = 1},
    {.id = "sendgrid",
	.note = N_("The user is the word apikey, the password an API key "
		   "that may send mail."),
	.host = "smtp.sendgrid.net",
	.user = "apikey",
	.port = 587,
	.tls = RELAY_TLS_VERIFY,
	.sessions = 10,
	.per_session = 1000},
    {.id = "ses",
	.note = N_("Put your region into the host name. User and password "
		   "are SMTP credentials of SES, not an access key; the rate "
		   "is what your account allows."),
	.host = "email-smtp.ap-northeast-1.amazonaws.com",
	.port = 587,
	.tls = RELAY_TLS_VERIFY,
	.sessions = 5,
	.per_session = 50,
	.rate_per_s = 14},
    {.id = "direct",
	.note = N_("Mail goes straight to the servers of each receiver. "
		   "That needs an address of your own that DNS knows both "
		   "ways, port 25 open outwards and a good name; most are "
		   "better off with a relay."),
	.host = "",
	.port = 25,
	.tls = RELAY_TLS_OPPORTUNISTIC,
	.sessions = 20,
	.per_session = 100,
	.kind = RELAY_KIND_DIRECT},
};

/* ---- Checks ------------------------------------------------------------------ */

static void
check_filled(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("This is needed."));
}

static void
check_pin(struct span text, struct buf *why)
{
	struct relay_config scratch = {.pin_count = 0};

	if (span_trim(text).len && relay_pin_add(&scratch, text, NULL) < 0)
		buf_text(why, _("A pin is 44 characters of base64, or 64 "
				"hexadecimal digits."));
}

static void
check_command(struct span text, struct buf *why)
{
	text = span_trim(text);
	if (text.len && text.ptr[0] != '/')
		buf_text(why, _("Its whole path is needed, from / on."));
}

/* Local midnight of "2026-11-25", ms; -1 when it is no day. */
static int64_t
day_of(struct span text)
{
	struct span rest = span_trim(text);
	int64_t year, month, day;
	struct tm tm = {.tm_isdst = -1};

	if (!span_int(span_cut(&rest, '-'), &year) ||
	    !span_int(span_cut(&rest, '-'), &month) || !span_int(rest, &day) ||
	    year < 2000 || year > 9999 || month < 1 || month > 12 || day < 1 ||
	    day > 31)
		return -1;
	tm.tm_year = (int)year - 1900;
	tm.tm_mon = (int)month - 1;
	tm.tm_mday = (int)day;
	return (int64_t)mktime(&tm) * 1000;
}

static void
check_day(struct span text, struct buf *why)
{
	if (span_trim(text).len && day_of(text) < 0)
		buf_text(why, _("Write it as 2026-11-25."));
}

/* ---- Fields ------------------------------------------------------------------- */

static const struct field_spec fields[F_COUNT] = {
    [F_NAME] = {.label = N_("Name"),
	.cols = 20,
	.max = 63,
	.hint = N_("How you call it here."),
	.check = check_filled},
    [F_PRESET] = {.label = N_("Relay of"),
	.kind = FIELD_CHOICE,
	.cols = 26,
	.choices = preset_names,
	.hint = N_("Space: the next one. It fills in what is known of it.")},
    [F_HOST] = {.label = N_("Host"),
	.cols = 44,
	.hint = N_("For example smtp.example.co.jp")},
    [F_PORT] = {.label = N_("Port"),
	.kind = FIELD_NUMBER,
	.cols = 6,
	.max = 5,
	.hint = N_("587 STARTTLS, 465 TLS at once, 25 between servers."),
	.check = check_filled},
    [F_TLS] = {.label = N_("Protection"),
	.kind = FIELD_CHOICE,
	.cols = 26,
	.choices = tls_names,
	.hint = N_("Verified is what you want: only then nobody reads along.")},
    [F_CA] = {.label = N_("CA file"),
	.cols = 44,
	.hint = N_("Empty: the authorities that this system trusts.")},
    [F_SIGN_IN] = {.label = N_("Sign-in"), .kind = FIELD_GAP},
    [F_USER] = {.label = N_("User"),
	.cols = 44,
	.hint = N_("Empty: the relay wants no sign-in.")},
    [F_SECRET] = {.label = N_("Password"),
	.kind = FIELD_SECRET,
	.cols = 30,
	.hint = N_("Kept encrypted. Empty: the one that is stored stays.")},
    [F_AUTH] = {.label = N_("Mechanism"),
	.kind = FIELD_CHOICE,
	.cols = 26,
	.choices = auth_names,
	.hint = N_("Only inside TLS. With SCRAM the password never leaves.")},
    [F_TOKEN] = {.label = N_("Token command"),
	.cols = 44,
	.hint = N_("For OAuth: a program that writes the token. Else empty."),
	.check = check_command},
    [F_POOL] = {.label = N_("Part in a delivery"), .kind = FIELD_GAP},
    [F_ENABLED] = {.label = N_("In use"),
	.kind = FIELD_CHOICE,
	.cols = 6,
	.choices = switch_names},
    [F_SHARE] = {.label = N_("Share"),
	.kind = FIELD_NUMBER,
	.cols = 6,
	.max = 4,
	.hint = N_("2 gets twice as much as 1. 0: only when others are down.")},
    [F_SESSIONS] = {.label = N_("Sessions at once"),
	.kind = FIELD_NUMBER,
	.cols = 6,
	.max = 3,
	.hint = N_("1 to 100.")},
    [F_PER_SESSION] = {.label = N_("Mails per session"),
	.kind = FIELD_NUMBER,
	.cols = 6,
	.max = 5,
	.hint = N_("1 to 10,000.")},
    [F_RATE] = {.label = N_("Mails per second"),
	.kind = FIELD_NUMBER,
	.cols = 6,
	.max = 5,
	.hint = N_("0: as fast as the relay takes them.")},
    [F_TRUST] = {.label = N_("Its key"), .kind = FIELD_GAP},
    [F_PIN] = {.label = N_("Pinned key"),
	.cols = 46,
	.max = 95,
	.hint = N_("Test with a pinned key as protection, then ^P."),
	.check = check_pin},
    [F_PIN_NEXT] = {.label = N_("Its next key"),
	.cols = 46,
	.max = 95,
	.hint = N_("Counts as well: for the day when the key changes."),
	.check = check_pin},
    [F_REQUIRE] = {.label = N_("REQUIRETLS"),
	.kind = FIELD_CHOICE,
	.cols = 6,
	.choices = switch_names,
	.hint = N_("Asks it to pass mail on encrypted and verified only.")},
    [F_WARM_UP] = {.label = N_("Warm-up"), .kind = FIELD_GAP},
    [F_WARM_FROM] = {.label = N_("First day"),
	.cols = 12,
	.max = 10,
	.hint = N_("As 2026-11-25. Empty: no warm-up."),
	.check = check_day},
    [F_WARM_FIRST] = {.label = N_("Mails on that day"),
	.kind = FIELD_NUMBER,
	.cols = 8,
	.max = 8},
    [F_WARM_PERCENT] = {.label = N_("More each day, %"),
	.kind = FIELD_NUMBER,
	.cols = 6,
	.max = 3,
	.hint = N_("50: each day half as much again as the day before.")},
};

struct form *
relay_form_new(void)
{
	return form_new(fields, F_COUNT);
}

/* ---- From the record ------------------------------------------------------------ */

static void
set_int(struct form *form, int field, int value)
{
	char text[16];

	snprintf(text, sizeof text, "%d", value);
	form_set(form, field, span_of(text));
}

/* 0 of a plan that does not exist is nothing to be read. */
static void
set_plan(struct form *form, const struct relay_config *relay)
{
	struct buf day = BUF_INIT;

	if (relay->warm_from_ms)
		format_date(&day, relay->warm_from_ms);
	form_set(form, F_WARM_FROM, buf_span(&day));
	form_set(form, F_WARM_FIRST, SPAN(""));
	form_set(form, F_WARM_PERCENT, SPAN(""));
	if (relay->warm_from_ms) {
		set_int(form, F_WARM_FIRST, relay->warm_first);
		set_int(form, F_WARM_PERCENT, relay->warm_percent);
	}
	buf_done(&day);
}

static void
set_pins(struct form *form, const struct relay_config *relay)
{
	static const int places[RELAY_PINS] = {F_PIN, F_PIN_NEXT};

	for (int i = 0; i < RELAY_PINS; i++) {
		struct buf text = BUF_INIT;

		if (i < relay->pin_count)
			relay_pin_text(&relay->pins[i], &text);
		form_set(form, places[i], buf_span(&text));
		buf_done(&text);
	}
}

static int
preset_of(const struct relay_config *relay)
{
	for (int i = 0; i < RELAY_PRESETS; i++) {
		if (relay->kind == RELAY_KIND_DIRECT
			? relay_presets[i].kind == RELAY_KIND_DIRECT
			: !strcmp(relay_presets[i].id, relay->preset))
			return i;
	}
	return 0;
}

void
relay_form_show(struct form *form, const struct relay_config *relay)
{
	form_set(form, F_NAME, span_of(relay->name));
	form_set_choice(form, F_PRESET, preset_of(relay));
	form_set(form, F_HOST, span_of(relay->host));
	set_int(form, F_PORT, relay->port);
	form_set_choice(form, F_TLS, (int)relay->tls);
	form_set(form, F_CA, span_of(relay->ca_file));
	form_set(form, F_USER, span_of(relay->user));
	form_set_choice(form, F_AUTH, (int)relay->auth);
	form_set(form, F_TOKEN, span_of(relay->token_command));
	form_set_choice(form, F_ENABLED, relay->enabled ? 0 : 1);
	set_int(form, F_SHARE, relay->share);
	set_int(form, F_SESSIONS, relay->sessions);
	set_int(form, F_PER_SESSION, relay->per_session);
	set_int(form, F_RATE, relay->rate_per_s);
	set_pins(form, relay);
	form_set_choice(form, F_REQUIRE, relay->require_tls ? 0 : 1);
	set_plan(form, relay);
	form_set_saved(form);
}

/* ---- To the record ---------------------------------------------------------------- */

static void
copy_text(const struct form *form, int field, char *to, size_t room)
{
	span_text(to, room, span_trim(form_text(form, field)));
}

static int
take_int(const struct form *form, int field)
{
	struct span text = form_text(form, field);
	int64_t value = 0;

	if (text.len == 0)
		return 0;
	if (!span_int(text, &value) || value > 100000000)
		return -1;
	return (int)value;
}

static void
take_pin(const struct form *form, int field, struct relay_config *out)
{
	struct span text = span_trim(form_text(form, field));

	if (text.len)
		relay_pin_add(out, text, NULL);
}

const struct relay_preset *
relay_form_preset(const struct form *form)
{
	return &relay_presets[form_choice(form, F_PRESET)];
}

void
relay_form_take(const struct form *form, struct relay_config *out)
{
	const struct relay_preset *preset = relay_form_preset(form);
	struct span day = span_trim(form_text(form, F_WARM_FROM));

	*out = (struct relay_config){.kind = preset->kind};
	copy_text(form, F_NAME, out->name, sizeof out->name);
	span_text(out->preset, sizeof out->preset, span_of(preset->id));
	out->port = take_int(form, F_PORT);
	out->tls = (enum relay_tls)form_choice(form, F_TLS);
	copy_text(form, F_CA, out->ca_file, sizeof out->ca_file);
	out->enabled = form_choice(form, F_ENABLED) == 0;
	out->share = take_int(form, F_SHARE);
	out->sessions = take_int(form, F_SESSIONS);
	out->per_session = take_int(form, F_PER_SESSION);
	out->rate_per_s = take_int(form, F_RATE);
	out->require_tls = form_choice(form, F_REQUIRE) == 0;
	out->warm_from_ms = day.len ? day_of(day) : 0;
	out->warm_first = take_int(form, F_WARM_FIRST);
	out->warm_percent = take_int(form, F_WARM_PERCENT);
	if (preset->kind == RELAY_KIND_DIRECT)
		return;
	copy_text(form, F_HOST, out->host, sizeof out->host);
	copy_text(form, F_USER, out->user, sizeof out->user);
	out->auth = (enum relay_auth)form_choice(form, F_AUTH);
	copy_text(form, F_TOKEN, out->token_command, sizeof out->token_command);
	take_pin(form, F_PIN, out);
	take_pin(form, F_PIN_NEXT, out);
	if (form_text(form, F_SECRET).len)
		out->secret = form_secret(form, F_SECRET);
}

/* ---- Filling in ---------------------------------------------------------------------- */

void
relay_form_fill(struct form *form)
{
	const struct relay_preset *preset = relay_form_preset(form);

	form_set(form, F_HOST, span_of(preset->host));
	form_set(form, F_USER, span_of(preset->user ? preset->user : ""));
	set_int(form, F_PORT, preset->port);
	form_set_choice(form, F_TLS, (int)preset->tls);
	form_set_choice(form, F_AUTH, (int)preset->auth);
	set_int(form, F_SESSIONS, preset->sessions);
	set_int(form, F_PER_SESSION, preset->per_session);
	set_int(form, F_RATE, preset->rate_per_s);
	/* straight to MX only after somebody has said so */
	form_set_choice(
	    form, F_ENABLED, preset->kind == RELAY_KIND_DIRECT ? 1 : 0);
	form_set_changed(form);
}

void
relay_form_pin(struct form *form, const struct digest *key)
{
	struct buf text = BUF_INIT;
	int place = form_text(form, F_PIN).len ? F_PIN_NEXT : F_PIN;

	relay_pin_text(key, &text);
	if (!span_equal(form_text(form, F_PIN), buf_span(&text)))
		form_set(form, place, buf_span(&text));
	if (form_choice(form, F_TLS) != RELAY_TLS_IMPLICIT)
		form_set_choice(form, F_TLS, RELAY_TLS_PIN);
	form_set_changed(form);
	buf_done(&text);
}
