/* What the doctor found, kept.  A turn is written when what is known of a
 * subject differs from what was known of it last: an answer that failed to come
 * in between is no turn, so that a record which was missing before a network
 * was down and is there after it turns once, and at the right time. */
#include "core/health/doctor.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/buf.h"

enum { HOUR_MS = 3600000 };

/* What is known of one subject in a report. */
struct known {
	enum doctor_topic topic;
	struct span subject;
	enum doctor_sign sign;
	bool unsure; /* something about it could not be evaluated */
	struct buf codes;
};

struct ledger {
	struct known *known;
	size_t count;
};

/* ---- From findings to what is known ------------------------------------------ */

static struct known *
known_of(struct ledger *ledger, enum doctor_topic topic, struct span subject)
{
	struct known *known;

	for (size_t i = 0; i < ledger->count; i++) {
		known = &ledger->known[i];
		if (known->topic == topic &&
		    span_equal(known->subject, subject))
			return known;
	}
	ledger->known =
	    mem_more(ledger->known, ledger->count, sizeof *ledger->known);
	known = &ledger->known[ledger->count++];
	*known = (struct known){.topic = topic, .subject = subject};
	return known;
}

/* Adds a code once; two addresses that pass are no more than one. */
static void
add_code(struct known *known, enum doctor_code code)
{
	struct span rest = buf_span(&known->codes);
	const char *name = doctor_code_name(code);

	while (rest.len) {
		if (span_equal(span_cut(&rest, ' '), span_of(name)))
			return;
	}
	buf_text(&known->codes, known->codes.len ? " " : "");
	buf_text(&known->codes, name);
}

static void
ledger_fill(struct ledger *ledger, const struct doctor_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct doctor_finding *finding = &report->finding[i];
		struct known *known;

		/* predictions follow from the rest */
		if (finding->topic == DOCTOR_RECEIVER)
			continue;
		known = known_of(ledger, finding->topic, finding->subject);
		if (finding->sign == DOCTOR_UNKNOWN) {
			known->unsure = true;
			continue;
		}
		add_code(known, finding->code);
		if (finding->sign > known->sign)
			known->sign = finding->sign;
	}
}

static void
ledger_done(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->count; i++)
		buf_done(&ledger->known[i].codes);
	free(ledger->known);
}

/* ---- Turns ------------------------------------------------------------------------ */

struct keeping {
	struct db *db;
	const struct doctor_report *report;
	int64_t at_ms;
	struct ledger ledger;
	int64_t worse, better;
};

/* How bad a sign is: what is worth knowing is as good as good. */
static int
weight(enum doctor_sign sign)
{
	return sign <= DOCTOR_NOTE ? 0 : (int)sign;
}

