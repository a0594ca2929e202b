/* How much leaves on a day, how long it takes, and whether a receiver is angry
 * just now.  Estimates are for deciding before a launch; what really holds a
 * delivery back is decided when it runs. */
#include <stdlib.h>
#include <time.h>

#include "core/base/hours.h"
#include "core/review/crowd.h"
#include "core/review/jobs.h"

#define DAY_MS  INT64_C(86400000)
#define STEP_MS INT64_C(600000) /* of the simulated day: ten minutes */

enum {
	DAYS = 14,
	STEPS_MAX = 30 * 144,
	SESSION_RATE = 10, /* messages a second, where none is configured */
	JST_MIN = 9 * 60,
	QUIET_FROM = 21 * 60, /* of carriers, Japanese time */
	QUIET_TO = 8 * 60,
	INCIDENT_DAYS = 7,
	INCIDENT_SHARE = 100, /* one in so many of the list */
	/* of the ledger: numbers that are never renumbered */
	ACCEPTED = 3,
	DEFERRED = 4,
	FAILED = 5,
};

static int64_t
midnight_ms(int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm = {0};

	localtime_r(&at, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * 1000;
}

/* ---- PC-01 ----------------------------------------------------------------- */

/* Accepted mail of the sender's domain: [day][group], day 0 is today, and the
 * sum of all groups stands behind them. */
struct volume {
	int64_t day[DAYS + 1][GROUP_COUNT + 1];
};

static int
read_volume(struct check_run *run, struct volume *out, struct err *err)
{
	const struct campaign *campaign = &run->inputs->campaign;
	struct span from = buf_span(&campaign->from_address);
	size_t at = span_index(from, '@');
	int64_t today_ms = midnight_ms(run->at_ms);
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT (?3 + 86400000 - 1 - l.at_ms) / 86400000, l.grp, count(*)"
	    " FROM run r JOIN campaign c ON c.id = r.campaign"
	    " JOIN ledger l ON l.campaign = r.campaign"
	    " WHERE r.campaign <> ?1 AND coalesce(r.ended_ms, ?2) >= ?4"
	    " AND l.state = ?5 AND l.at_ms >= ?4"
	    " AND lower(substr(c.from_address,"
	    " instr(c.from_address, '@') + 1)) = lower(?6) GROUP BY 1, 2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->id.v);
	stmt_int(stmt, 2, run->at_ms);
	stmt_int(stmt, 3, today_ms);
	stmt_int(stmt, 4, today_ms - DAYS * DAY_MS);
	stmt_int(stmt, 5, ACCEPTED);
	stmt_text(
	    stmt, 6, span_slice(from, at < from.len ? at + 1 : 0, from.len));
	while ((got = stmt_step(stmt, err)) == 1) {
		int64_t day = stmt_col_int(stmt, 0);
		int64_t group = stmt_col_int(stmt, 1);

		if (day < 0 || day > DAYS || group < 0 || group >= GROUP_COUNT)
			continue;
		out->day[day][group] += stmt_col_int(stmt, 2);
		out->day[day][GROUP_COUNT] += stmt_col_int(stmt, 2);
	}
	stmt_reset(stmt);
	return got;
}

/* What may leave today: twice the best day of the last two weeks, and never
 * less than the floor. */
static int64_t
allowed(const struct volume *volume, int group, int64_t floor)
{
	int64_t best = 0;

	for (int day = 1; day <= DAYS; day++) {
		if (volume->day[day][group] > best)
			best = volume->day[day][group];
	}
	return 2 * best > floor ? 2 * best : floor;
}

/* A stand-by relay is in use only where there is no other one. */
static bool
is_used(const struct inputs *inputs, size_t relay)
{
	return inputs->relay[relay].share || inputs->relays == 1;
}

/* Relays with a plan of their own keep to it. */
static bool
has_plan(const struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->relays; i++) {
		if (is_used(inputs, i) && !inputs->relay[i].warm_from_ms)
			return false;
	}
	return inputs->relays > 0;
}

