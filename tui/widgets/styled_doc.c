/* HTML to blocks.  Elements are kept on a stack that forgives: an end tag
 * without its beginning is nothing, a beginning without its end ends with
 * what it stands in.  Tables that only place things are read through; those
 * that hold data become tables.  What is not shown by mail programs (the
 * preheader) is shown here, and said to be hidden. */
#include "tui/widgets/styled_doc.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/mail/html.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/styled.h"

enum element {
	EL_OTHER,
	EL_P,
	EL_DIV,
	EL_H1,
	EL_H2,
	EL_H3,
	EL_UL,
	EL_OL,
	EL_LI,
	EL_QUOTE,
	EL_PRE,
	EL_CODE,
	EL_STRONG,
	EL_EM,
	EL_UNDERLINE,
	EL_A,
	EL_TABLE,
	EL_TR,
	EL_TD,
	EL_TH,
	EL_IMG,
	EL_BR,
	EL_HR,
	EL_VOID, /* has no content and shows nothing */
};

static const struct {
	struct span name;
	enum element element;
} names[] = {
#define N(name, element) {{name, sizeof name - 1}, element}
    N("p", EL_P),
    N("div", EL_DIV),
    N("h1", EL_H1),
    N("h2", EL_H2),
    N("h3", EL_H3),
    N("h4", EL_H3),
    N("h5", EL_H3),
    N("h6", EL_H3),
    N("ul", EL_UL),
    N("ol", EL_OL),
    N("li", EL_LI),
    N("blockquote", EL_QUOTE),
    N("pre", EL_PRE),
    N("code", EL_CODE),
    N("tt", EL_CODE),
    N("strong", EL_STRONG),
    N("b", EL_STRONG),
    N("em", EL_EM),
    N("i", EL_EM),
    N("u", EL_UNDERLINE),
    N("ins", EL_UNDERLINE),
    N("a", EL_A),
    N("table", EL_TABLE),
    N("tr", EL_TR),
    N("td", EL_TD),
    N("th", EL_TH),
    N("img", EL_IMG),
    N("br", EL_BR),
    N("hr", EL_HR),
    N("meta", EL_VOID),
    N("link", EL_VOID),
    N("input", EL_VOID),
    N("wbr", EL_VOID),
    N("col", EL_VOID),
    N("!DOCTYPE", EL_VOID),
#undef N
};

/* An element that is open. */
struct open {
	enum element element;
	struct span name;
	enum role role; /* of text directly before it */
	bool hidden;    /* it hides its content */
	bool data;      /* EL_TABLE: holds data */
	bool button;    /* EL_A */
	bool noted;     /* EL_A: its number is shown behind it */
	size_t number;  /* EL_A: of its target; EL_OL: of the next item;
			 * EL_TD, EL_TH: enum doc_align */
	size_t from;    /* EL_A: where its text begins */
	int mark_width; /* EL_LI */
};

struct reader {
	struct doc *doc;
	struct open open[STYLED_DEPTH_MAX];
	int depth;
	enum role role;
	size_t from; /* of the block or cell that is being filled */
	bool gap;
	char mark[16]; /* of a list item that has no block yet */
	bool in_pre;
	bool in_cell;
	bool in_table;
	int hidden;    /* how many open elements hide */
	bool must_say; /* that what comes is hidden */
	size_t block_room, cell_room, table_room, table_cells;
	int row, col;
	struct buf decoded; /* of one stretch of text */
};

static enum element
element_of(struct span name)
{
	struct html_tag tag = {.name = name};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (html_tag_is(&tag, names[i].name))
			return names[i].element;
	}
	return EL_OTHER;
}

/* ---- Text ---------------------------------------------------------------- */

static void
add_safe(struct reader *reader, const char *text, enum role role)
{
	struct doc *doc = reader->doc;
	size_t len = strlen(text);

	buf_text(&doc->text, text);
	while (len-- > 0)
		buf_char(&doc->roles, (char)role);
}

static bool
ends_blank(const struct reader *reader)
{
	const struct buf *text = &reader->doc->text;

	return text->len == reader->from || text->ptr[text->len - 1] == ' ' ||
	       text->ptr[text->len - 1] == '\n';
}

/* Characters that widen a preheader so that nothing else comes into the list
 * of mails: there is nothing to see in them. */
static bool
is_filler(uint32_t cp)
{
	return cp == 0xa0 || cp == 0xad || cp == 0x34f || cp == 0x2007 ||
	       (cp >= 0x200b && cp <= 0x200d) || cp == 0xfeff;
}

