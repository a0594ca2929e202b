/* When a start that nobody watches may happen.  An arming names the seal, the
 * hours and this host, under a MAC; its token is a file beside the store.
 * Whatever is not exactly as it was then is a reason not to start: a delivery
 * that is late can be launched by hand, one too many cannot be called back. */
#include "core/deliver/schedule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/file.h"
#include "core/base/host.h"
#include "core/base/mem.h"
#include "core/deliver/deliver.h"

enum { NONCE = 16, HOST_MAX = 400 };

/* The row as it is stored. */
struct arming {
	struct campaign_id campaign;
	enum schedule_state state;
	struct digest digest; /* of the seal */
	int64_t at_ms, until_ms, armed_ms, steady_ms;
	char by[64];
	unsigned char nonce[NONCE];
	char host[HOST_MAX];
	struct digest mac;
};

/* ---- Times --------------------------------------------------------------------- */

int64_t
schedule_until_ms(const struct campaign *campaign)
{
	if (campaign->send_until_ms)
		return campaign->send_until_ms;
	return campaign->send_at_ms ? campaign->send_at_ms + SCHEDULE_WINDOW_MS
				    : INT64_MAX;
}

static void
add_time(struct err *err, const char *name, int64_t at_ms)
{
	struct buf stamp = BUF_INIT;

	clock_stamp(&stamp, at_ms);
	err_fact(err, name, buf_span(&stamp));
	buf_done(&stamp);
}

static int
not_now(const char *what, int64_t at_ms, int64_t until_ms, struct err *err)
{
	err_set(err, E_SCHEDULE_TIME);
	err_fact(err, "what", span_of(what));
	if (at_ms)
		add_time(err, "at", at_ms);
	if (until_ms && until_ms < INT64_MAX)
		add_time(err, "until", until_ms);
	return -1;
}

int
schedule_is_time(
    const struct campaign *campaign, int64_t now_ms, struct err *err)
{
	int64_t until_ms = schedule_until_ms(campaign);

	if (campaign->send_at_ms && now_ms < campaign->send_at_ms)
		return not_now("early", campaign->send_at_ms, until_ms, err);
	if (now_ms > until_ms)
		return not_now("late", campaign->send_at_ms, until_ms, err);
	return 0;
}

/* ---- The row ------------------------------------------------------------------- */

static void
token_name(struct campaign_id campaign, struct buf *out)
{
	buf_printf(out, "armed-%lld", (long long)campaign.v);
}

static void
token_path(
    const struct store *store, struct campaign_id campaign, struct buf *out)
{
	buf_printf(out, "%s/", store_dir(store));
	token_name(campaign, out);
}

static void
remove_token(const struct store *store, struct campaign_id campaign)
{
	struct buf path = BUF_INIT;

	token_path(store, campaign, &path);
	unlink(path.ptr);
	buf_done(&path);
}

/* This host as it is now. */
static void
here(const struct store *store, const struct world *world,
    struct campaign_id campaign, struct buf *out)
{
	struct buf token = BUF_INIT;

	token_name(campaign, &token);
	host_facts(world->host_root, store_dir(store), token.ptr, out);
	buf_done(&token);
}

static void
mac_of(const struct store *store, const struct arming *it, struct digest *out)
{
	struct buf all = BUF_INIT;

	buf_printf(&all,
	    "sekisho armed 1\n%lld %lld %lld %lld %lld %zu:%s %s\n",
	    (long long)it->campaign.v, (long long)it->at_ms,
	    (long long)it->until_ms, (long long)it->armed_ms,
	    (long long)it->steady_ms, strlen(it->by), it->by, it->host);
	buf_add(&all, span_make(it->digest.bytes, SHA256_LEN));
	buf_add(&all, span_make(it->nonce, sizeof it->nonce));
	crypt_hmac(store_key(store, STORE_KEY_SEAL), buf_span(&all), out);
	buf_done(&all);
}

static void
take_bytes(void *to, size_t room, struct span bytes)
{
	memset(to, 0, room);
	memcpy(to, bytes.ptr, bytes.len < room ? bytes.len : room);
}

