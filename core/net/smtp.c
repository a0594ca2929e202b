/* The SMTP client's states (RFC 5321, 3207, 4954, 2920).  Replies are matched
 * with what was asked through one short queue; the table of stages says what
 * each answer leads to.  Decided here: nothing of a message leaves before
 * smtp_handed(), and a connection whose answers cannot be trusted any more
 * ends instead of guessing. */
#include "core/net/smtp.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/net/sasl.h"
#include "core/net/smtp_reply.h"
#include "core/net/smtp_text.h"

enum { ASKED_MAX = 16, NO_SLOT = -1, TRANSCRIPT_MAX = 64 * 1024 };

enum phase {
	PHASE_TALK,  /* before READY */
	PHASE_TLS,   /* the owner does the handshake */
	PHASE_READY, /* transactions */
	PHASE_QUIT,
	PHASE_CLOSED
};

enum slot_state {
	SLOT_FREE,
	SLOT_QUEUED,  /* submitted, nothing sent */
	SLOT_OPEN,    /* envelope sent, not all answered */
	SLOT_WAITING, /* 354 came */
	SLOT_HANDED,  /* message in the output or gone */
	SLOT_DONE     /* result not taken */
};

struct slot {
	enum slot_state state;
	struct smtp_envelope envelope;
	struct smtp_result result;
	bool decided;     /* result stands, answers may be outstanding */
	bool sender_only; /* smtp_try_sender() */
	bool taken;       /* a recipient was accepted */
	unsigned asked;   /* answers outstanding */
	uint64_t dot_end; /* position of the end of the final dot */
	char raw[SMTP_RAW_MAX];
};

struct asked {
	enum smtp_stage stage;
	int slot;
};

