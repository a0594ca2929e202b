/* How often people get advertisements: counted over all campaigns from what was
 * accepted or may have arrived, by the canonical address, because a person may
 * be on several lists. */
#include "core/campaign/campaign.h"

enum { DAY_MS = 24 * 3600 * 1000, ACCEPTED = 3, IN_DOUBT = 6, WITHHELD = 7 };

/* The recipients of campaign ?1 who got ?3 or more since ?2. */
#define FREQUENT                                                               \
	"SELECT o.seq FROM outbox o WHERE o.campaign = ?1 AND o.canon IN"      \
	" (SELECT p.canon FROM campaign c JOIN run r ON r.campaign = c.id"     \
	" JOIN ledger l ON l.campaign = c.id JOIN outbox p"                    \
	" ON p.campaign = l.campaign AND p.seq = l.seq WHERE c.id <> ?1"       \
	" AND c.class = ?4 AND coalesce(r.ended_ms, ?2) >= ?2"                 \
	" AND l.at_ms >= ?2 AND l.state IN (?5, ?6)"                           \
	" GROUP BY p.canon HAVING count(*) >= ?3)"

/* Binds what FREQUENT asks; 0 when there is no cap for the campaign, 1 when
 * there is. */
static int
bind_cap(struct db *db, struct stmt *stmt, const struct campaign *campaign,
    int64_t now_ms, struct err *err)
{
	int64_t cap = setting_int(db, "pace.frequency", err);
	int64_t days = setting_int(db, "pace.frequency_days", err);

	if (!stmt || cap < 0 || days < 0)
		return -1;
	stmt_int(stmt, 1, campaign->id.v);
	stmt_int(stmt, 2, now_ms - days * DAY_MS);
	stmt_int(stmt, 3, cap);
	stmt_int(stmt, 4, CLASS_AD);
	stmt_int(stmt, 5, ACCEPTED);
	stmt_int(stmt, 6, IN_DOUBT);
	return cap > 0 && campaign->class == CLASS_AD;
}

int
campaign_frequent(struct db *db, const struct campaign *campaign,
    int64_t now_ms, int64_t *count, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT count(*) FROM (" FREQUENT ")", err);
	int got = bind_cap(db, stmt, campaign, now_ms, err);

	*count = 0;
	if (got > 0) {
		got = stmt_step(stmt, err);
		if (got > 0)
			*count = stmt_col_int(stmt, 0);
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
campaign_withhold_frequent(struct db *db, const struct campaign *campaign,
    int64_t now_ms, int64_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE ledger SET state = ?7, at_ms = ?8, class = ?9"
	    " WHERE campaign = ?1 AND state = 0 AND seq IN (" FREQUENT ")",
	    err);
	int got = bind_cap(db, stmt, campaign, now_ms, err);

	*count = 0;
	if (got <= 0) {
		stmt_reset(stmt);
		return got;
	}
	stmt_int(stmt, 7, WITHHELD);
	stmt_int(stmt, 8, now_ms);
	stmt_text(stmt, 9, span_of(err_name(E_WITHHELD_FREQUENCY)));
	if (stmt_run(stmt, err) < 0)
		return -1;
	*count = db_changes(db);
	return 0;
}
