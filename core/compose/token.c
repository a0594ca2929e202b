/* Everything random-looking in a message.  Keyed, so that nobody can guess
 * another recipient's token; derived, so that nothing must be stored. */
#include "core/compose/template.h"

#include <assert.h>
#include <stdio.h>

enum { REF_LEN = 10, MAC_LEN = 5, UNSUBSCRIBE_LEN = 16, BOUNDARY_LEN = 18 };

/* Label, three numbers and an address in wire form (at most 256 octets). */
enum { MAC_INPUT_MAX = 512 };

/* MAC over label, campaign, list, row and text.  Numbers are written in
 * decimal behind a separator that they cannot hold, the text comes last: no
 * two inputs give the same bytes. */
static void
mac(const struct secret *key, const char *label,
    const struct template *template, int64_t seq, struct span text,
    struct digest *out)
{
	char data[MAC_INPUT_MAX];
	int len;

	/* no allocation for every message */
	len = snprintf(data, sizeof data, "%s\n%lld\n%lld\n%lld\n", label,
	    (long long)template->campaign, (long long)template->list,
	    (long long)seq);
	assert(len > 0 && (size_t)len + text.len <= sizeof data);
	memcpy(data + len, text.ptr, text.len);
	crypt_hmac(key, span_make(data, (size_t)len + text.len), out);
}

void
token_unsubscribe(const struct store *store, const struct template *template,
    int64_t seq, struct span address, struct buf *out)
{
	struct digest digest;

	mac(store_key(store, STORE_KEY_TOKEN), "unsubscribe", template, seq,
	    address, &digest);
	crypt_base32(out, span_make(digest.bytes, UNSUBSCRIBE_LEN));
}

void
token_message_id(const struct store *store, const struct template *template,
    int64_t seq, struct buf *out)
{
	const struct secret *key = store_key(store, STORE_KEY_MESSAGE);
	struct digest ref, check;

	mac(key, "reference", template, seq, SPAN(""), &ref);
	mac(key, "message-id", template, seq, span_make(ref.bytes, REF_LEN),
	    &check);
	buf_text(out, "<c.");
	buf_int(out, template->campaign);
	buf_char(out, '.');
	crypt_base32(out, span_make(ref.bytes, REF_LEN));
	buf_char(out, '.');
	crypt_base32(out, span_make(check.bytes, MAC_LEN));
	buf_char(out, '@');
	buf_add(out, template->message_domain);
	buf_char(out, '>');
}

void
token_boundary(const struct store *store, const struct template *template,
    int64_t seq, struct buf *out)
{
	struct digest digest;

	mac(store_key(store, STORE_KEY_MESSAGE), "boundary", template, seq,
	    SPAN("alternative"), &digest);
	crypt_base64url(out, span_make(digest.bytes, BOUNDARY_LEN));
}

void
token_return_path(const struct store *store, const struct template *template,
    int64_t seq, int64_t at_ms, struct buf *out)
{
	int day = (int)(at_ms / (24 * 60 * 60 * INT64_C(1000)) % 1000);
	size_t from = out->len;
	struct digest ref, check;

	mac(store_key(store, STORE_KEY_MESSAGE), "reference", template, seq,
	    SPAN(""), &ref);
	buf_printf(out, "b+11%03d", day);
	crypt_base32(out, span_make(ref.bytes, REF_LEN));
	mac(store_key(store, STORE_KEY_TOKEN), "return-path", template, 0,
	    span_slice(buf_span(out), from, out->len), &check);
	crypt_base32(out, span_make(check.bytes, MAC_LEN));
}
