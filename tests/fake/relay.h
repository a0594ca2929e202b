/* A relay that plays a script, for what real relays do only on bad days:
 * hang, lie about STARTTLS, drop the connection after the final dot.  While it
 * serves it is as strict as RFC 3030 allows: a transaction whose recipient was
 * refused stays open with its sender until RSET. */
#ifndef TESTS_FAKE_RELAY_H
#define TESTS_FAKE_RELAY_H

#include "core/base/buf.h"
#include "core/deliver/practice_cert.h"

enum fake_kind {
	FAKE_END,       /* end of the script: an orderly close */
	FAKE_SAY,       /* sends text and CRLF */
	FAKE_RAW,       /* sends text as it is */
	FAKE_DRIP,      /* sends text, an octet every count ms */
	FAKE_FLOOD,     /* sends text count times */
	FAKE_HEAR,      /* reads a line, which must begin with text */
	FAKE_ENVELOPE,  /* hears MAIL, RCPT, DATA; says 250, 250, 354 */
	FAKE_OCTETS,    /* reads until anything at all has come */
	FAKE_BODY,      /* reads a message up to its final dot */
	FAKE_TLS,       /* the server's side of a handshake */
	FAKE_CHUNK,     /* reads the octets of the BDAT just heard */
	FAKE_OFFER,     /* the keywords that EHLO shows from now on, parted by
			   ","; PIPELINING, ENHANCEDSTATUSCODES and 8BITMIME
			   when there was none.  STARTTLS and AUTH come by
			   themselves */
	FAKE_SERVE,     /* serves like a good relay: count messages, 0: all */
	FAKE_SERVE_DOT, /* serves count messages, then reads one more whole and
			   does not answer it */
	FAKE_UNTIL,     /* serves until it hears a command that begins with text
			   for the count-th time on this connection (0: the
			   next time), which it leaves unanswered */
	FAKE_HANG,      /* says and reads nothing until the client is gone */
	FAKE_DROP       /* resets the connection */
};

struct fake_step {
	enum fake_kind kind;
	const char *text;
	int count;
};

struct fake_plan {
	/* Connection i plays script i; the last one is played for all later
	 * ones.  Each ends with FAKE_END. */
	const struct fake_step *const *scripts;
	size_t count;
	const struct practice_cert_how *cert; /* NULL: no TLS */
};

struct fake_relay;

/* A certificate that a client can verify as localhost and 127.0.0.1. */
extern const struct practice_cert_how fake_good_cert;

/* Listens on 127.0.0.1; ends the process with a message when it cannot. */
struct fake_relay *fake_relay_start(const struct fake_plan *plan);

/* The port. */
unsigned short fake_relay_port(const struct fake_relay *relay);

/* The PEM file of its authority; lives as long as relay. */
const char *fake_relay_ca_file(const struct fake_relay *relay);

/* How many connections came so far. */
size_t fake_relay_connections(struct fake_relay *relay);

/* How many whole messages were read; answered counts those with 250. */
size_t fake_relay_messages(struct fake_relay *relay, size_t *answered);

/* Appends message i as it was read, behind a line "recipient answered\n"
 * ("a@x.example 1\n"): 1 after 250, -1 after a scripted refusal, 0 when it got
 * no answer. */
void fake_relay_message(struct fake_relay *relay, size_t i, struct buf *out);

/* Appends the envelope sender of message i. */
void fake_relay_sender(struct fake_relay *relay, size_t i, struct buf *out);

/* How many lines were heard that begin with verb, over all connections. */
size_t fake_relay_count(struct fake_relay *relay, const char *verb);

/* Appends every line that was heard as a command, with "\n", in the order of
 * arrival, each behind the number of its connection ("0 EHLO x\n"). */
void fake_relay_heard(struct fake_relay *relay, struct buf *out);

/* Ends all connections and threads at once; what was read can still be asked
 * for. */
void fake_relay_die(struct fake_relay *relay);

/* fake_relay_die(), and frees it; sets *relay to NULL. */
void fake_relay_stop(struct fake_relay **relay);

#endif
