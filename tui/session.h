/* What lives as long as one sitting of one user: who, the open store, the
 * delivery under way.  Screens reach it with app_session(); it is touched on
 * the screen thread only. */
#ifndef TUI_SESSION_H
#define TUI_SESSION_H

#include "core/access/access.h"
#include "core/base/world.h"
#include "core/deliver/deliver.h"
#include "core/store/store.h"
#include "tui/keys.h"

struct app;
struct away;
struct notify;
struct options;

/* What the demo shows on its sign-in screens; NULL in the product. */
struct demo_hints {
	const char *user, *password, *passphrase;
	const char *maildir; /* where the practice relay puts mail */
	const char *csv;     /* contacts to import */
	/* The newest test mail but back that the practice relay took (as
	 * practice_test_mail()); relay is its first argument. */
	bool (*test_mail)(struct practice *relay, size_t back, struct buf *out);
	struct practice *relay;
};

/* What a drill adds to the program; embedded as first member by the demo's
 * part that knows the drill. */
struct drill_seat {
	/* Opens its first screen over home, after the sign-in. */
	void (*begin)(struct drill_seat *seat, struct app *app);
	/* Does one of its actions, or ACT_QUIT: the user wants to leave. */
	void (*act)(
	    struct drill_seat *seat, struct app *app, enum action action);
	/* Adds what stands in the title bar. */
	void (*status)(struct drill_seat *seat, struct buf *out);
};

/* What the check of the audit log at the start has found. */
enum chain_state { CHAIN_UNKNOWN, CHAIN_WHOLE, CHAIN_BROKEN };

struct session {
	struct world *world;           /* borrowed */
	const struct options *options; /* borrowed */
	const struct demo_hints *demo; /* borrowed; NULL: no demo */
	struct drill_seat *drill;      /* borrowed; NULL: no drill */
	const char *program;           /* borrowed; for the PAM agent */
	char *dir;                     /* the store's folder */
	char *user;                    /* login name */
	char *origin;                  /* access_origin() */
	struct origin place;           /* by the terminal's login record */
	bool second_factor;            /* PAM has asked at least twice */
	enum store_kind kind;          /* of a store that is made */
	unsigned kdf_log2_n;           /* of a store that is made; 0: default */
	struct store *store;           /* NULL before the passphrase */
	struct run *run;               /* NULL: no delivery under way */
	struct campaign_id running;    /* of run */
	int64_t armed_ms;        /* wall clock: the next armed start; 0: none */
	bool firing;             /* it is being started */
	struct samples *samples; /* found last; NULL: none */
	struct notify *notify;   /* borrowed; NULL: no manager */
	struct away *away;       /* NULL before the passphrase */
	struct err away_fault;   /* E_NONE: others can reach us */
	struct doctor_watch *doctor;    /* NULL: it does not look by itself */
	struct alert_limit alert_tests; /* how often they may be sent */
	bool has_language;              /* the store has chosen one */
	struct login_history history;   /* of the user, from the store */
	enum chain_state chain;
	struct audit_seen log;  /* of CHAIN_WHOLE */
	struct err chain_fault; /* of CHAIN_BROKEN */
};

/* How a sitting opens its store. */
enum sitting_how {
	SITTING_CREATE,
	SITTING_OPEN,
	SITTING_OPEN_RESTORED, /* the user says that a backup was restored */
};

/* One opening of the store, on a worker: what goes in and what comes out. */
struct sitting {
	const char *dir, *user, *origin; /* borrowed */
	struct clock *clock;             /* borrowed */
	enum store_kind kind;
	unsigned kdf_log2_n;
	enum sitting_how how;
	struct origin place;
	bool second_factor;
	struct secret *passphrase; /* owned */
	struct store *store;       /* out; the taker's */
	struct login_history history;
	enum chain_state chain;
	struct audit_seen log;
	struct err chain_fault;
};

/* Opens the store, records the sign-in and moves the recorded ones into it,
 * logs "session.open" and checks the audit log.  A wrong passphrase is recorded
 * as a failed attempt, and only a right one ends the counting of failures.  Errors as store_open() and store_create(). */
int sitting_open(struct sitting *sitting, struct err *err);

/* Closes the store when it was not taken, wipes the passphrase. */
void sitting_done(struct sitting *sitting);

/* The store's folder that the options name, else the usual one; heap, the
 * caller frees it. */
char *session_folder(const struct options *options);

/* Fills in a session for user (NULL: the login name of this process) and the
 * folder that the options name; the caller ends it with session_end().  E_PAM_USER when the
 * uid has no name, E_FILE_OPEN when the store's folder cannot be made. */
int session_begin(struct session *session, struct world *world,
    const struct options *options, const char *user, struct err *err);

/* Takes what a sitting has opened over into the session. */
void session_take_store(struct session *session, struct sitting *sitting);

/* Takes over what a later check of the log has found: 0, or the fault. */
void session_take_check(struct session *session, const struct audit_seen *seen,
    const struct err *fault);

/* Ends the delivery's threads (its ledger stays as it is), logs
 * "session.close", seals the end of a log that was whole, closes the store and
 * frees everything. */
void session_end(struct session *session);

/* 0 when no delivery is under way that another one would have to end; else
 * E_RUN_ACTIVE. */
int session_may_deliver(const struct session *session, struct err *err);

/* The delivery under way belongs to the session from now on; ends one before
 * it.  Consumes *taken. */
void session_take_run(
    struct session *session, struct run **taken, struct campaign_id campaign);

#endif
