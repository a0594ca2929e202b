/* The statements of an import on contacts, members and tags, and what was there
 * before; for commit_person() alone. */
#ifndef CORE_IMPORT_KNOWN_H
#define CORE_IMPORT_KNOWN_H

#include "core/import/commit.h"

/* What an import did to somebody who was there, as bits.  Stored as numbers. */
enum before_what {
	BEFORE_VALUES = 1 << 0,  /* name or fields */
	BEFORE_BASIS = 1 << 1,   /* a member without basis got one */
	BEFORE_REMOVED = 1 << 2, /* a member left */
	BEFORE_KEPT = 1 << 3,    /* an undo left it as it is now */
};

/* How somebody has agreed: what the row says, and the plan where it says
 * nothing; nothing without a basis. */
struct known_evidence {
	int64_t at_ms, wording, confirmed_ms;
	struct span note, ip, paper;
	enum consent_how how;
};

/* Spans live as long as the plan and the row. */
void known_evidence(const struct import_plan *plan,
    const struct csv_person *person, enum consent_basis basis,
    struct known_evidence *out);

/* What the store knows of an address, compared with the file. */
struct known {
	int64_t id;
	bool member;
	enum consent_basis basis; /* of a member */
	bool values_differ;
};

/* 1 known, 0 not, -1; leaves the fields to store in commit->fields, and tells
 * guard (unless NULL) what was there. */
int known_find(struct commit *commit, const struct csv_person *person,
    struct guard *guard, struct known *out, struct err *err);

/* Adds a contact unless its address is there: 1 added, 0 not, -1. */
int known_add(
    struct commit *commit, const struct csv_person *person, struct err *err);

/* Keeps somebody as it is before this import does what; nothing for those whom
 * it made itself, nor a second time. */
int known_keep(struct commit *commit, int64_t contact, enum before_what what,
    struct err *err);

/* Stores name and fields (commit->fields) of a known one. */
int known_update(struct commit *commit, const struct csv_person *person,
    int64_t contact, struct err *err);

/* Joins the list with a basis and its evidence; for a member who has none, or
 * got it from this very import, sets them. */
int known_join(struct commit *commit, const struct csv_person *person,
    int64_t contact, enum consent_basis basis, struct err *err);

/* Takes a member off the list. */
int known_leave(struct commit *commit, int64_t contact, struct err *err);

/* Gives the row's tags: 1 when one was new, 0 when none was, -1.  Stores nothing
 * with COMMIT_COUNT. */
int known_tag(struct commit *commit, const struct csv_person *person,
    int64_t contact, struct err *err);

#endif
