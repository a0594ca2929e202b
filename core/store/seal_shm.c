/* Locks between the connections of this process, and the wal-index in our
 * heap: no -shm file exists, because the wal-index holds checksums of plain
 * pages.  Other processes are kept out by the lock that seal_open() takes, so
 * nothing here touches the file. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/seal_file.h"

/* The rules are those of SQLite's own unix VFS: many SHARED, one RESERVED
 * beside them; PENDING lets no new SHARED in; EXCLUSIVE is alone. */
static int
raise(struct seal *seal, struct seal_file *f, int level)
{
	if (f->level != seal->level &&
	    (seal->level >= SQLITE_LOCK_PENDING || level > SQLITE_LOCK_SHARED))
		return SQLITE_BUSY;
	if (level == SQLITE_LOCK_SHARED) {
		seal->sharers++;
		if (seal->level < SQLITE_LOCK_SHARED)
			seal->level = SQLITE_LOCK_SHARED;
	} else if (level == SQLITE_LOCK_EXCLUSIVE && seal->sharers > 1) {
		seal->level = f->level = SQLITE_LOCK_PENDING;
		return SQLITE_BUSY;
	} else {
		seal->level = level;
	}
	f->level = level;
	return SQLITE_OK;
}

int
main_lock(sqlite3_file *file, int level)
{
	struct seal_file *f = seal_file_of(file);
	int rc;

	if (f->level >= level)
		return SQLITE_OK;
	rc = seal_same_process(f->seal);
	if (rc != SQLITE_OK)
		return rc;
	pthread_mutex_lock(&f->seal->mutex);
	rc = raise(f->seal, f, level);
	pthread_mutex_unlock(&f->seal->mutex);
	return rc;
}

int
main_unlock(sqlite3_file *file, int level)
{
	struct seal_file *f = seal_file_of(file);
	struct seal *seal = f->seal;

	f->copying = false;
	if (f->level <= level)
		return SQLITE_OK;
	pthread_mutex_lock(&seal->mutex);
	if (f->level > SQLITE_LOCK_SHARED)
		seal->level = SQLITE_LOCK_SHARED;
	if (level == SQLITE_LOCK_NONE && --seal->sharers == 0)
		seal->level = SQLITE_LOCK_NONE;
	f->level = level;
	pthread_mutex_unlock(&seal->mutex);
	return SQLITE_OK;
}

int
main_reserved(sqlite3_file *file, int *out)
{
	struct seal_file *f = seal_file_of(file);

	pthread_mutex_lock(&f->seal->mutex);
	*out = f->seal->level > SQLITE_LOCK_SHARED;
	pthread_mutex_unlock(&f->seal->mutex);
	return SQLITE_OK;
}

static void
add_region(struct seal *seal)
{
	seal->region = mem_grow(
	    seal->region, (seal->region_count + 1) * sizeof *seal->region);
	seal->region[seal->region_count++] = mem_new(SHM_REGION);
}

int
shm_map(
    sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	struct seal_file *f = seal_file_of(file);
	struct seal *seal = f->seal;

	*out = NULL;
	if (size != SHM_REGION || region < 0)
		return seal_fail(seal, SEAL_SHAPE, 0, SQLITE_IOERR_SHMMAP);
	pthread_mutex_lock(&seal->mutex);
	if (!f->shm_mapped)
		seal->mapped++;
	f->shm_mapped = true;
	while (extend && seal->region_count <= (unsigned)region)
		add_region(seal);
	if ((unsigned)region < seal->region_count)
		*out = seal->region[region];
	pthread_mutex_unlock(&seal->mutex);
	return SQLITE_OK;
}

static void
shm_drop(struct seal *seal, struct seal_file *f, unsigned bits)
{
	for (unsigned i = 0; i < SHM_LOCKS; i++) {
		if (f->shm_shared & bits & 1u << i)
			seal->shm_shared[i]--;
		if (f->shm_exclusive & bits & 1u << i)
			seal->shm_exclusive[i] = false;
	}
	f->shm_shared &= ~bits;
	f->shm_exclusive &= ~bits;
}

