/* How SQL finds the contacts that an entry of the stop list is about. */
#ifndef CORE_STORE_STOP_MATCH_H
#define CORE_STORE_STOP_MATCH_H

/* Whether contact x is the one whom the entry s names by its address: in any
 * case, as the entry's key has it (core/contacts/suppress.c).  Most addresses
 * have no capitals and are found by their index; contact_cased has the rest.
 * Erased people and whole domains are not found by this. */
#define STOP_IS_OF_X                                                           \
	"(x.canon = lower(s.address) OR (lower(x.canon) = lower(s.address)"    \
	" AND x.canon <> lower(x.canon)))"

#endif
