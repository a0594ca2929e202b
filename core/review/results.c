/* Results and answers in the store, and the digest over them as stored. */
#include "core/review/gate.h"

#include <stdio.h>

static bool
is_cleared(const struct check_result *result)
{
	if (result->state == CHECK_PASS)
		return true;
	if (!*result->answer)
		return false;
	return result->state == CHECK_NOT_EVALUATED ||
	       (result->state == CHECK_FAIL &&
		   result->check->severity != CHECK_BLOCK);
}

void
result_set(struct review *review, enum check_id check, enum check_state state,
    int64_t count)
{
	struct check_result *result = &review->result[check];
	size_t all;

	result->check = &check_all(&all)[check];
	result->state = state;
	result->count = count;
	result->cleared = is_cleared(result);
}

static int
write_result(struct db *db, const struct review *review,
    const struct check_result *result, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO review_result(campaign, item, state, count, facts,"
	    " at_ms, answer, answered_by, answered_ms)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	    " ON CONFLICT(campaign, item) DO UPDATE SET state = ?3,"
	    " count = ?4, facts = ?5, at_ms = ?6, answer = ?7,"
	    " answered_by = ?8, answered_ms = ?9",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	stmt_text(stmt, 2, span_of(result->check->id));
	stmt_int(stmt, 3, result->state);
	stmt_int(stmt, 4, result->count);
	stmt_text(stmt, 5, span_of(result->facts));
	stmt_int(stmt, 6, review->ran_ms);
	stmt_text(stmt, 7, span_of(result->answer));
	stmt_text(stmt, 8, span_of(result->answered_by));
	stmt_int(stmt, 9, *result->answer ? review->ran_ms : 0);
	return stmt_run(stmt, err);
}

static int
write_review(struct db *db, const struct review *review, int64_t revision,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO review(campaign, revision, at_ms, by, recipients,"
	    " root, inputs) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
	    " ON CONFLICT(campaign) DO UPDATE SET revision = ?2, at_ms = ?3,"
	    " by = ?4, recipients = ?5, root = ?6, inputs = ?7, digest = NULL,"
	    " seal = NULL, sealed_ms = NULL, sealed_by = NULL",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	stmt_int(stmt, 2, revision);
	stmt_int(stmt, 3, review->ran_ms);
	stmt_text(stmt, 4, span_of(store_user(review->store)));
	stmt_int(stmt, 5, review->recipients);
	stmt_blob(stmt, 6, span_make(review->root.bytes, SHA256_LEN));
	stmt_blob(stmt, 7, span_make(review->inputs.bytes, SHA256_LEN));
	return stmt_run(stmt, err);
}

static int
log_run(struct db *db, const struct review *review, struct err *err)
{
	char object[40], facts[120];
	int failed = 0;

	for (int i = 0; i < CHECK_COUNT; i++)
		failed += review->result[i].state == CHECK_FAIL;
	snprintf(object, sizeof object, "campaign %lld",
	    (long long)review->campaign.v);
	snprintf(facts, sizeof facts, "recipients=%lld failed=%d",
	    (long long)review->recipients, failed);
	return audit_add_in(review->store, db,
	    &(struct audit_event){
		"review.run", span_of(object), span_of(facts)},
	    err);
}

/* The MAC of results that are not sealed yet.  Its text begins with a letter,
 * that of a seal with a digit. */
static int
results_mac(const struct review *review, struct db *db, struct digest *out,
    struct err *err)
{
	struct buf all = BUF_INIT;
	struct digest content;

	if (content_digest(
		db, review->campaign, &review->inputs, &content, err) < 0)
		return -1;
	buf_printf(&all, "results %lld ", (long long)review->campaign.v);
	buf_add(&all, span_make(content.bytes, SHA256_LEN));
	crypt_hmac(
	    store_key(review->store, STORE_KEY_SEAL), buf_span(&all), out);
	buf_done(&all);
	return 0;
}

int
results_stamp(const struct review *review, struct db *db, struct err *err)
{
	struct digest mac;
	struct stmt *stmt;

	if (results_mac(review, db, &mac, err) < 0)
		return -1;
	stmt = db_stmt(
	    db, "UPDATE review SET digest = ?2 WHERE campaign = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	stmt_blob(stmt, 2, span_make(mac.bytes, SHA256_LEN));
	return stmt_run(stmt, err);
}

/* 1 when the stored results are those that this program has stored, 0 when a
 * row was changed behind it. */
static int
is_genuine(
    const struct review *review, const struct sealed *stored, struct err *err)
{
	struct digest mac;

	if (!stored->is_sealed) {
		if (results_mac(review, review->db, &mac, err) < 0)
			return -1;
		return digest_equal(&mac, &stored->digest);
	}
	if (content_digest(
		review->db, review->campaign, &review->inputs, &mac, err) < 0)
		return -1;
	if (!digest_equal(&mac, &stored->digest))
		return 0;
	seal_mac(review->store, review->campaign, &stored->digest,
	    stored->sealed_ms, span_of(stored->by), &mac);
	return digest_equal(&mac, &stored->seal);
}

int
results_write(struct review *review, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;

	if (store_begin(review->store, STORE_WAIT_LONG, "review", &db, err) < 0)
		return -1;
	if (campaign_read(db, review->campaign, &campaign, err) < 0)
		goto fail;
	if (campaign_unseal(review->store, db, review->campaign, "proof", err) <
	    0)
		goto fail;
	if (write_review(db, review, campaign.revision, err) < 0)
		goto fail;
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (write_result(db, review, &review->result[i], err) < 0)
			goto fail;
	}
	if (results_stamp(review, db, err) < 0 || log_run(db, review, err) < 0)
		goto fail;
	campaign_done(&campaign);
	return store_commit(review->store, &db, err);
fail:
	campaign_done(&campaign);
	store_rollback(review->store, &db);
	return -1;
}

static int
read_rows(struct review *review, struct err *err)
{
	struct stmt *stmt = db_stmt(review->db,
	    "SELECT item, state, count, facts, answer, answered_by"
	    " FROM review_result WHERE campaign = ?1",
	    err);
	char item[16];
	int got = -1;

	if (stmt)
		stmt_int(stmt, 1, review->campaign.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct check_result *result;
		enum check_id check;

		span_text(item, sizeof item, stmt_col_text(stmt, 0));
		check = check_of(item);
		if (check == CHECK_COUNT)
			continue;
		result = &review->result[check];
		span_text(result->facts, sizeof result->facts,
		    stmt_col_text(stmt, 3));
		span_text(result->answer, sizeof result->answer,
		    stmt_col_text(stmt, 4));
		span_text(result->answered_by, sizeof result->answered_by,
		    stmt_col_text(stmt, 5));
		result_set(review, check,
		    (enum check_state)stmt_col_int(stmt, 1),
		    stmt_col_int(stmt, 2));
	}
	stmt_reset(stmt);
	return got;
}

static void
make_stale(struct review *review)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		review->result[i].answer[0] = '\0';
		review->result[i].answered_by[0] = '\0';
		result_set(review, (enum check_id)i, CHECK_STALE, 0);
	}
	review->recipients = 0;
}

