/* The rules are a table of beginnings and ends of an entry's name; three more
 * need the entry's time or facts.  What a person does many times a day is one
 * item, so that a review is read and not scrolled through. */
#include "core/report/anomaly.h"

#include <stdlib.h>
#include <time.h>

#include "core/base/hours.h"
#include "core/base/mem.h"

enum { PAGE = 500 };

static const char *const names[] = {
    [ANOMALY_HOURS] = "hours",
    [ANOMALY_EXPORT] = "export",
    [ANOMALY_ATTEST] = "attest",
    [ANOMALY_FAILED] = "failed",
    [ANOMALY_BIG_SEND] = "big-send",
    [ANOMALY_POLICY] = "policy",
    [ANOMALY_SEAL] = "seal",
    [ANOMALY_CLOCK] = "clock",
};

const char *
anomaly_name(enum anomaly_rule rule)
{
	return names[rule];
}

/* By the name of an entry; the first row that fits counts. */
static const struct {
	const char *begins, *ends;
	enum anomaly_rule rule;
} by_name[] = {
    {"login.failed", "", ANOMALY_FAILED},
    {"stepup.refused", "", ANOMALY_FAILED},
    {"review.", "_wrong", ANOMALY_FAILED},
    {"review.answer", "", ANOMALY_ATTEST},
    {"review.override", "", ANOMALY_ATTEST},
    {"approval.", "", ANOMALY_ATTEST},
    {"store.key", "", ANOMALY_EXPORT},
    {"evidence.make", "", ANOMALY_EXPORT},
    {"correction.sheet", "", ANOMALY_EXPORT},
    {"personal.", "", ANOMALY_EXPORT},
    {"", ".export", ANOMALY_EXPORT},
    {"campaign.unseal", "", ANOMALY_SEAL},
    {"store.restored", "", ANOMALY_SEAL},
    {"audit.unsealed", "", ANOMALY_SEAL},
    {"relay.", "", ANOMALY_POLICY},
    {"person.", "", ANOMALY_POLICY},
    {"approver.", "", ANOMALY_POLICY},
    {"staff.", "", ANOMALY_POLICY},
    {"dkim.", "", ANOMALY_POLICY},
    {"smime.", "", ANOMALY_POLICY},
    {"keyring.", "", ANOMALY_POLICY},
};

/* Settings whose change makes something less safe or less seen. */
static const char *const policies[] = {"access.", "alert.", "approval.",
    "audit.", "away.", "drill.", "launch.", "lock.", "login.", "mask.",
    "personal.", "pilot.", "send.", "stepup."};

/* What the program does by itself at any hour, and coming and going, which a
 * failure tells of. */
static const char *const no_work[] = {"session.", "store.", "login.", "audit.",
    "alert.", "away.", "run.done", "lock.", "keyring."};

static bool
begins_with(struct span text, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (span_starts(text, span_of(list[i])))
			return true;
	}
	return false;
}

#define BEGINS(text, list)                                                     \
	begins_with(text, list, sizeof(list) / sizeof *(list))

static bool
name_rule(const struct audit_entry *entry, enum anomaly_rule *rule)
{
	if (span_equal(entry->what, SPAN("setting.change"))) {
		*rule = ANOMALY_POLICY;
		return BEGINS(entry->object, policies);
	}
	for (size_t i = 0; i < sizeof by_name / sizeof *by_name; i++) {
		if (span_starts(entry->what, span_of(by_name[i].begins)) &&
		    span_ends(entry->what, span_of(by_name[i].ends))) {
			*rule = by_name[i].rule;
			return true;
		}
	}
	return false;
}

/* ---- Reading -------------------------------------------------------------------- */

struct finder {
	struct hours hours;
	bool has_hours, weekdays_only;
	int64_t big_send;
	int64_t after, last_ms; /* last_ms: of the entry before; 0: none */
	struct anomalies *out;
	size_t oldest; /* items of the day that is being read begin here */
	int day;
};

static void
local_time(int64_t at_ms, struct tm *out)
{
	time_t at = (time_t)(at_ms / 1000);

	localtime_r(&at, out);
}

static bool
is_off_hours(const struct finder *self, const struct audit_entry *entry)
{
	struct tm tm;

	if (BEGINS(entry->what, no_work))
		return false;
	local_time(entry->at_ms, &tm);
	if (self->weekdays_only && (tm.tm_wday == 0 || tm.tm_wday == 6))
		return true;
	return self->has_hours &&
	       !hours_has(self->hours, tm.tm_hour * 60 + tm.tm_min);
}

static bool
is_daily(enum anomaly_rule rule)
{
	return rule == ANOMALY_HOURS || rule == ANOMALY_ATTEST ||
	       rule == ANOMALY_FAILED;
}

