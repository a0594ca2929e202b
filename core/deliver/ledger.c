/* What a row of the ledger may become, and the steps that concern many rows:
 * launch, recovery after a crash, cancelling.  On the disk a row is never
 * CLAIMED and never HANDED: who has it is known in memory, and that its message
 * may have left stands in one blob for all (handed.h). */
#include "core/deliver/ledger.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/deliver/handed.h"
#include "core/deliver/totals.h"
#include "core/net/group.h"

enum { CODE_ACCEPTED = 250 }; /* of a reply whose words were lost */

static const char *const state_names[] = {
    [LEDGER_PLANNED] = "planned",
    [LEDGER_CLAIMED] = "claimed",
    [LEDGER_HANDED] = "handed",
    [LEDGER_ACCEPTED] = "accepted",
    [LEDGER_DEFERRED] = "deferred",
    [LEDGER_FAILED] = "failed",
    [LEDGER_IN_DOUBT] = "in_doubt",
    [LEDGER_WITHHELD] = "withheld",
    [LEDGER_CANCELLED] = "cancelled",
};
static_assert(sizeof state_names / sizeof *state_names == LEDGER_STATES,
    "name every state");

#define TO(state) (1u << LEDGER_##state)
/* CLAIMED and HANDED go back to PLANNED when nothing of the message left; what
 * is in doubt moves when somebody decides it. */
static const unsigned may_become[LEDGER_STATES] = {
    [LEDGER_PLANNED] = TO(CLAIMED) | TO(CANCELLED),
    [LEDGER_CLAIMED] = TO(PLANNED) | TO(HANDED) | TO(DEFERRED) | TO(FAILED) |
		       TO(WITHHELD) | TO(CANCELLED) | TO(IN_DOUBT),
    [LEDGER_HANDED] =
	TO(PLANNED) | TO(ACCEPTED) | TO(DEFERRED) | TO(FAILED) | TO(IN_DOUBT),
    [LEDGER_DEFERRED] = TO(CLAIMED) | TO(CANCELLED) | TO(IN_DOUBT),
    [LEDGER_IN_DOUBT] = TO(ACCEPTED) | TO(DEFERRED) | TO(FAILED),
};
static const unsigned final_states =
    TO(ACCEPTED) | TO(FAILED) | TO(IN_DOUBT) | TO(WITHHELD) | TO(CANCELLED);
#undef TO

const char *
ledger_state_name(enum ledger_state state)
{
	return state_names[state];
}

bool
ledger_may_step(enum ledger_state from, enum ledger_state to)
{
	return may_become[from] & (1u << to);
}

bool
ledger_is_final(enum ledger_state state)
{
	return final_states & (1u << state);
}

void
ledger_reply_text(struct span raw, struct buf *out)
{
	size_t end = out->len + LEDGER_REPLY_MAX;

	while (raw.len) {
		const char *at = raw.ptr;
		uint32_t cp;
		bool good = utf8_next(&raw, &cp) == UTF8_GOOD && cp;
		size_t taken = (size_t)(raw.ptr - at);

		if (out->len + (good ? taken : 4 * taken) > end)
			return;
		if (good) {
			buf_add(out, span_make(at, taken));
			continue;
		}
		for (; at < raw.ptr; at++)
			buf_printf(out, "\\x%02x", (unsigned char)*at);
	}
}

/* db_stmt() with the campaign bound as the first parameter. */
static struct stmt *
statement(struct db *db, const char *sql, struct campaign_id campaign,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (stmt)
		stmt_int(stmt, 1, campaign.v);
	return stmt;
}

/* ---- Launch ---------------------------------------------------------------- */

static int
domain_group(struct span canon)
{
	size_t at = span_index(canon, '@');

	return (int)group_of_domain(span_slice(canon, at + 1, canon.len));
}

static int
insert_row(struct stmt *insert, int64_t seq, int group, struct err *err)
{
	stmt_int(insert, 2, seq);
	stmt_int(insert, 3, group);
	return stmt_run(insert, err);
}

/* Row by row, because SQL does not know the groups. */
static int
insert_rows(struct db *db, struct campaign_id campaign, struct totals *totals,
    int64_t *rows, struct err *err)
{
	static const char read[] = "SELECT seq, canon FROM outbox"
				   " WHERE campaign = ?1 ORDER BY seq";
	static const char write[] =
	    "INSERT INTO ledger(campaign, seq, state, grp)"
	    " VALUES(?1, ?2, 0, ?3)";
	struct stmt *outbox = statement(db, read, campaign, err);
	struct stmt *insert = statement(db, write, campaign, err);
	int got = -1;

	static_assert(LEDGER_PLANNED == 0, "the 0 above");
	while (outbox && insert && (got = stmt_step(outbox, err)) > 0) {
		int group = domain_group(stmt_col_text(outbox, 1));

		if (insert_row(insert, stmt_col_int(outbox, 0), group, err) <
		    0) {
			got = -1;
			break;
		}
		totals->cell[group][LEDGER_PLANNED][0].rows++;
		(*rows)++;
	}
	stmt_reset(outbox);
	return got;
}

