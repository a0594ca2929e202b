/* S/MIME on the whole path, from a PKCS #12 file in the store to the bytes that
 * leave: stock openssl verifies and decrypts them, python3 reads what is
 * inside. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/mail/dkim.h"
#include "core/mail/parse.h"
#include "tests/fake/certs.h"
#include "tests/unit/compose/compose_case.h"

static struct certs certs;

static const char body[] =
    "# お知らせ\n\n{{name|お客}} 様\n\nいつもご利用ありがとうございます。\n\n"
    "- [詳しく](https://www.example.jp/a)\n";

/* Contacts 1 to 4; 4 has no certificate anywhere. */
static const char *const people[][2] = {
    {"taro@example.net", "山田 太郎"},
    {"hana@example.net", "鈴木 花子"},
    {"sign@example.net", "佐藤"},
    {"nobody@example.net", "無名"},
};

static int
make_folder(void **state)
{
	(void)state;
	certs_begin(&certs);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	certs_end(&certs);
	return 0;
}

static void
run_sql(struct compose_case *it, const char *sql)
{
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(
	    store_begin(it->store, STORE_WAIT_SHORT, "test", &db, &it->err),
	    &it->err);
	stmt = db_stmt(db, sql, &it->err);
	assert_non_null(stmt);
	assert_ok(stmt_run(stmt, &it->err), &it->err);
	assert_ok(store_commit(it->store, &db, &it->err), &it->err);
}

static void
begin(struct compose_case *it)
{
	case_begin(it, CLASS_NOTICE, "{{name}}様", body);
	/* the certificates are of today */
	it->clock.now = (int64_t)time(NULL) * 1000 + 60000;
	it->campaign.list = 1;
	run_sql(it,
	    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
	    " VALUES(1, 'all', 0, 0, 'tester')");
	for (int i = 0; i < 4; i++) {
		struct db *db = NULL;
		static const char *const insert[] = {
		    "INSERT INTO contact(id, address, canon, name, created_ms,"
		    " changed_ms) VALUES(?1, ?2, ?2, ?3, 0, 0)",
		    "INSERT INTO member(list, contact, basis, basis_at_ms,"
		    " basis_note) VALUES(1, ?1, 1, 0, ?2 || ?3)"};

		assert_ok(store_begin(it->store, STORE_WAIT_SHORT, "test", &db,
			      &it->err),
		    &it->err);
		for (int j = 0; j < 2; j++) {
			struct stmt *stmt = db_stmt(db, insert[j], &it->err);

			assert_non_null(stmt);
			stmt_int(stmt, 1, i + 1);
			stmt_text(stmt, 2, span_of(people[i][0]));
			stmt_text(stmt, 3, span_of(people[i][1]));
			assert_ok(stmt_run(stmt, &it->err), &it->err);
		}
		assert_ok(store_commit(it->store, &db, &it->err), &it->err);
	}
}

static int
add_identity(struct compose_case *it, const char *file, int64_t *id)
{
	struct secret *passphrase = secret_of("himitsu", 7);
	struct buf bytes = BUF_INIT;
	int rc;

	certs_read(&certs, file, &bytes);
	rc = smime_add(it->store, buf_span(&bytes), passphrase, id, &it->err);
	secret_free(&passphrase);
	buf_done(&bytes);
	return rc;
}

static int
take(struct compose_case *it, const char *file, int64_t contact,
    struct smime_intake *out)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", certs.dir, file);
	return smime_take(it->store, path, contact, out, &it->err);
}

static int
assemble(struct compose_case *it, int person, struct message *out)
{
	const struct recipient to = {.seq = person,
	    .address = span_of(people[person - 1][0]),
	    .name = span_of(people[person - 1][1]),
	    .fields = SPAN("{}")};

	return assemble_message(
	    it->assembler, &to, it->clock.now, out, &it->err);
}

/* The content behind a verified signature is what python3 reads. */
static const char read_content[] =
    "/usr/bin/python3 -c \"\n"
    "import email, email.policy\n"
    "m = email.message_from_bytes(open('content', 'rb').read(),"
    " policy=email.policy.SMTP)\n"
    "assert '山田 太郎 様' in m.get_body(('plain',)).get_content()\n"
    "assert '山田 太郎 様' in m.get_body(('html',)).get_content()\n"
    "assert m.get_content_type() == 'multipart/alternative'\n"
    "assert not m.defects\n\"\n";

