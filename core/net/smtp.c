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
#include "core/net/smtp_state.h"

static const char *const names[] = {
    [SMTP_STAGE_CONNECT] = "connect",
    [SMTP_STAGE_TLS] = "tls",
    [SMTP_STAGE_GREET] = "greet",
    [SMTP_STAGE_EHLO] = "ehlo",
    [SMTP_STAGE_HELO] = "helo",
    [SMTP_STAGE_STARTTLS] = "starttls",
    [SMTP_STAGE_AUTH] = "auth",
    [SMTP_STAGE_READY] = "ready",
    [SMTP_STAGE_MAIL] = "mail",
    [SMTP_STAGE_RCPT] = "rcpt",
    [SMTP_STAGE_DATA] = "data",
    [SMTP_STAGE_BODY] = "body",
    [SMTP_STAGE_EOD] = "eod",
    [SMTP_STAGE_RSET] = "rset",
    [SMTP_STAGE_QUIT] = "quit",
};
static_assert(
    sizeof names / sizeof *names == SMTP_STAGE_COUNT, "name every stage");

const char *
smtp_stage_name(enum smtp_stage stage)
{
	return (unsigned)stage < SMTP_STAGE_COUNT ? names[stage] : "";
}

struct smtp *
smtp_new(const struct exchange_target *target, enum smtp_pipelining pipelining)
{
	struct smtp *smtp = mem_new(sizeof *smtp);

	smtp->target = target;
	smtp->pipelining = pipelining;
	smtp->reader.whole = true;
	smtp->asked[0] = (struct smtp_asked){SMTP_STAGE_GREET, SMTP_NO_SLOT};
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

void
smtp_note(struct smtp *smtp, const char *who, struct span text)
{
	struct buf *to = smtp->transcript;

	if (!to || to->len + text.len + 5 > SMTP_TRANSCRIPT_MAX)
		return;
	while (text.len) {
		buf_text(to, who);
		buf_add(to, span_trim(span_cut(&text, '\n')));
		buf_char(to, '\n');
	}
}

/* Notes that the text appended since from asks for stage's answer. */
void
smtp_ask(struct smtp *smtp, enum smtp_stage stage, struct smtp_slot *slot,
    size_t from)
{
	unsigned at = (smtp->asked_at + smtp->asked_count) % SMTP_ASKED_MAX;

	assert(smtp->asked_count < SMTP_ASKED_MAX);
	smtp->asked_count++;
	smtp->asked[at].stage = stage;
	smtp->asked[at].slot = slot ? (int)(slot - smtp->slots) : SMTP_NO_SLOT;
	if (slot)
		slot->asked++;
	smtp->turns++;
	smtp_note(
	    smtp, "C: ", span_slice(buf_span(&smtp->out), from, smtp->out.len));
}

void
smtp_say(struct smtp *smtp, enum smtp_stage stage, const char *verb,
    const char *argument)
{
	size_t from = smtp->out.len;

	buf_text(&smtp->out, verb);
	if (argument)
		buf_text(&smtp->out, argument);
	buf_add(&smtp->out, SPAN("\r\n"));
	smtp_ask(smtp, stage, NULL, from);
}

/* Ends the connection; err is set already (E_NONE after QUIT). */
void
smtp_close(struct smtp *smtp, enum smtp_stage stage)
{
	smtp->stage = stage;
	smtp_mail_lose(smtp);
	smtp->phase = SMTP_PHASE_CLOSED;
	smtp->asked_count = 0;
	buf_wipe(&smtp->out);
	smtp->out_at = 0;
}

/* Fails the connection with the reply just read as a fact. */
void
smtp_fail(struct smtp *smtp, enum err_code code, enum smtp_stage stage)
{
	struct smtp_reply reply;

	reply_fill(&smtp->reader, &reply);
	err_set(&smtp->err, code);
	err_fact(&smtp->err, "host", span_of(smtp->target->host));
	err_fact(&smtp->err, "stage", span_of(smtp_stage_name(stage)));
	err_fact(&smtp->err, "reply", span_trim(reply.raw));
	err_fact_int(&smtp->err, "code", reply.code);
	smtp_close(smtp, stage);
}

/* ---- before the first transaction ---- */

static void
send_auth(struct smtp *smtp)
{
	size_t from = smtp->out.len;
	struct buf *transcript = smtp->transcript, said = BUF_INIT;

	smtp->secret_out = true;
	smtp->transcript = NULL;
	sasl_start(&smtp->sasl, &smtp->out);
	smtp_ask(smtp, SMTP_STAGE_AUTH, NULL, from);
	smtp->transcript = transcript;
	buf_printf(&said, "AUTH %s%s", sasl_name(smtp->sasl.mech),
	    smtp->sasl.step ? " ****" : "");
	smtp_note(smtp, "C: ", buf_span(&said));
	buf_done(&said);
}

/* Without SCRAM where it was offered before, the password would be handed to
 * whoever took it out of the list; the same where nobody knows who the peer is,
 * unless the operator has named that one mechanism. */
static bool
may_log_in(struct smtp *smtp)
{
	const struct exchange_target *target = smtp->target;
	unsigned allowed = target->auth ? target->auth : SASL_PASSWORD;
	unsigned scram = SASL_SCRAM | SASL_SCRAM_PLUS;

	if (smtp->caps.auth & allowed & scram)
		return true;
	if ((allowed & scram) &&
	    target_allows_less(target, TARGET_SEEN_SCRAM, &smtp->err) < 0)
		return false;
	if (smtp->trusted || target->tls >= TLS_LEVEL_VERIFY ||
	    !(allowed & (allowed - 1)))
		return true;
	err_set(&smtp->err, E_SMTP_AUTH_UNVERIFIED);
	err_fact(&smtp->err, "host", span_of(target->host));
	return false;
}

static void
log_in(struct smtp *smtp)
{
	const struct exchange_target *target = smtp->target;
	struct err why = {0};
	struct sasl_how how = {
	    .offered = smtp->caps.auth,
	    .allowed = target->auth,
	    .user = target->user,
	    .secret = target->secret,
	    .host = target->host,
	    .port = target->port,
	    .bind = smtp->bind,
	    .binding = span_make(smtp->binding, smtp->binding_len),
	};

	if (!may_log_in(smtp))
		smtp_close(smtp, SMTP_STAGE_EHLO);
	else if (sasl_init(&smtp->sasl, &how, &why) < 0)
		smtp_fail(smtp, why.code, SMTP_STAGE_EHLO);
	else
		send_auth(smtp);
}

/* What to do after EHLO: encrypt, log in, or be ready. */
static void
go_on(struct smtp *smtp)
{
	const struct exchange_target *target = smtp->target;
	bool clear = target->tls == TLS_LEVEL_NONE ||
		     (target->tls == TLS_LEVEL_OPPORTUNISTIC && target->clear);

	if (!smtp->encrypted && !clear) {
		if (smtp->caps.bits & SMTP_CAP_STARTTLS) {
			smtp_say(smtp, SMTP_STAGE_STARTTLS, "STARTTLS", NULL);
			return;
		}
		if (target->tls != TLS_LEVEL_OPPORTUNISTIC) {
			smtp_fail(smtp, E_TLS_MISSING, SMTP_STAGE_EHLO);
			return;
		}
		if (target_allows_less(
			target, TARGET_SEEN_STARTTLS, &smtp->err) < 0) {
			smtp_close(smtp, SMTP_STAGE_EHLO);
			return;
		}
	}
	if (!target->user) {
		smtp->phase = SMTP_PHASE_READY;
	} else if (!smtp->encrypted) {
		smtp_fail(smtp, E_SMTP_AUTH_PLAINTEXT, SMTP_STAGE_EHLO);
	} else {
		log_in(smtp);
	}
}

static void
on_greet(struct smtp *smtp, int code)
{
	if (smtp->target->tls == TLS_LEVEL_IMPLICIT && !smtp->encrypted)
		smtp_fail(smtp, E_TLS_MISSING, SMTP_STAGE_GREET);
	else if (code != 220)
		smtp_fail(smtp, E_SMTP_REPLY, SMTP_STAGE_GREET);
	else
		smtp_say(smtp, SMTP_STAGE_EHLO, "EHLO ", smtp->target->ehlo);
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
		smtp_say(smtp, SMTP_STAGE_HELO, "HELO ", smtp->target->ehlo);
	} else {
		smtp_fail(smtp, E_SMTP_REPLY, SMTP_STAGE_EHLO);
	}
}

