/* SCRAM-SHA-256.  Decided here: a server that has not shown its signature has
 * not let us in, whatever code it replies; one that wants fewer rounds than RFC
 * 7677 names, or more than a second's worth, is not obeyed. */
#include "core/net/scram.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/base/utf8.h"

enum { SALT_MAX = 256, PASSWORD_ROOM = 4 * 1024, TEXT_MAX = 4096 };

/* ---- user names and passwords ---- */

static bool
is_within(uint32_t cp, uint32_t from, uint32_t to)
{
	return cp >= from && cp <= to;
}

/* RFC 3454 table C.1.2 */
static bool
is_blank(uint32_t cp)
{
	return cp == 0xa0 || cp == 0x1680 || is_within(cp, 0x2000, 0x200a) ||
	       cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

/* RFC 3454 table B.1 */
static bool
is_nothing(uint32_t cp)
{
	return cp == 0xad || cp == 0x34f || cp == 0x1806 ||
	       is_within(cp, 0x180b, 0x180d) || is_within(cp, 0x200b, 0x200d) ||
	       cp == 0x2060 || is_within(cp, 0xfe00, 0xfe0f) || cp == 0xfeff;
}

/* RFC 3454 tables C.2 to C.9 */
static bool
is_refused(uint32_t cp)
{
	return cp < 0x20 || is_within(cp, 0x7f, 0x9f) || cp == 0x6dd ||
	       cp == 0x70f || cp == 0x180e || is_within(cp, 0x200e, 0x200f) ||
	       is_within(cp, 0x2028, 0x202e) || is_within(cp, 0x2061, 0x206f) ||
	       is_within(cp, 0x2ff0, 0x2ffb) || is_within(cp, 0xe000, 0xf8ff) ||
	       is_within(cp, 0xfdd0, 0xfdef) || is_within(cp, 0xfff9, 0xffff) ||
	       cp >= 0xe0000;
}

int
scram_prepare(struct span text, struct buf *out)
{
	enum utf8_got got;
	uint32_t cp;

	while ((got = utf8_next(&text, &cp)) != UTF8_END) {
		if (got == UTF8_BAD || is_refused(cp))
			return -1;
		if (is_nothing(cp))
			continue;
		if (is_blank(cp))
			cp = ' ';
		if (is_within(cp, 0xff01, 0xff5e))
			cp = cp - 0xff01 + '!';
		buf_utf8(out, cp);
	}
	return 0;
}

/* ---- the client's first message ---- */

static const char *const gs2[] = {
    [SCRAM_BIND_NONE] = "n,,",
    [SCRAM_BIND_UNOFFERED] = "y,,",
    [SCRAM_BIND_EXPORTER] = "p=tls-exporter,,",
    [SCRAM_BIND_END_POINT] = "p=tls-server-end-point,,",
};

/* "=" and "," mean something in the messages. */
static void
add_name(struct buf *out, struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '=')
			buf_add(out, SPAN("=3D"));
		else if (name.ptr[i] == ',')
			buf_add(out, SPAN("=2C"));
		else
			buf_char(out, name.ptr[i]);
	}
}

int
scram_begin(struct scram *scram, const struct scram_how *how, struct err *err)
{
	struct buf name = BUF_INIT, first = BUF_INIT;
	int rc = -1;

	*scram = (struct scram){.bind = how->bind};
	if (scram_prepare(how->user, &name) < 0 || name.len == 0 ||
	    name.len > SCRAM_USER_MAX || how->binding.len > SCRAM_BINDING_MAX ||
	    strlen(how->nonce) > SCRAM_NONCE_MAX) {
		err_set(err, E_SMTP_AUTH_NONE);
		goto out;
	}
	buf_text(&first, "n=");
	add_name(&first, buf_span(&name));
	buf_printf(&first, ",r=%s", how->nonce);
	assert(first.len < sizeof scram->first);
	span_text(scram->first, sizeof scram->first, buf_span(&first));
	span_text(scram->nonce, sizeof scram->nonce, span_of(how->nonce));
	if (how->binding.len && how->bind >= SCRAM_BIND_EXPORTER) {
		memcpy(scram->binding, how->binding.ptr, how->binding.len);
		scram->binding_len = how->binding.len;
	}
	rc = 0;
out:
	buf_done(&name);
	buf_done(&first);
	return rc;
}

void
scram_first(const struct scram *scram, struct buf *out)
{
	buf_text(out, gs2[scram->bind]);
	buf_text(out, scram->first);
}

/* ---- the proof ---- */

static int
refuse(struct err *err, const char *why)
{
	err_set(err, E_SASL_SERVER);
	return err_fact(err, "why", span_of(why));
}

static void
add_base64(struct buf *out, const unsigned char *bytes, size_t len)
{
	buf_reserve(out, len / 3 * 4 + 8);
	out->len += (size_t)EVP_EncodeBlock(
	    (unsigned char *)out->ptr + out->len, bytes, (int)len);
}

/* Strict base64 of at most room octets; -1 when it is none. */
static int
decode(struct span text, unsigned char *into, size_t room)
{
	size_t pad = 0;
	int len;

	while (pad < 2 && pad < text.len && text.ptr[text.len - 1 - pad] == '=')
		pad++;
	if (text.len == 0 || text.len % 4 || text.len / 4 * 3 > room ||
	    span_index(text, '=') != text.len - pad)
		return -1;
	len = EVP_DecodeBlock(
	    into, (const unsigned char *)text.ptr, (int)text.len);
	return len < 0 ? -1 : len - (int)pad;
}

/* Cuts off the next attribute, which must be called name; its value. */
static bool
attribute(struct span *rest, char name, struct span *value)
{
	struct span whole = span_cut(rest, ',');

	if (whole.len < 2 || whole.ptr[0] != name || whole.ptr[1] != '=')
		return false;
	*value = span_slice(whole, 2, whole.len);
	return true;
}

