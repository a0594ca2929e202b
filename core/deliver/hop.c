/* A secret that was corrected while a run is paused is used when it goes on;
 * everything else about the relay is bound by the seal and cannot change. */
#include "core/deliver/hop.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* What is the same for all relays of a campaign. */
static int
read_ehlo(
    struct db *db, struct campaign_id id, struct buf *ehlo, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(db, id, &campaign, err);

	/* the name that the review's probe has said */
	if (rc == 0)
		rc = relay_ehlo_name(
		    db, buf_span(&campaign.from_address), ehlo, err);
	campaign_done(&campaign);
	return rc;
}

static int
read_one(struct store *store, struct db *db, int64_t relay,
    const struct buf *ehlo, struct hop **out, struct err *err)
{
	struct hop *hop = mem_new(sizeof *hop);
	int rc = -1;

	if (relay_read(db, relay, &hop->relay, err) < 0)
		goto out;
	if (store_is_demo(store) && !relay_is_local(&hop->relay)) {
		err_set(err, E_RELAY_DEMO);
		goto out;
	}
	buf_add(&hop->ehlo, buf_span(ehlo));
	relay_aim(&hop->relay, hop->ehlo.ptr, &hop->target);
	if (*hop->relay.token_command)
		hop->token = token_new(&hop->relay);
	if (hop->relay.kind == RELAY_KIND_RELAY &&
	    hop->relay.tls != RELAY_TLS_NONE &&
	    tls_context_new(hop->target.ca_file, &hop->tls, err) < 0)
		goto out;
	*out = hop;
	hop = NULL;
	rc = 0;
out:
	hop_free(&hop);
	return rc;
}

int
hop_read_pool(struct store *store, struct db *db, struct campaign_id id,
    struct hop **out, struct err *err)
{
	struct relay_config *relays = NULL;
	struct hop *first = NULL, **last = &first;
	struct buf ehlo = BUF_INIT;
	size_t count = 0;
	int rc = -1;

	if (read_ehlo(db, id, &ehlo, err) < 0 ||
	    relay_all(db, &relays, &count, err) < 0)
		goto out;
	for (size_t i = 0; i < count; i++) {
		if (!relays[i].enabled)
			continue;
		if (read_one(store, db, relays[i].id, &ehlo, last, err) < 0)
			goto out;
		last = &(*last)->older;
	}
	if (!first) {
		err_set(err, E_RELAY_MISSING);
		goto out;
	}
	*out = first;
	first = NULL;
	rc = 0;
out:
	hop_free(&first);
	free(relays);
	buf_done(&ehlo);
	return rc;
}

bool
hop_same_secret(const struct hop *a, const struct hop *b)
{
	struct err why = {0};

	/* two tokens were refused: whoever goes on wants another try */
	if (a->token && token_ask(a->token, &why) == TOKEN_FAILED)
		return false;
	if (!a->relay.secret || !b->relay.secret)
		return a->relay.secret == b->relay.secret;
	return secret_equal(a->relay.secret, b->relay.secret);
}

void
hop_free(struct hop **hop)
{
	while (*hop) {
		struct hop *older = (*hop)->older;

		tls_context_free(&(*hop)->tls);
		token_free(&(*hop)->token);
		relay_config_done(&(*hop)->relay);
		buf_done(&(*hop)->ehlo);
		free(*hop);
		*hop = older;
	}
}
