/* A set of files, one for every recipient: taken out of one folder, by the rule
 * that a pattern gives their names, or by a manifest that names each one and
 * its SHA-256.  It is stored in pieces, because a set may be larger than a
 * transaction should be; until the last piece it counts for nothing, and what is
 * left of one that was broken off goes when another one begins an hour later.
 * Numbers of rows are given again, so an addition knows its row by octets of its
 * own: it never writes into the set of somebody who adds at the same time. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/attach/keep.h"
#include "core/attach/key.h"
#include "core/attach/manifest.h"
#include "core/base/mem.h"

/* What one transaction holds at most. */
enum { PIECE_FILES = 500, PIECE_OCTETS = 32 * 1024 * 1024 };

/* An addition that has begun no piece for so long was broken off. */
enum { DEAD_MS = 60 * 60 * 1000 };

struct adding {
	struct store *store;
	struct campaign_id campaign;
	const struct attach_source *source;
	struct attach_progress *progress;
	struct attach_pattern *pattern;
	struct attach_row row;
	struct digest own; /* in the row as long as it is not ready */
	int folder;
	int64_t limit;
	struct db *db; /* the open transaction, or NULL */
	int64_t piece_files, piece_octets;
	struct crypt_hash *hash;
	struct buf bytes; /* of one file */
};

/* ---- Pieces -------------------------------------------------------------- */

/* Says that the addition lives: 1, or 0 when its row is gone. */
static int
hold(struct adding *adding, struct err *err)
{
	struct stmt *stmt = db_stmt(adding->db,
	    "UPDATE attachment SET added_ms = ?3 WHERE id = ?1 AND NOT ready"
	    " AND digest = ?2",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, adding->row.id);
	stmt_blob(stmt, 2, span_make(adding->own.bytes, SHA256_LEN));
	stmt_int(stmt, 3, clock_now_ms(store_clock(adding->store)));
	if (stmt_run(stmt, err) < 0)
		return -1;
	return db_changes(adding->db) == 1;
}

static int
piece_begin(struct adding *adding, struct err *err)
{
	int held;

	adding->piece_files = adding->piece_octets = 0;
	if (store_begin(
		adding->store, STORE_WAIT_LONG, "attach", &adding->db, err) < 0)
		return -1;
	if (adding->row.id == 0)
		return 0;
	held = hold(adding, err);
	if (held == 0) {
		err_set(err, E_ATTACH_MISSING);
		err_fact_int(err, "id", adding->row.id);
	}
	return held == 1 ? 0 : -1;
}

/* Commits when the piece is full, and begins the next one. */
static int
piece_turn(struct adding *adding, struct err *err)
{
	adding->piece_files++;
	adding->piece_octets += (int64_t)adding->bytes.len;
	if (adding->piece_files < PIECE_FILES &&
	    adding->piece_octets < PIECE_OCTETS)
		return 0;
	if (store_commit(adding->store, &adding->db, err) < 0)
		return -1;
	return piece_begin(adding, err);
}

/* What earlier additions have left behind. */
static int
sweep(struct adding *adding, struct err *err)
{
	for (;;) {
		struct stmt *stmt = db_stmt(adding->db,
		    "SELECT id FROM attachment WHERE NOT ready"
		    " AND added_ms < ?1 LIMIT 1",
		    err);
		int64_t id = 0;
		int got;

		if (!stmt)
			return -1;
		stmt_int(stmt, 1,
		    clock_now_ms(store_clock(adding->store)) - DEAD_MS);
		got = stmt_step(stmt, err);
		if (got == 1)
			id = stmt_col_int(stmt, 0);
		stmt_reset(stmt);
		if (got != 1)
			return got;
		if (keep_drop(adding->db, id, err) < 0)
			return -1;
	}
}

