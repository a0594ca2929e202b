/* Transactions: MAIL, RCPT, DATA or BDAT, the message and its verdict.  Decided
 * here: what a lost connection means for each message, when a refused one needs
 * RSET, that a relay which wants data after refusing everybody gets a lone dot
 * and nothing else, and which answers make pipelining suspicious. */
#include "core/net/smtp_state.h"
#include "core/net/smtp_text.h"

static bool
pipelines(const struct smtp *smtp)
{
	return smtp->pipelining != SMTP_PIPELINE_NEVER &&
	       (smtp->caps.bits & SMTP_CAP_PIPELINING);
}

/* BDAT alone would save little: it is the single write that counts. */
bool
smtp_hands_first(const struct smtp *smtp)
{
	return smtp->pipelining == SMTP_PIPELINE_OFFERED && pipelines(smtp) &&
	       (smtp->caps.bits & SMTP_CAP_CHUNKING);
}

/* Keeps the reply just read as the result of slot. */
static void
decide(struct smtp *smtp, struct smtp_slot *slot, enum smtp_verdict verdict,
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
stage_of(const struct smtp *smtp, const struct smtp_slot *slot)
{
	if (slot->state == SMTP_SLOT_QUEUED)
		return SMTP_STAGE_READY;
	if (slot->state == SMTP_SLOT_WAITING)
		return SMTP_STAGE_DATA;
	for (unsigned i = 0; i < smtp->asked_count; i++) {
		const struct smtp_asked *asked = smtp_asked(smtp, i);

		if (asked->slot == (int)(slot - smtp->slots))
			return asked->stage;
	}
	return smtp->stage;
}

static bool
has_left(const struct smtp *smtp, const struct smtp_slot *slot)
{
	return slot->state == SMTP_SLOT_HANDED && smtp->sent >= slot->end;
}

/* The stage of a question about slot: an end of data that has not left is
 * still body. */
static enum smtp_stage
body_or(const struct smtp *smtp, const struct smtp_slot *slot,
    enum smtp_stage stage)
{
	return stage == SMTP_STAGE_EOD && !has_left(smtp, slot)
		   ? SMTP_STAGE_BODY
		   : stage;
}

/* A transaction without an answer that counts: safe to try again unless the
 * whole message had left and the relay may have gone on. */
static void
lose_slot(struct smtp *smtp, struct smtp_slot *slot)
{
	struct smtp_result *result = &slot->result;

	if (slot->state == SMTP_SLOT_FREE || slot->state == SMTP_SLOT_DONE)
		return;
	if (has_left(smtp, slot) && !smtp->over &&
	    (!slot->decided || slot->crossed)) {
		result->verdict = SMTP_IN_DOUBT;
		result->stage = SMTP_STAGE_EOD;
		result->reply = (struct smtp_reply){0};
	} else if (!slot->decided) {
		result->verdict = SMTP_DEFERRED;
		result->stage = body_or(smtp, slot, stage_of(smtp, slot));
		result->reply = (struct smtp_reply){0};
		result->suspect = smtp->suspect != SMTP_SUSPECT_NOTHING;
	}
	slot->decided = true;
	slot->state = SMTP_SLOT_DONE;
}

void
smtp_mail_lose(struct smtp *smtp)
{
	for (unsigned i = 0; i < smtp->used; i++)
		lose_slot(smtp, smtp_slot(smtp, i));
}

static struct smtp_slot *
waiting_slot(struct smtp *smtp)
{
	for (unsigned i = 0; i < smtp->used; i++) {
		if (smtp_slot(smtp, i)->state == SMTP_SLOT_WAITING)
			return smtp_slot(smtp, i);
	}
	return NULL;
}

static void
add_mail(struct smtp *smtp, struct smtp_slot *slot)
{
	size_t from = smtp->out.len;

	smtp_write_mail(&smtp->out, &slot->envelope, &smtp->caps);
	smtp_ask(smtp, SMTP_STAGE_MAIL, slot, from);
}

static void
add_rcpt(struct smtp *smtp, struct smtp_slot *slot)
{
	size_t from = smtp->out.len;

	smtp_write_rcpt(&smtp->out, &slot->envelope, &smtp->caps);
	smtp_ask(smtp, SMTP_STAGE_RCPT, slot, from);
}

static void
add_data(struct smtp *smtp, struct smtp_slot *slot)
{
	size_t from = smtp->out.len;

	buf_add(&smtp->out, SPAN("DATA\r\n"));
	smtp_ask(smtp, SMTP_STAGE_DATA, slot, from);
}

/* A RSET where the relay may have a transaction open.  Between messages that
 * are all under way nobody knows, and without it the message after a refused
 * recipient could go out in that one's name. */
static void
reset_before(struct smtp *smtp)
{
	if (!smtp->unreset && !(smtp->asked_count && smtp_hands_first(smtp)))
		return;
	smtp->unreset = false;
	smtp_say(smtp, SMTP_STAGE_RSET, "RSET", NULL);
}

/* All of a message in one write (RFC 3030 section 4.2). */
static void
send_chunk(struct smtp *smtp, struct smtp_slot *slot)
{
	size_t from;

	slot->chunked = true;
	add_mail(smtp, slot);
	add_rcpt(smtp, slot);
	from = smtp->out.len;
	smtp_write_bdat(&smtp->out, slot->envelope.data.len);
	smtp_ask(smtp, SMTP_STAGE_EOD, slot, from);
	smtp_note(smtp, "C: ", SPAN("(message)"));
	buf_add(&smtp->out, slot->envelope.data);
	slot->end = smtp->sent + smtp_unsent(smtp);
	slot->state = SMTP_SLOT_HANDED;
}

static void
start_slot(struct smtp *smtp, struct smtp_slot *slot)
{
	reset_before(smtp);
	if (smtp_hands_first(smtp) && !slot->envelope_only) {
		send_chunk(smtp, slot);
		return;
	}
	slot->state = SMTP_SLOT_OPEN;
	add_mail(smtp, slot);
	if (pipelines(smtp) && !slot->envelope_only) {
		add_rcpt(smtp, slot);
		add_data(smtp, slot);
	}
}

void
smtp_mail_start(struct smtp *smtp)
{
	for (unsigned i = 0; i < smtp->used; i++) {
		struct smtp_slot *slot = smtp_slot(smtp, i);

		if (slot->state == SMTP_SLOT_OPEN ||
		    slot->state == SMTP_SLOT_WAITING)
			return;
		if (slot->state == SMTP_SLOT_QUEUED) {
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
	smtp_say(smtp, SMTP_STAGE_RSET, "RSET", NULL);
}

static enum smtp_verdict
refusal(int code)
{
	return code / 100 == 4 ? SMTP_DEFERRED : SMTP_FAILED;
}

/* A relay that does not understand what it offered: bad syntax, no such
 * command, wrong order.  Once a transaction went well it does understand. */
static void
suspect_if(struct smtp *smtp, struct smtp_slot *slot, enum smtp_suspect what)
{
	int code = smtp->reader.code;

	if (slot->decided || slot->envelope_only || smtp->proven ||
	    !pipelines(smtp) || (code != 500 && code != 502 && code != 503))
		return;
	smtp->suspect = what;
	slot->result.suspect = true;
}

/* After a refusal: the rest of the group is answered before the result. */
static void
refuse(struct smtp *smtp, struct smtp_slot *slot, enum smtp_stage stage)
{
	suspect_if(smtp, slot, SMTP_SUSPECT_PIPELINING);
	decide(smtp, slot, refusal(smtp->reader.code), stage);
	if (stage == SMTP_STAGE_DATA || slot->asked == 0)
		want_reset(smtp);
}

static void
on_mail(struct smtp *smtp, struct smtp_slot *slot, int code)
{
	if (code / 100 != 2) {
		refuse(smtp, slot, SMTP_STAGE_MAIL);
		return;
	}
	if (slot->envelope_only && !slot->envelope.recipient.len) {
		decide(smtp, slot, SMTP_ACCEPTED, SMTP_STAGE_MAIL);
		smtp->unreset = true;
	} else if (slot->envelope_only || !pipelines(smtp)) {
		add_rcpt(smtp, slot);
	}
}

static void
on_rcpt(struct smtp *smtp, struct smtp_slot *slot, int code)
{
	if (code / 100 != 2) {
		refuse(smtp, slot, SMTP_STAGE_RCPT);
		return;
	}
	if (slot->envelope_only) {
		decide(smtp, slot, SMTP_ACCEPTED, SMTP_STAGE_RCPT);
		smtp->unreset = true;
		return;
	}
	slot->taken = true;
	slot->crossed = slot->decided && slot->chunked;
	if (!pipelines(smtp))
		add_data(smtp, slot);
}

/* A dot on its own ends a message without recipients; with one it would
 * deliver an empty mail, then only ending the connection helps. */
static void
on_data(struct smtp *smtp, struct smtp_slot *slot, int code)
{
	size_t from = smtp->out.len;

	if (code == 354 && !slot->decided) {
		slot->state = SMTP_SLOT_WAITING;
	} else if (code == 354 && slot->taken) {
		smtp_fail(smtp, E_SMTP_PROTOCOL, SMTP_STAGE_DATA);
	} else if (code == 354) {
		buf_add(&smtp->out, SPAN(".\r\n"));
		smtp_ask(smtp, SMTP_STAGE_EOD, slot, from);
	} else if (code / 100 >= 4) {
		refuse(smtp, slot, SMTP_STAGE_DATA);
	} else {
		smtp_fail(smtp, E_SMTP_PROTOCOL, SMTP_STAGE_DATA);
	}
}

/* An answer to half a message: nothing after it is in step. */
static void
on_early(struct smtp *smtp, struct smtp_slot *slot, int code)
{
	if (code / 100 != 2)
		decide(smtp, slot, refusal(code), SMTP_STAGE_BODY);
	smtp_fail(smtp, E_SMTP_PROTOCOL, SMTP_STAGE_BODY);
}

static void
on_eod(struct smtp *smtp, struct smtp_slot *slot, int code)
{
	if (slot->decided) { /* a lone dot */
		if (code / 100 != 2)
			want_reset(smtp);
		return;
	}
	if (!has_left(smtp, slot)) {
		on_early(smtp, slot, code);
		return;
	}
	if (code / 100 == 2 && pipelines(smtp))
		smtp->proven = true;
	decide(smtp, slot, code / 100 == 2 ? SMTP_ACCEPTED : refusal(code),
	    SMTP_STAGE_EOD);
}

/* BDAT is no command of this relay: it reads our message as commands, and what
 * else is under way will not become mail either. */
static void
on_no_bdat(struct smtp *smtp, struct smtp_slot *slot)
{
	suspect_if(smtp, slot, SMTP_SUSPECT_CHUNKING);
	smtp->suspect = SMTP_SUSPECT_CHUNKING;
	decide(smtp, slot, SMTP_FAILED, SMTP_STAGE_EOD);
	smtp->over = true;
	smtp_fail(smtp, E_SMTP_REPLY, SMTP_STAGE_EOD);
}

static void
on_bdat(struct smtp *smtp, struct smtp_slot *slot, int code)
{
	bool good = code / 100 == 2;

	if (!smtp->proven && (code == 500 || code == 502)) {
		on_no_bdat(smtp, slot);
	} else if (!has_left(smtp, slot)) {
		on_early(smtp, slot, code);
	} else if (good && slot->crossed) {
		/* accepted, with whose return path is anybody's guess */
		slot->decided = slot->crossed = false;
		decide(smtp, slot, SMTP_IN_DOUBT, SMTP_STAGE_EOD);
		smtp_fail(smtp, E_SMTP_PROTOCOL, SMTP_STAGE_EOD);
	} else if (good && !slot->decided) {
		smtp->proven = true;
		decide(smtp, slot, SMTP_ACCEPTED, SMTP_STAGE_EOD);
	} else {
		suspect_if(smtp, slot, SMTP_SUSPECT_CHUNKING);
		decide(smtp, slot, refusal(code), SMTP_STAGE_EOD);
		smtp->unreset = true;
	}
}

void
smtp_mail_answer(
    struct smtp *smtp, struct smtp_slot *slot, enum smtp_stage stage)
{
	int code = smtp->reader.code;

	slot->asked--;
	if (stage == SMTP_STAGE_MAIL)
		on_mail(smtp, slot, code);
	else if (stage == SMTP_STAGE_RCPT)
		on_rcpt(smtp, slot, code);
	else if (stage == SMTP_STAGE_DATA)
		on_data(smtp, slot, code);
	else if (slot->chunked)
		on_bdat(smtp, slot, code);
	else
		on_eod(smtp, slot, code);
	if (slot->decided && slot->asked == 0)
		slot->state = SMTP_SLOT_DONE;
	if (smtp->phase == SMTP_PHASE_READY)
		smtp_mail_start(smtp);
}

void
smtp_mail_shutdown(struct smtp *smtp)
{
	struct smtp_slot *waiting = waiting_slot(smtp);

	smtp->over = true;
	if (waiting) {
		decide(smtp, waiting, SMTP_DEFERRED, SMTP_STAGE_DATA);
		return;
	}
	for (unsigned i = 0; i < smtp->asked_count; i++) {
		const struct smtp_asked *asked = smtp_asked(smtp, i);
		struct smtp_slot *slot;

		if (asked->slot == SMTP_NO_SLOT)
			continue;
		slot = &smtp->slots[asked->slot];
		if (slot->decided)
			continue;
		decide(smtp, slot, SMTP_DEFERRED,
		    body_or(smtp, slot, asked->stage));
		return;
	}
}

void
smtp_mail_unasked(struct smtp *smtp)
{
	struct smtp_slot *waiting = waiting_slot(smtp);

	if (waiting && smtp->reader.code >= 400)
		decide(
		    smtp, waiting, refusal(smtp->reader.code), SMTP_STAGE_BODY);
}

/* A relay that hangs up, or falls silent, on the first group may have lost
 * half of it. */
void
smtp_mail_suspect_loss(struct smtp *smtp)
{
	const struct smtp_slot *slot = smtp_slot_seen(smtp, 0);

	if (smtp->proven || !pipelines(smtp) || smtp->used == 0 ||
	    slot->envelope_only || slot->asked < 2)
		return;
	smtp->suspect = smtp_hands_first(smtp) ? SMTP_SUSPECT_CHUNKING
					       : SMTP_SUSPECT_PIPELINING;
}

/* ---- the owner's side ---- */

bool
smtp_has_room(const struct smtp *smtp)
{
	unsigned window =
	    smtp_hands_first(smtp) ? SMTP_WINDOW : SMTP_WINDOW_DATA;

	if (smtp->phase != SMTP_PHASE_READY ||
	    smtp->suspect != SMTP_SUSPECT_NOTHING)
		return false;
	if (smtp_wish(smtp) == SMTP_WAIT_MESSAGE)
		return true;
	return pipelines(smtp) && smtp->used < window &&
	       smtp_unsent(smtp) < SMTP_UNSENT_MAX &&
	       !(smtp->used && smtp_slot_seen(smtp, 0)->envelope_only);
}

static struct smtp_slot *
take_slot(struct smtp *smtp, const struct smtp_envelope *envelope)
{
	struct smtp_slot *slot = smtp_slot(smtp, smtp->used++);

	slot->state = SMTP_SLOT_QUEUED;
	slot->envelope = *envelope;
	slot->result = (struct smtp_result){.tag = envelope->tag};
	slot->decided = slot->envelope_only = slot->taken = false;
	slot->crossed = slot->chunked = false;
	slot->asked = 0;
	slot->end = 0;
	return slot;
}

int
smtp_submit(
    struct smtp *smtp, const struct smtp_envelope *envelope, struct err *err)
{
	struct smtp_envelope checked = *envelope;

	if (!smtp_has_room(smtp)) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("smtp_submit"));
	}
	if (smtp_check(&checked, &smtp->caps, smtp->target->host, err) < 0)
		return -1;
	take_slot(smtp, &checked);
	smtp_mail_start(smtp);
	return 0;
}

/* Neither may reach DATA: on_mail() and on_rcpt() end them. */
static int
try_envelope(
    struct smtp *smtp, const struct smtp_envelope *envelope, struct err *err)
{
	if (smtp_wish(smtp) != SMTP_WAIT_MESSAGE) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("smtp_try"));
	}
	if (smtp_check_address(envelope->sender, err) < 0 ||
	    smtp_check_address(envelope->recipient, err) < 0)
		return -1;
	take_slot(smtp, envelope)->envelope_only = true;
	smtp_mail_start(smtp);
	return 0;
}

