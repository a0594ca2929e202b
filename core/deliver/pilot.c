/* When the rest of a run may follow its pilot.  All figures are those of the
 * ledger, so a process that takes over a killed pilot judges the same: nothing
 * but the pilot has left PLANNED yet. */
#include "core/deliver/pilot.h"

/* ---- Policy and row ---------------------------------------------------------- */

static int
read_int(struct db *db, const char *name, int64_t *out, struct err *err)
{
	*out = setting_int(db, name, err);
	return *out < 0 ? -1 : 0;
}

int
pilot_rule_read(struct db *db, struct pilot_rule *out, struct err *err)
{
	struct buf after = BUF_INIT;
	int rc = -1;

	if (read_int(db, "pilot.percent", &out->percent, err) == 0 &&
	    read_int(db, "pilot.size", &out->most, err) == 0 &&
	    read_int(db, "pilot.bounces", &out->bounces, err) == 0 &&
	    read_int(db, "pilot.burst", &out->burst, err) == 0)
		rc = setting_read(db, "pilot.after", &after, err);
	out->waits = span_equal(buf_span(&after), SPAN("wait"));
	buf_done(&after);
	return rc;
}

int64_t
pilot_size(const struct pilot_rule *rule, int64_t planned)
{
	int64_t size =
	    planned / 100 * rule->percent + planned % 100 * rule->percent / 100;

	if (size > rule->most)
		size = rule->most;
	return size < planned ? size : 0;
}

int
pilot_create(struct db *db, struct campaign_id campaign,
    const struct pilot_rule *rule, int64_t rows, int64_t withheld,
    struct err *err)
{
	static const char sql[] =
	    "INSERT INTO run_pilot(campaign, size, base, withheld_before)"
	    " VALUES(?1, ?2, ?3, ?4)";
	int64_t size = pilot_size(rule, rows - withheld);
	struct stmt *stmt;

	if (!size)
		return 0;
	stmt = db_stmt(db, sql, err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, size);
	stmt_int(stmt, 3, rows - withheld);
	stmt_int(stmt, 4, withheld);
	return stmt_run(stmt, err);
}

int
pilot_read(struct db *db, struct campaign_id campaign, struct pilot *out,
    struct err *err)
{
	static const char sql[] =
	    "SELECT size, base, withheld_before, passed_ms IS NOT NULL"
	    " FROM run_pilot WHERE campaign = ?1";
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	*out = (struct pilot){.state = RUN_PILOT_NONE};
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got <= 0)
		return got;
	out->size = stmt_col_int(stmt, 0);
	out->base = stmt_col_int(stmt, 1);
	out->withheld_before = stmt_col_int(stmt, 2);
	out->state =
	    stmt_col_int(stmt, 3) ? RUN_PILOT_PASSED : RUN_PILOT_UNDER_WAY;
	stmt_reset(stmt);
	return pilot_rule_read(db, &out->rule, err);
}

int
pilot_pass(
    struct db *db, struct campaign_id campaign, int64_t now_ms, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "UPDATE run_pilot SET passed_ms = ?2 WHERE campaign = ?1", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, now_ms);
	return stmt_run(stmt, err);
}

/* ---- Figures ------------------------------------------------------------------- */

static bool
is_open(const struct pilot *pilot)
{
	return pilot->state == RUN_PILOT_UNDER_WAY ||
	       pilot->state == RUN_PILOT_LOOK;
}

int64_t
pilot_allowance(const struct pilot *pilot, const int64_t count[LEDGER_STATES])
{
	int64_t left = pilot->size - (pilot->base - count[LEDGER_PLANNED]);

	if (!is_open(pilot))
		return INT64_MAX;
	return left > 0 ? left : 0;
}

void
pilot_figures(const struct pilot *pilot, const int64_t count[LEDGER_STATES],
    struct run_pilot *out)
{
	*out = (struct run_pilot){.state = pilot->state, .size = pilot->size};
	if (!is_open(pilot))
		return;
	out->accepted = count[LEDGER_ACCEPTED];
	out->deferred = count[LEDGER_DEFERRED];
	out->failed = count[LEDGER_FAILED];
	out->in_doubt = count[LEDGER_IN_DOUBT];
	out->withheld = count[LEDGER_WITHHELD] - pilot->withheld_before;
}

void
pilot_note(struct pilot *pilot, enum ledger_state to, int code)
{
	if (to == LEDGER_FAILED && code >= 500)
		pilot->refused_in_a_row++;
	else if (to != LEDGER_PLANNED && to != LEDGER_WITHHELD)
		pilot->refused_in_a_row = 0;
}

/* ---- The verdict ---------------------------------------------------------------- */

/* What is wrong with the replies so far, as a word; NULL: nothing. */
static const char *
fault_of(const struct pilot *pilot, const struct run_pilot *now)
{
	const struct pilot_rule *rule = &pilot->rule;

	if (pilot->changed)
		return "changed";
	if (pilot->refused_in_a_row >= rule->burst)
		return "burst";
	if (now->failed * 100 > rule->bounces * now->size)
		return "bounces";
	return NULL;
}

static bool
all_replies_are_in(
    const struct pilot *pilot, const int64_t count[LEDGER_STATES])
{
	return pilot->base - count[LEDGER_PLANNED] >= pilot->size &&
	       !count[LEDGER_CLAIMED] && !count[LEDGER_HANDED];
}

static void
tell(const char *found, const struct run_pilot *now, struct err *why)
{
	err_set(why, E_RUN_PILOT);
	err_fact(why, "found", span_of(found));
	err_fact_int(why, "accepted", now->accepted);
	err_fact_int(why, "refused", now->failed);
	err_fact_int(why, "deferred", now->deferred);
	err_fact_int(why, "in_doubt", now->in_doubt);
}

enum pilot_verdict
pilot_judge(const struct pilot *pilot, const int64_t count[LEDGER_STATES],
    struct err *why)
{
	struct run_pilot now;
	const char *found;

	pilot_figures(pilot, count, &now);
	found = fault_of(pilot, &now);
	if (!found && !all_replies_are_in(pilot, count))
		return PILOT_WAIT;
	/* too few answers to conclude anything from */
	if (!found && now.accepted * 2 < now.size - now.withheld)
		found = "deferred";
	if (!found && pilot->rule.waits)
		found = "look";
	if (!found)
		return PILOT_GO;
	tell(found, &now, why);
	return PILOT_STOP;
}