static void
on_starttls(struct smtp *smtp, int code)
{
	if (code == 220) {
		smtp->phase = SMTP_PHASE_TLS;
	} else if (code / 100 >= 4 && !smtp->target->user &&
		   !(smtp->target->seen & TARGET_SEEN_STARTTLS) &&
		   smtp->target->tls == TLS_LEVEL_OPPORTUNISTIC) {
		smtp->phase = SMTP_PHASE_READY;
	} else {
		smtp_fail(smtp, E_SMTP_REPLY, SMTP_STAGE_STARTTLS);
	}
}

/* The dialogue broke; a challenge is no reply to be shown, since a password can
 * be guessed from what SCRAM says. */
static void
auth_failed(struct smtp *smtp, const struct err *why)
{
	if (why->code == E_SMTP_AUTH && smtp->reader.code != 334) {
		smtp_fail(smtp, E_SMTP_AUTH, SMTP_STAGE_AUTH);
		return;
	}
	smtp->err = *why;
	err_fact(&smtp->err, "host", span_of(smtp->target->host));
	smtp_close(smtp, SMTP_STAGE_AUTH);
}

static void
on_auth(struct smtp *smtp, int code)
{
	struct buf *transcript = smtp->transcript;
	struct err why = {0};
	size_t from = smtp->out.len;

	if (code == 235 && sasl_accept(&smtp->sasl, &why) == 0) {
		smtp->phase = SMTP_PHASE_READY;
		return;
	}
	if (code != 334 && why.code == E_NONE)
		err_set(&why, E_SMTP_AUTH);
	smtp->secret_out = true;
	if (why.code != E_NONE ||
	    sasl_answer(
		&smtp->sasl, reply_line(&smtp->reader), &smtp->out, &why) < 0) {
		auth_failed(smtp, &why);
		return;
	}
	smtp->transcript = NULL;
	smtp_ask(smtp, SMTP_STAGE_AUTH, NULL, from);
	smtp->transcript = transcript;
	smtp_note(smtp, "C: ", SPAN("****"));
}

