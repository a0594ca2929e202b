/* Expanding and completing file names.  A name is bytes: nothing here cares
 * whether it is UTF-8. */
#include "tui/screens/import_path.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { NAMES_MAX = 100000 };

static struct span
unquoted(struct span typed)
{
	typed = span_trim(typed);
	if (typed.len >= 2 && (typed.ptr[0] == '\'' || typed.ptr[0] == '"') &&
	    typed.ptr[typed.len - 1] == typed.ptr[0])
		return span_slice(typed, 1, typed.len - 1);
	return typed;
}

void
path_expand(struct span typed, struct buf *out)
{
	const char *home = getenv("HOME");

	typed = unquoted(typed);
	if (home && typed.len > 0 && typed.ptr[0] == '~' &&
	    (typed.len == 1 || typed.ptr[1] == '/')) {
		buf_text(out, home);
		typed = span_slice(typed, 1, typed.len);
	}
	buf_add(out, typed);
}

static bool
is_folder(struct span folder, struct span name)
{
	struct buf path = BUF_INIT;
	struct stat st;
	bool is;

	path_expand(folder, &path);
	buf_add(&path, name);
	is = stat(path.ptr, &st) == 0 && S_ISDIR(st.st_mode);
	buf_done(&path);
	return is;
}

/* Narrows common to what it shares with name. */
static void
share(struct buf *common, struct span name, size_t matches)
{
	size_t len = 0;

	if (matches == 1) {
		buf_add(common, name);
		return;
	}
	while (len < common->len && len < name.len &&
	       common->ptr[len] == name.ptr[len])
		len++;
	common->len = len;
	common->ptr[len] = '\0';
}

/* The longest beginning that all names share which begin with prefix. */
static size_t
collect(const char *folder, struct span prefix, struct buf *common)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t matches = 0, seen = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)) && seen++ < NAMES_MAX) {
		struct span name = span_of(entry->d_name);

		if (name.ptr[0] == '.' && prefix.len == 0)
			continue;
		if (span_starts(name, prefix))
			share(common, name, ++matches);
	}
	closedir(dir);
	return matches;
}

size_t
path_complete(struct span typed, struct buf *out)
{
	struct buf folder = BUF_INIT, common = BUF_INIT;
	struct span head, prefix;
	size_t slash, matches;

	typed = unquoted(typed);
	for (slash = typed.len; slash > 0 && typed.ptr[slash - 1] != '/';)
		slash--;
	head = span_slice(typed, 0, slash);
	prefix = span_slice(typed, slash, typed.len);
	path_expand(head, &folder);
	matches = collect(folder.len ? folder.ptr : ".", prefix, &common);
	buf_add(out, head);
	buf_add(out, matches ? buf_span(&common) : prefix);
	if (matches == 1 && is_folder(head, buf_span(&common)))
		buf_char(out, '/');
	buf_done(&folder);
	buf_done(&common);
	return matches;
}