static void
discard(struct adding *adding)
{
	store_rollback(adding->store, &adding->db);
	if (adding->row.id == 0 || store_begin(adding->store, STORE_WAIT_LONG,
				       "attach", &adding->db, NULL) < 0)
		return;
	if (hold(adding, NULL) != 1 ||
	    keep_drop(adding->db, adding->row.id, NULL) < 0)
		store_rollback(adding->store, &adding->db);
	else
		store_commit(adding->store, &adding->db, NULL);
}

/* ---- One file ------------------------------------------------------------ */

static int
is_taken(struct adding *adding, struct span key, struct err *err)
{
	struct stmt *stmt = db_stmt(adding->db,
	    "SELECT 1 FROM attachment_file WHERE attachment = ?1 AND key = ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, adding->row.id);
	stmt_text(stmt, 2, key);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

static int
write_file(struct adding *adding, struct span key, struct span name,
    const struct attach_look *look, const struct digest *digest,
    struct err *err)
{
	struct stmt *stmt = db_stmt(adding->db,
	    "INSERT INTO attachment_file(attachment, number, key, name, type,"
	    " verdict, why, octets, digest)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, adding->row.id);
	stmt_int(stmt, 2, adding->row.files + 1);
	stmt_text(stmt, 3, key);
	stmt_text(stmt, 4, name);
	stmt_text(stmt, 5, span_of(look->type));
	stmt_int(stmt, 6, look->verdict);
	stmt_text(stmt, 7, span_of(look->why));
	stmt_int(stmt, 8, (int64_t)adding->bytes.len);
	stmt_blob(stmt, 9, span_make(digest->bytes, SHA256_LEN));
	return stmt_run(stmt, err);
}

/* Each value with its length, so that no two sets look alike. */
static void
hash_add(struct crypt_hash *hash, struct span value)
{
	char length[24];
	size_t at = sizeof length;
	size_t rest = value.len;

	length[--at] = ':';
	do {
		length[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	crypt_hash_add(hash, span_make(length + at, sizeof length - at));
	crypt_hash_add(hash, value);
}

static void
count_file(struct adding *adding, struct span key, struct span name,
    const struct attach_look *look, const struct digest *digest)
{
	struct attach_row *row = &adding->row;
	int64_t octets = (int64_t)adding->bytes.len;

	row->files++;
	row->total += octets;
	if (octets > row->octets)
		row->octets = octets;
	if (look->verdict > row->verdict) {
		row->verdict = look->verdict;
		span_text(row->why, sizeof row->why, span_of(look->why));
	}
	hash_add(adding->hash, key);
	hash_add(adding->hash, name);
	hash_add(adding->hash, span_make(digest->bytes, SHA256_LEN));
}

/* What one file of the set is to be. */
struct wanted {
	const char *path; /* its name in the folder */
	struct span key;
	const struct digest *digest; /* that it must have; NULL: any */
	int64_t line;                /* of the manifest */
};

static int
add_file(struct adding *adding, const struct wanted *wanted, struct err *err)
{
	struct buf name = BUF_INIT;
	struct attach_look look;
	struct digest digest;
	int rc = -1, taken;

	if (atomic_load(adding->progress->cancel))
		return err_set(err, E_CANCELLED);
	key_compose(span_of(wanted->path), &name);
	if (keep_read(adding->folder, wanted->path, adding->limit,
		&adding->bytes, err) < 0 ||
	    keep_check(buf_span(&adding->bytes), buf_span(&name), &look, err) <
		0)
		goto out;
	crypt_sha256(buf_span(&adding->bytes), &digest);
	if (wanted->digest && !digest_equal(wanted->digest, &digest)) {
		manifest_fail(
		    err, wanted->line, "digest", span_of(wanted->path));
		goto out;
	}
	taken = is_taken(adding, wanted->key, err);
	if (taken > 0 && wanted->line)
		manifest_fail(err, wanted->line, "twice", wanted->key);
	else if (taken > 0)
		keep_fail(err, buf_span(&name), "twice");
	if (taken != 0)
		goto out;
	if (keep_blob(adding->db, buf_span(&adding->bytes), &digest, err) < 0 ||
	    write_file(
		adding, wanted->key, buf_span(&name), &look, &digest, err) < 0)
		goto out;
	count_file(adding, wanted->key, buf_span(&name), &look, &digest);
	atomic_fetch_add(&adding->progress->done, 1);
	rc = piece_turn(adding, err);
out:
	buf_done(&name);
	return rc;
}

/* ---- By name ------------------------------------------------------------- */

struct names {
	char **name;
	size_t count, room;
};

static void
names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
}

static int
by_octets(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
fail_count(struct err *err)
{
	err_set(err, E_ATTACH_COUNT);
	return err_fact_int(err, "limit", ATTACH_SET_FILES);
}

static int
take_name(struct adding *adding, struct names *names, const char *name,
    struct err *err)
{
	struct buf composed = BUF_INIT;
	bool fits;

	if (name[0] == '.')
		return 0;
	key_compose(span_of(name), &composed);
	fits = pattern_fits(adding->pattern, buf_span(&composed));
	buf_done(&composed);
	if (!fits) {
		adding->progress->skipped++;
		return 0;
	}
	if (names->count == ATTACH_SET_FILES)
		return fail_count(err);
	if (names->count == names->room) {
		names->room = names->room ? names->room * 2 : 64;
		names->name =
		    mem_grow(names->name, names->room * sizeof *names->name);
	}
	names->name[names->count++] = mem_text(span_of(name));
	return 0;
}

/* The names that fit, in an order that does not depend on the disk. */
static int
read_names(struct adding *adding, struct names *names, struct err *err)
{
	int fd = fcntl(adding->folder, F_DUPFD_CLOEXEC, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int rc = 0;

	if (!dir) {
		err_sys(err, E_FILE_OPEN, errno);
		err_fact(err, "path", span_of(adding->source->folder));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (rc == 0 && (entry = readdir(dir)))
		rc = take_name(adding, names, entry->d_name, err);
	closedir(dir);
	if (rc == 0 && names->count > 0)
		qsort(
		    names->name, names->count, sizeof *names->name, by_octets);
	return rc;
}

static int
add_by_name(struct adding *adding, struct err *err)
{
	struct names names = {.count = 0};
	struct buf key = BUF_INIT;
	int rc = -1;

	if (read_names(adding, &names, err) < 0)
		goto out;
	atomic_store(&adding->progress->total, (long long)names.count);
	for (size_t i = 0; i < names.count; i++) {
		struct wanted wanted = {.path = names.name[i]};

		buf_clear(&key);
		key_compose(span_of(names.name[i]), &key);
		wanted.key = buf_span(&key);
		if (add_file(adding, &wanted, err) < 0)
			goto out;
	}
	rc = 0;
out:
	names_free(&names);
	buf_done(&key);
	return rc;
}

/* ---- By manifest --------------------------------------------------------- */

static int
add_by_manifest(
    struct adding *adding, struct manifest *manifest, struct err *err)
{
	struct manifest_line line;
	int got;

	atomic_store(
	    &adding->progress->total, (long long)manifest_files(manifest));
	while ((got = manifest_next(manifest, &line, err)) == 1) {
		const struct wanted wanted = {
		    .path = line.file,
		    .key = line.key,
		    .digest = &line.digest,
		    .line = line.line,
		};

		if (add_file(adding, &wanted, err) < 0)
			return -1;
	}
	return got;
}

/* ---- Front door ---------------------------------------------------------- */

static int
begin(struct adding *adding, struct err *err)
{
	if (piece_begin(adding, err) < 0 || sweep(adding, err) < 0)
		return -1;
	adding->limit = setting_int(adding->db, "attach.file_max", err) * 1024;
	if (adding->limit < 0 ||
	    keep_room(adding->db, adding->campaign, span_of(adding->row.name),
		err) < 0 ||
	    keep_row(adding->store, adding->db, adding->campaign, &adding->row,
		KEEP_UNREADY, err) < 0 ||
	    store_commit(adding->store, &adding->db, err) < 0)
		return -1;
	return piece_begin(adding, err);
}

static int
write_ready(struct adding *adding, struct err *err)
{
	const struct attach_row *row = &adding->row;
	struct stmt *stmt = db_stmt(adding->db,
	    "UPDATE attachment SET ready = 1, files = ?2, octets = ?3,"
	    " total = ?4, digest = ?5, verdict = ?6, why = ?7 WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, row->id);
	stmt_int(stmt, 2, row->files);
	stmt_int(stmt, 3, row->octets);
	stmt_int(stmt, 4, row->total);
	stmt_blob(stmt, 5, span_make(row->digest.bytes, SHA256_LEN));
	stmt_int(stmt, 6, row->verdict);
	stmt_text(stmt, 7, span_of(row->why));
	return stmt_run(stmt, err);
}

static int
finish(struct adding *adding, struct err *err)
{
	if (adding->row.files == 0) {
		err_set(err, E_ATTACH_EMPTY);
		return err_fact(err, "pattern", span_of(adding->row.name));
	}
	crypt_hash_end(adding->hash, &adding->row.digest);
	if (campaign_touch(adding->store, adding->db, adding->campaign, err) <
		0 ||
	    write_ready(adding, err) < 0 ||
	    keep_log(adding->store, adding->db, "attach.add", adding->campaign,
		&adding->row, err) < 0)
		return -1;
	return store_commit(adding->store, &adding->db, err);
}

static int
open_source(struct adding *adding, struct manifest **manifest, struct err *err)
{
	const struct attach_source *source = adding->source;
	struct span pattern = source->pattern;

	adding->folder =
	    open(source->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (adding->folder < 0) {
		err_sys(err, E_FILE_OPEN, errno);
		return err_fact(err, "path", span_of(source->folder));
	}
	if (source->manifest) {
		if (manifest_open(source->manifest, manifest, err) < 0)
			return -1;
		pattern = manifest_pattern(*manifest);
		adding->row.rule = ATTACH_BY_MANIFEST;
	}
	pattern = span_trim(pattern);
	if (attach_pattern_read(pattern, &adding->pattern, err) < 0)
		return -1;
	span_text(adding->row.name, sizeof adding->row.name, pattern);
	return 0;
}

int
attach_add_set(struct store *store, struct campaign_id campaign,
    const struct attach_source *source, struct attach_progress *progress,
    struct err *err)
{
	struct adding adding = {
	    .store = store,
	    .campaign = campaign,
	    .source = source,
	    .progress = progress,
	    .row = {.kind = ATTACH_EACH, .rule = ATTACH_BY_NAME},
	    .folder = -1,
	};
	struct manifest *manifest = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_CAMPAIGN_WRITE, err) < 0)
		return -1;
	crypt_random(adding.own.bytes, sizeof adding.own.bytes);
	adding.row.digest = adding.own;
	adding.hash = crypt_hash_new();
	crypt_hash_begin(adding.hash);
	progress->skipped = 0;
	atomic_store(&progress->done, 0);
	atomic_store(&progress->total, 0);
	if (open_source(&adding, &manifest, err) < 0 ||
	    begin(&adding, err) < 0 ||
	    (manifest ? add_by_manifest(&adding, manifest, err)
		      : add_by_name(&adding, err)) < 0 ||
	    finish(&adding, err) < 0)
		goto out;
	rc = 0;
out:
	if (rc < 0)
		discard(&adding);
	manifest_close(&manifest);
	attach_pattern_free(&adding.pattern);
	crypt_hash_free(&adding.hash);
	buf_done(&adding.bytes);
	if (adding.folder >= 0)
		close(adding.folder);
	return rc;
}
