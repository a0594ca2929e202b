/* A VFS for below the encrypting one: it looks at every octet that goes to a
 * file, makes the n-th operation fail, and keeps a record of writes and syncs
 * from which the disk after a power cut can be rebuilt. */
#ifndef TESTS_UNIT_STORE_SEAL_SHIM_H
#define TESTS_UNIT_STORE_SEAL_SHIM_H

#include "tests/unit/store/seal_kit.h"

enum shim_kind { SHIM_WRITE, SHIM_TRUNCATE, SHIM_SYNC };

/* One operation on the database (file 0) or its log or journal (file 1). */
struct shim_op {
	enum shim_kind kind;
	int file;
	int64_t at; /* or the new size */
	size_t len;
	unsigned char *data;
};

struct shim {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	/* looking */
	const char *canary[3];
	long hits, opened_temp;
	/* failing */
	long count, fail_at; /* 0: never */
	int fail_write, fail_sync;
	int failed;
	/* recording */
	int record;
	struct shim_op *op;
	size_t ops, room;
};

struct shim_file {
	sqlite3_file base;
	struct shim *shim;
	int file; /* -1: neither database nor log nor journal */
	sqlite3_file *real;
};

KIT_FN struct shim_file *
shim_of(sqlite3_file *file)
{
	return (struct shim_file *)(void *)file;
}

/* Whether this operation is the one that fails, or a later one. */
KIT_FN int
shim_fails(struct shim *shim)
{
	if (++shim->count < shim->fail_at || !shim->fail_at)
		return 0;
	shim->failed = 1;
	return 1;
}

KIT_FN void
shim_note(struct shim_file *f, enum shim_kind kind, const void *data,
    size_t len, int64_t at)
{
	struct shim *shim = f->shim;
	struct shim_op *op;

	if (!shim->record || f->file < 0)
		return;
	if (shim->ops == shim->room) {
		shim->room = shim->room * 2 + 64;
		shim->op = mem_grow(shim->op, shim->room * sizeof *shim->op);
	}
	op = &shim->op[shim->ops++];
	*op = (struct shim_op){kind, f->file, at, len, NULL};
	if (len) {
		op->data = mem_new(len);
		memcpy(op->data, data, len);
	}
}

KIT_FN int
shim_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	struct shim_file *f = shim_of(file);
	struct span all = span_make(data, (size_t)len);

	for (int i = 0; i < 3 && f->shim->canary[i]; i++)
		f->shim->hits +=
		    span_search(all, span_of(f->shim->canary[i])) < all.len;
	if (shim_fails(f->shim)) {
		/* A disk that fills up takes the first half. */
		f->real->pMethods->xWrite(f->real, data, len / 2, at);
		return f->shim->fail_write;
	}
	shim_note(f, SHIM_WRITE, data, all.len, at);
	return f->real->pMethods->xWrite(f->real, data, len, at);
}

KIT_FN int
shim_sync(sqlite3_file *file, int flags)
{
	struct shim_file *f = shim_of(file);

	if (f->shim->fail_sync && shim_fails(f->shim))
		return f->shim->fail_sync;
	shim_note(f, SHIM_SYNC, NULL, 0, 0);
	return f->real->pMethods->xSync(f->real, flags);
}

KIT_FN int
shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct shim_file *f = shim_of(file);

	shim_note(f, SHIM_TRUNCATE, NULL, 0, size);
	return f->real->pMethods->xTruncate(f->real, size);
}

KIT_FN int
shim_close(sqlite3_file *file)
{
	struct shim_file *f = shim_of(file);

	return f->real->pMethods->xClose(f->real);
}

KIT_FN int
shim_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	return shim_of(file)->real->pMethods->xRead(
	    shim_of(file)->real, out, len, at);
}

KIT_FN int
shim_size(sqlite3_file *file, sqlite3_int64 *out)
{
	return shim_of(file)->real->pMethods->xFileSize(
	    shim_of(file)->real, out);
}

KIT_FN int
shim_lock(sqlite3_file *file, int level)
{
	return shim_of(file)->real->pMethods->xLock(shim_of(file)->real, level);
}

KIT_FN int
shim_unlock(sqlite3_file *file, int level)
{
	return shim_of(file)->real->pMethods->xUnlock(
	    shim_of(file)->real, level);
}

KIT_FN int
shim_reserved(sqlite3_file *file, int *out)
{
	return shim_of(file)->real->pMethods->xCheckReservedLock(
	    shim_of(file)->real, out);
}

KIT_FN int
shim_control(sqlite3_file *file, int op, void *arg)
{
	return shim_of(file)->real->pMethods->xFileControl(
	    shim_of(file)->real, op, arg);
}

KIT_FN int
shim_sector(sqlite3_file *file)
{
	return shim_of(file)->real->pMethods->xSectorSize(shim_of(file)->real);
}

KIT_FN int
shim_traits(sqlite3_file *file)
{
	return shim_of(file)->real->pMethods->xDeviceCharacteristics(
	    shim_of(file)->real);
}

KIT_FN int
shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
    int *flags_out)
{
	static const sqlite3_io_methods methods = {.iVersion = 1,
	    .xClose = shim_close,
	    .xRead = shim_read,
	    .xWrite = shim_write,
	    .xTruncate = shim_truncate,
	    .xSync = shim_sync,
	    .xFileSize = shim_size,
	    .xLock = shim_lock,
	    .xUnlock = shim_unlock,
	    .xCheckReservedLock = shim_reserved,
	    .xFileControl = shim_control,
	    .xSectorSize = shim_sector,
	    .xDeviceCharacteristics = shim_traits};
	struct shim *shim = vfs->pAppData;
	struct shim_file *f = shim_of(file);
	int rc;

	f->base.pMethods = NULL;
	f->shim = shim;
	f->real = (sqlite3_file *)(void *)(f + 1);
	f->file = flags & SQLITE_OPEN_MAIN_DB                            ? 0
		  : flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL) ? 1
									 : -1;
	shim->opened_temp += f->file < 0;
	rc = shim->real->xOpen(shim->real, name, f->real, flags, flags_out);
	if (rc == SQLITE_OK)
		f->base.pMethods = &methods;
	return rc;
}

/* The shim, registered as "shim" over the default VFS; one a process. */
KIT_FN struct shim *
shim_start(void)
{
	static struct shim shim;

	if (!shim.real) {
		shim.real = sqlite3_vfs_find(NULL);
		shim.vfs = *shim.real; /* the rest is passed on as it is */
		shim.vfs.zName = "shim";
		shim.vfs.pNext = NULL;
		shim.vfs.szOsFile =
		    (int)sizeof(struct shim_file) + shim.real->szOsFile;
		shim.vfs.pAppData = &shim;
		shim.vfs.xOpen = shim_open;
		assert_int_equal(sqlite3_vfs_register(&shim.vfs, 0), SQLITE_OK);
	}
	return &shim;
}

#endif
