/* The table of exports: what was asked for, decided and written. */
#ifndef CORE_EXPORT_RECORD_H
#define CORE_EXPORT_RECORD_H

#include "core/export/text.h"

/* One row whole.  Start from RECORD_INIT, ended with exported_done(). */
struct record {
	int64_t id;
	enum export_state state;
	struct export_order order;
	struct buf what;
	int64_t people;
	bool alone;
	char asked_by[APPROVER_LOGIN_MAX + 1];
	int64_t asked_uid, asked_ms;
	char decided_by[APPROVER_LOGIN_MAX + 1];
	int64_t decided_uid, decided_ms, expires_ms;
	struct buf words, statement;
	enum statement_login shown;
	struct ed25519_signature signature;
};
#define RECORD_INIT                                                            \
	((struct record){.order = EXPORT_ORDER_INIT,                           \
	    .what = BUF_INIT,                                                  \
	    .words = BUF_INIT,                                                 \
	    .statement = BUF_INIT})

/* Frees what it holds; may be done twice. */
void exported_done(struct record *record);

/* Adds a row for the store's user, inside the caller's transaction; its state,
 * people and alone are taken, *id is new. */
int exported_add(struct store *store, struct db *db, const struct scope *scope,
    const struct record *record, int64_t *id, struct err *err);

/* Reads one: 0, E_EXPORT_REQUEST (id, why: none), other errors. */
int exported_read(
    struct db *db, int64_t id, struct record *out, struct err *err);

/* Moves a row from one state to another, inside the caller's transaction.
 * E_EXPORT_REQUEST (id, why) when it is in another one. */
int exported_move(struct db *db, int64_t id, enum export_state from,
    enum export_state to, struct err *err);

/* Writes down a decision with its state, words, statement, signature and times,
 * inside the caller's transaction. */
int exported_decide(
    struct db *db, const struct record *record, struct err *err);

/* Writes down what was made, inside the caller's transaction. */
int exported_made(struct db *db, const struct export_made *made, int64_t now_ms,
    struct err *err);

/* E_EXPORT_REQUEST (id, why). */
int exported_refuse(int64_t id, const char *why, struct err *err);

/* Why a state cannot be used, as such a word; static. */
const char *exported_why(enum export_state state);

/* Logs something about an export, inside the caller's transaction. */
int exported_log(struct store *store, struct db *db, const char *what,
    int64_t id, struct span facts, struct err *err);

#endif