int
results_same(const struct review *review, struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT item, state, answer FROM review_result WHERE campaign = ?1",
	    err);
	char item[16];
	int got = -1, same = 0;

	if (stmt)
		stmt_int(stmt, 1, review->campaign.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		enum check_id check;

		span_text(item, sizeof item, stmt_col_text(stmt, 0));
		check = check_of(item);
		same += check != CHECK_COUNT &&
			stmt_col_int(stmt, 1) == review->result[check].state &&
			span_equal(stmt_col_text(stmt, 2),
			    span_of(review->result[check].answer));
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : same == CHECK_COUNT;
}

/* Whether the stored results still fit what would be sent now. */
static bool
still_fits(struct review *review, const struct sealed *stored)
{
	struct inputs inputs;
	struct digest now;
	bool same = false;

	if (inputs_read(review->store, review->db, review->campaign, &inputs,
		NULL) == 0) {
		inputs_digest(&inputs, &stored->root, stored->recipients, &now);
		same = digest_equal(&now, &stored->inputs);
		template_digest(inputs.template, &review->content);
	}
	inputs_done(&inputs);
	return same;
}

int
results_read(struct review *review, struct err *err)
{
	struct sealed stored;
	int got;

	for (int i = 0; i < CHECK_COUNT; i++)
		result_set(review, (enum check_id)i, CHECK_PENDING, 0);
	got = sealed_read(review->db, review->campaign, &stored, err);
	if (got != 1)
		return got;
	review->recipients = stored.recipients;
	review->root = stored.root;
	review->inputs = stored.inputs;
	review->ran_ms = 1;
	if (read_rows(review, err) < 0)
		return -1;
	got = is_genuine(review, &stored, err);
	if (got < 0)
		return -1;
	if (!got || !still_fits(review, &stored))
		make_stale(review);
	testcheck_expire(review);
	return 0;
}

