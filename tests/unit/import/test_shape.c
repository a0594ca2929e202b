/* Files as they are in the field, opened as an operator does: archives, quirks
 * of rows, and files of other programs. */
#include "tests/unit/import/import_kit.h"

#include "tests/fake/zipfile.h"

/* "member|member" of the list, without fields. */
static void
assert_people(struct room *room, const char *wanted)
{
	struct contact_page page = {0};
	struct buf text = BUF_INIT;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(contact_page(room->store, db, room->list,
		      (struct contact_id){0}, 100, &page, &err),
	    &err);
	buf_text(&text, "");
	for (size_t i = 0; i < page.count; i++)
		buf_printf(&text, "%s%.*s=%.*s", i ? "|" : "",
		    SPAN_ARG(page.row[i].address), SPAN_ARG(page.row[i].name));
	assert_string_equal(text.ptr, wanted);
	contact_page_done(&page);
	store_reader_close(&db);
	buf_done(&text);
}

/* Every quirk of rows at once: what is read, what is rejected, nobody
 * shifted. */
static void
reads_rows_as_they_are(void **state)
{
	static const struct {
		struct span data;
		const char *people;
		int64_t read, rejected;
		size_t left;
		enum import_charset charset;
	} cases[] = {
	    /* line ends of all kinds, blank rows, deleted rows, no last end */
	    {SPAN("email,name\ra@b.jp,A\r\n\r\n,,\n,\nb@b.jp,B\rc@b.jp,C"),
		"a@b.jp=A|b@b.jp=B|c@b.jp=C", 3, 0, 0, IMPORT_AUTO},
	    /* trailing empty columns */
	    {SPAN("email,name,,\na@b.jp,A,,\nb@b.jp,B\nc@b.jp,C,,,,\n"),
		"a@b.jp=A|b@b.jp=B|c@b.jp=C", 3, 0, 0, IMPORT_AUTO},
	    /* ragged rows: each with a reason, nobody gets another's name */
	    {SPAN("email,name,city\na@b.jp,A,x\nb@b.jp,B\nc@b.jp,C,y,z\n"
		  "d@b.jp,D,w\n"),
		"a@b.jp=A|d@b.jp=D", 4, 2, 0, IMPORT_AUTO},
	    {SPAN("email;name\na@b.jp;\"A; \"\"x\"\"\"\nb@b.jp;B\"s\n"),
		"a@b.jp=A; \"x\"|b@b.jp=B\"s", 2, 0, 0, IMPORT_AUTO},
	    {SPAN("email,name\na@b.jp,\"A \\\"x\\\"\"\nb@b.jp,B\n"),
		"a@b.jp=A \"x\"|b@b.jp=B", 2, 0, 0, IMPORT_AUTO},
	    {SPAN("email,name\na@b.jp,“A”\n"), "a@b.jp=“A”", 1, 0, 0,
		IMPORT_AUTO},
	    {SPAN("sep=|\r\nemail|name\r\na@b.jp|A, x\r\n"), "a@b.jp=A, x", 1,
		0, 0, IMPORT_AUTO},
	    {SPAN("氏名、メール\n山田、a@b.jp\n佐藤、b@b.jp\n"),
		"a@b.jp=山田|b@b.jp=佐藤", 2, 0, 0, IMPORT_AUTO},
	    {SPAN("会員一覧\n\nメール\t氏名\na@b.jp\tA\nメール\t氏名\n"
		  "b@b.jp\tB\n合計 2 件\n"),
		"a@b.jp=A|b@b.jp=B", 2, 0, 3, IMPORT_AUTO},
	    /* CP932 whose second octets are '|' and '\': ポ 表 */
	    {SPAN("email|name\na@b.jp|\x83\x7c\x95\x5c\n"), "a@b.jp=ポ表", 1, 0,
		0, IMPORT_CP932},
	    {SPAN("email,name\na@b.jp,\"\x95\x5c\"\n"), "a@b.jp=表", 1, 0, 0,
		IMPORT_CP932},
	    /* no quoting at all, as some services want it */
	    {SPAN("email,name\r\na@b.jp,\"A\r\nb@b.jp,\"B\r\n"),
		"a@b.jp=\"A|b@b.jp=\"B", 2, 0, 0, IMPORT_AUTO},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct room *room;
		struct import_counts counts = {0};
		struct import *import = NULL;
		struct err err = {0};
		size_t left;

		assert_int_equal(setup(state), 0);
		room = *state;
		write_file(room, cases[i].data);
		assert_ok(
		    import_open(room->path.ptr,
			&(struct import_form){.charset = cases[i].charset},
			&import, &err),
		    &err);
		import_all(room, import, &counts);
		assert_people(room, cases[i].people);
		import_left_at(import, 0, &left);
		if (counts.read != cases[i].read ||
		    counts.rejected != cases[i].rejected ||
		    left != cases[i].left)
			fail_msg("case %zu: %d %d %zu", i, (int)counts.read,
			    (int)counts.rejected, left);
		import_close(&import);
		teardown(state);
	}
}