static int
judge_warm_up(struct check_run *run, const struct crowd *crowd,
    const struct volume *volume, struct err *err)
{
	struct review *review = run->review;
	int64_t floor = setting_int(run->db, "pace.warm_floor", err);
	int64_t today, limit;

	if (floor < 0)
		return -1;
	result_set(review, PC_01, CHECK_PASS, 0);
	if (has_plan(run->inputs)) {
		result_fact(review, PC_01, "plan=1");
		return 0;
	}
	limit = allowed(volume, GROUP_COUNT, floor);
	today = volume->day[0][GROUP_COUNT] + crowd->recipients;
	result_fact(review, PC_01, "limit=%lld", (long long)limit);
	if (today > limit) {
		result_set(review, PC_01, CHECK_FAIL, today - limit);
		result_why(review, PC_01, "warm_all", SPAN(""));
		return 0;
	}
	for (int i = GROUP_OTHER + 1; i < GROUP_COUNT; i++) {
		limit = allowed(volume, i, floor);
		today = volume->day[0][i] + crowd->group[i];
		if (today <= limit)
			continue;
		result_set(review, PC_01, CHECK_FAIL, today - limit);
		result_why(review, PC_01, "warm_group",
		    span_of(group_name((enum group)i)));
		return 0;
	}
	return 0;
}

/* ---- PC-02 ----------------------------------------------------------------- */

/* Messages a second through all relays that are in use; *is_limited when each
 * of them has a rate. */
static int64_t
capacity(const struct inputs *inputs, bool *is_limited)
{
	int64_t all = 0;

	*is_limited = true;
	for (size_t i = 0; i < inputs->relays; i++) {
		const struct relay_config *relay = &inputs->relay[i];

		if (!is_used(inputs, i))
			continue;
		all += relay->rate_per_s ? relay->rate_per_s
					 : relay->sessions * SESSION_RATE;
		*is_limited &= relay->rate_per_s > 0;
	}
	return all > 0 ? all : 1;
}

static int
judge_quota(struct check_run *run, const struct crowd *crowd,
    const struct volume *volume, struct err *err)
{
	struct review *review = run->review;
	int64_t per_hour = setting_int(run->db, "pace.quota_hour", err);
	int64_t per_day = setting_int(run->db, "pace.quota_day", err);
	int64_t day = volume->day[0][GROUP_COUNT] + crowd->recipients, hour;
	bool is_limited;

	if (per_hour < 0 || per_day < 0)
		return -1;
	hour = capacity(run->inputs, &is_limited) * 3600;
	if (!is_limited || hour > crowd->recipients)
		hour = crowd->recipients;
	result_fact(review, PC_02, "quota_hour=%lld quota_day=%lld",
	    (long long)per_hour, (long long)per_day);
	if (!per_hour && !per_day) {
		result_set(review, PC_02, CHECK_NOT_EVALUATED, 0);
		result_why(review, PC_02, "quota_unsaid", SPAN(""));
	} else if (per_day && day > per_day) {
		result_fact(review, PC_02, "days=%lld",
		    (long long)((day + per_day - 1) / per_day));
		result_set(review, PC_02, CHECK_FAIL, day - per_day);
		result_why(review, PC_02, "quota_day", SPAN(""));
	} else if (per_hour && hour > per_hour) {
		result_set(review, PC_02, CHECK_FAIL, hour - per_hour);
		result_why(review, PC_02, "quota_hour", SPAN(""));
	} else {
		result_set(review, PC_02, CHECK_PASS, 0);
	}
	return 0;
}

/* ---- PC-03 ----------------------------------------------------------------- */

/* When mail may leave, in local time. */
struct window {
	struct hours hours, quiet;
	bool has_hours, has_quiet, weekdays;
};

