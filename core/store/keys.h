/* Where the keys of an open store come from. */
#ifndef CORE_STORE_KEYS_H
#define CORE_STORE_KEYS_H

#include "core/store/state.h"

/* Makes the page key and all sub-keys from store->master. */
void keys_derive(struct store *store);

/* Long enough for a passphrase?  E_PASSPHRASE_WEAK. */
int keys_check_passphrase(const struct secret *passphrase, struct err *err);

/* keyring_unlock() that says which file is damaged. */
int keys_unlock(const char *dir, const struct keyring *keyring,
    const struct secret *passphrase, struct secret **master, int *slot,
    struct err *err);

#endif
