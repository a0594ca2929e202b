/* Is our sending house in order: the relays, and the live probe of one. */
#ifndef CORE_HEALTH_HEALTH_H
#define CORE_HEALTH_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/base/world.h"
#include "core/health/doctor.h"
#include "core/net/target.h"
#include "core/store/store.h"

/* How the hop to a relay is protected, weakest first.  Stored as numbers:
 * never renumber. */
enum relay_tls {
	RELAY_TLS_NONE,          /* loopback only */
	RELAY_TLS_OPPORTUNISTIC, /* encrypted when offered, peer not verified */
	RELAY_TLS_REQUIRED,      /* encrypted, peer not verified */
	RELAY_TLS_VERIFY,        /* STARTTLS, chain and name; the default */
	RELAY_TLS_IMPLICIT,      /* TLS from the first octet, chain and name */
	RELAY_TLS_PIN,           /* STARTTLS; chain and name, or a pinned key */
	RELAY_TLS_COUNT
};

/* What a row of the pool is.  Stored as numbers: never renumber. */
enum relay_kind {
	RELAY_KIND_RELAY,  /* takes everything and passes it on */
	RELAY_KIND_DIRECT, /* no relay: straight to the MX of each domain */
	RELAY_KIND_COUNT
};

/* How to sign in.  Stored as numbers: never renumber. */
enum relay_auth {
	RELAY_AUTH_BEST, /* the strongest that is offered */
	RELAY_AUTH_SCRAM_PLUS,
	RELAY_AUTH_SCRAM,
	RELAY_AUTH_OAUTHBEARER,
	RELAY_AUTH_XOAUTH2,
	RELAY_AUTH_PLAIN,
	RELAY_AUTH_LOGIN,
	RELAY_AUTH_COUNT
};

/* What a relay has shown once and must not take back (bits of seen). */
enum relay_seen {
	RELAY_SEEN_STARTTLS = 1 << 0,
	RELAY_SEEN_TLS13 = 1 << 1,
	RELAY_SEEN_SCRAM = 1 << 2,
	RELAY_SEEN_ALL = 7,
	RELAY_SEEN_ACCEPTED = 8 /* shifted up by this: may be missing */
};

enum { RELAY_TEXT_MAX = 255, RELAY_PINS = 2, RELAY_PRESET_MAX = 15 };

/* A relay as configured; plain data. */
struct relay_config {
	int64_t id; /* 0: new */
	char name[64];
	char host[RELAY_TEXT_MAX + 1];
	int port;
	enum relay_tls tls;
	char ca_file[RELAY_TEXT_MAX + 1]; /* "" = the system's */
	char user[RELAY_TEXT_MAX + 1];    /* "" = no AUTH */
	struct secret *secret;            /* owned; NULL = none */
	int sessions;                     /* parallel sessions, 1..100 */
	int per_session;                  /* messages per session, 1..10000 */
	int rate_per_s;                   /* 0 = as fast as it goes */
	bool enabled;

	enum relay_kind kind;
	int share; /* weight 1..1000; 0 = stand-by, when all others are down */
	enum relay_auth auth;
	char token_command[RELAY_TEXT_MAX + 1]; /* "" = none; OAuth */
	struct digest pins[RELAY_PINS]; /* SHA-256 of public keys (SPKI) */
	int pin_count;
	bool require_tls;     /* asks for REQUIRETLS (RFC 8689) */
	unsigned seen;        /* enum relay_seen */
	int64_t warm_from_ms; /* first day of the warm-up; 0 = none */
	int warm_first;       /* mails on that day, 1..10000000 */
	int warm_percent;     /* more on each day after it, 1..900 */
	char preset[RELAY_PRESET_MAX + 1]; /* stable name; "" = any other */
};

/* True for the names of this machine: 127.0.0.1, ::1, localhost. */
bool relay_is_local(const struct relay_config *relay);

/* Wipes the secret. */
void relay_config_done(struct relay_config *relay);

/* Checks and stores a relay (id 0 makes one and sets id).  A NULL secret with
 * id != 0 keeps the stored one.  Logged.  E_RELAY_FIELD, E_RELAY_DEMO when a
 * demo store is pointed anywhere but at its practice relay. */
int relay_save(
    struct store *store, struct relay_config *relay, struct err *err);

/* Reads one relay with its secret; the caller ends it with
 * relay_config_done().  E_RELAY_MISSING. */
int relay_read(
    struct db *db, int64_t id, struct relay_config *out, struct err *err);

/* All relays without secrets; *out has *count entries, the caller frees it. */
int relay_all(
    struct db *db, struct relay_config **out, size_t *count, struct err *err);

/* The relay a run uses: the first enabled one, with its secret.
 * E_RELAY_MISSING. */
int relay_active(struct db *db, struct relay_config *out, struct err *err);

/* Removes a relay.  Logged. */
int relay_delete(struct store *store, int64_t id, struct err *err);

/* SHA-256 over what a run depends on (host, port, level, CA, user, kind, AUTH,
 * token command, pins, REQUIRETLS; not speeds and shares): part of the digest
 * that the review seals. */
void relay_digest(const struct relay_config *relay, struct digest *out);

/* In a demo store: writes down the one relay (a loopback port) it may reach,
 * replacing the one before.  Only the demo calls it, right after it started
 * the practice relay.  E_RELAY_DEMO in a store that is not a demo or for a
 * host that is not 127.0.0.1, localhost or ::1. */
int relay_set_practice(
    struct store *store, struct relay_config *relay, struct err *err);

/* Fills target for a relay with what the configuration says; everything is
 * borrowed from relay and ehlo. */
void relay_aim(const struct relay_config *relay, const char *ehlo,
    struct exchange_target *out);

