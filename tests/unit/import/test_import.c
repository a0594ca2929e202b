/* Files of every kind into a real store, what is kept and logged, and what
 * happens when it is stopped. */
#include "tests/unit/import/import_kit.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- Files that are refused ------------------------------------------- */

static void
refuses_files_that_are_no_rows(void **state)
{
	static const struct {
		struct span data;
		enum err_code code;
		const char *fact, *value;
	} cases[] = {
	    {{"", 0}, E_CSV_EMPTY, "", ""},
	    {{"\xef\xbb\xbf", 3}, E_CSV_EMPTY, "", ""},
	    {{"\r\n,,\r\n", 6}, E_CSV_EMPTY, "", ""},
	    {{"\xff\xfe\0\0a\0\0\0", 8}, E_IMPORT_TYPE, "found", "utf-32"},
	    {{"\1\0\0\0\2\0\0\0", 8}, E_IMPORT_TYPE, "found", "binary"},
	    {{"PK\x03\x04 list.csv", 13}, E_ZIP, "why", "truncated"},
	    {{"\xd0\xcf\x11\xe0", 4}, E_IMPORT_TYPE, "found", "xls"},
	    {{"%PDF-1.7", 8}, E_IMPORT_TYPE, "found", "pdf"},
	    {{"a,b\n\x1b$B;\n", 9}, E_IMPORT_ENCODING, "line", "2"},
	    {{"email\na@example.com\n\xff\xff\n", 23}, E_IMPORT_ENCODING,
		"line", "3"},
	    /* valid in both and no way to know */
	    {{"email\n\xb1\xb2\xb3\xb4\n", 11}, E_IMPORT_ENCODING_UNSURE, "",
		""},
	    {{"email,name\na@example.com,\"x\n", 28}, E_CSV_QUOTE_OPEN, "line",
		"2"},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct import *import = NULL;
		struct err err = {0};

		write_file(room, cases[i].data);
		if (import_open(room->path.ptr, NULL, &import, &err) == 0)
			fail_msg("case %zu was opened", i);
		if (err.code != cases[i].code)
			fail_msg("case %zu: %s", i, err_name(err.code));
		assert_string_equal(
		    err_find(&err, cases[i].fact), cases[i].value);
		assert_string_equal(err_find(&err, "path"), room->path.ptr);
		assert_null(import);
	}
}

static void
names_paths_that_cannot_be_read(void **state)
{
	struct room *room = *state;
	struct import *import = NULL;
	struct err err = {0};

	assert_int_equal(
	    import_open("/nonexistent/x.csv", NULL, &import, &err), -1);
	assert_int_equal(err.code, E_FILE_OPEN);
	assert_int_equal(import_open(room->dir, NULL, &import, &err), -1);
	assert_int_equal(err.code, E_FILE_OPEN);
	assert_int_equal(import_open("/dev/zero", NULL, &import, &err), -1);
	assert_int_equal(err.code, E_IMPORT_TYPE);
}

/* 一 and U+3000 have their NUL on the other side than ASCII. */
static void
reads_wide_text_with_nuls_on_both_sides(void **state)
{
#define ROWS "e\0m\0a\0i\0l\0\t\0n\0\n\0a\0@\0b\0.\0j\0p\0\t\0\0\x4e\0\x30\n\0"
	const struct span files[] = {SPAN("\xff\xfe" ROWS), SPAN(ROWS)};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct import *import = NULL;
		struct err err = {0};

		write_file(room, files[i]);
		assert_ok(
		    import_open(room->path.ptr, NULL, &import, &err), &err);
		import_close(&import);
	}
#undef ROWS
}

