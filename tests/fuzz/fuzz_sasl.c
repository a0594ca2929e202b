/* Anything a server may say in a SCRAM dialogue, and to the machine around it.
 * The first octet chooses the mechanism; the rest is two raw messages, one line
 * each, and the same again as challenges. */
#include <stdint.h>
#include <stdlib.h>

#include "core/net/sasl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
raw(const struct secret *secret, struct span first, struct span final)
{
	struct scram_how how = {
	    .user = SPAN("user"), .nonce = "rOprNGfwEbeRWgbNEkqO"};
	struct buf out = BUF_INIT;
	struct scram scram;
	int proven;

	must(scram_begin(&scram, &how, NULL) == 0);
	proven = scram_prove(&scram, secret, first, &out, NULL);
	must(proven == 0 || out.len == 0);
	must(scram_verify(&scram, final, NULL) < 0 || proven == 0);
	must(scram.step != SCRAM_DONE || proven == 0);
	buf_done(&out);
}

/* No server that has not seen the nonce can be believed. */
static void
challenges(const struct secret *secret, enum sasl_mech mech, struct span first,
    struct span final)
{
	struct sasl_how how = {.offered = mech,
	    .allowed = mech,
	    .user = "user",
	    .secret = secret,
	    .host = "h",
	    .bind = SCRAM_BIND_EXPORTER,
	    .binding = SPAN("bound")};
	struct buf out = BUF_INIT;
	struct sasl sasl;

	must(sasl_init(&sasl, &how, NULL) == 0);
	sasl_start(&sasl, &out);
	sasl_answer(&sasl, first, &out, NULL);
	sasl_answer(&sasl, final, &out, NULL);
	sasl_answer(&sasl, first, &out, NULL);
	must(!(mech & (SASL_SCRAM | SASL_SCRAM_PLUS)) ||
	     sasl_accept(&sasl, NULL) < 0);
	must(out.len < (size_t)3 * SASL_ROOM);
	buf_wipe(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum sasl_mech mechs[] = {SASL_SCRAM, SASL_SCRAM_PLUS,
	    SASL_OAUTHBEARER, SASL_XOAUTH2, SASL_PLAIN, SASL_LOGIN};
	struct secret *secret = secret_of("pencil", 6);
	struct span rest, first;

	if (size) {
		rest = span_make(data + 1, size - 1);
		first = span_cut(&rest, '\n');
		raw(secret, first, rest);
		challenges(secret, mechs[data[0] % 6], first, rest);
		sasl_offered(rest);
	}
	secret_free(&secret);
	return 0;
}
