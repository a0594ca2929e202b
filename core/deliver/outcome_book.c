/* The operator's own rules behind the built-in ones.  Lanes classify while a
 * screen changes the rules, and a rule that was given out may be looked at
 * long after it was replaced: replaced rules are kept until the run ends. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/outcome_rules.h"

struct own_rule {
	struct own_rule *next;
	struct outcome_rule rule; /* points into the two below */
	char id[32];
	char text[REPLY_TEXT_MAX + 1];
};

struct outcome_book {
	pthread_rwlock_t lock;
	struct own_rule *own, *replaced;
};

/* What the operator wrote as the tokens of a rule: folded, and at each '*' cut
 * into parts that must all occur.  Parts under three octets say nothing. */
static void
write_tokens(struct span text, char out[REPLY_TEXT_MAX + 1])
{
	struct outcome_text folded;
	struct span rest;
	size_t n = 0;

	outcome_fold(text, &folded);
	for (size_t i = 0; i < folded.len; i++) {
		if (folded.text[i] == '&' || folded.text[i] == '|')
			folded.text[i] = '*';
	}
	rest = span_make(folded.text, folded.len);
	while (rest.len) {
		struct span part = span_trim(span_cut(&rest, '*'));

		if (part.len < 3 || n + part.len + 1 > REPLY_TEXT_MAX)
			continue;
		if (n)
			out[n++] = '&';
		memcpy(out + n, part.ptr, part.len);
		n += part.len;
	}
	out[n] = '\0';
}

static struct own_rule *
own_rule_of(const struct reply_rule *from)
{
	struct own_rule *own = mem_new(sizeof *own);

	write_tokens(span_of(from->text), own->text);
	snprintf(own->id, sizeof own->id, "own.%lld", (long long)from->id);
	outcome_rule_as(&own->rule, from->class);
	own->rule.id = own->id;
	own->rule.code_from = from->code ? from->code : 400;
	own->rule.code_to = from->code ? from->code : 599;
	own->rule.text = own->text;
	own->rule.example = "";
	return own;
}

static int
read_own(struct db *db, struct own_rule **out, struct err *err)
{
	struct own_rule *list = NULL, **tail = &list;
	struct reply_rule *rule;
	size_t count;

	if (reply_rule_all(db, &rule, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct own_rule *own = own_rule_of(&rule[i]);

		if (!*own->text) {
			free(own);
			continue;
		}
		*tail = own;
		tail = &own->next;
	}
	free(rule);
	*out = list;
	return 0;
}

static void
free_list(struct own_rule **list)
{
	while (*list) {
		struct own_rule *next = (*list)->next;

		free(*list);
		*list = next;
	}
}

int
outcome_book_read(struct db *db, struct outcome_book **out, struct err *err)
{
	struct outcome_book *book = mem_new(sizeof *book);

	pthread_rwlock_init(&book->lock, NULL);
	if (read_own(db, &book->own, err) < 0) {
		outcome_book_free(&book);
		return -1;
	}
	*out = book;
	return 0;
}

int
outcome_book_reload(struct outcome_book *book, struct db *db, struct err *err)
{
	struct own_rule *own = NULL, **tail = &book->replaced;

	if (read_own(db, &own, err) < 0)
		return -1;
	pthread_rwlock_wrlock(&book->lock);
	while (*tail)
		tail = &(*tail)->next;
	*tail = book->own;
	book->own = own;
	pthread_rwlock_unlock(&book->lock);
	return 0;
}

const struct outcome_rule *
outcome_book_classify(
    struct outcome_book *book, const struct outcome_reply *reply)
{
	struct outcome_subject subject;
	const struct outcome_rule *rule;

	outcome_subject(reply, &subject);
	rule = outcome_first(&subject);
	if (!book || rule->class != OUTCOME_U)
		return rule;
	pthread_rwlock_rdlock(&book->lock);
	for (struct own_rule *own = book->own; own; own = own->next) {
		if (outcome_fits(&own->rule, &subject)) {
			rule = &own->rule;
			break;
		}
	}
	pthread_rwlock_unlock(&book->lock);
	return rule;
}

void
outcome_book_free(struct outcome_book **book)
{
	if (!*book)
		return;
	free_list(&(*book)->own);
	free_list(&(*book)->replaced);
	pthread_rwlock_destroy(&(*book)->lock);
	free(*book);
	*book = NULL;
}
