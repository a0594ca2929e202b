/* What kind of file this is.  Order: byte order mark, signs of other formats,
 * strict UTF-8 (plain ASCII is that too), strict CP932.  A file that would
 * also pass for EUC-JP is not guessed: the operator is asked. */
#include "core/import/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

enum {
	CHUNK = 64 * 1024,
	/* Detection reads on to the end unless it has seen this much and some
	 * of it was not ASCII: a long file must not keep its caller waiting. */
	DETECT_ENOUGH = 8 * 1024 * 1024
};

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

/* The shape of EUC-JP: a machine without a table. */
struct euc {
	bool broken;
	int left;  /* bytes the character still wants */
	bool kana; /* the next byte is half-width kana */
};

static void
euc_feed(struct euc *euc, struct span s)
{
	for (size_t i = 0; i < s.len && !euc->broken; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (euc->left) {
			euc->broken =
			    c < 0xa1 || c == 0xff || (euc->kana && c > 0xdf);
			euc->left--;
			euc->kana = false;
		} else if (c == 0x8e) {
			euc->left = 1;
			euc->kana = true;
		} else if (c == 0x8f) {
			euc->left = 2;
		} else if (c >= 0x80) {
			euc->broken = c < 0xa1 || c == 0xff;
			euc->left = 1;
		}
	}
}

/* What is known after reading a part. */
struct detection {
	struct decoder *decoder[CHARSET_COUNT];
	struct err err[CHARSET_COUNT]; /* code set: no longer possible */
	struct euc euc;
	bool ascii;
};

static bool
is_ascii(struct span s)
{
	unsigned char any = 0;

	for (size_t i = 0; i < s.len; i++)
		any |= (unsigned char)s.ptr[i];
	return any < 0x80;
}

static void
detection_feed(struct detection *d, struct span piece, struct buf *text)
{
	for (int i = 0; i < CHARSET_COUNT; i++) {
		buf_clear(text);
		if (d->err[i].code == E_NONE)
			decoder_feed(d->decoder[i], piece, text, &d->err[i]);
	}
	d->ascii = d->ascii && is_ascii(piece);
	euc_feed(&d->euc, piece);
}

static int
detection_read(
    struct detection *d, const struct source *source, struct err *err)
{
	struct buf text = BUF_INIT;
	char *chunk = mem_new(CHUNK);
	int64_t at = source->start;
	ssize_t got;

	while ((got = read_at(source, at, chunk, err)) > 0) {
		detection_feed(d, span_make(chunk, (size_t)got), &text);
		at += got;
		if (d->err[CHARSET_UTF8].code && d->err[CHARSET_CP932].code)
			break;
		if (at > DETECT_ENOUGH && !d->ascii)
			break;
	}
	for (int i = 0; got == 0 && i < CHARSET_COUNT; i++) {
		if (d->err[i].code == E_NONE)
			decoder_finish(d->decoder[i], &d->err[i]);
	}
	buf_done(&text);
	free(chunk);
	return got < 0 ? -1 : 0;
}

/* The line on which an offset lies. */
static int
line_of(
    const struct source *source, int64_t offset, int64_t *line, struct err *err)
{
	char *chunk = mem_new(CHUNK);
	int64_t at = 0;
	char last = '\0';
	ssize_t got = 0;

	*line = 1;
	while (at < offset && (got = read_at(source, at, chunk, err)) > 0) {
		for (ssize_t i = 0; i < got && at < offset; i++, at++) {
			*line += chunk[i] == '\r' ||
				 (chunk[i] == '\n' && last != '\r');
			last = chunk[i];
		}
	}
	free(chunk);
	return got < 0 ? -1 : 0;
}

/* Neither charset fits: tells where the one that came farther broke. */
static int
fail_encoding(
    const struct source *source, const struct detection *d, struct err *err)
{
	int64_t best = 0, line = 1;
	int which = CHARSET_UTF8;

	for (int i = 0; i < CHARSET_COUNT; i++) {
		int64_t offset = 0;

		span_int(span_of(err_find(&d->err[i], "offset")), &offset);
		if (offset > best) {
			best = offset;
			which = i;
		}
	}
	if (line_of(source, source->start + best, &line, err) < 0)
		return -1;
	fail_path(err, E_IMPORT_ENCODING, 0, source);
	err_fact_int(err, "line", line);
	return err_fact(
	    err, "charset", span_of(charset_name((enum charset)which)));
}

static int
find_charset(struct source *source, struct err *err)
{
	struct detection d = {.ascii = true};
	int rc = -1;

	for (int i = 0; i < CHARSET_COUNT; i++) {
		if (decoder_new((enum charset)i, &d.decoder[i], err) < 0)
			goto out;
	}
	if (detection_read(&d, source, err) < 0)
		goto out;
	source->charset = CHARSET_UTF8;
	if (d.err[CHARSET_UTF8].code == E_NONE) {
		rc = 0;
		goto out;
	}
	source->charset = CHARSET_CP932;
	if (d.err[CHARSET_CP932].code)
		fail_encoding(source, &d, err);
	else if (!d.euc.broken && !d.euc.left)
		fail_path(err, E_IMPORT_ENCODING_UNSURE, 0, source);
	else
		rc = 0;
out:
	for (int i = 0; i < CHARSET_COUNT; i++)
		decoder_free(&d.decoder[i]);
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
	if (span_starts(head, mark)) {
		out->start = (int64_t)mark.len;
		head = span_slice(head, mark.len, head.len);
		if (how == SOURCE_FIND)
			out->charset = CHARSET_UTF8;
	} else if (how == SOURCE_FIND && find_charset(out, err) < 0) {
		goto out;
	}
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
