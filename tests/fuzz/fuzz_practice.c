/* Anything a client may say to the practice relay.  The first octet chooses
 * the relay's rules, the second how the rest is cut. */
#include <stdint.h>
#include <stdlib.h>

#include "core/deliver/practice_smtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static const char *
judge(struct practice_port *port, struct span recipient)
{
	(void)port;
	return recipient.ptr[0] == 'x' ? "550 5.1.1 no" : NULL;
}

/* What is kept has whole lines with CRLF only. */
static int
keep(struct practice_port *port, struct span sender, struct span recipient,
    struct span message)
{
	(void)port;
	must(sender.len <= 254 && recipient.len <= 254 && recipient.len > 0);
	for (size_t i = 0; i < message.len; i++) {
		must(message.ptr[i] != '\0');
		if (message.ptr[i] == '\n')
			must(i > 0 && message.ptr[i - 1] == '\r');
		if (message.ptr[i] == '\r')
			must(i + 1 < message.len && message.ptr[i + 1] == '\n');
	}
	return recipient.ptr[0] == 'y' ? -1 : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct practice_port port = {.judge = judge, .keep = keep};
	struct secret *password = secret_of("pa55", 4);
	struct practice_rules rules = {.port = &port, .password = password};
	struct practice_session *session;
	size_t step;

	if (size < 2) {
		secret_free(&password);
		return 0;
	}
	rules.user = data[0] & 1 ? "user" : NULL;
	session = practice_session_new(&rules);
	if (data[0] & 2)
		practice_tls_done(session);
	step = data[1] ? data[1] : 1;
	for (size_t at = 2; at < size; at += step) {
		practice_input(session,
		    span_make(data + at, size - at < step ? size - at : step));
		if (practice_wish(session) == PRACTICE_TLS && (data[0] & 4))
			practice_tls_done(session);
		if (data[0] & 8)
			buf_clear(practice_output(session));
	}
	practice_session_free(&session);
	secret_free(&password);
	return 0;
}
