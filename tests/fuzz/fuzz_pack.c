/* Evidence packs and lines of head seals: foreign bytes, read strictly. */
#include "core/report/report.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct span bytes = span_make(data, size);
	struct pack_facts facts;
	struct seal_line line;
	struct digest root;
	struct err err = {.code = E_NONE};

	if (pack_check(bytes, &facts, &err) < 0 && err.code == E_NONE)
		__builtin_trap();
	if (seal_line_read(bytes, &line) && line.signed_text.len > size)
		__builtin_trap();
	pack_root(bytes, &root);
	return 0;
}
