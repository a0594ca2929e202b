/* Hashes that are too many for memory, in the store's sealed scratch file.  For
 * seen.c alone. */
#ifndef CORE_IMPORT_SHELF_H
#define CORE_IMPORT_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

struct shelf;
struct store;

/* An empty shelf; the caller ends *out with shelf_free(). */
int shelf_new(struct store *store, struct shelf **out, struct err *err);

/* Puts hashes there that are not yet; their lowest bits (SEEN_NOTES) are notes.
 * Sorts them. */
int shelf_add(
    struct shelf *shelf, uint64_t *hash, size_t count, struct err *err);

/* 1 with hash and its note in *found, 0 when it is not there, -1. */
int shelf_find(
    struct shelf *shelf, uint64_t hash, uint64_t *found, struct err *err);

/* Changes the note of a hash that is there. */
int shelf_note(struct shelf *shelf, uint64_t hash, struct err *err);

/* Frees it, and the file is gone; accepts NULL, sets *shelf to NULL. */
void shelf_free(struct shelf **shelf);

#endif
