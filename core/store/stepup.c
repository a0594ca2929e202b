/* Whether somebody who sits here has to prove it again before a step, and that
 * one proof is good for one step.  Grants are kept in memory only: nothing in
 * the database gives one. */
#include "core/store/stepup.h"

#include "core/base/buf.h"
#include "core/store/state.h"

static const struct {
	const char *name, *setting;
} steps[STEPUP_COUNT] = {
    [STEPUP_LAUNCH] = {"launch", "stepup.launch"},
    [STEPUP_APPROVE] = {"approve", "stepup.approve"},
    [STEPUP_POLICY] = {"policy", "stepup.policy"},
    [STEPUP_SETUP] = {"setup", "stepup.setup"},
    [STEPUP_EXPORT] = {"export", "stepup.export"},
    [STEPUP_UNMASK] = {"unmask", "stepup.unmask"},
    [STEPUP_REVIEW] = {"review", NULL},
};

/* What a name begins with; the longest part that more than one setting has. */
static const struct {
	const char *prefix;
	enum stepup step;
} guarded[] = {
    {"approval.", STEPUP_POLICY},
    {"stepup.", STEPUP_POLICY},
    {"export.", STEPUP_POLICY},
    {"mask.", STEPUP_POLICY},
    {"access.", STEPUP_POLICY},
    {"drill.", STEPUP_POLICY},
    {"launch.", STEPUP_POLICY},
    {"pilot.", STEPUP_POLICY},
    {"schedule.", STEPUP_POLICY},
    {"lock.", STEPUP_SETUP},
    {"login.", STEPUP_SETUP},
    {"editor.", STEPUP_SETUP},
    {"alert.", STEPUP_SETUP},
    {"audit.", STEPUP_SETUP},
    {"away.", STEPUP_SETUP},
};

const char *
stepup_name(enum stepup step)
{
	return steps[step].name;
}

enum stepup
stepup_of_setting(struct span name)
{
	for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++) {
		if (span_starts(name, span_of(guarded[i].prefix)))
			return guarded[i].step;
	}
	return STEPUP_COUNT;
}

int
stepup_read(
    struct db *db, enum stepup step, enum stepup_level *out, struct err *err)
{
	struct buf value = BUF_INIT;
	int rc = 0;

	*out = STEPUP_PASSWORD;
	if (!steps[step].setting)
		return 0;
	rc = setting_read(db, steps[step].setting, &value, err);
	if (span_equal(buf_span(&value), SPAN("never")))
		*out = STEPUP_NEVER;
	else if (!span_equal(buf_span(&value), SPAN("password")))
		*out = STEPUP_SECOND;
	buf_done(&value);
	return rc;
}

void
stepup_grant(struct store *store, enum stepup step)
{
	atomic_store(&store->granted_until[step],
	    clock_steady_ms(store->clock) + STEPUP_GRANT_MS);
}

void
stepup_withdraw(struct store *store)
{
	for (int i = 0; i < STEPUP_COUNT; i++)
		atomic_store(&store->granted_until[i], 0);
}

static bool
sets_up(const struct store *store, enum stepup step)
{
	return store->is_fresh &&
	       (step == STEPUP_POLICY || step == STEPUP_SETUP);
}

/* Several settings of one page change in one transaction. */
static bool
is_used_here(struct store *store, struct db *db, enum stepup step)
{
	return db && db == store->writer &&
	       store->granted_turn[step] == store->turns;
}

int
stepup_require(
    struct store *store, struct db *db, enum stepup step, struct err *err)
{
	enum stepup_level level = STEPUP_SECOND;
	struct db *own = NULL;
	long long until;
	int rc;

	if (sets_up(store, step) || is_used_here(store, db, step))
		return 0;
	if (!db && store_reader_open(store, &own, err) < 0)
		return -1;
	rc = stepup_read(db ? db : own, step, &level, err);
	store_reader_close(&own);
	if (rc < 0 || level == STEPUP_NEVER)
		return rc;
	until = atomic_exchange(&store->granted_until[step], 0);
	if (until && clock_steady_ms(store->clock) <= until) {
		if (db && db == store->writer)
			store->granted_turn[step] = store->turns;
		return 0;
	}
	err_set(err, E_STEPUP);
	return err_fact(err, "step", span_of(steps[step].name));
}