static int
read_window(struct check_run *run, struct window *out, struct err *err)
{
	enum campaign_class class = run->inputs->campaign.class;
	struct buf hours = BUF_INIT, quiet = BUF_INIT, days = BUF_INIT;
	int rc = -1;

	*out = (struct window){.has_hours = false};
	if (class == CLASS_TX || class == CLASS_TEST)
		return 0;
	if (setting_read(run->db, "pace.hours", &hours, err) == 0 &&
	    setting_read(run->db, "pace.quiet", &quiet, err) == 0 &&
	    setting_read(run->db, "pace.days", &days, err) == 0) {
		out->has_hours = hours_parse(buf_span(&hours), &out->hours);
		out->has_quiet = hours_parse(buf_span(&quiet), &out->quiet);
		out->weekdays = span_equal(buf_span(&days), SPAN("weekdays"));
		rc = 0;
	}
	buf_done(&hours);
	buf_done(&quiet);
	buf_done(&days);
	return rc;
}

static bool
is_open(const struct window *window, int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm = {0};
	int minute;

	localtime_r(&at, &tm);
	minute = tm.tm_hour * 60 + tm.tm_min;
	if (window->weekdays && (tm.tm_wday == 0 || tm.tm_wday == 6))
		return false;
	if (window->has_hours && !hours_has(window->hours, minute))
		return false;
	return !window->has_quiet || !hours_has(window->quiet, minute);
}

static bool
is_carrier_night(int64_t at_ms)
{
	static const struct hours quiet = {QUIET_FROM, QUIET_TO};

	return hours_has(quiet, (int)((at_ms / 60000 + JST_MIN) % (24 * 60)));
}

struct sending {
	int64_t end_ms;
	bool at_night; /* some of it between 21:00 and 08:00 in Japan */
};

/* Lets needed_ms of sending pass from start_ms on, in open windows only. */
static struct sending
simulate(const struct window *window, int64_t start_ms, int64_t needed_ms)
{
	struct sending sending = {.end_ms = start_ms};

	for (int i = 0; i < STEPS_MAX && needed_ms > 0; i++) {
		if (!is_open(window, sending.end_ms)) {
			sending.end_ms += STEP_MS;
			continue;
		}
		sending.at_night |= is_carrier_night(sending.end_ms);
		sending.end_ms += needed_ms < STEP_MS ? needed_ms : STEP_MS;
		needed_ms -= STEP_MS;
	}
	return sending;
}

/* Whether the table of provider groups holds: without a relay it always
 * does. */
static int
keeps_table(struct check_run *run, bool *out, struct err *err)
{
	struct buf word = BUF_INIT;
	int rc = setting_read(run->db, "pace.providers", &word, err);

	*out = span_equal(buf_span(&word), SPAN("on"));
	for (size_t i = 0; i < run->inputs->relays; i++)
		*out |= run->inputs->relay[i].kind == RELAY_KIND_DIRECT;
	buf_done(&word);
	return rc;
}

/* How long the mail to a group takes by itself; all of it shares the relays. */
static int64_t
needed_ms(const struct crowd *crowd, int group, int64_t rate, bool by_table)
{
	int64_t all = crowd->recipients * 1000 / rate, own;

	if (!by_table)
		return all;
	own =
	    crowd->group[group] * 1000 / group_limits((enum group)group)->rate;
	return own > all ? own : all;
}

static void
add_minute(struct review *review, const char *name, int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm = {0};
	char text[40];

	localtime_r(&at, &tm);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", &tm);
	result_fact(review, PC_03, "%s=%s", name, text);
}

static int
judge_duration(
    struct check_run *run, const struct crowd *crowd, struct err *err)
{
	static const enum group carriers[] = {
	    GROUP_DOCOMO, GROUP_AU, GROUP_SOFTBANK};
	enum campaign_class class = run->inputs->campaign.class;
	struct review *review = run->review;
	bool by_table, is_limited, promotes;
	int64_t rate = capacity(run->inputs, &is_limited);
	int64_t start = run->inputs->campaign.send_at_ms, longest = 0;
	struct window window;
	int slowest = 0;

