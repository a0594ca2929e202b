/* Dates, prices and telephone numbers as people write them in Japanese and
 * English. */
#ifndef CORE_REVIEW_MENTION_H
#define CORE_REVIEW_MENTION_H

#include "core/base/buf.h"
#include "core/review/review.h"

enum { MENTION_TEXT_MAX = 64 * 1024 }; /* octets; what is behind is not read */

/* A day of the Gregorian calendar; year 0: none is said. */
struct mention_day {
	int year, month, day;
};

/* What is wrong with a date: bits. */
enum mention_fault {
	MENTION_WEEKDAY = 1, /* the calendar has another one */
	MENTION_NO_DAY = 2,  /* there is no such day */
	MENTION_PAST = 4,    /* it is before today */
};

/* One of them, as it is written, on one line; lives during the call. */
struct mention {
	enum extract_kind kind; /* EXTRACT_DATE, _PRICE, _PHONE */
	struct span text;
	unsigned faults; /* of a date */
	int weekday;     /* that day has, 0 Sunday to 6; -1: no such day */
};

typedef void mention_seen(void *payload, const struct mention *mention);

/* Finds all in a paragraph of text (UTF-8), in order.  Line ends in it count as
 * blanks, addresses of the web and of mail are passed over.  A date without a
 * year is the nearest one to today, or to the date with a year before it in the
 * same sentence; 令和, 平成 and 昭和 are understood, and full-width digits. */
void mentions_find(struct span text, struct mention_day today,
    mention_seen *seen, void *payload);

/* The day of local time at_ms. */
struct mention_day mention_today(int64_t at_ms);

/* Days since 1970-01-01; month and day need not be within their limits. */
int64_t mention_days(struct mention_day day);

/* False for days that no calendar has (11-31). */
bool mention_is_day(struct mention_day day);

#endif
