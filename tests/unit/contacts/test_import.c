/* Files of every kind into a real store, and the sums that must hold. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/contacts/contacts.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

struct room {
	struct fake_clock clock;
	struct store *store;
	struct list_id list;
	char *dir;
	struct buf path;
};

static int
setup(void **state)
{
	struct room *room = mem_new(sizeof *room);
	struct err err = {0};

	fake_clock_init(&room->clock);
	room->store = tempstore_open(&room->clock.base);
	room->dir = tempdir_new();
	buf_printf(&room->path, "%s/list.csv", room->dir);
	assert_ok(
	    list_create(room->store, SPAN("Members"), &room->list, &err), &err);
	*state = room;
	return 0;
}

static int
teardown(void **state)
{
	struct room *room = *state;

	tempstore_close(&room->store);
	tempdir_remove(&room->dir);
	buf_done(&room->path);
	free(room);
	return 0;
}

static void
write_file(struct room *room, struct span data)
{
	struct err err = {0};

	assert_ok(file_replace(room->path.ptr, data, 0600, &err), &err);
}

static struct import_plan
plan_of(const struct room *room)
{
	return (struct import_plan){.list = room->list,
	    .basis = BASIS_CONSENT,
	    .basis_at_ms = 1700000000000,
	    .basis_note = SPAN("form on the web site")};
}

static void
assert_sums(const struct import_counts *c)
{
	assert_int_equal(c->read,
	    c->fresh + c->changed + c->same + c->duplicate + c->rejected);
}

static struct import *
open_text(struct room *room, struct span data)
{
	struct import *import = NULL;
	struct err err = {0};

	write_file(room, data);
	assert_ok(
	    import_open(room->path.ptr, IMPORT_AUTO, &import, &err), &err);
	return import;
}

static int64_t
members(struct room *room)
{
	struct list_info info;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(list_find(db, room->list, &info, &err), &err);
	store_reader_close(&db);
	return info.contacts;
}

/* Checks and commits, which must count the same. */
static void
import_all(
    struct room *room, struct import *import, struct import_counts *counts)
{
	struct import_plan plan = plan_of(room);
	struct import_counts checked = {0};
	struct err err = {0};
	int64_t before = members(room);

	assert_ok(
	    import_check(import, room->store, &plan, &checked, &err), &err);
	assert_int_equal(members(room), before);
	assert_ok(
	    import_commit(import, room->store, &plan, counts, &err), &err);
	assert_memory_equal(&checked, counts, sizeof checked);
	assert_sums(counts);
	assert_int_equal(members(room), before + counts->fresh);
}

static void
import_text(struct room *room, struct span data, struct import_counts *counts)
{
	struct import *import = open_text(room, data);

	import_all(room, import, counts);
	import_close(&import);
}

