/* When single refusals become a reason to stop everybody's mail: what this file
 * counts is how often a class came lately, in the run or in one provider's
 * group, and the numbers at which an operator would want to be asked. */
#include <string.h>

#include "core/deliver/outcome.h"

enum { SCOPE_RUN, SCOPE_GROUP };

/* In order of gravity; the first that fires is the one that is told.  An
 * unknown address now and then is normal, one in twenty is not (26 of 500 is
 * the first number above 5 %, 11 the first above 2 %). */
static const struct {
	enum outcome_class class;
	int scope, count, window;
} guards[] = {
    {OUTCOME_P3_SOFT, SCOPE_RUN, 3, OUTCOME_WINDOW},
    {OUTCOME_P2, SCOPE_GROUP, 3, OUTCOME_GROUP_WINDOW},
    {OUTCOME_F2, SCOPE_RUN, 20, 20},
    {OUTCOME_H1, SCOPE_RUN, 26, OUTCOME_WINDOW},
    {OUTCOME_U, SCOPE_RUN, 11, OUTCOME_WINDOW},
};

/* Whatever the classes: so many refused for good among the last hundred. */
enum { BURST = 30, BURST_WINDOW = OUTCOME_GROUP_WINDOW };

static int
count_back(
    const uint8_t *ring, int size, int at, int window, enum outcome_class class)
{
	int found = 0;

	for (int i = 1; i <= window; i++)
		found += ring[(at + size - i) % size] == class;
	return found;
}

static int
count_of(const struct outcome_history *history, size_t guard, unsigned group)
{
	if (guards[guard].scope == SCOPE_GROUP)
		return count_back(history->group[group].last,
		    OUTCOME_GROUP_WINDOW, history->group[group].at,
		    guards[guard].window, guards[guard].class);
	return count_back(history->last, OUTCOME_WINDOW, history->at,
	    guards[guard].window, guards[guard].class);
}

static void
remember(struct outcome_history *history, enum outcome_class class, bool failed,
    unsigned group)
{
	bool *oldest = &history->failed[history->failed_at];

	history->last[history->at] = (uint8_t)class;
	history->at = (uint16_t)((history->at + 1) % OUTCOME_WINDOW);
	history->group[group].last[history->group[group].at] = (uint8_t)class;
	history->group[group].at =
	    (uint8_t)((history->group[group].at + 1) % OUTCOME_GROUP_WINDOW);
	history->refused = (uint16_t)(history->refused + failed - *oldest);
	*oldest = failed;
	history->failed_at =
	    (uint8_t)((history->failed_at + 1) % OUTCOME_GROUP_WINDOW);
}

/* A guard that asks for as many as its window holds would fire on an empty
 * past; none of the classes asked for is OUTCOME_NONE, so it cannot. */
static bool
ask_guards(const struct outcome_history *history, enum outcome_class class,
    unsigned group, struct outcome_call *out)
{
	for (size_t i = 0; i < sizeof guards / sizeof *guards; i++) {
		int count;

		if (guards[i].class != class)
			continue;
		count = count_of(history, i, group);
		if (count < guards[i].count)
			continue;
		out->count = count;
		out->window = guards[i].window;
		out->guard = outcome_class_name(class);
		return true;
	}
	if (history->refused < BURST)
		return false;
	out->count = history->refused;
	out->window = BURST_WINDOW;
	out->guard = "burst";
	return true;
}

void
outcome_history_add(struct outcome_history *history,
    const struct outcome_rule *rule, int code, unsigned group,
    struct outcome_call *out)
{
	enum outcome_class class = rule ? rule->class : OUTCOME_NONE;
	bool failed = rule && rule->action == OUTCOME_FAIL && code >= 500;

	*out = (struct outcome_call){.effect = EFFECT_NONE};
	group %= OUTCOME_GROUPS;
	remember(history, class, failed, group);
	if (!rule)
		return;
	if (ask_guards(history, class, group, out)) {
		out->effect = EFFECT_PAUSE;
		memset(history, 0, sizeof *history);
		return;
	}
	if (rule->effect == EFFECT_NONE)
		return;
	out->effect = rule->effect;
	out->minutes = rule->minutes;
	out->guard = outcome_class_name(class);
	out->count = out->window = 1;
}
