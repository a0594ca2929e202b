/* What files are, by their octets and their names, and which may go out. */
#include "core/attach/attach.h"
#include "core/base/buf.h"
#include "tests/unit/unit.h"

struct want {
	const char *name;
	struct span bytes;
	const char *kind;
	enum attach_verdict verdict;
	const char *why, *type; /* type NULL: not looked at */
};

static void
check(const struct want *want, struct span bytes)
{
	struct attach_look look;

	attach_look(bytes, span_of(want->name), &look);
	if (strcmp(look.kind, want->kind) != 0 ||
	    look.verdict != want->verdict || strcmp(look.why, want->why) != 0 ||
	    (want->type && strcmp(look.type, want->type) != 0))
		fail_msg("%s: %s %d \"%s\" %s", want->name, look.kind,
		    (int)look.verdict, look.why, look.type);
}

static void
by_octets_and_name(void **state)
{
	static const struct want row[] = {
	    {"a.pdf", SPAN("%PDF-1.4"), "pdf", ATTACH_GOOD, "",
		"application/pdf"},
	    {"a.PDF", SPAN("\n%PDF-1.4"), "pdf", ATTACH_GOOD, "", NULL},
	    {"a.pdf", SPAN("%PDF-1.4 /Encrypt"), "pdf", ATTACH_WARN, "locked",
		NULL},
	    {"a.pdf", SPAN("%PDF-1.4 /JavaScript"), "active", ATTACH_REFUSED,
		"active", NULL},
	    {"a.png", SPAN("%PDF-1.4"), "pdf", ATTACH_REFUSED, "name", NULL},
	    {"a.dat", SPAN("%PDF-1.4"), "pdf", ATTACH_WARN, "extension", NULL},
	    {"a", SPAN("%PDF-1.4"), "pdf", ATTACH_WARN, "extension", NULL},
	    {"a.pdf.exe", SPAN("%PDF-1.4"), "program", ATTACH_REFUSED,
		"program", NULL},
	    {"a.jpg", SPAN("\xff\xd8\xff\xe0"), "jpeg", ATTACH_GOOD, "",
		"image/jpeg"},
	    {"a.gif", SPAN("GIF89a"), "gif", ATTACH_GOOD, "", "image/gif"},
	    {"a.webp", SPAN("RIFF....WEBP"), "webp", ATTACH_WARN, "rare", NULL},
	    {"a.txt", SPAN("Hello"), "text", ATTACH_GOOD, "", "text/plain"},
	    {"a.csv", SPAN("名,値\r\n"), "csv", ATTACH_GOOD, "",
		"text/csv; charset=UTF-8"},
	    {"a.csv", SPAN("\x96\xbc,1\r\n"), "csv", ATTACH_GOOD, "",
		"text/csv; charset=Shift_JIS"},
	    {"a.ics", SPAN("BEGIN:VCALENDAR"), "calendar", ATTACH_GOOD, "",
		"text/calendar"},
	    {"a.txt", SPAN("MZ\x90"), "program", ATTACH_REFUSED, "program",
		NULL},
	    {"a.txt", SPAN("#!/bin/sh"), "script", ATTACH_REFUSED, "program",
		NULL},
	    {"a.js", SPAN("alert(1)"), "program", ATTACH_REFUSED, "program",
		NULL},
	    {"a.lnk", SPAN("L\0\0\0\1\x14\2\0"), "program", ATTACH_REFUSED,
		"program", NULL},
	    {"a.xlsm", SPAN("x"), "macro", ATTACH_REFUSED, "macro", NULL},
	    {"a.html", SPAN("<html><p>x"), "html", ATTACH_WARN, "page", NULL},
	    {"a.html", SPAN("<html><ScRiPt>"), "active", ATTACH_REFUSED,
		"active", NULL},
	    {"a.html", SPAN("<p onLoad=x>"), "active", ATTACH_REFUSED, "active",
		NULL},
	    {"a.svg", SPAN("<?xml?><svg><g/>"), "svg", ATTACH_WARN, "page",
		NULL},
	    {"a.svg", SPAN("<svg><a href='javascript:x'>"), "active",
		ATTACH_REFUSED, "active", NULL},
	    {"a.txt", SPAN("<html><p>x"), "html", ATTACH_REFUSED, "name", NULL},
	    {"a.7z", SPAN("7z\xbc\xaf\x27\x1c"), "closed", ATTACH_REFUSED,
		"closed", NULL},
	    {"a.rtf", SPAN("{\\rtf1 x}"), "rtf", ATTACH_WARN, "old", NULL},
	    {"a.rtf", SPAN("{\\rtf1 \\objdata"), "active", ATTACH_REFUSED,
		"active", NULL},
	    {"a.mp4",
		SPAN("\0\0\0\x18"
		     "ftypmp42"),
		"media", ATTACH_WARN, "media", NULL},
	    {"a.bin2", SPAN("\x01\x02\x03"), "unknown", ATTACH_WARN, "unknown",
		NULL},
	    {"a.zip", SPAN("PK\3\4"), "damaged", ATTACH_REFUSED, "damaged",
		NULL},
	    {"a.pdf", SPAN(""), "empty", ATTACH_REFUSED, "empty", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		check(&row[i], row[i].bytes);
}

/* ---- ZIP ------------------------------------------------------------------ */

static void
u16(struct buf *out, size_t value)
{
	buf_char(out, (char)(value & 255));
	buf_char(out, (char)(value >> 8 & 255));
}

static void
u32(struct buf *out, size_t value)
{
	u16(out, value & 0xffff);
	u16(out, value >> 16);
}

/* Appends zeros. */
static void
gap(struct buf *out, int count)
{
	for (int i = 0; i < count; i++)
		buf_char(out, 0);
}

/* An archive of stored, empty entries with these names (blanks between);
 * flags stand in every entry of the directory. */
static void
archive(struct buf *out, const char *names, size_t flags)
{
	struct buf directory = BUF_INIT;
	struct span rest = span_of(names);
	size_t count = 0, start;

	while (rest.len > 0) {
		struct span name = span_cut(&rest, ' ');
		size_t at = out->len;

		buf_add(out, SPAN("PK\3\4"));
		gap(out, 22);
		u16(out, name.len);
		u16(out, 0);
		buf_add(out, name);
		buf_add(&directory, SPAN("PK\1\2"));
		gap(&directory, 4);
		u16(&directory, flags);
		gap(&directory, 18);
		u16(&directory, name.len);
		gap(&directory, 12);
		u32(&directory, at);
		buf_add(&directory, name);
		count++;
	}
	start = out->len;
	buf_add(out, buf_span(&directory));
	buf_add(out, SPAN("PK\5\6"));
	gap(out, 4);
	u16(out, count);
	u16(out, count);
	u32(out, directory.len);
	u32(out, start);
	u16(out, 0);
	buf_done(&directory);
}

static void
archives(void **state)
{
	static const struct {
		struct want want;
		const char *names;
		size_t flags;
	} row[] = {
	    {{.name = "a.zip",
		 .kind = "zip",
		 .verdict = ATTACH_WARN,
		 .why = "archive"},
		"a.txt b/c.pdf", 0},
	    {{.name = "a.zip",
		 .kind = "encrypted",
		 .verdict = ATTACH_REFUSED,
		 .why = "encrypted"},
		"a.txt", 1},
	    {{.name = "a.zip",
		 .kind = "zip",
		 .verdict = ATTACH_REFUSED,
		 .why = "packed"},
		"a.txt b/c.EXE", 0},
	    {{.name = "a.zip",
		 .kind = "closed",
		 .verdict = ATTACH_REFUSED,
		 .why = "closed"},
		"a.txt b.zip", 0},
	    {{.name = "a.docx",
		 .kind = "docx",
		 .verdict = ATTACH_GOOD,
		 .why = ""},
		"[Content_Types].xml word/document.xml", 0},
	    {{.name = "a.xlsx",
		 .kind = "xlsx",
		 .verdict = ATTACH_GOOD,
		 .why = ""},
		"xl/workbook.xml xl/printerSettings1.bin", 0},
	    {{.name = "a.docx",
		 .kind = "macro",
		 .verdict = ATTACH_REFUSED,
		 .why = "macro"},
		"word/document.xml word/vbaProject.bin", 0},
	    {{.name = "a.xlsx",
		 .kind = "macro",
		 .verdict = ATTACH_REFUSED,
		 .why = "macro"},
		"xl/workbook.xml xl/macrosheets/sheet1.xml", 0},
	    {{.name = "a.zip",
		 .kind = "docx",
		 .verdict = ATTACH_REFUSED,
		 .why = "name"},
		"word/document.xml", 0},
	    {{.name = "a.jar",
		 .kind = "zip",
		 .verdict = ATTACH_REFUSED,
		 .why = "packed"},
		"META-INF/MANIFEST.MF", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf bytes = BUF_INIT;

		archive(&bytes, row[i].names, row[i].flags);
		check(&row[i].want, buf_span(&bytes));
		buf_done(&bytes);
	}
}

/* Cut anywhere, or with octets before it, an archive is not believed. */
static void
damaged_archives(void **state)
{
	static const struct want want = {.name = "a.zip",
	    .kind = "damaged",
	    .verdict = ATTACH_REFUSED,
	    .why = "damaged"};
	struct buf bytes = BUF_INIT, before = BUF_INIT;

	(void)state;
	archive(&bytes, "a.txt b.txt", 0);
	for (size_t len = 4; len < bytes.len; len++)
		check(&want, span_slice(buf_span(&bytes), 0, len));
	buf_text(&before, "PK\3\4 runs itself");
	buf_add(&before, buf_span(&bytes));
	check(&want, buf_span(&before));
	buf_done(&bytes);
	buf_done(&before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(by_octets_and_name),
	    cmocka_unit_test(archives),
	    cmocka_unit_test(damaged_archives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
