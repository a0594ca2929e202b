/* Whether what reads as Japanese is Japanese. */
#ifndef CORE_IMPORT_LIKELY_H
#define CORE_IMPORT_LIKELY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/span.h"

/* What was seen of a text; zero at the beginning. */
struct likely {
	int64_t signs;  /* kanji and kana of full width */
	int64_t common; /* of them kana, and kanji of names and headers */
};

/* Counts the signs of a piece of UTF-8 in whole characters, the first
 * thousands of a text. */
void likely_feed(struct likely *likely, struct span text);

/* False when there are signs, and fewer than a quarter of them common. */
bool likely_is(const struct likely *likely);

#endif
