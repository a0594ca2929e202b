/* The facts of the launch page.  Neither the number of mails stands here nor
 * what it could be reckoned from: the pilot is told as a share, the time it
 * takes in steps. */
#include "tui/screens/launch_facts.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/text/moment.h"
#include "tui/text/state_text.h"

enum {
	LABEL_COL = 4,
	VALUE_COL = 26,
	MINUTE_S = 60,
	KEY_END = 19, /* four groups of a fingerprint */
	LOGIN_CELLS = 28
};

/* ---- Reading ------------------------------------------------------------------- */

/* How much a level promises. */
static int
strength(enum relay_tls tls)
{
	static const int order[RELAY_TLS_COUNT] = {
	    [RELAY_TLS_NONE] = 0,
	    [RELAY_TLS_OPPORTUNISTIC] = 1,
	    [RELAY_TLS_REQUIRED] = 2,
	    [RELAY_TLS_PIN] = 3,
	    [RELAY_TLS_VERIFY] = 3,
	    [RELAY_TLS_IMPLICIT] = 3,
	};

	return order[tls];
}

static void
add_relay(struct launch_facts *facts, const struct relay_config *relay)
{
	bool first = facts->through.len == 0;

	if (first || strength(relay->tls) < strength(facts->weakest))
		facts->weakest = relay->tls;
	if (first)
		facts->rate_per_s = relay->rate_per_s;
	else if (facts->rate_per_s)
		facts->rate_per_s = relay->rate_per_s
					? facts->rate_per_s + relay->rate_per_s
					: 0;
	buf_printf(&facts->through, "%s%s", first ? "" : ", ", relay->name);
}

static int
read_relays(struct launch_facts *facts, struct db *db, struct err *err)
{
	struct relay_config *relays = NULL;
	size_t count = 0;

	if (relay_all(db, &relays, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (relays[i].enabled)
			add_relay(facts, &relays[i]);
	}
	free(relays);
	return facts->through.len ? 0 : err_set(err, E_RELAY_MISSING);
}

static int
read_policy(struct launch_facts *facts, struct db *db, struct err *err)
{
	struct buf after = BUF_INIT;
	int rc;

	facts->countdown_s = setting_int(db, "launch.countdown", err);
	facts->pilot_percent = setting_int(db, "pilot.percent", err);
	facts->pilot_size = setting_int(db, "pilot.size", err);
	rc = setting_read(db, "pilot.after", &after, err);
	facts->pilot_waits = span_equal(buf_span(&after), SPAN("wait"));
	buf_done(&after);
	if (facts->countdown_s < 0 || facts->pilot_percent < 0 ||
	    facts->pilot_size < 0)
		return -1;
	return rc;
}

static int
read_all(struct job *job, void *data, struct err *err)
{
	struct launch_facts *facts = data;
	struct schedule schedule = {.state = SCHEDULE_STARTED};
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (store_reader_open(facts->store, &db, err) == 0 &&
	    approval_state(facts->store, db, facts->id,
		clock_now_ms(store_clock(facts->store)), &facts->approval,
		err) < 0)
		goto out;
	store_reader_close(&db);
	if (store_view_open(facts->store, &db, err) == 0 &&
	    campaign_read(db, facts->id, &facts->campaign, err) == 0 &&
	    list_find(db, (struct list_id){facts->campaign.list}, &facts->list,
		err) == 0 &&
	    (!facts->campaign.segment ||
		segment_find(
		    db, facts->campaign.segment, &facts->segment, err) == 0) &&
	    read_relays(facts, db, err) == 0 &&
	    read_policy(facts, db, err) == 0 &&
	    schedule_read(db, facts->id, &schedule, err) >= 0)
		rc = seal_read(db, facts->id, &facts->seal, err);
	facts->is_armed =
	    facts->seal.sealed_ms && schedule.state == SCHEDULE_WAITS;
out:
	store_reader_close(&db);
	return rc;
}

void
launch_facts_free(void *data)
{
	struct launch_facts *facts = data;

	if (!facts)
		return;
	campaign_done(&facts->campaign);
	buf_done(&facts->through);
	free(facts);
}

static const struct job_ops facts_job = {
    .run = read_all, .free = launch_facts_free};

int
launch_facts_read(
    struct screen *owner, struct campaign_id campaign, struct err *err)
{
	struct launch_facts *facts = mem_new(sizeof *facts);

	facts->store = app_store(owner->app);
	facts->id = campaign;
	return app_job(owner->app, owner, &facts_job, facts, NULL, err);
}

struct launch_facts *
launch_facts_take(struct launch_facts *from)
{
	struct launch_facts *facts = mem_new(sizeof *facts);

	*facts = *from;
	from->campaign = CAMPAIGN_INIT;
	from->through = (struct buf)BUF_INIT;
	return facts;
}

/* ---- Drawing ------------------------------------------------------------------- */

static const char *
tls_text(enum relay_tls tls)
{
	switch (tls) {
	case RELAY_TLS_VERIFY:
	case RELAY_TLS_IMPLICIT:
	case RELAY_TLS_PIN:
		return _("TLS required, verified");
	case RELAY_TLS_REQUIRED:
		return _("TLS required, not verified");
	case RELAY_TLS_OPPORTUNISTIC:
		return _("TLS when offered");
	case RELAY_TLS_NONE:
	case RELAY_TLS_COUNT:
		break;
	}
	return _("without TLS");
}

static int
row(struct area body, int at, const char *label, const struct buf *value)
{
	draw_str(body, at, LABEL_COL, ROLE_DIM, label);
	draw_fit(body, at, VALUE_COL, body.cols - VALUE_COL - 1, ROLE_TEXT,
	    FIT_END, buf_span(value));
	return at + 1;
}

/* The first of some steps that is long enough, in minutes; 0: none is. */
static int
minutes_of(const struct launch_facts *facts)
{
	static const int steps[] = {5, 15, 30, 60, 120, 240, 480, 960, 1440};
	int64_t seconds;

	if (!facts->rate_per_s)
		return 0;
	seconds = facts->seal.recipients / facts->rate_per_s;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (seconds <= (int64_t)steps[i] * MINUTE_S)
			return steps[i];
	}
	return 0;
}

