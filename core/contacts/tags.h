/* Tags: words that somebody has put on people.  A tag is on a contact, in
 * whatever lists that one is. */
#ifndef CORE_CONTACTS_TAGS_H
#define CORE_CONTACTS_TAGS_H

#include "core/contacts/edit.h"
#include "core/contacts/people.h"

struct tag_use {
	int64_t id;
	char name[4 * CONTACT_TAG_MAX + 1];
	int64_t people; /* that have it */
};

/* All tags by name, with how many people have each; reads every one of those.
 * *out has *count, the caller frees it. */
int tag_all(
    struct db *db, struct tag_use **out, size_t *count, struct err *err);

/* The names of a contact's tags, sorted, with ", " between, added to out. */
int tag_names(
    struct db *db, struct contact_id contact, struct buf *out, struct err *err);

/* Why a text cannot be a tag: "empty", "utf8", "control", "comma" (stands
 * between tags), "length"; NULL when it can.  Static. */
const char *tag_fault(struct span name);

/* Which tag is meant: by its number, or by its name where id is 0. */
struct tag_ref {
	int64_t id;
	struct span name;
};

/* Who was changed, to take it back; zeroed at first, ended with
 * tag_done_free(). */
struct tag_done {
	int64_t tag;
	struct contact_id *id; /* owned */
	size_t count;
};

/* Puts a tag on people; a name that no tag has yet is made one.  Who has it is
 * passed over.  What was reviewed for lists of whoever got it is void.  Logged
 * with the number of the tag and of people.  E_ROLE (list.write), E_TAG_NAME,
 * E_TAG_MISSING (an id that is not there), E_CONTACT_FIELD (field "tags", why
 * "count") when one of them has as many as there may be. */
int tag_give(struct store *store, const struct tag_ref *tag,
    const struct several *people, struct tag_done *done, struct err *err);

/* Takes a tag off people; who does not have it is passed over.  Logged as
 * tag_give().  E_ROLE (list.write), E_TAG_MISSING. */
int tag_take(struct store *store, const struct tag_ref *tag,
    const struct several *people, struct tag_done *done, struct err *err);

/* Frees what it holds. */
void tag_done_free(struct tag_done *done);

/* Gives a tag another name.  Logged.  E_ROLE (list.write), E_TAG_NAME (why also
 * "taken"), E_TAG_MISSING, E_TAG_USED (segment) when a segment asks for it by
 * name. */
int tag_rename(
    struct store *store, int64_t id, struct span name, struct err *err);

/* Deletes a tag, with everybody's; it cannot be taken back.  Logged with how
 * many had it.  E_ROLE (list.delete), E_TAG_MISSING, E_TAG_USED. */
int tag_delete(struct store *store, int64_t id, struct err *err);

#endif
