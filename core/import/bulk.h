/* People whom an import makes, stored many at a time.  For commit.c and
 * person.c alone. */
#ifndef CORE_IMPORT_BULK_H
#define CORE_IMPORT_BULK_H

#include "core/import/known.h"

struct bulk;

/* Whether what is to come is worth it: rows that may be new to a store that has
 * that many contacts. */
bool bulk_pays(const struct commit *commit, int64_t rows, int64_t contacts);

/* Begins: from here on until bulk_end() the writer knows no address.  The caller
 * ends *out with bulk_free(). */
int bulk_begin(struct commit *commit, struct bulk **out, struct err *err);

/* The connection that knows who was there before. */
struct db *bulk_before(struct bulk *bulk);

/* Takes somebody new; person must live until bulk_flush(). */
void bulk_add(struct bulk *bulk, const struct csv_person *person,
    enum consent_basis basis);

/* Stores those that were taken, with their tags; at most BULK_ROWS. */
enum { BULK_ROWS = 512 };
int bulk_flush(struct bulk *bulk, struct err *err);

/* Behind the last row: addresses are known again.  E_CANCELLED. */
int bulk_end(struct bulk *bulk, struct err *err);

/* Frees it; accepts NULL, sets *bulk to NULL. */
void bulk_free(struct bulk **bulk);

#endif
