/* From what the proof counted, what the store holds and what the relay says
 * to the lines of the checklist. */
#include "core/review/lint_files.h"
#include "core/review/relays.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/mail/dkim.h"
#include "core/mail/parse.h"

#define DAY_MS  INT64_C(86400000)
#define SOON_MS (30 * DAY_MS) /* a certificate is then to be renewed */

void
result_fact(struct review *review, enum check_id check, const char *format, ...)
{
	char *facts = review->result[check].facts;
	size_t used = strlen(facts);
	va_list args;

	if (used && used < CHECK_FACTS_MAX)
		facts[used++] = ' ';
	va_start(args, format);
	vsnprintf(facts + used, CHECK_FACTS_MAX + 1 - used, format, args);
	va_end(args);
}

/* One number from the store; the statement has ?1 campaign and ?2 list. */
static int
query(const struct inputs *inputs, struct stmt *stmt, int64_t *out,
    struct err *err)
{
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, inputs->campaign.id.v);
	stmt_int(stmt, 2, inputs->campaign.list);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

/* LC-01: every recipient of an advertisement has a legal basis. */
static int
check_basis(struct review *review, const struct inputs *inputs, struct err *err)
{
	int64_t without = 0;

	if (query(inputs,
		db_stmt(review->db,
		    "SELECT count(*) FROM outbox o LEFT JOIN member m"
		    " ON m.list = ?2 AND m.contact = o.contact"
		    " WHERE o.campaign = ?1 AND coalesce(m.basis, 0) = 0",
		    err),
		&without, err) < 0)
		return -1;
	result_fact(review, LC_01, "without=%lld of=%lld", (long long)without,
	    (long long)review->recipients);
	result_set(review, LC_01,
	    inputs->campaign.class == CLASS_AD && without ? CHECK_FAIL
							  : CHECK_PASS,
	    without);
	return 0;
}

/* LC-05: no canonical address twice. */
static int
check_duplicates(
    struct review *review, const struct inputs *inputs, struct err *err)
{
	int64_t twice = 0;

	if (query(inputs,
		db_stmt(review->db,
		    "SELECT count(*) FROM (SELECT canon FROM outbox"
		    " WHERE campaign = ?1 AND ?2 = ?2 GROUP BY canon"
		    " HAVING count(*) > 1)",
		    err),
		&twice, err) < 0)
		return -1;
	result_set(review, LC_05, twice ? CHECK_FAIL : CHECK_PASS, twice);
	return 0;
}

/* LC-03: nobody frozen is on the stop list now; and how many will be withheld
 * because they had enough advertisements. */
