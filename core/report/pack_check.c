/* Reading a pack as somebody who trusts nothing in it: first its form, then
 * the INDEX by its signature, then every member by the INDEX, then what the
 * members say of each other.  When the signature itself does not hold, the sum
 * beside the INDEX tells which of the three parts was changed. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/report/pack.h"
#include "core/report/tar.h"
#include "core/review/review.h"

enum { MEMBERS_MAX = 10000, INDEX_MAX = 4 * 1024 * 1024 };

static const char index_head[] = "# sekisho-pack 1 store=";

struct member {
	struct span name; /* without the folder */
	struct span data;
	char text[TAR_NAME_MAX + 1]; /* name points into it */
};

struct reading {
	struct member *member;
	size_t count;
	struct span folder;
	char folder_text[TAR_NAME_MAX + 1];
	struct ed25519_public key;
	struct pack_facts *facts;
};

static int
bad_form(struct err *err, const char *why)
{
	err_set(err, E_PACK_FORM);
	return err_fact(err, "why", span_of(why));
}

static int
bad_member(struct err *err, struct span name, const char *why)
{
	err_set(err, E_PACK_MEMBER);
	err_fact(err, "member", name);
	return err_fact(err, "why", span_of(why));
}

static int
bad_signature(struct err *err, struct span name)
{
	err_set(err, E_PACK_SIGNATURE);
	return err_fact(err, "member", name);
}

/* ---- Form -------------------------------------------------------------------- */

/* What stands behind the first slash. */
static struct span
inner_name(struct span name)
{
	return span_slice(name, span_index(name, '/') + 1, name.len);
}

static int
add_member(struct reading *self, const struct tar_member *from, struct err *err)
{
	struct span whole = span_of(from->name), folder;
	struct member *to = &self->member[self->count];

	folder = span_slice(whole, 0, span_index(whole, '/'));
	if (self->count == 0) {
		span_text(self->folder_text, sizeof self->folder_text, folder);
		self->folder = span_of(self->folder_text);
	}
	if (!span_equal(folder, self->folder))
		return bad_member(err, whole, "changed");
	memcpy(to->text, from->name, sizeof to->text);
	to->name = inner_name(span_of(to->text));
	to->data = from->data;
	for (size_t i = 0; i < self->count; i++) {
		if (span_equal(self->member[i].name, to->name))
			return bad_member(err, to->name, "twice");
	}
	self->count++;
	return 0;
}

static int
read_members(struct reading *self, struct span pack, struct err *err)
{
	struct tar_member one;
	enum tar_step step;

	while ((step = tar_next(&pack, &one)) == TAR_MEMBER) {
		if (self->count == MEMBERS_MAX)
			return bad_form(err, "size");
		if (add_member(self, &one, err) < 0)
			return -1;
	}
	if (step == TAR_END)
		return self->count ? 0 : bad_form(err, "tar");
	/* Something else altogether, or cut at its end. */
	if (!span_starts(span_of(one.name), SPAN("sekisho-evidence-")))
		return bad_form(err, "tar");
	return bad_member(err, inner_name(span_of(one.name)), "changed");
}

static const struct member *
find(const struct reading *self, const char *name)
{
	for (size_t i = 0; i < self->count; i++) {
		if (span_equal(self->member[i].name, span_of(name)))
			return &self->member[i];
	}
	return NULL;
}

static struct span
data_of(const struct reading *self, const char *name)
{
	const struct member *member = find(self, name);

	return member ? member->data : SPAN("");
}

/* ---- Signature ---------------------------------------------------------------- */

static bool
has_sum(struct span data, struct span hex)
{
	struct buf text = BUF_INIT;
	struct digest digest;
	bool same;

	crypt_sha256(data, &digest);
	crypt_hex(&text, span_make(digest.bytes, sizeof digest.bytes));
	same = span_equal(buf_span(&text), hex);
	buf_done(&text);
	return same;
}

/* The sum that the INDEX has for a member; empty: none. */
static struct span
listed_sum(struct span index, const char *name)
{
	while (index.len) {
		struct span line = span_cut(&index, '\n');

		if (line.len > 66 && line.ptr[0] != '#' &&
		    span_equal(span_slice(line, 66, line.len), span_of(name)))
			return span_slice(line, 0, 64);
	}
	return SPAN("");
}

