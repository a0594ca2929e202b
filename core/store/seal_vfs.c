/* The VFS object: which kind of file gets which treatment, and what is passed
 * on to the VFS below.  A main database without a key is refused, never opened
 * in plain. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/seal_file.h"
#include "core/store/seal_vfs.h"

static sqlite3_vfs *
base_of(sqlite3_vfs *vfs)
{
	return seal_vfs_of(vfs)->base;
}

/* ---- What files pass on ------------------------------------------------ */

int
below_read(struct seal_file *f, void *out, int len, int64_t at)
{
	return f->below->pMethods->xRead(f->below, out, len, at);
}

int
below_write(struct seal_file *f, const void *data, int len, int64_t at)
{
	int rc = f->below->pMethods->xWrite(f->below, data, len, at);

	/* SQLite knows one way for a disk to be full; errno, which tells of
	 * quotas and limits, is lost before the error is reported. */
	if (rc == SQLITE_IOERR_WRITE && (errno == EDQUOT || errno == EFBIG))
		return SQLITE_FULL;
	return rc;
}

int
below_size(struct seal_file *f, int64_t *out)
{
	sqlite3_int64 size = 0;
	int rc = f->below->pMethods->xFileSize(f->below, &size);

	*out = size;
	return rc;
}

int
pass_sync(sqlite3_file *file, int flags)
{
	struct seal_file *f = seal_file_of(file);

	return f->below->pMethods->xSync(f->below, flags);
}

int
pass_size(sqlite3_file *file, sqlite3_int64 *out)
{
	struct seal_file *f = seal_file_of(file);

	return f->below->pMethods->xFileSize(f->below, out);
}

int
pass_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct seal_file *f = seal_file_of(file);

	return f->below->pMethods->xTruncate(f->below, size);
}

int
plain_lock(sqlite3_file *file, int level)
{
	(void)file;
	(void)level;
	return SQLITE_OK;
}

int
plain_reserved(sqlite3_file *file, int *out)
{
	(void)file;
	*out = 0;
	return SQLITE_OK;
}

int
plain_control(sqlite3_file *file, int op, void *arg)
{
	struct seal_file *f = seal_file_of(file);

	switch (op) {
	case SQLITE_FCNTL_VFSNAME:
		*(char **)arg = sqlite3_mprintf("%s", SEAL_VFS);
		return SQLITE_OK;
	case SQLITE_FCNTL_SYNC:
	case SQLITE_FCNTL_COMMIT_PHASETWO:
	case SQLITE_FCNTL_OVERWRITE:
	case SQLITE_FCNTL_BUSYHANDLER:
	case SQLITE_FCNTL_PERSIST_WAL:
	case SQLITE_FCNTL_HAS_MOVED:
	case SQLITE_FCNTL_LAST_ERRNO:
	case SQLITE_FCNTL_TEMPFILENAME:
		return f->below->pMethods->xFileControl(f->below, op, arg);
	default: /* atomic batches, mapping and what is not known yet */
		return SQLITE_NOTFOUND;
	}
}

int
seal_sector(sqlite3_file *file)
{
	(void)file;
	return 512;
}

/* Without power-safe overwrite SQLite would pad and split what it writes; with
 * atomic writes it would skip the journal, although one page here is not one
 * sector of the disk. */
