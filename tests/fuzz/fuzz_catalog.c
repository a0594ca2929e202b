/* Any bytes as a catalogue: refused, or every sentence can be looked up. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/text/catalog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog *catalog = catalog_parse(span_make(data, size));
	char *source = mem_text(span_make(data, size < 40 ? size : 40));
	const char *found = catalog_find(catalog, source);

	/* Its head is what every accepted catalogue has. */
	if (catalog && (!catalog_find(catalog, "") ||
			   (found && !*source && strlen(found) > size)))
		abort();
	free(source);
	catalog_free(&catalog);
	return 0;
}
