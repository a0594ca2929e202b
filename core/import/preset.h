/* Mappings that are kept: what a source delivers every month is mapped once. */
#ifndef CORE_IMPORT_PRESET_H
#define CORE_IMPORT_PRESET_H

#include "core/import/column.h"
#include "core/store/store.h"

enum { IMPORT_PRESET_NAME_MAX = 64 }; /* characters */

struct import_preset {
	int64_t id;
	char name[257];
	int64_t changed_ms;
	char by[64];
};

/* Keeps the mapping of these columns under a name, in place of one that had
 * it: targets, fields, orders, senses and codes by header, and of the values
 * of states only those whose meaning the operator has changed.  Logged.
 * E_ROLE, E_PRESET_NAME (why: empty, long, control). */
int import_preset_save(struct store *store, struct span name,
    const struct import_column *column, size_t count, struct err *err);

/* Forgets one.  Logged.  E_ROLE, E_PRESET_MISSING. */
int import_preset_delete(struct store *store, int64_t id, struct err *err);

/* All by name; *out has *count, the caller frees it. */
int import_preset_all(
    struct db *db, struct import_preset **out, size_t *count, struct err *err);

/* The one kept last for a file with the same headers in any order and
 * spelling: 1 with *out, 0 when there is none or the file has no headers, -1. */
int import_preset_find(struct db *db, const struct import_column *column,
    size_t count, struct import_preset *out, struct err *err);

/* Maps columns as it says; those that it does not know are left out.
 * E_PRESET_MISSING; E_PRESET_COLUMN (column) when the file lacks a column that
 * it takes, and then nothing is changed. */
int import_preset_apply(struct db *db, int64_t id, struct import_column *column,
    size_t count, struct err *err);

#endif
