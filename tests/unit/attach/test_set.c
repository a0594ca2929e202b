/* Sets: whose file is whose, and everything that must not become a file. */
#include "tests/unit/attach/attach_case.h"

static void
three_people(struct attach_case *it)
{
	case_begin(it);
	case_person(it, 1, "a@x.jp", "12");
	case_person(it, 2, "b@x.jp", "123");
	case_person(it, 3, "c@x.jp", "7");
	case_file(it, "inv-12.pdf", SPAN(PDF "a"));
	case_file(it, "inv-123.pdf", SPAN(PDF "b"));
	case_file(it, "Thumbs.db", SPAN("x"));
}

static struct attach_row
only_row(struct attach_case *it)
{
	struct attach_row *all = case_rows(it, 1), row = all[0];

	free(all);
	return row;
}

static int
cover_of(struct attach_case *it, const struct attach_row *row,
    struct attach_cover *out)
{
	return attach_cover(it->db, &it->campaign, row, ATTACH_MEMBERS,
	    &it->cancel, out, &it->err);
}

static void
by_name(void **state)
{
	struct attach_case it;
	struct attach_row row;
	struct attach_file file;
	struct attach_cover cover;

	(void)state;
	three_people(&it);
	case_file(&it, "inv-99.pdf", SPAN(PDF "z"));
	assert_ok(case_set(&it, "inv-{{id}}.pdf", NULL), &it.err);
	row = only_row(&it);
	assert_int_equal(row.files, 3);
	assert_int_equal(row.kind, ATTACH_EACH);
	assert_int_equal(it.progress.skipped, 1);
	assert_int_equal(atomic_load(&it.progress.done), 3);
	assert_ok(
	    attach_find(it.db, row.id, SPAN("inv-12.pdf"), &file, &it.err),
	    &it.err);
	assert_string_equal(file.name, "inv-12.pdf");
	/* the whole key: nobody gets what begins alike */
	assert_int_equal(
	    attach_find(it.db, row.id, SPAN("inv-1"), &file, &it.err), -1);
	assert_int_equal(it.err.code, E_ATTACH_NONE);
	assert_ok(cover_of(&it, &row, &cover), &it.err);
	assert_int_equal(cover.recipients, 3);
	assert_int_equal(cover.with_file, 2);
	assert_int_equal(cover.first_without, 3);
	assert_string_equal(cover.without_address, "c@x.jp");
	assert_int_equal(cover.why.code, E_ATTACH_NONE);
	assert_int_equal(cover.unused, 1);
	assert_string_equal(cover.first_unused, "inv-99.pdf");
	assert_int_equal(cover.shared, 0);
	/* two people, one file: shown, because it may be a mistake */
	case_person(&it, 4, "d@x.jp", "12");
	assert_ok(cover_of(&it, &row, &cover), &it.err);
	assert_int_equal(cover.shared, 1);
	atomic_store(&it.cancel, true);
	assert_int_equal(cover_of(&it, &row, &cover), -1);
	assert_int_equal(it.err.code, E_CANCELLED);
	case_end(&it);
}

/* Hexadecimal SHA-256 of a text; the caller frees it. */
static char *
hex_of(const char *text)
{
	struct buf hex = BUF_INIT;
	struct digest digest;

	crypt_sha256(span_of(text), &digest);
	crypt_hex(&hex, span_make(digest.bytes, SHA256_LEN));
	return hex.ptr;
}

static void
by_manifest(void **state)
{
	char *a = hex_of(PDF "a"), *b = hex_of(PDF "b"), *path;
	struct attach_case it;
	struct attach_row row;
	struct attach_cover cover;
	struct buf text = BUF_INIT;

	(void)state;
	three_people(&it);
	buf_printf(&text,
	    "SHA256,address,file\n%s,a@X.JP,inv-12.pdf\n%s,b@x.jp,"
	    "inv-123.pdf\n",
	    a, b);
	case_file(&it, "list.csv", buf_span(&text));
	path = strdup(it.path);
	assert_ok(case_set(&it, "", path), &it.err);
	row = only_row(&it);
	assert_string_equal(row.name, "{{address}}");
	assert_int_equal(row.rule, ATTACH_BY_MANIFEST);
	assert_int_equal(row.files, 2);
	assert_ok(cover_of(&it, &row, &cover), &it.err);
	assert_int_equal(cover.with_file, 2);
	assert_int_equal(cover.first_without, 3);
	free(a);
	free(b);
	free(path);
	buf_done(&text);
	case_end(&it);
}

