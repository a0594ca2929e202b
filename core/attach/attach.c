/* The rows of a campaign: adding a file, taking a row off, and finding what is
 * there. */
#include "core/attach/attach.h"

#include <fcntl.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/attach/keep.h"
#include "core/attach/key.h"
#include "core/base/mem.h"

/* ---- Reading ------------------------------------------------------------- */

static void
take_digest(struct stmt *stmt, int column, struct digest *out)
{
	struct span bytes = stmt_col_blob(stmt, column);

	memset(out, 0, sizeof *out);
	if (bytes.len == SHA256_LEN)
		memcpy(out->bytes, bytes.ptr, SHA256_LEN);
}

static void
take_row(struct stmt *stmt, struct attach_row *row)
{
	*row = (struct attach_row){
	    .id = stmt_col_int(stmt, 0),
	    .kind = (enum attach_kind)stmt_col_int(stmt, 1),
	    .rule = (enum attach_rule)stmt_col_int(stmt, 2),
	    .verdict = (enum attach_verdict)stmt_col_int(stmt, 6),
	    .files = stmt_col_int(stmt, 8),
	    .octets = stmt_col_int(stmt, 9),
	    .total = stmt_col_int(stmt, 10),
	    .added_ms = stmt_col_int(stmt, 12),
	};
	span_text(row->name, sizeof row->name, stmt_col_text(stmt, 3));
	span_text(row->type, sizeof row->type, stmt_col_text(stmt, 4));
	span_text(row->look, sizeof row->look, stmt_col_text(stmt, 5));
	span_text(row->why, sizeof row->why, stmt_col_text(stmt, 7));
	take_digest(stmt, 11, &row->digest);
	span_text(row->added_by, sizeof row->added_by, stmt_col_text(stmt, 13));
}

int
attach_all(struct db *db, struct campaign_id campaign, struct attach_row **out,
    size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, kind, rule, name, type, look, verdict, why, files,"
	    " octets, total, digest, added_ms, added_by FROM attachment"
	    " WHERE campaign = ?1 AND ready ORDER BY id",
	    err);
	struct attach_row *all = NULL;
	size_t found = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		all = mem_grow(all, (found + 1) * sizeof *all);
		take_row(stmt, &all[found++]);
	}
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all;
	*count = found;
	return 0;
}

int
attach_bytes(struct db *db, const struct digest *digest, struct buf *out,
    struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT bytes FROM blob WHERE digest = ?1", err);
	struct span bytes;
	struct digest found;
	struct buf hex = BUF_INIT;
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, span_make(digest->bytes, SHA256_LEN));
	got = stmt_step(stmt, err);
	if (got < 0)
		return -1;
	if (got == 1) {
		bytes = stmt_col_blob(stmt, 0);
		crypt_sha256(bytes, &found);
		if (digest_equal(&found, digest)) {
			buf_add(out, bytes);
			stmt_reset(stmt);
			return 0;
		}
	}
	stmt_reset(stmt);
	crypt_hex(&hex, span_make(digest->bytes, 8));
	err_set(err, E_ATTACH_DIGEST);
	err_fact(err, "digest", buf_span(&hex));
	buf_done(&hex);
	return -1;
}

int
attach_find(struct db *db, int64_t set, struct span key,
    struct attach_file *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT number, name, type, octets, digest FROM attachment_file"
	    " WHERE attachment = ?1 AND key = ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, set);
	stmt_text(stmt, 2, key);
	got = stmt_step(stmt, err);
	if (got < 0)
		return -1;
	if (got == 0) {
		err_set(err, E_ATTACH_NONE);
		return err_fact(err, "key", key);
	}
	out->number = stmt_col_int(stmt, 0);
	span_text(out->name, sizeof out->name, stmt_col_text(stmt, 1));
	span_text(out->type, sizeof out->type, stmt_col_text(stmt, 2));
	out->octets = stmt_col_int(stmt, 3);
	take_digest(stmt, 4, &out->digest);
	stmt_reset(stmt);
	return 0;
}

