/* The rows in memory: a store of claims that are used again, and those of each
 * group that are ready to be taken.  Guarded by the scribe's lock. */
#ifndef CORE_DELIVER_CLAIMS_H
#define CORE_DELIVER_CLAIMS_H

#include "core/deliver/ledger.h"

/* A list with both ends; plain data, starts from zeros. */
struct claim_list {
	struct claim *first, *last;
	size_t count;
};

/* Adds at the end, and at the front. */
void claim_list_add(struct claim_list *list, struct claim *claim);
void claim_list_push(struct claim_list *list, struct claim *claim);

/* Takes the first; NULL when there is none. */
struct claim *claim_list_take(struct claim_list *list);

struct claim_block;

/* Starts from zeros; ended with claims_done(). */
struct claims {
	struct claim_block *blocks;
	struct claim *spare;
	struct claim_list ready[LEDGER_GROUPS];
	int readies; /* sum of all groups */
};

/* A chain of count claims to be filled; they are made when none are spare. */
struct claim *claims_spare(struct claims *claims, int count);

/* Takes back a claim, or a chain of them. */
void claims_return(struct claims *claims, struct claim *chain);

/* Calls each(arg, claim) for every claim that is in use. */
void claims_each(struct claims *claims,
    void (*each)(void *arg, struct claim *claim), void *arg);

/* Frees every claim, also those that somebody still holds. */
void claims_done(struct claims *claims);

#endif
