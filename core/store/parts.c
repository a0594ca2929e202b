/* The pieces that filters are made of, and the functions that they call.  What
 * comes in as a value stays one: the functions compare, they compile nothing. */
#include "core/store/parts.h"

#include "core/base/json.h"
#include "core/base/match.h"
#include "core/store/stop_match.h"

static const char *const pieces[FRAGMENTS] = {
#define X(name, text) [FRAGMENT_##name] = (text),
#include "core/store/fragment.def"
#undef X
};

bool
parts_text(const enum fragment *part, size_t count, struct buf *out)
{
	if (count > FRAGMENTS_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		if ((unsigned)part[i] >= FRAGMENTS)
			return false;
		buf_text(out, pieces[part[i]]);
	}
	return true;
}

static struct span
text_of(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return span_make(text, (size_t)sqlite3_value_bytes(value));
}

/* holds(folded, text, ...): whether it stands in one of them. */
static void
holds_sql(sqlite3_context *context, int count, sqlite3_value **value)
{
	struct span folded = text_of(value[0]);
	int found = 0;

	for (int i = 1; i < count && !found; i++)
		found = match_holds(text_of(value[i]), folded);
	sqlite3_result_int(context, found);
}

/* value(op, text, a, b): match_value(). */
static void
value_sql(sqlite3_context *context, int count, sqlite3_value **value)
{
	(void)count;
	sqlite3_result_int(context,
	    match_value((enum match_op)sqlite3_value_int(value[0]),
		text_of(value[1]), text_of(value[2]), text_of(value[3])));
}

/* domain(address, domain, under): whether it is there, or below. */
static void
domain_sql(sqlite3_context *context, int count, sqlite3_value **value)
{
	struct span address = text_of(value[0]), domain = text_of(value[1]);
	size_t before = address.len - domain.len;
	int under = sqlite3_value_int(value[2]);

	(void)count;
	sqlite3_result_int(
	    context, span_ends(address, domain) && before > 0 &&
			 (address.ptr[before - 1] == '@' ||
			     (under && address.ptr[before - 1] == '.')));
}

/* at(address): "@" and the domain, as whole domains are stopped. */
static void
at_sql(sqlite3_context *context, int count, sqlite3_value **value)
{
	struct span address = text_of(value[0]);
	size_t at = address.len;

	(void)count;
	while (at > 0 && address.ptr[at - 1] != '@')
		at--;
	if (at == 0)
		return;
	address = span_slice(address, at - 1, address.len);
	sqlite3_result_text64(
	    context, address.ptr, address.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* Whether the escaped key of an object is the name, folded. */
static bool
is_key(struct span key, struct span name, struct buf *room)
{
	if (span_index(key, '\\') == key.len)
		return match_same(key, name);
	buf_clear(room);
	json_unescape(key, room);
	return match_same(buf_span(room), name);
}

/* field(object, name, op, a, b): whether a field of this name has such a value.
 * Lists and objects are compared as they are written. */
static void
field_sql(sqlite3_context *context, int count, sqlite3_value **value)
{
	enum match_op op = (enum match_op)sqlite3_value_int(value[2]);
	struct span name = text_of(value[1]), key, text;
	struct buf room = BUF_INIT;
	struct json_walk walk;
	int found = 0;

	(void)count;
	json_begin(&walk, text_of(value[0]));
	while (!found && json_next(&walk, &key, &text) == 1) {
		if (!is_key(key, name, &room))
			continue;
		buf_clear(&room);
		json_show(walk.type, text, &room);
		found = match_value(
		    op, buf_span(&room), text_of(value[3]), text_of(value[4]));
	}
	buf_done(&room);
	sqlite3_result_int(context, found);
}

int
parts_install(sqlite3 *sql)
{
	static const struct {
		const char *name;
		int count;
		void (*run)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {
	    {"sekisho_holds", -1, holds_sql},
	    {"sekisho_value", 4, value_sql},
	    {"sekisho_at", 1, at_sql},
	    {"sekisho_domain", 3, domain_sql},
	    {"sekisho_field", 5, field_sql},
	};
	int rc = SQLITE_OK;

	for (size_t i = 0;
	    i < sizeof functions / sizeof *functions && rc == SQLITE_OK; i++)
		rc = sqlite3_create_function_v2(sql, functions[i].name,
		    functions[i].count,
		    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
		    functions[i].run, NULL, NULL, NULL);
	return rc;
}
