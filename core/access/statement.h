/* What all texts that a second person signs have in common: how that person has
 * shown who they are, how times are written, and which words may stand in
 * them. */
#ifndef CORE_ACCESS_STATEMENT_H
#define CORE_ACCESS_STATEMENT_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/store/store.h"

enum {
	STATEMENT_REASON_MIN = 10, /* characters of a reason */
	STATEMENT_WORDS_MAX = 500  /* octets of a reason or note */
};

/* How the approver has shown who they are, weakest first.  Stored as numbers:
 * never renumber. */
enum statement_login {
	STATEMENT_SESSION,    /* signed in to the host, no more */
	STATEMENT_PAM,        /* by PAM when they came */
	STATEMENT_PAM_AGAIN,  /* and again right before signing */
	STATEMENT_PAM_SECOND, /* with two factors then */
	STATEMENT_LOGINS
};

/* How a statement says it, and back; what is no such word is the weakest. */
struct span statement_login_word(enum statement_login login);
enum statement_login statement_login_of(struct span word);

/* How an approver must at least have signed in (stepup.approve). */
int statement_login_wanted(
    struct db *db, enum statement_login *out, struct err *err);

/* 0 when an approver has shown enough of who they are for what policy wants
 * now.  E_APPROVAL_STEPUP (login; why: again, second). */
int statement_login_check(struct db *db, enum statement_login shown,
    const char *login, struct err *err);

/* Appends a time as the statement has it: "2026-11-22 06:00 UTC". */
void statement_time(int64_t ms, struct buf *out);

/* 0 when words may be signed: min to STATEMENT_WORDS_MAX octets, UTF-8, without
 * controls; min counts characters.  E_APPROVAL_REASON (why, min). */
int statement_words(struct span words, size_t min, struct err *err);

#endif
