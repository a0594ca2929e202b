/* Inside the encrypting VFS: what the seal_*.c files share.  Nobody else
 * includes this. */
#ifndef CORE_STORE_SEAL_FILE_H
#define CORE_STORE_SEAL_FILE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "core/store/seal.h"

enum {
	SEAL_IV = 16,
	SEAL_MAC = 64,
	SEAL_MAC_AT = SEAL_PAGE - SEAL_MAC,
	SEAL_IV_AT = SEAL_MAC_AT - SEAL_IV, /* here the ciphertext ends */
	SEAL_LOCK_AT = 0x40000000,          /* SQLite's lock bytes */
	SEAL_LOCK_LEN = 512,
	SEAL_LOCK_PAGE = SEAL_LOCK_AT / SEAL_PAGE + 1,
	WAL_HEAD = 32,
	FRAME_HEAD = 24,
	FRAME = FRAME_HEAD + SEAL_PAGE
};

/* ---- Pages (seal_page.c) ----------------------------------------------- */

/* Cipher and MAC contexts of one connection; used by one thread at a time. */
struct page_box;

/* Contexts for the seal's key; the caller ends *out with page_box_free().
 * SQLITE_OK, or SQLITE_NOMEM when OpenSSL refuses. */
int page_box_new(const struct seal *seal, struct page_box **out);

/* Wipes and frees; accepts NULL, sets *box to NULL. */
void page_box_free(struct page_box **box);

/* Encrypts a plain page under a fresh IV and adds the MAC; out holds SEAL_PAGE
 * octets and may be plain.  -1 when there is no randomness. */
int page_close(struct page_box *box, uint32_t page, const unsigned char *plain,
    unsigned char *out);

/* 0 when the MAC of a raw page is right for this page number, else -1. */
int page_check(struct page_box *box, uint32_t page, const unsigned char *raw);

/* page_check(), then decrypts into plain (SEAL_PAGE octets, not raw itself;
 * the reserve becomes zeros); -1 leaves plain zeroed. */
int page_open(struct page_box *box, uint32_t page, const unsigned char *raw,
    unsigned char *plain);

/* Derives the MAC key from page key and salt; caller frees.  NULL when OpenSSL
 * refuses. */
struct secret *page_mac_key(
    const struct secret *key, const unsigned char salt[SEAL_SALT]);

/* ---- The shared state of one database ---------------------------------- */

/* The running checksum at the end of what is written to the WAL. */
struct wal_tail {
	bool known;
	bool big; /* checksum words are big-endian */
	uint32_t frame;
	uint32_t sum[2];
	unsigned char salt[8];
};

enum { SHM_REGION = 32768, SHM_LOCKS = SQLITE_SHM_NLOCK };

struct seal_vfs;

struct seal {
	struct seal_vfs *vfs; /* borrowed */
	struct seal *next;    /* guarded by the VFS */
	unsigned users;       /* guarded by the VFS: owner and open files */
	char *path;
	dev_t dev;
	ino_t ino;
	int fd; /* holds the lock of the process */
	enum seal_start start;
	atomic_bool proven; /* some MAC was right: the key fits the file */
	pid_t pid;
	struct secret *key, *mac_key;
	unsigned char salt[SEAL_SALT];

	pthread_mutex_t mutex; /* guards everything below */
	struct seal_fault fault;
	uint32_t page_count; /* as the newest page 1 read or written says */
	int level;           /* highest SQLITE_LOCK_* held */
	unsigned sharers;    /* connections at SHARED or above */
	unsigned mapped;     /* connections using the wal-index */
	unsigned char **region;
	unsigned region_count;
	unsigned shm_shared[SHM_LOCKS];
	bool shm_exclusive[SHM_LOCKS];
	struct wal_tail tail;
};

/* Notes a fault and returns rc. */
int seal_fail(
    struct seal *seal, enum seal_fault_kind kind, int64_t number, int rc);

/* Notes what a plain page 1 says about the size of the file. */
void seal_note_page1(struct seal *seal, const unsigned char *plain);

/* SQLITE_OK, or a fault in a child of the process that opened the seal. */
int seal_same_process(struct seal *seal);

/* The seal of the file at path, with one more user, or NULL. */
struct seal *seal_find(struct seal_vfs *vfs, const char *path);

/* One user less; the last one destroys the seal. */
void seal_release(struct seal *seal);

/* ---- Files ------------------------------------------------------------- */

/* State of a WAL handle: which conversation with SQLite is going on. */
enum wal_talk {
	WAL_IDLE,
	WAL_RECOVER, /* frames are read in order from the first */
	WAL_RECHECK  /* checksums are written anew, frame by frame */
};

struct wal_state {
	enum wal_talk talk;
	uint32_t next;     /* frame the conversation goes on with */
	uint32_t disk[2];  /* chain over ciphertext up to next - 1 */
	uint32_t plain[2]; /* chain over plain pages, WAL_RECOVER only */
	bool big;
	unsigned char salt[8];
	uint32_t kept;    /* WAL_RECHECK: frame in raw, 0: none */
	uint32_t pending; /* frame whose header waits for its page, 0: none */
	unsigned char head[FRAME_HEAD];
	unsigned char raw[FRAME];
};

