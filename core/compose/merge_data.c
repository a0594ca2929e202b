/* Decides which value a name means: that of the innermost section that has it,
 * at last the recipient's own.  The fields are read once for a recipient, and
 * only what the template names becomes a node. */
#include "core/compose/merge_data.h"

#include <stdlib.h>

#include "core/base/utf8.h"

/* ---- Life -------------------------------------------------------------- */

static unsigned
add_node(struct merge_data *data, struct merge_node node)
{
	if (data->count == data->room) {
		data->room = data->room ? data->room * 2 : 64;
		data->node =
		    mem_grow(data->node, data->room * sizeof *data->node);
	}
	data->node[data->count] = node;
	data->node[data->count].end = (unsigned)data->count + 1;
	return (unsigned)data->count++;
}

struct merge_data *
merge_data_new(const struct merge_set *set)
{
	struct merge_data *data = mem_new(sizeof *data);

	data->set = set;
	data->member = mem_array(set->part_count + 1, sizeof *data->member);
	data->value = mem_array(set->use_count + 1, sizeof *data->value);
	data->slot = mem_array(
	    (set->use_count + 1) * MERGE_CONTEXTS, sizeof *data->slot);
	for (size_t i = 0; i < set->fixed_count; i++)
		add_node(data, (struct merge_node){JSON_STRING, MERGE_NO_PART,
				   0, set->fixed[i]});
	return data;
}

void
merge_data_free(struct merge_data **data)
{
	struct merge_data *it = *data;

	if (!it)
		return;
	for (size_t i = 0; i < it->set->use_count; i++)
		buf_done(&it->value[i].room);
	for (size_t i = 0; i < it->set->use_count * MERGE_CONTEXTS; i++)
		buf_done(&it->slot[i].escaped);
	buf_done(&it->item.room);
	buf_done(&it->plain);
	free(it->value);
	free(it->slot);
	free(it->member);
	free(it->node);
	free(it);
	*data = NULL;
}

/* ---- Reading ----------------------------------------------------------- */

/* Where reading stands. */
struct read {
	struct merge_data *data;
	bool opened; /* inside of a text that is JSON: not again */
};

static bool read_node(const struct read *read, enum json_type type,
    struct span value, unsigned part);

/* The part of a name that a key is, MERGE_NO_PART for none; hint: the one that
 * the last key was, as the keys of all recipients stand in one order. */
static unsigned
find_part(const struct merge_set *set, struct span key, unsigned hint)
{
	bool escaped = span_index(key, '\\') < key.len;

	for (size_t i = 0; i < set->part_count; i++) {
		size_t at = (hint + 1 + i) % set->part_count;
		struct span name = set->part[at].name;

		if (escaped ? json_is(key, name)
			    : name.len == key.len &&
				  memcmp(name.ptr, key.ptr, key.len) == 0)
			return (unsigned)at;
	}
	return MERGE_NO_PART;
}

static bool
read_members(const struct read *read, struct span object)
{
	const struct merge_set *set = read->data->set;
	struct span key, value;
	struct json_walk walk;
	unsigned part, hint = 0;
	int got;

	json_begin(&walk, object);
	while ((got = json_next(&walk, &key, &value)) == 1) {
		part = find_part(set, key, hint);
		if (part == MERGE_NO_PART)
			continue;
		hint = part;
		if (!read_node(read, walk.type, value, part))
			return false;
	}
	return got == 0;
}

static bool
read_elements(const struct read *read, struct span array)
{
	struct span key, value;
	struct json_walk walk;
	int got;

	json_begin_array(&walk, array);
	while ((got = json_next(&walk, &key, &value)) == 1) {
		if (!read_node(read, walk.type, value, MERGE_NO_PART))
			return false;
	}
	return got == 0;
}

/* CRLF inside a value is a line end like LF; a lone CR stays and is refused
 * where it is used.  from: where the text begins that plain ends with. */
static void
drop_cr(struct buf *plain, size_t from)
{
	size_t to = from;

	for (size_t i = from; i < plain->len; i++) {
		if (plain->ptr[i] == '\r' && i + 1 < plain->len &&
		    plain->ptr[i + 1] == '\n')
			continue;
		plain->ptr[to++] = plain->ptr[i];
	}
	plain->len = to;
}

/* What an escaped or plain text means; there is room for all of them, so the
 * spans stay. */
static struct span
mean(struct merge_data *data, struct span text, bool escaped)
{
	struct buf *plain = &data->plain;
	size_t from = plain->len;

	if (escaped ? span_index(text, '\\') == text.len
		    : span_index(text, '\r') == text.len)
		return text;
	if (escaped)
		json_unescape(text, plain);
	else
		buf_add(plain, text);
	drop_cr(plain, from);
	return span_slice(buf_span(plain), from, plain->len);
}

