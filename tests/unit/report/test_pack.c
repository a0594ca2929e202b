/* The evidence pack: that it is whole, that stock tools verify it, that it
 * holds nobody's data unless asked, and that whatever is done to any of its
 * members is found, with the member's name. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/report/report.h"
#include "core/report/tar.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"

enum { RECIPIENTS = 7, PACK_LIMIT = 4 * 1024 * 1024, MEMBERS = 64 };

struct scene {
	struct stage stage;
	char *dir;
	struct buf path, pack;
	struct pack_facts facts;
	struct err err;
};

/* An approval as somebody with a key has signed it. */
static void
approve(struct scene *scene)
{
	static const char sql[] =
	    "INSERT INTO approval(campaign, digest, verdict, login, uid,"
	    " at_ms, expires_ms, note, overrides, pam, key, statement,"
	    " signature) VALUES(?1, x'00', 0, 'jiro', 1002, 1, 2, '', '', 0,"
	    " ?2, ?3, ?4)";
	static const char text[] = "sekisho-approval 1\nlogin: jiro\n";
	struct secret *seed = secret_new(ED25519_KEY_LEN);
	struct ed25519_signature signature;
	struct ed25519_public key;
	struct db *db = NULL;
	struct stmt *stmt;

	ed25519_public(seed, &key);
	ed25519_sign(seed, SPAN(text), &signature);
	assert_ok(store_begin(scene->stage.store, STORE_WAIT_LONG, "test", &db,
		      &scene->err),
	    &scene->err);
	stmt = db_stmt(db, sql, &scene->err);
	assert_non_null(stmt);
	stmt_int(stmt, 1, scene->stage.campaign.v);
	stmt_blob(stmt, 2, span_make(key.bytes, sizeof key.bytes));
	stmt_blob(stmt, 3, SPAN(text));
	stmt_blob(stmt, 4, span_make(signature.bytes, sizeof signature.bytes));
	assert_ok(stmt_run(stmt, &scene->err), &scene->err);
	assert_ok(
	    store_commit(scene->stage.store, &db, &scene->err), &scene->err);
	secret_free(&seed);
}

static void
deliver(struct scene *scene)
{
	struct clearance *clearance = stage_clearance(&scene->stage);
	struct run_plan plan = {.sessions = 1};
	struct run *run = NULL;

	assert_ok(run_start(&clearance, &scene->stage.world, scene->stage.store,
		      &plan, &run, &scene->err),
	    &scene->err);
	while (run_wait(run, 100) != 1)
		;
	run_free(&run);
}

static int
make(struct scene *scene, enum pack_data data, const char *purpose)
{
	const struct pack_params params = {.campaign = scene->stage.campaign,
	    .path = scene->path.ptr,
	    .data = data,
	    .purpose = span_of(purpose)};

	scene->err = (struct err){.code = E_NONE};
	return pack_make(
	    scene->stage.store, &params, &scene->facts, &scene->err);
}

static void
read_pack(struct scene *scene)
{
	buf_clear(&scene->pack);
	assert_ok(
	    file_read(scene->path.ptr, PACK_LIMIT, &scene->pack, &scene->err),
	    &scene->err);
}

static int
set_up(void **state)
{
	static const struct stage_params params = {
	    .recipients = RECIPIENTS, .manners = PRACTICE_PLAIN};
	struct scene *scene = mem_new(sizeof *scene);

	stage_open(&scene->stage, &params);
	scene->dir = tempdir_new();
	buf_printf(&scene->path, "%s/pack.tar", scene->dir);
	stage_seal(&scene->stage);
	deliver(scene);
	approve(scene);
	assert_ok(make(scene, PACK_HASHED, ""), &scene->err);
	read_pack(scene);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	stage_close(&scene->stage);
	tempdir_remove(&scene->dir);
	buf_done(&scene->path);
	buf_done(&scene->pack);
	free(scene);
	return 0;
}

static bool
has(struct span text, const char *needle)
{
	return span_search(text, span_of(needle)) < text.len;
}

/* ---- Whole ------------------------------------------------------------------- */

