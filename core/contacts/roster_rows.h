/* How a roster lies in memory; for the files of the roster alone. */
#ifndef CORE_CONTACTS_ROSTER_ROWS_H
#define CORE_CONTACTS_ROSTER_ROWS_H

#include <pthread.h>

#include "core/base/buf.h"
#include "core/contacts/roster.h"
#include "core/store/store.h"

enum {
	BLOCK = 4096, /* people */
	BLOCK_WORDS = BLOCK / 64,
	KEYS_MAX = 2000 /* names of fields as they are written */
};

/* Times of a block; most files give everybody the same. */
struct times {
	int64_t one;
	const int64_t *each; /* NULL: all have the one */
};

/* Some members in the order of their ids.  All is in one region. */
struct block {
	void *region; /* owned */
	size_t size;
	size_t count;
	const int64_t *id;
	const uint8_t *basis;
	struct times since, added, changed;
	/* Text: address, NUL, name, NUL, of one after the other; folded. */
	const uint32_t *address_at, *name_at; /* one more of address_at */
	const char *text;
	/* Fields: number of the name (2 octets), length (4), folded value. */
	const uint32_t *fields_at; /* one more */
	const char *fields;
	/* Those whose canonical address is not the folded one: theirs. */
	const uint32_t *odd_row, *odd_at; /* one more of odd_at */
	const char *odd;
	size_t odds;
};

/* What the stop list says of everybody at a time. */
struct sheet {
	atomic_int holders;
	uint64_t version;
	int64_t from_ms, to_ms; /* it is right for these, both included */
	uint16_t *causes;       /* owned; bits 1 << enum suppress_cause */
};

struct roster {
	atomic_int holders;
	struct store *store; /* borrowed */
	struct list_id list;
	uint64_t version;
	bool masked;
	struct block *block; /* owned; all but the last are full */
	size_t blocks, count;
	size_t octets;
	/* Names of fields: as they are written, and the number of the folded
	 * one, which is the index of the first that folds to it. */
	struct buf *key; /* owned, as the next two are */
	uint16_t *number;
	struct buf *folded;
	size_t keys;
	pthread_mutex_t lock; /* guards sheet */
	struct sheet *sheet;  /* NULL: none yet */
};

/* The number of a field's folded name; -1: nobody has it. */
int roster_key(const struct roster *roster, struct span folded);

/* The canonical address of a row, in lower case where it is ASCII. */
struct span roster_canon(const struct block *block, size_t row);

/* What the stop list says at a time; the caller ends it with sheet_drop().
 * NULL: E_CANCELLED ... */
struct sheet *roster_sheet(struct roster *roster, struct db *db, int64_t now_ms,
    const atomic_bool *stop, struct err *err);
void sheet_drop(struct sheet **sheet);

/* A bit for every row of a block. */
struct bits {
	uint64_t word[BLOCK_WORDS];
};

/* A filter at work. */
struct search {
	struct roster *roster;
	struct db *db;
	const struct filter *filter;
	struct sheet *sheet; /* NULL: no term needs it */
	const struct block *block;
	size_t index; /* of the block */
	/* Whom one term of failed mails is about; NULL: none, or too many. */
	const struct filter_term *failed_term;
	int64_t *failed; /* owned; sorted */
	size_t failed_count;
};

static inline void
bits_set(struct bits *bits, size_t row)
{
	bits->word[row / 64] |= (uint64_t)1 << row % 64;
}

static inline bool
bits_has(const struct bits *bits, size_t row)
{
	return bits->word[row / 64] >> row % 64 & 1;
}

/* Sets the bits of those among wanted of whom a term is true that the store is
 * asked about: FILTER_TAG, FILTER_LIST and those about mails. */
int roster_ask(const struct search *self, const struct filter_term *term,
    const struct bits *wanted, struct bits *bits, struct err *err);

/* Reads whom the first term of failed mails is about, if it is about few;
 * roster_failed() sets their bits. */
int roster_read_failed(struct search *self, struct err *err);
void roster_failed(const struct search *self, struct bits *bits);

#endif
