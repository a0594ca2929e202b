/* Seals: which files this process may open with which key, the lock that keeps
 * other processes out, and the last fault found in each file.  A connection is
 * matched to its seal by inode, so a file put in the place of the one that was
 * opened does not get its key. */
#include "core/store/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/store/seal_file.h"
#include "core/store/seal_vfs.h"

enum { SQLITE_OLDEST = 3040000 };

int
seal_register(const char *base, struct err *err)
{
	sqlite3_vfs *below;
	struct seal_vfs *own;

	if (sqlite3_vfs_find(SEAL_VFS))
		return 0;
	below = sqlite3_vfs_find(base);
	if (sqlite3_libversion_number() < SQLITE_OLDEST ||
	    !sqlite3_threadsafe() || !below || below->iVersion < 2)
		goto refused;
	own = seal_vfs_new(below);
	if (sqlite3_vfs_register(&own->vfs, 0) == SQLITE_OK)
		return 0;
	free(own);
refused:
	err_set(err, E_STORE_SELF_TEST);
	err_fact(err, "version", span_of(sqlite3_libversion()));
	return err_fact(err, "step", SPAN("register"));
}

/* ---- Opening and closing ----------------------------------------------- */

static int
fail_path(struct err *err, enum err_code code, int sys, const char *path)
{
	err_sys(err, code, sys);
	return err_fact(err, "path", span_of(path));
}

/* One owner per machine and file.  The bytes are those that SQLite programs
 * lock, so that they find the file locked too; an open-file lock, because the
 * ordinary kind ends when any descriptor of the file is closed. */
static int
lock_file(int fd, const char *path, struct err *err)
{
	struct flock lock = {.l_type = F_WRLCK,
	    .l_whence = SEEK_SET,
	    .l_start = SEAL_LOCK_AT,
	    .l_len = SEAL_LOCK_LEN};

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return fail_path(err, E_STORE_IN_USE, errno, path);
	return fail_path(err, E_FILE_OPEN, errno, path);
}

static int
open_file(const char *path, enum seal_start start, int *out, struct err *err)
{
	const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;

	*out =
	    open(path, start == SEAL_EXISTING ? flags : flags | O_CREAT, 0600);
	if (*out >= 0)
		return lock_file(*out, path, err);
	return fail_path(
	    err, errno == ENOENT ? E_STORE_MISSING : E_FILE_OPEN, errno, path);
}

/* Looks at the locked file: is it what the caller expects to find? */
static int
check_file(struct seal *seal, enum seal_start start, struct err *err)
{
	struct stat st;

	if (fstat(seal->fd, &st) < 0)
		return fail_path(err, E_FILE_OPEN, errno, seal->path);
	if (!S_ISREG(st.st_mode))
		return fail_path(err, E_STORE_NOT_DB, 0, seal->path);
	if (start != SEAL_EXISTING && st.st_size != 0)
		return fail_path(err, E_STORE_EXISTS, 0, seal->path);
	if (start == SEAL_EXISTING && st.st_size == 0)
		return fail_path(err, E_STORE_EMPTY, 0, seal->path);
	/* SQLite's unix VFS calls a file of one octet empty. */
	if (start == SEAL_EXISTING && st.st_size < SEAL_PAGE)
		return fail_path(err, E_STORE_TRUNCATED, 0, seal->path);
	seal->dev = st.st_dev;
	seal->ino = st.st_ino;
	return 0;
}

static void
destroy(struct seal *seal)
{
	if (seal->fd >= 0)
		close(seal->fd);
	shm_free(seal);
	secret_free(&seal->key);
	secret_free(&seal->mac_key);
	pthread_mutex_destroy(&seal->mutex);
	free(seal->path);
	free(seal);
}

int
seal_open(
    const char *path, enum seal_start start, struct seal **out, struct err *err)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(SEAL_VFS);
	struct seal *seal;

	if (!vfs) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("seal_open"));
	}
	seal = mem_new(sizeof *seal);
	seal->path = mem_text(span_of(path));
	seal->fd = -1;
	seal->users = 1;
	seal->pid = getpid();
	seal->start = start;
	seal->vfs = seal_vfs_of(vfs);
	pthread_mutex_init(&seal->mutex, NULL);
	if (open_file(path, start, &seal->fd, err) < 0 ||
	    check_file(seal, start, err) < 0) {
		destroy(seal);
		return -1;
	}
	pthread_mutex_lock(&seal->vfs->mutex);
	seal->next = seal->vfs->first;
	seal->vfs->first = seal;
	pthread_mutex_unlock(&seal->vfs->mutex);
	*out = seal;
	return 0;
}

/* The salt is what a file begins with; an empty one gets a new salt now, not
 * at the first write, because a journal may be written before it. */
static int
find_salt(struct seal *seal, struct err *err)
{
	const ssize_t got = pread(seal->fd, seal->salt, SEAL_SALT, 0);

	if (got == 0)
		crypt_random(seal->salt, SEAL_SALT);
	else if (got < 0)
		return fail_path(err, E_FILE_READ, errno, seal->path);
	else if (got != SEAL_SALT)
		return fail_path(err, E_STORE_TRUNCATED, 0, seal->path);
	return 0;
}

