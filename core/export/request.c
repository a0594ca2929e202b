/* Requests, and what counts as an approval of one.  The signed text is written
 * again from the store each time it matters, and compared octet for octet: no
 * field of it is believed because it stands in a row. */
#include "core/export/request.h"

#include <unistd.h>

#include "core/export/approval.h"

enum { MINUTE_MS = 60 * 1000, SLACK_MS = 5 * MINUTE_MS };

static int
changed(const char *what, struct err *err)
{
	err_set(err, E_EXPORT_CHANGED);
	return err_fact(err, "what", span_of(what));
}

/* ---- Asking ------------------------------------------------------------ */

/* A new request takes the place of those before. */
static int
withdraw_others(struct store *store, struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE export SET state = ?2 WHERE asked_by = ?1"
	    " AND state IN (?3, ?4)",
	    err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(store_user(store)));
	stmt_int(stmt, 2, EXPORT_WITHDRAWN);
	stmt_int(stmt, 3, EXPORT_ASKED);
	stmt_int(stmt, 4, EXPORT_APPROVED);
	return stmt_run(stmt, err);
}

static int
log_ask(struct store *store, struct db *db, const struct scope *scope,
    int64_t id, struct err *err)
{
	struct buf facts = BUF_INIT;
	int rc;

	audit_fact(&facts, "scope", span_of(text_scope(scope->order->scope)));
	audit_fact_int(&facts, "list", scope->order->list.v);
	audit_fact_int(&facts, "people", scope->people);
	audit_fact(&facts, "reason", buf_span(&scope->order->reason));
	rc = exported_log(store, db, "export.ask", id, buf_span(&facts), err);
	buf_done(&facts);
	return rc;
}

/* The text must fit into a frame of the socket. */
static int
check_text(struct store *store, const struct scope *scope, struct err *err)
{
	const struct request_facts facts = {.id = INT32_MAX,
	    .people = scope->people,
	    .asked_by = span_of(store_user(store)),
	    .asked_ms = clock_now_ms(store_clock(store))};
	struct buf text = BUF_INIT;
	int rc = text_subject(store, scope, &facts, &text, err);

	if (rc == 0 && text.len > EXPORT_SUBJECT_MAX) {
		err_set(err, E_EXPORT_FIELD);
		err_fact(err, "field", SPAN("fields"));
		rc = err_fact(err, "why", SPAN("length"));
	}
	buf_wipe(&text);
	buf_done(&text);
	return rc;
}

