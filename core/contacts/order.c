/* Sorting people.  Every one gets a key, read from the store in the order of ids;
 * what decides most comparisons, the first octets of a text or a number, stands
 * in the key itself.  Only the keys move. */
#include "core/contacts/order.h"

#include <stdlib.h>

#include "core/base/match.h"
#include "core/contacts/contacts.h"

enum {
	FEW = 20000,      /* people that are read one by one */
	LOOK_EVERY = 4096 /* rows between two looks at the stop flag */
};

enum reach { ONE, ALL };

struct order_key {
	int64_t id;
	uint64_t first; /* the number, or the beginning of the text */
	size_t at;      /* of the text */
	uint32_t len;
	bool known; /* there is a value */
};

struct sorter {
	struct db *db;
	struct list_id list;
	enum contact_order order;
	enum contact_way way;
	const atomic_bool *stop;
	struct order_key *key; /* count of them, by id until sorting begins */
	struct order_key *room;
	size_t count;
	struct buf text;
};

static int
look(const struct sorter *self, size_t at, struct err *err)
{
	if (at % LOOK_EVERY != 0 || !self->stop || !atomic_load(self->stop))
		return 0;
	return err_set(err, E_CANCELLED);
}

/* ---- Sorting --------------------------------------------------------------- */

static int
compare_texts(const struct sorter *self, const struct order_key *a,
    const struct order_key *b)
{
	uint32_t len = a->len < b->len ? a->len : b->len;
	int order = 0;

	if (len > 0)
		order =
		    memcmp(self->text.ptr + a->at, self->text.ptr + b->at, len);
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int
compare(const struct sorter *self, const struct order_key *a,
    const struct order_key *b)
{
	int order;

	if (self->order == CONTACT_BY_ID)
		return a->id < b->id ? -1 : a->id > b->id;
	if (a->known != b->known)
		return a->known ? -1 : 1;
	if (a->first != b->first)
		order = a->first < b->first ? -1 : 1;
	else
		order = compare_texts(self, a, b);
	return self->way == CONTACT_UP ? order : -order;
}

/* Merges two sorted runs, from..middle and middle..to, into the room. */
static void
merge(struct sorter *self, size_t from, size_t middle, size_t to)
{
	size_t a = from, b = middle;

	for (size_t i = from; i < to; i++) {
		bool first =
		    b == to || (a < middle && compare(self, &self->key[a],
						  &self->key[b]) <= 0);

		self->room[i] = self->key[first ? a++ : b++];
	}
}

/* A merge sort, since what is equal stays in the order of ids. */
static int
sort(struct sorter *self, struct err *err)
{
	size_t merged = 0;

	for (size_t run = 1; run < self->count; run *= 2) {
		struct order_key *other = self->room;

		for (size_t from = 0; from < self->count; from += 2 * run) {
			size_t middle = from + run, to = from + 2 * run;

			if (middle > self->count)
				middle = self->count;
			if (to > self->count)
				to = self->count;
			merge(self, from, middle, to);
			merged += to - from;
			if (merged < LOOK_EVERY)
				continue;
			merged = 0;
			if (look(self, 0, err) < 0)
				return -1;
		}
		self->room = self->key;
		self->key = other;
	}
	return 0;
}

/* ---- Keys ------------------------------------------------------------------ */

static void
set_text(struct sorter *self, struct order_key *key, struct span text)
{
	key->at = self->text.len;
	match_fold(text, &self->text);
	key->len = (uint32_t)(self->text.len - key->at);
	key->known = key->len > 0;
	for (size_t i = 0; i < sizeof key->first; i++) {
		unsigned char c =
		    i < key->len ? (unsigned char)self->text.ptr[key->at + i]
				 : 0;

		key->first = key->first << 8 | c;
	}
}

static void
set_number(struct order_key *key, int64_t number)
{
	key->first = (uint64_t)number ^ (uint64_t)1 << 63;
	key->known = true;
}

static void
set_column(struct sorter *self, struct order_key *key, struct stmt *row)
{
	if (self->order == CONTACT_BY_SENT || self->order == CONTACT_BY_CONSENT)
		set_number(key, stmt_col_int(row, 1));
	else
		set_text(self, key, stmt_col_text(row, 1));
}

/* The statement that has (id, value) for one person, or for all from ?1 on,
 * ?2 is the list. */
static const char *
statement(enum contact_order order, enum reach reach)
{
	static const char address[] =
	    "SELECT id, address FROM contact WHERE id = ?1 AND ?2 = ?2";
	static const char name[] =
	    "SELECT id, name FROM contact WHERE id = ?1 AND ?2 = ?2";
	static const char sent[] =
	    "SELECT o.contact, max(l.at_ms) FROM outbox o CROSS JOIN ledger l"
	    " ON l.campaign = o.campaign AND l.seq = o.seq"
	    " WHERE o.contact = ?1 AND l.state = 3 AND ?2 = ?2"
	    " GROUP BY o.contact";
	static const char ground[] =
	    "SELECT contact, basis_at_ms FROM member WHERE list = ?2"
	    " AND contact = ?1 AND basis_at_ms <> 0";
	static const char grounds[] =
	    "SELECT contact, basis_at_ms FROM member WHERE list = ?2"
	    " AND contact >= ?1 AND basis_at_ms <> 0 ORDER BY contact";
	static const char addresses[] =
	    "SELECT m.contact, c.address FROM member m CROSS JOIN contact c"
	    " ON c.id = m.contact WHERE m.list = ?2 AND m.contact >= ?1"
	    " ORDER BY m.contact";
	static const char names[] =
	    "SELECT m.contact, c.name FROM member m CROSS JOIN contact c"
	    " ON c.id = m.contact WHERE m.list = ?2 AND m.contact >= ?1"
	    " ORDER BY m.contact";
	static const char times[] =
	    "SELECT o.contact, max(l.at_ms) FROM outbox o CROSS JOIN ledger l"
	    " ON l.campaign = o.campaign AND l.seq = o.seq"
	    " WHERE o.contact >= ?1 AND l.state = 3 AND ?2 = ?2"
	    " GROUP BY o.contact ORDER BY o.contact";

	if (order == CONTACT_BY_ADDRESS)
		return reach == ALL ? addresses : address;
	if (order == CONTACT_BY_CONSENT)
		return reach == ALL ? grounds : ground;
	if (order == CONTACT_BY_NAME)
		return reach == ALL ? names : name;
	return reach == ALL ? times : sent;
}

static struct stmt *
ask(struct sorter *self, enum reach reach, int64_t id, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(self->db, statement(self->order, reach), err);

	if (stmt) {
		stmt_int(stmt, 1, id);
		stmt_int(stmt, 2, self->list.v);
	}
	return stmt;
}

static int
read_few(struct sorter *self, struct err *err)
{
	for (size_t i = 0; i < self->count; i++) {
		struct stmt *stmt = ask(self, ONE, self->key[i].id, err);
		int got = stmt ? stmt_step(stmt, err) : -1;

		if (got == 1)
			set_column(self, &self->key[i], stmt);
		stmt_reset(stmt);
		if (got < 0 || look(self, i, err) < 0)
			return -1;
	}
	return 0;
}

static int
read_all(struct sorter *self, struct err *err)
{
	struct stmt *stmt = ask(self, ALL, self->key[0].id, err);
	size_t at = 0;
	int got = 1;

	if (!stmt)
		return -1;
	db_stop_when(self->db, self->stop);
	while (at < self->count && (got = stmt_step(stmt, err)) == 1) {
		int64_t id = stmt_col_int(stmt, 0);

		while (at < self->count && self->key[at].id < id)
			at++;
		if (at < self->count && self->key[at].id == id)
			set_column(self, &self->key[at++], stmt);
	}
	stmt_reset(stmt);
	db_stop_when(self->db, NULL);
	return got < 0 ? -1 : 0;
}

/* Gives those whom a filter finds a number. */
static int
mark(struct sorter *self, struct span filter_text, int64_t now_ms,
    int64_t number, struct err *err)
{
	struct contact_id *found = mem_array(FEW, sizeof *found);
	struct contact_id from = {self->key[0].id};
	struct filter *filter = NULL;
	int64_t got = -1;
	size_t at = 0;

	if (filter_prepare(self->db, filter_text, now_ms, &filter, err) == 0) {
		do {
			got = contact_ids(self->db, self->list, from, filter,
			    self->stop, found, FEW, err);
			for (int64_t i = 0; i < got; i++) {
				while (at < self->count &&
				       self->key[at].id < found[i].v)
					at++;
				if (at < self->count &&
				    self->key[at].id == found[i].v)
					set_number(&self->key[at], number);
			}
			if (got > 0)
				from.v = found[got - 1].v + 1;
		} while (got == FEW);
	}
	filter_free(&filter);
	free(found);
	return got < 0 ? -1 : 0;
}

static int
read_keys(struct sorter *self, int64_t now_ms, struct err *err)
{
	if (self->order == CONTACT_BY_STATUS) {
		for (size_t i = 0; i < self->count; i++)
			set_number(&self->key[i], 0);
		return mark(self, SPAN("status:nobasis"), now_ms, 1, err) < 0 ||
			       mark(self, SPAN("status:stopped"), now_ms, 2,
				   err) < 0
			   ? -1
			   : 0;
	}
	return self->count <= FEW ? read_few(self, err) : read_all(self, err);
}

int
contact_sort(struct store *store, struct db *db, struct list_id list,
    enum contact_order order, enum contact_way way, const atomic_bool *stop,
    struct contact_id *id, size_t count, struct err *err)
{
	struct sorter self = {.db = db,
	    .list = list,
	    .order = CONTACT_BY_ID,
	    .way = way,
	    .stop = stop,
	    .count = count,
	    .text = BUF_INIT};
	int rc = 0;

	if (count == 0)
		return 0;
	self.key = mem_array(count, sizeof *self.key);
	self.room = mem_array(count, sizeof *self.room);
	for (size_t i = 0; i < count; i++)
		self.key[i].id = id[i].v;
	rc = sort(&self, err);
	self.order = order;
	if (rc == 0 && order != CONTACT_BY_ID) {
		rc = read_keys(&self, clock_now_ms(store_clock(store)), err);
		if (rc == 0)
			rc = sort(&self, err);
	}
	for (size_t i = 0; i < count && rc == 0; i++)
		id[i].v = self.key[i].id;
	free(self.key);
	free(self.room);
	buf_wipe(&self.text);
	return rc;
}
