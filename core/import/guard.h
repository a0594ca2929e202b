/* Watching a file for columns that have moved (shift.h), while its people are
 * looked up anyway. */
#ifndef CORE_IMPORT_GUARD_H
#define CORE_IMPORT_GUARD_H

#include "core/import/row.h"

struct commit;
struct guard;

/* A guard over the columns of mapping, which it borrows; the caller ends it
 * with guard_free().  Its memory does not depend on the file. */
struct guard *guard_new(const struct mapping *mapping);

/* Every row that is not empty, before anything else is said of it: so long as a
 * column does nothing but number the rows (1, 2, 3 ..., from 1 again at will) it
 * says nothing of the people in them, whose numbers change with every row that
 * is put in or taken out above them. */
void guard_count(struct guard *guard, const struct csv_row *row);

enum guard_values { GUARD_DIFFERENT, GUARD_SAME };

/* What the store holds of the person whose row comes next, when it knows the
 * address: name and fields (a JSON object) as they were before this import.
 * With GUARD_SAME the row is known to say just that, and they are not read. */
void guard_known(struct guard *guard, enum guard_values how, struct span name,
    struct span fields);

/* The next row that counts. */
void guard_row(struct guard *guard, const struct csv_person *person);

/* A row that was rejected, and why. */
void guard_rejected(
    struct guard *guard, const struct csv_row *row, enum err_code why);

/* Says what was seen; once, behind the last row. */
void guard_tell(struct guard *guard, struct import_shift *out);

/* 0 when nothing was seen or overrule says to go on; else E_IMPORT_SHIFTED or
 * E_IMPORT_SORTED. */
int guard_stops(const struct mapping *mapping, const struct import_shift *seen,
    const struct import_overrule *overrule, struct err *err);

/* Logs that a guard was overruled, and why, inside the import's transaction;
 * nothing when none was. */
int guard_log(const struct commit *commit, const struct import_shift *seen,
    struct err *err);

/* E_IMPORT_OVERRULE when a guard is overruled without a reason of
 * IMPORT_REASON_MIN to IMPORT_REASON_MAX characters on one line. */
int guard_check_overrule(
    const struct import_overrule *overrule, struct err *err);

/* Frees it; accepts NULL, sets *guard to NULL. */
void guard_free(struct guard **guard);

#endif