/* Faults behind the first rows show when the file is read, and stop it. */
static void
stops_at_faults_behind_the_beginning(void **state)
{
	static const struct {
		const char *tail;
		enum err_code code;
	} cases[] = {
	    {"c@example.com,\"open\nd@example.com,x\n", E_CSV_QUOTE_OPEN},
	    {"c@example.com,\xff\n", E_IMPORT_ENCODING},
	    {"c@example.com,\xe3\x81", E_IMPORT_ENCODING},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct import_plan plan = plan_of(room);
		struct import_counts counts = {0};
		struct import *import = NULL;
		struct buf data = BUF_INIT;
		struct err err = {0};

		buf_text(&data, "email,name\n");
		for (int n = 0; n < 4000; n++)
			buf_printf(&data, "a%d@example.com,\xe5\xb1\xb1\n", n);
		buf_text(&data, cases[i].tail);
		write_file(room, buf_span(&data));
		assert_ok(import_open(room->path.ptr,
			      &(struct import_form){.charset = IMPORT_UTF8},
			      &import, &err),
		    &err);
		assert_int_equal(
		    import_check(import, room->store, &plan, &counts, &err),
		    -1);
		assert_int_equal(err.code, cases[i].code);
		assert_string_equal(err_find(&err, "line"), "4002");
		assert_int_equal(
		    import_commit(import, room->store, &plan, &counts, &err),
		    -1);
		assert_int_equal(err.code, cases[i].code);
		assert_int_equal(members(room), 0);
		import_close(&import);
		buf_done(&data);
	}
}

static void
limits_columns_and_cells(void **state)
{
	struct room *room = *state;
	struct import *import = NULL;
	struct buf data = BUF_INIT;
	struct err err = {0};

	buf_text(&data, "email");
	for (int i = 0; i < 299; i++)
		buf_text(&data, ",x");
	write_file(room, buf_span(&data));
	assert_int_equal(import_open(room->path.ptr, NULL, &import, &err), -1);
	assert_int_equal(err.code, E_CSV_COLUMNS);
	assert_string_equal(err_find(&err, "found"), "300");
	assert_string_equal(err_find(&err, "line"), "1");

	buf_clear(&data);
	buf_text(&data, "email,name\na@example.com,");
	buf_reserve(&data, 10 * 1024 * 1024);
	for (int i = 0; i < 10 * 1024 * 1024; i++)
		buf_char(&data, 'x');
	write_file(room, buf_span(&data));
	assert_int_equal(import_open(room->path.ptr, NULL, &import, &err), -1);
	assert_int_equal(err.code, E_CSV_CELL_LONG);
	assert_string_equal(err_find(&err, "line"), "2");
	buf_done(&data);
}

/* ---- Columns ----------------------------------------------------------- */

/* One letter a column: A address, N name, F field, - skipped. */
static void
guesses_columns(void **state)
{
	static const struct {
		const char *data, *wanted, *fields;
	} cases[] = {
	    {"email,name\n", "AN", ""},
	    {"E-Mail,Full Name,City\n", "ANF", "City"},
	    {"メールアドレス,氏名,会社名\n", "ANF", "会社名"},
	    {"ﾒｰﾙｱﾄﾞﾚｽ,お名前,会員番号\n", "ANF", "会員番号"},
	    {"Ｅ－ｍａｉｌ；氏　名\n", "F", "Ｅ－ｍａｉｌ；氏　名"},
	    {"Ｅ－ｍａｉｌ,氏　名\n", "AN", ""},
	    {"会員番号,メールアドレス（必須）,姓,名\n", "FANN", "会員番号"},
	    {"氏名,PCメール,携帯メール\n", "NAF", "携帯メール"},
	    {"Address,Mail\n1 Main St,a@example.com\n", "FA", "Address"},
	    {"Address\na@example.com\n", "A", ""},
	    {"x,y\nTaro,a@example.com\n", "FA", "x"},
	    {"a@example.com,Taro\nb@example.com,Jiro\n", "A-", ""},
	    {"email,,\"{{a|b}}\",address,x,x\n", "A-FFFF",
		"__a_b__,address_2,x,x_2"},
	    {"sep=;\nemail;x\n", "AF", "x"},
	    {"x,y\n1,2\n", "FF", "x,y"},
	};
	static const char letter[] = {'-', 'A', 'N', 'F'};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct import *import = open_text(room, span_of(cases[i].data));
		struct buf got = BUF_INIT, fields = BUF_INIT;
		size_t count;
		struct import_column *column = import_columns(import, &count);

		for (size_t n = 0; n < count; n++) {
			buf_char(&got, letter[column[n].target]);
			if (column[n].target != IMPORT_FIELD)
				continue;
			if (fields.len)
				buf_char(&fields, ',');
			buf_text(&fields, column[n].field);
		}
		if (strcmp(got.ptr, cases[i].wanted) ||
		    !span_equal(buf_span(&fields), span_of(cases[i].fields)))
			fail_msg("case %zu: %s %s", i, got.ptr,
			    fields.ptr ? fields.ptr : "");
		import_close(&import);
		buf_done(&got);
		buf_done(&fields);
	}
}