static bool
read_text(const struct read *read, struct span value, unsigned part)
{
	struct merge_data *data = read->data;
	const struct read inner = {data, true};
	struct span text = mean(data, value, true);
	enum json_type type;
	unsigned node;
	bool ok;

	node = add_node(data, (struct merge_node){JSON_STRING, part, 0, text});
	if (read->opened || part == MERGE_NO_PART ||
	    !data->set->part[part].opens || text.len == 0 ||
	    (*text.ptr != '[' && *text.ptr != '{') ||
	    !json_value(text, &type, &value))
		return true;
	data->node[node].type = type;
	ok = type == JSON_OBJECT ? read_members(&inner, value)
				 : read_elements(&inner, value);
	data->node[node].end = (unsigned)data->count;
	return ok;
}

/* Makes a value and all that is in it nodes; false when they are too many. */
static bool
read_node(const struct read *read, enum json_type type, struct span value,
    unsigned part)
{
	struct merge_data *data = read->data;
	struct merge_node node = {type, part, 0, {NULL, 0}};
	unsigned number;
	bool ok = true;

	if (data->count >= MERGE_NODES_MAX)
		return false;
	if (type == JSON_STRING)
		return read_text(read, value, part);
	if (type == JSON_NUMBER || type == JSON_TRUE)
		node.text = value;
	number = add_node(data, node);
	if (type == JSON_OBJECT)
		ok = read_members(read, value);
	else if (type == JSON_ARRAY)
		ok = read_elements(read, value);
	data->node[number].end = (unsigned)data->count;
	return ok;
}

/* Makes a text that is no JSON the member of the root with this name. */
static void
read_plain(struct merge_data *data, const char *name, struct span text)
{
	unsigned part = find_part(data->set, span_of(name), 0);

	if (!text.ptr || part == MERGE_NO_PART)
		return;
	data->member[part] = add_node(data,
	    (struct merge_node){JSON_STRING, part, 0, mean(data, text, false)});
}

/* Notes where the members of the root are, the first of a name. */
static void
note_members(struct merge_data *data)
{
	const struct merge_node *root = &data->node[data->root];
	unsigned at = data->root + 1;

	for (size_t i = 0; i < data->set->part_count; i++)
		data->member[i] = MERGE_NO_NODE;
	if (root->type != JSON_OBJECT)
		return;
	for (; at < root->end; at = data->node[at].end) {
		unsigned part = data->node[at].part;
		if (data->member[part] == MERGE_NO_NODE)
			data->member[part] = at;
	}
}

int
merge_data_read(
    struct merge_data *data, const struct merge_person *person, struct err *err)
{
	const struct read read = {data, false};
	enum json_type type;
	struct span value;

	data->turn++;
	data->count = data->set->fixed_count;
	data->root = (unsigned)data->count;
	data->depth = data->objects = 0;
	buf_clear(&data->plain);
	/* a text that is JSON may need it twice */
	buf_reserve(&data->plain,
	    2 * person->fields.len + person->name.len + person->address.len);
	if (!json_value(person->fields, &type, &value)) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("contact.fields"));
	}
	if (!read_node(&read, type, value, MERGE_NO_PART)) {
		err_set(err, E_MERGE_VALUE);
		return err_fact(err, "why", SPAN("size"));
	}
	note_members(data);
	read_plain(data, "name", person->name);
	read_plain(data, "address", person->address);
	return 0;
}

/* ---- Names ------------------------------------------------------------- */

/* The member of a value, MERGE_NO_NODE when it has none of this name. */
static unsigned
find_member(const struct merge_data *data, unsigned node, unsigned part)
{
	const struct merge_node *it = &data->node[node];

	if (it->type != JSON_OBJECT)
		return MERGE_NO_NODE;
	for (unsigned at = node + 1; at < it->end; at = data->node[at].end) {
		if (data->node[at].part == part)
			return at;
	}
	return MERGE_NO_NODE;
}

/* What a single name means where we are. */
static unsigned
find_name(const struct merge_data *data, unsigned part)
{
	for (unsigned i = data->objects > 0 ? data->depth : 0; i > 0; i--) {
		unsigned at = find_member(data, data->frame[i - 1], part);
		if (at != MERGE_NO_NODE)
			return at;
	}
	return data->member[part];
}

static unsigned
find_field(const struct merge_data *data, const struct merge_field *field)
{
	unsigned at;

	if (field->fixed > 0)
		return field->fixed - 1;
	if (field->depth == 0)
		return data->depth > 0 ? data->frame[data->depth - 1]
				       : data->root;
	at = find_name(data, field->path[0]);
	for (unsigned i = 1; i < field->depth && at != MERGE_NO_NODE; i++)
		at = find_member(data, at, field->path[i]);
	return at;
}

/* ---- Sections ---------------------------------------------------------- */

