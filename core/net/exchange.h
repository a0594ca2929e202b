/* One SMTP session: the machine of smtp.h joined to a stream.  Owned by one
 * thread, driven by its epoll loop; many fit on one thread. */
#ifndef CORE_NET_EXCHANGE_H
#define CORE_NET_EXCHANGE_H

#include "core/net/dial.h"
#include "core/net/smtp.h"
#include "core/net/tls.h"

struct exchange;

/* Dials target.  Everything passed is borrowed for the exchange's life; tls
 * may be NULL at TLS_LEVEL_NONE only.  now_ms is any steady clock, the same
 * in all calls.  The caller frees *out.  Errors of the dialler. */
int exchange_new(struct dialler *dialler, const struct exchange_target *target,
    struct tls_context *tls, enum smtp_pipelining pipelining, int64_t now_ms,
    struct exchange **out, struct err *err);

/* The socket; stays the same for the exchange's life. */
int exchange_fd(const struct exchange *exchange);

/* The POLLIN / POLLOUT bits (EPOLLIN / EPOLLOUT have the same values) to wait
 * for now. */
unsigned exchange_events(const struct exchange *exchange);

/* When exchange_ready() must be called though nothing happened, in the clock
 * of now_ms; INT64_MAX for never. */
int64_t exchange_deadline_ms(const struct exchange *exchange);

/* Does what can be done: call after events, after the deadline, and after any
 * call on the machine (events 0).  Returns the machine's wish (never
 * SMTP_WAIT_TLS: handshakes are done here).  A missed
 * deadline ends the session with E_NET_TIMEOUT. */
enum smtp_wish exchange_ready(
    struct exchange *exchange, unsigned events, int64_t now_ms);

/* The machine, to submit, hand over, take results, quit. */
struct smtp *exchange_smtp(struct exchange *exchange);

/* What the session waits in, or where it ended; before the machine has a word
 * that is CONNECT or TLS. */
enum smtp_stage exchange_stage(const struct exchange *exchange);

/* The session's TLS so far; lives as long as exchange. */
const struct tls_record *exchange_tls(const struct exchange *exchange);

/* The peer as "192.0.2.1:587", "" before the connection stands. */
const char *exchange_peer(const struct exchange *exchange);

/* Our end of the connection, likewise; "" when it is not known. */
void exchange_local(const struct exchange *exchange, char *out, size_t room);

/* Closes and frees; accepts NULL, sets *exchange to NULL.  Results not taken
 * are lost: call smtp_lost() and take them first. */
void exchange_free(struct exchange **exchange);

enum { EXCHANGE_TEXT_MAX = 255 };

/* What a live probe of a relay found, also after a failure. */
struct exchange_probe {
	enum smtp_stage stage; /* where it ended; QUIT: all went well */
	struct smtp_caps caps; /* of the last EHLO */
	struct tls_record tls;
	int authenticated; /* 1 after 235; 0: not, or no user configured */
	int64_t took_ms;
	int code;                             /* of the last reply, or 0 */
	char enhanced[SMTP_ENHANCED_MAX + 1]; /* of the last reply */
	char reply[EXCHANGE_TEXT_MAX + 1];    /* its start; foreign octets */
	char peer[EXCHANGE_TEXT_MAX + 1];     /* address and port */
};

struct exchange_probe_how {
	struct dialler *dialler;
	const struct exchange_target *target;
	const char *mail_from;  /* the envelope sender that will be used */
	const char *rcpt_to;    /* a mailbox, instead: asked from <>; or NULL */
	int cancel_fd;          /* readable: stop with E_CANCELLED; -1: none */
	int64_t limit_ms;       /* for all of it; 0: the stages' limits only */
	struct buf *transcript; /* as smtp_record(); NULL: none */
};

/* Connects, EHLO, TLS, EHLO, AUTH, MAIL FROM (and RCPT TO, with rcpt_to), RSET,
 * QUIT; blocks: call from a worker.  out is filled in any case; out->stage is
 * MAIL or RCPT when that was refused.  Errors of the dialler, of the machine,
 * E_SMTP_REPLY (stage, code) for the refusal, E_NET_TIMEOUT, E_CANCELLED. */
int exchange_probe(const struct exchange_probe_how *how,
    struct exchange_probe *out, struct err *err);

#endif
