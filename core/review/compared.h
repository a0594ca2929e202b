/* The differences to the campaign before as lines of the manifest, so that the
 * seal covers them and an approver signs them.  Addresses of people stay out:
 * the manifest goes into evidence packs. */
#ifndef CORE_REVIEW_COMPARED_H
#define CORE_REVIEW_COMPARED_H

#include "core/base/buf.h"
#include "core/review/consequences.h"

enum { COMPARED_MAX = 256 };

/* Appends what was found; the same octets for the same findings. */
void compared_write(const struct consequences *found, struct buf *out);

/* One difference as it is read back; people have a count and no texts. */
struct compared_item {
	enum consequence_kind kind;
	struct span before, now;
	int64_t count;
};

/* What a manifest says of the campaign before; spans live in its text. */
struct compared {
	bool is_there;    /* the manifest has them at all */
	int64_t campaign; /* 0: nothing was launched before */
	struct span at;   /* when it was launched, RFC 3339 */
	enum likeness like;
	int64_t recipients; /* of it */
	int64_t both;       /* people in both */
	struct span name;
	struct compared_item all[COMPARED_MAX];
	size_t count;
};

/* Reads them out of a manifest (foreign bytes); false for what is malformed.
 * A manifest of an older program has none, which is no fault. */
bool compared_read(struct span manifest, struct compared *out);

#endif