static bool
take_filler(struct span *rest)
{
	struct span peek = *rest;
	uint32_t cp;

	if (utf8_next(&peek, &cp) != UTF8_GOOD || !is_filler(cp))
		return false;
	*rest = peek;
	return true;
}

static void end_block(struct reader *reader);

/* One blank, or nothing where a browser shows nothing. */
static void
add_blank(struct reader *reader)
{
	if (!ends_blank(reader))
		add_safe(reader, " ", reader->role);
}

static void
add_pre_blank(struct reader *reader, char c)
{
	if (c == '\n' && reader->in_cell)
		add_safe(reader, "\n", reader->role);
	else if (c == '\n')
		end_block(reader);
	else
		add_safe(reader, c == '\t' ? "    " : " ", reader->role);
}

static void
say_hidden(struct reader *reader)
{
	reader->must_say = false;
	add_safe(reader, _("(hidden; shown in lists of mails)"), ROLE_WARN);
	add_safe(reader, " ", ROLE_DIM);
}

static void
add_decoded(struct reader *reader, struct span rest)
{
	struct gate_piece piece;
	enum gate_kind kind;

	while (rest.len > 0) {
		char c = rest.ptr[0];

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			rest = span_slice(rest, 1, rest.len);
			if (!reader->in_pre)
				add_blank(reader);
			else if (c != '\r')
				add_pre_blank(reader, c);
			continue;
		}
		if (reader->hidden && take_filler(&rest))
			continue;
		if (reader->must_say)
			say_hidden(reader);
		kind = gate_next(&rest, GATE_RAW, &piece);
		add_safe(reader, piece.text,
		    kind == GATE_TEXT     ? reader->role
		    : kind == GATE_HIDDEN ? ROLE_WARN
					  : ROLE_DIM);
	}
}

static void
add_text(struct reader *reader, struct span text)
{
	buf_clear(&reader->decoded);
	html_decode(text, &reader->decoded);
	add_decoded(reader, buf_span(&reader->decoded));
}

/* ---- Blocks ---------------------------------------------------------------- */

static struct stretch
add_prefix(struct reader *reader, const char *mark)
{
	struct buf *prefix = &reader->doc->prefix;
	struct stretch out = {prefix->len, 0};
	int last = -1;

	for (int i = 0; i < reader->depth; i++) {
		if (reader->open[i].element == EL_LI)
			last = i;
	}
	for (int i = 0; i < reader->depth; i++) {
		const struct open *open = &reader->open[i];

		if (open->element == EL_QUOTE)
			buf_text(prefix, "> ");
		else if (open->element == EL_LI && i == last && *mark)
			buf_text(prefix, mark);
		else if (open->element == EL_LI)
			buf_printf(prefix, "%*s", open->mark_width, "");
	}
	out.to = prefix->len;
	return out;
}

static void
add_block(struct reader *reader, struct doc_block block)
{
	struct doc *doc = reader->doc;

	if (doc->block_count == DOC_BLOCKS_MAX) {
		doc->is_cut = true;
		return;
	}
	if (doc->block_count == reader->block_room) {
		reader->block_room =
		    reader->block_room ? reader->block_room * 2 : 64;
		doc->block = mem_grow(
		    doc->block, reader->block_room * sizeof *doc->block);
	}
	block.gap = reader->gap && doc->block_count > 0;
	block.first = add_prefix(reader, reader->mark);
	block.later = *reader->mark ? add_prefix(reader, "") : block.first;
	doc->block[doc->block_count++] = block;
	reader->gap = false;
	reader->mark[0] = '\0';
}

static void
drop_blanks(struct reader *reader)
{
	struct doc *doc = reader->doc;

	while (doc->text.len > reader->from &&
	       doc->text.ptr[doc->text.len - 1] == ' ') {
		doc->text.len--;
		doc->roles.len--;
	}
}

static enum doc_kind
kind_now(const struct reader *reader)
{
	for (int i = reader->depth - 1; i >= 0; i--) {
		if (reader->open[i].element == EL_H1)
			return DOC_HEAD_1;
		if (reader->open[i].element == EL_H2)
			return DOC_HEAD_2;
	}
	return DOC_TEXT;
}

