/* Decisions as rows.  Which of two is newer is told by the time in the
 * statement, not by the number of the row, so that an old one put in again is
 * no newer than it was. */
#include "core/review/approval_row.h"

#include <stdio.h>

#include "core/review/checklist.h"

void
approval_row_done(struct approval_row *row)
{
	buf_done(&row->words);
	buf_done(&row->reasons);
	buf_done(&row->statement);
}

static void
read_row(struct stmt *stmt, struct approval_row *out)
{
	struct span digest = stmt_col_blob(stmt, 0);
	struct span signature = stmt_col_blob(stmt, 10);

	out->verdict = stmt_col_int(stmt, 1) == VERDICT_APPROVED
			   ? VERDICT_APPROVED
			   : VERDICT_REJECTED;
	if (digest.len == SHA256_LEN)
		memcpy(out->manifest.bytes, digest.ptr, SHA256_LEN);
	span_text(out->login, sizeof out->login, stmt_col_text(stmt, 2));
	out->uid = (uid_t)stmt_col_int(stmt, 3);
	out->at_ms = stmt_col_int(stmt, 4);
	out->expires_ms = stmt_col_int(stmt, 5);
	buf_add(&out->words, stmt_col_text(stmt, 6));
	buf_add(&out->reasons, stmt_col_text(stmt, 7));
	if (stmt_col_int(stmt, 8) > 0 &&
	    stmt_col_int(stmt, 8) < STATEMENT_LOGINS)
		out->shown = (enum statement_login)stmt_col_int(stmt, 8);
	buf_add(&out->statement, stmt_col_blob(stmt, 9));
	if (signature.len == ED25519_SIGNATURE_LEN)
		memcpy(
		    out->signature.bytes, signature.ptr, ED25519_SIGNATURE_LEN);
}

int
approval_row_last(struct db *db, struct campaign_id campaign,
    struct approval_row *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT digest, verdict, login, uid, at_ms, expires_ms, note,"
	    " overrides, pam, statement, signature FROM approval"
	    " WHERE campaign = ?1 ORDER BY at_ms DESC, id DESC LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		read_row(stmt, out);
	stmt_reset(stmt);
	return got;
}

