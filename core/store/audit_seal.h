/* Head seals: one line that says where the audit log ended at a time, signed
 * so that anybody who has the store's public key can check it, kept outside
 * the store.  docs/audit.md describes the line.  Part of store.h. */
#ifndef CORE_STORE_AUDIT_SEAL_H
#define CORE_STORE_AUDIT_SEAL_H

#include <stdatomic.h>

#include "core/base/crypt.h"
#include "core/base/ed25519.h"
#include "core/base/err.h"

struct db;
struct store;

/* ---- Who signs ----------------------------------------------------------- */

enum { STORE_ID_LEN = 16 };

/* The public key of the store: its private half is derived from the store's
 * master secret and stays with it. */
void store_signer(const struct store *store, struct ed25519_public *out);

/* Name of the store: the first digits of the fingerprint of its public key,
 * in hexadecimal. */
void store_id(const struct store *store, char out[STORE_ID_LEN + 1]);

/* Signs a text as the store.  What is signed says itself what it is: its first
 * line begins with "sekisho-". */
void store_sign(
    const struct store *store, struct span text, struct ed25519_signature *out);

/* ---- Lines --------------------------------------------------------------- */

enum { SEAL_LINE_MAX = 400 };

/* One line as read: "sekisho-head store=ID seq=N hash=H at=T sig=S". */
struct seal_line {
	char store[STORE_ID_LEN + 1];
	int64_t seq;
	struct digest hash;
	struct span at;          /* UTC, "2026-11-22T05:00:00Z" */
	struct span signed_text; /* the line up to " sig=" */
	struct ed25519_signature signature;
};

/* Reads a line without its end; the spans point into it.  False when it is no
 * such line. */
bool seal_line_read(struct span line, struct seal_line *out);

/* The file that the settings name for head seals: audit.seals, else the file
 * of that name in the store's folder; heap, the caller frees it.  NULL with
 * err. */
char *seal_file(struct store *store, struct db *db, struct err *err);

/* Appends a line about the log's present end to the file at path (mode 0600
 * when made, flushed to the disk), logs "audit.seal", and adds the line
 * without its end to out, which may be NULL.  Does not check the chain.
 * E_FILE_OPEN, E_FILE_WRITE, E_DISK_FULL. */
int audit_seal(
    struct store *store, const char *path, struct buf *out, struct err *err);

/* ---- Checking ------------------------------------------------------------ */

/* Where a check is; any thread. */
struct audit_watch {
	const atomic_bool *cancel; /* borrowed; NULL: nobody stops it */
	_Atomic int64_t done, total;
};

/* What a check has met. */
struct audit_seen {
	int64_t entries;
	int64_t lines;      /* of this store in the file, all of which fit */
	int64_t sealed_seq; /* of the last of them; 0: none */
	int64_t sealed_ms;  /* when the log says that a head was sealed last */
	struct digest head; /* hash of the last entry */
};

enum { SEALS_MAX = 8 * 1024 * 1024 }; /* octets of a file of head seals */

/* Recomputes the whole chain and holds it against the lines of this store in
 * the file at path (NULL: only the chain); watch may be NULL.  Lines of other
 * stores are passed over.  The first fault by entry number is the error:
 * E_AUDIT_CHAIN, E_AUDIT_HEAD, E_AUDIT_SEALED (the log is not the one that was
 * sealed), E_AUDIT_LINE (a line was changed), E_AUDIT_SEALS (the file lacks what
 * the log says was written into it), E_CANCELLED, E_FILE_*. */
int audit_check(struct store *store, struct db *db, const char *path,
    struct audit_watch *watch, struct audit_seen *out, struct err *err);

#endif
