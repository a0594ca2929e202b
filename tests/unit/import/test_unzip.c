/* The ZIP reader: archives as programs write them, and as nobody should. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/import/unzip.h"
#include "tests/fake/tempstore.h"
#include "tests/fake/zipfile.h"

/* A file without a name that holds data. */
static int
file_of(struct span data)
{
	int fd = memfd_create("zip", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, data), 0);
	return fd;
}

static int
open_all(int fd, struct zip **zip, struct err *err)
{
	struct stat st;

	*zip = NULL;
	assert_int_equal(fstat(fd, &st), 0);
	return zip_open(fd, st.st_size, zip, err);
}

/* Reads a member in pieces of room octets. */
static int
read_member(const struct zip *zip, size_t member, size_t room, struct buf *out,
    struct err *err)
{
	struct zip_reading *reading = NULL;
	char *piece;
	ssize_t got;

	if (zip_reading_open(zip, member, &reading, err) < 0)
		return -1;
	piece = mem_new(room);
	while ((got = zip_read(reading, piece, room, err)) > 0)
		buf_add(out, span_make(piece, (size_t)got));
	free(piece);
	zip_reading_close(&reading);
	return got < 0 ? -1 : 0;
}

/* "name octets:text;" of all members, or the code and why. */
static void
tell(struct span data, struct buf *text)
{
	int fd = file_of(data);
	struct zip *zip;
	struct err err = {0};
	const struct zip_member *member;
	size_t count;

	buf_clear(text);
	buf_text(text, "");
	if (open_all(fd, &zip, &err) < 0) {
		buf_printf(
		    text, "%s %s", err_name(err.code), err_find(&err, "why"));
		close(fd);
		return;
	}
	member = zip_members(zip, &count);
	for (size_t i = 0; i < count; i++) {
		buf_printf(
		    text, "%s %d:", member[i].name, (int)member[i].octets);
		err = (struct err){0};
		if (read_member(zip, i, 7, text, &err) < 0)
			buf_printf(text, "%s %s", err_name(err.code),
			    err_find(&err, "why"));
		buf_char(text, ';');
	}
	zip_close(&zip);
	close(fd);
}

static void
reads_stored_and_deflated_members(void **state)
{
	struct buf packed = BUF_INIT, archive = BUF_INIT, text = BUF_INIT;
	struct fake_member member[] = {
	    {.name = "a.csv", .data = SPAN("email\n")},
	    {.name = "empty.csv"},
	    {.name = "b.csv", .method = 8, .octets = 40, .crc = 0x3ca18ba0},
	};

	(void)state;
	fake_deflate(&packed, SPAN("aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb"));
	member[2].data = buf_span(&packed);
	fake_zip(&archive, member, 3);
	tell(buf_span(&archive), &text);
	assert_string_equal(text.ptr,
	    "a.csv 6:email\n;empty.csv 0:;"
	    "b.csv 40:aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb;");
	/* a comment behind the end, or octets that somebody added */
	archive.ptr[archive.len - 2] = 5;
	buf_text(&archive, "hello");
	tell(buf_span(&archive), &text);
	assert_true(span_starts(buf_span(&text), SPAN("a.csv 6:email\n;")));
	buf_text(&archive, "tail");
	tell(buf_span(&archive), &text);
	assert_true(span_starts(buf_span(&text), SPAN("a.csv 6:email\n;")));
	buf_done(&packed);
	buf_done(&archive);
	buf_done(&text);
}

