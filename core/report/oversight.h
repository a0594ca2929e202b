/* Reviews by people: of the log, and of who may do what.  A review is a signed
 * statement that is kept and never changed; when the next one is due is asked
 * of the last.  The reviewer signs in again (PAM) and the statement is signed
 * with the store's key, so that stock openssl verifies it.  Part of report.h. */
#ifndef CORE_REPORT_OVERSIGHT_H
#define CORE_REPORT_OVERSIGHT_H

#include "core/access/access.h"
#include "core/report/anomaly.h"
#include "core/store/store.h"

/* Stored as numbers: never renumber. */
enum oversight_kind { OVERSIGHT_LOG, OVERSIGHT_ACCESS, OVERSIGHT_KINDS };

enum { REMARK_MAX = 300 }; /* octets */

/* When a review was signed last, and when the next one is due. */
struct oversight_due {
	int64_t last_ms; /* 0: never signed */
	char by[65];
	int64_t to;     /* last entry it covers; 0: none */
	int64_t due_ms; /* 0: never due */
	bool overdue;
};

/* Without a review so far it is due by the age of the log. */
int oversight_due(struct db *db, enum oversight_kind kind, int64_t now_ms,
    struct oversight_due *out, struct err *err);

/* 0 when who has opened the store may sign: for the log an auditor or an
 * administrator, for the people an administrator.  E_ROLE. */
int oversight_may(struct store *store, struct db *db, enum oversight_kind kind,
    struct err *err);

/* A review of the log: what was found, and what the reviewer says about it. */
struct log_review {
	const struct anomalies *found;
	const char *const *remark; /* for each item; NULL or "": none */
	const char *remark_all;    /* for items without one; NULL or "": none */
};

/* True when an item is about the reviewer, whose own remark it then needs:
 * remark_all does not cover it. */
bool oversight_is_own(const struct store *store, const struct anomaly *item);

/* Signs, keeps and logs ("review.log").  authenticated says how the reviewer
 * proved who they are ("pam").  E_ROLE; E_OVERSIGHT (why: remark, head). */
int oversight_sign_log(struct store *store, const struct log_review *review,
    const char *authenticated, struct err *err);

/* One person as an access review shows them; plain data. */
struct access_row {
	struct person person;
	int64_t last_ms; /* last sign-in; 0: none */
	int64_t keys;    /* confirmed keys for approvals */
};

/* All people; *out is the caller's to free(). */
int oversight_people(
    struct db *db, struct access_row **out, size_t *count, struct err *err);

/* Signs, keeps and logs ("review.access") that these people and roles are
 * right; remark may be empty.  They are read again: E_OVERSIGHT (why: people)
 * when they are not those in rows any more, or nobody is registered. */
int oversight_sign_access(struct store *store, const struct access_row *rows,
    size_t count, const char *remark, const char *authenticated,
    struct err *err);

/* The statement and signature (base64) of the last review of a kind: 1, 0 when
 * there is none, -1. */
int oversight_last(struct db *db, enum oversight_kind kind,
    struct buf *statement, struct buf *signature, struct err *err);

#endif
