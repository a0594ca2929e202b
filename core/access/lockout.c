/* Our own lockout.  PAM modules cannot lock for a caller without privileges,
 * so failures are counted here: before the store is open in a small file beside
 * it, afterwards in the store and its log.  The file belongs to the user and is
 * no protection against its owner; the log shows what was moved into it. */
#include "core/access/access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"

enum { FILE_MAX = 1024 * 1024, LINE_FIELDS_MAX = 512, MINUTES_MAX = 100000 };

/* "policy FAILURES WINDOW_MIN PAUSE_MIN" is the first line; an attempt is
 * "MARK MS USER ORIGIN" with the marks below. */
enum mark {
	MARK_FAILED = 'F', /* not yet in the store */
	MARK_OK = 'K',
	MARK_MOVED = 'f', /* a failure that is in the store and still counts */
};

/* The setting's limit. */
enum { FAILURES_MAX = 20 };

struct policy {
	int64_t failures, window_ms, pause_ms;
};

struct attempt {
	enum mark mark;
	int64_t at_ms;
	struct span user, origin;
};

static void
file_path(const char *dir, struct buf *out)
{
	buf_printf(out, "%s/login-attempts", dir);
}

/* The whole file; a missing or unreadable one reads as empty. */
static void
read_file(const char *dir, struct buf *out)
{
	struct buf path = BUF_INIT;

	file_path(dir, &path);
	file_read(path.ptr, FILE_MAX, out, NULL);
	buf_done(&path);
}

static bool
read_policy(struct span line, struct policy *out)
{
	int64_t failures, window, pause;

	if (!span_equal(span_cut(&line, ' '), SPAN("policy")) ||
	    !span_int(span_cut(&line, ' '), &failures) ||
	    !span_int(span_cut(&line, ' '), &window) ||
	    !span_int(line, &pause) || failures < 1 ||
	    failures > FAILURES_MAX || window > MINUTES_MAX ||
	    pause > MINUTES_MAX)
		return false;
	*out = (struct policy){failures, window * 60000, pause * 60000};
	return true;
}

static bool
read_attempt(struct span line, struct attempt *out)
{
	struct span mark = span_cut(&line, ' ');

	if (mark.len != 1 || !strchr("FKf", mark.ptr[0]) ||
	    line.len > LINE_FIELDS_MAX ||
	    !span_int(span_cut(&line, ' '), &out->at_ms))
		return false;
	out->mark = (enum mark)mark.ptr[0];
	out->user = span_cut(&line, ' ');
	out->origin = line;
	return out->user.len > 0;
}

struct count {
	struct policy policy;
	int64_t failures;            /* in the window, since the last success */
	int64_t until_ms;            /* end of the pause */
	int64_t seen;                /* failures since the last success */
	int64_t at_ms[FAILURES_MAX]; /* of the last of them, a ring */
};

/* A pause begins with the failure that fills the window, and lasts also when
 * the window is shorter. */
static void
add_failure(struct count *count, int64_t at_ms, int64_t now_ms)
{
	const struct policy *policy = &count->policy;
	int64_t first;

	if (at_ms > now_ms)
		return;
	count->failures += now_ms - at_ms < policy->window_ms;
	count->at_ms[count->seen++ % FAILURES_MAX] = at_ms;
	if (count->seen < policy->failures)
		return;
	first = count->at_ms[(count->seen - policy->failures) % FAILURES_MAX];
	if (at_ms - first < policy->window_ms)
		count->until_ms = at_ms + policy->pause_ms;
}

static void
count_failures(
    const char *dir, const char *user, int64_t now_ms, struct count *out)
{
	struct buf file = BUF_INIT;
	struct span rest;
	struct attempt attempt;

	*out = (struct count){.policy = {5, 600000, 600000}};
	read_file(dir, &file);
	rest = buf_span(&file);
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');

		if (read_policy(line, &out->policy) ||
		    !read_attempt(line, &attempt) ||
		    !span_equal(attempt.user, span_of(user)))
			continue;
		if (attempt.mark == MARK_OK)
			out->failures = out->seen = out->until_ms = 0;
		else
			add_failure(out, attempt.at_ms, now_ms);
	}
	buf_done(&file);
}

int64_t
lockout_wait_s(const char *dir, const char *user, int64_t now_ms)
{
	struct count count;
	int64_t left;

	count_failures(dir, user, now_ms, &count);
	left = count.until_ms - now_ms;
	return left > 0 ? (left + 999) / 1000 : 0;
}

int
lockout_left(const char *dir, const char *user, int64_t now_ms)
{
	struct count count;

	count_failures(dir, user, now_ms, &count);
	return count.failures < count.policy.failures
		   ? (int)(count.policy.failures - count.failures)
		   : 0;
}

