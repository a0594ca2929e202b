/* Signatures on the first message, made the way delivery will: DKIM, and whose
 * certificate signs. */
#include "core/review/jobs.h"

#include "core/mail/dkim.h"
#include "core/mail/parse.h"

#define DAY_MS  INT64_C(86400000)
#define SOON_MS (30 * DAY_MS) /* a certificate is then to be renewed */

/* The p= of the key that signed, as a TXT record. */
static int
record_of(struct db *db, struct span domain, struct span selector,
    struct buf *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT public FROM dkim_key WHERE domain = ?1 AND selector = ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, domain);
	stmt_text(stmt, 2, selector);
	got = stmt_step(stmt, err);
	if (got == 1)
		dkim_record(stmt_col_text(stmt, 0), out);
	stmt_reset(stmt);
	return got == 1 ? 0 : err_set(err, E_DKIM_MISSING);
}

/* The value of one tag of a DKIM-Signature, white space removed. */
static void
tag_value(struct span field, const char *tag, struct buf *out)
{
	struct span item, name;

	while (field.len) {
		item = span_cut(&field, ';');
		name = span_trim(span_cut(&item, '='));
		if (!span_equal(name, span_of(tag)))
			continue;
		for (size_t i = 0; i < item.len; i++) {
			if (item.ptr[i] > ' ')
				buf_char(out, item.ptr[i]);
		}
		return;
	}
}

static bool
is_signed_field(struct span list, const char *name)
{
	while (list.len) {
		if (span_equal_nocase(span_cut(&list, ':'), span_of(name)))
			return true;
	}
	return false;
}

/* HD-06 on a signed message: it verifies with the stored key, and the fields
 * of RFC 8058 are under the signature. */
static int
verify_signed(
    struct check_run *run, const struct message *message, struct err *err)
{
	struct arena *arena = arena_new();
	struct buf record = BUF_INIT, domain = BUF_INIT, selector = BUF_INIT;
	struct buf list = BUF_INIT;
	struct parse_header header;
	const struct parse_field *field;
	struct span body;
	int rc = -1;

	if (parse_header(message->bytes, arena, &header, &body, err) < 0)
		goto out;
	field = parse_find(&header, "DKIM-Signature");
	if (!field) {
		err_set(err, E_DKIM_MISSING);
		goto out;
	}
	tag_value(field->value, "d", &domain);
	tag_value(field->value, "s", &selector);
	tag_value(field->value, "h", &list);
	result_fact(run->review, HD_06, "d=%.*s s=%.*s",
	    SPAN_ARG(buf_span(&domain)), SPAN_ARG(buf_span(&selector)));
	if (record_of(run->db, buf_span(&domain), buf_span(&selector), &record,
		err) < 0 ||
	    dkim_verify_with_key(
		message->bytes, buf_span(&record), run->at_ms / 1000, err) < 0)
		goto out;
	if (run->inputs->campaign.class == CLASS_AD &&
	    (!is_signed_field(buf_span(&list), "List-Unsubscribe") ||
		!is_signed_field(buf_span(&list), "List-Unsubscribe-Post"))) {
		err_set(err, E_REVIEW_FINDING);
		err_fact(err, "what", SPAN("unsigned"));
		goto out;
	}
	rc = 0;
out:
	buf_done(&list);
	buf_done(&selector);
	buf_done(&domain);
	buf_done(&record);
	arena_free(&arena);
	return rc;
}

/* Signs the first message of the proof the way delivery will. */
static int
sign_first(struct check_run *run, struct err *err)
{
	struct assembler *assembler = NULL;
	struct message message;
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT seq, address, name, fields FROM outbox"
	    " WHERE campaign = ?1 ORDER BY seq LIMIT 1",
	    err);
	struct recipient recipient;
	int rc = -1;

	if (!stmt)
		return -1;
	if (assembler_new(run->review->store, run->db, run->inputs->template,
		ASSEMBLE_SIGNED, &assembler, err) < 0)
		return -1;
	stmt_int(stmt, 1, run->inputs->campaign.id.v);
	if (stmt_step(stmt, err) == 1) {
		recipient = (struct recipient){
		    .seq = stmt_col_int(stmt, 0),
		    .address = stmt_col_text(stmt, 1),
		    .name = stmt_col_text(stmt, 2),
		    .fields = stmt_col_text(stmt, 3),
		};
		if (assemble_message(
			assembler, &recipient, run->at_ms, &message, err) == 0)
			rc = verify_signed(run, &message, err);
	}
	stmt_reset(stmt);
	assembler_free(&assembler);
	return rc;
}

/* Mail that is no advertisement needs no signed List-Unsubscribe: without a
 * key it goes unsigned, for a relay that signs. */
int
check_signature(struct check_run *run, struct err *err)
{
	struct review *review = run->review;
	struct err why = {0};

	(void)err;
	if (run->tally->count[HD_06])
		return 0;
	result_set(review, HD_06, CHECK_PASS, 0);
	if (sign_first(run, &why) == 0)
		return 0;
	if (why.code == E_DKIM_MISSING &&
	    run->inputs->campaign.class != CLASS_AD) {
		result_fact(review, HD_06, "d=none");
		return 0;
	}
	result_set(review, HD_06, CHECK_FAIL, review->recipients);
	review->result[HD_06].why = why;
	return 0;
}

/* What is confidential leaves only by relays that promise TLS for the rest of
 * the way; straight to MX every exchanger is asked for it when its mail is due
 * (RFC 8689). */
static void
judge_relays(struct check_run *run)
{
	struct review *review = run->review;

	if (!run->inputs->campaign.confidential ||
	    review->result[TS_05].state == CHECK_FAIL)
		return;
	if (review->tls_refused.len) {
		result_set(review, TS_05, CHECK_FAIL, review->recipients);
		result_why(review, TS_05, "requiretls_lacks",
		    buf_span(&review->tls_refused));
	} else if (review->tls_unsaid.len) {
		result_set(review, TS_05, CHECK_NOT_EVALUATED, 0);
		result_why(review, TS_05, "requiretls_unsaid",
		    buf_span(&review->tls_unsaid));
	}
}

/* TS-05: the sender's certificate is for From and holds; soon it may not. */
int
check_certificates(struct check_run *run, struct err *err)
{
	const struct campaign *campaign = &run->inputs->campaign;
	struct review *review = run->review;
	struct arena *arena = arena_new();
	struct smime_info info;
	struct err why = {0};
	int got = 0;

	if (!run->tally->count[TS_05])
		result_set(review, TS_05, CHECK_PASS, 0);
	result_set(review, TS_05W, CHECK_PASS, 0);
	if (campaign->smime)
		got = smime_one(run->db, campaign->smime, arena, &info, err);
	if (got > 0) {
		int64_t left_ms = info.certificate.to_ms - run->at_ms;

		if (smime_certificate_check(&info.certificate, SMIME_TO_SIGN,
			buf_span(&campaign->from_address), run->at_ms,
			&why) < 0) {
			result_set(
			    review, TS_05, CHECK_FAIL, review->recipients);
			review->result[TS_05].why = why;
		} else if (left_ms < SOON_MS) {
			result_set(
			    review, TS_05W, CHECK_FAIL, review->recipients);
			result_why(review, TS_05W, "expires", SPAN(""));
		}
		result_fact(
		    review, TS_05W, "days=%lld", (long long)(left_ms / DAY_MS));
	}
	judge_relays(run);
	result_fact(review, TS_05, "signed=%d encrypted=%lld confidential=%d",
	    got > 0, (long long)run->tally->encrypted, campaign->confidential);
	arena_free(&arena);
	return got < 0 ? -1 : 0;
}
