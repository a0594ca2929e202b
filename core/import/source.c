/* What kind of file this is, and its rows.  A member of an archive is inflated
 * anew for each reading: nothing of it is ever written to a disk. */
#include "core/import/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/import/archive.h"
#include "core/import/encoding.h"

enum { CHUNK = 64 * 1024, HEAD = 2 * CHUNK };

/* One reading of the octets, from the beginning. */
struct input {
	const struct source *source; /* borrowed */
	struct zip_reading *reading; /* of a member, else NULL */
	int64_t at;
};

struct rows {
	const struct source *source; /* borrowed */
	struct input input;
	struct decoder *decoder;
	struct csv *csv;
	char chunk[CHUNK];
	struct buf text;  /* the chunk, decoded */
	char before;      /* the octet in front of text */
	struct span rest; /* of text */
	size_t mark;      /* octets to leave out before decoding */
	size_t skip;      /* octets of text to leave out at the beginning */
	bool undecodable; /* after rest */
	bool ended;
	struct table_left left;
};

static int
fail_path(
    struct err *err, enum err_code code, int sys, const struct source *source)
{
	err_sys(err, code, sys);
	return err_fact(err, "path", span_of(source->path));
}

static int
input_open(struct input *input, const struct source *source, struct err *err)
{
	*input = (struct input){.source = source};
	if (source->zip && zip_reading_open(source->zip, source->member,
			       &input->reading, err) < 0)
		return err_fact(err, "path", span_of(source->path));
	return 0;
}

static void
input_close(struct input *input)
{
	zip_reading_close(&input->reading);
}

/* Reads up to CHUNK octets: their number, 0 at the end, or -1. */
static ssize_t
input_read(struct input *input, char *chunk, struct err *err)
{
	const struct source *source = input->source;
	ssize_t got;

	if (input->reading) {
		got = zip_read(input->reading, chunk, CHUNK, err);
		if (got < 0)
			return err_fact(err, "path", span_of(source->path));
	} else {
		do
			got = pread(source->fd, chunk, CHUNK, input->at);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return fail_path(err, E_FILE_READ, errno, source);
	}
	input->at += got;
	return got;
}

/* Reads up to HEAD octets from the beginning. */
static ssize_t
read_head(const struct source *source, char *head, struct err *err)
{
	struct input input;
	size_t len = 0;
	ssize_t got;

	if (input_open(&input, source, err) < 0)
		return -1;
	do {
		got = input_read(&input, head + len, err);
		if (got > 0)
			len += (size_t)got;
	} while (got > 0 && len + CHUNK <= HEAD);
	input_close(&input);
	return got < 0 ? -1 : (ssize_t)len;
}

/* ---- What kind of file ------------------------------------------------- */

static int
fail_type(struct err *err, const struct source *source, const char *found)
{
	fail_path(err, E_IMPORT_TYPE, 0, source);
	return err_fact(err, "found", span_of(found));
}

/* NULs that are neither text nor UTF-16.  Behind its mark UTF-16 may hold them
 * anywhere: U+3000 and U+4E00 have one on the other side than ASCII has. */
static bool
is_binary(struct span head)
{
	size_t zeros = 0;
	enum charset charset;

	if (encoding_mark(head, CHARSET_UTF16LE) ||
	    encoding_mark(head, CHARSET_UTF16BE) ||
	    encoding_wide(head, &charset))
		return false;
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
	    {{"\xff\xfe\0\0", 4}, "utf-32"},
	    {{"\0\0\xfe\xff", 4}, "utf-32"},
	    {{"\xd0\xcf\x11\xe0", 4}, "xls"},
	    {{"\x1f\x8b", 2}, "gzip"},
	    {{"%PDF", 4}, "pdf"},
	    {{"{\\rtf", 5}, "rtf"},
	    {{"SQLite format 3", 15}, "sqlite"},
	    {{"7z\xbc\xaf\x27\x1c", 6}, "7z"},
	    {{"Rar!\x1a", 5}, "rar"},
	    {{"BEGIN:VCARD", 11}, "vcard"},
	    {{"<?xml", 5}, "xml"},
	    {{"<html", 5}, "html"},
	    {{"<table", 6}, "html"},
	    {{"<meta", 5}, "html"},
	    {{"<!DOCTYPE", 9}, "html"},
	};

	if (zip_is(head))
		return fail_type(err, source, "zip");
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		struct span begins = span_slice(head, 0, magics[i].magic.len);

		if (span_equal_nocase(begins, magics[i].magic))
			return fail_type(err, source, magics[i].found);
	}
	/* LZH: the method stands behind a length and a sum */
	if (span_starts(span_slice(head, 2, head.len), SPAN("-lh")) &&
	    span_equal(span_slice(head, 6, 7), SPAN("-")))
		return fail_type(err, source, "lzh");
	if (is_binary(head))
		return fail_type(err, source, "binary");
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
	struct input input;
	char *chunk;
	ssize_t got;

	if (input_open(&input, source, err) < 0)
		return -1;
	chunk = mem_new(CHUNK);
	while ((got = input_read(&input, chunk, err)) > 0) {
		if (!detector_feed(detector, span_make(chunk, (size_t)got)))
			break;
	}
	free(chunk);
	input_close(&input);
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
	struct detector *detector = detector_new();
	int rc;

	rc = detect(detector, source, err);
	detector_free(&detector);
	return rc;
}

/* ---- Opening ----------------------------------------------------------- */

