/* Messages with files: what python3's email package finds in them, and what the
 * leaf covers. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "core/base/file.h"
#include "tests/unit/compose/compose_case.h"

#define PDF "%PDF-1.4\n"

/* Reads lines "kind type sha256 name" that are wanted, an empty one, and then a
 * message; its exit status says whether these are the files in it. */
static const char reader[] =
    "import sys, email, email.policy, hashlib\n"
    "raw = sys.stdin.buffer.read()\n"
    "head, raw = raw.split(b'\\n\\n', 1)\n"
    "want = [l.split(' ', 3) for l in head.decode().split('\\n') if l]\n"
    "m = email.message_from_bytes(raw, policy=email.policy.SMTP)\n"
    "assert max(raw) < 128 and all(len(l) <= 76 or l.startswith((b'List-',\n"
    "    b' <https')) for l in raw.split(b'\\r\\n'))\n"
    "got = []\n"
    "for p in m.walk():\n"
    "    assert not p.defects, p.defects\n"
    "    if p.get_content_disposition():\n"
    "        digest = hashlib.sha256(p.get_payload(decode=True))\n"
    "        got.append([p.get_content_disposition(),\n"
    "            p.get_content_type(), digest.hexdigest(),\n"
    "            p.get_filename()])\n"
    "assert got == want, (got, want)\n"
    "ids = [p['content-id'].strip('<>') for p in m.walk()\n"
    "    if p['content-id']]\n"
    "html = m.get_body(('html',)).get_content()\n"
    "assert all('cid:' + i in html for i in ids), ids\n"
    "assert html.count('cid:') == len(ids), html\n"
    "assert m.get_body(('plain',)).get_content()\n";

static void
python_finds(const struct message *message, const char *want)
{
	FILE *python;
	int status;

	setenv("READER", reader, 1);
	python =
	    popen("PYTHONUTF8=1 exec /usr/bin/python3 -c \"$READER\"", "w");
	assert_non_null(python);
	fprintf(python, "%s\n", want);
	fwrite(message->bytes.ptr, 1, message->bytes.len, python);
	status = pclose(python);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- A campaign with files ------------------------------------------------ */

struct folder {
	struct compose_case it;
	char *dir;
};

static void
make(struct folder *folder, const char *name, struct span bytes)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", folder->dir, name);
	assert_ok(file_replace(path.ptr, bytes, 0600, &folder->it.err),
	    &folder->it.err);
	buf_done(&path);
}

static void
attach(struct folder *folder, const char *name, enum attach_kind kind,
    struct span bytes)
{
	struct buf path = BUF_INIT;

	make(folder, name, bytes);
	buf_printf(&path, "%s/%s", folder->dir, name);
	assert_ok(attach_add(folder->it.store, folder->it.campaign.id, path.ptr,
		      kind, &folder->it.err),
	    &folder->it.err);
	buf_done(&path);
}

static void
begin(struct folder *folder, const char *body)
{
	struct compose_case *it = &folder->it;

	case_begin(it, CLASS_TX, "Files", body);
	folder->dir = tempdir_new();
	assert_ok(campaign_create(it->store, SPAN("Files"), CLASS_TX,
		      &it->campaign.id, &it->err),
	    &it->err);
}

static void
each(struct folder *folder, const char *pattern)
{
	atomic_bool cancel = false;
	struct attach_progress progress = {.cancel = &cancel};
	const struct attach_source source = {
	    folder->dir, span_of(pattern), NULL};

	assert_ok(attach_add_set(folder->it.store, folder->it.campaign.id,
		      &source, &progress, &folder->it.err),
	    &folder->it.err);
}

static void
finish(struct folder *folder)
{
	case_end(&folder->it);
	tempdir_remove(&folder->dir);
}

static int
assemble(struct folder *folder, const char *address, struct message *out)
{
	const struct recipient to = {
	    1, span_of(address), SPAN("山田"), SPAN("{}")};

	return assemble_message(
	    folder->it.assembler, &to, 1795000000000, out, &folder->it.err);
}

static void
add_want(struct buf *want, const char *kind, const char *type,
    struct span bytes, const char *name)
{
	struct digest digest;

	crypt_sha256(bytes, &digest);
	buf_printf(want, "%s %s ", kind, type);
	crypt_hex(want, span_make(digest.bytes, SHA256_LEN));
	buf_printf(want, " %s\n", name);
}

