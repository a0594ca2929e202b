/* The inside of the SMTP machine, shared by smtp.c (the session) and
 * smtp_mail.c (the transactions); nobody else includes it. */
#ifndef CORE_NET_SMTP_STATE_H
#define CORE_NET_SMTP_STATE_H

#include "core/net/sasl.h"
#include "core/net/smtp.h"
#include "core/net/smtp_reply.h"

enum {
	SMTP_ASKED_MAX = 64,
	SMTP_NO_SLOT = -1,
	SMTP_TRANSCRIPT_MAX = 64 * 1024,
	SMTP_DROP_MIN = 64 * 1024 /* sent octets worth moving the rest for */
};

enum smtp_phase {
	SMTP_PHASE_TALK,  /* before READY */
	SMTP_PHASE_TLS,   /* the owner does the handshake */
	SMTP_PHASE_READY, /* transactions */
	SMTP_PHASE_QUIT,
	SMTP_PHASE_CLOSED
};

enum smtp_slot_state {
	SMTP_SLOT_FREE,
	SMTP_SLOT_QUEUED,  /* submitted, nothing sent */
	SMTP_SLOT_OPEN,    /* envelope sent, not all answered */
	SMTP_SLOT_WAITING, /* 354 came */
	SMTP_SLOT_HANDED,  /* message in the output or gone */
	SMTP_SLOT_DONE     /* result not taken */
};

struct smtp_slot {
	enum smtp_slot_state state;
	struct smtp_envelope envelope;
	struct smtp_result result;
	bool decided;       /* result stands, answers may be outstanding */
	bool envelope_only; /* smtp_try_sender(), smtp_try_recipient() */
	bool chunked;       /* by BDAT */
	bool taken;         /* a recipient was accepted */
	bool crossed;       /* ... although the sender was not */
	unsigned asked;     /* answers outstanding */
	uint64_t end;       /* position of the end of the message */
	char raw[SMTP_RAW_MAX];
};

struct smtp_asked {
	enum smtp_stage stage;
	int slot;
};

struct smtp {
	const struct exchange_target *target; /* borrowed */
	enum smtp_pipelining pipelining;
	enum smtp_phase phase;
	bool encrypted;
	bool unreset; /* the relay may still have a transaction open */
	bool over;    /* the relay said that it will do nothing more */
	bool proven;  /* a pipelined transaction was answered in order */
	enum smtp_suspect suspect;
	struct smtp_caps caps;
	struct sasl sasl;
	bool trusted;         /* TLS has proven who the peer is */
	enum scram_bind bind; /* what the channel can */
	unsigned char binding[SCRAM_BINDING_MAX];
	size_t binding_len;
	struct reply_reader reader;
	struct smtp_asked asked[SMTP_ASKED_MAX]; /* ring */
	unsigned asked_at, asked_count;
	struct smtp_slot slots[SMTP_WINDOW]; /* ring, oldest first */
	unsigned oldest, used;
	struct buf out;
	size_t out_at;
	uint64_t sent; /* octets that left since the beginning */
	unsigned turns;
	bool secret_out;
	enum smtp_stage stage;  /* the last one asked for or lost in */
	struct buf *transcript; /* borrowed or NULL */
	struct err err;
};

/* Octets of the output that have not left. */
static inline size_t
smtp_unsent(const struct smtp *smtp)
{
	return smtp->out.len - smtp->out_at;
}

/* The open question at place (0: the next to be answered). */
static inline const struct smtp_asked *
smtp_asked(const struct smtp *smtp, unsigned place)
{
	return &smtp->asked[(smtp->asked_at + place) % SMTP_ASKED_MAX];
}

/* The slot at place in use (0: the oldest). */
static inline struct smtp_slot *
smtp_slot(struct smtp *smtp, unsigned place)
{
	return &smtp->slots[(smtp->oldest + place) % SMTP_WINDOW];
}

/* smtp_slot() for looking only. */
static inline const struct smtp_slot *
smtp_slot_seen(const struct smtp *smtp, unsigned place)
{
	return &smtp->slots[(smtp->oldest + place) % SMTP_WINDOW];
}

/* ---- smtp.c ---- */

/* Adds text to the transcript, each line behind who. */
void smtp_note(struct smtp *smtp, const char *who, struct span text);

/* Notes that what the output holds from octet from on asks for an answer; slot
 * is NULL outside transactions. */
void smtp_ask(struct smtp *smtp, enum smtp_stage stage, struct smtp_slot *slot,
    size_t from);

/* Puts a command (argument may be NULL) into the output and asks. */
void smtp_say(struct smtp *smtp, enum smtp_stage stage, const char *verb,
    const char *argument);

/* Ends the connection at stage; the error is set already. */
void smtp_close(struct smtp *smtp, enum smtp_stage stage);

/* Ends the connection with code; the last reply becomes a fact. */
void smtp_fail(struct smtp *smtp, enum err_code code, enum smtp_stage stage);

/* ---- smtp_mail.c ---- */

/* Starts the queued transaction once nothing before it can still want DATA. */
void smtp_mail_start(struct smtp *smtp);

/* The reply just read answers stage of slot. */
void smtp_mail_answer(
    struct smtp *smtp, struct smtp_slot *slot, enum smtp_stage stage);

/* The reply just read is a 421: it answers the oldest open question, so a
 * message waiting for its verdict was not accepted, nor anything after it. */
void smtp_mail_shutdown(struct smtp *smtp);

/* Nobody asked for the reply just read: between 354 and the message it is an
 * early refusal. */
void smtp_mail_unasked(struct smtp *smtp);

/* The connection broke off: notes what that makes suspicious. */
void smtp_mail_suspect_loss(struct smtp *smtp);

/* The connection is gone: every open transaction gets its result. */
void smtp_mail_lose(struct smtp *smtp);

#endif
