/* A mapping is an array with one entry for each column: header, which of those
 * with this header, target, field, sense, order, codes, and an object of values
 * with their states.  Columns are found again by their folded header, so that
 * their order may change; one that is missing is told, not guessed. */
#include "core/import/preset.h"

#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/crypt.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/import/header.h"
#include "core/import/value.h"

/* ---- Headers ------------------------------------------------------------ */

static bool
same_header(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	header_fold(span_of(a), &x);
	header_fold(span_of(b), &y);
	same = span_equal(buf_span(&x), buf_span(&y));
	buf_done(&x);
	buf_done(&y);
	return same;
}

/* How many columns before this one have its header. */
static int
nth_of(const struct import_column *column, size_t at)
{
	int nth = 0;

	for (size_t i = 0; i < at; i++)
		nth += same_header(column[i].header, column[at].header);
	return nth;
}

/* The nth column with a header, or count. */
static size_t
find_column(const struct import_column *column, size_t count,
    const char *header, int64_t nth)
{
	size_t i = 0;

	while (
	    i < count && !(same_header(column[i].header, header) && nth-- == 0))
		i++;
	return i;
}

static int
by_text(const void *a, const void *b)
{
	const struct digest *x = a, *y = b;

	return memcmp(x->bytes, y->bytes, sizeof x->bytes);
}

/* What the headers of a file are, in any order: false when it has none. */
static bool
sign_headers(
    const struct import_column *column, size_t count, struct digest *out)
{
	struct digest *each = mem_array(count + 1, sizeof *each);
	struct buf folded = BUF_INIT;
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		buf_clear(&folded);
		header_fold(span_of(column[i].header), &folded);
		any |= folded.len > 0;
		crypt_sha256(buf_span(&folded), &each[i]);
	}
	qsort(each, count, sizeof *each, by_text);
	crypt_sha256(span_make(each, count * sizeof *each), out);
	buf_done(&folded);
	free(each);
	return any;
}

/* ---- As text ------------------------------------------------------------ */

static bool
has_states(const struct import_column *column)
{
	return (column->target == IMPORT_STATE ||
		   column->target == IMPORT_AGREED) &&
	       column->values <= IMPORT_VALUES;
}

static void
write_values(const struct import_column *column, struct buf *out)
{
	bool first = true;

	buf_char(out, '{');
	for (int i = 0; has_states(column) && i < column->values; i++) {
		const struct import_value *value = &column->value[i];

		if (value->state == value_state(column->target, column->sense,
					span_of(value->text)))
			continue;
		buf_text(out, first ? "" : ",");
		json_quote(out, span_of(value->text));
		buf_char(out, ':');
		json_quote(out, span_of(import_state_name(value->state)));
		first = false;
	}
	buf_char(out, '}');
}

static void
write_mapping(const struct import_column *column, size_t count, struct buf *out)
{
	buf_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		buf_text(out, i ? ",[" : "[");
		json_quote(out, span_of(column[i].header));
		buf_printf(
		    out, ",%d,%d,", nth_of(column, i), (int)column[i].target);
		json_quote(out, span_of(column[i].field));
		buf_printf(out, ",%d,%d,%d,", (int)column[i].sense,
		    (int)column[i].order, (int)column[i].codes);
		write_values(&column[i], out);
		buf_char(out, ']');
	}
	buf_char(out, ']');
}

/* One entry. */
struct entry {
	char header[128];
	char field[64];
	int64_t nth, target, sense, order, codes;
	struct span values; /* an object */
};

static void
take_text(char *to, size_t room, struct span escaped)
{
	struct buf plain = BUF_INIT;

	json_unescape(escaped, &plain);
	text_cut(to, room, buf_span(&plain));
	buf_done(&plain);
}

