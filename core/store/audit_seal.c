/* Head seals: the line, the file it goes to, and how a chain is held against
 * such a file.  The file is written before the log says so: a line that the
 * log does not know is no harm, a line that is missing is. */
#include "core/store/audit_seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/audit.h"
#include "core/store/db.h"
#include "core/store/state.h"

static const char line_head[] = "sekisho-head store=";
static const char default_name[] = "audit.seals";

/* ---- Who signs --------------------------------------------------------------- */

void
store_signer(const struct store *store, struct ed25519_public *out)
{
	ed25519_public(store_key(store, STORE_KEY_SIGN), out);
}

void
store_id(const struct store *store, char out[STORE_ID_LEN + 1])
{
	struct ed25519_public key;
	struct buf hex = BUF_INIT;
	struct digest digest;

	store_signer(store, &key);
	ed25519_fingerprint(&key, &digest);
	crypt_hex(&hex, span_make(digest.bytes, sizeof digest.bytes));
	span_text(out, STORE_ID_LEN + 1, buf_span(&hex));
	buf_done(&hex);
}

void
store_sign(
    const struct store *store, struct span text, struct ed25519_signature *out)
{
	ed25519_sign(store_key(store, STORE_KEY_SIGN), text, out);
}

/* ---- The line ---------------------------------------------------------------- */

static void
add_utc(struct buf *out, int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	gmtime_r(&at, &tm);
	buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
write_line(
    const struct store *store, const struct audit_head *head, struct buf *out)
{
	struct ed25519_signature signature;
	char id[STORE_ID_LEN + 1];
	size_t from = out->len;

	store_id(store, id);
	buf_printf(
	    out, "%s%s seq=%lld hash=", line_head, id, (long long)head->seq);
	crypt_hex(out, span_make(head->hash.bytes, sizeof head->hash.bytes));
	buf_text(out, " at=");
	add_utc(out, clock_now_ms(store->clock));
	store_sign(
	    store, span_slice(buf_span(out), from, out->len), &signature);
	buf_text(out, " sig=");
	ed25519_signature_text(&signature, out);
}

static bool
is_hex(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!text.ptr[i] || !strchr("0123456789abcdef", text.ptr[i]))
			return false;
	}
	return true;
}

/* Takes "name=" and a value up to the next blank off the line. */
static bool
take(struct span *rest, const char *name, struct span *value)
{
	struct span word = span_cut(rest, ' ');

	if (!span_starts(word, span_of(name)))
		return false;
	*value = span_slice(word, strlen(name), word.len);
	return value->len > 0;
}

bool
seal_line_read(struct span line, struct seal_line *out)
{
	struct span rest = line, id, seq, hash, signature;

	*out = (struct seal_line){.seq = 0};
	if (line.len > SEAL_LINE_MAX || !span_starts(line, span_of(line_head)))
		return false;
	rest = span_slice(line, sizeof "sekisho-head", line.len);
	if (!take(&rest, "store=", &id) || !take(&rest, "seq=", &seq) ||
	    !take(&rest, "hash=", &hash) || !take(&rest, "at=", &out->at) ||
	    !take(&rest, "sig=", &signature) || rest.len)
		return false;
	if (id.len != STORE_ID_LEN || !is_hex(id) || !span_int(seq, &out->seq))
		return false;
	span_text(out->store, sizeof out->store, id);
	out->signed_text = span_make(
	    line.ptr, (size_t)(signature.ptr - line.ptr) - sizeof " sig");
	return digest_of_hex(hash, &out->hash) &&
	       ed25519_signature_read(signature, &out->signature);
}

/* ---- The file ---------------------------------------------------------------- */

char *
seal_file(struct store *store, struct db *db, struct err *err)
{
	struct buf path = BUF_INIT;

	if (setting_read(db, "audit.seals", &path, err) < 0) {
		buf_done(&path);
		return NULL;
	}
	if (path.len == 0)
		buf_printf(&path, "%s/%s", store->dir, default_name);
	return path.ptr;
}

static int
fail_path(struct err *err, enum err_code code, const char *path, int sys)
{
	err_sys(err, sys == ENOSPC ? E_DISK_FULL : code, sys);
	return err_fact(err, "path", span_of(path));
}