int64_t
attach_encoded(int64_t octets)
{
	/* 57 octets are a line of 76 columns and its end */
	return (octets + 2) / 3 * 4 + (octets + 56) / 57 * 2;
}

/* ---- Adding -------------------------------------------------------------- */

static struct span
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return span_of(slash ? slash + 1 : path);
}

/* Fills a row for a file that was read. */
static int
look_at(struct span bytes, struct span name, enum attach_kind kind,
    struct attach_row *row, struct err *err)
{
	struct buf composed = BUF_INIT;
	struct attach_look look;
	int rc = -1;

	key_compose(name, &composed);
	if (keep_check(bytes, buf_span(&composed), &look, err) < 0)
		goto out;
	if (kind == ATTACH_INLINE && !look.is_image) {
		keep_fail(err, name, "image");
		goto out;
	}
	*row = (struct attach_row){
	    .kind = kind,
	    .verdict = look.verdict,
	    .files = 1,
	    .octets = (int64_t)bytes.len,
	    .total = (int64_t)bytes.len,
	};
	span_text(row->name, sizeof row->name, buf_span(&composed));
	span_text(row->type, sizeof row->type, span_of(look.type));
	span_text(row->look, sizeof row->look, span_of(look.kind));
	span_text(row->why, sizeof row->why, span_of(look.why));
	crypt_sha256(bytes, &row->digest);
	rc = 0;
out:
	buf_done(&composed);
	return rc;
}

static int
read_limit(struct store *store, int64_t *limit, struct err *err)
{
	struct db *db = NULL;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	*limit = setting_int(db, "attach.file_max", err) * 1024;
	store_reader_close(&db);
	return *limit < 0 ? -1 : 0;
}

int
attach_add(struct store *store, struct campaign_id campaign, const char *path,
    enum attach_kind kind, struct err *err)
{
	struct buf bytes = BUF_INIT;
	struct attach_row row;
	struct db *db = NULL;
	int64_t limit;
	int rc = -1;

	if (person_require(store, NULL, MAY_CAMPAIGN_WRITE, err) < 0)
		return -1;
	if (read_limit(store, &limit, err) < 0 ||
	    keep_read(AT_FDCWD, path, limit, &bytes, err) < 0 ||
	    look_at(buf_span(&bytes), base_name(path), kind, &row, err) < 0)
		goto out;
	if (store_begin(store, STORE_WAIT_LONG, "attach", &db, err) < 0 ||
	    campaign_touch(store, db, campaign, err) < 0 ||
	    keep_room(db, campaign, span_of(row.name), err) < 0 ||
	    keep_blob(db, buf_span(&bytes), &row.digest, err) < 0 ||
	    keep_row(store, db, campaign, &row, KEEP_READY, err) < 0 ||
	    keep_log(store, db, "attach.add", campaign, &row, err) < 0)
		goto out;
	rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	buf_done(&bytes);
	return rc;
}

/* ---- Removing ------------------------------------------------------------ */

int
attach_remove(struct store *store, struct campaign_id campaign, int64_t id,
    struct err *err)
{
	struct attach_row *all = NULL, *row = NULL;
	struct db *db = NULL;
	size_t count = 0;
	int rc = -1;

	if (person_require(store, NULL, MAY_CAMPAIGN_WRITE, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_LONG, "attach", &db, err) < 0 ||
	    attach_all(db, campaign, &all, &count, err) < 0)
		goto out;
	for (size_t i = 0; i < count; i++) {
		if (all[i].id == id)
			row = &all[i];
	}
	if (!row) {
		err_set(err, E_ATTACH_MISSING);
		err_fact_int(err, "id", id);
		goto out;
	}
	if (campaign_touch(store, db, campaign, err) < 0 ||
	    keep_drop(db, id, err) < 0 ||
	    keep_log(store, db, "attach.remove", campaign, row, err) < 0)
		goto out;
	rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	free(all);
	return rc;
}
