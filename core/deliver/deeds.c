/* The launch is one transaction: either there are a step of the campaign, a
 * run, a row for each sealed recipient and an entry in the log, or nothing
 * happened.  The same holds for the end of a run. */
#include "core/deliver/deeds.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"

#include "core/deliver/totals.h"

static int
log_step(struct run *run, struct db *db, const char *what,
    const struct buf *facts, struct err *err)
{
	char object[32];
	struct audit_event event = {.what = what, .facts = buf_span(facts)};

	snprintf(
	    object, sizeof object, "campaign %lld", (long long)run->campaign.v);
	event.object = span_of(object);
	return audit_add_in(run->store, db, &event, err);
}

/* ---- Launch ---------------------------------------------------------------- */

static int
insert_run(struct run *run, struct db *db, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO run(campaign, state, why, total, started_ms, by,"
	    " digest, message_domain) VALUES(?1, ?2, '', ?3, ?4, ?5, ?6, ?7)";
	const struct digest *digest = clearance_digest(run->clearance);
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	run->started_ms = clock_now_ms(run->world->clock);
	stmt_int(stmt, 1, run->campaign.v);
	stmt_int(stmt, 2, RUN_RUNNING);
	stmt_int(stmt, 3, clearance_recipients(run->clearance));
	stmt_int(stmt, 4, run->started_ms);
	stmt_text(stmt, 5, span_of(store_user(run->store)));
	stmt_blob(stmt, 6, span_make(digest->bytes, sizeof digest->bytes));
	stmt_text(stmt, 7, template_message_domain(run->template));
	return stmt_run(stmt, err);
}

/* Who had enough advertisements lately gets no more of them. */
static int
withhold_frequent(
    struct run *run, struct db *db, int64_t *withheld, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(db, run->campaign, &campaign, err);

	if (rc == 0)
		rc = campaign_withhold_frequent(
		    db, &campaign, run->started_ms, withheld, err);
	campaign_done(&campaign);
	if (rc == 0 && *withheld)
		rc = totals_rebuild(db, run->campaign, err);
	return rc;
}

static int
first_launch(struct run *run, struct db *db, struct buf *facts, struct err *err)
{
	const struct digest *digest = clearance_digest(run->clearance);
	int64_t rows, sealed = clearance_recipients(run->clearance);
	int64_t withheld = 0;

	if (campaign_step(db, run->campaign, CAMPAIGN_SEALED, CAMPAIGN_RUNNING,
		err) < 0 ||
	    insert_run(run, db, err) < 0 ||
	    ledger_create(db, run->campaign, &rows, err) < 0)
		return -1;
	if (rows != sealed) {
		err_set(err, E_LEDGER);
		err_fact_int(err, "total", sealed);
		return err_fact_int(err, "found", rows);
	}
	if (withhold_frequent(run, db, &withheld, err) < 0 ||
	    pilot_rule_read(db, &run->pilot.rule, err) < 0 ||
	    pilot_create(
		db, run->campaign, &run->pilot.rule, rows, withheld, err) < 0)
		return -1;
	buf_printf(facts, "recipients=%lld ", (long long)rows);
	if (withheld)
		buf_printf(facts, "frequent=%lld ", (long long)withheld);
	buf_text(facts, "digest=");
	crypt_hex(facts, span_make(digest->bytes, sizeof digest->bytes));
	return log_step(run, db, "run.start", facts, err);
}

static int
read_start(struct run *run, struct db *db, struct err *err)
{
	static const char sql[] =
	    "SELECT started_ms FROM run WHERE campaign = ?1";
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, run->campaign.v);
	got = stmt_step(stmt, err);
	if (got == 0) {
		err_set(err, E_CAMPAIGN_MISSING);
		got = err_fact_int(err, "id", run->campaign.v);
	}
	if (got < 0)
		return -1;
	run->started_ms = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return 0;
}

