/* What counts as an approval.  The same statement is written again from the
 * store each time it matters, and compared octet for octet with what was
 * signed: no field of it is believed because it stands in a row. */
#include "core/review/approval.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/review/approval_row.h"
#include "core/review/gate.h"

enum { HOUR_MS = 3600 * 1000, SLACK_MS = 5 * 60 * 1000 };

static int
changed(struct err *err, const char *what)
{
	err_set(err, E_APPROVAL_CHANGED);
	return err_fact(err, "what", span_of(what));
}

/* ---- Whether one is needed ---------------------------------------------------- */

int
approval_policy(struct db *db, enum campaign_class class, int64_t recipients,
    enum approval_need *out, struct err *err)
{
	struct buf when = BUF_INIT;
	int64_t over = setting_int(db, "approval.over", err);
	bool wants;

	if (over < 0 || setting_read(db, "approval.when", &when, err) < 0) {
		buf_done(&when);
		return -1;
	}
	wants = span_equal(buf_span(&when), SPAN("always")) ||
		(span_equal(buf_span(&when), SPAN("ads")) &&
		    class == CLASS_AD && recipients > over);
	*out = wants ? APPROVAL_BY_POLICY : APPROVAL_NOT_NEEDED;
	buf_done(&when);
	return 0;
}

int
approval_needed(struct db *db, struct campaign_id campaign,
    enum approval_need *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT c.class, coalesce(r.recipients, 0) FROM campaign c"
	    " LEFT JOIN review r ON r.campaign = c.id WHERE c.id = ?1",
	    err);
	int64_t class = 0, recipients = 0;
	size_t overrides = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		class = stmt_col_int(stmt, 0);
		recipients = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, E_CAMPAIGN_MISSING);
	if (approval_overrides(db, campaign, NULL, NULL, &overrides, err) < 0)
		return -1;
	if (overrides) {
		*out = APPROVAL_BY_OVERRIDE;
		return 0;
	}
	return approval_policy(
	    db, (enum campaign_class) class, recipients, out, err);
}

/* ---- Who may ------------------------------------------------------------------- */

/* Everybody who had a hand in what is sealed now. */
static int
not_an_author(struct db *db, struct campaign_id campaign, const char *login,
    uid_t uid, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT created_by FROM campaign WHERE id = ?1"
	    " UNION SELECT changed_by FROM campaign WHERE id = ?1"
	    " UNION SELECT added_by FROM attachment WHERE campaign = ?1"
	    " UNION SELECT by FROM draft_version WHERE campaign = ?1"
	    " AND at_ms > (SELECT coalesce(max(a.at_ms), 0) FROM approval a"
	    " JOIN review r ON r.campaign = a.campaign WHERE a.campaign = ?1"
	    " AND a.verdict = 0 AND a.digest <> r.digest)",
	    err);
	int got = -1, rc = 0;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	while (rc == 0 && (got = stmt_step(stmt, err)) == 1) {
		char author[APPROVER_LOGIN_MAX + 1];

		span_text(author, sizeof author, stmt_col_text(stmt, 0));
		rc = second_differs(login, uid, author, "author", err);
	}
	stmt_reset(stmt);
	return rc < 0 || got < 0 ? -1 : 0;
}

static int
may_look(struct store *store, struct db *db, struct campaign_id campaign,
    const char *login, uid_t uid, struct err *err)
{
	struct sealed sealed;
	int got;

	if (second_check(store, db, login, uid, err) < 0 ||
	    not_an_author(db, campaign, login, uid, err) < 0)
		return -1;
	got = sealed_read(db, campaign, &sealed, err);
	if (got < 0)
		return -1;
	if (got == 1 && sealed.is_sealed)
		return second_differs(login, uid, sealed.by, "sealed", err);
	return 0;
}

static int
locked(struct err *err, const char *login)
{
	err_set(err, E_APPROVAL_LOCKED);
	err_fact(err, "login", span_of(login));
	return err_fact_int(err, "limit", APPROVAL_MISSES_MAX);
}

static int
not_locked(struct db *db, struct campaign_id campaign, const char *login,
    struct err *err)
{
	int misses;

	if (approval_misses(db, campaign, login, &misses, err) < 0)
		return -1;
	return misses < APPROVAL_MISSES_MAX ? 0 : locked(err, login);
}

int
approval_may(struct store *store, struct db *db, struct campaign_id campaign,
    const char *login, uid_t uid, struct err *err)
{
	struct approver_key key;

	if (may_look(store, db, campaign, login, uid, err) < 0 ||
	    approver_find(store, db, login, uid, &key, err) < 0)
		return -1;
	return not_locked(db, campaign, login, err);
}

