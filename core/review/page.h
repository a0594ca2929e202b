/* An HTML part as a mail program takes it, read in one walk: what is seen, where
 * its links lead, what it loads, and what no mail should hold. */
#ifndef CORE_REVIEW_PAGE_H
#define CORE_REVIEW_PAGE_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/span.h"

enum { PAGE_LINKS_MAX = 256, PAGE_PLAIN = 128 };

/* A link: places in targets and in text. */
struct page_link {
	size_t target, target_end;
	size_t shown, shown_end;
};

/* What was found.  Zero-initialised at first, read again and again, ended with
 * page_done(). */
struct page {
	struct buf text;    /* what is seen; blocks end lines */
	struct buf hidden;  /* what is not (display:none) */
	struct buf targets; /* of all links, one per line */
	struct buf images;  /* that are loaded from elsewhere, one per line */
	struct page_link link[PAGE_LINKS_MAX];
	size_t links;       /* those behind the limit are in targets only */
	const char *active; /* CM-10: "active_script", _form, _object, _frame,
			     * _css, _handler, _refresh; or NULL */
	const char *pixel;  /* LK-06: "pixel_size", "pixel_hidden"; or NULL */
	size_t bare_images; /* without alt */
	struct buf plain[PAGE_PLAIN]; /* attributes that were seen to be nothing
				       * but looks, from earlier pages */
};

/* Reads a part into *page, which is emptied before. */
void page_read(struct span html, struct page *page);

/* Frees what it holds. */
void page_done(struct page *page);

/* Target and text of a link. */
struct span page_target(const struct page *page, size_t link);
struct span page_shown(const struct page *page, size_t link);

#endif