struct smtp {
	const struct exchange_target *target; /* borrowed */
	enum smtp_pipelining pipelining;
	enum phase phase;
	bool encrypted, unreset;
	struct smtp_caps caps;
	struct sasl sasl;
	struct reply_reader reader;
	struct asked asked[ASKED_MAX]; /* ring */
	unsigned asked_at, asked_count;
	struct slot slots[SMTP_WINDOW]; /* ring, oldest first */
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

static const struct {
	const char *name;
	int seconds;
} stages[] = {
    [SMTP_STAGE_CONNECT] = {"connect", 10},
    [SMTP_STAGE_TLS] = {"tls", 20},
    [SMTP_STAGE_GREET] = {"greet", 60},
    [SMTP_STAGE_EHLO] = {"ehlo", 60},
    [SMTP_STAGE_HELO] = {"helo", 60},
    [SMTP_STAGE_STARTTLS] = {"starttls", 60},
    [SMTP_STAGE_AUTH] = {"auth", 60},
    [SMTP_STAGE_READY] = {"ready", 0},
    [SMTP_STAGE_MAIL] = {"mail", 300},
    [SMTP_STAGE_RCPT] = {"rcpt", 300},
    [SMTP_STAGE_DATA] = {"data", 120},
    [SMTP_STAGE_BODY] = {"body", 180},
    [SMTP_STAGE_EOD] = {"eod", 600},
    [SMTP_STAGE_RSET] = {"rset", 60},
    [SMTP_STAGE_QUIT] = {"quit", 5},
};
static_assert(
    sizeof stages / sizeof *stages == SMTP_STAGE_COUNT, "name every stage");

const char *
smtp_stage_name(enum smtp_stage stage)
{
	return (unsigned)stage < SMTP_STAGE_COUNT ? stages[stage].name : "";
}

int64_t
smtp_timeout_ms(enum smtp_stage stage)
{
	int64_t seconds =
	    (unsigned)stage < SMTP_STAGE_COUNT ? stages[stage].seconds : 0;

	return seconds ? seconds * 1000 : -1;
}

struct smtp *
smtp_new(const struct exchange_target *target, enum smtp_pipelining pipelining)
{
	struct smtp *smtp = mem_new(sizeof *smtp);

	smtp->target = target;
	smtp->pipelining = pipelining;
	smtp->reader.whole = true;
	smtp->asked[0] = (struct asked){SMTP_STAGE_GREET, NO_SLOT};
	smtp->asked_count = 1;
	return smtp;
}

void
smtp_record(struct smtp *smtp, struct buf *transcript)
{
	smtp->transcript = transcript;
}

void
smtp_free(struct smtp **smtp)
{
	if (!*smtp)
		return;
	buf_wipe(&(*smtp)->out);
	OPENSSL_cleanse(*smtp, sizeof **smtp);
	free(*smtp);
	*smtp = NULL;
}

static void
note(struct smtp *smtp, const char *who, struct span text)
{
	struct buf *to = smtp->transcript;

	if (!to || to->len + text.len + 5 > TRANSCRIPT_MAX)
		return;
	while (text.len) {
		buf_text(to, who);
		buf_add(to, span_trim(span_cut(&text, '\n')));
		buf_char(to, '\n');
	}
}

/* The slot at place (0: the oldest), which must be in use. */
static struct slot *
slot_at(struct smtp *smtp, unsigned place)
{
	return &smtp->slots[(smtp->oldest + place) % SMTP_WINDOW];
}

static const struct slot *
slot_seen(const struct smtp *smtp, unsigned place)
{
	return &smtp->slots[(smtp->oldest + place) % SMTP_WINDOW];
}

static size_t
unsent(const struct smtp *smtp)
{
	return smtp->out.len - smtp->out_at;
}

static bool
pipelines(const struct smtp *smtp)
{
	return smtp->pipelining == SMTP_PIPELINE_OFFERED &&
	       (smtp->caps.bits & SMTP_CAP_PIPELINING);
}

/* Notes that the text appended since from asks for stage's answer. */
static void
ask(struct smtp *smtp, enum smtp_stage stage, struct slot *slot, size_t from)
{
	unsigned at = (smtp->asked_at + smtp->asked_count) % ASKED_MAX;

	assert(smtp->asked_count < ASKED_MAX);
	smtp->asked_count++;
	smtp->asked[at].stage = stage;
	smtp->asked[at].slot = slot ? (int)(slot - smtp->slots) : NO_SLOT;
	if (slot)
		slot->asked++;
	smtp->turns++;
	note(
	    smtp, "C: ", span_slice(buf_span(&smtp->out), from, smtp->out.len));
}

static void
say(struct smtp *smtp, enum smtp_stage stage, const char *verb,
    const char *argument)
{
	size_t from = smtp->out.len;

	buf_text(&smtp->out, verb);
	if (argument)
		buf_text(&smtp->out, argument);
	buf_add(&smtp->out, SPAN("\r\n"));
	ask(smtp, stage, NULL, from);
}

/* Keeps the reply just read as the result of slot. */
static void
decide(struct smtp *smtp, struct slot *slot, enum smtp_verdict verdict,
    enum smtp_stage stage)
{
	struct smtp_reply *reply = &slot->result.reply;

