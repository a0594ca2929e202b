/* What stands within a paragraph, a heading or a cell: text with its marks,
 * emphasis, line ends, links and images. */
#include "core/compose/markdown_walk.h"

#include <stdlib.h>

#include "core/base/utf8.h"

/* ---- Text -------------------------------------------------------------- */

/* The element in which text stands: sections must not reach out of it. */
static cmark_node *
text_parent(cmark_node *node)
{
	return cmark_node_get_type(node) == CMARK_NODE_CODE
		   ? node
		   : cmark_node_parent(node);
}

static bool
is_section(const struct walk *walk, struct span token)
{
	enum merge_kind kind = merge_token_kind(walk->source->set, token, NULL);

	return kind != MERGE_NONE && kind != MERGE_VALUE;
}

/* The last character of a text, which sections do not hide; 0 for a value. */
static uint32_t
last_character(const struct walk *walk, struct span text)
{
	struct span end =
	    span_slice(text, text.len - MERGE_TOKEN_LEN, text.len);
	uint32_t cp = 0;

	while (text.len >= MERGE_TOKEN_LEN && is_section(walk, end)) {
		text.len -= MERGE_TOKEN_LEN;
		end = span_slice(text, text.len - MERGE_TOKEN_LEN, text.len);
	}
	if (text.len >= MERGE_TOKEN_LEN &&
	    merge_token_kind(walk->source->set, end, NULL) != MERGE_NONE)
		return 0;
	utf8_last(&text, &cp);
	return cp;
}

static void
add_clean(struct walk *walk, struct span text)
{
	buf_add(&walk->text, text);
	if (walk->image > 0 || text.len == 0)
		return;
	merge_text_add(
	    walk->html, walk->source->set, text, MERGE_HTML, MERGE_HTML);
	plain_add(walk->plain, text);
	walk->last = last_character(walk, text);
}

static int
add_text(struct walk *walk, cmark_node *node)
{
	struct span text = span_of(cmark_node_get_literal(node));

	if (!walk_is_clean(text))
		return walk_fail(walk, node, "control");
	if (walk_sections(walk, text_parent(node), text) < 0)
		return -1;
	while (text.len > 0) {
		/* "&#10;" is white space and no line end */
		struct span line = span_slice(text, 0, span_index(text, '\n'));

		add_clean(walk, line);
		text = span_slice(text, line.len, text.len);
		if (text.len > 0)
			add_clean(walk, SPAN(" "));
		text = span_slice(text, 1, text.len);
	}
	return 0;
}

static int
add_code(struct walk *walk, cmark_node *node)
{
	if (walk->image == 0) {
		walk_open(walk, "code", MAIL_CODE);
		walk_html(walk, ">");
	}
	if (add_text(walk, node) < 0)
		return -1;
	if (walk->image == 0)
		walk_html(walk, "</code>");
	return 0;
}

/* Scripts without spaces between words; Hangul is wide but has them. */
static bool
joins(uint32_t cp)
{
	bool hangul = (cp >= 0x1100 && cp <= 0x11ff) ||
		      (cp >= 0xac00 && cp <= 0xd7ff) ||
		      (cp >= 0x3130 && cp <= 0x318f);

	return utf8_cp_width(cp) == 2 && !hangul;
}

/* The character that follows a node on the next line, 0 when it is a mark. */
static uint32_t
first_after(struct walk *walk, cmark_node *node)
{
	struct span text;
	uint32_t cp = 0;

	node = cmark_node_next(node);
	while (node && cmark_node_first_child(node))
		node = cmark_node_first_child(node);
	text = span_of(node ? cmark_node_get_literal(node) : NULL);
	while (is_section(walk, text))
		text = span_slice(text, MERGE_TOKEN_LEN, text.len);
	if (merge_find(walk->source->set, text) > 0)
		utf8_next(&text, &cp);
	return cp;
}

/* A line end between two Japanese characters is no space. */
static void
soft_break(struct walk *walk, cmark_node *node)
{
	if (joins(walk->last) && joins(first_after(walk, node)))
		return;
	buf_char(&walk->text, ' ');
	if (walk->image > 0)
		return;
	walk_html(walk, "\n");
	plain_add(walk->plain, SPAN(" "));
}

static void
hard_break(struct walk *walk)
{
	buf_char(&walk->text, ' ');
	if (walk->image > 0)
		return;
	walk_html(walk, "<br>\n");
	plain_add(walk->plain, SPAN("\n"));
	walk->last = 0;
}

/* ---- Links and images -------------------------------------------------- */

static int
fail_url(struct walk *walk, cmark_node *node, enum err_code code)
{
	struct buf shown = BUF_INIT;

	merge_show(
	    walk->source->set, span_of(cmark_node_get_url(node)), &shown);
	err_set(walk->err, code);
	err_fact(walk->err, "url", buf_span(&shown));
	err_fact_int(walk->err, "line", markdown_line(walk->tree, node));
	buf_done(&shown);
	return -1;
}

