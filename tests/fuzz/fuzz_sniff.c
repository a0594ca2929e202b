/* Any octets as a file: the first decides under which name it is looked at. */
#include <stdint.h>
#include <stdlib.h>

#include "core/attach/attach.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"a.pdf", "a.zip", "a.docx", "a.csv",
	    "a.html", "a.exe", "a", "a.png"};
	struct attach_look look, again;
	struct span bytes, name;

	if (!size)
		return 0;
	bytes = span_make(data + 1, size - 1);
	name = span_of(names[data[0] % (sizeof names / sizeof *names)]);
	attach_look(bytes, name, &look);
	must(look.kind && look.why && look.type[0]);
	must((look.verdict == ATTACH_GOOD) == (look.why[0] == '\0'));
	must(
	    !span_equal(name, SPAN("a.exe")) || look.verdict == ATTACH_REFUSED);
	must(bytes.len > 0 || look.verdict == ATTACH_REFUSED);
	attach_look(bytes, name, &again);
	must(look.kind == again.kind && look.verdict == again.verdict);
	return 0;
}
