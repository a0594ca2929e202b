/* What is asked once for a whole file, and what came of it in numbers. */
#ifndef CORE_IMPORT_PLAN_H
#define CORE_IMPORT_PLAN_H

#include "core/contacts/contacts.h"
#include "core/import/column.h"
#include "core/import/repair.h"
#include "core/import/shift.h"

/* Which rows of the file count.  Stored as numbers: never renumber. */
enum import_mode {
	IMPORT_BOTH,   /* who is new joins, who is known is updated */
	IMPORT_NEW,    /* who is new joins, nobody who is known is changed */
	IMPORT_UPDATE, /* who is on the list is updated, nobody joins */
	IMPORT_REMOVE, /* who is on the list leaves it */
	IMPORT_MODES
};

/* Stable word of a mode ("both", "new", "update", "remove"); static. */
const char *import_mode_name(enum import_mode mode);

/* Which of two rows with one address counts.  Whichever it is, a row that stops
 * or says no counts against one that does not. */
enum import_wins { IMPORT_FIRST, IMPORT_LAST };

/* What becomes of a row that says no (IMPORT_STATE_REFUSED). */
enum import_no {
	IMPORT_NO_BARE,  /* stored without a basis: never mailed */
	IMPORT_NO_LEAVE, /* rejected: E_ROW_NOT_AGREED */
	IMPORT_NO_STOP,  /* on the stop list */
	IMPORT_NOS
};

/* For what those whom the file calls unsubscribed or blocked are stopped;
 * bounces and complaints always are for all lists. */
enum import_scope { IMPORT_STOP_ALL, IMPORT_STOP_LIST };

/* What is asked once for the whole file.  All zero but list and basis: who is
 * new joins, who is known is updated, the first row of an address counts. */
struct import_plan {
	struct list_id list;
	struct span new_list; /* name; with list 0: made in the same transaction
			       * (E_LIST_NAME) */
	enum consent_basis basis;
	int64_t basis_at_ms;    /* when it was given; 0 = not known */
	struct span basis_note; /* how: wording, form, place; must be there for
	                         * BASIS_CONSENT (else E_IMPORT_BASIS) */
	enum consent_how how;   /* in what way they agreed */
	int64_t wording;        /* id of the one agreed to (E_WORDING_MISSING);
				 * 0: not known */
	enum import_mode mode;
	enum import_wins wins;
	enum import_no no;
	enum import_scope scope;
	enum import_state state;     /* of rows that say none that is graver */
	struct import_accept accept; /* repairs of addresses */
	struct import_overrule overrule; /* of the guards in shift.h */
};

/* read = fresh + changed + same + duplicate + rejected + suppressed, always;
 * empty rows are not read.
 *
 * fresh       joins the list, which grows by as many (IMPORT_REMOVE: 0)
 * changed     was on it with other values, or without a basis (IMPORT_REMOVE:
 *             leaves it, which shrinks by as many)
 * same        was on it, nothing to do; with IMPORT_NEW everybody who was
 * duplicate   the address stood in another row that counts
 * rejected    cannot be read, or the plan leaves it out: see the reason
 * suppressed  is on the stop list, or the file puts it there: joins nothing
 *             and is not stored; who was a member stays one and is never mailed
 */
struct import_counts {
	int64_t read, fresh, changed, same, duplicate, rejected, suppressed;
	int64_t stopped; /* of suppressed: put on the stop list by this file */
	int64_t bare;    /* of fresh: without a basis, so never mailed */
	int64_t octets;  /* of the file, so far */
};

#endif
