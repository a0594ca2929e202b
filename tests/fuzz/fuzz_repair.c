/* Any bytes as a cell that should hold an address: an offer is an address, asks
 * for something, says the same when asked again, and is not offered again. */
#include <stdlib.h>

#include "core/import/repair.h"
#include "core/mail/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool true_always)
{
	if (!true_always)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span cell = span_make(data, size);
	struct arena *arena = arena_new();
	struct import_offer offer, again;
	struct address address;

	if (import_repair(cell, arena, &offer)) {
		struct span rest = offer.rest;

		expect(
		    offer.kinds > 0 && offer.kinds < 1u << IMPORT_REPAIR_KINDS);
		expect(
		    address_parse(offer.address, arena, &address, NULL) == 0);
		expect(rest.len == 0 || (offer.kinds & IMPORT_REPAIR_FIRST));
		expect(import_repair(cell, arena, &again));
		expect(again.kinds == offer.kinds);
		expect(span_equal(again.address, offer.address));
		expect(span_equal(again.rest, offer.rest));
		expect(!import_repair(offer.address, arena, &again));
	} else {
		expect(offer.kinds == 0 && offer.address.len == 0);
	}
	arena_free(&arena);
	return 0;
}
