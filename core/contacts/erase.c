/* Erasing a person.  Everything is one transaction: either nothing of the
 * person is left, or everything is.  The leaf of a sent row is a digest of the
 * message, so the tree of the campaign can still be proved; the message itself
 * can no longer be made. */
#include "core/contacts/erase.h"

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/contacts/consent.h"
#include "core/contacts/contacts.h"
#include "core/contacts/rows.h"
#include "core/contacts/stop_key.h"
#include "core/contacts/traces.h"

/* Octets of the key in a pseudonym: enough that no two people share one. */
enum { PSEUDONYM_OCTETS = 12 };

struct erasing {
	struct store *store;
	struct db *db;
	struct contact_id contact;
	struct span canon, address; /* in the arena of the caller */
	struct digest key;
	struct buf pseudonym;
	struct erased *out;
};

static int
refuse(const char *field, const char *why, struct err *err)
{
	err_set(err, E_ERASE_FIELD);
	err_fact(err, "field", span_of(field));
	return err_fact(err, "why", span_of(why));
}

/* ---- Before ----------------------------------------------------------------- */

static int
read_contact(struct erasing *it, struct arena *arena, struct err *err)
{
	struct stmt *stmt = db_stmt(it->db,
	    "SELECT canon, address FROM contact WHERE id = ?1 AND canon <> ''",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, it->contact.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		it->canon = arena_copy(arena, stmt_col_text(stmt, 0));
		it->address = arena_copy(arena, stmt_col_text(stmt, 1));
	}
	stmt_reset(stmt);
	if (got == 0)
		return err_set(err, E_CONTACT_MISSING);
	return got < 0 ? -1 : 0;
}

static int
check_typed(const struct erasing *it, struct span typed, struct arena *arena,
    struct err *err)
{
	struct span canon;
	struct digest key;
	enum stop_what what;

	if (stop_read(typed, arena, &canon, &what, NULL) < 0 ||
	    what != STOP_ADDRESS)
		return refuse("address", "differs", err);
	suppress_key(it->store, canon, &key);
	return digest_equal(&key, &it->key) ? 0
					    : refuse("address", "differs", err);
}

static int
check_reason(struct span reason, struct err *err)
{
	if (reason.len < ERASE_REASON_MIN || reason.len > ERASE_REASON_MAX)
		return refuse("reason", "length", err);
	if (span_index(reason, '@') < reason.len)
		return refuse("reason", "address", err);
	return 0;
}

/* The ids and addresses under which the person is known: now, and from before a
 * merge. */
#define THEIR_IDS                                                              \
	" IN (SELECT ?1 UNION ALL"                                             \
	" SELECT was FROM contact_alias WHERE contact = ?1)"

/* A delivery holds the person's row in memory, and a start that waits would
 * break without anybody being told. */
static int
check_sending(struct erasing *it, struct err *err)
{
	int64_t campaign;

	if (rows_number(it->db,
		"SELECT o.campaign FROM outbox o"
		" LEFT JOIN run r ON r.campaign = o.campaign"
		" LEFT JOIN armed a ON a.campaign = o.campaign"
		" WHERE o.contact" THEIR_IDS
		" AND ((r.campaign IS NOT NULL AND r.ended_ms IS NULL)"
		" OR (a.campaign IS NOT NULL AND a.ended_ms = 0)) LIMIT 1",
		it->contact.v, 0, &campaign, err) < 0)
		return -1;
	if (!campaign)
		return 0;
	err_set(err, E_ERASE_SENDING);
	return err_fact_int(err, "campaign", campaign);
}

/* ---- Campaigns -------------------------------------------------------------- */

/* Runs a statement with ?1 the contact, ?2 the pseudonym, ?3 and ?4 the address
 * in its two spellings. */
static int
run(struct erasing *it, struct stmt *stmt, struct err *err)
{
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, it->contact.v);
	stmt_text(stmt, 2, buf_span(&it->pseudonym));
	stmt_text(stmt, 3, it->address);
	stmt_text(stmt, 4, it->canon);
	return stmt_run(stmt, err);
}

