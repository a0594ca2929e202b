/* A mark is the number of the export and 40 bits of a MAC over it and the row's
 * address, under a key that only the store has: a row that turns up somewhere
 * names the export, and nobody can make a mark that names another one. */
#include "core/export/mark.h"

#include <stdlib.h>

#include "core/base/mem.h"

enum { MAC_OCTETS = 5 };

struct marks {
	int64_t id;
	struct crypt_mac *mac;
	struct buf text, data;
};

struct marks *
marks_new(const struct store *store, int64_t id)
{
	struct marks *self = mem_new(sizeof *self);
	struct secret *key =
	    crypt_subkey(store_key(store, STORE_KEY_TOKEN), "export mark");

	self->id = id;
	self->mac = crypt_mac_new(key);
	secret_free(&key);
	return self;
}

struct span
marks_of(struct marks *marks, struct span text)
{
	struct digest digest;

	buf_clear(&marks->data);
	buf_clear(&marks->text);
	buf_printf(&marks->data, "%lld\n", (long long)marks->id);
	buf_add(&marks->data, text);
	crypt_mac(marks->mac, buf_span(&marks->data), &digest);
	buf_printf(&marks->text, "%lld-", (long long)marks->id);
	crypt_base32(&marks->text, span_make(digest.bytes, MAC_OCTETS));
	return buf_span(&marks->text);
}

void
marks_free(struct marks **marks)
{
	if (!*marks)
		return;
	crypt_mac_free(&(*marks)->mac);
	buf_wipe(&(*marks)->data);
	buf_done(&(*marks)->data);
	buf_done(&(*marks)->text);
	free(*marks);
	*marks = NULL;
}

bool
export_mark_fits(
    const struct store *store, struct span mark, struct span address)
{
	struct span number = mark;
	struct marks *marks;
	int64_t id = 0;
	bool fits;

	if (!span_int(span_cut(&number, '-'), &id))
		return false;
	marks = marks_new(store, id);
	fits = span_equal(marks_of(marks, address), mark);
	marks_free(&marks);
	return fits;
}
