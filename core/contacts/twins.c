/* Finding twins: of each contact what it would be compared by is folded into a
 * key; hashes of the keys are sorted, and where two meet the keys themselves are
 * compared again, so that a hash alone makes nobody a twin. */
#include "core/contacts/twins.h"

#include <stdlib.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/contacts/contacts.h"

enum { STOP_EVERY = 1024 };

/* ---- Keys ------------------------------------------------------------------ */

static void
fold_text(struct span text, struct buf *out)
{
	uint32_t cp;

	while (fold_next(&text, &cp)) {
		if (cp != ' ' && cp != 0x3000 && cp != '-' && cp != '\t')
			buf_utf8(out, cp);
	}
}

static bool
is_google(struct span domain)
{
	return span_equal(domain, SPAN("gmail.com")) ||
	       span_equal(domain, SPAN("googlemail.com"));
}

/* Of a mailbox of Google what stands before '+', without dots. */
static void
add_local(struct span local, bool google, struct buf *out)
{
	for (size_t i = 0; i < local.len; i++) {
		char c = local.ptr[i];

		if (google && c == '+')
			break;
		if (google && c == '.')
			continue;
		buf_char(out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
}

static void
address_key(struct span canon, struct buf *out)
{
	size_t at = canon.len;
	struct span domain;

	while (at > 0 && canon.ptr[at - 1] != '@')
		at--;
	domain = span_slice(canon, at, canon.len);
	add_local(
	    span_slice(canon, 0, at ? at - 1 : 0), is_google(domain), out);
	buf_char(out, '@');
	if (is_google(domain))
		buf_text(out, "gmail.com");
	else
		buf_add(out, domain);
}

/* Nothing when name or value is missing: that is no sign of anything. */
static void
person_key(
    struct span name, struct span fields, struct span field, struct buf *out)
{
	struct buf value = BUF_INIT;
	size_t half;

	fold_text(name, out);
	half = out->len;
	buf_char(out, '\n');
	if (half && field_value(fields, field, &value, NULL) == 1)
		fold_text(buf_span(&value), out);
	if (out->len < half + 2)
		buf_clear(out);
	buf_done(&value);
}

static void
make_key(struct stmt *row, struct span field, struct buf *out)
{
	buf_clear(out);
	if (field.len)
		person_key(
		    stmt_col_text(row, 2), stmt_col_text(row, 3), field, out);
	else
		address_key(stmt_col_text(row, 1), out);
}

/* FNV-1a */
static uint64_t
hash_of(struct span key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < key.len; i++) {
		hash ^= (unsigned char)key.ptr[i];
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

/* ---- Reading ---------------------------------------------------------------- */

struct mark {
	uint64_t hash;
	int64_t id;
};

struct marks {
	struct mark *mark;
	size_t count;
};

static int
read_marks(struct db *db, struct list_id list, struct span field,
    const atomic_bool *stop, struct marks *out, struct err *err)
{
	static const char of_list[] =
	    "SELECT c.id, c.canon, c.name, c.fields FROM member m"
	    " JOIN contact c ON c.id = m.contact WHERE m.list = ?1";
	static const char of_all[] =
	    "SELECT id, canon, name, fields FROM contact WHERE canon <> ''"
	    " AND ?1 = 0";
	struct stmt *stmt = db_stmt(db, list.v ? of_list : of_all, err);
	struct buf key = BUF_INIT;
	int64_t seen = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (++seen % STOP_EVERY == 0 && stop && atomic_load(stop)) {
			got = err_set(err, E_CANCELLED);
			break;
		}
		make_key(stmt, field, &key);
		if (key.len == 0)
			continue;
		out->mark = mem_more(out->mark, out->count, sizeof *out->mark);
		out->mark[out->count++] = (struct mark){
		    hash_of(buf_span(&key)), stmt_col_int(stmt, 0)};
	}
	stmt_reset(stmt);
	buf_done(&key);
	return got;
}

static int
by_hash(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* ---- Groups ------------------------------------------------------------------ */

/* The key of one contact, and its address. */
static int
read_key(struct db *db, int64_t id, struct span field, struct buf *key,
    struct buf *canon, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, canon, name, fields FROM contact WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	buf_clear(key);
	buf_clear(canon);
	if (got == 1) {
		make_key(stmt, field, key);
		buf_add(canon, stmt_col_text(stmt, 1));
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static void
keep(struct twins *out, const struct twin_group *group)
{
	if (group->count < 2)
		return;
	out->found++;
	if (out->count == TWIN_GROUPS_MAX)
		return;
	out->group = mem_more(out->group, out->count, sizeof *out->group);
	out->group[out->count++] = *group;
}

/* Marks from..to have one hash; those with the key of the first are a group. */
static int
take_run(struct db *db, const struct mark *mark, size_t count,
    struct span field, struct twins *out, struct err *err)
{
	struct twin_group group = {
	    .reason = field.len ? TWIN_PERSON : TWIN_CASE};
	struct buf first = BUF_INIT, key = BUF_INIT, one = BUF_INIT,
		   other = BUF_INIT;
	int rc = read_key(db, mark[0].id, field, &first, &one, err);

	group.id[group.count++].v = mark[0].id;
	for (size_t i = 1; rc == 0 && i < count; i++) {
		rc = read_key(db, mark[i].id, field, &key, &other, err);
		if (rc < 0 || group.count == TWIN_GROUP_MAX ||
		    !span_equal(buf_span(&first), buf_span(&key)))
			continue;
		group.id[group.count++].v = mark[i].id;
		if (!field.len &&
		    !span_equal_nocase(buf_span(&one), buf_span(&other)))
			group.reason = TWIN_GMAIL;
	}
	if (rc == 0)
		keep(out, &group);
	buf_done(&first);
	buf_done(&key);
	buf_done(&one);
	buf_done(&other);
	return rc;
}

static int
find_by(struct db *db, struct list_id list, struct span field,
    const atomic_bool *stop, struct twins *out, struct err *err)
{
	struct marks marks = {NULL, 0};
	int rc = read_marks(db, list, field, stop, &marks, err);
	size_t to;

	if (rc == 0 && marks.count)
		qsort(marks.mark, marks.count, sizeof *marks.mark, by_hash);
	for (size_t from = 0; rc == 0 && from < marks.count; from = to) {
		to = from + 1;
		while (to < marks.count &&
		       marks.mark[to].hash == marks.mark[from].hash)
			to++;
		if (to - from > 1)
			rc = take_run(
			    db, marks.mark + from, to - from, field, out, err);
	}
	free(marks.mark);
	return rc;
}

int
twins_find(struct db *db, struct list_id list, struct span field,
    const atomic_bool *stop, struct twins *out, struct err *err)
{
	int rc;

	*out = (struct twins){.group = NULL};
	rc = find_by(db, list, SPAN(""), stop, out, err);
	if (rc == 0 && field.len)
		rc = find_by(db, list, field, stop, out, err);
	if (rc < 0)
		twins_done(out);
	return rc < 0 ? -1 : 0;
}

void
twins_done(struct twins *twins)
{
	free(twins->group);
	*twins = (struct twins){.group = NULL};
}
