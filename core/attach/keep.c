/* Reading files and keeping them.  A file is opened once and its descriptor is
 * what counts from then on: a name that points elsewhere a moment later changes
 * nothing.  In a folder no link is followed. */
#include "core/attach/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/attach/sniff.h"

int
keep_fail(struct err *err, struct span file, const char *why)
{
	err_set(err, E_ATTACH_FILE);
	err_fact(err, "file", file);
	return err_fact(err, "why", span_of(why));
}

static int
fail_sys(struct err *err, enum err_code code, const char *path, int sys)
{
	if (sys == ELOOP)
		return keep_fail(err, span_of(path), "kind");
	err_sys(err, code, sys);
	return err_fact(err, "path", span_of(path));
}

/* ---- Reading ------------------------------------------------------------- */

static int
check_stat(
    const char *name, const struct stat *st, int64_t limit, struct err *err)
{
	if (!S_ISREG(st->st_mode))
		return keep_fail(err, span_of(name), "kind");
	if (st->st_size <= limit)
		return 0;
	err_set(err, E_ATTACH_SIZE);
	err_fact(err, "file", span_of(name));
	err_fact_int(err, "octets", st->st_size);
	return err_fact_int(err, "limit", limit);
}

static int
read_all(
    int fd, const char *name, size_t size, struct buf *out, struct err *err)
{
	ssize_t got;

	buf_reserve(out, size + 1);
	/* one octet more than there should be tells that it grows */
	while (out->len <= size) {
		got = read(fd, out->ptr + out->len, size + 1 - out->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_sys(err, E_FILE_READ, name, errno);
		if (got == 0)
			break;
		out->len += (size_t)got;
	}
	return out->len == size ? 0 : keep_fail(err, span_of(name), "changed");
}

int
keep_read(int folder, const char *name, int64_t limit, struct buf *out,
    struct err *err)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	struct stat before, after;
	int fd, rc = -1;

	buf_clear(out);
	if (folder != AT_FDCWD) {
		if (strchr(name, '/') || !strcmp(name, ".") ||
		    !strcmp(name, ".."))
			return keep_fail(err, span_of(name), "slash");
		flags |= O_NOFOLLOW;
	}
	fd = openat(folder, name, flags);
	if (fd < 0)
		return fail_sys(err, E_FILE_OPEN, name, errno);
	if (fstat(fd, &before) < 0) {
		fail_sys(err, E_FILE_READ, name, errno);
		goto out;
	}
	if (check_stat(name, &before, limit, err) < 0 ||
	    read_all(fd, name, (size_t)before.st_size, out, err) < 0)
		goto out;
	if (fstat(fd, &after) < 0 || after.st_size != before.st_size ||
	    after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
	    after.st_mtim.tv_nsec != before.st_mtim.tv_nsec) {
		keep_fail(err, span_of(name), "changed");
		goto out;
	}
	rc = 0;
out:
	close(fd);
	return rc;
}

int
keep_check(struct span bytes, struct span name, struct attach_look *out,
    struct err *err)
{
	const char *why = sniff_name_fault(name);

	if (why)
		return keep_fail(err, name, why);
	attach_look(bytes, name, out);
	if (out->verdict != ATTACH_REFUSED)
		return 0;
	err_set(err, E_ATTACH_REFUSED);
	err_fact(err, "file", name);
	err_fact(err, "kind", span_of(out->kind));
	return err_fact(err, "why", span_of(out->why));
}

/* ---- The store ----------------------------------------------------------- */

int
keep_blob(struct db *db, struct span bytes, const struct digest *digest,
    struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT 1 FROM blob WHERE digest = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, span_make(digest->bytes, SHA256_LEN));
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	if (got != 0)
		return got < 0 ? -1 : 0;
	stmt = db_stmt(db,
	    "INSERT INTO blob(digest, octets, bytes) VALUES(?1, ?2, ?3)", err);
	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, span_make(digest->bytes, SHA256_LEN));
	stmt_int(stmt, 2, (int64_t)bytes.len);
	stmt_blob(stmt, 3, bytes);
	return stmt_run(stmt, err);
}