static bool
starts_nocase(struct span s, const char *prefix)
{
	struct span wanted = span_of(prefix);

	return s.len >= wanted.len &&
	       span_equal_nocase(span_slice(s, 0, wanted.len), wanted);
}

/* The number of a target, from 1; the same target keeps its number unless a
 * mark makes it another one for every place. */
static size_t
note_number(struct walk *walk, struct span url)
{
	for (size_t i = 0; i < walk->note_count; i++) {
		const struct note *note = &walk->note[i];
		if (span_equal(url, span_slice(buf_span(&walk->notes),
					note->from, note->from + note->len)))
			return i + 1;
	}
	walk->note = mem_more(walk->note, walk->note_count, sizeof *walk->note);
	walk->note[walk->note_count++] =
	    (struct note){walk->notes.len, url.len};
	buf_add(&walk->notes, url);
	return walk->note_count;
}

static void
add_title(struct walk *walk, cmark_node *node)
{
	struct span title = span_of(cmark_node_get_title(node));

	if (title.len == 0)
		return;
	walk_html(walk, " title=\"");
	merge_text_add(
	    walk->html, walk->source->set, title, MERGE_ATTR, MERGE_ATTR);
	walk_html(walk, "\"");
}

/* A section in a target or title ends in it. */
static int
check_attribute(struct walk *walk, cmark_node *node, struct span text)
{
	unsigned open = walk->sections;

	if (!walk_is_clean(text))
		return walk_fail(walk, node, "control");
	if (walk_sections(walk, node, text) < 0)
		return -1;
	return walk->sections == open ? 0 : walk_fail(walk, node, "section");
}

static int
enter_link(struct walk *walk, cmark_node *node)
{
	struct merge_set *set = walk->source->set;
	const struct mailtheme *theme = walk->source->theme;
	enum err_code why;

	buf_clear(&walk->url);
	if (markdown_url(
		span_of(cmark_node_get_url(node)), set, &walk->url, &why) < 0)
		return fail_url(walk, node, why);
	if (check_attribute(walk, node, buf_span(&walk->url)) < 0 ||
	    check_attribute(walk, node, span_of(cmark_node_get_title(node))) <
		0)
		return -1;
	if (walk->image > 0)
		return 0;
	buf_clear(&walk->text);
	if (walk->button)
		mailtheme_button_open(theme, walk->html);
	else
		walk_html(walk, "<a href=\"");
	merge_text_add(
	    walk->html, set, buf_span(&walk->url), MERGE_ATTR, MERGE_URL);
	if (walk->button) {
		mailtheme_button_label(theme, walk->html);
		return 0;
	}
	walk_html(walk, "\"");
	add_title(walk, node);
	merge_text_raw(walk->html, mailtheme_attr(theme, MAIL_LINK));
	walk_html(walk, ">");
	return 0;
}

/* Where a link leads, in the plain part: a number, or the address itself where
 * numbers would depend on what a recipient gets to see, and for a button. */
static void
add_target(struct walk *walk)
{
	struct buf number = BUF_INIT;
	struct span url = buf_span(&walk->url);

	if (walk->button || walk->sections > 0) {
		plain_add(walk->plain, walk->button ? SPAN(": <") : SPAN(" <"));
		merge_text_add(&walk->plain->text, walk->source->set, url,
		    MERGE_PLAIN, MERGE_URL);
		plain_add(walk->plain, SPAN(">"));
		walk->last = '>';
		return;
	}
	buf_text(&number, " [");
	buf_int(&number, (int64_t)note_number(walk, url));
	buf_char(&number, ']');
	plain_add(walk->plain, buf_span(&number));
	walk->last = ']';
	buf_done(&number);
}

static void
leave_link(struct walk *walk)
{
	if (walk->image > 0)
		return;
	if (walk->button)
		mailtheme_button_close(walk->source->theme, walk->html);
	else
		walk_html(walk, "</a>");
	if (!span_equal(buf_span(&walk->text), buf_span(&walk->url)))
		add_target(walk);
}

static void
enter_image(struct walk *walk)
{
	if (walk->image++ == 0)
		buf_clear(&walk->text);
}

/* The target of an image: on the web, or one that is sent along. */
static int
image_url(const struct walk *walk, struct span url, struct buf *out,
    enum err_code *why)
{
	const struct markdown_images *images = walk->source->images;
	struct span scheme = SPAN("image:");

	if (starts_nocase(url, "http"))
		return markdown_url(url, walk->source->set, out, why);
	*why = E_URL_SCHEME;
	if (!starts_nocase(url, scheme.ptr))
		return -1;
	url = span_slice(url, scheme.len, url.len);
	for (size_t i = 0; images && i < images->count; i++) {
		if (span_equal(images->image[i].name, url)) {
			buf_add(out, images->image[i].url);
			return 0;
		}
	}
	*why = E_IMAGE_MISSING;
	return -1;
}

