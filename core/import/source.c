/* What kind of file this is, and its rows. */
#include "core/import/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/import/encoding.h"

enum { CHUNK = 64 * 1024 };

struct rows {
	const struct source *source; /* borrowed */
	struct decoder *decoder;
	struct csv *csv;
	int64_t at; /* octets read */
	char chunk[CHUNK];
	struct buf text;  /* the chunk, decoded */
	struct span rest; /* of text */
	size_t skip;      /* octets of text to leave out at the beginning */
	bool undecodable; /* after rest */
	bool ended;
};

static int
fail_path(
    struct err *err, enum err_code code, int sys, const struct source *source)
{
	err_sys(err, code, sys);
	return err_fact(err, "path", span_of(source->path));
}

/* Reads up to CHUNK octets at an offset: their number, 0 at the end, or -1. */
static ssize_t
read_at(const struct source *source, int64_t at, char *chunk, struct err *err)
{
	ssize_t got;

	do
		got = pread(source->fd, chunk, CHUNK, at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail_path(err, E_FILE_READ, errno, source);
	return got;
}

/* ---- What kind of file ------------------------------------------------- */

static int
fail_type(struct err *err, const struct source *source, const char *found)
{
	fail_path(err, E_IMPORT_TYPE, 0, source);
	return err_fact(err, "found", span_of(found));
}

static bool
looks_like_utf16(struct span head)
{
	size_t zeros = 0;

	for (size_t i = 0; i < head.len; i++)
		zeros += head.ptr[i] == '\0';
	return zeros > head.len / 4;
}

/* Refuses what is no text of rows, by name. */
static int
check_magic(const struct source *source, struct span head, struct err *err)
{
	static const struct {
		struct span magic;
		const char *found;
	} magics[] = {
	    {{"\xff\xfe", 2}, "utf-16"},
	    {{"\xfe\xff", 2}, "utf-16"},
	    {{"\xd0\xcf\x11\xe0", 4}, "xls"},
	    {{"\x1f\x8b", 2}, "gzip"},
	    {{"%PDF", 4}, "pdf"},
	    {{"BEGIN:VCARD", 11}, "vcard"},
	    {{"<?xml", 5}, "xml"},
	    {{"<html", 5}, "html"},
	    {{"<!DOCTYPE", 9}, "html"},
	};

	if (span_starts(head, SPAN("PK\x03\x04"))) {
		bool sheet =
		    span_search(head, SPAN("xl/")) < head.len ||
		    span_search(head, SPAN("[Content_Types].xml")) < head.len;

		return fail_type(err, source, sheet ? "xlsx" : "zip");
	}
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		if (span_starts(head, magics[i].magic))
			return fail_type(err, source, magics[i].found);
	}
	if (looks_like_utf16(head))
		return fail_type(err, source, "utf-16");
	if (span_search(head, SPAN("\x1b$B")) < head.len ||
	    span_search(head, SPAN("\x1b$@")) < head.len)
		return fail_type(err, source, "iso-2022-jp");
	return 0;
}

static int
open_file(struct source *source, struct err *err)
{
	struct stat st;

	/* Not to hang on a FIFO, which is then refused. */
	source->fd = open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (source->fd < 0 || fstat(source->fd, &st) < 0)
		return fail_path(err, E_FILE_OPEN, errno, source);
	if (S_ISDIR(st.st_mode))
		return fail_path(err, E_FILE_OPEN, EISDIR, source);
	if (!S_ISREG(st.st_mode))
		return fail_type(err, source, "device");
	source->size = st.st_size;
	return 0;
}

/* ---- Which charset ----------------------------------------------------- */

static int
detect(struct detector *detector, struct source *source, struct err *err)
{
	struct encoding found;
	char *chunk = mem_new(CHUNK);
	int64_t at = 0;
	ssize_t got;

	while ((got = read_at(source, at, chunk, err)) > 0) {
		at += got;
		if (!detector_feed(detector, span_make(chunk, (size_t)got)))
			break;
	}
	free(chunk);
	if (got < 0)
		return -1;
	if (detector_finish(detector, got == 0 ? DETECTOR_WHOLE : DETECTOR_PART,
		&found, err) < 0)
		return err_fact(err, "path", span_of(source->path));
	source->charset = found.charset;
	source->start = (int64_t)found.mark;
	return 0;
}

static int
find_charset(struct source *source, struct err *err)
{
	struct detector *detector = NULL;
	int rc;

	if (detector_new(&detector, err) < 0)
		return -1;
	rc = detect(detector, source, err);
	detector_free(&detector);
	return rc;
}