static void
when_text(const struct launch_facts *facts, struct buf *out)
{
	int64_t at_ms = facts->campaign.send_at_ms;
	int minutes = minutes_of(facts);

	if (at_ms) {
		moment_text(out, at_ms);
		buf_text(out, _(", not after "));
		moment_text(out, schedule_until_ms(&facts->campaign));
		buf_char(out, ' ');
		moment_zone(out, at_ms);
	} else {
		buf_text(out, _("now"));
	}
	if (!minutes)
		return;
	buf_text(out, ", ");
	if (minutes < 60)
		buf_printf(out,
		    P_("takes up to %d minute", "takes up to %d minutes",
			minutes),
		    minutes);
	else
		buf_printf(out,
		    P_("takes up to %d hour", "takes up to %d hours",
			minutes / 60),
		    minutes / 60);
}

static void
pilot_text(const struct launch_facts *facts, struct buf *out)
{
	if (!facts->pilot_percent) {
		buf_text(out, _("none: all leave at once (policy)"));
		return;
	}
	buf_printf(out, _("%d in 100 (at most %d) first; "),
	    (int)facts->pilot_percent, (int)facts->pilot_size);
	buf_text(out, facts->pilot_waits ? _("the rest waits for you")
					 : _("then the rest, if good"));
}

/* Both ends of a fingerprint, or all of it where there is room. */
static void
key_text(const struct launch_facts *facts, int cols, struct buf *out)
{
	struct span key = span_of(facts->approval.key);

	if (cols >= (int)key.len) {
		buf_add(out, key);
		return;
	}
	buf_add(out, span_slice(key, 0, KEY_END));
	buf_text(out, " .. ");
	buf_add(out, span_slice(key, key.len - KEY_END, key.len));
}

