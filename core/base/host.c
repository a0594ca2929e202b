/* The facts are hashed each by itself: they go into the log, where they must
 * tell which one differs and nothing about the machine.  The time at which a
 * file's inode was changed cannot be set by anybody, so a file that was copied,
 * restored or unpacked is never the one that was written here. */
#include "core/base/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/crypt.h"
#include "core/base/file.h"
#include "core/base/mem.h"

enum { FILE_LIMIT = 4096, LINKS_MAX = 64 };

static const char *const names[] = {
    "machine", "name", "links", "place", "token", "boot"};

static void
add_fact(struct buf *out, const char *name, struct span value)
{
	struct digest digest;
	struct buf hex = BUF_INIT;

	crypt_sha256(value, &digest);
	crypt_hex(&hex, span_make(digest.bytes, HOST_FACT_HEX / 2));
	buf_printf(out, "%s%s=%.*s", out->len ? " " : "", name,
	    SPAN_ARG(buf_span(&hex)));
	buf_done(&hex);
}

static void
add_file(struct buf *out, const char *name, const char *root, const char *path)
{
	struct buf full = BUF_INIT, text = BUF_INIT;

	buf_printf(&full, "%s%s", root, path);
	file_read(full.ptr, FILE_LIMIT, &text, NULL);
	add_fact(out, name, span_trim(buf_span(&text)));
	buf_done(&text);
	buf_done(&full);
}

/* ---- Network interfaces --------------------------------------------------------- */

static bool
link_has(const char *folder, const char *link, const char *what)
{
	struct buf path = BUF_INIT;
	bool has;

	buf_printf(&path, "%s/%s/%s", folder, link, what);
	has = access(path.ptr, F_OK) == 0;
	buf_done(&path);
	return has;
}

/* The address of a wired interface with hardware behind it, burnt in and not
 * given (addr_assign_type 0); NULL for others.  Heap. */
static char *
link_address(const char *folder, const char *link)
{
	struct buf path = BUF_INIT, type = BUF_INIT, text = BUF_INIT;
	char *address = NULL;

	if (!link_has(folder, link, "device") ||
	    link_has(folder, link, "wireless"))
		return NULL;
	buf_printf(&path, "%s/%s/addr_assign_type", folder, link);
	file_read(path.ptr, FILE_LIMIT, &type, NULL);
	buf_clear(&path);
	buf_printf(&path, "%s/%s/address", folder, link);
	file_read(path.ptr, FILE_LIMIT, &text, NULL);
	if (span_equal(span_trim(buf_span(&type)), SPAN("0")))
		address = mem_text(span_trim(buf_span(&text)));
	buf_done(&text);
	buf_done(&type);
	buf_done(&path);
	return address;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
add_links(struct buf *out, const char *root)
{
	struct buf folder = BUF_INIT, all = BUF_INIT;
	char *address[LINKS_MAX];
	size_t count = 0;
	struct dirent *entry;
	DIR *dir;

	buf_printf(&folder, "%s/sys/class/net", root);
	dir = opendir(folder.ptr);
	while (dir && count < LINKS_MAX && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		address[count] = link_address(folder.ptr, entry->d_name);
		count += address[count] != NULL;
	}
	if (dir)
		closedir(dir);
	qsort(address, count, sizeof *address, compare);
	for (size_t i = 0; i < count; i++) {
		buf_printf(&all, "%s\n", address[i]);
		free(address[i]);
	}
	add_fact(out, "links", buf_span(&all));
	buf_done(&all);
	buf_done(&folder);
}

/* ---- The folder ------------------------------------------------------------------ */

static void
add_place(struct buf *out, const char *dir)
{
	struct buf text = BUF_INIT;
	struct stat st;
	char *real = realpath(dir, NULL);

	if (real && stat(real, &st) == 0)
		buf_printf(&text, "%llu %llu %s", (unsigned long long)st.st_dev,
		    (unsigned long long)st.st_ino, real);
	add_fact(out, "place", buf_span(&text));
	free(real);
	buf_done(&text);
}

static void
add_token(struct buf *out, const char *dir, const char *token)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct stat st;

	buf_printf(&path, "%s/%s", dir, token);
	if (lstat(path.ptr, &st) == 0 && S_ISREG(st.st_mode)) {
		buf_printf(&text, "%llu %lld.%09ld ",
		    (unsigned long long)st.st_ino, (long long)st.st_ctim.tv_sec,
		    st.st_ctim.tv_nsec);
		file_read(path.ptr, FILE_LIMIT, &text, NULL);
	}
	add_fact(out, "token", buf_span(&text));
	buf_done(&text);
	buf_done(&path);
}

/* ---- All of them ------------------------------------------------------------------- */

void
host_facts(
    const char *root, const char *dir, const char *token, struct buf *out)
{
	struct buf facts = BUF_INIT;

	root = root ? root : "";
	add_file(&facts, "machine", root, "/etc/machine-id");
	add_file(&facts, "name", root, "/proc/sys/kernel/hostname");
	add_links(&facts, root);
	add_place(&facts, dir);
	add_token(&facts, dir, token);
	add_file(&facts, "boot", root, "/proc/sys/kernel/random/boot_id");
	buf_add(out, buf_span(&facts));
	buf_done(&facts);
}

const char *
host_difference(struct span then, struct span now)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct span a = span_cut(&then, ' '), b = span_cut(&now, ' ');
		struct span name_a = span_cut(&a, '=');
		struct span name_b = span_cut(&b, '=');

		if (!span_equal(name_a, span_of(names[i])) ||
		    !span_equal(name_b, span_of(names[i])))
			return names[0];
		if (a.len != HOST_FACT_HEX || !span_equal(a, b))
			return names[i];
	}
	return NULL;
}
