/* SMTP client (RFC 5321) as a pure machine: octets in, octets and a wish out.
 * No socket, no clock; buffers are kept, so a message allocates nothing.
 *
 * The owner loops: feed what arrived (smtp_input), send what smtp_output()
 * holds (telling smtp_sent), obey the wish.  Nothing of a message leaves before
 * the owner has made "handed" durable; when that must be depends on the relay:
 *
 * smtp_hands_first() false (DATA): a transaction stops at SMTP_WAIT_HANDED
 * after the relay's 354 and goes on with smtp_handed(); two at a time.
 * smtp_hands_first() true (CHUNKING, RFC 3030): "handed" comes before
 * smtp_submit(), which sends MAIL, RCPT, BDAT LAST and the message in one
 * write; eight at a time, one round trip each. */
#ifndef CORE_NET_SMTP_H
#define CORE_NET_SMTP_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/net/scram.h"
#include "core/net/target.h"

/* Limits on what a relay may say; RFC 5321 section 4.5.3.1.5 wants 512 a
 * line, relays exceed it. */
enum {
	SMTP_LINE_MAX = 2048,
	SMTP_LINES_MAX = 128,
	SMTP_REPLY_MAX = 32 * 1024,  /* octets of one reply */
	SMTP_RAW_MAX = 2048,         /* octets of it that are kept */
	SMTP_ENHANCED_MAX = 11,      /* "5.123.123" */
	SMTP_WINDOW = 8,             /* messages in a connection at a time */
	SMTP_WINDOW_DATA = 2,        /* ... without CHUNKING */
	SMTP_UNSENT_MAX = 256 * 1024 /* octets waiting: no room for more */
};

enum smtp_stage {
	SMTP_STAGE_CONNECT,
	SMTP_STAGE_TLS,
	SMTP_STAGE_GREET,
	SMTP_STAGE_EHLO,
	SMTP_STAGE_HELO,
	SMTP_STAGE_STARTTLS,
	SMTP_STAGE_AUTH,
	SMTP_STAGE_READY,
	SMTP_STAGE_MAIL,
	SMTP_STAGE_RCPT,
	SMTP_STAGE_DATA,
	SMTP_STAGE_BODY,
	SMTP_STAGE_EOD,
	SMTP_STAGE_RSET,
	SMTP_STAGE_QUIT,
	SMTP_STAGE_COUNT
};

/* "eod" and so on; static. */
const char *smtp_stage_name(enum smtp_stage stage);

enum { SMTP_EOD_MIN_S = 600 };

/* How long each stage may take, in seconds (RFC 5321 section 4.5.3.2). */
struct smtp_timeouts {
	int connect, tls, greet, ehlo, auth, mail, rcpt, data;
	int body; /* per write that got on */
	int eod;  /* never less than SMTP_EOD_MIN_S: a shorter one doubles */
	int quit;
};

/* For relays of our own, and for strangers' MX hosts. */
extern const struct smtp_timeouts smtp_timeouts_relay, smtp_timeouts_direct;

/* How long a stage may take, ms; NULL: smtp_timeouts_relay.  READY has no
 * limit of ours (-1). */
int64_t smtp_timeout_ms(
    const struct smtp_timeouts *timeouts, enum smtp_stage stage);

enum smtp_wish {
	SMTP_WAIT_IO,      /* send smtp_output(), feed smtp_input() */
	SMTP_WAIT_TLS,     /* handshake, then smtp_tls_done() */
	SMTP_WAIT_MESSAGE, /* smtp_submit(), or smtp_quit() */
	SMTP_WAIT_HANDED,  /* smtp_handed() or smtp_abandon() */
	SMTP_WAIT_RESULT,  /* take smtp_result() */
	SMTP_CLOSED        /* close the socket; smtp_error() says why */
};

/* EHLO keywords, as bits. */
enum smtp_cap {
	SMTP_CAP_PIPELINING = 1 << 0,
	SMTP_CAP_SIZE = 1 << 1,
	SMTP_CAP_8BITMIME = 1 << 2,
	SMTP_CAP_STARTTLS = 1 << 3,
	SMTP_CAP_ENHANCED = 1 << 4,
	SMTP_CAP_CHUNKING = 1 << 5,
	SMTP_CAP_DSN = 1 << 6,
	SMTP_CAP_SMTPUTF8 = 1 << 7,
	SMTP_CAP_REQUIRETLS = 1 << 8,
	SMTP_CAP_AUTH = 1 << 9
};

struct smtp_caps {
	unsigned bits;    /* enum smtp_cap */
	unsigned auth;    /* enum sasl_mech */
	int64_t size_max; /* octets; 0: no limit named */
};