static void
it_is_whole(void **state)
{
	struct scene *scene = *state;
	struct pack_facts read;
	struct stat st;

	assert_ok(
	    pack_check_file(scene->path.ptr, &read, &scene->err), &scene->err);
	assert_int_equal(read.members, scene->facts.members);
	assert_int_equal(read.recipients, RECIPIENTS);
	assert_int_equal(read.approvals, 1);
	assert_int_equal(read.campaign, scene->stage.campaign.v);
	assert_string_equal(read.store, scene->facts.store);
	assert_string_equal(read.at, scene->facts.at);
	assert_true(digest_equal(&read.fingerprint, &scene->facts.fingerprint));
	assert_true(digest_equal(&read.root, &scene->facts.root));
	assert_int_equal(stat(scene->path.ptr, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(
	    stage_number(&scene->stage, "SELECT count(*) FROM audit"
					" WHERE what = 'evidence.make'"),
	    1);
}

static void
it_holds_nobodys_data_unless_asked(void **state)
{
	struct scene *scene = *state;

	assert_false(has(buf_span(&scene->pack), "user0000"));
	assert_true(has(buf_span(&scene->pack), "evidence.make"));
	assert_int_equal(make(scene, PACK_FULL, " "), -1);
	assert_int_equal(scene->err.code, E_PACK_PURPOSE);
	assert_int_equal(unlink(scene->path.ptr), 0);
	assert_ok(make(scene, PACK_FULL, "the authority asks"), &scene->err);
	read_pack(scene);
	assert_ok(
	    pack_check(buf_span(&scene->pack), &scene->facts, &scene->err),
	    &scene->err);
	assert_true(has(buf_span(&scene->pack), "user00001@example.jp"));
	assert_true(has(buf_span(&scene->pack), "samples/3.eml"));
	assert_true(
	    has(buf_span(&scene->pack), "purpose=\\\"the authority asks\\\""));
}

/* Neither a pack nor anything else that has the name, nor where it points. */
static void
what_is_there_stays(void **state)
{
	struct scene *scene = *state;
	struct buf before = BUF_INIT;

	buf_add(&before, buf_span(&scene->pack));
	assert_int_equal(make(scene, PACK_HASHED, ""), -1);
	assert_int_equal(scene->err.code, E_FILE_EXISTS);
	read_pack(scene);
	assert_true(span_equal(buf_span(&before), buf_span(&scene->pack)));
	buf_clear(&before);
	buf_printf(&before, "%s/away", scene->dir);
	assert_int_equal(unlink(scene->path.ptr), 0);
	assert_int_equal(symlink(before.ptr, scene->path.ptr), 0);
	assert_int_equal(make(scene, PACK_HASHED, ""), -1);
	assert_int_equal(scene->err.code, E_FILE_EXISTS);
	assert_int_not_equal(access(before.ptr, F_OK), 0);
	/* only the one that was written is in the log */
	assert_int_equal(
	    stage_number(&scene->stage, "SELECT count(*) FROM audit"
					" WHERE what = 'evidence.make'"),
	    1);
	buf_done(&before);
}

static void
it_stops_and_leaves_nothing(void **state)
{
	struct scene *scene = *state;
	atomic_bool cancel = true;
	struct pack_params params = {
	    .campaign = scene->stage.campaign, .cancel = &cancel};
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/none.tar", scene->dir);
	params.path = path.ptr;
	assert_int_equal(
	    pack_make(scene->stage.store, &params, &scene->facts, &scene->err),
	    -1);
	assert_int_equal(scene->err.code, E_CANCELLED);
	assert_int_not_equal(access(path.ptr, F_OK), 0);
	buf_done(&path);
}

/* ---- Stock tools ----------------------------------------------------------------- */

/* The commands of the README in the pack. */
static void
stock_tools_agree(void **state)
{
	static const char *const commands[] = {
	    "tar -xf ../pack.tar --strip-components=1",
	    "sha256sum --quiet --strict -c INDEX",
	    "sha256sum --quiet --strict -c INDEX.sha256",
	    "openssl pkeyutl -verify -pubin -inkey store.pem -rawin -in INDEX"
	    " -sigfile INDEX.sig",
	    "test \"$(openssl pkey -pubin -in store.pem -outform DER |"
	    " sha256sum | cut -c1-16)\" = \"$(sed -n"
	    " '1s/.*store=\\([^ ]*\\).*/\\1/p' INDEX)\"",
	    "test \"$(sha256sum < manifest.txt | cut -c1-64)\" ="
	    " \"$(cat digest.txt)\"",
	    "openssl pkeyutl -verify -pubin -inkey approvals/1.pem -rawin"
	    " -in approvals/1.txt -sigfile approvals/1.sig",
	    "test \"$(python3 merkle.py leaves.txt)\" = \"$(cat root.txt)\"",
	    "grep -q \"$(cat root.txt)\" manifest.txt",
	    "line=$(cat head.txt); printf %s \"${line%% sig=*}\" > head.text;"
	    " printf %s \"${line##* sig=}\" | base64 -d > head.sig;"
	    " openssl pkeyutl -verify -pubin -inkey store.pem -rawin"
	    " -in head.text -sigfile head.sig",
	    "python3 -c 'import json; [json.loads(l) for l in"
	    " open(\"audit.jsonl\")]'",
	    "test $(wc -l < leaves.txt) = 7",
	    "test \"$(awk -F, '{ n += $2 } END { print n }' ledger.csv)\" = 7",
	};
	struct scene *scene = *state;
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		buf_clear(&line);
		buf_printf(&line,
		    "mkdir -p %s/out && cd %s/out && (%s) > /dev/null",
		    scene->dir, scene->dir, commands[i]);
		if (system(line.ptr) != 0)
			fail_msg("%s", commands[i]);
	}
	buf_done(&line);
}

/* ---- Tampering ----------------------------------------------------------------- */

/* An archive taken apart: each member with its header and padding. */
struct parts {
	struct span part[MEMBERS];
	char name[MEMBERS][TAR_NAME_MAX + 1];
	size_t header[MEMBERS], size[MEMBERS];
	int count;
	struct span end;
};

static void
take_apart(struct span pack, struct parts *out)
{
	struct tar_member member;
	struct span rest = pack;

	*out = (struct parts){.count = 0};
	for (;;) {
		struct span from = rest;
		struct span name;

		if (tar_next(&rest, &member) != TAR_MEMBER)
			break;
		name = span_of(member.name);
		name = span_slice(name, span_index(name, '/') + 1, name.len);
		span_text(out->name[out->count], TAR_NAME_MAX + 1, name);
		out->header[out->count] = (size_t)(from.ptr - pack.ptr);
		out->size[out->count] = member.data.len;
		out->part[out->count++] =
		    span_slice(from, 0, from.len - rest.len);
	}
	out->end = rest;
	assert_int_equal(rest.len, 1024);
}

static enum err_code
check(struct span pack, struct err *err)
{
	struct pack_facts facts;

	*err = (struct err){.code = E_NONE};
	pack_check(pack, &facts, err);
	return err->code;
}

static void
assert_found(const struct err *err, const char *member, const char *deed)
{
	if (err->code == E_NONE)
		fail_msg("%s %s: not found", deed, member);
	if (strcmp(err_find(err, "member"), member) != 0)
		fail_msg("%s %s: %s says %s", deed, member, err_name(err->code),
		    err_find(err, "member"));
}

/* One octet of the content, at its beginning, middle and end. */
static void
a_flipped_octet(void **state)
{
	struct scene *scene = *state;
	struct parts parts;
	struct err err;

	take_apart(buf_span(&scene->pack), &parts);
	for (int i = 0; i < parts.count; i++) {
		const size_t at[] = {0, parts.size[i] / 2, parts.size[i] - 1};

		for (int k = 0; k < 3 && parts.size[i]; k++) {
			char *octet =
			    &scene->pack
				 .ptr[parts.header[i] + TAR_BLOCK + at[k]];

			*octet ^= 1;
			check(buf_span(&scene->pack), &err);
			/* A signature that does not fit is told as one over
			 * what it signs. */
			if (!strcmp(parts.name[i], "INDEX.sig")) {
				assert_int_equal(err.code, E_PACK_SIGNATURE);
				assert_found(&err, "INDEX", "flip");
			} else {
				assert_found(&err, parts.name[i], "flip");
			}
			*octet ^= 1;
		}
	}
	assert_int_equal(check(buf_span(&scene->pack), &err), E_NONE);
}

/* Every octet of every header and all padding. */
static void
a_flipped_header(void **state)
{
	struct scene *scene = *state;
	struct parts parts;
	struct err err;

	take_apart(buf_span(&scene->pack), &parts);
	for (int i = 0; i < parts.count; i++) {
		for (size_t at = 0; at < TAR_BLOCK; at += 3) {
			char *octet = &scene->pack.ptr[parts.header[i] + at];

			*octet ^= 1;
			if (check(buf_span(&scene->pack), &err) == E_NONE)
				fail_msg("%s: octet %zu", parts.name[i], at);
			if (at >= 100 && err.code == E_PACK_MEMBER)
				assert_found(
				    &err, parts.name[i], "flip header");
			*octet ^= 1;
		}
		if (parts.size[i] % TAR_BLOCK) {
			char *octet =
			    &scene->pack
				 .ptr[parts.header[i] + parts.part[i].len - 1];

			*octet = 1;
			check(buf_span(&scene->pack), &err);
			assert_found(&err, parts.name[i], "padding");
			*octet = 0;
		}
	}
}

static void
put_together(
    const struct parts *parts, const int *order, int count, struct buf *out)
{
	buf_clear(out);
	for (int i = 0; i < count; i++)
		buf_add(out, parts->part[order[i]]);
	buf_add(out, parts->end);
}

static void
removed_doubled_exchanged(void **state)
{
	struct scene *scene = *state;
	struct buf changed = BUF_INIT;
	struct parts parts;
	struct err err;
	int order[MEMBERS + 1];

	take_apart(buf_span(&scene->pack), &parts);
	for (int i = 0; i < parts.count; i++) {
		int n = 0;

		for (int k = 0; k < parts.count; k++) {
			if (k != i)
				order[n++] = k;
		}
		put_together(&parts, order, n, &changed);
		check(buf_span(&changed), &err);
		assert_found(&err, parts.name[i], "remove");
		assert_string_equal(err_find(&err, "why"), "missing");
		order[n++] = i;
		order[n++] = i;
		put_together(&parts, order, n, &changed);
		check(buf_span(&changed), &err);
		assert_found(&err, parts.name[i], "double");
		if (i + 1 == parts.count)
			continue;
		for (int k = 0; k < parts.count; k++)
			order[k] = k;
		order[i] = i + 1;
		order[i + 1] = i;
		put_together(&parts, order, parts.count, &changed);
		check(buf_span(&changed), &err);
		assert_found(&err, parts.name[i + 1], "exchange");
		assert_string_equal(err_find(&err, "why"), "order");
	}
	buf_done(&changed);
}

static void
added(void **state)
{
	struct scene *scene = *state;
	char block[2 * TAR_BLOCK] = {0};
	struct buf changed = BUF_INIT;
	struct parts parts;
	struct err err;

	take_apart(buf_span(&scene->pack), &parts);
	for (int at = 0; at <= parts.count; at++) {
		struct buf name = BUF_INIT;

		buf_printf(&name, "sekisho-evidence-%lld/extra.txt",
		    (long long)scene->stage.campaign.v);
		tar_header(block, name.ptr, 5, 0);
		memcpy(block + TAR_BLOCK, "extra", 5);
		buf_clear(&changed);
		for (int i = 0; i < at; i++)
			buf_add(&changed, parts.part[i]);
		buf_add(&changed, span_make(block, sizeof block));
		for (int i = at; i < parts.count; i++)
			buf_add(&changed, parts.part[i]);
		buf_add(&changed, parts.end);
		check(buf_span(&changed), &err);
		assert_found(&err, "extra.txt", "add");
		buf_done(&name);
	}
	buf_done(&changed);
}

static void
cut_and_longer(void **state)
{
	struct scene *scene = *state;
	struct err err;

	for (size_t len = 0; len < scene->pack.len; len += 509) {
		if (check(span_slice(buf_span(&scene->pack), 0, len), &err) ==
		    E_NONE)
			fail_msg("cut at %zu", len);
	}
	buf_char(&scene->pack, '\0');
	assert_int_equal(check(buf_span(&scene->pack), &err), E_PACK_FORM);
}

/* Whoever makes a new pack with a key of their own cannot take the store's
 * name: it is the key's fingerprint. */
static void
the_name_is_the_key(void **state)
{
	struct scene *scene = *state;
	struct buf pem = BUF_INIT;
	struct ed25519_public key;
	struct digest digest;

	store_signer(scene->stage.store, &key);
	ed25519_fingerprint(&key, &digest);
	crypt_hex(&pem, span_make(digest.bytes, sizeof digest.bytes));
	assert_true(span_starts(buf_span(&pem), span_of(scene->facts.store)));
	buf_done(&pem);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(it_is_whole),
	    CASE(it_holds_nobodys_data_unless_asked),
	    CASE(what_is_there_stays),
	    CASE(it_stops_and_leaves_nothing),
	    CASE(stock_tools_agree),
	    CASE(a_flipped_octet),
	    CASE(a_flipped_header),
	    CASE(removed_doubled_exchanged),
	    CASE(added),
	    CASE(cut_and_longer),
	    CASE(the_name_is_the_key),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