/* Who is the second person, with which key, and until when that counts. */
static int
draw_approval(const struct launch_facts *facts, struct area body, int at)
{
	const struct approval_state *approval = &facts->approval;
	struct buf text = BUF_INIT, login = BUF_INIT, until = BUF_INIT;

	if (approval->step == APPROVAL_GIVEN) {
		ui_cut_end(&login, span_of(approval->login), LOGIN_CELLS);
		format_minute(&until, approval->expires_ms);
		buf_printf(&text, _("%s, until %s"), login.ptr, until.ptr);
	} else {
		buf_text(&text, approval->step == APPROVAL_NONE
				    ? _("not needed (policy)")
				    : _("nobody yet"));
	}
	at = row(body, at, _("approved by"), &text);
	buf_clear(&text);
	if (approval->step == APPROVAL_GIVEN) {
		key_text(facts, body.cols - VALUE_COL - 1, &text);
		at = row(body, at, _("with the key"), &text);
	}
	buf_done(&login);
	buf_done(&until);
	buf_done(&text);
	return at;
}

enum launch_approval
launch_facts_approval(const struct launch_facts *facts)
{
	const struct approval_state *approval = &facts->approval;

	if (!facts->campaign.send_at_ms || approval->step != APPROVAL_GIVEN)
		return LAUNCH_APPROVAL_LASTS;
	if (approval->expires_ms <= facts->campaign.send_at_ms)
		return LAUNCH_APPROVAL_ENDS_BEFORE;
	return approval->expires_ms <= schedule_until_ms(&facts->campaign)
		   ? LAUNCH_APPROVAL_ENDS_WITHIN
		   : LAUNCH_APPROVAL_LASTS;
}

static int
draw_warning(const struct launch_facts *facts, struct area body, int at)
{
	struct area narrow = area_cols(body, 0, -4);

	switch (launch_facts_approval(facts)) {
	case LAUNCH_APPROVAL_ENDS_BEFORE:
		return draw_wrapped(narrow, at, LABEL_COL, ROLE_ERR,
		    span_of(_("✗ The approval ends before the time of sending: "
			      "it cannot be armed. Have it approved again.")));
	case LAUNCH_APPROVAL_ENDS_WITHIN:
		return draw_wrapped(narrow, at, LABEL_COL, ROLE_WARN,
		    span_of(_("! The approval ends before the last moment: a "
			      "start that is late will be refused.")));
	case LAUNCH_APPROVAL_LASTS:
		break;
	}
	return draw_wrapped(narrow, at, LABEL_COL, ROLE_WARN,
	    span_of(_("What has left cannot be called back. You can pause or "
		      "stop the rest at any time.")));
}

int
launch_facts_draw(const struct launch_facts *facts, struct area body)
{
	struct buf text = BUF_INIT;
	int at = 1;

	buf_text(&text, facts->list.name);
	if (facts->segment.id)
		buf_printf(&text, " > %s", facts->segment.name);
	buf_printf(&text, "  [%s]", circle_text(facts->list.color));
	at = row(body, at, _("to the list"), &text);
	buf_clear(&text);
	buf_printf(&text, "%.*s <%.*s>",
	    SPAN_ARG(buf_span(&facts->campaign.from_name)),
	    SPAN_ARG(buf_span(&facts->campaign.from_address)));
	at = row(body, at, _("as"), &text);
	at = row(body, at, _("subject"), &facts->campaign.subject);
	buf_clear(&text);
	buf_printf(
	    &text, "%s   %s", facts->through.ptr, tls_text(facts->weakest));
	at = row(body, at, _("through"), &text);
	buf_clear(&text);
	when_text(facts, &text);
	at = row(body, at, _("when"), &text);
	buf_clear(&text);
	pilot_text(facts, &text);
	at = row(body, at, _("pilot"), &text);
	buf_clear(&text);
	if (facts->seal.sealed_ms) {
		buf_printf(&text, "%s, ", facts->seal.by);
		format_minute(&text, facts->seal.sealed_ms);
	} else {
		buf_text(&text, _("nobody yet"));
	}
	at = row(body, at, _("sealed by"), &text);
	at = draw_approval(facts, body, at);
	buf_done(&text);
	return draw_warning(facts, body, at + 1);
}