static void
shows_first_values(void **state)
{
	struct import *import =
	    open_text(*state, SPAN("email,name\n\n,,\na@example.com,A\n"
				   "b@example.com\nc@example.com,C\n"
				   "d@example.com,D\n"));
	size_t count;
	struct import_column *column = import_columns(import, &count);

	assert_int_equal(count, 2);
	assert_string_equal(column[0].sample[0], "a@example.com");
	assert_string_equal(column[0].sample[1], "b@example.com");
	assert_string_equal(column[1].sample[1], "");
	assert_string_equal(column[1].sample[2], "C");
	assert_int_equal(import_charset_used(import), IMPORT_UTF8);
	import_close(&import);
}

static void
refuses_mappings_that_cannot_be(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(room, SPAN("email,x,y\n"));
	struct import_plan plan = plan_of(room);
	struct import_counts counts = {0};
	struct err err = {0};
	size_t count;
	struct import_column *column = import_columns(import, &count);
	static const struct {
		enum import_target target[3];
		const char *field[3];
		enum err_code code;
		const char *why;
	} cases[] = {
	    {{IMPORT_SKIP, IMPORT_FIELD, IMPORT_FIELD}, {"", "x", "y"},
		E_IMPORT_NO_ADDRESS, ""},
	    {{IMPORT_ADDRESS, IMPORT_ADDRESS, IMPORT_FIELD}, {"", "", "y"},
		E_IMPORT_MAPPING, "address_twice"},
	    {{IMPORT_ADDRESS, IMPORT_FIELD, IMPORT_FIELD}, {"", "y", "y"},
		E_IMPORT_MAPPING, "field_twice"},
	    {{IMPORT_ADDRESS, IMPORT_FIELD, IMPORT_SKIP}, {"", "", ""},
		E_IMPORT_MAPPING, "field_empty"},
	    {{IMPORT_ADDRESS, IMPORT_FIELD, IMPORT_SKIP}, {"", "name", ""},
		E_IMPORT_MAPPING, "field_reserved"},
	    {{IMPORT_ADDRESS, IMPORT_FIELD, IMPORT_SKIP}, {"", "a}b", ""},
		E_IMPORT_MAPPING, "field_character"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t n = 0; n < 3; n++) {
			column[n].target = cases[i].target[n];
			snprintf(column[n].field, sizeof column[n].field, "%s",
			    cases[i].field[n]);
		}
		assert_int_equal(
		    import_check(import, room->store, &plan, &counts, &err),
		    -1);
		if (err.code != cases[i].code)
			fail_msg("case %zu: %s", i, err_name(err.code));
		assert_string_equal(err_find(&err, "why"), cases[i].why);
	}
	import_close(&import);
}

static void
refuses_a_plan_without_a_basis(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(room, SPAN("email\n"));
	struct import_plan plan = plan_of(room);
	struct import_counts counts = {0};
	struct err err = {0};

	plan.basis_note = SPAN(" ");
	assert_int_equal(
	    import_commit(import, room->store, &plan, &counts, &err), -1);
	assert_int_equal(err.code, E_IMPORT_BASIS);
	plan.basis = BASIS_COUNT;
	assert_int_equal(
	    import_commit(import, room->store, &plan, &counts, &err), -1);
	assert_int_equal(err.code, E_IMPORT_BASIS);
	plan.basis = BASIS_NONE;
	plan.list.v = 99;
	assert_int_equal(
	    import_commit(import, room->store, &plan, &counts, &err), -1);
	assert_int_equal(err.code, E_LIST_MISSING);
	assert_int_equal(
	    import_check(import, room->store, &plan, &counts, &err), -1);
	assert_int_equal(err.code, E_LIST_MISSING);
	import_close(&import);
}

/* ---- Charsets and line ends -------------------------------------------- */

