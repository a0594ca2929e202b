/* Exports that a second person approves: what was asked for, what is signed,
 * whether it counts.  The approver signs a text that names scope, people,
 * columns, format, encryption, reason, requester and time; it is good once, for
 * export.minutes, and only while the text that this store would write again is
 * octet for octet the same and no more people are in it.  docs/export.md shows
 * one.  Included by export.h. */
#ifndef CORE_EXPORT_REQUEST_H
#define CORE_EXPORT_REQUEST_H

#include <sys/types.h>

#include "core/export/export.h"

/* Where an export stands.  Stored as numbers: never renumber. */
enum export_state {
	EXPORT_ASKED, /* a second person has not decided */
	EXPORT_APPROVED,
	EXPORT_REJECTED,
	EXPORT_MADE,      /* written, with a second person or without */
	EXPORT_WITHDRAWN, /* by who had asked */
	EXPORT_WRITING,   /* or was when the program ended: used up */
	EXPORT_FAILED,    /* nothing was written */
	EXPORT_STATES
};

enum {
	EXPORT_WAITS_MS = 24 * 60 * 60 * 1000, /* for a decision */
	EXPORT_SUBJECT_MAX = 24 * 1024,        /* octets */
	EXPORT_LISTED_MAX = 20
};

/* One export as the store has it; plain data. */
struct export_record {
	int64_t id;
	enum export_state state;
	bool is_over; /* asked or approved, and its time is up */
	enum export_scope scope;
	char what[300]; /* name of list and segment; "" of a person */
	int64_t people; /* asked for, or written */
	char asked_by[APPROVER_LOGIN_MAX + 1];
	int64_t asked_ms;
	char decided_by[APPROVER_LOGIN_MAX + 1]; /* "" : nobody */
	int64_t decided_ms, expires_ms;          /* 0: none */
	char
	    words[STATEMENT_WORDS_MAX + 1]; /* note, or reason of a rejection */
	int64_t made_ms, octets;            /* 0: not written */
	struct digest sha256;
};

/* Asks for a second person; *id is what they and export_write() name.  Another
 * open request of the same user is withdrawn.  Logged.  For a worker.  Errors of
 * export_check() and of the reason. */
int export_ask(struct store *store, const struct export_order *order,
    struct export_watch *watch, int64_t *id, struct err *err);

/* Takes back a request of one's own that waits or is approved.  Logged.  E_ROLE
 * (list.export), E_EXPORT_REQUEST (why: none, other, decided). */
int export_withdraw(struct store *store, int64_t id, struct err *err);

/* Reads one: 1, 0 when there is none, -1.  Names are as db shows them. */
int export_find(struct db *db, int64_t id, int64_t now_ms,
    struct export_record *out, struct err *err);

/* The newest exports and requests, the newest first; *out has *count, at most
 * room, the caller frees it.  Names are as db shows them. */
int export_all(struct db *db, int64_t now_ms, size_t room,
    struct export_record **out, size_t *count, struct err *err);

/* What was asked for, to go on with it: out is done first.  E_ROLE
 * (list.export), E_EXPORT_REQUEST (why: none, other). */
int export_order_read(
    struct store *store, int64_t id, struct export_order *out, struct err *err);

/* ---- The second person -------------------------------------------------- */

/* 0 when this person may decide: a row of their own with the role approver, a
 * confirmed key, and neither requester nor operator of this process, in name or
 * number; and the request is open.  E_APPROVAL_WHO, E_APPROVER_KEY,
 * E_EXPORT_REQUEST. */
int export_may(struct store *store, struct db *db, int64_t id,
    const char *login, uid_t uid, struct err *err);

/* Open requests, the oldest first: at most room of them, *count. */
int export_waiting(struct db *db, int64_t now_ms, struct export_record *out,
    size_t room, size_t *count, struct err *err);

/* Appends what there is to sign about a request, lines "name: value" with all
 * that matters; the screen shows it whole.  E_EXPORT_REQUEST (why: none). */
int export_subject(struct store *store, struct db *db, int64_t id,
    struct buf *out, struct err *err);

/* The value of a line of it ("people"), empty when there is none. */
struct span export_subject_line(struct span subject, const char *name);

/* Who signs; the spans are borrowed, without controls. */
struct export_signer {
	struct span login;
	int64_t uid;
	struct digest key;         /* fingerprint */
	struct span authenticated; /* statement_login_word() */
	struct span note;          /* may be empty */
	int64_t at_ms, expires_ms; /* at most export.minutes apart */
};

/* Appends the text that is signed: the subject and who signs. */
void export_statement(
    struct span subject, const struct export_signer *signer, struct buf *out);

/* What an approver hands in; borrowed. */
struct export_offer {
	int64_t id;
	const char *login; /* by the kernel's word, as uid */
	uid_t uid;
	struct span note, authenticated;
	int64_t at_ms, expires_ms;
	struct span statement;
	struct ed25519_signature signature;
};

/* Takes an approval.  Logged.  Errors of export_may(); E_EXPORT_CHANGED (what:
 * statement, clock), E_APPROVAL_SIGNATURE, E_APPROVAL_LATE, E_APPROVAL_STEPUP,
 * E_APPROVAL_REASON. */
int export_take(struct store *store, const struct export_offer *offer,
    int64_t now_ms, struct err *err);

/* Rejects, for a reason of at least STATEMENT_REASON_MIN characters.  Logged.
 * Of the offer id, login and uid are taken.  Errors of export_may();
 * E_APPROVAL_REASON. */
int export_reject(struct store *store, const struct export_offer *offer,
    struct span reason, int64_t now_ms, struct err *err);

/* Over the socket (core/review/visit.h) an approver's process
 *   asks    what=exports              each line "ID=what is exported"
 *           what=export, export=ID    "minutes=N", "wants=word" of the sign-in
 *                                     that policy wants, an empty line, and the
 *                                     subject
 *   says    approve: export, note, authenticated, at_ms, expires_ms,
 *           signature (hexadecimal), an empty line, the statement
 *           reject: export, reason */

#endif
