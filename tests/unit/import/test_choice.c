/* Two readings of a file, and the choice between them that is remembered. */
#include "tests/unit/import/import_kit.h"

#define DATA "tests/data/import/encoding/"

/* ---- Candidates ------------------------------------------------------------ */

static void
shows_what_each_reading_gives(void **state)
{
	static const char *const kana[IMPORT_SAMPLES] = {
	    "ﾔﾏﾀﾞﾀﾛｳ", "ｻﾄｳﾊﾅｺ", "ｽｽﾞｷｼﾞﾛｳ"};
	struct import_candidate found[IMPORT_CANDIDATES] = {0};
	struct err err = {0};
	size_t count = 0;

	(void)state;
	assert_ok(import_candidates(DATA "kana.csv", NULL, found, &count, &err),
	    &err);
	assert_int_equal(count, 2);
	assert_int_equal(found[0].charset, IMPORT_CP932);
	assert_int_equal(found[1].charset, IMPORT_EUC);
	for (int i = 0; i < IMPORT_SAMPLES; i++) {
		assert_string_equal(found[1].sample[i], kana[i]);
		assert_true(found[0].sample[i][0] != '\0');
		assert_string_not_equal(found[0].sample[i], kana[i]);
	}
}

static void
shows_the_only_reading(void **state)
{
	struct import_candidate found[IMPORT_CANDIDATES] = {0};
	struct err err = {0};
	size_t count = 0;

	(void)state;
	assert_ok(
	    import_candidates(DATA "latin1.csv", NULL, found, &count, &err),
	    &err);
	assert_int_equal(count, 1);
	assert_int_equal(found[0].charset, IMPORT_CP932);
	assert_string_equal(found[0].sample[0], "Ren馥");
	assert_string_equal(found[0].sample[1], "");
}