int
ledger_create(
    struct db *db, struct campaign_id campaign, int64_t *rows, struct err *err)
{
	struct totals *totals = mem_new(sizeof *totals);
	int rc;

	static_assert((int)GROUP_COUNT <= (int)LEDGER_GROUPS, "room for all");
	*rows = 0;
	rc = insert_rows(db, campaign, totals, rows, err);
	if (rc == 0)
		rc = totals_write(db, campaign, totals, err);
	if (rc == 0)
		rc = handed_create(db, campaign, err);
	free(totals);
	return rc;
}

enum ledger_doubt ledger_doubt_of(enum campaign_class class)
{
	return class == CLASS_TX || class == CLASS_NOTICE ? LEDGER_DOUBT_AGAIN
							  : LEDGER_DOUBT_STAYS;
}

/* ---- After a crash --------------------------------------------------------- */

/* One row that a process left handed, with what its row says. */
struct left_row {
	struct handed_row handed;
	struct totals_step step;
	bool again;
};

/* 1; 0 when the row has a result, which was written together with a later
 * blob that is not there: nothing to do. */
static int
read_left(struct db *db, struct campaign_id campaign, struct left_row *row,
    struct err *err)
{
	static const char sql[] =
	    "SELECT l.grp, l.attempt, l.again, l.state,"
	    " coalesce(c.tls_state, 0), coalesce(c.tls_version, '')"
	    " FROM ledger l LEFT JOIN connection c"
	    " ON c.campaign = l.campaign AND c.id = ?3"
	    " WHERE l.campaign = ?1 AND l.seq = ?2";
	struct stmt *stmt = statement(db, sql, campaign, err);
	struct tls_record tls = {0};
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, row->handed.seq);
	stmt_int(stmt, 3, row->handed.connection);
	got = stmt_step(stmt, err);
	if (got <= 0)
		return got;
	row->step.group = (int)stmt_col_int(stmt, 0) % LEDGER_GROUPS;
	row->step.attempts_before = (int)stmt_col_int(stmt, 1);
	row->step.attempts_after = row->step.attempts_before + 1;
	row->again = stmt_col_int(stmt, 2);
	got = stmt_col_int(stmt, 3) == (int64_t)row->handed.from;
	tls.state = (enum tls_state)stmt_col_int(stmt, 4);
	span_text(tls.version, sizeof tls.version, stmt_col_text(stmt, 5));
	row->step.tls = totals_tls_of(&tls);
	stmt_reset(stmt);
	return got;
}

static int
write_left(struct db *db, struct campaign_id campaign,
    const struct left_row *row, int64_t at_ms, int64_t next_ms, struct err *err)
{
	static const char sql[] =
	    "UPDATE ledger SET state = ?3, attempt = attempt + 1, again = ?4,"
	    " next_ms = ?5, at_ms = ?6, connection = nullif(?7, 0),"
	    " class = ?8, code = ?9, enhanced = '', reply = '',"
	    " took_ms = NULL WHERE campaign = ?1 AND seq = ?2";
	struct stmt *stmt = statement(db, sql, campaign, err);
	bool accepted = row->step.to == LEDGER_ACCEPTED;

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, row->handed.seq);
	stmt_int(stmt, 3, row->step.to);
	stmt_int(stmt, 4, next_ms ? 1 : row->again);
	stmt_int(stmt, 5, next_ms);
	stmt_int(stmt, 6, at_ms);
	stmt_int(stmt, 7, row->handed.connection);
	stmt_text(
	    stmt, 8, accepted ? SPAN("") : span_of(err_name(E_RUN_KILLED)));
	stmt_int(stmt, 9, accepted ? CODE_ACCEPTED : 0);
	return stmt_run(stmt, err);
}

static int
recover_row(struct db *db, struct campaign_id campaign,
    struct ledger_recovery *recovery, const struct handed_row *handed,
    struct totals *change, struct err *err)
{
	struct left_row row = {.handed = *handed};
	int got = read_left(db, campaign, &row, err);
	int64_t next_ms = 0;

