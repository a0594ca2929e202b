/* What a mapping makes of the first rows of a file, before anything is asked. */
#ifndef CORE_IMPORT_TRYOUT_H
#define CORE_IMPORT_TRYOUT_H

#include "core/contacts/contacts.h"
#include "core/import/repair.h"

struct import;
struct source;

struct import_tried {
	int64_t rows; /* looked at, at most IMPORT_SURVEYED; empty ones do not
		       * count */
	int64_t good, bad;
	int64_t known;    /* of good: on the list */
	int64_t bad_line; /* of the first bad one; 0: none */
};

/* Reads the first rows with the columns as they are mapped now and the repairs
 * that accept (may be NULL) allows, and asks who of them is on the list (0: a
 * new one, nobody).  Counts rows, not people.  E_ROLE (list.import),
 * E_IMPORT_NO_ADDRESS, E_IMPORT_MAPPING, errors of reading. */
int import_try(struct import *import, struct store *store, struct list_id list,
    const struct import_accept *accept, struct import_tried *out,
    struct err *err);

/* The file of an import; borrowed.  For this folder alone. */
const struct source *import_source(const struct import *import);

#endif
