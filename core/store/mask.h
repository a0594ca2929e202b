/* Which columns hold personal data, and what stands in their place for who may
 * not see it.  Everything else of the schema is shown as it is: a test knows
 * each column and wants a decision about new ones. */
#ifndef CORE_STORE_MASK_H
#define CORE_STORE_MASK_H

#include "core/store/store.h"

enum mask_kind {
	MASK_ADDRESS, /* mask_address() */
	MASK_NAME,    /* mask_name() */
	MASK_FIELDS,  /* mask_fields() */
	MASK_TEXT,    /* mask_text() */
	MASK_HIDDEN,  /* "***" when there is something */
	MASK_BYTES,   /* no octets */
	MASK_KINDS
};

struct mask_column {
	const char *table, *column;
	enum mask_kind kind;
};

/* All of them, ended by a row with table NULL; those of a table stand
 * together.  Static. */
const struct mask_column *mask_columns(void);

/* True when a column holds personal data. */
bool mask_has(const char *table, const char *column);

/* Adds what is shown in place of a value. */
void mask_value(enum mask_kind kind, struct span value, struct buf *out);

#endif
