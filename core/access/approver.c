/* The register of keys that may sign approvals.  Every row carries a MAC of the
 * store's: a key that was put in with another program's SQL counts for
 * nothing. */
#include "core/access/approver.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/access/role.h"
#include "core/base/mem.h"

static const char *const state_names[] = {
    [APPROVER_ASKED] = "asked",
    [APPROVER_CONFIRMED] = "confirmed",
    [APPROVER_REFUSED] = "refused",
    [APPROVER_REVOKED] = "revoked",
};
static_assert(sizeof state_names / sizeof *state_names == APPROVER_STATES,
    "name every state");

const char *
approver_state_name(enum approver_state state)
{
	return state_names[state];
}

static int
refuse(struct err *err, const char *login, const char *why)
{
	err_set(err, E_APPROVER_KEY);
	err_fact(err, "login", span_of(login));
	return err_fact(err, "why", span_of(why));
}

static struct span
octets(const struct ed25519_public *key)
{
	return span_make(key->bytes, ED25519_KEY_LEN);
}

/* ---- Rows --------------------------------------------------------------------- */

/* The id is not part of it: it is not known before the row is there. */
static void
row_mac(struct store *store, const struct approver_key *row, struct digest *out)
{
	struct buf all = BUF_INIT;

	buf_printf(&all, "approver key\n%s\n%lu\n%d\n%lld\n%lld\n%s\n",
	    row->login, (unsigned long)row->uid, (int)row->state,
	    (long long)row->asked_ms, (long long)row->decided_ms,
	    row->decided_by);
	buf_add(&all, octets(&row->key));
	crypt_hmac(store_key(store, STORE_KEY_SEAL), buf_span(&all), out);
	buf_done(&all);
}

static void
read_row(struct store *store, struct stmt *stmt, struct approver_key *out)
{
	struct span key = stmt_col_blob(stmt, 3), mac = stmt_col_blob(stmt, 8);
	int64_t state = stmt_col_int(stmt, 4);
	struct digest wanted;

	*out = (struct approver_key){.id = stmt_col_int(stmt, 0),
	    .uid = (uid_t)stmt_col_int(stmt, 2),
	    .asked_ms = stmt_col_int(stmt, 5),
	    .decided_ms = stmt_col_int(stmt, 6)};
	span_text(out->login, sizeof out->login, stmt_col_text(stmt, 1));
	span_text(
	    out->decided_by, sizeof out->decided_by, stmt_col_text(stmt, 7));
	if (state < 0 || state >= APPROVER_STATES ||
	    key.len != ED25519_KEY_LEN || mac.len != SHA256_LEN) {
		out->state = APPROVER_REVOKED;
		out->altered = true;
		return;
	}
	out->state = (enum approver_state)state;
	memcpy(out->key.bytes, key.ptr, ED25519_KEY_LEN);
	row_mac(store, out, &wanted);
	out->altered = memcmp(wanted.bytes, mac.ptr, SHA256_LEN) != 0;
}

/* 1 found, 0 none, -1. */
static int
read_one(struct store *store, struct db *db, int64_t id,
    struct approver_key *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, login, uid, key, state, asked_ms, decided_ms,"
	    " decided_by, mac FROM approver_key WHERE id = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1)
		read_row(store, stmt, out);
	stmt_reset(stmt);
	return got;
}