	if (keeps_table(run, &by_table, err) < 0 ||
	    read_window(run, &window, err) < 0)
		return -1;
	start = start > run->at_ms ? start : run->at_ms;
	promotes = class == CLASS_AD || class == CLASS_NOTICE;
	for (int i = 0; i < GROUP_COUNT; i++) {
		int64_t needed = needed_ms(crowd, i, rate, by_table);

		if (crowd->group[i] && needed >= longest) {
			longest = needed;
			slowest = i;
		}
	}
	add_minute(review, "finish", simulate(&window, start, longest).end_ms);
	result_fact(review, PC_03, "slowest=%s assumed=%d",
	    group_name((enum group)slowest), !is_limited);
	result_set(review, PC_03, CHECK_PASS, 0);
	for (size_t i = 0; promotes && i < 3; i++) {
		int64_t needed = needed_ms(crowd, carriers[i], rate, by_table);

		if (!crowd->group[carriers[i]] ||
		    !simulate(&window, start, needed + 1).at_night)
			continue;
		result_set(
		    review, PC_03, CHECK_FAIL, crowd->group[carriers[i]]);
		result_why(
		    review, PC_03, "night", span_of(group_name(carriers[i])));
		break;
	}
	return 0;
}

/* ---- RP-04 ----------------------------------------------------------------- */

/* Providers that refuse us as a whole (P1) or find us unauthenticated (P3), and
 * have taken nothing since. */
static int
judge_incidents(
    struct check_run *run, const struct crowd *crowd, struct err *err)
{
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT l.grp, coalesce(max(CASE WHEN l.class IN ('P1', 'P3')"
	    " AND l.state IN (?4, ?5) THEN l.at_ms END), 0),"
	    " coalesce(max(CASE WHEN l.state = ?3 THEN l.at_ms END), 0)"
	    " FROM run r JOIN ledger l ON l.campaign = r.campaign"
	    " WHERE coalesce(r.ended_ms, ?1) >= ?2 AND l.at_ms >= ?2"
	    " GROUP BY l.grp",
	    err);
	struct review *review = run->review;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, run->at_ms);
	stmt_int(stmt, 2, run->at_ms - INCIDENT_DAYS * DAY_MS);
	stmt_int(stmt, 3, ACCEPTED);
	stmt_int(stmt, 4, DEFERRED);
	stmt_int(stmt, 5, FAILED);
	result_set(review, RP_04, CHECK_PASS, 0);
	while ((got = stmt_step(stmt, err)) == 1) {
		int64_t group = stmt_col_int(stmt, 0);
		int64_t refused_ms = stmt_col_int(stmt, 1);

		if (group < 0 || group >= GROUP_COUNT || !refused_ms ||
		    refused_ms <= stmt_col_int(stmt, 2) ||
		    crowd->group[group] * INCIDENT_SHARE <= crowd->recipients)
			continue;
		result_set(review, RP_04, CHECK_FAIL, crowd->group[group]);
		result_why(review, RP_04, "incident",
		    span_of(group_name((enum group)group)));
	}
	stmt_reset(stmt);
	return got;
}

int
check_volume(struct check_run *run, struct err *err)
{
	struct volume *volume = mem_new(sizeof *volume);
	struct crowd *crowd = NULL;
	int rc = -1;

	if (crowd_read(run->db, &run->inputs->campaign, &run->review->cancel,
		&crowd, err) == 0 &&
	    read_volume(run, volume, err) == 0 &&
	    judge_warm_up(run, crowd, volume, err) == 0 &&
	    judge_quota(run, crowd, volume, err) == 0 &&
	    judge_duration(run, crowd, err) == 0)
		rc = judge_incidents(run, crowd, err);
	crowd_free(&crowd);
	free(volume);
	return rc;
}
