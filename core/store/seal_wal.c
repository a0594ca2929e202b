/* The write-ahead log.  SQLite chains a checksum over plain pages through the
 * frames; written as is, it would tell a reader of the file a linear function
 * of the content.  So the file holds a chain over ciphertext, and recovery is
 * shown the chain over plain pages that SQLite expects.  Every shape of read
 * and write that SQLite is known to use is handled below; any other is refused,
 * because a log that was misunderstood is worse than one that stopped. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/seal_file.h"

enum {
	WAL_MAGIC = 0x377f0682, /* bit 0: big-endian checksum words */
	AT_HEAD_SIZE = 8,
	AT_HEAD_SALT = 16,
	AT_HEAD_SUM = 24,
	AT_SALT = 8, /* in a frame's header */
	AT_SUM = 16,
	SUM_LEN = 8,
	SALT_LEN = 8
};

/* ---- Places ------------------------------------------------------------ */

static int64_t
frame_at(uint32_t frame)
{
	return WAL_HEAD + ((int64_t)frame - 1) * FRAME;
}

/* The frame that has the offset at, when at lies `into` octets inside it;
 * otherwise 0. */
static uint32_t
frame_of(int64_t at, int into)
{
	const int64_t from = at - WAL_HEAD - into;

	if (from < 0 || from % FRAME != 0 || from / FRAME >= UINT32_MAX)
		return 0;
	return (uint32_t)(from / FRAME + 1);
}

/* ---- Checksums --------------------------------------------------------- */

static uint32_t
word_at(bool big, const unsigned char *p)
{
	return big ? get_be32(p)
		   : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
			 (uint32_t)p[1] << 8 | p[0];
}

static void
chain(bool big, const unsigned char *data, size_t len, uint32_t sum[2])
{
	uint32_t a = sum[0], b = sum[1];

	for (size_t i = 0; i < len; i += 8) {
		a += word_at(big, data + i) + b;
		b += word_at(big, data + i + 4) + a;
	}
	sum[0] = a;
	sum[1] = b;
}

/* Goes on over one frame: half of its header, then its page. */
static void
chain_frame(bool big, const unsigned char *head, const unsigned char *page,
    uint32_t sum[2])
{
	chain(big, head, AT_SALT, sum);
	chain(big, page, SEAL_PAGE, sum);
}

static void
get_sum(const unsigned char *from, uint32_t sum[2])
{
	sum[0] = get_be32(from);
	sum[1] = get_be32(from + 4);
}

static void
put_sum(unsigned char *to, const uint32_t sum[2])
{
	put_be32(to, sum[0]);
	put_be32(to + 4, sum[1]);
}

static bool
is_wal_head(const unsigned char *head)
{
	return (get_be32(head) & ~1u) == WAL_MAGIC &&
	       get_be32(head + AT_HEAD_SIZE) == SEAL_PAGE;
}

/* ---- The end of the log, shared by the connections --------------------- */

static void
tail_forget(struct seal *seal)
{
	pthread_mutex_lock(&seal->mutex);
	seal->tail.known = false;
	pthread_mutex_unlock(&seal->mutex);
}

static void
tail_set(struct seal *seal, const struct wal_tail *tail)
{
	pthread_mutex_lock(&seal->mutex);
	seal->tail = *tail;
	seal->tail.known = true;
	pthread_mutex_unlock(&seal->mutex);
}

static void
tail_of_head(const unsigned char *head, struct wal_tail *tail)
{
	tail->known = true;
	tail->frame = 0;
	tail->big = get_be32(head) & 1;
	get_sum(head + AT_HEAD_SUM, tail->sum);
	memcpy(tail->salt, head + AT_HEAD_SALT, SALT_LEN);
}

/* The chain up to `frame`: remembered, or read from the file.  The byte order
 * is read again too, since another connection may have begun the log anew. */
static int
tail_at(struct seal_file *f, uint32_t frame, struct wal_tail *tail)
{
	unsigned char head[WAL_HEAD], sum[SUM_LEN];
	int rc;

	pthread_mutex_lock(&f->seal->mutex);
	*tail = f->seal->tail;
	pthread_mutex_unlock(&f->seal->mutex);
	if (tail->known && tail->frame == frame)
		return SQLITE_OK;
	rc = below_read(f, head, sizeof head, 0);
	if (rc != SQLITE_OK)
		return rc;
	if (!is_wal_head(head))
		return seal_fail(f->seal, SEAL_SHAPE, frame, SQLITE_IOERR_READ);
	tail_of_head(head, tail);
	if (frame == 0)
		return SQLITE_OK;
	rc = below_read(f, sum, sizeof sum, frame_at(frame) + AT_SUM);
	if (rc != SQLITE_OK)
		return rc;
	get_sum(sum, tail->sum);
	tail->frame = frame;
	return SQLITE_OK;
}

