/* Files that somebody tampered with, under the right key: the first octet says
 * which (0 database, 1 log, 2 rollback journal; +8: the log's checksums are
 * made to fit), the rest is its content.  Whatever is read without an error
 * was written by somebody with the key. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/store/seal_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const unsigned char key_bytes[SEAL_KEY] = {0x0f, 0x1e, 0x2d, 0x3c, 0x4b,
    0x5a, 0x69, 0x78, 0x87, 0x96, 0xa5, 0xb4, 0xc3, 0xd2, 0xe1, 0xf0, 0x01,
    0x12, 0x23, 0x34, 0x45, 0x56, 0x67, 0x78, 0x89, 0x9a, 0xab, 0xbc, 0xcd,
    0xde, 0xef, 0xf0};

struct place {
	char dir[64];
	char path[96];
	struct buf fixture;
	struct secret *key;
};

static void
clear_files(const struct place *place)
{
	static const char *const tails[] = {"", "-wal", "-journal"};
	char path[128];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", place->path, tails[i]);
		unlink(path);
	}
	rmdir(place->dir);
}

/* One folder, made for each input and removed behind it. */
static struct place *
the_place(void)
{
	static struct place place;

	if (place.key)
		return &place;
	snprintf(place.dir, sizeof place.dir, "%s/fuzz-seal-%ld",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
	    (long)getpid());
	if (seal_register(NULL, NULL) < 0 ||
	    file_read("tests/data/sqlcipher4-raw.db", 1 << 20, &place.fixture,
		NULL) < 0)
		abort();
	snprintf(place.path, sizeof place.path, "%s/store.db", place.dir);
	place.key = secret_of(key_bytes, SEAL_KEY);
	return &place;
}

static void
save(const struct place *place, const char *tail, struct span data)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s%s", place->path, tail);
	file = fopen(path, "wb");
	if (!file || (data.len && !fwrite(data.ptr, data.len, 1, file)))
		abort();
	fclose(file);
}

static void
checksum(int big, const unsigned char *p, size_t len, uint32_t sum[2])
{
	for (size_t i = 0; i < len; i += 4) {
		uint32_t word;

		memcpy(&word, p + i, 4);
		if (big)
			word = get_be32(p + i);
		sum[i / 4 % 2] += word + sum[1 - i / 4 % 2];
	}
}

/* A log whose chain fits, so that what lies behind it is reached. */
static void
chain_anew(struct buf *log)
{
	unsigned char *p = (unsigned char *)log->ptr;
	uint32_t sum[2] = {0, 0};

	if (log->len < WAL_HEAD)
		return;
	checksum(p[3] & 1, p, 24, sum);
	put_be32(p + 24, sum[0]);
	put_be32(p + 28, sum[1]);
	for (size_t at = WAL_HEAD; at + FRAME <= log->len; at += FRAME) {
		memcpy(p + at + 8, p + 16, 8);
		checksum(p[3] & 1, p + at, 8, sum);
		checksum(p[3] & 1, p + at + FRAME_HEAD, SEAL_PAGE, sum);
		put_be32(p + at + 16, sum[0]);
		put_be32(p + at + 20, sum[1]);
	}
}

static void
read_and_write(struct place *place)
{
	static const unsigned char salt[SEAL_SALT] = {0x5a, 0x17, 0xc0, 0xde,
	    0x5a, 0x17, 0xc0, 0xde, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
	    0xef};
	struct seal *seal = NULL;
	struct err err = {0};
	sqlite3 *db = NULL;
	int rc;

	if (seal_open(place->path, SEAL_EXISTING, &seal, &err) < 0)
		return;
	if (seal_key(seal, place->key, salt, &err) < 0)
		abort();
	if (sqlite3_open_v2(place->path, &db, SQLITE_OPEN_READWRITE,
		SEAL_VFS) == SQLITE_OK) {
		sqlite3_exec(db,
		    "SELECT sum(length(body)) FROM campaign; SELECT "
		    "count(email) FROM recipient; PRAGMA integrity_check",
		    NULL, NULL, NULL);
		sqlite3_exec(db, "UPDATE delivery SET code = code + 1", NULL,
		    NULL, NULL);
		rc = sqlite3_extended_errcode(db);
		if (rc != SQLITE_OK)
			seal_explain(seal, rc, &err);
	}
	sqlite3_close(db);
	seal_close(&seal);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct place *place = the_place();
	struct buf content = BUF_INIT;
	const int which = size ? data[0] & 3 : 0;

	if (mkdir(place->dir, 0700) < 0)
		abort();
	if (size > 1)
		buf_add(&content, span_make(data + 1, size - 1));
	if (which == 1 && data[0] & 8)
		chain_anew(&content);
	if (which != 0)
		save(place, "", buf_span(&place->fixture));
	save(place,
	    which == 0   ? ""
	    : which == 1 ? "-wal"
			 : "-journal",
	    buf_span(&content));
	read_and_write(place);
	clear_files(place);
	buf_done(&content);
	return 0;
}
