/* Walks the tree of a text and writes both parts in one pass, so that they
 * cannot say different things; this file has the blocks.  We do not use
 * libcmark's HTML renderer: mail programs ignore style sheets, so every element
 * carries its own style, and the marks need their context.  Raw HTML is an
 * error with its line, not silently dropped: a mail with a hole in it is an
 * accident too. */
#include "core/compose/markdown_walk.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/utf8.h"

/* ---- Common to all elements -------------------------------------------- */

int
walk_fail(struct walk *walk, cmark_node *node, const char *why)
{
	err_set(walk->err, E_MARKDOWN);
	err_fact(walk->err, "why", span_of(why));
	return err_fact_int(walk->err, "line", markdown_line(walk->tree, node));
}

void
walk_html(struct walk *walk, const char *text)
{
	merge_text_raw(walk->html, span_of(text));
}

void
walk_open(struct walk *walk, const char *name, enum mail_element element)
{
	walk_html(walk, "<");
	walk_html(walk, name);
	merge_text_raw(
	    walk->html, mailtheme_attr(walk->source->theme, element));
}

static void
open_block(struct walk *walk, const char *name, enum mail_element element)
{
	walk_open(walk, name, element);
	walk_html(walk, ">");
}

bool
walk_is_clean(struct span text)
{
	uint32_t cp;

	while (utf8_next(&text, &cp) == UTF8_GOOD) {
		if ((cp < 0x20 && cp != '\t' && cp != '\n') ||
		    (cp >= 0x7f && cp < 0xa0))
			return false;
	}
	return text.len == 0;
}

static bool
closes_last(const struct walk *walk, cmark_node *in, unsigned mark)
{
	const struct open_section *open =
	    walk->sections > 0 ? &walk->section[walk->sections - 1] : NULL;

	return open && open->in == in && open->mark == mark;
}

int
walk_sections(struct walk *walk, cmark_node *in, struct span text)
{
	const struct merge_set *set = walk->source->set;
	unsigned mark;

	while (text.len > 0) {
		enum merge_kind kind;

		text = span_slice(text, merge_find(set, text), text.len);
		kind = merge_token_kind(set, text, &mark);
		text = span_slice(text, MERGE_TOKEN_LEN, text.len);
		if (kind == MERGE_SECTION || kind == MERGE_INVERTED) {
			if (walk->sections == MERGE_DEPTH_MAX)
				return walk_fail(walk, in, "section");
			walk->section[walk->sections++] =
			    (struct open_section){mark, in};
		} else if (kind == MERGE_CLOSE) {
			if (!closes_last(walk, in, set->mark[mark].partner))
				return merge_fail(set, mark, E_MARKDOWN,
				    "section", walk->err);
			walk->sections--;
		}
	}
	return 0;
}

/* Lets a section open or close at this place of both parts. */
static void
walk_token(struct walk *walk, struct span token)
{
	merge_text_add(
	    walk->html, walk->source->set, token, MERGE_HTML, MERGE_HTML);
	plain_add(walk->plain, token);
}

/* A mark between blocks, items or rows. */
static int
block_mark(struct walk *walk, cmark_node *node)
{
	cmark_node *parent = cmark_node_parent(node);
	bool in_list = cmark_node_get_type(parent) == CMARK_NODE_LIST;

	if (walk_sections(walk, parent, block_of(node)->token) < 0)
		return -1;
	if (block_kind(parent) != BLOCK_TABLE) {
		plain_settle_prefix(walk->plain);
		walk->plain->need_blank =
		    !in_list || !cmark_node_get_list_tight(parent);
	}
	walk_token(walk, block_of(node)->token);
	return 0;
}

/* ---- Paragraphs, headings, rules --------------------------------------- */

static bool
in_tight_list(cmark_node *paragraph)
{
	cmark_node *item = cmark_node_parent(paragraph);

	return item && cmark_node_get_type(item) == CMARK_NODE_ITEM &&
	       cmark_node_get_list_tight(cmark_node_parent(item));
}

