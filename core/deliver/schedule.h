/* A start that waits for its time.  It is armed for one sealed content, on this
 * host and in this folder, and works once; whoever asks for it when it is due
 * gets a run or is told why not.  docs/schedule.md explains what is compared. */
#ifndef CORE_DELIVER_SCHEDULE_H
#define CORE_DELIVER_SCHEDULE_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/base/world.h"
#include "core/campaign/campaign.h"
#include "core/store/store.h"

struct run;

/* Stored as numbers: never renumber. */
enum schedule_state {
	SCHEDULE_WAITS,
	SCHEDULE_STARTED, /* used up; the campaign says what became of it */
	SCHEDULE_EXPIRED, /* nobody was there in time */
	SCHEDULE_REFUSED, /* why tells */
	SCHEDULE_STATES
};

enum {
	/* when the author has named no last moment */
	SCHEDULE_WINDOW_MS = 3600 * 1000,
	/* by how much the wall clock may have been set meanwhile */
	SCHEDULE_CLOCK_MS = 2 * 60 * 1000
};

/* One armed start; plain data. */
struct schedule {
	struct campaign_id campaign;
	char name[CAMPAIGN_NAME_MAX * 4 + 1];
	enum schedule_state state;
	int64_t at_ms, until_ms; /* wall clock */
	int64_t armed_ms, ended_ms;
	char by[64];
	char why[64]; /* name of an error; "" */
};

/* The last moment at which a campaign may start; INT64_MAX without one. */
int64_t schedule_until_ms(const struct campaign *campaign);

/* 0 when a campaign may be launched at now_ms; E_SCHEDULE_TIME (what: early or
 * late, at, until). */
int schedule_is_time(
    const struct campaign *campaign, int64_t now_ms, struct err *err);

/* Arms a sealed campaign for its send_at_ms, instead of an earlier arming;
 * everything that a clearance needs is asked now and again then.  An approval
 * that ends before is known to be missing then.  Logged.  E_SCHEDULE_TIME (none,
 * late), E_SCHEDULE_APPROVAL (ends, at), E_FILE_*, errors of
 * clearance_grant(). */
int schedule_arm(struct store *store, struct world *world,
    struct campaign_id campaign, struct err *err);

/* Takes an armed start, or what is left of one, away.  Logged.
 * E_SCHEDULE_MISSING. */
int schedule_disarm(
    struct store *store, struct campaign_id campaign, struct err *err);

/* Those that wait, by time, then those that ended without a delivery while
 * their campaign is still sealed; *out has *count, the caller frees it. */
int schedule_all(
    struct db *db, struct schedule **out, size_t *count, struct err *err);

/* Reads the arming of a campaign: 1 found, 0 none, -1. */
int schedule_read(struct db *db, struct campaign_id campaign,
    struct schedule *out, struct err *err);

/* The first that is due at now_ms: 1, 0 none, -1. */
int schedule_due(
    struct db *db, int64_t now_ms, struct campaign_id *out, struct err *err);

/* When the next one is due, wall clock; INT64_MAX: none waits. */
int schedule_next_ms(struct db *db, int64_t *out, struct err *err);

/* Starts what is due.  The arming is used up before anything else is tried, so
 * that it can never start twice; what stands in the way is written down and
 * logged, and the campaign stays sealed.  The caller ends *out with run_free().
 * E_SCHEDULE_TIME, E_SCHEDULE_HOST, E_SCHEDULE_CLOCK, E_SCHEDULE_SEAL, errors of
 * clearance_grant() and run_start(). */
int schedule_fire(struct store *store, struct world *world,
    struct campaign_id campaign, struct run **out, struct err *err);

#endif