/* "address|name|fields" of member i of the list, in order of ids. */
static void
assert_member(struct room *room, size_t i, const char *wanted)
{
	struct contact_page page = {0};
	struct buf text = BUF_INIT;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(contact_page(room->store, db, room->list,
		      (struct contact_id){0}, 100, SPAN(""), &page, &err),
	    &err);
	assert_true(i < page.count);
	buf_add(&text, page.row[i].address);
	buf_char(&text, '|');
	buf_add(&text, page.row[i].name);
	buf_char(&text, '|');
	buf_add(&text, page.row[i].fields);
	assert_string_equal(text.ptr, wanted);
	contact_page_done(&page);
	store_reader_close(&db);
	buf_done(&text);
}

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
	    {{"\xff\xfe"
	      "a\0,\0",
		 6},
		E_IMPORT_TYPE, "found", "utf-16"},
	    {{"\0a\0,\0b\0\n", 8}, E_IMPORT_TYPE, "found", "utf-16"},
	    {{"PK\x03\x04 xl/workbook", 16}, E_IMPORT_TYPE, "found", "xlsx"},
	    {{"PK\x03\x04 list.csv", 13}, E_IMPORT_TYPE, "found", "zip"},
	    {{"\xd0\xcf\x11\xe0", 4}, E_IMPORT_TYPE, "found", "xls"},
	    {{"%PDF-1.7", 8}, E_IMPORT_TYPE, "found", "pdf"},
	    {{"a,b\n\x1b$B;3\x1b(B,c\n", 15}, E_IMPORT_TYPE, "found",
		"iso-2022-jp"},
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
		if (import_open(room->path.ptr, IMPORT_AUTO, &import, &err) ==
		    0)
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
	    import_open("/nonexistent/x.csv", IMPORT_AUTO, &import, &err), -1);
	assert_int_equal(err.code, E_FILE_OPEN);
	assert_int_equal(
	    import_open(room->dir, IMPORT_AUTO, &import, &err), -1);
	assert_int_equal(err.code, E_FILE_OPEN);
	assert_int_equal(
	    import_open("/dev/zero", IMPORT_AUTO, &import, &err), -1);
	assert_int_equal(err.code, E_IMPORT_TYPE);
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
		assert_ok(
		    import_open(room->path.ptr, IMPORT_UTF8, &import, &err),
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
	assert_int_equal(
	    import_open(room->path.ptr, IMPORT_AUTO, &import, &err), -1);
	assert_int_equal(err.code, E_CSV_COLUMNS);
	assert_string_equal(err_find(&err, "line"), "1");

	buf_clear(&data);
	buf_text(&data, "email,name\na@example.com,");
	buf_reserve(&data, 10 * 1024 * 1024);
	for (int i = 0; i < 10 * 1024 * 1024; i++)
		buf_char(&data, 'x');
	write_file(room, buf_span(&data));
	assert_int_equal(
	    import_open(room->path.ptr, IMPORT_AUTO, &import, &err), -1);
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

/* ---- Rows -------------------------------------------------------------- */

/* Each behind a header of three columns; E_NONE: accepted, E_BUG: not read. */
static void
judges_rows(void **state)
{
	static const struct {
		struct span row;
		enum err_code code;
	} cases[] = {
	    {SPAN("a@example.com,A,x"), E_NONE},
	    {SPAN("b@example.com,A,x,,"), E_NONE},
	    {SPAN("c@example.com,A,x, ,"), E_NONE},
	    {SPAN("d@example.com,,"), E_NONE},
	    {SPAN("\"e@example.com\",\"O'Brien, Pat\",\"1\r\n2\t3\""), E_NONE},
	    {SPAN("f..g@docomo.ne.jp,A,x"), E_NONE},
	    {SPAN("h.@ezweb.ne.jp,A,x"), E_NONE},
	    {SPAN(",,"), E_BUG},
	    {SPAN(" ,\xe3\x80\x80,"), E_BUG},
	    {SPAN(""), E_BUG},
	    {SPAN("i@example.com,A"), E_ROW_SHORT},
	    {SPAN("i@example.com,A,x,y"), E_ROW_LONG},
	    {SPAN("i@example.com,Pat, O'Brien,x"), E_ROW_LONG},
	    {SPAN(",A,x"), E_ROW_NO_ADDRESS},
	    {SPAN("\xe3\x80\x80,A,x"), E_ROW_NO_ADDRESS},
	    {SPAN("i@example.com;j@example.com,A,x"), E_ROW_TWO_ADDRESSES},
	    {SPAN("i@example.com/j@example.com,A,x"), E_ROW_TWO_ADDRESSES},
	    {SPAN("\"i@example.com\nj@example.com\",A,x"), E_ROW_TWO_ADDRESSES},
	    {SPAN("\"i@example.com\nBcc: x\",A,x"), E_ROW_CONTROL},
	    {SPAN("i@example.com,\"A\r\nBcc: j@example.com\",x"),
		E_ROW_CONTROL},
	    {SPAN("i@example.com,A\x1b]52;c;x\x07,x"), E_ROW_CONTROL},
	    {SPAN("i@example.com,A,\x1b[2J"), E_ROW_CONTROL},
	    {SPAN("i@example.com,A\xc2\x9b,x"), E_ROW_CONTROL},
	    {SPAN("i@example.com,A\0B,x"), E_ROW_CONTROL},
	    {SPAN("i@example.com,A,x\0"), E_ROW_CONTROL},
	    {SPAN("i@example.com,A\xef\xbf\xbd,x"), E_ROW_CHARACTER},
	    {SPAN("i@example.com,A,\xe2\x80\xaex"), E_ROW_CHARACTER},
	    {SPAN("i@example.com,\xee\x80\x80,x"), E_ROW_CHARACTER},
	    {SPAN("i@example.com,\"A\" B,x"), E_ROW_QUOTE},
	    {SPAN("i@example.com,\"A\\\"B\",x"), E_ROW_QUOTE},
	    {SPAN("i,A,x"), E_ADDRESS_SYNTAX},
	    {SPAN("i..j@example.com,A,x"), E_ADDRESS_SYNTAX},
	    {SPAN("I <i@example.com>,A,x"), E_ADDRESS_SYNTAX},
	    {SPAN("i@example,A,x"), E_ADDRESS_DOMAIN},
	    {SPAN("i\xef\xbc\xa0"
		  "example.com,A,x"),
		E_ADDRESS_WIDTH},
	    {SPAN("\xe3\x80\x80i@example.com,A,x"), E_ADDRESS_WIDTH},
	    {SPAN("email,name,x"), E_ADDRESS_SYNTAX},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct import_counts counts = {0};
		struct buf data = BUF_INIT;
		struct import *import;
		const struct import_reject *reject;
		enum err_code got = E_NONE;

		buf_text(&data, "email,name,x\r\n\r\n");
		buf_add(&data, cases[i].row);
		import = open_text(room, buf_span(&data));
		import_all(room, import, &counts);
		reject = import_reject_at(import, 0);
		if (reject)
			got = reject->why.code;
		else if (counts.read == 0)
			got = E_BUG;
		if (got != cases[i].code)
			fail_msg("case %zu: %s", i, err_name(got));
		assert_int_equal(counts.rejected, reject != NULL);
		if (reject)
			assert_int_equal(reject->line, 3);
		import_close(&import);
		buf_done(&data);
	}
}

/* A column that is not taken may hold anything. */
static void
does_not_read_skipped_columns(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(
	    room, SPAN("email,x\na@example.com,\x1b[2J\xef\xbf\xbd\n"));
	struct import_counts counts = {0};
	size_t count;

	import_columns(import, &count)[1].target = IMPORT_SKIP;
	import_all(room, import, &counts);
	assert_int_equal(counts.fresh, 1);
	assert_member(room, 0, "a@example.com||{}");
	import_close(&import);
}

static void
reports_rejects_with_line_reason_and_row(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(
	    room, SPAN("email,name\r\n\"a@example.com\",\"A\nB\"\r\n"
		       "\xef\xbc\xa1@example.com,B\r\nok@example.com,C\r\n"));
	struct import_counts counts = {0};
	const struct import_reject *reject;

	import_all(room, import, &counts);
	assert_int_equal(counts.rejected, 2);
	reject = import_reject_at(import, 0);
	assert_int_equal(reject->line, 2);
	assert_int_equal(reject->why.code, E_ROW_CONTROL);
	assert_string_equal(err_find(&reject->why, "column"), "name");
	assert_string_equal(reject->raw, "\"a@example.com\",\"A\nB\"");
	reject = import_reject_at(import, 1);
	assert_int_equal(reject->line, 4);
	assert_int_equal(reject->why.code, E_ADDRESS_WIDTH);
	assert_string_equal(err_find(&reject->why, "fix"), "A@example.com");
	assert_null(import_reject_at(import, 2));
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
	    import_open(room->path.ptr, IMPORT_CP932, &import, &err), &err);
	assert_ok(
	    import_commit(import, room->store, &plan, &counts, &err), &err);
	assert_member(room, 0, "a@example.jp|ｱｲ|{}");
	import_close(&import);
	assert_int_equal(
	    import_open(room->path.ptr, IMPORT_UTF8, &import, &err), -1);
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

/* ---- What becomes of contacts ------------------------------------------ */

static void
counts_fresh_changed_same_and_duplicate(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};

	import_text(room,
	    SPAN("email,name,x\na@Example.com,A,1\nb@example.com,B,2\n"
		 "a@example.com,Again,9\nA@example.com,Other,3\n"),
	    &c);
	assert_int_equal(c.fresh, 3);
	assert_int_equal(c.duplicate, 1);
	assert_member(room, 0, "a@Example.com|A|{\"x\":\"1\"}");

	import_text(room,
	    SPAN("email,name,x\na@example.com,A,1\nb@example.com,B2,2\n"
		 "A@example.com,Other,4\nc@example.com,C,5\n"),
	    &c);
	assert_int_equal(c.same, 1);
	assert_int_equal(c.changed, 2);
	assert_int_equal(c.fresh, 1);
	assert_member(room, 1, "b@example.com|B2|{\"x\":\"2\"}");
	assert_member(room, 2, "A@example.com|Other|{\"x\":\"4\"}");
}