	if (slot->decided)
		return;
	slot->decided = true;
	slot->result.verdict = verdict;
	slot->result.stage = stage;
	reply_fill(&smtp->reader, reply);
	if (reply->raw.len)
		memcpy(slot->raw, reply->raw.ptr, reply->raw.len);
	reply->raw.ptr = slot->raw;
}

/* Where a transaction stands: its oldest open question, or the one that was
 * being answered. */
static enum smtp_stage
stage_of(const struct smtp *smtp, const struct slot *slot)
{
	if (slot->state == SLOT_QUEUED)
		return SMTP_STAGE_READY;
	if (slot->state == SLOT_WAITING)
		return SMTP_STAGE_DATA;
	for (unsigned i = 0; i < smtp->asked_count; i++) {
		const struct asked *asked =
		    &smtp->asked[(smtp->asked_at + i) % ASKED_MAX];

		if (asked->slot == (int)(slot - smtp->slots))
			return asked->stage;
	}
	return smtp->stage;
}

/* A transaction without an answer that counts: safe to try again unless the
 * whole message had left. */
static void
lose_slot(struct smtp *smtp, struct slot *slot)
{
	struct smtp_result *result = &slot->result;

	if (slot->state == SLOT_FREE || slot->state == SLOT_DONE)
		return;
	if (!slot->decided) {
		result->verdict = SMTP_DEFERRED;
		result->stage = stage_of(smtp, slot);
		result->reply = (struct smtp_reply){0};
		if (slot->state == SLOT_HANDED && smtp->sent >= slot->dot_end)
			result->verdict = SMTP_IN_DOUBT;
		else if (slot->state == SLOT_HANDED)
			result->stage = SMTP_STAGE_BODY;
	}
	slot->decided = true;
	slot->state = SLOT_DONE;
}

/* Ends the connection; err is set already (E_NONE after QUIT). */
static void
close_now(struct smtp *smtp, enum smtp_stage stage)
{
	smtp->stage = stage;
	for (unsigned i = 0; i < smtp->used; i++)
		lose_slot(smtp, slot_at(smtp, i));
	smtp->phase = PHASE_CLOSED;
	smtp->asked_count = 0;
	buf_wipe(&smtp->out);
	smtp->out_at = 0;
}

/* Fails the connection with the reply just read as a fact. */
static void
fail(struct smtp *smtp, enum err_code code, enum smtp_stage stage)
{
	struct smtp_reply reply;

	reply_fill(&smtp->reader, &reply);
	err_set(&smtp->err, code);
	err_fact(&smtp->err, "host", span_of(smtp->target->host));
	err_fact(&smtp->err, "stage", span_of(smtp_stage_name(stage)));
	err_fact(&smtp->err, "reply", span_trim(reply.raw));
	err_fact_int(&smtp->err, "code", reply.code);
	close_now(smtp, stage);
}

/* ---- transactions ---- */

static struct slot *
waiting_slot(struct smtp *smtp)
{
	for (unsigned i = 0; i < smtp->used; i++) {
		if (slot_at(smtp, i)->state == SLOT_WAITING)
			return slot_at(smtp, i);
	}
	return NULL;
}

static void
add_mail(struct smtp *smtp, struct slot *slot)
{
	size_t from = smtp->out.len;

	smtp_write_mail(&smtp->out, &slot->envelope, &smtp->caps);
	ask(smtp, SMTP_STAGE_MAIL, slot, from);
}

static void
add_rcpt(struct smtp *smtp, struct slot *slot)
{
	size_t from = smtp->out.len;

	smtp_write_rcpt(&smtp->out, &slot->envelope, &smtp->caps);
	ask(smtp, SMTP_STAGE_RCPT, slot, from);
}

static void
add_data(struct smtp *smtp, struct slot *slot)
{
	size_t from = smtp->out.len;

	buf_add(&smtp->out, SPAN("DATA\r\n"));
	ask(smtp, SMTP_STAGE_DATA, slot, from);
}

static void
start_slot(struct smtp *smtp, struct slot *slot)
{
	if (smtp->unreset) {
		smtp->unreset = false;
		say(smtp, SMTP_STAGE_RSET, "RSET", NULL);
	}
	slot->state = SLOT_OPEN;
	add_mail(smtp, slot);
	if (pipelines(smtp) && !slot->sender_only) {
		add_rcpt(smtp, slot);
		add_data(smtp, slot);
	}
}

/* Starts the queued transaction once nothing before it can still want DATA. */
static void
start_queued(struct smtp *smtp)
{
	for (unsigned i = 0; i < smtp->used; i++) {
		struct slot *slot = slot_at(smtp, i);

		if (slot->state == SLOT_OPEN || slot->state == SLOT_WAITING)
			return;
		if (slot->state == SLOT_QUEUED) {
			start_slot(smtp, slot);
			return;
		}
	}
}

/* Without pipelining the reset is a turn of its own and done at once. */
static void
want_reset(struct smtp *smtp)
{
	smtp->unreset = true;
	if (pipelines(smtp))
		return;
	smtp->unreset = false;
	say(smtp, SMTP_STAGE_RSET, "RSET", NULL);
}

static enum smtp_verdict
refusal(int code)
{
	return code / 100 == 4 ? SMTP_DEFERRED : SMTP_FAILED;
}

/* After a refusal: the rest of the group is answered before the result. */
static void
refuse(struct smtp *smtp, struct slot *slot, enum smtp_stage stage)
{
	decide(smtp, slot, refusal(smtp->reader.code), stage);
	if (stage == SMTP_STAGE_DATA || slot->asked == 0)
		want_reset(smtp);
}

static void
on_mail(struct smtp *smtp, struct slot *slot, int code)
{
	if (code / 100 != 2) {
		refuse(smtp, slot, SMTP_STAGE_MAIL);
		return;
	}
	if (slot->sender_only) {
		decide(smtp, slot, SMTP_ACCEPTED, SMTP_STAGE_MAIL);
		smtp->unreset = true;
	} else if (!pipelines(smtp)) {
		add_rcpt(smtp, slot);
	}
}

static void
on_rcpt(struct smtp *smtp, struct slot *slot, int code)
{
	if (code / 100 != 2) {
		refuse(smtp, slot, SMTP_STAGE_RCPT);
		return;
	}
	slot->taken = true;
	if (!pipelines(smtp))
		add_data(smtp, slot);
}

/* A dot on its own ends a message without recipients; with one it would
 * deliver an empty mail, then only ending the connection helps. */
static void
on_data(struct smtp *smtp, struct slot *slot, int code)
{
	size_t from = smtp->out.len;

	if (code == 354 && !slot->decided) {
		slot->state = SLOT_WAITING;
	} else if (code == 354 && slot->taken) {
		fail(smtp, E_SMTP_PROTOCOL, SMTP_STAGE_DATA);
	} else if (code == 354) {
		buf_add(&smtp->out, SPAN(".\r\n"));
		ask(smtp, SMTP_STAGE_EOD, slot, from);
	} else if (code / 100 >= 4) {
		refuse(smtp, slot, SMTP_STAGE_DATA);
	} else {
		fail(smtp, E_SMTP_PROTOCOL, SMTP_STAGE_DATA);
	}
}

static void
on_eod(struct smtp *smtp, struct slot *slot, int code)
{
	if (slot->decided)
		return;
	if (smtp->sent < slot->dot_end) {
		/* an answer to half a message: nothing after it is in step */
		if (code / 100 != 2)
			decide(smtp, slot, refusal(code), SMTP_STAGE_BODY);
		fail(smtp, E_SMTP_PROTOCOL, SMTP_STAGE_BODY);
		return;
	}
	decide(smtp, slot, code / 100 == 2 ? SMTP_ACCEPTED : refusal(code),
	    SMTP_STAGE_EOD);
}

static void
on_transaction(
    struct smtp *smtp, struct slot *slot, enum smtp_stage stage, int code)
{
	slot->asked--;
	if (stage == SMTP_STAGE_MAIL)
		on_mail(smtp, slot, code);
	else if (stage == SMTP_STAGE_RCPT)
		on_rcpt(smtp, slot, code);
	else if (stage == SMTP_STAGE_DATA)
		on_data(smtp, slot, code);
	else
		on_eod(smtp, slot, code);
	if (slot->decided && slot->asked == 0)
		slot->state = SLOT_DONE;
	if (smtp->phase == PHASE_READY)
		start_queued(smtp);
}

/* ---- before the first transaction ---- */

static void
send_auth(struct smtp *smtp)
{
	size_t from = smtp->out.len;
	struct buf *transcript = smtp->transcript;

	smtp->secret_out = true;
	smtp->transcript = NULL;
	sasl_start(&smtp->sasl, &smtp->out);
	ask(smtp, SMTP_STAGE_AUTH, NULL, from);
	smtp->transcript = transcript;
	note(smtp, "C: ",
	    smtp->sasl.mech == SASL_PLAIN ? SPAN("AUTH PLAIN ****")
					  : SPAN("AUTH LOGIN"));
}

/* What to do after EHLO: encrypt, log in, or be ready. */
static void
go_on(struct smtp *smtp)
{
	const struct exchange_target *target = smtp->target;
	struct err why = {0};

	if (!smtp->encrypted && target->tls != TLS_LEVEL_NONE) {
		if (smtp->caps.bits & SMTP_CAP_STARTTLS) {
			say(smtp, SMTP_STAGE_STARTTLS, "STARTTLS", NULL);
			return;
		}
		if (target->tls != TLS_LEVEL_OPPORTUNISTIC) {
			fail(smtp, E_TLS_MISSING, SMTP_STAGE_EHLO);
			return;
		}
	}
	if (!target->user) {
		smtp->phase = PHASE_READY;
	} else if (!smtp->encrypted) {
		fail(smtp, E_SMTP_AUTH_PLAINTEXT, SMTP_STAGE_EHLO);
	} else if (sasl_init(&smtp->sasl, smtp->caps.auth, target->user,
		       target->secret, &why) < 0) {
		fail(smtp, why.code, SMTP_STAGE_EHLO);
	} else {
		send_auth(smtp);
	}
}

static void
on_greet(struct smtp *smtp, int code)
{
	if (smtp->target->tls == TLS_LEVEL_IMPLICIT && !smtp->encrypted)
		fail(smtp, E_TLS_MISSING, SMTP_STAGE_GREET);
	else if (code != 220)
		fail(smtp, E_SMTP_REPLY, SMTP_STAGE_GREET);
	else
		say(smtp, SMTP_STAGE_EHLO, "EHLO ", smtp->target->ehlo);
}

/* HELO has no extensions, so it is no way around TLS or AUTH. */
static void
on_ehlo(struct smtp *smtp, int code)
{
	bool plain = smtp->target->tls <= TLS_LEVEL_OPPORTUNISTIC &&
		     !smtp->target->user && !smtp->encrypted;

	if (code / 100 == 2) {
		go_on(smtp);
	} else if ((code == 500 || code == 502 || code == 504) && plain) {
		smtp->caps = (struct smtp_caps){0};
		say(smtp, SMTP_STAGE_HELO, "HELO ", smtp->target->ehlo);
	} else {
		fail(smtp, E_SMTP_REPLY, SMTP_STAGE_EHLO);
	}
}

static void
on_starttls(struct smtp *smtp, int code)
{
	if (code == 220) {
		smtp->phase = PHASE_TLS;
	} else if (code / 100 >= 4 && !smtp->target->user &&
		   smtp->target->tls == TLS_LEVEL_OPPORTUNISTIC) {
		smtp->phase = PHASE_READY;
	} else {
		fail(smtp, E_SMTP_REPLY, SMTP_STAGE_STARTTLS);
	}
}

static void
on_auth(struct smtp *smtp, int code)
{
	struct buf *transcript = smtp->transcript;
	struct err why = {0};
	size_t from = smtp->out.len;

	if (code == 235) {
		smtp->phase = PHASE_READY;
		return;
	}
	smtp->secret_out = true;
	if (code != 334 || sasl_answer(&smtp->sasl, &smtp->out, &why) < 0) {
		fail(smtp, E_SMTP_AUTH, SMTP_STAGE_AUTH);
		return;
	}
	smtp->transcript = NULL;
	ask(smtp, SMTP_STAGE_AUTH, NULL, from);
	smtp->transcript = transcript;
	note(smtp, "C: ", SPAN("****"));
}

static void
on_quit(struct smtp *smtp)
{
	smtp->err = (struct err){0};
	close_now(smtp, SMTP_STAGE_QUIT);
}

static void
on_helo_or_rset(struct smtp *smtp, enum smtp_stage stage, int code)
{
	if (code / 100 != 2)
		fail(smtp, E_SMTP_REPLY, stage);
	else if (stage == SMTP_STAGE_HELO)
		go_on(smtp);
	else
		start_queued(smtp);
}

/* 421 may come at any time and always ends the connection; it answers the
 * oldest question, so a message waiting for its verdict was not accepted. */
static void
on_shutdown(struct smtp *smtp)
{
	struct asked *asked = &smtp->asked[smtp->asked_at];
	struct slot *waiting = waiting_slot(smtp);
	enum smtp_stage stage = smtp_stage(smtp);

	if (waiting)
		decide(smtp, waiting, SMTP_DEFERRED, SMTP_STAGE_DATA);
	else if (smtp->asked_count && asked->slot != NO_SLOT)
		decide(smtp, &smtp->slots[asked->slot], SMTP_DEFERRED, stage);
	if (smtp->phase == PHASE_QUIT)
		on_quit(smtp);
	else
		fail(smtp, E_SMTP_REPLY, stage);
}

static void
on_reply(struct smtp *smtp)
{
	int code = smtp->reader.code;
	struct asked asked;

	smtp->turns++;
	if (code == 421) {
		on_shutdown(smtp);
		return;
	}
	if (smtp->asked_count == 0) {
		fail(smtp, E_SMTP_PROTOCOL, SMTP_STAGE_READY);
		return;
	}
	asked = smtp->asked[smtp->asked_at];
	if (code / 100 == 3 && asked.stage != SMTP_STAGE_DATA &&
	    asked.stage != SMTP_STAGE_AUTH) {
		fail(smtp, E_SMTP_PROTOCOL, asked.stage);
		return;
	}
	smtp->stage = smtp_stage(smtp);
	smtp->asked_at = (smtp->asked_at + 1) % ASKED_MAX;
	smtp->asked_count--;
	if (asked.slot != NO_SLOT)
		on_transaction(
		    smtp, &smtp->slots[asked.slot], asked.stage, code);
	else if (asked.stage == SMTP_STAGE_GREET)
		on_greet(smtp, code);
	else if (asked.stage == SMTP_STAGE_EHLO)
		on_ehlo(smtp, code);
	else if (asked.stage == SMTP_STAGE_STARTTLS)
		on_starttls(smtp, code);
	else if (asked.stage == SMTP_STAGE_AUTH)
		on_auth(smtp, code);
	else if (asked.stage == SMTP_STAGE_QUIT)
		on_quit(smtp);
	else
		on_helo_or_rset(smtp, asked.stage, code);
}

/* The first line of an EHLO reply is the server's name, not a keyword. */
static void
on_line(struct smtp *smtp)
{
	note(smtp, "S: ", span_make(smtp->reader.line, smtp->reader.line_len));
	if (smtp->asked_count == 0 ||
	    smtp->asked[smtp->asked_at].stage != SMTP_STAGE_EHLO ||
	    smtp->reader.code / 100 != 2)
		return;
	if (smtp->reader.lines == 1)
		smtp->caps = (struct smtp_caps){0};
	else
		reply_caps(reply_line(&smtp->reader), &smtp->caps);
}

void
smtp_input(struct smtp *smtp, struct span bytes)
{
	enum reply_got got = REPLY_MORE;

	while (bytes.len && smtp->phase != PHASE_CLOSED) {
		if (smtp->phase == PHASE_TLS) {
			fail(smtp, E_TLS_INJECT, SMTP_STAGE_STARTTLS);
			return;
		}
		got = reply_read(&smtp->reader, &bytes);
		if (got == REPLY_BAD)
			fail(smtp, E_SMTP_PROTOCOL, smtp_stage(smtp));
		if (got == REPLY_LINE || got == REPLY_LAST)
			on_line(smtp);
		if (got == REPLY_LAST)
			on_reply(smtp);
	}
}

struct span
smtp_output(const struct smtp *smtp)
{
	return span_slice(buf_span(&smtp->out), smtp->out_at, smtp->out.len);
}

void
smtp_sent(struct smtp *smtp, size_t count)
{
	if (count > unsent(smtp))
		count = unsent(smtp);
	smtp->out_at += count;
	smtp->sent += count;
	if (smtp->out_at < smtp->out.len)
		return;
	if (smtp->secret_out && smtp->out.ptr)
		OPENSSL_cleanse(smtp->out.ptr, smtp->out.room);
	smtp->secret_out = false;
	smtp->out_at = 0;
	buf_clear(&smtp->out);
}

void
smtp_tls_done(struct smtp *smtp)
{
	smtp->encrypted = true;
	smtp->caps = (struct smtp_caps){0};
	if (smtp->phase != PHASE_TLS)
		return;
	smtp->phase = PHASE_TALK;
	say(smtp, SMTP_STAGE_EHLO, "EHLO ", smtp->target->ehlo);
}

void
smtp_lost(struct smtp *smtp, const struct err *why)
{
	if (smtp->phase == PHASE_CLOSED)
		return;
	if (smtp->phase == PHASE_QUIT) {
		on_quit(smtp);
		return;
	}
	if (why) {
		smtp->err = *why;
	} else {
		err_set(&smtp->err, E_NET_CLOSED);
		err_fact(&smtp->err, "host", span_of(smtp->target->host));
		err_fact(&smtp->err, "stage",
		    span_of(smtp_stage_name(smtp_stage(smtp))));
	}
	close_now(smtp, smtp_stage(smtp));
}

/* ---- the owner's side ---- */

enum smtp_wish
smtp_wish(const struct smtp *smtp)
{
	if (smtp->used && slot_seen(smtp, 0)->state == SLOT_DONE)
		return SMTP_WAIT_RESULT;
	if (smtp->phase == PHASE_CLOSED)
		return SMTP_CLOSED;
	if (smtp->phase == PHASE_TLS)
		return SMTP_WAIT_TLS;
	for (unsigned i = 0; i < smtp->used; i++) {
		if (slot_seen(smtp, i)->state == SLOT_WAITING)
			return SMTP_WAIT_HANDED;
	}
	if (smtp->phase == PHASE_READY && smtp->asked_count == 0 &&
	    smtp->used == 0)
		return SMTP_WAIT_MESSAGE;
	return SMTP_WAIT_IO;
}

enum smtp_stage
smtp_stage(const struct smtp *smtp)
{
	enum smtp_stage stage;

	if (smtp->phase == PHASE_CLOSED)
		return smtp->stage;
	if (smtp->phase == PHASE_TLS)
		return SMTP_STAGE_TLS;
	if (smtp->asked_count == 0)
		return SMTP_STAGE_READY;
	stage = smtp->asked[smtp->asked_at].stage;
	if (stage == SMTP_STAGE_EOD && unsent(smtp))
		return SMTP_STAGE_BODY;
	return stage;
}

unsigned
smtp_turns(const struct smtp *smtp)
{
	return smtp->turns;
}

bool
smtp_has_room(const struct smtp *smtp)
{
	if (smtp->phase != PHASE_READY)
		return false;
	if (smtp_wish(smtp) == SMTP_WAIT_MESSAGE)
		return true;
	return pipelines(smtp) && smtp->used < SMTP_WINDOW &&
	       !(smtp->used && slot_seen(smtp, 0)->sender_only);
}

static struct slot *
take_slot(struct smtp *smtp, const struct smtp_envelope *envelope)
{
	struct slot *slot = slot_at(smtp, smtp->used++);

	slot->state = SLOT_QUEUED;
	slot->envelope = *envelope;
	slot->result = (struct smtp_result){.tag = envelope->tag};
	slot->decided = slot->sender_only = slot->taken = false;
	slot->asked = 0;
	slot->dot_end = 0;
	return slot;
}

int
smtp_submit(
    struct smtp *smtp, const struct smtp_envelope *envelope, struct err *err)
{
	if (!smtp_has_room(smtp)) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("smtp_submit"));
	}
	if (smtp_check(envelope, &smtp->caps, smtp->target->host, err) < 0)
		return -1;
	take_slot(smtp, envelope);
	start_queued(smtp);
	return 0;
}

