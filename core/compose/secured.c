/* S/MIME on the path of a message.  The leaf is over the entity before it, and
 * over the fingerprints of the certificates: so a proof signs nothing, and a
 * certificate that was exchanged afterwards withholds the message.  All
 * certificates of a list are read once, as the path of a message asks no
 * store. */
#include "core/compose/secured.h"

#include <stdlib.h>

/* What a signature and an envelope add besides certificates, and by how much
 * base64 makes things longer (78 octets for 57). */
enum {
	SIGNED_MORE = 2048,
	SEALED_MORE = 2048,
	IN_OCTETS = 57,
	OUT_OCTETS = 78
};

/* ---- Plan ---------------------------------------------------------------- */

static int
plan_identity(struct db *db, int64_t id, struct arena *arena,
    struct secured_plan *out, struct err *err)
{
	struct smime_info info;
	int got = smime_one(db, id, arena, &info, err);

	if (got == 0) {
		err_set(err, E_SMIME_IDENTITY);
		err_fact(err, "why", SPAN("missing"));
	}
	if (got <= 0)
		return -1;
	out->identity = id;
	out->signer = info.certificate.fingerprint;
	return 0;
}

static int
plan_size(struct db *db, struct secured_plan *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT length(certificate) + length(chain) FROM smime_identity"
	    " WHERE id = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, out->identity);
	got = stmt_step(stmt, err);
	if (got > 0)
		out->identity_octets = (size_t)stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static int
plan_recipients(struct db *db, int64_t list, struct arena *arena,
    struct secured_plan *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT c.address, k.certificate, k.fingerprint, k.from_ms, k.to_ms"
	    " FROM contact_certificate k JOIN contact c ON c.id = k.contact"
	    " WHERE EXISTS (SELECT 1 FROM member m WHERE m.list = ?1"
	    " AND m.contact = k.contact)"
	    " ORDER BY c.address, k.to_ms DESC, k.fingerprint",
	    err);
	struct secured_certificate *all = NULL;
	size_t room = 0, count = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list);
	while ((got = stmt_step(stmt, err)) > 0) {
		struct span print = stmt_col_blob(stmt, 2);
		struct secured_certificate *next;

		if (count == room) {
			room = room ? room * 2 : 64;
			all = mem_grow(all, room * sizeof *all);
		}
		next = &all[count++];
		*next = (struct secured_certificate){
		    .address = arena_copy(arena, stmt_col_text(stmt, 0)),
		    .der = arena_copy(arena, stmt_col_blob(stmt, 1)),
		    .from_ms = stmt_col_int(stmt, 3),
		    .to_ms = stmt_col_int(stmt, 4),
		};
		if (print.len == SHA256_LEN)
			memcpy(next->fingerprint.bytes, print.ptr, SHA256_LEN);
	}
	stmt_reset(stmt);
	if (count) {
		out->certificate = arena_take(arena, count * sizeof *all);
		memcpy(out->certificate, all, count * sizeof *all);
		out->certificate_count = count;
	}
	free(all);
	return got;
}

int
secured_plan_read(struct db *db, const struct campaign *campaign,
    struct arena *arena, struct secured_plan *out, struct err *err)
{
	*out = (struct secured_plan){.encrypt = campaign->encrypt};
	if (campaign->smime &&
	    (plan_identity(db, campaign->smime, arena, out, err) < 0 ||
		plan_size(db, out, err) < 0))
		return -1;
	if (campaign->encrypt == ENCRYPT_NEVER)
		return 0;
	return plan_recipients(db, campaign->list, arena, out, err);
}

/* ---- Messages ------------------------------------------------------------ */

int
secured_begin(struct secured *secured, const struct secured_plan *plan,
    struct db *db, struct err *err)
{
	struct smime_identity identity = {.key = NULL};
	struct digest print;
	int rc = -1;

	if (!plan->identity)
		return 0;
	if (smime_identity_load(db, plan->identity, &identity, err) < 0)
		goto out;
	crypt_sha256(buf_span(&identity.certificate), &print);
	if (!digest_equal(&print, &plan->signer)) {
		err_set(err, E_SMIME_IDENTITY);
		err_fact(err, "why", SPAN("changed"));
		goto out;
	}
	rc = smime_signer_new(&identity, &secured->signer, err);
out:
	smime_identity_done(&identity);
	return rc;
}

void
secured_done(struct secured *secured)
{
	smime_signer_free(&secured->signer);
	buf_done(&secured->inner);
	buf_done(&secured->outer);
}

static int
compare(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* The first certificate of an address, or the count when it has none. */
static size_t
first_of(const struct secured_plan *plan, struct span address)
{
	size_t low = 0, high = plan->certificate_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(plan->certificate[middle].address, address) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int
secured_choose(struct secured *secured, const struct secured_plan *plan,
    struct span address, int64_t at_ms, struct err *err)
{
	secured->recipient = NULL;
	if (plan->encrypt == ENCRYPT_NEVER)
		return 0;
	for (size_t i = first_of(plan, address); i < plan->certificate_count;
	    i++) {
		const struct secured_certificate *it = &plan->certificate[i];

		if (!span_equal(it->address, address))
			break;
		if (at_ms < it->from_ms || at_ms > it->to_ms)
			continue;
		secured->recipient = it;
		return 0;
	}
	if (plan->encrypt != ENCRYPT_ALWAYS)
		return 0;
	err_set(err, E_SMIME_RECIPIENT);
	return err_fact(err, "address", address);
}

void
secured_leaf(const struct secured *secured, const struct secured_plan *plan,
    struct crypt_hash *hash)
{
	if (plan->identity) {
		crypt_hash_add(hash, SPAN("signed"));
		crypt_hash_add(hash, span_make(plan->signer.bytes, SHA256_LEN));
	}
	if (secured->recipient) {
		crypt_hash_add(hash, SPAN("encrypted"));
		crypt_hash_add(
		    hash, span_make(secured->recipient->fingerprint.bytes,
			      SHA256_LEN));
	}
}

static int
encrypt(struct secured *secured, struct span entity, struct err *err)
{
	struct smime_sealer *sealer = NULL;
	int rc;

	if (smime_sealer_new(secured->recipient->der, &sealer, err) < 0)
		return -1;
	buf_clear(&secured->outer);
	rc = smime_encrypt(sealer, entity, &secured->outer, err);
	smime_sealer_free(&sealer);
	return rc;
}

int
secured_wrap(struct secured *secured, struct buf *bytes, size_t start,
    struct span token, int64_t at_ms, struct err *err)
{
	struct span entity = span_slice(buf_span(bytes), start, bytes->len);

	if (secured->signer) {
		buf_clear(&secured->inner);
		if (smime_sign(secured->signer, entity, token, at_ms,
			&secured->inner, err) < 0)
			return -1;
		entity = buf_span(&secured->inner);
	}
	if (secured->recipient) {
		if (encrypt(secured, entity, err) < 0)
			return -1;
		entity = buf_span(&secured->outer);
	}
	if (secured->signer || secured->recipient) {
		bytes->len = start;
		buf_add(bytes, entity);
	}
	return 0;
}

size_t
secured_size(const struct secured *secured, const struct secured_plan *plan,
    size_t entity)
{
	if (plan->identity)
		entity += SIGNED_MORE +
			  plan->identity_octets / IN_OCTETS * OUT_OCTETS;
	if (secured->recipient)
		entity = SEALED_MORE + entity / IN_OCTETS * OUT_OCTETS;
	return entity;
}
