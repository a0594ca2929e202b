/* What refusals mean for the addresses.  The ledger of one campaign knows one
 * refusal of an address; whether it is time to give the address up is a matter
 * of several campaigns, so each refusal that counts is noted under the
 * address's key, which says nothing about a person who was erased. */
#include <stdio.h>

#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "core/deliver/outcome.h"

static const int64_t day_ms = 24 * 60 * 60 * INT64_C(1000);

/* How many campaigns must have seen the class, and over how many days. */
static const struct {
	enum outcome_class class;
	int campaigns, days;
} limits[] = {
    {OUTCOME_H1, 1, 0},
    {OUTCOME_H2, 2, 1},
    {OUTCOME_H3, 2, 14},
    {OUTCOME_H4, 3, 0},
    {OUTCOME_S1, 5, 30},
};

/* Refusals older than this no longer count. */
enum { MEMORY_DAYS = 400 };

/* One refusal of the ledger. */
struct refusal {
	int64_t seq, at_ms;
	enum outcome_class class;
	struct span reply, canon; /* live until the next step */
	struct digest key;
};

static bool
limit_of(enum outcome_class class, int *campaigns, int *days)
{
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		if (limits[i].class != class)
			continue;
		*campaigns = limits[i].campaigns;
		*days = limits[i].days;
		return true;
	}
	return false;
}

/* A row that ran out of time is noted as what it was put off for. */
static enum outcome_class
class_of(struct stmt *row)
{
	enum outcome_class class = outcome_class_find(stmt_col_text(row, 1));
	char enhanced[16];
	struct outcome_reply reply = {
	    .stage = (enum smtp_stage)stmt_col_int(row, 3),
	    .peer = WHO_RELAY,
	    .code = (int)stmt_col_int(row, 2),
	    .raw = stmt_col_text(row, 5),
	};

	if (class != OUTCOME_X || !reply.code)
		return class;
	span_text(enhanced, sizeof enhanced, stmt_col_text(row, 4));
	reply.enhanced = enhanced;
	return outcome_classify(&reply)->class;
}

static struct refusal
refusal_of(struct store *store, struct stmt *row)
{
	struct refusal refusal = {
	    .seq = stmt_col_int(row, 0),
	    .at_ms = stmt_col_int(row, 6),
	    .class = class_of(row),
	    .reply = stmt_col_text(row, 5),
	    .canon = stmt_col_text(row, 7),
	};

	suppress_key(store, refusal.canon, &refusal.key);
	return refusal;
}

static int
note(struct db *db, struct campaign_id campaign, const struct refusal *refusal,
    struct err *err)
{
	static const char sql[] =
	    "INSERT INTO setback(campaign, seq, key, class, at_ms)"
	    " VALUES(?1, ?2, ?3, ?4, ?5)";
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, refusal->seq);
	stmt_blob(
	    stmt, 3, span_make(refusal->key.bytes, sizeof refusal->key.bytes));
	stmt_text(stmt, 4, span_of(outcome_class_name(refusal->class)));
	stmt_int(stmt, 5, refusal->at_ms);
	return stmt_run(stmt, err);
}

/* 1 when the address was refused often enough for long enough. */
static int
is_enough(struct db *db, const struct refusal *refusal, struct err *err)
{
	static const char sql[] =
	    "SELECT count(*), max(at_ms) - min(at_ms) FROM setback"
	    " WHERE key = ?1 AND class = ?2 AND at_ms >= ?3";
	struct stmt *stmt;
	int campaigns, days, got;

	if (!limit_of(refusal->class, &campaigns, &days))
		return 0;
	stmt = db_stmt(db, sql, err);
	if (!stmt)
		return -1;
	stmt_blob(
	    stmt, 1, span_make(refusal->key.bytes, sizeof refusal->key.bytes));
	stmt_text(stmt, 2, span_of(outcome_class_name(refusal->class)));
	stmt_int(stmt, 3, refusal->at_ms - MEMORY_DAYS * day_ms);
	got = stmt_step(stmt, err);
	if (got > 0)
		got = stmt_col_int(stmt, 0) >= campaigns &&
		      stmt_col_int(stmt, 1) >= days * day_ms;
	stmt_reset(stmt);
	return got;
}

