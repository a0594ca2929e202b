/* The mail beside its text: what the last compiling made for one recipient.
 * While there is a fault the last mail stays, said to be old.  The place shown
 * follows the cursor by its words. */
#include <stdlib.h>

#include "core/base/words.h"
#include "tui/screens/text.h"
#include "tui/text/errors.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"

enum { PANE_COLS_MIN = 110, WORDS_OCTETS = 60, FAULT_ROWS = 4 };

void
pane_free(struct text_pane *pane)
{
	styled_free(&pane->styled);
	buf_wipe(&pane->address);
	buf_wipe(&pane->shown);
}

bool
pane_fits(const struct text *self)
{
	return self->cols >= PANE_COLS_MIN;
}

bool
pane_is_shown(const struct text *self)
{
	return pane_fits(self) && !self->pane.off && self->campaign.list;
}

void
pane_take(struct text *self, struct text_task *task)
{
	struct text_pane *pane = &self->pane;

	pane->fault = task->fault;
	pane->is_old = task->fault.code != E_NONE;
	if (task->total > 0) {
		pane->key = task->key;
		pane->position = task->position;
		pane->total = task->total;
		buf_clear(&pane->address);
		buf_add(&pane->address, buf_span(&task->address));
	}
	if (task->html.len == 0)
		return;
	if (!pane->styled)
		pane->styled = styled_new();
	styled_replace(pane->styled, buf_span(&task->html));
	buf_clear(&pane->shown);
}

/* The longest stretch of a line that a reader of the mail sees as it is
 * written: no markup, no marks. */
static struct span
plain_words(struct span line)
{
	static const char signs[] = "*_`[](){}<>|\\#!~&";
	struct span best = {line.ptr, 0};
	size_t from = 0;

	for (size_t i = 0; i <= line.len; i++) {
		if (i < line.len && !strchr(signs, line.ptr[i]))
			continue;
		if (i - from > best.len &&
		    !span_starts(span_slice(line, from, i), SPAN("http")))
			best = span_slice(line, from, i);
		from = i + 1;
	}
	best = span_trim(best);
	while (best.len > 0 && (best.ptr[0] == '-' || best.ptr[0] == '+'))
		best = span_trim(span_slice(best, 1, best.len));
	return best;
}

static struct span
cut_words(struct span words)
{
	struct span rest = words;

	while (rest.len > 0 && words.len - rest.len < WORDS_OCTETS)
		grapheme_next(&rest);
	return span_slice(words, 0, words.len - rest.len);
}

/* Scrolls to the cursor's line, or the nearest one above that says
 * something. */
static void
follow(struct text *self)
{
	struct span text = editor_span(self->editor), words = {NULL, 0};
	size_t end = editor_at(self->editor);

	end += span_index(span_slice(text, end, text.len), '\n');
	for (int lines = 0; words.len == 0 && lines < 20; lines++) {
		const char *start =
		    end > 0 ? memrchr(text.ptr, '\n', end) : NULL;
		size_t from = start ? (size_t)(start - text.ptr) + 1 : 0;

		words = cut_words(plain_words(span_slice(text, from, end)));
		if (from == 0)
			break;
		end = from - 1;
	}
	if (words.len == 0 || span_equal(words, buf_span(&self->pane.shown)))
		return;
	buf_clear(&self->pane.shown);
	buf_add(&self->pane.shown, words);
	styled_show(self->pane.styled, words);
}

static int
draw_fault(struct text *self, struct area a)
{
	struct buf text = BUF_INIT;
	int row;

	if (self->pane.fault.code == E_NONE)
		return 0;
	buf_text(&text, "X ");
	err_text(&self->pane.fault, &text);
	row = draw_wrapped(
	    area_rows(a, 0, FAULT_ROWS), 0, 0, ROLE_ERR, buf_span(&text));
	if (self->pane.styled && row < a.rows)
		draw_fit(a, row++, 0, a.cols, ROLE_WARN, FIT_END,
		    span_of(_("! Below: the mail before that.")));
	buf_done(&text);
	return row;
}

void
pane_draw(struct text *self, struct area a)
{
	struct text_pane *pane = &self->pane;
	struct buf line = BUF_INIT;
	int row;

	for (row = 0; row < a.rows; row++)
		draw_str(a, row, 0, ROLE_RULE, "|");
	a = area_cols(a, 2, -1);
	if (pane->total > 0) {
		buf_printf(&line, _("%lld of %lld  "),
		    (long long)pane->position, (long long)pane->total);
		ui_cut_address(&line, buf_span(&pane->address), a.cols - 34);
	} else if (pane->fault.code == E_NONE) {
		buf_text(&line, pane->asked ? _("Nobody is on the list.")
					    : _("Making the mail.."));
	}
	draw_fit(a, 0, 0, a.cols, ROLE_BAR, FIT_END, buf_span(&line));
	if (pane->total > 0)
		draw_end(a, 0, 1, ROLE_BAR_ALERT, span_of(_("REAL DATA")));
	buf_done(&line);
	a = area_rows(a, 1, -1);
	row = draw_fault(self, a);
	a = area_rows(a, row, -1);
	if (!pane->styled)
		return;
	follow(self);
	styled_draw(pane->styled, a, FOCUS_OFF);
	if (pane->is_old)
		draw_swap(a, ROLE_TEXT, ROLE_DIM);
}
