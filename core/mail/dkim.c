/* Signing.  What is signed is fixed here and nowhere else: the fields a reader
 * believes, each named once more than it occurs so that none can be added on
 * the way, the whole body, and a life of seven days so that a leaked copy
 * cannot be replayed for ever. */
#include "core/mail/dkim.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/mail/encode.h"

enum { SIGNATURE_MAX = DKIM_BITS_MAX / 8, SELECTOR_MAX = 63, DOMAIN_MAX = 253 };

/* extra: how many more times than it occurs a name is listed, so that one
 * added on the way breaks the signature (RFC 6376 section 8.15). */
static const struct signed_field {
	struct span name;
	int extra;
} signed_fields[] = {
    {SPAN("From"), 1},
    {SPAN("To"), 1},
    {SPAN("Cc"), 1},
    {SPAN("Subject"), 1},
    {SPAN("Date"), 1},
    {SPAN("Reply-To"), 1},
    {SPAN("Sender"), 1},
    {SPAN("Message-ID"), 1},
    {SPAN("MIME-Version"), 1},
    {SPAN("Content-Type"), 1},
    {SPAN("Content-Transfer-Encoding"), 1},
    {SPAN("List-Unsubscribe"), 1},
    {SPAN("List-Unsubscribe-Post"), 1},
    {SPAN("List-Id"), 0},
    {SPAN("Feedback-ID"), 0},
    {SPAN("CFBL-Address"), 0},
    {SPAN("CFBL-Feedback-ID"), 0},
};

enum { SIGNED_COUNT = sizeof signed_fields / sizeof *signed_fields };

struct dkim_signer {
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *rsa; /* set up for PKCS#1 v1.5 with SHA-256 */
	EVP_MD *sha256;
	EVP_MD_CTX *hash;
	char *domain;
	char *selector;
	struct buf canon; /* scratch, kept for its memory */
	struct buf field; /* scratch: the signature field while it grows */
	struct buf value; /* scratch: its b= in one piece */
};

static int
refuse_key(const char *what, struct err *err)
{
	err_set(err, E_DKIM_KEY);
	return err_fact(err, "what", span_of(what));
}

static int
refuse_message(const char *why, struct err *err)
{
	err_set(err, E_DKIM_MESSAGE);
	return err_fact(err, "why", span_of(why));
}

static int
add_public(EVP_PKEY *pkey, struct buf *out, struct err *err)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);

	if (len <= 0)
		return refuse_key("public", err);
	encode_base64(out, span_make(der, (size_t)len));
	OPENSSL_free(der);
	return 0;
}

/* PKCS#8 in DER; the caller frees the secret. */
static struct secret *
export_private(const EVP_PKEY *pkey)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	unsigned char *der = NULL;
	struct secret *secret = NULL;
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;

	if (len > 0) {
		secret = secret_of(der, (size_t)len);
		OPENSSL_clear_free(der, (size_t)len);
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	return secret;
}

int
dkim_key_make(int bits, struct secret **private_out, struct buf *public_out,
    struct err *err)
{
	EVP_PKEY *pkey = NULL;
	struct secret *secret = NULL;
	int rc = -1;

	if (bits < DKIM_BITS || bits > DKIM_BITS_MAX)
		return refuse_key("bits", err);
	pkey = EVP_RSA_gen((unsigned)bits);
	if (!pkey) {
		refuse_key("make", err);
		goto out;
	}
	secret = export_private(pkey);
	if (!secret) {
		refuse_key("export", err);
		goto out;
	}
	if (add_public(pkey, public_out, err) < 0)
		goto out;
	*private_out = secret;
	secret = NULL;
	rc = 0;
out:
	secret_free(&secret);
	EVP_PKEY_free(pkey);
	return rc;
}

