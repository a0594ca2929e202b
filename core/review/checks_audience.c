/* Checks of the audience as a whole: what it consists of, and whether it is the
 * one that is meant. */
#include "core/review/crowd.h"
#include "core/review/jobs.h"

enum {
	SIZE_PERCENT = 20,
	NEW_DOMAIN_PERCENT = 20,
	EMPTY_POINTS = 500, /* hundredths of a percent */
	FEW = 20,           /* below so many people shares say nothing */
};

/* ---- LC-02 ----------------------------------------------------------------- */

/* When consent was given, how, and what was shown: a wording that is kept, or
 * paper that is.  A note in words says how, not what. */
int
check_consent(struct check_run *run, struct err *err)
{
	const struct campaign *campaign = &run->inputs->campaign;
	struct review *review = run->review;
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT coalesce(sum(undated OR unsaid OR unshown), 0),"
	    " coalesce(sum(undated), 0), coalesce(sum(unsaid), 0) FROM"
	    " (SELECT m.basis_at_ms <= 0 AS undated,"
	    " m.how = 0 AND trim(m.basis_note) = '' AS unsaid,"
	    " w.id IS NULL AND trim(m.paper) = '' AS unshown"
	    " FROM outbox o JOIN member m ON m.list = ?2"
	    " AND m.contact = o.contact LEFT JOIN wording w ON w.id = m.wording"
	    " WHERE o.campaign = ?1 AND m.basis = ?3)",
	    err);
	int64_t without = 0, undated = 0, unsaid = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->id.v);
	stmt_int(stmt, 2, campaign->list);
	stmt_int(stmt, 3, BASIS_CONSENT);
	got = stmt_step(stmt, err);
	if (got == 1) {
		without = stmt_col_int(stmt, 0);
		undated = stmt_col_int(stmt, 1);
		unsaid = stmt_col_int(stmt, 2);
	}
	stmt_reset(stmt);
	if (got != 1)
		return -1;
	result_fact(review, LC_02, "without=%lld", (long long)without);
	if (campaign->class != CLASS_AD || !without) {
		result_set(review, LC_02, CHECK_PASS, without);
		return 0;
	}
	result_set(review, LC_02, CHECK_FAIL, without);
	result_why(review, LC_02,
	    undated  ? "undated"
	    : unsaid ? "no_note"
		     : "no_wording",
	    SPAN(""));
	return 0;
}

/* ---- Judging --------------------------------------------------------------- */

static void
judge_addresses(struct review *review, const struct crowd *crowd)
{
	result_judge(review, LC_05W, crowd->twins, "twins", crowd->twin);
	result_fact(review, LC_07, "roles=%lld slips=%lld",
	    (long long)crowd->roles, (long long)crowd->slips);
	if (crowd->slips)
		result_judge(review, LC_07, crowd->slips + crowd->roles, "slip",
		    crowd->slip);
	else
		result_judge(review, LC_07, crowd->roles, "role", crowd->role);
}

/* Of a small audience one person is many percent. */
static const char *
drift_of(const struct crowd_drift *drift, int64_t *count)
{
	int64_t change = drift->now - drift->before;
	int points = drift->empty_now - drift->empty_before;

	*count = change < 0 ? -change : change;
	if (*count * 100 > drift->before * SIZE_PERCENT && *count > 1)
		return change < 0 ? "shrunk" : "grown";
	*count = drift->new_domain;
	if (drift->now >= FEW &&
	    drift->new_domain * 100 > drift->now * NEW_DOMAIN_PERCENT)
		return "new_domains";
	*count = drift->now;
	if (drift->now >= FEW && drift->before >= FEW &&
	    (points > EMPTY_POINTS || points < -EMPTY_POINTS))
		return points > 0 ? "emptier" : "fuller";
	return NULL;
}

