/* What an import left out and repaired, by kind, as it is kept with it. */
#ifndef CORE_IMPORT_TALLY_H
#define CORE_IMPORT_TALLY_H

#include "core/import/commit.h"
#include "core/import/rejects.h"

/* Writes the tallies of an import whose rows are stored, and what the log says
 * of them into commit->repairs. */
int tally_store(struct commit *commit, struct rejects *rejects,
    const struct import_findings *found, struct err *err);

#endif
