/* The drill: faults planted into a sandbox campaign, what a person makes of
 * them, and the record that is kept of it.  Here is the catalogue, the lot, the
 * judgement and the record; the campaign is planted by the demo program alone
 * (tui/demo), and nothing of a sandbox is in a store of the organisation but the
 * result. */
#ifndef CORE_REVIEW_DRILL_H
#define CORE_REVIEW_DRILL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/store/store.h"

/* ---- The catalogue -------------------------------------------------------- */

enum drill_kind {
#define X(id, name, how, check, place, where, look) DRILL_##id,
#include "core/review/drill.def"
#undef X
	DRILL_KINDS
};

/* Where a mark says that a fault is: one of a closed list. */
enum drill_where {
	DRILL_AT_SUBJECT, /* with the preheader */
	DRILL_AT_SENDER,  /* From and Reply-To */
	DRILL_AT_RECIPIENTS,
	DRILL_AT_TEXT,
	DRILL_AT_LINK,
	DRILL_AT_ATTACHMENT,
	DRILL_AT_FOOTER,
	DRILL_AT_NUMBER, /* a date, a time, a price, how many */
	DRILL_WHERES
};

enum drill_how {
	DRILL_MACHINE, /* a machine check finds it */
	DRILL_LOOK     /* only a person who looks does */
};

/* What shows a fault to a person who looks. */
enum drill_look {
	DRILL_SEE_LIST,     /* the list and its members */
	DRILL_SEE_CAMPAIGN, /* the page of the campaign */
	DRILL_SEE_HEADER,   /* the head of the mail in the preview */
	DRILL_SEE_TEXT,     /* the text, read from top to end */
	DRILL_SEE_SAMPLES,  /* the mails of several recipients */
	DRILL_SEE_LINKS,    /* the targets of links */
	DRILL_SEE_FILES,    /* the files */
	DRILL_SEE_FOOTER,   /* the end of the mail */
	DRILL_LOOKS
};

/* One fault of the catalogue. */
struct drill_fault {
	const char *name; /* stable: "list-color" */
	enum drill_how how;
	const char *check; /* id of a line of the checklist, or "" */
	int place;         /* faults of one place are never drawn together */
	unsigned where;    /* 1 << enum drill_where, or'ed */
	enum drill_look look;
};

/* The fault of a kind; static. */
const struct drill_fault *drill_fault(enum drill_kind kind);

/* The kind of a name, DRILL_KINDS when there is none. */
enum drill_kind drill_kind_of(struct span name);

/* Stable word of a place for a mark ("subject"); static. */
const char *drill_where_name(enum drill_where where);

/* ---- The lot --------------------------------------------------------------- */

enum { DRILL_PLANTED = 8, DRILL_LEAST = 3 /* of each sort */ };

/* What is planted, in the order of the catalogue.  Plain data. */
struct drill_plan {
	uint64_t seed;
	enum drill_kind fault[DRILL_PLANTED];
};

/* Draws the faults of a seed, the same ones as long as the catalogue is the same:
 * DRILL_LEAST at least that a machine finds, as many at least to be seen, never
 * two of one place. */
void drill_draw(uint64_t seed, struct drill_plan *out);

/* Draws with a seed from the system's randomness. */
void drill_draw_any(struct drill_plan *out);

/* ---- Marks ----------------------------------------------------------------- */

enum { DRILL_NOTE_MAX = 200 }; /* octets */

/* Somebody says: here is a fault of this kind.  Plain data. */
struct drill_mark {
	enum drill_kind kind;
	enum drill_where where;
	char note[DRILL_NOTE_MAX + 1]; /* one line, may be empty */
};

/* The marks of a drill in the order they were made, one of a kind.
 * Zero-initialised. */
struct drill_marks {
	struct drill_mark mark[DRILL_KINDS];
	size_t count;
};

