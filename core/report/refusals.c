/* What servers answered, counted.  Rows are put together by class and codes,
 * not by text: a text often holds the recipient or a queue number. */
#include "core/report/report.h"

#include <stdlib.h>

#define COUNTED                                                                \
	"count(*) AS n, min(at_ms), max(at_ms), min(reply) FROM ledger"        \
	" WHERE campaign = ?1 AND (?2 < 0 OR grp = ?2)"
#define MOST_FIRST " ORDER BY n DESC, 2, 3 LIMIT ?3"
#define COLUMNS                                                                \
	"state, coalesce(code, 0), coalesce(enhanced, ''),"                    \
	" coalesce(class, ''), "

/* The limits of states are literal, so that the partial index over what needs
 * attention is used.  The numbers are those of enum ledger_state. */
static const char *const queries[] = {
    [REFUSALS_ALL] = "SELECT " COLUMNS COUNTED
		     " AND state >= 4 GROUP BY 1, 2, 3, 4" MOST_FIRST,
    [REFUSALS_DEFERRED] =
	"SELECT " COLUMNS COUNTED
	" AND state >= 4 AND state = 4 GROUP BY 1, 2, 3, 4" MOST_FIRST,
    [REFUSALS_FAILED] =
	"SELECT " COLUMNS COUNTED
	" AND state >= 4 AND state = 5 GROUP BY 1, 2, 3, 4" MOST_FIRST,
    [REFUSALS_REST] =
	"SELECT " COLUMNS COUNTED
	" AND state >= 4 AND state >= 6 GROUP BY 1, 2, 3, 4" MOST_FIRST,
    [REFUSALS_CLEAR] =
	"SELECT 3, 0, '', '', count(*) AS n, min(l.at_ms), max(l.at_ms),"
	" c.peer FROM connection c JOIN ledger l ON l.campaign = c.campaign"
	" AND l.connection = c.id WHERE c.campaign = ?1 AND c.tls_state = 0"
	" AND l.state = 3 AND (?2 < 0 OR l.grp = ?2) GROUP BY c.peer"
	" ORDER BY n DESC, c.peer LIMIT ?3",
};

static void
take_row(struct stmt *stmt, struct refusals *out)
{
	struct refusal *row = &out->row[out->count++];

	row->state = (enum ledger_state)stmt_col_int(stmt, 0);
	row->code = (int)stmt_col_int(stmt, 1);
	row->enhanced = arena_copy(out->arena, stmt_col_text(stmt, 2));
	row->class = arena_copy(out->arena, stmt_col_text(stmt, 3));
	row->count = stmt_col_int(stmt, 4);
	row->first_ms = stmt_col_int(stmt, 5);
	row->last_ms = stmt_col_int(stmt, 6);
	row->sample = arena_copy(out->arena, stmt_col_text(stmt, 7));
}

/* Most campaigns have no connection without TLS, and then there is no reason
 * to look at every recipient. */
static int
has_clear(struct db *db, struct campaign_id campaign, struct err *err)
{
	static const char sql[] = "SELECT 1 FROM connection WHERE campaign = ?1"
				  " AND tls_state = 0 LIMIT 1";
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

int
refusals_read(struct db *db, struct campaign_id campaign,
    enum refusals_which which, int group, struct refusals *out, struct err *err)
{
	struct stmt *stmt;
	int got = 1;

	out->arena = arena_new();
	out->row = arena_take(out->arena, REFUSALS_MAX * sizeof *out->row);
	if (which == REFUSALS_CLEAR)
		got = has_clear(db, campaign, err);
	if (got <= 0)
		return got;
	stmt = db_stmt(db, queries[which], err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, group);
	stmt_int(stmt, 3, REFUSALS_MAX);
	while ((got = stmt_step(stmt, err)) > 0)
		take_row(stmt, out);
	return got;
}

void
refusals_done(struct refusals *refusals)
{
	arena_free(&refusals->arena);
	*refusals = (struct refusals){0};
}
