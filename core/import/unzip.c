/* The central directory alone says what is in an archive; the header before a
 * member's data is read only to get past it, and must name the same member.
 * Archives that hide something (data that overlaps, sizes that no list of
 * people has, parts on other disks) are refused and not worked around. */
#include "core/import/unzip.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

#include "core/base/buf.h"
#include "core/base/charset.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/utf8.h"

enum {
	END_LEN = 22,    /* end of central directory record, without comment */
	ENTRY_LEN = 46,  /* entry of the directory, without its texts */
	HEADER_LEN = 30, /* header of a member, without its texts */
	COMMENT_MAX = 65535,
	DIRECTORY_MAX = 4 * 1024 * 1024,
	CHUNK = 64 * 1024,
	FLAG_ENCRYPTED = 1 | 1 << 6 | 1 << 13,
	FLAG_UTF8 = 1 << 11,
	METHOD_STORED = 0,
	METHOD_DEFLATED = 8
};

/* What all members may be together, in octets. */
static const int64_t total_max = (int64_t)16 << 30;

struct zip {
	int fd;            /* borrowed */
	int64_t directory; /* offset: all data lies before it */
	struct zip_member *member;
	size_t count;
};

struct zip_reading {
	const struct zip *zip;           /* borrowed */
	const struct zip_member *member; /* borrowed */
	int64_t at;                      /* in the file */
	int64_t end;
	int64_t given; /* octets handed out */
	uint32_t crc;
	bool over;     /* the deflated stream has ended */
	bool inflates; /* stream is to be ended */
	z_stream stream;
	char chunk[CHUNK];
};

bool
zip_is(struct span head)
{
	return span_starts(head, SPAN("PK\x03\x04")) ||
	       span_starts(head, SPAN("PK\x05\x06"));
}

static unsigned
le16(const char *p)
{
	return (unsigned)(unsigned char)p[0] | (unsigned)(unsigned char)p[1]
						   << 8;
}

