/* A virtual list: reads only the rows it shows.  The cursor belongs to a
 * record, not to a row number, so it stays on it when data change. */
#ifndef TUI_WIDGETS_LIST_H
#define TUI_WIDGETS_LIST_H

#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/screen.h"
#include "tui/widgets/line.h"

enum { LIST_COLUMNS_MAX = 12 };

struct list_column {
	const char *title; /* untranslated (N_()); may be "" */
	int width;         /* cells; 0: takes what is left */
	int min;           /* least cells of a column with width 0 */
	int drop;          /* 0 never; else higher goes first when narrow */
	enum fit fit;
};

/* What a source fills in for one row.  Spans must live until row() is called
 * again; foreign bytes are welcome. */
struct list_row {
	int64_t key;    /* the record's id, unique in the list */
	enum role role; /* of the row; ROLE_TEXT when left alone */
	struct span cell[LIST_COLUMNS_MAX];
	enum role cell_role[LIST_COLUMNS_MAX]; /* ROLE_TEXT: the row's */
	bool heading; /* cannot be selected; only cell[0], whole width */
	bool whole;   /* cell[0] takes the whole width */
};

/* Where rows come from; embedded as first member by its implementer. */
struct list_source {
	/* How many rows there are now. */
	int64_t (*count)(struct list_source *source);
	/* Fills row number index (from 0); false when it is not there yet.
	 * Called for visible rows only, in rising order. */
	bool (*row)(
	    struct list_source *source, int64_t index, struct list_row *out);
	/* The number of the row with this key, or -1.  NULL: the list looks
	 * near where it was, then gives up and keeps the row number. */
	int64_t (*find)(struct list_source *source, int64_t key);
};

struct list;

/* A list over a source, which must outlive it; columns is a static table.  The
 * caller frees it. */
struct list *list_new(struct list_source *source,
    const struct list_column *columns, size_t column_count);
void list_free(struct list **list);

/* Other columns, which live until there are others again; marks and cursor
 * stay. */
void list_set_columns(
    struct list *list, const struct list_column *columns, size_t column_count);

/* Text for an empty list: what to do next (untranslated N_()). */
void list_set_empty(struct list *list, const char *text);

/* Data have changed: the cursor looks for its record again. */
void list_refresh(struct list *list);

/* Moves, pages, marks (Space marks when marking is on). */
enum used list_key(struct list *list, const struct key *key);

/* Draws heading and rows. */
void list_draw(struct list *list, struct area a, enum focus focus);

/* Key of the row under the cursor; false when there is none. */
bool list_cursor(const struct list *list, int64_t *key);

/* Row number under the cursor; -1 when there is none. */
int64_t list_cursor_index(const struct list *list);

/* Puts the cursor on a record or row, when it exists. */
void list_cursor_set(struct list *list, int64_t key);
void list_cursor_index_set(struct list *list, int64_t index);

/* Adds "1 of 12,402". */
void list_position(const struct list *list, struct buf *out);

/* Marks: a set of keys. */
enum list_marking { LIST_MARKS_OFF, LIST_MARKS_ON };
void list_set_marking(struct list *list, enum list_marking marking);
size_t list_mark_count(const struct list *list);
bool list_is_marked(const struct list *list, int64_t key);
void list_marks_clear(struct list *list);

/* The marked keys, rising; they live until marks change. */
const int64_t *list_marks(const struct list *list, size_t *count);

enum list_mark { LIST_MARK, LIST_UNMARK, LIST_MARK_OTHERWISE };

/* Marks count keys, which rise, or takes their marks, or turns each round. */
void list_marks_change(
    struct list *list, enum list_mark mark, const int64_t *keys, size_t count);

#endif
