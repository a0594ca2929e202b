/* S/MIME identities and contacts' certificates in the store.  As with DKIM keys,
 * the private half is a blob inside encrypted pages and leaves them only into a
 * struct secret for the signer. */
#include "core/compose/secured.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/access/access.h"
#include "core/base/file.h"
#include "core/mail/address.h"

enum { FILES_MAX = 100000 };

static int
refuse(const char *why, struct err *err)
{
	err_set(err, E_SMIME_IDENTITY);
	return err_fact(err, "why", span_of(why));
}

static struct span
fingerprint_of(const struct smime_certificate *certificate)
{
	return span_make(certificate->fingerprint.bytes, SHA256_LEN);
}

/* "address taro@example.jp" with what tells the certificate from others. */
static int
log_certificate(struct store *store, struct db *db, const char *what,
    const struct smime_certificate *certificate, struct err *err)
{
	struct audit_event event = {.what = what};
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	buf_text(&object, "certificate ");
	crypt_hex(&object, fingerprint_of(certificate));
	buf_text(&facts, "key=");
	buf_text(&facts, certificate->key);
	for (char *at = facts.ptr; *at; at++) {
		if (*at == ' ')
			*at = '-';
	}
	buf_text(&facts, " until_ms=");
	buf_int(&facts, certificate->to_ms);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

/* ---- Identities ---------------------------------------------------------- */

/* 1 when the certificate is there already, 0 when not. */
static int
is_taken(
    struct db *db, const struct smime_certificate *certificate, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "SELECT 1 FROM smime_identity WHERE fingerprint = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, fingerprint_of(certificate));
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

/* 1 when a campaign that is sealed or under way signs with it, 0 when not. */
static int
is_used(struct db *db, int64_t id, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT 1 FROM campaign WHERE smime = ?1 AND state IN (?2, ?3)"
	    " LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_int(stmt, 2, CAMPAIGN_SEALED);
	stmt_int(stmt, 3, CAMPAIGN_RUNNING);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

static int
insert_identity(struct store *store, struct db *db,
    const struct smime_identity *identity,
    const struct smime_certificate *certificate, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO smime_identity(fingerprint, private, certificate,"
	    " chain, added_ms, added_by) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	    err);

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, fingerprint_of(certificate));
	stmt_blob(stmt, 2, secret_span(identity->key));
	stmt_blob(stmt, 3, buf_span(&identity->certificate));
	stmt_blob(stmt, 4, buf_span(&identity->chain));
	stmt_int(stmt, 5, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 6, span_of(store_user(store)));
	return stmt_run(stmt, err);
}

/* The certificate must name an address, and be one to sign with for it. */
static int
check_identity(struct store *store, const struct smime_certificate *certificate,
    struct err *err)
{
	struct span address =
	    certificate->address_count ? certificate->address[0] : SPAN("");

	return smime_certificate_check(certificate, SMIME_TO_SIGN, address,
	    clock_now_ms(store_clock(store)), err);
}

int
smime_add(struct store *store, struct span pkcs12,
    const struct secret *passphrase, int64_t *id, struct err *err)
{
	struct smime_identity identity = {.key = NULL};
	struct smime_signer *signer = NULL;
	struct smime_certificate certificate;
	struct arena *arena = arena_new();
	struct db *db = NULL;
	int rc = -1, got;

	if (person_require(store, NULL, MAY_KEY_WRITE, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_SETUP, err) < 0)
		goto out;
	if (smime_identity_read(pkcs12, passphrase, &identity, err) < 0 ||
	    smime_certificate_read(buf_span(&identity.certificate), arena,
		&certificate, err) < 0 ||
	    check_identity(store, &certificate, err) < 0 ||
	    smime_signer_new(&identity, &signer, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "smime", &db, err) < 0)
		goto out;
	got = is_taken(db, &certificate, err);
	if (got != 0) {
		if (got > 0)
			refuse("taken", err);
		goto out;
	}
	if (insert_identity(store, db, &identity, &certificate, err) < 0)
		goto out;
	*id = db_last_id(db);
	if (log_certificate(store, db, "smime.add", &certificate, err) < 0)
		goto out;
	rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	smime_signer_free(&signer);
	smime_identity_done(&identity);
	arena_free(&arena);
	return rc;
}

int
smime_remove(struct store *store, int64_t id, struct err *err)
{
	struct arena *arena = arena_new();
	struct smime_info info;
	struct stmt *stmt;
	struct db *db = NULL;
	int rc = -1, got;

	if (person_require(store, NULL, MAY_KEY_WRITE, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_SETUP, err) < 0)
		goto out;
	if (store_begin(store, STORE_WAIT_SHORT, "smime", &db, err) < 0)
		goto out;
	got = smime_one(db, id, arena, &info, err);
	if (got <= 0) {
		if (got == 0)
			refuse("missing", err);
		goto out;
	}
	got = is_used(db, id, err);
	if (got != 0) {
		if (got > 0)
			refuse("used", err);
		goto out;
	}
	stmt = db_stmt(db, "DELETE FROM smime_identity WHERE id = ?1", err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, id);
	if (stmt_run(stmt, err) < 0 ||
	    log_certificate(store, db, "smime.remove", &info.certificate, err) <
		0)
		goto out;
	rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	arena_free(&arena);
	return rc;
}

/* Reads what a statement gives (id, certificate) into an array. */
static int
read_all(struct stmt *stmt, struct arena *arena, struct smime_info **out,
    size_t *count, struct err *err)
{
	struct smime_info *all = NULL;
	size_t found = 0;
	int got;

	while ((got = stmt_step(stmt, err)) > 0) {
		all = mem_grow(all, (found + 1) * sizeof *all);
		all[found].id = stmt_col_int(stmt, 0);
		if (smime_certificate_read(stmt_col_blob(stmt, 1), arena,
			&all[found].certificate, err) < 0) {
			got = -1;
			break;
		}
		found++;
	}
	stmt_reset(stmt);
	if (got == 0 && found) {
		*out = arena_take(arena, found * sizeof *all);
		memcpy(*out, all, found * sizeof *all);
	} else {
		*out = NULL;
	}
	*count = got == 0 ? found : 0;
	free(all);
	return got;
}

int
smime_all(struct db *db, struct arena *arena, struct smime_info **out,
    size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "SELECT id, certificate FROM smime_identity ORDER BY id", err);

	return stmt ? read_all(stmt, arena, out, count, err) : -1;
}

int
smime_one(struct db *db, int64_t id, struct arena *arena,
    struct smime_info *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, certificate FROM smime_identity WHERE id = ?1", err);
	struct smime_info *all;
	size_t count;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	if (read_all(stmt, arena, &all, &count, err) < 0)
		return -1;
	if (count)
		*out = all[0];
	return count ? 1 : 0;
}

int
smime_identity_load(
    struct db *db, int64_t id, struct smime_identity *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT private, certificate, chain FROM smime_identity"
	    " WHERE id = ?1",
	    err);
	struct span private;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got > 0) {
		private = stmt_col_blob(stmt, 0);
		out->key = secret_of(private.ptr, private.len);
		buf_add(&out->certificate, stmt_col_blob(stmt, 1));
		buf_add(&out->chain, stmt_col_blob(stmt, 2));
	}
	stmt_reset(stmt);
	if (got == 0)
		refuse("missing", err);
	return got > 0 ? 0 : -1;
}