static bool
read_entry(struct span text, struct entry *out)
{
	struct json_walk walk;
	struct span key, value;
	int64_t *numbers[] = {NULL, &out->nth, &out->target, NULL, &out->sense,
	    &out->order, &out->codes};
	size_t i = 0;
	int got;

	*out = (struct entry){0};
	json_begin_array(&walk, text);
	while ((got = json_next(&walk, &key, &value)) == 1) {
		if (i == 0)
			take_text(out->header, sizeof out->header, value);
		else if (i == 3)
			take_text(out->field, sizeof out->field, value);
		else if (i == 7)
			out->values = value;
		else if (i > 7 || !span_int(value, numbers[i]))
			return false;
		i++;
	}
	return got == 0 && i == 8 && out->target < IMPORT_TARGETS &&
	       out->sense <= IMPORT_SENSE_BLOCK &&
	       out->order <= IMPORT_ORDER_DMY && out->codes < IMPORT_CODES;
}

/* ---- Keeping ------------------------------------------------------------ */

static int
check_name(struct span name, struct err *err)
{
	const char *why = NULL;

	if (name.len == 0)
		why = "empty";
	else if (utf8_count(name) > IMPORT_PRESET_NAME_MAX)
		why = "long";
	else if (text_check_line(name) != TEXT_FINE)
		why = "control";
	if (!why)
		return 0;
	err_set(err, E_PRESET_NAME);
	return err_fact(err, "why", span_of(why));
}

static int
log_preset(struct store *store, struct db *db, const char *what,
    struct span name, struct err *err)
{
	struct audit_event event = {.what = what};
	struct buf facts = BUF_INIT;
	int rc;

	buf_text(&facts, "name=");
	buf_add(&facts, name);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&facts);
	return rc;
}

static int
save_in(struct store *store, struct db *db, struct span name,
    const struct import_column *column, size_t count, struct err *err)
{
	struct buf mapping = BUF_INIT;
	struct digest headers;
	bool signed_by = sign_headers(column, count, &headers);
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO import_preset(name, headers, mapping, changed_ms, by)"
	    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(name) DO UPDATE SET"
	    " headers = ?2, mapping = ?3, changed_ms = ?4, by = ?5",
	    err);
	int rc;

	if (!stmt)
		return -1;
	write_mapping(column, count, &mapping);
	stmt_text(stmt, 1, name);
	stmt_blob(stmt, 2,
	    span_make(headers.bytes, signed_by ? sizeof headers.bytes : 0));
	stmt_text(stmt, 3, buf_span(&mapping));
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 5, span_of(store_user(store)));
	rc = stmt_run(stmt, err);
	buf_done(&mapping);
	return rc < 0 ? -1 : log_preset(store, db, "import.preset", name, err);
}

