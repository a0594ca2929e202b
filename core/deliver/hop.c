/* A secret that was corrected while a run is paused is used when it goes on;
 * everything else about the relay is bound by the seal and cannot change. */
#include "core/deliver/hop.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static void
aim(struct hop *hop)
{
	const struct relay_config *relay = &hop->relay;

	hop->target = (struct exchange_target){
	    .host = relay->host,
	    .port = (uint16_t)relay->port,
	    .tls = (enum tls_level)relay->tls,
	    .ca_file = *relay->ca_file ? relay->ca_file : NULL,
	    .user = *relay->user ? relay->user : NULL,
	    .secret = relay->secret,
	    .ehlo = hop->ehlo.ptr,
	};
}

int
hop_read(struct store *store, struct db *db, struct campaign_id id,
    struct hop **out, struct err *err)
{
	struct hop *hop = mem_new(sizeof *hop);
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = -1;

	/* the name that the review's probe has said */
	if (relay_active(db, &hop->relay, err) < 0 ||
	    campaign_read(db, id, &campaign, err) < 0 ||
	    relay_ehlo_name(
		db, buf_span(&campaign.from_address), &hop->ehlo, err) < 0)
		goto out;
	if (store_is_demo(store) && !relay_is_local(&hop->relay)) {
		err_set(err, E_RELAY_DEMO);
		goto out;
	}
	aim(hop);
	*out = hop;
	hop = NULL;
	rc = 0;
out:
	campaign_done(&campaign);
	hop_free(&hop);
	return rc;
}

bool
hop_same_secret(const struct hop *a, const struct hop *b)
{
	if (!a->relay.secret || !b->relay.secret)
		return a->relay.secret == b->relay.secret;
	return secret_equal(a->relay.secret, b->relay.secret);
}

void
hop_free(struct hop **hop)
{
	while (*hop) {
		struct hop *older = (*hop)->older;

		relay_config_done(&(*hop)->relay);
		buf_done(&(*hop)->ehlo);
		free(*hop);
		*hop = older;
	}
}
