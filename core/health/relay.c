/* The relays as configured: checked, stored, read.  A demo store knows one
 * relay only, the practice relay on a loopback port, and accepts no other. */
#include "core/health/health.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/command.h"
#include "core/base/mem.h"
#include "core/health/pins.h"
#include "core/net/dns.h"
#include "core/net/target.h"

static const char *const names[] = {
    [RELAY_TLS_NONE] = "none",
    [RELAY_TLS_OPPORTUNISTIC] = "opportunistic",
    [RELAY_TLS_REQUIRED] = "required",
    [RELAY_TLS_VERIFY] = "verify",
    [RELAY_TLS_IMPLICIT] = "implicit",
    [RELAY_TLS_PIN] = "pin",
};
static_assert(
    sizeof names / sizeof *names == RELAY_TLS_COUNT, "name every level");
static_assert((int)RELAY_TLS_PIN == (int)TLS_LEVEL_PIN &&
		  (int)RELAY_TLS_VERIFY == (int)TLS_LEVEL_VERIFY,
    "the stored levels are those of core/net");

enum {
	SESSIONS_MAX = 100,
	PER_SESSION_MAX = 10000,
	RATE_MAX = 100000,
	SHARE_MAX = 1000,
	WARM_FIRST_MAX = 10000000,
	WARM_PERCENT_MAX = 900
};

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
	if (*relay->user && relay->tls == RELAY_TLS_NONE)
		return bad_field(err, "tls", "auth");
	if (*relay->token_command) {
		if (!*relay->user)
			return bad_field(err, "user", "empty");
		return command_check(relay->token_command, err);
	}
	if (relay->auth == RELAY_AUTH_OAUTHBEARER ||
	    relay->auth == RELAY_AUTH_XOAUTH2)
		return bad_field(err, "token_command", "empty");
	if (*relay->user && !has_secret)
		return bad_field(err, "secret", "empty");
	return 0;
}

/* Straight to MX there is no host, nobody to sign in to, and no certificate
 * that all receivers would pass. */
static int
check_direct(const struct relay_config *relay, struct err *err)
{
	if (*relay->user)
		return bad_field(err, "user", "direct");
	if (relay->tls != RELAY_TLS_OPPORTUNISTIC &&
	    relay->tls != RELAY_TLS_REQUIRED)
		return bad_field(err, "tls", "direct");
	return 0;
}

static int
check_kind(const struct relay_config *relay, struct err *err)
{
	if ((unsigned)relay->kind >= RELAY_KIND_COUNT)
		return bad_field(err, "kind", "range");
	if ((unsigned)relay->tls >= RELAY_TLS_COUNT)
		return bad_field(err, "tls", "range");
	if (relay->kind == RELAY_KIND_DIRECT)
		return check_direct(relay, err);
	if (!is_host(relay->host))
		return bad_field(
		    err, "host", *relay->host ? "syntax" : "empty");
	if (relay->tls == RELAY_TLS_NONE && !relay_is_local(relay))
		return bad_field(err, "tls", "loopback");
	if (relay->tls == RELAY_TLS_PIN && relay->pin_count == 0)
		return bad_field(err, "pins", "empty");
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
	if (relay->share < 0 || relay->share > SHARE_MAX)
		return bad_field(err, "share", "range");
	if ((unsigned)relay->auth >= RELAY_AUTH_COUNT)
		return bad_field(err, "auth", "range");
	if (relay->pin_count < 0 || relay->pin_count > RELAY_PINS)
		return bad_field(err, "pins", "count");
	return 0;
}