int
import_preset_save(struct store *store, struct span name,
    const struct import_column *column, size_t count, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	name = text_trim(name);
	if (person_require(store, NULL, MAY_LIST_IMPORT, err) < 0 ||
	    check_name(name, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "import", &db, err) < 0)
		return -1;
	if (save_in(store, db, name, column, count, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

static int
delete_in(struct store *store, struct db *db, int64_t id, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "DELETE FROM import_preset WHERE id = ?1 RETURNING name", err);
	struct buf name = BUF_INIT;
	int got, rc = -1;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1)
		buf_add(&name, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	if (got == 0)
		err_set(err, E_PRESET_MISSING);
	if (got == 1)
		rc = log_preset(
		    store, db, "import.preset_delete", buf_span(&name), err);
	buf_done(&name);
	return rc;
}

int
import_preset_delete(struct store *store, int64_t id, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_IMPORT, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "import", &db, err) < 0)
		return -1;
	if (delete_in(store, db, id, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

/* ---- Finding ------------------------------------------------------------ */

static void
read_row(struct stmt *stmt, struct import_preset *out)
{
	*out = (struct import_preset){
	    .id = stmt_col_int(stmt, 0), .changed_ms = stmt_col_int(stmt, 2)};
	text_cut(out->name, sizeof out->name, stmt_col_text(stmt, 1));
	text_cut(out->by, sizeof out->by, stmt_col_text(stmt, 3));
}

int
import_preset_all(
    struct db *db, struct import_preset **out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, name, changed_ms, by FROM import_preset ORDER BY name",
	    err);
	struct import_preset *all = NULL;
	size_t used = 0;
	int got;

	if (!stmt)
		return -1;
	while ((got = stmt_step(stmt, err)) == 1) {
		all = mem_grow(all, (used + 1) * sizeof *all);
		read_row(stmt, &all[used++]);
	}
	stmt_reset(stmt);
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all ? all : mem_new(1);
	*count = used;
	return 0;
}

int
import_preset_find(struct db *db, const struct import_column *column,
    size_t count, struct import_preset *out, struct err *err)
{
	struct digest headers;
	struct stmt *stmt;
	int got;

	if (!sign_headers(column, count, &headers))
		return 0;
	stmt = db_stmt(db,
	    "SELECT id, name, changed_ms, by FROM import_preset"
	    " WHERE headers = ?1 ORDER BY changed_ms DESC, id DESC LIMIT 1",
	    err);
	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, span_make(headers.bytes, sizeof headers.bytes));
	got = stmt_step(stmt, err);
	if (got == 1)
		read_row(stmt, out);
	stmt_reset(stmt);
	return got;
}

/* ---- Applying ----------------------------------------------------------- */

static void
apply_values(struct span values, struct import_column *column)
{
	struct json_walk walk;
	struct span key, value;

	import_values_guess(column);
	json_begin(&walk, values);
	while (json_next(&walk, &key, &value) == 1) {
		enum import_state state = import_state_of(value);

		for (int i = 0; state < IMPORT_STATES && i < column->values &&
				i < IMPORT_VALUES;
		    i++) {
			if (json_is(key, span_of(column->value[i].text)))
				column->value[i].state = state;
		}
	}
}

static void
apply_entry(const struct entry *entry, struct import_column *column)
{
	column->target = (enum import_target)entry->target;
	column->sense = (enum import_sense)entry->sense;
	column->order = (enum import_order)entry->order;
	column->codes = (enum import_codes)entry->codes;
	memcpy(column->field, entry->field, sizeof column->field);
	apply_values(entry->values, column);
}

static int
bad_mapping(struct err *err)
{
	err_set(err, E_BUG);
	return err_fact(err, "where", SPAN("import_preset.mapping"));
}

/* Lays a mapping over columns, which are changed also when it fails. */
static int
apply_mapping(struct span mapping, struct import_column *column, size_t count,
    struct err *err)
{
	struct json_walk walk;
	struct span key, value;
	struct entry entry;
	int got;

	for (size_t i = 0; i < count; i++)
		column[i].target = IMPORT_SKIP;
	json_begin_array(&walk, mapping);
	while ((got = json_next(&walk, &key, &value)) == 1) {
		size_t at;

		if (!read_entry(value, &entry))
			return bad_mapping(err);
		at = find_column(column, count, entry.header, entry.nth);
		if (at < count) {
			apply_entry(&entry, &column[at]);
		} else if (entry.target != IMPORT_SKIP) {
			err_set(err, E_PRESET_COLUMN);
			if (!entry.header[0])
				return err_fact_int(
				    err, "column", entry.nth + 1);
			return err_fact(err, "column", span_of(entry.header));
		}
	}
	return got < 0 ? bad_mapping(err) : 0;
}

int
import_preset_apply(struct db *db, int64_t id, struct import_column *column,
    size_t count, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT mapping FROM import_preset WHERE id = ?1", err);
	struct import_column *mapped = mem_array(count + 1, sizeof *mapped);
	int got, rc = -1;

	if (!stmt)
		goto out;
	memcpy(mapped, column, count * sizeof *mapped);
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 0)
		err_set(err, E_PRESET_MISSING);
	if (got == 1)
		rc = apply_mapping(stmt_col_text(stmt, 0), mapped, count, err);
	stmt_reset(stmt);
	if (rc == 0)
		memcpy(column, mapped, count * sizeof *mapped);
out:
	free(mapped);
	return rc;
}
