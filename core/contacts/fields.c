/* The fields of contacts: which ones a list has, and what one contact has in
 * them.  Field names are no columns: whatever an import brought is a field. */
#include <stdlib.h>

#include "core/base/json.h"
#include "core/contacts/contacts.h"

/* Names met so far, in the order in which they were met. */
struct names {
	char **name;
	size_t count;
};

/* hint: where the name stood in the row before, usually right. */
static void
names_add(struct names *names, struct span escaped, size_t hint)
{
	struct buf plain = BUF_INIT;

	if (hint < names->count && json_is(escaped, span_of(names->name[hint])))
		return;
	for (size_t i = 0; i < names->count; i++) {
		if (json_is(escaped, span_of(names->name[i])))
			return;
	}
	json_unescape(escaped, &plain);
	names->name =
	    mem_grow(names->name, (names->count + 1) * sizeof *names->name);
	names->name[names->count++] = mem_text(buf_span(&plain));
	buf_done(&plain);
}

static int
bad_fields(struct err *err)
{
	err_set(err, E_BUG);
	return err_fact(err, "where", SPAN("contact.fields"));
}

static int
names_read(struct names *names, struct span fields, struct err *err)
{
	struct json_walk walk;
	struct span key, value;
	size_t at = 0;
	int got;

	json_begin(&walk, fields);
	while ((got = json_next(&walk, &key, &value)) == 1)
		names_add(names, key, at++);
	return got < 0 ? bad_fields(err) : 0;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
field_names(struct db *db, struct list_id list, char ***out, size_t *count,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT c.fields FROM member m JOIN contact c ON c.id = m.contact"
	    " WHERE m.list = ?1",
	    err);
	struct names names = {0};
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		got = names_read(&names, stmt_col_text(stmt, 0), err);
		if (got < 0)
			break;
	}
	stmt_reset(stmt);
	if (got < 0) {
		field_names_free(&names.name, names.count);
		return -1;
	}
	if (names.count)
		qsort(names.name, names.count, sizeof *names.name, by_text);
	*out = names.name;
	*count = names.count;
	return 0;
}

void
field_names_free(char ***names, size_t count)
{
	for (size_t i = 0; *names && i < count; i++)
		free((*names)[i]);
	free(*names);
	*names = NULL;
}

int
field_value(
    struct span fields, struct span name, struct buf *out, struct err *err)
{
	enum json_type type;
	struct span value;
	int got;

	buf_clear(out);
	got = json_find(fields, name, &type, &value);
	if (got == 1)
		json_show(type, value, out);
	return got < 0 ? bad_fields(err) : got;
}

int
field_at(struct span fields, size_t index, struct buf *name, struct buf *value,
    struct err *err)
{
	struct json_walk walk;
	struct span key, text;
	int got;

	buf_clear(name);
	buf_clear(value);
	json_begin(&walk, fields);
	while ((got = json_next(&walk, &key, &text)) == 1) {
		if (index-- == 0) {
			json_unescape(key, name);
			json_show(walk.type, text, value);
			return 1;
		}
	}
	return got < 0 ? bad_fields(err) : 0;
}

/* ---- Paths ------------------------------------------------------------- */

/* A search for one of several paths in a value. */
struct search {
	const struct field_path *path;
	size_t count;
	struct buf *room; /* for a string that holds JSON */
};

static bool has_path(const struct search *search, enum json_type type,
    struct span value, const struct span *part, size_t count);

static bool
in_members(const struct search *search, enum json_type type, struct span value,
    const struct span *part, size_t count)
{
	struct json_walk walk;
	struct span key, inner;
	bool list = type == JSON_ARRAY;

	(list ? json_begin_array : json_begin)(&walk, value);
	while (json_next(&walk, &key, &inner) == 1) {
		if (!list && !json_is(key, *part))
			continue;
		if (has_path(
			search, walk.type, inner, part + !list, count - !list))
			return true;
	}
	return false;
}

/* True when the value, or one of its elements, has this path below it.  A
 * string that is itself JSON counts as what it holds. */
static bool
has_path(const struct search *search, enum json_type type, struct span value,
    const struct span *part, size_t count)
{
	struct search inner = {.room = NULL};

	if (count == 0)
		return true;
	if (type == JSON_STRING && search->room &&
	    (span_starts(value, SPAN("[")) || span_starts(value, SPAN("{")))) {
		buf_clear(search->room);
		json_unescape(value, search->room);
		return json_value(buf_span(search->room), &type, &value) &&
		       has_path(&inner, type, value, part, count);
	}
	if (type != JSON_OBJECT && type != JSON_ARRAY)
		return false;
	return in_members(search, type, value, part, count);
}

/* 1 and *which when fields has one of the paths, 0 when none. */
static int
search_fields(const struct search *search, struct span fields, size_t *which,
    struct err *err)
{
	struct json_walk walk;
	struct span key, value;
	int got;

	json_begin(&walk, fields);
	while ((got = json_next(&walk, &key, &value)) == 1) {
		for (size_t i = 0; i < search->count; i++) {
			const struct field_path *path = &search->path[i];

			if (!json_is(key, path->part[0]) ||
			    !has_path(search, walk.type, value, path->part + 1,
				path->count - 1))
				continue;
			*which = i;
			return 1;
		}
	}
	return got < 0 ? bad_fields(err) : 0;
}

int
field_find_path(struct db *db, struct list_id list,
    const struct field_path *path, size_t count, size_t *which, struct err *err)
{
	struct buf room = BUF_INIT;
	const struct search search = {path, count, &room};
	struct stmt *stmt = db_stmt(db,
	    "SELECT c.fields FROM member m JOIN contact c ON c.id = m.contact"
	    " WHERE m.list = ?1",
	    err);
	int got = 0;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	while (got == 0 && (got = stmt_step(stmt, err)) == 1)
		got =
		    search_fields(&search, stmt_col_text(stmt, 0), which, err);
	stmt_reset(stmt);
	buf_done(&room);
	return got;
}

int
field_is_used(
    struct db *db, struct list_id list, struct span name, struct err *err)
{
	const struct field_path path = {&name, 1};
	size_t which;

	return field_find_path(db, list, &path, 1, &which, err);
}
