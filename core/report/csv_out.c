/* Spreadsheets run cells that look like formulas, and replies are foreign
 * bytes: every cell is quoted, a dangerous first character gets an apostrophe
 * before it, controls are written out. */
#include "core/report/csv_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/cell.h"
#include "core/base/file.h"
#include "core/base/utf8.h"

void
csv_cell(struct buf *out, struct span text, char end)
{
	buf_char(out, '"');
	if (cell_is_formula(text))
		buf_char(out, '\'');
	while (text.len) {
		const char *at = text.ptr;
		uint32_t cp;

		utf8_next(&text, &cp);
		if (cp == '"')
			buf_add(out, SPAN("\"\""));
		else if (cp == '\r' || cp == '\n' || cp == '\t')
			buf_char(out, ' ');
		else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			buf_printf(out, "\\x%02x", (unsigned)cp);
		else
			buf_add(out, span_make(at, (size_t)(text.ptr - at)));
	}
	buf_char(out, '"');
	buf_char(out, end);
}

void
csv_number(struct buf *out, int64_t number)
{
	buf_int(out, number);
	buf_char(out, ',');
}

static int
write_failed(const char *path, struct err *err)
{
	int sys = errno;

	if (sys == EEXIST)
		err_set(err, E_FILE_EXISTS);
	else if (sys == ENOSPC || sys == EDQUOT)
		err_sys(err, E_DISK_FULL, sys);
	else
		err_sys(err, E_FILE_WRITE, sys);
	return err_fact(err, "path", span_of(path));
}

int
csv_open(const char *path, struct err *err)
{
	struct buf fresh = BUF_INIT;
	int fd;

	buf_printf(&fresh, "%s.new", path);
	unlink(fresh.ptr);
	fd = open(fresh.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_sys(err, E_FILE_OPEN, errno);
		err_fact(err, "path", span_of(path));
	}
	buf_done(&fresh);
	return fd;
}

int
csv_write(int fd, const char *path, struct span rows, struct err *err)
{
	return file_write_all(fd, rows) < 0 ? write_failed(path, err) : 0;
}

int
csv_sync(int fd, const char *path, struct err *err)
{
	return fsync(fd) < 0 ? write_failed(path, err) : 0;
}

/* Some file systems cannot rename without replacing; there, what came between
 * the look at the name and this is replaced. */
static int
give_name(const char *fresh, const char *path, enum csv_end how)
{
	if (how == CSV_KEEP)
		return rename(fresh, path);
	if (renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	return errno == EINVAL ? rename(fresh, path) : -1;
}

int
csv_close(int fd, const char *path, enum csv_end how, struct err *err)
{
	struct buf fresh = BUF_INIT;
	int rc = 0;

	buf_printf(&fresh, "%s.new", path);
	close(fd);
	if (how != CSV_DROP && give_name(fresh.ptr, path, how) < 0)
		rc = write_failed(path, err);
	if (how == CSV_DROP || rc < 0)
		unlink(fresh.ptr);
	buf_done(&fresh);
	return rc;
}