static void
shows_where_the_table_stands(void **state)
{
	struct room *room = *state;
	struct import_counts counts = {0};
	struct import *import = open_text(
	    room, SPAN("会員一覧\n\nメール;氏名\na@b.jp;A\nx;X\n合計;1\n"));
	struct import_table table;
	struct import_form form;
	const struct import_left *left;
	struct err err = {0};
	size_t count;

	import_table(import, &form, &table);
	assert_int_equal(table.header_rows, 1);
	assert_int_equal(table.header_line[0], 3);
	assert_int_equal(table.first_line, 4);
	assert_int_equal(table.columns, 2);
	assert_int_equal(form.delimiter, ';');
	assert_int_equal(form.quote, IMPORT_QUOTE_DOUBLE);
	assert_int_equal(form.header, IMPORT_HEADER_YES);
	assert_int_equal(form.first_line, 3);
	left = import_left_at(import, 0, &count);
	assert_int_equal(count, 2);
	assert_int_equal(left->line, 1);
	assert_int_equal(left->why, IMPORT_LEFT_ABOVE);
	assert_string_equal(left->text, "会員一覧");
	import_all(room, import, &counts);
	assert_int_equal(counts.read, 2);
	left = import_left_at(import, 1, &count);
	assert_int_equal(left->why, IMPORT_LEFT_TOTAL);
	assert_int_equal(left->line, 6);
	assert_null(import_left_at(import, 2, &count));
	import_close(&import);

	/* what was found, given: the same */
	assert_ok(import_open(room->path.ptr, &form, &import, &err), &err);
	import_columns(import, &count);
	assert_int_equal(count, 2);
	import_all(room, import, &counts);
	assert_int_equal(counts.read, 2);
	import_close(&import);
	/* the operator knows better */
	form.header = IMPORT_HEADER_NO;
	form.first_line = 5;
	form.last_line = 5;
	assert_ok(import_open(room->path.ptr, &form, &import, &err), &err);
	import_table(import, NULL, &table);
	assert_int_equal(table.header_rows, 0);
	assert_int_equal(table.first_line, 5);
	import_left_at(import, 0, &count);
	assert_int_equal(count, 4);
	import_close(&import);
}

/* ---- Archives ------------------------------------------------------------ */

static void
write_zip(struct room *room, const struct fake_member *member, size_t count)
{
	struct buf archive = BUF_INIT;

	fake_zip(&archive, member, count);
	write_file(room, buf_span(&archive));
	buf_done(&archive);
}

static void
reads_one_list_of_an_archive(void **state)
{
	struct room *room = *state;
	struct fake_member member[] = {
	    {.name = "lists/"},
	    {.name = "__MACOSX/._a.csv", .data = SPAN("x")},
	    {.name = "subscribed_1.csv",
		.data = SPAN("Email Address,First Name\na@b.jp,A\n")},
	    {.name = "readme.html", .data = SPAN("<html>")},
	    {.name = "cleaned_1.csv",
		.data = SPAN("Email Address,First Name\nc@b.jp,C\n")},
	};
	struct import_form form = {.member = 5};
	struct import_counts counts = {0};
	struct import_members members = {0};
	struct import *import = NULL;
	struct err err = {0};

	write_zip(room, member, 5);
	assert_int_equal(import_open(room->path.ptr, NULL, &import, &err), -1);
	assert_int_equal(err.code, E_IMPORT_MEMBERS);
	assert_string_equal(err_find(&err, "found"), "2");
	assert_ok(import_members(room->path.ptr, &members, &err), &err);
	assert_int_equal(members.count, 5);
	assert_int_equal(members.member[0].kind, IMPORT_MEMBER_IDLE);
	assert_int_equal(members.member[1].kind, IMPORT_MEMBER_IDLE);
	assert_int_equal(members.member[2].kind, IMPORT_MEMBER_LIST);
	assert_int_equal(members.member[3].kind, IMPORT_MEMBER_OTHER);
	assert_string_equal(members.member[4].name, "cleaned_1.csv");
	assert_int_equal(members.member[4].octets, (int)member[4].data.len);
	import_members_done(&members);

	/* read twice: to count and to store */
	assert_ok(import_open(room->path.ptr, &form, &import, &err), &err);
	assert_int_equal(import_size(import), (int)member[4].data.len);
	import_all(room, import, &counts);
	assert_int_equal(counts.octets, (int)member[4].data.len);
	assert_people(room, "c@b.jp=C");
	import_close(&import);

	/* the only list needs no choice */
	write_zip(room, member, 4);
	assert_ok(import_open(room->path.ptr, NULL, &import, &err), &err);
	import_all(room, import, &counts);
	assert_people(room, "c@b.jp=C|a@b.jp=A");
	import_close(&import);
}

