/* Rows moved by statements that have one or two numbers in common; for the
 * files of this folder alone. */
#ifndef CORE_CONTACTS_ROWS_H
#define CORE_CONTACTS_ROWS_H

#include "core/store/store.h"

/* Runs a statement with ?1 = a and, when it has it, ?2 = b. */
int rows_run(
    struct db *db, const char *sql, int64_t a, int64_t b, struct err *err);

/* Runs those of a table that ends with NULL, in their order. */
int rows_run_all(struct db *db, const char *const *sql, int64_t a, int64_t b,
    struct err *err);

/* The number in the first column of the first row, 0 without one: 0, or -1. */
int rows_number(struct db *db, const char *sql, int64_t a, int64_t b,
    int64_t *out, struct err *err);

/* 0 when the store's user sees personal data as they are, else E_ROLE
 * (personal.view).  db is any connection. */
int rows_unmasked(struct store *store, struct db *db, struct err *err);

/* Before contacts come back with their ids: forgets what keeps the last one,
 * until contact_last_keep(). */
int contact_last_free(struct db *db, struct err *err);

#endif
