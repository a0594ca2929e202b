/* The campaign of a drill: one that looks ready, in Japanese or English, with
 * dates that lie ahead, and the faults that are planted into it. */
#ifndef TUI_DEMO_SANDBOX_H
#define TUI_DEMO_SANDBOX_H

#include "core/contacts/contacts.h"
#include "core/review/review.h"
#include "tui/text/i18n.h"

struct practice;

enum { SANDBOX_RECIPIENTS = 120 };

/* Where a text of the campaign stands. */
enum sandbox_field {
	SANDBOX_SUBJECT,
	SANDBOX_PREHEADER,
	SANDBOX_BODY,
	SANDBOX_REPLY_TO,
	SANDBOX_FROM_NAME,
	SANDBOX_FIELDS
};

/* A text that is put in the place of another one.  Both hold marks of
 * sandbox_expand(). */
struct sandbox_edit {
	enum drill_kind kind;
	enum sandbox_field field;
	const char *clean, *planted;
};

/* A day of the calendar. */
struct sandbox_day {
	int year, month, day, weekday; /* 0: Sunday */
};

/* What is written, in one language; static. */
struct sandbox_words {
	const char *campaign, *list, *staff, *file, *file_planted;
	const char *note; /* how consent was given */
	const char *text[SANDBOX_FIELDS];
	const char *const (*settings)[2]; /* ended by {NULL} */
	const char *const *season;        /* from winter */
	/* Add a date, with year and weekday or without both. */
	void (*date)(const struct sandbox_day *day, struct buf *out);
	void (*day)(int month, int day, struct buf *out);
	const char *const *family, *const *given; /* as they are written */
	enum { SANDBOX_FAMILY_FIRST, SANDBOX_GIVEN_FIRST } order;
	const char *between;             /* of both names */
	const struct sandbox_edit *edit; /* edits of them */
	size_t edits;
};
extern const struct sandbox_words sandbox_ja, sandbox_en;

/* One sandbox; plain data. */
struct sandbox {
	const struct sandbox_words *words;
	int64_t today; /* local days since 1970-01-01 */
	struct campaign_id campaign;
	struct list_id list;
	int64_t wording; /* what everybody on the list agreed to */
};

/* The number of today in local time, for struct sandbox. */
int64_t sandbox_today(int64_t now_ms);

/* Adds a text with its marks filled: @S season, @O another season, @Y year, @Z
 * the year before, @E the day of the event, @W the same with a wrong weekday,
 * @L last year's, @B and @D first and last day of a period, @P a day before its
 * first one, @N a day that no calendar has. */
void sandbox_expand(
    const struct sandbox *sandbox, const char *text, struct buf *out);

/* Fills a new store: settings, key, list with members, campaign with its file,
 * practice relay, and then the faults of a plan (NULL: none).  folder is for
 * files on the way.  *sandbox has words and today.  Errors of the calls it
 * makes. */
int sandbox_fill(struct store *store, struct sandbox *sandbox,
    const struct practice *practice, const char *folder,
    const struct drill_plan *plan, struct err *err);

/* Plants one fault of the campaign's text or around it. */
int sandbox_plant(struct store *store, const struct sandbox *sandbox,
    enum drill_kind kind, const char *folder, struct err *err);

/* 1 while a fault is in the campaign, 0 when it is not any more, -1. */
int sandbox_has(struct store *store, struct db *db,
    const struct sandbox *sandbox, enum drill_kind kind, struct err *err);

#endif
