/* What the checks say that are about: volume, duration and stops. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static void
say_warm_up(const struct check_result *result, struct buf *out)
{
	struct buf text = BUF_INIT;

	if (check_number(result, "plan")) {
		buf_text(out, _("The relays keep to their warm-up plan."));
		return;
	}
	format_count(&text, check_number(result, "limit"));
	buf_printf(out,
	    _("Twice the best day of the last two weeks, at least what Setup "
	      "allows for a first day: %s today."),
	    text.ptr);
	buf_done(&text);
}

static void
say_quota(const struct check_result *result, struct buf *out)
{
	int64_t hour = check_number(result, "quota_hour");
	int64_t day = check_number(result, "quota_day");
	int64_t days = check_number(result, "days");

	if (hour || day)
		buf_printf(out,
		    _("Granted: %lld an hour, %lld a day (0: not said)."),
		    (long long)hour, (long long)day);
	if (days)
		buf_printf(out,
		    P_(" It would take %lld day.", " It would take %lld days.",
			days),
		    (long long)days);
}

static void
say_duration(const struct check_result *result, struct buf *out)
{
	struct span finish = check_fact(result, "finish");
	struct span slowest = check_fact(result, "slowest");

	buf_printf(out, _("Done about %.*s; the slowest part is %.*s."),
	    SPAN_ARG(finish), SPAN_ARG(slowest));
	if (check_number(result, "assumed"))
		buf_printf(out, " %s",
		    _("A relay has no rate: ten a second for each session are "
		      "assumed."));
}

static void
say_stop_rules(const struct check_result *result, struct buf *out)
{
	int64_t relays = check_number(result, "relays");

	buf_printf(out,
	    P_("Guards pause every delivery by themselves, also when its %lld "
	       "relay is gone.",
		"Guards pause every delivery by themselves, also when all "
		"%lld relays are gone.",
		relays),
	    (long long)relays);
}

static const struct check_words words[] = {
    {"PC-01", N_("the volume grows slowly"),
	N_("Receivers distrust a house that sends much more than yesterday. "
	   "Send in parts over some days, give the relays a warm-up plan in "
	   "Setup, or ask for an override."),
	say_warm_up},
    {"PC-02", N_("the relay's quota is enough"),
	N_("What the relays grant in an hour and in a day stands in Setup, "
	   "Policy. Split the list, lower the rate, or correct the number."),
	say_quota},
    {"PC-03", N_("it ends in time, and outside quiet hours"),
	N_("Carriers' phones would ring between 21:00 and 08:00 in Japan. "
	   "Set quiet hours in Setup, start at another time, or say why."),
	say_duration},
    {"PC-04", N_("nobody gets too much mail"),
	N_("Some people already got two mails within a day, or five within "
	   "a week. Leave them out, wait, or say why this one is needed."),
	NULL},
    {"PC-05", N_("the stops are armed"),
	N_("Whoever launches should know the key that stops. Pause any "
	   "delivery once (p in section 4), the demo's will do for learning, "
	   "or say who will stop this one."),
	say_stop_rules},
};

static const struct check_finding findings[] = {
    {"warm_all", N_("more today than the history bears")},
    {"warm_group", N_("more today than this provider is used to")},
    {"quota_unsaid", N_("nobody has said what the relays grant")},
    {"quota_hour", N_("more in an hour than the relays grant")},
    {"quota_day", N_("more in a day than the relays grant")},
    {"night", N_("mail would reach a carrier at night")},
    {"often", N_("somebody would get too many mails")},
    {"untried", N_("you have not paused a delivery for half a year")},
};

const struct check_chapter check_pace = {N_("Pace"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
