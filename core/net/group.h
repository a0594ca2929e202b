/* Provider groups: recipients whose mail ends at the same house share its
 * limits.  The table is core/net/group.def. */
#ifndef CORE_NET_GROUP_H
#define CORE_NET_GROUP_H

#include <stdint.h>

#include "core/base/span.h"

/* Stored as numbers (ledger, pace_state): never renumber. */
enum group {
#define GROUP(member, name, sessions, per_session, rate, cap, suspend)         \
	GROUP_##member,
#include "core/net/group.def"
#undef GROUP
	GROUP_COUNT
};

/* What a group is known to bear. */
struct group_limits {
	int sessions;       /* at the same time */
	int per_session;    /* messages through one connection */
	int rate;           /* messages a second, to begin with */
	int rate_cap;       /* and at most */
	int64_t suspend_ms; /* after a throttle */
};

/* The stable name ("yahoo.co.jp"), also what the screen shows; static. */
const char *group_name(enum group group);

/* Its line of the table; static. */
const struct group_limits *group_limits(enum group group);

/* The group of an address's domain (lower-case A-labels, without the last
 * dot); GROUP_OTHER when none is known. */
enum group group_of_domain(struct span domain);

/* The group of a mail exchanger's host name, in any case, with or without the
 * last dot; GROUP_OTHER when none is known. */
enum group group_of_mx(struct span host);

#endif