/* Ends what is being filled; within pre an empty line is a line. */
static void
end_block(struct reader *reader)
{
	struct doc *doc = reader->doc;

	if (reader->in_cell) {
		drop_blanks(reader);
		if (!ends_blank(reader))
			add_safe(reader, "\n", ROLE_TEXT);
		return;
	}
	if (!reader->in_pre)
		drop_blanks(reader);
	if (doc->text.len > reader->from || reader->in_pre)
		add_block(reader, (struct doc_block){.kind = kind_now(reader),
				      .text = {reader->from, doc->text.len}});
	reader->from = doc->text.len;
}

/* A list item without words of its own keeps its sign. */
static void
end_mark(struct reader *reader)
{
	end_block(reader);
	if (*reader->mark && !reader->in_cell)
		add_block(reader,
		    (struct doc_block){.text = {reader->from, reader->from}});
}

static void
end_paragraph(struct reader *reader)
{
	end_block(reader);
	reader->gap = true;
}

/* ---- Tables ------------------------------------------------------------------ */

static void
begin_table(struct reader *reader)
{
	reader->in_table = true;
	reader->table_cells = reader->doc->cell_count;
	reader->row = -1;
	reader->col = 0;
}

static void
end_table(struct reader *reader)
{
	struct doc *doc = reader->doc;
	struct doc_table table = {reader->table_cells, doc->cell_count, 0, 0};

	reader->in_table = false;
	for (size_t i = table.cell_from; i < table.cell_to; i++) {
		if (doc->cell[i].row >= table.rows)
			table.rows = doc->cell[i].row + 1;
		if (doc->cell[i].col >= table.cols)
			table.cols = doc->cell[i].col + 1;
	}
	if (table.rows == 0)
		return;
	if (doc->table_count == reader->table_room) {
		reader->table_room =
		    reader->table_room ? reader->table_room * 2 : 8;
		doc->table = mem_grow(
		    doc->table, reader->table_room * sizeof *doc->table);
	}
	doc->table[doc->table_count] = table;
	reader->gap = true;
	add_block(reader,
	    (struct doc_block){.kind = DOC_TABLE, .table = doc->table_count});
	doc->table_count++;
	reader->gap = true;
}

static void
begin_cell(struct reader *reader)
{
	drop_blanks(reader);
	reader->in_cell = true;
	reader->from = reader->doc->text.len;
	if (reader->row < 0)
		reader->row = 0;
}

static enum doc_align
align_of(struct span value)
{
	if (span_search(value, SPAN("right")) < value.len)
		return DOC_END;
	if (span_search(value, SPAN("center")) < value.len)
		return DOC_CENTER;
	return DOC_START;
}

static void
end_cell(struct reader *reader, const struct open *open)
{
	struct doc *doc = reader->doc;
	struct doc_cell cell = {.row = reader->row,
	    .col = reader->col++,
	    .align = (enum doc_align)open->number,
	    .head = open->element == EL_TH};

	while (doc->text.len > reader->from && ends_blank(reader)) {
		doc->text.len--;
		doc->roles.len--;
	}
	cell.text = (struct stretch){reader->from, doc->text.len};
	reader->in_cell = false;
	reader->from = doc->text.len;
	if (cell.col >= DOC_COLUMNS_MAX || doc->cell_count == DOC_CELLS_MAX) {
		doc->is_cut = true;
		return;
	}
	if (doc->cell_count == reader->cell_room) {
		reader->cell_room =
		    reader->cell_room ? reader->cell_room * 2 : 64;
		doc->cell =
		    mem_grow(doc->cell, reader->cell_room * sizeof *doc->cell);
	}
	doc->cell[doc->cell_count++] = cell;
}

/* ---- Links and images ---------------------------------------------------------- */

/* The number of a target, from 1; 0 when there are too many. */
static size_t
link_number(struct doc *doc, struct span target)
{
	struct span rest = buf_span(&doc->links);

	for (size_t i = 1; rest.len > 0; i++) {
		if (span_equal(span_cut(&rest, '\n'), target))
			return i;
	}
	if (doc->link_count == STYLED_LINKS_MAX) {
		doc->is_cut = true;
		return 0;
	}
	buf_add(&doc->links, target);
	buf_char(&doc->links, '\n');
	return ++doc->link_count;
}

static void
read_target(
    struct reader *reader, const struct html_tag *tag, struct open *open)
{
	struct buf target = BUF_INIT;

	open->noted = html_attribute(tag, "href", &target) && target.len > 0;
	for (size_t i = 0; i < target.len; i++) {
		if (target.ptr[i] == '\n')
			target.ptr[i] = ' ';
	}
	if (open->noted)
		open->number = link_number(reader->doc, buf_span(&target));
	buf_wipe(&target);
}

