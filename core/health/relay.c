/* The relays as configured: checked, stored, read.  A demo store knows one
 * relay only, the practice relay on a loopback port, and accepts no other. */
#include "core/health/health.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/net/target.h"

static const char *const names[] = {
    [RELAY_TLS_NONE] = "none",
    [RELAY_TLS_OPPORTUNISTIC] = "opportunistic",
    [RELAY_TLS_REQUIRED] = "required",
    [RELAY_TLS_VERIFY] = "verify",
    [RELAY_TLS_IMPLICIT] = "implicit",
};
static_assert(
    sizeof names / sizeof *names == RELAY_TLS_COUNT, "name every level");
static_assert((int)RELAY_TLS_COUNT == (int)TLS_LEVEL_COUNT &&
		  (int)RELAY_TLS_VERIFY == (int)TLS_LEVEL_VERIFY,
    "the stored levels are those of core/net");

enum { SESSIONS_MAX = 100, PER_SESSION_MAX = 10000, RATE_MAX = 100000 };

const char *
relay_tls_name(enum relay_tls tls)
{
	return (unsigned)tls < RELAY_TLS_COUNT ? names[tls] : names[0];
}

void
relay_config_done(struct relay_config *relay)
{
	secret_free(&relay->secret);
}

static int
bad_field(struct err *err, const char *field, const char *why)
{
	err_set(err, E_RELAY_FIELD);
	err_fact(err, "field", span_of(field));
	return err_fact(err, "why", span_of(why));
}

bool
relay_is_local(const struct relay_config *relay)
{
	return !strcmp(relay->host, "localhost") ||
	       !strcmp(relay->host, "127.0.0.1") || !strcmp(relay->host, "::1");
}

/* A host name, or an address literal without brackets. */
static bool
is_host(const char *host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-:";

	return *host && host[0] != '-' && host[0] != '.' &&
	       strspn(host, allowed) == strlen(host);
}

static bool
is_printable(const char *text)
{
	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	}
	return true;
}

static int
check_login(const struct relay_config *relay, bool has_secret, struct err *err)
{
	if (!is_printable(relay->user))
		return bad_field(err, "user", "control");
	if (!*relay->user && relay->secret && relay->secret->len)
		return bad_field(err, "user", "empty");
	if (*relay->user && !has_secret)
		return bad_field(err, "secret", "empty");
	if (*relay->user && relay->tls == RELAY_TLS_NONE)
		return bad_field(err, "tls", "auth");
	return 0;
}

static int
check_numbers(const struct relay_config *relay, struct err *err)
{
	if (relay->port < 1 || relay->port > 65535)
		return bad_field(err, "port", "range");
	if (relay->sessions < 1 || relay->sessions > SESSIONS_MAX)
		return bad_field(err, "sessions", "range");
	if (relay->per_session < 1 || relay->per_session > PER_SESSION_MAX)
		return bad_field(err, "per_session", "range");
	if (relay->rate_per_s < 0 || relay->rate_per_s > RATE_MAX)
		return bad_field(err, "rate_per_s", "range");
	return 0;
}

static int
check(const struct relay_config *relay, bool has_secret, struct err *err)
{
	if (!*relay->name)
		return bad_field(err, "name", "empty");
	if (!is_printable(relay->name))
		return bad_field(err, "name", "control");
	if (!is_host(relay->host))
		return bad_field(
		    err, "host", *relay->host ? "syntax" : "empty");
	if ((unsigned)relay->tls >= RELAY_TLS_COUNT)
		return bad_field(err, "tls", "range");
	if (relay->tls == RELAY_TLS_NONE && !relay_is_local(relay))
		return bad_field(err, "tls", "loopback");
	if (*relay->ca_file && relay->ca_file[0] != '/')
		return bad_field(err, "ca_file", "absolute");
	if (!is_printable(relay->ca_file))
		return bad_field(err, "ca_file", "control");
	if (check_numbers(relay, err) < 0)
		return -1;
	return check_login(relay, has_secret, err);
}

