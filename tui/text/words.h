/* Core's stable words for why something is refused, as people say them. */
#ifndef TUI_TEXT_WORDS_H
#define TUI_TEXT_WORDS_H

#include "core/base/err.h"
#include "core/base/span.h"

/* The translated phrase for a fact's value ("why" = "at"); NULL when the value
 * stands for itself. */
const char *err_word(enum err_code code, struct span fact, const char *value);

#endif
