/* ZIP archives as no program would write them, made by hand. */
#ifndef TESTS_FAKE_ZIPFILE_H
#define TESTS_FAKE_ZIPFILE_H

#include <stdint.h>

#include "core/base/buf.h"

/* A member; what is 0 is right, anything else is a lie. */
struct fake_member {
	const char *name;
	struct span data; /* as it stands in the archive */
	unsigned method;  /* 0 stored, 8 deflated */
	unsigned flags;
	int64_t octets;    /* said to be unpacked; 0: data's */
	uint32_t crc;      /* 0: data's */
	const char *local; /* the name before the data; NULL: name */
};

/* Appends an archive of count members to out. */
void fake_zip(struct buf *out, const struct fake_member *member, size_t count);

/* Appends data, deflated raw. */
void fake_deflate(struct buf *out, struct span data);

#endif