static void
takes_samples_from_different_rows(void **state)
{
	/* 山 in EUC-JP stands twice, headers differ too */
	static const char data[] = "email,\xbb\xb3\n"
				   "a@example.jp,\xbb\xb3\n"
				   "b@example.jp,\xbb\xb3\n"
				   "c@example.jp,x\n"
				   "d@example.jp,\xc5\xc4,\xc5\xc4\xc5\xc4\n";
	struct import_candidate found[IMPORT_CANDIDATES] = {0};
	struct room *room = *state;
	struct err err = {0};
	size_t count = 0;

	write_file(room, SPAN(data));
	assert_ok(
	    import_candidates(room->path.ptr, NULL, found, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_string_equal(found[1].sample[0], "山");
	assert_string_equal(found[1].sample[1], "田");
	assert_string_equal(found[1].sample[2], "");
	assert_string_equal(found[0].sample[0], "ｻｳ");
	assert_string_equal(found[0].sample[1], "ﾅﾄ");

	write_file(room, SPAN("a\nx,\xff\xff\n"));
	assert_int_equal(
	    import_candidates(room->path.ptr, NULL, found, &count, &err), -1);
	assert_int_equal(err.code, E_IMPORT_ENCODING);
}

/* ---- Where a file comes from ------------------------------------------------ */

static struct import_origin
origin_of(struct room *room, const char *name, struct span data)
{
	struct import_origin origin = {0};
	struct err err = {0};

	buf_clear(&room->path);
	buf_printf(&room->path, "%s/%s", room->dir, name);
	write_file(room, data);
	assert_ok(import_origin(room->path.ptr, &origin, &err), &err);
	return origin;
}

static void
knows_where_files_come_from(void **state)
{
	static const struct {
		const char *name;
		struct span data;
		bool same;
	} files[] = {
	    {"list-20260501.csv", {"email,name\nb\n", 13}, true},
	    {"list-3.csv", {"email,name\r\nc", 13}, true},
	    {"list-3.csv", {"email,name", 10}, true},
	    {"list.csv", {"email,name\nb\n", 13}, false},
	    {"list-20260501.csv", {"email,name2\nb\n", 14}, false},
	    {"other-20260501.csv", {"email,name\nb\n", 13}, false},
	    {"list-20260501.csv", {"", 0}, false},
	};
	struct room *room = *state;
	struct import_origin first =
	    origin_of(room, "list-20260401.csv", SPAN("email,name\na\n"));
	struct import_origin zip[2];
	struct err err = {0};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct import_origin next =
		    origin_of(room, files[i].name, files[i].data);

		if (digest_equal(&first.digest, &next.digest) != files[i].same)
			fail_msg("file %zu", i);
	}
	/* what an archive begins with differs every time */
	zip[0] = origin_of(room, "a.zip", SPAN("PK\x03\x04zz\n"));
	zip[1] = origin_of(room, "a.zip", SPAN("PK\x03\x04yy\n"));
	assert_true(digest_equal(&zip[0].digest, &zip[1].digest));
	assert_int_equal(import_origin("/nowhere/x.csv", &first, &err), -1);
	assert_int_equal(err.code, E_FILE_OPEN);
}

/* ---- What was chosen --------------------------------------------------------- */

static int
found(struct room *room, const struct import_origin *origin,
    struct import_choice *out)
{
	struct db *db = NULL;
	struct err err = {0};
	int got;

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	got = import_choice_find(db, origin, out, &err);
	store_reader_close(&db);
	return got;
}

static void
remembers_the_last_choice(void **state)
{
	struct room *room = *state;
	struct import_origin a = origin_of(room, "a.csv", SPAN("x\n"));
	struct import_origin b = origin_of(room, "b.csv", SPAN("x\n"));
	struct import_choice choice = {0};
	struct err err = {0};

	assert_int_equal(found(room, &a, &choice), 0);
	assert_ok(
	    import_choice_remember(room->store, &a, IMPORT_EUC, &err), &err);
	assert_int_equal(found(room, &a, &choice), 1);
	assert_int_equal(choice.charset, IMPORT_EUC);
	assert_true(choice.at_ms > 0);
	assert_string_equal(choice.by, store_user(room->store));
	assert_int_equal(found(room, &b, &choice), 0);
	assert_ok(
	    import_choice_remember(room->store, &a, IMPORT_CP932, &err), &err);
	assert_int_equal(found(room, &a, &choice), 1);
	assert_int_equal(choice.charset, IMPORT_CP932);
	assert_int_equal(
	    import_choice_remember(room->store, &a, IMPORT_AUTO, &err), -1);
	assert_int_equal(err.code, E_BUG);
}

/* ---- All encodings come in ------------------------------------------------------ */

static void
imports_every_encoding(void **state)
{
	static const char *const files[] = {"utf8.csv", "utf8_mark.csv",
	    "utf8_joined.csv", "utf16le_mark.csv", "utf16be_mark.csv",
	    "utf16le.csv", "cp932.csv", "euc.csv", "jis.csv"};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct import_counts counts = {0};
		struct import *import = NULL;
		struct buf path = BUF_INIT;
		struct err err = {0};

		buf_printf(&path, DATA "%s", files[i]);
		assert_ok(import_open(path.ptr, NULL, &import, &err), &err);
		import_all(room, import, &counts);
		/* all are the same four people, to the last sign */
		if (counts.rejected || counts.changed ||
		    counts.fresh != (i ? 0 : 4) || counts.same != (i ? 4 : 0))
			fail_msg("%s: %d new, %d changed, %d same, %d rejected",
			    files[i], (int)counts.fresh, (int)counts.changed,
			    (int)counts.same, (int)counts.rejected);
		import_close(&import);
		buf_done(&path);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_what_each_reading_gives),
	    cmocka_unit_test(shows_the_only_reading),
	    cmocka_unit_test_setup_teardown(
		takes_samples_from_different_rows, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		knows_where_files_come_from, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		remembers_the_last_choice, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		imports_every_encoding, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
