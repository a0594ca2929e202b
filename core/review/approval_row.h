/* The rows of the table of approvals, and which lines of the checklist somebody
 * has asked to override. */
#ifndef CORE_REVIEW_APPROVAL_ROW_H
#define CORE_REVIEW_APPROVAL_ROW_H

#include "core/review/approval.h"

enum { APPROVAL_LOOK_MAX = 64 }; /* sealed campaigns looked at for one list */

/* One decision; the buffers are its own.  Start from APPROVAL_ROW_INIT. */
struct approval_row {
	struct digest manifest;
	enum approval_verdict verdict;
	char login[APPROVER_LOGIN_MAX + 1];
	uid_t uid;
	int64_t at_ms, expires_ms;
	enum statement_login shown; /* how they have shown who they are */
	struct buf words;           /* note or reason */
	struct buf reasons;         /* a line for each override */
	struct buf statement;
	struct ed25519_signature signature;
};
#define APPROVAL_ROW_INIT                                                      \
	((struct approval_row){                                                \
	    .words = BUF_INIT, .reasons = BUF_INIT, .statement = BUF_INIT})

/* Frees what it holds; may be done twice. */
void approval_row_done(struct approval_row *row);

/* The newest decision about a campaign, by its own time: 1, 0 when there is
 * none, -1. */
int approval_row_last(struct db *db, struct campaign_id campaign,
    struct approval_row *out, struct err *err);

/* 1 when the same statement or signature was taken before, 0, -1. */
int approval_row_is_known(
    struct db *db, const struct approval_row *row, struct err *err);

/* Adds and logs one, in the caller's transaction. */
int approval_row_add(struct store *store, struct db *db,
    struct campaign_id campaign, const struct approval_row *row,
    const struct ed25519_public *key, struct err *err);

/* How often somebody has typed a wrong code to approve what is sealed now; a
 * new seal begins anew. */
int approval_misses(struct db *db, struct campaign_id campaign,
    const char *login, int *out, struct err *err);

/* One more, logged, in the caller's transaction. */
int approval_miss_add(struct store *store, struct db *db,
    struct campaign_id campaign, const char *login, int64_t now_ms,
    struct err *err);

/* The lines that the operator has asked to override, in the order of their
 * ids; out (of STATEMENT_OVERRIDES_MAX) and arena may be NULL for the number
 * alone.  E_APPROVAL_OPEN when there are more. */
int approval_overrides(struct db *db, struct campaign_id campaign,
    struct arena *arena, struct statement_override *out, size_t *count,
    struct err *err);

#endif
