/* ZIP archives (PKWARE APPNOTE 6.3), read only, within limits: members that
 * are stored or deflated, without encryption, below 4 GiB. */
#ifndef CORE_IMPORT_UNZIP_H
#define CORE_IMPORT_UNZIP_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/err.h"
#include "core/base/span.h"

enum {
	ZIP_MEMBERS_MAX = 1000,
	ZIP_NAME_MAX = 255,
	/* Above ZIP_RATIO_FROM octets no more than so many for one packed:
	 * lists of people are far below. */
	ZIP_RATIO_MAX = 300,
	ZIP_RATIO_FROM = 16 * 1024 * 1024
};

struct zip_member {
	char name[ZIP_NAME_MAX + 1]; /* UTF-8 on one line, for eyes; foreign
				      * bytes, and never a path */
	int64_t octets;              /* unpacked */
	int64_t packed;
	/* for unzip.c: */
	int64_t offset; /* of its header */
	uint32_t crc;
	unsigned method, flags;
	size_t name_len; /* in the archive, as octets */
};

/* An archive whose directory was read. */
struct zip;

/* True when a file that begins with head is a ZIP archive. */
bool zip_is(struct span head);

/* Reads the directory of the archive in fd (borrowed, read by offset) of size
 * octets; the caller ends it with zip_close().  E_FILE_READ, or E_ZIP with why:
 * truncated, zip64, disks, members, size. */
int zip_open(int fd, int64_t size, struct zip **out, struct err *err);

/* The members, in the order of the directory; live as long as the zip. */
const struct zip_member *zip_members(const struct zip *zip, size_t *count);

/* Frees it; accepts NULL, sets *zip to NULL. */
void zip_close(struct zip **zip);

/* One reading of a member from its beginning, in memory that does not grow. */
struct zip_reading;

/* Begins; zip must outlive it.  The caller ends it with zip_reading_close().
 * E_FILE_READ, or E_ZIP_MEMBER (member, why: encrypted, method, size,
 * damaged). */
int zip_reading_open(const struct zip *zip, size_t member,
    struct zip_reading **out, struct err *err);

/* Up to room octets (above 0): their number, 0 at the end, where size and
 * CRC-32 have been right, or -1: E_FILE_READ, E_ZIP_MEMBER (member, why:
 * damaged). */
ssize_t zip_read(
    struct zip_reading *reading, char *to, size_t room, struct err *err);

/* Octets of the archive read so far for this member. */
int64_t zip_reading_packed(const struct zip_reading *reading);

/* Frees it; accepts NULL, sets *reading to NULL. */
void zip_reading_close(struct zip_reading **reading);

#endif