/* Words like a target need no second one. */
static bool
says_target(const struct reader *reader, const struct open *open)
{
	struct span rest = buf_span(&reader->doc->links), target = SPAN("");
	struct span words = span_slice(
	    buf_span(&reader->doc->text), open->from, reader->doc->text.len);

	for (size_t i = 0; i < open->number; i++)
		target = span_cut(&rest, '\n');
	if (span_starts(target, SPAN("mailto:")))
		target = span_slice(target, 7, target.len);
	return span_equal(words, target);
}

static void
end_link(struct reader *reader, const struct open *open)
{
	char number[24];

	if (open->button) {
		drop_blanks(reader);
		add_safe(reader, " ]", ROLE_BUTTON);
	}
	if (!open->noted || open->number == 0 || says_target(reader, open))
		return;
	drop_blanks(reader);
	snprintf(number, sizeof number, " [%zu]", open->number);
	add_safe(reader, number, ROLE_MD_LINK);
}

static void
add_image(struct reader *reader, const struct html_tag *tag)
{
	struct buf alt = BUF_INIT;
	enum role role = reader->role;
	bool pre = reader->in_pre;

	html_attribute(tag, "alt", &alt);
	reader->role = alt.len ? ROLE_INFO : ROLE_WARN;
	reader->in_pre = false;
	add_safe(reader, "[", reader->role);
	add_decoded(reader, buf_span(&alt));
	if (alt.len == 0)
		add_safe(reader, _("image without words"), reader->role);
	add_safe(reader, "]", reader->role);
	reader->role = role;
	reader->in_pre = pre;
	buf_done(&alt);
}

/* ---- Elements -------------------------------------------------------------------- */

/* Whether the style attribute, blanks aside, holds a declaration. */
static bool
has_style(const struct html_tag *tag, const char *wanted)
{
	struct buf style = BUF_INIT, bare = BUF_INIT;
	bool has;

	html_attribute(tag, "style", &style);
	for (size_t i = 0; i < style.len; i++) {
		char c = style.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != ' ' && c != '\n' && c != '\t')
			buf_char(&bare, c);
	}
	has = span_search(buf_span(&bare), span_of(wanted)) < bare.len;
	buf_done(&style);
	buf_done(&bare);
	return has;
}

static bool
has_value(const struct html_tag *tag, const char *name, const char *wanted)
{
	struct buf value = BUF_INIT;
	bool has =
	    html_attribute(tag, name, &value) &&
	    span_equal_nocase(span_trim(buf_span(&value)), span_of(wanted));

	buf_done(&value);
	return has;
}

/* Which of two roles wins where both apply. */
static int
rank(enum role role)
{
	static const enum role rising[] = {ROLE_TEXT, ROLE_MD_QUOTE,
	    ROLE_MD_EMPH, ROLE_MD_UNDERLINE, ROLE_MD_STRONG, ROLE_MD_HEADING,
	    ROLE_MD_CODE, ROLE_MD_LINK, ROLE_BUTTON, ROLE_DIM};

	for (size_t i = 0; i < sizeof rising / sizeof *rising; i++) {
		if (rising[i] == role)
			return (int)i;
	}
	return 0;
}

static enum role
role_of(const struct open *open)
{
	if (open->hidden)
		return ROLE_DIM;
	switch (open->element) {
	case EL_H1:
	case EL_H2:
	case EL_H3:
		return ROLE_MD_HEADING;
	case EL_QUOTE:
		return ROLE_MD_QUOTE;
	case EL_PRE:
	case EL_CODE:
		return ROLE_MD_CODE;
	case EL_STRONG:
	case EL_TH:
		return ROLE_MD_STRONG;
	case EL_EM:
		return ROLE_MD_EMPH;
	case EL_UNDERLINE:
		return ROLE_MD_UNDERLINE;
	case EL_A:
		return open->button ? ROLE_BUTTON : ROLE_MD_LINK;
	default:
		return ROLE_TEXT;
	}
}

static int
list_depth(const struct reader *reader)
{
	int depth = 0;

	for (int i = 0; i < reader->depth; i++)
		depth += reader->open[i].element == EL_UL ||
			 reader->open[i].element == EL_OL;
	return depth;
}

