/* The live probe of a relay: what check TS-02 asks, and what the settings
 * screen's test shows. */
#include "core/health/health.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/net/exchange.h"
#include "core/net/sasl.h"

static void
copy_tls(const struct tls_record *tls, struct relay_probe *out)
{
	snprintf(out->tls_version, sizeof out->tls_version, "%s", tls->version);
	snprintf(out->tls_cipher, sizeof out->tls_cipher, "%s", tls->cipher);
	out->tls_verified = tls->state == TLS_STATE_VERIFIED;
	out->cert_expires_ms = tls->not_after_ms;
	/* OpenSSL asks the system's clock as well */
	out->cert_left_ms = tls->not_after_ms - clock_now_ms(clock_real());
	out->tls_seen = tls->has_peer;
	out->key = tls->spki;
}

static void
copy_caps(const struct smtp_caps *caps, struct relay_probe *out)
{
	out->size_limit = caps->size_max;
	out->pipelining = caps->bits & SMTP_CAP_PIPELINING;
	out->eightbitmime = caps->bits & SMTP_CAP_8BITMIME;
	out->starttls = caps->bits & SMTP_CAP_STARTTLS;
	out->smtputf8 = caps->bits & SMTP_CAP_SMTPUTF8;
	out->auth = caps->bits & SMTP_CAP_AUTH;
	out->chunking = caps->bits & SMTP_CAP_CHUNKING;
	out->dsn = caps->bits & SMTP_CAP_DSN;
	out->requiretls = caps->bits & SMTP_CAP_REQUIRETLS;
	out->mechs = caps->auth;
}

int
relay_ehlo_name(
    struct db *db, struct span mail_from, struct buf *out, struct err *err)
{
	size_t before = out->len;

	if (setting_read(db, "ehlo.name", out, err) < 0)
		return -1;
	if (out->len == before) {
		span_cut(&mail_from, '@');
		buf_add(out, mail_from);
	}
	return 0;
}

static int
read_ehlo(struct store *store, struct span mail_from, struct buf *out,
    struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	rc = relay_ehlo_name(db, mail_from, out, err);
	store_reader_close(&db);
	return rc;
}

/* TLS 1.3 and SCRAM count only where they were really used or seen inside. */
static unsigned
shown(const struct relay_config *relay, const struct relay_probe *probe)
{
	unsigned seen = 0;

	if (*probe->tls_version && relay->tls != RELAY_TLS_IMPLICIT)
		seen |= RELAY_SEEN_STARTTLS;
	if (strcmp(probe->tls_version, "TLSv1.3") == 0)
		seen |= RELAY_SEEN_TLS13;
	if (*probe->tls_version &&
	    (probe->mechs & (SASL_SCRAM | SASL_SCRAM_PLUS)))
		seen |= RELAY_SEEN_SCRAM;
	return seen;
}

/* A relay that works is remembered with what it showed; when that cannot be
 * written now, the next probe does. */
static void
remember(struct store *store, const struct relay_config *relay,
    const struct relay_probe *probe)
{
	if (probe->ok && relay->id && (probe->seen & ~relay->seen))
		relay_remember(store, relay, probe->seen, NULL);
}

static void
ask(const struct relay_config *relay, struct exchange_probe_how *how,
    struct exchange_target *target, struct relay_probe *out)
{
	struct exchange_probe found = {0};
	struct secret *token = NULL;

	if (*relay->token_command) {
		if (relay_ask_token(relay, how->cancel_fd, &token, &out->why) <
		    0)
			return;
		target->secret = token;
	}
	out->ok = exchange_probe(how, &found, &out->why) == 0;
	snprintf(out->peer, sizeof out->peer, "%s", found.peer);
	snprintf(out->reply, sizeof out->reply, "%s", found.reply);
	copy_tls(&found.tls, out);
	copy_caps(&found.caps, out);
	out->seen = shown(relay, out);
	if (out->ok && relay->require_tls && !out->requiretls) {
		out->ok = false;
		err_set(&out->why, E_SMTP_REQUIRETLS);
		err_fact(&out->why, "host", span_of(relay->host));
	}
	secret_free(&token);
}

int
relay_probe(struct world *world, struct store *store,
    const struct relay_config *relay, struct span mail_from, int timeout_ms,
    int cancel_fd, struct relay_probe *out, struct err *err)
{
	struct buf ehlo = BUF_INIT;
	char *sender = NULL;
	struct exchange_target target;
	struct exchange_probe_how how = {
	    .dialler = world->dialler,
	    .target = &target,
	    .cancel_fd = cancel_fd,
	    .limit_ms = timeout_ms,
	};
	int rc;

	/* it signs in with what is stored */
	if (person_require_either(
		store, NULL, MAY_CHECK, MAY_RELAY_WRITE, err) < 0)
		return -1;
	rc = read_ehlo(store, mail_from, &ehlo, err);
	sender = mem_text(mail_from);
	how.mail_from = sender;
	memset(out, 0, sizeof *out);
	out->at_ms = clock_now_ms(world->clock);
	out->ok = relay->kind == RELAY_KIND_DIRECT;
	if (rc == 0 && !out->ok) {
		relay_aim(relay, ehlo.ptr, &target);
		ask(relay, &how, &target, out);
		remember(store, relay, out);
	}
	free(sender);
	buf_done(&ehlo);
	return rc;
}
