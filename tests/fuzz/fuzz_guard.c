/* Any order of known, unknown and rejected rows with few different values: what
 * the guards say fits together, and the rows they name were there. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/import/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COLUMNS = 3 };

static void
expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* One octet: what it is and its values; bits 0-1: name, 2-3: field, 4-5 those
 * of before, 6-7: how the row is known. */
static void
show_row(struct guard *guard, int64_t line, uint8_t octet)
{
	static const char *const names[] = {"", "A", "B", "C"};
	static const char *const fields[] = {"", "1", "2", "3"};
	static const char *const before[] = {"{}", "{\"f\":\"1\"}",
	    "{\"f\":\"2\",\"g\":1}", "{\"f\":\"3\\u0020\"}"};
	struct span cell[COLUMNS] = {SPAN("x@example.jp"),
	    span_of(names[octet & 3]), span_of(fields[octet >> 2 & 3])};
	struct csv_row row = {.line = line, .count = COLUMNS, .cell = cell};
	struct csv_person person = {.row = &row, .name = cell[1]};

	guard_count(guard, &row);
	switch (octet >> 6) {
	case 0:
		guard_rejected(guard, &row,
		    octet & 1 ? E_ROW_NO_ADDRESS : E_ADDRESS_SYNTAX);
		return;
	case 1:
		break;
	case 2:
		guard_known(guard, GUARD_SAME, SPAN(""), SPAN(""));
		break;
	case 3:
		guard_known(guard, GUARD_DIFFERENT,
		    span_of(names[octet >> 4 & 3]),
		    span_of(before[octet >> 4 & 3]));
		break;
	}
	guard_row(guard, &person);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct import_column columns[COLUMNS] = {
	    {.header = "email", .target = IMPORT_ADDRESS},
	    {.header = "name", .target = IMPORT_NAME},
	    {.header = "f", .target = IMPORT_FIELD, .field = "f"},
	};
	struct import_overrule none = {0}, all = {.guards = ~0u};
	struct import_shift seen;
	struct mapping mapping;
	struct guard *guard;
	int64_t last = (int64_t)size;

	expect(mapping_init(&mapping, columns, COLUMNS, NULL) == 0);
	guard = guard_new(&mapping);
	for (size_t i = 0; i < size; i++)
		show_row(guard, (int64_t)i + 1, data[i]);
	guard_tell(guard, &seen);
	guard_free(&guard);
	expect(seen.known <= last && seen.flagged <= seen.known);
	expect((seen.flagged > 0) == (seen.line > 0));
	expect(seen.line <= last && seen.tail_line <= last);
	expect(seen.column < COLUMNS && seen.sorted_column < COLUMNS);
	expect(seen.changed <= seen.changed_of);
	expect((guard_stops(&mapping, &seen, &none, NULL) < 0) ==
	       (seen.raised != 0));
	expect(guard_stops(&mapping, &seen, &all, NULL) == 0);
	return 0;
}
