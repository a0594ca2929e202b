/* A CSV file that says which recipient has which file. */
#ifndef CORE_ATTACH_MANIFEST_H
#define CORE_ATTACH_MANIFEST_H

#include "core/attach/attach.h"

struct manifest;

/* A line; everything lives until the next one. */
struct manifest_line {
	int64_t line; /* of the file, from 1 */
	struct span key;
	const char *file; /* a name in the folder */
	struct digest digest;
};

/* Opens a manifest and reads it to its end once: header, digests, names.  The
 * header has three columns in any order: "file", "sha256", and the field that
 * tells the recipient ("address" or another one).  The caller closes *out.
 * E_ATTACH_MANIFEST (line, why: header, columns, key, file, sha256; file), the
 * errors of csv_file_open(), E_ATTACH_COUNT. */
int manifest_open(const char *path, struct manifest **out, struct err *err);

/* The pattern for recipients: "{{address}}"; lives as long as the manifest. */
struct span manifest_pattern(const struct manifest *manifest);

/* How many lines there are. */
size_t manifest_files(const struct manifest *manifest);

/* The next line: 1, 0 after the last, -1 on error. */
int manifest_next(
    struct manifest *manifest, struct manifest_line *out, struct err *err);

/* Closes it; accepts NULL, sets *manifest to NULL. */
void manifest_close(struct manifest **manifest);

/* E_ATTACH_MANIFEST (line, why, file). */
int manifest_fail(
    struct err *err, int64_t line, const char *why, struct span file);

#endif
