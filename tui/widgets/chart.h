/* Progress bars and charts in braille, and countdowns.  With GLYPHS_ASCII they
 * use '#', ':' and '.'. */
#ifndef TUI_WIDGETS_CHART_H
#define TUI_WIDGETS_CHART_H

#include "tui/canvas.h"

/* A bar of cols cells, part/whole of it done. */
void draw_progress(
    struct area a, int row, int col, int cols, int64_t part, int64_t whole);

/* One sample per dot column, two per cell, from the left edge on, so that a
 * chart that grows changes at its end only; top is the value of the upper edge
 * (0: the largest sample).  Returns the top. */
int64_t draw_chart(struct area a, enum role role, const int64_t *samples,
    size_t count, int64_t top);

/* Time left until until_ms as "4:12", nothing when it has passed; returns the
 * column behind it. */
int draw_countdown(struct area a, int row, int col, enum role role,
    int64_t until_ms, int64_t now_ms);

#endif
