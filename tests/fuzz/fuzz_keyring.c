/* Any octets as a keyring file.  What is accepted must be written back the
 * same, octet by octet, and must not ask for more than the limits. */
#include <stdlib.h>

#include "core/store/keyring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct keyring *keyring, struct span octets)
{
	struct secret *master = secret_new(KEY_LEN);
	struct buf again = BUF_INIT;
	const size_t body = KEYRING_OCTETS - 2 * SHA256_LEN;

	keyring_encode(keyring, master, &again);
	if (again.len != octets.len || memcmp(again.ptr, octets.ptr, body) != 0)
		abort();
	for (int i = 0; i < KEYRING_SLOTS; i++) {
		const struct slot *slot = &keyring->slot[i];

		if (slot->kind != SLOT_FREE &&
		    (slot->log2_n > KDF_LOG2_N_MAX || slot->r > KDF_R_MAX ||
			slot->p > KDF_P_MAX))
			abort();
	}
	buf_done(&again);
	secret_free(&master);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keyring keyring;
	struct buf sealed = BUF_INIT;
	struct digest sum;
	const char *why;

	if (keyring_parse(span_make(data, size), &keyring, &why) == 0)
		check(&keyring, span_make(data, size));
	/* The checksum would keep a fuzzer out: make it right as well. */
	if (size == KEYRING_OCTETS) {
		buf_add(&sealed, span_make(data, size - SHA256_LEN));
		crypt_sha256(buf_span(&sealed), &sum);
		buf_add(&sealed, span_make(sum.bytes, SHA256_LEN));
		if (keyring_parse(buf_span(&sealed), &keyring, &why) == 0)
			check(&keyring, buf_span(&sealed));
		buf_done(&sealed);
	}
	return 0;
}