/* One reply.  raw is foreign: pass it through the screen's gate. */
struct smtp_reply {
	int code;                             /* 0: none came */
	char enhanced[SMTP_ENHANCED_MAX + 1]; /* RFC 3463, "" when absent */
	struct span raw; /* all lines with CRLF, cut at SMTP_RAW_MAX */
};

/* What a transaction came to.  A refusal of MAIL or RCPT stands: the relay
 * reads the BDAT of that message to its end, and its answer is ignored.  After
 * a 421 the relay does nothing more (RFC 5321 section 3.8), so what it had not
 * answered is DEFERRED without a reply. */
enum smtp_verdict {
	SMTP_ACCEPTED, /* 2xx to the end of data */
	SMTP_DEFERRED, /* 4xx, or lost before its last octet had left */
	SMTP_FAILED,   /* 5xx */
	SMTP_IN_DOUBT, /* lost after its last octet had left, no reply */
	SMTP_ABANDONED /* by smtp_abandon(): nothing of it left */
};

/* How a transaction ended. */
struct smtp_result {
	enum smtp_verdict verdict;
	enum smtp_stage stage;   /* whose reply, or where it was lost */
	struct smtp_reply reply; /* raw lives until the next smtp_submit() */
	uint64_t tag;            /* of the envelope */
	bool suspect; /* perhaps only because of pipelining: try again without
			 counting it, see smtp_suspects() */
};

/* What smtp_look() found; without it smtp_submit() looks itself. */
enum smtp_body { SMTP_BODY_UNSEEN, SMTP_BODY_7BIT, SMTP_BODY_8BIT };

/* Reports wanted of the relay (RFC 3461), as bits; NEVER excludes the rest. */
enum smtp_notify {
	SMTP_NOTIFY_FAILURE = 1 << 0,
	SMTP_NOTIFY_DELAY = 1 << 1,
	SMTP_NOTIFY_SUCCESS = 1 << 2,
	SMTP_NOTIFY_NEVER = 1 << 3
};

/* What a report quotes. */
enum smtp_ret { SMTP_RET_DEFAULT, SMTP_RET_HEADERS, SMTP_RET_FULL };

/* Whether the message may only travel on through TLS (RFC 8689). */
enum smtp_require { SMTP_REQUIRE_NOTHING, SMTP_REQUIRE_TLS };

/* Whether header fields hold UTF-8 (RFC 6531); addresses speak for
 * themselves. */
enum smtp_header { SMTP_HEADER_ASCII, SMTP_HEADER_UTF8 };

/* One message for one recipient.  All spans are borrowed to its result; with
 * smtp_hands_first() only for the call of smtp_submit(). */
struct smtp_envelope {
	struct span sender;    /* address without <>; empty: null path */
	struct span recipient; /* address without <> */
	struct span data;      /* message, CRLF lines */
	enum smtp_body body;
	enum smtp_header header;
	enum smtp_require require;
	unsigned notify; /* enum smtp_notify; used with DSN only, as are */
	enum smtp_ret ret;
	struct span envid; /* "" for none */
	uint64_t tag;      /* the owner's, comes back in the result */
};

/* How much of a relay's offer is used, the fastest first. */
enum smtp_pipelining {
	SMTP_PIPELINE_OFFERED,
	SMTP_PIPELINE_DATA, /* no CHUNKING */
	SMTP_PIPELINE_NEVER
};

struct smtp;

/* A machine for one connection that waits for the greeting.  target is
 * borrowed for its life.  The caller frees it. */
struct smtp *smtp_new(
    const struct exchange_target *target, enum smtp_pipelining pipelining);

/* From now on appends what is said to transcript (borrowed; at most 64 KiB),
 * lines marked "C: " and "S: ", secrets as ****, bodies as their length. */
void smtp_record(struct smtp *smtp, struct buf *transcript);

/* Frees the machine and wipes its buffers; accepts NULL, sets *smtp to NULL. */
void smtp_free(struct smtp **smtp);

/* What the owner has to do now. */
enum smtp_wish smtp_wish(const struct smtp *smtp);

/* The stage waited in, for smtp_timeout_ms(). */
enum smtp_stage smtp_stage(const struct smtp *smtp);

/* Grows with every whole reply and every command: when it changes, the time of
 * a stage begins anew. */
unsigned smtp_turns(const struct smtp *smtp);

/* Takes octets from the relay; whole replies are acted upon at once. */
void smtp_input(struct smtp *smtp, struct span bytes);

/* Octets to send, valid until the next call; write them in one go. */
struct span smtp_output(const struct smtp *smtp);

/* The first count octets of smtp_output() have left. */
void smtp_sent(struct smtp *smtp, size_t count);

/* Before smtp_tls_done(): TLS has proven who the peer is, though the level does
 * not ask for it.  Elsewhere only SCRAM is spoken, or the one mechanism that the
 * target names. */
void smtp_trust(struct smtp *smtp);

