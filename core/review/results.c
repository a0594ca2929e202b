/* Results and answers in the store, and the digest over them as stored. */
#include "core/review/gate.h"

#include <stdio.h>

#include "core/access/access.h"
#include "core/review/tripwires.h"
#include "core/review/words.h"

static bool
is_cleared(const struct check_result *result)
{
	if (result->state == CHECK_PASS)
		return true;
	if (result->state != CHECK_NOT_EVALUATED && result->state != CHECK_FAIL)
		return false;
	if (result->check->severity == CHECK_INFO)
		return true;
	return *result->answer && check_takes_sentence(result);
}

bool
check_takes_sentence(const struct check_result *result)
{
	const struct check *check = result->check;

	if (check->answer != ANSWER_NONE || check->severity == CHECK_INFO)
		return false;
	return result->state == CHECK_NOT_EVALUATED ||
	       (result->state == CHECK_FAIL && check->severity != CHECK_BLOCK);
}

bool
check_wants_override(const struct check_result *result)
{
	return result->check->severity == CHECK_OVERRIDE &&
	       result->state == CHECK_FAIL;
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
	atomic_store(&review->live[check], (unsigned char)state);
}

static int
write_result(struct db *db, const struct review *review,
    const struct check_result *result, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO review_result(campaign, item, state, count, facts,"
	    " at_ms, answer, answered_by, answered_ms, why)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
	    " ON CONFLICT(campaign, item) DO UPDATE SET state = ?3,"
	    " count = ?4, facts = ?5, at_ms = ?6, answer = ?7,"
	    " answered_by = ?8, answered_ms = ?9, why = ?10",
	    err);
	struct buf why = BUF_INIT;

	if (!stmt)
		return -1;
	if (result->why.code != E_NONE)
		socket_put_err(&why, &result->why);
	stmt_int(stmt, 1, review->campaign.v);
	stmt_text(stmt, 2, span_of(result->check->id));
	stmt_int(stmt, 3, result->state);
	stmt_int(stmt, 4, result->count);
	stmt_text(stmt, 5, span_of(result->facts));
	stmt_int(stmt, 6, result->at_ms);
	stmt_text(stmt, 7, span_of(result->answer));
	stmt_text(stmt, 8, span_of(result->answered_by));
	stmt_int(stmt, 9, *result->answer ? review->ran_ms : 0);
	stmt_text(stmt, 10, buf_span(&why));
	buf_done(&why);
	return stmt_run(stmt, err);
}

static int
write_review(struct db *db, const struct review *review, int64_t revision,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO review(campaign, revision, at_ms, by, recipients,"
	    " root, inputs_text, differences, tripwires)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	    " ON CONFLICT(campaign) DO UPDATE SET revision = ?2, at_ms = ?3,"
	    " by = ?4, recipients = ?5, root = ?6,"
	    " inputs_text = ?7, differences = ?8, tripwires = ?9,"
	    " digest = NULL,"
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
	stmt_text(stmt, 7, buf_span(&review->inputs_text));
	stmt_text(stmt, 8, buf_span(&review->differences));
	stmt_text(stmt, 9, buf_span(&review->tripwires));
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

	if (content_digest(db, review->campaign, &content, err) < 0)
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
	if (content_digest(review->db, review->campaign, &mac, err) < 0)
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
	if (review->is_new && words_forget(db, review->campaign, err) < 0)
		goto fail;
	if (words_evaluate(review, db, err) < 0)
		goto fail;
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (write_result(db, review, &review->result[i], err) < 0)
			goto fail;
	}
	if (results_stamp(review, db, err) < 0 || log_run(db, review, err) < 0)
		goto fail;
	campaign_done(&campaign);
	review->is_new = false;
	return store_commit(review->store, &db, err);
fail:
	campaign_done(&campaign);
	store_rollback(review->store, &db);
	return -1;
}

static void
read_row(struct review *review, struct stmt *stmt, enum check_id check)
{
	struct check_result *result = &review->result[check];
	struct span why = stmt_col_text(stmt, 6);

	span_text(result->facts, sizeof result->facts, stmt_col_text(stmt, 3));
	span_text(
	    result->answer, sizeof result->answer, stmt_col_text(stmt, 4));
	span_text(result->answered_by, sizeof result->answered_by,
	    stmt_col_text(stmt, 5));
	if (why.len)
		socket_take_err(why, &result->why);
	result->at_ms = stmt_col_int(stmt, 7);
	result_set(review, check, (enum check_state)stmt_col_int(stmt, 1),
	    stmt_col_int(stmt, 2));
}

