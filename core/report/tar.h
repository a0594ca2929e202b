/* Plain tar archives (POSIX.1-1988 ustar) of ordinary files: written as a
 * stream, read in place and strictly.  Foreign bytes when read. */
#ifndef CORE_REPORT_TAR_H
#define CORE_REPORT_TAR_H

#include "core/base/buf.h"
#include "core/base/span.h"

enum { TAR_BLOCK = 512, TAR_NAME_MAX = 99 };
static const int64_t tar_size_max = 077777777777; /* octets of a member */

/* Fills the header of a member: mode 0600, owner 0, no names.  name is ASCII of
 * at most TAR_NAME_MAX octets, at_s the time in seconds since 1970. */
void tar_header(
    char block[TAR_BLOCK], const char *name, int64_t size, int64_t at_s);

/* Octets of zeros that fill the last block of a member of this size. */
size_t tar_padding(int64_t size);

struct tar_member {
	char name[TAR_NAME_MAX + 1];
	struct span data;
};

enum tar_step {
	TAR_MEMBER,
	TAR_END,    /* two blocks of zeros, and nothing behind them */
	TAR_DAMAGED /* out->name: the member, as far as it can be read */
};

/* Takes the next member off *rest.  What tar_header() would not have written is
 * damaged: every octet of a header counts. */
enum tar_step tar_next(struct span *rest, struct tar_member *out);

#endif
