/* One contact, made and changed by hand.  What an import would refuse is
 * refused here as well. */
#ifndef CORE_CONTACTS_EDIT_H
#define CORE_CONTACTS_EDIT_H

#include "core/base/mem.h"
#include "core/contacts/ids.h"
#include "core/contacts/trash.h"

enum {
	CONTACT_NAME_MAX = 1000,       /* octets */
	CONTACT_VALUE_MAX = 64 * 1024, /* octets, of a field */
	CONTACT_FIELDS_MAX = 256,
	CONTACT_FIELD_NAME_MAX = 255, /* octets */
	CONTACT_TAGS_MAX = 100,
	CONTACT_TAG_MAX = 64,     /* characters */
	CONTACT_REMARK_MAX = 2000 /* octets */
};

/* A field as people read it; what is not text is written as JSON. */
struct contact_value {
	struct span name, value;
};

/* Everything of a contact that can be changed. */
struct contact_draft {
	struct contact_id id;
	int64_t changed_ms; /* when it was read */
	struct span address, name;
	struct contact_value *field; /* all of them */
	size_t fields;
	struct span *tag; /* all of them */
	size_t tags;
};

/* Why somebody who is put in by hand may be mailed. */
struct contact_ground {
	enum consent_basis basis;
	int64_t at_ms;    /* 0: not known */
	struct span note; /* needed for BASIS_CONSENT */
};

/* Whether an ASCII sign is, or may become, syntax of a merge mark: all of them
 * but '_' and '-', and no letter or digit. */
bool contact_is_mark_sign(char c);

/* What a field must not be called: "empty", "character" (a control or one of
 * the signs of a merge mark), "reserved" (name, address); NULL when fine, but
 * for its length.  Static. */
const char *contact_field_fault(struct span name);

/* Reads a contact; everything lives in arena.  E_CONTACT_MISSING. */
int contact_read(struct db *db, struct contact_id id, struct arena *arena,
    struct contact_draft *out, struct err *err);

/* Stores a contact as the draft says.  Fields and tags that it does not have are
 * taken away; a value that reads as before stays as it was stored.  A new
 * address takes the stops of the old one along, certificates of the old one go.
 * Nothing is stored, and success, when all is as before.  Logged with the names
 * of what changed.  E_ROLE (list.write; personal.view, because nobody changes
 * what is masked), E_ADDRESS_*, E_CONTACT_FIELD, E_CONTACT_MISSING,
 * E_CONTACT_TAKEN, E_CONTACT_CONFLICT. */
int contact_save(
    struct store *store, const struct contact_draft *draft, struct err *err);

/* Puts somebody on a list by hand.  An address that is known joins the list as
 * it is, whatever the draft says besides.  Logged.  E_ROLE as contact_save(),
 * E_ADDRESS_*, E_CONTACT_FIELD (field "basis", why "note"; ...),
 * E_LIST_MISSING, E_CONTACT_TAKEN when it is on the list already. */
int contact_create(struct store *store, struct list_id list,
    const struct contact_draft *draft, const struct contact_ground *ground,
    struct contact_id *out, struct err *err);

/* Adds a remark to a contact's timeline.  Logged without it.  E_ROLE as
 * contact_save(), E_CONTACT_FIELD, E_CONTACT_MISSING. */
int contact_remark(struct store *store, struct contact_id id,
    struct span remark, struct err *err);

#endif