static uint32_t
le32(const char *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static int
refuse(struct err *err, const char *why)
{
	err_set(err, E_ZIP);
	return err_fact(err, "why", span_of(why));
}

static int
refuse_member(const struct zip_member *member, struct err *err, const char *why)
{
	err_set(err, E_ZIP_MEMBER);
	err_fact(err, "member", span_of(member->name));
	return err_fact(err, "why", span_of(why));
}

/* Reads up to len octets at an offset: their number, or -1. */
static ssize_t
read_at(int fd, int64_t at, char *to, size_t len, struct err *err)
{
	size_t have = 0;

	while (have < len) {
		ssize_t got =
		    pread(fd, to + have, len - have, at + (int64_t)have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, E_FILE_READ, errno);
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

/* ---- The directory ----------------------------------------------------- */

/* What the end record says. */
struct ending {
	int64_t at; /* of the record itself */
	int64_t directory, size;
	size_t count;
};

static int
read_ending(const char *p, struct ending *out, struct err *err)
{
	if (le16(p + 8) == 0xffff || le16(p + 10) == 0xffff ||
	    le32(p + 12) == UINT32_MAX || le32(p + 16) == UINT32_MAX)
		return refuse(err, "zip64");
	if (le16(p + 4) || le16(p + 6) || le16(p + 8) != le16(p + 10))
		return refuse(err, "disks");
	out->count = le16(p + 10);
	out->size = le32(p + 12);
	out->directory = le32(p + 16);
	if (out->count > ZIP_MEMBERS_MAX)
		return refuse(err, "members");
	if (out->size > DIRECTORY_MAX)
		return refuse(err, "size");
	if (out->directory + out->size > out->at)
		return refuse(err, "truncated");
	return 0;
}

/* Looks for the end record from the end of the file. */
static int
find_ending(int fd, int64_t size, struct ending *out, struct err *err)
{
	int64_t from = size - END_LEN - COMMENT_MAX;
	char *tail = mem_new(END_LEN + COMMENT_MAX);
	ssize_t got;
	int rc = -1;

	if (from < 0)
		from = 0;
	got = read_at(fd, from, tail, END_LEN + COMMENT_MAX, err);
	if (got < 0)
		goto out;
	for (ssize_t i = got - END_LEN; i >= 0; i--) {
		if (memcmp(tail + i, "PK\x05\x06", 4) != 0 ||
		    i + END_LEN + (ssize_t)le16(tail + i + 20) > got)
			continue;
		out->at = from + i;
		rc = read_ending(tail + i, out, err);
		goto out;
	}
	refuse(err, "truncated");
out:
	free(tail);
	return rc;
}

/* Names are UTF-8 when they say so or read so, else CP932. */
static void
take_name(struct span name, struct zip_member *member)
{
	struct decoder *decoder = NULL;
	struct buf text = BUF_INIT, line = BUF_INIT;

	if (member->flags & FLAG_UTF8 || utf8_is_valid(name) ||
	    decoder_new(CHARSET_CP932, &decoder, NULL) < 0 ||
	    decoder_feed(decoder, name, &text, NULL) < 0 ||
	    decoder_finish(decoder, NULL) < 0) {
		buf_clear(&text);
		buf_add(&text, name);
	}
	text_one_line(&line, buf_span(&text), ZIP_NAME_MAX);
	text_cut(member->name, sizeof member->name, buf_span(&line));
	decoder_free(&decoder);
	buf_done(&text);
	buf_done(&line);
}

/* Takes one entry off *rest. */
static int
take_entry(struct zip *zip, struct span *rest, struct err *err)
{
	struct zip_member *member = &zip->member[zip->count];
	const char *p = rest->ptr;
	size_t len;

	if (rest->len < ENTRY_LEN || memcmp(p, "PK\x01\x02", 4) != 0)
		return refuse(err, "truncated");
	len = ENTRY_LEN + le16(p + 28) + le16(p + 30) + le16(p + 32);
	if (rest->len < len)
		return refuse(err, "truncated");
	member->flags = le16(p + 8);
	member->method = le16(p + 10);
	member->crc = le32(p + 16);
	member->packed = le32(p + 20);
	member->octets = le32(p + 24);
	member->offset = le32(p + 42);
	member->name_len = le16(p + 28);
	if (member->packed == UINT32_MAX || member->octets == UINT32_MAX ||
	    member->offset == UINT32_MAX)
		return refuse(err, "zip64");
	if (le16(p + 34))
		return refuse(err, "disks");
	if (member->offset + HEADER_LEN + member->packed > zip->directory)
		return refuse(err, "truncated");
	take_name(span_make(p + ENTRY_LEN, member->name_len), member);
	*rest = span_slice(*rest, len, rest->len);
	zip->count++;
	return 0;
}

/* Data that is used by more than one member is how a small archive unpacks to
 * an endless one. */
static int
check_total(const struct zip *zip, struct err *err)
{
	int64_t packed = 0, octets = 0;

	for (size_t i = 0; i < zip->count; i++) {
		packed += zip->member[i].packed + HEADER_LEN;
		octets += zip->member[i].octets;
	}
	return packed > zip->directory || octets > total_max
		   ? refuse(err, "size")
		   : 0;
}

static int
read_directory(struct zip *zip, const struct ending *ending, struct err *err)
{
	char *bytes = mem_new((size_t)ending->size + 1);
	struct span rest = span_make(bytes, (size_t)ending->size);
	ssize_t got = read_at(zip->fd, ending->directory, bytes, rest.len, err);
	int rc = got < 0 ? -1 : 0;

	if (got >= 0 && (size_t)got < rest.len)
		rc = refuse(err, "truncated");
	zip->directory = ending->directory;
	zip->member = mem_array(ending->count + 1, sizeof *zip->member);
	while (rc == 0 && zip->count < ending->count)
		rc = take_entry(zip, &rest, err);
	if (rc == 0)
		rc = check_total(zip, err);
	free(bytes);
	return rc;
}

int
zip_open(int fd, int64_t size, struct zip **out, struct err *err)
{
	struct zip *zip = mem_new(sizeof *zip);
	struct ending ending = {0};

	zip->fd = fd;
	if (find_ending(fd, size, &ending, err) < 0 ||
	    read_directory(zip, &ending, err) < 0) {
		zip_close(&zip);
		return -1;
	}
	*out = zip;
	return 0;
}

const struct zip_member *
zip_members(const struct zip *zip, size_t *count)
{
	*count = zip->count;
	return zip->member;
}

void
zip_close(struct zip **zip)
{
	if (!*zip)
		return;
	free((*zip)->member);
	free(*zip);
	*zip = NULL;
}

/* ---- One member -------------------------------------------------------- */

static int
check_member(const struct zip_member *member, struct err *err)
{
	if (member->flags & FLAG_ENCRYPTED)
		return refuse_member(member, err, "encrypted");
	if (member->method != METHOD_STORED &&
	    member->method != METHOD_DEFLATED)
		return refuse_member(member, err, "method");
	if (member->method == METHOD_STORED && member->packed != member->octets)
		return refuse_member(member, err, "damaged");
	if (member->octets > ZIP_RATIO_FROM &&
	    member->octets / ZIP_RATIO_MAX > member->packed)
		return refuse_member(member, err, "size");
	return 0;
}

/* Finds where the data begins: behind a header with texts of its own. */
static int
find_data(struct zip_reading *reading, struct err *err)
{
	const struct zip_member *member = reading->member;
	char head[HEADER_LEN];
	ssize_t got =
	    read_at(reading->zip->fd, member->offset, head, sizeof head, err);

	if (got < 0)
		return -1;
	if (got < HEADER_LEN || memcmp(head, "PK\x03\x04", 4) != 0 ||
	    le16(head + 26) != member->name_len ||
	    le16(head + 8) != member->method)
		return refuse_member(member, err, "damaged");
	reading->at =
	    member->offset + HEADER_LEN + le16(head + 26) + le16(head + 28);
	reading->end = reading->at + member->packed;
	if (reading->end > reading->zip->directory)
		return refuse_member(member, err, "damaged");
	return 0;
}

int
zip_reading_open(const struct zip *zip, size_t member, struct zip_reading **out,
    struct err *err)
{
	struct zip_reading *reading;

	if (check_member(&zip->member[member], err) < 0)
		return -1;
	reading = mem_new(sizeof *reading);
	reading->zip = zip;
	reading->member = &zip->member[member];
	if (find_data(reading, err) < 0) {
		zip_reading_close(&reading);
		return -1;
	}
	/* Without a header of its own, as members of archives are. */
	if (reading->member->method == METHOD_DEFLATED) {
		reading->inflates =
		    inflateInit2(&reading->stream, -MAX_WBITS) == Z_OK;
		if (!reading->inflates) {
			refuse_member(reading->member, err, "method");
			zip_reading_close(&reading);
			return -1;
		}
	}
	*out = reading;
	return 0;
}

void
zip_reading_close(struct zip_reading **reading)
{
	if (!*reading)
		return;
	if ((*reading)->inflates)
		inflateEnd(&(*reading)->stream);
	free(*reading);
	*reading = NULL;
}

int64_t
zip_reading_packed(const struct zip_reading *reading)
{
	return reading->member->packed - (reading->end - reading->at);
}

/* Reads what is packed next, up to room octets: 0 at the end, -1. */
static ssize_t
read_packed(struct zip_reading *reading, char *to, size_t room, struct err *err)
{
	int64_t left = reading->end - reading->at;
	ssize_t got;

	if ((int64_t)room > left)
		room = (size_t)left;
	if (room == 0)
		return 0;
	got = read_at(reading->zip->fd, reading->at, to, room, err);
	if (got >= 0 && (size_t)got < room)
		return refuse_member(reading->member, err, "damaged");
	if (got > 0)
		reading->at += got;
	return got;
}

static int
refill(struct zip_reading *reading, struct err *err)
{
	z_stream *stream = &reading->stream;
	ssize_t got;

	if (stream->avail_in)
		return 0;
	got = read_packed(reading, reading->chunk, CHUNK, err);
	if (got < 0)
		return -1;
	stream->next_in = (const Bytef *)reading->chunk;
	stream->avail_in = (uInt)got;
	return 0;
}

/* Inflates until room is full or the stream ends: octets, or -1. */
static ssize_t
inflate_some(
    struct zip_reading *reading, char *to, size_t room, struct err *err)
{
	z_stream *stream = &reading->stream;

	stream->next_out = (Bytef *)to;
	stream->avail_out = (uInt)room;
	while (stream->avail_out && !reading->over) {
		int rc;

		if (refill(reading, err) < 0)
			return -1;
		rc = inflate(stream, Z_NO_FLUSH);
		reading->over = rc == Z_STREAM_END;
		/* also when the data ends inside the stream */
		if (rc != Z_OK && rc != Z_STREAM_END)
			return refuse_member(reading->member, err, "damaged");
	}
	return (ssize_t)(room - stream->avail_out);
}

static int
check_end(const struct zip_reading *reading, struct err *err)
{
	const struct zip_member *member = reading->member;
	bool whole =
	    reading->given == member->octets && reading->crc == member->crc &&
	    reading->at == reading->end && reading->stream.avail_in == 0;

	return whole ? 0 : refuse_member(member, err, "damaged");
}

ssize_t
zip_read(struct zip_reading *reading, char *to, size_t room, struct err *err)
{
	ssize_t got;

	if (room > CHUNK)
		room = CHUNK;
	got = reading->inflates ? inflate_some(reading, to, room, err)
				: read_packed(reading, to, room, err);
	if (got < 0)
		return -1;
	if (got == 0)
		return check_end(reading, err);
	reading->given += got;
	if (reading->given > reading->member->octets)
		return refuse_member(reading->member, err, "damaged");
	reading->crc =
	    (uint32_t)crc32(reading->crc, (const Bytef *)to, (uInt)got);
	return got;
}
