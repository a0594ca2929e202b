/* The file of rejects: read by people and by the next import. */
#include "tests/unit/import/import_kit.h"

#include <sys/stat.h>
#include <unistd.h>

static void
say(const struct err *why, struct buf *out)
{
	buf_printf(
	    out, "理由 %s|%s", err_name(why->code), err_find(why, "column"));
}

static struct span
out_path(struct room *room, struct buf *path)
{
	buf_clear(path);
	buf_printf(path, "%s/rejects.csv", room->dir);
	return buf_span(path);
}

/* Imports data, writes what was rejected, and reads that file into out. */
static struct import_written
rejects_of(struct room *room, struct span data, struct buf *out)
{
	struct import *import = open_text(room, data);
	struct import_written written = {0};
	struct import_counts counts = {0};
	struct buf path = BUF_INIT;
	struct stat st;
	struct err err = {0};

	import_all(room, import, &counts);
	out_path(room, &path);
	unlink(path.ptr);
	assert_ok(
	    import_write_rejects(import, path.ptr, say, &written, &err), &err);
	assert_int_equal(written.rows, counts.rejected);
	assert_int_equal(stat(path.ptr, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_clear(out);
	assert_ok(file_read(path.ptr, 1 << 20, out, &err), &err);
	/* never over another file */
	assert_int_equal(
	    import_write_rejects(import, path.ptr, say, &written, &err), -1);
	assert_int_equal(err.code, E_FILE_EXISTS);
	buf_done(&path);
	import_close(&import);
	return written;
}

static void
writes_rows_whole_with_their_reason(void **state)
{
	struct buf got = BUF_INIT;
	struct import_written written = rejects_of(*state,
	    SPAN("email;name;x\r\nok@example.com;A;1\r\n"
		 "bad;\"B; \"\"b\"\"\";=1+1\r\nshort@example.com\r\n"
		 "-x;\"two\nlines\";'=2\r\n"),
	    &got);

	assert_string_equal(written.charset, "UTF-8");
	assert_string_equal(got.ptr,
	    "\xef\xbb\xbfsekisho_line;sekisho_reason;email;name;x\r\n"
	    "3;理由 mail.address_syntax|;bad;\"B; \"\"b\"\"\";'=1+1\r\n"
	    "4;理由 contacts.row_short|;short@example.com\r\n"
	    "5;理由 contacts.row_control|name;'-x;\"two\nlines\";''=2\r\n");
	buf_done(&got);
}

static struct span
replaced(struct span text, const char *from, const char *to, struct buf *out)
{
	struct span what = span_of(from);
	size_t at = span_search(text, what);

	assert_true(at < text.len);
	buf_clear(out);
	buf_add(out, span_slice(text, 0, at));
	buf_text(out, to);
	buf_add(out, span_slice(text, at + what.len, text.len));
	return buf_span(out);
}

/* Correct some, import the file: they come in, the others are rejected again,
 * and the next file has no second pair of columns. */
static void
comes_back_corrected(void **state)
{
	struct room *room = *state;
	struct buf first = BUF_INIT, fixed = BUF_INIT, second = BUF_INIT;
	struct import_counts counts = {0};
	struct import *import;
	size_t count;

	rejects_of(room,
	    SPAN("email,name,x\nok@example.com,A,1\nbad,B,=1+1\nworse,C,'@x\n"),
	    &first);
	replaced(buf_span(&first), ",bad,", ",good@example.com,", &fixed);
	import = open_text(room, buf_span(&fixed));
	import_columns(import, &count);
	assert_int_equal(count, 5);
	import_all(room, import, &counts);
	import_close(&import);
	assert_int_equal(counts.read, 2);
	assert_int_equal(counts.fresh, 1);
	assert_int_equal(counts.rejected, 1);
	assert_member(room, 1, "good@example.com|B|{\"x\":\"=1+1\"}");
	rejects_of(room, buf_span(&fixed), &second);
	assert_string_equal(second.ptr,
	    "\xef\xbb\xbfsekisho_line,sekisho_reason,email,name,x\r\n"
	    "3,理由 mail.address_syntax|,worse,C,''@x\r\n");
	replaced(buf_span(&second), ",worse,", ",w@example.com,", &fixed);
	import_text(room, buf_span(&fixed), &counts);
	assert_int_equal(counts.fresh, 1);
	assert_member(room, 2, "w@example.com|C|{\"x\":\"'@x\"}");
	buf_done(&first);
	buf_done(&fixed);
	buf_done(&second);
}

static void
keeps_the_charset_where_it_can(void **state)
{
	struct room *room = *state;
	struct buf got = BUF_INIT;
	struct import_written written;

	/* 氏名 / 山田 in CP932 */
	written = rejects_of(room,
	    SPAN("email,\x8e\x81\x96\xbc\r\nbad,\x8eR\x93\x63\r\n"
		 "ok@example.jp,\xfb\xfc\xed\x95\r\n"),
	    &got);
	assert_string_equal(written.charset, "CP932");
	assert_true(span_search(buf_span(&got),
			SPAN(",bad,\x8eR\x93\x63\r\n")) < got.len);
	assert_true(
	    span_search(buf_span(&got), SPAN("\x97\x9d\x97\x52")) < got.len);
	buf_done(&got);
}

static void
names_columns_of_a_file_without_headers(void **state)
{
	struct room *room = *state;
	struct buf got = BUF_INIT, fixed = BUF_INIT;
	struct import_counts counts = {0};

	rejects_of(
	    room, SPAN("a@example.com,A\nb@example.com,B\nbad,C\n"), &got);
	assert_string_equal(got.ptr,
	    "\xef\xbb\xbfsekisho_line,sekisho_reason,email,\r\n"
	    "3,理由 mail.address_syntax|,bad,C\r\n");
	replaced(buf_span(&got), ",bad,", ",c@example.com,", &fixed);
	import_text(room, buf_span(&fixed), &counts);
	assert_int_equal(counts.fresh, 1);
	buf_done(&got);
	buf_done(&fixed);
}

/* A quote that is torn stays torn until somebody has mended it. */
static void
does_not_mend_by_itself(void **state)
{
	struct room *room = *state;
	struct buf got = BUF_INIT;
	struct import_counts counts = {0};

	rejects_of(room,
	    SPAN("email,name\na@example.com,\"A\" B\nok@example.com,C\n"),
	    &got);
	import_text(room, buf_span(&got), &counts);
	assert_int_equal(counts.rejected, 1);
	assert_int_equal(counts.fresh, 0);
	buf_done(&got);
}

/* All of them, not only those that are kept to be looked at. */
static void
writes_more_than_it_keeps(void **state)
{
	enum { ROWS = IMPORT_REJECTS_KEPT + 500 };
	struct room *room = *state;
	struct buf data = BUF_INIT, got = BUF_INIT;
	struct import_written written;
	size_t lines = 0;

	buf_text(&data, "email,name\nok@example.com,A\n");
	for (int i = 0; i < ROWS; i++)
		buf_printf(&data, "bad%d,%d\n", i, i);
	written = rejects_of(room, buf_span(&data), &got);
	assert_int_equal(written.rows, ROWS);
	for (size_t i = 0; i < got.len; i++)
		lines += got.ptr[i] == '\n';
	assert_int_equal(lines, ROWS + 1);
	assert_true(
	    span_search(buf_span(&got), SPAN(",bad10499,10499\r\n")) < got.len);
	buf_done(&data);
	buf_done(&got);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(writes_rows_whole_with_their_reason),
	    TEST(comes_back_corrected),
	    TEST(keeps_the_charset_where_it_can),
	    TEST(names_columns_of_a_file_without_headers),
	    TEST(does_not_mend_by_itself),
	    TEST(writes_more_than_it_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