int
seal_key(struct seal *seal, const struct secret *key, const unsigned char *salt,
    struct err *err)
{
	if (key->len != SEAL_KEY) {
		err_set(err, E_CRYPTO);
		return err_fact(err, "what", SPAN("key length"));
	}
	if (salt)
		memcpy(seal->salt, salt, SEAL_SALT);
	else if (find_salt(seal, err) < 0)
		return -1;
	secret_free(&seal->key);
	secret_free(&seal->mac_key);
	seal->mac_key = page_mac_key(key, seal->salt);
	if (!seal->mac_key) {
		err_set(err, E_CRYPTO);
		return err_fact(err, "what", SPAN("PBKDF2"));
	}
	seal->key = secret_of(key->bytes, key->len);
	return 0;
}

void
seal_salt(const struct seal *seal, unsigned char out[SEAL_SALT])
{
	memcpy(out, seal->salt, SEAL_SALT);
}

struct seal *
seal_find(struct seal_vfs *vfs, const char *path)
{
	struct seal *seal = NULL;
	struct stat st;

	if (stat(path, &st) < 0)
		return NULL;
	pthread_mutex_lock(&vfs->mutex);
	for (seal = vfs->first; seal; seal = seal->next) {
		if (seal->dev == st.st_dev && seal->ino == st.st_ino)
			break;
	}
	if (seal && seal->pid != getpid())
		seal = NULL;
	if (seal)
		seal->users++;
	pthread_mutex_unlock(&vfs->mutex);
	return seal;
}

void
seal_release(struct seal *seal)
{
	struct seal_vfs *vfs = seal->vfs;
	struct seal **at = &vfs->first;
	unsigned left;

	pthread_mutex_lock(&vfs->mutex);
	left = --seal->users;
	while (left == 0 && *at != seal)
		at = &(*at)->next;
	if (left == 0)
		*at = seal->next;
	pthread_mutex_unlock(&vfs->mutex);
	if (left == 0)
		destroy(seal);
}

void
seal_close(struct seal **seal)
{
	if (!*seal)
		return;
	seal_release(*seal);
	*seal = NULL;
}

/* ---- What the files tell about themselves ------------------------------ */

int
seal_fail(struct seal *seal, enum seal_fault_kind kind, int64_t number, int rc)
{
	pthread_mutex_lock(&seal->mutex);
	seal->fault = (struct seal_fault){kind, number, rc};
	pthread_mutex_unlock(&seal->mutex);
	return rc;
}

void
seal_note_page1(struct seal *seal, const unsigned char *plain)
{
	enum { AT_PAGE_COUNT = 28 };

	pthread_mutex_lock(&seal->mutex);
	seal->page_count = get_be32(plain + AT_PAGE_COUNT);
	pthread_mutex_unlock(&seal->mutex);
}

int
seal_same_process(struct seal *seal)
{
	/* A fork would use the same random IVs twice and both processes would
	 * believe in the same locks. */
	if (seal->pid == getpid())
		return SQLITE_OK;
	return seal_fail(seal, SEAL_FORKED, 0, SQLITE_IOERR);
}

void
seal_fault(struct seal *seal, struct seal_fault *out)
{
	pthread_mutex_lock(&seal->mutex);
	*out = seal->fault;
	pthread_mutex_unlock(&seal->mutex);
}

/* SQLite itself sees that the file is shorter than page 1 says, and reads
 * nothing then; so the sizes are compared here. */
static bool
is_cut(struct seal *seal, int64_t *page)
{
	struct stat st;
	int64_t wanted;

	pthread_mutex_lock(&seal->mutex);
	wanted = seal->page_count;
	pthread_mutex_unlock(&seal->mutex);
	if (fstat(seal->fd, &st) < 0)
		return false;
	*page = st.st_size / SEAL_PAGE + 1;
	return *page <= wanted;
}

int
seal_explain(struct seal *seal, int rc, struct err *err)
{
	struct seal_fault fault;

	seal_fault(seal, &fault);
	if ((rc & 0xff) == SQLITE_FULL)
		return fail_path(err, E_STORE_FULL, 0, seal->path);
	if ((rc & 0xff) == SQLITE_CORRUPT && is_cut(seal, &fault.number)) {
		fail_path(err, E_STORE_TRUNCATED, 0, seal->path);
		return err_fact_int(err, "page", fault.number);
	}
	if (fault.kind == SEAL_SOUND || rc != fault.rc)
		return 0;
	switch (fault.kind) {
	case SEAL_SOUND:
		break;
	case SEAL_NOT_DB:
		return fail_path(err, E_STORE_NOT_DB, 0, seal->path);
	case SEAL_BAD_PAGE:
		fail_path(err, E_STORE_PAGE, 0, seal->path);
		return err_fact_int(err, "page", fault.number);
	case SEAL_TRUNCATED:
		fail_path(err, E_STORE_TRUNCATED, 0, seal->path);
		return err_fact_int(err, "page", fault.number);
	case SEAL_BAD_FRAME:
		fail_path(err, E_STORE_WAL, 0, seal->path);
		return err_fact_int(err, "frame", fault.number);
	case SEAL_SHAPE:
		err_set(err, E_STORE_SELF_TEST);
		err_fact(err, "version", span_of(sqlite3_libversion()));
		return err_fact(err, "step", SPAN("unknown access"));
	case SEAL_FORKED:
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("store after fork"));
	}
	return 0;
}
