/* When many come who were not there, the index of addresses is in the way: each
 * of them goes to another place of it, and pages are sealed again and again.  So
 * it is dropped and made anew in order behind the last row, all of it inside the
 * import's transaction.  Who was there before is asked of a connection that
 * still sees the store as it was; that no address comes twice in the file is
 * what the set of seen ones is for. */
#include "core/import/bulk.h"

#include <assert.h>
#include <stdlib.h>

#include "core/import/ahead.h"

enum {
	ROWS_MIN = 4096,
	OLD_FOR_NEW = 4 /* contacts there may be for each new one: to sort one
			 * in costs a third of what its place costs later */
};

static_assert((int)BULK_ROWS == (int)AHEAD_ROWS, "a lot fits");

struct made {
	const struct csv_person *person; /* borrowed until they are stored */
	struct known_evidence evidence;
	enum consent_basis basis;
};

struct bulk {
	struct commit *commit; /* borrowed */
	struct db *before;
	struct made made[BULK_ROWS];
	size_t count;
	int64_t next; /* id of the first of them */
};

bool
bulk_pays(const struct commit *commit, int64_t rows, int64_t contacts)
{
	const struct import_plan *plan = commit->plan;

	/* The last row of an address would have to find what the first one
	 * has made. */
	return commit->mode == COMMIT_STORE && plan->wins == IMPORT_FIRST &&
	       (plan->mode == IMPORT_BOTH || plan->mode == IMPORT_NEW) &&
	       rows >= ROWS_MIN && contacts / OLD_FOR_NEW <= rows;
}

int
bulk_begin(struct commit *commit, struct bulk **out, struct err *err)
{
	struct bulk *bulk = mem_new(sizeof *bulk);

	bulk->commit = commit;
	bulk->next = commit->made_from;
	db_cache(commit->db, STORE_CACHE_LOAD);
	if ((commit->any_contacts &&
		store_reader_open(commit->store, &bulk->before, err) < 0) ||
	    db_load_begin(commit->db, err) < 0) {
		bulk_free(&bulk);
		return -1;
	}
	if (bulk->before)
		db_cache(bulk->before, STORE_CACHE_BULK);
	*out = bulk;
	return 0;
}

struct db *
bulk_before(struct bulk *bulk)
{
	return bulk->before;
}

void
bulk_add(struct bulk *bulk, const struct csv_person *person,
    enum consent_basis basis)
{
	struct made *made;

	assert(bulk->count < BULK_ROWS);
	made = &bulk->made[bulk->count++];
	made->person = person;
	made->basis = basis;
	known_evidence(bulk->commit->plan, person, basis, &made->evidence);
}

/* ---- Storing ----------------------------------------------------------- */

static struct feed_value
number(int64_t value)
{
	return (struct feed_value){.number = value};
}

static struct feed_value
text(struct span value)
{
	return (struct feed_value){.text = value.ptr ? value : SPAN("")};
}

static void
feed_contact(void *arg, size_t i, struct feed_value value[FEED_COLUMNS])
{
	const struct bulk *bulk = arg;
	const struct csv_person *person = bulk->made[i].person;

	value[0] = number(bulk->next + (int64_t)i);
	value[1] = text(person->address.address);
	value[2] = text(person->address.canon);
	value[3] = text(person->name);
	value[4] = text(person->fields);
	value[5] = number(person->address.quirk);
	value[6] = number(bulk->commit->now_ms);
}

static void
feed_member(void *arg, size_t i, struct feed_value value[FEED_COLUMNS])
{
	const struct bulk *bulk = arg;
	const struct known_evidence *evidence = &bulk->made[i].evidence;

	value[0] = number(bulk->commit->list.v);
	value[1] = number(bulk->next + (int64_t)i);
	value[2] = number(bulk->made[i].basis);
	value[3] = number(evidence->at_ms);
	value[4] = text(evidence->note);
	value[5] = number(bulk->commit->import);
	value[6] = number(evidence->how);
	value[7] = number(evidence->wording);
	value[8] = text(evidence->ip);
	value[9] = text(evidence->paper);
	value[10] = number(evidence->confirmed_ms);
}

static int
store_tags(struct bulk *bulk, struct err *err)
{
	for (size_t i = 0; i < bulk->count; i++) {
		if (known_tag(bulk->commit, bulk->made[i].person,
			bulk->next + (int64_t)i, err) < 0)
			return -1;
	}
	return 0;
}

int
bulk_flush(struct bulk *bulk, struct err *err)
{
	static const char contacts[] =
	    "INSERT INTO contact(id, address, canon, name, fields, quirk,"
	    " created_ms, changed_ms) SELECT c0, c1, c2, c3, c4, c5, c6, c6"
	    " FROM feed";
	static const char members[] =
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note,"
	    " import, how, wording, ip, paper, confirmed_ms) SELECT c0, c1, c2,"
	    " c3, c4, c5, c6, c7, c8, c9, c10 FROM feed";
	struct load_feed feed = {
	    .rows = bulk->count, .row = feed_contact, .arg = bulk};
	struct db *db = bulk->commit->db;

	if (bulk->count == 0)
		return 0;
	if (db_feed(db, contacts, &feed, err) < 0)
		return -1;
	feed.row = feed_member;
	if (db_feed(db, members, &feed, err) < 0 || store_tags(bulk, err) < 0)
		return -1;
	bulk->next += (int64_t)bulk->count;
	bulk->count = 0;
	return 0;
}

int
bulk_end(struct bulk *bulk, struct err *err)
{
	if (bulk_flush(bulk, err) < 0)
		return -1;
	return db_load_end(bulk->commit->db, bulk->commit->cancelled, err);
}

void
bulk_free(struct bulk **bulk)
{
	if (!*bulk)
		return;
	store_reader_close(&(*bulk)->before);
	free(*bulk);
	*bulk = NULL;
}
