/* Scripts for the SMTP machine. */
#include "tests/fake/play.h"

#include "core/base/crypt.h"

const struct smtp_envelope play_envelope = {
    .sender = {"s@x.example", 11},
    .recipient = {"r@x.example", 11},
    .data = {"a: b\r\n\r\nc\r\n", 11},
    .tag = 42,
};

void
play_begin(struct play *play, enum tls_level level, const char *user)
{
	*play = (struct play){.target = {.host = "relay.example",
				  .port = 587,
				  .tls = level,
				  .user = user,
				  .ehlo = "me.example"}};
	play->secret = secret_of("pa55", 4);
	play->target.secret = play->secret;
	play->smtp = smtp_new(&play->target, SMTP_PIPELINE_OFFERED);
}

void
play_ready(struct play *play, const char *ehlo_reply)
{
	play_begin(play, TLS_LEVEL_NONE, NULL);
	play_hear(play, "220 hi\r\n");
	play_flush(play);
	play_hear(play, ehlo_reply);
}

void
play_hear(struct play *play, const char *replies)
{
	for (; *replies; replies++)
		smtp_input(play->smtp, span_make(replies, 1));
}

void
play_flush(struct play *play)
{
	smtp_sent(play->smtp, smtp_output(play->smtp).len);
}

void
play_end(struct play *play)
{
	smtp_free(&play->smtp);
	secret_free(&play->secret);
}
