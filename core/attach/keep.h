/* Files on their way into the store. */
#ifndef CORE_ATTACH_KEEP_H
#define CORE_ATTACH_KEEP_H

#include "core/attach/attach.h"

/* Reads a regular file of a folder that is open as folder (AT_FDCWD: name is a
 * path) into out, cleared first.  Without AT_FDCWD name is one name, and a link
 * is not followed.  E_FILE_OPEN, E_FILE_READ, E_ATTACH_FILE (file, why: kind,
 * changed, slash), E_ATTACH_SIZE above limit octets. */
int keep_read(int folder, const char *name, int64_t limit, struct buf *out,
    struct err *err);

/* Puts octets into the store under their digest, in the caller's transaction;
 * what is there already is not written again. */
int keep_blob(struct db *db, struct span bytes, const struct digest *digest,
    struct err *err);

/* Looks at a file that is to be sent.  E_ATTACH_FILE for its name,
 * E_ATTACH_REFUSED for what it is. */
int keep_check(struct span bytes, struct span name, struct attach_look *out,
    struct err *err);

/* Takes a row off, with what is under it, and the octets that nothing else
 * needs, in the caller's transaction. */
int keep_drop(struct db *db, int64_t row, struct err *err);

/* Adds a row as *row says, ready or not, in the caller's transaction; its id
 * into row->id. */
enum keep_ready { KEEP_READY, KEEP_UNREADY };
int keep_row(struct store *store, struct db *db, struct campaign_id campaign,
    struct attach_row *row, enum keep_ready ready, struct err *err);

/* E_ATTACH_COUNT when the campaign has as many rows as it may, E_ATTACH_FILE
 * (twice) when one has this name already. */
int keep_room(struct db *db, struct campaign_id campaign, struct span name,
    struct err *err);

/* Logs a deed about a row, in the caller's transaction. */
int keep_log(struct store *store, struct db *db, const char *what,
    struct campaign_id campaign, const struct attach_row *row, struct err *err);

/* E_ATTACH_FILE (file, why). */
int keep_fail(struct err *err, struct span file, const char *why);

#endif
