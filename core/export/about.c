/* What the law lets a person ask for: which data, from where, on what ground,
 * for what they were used.  One fact a row: section, list or campaign, what, value, time, by
 * whom. */
#include "core/export/about.h"

#include "core/base/mem.h"
#include "core/export/people.h"
#include "core/import/import.h"

struct about {
	struct store *store; /* borrowed, as the next three */
	struct db *db;
	struct sheet *sheet;
	struct span mark;
	struct contact_id contact;
	struct arena *arena;
	struct buf time;
	int64_t rows;
};

struct fact {
	const char *section;
	struct span where; /* list or campaign */
	struct span what, value;
	int64_t at_ms; /* 0: not known */
	struct span by;
};

void
about_name(struct sheet *sheet)
{
	static const char *const headers[] = {
	    "section", "where", "what", "value", "time", "by", OWN_MARK};

	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		sheet_column(sheet, span_of(headers[i]));
}

static int
put(struct about *self, const struct fact *fact, struct err *err)
{
	buf_clear(&self->time);
	if (fact->at_ms)
		clock_rfc3339(&self->time, fact->at_ms);
	sheet_cell(self->sheet, span_of(fact->section));
	sheet_cell(self->sheet, fact->where);
	sheet_cell(self->sheet, fact->what);
	sheet_cell(self->sheet, fact->value);
	sheet_cell(self->sheet, buf_span(&self->time));
	sheet_cell(self->sheet, fact->by);
	self->rows++;
	return sheet_row(self->sheet, self->mark, err);
}

/* A fact without a time; nothing when it has no value. */
static int
put_text(struct about *self, const char *section, struct span where,
    const char *what, struct span value, struct err *err)
{
	if (value.len == 0)
		return 0;
	return put(self,
	    &(struct fact){.section = section,
		.where = where,
		.what = span_of(what),
		.value = value},
	    err);
}

/* ---- The record -------------------------------------------------------- */