/* ---- Opening and closing ----------------------------------------------- */

int
wal_start(struct seal_file *f)
{
	f->wal = mem_new(sizeof *f->wal);
	f->main->log = f;
	tail_forget(f->seal);
	return SQLITE_OK;
}

static int
wal_close(sqlite3_file *file)
{
	struct seal_file *f = seal_file_of(file);
	int rc = behind_end(f), closed = f->below->pMethods->xClose(f->below);

	f->main->log = NULL;
	OPENSSL_cleanse(f->wal, sizeof *f->wal);
	free(f->wal);
	f->wal = NULL;
	return rc == SQLITE_OK ? closed : rc;
}

/* ---- Writing ----------------------------------------------------------- */

/* SQLite leaves out the salts while it means to write checksums later, and
 * forgets to do so after some savepoint rollbacks: acknowledged commits would
 * then be lost.  With the salts in place the frame is good as it stands. */
static void
mend_salts(unsigned char *head, const struct wal_tail *tail)
{
	static const unsigned char none[SALT_LEN];

	if (!memcmp(head + AT_SALT, none, SALT_LEN))
		memcpy(head + AT_SALT, tail->salt, SALT_LEN);
}

/* Header and page are one write. */
int
wal_append(struct seal_file *f, struct page_box *box, unsigned char *raw,
    const unsigned char *head, uint32_t frame, const unsigned char *plain)
{
	struct wal_tail tail;
	unsigned char *page = raw + FRAME_HEAD;
	const uint32_t number = get_be32(head);
	int rc = tail_at(f, frame - 1, &tail);

	if (rc != SQLITE_OK)
		return rc;
	tail_forget(f->seal);
	memcpy(raw, head, FRAME_HEAD);
	mend_salts(raw, &tail);
	if (page_close(box, number, plain, page) < 0)
		return SQLITE_IOERR_WRITE;
	chain_frame(tail.big, raw, page, tail.sum);
	put_sum(raw + AT_SUM, tail.sum);
	rc = below_write(f, raw, FRAME, frame_at(frame));
	if (rc == SQLITE_OK) {
		tail.frame = frame;
		tail_set(f->seal, &tail);
		if (number == 1)
			seal_note_page1(f->seal, plain);
	}
	return rc;
}

/* A new frame.  One that ends a transaction says how large the database is. */
static int
append(struct seal_file *f, uint32_t frame, const unsigned char *plain)
{
	struct wal_state *wal = f->wal;
	int rc;

	if (f->behind && get_be32(wal->head + 4) == 0)
		return behind_append(f, frame, wal->head, plain);
	rc = behind_wait(f);
	return rc != SQLITE_OK ? rc
			       : wal_append(f, f->main->box, wal->raw,
				     wal->head, frame, plain);
}

/* A page changed again within its transaction takes its old place; SQLite
 * writes the checksums anew before it commits. */
static int
overwrite(struct seal_file *f, uint32_t frame, const unsigned char *plain)
{
	unsigned char *page = f->wal->raw + FRAME_HEAD;
	unsigned char number[4];
	int rc = below_read(f, number, sizeof number, frame_at(frame));

	if (rc != SQLITE_OK)
		return rc;
	tail_forget(f->seal);
	if (page_close(f->main->box, get_be32(number), plain, page) < 0)
		return SQLITE_IOERR_WRITE;
	return below_write(f, page, SEAL_PAGE, frame_at(frame) + FRAME_HEAD);
}

/* The header of a frame whose page has just been read for WAL_RECHECK.  It is
 * written at once: held back, a kill would lose the commit. */
static int
recheck(struct seal_file *f, uint32_t frame, const unsigned char *head)
{
	struct wal_state *wal = f->wal;
	struct wal_tail tail = {.big = wal->big, .frame = frame};
	int rc;

	tail_forget(f->seal);
	memcpy(tail.salt, wal->salt, SALT_LEN);
	memcpy(wal->head, head, FRAME_HEAD);
	mend_salts(wal->head, &tail);
	chain_frame(wal->big, head, wal->raw + FRAME_HEAD, wal->disk);
	put_sum(wal->head + AT_SUM, wal->disk);
	rc = below_write(f, wal->head, FRAME_HEAD, frame_at(frame));
	if (rc != SQLITE_OK)
		return rc;
	wal->next = frame + 1;
	memcpy(tail.sum, wal->disk, sizeof tail.sum);
	tail_set(f->seal, &tail);
	return SQLITE_OK;
}

static int
write_head(struct seal_file *f, const unsigned char *head)
{
	struct wal_tail tail;
	int rc;

	if (!is_wal_head(head))
		return seal_fail(f->seal, SEAL_SHAPE, 0, SQLITE_IOERR_WRITE);
	tail_forget(f->seal);
	rc = below_write(f, head, WAL_HEAD, 0);
	if (rc == SQLITE_OK) {
		tail_of_head(head, &tail);
		tail_set(f->seal, &tail);
	}
	return rc;
}

