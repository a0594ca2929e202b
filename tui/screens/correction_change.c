/* Who is meant: the conditions of the correction, in words and as what the
 * selection wants, and the questions that change them. */
#include <time.h>

#include "tui/screens/correction.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { FIXED_FIELDS = 3, CHOICES_MAX = 200 };

static const char *const labels[CONDITIONS] = {
    [BY_STATE] = N_("State"),
    [BY_CLASS] = N_("Reason of a refusal"),
    [BY_FIELD] = N_("Field"),
    [BY_VALUE] = N_("with the value"),
    [BY_FROM] = N_("From (date and time)"),
    [BY_TO] = N_("Until (date and time)"),
    [BY_RELAY] = N_("Relay"),
};

#define STATE(name) (1u << LEDGER_##name)
#define CLASS(name) (1u << OUTCOME_##name)

static const struct {
	const char *label;
	unsigned bits;
} states[] =
    {
	{N_("accepted or in doubt"), STATE(ACCEPTED) | STATE(IN_DOUBT)},
	{N_("accepted"), STATE(ACCEPTED)},
	{N_("in doubt"), STATE(IN_DOUBT)},
	{N_("failed"), STATE(FAILED)},
	{N_("withheld or cancelled"), STATE(WITHHELD) | STATE(CANCELLED)},
	{N_("any"), 0},
},
  classes[] = {
      {N_("any"), 0},
      {N_("the address: unknown, closed, no domain (H1 H2 H3)"),
	  CLASS(H1) | CLASS(H2) | CLASS(H3)},
      {N_("the recipient's settings (H4)"), CLASS(H4)},
      {N_("for now: full, busy, out of time (S X)"),
	  CLASS(S1) | CLASS(S2) | CLASS(S3) | CLASS(S4) | CLASS(X)},
      {N_("about us: text, reputation, relay (P A F T)"),
	  CLASS(P1) | CLASS(P2) | CLASS(P3) | CLASS(A1) | CLASS(A2) |
	      CLASS(A3) | CLASS(F1) | CLASS(F2) | CLASS(T)},
      {N_("not known yet (U)"), CLASS(U)},
};
enum {
	STATES = sizeof states / sizeof *states,
	CLASSES = sizeof classes / sizeof *classes
};

const char *
correction_label(enum condition which)
{
	return _(labels[which]);
}

unsigned
correction_states(const struct correction *self)
{
	return states[self->chosen.state].bits;
}

unsigned
correction_classes(const struct correction *self)
{
	return classes[self->chosen.class].bits;
}

void
correction_add_time(struct buf *out, int64_t at_ms)
{
	if (at_ms)
		format_minute(out, at_ms);
	else
		buf_text(out, _("open"));
}

static const char *
relay_name(const struct correction *self)
{
	const struct correction_work *work = self->work;

	for (size_t i = 0; work && i < work->relays; i++) {
		if (work->relay[i].id == self->chosen.relay)
			return work->relay[i].name;
	}
	return _("any");
}

void
correction_add_condition(
    const struct correction *self, enum condition which, struct buf *out)
{
	const struct correction_chosen *chosen = &self->chosen;

	switch ((int)which) {
	case BY_STATE:
		buf_text(out, _(states[chosen->state].label));
		break;
	case BY_CLASS:
		buf_text(out, _(classes[chosen->class].label));
		break;
	case BY_FIELD:
		if (chosen->field.len)
			buf_add(out, buf_span(&chosen->field));
		else
			buf_text(out, _("any"));
		break;
	case BY_VALUE:
		buf_add(out, buf_span(&chosen->value));
		break;
	case BY_FROM:
		correction_add_time(out, chosen->from_ms);
		break;
	case BY_TO:
		correction_add_time(out, chosen->to_ms);
		break;
	default:
		buf_text(out, relay_name(self));
	}
}

/* ---- Changing a condition ---------------------------------------------------------- */

static void
state_given(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (!answer)
		return;
	((struct correction *)owner)->chosen.state = answer - 1;
	correction_count((struct correction *)owner);
}

static void
class_given(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (!answer)
		return;
	((struct correction *)owner)->chosen.class = answer - 1;
	correction_count((struct correction *)owner);
}

/* Any, name, address, then the list's own. */
static void
field_given(struct screen *owner, int answer, struct span text)
{
	static const char *const fixed[FIXED_FIELDS] = {"", "name", "address"};
	struct correction *self = (struct correction *)owner;
	size_t index = (size_t)answer - 1;

	(void)text;
	if (!answer || !self->work)
		return;
	buf_clear(&self->chosen.field);
	if (index < FIXED_FIELDS)
		buf_text(&self->chosen.field, fixed[index]);
	else if (index - FIXED_FIELDS < self->work->field_count)
		buf_text(&self->chosen.field,
		    self->work->fields[index - FIXED_FIELDS]);
	correction_count(self);
}