static void
names_are_for_eyes(void **state)
{
	static const struct {
		const char *name;
		unsigned flags;
		const char *wanted;
	} cases[] = {
	    {"会員.csv", 1 << 11, "会員.csv"},
	    {"会員.csv", 0, "会員.csv"},
	    {"\x89\xef\x88\xf5.csv", 0, "会員.csv"},
	    {"../../etc/passwd", 0, "../../etc/passwd"},
	    {"a\x1b[2J\n.csv", 0, "a [2J .csv"},
	    {"\xff\xff.csv", 1 << 11, "\xef\xbf\xbd\xef\xbf\xbd.csv"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf archive = BUF_INIT, text = BUF_INIT;
		struct fake_member member = {
		    .name = cases[i].name, .flags = cases[i].flags};
		struct zip *zip;
		size_t count;
		int fd;

		fake_zip(&archive, &member, 1);
		fd = file_of(buf_span(&archive));
		assert_int_equal(open_all(fd, &zip, NULL), 0);
		assert_string_equal(
		    zip_members(zip, &count)->name, cases[i].wanted);
		zip_close(&zip);
		close(fd);
		buf_done(&archive);
		buf_done(&text);
	}
}

static void
refuses_members_by_name(void **state)
{
	static const struct {
		struct fake_member member;
		const char *wanted;
	} cases[] = {
	    {{.name = "a", .data = SPAN("x"), .flags = 1}, "encrypted"},
	    {{.name = "a", .data = SPAN("x"), .flags = 1 << 13}, "encrypted"},
	    {{.name = "a", .data = SPAN("x"), .method = 12}, "method"},
	    {{.name = "a", .data = SPAN("x"), .method = 99}, "method"},
	    {{.name = "a", .data = SPAN("x"), .octets = 2}, "damaged"},
	    {{.name = "a", .data = SPAN("x"), .crc = 1}, "xdamaged"},
	    {{.name = "a", .data = SPAN("x"), .local = "bb"}, "damaged"},
	    /* no deflated data; a stream that does not end; data behind it */
	    {{.name = "a", .data = SPAN("\xff"), .method = 8, .octets = 9},
		"damaged"},
	    {{.name = "a", .method = 8, .octets = 9}, "damaged"},
	    {{.name = "a",
		 .data = SPAN("\x03\x00junk"),
		 .method = 8,
		 .octets = 1},
		"damaged"},
	    /* a megabyte for each octet */
	    {{.name = "a",
		 .data = SPAN("\x03\x00"),
		 .method = 8,
		 .octets = 2000000000},
		"size"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf archive = BUF_INIT, text = BUF_INIT;
		struct span got;

		fake_zip(&archive, &cases[i].member, 1);
		tell(buf_span(&archive), &text);
		got = buf_span(&text);
		if (!span_ends(got, SPAN("damaged;")) &&
		    !span_ends(got, SPAN("encrypted;")) &&
		    !span_ends(got, SPAN("method;")) &&
		    !span_ends(got, SPAN("size;")))
			fail_msg("case %zu: %s", i, text.ptr);
		if (span_search(got, span_of(cases[i].wanted)) == got.len &&
		    cases[i].wanted[0] != 'x')
			fail_msg("case %zu: %s", i, text.ptr);
		buf_done(&archive);
		buf_done(&text);
	}
}

/* More comes out than was said: found before it is handed on. */
static void
a_member_gives_no_more_than_it_said(void **state)
{
	struct buf zeros = BUF_INIT, packed = BUF_INIT, archive = BUF_INIT;
	struct fake_member member = {.name = "a", .method = 8, .octets = 100};
	struct zip *zip;
	struct err err = {0};
	struct buf out = BUF_INIT;
	int fd;

	(void)state;
	for (int i = 0; i < 1000000; i++)
		buf_char(&zeros, '0');
	fake_deflate(&packed, buf_span(&zeros));
	member.data = buf_span(&packed);
	fake_zip(&archive, &member, 1);
	fd = file_of(buf_span(&archive));
	assert_ok(open_all(fd, &zip, &err), &err);
	assert_int_equal(read_member(zip, 0, 64, &out, &err), -1);
	assert_int_equal(err.code, E_ZIP_MEMBER);
	assert_string_equal(err_find(&err, "why"), "damaged");
	assert_string_equal(err_find(&err, "member"), "a");
	assert_true(out.len <= 100);
	zip_close(&zip);
	close(fd);
	buf_done(&zeros);
	buf_done(&packed);
	buf_done(&archive);
	buf_done(&out);
}

/* Every archive that ends too early, and every single octet that is another. */
static void
damage_is_an_error(void **state)
{
	struct fake_member member = {.name = "a", .data = SPAN("hello")};
	struct buf archive = BUF_INIT, text = BUF_INIT;

	(void)state;
	fake_zip(&archive, &member, 1);
	for (size_t len = 0; len < archive.len; len++) {
		tell(span_slice(buf_span(&archive), 0, len), &text);
		assert_string_equal(text.ptr, "contacts.zip truncated");
	}
	for (size_t i = 0; i < archive.len; i++) {
		char before = archive.ptr[i];

		for (int bit = 0; bit < 8; bit++) {
			archive.ptr[i] = (char)(before ^ 1 << bit);
			tell(buf_span(&archive), &text);
			/* what is read is right, or it is said */
			if (span_search(buf_span(&text), SPAN("hello")) ==
				text.len &&
			    span_search(buf_span(&text),
				SPAN("contacts.zip")) == text.len)
				assert_string_equal(text.ptr, "");
		}
		archive.ptr[i] = before;
	}
	buf_done(&archive);
	buf_done(&text);
}

/* Offsets in the end record. */
enum { END_DISK = 4, END_COUNT = 8, END_SIZE = 12, END_OFFSET = 16 };

static void
refuses_archives_by_name(void **state)
{
	static const struct {
		int at, len;
		const char *octets, *wanted;
	} cases[] = {
	    {END_COUNT, 4, "\xff\xff\xff\xff", "contacts.zip zip64"},
	    {END_OFFSET, 4, "\xff\xff\xff\xff", "contacts.zip zip64"},
	    {END_DISK, 2, "\x01\x00", "contacts.zip disks"},
	    {END_COUNT, 2, "\x02\x00", "contacts.zip disks"},
	    {END_COUNT, 4, "\xe9\x03\xe9\x03", "contacts.zip members"},
	    {END_COUNT, 4, "\x03\x00\x03\x00", "contacts.zip truncated"},
	    {END_SIZE, 4, "\x00\x00\x50\x00", "contacts.zip size"},
	    {END_SIZE, 4, "\x00\x00\x01\x00", "contacts.zip truncated"},
	};
	struct fake_member member[] = {{.name = "a", .data = SPAN("hello")},
	    {.name = "b", .data = SPAN("world")}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf archive = BUF_INIT, text = BUF_INIT;

		fake_zip(&archive, member, 1);
		memcpy(archive.ptr + archive.len - 22 + cases[i].at,
		    cases[i].octets, (size_t)cases[i].len);
		tell(buf_span(&archive), &text);
		assert_string_equal(text.ptr, cases[i].wanted);
		buf_done(&archive);
		buf_done(&text);
	}
}

/* One piece of data under many names is how a bomb is built. */
static void
members_may_not_share_data(void **state)
{
	struct buf archive = BUF_INIT, text = BUF_INIT, long_one = BUF_INIT;
	struct fake_member member[2] = {{.name = "a"}, {.name = "b"}};
	char *second;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_char(&long_one, 'x');
	member[0].data = buf_span(&long_one);
	fake_zip(&archive, member, 2);
	/* the second entry says what the first one does */
	second = archive.ptr + archive.len - 22 - 47;
	memcpy(second + 16, second - 47 + 16, 12);
	memset(second + 42, 0, 4);
	tell(buf_span(&archive), &text);
	assert_string_equal(text.ptr, "contacts.zip size");
	buf_done(&archive);
	buf_done(&text);
	buf_done(&long_one);
}

/* As Python's zipfile writes them: to a pipe, with data descriptors. */
static void
reads_what_other_programs_write(void **state)
{
	static const char script[] =
	    "import sys,zipfile,io\n"
	    "b=io.BytesIO()\n"
	    "class P:\n"
	    " def write(s,d): return b.write(d)\n"
	    " def flush(s): pass\n"
	    "z=zipfile.ZipFile(P(),'w',zipfile.ZIP_DEFLATED)\n"
	    "z.writestr('subscribed.csv','email,name\\n'*5000)\n"
	    "z.writestr('\\u4f1a\\u54e1.csv','x'*70000,zipfile.ZIP_STORED)\n"
	    "z.comment=b'made here'\n"
	    "z.close()\n"
	    "open(sys.argv[1],'wb').write(b.getvalue())\n";
	char *dir = tempdir_new();
	struct buf command = BUF_INIT, out = BUF_INIT;
	const struct zip_member *member;
	struct zip *zip;
	struct err err = {0};
	size_t count;
	FILE *python;
	int fd;

	(void)state;
	buf_printf(&command, "python3 - %s/a.zip", dir);
	python = popen(command.ptr, "w");
	assert_non_null(python);
	fputs(script, python);
	assert_int_equal(pclose(python), 0);
	fd = open(command.ptr + strlen("python3 - "), O_RDONLY);
	assert_true(fd >= 0);
	assert_ok(open_all(fd, &zip, &err), &err);
	member = zip_members(zip, &count);
	assert_int_equal(count, 2);
	assert_true(member[0].flags & 8);
	assert_string_equal(member[1].name, "会員.csv");
	assert_ok(read_member(zip, 0, 65536, &out, &err), &err);
	assert_int_equal(out.len, 55000);
	assert_true(span_ends(buf_span(&out), SPAN("name\nemail,name\n")));
	buf_clear(&out);
	assert_ok(read_member(zip, 1, 999, &out, &err), &err);
	assert_int_equal(out.len, 70000);
	zip_close(&zip);
	close(fd);
	tempdir_remove(&dir);
	buf_done(&command);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_stored_and_deflated_members),
	    cmocka_unit_test(names_are_for_eyes),
	    cmocka_unit_test(refuses_members_by_name),
	    cmocka_unit_test(a_member_gives_no_more_than_it_said),
	    cmocka_unit_test(damage_is_an_error),
	    cmocka_unit_test(refuses_archives_by_name),
	    cmocka_unit_test(members_may_not_share_data),
	    cmocka_unit_test(reads_what_other_programs_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
