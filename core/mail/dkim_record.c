/* The key record of DKIM (RFC 6376 section 3.6.1, RFC 8463): read once, for
 * verifying and for telling what is published. */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/mail/dkim.h"
#include "core/mail/taglist.h"

enum { ED25519_LEN = 32 };

static int
refuse(const char *why, struct err *err)
{
	err_set(err, E_DKIM_RECORD);
	return err_fact(err, "why", span_of(why));
}

/* Appends the bytes of folded base64; -1 when it is none. */
int
dkim_base64(struct span text, struct buf *out)
{
	struct buf bare = BUF_INIT;
	int rc = -1, len;

	for (size_t i = 0; i < text.len; i++) {
		if (!strchr(" \t\r\n", text.ptr[i]) || !text.ptr[i])
			buf_char(&bare, text.ptr[i]);
	}
	if (bare.len == 0 || bare.len % 4 || bare.len > INT32_MAX)
		goto out;
	buf_reserve(out, bare.len);
	len = EVP_DecodeBlock((unsigned char *)out->ptr + out->len,
	    (const unsigned char *)bare.ptr, (int)bare.len);
	if (len < 0)
		goto out;
	len -= bare.ptr[bare.len - 1] == '=';
	len -= bare.ptr[bare.len - 2] == '=';
	out->len += (size_t)len;
	rc = 0;
out:
	buf_done(&bare);
	return rc;
}

/* True when a list parted by colons names word, or "*". */
static bool
lists(struct span list, struct span word)
{
	while (list.len) {
		struct span one = span_trim(span_cut(&list, ':'));

		if (span_equal_nocase(one, word) || span_equal(one, SPAN("*")))
			return true;
	}
	return false;
}

/* The flags of t= alone have no "*" (it is a flag nobody knows). */
static bool
has_flag(struct span list, struct span flag)
{
	while (list.len) {
		if (span_equal(span_trim(span_cut(&list, ':')), flag))
			return true;
	}
	return false;
}

static void
keep_key(struct dkim_key_record *out, const void *bytes, size_t len)
{
	out->key = mem_new(len ? len : 1);
	memcpy(out->key, bytes, len);
	out->key_len = len;
}

static int
read_rsa(struct span der, struct dkim_key_record *out, struct err *err)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)der.len);
	int rc = -1;

	if (!pkey || EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA ||
	    (size_t)(at - (const unsigned char *)der.ptr) != der.len) {
		refuse("key", err);
	} else {
		out->bits = EVP_PKEY_get_bits(pkey);
		keep_key(out, der.ptr, der.len);
		rc = 0;
	}
	EVP_PKEY_free(pkey);
	return rc;
}

static int
read_key(struct dkim_key_record *out, struct err *err)
{
	struct buf bytes = BUF_INIT;
	int rc = 0;

	out->revoked = out->p.len == 0;
	if (out->revoked || out->type == DKIM_KEY_OTHER)
		return 0;
	if (dkim_base64(out->p, &bytes) < 0) {
		rc = refuse("key", err);
	} else if (out->type == DKIM_KEY_RSA) {
		rc = read_rsa(buf_span(&bytes), out, err);
	} else if (bytes.len != ED25519_LEN) {
		rc = refuse("key", err);
	} else {
		out->bits = 256;
		keep_key(out, bytes.ptr, bytes.len);
	}
	buf_done(&bytes);
	return rc;
}

/* Every tag at most once; what is no tag is an error. */
static int
check_list(struct span list, struct err *err)
{
	struct span rest = list, value;
	struct tag tag;
	int got;

	while ((got = taglist_next(&rest, &tag)) != 0) {
		char name[16];

		if (got < 0)
			return refuse("syntax", err);
		span_text(name, sizeof name, tag.name);
		if (tag.name.len < sizeof name &&
		    taglist_find(list, name, &value) > 1)
			return refuse("twice", err);
	}
	return 0;
}

int
dkim_key_record_read(
    struct span text, struct dkim_key_record *out, struct err *err)
{
	struct span v = SPAN("DKIM1"), k = SPAN("rsa"), h = SPAN("*");
	struct span s = SPAN("*"), t = SPAN("");

	*out = (struct dkim_key_record){.type = DKIM_KEY_OTHER};
	if (check_list(text, err) < 0)
		return -1;
	/* v= is optional, but first when it is there */
	if (taglist_find(text, "v", &v) && !taglist_is(text, v))
		return refuse("version", err);
	if (!span_equal(v, SPAN("DKIM1")))
		return refuse("version", err);
	taglist_find(text, "k", &k);
	taglist_find(text, "h", &h);
	taglist_find(text, "s", &s);
	taglist_find(text, "t", &t);
	if (!taglist_find(text, "p", &out->p))
		return refuse("missing", err);
	if (span_equal(k, SPAN("rsa")))
		out->type = DKIM_KEY_RSA;
	else if (span_equal(k, SPAN("ed25519")))
		out->type = DKIM_KEY_ED25519;
	out->sha256 = lists(h, SPAN("sha256"));
	out->email = lists(s, SPAN("email"));
	out->testing = has_flag(t, SPAN("y"));
	out->strict = has_flag(t, SPAN("s"));
	return read_key(out, err);
}

void
dkim_key_record_done(struct dkim_key_record *record)
{
	free(record->key);
	record->key = NULL;
	record->key_len = 0;
}

bool
dkim_key_record_is(
    const struct dkim_key_record *record, struct span public_base64)
{
	struct buf ours = BUF_INIT;
	bool same = record->key && dkim_base64(public_base64, &ours) == 0 &&
		    span_equal(buf_span(&ours),
			span_make(record->key, record->key_len));

	buf_done(&ours);
	return same;
}
