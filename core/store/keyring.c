/* The keyring file: fixed size, every field at a fixed place, big-endian.  It
 * is read as foreign bytes: a forged file may deny the store (deleting it
 * would do the same) but cannot make the program use much memory or time, and
 * cannot pass for ours without the master secret.
 *
 * The last 32 octets are a plain SHA-256.  It protects nothing; it tells a
 * damaged file from a wrong passphrase, which the MAC cannot before a slot has
 * been opened. */
#include "core/store/keyring.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"

enum {
	VERSION = 1,
	PAGE_OCTETS = 4096,
	HEAD = 256,
	SLOT = 192,
	SLOT_HEADER = 128, /* the part of a slot that its tag covers */
	BODY = HEAD + KEYRING_SLOTS * SLOT,
	FLAGS_KNOWN = KEYRING_DEMO | KEYRING_NEW
};
static_assert(BODY + 2 * SHA256_LEN == KEYRING_OCTETS, "layout");

static const char magic[] = "SEKISHOK";

void
keyring_init(struct keyring *keyring, enum store_kind kind)
{
	*keyring = (struct keyring){.flags = KEYRING_NEW};
	if (kind == STORE_DEMO)
		keyring->flags |= KEYRING_DEMO;
	crypt_random(keyring->id, sizeof keyring->id);
	crypt_random(keyring->salt, sizeof keyring->salt);
}

/* ---- Writing the octets ------------------------------------------------ */

static void
put_number(struct buf *out, uint64_t value, int octets)
{
	while (octets-- > 0)
		buf_char(out, (char)(value >> 8 * octets & 0xff));
}

static void
put_octets(struct buf *out, const void *from, size_t len)
{
	buf_add(out, span_make(from, len));
}

/* Text, padded with zeros to width. */
static void
put_text(struct buf *out, const char *text, size_t width)
{
	size_t len = strlen(text);

	assert(len <= width);
	put_octets(out, text, len);
	while (len++ < width)
		buf_char(out, 0);
}

static void
put_slot_header(struct buf *out, const struct slot *slot)
{
	put_number(out, slot->kind, 4);
	put_number(out, slot->kdf, 4);
	put_number(out, slot->log2_n, 4);
	put_number(out, slot->r, 4);
	put_number(out, slot->p, 4);
	put_number(out, 0, 4);
	put_number(out, (uint64_t)slot->changed_ms, 8);
	put_text(out, slot->user, KEYRING_USER);
	put_octets(out, slot->salt, sizeof slot->salt);
	put_octets(out, slot->nonce, sizeof slot->nonce);
	put_number(out, 0, 4);
}

static void
put_slot(struct buf *out, const struct slot *slot)
{
	put_slot_header(out, slot);
	put_octets(out, slot->wrapped, sizeof slot->wrapped);
	put_octets(out, slot->tag, sizeof slot->tag);
	put_text(out, "", 16);
}

/* All but MAC and checksum. */
static void
put_body(struct buf *out, const struct keyring *keyring)
{
	const size_t start = out->len;

	put_octets(out, magic, 8);
	put_number(out, VERSION, 4);
	put_number(out, keyring->flags, 4);
	put_octets(out, keyring->id, sizeof keyring->id);
	put_number(out, (uint64_t)keyring->generation, 8);
	put_number(out, (uint64_t)keyring->audit_seq, 8);
	put_octets(out, keyring->audit_hash.bytes, SHA256_LEN);
	put_octets(out, keyring->salt, sizeof keyring->salt);
	put_text(out, keyring->source, KEYRING_SOURCE);
	put_number(out, PAGE_OCTETS, 4);
	put_number(out, KEYRING_SLOTS, 4);
	put_text(out, "", HEAD - (out->len - start));
	for (int i = 0; i < KEYRING_SLOTS; i++)
		put_slot(out, &keyring->slot[i]);
	assert(out->len - start == BODY);
}

static void
body_mac(const struct keyring *keyring, const struct secret *master,
    struct digest *out)
{
	struct secret *key = crypt_subkey(master, "sekisho 1 keyring");
	struct buf body = BUF_INIT;

	put_body(&body, keyring);
	crypt_hmac(key, buf_span(&body), out);
	buf_done(&body);
	secret_free(&key);
}

void
keyring_encode(
    struct keyring *keyring, const struct secret *master, struct buf *out)
{
	struct buf octets = BUF_INIT;
	struct digest sum;

	put_body(&octets, keyring);
	body_mac(keyring, master, &keyring->mac);
	put_octets(&octets, keyring->mac.bytes, SHA256_LEN);
	crypt_sha256(buf_span(&octets), &sum);
	put_octets(&octets, sum.bytes, SHA256_LEN);
	buf_add(out, buf_span(&octets));
	buf_done(&octets);
}

