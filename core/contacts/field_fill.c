/* How many have a field filled: looked at in the first members only, because
 * the answer is for somebody who is writing and wants it now. */
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/contacts/contacts.h"

#include <stdlib.h>

enum { MEMBERS = 10000 };

static bool
is_filled(enum json_type type, struct span value)
{
	return value.len > 0 && type != JSON_NULL && type != JSON_FALSE;
}

/* hint: where the name stood in the row before, usually right. */
static void
count_value(const char *const *name, size_t count, struct span key, size_t hint,
    int64_t *filled)
{
	if (hint < count && json_is(key, span_of(name[hint]))) {
		filled[hint]++;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (json_is(key, span_of(name[i]))) {
			filled[i]++;
			return;
		}
	}
}

static void
count_fields(
    struct span fields, const char *const *name, size_t count, int64_t *filled)
{
	struct json_walk walk;
	struct span key, value;
	size_t at = 0;

	json_begin(&walk, fields);
	while (json_next(&walk, &key, &value) == 1) {
		if (is_filled(walk.type, value))
			count_value(name, count, key, at, filled);
		at++;
	}
}

int
field_fill(struct db *db, struct list_id list, const char *const *name,
    size_t count, int *percent, struct err *err)
{
	int64_t *filled = mem_array(count + 1, sizeof *filled), members = 0;
	struct stmt *stmt;
	int got = -1;

	stmt = db_stmt(db,
	    "SELECT c.name, c.fields FROM member m JOIN contact c"
	    " ON c.id = m.contact WHERE m.list = ?1 LIMIT ?2",
	    err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, list.v);
	stmt_int(stmt, 2, MEMBERS);
	while ((got = stmt_step(stmt, err)) == 1) {
		members++;
		filled[count] += stmt_col_text(stmt, 0).len > 0;
		count_fields(stmt_col_text(stmt, 1), name, count, filled);
	}
	for (size_t i = 0; i <= count; i++)
		percent[i] = members ? (int)(filled[i] * 100 / members) : 0;
out:
	free(filled);
	return got < 0 ? -1 : 0;
}
