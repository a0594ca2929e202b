/* The keyring file beside the database: who may open the store, and what the
 * store looked like when it was last seen.  docs/store.md has the layout. */
#ifndef CORE_STORE_KEYRING_H
#define CORE_STORE_KEYRING_H

#include "core/store/store.h"

enum {
	KEYRING_OCTETS = 3392, /* every keyring has exactly this size */
	KEYRING_ID = 16,
	KEYRING_SALT = 16,
	KEYRING_USER = 64,   /* octets of a login name, padded with zeros */
	KEYRING_SOURCE = 96, /* octets of sqlite3_sourceid(), padded */
	KEYRING_NONCE = 12,
	KEYRING_TAG = 16,
	KDF_LOG2_N_MIN = 10, /* what a slot may ask for */
	KDF_LOG2_N_MAX = 20,
	KDF_LOG2_N = 17, /* 128 MiB and about half a second */
	KDF_R = 8,
	KDF_R_MAX = 8,
	KDF_P = 1,
	KDF_P_MAX = 4
};

enum keyring_flag {
	KEYRING_DEMO =
	    1,           /* for ever: reaches no relay but the practice relay */
	KEYRING_NEW = 2, /* the database has not been completed yet */
};

enum slot_kind { SLOT_FREE, SLOT_PASSPHRASE, SLOT_RECOVERY, SLOT_KIND_COUNT };
enum slot_kdf { KDF_NONE, KDF_SCRYPT, SLOT_KDF_COUNT };

/* One way to open the store. */
struct slot {
	enum slot_kind kind;
	enum slot_kdf kdf;
	uint32_t log2_n, r, p;
	int64_t changed_ms;
	char user[KEYRING_USER + 1];
	unsigned char salt[KEYRING_SALT];
	unsigned char nonce[KEYRING_NONCE];
	unsigned char wrapped[KEY_LEN]; /* the master secret, AES-256-GCM */
	unsigned char tag[KEYRING_TAG];
};

/* The whole file, read. */
struct keyring {
	uint32_t flags; /* enum keyring_flag, or-ed */
	unsigned char id[KEYRING_ID];
	int64_t generation;       /* grows when the store opens and closes */
	int64_t audit_seq;        /* last audit entry then; 0: none */
	struct digest audit_hash; /* and its hash */
	unsigned char salt[KEYRING_SALT]; /* copy of the database's salt */
	char source[KEYRING_SOURCE + 1];  /* SQLite that passed the self-test */
	struct slot slot[KEYRING_SLOTS];
	struct digest mac; /* as read, or as last encoded */
};

/* A new keyring without slots: random id and salt, KEYRING_NEW set. */
void keyring_init(struct keyring *keyring, enum store_kind kind);

/* Reads the octets of a keyring file: size, magic, version, checksum, every
 * parameter within its bounds, no octet without a meaning.  0, or -1 with
 * *why naming what is wrong (a static word).  The MAC is not checked here. */
int keyring_parse(struct span octets, struct keyring *out, const char **why);

/* Makes keyring->mac with the master secret and appends the file's octets. */
void keyring_encode(
    struct keyring *keyring, const struct secret *master, struct buf *out);

/* Reads DIR/keyring.  E_KEYRING_READ, E_KEYRING_DAMAGED, E_STORE_MODE. */
int keyring_read(const char *dir, struct keyring *out, struct err *err);

/* Replaces DIR/keyring so that a crash leaves the old or the new one; what was
 * there stays as DIR/keyring.old.  E_FILE_OPEN, E_FILE_WRITE, E_DISK_FULL. */
int keyring_write(const char *dir, struct keyring *keyring,
    const struct secret *master, struct err *err);

/* Removes DIR/keyring.old: it still opens with what has been replaced. */
void keyring_forget_old(const char *dir);

/* Tries passphrase on every slot; *master (the caller frees it) and *slot on
 * success.  The MAC is checked with the master secret.  E_KEYRING_PASSPHRASE,
 * E_KEYRING_DAMAGED, E_CRYPTO. */
int keyring_unlock(const struct keyring *keyring,
    const struct secret *passphrase, struct secret **master, int *slot,
    struct err *err);

/* What a slot is to be. */
struct slot_plan {
	enum slot_kind kind;
	const char *user;
	unsigned log2_n; /* 0: KDF_LOG2_N */
	int64_t now_ms;
};

/* Wraps the master secret into slot number at under passphrase, with a fresh
 * salt and nonce.  E_KEYRING_FULL (at out of range), E_CRYPTO. */
int keyring_wrap(struct keyring *keyring, int at, const struct slot_plan *plan,
    const struct secret *passphrase, const struct secret *master,
    struct err *err);

#endif
