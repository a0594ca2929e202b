/* Driving one SMTP session from a test, with poll instead of an epoll loop. */
#ifndef TESTS_FAKE_SESSION_H
#define TESTS_FAKE_SESSION_H

#include "core/net/exchange.h"

/* Runs the session until it wants something other than I/O, or 10 s passed
 * (then SMTP_WAIT_IO). */
enum smtp_wish session_run(struct exchange *exchange);

/* Sends one message and hands it over when asked; its result is in *out.
 * Returns the wish after the result was taken. */
enum smtp_wish session_send(struct exchange *exchange, const char *sender,
    const char *recipient, const char *message, struct smtp_result *out);

#endif
