/* Markdown (CommonMark by libcmark) to both parts of a mail. */
#ifndef CORE_COMPOSE_MARKDOWN_H
#define CORE_COMPOSE_MARKDOWN_H

#include "core/base/err.h"
#include "core/compose/mailtheme.h"
#include "core/compose/merge.h"
#include "core/compose/plain.h"

/* What ![alt](image:NAME) may name: images that are sent along. */
struct markdown_image {
	struct span name; /* as it is written */
	struct span url;  /* "cid:...", all ASCII */
};
struct markdown_images {
	const struct markdown_image *image;
	size_t count;
};

/* What is read besides CommonMark: tables, emphasis beside Japanese, buttons,
 * lines that hold the mark of a section; docs/writing.md. */
enum markdown_syntax { MARKDOWN_MAIL, MARKDOWN_COMMONMARK };

/* A text to be rendered; everything is borrowed. */
struct markdown {
	struct span tokens; /* the scanned text: marks are tokens of set */
	enum markdown_syntax syntax;
	struct merge_set *set;
	const struct mailtheme *theme;
	const struct markdown_images *images; /* NULL: there are none */
};

/* Renders a text behind what html and plain hold: HTML that looks as the theme
 * says, and plain text with its links as numbered notes at the end.  E_MARKDOWN
 * (why: control, depth, cells, section; line), E_MARKDOWN_HTML (line),
 * E_URL_SCHEME, E_URL_HOST, E_URL_MARK (url, line), E_IMAGE_MISSING (image,
 * line). */
int markdown_render(const struct markdown *source, struct merge_text *html,
    struct plain *plain, struct err *err);

/* Checks a link target with tokens and appends it with everything that no URL
 * may hold percent-encoded and a foreign host name in A-labels.  0, or -1 with
 * *why set to E_URL_SCHEME (only https, http, mailto and tel), E_URL_HOST, or
 * E_URL_MARK: no mark before the path, so that no value can choose where a link
 * leads. */
int markdown_url(struct span url, const struct merge_set *set, struct buf *out,
    enum err_code *why);

#endif