static void
manifest_faults(void **state)
{
	static const struct {
		const char *text, *why, *line; /* @: the digest of inv-12 */
	} row[] = {
	    {"", "columns", "1"},
	    {"address,file\na@x.jp,inv-12.pdf\n", "columns", "1"},
	    {"address,file,note\na@x.jp,inv-12.pdf,x\n", "header", "1"},
	    {"file,sha256,\ninv-12.pdf,x,\n", "header", "1"},
	    {"file,file,sha256\n", "header", "1"},
	    {"id,file,sha256\n12,inv-12.pdf\n", "columns", "2"},
	    {"address,file,sha256\na@x.jp,inv-12.pdf,12\n", "sha256", "2"},
	    {"address,file,sha256\nnobody,inv-12.pdf,@\n", "key", "2"},
	    {"id,file,sha256\n,inv-12.pdf,@\n", "key", "2"},
	    {"id,file,sha256\n12,,@\n", "file", "2"},
	    {"id,file,sha256\n12,../inv-12.pdf,@\n", "file", "2"},
	    {"id,file,sha256\n12,/etc/passwd,@\n", "file", "2"},
	    {"id,file,sha256\n12,..,@\n", "file", "2"},
	    {"id,file,sha256\n12,inv-123.pdf,@\n", "digest", "2"},
	    {"id,file,sha256\n12,inv-12.pdf,@\n12,inv-12.pdf,@\n", "twice",
		"3"},
	};
	char *digest = hex_of(PDF "a"), *path;
	struct attach_case it;

	(void)state;
	three_people(&it);
	path = strdup(case_path(&it, "m.csv"));
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf text = BUF_INIT;

		for (const char *c = row[i].text; *c; c++) {
			if (c[0] == '@' && c[1] == '\n')
				buf_text(&text, digest);
			else
				buf_char(&text, *c);
		}
		case_file(&it, "m.csv", buf_span(&text));
		if (case_set(&it, "", path) == 0)
			fail_msg("%s: taken", row[i].text);
		if (it.err.code != E_ATTACH_MANIFEST ||
		    strcmp(err_find(&it.err, "why"), row[i].why) != 0 ||
		    strcmp(err_find(&it.err, "line"), row[i].line) != 0)
			fail_msg("%s: %s %s %s", row[i].text,
			    err_name(it.err.code), err_find(&it.err, "why"),
			    err_find(&it.err, "line"));
		buf_done(&text);
	}
	/* nothing of what failed is left */
	assert_int_equal(case_count(&it, "SELECT count(*) FROM attachment"), 0);
	assert_int_equal(
	    case_count(&it, "SELECT count(*) FROM attachment_file"), 0);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM blob"), 0);
	assert_int_equal(case_count(&it, "SELECT revision FROM campaign"), 1);
	free(digest);
	free(path);
	case_end(&it);
}