static int
check_parts(const struct reading *self, struct err *err)
{
	static const char *const parts[] = {
	    "INDEX", "INDEX.sha256", "INDEX.sig", "store.pem"};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!find(self, parts[i]))
			return bad_member(err, span_of(parts[i]), "missing");
	}
	return data_of(self, "INDEX").len <= INDEX_MAX ? 0
						       : bad_form(err, "size");
}

static bool
is_signed(struct reading *self)
{
	struct span raw = data_of(self, "INDEX.sig");
	struct ed25519_signature signature;

	if (raw.len != sizeof signature.bytes ||
	    !ed25519_pem_read(data_of(self, "store.pem"), &self->key))
		return false;
	memcpy(signature.bytes, raw.ptr, raw.len);
	return ed25519_verify(&self->key, data_of(self, "INDEX"), &signature);
}

static int
check_signature(struct reading *self, struct err *err)
{
	struct span index = data_of(self, "INDEX");
	struct span sum = data_of(self, "INDEX.sha256");
	bool sum_fits = sum.len == 64 + sizeof "  INDEX\n" - 1 &&
			span_ends(sum, SPAN("  INDEX\n")) &&
			has_sum(index, span_slice(sum, 0, 64));

	if (is_signed(self))
		return sum_fits
			   ? 0
			   : bad_member(err, SPAN("INDEX.sha256"), "changed");
	if (!sum_fits)
		return bad_member(err, SPAN("INDEX"), "changed");
	if (!has_sum(
		data_of(self, "store.pem"), listed_sum(index, "store.pem")))
		return bad_member(err, SPAN("store.pem"), "changed");
	return bad_signature(err, SPAN("INDEX"));
}

/* ---- Members ------------------------------------------------------------------ */

/* Members that the INDEX does not name: itself and what belongs to it. */
static bool
is_unlisted(struct span name)
{
	return span_equal(name, SPAN("INDEX")) ||
	       span_equal(name, SPAN("INDEX.sha256")) ||
	       span_equal(name, SPAN("INDEX.sig"));
}

/* A member that is not where it should be: is it there at all? */
static int
misplaced(const struct reading *self, size_t at, struct span wanted,
    struct span index, struct err *err)
{
	for (size_t i = at; i < self->count; i++) {
		struct span name = self->member[at].name;
		struct buf text = BUF_INIT;
		bool known;

		if (!span_equal(self->member[i].name, wanted))
			continue;
		buf_add(&text, name);
		known = is_unlisted(name) || listed_sum(index, text.ptr).len;
		buf_done(&text);
		return bad_member(err, name, known ? "order" : "added");
	}
	return bad_member(err, wanted, "missing");
}

static int
check_listed(const struct reading *self, struct err *err)
{
	static const char *const last[] = {
	    "INDEX", "INDEX.sha256", "INDEX.sig"};
	struct span index = data_of(self, "INDEX"), rest = index;
	size_t at = 0;

	while (rest.len) {
		struct span line = span_cut(&rest, '\n');
		struct span name = span_slice(line, 66, line.len);

		if (line.len && line.ptr[0] == '#')
			continue;
		if (at == self->count ||
		    !span_equal(self->member[at].name, name))
			return misplaced(self, at, name, index, err);
		if (!has_sum(self->member[at].data, span_slice(line, 0, 64)))
			return bad_member(err, name, "changed");
		at++;
	}
	for (int i = 0; i < 3; i++, at++) {
		if (at == self->count ||
		    !span_equal(self->member[at].name, span_of(last[i])))
			return misplaced(
			    self, at, span_of(last[i]), index, err);
	}
	return at == self->count
		   ? 0
		   : bad_member(err, self->member[at].name, "added");
}

/* ---- What they say of each other ------------------------------------------------ */

int64_t
pack_root(struct span leaves, struct digest *out)
{
	struct merkle tree = {.leaves = 0};

	while (leaves.len) {
		struct span line = span_cut(&leaves, '\n');
		struct span hex =
		    span_slice(line, span_index(line, ' ') + 1, line.len);
		struct digest leaf;

		if (!digest_of_hex(hex, &leaf))
			return -1;
		merkle_add(&tree, &leaf);
	}
	merkle_root(&tree, out);
	return (int64_t)tree.leaves;
}