struct offer {
	struct span nonce;
	unsigned char salt[SALT_MAX];
	int salt_len;
	int iterations;
};

/* r=, s=, i=, perhaps extensions, of which none is known. */
static int
read_offer(const struct scram *scram, struct span text, struct offer *out,
    struct err *err)
{
	struct span ours = span_of(scram->nonce), salt, count;
	int64_t iterations;

	if (text.len > TEXT_MAX || !attribute(&text, 'r', &out->nonce) ||
	    !attribute(&text, 's', &salt) || !attribute(&text, 'i', &count))
		return refuse(err, "syntax");
	if (!span_starts(out->nonce, ours) || out->nonce.len == ours.len)
		return refuse(err, "nonce");
	for (size_t i = 0; i < out->nonce.len; i++) {
		if (out->nonce.ptr[i] < 0x21 || out->nonce.ptr[i] > 0x7e)
			return refuse(err, "nonce");
	}
	out->salt_len = decode(salt, out->salt, sizeof out->salt);
	if (out->salt_len < 0 || !span_int(count, &iterations))
		return refuse(err, "syntax");
	if (iterations < SCRAM_ITERATIONS_MIN ||
	    iterations > SCRAM_ITERATIONS_MAX)
		return refuse(err, "iterations");
	out->iterations = (int)iterations;
	return 0;
}

static int
salted_password(const struct secret *password, const struct offer *offer,
    struct secret *out, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc;

	/* room first, so that growth leaves no copy behind */
	buf_reserve(&text, PASSWORD_ROOM);
	rc = password->len * 3 > PASSWORD_ROOM
		 ? -1
		 : scram_prepare(secret_span(password), &text);
	if (rc == 0 &&
	    PKCS5_PBKDF2_HMAC(text.len ? text.ptr : "", (int)text.len,
		offer->salt, offer->salt_len, offer->iterations, EVP_sha256(),
		(int)out->len, out->bytes) != 1)
		rc = -1;
	buf_wipe(&text);
	return rc == 0 ? 0 : err_set(err, E_SMTP_AUTH_NONE);
}

/* The client's last message without its proof. */
static void
add_final(const struct scram *scram, const struct offer *offer, struct buf *out)
{
	struct buf bound = BUF_INIT;

	buf_text(&bound, gs2[scram->bind]);
	buf_add(&bound, span_make(scram->binding, scram->binding_len));
	buf_text(out, "c=");
	add_base64(out, (unsigned char *)bound.ptr, bound.len);
	buf_text(out, ",r=");
	buf_add(out, offer->nonce);
	buf_done(&bound);
}

/* RFC 5802 section 3: what is proven with the salted password. */
static void
sign(struct scram *scram, const struct secret *salted, struct span message,
    unsigned char proof[SHA256_LEN])
{
	struct secret *key = secret_new(SHA256_LEN);
	struct digest client, stored, signature, server;

	crypt_hmac(salted, SPAN("Client Key"), &client);
	crypt_sha256(span_make(client.bytes, SHA256_LEN), &stored);
	memcpy(key->bytes, stored.bytes, SHA256_LEN);
	crypt_hmac(key, message, &signature);
	for (int i = 0; i < SHA256_LEN; i++)
		proof[i] = client.bytes[i] ^ signature.bytes[i];
	crypt_hmac(salted, SPAN("Server Key"), &server);
	memcpy(key->bytes, server.bytes, SHA256_LEN);
	crypt_hmac(key, message, &signature);
	memcpy(scram->signature, signature.bytes, SHA256_LEN);
	OPENSSL_cleanse(&client, sizeof client);
	OPENSSL_cleanse(&server, sizeof server);
	secret_free(&key);
}

int
scram_prove(struct scram *scram, const struct secret *password,
    struct span server_first, struct buf *out, struct err *err)
{
	struct secret *salted = secret_new(SHA256_LEN);
	struct buf final = BUF_INIT, message = BUF_INIT;
	unsigned char proof[SHA256_LEN];
	struct offer offer;
	int rc = -1;

	if (scram->step != SCRAM_BEGUN) {
		refuse(err, "syntax");
		goto out;
	}
	if (read_offer(scram, server_first, &offer, err) < 0 ||
	    salted_password(password, &offer, salted, err) < 0)
		goto out;
	add_final(scram, &offer, &final);
	buf_printf(&message, "%s,", scram->first);
	buf_add(&message, server_first);
	buf_char(&message, ',');
	buf_add(&message, buf_span(&final));
	sign(scram, salted, buf_span(&message), proof);
	buf_add(out, buf_span(&final));
	buf_text(out, ",p=");
	add_base64(out, proof, sizeof proof);
	scram->step = SCRAM_PROVEN;
	rc = 0;
out:
	buf_done(&final);
	buf_done(&message);
	secret_free(&salted);
	return rc;
}

int
scram_verify(struct scram *scram, struct span server_final, struct err *err)
{
	unsigned char signature[SHA256_LEN + 4];
	struct span value;

	if (scram->step != SCRAM_PROVEN)
		return refuse(err, "syntax");
	if (span_starts(server_final, SPAN("e="))) {
		err_set(err, E_SMTP_AUTH);
		return err_fact(err, "reply",
		    span_slice(server_final, 2, server_final.len));
	}
	if (!attribute(&server_final, 'v', &value))
		return refuse(err, "syntax");
	if (decode(value, signature, sizeof signature) != SHA256_LEN ||
	    CRYPTO_memcmp(signature, scram->signature, SHA256_LEN) != 0)
		return refuse(err, "signature");
	scram->step = SCRAM_DONE;
	return 0;
}
