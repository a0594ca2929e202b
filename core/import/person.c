/* What one row does to one person.  A no is never lost and never overruled by a
 * yes beside it: whoever the file stops is stopped whatever else the plan says,
 * whoever is on the stop list joins nothing, and of two rows that contradict
 * each other the no counts.  A basis once recorded is evidence and is never
 * overwritten; only its absence is. */
#include "core/import/bulk.h"

#include <stdio.h>

static enum import_state
state_of(const struct commit *commit, const struct csv_person *person)
{
	return person->state > commit->plan->state ? person->state
						   : commit->plan->state;
}

static bool
is_stop(const struct commit *commit, enum import_state state)
{
	return state >= IMPORT_STATE_UNSUBSCRIBED ||
	       (state == IMPORT_STATE_REFUSED &&
		   commit->plan->no == IMPORT_NO_STOP);
}

/* ---- The stop list ----------------------------------------------------- */

/* 1 when the address is on the stop list, or would be by an earlier row. */
static int
find_stopped(struct commit *commit, struct span canon, struct err *err)
{
	struct digest key;

	if (commit->stopping && seen_count(commit->stopping)) {
		suppress_key(commit->store, canon, &key);
		if (seen_has(commit->stopping,
			span_make(key.bytes, sizeof key.bytes)))
			return 1;
	}
	if (!commit->any_stopped)
		return 0;
	return suppress_check(
	    commit->store, commit->db, canon, commit->list, err);
}

static enum suppress_cause
cause_of(enum import_state state)
{
	switch (state) {
	case IMPORT_STATE_BOUNCED:
		return SUPPRESS_BOUNCED;
	case IMPORT_STATE_COMPLAINT:
		return SUPPRESS_COMPLAINT;
	case IMPORT_STATE_UNSUBSCRIBED:
		return SUPPRESS_UNSUBSCRIBED;
	default:
		return SUPPRESS_IMPORT;
	}
}

/* What shows why: the row, and since when if it says so. */
static struct span
evidence_of(struct commit *commit, const struct csv_person *person)
{
	struct buf *text = &commit->text;
	int64_t at_ms = person->stopped_ms;

	buf_clear(text);
	buf_add(text, commit->file);
	buf_printf(text, ":%lld", (long long)person->row->line);
	if (at_ms) {
		buf_char(text, ' ');
		clock_rfc3339(text, at_ms);
	}
	return buf_span(text);
}

/* Where a stop of this import is from; text holds it. */
static struct span
source_of(const struct commit *commit, char text[static 40])
{
	int len = snprintf(text, 40, "import %lld", (long long)commit->import);

	return span_make(text, (size_t)len);
}

static int
enter_stop(struct commit *commit, const struct csv_person *person,
    enum import_state state, struct list_id list, struct err *err)
{
	char source[40];
	struct suppress_entry entry = {
	    .list = list,
	    .cause = cause_of(state),
	    .source = source_of(commit, source),
	    .evidence = evidence_of(commit, person),
	    .later = commit->bulk ? &commit->withdrawn : NULL,
	};

	commit->any_stopped = true;
	return suppress_enter_in(
	    commit->store, commit->db, person->address.canon, &entry, err);
}

int
commit_settle(struct commit *commit, struct err *err)
{
	char source[40];

	return suppress_settle_in(commit->store, commit->db,
	    buf_span(&commit->withdrawn), source_of(commit, source), err);
}

/* Puts an address on the stop list: 0, or -1. */
static int
put_stop(struct commit *commit, const struct csv_person *person,
    enum import_state state, struct list_id list, struct err *err)
{
	struct digest key;

	if (commit->mode == COMMIT_STORE)
		return enter_stop(commit, person, state, list, err) < 0 ? -1
									: 0;
	suppress_key(commit->store, person->address.canon, &key);
	seen_add(commit->stopping, span_make(key.bytes, sizeof key.bytes));
	return 0;
}

/* The scope that the plan gives to a state. */
static struct list_id
scope_of(const struct commit *commit, enum import_state state)
{
	bool all = commit->plan->scope == IMPORT_STOP_ALL ||
		   state == IMPORT_STATE_BOUNCED ||
		   state == IMPORT_STATE_COMPLAINT;

	return all ? (struct list_id){0} : commit->list;
}

