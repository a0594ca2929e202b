/* Attached files as a template holds them. */
#ifndef CORE_COMPOSE_FILES_H
#define CORE_COMPOSE_FILES_H

#include "core/attach/attach.h"
#include "core/compose/compose.h"
#include "core/compose/markdown.h"

/* A file for all recipients, ready to be copied into messages. */
struct files_shared {
	struct message_file info;
	struct buf part;
	struct digest leaf; /* SHA-256 of part */
};

/* A set: the rule that leads to a recipient's file. */
struct files_set {
	int64_t id;
	struct attach_pattern *pattern;
};

/* Starts from zeros, ended with files_done(). */
struct files {
	struct arena *arena; /* borrowed */
	struct attach_row *row;
	size_t rows;
	struct span *id;               /* per row: Content-ID of an image */
	struct markdown_images images; /* what the text may name */
	struct files_shared *shared;   /* images first */
	size_t image_count, shared_count;
	struct files_set *set;
	size_t set_count;
};

/* Reads the rows of a campaign and names its images; domain is the right side
 * of their Content-IDs. */
int files_begin(struct files *files, struct db *db, int64_t campaign,
    struct span domain, struct arena *arena, struct err *err);

/* Makes the parts of all that every message carries: attached files, and the
 * images that html shows.  E_ATTACH_DIGEST. */
int files_finish(
    struct files *files, struct db *db, struct span html, struct err *err);

/* Frees what it holds. */
void files_done(struct files *files);

/* Appends what the digest of a template must cover. */
void files_digest(const struct files *files, struct buf *out);

/* Makes the part of one file with its SHA-256; bytes is working memory, part is
 * cleared first.  E_ATTACH_DIGEST. */
int files_part(struct db *db, const struct message_file *file, struct span id,
    struct buf *bytes, struct buf *part, struct digest *digest,
    struct err *err);

#endif