static void
paragraph(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	if (event == CMARK_EVENT_ENTER) {
		walk->button = walk->source->syntax == MARKDOWN_MAIL &&
			       walk_is_button(node);
		if (!in_tight_list(node) && !walk->button)
			open_block(walk, "p", MAIL_P);
		plain_begin(walk->plain);
		walk->last = 0;
		return;
	}
	if (!walk->button)
		walk_html(walk, in_tight_list(node) ? "\n" : "</p>\n");
	walk->button = false;
	plain_end(walk->plain);
}

static void
heading(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	int level = cmark_node_get_heading_level(node);
	char tag[16];

	if (event == CMARK_EVENT_ENTER) {
		snprintf(tag, sizeof tag, "h%d", level);
		open_block(walk, tag, (enum mail_element)(MAIL_H1 + level - 1));
		plain_begin(walk->plain);
		walk->last = 0;
		return;
	}
	snprintf(tag, sizeof tag, "</h%d>\n", level);
	walk_html(walk, tag);
	plain_end(walk->plain);
	plain_underline(walk->plain, level == 1 ? '=' : '-');
}

static void
rule(struct walk *walk)
{
	open_block(walk, "hr", MAIL_HR);
	walk_html(walk, "\n");
	plain_gap(walk->plain);
	plain_verbatim_line(
	    walk->plain, SPAN("----------------------------------------"), "");
	walk->plain->need_blank = true;
}

/* ---- Lists and quotations ---------------------------------------------- */

static bool
is_ordered(cmark_node *list)
{
	return cmark_node_get_list_type(list) == CMARK_ORDERED_LIST;
}

/* Counts the items: how wide the numbers get, and whether they are known. */
static void
count_items(struct walk *walk, cmark_node *list)
{
	struct block *block = block_need(walk->tree, list);
	int last = block->number = cmark_node_get_list_start(list);

	for (cmark_node *item = cmark_node_first_child(list); item;
	    item = cmark_node_next(item)) {
		if (block_kind(item) == BLOCK_MARK)
			block->counts = true;
		else if (cmark_node_next(item))
			last++;
	}
	for (block->digits = 1; last > 9; last /= 10)
		block->digits++;
	if (block->counts)
		plain_counter(
		    walk->plain, (char)('a' + walk->lists), block->number);
}

/* True for a list that begins with a section: none of its items may be
 * shown. */
static bool
may_be_empty(cmark_node *list)
{
	return block_kind(cmark_node_first_child(list)) == BLOCK_MARK;
}

static void
enter_list(struct walk *walk, cmark_node *node)
{
	cmark_node *item = cmark_node_parent(node);
	int start = cmark_node_get_list_start(node);
	bool ordered = is_ordered(node);
	char tag[32] = "ul";
	size_t before;

	if (ordered)
		snprintf(tag, sizeof tag, start != 1 ? "ol start=\"%d\"" : "ol",
		    start);
	before = walk->html->literal.len;
	open_block(walk, tag, ordered ? MAIL_OL : MAIL_UL);
	walk_html(walk, "\n");
	if (may_be_empty(node))
		merge_text_open_shell(
		    walk->html, walk->html->literal.len - before);
	if (item && cmark_node_get_type(item) == CMARK_NODE_ITEM &&
	    cmark_node_get_list_tight(cmark_node_parent(item)))
		walk->plain->need_blank = false;
	plain_gap(walk->plain);
	if (ordered) {
		count_items(walk, node);
		walk->lists++;
	}
}

static void
leave_list(struct walk *walk, cmark_node *node)
{
	const char *end = is_ordered(node) ? "</ol>\n" : "</ul>\n";

	if (may_be_empty(node))
		merge_text_close_shell(walk->html, strlen(end));
	walk_html(walk, end);
	walk->lists -= is_ordered(node);
	walk->plain->need_blank = true;
}

static int
enter_item(struct walk *walk, cmark_node *node)
{
	cmark_node *list = cmark_node_parent(node);
	struct block *block = block_of(list);
	char first[32] = " - ", rest[32];
	int width = 3;

	if (is_ordered(list)) {
		width = block->digits + 3;
		snprintf(first, sizeof first, " %*d. ", block->digits,
		    block->number++);
		if (block->counts) {
			width = 2 + 3;
			snprintf(first, sizeof first, " " PLAIN_ITEM "%c. ",
			    (char)('a' + walk->lists - 1));
		}
	}
	snprintf(rest, sizeof rest, "%*s", width, "");
	if (cmark_node_get_list_tight(list))
		walk->plain->need_blank = false;
	open_block(walk, "li", MAIL_LI);
	if (plain_push(walk->plain, first, rest) < 0)
		return walk_fail(walk, node, "depth");
	return 0;
}

