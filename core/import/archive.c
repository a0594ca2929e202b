/* Spreadsheets and documents are archives, too: they are told by the members
 * that their formats demand.  What macOS and Windows leave in archives is
 * never a list. */
#include "core/import/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

static bool
ends_nocase(struct span s, struct span end)
{
	return s.len >= end.len &&
	       span_equal_nocase(span_slice(s, s.len - end.len, s.len), end);
}

/* The text of a short member; empty when it cannot be had. */
static struct span
peek(const struct zip *zip, size_t member, char *room, size_t len)
{
	struct zip_reading *reading = NULL;
	ssize_t got = 0;

	if (zip_reading_open(zip, member, &reading, NULL) == 0)
		got = zip_read(reading, room, len, NULL);
	zip_reading_close(&reading);
	return span_make(room, got > 0 ? (size_t)got : 0);
}

const char *
archive_disguise(const struct zip *zip)
{
	size_t count;
	const struct zip_member *member = zip_members(zip, &count);
	bool types = false, sheet = false;
	char room[64];

	for (size_t i = 0; i < count; i++) {
		struct span name = span_of(member[i].name);

		types |= span_equal(name, SPAN("[Content_Types].xml"));
		sheet |= span_starts(name, SPAN("xl/"));
		if (ends_nocase(name, SPAN(".iwa")) ||
		    span_equal(name, SPAN("Index.zip")))
			return "numbers";
		if (!span_equal(name, SPAN("mimetype")))
			continue;
		return span_search(peek(zip, i, room, sizeof room),
			   SPAN("spreadsheet")) < sizeof room
			   ? "ods"
			   : "document";
	}
	if (!types)
		return NULL;
	return sheet ? "xlsx" : "document";
}

enum import_member_kind
archive_kind(const struct zip_member *member)
{
	static const struct span endings[] = {
	    {".csv", 4}, {".tsv", 4}, {".tab", 4}, {".txt", 4}};
	struct span name = span_of(member->name);
	struct span base = name;

	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '/' || name.ptr[i] == '\\')
			base = span_slice(name, i + 1, name.len);
	}
	if (base.len == 0 || span_starts(name, SPAN("__MACOSX/")) ||
	    span_starts(base, SPAN(".")) ||
	    span_equal_nocase(base, SPAN("desktop.ini")) ||
	    span_equal_nocase(base, SPAN("thumbs.db")))
		return IMPORT_MEMBER_IDLE;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		if (ends_nocase(base, endings[i]))
			return IMPORT_MEMBER_LIST;
	}
	return IMPORT_MEMBER_OTHER;
}

static int
choose_given(const struct zip *zip, size_t wanted, size_t *out, struct err *err)
{
	size_t count;
	const struct zip_member *member = zip_members(zip, &count);
	struct span name;

	if (wanted > count) {
		err_set(err, E_ZIP_MEMBER);
		err_fact_int(err, "member", (int64_t)wanted);
		return err_fact(err, "why", SPAN("missing"));
	}
	name = span_of(member[wanted - 1].name);
	if (span_ends(name, SPAN("/"))) {
		err_set(err, E_ZIP_MEMBER);
		err_fact(err, "member", name);
		return err_fact(err, "why", SPAN("folder"));
	}
	*out = wanted - 1;
	return 0;
}

int
archive_choose(
    const struct zip *zip, size_t wanted, size_t *out, struct err *err)
{
	size_t count, found[IMPORT_MEMBER_IDLE + 1] = {0};
	const struct zip_member *member = zip_members(zip, &count);
	enum import_member_kind kind;

	if (wanted)
		return choose_given(zip, wanted, out, err);
	for (size_t i = 0; i < count; i++)
		found[archive_kind(&member[i])]++;
	kind = found[IMPORT_MEMBER_LIST] ? IMPORT_MEMBER_LIST
					 : IMPORT_MEMBER_OTHER;
	if (found[kind] == 0) {
		err_set(err, E_ZIP);
		return err_fact(err, "why", SPAN("empty"));
	}
	if (found[kind] > 1) {
		err_set(err, E_IMPORT_MEMBERS);
		return err_fact_int(err, "found", (int64_t)found[kind]);
	}
	for (size_t i = 0; i < count; i++) {
		if (archive_kind(&member[i]) == kind)
			*out = i;
	}
	return 0;
}

/* ---- The list of them --------------------------------------------------- */

static void
list(const struct zip *zip, struct import_members *out)
{
	const struct zip_member *member = zip_members(zip, &out->count);

	out->member = mem_array(out->count, sizeof *out->member);
	for (size_t i = 0; i < out->count; i++) {
		span_text(out->member[i].name, sizeof out->member[i].name,
		    span_of(member[i].name));
		out->member[i].octets = member[i].octets;
		out->member[i].kind = archive_kind(&member[i]);
	}
}

static int
list_fd(int fd, struct import_members *out, struct err *err)
{
	struct zip *zip = NULL;
	struct stat st;
	char head[4];
	ssize_t got = pread(fd, head, sizeof head, 0);
	const char *disguise;

	if (got < 0 || fstat(fd, &st) < 0)
		return err_sys(err, E_FILE_READ, errno);
	if (!zip_is(span_make(head, (size_t)got)))
		return 0;
	if (zip_open(fd, st.st_size, &zip, err) < 0)
		return -1;
	disguise = archive_disguise(zip);
	if (disguise) {
		err_set(err, E_IMPORT_TYPE);
		err_fact(err, "found", span_of(disguise));
	} else {
		list(zip, out);
	}
	zip_close(&zip);
	return disguise ? -1 : 0;
}

int
import_members(const char *path, struct import_members *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc;

	if (fd < 0) {
		err_sys(err, E_FILE_OPEN, errno);
		return err_fact(err, "path", span_of(path));
	}
	rc = list_fd(fd, out, err);
	close(fd);
	return rc < 0 ? err_fact(err, "path", span_of(path)) : 0;
}

void
import_members_done(struct import_members *members)
{
	free(members->member);
	*members = (struct import_members){0};
}
