/* A text in the user's editor.  It gets a folder of its own, so that backups
 * and swap files are found and removed with it; nothing of ours is on the
 * command line but the file's name.  The folder must be in memory, because a
 * disk keeps what was deleted.  Beside the text lies a note, locked as long as
 * we live, that says whose text it is: when we die, the next start saves what
 * was written and wipes the rest. */
#include "tui/screens/external.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/base/crypt.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/text/i18n.h"

#define FOLDER "sekisho-edit-"
#define NOTE   "note"
#define TEXT   "text.md"

enum {
	WIPE_OCTETS = 4096,
	NOTE_MAX = 8192,
	FOLDERS_DEEP = 8,
	TMPFS = 0x01021994,
	RAMFS = 0x858458f6 & 0x7fffffff
};

struct external {
	struct buf folder, path;
	int note; /* locked; -1: none */
	struct digest before;
};

static int
fail(struct err *err, enum err_code code, const char *path)
{
	err_sys(err, code, errno);
	return err_fact(err, "path", span_of(path));
}

/* ---- Where ---------------------------------------------------------------- */

void
external_places(struct external_places *out)
{
	struct buf own = BUF_INIT;
	size_t count = 0;

	*out = (struct external_places){{NULL}, ""};
	buf_printf(&own, "/run/user/%lu", (unsigned long)geteuid());
	span_text(out->own, sizeof out->own, buf_span(&own));
	buf_done(&own);
	if (getenv("XDG_RUNTIME_DIR"))
		out->dir[count++] = getenv("XDG_RUNTIME_DIR");
	out->dir[count++] = out->own;
	out->dir[count++] = "/dev/shm";
}

bool
external_is_memory(const char *path)
{
	struct statfs fs;

	return path[0] == '/' && access(path, W_OK | X_OK) == 0 &&
	       statfs(path, &fs) == 0 &&
	       ((fs.f_type & 0x7fffffff) == TMPFS ||
		   (fs.f_type & 0x7fffffff) == RAMFS);
}

static int
make_folder(
    const struct external_places *places, struct buf *out, struct err *err)
{
	for (int i = 0; i < 4 && places->dir[i]; i++) {
		if (!external_is_memory(places->dir[i]))
			continue;
		buf_clear(out);
		buf_printf(out, "%s/" FOLDER "XXXXXX", places->dir[i]);
		if (mkdtemp(out->ptr))
			return 0;
	}
	buf_clear(out);
	return err_set(err, E_EDITOR_MEMORY);
}

/* ---- Files ---------------------------------------------------------------- */

static int
make_file(const char *path, struct span text, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(err, E_FILE_OPEN, path);
	if (file_write_all(fd, text) < 0) {
		fail(err, E_FILE_WRITE, path);
		close(fd);
		return -1;
	}
	return fd;
}

/* Zeros over what a file holds: swapped-out pages are written anew. */
static void
wipe(int folder, const char *name)
{
	static const char zeros[WIPE_OCTETS];
	int fd = openat(
	    folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st = {.st_size = 0};

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		for (off_t at = 0; at < st.st_size; at += WIPE_OCTETS) {
			if (file_write_all(fd, span_make(zeros, WIPE_OCTETS)) <
			    0)
				break;
		}
	}
	close(fd);
}

/* Empties a folder, and those that an editor has made in it. */
static void
remove_in(int folder, int depth)
{
	DIR *dir = fdopendir(folder);
	struct dirent *entry;
	int inner;

	if (!dir) {
		close(folder);
		return;
	}
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		wipe(folder, entry->d_name);
		if (unlinkat(folder, entry->d_name, 0) == 0 || depth == 0)
			continue;
		inner = openat(folder, entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner >= 0)
			remove_in(inner, depth - 1);
		unlinkat(folder, entry->d_name, AT_REMOVEDIR);
	}
	closedir(dir);
}