static void
keeps_what_the_file_does_not_say(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};

	import_text(
	    room, SPAN("email,name,x,y\na@example.com,A,1,\"q\"\"\n\"\n"), &c);
	import_text(room, SPAN("email,z,x\na@example.com,3,\n"), &c);
	assert_int_equal(c.changed, 1);
	assert_member(room, 0,
	    "a@example.com|A|{\"x\":\"\",\"y\":\"q\\\"\\n\",\"z\":\"3\"}");
	import_text(room, SPAN("email,z\na@example.com,3\n"), &c);
	assert_int_equal(c.same, 1);
}

/* Somebody of another list joins this one: fresh here, one contact. */
static void
shares_contacts_between_lists(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};
	struct list_id first = room->list;
	struct err err = {0};

	import_text(room, SPAN("email,name\na@example.com,A\n"), &c);
	assert_ok(
	    list_create(room->store, SPAN("Others"), &room->list, &err), &err);
	import_text(room, SPAN("email,name\na@example.com,A2\n"), &c);
	assert_int_equal(c.fresh, 1);
	room->list = first;
	assert_member(room, 0, "a@example.com|A2|{}");
}

static void
joins_names_of_several_columns(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};

	import_text(room,
	    SPAN("姓,名,email\n山田,太郎,a@example.jp\n"
		 ",花子,b@example.jp\n\xe3\x80\x80𠮷田 ,,c@example.jp\n"),
	    &c);
	assert_member(room, 0, "a@example.jp|山田 太郎|{}");
	assert_member(room, 1, "b@example.jp|花子|{}");
	assert_member(room, 2, "c@example.jp|𠮷田|{}");
}

