/* What a reading of a file finds out about its addresses (repair.h). */
#ifndef CORE_IMPORT_FINDINGS_H
#define CORE_IMPORT_FINDINGS_H

#include "core/import/row.h"
#include "core/import/seen.h"

struct findings;

/* Nothing found yet.  accept is borrowed; the caller ends it with
 * findings_free(). */
struct findings *findings_new(const struct import_accept *accept);

enum findings_row { FINDINGS_REJECTED, FINDINGS_TAKEN };

/* Looks at a row that row_person() has read.  Of one that was taken the domain
 * is corrected in person->address when the plan accepts that pair; the new
 * address lives in the arena. */
void findings_person(struct findings *findings, enum findings_row how,
    struct csv_person *person, struct arena *arena);

/* Looks for twins of an address that is in the file for the first time; seen
 * holds the canonical forms of all before it, and this one. */
void findings_twin(struct findings *findings, struct seen *seen,
    const struct csv_person *person);

/* Writes what was found; the most frequent slips first. */
void findings_tell(
    const struct findings *findings, struct import_findings *out);

/* The i-th of the first IMPORT_REPAIRED_KEPT rows that were taken otherwise
 * than they are written, NULL past the end; lives as long as findings. */
const struct import_repaired *findings_repaired(
    const struct findings *findings, size_t i);

/* Frees it; accepts NULL, sets *findings to NULL. */
void findings_free(struct findings **findings);

#endif
