/* The third step of the import wizard: what is asked once for the whole file. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/i18n.h"

enum { NOTE_OCTETS = 1000, EVIDENCE_NAMED = 3, SAID_ROWS = 2 };

const char *const wizard_modes[] = {
    [IMPORT_BOTH] = N_("add new people, update known ones"),
    [IMPORT_NEW] = N_("only add new people"),
    [IMPORT_UPDATE] = N_("only update people on the list"),
    [IMPORT_REMOVE] = N_("take them off the list"),
    NULL,
};

static const char *const wins[] = {
    [IMPORT_FIRST] = N_("the first row counts"),
    [IMPORT_LAST] = N_("the last row counts"),
    NULL,
};

static const char *const nos[] = {
    [IMPORT_NO_BARE] = N_("store without a basis: never mailed"),
    [IMPORT_NO_LEAVE] = N_("leave out"),
    [IMPORT_NO_STOP] = N_("put on the stop list"),
    NULL,
};

static const char *const states[] = {
    [IMPORT_STATE_UNSAID] = N_("as the columns say"),
    [IMPORT_STATE_SUBSCRIBED] = N_("subscribed"),
    [IMPORT_STATE_REFUSED] = N_("people who did not agree"),
    [IMPORT_STATE_UNSUBSCRIBED] = N_("unsubscribed: to the stop list"),
    [IMPORT_STATE_BOUNCED] = N_("bounced: to the stop list"),
    [IMPORT_STATE_COMPLAINT] = N_("complained: to the stop list"),
    [IMPORT_STATE_BLOCKED] = N_("blocked: to the stop list"),
    NULL,
};

static const char *const scopes[] = {
    [IMPORT_STOP_ALL] = N_("for all lists"),
    [IMPORT_STOP_LIST] = N_("for this list"),
    NULL,
};

const char *const wizard_bases[] = {
    [BASIS_NONE] = N_("none: stored, never mailed"),
    [BASIS_CONSENT] = N_("consent: they agreed beforehand"),
    [BASIS_CARD] = N_("card: they gave their address in writing"),
    [BASIS_BUSINESS] = N_("business: they are customers"),
    [BASIS_PUBLISHED] = N_("published: by a business, without \"no ads\""),
    NULL,
};

static void
check_date(struct span text, struct buf *why)
{
	int64_t at;

	if (span_trim(text).len > 0 && !wizard_date(text, &at))
		buf_text(why, _("Write it as 2026-04-01, or leave it empty."));
}

const struct field_spec wizard_rules_fields[RULES_FIELDS] = {
    [RULES_MODE] = {.label = N_("What the file does"),
	.kind = FIELD_CHOICE,
	.cols = 48,
	.choices = wizard_modes,
	.hint = N_("Space and the arrows choose.")},
    [RULES_WINS] = {.label = N_("Twice in the file"),
	.kind = FIELD_CHOICE,
	.cols = 48,
	.choices = wins},
    [RULES_STATE] = {.label = N_("People in it are"),
	.kind = FIELD_CHOICE,
	.cols = 48,
	.choices = states,
	.hint = N_("For a file that holds nothing but unsubscribed or "
		   "bounced people.")},
    [RULES_NO] = {.label = N_("Who did not agree"),
	.kind = FIELD_CHOICE,
	.cols = 48,
	.choices = nos},
    [RULES_SCOPE] = {.label = N_("Unsubscribed are stopped"),
	.kind = FIELD_CHOICE,
	.cols = 48,
	.choices = scopes,
	.hint = N_("Bounces and complaints always for all lists.")},
    [RULES_BASIS] = {.label = N_("Basis"),
	.kind = FIELD_CHOICE,
	.cols = 48,
	.choices = wizard_bases,
	.hint = N_("Space and the arrows choose.")},
    [RULES_WHEN] = {.label = N_("Since"),
	.kind = FIELD_TEXT,
	.max = 10,
	.cols = 12,
	.check = check_date,
	.hint = N_("The day it was given, as 2026-04-01; empty: not known.")},
    [RULES_HOW] = {.label = N_("How given"),
	.kind = FIELD_TEXT,
	.max = NOTE_OCTETS,
	.hint = N_("Form, page, place: what you could show if asked.")},
    [RULES_WORDING] = {.label = N_("Wording"),
	.kind = FIELD_CHOICE,
	.cols = 48,
	.hint = N_("What they agreed to; Setup, Wordings keeps the texts.")},
};

bool
wizard_rules_check(struct wizard *self)
{
	bool consent = form_choice(self->rules, RULES_BASIS) == BASIS_CONSENT &&
		       form_choice(self->rules, RULES_MODE) != IMPORT_REMOVE;

	if (form_check(self->rules) >= 0)
		return false;
	if (!consent || span_trim(form_text(self->rules, RULES_HOW)).len > 0)
		return true;
	form_set_focus(self->rules, RULES_HOW);
	form_set_error(self->rules, RULES_HOW,
	    _("Say how they agreed: this is the proof of consent."));
	return false;
}

/* "not known", then every version, the newest of a name first; the first of
 * them is what most will want. */
