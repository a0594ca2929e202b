/* Formats: {{due:date}}.  A format is a word or a few behind a colon; it turns
 * a value that can be read as a date or number into text, or adds to a name
 * what courtesy asks for.  docs/writing.md has the table. */
#ifndef CORE_COMPOSE_MERGE_FORMAT_H
#define CORE_COMPOSE_MERGE_FORMAT_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/span.h"
#include "core/compose/marks.h"

/* What a format makes. */
enum format_kind {
	FORMAT_NONE,
	FORMAT_DATE,       /* 2026年11月25日, 25 November 2026 */
	FORMAT_DATE_FULL,  /* 2026年11月25日(水), Wednesday, 25 ... */
	FORMAT_DATE_SHORT, /* 2026/11/25, 25 Nov 2026 */
	FORMAT_DATE_ISO,   /* 2026-11-25 */
	FORMAT_DAY,        /* 11月25日, 25 November */
	FORMAT_DAY_FULL,   /* 11月25日(水), Wednesday, 25 November */
	FORMAT_WEEKDAY,    /* 水曜日, Wednesday */
	FORMAT_ERA,        /* 令和8年11月25日 */
	FORMAT_ERA_FULL,   /* 令和8年11月25日(水) */
	FORMAT_ERA_YEAR,   /* 令和8年 */
	FORMAT_TIME,       /* 14:30 */
	FORMAT_NUMBER,     /* 1,200.5 */
	FORMAT_YEN,        /* 1,200円, ¥1,200 */
	FORMAT_SAMA,       /* 山田 太郎 様 */
	FORMAT_ADDRESSEE,  /* 株式会社例示 営業部 山田 様 */
	FORMAT_KINDS
};

struct merge_format {
	enum format_kind kind;
	enum merge_language language; /* never MERGE_LANGUAGE_TEXT */
	int decimals;                 /* of a number; -1: as they are */
};

/* Reads what stands behind the colon; a format that names no language takes
 * that of the text.  False when there is no such format. */
bool merge_format_read(
    struct span written, enum merge_language text, struct merge_format *out);

/* Appends value in a format of a date or number: 0, or -1 when it cannot be
 * read as one, with nothing appended. */
int merge_format_write(
    const struct merge_format *format, struct span value, struct buf *out);

/* What stands for an empty value when no fallback is written; empty without
 * such a word. */
struct span merge_format_fallback(const struct merge_format *format);

/* "date", "number" or "name": what a format asks of a value; static. */
const char *merge_format_wants(enum format_kind kind);

/* ---- merge_name.c ------------------------------------------------------ */

/* What is known of an addressee; empty or blank where nothing is. */
enum name_part {
	NAME_COMPANY,
	NAME_SECTION,
	NAME_POST,
	NAME_FAMILY,
	NAME_GIVEN,
	NAME_TITLE,
	NAME_PARTS
};

/* The two field names that may hold each part, Japanese and English. */
extern const char *const merge_name_field[NAME_PARTS][2];

/* Appends a name with its honorific, one only: 様 unless it ends in a title.
 * Appends nothing to a blank name. */
void merge_name_sama(struct span name, struct buf *out);

/* Writes the whole addressee into an empty out; whole is the name when there is
 * no family name.  A person gets 様 or the title, an organisation alone 御中, never both.
 * Nothing when all is blank. */
void merge_name_addressee(const struct span part[NAME_PARTS], struct span whole,
    enum merge_language language, struct buf *out);

#endif