/* ---- What is signed ------------------------------------------------------------ */

static const char *const class_words[] = {
    [CLASS_AD] = "ad",
    [CLASS_TX] = "tx",
    [CLASS_NOTICE] = "notice",
    [CLASS_TEST] = "test",
};
static_assert(sizeof class_words / sizeof *class_words == CLASS_COUNT,
    "a word for every class");

static int
check_sealed(struct store *store, struct campaign_id campaign,
    const struct sealed *sealed, struct err *err)
{
	struct digest seal;

	if (!sealed->is_sealed)
		return changed(err, "seal");
	seal_mac(store, campaign, &sealed->digest, sealed->sealed_ms,
	    span_of(sealed->by), &seal);
	if (digest_equal(&seal, &sealed->seal))
		return 0;
	err_set(err, E_REVIEW_SEAL);
	return err_fact(err, "what", SPAN("mac"));
}

/* Texts of a statement stand on one line, whatever a row holds. */
static struct span
one_line(struct arena *arena, struct span text)
{
	struct span copy = arena_copy(arena, text);
	char *at = arena_take(arena, copy.len + 1);

	for (size_t i = 0; i < copy.len; i++) {
		unsigned char c = (unsigned char)copy.ptr[i];

		at[i] = c < 0x20 || c == 0x7f ? ' ' : copy.ptr[i];
	}
	return span_make(at, copy.len);
}

static void
fill_campaign(struct approval_text *out, const struct campaign *campaign,
    struct arena *arena)
{
	struct buf from = BUF_INIT;

	buf_add(&from, buf_span(&campaign->from_name));
	buf_printf(
	    &from, " <%.*s>", SPAN_ARG(buf_span(&campaign->from_address)));
	out->campaign = campaign->id.v;
	out->name = one_line(arena, buf_span(&campaign->name));
	out->class = span_of(class_words[campaign->class]);
	out->subject = one_line(arena, buf_span(&campaign->subject));
	out->from = one_line(arena, span_trim(buf_span(&from)));
	out->first_ms = campaign->send_at_ms;
	buf_done(&from);
}

int
approval_subject(struct store *store, struct db *db,
    struct campaign_id campaign, struct arena *arena, struct approval_text *out,
    struct err *err)
{
	struct campaign record = CAMPAIGN_INIT;
	char id[STORE_ID_LEN + 1];
	struct sealed sealed;
	int got, rc = -1;

	*out = (struct approval_text){.campaign = 0};
	got = sealed_read(db, campaign, &sealed, err);
	if (got == 0)
		changed(err, "seal");
	if (got != 1 || check_sealed(store, campaign, &sealed, err) < 0 ||
	    campaign_read(db, campaign, &record, err) < 0)
		goto out;
	store_id(store, id);
	out->store = arena_copy(arena, span_of(id));
	fill_campaign(out, &record, arena);
	out->recipients = sealed.recipients;
	out->root = sealed.root;
	out->manifest = sealed.digest;
	rc = approval_overrides(
	    db, campaign, arena, out->override, &out->overrides, err);
out:
	campaign_done(&record);
	return rc;
}

/* The statement that a row must hold, out of the store and of what only the
 * approver knows. */
static int
compare_statement(struct store *store, struct db *db,
    struct campaign_id campaign, const struct approval_row *row,
    const struct approver_key *key, struct err *err)
{
	struct arena *arena = arena_new();
	struct buf wanted = BUF_INIT;
	struct approval_text statement;
	struct span reasons = buf_span(&row->reasons);
	int rc = approval_subject(store, db, campaign, arena, &statement, err);

	if (rc < 0)
		goto out;
	for (size_t i = 0; i < statement.overrides; i++)
		statement.override[i].reason = span_cut(&reasons, '\n');
	statement.note = buf_span(&row->words);
	statement.login = span_of(row->login);
	statement.uid = row->uid;
	ed25519_fingerprint(&key->key, &statement.key);
	statement.authenticated = statement_login_word(row->shown);
	statement.at_ms = row->at_ms;
	statement.expires_ms = row->expires_ms;
	statement_write(&statement, &wanted);
	if (!digest_equal(&row->manifest, &statement.manifest))
		rc = changed(err, "manifest");
	else if (!span_equal(buf_span(&wanted), buf_span(&row->statement)))
		rc = changed(err, "statement");
	else if (!ed25519_verify(
		     &key->key, buf_span(&row->statement), &row->signature)) {
		err_set(err, E_APPROVAL_SIGNATURE);
		rc = err_fact(err, "login", span_of(row->login));
	}
out:
	arena_free(&arena);
	buf_done(&wanted);
	return rc;
}