int
approval_row_is_known(
    struct db *db, const struct approval_row *row, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT 1 FROM approval WHERE statement = ?1 OR signature = ?2"
	    " LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, buf_span(&row->statement));
	stmt_blob(
	    stmt, 2, span_make(row->signature.bytes, ED25519_SIGNATURE_LEN));
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

static int
log_row(struct store *store, struct db *db, struct campaign_id campaign,
    const struct approval_row *row, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	buf_printf(&object, "campaign %lld", (long long)campaign.v);
	buf_printf(&facts, "approver=%s uid=%lu digest=", row->login,
	    (unsigned long)row->uid);
	crypt_hex(&facts, span_make(row->manifest.bytes, SHA256_LEN));
	if (row->words.len)
		buf_printf(
		    &facts, " words=%.*s", SPAN_ARG(buf_span(&row->words)));
	rc = audit_add_in(store, db,
	    &(struct audit_event){row->verdict == VERDICT_APPROVED
				      ? "approval.take"
				      : "approval.reject",
		buf_span(&object), buf_span(&facts)},
	    err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

int
approval_row_add(struct store *store, struct db *db,
    struct campaign_id campaign, const struct approval_row *row,
    const struct ed25519_public *key, struct err *err)
{
	bool is_signed = row->verdict == VERDICT_APPROVED;
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO approval(campaign, digest, verdict, login, uid, at_ms,"
	    " expires_ms, note, overrides, pam, key, statement, signature)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_blob(stmt, 2, span_make(row->manifest.bytes, SHA256_LEN));
	stmt_int(stmt, 3, row->verdict);
	stmt_text(stmt, 4, span_of(row->login));
	stmt_int(stmt, 5, row->uid);
	stmt_int(stmt, 6, row->at_ms);
	stmt_int(stmt, 7, row->expires_ms);
	stmt_text(stmt, 8, buf_span(&row->words));
	stmt_text(stmt, 9, buf_span(&row->reasons));
	stmt_int(stmt, 10, row->shown);
	stmt_blob(stmt, 11, span_make(key->bytes, ED25519_KEY_LEN));
	stmt_blob(stmt, 12, is_signed ? buf_span(&row->statement) : SPAN(""));
	stmt_blob(stmt, 13,
	    is_signed ? span_make(row->signature.bytes, ED25519_SIGNATURE_LEN)
		      : SPAN(""));
	if (stmt_run(stmt, err) < 0)
		return -1;
	return log_row(store, db, campaign, row, err);
}

/* ---- Wrong codes ---------------------------------------------------------------- */

int
approval_misses(struct db *db, struct campaign_id campaign, const char *login,
    int *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT m.misses FROM approval_miss m JOIN review r"
	    " ON r.campaign = m.campaign AND r.seal = m.seal"
	    " WHERE m.campaign = ?1 AND m.login = ?2",
	    err);
	int got;

	*out = 0;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_text(stmt, 2, span_of(login));
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = (int)stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
approval_miss_add(struct store *store, struct db *db,
    struct campaign_id campaign, const char *login, int64_t now_ms,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO approval_miss(campaign, seal, login, misses, last_ms)"
	    " SELECT ?1, seal, ?2, 1, ?3 FROM review"
	    " WHERE campaign = ?1 AND seal IS NOT NULL"
	    " ON CONFLICT(campaign, seal, login) DO UPDATE"
	    " SET misses = misses + 1, last_ms = ?3",
	    err);
	char object[40], facts[APPROVER_LOGIN_MAX + 16];

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_text(stmt, 2, span_of(login));
	stmt_int(stmt, 3, now_ms);
	if (stmt_run(stmt, err) < 0)
		return -1;
	snprintf(object, sizeof object, "campaign %lld", (long long)campaign.v);
	snprintf(facts, sizeof facts, "approver=%s", login);
	return audit_add_in(store, db,
	    &(struct audit_event){
		"approval.code", span_of(object), span_of(facts)},
	    err);
}

/* ---- For evidence --------------------------------------------------------------- */

static void
read_record(struct stmt *stmt, struct approval_record *out)
{
	struct span digest = stmt_col_blob(stmt, 1),
		    key = stmt_col_blob(stmt, 8);

	*out = (struct approval_record){.id = stmt_col_int(stmt, 0),
	    .verdict = stmt_col_int(stmt, 2) == VERDICT_APPROVED
			   ? VERDICT_APPROVED
			   : VERDICT_REJECTED,
	    .login = stmt_col_text(stmt, 3),
	    .uid = stmt_col_int(stmt, 4),
	    .at_ms = stmt_col_int(stmt, 5),
	    .expires_ms = stmt_col_int(stmt, 6),
	    .words = stmt_col_text(stmt, 7),
	    .statement = stmt_col_blob(stmt, 9),
	    .signature = stmt_col_blob(stmt, 10)};
	if (digest.len == SHA256_LEN)
		memcpy(out->manifest.bytes, digest.ptr, SHA256_LEN);
	if (key.len == ED25519_KEY_LEN)
		memcpy(out->key.bytes, key.ptr, ED25519_KEY_LEN);
}

int
approval_each(struct db *db, struct campaign_id campaign,
    int (*each)(void *arg, const struct approval_record *record), void *arg,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, digest, verdict, login, uid, at_ms, expires_ms, note,"
	    " key, statement, signature FROM approval WHERE campaign = ?1"
	    " ORDER BY id",
	    err);
	int got = -1, rc = 0;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	while (rc == 0 && (got = stmt_step(stmt, err)) == 1) {
		struct approval_record record;

		read_record(stmt, &record);
		rc = each(arg, &record);
	}
	stmt_reset(stmt);
	return rc ? rc : got < 0 ? -1 : 0;
}

/* ---- Overrides -------------------------------------------------------------------- */

static bool
is_override(struct span item)
{
	size_t count;
	const struct check *all = check_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (span_equal(span_of(all[i].id), item))
			return all[i].severity == CHECK_OVERRIDE;
	}
	return false;
}

int
approval_overrides(struct db *db, struct campaign_id campaign,
    struct arena *arena, struct statement_override *out, size_t *count,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT item, answer FROM review_result WHERE campaign = ?1"
	    " AND state = ?2 AND answer <> '' ORDER BY item",
	    err);
	size_t n = 0;
	int got = -1;

	*count = 0;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, CHECK_FAIL);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (!is_override(stmt_col_text(stmt, 0)))
			continue;
		if (out && n < STATEMENT_OVERRIDES_MAX)
			out[n] = (struct statement_override){
			    .check = arena_copy(arena, stmt_col_text(stmt, 0)),
			    .asked = arena_copy(arena, stmt_col_text(stmt, 1))};
		n++;
	}
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	if (n > STATEMENT_OVERRIDES_MAX) {
		err_set(err, E_APPROVAL_OPEN);
		return err_fact(err, "what", SPAN("override"));
	}
	*count = n;
	return 0;
}