static int
set_state(struct run *run, struct db *db, enum run_state state, const char *why,
    int64_t ended_ms, struct err *err)
{
	static const char sql[] =
	    "UPDATE run SET state = ?2, why = ?3, ended_ms = nullif(?4, 0)"
	    " WHERE campaign = ?1";
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, run->campaign.v);
	stmt_int(stmt, 2, state);
	stmt_text(stmt, 3, span_of(why));
	stmt_int(stmt, 4, ended_ms);
	return stmt_run(stmt, err);
}

/* What is in doubt is sent once more when the class allows it and it would not
 * come too late. */
static struct ledger_recovery
recovery_of(const struct run *run)
{
	struct ledger_recovery left = {
	    .now_ms = clock_now_ms(run->world->clock)};

	if (run->doubt == LEDGER_DOUBT_AGAIN &&
	    left.now_ms + LEDGER_AGAIN_MS < run->started_ms + run->validity_ms)
		left.again_ms = left.now_ms + LEDGER_AGAIN_MS;
	return left;
}

static int
go_on(struct run *run, struct db *db, struct buf *facts, struct err *err)
{
	struct ledger_recovery left;

	if (read_start(run, db, err) < 0)
		return -1;
	left = recovery_of(run);
	if (ledger_recover(db, run->campaign, &left, err) < 0 ||
	    set_state(run, db, RUN_RUNNING, "", 0, err) < 0)
		return -1;
	buf_printf(facts, "in_doubt=%lld again=%lld accepted=%lld",
	    (long long)left.in_doubt, (long long)left.again,
	    (long long)left.accepted);
	return log_step(run, db, "run.continue", facts, err);
}

int
deed_launch(struct run *run, enum campaign_state state, struct err *err)
{
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(run->store, STORE_WAIT_LONG, "launch", &db, err) < 0)
		return -1;
	if (clearance_holds(run->clearance, db, err) < 0)
		goto out;
	if (state == CAMPAIGN_RUNNING)
		rc = go_on(run, db, &facts, err);
	else
		rc = first_launch(run, db, &facts, err);
	if (rc == 0)
		rc = pilot_read(db, run->campaign, &run->pilot, err);
	if (rc == 0)
		rc = store_commit(run->store, &db, err);
out:
	store_rollback(run->store, &db);
	buf_done(&facts);
	return rc;
}

/* ---- Later steps ----------------------------------------------------------- */

static int
add_counts(struct run *run, struct db *db, struct buf *facts, struct err *err)
{
	int64_t count[LEDGER_STATES];

	if (ledger_count(db, run->campaign, count, err) < 0)
		return -1;
	for (int i = 0; i < LEDGER_STATES; i++) {
		if (count[i])
			buf_printf(facts, "%s%s=%lld", facts->len ? " " : "",
			    ledger_state_name((enum ledger_state)i),
			    (long long)count[i]);
	}
	return 0;
}

static int
write_end(struct run *run, struct db *db, enum campaign_state campaign,
    enum run_state state, struct buf *facts, struct err *err)
{
	int64_t now_ms = clock_now_ms(run->world->clock);
	struct reply_follow_up follow;

	if (state == RUN_STOPPED &&
	    ledger_cancel(db, run->campaign, now_ms, err) < 0)
		return -1;
	if (totals_check(db, run->campaign, err) < 0 ||
	    campaign_step(db, run->campaign, CAMPAIGN_RUNNING, campaign, err) <
		0 ||
	    set_state(run, db, state, "", now_ms, err) < 0)
		return -1;
	if (add_counts(run, db, facts, err) < 0)
		return -1;
	return reply_follow_up(run->store, db, run->campaign, &follow, err);
}

int
deed_stop_interrupted(struct run *run, struct err *err)
{
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	struct ledger_recovery left = {
	    .now_ms = clock_now_ms(run->world->clock)};
	int rc = -1;

	if (store_begin(run->store, STORE_WAIT_LONG, "stop", &db, err) < 0)
		return -1;
	if (ledger_recover(db, run->campaign, &left, err) == 0 &&
	    write_end(run, db, CAMPAIGN_STOPPED, RUN_STOPPED, &facts, err) ==
		0 &&
	    log_step(run, db, "run.stop", &facts, err) == 0)
		rc = store_commit(run->store, &db, err);
	store_rollback(run->store, &db);
	buf_done(&facts);
	return rc;
}

