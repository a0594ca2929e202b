/* Walks libcmark's tree and writes both parts in one pass, so that they cannot
 * say different things.  We do not use libcmark's HTML renderer: mail programs
 * ignore style sheets, so every element carries its own style, and the marks
 * need their context.  Raw HTML is an error with its line, not silently
 * dropped: a mail with a hole in it is an accident too. */
#include "core/compose/markdown.h"

#include <cmark.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/utf8.h"
#include "core/mail/address.h"

/* A link target that has a number in the plain part. */
struct note {
	size_t from, len; /* in walk.notes */
};

struct walk {
	struct merge_set *set;
	const struct mailtheme *theme;
	const struct markdown_images *images; /* or NULL */
	struct merge_text *html;
	struct plain *plain;
	struct err *err;
	struct buf notes; /* all targets, one behind the other */
	struct note *note;
	size_t note_count;
	struct buf url;  /* of the open link */
	struct buf text; /* of the open link or image */
	unsigned image;  /* open images */
	uint32_t last;   /* last character written, 0 = none or a mark */
};

/* ---- Failing ----------------------------------------------------------- */

static int
line_of(cmark_node *node)
{
	while (node && cmark_node_get_start_line(node) == 0)
		node = cmark_node_parent(node);
	return node ? cmark_node_get_start_line(node) : 0;
}

static int
fail(struct walk *walk, cmark_node *node, const char *why)
{
	err_set(walk->err, E_MARKDOWN);
	err_fact(walk->err, "why", span_of(why));
	return err_fact_int(walk->err, "line", line_of(node));
}

static int
fail_html(struct walk *walk, cmark_node *node)
{
	err_set(walk->err, E_MARKDOWN_HTML);
	return err_fact_int(walk->err, "line", line_of(node));
}

static int
fail_url(struct walk *walk, cmark_node *node, enum err_code code)
{
	struct buf shown = BUF_INIT;

	merge_show(walk->set, span_of(cmark_node_get_url(node)), &shown);
	err_set(walk->err, code);
	err_fact(walk->err, "url", buf_span(&shown));
	err_fact_int(walk->err, "line", line_of(node));
	buf_done(&shown);
	return -1;
}

/* ---- Link targets ------------------------------------------------------ */

static bool
starts_nocase(struct span s, const char *prefix)
{
	struct span wanted = span_of(prefix);

	return s.len >= wanted.len &&
	       span_equal_nocase(span_slice(s, 0, wanted.len), wanted);
}

/* RFC 3986 appendix A: what may stand in a URI as it is, '%' included. */
static bool
is_uri_char(unsigned char c)
{
	return c > 0x20 && c < 0x7f && !strchr("\"<>\\^`{|}", c);
}