static int
add_turn(struct keeping *keeping, const struct known *known, struct span before,
    enum doctor_sign sign_before, struct err *err)
{
	struct stmt *stmt = db_stmt(keeping->db,
	    "INSERT INTO doctor_history(at_ms, topic, subject, before, after,"
	    " sign_before, sign, seen) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	    err);
	int was = weight(sign_before), is = weight(known->sign);
	/* what one sees for the first time is shown as a finding, not as
	 * news */
	bool news = before.len && known->codes.len && was != is;

	if (!stmt)
		return -1;
	keeping->worse += news && is > was;
	keeping->better += news && is < was;
	stmt_int(stmt, 1, keeping->at_ms);
	stmt_text(stmt, 2, span_of(doctor_topic_name(known->topic)));
	stmt_text(stmt, 3, known->subject);
	stmt_text(stmt, 4, before);
	stmt_text(stmt, 5, buf_span(&known->codes));
	stmt_int(stmt, 6, sign_before);
	stmt_int(stmt, 7, known->sign);
	stmt_int(stmt, 8, !news);
	return stmt_run(stmt, err);
}

/* Compares with the last turn of the subject; 1 when there was one. */
static int
read_last(struct db *db, const struct known *known, struct buf *codes,
    enum doctor_sign *sign, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT after, sign FROM doctor_history WHERE topic = ?1"
	    " AND subject = ?2 ORDER BY id DESC LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(doctor_topic_name(known->topic)));
	stmt_text(stmt, 2, known->subject);
	got = stmt_step(stmt, err);
	if (got == 1) {
		buf_add(codes, stmt_col_text(stmt, 0));
		*sign = (enum doctor_sign)stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	return got;
}

static int
keep_known(struct keeping *keeping, const struct known *known, struct err *err)
{
	struct buf before = BUF_INIT;
	enum doctor_sign sign = DOCTOR_GOOD;
	int rc = read_last(keeping->db, known, &before, &sign, err);

	if (rc >= 0)
		rc = span_equal(buf_span(&before), buf_span(&known->codes))
			 ? 0
			 : add_turn(
			       keeping, known, buf_span(&before), sign, err);
	buf_done(&before);
	return rc;
}

/* A fault that is known stays known while an answer is missing that might have
 * told more; what is missing altogether is not known. */
static int
keep_all_known(struct keeping *keeping, struct err *err)
{
	for (size_t i = 0; i < keeping->ledger.count; i++) {
		const struct known *known = &keeping->ledger.known[i];

		if (known->unsure &&
		    (!known->codes.len || weight(known->sign) == 0))
			continue;
		if (keep_known(keeping, known, err) < 0)
			return -1;
	}
	return 0;
}

/* True when the report says something about a subject, or could not find out
 * whether there is something to say. */
static bool
is_spoken_of(const struct doctor_report *report, enum doctor_topic topic,
    struct span subject)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct doctor_finding *finding = &report->finding[i];
		bool same = span_equal(finding->subject, subject);

		if (finding->topic == topic && (same || !finding->subject.len))
			return true;
		if (same && finding->sign == DOCTOR_UNKNOWN)
			return true;
	}
	return false;
}

/* Subjects that are no longer ours: a key that was replaced, a domain we do not
 * send from any more. */
static int
keep_gone(struct keeping *keeping, struct err *err)
{
	struct stmt *stmt = db_stmt(keeping->db,
	    "SELECT topic, subject, after, sign FROM doctor_history h"
	    " WHERE after <> '' AND id = (SELECT max(id) FROM doctor_history"
	    " WHERE topic = h.topic AND subject = h.subject)",
	    err);
	struct ledger gone = {.count = 0};
	struct arena *arena = arena_new();
	int got = -1, rc;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct span topic = stmt_col_text(stmt, 0);
		struct span subject = stmt_col_text(stmt, 1);
		struct known *known;

		if (doctor_topic_of(topic) == DOCTOR_TOPICS ||
		    is_spoken_of(
			keeping->report, doctor_topic_of(topic), subject))
			continue;
		known = known_of(
		    &gone, doctor_topic_of(topic), arena_copy(arena, subject));
		buf_add(&known->codes, stmt_col_text(stmt, 2));
		known->sign = (enum doctor_sign)stmt_col_int(stmt, 3);
	}
	stmt_reset(stmt);
	rc = got;
	for (size_t i = 0; i < gone.count && rc == 0; i++) {
		struct known *known = &gone.known[i];
		struct buf before = known->codes;
		enum doctor_sign sign = known->sign;

		known->codes = BUF_INIT;
		known->sign = DOCTOR_GOOD;
		/* that it is gone is no repair: not news */
		rc = add_turn(keeping, known, buf_span(&before), sign, err);
		buf_done(&before);
	}
	ledger_done(&gone);
	arena_free(&arena);
	return rc;
}

/* ---- The report itself -------------------------------------------------------------- */

