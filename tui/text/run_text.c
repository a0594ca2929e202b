/* What happens to relays and groups, as sentences.  An event names whom it is
 * about, what was done, until when, and why in the words of the error. */
#include "tui/text/run_text.h"

#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const struct {
	const char *word;
	enum role role;
} states[RUN_PART_STATES] = {
    [RUN_PART_UP] = {N_("in use"), ROLE_OK},
    [RUN_PART_STANDBY] = {N_("stand-by"), ROLE_DIM},
    [RUN_PART_RESTING] = {N_("resting"), ROLE_WARN},
    [RUN_PART_SUSPENDED] = {N_("waiting"), ROLE_WARN},
    [RUN_PART_STOPPED] = {N_("stopped"), ROLE_ERR},
    [RUN_PART_HELD] = {N_("held"), ROLE_WARN},
};

void
part_state_text(const struct run_part *part, int64_t now_ms, struct buf *out)
{
	if ((unsigned)part->state >= RUN_PART_STATES)
		return;
	buf_text(out, _(states[part->state].word));
	if (part->until_ms <= now_ms)
		return;
	buf_char(out, ' ');
	format_span(out, part->until_ms - now_ms);
}

enum role
part_role(enum run_part_state state)
{
	return (unsigned)state < RUN_PART_STATES ? states[state].role
						 : ROLE_TEXT;
}

static const struct {
	const char *word;
	enum role role;
} kinds[RUN_EVENT_KINDS] = {
    [RUN_EVENT_RESTED] = {N_("rests"), ROLE_WARN},
    [RUN_EVENT_RETURNED] = {N_("is back"), ROLE_TEXT},
    [RUN_EVENT_STOPPED] = {N_("is out until somebody mends it"), ROLE_ERR},
    [RUN_EVENT_SLOWED] = {N_("half the speed"), ROLE_WARN},
    [RUN_EVENT_RECOVERED] = {N_("full speed again"), ROLE_TEXT},
    [RUN_EVENT_SUSPENDED] = {N_("gets nothing for a while"), ROLE_WARN},
    [RUN_EVENT_RESUMED] = {N_("goes on"), ROLE_TEXT},
    [RUN_EVENT_GUARD] = {N_("paused by a guard"), ROLE_ERR},
    [RUN_EVENT_PACE] = {N_("the operator changed the pace"), ROLE_TEXT},
    [RUN_EVENT_WINDOW] = {N_("outside the hours for sending"), ROLE_WARN},
    [RUN_EVENT_PILOT] = {N_("the pilot's replies are good: the rest goes"),
	ROLE_OK},
    [RUN_EVENT_CHANGED] = {N_("a mail differs from the sealed one: withheld"),
	ROLE_ERR},
    [RUN_EVENT_STALL] = {N_("no result for a minute, though mail is ready"),
	ROLE_ERR},
};

void
event_text(const struct run_event *event, struct buf *out)
{
	if ((unsigned)event->kind >= RUN_EVENT_KINDS)
		return;
	if (*event->name)
		buf_printf(out, "%s: ", event->name);
	buf_text(out, _(kinds[event->kind].word));
	if (event->until_ms > event->at_ms) {
		buf_text(out, ", ");
		format_span(out, event->until_ms - event->at_ms);
	}
	if (event->why.code != E_NONE) {
		buf_text(out, ": ");
		err_text(&event->why, out);
	}
}

enum role
event_role(enum run_event_kind kind)
{
	return (unsigned)kind < RUN_EVENT_KINDS ? kinds[kind].role : ROLE_TEXT;
}

void
reply_time_text(int ms, struct buf *out)
{
	if (ms < 0)
		return;
	if (ms < 1000)
		buf_printf(out, "%d ms", ms);
	else if (ms < 100 * 1000)
		buf_printf(out, "%d.%d s", ms / 1000, ms % 1000 / 100);
	else
		buf_printf(out, "%d s", ms / 1000);
}
