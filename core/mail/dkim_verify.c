/* Verifying: a reader of its own, so that a mistake of the signer shows.  It is
 * stricter than RFC 6376 where our own mail never needs the freedom: l= is
 * refused, and so is every algorithm but rsa-sha256. */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/mail/dkim.h"

enum { VERIFY_FIELDS_MAX = 1000, VERIFY_NAMES_MAX = 200 };

/* The tags of a signature that matter, as spans into the field. */
struct tags {
	struct span a, b, bh, c, d, h, i, l, s, t, v, x;
};

/* A message cut into fields; used marks those that a name of h= has taken. */
struct fields {
	struct span *whole;
	char *used;
	size_t count;
};

static int
refuse(const char *why, struct err *err)
{
	err_set(err, E_DKIM_VERIFY);
	return err_fact(err, "why", span_of(why));
}

/* Sets *value to the tag called name.  0 when absent, 1 when there once, -1
 * when twice. */
static int
find_tag(struct span list, const char *name, struct span *value)
{
	int count = 0;

	while (list.len) {
		struct span rest = span_cut(&list, ';');
		struct span key = span_trim(span_cut(&rest, '='));

		if (span_equal(key, span_of(name))) {
			*value = span_trim(rest);
			count++;
		}
	}
	return count > 1 ? -1 : count;
}

static struct span
field_name(struct span whole)
{
	return span_trim(span_slice(whole, 0, span_index(whole, ':')));
}

/* Cuts the header at the start of message into fields, on the heap. */
static int
read_fields(struct span header, struct fields *out, struct err *err)
{
	out->whole = mem_array(VERIFY_FIELDS_MAX, sizeof *out->whole);
	out->used = mem_array(VERIFY_FIELDS_MAX, 1);
	while (header.len) {
		size_t end = 0;

		do {
			end += span_index(
				   span_slice(header, end, header.len), '\n') +
			       1;
		} while (end < header.len &&
			 (header.ptr[end] == ' ' || header.ptr[end] == '\t'));
		if (out->count == VERIFY_FIELDS_MAX)
			return refuse("tags", err);
		out->whole[out->count++] = span_slice(header, 0, end);
		header = span_slice(header, end, header.len);
	}
	return 0;
}

static int
read_tags(struct span list, struct tags *tags, struct err *err)
{
	const struct {
		const char *name;
		struct span *value;
		bool needed;
	} wanted[] = {
	    {"a", &tags->a, true},
	    {"b", &tags->b, true},
	    {"bh", &tags->bh, true},
	    {"c", &tags->c, false},
	    {"d", &tags->d, true},
	    {"h", &tags->h, true},
	    {"i", &tags->i, false},
	    {"l", &tags->l, false},
	    {"s", &tags->s, true},
	    {"t", &tags->t, false},
	    {"v", &tags->v, true},
	    {"x", &tags->x, false},
	};

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		int got = find_tag(list, wanted[i].name, wanted[i].value);

		if (got < 0 || (got == 0 && wanted[i].needed))
			return refuse("tags", err);
	}
	return 0;
}

/* True when h= names this field, in any case. */
static bool
names_field(struct span list, struct span name)
{
	while (list.len) {
		if (span_equal_nocase(span_trim(span_cut(&list, ':')), name))
			return true;
	}
	return false;
}

/* True when the domain of i= is d= or below it. */
static bool
identity_fits(struct span identity, struct span domain)
{
	struct span at = identity;

	if (identity.len == 0)
		return true;
	span_cut(&at, '@');
	if (at.len < domain.len)
		return false;
	if (at.len > domain.len && at.ptr[at.len - domain.len - 1] != '.')
		return false;
	return span_equal_nocase(
	    span_slice(at, at.len - domain.len, at.len), domain);
}

static int
check_tags(const struct tags *tags, int64_t now_s, struct err *err)
{
	int64_t made = 0, ends = 0;

	if (!span_equal(tags->v, SPAN("1")))
		return refuse("version", err);
	if (!span_equal(tags->a, SPAN("rsa-sha256")))
		return refuse("algorithm", err);
	if (tags->l.len)
		return refuse("length", err);
	if (!names_field(tags->h, SPAN("From")))
		return refuse("from", err);
	if (tags->d.len == 0 || !identity_fits(tags->i, tags->d))
		return refuse("domain", err);
	if ((tags->t.len && !span_int(tags->t, &made)) ||
	    (tags->x.len && !span_int(tags->x, &ends)))
		return refuse("tags", err);
	if (tags->x.len && (ends <= made || ends < now_s))
		return refuse("expired", err);
	return 0;
}

static int
read_canon(struct span tag, enum dkim_canon *header, enum dkim_canon *body,
    struct err *err)
{
	static const struct {
		const char *name;
		enum dkim_canon how;
	} known[] = {{"simple", DKIM_SIMPLE}, {"relaxed", DKIM_RELAXED}};
	enum dkim_canon *const to[] = {header, body};

	*header = *body = DKIM_SIMPLE;
	for (size_t half = 0; half < 2 && tag.len; half++) {
		struct span word = span_cut(&tag, '/');
		bool found = false;

		for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
			if (span_equal(word, span_of(known[i].name))) {
				*to[half] = known[i].how;
				found = true;
			}
		}
		if (!found)
			return refuse("canon", err);
	}
	return 0;
}

/* The public key of a TXT record, the caller's to free.  One that was taken back
 * is none. */
