/* What tells this host and this folder from any other: something that was
 * prepared here must not happen on a copy of the disk, on a clone of the
 * machine or in a backup that was put back. */
#ifndef CORE_BASE_HOST_H
#define CORE_BASE_HOST_H

#include "core/base/buf.h"
#include "core/base/err.h"

enum { HOST_FACT_HEX = 16 };

/* Appends words "name=16 hexadecimal digits", parted by blanks, in this order:
 *   machine  /etc/machine-id
 *   name     the host's name
 *   links    hardware addresses of the wired network interfaces
 *   place    path, device and inode of dir
 *   token    inode, time of change and content of the file path in dir, which
 *            a copy of it cannot have
 *   boot     changes with every boot
 * What cannot be read is told as if it were empty.  root stands for "/" and is
 * another folder only in tests (NULL: "/"). */
void host_facts(
    const char *root, const char *dir, const char *token, struct buf *out);

/* The name of the first fact that differs, in the order above, or NULL; static.
 * Facts of another form differ in "machine". */
const char *host_difference(struct span then, struct span now);

#endif