/* ---- Contacts ------------------------------------------------------------ */

/* An intake under way. */
struct intake {
	struct store *store;
	struct db *db;
	struct arena *arena; /* of one file */
	int64_t contact;     /* 0: whoever is named */
	struct smime_intake *counts;
	struct err *err;
};

/* 1 and the contact's id and address when one has it; 0 when none. */
static int
find_contact(
    struct intake *intake, struct span address, int64_t *id, struct span *own)
{
	struct stmt *stmt = db_stmt(intake->db,
	    "SELECT id, address FROM contact WHERE id = ?1 OR (?1 = 0 AND"
	    " (canon = ?2 OR canon = ?3))",
	    intake->err);
	struct address read;
	struct span lower;
	int got;

	if (!stmt)
		return -1;
	if (address_parse(address, intake->arena, &read, NULL) < 0)
		read.canon = address;
	lower = arena_copy(intake->arena, read.canon);
	for (size_t i = 0; i < lower.len; i++) {
		char *c = (char *)(uintptr_t)lower.ptr + i;

		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
	}
	stmt_int(stmt, 1, intake->contact);
	stmt_text(stmt, 2, read.canon);
	stmt_text(stmt, 3, lower);
	got = stmt_step(stmt, intake->err);
	if (got > 0) {
		*id = stmt_col_int(stmt, 0);
		*own = arena_copy(intake->arena, stmt_col_text(stmt, 1));
	}
	stmt_reset(stmt);
	return got;
}