static int
read_record(struct span text, EVP_PKEY **out, struct err *err)
{
	struct dkim_key_record record;
	struct err why = {0};
	const unsigned char *at;
	int rc = -1;

	if (dkim_key_record_read(text, &record, &why) < 0) {
		bool key = strcmp(err_find(&why, "why"), "key") == 0;

		refuse(
		    key && record.type == DKIM_KEY_RSA ? "key" : "record", err);
		goto out;
	}
	if (record.type != DKIM_KEY_RSA || !record.sha256 || !record.email) {
		refuse("record", err);
		goto out;
	}
	if (record.bits < DKIM_BITS_MIN || record.bits > DKIM_BITS_MAX) {
		refuse("key", err);
		goto out;
	}
	at = record.key;
	*out = d2i_PUBKEY(NULL, &at, (long)record.key_len);
	rc = *out ? 0 : refuse("key", err);
out:
	dkim_key_record_done(&record);
	return rc;
}

static int
check_body(
    struct span body, enum dkim_canon how, struct span bh, struct err *err)
{
	struct buf canon = BUF_INIT, claimed = BUF_INIT;
	struct digest digest;
	int rc = 0;

	dkim_canon_body(body, how, &canon);
	crypt_sha256(buf_span(&canon), &digest);
	if (dkim_base64(bh, &claimed) < 0 ||
	    !span_equal(buf_span(&claimed),
		span_make(digest.bytes, sizeof digest.bytes)))
		rc = refuse("body", err);
	buf_done(&canon);
	buf_done(&claimed);
	return rc;
}

/* Appends the signature's own field with an empty b= and no line end. */
static void
add_own_field(
    struct span whole, struct span b, enum dkim_canon how, struct buf *canon)
{
	struct buf bare = BUF_INIT;
	size_t from = (size_t)(b.ptr - whole.ptr), to = from + b.len;

	/* Simple form keeps every octet: the blanks belong to the value. */
	while (from > 0 && whole.ptr[from - 1] != '=')
		from--;
	while (to < whole.len && whole.ptr[to] != ';' &&
	       span_slice(whole, to, whole.len).len > 2)
		to++;
	buf_add(&bare, span_slice(whole, 0, from));
	buf_add(&bare, span_slice(whole, to, whole.len));
	dkim_canon_field(buf_span(&bare), how, canon);
	canon->len -= 2;
	buf_done(&bare);
}

/* Appends the fields that h= names, each name from the bottom upwards. */
static void
add_named_fields(struct fields *fields, struct span names, enum dkim_canon how,
    struct buf *canon)
{
	for (int n = 0; names.len && n < VERIFY_NAMES_MAX; n++) {
		struct span name = span_trim(span_cut(&names, ':'));

		for (size_t i = fields->count; i-- > 0;) {
			if (fields->used[i] ||
			    !span_equal_nocase(
				field_name(fields->whole[i]), name))
				continue;
			fields->used[i] = 1;
			dkim_canon_field(fields->whole[i], how, canon);
			break;
		}
	}
}

static int
check_signature(
    EVP_PKEY *pkey, struct span canon, struct span b, struct err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct buf raw = BUF_INIT;
	int rc = -1;

	if (dkim_base64(b, &raw) < 0) {
		refuse("signature", err);
		goto out;
	}
	if (!ctx ||
	    EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pkey) != 1) {
		err_set(err, E_CRYPTO);
		err_fact(err, "what", SPAN("dkim verify"));
		goto out;
	}
	if (EVP_DigestVerify(ctx, (const unsigned char *)raw.ptr, raw.len,
		(const unsigned char *)canon.ptr, canon.len) != 1) {
		refuse("signature", err);
		goto out;
	}
	rc = 0;
out:
	EVP_MD_CTX_free(ctx);
	buf_done(&raw);
	return rc;
}

/* Index of the first signature field, count when there is none. */
static size_t
find_signature(const struct fields *fields)
{
	size_t i = 0;

	while (i < fields->count &&
	       !span_equal_nocase(
		   field_name(fields->whole[i]), SPAN("DKIM-Signature")))
		i++;
	return i;
}

int
dkim_verify_with_key(
    struct span message, struct span record, int64_t now_s, struct err *err)
{
	struct fields fields = {0};
	struct tags tags = {0};
	struct buf canon = BUF_INIT;
	enum dkim_canon header_how, body_how;
	size_t gap = span_search(message, SPAN("\r\n\r\n")), own;
	struct span list;
	EVP_PKEY *pkey = NULL;
	int rc = -1;

	if (read_fields(span_slice(message, 0, gap + 2), &fields, err) < 0)
		goto out;
	own = find_signature(&fields);
	if (own == fields.count) {
		refuse("missing", err);
		goto out;
	}
	list = fields.whole[own];
	fields.used[own] = 1;
	span_cut(&list, ':');
	if (read_tags(list, &tags, err) < 0 ||
	    check_tags(&tags, now_s, err) < 0 ||
	    read_canon(tags.c, &header_how, &body_how, err) < 0 ||
	    read_record(record, &pkey, err) < 0)
		goto out;
	if (check_body(span_slice(message, gap + 4, message.len), body_how,
		tags.bh, err) < 0)
		goto out;
	add_named_fields(&fields, tags.h, header_how, &canon);
	add_own_field(fields.whole[own], tags.b, header_how, &canon);
	rc = check_signature(pkey, buf_span(&canon), tags.b, err);
out:
	EVP_PKEY_free(pkey);
	buf_done(&canon);
	free(fields.whole);
	free(fields.used);
	return rc;
}
