/* What a reply means: an ordered table of rules, each with its example. */
#ifndef CORE_DELIVER_OUTCOME_H
#define CORE_DELIVER_OUTCOME_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/span.h"
#include "core/net/smtp.h"

/* What happens to the recipient. */
enum outcome_action {
	OUTCOME_FAIL,     /* for good */
	OUTCOME_RETRY,    /* deferred by the schedule, the attempt counts */
	OUTCOME_THROTTLE, /* deferred, no attempt counted, fewer sessions */
	OUTCOME_REQUEUE,  /* not the recipient's fault: due again at once, no
			   * attempt counted; the guard pauses the run */
};

/* When the n-th outcome of a class within the last window ones pauses the run
 * (window 0: ever since it was started). */
struct outcome_guard {
	int count; /* 0: never */
	int window;
};

/* Which interval comes after the n-th attempt. */
enum outcome_schedule { SCHEDULE_SYSTEM, SCHEDULE_GREYLIST, SCHEDULE_FULL };

struct outcome_rule {
	const char *class; /* "H1" */
	unsigned stages;   /* bits 1 << enum smtp_stage; 0: any */
	int code_from, code_to;
	const char *enhanced; /* words, '*' at the end of one: any rest;
			       * NULL: not asked */
	const char *text;     /* tokens parted by '|', any of them must occur,
			   * ASCII case folded; NULL: not asked */
	enum outcome_action action;
	struct outcome_guard guard;
	enum outcome_schedule schedule;
	enum smtp_stage example_stage;
	const char *example; /* a reply that this rule decides */
};

/* All rules in order; static.  The last one matches everything. */
const struct outcome_rule *outcome_rules(size_t *count);

/* The first rule that matches a 4xx or 5xx reply of a transaction; never NULL.
 * raw is foreign and is only searched. */
const struct outcome_rule *outcome_classify(
    enum smtp_stage stage, int code, const char *enhanced, struct span raw);

/* Milliseconds until the next try after attempt tries (from 1); dice is any
 * random number and moves the result by up to 20 %. */
int64_t outcome_delay_ms(
    enum outcome_schedule schedule, int attempt, uint32_t dice);

enum { OUTCOME_WINDOW = 500 };

/* The last outcomes, for the guards; zero-initialise. */
struct outcome_history {
	const struct outcome_rule *last[OUTCOME_WINDOW]; /* NULL: accepted */
	size_t at;
};

/* Adds an outcome (rule NULL: accepted).  How many of its class there are in
 * the window when its guard fires, else 0.  A guard that fired starts anew. */
int outcome_history_add(
    struct outcome_history *history, const struct outcome_rule *rule);

#endif