/* An archive: which member of it is the list. */
static int
look_into(struct source *source, size_t wanted, struct err *err)
{
	const struct zip_member *member;
	const char *disguise;
	size_t count;

	if (zip_open(source->fd, source->size, &source->zip, err) < 0)
		return err_fact(err, "path", span_of(source->path));
	disguise = archive_disguise(source->zip);
	if (disguise)
		return fail_type(err, source, disguise);
	if (archive_choose(source->zip, wanted, &source->member, err) < 0)
		return err_fact(err, "path", span_of(source->path));
	member = zip_members(source->zip, &count);
	source->size = member[source->member].octets;
	return 0;
}

/* Delimiter, quotes and "sep=" line, from the head. */
static int
find_dialect(struct source *source, struct span head, struct err *err)
{
	bool whole = source->start + (int64_t)head.len == source->size;
	struct decoder *decoder = NULL;
	struct buf text = BUF_INIT;

	if (decoder_new(source->charset, &decoder, err) < 0)
		return -1;
	/* Where it cannot be decoded, rows_next() will say so. */
	decoder_feed(decoder, head, &text, NULL);
	dialect_find(buf_span(&text), whole ? DIALECT_WHOLE : DIALECT_PART,
	    &source->dialect);
	decoder_free(&decoder);
	buf_done(&text);
	return 0;
}

/* What the first octets are. */
static int
look_at_head(struct source *source, size_t member, char *room,
    struct span *head, struct err *err)
{
	ssize_t got = read_head(source, room, err);

	if (got < 0)
		return -1;
	*head = span_make(room, (size_t)got);
	if (zip_is(*head)) {
		if (look_into(source, member, err) < 0)
			return -1;
		got = read_head(source, room, err);
		if (got < 0)
			return -1;
		*head = span_make(room, (size_t)got);
	}
	return check_magic(source, *head, err);
}

int
source_init(struct source *out, const char *path, enum source_charset how,
    const struct import_form *form, struct err *err)
{
	struct span head;
	char *room = NULL;
	int rc = -1;

	out->fd = -1;
	out->path = mem_text(span_of(path));
	if (form) {
		out->dialect.delimiter = form->delimiter;
		out->dialect.quote = form->quote;
	}
	if (open_file(out, err) < 0)
		return -1;
	room = mem_new(HEAD);
	if (look_at_head(out, form ? form->member : 0, room, &head, err) < 0)
		goto out;
	if (how == SOURCE_FIND && find_charset(out, err) < 0)
		goto out;
	if (how == SOURCE_GIVEN)
		out->start = (int64_t)encoding_mark(head, out->charset);
	head = span_slice(head, (size_t)out->start, head.len);
	rc = find_dialect(out, head, err);
out:
	free(room);
	return rc;
}

void
source_done(struct source *source)
{
	table_done(&source->table);
	zip_close(&source->zip);
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
	rows->mark = (size_t)source->start;
	rows->skip = source->dialect.sep_len;
	if (input_open(&rows->input, source, err) < 0 ||
	    decoder_new(source->charset, &rows->decoder, err) < 0) {
		rows_close(&rows);
		return -1;
	}
	decoder_allow_cuts(rows->decoder);
	rows->before = '\n';
	rows->csv =
	    csv_new(source->dialect.delimiter, source->dialect.quote, 1);
	if (source->dialect.blanks)
		csv_skip_blanks(rows->csv);
	*out = rows;
	return 0;
}

void
rows_close(struct rows **rows)
{
	if (!*rows)
		return;
	input_close(&(*rows)->input);
	decoder_free(&(*rows)->decoder);
	csv_free(&(*rows)->csv);
	buf_done(&(*rows)->text);
	free((*rows)->left.kept);
	free(*rows);
	*rows = NULL;
}

int64_t
rows_octets(const struct rows *rows)
{
	return rows->input.at;
}

/* Reads and decodes the next chunk: 1, 0 at the end, -1. */
static int
refill(struct rows *rows, struct err *err)
{
	ssize_t got = input_read(&rows->input, rows->chunk, err);
	struct span piece = {rows->chunk, (size_t)got};
	int rc;

	if (got < 0)
		return -1;
	buf_clear(&rows->text);
	piece = span_slice(piece, rows->mark, piece.len);
	rows->mark = 0;
	rc = got == 0 ? decoder_finish(rows->decoder, NULL)
		      : decoder_feed(rows->decoder, piece, &rows->text, NULL);
	if (rows->source->dialect.delimiter == IMPORT_TOUTEN)
		dialect_fold(&rows->text);
	rows->undecodable = rc < 0;
	encoding_drop_marks(&rows->text, &rows->before);
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

/* The next row of the file, whatever it is. */
static int
next_row(struct rows *rows, struct csv_row *row, struct err *err)
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

int
rows_next(struct rows *rows, struct csv_row *row, struct err *err)
{
	const struct table *table = &rows->source->table;
	int got;

	do
		got = next_row(rows, row, err);
	while (got == 1 && table->on && !table_takes(table, row, &rows->left));
	if (got == 1)
		own_unwrap(table->own, row);
	return got;
}

const struct table_left *
rows_left(const struct rows *rows)
{
	return &rows->left;
}

int
source_find_table(
    struct source *source, const struct import_form *form, struct err *err)
{
	struct table_search *search = NULL;
	struct rows *rows = NULL;
	struct csv_row row;
	int got;

	if (rows_open(source, &rows, err) < 0)
		return -1;
	search = table_search_new(form);
	while ((got = rows_next(rows, &row, err)) == 1) {
		if (!table_search_row(search, &row))
			break;
	}
	rows_close(&rows);
	if (got >= 0 && !table_search_end(search, &source->table))
		got = fail_path(err, E_CSV_EMPTY, 0, source);
	table_search_free(&search);
	return got < 0 ? -1 : 0;
}