static int
shm_take_shared(struct seal *seal, struct seal_file *f, unsigned bits)
{
	for (unsigned i = 0; i < SHM_LOCKS; i++) {
		if (bits & 1u << i && seal->shm_exclusive[i])
			return SQLITE_BUSY;
	}
	for (unsigned i = 0; i < SHM_LOCKS; i++) {
		if (bits & ~f->shm_shared & 1u << i)
			seal->shm_shared[i]++;
	}
	f->shm_shared |= bits;
	return SQLITE_OK;
}

static int
shm_take_exclusive(struct seal *seal, struct seal_file *f, unsigned bits)
{
	for (unsigned i = 0; i < SHM_LOCKS; i++) {
		if (bits & 1u << i &&
		    (seal->shm_exclusive[i] || seal->shm_shared[i]))
			return SQLITE_BUSY;
	}
	for (unsigned i = 0; i < SHM_LOCKS; i++) {
		if (bits & 1u << i)
			seal->shm_exclusive[i] = true;
	}
	f->shm_exclusive |= bits;
	return SQLITE_OK;
}

int
shm_lock(sqlite3_file *file, int from, int count, int flags)
{
	struct seal_file *f = seal_file_of(file);
	struct seal *seal = f->seal;
	unsigned bits;
	int rc;

	if (from < 0 || count < 1 || from + count > SHM_LOCKS)
		return seal_fail(seal, SEAL_SHAPE, 0, SQLITE_IOERR_SHMLOCK);
	rc = seal_same_process(seal);
	if (rc != SQLITE_OK)
		return rc;
	bits = ((1u << count) - 1) << from;
	f->copying = false;
	pthread_mutex_lock(&seal->mutex);
	if (flags & SQLITE_SHM_UNLOCK)
		shm_drop(seal, f, bits);
	else if (flags & SQLITE_SHM_SHARED)
		rc = shm_take_shared(seal, f, bits);
	else
		rc = shm_take_exclusive(seal, f, bits);
	pthread_mutex_unlock(&seal->mutex);
	return rc;
}

void
shm_barrier(sqlite3_file *file)
{
	struct seal *seal = seal_file_of(file)->seal;

	__sync_synchronize();
	pthread_mutex_lock(&seal->mutex);
	pthread_mutex_unlock(&seal->mutex);
}

void
shm_free(struct seal *seal)
{
	for (unsigned i = 0; i < seal->region_count; i++) {
		OPENSSL_cleanse(seal->region[i], SHM_REGION);
		free(seal->region[i]);
	}
	free(seal->region);
	seal->region = NULL;
	seal->region_count = 0;
}

int
shm_unmap(sqlite3_file *file, int remove)
{
	struct seal_file *f = seal_file_of(file);
	struct seal *seal = f->seal;

	(void)remove;
	if (!f->shm_mapped)
		return SQLITE_OK;
	pthread_mutex_lock(&seal->mutex);
	shm_drop(seal, f, (1u << SHM_LOCKS) - 1);
	f->shm_mapped = false;
	/* The last mapping, not the last file: a store that leaves WAL mode
	 * and enters it again must not find the old index. */
	if (--seal->mapped == 0)
		shm_free(seal);
	pthread_mutex_unlock(&seal->mutex);
	return SQLITE_OK;
}

uint32_t
shm_page_of(struct seal *seal, uint32_t frame)
{
	/* Published layout: 136 octets of header, then page numbers up to the
	 * middle of the first region; later regions begin with 4096. */
	enum { HEAD = 136, FIRST = (SHM_REGION / 2 - HEAD) / 4, EACH = 4096 };
	uint32_t region, index, page = 0;

	if (frame <= FIRST) {
		region = 0;
		index = HEAD / 4 + frame - 1;
	} else {
		region = 1 + (frame - FIRST - 1) / EACH;
		index = (frame - FIRST - 1) % EACH;
	}
	pthread_mutex_lock(&seal->mutex);
	if (region < seal->region_count)
		memcpy(&page, seal->region[region] + (size_t)index * 4,
		    sizeof page);
	pthread_mutex_unlock(&seal->mutex);
	return page;
}