static void
value_given(struct screen *owner, int answer, struct span text)
{
	struct correction *self = (struct correction *)owner;

	if (!answer)
		return;
	buf_clear(&self->chosen.value);
	buf_add(&self->chosen.value, text);
	correction_count(self);
}

static void
relay_given(struct screen *owner, int answer, struct span text)
{
	struct correction *self = (struct correction *)owner;
	size_t index = (size_t)answer - 2;

	(void)text;
	if (!answer || !self->work)
		return;
	self->chosen.relay = answer > 1 && index < self->work->relays
				 ? self->work->relay[index].id
				 : 0;
	correction_count(self);
}

/* "2026-11-21" or "2026-11-21 14:34" in local time; 0 for nothing, -1 when it
 * is neither. */
static int64_t
time_of(struct span text)
{
	struct tm tm = {.tm_isdst = -1};
	char line[32];
	const char *rest;

	text = span_trim(text);
	if (!text.len)
		return 0;
	span_text(line, sizeof line, text);
	rest = strptime(line, "%Y-%m-%d", &tm);
	if (rest && *rest)
		rest = strptime(rest, " %H:%M", &tm);
	if (!rest || *rest || text.len >= sizeof line)
		return -1;
	return (int64_t)mktime(&tm) * 1000;
}

static void
check_time(struct span text, struct buf *why)
{
	if (time_of(text) < 0)
		buf_text(why, _("Write it as 2026-11-21 14:34, or nothing."));
}

static void
from_given(struct screen *owner, int answer, struct span text)
{
	if (!answer)
		return;
	((struct correction *)owner)->chosen.from_ms = time_of(text);
	correction_count((struct correction *)owner);
}

static void
to_given(struct screen *owner, int answer, struct span text)
{
	if (!answer)
		return;
	((struct correction *)owner)->chosen.to_ms = time_of(text);
	correction_count((struct correction *)owner);
}

static void
pick_of(struct correction *self, enum condition which)
{
	struct dialog dialog = {.title = _(labels[which]),
	    .done = which == BY_STATE ? state_given : class_given};
	const char *item[STATES + CLASSES];
	size_t n = which == BY_STATE ? (size_t)STATES : (size_t)CLASSES;

	for (size_t i = 0; i < n; i++)
		item[i] = which == BY_STATE ? _(states[i].label)
					    : _(classes[i].label);
	dialog_pick(&self->base, &dialog, item, n,
	    (size_t)(which == BY_STATE ? self->chosen.state
				       : self->chosen.class));
}

static void
pick_field(struct correction *self)
{
	struct dialog dialog = {
	    .title = _(labels[BY_FIELD]), .done = field_given};
	const char *item[CHOICES_MAX] = {_("any"), _("name"), _("address")};
	size_t n = FIXED_FIELDS;

	for (size_t i = 0; i < self->work->field_count && n < CHOICES_MAX; i++)
		item[n++] = self->work->fields[i];
	dialog_pick(&self->base, &dialog, item, n, 0);
}

static void
pick_relay(struct correction *self)
{
	struct dialog dialog = {
	    .title = _(labels[BY_RELAY]), .done = relay_given};
	const char *item[CHOICES_MAX] = {_("any")};
	size_t n = 1;

	for (size_t i = 0; i < self->work->relays && n < CHOICES_MAX; i++)
		item[n++] = self->work->relay[i].name;
	dialog_pick(&self->base, &dialog, item, n, 0);
}

static void
ask_time(struct correction *self, enum condition which)
{
	struct dialog dialog = {
	    .title = _(labels[which]),
	    .text = _("As 2026-11-21 14:34, local time; empty: open. The time "
		      "of the last result of a recipient counts."),
	    .done = which == BY_FROM ? from_given : to_given,
	};
	int64_t at_ms =
	    which == BY_FROM ? self->chosen.from_ms : self->chosen.to_ms;
	struct buf text = BUF_INIT;

	if (at_ms)
		format_minute(&text, at_ms);
	dialog_ask(
	    &self->base, &dialog, LINE_TEXT, buf_span(&text), check_time);
	buf_done(&text);
}

static void
ask_value(struct correction *self)
{
	struct dialog dialog = {
	    .title = _(labels[BY_VALUE]),
	    .text = _("The whole value, as it is in the list. With the field "
		      "\"address\", @example.jp means a domain."),
	    .done = value_given,
	};

	dialog_ask(&self->base, &dialog, LINE_TEXT,
	    buf_span(&self->chosen.value), NULL);
}

void
correction_change(struct correction *self, enum condition which)
{
	switch ((int)which) {
	case BY_STATE:
		pick_of(self, BY_STATE);
		break;
	case BY_CLASS:
		pick_of(self, BY_CLASS);
		break;
	case BY_FIELD:
		pick_field(self);
		break;
	case BY_VALUE:
		ask_value(self);
		break;
	case BY_FROM:
		ask_time(self, BY_FROM);
		break;
	case BY_TO:
		ask_time(self, BY_TO);
		break;
	case BY_RELAY:
		pick_relay(self);
		break;
	default:
		break;
	}
}
