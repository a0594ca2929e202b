/* Reading those who are exported, one after the other. */
#ifndef CORE_EXPORT_PEOPLE_H
#define CORE_EXPORT_PEOPLE_H

#include "core/export/export.h"

/* Why somebody can be mailed or not, as the file says it. */
enum people_status {
	PEOPLE_ACTIVE,
	PEOPLE_NO_BASIS,
	PEOPLE_UNSUBSCRIBED,
	PEOPLE_BOUNCED, /* for good or for a time */
	PEOPLE_COMPLAINT,
	PEOPLE_BLOCKED, /* by hand, by domain, by an import */
	PEOPLE_STATUSES
};

/* The word for it, which an import reads back; static. */
const char *people_status_name(enum people_status status);

/* The word for a basis ("none", "consent" ...); static. */
const char *people_basis_name(enum consent_basis basis);

/* One of them; everything lives until the next. */
struct person_row {
	struct contact_id id;
	struct span address, canon, name, fields;
	enum people_status status;
	bool stopped;
	struct span tags;                 /* a cell */
	struct consent_evidence evidence; /* wording: see there */
	struct span wording;              /* name and version */
};

/* A reading. */
struct people;

/* Begins at the first member that an order means; db, order, filter (NULL: all)
 * and watch (may be NULL) are borrowed.  parts: what is wanted beside address
 * and status.  The caller ends it with people_close(). */
int people_open(struct store *store, struct db *db,
    const struct export_order *order, const struct filter *filter,
    unsigned parts, struct export_watch *watch, struct people **out,
    struct err *err);

/* The next one: 1, 0 behind the last, -1; E_CANCELLED. */
int people_next(struct people *people, struct person_row *out, struct err *err);

/* Frees it; accepts NULL, sets *people to NULL. */
void people_close(struct people **people);

#endif
