/* A secret that was corrected while a run is paused is used when it goes on;
 * everything else about the relay is bound by the seal and cannot change. */
#include "core/deliver/hop.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/net/smtp.h"

enum { SMTP_PORT = 25 };

int
hop_timeouts(struct db *db, struct smtp_timeouts *out, struct err *err)
{
	const struct {
		const char *name;
		int *first, *second, *third;
	} fields[] = {
	    {"timeout.connect", &out->connect, NULL, NULL},
	    {"timeout.tls", &out->tls, NULL, NULL},
	    {"timeout.greeting", &out->greet, &out->ehlo, &out->auth},
	    {"timeout.envelope", &out->mail, &out->rcpt, NULL},
	    {"timeout.end", &out->eod, NULL, NULL},
	};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		int64_t seconds = setting_int(db, fields[i].name, err);

		if (seconds < 0)
			return -1;
		*fields[i].first = (int)seconds;
		if (fields[i].second)
			*fields[i].second = (int)seconds;
		if (fields[i].third)
			*fields[i].third = (int)seconds;
	}
	return 0;
}

/* What is the same for all relays of a campaign: the name in EHLO, and whether
 * its mail asks for REQUIRETLS. */
static int
read_same(struct db *db, struct campaign_id id, struct buf *ehlo,
    bool *confidential, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(db, id, &campaign, err);

	/* the name that the review's probe has said */
	if (rc == 0)
		rc = relay_ehlo_name(
		    db, buf_span(&campaign.from_address), ehlo, err);
	*confidential = campaign.confidential;
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
	hop->timeouts = smtp_timeouts_relay;
	if (hop_timeouts(db, &hop->timeouts, err) < 0)
		goto out;
	buf_add(&hop->ehlo, buf_span(ehlo));
	relay_aim(&hop->relay, hop->ehlo.ptr, &hop->target);
	hop->target.timeouts = &hop->timeouts;
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
	bool confidential = false;
	size_t count = 0;
	int rc = -1;

	if (read_same(db, id, &ehlo, &confidential, err) < 0 ||
	    relay_all(db, &relays, &count, err) < 0)
		goto out;
	for (size_t i = 0; i < count; i++) {
		if (!relays[i].enabled)
			continue;
		if (read_one(store, db, relays[i].id, &ehlo, last, err) < 0)
			goto out;
		(*last)->relay.require_tls |= confidential;
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

/* ---- Mail exchangers --------------------------------------------------------- */

static const char *
keep(struct arena *words, const char *text)
{
	return text ? arena_copy(words, span_of(text)).ptr : NULL;
}

static const struct tls_tlsa *
keep_records(struct arena *words, const struct tls_tlsa *tlsa, size_t count)
{
	struct tls_tlsa *kept;

	if (!count)
		return NULL;
	kept = arena_take(words, count * sizeof *kept);
	for (size_t i = 0; i < count; i++) {
		kept[i] = tlsa[i];
		kept[i].data = arena_copy(words, tlsa[i].data);
	}
	return kept;
}

/* A copy of target that borrows from the hop alone. */
static struct hop *
hop_of(const struct exchange_target *target, struct tls_context *tls)
{
	struct hop *hop = mem_new(sizeof *hop);
	struct arena *words = arena_new();

	hop->words = words;
	hop->tls = tls;
	hop->shares_tls = true;
	hop->target = *target;
	hop->target.host = keep(words, target->host);
	hop->target.address = keep(words, target->address);
	hop->target.ehlo = keep(words, target->ehlo);
	hop->target.also = keep(words, target->also);
	hop->target.tlsa =
	    keep_records(words, target->tlsa, target->tlsa_count);
	return hop;
}

struct hop *
hop_direct(const struct lookup_target *to, enum tls_level level,
    const char *ehlo, struct tls_context *tls)
{
	bool raise =
	    to->tls == TLS_LEVEL_OPPORTUNISTIC && level == TLS_LEVEL_REQUIRED;
	struct exchange_target target = {
	    .host = to->host,
	    .address = to->address,
	    .port = SMTP_PORT,
	    .tls = raise ? TLS_LEVEL_REQUIRED : to->tls,
	    .policy = raise ? "required" : to->policy,
	    .ehlo = ehlo,
	    .timeouts = &smtp_timeouts_direct,
	    .also = to->also,
	    .tlsa = to->tlsa,
	    .tlsa_count = to->tlsa_count,
	};

	return hop_of(&target, tls);
}

struct hop *
hop_clear(const struct hop *hop)
{
	struct exchange_target target = hop->target;

	target.clear = true;
	return hop_of(&target, hop->tls);
}

/* ---- Secrets ----------------------------------------------------------------- */

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

		token_free(&(*hop)->token);
		if (!(*hop)->shares_tls)
			tls_context_free(&(*hop)->tls);
		arena_free(&(*hop)->words);
		relay_config_done(&(*hop)->relay);
		buf_done(&(*hop)->ehlo);
		free(*hop);
		*hop = older;
	}
}
