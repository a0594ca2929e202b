/* The third step of the import wizard: what is asked once for the whole file. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/i18n.h"

enum { NOTE_OCTETS = 1000 };

static const char *const modes[] = {
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

static const char *const bases[] = {
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
	.choices = modes,
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
	.choices = bases,
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
	bool consent = form_choice(self->rules, RULES_BASIS) == BASIS_CONSENT;

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

void
wizard_rules_draw(struct wizard *self, struct area body)
{
	draw_str(body, 0, 1, ROLE_TEXT,
	    _("What the file does, and on what basis its people may be "
	      "mailed:"));
	form_draw(self->rules, area_rows(body, 2, -2), FOCUS_ON);
	if (self->fault.len > 0)
		wizard_draw_fault(self, area_rows(body, body.rows - 3, -1));
}