static int
put_record(struct about *self, struct err *err)
{
	const struct span none = SPAN("");
	struct contact_draft draft;

	if (contact_read(self->db, self->contact, self->arena, &draft, err) <
		0 ||
	    put_text(self, "record", none, "address", draft.address, err) < 0 ||
	    put_text(self, "record", none, "name", draft.name, err) < 0)
		return -1;
	for (size_t i = 0; i < draft.fields; i++) {
		const struct fact fact = {.section = "field",
		    .what = draft.field[i].name,
		    .value = draft.field[i].value};

		if (put(self, &fact, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < draft.tags; i++) {
		if (put_text(self, "tag", none, "tag", draft.tag[i], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- Evidence ---------------------------------------------------------- */

static const char *
change_word(enum consent_change change)
{
	static const char *const words[CONSENT_CHANGES] = {
	    [CONSENT_GIVEN] = "given",
	    [CONSENT_CONFIRMED] = "confirmed",
	    [CONSENT_REPLACED] = "replaced",
	    [CONSENT_WITHDRAWN] = "withdrawn",
	    [CONSENT_LEFT] = "left",
	    [CONSENT_ERASED] = "erased",
	};

	return change < CONSENT_CHANGES ? words[change] : "";
}

static int
put_event(
    struct about *self, const struct consent_event *event, struct err *err)
{
	const struct consent_evidence *evidence = &event->evidence;
	const struct fact fact = {.section = "consent",
	    .where = event->list_name,
	    .what = span_of(change_word(event->what)),
	    .value = span_of(people_basis_name(evidence->basis)),
	    .at_ms = event->at_ms,
	    .by = event->by};

	if (put(self, &fact, err) < 0 ||
	    (evidence->how &&
		put_text(self, "consent", event->list_name, "how",
		    span_of(consent_how_name(evidence->how)), err) < 0) ||
	    put_text(self, "consent", event->list_name, "note", evidence->note,
		err) < 0 ||
	    put_text(self, "consent", event->list_name, "ip", evidence->ip,
		err) < 0 ||
	    put_text(self, "consent", event->list_name, "paper",
		evidence->paper, err) < 0)
		return -1;
	return put_text(
	    self, "consent", event->list_name, "reason", event->reason, err);
}

/* Lists without a word of evidence are in no history. */
static int
put_lists(struct about *self, struct err *err)
{
	struct stmt *stmt = db_stmt(self->db,
	    "SELECT l.name, m.basis FROM member m JOIN list l ON l.id = m.list"
	    " WHERE m.contact = ?1 ORDER BY l.name",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, self->contact.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (put_text(self, "list", stmt_col_text(stmt, 0), "basis",
			span_of(people_basis_name(
			    (enum consent_basis)stmt_col_int(stmt, 1))),
			err) < 0) {
			got = -1;
			break;
		}
	}
	stmt_reset(stmt);
	return got;
}

static int
put_consent(struct about *self, struct err *err)
{
	struct consent_event *event = NULL;
	size_t count = 0;

	if (consent_history(self->db, (struct list_id){0}, self->contact,
		self->arena, &event, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (put_event(self, &event[i], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- The timeline ------------------------------------------------------ */

static const char *
event_word(enum event_kind event)
{
	static const char *const words[EVENT_KINDS] = {
	    [EVENT_MADE] = "made",
	    [EVENT_EDITED] = "edited",
	    [EVENT_ADDRESS] = "address before",
	    [EVENT_MERGED] = "merged with",
	    [EVENT_UNMERGED] = "merge undone",
	    [EVENT_TRASHED] = "into the trash",
	    [EVENT_RESTORED] = "out of the trash",
	    [EVENT_STOPPED] = "stopped",
	    [EVENT_ALLOWED] = "allowed",
	    [EVENT_REMARK] = "remark",
	    [EVENT_EXPORTED] = "exported",
	};

	return event < EVENT_KINDS ? words[event] : "";
}

/* What came of a mail; the numbers are those of enum ledger_state. */
static const char *
mail_word(int state)
{
	static const char *const words[] = {"planned", "planned", "handed",
	    "accepted", "deferred", "refused", "in doubt"};

	return state >= 0 && (size_t)state < sizeof words / sizeof *words
		   ? words[state]
		   : "not sent";
}

static int
put_moment(struct about *self, const struct moment *moment, struct err *err)
{
	struct fact fact = {.where = moment->what,
	    .value = moment->text,
	    .at_ms = moment->at_ms,
	    .by = moment->by};

	switch (moment->kind) {
	case MOMENT_EVENT:
		fact.section = "event";
		fact.what = span_of(event_word(moment->event));
		break;
	case MOMENT_IMPORTED:
		fact.section = "source";
		fact.what = SPAN("imported from");
		break;
	case MOMENT_CHANGED:
		fact.section = "source";
		fact.what = SPAN("changed from");
		break;
	case MOMENT_LEFT:
	case MOMENT_REMOVED:
		fact.section = "list";
		fact.what = SPAN("left");
		break;
	case MOMENT_MAIL:
		fact.section = "mail";
		fact.what = span_of(mail_word(moment->state));
		fact.value = moment->reply;
		break;
	case MOMENT_STOP:
		fact.section = "stop";
		fact.what = span_of(
		    suppress_cause_name((enum suppress_cause)moment->number));
		break;
	case MOMENT_AGREED: /* among the evidence */
	case MOMENT_EVIDENCE:
	case MOMENT_KINDS:
		return 0;
	}
	return put(self, &fact, err);
}

static int
put_timeline(struct about *self, struct err *err)
{
	struct timeline timeline = {0};
	int rc =
	    timeline_read(self->store, self->db, self->contact, &timeline, err);

	for (size_t i = 0; rc == 0 && i < timeline.count; i++)
		rc = put_moment(self, &timeline.moment[i], err);
	if (rc == 0 && timeline.cut)
		rc = put_text(
		    self, "event", SPAN(""), "cut", SPAN("newest 10000"), err);
	timeline_done(&timeline);
	return rc;
}

int64_t
about_write(struct store *store, struct db *db, struct contact_id contact,
    struct sheet *sheet, struct span mark, struct err *err)
{
	struct about self = {.store = store,
	    .db = db,
	    .sheet = sheet,
	    .mark = mark,
	    .contact = contact,
	    .arena = arena_new()};
	int64_t rows = -1;

	if (put_record(&self, err) == 0 && put_lists(&self, err) == 0 &&
	    put_consent(&self, err) == 0 && put_timeline(&self, err) == 0)
		rows = self.rows;
	arena_free(&self.arena);
	buf_done(&self.time);
	return rows;
}