int
seal_traits(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- Opening ----------------------------------------------------------- */

/* How each kind of file is prepared. */
struct treatment {
	int flag;
	int (*start)(struct seal_file *f);
	const sqlite3_io_methods *methods;
};

static const struct treatment treatments[] = {
    {SQLITE_OPEN_MAIN_DB, main_start, &main_methods},
    {SQLITE_OPEN_WAL, wal_start, &wal_methods},
    {SQLITE_OPEN_MAIN_JOURNAL, journal_start, &journal_methods},
    {SQLITE_OPEN_TEMP_DB, temp_start, &temp_methods},
    {SQLITE_OPEN_TRANSIENT_DB, temp_start, &temp_methods},
    {SQLITE_OPEN_TEMP_JOURNAL, temp_start, &temp_methods},
    {SQLITE_OPEN_SUBJOURNAL, temp_start, &temp_methods},
    /* Super-journals belong to transactions over several files, which
	 * the store does not have. */
};

static const struct treatment *
treatment_of(int flags)
{
	for (size_t i = 0; i < sizeof treatments / sizeof *treatments; i++) {
		if (flags & treatments[i].flag)
			return &treatments[i];
	}
	return NULL;
}

/* Finds the seal (main database) or the database handle (WAL, journal). */
static int
attach(struct seal_vfs *own, const char *name, int flags, struct seal_file *f)
{
	sqlite3_file *db;

	if (flags & SQLITE_OPEN_MAIN_DB) {
		f->seal = name ? seal_find(own, name) : NULL;
		if (!f->seal || !f->seal->key)
			return SQLITE_CANTOPEN;
	} else if (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) {
		db = name ? sqlite3_database_file_object(name) : NULL;
		/* Another shim above this VFS: the handle is not ours. */
		if (!db || db->pMethods != &main_methods)
			return SQLITE_CANTOPEN;
		f->main = seal_file_of(db);
		f->seal = f->main->seal;
	}
	return SQLITE_OK;
}

static int
vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
    int *flags_out)
{
	const struct treatment *treatment = treatment_of(flags);
	sqlite3_vfs *base = base_of(vfs);
	struct seal_file *f = seal_file_of(file);
	int rc;

	memset(f, 0, (size_t)vfs->szOsFile);
	f->below = (sqlite3_file *)(void *)(f + 1);
	if (!treatment)
		return SQLITE_CANTOPEN;
	rc = attach(seal_vfs_of(vfs), name, flags, f);
	if (rc != SQLITE_OK)
		goto out;
	rc = base->xOpen(base, name, f->below, flags, flags_out);
	if (rc != SQLITE_OK)
		goto out;
	rc = treatment->start(f);
	if (rc == SQLITE_OK)
		f->base.pMethods = treatment->methods;
out:
	if (rc != SQLITE_OK && f->below->pMethods) {
		f->below->pMethods->xClose(f->below);
		f->below->pMethods = NULL;
	}
	if (rc != SQLITE_OK && !f->main && f->seal)
		seal_release(f->seal);
	return rc;
}

/* ---- The rest of the VFS ----------------------------------------------- */

static int
vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	return base_of(vfs)->xDelete(base_of(vfs), name, sync);
}

static int
vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	return base_of(vfs)->xAccess(base_of(vfs), name, flags, out);
}

static int
vfs_full_path(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
	return base_of(vfs)->xFullPathname(base_of(vfs), name, len, out);
}

/* Extensions are not loaded; NULL here would crash SQLite. */
static void *
vfs_dl_open(sqlite3_vfs *vfs, const char *name)
{
	(void)vfs;
	(void)name;
	return NULL;
}

static void
vfs_dl_error(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	sqlite3_snprintf(len, out, "extensions are not loaded");
}

typedef void (*symbol)(void);

static symbol
vfs_dl_symbol(sqlite3_vfs *vfs, void *lib, const char *name)
{
	(void)vfs;
	(void)lib;
	(void)name;
	return NULL;
}

static void
vfs_dl_close(sqlite3_vfs *vfs, void *lib)
{
	(void)vfs;
	(void)lib;
}

static int
vfs_random(sqlite3_vfs *vfs, int len, char *out)
{
	return base_of(vfs)->xRandomness(base_of(vfs), len, out);
}

static int
vfs_sleep(sqlite3_vfs *vfs, int us)
{
	return base_of(vfs)->xSleep(base_of(vfs), us);
}

static int
vfs_time(sqlite3_vfs *vfs, double *out)
{
	return base_of(vfs)->xCurrentTime(base_of(vfs), out);
}

static int
vfs_time_ms(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	return base_of(vfs)->xCurrentTimeInt64(base_of(vfs), out);
}

static int
vfs_last_error(sqlite3_vfs *vfs, int len, char *out)
{
	return base_of(vfs)->xGetLastError(base_of(vfs), len, out);
}

struct seal_vfs *
seal_vfs_new(sqlite3_vfs *base)
{
	struct seal_vfs *own = mem_new(sizeof *own);

	own->base = base;
	pthread_mutex_init(&own->mutex, NULL);
	own->vfs = (sqlite3_vfs){
	    .iVersion = 2,
	    .szOsFile = (int)sizeof(struct seal_file) + base->szOsFile,
	    .mxPathname = base->mxPathname,
	    .zName = SEAL_VFS,
	    .pAppData = own,
	    .xOpen = vfs_open,
	    .xDelete = vfs_delete,
	    .xAccess = vfs_access,
	    .xFullPathname = vfs_full_path,
	    .xDlOpen = vfs_dl_open,
	    .xDlError = vfs_dl_error,
	    .xDlSym = vfs_dl_symbol,
	    .xDlClose = vfs_dl_close,
	    .xRandomness = vfs_random,
	    .xSleep = vfs_sleep,
	    .xCurrentTime = vfs_time,
	    .xGetLastError = vfs_last_error,
	    .xCurrentTimeInt64 = vfs_time_ms,
	};
	return own;
}
