/* The SMTP machine played as a script, without a socket: what goes in, what
 * must come out. */
#ifndef TESTS_FAKE_PLAY_H
#define TESTS_FAKE_PLAY_H

#include "core/net/smtp.h"

struct play {
	struct exchange_target target;
	struct secret *secret;
	struct smtp *smtp;
	struct smtp_result result;
};

/* A message of 11 octets from s@x.example to r@x.example, tag 42. */
extern const struct smtp_envelope play_envelope;

/* A machine that waits for the greeting; the password is "pa55". */
void play_begin(struct play *play, enum tls_level level, const char *user);

/* play_begin() without TLS and user, then greeting and EHLO with this reply. */
void play_ready(struct play *play, const char *ehlo_reply);

/* Feeds replies octet by octet, so that no test depends on how they are
 * cut. */
void play_hear(struct play *play, const char *replies);

/* Counts all of the output as sent. */
void play_flush(struct play *play);

void play_end(struct play *play);

/* The output must be exactly text; it then counts as sent. */
#define says(play, text)                                                       \
	do {                                                                   \
		assert_span_equal(smtp_output((play)->smtp), text);            \
		smtp_sent((play)->smtp, strlen(text));                         \
	} while (0)

#define wants(play, wish) assert_int_equal(smtp_wish((play)->smtp), wish)

#endif
