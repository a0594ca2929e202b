/* When a run may send: the hours and days for sending and the quiet hours, in
 * local time; and how much a relay that is warmed up may carry on a day. */
#ifndef CORE_DELIVER_WINDOW_H
#define CORE_DELIVER_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/hours.h"
#include "core/campaign/campaign.h"
#include "core/store/store.h"

struct window {
	bool has_hours, has_quiet, weekdays; /* weekdays: Monday to Friday */
	struct hours hours, quiet;
};

/* Reads the settings.  Mails of class tx and test know no hours. */
int window_read(struct db *db, enum campaign_class class, struct window *out,
    struct err *err);

/* 0 when it is open at wall time at_ms, else the wall time at which it opens
 * again; a week later when it never does. */
int64_t window_opens_ms(const struct window *window, int64_t at_ms);

/* Appends the hours for a person: "09:00-18:00, not 12:00-13:00". */
void window_text(const struct window *window, struct buf *out);

/* A warm-up: first mails on the day of from_ms, percent more on each day after
 * it.  from_ms 0: none. */
struct warm {
	int64_t from_ms;
	int first, percent;
};

/* How many mails the local day of at_ms allows; -1: no limit (any more). */
int64_t warm_allows(const struct warm *warm, int64_t at_ms);

/* When the local day of at_ms began, and when the next one does. */
int64_t day_start_ms(int64_t at_ms);
int64_t day_end_ms(int64_t at_ms);

#endif