static int
leave_image(struct walk *walk, cmark_node *node)
{
	struct buf src = BUF_INIT;
	enum err_code why = E_URL_SCHEME;
	int rc = -1;

	if (--walk->image > 0)
		return 0;
	if (image_url(walk, span_of(cmark_node_get_url(node)), &src, &why) <
	    0) {
		fail_url(walk, node, why);
		goto out;
	}
	if (check_attribute(walk, node, buf_span(&src)) < 0 ||
	    check_attribute(walk, node, span_of(cmark_node_get_title(node))) <
		0)
		goto out;
	walk_html(walk, "<img src=\"");
	merge_text_add(walk->html, walk->source->set, buf_span(&src),
	    MERGE_ATTR, MERGE_URL);
	walk_html(walk, "\" alt=\"");
	merge_text_add(walk->html, walk->source->set, buf_span(&walk->text),
	    MERGE_ATTR, MERGE_ATTR);
	walk_html(walk, "\"");
	add_title(walk, node);
	merge_text_raw(
	    walk->html, mailtheme_attr(walk->source->theme, MAIL_IMAGE));
	walk_html(walk, ">");
	if (walk->text.len > 0) {
		plain_add(walk->plain, SPAN("["));
		plain_add(walk->plain, buf_span(&walk->text));
		plain_add(walk->plain, SPAN("]"));
	}
	walk->last = 0;
	rc = 0;
out:
	buf_done(&src);
	return rc;
}

/* ---- Buttons ----------------------------------------------------------- */

static cmark_node *
only_child(cmark_node *node, cmark_node_type type)
{
	cmark_node *child = cmark_node_first_child(node);

	return child && !cmark_node_next(child) &&
		       cmark_node_get_type(child) == type
		   ? child
		   : NULL;
}

bool
walk_is_button(cmark_node *paragraph)
{
	cmark_node *node = cmark_node_parent(paragraph);

	if (!node || cmark_node_get_type(node) != CMARK_NODE_DOCUMENT)
		return false;
	node = only_child(paragraph, CMARK_NODE_STRONG);
	node = node ? only_child(node, CMARK_NODE_LINK) : NULL;
	if (!node || !cmark_node_first_child(node))
		return false;
	for (node = cmark_node_first_child(node); node;
	    node = cmark_node_next(node)) {
		if (cmark_node_get_type(node) != CMARK_NODE_TEXT &&
		    cmark_node_get_type(node) != CMARK_NODE_SOFTBREAK)
			return false;
	}
	return true;
}

/* ---- The rest ---------------------------------------------------------- */

static void
emphasis(struct walk *walk, cmark_node_type type, cmark_event_type event)
{
	bool strong = type == CMARK_NODE_STRONG;

	if (walk->image > 0 || walk->button)
		return;
	if (event == CMARK_EVENT_EXIT) {
		walk_html(walk, strong ? "</strong>" : "</em>");
		return;
	}
	walk_open(
	    walk, strong ? "strong" : "em", strong ? MAIL_STRONG : MAIL_EM);
	walk_html(walk, ">");
}

int
walk_inline(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	bool enter = event == CMARK_EVENT_ENTER;

	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT:
		return add_text(walk, node);
	case CMARK_NODE_CODE:
		return add_code(walk, node);
	case CMARK_NODE_SOFTBREAK:
		soft_break(walk, node);
		return 0;
	case CMARK_NODE_LINEBREAK:
		hard_break(walk);
		return 0;
	case CMARK_NODE_EMPH:
	case CMARK_NODE_STRONG:
		emphasis(walk, cmark_node_get_type(node), event);
		return 0;
	case CMARK_NODE_LINK:
		if (enter)
			return enter_link(walk, node);
		leave_link(walk);
		return 0;
	case CMARK_NODE_IMAGE:
		if (!enter)
			return leave_image(walk, node);
		enter_image(walk);
		return 0;
	default:
		err_set(walk->err, E_MARKDOWN_HTML);
		return err_fact_int(
		    walk->err, "line", markdown_line(walk->tree, node));
	}
}

void
walk_notes(struct walk *walk)
{
	struct buf number = BUF_INIT;

	for (size_t i = 0; i < walk->note_count; i++) {
		const struct note *note = &walk->note[i];
		buf_clear(&number);
		buf_printf(&number, "[%zu] ", i + 1);
		plain_begin(walk->plain);
		plain_add(walk->plain, buf_span(&number));
		merge_text_add(&walk->plain->text, walk->source->set,
		    span_slice(buf_span(&walk->notes), note->from,
			note->from + note->len),
		    MERGE_PLAIN, MERGE_URL);
		plain_end(walk->plain);
		walk->plain->need_blank = false;
	}
	if (walk->note_count > 0)
		walk->plain->need_blank = true;
	buf_done(&number);
}
