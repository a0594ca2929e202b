/* Any bytes as HTML: the reader always moves on, what it gives lies within what
 * it was given, and decoding makes nothing longer. */
#include <stdlib.h>

#include "core/mail/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static void
need_within(struct span part, const uint8_t *data, size_t size)
{
	const char *from = (const char *)data;

	if (part.len > 0)
		need(part.ptr >= from && part.ptr + part.len <= from + size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"href", "style", "alt"};
	struct span rest = span_make(data, size);
	struct buf out = BUF_INIT;
	struct html_tag tag;

	while (rest.len > 0) {
		struct span text = span_cut(&rest, '<');
		size_t left = rest.len;

		buf_clear(&out);
		html_collapse(text, &out);
		need(out.len <= 4 * text.len);
		if (!html_tag_take(&rest, &tag)) {
			need(rest.len == left);
			continue;
		}
		need(rest.len < left);
		need_within(tag.name, data, size);
		need_within(tag.attributes, data, size);
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			html_attribute(&tag, names[i], &out);
		html_skip_unseen(&tag, &rest);
		html_skip_hidden(&tag, &rest);
	}
	buf_done(&out);
	return 0;
}
