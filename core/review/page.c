/* Only the reader of tags is shared with others (core/mail/html.h); what they
 * mean is decided here once more, apart from the writer. */
#include "core/review/page.h"

#include "core/mail/html.h"

enum what {
	WHAT_INLINE,
	WHAT_BLOCK,
	WHAT_LINK,
	WHAT_IMAGE,
	WHAT_RAW, /* its content is no text */
	WHAT_STYLE,
	WHAT_META,
	WHAT_SHEET,
	WHAT_SCRIPT,
	WHAT_FORM,
	WHAT_OBJECT,
	WHAT_FRAME
};

/* Sorted by length, then any order. */
static const struct {
	struct span name;
	enum what what;
} names[] = {
    {{"a", 1}, WHAT_LINK},
    {{"p", 1}, WHAT_BLOCK},
    {{"br", 2}, WHAT_BLOCK},
    {{"td", 2}, WHAT_BLOCK},
    {{"tr", 2}, WHAT_BLOCK},
    {{"li", 2}, WHAT_BLOCK},
    {{"th", 2}, WHAT_BLOCK},
    {{"ul", 2}, WHAT_BLOCK},
    {{"ol", 2}, WHAT_BLOCK},
    {{"hr", 2}, WHAT_BLOCK},
    {{"h1", 2}, WHAT_BLOCK},
    {{"h2", 2}, WHAT_BLOCK},
    {{"h3", 2}, WHAT_BLOCK},
    {{"h4", 2}, WHAT_BLOCK},
    {{"h5", 2}, WHAT_BLOCK},
    {{"h6", 2}, WHAT_BLOCK},
    {{"dd", 2}, WHAT_BLOCK},
    {{"dt", 2}, WHAT_BLOCK},
    {{"div", 3}, WHAT_BLOCK},
    {{"pre", 3}, WHAT_BLOCK},
    {{"img", 3}, WHAT_IMAGE},
    {{"body", 4}, WHAT_BLOCK},
    {{"meta", 4}, WHAT_META},
    {{"link", 4}, WHAT_SHEET},
    {{"form", 4}, WHAT_FORM},
    {{"base", 4}, WHAT_OBJECT},
    {{"table", 5}, WHAT_BLOCK},
    {{"title", 5}, WHAT_RAW},
    {{"style", 5}, WHAT_STYLE},
    {{"input", 5}, WHAT_FORM},
    {{"embed", 5}, WHAT_OBJECT},
    {{"video", 5}, WHAT_OBJECT},
    {{"audio", 5}, WHAT_OBJECT},
    {{"frame", 5}, WHAT_FRAME},
    {{"script", 6}, WHAT_SCRIPT},
    {{"button", 6}, WHAT_FORM},
    {{"select", 6}, WHAT_FORM},
    {{"object", 6}, WHAT_OBJECT},
    {{"applet", 6}, WHAT_OBJECT},
    {{"iframe", 6}, WHAT_FRAME},
    {{"section", 7}, WHAT_BLOCK},
    {{"textarea", 8}, WHAT_FORM},
    {{"frameset", 8}, WHAT_FRAME},
    {{"blockquote", 10}, WHAT_BLOCK},
};

static enum what
what_is(const struct html_tag *tag)
{
	size_t len = tag->name.len;
	char first = (char)(len ? *tag->name.ptr | 0x20 : 0);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (names[i].name.len > len)
			break;
		if (names[i].name.len == len && *names[i].name.ptr == first &&
		    span_equal_nocase(names[i].name, tag->name))
			return names[i].what;
	}
	return WHAT_INLINE;
}

struct reading {
	struct page *page;
	struct span rest;
	struct span hider; /* name of the element that hides */
	int depth;         /* of elements of that name; 0: nothing is hidden */
	bool in_link;
	size_t shown; /* where the text of the open link begins */
	struct buf value;
};

static bool
has(struct span text, struct span part)
{
	return span_search(text, part) < text.len;
}

static void
line_end(struct buf *out)
{
	while (out->len > 0 && out->ptr[out->len - 1] == ' ')
		out->len--;
	if (out->len > 0 && out->ptr[out->len - 1] != '\n')
		buf_char(out, '\n');
}

static void
found(const char **word, const char *is)
{
	if (!*word)
		*word = is;
}

/* Takes the content of an element that holds no tags. */
static struct span
take_raw(struct reading *r, const struct html_tag *tag)
{
	struct span from = r->rest;
	struct html_tag inner;

	while (r->rest.len > 0) {
		size_t at;

		span_cut(&r->rest, '<');
		at = from.len - r->rest.len;
		if (html_tag_take(&r->rest, &inner) && inner.closes &&
		    html_tag_is(&inner, tag->name))
			return span_slice(from, 0, at);
	}
	return from;
}

