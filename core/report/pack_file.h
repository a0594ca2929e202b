/* A pack while it is written: members one after the other into a file, the
 * INDEX beside them. */
#ifndef CORE_REPORT_PACK_FILE_H
#define CORE_REPORT_PACK_FILE_H

#include "core/base/buf.h"
#include "core/report/pack.h"

/* Zero-initialised by its maker, ended with pack_file_done(). */
struct pack_file {
	int fd;
	const char *path; /* borrowed */
	int64_t at_s;     /* time of all members */
	char folder[32];  /* they are all in */
	struct buf index; /* "SHA-256  name" lines */
	int64_t members;
	/* the member that is being written */
	char name[64];
	struct crypt_hash *hash;
	struct buf waiting;
	int64_t header_at, size, end;
};

enum pack_listed { PACK_LISTED, PACK_UNLISTED }; /* in the INDEX */

/* Begins a member; name is without the folder. */
int pack_begin(struct pack_file *file, const char *name, struct err *err);

/* Adds octets to it. */
int pack_add(struct pack_file *file, struct span octets, struct err *err);

/* Ends it; *digest, which may be NULL, is that of its octets. */
int pack_end(struct pack_file *file, enum pack_listed listed,
    struct digest *digest, struct err *err);

/* A whole member at once. */
int pack_member(struct pack_file *file, const char *name, struct span octets,
    struct err *err);

/* INDEX with its signature and key, and the end of the archive. */
int pack_seal(struct pack_file *file, struct store *store, struct err *err);

/* Frees what it holds, but for fd. */
void pack_file_done(struct pack_file *file);

/* The texts that explain a pack; static. */
extern const char pack_readme[];
extern const char pack_merkle_py[];

#endif
