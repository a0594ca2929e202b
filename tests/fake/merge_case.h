/* A recipient who has the same value in every field, for tests of merging. */
#ifndef TESTS_FAKE_MERGE_CASE_H
#define TESTS_FAKE_MERGE_CASE_H

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/compose/merge.h"

/* Reads value as name, address and, when it can stand in JSON, all else that
 * the set names; room is for the JSON and must live as long. */
static inline int
merge_read_same(struct merge_data *data, const struct merge_set *set,
    struct span value, struct buf *room, struct err *err)
{
	struct merge_person person = {.name = value, .address = value};

	buf_clear(room);
	buf_char(room, '{');
	for (size_t i = 0; utf8_is_valid(value) && i < set->part_count; i++) {
		if (room->len > 1)
			buf_char(room, ',');
		json_quote(room, set->part[i].name);
		buf_char(room, ':');
		json_quote(room, value);
	}
	buf_char(room, '}');
	person.fields = buf_span(room);
	if (!value.ptr)
		person.name = person.address = SPAN("");
	return merge_data_read(data, &person, err);
}

#endif
