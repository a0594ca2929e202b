/* Any bytes as a theme file: an error with a place, or a whole theme. */
#include <stdlib.h>

#include "core/base/err.h"
#include "tui/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {.code = E_NONE};
	struct theme theme;
	int max;

	if (theme_parse(span_make(data, size), "fuzz", NULL, &theme, &err) <
	    0) {
		if (err.code != E_THEME_SYNTAX)
			abort();
		return 0;
	}
	for (int depth = 0; depth < DEPTH_COUNT; depth++) {
		max = depth == DEPTH_256 ? 255 : depth == DEPTH_16 ? 15 : -1;
		for (int role = 0; role < ROLE_COUNT; role++) {
			const struct look *look = &theme.look[depth][role];

			if (look->fg < -1 || look->fg > max || look->bg < -1 ||
			    look->bg > max)
				abort();
		}
	}
	return 0;
}
