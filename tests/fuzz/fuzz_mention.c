/* Any bytes as a paragraph: what is found is text of one line, of a known kind,
 * with faults only where a date can have them. */
#include <stdlib.h>

#include "core/review/mention.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(void *payload, const struct mention *mention)
{
	size_t *size = payload;

	if (mention->kind > EXTRACT_PHONE || !mention->text.len ||
	    mention->text.len > *size ||
	    span_index(mention->text, '\n') < mention->text.len ||
	    (mention->kind != EXTRACT_DATE && mention->faults) ||
	    mention->weekday < -1 || mention->weekday > 6)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	mentions_find(span_make(data, size), (struct mention_day){2026, 11, 22},
	    look, &size);
	return 0;
}
