/* A second person for tests that need an approval without a second process: a
 * registered approver with a key in memory. */
#ifndef TESTS_FAKE_APPROVING_H
#define TESTS_FAKE_APPROVING_H

#include "core/review/review.h"
#include "tests/fake/stage.h"

struct approving {
	const char *login;
	uid_t uid;
	struct secret *seed;
	struct ed25519_public key;
	/* of the offer made last */
	struct arena *arena;
	struct approval_text statement;
	struct buf text;
	struct approval_offer offer;
};

/* Registers somebody as approver with a confirmed key; ends the process on
 * failure.  The caller ends it with approving_close(). */
void approving_open(
    struct approving *self, struct store *store, const char *login, uid_t uid);
void approving_close(struct approving *self);

/* Fills in self->offer for what is sealed now, signed, good for a day. */
void approving_offer(struct approving *self, struct stage *stage);

/* Writes and signs self->statement again after it was changed. */
void approving_sign(struct approving *self);

/* Offers and has it taken; ends the process on failure. */
void approving_approve(struct approving *self, struct stage *stage);

#endif
