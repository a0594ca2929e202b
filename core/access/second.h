/* A second person is somebody else: in name and in number. */
#ifndef CORE_ACCESS_SECOND_H
#define CORE_ACCESS_SECOND_H

#include <sys/types.h>

#include "core/base/err.h"

struct db;
struct store;

/* 0 when the login is another one than other, and its number is not other's
 * either: two names of one person are one person.  E_APPROVAL_WHO (login; why:
 * this word, or uid). */
int second_differs(const char *login, uid_t uid, const char *other,
    const char *why, struct err *err);

/* 0 when somebody may approve at all: registered with a row of their own as an
 * approver, and not who holds the store or runs this process.
 * E_APPROVAL_WHO (login; why: role, operator, uid). */
int second_check(struct store *store, struct db *db, const char *login,
    uid_t uid, struct err *err);

#endif
