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

/* The part of a chain behind its first count claims. */
struct claim *claims_behind(struct claim *chain, int count);

/* Ends a chain behind its first count (from 1) claims and gives the rest, which
 * claims_join() puts back. */
struct claim *claims_cut(struct claim *chain, int count);
void claims_join(struct claim *chain, struct claim *rest);

/* How many rows of a group may be read when allowed of all may (INT64_MAX: no
 * limit), at most wish: as large a part as its rows are of all, and one more so
 * that every group has a chance. */
int claims_part(int64_t allowed, int64_t rows, int64_t all, int wish);

/* Takes back a claim, or a chain of them. */
void claims_return(struct claims *claims, struct claim *chain);

/* Calls each(arg, claim) for every claim that is in use. */
void claims_each(struct claims *claims,
    void (*each)(void *arg, struct claim *claim), void *arg);

/* Lowers where reading begins so that it is before every PLANNED row in use. */
void claims_lower(struct claims *claims, int64_t after[LEDGER_GROUPS]);

/* Frees every claim, also those that somebody still holds. */
void claims_done(struct claims *claims);

#endif