/* Before smtp_tls_done(): channel binding data for AUTH (copied), of a kind
 * that is bound. */
void smtp_bind(struct smtp *smtp, enum scram_bind bind, struct span data);

/* TLS stands: after SMTP_WAIT_TLS, or before the greeting when the port speaks
 * it from the first octet.  All earlier capabilities are forgotten. */
void smtp_tls_done(struct smtp *smtp);

/* The connection is gone (error, timeout, end of file), why in err; each open
 * transaction gets its result.  err may be NULL: E_NET_CLOSED. */
void smtp_lost(struct smtp *smtp, const struct err *why);

/* True when messages go by BDAT: "handed" must be durable before
 * smtp_submit(), and SMTP_WAIT_HANDED does not come.  Settled with the first
 * SMTP_WAIT_MESSAGE, for the connection's life. */
bool smtp_hands_first(const struct smtp *smtp);

/* True when smtp_submit() is allowed: at SMTP_WAIT_MESSAGE, and with
 * PIPELINING also while earlier messages (SMTP_WINDOW_DATA, with CHUNKING
 * SMTP_WINDOW in all) wait to be handed or answered. */
bool smtp_has_room(const struct smtp *smtp);

/* Looks at a message, best when it was just made: E_SMTP_BODY (why, offset:
 * bare CR or LF, NUL), or what to put into the envelope. */
int smtp_look(struct span data, enum smtp_body *out, struct err *err);

/* Starts a transaction.  Refuses without sending anything: E_ADDRESS_SYNTAX
 * (address), errors of smtp_look(), E_SMTP_SIZE (size, limit), E_SMTP_8BIT,
 * E_SMTP_UTF8, E_SMTP_REQUIRETLS (host: not offered; the last one only counts
 * inside TLS).  The connection stays usable. */
int smtp_submit(
    struct smtp *smtp, const struct smtp_envelope *envelope, struct err *err);

/* The tag of the message that SMTP_WAIT_HANDED is about. */
uint64_t smtp_waiting(const struct smtp *smtp);

/* At SMTP_WAIT_HANDED: "handed" is durable, the message may leave. */
void smtp_handed(struct smtp *smtp);

/* At SMTP_WAIT_HANDED: the message must not go.  The connection ends without
 * the final dot (a lone dot would deliver an empty mail). */
void smtp_abandon(struct smtp *smtp);

/* Takes one finished transaction; false when there is none. */
bool smtp_result(struct smtp *smtp, struct smtp_result *out);

/* At SMTP_WAIT_MESSAGE: clears the relay's transaction now (also used by the
 * probe after MAIL). */
void smtp_reset(struct smtp *smtp);

/* At SMTP_WAIT_MESSAGE: MAIL FROM alone, to learn whether the relay takes the
 * sender; the answer is a result with stage MAIL.  E_ADDRESS_SYNTAX. */
int smtp_try_sender(struct smtp *smtp, struct span sender, struct err *err);

/* At SMTP_WAIT_MESSAGE: MAIL FROM:<> and RCPT TO, to learn whether an exchanger
 * takes mail for a mailbox; never DATA.  The answer is a result with stage MAIL
 * or RCPT; smtp_reset() then ends the transaction.  E_ADDRESS_SYNTAX. */
int smtp_try_recipient(
    struct smtp *smtp, struct span recipient, struct err *err);

/* At SMTP_WAIT_MESSAGE: says QUIT; SMTP_CLOSED follows. */
void smtp_quit(struct smtp *smtp);

/* What the relay offered in its last EHLO. */
const struct smtp_caps *smtp_caps(const struct smtp *smtp);

/* Why the connection ended: code E_NONE after QUIT.  Lives as long as smtp.
 * E_SMTP_REPLY, E_SMTP_PROTOCOL, E_SMTP_AUTH*, E_SASL_SERVER,
 * E_TLS_MISSING, E_TLS_DOWNGRADE, E_TLS_INJECT, or
 * what smtp_lost() was given. */
const struct err *smtp_error(const struct smtp *smtp);

/* What in a relay's offer does not seem to work. */
enum smtp_suspect {
	SMTP_SUSPECT_NOTHING,
	SMTP_SUSPECT_PIPELINING, /* commands of a group were not understood, or
				    it hung up on the first one */
	SMTP_SUSPECT_CHUNKING    /* BDAT was not understood */
};

/* What this connection makes suspicious.  When it is something there is no
 * room any more: quit. */
enum smtp_suspect smtp_suspects(const struct smtp *smtp);

/* True when a pipelined transaction went well. */
bool smtp_is_proven(const struct smtp *smtp);

/* The last reply, as far as it was read; raw lives until more is fed. */
void smtp_last_reply(const struct smtp *smtp, struct smtp_reply *out);

#endif
