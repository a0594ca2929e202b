/* HD-07 between campaigns: providers know a list by its List-Id and a sender by
 * the last part of the Feedback-ID, so both are held against those of the
 * campaign before.  They are kept where that one's line has its facts. */
#include "core/review/jobs.h"

#include "core/mail/parse.h"
#include "core/review/crowd.h"

struct names {
	struct buf list, sender;
};

static void
names_done(struct names *names)
{
	buf_done(&names->list);
	buf_done(&names->sender);
}

/* ---- Of this one ------------------------------------------------------------------ */

/* What is between the brackets of List-Id (RFC 2919), what follows the last
 * colon of Feedback-ID. */
static int
read_header(struct span message, struct names *out, struct err *err)
{
	struct arena *arena = arena_new();
	struct parse_header header;
	const struct parse_field *field;
	struct span body, value;
	int rc = parse_header(message, arena, &header, &body, err);

	if (rc == 0 && (field = parse_find(&header, "List-Id")) != NULL) {
		value = field->value;
		span_cut(&value, '<');
		buf_add(&out->list, span_cut(&value, '>'));
	}
	if (rc == 0 && (field = parse_find(&header, "Feedback-ID")) != NULL) {
		value = field->value;
		while (span_index(value, ':') < value.len)
			span_cut(&value, ':');
		buf_add(&out->sender, span_trim(value));
	}
	arena_free(&arena);
	return rc;
}

/* Fixed fields are the same in all messages (the proof has counted those where
 * they are not), so the first one tells. */
static int
read_now(struct check_run *run, struct names *out, struct err *err)
{
	struct assembler *assembler = NULL;
	struct message message;
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT seq, address, name, fields FROM outbox"
	    " WHERE campaign = ?1 ORDER BY seq LIMIT 1",
	    err);
	int rc = -1;

	if (!stmt ||
	    assembler_new(run->review->store, run->db, run->inputs->template,
		ASSEMBLE_PROOF, &assembler, err) < 0)
		return -1;
	stmt_int(stmt, 1, run->inputs->campaign.id.v);
	if (stmt_step(stmt, err) == 1) {
		struct recipient recipient = {
		    .seq = stmt_col_int(stmt, 0),
		    .address = stmt_col_text(stmt, 1),
		    .name = stmt_col_text(stmt, 2),
		    .fields = stmt_col_text(stmt, 3),
		};

		if (assemble_message(
			assembler, &recipient, run->at_ms, &message, err) == 0)
			rc = read_header(message.bytes, out, err);
	}
	stmt_reset(stmt);
	assembler_free(&assembler);
	return rc;
}

/* ---- Of the one before -------------------------------------------------------------- */

static void
take_fact(struct span facts, struct span name, struct buf *out)
{
	size_t at = span_search(facts, name);

	facts = span_slice(facts, at + name.len, facts.len);
	buf_add(out, span_slice(facts, 0, span_index(facts, ' ')));
}

static int
read_before(struct check_run *run, struct campaign_id campaign,
    struct names *out, struct err *err)
{
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT facts FROM review_result"
	    " WHERE campaign = ?1 AND item = 'HD-07'",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		take_fact(stmt_col_text(stmt, 0), SPAN("list_id="), &out->list);
		take_fact(
		    stmt_col_text(stmt, 0), SPAN("sender_id="), &out->sender);
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

/* A list of another name is no change of this one's; mail about a transaction
 * has no List-Id. */
static void
compare(struct check_run *run, const struct names *now,
    const struct names *before, enum likeness like)
{
	struct span list = buf_span(&before->list);
	struct span sender = buf_span(&before->sender);
	const char *fault = NULL;

	if (like != LIKE_CLASS && list.len && now->list.len &&
	    !span_equal(list, buf_span(&now->list)))
		fault = "list_before";
	else if (sender.len && !span_equal(sender, buf_span(&now->sender)))
		fault = "feedback_before";
	if (!fault)
		return;
	result_set(run->review, HD_07, CHECK_FAIL, run->review->recipients);
	result_why(run->review, HD_07, fault,
	    strcmp(fault, "list_before") ? sender : list);
}

int
check_headers(struct check_run *run, struct err *err)
{
	struct names now = {{0}, {0}}, before = {{0}, {0}};
	struct review *review = run->review;
	struct crowd_before last;
	struct err why = {0};
	int got = 0;

	/* faults of messages stand already */
	if (run->tally && run->tally->count[HD_07])
		return 0;
	if (read_now(run, &now, &why) < 0) {
		/* a message that cannot be made fails elsewhere */
		review->result[HD_07].why = why;
		goto out;
	}
	result_set(review, HD_07, CHECK_PASS, 0);
	if (now.list.len)
		result_fact(review, HD_07, "list_id=%s", now.list.ptr);
	if (now.sender.len)
		result_fact(review, HD_07, "sender_id=%s", now.sender.ptr);
	got = crowd_before_find(run->db, &run->inputs->campaign, &last, err);
	if (got == 1)
		got = read_before(run, last.campaign, &before, err);
	if (got == 0)
		compare(run, &now, &before, last.like);
out:
	names_done(&now);
	names_done(&before);
	return got < 0 ? -1 : 0;
}
