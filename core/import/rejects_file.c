/* The file of rejects: the rows that were not taken, whole, as a table that can
 * be corrected and imported again.  Two columns stand before it, the line and
 * the reason in words; by their headers the next import knows the file, passes
 * over them and takes back the ' that keeps spreadsheets from calculating.  The
 * source is read again for it, so that no row has to be kept in memory. */
#include "core/import/rejects_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/cell.h"
#include "core/base/encoder.h"
#include "core/base/file.h"
#include "core/base/text.h"

enum { WRITE_AT = 64 * 1024 }; /* octets */

/* ---- Rows -------------------------------------------------------------- */

struct writing {
	const struct rejects_job *job; /* borrowed */
	struct encoder *encoder;
	char delimiter;
	int fd;
	struct buf line;   /* UTF-8 */
	struct buf out;    /* encoded */
	struct buf reason; /* of one row */
	bool lacks;        /* the charset has no place for something */
};

static int
flush(struct writing *writing, struct err *err)
{
	int rc = file_write_all(writing->fd, buf_span(&writing->out));

	buf_clear(&writing->out);
	if (rc == 0)
		return 0;
	err_sys(err,
	    errno == ENOSPC || errno == EDQUOT ? E_DISK_FULL : E_FILE_WRITE,
	    errno);
	return err_fact(err, "path", span_of(writing->job->path));
}

/* Ends a line: 0, 1 when the charset lacks a character, -1. */
static int
end_line(struct writing *writing, struct err *err)
{
	buf_text(&writing->line, "\r\n");
	if (!encoder_put(
		writing->encoder, buf_span(&writing->line), &writing->out))
		return 1;
	buf_clear(&writing->line);
	return writing->out.len < WRITE_AT ? 0 : flush(writing, err);
}

static void
begin_line(struct writing *writing, struct span line, struct span reason)
{
	buf_clear(&writing->line);
	cell_put(&writing->line, writing->delimiter, line);
	buf_char(&writing->line, writing->delimiter);
	cell_put(&writing->line, writing->delimiter, reason);
}

static void
add_cell(struct writing *writing, struct span cell)
{
	buf_char(&writing->line, writing->delimiter);
	cell_put(&writing->line, writing->delimiter, cell);
}

/* The first column of the source that is not ours. */
static size_t
first_of(const struct rejects_job *job)
{
	return job->source->table.own == OWN_REJECTS ? OWN_REJECTS_COLUMNS : 0;
}

/* Headers that the guess knows again, for a file that has none. */
static struct span
made_header(const struct import_column *column)
{
	switch (column->target) {
	case IMPORT_ADDRESS:
		return SPAN("email");
	case IMPORT_NAME:
		return SPAN("name");
	case IMPORT_FIELD:
		return span_of(column->field);
	default:
		return SPAN("");
	}
}

static int
write_headers(struct writing *writing, struct err *err)
{
	const struct rejects_job *job = writing->job;
	const struct table *table = &job->source->table;
	bool named = false;

	for (size_t i = 0; i < table->at.columns; i++)
		named |= table->name[i].len > 0;
	begin_line(writing, span_of(OWN_LINE), span_of(OWN_REASON));
	for (size_t i = first_of(job); i < table->at.columns; i++) {
		add_cell(writing, named
				      ? table->name[i]
				      : made_header(&job->mapping->column[i]));
	}
	return end_line(writing, err);
}

/* The reason with its facts, as the row gives it again; one that only the store
 * knew has none but the line. */
static void
say_reason(struct writing *writing, const struct csv_row *row,
    const struct reject_mark *mark)
{
	struct arena *arena = arena_new();
	struct csv_person person = {0};
	struct err why = {0};

	if (row_person(writing->job->mapping, row, arena, &person, &why) >= 0 ||
	    why.code != mark->code) {
		err_set(&why, mark->code);
		err_fact_int(&why, "line", mark->line);
	}
	buf_clear(&writing->reason);
	writing->job->words(&why, &writing->reason);
	arena_free(&arena);
}