/* The key, the caller's to free, or NULL with err set. */
static EVP_PKEY *
read_key(const struct secret *key, struct err *err)
{
	const unsigned char *der = key->bytes;
	PKCS8_PRIV_KEY_INFO *info =
	    d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, (long)key->len);
	EVP_PKEY *pkey = info ? EVP_PKCS82PKEY(info) : NULL;
	const char *what = NULL;

	PKCS8_PRIV_KEY_INFO_free(info);
	if (!pkey || der != key->bytes + key->len)
		what = "read";
	else if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA)
		what = "type";
	else if (EVP_PKEY_get_bits(pkey) < DKIM_BITS ||
		 EVP_PKEY_get_bits(pkey) > DKIM_BITS_MAX)
		what = "bits";
	if (!what)
		return pkey;
	EVP_PKEY_free(pkey);
	refuse_key(what, err);
	return NULL;
}

int
dkim_key_public(
    const struct secret *key, struct buf *public_out, struct err *err)
{
	EVP_PKEY *pkey = read_key(key, err);
	int rc;

	if (!pkey)
		return -1;
	rc = add_public(pkey, public_out, err);
	EVP_PKEY_free(pkey);
	return rc;
}

void
dkim_record(struct span public_base64, struct buf *out)
{
	buf_text(out, "v=DKIM1; k=rsa; p=");
	buf_add(out, public_base64);
}

void
dkim_record_strings(struct span record, struct buf *out)
{
	do {
		struct span piece = span_slice(record, 0, DKIM_STRING_MAX);

		buf_char(out, '"');
		for (size_t i = 0; i < piece.len; i++) {
			if (piece.ptr[i] == '"' || piece.ptr[i] == '\\')
				buf_char(out, '\\');
			buf_char(out, piece.ptr[i]);
		}
		buf_char(out, '"');
		record = span_slice(record, piece.len, record.len);
		if (record.len)
			buf_char(out, ' ');
	} while (record.len);
}

/* True for labels of a-z 0-9 - _ with single dots between them. */
static bool
is_name(struct span name, size_t limit)
{
	char before = '.';

	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (c == '.'
			? before == '.'
			: !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			      c == '-' || c == '_'))
			return false;
		before = c;
	}
	return before != '.' && name.len <= limit;
}

static int
setup_contexts(struct dkim_signer *signer, struct err *err)
{
	signer->rsa = EVP_PKEY_CTX_new(signer->pkey, NULL);
	signer->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	signer->hash = EVP_MD_CTX_new();
	if (signer->rsa && signer->sha256 && signer->hash &&
	    EVP_PKEY_sign_init(signer->rsa) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(signer->rsa, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(signer->rsa, signer->sha256) == 1)
		return 0;
	err_set(err, E_CRYPTO);
	return err_fact(err, "what", SPAN("dkim signer"));
}

int
dkim_signer_new(const struct secret *key, struct span domain,
    struct span selector, struct dkim_signer **out, struct err *err)
{
	struct dkim_signer *signer = mem_new(sizeof *signer);
	int rc = -1;

	if (!is_name(domain, DOMAIN_MAX)) {
		refuse_key("domain", err);
		goto out;
	}
	if (!is_name(selector, SELECTOR_MAX)) {
		refuse_key("selector", err);
		goto out;
	}
	signer->domain = mem_text(domain);
	signer->selector = mem_text(selector);
	signer->pkey = read_key(key, err);
	if (!signer->pkey || setup_contexts(signer, err) < 0)
		goto out;
	*out = signer;
	signer = NULL;
	rc = 0;
out:
	dkim_signer_free(&signer);
	return rc;
}

void
dkim_signer_free(struct dkim_signer **signer)
{
	struct dkim_signer *s = *signer;

	if (!s)
		return;
	EVP_PKEY_CTX_free(s->rsa);
	EVP_PKEY_free(s->pkey);
	EVP_MD_CTX_free(s->hash);
	EVP_MD_free(s->sha256);
	free(s->domain);
	free(s->selector);
	buf_done(&s->canon);
	buf_done(&s->field);
	buf_done(&s->value);
	free(s);
	*signer = NULL;
}

/* Takes one field with its folded lines and final CRLF off *rest. */
static struct span
next_field(struct span *rest)
{
	struct span all = *rest;
	size_t end = 0;

	do {
		end += span_index(span_slice(all, end, all.len), '\n') + 1;
	} while (
	    end < all.len && (all.ptr[end] == ' ' || all.ptr[end] == '\t'));
	*rest = span_slice(all, end, all.len);
	return span_slice(all, 0, end);
}

/* Index in signed_fields, or -1. */
static int
signed_index(struct span field)
{
	struct span name = span_slice(field, 0, span_index(field, ':'));

	while (name.len && (name.ptr[name.len - 1] == ' ' ||
			       name.ptr[name.len - 1] == '\t'))
		name.len--;
	for (int i = 0; i < SIGNED_COUNT; i++) {
		if (span_equal_nocase(name, signed_fields[i].name))
			return i;
	}
	return -1;
}

/* Appends a tag, on a new line when it would not fit on this one. */
static void
add_tag(struct buf *out, size_t *column, const char *name, const char *value)
{
	size_t width = strlen(name) + strlen(value) + sizeof " =;" - 1;

	if (*column + width > ENCODE_LINE_MAX) {
		buf_text(out, "\r\n");
		*column = 0;
	}
	buf_char(out, ' ');
	buf_text(out, name);
	buf_char(out, '=');
	buf_text(out, value);
	buf_char(out, ';');
	*column += width;
}

static void
add_number_tag(struct buf *out, size_t *column, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)value);
	add_tag(out, column, name, text);
}