static int
append(const char *path, struct span line, struct err *err)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || file_write_all(fd, line) < 0 || fsync(fd) < 0) {
		err_sys(err, fd < 0 ? E_FILE_OPEN : E_FILE_WRITE, errno);
		err_fact(err, "path", span_of(path));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

int
lockout_record(const char *dir, const char *user, const char *origin,
    enum login_result result, int64_t now_ms, struct err *err)
{
	struct buf path = BUF_INIT, line = BUF_INIT;
	int rc;

	file_path(dir, &path);
	buf_printf(&line, "%c %lld %s %.*s\n",
	    result == LOGIN_OK ? MARK_OK : MARK_FAILED, (long long)now_ms, user,
	    SPAN_ARG(span_slice(span_of(origin), 0, 120)));
	rc = append(path.ptr, buf_span(&line), err);
	buf_done(&line);
	buf_done(&path);
	return rc;
}

/* ---- Into the store -------------------------------------------------------- */

static int
move_one(struct store *store, struct db *db, const struct attempt *attempt,
    struct err *err)
{
	bool ok = attempt->mark == MARK_OK;
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO login_attempt(user, at_ms, ok, origin)"
	    " VALUES(?1, ?2, ?3, ?4)",
	    err);
	struct buf facts = BUF_INIT;
	int rc;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, attempt->user);
	stmt_int(stmt, 2, attempt->at_ms);
	stmt_int(stmt, 3, ok);
	stmt_text(stmt, 4, attempt->origin);
	if (stmt_run(stmt, err) < 0)
		return -1;
	buf_printf(&facts, "at=");
	clock_stamp(&facts, attempt->at_ms);
	buf_printf(&facts, " from=%.*s", SPAN_ARG(attempt->origin));
	rc = audit_add_in(store, db,
	    &(struct audit_event){ok ? "login.ok" : "login.failed",
		attempt->user, buf_span(&facts)},
	    err);
	buf_done(&facts);
	return rc;
}

static int
add_policy(struct db *db, struct buf *out, struct err *err)
{
	int64_t failures = setting_int(db, "login.max_failures", err);
	int64_t window = setting_int(db, "login.window_minutes", err);
	int64_t pause = setting_int(db, "login.pause_minutes", err);

	if (failures < 0 || window < 0 || pause < 0)
		return -1;
	buf_printf(out, "policy %lld %lld %lld\n", (long long)failures,
	    (long long)window, (long long)pause);
	return 0;
}

/* A success ends the counting of the failures of that user before it. */
static bool
succeeds_later(struct span rest, struct span user)
{
	struct attempt attempt;

	while (rest.len) {
		if (read_attempt(span_cut(&rest, '\n'), &attempt) &&
		    attempt.mark == MARK_OK && span_equal(attempt.user, user))
			return true;
	}
	return false;
}

static int
move_all(struct store *store, struct db *db, struct span rest, struct buf *kept,
    struct err *err)
{
	struct attempt attempt;

	if (add_policy(db, kept, err) < 0)
		return -1;
	while (rest.len) {
		if (!read_attempt(span_cut(&rest, '\n'), &attempt))
			continue;
		if (attempt.mark != MARK_MOVED &&
		    move_one(store, db, &attempt, err) < 0)
			return -1;
		if (attempt.mark != MARK_OK &&
		    !succeeds_later(rest, attempt.user)) {
			buf_printf(kept, "%c %lld %.*s %.*s\n", MARK_MOVED,
			    (long long)attempt.at_ms, SPAN_ARG(attempt.user),
			    SPAN_ARG(attempt.origin));
		}
	}
	return 0;
}

int
lockout_transfer(struct store *store, struct err *err)
{
	struct buf file = BUF_INIT, kept = BUF_INIT, path = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	read_file(store_dir(store), &file);
	if (store_begin(store, STORE_WAIT_SHORT, "login", &db, err) < 0)
		goto out;
	if (move_all(store, db, buf_span(&file), &kept, err) < 0) {
		store_rollback(store, &db);
		goto out;
	}
	if (store_commit(store, &db, err) < 0)
		goto out;
	file_path(store_dir(store), &path);
	rc = file_replace(path.ptr, buf_span(&kept), 0600, err);
out:
	buf_done(&path);
	buf_done(&kept);
	buf_done(&file);
	return rc;
}

/* ---- History ---------------------------------------------------------------- */

static int
last_success(
    struct db *db, const char *user, struct login_history *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT at_ms, origin FROM login_attempt WHERE user = ?1 AND ok"
	    " ORDER BY at_ms DESC LIMIT 1 OFFSET 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(user));
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->last_ms = stmt_col_int(stmt, 0);
		snprintf(out->last_origin, sizeof out->last_origin, "%.*s",
		    SPAN_ARG(stmt_col_text(stmt, 1)));
	}
	stmt_reset(stmt);
	return got;
}

int
login_history(
    struct db *db, const char *user, struct login_history *out, struct err *err)
{
	struct stmt *stmt;
	int got;

	memset(out, 0, sizeof *out);
	if (last_success(db, user, out, err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "SELECT count(*) FROM login_attempt"
	    " WHERE user = ?1 AND NOT ok AND at_ms > ?2",
	    err);
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(user));
	stmt_int(stmt, 2, out->last_ms);
	got = stmt_step(stmt, err);
	if (got == 1)
		out->failures_since = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}
