/* Driving one SMTP session from a test. */
#include "tests/fake/session.h"

#include <poll.h>

#include "core/base/clock.h"

enum { PATIENCE_MS = 10000 };

enum smtp_wish
session_run(struct exchange *exchange)
{
	int64_t end = clock_steady_ms(clock_real()) + PATIENCE_MS;
	unsigned events = 0;
	enum smtp_wish wish;

	for (;;) {
		int64_t now = clock_steady_ms(clock_real());
		struct pollfd fd = {.fd = exchange_fd(exchange)};

		wish = exchange_ready(exchange, events, now);
		if (wish != SMTP_WAIT_IO || now >= end)
			return wish;
		fd.events = (short)exchange_events(exchange);
		poll(&fd, 1, (int)(end - now));
		events = (unsigned)fd.revents;
	}
}

enum smtp_wish
session_send(struct exchange *exchange, const char *sender,
    const char *recipient, const char *message, struct smtp_result *out)
{
	struct smtp_envelope envelope = {.sender = span_of(sender),
	    .recipient = span_of(recipient),
	    .data = span_of(message),
	    .tag = 7};
	struct smtp *smtp = exchange_smtp(exchange);
	struct err err = {0};
	enum smtp_wish wish;

	*out = (struct smtp_result){0};
	if (smtp_submit(smtp, &envelope, &err) < 0)
		return SMTP_WAIT_IO;
	wish = session_run(exchange);
	if (wish == SMTP_WAIT_HANDED) {
		smtp_handed(smtp);
		wish = session_run(exchange);
	}
	if (wish == SMTP_WAIT_RESULT) {
		smtp_result(smtp, out);
		wish = session_run(exchange);
	}
	return wish;
}
