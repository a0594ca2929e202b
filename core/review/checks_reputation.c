/* What receivers answered lately, and whether somebody could stop what goes
 * wrong. */
#include "core/review/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)

enum {
	CAMPAIGNS = 3,
	FIGURE_DAYS = 31, /* so long a figure typed by hand counts */
	TRIED_DAYS = 180, /* so long the stop key counts as tried */
	FAILED_STATE = 5, /* of the ledger */
	RUN_ENDED = 3,    /* DONE; STOPPED is the next */
	FEW = 20,
};

/* ---- RP-03 ----------------------------------------------------------------- */

/* In thousandths of a percent. */
enum {
	BOUNCES_BLOCK = 5000,
	BOUNCES_WARN = 2000,
	COMPLAINTS_BLOCK = 300,
	COMPLAINTS_WARN = 100,
};

struct figures {
	int64_t campaigns, mails, hard;
	int64_t complaints; /* thousandths of a percent; -1: nobody said */
};

/* Hard refusals of the last campaigns from the ledger; what bounced after it
 * was accepted is not read by this version. */
static int
count_hard(struct check_run *run, struct figures *out, struct err *err)
{
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT r.total, (SELECT count(*) FROM ledger l"
	    " WHERE l.campaign = r.campaign AND l.state = ?2"
	    " AND l.class IN ('H1', 'H2', 'H3', 'H4'))"
	    " FROM run r WHERE r.campaign <> ?1 AND r.state >= ?3"
	    " ORDER BY r.started_ms DESC LIMIT ?4",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, run->inputs->campaign.id.v);
	stmt_int(stmt, 2, FAILED_STATE);
	stmt_int(stmt, 3, RUN_ENDED);
	stmt_int(stmt, 4, CAMPAIGNS);
	while ((got = stmt_step(stmt, err)) == 1) {
		out->campaigns++;
		out->mails += stmt_col_int(stmt, 0);
		out->hard += stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	return got;
}

/* The digits from..to of text as a number; -1 when they are none. */
static int
digits(struct span text, size_t from, size_t to)
{
	int value = 0;

	for (size_t i = from; i < to; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return -1;
		value = value * 10 + (text.ptr[i] - '0');
	}
	return value;
}

/* Midnight of a date as "2026-11-22", UTC; 0 when it is none. */
static int64_t
date_ms(struct span text)
{
	int year, month, day;
	struct tm tm = {0};

	if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-')
		return 0;
	year = digits(text, 0, 4);
	month = digits(text, 5, 7);
	day = digits(text, 8, 10);
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return 0;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	return (int64_t)timegm(&tm) * 1000;
}

static int
read_complaints(struct check_run *run, struct figures *out, struct err *err)
{
	struct buf on = BUF_INIT;
	int64_t figure = setting_int(run->db, "reputation.complaints", err);
	int64_t at_ms;
	int rc = -1;

	if (figure >= 0)
		rc =
		    setting_read(run->db, "reputation.complaints_on", &on, err);
	at_ms = date_ms(buf_span(&on));
	out->complaints = -1;
	if (at_ms && run->at_ms - at_ms <= FIGURE_DAYS * DAY_MS)
		out->complaints = figure;
	buf_done(&on);
	return rc;
}

/* One of the two lines, by its limits. */
static void
judge_figures(struct review *review, enum check_id line,
    const struct figures *figures, int64_t bounces, int64_t complaints)
{
	int64_t rate =
	    figures->mails >= FEW ? figures->hard * 100000 / figures->mails : 0;

	result_fact(review, line, "campaigns=%lld hard=%lld rate=%lld",
	    (long long)figures->campaigns, (long long)figures->hard,
	    (long long)rate);
	if (rate > bounces) {
		result_set(review, line, CHECK_FAIL, figures->hard);
		result_why(review, line, "bounces", SPAN(""));
	} else if (figures->complaints >= complaints) {
		result_set(review, line, CHECK_FAIL, 1);
		result_why(review, line, "complaints", SPAN(""));
	} else if (figures->complaints < 0 && figures->campaigns &&
		   line == RP_03) {
		result_set(review, line, CHECK_NOT_EVALUATED, 0);
		result_why(review, line, "no_figure", SPAN(""));
	} else {
		result_set(review, line, CHECK_PASS, 0);
	}
}

int
check_complaints(struct check_run *run, struct err *err)
{
	struct figures figures = {0};

	if (count_hard(run, &figures, err) < 0 ||
	    read_complaints(run, &figures, err) < 0)
		return -1;
	judge_figures(
	    run->review, RP_03, &figures, BOUNCES_BLOCK, COMPLAINTS_BLOCK);
	judge_figures(
	    run->review, RP_03W, &figures, BOUNCES_WARN, COMPLAINTS_WARN);
	return 0;
}

/* ---- PC-05 ----------------------------------------------------------------- */

/* The guards and the pause when all relays are gone are part of every run and
 * cannot be switched off; what may be untried is the hand that stops. */
int
check_stop_rules(struct check_run *run, struct err *err)
{
	struct review *review = run->review;
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT coalesce(max(at_ms), 0) FROM audit WHERE what IN"
	    " ('run.pause', 'run.stop') AND who = ?1",
	    err);
	int64_t tried_ms = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(store_user(review->store)));
	got = stmt_step(stmt, err);
	if (got == 1)
		tried_ms = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	if (got != 1)
		return -1;
	result_fact(review, PC_05, "relays=%zu", run->inputs->relays);
	if (run->at_ms - tried_ms <= TRIED_DAYS * DAY_MS) {
		result_set(review, PC_05, CHECK_PASS, 0);
		return 0;
	}
	result_set(review, PC_05, CHECK_NOT_EVALUATED, 0);
	result_why(review, PC_05, "untried", SPAN(""));
	return 0;
}
