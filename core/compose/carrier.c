/* Brings files into messages.  A recipient's own file is found by its key and
 * hashed again when it is read: a message has the file that was attached for
 * this recipient, or it is not made. */
#include "core/compose/carrier.h"

#include <stdlib.h>

#include "core/base/mem.h"

/* A recipient's file of one set. */
struct own {
	struct attach_file file;
	struct buf part;
};

struct carrier {
	const struct files *files; /* borrowed */
	struct db *db;             /* with sets */
	struct own *own;           /* per set */
	struct buf key, bytes;
	struct span *part; /* images, files for all, own ones */
	struct digest *leaf;
	struct message_file *info;
	size_t *place;
	size_t count;
};

int
carrier_new(struct store *store, const struct files *files,
    struct carrier **out, struct err *err)
{
	struct carrier *carrier;
	size_t count = files->shared_count + files->set_count;

	*out = NULL;
	if (count == 0)
		return 0;
	carrier = mem_new(sizeof *carrier);
	carrier->files = files;
	carrier->count = count;
	carrier->own = mem_array(files->set_count + 1, sizeof *carrier->own);
	carrier->part = mem_array(count, sizeof *carrier->part);
	carrier->leaf = mem_array(count, sizeof *carrier->leaf);
	carrier->info = mem_array(count, sizeof *carrier->info);
	carrier->place = mem_array(count, sizeof *carrier->place);
	for (size_t i = 0; i < files->shared_count; i++) {
		carrier->part[i] = buf_span(&files->shared[i].part);
		carrier->leaf[i] = files->shared[i].leaf;
		carrier->info[i] = files->shared[i].info;
	}
	if (files->set_count > 0 &&
	    store_reader_open(store, &carrier->db, err) < 0) {
		carrier_free(&carrier);
		return -1;
	}
	*out = carrier;
	return 0;
}

void
carrier_free(struct carrier **carrier)
{
	struct carrier *it = *carrier;

	if (!it)
		return;
	for (size_t i = 0; i < it->files->set_count; i++)
		buf_done(&it->own[i].part);
	store_reader_close(&it->db);
	buf_done(&it->key);
	buf_done(&it->bytes);
	free(it->own);
	free(it->part);
	free(it->leaf);
	free(it->info);
	free(it->place);
	free(it);
	*carrier = NULL;
}

static int
load_one(struct carrier *carrier, size_t set,
    const struct attach_person *person, struct err *err)
{
	const struct files *files = carrier->files;
	struct own *own = &carrier->own[set];
	size_t at = files->shared_count + set;
	struct message_file *info = &carrier->info[at];

	buf_clear(&carrier->key);
	if (attach_pattern_fill(
		files->set[set].pattern, person, &carrier->key, err) < 0 ||
	    attach_find(carrier->db, files->set[set].id,
		buf_span(&carrier->key), &own->file, err) < 0)
		return -1;
	*info = (struct message_file){
	    .kind = ATTACH_EACH,
	    .name = span_of(own->file.name),
	    .type = span_of(own->file.type),
	    .octets = own->file.octets,
	    .digest = own->file.digest,
	};
	if (files_part(carrier->db, info, SPAN(""), &carrier->bytes, &own->part,
		&carrier->leaf[at], err) < 0)
		return -1;
	carrier->part[at] = buf_span(&own->part);
	return 0;
}

int
carrier_load(struct carrier *carrier, const struct attach_person *person,
    struct err *err)
{
	for (size_t i = 0; i < carrier->files->set_count; i++) {
		if (load_one(carrier, i, person, err) < 0)
			return -1;
	}
	return 0;
}

size_t *
carrier_tree(struct carrier *carrier, struct mime_tree *tree)
{
	size_t images;

	if (!carrier)
		return NULL;
	images = carrier->files->image_count;
	tree->image = carrier->part;
	tree->image_count = images;
	tree->file = carrier->part + images;
	tree->file_count = carrier->count - images;
	return carrier->place;
}

void
carrier_hash(const struct carrier *carrier, struct crypt_hash *hash,
    struct span all, size_t from)
{
	for (size_t i = 0; carrier && i < carrier->count; i++) {
		size_t at = carrier->place[i];

		crypt_hash_add(hash, span_slice(all, from, at));
		crypt_hash_add(
		    hash, span_make(carrier->leaf[i].bytes, SHA256_LEN));
		from = at + carrier->part[i].len;
	}
	crypt_hash_add(hash, span_slice(all, from, all.len));
}

void
carrier_show(const struct carrier *carrier, struct message *out)
{
	out->file = carrier ? carrier->info : NULL;
	out->file_count = carrier ? carrier->count : 0;
}
