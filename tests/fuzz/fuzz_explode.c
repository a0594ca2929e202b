/* An object in a cell: whatever it holds, its fields are fit to be fields and
 * no two are the same. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/text.h"
#include "core/import/explode.h"
#include "core/import/guess.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct explosion *got, size_t at)
{
	const struct exploded *member = &got->member[at];

	if (contact_field_fault(member->field) ||
	    member->field.len > EXPLODE_NAME_MAX || member->path.len == 0 ||
	    text_check_lines(member->value) != TEXT_FINE)
		abort();
	for (size_t i = 0; i < at; i++) {
		if (span_equal(got->member[i].field, member->field))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct explosion got;
	struct err err = {0};

	if (explode(span_make(data, size), arena, &got, &err) == 0) {
		if (got.count > EXPLODE_MAX)
			abort();
		for (size_t i = 0; i < got.count; i++)
			check(&got, i);
	} else if (err.code == E_NONE) {
		abort();
	}
	arena_free(&arena);
	return 0;
}
