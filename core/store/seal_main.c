/* The main database file: whole encrypted pages, read in any shape, written
 * one page at a time.  What SQLite asks before it holds a lock (the first 100
 * octets) is answered from here, because a page read without a lock can be
 * torn, and because that answer is what gives every page its reserve. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/seal_file.h"

enum {
	HEAD_ASKED = 100,
	AT_PAGE_SIZE = 16,
	AT_WRITE_VERSION = 18,
	AT_RESERVE = 20,
	AT_FRACTIONS = 21,
	GAP_MAX = 65536 /* pages: several times the largest page cache */
};

int
main_start(struct seal_file *f)
{
	int rc = page_box_new(f->seal, &f->box);

	if (rc == SQLITE_OK)
		f->raw = mem_new(SEAL_PAGE);
	return rc;
}

static int
main_close(sqlite3_file *file)
{
	struct seal_file *f = seal_file_of(file);
	int rc;

	shm_unmap(file, 0);
	main_unlock(file, SQLITE_LOCK_NONE);
	rc = f->below->pMethods->xClose(f->below);
	page_box_free(&f->box);
	OPENSSL_cleanse(f->raw, SEAL_PAGE);
	free(f->raw);
	f->raw = NULL;
	seal_release(f->seal);
	f->seal = NULL;
	return rc;
}

/* The header that every file of ours has, as far as it is fixed. */
static void
known_head(unsigned char out[HEAD_ASKED])
{
	static const unsigned char fixed[] = {
	    SEAL_PAGE >> 8, SEAL_PAGE & 255, 1, 1, SEAL_RESERVE, 64, 32, 32};

	memset(out, 0, HEAD_ASKED);
	memcpy(out, "SQLite format 3", SEAL_SALT);
	memcpy(out + AT_PAGE_SIZE, fixed, sizeof fixed);
}

/* Answers the first question about a file.  VACUUM INTO sets page size and
 * reserve of its target itself, and fails when the target has some already. */
static int
read_head(struct seal_file *f, unsigned char *out)
{
	int64_t size = 0;

	if (f->seal->start == SEAL_COPY && below_size(f, &size) == SQLITE_OK &&
	    size == 0) {
		memset(out, 0, HEAD_ASKED);
		return SQLITE_IOERR_SHORT_READ;
	}
	known_head(out);
	return SQLITE_OK;
}

/* Why a whole page did not open. */
static int
bad_page(struct seal *seal, uint32_t page)
{
	if (page == 1)
		return seal_fail(seal, SEAL_NOT_DB, 1, SQLITE_NOTADB);
	return seal_fail(seal, SEAL_BAD_PAGE, page, SQLITE_IOERR_DATA);
}

/* A page that is not there as a whole: behind the end, or cut. */
static int
missing_page(struct seal_file *f, uint32_t page)
{
	int64_t size = 0;
	int rc = below_size(f, &size);

	if (rc != SQLITE_OK || size <= ((int64_t)page - 1) * SEAL_PAGE)
		return rc != SQLITE_OK ? rc : SQLITE_IOERR_SHORT_READ;
	return seal_fail(f->seal, SEAL_TRUNCATED, page, SQLITE_IOERR_DATA);
}

/* Reads and decrypts one page into plain. */
static int
read_page(struct seal_file *f, uint32_t page, unsigned char *plain)
{
	int rc =
	    below_read(f, f->raw, SEAL_PAGE, ((int64_t)page - 1) * SEAL_PAGE);

	if (rc == SQLITE_IOERR_SHORT_READ)
		return missing_page(f, page);
	if (rc != SQLITE_OK)
		return rc;
	if (page == 1 && memcmp(f->raw, f->seal->salt, SEAL_SALT) != 0)
		return bad_page(f->seal, page);
	if (page_open(f->box, page, f->raw, plain) < 0)
		return bad_page(f->seal, page);
	atomic_store(&f->seal->proven, true);
	if (page == 1)
		seal_note_page1(f->seal, plain);
	return SQLITE_OK;
}

/* Part of one page: 16 octets of the change counter, or the beginning of an
 * overflow page. */
static int
read_part(struct seal_file *f, unsigned char *out, int len, int64_t at)
{
	const uint32_t page = (uint32_t)(at / SEAL_PAGE) + 1;
	const int skip = (int)(at % SEAL_PAGE);
	unsigned char plain[SEAL_PAGE];
	int rc;

	if (skip == 0 && len == SEAL_PAGE)
		return read_page(f, page, out);
	rc = read_page(f, page, plain);
	if (rc == SQLITE_OK)
		memcpy(out, plain + skip, (size_t)len);
	OPENSSL_cleanse(plain, sizeof plain);
	return rc;
}

static int
main_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 at)
{
	struct seal_file *f = seal_file_of(file);
	unsigned char *out = buf;
	int part, rc;

	if (at == 0 && len == HEAD_ASKED)
		return read_head(f, out);
	if (len < 0 || at < 0)
		return seal_fail(f->seal, SEAL_SHAPE, 0, SQLITE_IOERR_READ);
	while (len > 0) {
		part = SEAL_PAGE - (int)(at % SEAL_PAGE);
		if (part > len)
			part = len;
		rc = read_part(f, out, part, at);
		if (rc != SQLITE_OK) {
			memset(out, 0, (size_t)len);
			return rc;
		}
		out += part;
		at += part;
		len -= part;
	}
	return SQLITE_OK;
}

/* Encrypts and writes one page. */
static int
write_page(struct seal_file *f, uint32_t page, const unsigned char *plain)
{
	if (page_close(f->box, page, plain, f->raw) < 0)
		return SQLITE_IOERR_WRITE;
	return below_write(
	    f, f->raw, SEAL_PAGE, ((int64_t)page - 1) * SEAL_PAGE);
}

