/* What somebody should look at in the audit log: found by rules, over the
 * entries since the last review.  Part of report.h; docs/audit.md has the table
 * of rules. */
#ifndef CORE_REPORT_ANOMALY_H
#define CORE_REPORT_ANOMALY_H

#include <stdatomic.h>

#include "core/store/store.h"

enum anomaly_rule {
	ANOMALY_HOURS,    /* work outside of audit.hours and audit.days */
	ANOMALY_EXPORT,   /* data left the store, or were unmasked */
	ANOMALY_ATTEST,   /* answers, overrides, approvals */
	ANOMALY_FAILED,   /* sign-ins, codes, counts that were wrong */
	ANOMALY_BIG_SEND, /* audit.big_send recipients or more */
	ANOMALY_POLICY,   /* settings of safety, people, keys, relays */
	ANOMALY_SEAL,     /* a seal undone, a store put back, a log unsealed */
	ANOMALY_CLOCK,    /* the clock went back by more than a minute */
	ANOMALY_RULES
};

enum { ANOMALY_MAX = 5000, ANOMALY_CLOCK_MS = 60 * 1000 };

/* One item: an entry, or several of one person and local day that one rule
 * finds (hours, attest, failed).  Plain data. */
struct anomaly {
	enum anomaly_rule rule;
	int64_t first, last; /* numbers of entries */
	int64_t count;
	int64_t at_ms; /* of the first */
	char who[65], what[65], object[65];
};

/* Stable word of a rule ("hours"); static. */
const char *anomaly_name(enum anomaly_rule rule);

/* Items: the caller's, ended with free(item). */
struct anomalies {
	struct anomaly *item;
	size_t count;
	bool more;         /* there are more than ANOMALY_MAX */
	int64_t from, to;  /* entries that were read, both included */
	struct digest end; /* hash of entry to */
};

/* Reads the entries behind number after to the end of the log; items by first
 * entry.  For a worker.  E_CANCELLED soon after *stop (which may be NULL)
 * becomes true. */
int anomaly_find(struct db *db, int64_t after, const atomic_bool *stop,
    struct anomalies *out, struct err *err);

#endif