static void
copy_digest(struct digest *to, struct span from)
{
	memset(to, 0, sizeof *to);
	if (from.len == SHA256_LEN)
		memcpy(to->bytes, from.ptr, SHA256_LEN);
}

int
sealed_read(struct db *db, struct campaign_id campaign, struct sealed *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT revision, recipients, root, inputs, digest, seal,"
	    " sealed_ms, sealed_by FROM review WHERE campaign = ?1",
	    err);
	int got;

	memset(out, 0, sizeof *out);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->revision = stmt_col_int(stmt, 0);
		out->recipients = stmt_col_int(stmt, 1);
		copy_digest(&out->root, stmt_col_blob(stmt, 2));
		copy_digest(&out->inputs, stmt_col_blob(stmt, 3));
		copy_digest(&out->digest, stmt_col_blob(stmt, 4));
		copy_digest(&out->seal, stmt_col_blob(stmt, 5));
		out->is_sealed = !stmt_col_is_null(stmt, 5);
		out->sealed_ms = stmt_col_int(stmt, 6);
		span_text(out->by, sizeof out->by, stmt_col_text(stmt, 7));
	}
	stmt_reset(stmt);
	return got;
}

int
content_digest(struct db *db, struct campaign_id campaign,
    const struct digest *inputs, struct digest *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT item, state, count, answer, answered_by, at_ms"
	    " FROM review_result WHERE campaign = ?1 ORDER BY item",
	    err);
	struct buf all = BUF_INIT;
	int got = -1;

	buf_text(&all, "sekisho review 1\n");
	buf_add(&all, span_make(inputs->bytes, SHA256_LEN));
	if (stmt)
		stmt_int(stmt, 1, campaign.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct span answer = stmt_col_text(stmt, 3);
		struct span by = stmt_col_text(stmt, 4);

		buf_printf(&all, "%.*s %lld %lld %lld %zu:",
		    SPAN_ARG(stmt_col_text(stmt, 0)),
		    (long long)stmt_col_int(stmt, 1),
		    (long long)stmt_col_int(stmt, 2),
		    (long long)stmt_col_int(stmt, 5), answer.len);
		buf_add(&all, answer);
		buf_printf(&all, "%zu:", by.len);
		buf_add(&all, by);
	}
	stmt_reset(stmt);
	crypt_sha256(buf_span(&all), out);
	buf_done(&all);
	return got;
}

void
seal_mac(struct store *store, struct campaign_id campaign,
    const struct digest *digest, int64_t at_ms, struct span by,
    struct digest *out)
{
	struct buf all = BUF_INIT;

	buf_printf(&all, "%lld %lld %zu:", (long long)campaign.v,
	    (long long)at_ms, by.len);
	buf_add(&all, by);
	buf_add(&all, span_make(digest->bytes, SHA256_LEN));
	crypt_hmac(store_key(store, STORE_KEY_SEAL), buf_span(&all), out);
	buf_done(&all);
}

int
seal_read(struct db *db, struct campaign_id campaign, struct seal_info *out,
    struct err *err)
{
	struct sealed sealed;

	memset(out, 0, sizeof *out);
	if (sealed_read(db, campaign, &sealed, err) < 0)
		return -1;
	out->recipients = sealed.recipients;
	out->sealed_ms = sealed.is_sealed ? sealed.sealed_ms : 0;
	snprintf(out->by, sizeof out->by, "%s", sealed.by);
	return 0;
}