static int
write_frame_head(struct seal_file *f, uint32_t frame, const unsigned char *head)
{
	struct wal_state *wal = f->wal;
	const bool again = wal->talk == WAL_RECHECK && wal->kept == frame;

	wal->kept = 0;
	if (again)
		return recheck(f, frame, head);
	wal->talk = WAL_IDLE;
	memcpy(wal->head, head, FRAME_HEAD);
	wal->pending = frame;
	return SQLITE_OK;
}

static int
wal_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	struct seal_file *f = seal_file_of(file);
	struct wal_state *wal = f->wal;
	const uint32_t pending = wal->pending;
	const uint32_t frame = frame_of(at, len == FRAME_HEAD ? 0 : FRAME_HEAD);
	int rc = seal_same_process(f->seal);

	wal->pending = 0;
	if (rc != SQLITE_OK)
		return rc;
	if (frame && len == FRAME_HEAD && !pending)
		return write_frame_head(f, frame, data);
	wal->talk = WAL_IDLE;
	wal->kept = 0;
	if (frame && len == SEAL_PAGE && pending == frame)
		return append(f, frame, data);
	rc = behind_wait(f);
	if (rc != SQLITE_OK)
		return rc;
	if (frame && len == SEAL_PAGE && !pending)
		return overwrite(f, frame, data);
	if (at == 0 && len == WAL_HEAD && !pending)
		return write_head(f, data);
	return seal_fail(f->seal, SEAL_SHAPE, frame, SQLITE_IOERR_WRITE);
}

/* ---- Reading ----------------------------------------------------------- */

static int
bad_frame(struct seal_file *f, uint32_t frame)
{
	return seal_fail(f->seal, SEAL_BAD_FRAME, frame, SQLITE_IOERR_DATA);
}

/* The header: recovery begins. */
static int
read_head(struct seal_file *f, unsigned char *out)
{
	struct wal_state *wal = f->wal;
	struct wal_tail tail;
	int rc = below_read(f, out, WAL_HEAD, 0);

	if (rc != SQLITE_OK || !is_wal_head(out))
		return rc; /* SQLite takes such a log for an empty one */
	tail_forget(f->seal);
	tail_of_head(out, &tail);
	wal->talk = WAL_RECOVER;
	wal->next = 1;
	wal->big = tail.big;
	memcpy(wal->salt, tail.salt, SALT_LEN);
	memcpy(wal->disk, tail.sum, sizeof wal->disk);
	memcpy(wal->plain, tail.sum, sizeof wal->plain);
	return SQLITE_OK;
}

/* The checksum behind frame `before`: frames are going to be written anew. */
static int
read_sum(struct seal_file *f, uint32_t before, unsigned char *out)
{
	struct wal_state *wal = f->wal;
	struct wal_tail tail;
	int rc;

	tail_forget(f->seal);
	rc = tail_at(f, before, &tail);
	if (rc != SQLITE_OK)
		return rc;
	put_sum(out, tail.sum);
	wal->talk = WAL_RECHECK;
	wal->next = before + 1;
	wal->big = tail.big;
	memcpy(wal->salt, tail.salt, SALT_LEN);
	memcpy(wal->disk, tail.sum, sizeof wal->disk);
	return SQLITE_OK;
}

/* Ends the log for SQLite: salts that cannot be the right ones. */
static void
end_of_log(struct seal_file *f, unsigned char *out)
{
	memset(out, 0, FRAME);
	for (int i = 0; i < SALT_LEN; i++)
		out[AT_SALT + i] = (unsigned char)~f->wal->salt[i];
	f->wal->talk = WAL_IDLE;
}

/* One frame during recovery.  A chain that breaks is the end of the log (torn
 * or from an earlier round); a chain that fits over a page whose MAC does not
 * was made by somebody without the key, or the key is wrong. */
static int
recover_frame(struct seal_file *f, uint32_t frame, unsigned char *out)
{
	struct wal_state *wal = f->wal;
	const unsigned char *raw = wal->raw;
	const uint32_t number = get_be32(raw);
	uint32_t sum[2];

	chain_frame(wal->big, raw, raw + FRAME_HEAD, wal->disk);
	get_sum(raw + AT_SUM, sum);
	if (number == 0 || memcmp(raw + AT_SALT, wal->salt, SALT_LEN) != 0 ||
	    memcmp(sum, wal->disk, sizeof sum) != 0) {
		end_of_log(f, out);
		return SQLITE_OK;
	}
	if (page_open(
		f->main->box, number, raw + FRAME_HEAD, out + FRAME_HEAD) < 0) {
		wal->talk = WAL_IDLE;
		return bad_frame(f, frame);
	}
	atomic_store(&f->seal->proven, true);
	memcpy(out, raw, FRAME_HEAD);
	chain_frame(wal->big, out, out + FRAME_HEAD, wal->plain);
	put_sum(out + AT_SUM, wal->plain);
	wal->next++;
	return SQLITE_OK;
}