/* ---- Storing ----------------------------------------------------------- */

static int
reject(struct verdict *out, enum err_code why)
{
	out->effect = EFFECT_REJECTED;
	out->why = why;
	return 0;
}

/* Somebody who is no contact yet. */
static int
join_new(struct commit *commit, const struct csv_person *person,
    enum consent_basis basis, struct verdict *out, struct err *err)
{
	int64_t contact = db_last_id(commit->db);

	out->effect = EFFECT_FRESH;
	if (known_join(commit, person, contact, basis, err) < 0 ||
	    known_tag(commit, person, contact, err) < 0)
		return -1;
	return 0;
}

/* Somebody who is a contact, of other lists; with IMPORT_NEW nothing that is
 * known is changed. */
static int
join_known(struct commit *commit, const struct csv_person *person,
    const struct known *known, enum consent_basis basis, struct err *err)
{
	if (commit->mode == COMMIT_COUNT)
		return 0;
	if (commit->plan->mode != IMPORT_NEW &&
	    ((known->values_differ &&
		 known_update(commit, person, known->id, err) < 0) ||
		known_tag(commit, person, known->id, err) < 0))
		return -1;
	return known_join(commit, person, known->id, basis, err);
}

/* A member: 1 when something is new, 0 when nothing is, -1. */
static int
change_member(struct commit *commit, const struct csv_person *person,
    const struct known *known, enum consent_basis basis, struct err *err)
{
	bool gains = known->basis == BASIS_NONE && basis != BASIS_NONE;
	int tagged = known_tag(commit, person, known->id, err);

	if (tagged < 0)
		return -1;
	if (commit->mode == COMMIT_STORE) {
		if (known->values_differ &&
		    known_update(commit, person, known->id, err) < 0)
			return -1;
		if (gains &&
		    (known_keep(commit, known->id, BEFORE_BASIS, err) < 0 ||
			known_join(commit, person, known->id, basis, err) < 0))
			return -1;
	}
	return known->values_differ || gains || tagged;
}

static int
store_known(struct commit *commit, const struct csv_person *person,
    const struct known *known, enum consent_basis basis, struct verdict *out,
    struct err *err)
{
	int changed;

	if (!known->member) {
		if (commit->plan->mode == IMPORT_UPDATE)
			return reject(out, E_ROW_UNKNOWN);
		out->effect = EFFECT_FRESH;
		return join_known(commit, person, known, basis, err);
	}
	out->effect = EFFECT_SAME;
	if (commit->plan->mode == IMPORT_NEW)
		return 0;
	changed = change_member(commit, person, known, basis, err);
	if (changed > 0)
		out->effect = EFFECT_CHANGED;
	return changed < 0 ? -1 : 0;
}

/* Adding is tried first: in most files nearly everybody is new. */
static int
store_person(struct commit *commit, const struct csv_person *person,
    enum consent_basis basis, struct verdict *out, struct err *err)
{
	bool joins = commit->plan->mode != IMPORT_UPDATE;
	bool storing = commit->mode == COMMIT_STORE;
	struct known known;
	int got = 0;

	if (joins && storing && !commit->bulk) {
		got = known_add(commit, person, err);
		if (got < 0)
			return -1;
		if (got)
			return join_new(commit, person, basis, out, err);
	}
	if (commit->any_contacts || storing)
		got = known_find(commit, person, commit->guard, &known, err);
	if (got < 0)
		return -1;
	if (got)
		return store_known(commit, person, &known, basis, out, err);
	if (!joins)
		return reject(out, E_ROW_UNKNOWN);
	out->effect = EFFECT_FRESH;
	if (commit->bulk)
		bulk_add(commit->bulk, person, basis);
	return 0;
}

/* ---- Rows that are not plain ------------------------------------------- */

/* A row that says no.  Who is on the list with a basis takes it back by that;
 * nothing else would keep mail from them. */
static int
refuse(struct commit *commit, const struct csv_person *person,
    struct verdict *out, struct err *err)
{
	struct known known = {0};
	int got = known_find(commit, person, NULL, &known, err);

