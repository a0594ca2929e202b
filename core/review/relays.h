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

/* TS-01: the way to every relay is verified. */
void relays_check_level(struct review *review, const struct inputs *inputs);

/* TS-03: mail that goes without a relay is something to be said in words, and
 * needs a name for ourselves. */
int relays_check_direct(
    struct review *review, const struct inputs *inputs, struct err *err);

/* TS-02: every relay answers now and takes our mail; the first that does not is
 * named.  CM-09: the largest message (octets) fits through each.  Blocks up to
 * half a minute; E_CANCELLED. */
int relays_probe(struct review *review, const struct inputs *inputs,
    int64_t octets, struct err *err);

#endif