int
results_load(struct review *review, struct err *err)
{
	struct stmt *stmt = db_stmt(review->db,
	    "SELECT item, state, count, facts, answer, answered_by, why, at_ms"
	    " FROM review_result WHERE campaign = ?1",
	    err);
	char item[16];
	int got = -1;

	for (int i = 0; i < CHECK_COUNT; i++)
		result_set(review, (enum check_id)i, CHECK_PENDING, 0);
	if (stmt)
		stmt_int(stmt, 1, review->campaign.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		enum check_id check;

		span_text(item, sizeof item, stmt_col_text(stmt, 0));
		check = check_of(item);
		if (check != CHECK_COUNT)
			read_row(review, stmt, check);
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

/* What launched runs go on with is not asked for tripwires any more. */
static int
fits(struct store *store, struct db *db, const struct sealed *stored,
    struct campaign_id campaign, struct digest *content, struct err *err)
{
	struct inputs inputs;
	struct digest now;
	const char *what = NULL;
	int rc = inputs_read(store, db, campaign, &inputs, err), same = 1;

	if (rc == 0) {
		inputs_digest(&inputs, &stored->root, stored->recipients, &now);
		template_digest(inputs.template, content);
		if (!digest_equal(&now, &stored->inputs))
			what = "content";
		else if (inputs.campaign.state <= CAMPAIGN_SEALED)
			same = tripwires_same(db, campaign, err);
	}
	inputs_done(&inputs);
	if (rc < 0 || same < 0)
		return -1;
	if (!what && same)
		return 0;
	err_set(err, E_REVIEW_SEAL);
	return err_fact(err, "what", span_of(what ? what : "tripwires"));
}

int
seal_fits(struct store *store, struct db *db, struct campaign_id campaign,
    struct err *err)
{
	struct sealed stored;
	struct digest content;
	int got = sealed_read(db, campaign, &stored, err);

	if (got == 1)
		return fits(store, db, &stored, campaign, &content, err);
	if (got == 0) {
		err_set(err, E_REVIEW_SEAL);
		err_fact(err, "what", SPAN("missing"));
	}
	return -1;
}

static int
read_texts(struct review *review, struct err *err)
{
	struct stmt *stmt = db_stmt(review->db,
	    "SELECT inputs_text, differences, tripwires FROM review"
	    " WHERE campaign = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	got = stmt_step(stmt, err);
	buf_clear(&review->inputs_text);
	buf_clear(&review->differences);
	buf_clear(&review->tripwires);
	if (got == 1) {
		buf_add(&review->inputs_text, stmt_col_text(stmt, 0));
		buf_add(&review->differences, stmt_col_text(stmt, 1));
		buf_add(&review->tripwires, stmt_col_text(stmt, 2));
	}
	stmt_reset(stmt);
	return got;
}

int
results_read(struct review *review, struct err *err)
{
	struct sealed stored;
	int got;

	if (results_load(review, err) < 0 || read_texts(review, err) < 0)
		return -1;
	got = sealed_read(review->db, review->campaign, &stored, err);
	if (got != 1)
		return got;
	review->recipients = stored.recipients;
	review->root = stored.root;
	review->inputs = stored.inputs;
	review->ran_ms = 1;
	got = is_genuine(review, &stored, err);
	if (got < 0)
		return -1;
	if (!got || fits(review->store, review->db, &stored, review->campaign,
			&review->content, NULL) < 0)
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
	    "SELECT revision, recipients, root, inputs_text, digest, seal,"
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
		crypt_sha256(stmt_col_text(stmt, 3), &out->inputs);
		copy_digest(&out->digest, stmt_col_blob(stmt, 4));
		copy_digest(&out->seal, stmt_col_blob(stmt, 5));
		out->is_sealed = !stmt_col_is_null(stmt, 5);
		out->sealed_ms = stmt_col_int(stmt, 6);
		span_text(out->by, sizeof out->by, stmt_col_text(stmt, 7));
	}
	stmt_reset(stmt);
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
	out->digest = sealed.digest;
	out->root = sealed.root;
	snprintf(out->by, sizeof out->by, "%s", sealed.by);
	return 0;
}
