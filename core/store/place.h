/* The folder of a store and the lock on it. */
#ifndef CORE_STORE_PLACE_H
#define CORE_STORE_PLACE_H

#include "core/base/err.h"

/* DIR/NAME; the caller frees it with free(). */
char *place_path(const char *dir, const char *name);

/* A folder that only its owner, or a group where it is marked as shared, can
 * read.  E_STORE_DIR, E_STORE_MODE. */
int place_check(const char *dir, struct err *err);

/* Takes the lock that this process keeps until it closes *out, and notes pid
 * and user in it.  E_STORE_IN_USE, E_STORE_DIR. */
int place_lock(const char *dir, const char *user, int *out, struct err *err);

/* Removes the files of a store that was never completed. */
void place_clear(const char *dir);

#endif