static int
write_row(struct writing *writing, const struct csv_row *row,
    const struct reject_mark *mark, struct err *err)
{
	struct buf line = BUF_INIT;
	int rc;

	say_reason(writing, row, mark);
	buf_printf(&line, "%lld", (long long)mark->line);
	begin_line(writing, buf_span(&line), buf_span(&writing->reason));
	for (size_t i = writing->job->source->table.own == OWN_REJECTS
			    ? OWN_REJECTS_COLUMNS
			    : 0;
	    i < row->count; i++) {
		if ((int)i != row->torn) {
			add_cell(writing, row->cell[i]);
			continue;
		}
		/* Still torn, so that it is not taken uncorrected. */
		buf_char(&writing->line, writing->delimiter);
		buf_char(&writing->line, '"');
		for (size_t n = 0; n < row->cell[i].len; n++) {
			if (row->cell[i].ptr[n] == '"')
				buf_char(&writing->line, '"');
			buf_char(&writing->line, row->cell[i].ptr[n]);
		}
		buf_text(&writing->line, "\" \"");
	}
	rc = end_line(writing, err);
	buf_done(&line);
	return rc;
}

static int
fail_changed(const struct writing *writing, struct err *err)
{
	err_set(err, E_IMPORT_CHANGED);
	return err_fact(err, "path", span_of(writing->job->source->path));
}

/* Goes through the source once: 0, 1 when the charset lacks something, -1. */
static int
write_rows(struct writing *writing, struct rows *rows, struct err *err)
{
	const struct rejects_job *job = writing->job;
	size_t next = 0, count = rejects_count(job->rejects);
	struct csv_row row;
	int rc = write_headers(writing, err), got = 1;

	while (rc == 0 && got == 1 && next < count &&
	       (got = rows_next(rows, &row, err)) == 1) {
		struct reject_mark mark = rejects_mark(job->rejects, next);

		if (row.line != mark.line)
			continue;
		next++;
		rc = write_row(writing, &row, &mark, err);
	}
	if (got < 0 || rc != 0)
		return got < 0 ? -1 : rc;
	return next < count ? fail_changed(writing, err) : flush(writing, err);
}

/* One attempt in one charset: as write_rows(). */
static int
attempt(struct writing *writing, enum charset charset, struct err *err)
{
	struct rows *rows = NULL;
	int rc = -1;

	buf_clear(&writing->out);
	if (charset == CHARSET_UTF8)
		buf_text(&writing->out, "\xef\xbb\xbf");
	if (ftruncate(writing->fd, 0) < 0 ||
	    lseek(writing->fd, 0, SEEK_SET) < 0) {
		err_sys(err, E_FILE_WRITE, errno);
		return err_fact(err, "path", span_of(writing->job->path));
	}
	if (encoder_new(charset, &writing->encoder, err) == 0 &&
	    rows_open(writing->job->source, &rows, err) == 0)
		rc = write_rows(writing, rows, err);
	rows_close(&rows);
	encoder_free(&writing->encoder);
	return rc;
}

static int
open_new(const char *path, int *fd, struct err *err)
{
	*fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd >= 0)
		return 0;
	if (errno == EEXIST || errno == ELOOP)
		err_set(err, E_FILE_EXISTS);
	else
		err_sys(err, E_FILE_OPEN, errno);
	return err_fact(err, "path", span_of(path));
}

int
rejects_write(
    const struct rejects_job *job, enum charset *charset, struct err *err)
{
	char delimiter = job->source->dialect.delimiter;
	struct writing writing = {.job = job, .fd = -1};
	int rc;

	writing.delimiter =
	    delimiter && delimiter != IMPORT_TOUTEN ? delimiter : ',';
	if (open_new(job->path, &writing.fd, err) < 0)
		return -1;
	*charset = encoder_has(job->source->charset) ? job->source->charset
						     : CHARSET_UTF8;
	rc = attempt(&writing, *charset, err);
	if (rc == 1) {
		*charset = CHARSET_UTF8;
		rc = attempt(&writing, *charset, err);
	}
	if (rc == 0 && fsync(writing.fd) < 0) {
		err_sys(err, E_FILE_WRITE, errno);
		rc = err_fact(err, "path", span_of(job->path));
	}
	if (close(writing.fd) < 0 && rc == 0) {
		err_sys(err, E_FILE_WRITE, errno);
		rc = err_fact(err, "path", span_of(job->path));
	}
	if (rc != 0)
		unlink(job->path);
	buf_done(&writing.line);
	buf_done(&writing.out);
	buf_done(&writing.reason);
	return rc;
}