static void
reads_cp932_whole(void **state)
{
	/* 髙﨑①㈱, 表ソポ (second bytes 5C and 7C), half-width kana */
	static const char data[] =
	    "\x83\x81\x81[\x83\x8b\x83"
	    "A\x83h\x83\x8c\x83X,\x8e\x81\x96\xbc,"
	    "\x89\xef\x8e\xd0\x96\xbc\r\n"
	    "a@example.jp,\xfb\xfc\xed\x95,\x87\x40\x87\x8a\r\n"
	    "b@example.jp,\x95\x5c\x83\x5c\x83\x7c,\xb1\xb2\xb3\r\n";
	struct room *room = *state;
	struct import *import = open_text(room, SPAN(data));
	struct import_counts counts = {0};

	assert_int_equal(import_charset_used(import), IMPORT_CP932);
	import_all(room, import, &counts);
	assert_int_equal(counts.fresh, 2);
	assert_member(room, 0, "a@example.jp|髙﨑|{\"会社名\":\"①㈱\"}");
	assert_member(room, 1, "b@example.jp|表ソポ|{\"会社名\":\"ｱｲｳ\"}");
	import_close(&import);
}

static void
takes_the_charset_it_is_given(void **state)
{
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct import_counts counts = {0};
	struct import *import = NULL;
	struct err err = {0};

	write_file(room, SPAN("email,name\na@example.jp,\xb1\xb2\n"));
	assert_ok(
	    import_open(room->path.ptr,
		&(struct import_form){.charset = IMPORT_CP932}, &import, &err),
	    &err);
	assert_ok(
	    import_commit(import, room->store, &plan, &counts, &err), &err);
	assert_member(room, 0, "a@example.jp|ｱｲ|{}");
	import_close(&import);
	assert_int_equal(
	    import_open(room->path.ptr,
		&(struct import_form){.charset = IMPORT_UTF8}, &import, &err),
	    -1);
	assert_int_equal(err.code, E_IMPORT_ENCODING);
	assert_string_equal(err_find(&err, "line"), "2");
}

static void
reads_marks_delimiters_and_line_ends(void **state)
{
	static const char *const files[] = {
	    "\xef\xbb\xbf"
	    "email,name\r\na@example.com,A\r\n"
	    "b@example.com,B\r\n",
	    "email;name\na@example.com;A\nb@example.com;B",
	    "email\tname\ra@example.com\tA\rb@example.com\tB\r",
	    "sep=;\r\nemail;name\na@example.com;A\r\rb@example.com;B\r\n",
	    "\n\n\"email\",\"name\",,\n\"a@example.com\",\"A\",,\n,,,\n"
	    "b@example.com,B,,\n,,,\n",
	    "a@example.com,A\nb@example.com,B\n",
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct import_counts counts = {0};
		struct import *import = open_text(room, span_of(files[i]));
		size_t n;

		import_columns(import, &n)[1].target = IMPORT_NAME;
		import_all(room, import, &counts);
		if (counts.read != 2 || counts.rejected ||
		    (i == 0 ? counts.fresh : counts.same) != 2)
			fail_msg("file %zu: read %lld, same %lld", i,
			    (long long)counts.read, (long long)counts.same);
		import_close(&import);
	}
	assert_member(room, 1, "b@example.com|B|{}");
}

/* ---- What is stored beside the contacts -------------------------------- */

static void
stores_and_logs_what_it_did(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};
	int64_t revision =
	    tempstore_number(room->store, "SELECT revision FROM list");

	import_text(room,
	    SPAN(
		"email\na@example.com\na@example.com\nbad\n,\nb@example.com\n"),
	    &c);
	assert_int_equal(c.read, 4);
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM import WHERE rows = 4 AND fresh = 2"
		" AND duplicate = 1 AND rejected = 1 AND file = 'list.csv'"
		" AND charset = 'UTF-8' AND basis = 1 AND by = 'tester'"),
	    1);
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM import_reject WHERE line = 4"
		" AND reason = 'mail.address_syntax' AND raw = 'bad'"),
	    1);
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM audit WHERE what = 'import.commit'"
		" AND facts LIKE '%read=4 fresh=2 changed=0 same=0"
		" duplicate=1 rejected=1 suppressed=0 stopped=0 "
		"bare=0 file=list.csv'"),
	    1);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT revision FROM list"),
	    revision + 1);
	import_text(room, SPAN("email\na@example.com\n"), &c);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT revision FROM list"),
	    revision + 1);
}

