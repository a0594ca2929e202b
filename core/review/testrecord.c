/* What became of test mail: a row per copy, written before it may leave and
 * once more when it has ended. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/review/review.h"

static const char *
state_name(enum test_state state)
{
	static const char *const names[TEST_STATES] = {
	    "made", "accepted", "refused", "unsent", "in_doubt"};

	return names[state];
}

static int
write_result(struct db *db, int64_t now_ms, int64_t test, int64_t item,
    const struct test_result *result, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE test_send SET state = ?3, at_ms = ?4, code = ?5,"
	    " enhanced = ?6, class = ?7, reply = ?8, relay = ?9, host = ?10,"
	    " peer = ?11, policy = ?12, tls = ?13, tls_version = ?14,"
	    " tls_cipher = ?15 WHERE test = ?1 AND item = ?2",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, test);
	stmt_int(stmt, 2, item);
	stmt_int(stmt, 3, result->state);
	stmt_int(stmt, 4, now_ms);
	stmt_int(stmt, 5, result->code);
	stmt_text(stmt, 6, span_of(result->enhanced));
	stmt_text(stmt, 7, span_of(result->class));
	stmt_text(stmt, 8, span_slice(result->reply, 0, TEST_REPLY_MAX));
	stmt_text(stmt, 9, span_of(result->relay));
	stmt_text(stmt, 10, span_of(result->host));
	stmt_text(stmt, 11, span_of(result->peer));
	stmt_text(stmt, 12, span_of(result->policy));
	stmt_int(stmt, 13, result->tls->state);
	stmt_text(stmt, 14, span_of(result->tls->version));
	stmt_text(stmt, 15, span_of(result->tls->cipher));
	return stmt_run(stmt, err);
}

static int
log_result(struct store *store, struct db *db, int64_t test, int64_t item,
    const struct test_result *result, struct err *err)
{
	char object[40], facts[160];

	snprintf(object, sizeof object, "test %lld", (long long)test);
	snprintf(facts, sizeof facts, "item=%lld state=%s code=%d tls=%s",
	    (long long)item, state_name(result->state), result->code,
	    *result->tls->version ? result->tls->version : "none");
	return audit_add_in(store, db,
	    &(struct audit_event){"test.sent", span_of(object), span_of(facts)},
	    err);
}

int
test_note(struct store *store, struct world *world, int64_t test, int64_t item,
    const struct test_result *result, struct err *err)
{
	struct db *db = NULL;

	if (store_begin(store, STORE_WAIT_LONG, "test mail", &db, err) < 0)
		return -1;
	if (write_result(
		db, clock_now_ms(world->clock), test, item, result, err) == 0 &&
	    log_result(store, db, test, item, result, err) == 0)
		return store_commit(store, &db, err);
	store_rollback(store, &db);
	return -1;
}

/* ---- Reading --------------------------------------------------------------- */

static void
read_digest(
    struct test_record *out, struct span content, const struct digest *present)
{
	struct buf hex = BUF_INIT;

	crypt_hex(&hex, span_slice(content, 0, 4));
	span_text(out->content, sizeof out->content, buf_span(&hex));
	buf_done(&hex);
	out->is_present = present && span_equal(content,
					 span_make(present->bytes, SHA256_LEN));
}

static void
read_row(
    struct stmt *stmt, const struct digest *present, struct test_record *out)
{
	const struct {
		char *to;
		size_t room;
	} text[] = {
	    {out->by, sizeof out->by},
	    {out->address, sizeof out->address},
	    {out->name, sizeof out->name},
	    {out->message_id, sizeof out->message_id},
	    {out->enhanced, sizeof out->enhanced},
	    {out->class, sizeof out->class},
	    {out->reply, sizeof out->reply},
	    {out->relay, sizeof out->relay},
	    {out->host, sizeof out->host},
	    {out->peer, sizeof out->peer},
	    {out->policy, sizeof out->policy},
	    {out->tls_version, sizeof out->tls_version},
	    {out->tls_cipher, sizeof out->tls_cipher},
	};
	enum { NUMBERS = 8, CONTENT = NUMBERS, TEXTS };

	*out = (struct test_record){
	    .test = stmt_col_int(stmt, 0),
	    .item = stmt_col_int(stmt, 1),
	    .made_ms = stmt_col_int(stmt, 2),
	    .at_ms = stmt_col_int(stmt, 3),
	    .number = stmt_col_int(stmt, 4),
	    .state = (enum test_state)stmt_col_int(stmt, 5),
	    .code = (int)stmt_col_int(stmt, 6),
	    .tls = (enum tls_state)stmt_col_int(stmt, 7),
	};
	read_digest(out, stmt_col_blob(stmt, CONTENT), present);
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		span_text(text[i].to, text[i].room,
		    stmt_col_text(stmt, TEXTS + (int)i));
}

int
test_records(struct db *db, struct campaign_id campaign,
    const struct digest *present, size_t limit, struct test_record **out,
    size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT s.test, s.item, m.at_ms, s.at_ms, m.recipient, s.state,"
	    " s.code, s.tls, m.content, m.by, s.address, s.name, s.message_id,"
	    " s.enhanced, s.class, s.reply, s.relay, s.host, s.peer, s.policy,"
	    " s.tls_version, s.tls_cipher FROM test_mail m JOIN test_send s"
	    " ON s.test = m.id WHERE m.campaign = ?1"
	    " ORDER BY m.id DESC, s.item LIMIT ?2",
	    err);
	struct test_record *all = NULL;
	size_t n = 0;
	int got = -1;

	if (stmt) {
		stmt_int(stmt, 1, campaign.v);
		stmt_int(stmt, 2, limit ? (int64_t)limit : -1);
	}
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		all = mem_grow(all, (n + 1) * sizeof *all);
		read_row(stmt, present, &all[n++]);
	}
	stmt_reset(stmt);
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all;
	*count = n;
	return 0;
}
