/* Filters: whatever is typed is refused with a column or becomes terms, and
 * values compare without reading beyond their ends. */
#include <stdint.h>
#include <stdlib.h>

#include "core/contacts/contacts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(const struct filter *filter, struct span in)
{
	if (filter->count > FILTER_TERMS)
		abort();
	for (size_t i = 0; i < filter->count; i++) {
		const struct filter_term *term = &filter->term[i];

		if (term->subject >= FILTER_SUBJECTS || term->op >= MATCH_OPS ||
		    term->column == 0 || term->column > in.len ||
		    (i == 0 && term->alternative))
			abort();
		match_value(term->op, in, term->a, term->b);
		match_value(MATCH_LESS, term->a, in, term->b);
		/* what was folded stays as it is */
		if (term->subject == FILTER_WORD &&
		    !match_same(term->a, term->a))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct filter *filter = NULL;
	struct err err = {.code = E_NONE};

	if (filter_parse(in, 1760000000000, &filter, &err) == 0)
		look(filter, in);
	else if (err.code != E_FILTER_LONG && err.code != E_FILTER_TERMS &&
		 atoi(err_find(&err, "column")) < 1)
		abort();
	filter_free(&filter);
	return 0;
}