static void
signed_and_encrypted_messages_open(void **state)
{
	struct compose_case it;
	struct message message;
	struct smime_intake counts;
	struct buf record = BUF_INIT, name = BUF_INIT;
	struct dkim_info *keys = NULL;
	size_t count;

	(void)state;
	begin(&it);
	assert_ok(add_identity(&it, "news.p12", &it.campaign.smime), &it.err);
	assert_ok(
	    dkim_create(it.store, SPAN("example.jp"), SPAN("s1"), &it.err),
	    &it.err);
	assert_ok(dkim_all(it.db, &keys, &count, &it.err), &it.err);
	assert_ok(dkim_dns_record(it.db, keys[0].id, &name, &record, &it.err),
	    &it.err);
	for (int encrypted = 0; encrypted < 2; encrypted++) {
		if (encrypted) {
			assert_ok(take(&it, "taro.der", 0, &counts), &it.err);
			it.campaign.encrypt = ENCRYPT_KNOWN;
		}
		assert_ok(case_compile(&it, ASSEMBLE_SIGNED), &it.err);
		assert_ok(assemble(&it, 1, &message), &it.err);
		assert_int_equal(message.is_encrypted, encrypted);
		/* DKIM is over what leaves */
		assert_ok(dkim_verify_with_key(message.bytes, buf_span(&record),
			      it.clock.now / 1000, &it.err),
		    &it.err);
		certs_write(&certs, "message.eml", message.bytes);
		if (encrypted) {
			assert_true(
			    span_search(message.bytes, SPAN("multipart/")) ==
			    message.bytes.len);
			assert_int_equal(
			    certs_run(&certs,
				"openssl cms -decrypt -in message.eml -inkey "
				"taro.key -recip taro.pem -out inner.eml\n"),
			    0);
		} else {
			assert_int_equal(
			    certs_run(&certs, "cp message.eml inner.eml\n"), 0);
		}
		assert_int_equal(
		    certs_run(&certs,
			"openssl cms -verify -in inner.eml -CAfile root.pem"
			" -no_check_time -out content\n"),
		    0);
		assert_int_equal(certs_run(&certs, read_content), 0);
	}
	free(keys);
	buf_done(&record);
	buf_done(&name);
	case_end(&it);
}

/* A proof makes no signature, and the message that leaves has its leaf; another
 * certificate has another one. */
static void
leaves_tell_the_certificates(void **state)
{
	struct digest leaf[4];
	struct compose_case it;
	struct message message;
	struct smime_intake counts;
	size_t octets;

	(void)state;
	begin(&it);
	assert_ok(case_compile(&it, ASSEMBLE_PROOF), &it.err);
	assert_ok(assemble(&it, 2, &message), &it.err);
	leaf[0] = message.leaf;
	assert_ok(add_identity(&it, "news.p12", &it.campaign.smime), &it.err);
	assert_ok(case_compile(&it, ASSEMBLE_PROOF), &it.err);
	assert_ok(assemble(&it, 2, &message), &it.err);
	assert_true(span_search(message.bytes, SPAN("multipart/signed")) ==
		    message.bytes.len);
	leaf[1] = message.leaf;
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assert_ok(assemble(&it, 2, &message), &it.err);
	assert_true(span_search(message.bytes, SPAN("multipart/signed")) <
		    message.bytes.len);
	assert_true(digest_equal(&leaf[1], &message.leaf));
	assert_ok(take(&it, "hana.pem", 0, &counts), &it.err);
	it.campaign.encrypt = ENCRYPT_ALWAYS;
	assert_ok(case_compile(&it, ASSEMBLE_PROOF), &it.err);
	assert_ok(assemble(&it, 2, &message), &it.err);
	leaf[2] = message.leaf;
	octets = message.octets;
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assert_ok(assemble(&it, 2, &message), &it.err);
	/* what the checklist compares with the relay's limit */
	assert_true(octets >= message.bytes.len);
	assert_true(octets < message.bytes.len + 4096);
	assert_int_equal(message.octets, message.bytes.len);
	assert_true(digest_equal(&leaf[2], &message.leaf));
	it.campaign.smime = 0;
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assert_ok(assemble(&it, 2, &message), &it.err);
	leaf[3] = message.leaf;
	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < i; j++)
			assert_false(digest_equal(&leaf[i], &leaf[j]));
	}
	case_end(&it);
}

static void
encryption_is_for_those_who_can(void **state)
{
	struct compose_case it;
	struct message message;
	struct smime_intake counts;

	(void)state;
	begin(&it);
	assert_ok(take(&it, "both.p7c", 0, &counts), &it.err);
	assert_int_equal(counts.added, 2);
	it.campaign.encrypt = ENCRYPT_KNOWN;
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	for (int i = 1; i <= 4; i++) {
		assert_ok(assemble(&it, i, &message), &it.err);
		assert_int_equal(message.is_encrypted, i <= 2);
		assert_int_equal(
		    span_search(message.bytes, SPAN("enveloped-data")) <
			message.bytes.len,
		    i <= 2);
	}
	it.campaign.encrypt = ENCRYPT_ALWAYS;
	for (int how = ASSEMBLE_PROOF; how <= ASSEMBLE_UNSIGNED; how++) {
		assert_ok(case_compile(&it, (enum assemble_how)how), &it.err);
		assert_ok(assemble(&it, 1, &message), &it.err);
		assert_int_equal(assemble(&it, 4, &message), -1);
		assert_int_equal(it.err.code, E_SMIME_RECIPIENT);
		assert_string_equal(
		    err_find(&it.err, "address"), "nobody@example.net");
	}
	/* an expired certificate is none */
	it.clock.now += INT64_C(366) * 86400 * 1000;
	assert_int_equal(assemble(&it, 1, &message), -1);
	assert_int_equal(it.err.code, E_SMIME_RECIPIENT);
	case_end(&it);
}

