/* Members of a pack as they are written.  How long one is, is known at its end
 * alone: its header is written last, in the place left for it. */
#include "core/report/pack_file.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "core/report/csv_out.h"
#include "core/report/tar.h"

enum { FLUSH_AT = 256 * 1024 };

static int
write_failed(const struct pack_file *file, struct err *err)
{
	int sys = errno;

	err_sys(err,
	    sys == ENOSPC || sys == EDQUOT ? E_DISK_FULL : E_FILE_WRITE, sys);
	return err_fact(err, "path", span_of(file->path));
}

static int
flush(struct pack_file *file, struct err *err)
{
	if (csv_write(file->fd, file->path, buf_span(&file->waiting), err) < 0)
		return -1;
	file->end += (int64_t)file->waiting.len;
	buf_clear(&file->waiting);
	return 0;
}

int
pack_begin(struct pack_file *file, const char *name, struct err *err)
{
	char block[TAR_BLOCK] = {0};

	if (!file->hash)
		file->hash = crypt_hash_new();
	crypt_hash_begin(file->hash);
	snprintf(file->name, sizeof file->name, "%s", name);
	file->header_at = file->end;
	file->size = 0;
	buf_add(&file->waiting, span_make(block, sizeof block));
	return flush(file, err);
}

int
pack_add(struct pack_file *file, struct span octets, struct err *err)
{
	crypt_hash_add(file->hash, octets);
	buf_add(&file->waiting, octets);
	file->size += (int64_t)octets.len;
	return file->waiting.len < FLUSH_AT ? 0 : flush(file, err);
}

static void
list(struct pack_file *file, const struct digest *digest)
{
	crypt_hex(&file->index, span_make(digest->bytes, SHA256_LEN));
	buf_printf(&file->index, "  %s\n", file->name);
}

int
pack_end(struct pack_file *file, enum pack_listed listed, struct digest *digest,
    struct err *err)
{
	char block[TAR_BLOCK] = {0}, name[TAR_NAME_MAX + 1];
	struct digest own;

	crypt_hash_end(file->hash, &own);
	if (listed == PACK_LISTED)
		list(file, &own);
	if (digest)
		*digest = own;
	file->members++;
	buf_add(&file->waiting, span_make(block, tar_padding(file->size)));
	if (flush(file, err) < 0)
		return -1;
	snprintf(name, sizeof name, "%s/%s", file->folder, file->name);
	tar_header(block, name, file->size, file->at_s);
	if (pwrite(file->fd, block, sizeof block, file->header_at) !=
	    (ssize_t)sizeof block)
		return write_failed(file, err);
	return 0;
}

static int
put(struct pack_file *file, const char *name, struct span octets,
    enum pack_listed listed, struct digest *digest, struct err *err)
{
	if (pack_begin(file, name, err) < 0 || pack_add(file, octets, err) < 0)
		return -1;
	return pack_end(file, listed, digest, err);
}

int
pack_member(struct pack_file *file, const char *name, struct span octets,
    struct err *err)
{
	return put(file, name, octets, PACK_LISTED, NULL, err);
}

int
pack_seal(struct pack_file *file, struct store *store, struct err *err)
{
	char zeros[2 * TAR_BLOCK] = {0};
	struct ed25519_signature signature;
	struct ed25519_public key;
	struct buf pem = BUF_INIT, sum = BUF_INIT;
	struct digest digest;
	int rc = -1;

	store_signer(store, &key);
	ed25519_pem(&key, &pem);
	if (pack_member(file, "store.pem", buf_span(&pem), err) < 0 ||
	    put(file, "INDEX", buf_span(&file->index), PACK_UNLISTED, &digest,
		err) < 0)
		goto out;
	crypt_hex(&sum, span_make(digest.bytes, SHA256_LEN));
	buf_text(&sum, "  INDEX\n");
	store_sign(store, buf_span(&file->index), &signature);
	if (put(file, "INDEX.sha256", buf_span(&sum), PACK_UNLISTED, NULL,
		err) < 0 ||
	    put(file, "INDEX.sig",
		span_make(signature.bytes, sizeof signature.bytes),
		PACK_UNLISTED, NULL, err) < 0)
		goto out;
	buf_add(&file->waiting, span_make(zeros, sizeof zeros));
	rc = flush(file, err);
out:
	buf_done(&pem);
	buf_done(&sum);
	return rc;
}

void
pack_file_done(struct pack_file *file)
{
	crypt_hash_free(&file->hash);
	buf_done(&file->index);
	buf_done(&file->waiting);
}
