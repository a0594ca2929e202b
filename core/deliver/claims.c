/* Claims are made in blocks and used again with the memory of their texts, so
 * that a run at speed allocates nothing per message. */
#include "core/deliver/claims.h"

#include <stdlib.h>

#include "core/base/mem.h"

enum { BLOCK = 64 };

struct claim_block {
	struct claim_block *next;
	struct claim claim[BLOCK];
};

void
claim_list_add(struct claim_list *list, struct claim *claim)
{
	claim->next = NULL;
	if (list->last)
		list->last->next = claim;
	else
		list->first = claim;
	list->last = claim;
	list->count++;
}

void
claim_list_push(struct claim_list *list, struct claim *claim)
{
	claim->next = list->first;
	list->first = claim;
	if (!list->last)
		list->last = claim;
	list->count++;
}

struct claim *
claim_list_take(struct claim_list *list)
{
	struct claim *claim = list->first;

	if (!claim)
		return NULL;
	list->first = claim->next;
	if (!list->first)
		list->last = NULL;
	list->count--;
	claim->next = NULL;
	return claim;
}

static void
add_block(struct claims *claims)
{
	struct claim_block *block = mem_new(sizeof *block);

	block->next = claims->blocks;
	claims->blocks = block;
	for (int i = BLOCK - 1; i >= 0; i--) {
		block->claim[i].next = claims->spare;
		claims->spare = &block->claim[i];
	}
}

struct claim *
claims_spare(struct claims *claims, int count)
{
	struct claim *chain = NULL;

	for (; count > 0; count--) {
		struct claim *claim;

		if (!claims->spare)
			add_block(claims);
		claim = claims->spare;
		claims->spare = claim->next;
		claim->next = chain;
		chain = claim;
	}
	return chain;
}

struct claim *
claims_behind(struct claim *chain, int count)
{
	while (count-- > 0)
		chain = chain->next;
	return chain;
}

struct claim *
claims_cut(struct claim *chain, int count)
{
	struct claim *last = claims_behind(chain, count - 1);
	struct claim *rest = last->next;

	last->next = NULL;
	return rest;
}

void
claims_join(struct claim *chain, struct claim *rest)
{
	while (chain->next)
		chain = chain->next;
	chain->next = rest;
}

int
claims_part(int64_t allowed, int64_t rows, int64_t all, int wish)
{
	int64_t part = allowed;

	if (allowed == INT64_MAX)
		return wish;
	if (rows < all)
		part = (int64_t)((double)part * (double)rows / (double)all) + 1;
	if (part > allowed)
		part = allowed;
	return part < wish ? (int)part : wish;
}

void
claims_return(struct claims *claims, struct claim *chain)
{
	while (chain) {
		struct claim *next = chain->next;

		chain->in_use = chain->is_ending = chain->is_accepted = false;
		chain->handed_at = 0;
		chain->next = claims->spare;
		claims->spare = chain;
		chain = next;
	}
}

void
claims_each(struct claims *claims, void (*each)(void *arg, struct claim *claim),
    void *arg)
{
	for (struct claim_block *b = claims->blocks; b; b = b->next) {
		for (int i = 0; i < BLOCK; i++) {
			if (b->claim[i].in_use)
				each(arg, &b->claim[i]);
		}
	}
}

static void
lower(void *arg, struct claim *claim)
{
	int64_t *after = arg;

	if (claim->from == LEDGER_PLANNED && claim->seq <= after[claim->group])
		after[claim->group] = claim->seq - 1;
}

void
claims_lower(struct claims *claims, int64_t after[LEDGER_GROUPS])
{
	claims_each(claims, lower, after);
}

void
claims_done(struct claims *claims)
{
	while (claims->blocks) {
		struct claim_block *next = claims->blocks->next;

		for (int i = 0; i < BLOCK; i++) {
			buf_done(&claims->blocks->claim[i].text);
			buf_done(&claims->blocks->claim[i].reply);
		}
		free(claims->blocks);
		claims->blocks = next;
	}
}