/* Adds a mark; one of the same kind that was there before gives way to it and
 * keeps its position.  note: at most DRILL_NOTE_MAX octets of one line of UTF-8.
 * E_DRILL_NOTE (why: length, utf8, control). */
int drill_mark(struct drill_marks *marks, enum drill_kind kind,
    enum drill_where where, struct span note, struct err *err);

/* Takes the mark of a kind away; without effect when there is none. */
void drill_unmark(struct drill_marks *marks, enum drill_kind kind);

/* ---- The judgement ------------------------------------------------------------ */

/* What became of a planted fault. */
enum drill_came { DRILL_MISSED, DRILL_MARKED, DRILL_REPAIRED, DRILL_CAMES };

/* How a drill ended. */
enum drill_end {
	DRILL_STOPPED, /* the person said so */
	DRILL_SENT,    /* the practice relay had got the campaign */
	DRILL_LEFT,    /* the person left the program */
	DRILL_ENDS
};

/* Everything about a drill that is over.  Plain data. */
struct drill_result {
	uint64_t seed;
	enum drill_end end;
	int64_t seconds; /* it took */
	int64_t sent;    /* recipients it went to; 0: it was not sent */
	struct {
		enum drill_kind kind;
		enum drill_came came;
	} fault[DRILL_PLANTED];
	int found;                /* marked or repaired */
	struct drill_marks alarm; /* marks that match no planted fault */
};

/* What there is to judge. */
struct drill_deed {
	const struct drill_plan *plan;
	const struct drill_marks *marks;
	/* of plan->fault[i]: it is no longer in the campaign */
	bool repaired[DRILL_PLANTED];
	enum drill_end end;
	int64_t seconds, sent;
};

/* Judges: a planted fault is found when a mark has its kind and one of its
 * places, or when it was repaired; every other mark is a false alarm, also one
 * of a planted kind at the wrong place.  A mark of a repaired fault is none. */
void drill_evaluate(const struct drill_deed *deed, struct drill_result *out);

/* ---- The result as text ------------------------------------------------------- */

enum { DRILL_TEXT_MAX = 16 * 1024 }; /* octets */

/* Appends a result as lines of "name value" that begin with "sekisho drill 1"
 * and end with "end"; at most DRILL_TEXT_MAX octets. */
void drill_result_write(const struct drill_result *result, struct buf *out);

/* Reads exactly what drill_result_write() makes.  E_DRILL_RESULT (line, why:
 * length, form, kind, number, order, note, end). */
int drill_result_parse(
    struct span text, struct drill_result *out, struct err *err);

/* ---- The training record ------------------------------------------------------- */

/* One drill somebody has done.  Plain data. */
struct training {
	int64_t id;
	char login[65];
	int64_t at_ms; /* when it ended */
	int64_t seconds;
	int planted, found, alarms;
	int64_t sent; /* recipients it went to; 0: it was not sent */
};

/* Keeps a result under the person who has opened the store, and logs it
 * ("training.done"); *id, which may be NULL, is the record's.  Everybody who is
 * signed in may.  Errors of the store. */
int training_keep(struct store *store, const struct drill_result *result,
    int64_t *id, struct err *err);

enum { TRAINING_PAGE_MAX = 500 };

/* Records with an id below before (0: from the newest), newest first, at most
 * count (up to TRAINING_PAGE_MAX) into out: their number, or -1.  login: of one
 * person, or empty for all.  Administrators and auditors read everybody's;
 * another person's own alone are given to everybody else, whatever login says. */
int64_t training_page(struct store *store, struct db *db, struct span login,
    int64_t before, struct training *out, size_t count, struct err *err);

/* The result of one record, and the record: 1, 0 when there is none that may be
 * read (as training_page()), -1. */
int training_read(struct store *store, struct db *db, int64_t id,
    struct training *record, struct drill_result *result, struct err *err);

/* True when the person who has opened the store may read everybody's. */
bool training_sees_all(struct store *store, struct db *db);

#endif