static void
identities_are_kept(void **state)
{
	struct arena *arena = arena_new();
	struct compose_case it;
	struct smime_info *all, one;
	struct message message;
	size_t count;
	int64_t id = 0, other = 0;

	(void)state;
	begin(&it);
	assert_ok(add_identity(&it, "news.p12", &id), &it.err);
	assert_int_equal(add_identity(&it, "news.p12", &other), -1);
	assert_string_equal(err_find(&it.err, "why"), "taken");
	assert_int_equal(add_identity(&it, "taro.p12", &other), -1);
	assert_int_equal(it.err.code, E_SMIME_CERTIFICATE);
	assert_string_equal(err_find(&it.err, "why"), "usage");
	it.clock.now += INT64_C(366) * 86400 * 1000;
	assert_int_equal(add_identity(&it, "sign.p12", &other), -1);
	assert_string_equal(err_find(&it.err, "why"), "expired");
	it.clock.now -= INT64_C(366) * 86400 * 1000;
	assert_ok(add_identity(&it, "sign.p12", &other), &it.err);
	assert_ok(smime_all(it.db, arena, &all, &count, &it.err), &it.err);
	assert_int_equal(count, 2);
	assert_int_equal(all[0].id, id);
	assert_span_equal(all[0].certificate.address[0], "news@example.jp");
	assert_int_equal(smime_one(it.db, other, arena, &one, &it.err), 1);
	assert_span_equal(one.certificate.address[0], "sign@example.net");
	assert_int_equal(smime_one(it.db, 99, arena, &one, &it.err), 0);
	/* compiled with an identity that goes away */
	it.campaign.smime = other;
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assert_ok(assemble(&it, 1, &message), &it.err);
	assert_ok(smime_remove(it.store, other, &it.err), &it.err);
	assert_int_equal(smime_remove(it.store, other, &it.err), -1);
	assert_string_equal(err_find(&it.err, "why"), "missing");
	assembler_free(&it.assembler);
	assert_int_equal(assembler_new(it.store, it.db, it.template,
			     ASSEMBLE_UNSIGNED, &it.assembler, &it.err),
	    -1);
	assert_int_equal(it.err.code, E_SMIME_IDENTITY);
	assert_int_equal(case_compile(&it, ASSEMBLE_UNSIGNED), -1);
	assert_int_equal(it.err.code, E_SMIME_IDENTITY);
	arena_free(&arena);
	case_end(&it);
}

static const struct {
	const char *file;
	int64_t contact;
	const char *why; /* refused as a file */
	struct smime_intake counts;
} intakes[] = {
    {"both.pem", 0, NULL, {.added = 2}},
    {"both.pem", 0, NULL, {.known = 2}},
    {"sign.pem", 0, NULL, {.refused = 1}},
    {"web.pem", 0, NULL, {.nobody = 1}},
    {"taro.pem", 2, NULL, {.nobody = 1}},
    {"hana.der", 2, NULL, {.known = 1}},
    {"taro.key", 0, "format", {.added = 0}},
};

static void
contacts_get_their_certificates(void **state)
{
	struct arena *arena = arena_new();
	struct compose_case it;
	struct smime_intake counts;
	struct smime_info *all;
	size_t count;

	(void)state;
	begin(&it);
	for (size_t i = 0; i < sizeof intakes / sizeof *intakes; i++) {
		int rc =
		    take(&it, intakes[i].file, intakes[i].contact, &counts);

		assert_int_equal(rc, intakes[i].why ? -1 : 0);
		if (rc < 0)
			assert_string_equal(
			    err_find(&it.err, "why"), intakes[i].why);
		assert_memory_equal(&counts, &intakes[i].counts, sizeof counts);
	}
	assert_ok(
	    smime_of_contact(it.db, 1, arena, &all, &count, &it.err), &it.err);
	assert_int_equal(count, 1);
	/* as the certificate has it; the contact is written in small letters */
	assert_span_equal(all[0].certificate.address[0], "Taro@example.net");
	assert_ok(smime_drop(it.store, 1, &it.err), &it.err);
	assert_ok(
	    smime_of_contact(it.db, 1, arena, &all, &count, &it.err), &it.err);
	assert_int_equal(count, 0);
	/* the whole folder: keys and other files are counted, not refused */
	assert_ok(take(&it, ".", 0, &counts), &it.err);
	assert_int_equal(counts.added, 1);
	assert_true(counts.known >= 1 && counts.files > 0);
	arena_free(&arena);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signed_and_encrypted_messages_open),
	    cmocka_unit_test(leaves_tell_the_certificates),
	    cmocka_unit_test(encryption_is_for_those_who_can),
	    cmocka_unit_test(identities_are_kept),
	    cmocka_unit_test(contacts_get_their_certificates),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