/* Appends the h= tag on lines of its own. */
static void
add_names(struct buf *out, const struct span picked[SIGNED_COUNT])
{
	size_t column = sizeof " h=" - 1;
	bool first = true;

	buf_text(out, "\r\n h=");
	for (int i = 0; i < SIGNED_COUNT; i++) {
		struct span name = signed_fields[i].name;

		for (int n = !!picked[i].len + signed_fields[i].extra; n; n--) {
			if (!first)
				buf_char(out, ':');
			if (column + name.len + 2 > ENCODE_LINE_MAX) {
				buf_text(out, "\r\n  ");
				column = 2;
			}
			buf_add(out, name);
			column += name.len + 1;
			first = false;
		}
	}
	buf_char(out, ';');
}

/* Hashes the canonical bytes in the scratch buffer. */
static int
hash_canon(struct dkim_signer *signer, struct digest *out, struct err *err)
{
	if (EVP_DigestInit_ex2(signer->hash, signer->sha256, NULL) == 1 &&
	    EVP_DigestUpdate(
		signer->hash, signer->canon.ptr, signer->canon.len) == 1 &&
	    EVP_DigestFinal_ex(signer->hash, out->bytes, NULL) == 1)
		return 0;
	err_set(err, E_CRYPTO);
	return err_fact(err, "what", SPAN("dkim hash"));
}

/* Finds the fields to sign; refuses what could not be signed as meant.  None
 * of them may occur twice in a message, and then none needs an order. */
static int
pick_fields(
    struct span header, struct span picked[SIGNED_COUNT], struct err *err)
{
	while (header.len) {
		struct span field = next_field(&header);
		int i = signed_index(field);

		if (span_index(field, ':') == field.len)
			return refuse_message("header", err);
		if (i >= 0 && picked[i].len)
			return refuse_message("twice", err);
		if (i >= 0)
			picked[i] = field;
	}
	return picked[0].len ? 0 : refuse_message("from", err);
}

static bool
has_bare_lf(struct span message)
{
	while (message.len) {
		size_t lf = span_index(message, '\n');

		if (lf < message.len &&
		    (lf == 0 || message.ptr[lf - 1] != '\r'))
			return true;
		message = span_slice(message, lf + 1, message.len);
	}
	return false;
}