static int
suppress(struct store *store, struct db *db, struct campaign_id campaign,
    const struct refusal *refusal, struct reply_follow_up *out, struct err *err)
{
	struct suppress_entry entry = {
	    .cause = SUPPRESS_BOUNCED,
	    .source = span_of(outcome_class_name(refusal->class)),
	};
	struct buf evidence = BUF_INIT;
	int got;

	/* What was temporary every time may be over one day. */
	if (refusal->class == OUTCOME_S1) {
		entry.cause = SUPPRESS_SOFT;
		entry.until_ms = clock_now_ms(store_clock(store)) +
				 SUPPRESS_SOFT_DAYS * day_ms;
	}
	buf_printf(&evidence,
	    "campaign %lld, number %lld, %s: ", (long long)campaign.v,
	    (long long)refusal->seq, outcome_class_name(refusal->class));
	buf_add(&evidence, refusal->reply);
	entry.evidence = buf_span(&evidence);
	got = suppress_enter_in(store, db, refusal->canon, &entry, err);
	if (got > 0) {
		out->suppressed++;
		out->by_class[refusal->class]++;
	}
	buf_done(&evidence);
	return got < 0 ? -1 : 0;
}

static int
follow(struct store *store, struct db *db, struct campaign_id campaign,
    bool is_on, const struct refusal *refusal, struct reply_follow_up *out,
    struct err *err)
{
	int enough;

	if (note(db, campaign, refusal, err) < 0)
		return -1;
	out->noted++;
	enough = is_on ? is_enough(db, refusal, err) : 0;
	if (enough <= 0)
		return enough;
	return suppress(store, db, campaign, refusal, out, err);
}

static int
is_switched_on(struct db *db, bool *out, struct err *err)
{
	struct buf value = BUF_INIT;
	int rc = setting_read(db, "bounce.suppress", &value, err);

	*out = span_equal(buf_span(&value), SPAN("on"));
	buf_done(&value);
	return rc;
}

static int
log_follow_up(struct store *store, struct db *db, struct campaign_id campaign,
    const struct reply_follow_up *found, struct err *err)
{
	struct audit_event event = {.what = "suppress.replies"};
	struct buf facts = BUF_INIT, object = BUF_INIT;
	int rc;

	buf_printf(&object, "campaign %lld", (long long)campaign.v);
	buf_printf(&facts, "refusals=%lld suppressed=%lld",
	    (long long)found->noted, (long long)found->suppressed);
	for (int i = 0; i < OUTCOME_CLASSES; i++) {
		if (found->by_class[i])
			buf_printf(&facts, " %s=%lld",
			    outcome_class_name((enum outcome_class)i),
			    (long long)found->by_class[i]);
	}
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

int
reply_follow_up(struct store *store, struct db *db, struct campaign_id campaign,
    struct reply_follow_up *out, struct err *err)
{
	static const char sql[] =
	    "SELECT l.seq, l.class, l.code, l.stage, l.enhanced, l.reply,"
	    " l.at_ms, o.canon FROM ledger l JOIN outbox o"
	    " ON o.campaign = l.campaign AND o.seq = l.seq"
	    " WHERE l.campaign = ?1 AND l.state >= 4 AND l.state = ?2"
	    " AND l.class IN ('H1', 'H2', 'H3', 'H4', 'S1', 'X')"
	    " AND NOT EXISTS(SELECT 1 FROM setback s"
	    " WHERE s.campaign = l.campaign AND s.seq = l.seq)"
	    " AND o.contact <> 0" /* not erased */
	    " ORDER BY l.seq";
	struct stmt *stmt = db_stmt(db, sql, err);
	bool is_on;
	int got;

	*out = (struct reply_follow_up){.noted = 0};
	if (!stmt || is_switched_on(db, &is_on, err) < 0)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, LEDGER_FAILED);
	while ((got = stmt_step(stmt, err)) > 0) {
		struct refusal refusal = refusal_of(store, stmt);

		if (follow(store, db, campaign, is_on, &refusal, out, err) <
		    0) {
			stmt_reset(stmt);
			return -1;
		}
	}
	if (got < 0 || !out->noted)
		return got;
	return log_follow_up(store, db, campaign, out, err);
}
