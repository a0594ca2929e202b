/* Files of a campaign: taken once, kept once, gone with their last row. */
#include "tests/unit/attach/attach_case.h"

static void
a_file_for_all(void **state)
{
	struct attach_case it;
	struct attach_row *all;
	struct buf bytes = BUF_INIT;
	struct digest digest;

	(void)state;
	case_begin(&it);
	case_file(&it, "terms.pdf", SPAN(PDF "1"));
	assert_ok(case_add(&it, ATTACH_ALL), &it.err);
	assert_int_equal(case_count(&it, "SELECT revision FROM campaign"), 2);
	/* nothing outside the store counts any more */
	case_file(&it, "terms.pdf", SPAN(PDF "2"));
	all = case_rows(&it, 1);
	assert_string_equal(all[0].name, "terms.pdf");
	assert_string_equal(all[0].type, "application/pdf");
	assert_string_equal(all[0].look, "pdf");
	assert_int_equal(all[0].octets, 10);
	assert_string_equal(all[0].added_by, "tester");
	crypt_sha256(SPAN(PDF "1"), &digest);
	assert_true(digest_equal(&digest, &all[0].digest));
	assert_ok(attach_bytes(it.db, &digest, &bytes, &it.err), &it.err);
	assert_span_equal(buf_span(&bytes), PDF "1");
	assert_int_equal(case_count(&it, "SELECT count(*) FROM audit"
					 " WHERE what = 'attach.add'"),
	    1);
	assert_ok(attach_remove(it.store, it.campaign.id, all[0].id, &it.err),
	    &it.err);
	assert_int_equal(case_count(&it, "SELECT revision FROM campaign"), 3);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM blob"), 0);
	assert_int_equal(
	    attach_remove(it.store, it.campaign.id, all[0].id, &it.err), -1);
	assert_int_equal(it.err.code, E_ATTACH_MISSING);
	assert_int_equal(attach_bytes(it.db, &digest, &bytes, &it.err), -1);
	assert_int_equal(it.err.code, E_ATTACH_DIGEST);
	free(all);
	buf_done(&bytes);
	case_end(&it);
}

static void
refusals(void **state)
{
	static const struct {
		const char *name;
		struct span bytes;
		enum attach_kind kind;
		enum err_code code;
		const char *why;
	} row[] = {
	    {"a.exe", SPAN("MZ"), ATTACH_ALL, E_ATTACH_REFUSED, "program"},
	    {"a.pdf", SPAN("MZ"), ATTACH_ALL, E_ATTACH_REFUSED, "program"},
	    {"a.png", SPAN(PDF), ATTACH_ALL, E_ATTACH_REFUSED, "name"},
	    {"a.pdf", SPAN(""), ATTACH_ALL, E_ATTACH_REFUSED, "empty"},
	    {"a.pdf", SPAN(PDF), ATTACH_INLINE, E_ATTACH_FILE, "image"},
	    {"b.pdf", SPAN(PDF), ATTACH_ALL, E_ATTACH_FILE, "twice"},
	    {".b.pdf", SPAN(PDF), ATTACH_ALL, E_ATTACH_FILE, "dots"},
	    {"\xe2\x80\xae"
	     "fdp.b.pdf",
		SPAN(PDF), ATTACH_ALL, E_ATTACH_FILE, "direction"},
	    {"a\xff.pdf", SPAN(PDF), ATTACH_ALL, E_ATTACH_FILE, "utf8"},
	    {"a\n.pdf", SPAN(PDF), ATTACH_ALL, E_ATTACH_FILE, "control"},
	};
	struct attach_case it;

	(void)state;
	case_begin(&it);
	case_file(&it, "b.pdf", SPAN(PDF));
	assert_ok(case_add(&it, ATTACH_ALL), &it.err);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		case_file(&it, row[i].name, row[i].bytes);
		if (case_add(&it, row[i].kind) == 0)
			fail_msg("%s: taken", row[i].name);
		if (it.err.code != row[i].code ||
		    strcmp(err_find(&it.err, "why"), row[i].why) != 0)
			fail_msg("%s: %s %s", row[i].name,
			    err_name(it.err.code), err_find(&it.err, "why"));
	}
	assert_int_equal(case_count(&it, "SELECT count(*) FROM attachment"), 1);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM blob"), 1);
	case_end(&it);
}