static int
write_finding(
    struct db *db, const struct doctor_finding *finding, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO doctor_finding(topic, code, sign, subject, facts,"
	    " found, record_name, record_type, record_value)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	    err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(doctor_topic_name(finding->topic)));
	stmt_text(stmt, 2, span_of(doctor_code_name(finding->code)));
	stmt_int(stmt, 3, finding->sign);
	stmt_text(stmt, 4, finding->subject);
	stmt_blob(stmt, 5, finding->facts);
	stmt_blob(stmt, 6, finding->found);
	stmt_text(stmt, 7, finding->record.name);
	stmt_text(stmt, 8, finding->record.type);
	stmt_blob(stmt, 9, finding->record.value);
	return stmt_run(stmt, err);
}

static int
write_report(struct db *db, const struct doctor_report *report, struct err *err)
{
	struct stmt *stmt = db_stmt(db, "DELETE FROM doctor_finding", err);

	if (!stmt || stmt_run(stmt, err) < 0)
		return -1;
	for (size_t i = 0; i < report->count; i++) {
		if (write_finding(db, &report->finding[i], err) < 0)
			return -1;
	}
	stmt = db_stmt(db,
	    "INSERT INTO doctor_run(id, at_ms) VALUES(1, ?1)"
	    " ON CONFLICT(id) DO UPDATE SET at_ms = ?1",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, report->at_ms);
	return stmt_run(stmt, err);
}

static int
log_turns(struct store *store, const struct keeping *keeping, struct err *err)
{
	char facts[80];

	if (!keeping->worse && !keeping->better)
		return 0;
	snprintf(facts, sizeof facts, "worse=%lld better=%lld",
	    (long long)keeping->worse, (long long)keeping->better);
	return audit_add_in(store, keeping->db,
	    &(struct audit_event){"doctor.turn", SPAN("dns"), span_of(facts)},
	    err);
}

int
doctor_keep(struct store *store, const struct doctor_report *report,
    struct doctor_news *out, struct err *err)
{
	struct keeping keeping = {.report = report, .at_ms = report->at_ms};
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(store, STORE_WAIT_LONG, "doctor", &db, err) < 0)
		return -1;
	keeping.db = db;
	ledger_fill(&keeping.ledger, report);
	if (write_report(db, report, err) == 0 &&
	    keep_all_known(&keeping, err) == 0 &&
	    keep_gone(&keeping, err) == 0 &&
	    log_turns(store, &keeping, err) == 0)
		rc = out ? doctor_news(db, out, err) : 0;
	ledger_done(&keeping.ledger);
	if (rc == 0)
		return store_commit(store, &db, err);
	store_rollback(store, &db);
	return -1;
}

/* ---- Reading -------------------------------------------------------------------------- */

static int
read_time(struct db *db, int64_t *at_ms, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT at_ms FROM doctor_run WHERE id = 1", err);
	int got;

	*at_ms = 0;
	if (!stmt)
		return -1;
	got = stmt_step(stmt, err);
	if (got == 1)
		*at_ms = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static void
take_finding(struct doctor_report *report, struct stmt *stmt)
{
	enum doctor_topic topic = doctor_topic_of(stmt_col_text(stmt, 0));
	enum doctor_code code = doctor_code_of(stmt_col_text(stmt, 1));
	struct doctor_finding *finding;

	if (topic == DOCTOR_TOPICS || code == DOCTOR_CODES)
		return; /* of a later version */
	report->finding =
	    mem_more(report->finding, report->count, sizeof *report->finding);
	finding = &report->finding[report->count++];
	*finding = (struct doctor_finding){
	    .topic = topic,
	    .code = code,
	    .sign = (enum doctor_sign)stmt_col_int(stmt, 2),
	    .subject = arena_copy(report->bytes, stmt_col_text(stmt, 3)),
	    .facts = arena_copy(report->bytes, stmt_col_blob(stmt, 4)),
	    .found = arena_copy(report->bytes, stmt_col_blob(stmt, 5)),
	    .record.name = arena_copy(report->bytes, stmt_col_text(stmt, 6)),
	    .record.type = arena_copy(report->bytes, stmt_col_text(stmt, 7)),
	    .record.value = arena_copy(report->bytes, stmt_col_blob(stmt, 8)),
	};
}

int
doctor_last(struct db *db, struct doctor_report *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT topic, code, sign, subject, facts, found, record_name,"
	    " record_type, record_value FROM doctor_finding ORDER BY id",
	    err);
	int got = -1;

	*out = (struct doctor_report){.bytes = arena_new()};
	while (stmt && (got = stmt_step(stmt, err)) == 1)
		take_finding(out, stmt);
	stmt_reset(stmt);
	return got < 0 ? -1 : read_time(db, &out->at_ms, err);
}