static void
bind_config(struct stmt *stmt, const struct relay_config *relay)
{
	stmt_text(stmt, 1, span_of(relay->name));
	stmt_text(stmt, 2, span_of(relay->host));
	stmt_int(stmt, 3, relay->port);
	stmt_int(stmt, 4, relay->tls);
	stmt_text(stmt, 5, span_of(relay->ca_file));
	stmt_text(stmt, 6, span_of(relay->user));
	if (relay->secret)
		stmt_blob(stmt, 7, secret_span(relay->secret));
	else
		stmt_blob(stmt, 7, SPAN(""));
	stmt_int(stmt, 8, relay->sessions);
	stmt_int(stmt, 9, relay->per_session);
	stmt_int(stmt, 10, relay->rate_per_s);
	stmt_int(stmt, 11, relay->enabled);
}

static int
log_relay(struct store *store, struct db *db, const char *what,
    const struct relay_config *relay, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event;
	int rc;

	buf_printf(&object, "relay %lld", (long long)relay->id);
	buf_printf(&facts, "name=%s host=%s port=%d tls=%s auth=%s",
	    relay->name, relay->host, relay->port, relay_tls_name(relay->tls),
	    *relay->user ? "yes" : "no");
	event = (struct audit_event){what, buf_span(&object), buf_span(&facts)};
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

/* Whether the stored relay has a secret that a NULL secret would keep. */
static int
kept_secret(struct db *db, int64_t id, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "SELECT length(secret) > 0 FROM relay WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1)
		got = stmt_col_int(stmt, 0) ? 1 : 0;
	else if (got == 0)
		got = err_set(err, E_RELAY_MISSING);
	stmt_reset(stmt);
	return got;
}

static int
write_relay(struct store *store, struct db *db, struct relay_config *relay,
    struct err *err)
{
	int kept = relay->id ? kept_secret(db, relay->id, err) : 0;
	bool has_secret = relay->secret ? relay->secret->len > 0 : kept > 0;
	struct stmt *stmt;

	if (kept < 0 || check(relay, has_secret, err) < 0)
		return -1;
	stmt =
	    relay->id
		? db_stmt(db,
		      "UPDATE relay SET name = ?1, host = ?2, port = ?3, tls = "
		      "?4,"
		      " ca_file = ?5, user = ?6, sessions = ?8, per_session = "
		      "?9,"
		      " secret = CASE WHEN ?14 OR ?6 = '' THEN ?7 ELSE secret "
		      "END,"
		      " rate_per_s = ?10, enabled = ?11, changed_ms = ?12"
		      " WHERE id = ?13",
		      err)
		: db_stmt(db,
		      "INSERT INTO relay(name, host, port, tls, ca_file, user,"
		      " secret, sessions, per_session, rate_per_s, enabled,"
		      " changed_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
		      " ?10, ?11, ?12)",
		      err);
	if (!stmt)
		return -1;
	bind_config(stmt, relay);
	stmt_int(stmt, 12, clock_now_ms(store_clock(store)));
	if (relay->id) {
		stmt_int(stmt, 13, relay->id);
		stmt_int(stmt, 14, relay->secret != NULL);
	}
	if (stmt_run(stmt, err) < 0)
		return -1;
	if (!relay->id)
		relay->id = db_last_id(db);
	return log_relay(store, db, "relay.save", relay, err);
}

static int
save(struct store *store, struct relay_config *relay, const char *before,
    struct err *err)
{
	struct db *db = NULL;
	int64_t id = relay->id;
	struct stmt *stmt = NULL;

	if (store_begin(store, STORE_WAIT_SHORT, "relay", &db, err) < 0)
		return -1;
	if (before) {
		stmt = db_stmt(db, before, err);
		if (!stmt || stmt_run(stmt, err) < 0)
			goto fail;
	}
	if (write_relay(store, db, relay, err) < 0)
		goto fail;
	return store_commit(store, &db, err);
fail:
	store_rollback(store, &db);
	relay->id = id;
	return -1;
}

int
relay_save(struct store *store, struct relay_config *relay, struct err *err)
{
	if (store_is_demo(store))
		return err_set(err, E_RELAY_DEMO);
	return save(store, relay, NULL, err);
}

int
relay_set_practice(
    struct store *store, struct relay_config *relay, struct err *err)
{
	if (!store_is_demo(store) || !relay_is_local(relay))
		return err_set(err, E_RELAY_DEMO);
	relay->id = 0;
	return save(store, relay, "DELETE FROM relay", err);
}

#define COLUMNS                                                                \
	"id, name, host, port, tls, ca_file, user, sessions, per_session,"     \
	" rate_per_s, enabled, secret"

static void
read_row(struct stmt *stmt, struct relay_config *out)
{
	memset(out, 0, sizeof *out);
	out->id = stmt_col_int(stmt, 0);
	span_text(out->name, sizeof out->name, stmt_col_text(stmt, 1));
	span_text(out->host, sizeof out->host, stmt_col_text(stmt, 2));
	out->port = (int)stmt_col_int(stmt, 3);
	out->tls = (enum relay_tls)stmt_col_int(stmt, 4);
	span_text(out->ca_file, sizeof out->ca_file, stmt_col_text(stmt, 5));
	span_text(out->user, sizeof out->user, stmt_col_text(stmt, 6));
	out->sessions = (int)stmt_col_int(stmt, 7);
	out->per_session = (int)stmt_col_int(stmt, 8);
	out->rate_per_s = (int)stmt_col_int(stmt, 9);
	out->enabled = stmt_col_int(stmt, 10) != 0;
}

/* The one row of a statement, with its secret. */
static int
read_one(struct stmt *stmt, struct relay_config *out, struct err *err)
{
	struct span secret;
	int got = stmt_step(stmt, err);

	if (got == 1) {
		read_row(stmt, out);
		secret = stmt_col_blob(stmt, 11);
		if (secret.len)
			out->secret = secret_of(secret.ptr, secret.len);
	}
	stmt_reset(stmt);
	if (got == 0)
		return err_set(err, E_RELAY_MISSING);
	return got < 0 ? -1 : 0;
}

int
relay_read(struct db *db, int64_t id, struct relay_config *out, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT " COLUMNS " FROM relay WHERE id = ?1", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	return read_one(stmt, out, err);
}

int
relay_active(struct db *db, struct relay_config *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT " COLUMNS " FROM relay WHERE enabled ORDER BY id LIMIT 1",
	    err);

	return stmt ? read_one(stmt, out, err) : -1;
}

