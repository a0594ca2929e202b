/* People and lists: who may be mailed, on what basis, and who never. */
#ifndef CORE_CONTACTS_CONTACTS_H
#define CORE_CONTACTS_CONTACTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/span.h"
#include "core/campaign/campaign.h"
#include "core/contacts/consent.h"
#include "core/contacts/edit.h"
#include "core/contacts/erase.h"
#include "core/contacts/filter.h"
#include "core/contacts/ids.h"
#include "core/contacts/list_view.h"
#include "core/contacts/lists.h"
#include "core/contacts/merge.h"
#include "core/contacts/order.h"
#include "core/contacts/people.h"
#include "core/contacts/roster.h"
#include "core/contacts/segment.h"
#include "core/contacts/standing.h"
#include "core/contacts/stops.h"
#include "core/contacts/summary.h"
#include "core/contacts/suppression.h"
#include "core/contacts/tags.h"
#include "core/contacts/timeline.h"
#include "core/contacts/traces.h"
#include "core/contacts/trash.h"
#include "core/contacts/twins.h"
#include "core/store/store.h"

/* ---- Lists ------------------------------------------------------------- */

struct list_info {
	struct list_id id;
	char name[257];
	int64_t contacts;   /* members */
	int64_t sendable;   /* members with a basis that are not stopped */
	int64_t with_basis; /* members with a basis */
	int64_t changed_ms;
	int64_t revision; /* grows with every change of members */
	enum circle color;
};

/* Makes a list.  Logged.  E_LIST_NAME when empty, too long (64 characters),
 * with control characters, or taken. */
int list_create(struct store *store, struct span name, struct list_id *out,
    struct err *err);

/* list_create() inside the caller's transaction. */
int list_create_in(struct store *store, struct db *db, struct span name,
    struct list_id *out, struct err *err);

/* Somebody to join a list. */
struct list_joiner {
	struct contact_id contact;
	struct span canon;     /* the address that is meant */
	struct list_id before; /* whose member it is: the basis is copied */
};

/* Takes a contact into a list inside the caller's transaction, with the basis
 * it has in the list before (BASIS_NONE when it is no longer in it): 1, 0 when
 * the contact is gone or has another address now, -1. */
int list_join_in(struct db *db, struct list_id list,
    const struct list_joiner *joiner, struct err *err);

/* Renames a list.  Logged.  E_LIST_NAME, E_LIST_MISSING. */
int list_rename(
    struct store *store, struct list_id id, struct span name, struct err *err);

/* Says of whom a list is.  Logged.  E_LIST_MISSING. */
int list_color_set(
    struct store *store, struct list_id id, enum circle color, struct err *err);

/* Of whom a list is, without counting it; one that is not there is nobody's. */
int list_color(
    struct db *db, struct list_id id, enum circle *out, struct err *err);

/* Stable word of a circle ("staff", "unsaid"); static. */
const char *circle_name(enum circle circle);

/* Reads one list with its counts.  E_LIST_MISSING. */
int list_find(
    struct db *db, struct list_id id, struct list_info *out, struct err *err);

/* All lists by name; *out is an array of *count the caller frees. */
int list_all(
    struct db *db, struct list_info **out, size_t *count, struct err *err);

/* The same inside the caller's transaction. */

/* 0 when the list is there, E_LIST_MISSING when not. */
int list_need(struct db *db, struct list_id id, struct err *err);

/* Whether a new list may have this name: 0, or E_LIST_NAME. */
int list_name_check(struct db *db, struct span name, struct err *err);

/* Marks the members of a list as changed: revision, time, by whom. */
int list_touch(
    struct store *store, struct db *db, struct list_id id, struct err *err);

/* ---- Canaries ---------------------------------------------------------- */

enum { CANARY_MAX = 20 }; /* of one list */

/* An address of our own that stands in the data a list is made from: an
 * audience without it is not the whole list, or another one. */
struct canary {
	int64_t id;
	char address[321]; /* as it was typed, without blanks around it */
	bool is_member;
	bool is_stopped; /* for this list or for all */
	int64_t added_ms;
	char added_by[64];
};

/* Registers a canary of a list; it does not join the list by that.  Logged
 * without the address.  E_ADDRESS_*, E_LIST_MISSING, E_CANARY_TWICE,
 * E_CANARY_FULL. */
