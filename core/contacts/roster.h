/* The members of a long list in memory, for filters that must answer at once:
 * what the store decrypts in a second is here as folded text.  For what is
 * looked at on the screen; whom a campaign goes to is asked of the store. */
#ifndef CORE_CONTACTS_ROSTER_H
#define CORE_CONTACTS_ROSTER_H

#include <stdatomic.h>

#include "core/contacts/filter.h"

/* Below that many members the store is fast enough. */
enum { ROSTER_FROM = 20000 };

struct roster;

/* Reads the members of a list; takes about a second and 150 MB a million, both
 * given back by roster_drop(), wiped and never part of a core dump.  db masks:
 * neither names nor fields are kept.  *out is NULL without an error for a list
 * that is too large (ROSTER_MAX octets) or has thousands of different fields.
 * E_CANCELLED soon after *stop becomes true (stop may be NULL). */
int roster_load(struct store *store, struct db *db, struct list_id list,
    const atomic_bool *stop, struct roster **out, struct err *err);

enum { ROSTER_MAX = 768 * 1024 * 1024 };

/* Another holder of the same roster.  Any thread. */
struct roster *roster_hold(struct roster *roster);

/* Gives a hold back, the last one frees; accepts NULL, sets *roster to NULL. */
void roster_drop(struct roster **roster);

/* How much memory it takes, in octets. */
size_t roster_octets(const struct roster *roster);

/* False when contacts or members have changed since it was read: then it finds
 * whom it would have found before. */
bool roster_is_current(struct store *store, const struct roster *roster);

/* What contact_ids() finds, of the roster's list; db is asked for tags, other
 * lists, mails and the stop list.  Any thread. */
int64_t roster_ids(struct roster *roster, struct db *db,
    const struct filter *filter, struct contact_id from,
    const atomic_bool *stop, struct contact_id *out, size_t room,
    struct err *err);

#endif
