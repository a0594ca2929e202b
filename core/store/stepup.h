/* Signing in once more before a step ("step-up"): what policy wants before it,
 * and the grant that having done so gives.  Included by store.h. */
#ifndef CORE_STORE_STEPUP_H
#define CORE_STORE_STEPUP_H

#include "core/store/store.h"

/* What is asked for before. */
enum stepup {
	STEPUP_LAUNCH,  /* stepup.launch: a clearance, an arming */
	STEPUP_APPROVE, /* stepup.approve: an approver signs */
	STEPUP_POLICY,  /* stepup.policy: rules, people, approvers' keys */
	STEPUP_SETUP,   /* stepup.setup: relays, keys, sign-in, alerts */
	STEPUP_EXPORT,  /* stepup.export: a file with personal data */
	STEPUP_UNMASK,  /* stepup.unmask: a masked record */
	STEPUP_REVIEW,  /* a signature under a review: always */
	STEPUP_COUNT
};

enum stepup_level { STEPUP_NEVER, STEPUP_PASSWORD, STEPUP_SECOND };

/* A grant is good for one step within this time. */
enum { STEPUP_GRANT_MS = 3 * 60 * 1000 };

/* "launch", as in the log; static string. */
const char *stepup_name(enum stepup step);

/* What policy wants before a step. */
int stepup_read(
    struct db *db, enum stepup step, enum stepup_level *out, struct err *err);

/* The step that a setting belongs to, or STEPUP_COUNT: no setting of ours asks
 * before anybody changes it. */
enum stepup stepup_of_setting(struct span name);

/* Notes that the store's user has just proved who they are: core/access alone
 * calls it, at the end of a conversation with PAM. */
void stepup_grant(struct store *store, enum stepup step);

/* Takes back every grant that was not used: who comes back to the seat may be
 * somebody else. */
void stepup_withdraw(struct store *store);

/* 0 when policy never asks, or with a grant, which is used up by it; inside a
 * transaction of the store (db) it holds until that ends.  Who makes a store
 * sets it up: in that sitting STEPUP_POLICY and STEPUP_SETUP ask nothing.  db
 * may be NULL.  E_STEPUP (step). */
int stepup_require(
    struct store *store, struct db *db, enum stepup step, struct err *err);

#endif
