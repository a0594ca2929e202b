/* The live probe of a relay: what check TS-02 asks, and what the settings
 * screen's test shows. */
#include "core/health/health.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/net/exchange.h"

static void
copy_tls(const struct tls_record *tls, struct relay_probe *out)
{
	snprintf(out->tls_version, sizeof out->tls_version, "%s", tls->version);
	snprintf(out->tls_cipher, sizeof out->tls_cipher, "%s", tls->cipher);
	out->tls_verified = tls->state == TLS_STATE_VERIFIED;
	out->cert_expires_ms = tls->not_after_ms;
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

int
relay_probe(struct world *world, struct store *store,
    const struct relay_config *relay, struct span mail_from, int timeout_ms,
    int cancel_fd, struct relay_probe *out, struct err *err)
{
	struct buf ehlo = BUF_INIT;
	char *sender = mem_text(mail_from);
	struct exchange_probe found = {0};
	struct exchange_target target = {
	    .host = relay->host,
	    .port = (uint16_t)relay->port,
	    .tls = (enum tls_level)relay->tls,
	    .ca_file = *relay->ca_file ? relay->ca_file : NULL,
	    .user = *relay->user ? relay->user : NULL,
	    .secret = relay->secret,
	};
	struct exchange_probe_how how = {
	    .dialler = world->dialler,
	    .target = &target,
	    .mail_from = sender,
	    .cancel_fd = cancel_fd,
	    .limit_ms = timeout_ms,
	};
	int rc = read_ehlo(store, mail_from, &ehlo, err);

	memset(out, 0, sizeof *out);
	if (rc == 0) {
		target.ehlo = ehlo.ptr;
		out->ok = exchange_probe(&how, &found, &out->why) == 0;
		out->at_ms = clock_now_ms(world->clock);
		snprintf(out->peer, sizeof out->peer, "%s", found.peer);
		snprintf(out->reply, sizeof out->reply, "%s", found.reply);
		copy_tls(&found.tls, out);
		copy_caps(&found.caps, out);
	}
	free(sender);
	buf_done(&ehlo);
	return rc;
}
