/* The stop list for somebody who asks once per message.  Memory holds only the
 * first octets of each key, and only "no" is answered from it: whoever may be
 * on the list is looked up.  So an entry too many (removed meanwhile, or equal
 * in its first octets) does no harm, and an entry too few cannot be: a write
 * moves the store's number, and until memory is read anew everybody is looked
 * up. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "core/contacts/stop_key.h"

enum {
	ENTRIES_MAX = 512 * 1024,
	/* entries that are read in the time of one look-up */
	ENTRIES_A_LOOK = 16
};

struct suppress_set {
	struct store *store; /* borrowed */
	struct list_id list;
	struct crypt_mac *mac;
	enum { SET_NEW, SET_READ, SET_TOO_LONG } state;
	uint64_t version; /* of the stop list when it was read */
	uint64_t seen;    /* the newest that was met */
	size_t looks;     /* since then */
	bool plain;       /* no domain is on it: memory can say "no" */
	uint64_t *first;  /* octets of the keys, ascending */
	size_t count, room;
};

struct suppress_set *
suppress_set_new(struct store *store, struct list_id list)
{
	struct suppress_set *set = mem_new(sizeof *set);

	set->store = store;
	set->list = list;
	set->mac = crypt_mac_new(store_key(store, STORE_KEY_SUPPRESS));
	return set;
}

void
suppress_set_free(struct suppress_set **set)
{
	if (!*set)
		return;
	crypt_mac_free(&(*set)->mac);
	free((*set)->first);
	free(*set);
	*set = NULL;
}

/* The first eight octets of a key, so that numbers are ordered as keys are. */
static uint64_t
first_octets(struct span key)
{
	uint64_t first = 0;

	for (size_t i = 0; i < sizeof first; i++)
		first =
		    first << 8 | (i < key.len ? (unsigned char)key.ptr[i] : 0);
	return first;
}

static void
add_entry(struct suppress_set *set, struct span key)
{
	if (set->count == set->room) {
		set->room = set->room ? set->room * 2 : 64;
		set->first =
		    mem_grow(set->first, set->room * sizeof *set->first);
	}
	set->first[set->count++] = first_octets(key);
}

/* 1 when no domain is on the list, 0 when one is, -1. */
static int
without_domains(const struct suppress_set *set, struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT NOT EXISTS(SELECT 1 FROM suppression"
	    " WHERE cause = ?2 AND list IN (0, ?1))",
	    err);
	int got = -1;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, set->list.v);
	stmt_int(stmt, 2, SUPPRESS_DOMAIN);
	if (stmt_step(stmt, err) == 1)
		got = stmt_col_int(stmt, 0) != 0;
	stmt_reset(stmt);
	return got;
}

static int
read_entries(struct suppress_set *set, struct db *db, struct err *err)
{
	uint64_t version = store_stop_version(set->store);
	struct stmt *stmt = db_stmt(db,
	    "SELECT key FROM suppression WHERE list IN (0, ?1)"
	    " ORDER BY key LIMIT ?2",
	    err);
	int got, plain;

	if (!stmt)
		return -1;
	plain = without_domains(set, db, err);
	if (plain < 0)
		return -1;
	set->plain = plain;
	set->state = SET_NEW;
	set->count = 0;
	stmt_int(stmt, 1, set->list.v);
	stmt_int(stmt, 2, ENTRIES_MAX + 1);
	while ((got = stmt_step(stmt, err)) == 1)
		add_entry(set, stmt_col_blob(stmt, 0));
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	set->state = set->count > ENTRIES_MAX ? SET_TOO_LONG : SET_READ;
	set->version = set->seen = version;
	return 0;
}

/* 1 when memory is up to date, 0 when the list has to be asked, -1 on error.
 * After a write the list is asked until that has cost as much as reading it
 * all: neither a long list nor many writes can make this slow. */
static int
is_fresh(struct suppress_set *set, struct db *db, struct err *err)
{
	uint64_t version = store_stop_version(set->store);

	if (set->state == SET_NEW || version != set->version) {
		if (version != set->seen) {
			set->seen = version;
			set->looks = 0;
		}
		if (set->state != SET_NEW &&
		    set->looks++ < set->count / ENTRIES_A_LOOK)
			return 0;
		if (read_entries(set, db, err) < 0)
			return -1;
	}
	return set->state == SET_READ;
}

static bool
may_hold(const struct suppress_set *set, const struct digest *key)
{
	uint64_t wanted = first_octets(span_make(key->bytes, SHA256_LEN));
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->first[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->count && set->first[low] == wanted;
}

/* Whether memory knows that nothing of this address is on the list: neither
 * itself, as it is now spelled in a key or was once, nor its domain. */
static bool
is_none(const struct suppress_set *set, struct span canon)
{
	char folded[STOP_CANON_MAX];
	struct digest key;
	bool changed;

	if (canon.len > sizeof folded)
		return false;
	changed = stop_fold(canon, folded);
	crypt_mac(set->mac, span_make(folded, canon.len), &key);
	if (may_hold(set, &key))
		return false;
	if (changed) {
		crypt_mac(set->mac, canon, &key);
		if (may_hold(set, &key))
			return false;
	}
	if (set->plain)
		return true;
	crypt_mac(set->mac, stop_domain(span_make(folded, canon.len)), &key);
	return !may_hold(set, &key);
}

int
suppress_set_check(
    struct suppress_set *set, struct db *db, struct span canon, struct err *err)
{
	int fresh = is_fresh(set, db, err);

	if (fresh < 0)
		return -1;
	if (fresh && is_none(set, canon))
		return 0;
	return suppress_check(set->store, db, canon, set->list, err);
}