/* ---- Whether one counts --------------------------------------------------------- */

static int
is_in_time(struct db *db, const struct approval_row *row, int64_t now_ms,
    struct err *err)
{
	int64_t hours = setting_int(db, "approval.hours", err);

	if (hours < 0)
		return -1;
	if (row->at_ms > now_ms + SLACK_MS)
		return changed(err, "clock");
	if (now_ms < row->expires_ms &&
	    row->expires_ms - row->at_ms <= hours * HOUR_MS)
		return 0;
	err_set(err, E_APPROVAL_LATE);
	err_fact(err, "login", span_of(row->login));
	return err_fact_int(err, "until_ms", row->expires_ms);
}

static int
counts(struct store *store, struct db *db, struct campaign_id campaign,
    const struct approval_row *row, int64_t now_ms, enum approval_when when,
    struct err *err)
{
	struct approver_key key;

	if (row->verdict == VERDICT_REJECTED) {
		err_set(err, E_APPROVAL_REJECTED);
		return err_fact(err, "login", span_of(row->login));
	}
	if (when == APPROVAL_AT_LAUNCH &&
	    (is_in_time(db, row, now_ms, err) < 0 ||
		statement_login_check(db, row->shown, row->login, err) < 0 ||
		may_look(store, db, campaign, row->login, row->uid, err) < 0))
		return -1;
	if (approver_find(store, db, row->login, row->uid, &key, err) < 0)
		return -1;
	return compare_statement(store, db, campaign, row, &key, err);
}

static int
missing(enum approval_need need, struct err *err)
{
	err_set(err, E_APPROVAL_NEEDED);
	return err_fact(err, "why",
	    need == APPROVAL_BY_OVERRIDE ? SPAN("override") : SPAN("policy"));
}

int
approval_check(struct store *store, struct db *db, struct campaign_id campaign,
    int64_t now_ms, enum approval_when when, struct err *err)
{
	struct approval_row row = APPROVAL_ROW_INIT;
	enum approval_need need;
	struct sealed sealed;
	int got, rc = -1;

	if (approval_needed(db, campaign, &need, err) < 0)
		return -1;
	if (need == APPROVAL_NOT_NEEDED)
		return 0;
	got = sealed_read(db, campaign, &sealed, err);
	if (got == 1)
		got = approval_row_last(db, campaign, &row, err);
	if (got == 0)
		missing(need, err);
	else if (got == 1 && row.verdict == VERDICT_APPROVED &&
		 !digest_equal(&row.manifest, &sealed.digest))
		changed(err, "manifest");
	else if (got == 1 && row.verdict == VERDICT_REJECTED &&
		 !digest_equal(&row.manifest, &sealed.digest))
		missing(need, err);
	else if (got == 1)
		rc = counts(store, db, campaign, &row, now_ms, when, err);
	approval_row_done(&row);
	return rc;
}

/* Whether what was approved counts now, and by which key. */
static void
tell_given(struct store *store, struct db *db, struct campaign_id campaign,
    const struct approval_row *row, int64_t now_ms, struct approval_state *out)
{
	struct approver_key key;

	out->step = APPROVAL_VOID;
	if (approval_check(store, db, campaign, now_ms, APPROVAL_AT_LAUNCH,
		&out->why) < 0 ||
	    seal_fits(store, db, campaign, &out->why) < 0 ||
	    approver_find(store, db, row->login, row->uid, &key, &out->why) < 0)
		return;
	out->step = APPROVAL_GIVEN;
	signer_fingerprint(&key.key, out->key);
}

int
approval_state(struct store *store, struct db *db, struct campaign_id campaign,
    int64_t now_ms, struct approval_state *out, struct err *err)
{
	struct approval_row row = APPROVAL_ROW_INIT;
	struct sealed sealed = {.is_sealed = false};
	bool same;
	int got;

	*out = (struct approval_state){.step = APPROVAL_NONE};
	if (approval_needed(db, campaign, &out->need, err) < 0 ||
	    sealed_read(db, campaign, &sealed, err) < 0)
		return -1;
	got = approval_row_last(db, campaign, &row, err);
	if (got < 0)
		return -1;
	same = digest_equal(&row.manifest, &sealed.digest);
	if (out->need != APPROVAL_NOT_NEEDED)
		out->step = APPROVAL_WAITING;
	if (got == 1) {
		memcpy(out->login, row.login, sizeof out->login);
		out->at_ms = row.at_ms;
		out->expires_ms = row.expires_ms;
		span_text(out->words, sizeof out->words, buf_span(&row.words));
	}
	if (got == 1 && row.verdict == VERDICT_REJECTED &&
	    (same || !sealed.is_sealed)) {
		out->step = APPROVAL_REJECTED;
	} else if (got == 1 && row.verdict == VERDICT_APPROVED &&
		   sealed.is_sealed && out->need != APPROVAL_NOT_NEEDED) {
		tell_given(store, db, campaign, &row, now_ms, out);
	}
	approval_row_done(&row);
	return 0;
}