static void
all_kinds_are_found(void **state)
{
	static char large[100000] = PDF;
	struct folder folder;
	struct message message;
	struct buf want = BUF_INIT;

	(void)state;
	begin(&folder, "Hello {{name}}, read this.\n\n"
		       "![logo](<image:ロゴ 1.png>)\n");
	for (size_t i = 16; i < sizeof large; i++)
		large[i] = (char)(i * 31 % 251);
	attach(
	    &folder, "ロゴ 1.png", ATTACH_INLINE, SPAN("\x89PNG\r\n\x1a\n1"));
	attach(
	    &folder, "unused.png", ATTACH_INLINE, SPAN("\x89PNG\r\n\x1a\n2"));
	attach(&folder, "請求書についてのご案内とお支払い方法の説明.pdf",
	    ATTACH_ALL, span_make(large, sizeof large));
	attach(&folder, "a \"quoted\" name.csv", ATTACH_ALL,
	    SPAN("名前,値\r\n山田,1\r\n"));
	make(&folder, "inv-a@x.jp.pdf", SPAN(PDF "for a"));
	make(&folder, "inv-b@x.jp.pdf", SPAN(PDF "for b"));
	each(&folder, "inv-{{address}}.pdf");
	assert_ok(case_compile(&folder.it, ASSEMBLE_UNSIGNED), &folder.it.err);
	assert_ok(assemble(&folder, "b@x.jp", &message), &folder.it.err);
	assert_int_equal(message.file_count, 4);
	assert_int_equal(message.file[3].kind, ATTACH_EACH);
	assert_span_equal(message.file[3].name, "inv-b@x.jp.pdf");
	add_want(&want, "inline", "image/png", SPAN("\x89PNG\r\n\x1a\n1"),
	    "ロゴ 1.png");
	add_want(&want, "attachment", "application/pdf",
	    span_make(large, sizeof large),
	    "請求書についてのご案内とお支払い方法の説明.pdf");
	add_want(&want, "attachment", "text/csv", SPAN("名前,値\r\n山田,1\r\n"),
	    "a \"quoted\" name.csv");
	add_want(&want, "attachment", "application/pdf", SPAN(PDF "for b"),
	    "inv-b@x.jp.pdf");
	python_finds(&message, want.ptr);
	buf_done(&want);
	finish(&folder);
}

static void
no_mail_without_its_file(void **state)
{
	struct folder folder;
	struct message message;

	(void)state;
	begin(&folder, "Hello {{name}}, read this.");
	make(&folder, "inv-a@x.jp.pdf", SPAN(PDF "for a"));
	each(&folder, "inv-{{address}}.pdf");
	assert_ok(case_compile(&folder.it, ASSEMBLE_UNSIGNED), &folder.it.err);
	assert_int_equal(assemble(&folder, "b@x.jp", &message), -1);
	assert_int_equal(folder.it.err.code, E_ATTACH_NONE);
	assert_ok(assemble(&folder, "a@x.jp", &message), &folder.it.err);
	finish(&folder);
}

/* The leaf and the digest of the template tell one file from another. */
static void
leaf_covers_files(void **state)
{
	struct digest leaf[2], digest[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct folder folder;
		struct message message, again;

		begin(&folder, "Hello {{name}}, read this.");
		attach(&folder, "a.pdf", ATTACH_ALL,
		    i ? SPAN(PDF "1") : SPAN(PDF "2"));
		assert_ok(case_compile(&folder.it, ASSEMBLE_UNSIGNED),
		    &folder.it.err);
		assert_ok(
		    assemble(&folder, "a@x.jp", &message), &folder.it.err);
		leaf[i] = message.leaf;
		assert_ok(assemble(&folder, "a@x.jp", &again), &folder.it.err);
		assert_true(digest_equal(&leaf[i], &again.leaf));
		template_digest(folder.it.template, &digest[i]);
		finish(&folder);
	}
	assert_false(digest_equal(&leaf[0], &leaf[1]));
	assert_false(digest_equal(&digest[0], &digest[1]));
}

static void
an_image_that_is_not_there(void **state)
{
	struct folder folder;

	(void)state;
	begin(&folder, "Hello.\n\n![logo](image:logo.png)\n");
	assert_int_equal(case_compile(&folder.it, ASSEMBLE_UNSIGNED), -1);
	assert_int_equal(folder.it.err.code, E_IMAGE_MISSING);
	assert_string_equal(err_find(&folder.it.err, "line"), "3");
	finish(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_kinds_are_found),
	    cmocka_unit_test(no_mail_without_its_file),
	    cmocka_unit_test(leaf_covers_files),
	    cmocka_unit_test(an_image_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