/* 1 found, 0 none, -1. */
static int
read_row(struct db *db, struct campaign_id campaign, struct arming *out,
    struct err *err)
{
	static const char sql[] =
	    "SELECT state, digest, at_ms, until_ms, armed_ms, steady_ms, by,"
	    " nonce, host, mac FROM armed WHERE campaign = ?1";
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got <= 0)
		return got;
	out->campaign = campaign;
	out->state = (enum schedule_state)stmt_col_int(stmt, 0);
	take_bytes(out->digest.bytes, SHA256_LEN, stmt_col_blob(stmt, 1));
	out->at_ms = stmt_col_int(stmt, 2);
	out->until_ms = stmt_col_int(stmt, 3);
	out->armed_ms = stmt_col_int(stmt, 4);
	out->steady_ms = stmt_col_int(stmt, 5);
	span_text(out->by, sizeof out->by, stmt_col_text(stmt, 6));
	take_bytes(out->nonce, sizeof out->nonce, stmt_col_blob(stmt, 7));
	span_text(out->host, sizeof out->host, stmt_col_text(stmt, 8));
	take_bytes(out->mac.bytes, SHA256_LEN, stmt_col_blob(stmt, 9));
	stmt_reset(stmt);
	return 1;
}

static int
write_row(struct db *db, const struct arming *it, struct err *err)
{
	static const char sql[] =
	    "INSERT OR REPLACE INTO armed(campaign, state, digest, at_ms,"
	    " until_ms, armed_ms, steady_ms, by, nonce, host, mac)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, it->campaign.v);
	stmt_int(stmt, 2, it->state);
	stmt_blob(stmt, 3, span_make(it->digest.bytes, SHA256_LEN));
	stmt_int(stmt, 4, it->at_ms);
	stmt_int(stmt, 5, it->until_ms);
	stmt_int(stmt, 6, it->armed_ms);
	stmt_int(stmt, 7, it->steady_ms);
	stmt_text(stmt, 8, span_of(it->by));
	stmt_blob(stmt, 9, span_make(it->nonce, sizeof it->nonce));
	stmt_text(stmt, 10, span_of(it->host));
	stmt_blob(stmt, 11, span_make(it->mac.bytes, SHA256_LEN));
	return stmt_run(stmt, err);
}

static int
log_step(struct store *store, struct db *db, struct campaign_id campaign,
    const char *what, const struct buf *facts, struct err *err)
{
	char object[32];

	snprintf(object, sizeof object, "campaign %lld", (long long)campaign.v);
	return audit_add_in(store, db,
	    &(struct audit_event){what, span_of(object), buf_span(facts)}, err);
}

/* ---- Arming -------------------------------------------------------------------- */

/* What the campaign says about its time, which must lie ahead. */
static int
read_times(struct store *store, struct world *world, struct arming *it,
    struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) == 0 &&
	    campaign_read(db, it->campaign, &campaign, err) == 0) {
		it->at_ms = campaign.send_at_ms;
		it->until_ms = schedule_until_ms(&campaign);
		it->armed_ms = clock_now_ms(world->clock);
		it->steady_ms = clock_steady_ms(world->clock);
		if (!it->at_ms)
			rc = not_now("none", 0, 0, err);
		else if (it->armed_ms > it->until_ms)
			rc = not_now("late", it->at_ms, it->until_ms, err);
		else
			rc = 0;
	}
	campaign_done(&campaign);
	store_reader_close(&db);
	return rc;
}

/* A clearance would be given now; which seal it is for. */
static int
ask_gate(struct store *store, struct world *world, struct arming *it,
    struct err *err)
{
	struct clearance *clearance = NULL;

	if (clearance_grant(store, world, it->campaign, &clearance, err) < 0)
		return -1;
	it->digest = *clearance_digest(clearance);
	clearance_free(&clearance);
	return 0;
}

/* What is approved now must be so when it starts. */
static int
check_approval(struct store *store, const struct arming *it, struct err *err)
{
	struct approval_state approval;
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) == 0)
		rc = approval_state(
		    store, db, it->campaign, it->armed_ms, &approval, err);
	store_reader_close(&db);
	if (rc < 0 || approval.step != APPROVAL_GIVEN ||
	    approval.expires_ms > it->at_ms)
		return rc;
	err_set(err, E_SCHEDULE_APPROVAL);
	add_time(err, "ends", approval.expires_ms);
	add_time(err, "at", it->at_ms);
	return -1;
}

