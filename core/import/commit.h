/* Storing what an import read: the statements, held for a million rows. */
#ifndef CORE_IMPORT_COMMIT_H
#define CORE_IMPORT_COMMIT_H

#include "core/import/import.h"
#include "core/import/row.h"

/* What one row does to the list. */
enum effect {
	EFFECT_FRESH,   /* joins the list */
	EFFECT_CHANGED, /* is on it, with other values */
	EFFECT_SAME,
	EFFECT_SUPPRESSED, /* is on the stop list: nothing */
};

enum commit_mode { COMMIT_COUNT, COMMIT_STORE };

/* Caller's storage, from commit_init() to the end of the connection's
 * transaction or reading. */
struct commit {
	enum commit_mode mode;
	struct store *store;            /* borrowed */
	struct db *db;                  /* borrowed */
	const struct mapping *mapping;  /* borrowed */
	const struct import_plan *plan; /* borrowed */
	struct guard *guard;            /* borrowed; NULL: none */
	struct list_id list;            /* the plan's, or the one made for it */
	int64_t import;                 /* row of the import table */
	int64_t now_ms;
	bool cut;          /* the end of the file was not read */
	bool any_contacts; /* before this import */
	bool any_stopped;
	struct buf fields;
};

/* Begins: E_LIST_MISSING; with COMMIT_STORE writes the import's row, whose
 * counts come at the end. */
int commit_init(struct commit *commit, struct err *err);

/* Frees memory; the transaction is the caller's. */
void commit_done(struct commit *commit);

/* Stores one person, or only finds out what would become of it. */
int commit_person(struct commit *commit, const struct csv_person *person,
    enum effect *effect, struct err *err);

/* Stores one rejected row. */
int commit_reject(
    struct commit *commit, const struct import_reject *reject, struct err *err);

/* Writes the import's row, the list's revision and the audit entry. */
int commit_finish(struct commit *commit, const struct import_counts *counts,
    struct span file, const char *charset, struct err *err);

#endif