void
wizard_rules_set_wordings(struct wizard *self, struct work *work)
{
	const char **names = mem_array(work->wording_count + 1, sizeof *names);
	struct buf *text = mem_array(work->wording_count + 1, sizeof *text);
	bool first = !self->wordings;

	free(self->wordings);
	self->wordings = work->wordings;
	self->wording_count = work->wording_count;
	work->wordings = NULL;
	names[0] = _("not known");
	for (size_t i = 0; i < self->wording_count; i++) {
		buf_printf(&text[i], _("%s, version %lld"),
		    self->wordings[i].name,
		    (long long)self->wordings[i].version);
		names[i + 1] = text[i].ptr;
	}
	form_set_choices(
	    self->rules, RULES_WORDING, names, self->wording_count + 1);
	if (first)
		form_set_choice(
		    self->rules, RULES_WORDING, self->wording_count > 0);
	for (size_t i = 0; i < self->wording_count; i++)
		buf_done(&text[i]);
	free(text);
	free(names);
}

static int64_t
wording(const struct wizard *self)
{
	int choice = form_choice(self->rules, RULES_WORDING);

	if (choice < 1 || (size_t)choice > self->wording_count)
		return 0;
	return self->wordings[choice - 1].id;
}

void
wizard_rules_fill(const struct wizard *self, struct work *work)
{
	struct import_plan *plan = &work->plan;
	const struct form *rules = self->rules;

	work->note = mem_text(form_text(rules, RULES_HOW));
	plan->mode = (enum import_mode)form_choice(rules, RULES_MODE);
	plan->wins = (enum import_wins)form_choice(rules, RULES_WINS);
	plan->state = (enum import_state)form_choice(rules, RULES_STATE);
	plan->no = (enum import_no)form_choice(rules, RULES_NO);
	plan->scope = (enum import_scope)form_choice(rules, RULES_SCOPE);
	plan->wording = wording(self);
	plan->basis = (enum consent_basis)form_choice(rules, RULES_BASIS);
	plan->basis_note = span_of(work->note);
	if (!wizard_date(form_text(rules, RULES_WHEN), &plan->basis_at_ms))
		plan->basis_at_ms = 0;
}

/* ---- What is asked, and what is offered ------------------------------------- */

void
wizard_rules_show(struct wizard *self)
{
	struct form *rules = self->rules;
	bool leave = form_choice(rules, RULES_MODE) == IMPORT_REMOVE;
	int basis = form_choice(rules, RULES_BASIS);
	const bool seen[RULES_FIELDS] = {
	    [RULES_MODE] = true,
	    [RULES_WINS] = !leave,
	    [RULES_STATE] = true,
	    [RULES_NO] = !leave,
	    [RULES_SCOPE] = true,
	    [RULES_BASIS] = !leave,
	    [RULES_WHEN] = !leave && basis != BASIS_NONE,
	    [RULES_HOW] = !leave && basis != BASIS_NONE,
	    [RULES_WORDING] = !leave && basis == BASIS_CONSENT,
	};

	for (int i = 0; i < RULES_FIELDS; i++)
		form_set_seen(rules, i, seen[i] ? FIELD_SEEN : FIELD_HIDDEN);
}