static void
add_uri(struct span part, struct buf *out)
{
	for (size_t i = 0; i < part.len; i++) {
		unsigned char c = (unsigned char)part.ptr[i];
		if (is_uri_char(c))
			buf_char(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

/* The authority of an http URL: no marks, a foreign host in A-labels. */
static int
add_authority(struct span authority, const struct merge_set *set,
    struct buf *out, enum err_code *why)
{
	struct span port = authority, host;
	struct arena *arena = NULL;
	int rc = -1;

	*why = E_URL_MARK;
	if (merge_find(set, authority) < authority.len)
		return -1;
	*why = E_URL_HOST;
	host = span_cut(&port, ':');
	if (host.len == 0)
		return -1;
	arena = arena_new();
	for (size_t i = 0; i < host.len; i++) {
		if ((unsigned char)host.ptr[i] < 0x80)
			continue;
		if (address_domain(host, arena, &host, NULL) < 0)
			goto out;
		break;
	}
	add_uri(host, out);
	if (port.len > 0) {
		buf_char(out, ':');
		add_uri(port, out);
	}
	rc = 0;
out:
	arena_free(&arena);
	return rc;
}

int
markdown_url(struct span url, const struct merge_set *set, struct buf *out,
    enum err_code *why)
{
	static const char *const web[] = {"https://", "http://"};
	static const char *const other[] = {"mailto:", "tel:"};

	for (size_t i = 0; i < 2; i++) {
		struct span scheme = span_of(web[i]);
		if (!starts_nocase(url, web[i]))
			continue;
		url = span_slice(url, scheme.len, url.len);
		size_t end = 0;
		while (end < url.len && !strchr("/?#\\", url.ptr[end]))
			end++;
		buf_add(out, scheme);
		if (add_authority(span_slice(url, 0, end), set, out, why) < 0)
			return -1;
		add_uri(span_slice(url, end, url.len), out);
		return 0;
	}
	for (size_t i = 0; i < 2; i++) {
		struct span scheme = span_of(other[i]);
		if (!starts_nocase(url, other[i]) || url.len == scheme.len)
			continue;
		buf_add(out, scheme);
		add_uri(span_slice(url, scheme.len, url.len), out);
		return 0;
	}
	*why = E_URL_SCHEME;
	return -1;
}

/* ---- Text -------------------------------------------------------------- */

static void
html_raw(struct walk *walk, const char *text)
{
	merge_text_raw(walk->html, span_of(text));
}

/* "<name" with the attributes of the theme, still open. */
static void
html_open(struct walk *walk, const char *name, enum mail_element element)
{
	html_raw(walk, "<");
	html_raw(walk, name);
	merge_text_raw(walk->html, mailtheme_attr(walk->theme, element));
}

/* libcmark decodes "&#1;": controls can come from entities too. */
static bool
is_clean(struct span text)
{
	uint32_t cp;

	while (utf8_next(&text, &cp) == UTF8_GOOD) {
		if ((cp < 0x20 && cp != '\t' && cp != '\n') ||
		    (cp >= 0x7f && cp < 0xa0))
			return false;
	}
	return text.len == 0;
}

static int
add_text(struct walk *walk, cmark_node *node)
{
	struct span text = span_of(cmark_node_get_literal(node));
	struct span end = text;

	if (!is_clean(text))
		return fail(walk, node, "control");
	buf_add(&walk->text, text);
	if (walk->image > 0)
		return 0;
	merge_text_add(walk->html, walk->set, text, MERGE_HTML, MERGE_HTML);
	plain_add(walk->plain, text);
	utf8_last(&end, &walk->last);
	return 0;
}

static int
add_code(struct walk *walk, cmark_node *node)
{
	if (walk->image == 0) {
		html_open(walk, "code", MAIL_CODE);
		html_raw(walk, ">");
	}
	if (add_text(walk, node) < 0)
		return -1;
	if (walk->image == 0)
		html_raw(walk, "</code>");
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
	if (merge_find(walk->set, text) > 0)
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
	html_raw(walk, "\n");
	plain_add(walk->plain, SPAN(" "));
}

static void
hard_break(struct walk *walk)
{
	buf_char(&walk->text, ' ');
	if (walk->image > 0)
		return;
	html_raw(walk, "<br>\n");
	plain_add(walk->plain, SPAN("\n"));
	walk->last = 0;
}

/* ---- Links and images -------------------------------------------------- */

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
	walk->note =
	    mem_grow(walk->note, (walk->note_count + 1) * sizeof *walk->note);
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
	html_raw(walk, " title=\"");
	merge_text_add(walk->html, walk->set, title, MERGE_ATTR, MERGE_ATTR);
	html_raw(walk, "\"");
}

static int
enter_link(struct walk *walk, cmark_node *node)
{
	enum err_code why;

	buf_clear(&walk->url);
	if (markdown_url(span_of(cmark_node_get_url(node)), walk->set,
		&walk->url, &why) < 0)
		return fail_url(walk, node, why);
	if (!is_clean(span_of(cmark_node_get_title(node))))
		return fail(walk, node, "control");
	buf_clear(&walk->text);
	if (walk->image > 0)
		return 0;
	html_raw(walk, "<a href=\"");
	merge_text_add(
	    walk->html, walk->set, buf_span(&walk->url), MERGE_ATTR, MERGE_URL);
	html_raw(walk, "\"");
	add_title(walk, node);
	merge_text_raw(walk->html, mailtheme_attr(walk->theme, MAIL_LINK));
	html_raw(walk, ">");
	return 0;
}

static void
leave_link(struct walk *walk)
{
	struct buf number = BUF_INIT;

	if (walk->image > 0)
		return;
	html_raw(walk, "</a>");
	if (span_equal(buf_span(&walk->text), buf_span(&walk->url)))
		return;
	buf_text(&number, " [");
	buf_int(&number, (int64_t)note_number(walk, buf_span(&walk->url)));
	buf_char(&number, ']');
	plain_add(walk->plain, buf_span(&number));
	walk->last = ']';
	buf_done(&number);
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
	const struct markdown_images *images = walk->images;
	struct span scheme = SPAN("image:");

	if (starts_nocase(url, "http"))
		return markdown_url(url, walk->set, out, why);
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
	if (!is_clean(span_of(cmark_node_get_title(node)))) {
		fail(walk, node, "control");
		goto out;
	}
	html_raw(walk, "<img src=\"");
	merge_text_add(
	    walk->html, walk->set, buf_span(&src), MERGE_ATTR, MERGE_URL);
	html_raw(walk, "\" alt=\"");
	merge_text_add(walk->html, walk->set, buf_span(&walk->text), MERGE_ATTR,
	    MERGE_ATTR);
	html_raw(walk, "\"");
	add_title(walk, node);
	merge_text_raw(walk->html, mailtheme_attr(walk->theme, MAIL_IMAGE));
	html_raw(walk, ">");
	plain_add(walk->plain, buf_span(&walk->text));
	walk->last = 0;
	rc = 0;
out:
	buf_done(&src);
	return rc;
}

/* ---- Blocks ------------------------------------------------------------ */

static bool
in_tight_list(cmark_node *paragraph)
{
	cmark_node *item = cmark_node_parent(paragraph);

	return item && cmark_node_get_type(item) == CMARK_NODE_ITEM &&
	       cmark_node_get_list_tight(cmark_node_parent(item));
}

static void
enter_paragraph(struct walk *walk, cmark_node *node)
{
	if (!in_tight_list(node)) {
		html_open(walk, "p", MAIL_P);
		html_raw(walk, ">");
	}
	plain_begin(walk->plain);
	walk->last = 0;
}

static void
leave_paragraph(struct walk *walk, cmark_node *node)
{
	html_raw(walk, in_tight_list(node) ? "\n" : "</p>\n");
	plain_end(walk->plain);
}

static void
heading(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	int level = cmark_node_get_heading_level(node);
	char tag[16];

	if (event == CMARK_EVENT_ENTER) {
		snprintf(tag, sizeof tag, "h%d", level);
		html_open(walk, tag, (enum mail_element)(MAIL_H1 + level - 1));
		html_raw(walk, ">");
		plain_begin(walk->plain);
		walk->last = 0;
		return;
	}
	snprintf(tag, sizeof tag, "</h%d>\n", level);
	html_raw(walk, tag);
	plain_end(walk->plain);
	plain_underline(walk->plain, level == 1 ? '=' : '-');
}

static void
list(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	bool ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
	int start = cmark_node_get_list_start(node);
	char tag[128];

	if (event == CMARK_EVENT_EXIT) {
		html_raw(walk, ordered ? "</ol>\n" : "</ul>\n");
		walk->plain->need_blank = true;
		return;
	}
	snprintf(tag, sizeof tag,
	    ordered && start != 1 ? "<ol start=\"%d\""
	    : ordered             ? "<ol"
				  : "<ul",
	    start);
	html_raw(walk, tag);
	merge_text_raw(walk->html,
	    mailtheme_attr(walk->theme, ordered ? MAIL_OL : MAIL_UL));
	html_raw(walk, ">\n");
	cmark_node *item = cmark_node_parent(node);
	if (item && cmark_node_get_type(item) == CMARK_NODE_ITEM &&
	    cmark_node_get_list_tight(cmark_node_parent(item)))
		walk->plain->need_blank = false;
}

/* The number of the item that is entered; the list counts along, because
 * counting siblings would be quadratic. */
static int
next_number(cmark_node *items)
{
	uintptr_t before = (uintptr_t)cmark_node_get_user_data(items);

	cmark_node_set_user_data(items, (void *)(before + 1));
	return cmark_node_get_list_start(items) + (int)before;
}

static int
enter_item(struct walk *walk, cmark_node *node)
{
	cmark_node *parent = cmark_node_parent(node);
	char first[32] = " - ", rest[32];

	if (cmark_node_get_list_type(parent) == CMARK_ORDERED_LIST)
		snprintf(first, sizeof first, " %d. ", next_number(parent));
	size_t len = strlen(first);
	memset(rest, ' ', len);
	rest[len] = '\0';
	if (cmark_node_previous(node) && cmark_node_get_list_tight(parent))
		walk->plain->need_blank = false;
	html_open(walk, "li", MAIL_LI);
	html_raw(walk, ">");
	if (plain_push(walk->plain, first, rest) < 0)
		return fail(walk, node, "depth");
	return 0;
}

static int
quote(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	if (event == CMARK_EVENT_EXIT) {
		html_raw(walk, "</blockquote>\n");
		plain_pop(walk->plain);
		walk->plain->need_blank = true;
		return 0;
	}
	html_open(walk, "blockquote", MAIL_QUOTE);
	html_raw(walk, ">\n");
	if (plain_push(walk->plain, "> ", "> ") < 0)
		return fail(walk, node, "depth");
	return 0;
}

static int
code_block(struct walk *walk, cmark_node *node)
{
	struct span text = span_of(cmark_node_get_literal(node));

	if (!is_clean(text))
		return fail(walk, node, "control");
	html_open(walk, "pre", MAIL_PRE);
	html_raw(walk, ">");
	html_open(walk, "code", MAIL_PRE_CODE);
	html_raw(walk, ">");
	while (text.len > 0) {
		struct span line = span_cut(&text, '\n');
		merge_text_add(
		    walk->html, walk->set, line, MERGE_HTML, MERGE_HTML);
		html_raw(walk, "\n");
	}
	html_raw(walk, "</code></pre>\n");
	plain_verbatim(
	    walk->plain, span_of(cmark_node_get_literal(node)), "    ");
	return 0;
}

static void
rule(struct walk *walk)
{
	html_open(walk, "hr", MAIL_HR);
	html_raw(walk, ">\n");
	plain_verbatim(
	    walk->plain, SPAN("----------------------------------------"), "");
}

/* ---- The walk ---------------------------------------------------------- */

static void
emphasis(struct walk *walk, cmark_node_type type, cmark_event_type event)
{
	bool strong = type == CMARK_NODE_STRONG;

	if (walk->image > 0)
		return;
	if (event == CMARK_EVENT_EXIT) {
		html_raw(walk, strong ? "</strong>" : "</em>");
		return;
	}
	html_open(
	    walk, strong ? "strong" : "em", strong ? MAIL_STRONG : MAIL_EM);
	html_raw(walk, ">");
}

static int
visit_inline(struct walk *walk, cmark_node *node, cmark_event_type event)
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
		return fail_html(walk, node);
	}
}