int canary_add(struct store *store, struct list_id list, struct span address,
    struct err *err);

/* Forgets one.  Logged.  E_CANARY_MISSING. */
int canary_remove(struct store *store, int64_t id, struct err *err);

/* The canaries of a list in the order they were added; *out has *count, the
 * caller frees it. */
int canary_all(struct store *store, struct db *db, struct list_id list,
    struct canary **out, size_t *count, struct err *err);

/* ---- Contacts ---------------------------------------------------------- */

/* One member of a list as shown; the spans live as long as the page. */
struct contact_row {
	struct contact_id id;
	struct span address, name, fields; /* fields: JSON object */
	enum consent_basis basis;
	int64_t basis_at_ms;
	struct span basis_note;
	bool suppressed;
};

/* A window of rows for virtual lists; caller's storage, zero-initialised,
 * ended with contact_page_done(). */
struct contact_page {
	struct arena *arena;
	struct contact_row *row;
	size_t count;
};

/* Reads up to count members of a list in order of id, from the first whose id
 * is >= from; with count negative the -count last ones before from. */
int contact_page(struct store *store, struct db *db, struct list_id list,
    struct contact_id from, int count, struct contact_page *out,
    struct err *err);

enum { UNMASK_REASON_MIN = 5, UNMASK_REASON_MAX = 500 };

/* Reads address, name and fields of one contact as they are, for who sees them
 * masked; the strings are in arena.  reason, of that many octets, is logged
 * before anything is read.  E_ROLE (personal.unmask), E_PERSON_FIELD (field
 * "reason", why: length), E_BUG when there is no such contact. */
int contact_unmask(struct store *store, struct contact_id contact,
    struct span reason, struct arena *arena, struct contact_row *out,
    struct err *err);

/* Frees what a page holds. */
void contact_page_done(struct contact_page *page);

/* Number of members of list that match an opened filter (NULL: all of them);
 * E_CANCELLED (-1) soon after *stop becomes true (stop may be NULL). */
int64_t contact_count(struct db *db, struct list_id list,
    const struct filter *filter, const atomic_bool *stop, struct err *err);

/* The ids of members from the first whose id is >= from that match, in order,
 * at most room of them into out: their number, or -1 with E_CANCELLED soon
 * after *stop becomes true (stop may be NULL). */
int64_t contact_ids(struct db *db, struct list_id list, struct contact_id from,
    const struct filter *filter, const atomic_bool *stop,
    struct contact_id *out, size_t room, struct err *err);

/* Names of all custom fields in use in a list, sorted; *out is an array of
 * *count heap strings, freed with field_names_free(). */
int field_names(struct db *db, struct list_id list, char ***out, size_t *count,
    struct err *err);

/* Frees what field_names() gave; sets *names to NULL. */
void field_names_free(char ***names, size_t count);

/* Of how many in a hundred among the first 10,000 members of the list each of
 * count custom fields is filled, into percent[0..count-1]; percent[count] is
 * that of the name. */
int field_fill(struct db *db, struct list_id list, const char *const *name,
    size_t count, int *percent, struct err *err);

/* 1 when some member of the list has this custom field, 0 when none has, -1 on
 * error.  Stops at the first, so it is cheap for a field that exists. */
int field_is_used(
    struct db *db, struct list_id list, struct span name, struct err *err);

/* The way to a value: field, key in it, key in that ...; at least one. */
struct field_path {
	const struct span *part;
	size_t count;
};

/* 1 when some member of the list has a value on one of count paths, *which
 * says on which; 0 when none has, -1 on error.  A path passes through all
 * elements of a list, and into a field of text that holds a list or object in
 * JSON.  Stops at the first member that has one. */
int field_find_path(struct db *db, struct list_id list,
    const struct field_path *path, size_t count, size_t *which,
    struct err *err);

/* The value of one member of a JSON fields object, unescaped into out (cleared
 * first; a list or object as JSON): 1 found, 0 absent, -1 not an object
 * (E_BUG).  Nothing is allocated beyond out. */
int field_value(
    struct span fields, struct span name, struct buf *out, struct err *err);

/* Member number index of a JSON fields object, unescaped into name and value
 * (cleared first): 1, 0 behind the last, -1 not an object (E_BUG). */
int field_at(struct span fields, size_t index, struct buf *name,
    struct buf *value, struct err *err);

#endif
