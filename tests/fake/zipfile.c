#include "tests/fake/zipfile.h"

#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

#include "core/base/mem.h"

static void
le16(struct buf *out, unsigned v)
{
	buf_char(out, (char)(v & 255));
	buf_char(out, (char)(v >> 8 & 255));
}

static void
le32(struct buf *out, uint32_t v)
{
	le16(out, v & 0xffff);
	le16(out, v >> 16);
}

/* What header and directory share, from the flags to the sizes. */
static void
facts(struct buf *out, const struct fake_member *m)
{
	uint32_t crc =
	    (uint32_t)crc32(0, (const Bytef *)m->data.ptr, (uInt)m->data.len);

	le16(out, m->flags);
	le16(out, m->method);
	le32(out, 0); /* time, date */
	le32(out, m->crc ? m->crc : crc);
	le32(out, (uint32_t)m->data.len);
	le32(out, (uint32_t)(m->octets ? m->octets : (int64_t)m->data.len));
}

void
fake_zip(struct buf *out, const struct fake_member *member, size_t count)
{
	uint32_t *offset = mem_array(count + 1, sizeof *offset);
	size_t directory;

	for (size_t i = 0; i < count; i++) {
		const struct fake_member *m = &member[i];
		struct span name = span_of(m->local ? m->local : m->name);

		offset[i] = (uint32_t)out->len;
		buf_add(out, SPAN("PK\x03\x04"));
		le16(out, 20);
		facts(out, m);
		le16(out, (unsigned)name.len);
		le16(out, 0);
		buf_add(out, name);
		buf_add(out, m->data);
	}
	directory = out->len;
	for (size_t i = 0; i < count; i++) {
		struct span name = span_of(member[i].name);

		buf_add(out, SPAN("PK\x01\x02"));
		le16(out, 20);
		le16(out, 20);
		facts(out, &member[i]);
		le16(out, (unsigned)name.len);
		le16(out, 0);
		le16(out, 0);
		le16(out, 0); /* disk */
		le16(out, 0);
		le32(out, 0);
		le32(out, offset[i]);
		buf_add(out, name);
	}
	buf_add(out, SPAN("PK\x05\x06"));
	le32(out, 0);
	le16(out, (unsigned)count);
	le16(out, (unsigned)count);
	le32(out, (uint32_t)(out->len - 12 - directory));
	le32(out, (uint32_t)directory);
	le16(out, 0);
	free(offset);
}

void
fake_deflate(struct buf *out, struct span data)
{
	z_stream stream = {0};

	if (deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8,
		Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	buf_reserve(out, deflateBound(&stream, data.len));
	stream.next_in = (const Bytef *)data.ptr;
	stream.avail_in = (uInt)data.len;
	stream.next_out = (Bytef *)out->ptr + out->len;
	stream.avail_out = (uInt)(out->room - out->len);
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		abort();
	out->len += stream.total_out;
	deflateEnd(&stream);
}
