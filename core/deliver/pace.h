/* How fast and with how many sessions the relay is used: rate limit, back-off
 * after failures, fewer sessions when it asks for mercy.  Plain state without
 * lock or clock; all times are steady milliseconds. */
#ifndef CORE_DELIVER_PACE_H
#define CORE_DELIVER_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/net/smtp_manners.h"

enum { PACE_FAILURES_MAX = 6, PACE_RECOVER = 200 };

struct relay_pace {
	int rate_per_s; /* 0: no limit */
	int64_t tokens; /* thousandths of a message */
	int64_t filled_ms;
	int sessions; /* wanted */
	int cap;      /* allowed now, 1..sessions */
	int clean;    /* accepted since the cap was last moved */
	int failures; /* in a row */
	int64_t dial_after_ms;
	unsigned epoch; /* grows with every failure that counts */
	bool proven;    /* a session came through since the last failure */
	bool probing;   /* the one session that finds out is under way */
	struct smtp_manners manners;
};

/* Starts with full speed and nothing proven. */
void pace_init(
    struct relay_pace *pace, int sessions, int rate_per_s, int64_t now_ms);

/* True when one more message may start now; it is then counted. */
bool pace_spend(struct relay_pace *pace, int64_t now_ms);

/* Gives back what pace_spend() counted. */
void pace_refund(struct relay_pace *pace);

/* True when session number (from 0) may be dialled.  Until one came through,
 * a single one tries. */
bool pace_may_dial(struct relay_pace *pace, int number, int64_t now_ms);

/* A session came through. */
void pace_proven(struct relay_pace *pace);

/* The relay answered a transaction: failures are forgotten. */
void pace_answered(struct relay_pace *pace);

/* A message was accepted: the cap slowly opens again. */
void pace_accepted(struct relay_pace *pace);

/* The relay asked for less. */
void pace_throttle(struct relay_pace *pace);

/* A session of that epoch failed.  Those dialled before the last counted
 * failure say nothing new.  True when it was one failure too many in a row;
 * counting then starts anew. */
bool pace_failed(struct relay_pace *pace, unsigned epoch, int64_t now_ms);

/* True for errors of a session that trying again cannot mend: wrong password,
 * certificate, missing TLS. */
bool pace_is_hopeless(const struct err *why);

#endif
