/* The folder of a store: which files it has, who may read it, and the lock by
 * which one process at a time holds it. */
#include "core/store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/store.h"

enum { LOCK_NOTE_MAX = 256 };

static int
fail_path(struct err *err, enum err_code code, const char *path, int sys)
{
	err_sys(err, code, sys);
	return err_fact(err, "path", span_of(path));
}

char *
place_path(const char *dir, const char *name)
{
	struct buf path = BUF_INIT;
	char *text;

	buf_printf(&path, "%s/%s", dir, name);
	text = mem_text(buf_span(&path));
	buf_done(&path);
	return text;
}

static bool
has_file(const char *dir, const char *name)
{
	char *path = place_path(dir, name);
	struct stat st;
	bool has = lstat(path, &st) == 0;

	free(path);
	return has;
}

bool
store_exists(const char *dir)
{
	return has_file(dir, "keyring") || has_file(dir, "store.db");
}

/* Readable by nobody else; by the group only where the folder says with its
 * set-group-id bit that it is shared. */
int
place_check(const char *dir, struct err *err)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return fail_path(err, E_STORE_DIR, dir, errno);
	if (!S_ISDIR(st.st_mode))
		return fail_path(err, E_STORE_DIR, dir, ENOTDIR);
	if (st.st_mode & 07 || (st.st_mode & 070 && !(st.st_mode & S_ISGID)))
		return fail_path(err, E_STORE_MODE, dir, 0);
	return 0;
}

/* Adds who holds the store, from the note in the lock file. */
static int
fail_in_use(int lock, const char *dir, struct err *err)
{
	char note[LOCK_NOTE_MAX];
	ssize_t got = pread(lock, note, sizeof note, 0);
	struct span rest = span_make(note, got > 0 ? (size_t)got : 0);
	struct span line = span_cut(&rest, '\n');

	fail_path(err, E_STORE_IN_USE, dir, 0);
	err_fact(err, "pid", span_cut(&line, ' '));
	return err_fact(err, "user", line);
}

/* The database is locked by the VFS as well; this lock comes first, guards the
 * keyring too and says who holds it. */
int
place_lock(const char *dir, const char *user, int *out, struct err *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = place_path(dir, "lock");
	struct buf note = BUF_INIT;
	int lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = -1;

	if (lock < 0) {
		fail_path(err, E_STORE_DIR, path, errno);
		goto out;
	}
	if (fcntl(lock, F_OFD_SETLK, &whole) < 0) {
		fail_in_use(lock, dir, err);
		goto out;
	}
	buf_printf(&note, "%ld %s\n", (long)getpid(), user);
	/* The note is a courtesy: a full disk must not keep the store shut. */
	if (ftruncate(lock, 0) == 0)
		file_write_all(lock, buf_span(&note));
	*out = lock;
	lock = -1;
	rc = 0;
out:
	if (lock >= 0)
		close(lock);
	free(path);
	buf_done(&note);
	return rc;
}

/* What a creation that failed has left, so that it can be tried again. */
void
place_clear(const char *dir)
{
	static const char *const names[] = {"keyring", "keyring.old",
	    "keyring.new", "store.db", "store.db-wal", "store.db-journal",
	    "lock"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = place_path(dir, names[i]);

		unlink(path);
		free(path);
	}
}
