/* Everything random-looking in a message, made from the keys of the store. */
#ifndef CORE_COMPOSE_TOKEN_H
#define CORE_COMPOSE_TOKEN_H

#include "core/compose/compose.h"

/* token_maker_new() with other keys than a store's. */
struct token_maker *token_maker_of(
    const struct secret *message, const struct secret *token);

enum { TOKEN_BOUNDARY_LEN = 18 };

/* What one keyed hash over campaign and row gives. */
struct token_base {
	unsigned char ref[MESSAGE_REF_LEN];
	unsigned char boundary[TOKEN_BOUNDARY_LEN];
};

/* The base of one recipient of a campaign. */
void token_base(struct token_maker *maker, int64_t campaign, int64_t seq,
    struct token_base *out);

/* Appends "c.CAMPAIGN.REF.MAC". */
void token_message(struct token_maker *maker, int64_t campaign,
    const unsigned char ref[MESSAGE_REF_LEN], struct buf *out);

/* Appends the local part of the return path of a message that leaves at
 * at_ms: "b+" version, key generation, day, REF, MAC. */
void token_return_path(struct token_maker *maker,
    const unsigned char ref[MESSAGE_REF_LEN], int64_t at_ms, struct buf *out);

/* One copy of a test mail. */
struct token_test {
	int64_t campaign, test, item;
};

/* The base of a copy of a test mail: no recipient has it. */
void token_base_test(struct token_maker *maker, const struct token_test *test,
    struct token_base *out);

/* Appends "t.CAMPAIGN.REF.MAC", which token_read() does not read. */
void token_message_test(struct token_maker *maker, int64_t campaign,
    const unsigned char ref[MESSAGE_REF_LEN], struct buf *out);

/* Appends the local part of the return path of a test, "t+" REF MAC: bounces of
 * it are nobody's. */
void token_return_path_test(struct token_maker *maker,
    const unsigned char ref[MESSAGE_REF_LEN], struct buf *out);

/* Appends a token of the form of an unsubscribe token that stops nobody. */
void token_unsubscribe_test(
    struct token_maker *maker, const struct token_test *test, struct buf *out);

/* message_ref_parse() with other keys than a store's. */
bool token_read(const struct secret *message, const struct secret *token,
    struct span text, struct message_ref *out);

#endif
