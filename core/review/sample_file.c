/* One message as a file.  What leaves the store with a person's data in it is
 * known to the log first, and never takes the place of another file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/review/review.h"

static int
refuse(struct err *err, int sys, enum err_code code, const char *path)
{
	if (sys == ENOSPC || sys == EDQUOT)
		code = E_DISK_FULL;
	err_sys(err, code, sys);
	return err_fact(err, "path", span_of(path));
}

static int
log_export(struct store *store, const struct sample_file *file, struct err *err)
{
	struct buf facts = BUF_INIT;
	struct audit_event event = {.what = "preview.export"};
	char object[32];
	int rc;

	snprintf(object, sizeof object, "campaign %lld",
	    (long long)file->campaign.v);
	audit_fact_int(&facts, "recipient", file->position);
	audit_fact(&facts, "path", file->path);
	audit_fact(&facts, "purpose",
	    span_slice(file->purpose, 0, SAMPLE_PURPOSE_MAX));
	event.object = span_of(object);
	event.facts = buf_span(&facts);
	rc = audit_add(store, &event, err);
	buf_done(&facts);
	return rc;
}

int
sample_write(
    struct store *store, const struct sample_file *file, struct err *err)
{
	char *path = mem_text(file->path);
	int fd = -1, rc = -1;

	if (person_require(store, NULL, MAY_LIST_EXPORT, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_EXPORT, err) < 0)
		goto out;
	fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		refuse(err, errno,
		    errno == EEXIST ? E_FILE_EXISTS : E_FILE_OPEN, path);
		goto out;
	}
	if (log_export(store, file, err) < 0)
		goto out;
	if (file_write_all(fd, file->bytes) < 0 || fsync(fd) < 0) {
		refuse(err, errno, E_FILE_WRITE, path);
		goto out;
	}
	rc = 0;
out:
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && rc < 0)
		unlink(path);
	free(path);
	return rc;
}