/* Builds the field up to "b=" in signer->field. */
static void
build_field(struct dkim_signer *signer, const struct span picked[SIGNED_COUNT],
    const struct digest *body, int64_t now_s)
{
	struct buf *out = &signer->field;
	size_t column = sizeof "DKIM-Signature:" - 1;

	buf_clear(out);
	buf_text(out, "DKIM-Signature:");
	add_tag(out, &column, "v", "1");
	add_tag(out, &column, "a", "rsa-sha256");
	add_tag(out, &column, "c", "relaxed/relaxed");
	add_tag(out, &column, "d", signer->domain);
	add_tag(out, &column, "s", signer->selector);
	add_number_tag(out, &column, "t", now_s);
	add_number_tag(out, &column, "x", now_s + DKIM_LIFE_S);
	add_names(out, picked);
	buf_text(out, "\r\n bh=");
	encode_base64(out, span_make(body->bytes, sizeof body->bytes));
	buf_text(out, ";\r\n b=");
}

/* Signs hash and appends base64 in folded lines. */
static int
add_signature(
    struct dkim_signer *signer, const struct digest *hash, struct err *err)
{
	unsigned char raw[SIGNATURE_MAX];
	size_t len = sizeof raw, column = sizeof " b=" - 1, fit;
	struct span rest;

	if (EVP_PKEY_sign(
		signer->rsa, raw, &len, hash->bytes, sizeof hash->bytes) != 1) {
		err_set(err, E_CRYPTO);
		return err_fact(err, "what", SPAN("dkim sign"));
	}
	buf_clear(&signer->value);
	encode_base64(&signer->value, span_make(raw, len));
	for (rest = buf_span(&signer->value); rest.len;
	    rest = span_slice(rest, fit, rest.len)) {
		fit = ENCODE_LINE_MAX - column;
		buf_add(&signer->field, span_slice(rest, 0, fit));
		buf_text(&signer->field, rest.len > fit ? "\r\n " : "\r\n");
		column = 1;
	}
	return 0;
}

/* Signs the picked fields and a body whose canonical form has this hash. */
static int
sign_fields(struct dkim_signer *signer, const struct span picked[SIGNED_COUNT],
    const struct digest *body, int64_t now_s, struct err *err)
{
	struct digest hash;

	build_field(signer, picked, body, now_s);
	buf_clear(&signer->canon);
	for (int i = 0; i < SIGNED_COUNT; i++) {
		if (picked[i].len)
			dkim_canon_field(
			    picked[i], DKIM_RELAXED, &signer->canon);
	}
	dkim_canon_field(
	    buf_span(&signer->field), DKIM_RELAXED, &signer->canon);
	signer->canon.len -= 2; /* its own line end is not signed */
	if (hash_canon(signer, &hash, err) < 0)
		return -1;
	return add_signature(signer, &hash, err);
}

int
dkim_sign_part(struct dkim_signer *signer, const struct dkim_part *part,
    int64_t now_s, struct buf *out, struct err *err)
{
	struct span picked[SIGNED_COUNT] = {0};
	struct digest hash;

	if (pick_fields(part->header, picked, err) < 0)
		return -1;
	if (part->body_hash && dkim_is_relaxed(part->body)) {
		hash = *part->body_hash;
	} else {
		buf_clear(&signer->canon);
		dkim_canon_body(part->body, DKIM_RELAXED, &signer->canon);
		if (hash_canon(signer, &hash, err) < 0)
			return -1;
	}
	if (sign_fields(signer, picked, &hash, now_s, err) < 0)
		return -1;
	buf_add(out, buf_span(&signer->field));
	return 0;
}

int
dkim_sign(struct dkim_signer *signer, struct span message, int64_t now_s,
    struct buf *out, struct err *err)
{
	size_t gap = span_search(message, SPAN("\r\n\r\n"));
	const struct dkim_part part = {
	    .header = span_slice(message, 0, gap + 2),
	    .body = span_slice(message, gap + 4, message.len),
	};

	if (gap == message.len)
		return refuse_message("header", err);
	if (has_bare_lf(message))
		return refuse_message("bare_lf", err);
	return dkim_sign_part(signer, &part, now_s, out, err);
}
