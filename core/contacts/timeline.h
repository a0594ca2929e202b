/* What happened to one person, newest first: imports, edits, evidence, mail and
 * what servers answered, stops, merges, the trash. */
#ifndef CORE_CONTACTS_TIMELINE_H
#define CORE_CONTACTS_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/span.h"
#include "core/contacts/ids.h"
#include "core/store/store.h"

/* What is noted because no other table says it.  Stored as numbers: never
 * renumber. */
enum event_kind {
	EVENT_MADE,     /* by hand */
	EVENT_EDITED,   /* fact: names of what changed, with ", " between */
	EVENT_ADDRESS,  /* fact: the address before */
	EVENT_MERGED,   /* fact: address of the one that became part of this */
	EVENT_UNMERGED, /* fact: the same */
	EVENT_TRASHED,
	EVENT_RESTORED,
	EVENT_STOPPED,  /* fact: the cause's word */
	EVENT_ALLOWED,  /* fact: the reason */
	EVENT_REMARK,   /* fact: what somebody wrote */
	EVENT_EXPORTED, /* all that is known of them; fact: the export's id */
	EVENT_KINDS
};

/* Notes something inside the caller's transaction. */
int contact_note_in(struct store *store, struct db *db,
    struct contact_id contact, enum event_kind kind, struct span fact,
    struct err *err);

/* Notes that a contact was known under another id or address. */
int contact_alias_in(struct db *db, struct contact_id contact,
    struct contact_id was, struct span canon, struct err *err);

enum moment_kind {
	MOMENT_EVENT,    /* event and text say it */
	MOMENT_AGREED,   /* evidence of a list: what: list, text: note */
	MOMENT_IMPORTED, /* joined a list: what: list, text: file */
	MOMENT_LEFT,     /* off a list, into the trash: what: list */
	MOMENT_MAIL,     /* what: campaign; see below */
	MOMENT_STOP,     /* what: list, "" for all; number: the cause */
	MOMENT_EVIDENCE, /* evidence was replaced: what: list, number: change */
	MOMENT_CHANGED,  /* by an import: what: list, text: file; known for as
			  * long as the import can be undone */
	MOMENT_REMOVED,  /* off a list by an import, the same way */
	MOMENT_KINDS
};

struct moment {
	enum moment_kind kind;
	enum event_kind event;
	int64_t at_ms;
	struct span by, what, text;
	int64_t number;
	/* MOMENT_MAIL: enum ledger_state, the last reply and how the connection
	 * was secured ("TLSv1.3", "" without). */
	int state, code;
	struct span enhanced, reply, tls;
};

enum { TIMELINE_MAX = 10000 }; /* of one person */

/* Caller's storage, zeroed at first, ended with timeline_done(). */
struct timeline {
	struct arena *arena; /* of the texts */
	struct moment *moment;
	size_t count;
	bool cut; /* there was more than TIMELINE_MAX */
};

/* Reads the whole timeline of a contact, newest first; texts are as db shows
 * them (masked). */
int timeline_read(struct store *store, struct db *db, struct contact_id contact,
    struct timeline *out, struct err *err);

/* Frees what it holds. */
void timeline_done(struct timeline *timeline);

#endif