static void
basis_is_evidence_and_is_kept(void **state)
{
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct import_counts c = {0};
	struct import *import = open_text(room, SPAN("email\na@example.com\n"));
	struct list_info info;
	struct contact_page page = {0};
	struct db *db = NULL;
	struct err err = {0};

	plan.basis = BASIS_NONE;
	assert_ok(import_commit(import, room->store, &plan, &c, &err), &err);
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(list_find(db, room->list, &info, &err), &err);
	assert_int_equal(info.with_basis, 0);
	plan = plan_of(room);
	assert_ok(import_commit(import, room->store, &plan, &c, &err), &err);
	assert_int_equal(c.changed, 1);
	plan.basis = BASIS_CARD;
	assert_ok(import_commit(import, room->store, &plan, &c, &err), &err);
	assert_int_equal(c.same, 1);
	assert_ok(list_find(db, room->list, &info, &err), &err);
	assert_int_equal(info.with_basis, 1);
	assert_ok(contact_page(room->store, db, room->list,
		      (struct contact_id){0}, 1, SPAN(""), &page, &err),
	    &err);
	assert_int_equal(page.row[0].basis, BASIS_CONSENT);
	assert_int_equal(page.row[0].basis_at_ms, 1700000000000);
	assert_span_equal(page.row[0].basis_note, "form on the web site");
	contact_page_done(&page);
	store_reader_close(&db);
	import_close(&import);
}

static void
counts_stopped_addresses_but_keeps_them(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};
	struct list_info info;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(
	    suppress_add(room->store, SPAN("b@EXAMPLE.com"),
		(struct list_id){0}, SUPPRESS_UNSUBSCRIBED, SPAN("x"), &err),
	    &err);
	import_text(room,
	    SPAN("email\na@example.com\nb@example.com\nb@example.com\n"), &c);
	assert_int_equal(c.fresh, 2);
	assert_int_equal(c.suppressed, 1);
	import_text(room, SPAN("email\na@example.com\nb@example.com\n"), &c);
	assert_int_equal(c.same, 2);
	assert_int_equal(c.suppressed, 1);
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(list_find(db, room->list, &info, &err), &err);
	assert_int_equal(info.contacts, 2);
	assert_int_equal(info.sendable, 1);
	store_reader_close(&db);
}

/* ---- What is stored beside the contacts -------------------------------- */

static int64_t
number(struct room *room, const char *sql)
{
	struct db *db = NULL;
	struct err err = {0};
	struct stmt *stmt;
	int64_t value;

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	stmt = db_stmt(db, sql, &err);
	assert_non_null(stmt);
	assert_int_equal(stmt_step(stmt, &err), 1);
	value = stmt_col_int(stmt, 0);
	store_reader_close(&db);
	return value;
}