struct merge_run
merge_run(struct merge_data *data, unsigned field)
{
	unsigned at = find_field(data, &data->set->field[field]);
	const struct merge_node *node;

	if (at == MERGE_NO_NODE)
		return (struct merge_run){0, 0, false};
	node = &data->node[at];
	switch (node->type) {
	case JSON_FALSE:
	case JSON_NULL:
		return (struct merge_run){0, 0, false};
	case JSON_STRING:
		if (merge_is_blank(node->text))
			return (struct merge_run){0, 0, false};
		break;
	case JSON_ARRAY:
		return (struct merge_run){at + 1, node->end, true};
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_OBJECT:
		break;
	}
	return (struct merge_run){at, node->end, false};
}

unsigned
merge_run_next(
    const struct merge_data *data, const struct merge_run *run, unsigned node)
{
	return run->list ? data->node[node].end : run->end;
}

void
merge_enter(struct merge_data *data, unsigned node)
{
	data->frame[data->depth++] = node;
	data->objects += data->node[node].type == JSON_OBJECT;
}

void
merge_leave(struct merge_data *data)
{
	unsigned node = data->frame[--data->depth];

	data->objects -= data->node[node].type == JSON_OBJECT;
}

/* ---- Values ------------------------------------------------------------ */

/* True for UTF-8 without controls; LF is allowed where one_line is false. */
static bool
is_clean(struct span value, bool one_line)
{
	uint32_t cp;
	enum utf8_got got;

	while ((got = utf8_next(&value, &cp)) != UTF8_END) {
		if (got == UTF8_BAD)
			return false;
		if (cp == '\n' && !one_line)
			continue;
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
		    cp == 0x2029)
			return false;
	}
	return true;
}

static int
bad_value(const struct merge_mark *mark, const char *why, struct err *err)
{
	err_set(err, E_MERGE_VALUE);
	err_fact(err, "field", mark->name);
	return err_fact(err, "why", span_of(why));
}

static struct span
text_of(const struct merge_data *data, unsigned node)
{
	if (node == MERGE_NO_NODE || !data->node[node].text.ptr)
		return SPAN("");
	return data->node[node].text;
}

static void
write_addressee(struct merge_data *data, const struct merge_format *format,
    struct merge_value *out)
{
	struct span part[NAME_PARTS];

	for (size_t i = 0; i < NAME_PARTS; i++) {
		const unsigned *name = data->set->name_part[i];

		part[i] = text_of(data, find_name(data, name[0]));
		if (merge_is_blank(part[i]))
			part[i] = text_of(data, find_name(data, name[1]));
	}
	merge_name_addressee(part, out->text, format->language, &out->room);
	out->text = buf_span(&out->room);
	out->blank = out->text.len == 0;
}

/* Puts the value into its format. */
static int
format_value(struct merge_data *data, const struct merge_mark *mark,
    struct merge_value *out, struct err *err)
{
	const struct merge_format *format = &data->set->use[mark->use].format;

	buf_clear(&out->room);
	if (format->kind == FORMAT_ADDRESSEE) {
		write_addressee(data, format, out);
		return 0;
	}
	if (out->blank)
		return 0;
	if (format->kind == FORMAT_SAMA)
		merge_name_sama(out->text, &out->room);
	else if (merge_format_write(format, out->text, &out->room) < 0)
		return bad_value(mark, merge_format_wants(format->kind), err);
	out->text = buf_span(&out->room);
	return 0;
}

static int
find_value(struct merge_data *data, const struct merge_mark *mark,
    struct merge_value *out, struct err *err)
{
	const struct merge_field *field = &data->set->field[mark->field];
	unsigned at = find_field(data, field);

	if (at != MERGE_NO_NODE && !data->node[at].text.ptr &&
	    (data->node[at].type == JSON_OBJECT ||
		data->node[at].type == JSON_ARRAY))
		return bad_value(mark, "list", err);
	out->text = text_of(data, at);
	out->blank = merge_is_blank(out->text);
	if (data->set->use[mark->use].format.kind != FORMAT_NONE &&
	    format_value(data, mark, out, err) < 0)
		return -1;
	if (out->blank || is_clean(out->text, field->one_line))
		return 0;
	err_set(err, E_MERGE_BYTES);
	err_fact(err, "field", mark->name);
	return err_fact(err, "part", span_of(mark->part));
}

const struct merge_value *
merge_evaluate(
    struct merge_data *data, const struct merge_mark *mark, struct err *err)
{
	bool same =
	    data->objects == 0 && data->set->field[mark->field].depth > 0;
	struct merge_value *value =
	    same ? &data->value[mark->use] : &data->item;

	if (same && value->turn == data->turn)
		return value;
	if (find_value(data, mark, value, err) < 0)
		return NULL;
	value->turn = data->turn;
	return value;
}

struct span
merge_data_value(const struct merge_data *data, size_t field)
{
	const struct merge_set *set = data->set;
	struct span text;

	if (field >= set->field_count || set->field[field].depth == 0)
		return SPAN("");
	text = text_of(data, find_field(data, &set->field[field]));
	return merge_is_blank(text) ? SPAN("") : text;
}
