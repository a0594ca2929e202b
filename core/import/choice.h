/* A file whose octets can be read in two ways: what each reading shows, and
 * which one the operator chose the last time.  Nothing is guessed: the choice
 * of last time is offered, not taken. */
#ifndef CORE_IMPORT_CHOICE_H
#define CORE_IMPORT_CHOICE_H

#include "core/base/crypt.h"
#include "core/import/import.h"

struct db;
struct store;

enum { IMPORT_CANDIDATES = 2 };

/* One way to read a file. */
struct import_candidate {
	enum import_charset charset;
	/* Cells from different rows that the readings show differently, as
	 * this one shows them; UTF-8, foreign; "" when there are fewer. */
	char sample[IMPORT_SAMPLES][128];
};

/* After E_IMPORT_ENCODING_UNSURE from import_open(): the readings that fit,
 * best known first, one or two of them.  Reads up to 200,000 rows.  Errors as
 * import_open(), E_IMPORT_ENCODING when none fits. */
int import_candidates(const char *path, const struct import_form *form,
    struct import_candidate out[IMPORT_CANDIDATES], size_t *count,
    struct err *err);

/* What tells that a file comes from where an earlier one came from. */
struct import_origin {
	struct digest digest;
};

/* The origin of a file: SHA-256 over its name, each run of digits being one
 * '#', a NUL, and the octets of its first line (at most 4,096; none of an
 * archive).  Both must be as they were: a header alone ("email,name") is too
 * common, and a name alone says nothing of what is inside.  E_FILE_OPEN,
 * E_FILE_READ. */
int import_origin(const char *path, struct import_origin *out, struct err *err);

/* What was chosen for an origin. */
struct import_choice {
	enum import_charset charset;
	int64_t at_ms;
	char by[64]; /* login, cut */
};

/* The last choice: 1, 0 when there is none, -1. */
int import_choice_find(struct db *db, const struct import_origin *origin,
    struct import_choice *out, struct err *err);

/* Remembers a choice, logged with it; an earlier one is replaced.  Wants
 * MAY_LIST_IMPORT; E_BUG for IMPORT_AUTO. */
int import_choice_remember(struct store *store,
    const struct import_origin *origin, enum import_charset charset,
    struct err *err);

#endif
