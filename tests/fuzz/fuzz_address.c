/* Any bytes as an address: what is accepted reads back to itself and can stand
 * in a header and on an SMTP line; an offered repair is valid. */
#include <stdlib.h>

#include "core/mail/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool true_always)
{
	if (!true_always)
		abort();
}

static void
check_accepted(const struct address *a, struct arena *arena)
{
	struct address again;

	expect(a->wire.len + 2 <= ADDRESS_PATH_MAX);
	for (size_t i = 0; i < a->wire.len; i++)
		expect(a->wire.ptr[i] >= 0x20 && a->wire.ptr[i] <= 0x7e);
	expect(address_parse(a->canon, arena, &again, NULL) == 0);
	expect(span_equal(again.canon, a->canon));
	expect(span_equal(again.wire, a->wire));
	expect(address_parse(a->wire, arena, &again, NULL) == 0);
	expect(span_equal(again.canon, a->canon));
	expect(address_parse(a->address, arena, &again, NULL) == 0);
	expect(span_equal(again.canon, a->canon));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct address a;
	struct err err = {0};
	struct span text = span_make(data, size), domain;

	if (address_parse(text, arena, &a, &err) == 0) {
		check_accepted(&a, arena);
	} else {
		const char *fix = err_find(&err, "fix");

		expect(err.code != E_NONE);
		if (*fix && strlen(fix) < ERR_VALUE_MAX)
			expect(
			    address_parse(span_of(fix), arena, &a, NULL) == 0);
	}
	(void)address_domain(text, arena, &domain, &err);
	arena_free(&arena);
	return 0;
}
