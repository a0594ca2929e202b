/* Whole files, read with a limit and written so that a crash leaves either
 * the old or the new one. */
#ifndef CORE_BASE_FILE_H
#define CORE_BASE_FILE_H

#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* Appends the whole file to out.  E_FILE_OPEN, E_FILE_READ, or E_FILE_SIZE
 * when it has more than limit octets; out is then unchanged. */
int file_read(const char *path, size_t limit, struct buf *out, struct err *err);

/* Replaces path by data: new file beside it with mode, fsync, rename, fsync of
 * the folder.  E_FILE_OPEN, E_FILE_WRITE or E_DISK_FULL; path then keeps its
 * old content. */
int file_replace(
    const char *path, struct span data, mode_t mode, struct err *err);

/* Makes the folder and its missing parents with mode (parents 0700 too).
 * An existing folder is success.  E_FILE_OPEN. */
int file_mkdirs(const char *path, mode_t mode, struct err *err);

/* Writes all of data to fd, going on after EINTR; -1 with errno on failure. */
int file_write_all(int fd, struct span data);

#endif
