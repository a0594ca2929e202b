/* How long a relay may take for each answer.  The end of data is never given
 * less than RFC 5321 asks for: giving up on a relay that is about to say 250
 * makes a doubtful message, or a second one. */
#include "core/net/smtp.h"

const struct smtp_timeouts smtp_timeouts_relay = {
    .connect = 10,
    .tls = 20,
    .greet = 60,
    .ehlo = 60,
    .auth = 60,
    .mail = 300,
    .rcpt = 300,
    .data = 120,
    .body = 180,
    .eod = 600,
    .quit = 5,
};

const struct smtp_timeouts smtp_timeouts_direct = {
    .connect = 30,
    .tls = 60,
    .greet = 300,
    .ehlo = 300,
    .auth = 60,
    .mail = 300,
    .rcpt = 300,
    .data = 120,
    .body = 180,
    .eod = 600,
    .quit = 5,
};

static int
seconds(const struct smtp_timeouts *is, enum smtp_stage stage)
{
	switch (stage) {
	case SMTP_STAGE_CONNECT:
		return is->connect;
	case SMTP_STAGE_TLS:
		return is->tls;
	case SMTP_STAGE_GREET:
		return is->greet;
	case SMTP_STAGE_EHLO:
	case SMTP_STAGE_HELO:
	case SMTP_STAGE_STARTTLS:
	case SMTP_STAGE_RSET:
		return is->ehlo;
	case SMTP_STAGE_AUTH:
		return is->auth;
	case SMTP_STAGE_MAIL:
		return is->mail;
	case SMTP_STAGE_RCPT:
		return is->rcpt;
	case SMTP_STAGE_DATA:
		return is->data;
	case SMTP_STAGE_BODY:
		return is->body;
	case SMTP_STAGE_EOD:
		return is->eod < SMTP_EOD_MIN_S ? SMTP_EOD_MIN_S : is->eod;
	case SMTP_STAGE_QUIT:
		return is->quit;
	case SMTP_STAGE_READY:
	case SMTP_STAGE_COUNT:
		break;
	}
	return 0;
}

int64_t
smtp_timeout_ms(const struct smtp_timeouts *timeouts, enum smtp_stage stage)
{
	int limit = seconds(timeouts ? timeouts : &smtp_timeouts_relay, stage);

	return limit > 0 ? (int64_t)limit * 1000 : -1;
}