static int
check_suppressed(struct review *review, const struct inputs *inputs,
    int64_t left_out, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    review->db, "SELECT canon FROM outbox WHERE campaign = ?1", err);
	struct suppress_set *stops = suppress_set_new(
	    review->store, (struct list_id){inputs->campaign.list});
	int64_t inside = 0, frequent = 0;
	int got = -1, stopped = 0;

	if (stmt)
		stmt_int(stmt, 1, inputs->campaign.id.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		if (atomic_load(&review->cancel)) {
			stopped = err_set(err, E_CANCELLED);
			break;
		}
		stopped = suppress_set_check(
		    stops, review->db, stmt_col_text(stmt, 0), err);
		if (stopped < 0)
			break;
		inside += stopped;
	}
	stmt_reset(stmt);
	suppress_set_free(&stops);
	if (got != 0 || stopped < 0)
		return -1;
	if (campaign_frequent(review->db, &inputs->campaign,
		clock_now_ms(review->world->clock), &frequent, err) < 0)
		return -1;
	result_fact(review, LC_03, "left_out=%lld frequent=%lld",
	    (long long)left_out, (long long)frequent);
	result_set(review, LC_03, inside ? CHECK_FAIL : CHECK_PASS, inside);
	return 0;
}

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
verify_signed(struct review *review, const struct inputs *inputs,
    const struct message *message, struct err *err)
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
	result_fact(review, HD_06, "d=%.*s s=%.*s", SPAN_ARG(buf_span(&domain)),
	    SPAN_ARG(buf_span(&selector)));
	if (record_of(review->db, buf_span(&domain), buf_span(&selector),
		&record, err) < 0 ||
	    dkim_verify_with_key(message->bytes, buf_span(&record),
		clock_now_ms(review->world->clock) / 1000, err) < 0)
		goto out;
	if (inputs->campaign.class == CLASS_AD &&
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
sign_first(struct review *review, const struct inputs *inputs, struct err *err)
{
	struct assembler *assembler = NULL;
	struct message message;
	struct stmt *stmt = db_stmt(review->db,
	    "SELECT seq, address, name, fields FROM outbox"
	    " WHERE campaign = ?1 ORDER BY seq LIMIT 1",
	    err);
	struct recipient recipient;
	int rc = -1;

	if (!stmt)
		return -1;
	if (assembler_new(review->store, review->db, inputs->template,
		ASSEMBLE_SIGNED, &assembler, err) < 0)
		return -1;
	stmt_int(stmt, 1, inputs->campaign.id.v);
	if (stmt_step(stmt, err) == 1) {
		recipient = (struct recipient){
		    .seq = stmt_col_int(stmt, 0),
		    .address = stmt_col_text(stmt, 1),
		    .name = stmt_col_text(stmt, 2),
		    .fields = stmt_col_text(stmt, 3),
		};
		if (assemble_message(assembler, &recipient,
			clock_now_ms(review->world->clock), &message, err) == 0)
			rc = verify_signed(review, inputs, &message, err);
	}
	stmt_reset(stmt);
	assembler_free(&assembler);
	return rc;
}

/* Mail that is no advertisement needs no signed List-Unsubscribe: without a
 * key it goes unsigned, for a relay that signs. */
static void
check_signature(struct review *review, const struct inputs *inputs)
{
	struct check_result *result = &review->result[HD_06];
	struct err err = {0};

	if (result->state != CHECK_PASS)
		return;
	if (sign_first(review, inputs, &err) < 0) {
		if (err.code == E_DKIM_MISSING &&
		    inputs->campaign.class != CLASS_AD) {
			result_fact(review, HD_06, "d=none");
			return;
		}
		result_set(review, HD_06, CHECK_FAIL, review->recipients);
		result->why = err;
	}
}

/* TS-05: the sender's certificate is for From and holds; soon it may not. */
static int
check_certificates(struct review *review, const struct inputs *inputs,
    const struct tally *tally, struct err *err)
{
	const int64_t now = clock_now_ms(review->world->clock);
	const struct campaign *campaign = &inputs->campaign;
	struct arena *arena = arena_new();
	struct smime_info info;
	struct err why = {0};
	int got = 0;

	if (campaign->smime)
		got = smime_one(review->db, campaign->smime, arena, &info, err);
	if (got > 0) {
		if (smime_certificate_check(&info.certificate, SMIME_TO_SIGN,
			buf_span(&campaign->from_address), now, &why) < 0) {
			result_set(
			    review, TS_05, CHECK_FAIL, review->recipients);
			review->result[TS_05].why = why;
		} else if (info.certificate.to_ms - now < SOON_MS) {
			result_set(
			    review, TS_05W, CHECK_FAIL, review->recipients);
			err_set(&why, E_REVIEW_FINDING);
			err_fact(&why, "what", SPAN("expires"));
			review->result[TS_05W].why = why;
		}
		result_fact(review, TS_05W, "days=%lld",
		    (long long)((info.certificate.to_ms - now) / DAY_MS));
	}
	result_fact(review, TS_05, "signed=%d encrypted=%lld", got > 0,
	    (long long)tally->encrypted);
	arena_free(&arena);
	return got < 0 ? -1 : 0;
}

static void
take_tally(struct review *review, const struct tally *tally)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		result_set(review, (enum check_id)i,
		    tally->count[i] ? CHECK_FAIL : CHECK_PASS, tally->count[i]);
		review->result[i].why = tally->first[i];
	}
	result_fact(
	    review, CM_02, "fallbacks=%lld", (long long)tally->fallbacks);
	result_fact(
	    review, CM_07W, "utf8=%lld", (long long)tally->charset_fallbacks);
	result_fact(
	    review, HD_05, "octets_max=%lld", (long long)tally->octets_max);
}

int
evaluate(struct review *review, const struct inputs *inputs,
    const struct tally *tally, int64_t left_out, struct err *err)
{
	char digits[9];

	for (int i = 0; i < CHECK_COUNT; i++) {
		review->result[i].facts[0] = '\0';
		memset(&review->result[i].why, 0, sizeof(struct err));
	}
	take_tally(review, tally);
	if (check_basis(review, inputs, err) < 0 ||
	    check_suppressed(review, inputs, left_out, err) < 0 ||
	    check_duplicates(review, inputs, err) < 0)
		return -1;
	if (check_certificates(review, inputs, tally, err) < 0)
		return -1;
	if (files_evaluate(review, inputs, err) < 0)
		return -1;
	check_signature(review, inputs);
	relays_check_level(review, inputs);
	if (relays_check_direct(review, inputs, err) < 0 ||
	    relays_probe(review, inputs, tally->octets_max, err) < 0)
		return -1;
	result_set(review, PP_01, CHECK_NOT_EVALUATED, 0);
	review_short_digest(review, digits);
	result_fact(review, PP_02, "digest=%s", digits);
	result_set(review, PP_03, CHECK_NOT_EVALUATED, 0);
	template_digest(inputs->template, &review->content);
	return testcheck_evaluate(review, err);
}