int
smtp_try_sender(struct smtp *smtp, struct span sender, struct err *err)
{
	return try_envelope(
	    smtp, &(struct smtp_envelope){.sender = sender}, err);
}

int
smtp_try_recipient(struct smtp *smtp, struct span recipient, struct err *err)
{
	if (!recipient.len) {
		err_set(err, E_ADDRESS_SYNTAX);
		return err_fact(err, "address", recipient);
	}
	return try_envelope(
	    smtp, &(struct smtp_envelope){.recipient = recipient}, err);
}

uint64_t
smtp_waiting(const struct smtp *smtp)
{
	for (unsigned i = 0; i < smtp->used; i++) {
		if (smtp_slot_seen(smtp, i)->state == SMTP_SLOT_WAITING)
			return smtp_slot_seen(smtp, i)->envelope.tag;
	}
	return 0;
}

void
smtp_handed(struct smtp *smtp)
{
	struct smtp_slot *slot = waiting_slot(smtp);
	struct buf *transcript = smtp->transcript;

	if (!slot)
		return;
	slot->state = SMTP_SLOT_HANDED;
	smtp->transcript = NULL;
	smtp_write_data(&smtp->out, slot->envelope.data);
	smtp_ask(smtp, SMTP_STAGE_EOD, slot, smtp->out.len);
	smtp->transcript = transcript;
	smtp_note(smtp, "C: ", SPAN("(message)"));
	slot->end = smtp->sent + smtp_unsent(smtp);
	smtp_mail_start(smtp);
}

void
smtp_abandon(struct smtp *smtp)
{
	struct smtp_slot *slot = waiting_slot(smtp);

	if (!slot)
		return;
	slot->decided = true;
	slot->result.verdict = SMTP_ABANDONED;
	slot->result.stage = SMTP_STAGE_DATA;
	slot->result.reply = (struct smtp_reply){0};
	err_set(&smtp->err, E_CANCELLED);
	smtp_close(smtp, SMTP_STAGE_DATA);
}

bool
smtp_result(struct smtp *smtp, struct smtp_result *out)
{
	struct smtp_slot *slot = smtp_slot(smtp, 0);

	if (smtp->used == 0 || slot->state != SMTP_SLOT_DONE)
		return false;
	*out = slot->result;
	slot->state = SMTP_SLOT_FREE;
	smtp->oldest = (smtp->oldest + 1) % SMTP_WINDOW;
	smtp->used--;
	return true;
}