static void
patterns(void **state)
{
	static const struct {
		const char *pattern, *why;
	} row[] = {
	    {"invoice.pdf", "none"},
	    {"", "none"},
	    {"{{id}", "open"},
	    {"id}}.pdf", "open"},
	    {"{{}}.pdf", "field"},
	    {"{{#id}}.pdf", "field"},
	    {"{{id|x}}.pdf", "field"},
	    {"{{id}}{{name}}.pdf", "beside"},
	    {"../{{id}}.pdf", "slash"},
	    {"a\\{{id}}.pdf", "slash"},
	    {"{{1}}-{{2}}-{{3}}-{{4}}-{{5}}-{{6}}-{{7}}-{{8}}-{{9}}", "many"},
	};
	struct attach_pattern *pattern;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (attach_pattern_read(
			span_of(row[i].pattern), &pattern, &err) == 0)
			fail_msg("%s: taken", row[i].pattern);
		assert_int_equal(err.code, E_ATTACH_PATTERN);
		if (strcmp(err_find(&err, "why"), row[i].why) != 0)
			fail_msg(
			    "%s: %s", row[i].pattern, err_find(&err, "why"));
	}
}

static void
keys(void **state)
{
	static const struct {
		const char *pattern, *fields, *key; /* NULL: no key */
	} row[] = {
	    {"inv-{{id}}.pdf", "{\"id\":\"12\"}", "inv-12.pdf"},
	    {"inv-{{id}}.pdf", "{\"id\":\" 12 \"}", "inv-12.pdf"},
	    {"{{id}}-{{name}}", "{\"id\":\"12\"}", "12-Taro"},
	    {"{{name}}-{{id}}.pdf", "{\"id\":\"1-2\"}", "Taro-1-2.pdf"},
	    /* "1-2" and "Taro" would be "1" and "2-Taro" as well */
	    {"{{id}}-{{name}}.pdf", "{\"id\":\"1-2\"}", NULL},
	    {"{{id}}--{{name}}", "{\"id\":\"1-\"}", NULL},
	    {"{{id}}が{{name}}", "{\"id\":\"1か\u3099\"}", NULL},
	    {"{{id}}--{{name}}", "{\"id\":\"1-2\"}", "1-2--Taro"},
	    {"{{address}}.pdf", "{}", "T@X.jp.pdf"},
	    {"{{address}}", "{}", "T@x.jp"},
	    {"inv-{{id}}.pdf", "{}", NULL},
	    {"inv-{{id}}.pdf", "{\"id\":\"  \"}", NULL},
	    {"inv-{{id}}.pdf", "{\"id\":\"../1\"}", NULL},
	    {"inv-{{id}}.pdf", "{\"id\":\"a\\nb\"}", NULL},
	    /* a folder made on macOS: か with a mark of its own is が */
	    {"{{id}}.pdf", "{\"id\":\"か\u3099ハ\u309a\"}", "がパ.pdf"},
	    {"{{id}}.pdf", "{\"id\":\"あ\u3099\"}", "あ\u3099.pdf"},
	};
	struct buf key = BUF_INIT;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct attach_person person = {
		    SPAN("T@X.jp"), SPAN("Taro"), span_of(row[i].fields)};
		struct attach_pattern *pattern = NULL;
		int rc;

		assert_ok(attach_pattern_read(
			      span_of(row[i].pattern), &pattern, &err),
		    &err);
		buf_clear(&key);
		rc = attach_pattern_fill(pattern, &person, &key, &err);
		if (!row[i].key) {
			assert_int_equal(rc, -1);
			assert_int_equal(err.code, E_ATTACH_KEY);
		} else {
			assert_ok(rc, &err);
			assert_span_equal(buf_span(&key), row[i].key);
		}
		attach_pattern_free(&pattern);
	}
	buf_done(&key);
}

/* A link inside the folder leads out of it: not followed, and said. */
static void
no_way_out_of_the_folder(void **state)
{
	struct attach_case it;
	char secret[512];

	(void)state;
	three_people(&it);
	snprintf(secret, sizeof secret, "%s/keyring", store_dir(it.store));
	assert_int_equal(symlink(secret, case_path(&it, "inv-7.pdf")), 0);
	assert_int_equal(case_set(&it, "inv-{{id}}.pdf", NULL), -1);
	assert_int_equal(it.err.code, E_ATTACH_FILE);
	assert_string_equal(err_find(&it.err, "file"), "inv-7.pdf");
	assert_string_equal(err_find(&it.err, "why"), "kind");
	assert_int_equal(unlink(it.path), 0);
	assert_int_equal(mkdir(it.path, 0700), 0);
	assert_int_equal(case_set(&it, "inv-{{id}}.pdf", NULL), -1);
	assert_string_equal(err_find(&it.err, "why"), "kind");
	assert_int_equal(rmdir(it.path), 0);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM blob"), 0);
	assert_ok(case_set(&it, "inv-{{id}}.pdf", NULL), &it.err);
	case_end(&it);
}