static void
only_regular_files_within_the_limit(void **state)
{
	struct attach_case it;
	char large[1025] = PDF;

	(void)state;
	case_begin(&it);
	case_path(&it, "");
	assert_int_equal(case_add(&it, ATTACH_ALL), -1);
	assert_string_equal(err_find(&it.err, "why"), "kind");
	assert_int_equal(mkfifo(case_path(&it, "p.pdf"), 0600), 0);
	assert_int_equal(case_add(&it, ATTACH_ALL), -1);
	assert_string_equal(err_find(&it.err, "why"), "kind");
	case_path(&it, "none.pdf");
	assert_int_equal(case_add(&it, ATTACH_ALL), -1);
	assert_int_equal(it.err.code, E_FILE_OPEN);
	assert_ok(
	    setting_write(it.store, "attach.file_max", SPAN("1"), &it.err),
	    &it.err);
	case_file(&it, "large.pdf", span_make(large, 1025));
	assert_int_equal(case_add(&it, ATTACH_ALL), -1);
	assert_int_equal(it.err.code, E_ATTACH_SIZE);
	assert_string_equal(err_find(&it.err, "limit"), "1024");
	case_file(&it, "large.pdf", span_make(large, 1024));
	assert_ok(case_add(&it, ATTACH_ALL), &it.err);
	case_end(&it);
}

/* Octets are kept once, and as long as some row of some campaign has them. */
static void
octets_are_shared(void **state)
{
	struct attach_case it;
	struct campaign_id copy;
	struct attach_row *all;

	(void)state;
	case_begin(&it);
	case_file(&it, "a.pdf", SPAN(PDF));
	assert_ok(case_add(&it, ATTACH_ALL), &it.err);
	case_file(&it, "b.pdf", SPAN(PDF));
	assert_ok(case_add(&it, ATTACH_ALL), &it.err);
	case_file(&it, "n-1.pdf", SPAN(PDF));
	assert_ok(case_set(&it, "n-{{id}}.pdf", NULL), &it.err);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM blob"), 1);
	assert_ok(campaign_copy(it.store, it.campaign.id, SPAN("Copy"),
		      CAMPAIGN_DRAFT, &copy, &it.err),
	    &it.err);
	all = case_rows(&it, 3);
	for (int i = 0; i < 3; i++)
		assert_ok(
		    attach_remove(it.store, it.campaign.id, all[i].id, &it.err),
		    &it.err);
	free(all);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM blob"), 1);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM attachment"), 3);
	assert_int_equal(
	    case_count(&it, "SELECT count(*) FROM attachment_file"), 1);
	assert_ok(campaign_delete(it.store, copy, &it.err), &it.err);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM blob"), 0);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM attachment"), 0);
	assert_int_equal(
	    case_count(&it, "SELECT count(*) FROM attachment_file"), 0);
	case_end(&it);
}

static void
what_was_launched_stays(void **state)
{
	struct attach_case it;
	struct attach_row *all;

	(void)state;
	case_begin(&it);
	case_file(&it, "a.pdf", SPAN(PDF));
	assert_ok(case_add(&it, ATTACH_ALL), &it.err);
	all = case_rows(&it, 1);
	case_sql(&it, "UPDATE campaign SET state = 2", 0, NULL, NULL);
	assert_int_equal(
	    attach_remove(it.store, it.campaign.id, all[0].id, &it.err), -1);
	assert_int_equal(it.err.code, E_CAMPAIGN_STATE);
	case_file(&it, "b.pdf", SPAN(PDF "b"));
	assert_int_equal(case_add(&it, ATTACH_ALL), -1);
	assert_int_equal(it.err.code, E_CAMPAIGN_STATE);
	assert_int_equal(case_count(&it, "SELECT count(*) FROM blob"), 1);
	free(all);
	case_end(&it);
}

/* Somebody changes the octets behind the program: they are not passed on. */
static void
changed_octets_are_noticed(void **state)
{
	struct attach_case it;
	struct attach_row *all;
	struct buf bytes = BUF_INIT;

	(void)state;
	case_begin(&it);
	case_file(&it, "a.pdf", SPAN(PDF));
	assert_ok(case_add(&it, ATTACH_ALL), &it.err);
	case_sql(&it, "UPDATE blob SET bytes = x'25504446'", 0, NULL, NULL);
	all = case_rows(&it, 1);
	assert_int_equal(
	    attach_bytes(it.db, &all[0].digest, &bytes, &it.err), -1);
	assert_int_equal(it.err.code, E_ATTACH_DIGEST);
	free(all);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_for_all),
	    cmocka_unit_test(refusals),
	    cmocka_unit_test(only_regular_files_within_the_limit),
	    cmocka_unit_test(octets_are_shared),
	    cmocka_unit_test(what_was_launched_stays),
	    cmocka_unit_test(changed_octets_are_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
