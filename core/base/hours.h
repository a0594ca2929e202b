/* Hours of a day: "09:00-21:00", also over midnight ("21:00-08:00"). */
#ifndef CORE_BASE_HOURS_H
#define CORE_BASE_HOURS_H

#include <stdbool.h>

#include "core/base/span.h"

/* Minutes since midnight; from <= minute < to, or around midnight when from is
 * behind to.  Equal: none at all. */
struct hours {
	int from, to;
};

/* Reads hours; false (and *out left alone) when text is none, or empty. */
bool hours_parse(struct span text, struct hours *out);

/* True when the minute (0..1439) lies within. */
bool hours_has(struct hours hours, int minute);

#endif
