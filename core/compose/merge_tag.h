/* One mark as it is written: the only place that knows its grammar. */
#ifndef CORE_COMPOSE_MERGE_TAG_H
#define CORE_COMPOSE_MERGE_TAG_H

#include "core/compose/merge.h"

/* A mark; the spans lie in the text. */
struct merge_tag {
	enum merge_kind kind;
	const char *fault; /* NULL, or a why of E_MERGE_SYNTAX; static */
	struct span name, fallback;
	struct span format; /* what stands behind ':'; ptr NULL: nothing */
	bool has_fallback;
	size_t len; /* octets, braces included; at least 2 */
};

/* Reads the mark at the beginning of text, which is "{{". */
void merge_tag_read(struct span text, struct merge_tag *out);

/* Cuts blanks, ideographic ones too, off both ends. */
struct span merge_trim(struct span s);

#endif