/* What of seen must be there again: what was not accepted as missing. */
unsigned relay_must_show(const struct relay_config *relay);

/* Runs the token helper of relay and gives what it wrote; the caller frees
 * *out.  Blocks up to 30 s or until cancel_fd (-1: none) is readable.  Errors
 * as command_secret(). */
int relay_ask_token(const struct relay_config *relay, int cancel_fd,
    struct secret **out, struct err *err);

/* The token of a relay for a run with many sessions and threads: the helper
 * runs on a thread of its own; its token is kept until the relay refuses it,
 * and then asked for once more. */
struct token;

/* A token that nobody has asked for.  The caller frees it. */
struct token *token_new(const struct relay_config *relay);

/* Ends the helper; accepts NULL, sets *token to NULL. */
void token_free(struct token **token);

enum token_got {
	TOKEN_READY,   /* token_take() has it */
	TOKEN_WAITING, /* the helper is running: ask again */
	TOKEN_FAILED /* err says why: the helper's error (the next call asks it
			  anew), or E_SMTP_AUTH: two tokens were refused */
};

/* Asks, without waiting; starts the helper when there is no token. */
enum token_got token_ask(struct token *token, struct err *err);

/* A copy of the token, or NULL when there is none (any more); the caller frees
 * it. */
struct secret *token_take(struct token *token);

/* The relay took a token: refusals count from the beginning again. */
void token_accepted(struct token *token);

/* The relay refused used.  TOKEN_WAITING: it is worth another try with a new
 * one; TOKEN_FAILED: it is not. */
enum token_got token_refused(struct token *token, const struct secret *used);

/* What a live probe found (check TS-02). */
struct relay_probe {
	bool ok;
	struct err why;  /* when not ok */
	char peer[256];  /* address and port */
	char reply[512]; /* of the last command; foreign bytes */
	char tls_version[16];
	char tls_cipher[64];
	bool tls_verified;
	int64_t cert_expires_ms;
	int64_t cert_left_ms; /* by the clock that verified it */
	int64_t size_limit;   /* SIZE, 0 = none stated */
	bool pipelining, eightbitmime, starttls, auth, smtputf8;
	bool chunking, dsn, requiretls;
	unsigned mechs;    /* enum sasl_mech that are offered */
	bool tls_seen;     /* there was a certificate */
	struct digest key; /* its public key: the pin it would be */
	unsigned seen;     /* enum relay_seen: what it showed now */
	int64_t at_ms;
};

/* Connects, EHLO, TLS, AUTH (with a new token where a helper tells it), MAIL
 * FROM, RSET, QUIT, and remembers what the stored relay has shown.  Of a direct
 * row there is nothing to ask: ok.  Blocks up to timeout_ms
 * or until cancel_fd (-1: none) is readable: for worker threads.  0 with out
 * filled (out->ok tells); -1 only when no probe could be made. */
int relay_probe(struct world *world, struct store *store,
    const struct relay_config *relay, struct span mail_from, int timeout_ms,
    int cancel_fd, struct relay_probe *out, struct err *err);

/* Appends the name to say in EHLO: the setting ehlo.name, or else the domain of
 * the envelope sender. */
int relay_ehlo_name(
    struct db *db, struct span mail_from, struct buf *out, struct err *err);

/* Adds a pin written as base64 or hexadecimal (blanks and colons are skipped).
 * E_RELAY_FIELD (pins: syntax, count). */
int relay_pin_add(
    struct relay_config *relay, struct span text, struct err *err);

/* Appends a pin as base64. */
void relay_pin_text(const struct digest *pin, struct buf *out);

/* Remembers what a relay has shown, so that less is noticed later; bits are
 * only ever added.  The stored row must be at this host and port. */
int relay_remember(struct store *store, const struct relay_config *relay,
    unsigned seen, struct err *err);

/* The operator accepts that a relay offers less: whatever it has shown need not
 * be there any more, until host or port change.  Logged. */
int relay_accept_less(struct store *store, int64_t id, struct err *err);

/* What direct delivery needs besides: the setting ehlo.name, a host name that
 * strangers may look up.  E_DIRECT_NAME (name). */
int relay_check_direct(struct db *db, struct err *err);

/* Stable word of a level ("verify"); static. */
const char *relay_tls_name(enum relay_tls tls);

/* ---- A mailbox of ours -------------------------------------------------------- */

enum mailbox_state {
	MAILBOX_ACCEPTED, /* 2xx to RCPT TO */
	MAILBOX_REFUSED,  /* for good, and because of the mailbox */
	MAILBOX_UNKNOWN   /* could not tell: why */
};

/* Everything is borrowed. */
struct mailbox_how {
	struct world *world; /* resolver NULL: UNKNOWN */
	const char *ehlo;
	const _Atomic bool *cancel; /* or NULL */
	int cancel_fd;              /* -1: none */
	int host_ms;                /* for an exchanger; 0: 15 s */
};

struct mailbox_answer {
	enum mailbox_state state;
	char host[DNS_NAME_MAX + 1];    /* that spoke last, or "" */
	char reply[RELAY_TEXT_MAX + 1]; /* its refusal; foreign octets */
	struct err why;                 /* E_NONE: accepted */
};

/* Asks the best two exchangers of an address, one after the other, whether
 * they take mail for it: MX, EHLO, STARTTLS where it is offered, MAIL FROM:<>,
 * RCPT TO, RSET, QUIT; never DATA.  What does not parse is refused.  Blocks:
 * for a worker.  E_CANCELLED. */
int mailbox_ask(const struct mailbox_how *how, struct span address,
    struct mailbox_answer *out, struct err *err);

#endif
