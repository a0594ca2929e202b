/* Whose keys may sign approvals: asked for by their owner over the socket,
 * confirmed by an administrator who was told the fingerprint by the owner. */
#ifndef CORE_ACCESS_APPROVER_H
#define CORE_ACCESS_APPROVER_H

#include <sys/types.h>

#include "core/access/signer.h"
#include "core/store/store.h"

/* Stored as numbers: never renumber. */
enum approver_state {
	APPROVER_ASKED,     /* nobody has decided */
	APPROVER_CONFIRMED, /* may sign */
	APPROVER_REFUSED,
	APPROVER_REVOKED,
	APPROVER_STATES
};

enum {
	APPROVER_LOGIN_MAX = 64, /* octets */
	APPROVER_ASKED_MAX = 20, /* open requests */
	APPROVER_DIGITS = 8      /* of the fingerprint's end, to be typed */
};

/* One key; plain data. */
struct approver_key {
	int64_t id;
	char login[APPROVER_LOGIN_MAX + 1];
	uid_t uid;
	struct ed25519_public key;
	enum approver_state state;
	int64_t asked_ms, decided_ms; /* 0: not yet */
	char decided_by[APPROVER_LOGIN_MAX + 1];
	bool altered; /* the row was not written by this program */
};

/* Takes a request down; one that is open for the same login is replaced.  uid
 * and login are the kernel's word.  Logged.  E_APPROVER_KEY (why: taken,
 * many). */
int approver_ask(struct store *store, const char *login, uid_t uid,
    const struct ed25519_public *key, struct err *err);

/* Confirms a request; digits are the last eight of the fingerprint, as its
 * owner has read them out.  An older key of the login is revoked.  Logged.
 * Whether the user may is for the caller to say.  E_APPROVER_KEY (why: none,
 * digits, altered). */
int approver_confirm(
    struct store *store, int64_t id, struct span digits, struct err *err);

/* Refuses a request or revokes a confirmed key.  Logged.  E_APPROVER_KEY (why:
 * none). */
int approver_revoke(struct store *store, int64_t id, struct err *err);

/* The confirmed key of a login whose owner has this uid.  E_APPROVER_KEY
 * (login, why: none, asked, altered). */
int approver_find(struct store *store, struct db *db, const char *login,
    uid_t uid, struct approver_key *out, struct err *err);

/* All keys, requests first, then the newest; *out has *count, the caller frees
 * it. */
int approver_all(struct store *store, struct db *db, struct approver_key **out,
    size_t *count, struct err *err);

/* Stable word of a state ("confirmed"); static. */
const char *approver_state_name(enum approver_state state);

#endif
