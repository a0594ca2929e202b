/* Storing what an import read: the statements, held for a million rows. */
#ifndef CORE_IMPORT_COMMIT_H
#define CORE_IMPORT_COMMIT_H

#include <stdatomic.h>

#include "core/import/import.h"
#include "core/import/row.h"
#include "core/import/seen.h"

/* What one row does to the list. */
enum effect {
	EFFECT_FRESH,   /* joins the list */
	EFFECT_CHANGED, /* is on it, with other values; or leaves it */
	EFFECT_SAME,
	EFFECT_SUPPRESSED, /* is on the stop list: nothing */
	EFFECT_REJECTED,   /* the plan leaves it out */
	EFFECTS
};

/* What became of an address.  For a further row of it the pass keeps it in the
 * three bits that seen.h has for each. */
struct verdict {
	enum effect effect;
	bool said_no;      /* FRESH, CHANGED, SAME: a row said no */
	bool stopped;      /* this row has put it on the stop list */
	enum err_code why; /* REJECTED */
};

enum commit_mode { COMMIT_COUNT, COMMIT_STORE };

struct bulk;

/* Caller's storage, from commit_init() to the end of the connection's
 * transaction or reading. */
struct commit {
	enum commit_mode mode;
	struct store *store;            /* borrowed */
	struct db *db;                  /* borrowed */
	const struct mapping *mapping;  /* borrowed */
	const struct import_plan *plan; /* borrowed */
	struct guard *guard;            /* borrowed; NULL: none */
	struct span file;               /* its name without folders; borrowed */
	struct list_id list;            /* the plan's, or the one made for it */
	int64_t import;                 /* row of the import table */
	int64_t now_ms;
	int64_t made_from;  /* id of the first contact that it makes */
	bool cut;           /* the end of the file was not read */
	struct buf repairs; /* facts about them, for the log */
	bool any_contacts;  /* before this import */
	bool any_stopped;
	struct bulk *bulk;            /* NULL: people are stored one by one */
	int64_t expected;             /* rows that may be new */
	const atomic_bool *cancelled; /* borrowed; NULL: never */
	struct buf withdrawn;  /* bulk: by whom, for suppress_settle_in() */
	struct seen *stopping; /* COMMIT_COUNT: keys that would be entered */
	struct buf fields;
	struct buf text;
};

/* Begins: E_LIST_MISSING; with COMMIT_STORE writes the import's row, whose
 * counts come at the end. */
int commit_init(struct commit *commit, struct err *err);

/* Frees memory; the transaction is the caller's. */
void commit_done(struct commit *commit);

/* Stores one person, or only finds out what would become of it. */
int commit_person(struct commit *commit, const struct csv_person *person,
    struct verdict *out, struct err *err);

/* Keeps whose consent stops of this import withdraw, once addresses are known
 * again. */
int commit_settle(struct commit *commit, struct err *err);

/* A further row of an address, of which the earlier ones came to *verdict: true
 * in *suppressed when it counts as that, else as duplicate.  Changes *verdict
 * when SAME has become CHANGED, and when the address is stopped now. */
int commit_again(struct commit *commit, const struct csv_person *person,
    struct verdict *verdict, bool *suppressed, struct err *err);

/* Stores what it still holds of rows that are about to go. */
int commit_flush(struct commit *commit, struct err *err);

/* Stores one rejected row, of which raw is all; without its text when that names
 * somebody who was erased. */
int commit_reject(struct commit *commit, const struct import_reject *reject,
    struct span raw, struct err *err);

/* Writes the import's row, the list's revision and the audit entry.
 * E_CANCELLED. */
int commit_finish(struct commit *commit, const struct import_counts *counts,
    const char *charset, struct err *err);

#endif