static void
begin_item(struct reader *reader, struct open *item)
{
	struct open *list = NULL;

	end_block(reader);
	for (int i = reader->depth - 1; i >= 0 && !list; i--) {
		if (reader->open[i].element == EL_OL ||
		    reader->open[i].element == EL_UL)
			list = &reader->open[i];
	}
	if (list && list->element == EL_OL)
		snprintf(reader->mark, sizeof reader->mark, "%zu. ",
		    list->number++ % 100000);
	else
		snprintf(reader->mark, sizeof reader->mark, "- ");
	item->mark_width = (int)strlen(reader->mark);
}

static void
begin_list(struct reader *reader, const struct html_tag *tag, struct open *list)
{
	struct buf start = BUF_INIT;
	int64_t number = 1;

	if (list_depth(reader) == 0)
		end_paragraph(reader);
	else
		end_mark(reader);
	if (html_attribute(tag, "start", &start))
		span_int(buf_span(&start), &number);
	list->number = (size_t)number;
	buf_done(&start);
}

static void
read_table(struct reader *reader, const struct html_tag *tag, struct open *open)
{
	bool places = reader->in_table ||
		      has_value(tag, "role", "presentation") ||
		      has_value(tag, "role", "none");

	end_paragraph(reader);
	open->data = !places;
	if (open->data)
		begin_table(reader);
}

static void
read_cell(struct reader *reader, const struct html_tag *tag, struct open *open)
{
	struct buf value = BUF_INIT;

	if (!reader->in_table || reader->in_cell) {
		end_block(reader);
		open->element = EL_DIV;
		return;
	}
	begin_cell(reader);
	html_attribute(tag, "align", &value);
	open->number = (size_t)align_of(buf_span(&value));
	if (has_style(tag, "text-align:right"))
		open->number = DOC_END;
	else if (has_style(tag, "text-align:center"))
		open->number = DOC_CENTER;
	buf_done(&value);
}

static void
begin_link(struct reader *reader, const struct html_tag *tag, struct open *open)
{
	read_target(reader, tag, open);
	open->button = open->noted && has_style(tag, "display:inline-block");
	if (open->button)
		add_safe(reader, "[ ", ROLE_BUTTON);
	open->from = reader->doc->text.len;
}

/* What the beginning of an element does to what is around it. */
static void
begin(struct reader *reader, const struct html_tag *tag, struct open *open)
{
	switch (open->element) {
	case EL_P:
	case EL_H1:
	case EL_H2:
	case EL_H3:
	case EL_QUOTE:
	case EL_PRE:
		end_paragraph(reader);
		break;
	case EL_DIV:
		end_block(reader);
		break;
	case EL_UL:
	case EL_OL:
		begin_list(reader, tag, open);
		break;
	case EL_LI:
		begin_item(reader, open);
		break;
	case EL_TABLE:
		read_table(reader, tag, open);
		break;
	case EL_TR:
		if (reader->in_table && !reader->in_cell) {
			reader->row++;
			reader->col = 0;
		} else {
			end_block(reader);
		}
		break;
	case EL_TD:
	case EL_TH:
		read_cell(reader, tag, open);
		break;
	case EL_A:
		begin_link(reader, tag, open);
		break;
	default:
		break;
	}
}

/* What its end does. */
static void
end(struct reader *reader, const struct open *open)
{
	switch (open->element) {
	case EL_P:
	case EL_H1:
	case EL_H2:
	case EL_H3:
	case EL_QUOTE:
		end_paragraph(reader);
		break;
	case EL_PRE:
		reader->in_pre = false;
		end_paragraph(reader);
		break;
	case EL_DIV:
		end_block(reader);
		break;
	case EL_LI:
		end_mark(reader);
		break;
	case EL_UL:
	case EL_OL:
		end_block(reader);
		if (list_depth(reader) == 1)
			reader->gap = true;
		break;
	case EL_TABLE:
		if (open->data)
			end_table(reader);
		else
			end_paragraph(reader);
		break;
	case EL_TR:
		if (!reader->in_table)
			end_block(reader);
		break;
	case EL_TD:
	case EL_TH:
		end_cell(reader, open);
		break;
	case EL_A:
		end_link(reader, open);
		break;
	default:
		break;
	}
	if (open->hidden)
		end_paragraph(reader);
}

static void
pop(struct reader *reader)
{
	struct open *open = &reader->open[reader->depth - 1];

	end(reader, open);
	reader->hidden -= open->hidden;
	reader->must_say = reader->must_say && reader->hidden > 0;
	reader->role = open->role;
	reader->depth--;
}