int
smtp_try_sender(struct smtp *smtp, struct span sender, struct err *err)
{
	struct smtp_envelope envelope = {.sender = sender};

	if (smtp_wish(smtp) != SMTP_WAIT_MESSAGE) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("smtp_try_sender"));
	}
	if (smtp_check_address(sender, err) < 0)
		return -1;
	take_slot(smtp, &envelope)->sender_only = true;
	start_queued(smtp);
	return 0;
}

uint64_t
smtp_waiting(const struct smtp *smtp)
{
	for (unsigned i = 0; i < smtp->used; i++) {
		if (slot_seen(smtp, i)->state == SLOT_WAITING)
			return slot_seen(smtp, i)->envelope.tag;
	}
	return 0;
}

void
smtp_handed(struct smtp *smtp)
{
	struct slot *slot = waiting_slot(smtp);
	struct buf *transcript = smtp->transcript;

	if (!slot)
		return;
	slot->state = SLOT_HANDED;
	smtp->transcript = NULL;
	smtp_write_data(&smtp->out, slot->envelope.data);
	ask(smtp, SMTP_STAGE_EOD, slot, smtp->out.len);
	smtp->transcript = transcript;
	note(smtp, "C: ", SPAN("(message)"));
	slot->dot_end = smtp->sent + unsent(smtp);
	start_queued(smtp);
}

