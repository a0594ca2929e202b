/* Ed25519: a vector of RFC 8032 section 7.1, the forms of keys and signatures,
 * and what must not verify.  That stock openssl agrees is shown where files
 * are made (tests/unit/report/test_evidence.c). */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/ed25519.h"

/* TEST 2 */
static const unsigned char seed_bytes[] = {0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff,
    0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a,
    0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8,
    0xa6, 0xfb};
static const char public_hex[] =
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
static const char signature_hex[] =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

static void
assert_hex(const void *bytes, size_t len, const char *hex)
{
	struct buf text = BUF_INIT;

	crypt_hex(&text, span_make(bytes, len));
	assert_string_equal(text.ptr, hex);
	buf_done(&text);
}

static void
test_vector(void **state)
{
	struct secret *seed = secret_of(seed_bytes, sizeof seed_bytes);
	struct ed25519_signature signature;
	struct ed25519_public key;

	(void)state;
	ed25519_public(seed, &key);
	assert_hex(key.bytes, sizeof key.bytes, public_hex);
	ed25519_sign(seed, SPAN("\x72"), &signature);
	assert_hex(signature.bytes, sizeof signature.bytes, signature_hex);
	assert_true(ed25519_verify(&key, SPAN("\x72"), &signature));
	secret_free(&seed);
}

static void
test_what_must_not_verify(void **state)
{
	struct secret *seed = secret_of(seed_bytes, sizeof seed_bytes);
	struct ed25519_signature signature, bent;
	struct ed25519_public key, other;

	(void)state;
	ed25519_public(seed, &key);
	ed25519_sign(seed, SPAN("text"), &signature);
	assert_false(ed25519_verify(&key, SPAN("texT"), &signature));
	assert_false(ed25519_verify(&key, SPAN(""), &signature));
	bent = signature;
	bent.bytes[63] ^= 1;
	assert_false(ed25519_verify(&key, SPAN("text"), &bent));
	other = key;
	other.bytes[0] ^= 1;
	assert_false(ed25519_verify(&other, SPAN("text"), &signature));
	secret_free(&seed);
}

static void
test_forms(void **state)
{
	struct secret *seed = secret_of(seed_bytes, sizeof seed_bytes);
	struct ed25519_signature signature, read;
	struct ed25519_public key, again;
	struct buf pem = BUF_INIT, text = BUF_INIT;

	(void)state;
	ed25519_public(seed, &key);
	ed25519_pem(&key, &pem);
	assert_true(ed25519_pem_read(buf_span(&pem), &again));
	assert_memory_equal(&key, &again, sizeof key);
	/* Every octet of it counts. */
	for (size_t i = 0; i < pem.len; i++) {
		pem.ptr[i] ^= 1;
		if (ed25519_pem_read(buf_span(&pem), &again))
			assert_memory_not_equal(&key, &again, sizeof key);
		pem.ptr[i] ^= 1;
		assert_false(
		    ed25519_pem_read(span_slice(buf_span(&pem), 0, i), &again));
	}
	ed25519_sign(seed, SPAN("text"), &signature);
	ed25519_signature_text(&signature, &text);
	assert_true(ed25519_signature_read(buf_span(&text), &read));
	assert_memory_equal(&signature, &read, sizeof read);
	assert_false(ed25519_signature_read(
	    span_slice(buf_span(&text), 1, text.len), &read));
	text.ptr[3] = '*';
	assert_false(ed25519_signature_read(buf_span(&text), &read));
	buf_done(&pem);
	buf_done(&text);
	secret_free(&seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vector),
	    cmocka_unit_test(test_what_must_not_verify),
	    cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