/* Rates and suspensions, for the next campaign. */
static int
save_learnt(struct run *run, struct db *db, struct err *err)
{
	struct flow *flow = mem_new(sizeof *flow);
	int rc;

	pthread_mutex_lock(&run->flow_lock);
	*flow = run->flow_copy;
	pthread_mutex_unlock(&run->flow_lock);
	rc = flow_save(flow, db, clock_steady_ms(run->world->clock),
	    clock_now_ms(run->world->clock), err);
	free(flow);
	return rc;
}

static void
add_facts(const struct err *why, struct buf *facts)
{
	if (why->code)
		buf_printf(facts, "why=%s", err_name(why->code));
	/* a guard's facts are words of a reply: foreign */
	if (why->code && why->code != E_RUN_PILOT &&
	    why->code != E_WITHHELD_CHANGED)
		return;
	for (unsigned i = 0; i < why->fact_count; i++)
		buf_printf(facts, "%s%s=%s", facts->len ? " " : "",
		    why->fact[i].name, why->fact[i].value);
}

static int
write_step(struct run *run, const struct scribe_deed *deed, struct db *db,
    struct buf *facts, struct err *err)
{
	const char *why = deed->why.code ? err_name(deed->why.code) : "";
	struct reply_follow_up follow;

	switch ((enum deed)deed->what) {
	case DEED_PAUSE:
		add_facts(&deed->why, facts);
		if (reply_follow_up(
			run->store, db, run->campaign, &follow, err) < 0)
			return -1;
		return set_state(run, db, RUN_PAUSED, why, 0, err);
	case DEED_RESUME:
		return set_state(run, db, RUN_RUNNING, "", 0, err);
	case DEED_HURRY:
		return ledger_hurry(db, run->campaign, err);
	case DEED_DONE:
		return write_end(run, db, CAMPAIGN_DONE, RUN_DONE, facts, err);
	case DEED_STOPPED:
		return write_end(
		    run, db, CAMPAIGN_STOPPED, RUN_STOPPED, facts, err);
	case DEED_RATE:
	case DEED_REST:
	case DEED_USE:
	case DEED_HOLD:
	case DEED_RELEASE:
		add_facts(&deed->why, facts);
		return 0;
	case DEED_FOLLOW:
		return reply_follow_up(
		    run->store, db, run->campaign, &follow, err);
	case DEED_LEARNT:
		return 0;
	case DEED_PILOT:
		add_facts(&deed->why, facts);
		return pilot_pass(
		    db, run->campaign, clock_now_ms(run->world->clock), err);
	case DEED_CHANGED:
		add_facts(&deed->why, facts);
		return 0;
	}
	return 0;
}

int
deed_write(
    void *arg, const struct scribe_deed *deed, struct db *db, struct err *err)
{
	static const char *const names[] = {
	    [DEED_PAUSE] = "run.pause",
	    [DEED_RESUME] = "run.resume",
	    [DEED_HURRY] = "run.retry",
	    [DEED_DONE] = "run.done",
	    [DEED_STOPPED] = "run.stop",
	    [DEED_RATE] = "run.rate",
	    [DEED_REST] = "run.rest_relay",
	    [DEED_USE] = "run.use_relay",
	    [DEED_HOLD] = "run.hold_group",
	    [DEED_RELEASE] = "run.release_group",
	    [DEED_FOLLOW] = NULL,
	    [DEED_LEARNT] = NULL,
	    [DEED_PILOT] = "run.pilot",
	    [DEED_CHANGED] = "run.changed",
	};
	struct run *run = arg;
	struct buf facts = BUF_INIT;
	int rc = save_learnt(run, db, err);

	if (rc == 0)
		rc = write_step(run, deed, db, &facts, err);
	if (rc == 0 && names[deed->what])
		rc = log_step(run, db, names[deed->what], &facts, err);
	buf_done(&facts);
	return rc;
}
