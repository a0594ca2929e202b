/* How a reply is held against rules; for the files outcome*.c alone. */
#ifndef CORE_DELIVER_OUTCOME_RULES_H
#define CORE_DELIVER_OUTCOME_RULES_H

#include "core/deliver/outcome.h"

enum { OUTCOME_GRAMS = 4096 };

/* A reply in lower case, its lines joined by single spaces without the codes
 * that open further ones, and which trigrams occur in it. */
struct outcome_text {
	size_t len;
	uint64_t gram[OUTCOME_GRAMS / 64];
	char text[SMTP_RAW_MAX];
};

/* What the rules are asked about: a reply, or the one it quotes. */
struct outcome_subject {
	enum outcome_who who;
	enum group group;
	enum smtp_stage stage;
	int code;
	struct span enhanced;
	struct outcome_text text;
};

/* Folds raw, cut at SMTP_RAW_MAX octets. */
void outcome_fold(struct span raw, struct outcome_text *out);

/* True when one of tokens (struct outcome_rule's text, lower case) occurs. */
bool outcome_has_token(const struct outcome_text *text, const char *tokens);

/* Folds a reply and finds out who said it. */
void outcome_subject(
    const struct outcome_reply *reply, struct outcome_subject *out);

/* True when all that the rule asks for holds. */
bool outcome_fits(
    const struct outcome_rule *rule, const struct outcome_subject *subject);

/* The first built-in rule that fits; never NULL. */
const struct outcome_rule *outcome_first(const struct outcome_subject *subject);

/* Sets class and what the class does. */
void outcome_rule_as(struct outcome_rule *rule, enum outcome_class class);

#endif
