/* One pass over the frozen audience.  What is judged of a domain is judged once
 * for all who have their mail there. */
#include "core/review/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/contacts/contacts.h"
#include "core/mail/doubtful.h"

enum { ASK_EVERY = 4096 };

/* What is needed while reading only. */
struct reading {
	struct crowd *crowd;
	size_t *slot; /* of domains: index + 1, 0: free */
	size_t room, domain_room;
	uint64_t *twin; /* hash of each address in lower case */
	size_t twin_room;
	struct buf ours, plain;
};

/* ---- Domains --------------------------------------------------------------- */

static uint64_t
hash_lower(struct span text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + 32);
		hash = (hash ^ c) * UINT64_C(0x100000001b3);
	}
	hash ^= hash >> 32;
	hash *= UINT64_C(0xd6e8feb86659fd93);
	return hash ^ hash >> 32;
}

/* Our own domains, one a line; those below them are ours as well. */
static bool
is_ours(const struct buf *ours, struct span domain)
{
	struct span rest = buf_span(ours), line;

	while (rest.len) {
		line = span_cut(&rest, '\n');
		if (line.len && span_ends(domain, line) &&
		    (domain.len == line.len ||
			domain.ptr[domain.len - line.len - 1] == '.'))
			return true;
	}
	return false;
}

static size_t
find_slot(const struct reading *reading, struct span name)
{
	const struct crowd *crowd = reading->crowd;
	size_t at = (size_t)hash_lower(name) & (reading->room - 1);

	while (reading->slot[at] &&
	       !span_equal(crowd->domain[reading->slot[at] - 1].name, name))
		at = (at + 1) & (reading->room - 1);
	return at;
}

static void
more_slots(struct reading *reading)
{
	reading->room = reading->room ? reading->room * 2 : 256;
	free(reading->slot);
	reading->slot = mem_array(reading->room, sizeof *reading->slot);
	for (size_t i = 0; i < reading->crowd->domains; i++)
		reading
		    ->slot[find_slot(reading, reading->crowd->domain[i].name)] =
		    i + 1;
}

static struct crowd_domain *
domain_of(struct reading *reading, struct span name)
{
	struct crowd *crowd = reading->crowd;
	struct crowd_domain *domain;
	size_t at;

	if (crowd->domains * 2 >= reading->room)
		more_slots(reading);
	at = find_slot(reading, name);
	if (reading->slot[at])
		return &crowd->domain[reading->slot[at] - 1];
	if (crowd->domains == reading->domain_room) {
		reading->domain_room =
		    reading->domain_room ? reading->domain_room * 2 : 128;
		crowd->domain = mem_grow(crowd->domain,
		    reading->domain_room * sizeof *crowd->domain);
	}
	domain = &crowd->domain[crowd->domains++];
	reading->slot[at] = crowd->domains;
	*domain = (struct crowd_domain){.name = arena_copy(crowd->arena, name),
	    .group = group_of_domain(name),
	    .is_ours = is_ours(&reading->ours, name),
	    .meant = doubtful_domain(name)};
	return domain;
}

/* ---- Rows ------------------------------------------------------------------ */

static void
keep_first(struct crowd *crowd, struct span *first, struct span value)
{
	if (!first->ptr)
		*first = arena_copy(crowd->arena, value);
}

static void
note_address(struct reading *reading, struct span canon)
{
	struct crowd *crowd = reading->crowd;
	struct crowd_domain *domain;
	size_t at = canon.len;

	while (at > 0 && canon.ptr[at - 1] != '@')
		at--;
	domain = domain_of(reading, span_slice(canon, at, canon.len));
	domain->count++;
	crowd->group[domain->group]++;
	if (domain->meant.len) {
		crowd->slips++;
		keep_first(crowd, &crowd->slip, canon);
	}
	if (doubtful_role(span_slice(canon, 0, at ? at - 1 : 0))) {
		crowd->roles++;
		keep_first(crowd, &crowd->role, canon);
	}
	crowd->ours += domain->is_ours;
	keep_first(
	    crowd, domain->is_ours ? &crowd->own : &crowd->stranger, canon);
}

static bool
is_filled(enum json_type type, struct span value)
{
	return value.len > 0 && type != JSON_NULL;
}

static void
note_column(struct reading *reading, struct span key, size_t hint)
{
	struct crowd *crowd = reading->crowd;
	size_t i;

	if (hint < crowd->columns && json_is(key, crowd->column[hint].name)) {
		crowd->column[hint].filled++;
		return;
	}
	for (i = 0; i < crowd->columns; i++) {
		if (json_is(key, crowd->column[i].name))
			break;
	}
	if (i == CROWD_COLUMNS_MAX)
		return;
	if (i == crowd->columns) {
		buf_clear(&reading->plain);
		json_unescape(key, &reading->plain);
		crowd->column[crowd->columns++] = (struct crowd_column){
		    arena_copy(crowd->arena, buf_span(&reading->plain)), 0};
	}
	crowd->column[i].filled++;
}

static void
note_fields(struct reading *reading, struct span fields)
{
	struct json_walk walk;
	struct span key, value;
	size_t at = 1; /* the name is the first column */

	json_begin(&walk, fields);
	while (json_next(&walk, &key, &value) == 1) {
		if (is_filled(walk.type, value))
			note_column(reading, key, at);
		at++;
	}
}

