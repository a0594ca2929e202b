/* The relay as a run uses it: configuration, secret and EHLO name as they were
 * read at one time. */
#ifndef CORE_DELIVER_HOP_H
#define CORE_DELIVER_HOP_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/campaign/campaign.h"
#include "core/health/health.h"
#include "core/net/lookup.h"
#include "core/net/smtp.h"
#include "core/net/tls.h"

struct hop {
	struct hop *older; /* sessions may still borrow it; owned */
	struct relay_config relay;
	struct buf ehlo;
	struct exchange_target target; /* borrows from the fields above */
	struct tls_context *tls;       /* NULL: clear text only */
	struct token *token;           /* owned; NULL: relay has a password */
	bool shares_tls;               /* tls is borrowed */
	struct arena *words; /* of a mail exchanger: what it borrows */
	struct smtp_timeouts timeouts;
};

/* Reads all enabled relays with their secrets and authorities, for a campaign:
 * *out is a chain by "older", which the caller takes apart or frees.
 * E_RELAY_MISSING, E_RELAY_DEMO, E_TLS_SETUP. */
int hop_read_pool(struct store *store, struct db *db, struct campaign_id id,
    struct hop **out, struct err *err);

/* A hop to a mail exchanger, dialled by its address; level is the least that
 * the operator demands of its TLS.  tls is borrowed, all else copied. */
struct hop *hop_direct(const struct lookup_target *to, enum tls_level level,
    const char *ehlo, struct tls_context *tls);

/* A hop like an opportunistic one, without the TLS that has failed there. */
struct hop *hop_clear(const struct hop *hop);
/* Overwrites the times that the settings name; the others are left alone. */
int hop_timeouts(struct db *db, struct smtp_timeouts *out, struct err *err);

/* True when both log in with the same secret. */
bool hop_same_secret(const struct hop *a, const struct hop *b);

/* Frees a hop and the older ones; accepts NULL, sets *hop to NULL. */
void hop_free(struct hop **hop);

#endif
