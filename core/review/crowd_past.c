/* What earlier campaigns say about an audience: who had mail lately, who was in
 * the one before, how its figures have moved. */
#include "core/review/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/crypt.h"

#define DAY_MS INT64_C(86400000)

enum {
	YEAR_DAYS = 365,
	ASK_EVERY = 4096,
	DAY_CAP = 2,
	WEEK_CAP = 5,
	WEEK_SHIFT = 2,
	/* of the ledger: numbers that are never renumbered */
	ACCEPTED = 3,
	IN_DOUBT = 6,
	HASH_LEN = 8,
};

static int
asked_to_stop(int64_t *rows, const atomic_bool *stop, struct err *err)
{
	if (++*rows % ASK_EVERY || !stop || !atomic_load(stop))
		return 0;
	return err_set(err, E_CANCELLED);
}

/* ---- Who had mail lately --------------------------------------------------- */

struct past {
	struct crowd *crowd;
	int64_t now_ms, cold, over_cap, rows;
};

static bool
is_over(unsigned mark)
{
	return (mark & CROWD_DAY) >= DAY_CAP ||
	       (mark & CROWD_WEEK) >> WEEK_SHIFT >= WEEK_CAP;
}

static void
note_mail(struct past *past, int64_t contact, int64_t at_ms, int state)
{
	unsigned char *mark = crowd_mark(past->crowd, contact);
	int64_t age = past->now_ms - at_ms;
	bool was_over;

	if (!mark || age > YEAR_DAYS * DAY_MS)
		return;
	was_over = is_over(*mark);
	if (age <= DAY_MS && (*mark & CROWD_DAY) < CROWD_DAY)
		*mark += 1;
	if (age <= 7 * DAY_MS && (*mark & CROWD_WEEK) < CROWD_WEEK)
		*mark += 1 << WEEK_SHIFT;
	past->over_cap += !was_over && is_over(*mark);
	if (state == ACCEPTED && !(*mark & CROWD_WARM)) {
		*mark |= CROWD_WARM;
		past->cold--;
	}
}

static int
read_run(struct past *past, struct db *db, int64_t campaign,
    const atomic_bool *stop, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT o.contact, l.at_ms, l.state FROM ledger l JOIN outbox o"
	    " ON o.campaign = l.campaign AND o.seq = l.seq"
	    " WHERE l.campaign = ?1 AND l.state IN (?2, ?3)",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign);
	stmt_int(stmt, 2, ACCEPTED);
	stmt_int(stmt, 3, IN_DOUBT);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (asked_to_stop(&past->rows, stop, err) < 0) {
			got = -1;
			break;
		}
		note_mail(past, stmt_col_int(stmt, 0), stmt_col_int(stmt, 1),
		    (int)stmt_col_int(stmt, 2));
	}
	stmt_reset(stmt);
	return got;
}

/* The runs of the last year, newest first; the caller frees *out. */
static int
runs_of_a_year(struct db *db, struct campaign_id but, int64_t now_ms,
    int64_t **out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT campaign, coalesce(ended_ms, ?2) FROM run"
	    " WHERE campaign <> ?1 AND coalesce(ended_ms, ?2) >= ?3"
	    " ORDER BY coalesce(ended_ms, ?2) DESC",
	    err);
	int64_t *all = NULL;
	size_t n = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, but.v);
	stmt_int(stmt, 2, now_ms);
	stmt_int(stmt, 3, now_ms - YEAR_DAYS * DAY_MS);
	while ((got = stmt_step(stmt, err)) == 1) {
		all = mem_grow(all, (n + 1) * 2 * sizeof *all);
		all[2 * n] = stmt_col_int(stmt, 0);
		all[2 * n++ + 1] = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	if (got < 0)
		free(all);
	else
		*out = all;
	*count = n;
	return got;
}

int
crowd_past(struct db *db, struct crowd *crowd, struct campaign_id campaign,
    int64_t now_ms, const atomic_bool *stop, struct crowd_past *out,
    struct err *err)
{
	struct past past = {
	    .crowd = crowd, .now_ms = now_ms, .cold = crowd->recipients};
	int64_t *runs = NULL;
	size_t count = 0;
	int rc = runs_of_a_year(db, campaign, now_ms, &runs, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		/* of those before a week only who is still cold counts */
		if (past.cold == 0 && now_ms - runs[2 * i + 1] > 7 * DAY_MS)
			break;
		rc = read_run(&past, db, runs[2 * i], stop, err);
	}
	free(runs);
	*out = (struct crowd_past){past.cold, past.over_cap};
	return rc;
}