static bool
says_yes(const struct import_column *column)
{
	int values = column->values <= IMPORT_VALUES ? column->values : 0;

	for (int i = 0; i < values; i++) {
		if (column->value[i].state == IMPORT_STATE_SUBSCRIBED)
			return true;
	}
	return false;
}

/* A column that shows that somebody has agreed. */
static bool
is_evidence(const struct import_column *column)
{
	switch (column->target) {
	case IMPORT_AGREED_AT:
	case IMPORT_CONFIRMED_AT:
	case IMPORT_AGREED_IP:
	case IMPORT_AGREED_HOW:
	case IMPORT_PAPER:
		return column->signs.filled > 0;
	case IMPORT_AGREED:
		return says_yes(column);
	default:
		return false;
	}
}

static void
find_evidence(struct wizard *self)
{
	const struct import_column *column;
	size_t count;
	int found = 0;

	buf_clear(&self->because);
	column = import_columns(self->held->import, &count);
	for (size_t i = 0; i < count && found < EVIDENCE_NAMED; i++) {
		if (!is_evidence(&column[i]))
			continue;
		if (found++ > 0)
			buf_text(&self->because, ", ");
		if (column[i].header[0])
			buf_text(&self->because, column[i].header);
		else
			buf_printf(&self->because, _("column %d"), (int)i + 1);
	}
}

void
wizard_rules_offer(struct wizard *self)
{
	struct buf how = BUF_INIT;
	bool had = self->because.len > 0;

	if (!self->basis_touched) {
		find_evidence(self);
		if (self->because.len > 0)
			buf_printf(
			    &how, _("as the file says: %s"), self->because.ptr);
		if (had || self->because.len > 0) {
			form_set_choice(self->rules, RULES_BASIS,
			    self->because.len ? BASIS_CONSENT : BASIS_NONE);
			form_set(self->rules, RULES_HOW, buf_span(&how));
		}
	}
	buf_done(&how);
	wizard_rules_show(self);
}

/* What follows from the basis, in a sentence; false: nothing to say. */
static bool
consequence(const struct wizard *self, struct buf *out)
{
	const struct form *rules = self->rules;

	if (form_choice(rules, RULES_MODE) == IMPORT_REMOVE ||
	    form_choice(rules, RULES_STATE) >= IMPORT_STATE_UNSUBSCRIBED)
		return false;
	if (form_choice(rules, RULES_BASIS) == BASIS_NONE) {
		buf_text(out, _("! Without a basis nobody who joins by this "
				"file can be mailed."));
		return true;
	}
	if (!self->basis_touched && self->because.len > 0) {
		buf_printf(out,
		    _("Consent is chosen because the file says how people "
		      "agreed (%s). Change it if that is not so."),
		    self->because.ptr);
		return true;
	}
	return false;
}

void
wizard_rules_draw(struct wizard *self, struct area body)
{
	struct buf text = BUF_INIT;
	bool none = form_choice(self->rules, RULES_BASIS) == BASIS_NONE;
	bool leave = form_choice(self->rules, RULES_MODE) == IMPORT_REMOVE;

	draw_str(body, 0, 1, ROLE_TEXT,
	    leave ? _("Who is in the file leaves the list. Nobody joins.")
		  : _("What the file does, and on what basis its people may be "
		      "mailed:"));
	form_draw(self->rules, area_rows(body, 2, -2 - SAID_ROWS), FOCUS_ON);
	if (self->fault.len > 0)
		wizard_draw_fault(
		    self, area_rows(body, body.rows - SAID_ROWS, -1));
	else if (consequence(self, &text))
		draw_wrapped(
		    area_cols(
			area_rows(body, body.rows - SAID_ROWS, -1), 1, -2),
		    0, 0, none ? ROLE_WARN : ROLE_INFO, buf_span(&text));
	buf_done(&text);
}
