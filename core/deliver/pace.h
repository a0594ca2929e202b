/* How fast and with how many sessions something may be used: a rate limit, a
 * slow-down when it asks for mercy, a back-off when it fails.  Plain state
 * without lock or clock; all times are steady milliseconds. */
#ifndef CORE_DELIVER_PACE_H
#define CORE_DELIVER_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/net/smtp_manners.h"

/* ---- Token bucket ---------------------------------------------------------- */

enum { PACE_MILLI = 1000 }; /* rates are thousandths of a message a second */

struct bucket {
	int64_t rate;   /* thousandths of a message per second; 0: no limit */
	int64_t tokens; /* millionths of a message */
	int64_t filled_ms;
};

/* A bucket with one message in it. */
void bucket_init(struct bucket *bucket, int64_t rate, int64_t now_ms);

/* Another rate; what has gathered stays. */
void bucket_set(struct bucket *bucket, int64_t rate, int64_t now_ms);

/* How many of wish messages may start now; they are counted.  A tenth of a
 * second's worth gathers, at least one message. */
int bucket_take(struct bucket *bucket, int wish, int64_t now_ms);

/* Gives back what bucket_take() counted. */
void bucket_refund(struct bucket *bucket, int count);

/* ---- Slowing down ---------------------------------------------------------- */

enum { SLOW_CLEAN_MS = 5 * 60 * 1000, SLOW_DEAF_MS = 10 * 1000 };

/* Rate and sessions that are halved by a throttle and grow by a tenth after
 * each five minutes without one. */
struct slow {
	int sessions_max, sessions; /* max 0: no limit, then never slowed */
	int64_t rate_max, rate;     /* as in a bucket; 0: no limit */
	int64_t goal; /* with no limit: the rate at which it is forgotten */
	int64_t moved_ms, throttled_ms;
	bool slowed;
};

/* Starts at full speed, or at rate_start when that is not 0. */
void slow_init(struct slow *slow, int sessions, int64_t rate_start,
    int64_t rate_max, int64_t now_ms);

/* Asked for less, while measured (as a rate) messages went through.  False
 * within ten seconds of the last time: what was under way says nothing new. */
bool slow_throttle(struct slow *slow, int64_t measured, int64_t now_ms);

enum slow_turn { SLOW_SAME, SLOW_GREW, SLOW_RECOVERED };

/* Time went by: grows when five minutes were clean. */
enum slow_turn slow_grow(struct slow *slow, int64_t now_ms);

/* ---- A relay --------------------------------------------------------------- */

enum { PACE_FAILURES_MAX = 6 };

struct relay_pace {
	struct bucket bucket;
	struct slow slow;
	int failures; /* in a row */
	int64_t dial_after_ms;
	unsigned epoch; /* grows with every failure that counts */
	bool proven;    /* a session came through since the last failure */
	bool probing;   /* the one session that finds out is under way */
	struct smtp_manners manners;
};

/* Starts with full speed and nothing proven; rate 0: no limit. */
void pace_init(
    struct relay_pace *pace, int sessions, int rate_per_s, int64_t now_ms);

/* Whether one more session may be dialled while open ones are.  Until one came
 * through, a single one tries. */
bool pace_may_dial(struct relay_pace *pace, int open, int64_t now_ms);

/* A session came through.  True when it is the first since a failure. */
bool pace_proven(struct relay_pace *pace);

/* The relay answered a transaction: failures are forgotten. */
void pace_answered(struct relay_pace *pace);

/* The relay asked for less; see slow_throttle(). */
bool pace_throttle(struct relay_pace *pace, int64_t measured, int64_t now_ms);

/* Time went by; see slow_grow(). */
enum slow_turn pace_grow(struct relay_pace *pace, int64_t now_ms);

/* A session of that epoch failed.  Those dialled before the last counted
 * failure say nothing new: false. */
bool pace_failed(struct relay_pace *pace, unsigned epoch, int64_t now_ms);

/* True after so many failures in a row that nothing is expected of it. */
bool pace_is_down(const struct relay_pace *pace);

/* Forgets the failures: to be tried at once. */
void pace_forgive(struct relay_pace *pace, int64_t now_ms);

/* True for errors of a session that trying again cannot mend: wrong password,
 * certificate, missing TLS. */
bool pace_is_hopeless(const struct err *why);

#endif