static void
take_turn(struct doctor_turn *turn, struct arena *arena, struct stmt *stmt)
{
	turn->id = stmt_col_int(stmt, 0);
	turn->at_ms = stmt_col_int(stmt, 1);
	turn->topic = doctor_topic_of(stmt_col_text(stmt, 2));
	turn->subject = arena_copy(arena, stmt_col_text(stmt, 3));
	turn->before = arena_copy(arena, stmt_col_text(stmt, 4));
	turn->after = arena_copy(arena, stmt_col_text(stmt, 5));
	turn->sign_before = (enum doctor_sign)stmt_col_int(stmt, 6);
	turn->sign = (enum doctor_sign)stmt_col_int(stmt, 7);
	turn->seen = stmt_col_int(stmt, 8) != 0;
}

int
doctor_turns(struct db *db, struct arena *arena, struct doctor_turn **out,
    size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, at_ms, topic, subject, before, after, sign_before,"
	    " sign, seen FROM doctor_history ORDER BY id DESC LIMIT ?1",
	    err);
	int got = -1;

	*out = arena_take(arena, DOCTOR_TURNS_MAX * sizeof **out);
	*count = 0;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, DOCTOR_TURNS_MAX);
	while ((got = stmt_step(stmt, err)) == 1)
		take_turn(&(*out)[(*count)++], arena, stmt);
	stmt_reset(stmt);
	return got;
}

/* One number; the statement has no parameters. */
static int
number(struct stmt *stmt, int64_t *out, struct err *err)
{
	int got = stmt ? stmt_step(stmt, err) : -1;

	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

static int
count_findings(struct db *db, struct doctor_news *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT sign, count(*) FROM doctor_finding WHERE"
	    " topic <> 'receiver' GROUP BY sign",
	    err);
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		int64_t sign = stmt_col_int(stmt, 0);

		if (sign == DOCTOR_BAD)
			out->bad = stmt_col_int(stmt, 1);
		else if (sign == DOCTOR_WARN)
			out->warn = stmt_col_int(stmt, 1);
		else if (sign == DOCTOR_UNKNOWN)
			out->unknown = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	return got;
}

int
doctor_news(struct db *db, struct doctor_news *out, struct err *err)
{
	int64_t hours = setting_int(db, "doctor.hours", err);

	*out = (struct doctor_news){.checked_ms = 0};
	if (hours < 0 || read_time(db, &out->checked_ms, err) < 0 ||
	    count_findings(db, out, err) < 0 ||
	    number(db_stmt(db,
		       "SELECT count(*) FROM doctor_history WHERE seen = 0"
		       " AND sign > sign_before",
		       err),
		&out->worse, err) < 0 ||
	    number(db_stmt(db,
		       "SELECT count(*) FROM doctor_history WHERE seen = 0"
		       " AND sign < sign_before",
		       err),
		&out->better, err) < 0)
		return -1;
	if (hours && out->checked_ms)
		out->next_ms = out->checked_ms + hours * HOUR_MS;
	return 0;
}

int
doctor_seen(struct store *store, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt;

	if (person_require_either(
		store, NULL, MAY_CHECK, MAY_RELAY_WRITE, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "doctor", &db, err) < 0)
		return -1;
	stmt = db_stmt(
	    db, "UPDATE doctor_history SET seen = 1 WHERE seen = 0", err);
	if (!stmt || stmt_run(stmt, err) < 0) {
		store_rollback(store, &db);
		return -1;
	}
	return store_commit(store, &db, err);
}