/* ---- Opening ----------------------------------------------------------- */

/* Delimiter and "sep=" line, from the first chunk. */
static int
find_delimiter(struct source *source, struct span head, struct err *err)
{
	struct decoder *decoder = NULL;
	struct buf text = BUF_INIT;
	struct span rest;

	if (decoder_new(source->charset, &decoder, err) < 0)
		return -1;
	/* Where it cannot be decoded, rows_next() will say so. */
	decoder_feed(decoder, head, &text, NULL);
	rest = buf_span(&text);
	source->delimiter = csv_delimiter(&rest);
	source->sep_len = text.len - rest.len;
	decoder_free(&decoder);
	buf_done(&text);
	return 0;
}

int
source_init(struct source *out, const char *path, enum source_charset how,
    struct err *err)
{
	struct span mark = SPAN("\xef\xbb\xbf"), head;
	char *chunk = NULL;
	ssize_t got;
	int rc = -1;

	out->fd = -1;
	out->path = mem_text(span_of(path));
	if (open_file(out, err) < 0)
		return -1;
	chunk = mem_new(CHUNK);
	got = read_at(out, 0, chunk, err);
	if (got < 0)
		goto out;
	head = span_make(chunk, (size_t)got);
	if (check_magic(out, head, err) < 0)
		goto out;
	if (how == SOURCE_FIND && find_charset(out, err) < 0)
		goto out;
	if (how == SOURCE_GIVEN && span_starts(head, mark))
		out->start = (int64_t)mark.len;
	head = span_slice(head, (size_t)out->start, head.len);
	rc = find_delimiter(out, head, err);
out:
	free(chunk);
	return rc;
}

void
source_done(struct source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
	free(source->path);
	source->path = NULL;
}

/* ---- Reading rows ------------------------------------------------------ */

int
rows_open(const struct source *source, struct rows **out, struct err *err)
{
	struct rows *rows = mem_new(sizeof *rows);

	rows->source = source;
	rows->at = source->start;
	rows->skip = source->sep_len;
	if (decoder_new(source->charset, &rows->decoder, err) < 0) {
		free(rows);
		return -1;
	}
	rows->csv = csv_new(source->delimiter, 1);
	*out = rows;
	return 0;
}

void
rows_close(struct rows **rows)
{
	if (!*rows)
		return;
	decoder_free(&(*rows)->decoder);
	csv_free(&(*rows)->csv);
	buf_done(&(*rows)->text);
	free(*rows);
	*rows = NULL;
}

int64_t
rows_octets(const struct rows *rows)
{
	return rows->at;
}

/* Reads and decodes the next chunk: 1, 0 at the end, -1. */
static int
refill(struct rows *rows, struct err *err)
{
	ssize_t got = read_at(rows->source, rows->at, rows->chunk, err);
	struct span piece = {rows->chunk, (size_t)got};
	int rc;

	if (got < 0)
		return -1;
	buf_clear(&rows->text);
	rows->at += got;
	rc = got == 0 ? decoder_finish(rows->decoder, NULL)
		      : decoder_feed(rows->decoder, piece, &rows->text, NULL);
	rows->undecodable = rc < 0;
	rows->rest =
	    span_slice(buf_span(&rows->text), rows->skip, rows->text.len);
	rows->skip = 0;
	return got > 0 || rows->undecodable;
}

static int
fail_decode(const struct rows *rows, struct err *err)
{
	fail_path(err, E_IMPORT_ENCODING, 0, rows->source);
	err_fact_int(err, "line", csv_line(rows->csv));
	return err_fact(
	    err, "charset", span_of(charset_name(rows->source->charset)));
}

static int
finish(struct rows *rows, struct csv_row *row, struct err *err)
{
	enum csv_got got;

	if (rows->ended)
		return 0;
	rows->ended = true;
	got = csv_finish(rows->csv, row, err);
	return got == CSV_ROW ? 1 : got == CSV_MORE ? 0 : -1;
}

int
rows_next(struct rows *rows, struct csv_row *row, struct err *err)
{
	for (;;) {
		enum csv_got got = csv_next(rows->csv, &rows->rest, row, err);
		int more;

		if (got == CSV_ROW)
			return 1;
		if (got == CSV_FAILED)
			break;
		if (rows->undecodable)
			return fail_decode(rows, err);
		more = refill(rows, err);
		if (more < 0)
			return -1;
		if (more == 0) {
			more = finish(rows, row, err);
			if (more >= 0)
				return more;
			break;
		}
	}
	return err_fact(err, "path", span_of(rows->source->path));
}
