/* Who may come in: PAM in a child process, our own lockout, the session. */
#ifndef CORE_ACCESS_ACCESS_H
#define CORE_ACCESS_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/access/admit.h"
#include "core/access/approver.h"
#include "core/access/role.h"
#include "core/access/second.h"
#include "core/access/signer.h"
#include "core/access/socket.h"
#include "core/access/statement.h"
#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/store/store.h"

struct pam_handle;
struct pam_conv;

/* How the agent starts PAM: pam_start() in the product, where dir is NULL;
 * demo and test programs name the folder of the service file.  0 or a PAM
 * code. */
typedef int pam_starter(const char *service, const char *user,
    const struct pam_conv *conv, const char *dir, struct pam_handle **out);

/* ---- The child --------------------------------------------------------- */

/* Who must own the service file. */
enum pam_trust {
	PAM_TRUST_ROOT,   /* the product */
	PAM_TRUST_CALLER, /* demo and tests: root or ourselves */
};

struct pam_agent {
	pam_starter *start;
	const char *dir;     /* of the service file; NULL: the system's */
	const char *service; /* "sekisho" */
	enum pam_trust trust;
	const char *user;
	const char *tty; /* for PAM_TTY; "" when not known */
};

/* Body of "sekisho pam-agent": one conversation over descriptors 3 (events up)
 * and 4 (answers down), then ends.  The service file is checked first: it must
 * exist, have the right owner and not be writable by others.  Returns the exit
 * status of the process. */
int pam_agent_run(const struct pam_agent *agent);

/* ---- The parent -------------------------------------------------------- */

/* What the agent asks or says. */
enum login_kind {
	LOGIN_PROMPT_SECRET, /* echo off */
	LOGIN_PROMPT_TEXT,   /* echo on */
	LOGIN_INFO,
	LOGIN_ERROR,
	LOGIN_DELAY,   /* a failure is told after delay_ms: show a countdown */
	LOGIN_GRANTED, /* last event */
	LOGIN_DENIED,  /* last event; err tells why */
};

enum { LOGIN_TEXT_MAX = 512 };

struct login_event {
	enum login_kind kind;
	char text[LOGIN_TEXT_MAX + 1]; /* foreign bytes */
	int64_t delay_ms;
	struct err err; /* LOGIN_DENIED: E_PAM_*, E_LOCKED_OUT */
};

/* One login under way. */
struct login;

/* Starts the agent (program, argv "pam-agent USER TTY") for a login name; user must be
 * the real uid's name in the product.  The caller ends it with login_free().
 * E_PAM_AGENT. */
int login_start(
    const char *program, const char *user, struct login **out, struct err *err);

/* Descriptor to poll for the next event. */
int login_fd(const struct login *login);

/* Reads the next event: 1 with *out filled, 0 when none is ready, -1 when the
 * agent died (E_PAM_AGENT).  Events may have come together: call it until it
 * gives 0 before polling. */
int login_next(struct login *login, struct login_event *out, struct err *err);

/* Answers the last prompt. */
int login_answer(
    struct login *login, const struct secret *answer, struct err *err);

/* Turns a login whose last event was LOGIN_GRANTED, of the store's user, into a
 * grant for a step (core/store/stepup.h), once; logged as "stepup.granted".
 * What PAM asks is PAM's to decide: a policy that wants a second factor is kept
 * when it has asked at least twice.  E_STEPUP (step), E_STEPUP_FACTORS, which is
 * logged. */
int login_step_up(struct login *login, struct store *store, enum stepup step,
    struct err *err);

/* Logs "stepup.refused": why is "denied", "factors" or "cancelled". */
int login_step_refused(
    struct store *store, enum stepup step, const char *why, struct err *err);

/* Ends the agent if it still runs; accepts NULL, sets *login to NULL. */
void login_free(struct login **login);

/* ---- Lockout ----------------------------------------------------------- */

/* The store is opened after the PAM login, so attempts are first kept in a
 * small file beside it and moved into the store and its audit log once it is
 * open.  A wrong store passphrase counts as an attempt too. */

/* Seconds until user may try again; 0 = now.  dir is the store's folder. */
int64_t lockout_wait_s(const char *dir, const char *user, int64_t now_ms);

/* Attempts left before a pause. */
int lockout_left(const char *dir, const char *user, int64_t now_ms);

enum login_result { LOGIN_FAILED, LOGIN_OK };

/* Records an attempt; durable when it returns. */
int lockout_record(const char *dir, const char *user, const char *origin,
    enum login_result result, int64_t now_ms, struct err *err);

/* Moves recorded attempts into the open store and logs each.  Failures keep
 * counting until their window is over. */
int lockout_transfer(struct store *store, struct err *err);

/* Last successful login of a user before this one, failures since; 0 = none. */
struct login_history {
	int64_t last_ms;
	char last_origin[128];
	int64_t failures_since;
};

/* Reads the history of user from the store. */
int login_history(struct db *db, const char *user, struct login_history *out,
    struct err *err);

/* Login name of the real uid from the password database; heap, the caller
 * frees it.  NULL when the uid has no name. */
char *access_user(void);

/* Where the user comes from: terminal and SSH client address (a hint), in
 * printable ASCII; heap, the caller frees it. */
char *access_origin(void);

#endif
