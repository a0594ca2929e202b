/* Reads parts the way a person or a filter would: what the HTML shows, and
 * which URLs a part holds.  Knows nothing of how we write HTML, so that the
 * checks built on it do not repeat the writer's mistakes. */
#include "core/compose/compose.h"

#include "core/base/utf8.h"
#include "core/mail/html.h"

/* ---- What HTML shows --------------------------------------------------- */

static bool
is_block(const struct html_tag *tag)
{
	static const struct span block[] = {{"p", sizeof "p" - 1},
	    {"div", sizeof "div" - 1}, {"h1", sizeof "h1" - 1},
	    {"h2", sizeof "h2" - 1}, {"h3", sizeof "h3" - 1},
	    {"h4", sizeof "h4" - 1}, {"h5", sizeof "h5" - 1},
	    {"h6", sizeof "h6" - 1}, {"li", sizeof "li" - 1},
	    {"ul", sizeof "ul" - 1}, {"ol", sizeof "ol" - 1},
	    {"blockquote", sizeof "blockquote" - 1}, {"pre", sizeof "pre" - 1},
	    {"hr", sizeof "hr" - 1}, {"tr", sizeof "tr" - 1},
	    {"table", sizeof "table" - 1}, {"br", sizeof "br" - 1},
	    {"body", sizeof "body" - 1}, {"td", sizeof "td" - 1},
	    {"th", sizeof "th" - 1}};

	for (size_t i = 0; i < sizeof block / sizeof *block; i++) {
		if (html_tag_is(tag, block[i]))
			return true;
	}
	return false;
}

static void
line_end(struct buf *out)
{
	while (out->len > 0 && out->ptr[out->len - 1] == ' ')
		out->len--;
	if (out->len > 0 && out->ptr[out->len - 1] != '\n')
		buf_char(out, '\n');
}

struct open_link {
	struct buf href;
	size_t text_from;
	bool is_open;
};

static void
link_tag(const struct html_tag *tag, struct open_link *link, struct buf *out)
{
	if (!tag->closes) {
		buf_clear(&link->href);
		link->is_open = html_attribute(tag, "href", &link->href);
		link->text_from = out->len;
		return;
	}
	struct span shown =
	    span_slice(buf_span(out), link->text_from, out->len);
	if (link->is_open &&
	    !span_equal(span_trim(shown), buf_span(&link->href))) {
		buf_text(out, " <");
		buf_add(out, buf_span(&link->href));
		buf_char(out, '>');
	}
	link->is_open = false;
}

int
html_to_text(struct span html, struct buf *out, struct err *err)
{
	struct open_link link = {.href = BUF_INIT};
	struct html_tag tag;

	if (!utf8_is_valid(html)) {
		err_set(err, E_MIME_TEXT);
		return err_fact(err, "part", SPAN("html"));
	}
	while (html.len > 0) {
		size_t at = span_index(html, '<');
		html_collapse(span_slice(html, 0, at), out);
		if (at == html.len)
			break;
		html = span_slice(html, at + 1, html.len);
		if (!html_tag_take(&html, &tag)) {
			buf_char(out, '<');
			continue;
		}
		html_skip_unseen(&tag, &html);
		html_skip_hidden(&tag, &html);
		if (html_tag_is(&tag, SPAN("a")))
			link_tag(&tag, &link, out);
		else if (html_tag_is(&tag, SPAN("img")) && !tag.closes)
			html_attribute(&tag, "alt", out);
		else if (is_block(&tag))
			line_end(out);
	}
	line_end(out);
	buf_done(&link.href);
	return 0;
}

/* ---- URLs -------------------------------------------------------------- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Octets of the scheme that begins text, 0 when none does. */
static size_t
scheme_at(struct span text)
{
	static const struct span scheme[] = {
	    {"https://", 8}, {"http://", 7}, {"mailto:", 7}, {"tel:", 4}};
	char first = (char)(text.len > 0 ? *text.ptr | 0x20 : 0);

	if (first != 'h' && first != 'm' && first != 't')
		return 0;
	for (size_t i = 0; i < sizeof scheme / sizeof *scheme; i++) {
		struct span wanted = scheme[i];

		if (text.len > wanted.len &&
		    span_equal_nocase(span_slice(text, 0, wanted.len), wanted))
			return wanted.len;
	}
	return 0;
}

