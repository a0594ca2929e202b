/* Progress and charts in braille: two by four dots a cell, drawn from below. */
#include "tui/widgets/chart.h"

#include "core/base/utf8.h"
#include "tui/text/format.h"

enum { DOTS = 4 }; /* in a cell, one above the other */

static void
draw_repeated(
    struct area a, int row, int col, int count, enum role role, const char *s)
{
	for (int i = 0; i < count; i++)
		draw_str(a, row, col + i, role, s);
}

void
draw_progress(
    struct area a, int row, int col, int cols, int64_t part, int64_t whole)
{
	int done = 0;

	if (cols < 1)
		return;
	if (whole > 0 && part > 0)
		done = part >= whole
			   ? cols
			   : (int)((double)part / (double)whole * cols);
	draw_repeated(a, row, col, done, ROLE_PROGRESS_DONE, "⣿");
	draw_repeated(a, row, col + done, cols - done, ROLE_PROGRESS_TODO, "░");
}

/* The dots of one column that reach height, in the cell whose lowest dot is
 * number base; left or right column of the cell. */
static uint32_t
dots(int height, int base, int right)
{
	static const uint32_t bits[2][DOTS] = {
	    {0x40, 0x04, 0x02, 0x01},
	    {0x80, 0x20, 0x10, 0x08},
	};
	uint32_t mask = 0;

	for (int i = 0; i < DOTS; i++) {
		if (height > base + i)
			mask |= bits[right][i];
	}
	return mask;
}

/* Height in dots of the sample that stands column dot columns from the left;
 * any sample above zero shows at least one dot. */
static int
height_of(
    const int64_t *samples, size_t count, int column, int64_t top, int rows)
{
	double share;
	int height;

	if ((size_t)column >= count || samples[column] <= 0)
		return 0;
	share = (double)samples[column] / (double)top;
	height = (int)(share * (rows * DOTS) + 0.5);
	if (height > rows * DOTS)
		return rows * DOTS;
	return height > 0 ? height : 1;
}

int64_t
draw_chart(struct area a, enum role role, const int64_t *samples, size_t count,
    int64_t top)
{
	char text[UTF8_MAX + 1];

	if (top <= 0) {
		top = 1;
		for (size_t i = 0; i < count; i++)
			top = samples[i] > top ? samples[i] : top;
	}
	for (int row = 0; row < a.rows; row++) {
		for (int col = 0; col < a.cols; col++) {
			int base = (a.rows - 1 - row) * DOTS;
			int left =
			    height_of(samples, count, col * 2, top, a.rows);
			int right =
			    height_of(samples, count, col * 2 + 1, top, a.rows);
			uint32_t mask =
			    dots(left, base, 0) | dots(right, base, 1);

			if (!mask)
				continue;
			text[utf8_encode(0x2800 + mask, text)] = '\0';
			draw_str(a, row, col, role, text);
		}
	}
	return top;
}

int
draw_countdown(struct area a, int row, int col, enum role role,
    int64_t until_ms, int64_t now_ms)
{
	struct buf text = BUF_INIT;

	if (until_ms > now_ms) {
		format_span(&text, until_ms - now_ms);
		col = draw_text(a, row, col, role, buf_span(&text));
	}
	buf_done(&text);
	return col;
}