static void
on_quit(struct smtp *smtp)
{
	smtp->err = (struct err){0};
	smtp_close(smtp, SMTP_STAGE_QUIT);
}

static void
on_helo_or_rset(struct smtp *smtp, enum smtp_stage stage, int code)
{
	if (code / 100 != 2)
		smtp_fail(smtp, E_SMTP_REPLY, stage);
	else if (stage == SMTP_STAGE_HELO)
		go_on(smtp);
	else
		smtp_mail_start(smtp);
}

/* 421 may come at any time and always ends the connection. */
static void
on_shutdown(struct smtp *smtp)
{
	enum smtp_stage stage = smtp_stage(smtp);

	smtp_mail_shutdown(smtp);
	if (smtp->phase == SMTP_PHASE_QUIT)
		on_quit(smtp);
	else
		smtp_fail(smtp, E_SMTP_REPLY, stage);
}

static void
on_reply(struct smtp *smtp)
{
	int code = smtp->reader.code;
	struct smtp_asked asked;

	smtp->turns++;
	if (code == 421) {
		on_shutdown(smtp);
		return;
	}
	if (smtp->asked_count == 0) {
		smtp_mail_unasked(smtp);
		smtp_fail(smtp, E_SMTP_PROTOCOL, SMTP_STAGE_READY);
		return;
	}
	asked = smtp->asked[smtp->asked_at];
	if (code / 100 == 3 && asked.stage != SMTP_STAGE_DATA &&
	    asked.stage != SMTP_STAGE_AUTH) {
		smtp_fail(smtp, E_SMTP_PROTOCOL, asked.stage);
		return;
	}
	smtp->stage = smtp_stage(smtp);
	smtp->asked_at = (smtp->asked_at + 1) % SMTP_ASKED_MAX;
	smtp->asked_count--;
	if (asked.slot != SMTP_NO_SLOT)
		smtp_mail_answer(smtp, &smtp->slots[asked.slot], asked.stage);
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
	smtp_note(smtp, "S: ",
	    smtp->reader.code == 334
		? SPAN("334 ****")
		: span_make(smtp->reader.line, smtp->reader.line_len));
	if (smtp->asked_count == 0 ||
	    smtp->asked[smtp->asked_at].stage != SMTP_STAGE_EHLO ||
	    smtp->reader.code / 100 != 2)
		return;
	if (smtp->reader.lines == 1)
		smtp->caps = (struct smtp_caps){0};
	else
		reply_caps(reply_line(&smtp->reader), &smtp->caps);
	/* it counts inside TLS only (RFC 8689 section 2) */
	if (!smtp->encrypted)
		smtp->caps.bits &= ~(unsigned)SMTP_CAP_REQUIRETLS;
}