static bool
is_url_char(char c)
{
	return (unsigned char)c > 0x20 && (unsigned char)c < 0x7f && c != '<' &&
	       c != '>' && c != '"';
}

/* A URL that fills the rest of a line behind "[n] ", or stands in <>, is a link's
 * target and is taken whole; in a sentence its closing punctuation is not part
 * of it. */
static struct span
trim_url(struct span url, bool alone)
{
	while (
	    !alone && url.len > 0 && strchr(".,;:!?)'", url.ptr[url.len - 1]))
		url.len--;
	return url;
}

static bool
is_note_start(struct span before)
{
	size_t at = 0;

	while (
	    at < before.len && (before.ptr[at] == ' ' || before.ptr[at] == '>'))
		at++;
	return at < before.len && before.ptr[at] == '[' &&
	       span_ends(before, SPAN("] "));
}

static void
line_urls(struct span line, struct buf *out)
{
	size_t at = 0, end;

	/* no scheme is without one, and most lines are */
	if (span_index(line, ':') == line.len)
		return;
	while (at < line.len) {
		struct span rest = span_slice(line, at, line.len);
		size_t scheme = scheme_at(rest);
		if (scheme == 0 || (at > 0 && is_letter(line.ptr[at - 1]))) {
			at++;
			continue;
		}
		for (end = scheme;
		    end < rest.len && is_url_char(rest.ptr[end]);)
			end++;
		bool alone = (end == rest.len &&
				 is_note_start(span_slice(line, 0, at))) ||
			     (end < rest.len && rest.ptr[end] == '>' &&
				 at > 0 && line.ptr[at - 1] == '<');
		buf_add(out, trim_url(span_slice(rest, 0, end), alone));
		buf_char(out, '\n');
		at += end;
	}
}

/* Adds the URLs of visible text, but not again the target of the link whose
 * text it is (the last line of out). */
static void
visible_urls(struct span text, struct buf *out)
{
	struct buf found = BUF_INIT;
	struct span rest;

	line_urls(text, &found);
	rest = buf_span(&found);
	while (rest.len > 0) {
		struct span url = span_cut(&rest, '\n');
		struct span before = buf_span(out);

		if (span_ends(before, SPAN("\n")))
			before.len--;
		if (span_ends(before, url) &&
		    (before.len == url.len ||
			before.ptr[before.len - url.len - 1] == '\n'))
			continue;
		buf_add(out, url);
		buf_char(out, '\n');
	}
	buf_done(&found);
}

/* Targets of links, and the URLs that stand in the text itself: a reader of
 * the part sees both. */
static void
html_urls(struct span html, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct html_tag tag;

	while (html.len > 0) {
		size_t from;
		buf_clear(&text);
		html_collapse(span_cut(&html, '<'), &text);
		visible_urls(buf_span(&text), out);
		from = out->len;
		if (!html_tag_take(&html, &tag))
			continue;
		html_skip_unseen(&tag, &html);
		html_skip_hidden(&tag, &html);
		if (!tag.closes && html_tag_is(&tag, SPAN("a")) &&
		    html_attribute(&tag, "href", out) && out->len > from)
			buf_char(out, '\n');
	}
	buf_done(&text);
}

void
text_urls(struct span text, struct buf *out)
{
	while (text.len > 0) {
		struct span line = span_cut(&text, '\n');
		if (span_ends(line, SPAN("\r")))
			line.len--;
		line_urls(line, out);
	}
}

void
part_urls(struct span part, struct buf *out)
{
	struct span head = span_trim(span_slice(part, 0, 200));

	if (span_starts(head, SPAN("<"))) {
		html_urls(part, out);
		return;
	}
	text_urls(part, out);
}