/* ---- Reading the octets ------------------------------------------------ */

/* Takes octets off the front of *rest; the size was checked before. */
static const char *
take(struct span *rest, size_t octets)
{
	const char *at = rest->ptr;

	assert(rest->len >= octets);
	*rest = span_slice(*rest, octets, rest->len);
	return at;
}

static uint64_t
take_number(struct span *rest, size_t octets)
{
	const char *at = take(rest, octets);
	uint64_t value = 0;

	for (size_t i = 0; i < octets; i++)
		value = value << 8 | (unsigned char)at[i];
	return value;
}

static uint32_t
take_u32(struct span *rest)
{
	return (uint32_t)take_number(rest, 4);
}

static void
take_octets(struct span *rest, void *to, size_t octets)
{
	memcpy(to, take(rest, octets), octets);
}

/* to has room for width octets and a NUL. */
static void
take_text(struct span *rest, char *to, size_t width)
{
	take_octets(rest, to, width);
	to[width] = '\0';
}

static const char *
slot_fault(const struct slot *slot)
{
	if (slot->kind == SLOT_FREE)
		return NULL;
	if (slot->kdf != KDF_SCRYPT)
		return "kdf";
	if (slot->log2_n < KDF_LOG2_N_MIN || slot->log2_n > KDF_LOG2_N_MAX ||
	    slot->r < 1 || slot->r > KDF_R_MAX || slot->p < 1 ||
	    slot->p > KDF_P_MAX)
		return "cost";
	return NULL;
}

static const char *
take_slot(struct span *rest, struct slot *slot)
{
	uint32_t kind = take_u32(rest), kdf = take_u32(rest);

	if (kind >= SLOT_KIND_COUNT || kdf >= SLOT_KDF_COUNT)
		return "kind";
	slot->kind = (enum slot_kind)kind;
	slot->kdf = (enum slot_kdf)kdf;
	slot->log2_n = take_u32(rest);
	slot->r = take_u32(rest);
	slot->p = take_u32(rest);
	take_u32(rest);
	slot->changed_ms = (int64_t)take_number(rest, 8);
	take_text(rest, slot->user, KEYRING_USER);
	take_octets(rest, slot->salt, sizeof slot->salt);
	take_octets(rest, slot->nonce, sizeof slot->nonce);
	take_u32(rest);
	take_octets(rest, slot->wrapped, sizeof slot->wrapped);
	take_octets(rest, slot->tag, sizeof slot->tag);
	take(rest, 16);
	return slot_fault(slot);
}

static const char *
take_body(struct span *rest, struct keyring *keyring)
{
	const size_t whole = rest->len;
	const char *fault = NULL;

	take(rest, 8);
	if (take_u32(rest) != VERSION)
		return "version";
	keyring->flags = take_u32(rest);
	take_octets(rest, keyring->id, sizeof keyring->id);
	keyring->generation = (int64_t)take_number(rest, 8);
	keyring->audit_seq = (int64_t)take_number(rest, 8);
	take_octets(rest, keyring->audit_hash.bytes, SHA256_LEN);
	take_octets(rest, keyring->salt, sizeof keyring->salt);
	take_text(rest, keyring->source, KEYRING_SOURCE);
	if (keyring->flags & ~(uint32_t)FLAGS_KNOWN)
		return "flags";
	if (keyring->generation < 0 || keyring->audit_seq < 0)
		return "counter";
	if (take_u32(rest) != PAGE_OCTETS || take_u32(rest) != KEYRING_SLOTS)
		return "page";
	take(rest, HEAD - (whole - rest->len));
	for (int i = 0; i < KEYRING_SLOTS && !fault; i++)
		fault = take_slot(rest, &keyring->slot[i]);
	return fault;
}

/* The MAC is made over what put_body() writes, so whatever it would not write
 * the same way must be refused. */
static bool
is_canonical(const struct keyring *keyring, struct span octets)
{
	struct buf body = BUF_INIT;
	bool same;

	put_body(&body, keyring);
	same = span_equal(buf_span(&body), span_slice(octets, 0, BODY));
	buf_done(&body);
	return same;
}

static const char *
fault_of(struct span octets, struct keyring *out)
{
	struct span rest = octets;
	struct digest sum;
	const char *fault;

	if (octets.len < 8 || memcmp(octets.ptr, magic, 8) != 0)
		return "magic";
	if (octets.len != KEYRING_OCTETS)
		return "size";
	crypt_sha256(span_slice(octets, 0, BODY + SHA256_LEN), &sum);
	if (CRYPTO_memcmp(
		sum.bytes, octets.ptr + BODY + SHA256_LEN, SHA256_LEN))
		return "checksum";
	fault = take_body(&rest, out);
	if (fault)
		return fault;
	take_octets(&rest, out->mac.bytes, SHA256_LEN);
	return is_canonical(out, octets) ? NULL : "padding";
}

