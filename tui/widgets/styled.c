/* HTML mail in the terminal.  The document is read and laid out again when the
 * width or the language changes, into the rows of a pager, which scrolls. */
#include "tui/widgets/styled.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/text/i18n.h"
#include "tui/text/wrap.h"
#include "tui/widgets/pager.h"
#include "tui/widgets/styled_doc.h"

enum {
	COLS_MIN = 10,  /* narrower is laid out as if it were this wide */
	COLUMN_MIN = 6, /* a table with narrower columns is a list */
	COLUMN_GAP = 2,
	FLAT_MAX = 200 /* octets of words that are looked for */
};

struct styled {
	struct buf html;
	struct pager *pager;
	int cols; /* laid out for; 0: not yet */
	int language;
	size_t row;      /* that is being laid out */
	struct buf flat; /* all text without blanks, for styled_show() */
	struct place {
		size_t at, row;
	} *place; /* where blocks begin in flat, and on which row */
	size_t place_count, place_room;
};

struct styled *
styled_new(void)
{
	struct styled *styled = mem_new(sizeof *styled);

	styled->pager = pager_new(PAGER_CUT, GATE_LIST);
	return styled;
}

void
styled_free(struct styled **styled)
{
	if (!*styled)
		return;
	pager_free(&(*styled)->pager);
	buf_wipe(&(*styled)->html);
	buf_wipe(&(*styled)->flat);
	free((*styled)->place);
	free(*styled);
	*styled = NULL;
}

/* ---- Rows -------------------------------------------------------------------- */

static void
end_row(struct styled *styled)
{
	pager_add_str(styled->pager, ROLE_TEXT, "\n");
	styled->row++;
}

static void
add_spaces(struct styled *styled, int count)
{
	while (count-- > 0)
		pager_add_str(styled->pager, ROLE_TEXT, " ");
}

static void
add_repeated(struct styled *styled, const char *sign, int count)
{
	while (count-- > 0)
		pager_add_str(styled->pager, ROLE_RULE, sign);
}

/* Adds a part of the document's text in the roles it has. */
static void
add_part(struct styled *styled, const struct doc *doc, struct span part)
{
	size_t from = (size_t)(part.ptr - doc->text.ptr), end = from + part.len;

	while (from < end) {
		size_t to = from + 1;

		while (to < end && doc->roles.ptr[to] == doc->roles.ptr[from])
			to++;
		pager_add(styled->pager, (enum role)doc->roles.ptr[from],
		    span_slice(buf_span(&doc->text), from, to));
		from = to;
	}
}

static struct span
without_blanks(struct span row)
{
	while (row.len > 0 && row.ptr[row.len - 1] == ' ')
		row.len--;
	return row;
}

static struct span
of_buf(const struct buf *buf, struct stretch stretch)
{
	return span_slice(buf_span(buf), stretch.from, stretch.to);
}

static void
add_prefix(struct styled *styled, const struct doc *doc, struct stretch prefix)
{
	struct span text = of_buf(&doc->prefix, prefix);

	for (size_t i = 0; i < text.len; i++)
		pager_add(styled->pager,
		    text.ptr[i] == '>' ? ROLE_MD_QUOTE : ROLE_TEXT,
		    span_slice(text, i, i + 1));
}

static void
add_flat(struct styled *styled, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != ' ' && text.ptr[i] != '\n')
			buf_char(&styled->flat, text.ptr[i]);
	}
}

/* Where a block begins, for who looks for its words. */
static void
add_place(struct styled *styled, struct span text)
{
	if (styled->place_count == styled->place_room) {
		styled->place_room =
		    styled->place_room ? styled->place_room * 2 : 64;
		styled->place = mem_grow(
		    styled->place, styled->place_room * sizeof *styled->place);
	}
	styled->place[styled->place_count++] =
	    (struct place){styled->flat.len, styled->row};
	add_flat(styled, text);
}

/* ---- Text ---------------------------------------------------------------------- */

static int
prefix_cells(const struct doc_block *block)
{
	return (int)(block->first.to - block->first.from);
}

static void
add_text(
    struct styled *styled, const struct doc *doc, const struct doc_block *block)
{
	struct span rest = of_buf(&doc->text, block->text);
	struct stretch prefix = block->first;
	int room = styled->cols - prefix_cells(block), widest = 0;

	add_place(styled, rest);
	do {
		struct span row =
		    without_blanks(wrap_next(&rest, room > 1 ? room : 1));
		int cells = utf8_width(row);

		add_prefix(styled, doc, prefix);
		add_part(styled, doc, row);
		end_row(styled);
		widest = cells > widest ? cells : widest;
		prefix = block->later;
	} while (rest.len > 0);
	if (block->kind == DOC_TEXT)
		return;
	add_prefix(styled, doc, prefix);
	add_repeated(styled, block->kind == DOC_HEAD_1 ? "=" : "-", widest);
	end_row(styled);
}

