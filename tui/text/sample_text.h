/* Worst cases in a few words. */
#ifndef TUI_TEXT_SAMPLE_TEXT_H
#define TUI_TEXT_SAMPLE_TEXT_H

#include "core/review/review.h"

/* Adds why a recipient is worth a look ("longest name"), translated; holds
 * foreign bytes. */
void sample_text(const struct sample *sample, struct buf *out);

/* Adds how much ("41 cells", "18.1 kB"), or how many there are of that kind
 * ("312"). */
void sample_measure(const struct sample *sample, struct buf *out);

#endif