/* The name of a new file is on the disk only when its folder is. */
static void
sync_folder(const char *path)
{
	char *folder = mem_text(span_of(path));
	char *slash = strrchr(folder, '/');
	int fd;

	if (slash)
		*slash = '\0';
	fd = open(slash && slash > folder ? folder
		  : slash                 ? "/"
					  : ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

static int
append(const char *path, struct span line, struct err *err)
{
	int fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
	    0600);
	struct stat st;
	int rc = -1;

	if (fd < 0)
		return fail_path(err, E_FILE_OPEN, path, errno);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		fail_path(err, E_FILE_OPEN, path, EINVAL);
	else if (file_write_all(fd, line) < 0 || fsync(fd) < 0)
		fail_path(err, E_FILE_WRITE, path, errno);
	else
		rc = 0;
	close(fd);
	if (rc == 0 && st.st_size == 0)
		sync_folder(path);
	return rc;
}

static int
log_seal(struct store *store, const char *path, int64_t seq, struct err *err)
{
	struct buf facts = BUF_INIT;
	int rc;

	audit_fact_int(&facts, "entry", seq);
	rc = audit_add(store,
	    &(struct audit_event){.what = "audit.seal",
		.object = span_slice(span_of(path), 0, AUDIT_OBJECT_MAX),
		.facts = buf_span(&facts)},
	    err);
	buf_done(&facts);
	return rc;
}

int
audit_seal(
    struct store *store, const char *path, struct buf *out, struct err *err)
{
	struct buf line = BUF_INIT;
	struct audit_head head;
	int rc;

	pthread_mutex_lock(&store->mutex);
	head = store->head;
	pthread_mutex_unlock(&store->mutex);
	write_line(store, &head, &line);
	buf_char(&line, '\n');
	rc = append(path, buf_span(&line), err);
	if (rc == 0)
		rc = log_seal(store, path, head.seq, err);
	if (rc == 0 && out)
		buf_add(out, span_slice(buf_span(&line), 0, line.len - 1));
	buf_done(&line);
	return rc;
}

/* ---- Held against it --------------------------------------------------------- */

static int
by_seq(const void *a, const void *b)
{
	int64_t left = ((const struct audit_mark *)a)->head.seq;
	int64_t right = ((const struct audit_mark *)b)->head.seq;

	return left < right ? -1 : left > right;
}

static int
fail_line(struct err *err, const char *path, int64_t line)
{
	err_set(err, E_AUDIT_LINE);
	err_fact(err, "path", span_of(path));
	return err_fact_int(err, "line", line);
}

static void
add_mark(
    struct audit_marks *marks, const struct seal_line *line, int64_t number)
{
	struct audit_mark *mark;

	marks->mark = mem_more(marks->mark, marks->count, sizeof *marks->mark);
	mark = &marks->mark[marks->count++];
	*mark = (struct audit_mark){
	    .head = {line->seq, line->hash}, .line = number};
	span_text(mark->at, sizeof mark->at, line->at);
}

/* The lines of this store; what is no line at all is somebody's remark. */
static int
read_lines(const struct store *store, const char *path, struct span text,
    struct audit_marks *out, struct err *err)
{
	struct ed25519_public key;
	char id[STORE_ID_LEN + 1];
	struct seal_line line;

	store_signer(store, &key);
	store_id(store, id);
	for (int64_t number = 1; text.len; number++) {
		struct span one = span_cut(&text, '\n');
		struct span mine = span_slice(one, sizeof line_head - 1,
		    sizeof line_head - 1 + STORE_ID_LEN);

		if (!span_starts(one, span_of(line_head)) ||
		    !span_equal(mine, span_of(id)))
			continue;
		if (!seal_line_read(one, &line) ||
		    !ed25519_verify(&key, line.signed_text, &line.signature))
			return fail_line(err, path, number);
		add_mark(out, &line, number);
	}
	return 0;
}

int
audit_marks_read(const struct store *store, const char *path,
    struct audit_marks *out, struct err *err)
{
	struct err why = {.code = E_NONE};
	struct buf text = BUF_INIT;
	int rc = 0;

	*out = (struct audit_marks){.mark = NULL};
	if (file_read(path, SEALS_MAX, &text, &why) < 0) {
		/* Nothing was sealed there yet, or it is gone: the log
		 * knows. */
		rc = why.sys == ENOENT ? 0 : -1;
		if (rc < 0 && err)
			*err = why;
	} else {
		rc = read_lines(store, path, buf_span(&text), out, err);
	}
	if (rc == 0 && out->count > 1)
		qsort(out->mark, out->count, sizeof *out->mark, by_seq);
	buf_done(&text);
	return rc;
}