static void
note_row(struct reading *reading, struct stmt *stmt)
{
	struct crowd *crowd = reading->crowd;
	struct span canon = stmt_col_text(stmt, 1);
	int64_t contact = stmt_col_int(stmt, 0);

	if ((size_t)crowd->recipients == reading->twin_room) {
		reading->twin_room =
		    reading->twin_room ? reading->twin_room * 2 : 1024;
		reading->twin = mem_grow(
		    reading->twin, reading->twin_room * sizeof *reading->twin);
	}
	reading->twin[crowd->recipients++] = hash_lower(canon);
	if (contact >= crowd->first_contact && contact <= crowd->last_contact)
		crowd->marks[contact - crowd->first_contact] = CROWD_MEMBER;
	note_address(reading, canon);
	crowd->column[0].filled += span_trim(stmt_col_text(stmt, 2)).len > 0;
	note_fields(reading, stmt_col_text(stmt, 3));
}

static int
read_rows(struct reading *reading, struct db *db, struct campaign_id campaign,
    const atomic_bool *stop, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT contact, canon, name, fields FROM outbox"
	    " WHERE campaign = ?1 ORDER BY seq",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		note_row(reading, stmt);
		if (reading->crowd->recipients % ASK_EVERY == 0 && stop &&
		    atomic_load(stop)) {
			got = err_set(err, E_CANCELLED);
			break;
		}
	}
	stmt_reset(stmt);
	return got;
}

/* ---- Those that differ by case alone --------------------------------------- */

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Reads again for one that shows it; equal canonical addresses are another
 * matter, and equal hashes of others do not happen. */
static int
find_twin(struct crowd *crowd, struct db *db, struct campaign_id campaign,
    uint64_t hash, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT canon FROM outbox WHERE campaign = ?1 ORDER BY seq", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (hash_lower(stmt_col_text(stmt, 0)) == hash) {
			keep_first(crowd, &crowd->twin, stmt_col_text(stmt, 0));
			break;
		}
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static int
count_twins(struct reading *reading, struct db *db, struct campaign_id campaign,
    struct err *err)
{
	struct crowd *crowd = reading->crowd;
	size_t count = (size_t)crowd->recipients;
	uint64_t first = 0;

	if (count == 0)
		return 0;
	qsort(reading->twin, count, sizeof *reading->twin, by_value);
	for (size_t i = 1; i < count; i++) {
		if (reading->twin[i] != reading->twin[i - 1])
			continue;
		if (crowd->twins++ == 0)
			first = reading->twin[i];
	}
	if (!crowd->twins)
		return 0;
	return find_twin(crowd, db, campaign, first, err);
}

/* ---- Beginning and end ----------------------------------------------------- */

static void
add_line(struct buf *to, struct span line)
{
	line = span_trim(line);
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];

		buf_char(to, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
	if (line.len)
		buf_char(to, '\n');
}

static void
add_host(struct buf *to, struct span address)
{
	size_t at = span_index(address, '@');

	if (at < address.len)
		add_line(to, span_slice(address, at + 1, address.len));
}

static int
read_ours(struct reading *reading, struct db *db,
    const struct campaign *campaign, struct err *err)
{
	struct buf value = BUF_INIT;
	struct span rest;
	int rc = setting_read(db, "sender.domains", &value, err);

	rest = buf_span(&value);
	while (rest.len)
		add_line(&reading->ours, span_cut(&rest, ','));
	buf_clear(&value);
	if (rc == 0)
		rc = setting_read(db, "sender.address", &value, err);
	add_host(&reading->ours, buf_span(&value));
	add_host(&reading->ours, buf_span(&campaign->from_address));
	buf_done(&value);
	return rc;
}

static int
make_marks(struct crowd *crowd, struct db *db, struct campaign_id campaign,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT coalesce(min(contact), 0), coalesce(max(contact), 0)"
	    " FROM outbox WHERE campaign = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		crowd->first_contact = stmt_col_int(stmt, 0);
		crowd->last_contact = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	if (got != 1)
		return -1;
	crowd->marks = mem_array(
	    (size_t)(crowd->last_contact - crowd->first_contact) + 1, 1);
	return 0;
}

int
crowd_read(struct db *db, const struct campaign *campaign,
    const atomic_bool *stop, struct crowd **out, struct err *err)
{
	struct crowd *crowd = mem_new(sizeof *crowd);
	struct reading reading = {.crowd = crowd};
	int rc = -1;

	crowd->arena = arena_new();
	crowd->column[0].name = SPAN("");
	crowd->columns = 1;
	if (read_ours(&reading, db, campaign, err) == 0 &&
	    make_marks(crowd, db, campaign->id, err) == 0 &&
	    read_rows(&reading, db, campaign->id, stop, err) == 0 &&
	    count_twins(&reading, db, campaign->id, err) == 0)
		rc = 0;
	free(reading.slot);
	free(reading.twin);
	buf_done(&reading.ours);
	buf_done(&reading.plain);
	if (rc < 0)
		crowd_free(&crowd);
	else
		*out = crowd;
	return rc;
}

void
crowd_free(struct crowd **crowd)
{
	if (!*crowd)
		return;
	arena_free(&(*crowd)->arena);
	free((*crowd)->domain);
	free((*crowd)->marks);
	free(*crowd);
	*crowd = NULL;
}

unsigned char *
crowd_mark(struct crowd *crowd, int64_t contact)
{
	unsigned char *mark;

	if (contact < crowd->first_contact || contact > crowd->last_contact)
		return NULL;
	mark = &crowd->marks[contact - crowd->first_contact];
	return *mark & CROWD_MEMBER ? mark : NULL;
}
