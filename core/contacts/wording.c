/* Wordings: what people were shown when they agreed.  The law wants to know the
 * words, and a form changes; so a text is kept as it was, and what comes after
 * it is another version. */
#include "core/access/access.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/contacts/contacts.h"

#include <stdlib.h>

static int
refuse(const char *field, const char *why, struct err *err)
{
	err_set(err, E_WORDING);
	err_fact(err, "field", span_of(field));
	return err_fact(err, "why", span_of(why));
}

static int
check_name(struct span name, struct err *err)
{
	if (name.len == 0)
		return refuse("name", "empty", err);
	if (!utf8_is_valid(name))
		return refuse("name", "utf8", err);
	if (text_check_line(name) != TEXT_FINE)
		return refuse("name", "control", err);
	if (utf8_count(name) > WORDING_NAME_MAX)
		return refuse("name", "length", err);
	return 0;
}

/* Reads text as it is kept: lines end with LF, nothing else is changed. */
static int
check_text(struct span text, struct buf *out, struct err *err)
{
	struct span rest;
	uint32_t cp;

	if (span_trim(text).len == 0)
		return refuse("text", "empty", err);
	if (text.len > WORDING_TEXT_MAX)
		return refuse("text", "length", err);
	if (!utf8_is_valid(text))
		return refuse("text", "utf8", err);
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\r' && i + 1 < text.len &&
		    text.ptr[i + 1] == '\n')
			continue;
		buf_char(out, text.ptr[i]);
	}
	rest = buf_span(out);
	while (utf8_next(&rest, &cp) != UTF8_END) {
		if (cp != '\n' && cp != '\t' &&
		    (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)))
			return refuse("text", "control", err);
	}
	return 0;
}

/* The number of the last version of a name, and what its text is like. */
static int
last_version(struct db *db, struct span name, int64_t *version,
    struct digest *sha256, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT version, sha256 FROM wording WHERE name = ?1"
	    " ORDER BY version DESC LIMIT 1",
	    err);
	int got;

	*version = 0;
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, name);
	got = stmt_step(stmt, err);
	if (got == 1) {
		struct span blob = stmt_col_blob(stmt, 1);

		*version = stmt_col_int(stmt, 0);
		if (blob.len == SHA256_LEN)
			memcpy(sha256->bytes, blob.ptr, SHA256_LEN);
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static int
insert(struct store *store, struct db *db, struct span name, int64_t version,
    struct span text, const struct digest *sha256, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO wording(name, version, text, sha256, at_ms, by)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	    err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, name);
	stmt_int(stmt, 2, version);
	stmt_text(stmt, 3, text);
	stmt_blob(stmt, 4, span_make(sha256->bytes, SHA256_LEN));
	stmt_int(stmt, 5, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 6, span_of(store_user(store)));
	return stmt_run(stmt, err);
}

static int
audit(struct store *store, struct db *db, int64_t id, struct span name,
    int64_t version, const struct digest *sha256, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = "wording.add"};
	int rc;

	buf_printf(&object, "wording %lld", (long long)id);
	buf_printf(&facts, "version=%lld sha256=", (long long)version);
	crypt_hex(&facts, span_make(sha256->bytes, SHA256_LEN));
	buf_char(&facts, ' ');
	audit_fact(&facts, "name", name);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

static int
add_in(struct store *store, struct db *db, struct span name, struct span text,
    int64_t *id, struct err *err)
{
	struct digest sha256, before = {{0}};
	int64_t version;

	crypt_sha256(text, &sha256);
	if (last_version(db, name, &version, &before, err) < 0)
		return -1;
	if (version && digest_equal(&sha256, &before))
		return refuse("text", "same", err);
	if (insert(store, db, name, version + 1, text, &sha256, err) < 0)
		return -1;
	*id = db_last_id(db);
	return audit(store, db, *id, name, version + 1, &sha256, err);
}

int
wording_add(struct store *store, struct span name, struct span text,
    int64_t *id, struct err *err)
{
	struct buf kept = BUF_INIT;
	struct db *db = NULL;
	int64_t made = 0;
	int rc = -1;

	name = text_trim(name);
	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    check_name(name, err) < 0 || check_text(text, &kept, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "wording", &db, err) < 0)
		goto out;
	if (add_in(store, db, name, buf_span(&kept), &made, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	buf_done(&kept);
	if (rc == 0)
		*id = made;
	return rc;
}

/* ---- Reading ---------------------------------------------------------------- */

/* Columns 0 to 5. */
static void
read_row(struct stmt *stmt, struct wording *out)
{
	struct span sha256 = stmt_col_blob(stmt, 3);

	*out = (struct wording){.id = stmt_col_int(stmt, 0),
	    .version = stmt_col_int(stmt, 2),
	    .at_ms = stmt_col_int(stmt, 4)};
	text_cut(out->name, sizeof out->name, stmt_col_text(stmt, 1));
	text_cut(out->by, sizeof out->by, stmt_col_text(stmt, 5));
	if (sha256.len == SHA256_LEN)
		memcpy(out->sha256.bytes, sha256.ptr, SHA256_LEN);
}

int
wording_all(struct db *db, struct wording **out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT w.id, w.name, w.version, w.sha256, w.at_ms, w.by,"
	    " coalesce(m.n, 0) FROM wording w LEFT JOIN (SELECT wording,"
	    " count(*) AS n FROM member WHERE wording <> 0 GROUP BY wording) m"
	    " ON m.wording = w.id ORDER BY w.name, w.version DESC",
	    err);
	struct wording *all = NULL;
	size_t used = 0;
	int got;

	if (!stmt)
		return -1;
	while ((got = stmt_step(stmt, err)) == 1) {
		all = mem_grow(all, (used + 1) * sizeof *all);
		read_row(stmt, &all[used]);
		all[used++].members = stmt_col_int(stmt, 6);
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

static int
missing(int64_t id, struct err *err)
{
	err_set(err, E_WORDING_MISSING);
	return err_fact_int(err, "id", id);
}

int
wording_read(struct db *db, int64_t id, struct wording *out, struct buf *text,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, name, version, sha256, at_ms, by, text FROM wording"
	    " WHERE id = ?1",
	    err);
	int got;

	buf_clear(text);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1) {
		read_row(stmt, out);
		buf_add(text, stmt_col_text(stmt, 6));
	}
	stmt_reset(stmt);
	if (got == 0)
		return missing(id, err);
	return got < 0 ? -1 : 0;
}

int
wording_need(struct db *db, int64_t id, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT 1 FROM wording WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	if (got == 0)
		return missing(id, err);
	return got < 0 ? -1 : 0;
}