static int
log_row(struct store *store, struct db *db, const char *what,
    const struct approver_key *row, struct err *err)
{
	char print[FINGERPRINT_TEXT + 1];
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	signer_fingerprint(&row->key, print);
	buf_printf(&object, "approver %s", row->login);
	buf_printf(&facts, "uid=%lu key=", (unsigned long)row->uid);
	for (const char *at = print; *at; at++) {
		if (*at != ' ')
			buf_char(&facts, *at);
	}
	rc = audit_add_in(store, db,
	    &(struct audit_event){what, buf_span(&object), buf_span(&facts)},
	    err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

/* ---- Asking ------------------------------------------------------------------- */

/* 0 when the key is new and there is room for a request. */
static int
check_new(struct db *db, const struct approver_key *row, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT (SELECT count(*) FROM approver_key WHERE key = ?1"
	    " AND NOT (login = ?2 AND state = 0)),"
	    " (SELECT count(*) FROM approver_key WHERE state = 0"
	    " AND login <> ?2)",
	    err);
	int64_t taken = 0, open = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, octets(&row->key));
	stmt_text(stmt, 2, span_of(row->login));
	got = stmt_step(stmt, err);
	if (got == 1) {
		taken = stmt_col_int(stmt, 0);
		open = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	if (taken)
		return refuse(err, row->login, "taken");
	return open < APPROVER_ASKED_MAX ? 0 : refuse(err, row->login, "many");
}

static int
insert(struct store *store, struct db *db, const struct approver_key *row,
    struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "DELETE FROM approver_key WHERE login = ?1 AND state = 0", err);
	struct digest mac;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(row->login));
	if (stmt_run(stmt, err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "INSERT INTO approver_key(login, uid, key, state, asked_ms,"
	    " decided_ms, decided_by, mac)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, 0, '', ?6)",
	    err);
	if (!stmt)
		return -1;
	row_mac(store, row, &mac);
	stmt_text(stmt, 1, span_of(row->login));
	stmt_int(stmt, 2, row->uid);
	stmt_blob(stmt, 3, octets(&row->key));
	stmt_int(stmt, 4, row->state);
	stmt_int(stmt, 5, row->asked_ms);
	stmt_blob(stmt, 6, span_make(mac.bytes, SHA256_LEN));
	return stmt_run(stmt, err);
}

int
approver_ask(struct store *store, const char *login, uid_t uid,
    const struct ed25519_public *key, struct err *err)
{
	struct approver_key row = {.uid = uid,
	    .key = *key,
	    .state = APPROVER_ASKED,
	    .asked_ms = clock_now_ms(store_clock(store))};
	struct db *db = NULL;

	span_text(row.login, sizeof row.login, span_of(login));
	if (store_begin(store, STORE_WAIT_LONG, "approver", &db, err) < 0)
		return -1;
	if (check_new(db, &row, err) == 0 &&
	    insert(store, db, &row, err) == 0 &&
	    log_row(store, db, "approver.ask", &row, err) == 0)
		return store_commit(store, &db, err);
	store_rollback(store, &db);
	return -1;
}

/* ---- Deciding ----------------------------------------------------------------- */

static int
move(struct store *store, struct db *db, struct approver_key *row,
    enum approver_state to, const char *what, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE approver_key SET state = ?2, decided_ms = ?3,"
	    " decided_by = ?4, mac = ?5 WHERE id = ?1",
	    err);
	struct digest mac;

	if (!stmt)
		return -1;
	row->state = to;
	row->decided_ms = clock_now_ms(store_clock(store));
	span_text(row->decided_by, sizeof row->decided_by,
	    span_of(store_user(store)));
	row_mac(store, row, &mac);
	stmt_int(stmt, 1, row->id);
	stmt_int(stmt, 2, to);
	stmt_int(stmt, 3, row->decided_ms);
	stmt_text(stmt, 4, span_of(row->decided_by));
	stmt_blob(stmt, 5, span_make(mac.bytes, SHA256_LEN));
	if (stmt_run(stmt, err) < 0)
		return -1;
	return log_row(store, db, what, row, err);
}

/* The last digits of the fingerprint, whatever stands between them. */
static bool
digits_fit(const struct approver_key *row, struct span digits)
{
	char print[FINGERPRINT_TEXT + 1], typed[APPROVER_DIGITS + 1] = "";
	char wanted[APPROVER_DIGITS + 1];
	size_t n = 0;

	signer_fingerprint(&row->key, print);
	snprintf(wanted, sizeof wanted, "%.4s%.4s",
	    print + FINGERPRINT_TEXT - 9, print + FINGERPRINT_TEXT - 4);
	for (size_t i = 0; i < digits.len; i++) {
		char c = digits.ptr[i];

		if (c == ' ' || c == '\t')
			continue;
		if (n == APPROVER_DIGITS)
			return false;
		typed[n++] = c >= 'A' && c <= 'F' ? (char)(c + 32) : c;
	}
	return !strcmp(typed, wanted);
}