/* A length of zero or one, in numbers or in CSS: "1", "0px". */
static bool
is_tiny(struct span value)
{
	value = span_trim(value);
	return value.len > 0 && (*value.ptr == '0' || *value.ptr == '1') &&
	       (value.len == 1 || value.ptr[1] == 'p' || value.ptr[1] == '.' ||
		   value.ptr[1] == ';');
}

static bool
style_is_tiny(struct span style)
{
	while (style.len) {
		struct span value = span_cut(&style, ';');
		struct span name = span_trim(span_cut(&value, ':'));

		if ((span_equal_nocase(name, SPAN("width")) ||
			span_equal_nocase(name, SPAN("height")) ||
			span_equal_nocase(name, SPAN("max-width")) ||
			span_equal_nocase(name, SPAN("max-height"))) &&
		    is_tiny(value))
			return true;
		if (span_equal_nocase(name, SPAN("visibility")) &&
		    has(value, SPAN("hidden")))
			return true;
		if (span_equal_nocase(name, SPAN("opacity")) &&
		    is_tiny(value) && *span_trim(value).ptr == '0')
			return true;
	}
	return false;
}

static struct span
attribute(struct reading *r, const struct html_tag *tag, const char *name)
{
	buf_clear(&r->value);
	html_attribute(tag, name, &r->value);
	return buf_span(&r->value);
}

/* What is loaded from elsewhere when the mail is opened. */
static bool
is_remote(struct span url)
{
	return url.len > 4 &&
	       !span_equal_nocase(span_slice(url, 0, 4), SPAN("cid:")) &&
	       !span_equal_nocase(span_slice(url, 0, 5), SPAN("data:"));
}

static void
take_image(struct reading *r, const struct html_tag *tag)
{
	struct page *page = r->page;
	struct span source = attribute(r, tag, "src");
	bool remote = is_remote(source);

	if (remote) {
		buf_add(&page->images, source);
		buf_char(&page->images, '\n');
		if (is_tiny(attribute(r, tag, "width")) ||
		    is_tiny(attribute(r, tag, "height")))
			found(&page->pixel, "pixel_size");
		if (r->depth || html_tag_hides(tag) ||
		    style_is_tiny(attribute(r, tag, "style")))
			found(&page->pixel, "pixel_hidden");
	}
	buf_clear(&r->value);
	page->bare_images += !html_attribute(tag, "alt", &r->value);
	buf_add(r->depth ? &page->hidden : &page->text, buf_span(&r->value));
}

static void
take_link(struct reading *r, const struct html_tag *tag)
{
	struct page *page = r->page;
	struct page_link *link =
	    page->links < PAGE_LINKS_MAX ? &page->link[page->links] : NULL;

	if (tag->closes) {
		if (r->in_link && link) {
			link->shown = r->shown;
			link->shown_end = page->text.len;
			page->links++;
		}
		r->in_link = false;
		return;
	}
	if (link)
		link->target = page->targets.len;
	r->in_link = html_attribute(tag, "href", &page->targets);
	if (link)
		link->target_end = page->targets.len;
	r->shown = page->text.len;
	if (r->in_link)
		buf_char(&page->targets, '\n');
}

/* An attribute that begins with "on" is a script. */
static bool
has_handler(struct span attributes)
{
	size_t at;

	while ((at = span_search(attributes, SPAN(" on"))) < attributes.len) {
		struct span name = span_slice(attributes, at + 3,
		    span_index(attributes, '=') > at ? attributes.len : at + 3);
		size_t end = 0;

		while (end < name.len && name.ptr[end] >= 'a' &&
		       name.ptr[end] <= 'z')
			end++;
		if (end > 0 && end < name.len && name.ptr[end] == '=')
			return true;
		attributes = span_slice(attributes, at + 3, attributes.len);
	}
	return false;
}

/* Elements without content have no end tag to wait for. */
static bool
is_void(const struct html_tag *tag)
{
	static const struct span voids[] = {{"br", 2}, {"hr", 2}, {"img", 3},
	    {"wbr", 3}, {"meta", 4}, {"link", 4}, {"base", 4}, {"input", 5},
	    {"embed", 5}};

	for (size_t i = 0; i < sizeof voids / sizeof *voids; i++) {
		if (html_tag_is(tag, voids[i]))
			return true;
	}
	return false;
}

