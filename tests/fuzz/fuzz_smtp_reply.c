/* Anything a relay may say, to a client that wants to deliver.  The first
 * octet chooses the client's settings, the second how the rest is cut. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/crypt.h"
#include "core/net/smtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TURNS_MAX = 200 };

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Every transaction has one result, and doubt needs a message that left. */
static void
take(struct smtp *smtp, unsigned *open, bool handed)
{
	struct smtp_result result;

	must(smtp_result(smtp, &result));
	must(*open > 0);
	--*open;
	must(result.reply.raw.len <= SMTP_RAW_MAX);
	must(result.verdict != SMTP_ACCEPTED || result.reply.code / 100 == 2);
	must(result.verdict != SMTP_FAILED || result.reply.code / 100 == 5);
	must(result.verdict != SMTP_IN_DOUBT || handed);
}

static void
obey(struct smtp *smtp, uint8_t how, unsigned *open, bool *handed)
{
	static const struct smtp_envelope envelope = {
	    .sender = {"s@x.example", 11},
	    .recipient = {"r@x.example", 11},
	    .data = {"a: b\r\n\r\n.c\r\n", 12},
	};

	for (int i = 0; i < TURNS_MAX; i++) {
		struct span out = smtp_output(smtp);
		enum smtp_wish wish = smtp_wish(smtp);

		smtp_sent(smtp, how & 16 ? out.len / 2 : out.len);
		if (smtp_has_room(smtp) &&
		    smtp_submit(smtp, &envelope, NULL) == 0)
			++*open;
		else if (wish == SMTP_WAIT_TLS)
			smtp_tls_done(smtp);
		else if (wish == SMTP_WAIT_HANDED && (how & 32))
			smtp_abandon(smtp);
		else if (wish == SMTP_WAIT_HANDED) {
			*handed = true;
			smtp_handed(smtp);
		} else if (wish == SMTP_WAIT_RESULT)
			take(smtp, open, *handed);
		else
			return;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secret *secret = secret_of("pa55", 4);
	struct exchange_target target = {
	    .host = "relay.example", .secret = secret, .ehlo = "me.example"};
	unsigned open = 0;
	bool handed = false;
	struct smtp *smtp;
	size_t step;

	if (size < 2) {
		secret_free(&secret);
		return 0;
	}
	target.tls = (enum tls_level)(data[0] % TLS_LEVEL_COUNT);
	target.user = data[0] & 8 ? "user" : NULL;
	smtp = smtp_new(&target,
	    data[0] & 64 ? SMTP_PIPELINE_NEVER : SMTP_PIPELINE_OFFERED);
	if (target.tls == TLS_LEVEL_IMPLICIT)
		smtp_tls_done(smtp);
	step = data[1] ? data[1] : 1;
	for (size_t at = 2; at < size; at += step) {
		smtp_input(smtp,
		    span_make(data + at, size - at < step ? size - at : step));
		obey(smtp, data[0], &open, &handed);
	}
	smtp_lost(smtp, NULL);
	while (smtp_wish(smtp) == SMTP_WAIT_RESULT)
		take(smtp, &open, handed);
	must(open == 0 && smtp_wish(smtp) == SMTP_CLOSED);
	smtp_free(&smtp);
	secret_free(&secret);
	return 0;
}