/* ---- The audience before --------------------------------------------------- */

int
crowd_before_find(struct db *db, const struct campaign *campaign,
    struct crowd_before *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT c.id, c.list = ?2, c.list = ?2 AND c.segment = ?4,"
	    " r.started_ms, r.total FROM run r"
	    " JOIN campaign c ON c.id = r.campaign WHERE c.id <> ?1"
	    " AND (c.list = ?2 OR c.class = ?3)"
	    " ORDER BY 3 DESC, 2 DESC, r.started_ms DESC LIMIT 1",
	    err);
	int got;

	*out = (struct crowd_before){.campaign = {0}};
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->id.v);
	stmt_int(stmt, 2, campaign->list);
	stmt_int(stmt, 3, campaign->class);
	stmt_int(stmt, 4, campaign->segment);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out =
		    (struct crowd_before){.campaign.v = stmt_col_int(stmt, 0),
			.like = stmt_col_int(stmt, 1) ? LIKE_LIST : LIKE_CLASS,
			.same_audience = stmt_col_int(stmt, 2) != 0,
			.started_ms = stmt_col_int(stmt, 3),
			.recipients = stmt_col_int(stmt, 4)};
	if (out->same_audience && campaign->segment)
		out->like = LIKE_SEGMENT;
	stmt_reset(stmt);
	return got;
}

int
crowd_before(struct db *db, struct crowd *crowd,
    const struct campaign *campaign, const atomic_bool *stop,
    struct crowd_before *out, struct err *err)
{
	int got = crowd_before_find(db, campaign, out, err);
	struct stmt *stmt;
	int64_t rows = 0;

	if (got <= 0)
		return got;
	stmt =
	    db_stmt(db, "SELECT contact FROM outbox WHERE campaign = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, out->campaign.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		unsigned char *mark = crowd_mark(crowd, stmt_col_int(stmt, 0));

		if (asked_to_stop(&rows, stop, err) < 0) {
			got = -1;
			break;
		}
		if (mark && !(*mark & CROWD_SEEN)) {
			*mark |= CROWD_SEEN;
			out->common++;
		}
	}
	stmt_reset(stmt);
	return got;
}

/* ---- Profiles -------------------------------------------------------------- */

static void
hash_domain(struct span name, char out[HASH_LEN])
{
	struct digest digest;

	crypt_sha256(name, &digest);
	memcpy(out, digest.bytes, HASH_LEN);
}

static int
by_octets(const void *a, const void *b)
{
	return memcmp(a, b, HASH_LEN);
}

static void
count_new_domains(
    struct crowd *crowd, struct span known, struct crowd_drift *out)
{
	int64_t largest = 0;

	for (size_t i = 0; i < crowd->domains; i++) {
		const struct crowd_domain *domain = &crowd->domain[i];
		char hash[HASH_LEN];

		hash_domain(domain->name, hash);
		if (known.len && bsearch(hash, known.ptr, known.len / HASH_LEN,
				     HASH_LEN, by_octets))
			continue;
		out->new_domain += domain->count;
		if (domain->count > largest) {
			largest = domain->count;
			out->domain = domain->name;
		}
	}
}

static int
rate(int64_t part, int64_t all)
{
	return all > 0 ? (int)(part * 10000 / all) : 0;
}

static int64_t
filled_now(const struct crowd *crowd, struct span name)
{
	for (size_t i = 0; i < crowd->columns; i++) {
		if (span_equal(crowd->column[i].name, name))
			return crowd->column[i].filled;
	}
	return 0;
}

static void
judge_column(struct crowd *crowd, struct span name, int64_t filled_before,
    struct crowd_drift *out)
{
	int before = rate(out->before - filled_before, out->before);
	int now = rate(out->now - filled_now(crowd, name), out->now);

	if (abs(now - before) <= abs(out->empty_now - out->empty_before))
		return;
	out->column = arena_copy(crowd->arena, name);
	out->empty_before = before;
	out->empty_now = now;
}

