/* Everything that is known of one person, for that person: a table of another
 * form than that of lists. */
#ifndef CORE_EXPORT_ABOUT_H
#define CORE_EXPORT_ABOUT_H

#include "core/export/sheet.h"

/* Names the columns to a sheet. */
void about_name(struct sheet *sheet);

/* Writes the rows: the record, its lists with evidence, what was kept of
 * evidence before, and the timeline; mark stands in each.  The number of rows,
 * or -1.  E_CONTACT_MISSING. */
int64_t about_write(struct store *store, struct db *db,
    struct contact_id contact, struct sheet *sheet, struct span mark,
    struct err *err);

#endif
