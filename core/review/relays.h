/* The relays a run may use: read, bound by the seal, asked whether they are
 * there. */
#ifndef CORE_REVIEW_RELAYS_H
#define CORE_REVIEW_RELAYS_H

#include "core/review/gate.h"

/* All enabled relays with their secrets, by id; ended with relays_free().
 * E_RELAY_MISSING when there is none. */
int relays_read(
    struct db *db, struct relay_config **out, size_t *count, struct err *err);

/* Wipes the secrets and frees; sets *relays to NULL. */
void relays_free(struct relay_config **relays, size_t *count);

/* SHA-256 over relay_digest() of each, in order. */
void relays_digest(
    const struct relay_config *relays, size_t count, struct digest *out);

/* The same over the enabled relays as they are stored now, without touching a
 * secret. */
int relays_digest_now(struct db *db, struct digest *out, struct err *err);

#endif