static int
check_root(struct reading *self, struct err *err)
{
	struct buf hex = BUF_INIT;
	bool same;

	self->facts->recipients =
	    pack_root(data_of(self, "leaves.txt"), &self->facts->root);
	crypt_hex(&hex, span_make(self->facts->root.bytes, SHA256_LEN));
	same =
	    self->facts->recipients >= 0 &&
	    span_equal(span_trim(data_of(self, "root.txt")), buf_span(&hex)) &&
	    span_search(data_of(self, "manifest.txt"), buf_span(&hex)) <
		data_of(self, "manifest.txt").len;
	buf_done(&hex);
	return same ? 0 : bad_member(err, SPAN("leaves.txt"), "root");
}

static int
check_approval(
    struct reading *self, const struct member *statement, struct err *err)
{
	struct span stem =
	    span_slice(statement->name, 0, statement->name.len - 4);
	struct ed25519_signature signature;
	struct ed25519_public key;
	struct buf sig = BUF_INIT, pem = BUF_INIT;
	struct span raw;
	bool good;

	buf_printf(&sig, "%.*s.sig", SPAN_ARG(stem));
	buf_printf(&pem, "%.*s.pem", SPAN_ARG(stem));
	raw = data_of(self, sig.ptr);
	good = raw.len == sizeof signature.bytes &&
	       ed25519_pem_read(data_of(self, pem.ptr), &key);
	if (good) {
		memcpy(signature.bytes, raw.ptr, raw.len);
		good = ed25519_verify(&key, statement->data, &signature);
	}
	buf_done(&sig);
	buf_done(&pem);
	self->facts->approvals++;
	return good ? 0 : bad_signature(err, statement->name);
}

static int
check_approvals(struct reading *self, struct err *err)
{
	for (size_t i = 0; i < self->count; i++) {
		struct span name = self->member[i].name;

		if (span_starts(name, SPAN("approvals/")) &&
		    span_ends(name, SPAN(".txt")) &&
		    check_approval(self, &self->member[i], err) < 0)
			return -1;
	}
	return 0;
}

static int
check_head(const struct reading *self, struct err *err)
{
	struct seal_line line;

	if (seal_line_read(span_trim(data_of(self, "head.txt")), &line) &&
	    ed25519_verify(&self->key, line.signed_text, &line.signature))
		return 0;
	return bad_signature(err, SPAN("head.txt"));
}

/* The first line of the INDEX names store, campaign and time. */
static int
take_facts(struct reading *self, struct err *err)
{
	struct pack_facts *facts = self->facts;
	struct span rest = data_of(self, "INDEX"), id, campaign, at;
	struct buf own = BUF_INIT;
	bool same;

	ed25519_fingerprint(&self->key, &facts->fingerprint);
	crypt_hex(&own, span_make(facts->fingerprint.bytes, SHA256_LEN));
	rest = span_cut(&rest, '\n');
	if (!span_starts(rest, span_of(index_head)))
		rest = SPAN("");
	rest = span_slice(rest, sizeof index_head - 1, rest.len);
	id = span_cut(&rest, ' ');
	campaign = span_cut(&rest, ' ');
	at = rest;
	same =
	    span_equal(id, span_slice(buf_span(&own), 0, STORE_ID_LEN)) &&
	    span_starts(campaign, SPAN("campaign=")) &&
	    span_int(span_slice(campaign, 9, campaign.len), &facts->campaign) &&
	    span_starts(at, SPAN("at="));
	buf_done(&own);
	span_text(facts->store, sizeof facts->store, id);
	span_text(facts->at, sizeof facts->at, span_slice(at, 3, at.len));
	facts->members = (int64_t)self->count;
	return same ? 0 : bad_form(err, "index");
}

int
pack_check(struct span pack, struct pack_facts *out, struct err *err)
{
	struct reading self = {
	    .member = mem_array(MEMBERS_MAX, sizeof(struct member)),
	    .facts = out};
	int rc = -1;

	*out = (struct pack_facts){.members = 0};
	if (read_members(&self, pack, err) == 0 &&
	    check_parts(&self, err) == 0 && check_signature(&self, err) == 0 &&
	    check_listed(&self, err) == 0 && take_facts(&self, err) == 0 &&
	    check_root(&self, err) == 0 && check_approvals(&self, err) == 0)
		rc = check_head(&self, err);
	free(self.member);
	return rc;
}
