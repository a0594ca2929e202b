/* The names of the TLS levels, as settings and evidence store them. */
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