/* Of one login only one key may sign. */
static int
revoke_older(struct store *store, struct db *db,
    const struct approver_key *fresh, struct err *err)
{
	struct approver_key *all = NULL;
	size_t count = 0;
	int rc = approver_all(store, db, &all, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (all[i].state == APPROVER_CONFIRMED &&
		    all[i].id != fresh->id &&
		    !strcmp(all[i].login, fresh->login))
			rc = move(store, db, &all[i], APPROVER_REVOKED,
			    "approver.revoke", err);
	}
	free(all);
	return rc;
}

static int
confirm_in(struct store *store, struct db *db, int64_t id, struct span digits,
    struct err *err)
{
	struct approver_key row;
	int got = read_one(store, db, id, &row, err);

	if (got < 0)
		return -1;
	if (got == 0 || row.state != APPROVER_ASKED)
		return refuse(err, "", "none");
	if (row.altered)
		return refuse(err, row.login, "altered");
	if (!digits_fit(&row, digits))
		return refuse(err, row.login, "digits");
	if (revoke_older(store, db, &row, err) < 0)
		return -1;
	return move(
	    store, db, &row, APPROVER_CONFIRMED, "approver.confirm", err);
}

int
approver_confirm(
    struct store *store, int64_t id, struct span digits, struct err *err)
{
	struct db *db = NULL;

	if (person_require(store, NULL, MAY_PEOPLE_WRITE, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_SETUP, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_LONG, "approver", &db, err) < 0)
		return -1;
	if (confirm_in(store, db, id, digits, err) == 0)
		return store_commit(store, &db, err);
	store_rollback(store, &db);
	return -1;
}

static int
revoke_in(struct store *store, struct db *db, int64_t id, struct err *err)
{
	struct approver_key row;
	int got = read_one(store, db, id, &row, err);

	if (got < 0)
		return -1;
	if (got == 0 || row.state == APPROVER_REVOKED ||
	    row.state == APPROVER_REFUSED)
		return refuse(err, "", "none");
	if (row.state == APPROVER_ASKED)
		return move(
		    store, db, &row, APPROVER_REFUSED, "approver.refuse", err);
	return move(store, db, &row, APPROVER_REVOKED, "approver.revoke", err);
}

int
approver_revoke(struct store *store, int64_t id, struct err *err)
{
	struct db *db = NULL;

	if (person_require(store, NULL, MAY_PEOPLE_WRITE, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_SETUP, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_LONG, "approver", &db, err) < 0)
		return -1;
	if (revoke_in(store, db, id, err) == 0)
		return store_commit(store, &db, err);
	store_rollback(store, &db);
	return -1;
}

/* ---- Reading ------------------------------------------------------------------ */

int
approver_find(struct store *store, struct db *db, const char *login, uid_t uid,
    struct approver_key *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, login, uid, key, state, asked_ms, decided_ms,"
	    " decided_by, mac FROM approver_key WHERE login = ?1 AND uid = ?2"
	    " AND state IN (0, 1) ORDER BY state DESC LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(login));
	stmt_int(stmt, 2, uid);
	got = stmt_step(stmt, err);
	if (got == 1)
		read_row(store, stmt, out);
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	if (got == 0)
		return refuse(err, login, "none");
	if (out->altered)
		return refuse(err, login, "altered");
	if (out->state != APPROVER_CONFIRMED)
		return refuse(err, login, "asked");
	return 0;
}

int
approver_all(struct store *store, struct db *db, struct approver_key **out,
    size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, login, uid, key, state, asked_ms, decided_ms,"
	    " decided_by, mac FROM approver_key ORDER BY state <> 0, id DESC",
	    err);
	struct approver_key *all = NULL;
	size_t n = 0;
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		all = mem_more(all, n, sizeof *all);
		read_row(store, stmt, &all[n++]);
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
