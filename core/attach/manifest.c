/* The manifest of a set: who has which file, and its SHA-256.  It is read twice,
 * so that a fault in its last line is found before the first file is taken. */
#include "core/attach/manifest.h"

#include <stdlib.h>

#include "core/attach/key.h"
#include "core/base/mem.h"
#include "core/import/import.h"
#include "core/mail/address.h"

enum { COLUMNS = 3 };

struct manifest {
	char *path;
	struct csv_file *csv;
	size_t key, file, digest; /* columns */
	struct buf pattern;
	struct buf key_text, file_text; /* of the present line */
	struct arena *arena;            /* of the present line */
	bool is_address;
	size_t files;
};

int
manifest_fail(struct err *err, int64_t line, const char *why, struct span file)
{
	err_set(err, E_ATTACH_MANIFEST);
	err_fact_int(err, "line", line);
	err_fact(err, "why", span_of(why));
	return err_fact(err, "file", file);
}

/* ---- Header -------------------------------------------------------------- */

static bool
is_one_of(struct span text, const char *const *words)
{
	for (; *words; words++) {
		if (span_equal_nocase(text, span_of(*words)))
			return true;
	}
	return false;
}

static int
read_header(struct manifest *manifest, struct err *err)
{
	static const char *const file[] = {
	    "file", "filename", "file name", "ファイル", "ファイル名", NULL};
	static const char *const digest[] = {
	    "sha256", "sha-256", "digest", "ハッシュ", NULL};
	static const char *const address[] = {"address", "email", "e-mail",
	    "mail", "メールアドレス", "アドレス", NULL};
	size_t files = 0, digests = 0;
	struct csv_cells cells;
	struct span name = SPAN("");
	int got = csv_file_next(manifest->csv, &cells, err);

	if (got < 0)
		return -1;
	if (got == 0 || cells.count != COLUMNS)
		return manifest_fail(err, 1, "columns", SPAN(""));
	for (size_t i = 0; i < COLUMNS; i++) {
		struct span cell = span_trim(cells.cell[i]);

		if (is_one_of(cell, file)) {
			manifest->file = i;
			files++;
		} else if (is_one_of(cell, digest)) {
			manifest->digest = i;
			digests++;
		} else {
			manifest->key = i;
			name = cell;
		}
	}
	if (files != 1 || digests != 1 || name.len == 0)
		return manifest_fail(err, cells.line, "header", SPAN(""));
	manifest->is_address = is_one_of(name, address);
	buf_clear(&manifest->pattern);
	buf_text(&manifest->pattern, "{{");
	buf_add(
	    &manifest->pattern, manifest->is_address ? SPAN("address") : name);
	buf_text(&manifest->pattern, "}}");
	return 0;
}

/* ---- Lines --------------------------------------------------------------- */

static bool
read_digest(struct span text, struct digest *out)
{
	if (text.len != 2 * SHA256_LEN)
		return false;
	for (size_t i = 0; i < SHA256_LEN; i++) {
		int octet = span_hex_octet(text, 2 * i);

		if (octet < 0)
			return false;
		out->bytes[i] = (unsigned char)octet;
	}
	return true;
}

/* The key as the pattern gives it for a contact. */
static int
read_key(
    struct manifest *manifest, struct span cell, int64_t line, struct err *err)
{
	struct address address;

	buf_clear(&manifest->key_text);
	if (cell.len == 0)
		return manifest_fail(err, line, "key", cell);
	if (!manifest->is_address) {
		key_compose(cell, &manifest->key_text);
		return 0;
	}
	arena_reset(manifest->arena);
	if (address_parse(cell, manifest->arena, &address, NULL) < 0)
		return manifest_fail(err, line, "key", cell);
	buf_add(&manifest->key_text, address.canon);
	return 0;
}

int
manifest_next(
    struct manifest *manifest, struct manifest_line *out, struct err *err)
{
	struct csv_cells cells;
	struct span file;
	int got = csv_file_next(manifest->csv, &cells, err);

	if (got != 1)
		return got;
	if (cells.count != COLUMNS)
		return manifest_fail(err, cells.line, "columns", SPAN(""));
	file = span_trim(cells.cell[manifest->file]);
	if (file.len == 0 || file.len > ATTACH_NAME_MAX ||
	    span_index(file, '/') < file.len ||
	    span_index(file, '\\') < file.len ||
	    span_index(file, '\0') < file.len || file.ptr[0] == '.')
		return manifest_fail(err, cells.line, "file", file);
	if (!read_digest(span_trim(cells.cell[manifest->digest]), &out->digest))
		return manifest_fail(err, cells.line, "sha256", file);
	if (read_key(manifest, span_trim(cells.cell[manifest->key]), cells.line,
		err) < 0)
		return -1;
	buf_clear(&manifest->file_text);
	buf_add(&manifest->file_text, file);
	out->line = cells.line;
	out->key = buf_span(&manifest->key_text);
	out->file = manifest->file_text.ptr;
	return 1;
}

/* ---- Front door ---------------------------------------------------------- */

static int
begin(struct manifest *manifest, struct err *err)
{
	csv_file_close(&manifest->csv);
	if (csv_file_open(manifest->path, &manifest->csv, err) < 0)
		return -1;
	return read_header(manifest, err);
}

int
manifest_open(const char *path, struct manifest **out, struct err *err)
{
	struct manifest *manifest = mem_new(sizeof *manifest);
	struct manifest_line line;
	int got;

	manifest->path = mem_text(span_of(path));
	manifest->arena = arena_new();
	if (begin(manifest, err) < 0)
		goto fail;
	while ((got = manifest_next(manifest, &line, err)) == 1) {
		if (++manifest->files > ATTACH_SET_FILES) {
			err_set(err, E_ATTACH_COUNT);
			err_fact_int(err, "limit", ATTACH_SET_FILES);
			goto fail;
		}
	}
	if (got < 0 || begin(manifest, err) < 0)
		goto fail;
	*out = manifest;
	return 0;
fail:
	manifest_close(&manifest);
	return -1;
}

struct span
manifest_pattern(const struct manifest *manifest)
{
	return buf_span(&manifest->pattern);
}

size_t
manifest_files(const struct manifest *manifest)
{
	return manifest->files;
}

void
manifest_close(struct manifest **manifest)
{
	struct manifest *it = *manifest;

	if (!it)
		return;
	csv_file_close(&it->csv);
	buf_done(&it->pattern);
	buf_done(&it->key_text);
	buf_done(&it->file_text);
	arena_free(&it->arena);
	free(it->path);
	free(it);
	*manifest = NULL;
}