static int
judge_drift(struct check_run *run, struct crowd *crowd, struct err *err)
{
	struct review *review = run->review;
	struct crowd_drift drift;
	const char *what;
	int64_t count = 0;

	if (crowd_drift(run->db, crowd, &run->inputs->campaign, &drift, err) <
	    0)
		return -1;
	if (!drift.before_ms) {
		result_fact(review, LC_09, "first=1");
		result_set(review, LC_09, CHECK_PASS, 0);
		return 0;
	}
	what = drift_of(&drift, &count);
	result_fact(review, LC_09,
	    "change=%lld new_domain=%lld empty_before=%d empty_now=%d",
	    (long long)(drift.before
			    ? (drift.now - drift.before) * 100 / drift.before
			    : 0),
	    (long long)drift.new_domain, drift.empty_before, drift.empty_now);
	result_judge(review, LC_09, what ? count : 0, what ? what : "",
	    what && !strcmp(what, "new_domains")     ? drift.domain
	    : what && (*what == 'e' || *what == 'f') ? drift.column
						     : SPAN(""));
	return 0;
}

/* ---- Tripwires ------------------------------------------------------------- */

struct canaries {
	int64_t all, missing, strange;
	struct buf first; /* the first one that is missing or strange */
};

/* Canaries of the list that the audience lacks, and canaries of other lists
 * that it has: then it is another list, or was filled from another. */
static int
find_canaries(struct check_run *run, struct canaries *out, struct err *err)
{
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT y.address, y.list = ?2, EXISTS(SELECT 1 FROM contact c"
	    " JOIN outbox o ON o.campaign = ?1 AND o.contact = c.id"
	    " WHERE c.canon = y.canon) FROM canary y WHERE y.list = ?2"
	    " OR y.canon NOT IN (SELECT canon FROM canary WHERE list = ?2)"
	    " ORDER BY y.list = ?2 DESC, y.id",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, run->inputs->campaign.id.v);
	stmt_int(stmt, 2, run->inputs->campaign.list);
	while ((got = stmt_step(stmt, err)) == 1) {
		bool ours = stmt_col_int(stmt, 1) != 0;
		bool there = stmt_col_int(stmt, 2) != 0;

		out->all += ours;
		if (ours == there)
			continue;
		if (!out->missing && !out->strange)
			buf_add(&out->first, stmt_col_text(stmt, 0));
		if (ours)
			out->missing++;
		else
			out->strange++;
	}
	stmt_reset(stmt);
	return got;
}

static int
judge_canaries(struct check_run *run, struct err *err)
{
	struct canaries canaries = {.first = BUF_INIT};
	int rc = find_canaries(run, &canaries, err);

	if (rc == 0) {
		result_fact(run->review, TW_02, "canaries=%lld",
		    (long long)canaries.all);
		result_judge(run->review, TW_02,
		    canaries.missing + canaries.strange,
		    canaries.missing ? "canary_missing" : "canary_strange",
		    buf_span(&canaries.first));
	}
	buf_done(&canaries.first);
	return rc;
}

/* Mail that is meant for the house and goes out of it is a leak; mail for
 * others with people of the house in it is a list that was mixed up. */
static void
judge_mix(struct check_run *run, const struct crowd *crowd)
{
	struct review *review = run->review;
	enum circle meant = run->inputs->campaign.meant_for;
	int64_t strangers = crowd->recipients - crowd->ours;
	bool mixed = crowd->ours && (strangers || meant != CIRCLE_UNSAID);

	result_fact(review, TW_04, "ours=%lld others=%lld",
	    (long long)crowd->ours, (long long)strangers);
	result_judge(review, TW_04, meant == CIRCLE_STAFF ? strangers : 0,
	    "strangers", crowd->stranger);
	result_judge(review, TW_04W,
	    meant != CIRCLE_STAFF && mixed ? crowd->ours : 0, "own_people",
	    crowd->own);
}

int
check_audience(struct check_run *run, struct err *err)
{
	const struct campaign *campaign = &run->inputs->campaign;
	struct crowd *crowd = NULL;
	int rc = -1;

	if (crowd_read(run->db, campaign, &run->review->cancel, &crowd, err) <
	    0)
		return -1;
	judge_addresses(run->review, crowd);
	judge_mix(run, crowd);
	if (judge_drift(run, crowd, err) == 0 && judge_canaries(run, err) == 0)
		rc = crowd_keep(
		    run->review->store, crowd, campaign, run->at_ms, err);
	crowd_free(&crowd);
	return rc;
}
