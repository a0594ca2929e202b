/* Why rows of an import were left out, summed up by kind: what stands in the
 * wizard and with an import that was stored. */
#ifndef TUI_SCREENS_IMPORT_KINDS_H
#define TUI_SCREENS_IMPORT_KINDS_H

#include "core/import/import.h"
#include "tui/app.h"

enum import_kind {
	KIND_STOPPED,    /* on the stop list */
	KIND_NOT_AGREED, /* says no */
	KIND_UNKNOWN,    /* not on the list */
	KIND_ADDRESS,
	KIND_SHAPE, /* cells, quotes, objects */
	KIND_TEXT,  /* signs that cannot be kept */
	KIND_EVIDENCE,
	KIND_OTHER,
	KIND_TWICE, /* in the file */
	KINDS
};

struct import_kinds {
	struct {
		enum import_kind kind;
		int64_t rows;
		int reasons; /* different ones */
	} at[KINDS];
	size_t count;
};

/* The kind of a reason. */
enum import_kind import_kind_of(enum err_code why);

/* True when rows of it are rejects, which can be looked at. */
bool import_kind_is_reject(enum import_kind kind);

/* "bad address"; translated. */
const char *import_kind_name(enum import_kind kind);

/* Sums reasons up, in the order of the enum; only kinds with rows. */
void import_kinds_sum(const struct import_counts *counts,
    const struct import_reason *reason, size_t reasons,
    struct import_kinds *out);

/* All rows that were left out. */
int64_t import_left_out(const struct import_counts *counts);

/* "full-width to ASCII" of a kind of repair, 0: a misspelt domain;
 * translated. */
const char *import_repair_words(unsigned repair);

/* Shows rejects of one kind (KINDS: of all), one by one: the array is
 * consumed. */
void import_rows_open(struct app *app, enum import_kind kind,
    struct import_reject **taken, size_t count);

#endif