static int
write_token(struct store *store, struct arming *it, struct err *err)
{
	struct buf path = BUF_INIT, hex = BUF_INIT;
	int rc;

	crypt_random(it->nonce, sizeof it->nonce);
	crypt_hex(&hex, span_make(it->nonce, sizeof it->nonce));
	token_path(store, it->campaign, &path);
	rc = file_replace(path.ptr, buf_span(&hex), 0600, err);
	buf_done(&hex);
	buf_done(&path);
	return rc;
}

static int
write_arming(struct store *store, const struct arming *it, struct err *err)
{
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	buf_text(&facts, "at=");
	clock_rfc5322(&facts, it->at_ms);
	buf_text(&facts, " until=");
	clock_rfc5322(&facts, it->until_ms);
	buf_printf(&facts, " %s digest=", it->host);
	crypt_hex(&facts, span_make(it->digest.bytes, SHA256_LEN));
	if (store_begin(store, STORE_WAIT_LONG, "schedule", &db, err) == 0 &&
	    write_row(db, it, err) == 0 &&
	    log_step(store, db, it->campaign, "schedule.arm", &facts, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	buf_done(&facts);
	return rc;
}

int
schedule_arm(struct store *store, struct world *world,
    struct campaign_id campaign, struct err *err)
{
	struct arming it = {.campaign = campaign, .state = SCHEDULE_WAITS};
	struct buf host = BUF_INIT;
	int rc = -1;

	if (person_require(store, NULL, MAY_LAUNCH, err) < 0 ||
	    read_times(store, world, &it, err) < 0 ||
	    ask_gate(store, world, &it, err) < 0 ||
	    check_approval(store, &it, err) < 0 ||
	    write_token(store, &it, err) < 0)
		return -1;
	here(store, world, campaign, &host);
	span_text(it.host, sizeof it.host, buf_span(&host));
	span_text(it.by, sizeof it.by, span_of(store_user(store)));
	mac_of(store, &it, &it.mac);
	rc = write_arming(store, &it, err);
	if (rc < 0)
		remove_token(store, campaign);
	buf_done(&host);
	return rc;
}

int
schedule_disarm(
    struct store *store, struct campaign_id campaign, struct err *err)
{
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	struct stmt *stmt;
	int rc = -1;

	if (store_begin(store, STORE_WAIT_LONG, "schedule", &db, err) < 0)
		return -1;
	stmt = db_stmt(db, "DELETE FROM armed WHERE campaign = ?1", err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, campaign.v);
	if (stmt_run(stmt, err) < 0)
		goto out;
	if (db_changes(db) == 0) {
		err_set(err, E_SCHEDULE_MISSING);
		goto out;
	}
	remove_token(store, campaign);
	if (log_step(store, db, campaign, "schedule.disarm", &facts, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	buf_done(&facts);
	return rc;
}

/* ---- Looking --------------------------------------------------------------------- */

static void
fill(struct stmt *stmt, struct schedule *out)
{
	*out = (struct schedule){.campaign = {stmt_col_int(stmt, 0)},
	    .state = (enum schedule_state)stmt_col_int(stmt, 2),
	    .at_ms = stmt_col_int(stmt, 3),
	    .until_ms = stmt_col_int(stmt, 4),
	    .armed_ms = stmt_col_int(stmt, 5),
	    .ended_ms = stmt_col_int(stmt, 6)};
	span_text(out->name, sizeof out->name, stmt_col_text(stmt, 1));
	span_text(out->by, sizeof out->by, stmt_col_text(stmt, 7));
	span_text(out->why, sizeof out->why, stmt_col_text(stmt, 8));
}

int
schedule_all(
    struct db *db, struct schedule **out, size_t *count, struct err *err)
{
	static const char sql[] =
	    "SELECT a.campaign, c.name, a.state, a.at_ms, a.until_ms,"
	    " a.armed_ms, a.ended_ms, a.by, a.why FROM armed a"
	    " JOIN campaign c ON c.id = a.campaign"
	    " WHERE a.state = 0 OR c.state = 1 ORDER BY a.state, a.at_ms";
	struct stmt *stmt = db_stmt(db, sql, err);
	struct schedule *found = NULL;
	size_t n = 0;
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) > 0) {
		found = mem_grow(found, (n + 1) * sizeof *found);
		fill(stmt, &found[n++]);
	}
	if (got < 0) {
		free(found);
		return -1;
	}
	*out = found;
	*count = n;
	return 0;
}

int
schedule_read(struct db *db, struct campaign_id campaign, struct schedule *out,
    struct err *err)
{
	static const char sql[] =
	    "SELECT a.campaign, c.name, a.state, a.at_ms, a.until_ms,"
	    " a.armed_ms, a.ended_ms, a.by, a.why FROM armed a"
	    " JOIN campaign c ON c.id = a.campaign WHERE a.campaign = ?1";
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		fill(stmt, out);
	stmt_reset(stmt);
	return got;
}

int
schedule_due(
    struct db *db, int64_t now_ms, struct campaign_id *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT campaign FROM armed WHERE state = 0 AND at_ms <= ?1"
	    " ORDER BY at_ms LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, now_ms);
	got = stmt_step(stmt, err);
	if (got == 1)
		out->v = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got;
}

int
schedule_next_ms(struct db *db, int64_t *out, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT min(at_ms) FROM armed WHERE state = 0", err);

	if (!stmt || stmt_step(stmt, err) != 1)
		return -1;
	*out = stmt_col_is_null(stmt, 0) ? INT64_MAX : stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return 0;
}

/* ---- Starting ---------------------------------------------------------------------- */

/* The wall clock went on as the steady one did.  After a reboot that began
 * anew; then only a step back behind the arming is seen. */
static int
check_clock(const struct arming *it, struct world *world, bool rebooted,
    struct err *err)
{
	int64_t wall_ms = clock_now_ms(world->clock) - it->armed_ms;
	int64_t steady_ms = clock_steady_ms(world->clock) - it->steady_ms;
	int64_t set_ms = wall_ms - steady_ms;

	if (rebooted)
		set_ms = wall_ms < 0 ? wall_ms : 0;
	if (set_ms >= -SCHEDULE_CLOCK_MS && set_ms <= SCHEDULE_CLOCK_MS)
		return 0;
	err_set(err, E_SCHEDULE_CLOCK);
	return err_fact_int(err, "seconds", set_ms / 1000);
}

static bool
reboots_are_allowed(struct db *db)
{
	struct buf value = BUF_INIT;
	bool allowed;

	allowed = setting_read(db, "schedule.reboot", &value, NULL) == 0 &&
		  span_equal(buf_span(&value), SPAN("go-on"));
	buf_done(&value);
	return allowed;
}

static int
check_host(struct store *store, struct world *world, struct db *db,
    const struct arming *it, bool *rebooted, struct err *err)
{
	struct buf now = BUF_INIT;
	const char *what;

	here(store, world, it->campaign, &now);
	what = host_difference(span_of(it->host), buf_span(&now));
	buf_done(&now);
	*rebooted = what && strcmp(what, "boot") == 0;
	if (!what || (*rebooted && reboots_are_allowed(db)))
		return 0;
	err_set(err, E_SCHEDULE_HOST);
	return err_fact(err, "what", span_of(what));
}

static int
check(struct store *store, struct world *world, struct db *db,
    const struct arming *it, struct err *err)
{
	struct digest mac;
	bool rebooted = false;

	mac_of(store, it, &mac);
	if (!digest_equal(&mac, &it->mac)) {
		err_set(err, E_SCHEDULE_SEAL);
		return err_fact(err, "what", SPAN("mac"));
	}
	if (clock_now_ms(world->clock) > it->until_ms)
		return not_now("late", it->at_ms, it->until_ms, err);
	if (check_host(store, world, db, it, &rebooted, err) < 0)
		return -1;
	return check_clock(it, world, rebooted, err);
}

/* Writes what became of an arming, with its reason. */
static int
write_result(struct store *store, struct world *world, struct db *db,
    struct campaign_id campaign, enum schedule_state state,
    const struct err *why, struct err *err)
{
	static const char *const names[SCHEDULE_STATES] = {
	    [SCHEDULE_STARTED] = "schedule.start",
	    [SCHEDULE_EXPIRED] = "schedule.expire",
	    [SCHEDULE_REFUSED] = "schedule.refuse",
	};
	struct stmt *stmt = db_stmt(db,
	    "UPDATE armed SET state = ?2, ended_ms = ?3, why = ?4"
	    " WHERE campaign = ?1",
	    err);
	struct buf facts = BUF_INIT;
	int rc = -1;

	if (why->code)
		buf_printf(&facts, "why=%s", err_name(why->code));
	if (*err_find(why, "what"))
		buf_printf(&facts, " what=%s", err_find(why, "what"));
	if (stmt) {
		stmt_int(stmt, 1, campaign.v);
		stmt_int(stmt, 2, state);
		stmt_int(stmt, 3, clock_now_ms(world->clock));
		stmt_text(
		    stmt, 4, span_of(why->code ? err_name(why->code) : ""));
		rc = stmt_run(stmt, err);
	}
	if (rc == 0)
		rc = log_step(store, db, campaign, names[state], &facts, err);
	buf_done(&facts);
	return rc;
}

static enum schedule_state
state_of(const struct err *why)
{
	if (why->code == E_NONE)
		return SCHEDULE_STARTED;
	return why->code == E_SCHEDULE_TIME ? SCHEDULE_EXPIRED
					    : SCHEDULE_REFUSED;
}

/* Uses the arming up: 0 with *it when it may start, else -1 with *err. */
static int
use_up(struct store *store, struct world *world, struct campaign_id campaign,
    struct arming *it, struct err *err)
{
	struct err why = {.code = E_NONE};
	struct db *db = NULL;
	int got, rc = -1;

	if (store_begin(store, STORE_WAIT_LONG, "schedule", &db, err) < 0)
		return -1;
	got = read_row(db, campaign, it, err);
	if (got == 0 || (got == 1 && it->state != SCHEDULE_WAITS))
		got = err_set(err, E_SCHEDULE_MISSING);
	if (got == 1 && clock_now_ms(world->clock) < it->at_ms)
		got = not_now("early", it->at_ms, it->until_ms, err);
	if (got != 1)
		goto out;
	check(store, world, db, it, &why);
	remove_token(store, campaign);
	if (write_result(
		store, world, db, campaign, state_of(&why), &why, err) < 0 ||
	    store_commit(store, &db, err) < 0)
		goto out;
	if (why.code)
		*err = why;
	else
		rc = 0;
out:
	store_rollback(store, &db);
	return rc;
}

static int
launch(struct store *store, struct world *world, const struct arming *it,
    struct run **out, struct err *err)
{
	const struct run_plan plan = {0};
	struct clearance *clearance = NULL;

	if (clearance_grant_armed(store, world, it->campaign, &clearance, err) <
	    0)
		return -1;
	if (!digest_equal(clearance_digest(clearance), &it->digest)) {
		clearance_free(&clearance);
		err_set(err, E_SCHEDULE_SEAL);
		return err_fact(err, "what", SPAN("digest"));
	}
	return run_start(&clearance, world, store, &plan, out, err);
}

int
schedule_fire(struct store *store, struct world *world,
    struct campaign_id campaign, struct run **out, struct err *err)
{
	struct arming it = {.campaign = campaign};
	struct err why = {.code = E_NONE};
	struct db *db = NULL;

	if (use_up(store, world, campaign, &it, err) < 0)
		return -1;
	if (launch(store, world, &it, out, &why) == 0)
		return 0;
	/* that it is used up is on the disk already; this says why */
	if (store_begin(store, STORE_WAIT_LONG, "schedule", &db, NULL) == 0 &&
	    write_result(
		store, world, db, campaign, SCHEDULE_REFUSED, &why, NULL) == 0)
		store_commit(store, &db, NULL);
	store_rollback(store, &db);
	if (err)
		*err = why;
	return -1;
}