/* The last 4-octet value that passed and the checksum slot that follows the
 * last page: one for reading, one for writing. */
struct journal_side {
	bool has_word, has_slot;
	int64_t word_at, slot_at;
	uint32_t word;
	uint32_t delta; /* to be added to the value in the slot */
};

struct journal_state {
	struct journal_side in, out;
	bool ours; /* begun by this handle, so it has no torn end */
	unsigned char raw[SEAL_PAGE];
};

struct temp_state;
struct behind;

/* One open file.  SQLite allocates it; the file of the VFS below follows. */
struct seal_file {
	sqlite3_file base;
	sqlite3_file *below;
	struct seal *seal;      /* NULL for temporary files */
	struct seal_file *main; /* of a WAL or journal: borrowed */
	/* main database */
	struct page_box *box;
	unsigned char *raw; /* SEAL_PAGE octets */
	int level;          /* SQLITE_LOCK_* */
	bool shm_mapped;
	unsigned shm_shared, shm_exclusive; /* bits */
	bool copying;                       /* inside a checkpoint */
	uint32_t copy_page; /* page of the frame read last, 0: none */
	unsigned char copy_mac[SEAL_MAC];
	struct seal_file *log; /* its WAL while that is open: borrowed */
	/* the others */
	struct wal_state *wal;
	struct behind *behind; /* of a WAL: NULL unless frames go that way */
	struct journal_state *journal;
	struct temp_state *temp;
};

/* Our file behind SQLite's pointer. */
static inline struct seal_file *
seal_file_of(sqlite3_file *file)
{
	return (struct seal_file *)(void *)file;
}

/* Calls of the file below, whole and without encryption. */
int below_read(struct seal_file *f, void *out, int len, int64_t at);
int below_write(struct seal_file *f, const void *data, int len, int64_t at);
int below_size(struct seal_file *f, int64_t *out);

/* Methods that only pass on. */
int pass_sync(sqlite3_file *file, int flags);
int pass_size(sqlite3_file *file, sqlite3_int64 *out);
int pass_truncate(sqlite3_file *file, sqlite3_int64 size);

/* Locks and properties of files that have none of their own. */
int plain_lock(sqlite3_file *file, int level);
int plain_reserved(sqlite3_file *file, int *out);
int plain_control(sqlite3_file *file, int op, void *arg);
int seal_sector(sqlite3_file *file);
int seal_traits(sqlite3_file *file);

/* Prepare a file whose below is open; SQLITE_OK or a code, then nothing of
 * theirs is left.  The methods are set by the caller. */
int main_start(struct seal_file *f);
int wal_start(struct seal_file *f);
int journal_start(struct seal_file *f);
int temp_start(struct seal_file *f);

/* Method tables, one per kind of file. */
extern const sqlite3_io_methods main_methods;
extern const sqlite3_io_methods wal_methods;
extern const sqlite3_io_methods journal_methods;
extern const sqlite3_io_methods temp_methods;

/* ---- Sealing behind the writer (seal_behind.c) ------------------------- */

/* Writes header and page of a new frame to the log; raw has room for a frame.
 * The frame before it is in the file. */
int wal_append(struct seal_file *f, struct page_box *box, unsigned char *raw,
    const unsigned char *head, uint32_t frame, const unsigned char *plain);

/* Frames of this log go to a second thread from now on, if one can be had. */
void behind_begin(struct seal_file *file);

/* behind_wait(), and the thread is gone. */
int behind_end(struct seal_file *file);

/* Leaves a frame to the thread; a fault of an earlier one. */
int behind_append(struct seal_file *file, uint32_t frame,
    const unsigned char *head, const unsigned char *plain);

/* Waits until the file has every frame: SQLITE_OK, or the first fault since the
 * last time. */
int behind_wait(struct seal_file *file);

/* The same when this frame may not be there yet. */
int behind_wait_for(struct seal_file *file, uint32_t frame);

/* ---- Locks and wal-index (seal_shm.c) ---------------------------------- */

/* The xLock, xUnlock, xCheckReservedLock and xShm methods. */
int main_lock(sqlite3_file *file, int level);
int main_unlock(sqlite3_file *file, int level);
int main_reserved(sqlite3_file *file, int *out);
int shm_map(
    sqlite3_file *file, int region, int size, int extend, void volatile **out);
int shm_lock(sqlite3_file *file, int from, int count, int flags);
void shm_barrier(sqlite3_file *file);
int shm_unmap(sqlite3_file *file, int remove);

/* The page that the wal-index says is in this frame (from 1), 0 when it does
 * not say. */
uint32_t shm_page_of(struct seal *seal, uint32_t frame);

/* Frees all regions; for seal_release(). */
void shm_free(struct seal *seal);

/* ---- Numbers in files -------------------------------------------------- */

static inline uint32_t
get_be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline void
put_be32(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 24);
	p[1] = (unsigned char)(v >> 16);
	p[2] = (unsigned char)(v >> 8);
	p[3] = (unsigned char)v;
}

#endif
