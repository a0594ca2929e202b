/* Which house a recipient's mail ends at.  Behind a relay only the domain of
 * the address is known, so freemail houses and carriers are told by their
 * domains; who sends to exchangers directly asks by the exchanger's name, which
 * also finds the companies that have their mail there. */
#include "core/net/group.h"

#include <stddef.h>

static const char *const names[GROUP_COUNT] = {
#define GROUP(member, name, sessions, per_session, rate, cap, suspend)         \
	[GROUP_##member] = name,
#include "core/net/group.def"
#undef GROUP
};

static const struct group_limits limits[GROUP_COUNT] = {
#define GROUP(member, name, sessions, per_session, rate, cap, suspend)         \
	[GROUP_##member] = {                                                   \
	    sessions, per_session, rate, cap, (int64_t)(suspend) * 60 * 1000},
#include "core/net/group.def"
#undef GROUP
};

struct suffix {
	struct span name;
	enum group group;
};

static const struct suffix domains[] = {
#define DOMAIN(member, name) {{name, sizeof(name) - 1}, GROUP_##member},
#include "core/net/group.def"
#undef DOMAIN
};

static const struct suffix exchangers[] = {
#define MX(member, name) {{name, sizeof(name) - 1}, GROUP_##member},
#include "core/net/group.def"
#undef MX
};

const char *
group_name(enum group group)
{
	return names[group];
}

const struct group_limits *
group_limits(enum group group)
{
	return &limits[group];
}

/* The name itself or one below it. */
static int
is_within(struct span host, struct span name)
{
	struct span end;

	if (host.len < name.len)
		return 0;
	end = span_slice(host, host.len - name.len, host.len);
	return span_equal_nocase(end, name) &&
	       (host.len == name.len || end.ptr[-1] == '.');
}

static enum group
find(const struct suffix *table, size_t count, struct span host)
{
	for (size_t i = 0; i < count; i++) {
		if (is_within(host, table[i].name))
			return table[i].group;
	}
	return GROUP_OTHER;
}

enum group
group_of_domain(struct span domain)
{
	return find(domains, sizeof domains / sizeof *domains, domain);
}

enum group
group_of_mx(struct span host)
{
	if (host.len && host.ptr[host.len - 1] == '.')
		host.len--;
	return find(exchangers, sizeof exchangers / sizeof *exchangers, host);
}