int
keep_drop(struct db *db, int64_t row, struct err *err)
{
	static const char *const sql[] = {
	    "DELETE FROM blob WHERE digest = (SELECT digest FROM attachment"
	    " WHERE id = ?1) AND NOT EXISTS (SELECT 1 FROM attachment a"
	    " WHERE a.digest = blob.digest AND a.id <> ?1) AND NOT EXISTS"
	    " (SELECT 1 FROM attachment_file f WHERE f.digest = blob.digest)",
	    "DELETE FROM blob WHERE digest IN (SELECT digest FROM"
	    " attachment_file WHERE attachment = ?1) AND NOT EXISTS (SELECT 1"
	    " FROM attachment a WHERE a.digest = blob.digest) AND NOT EXISTS"
	    " (SELECT 1 FROM attachment_file f WHERE f.digest = blob.digest"
	    " AND f.attachment <> ?1)",
	    "DELETE FROM attachment_file WHERE attachment = ?1",
	    "DELETE FROM attachment WHERE id = ?1",
	};

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		struct stmt *stmt = db_stmt(db, sql[i], err);

		if (!stmt)
			return -1;
		stmt_int(stmt, 1, row);
		if (stmt_run(stmt, err) < 0)
			return -1;
	}
	return 0;
}

int
keep_row(struct store *store, struct db *db, struct campaign_id campaign,
    struct attach_row *row, enum keep_ready ready, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO attachment(campaign, kind, rule, ready, name, type,"
	    " look, verdict, why, files, octets, total, digest, added_ms,"
	    " added_by) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
	    " ?12, ?13, ?14, ?15)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, row->kind);
	stmt_int(stmt, 3, row->rule);
	stmt_int(stmt, 4, ready == KEEP_READY);
	stmt_text(stmt, 5, span_of(row->name));
	stmt_text(stmt, 6, span_of(row->type));
	stmt_text(stmt, 7, span_of(row->look));
	stmt_int(stmt, 8, row->verdict);
	stmt_text(stmt, 9, span_of(row->why));
	stmt_int(stmt, 10, row->files);
	stmt_int(stmt, 11, row->octets);
	stmt_int(stmt, 12, row->total);
	stmt_blob(stmt, 13, span_make(row->digest.bytes, SHA256_LEN));
	stmt_int(stmt, 14, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 15, span_of(store_user(store)));
	if (stmt_run(stmt, err) < 0)
		return -1;
	row->id = db_last_id(db);
	return 0;
}

int
keep_room(struct db *db, struct campaign_id campaign, struct span name,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT count(*), coalesce(sum(name = ?2), 0) FROM attachment"
	    " WHERE campaign = ?1 AND ready",
	    err);
	int64_t rows, same;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_text(stmt, 2, name);
	if (stmt_step(stmt, err) < 0)
		return -1;
	rows = stmt_col_int(stmt, 0);
	same = stmt_col_int(stmt, 1);
	stmt_reset(stmt);
	if (same > 0)
		return keep_fail(err, name, "twice");
	if (rows < ATTACH_PER_CAMPAIGN)
		return 0;
	err_set(err, E_ATTACH_COUNT);
	return err_fact_int(err, "limit", ATTACH_PER_CAMPAIGN);
}

int
keep_log(struct store *store, struct db *db, const char *what,
    struct campaign_id campaign, const struct attach_row *row, struct err *err)
{
	struct audit_event event = {.what = what};
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	buf_printf(&object, "campaign %lld", (long long)campaign.v);
	/* of a file for one person not even the name is logged */
	buf_printf(&facts, "row=%lld kind=%d files=%lld octets=%lld digest=",
	    (long long)row->id, (int)row->kind, (long long)row->files,
	    (long long)row->total);
	crypt_hex(&facts, span_make(row->digest.bytes, SHA256_LEN));
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}
