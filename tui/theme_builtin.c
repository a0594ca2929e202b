/* The themes that work without any file: themes/terminal.theme and
 * themes/mono.theme as they were when the program was built. */
#include "tui/theme.h"

#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
__asm__(".section .rodata\n"
	"builtin_terminal:\n\t.incbin \"themes/terminal.theme\"\n"
	"builtin_terminal_end:\n"
	"builtin_mono:\n\t.incbin \"themes/mono.theme\"\n"
	"builtin_mono_end:\n"
	"\t.byte 0\n\t.text\n");
/* clang-format on */

extern const char builtin_terminal[] __attribute__((visibility("hidden")));
extern const char builtin_terminal_end[] __attribute__((visibility("hidden")));
extern const char builtin_mono[] __attribute__((visibility("hidden")));
extern const char builtin_mono_end[] __attribute__((visibility("hidden")));

static bool
is(const char *id, const char *wanted)
{
	return strcmp(id, wanted) == 0;
}

bool
theme_built_in(const char *id, struct theme *out)
{
	const char *from = builtin_terminal, *to = builtin_terminal_end;

	if (is(id, "mono")) {
		from = builtin_mono;
		to = builtin_mono_end;
	} else if (!is(id, "terminal")) {
		return false;
	}
	/* A test reads both; one that cannot be read is a defect of ours. */
	if (theme_parse(
		span_make(from, (size_t)(to - from)), id, NULL, out, NULL) < 0)
		abort();
	snprintf(out->id, sizeof out->id, "%s", id);
	return true;
}

void
theme_default(struct theme *out)
{
	theme_built_in("terminal", out);
}
