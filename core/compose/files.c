/* The files of a template.  What all recipients get is read, encoded and hashed
 * once here; of a set only the rule is kept, because whose file it is shows with
 * the recipient.  An image that the text does not show is not sent. */
#include "core/compose/files.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/compose/template.h"
#include "core/mail/mime.h"

/* The digits of a digest in a Content-ID. */
enum { ID_OCTETS = 10 };

/* ---- Images -------------------------------------------------------------- */

/* "left@right" of an image: from its octets and its row, so that it stays the
 * same and differs from every other one in the message. */
static struct span
content_id(
    struct arena *arena, const struct attach_row *row, struct span domain)
{
	struct buf id = BUF_INIT;
	struct span kept;

	crypt_base32(&id, span_make(row->digest.bytes, ID_OCTETS));
	buf_printf(&id, ".%lld@", (long long)row->id);
	buf_add(&id, domain);
	kept = arena_copy(arena, buf_span(&id));
	buf_done(&id);
	return kept;
}

int
files_begin(struct files *files, struct db *db, int64_t campaign,
    struct span domain, struct arena *arena, struct err *err)
{
	struct markdown_image *image;
	size_t count = 0;

	files->arena = arena;
	if (attach_all(db, (struct campaign_id){campaign}, &files->row,
		&files->rows, err) < 0)
		return -1;
	image = arena_take(arena, (files->rows + 1) * sizeof *image);
	files->id = arena_take(arena, (files->rows + 1) * sizeof *files->id);
	for (size_t i = 0; i < files->rows; i++) {
		struct buf url = BUF_INIT;

		if (files->row[i].kind != ATTACH_INLINE)
			continue;
		files->id[i] = content_id(arena, &files->row[i], domain);
		buf_text(&url, "cid:");
		buf_add(&url, files->id[i]);
		image[count++] = (struct markdown_image){
		    .name = span_of(files->row[i].name),
		    .url = arena_copy(arena, buf_span(&url)),
		};
		buf_done(&url);
	}
	files->images = (struct markdown_images){image, count};
	return 0;
}

void
files_done(struct files *files)
{
	for (size_t i = 0; i < files->shared_count; i++)
		buf_done(&files->shared[i].part);
	for (size_t i = 0; i < files->set_count; i++)
		attach_pattern_free(&files->set[i].pattern);
	free(files->shared);
	free(files->set);
	free(files->row);
	*files = (struct files){.rows = 0};
}

/* ---- Parts --------------------------------------------------------------- */

int
files_part(struct db *db, const struct message_file *file, struct span id,
    struct buf *bytes, struct buf *part, struct digest *digest, struct err *err)
{
	struct mime_file mime = {
	    .type = file->type, .name = file->name, .id = id};

	buf_clear(bytes);
	buf_clear(part);
	if (attach_bytes(db, &file->digest, bytes, err) < 0)
		return -1;
	mime.bytes = buf_span(bytes);
	if (mime_file(part, &mime, err) < 0)
		return -1;
	crypt_sha256(buf_span(part), digest);
	return 0;
}

static int
add_shared(struct files *files, struct db *db, size_t i, struct err *err)
{
	const struct attach_row *row = &files->row[i];
	struct files_shared *shared = &files->shared[files->shared_count];
	struct buf bytes = BUF_INIT;
	int rc;

	shared->info = (struct message_file){
	    .kind = row->kind,
	    .name = span_of(row->name),
	    .type = span_of(row->type),
	    .octets = row->octets,
	    .digest = row->digest,
	};
	files->shared_count++;
	rc = files_part(db, &shared->info, files->id[i], &bytes, &shared->part,
	    &shared->leaf, err);
	buf_done(&bytes);
	return rc;
}

static bool
is_shown(const struct files *files, size_t i, struct span html)
{
	return span_search(html, files->id[i]) < html.len;
}

static int
add_kind(struct files *files, struct db *db, enum attach_kind kind,
    struct span html, struct err *err)
{
	for (size_t i = 0; i < files->rows; i++) {
		const struct attach_row *row = &files->row[i];

		if (row->kind != kind)
			continue;
		if (kind == ATTACH_INLINE && !is_shown(files, i, html))
			continue;
		if (add_shared(files, db, i, err) < 0)
			return -1;
	}
	return 0;
}

int
files_finish(
    struct files *files, struct db *db, struct span html, struct err *err)
{
	files->shared = mem_array(files->rows + 1, sizeof *files->shared);
	files->set = mem_array(files->rows + 1, sizeof *files->set);
	if (add_kind(files, db, ATTACH_INLINE, html, err) < 0)
		return -1;
	files->image_count = files->shared_count;
	if (add_kind(files, db, ATTACH_ALL, html, err) < 0)
		return -1;
	for (size_t i = 0; i < files->rows; i++) {
		struct files_set *set = &files->set[files->set_count];

		if (files->row[i].kind != ATTACH_EACH)
			continue;
		if (attach_pattern_read(
			span_of(files->row[i].name), &set->pattern, err) < 0)
			return -1;
		set->id = files->row[i].id;
		files->set_count++;
	}
	return 0;
}

void
files_digest(const struct files *files, struct buf *out)
{
	for (size_t i = 0; i < files->rows; i++) {
		const struct attach_row *row = &files->row[i];

		buf_printf(out, "%d,%zu:%s%zu:%s", (int)row->kind,
		    strlen(row->name), row->name, strlen(row->type), row->type);
		buf_add(out, span_make(row->digest.bytes, SHA256_LEN));
	}
}