static void
stopped_and_empty(void **state)
{
	struct attach_case it;

	(void)state;
	three_people(&it);
	assert_int_equal(case_set(&it, "bill-{{id}}.pdf", NULL), -1);
	assert_int_equal(it.err.code, E_ATTACH_EMPTY);
	atomic_store(&it.cancel, true);
	assert_int_equal(case_set(&it, "inv-{{id}}.pdf", NULL), -1);
	assert_int_equal(it.err.code, E_CANCELLED);
	atomic_store(&it.cancel, false);
	/* what a killed process has left goes with the next addition */
	case_sql(&it,
	    "INSERT INTO attachment VALUES(9, 1, 2, 0, 0, 'x', '', '', 0, '',"
	    " 1, 1, 1, x'', 0, '')",
	    0, NULL, NULL);
	case_sql(&it,
	    "INSERT INTO attachment_file VALUES(9, 1, 'k', 'n', 't', 0, '', 1,"
	    " x'01')",
	    0, NULL, NULL);
	case_sql(
	    &it, "INSERT INTO blob VALUES(x'01', 1, x'00')", 0, NULL, NULL);
	free(case_rows(&it, 0));
	assert_ok(case_set(&it, "inv-{{id}}.pdf", NULL), &it.err);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM blob"), 2);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM attachment"), 1);
	case_end(&it);
}

/* Many files go in several transactions and are one set. */
static void
many_files(void **state)
{
	enum { FILES = 1203 };
	struct attach_case it;
	struct attach_row row;
	char name[40], text[40];

	(void)state;
	case_begin(&it);
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof name, "n%d.txt", i);
		snprintf(text, sizeof text, "file %d of many", i);
		case_file(&it, name, span_of(text));
	}
	assert_ok(case_set(&it, "n{{id}}.txt", NULL), &it.err);
	row = only_row(&it);
	assert_int_equal(row.files, FILES);
	assert_int_equal(
	    case_count(&it, "SELECT count(*) FROM attachment_file"), FILES);
	assert_ok(
	    attach_remove(it.store, it.campaign.id, row.id, &it.err), &it.err);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM blob"), 0);
	case_end(&it);
}

/* Somebody else who is adding a set is left alone for an hour. */
static void
other_addition(void **state)
{
	struct attach_case it;

	(void)state;
	three_people(&it);
	case_sql(&it,
	    "INSERT INTO attachment VALUES(9, 1, 2, 0, 0, 'x', '', '', 0, '',"
	    " 1, 1, 1, x'', 1795219200000, '')",
	    0, NULL, NULL);
	assert_ok(case_set(&it, "inv-{{id}}.pdf", NULL), &it.err);
	assert_int_equal(
	    case_count(&it, "SELECT count(*) FROM attachment WHERE id = 9"), 1);
	assert_ok(
	    attach_remove(it.store, it.campaign.id, only_row(&it).id, &it.err),
	    &it.err);
	fake_clock_move(&it.clock, 61 * 60 * 1000);
	assert_ok(case_set(&it, "inv-{{id}}.pdf", NULL), &it.err);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM attachment"), 1);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(by_name),
	    cmocka_unit_test(by_manifest),
	    cmocka_unit_test(manifest_faults),
	    cmocka_unit_test(patterns),
	    cmocka_unit_test(keys),
	    cmocka_unit_test(no_way_out_of_the_folder),
	    cmocka_unit_test(stopped_and_empty),
	    cmocka_unit_test(many_files),
	    cmocka_unit_test(other_addition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
