/* The words of the filter language. */
#ifndef CORE_CONTACTS_FILTER_WORDS_H
#define CORE_CONTACTS_FILTER_WORDS_H

#include "core/contacts/filter.h"

/* What a folded name before a colon is about; FILTER_FIELD when it is none of
 * the language's own. */
enum filter_subject filter_subject_of(struct span name);

/* The value that a folded word is among those of "status" (enum filter_status),
 * "basis" (enum consent_basis) or "sent" (0: never); -1 when it is none. */
int filter_choice(const char *of, struct span word);

#endif
