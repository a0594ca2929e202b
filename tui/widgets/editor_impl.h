/* The editor as its own files see it: editor.c keys and drawing,
 * editor_rows.c rows on the screen, editor_block.c marked text and lines,
 * editor_find.c searches. */
#ifndef TUI_WIDGETS_EDITOR_IMPL_H
#define TUI_WIDGETS_EDITOR_IMPL_H

#include "tui/widgets/edit_text.h"
#include "tui/widgets/editor.h"

enum { GOAL_NONE = -1, NO_MARK = -1 };

/* The rows of one logical line, kept while neither text nor width change. */
struct row_memo {
	uint64_t revision;
	size_t line, end; /* of the logical line */
	int cols;         /* 0: nothing is kept */
	size_t *start;    /* of each row */
	size_t count, room;
};

struct editor {
	struct edit_text edit;
	size_t at;      /* cursor */
	int64_t mark;   /* the other end of the marked text, or NO_MARK */
	bool mark_held; /* set by a key of its own, not by shift */
	size_t top;     /* start of the first row shown */
	int goal;       /* cells that up and down aim for */
	int cols, rows; /* drawn last */
	uint64_t saved; /* revision */
	struct buf cut; /* what was cut or copied */
	bool cut_lines; /* whole lines */
	struct buf needle;
	struct row_memo memo;
};

/* A row: octets from..to; its logical line is line..line_end. */
struct row {
	size_t from, to, line, line_end;
};

/* The whole text. */
struct span editor_whole(const struct editor *editor);

/* Start and end of the logical line around an offset. */
size_t line_start_of(const struct editor *editor, size_t at);
size_t line_end_of(const struct editor *editor, size_t at);

/* The row that holds the offset; between two rows the later one does. */
struct row row_of(struct editor *editor, size_t at);

/* The row below or above; false, and row as it was, when there is none. */
bool row_next(struct editor *editor, struct row *row);
bool row_previous(struct editor *editor, struct row *row);

/* Puts the cursor on a row, as near to the goal as it goes. */
void row_enter(struct editor *editor, const struct row *row);

/* Cells of the row before an offset in it. */
int row_cells(const struct editor *editor, const struct row *row, size_t at);

/* Replaces from..to, with the cursor behind it; false when too long.  Marked
 * text is marked no more. */
bool editor_replace(struct editor *editor, size_t from, size_t to,
    struct span s, enum edit_join join);

/* Moves the cursor; the marked text stays or goes by the key's shift. */
void editor_jump(struct editor *editor, size_t at);

/* The marked text as offsets; false when there is none. */
bool marked_range(const struct editor *editor, size_t *from, size_t *to);

/* Gives the octets of a line from..to that match the needle another role. */
void editor_paint_matches(
    const struct editor *editor, size_t from, size_t to, uint8_t *roles);

#endif
