/* Transactions: MAIL, RCPT, DATA, the message and its verdict.  Decided here:
 * what a lost connection means for each message, when a refused one needs
 * RSET, and that a relay which wants data after refusing everybody gets a lone
 * dot and nothing else. */
#include "core/net/smtp_state.h"
#include "core/net/smtp_text.h"

static bool
pipelines(const struct smtp *smtp)
{
	return smtp->pipelining == SMTP_PIPELINE_OFFERED &&
	       (smtp->caps.bits & SMTP_CAP_PIPELINING);
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
		const struct smtp_asked *asked =
		    &smtp->asked[(smtp->asked_at + i) % SMTP_ASKED_MAX];

		if (asked->slot == (int)(slot - smtp->slots))
			return asked->stage;
	}
	return smtp->stage;
}

/* A transaction without an answer that counts: safe to try again unless the
 * whole message had left. */
static void
lose_slot(struct smtp *smtp, struct smtp_slot *slot)
{
	struct smtp_result *result = &slot->result;

	if (slot->state == SMTP_SLOT_FREE || slot->state == SMTP_SLOT_DONE)
		return;
	if (!slot->decided) {
		result->verdict = SMTP_DEFERRED;
		result->stage = stage_of(smtp, slot);
		result->reply = (struct smtp_reply){0};
		if (slot->state == SMTP_SLOT_HANDED &&
		    smtp->sent >= slot->dot_end)
			result->verdict = SMTP_IN_DOUBT;
		else if (slot->state == SMTP_SLOT_HANDED)
			result->stage = SMTP_STAGE_BODY;
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

static void
start_slot(struct smtp *smtp, struct smtp_slot *slot)
{
	if (smtp->unreset) {
		smtp->unreset = false;
		smtp_say(smtp, SMTP_STAGE_RSET, "RSET", NULL);
	}
	slot->state = SMTP_SLOT_OPEN;
	add_mail(smtp, slot);
	if (pipelines(smtp) && !slot->sender_only) {
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

/* After a refusal: the rest of the group is answered before the result. */
static void
refuse(struct smtp *smtp, struct smtp_slot *slot, enum smtp_stage stage)
{
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
	if (slot->sender_only) {
		decide(smtp, slot, SMTP_ACCEPTED, SMTP_STAGE_MAIL);
		smtp->unreset = true;
	} else if (!pipelines(smtp)) {
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
	slot->taken = true;
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

static void
on_eod(struct smtp *smtp, struct smtp_slot *slot, int code)
{
	if (slot->decided)
		return;
	if (smtp->sent < slot->dot_end) {
		/* an answer to half a message: nothing after it is in step */
		if (code / 100 != 2)
			decide(smtp, slot, refusal(code), SMTP_STAGE_BODY);
		smtp_fail(smtp, E_SMTP_PROTOCOL, SMTP_STAGE_BODY);
		return;
	}
	decide(smtp, slot, code / 100 == 2 ? SMTP_ACCEPTED : refusal(code),
	    SMTP_STAGE_EOD);
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
	else
		on_eod(smtp, slot, code);
	if (slot->decided && slot->asked == 0)
		slot->state = SMTP_SLOT_DONE;
	if (smtp->phase == SMTP_PHASE_READY)
		smtp_mail_start(smtp);
}

void
smtp_mail_shutdown(struct smtp *smtp, enum smtp_stage stage)
{
	struct smtp_asked *asked = &smtp->asked[smtp->asked_at];
	struct smtp_slot *waiting = waiting_slot(smtp);

	if (waiting)
		decide(smtp, waiting, SMTP_DEFERRED, SMTP_STAGE_DATA);
	else if (smtp->asked_count && asked->slot != SMTP_NO_SLOT)
		decide(smtp, &smtp->slots[asked->slot], SMTP_DEFERRED, stage);
}

/* ---- the owner's side ---- */

bool
smtp_has_room(const struct smtp *smtp)
{
	if (smtp->phase != SMTP_PHASE_READY)
		return false;
	if (smtp_wish(smtp) == SMTP_WAIT_MESSAGE)
		return true;
	return pipelines(smtp) && smtp->used < SMTP_WINDOW &&
	       !(smtp->used && smtp_slot_seen(smtp, 0)->sender_only);
}

static struct smtp_slot *
take_slot(struct smtp *smtp, const struct smtp_envelope *envelope)
{
	struct smtp_slot *slot = smtp_slot(smtp, smtp->used++);

	slot->state = SMTP_SLOT_QUEUED;
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
	smtp_mail_start(smtp);
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
	smtp_mail_start(smtp);
	return 0;
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
	slot->dot_end = smtp->sent + smtp_unsent(smtp);
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
