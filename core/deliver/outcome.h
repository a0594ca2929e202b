/* What a reply means: an ordered table of rules, each with its example
 * (outcome.def), the operator's own ones behind them, and the guards over what
 * came lately. */
#ifndef CORE_DELIVER_OUTCOME_H
#define CORE_DELIVER_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/span.h"
#include "core/deliver/replies.h"
#include "core/net/group.h"
#include "core/net/smtp.h"

/* What happens to the recipient. */
enum outcome_action {
	OUTCOME_FAIL,     /* for good */
	OUTCOME_RETRY,    /* deferred by the schedule, the attempt counts */
	OUTCOME_THROTTLE, /* deferred by the schedule, no attempt counted */
	OUTCOME_REQUEUE,  /* not the recipient's fault: due again at once, no
			   * attempt counted; the effect keeps it from going
			   * round in circles */
};

/* What happens to the rest of the run. */
enum outcome_effect {
	EFFECT_NONE,
	EFFECT_SLOW_RELAY,    /* half the rate and sessions of the relay */
	EFFECT_SLOW_GROUP,    /* half the rate and sessions of the recipient's
	                       * group, nothing to it for the minutes given */
	EFFECT_SUSPEND_GROUP, /* nothing to that group for the minutes given;
	                       * an incident: shown, logged, alerted */
	EFFECT_REST_RELAY,    /* nothing through this relay for the minutes */
	EFFECT_STOP_RELAY,    /* nothing through it until the operator says so;
	                       * no other left: the run pauses */
	EFFECT_PAUSE,         /* the run */
};

/* Which interval comes after the n-th attempt. */
enum outcome_schedule { SCHEDULE_SYSTEM, SCHEDULE_GREYLIST, SCHEDULE_FULL };

/* ---- Rules ------------------------------------------------------------- */

/* Who said it: our relay for itself; or the recipient's server, to us or quoted
 * by the relay. */
enum outcome_who { WHO_ANY, WHO_RELAY, WHO_REMOTE };

struct outcome_rule {
	const char *id; /* "google.no_account"; stable */
	enum outcome_class class;
	enum outcome_who who;
	unsigned groups; /* bits 1 << enum group; 0: any */
	unsigned stages; /* bits 1 << enum smtp_stage; 0: any */
	int code_from, code_to;
	const char *enhanced; /* words, '*' at the end of one: any rest;
			       * NULL: not asked */
	const char *text;     /* tokens parted by '|', any of them must occur;
			       * parts of a token joined by '&' must all occur;
			       * ASCII case folded; NULL: not asked */
	enum outcome_action action;
	enum outcome_schedule schedule;
	enum outcome_effect effect; /* at once; guards come on top */
	int minutes;                /* of the effect */
	enum group example_group;
	enum smtp_stage example_stage;
	const char *example; /* a reply that this rule and no other decides */
};

/* All built-in rules in order; static.  The last one matches everything. */
const struct outcome_rule *outcome_rules(size_t *count);

/* A 4xx or 5xx reply of a transaction. */
struct outcome_reply {
	enum smtp_stage stage;
	enum group group;      /* the recipient's */
	enum outcome_who peer; /* WHO_RELAY, or WHO_REMOTE when the session is
	                        * with the recipient's own server */
	int code;
	const char *enhanced; /* "" when absent */
	struct span raw;      /* foreign, only searched */
};

/* The first built-in rule that matches; never NULL.  What a relay quotes
 * ("host x said: 550 ...") is judged by the quoted code and words. */
const struct outcome_rule *outcome_classify(const struct outcome_reply *reply);

/* ---- Schedule ---------------------------------------------------------- */

/* Milliseconds until the next try after attempt tries (from 1); dice is any
 * random number and moves the result by up to 20 %. */
int64_t outcome_delay_ms(
    enum outcome_schedule schedule, int attempt, uint32_t dice);

/* ---- Guards ------------------------------------------------------------ */

enum { OUTCOME_WINDOW = 500, OUTCOME_GROUP_WINDOW = 100, OUTCOME_GROUPS = 32 };

/* The last outcomes; zero-initialise.  Plain memory without a lock. */
struct outcome_history {
	uint8_t last[OUTCOME_WINDOW]; /* enum outcome_class */
	bool failed[OUTCOME_GROUP_WINDOW];
	uint16_t at, refused; /* refused: how many are set in failed */
	uint8_t failed_at;
	struct {
		uint8_t last[OUTCOME_GROUP_WINDOW], at;
	} group[OUTCOME_GROUPS];
};

/* What an outcome asks of the run. */
struct outcome_call {
	enum outcome_effect effect; /* EFFECT_NONE: nothing */
	int minutes;
	const char *guard; /* what fired: a class's name or "burst"; static */
	int count, window; /* how many of the last how many */
};

/* Adds an outcome (rule NULL: accepted, code its reply, group any small number
 * for the recipient's group) and says what it asks of the run: the rule's own
 * effect, or the pause of a guard that fired, which then starts anew. */
void outcome_history_add(struct outcome_history *history,
    const struct outcome_rule *rule, int code, unsigned group,
    struct outcome_call *out);

/* ---- The operator's own rules ------------------------------------------ */

/* The built-in rules and the operator's own ones, which are asked when only the
 * last built-in one matches.  Any thread may classify while another reloads;
 * rules it gave stay until outcome_book_free(). */
struct outcome_book;

/* Reads the own rules.  The caller frees *out. */
int outcome_book_read(
    struct db *db, struct outcome_book **out, struct err *err);

/* Reads them again, for the replies from now on. */
int outcome_book_reload(
    struct outcome_book *book, struct db *db, struct err *err);

/* outcome_classify() with the own rules; book may be NULL. */
const struct outcome_rule *outcome_book_classify(
    struct outcome_book *book, const struct outcome_reply *reply);

/* Frees the rules too; accepts NULL, sets *book to NULL. */
void outcome_book_free(struct outcome_book **book);

#endif
