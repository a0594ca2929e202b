/* The gate for every byte that did not come from our own catalogue: CSV cells,
 * server replies, headers, file names, PAM texts, user names.  What comes out
 * is safe to show: no control, no invisible or reordering character, valid
 * UTF-8, known width.  Canvas drawing passes through it by itself. */
#ifndef TUI_TEXT_GATE_H
#define TUI_TEXT_GATE_H

#include "core/base/buf.h"
#include "core/base/span.h"

enum gate_view {
	GATE_LIST, /* invisible characters become one warning mark */
	GATE_RAW,  /* they are spelled: <202E> */
};

enum gate_kind {
	GATE_END,     /* nothing left; 0 */
	GATE_TEXT,    /* an ordinary character with at most four marks */
	GATE_CONTROL, /* "^X", "<9B>" or U+FFFD for a bad byte: shown dim */
	GATE_HIDDEN,  /* stands for an invisible character: shown as warning */
};

enum { GATE_BYTES = 21 };

struct gate_piece {
	char text[GATE_BYTES]; /* NUL-terminated */
	int width;             /* cells; marks in front take one */
	bool splits; /* several one-cell characters ("^X", "<202E>") */
};

/* Takes the next piece off *rest. */
enum gate_kind gate_next(
    struct span *rest, enum gate_view view, struct gate_piece *out);

/* Adds foreign text to out as one safe line. */
void ui_text(struct buf *out, struct span foreign);

/* Cells that draw_text() uses for a text. */
int ui_width(struct span text);

/* Adds text cut to cells, with '~' where something is missing: at the end, or
 * in the middle so that both ends can be read. */
void ui_cut_end(struct buf *out, struct span text, int cells);
void ui_cut_middle(struct buf *out, struct span text, int cells);

/* Adds an address cut to cells: the local part gives way, never the domain
 * while that fits ("yamada.ta~@example.co.jp"). */
void ui_cut_address(struct buf *out, struct span address, int cells);

#endif
