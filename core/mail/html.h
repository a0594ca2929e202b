/* A tolerant reader of HTML as mail programs take it: tags, attributes,
 * entities, in one pass and without a tree.  It trusts no byte and never
 * fails; what is no tag is text. */
#ifndef CORE_MAIL_HTML_H
#define CORE_MAIL_HTML_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/span.h"

/* One tag; spans point into the text that was read. */
struct html_tag {
	struct span name;       /* as written, without '/'; empty: a comment */
	struct span attributes; /* all of them, undecoded */
	bool closes;
};

/* Takes a tag off *rest, which begins behind its '<'.  False, with *rest as it
 * was, when this is no tag; an unfinished one takes all. */
bool html_tag_take(struct span *rest, struct html_tag *tag);

/* True when the tag has this name, in any case of letters. */
static inline bool
html_tag_is(const struct html_tag *tag, struct span name)
{
	return tag->name.len == name.len && span_equal_nocase(tag->name, name);
}

/* Appends the decoded value of an attribute; false when the tag has none. */
bool html_attribute(
    const struct html_tag *tag, const char *name, struct buf *out);

/* When a tag opens an element whose content is never shown as text (head,
 * style, script, title): takes all of it, with its end tag, off *rest. */
void html_skip_unseen(const struct html_tag *tag, struct span *rest);

/* True when the tag's own style hides its element (display:none). */
bool html_tag_hides(const struct html_tag *tag);

/* When a tag opens an element that its own style hides (display:none, as the
 * preheader's does): takes all of it, with its end tag, off *rest. */
void html_skip_hidden(const struct html_tag *tag, struct span *rest);

/* Appends text with its entities decoded; unknown ones stay as written. */
void html_decode(struct span text, struct buf *out);

/* Appends decoded text with its white space collapsed as a browser does: none
 * follows a blank or a line end that out already ends with, nor begins an
 * empty out. */
void html_collapse(struct span text, struct buf *out);

#endif
