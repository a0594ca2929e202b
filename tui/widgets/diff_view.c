/* From runs of words to lines.  A line of the first text and one of the second
 * grow side by side; where both end in the same line end they are shown: once
 * when they are the same, else as a pair. */
#include "tui/widgets/diff_view.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/text/i18n.h"

enum { AROUND = 2 }; /* unchanged lines shown on each side */

struct piece {
	struct span text;
	bool changed;
};

/* Lines that wait to be shown; a piece that ends in LF ends a line. */
struct side {
	struct piece *piece;
	size_t count;
	bool changed;
};

struct view {
	struct pager *pager;
	struct side old, new;
	struct span near[AROUND]; /* the last unchanged lines not shown yet */
	size_t skipped;           /* unchanged lines since the last shown */
	size_t after;             /* unchanged lines still to be shown */
};

static void
add_piece(struct side *side, struct span text, bool changed)
{
	if (text.len == 0)
		return;
	if (side->count % 32 == 0)
		side->piece = mem_grow(
		    side->piece, (side->count + 32) * sizeof *side->piece);
	side->piece[side->count++] = (struct piece){text, changed};
	side->changed |= changed;
}

static struct span
without_end(struct span text)
{
	return span_ends(text, SPAN("\n")) ? span_slice(text, 0, text.len - 1)
					   : text;
}

static void
show_side(struct view *view, const struct side *side, const char *sign,
    enum role changed)
{
	bool begins = true;

	for (size_t i = 0; i < side->count; i++) {
		const struct piece *piece = &side->piece[i];

		if (begins)
			pager_add_str(view->pager, changed, sign);
		pager_add(view->pager, piece->changed ? changed : ROLE_TEXT,
		    without_end(piece->text));
		begins = span_ends(piece->text, SPAN("\n"));
		/* a line end of its own that came or went */
		if (begins && piece->changed && piece->text.len == 1)
			pager_add_str(view->pager, changed, "⏎");
		if (begins)
			pager_add_str(view->pager, ROLE_TEXT, "\n");
	}
	if (!begins)
		pager_add_str(view->pager, ROLE_TEXT, "\n");
}

static void
show_same(struct view *view, struct span line)
{
	pager_add_str(view->pager, ROLE_TEXT, "  ");
	pager_add(view->pager, ROLE_DIM, line);
	pager_add_str(view->pager, ROLE_TEXT, "\n");
}

static void
show_left_out(struct view *view, size_t lines)
{
	struct buf text = BUF_INIT;

	buf_printf(&text,
	    P_("  .. %zu line is the same", "  .. %zu lines are the same",
		lines),
	    lines);
	buf_char(&text, '\n');
	pager_add(view->pager, ROLE_INFO, buf_span(&text));
	buf_done(&text);
}

/* What was left out, then the lines just before the change. */
static void
show_before(struct view *view)
{
	size_t kept = view->skipped < AROUND ? view->skipped : AROUND;

	if (view->skipped > AROUND)
		show_left_out(view, view->skipped - AROUND);
	for (size_t i = AROUND - kept; i < AROUND; i++)
		show_same(view, view->near[i]);
	view->skipped = 0;
}

static void
same_line(struct view *view, struct span line)
{
	if (view->after > 0) {
		view->after--;
		show_same(view, line);
		return;
	}
	memmove(
	    view->near, view->near + 1, (AROUND - 1) * sizeof view->near[0]);
	view->near[AROUND - 1] = line;
	view->skipped++;
}

static void
clear(struct side *side)
{
	free(side->piece);
	*side = (struct side){.count = 0};
}

/* Both lines have ended together. */
static void
flush(struct view *view)
{
	if (!view->old.changed && !view->new.changed) {
		if (view->new.count > 0)
			same_line(view, without_end(view->new.piece[0].text));
	} else {
		show_before(view);
		show_side(view, &view->old, "- ", ROLE_DIFF_DEL);
		show_side(view, &view->new, "+ ", ROLE_DIFF_ADD);
		view->after = AROUND;
	}
	clear(&view->old);
	clear(&view->new);
}

/* A change of whole lines stands alone: the unchanged beginning of the line
 * behind it is no part of it. */
static bool
stands_alone(const struct side *side, const struct side *other)
{
	return side->count > 0 && other->count == 0 &&
	       span_ends(side->piece[side->count - 1].text, SPAN("\n"));
}

static void
add_same(struct view *view, struct span text)
{
	if (stands_alone(&view->old, &view->new) ||
	    stands_alone(&view->new, &view->old))
		flush(view);
	while (text.len > 0) {
		size_t end = span_index(text, '\n');
		struct span line = span_slice(text, 0, end + 1);

		add_piece(&view->old, line, false);
		add_piece(&view->new, line, false);
		if (end < text.len)
			flush(view);
		text = span_slice(text, end + 1, text.len);
	}
}

/* Line by line, so that each gets its sign. */
static void
add_changed(struct side *side, struct span text)
{
	while (text.len > 0) {
		size_t end = span_index(text, '\n');

		add_piece(side, span_slice(text, 0, end + 1), true);
		text = span_slice(text, end + 1, text.len);
	}
}

void
diff_view(struct pager *pager, const struct diff *diff)
{
	struct view view = {.pager = pager};

	for (size_t i = 0; i < diff->count; i++) {
		const struct diff_run *run = &diff->run[i];

		if (run->kind == DIFF_SAME)
			add_same(&view, run->text);
		else
			add_changed(
			    run->kind == DIFF_GONE ? &view.old : &view.new,
			    run->text);
	}
	if (view.old.count > 0 || view.new.count > 0)
		flush(&view);
	if (diff->changes > 0 && view.skipped > 0)
		show_left_out(&view, view.skipped);
	if (diff->changes == 0)
		pager_add_str(pager, ROLE_DIM, _("The texts are the same."));
}