static void
keeps_the_first_rejects_only(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};
	struct buf data = BUF_INIT;
	struct import *import;

	buf_text(&data, "email\n");
	for (int i = 0; i < IMPORT_REJECTS_KEPT + 5; i++)
		buf_text(&data, "bad\n");
	import = open_text(room, buf_span(&data));
	import_all(room, import, &c);
	assert_int_equal(c.rejected, IMPORT_REJECTS_KEPT + 5);
	assert_non_null(import_reject_at(import, IMPORT_REJECTS_KEPT - 1));
	assert_null(import_reject_at(import, IMPORT_REJECTS_KEPT));
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM import_reject"),
	    IMPORT_REJECTS_KEPT);
	import_close(&import);
	buf_done(&data);
}

/* ---- Stopping ---------------------------------------------------------- */

static void
many_rows(struct room *room, int count)
{
	struct buf data = BUF_INIT;

	buf_text(&data, "email,name,x\n");
	for (int i = 0; i < count; i++) {
		buf_printf(&data, "person.%d@example.com,Person %d,%d\n", i, i,
		    i % 10);
	}
	write_file(room, buf_span(&data));
	buf_done(&data);
}

struct job {
	struct room *room;
	struct import *import;
	struct err err;
	int rc;
};

static void *
commit_job(void *arg)
{
	struct job *job = arg;
	struct import_plan plan = plan_of(job->room);
	struct import_counts counts;

	job->rc = import_commit(
	    job->import, job->room->store, &plan, &counts, &job->err);
	return NULL;
}

static void
cancel_from_another_thread_stores_nothing(void **state)
{
	struct room *room = *state;
	struct job job = {.room = room};
	struct import_counts counts = {0};
	struct import_plan plan = plan_of(room);
	struct err err = {0};
	pthread_t thread;

	many_rows(room, 200000);
	assert_ok(import_open(room->path.ptr, NULL, &job.import, &err), &err);
	assert_int_equal(pthread_create(&thread, NULL, commit_job, &job), 0);
	while (counts.read < 1000)
		import_progress(job.import, &counts);
	import_cancel(job.import);
	pthread_join(thread, NULL);
	assert_int_equal(job.rc, -1);
	assert_int_equal(job.err.code, E_CANCELLED);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM contact"), 0);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM import"), 0);
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM audit WHERE what = 'import.commit'"),
	    0);

	/* A cancel before the start is heard too, and only once. */
	import_cancel(job.import);
	assert_int_equal(
	    import_check(job.import, room->store, &plan, &counts, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
	many_rows(room, 10);
	import_close(&job.import);
	import_text(room, SPAN("email\na@example.com\n"), &counts);
	assert_int_equal(counts.fresh, 1);
}

/* The sample list of the demo shows every outcome. */
static void
imports_the_sample_list(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};
	struct import *import = NULL;
	struct err err = {0};

	assert_ok(
	    import_open("tui/demo/contacts.csv", NULL, &import, &err), &err);
	assert_int_equal(import_charset_used(import), IMPORT_CP932);
	import_all(room, import, &c);
	assert_int_equal(c.read, 300);
	assert_int_equal(c.fresh, 293);
	assert_int_equal(c.duplicate, 4);
	assert_int_equal(c.rejected, 3);
	assert_int_equal(
	    import_reject_at(import, 0)->why.code, E_ADDRESS_WIDTH);
	assert_int_equal(
	    import_reject_at(import, 1)->why.code, E_ADDRESS_SYNTAX);
	assert_int_equal(
	    import_reject_at(import, 2)->why.code, E_ROW_TWO_ADDRESSES);
	import_close(&import);
}

/* Lets files of this process grow to size only; -1 ends the limit. */
static void
limit_files(int64_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size < 0 ? limit.rlim_max : (rlim_t)size;
	setrlimit(RLIMIT_FSIZE, &limit);
}

/* Full while rows are written, and full at the commit itself. */
static void
full_disk_stores_nothing(void **state)
{
	static const int64_t sizes[] = {300000, 1000000, 4000000};
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct import_counts counts = {0};
	struct import *import = NULL;
	struct err err = {0};

	signal(SIGXFSZ, SIG_IGN);
	many_rows(room, 40000);
	assert_ok(import_open(room->path.ptr, NULL, &import, &err), &err);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		int rc;

		limit_files(sizes[i]);
		rc = import_commit(import, room->store, &plan, &counts, &err);
		limit_files(-1);
		assert_int_equal(rc, -1);
		if (err.code != E_STORE_FULL)
			fail_msg("at %lld: %s %s %s %d", (long long)sizes[i],
			    err_name(err.code), err_find(&err, "code"),
			    err_find(&err, "what"), err.sys);
		assert_int_equal(tempstore_number(room->store,
				     "SELECT count(*) FROM contact"),
		    0);
		assert_int_equal(tempstore_number(room->store,
				     "SELECT count(*) FROM import"),
		    0);
	}
	assert_ok(
	    import_commit(import, room->store, &plan, &counts, &err), &err);
	assert_int_equal(counts.fresh, 40000);
	assert_ok(store_verify(room->store, &err), &err);
	import_close(&import);
}

