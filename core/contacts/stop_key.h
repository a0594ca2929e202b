/* What the files of the stop list share. */
#ifndef CORE_CONTACTS_STOP_KEY_H
#define CORE_CONTACTS_STOP_KEY_H

#include "core/contacts/suppression.h"

enum {
	STOP_CANON_MAX = 320, /* octets of a canonical address */
	STOP_KEY_SHOWN = 6    /* octets of a key that the log has */
};

enum stop_what { STOP_ADDRESS, STOP_DOMAIN };

/* "@domain" of a canonical address; empty when there is none. */
struct span stop_domain(struct span canon);

/* Writes canon (at most STOP_CANON_MAX octets) in lower case; true when that
 * changed it. */
bool stop_fold(struct span canon, char out[STOP_CANON_MAX]);

/* 1 when the key has an entry for list or for all that has not ended. */
int stop_find(struct db *db, const struct digest *key, struct list_id list,
    int64_t now_ms, struct err *err);

/* Reads an address or "*@domain" in any spelling: what its key is made of, in
 * arena.  E_ADDRESS_*. */
int stop_read(struct span text, struct arena *arena, struct span *canon,
    enum stop_what *what, struct err *err);

/* Logs something about an entry without its address. */
int stop_audit(struct store *store, struct db *db, const char *what,
    const struct suppress_id *id, struct span facts, struct err *err);

#endif
