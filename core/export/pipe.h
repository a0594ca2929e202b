/* Where the octets of an export go: through the cipher into a new file that has
 * its name only when all of it is on the disk. */
#ifndef CORE_EXPORT_PIPE_H
#define CORE_EXPORT_PIPE_H

#include "core/base/crypt.h"
#include "core/export/export.h"

struct pipe;

/* How many times PBKDF2 (HMAC-SHA-1, as CMS_add0_recipient_password() has it)
 * runs for a passphrase. */
enum { PIPE_ITERATIONS = 1300000 };

/* Begins a file beside path, 0600, under a name that nobody has; the caller
 * ends it with pipe_free().  What stands in order->seal decides, passphrase is
 * for EXPORT_BY_PASSPHRASE.  E_FILE_EXISTS when path is taken, E_FILE_OPEN,
 * E_EXPORT_CIPHER, E_EXPORT_FIELD (certificate). */
int pipe_open(const struct export_order *order, const struct secret *passphrase,
    const char *path, struct pipe **out, struct err *err);

/* Takes octets; plain text stays in memory, and no more than a few blocks of
 * it.  E_FILE_WRITE, E_DISK_FULL, E_EXPORT_CIPHER. */
int pipe_put(struct pipe *pipe, struct span octets, struct err *err);

/* Ends the cipher and brings all to the disk: the file's octets and their
 * SHA-256.  Errors as pipe_put(). */
int pipe_end(
    struct pipe *pipe, int64_t *octets, struct digest *sha256, struct err *err);

/* Gives the file its name.  E_FILE_EXISTS, E_FILE_WRITE. */
int pipe_name(struct pipe *pipe, struct err *err);

/* Removes what has no name yet and frees it; accepts NULL, sets *pipe to
 * NULL. */
void pipe_free(struct pipe **pipe);

#endif