/* ---- Tables ---------------------------------------------------------------------- */

struct columns {
	int width[DOC_COLUMNS_MAX];
	int count;
};

/* Cells of the widest line of a text. */
static int
widest_line(struct span text)
{
	int widest = 0;

	while (text.len > 0) {
		int cells = utf8_width(span_cut(&text, '\n'));

		widest = cells > widest ? cells : widest;
	}
	return widest;
}

static int
total(const struct columns *columns)
{
	int sum = COLUMN_GAP * (columns->count - 1);

	for (int i = 0; i < columns->count; i++)
		sum += columns->width[i];
	return sum;
}

/* Gives each column what it needs, taking from the widest until all fit;
 * false when they cannot. */
static bool
measure(const struct doc *doc, const struct doc_table *table, int room,
    struct columns *columns)
{
	*columns = (struct columns){.count = table->cols};
	for (size_t i = table->cell_from; i < table->cell_to; i++) {
		const struct doc_cell *cell = &doc->cell[i];
		int cells = widest_line(of_buf(&doc->text, cell->text));

		if (cells > room)
			cells = room;
		if (cells > columns->width[cell->col])
			columns->width[cell->col] = cells;
	}
	while (total(columns) > room) {
		int widest = 0;

		for (int i = 1; i < columns->count; i++) {
			if (columns->width[i] > columns->width[widest])
				widest = i;
		}
		if (columns->width[widest] <= COLUMN_MIN)
			return false;
		columns->width[widest]--;
	}
	return true;
}

/* Takes the next row of a cell's text. */
static struct span
next_line(struct span *rest, int width)
{
	struct span line = *rest, all;
	size_t end = span_index(line, '\n');
	struct span row;

	line = span_slice(line, 0, end);
	all = line;
	row = wrap_next(&line, width > 0 ? width : 1);
	*rest = span_slice(*rest, all.len - line.len, rest->len);
	if (line.len == 0 && rest->len > 0)
		*rest = span_slice(*rest, 1, rest->len);
	return without_blanks(row);
}

static void
add_cell_row(struct styled *styled, const struct doc *doc,
    const struct doc_cell *cell, struct span row, int width)
{
	int blank = width - utf8_width(row), before = 0;

	if (blank < 0)
		blank = 0;
	if (cell->align == DOC_END)
		before = blank;
	else if (cell->align == DOC_CENTER)
		before = blank / 2;
	add_spaces(styled, before);
	add_part(styled, doc, row);
	add_spaces(styled, blank - before);
}

/* One row of the table: as many rows as its longest cell has. */
static void
add_table_row(struct styled *styled, const struct doc *doc,
    const struct doc_block *block, const struct doc_cell *cell, size_t count,
    const struct columns *columns)
{
	struct span rest[DOC_COLUMNS_MAX];
	bool more = true;

	for (size_t i = 0; i < count; i++) {
		rest[i] = of_buf(&doc->text, cell[i].text);
		add_place(styled, rest[i]);
	}
	while (more) {
		more = false;
		add_prefix(styled, doc, block->later);
		for (size_t i = 0; i < count; i++) {
			int width = columns->width[cell[i].col];

			if (i > 0)
				add_spaces(styled, COLUMN_GAP);
			add_cell_row(styled, doc, &cell[i],
			    next_line(&rest[i], width), width);
			more = more || rest[i].len > 0;
		}
		end_row(styled);
	}
	if (!cell[0].head || count == 0)
		return;
	add_prefix(styled, doc, block->later);
	for (int i = 0; i < columns->count; i++) {
		if (i > 0)
			add_spaces(styled, COLUMN_GAP);
		add_repeated(styled, "-", columns->width[i]);
	}
	end_row(styled);
}

/* A cell of a table that is too wide: on rows of its own. */
static void
add_cell_alone(struct styled *styled, const struct doc *doc,
    const struct doc_block *block, const struct doc_cell *cell)
{
	struct span rest = of_buf(&doc->text, cell->text);
	int room = styled->cols - prefix_cells(block);

	add_place(styled, rest);
	while (rest.len > 0) {
		add_prefix(styled, doc, block->later);
		add_part(styled, doc, next_line(&rest, room));
		end_row(styled);
	}
}

static void
add_table(
    struct styled *styled, const struct doc *doc, const struct doc_block *block)
{
	const struct doc_table *table = &doc->table[block->table];
	struct columns columns;
	bool fits =
	    measure(doc, table, styled->cols - prefix_cells(block), &columns);
	size_t from = table->cell_from, to;

