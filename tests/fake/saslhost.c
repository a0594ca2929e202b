/* SCRAM by the book (RFC 5802 section 3), without regard for its octets. */
#include "tests/fake/saslhost.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

enum { HASH = 32 };

static void
from_base64(struct span text, char *into, size_t room)
{
	int len, pad = 0;

	text = span_trim(text);
	if (text.len / 4 * 3 >= room)
		abort();
	len = EVP_DecodeBlock((unsigned char *)into,
	    (const unsigned char *)text.ptr, (int)text.len);
	while (
	    pad < 2 && text.len && text.ptr[text.len - 1 - (size_t)pad] == '=')
		pad++;
	into[len < 0 ? 0 : len - pad] = '\0';
}

static void
add_base64(struct buf *out, const void *bytes, size_t len)
{
	unsigned char text[4096];

	if (len > sizeof text / 2)
		abort();
	EVP_EncodeBlock(text, bytes, (int)len);
	buf_text(out, (char *)text);
}

static void
hmac(const unsigned char *key, const char *text, unsigned char *out)
{
	unsigned len = HASH;

	HMAC(EVP_sha256(), key, HASH, (const unsigned char *)text, strlen(text),
	    out, &len);
}

void
saslhost_offer(struct saslhost *host, struct span client_first, struct buf *out)
{
	char text[2048], *bare, *nonce;

	from_base64(client_first, text, sizeof text);
	bare = strstr(text, ",,");
	nonce = bare ? strstr(bare, ",r=") : NULL;
	if (!nonce)
		abort();
	bare += 2;
	snprintf(host->gs2, sizeof host->gs2, "%.*s", (int)(bare - text), text);
	snprintf(host->first, sizeof host->first, "%s", bare);
	snprintf(host->offer, sizeof host->offer,
	    "r=%sSERVER,s=c2FsdHNhbHQ=,i=%d", nonce + 3,
	    host->iterations ? host->iterations : 4096);
	add_base64(out, host->offer, strlen(host->offer));
}

bool
saslhost_check(struct saslhost *host, struct span client_last, struct buf *out)
{
	unsigned char salted[HASH], key[HASH], stored[HASH], signature[HASH];
	char text[2048], message[8192], proof[64], *mark;
	struct buf bound = BUF_INIT, wanted = BUF_INIT;
	bool good;

	from_base64(client_last, text, sizeof text);
	mark = strstr(text, ",p=");
	if (!mark)
		return false;
	from_base64(span_of(mark + 3), proof, sizeof proof);
	*mark = '\0';
	snprintf(message, sizeof message, "%s,%s,%s", host->first, host->offer,
	    text);
	buf_text(&bound, host->gs2);
	buf_add(&bound, host->binding);
	buf_text(&wanted, "c=");
	add_base64(&wanted, bound.ptr, bound.len);
	good = span_starts(span_of(text), buf_span(&wanted));
	PKCS5_PBKDF2_HMAC(SASLHOST_PASSWORD, strlen(SASLHOST_PASSWORD),
	    (const unsigned char *)"saltsalt", 8,
	    host->iterations ? host->iterations : 4096, EVP_sha256(), HASH,
	    salted);
	hmac(salted, "Client Key", key);
	EVP_Digest(key, HASH, stored, NULL, EVP_sha256(), NULL);
	hmac(stored, message, signature);
	for (int i = 0; i < HASH; i++)
		good &= (unsigned char)proof[i] == (key[i] ^ signature[i]);
	hmac(salted, "Server Key", key);
	hmac(key, message, signature);
	buf_clear(&bound);
	buf_text(&bound, "v=");
	add_base64(&bound, signature, HASH);
	add_base64(out, bound.ptr, bound.len);
	buf_done(&bound);
	buf_done(&wanted);
	return good;
}