int
export_ask(struct store *store, const struct export_order *order,
    struct export_watch *watch, int64_t *id, struct err *err)
{
	struct scope scope = {.db = NULL};
	struct record record = RECORD_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_EXPORT, err) < 0 ||
	    export_reason_check(buf_span(&order->reason), err) < 0 ||
	    scope_open(store, order, watch, &scope, err) < 0 ||
	    check_text(store, &scope, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "export", &db, err) < 0)
		goto out;
	record.state = EXPORT_ASKED;
	record.people = scope.people;
	if (withdraw_others(store, db, err) == 0 &&
	    exported_add(store, db, &scope, &record, id, err) == 0 &&
	    log_ask(store, db, &scope, *id, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	exported_done(&record);
	scope_done(&scope);
	return rc;
}

/* A row of the store's user. */
static int
read_own(struct store *store, struct db *db, int64_t id, struct record *out,
    struct err *err)
{
	if (exported_read(db, id, out, err) < 0)
		return -1;
	return strcmp(out->asked_by, store_user(store)) == 0
		   ? 0
		   : exported_refuse(id, "other", err);
}

int
export_withdraw(struct store *store, int64_t id, struct err *err)
{
	struct record record = RECORD_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_EXPORT, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "export", &db, err) < 0)
		return -1;
	if (read_own(store, db, id, &record, err) < 0)
		goto out;
	if (record.state != EXPORT_ASKED && record.state != EXPORT_APPROVED)
		exported_refuse(id, exported_why(record.state), err);
	else if (exported_move(db, id, record.state, EXPORT_WITHDRAWN, err) ==
		     0 &&
		 exported_log(
		     store, db, "export.withdraw", id, SPAN(""), err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	exported_done(&record);
	return rc;
}

int
export_order_read(
    struct store *store, int64_t id, struct export_order *out, struct err *err)
{
	struct record record = RECORD_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (person_reader_open(store, MAY_LIST_EXPORT, &db, err) < 0)
		return -1;
	if (scope_require(store, db, err) == 0 &&
	    read_own(store, db, id, &record, err) == 0) {
		export_order_copy(out, &record.order);
		rc = 0;
	}
	store_reader_close(&db);
	exported_done(&record);
	return rc;
}

/* ---- Who may ----------------------------------------------------------- */

static int
is_open(const struct record *record, int64_t now_ms, struct err *err)
{
	if (record->state != EXPORT_ASKED)
		return exported_refuse(
		    record->id, exported_why(record->state), err);
	return now_ms < record->asked_ms + EXPORT_WAITS_MS
		   ? 0
		   : exported_refuse(record->id, "late", err);
}

/* Somebody else than who asked, in name and number. */
static int
is_second(struct store *store, struct db *db, const struct record *record,
    const char *login, uid_t uid, struct err *err)
{
	if (second_check(store, db, login, uid, err) < 0 ||
	    second_differs(login, uid, record->asked_by, "requester", err) < 0)
		return -1;
	if (uid != (uid_t)record->asked_uid)
		return 0;
	err_set(err, E_APPROVAL_WHO);
	err_fact(err, "login", span_of(login));
	return err_fact(err, "why", SPAN("uid"));
}

int
export_may(struct store *store, struct db *db, int64_t id, const char *login,
    uid_t uid, struct err *err)
{
	int64_t now_ms = clock_now_ms(store_clock(store));
	struct record record = RECORD_INIT;
	struct approver_key key;
	int rc = -1;

	if (exported_read(db, id, &record, err) == 0 &&
	    is_second(store, db, &record, login, uid, err) == 0 &&
	    approver_find(store, db, login, uid, &key, err) == 0)
		rc = is_open(&record, now_ms, err);
	exported_done(&record);
	return rc;
}

/* ---- What is signed ---------------------------------------------------- */

static int
write_subject(struct store *store, const struct scope *scope,
    const struct record *record, struct buf *out, struct err *err)
{
	const struct request_facts facts = {.id = record->id,
	    .people = record->people,
	    .asked_by = span_of(record->asked_by),
	    .asked_uid = record->asked_uid,
	    .asked_ms = record->asked_ms};

	return text_subject(store, scope, &facts, out, err);
}

/* The subject of what a row says, with the store as it is. */
static int
subject_of(struct store *store, const struct record *record, struct buf *out,
    struct err *err)
{
	struct scope scope = {.db = NULL};
	int rc = -1;

	if (scope_open(store, &record->order, NULL, &scope, err) == 0)
		rc = write_subject(store, &scope, record, out, err);
	scope_done(&scope);
	return rc;
}

int
export_subject(struct store *store, struct db *db, int64_t id, struct buf *out,
    struct err *err)
{
	struct record record = RECORD_INIT;
	int rc = exported_read(db, id, &record, err);

	if (rc == 0)
		rc = subject_of(store, &record, out, err);
	exported_done(&record);
	return rc;
}

/* The statement that a row must hold, compared and verified. */
static int
verify(const struct record *record, struct span subject,
    const struct approver_key *key, const char *what, struct err *err)
{
	struct export_signer signer = {.login = span_of(record->decided_by),
	    .uid = record->decided_uid,
	    .authenticated = statement_login_word(record->shown),
	    .note = buf_span(&record->words),
	    .at_ms = record->decided_ms,
	    .expires_ms = record->expires_ms};
	struct buf wanted = BUF_INIT;
	bool same;

	ed25519_fingerprint(&key->key, &signer.key);
	export_statement(subject, &signer, &wanted);
	same = span_equal(buf_span(&wanted), buf_span(&record->statement));
	buf_wipe(&wanted);
	buf_done(&wanted);
	if (!same)
		return changed(what, err);
	if (ed25519_verify(
		&key->key, buf_span(&record->statement), &record->signature))
		return 0;
	err_set(err, E_APPROVAL_SIGNATURE);
	return err_fact(err, "login", span_of(record->decided_by));
}

static int
is_in_time(
    struct db *db, const struct record *record, int64_t now_ms, struct err *err)
{
	struct export_policy policy;

	if (export_policy_read(db, &policy, err) < 0)
		return -1;
	if (record->decided_ms > now_ms + SLACK_MS)
		return changed("clock", err);
	if (now_ms < record->expires_ms &&
	    record->expires_ms - record->decided_ms <=
		policy.minutes * MINUTE_MS)
		return 0;
	err_set(err, E_APPROVAL_LATE);
	err_fact(err, "login", span_of(record->decided_by));
	return err_fact_int(err, "until_ms", record->expires_ms);
}

/* What has to hold of an approval when it is given and when it is used. */
static int
counts(struct store *store, struct db *db, const struct record *record,
    struct approver_key *key, struct err *err)
{
	int64_t now_ms = clock_now_ms(store_clock(store));
	uid_t uid = (uid_t)record->decided_uid;

	if (is_second(store, db, record, record->decided_by, uid, err) < 0 ||
	    approver_find(store, db, record->decided_by, uid, key, err) < 0 ||
	    is_in_time(db, record, now_ms, err) < 0)
		return -1;
	return statement_login_check(
	    db, record->shown, record->decided_by, err);
}

int
approval_fits(struct store *store, const struct scope *scope, int64_t id,
    struct record *record, struct err *err)
{
	struct buf subject = BUF_INIT;
	struct approver_key key;
	int rc = -1;

	if (read_own(store, scope->db, id, record, err) < 0)
		goto out;
	if (record->state != EXPORT_APPROVED)
		exported_refuse(id, exported_why(record->state), err);
	else if (scope->people > record->people)
		changed("people", err);
	else if (counts(store, scope->db, record, &key, err) == 0 &&
		 write_subject(store, scope, record, &subject, err) == 0)
		rc = verify(record, buf_span(&subject), &key, "text", err);
out:
	buf_wipe(&subject);
	buf_done(&subject);
	return rc;
}

/* ---- Deciding ---------------------------------------------------------- */

static void
take_offer(struct record *record, const struct export_offer *offer,
    enum export_state state, struct span words)
{
	record->state = state;
	span_text(record->decided_by, sizeof record->decided_by,
	    span_of(offer->login));
	record->decided_uid = offer->uid;
	buf_clear(&record->words);
	buf_add(&record->words, words);
}

static int
log_decision(struct store *store, struct db *db, const struct record *record,
    struct err *err)
{
	struct buf facts = BUF_INIT;
	int rc;

	audit_fact(&facts, "approver", span_of(record->decided_by));
	audit_fact_int(&facts, "uid", record->decided_uid);
	audit_fact(&facts, "requester", span_of(record->asked_by));
	audit_fact_int(&facts, "people", record->people);
	audit_fact(&facts, "words", buf_span(&record->words));
	rc = exported_log(store, db,
	    record->state == EXPORT_APPROVED ? "export.approve"
					     : "export.reject",
	    record->id, buf_span(&facts), err);
	buf_done(&facts);
	return rc;
}

static int
decide(struct store *store, const struct record *record, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(store, STORE_WAIT_LONG, "export", &db, err) < 0)
		return -1;
	if (exported_decide(db, record, err) == 0 &&
	    log_decision(store, db, record, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

/* What an approver says, against what the store would have them sign. */
static int
judge(struct store *store, struct db *db, const struct export_offer *offer,
    struct record *record, struct err *err)
{
	struct buf subject = BUF_INIT;
	struct approver_key key;
	int rc = -1;

	record->shown = statement_login_of(offer->authenticated);
	record->decided_ms = offer->at_ms;
	record->expires_ms = offer->expires_ms;
	record->signature = offer->signature;
	buf_clear(&record->statement);
	buf_add(&record->statement, offer->statement);
	if (counts(store, db, record, &key, err) == 0 &&
	    subject_of(store, record, &subject, err) == 0)
		rc = verify(record, buf_span(&subject), &key, "statement", err);
	buf_wipe(&subject);
	buf_done(&subject);
	return rc;
}

int
export_take(struct store *store, const struct export_offer *offer,
    int64_t now_ms, struct err *err)
{
	struct record record = RECORD_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (statement_words(offer->note, 0, err) < 0 ||
	    store_reader_open(store, &db, err) < 0)
		return -1;
	if (exported_read(db, offer->id, &record, err) == 0 &&
	    is_open(&record, now_ms, err) == 0) {
		take_offer(&record, offer, EXPORT_APPROVED, offer->note);
		rc = judge(store, db, offer, &record, err);
	}
	store_reader_close(&db);
	if (rc == 0)
		rc = decide(store, &record, err);
	exported_done(&record);
	return rc;
}

int
export_reject(struct store *store, const struct export_offer *offer,
    struct span reason, int64_t now_ms, struct err *err)
{
	struct record record = RECORD_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (statement_words(reason, STATEMENT_REASON_MIN, err) < 0 ||
	    store_reader_open(store, &db, err) < 0)
		return -1;
	if (exported_read(db, offer->id, &record, err) == 0 &&
	    is_second(store, db, &record, offer->login, offer->uid, err) == 0) {
		rc = is_open(&record, now_ms, err);
		take_offer(&record, offer, EXPORT_REJECTED, reason);
		record.decided_ms = now_ms;
	}
	store_reader_close(&db);
	if (rc == 0)
		rc = decide(store, &record, err);
	exported_done(&record);
	return rc;
}