static void
remove_all(const char *path)
{
	int folder =
	    open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (folder < 0)
		return;
	remove_in(folder, FOLDERS_DEEP);
	rmdir(path);
}

/* "STORE LF CAMPAIGN LF DIGEST LF": whose text it is, and what it was. */
static int
write_note(struct external *external, struct store *store,
    struct campaign_id campaign, struct err *err)
{
	struct buf note = BUF_INIT, path = BUF_INIT;

	buf_printf(
	    &note, "%s\n%lld\n", store_dir(store), (long long)campaign.v);
	crypt_hex(&note, span_make(external->before.bytes, SHA256_LEN));
	buf_char(&note, '\n');
	buf_printf(&path, "%s/" NOTE, external->folder.ptr);
	external->note = make_file(path.ptr, buf_span(&note), err);
	buf_done(&path);
	buf_done(&note);
	if (external->note < 0)
		return -1;
	/* another program that starts may just be looking at it */
	if (flock(external->note, LOCK_EX) < 0)
		return fail(err, E_FILE_WRITE, external->folder.ptr);
	return 0;
}

int
external_begin(const struct external_places *places, struct store *store,
    struct campaign_id campaign, struct span text, struct external **out,
    struct err *err)
{
	struct external *external = mem_new(sizeof *external);
	int fd;

	external->note = -1;
	crypt_sha256(text, &external->before);
	if (make_folder(places, &external->folder, err) < 0)
		goto failed;
	buf_printf(&external->path, "%s/" TEXT, external->folder.ptr);
	if (write_note(external, store, campaign, err) < 0)
		goto failed;
	fd = make_file(external->path.ptr, text, err);
	if (fd < 0)
		goto failed;
	close(fd);
	*out = external;
	return 0;
failed:
	external_end(&external);
	return -1;
}

const char *
external_folder(const struct external *external)
{
	return external->folder.ptr;
}

int
external_run(struct app *app, struct external *external, struct err *err)
{
	char **argv = app_editor_argv(external->path.ptr);
	int rc = app_run(app, argv, err);

	free(argv);
	return rc;
}

/* The first line with an octet that no text may hold; 0: none. */
static int64_t
bad_line(struct span text)
{
	int64_t line = 1;
	enum utf8_got got;
	uint32_t cp;

	while ((got = utf8_next(&text, &cp)) != UTF8_END) {
		if (got == UTF8_BAD ||
		    (cp < 0x20 && cp != '\n' && cp != '\t' && cp != '\r'))
			return line;
		line += cp == '\n';
	}
	return 0;
}

int
external_read(
    struct external *external, struct buf *out, bool *changed, struct err *err)
{
	struct digest now;
	int64_t line;

	*changed = true;
	if (file_read(external->path.ptr, EXTERNAL_MAX, out, err) < 0)
		return -1;
	crypt_sha256(buf_span(out), &now);
	*changed = !digest_equal(&now, &external->before);
	line = *changed ? bad_line(buf_span(out)) : 0;
	if (line == 0)
		return 0;
	err_set(err, E_EDITOR_BYTES);
	return err_fact_int(err, "line", line);
}

void
external_end(struct external **external)
{
	struct external *old = *external;

	if (!old)
		return;
	if (old->folder.len > 0)
		remove_all(old->folder.ptr);
	if (old->note >= 0)
		close(old->note);
	buf_done(&old->folder);
	buf_done(&old->path);
	free(old);
	*external = NULL;
}

/* ---- After a crash -------------------------------------------------------- */