/* A plan has a first day, a first amount and a growth, or none of them. */
static int
check_warm_up(const struct relay_config *relay, struct err *err)
{
	if (relay->warm_from_ms == 0 && relay->warm_first == 0 &&
	    relay->warm_percent == 0)
		return 0;
	if (relay->warm_from_ms <= 0)
		return bad_field(err, "warm_from", "range");
	if (relay->warm_first < 1 || relay->warm_first > WARM_FIRST_MAX)
		return bad_field(err, "warm_first", "range");
	if (relay->warm_percent < 1 || relay->warm_percent > WARM_PERCENT_MAX)
		return bad_field(err, "warm_percent", "range");
	return 0;
}

static int
check(const struct relay_config *relay, bool has_secret, struct err *err)
{
	if (!*relay->name)
		return bad_field(err, "name", "empty");
	if (!is_printable(relay->name))
		return bad_field(err, "name", "control");
	if (check_kind(relay, err) < 0)
		return -1;
	if (*relay->ca_file && relay->ca_file[0] != '/')
		return bad_field(err, "ca_file", "absolute");
	if (!is_printable(relay->ca_file))
		return bad_field(err, "ca_file", "control");
	if (check_numbers(relay, err) < 0 || check_warm_up(relay, err) < 0)
		return -1;
	return check_login(relay, has_secret, err);
}

/* Every column but id, secret and changed_ms, which are bound by name; the
 * order is that of COLUMNS. */
