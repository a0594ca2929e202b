/* The language of filters and segments (docs/filters.md): a text becomes terms,
 * the terms a parameterised statement. */
#ifndef CORE_CONTACTS_FILTER_H
#define CORE_CONTACTS_FILTER_H

#include "core/base/err.h"
#include "core/base/match.h"
#include "core/base/mem.h"
#include "core/contacts/ids.h"
#include "core/store/store.h"

enum { FILTER_OCTETS = 1000, FILTER_TERMS = 40 }; /* octets; terms */

/* What a term is about. */
enum filter_subject {
	FILTER_WORD, /* address or name */
	FILTER_ADDRESS,
	FILTER_NAME,
	FILTER_DOMAIN,
	FILTER_TAG,
	FILTER_STATUS,
	FILTER_BASIS,
	FILTER_LIST,
	FILTER_SINCE,
	FILTER_AGE,
	FILTER_ADDED,
	FILTER_CHANGED,
	FILTER_SENT,
	FILTER_RECEIVED,
	FILTER_BOUNCED,
	FILTER_FIELD, /* one of the list's own */
	FILTER_SUBJECTS
};

enum filter_status {
	FILTER_ACTIVE,
	FILTER_STOPPED,
	FILTER_NOBASIS,
	FILTER_UNSUBSCRIBED,
	FILTER_BOUNCING,
	FILTER_COMPLAINT,
	FILTER_STATUSES
};

struct filter_term {
	enum filter_subject subject;
	enum match_op
	    op; /* MATCH_SAME, MATCH_HOLDS, MATCH_HAS; of a field any */
	bool negated;
	bool alternative; /* "or" stands before it */
	bool is_time;     /* from_ms and to_ms hold, both included */
	bool is_rare;     /* of a tag: few have it */
	bool has_domains; /* of a status: whole domains are stopped */
	size_t column;    /* of its first character, from 1 */
	struct span name; /* of a field, folded */
	struct span a, b; /* operands, folded; a domain as it is compared */
	int64_t from_ms, to_ms;
	int64_t choice; /* status, basis; id of a tag, list, campaign */
};

/* A filter that was read.  Its terms must all hold, up to one that begins an
 * alternative. */
struct filter {
	struct arena *arena; /* owned: the texts of the terms */
	int64_t now_ms;      /* what ages count from, and when stops end */
	size_t count;        /* 0: everybody matches */
	struct filter_term term[FILTER_TERMS];
};

/* Reads a text without asking the store; now_ms is what ages count from.  The
 * caller frees *out.  E_FILTER_LONG, E_FILTER_TERMS, E_FILTER_CHARACTER,
 * E_FILTER_QUOTE, E_FILTER_EMPTY, E_FILTER_COMPARE, E_FILTER_VALUE. */
int filter_parse(
    struct span text, int64_t now_ms, struct filter **out, struct err *err);

/* Reads a text to be used on db: the tags, lists and campaigns in it are looked
 * up, since "-tag:typo" would be everybody.  Errors of filter_parse();
 * E_FILTER_UNKNOWN; E_FILTER_MASKED for a term that asks for what db does not
 * show: a search for a hidden value would tell it. */
int filter_prepare(struct db *db, struct span text, int64_t now_ms,
    struct filter **out, struct err *err);

/* Frees it; accepts NULL, sets *filter to NULL. */
void filter_free(struct filter **filter);

/* E_FILTER_UNKNOWN (what: field) when a term names a field that no member of the
 * list has.  Reads the whole list for such a one. */
int filter_check_fields(struct db *db, struct list_id list,
    const struct filter *filter, struct err *err);

/* E_FILTER_MASKED when a term asks for what masked people do not see. */
int filter_check_shown(const struct filter *filter, struct err *err);

enum filter_want {
	FILTER_IDS,   /* column 0: the contact's id, ascending */
	FILTER_COUNT, /* column 0: how many */
	FILTER_ROWS,  /* id, address, canon, name, fields; ascending by id */
	FILTER_PEOPLE /* id, 0, address, name, fields, canon; the same order */
};

/* The statement for the members of a list from an id on that match an opened
 * filter; it belongs to db, is good until the next one and must be reset. */
struct stmt *filter_stmt(struct db *db, struct list_id list,
    const struct filter *filter, struct contact_id from, enum filter_want want,
    struct err *err);

/* The words of the language, for its table in the manual and for help: word
 * number index, English and Japanese forms and what it stands for by turns.
 * False behind the last. */
struct filter_word {
	enum filter_subject subject;
	const char *word, *japanese; /* NULL: it has no Japanese form */
	const char *of; /* NULL: a name; else "status", "basis", "sent" */
};
bool filter_word(size_t index, struct filter_word *out);

#endif