static int
quote(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	if (event == CMARK_EVENT_EXIT) {
		walk_html(walk, "</blockquote>\n");
		plain_pop(walk->plain);
		walk->plain->need_blank = true;
		return 0;
	}
	open_block(walk, "blockquote", MAIL_QUOTE);
	walk_html(walk, "\n");
	if (plain_push(walk->plain, "> ", "> ") < 0)
		return walk_fail(walk, node, "depth");
	return 0;
}

/* ---- Code -------------------------------------------------------------- */

static int
code_mark(struct walk *walk, cmark_node *node, struct span token)
{
	if (walk_sections(walk, node, token) < 0)
		return -1;
	walk_token(walk, token);
	return 0;
}

/* The lines, with the marks that stand between them. */
static int
code_lines(struct walk *walk, cmark_node *node, struct span text)
{
	const struct block *block = block_of(node);
	const struct code_mark *mark = block ? block->code_mark : NULL;

	for (size_t line = 0; text.len > 0 || mark; line++) {
		for (; mark && (mark->line <= line || text.len == 0);
		    mark = mark->next) {
			if (code_mark(walk, node, mark->token) < 0)
				return -1;
		}
		if (text.len == 0)
			break;
		struct span one = span_cut(&text, '\n');
		if (walk_sections(walk, node, one) < 0)
			return -1;
		merge_text_add(
		    walk->html, walk->source->set, one, MERGE_HTML, MERGE_HTML);
		walk_html(walk, "\n");
		plain_verbatim_line(walk->plain, one, "    ");
	}
	return 0;
}

static int
code_block(struct walk *walk, cmark_node *node)
{
	struct span text = span_of(cmark_node_get_literal(node));

	if (!walk_is_clean(text))
		return walk_fail(walk, node, "control");
	open_block(walk, "pre", MAIL_PRE);
	open_block(walk, "code", MAIL_PRE_CODE);
	plain_gap(walk->plain);
	if (code_lines(walk, node, text) < 0)
		return -1;
	walk_html(walk, "</code></pre>\n");
	walk->plain->need_blank = true;
	return 0;
}

/* ---- Tables ------------------------------------------------------------ */

static void
enter_table(struct walk *walk, cmark_node *node)
{
	const struct block *table = block_of(node);
	char align[TABLE_COLUMNS_MAX + 1] = {0};

	for (unsigned i = 0; i < table->columns; i++)
		align[i] = table->align[i] == ALIGN_END      ? 'r'
			   : table->align[i] == ALIGN_CENTER ? 'c'
							     : 'l';
	walk->fits = table_fit(walk->source->set, node, walk->whole);
	open_block(walk, "table", walk->fits ? MAIL_TABLE_WHOLE : MAIL_TABLE);
	walk_html(walk, "\n");
	plain_table_begin(walk->plain, align);
}

/* True for heads of which none says anything: people who want a table without
 * heads have no other way to write it. */
static bool
is_silent(cmark_node *row)
{
	for (cmark_node *cell = cmark_node_first_child(row); cell;
	    cell = cmark_node_next(cell)) {
		if (cmark_node_first_child(cell))
			return false;
	}
	return true;
}

static void
row(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	bool header = block_of(node)->is_header;
	bool silent = header && is_silent(node);

	if (event == CMARK_EVENT_ENTER) {
		if (!silent)
			walk_html(walk, header ? "<thead><tr>\n" : "<tr>\n");
		return;
	}
	if (!silent)
		walk_html(walk, header ? "</tr></thead>\n" : "</tr>\n");
	if (header)
		walk_html(walk, "<tbody>\n");
	plain_row_end(walk->plain);
}