int
keyring_parse(struct span octets, struct keyring *out, const char **why)
{
	*out = (struct keyring){0};
	*why = fault_of(octets, out);
	return *why ? -1 : 0;
}

/* ---- Slots ------------------------------------------------------------- */

/* The key that wraps the master secret; NULL when memory does not suffice. */
static struct secret *
slot_key(const struct slot *slot, const struct secret *passphrase)
{
	const uint64_t n = 1ull << slot->log2_n;
	const uint64_t block = 128ull * slot->r;
	const uint64_t room = block * (n + slot->p + 2) + (1u << 20);
	struct secret *key = secret_new(KEY_LEN);

	if (EVP_PBE_scrypt((const char *)passphrase->bytes, passphrase->len,
		slot->salt, sizeof slot->salt, n, slot->r, slot->p, room,
		key->bytes, key->len) != 1)
		secret_free(&key);
	return key;
}

/* What the tag of a slot covers besides the secret: the store it belongs to,
 * its place and its whole header. */
static void
slot_context(const struct keyring *keyring, int at, struct buf *out)
{
	put_octets(out, keyring->id, sizeof keyring->id);
	put_number(out, (uint64_t)at, 4);
	put_slot_header(out, &keyring->slot[at]);
}

/* One AES-256-GCM run over a slot in the direction of ctx; false when it does
 * not succeed, which on opening means a wrong key. */
static bool
gcm_run(EVP_CIPHER_CTX *ctx, struct span context, const unsigned char *from,
    unsigned char *to)
{
	int len = 0;

	return EVP_CipherUpdate(ctx, NULL, &len,
		   (const unsigned char *)context.ptr, (int)context.len) == 1 &&
	       EVP_CipherUpdate(ctx, to, &len, from, KEY_LEN) == 1 &&
	       len == KEY_LEN;
}

enum direction { OPEN, WRAP };

static bool
slot_cipher(struct keyring *keyring, int at, const struct secret *key,
    struct secret *master, enum direction way)
{
	struct slot *slot = &keyring->slot[at];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	struct buf context = BUF_INIT;
	unsigned char rest[16];
	bool ok = false;
	int len = 0;

	slot_context(keyring, at, &context);
	if (!ctx || EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes,
			slot->nonce, way == WRAP) != 1)
		goto out;
	if (way == WRAP) {
		ok = gcm_run(ctx, buf_span(&context), master->bytes,
			 slot->wrapped) &&
		     EVP_CipherFinal_ex(ctx, rest, &len) == 1 &&
		     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, KEYRING_TAG,
			 slot->tag) == 1;
	} else {
		ok = gcm_run(ctx, buf_span(&context), slot->wrapped,
			 master->bytes) &&
		     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, KEYRING_TAG,
			 slot->tag) == 1 &&
		     EVP_CipherFinal_ex(ctx, rest, &len) == 1;
	}
out:
	EVP_CIPHER_CTX_free(ctx);
	buf_done(&context);
	return ok;
}

/* 1 when the slot opens, 0 when not, -1 when it could not be tried. */
static int
slot_open(const struct keyring *keyring, int at,
    const struct secret *passphrase, struct secret **master, struct err *err)
{
	struct keyring copy = *keyring;
	struct secret *key = slot_key(&copy.slot[at], passphrase);
	struct secret *found = secret_new(KEY_LEN);
	int rc = -1;

	if (!key) {
		err_set(err, E_CRYPTO);
		err_fact(err, "what", SPAN("scrypt"));
		goto out;
	}
	rc = slot_cipher(&copy, at, key, found, OPEN);
	if (rc == 1) {
		*master = found;
		found = NULL;
	}
out:
	secret_free(&found);
	secret_free(&key);
	return rc;
}

int
keyring_unlock(const struct keyring *keyring, const struct secret *passphrase,
    struct secret **master, int *slot, struct err *err)
{
	struct secret *found = NULL;
	struct digest mac;
	int got = 0, at;

	for (at = 0; at < KEYRING_SLOTS; at++) {
		if (keyring->slot[at].kind == SLOT_FREE)
			continue;
		got = slot_open(keyring, at, passphrase, &found, err);
		if (got != 0)
			break;
	}
	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, E_KEYRING_PASSPHRASE);
	body_mac(keyring, found, &mac);
	if (!digest_equal(&mac, &keyring->mac)) {
		secret_free(&found);
		err_set(err, E_KEYRING_DAMAGED);
		return err_fact(err, "why", SPAN("mac"));
	}
	*master = found;
	*slot = at;
	return 0;
}

