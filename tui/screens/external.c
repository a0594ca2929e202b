/* A text in the user's editor.  It gets a folder of its own, so that backups
 * and swap files are found and removed with it; nothing of ours is on the
 * command line but the file's name. */
#include "tui/screens/external.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"

enum { WIPE_OCTETS = 4096 };

static int
fail(struct err *err, enum err_code code, const char *path)
{
	err_sys(err, code, errno);
	return err_fact(err, "path", span_of(path));
}

static int
make_folder(const char *folder, struct buf *out, struct err *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	bool usable =
	    runtime && runtime[0] == '/' && access(runtime, W_OK | X_OK) == 0;

	buf_printf(out, "%s/sekisho-XXXXXX", usable ? runtime : folder);
	return mkdtemp(out->ptr) ? 0 : fail(err, E_FILE_OPEN, out->ptr);
}

static int
write_text(const char *path, struct span text, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return fail(err, E_FILE_OPEN, path);
	rc = file_write_all(fd, text) < 0 ? fail(err, E_FILE_WRITE, path) : 0;
	close(fd);
	return rc;
}

/* Zeros over what a file holds; best effort, on disks that keep old blocks. */
static void
wipe(int folder, const char *name)
{
	static const char zeros[WIPE_OCTETS];
	int fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st = {.st_size = 0};

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		for (off_t at = 0; at < st.st_size; at += WIPE_OCTETS) {
			if (file_write_all(fd, span_make(zeros, WIPE_OCTETS)) <
			    0)
				break;
		}
		fsync(fd);
	}
	close(fd);
}

static void
remove_all(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		wipe(dirfd(dir), entry->d_name);
		unlinkat(dirfd(dir), entry->d_name, 0);
	}
	closedir(dir);
	rmdir(path);
}

int
external_edit(
    struct app *app, const char *folder, struct buf *text, struct err *err)
{
	struct buf dir = BUF_INIT, path = BUF_INIT, changed = BUF_INIT;
	char **argv = NULL;
	int rc = -1;

	if (make_folder(folder, &dir, err) < 0)
		goto out;
	buf_printf(&path, "%s/text.md", dir.ptr);
	argv = app_editor_argv(path.ptr);
	if (write_text(path.ptr, buf_span(text), err) == 0 &&
	    app_run(app, argv, err) == 0 &&
	    file_read(path.ptr, EXTERNAL_MAX, &changed, err) == 0) {
		buf_clear(text);
		buf_add(text, buf_span(&changed));
		rc = 0;
	}
	remove_all(dir.ptr);
out:
	free(argv);
	buf_done(&dir);
	buf_done(&path);
	buf_wipe(&changed);
	return rc;
}
