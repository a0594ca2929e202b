/* A second opinion about filters: slow, in plain C over an array of people, with
 * nothing of the program's but the terms. */
#ifndef TESTS_UNIT_CONTACTS_FILTER_REF_H
#define TESTS_UNIT_CONTACTS_FILTER_REF_H

#include <stdlib.h>
#include <string.h>

#include "core/contacts/contacts.h"

/* All texts are lower-case ASCII or characters without case and width. */
struct ref_person {
	const char *local, *domain, *name, *city; /* city NULL: no such field */
	int points;                               /* -1: no such field */
	enum consent_basis basis;
	int64_t since_ms, added_ms, changed_ms;
	int stop; /* cause, or -1 */
	bool tagged, other_list;
	int sent_days; /* ago; -1 never */
	bool bounced;
};

static inline bool
ref_in(const char *text, struct span word)
{
	char needle[256];

	span_text(needle, sizeof needle, word);
	return strstr(text, needle) != NULL;
}

static inline bool
ref_is(const char *text, struct span word)
{
	return strlen(text) == word.len && !memcmp(text, word.ptr, word.len);
}

static inline bool
ref_status(const struct ref_person *p, int64_t status)
{
	switch (status) {
	case FILTER_ACTIVE:
		return p->stop < 0;
	case FILTER_STOPPED:
		return p->stop >= 0;
	case FILTER_NOBASIS:
		return p->basis == BASIS_NONE;
	case FILTER_UNSUBSCRIBED:
		return p->stop == SUPPRESS_UNSUBSCRIBED;
	case FILTER_BOUNCING:
		return p->stop == SUPPRESS_BOUNCED;
	default:
		return p->stop == SUPPRESS_COMPLAINT;
	}
}

static inline bool
ref_domain(const char *domain, const struct filter_term *term)
{
	size_t have = strlen(domain), want = term->a.len;

	if (have < want || memcmp(domain + have - want, term->a.ptr, want) != 0)
		return false;
	if (have == want)
		return true;
	return term->op == MATCH_HOLDS && domain[have - want - 1] == '.';
}

static inline bool
ref_points(int points, const struct filter_term *term)
{
	char shown[16];
	int a = atoi(term->a.ptr ? term->a.ptr : "");
	int b = atoi(term->b.ptr ? term->b.ptr : "");

	if (points < 0)
		return false;
	snprintf(shown, sizeof shown, "%d", points);
	switch (term->op) {
	case MATCH_HAS:
		return true;
	case MATCH_SAME:
		return ref_is(shown, term->a);
	case MATCH_HOLDS:
		return ref_in(shown, term->a);
	case MATCH_LESS:
		return points < a;
	case MATCH_AT_MOST:
		return points <= a;
	case MATCH_MORE:
		return points > a;
	case MATCH_AT_LEAST:
		return points >= a;
	default:
		return points >= a && points <= b;
	}
}

static inline bool
ref_text(const char *text, const struct filter_term *term)
{
	if (!text || !*text)
		return false;
	if (term->op == MATCH_HAS)
		return true;
	return term->op == MATCH_SAME ? ref_is(text, term->a)
				      : ref_in(text, term->a);
}

static inline bool
ref_between(int64_t at, const struct filter_term *term)
{
	return at >= term->from_ms && at <= term->to_ms;
}

static inline bool
ref_term(
    const struct ref_person *p, const struct filter_term *term, int64_t now_ms)
{
	char address[300];
	bool has = term->op == MATCH_HAS;

	snprintf(address, sizeof address, "%s@%s", p->local, p->domain);
	switch (term->subject) {
	case FILTER_WORD:
		return ref_in(address, term->a) || ref_in(p->name, term->a);
	case FILTER_ADDRESS:
		return ref_text(address, term);
	case FILTER_NAME:
		return ref_text(p->name, term);
	case FILTER_DOMAIN:
		return ref_domain(p->domain, term);
	case FILTER_TAG:
		return p->tagged;
	case FILTER_STATUS:
		return ref_status(p, term->choice);
	case FILTER_BASIS:
		return has ? p->basis != BASIS_NONE
			   : (int64_t)p->basis == term->choice;
	case FILTER_LIST:
		return p->other_list;
	case FILTER_SINCE:
	case FILTER_AGE:
		return p->since_ms != 0 &&
		       (has || ref_between(p->since_ms, term));
	case FILTER_ADDED:
		return ref_between(p->added_ms, term);
	case FILTER_CHANGED:
		return ref_between(p->changed_ms, term);
	case FILTER_SENT:
		if (p->sent_days < 0)
			return false;
		return has ||
		       ref_between(now_ms - p->sent_days * 86400000LL, term);
	case FILTER_RECEIVED:
		return p->sent_days >= 0;
	case FILTER_BOUNCED:
		return p->bounced;
	default:
		if (ref_is("points", term->name))
			return ref_points(p->points, term);
		return ref_is("city", term->name) && ref_text(p->city, term);
	}
}

/* Whether one row of terms between two "or" holds throughout. */
static inline bool
ref_matches(
    const struct ref_person *p, const struct filter *filter, int64_t now_ms)
{
	bool row = true;

	for (size_t i = 0; i < filter->count; i++) {
		const struct filter_term *term = &filter->term[i];

		if (term->alternative && row)
			return true;
		if (term->alternative)
			row = true;
		if (ref_term(p, term, now_ms) == term->negated)
			row = false;
	}
	return row;
}

#endif