static void
cell(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	bool header = block_of(cmark_node_parent(node))->is_header;
	bool silent = header && is_silent(cmark_node_parent(node));
	bool breaks = walk->fits && !silent &&
		      cell_may_break(walk->source->set, node, walk->whole);
	enum mail_element element = header ? MAIL_TH : MAIL_TD;

	if (event == CMARK_EVENT_EXIT) {
		if (breaks)
			walk_html(walk, "</span>");
		if (!silent)
			walk_html(walk, header ? "</th>\n" : "</td>\n");
		plain_cell_end(walk->plain);
		return;
	}
	if (silent)
		return;
	if (*block_of(node)->align == ALIGN_CENTER)
		element = header ? MAIL_TH_CENTER : MAIL_TD_CENTER;
	if (*block_of(node)->align == ALIGN_END)
		element = header ? MAIL_TH_END : MAIL_TD_END;
	open_block(walk, header ? "th scope=\"col\"" : "td", element);
	if (breaks)
		open_block(walk, "span", MAIL_BREAK);
	walk->last = 0;
}

/* ---- The walk ---------------------------------------------------------- */

static int
visit_ours(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	switch (block_kind(node)) {
	case BLOCK_MARK:
		return event == CMARK_EVENT_ENTER ? block_mark(walk, node) : 0;
	case BLOCK_TABLE:
		if (event == CMARK_EVENT_ENTER) {
			enter_table(walk, node);
			return 0;
		}
		walk_html(walk, "</tbody></table>\n");
		plain_table_end(walk->plain);
		return 0;
	case BLOCK_ROW:
		row(walk, node, event);
		return 0;
	case BLOCK_CELL:
		cell(walk, node, event);
		return 0;
	case BLOCK_PLAIN:
		break;
	}
	return 0;
}

static int
visit(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	bool enter = event == CMARK_EVENT_ENTER;

	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_DOCUMENT:
		return 0;
	case CMARK_NODE_PARAGRAPH:
		paragraph(walk, node, event);
		return 0;
	case CMARK_NODE_HEADING:
		heading(walk, node, event);
		return 0;
	case CMARK_NODE_LIST:
		(enter ? enter_list : leave_list)(walk, node);
		return 0;
	case CMARK_NODE_ITEM:
		if (block_kind(node) == BLOCK_MARK)
			return visit_ours(walk, node, event);
		if (enter)
			return enter_item(walk, node);
		walk_html(walk, "</li>\n");
		plain_pop(walk->plain);
		return 0;
	case CMARK_NODE_BLOCK_QUOTE:
		return quote(walk, node, event);
	case CMARK_NODE_CODE_BLOCK:
		return code_block(walk, node);
	case CMARK_NODE_THEMATIC_BREAK:
		rule(walk);
		return 0;
	case CMARK_NODE_CUSTOM_BLOCK:
		return visit_ours(walk, node, event);
	default:
		return walk_inline(walk, node, event);
	}
}

/* A link that is defined within a section and used outside of it takes its marks
 * along. */
static int
check_torn(struct walk *walk)
{
	unsigned torn = merge_text_torn(walk->html);

	if (torn == MERGE_NO_MARK)
		torn = merge_text_torn(&walk->plain->text);
	if (torn == MERGE_NO_MARK)
		return 0;
	return merge_fail(
	    walk->source->set, torn, E_MARKDOWN, "section", walk->err);
}

int
markdown_render(const struct markdown *source, struct merge_text *html,
    struct plain *plain, struct err *err)
{
	struct markdown_tree tree = {0};
	struct walk walk = {.source = source,
	    .tree = &tree,
	    .html = html,
	    .plain = plain,
	    .err = err};
	cmark_iter *iter = NULL;
	cmark_event_type event;
	int rc = -1;

	if (markdown_parse(
		source->tokens, source->set, source->syntax, &tree, err) < 0)
		goto out;
	iter = cmark_iter_new(tree.document);
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		if (visit(&walk, cmark_iter_get_node(iter), event) < 0)
			goto out;
	}
	walk_notes(&walk);
	rc = check_torn(&walk);
out:
	if (iter)
		cmark_iter_free(iter);
	markdown_tree_done(&tree);
	buf_done(&walk.notes);
	buf_done(&walk.url);
	buf_done(&walk.text);
	free(walk.note);
	return rc;
}