/* Peak of resident memory so far, in KiB. */
static long
peak_kb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* Runs first: a peak cannot be seen behind a higher one. */
static void
memory_does_not_grow_with_the_file(void **state)
{
	enum { FILE_MB = 48, GROWTH_MB = 16 };
	struct room *room = *state;
	FILE *file = fopen(room->path.ptr, "wb");
	struct import_counts counts = {0};
	struct import *import = NULL;
	struct err err = {0};
	long before;

	assert_non_null(file);
	fputs("email,name,x\n", file);
	for (int i = 0; i < FILE_MB * 1024; i++)
		fprintf(file, "p%d@example.com,Person,%01000d\n", i % 10, 0);
	fclose(file);
	before = peak_kb();
	assert_ok(import_open(room->path.ptr, NULL, &import, &err), &err);
	assert_true(import_size(import) > FILE_MB * 1000000);
	import_all(room, import, &counts);
	assert_int_equal(counts.fresh, 10);
	assert_int_equal(counts.octets, import_size(import));
	assert_true(peak_kb() - before < GROWTH_MB * 1024);
	import_close(&import);
}

/* The list of an import that does not come to its end must not stay. */
static void
makes_its_list_or_nothing(void **state)
{
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct import_counts counts = {0};
	struct import *import = NULL;
	struct list_info info;
	struct db *db = NULL;
	struct err err = {0};

	plan.list.v = 0;
	write_file(room, SPAN("email\na@example.com\n"));
	assert_ok(import_open(room->path.ptr, NULL, &import, &err), &err);
	assert_int_equal(
	    import_check(import, room->store, &plan, &counts, &err), -1);
	assert_int_equal(err.code, E_LIST_MISSING);
	plan.new_list = SPAN(" ");
	assert_int_equal(
	    import_commit(import, room->store, &plan, &counts, &err), -1);
	assert_int_equal(err.code, E_LIST_NAME);
	plan.new_list = SPAN("From a file");
	assert_ok(
	    import_check(import, room->store, &plan, &counts, &err), &err);
	import_cancel(import);
	assert_int_equal(
	    import_commit(import, room->store, &plan, &counts, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
	/* Still free. */
	assert_ok(
	    import_check(import, room->store, &plan, &counts, &err), &err);
	assert_int_equal(counts.fresh, 1);
	assert_ok(
	    import_commit(import, room->store, &plan, &counts, &err), &err);
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(list_find(db, import_list(import), &info, &err), &err);
	assert_string_equal(info.name, "From a file");
	assert_int_equal(info.contacts, 1);
	store_reader_close(&db);
	assert_int_equal(
	    import_check(import, room->store, &plan, &counts, &err), -1);
	assert_int_equal(err.code, E_LIST_NAME);
	import_close(&import);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(makes_its_list_or_nothing),
	    TEST(memory_does_not_grow_with_the_file),
	    TEST(refuses_files_that_are_no_rows),
	    TEST(names_paths_that_cannot_be_read),
	    TEST(reads_wide_text_with_nuls_on_both_sides),
	    TEST(stops_at_faults_behind_the_beginning),
	    TEST(limits_columns_and_cells),
	    TEST(guesses_columns),
	    TEST(shows_first_values),
	    TEST(refuses_mappings_that_cannot_be),
	    TEST(refuses_a_plan_without_a_basis),
	    TEST(reads_cp932_whole),
	    TEST(takes_the_charset_it_is_given),
	    TEST(reads_marks_delimiters_and_line_ends),
	    TEST(stores_and_logs_what_it_did),
	    TEST(keeps_the_first_rejects_only),
	    TEST(cancel_from_another_thread_stores_nothing),
	    TEST(full_disk_stores_nothing),
	    TEST(imports_the_sample_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
