/* A fresh store in a folder of its own, cheap to open. */
#ifndef TESTS_FAKE_TEMPSTORE_H
#define TESTS_FAKE_TEMPSTORE_H

#include "core/store/store.h"

#define TEMPSTORE_PASSPHRASE "correct horse battery"

/* A new store of user "tester" in a new folder under $TMPDIR or /tmp; ends the
 * process with a message when that fails.  clock is borrowed. */
struct store *tempstore_open(struct clock *clock);

/* The same for a store that is sealed as a demo. */
struct store *tempstore_open_demo(struct clock *clock);

/* Opens a store of this kind that was closed; waits while a process that was
 * killed still lets go of it, ends this one with a message when it fails. */
struct store *tempstore_open_again(const char *dir, struct clock *clock);

/* Closes the store and opens it again from its files; the clock stays. */
void tempstore_reopen(struct store **store);

/* Closes the store and removes its folder; sets *store to NULL. */
void tempstore_close(struct store **store);

/* The store's user has exactly these roles from now on (enum person_role), as
 * if an administrator had said so; written past the checks of core. */
void tempstore_roles(struct store *store, unsigned roles);

/* The store's user is not registered any more, past the checks of core. */
void tempstore_forget_user(struct store *store);

/* The number in the first column of the first row of a query; ends the process
 * with a message when there is none. */
int64_t tempstore_number(struct store *store, const char *sql);

/* A new folder under $TMPDIR or /tmp; the caller ends it with
 * tempdir_remove(). */
char *tempdir_new(void);

/* Removes the folder and all in it, and frees the name; sets *dir to NULL. */
void tempdir_remove(char **dir);

#endif