	for (; from < table->cell_to; from = to) {
		const struct doc_cell *cell = &doc->cell[from];

		for (to = from;
		    to < table->cell_to && doc->cell[to].row == cell->row;)
			to++;
		if (fits) {
			add_table_row(
			    styled, doc, block, cell, to - from, &columns);
			continue;
		}
		if (from > table->cell_from)
			end_row(styled);
		for (size_t i = from; i < to; i++)
			add_cell_alone(styled, doc, block, &doc->cell[i]);
	}
}

/* ---- The whole -------------------------------------------------------------------- */

static void
add_links(struct styled *styled, const struct doc *doc)
{
	struct span rest = buf_span(&doc->links);
	struct buf line = BUF_INIT, safe = BUF_INIT;
	struct span left;

	if (rest.len > 0)
		end_row(styled);
	for (size_t i = 1; rest.len > 0; i++) {
		buf_clear(&line);
		buf_clear(&safe);
		buf_printf(&line, "[%zu] ", i);
		buf_add(&line, span_cut(&rest, '\n'));
		ui_text(&safe, buf_span(&line));
		left = buf_span(&safe);
		do {
			pager_add(styled->pager, ROLE_MD_LINK,
			    wrap_next(&left, styled->cols));
			end_row(styled);
		} while (left.len > 0);
	}
	buf_wipe(&line);
	buf_wipe(&safe);
}

static void
lay_out(struct styled *styled)
{
	struct doc doc = {0};

	pager_clear(styled->pager);
	buf_clear(&styled->flat);
	styled->place_count = 0;
	styled->row = 0;
	styled->language = i18n_is_japanese();
	doc_read(&doc, buf_span(&styled->html));
	for (size_t i = 0; i < doc.block_count; i++) {
		const struct doc_block *block = &doc.block[i];

		if (block->gap)
			end_row(styled);
		if (block->kind == DOC_TABLE) {
			add_table(styled, &doc, block);
		} else if (block->kind == DOC_RULE) {
			add_repeated(styled, "-", styled->cols);
			end_row(styled);
		} else {
			add_text(styled, &doc, block);
		}
	}
	add_links(styled, &doc);
	if (doc.is_cut)
		pager_add_str(styled->pager, ROLE_WARN,
		    _("(too much to show; the rest is left out)"));
	doc_done(&doc);
}

static void
set(struct styled *styled, struct span html)
{
	buf_clear(&styled->html);
	buf_add(&styled->html, html);
	styled->cols = 0;
}

void
styled_set(struct styled *styled, struct span html)
{
	set(styled, html);
	pager_clear(styled->pager);
}

void
styled_replace(struct styled *styled, struct span html)
{
	int cols = styled->cols;

	set(styled, html);
	if (cols == 0)
		return;
	size_t top = pager_top(styled->pager);
	styled->cols = cols;
	lay_out(styled);
	pager_set_top(styled->pager, top);
}

/* The octets of words that are looked for: without blanks, not too many. */
static struct span
flat_words(struct span words, char out[FLAT_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < words.len && len < FLAT_MAX; i++) {
		if (words.ptr[i] != ' ' && words.ptr[i] != '\n')
			out[len++] = words.ptr[i];
	}
	return span_make(out, len);
}

bool
styled_show(struct styled *styled, struct span words)
{
	char room[FLAT_MAX];
	struct span wanted = flat_words(words, room);
	struct span flat = buf_span(&styled->flat);
	size_t at = span_search(flat, wanted), row = 0;

	if (wanted.len == 0 || at == flat.len)
		return false;
	for (size_t i = 0; i < styled->place_count; i++) {
		if (styled->place[i].at <= at)
			row = styled->place[i].row;
	}
	pager_show(styled->pager, row);
	return true;
}

enum used
styled_key(struct styled *styled, const struct key *key)
{
	return pager_key(styled->pager, key);
}

void
styled_draw(struct styled *styled, struct area a, enum focus focus)
{
	int cols = a.cols > COLS_MIN ? a.cols : COLS_MIN;

	if (styled->cols != cols || styled->language != i18n_is_japanese()) {
		size_t top = pager_top(styled->pager);

		styled->cols = cols;
		lay_out(styled);
		pager_set_top(styled->pager, top);
	}
	pager_draw(styled->pager, a, focus);
}

bool
styled_was_read(const struct styled *styled)
{
	return pager_was_read(styled->pager);
}

void
styled_position(const struct styled *styled, struct buf *out)
{
	pager_position(styled->pager, out);
}