/* Header and page together: recovery, or checksums being written anew.  For the
 * latter SQLite only sums up the page, into checksums that recheck() replaces:
 * the ciphertext will do. */
static int
read_frame(struct seal_file *f, uint32_t frame, unsigned char *out)
{
	struct wal_state *wal = f->wal;
	int rc;

	if (wal->talk == WAL_IDLE || frame != wal->next)
		return seal_fail(f->seal, SEAL_SHAPE, frame, SQLITE_IOERR_READ);
	rc = below_read(f, wal->raw, FRAME, frame_at(frame));
	if (rc != SQLITE_OK)
		return rc;
	if (wal->talk == WAL_RECOVER)
		return recover_frame(f, frame, out);
	memcpy(out, wal->raw, FRAME);
	wal->kept = frame;
	return SQLITE_OK;
}

/* The page of a frame.  The wal-index, which nobody outside can reach, must
 * agree about its number: two whole frames may have been exchanged. */
static int
read_page(struct seal_file *f, uint32_t frame, unsigned char *out)
{
	struct seal_file *db = f->main;
	const unsigned char *page = f->wal->raw + FRAME_HEAD;
	uint32_t number, wanted = shm_page_of(f->seal, frame);
	int rc = below_read(f, f->wal->raw, FRAME, frame_at(frame));

	if (rc == SQLITE_IOERR_SHORT_READ)
		return bad_frame(f, frame);
	if (rc != SQLITE_OK)
		return rc;
	number = get_be32(f->wal->raw);
	if (wanted && wanted != number)
		return bad_frame(f, frame);
	if (!db->copying) {
		if (page_open(db->box, number, page, out) < 0)
			return bad_frame(f, frame);
		if (number == 1)
			seal_note_page1(f->seal, out);
		return SQLITE_OK;
	}
	if (page_check(db->box, number, page) < 0)
		return bad_frame(f, frame);
	memcpy(out, page, SEAL_PAGE);
	memcpy(db->copy_mac, page + SEAL_MAC_AT, SEAL_MAC);
	db->copy_page = number;
	return SQLITE_OK;
}

static int
wal_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	struct seal_file *f = seal_file_of(file);
	struct wal_state *wal = f->wal;
	uint32_t frame;

	int rc;

	wal->kept = 0;
	if (wal->pending)
		len = -1; /* a header without its page */
	frame = len == SEAL_PAGE ? frame_of(at, FRAME_HEAD) : 0;
	rc = frame ? behind_wait_for(f, frame) : behind_wait(f);
	if (rc != SQLITE_OK)
		return rc;
	if (len == FRAME && (frame = frame_of(at, 0)) != 0)
		return read_frame(f, frame, out);
	wal->talk = WAL_IDLE;
	if (len == SEAL_PAGE && (frame = frame_of(at, FRAME_HEAD)) != 0)
		return read_page(f, frame, out);
	if (len == WAL_HEAD && at == 0)
		return read_head(f, out);
	if (len == SUM_LEN && at == AT_HEAD_SUM)
		return read_sum(f, 0, out);
	if (len == SUM_LEN && (frame = frame_of(at, AT_SUM)) != 0)
		return read_sum(f, frame, out);
	return seal_fail(f->seal, SEAL_SHAPE, 0, SQLITE_IOERR_READ);
}

static int
wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct seal_file *f = seal_file_of(file);
	int rc = behind_wait(f);

	if (rc == SQLITE_OK)
		rc = seal_same_process(f->seal);
	f->wal->talk = WAL_IDLE;
	f->wal->kept = 0;
	f->wal->pending = 0;
	tail_forget(f->seal);
	return rc == SQLITE_OK ? pass_truncate(file, size) : rc;
}

static int
wal_sync(sqlite3_file *file, int flags)
{
	struct seal_file *f = seal_file_of(file);
	int rc = behind_wait(f);

	if (f->wal->pending)
		return seal_fail(
		    f->seal, SEAL_SHAPE, f->wal->pending, SQLITE_IOERR_FSYNC);
	return rc == SQLITE_OK ? pass_sync(file, flags) : rc;
}

const sqlite3_io_methods wal_methods = {
    .iVersion = 1,
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = pass_size,
    .xLock = plain_lock,
    .xUnlock = plain_lock,
    .xCheckReservedLock = plain_reserved,
    .xFileControl = plain_control,
    .xSectorSize = seal_sector,
    .xDeviceCharacteristics = seal_traits,
};