int
approval_waiting(struct store *store, struct db *db, int64_t now_ms,
    struct campaign_id *out, size_t room, size_t *count, struct err *err)
{
	struct campaign_id all[APPROVAL_LOOK_MAX];
	struct stmt *stmt = db_stmt(db,
	    "SELECT c.id FROM campaign c JOIN review r ON r.campaign = c.id"
	    " WHERE c.state = ?1 AND r.seal IS NOT NULL"
	    " ORDER BY r.sealed_ms DESC LIMIT ?2",
	    err);
	size_t n = 0;
	int got = -1;

	*count = 0;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, CAMPAIGN_SEALED);
	stmt_int(stmt, 2, APPROVAL_LOOK_MAX);
	while (n < APPROVAL_LOOK_MAX && (got = stmt_step(stmt, err)) == 1)
		all[n++].v = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	for (size_t i = 0; i < n && *count < room; i++) {
		struct approval_state state;

		if (approval_state(store, db, all[i], now_ms, &state, err) < 0)
			return -1;
		if (state.step == APPROVAL_WAITING ||
		    state.step == APPROVAL_VOID)
			out[(*count)++] = all[i];
	}
	return 0;
}

/* ---- Taking one ----------------------------------------------------------------- */

/* The offer as the row it becomes. */
static void
row_of(const struct approval_offer *offer, struct approval_row *out)
{
	out->manifest = offer->manifest;
	out->verdict = VERDICT_APPROVED;
	span_text(out->login, sizeof out->login, span_of(offer->login));
	out->uid = offer->uid;
	out->at_ms = offer->at_ms;
	out->expires_ms = offer->expires_ms;
	out->shown = statement_login_of(offer->authenticated);
	out->signature = offer->signature;
	buf_add(&out->words, offer->note);
	buf_add(&out->statement, offer->statement);
	for (size_t i = 0; i < offer->reasons; i++) {
		buf_add(&out->reasons, offer->reason[i]);
		buf_char(&out->reasons, '\n');
	}
}

static int
check_words(struct db *db, const struct approval_offer *offer, struct err *err)
{
	size_t wanted = 0;

	if (statement_words(offer->note, 0, err) < 0 ||
	    approval_overrides(db, offer->campaign, NULL, NULL, &wanted, err) <
		0)
		return -1;
	if (wanted != offer->reasons) {
		err_set(err, E_APPROVAL_OPEN);
		return err_fact(err, "what", SPAN("override"));
	}
	for (size_t i = 0; i < offer->reasons; i++) {
		if (statement_words(
			offer->reason[i], STATEMENT_REASON_MIN, err) < 0)
			return -1;
	}
	return 0;
}

static int
is_sealed_now(
    struct db *db, const struct approval_offer *offer, struct err *err)
{
	struct campaign record = CAMPAIGN_INIT;
	struct sealed sealed = {.is_sealed = false};
	int rc = campaign_read(db, offer->campaign, &record, err);

	if (rc == 0)
		rc = sealed_read(db, offer->campaign, &sealed, err);
	if (rc >= 0) {
		rc = 0;
		if (record.state != CAMPAIGN_SEALED || !sealed.is_sealed)
			rc = changed(err, "seal");
		else if (!digest_equal(&sealed.digest, &offer->manifest))
			rc = changed(err, "manifest");
	}
	campaign_done(&record);
	return rc;
}

/* The offer was made now: neither kept for later nor dated ahead. */
static int
is_fresh(const struct approval_offer *offer, int64_t now_ms, struct err *err)
{
	int64_t off = now_ms - offer->at_ms;

	return off > SLACK_MS || off < -SLACK_MS ? changed(err, "clock") : 0;
}

