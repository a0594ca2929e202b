/* A few finished messages over one connection of their own, one after the
 * other, by whoever may wait: alerts and test mail.  It knows neither campaigns
 * nor the ledger, and nothing is tried again. */
#ifndef CORE_DELIVER_POST_H
#define CORE_DELIVER_POST_H

#include "core/net/exchange.h"

enum post_end {
	POST_UNSENT, /* nothing of it left: why tells */
	POST_ACCEPTED,
	POST_REFUSED, /* code and reply tell */
	POST_IN_DOUBT /* handed over and no reply: why tells */
};

enum { POST_REPLY_MAX = 400 };

/* One message, and what became of it. */
struct post_item {
	struct smtp_envelope envelope; /* borrowed; the tag is set here */
	enum post_end end;
	enum smtp_stage stage;
	int code; /* of the reply, 0: none */
	char enhanced[SMTP_ENHANCED_MAX + 1];
	char reply[POST_REPLY_MAX + 1]; /* foreign bytes, trimmed */
	struct err why;
};

struct post_how {
	struct dialler *dialler;
	const struct exchange_target *target;
	struct tls_context *tls; /* NULL: clear text only */
	int cancel_fd;           /* readable: stop; -1: none */
	int64_t limit_ms;        /* for all of it */
	enum smtp_require require;
};

/* The connection, as far as it came; also after a failure. */
struct post_line {
	struct tls_record tls;
	char peer[EXCHANGE_TEXT_MAX + 1];
};

/* Sends count messages; blocks.  0 when the relay was ready for the first:
 * each item says how it went.  -1 when it never was: nothing left, err says
 * why.  Errors of the dialler and the machine, E_NET_TIMEOUT, E_CANCELLED,
 * E_SMTP_REQUIRETLS. */
int post_send(const struct post_how *how, struct post_item *item, size_t count,
    struct post_line *line, struct err *err);

#endif
