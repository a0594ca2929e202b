/* Whole files: bounded reading and crash-safe replacing. */
#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

static int
fail(struct err *err, enum err_code code, const char *path)
{
	int sys = errno;

	if (sys == ENOSPC || sys == EDQUOT)
		code = E_DISK_FULL;
	err_sys(err, code, sys);
	return err_fact(err, "path", span_of(path));
}

int
file_read(const char *path, size_t limit, struct buf *out, struct err *err)
{
	size_t before = out->len;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail(err, E_FILE_OPEN, path);
	do {
		buf_reserve(out, 65536);
		got = read(fd, out->ptr + out->len, 65536);
		if (got > 0)
			out->len += (size_t)got;
	} while ((got > 0 && out->len - before <= limit) ||
		 (got < 0 && errno == EINTR));
	if (got < 0)
		fail(err, E_FILE_READ, path);
	close(fd);
	if (got > 0) {
		err_set(err, E_FILE_SIZE);
		err_fact(err, "path", span_of(path));
		err_fact_int(err, "limit", (int64_t)limit);
	}
	if (got != 0)
		out->len = before;
	if (out->ptr)
		out->ptr[out->len] = '\0';
	return got == 0 ? 0 : -1;
}

int
file_write_all(int fd, struct span data)
{
	while (data.len) {
		ssize_t put = write(fd, data.ptr, data.len);

		if (put < 0 && errno != EINTR)
			return -1;
		if (put > 0)
			data = span_slice(data, (size_t)put, data.len);
	}
	return 0;
}

static int
sync_folder(const char *path)
{
	char *copy = mem_text(span_of(path));
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	free(copy);
	return rc;
}

int
file_replace(const char *path, struct span data, mode_t mode, struct err *err)
{
	struct buf fresh = BUF_INIT;
	int rc = -1, fd;

	buf_printf(&fresh, "%s.new", path);
	unlink(fresh.ptr);
	fd = open(fresh.ptr,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0) {
		fail(err, E_FILE_OPEN, path);
		goto out;
	}
	if (file_write_all(fd, data) < 0 || fsync(fd) < 0 ||
	    rename(fresh.ptr, path) < 0 || sync_folder(path) < 0) {
		fail(err, E_FILE_WRITE, path);
		unlink(fresh.ptr);
		goto out;
	}
	rc = 0;
out:
	if (fd >= 0)
		close(fd);
	buf_done(&fresh);
	return rc;
}

int
file_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char *copy = mem_text(span_of(path));
	int rc = 0;

	for (char *p = copy + 1; *p && rc == 0; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			rc = fail(err, E_FILE_OPEN, copy);
		*p = '/';
	}
	if (rc == 0 && mkdir(path, mode) < 0 && errno != EEXIST)
		rc = fail(err, E_FILE_OPEN, path);
	free(copy);
	return rc;
}
