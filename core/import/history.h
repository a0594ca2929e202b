/* What was imported, when and by whom, and taking a whole import back. */
#ifndef CORE_IMPORT_HISTORY_H
#define CORE_IMPORT_HISTORY_H

#include "core/import/plan.h"

/* How long what was there before an import is kept. */
enum { IMPORT_UNDO_DAYS = 7 };

struct import_record {
	int64_t id;
	struct list_id list;
	char list_name[257]; /* empty when the list is gone */
	int64_t at_ms;
	char by[64];
	char file[257]; /* its name without folders */
	char charset[32];
	enum consent_basis basis;
	enum import_mode mode;
	bool cut;                    /* the end was not read */
	struct import_counts counts; /* octets 0 */
	char reason[2001];           /* for going on past a guard, or empty */
	int64_t undo_until_ms;       /* 0: cannot be undone (any more) */
	int64_t undone_ms;           /* 0: it was not */
	char undone_by[64];
};

/* Up to room imports into list (0: into all), newest first, from the first one
 * whose id is below before (0: from the newest).  Texts are as db shows them.
 */
int import_history(struct store *store, struct db *db, struct list_id list,
    int64_t before, size_t room, struct import_record *out, size_t *count,
    struct err *err);

/* One import.  E_IMPORT_MISSING. */
int import_find(struct store *store, struct db *db, int64_t id,
    struct import_record *out, struct err *err);

/* One rejected row: line of the file on which the row begins, the reason as a
 * code with facts, and the row as read (UTF-8; foreign bytes; cut). */
struct import_reject {
	int64_t line;
	struct err why;
	char raw[501];
};

/* Up to room rejects of an import that was stored, in order, behind line after
 * (0: from the first).  The first IMPORT_REJECTS_KEPT were kept; a connection
 * that masks shows lines and reasons without facts or row. */
int import_rejects(struct db *db, int64_t id, int64_t after, size_t room,
    struct import_reject *out, size_t *count, struct err *err);

/* Rows of one kind: those that were rejected for one reason, or repaired in one
 * way. */
struct import_tally {
	enum err_code code; /* why they were rejected; E_NONE: repaired */
	unsigned repair; /* one bit of enum import_repair, or 0: the domain */
	int64_t rows;
};

/* Up to room tallies of an import that was stored, most rows first, repairs
 * behind the others.  One of before these were counted has none. */
int import_tallies(struct db *db, int64_t id, size_t room,
    struct import_tally *out, size_t *count, struct err *err);

/* ---- Undo -------------------------------------------------------------- */

/* Entries of the stop list that the import made: they stay unless somebody
 * says that they are wrong, since one too few is mail to who said no. */
enum import_stops { IMPORT_STOPS_KEEP, IMPORT_STOPS_TAKE_OFF };

enum { IMPORT_UNDO_REASON_MIN = 5, IMPORT_UNDO_REASON_MAX = 500 };

struct import_undo_plan {
	struct span reason; /* of that many octets, logged */
	enum import_stops stops;
};

/* What an undo does, or has done. */
struct import_undo {
	int64_t left;     /* members it made, who leave the list */
	int64_t deleted;  /* of them contacts that nothing else holds */
	int64_t mailed;   /* of left: the list was mailed to meanwhile */
	int64_t restored; /* people who are again as they were */
	int64_t
	    rejoined;  /* members it had removed, who are on the list again */
	int64_t kept;  /* people changed since, who stay as they are */
	int64_t stops; /* entries of the stop list that it made alone */
	int64_t later; /* imports into the list behind it, not undone */
};

/* Counts what import_undo() would do.  E_ROLE (list.import), E_IMPORT_MISSING,
 * E_IMPORT_UNDO_LATE, _TWICE, _LIST. */
int import_undo_check(
    struct store *store, int64_t id, struct import_undo *out, struct err *err);

/* Takes an import back in one transaction, logged with the reason.  Members and
 * contacts that it made go (contacts that another list, a later change, tags or
 * the trash hold stay, out of this list); whom it changed and nobody has changed
 * since is as before; whom it removed is back.  The list's revision grows, so
 * that seals on it are void.  Errors as import_undo_check(), and
 * E_IMPORT_UNDO_REASON. */
int import_undo(struct store *store, int64_t id,
    const struct import_undo_plan *plan, struct import_undo *out,
    struct err *err);

/* The people whom an undo has kept as they are because they were changed
 * since, remembered as long as what was there before: up to room ids in order
 * behind after (0: from the first). */
int import_undo_kept(struct db *db, int64_t id, struct contact_id after,
    size_t room, struct contact_id *out, size_t *count, struct err *err);

/* Forgets what was there before imports that can no longer be undone, in a
 * transaction of its own when there is any; done after each unlocking. */
int import_sweep(struct store *store, struct err *err);

#endif