static void
stores_and_logs_what_it_did(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};
	int64_t revision = number(room, "SELECT revision FROM list");

	import_text(room,
	    SPAN(
		"email\na@example.com\na@example.com\nbad\n,\nb@example.com\n"),
	    &c);
	assert_int_equal(c.read, 4);
	assert_int_equal(
	    number(room,
		"SELECT count(*) FROM import WHERE rows = 4 AND fresh = 2"
		" AND duplicate = 1 AND rejected = 1 AND file = 'list.csv'"
		" AND charset = 'UTF-8' AND basis = 1 AND by = 'tester'"),
	    1);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM import_reject WHERE line = 4"
			 " AND reason = 'mail.address_syntax' AND raw = 'bad'"),
	    1);
	assert_int_equal(
	    number(room,
		"SELECT count(*) FROM audit WHERE what = 'import.commit'"
		" AND facts LIKE '%read=4 fresh=2 changed=0 same=0"
		" duplicate=1 rejected=1 suppressed=0 file=list.csv'"),
	    1);
	assert_int_equal(
	    number(room, "SELECT revision FROM list"), revision + 1);
	import_text(room, SPAN("email\na@example.com\n"), &c);
	assert_int_equal(
	    number(room, "SELECT revision FROM list"), revision + 1);
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
	assert_int_equal(number(room, "SELECT count(*) FROM import_reject"),
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
	assert_ok(
	    import_open(room->path.ptr, IMPORT_AUTO, &job.import, &err), &err);
	assert_int_equal(pthread_create(&thread, NULL, commit_job, &job), 0);
	while (counts.read < 1000)
		import_progress(job.import, &counts);
	import_cancel(job.import);
	pthread_join(thread, NULL);
	assert_int_equal(job.rc, -1);
	assert_int_equal(job.err.code, E_CANCELLED);
	assert_int_equal(number(room, "SELECT count(*) FROM contact"), 0);
	assert_int_equal(number(room, "SELECT count(*) FROM import"), 0);
	assert_int_equal(
	    number(room,
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
	    import_open("tui/demo/contacts.csv", IMPORT_AUTO, &import, &err),
	    &err);
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
	assert_ok(
	    import_open(room->path.ptr, IMPORT_AUTO, &import, &err), &err);
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
		assert_int_equal(
		    number(room, "SELECT count(*) FROM contact"), 0);
		assert_int_equal(
		    number(room, "SELECT count(*) FROM import"), 0);
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
	assert_ok(
	    import_open(room->path.ptr, IMPORT_AUTO, &import, &err), &err);
	assert_true(import_size(import) > FILE_MB * 1000000);
	import_all(room, import, &counts);
	assert_int_equal(counts.fresh, 10);
	assert_int_equal(counts.octets, import_size(import));
	assert_true(peak_kb() - before < GROWTH_MB * 1024);
	import_close(&import);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(memory_does_not_grow_with_the_file),
	    TEST(refuses_files_that_are_no_rows),
	    TEST(names_paths_that_cannot_be_read),
	    TEST(stops_at_faults_behind_the_beginning),
	    TEST(limits_columns_and_cells),
	    TEST(guesses_columns),
	    TEST(shows_first_values),
	    TEST(refuses_mappings_that_cannot_be),
	    TEST(refuses_a_plan_without_a_basis),
	    TEST(judges_rows),
	    TEST(does_not_read_skipped_columns),
	    TEST(reports_rejects_with_line_reason_and_row),
	    TEST(reads_cp932_whole),
	    TEST(takes_the_charset_it_is_given),
	    TEST(reads_marks_delimiters_and_line_ends),
	    TEST(counts_fresh_changed_same_and_duplicate),
	    TEST(keeps_what_the_file_does_not_say),
	    TEST(shares_contacts_between_lists),
	    TEST(joins_names_of_several_columns),
	    TEST(basis_is_evidence_and_is_kept),
	    TEST(counts_stopped_addresses_but_keeps_them),
	    TEST(stores_and_logs_what_it_did),
	    TEST(keeps_the_first_rejects_only),
	    TEST(cancel_from_another_thread_stores_nothing),
	    TEST(full_disk_stores_nothing),
	    TEST(imports_the_sample_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