/* Pages freed in the transaction that made them are never written; without
 * this a later reader would meet zeros, which no MAC fits. */
static int
fill_gap(struct seal_file *f, uint32_t page)
{
	static const unsigned char zeros[SEAL_PAGE];
	int64_t size;
	int rc = below_size(f, &size);

	if (rc != SQLITE_OK)
		return rc;
	/* The size comes from a journal's header, which anybody can write. */
	if (page - size / SEAL_PAGE > GAP_MAX)
		return seal_fail(
		    f->seal, SEAL_TRUNCATED, page, SQLITE_IOERR_WRITE);
	for (int64_t p = size / SEAL_PAGE + 1; rc == SQLITE_OK && p < page;
	    p++) {
		if (p != SEAL_LOCK_PAGE)
			rc = write_page(f, (uint32_t)p, zeros);
	}
	return rc;
}

/* During a checkpoint SQLite copies what it has just read from the WAL. */
static int
write_copy(struct seal_file *f, uint32_t page, const unsigned char *raw)
{
	if (page != f->copy_page ||
	    memcmp(raw + SEAL_MAC_AT, f->copy_mac, SEAL_MAC) != 0)
		return seal_fail(f->seal, SEAL_SHAPE, page, SQLITE_IOERR_WRITE);
	return below_write(f, raw, SEAL_PAGE, ((int64_t)page - 1) * SEAL_PAGE);
}

/* Page 1 must keep the page size and the reserve. */
static bool
is_sound_page1(const unsigned char *plain)
{
	unsigned char head[HEAD_ASKED];

	known_head(head);
	return !memcmp(plain, head, AT_WRITE_VERSION) &&
	       plain[AT_RESERVE] == SEAL_RESERVE &&
	       !memcmp(plain + AT_FRACTIONS, head + AT_FRACTIONS, 3);
}

static int
main_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	struct seal_file *f = seal_file_of(file);
	const int64_t page = at / SEAL_PAGE + 1;
	int rc = seal_same_process(f->seal);

	if (rc != SQLITE_OK)
		return rc;
	if (len != SEAL_PAGE || at < 0 || at % SEAL_PAGE != 0 ||
	    page == SEAL_LOCK_PAGE || page > UINT32_MAX ||
	    (page == 1 && !f->copying && !is_sound_page1(data)))
		return seal_fail(f->seal, SEAL_SHAPE, page, SQLITE_IOERR_WRITE);
	rc = fill_gap(f, (uint32_t)page);
	if (rc != SQLITE_OK)
		return rc;
	if (f->copying)
		return write_copy(f, (uint32_t)page, data);
	if (page == 1)
		seal_note_page1(f->seal, data);
	return write_page(f, (uint32_t)page, data);
}

static int
main_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct seal_file *f = seal_file_of(file);
	int64_t now;
	int rc = seal_same_process(f->seal);

	if (rc == SQLITE_OK)
		rc = below_size(f, &now);
	if (rc != SQLITE_OK)
		return rc;
	if (size > now || size % SEAL_PAGE != 0)
		return seal_fail(f->seal, SEAL_SHAPE, 0, SQLITE_IOERR_TRUNCATE);
	return pass_truncate(file, size);
}

/* PRAGMAs that would change what is fixed here do nothing. */
static int
main_pragma(char **arg)
{
	static const char *const fixed[] = {
	    "page_size", "mmap_size", "auto_vacuum"};

	for (size_t i = 0; arg[2] && i < sizeof fixed / sizeof *fixed; i++) {
		if (!sqlite3_stricmp(arg[1], fixed[i]))
			return SQLITE_OK;
	}
	return SQLITE_NOTFOUND;
}

static int
main_control(sqlite3_file *file, int op, void *arg)
{
	struct seal_file *f = seal_file_of(file);

	switch (op) {
	case SQLITE_FCNTL_CKPT_START:
	case SQLITE_FCNTL_CKPT_DONE:
		f->copying = op == SQLITE_FCNTL_CKPT_START;
		f->copy_page = 0;
		return SQLITE_OK;
	case SEAL_CONTROL_BEHIND:
		if (!f->log)
			return SQLITE_OK;
		if (*(int *)arg == 0)
			return behind_end(f->log);
		if (!f->log->behind)
			behind_begin(f->log);
		return SQLITE_OK;
	case SQLITE_FCNTL_MMAP_SIZE:
		*(sqlite3_int64 *)arg = 0;
		return SQLITE_OK;
	case SQLITE_FCNTL_SIZE_HINT:
	case SQLITE_FCNTL_CHUNK_SIZE:
		return SQLITE_OK;
	case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
		*(int *)arg = 1;
		return SQLITE_OK;
	case SQLITE_FCNTL_LOCKSTATE:
		*(int *)arg = f->level;
		return SQLITE_OK;
	case SQLITE_FCNTL_PRAGMA:
		return main_pragma(arg);
	default:
		return plain_control(file, op, arg);
	}
}

const sqlite3_io_methods main_methods = {
    .iVersion = 2, /* no xFetch: mapped pages would be ciphertext */
    .xClose = main_close,
    .xRead = main_read,
    .xWrite = main_write,
    .xTruncate = main_truncate,
    .xSync = pass_sync,
    .xFileSize = pass_size,
    .xLock = main_lock,
    .xUnlock = main_unlock,
    .xCheckReservedLock = main_reserved,
    .xFileControl = main_control,
    .xSectorSize = seal_sector,
    .xDeviceCharacteristics = seal_traits,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};