/* Replies often name the mailbox. */
static const char in_replies[] =
    "UPDATE ledger SET reply = replace(replace(reply, ?3, ?2), ?4, ?2)"
    " WHERE reply IS NOT NULL AND EXISTS(SELECT 1 FROM outbox o"
    " WHERE o.contact" THEIR_IDS
    " AND o.campaign = ledger.campaign AND o.seq = ledger.seq)";

static const char in_sent[] =
    "UPDATE outbox SET contact = 0, address = ?2, canon = ?2, name = '',"
    " fields = '{}' WHERE contact" THEIR_IDS
    " AND campaign IN (SELECT campaign FROM run) AND ?3 = ?3 AND ?4 = ?4";

/* Exports by a filter that named the person. */
static const char in_exports[] =
    "UPDATE export SET filter = '', statement = x'' WHERE ?1 = ?1 AND ?2 = ?2"
    " AND (instr(lower(filter), lower(?3)) OR instr(lower(filter), lower(?4)))";

static const char in_unsent[] = "DELETE FROM outbox WHERE contact" THEIR_IDS
				" AND ?2 = ?2 AND ?3 = ?3 AND ?4 = ?4";

static const char in_tests[] =
    "UPDATE test_send SET address = ?2, name = '',"
    " reply = replace(replace(reply, ?3, ?2), ?4, ?2)"
    " WHERE lower(address) IN (lower(?3), lower(?4)) AND ?1 = ?1";

static const char in_extracts[] =
    "DELETE FROM review_extract WHERE (instr(lower(text), lower(?3)) > 0"
    " OR instr(lower(text), lower(?4)) > 0) AND ?1 = ?1 AND ?2 = ?2";

static const char in_rejects[] =
    "UPDATE import_reject SET raw = '', detail = '{}'"
    " WHERE (instr(lower(raw), lower(?3)) > 0"
    " OR instr(lower(raw), lower(?4)) > 0"
    " OR instr(lower(detail), lower(?4)) > 0) AND ?1 = ?1 AND ?2 = ?2";

static const char in_canaries[] =
    "DELETE FROM canary WHERE canon = ?4 AND ?1 = ?1 AND ?2 = ?2 AND ?3 = ?3";

static int
told_person(void *payload, struct span canon, struct err *err)
{
	struct erasing *it = payload;
	struct digest key;
	struct stmt *stmt;
	int got;

	suppress_key(it->store, canon, &key);
	if (digest_equal(&key, &it->key))
		return 1;
	stmt = db_stmt(it->db,
	    "SELECT 1 FROM contact_alias WHERE contact = ?1"
	    " AND lower(canon) = lower(?2)",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, it->contact.v);
	stmt_text(stmt, 2, canon);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

struct reject_place {
	int64_t import, line;
};

/* The rejected rows that name the person in another spelling, as places in
 * out. */
static int
find_rejects(struct erasing *it, struct buf *out, struct err *err)
{
	struct stmt *stmt = db_stmt(it->db,
	    "SELECT import, line, raw, detail FROM import_reject"
	    " WHERE raw <> '' OR detail <> '{}'",
	    err);
	int got = -1, names = 0;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		const struct reject_place place = {
		    stmt_col_int(stmt, 0), stmt_col_int(stmt, 1)};

		names =
		    traces_walk(stmt_col_text(stmt, 2), told_person, it, err);
		if (names == 0)
			names = traces_walk(
			    stmt_col_text(stmt, 3), told_person, it, err);
		if (names < 0)
			break;
		if (names)
			buf_add(out, span_make(&place, sizeof place));
	}
	stmt_reset(stmt);
	return got < 0 || names < 0 ? -1 : 0;
}