void
smtp_input(struct smtp *smtp, struct span bytes)
{
	enum reply_got got = REPLY_MORE;

	while (bytes.len && smtp->phase != SMTP_PHASE_CLOSED) {
		if (smtp->phase == SMTP_PHASE_TLS) {
			smtp_fail(smtp, E_TLS_INJECT, SMTP_STAGE_STARTTLS);
			return;
		}
		got = reply_read(&smtp->reader, &bytes);
		if (got == REPLY_BAD)
			smtp_fail(smtp, E_SMTP_PROTOCOL, smtp_stage(smtp));
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

/* With messages always under way the output may never be empty. */
static void
drop_sent(struct smtp *smtp)
{
	if (smtp->out_at < SMTP_DROP_MIN || smtp->out_at < smtp_unsent(smtp))
		return;
	buf_drop(&smtp->out, smtp->out_at);
	smtp->out_at = 0;
}

void
smtp_sent(struct smtp *smtp, size_t count)
{
	if (count > smtp_unsent(smtp))
		count = smtp_unsent(smtp);
	smtp->out_at += count;
	smtp->sent += count;
	if (smtp->out_at < smtp->out.len) {
		drop_sent(smtp);
		return;
	}
	if (smtp->secret_out && smtp->out.ptr)
		OPENSSL_cleanse(smtp->out.ptr, smtp->out.room);
	smtp->secret_out = false;
	smtp->out_at = 0;
	buf_clear(&smtp->out);
}

void
smtp_trust(struct smtp *smtp)
{
	smtp->trusted = true;
}

void
smtp_bind(struct smtp *smtp, enum scram_bind bind, struct span data)
{
	if (data.len == 0 || data.len > sizeof smtp->binding)
		return;
	smtp->bind = bind;
	smtp->binding_len = data.len;
	memcpy(smtp->binding, data.ptr, data.len);
}

void
smtp_tls_done(struct smtp *smtp)
{
	smtp->encrypted = true;
	smtp->caps = (struct smtp_caps){0};
	if (smtp->phase != SMTP_PHASE_TLS)
		return;
	smtp->phase = SMTP_PHASE_TALK;
	smtp_say(smtp, SMTP_STAGE_EHLO, "EHLO ", smtp->target->ehlo);
}

void
smtp_lost(struct smtp *smtp, const struct err *why)
{
	if (smtp->phase == SMTP_PHASE_CLOSED)
		return;
	if (smtp->phase == SMTP_PHASE_QUIT) {
		on_quit(smtp);
		return;
	}
	if (!why || why->code != E_CANCELLED)
		smtp_mail_suspect_loss(smtp);
	if (why) {
		smtp->err = *why;
	} else {
		err_set(&smtp->err, E_NET_CLOSED);
		err_fact(&smtp->err, "host", span_of(smtp->target->host));
		err_fact(&smtp->err, "stage",
		    span_of(smtp_stage_name(smtp_stage(smtp))));
	}
	smtp_close(smtp, smtp_stage(smtp));
}

/* ---- the owner's side ---- */

enum smtp_wish
smtp_wish(const struct smtp *smtp)
{
	if (smtp->used && smtp_slot_seen(smtp, 0)->state == SMTP_SLOT_DONE)
		return SMTP_WAIT_RESULT;
	if (smtp->phase == SMTP_PHASE_CLOSED)
		return SMTP_CLOSED;
	if (smtp->phase == SMTP_PHASE_TLS)
		return SMTP_WAIT_TLS;
	for (unsigned i = 0; i < smtp->used; i++) {
		if (smtp_slot_seen(smtp, i)->state == SMTP_SLOT_WAITING)
			return SMTP_WAIT_HANDED;
	}
	if (smtp->phase == SMTP_PHASE_READY && smtp->asked_count == 0 &&
	    smtp->used == 0)
		return SMTP_WAIT_MESSAGE;
	return SMTP_WAIT_IO;
}

enum smtp_stage
smtp_stage(const struct smtp *smtp)
{
	const struct smtp_asked *asked = smtp_asked(smtp, 0);

	if (smtp->phase == SMTP_PHASE_CLOSED)
		return smtp->stage;
	if (smtp->phase == SMTP_PHASE_TLS)
		return SMTP_STAGE_TLS;
	if (smtp->asked_count == 0)
		return SMTP_STAGE_READY;
	if (asked->stage == SMTP_STAGE_EOD &&
	    smtp->sent < smtp->slots[asked->slot].end)
		return SMTP_STAGE_BODY;
	return asked->stage;
}

unsigned
smtp_turns(const struct smtp *smtp)
{
	return smtp->turns;
}

void
smtp_reset(struct smtp *smtp)
{
	if (smtp_wish(smtp) != SMTP_WAIT_MESSAGE)
		return;
	smtp->unreset = false;
	smtp_say(smtp, SMTP_STAGE_RSET, "RSET", NULL);
}

void
smtp_quit(struct smtp *smtp)
{
	if (smtp_wish(smtp) != SMTP_WAIT_MESSAGE)
		return;
	smtp->phase = SMTP_PHASE_QUIT;
	smtp_say(smtp, SMTP_STAGE_QUIT, "QUIT", NULL);
}

const struct smtp_caps *
smtp_caps(const struct smtp *smtp)
{
	return &smtp->caps;
}

enum smtp_suspect
smtp_suspects(const struct smtp *smtp)
{
	return smtp->suspect;
}

bool
smtp_is_proven(const struct smtp *smtp)
{
	return smtp->proven;
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
