/* Any bytes as a message: the tree stays inside its limits and inside the
 * input, every part decodes or is refused, signatures are judged. */
#include <stdlib.h>

#include "core/mail/dkim.h"
#include "core/mail/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool true_always)
{
	if (!true_always)
		abort();
}

static bool
is_inside(struct span inner, struct span outer)
{
	return inner.len == 0 ||
	       (inner.ptr >= outer.ptr &&
		   inner.ptr + inner.len <= outer.ptr + outer.len);
}

static void
check_part(
    const struct parse_message *message, size_t index, struct arena *arena)
{
	const struct parse_part *part = &message->part[index];
	struct parse_mailbox *list;
	struct buf out = BUF_INIT;
	size_t count;

	expect(is_inside(part->body, message->bytes));
	expect(part->depth <= PARSE_DEPTH_MAX);
	expect(part->parent < (int)index);
	for (size_t i = 0; i < part->header.count; i++) {
		const struct parse_field *field = &part->header.field[i];

		expect(is_inside(field->whole, part->header.block));
		expect(is_inside(field->value, field->whole));
		buf_clear(&out);
		parse_words(field->value, &out);
		(void)parse_parameter(field->value, "name", &out);
		if (parse_mailboxes(field->value, arena, &list, &count, NULL) ==
		    0)
			expect(count <= PARSE_MAILBOXES_MAX);
	}
	buf_clear(&out);
	(void)parse_body(part, &out, NULL);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_make(data, size);
	struct arena *arena = arena_new();
	struct parse_message message;
	struct parse_scan scan;

	parse_scan(bytes, &scan);
	expect(scan.header_octets <= scan.total_octets);
	if (parse_message(bytes, arena, &message, NULL) == 0) {
		expect(message.part_count <= PARSE_PARTS_MAX);
		for (size_t i = 0; i < message.part_count; i++)
			check_part(&message, i, arena);
	}
	(void)dkim_verify_with_key(bytes, SPAN("v=DKIM1; p=AAAA"), 0, NULL);
	arena_free(&arena);
	return 0;
}
