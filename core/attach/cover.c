/* A set against all recipients: who has no file, which files nobody gets, and
 * which ones several would get.  Found before the review, shown by it. */
#include <stdlib.h>

#include "core/attach/attach.h"
#include "core/base/mem.h"
#include "core/mail/address.h"

struct covering {
	struct db *db;
	const struct attach_row *set;
	struct attach_pattern *pattern;
	struct buf key;
	unsigned char *used; /* per file: 0, 1, 2 = several */
	struct attach_cover *out;
};

static void
note_without(
    struct covering *covering, struct span address, const struct err *why)
{
	struct attach_cover *out = covering->out;

	if (out->first_without > 0)
		return;
	out->first_without = out->recipients;
	out->why = *why;
	span_text(out->without_address, sizeof out->without_address, address);
}

static int
cover_one(struct covering *covering, const struct attach_person *person,
    struct err *err)
{
	struct attach_cover *out = covering->out;
	struct attach_file file;
	struct err why = {.code = E_NONE};

	out->recipients++;
	buf_clear(&covering->key);
	if (attach_pattern_fill(
		covering->pattern, person, &covering->key, &why) < 0 ||
	    attach_find(covering->db, covering->set->id,
		buf_span(&covering->key), &file, &why) < 0) {
		if (why.code != E_ATTACH_KEY && why.code != E_ATTACH_NONE) {
			*err = why;
			return -1;
		}
		note_without(covering, person->address, &why);
		return 0;
	}
	out->with_file++;
	if (file.octets > out->largest)
		out->largest = file.octets;
	if (file.number >= 1 && file.number <= covering->set->files) {
		unsigned char *used = &covering->used[file.number - 1];

		out->shared += *used == 1;
		if (*used < 2)
			++*used;
	}
	return 0;
}

static int
cover_all(struct covering *covering, struct stmt *people,
    const atomic_bool *cancel, struct err *err)
{
	int got;

	while ((got = stmt_step(people, err)) == 1) {
		const struct attach_person person = {
		    .address = stmt_col_text(people, 0),
		    .name = stmt_col_text(people, 1),
		    .fields = stmt_col_text(people, 2),
		};

		if (cancel && atomic_load(cancel))
			got = err_set(err, E_CANCELLED);
		if (got < 0 || cover_one(covering, &person, err) < 0) {
			stmt_reset(people);
			return -1;
		}
	}
	return got;
}

static int
count_unused(struct covering *covering, struct err *err)
{
	struct attach_cover *out = covering->out;
	int64_t first = 0;
	struct stmt *stmt;

	for (int64_t i = 0; i < covering->set->files; i++) {
		if (covering->used[i] == 0 && out->unused++ == 0)
			first = i + 1;
	}
	if (first == 0)
		return 0;
	stmt = db_stmt(covering->db,
	    "SELECT name FROM attachment_file WHERE attachment = ?1"
	    " AND number = ?2",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, covering->set->id);
	stmt_int(stmt, 2, first);
	if (stmt_step(stmt, err) == 1)
		span_text(out->first_unused, sizeof out->first_unused,
		    stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	return 0;
}

int
attach_cover(struct db *db, const struct campaign *campaign,
    const struct attach_row *set, enum attach_audience audience,
    const atomic_bool *cancel, struct attach_cover *out, struct err *err)
{
	struct covering covering = {.db = db, .set = set, .out = out};
	struct stmt *people;
	int rc = -1;

	*out = (struct attach_cover){.recipients = 0};
	if (attach_pattern_read(span_of(set->name), &covering.pattern, err) < 0)
		return -1;
	covering.used = mem_array((size_t)set->files + 1, 1);
	people = audience == ATTACH_FROZEN
		     ? db_stmt(db,
			   "SELECT address, name, fields FROM outbox"
			   " WHERE campaign = ?1 ORDER BY seq",
			   err)
		     : db_stmt(db,
			   "SELECT c.address, c.name, c.fields FROM member m"
			   " JOIN contact c ON c.id = m.contact"
			   " WHERE m.list = ?1 ORDER BY m.contact",
			   err);
	if (people) {
		stmt_int(people, 1,
		    audience == ATTACH_FROZEN ? campaign->id.v
					      : campaign->list);
		if (cover_all(&covering, people, cancel, err) == 0)
			rc = count_unused(&covering, err);
	}
	attach_pattern_free(&covering.pattern);
	buf_done(&covering.key);
	free(covering.used);
	return rc;
}

int
attach_member(struct db *db, const struct campaign *campaign,
    struct span address, struct arena *arena, struct attach_person *out,
    struct err *err)
{
	struct address parsed;
	struct stmt *stmt;
	int got;

	if (address_parse(address, arena, &parsed, err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "SELECT c.address, c.name, c.fields FROM contact c JOIN member m"
	    " ON m.contact = c.id WHERE m.list = ?1 AND c.canon = ?2",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->list);
	stmt_text(stmt, 2, parsed.canon);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->address = arena_copy(arena, stmt_col_text(stmt, 0));
		out->name = arena_copy(arena, stmt_col_text(stmt, 1));
		out->fields = arena_copy(arena, stmt_col_text(stmt, 2));
	}
	stmt_reset(stmt);
	return got;
}