/* Ends the innermost of two elements, and what is open in it, unless fence is
 * nearer. */
static void
pop_near(
    struct reader *reader, enum element a, enum element b, enum element fence)
{
	for (int i = reader->depth - 1; i >= 0; i--) {
		enum element element = reader->open[i].element;

		if (element == fence)
			return;
		if (element != a && element != b)
			continue;
		while (reader->depth > i)
			pop(reader);
		return;
	}
}

/* Ends that people leave out. */
static void
end_unsaid(struct reader *reader, enum element element)
{
	if (element == EL_LI && list_depth(reader) > 0) {
		int i = reader->depth - 1;

		while (i >= 0 && reader->open[i].element != EL_LI &&
		       reader->open[i].element != EL_UL &&
		       reader->open[i].element != EL_OL)
			i--;
		if (i >= 0 && reader->open[i].element == EL_LI)
			pop_near(reader, EL_LI, EL_LI, EL_VOID);
	} else if (element == EL_TD || element == EL_TH) {
		pop_near(reader, EL_TD, EL_TH, EL_TABLE);
	} else if (element == EL_TR) {
		pop_near(reader, EL_TR, EL_TR, EL_TABLE);
	} else if (reader->depth > 0 && element >= EL_P && element <= EL_PRE &&
		   element != EL_LI &&
		   reader->open[reader->depth - 1].element == EL_P) {
		pop(reader);
	}
}

static void
open_element(struct reader *reader, const struct html_tag *tag)
{
	struct open open = {.element = element_of(tag->name),
	    .name = tag->name,
	    .role = reader->role};
	enum role role;

	end_unsaid(reader, open.element);
	open.role = reader->role;
	if (reader->depth == STYLED_DEPTH_MAX) {
		reader->doc->is_cut = true;
		return;
	}
	open.hidden = has_style(tag, "display:none");
	if (open.hidden)
		end_paragraph(reader);
	begin(reader, tag, &open);
	role = role_of(&open);
	if (rank(role) > rank(reader->role))
		reader->role = role;
	reader->open[reader->depth++] = open;
	if (open.element == EL_PRE)
		reader->in_pre = true;
	if (open.hidden && reader->hidden++ == 0)
		reader->must_say = true;
}

static void
close_element(struct reader *reader, struct span name)
{
	for (int i = reader->depth - 1; i >= 0; i--) {
		if (!span_equal_nocase(reader->open[i].name, name))
			continue;
		while (reader->depth > i)
			pop(reader);
		return;
	}
}

static void
read_tag(struct reader *reader, const struct html_tag *tag, struct span *rest)
{
	html_skip_unseen(tag, rest);
	if (tag->name.len == 0)
		return;
	if (tag->closes) {
		close_element(reader, tag->name);
		return;
	}
	switch (element_of(tag->name)) {
	case EL_IMG:
		add_image(reader, tag);
		break;
	case EL_BR:
		if (reader->doc->text.len == reader->from && !reader->in_cell)
			reader->gap = true;
		end_block(reader);
		break;
	case EL_HR:
		end_paragraph(reader);
		if (!reader->in_cell)
			add_block(reader, (struct doc_block){.kind = DOC_RULE});
		reader->gap = true;
		break;
	case EL_VOID:
		break;
	default:
		open_element(reader, tag);
	}
}

void
doc_read(struct doc *doc, struct span html)
{
	struct reader reader = {.doc = doc, .role = ROLE_TEXT};
	struct html_tag tag;

	if (html.len > STYLED_OCTETS_MAX) {
		html = span_slice(html, 0, STYLED_OCTETS_MAX);
		doc->is_cut = true;
	}
	while (html.len > 0) {
		size_t at = span_index(html, '<');

		add_text(&reader, span_slice(html, 0, at));
		if (at == html.len)
			break;
		html = span_slice(html, at + 1, html.len);
		if (html_tag_take(&html, &tag))
			read_tag(&reader, &tag, &html);
		else
			add_text(&reader, SPAN("<"));
	}
	while (reader.depth > 0)
		pop(&reader);
	end_block(&reader);
	buf_wipe(&reader.decoded);
}

void
doc_done(struct doc *doc)
{
	buf_wipe(&doc->text);
	buf_done(&doc->roles);
	buf_done(&doc->prefix);
	buf_wipe(&doc->links);
	free(doc->block);
	free(doc->cell);
	free(doc->table);
	*doc = (struct doc){0};
}