static int
leave_rejects(struct erasing *it, struct err *err)
{
	struct buf found = BUF_INIT;
	struct reject_place place;
	int rc = find_rejects(it, &found, err);

	for (size_t at = 0; rc == 0 && at < found.len; at += sizeof place) {
		struct stmt *stmt = db_stmt(it->db,
		    "UPDATE import_reject SET raw = '', detail = '{}'"
		    " WHERE import = ?1 AND line = ?2",
		    err);

		memcpy(&place, found.ptr + at, sizeof place);
		rc = stmt ? 0 : -1;
		if (rc == 0) {
			stmt_int(stmt, 1, place.import);
			stmt_int(stmt, 2, place.line);
			rc = stmt_run(stmt, err);
		}
	}
	it->out->rejects += (int64_t)(found.len / sizeof place);
	buf_done(&found);
	return rc;
}

static int
leave_campaigns(struct erasing *it, struct err *err)
{
	if (run(it, db_stmt(it->db, in_replies, err), err) < 0 ||
	    run(it, db_stmt(it->db, in_sent, err), err) < 0)
		return -1;
	it->out->masked = db_changes(it->db);
	if (run(it, db_stmt(it->db, in_unsent, err), err) < 0)
		return -1;
	it->out->dropped = db_changes(it->db);
	if (run(it, db_stmt(it->db, in_tests, err), err) < 0 ||
	    run(it, db_stmt(it->db, in_extracts, err), err) < 0 ||
	    run(it, db_stmt(it->db, in_exports, err), err) < 0 ||
	    run(it, db_stmt(it->db, in_canaries, err), err) < 0 ||
	    run(it, db_stmt(it->db, in_rejects, err), err) < 0)
		return -1;
	it->out->rejects = db_changes(it->db);
	return leave_rejects(it, err);
}

/* ---- The record ------------------------------------------------------------- */

static const char *const record[] = {
    ("UPDATE list SET revision = revision + 1 WHERE id IN"
     " (SELECT list FROM member WHERE contact = ?1)"),
    "DELETE FROM trash_member WHERE contact" THEIR_IDS,
    "DELETE FROM trash_tag WHERE contact" THEIR_IDS,
    "DELETE FROM trash_certificate WHERE contact" THEIR_IDS,
    "DELETE FROM trash_contact WHERE id" THEIR_IDS,
    "DELETE FROM contact_event WHERE contact" THEIR_IDS,
    "DELETE FROM import_before WHERE contact" THEIR_IDS,
    "DELETE FROM import_tag WHERE contact" THEIR_IDS,
    "UPDATE export SET contact = 0, statement = x'' WHERE contact" THEIR_IDS,
    "DELETE FROM member WHERE contact = ?1",
    "DELETE FROM contact_tag WHERE contact = ?1",
    "DELETE FROM contact_certificate WHERE contact = ?1",
    "DELETE FROM contact_alias WHERE contact = ?1",
    "DELETE FROM contact WHERE id = ?1",
    NULL,
};

/* Stops one address for ever, and forgets what it was. */
static int
stop(struct erasing *it, struct span canon, struct err *err)
{
	static const char drop[] = "DELETE FROM suppression WHERE key = ?1";
	static const char put[] =
	    "INSERT OR REPLACE INTO suppression(key, list, cause, at_ms,"
	    " source, address, until_ms, evidence, by)"
	    " VALUES(?1, 0, ?2, ?3, 'erased', '', 0, '', ?4)";
	static const char forget[] = "DELETE FROM setback WHERE key = ?1";
	struct digest keys[2];
	struct stmt *stmt;

	suppress_key(it->store, canon, &keys[0]);
	/* an entry from when case counted */
	crypt_hmac(store_key(it->store, STORE_KEY_SUPPRESS), canon, &keys[1]);
	for (int i = 0; i < 2; i++) {
		stmt = db_stmt(it->db, drop, err);
		if (!stmt)
			return -1;
		stmt_blob(stmt, 1, span_make(keys[i].bytes, SHA256_LEN));
		if (stmt_run(stmt, err) < 0)
			return -1;
		stmt = db_stmt(it->db, forget, err);
		if (!stmt)
			return -1;
		stmt_blob(stmt, 1, span_make(keys[i].bytes, SHA256_LEN));
		if (stmt_run(stmt, err) < 0)
			return -1;
	}
	stmt = db_stmt(it->db, put, err);
	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, span_make(keys[0].bytes, SHA256_LEN));
	stmt_int(stmt, 2, SUPPRESS_ERASED);
	stmt_int(stmt, 3, clock_now_ms(store_clock(it->store)));
	stmt_text(stmt, 4, span_of(store_user(it->store)));
	return stmt_run(stmt, err);
}

