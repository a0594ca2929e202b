/* CM-03: what belongs to one person and must not stand in the mail of another.
 * An index of the values of all recipients, and the search for them in a
 * message. */
#ifndef CORE_REVIEW_PERSONAL_H
#define CORE_REVIEW_PERSONAL_H

#include <stdatomic.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/span.h"
#include "core/campaign/campaign.h"
#include "core/review/fresh.h"

enum {
	PERSONAL_ASCII_MIN = 6,  /* octets of a value that begins in ASCII */
	PERSONAL_OTHER_MIN = 12, /* of another one: four kanji */
	PERSONAL_MAX = 120,      /* of a longer one so many are compared */
	PERSONAL_SHARED = 10,    /* held by more people: nobody's own */
	PERSONAL_LIMIT = 8 * 1000 * 1000 /* values of an index */
};

/* Whose a value is. */
enum personal_kind {
	PERSONAL_ADDRESS, /* where a recipient gets mail */
	PERSONAL_COLUMN,  /* what stands in a personal column */
};

/* The index; while it is filled used by one thread, then by any. */
struct personal;

/* An empty index.  The caller frees it. */
struct personal *personal_new(void);

/* Frees it; accepts NULL, sets *personal to NULL. */
void personal_free(struct personal **personal);

/* Adds a value of one recipient.  Too short ones are left out.  False when the
 * index is full. */
bool personal_add(
    struct personal *personal, enum personal_kind kind, struct span value);

/* Allows whatever stands in text (the sender's own data), in any message. */
void personal_allow(struct personal *personal, struct span text);

/* Allows the mail addresses of a domain and of those below it. */
void personal_allow_domain(struct personal *personal, struct span domain);

/* Numbers of fewer than ten digits that stand in the text as it was written
 * are numbers of the text. */
void personal_written(struct personal *personal, struct span text);

/* To be called between the last personal_add() and the first search. */
void personal_ready(struct personal *personal);

/* Figures for the facts of the check; columns as personal_read() has found. */
struct personal_figures {
	int64_t values; /* different ones */
	int64_t shared; /* of these held by more than PERSONAL_SHARED */
	int columns;    /* personal ones that occur */
	bool is_full;   /* the index is not of everybody */
};

/* Fills the figures; after personal_ready(). */
void personal_figures(
    const struct personal *personal, struct personal_figures *out);

/* Working memory of one worker; zero-initialised, personal_tools_done(). */
struct personal_tools {
	struct buf text, address, own, value;
};

/* Frees it. */
void personal_tools_done(struct personal_tools *tools);

/* Whose message is searched. */
struct personal_owner {
	struct span address; /* as in the list */
	struct span fields;  /* JSON object */
};

/* The first value in text (UTF-8) that belongs to others and not to owner, as
 * it stands there, letters folded; lives in tools until the next call.  Empty:
 * none.  With fresh, which has compared this text, only what is new is searched,
 * and what was allowed because it is the owner's is hidden there; NULL: all. */
struct span personal_search(const struct personal *personal,
    const struct personal_owner *owner, struct span text, struct fresh *fresh,
    struct personal_tools *tools);

/* True when a column of this name is personal by one of the entries, which are
 * parted by commas: those in ASCII when all their words are words of the name
 * ("customer no" in "CustomerNo"), others when they stand in it. */
bool personal_column(struct span name, struct span entries);

/* Notes how many columns were personal, for the figures. */
void personal_found_columns(struct personal *personal, int columns);

/* Makes the index of all members of the campaign's list, with the settings
 * personal.columns, personal.allow and sender.domains.  The caller frees *out.
 * E_CANCELLED soon after *stop (which may be NULL) becomes true. */
int personal_read(struct db *db, const struct campaign *campaign,
    const atomic_bool *stop, struct personal **out, struct err *err);

#endif
