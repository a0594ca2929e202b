/* From the configuration of a relay to what a connection to it must be. */
#include <assert.h>

#include "core/health/health.h"
#include "core/net/sasl.h"

static_assert((int)RELAY_SEEN_STARTTLS == (int)TARGET_SEEN_STARTTLS &&
		  (int)RELAY_SEEN_TLS13 == (int)TARGET_SEEN_TLS13 &&
		  (int)RELAY_SEEN_SCRAM == (int)TARGET_SEEN_SCRAM,
    "the stored bits are those of core/net");

unsigned
relay_must_show(const struct relay_config *relay)
{
	return relay->seen & ~(relay->seen >> RELAY_SEEN_ACCEPTED) &
	       RELAY_SEEN_ALL;
}

/* A helper tells a token, and a token is nothing for the other mechanisms. */
static unsigned
mechs_of(const struct relay_config *relay)
{
	static const unsigned mechs[] = {
	    [RELAY_AUTH_BEST] = SASL_NONE,
	    [RELAY_AUTH_SCRAM_PLUS] = SASL_SCRAM_PLUS,
	    [RELAY_AUTH_SCRAM] = SASL_SCRAM,
	    [RELAY_AUTH_OAUTHBEARER] = SASL_OAUTHBEARER,
	    [RELAY_AUTH_XOAUTH2] = SASL_XOAUTH2,
	    [RELAY_AUTH_PLAIN] = SASL_PLAIN,
	    [RELAY_AUTH_LOGIN] = SASL_LOGIN,
	};

	static_assert(sizeof mechs / sizeof *mechs == RELAY_AUTH_COUNT,
	    "every choice has its mechanism");
	if (relay->auth == RELAY_AUTH_BEST && *relay->token_command)
		return SASL_TOKEN;
	return mechs[relay->auth];
}

void
relay_aim(const struct relay_config *relay, const char *ehlo,
    struct exchange_target *out)
{
	*out = (struct exchange_target){
	    .host = relay->host,
	    .port = (uint16_t)relay->port,
	    .tls = (enum tls_level)relay->tls,
	    .ca_file = *relay->ca_file ? relay->ca_file : NULL,
	    .user = *relay->user ? relay->user : NULL,
	    .secret = relay->secret,
	    .ehlo = ehlo,
	    .auth = mechs_of(relay),
	    .seen = relay_must_show(relay),
	    .pins = relay->pins,
	    .pin_count = (size_t)relay->pin_count,
	};
}