void
smtp_abandon(struct smtp *smtp)
{
	struct slot *slot = waiting_slot(smtp);

	if (!slot)
		return;
	slot->decided = true;
	slot->result.verdict = SMTP_ABANDONED;
	slot->result.stage = SMTP_STAGE_DATA;
	slot->result.reply = (struct smtp_reply){0};
	err_set(&smtp->err, E_CANCELLED);
	close_now(smtp, SMTP_STAGE_DATA);
}

bool
smtp_result(struct smtp *smtp, struct smtp_result *out)
{
	struct slot *slot = slot_at(smtp, 0);

	if (smtp->used == 0 || slot->state != SLOT_DONE)
		return false;
	*out = slot->result;
	slot->state = SLOT_FREE;
	smtp->oldest = (smtp->oldest + 1) % SMTP_WINDOW;
	smtp->used--;
	return true;
}

void
smtp_reset(struct smtp *smtp)
{
	if (smtp_wish(smtp) != SMTP_WAIT_MESSAGE)
		return;
	smtp->unreset = false;
	say(smtp, SMTP_STAGE_RSET, "RSET", NULL);
}

void
smtp_quit(struct smtp *smtp)
{
	if (smtp_wish(smtp) != SMTP_WAIT_MESSAGE)
		return;
	smtp->phase = PHASE_QUIT;
	say(smtp, SMTP_STAGE_QUIT, "QUIT", NULL);
}

const struct smtp_caps *
smtp_caps(const struct smtp *smtp)
{
	return &smtp->caps;
}

const struct err *
smtp_error(const struct smtp *smtp)
{
	return &smtp->err;
}

void
smtp_last_reply(const struct smtp *smtp, struct smtp_reply *out)
{
	reply_fill(&smtp->reader, out);
}
