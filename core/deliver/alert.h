/* Word to people who are not at the screen: a configured command, and a mail
 * of one fixed form through a relay to at most three fixed addresses.  Facts
 * only: no text of a campaign, nobody's data.  This is no way to send a
 * campaign: see core/deliver/alert_mail.c. */
#ifndef CORE_DELIVER_ALERT_H
#define CORE_DELIVER_ALERT_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/world.h"
#include "core/campaign/campaign.h"
#include "core/store/store.h"

struct run_progress;

enum alert_kind {
	ALERT_TEST,    /* somebody tries the settings */
	ALERT_GUARD,   /* the delivery was paused by a guard */
	ALERT_STALL,   /* mail is ready, nothing was answered for a minute */
	ALERT_RELAY,   /* a relay is out until somebody mends it */
	ALERT_GROUP,   /* a provider group gets nothing for a while */
	ALERT_END,     /* the delivery is over */
	ALERT_LOG,     /* the audit log does not fit, or its end was sealed */
	ALERT_CHANGED, /* a message is not the sealed one: withheld */
	ALERT_STARTED, /* an armed delivery has begun by itself */
	ALERT_NOT_STARTED, /* one that was armed was not begun; why tells */
	ALERT_KINDS
};

/* Stable word of a kind ("guard"); static. */
const char *alert_name(enum alert_kind kind);

enum {
	ALERT_TO_MAX = 3,
	ALERT_WAITING_MAX = 16,    /* told together; more are counted */
	ALERT_GAP_MS = 60 * 1000,  /* between two tellings */
	ALERT_DAY_MAX = 20,        /* tellings in 24 hours */
	ALERT_LIMIT_MS = 30 * 1000 /* for each way of telling */
};

/* One thing that happened; plain data. */
struct alert {
	enum alert_kind kind;
	int64_t at_ms; /* wall clock */
	struct campaign_id campaign;
	char name[64];     /* of the relay or the group */
	enum err_code why; /* E_NONE: nothing to add */
	char class[16];    /* of a guard, as the rules name it */
	bool has_figures;
	const char *state; /* static word */
	int64_t total, accepted, deferred, failed, in_doubt, open;
};

/* Fills in the figures from those of the run. */
void alert_take_figures(struct alert *alert, const struct run_progress *now);

/* Appends an alert as lines "name=value", ended by an empty one. */
void alert_facts(const struct alert *alert, struct buf *out);

/* How often may be told; start from zeros. */
struct alert_limit {
	int64_t told_ms[ALERT_DAY_MAX]; /* steady; a ring */
	int at;
	uint64_t count;
};

/* Milliseconds until the next telling is allowed; 0: now. */
int64_t alert_wait_ms(const struct alert_limit *limit, int64_t now_ms);
void alert_told(struct alert_limit *limit, int64_t now_ms);

/* Where alerts go, as set up. */
struct alert_ways {
	struct buf command; /* absolute path; empty: none */
	struct buf relay;   /* name of the relay; empty: no mail */
	struct buf to[ALERT_TO_MAX];
	struct buf from, ehlo;
};

/* Reads the settings; ended with alert_ways_done(). */
int alert_ways_read(struct db *db, struct alert_ways *out, struct err *err);
void alert_ways_done(struct alert_ways *ways);

/* True when there is somebody to tell. */
bool alert_has_way(const struct alert_ways *ways);

/* Tells count alerts at once, by all ways; blocks up to ALERT_LIMIT_MS for
 * each.  All are tried; the first failure is the result.  Errors of
 * command_run() and alert_mail(). */
int alert_tell(struct store *store, struct world *world,
    const struct alert *alerts, size_t count, int cancel_fd, struct err *err);

/* Mails a head seal (a line of core/store/audit_seal.h) to one address through
 * the relay of alerts; blocks up to ALERT_LIMIT_MS.  E_ALERT_NOWHERE without a
 * relay; errors of alert_mail(). */
int alert_tell_seal(struct store *store, struct world *world, struct span to,
    struct span line, int cancel_fd, struct err *err);

#endif