int
relay_all(
    struct db *db, struct relay_config **out, size_t *count, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT " COLUMNS " FROM relay ORDER BY id", err);
	struct relay_config *rows = NULL;
	size_t n = 0;
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		rows = mem_grow(rows, (n + 1) * sizeof *rows);
		read_row(stmt, &rows[n++]);
	}
	stmt_reset(stmt);
	if (got < 0) {
		free(rows);
		return -1;
	}
	*out = rows;
	*count = n;
	return 0;
}

int
relay_delete(struct store *store, int64_t id, struct err *err)
{
	struct relay_config relay = {0};
	struct db *db = NULL;
	struct stmt *stmt;

	if (store_is_demo(store))
		return err_set(err, E_RELAY_DEMO);
	if (store_begin(store, STORE_WAIT_SHORT, "relay", &db, err) < 0)
		return -1;
	if (relay_read(db, id, &relay, err) < 0)
		goto fail;
	stmt = db_stmt(db, "DELETE FROM relay WHERE id = ?1", err);
	if (!stmt)
		goto fail;
	stmt_int(stmt, 1, id);
	if (stmt_run(stmt, err) < 0 ||
	    log_relay(store, db, "relay.delete", &relay, err) < 0)
		goto fail;
	relay_config_done(&relay);
	return store_commit(store, &db, err);
fail:
	relay_config_done(&relay);
	store_rollback(store, &db);
	return -1;
}

void
relay_digest(const struct relay_config *relay, struct digest *out)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%lld\n%s\n%s\n%d\n%s\n%s\n%s\n",
	    (long long)relay->id, relay->name, relay->host, relay->port,
	    relay_tls_name(relay->tls), relay->ca_file, relay->user);
	crypt_sha256(buf_span(&text), out);
	buf_done(&text);
}