static void
bind_config(struct stmt *stmt, const struct relay_config *relay)
{
	struct buf pins = BUF_INIT;

	pins_write(relay, &pins);
	stmt_text(stmt, 2, span_of(relay->name));
	stmt_text(stmt, 3, span_of(relay->host));
	stmt_int(stmt, 4, relay->port);
	stmt_int(stmt, 5, relay->tls);
	stmt_text(stmt, 6, span_of(relay->ca_file));
	stmt_text(stmt, 7, span_of(relay->user));
	stmt_int(stmt, 8, relay->sessions);
	stmt_int(stmt, 9, relay->per_session);
	stmt_int(stmt, 10, relay->rate_per_s);
	stmt_int(stmt, 11, relay->enabled);
	stmt_int(stmt, 12, relay->kind);
	stmt_int(stmt, 13, relay->share);
	stmt_int(stmt, 14, relay->auth);
	stmt_text(stmt, 15, span_of(relay->token_command));
	stmt_text(stmt, 16, buf_span(&pins));
	stmt_int(stmt, 17, relay->require_tls);
	stmt_int(stmt, 18, relay->warm_from_ms);
	stmt_int(stmt, 19, relay->warm_first);
	stmt_int(stmt, 20, relay->warm_percent);
	stmt_text(stmt, 21, span_of(relay->preset));
	buf_done(&pins);
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

/* At another address nothing is known of what the relay has shown. */
static const char update[] =
    "UPDATE relay SET seen = iif(host = ?3 AND port = ?4, seen, 0),"
    " name = ?2, host = ?3, port = ?4, tls = ?5, ca_file = ?6, user = ?7,"
    " sessions = ?8, per_session = ?9, rate_per_s = ?10, enabled = ?11,"
    " kind = ?12, share = ?13, auth = ?14, token_command = ?15, pins = ?16,"
    " require_tls = ?17, warm_from_ms = ?18, warm_first = ?19,"
    " warm_percent = ?20, preset = ?21, changed_ms = ?22,"
    " secret = iif(?24 OR ?7 = '', ?23, secret) WHERE id = ?1";

static const char insert[] =
    "INSERT INTO relay(name, host, port, tls, ca_file, user, sessions,"
    " per_session, rate_per_s, enabled, kind, share, auth, token_command, pins,"
    " require_tls, warm_from_ms, warm_first, warm_percent, preset, changed_ms,"
    " secret) VALUES(?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
    " ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)";

static int
write_relay(struct store *store, struct db *db, struct relay_config *relay,
    struct err *err)
{
	int kept = relay->id ? kept_secret(db, relay->id, err) : 0;
	bool has_secret = relay->secret ? relay->secret->len > 0 : kept > 0;
	struct stmt *stmt;

	if (kept < 0 || check(relay, has_secret, err) < 0)
		return -1;
	stmt = db_stmt(db, relay->id ? update : insert, err);
	if (!stmt)
		return -1;
	bind_config(stmt, relay);
	stmt_int(stmt, 22, clock_now_ms(store_clock(store)));
	stmt_blob(
	    stmt, 23, relay->secret ? secret_span(relay->secret) : SPAN(""));
	if (relay->id) {
		stmt_int(stmt, 1, relay->id);
		stmt_int(stmt, 24, relay->secret != NULL);
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
	if (person_require(store, NULL, MAY_RELAY_WRITE, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_SETUP, err) < 0)
		return -1;
	if (store_is_demo(store))
		return err_set(err, E_RELAY_DEMO);
	return save(store, relay, NULL, err);
}

int
relay_set_practice(
    struct store *store, struct relay_config *relay, struct err *err)
{
	if (person_require(store, NULL, MAY_RELAY_WRITE, err) < 0)
		return -1;
	if (!store_is_demo(store) || !relay_is_local(relay))
		return err_set(err, E_RELAY_DEMO);
	relay->id = 0;
	return save(store, relay, "DELETE FROM relay", err);
}

#define COLUMNS                                                                \
	"id, name, host, port, tls, ca_file, user, sessions, per_session,"     \
	" rate_per_s, enabled, kind, share, auth, token_command, pins,"        \
	" require_tls, warm_from_ms, warm_first, warm_percent, preset, seen,"  \
	" secret"

enum { COLUMN_SECRET = 22 };

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
	out->kind = (enum relay_kind)stmt_col_int(stmt, 11);
	out->share = (int)stmt_col_int(stmt, 12);
	out->auth = (enum relay_auth)stmt_col_int(stmt, 13);
	span_text(out->token_command, sizeof out->token_command,
	    stmt_col_text(stmt, 14));
	pins_read(out, stmt_col_text(stmt, 15));
	out->require_tls = stmt_col_int(stmt, 16) != 0;
	out->warm_from_ms = stmt_col_int(stmt, 17);
	out->warm_first = (int)stmt_col_int(stmt, 18);
	out->warm_percent = (int)stmt_col_int(stmt, 19);
	span_text(out->preset, sizeof out->preset, stmt_col_text(stmt, 20));
	out->seen = (unsigned)stmt_col_int(stmt, 21);
}

/* The one row of a statement, with its secret. */
static int
read_one(struct stmt *stmt, struct relay_config *out, struct err *err)
{
	struct span secret;
	int got = stmt_step(stmt, err);

	if (got == 1) {
		read_row(stmt, out);
		secret = stmt_col_blob(stmt, COLUMN_SECRET);
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

	if (person_require(store, NULL, MAY_RELAY_WRITE, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_SETUP, err) < 0)
		return -1;
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
	/* what older versions did not know is left out while it is unused, so
	 * that their seals still hold */
	if (relay->kind || relay->auth || *relay->token_command ||
	    relay->pin_count || relay->require_tls) {
		buf_printf(&text, "%d\n%d\n%s\n%d\n", relay->kind, relay->auth,
		    relay->token_command, relay->require_tls);
		pins_write(relay, &text);
	}
	crypt_sha256(buf_span(&text), out);
	buf_done(&text);
}

int
relay_check_direct(struct db *db, struct err *err)
{
	static const char *const inner[] = {
	    ".localhost", ".localdomain", ".local", ".internal", ".lan"};
	struct buf name = BUF_INIT;
	int rc = setting_read(db, "ehlo.name", &name, err);
	bool good = dns_is_host(buf_span(&name));

	for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
		good = good && !span_ends(buf_span(&name), span_of(inner[i]));
	if (rc == 0 && !good) {
		rc = err_set(err, E_DIRECT_NAME);
		err_fact(err, "name", buf_span(&name));
	}
	buf_done(&name);
	return rc;
}