	if (got <= 0)
		return got;
	row.step.from = handed->from;
	if (handed->accepted) {
		row.step.to = LEDGER_ACCEPTED;
		recovery->accepted++;
	} else if (recovery->again_ms && !row.again) {
		row.step.to = LEDGER_DEFERRED;
		next_ms = recovery->again_ms;
		recovery->again++;
	} else {
		row.step.to = LEDGER_IN_DOUBT;
		recovery->in_doubt++;
	}
	if (write_left(db, campaign, &row, recovery->now_ms, next_ms, err) < 0)
		return -1;
	totals_move(change, &row.step);
	return 0;
}

int
ledger_recover(struct db *db, struct campaign_id campaign,
    struct ledger_recovery *recovery, struct err *err)
{
	struct totals *change = mem_new(sizeof *change);
	struct buf blob = BUF_INIT;
	struct handed_row row;
	struct span rest;
	int64_t at_ms;
	int got, rc = -1;

	recovery->in_doubt = recovery->again = recovery->accepted = 0;
	if (handed_read(db, campaign, &blob, err) < 0)
		goto out;
	rest = buf_span(&blob);
	if (handed_time(&rest, &at_ms, err) < 0)
		goto out;
	while ((got = handed_next(&rest, &row, err)) > 0) {
		if (recover_row(db, campaign, recovery, &row, change, err) < 0)
			goto out;
	}
	if (got < 0 || totals_write(db, campaign, change, err) < 0)
		goto out;
	rc = handed_create(db, campaign, err);
out:
	buf_done(&blob);
	free(change);
	return rc;
}

/* ---- Steps of many rows ---------------------------------------------------- */

int
ledger_cancel(
    struct db *db, struct campaign_id campaign, int64_t now_ms, struct err *err)
{
	static const char sql[] =
	    "UPDATE ledger SET state = CASE again WHEN 1 THEN ?3 ELSE ?2 END,"
	    " at_ms = ?4, next_ms = 0 WHERE campaign = ?1"
	    " AND state IN (0, 4)";
	struct stmt *stmt = statement(db, sql, campaign, err);

	static_assert(
	    LEDGER_PLANNED == 0 && LEDGER_DEFERRED == 4, "the numbers above");
	if (!stmt)
		return -1;
	stmt_int(stmt, 2, LEDGER_CANCELLED);
	stmt_int(stmt, 3, LEDGER_IN_DOUBT);
	stmt_int(stmt, 4, now_ms);
	if (stmt_run(stmt, err) < 0)
		return -1;
	return totals_rebuild(db, campaign, err);
}

int
ledger_hurry(struct db *db, struct campaign_id campaign, struct err *err)
{
	static const char sql[] = "UPDATE ledger SET next_ms = 0"
				  " WHERE campaign = ?1 AND state = 4"
				  " AND again = 0";
	struct stmt *stmt = statement(db, sql, campaign, err);

	return stmt ? stmt_run(stmt, err) : -1;
}

int
ledger_shift(struct db *db, struct campaign_id campaign, int64_t shift_ms,
    struct err *err)
{
	static const char sql[] =
	    "UPDATE ledger SET next_ms = max(next_ms + ?2, 0)"
	    " WHERE campaign = ?1 AND state = 4 AND next_ms > 0";
	struct stmt *stmt = statement(db, sql, campaign, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 2, shift_ms);
	return stmt_run(stmt, err);
}

/* ---- Figures --------------------------------------------------------------- */

/* What is handed is PLANNED or DEFERRED in its row. */
static int
count_handed(struct db *db, struct campaign_id campaign,
    int64_t count[LEDGER_STATES], struct err *err)
{
	struct buf blob = BUF_INIT;
	struct handed_row row;
	struct span rest;
	int64_t at_ms;
	int got = -1;

	if (handed_read(db, campaign, &blob, err) < 0)
		goto out;
	rest = buf_span(&blob);
	if (handed_time(&rest, &at_ms, err) < 0)
		goto out;
	while ((got = handed_next(&rest, &row, err)) > 0) {
		count[row.from]--;
		count[row.accepted ? LEDGER_ACCEPTED : LEDGER_HANDED]++;
	}
out:
	buf_done(&blob);
	return got;
}

int
ledger_count(struct db *db, struct campaign_id campaign,
    int64_t count[LEDGER_STATES], struct err *err)
{
	struct totals *totals = mem_new(sizeof *totals);
	int rc = totals_read(db, campaign, totals, err);

	totals_count(totals, count);
	free(totals);
	return rc < 0 ? -1 : count_handed(db, campaign, count, err);
}
