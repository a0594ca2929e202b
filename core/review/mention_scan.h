/* A paragraph as the readers of dates and numbers see it: one code point per
 * place, full-width forms folded, line ends as blanks. */
#ifndef CORE_REVIEW_MENTION_SCAN_H
#define CORE_REVIEW_MENTION_SCAN_H

#include "core/review/mention.h"

struct scan {
	const uint32_t *cp; /* ends with a 0 */
	size_t count;
	struct mention_day today;
	struct mention_day last; /* the date before, resolved; year 0: none */
	size_t last_end;
	bool last_has_year;
};

/* What a date reader found. */
struct scan_date {
	size_t end;
	unsigned faults;
	int weekday;
};

static inline bool
scan_digit(uint32_t cp)
{
	return cp >= '0' && cp <= '9';
}

static inline bool
scan_letter(uint32_t cp)
{
	return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
}

/* Behind blanks at at. */
size_t scan_blanks(const struct scan *scan, size_t at);

/* Reads at most limit digits at *at; false when there are none or more. */
bool scan_number(const struct scan *scan, size_t *at, size_t limit, int *out);

/* True when the text stands at at, letters in any case. */
bool scan_is(const struct scan *scan, size_t at, const char *text);

/* A date that begins at at; false when none does. */
bool scan_date(struct scan *scan, size_t at, struct scan_date *out);

/* The ends of a price or a telephone number at at, or at itself. */
size_t scan_price(const struct scan *scan, size_t at);
size_t scan_phone(const struct scan *scan, size_t at);

#endif