int
keyring_wrap(struct keyring *keyring, int at, const struct slot_plan *plan,
    const struct secret *passphrase, const struct secret *master,
    struct err *err)
{
	unsigned log2_n = plan->log2_n ? plan->log2_n : KDF_LOG2_N;
	struct secret *key = NULL, *copy = NULL;
	struct slot *slot;
	struct span user = span_of(plan->user);
	int rc = -1;

	if (at < 0 || at >= KEYRING_SLOTS) {
		err_set(err, E_KEYRING_FULL);
		return err_fact_int(err, "limit", KEYRING_SLOTS);
	}
	slot = &keyring->slot[at];
	*slot = (struct slot){
	    .kind = plan->kind,
	    .kdf = KDF_SCRYPT,
	    .log2_n = log2_n < KDF_LOG2_N_MIN ? KDF_LOG2_N_MIN : log2_n,
	    .r = KDF_R,
	    .p = KDF_P,
	    .changed_ms = plan->now_ms,
	};
	if (slot->log2_n > KDF_LOG2_N_MAX)
		slot->log2_n = KDF_LOG2_N_MAX;
	user = span_slice(user, 0, KEYRING_USER);
	if (user.len)
		memcpy(slot->user, user.ptr, user.len);
	crypt_random(slot->salt, sizeof slot->salt);
	crypt_random(slot->nonce, sizeof slot->nonce);
	key = slot_key(slot, passphrase);
	copy = secret_of(master->bytes, master->len);
	if (key && slot_cipher(keyring, at, key, copy, WRAP)) {
		rc = 0;
	} else {
		err_set(err, E_CRYPTO);
		err_fact(err, "what", SPAN("scrypt"));
	}
	secret_free(&copy);
	secret_free(&key);
	return rc;
}

/* ---- Files ------------------------------------------------------------- */

static void
path_of(struct buf *out, const char *dir, const char *name)
{
	buf_printf(out, "%s/%s", dir, name);
}

static int
fail_read(struct err *err, enum err_code code, const char *path, int sys)
{
	err_sys(err, code, sys);
	return err_fact(err, "path", span_of(path));
}

/* The keyring is only as secret as its passphrase is long: nobody else on the
 * host is to have it for guessing. */
static int
check_mode(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return fail_read(err, E_KEYRING_READ, path, errno);
	if (!S_ISREG(st.st_mode))
		return fail_read(err, E_KEYRING_READ, path, EINVAL);
	if (st.st_mode & 07)
		return fail_read(err, E_STORE_MODE, path, 0);
	return 0;
}

int
keyring_read(const char *dir, struct keyring *out, struct err *err)
{
	struct buf path = BUF_INIT, octets = BUF_INIT;
	const char *why = NULL;
	struct err cause = {0};
	int rc = -1;

	path_of(&path, dir, "keyring");
	if (check_mode(path.ptr, err) < 0)
		goto out;
	if (file_read(path.ptr, KEYRING_OCTETS, &octets, &cause) == 0)
		rc = keyring_parse(buf_span(&octets), out, &why);
	else if (cause.code == E_FILE_SIZE)
		why = "size";
	else
		fail_read(err, E_KEYRING_READ, path.ptr, cause.sys);
	if (why) {
		fail_read(err, E_KEYRING_DAMAGED, path.ptr, 0);
		err_fact(err, "why", span_of(why));
	}
out:
	buf_done(&path);
	buf_done(&octets);
	return rc;
}

/* Gives what path holds now a second name; failing is harmless. */
static void
keep_old(const char *path, const char *old)
{
	unlink(old);
	if (link(path, old) < 0)
		unlink(old);
}

int
keyring_write(const char *dir, struct keyring *keyring,
    const struct secret *master, struct err *err)
{
	struct buf path = BUF_INIT, old = BUF_INIT, octets = BUF_INIT;
	int rc;

	path_of(&path, dir, "keyring");
	path_of(&old, dir, "keyring.old");
	keyring_encode(keyring, master, &octets);
	keep_old(path.ptr, old.ptr);
	rc = file_replace(path.ptr, buf_span(&octets), 0600, err);
	buf_done(&path);
	buf_done(&old);
	buf_done(&octets);
	return rc;
}

void
keyring_forget_old(const char *dir)
{
	struct buf old = BUF_INIT;

	path_of(&old, dir, "keyring.old");
	unlink(old.ptr);
	buf_done(&old);
}