static int
stop_aliases(struct erasing *it, struct arena *arena, struct err *err)
{
	struct stmt *stmt = db_stmt(it->db,
	    "SELECT canon FROM contact_alias WHERE contact = ?1"
	    " AND canon <> ''",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, it->contact.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (stop(it, arena_copy(arena, stmt_col_text(stmt, 0)), err) <
		    0) {
			got = -1;
			break;
		}
	}
	stmt_reset(stmt);
	return got;
}

static int
drop_record(struct erasing *it, struct err *err)
{
	int64_t last;

	if (contact_last_id(it->db, &last, err) < 0 ||
	    consent_leave_in(it->store, it->db, (struct list_id){0},
		it->contact, CONSENT_ERASED, err) < 0 ||
	    rows_run_all(it->db, record, it->contact.v, 0, err) < 0)
		return -1;
	return contact_last_keep(it->db, last, err);
}

static int
log_it(struct erasing *it, struct span reason, struct err *err)
{
	struct suppress_id id = {.key = it->key};
	struct buf facts = BUF_INIT, said = BUF_INIT;
	int rc;

	buf_printf(&facts, "masked=%lld dropped=%lld rejects=%lld ",
	    (long long)it->out->masked, (long long)it->out->dropped,
	    (long long)it->out->rejects);
	text_one_line(&said, reason, ERASE_REASON_MAX);
	audit_fact(&facts, "reason", buf_span(&said));
	rc = stop_audit(
	    it->store, it->db, "contact.erase", &id, buf_span(&facts), err);
	buf_done(&facts);
	buf_done(&said);
	return rc;
}

/* ---- All of it -------------------------------------------------------------- */

static int
erase(struct erasing *it, struct span typed, struct span reason,
    struct arena *arena, struct err *err)
{
	if (read_contact(it, arena, err) < 0)
		return -1;
	suppress_key(it->store, it->canon, &it->key);
	buf_text(&it->pseudonym, "erased-");
	crypt_hex(&it->pseudonym, span_make(it->key.bytes, PSEUDONYM_OCTETS));
	buf_text(&it->pseudonym, "@erased.invalid");
	if (check_typed(it, typed, arena, err) < 0 ||
	    check_sending(it, err) < 0 || leave_campaigns(it, err) < 0 ||
	    stop_aliases(it, arena, err) < 0 || stop(it, it->canon, err) < 0 ||
	    drop_record(it, err) < 0)
		return -1;
	return log_it(it, reason, err);
}

int
contact_erase(struct store *store, struct contact_id contact, struct span typed,
    struct span reason, struct erased *out, struct err *err)
{
	struct erasing it = {.store = store,
	    .contact = contact,
	    .pseudonym = BUF_INIT,
	    .out = out};
	struct arena *arena = arena_new();
	int rc = -1;

	*out = (struct erased){.masked = 0};
	reason = span_trim(reason);
	if (person_require(store, NULL, MAY_LIST_DELETE, err) < 0 ||
	    check_reason(reason, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "erase", &it.db, err) < 0)
		goto out;
	if (erase(&it, typed, reason, arena, err) == 0)
		rc = store_commit(store, &it.db, err);
out:
	store_rollback(store, &it.db);
	arena_free(&arena);
	buf_done(&it.pseudonym);
	return rc;
}