static int
visit(struct walk *walk, cmark_node *node, cmark_event_type event)
{
	bool enter = event == CMARK_EVENT_ENTER;

	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_DOCUMENT:
		return 0;
	case CMARK_NODE_PARAGRAPH:
		(enter ? enter_paragraph : leave_paragraph)(walk, node);
		return 0;
	case CMARK_NODE_HEADING:
		heading(walk, node, event);
		return 0;
	case CMARK_NODE_LIST:
		list(walk, node, event);
		return 0;
	case CMARK_NODE_ITEM:
		if (enter)
			return enter_item(walk, node);
		html_raw(walk, "</li>\n");
		plain_pop(walk->plain);
		return 0;
	case CMARK_NODE_BLOCK_QUOTE:
		return quote(walk, node, event);
	case CMARK_NODE_CODE_BLOCK:
		return code_block(walk, node);
	case CMARK_NODE_THEMATIC_BREAK:
		rule(walk);
		return 0;
	default:
		return visit_inline(walk, node, event);
	}
}

/* The numbered targets, one line each, below the text. */
static void
add_notes(struct walk *walk)
{
	struct buf number = BUF_INIT;

	for (size_t i = 0; i < walk->note_count; i++) {
		const struct note *note = &walk->note[i];
		buf_clear(&number);
		buf_printf(&number, "[%zu] ", i + 1);
		plain_begin(walk->plain);
		plain_add(walk->plain, buf_span(&number));
		merge_text_add(&walk->plain->text, walk->set,
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

int
markdown_render(struct span source, struct merge_set *set,
    const struct mailtheme *theme, const struct markdown_images *images,
    struct merge_text *html, struct plain *plain, struct err *err)
{
	struct walk walk = {.set = set,
	    .theme = theme,
	    .images = images,
	    .html = html,
	    .plain = plain,
	    .err = err};
	cmark_node *document = NULL;
	cmark_iter *iter = NULL;
	cmark_event_type event;
	int rc = -1;

	document =
	    cmark_parse_document(source.ptr, source.len, CMARK_OPT_DEFAULT);
	iter = cmark_iter_new(document);
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		if (visit(&walk, cmark_iter_get_node(iter), event) < 0)
			goto out;
	}
	add_notes(&walk);
	rc = 0;
out:
	cmark_iter_free(iter);
	cmark_node_free(document);
	buf_done(&walk.notes);
	buf_done(&walk.url);
	buf_done(&walk.text);
	free(walk.note);
	return rc;
}