/* The person's item of this day, to be counted up. */
static struct anomaly *
same_day(const struct finder *self, enum anomaly_rule rule,
    const struct audit_entry *entry)
{
	for (size_t i = self->oldest; i < self->out->count; i++) {
		struct anomaly *item = &self->out->item[i];

		if (item->rule == rule &&
		    span_equal(span_of(item->who),
			span_slice(entry->who, 0, sizeof item->who - 1)))
			return item;
	}
	return NULL;
}

static void
add(struct finder *self, enum anomaly_rule rule,
    const struct audit_entry *entry)
{
	struct anomalies *out = self->out;
	struct anomaly *item =
	    is_daily(rule) ? same_day(self, rule, entry) : NULL;

	if (item) {
		item->last = entry->seq;
		item->count++;
		return;
	}
	if (out->count == ANOMALY_MAX) {
		out->more = true;
		return;
	}
	out->item = mem_more(out->item, out->count, sizeof *out->item);
	item = &out->item[out->count++];
	*item = (struct anomaly){.rule = rule,
	    .first = entry->seq,
	    .last = entry->seq,
	    .count = 1,
	    .at_ms = entry->at_ms};
	span_text(item->who, sizeof item->who, entry->who);
	span_text(item->what, sizeof item->what, entry->what);
	span_text(item->object, sizeof item->object, entry->object);
}

static bool
is_big_send(const struct finder *self, const struct audit_entry *entry)
{
	struct buf text = BUF_INIT;
	int64_t recipients = 0;

	if (span_equal(entry->what, SPAN("run.start")) &&
	    audit_fact_find(entry->facts, "recipients", &text))
		span_int(buf_span(&text), &recipients);
	buf_done(&text);
	return recipients >= self->big_send;
}

static void
look_at(struct finder *self, const struct audit_entry *entry)
{
	enum anomaly_rule rule;
	struct tm tm;

	local_time(entry->at_ms, &tm);
	if (tm.tm_yday != self->day) {
		self->day = tm.tm_yday;
		self->oldest = self->out->count;
	}
	if (self->last_ms && entry->at_ms < self->last_ms - ANOMALY_CLOCK_MS)
		add(self, ANOMALY_CLOCK, entry);
	self->last_ms = entry->at_ms;
	if (is_off_hours(self, entry))
		add(self, ANOMALY_HOURS, entry);
	if (is_big_send(self, entry))
		add(self, ANOMALY_BIG_SEND, entry);
	if (name_rule(entry, &rule))
		add(self, rule, entry);
}

static int
read_settings(struct finder *self, struct db *db, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = setting_read(db, "audit.hours", &text, err);

	self->has_hours = hours_parse(buf_span(&text), &self->hours);
	buf_clear(&text);
	if (rc == 0)
		rc = setting_read(db, "audit.days", &text, err);
	self->weekdays_only = span_equal(buf_span(&text), SPAN("weekdays"));
	buf_done(&text);
	self->big_send = setting_int(db, "audit.big_send", err);
	return rc == 0 && self->big_send > 0 ? 0 : -1;
}

static int
walk(struct finder *self, struct db *db, const atomic_bool *stop,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT seq, at_ms, who, what, object, facts, hash FROM audit"
	    " WHERE seq > ?1 ORDER BY seq",
	    err);
	int got = -1;

	if (stmt)
		stmt_int(stmt, 1, self->after);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct audit_entry entry = {.seq = stmt_col_int(stmt, 0),
		    .at_ms = stmt_col_int(stmt, 1),
		    .who = stmt_col_text(stmt, 2),
		    .what = stmt_col_text(stmt, 3),
		    .object = stmt_col_text(stmt, 4),
		    .facts = stmt_col_text(stmt, 5)};
		struct span hash = stmt_col_blob(stmt, 6);

		look_at(self, &entry);
		self->out->to = entry.seq;
		if (hash.len == SHA256_LEN)
			memcpy(self->out->end.bytes, hash.ptr, hash.len);
		if (entry.seq % PAGE == 0 && stop && atomic_load(stop)) {
			stmt_reset(stmt);
			return err_set(err, E_CANCELLED);
		}
	}
	return got;
}

int
anomaly_find(struct db *db, int64_t after, const atomic_bool *stop,
    struct anomalies *out, struct err *err)
{
	struct finder self = {.after = after, .out = out, .day = -1};

	*out = (struct anomalies){.from = after + 1};
	if (read_settings(&self, db, err) == 0 &&
	    walk(&self, db, stop, err) == 0)
		return 0;
	free(out->item);
	*out = (struct anomalies){.item = NULL};
	return -1;
}
