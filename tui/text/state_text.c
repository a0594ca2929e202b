/* States in words.  "Accepted" is never called delivered. */
#include "tui/text/state_text.h"

#include "tui/text/i18n.h"
#include "tui/text/outcome_text.h"

static const char *const words[LEDGER_STATES] = {
    [LEDGER_PLANNED] = N_("planned"),
    [LEDGER_CLAIMED] = N_("in a session"),
    [LEDGER_HANDED] = N_("handed over"),
    [LEDGER_ACCEPTED] = N_("accepted"),
    [LEDGER_DEFERRED] = N_("deferred"),
    [LEDGER_FAILED] = N_("failed"),
    [LEDGER_IN_DOUBT] = N_("in doubt"),
    [LEDGER_WITHHELD] = N_("withheld"),
    [LEDGER_CANCELLED] = N_("cancelled"),
};

static const enum role roles[LEDGER_STATES] = {
    [LEDGER_PLANNED] = ROLE_TEXT,
    [LEDGER_CLAIMED] = ROLE_TEXT,
    [LEDGER_HANDED] = ROLE_TEXT,
    [LEDGER_ACCEPTED] = ROLE_OK,
    [LEDGER_DEFERRED] = ROLE_WARN,
    [LEDGER_FAILED] = ROLE_ERR,
    [LEDGER_IN_DOUBT] = ROLE_ERR,
    [LEDGER_WITHHELD] = ROLE_WARN,
    [LEDGER_CANCELLED] = ROLE_WARN,
};

const char *
state_text(enum ledger_state state)
{
	return (unsigned)state < LEDGER_STATES ? _(words[state]) : "";
}

enum role
state_role(enum ledger_state state)
{
	return (unsigned)state < LEDGER_STATES ? roles[state] : ROLE_TEXT;
}

static const struct {
	const char *word;
	enum role role;
} campaigns[CAMPAIGN_STATES] = {
    [CAMPAIGN_DRAFT] = {N_("draft"), ROLE_TEXT},
    [CAMPAIGN_SEALED] = {N_("sealed"), ROLE_OK},
    [CAMPAIGN_RUNNING] = {N_("sending"), ROLE_INFO},
    [CAMPAIGN_DONE] = {N_("sent"), ROLE_DIM},
    [CAMPAIGN_STOPPED] = {N_("stopped"), ROLE_WARN},
    [CAMPAIGN_TEMPLATE] = {N_("template"), ROLE_TEXT},
};

const char *
campaign_state_text(enum campaign_state state)
{
	return (unsigned)state < CAMPAIGN_STATES ? _(campaigns[state].word)
						 : "";
}

enum role
campaign_state_role(enum campaign_state state)
{
	return (unsigned)state < CAMPAIGN_STATES ? campaigns[state].role
						 : ROLE_TEXT;
}

static const struct {
	const char *word;
	enum role role;
} circles[CIRCLE_COUNT] = {
    [CIRCLE_UNSAID] = {N_("not said"), ROLE_DIM},
    [CIRCLE_STAFF] = {N_("staff"), ROLE_INFO},
    [CIRCLE_PARTNERS] = {N_("partners"), ROLE_OK},
    [CIRCLE_CUSTOMERS] = {N_("customers"), ROLE_WARN},
};

const char *
circle_text(enum circle circle)
{
	return _(circles[(unsigned)circle < CIRCLE_COUNT ? circle : 0].word);
}

enum role
circle_role(enum circle circle)
{
	return circles[(unsigned)circle < CIRCLE_COUNT ? circle : 0].role;
}

const char *
stop_cause_text(enum suppress_cause cause)
{
	static const char *const causes[SUPPRESS_COUNT] = {
	    [SUPPRESS_UNSUBSCRIBED] = N_("unsubscribed"),
	    [SUPPRESS_BOUNCED] = N_("hard bounce"),
	    [SUPPRESS_COMPLAINT] = N_("complaint"),
	    [SUPPRESS_HAND] = N_("by hand"),
	    [SUPPRESS_SOFT] = N_("soft bounce"),
	    [SUPPRESS_ERASED] = N_("erased"),
	    [SUPPRESS_DOMAIN] = N_("whole domain"),
	    [SUPPRESS_IMPORT] = N_("from a file"),
	};

	return cause < SUPPRESS_COUNT ? _(causes[cause]) : "";
}

void
stop_source_text(struct span source, struct buf *out)
{
	const struct span import = SPAN("import ");
	const char *word = outcome_text(outcome_class_find(source));

	if (span_equal(source, SPAN("by hand")))
		buf_text(out, _("by hand"));
	else if (span_equal(source, SPAN("erased")))
		buf_text(out, _("erasure"));
	else if (span_equal(source, SPAN("link")))
		buf_text(out, _("mail link"));
	else if (span_starts(source, import))
		buf_printf(out, _("import %.*s"),
		    (int)(source.len - import.len), source.ptr + import.len);
	else if (*word)
		buf_text(out, word);
	else
		buf_add(out, source);
}
