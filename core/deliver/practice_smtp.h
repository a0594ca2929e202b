/* The practice relay's side of SMTP as a pure machine: octets of a client in,
 * replies out.  Built to be talked to by anything, also by bad clients. */
#ifndef CORE_DELIVER_PRACTICE_SMTP_H
#define CORE_DELIVER_PRACTICE_SMTP_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/crypt.h"

enum {
	PRACTICE_LINE_MAX = 2048,
	PRACTICE_SIZE_MAX = 10 * 1024 * 1024, /* octets of a message */
	PRACTICE_RCPT_MAX = 100,
	PRACTICE_ERRORS_MAX = 20,    /* bad commands, then 421 */
	PRACTICE_OUT_MAX = 64 * 1024 /* unread replies, then wait */
};

/* What the machine cannot decide alone.  Implementations embed this first. */
struct practice_port {
	uint64_t messages; /* accepted so far; numbers the replies */
	/* Judges a recipient: the reply without CRLF, static; NULL accepts. */
	const char *(*judge)(struct practice_port *port, struct span recipient);
	/* Keeps a message for one recipient; 0, or -1 when that failed. */
	int (*keep)(struct practice_port *port, struct span sender,
	    struct span recipient, struct span message);
};

enum practice_wish {
	PRACTICE_IO,   /* send practice_output(), feed more */
	PRACTICE_TLS,  /* the same, then a handshake, practice_tls_done() */
	PRACTICE_CLOSE /* the same, then close */
};

struct practice_rules {
	struct practice_port *port;    /* borrowed */
	const char *user;              /* borrowed; NULL: no AUTH */
	const struct secret *password; /* borrowed */
};

struct practice_session;

/* A session that has its greeting ready.  rules are borrowed for its life.
 * The caller frees it. */
struct practice_session *practice_session_new(
    const struct practice_rules *rules);

/* Wipes and frees; accepts NULL, sets *session to NULL. */
void practice_session_free(struct practice_session **session);

/* Takes octets from the client. */
void practice_input(struct practice_session *session, struct span bytes);

/* Replies to send; the caller drops from it what it has sent. */
struct buf *practice_output(struct practice_session *session);

/* What to do besides sending. */
enum practice_wish practice_wish(const struct practice_session *session);

/* The handshake is done: all that was said in clear is forgotten. */
void practice_tls_done(struct practice_session *session);

#endif