static int
judge_columns(struct db *db, struct crowd *crowd, int64_t before,
    struct crowd_drift *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT name, filled FROM audience_column WHERE campaign = ?1",
	    err);
	bool known[CROWD_COLUMNS_MAX] = {false};
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, before);
	while ((got = stmt_step(stmt, err)) == 1) {
		struct span name = stmt_col_text(stmt, 0);

		judge_column(crowd, name, stmt_col_int(stmt, 1), out);
		for (size_t i = 0; i < crowd->columns; i++)
			known[i] |= span_equal(crowd->column[i].name, name);
	}
	stmt_reset(stmt);
	/* a column that is new was empty before */
	for (size_t i = 0; i < crowd->columns; i++) {
		if (!known[i])
			judge_column(crowd, crowd->column[i].name, 0, out);
	}
	return got;
}

int
crowd_drift(struct db *db, struct crowd *crowd, const struct campaign *campaign,
    struct crowd_drift *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT p.campaign, r.started_ms, p.recipients, p.domains"
	    " FROM audience_profile p JOIN run r ON r.campaign = p.campaign"
	    " JOIN campaign c ON c.id = p.campaign AND c.segment = ?3"
	    " WHERE p.list = ?2 AND p.campaign <> ?1"
	    " ORDER BY r.started_ms DESC LIMIT 1",
	    err);
	int64_t before = 0;
	int got;

	*out = (struct crowd_drift){.now = crowd->recipients};
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->id.v);
	stmt_int(stmt, 2, campaign->list);
	stmt_int(stmt, 3, campaign->segment);
	got = stmt_step(stmt, err);
	if (got == 1) {
		before = stmt_col_int(stmt, 0);
		out->before_ms = stmt_col_int(stmt, 1);
		out->before = stmt_col_int(stmt, 2);
		count_new_domains(crowd, stmt_col_blob(stmt, 3), out);
	}
	stmt_reset(stmt);
	return got == 1 ? judge_columns(db, crowd, before, out, err) : got;
}

static int
write_profile(struct db *db, const struct crowd *crowd,
    const struct campaign *campaign, int64_t now_ms, struct err *err)
{
	size_t octets = crowd->domains * HASH_LEN;
	char *hashes = mem_new(octets + 1);
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO audience_profile(campaign, list, at_ms, recipients,"
	    " domains) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(campaign)"
	    " DO UPDATE SET list = ?2, at_ms = ?3, recipients = ?4,"
	    " domains = ?5",
	    err);
	int rc = -1;

	for (size_t i = 0; i < crowd->domains; i++)
		hash_domain(crowd->domain[i].name, hashes + i * HASH_LEN);
	if (crowd->domains)
		qsort(hashes, crowd->domains, HASH_LEN, by_octets);
	if (stmt) {
		stmt_int(stmt, 1, campaign->id.v);
		stmt_int(stmt, 2, campaign->list);
		stmt_int(stmt, 3, now_ms);
		stmt_int(stmt, 4, crowd->recipients);
		stmt_blob(stmt, 5, span_make(hashes, octets));
		rc = stmt_run(stmt, err);
	}
	free(hashes);
	return rc;
}

static int
write_columns(
    struct db *db, const struct crowd *crowd, int64_t campaign, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "DELETE FROM audience_column WHERE campaign = ?1", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign);
	if (stmt_run(stmt, err) < 0)
		return -1;
	for (size_t i = 0; i < crowd->columns; i++) {
		stmt = db_stmt(db,
		    "INSERT INTO audience_column(campaign, name, filled)"
		    " VALUES(?1, ?2, ?3)",
		    err);
		if (!stmt)
			return -1;
		stmt_int(stmt, 1, campaign);
		stmt_text(stmt, 2, crowd->column[i].name);
		stmt_int(stmt, 3, crowd->column[i].filled);
		if (stmt_run(stmt, err) < 0)
			return -1;
	}
	return 0;
}

int
crowd_keep(struct store *store, const struct crowd *crowd,
    const struct campaign *campaign, int64_t now_ms, struct err *err)
{
	struct db *db = NULL;

	if (store_begin(store, STORE_WAIT_LONG, "profile", &db, err) < 0)
		return -1;
	if (write_profile(db, crowd, campaign, now_ms, err) < 0 ||
	    write_columns(db, crowd, campaign->id.v, err) < 0) {
		store_rollback(store, &db);
		return -1;
	}
	return store_commit(store, &db, err);
}