/* 1 when it is new. */
static int
keep_certificate(struct intake *intake, int64_t contact, struct span der,
    const struct smime_certificate *certificate)
{
	struct stmt *stmt = db_stmt(intake->db,
	    "INSERT OR IGNORE INTO contact_certificate(contact, fingerprint,"
	    " certificate, from_ms, to_ms, added_ms)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	    intake->err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact);
	stmt_blob(stmt, 2, fingerprint_of(certificate));
	stmt_blob(stmt, 3, der);
	stmt_int(stmt, 4, certificate->from_ms);
	stmt_int(stmt, 5, certificate->to_ms);
	stmt_int(stmt, 6, clock_now_ms(store_clock(intake->store)));
	if (stmt_run(stmt, intake->err) < 0)
		return -1;
	return db_changes(intake->db) > 0;
}

static int
take_certificate(struct intake *intake, struct span der)
{
	struct smime_certificate certificate;
	struct smime_intake *counts = intake->counts;
	int64_t contact, now = clock_now_ms(store_clock(intake->store));
	bool found = false;
	struct span own;
	int got;

	if (smime_certificate_read(der, intake->arena, &certificate, NULL) <
	    0) {
		counts->refused++;
		return 0;
	}
	for (size_t i = 0; i < certificate.address_count; i++) {
		got = find_contact(
		    intake, certificate.address[i], &contact, &own);
		if (got < 0)
			return -1;
		if (got == 0 || !smime_certificate_is_for(&certificate, own))
			continue;
		found = true;
		if (smime_certificate_check(
			&certificate, SMIME_TO_ENCRYPT, own, now, NULL) < 0) {
			counts->refused++;
			return 0;
		}
		got = keep_certificate(intake, contact, der, &certificate);
		if (got < 0)
			return -1;
		counts->added += got;
		counts->known += !got;
		if (got && log_certificate(intake->store, intake->db,
			       "smime.contact", &certificate, intake->err) < 0)
			return -1;
		if (intake->contact)
			return 0;
	}
	counts->nobody += !found;
	return 0;
}

/* Reads one file; one that holds no certificate is an error of its own. */
static int
take_file(struct intake *intake, const char *path, struct err *why)
{
	struct buf bytes = BUF_INIT;
	struct smime_list list;
	int rc = 1;

	arena_reset(intake->arena);
	if (file_read(path, SMIME_FILE_MAX, &bytes, why) < 0 ||
	    smime_list_read(buf_span(&bytes), intake->arena, &list, why) < 0)
		goto out;
	rc = 0;
	for (size_t i = 0; rc == 0 && i < list.count; i++)
		rc = take_certificate(intake, list.der[i]);
out:
	buf_done(&bytes);
	return rc;
}

static int
take_folder(struct intake *intake, const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	struct buf file = BUF_INIT;
	struct stat info;
	int rc = 0, files = 0, got;

	if (!folder) {
		err_sys(intake->err, E_FILE_OPEN, errno);
		return err_fact(intake->err, "path", span_of(path));
	}
	while (rc == 0 && files < FILES_MAX && (entry = readdir(folder))) {
		buf_clear(&file);
		buf_text(&file, path);
		buf_char(&file, '/');
		buf_text(&file, entry->d_name);
		if (entry->d_name[0] == '.' || stat(file.ptr, &info) < 0 ||
		    !S_ISREG(info.st_mode))
			continue;
		files++;
		got = take_file(intake, file.ptr, NULL);
		intake->counts->files += got > 0;
		rc = got < 0 ? -1 : 0;
	}
	closedir(folder);
	buf_done(&file);
	return rc;
}

int
smime_take(struct store *store, const char *path, int64_t contact,
    struct smime_intake *out, struct err *err)
{
	struct intake intake = {.store = store,
	    .arena = arena_new(),
	    .contact = contact,
	    .counts = out,
	    .err = err};
	struct stat info;
	int rc = -1;

	*out = (struct smime_intake){.added = 0};
	if (person_require(store, NULL, MAY_LIST_IMPORT, err) < 0)
		goto out;
	if (store_begin(store, STORE_WAIT_LONG, "smime", &intake.db, err) < 0)
		goto out;
	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		rc = take_folder(&intake, path);
	else
		rc = take_file(&intake, path, err) == 0 ? 0 : -1;
	if (rc == 0)
		rc = store_commit(store, &intake.db, err);
out:
	store_rollback(store, &intake.db);
	arena_free(&intake.arena);
	return rc;
}

int
smime_of_contact(struct db *db, int64_t contact, struct arena *arena,
    struct smime_info **out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT 0, certificate FROM contact_certificate"
	    " WHERE contact = ?1 ORDER BY to_ms DESC, fingerprint",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact);
	return read_all(stmt, arena, out, count, err);
}

int
smime_drop(struct store *store, int64_t contact, struct err *err)
{
	struct audit_event event = {.what = "smime.drop"};
	struct buf object = BUF_INIT;
	struct stmt *stmt = NULL;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		return -1;
	buf_text(&object, "contact ");
	buf_int(&object, contact);
	event.object = buf_span(&object);
	event.facts = SPAN("");
	if (store_begin(store, STORE_WAIT_SHORT, "smime", &db, err) < 0)
		goto out;
	stmt = db_stmt(
	    db, "DELETE FROM contact_certificate WHERE contact = ?1", err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, contact);
	if (stmt_run(stmt, err) < 0 || audit_add_in(store, db, &event, err) < 0)
		goto out;
	rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	buf_done(&object);
	return rc;
}
