/* The files of one message at a time: those for all as they are ready, those of
 * its recipient out of the store. */
#ifndef CORE_COMPOSE_CARRIER_H
#define CORE_COMPOSE_CARRIER_H

#include "core/compose/files.h"
#include "core/mail/mime.h"

struct carrier;

/* A carrier for a template's files; with sets among them it has a reader of its
 * own.  store and files are borrowed.  *out is NULL when there are none at all;
 * else the caller frees it. */
int carrier_new(struct store *store, const struct files *files,
    struct carrier **out, struct err *err);

/* Frees it; accepts NULL, sets *carrier to NULL. */
void carrier_free(struct carrier **carrier);

/* Takes the files of a recipient.  E_ATTACH_KEY, E_ATTACH_NONE: no mail goes
 * out without its file; E_ATTACH_DIGEST. */
int carrier_load(struct carrier *carrier, const struct attach_person *person,
    struct err *err);

/* Puts the parts into a tree and returns where mime_entity() is to note their
 * places; carrier may be NULL. */
size_t *carrier_tree(struct carrier *carrier, struct mime_tree *tree);

/* Hashes from..all.len of what mime_entity() has written, each file as the
 * SHA-256 of its part: equal when all octets are, and files for all are not
 * hashed again for every message.  carrier may be NULL. */
void carrier_hash(const struct carrier *carrier, struct crypt_hash *hash,
    struct span all, size_t from);

/* What the message carries; lives until the next carrier_load(). */
void carrier_show(const struct carrier *carrier, struct message *out);

#endif
