/* The names of the TLS levels, as settings and evidence store them, and the
 * memory for what a next hop has offered before: an attacker between us and a
 * relay can strip an offer, but not make us forget it. */
#include "core/net/target.h"

#include <assert.h>
#include <string.h>

static const char *const names[] = {
    [TLS_LEVEL_NONE] = "none",
    [TLS_LEVEL_OPPORTUNISTIC] = "opportunistic",
    [TLS_LEVEL_REQUIRED] = "required",
    [TLS_LEVEL_VERIFY] = "verify",
    [TLS_LEVEL_IMPLICIT] = "implicit",
    [TLS_LEVEL_PIN] = "pin",
    [TLS_LEVEL_DANE] = "dane",
};
static_assert(
    sizeof names / sizeof *names == TLS_LEVEL_COUNT, "name every level");

const char *
tls_level_name(enum tls_level level)
{
	return (unsigned)level < TLS_LEVEL_COUNT ? names[level] : "";
}

enum tls_level
tls_level_of(const char *name)
{
	int level = 0;

	while (level < TLS_LEVEL_COUNT && strcmp(names[level], name) != 0)
		level++;
	return (enum tls_level)level;
}

struct tls_expect
target_expect(const struct exchange_target *target)
{
	return (struct tls_expect){
	    .level = target->tls,
	    .host = target->host,
	    .also = target->also,
	    .pins = target->pins,
	    .pin_count = target->pin_count,
	    .tlsa = target->tlsa,
	    .tlsa_count = target->tlsa_count,
	    .policy = target->policy,
	};
}

int
target_allows_less(const struct exchange_target *target, enum target_seen what,
    struct err *err)
{
	if (!(target->seen & what))
		return 0;
	err_set(err, E_TLS_DOWNGRADE);
	err_fact(err, "host", span_of(target->host));
	return err_fact(err, "what",
	    what == TARGET_SEEN_STARTTLS ? SPAN("starttls")
	    : what == TARGET_SEEN_TLS13  ? SPAN("tls13")
					 : SPAN("scram"));
}