	if (got < 0)
		return -1;
	if (known.member && known.basis != BASIS_NONE) {
		out->effect = EFFECT_SUPPRESSED;
		out->stopped = true;
		return put_stop(
		    commit, person, IMPORT_STATE_REFUSED, commit->list, err);
	}
	if (commit->plan->no == IMPORT_NO_LEAVE)
		return reject(out, E_ROW_NOT_AGREED);
	out->said_no = true;
	return store_person(commit, person, BASIS_NONE, out, err);
}

static int
leave(struct commit *commit, const struct csv_person *person, bool stopped,
    struct verdict *out, struct err *err)
{
	struct known known = {0};

	if (known_find(commit, person, NULL, &known, err) < 0)
		return -1;
	if (known.member) {
		out->effect = EFFECT_CHANGED;
		return commit->mode == COMMIT_STORE
			   ? known_leave(commit, known.id, err)
			   : 0;
	}
	if (!stopped)
		return reject(out, E_ROW_UNKNOWN);
	out->effect = EFFECT_SUPPRESSED;
	return 0;
}

int
commit_person(struct commit *commit, const struct csv_person *person,
    struct verdict *out, struct err *err)
{
	enum import_state state = state_of(commit, person);
	bool stops = is_stop(commit, state);
	int stopped = find_stopped(commit, person->address.canon, err);

	*out = (struct verdict){.effect = EFFECT_SUPPRESSED};
	if (stopped < 0 || (stops && put_stop(commit, person, state,
					 scope_of(commit, state), err) < 0))
		return -1;
	if (commit->plan->mode == IMPORT_REMOVE &&
	    leave(commit, person, stops || stopped, out, err) < 0)
		return -1;
	out->stopped = stops && !stopped && out->effect == EFFECT_SUPPRESSED;
	if (commit->plan->mode == IMPORT_REMOVE || stops || stopped)
		return 0;
	if (state == IMPORT_STATE_REFUSED)
		return refuse(commit, person, out, err);
	return store_person(commit, person, commit->plan->basis, out, err);
}

/* ---- A further row of an address --------------------------------------- */

static bool
is_taken(const struct verdict *verdict)
{
	return verdict->effect <= EFFECT_SAME;
}

/* The last row counts: its values replace those of the ones before.  The
 * verdict on the address stays, but SAME may become CHANGED. */
static int
replace(struct commit *commit, const struct csv_person *person,
    struct verdict *verdict, struct err *err)
{
	bool no = verdict->said_no ||
		  state_of(commit, person) == IMPORT_STATE_REFUSED;
	enum consent_basis basis = no ? BASIS_NONE : commit->plan->basis;
	struct known known;
	int got = known_find(commit, person, commit->guard, &known, err);

	if (got <= 0)
		return got; /* COUNT: would be there by now */
	if (commit->plan->mode == IMPORT_NEW && known.id < commit->made_from)
		return 0;
	if (!known.member)
		return 0;
	got = change_member(commit, person, &known, basis, err);
	if (got == 1 && verdict->effect == EFFECT_SAME)
		verdict->effect = EFFECT_CHANGED;
	return got < 0 ? -1 : 0;
}

int
commit_again(struct commit *commit, const struct csv_person *person,
    struct verdict *verdict, bool *suppressed, struct err *err)
{
	enum import_state state = state_of(commit, person);
	bool stops = is_stop(commit, state);
	bool refuses = state == IMPORT_STATE_REFUSED && is_taken(verdict) &&
		       !verdict->said_no && commit->plan->mode != IMPORT_REMOVE;
	int stopped;

	*suppressed = false;
	if (stops || refuses) {
		stopped = find_stopped(commit, person->address.canon, err);
		if (stopped < 0)
			return -1;
		*suppressed = !stopped;
		if (!stopped)
			verdict->effect = EFFECT_SUPPRESSED;
		return put_stop(commit, person, state,
		    stops ? scope_of(commit, state) : commit->list, err);
	}
	if (commit->plan->wins == IMPORT_FIRST || !is_taken(verdict) ||
	    commit->plan->mode == IMPORT_REMOVE)
		return 0;
	return replace(commit, person, verdict, err);
}