/* Our own folder, and no link to one. */
static bool
is_ours(const char *folder)
{
	struct stat st;

	return lstat(folder, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

/* The note of a folder, locked; -1 when its program lives or there is none. */
static int
take_note(const char *folder, struct buf *note)
{
	struct buf path = BUF_INIT;
	int fd;

	buf_printf(&path, "%s/" NOTE, folder);
	fd = open(path.ptr, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (flock(fd, LOCK_EX | LOCK_NB) < 0 ||
			   file_read(path.ptr, NOTE_MAX, note, NULL) < 0)) {
		close(fd);
		fd = -1;
	}
	buf_done(&path);
	return fd;
}

static bool
was_changed(struct span text, struct span digest)
{
	struct digest now;
	struct buf hex = BUF_INIT;
	bool changed;

	crypt_sha256(text, &now);
	crypt_hex(&hex, span_make(now.bytes, SHA256_LEN));
	changed = !span_equal(buf_span(&hex), digest);
	buf_done(&hex);
	return changed;
}

/* 1 when the text was kept, 0 when there was nothing to keep, -1 when it could
 * not be. */
static int
rescue(const char *folder, struct store *store, struct span note)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	int64_t id = 0;
	int rc = -1;

	buf_printf(&path, "%s/" TEXT, folder);
	span_int(span_cut(&note, '\n'), &id);
	if (file_read(path.ptr, EXTERNAL_MAX, &text, NULL) < 0 ||
	    bad_line(buf_span(&text)) != 0 ||
	    store_view_open(store, &db, NULL) < 0)
		goto out;
	if (!was_changed(buf_span(&text), span_cut(&note, '\n')) ||
	    campaign_read(db, (struct campaign_id){id}, &campaign, NULL) < 0) {
		rc = 0;
		goto out;
	}
	if (campaign_keep_unsaved(store, campaign.id,
		buf_span(&campaign.subject), buf_span(&text), NULL) == 0)
		rc = 1;
out:
	store_reader_close(&db);
	campaign_done(&campaign);
	buf_wipe(&text);
	buf_done(&path);
	return rc;
}

static int
sweep_folder(const char *folder, struct store *store)
{
	struct buf note = BUF_INIT;
	struct span rest;
	int fd, kept = 0;

	if (!is_ours(folder))
		return 0;
	fd = take_note(folder, &note);
	rest = buf_span(&note);
	if (fd >= 0 &&
	    span_equal(span_cut(&rest, '\n'), span_of(store_dir(store)))) {
		kept = rescue(folder, store, rest);
		/* what cannot be kept is not destroyed either */
		if (kept >= 0)
			remove_all(folder);
	}
	if (fd >= 0)
		close(fd);
	buf_done(&note);
	return kept > 0;
}

int
external_sweep(const struct external_places *places, struct store *store)
{
	struct buf path = BUF_INIT;
	int kept = 0;

	for (int i = 0; i < 4 && places->dir[i]; i++) {
		DIR *dir = opendir(places->dir[i]);
		struct dirent *entry;

		while (dir && (entry = readdir(dir))) {
			if (!span_starts(span_of(entry->d_name), SPAN(FOLDER)))
				continue;
			buf_clear(&path);
			buf_printf(
			    &path, "%s/%s", places->dir[i], entry->d_name);
			kept += sweep_folder(path.ptr, store);
		}
		if (dir)
			closedir(dir);
	}
	buf_done(&path);
	return kept;
}

struct sweep {
	struct store *store;
	int kept;
};

static int
sweep_run(struct job *job, void *data, struct err *err)
{
	struct sweep *sweep = data;
	struct external_places places;

	(void)job;
	(void)err;
	external_places(&places);
	sweep->kept = external_sweep(&places, sweep->store);
	return 0;
}

struct job *
external_sweep_start(struct screen *owner)
{
	static const struct job_ops ops = {.run = sweep_run, .free = free};
	struct sweep *sweep = mem_new(sizeof *sweep);
	struct job *job = NULL;

	sweep->store = app_store(owner->app);
	app_job(owner->app, owner, &ops, sweep, &job, NULL);
	return job;
}

void
external_swept(struct screen *owner, const void *data)
{
	const struct sweep *sweep = data;

	if (sweep->kept > 0)
		app_say(owner->app, SAY_WARN,
		    _("A text that was at another editor when the program "
		      "ended was kept: its campaign offers it."));
}
