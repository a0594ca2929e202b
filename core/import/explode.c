/* A flat list out of nested objects.  Names that a merge mark cannot hold are
 * changed the way headers are; two members that would then be one field are a
 * reason to refuse the row, because one of the values would be lost. */
#include "core/import/explode.h"

#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/import/guess.h"

struct walk {
	struct arena *arena;   /* borrowed */
	struct explosion *out; /* borrowed */
	struct buf path;       /* of the object that is walked */
	struct buf text;       /* scratch */
	struct err *err;       /* borrowed; may be NULL */
};

static int
refuse(struct walk *walk, const char *why)
{
	err_set(walk->err, E_ROW_JSON);
	err_fact(walk->err, "column", buf_span(&walk->path));
	return err_fact(walk->err, "why", span_of(why));
}

static int
refuse_text(struct walk *walk, enum text_fault fault)
{
	err_set(
	    walk->err, fault == TEXT_CONTROL ? E_ROW_CONTROL : E_ROW_CHARACTER);
	return err_fact(walk->err, "column", buf_span(&walk->path));
}

static bool
is_taken(const struct explosion *out, struct span field)
{
	for (size_t i = 0; i < out->count; i++) {
		if (span_equal(out->member[i].field, field))
			return true;
	}
	return false;
}

/* Writes the field name of the path to text. */
static void
name_field(struct walk *walk)
{
	struct span rest = buf_span(&walk->path), all = rest;
	const char *fault;

	buf_clear(&walk->text);
	while (rest.len) {
		struct span one = span_slice(rest, 0, 1);
		uint32_t cp;

		utf8_next(&rest, &cp);
		one.len = (size_t)(rest.ptr - one.ptr);
		fault = contact_field_fault(one);
		/* a space is fine between letters, and empty by itself */
		if (fault && !strcmp(fault, "character"))
			one = SPAN("_");
		buf_add(&walk->text, one);
	}
	fault = contact_field_fault(all);
	if (fault && !strcmp(fault, "reserved"))
		buf_text(&walk->text, "_2");
}

static int
add_member(struct walk *walk, enum json_type type, struct span value)
{
	struct exploded *member = &walk->out->member[walk->out->count];
	enum text_fault fault;

	if (walk->out->count == EXPLODE_MAX)
		return refuse(walk, "members");
	name_field(walk);
	if (walk->text.len > EXPLODE_NAME_MAX ||
	    contact_field_fault(buf_span(&walk->text)))
		return refuse(walk, "name");
	if (is_taken(walk->out, buf_span(&walk->text)))
		return refuse(walk, "twice");
	member->path = arena_copy(walk->arena, buf_span(&walk->path));
	member->field = arena_copy(walk->arena, buf_span(&walk->text));
	buf_clear(&walk->text);
	json_show(type, value, &walk->text);
	fault = text_check_lines(buf_span(&walk->text));
	if (fault != TEXT_FINE)
		return refuse_text(walk, fault);
	member->value = arena_copy(walk->arena, buf_span(&walk->text));
	walk->out->count++;
	return 0;
}

/* Adds ".key" to the path: E_ROW_JSON when it is too long to be a name, which
 * also bounds what nesting can cost. */
static int
path_add(struct walk *walk, struct span key)
{
	if (walk->path.len)
		buf_char(&walk->path, '.');
	json_unescape(key, &walk->path);
	return walk->path.len > EXPLODE_NAME_MAX ? refuse(walk, "name") : 0;
}

static int
walk_object(struct walk *walk, struct span object)
{
	struct json_walk json;
	struct span key, value;
	size_t before = walk->path.len;
	int got;

	json_begin(&json, object);
	while ((got = json_next(&json, &key, &value)) == 1) {
		if (path_add(walk, key) < 0)
			return -1;
		if (json.type == JSON_OBJECT
			? walk_object(walk, value) < 0
			: add_member(walk, json.type, value) < 0)
			return -1;
		walk->path.len = before;
	}
	return got < 0 ? refuse(walk, "syntax") : 0;
}

int
explode(struct span cell, struct arena *arena, struct explosion *out,
    struct err *err)
{
	struct walk walk = {.arena = arena, .out = out, .err = err};
	int rc;

	*out = (struct explosion){0};
	if (text_is_blank(cell))
		return 0;
	out->member = arena_take(arena, EXPLODE_MAX * sizeof *out->member);
	rc = walk_object(&walk, text_trim(cell));
	buf_done(&walk.path);
	buf_done(&walk.text);
	return rc;
}