/* Styles are the same again and again. */
static struct buf *
plain_slot(struct page *page, struct span attributes)
{
	size_t at = attributes.len;

	at = at * 31 + (unsigned char)attributes.ptr[attributes.len / 2];
	at = at * 31 + (unsigned char)attributes.ptr[attributes.len / 4];
	at = at * 31 + (unsigned char)attributes.ptr[attributes.len - 1];
	return &page->plain[at % PAGE_PLAIN];
}

static void
take_attributes(struct reading *r, const struct html_tag *tag)
{
	struct buf *plain = plain_slot(r->page, tag->attributes);

	if (span_equal(buf_span(plain), tag->attributes))
		return;
	if (has_handler(tag->attributes)) {
		found(&r->page->active, "active_handler");
	} else if (has(tag->attributes, SPAN("url(")) &&
		   has(tag->attributes, SPAN("http"))) {
		found(&r->page->active, "active_css");
	} else if (html_tag_hides(tag)) {
		if (r->depth || tag->closes || is_void(tag))
			return;
		r->hider = tag->name;
		r->depth = 1;
	} else if (tag->attributes.len < 1024) {
		buf_clear(plain);
		buf_add(plain, tag->attributes);
	}
}

static void
take_head(struct reading *r, const struct html_tag *tag, enum what what)
{
	struct span inside;

	if (tag->closes)
		return;
	if (what == WHAT_META) {
		if (span_equal_nocase(
			attribute(r, tag, "http-equiv"), SPAN("refresh")))
			found(&r->page->active, "active_refresh");
	} else if (what == WHAT_SHEET) {
		found(&r->page->active, "active_css");
	} else {
		inside = take_raw(r, tag);
		if (what == WHAT_STYLE &&
		    (has(inside, SPAN("@import")) || has(inside, SPAN("url("))))
			found(&r->page->active, "active_css");
	}
}

static void
take_tag(struct reading *r, const struct html_tag *tag)
{
	enum what what = what_is(tag);

	if (r->depth && html_tag_is(tag, r->hider))
		r->depth += tag->closes ? -1 : 1;
	if (tag->attributes.len)
		take_attributes(r, tag);
	switch (what) {
	case WHAT_LINK:
		take_link(r, tag);
		break;
	case WHAT_IMAGE:
		take_image(r, tag);
		break;
	case WHAT_BLOCK:
		line_end(r->depth ? &r->page->hidden : &r->page->text);
		break;
	case WHAT_SCRIPT:
		found(&r->page->active, "active_script");
		take_raw(r, tag);
		break;
	case WHAT_RAW:
	case WHAT_STYLE:
	case WHAT_META:
	case WHAT_SHEET:
		take_head(r, tag, what);
		break;
	case WHAT_FORM:
		found(&r->page->active, "active_form");
		break;
	case WHAT_OBJECT:
		found(&r->page->active, "active_object");
		break;
	case WHAT_FRAME:
		found(&r->page->active, "active_frame");
		break;
	case WHAT_INLINE:
		break;
	}
}

void
page_read(struct span html, struct page *page)
{
	struct reading r = {.page = page, .rest = html};
	struct html_tag tag;

	buf_clear(&page->text);
	buf_clear(&page->hidden);
	buf_clear(&page->targets);
	buf_clear(&page->images);
	page->links = page->bare_images = 0;
	page->active = page->pixel = NULL;
	while (r.rest.len > 0) {
		struct buf *out = r.depth ? &page->hidden : &page->text;
		size_t at = span_index(r.rest, '<');

		if (at)
			html_collapse(span_slice(r.rest, 0, at), out);
		if (at == r.rest.len)
			break;
		r.rest = span_slice(r.rest, at + 1, r.rest.len);
		if (!html_tag_take(&r.rest, &tag))
			buf_char(out, '<');
		else
			take_tag(&r, &tag);
	}
	line_end(&page->text);
	buf_done(&r.value);
}

void
page_done(struct page *page)
{
	buf_done(&page->text);
	buf_done(&page->hidden);
	buf_done(&page->targets);
	buf_done(&page->images);
	for (size_t i = 0; i < PAGE_PLAIN; i++)
		buf_done(&page->plain[i]);
}

struct span
page_target(const struct page *page, size_t link)
{
	return span_slice(buf_span(&page->targets), page->link[link].target,
	    page->link[link].target_end);
}

struct span
page_shown(const struct page *page, size_t link)
{
	return span_slice(buf_span(&page->text), page->link[link].shown,
	    page->link[link].shown_end);
}
