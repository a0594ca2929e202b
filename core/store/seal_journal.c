/* The rollback journal, which a store in WAL mode still meets: its first
 * transaction, VACUUM, and files that another program left.  A record is page
 * number, page, checksum; the page is encrypted like any other.  SQLite's
 * checksum is a random start plus every 200th octet of the plain page, so
 * what stands in the file is that plus the difference to the same sum
 * over the ciphertext, and the start need not be known here. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/seal_file.h"

enum {
	SUM_STEP = 200,
	WORD = 4,
	SECTOR = 512,
	HEAD_USED = 28,
	HEAD_COUNT = 12
};

static const unsigned char magic[8] = {
    0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

int
journal_start(struct seal_file *f)
{
	f->journal = mem_new(sizeof *f->journal);
	return SQLITE_OK;
}

static int
journal_close(sqlite3_file *file)
{
	struct seal_file *f = seal_file_of(file);
	int rc = f->below->pMethods->xClose(f->below);

	OPENSSL_cleanse(f->journal, sizeof *f->journal);
	free(f->journal);
	f->journal = NULL;
	return rc;
}

static uint32_t
sum_of(const unsigned char *page)
{
	uint32_t sum = 0;

	for (int i = SEAL_PAGE - SUM_STEP; i > 0; i -= SUM_STEP)
		sum += page[i];
	return sum;
}

static bool
is_zero(const unsigned char *data, int len)
{
	for (int i = 0; i < len; i++) {
		if (data[i])
			return false;
	}
	return true;
}

/* A 4-octet value: the checksum behind the last page, or a page number or
 * part of a header, which is remembered. */
static uint32_t
pass_word(struct journal_side *side, int64_t at, uint32_t word, int sign)
{
	const bool is_sum = side->has_slot && at == side->slot_at;

	if (is_sum)
		word += sign > 0 ? side->delta : 0 - side->delta;
	side->has_word = !is_sum;
	side->has_slot = false;
	side->word_at = at;
	side->word = word;
	return word;
}

/* Whether a page at `at` stands behind its number. */
static bool
is_record(const struct journal_side *side, int64_t at)
{
	return side->has_word && side->word_at + WORD == at && side->word != 0;
}

static void
expect_sum(struct journal_side *side, int64_t at, const unsigned char *plain,
    const unsigned char *raw)
{
	side->has_word = false;
	side->has_slot = true;
	side->slot_at = at + SEAL_PAGE;
	side->delta = sum_of(raw) - sum_of(plain);
}

static int
write_page(struct seal_file *f, const unsigned char *plain, int64_t at)
{
	struct journal_state *journal = f->journal;
	struct journal_side *side = &journal->out;

	if (page_close(f->main->box, side->word, plain, journal->raw) < 0)
		return SQLITE_IOERR_WRITE;
	expect_sum(side, at, plain, journal->raw);
	return below_write(f, journal->raw, SEAL_PAGE, at);
}

/* Header, its patches and its erasure: nothing in them comes from a page. */
static bool
is_head_write(const unsigned char *data, int len, int64_t at)
{
	const bool marked = len >= 8 && !memcmp(data, magic, sizeof magic);

	if (at % SECTOR != 0)
		return false;
	if (len == SECTOR)
		return (marked || is_zero(data, HEAD_COUNT)) &&
		       is_zero(data + HEAD_USED, SECTOR - HEAD_USED);
	if (len == HEAD_COUNT)
		return marked;
	return (len == 1 || (len == HEAD_USED && at == 0)) &&
	       is_zero(data, len);
}

static int
journal_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	struct seal_file *f = seal_file_of(file);
	struct journal_state *journal = f->journal;
	unsigned char word[WORD];
	int rc = seal_same_process(f->seal);

	if (rc != SQLITE_OK)
		return rc;
	if (len == WORD) {
		put_be32(word, pass_word(&journal->out, at, get_be32(data), 1));
		return below_write(f, word, WORD, at);
	}
	if (len == SEAL_PAGE && is_record(&journal->out, at))
		return write_page(f, data, at);
	journal->out.has_word = journal->out.has_slot = false;
	if (!is_head_write(data, len, at))
		return seal_fail(f->seal, SEAL_SHAPE, 0, SQLITE_IOERR_WRITE);
	if (len == SECTOR && at == 0)
		journal->ours = true;
	return below_write(f, data, len, at);
}

/* Whether the key fits the database file: asked before a journal that does
 * not open is taken for a torn one, which SQLite would then delete. */
static bool
is_right_key(struct seal_file *f)
{
	unsigned char page[SEAL_PAGE];
	int rc;

	if (atomic_load(&f->seal->proven))
		return true;
	rc = f->main->base.pMethods->xRead(&f->main->base, page, SEAL_PAGE, 0);
	OPENSSL_cleanse(page, sizeof page);
	return rc == SQLITE_OK;
}

/* A page whose MAC is wrong: the torn end of a journal that a crash left ends
 * the playback, as in plain SQLite; anything else is damage. */
static int
bad_record(struct seal_file *f, uint32_t page)
{
	if (!f->journal->ours && is_right_key(f))
		return SQLITE_IOERR_SHORT_READ;
	return seal_fail(f->seal, SEAL_BAD_PAGE, page, SQLITE_IOERR_DATA);
}

static int
read_page(struct seal_file *f, unsigned char *out, int64_t at)
{
	struct journal_state *journal = f->journal;
	struct journal_side *side = &journal->in;
	int rc = below_read(f, journal->raw, SEAL_PAGE, at);

	if (rc != SQLITE_OK) {
		memset(out, 0, SEAL_PAGE);
		return rc;
	}
	if (page_open(f->main->box, side->word, journal->raw, out) < 0)
		return bad_record(f, side->word);
	atomic_store(&f->seal->proven, true);
	expect_sum(side, at, out, journal->raw);
	return SQLITE_OK;
}

static int
journal_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	struct seal_file *f = seal_file_of(file);
	struct journal_side *side = &f->journal->in;
	int rc;

	if (len == SEAL_PAGE && is_record(side, at))
		return read_page(f, out, at);
	if (len != WORD)
		side->has_word = side->has_slot = false;
	/* 8: a magic; 1: is there a journal at all? */
	if (len != WORD && len != 8 && len != 1)
		return seal_fail(f->seal, SEAL_SHAPE, 0, SQLITE_IOERR_READ);
	rc = below_read(f, out, len, at);
	if (rc == SQLITE_OK && len == WORD)
		put_be32(out, pass_word(side, at, get_be32(out), -1));
	return rc;
}

static int
journal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct seal_file *f = seal_file_of(file);
	int rc = seal_same_process(f->seal);

	return rc == SQLITE_OK ? pass_truncate(file, size) : rc;
}

const sqlite3_io_methods journal_methods = {
    .iVersion = 1,
    .xClose = journal_close,
    .xRead = journal_read,
    .xWrite = journal_write,
    .xTruncate = journal_truncate,
    .xSync = pass_sync,
    .xFileSize = pass_size,
    .xLock = plain_lock,
    .xUnlock = plain_lock,
    .xCheckReservedLock = plain_reserved,
    .xFileControl = plain_control,
    .xSectorSize = seal_sector,
    .xDeviceCharacteristics = seal_traits,
};
