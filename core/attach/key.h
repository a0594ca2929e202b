/* Keys of the files of a set, as folder and manifest make them. */
#ifndef CORE_ATTACH_KEY_H
#define CORE_ATTACH_KEY_H

#include "core/attach/attach.h"

/* True when a name could be the pattern with values in: its words are there, in
 * order, and something stands between them. */
bool pattern_fits(const struct attach_pattern *pattern, struct span name);

/* Appends text with each voiced kana as one character. */
void key_compose(struct span text, struct buf *out);

#endif