/* All but the code: who guesses codes must be one who may approve. */
static int
judge_in(struct store *store, struct db *db, const struct approval_offer *offer,
    const struct approval_row *row, int64_t now_ms, struct err *err)
{
	int replay;

	if (counts(store, db, offer->campaign, row, now_ms, APPROVAL_AT_LAUNCH,
		err) < 0)
		return -1;
	replay = approval_row_is_known(db, row, err);
	if (replay < 0)
		return -1;
	if (replay)
		return changed(err, "replay");
	return not_locked(db, offer->campaign, offer->login, err);
}

/* Counts a wrong code for good, whatever becomes of the visit; always -1. */
static int
count_miss(struct store *store, struct db **db,
    const struct approval_offer *offer, int64_t now_ms, struct err *err)
{
	int misses = 0;

	if (approval_miss_add(
		store, *db, offer->campaign, offer->login, now_ms, err) < 0 ||
	    approval_misses(*db, offer->campaign, offer->login, &misses, err) <
		0 ||
	    store_commit(store, db, err) < 0)
		return -1;
	if (misses >= APPROVAL_MISSES_MAX)
		return locked(err, offer->login);
	err_set(err, E_APPROVAL_CODE);
	return err_fact_int(err, "left", APPROVAL_MISSES_MAX - misses);
}

static int
take_in(struct store *store, struct db **db, const struct approval_offer *offer,
    const struct approval_row *row, int64_t now_ms, struct err *err)
{
	struct approver_key key;
	struct err code = {.code = E_NONE};

	if (is_sealed_now(*db, offer, err) < 0 ||
	    check_words(*db, offer, err) < 0 ||
	    judge_in(store, *db, offer, row, now_ms, err) < 0)
		return -1;
	if (testcheck_html(store, *db, offer->campaign, offer->html_code,
		now_ms, &code) < 0) {
		if (code.code == E_APPROVAL_CODE)
			return count_miss(store, db, offer, now_ms, err);
		if (err)
			*err = code;
		return -1;
	}
	if (approver_find(store, *db, offer->login, offer->uid, &key, err) <
		0 ||
	    approval_row_add(store, *db, offer->campaign, row, &key.key, err) <
		0)
		return -1;
	return store_commit(store, db, err);
}

int
approval_take(struct store *store, const struct approval_offer *offer,
    int64_t now_ms, struct err *err)
{
	struct approval_row row = APPROVAL_ROW_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (is_fresh(offer, now_ms, err) < 0)
		return -1;
	row_of(offer, &row);
	if (store_begin(store, STORE_WAIT_LONG, "approval", &db, err) == 0)
		rc = take_in(store, &db, offer, &row, now_ms, err);
	store_rollback(store, &db);
	approval_row_done(&row);
	return rc;
}

/* ---- Rejecting -------------------------------------------------------------------- */

/* An approval may be dated a little ahead of our clock; what comes after it
 * must also be newer by its time. */
static int
not_before_the_last(struct db *db, struct campaign_id campaign,
    struct approval_row *row, struct err *err)
{
	struct approval_row last = APPROVAL_ROW_INIT;
	int got = approval_row_last(db, campaign, &last, err);

	if (got == 1 && last.at_ms >= row->at_ms)
		row->at_ms = last.at_ms + 1;
	approval_row_done(&last);
	return got < 0 ? -1 : 0;
}

static int
reject_in(struct store *store, struct db *db,
    const struct approval_offer *offer, struct approval_row *row,
    struct err *err)
{
	static const struct ed25519_public none = {.bytes = {0}};

	if (not_before_the_last(db, offer->campaign, row, err) < 0 ||
	    second_check(store, db, offer->login, offer->uid, err) < 0 ||
	    is_sealed_now(db, offer, err) < 0 ||
	    approval_row_add(store, db, offer->campaign, row, &none, err) < 0)
		return -1;
	return campaign_unseal(store, db, offer->campaign, "rejected", err);
}

int
approval_reject(struct store *store, const struct approval_offer *offer,
    struct span reason, int64_t now_ms, struct err *err)
{
	struct approval_row row = APPROVAL_ROW_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (statement_words(reason, STATEMENT_REASON_MIN, err) < 0)
		return -1;
	row_of(offer, &row);
	row.verdict = VERDICT_REJECTED;
	row.at_ms = now_ms;
	row.expires_ms = 0;
	buf_clear(&row.words);
	buf_clear(&row.statement);
	buf_add(&row.words, reason);
	if (store_begin(store, STORE_WAIT_LONG, "approval", &db, err) == 0 &&
	    reject_in(store, db, offer, &row, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	approval_row_done(&row);
	return rc;
}
