/* S/MIME in a template and in an assembler. */
#ifndef CORE_COMPOSE_SECURED_H
#define CORE_COMPOSE_SECURED_H

#include "core/compose/compose.h"

/* ---- smimekeys.c -------------------------------------------------------- */

/* Reads an identity with its key; ended with smime_identity_done().
 * E_SMIME_IDENTITY (why: missing). */
int smime_identity_load(
    struct db *db, int64_t id, struct smime_identity *out, struct err *err);

/* ---- secured.c: what a template knows ------------------------------------ */

/* One recipient's certificate. */
struct secured_certificate {
	struct span address; /* as stored in contact.address */
	struct span der;
	struct digest fingerprint;
	int64_t from_ms, to_ms;
};

/* What a campaign wants of S/MIME; zero: nothing.  Lives in the template's
 * arena. */
struct secured_plan {
	int64_t identity;       /* 0: not signed */
	struct digest signer;   /* fingerprint of its certificate */
	size_t identity_octets; /* of certificate and chain */
	enum campaign_encrypt encrypt;
	struct secured_certificate *certificate; /* by address, then the one
						  * that lasts longest */
	size_t certificate_count;
};

/* Reads the plan: the identity's certificate, and those of the members of the
 * list where the campaign encrypts.  E_SMIME_IDENTITY (why: missing). */
int secured_plan_read(struct db *db, const struct campaign *campaign,
    struct arena *arena, struct secured_plan *out, struct err *err);

/* ---- secured.c: what an assembler does ----------------------------------- */

/* One thread's signer and buffers; caller's storage, zero-initialised, ended
 * with secured_done(). */
struct secured {
	const struct secured_plan *plan;             /* borrowed */
	struct smime_signer *signer;                 /* NULL: not signing */
	const struct secured_certificate *recipient; /* of this message */
	struct buf inner, outer;
};

/* Reads the key, if the plan signs.  E_SMIME_IDENTITY (why: missing,
 * changed). */
int secured_begin(struct secured *secured, const struct secured_plan *plan,
    struct db *db, struct err *err);

/* Frees it. */
void secured_done(struct secured *secured);

/* Chooses the certificate for the recipient with this stored address.
 * E_SMIME_RECIPIENT when there must be one and is none. */
int secured_choose(struct secured *secured, const struct secured_plan *plan,
    struct span address, int64_t at_ms, struct err *err);

/* Adds to the leaf what is not in the entity: the certificates. */
void secured_leaf(const struct secured *secured,
    const struct secured_plan *plan, struct crypt_hash *hash);

/* Puts S/MIME around the entity at the end of bytes, from start on: signs,
 * then encrypts, as far as the plan wants it.  token makes the boundary.
 * E_SMIME. */
int secured_wrap(struct secured *secured, struct buf *bytes, size_t start,
    struct span token, int64_t at_ms, struct err *err);

/* Octets that an entity of this size will have at most once S/MIME is around
 * it. */
size_t secured_size(const struct secured *secured,
    const struct secured_plan *plan, size_t entity);

#endif