static void
refuses_archives_that_are_no_lists(void **state)
{
	static const char sheet[] =
	    "application/vnd.oasis.opendocument.spreadsheet";
	static const struct {
		struct fake_member member[2];
		size_t wanted;
		enum err_code code;
		const char *fact, *value;
	} cases[] = {
	    {{{.name = "[Content_Types].xml"}, {.name = "xl/workbook.xml"}}, 0,
		E_IMPORT_TYPE, "found", "xlsx"},
	    {{{.name = "[Content_Types].xml"}, {.name = "word/document.xml"}},
		0, E_IMPORT_TYPE, "found", "document"},
	    {{{.name = "mimetype", .data = SPAN(sheet)},
		 {.name = "content.xml"}},
		0, E_IMPORT_TYPE, "found", "ods"},
	    {{{.name = "Index/Document.iwa"}, {.name = "preview.jpg"}}, 0,
		E_IMPORT_TYPE, "found", "numbers"},
	    {{{.name = "a.csv", .data = SPAN("PK\x03\x04")}, {.name = "b/"}}, 0,
		E_IMPORT_TYPE, "found", "zip"},
	    {{{.name = "a.csv", .data = SPAN("\xd0\xcf\x11\xe0")},
		 {.name = "b/"}},
		0, E_IMPORT_TYPE, "found", "xls"},
	    {{{.name = "a.csv", .data = SPAN("x"), .flags = 1}, {.name = "b/"}},
		0, E_ZIP_MEMBER, "why", "encrypted"},
	    {{{.name = "a/"}, {.name = "b/"}}, 0, E_ZIP, "why", "empty"},
	    {{{.name = "a/"}, {.name = "b/"}}, 1, E_ZIP_MEMBER, "why",
		"folder"},
	    {{{.name = "a/"}, {.name = "b/"}}, 3, E_ZIP_MEMBER, "why",
		"missing"},
	    {{{.name = "a.pdf"}, {.name = "b.doc"}}, 0, E_IMPORT_MEMBERS,
		"found", "2"},
	    {{{.name = "a.csv"}, {.name = "b/"}}, 0, E_CSV_EMPTY, "", ""},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct import_form form = {.member = cases[i].wanted};
		struct import *import = NULL;
		struct err err = {0};

		write_zip(room, cases[i].member, 2);
		if (import_open(room->path.ptr, &form, &import, &err) == 0)
			fail_msg("case %zu was opened", i);
		if (err.code != cases[i].code)
			fail_msg("case %zu: %s", i, err_name(err.code));
		assert_string_equal(
		    err_find(&err, cases[i].fact), cases[i].value);
		assert_string_equal(err_find(&err, "path"), room->path.ptr);
	}
}

/* A member whose sum is wrong is known to be so only at its end: then nothing
 * of it is stored. */
static void
a_damaged_member_stores_nothing(void **state)
{
	struct room *room = *state;
	struct fake_member member = {.name = "a.csv", .crc = 1};
	struct import_plan plan = plan_of(room);
	struct import_counts counts = {0};
	struct import *import = NULL;
	struct buf data = BUF_INIT;
	struct err err = {0};

	buf_text(&data, "email,name,氏\n");
	for (int i = 0; i < 200000; i++)
		buf_printf(&data, "user%d@example.jp,A,氏\n", i);
	member.data = buf_span(&data);
	write_zip(room, &member, 1);
	/* the charset may have been known before the end */
	if (import_open(room->path.ptr,
		&(struct import_form){.charset = IMPORT_UTF8}, &import,
		&err) == 0) {
		assert_int_equal(
		    import_commit(import, room->store, &plan, &counts, &err),
		    -1);
	}
	assert_int_equal(err.code, E_ZIP_MEMBER);
	assert_string_equal(err_find(&err, "why"), "damaged");
	assert_string_equal(err_find(&err, "member"), "a.csv");
	assert_int_equal(members(room), 0);
	import_close(&import);
	buf_done(&data);
}

static void
tells_files_of_other_programs(void **state)
{
	static const struct {
		struct span data;
		const char *found;
	} cases[] = {
	    {SPAN("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "xls"},
	    {SPAN("\x1f\x8b\x08"), "gzip"},
	    {SPAN("%PDF-1.7\n"), "pdf"},
	    {SPAN("BEGIN:VCARD\r\nVERSION:3.0\r\n"), "vcard"},
	    {SPAN("begin:vcard\r\n"), "vcard"},
	    {SPAN("<HTML><table>"), "html"},
	    {SPAN("<table border=1>"), "html"},
	    {SPAN("<?xml version=\"1.0\"?>"), "xml"},
	    {SPAN("{\\rtf1\\ansi"), "rtf"},
	    {SPAN("SQLite format 3\0"), "sqlite"},
	    {SPAN("7z\xbc\xaf\x27\x1c"), "7z"},
	    {SPAN("Rar!\x1a\x07"), "rar"},
	    {SPAN("\x24\x5a-lh5-abc"), "lzh"},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct import *import = NULL;
		struct err err = {0};

		write_file(room, cases[i].data);
		assert_int_equal(
		    import_open(room->path.ptr, NULL, &import, &err), -1);
		if (err.code != E_IMPORT_TYPE)
			fail_msg("case %zu: %s", i, err_name(err.code));
		assert_string_equal(err_find(&err, "found"), cases[i].found);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_rows_as_they_are),
	    cmocka_unit_test_setup_teardown(
		shows_where_the_table_stands, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		reads_one_list_of_an_archive, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		refuses_archives_that_are_no_lists, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_damaged_member_stores_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		tells_files_of_other_programs, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
